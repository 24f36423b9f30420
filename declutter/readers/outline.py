"""The elements of a page around the text of its document, for those who write more than text.

Cleaning needs little of them, so the page is read a second time when they are asked for, by the
same walk, which now takes note of every element that a writer shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from declutter.model import Document, Element, Outline, Piece
from declutter.readers.html import NEXT_CELL, Attributes, Place, Reader, parsed, placed

# block elements by the name that writers know them by, and the attributes that they ask for
_CONTAINERS = {tag: tag for tag in "h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead".split()}
_CONTAINERS.update({tag: tag for tag in "caption tr td th blockquote figure figcaption".split()})
_CONTAINERS.update(dict.fromkeys(("pre", "xmp", "listing", "plaintext"), "pre"))
_CONTAINERS.update(menu="ul", dir="ul", select="ul", option="li")
_WANTED = {
    "ol": ("start",),
    "table": ("role",),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan"),
    "pre": ("class", "data-lang", "data-language", "lang"),
    "code": ("class", "data-lang", "data-language"),
    "div": ("class", "data-lang", "data-language"),
    "img": ("alt", "title", "width", "height"),
    "math": ("alttext", "display"),
}
_INLINE = {tag: tag for tag in "sub sup del ins u mark q math".split()}
_INLINE.update(s="del", strike="del")
_LANGUAGE_RE = re.compile(r"\b(?:language|lang|highlight)-|\bbrush:")
_MATH_RE = re.compile(r"(?:^|\s)(?:katex|MathJax(?:_\w+)?|mwe-math-element)(?:\s|$)")
_DISPLAY_RE = re.compile(r"(?:^|\s)(?:katex-display|MathJax_Display|mwe-math-\w+-display)(?:\s|$)")
_TEX_RE = re.compile(r"math/tex|x-tex|x-latex", re.IGNORECASE)
# where pages that load pictures late keep their addresses
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")


def outline(data: bytes, doc: Document) -> Outline:
    """The elements of a page, given as it was parsed, around the text of its document.

    >>> from declutter.readers.html import read
    >>> doc = read("<ul><li>One <b>wo</b>rd<li>two</ul>")
    >>> [(doc.text[p.start:p.end], doc.outline.elements[p.element].tag) for p in doc.outline.pieces]
    [('One ', 'li'), ('wo', 'strong'), ('rd', 'li'), ('two', 'li')]
    """
    return _Notes(data).outline(doc)


class _Notes(Reader):
    """The walk that makes a document, taking note of elements: each is an owner of its parts."""

    telling = frozenset(("annotation", "script", "base"))

    def __init__(self, data: bytes) -> None:
        super().__init__(parsed(data), lambda: None, {})
        self.attrs: list[dict[str, str]] = []  # of the owners
        self.formula: list[int] = []  # the outermost one around each owner, or -1
        # images, cells and formulas: the part before which they stand, their run or -1, the owner
        self.points: list[tuple[int, int, int]] = []
        self.base = ""

    # --- taking note ---

    def _own(self, kind: str, value: str, parent: int) -> int:
        number = len(self.owners)
        above = self.formula[parent] if parent >= 0 else -1
        self.formula.append(number if kind == "math" and above < 0 else above)
        self.attrs.append({"href": value} if value else {})
        return super()._own(kind, value, parent)

    def _note(self, name: str, tag: str, attrs: Attributes, parent: int) -> int:
        number = self._own(name, "", parent)
        if attrs:
            found = ((key, attrs.get(key)) for key in _WANTED.get(tag, ()))
            self.attrs[number].update((key, value) for key, value in found if value)
        return number

    def _block(self, tag: str, attrs: Attributes, place: Place, row: int) -> Place:
        inside = super()._block(tag, attrs, place, row)
        name = _CONTAINERS.get(tag)
        if name is None:
            said = attrs.get("class") if attrs else None
            if not said or not (_LANGUAGE_RE.search(said) or _DISPLAY_RE.search(said)):
                return inside
            name = "math" if _DISPLAY_RE.search(said) else "div"
        number = self._note(name, tag, attrs, inside[3])
        if tag in ("td", "th"):
            self.points.append((len(self.parts), -1, number))
        return (*inside[:3], number)

    def _inline(self, tag: str, attrs: Attributes, place: Place) -> Place | None:
        if tag == "img":
            self._image(attrs, place)
        inside = super()._inline(tag, attrs, place)
        if inside is None:
            return None
        name = _INLINE.get(tag) or ("math" if attrs and _is_math(tag, attrs) else None)
        if name is not None:
            inside = (*inside[:3], self._note(name, tag, attrs, inside[3]))
            if name == "math":
                self._formula(inside[3], attrs)
        elif tag == "code" and attrs and inside[3] != place[3]:
            self.attrs[inside[3]].update(
                (key, value) for key in _WANTED[tag] if (value := attrs.get(key))
            )
        return inside

    def _image(self, attrs: Attributes, place: Place) -> None:
        number = self._note("img", "img", attrs, place[3])
        found = (attrs.get(name) or "" for name in _SOURCES)
        source = next((src for src in found if src and not src.startswith("data:")), "")
        self.attrs[number]["src"] = source
        self._run(place)
        self.points.append((len(self.parts), len(self.runs) - 1, number))

    def _formula(self, number: int, attrs: Attributes) -> None:
        """Take note of what a formula says of itself, at the outermost element of it."""
        if attrs.get("alttext"):
            self._say(number, attrs["alttext"] or "")
        if attrs.get("display") == "block" or _DISPLAY_RE.search(attrs.get("class") or ""):
            self.attrs[self.formula[number]]["display"] = "block"

    def _say(self, number: int, tex: str, *, surely: bool = False) -> None:
        said = self.attrs[self.formula[number]]
        if tex.strip() and (surely or "tex" not in said):
            said["tex"] = " ".join(tex.split())

    def _told(self, tag: str, node: Any, place: Place) -> None:
        attrs = node.attributes
        if tag == "base":
            self.base = self.base or attrs.get("href") or ""
        elif tag == "annotation":
            if (
                _TEX_RE.search(attrs.get("encoding") or "")
                and place[3] >= 0
                and self.formula[place[3]] >= 0
            ):
                self._say(place[3], node.text(), surely=True)
        elif _TEX_RE.search(attrs.get("type") or ""):
            self._script(node.text(), "display" in (attrs.get("type") or ""), place)

    def _script(self, tex: str, display: bool, place: Place) -> None:
        """Take note of a formula that MathJax shows: the one beside, if it has done so."""
        number = next((at for at in self._last(place[3]) if "tex" not in self.attrs[at]), -1)
        if number < 0:
            number = self._own("math", "", place[3])
            self._run(place)
            self.points.append((len(self.parts), len(self.runs) - 1, number))
        self._say(number, tex)
        if display:
            self.attrs[number]["display"] = "block"

    def _last(self, parent: int) -> Iterator[int]:
        """The last formula in an element, if nothing but its own elements came after it."""
        for number in range(len(self.owners) - 1, max(-1, len(self.owners) - 500), -1):
            owner = self.owners[number]
            if owner.parent == parent:
                if owner.kind == "math":
                    yield number
                return

    # --- telling ---

    def outline(self, doc: Document) -> Outline:
        """The elements, and what of the text stands in each."""
        self._walk()
        _, _, starts = self._blocks()
        names = {"link": "a"}
        elements = tuple(
            Element(names.get(owner.kind, owner.kind), owner.parent, attrs)
            for owner, attrs in zip(self.owners, self.attrs, strict=True)
        )
        return Outline(elements, tuple(self._formulas(self._pieces(doc, starts))), self.base)

    def _pieces(self, doc: Document, starts: dict[int, int]) -> Iterator[Piece]:
        """The parts of all runs and the points amid them."""
        points, following = self.points, 0
        blocks = {run: at for at, run in enumerate(starts)}
        last = 0
        for number in range(len(self.runs)):
            span = self.inner.span(number)
            at = blocks.get(number, -1)
            offsets = self._offsets(doc, number, starts[number], at) if at >= 0 else []
            for part in range(span.start, span.stop):
                place = offsets[part - span.start] if offsets else last
                while following < len(points) and points[following][0] <= part:
                    _, run, element = points[following]
                    self._space(element, part, doc.text[place : place + 1])
                    yield Piece(place, place, element, blocks.get(run, -1))
                    following += 1
                if offsets:
                    last = offsets[part - span.start + 1]
                    if place < last and self.parts[part] != NEXT_CELL:
                        yield Piece(place, last, self.part_owners[part], at)
        for part, run, element in points[following:]:
            self._space(element, part, "")
            yield Piece(last, last, element, blocks.get(run, -1))

    def _space(self, element: int, part: int, behind: str) -> None:
        """Take note of white space beside a picture or formula, which text alone has no need of."""
        if self.owners[element].kind in ("img", "math"):
            before = self.parts[part - 1] if part else ""
            if before[-1:].isspace():
                self.attrs[element]["before"] = " "
            if self.parts[part : part + 1] and self.parts[part][:1].isspace() and behind.strip():
                self.attrs[element]["behind"] = " "

    def _offsets(self, doc: Document, number: int, start: int, at: int) -> list[int]:
        """Where in the document each part of a run begins, and the last one ends."""
        block = doc.blocks[at]
        text, offsets = placed(self.inner, number)
        if text == doc.text[block.start : block.end]:
            return [min(start + offset, block.end) for offset in offsets]
        # they differ in white space (of preformatted text): all of it is the first part's
        return [block.start, *[block.end] * (len(offsets) - 1)]

    def _formulas(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The pieces, with each formula whose LaTeX is known as one."""
        whole: Piece | None = None
        for piece in pieces:
            formula = self.formula[piece.element] if piece.element >= 0 else -1
            known = formula >= 0 and "tex" in self.attrs[formula]
            if whole is not None and known and whole.element == formula:
                whole = whole._replace(end=piece.end, block=max(whole.block, piece.block))
                continue
            if whole is not None:
                yield whole
                whole = None
            if known:
                whole = piece._replace(element=formula)
            else:
                yield piece
        if whole is not None:
            yield whole


def _is_math(tag: str, attrs: Attributes) -> bool:
    return tag == "mjx-container" or bool(_MATH_RE.search(attrs.get("class") or ""))
