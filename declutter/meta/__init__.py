"""What is known of a page besides its text: title, authors, dates and others, with their sources.

Each field has a few places where pages tell it, in the order of how often these are right; the
order was chosen by measuring (``benchmarks/metadata.py``). The first that has a value gives it;
where none has, the field stays empty.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from declutter.meta import bylines, days, fields
from declutter.meta.page import Page
from declutter.model import Document, Metadata
from declutter.readers.declared import Declared, declared


def metadata_of(
    doc: Document,
    *,
    url: str | None = None,
    text: str = "",
    latest: date | None = None,
) -> Metadata:
    """The metadata of a document, read from its markup again.

    ``url`` is where the page came from, ``text`` what cleaning left of flattened text, ``latest``
    the day on which the page was fetched: nothing on it is dated later.
    """
    found = declared(doc.layout.data) if doc.layout is not None else Declared()
    page = Page(doc, found, url or "", latest, text)
    values: dict[str, Any] = {
        "title": page.title,
        "authors": bylines.authors(page),
        "date_published": days.published(page),
        "date_modified": days.modified(page),
        "tags": fields.tags(page),
        **{name: read(page) for name, read in fields.READERS.items()},
    }
    told = {name: pair for name, pair in values.items() if pair is not None}
    sources = {name: source for name, (_, source) in told.items()}
    return Metadata(**{name: value for name, (value, _) in told.items()}, sources=sources)
