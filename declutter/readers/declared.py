"""What a page says of itself: its head, its structured data, and elements that name their use.

A second parse of the markup, for only who asks for metadata pays for it: lexbor parses a page
in a fraction of the time of cleaning it, and its selectors visit no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

# elements looked at, and steps up or down from one: no real page needs more
MAX_FOUND = 20_000
MAX_SPOTS = 400
MAX_TITLE, MAX_VALUE = 1_000, 10_000  # characters
MAX_STEPS = 60
MAX_TEXT = 400
MAX_ANCESTORS = 40
_META_NAMES = ("property", "name", "itemprop", "http-equiv")
_WORDS = ("author", "byline", "date", "publish", "posted", "time", "writer")
_SPOTS = ",".join(
    (
        "h1",
        "time",
        "address",
        "[itemprop]",
        "[rel~=author]",
        "[rel~=tag]",
        "[rel~=license]",
        *(f"[class*={word} i]" for word in _WORDS),
        *(f"[id*={word} i]" for word in ("author", "byline", "date")),
    )
)


class Spot(NamedTuple):
    """A visible element that says what it is for.

    ``tokens`` are the lower-cased words of its class and id, ``itemtype`` that of the item which
    its property belongs to, ``around`` the tags and tokens of the elements around it.
    """

    tag: str
    tokens: tuple[str, ...]
    itemprop: str
    rel: str
    value: str  # of datetime, content or href
    text: str
    itemtype: str
    item: int  # the same for all properties of an item; 0 where there is none
    around: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """The head of a page and the elements of its body that say what they are for."""

    title: str = ""
    language: str = ""
    metas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    spots: tuple[Spot, ...] = ()

    def meta(self, *names: str) -> str:
        """The first content of the first meta element that has one of some names."""
        return next((text for name in names for text in self.metas.get(name, ()) if text), "")


def declared(markup: bytes) -> Declared:
    """Read what a page declares.

    >>> page = b'<html lang=de><title>T</title><meta name="Author" content="Eva"><h1>Hi</h1>'
    >>> found = declared(page)
    >>> found.title, found.language, found.meta("author"), [s.text for s in found.spots]
    ('T', 'de', 'Eva', ['Hi'])
    """
    tree = LexborHTMLParser(markup)
    metas: dict[str, list[str]] = {}
    links: dict[str, list[str]] = {}
    for node in tree.css("meta")[:MAX_FOUND]:
        attrs = node.attributes
        content = squeeze((attrs.get("content") or "")[:MAX_VALUE])
        for name in _META_NAMES if content else ():
            for key in (attrs.get(name) or "")[:MAX_TITLE].lower().split():
                metas.setdefault(key, []).append(content)
    for node in tree.css("link[rel][href]")[:MAX_FOUND]:
        attrs = node.attributes
        for rel in (attrs["rel"] or "").lower().split():
            links.setdefault(rel, []).append((attrs["href"] or "").strip())
    title = next(
        (n for n in tree.css("title")[:MAX_STEPS] if n.parent and n.parent.tag != "svg"), None
    )
    html = tree.css_first("html")
    attrs = html.attributes if html else {}
    return Declared(
        title=squeeze(title.text()[:MAX_TITLE]) if title else "",
        language=(attrs.get("lang") or attrs.get("xml:lang") or "").strip(),
        metas={name: tuple(texts) for name, texts in metas.items()},
        links={rel: tuple(hrefs) for rel, hrefs in links.items()},
        scripts=tuple(n.text() for n in tree.css('script[type*="ld+json" i]')[:MAX_SPOTS]),
        spots=tuple(_spots(tree)),
    )


def squeeze(text: str | None) -> str:
    """A value with its entities resolved, which often were escaped twice, and single spaces."""
    return " ".join(unescape(text).split()) if text else ""


def _spots(tree: LexborHTMLParser) -> Iterator[Spot]:
    for node in tree.css(_SPOTS)[:MAX_SPOTS]:
        attrs = node.attributes
        itemprop = (attrs.get("itemprop") or "").lower()
        value = (
            attrs.get("datetime") or attrs.get("content") or attrs.get("href") or attrs.get("title")
        )
        around, itemtype, item = _around(node)
        yield Spot(
            tag=node.tag or "",
            tokens=_tokens(attrs),
            itemprop=itemprop,
            rel=(attrs.get("rel") or "").lower(),
            value=squeeze(value),
            text=_text(_name(node) if "itemscope" in attrs else node),
            itemtype=itemtype,
            item=item,
            around=around,
        )


def _tokens(attrs: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(f"{attrs.get('class') or ''} {attrs.get('id') or ''}".lower().split())


def _name(node: LexborNode) -> LexborNode:
    """The element in an item that holds its name, or else the item."""
    for step, inner in enumerate(node.traverse()):
        if step > MAX_STEPS:
            break
        if inner.attributes.get("itemprop") == "name":
            return inner
    return node


def _around(node: LexborNode) -> tuple[tuple[str, ...], str, int]:
    """The tags and tokens around an element, the type of the nearest item and its place."""
    found: list[str] = []
    itemtype, item, up = "", 0, node.parent
    for _ in range(MAX_ANCESTORS):
        if up is None or up.tag in ("body", "html"):
            break
        attrs = up.attributes
        found += [up.tag or "", *_tokens(attrs)]
        if not item and "itemscope" in attrs:
            itemtype = (attrs.get("itemtype") or "").rpartition("/")[2].lower()
            item = up.mem_id
        up = up.parent
    return tuple(found), itemtype, item


def _text(node: LexborNode) -> str:
    """The text of an element, as far as anyone looks at it."""
    parts: list[str] = []
    size = 0
    walk: Any = node.traverse(include_text=True)
    for step, inner in enumerate(walk):
        if step > MAX_STEPS or size > MAX_TEXT:
            break
        if inner.tag == "-text" and inner.parent.tag not in ("style", "script"):
            parts.append(inner.text_content or "")
            size += len(parts[-1])
    return squeeze(" ".join(parts))
