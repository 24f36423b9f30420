"""JSON-LD as pages have it: often broken, in several blocks, of many things but the page.

>>> objects(['<!-- {"@graph": [{"@type": "Article", "headline": "A",},]} -->'])[1]["headline"]
'A'
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any

Object = Mapping[str, Any]

# what scripts were once wrapped in, against browsers that did not know them
_BEFORE = ("<!--", "/*<![CDATA[*/", "//<![CDATA[", "// <![CDATA[", "<![CDATA[", "\ufeff")
_BEHIND = ("-->", "/*]]>*/", "//]]>", "// ]]>", "]]>", ";", "//")
# strings as they are, and what JSON does not allow between and within them
_BROKEN_RE = re.compile(
    r'"(?:[^"\\]|\\.)*(?:"|\Z)|,(?=\s*[}\]])|/\*.*?(?:\*/|\Z)|//[^\n]*', re.DOTALL
)
_ESCAPE_RE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
MAX_PEOPLE = 50  # of one list
MAX_OBJECTS = 2_000
MAX_BLOCK = 2_000_000  # characters
# what is inside of these is about the page, too
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
# types whose objects may be what a page is about, the surest first
_ARTICLES = ("article", "posting", "report", "recipe", "howto", "blogpost", "review")
_WORKS = (
    "webpage", "product", "videoobject", "podcastepisode", "course", "book", "event", "qapage",
    "creativework", "question", "episode", "dataset", "softwareapplication", "collectionpage",
    "aboutpage", "itempage", "faqpage", "newsletter", "audioobject", "medicalwebpage",
    "profilepage", "musicalbum", "movie", "jobposting", "imageobject", "photograph",
)  # fmt: skip


def objects(blocks: Sequence[str]) -> list[Object]:
    """The objects of all blocks, outer ones first, those in graphs included."""
    found: list[Object] = []
    waiting = [item for block in blocks for item in _parsed(block)][::-1]
    while waiting and len(found) < MAX_OBJECTS:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item[:MAX_OBJECTS][::-1]
        elif isinstance(item, dict):
            found.append(item)
            waiting += [item[name] for name in _HOLDERS if name in item]
    return found


def _parsed(block: str) -> Iterator[Any]:
    """The values of a block; nothing where it cannot be read."""
    text = block[:MAX_BLOCK].strip()
    for sign in _BEFORE:
        text = text.removeprefix(sign).lstrip()
    for sign in _BEHIND:
        text = text.removesuffix(sign).rstrip()
    try:
        yield json.loads(text, strict=False)
    except (ValueError, RecursionError):
        yield from _several(_mended(_mended(text)))  # once for comments before commas


def _mended(text: str) -> str:
    """A text without comments, trailing commas and escapes that JSON does not know.

    >>> _mended('{"a": "b, }", /* no */ "c": [1,],}')
    '{"a": "b, }",  "c": [1]}'
    """
    return _BROKEN_RE.sub(lambda m: _ESCAPE_RE.sub("", m[0]) if m[0][0] == '"' else "", text)


def _several(text: str) -> Iterator[Any]:
    """The values that stand in a row, up to the first that cannot be read."""
    decoder, at = json.JSONDecoder(strict=False), 0
    for _ in range(MAX_OBJECTS):
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def types(item: Object) -> frozenset[str]:
    """The types of an object, lower-cased, without their vocabulary.

    >>> sorted(types({"@type": ["http://schema.org/NewsArticle", "Thing"]}))
    ['newsarticle', 'thing']
    """
    declared = item.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return frozenset(re.split("[/#:]", n)[-1].lower() for n in names if isinstance(n, str))


def rank(item: Object) -> int:
    """How likely the type of an object is that of a page: 0 for articles, 1 for works, else 2."""
    names = types(item)
    if any(name.endswith(_ARTICLES) for name in names) and "jobposting" not in names:
        return 0
    return 1 if not names.isdisjoint(_WORKS) else 2


def about(found: Sequence[Object], urls: frozenset[str], titles: frozenset[str]) -> list[Object]:
    """The objects that are about the page, the surest first.

    ``urls`` are the page's addresses, ``titles`` its titles, both as :func:`address` and the
    caller's keys make them. Several articles none of which has either are of a list.
    """
    ranked = [item for item in found if rank(item) < 2]
    articles = [item for item in ranked if not rank(item)]
    if len(articles) > 1:
        own = [a for a in articles if _addresses(a) & urls] or [
            a for a in articles if _key(text(a.get("headline")) or text(a.get("name"))) in titles
        ]
        articles = own or (
            [] if len({_key(text(a.get("headline"))) for a in articles}) > 1 else articles
        )
    return [*articles, *(item for item in ranked if rank(item))]


def _addresses(item: Object) -> frozenset[str]:
    of_page = item.get("mainEntityOfPage")
    inner = [of_page.get("@id"), of_page.get("url")] if isinstance(of_page, dict) else [of_page]
    values = [item.get("url"), item.get("@id"), *inner]
    return frozenset(address(value) for value in values if isinstance(value, str) and value)


def address(url: str) -> str:
    """An address without what differs between two forms of it.

    >>> address("http://www.Example.org/a/?utm=1#top") == address("https://example.org/a")
    True
    """
    bare = re.split("[?#]", url.strip().lower(), maxsplit=1)[0]
    return re.sub(r"\A(?:https?:)?//(?:www\.)?", "", bare).rstrip("/")


def _key(value: str) -> str:
    return re.sub(r"[\W_]+", "", value).casefold()


def text(value: Any) -> str:
    """A value as text, whatever it is wrapped in; empty where it is none.

    >>> text([{"@value": "A &amp; B"}]), text(None), text({"name": ["C"]})
    ('A & B', '', 'C')
    """
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("url") or value.get("@id")
    return " ".join(unescape(str(value)).split()) if isinstance(value, str | int) else ""


def people(value: Any, found: Sequence[Object]) -> Iterator[tuple[str, bool]]:
    """The names in the value of a property, and whether each is an organisation's.

    An object that has but an ``@id`` is looked up among all.
    """
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item[:MAX_PEOPLE][::-1]
        if isinstance(item, dict) and "name" not in item and "@id" in item:
            same = (o for o in found if o.get("@id") == item["@id"] and "name" in o)
            item = next(same, item)
        if isinstance(item, dict):
            names = item.get("name")
            organisation = "organization" in " ".join(types(item)) or "brand" in types(item)
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, str):
                    yield text(name), organisation
        elif isinstance(item, str):
            yield text(item), False
