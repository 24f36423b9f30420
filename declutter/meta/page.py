"""What the fields of metadata are read from: one page, with what several of them ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urljoin

from declutter.meta import dates, jsonld, titles
from declutter.meta.titles import Named, key
from declutter.model import Document
from declutter.readers.declared import Declared, Spot
from declutter.scoring.zones import words

MAX_LINE = 160  # characters of a line that may be a byline or date
DATELINE = 20  # characters of a longer one that may hold a date
BELOW, ABOVE = 6, 3  # blocks around a headline where these stand
MAX_HEADLINE = 500  # characters
MAX_HEADLINES = 3  # of the same text: a breadcrumb, a sticky bar
# around what is of other articles, or of comments
_ASIDE = frozenset(
    "comment comments commentlist related relatedposts sidebar recommended recommendations teaser "
    "teasers footer aside nav card cards popular reply replies".split()
)


@dataclass(frozen=True)
class Page:
    """A document with what it declares; the address it came from, and when, if that is known."""

    doc: Document
    declared: Declared
    url: str = ""
    latest: date | None = None
    cleaned: str = ""  # flattened text

    @cached_property
    def objects(self) -> list[jsonld.Object]:
        """All objects of the page's JSON-LD."""
        return jsonld.objects(self.declared.scripts)

    @cached_property
    def about(self) -> list[jsonld.Object]:
        """Those that are about the page, the surest first."""
        urls = (self.url, self.declared.meta("og:url"), *self.declared.links.get("canonical", ()))
        told = (self.declared.title, self.declared.meta("og:title"))
        names = frozenset(key(part) for title in told for part in titles.segments(title))
        known = frozenset(jsonld.address(url) for url in urls if url)
        return jsonld.about(self.objects, known, names - {""})

    @cached_property
    def articles(self) -> list[jsonld.Object]:
        """Those of them that are articles."""
        return [item for item in self.about if not jsonld.rank(item)]

    @cached_property
    def site(self) -> Named | None:
        """The name of the site."""
        meta = self.declared.meta
        if name := meta("og:site_name"):
            return name, "opengraph"
        for item in self.about:
            for owner in ("publisher", "isPartOf"):
                if (name := jsonld.text(item.get(owner))) and "/" not in name:
                    return name, "json-ld"
        for item in self.objects:
            if "website" in jsonld.types(item) and (name := jsonld.text(item.get("name"))):
                return name, "json-ld"
        if name := meta("application-name", "apple-mobile-web-app-title", "twitter:app:name"):
            return name, "meta"
        if name := meta("dc.publisher", "dcterms.publisher"):
            return name, "dublin-core"
        return None

    @cached_property
    def sites(self) -> frozenset[str]:
        """The keys of the names that the site goes by."""
        address = self.url or self.declared.meta("og:url") or self.canonical or ""
        return titles.site_keys([self.site[0]] if self.site else [], address)

    @cached_property
    def canonical(self) -> str | None:
        """The address that the page gives as its own, absolute where that can be told."""
        found = next(iter(self.declared.links.get("canonical", ())), "")
        return self.absolute(found or self.declared.meta("og:url"))

    def absolute(self, address: str) -> str | None:
        """An address of the page's, made absolute; None where it is none."""
        try:
            found = urljoin(self.url, address.strip())
        except ValueError:
            return None
        return found if re.match(r"https?://[^\s/]", found) else None

    @cached_property
    def title(self) -> Named | None:
        """The title of the page."""
        if self.doc.kind == "text":
            found = titles.of_lines(self.cleaned)
            return (found, "text") if found else None
        told = [
            (text, "json-ld")
            for item in self.articles[:1]
            if (text := jsonld.text(item.get("headline")))
        ]
        meta = self.declared.meta
        told += [(meta("og:title"), "opengraph"), (meta("twitter:title"), "meta")]
        told += [(meta("dc.title", "dcterms.title"), "dublin-core")]
        told = [(text, source) for text, source in told if text]
        return titles.pick(self._headings, told, self.declared.title, self.sites)

    @cached_property
    def _headings(self) -> list[str]:
        blocks = [block for block in self.doc.blocks if block.level == 1][:50]
        return [
            " ".join(self.doc.text[b.start : min(b.end, b.start + MAX_HEADLINE)].split())
            for b in blocks
        ]

    @cached_property
    def lines(self) -> list[str]:
        """The texts of all blocks."""
        return [self.doc.text[b.start : b.end] for b in self.doc.blocks]

    @cached_property
    def head(self) -> list[str]:
        """Lines around the headline, those below it first, the nearest first; long ones cut."""
        lines = self.lines
        title = key(self.title[0]) if self.title else ""
        # keys are made of lines that are about as long only
        sizes = range(max(2, len(title)), 2 * len(title) + 20)
        at = [n for n, line in enumerate(lines) if len(line) in sizes and key(line) == title]
        at = (at or [n for n, b in enumerate(self.doc.blocks) if b.level == 1])[:MAX_HEADLINES]
        below = [n + step for step in range(1, BELOW + 1) for n in at]
        above = [n - step for step in range(1, ABOVE + 1) for n in at]
        near = [n for n in dict.fromkeys((*below, *above)) if 0 <= n < len(lines)]
        return [lines[n] if len(lines[n]) <= MAX_LINE else lines[n][:DATELINE] for n in near]

    @cached_property
    def spots(self) -> list[tuple[Spot, bool]]:
        """Elements that say what they are for, not those of other articles and comments.

        With each, whether it stands behind the first h1, if there is one.
        """
        found = []
        behind = not self.has_h1
        for spot in self.declared.spots:
            behind = behind or spot.tag == "h1"
            if not any(_ASIDE.intersection(words(token)) for token in spot.around):
                found.append((spot, behind))
        return found

    @cached_property
    def has_h1(self) -> bool:
        """Whether the page has a headline that says it is one."""
        return any(spot.tag == "h1" for spot in self.declared.spots)

    @property
    def language(self) -> str:
        """The language that the page declares, if it does."""
        return self.declared.language or self.doc.language or ""

    def day(self, value: str) -> str | None:
        """The date that a value gives."""
        return dates.parse(value, self.language, self.latest) if value else None

    def days(self, text: str) -> Iterator[dates.When]:
        """The dates in a text."""
        return dates.found(text, self.language, self.latest)
