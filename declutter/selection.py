"""CSS selectors and XPath: which elements of a parsed page they choose.

lexbor answers selectors itself. XPath is asked of a copy of its tree made for lxml, so that both
see the page as browsers do; the copy is made only where there is a path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from declutter.errors import LexiconError

# of XPath 1.0, which lxml speaks, and its tests of nodes
_FUNCTIONS = frozenset(
    "last position count id local-name namespace-uri name string concat starts-with contains "
    "substring-before substring-after substring string-length normalize-space translate boolean "
    "not true false lang number sum floor ceiling round comment text processing-instruction node "
    "and or div mod".split()
)
_STRING_RE = re.compile("\"[^\"]*\"|'[^']*'")
_CALL_RE = re.compile(r"([\w:.-]+)\s*\(")
_PREFIX_RE = re.compile(r"(?<!:)\b([\w.-]+):(?!:)")
_UNSAFE_RE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BRACE_RE = re.compile(r"[{}]|" + _UNSAFE_RE.pattern)  # to lxml, a brace begins a namespace
_NAME_RE = re.compile(r"[^\w.:-]")


class Selector(NamedTuple):
    """A CSS selector, or an XPath expression, and the id of the rule that it belongs to."""

    id: str
    css: str | None = None
    xpath: str | None = None


def css_complaint(selector: str) -> str | None:
    """What is wrong with a CSS selector; None if nothing is.

    >>> css_complaint("div.promo > p:not(.text)"), css_complaint("div[")
    (None, 'is no CSS selector that lexbor knows')
    """
    try:
        _empty().css(selector)
    except SelectolaxError:
        return "is no CSS selector that lexbor knows"
    return None


@lru_cache(maxsize=1)
def _empty() -> LexborHTMLParser:
    return LexborHTMLParser("<p>")


def xpath_complaint(path: str) -> str | None:
    """What is wrong with an XPath expression; None if nothing is.

    >>> xpath_complaint("//aside[contains(., 'Anzeige')]"), xpath_complaint("count(//p)")
    (None, 'gives no elements; begin it with // and the name of an element')
    >>> xpath_complaint("//p[re:test(., 'x')]")
    "the prefix 're' is not known; XPath 1.0 has no other functions or names of elements"
    """
    from lxml import etree

    bare = _STRING_RE.sub("''", path)
    for prefix in _PREFIX_RE.findall(bare):
        return f"the prefix {prefix!r} is not known; XPath 1.0 has no other functions or names " \
            "of elements"  # fmt: skip
    for name in _CALL_RE.findall(bare):
        if name.split("::")[-1] not in _FUNCTIONS:
            return f"{name}() is no function of XPath 1.0"
    if "$" in bare:
        return "has a variable, which nothing gives a value"
    try:
        found = etree.XPath(path)(etree.Element("html"))
    except etree.XPathError as error:
        return f"is no XPath: {error}"
    if not isinstance(found, list) or bare.split("/")[-1].startswith(("@", "text(", "attribute:")):
        return "gives no elements; begin it with // and the name of an element"
    return None


def chosen(
    tree: LexborHTMLParser, selectors: Iterable[Selector], tick: Callable[[], None]
) -> dict[int, list[str]]:
    """The ids of the rules that choose an element, by the element's address in the tree.

    ``tick`` is called between two selectors and may raise.
    """
    found: dict[int, list[str]] = {}
    paths: list[Selector] = []
    for selector in selectors:
        tick()
        if selector.css is None:
            paths.append(selector)
            continue
        for node in tree.css(selector.css):
            found.setdefault(node.mem_id, []).append(selector.id)
    if paths:
        _choose_by_path(tree, paths, found, tick)
    return found


def _choose_by_path(
    tree: LexborHTMLParser,
    paths: Sequence[Selector],
    found: dict[int, list[str]],
    tick: Callable[[], None],
) -> None:
    from lxml import etree

    places = _copied(tree)
    root = next(iter(places))  # lexbor makes one of anything
    for path in paths:
        tick()
        try:
            elements = etree.XPath(path.xpath or "")(root)
        except etree.XPathError as error:
            raise LexiconError(f"{path.id}: xpath: {path.xpath!r}: {error}") from None
        for element in elements if isinstance(elements, list) else ():
            place = places.get(element)  # not of a text or an attribute
            if place is not None:
                found.setdefault(place, []).append(path.id)


def _copied(tree: LexborHTMLParser) -> dict[Any, int]:
    """The elements of a copy of a tree for lxml, the root first, with their addresses."""
    from lxml import etree

    make = etree.HTMLParser().makeelement  # HTML allows names that XML does not
    places: dict[Any, int] = {}
    elements: dict[int, Any] = {}
    last: dict[int, Any] = {}  # child of an element; lxml would count all of them
    root: Any = tree.root
    for node in root.traverse(include_text=True):
        above, tag = node.parent.mem_id, node.tag
        parent = elements.get(above)
        if parent is None and places:
            continue  # beside the root
        if tag == "-text":
            _add_text(parent, last.get(above), _UNSAFE_RE.sub(" ", node.text_content))
            continue
        if tag == "-comment":
            element: Any = etree.Comment("")  # parts the texts beside it
        else:
            element = elements[node.mem_id] = make(_NAME_RE.sub("_", tag))
            places[element] = node.mem_id
            for name, value in node.attributes.items():
                element.set(_BRACE_RE.sub("_", name), _UNSAFE_RE.sub(" ", value or ""))
        if parent is not None:
            parent.append(element)
            last[above] = element
    return places


def _add_text(parent: Any, last: Any, text: str) -> None:
    """Put a text behind the last child of an element, or first into it."""
    if last is not None:
        last.tail = (last.tail or "") + text
    elif parent is not None:
        parent.text = (parent.text or "") + text
