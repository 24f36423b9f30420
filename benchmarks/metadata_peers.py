"""Tools that read metadata, behind one signature: bytes and address of a page to what it tells.

Each is called as its own documentation says and is told the address of the page. extruct finds
structured data and leaves choosing to its caller; here the first item that has a field gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

Facts = dict[str, Any]  # title, author (a list), date, tags (a list)
Read = Callable[[bytes, str], Facts]


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: the package that it comes from, what it is asked for, and how it is loaded."""

    package: str
    fields: tuple[str, ...]
    load: Callable[[], Read]

    def version(self) -> str | None:
        """The installed version, None where there is none."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


def _declutter(*, flattened: bool = False) -> Read:
    """Declutter on pages, or on their visible text alone, without the address."""
    import declutter
    from declutter.pipeline import read as read_page

    def read(html: bytes, url: str) -> Facts:
        if flattened:
            found = declutter.metadata(read_page(html, kind="html").text, kind="text")
        else:
            found = declutter.metadata(html, kind="html", url=url or None)
        return {
            "title": found.title,
            "author": list(found.authors),
            "date": found.date_published,
            "tags": list(found.tags),
        }

    return read


def _trafilatura() -> Read:
    from trafilatura import extract_metadata

    def read(html: bytes, url: str) -> Facts:
        found = extract_metadata(html, default_url=url or None)
        if found is None:
            return {}
        authors = found.author.split("; ") if found.author else []
        return {
            "title": found.title,
            "author": authors,
            "date": found.date,
            "tags": [*(found.tags or ())],
        }

    return read


def _newspaper() -> Read:
    import newspaper

    # an address is demanded; images would be fetched from the net
    def read(html: bytes, url: str) -> Facts:
        page = newspaper.article(url or "https://example.org/", input_html=html, fetch_images=False)
        date = page.publish_date
        tags = sorted(page.tags or page.meta_keywords or ())
        return {
            "title": page.title,
            "author": list(page.authors),
            "date": date.isoformat() if hasattr(date, "isoformat") else date,
            "tags": tags,
        }

    return read


def _htmldate() -> Read:
    from htmldate import find_date

    return lambda html, url: {"date": find_date(html, url=url or None, original_date=True)}


_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "title": ("headline", "og:title", "dc.title", "dcterms.title", "title"),
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "creator"),
    "date": (
        *("datePublished", "article:published_time", "dc.date", "dcterms.date", "date"),
        *("dcterms.created", "dcterms.issued"),
    ),
    "tags": ("keywords", "article:tag", "dc.subject"),
}


def _extruct() -> Read:
    import extruct

    syntaxes = ["json-ld", "microdata", "opengraph", "dublincore"]

    def read(html: bytes, url: str) -> Facts:
        found = extruct.extract(html, base_url=url, syntaxes=syntaxes, errors="ignore")
        items = [item for syntax in syntaxes for item in _items(found.get(syntax) or [])]
        facts = {name: _first(items, keys) for name, keys in _PROPERTIES.items()}
        return facts | {
            "title": next(iter(facts["title"]), None),
            "date": next(iter(facts["date"]), None),
        }

    return read


def _items(data: Any) -> Iterator[dict[str, list[Any]]]:
    """All objects of some data, outer ones first, as lists of values by name."""
    if isinstance(data, list):
        for item in data:
            yield from _items(item)
    elif isinstance(data, dict):
        inner = data.get("properties") or data.get("elements") or data
        pairs = inner
        if isinstance(inner, dict):
            pairs = list(inner.items())
        elif inner and isinstance(inner[0], dict):  # Dublin Core
            pairs = [(item.get("name", "").lower(), item.get("content")) for item in inner]
        found: dict[str, list[Any]] = {}
        for name, value in pairs:
            found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        yield found
        yield from _items(data.get("@graph") or [])


def _first(items: list[dict[str, list[Any]]], names: tuple[str, ...]) -> list[str]:
    """The values of the first item that has one of some names."""
    for name in names:
        for item in items:
            if values := [text for value in item.get(name, ()) if (text := _name(value))]:
                return values
    return []


def _name(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("properties", {}).get("name") or value.get("@value")
    return value if isinstance(value, str) and value.strip() else None


ALL = ("title", "author", "date", "tags")
PEERS = {
    "declutter": Peer("declutter", ALL, _declutter),
    "declutter-text": Peer(
        "declutter", ("title", "author", "date"), lambda: _declutter(flattened=True)
    ),
    "trafilatura": Peer("trafilatura", ALL, _trafilatura),
    "newspaper4k": Peer("newspaper4k", ALL, _newspaper),
    "htmldate": Peer("htmldate", ("date",), _htmldate),
    "extruct": Peer("extruct", ALL, _extruct),
}
