"""LangChain: a transformer of documents, to put between a loader and a splitter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from declutter.errors import DeclutterError
from declutter.extras import needed
from declutter.integrations.common import chosen, one_of, removals, removed_share
from declutter.options import Options
from declutter.pipeline import analyze

with needed("langchain-core", "The LangChain transformer", "langchain"):
    from langchain_core.documents import BaseDocumentTransformer, Document

logger = logging.getLogger(__name__)


class DeclutterTransformer(BaseDocumentTransformer):
    """Clean the content of documents, given as HTML or flattened text, into new documents.

    Metadata stay, and these join them: ``title`` (where there is none), ``declutter_confidence``,
    ``declutter_removed`` (the share of the visible text that went) and, where nothing is left,
    ``declutter_reason``; all are plain values, as vector stores want them.

    ``kind``, ``options``, ``overrides``
        as in :func:`declutter.analyze`.
    ``drop_empty``
        leave out documents without text; else each gets its counterpart.
    ``reasons``
        add ``declutter_removals``, a list of what was removed and why; takes as long again.
    """

    def __init__(
        self,
        *,
        kind: str = "auto",
        drop_empty: bool = False,
        reasons: bool = False,
        options: Options | None = None,
        **overrides: Any,
    ) -> None:
        self.kind = one_of("kind", kind)
        self.drop_empty = drop_empty
        self.reasons = reasons
        self.options = chosen(options, overrides)

    def transform_documents(
        self, documents: Sequence[Document], **kwargs: Any
    ) -> Sequence[Document]:
        """New documents with clean content; one that cannot be read has none, and the reason."""
        found = [self._transformed(document) for document in documents]
        return [document for document in found if document.page_content or not self.drop_empty]

    def _transformed(self, document: Document) -> Document:
        try:
            text, known = self._cleaned(document.page_content)
        except DeclutterError as error:
            where = document.metadata.get("source") or document.id or "a document"
            logger.warning("No text for %s: %s", where, error)
            text, known = "", {"declutter_reason": str(error)}
        if document.metadata.get("title"):
            known.pop("title", None)
        update = {"page_content": text, "metadata": {**document.metadata, **known}}
        return document.model_copy(update=update)

    def _cleaned(self, content: str) -> tuple[str, dict[str, Any]]:
        result = analyze(content, kind=self.kind, options=self.options)
        known = {
            "title": result.title,
            "declutter_confidence": result.confidence and round(result.confidence, 3),
            "declutter_removed": removed_share(result),
            "declutter_reason": result.reason,
            "declutter_removals": removals(result) if self.reasons else None,
        }
        return result.text, {name: value for name, value in known.items() if value is not None}
