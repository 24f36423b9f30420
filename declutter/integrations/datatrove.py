"""Steps of a datatrove pipeline: an extractor for HTML, a formatter for flattened text.

::

    [WarcReader(...), DeclutterExtractor(), ..., JsonlWriter(...)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from declutter.extras import needed
from declutter.integrations.common import chosen, counts, one_of, removals
from declutter.options import Options
from declutter.pipeline import Result, analyze

with needed("datatrove", "A step of datatrove", "datatrove"):
    from datatrove.data import Document
    from datatrove.pipeline.extractors.base import BaseExtractor
    from datatrove.pipeline.formatters.base import BaseFormatter
    from datatrove.utils.logging import logger
    from datatrove.utils.typeshelper import StatHints

REASONS = ("none", "counts", "full")
KEY = "declutter"  # of the metadata
_PAGE = "<p>The old bridge over the river reopened on Monday morning.</p>"


class DeclutterExtractor(BaseExtractor):
    """Extract the article text of HTML documents, with what was removed in their metadata.

    ``timeout``
        seconds for one document, after which datatrove's sandbox skips it; a common page
        takes some hundredths of a second, one of many megabytes several seconds.
    ``reasons``
        what ``metadata["declutter"]`` says of the removals besides title and confidence:
        ``counts`` (characters by category), ``full`` (each with rule, reason and text) or
        ``none``, which about halves the time.
    ``options``, ``overrides``
        the fields of :class:`declutter.Options`.

    Documents of which nothing is left are dropped, failed ones skipped; the stats count both.
    """

    name = "🧹 Declutter"

    def __init__(
        self,
        timeout: float = 10,
        reasons: str = "counts",
        options: Options | None = None,
        **overrides: Any,
    ) -> None:
        super().__init__(timeout)
        self.reasons = one_of("reasons", reasons, REASONS)
        self.options = chosen(options, overrides)

    def extract(self, text: str) -> str | Exception:
        """The article text of a page; an error is returned, and raised where datatrove runs this.

        Raised here, it would end the process of the sandbox, which takes seconds to be noticed.
        """
        try:
            return _told(analyze(text, kind="html", options=self.options), self.reasons)
        except Exception as error:
            return error

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Extract each document; what was removed goes to its metadata."""
        # loaded before the sandbox forks, so that no document's time is spent on that
        analyze(_PAGE, kind="html", options=self.options.changed(max_bytes=None, max_seconds=None))
        for doc in super().run(data, rank, world_size):
            _tell(doc, doc.text)
            yield doc


class DeclutterFormatter(BaseFormatter):
    """Clean flattened text, with what was removed in the metadata of documents.

    Takes the arguments of :class:`DeclutterExtractor` but for ``timeout``: it runs in the
    process of the pipeline, where ``max_seconds`` bounds a document.
    """

    name = "🧹 Declutter"

    def __init__(
        self, reasons: str = "counts", options: Options | None = None, **overrides: Any
    ) -> None:
        super().__init__()
        self.reasons = one_of("reasons", reasons, REASONS)
        self.options = chosen(options, overrides)
        self._warned_error = False

    def format(self, text: str) -> str:
        """The text without boilerplate."""
        return _told(analyze(text, kind="text", options=self.options), self.reasons)

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Clean each document; skip those that fail, drop those of which nothing is left."""
        for doc in data:
            self.stat_update(StatHints.total)
            with self.track_time():
                try:
                    _tell(doc, self.format(doc.text))
                except Exception as error:
                    self._failed(error)
                    continue
            if doc.text:
                self.stat_update(StatHints.forwarded)
                self.update_doc_stats(doc)
                yield doc
            else:
                self.stat_update(StatHints.dropped)

    def _failed(self, error: Exception) -> None:
        """Count an error and tell of the first, as extractors do."""
        self.stat_update("clean_error")
        if not self._warned_error:
            logger.warning(f"{error!r}: skipping the document; others are counted in the stats")
            self._warned_error = True


class _Told(str):
    """A text that takes along what is known of it: extractors hand on nothing but a text."""

    known: dict[str, Any]


def _told(result: Result, reasons: str) -> _Told:
    text = _Told(result.text)
    # columnar writers want the same keys and types in every document
    text.known = {"title": result.title or "", "confidence": round(result.confidence or 0.0, 3)}
    if reasons != "none":
        text.known["removed"] = counts(result)
    if reasons == "full":
        text.known["removals"] = removals(result)
    return text


def _tell(doc: Document, text: str) -> None:
    doc.text = str(text)
    if isinstance(text, _Told):
        doc.metadata[KEY] = text.known
