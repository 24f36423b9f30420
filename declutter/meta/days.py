"""The days on which a page was published and changed, the surest source first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from declutter.lexicon import fold
from declutter.meta import dates, jsonld
from declutter.meta.page import MAX_LINE, Page
from declutter.meta.titles import Named
from declutter.meta.words import either
from declutter.scoring.zones import words

_PUBLISHED = {
    "citation_publication_date": "meta",
    "article:published_time": "opengraph",
    "og:article:published_time": "opengraph",
    "og:published_time": "opengraph",
}
_MORE_PUBLISHED = {
    "datepublished": "meta",
    "date": "meta",
    "pubdate": "meta",
    "publishdate": "meta",
    "publish-date": "meta",
    "publish_date": "meta",
    "publication_date": "meta",
    "parsely-pub-date": "meta",
    "sailthru.date": "meta",
    "dcterms.issued": "dublin-core",
    "dc.date.issued": "dublin-core",
    "dcterms.date": "dublin-core",
    "dcterms.created": "dublin-core",
    "dc.date.created": "dublin-core",
}
_MODIFIED = {
    "article:modified_time": "opengraph",
    "og:updated_time": "opengraph",
    "datemodified": "meta",
    "last-modified": "meta",
    "lastmod": "meta",
    "revised": "meta",
    "dcterms.modified": "dublin-core",
    "dc.date.modified": "dublin-core",
}
_UPDATED_RE = re.compile(either("updated"))
_PUBLISHED_RE = re.compile(rf"(?:{either('published')})\b", re.IGNORECASE)
_DAY = frozenset("date dateline datetime published pubdate timestamp posted postdate time".split())
_CHANGED = frozenset("updated modified updatedate datemodified lastmodified update".split())


def published(page: Page) -> Named | None:
    """The day of publication, and where it is told."""
    found = next(_published(page), None)
    if found and "T" in found[0] and (day := _shown_beside(page, found[0])):
        return day, "text"
    return found


def _shown_beside(page: Page, time: str) -> str | None:
    """The day near the headline that is but one off a time, which is of another time zone."""
    day = date.fromisoformat(time[:10])
    shown = {when for when, _ in _head(page)}
    beside = ((day + timedelta(days=step)).isoformat() for step in (1, -1))
    return None if time[:10] in shown else next((when for when in beside if when in shown), None)


def _published(page: Page) -> Iterator[Named]:
    yield from _metas(page, _PUBLISHED)
    yield from _objects(page, "datePublished", "dateCreated")
    yield from _items(page, "datepublished", "datecreated")
    yield from _metas(page, _MORE_PUBLISHED)
    if day := dates.of_url(page.url or page.canonical or "", page.latest):
        yield day, "url"
    yield from _head(page)
    yield from _times(page)
    yield from _said(page)


def modified(page: Page) -> Named | None:
    """The day of the last change, and where it is told."""
    return next(_modified(page), None)


def _modified(page: Page) -> Iterator[Named]:
    yield from _metas(page, _MODIFIED)
    yield from _objects(page, "dateModified")
    yield from _items(page, "datemodified")
    for line in page.head:
        yield from ((day, "text") for day, updated in labelled(page, line) if updated)


def _metas(page: Page, table: dict[str, str]) -> Iterator[Named]:
    for name, source in table.items():
        if day := page.day(page.declared.meta(name)):
            yield day, source


def _objects(page: Page, *properties: str) -> Iterator[Named]:
    for item in page.articles:
        for name in properties:
            if day := page.day(jsonld.text(item.get(name))):
                yield day, "json-ld"


def _items(page: Page, *properties: str) -> Iterator[Named]:
    for spot, _ in page.spots:
        told = not set(properties).isdisjoint(spot.itemprop.split())
        if told and (day := page.day(spot.value) or page.day(spot.text)):
            yield day, "microdata"


def labelled(page: Page, line: str) -> Iterator[tuple[str, bool]]:
    """The days in a line, and whether they are said to be of a change."""
    at = 0
    for start, end, day in page.days(line):
        yield day, bool(_UPDATED_RE.search(fold(line[at:start])))
        at = end


def _head(page: Page) -> Iterator[Named]:
    """Dates near the headline; those of changes only where there is no other."""
    found = [pair for line in page.head for pair in labelled(page, line)]
    yield from ((day, "text") for day, updated in found if not updated)


def _said(page: Page) -> Iterator[Named]:
    """The day in lines that begin with "published", if all name the same."""
    lines = (line for line in page.lines if len(line) <= MAX_LINE and _PUBLISHED_RE.match(line))
    found = {day for line in lines for day, updated in labelled(page, line) if not updated}
    if len(found) == 1:
        yield found.pop(), "text"


def _times(page: Page) -> Iterator[Named]:
    """Elements of dates behind the headline, where all are of one day: else they are of a list."""
    found = dict(_timed(page))
    if len(found) == 1 and page.has_h1:
        yield from found.items()


def _timed(page: Page) -> Iterator[Named]:
    for spot, behind in page.spots:
        said = {word for token in spot.tokens for word in words(token)}
        if not behind or _CHANGED & said or not (spot.tag == "time" or _DAY & said):
            continue
        if spot.tag == "time" and (day := page.day(spot.value)):
            yield day[:10], "time"
        elif len(spot.text) < MAX_LINE:
            yield from ((day, "class") for day, updated in labelled(page, spot.text) if not updated)
