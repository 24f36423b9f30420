"""Authors: who a page says wrote it, the surest source first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from declutter.meta import jsonld, names
from declutter.meta.fields import page_type
from declutter.meta.page import Page
from declutter.meta.titles import is_site
from declutter.readers.declared import Spot
from declutter.scoring.zones import words

Authors = tuple[tuple[str, ...], str]

_METAS: Mapping[str, str] = {
    "citation_author": "meta",
    "author": "meta",
    "parsely-author": "meta",
    "sailthru.author": "meta",
    "article:author": "opengraph",
    "og:article:author": "opengraph",
    "dc.creator": "dublin-core",
    "dcterms.creator": "dublin-core",
}
_LABEL_RE = re.compile(r"writt|by|verfasst|geschr|escrit|écrit|auteur|scritt|aut[ho]|napis|автор")
_AUTHOR = frozenset(("author", "authors", "writer"))
_BYLINE = frozenset(("byline",))
_SHOWN = frozenset(("byline", "class", "rel"))  # where readers see it
_NAME = frozenset(("name", "names", "link", "url", "fn", "title"))
# types of items whose author is that of the page
_WRITTEN = ("article", "posting", "report", "recipe", "question", "webpage", "creativework", "blog")
MAX_USER = 4  # words of an element that names no person
MAX_BYLINE = 120  # characters of an element that names the author


def authors(page: Page) -> Authors | None:
    """The authors of a page, and where they are named.

    The first source that names persons: what is declared may be a login or the site, where a
    byline has the person's name.
    """
    other: Authors | None = None
    shop = page_type(page.doc.kinds) in ("product", "collection")
    for names_of, source in _SOURCES:
        if shop and source in _SHOWN:
            continue
        found = tuple(dict.fromkeys(names_of(page)))
        own = tuple(name for name in found if not is_site(name, page.sites))
        if any(map(names.is_personal, own)):
            return own, source
        found = own or (found if source in _SHOWN or any(map(names.is_personal, found)) else ())
        if found and other is None:
            other = found, source
    return other


def _of_articles(page: Page) -> Iterator[str]:
    yield from _of_objects(page, 0)


def _of_works(page: Page) -> Iterator[str]:
    yield from _of_objects(page, 1)


def _of_objects(page: Page, rank: int) -> Iterator[str]:
    for item in page.about:
        if jsonld.rank(item) == rank:
            for name in ("author", "creator"):
                people = jsonld.people(item.get(name), page.objects)
                if found := [n for text, org in people if not org for n in names.clean(text)]:
                    yield from found
                    return


def _metas(source: str) -> Callable[[Page], Iterator[str]]:
    def of(page: Page) -> Iterator[str]:
        for name, kind in _METAS.items():
            texts = page.declared.metas.get(name, ()) if kind == source else ()
            if found := [name for text in texts for name in names.clean(text)]:
                yield from found
                return

    return of


def _labelled(page: Page) -> Iterator[str]:
    """What cards on other sites show as the author."""
    meta = page.declared.meta
    for number in ("1", "2"):
        if _LABEL_RE.match(meta(f"twitter:label{number}").lower()):
            yield from names.clean(meta(f"twitter:data{number}"))


def _items(page: Page) -> Iterator[str]:
    item = None
    for spot, _ in page.spots:
        if {"author", "creator"}.isdisjoint(spot.itemprop.split()):
            continue
        if not spot.itemtype.endswith(_WRITTEN) or item not in (None, spot.item):
            continue
        item = spot.item
        yield from _named(spot)


def _rels(page: Page) -> Iterator[str]:
    for spot, behind in page.spots:
        if behind and "author" in spot.rel.split() and (found := _named(spot)):
            yield from found
            return


def _classes(page: Page) -> Iterator[str]:
    for spot, said in _shown(page):
        if _AUTHOR & said and _NAME & said and (found := _named(spot)):
            yield from found
            return


def _vague_classes(page: Page) -> Iterator[str]:
    for spot, said in _shown(page):
        if not (_AUTHOR | _BYLINE) & said or not (found := _named(spot)):
            continue
        if all(names.is_personal(name) or len(spot.text.split()) < MAX_USER for name in found):
            yield from found
            return


def _shown(page: Page) -> Iterator[tuple[Spot, set[str]]]:
    """Elements below the headline, with the words of their classes."""
    for spot, behind in page.spots:
        if behind and spot.tokens:
            yield spot, {word for token in spot.tokens for word in words(token)}


def _named(spot: Spot) -> list[str]:
    text = spot.text or spot.value
    return names.clean(text) if len(text) <= MAX_BYLINE else []


def _by(page: Page) -> Iterator[str]:
    """Names behind "by" near the headline."""
    for line in page.head:
        if found := names.introduced(line):
            yield from found
            return


_SOURCES: tuple[tuple[Callable[[Page], Iterator[str]], str], ...] = (
    (_of_articles, "json-ld"),
    (_metas("meta"), "meta"),
    (_labelled, "meta"),
    (_items, "microdata"),
    (_metas("opengraph"), "opengraph"),
    (_metas("dublin-core"), "dublin-core"),
    (_of_works, "json-ld"),
    (_rels, "rel"),
    (_by, "byline"),
    (_classes, "class"),
    (_vague_classes, "class"),
)
