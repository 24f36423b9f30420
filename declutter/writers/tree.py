"""What is left of a page as a small tree, which the writers of formats with structure share.

Its elements are few and nest as they should: blocks in ``body``, ``blockquote``, ``figure``, items
and cells; text and inline elements in paragraphs, headings and code; nothing is empty but cells.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Union
from urllib.parse import urljoin

from declutter.model import Document, Piece
from declutter.writers.text import kept

HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LEAVES = HEADINGS | {"pre"}  # besides paragraphs
LISTS = frozenset(("ul", "ol"))
_CELLS = frozenset(("td", "th"))
_CONTAINERS = _LEAVES | LISTS | _CELLS | frozenset(
    "li dl dt dd table thead caption tr blockquote figure figcaption".split()
)  # fmt: skip
SIGNS = frozenset(("br", "img", "math"))
INLINE = frozenset("a strong em code sub sup del ins u mark q".split())
# what an element must stand in to mean something, and what it may hold
_PARENTS = {"tr": ("table",), "caption": ("table",), "td": ("tr",), "th": ("tr",)}
_PARENTS.update(dt=("dl",), dd=("dl",))
_CHILDREN = {"table": ("tr", "caption"), "tr": ("td", "th"), "dl": ("dt", "dd")}
UNITS = _CELLS | frozenset(("li", "dt", "dd", "caption", "figcaption"))  # text or blocks
MAX_NUMBER = 999_999_999  # of a list's item
MAX_SPAN = 100  # columns of a cell
MIN_SPARE = 1000  # empty cells of a grid, and ten for each that is not: spans are easily written
MAX_CELL = 1000  # characters in a cell of a table of data, and the most blocks
MAX_CELL_BLOCKS = 5
MAX_SIGNS = 50  # around a formula that go with its text
MIN_IMAGE = 3  # pixels: smaller ones count visits
MAX_NESTING = 12  # parsers of Markdown give up at some depth, CommonMark's presets at 20
SCHEMES = frozenset("http https mailto tel ftp".split())
PICTURES = frozenset(("http", "https"))
_SCHEME_RE = re.compile(r"([^/?#:]*):")
_STRIPPED = "".join(map(chr, range(33)))  # as browsers do with addresses
_IGNORED_RE = re.compile("[\t\n\r]")
_WORD_RE = re.compile(r"[\w+#.-]{1,20}")
_LANGUAGE_RE = re.compile(
    r"(?:\b(?:language|lang|highlight-source|highlight)-|\bbrush:\s{0,3})([\w+#]{1,20})"
)
_NO_LANGUAGES = frozenset("none default plaintext text highlighter code source".split())

Key = tuple[object, ...]


@dataclass(slots=True)
class Tag:
    """An element of the tree."""

    name: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Union[Tag, str]] = field(default_factory=list)  # noqa: UP007

    def tags(self) -> Iterator[Tag]:
        """The elements in it."""
        return (child for child in self.children if isinstance(child, Tag))

    def all(self) -> Iterator[Tag]:
        """The element and those at any depth in it, in order."""
        open_ = [self]
        while open_:
            tag = open_.pop()
            yield tag
            open_.extend(reversed(list(tag.tags())))

    def text(self) -> str:
        """The characters in it."""
        parts: list[str] = []
        open_: list[Tag | str] = [self]
        while open_:
            item = open_.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                open_.extend(reversed(item.children))
        return "".join(parts)


def tree(doc: Document, cuts: Iterable[tuple[int, int]], url: str | None = None) -> Tag:
    """The tree of a document without some sorted, disjoint spans.

    Addresses become absolute where that of the page is given.

    >>> from declutter.readers.text import read
    >>> tree(read("Menu\\n\\nThe bridge."), [(0, 4)]).children
    [Tag(name='p', attrs={}, children=['The bridge.'])]
    """
    return _Builder(doc, list(cuts), url).tree()


def number_of(tag: Tag, name: str, default: int, least: int, most: int) -> int:
    """A number that an attribute of an element tells, within bounds."""
    value = tag.attrs.get(name, "").strip()
    short = value.removeprefix("-")
    if not (short.isascii() and short.isdigit() and len(short) < 10):
        return default
    return min(max(int(value), least), most)


class _Builder:
    """Puts the kept pieces of a document one after another into the elements around them."""

    def __init__(self, doc: Document, cuts: list[tuple[int, int]], url: str | None) -> None:
        self.doc, self.outline, self.cuts = doc, doc.outline, cuts
        self.base = _joined(url, self.outline.base) if url else None
        self.parts = list(kept(doc.text, cuts))
        self.ends = [end for _, _, end in self.parts]
        self.open: list[tuple[Key, Tag]] = [((), Tag("body"))]
        self.inner: list[tuple[int, Tag]] = []  # open inline elements of the last leaf
        self.paths: dict[int, tuple[list[int], list[int]]] = {}
        self.block = -1  # that was written to last
        self.unseen: int | None = None  # where a formula ends whose text went, if one came last

    def tree(self) -> Tag:
        for piece, parts in list(self._shown()):
            self._put(piece, parts)
        return _settled(self.open[0][1])

    # --- what is kept ---

    def _shown(self) -> Iterator[tuple[Piece, list[tuple[str, int, int]]]]:
        """The pieces that are kept, with what is left of each."""
        pieces, elements = self.outline.pieces, self.outline.elements
        lefts = [self._left(piece) for piece in pieces]
        rows: set[int] = set()
        blocks: set[int] = set()
        for piece, left in zip(pieces, lefts, strict=True):
            if left:
                blocks.add(piece.block)
                rows.update(n for n in self._path(piece.element)[0] if elements[n].tag == "tr")
        for piece, left in zip(pieces, lefts, strict=True):
            tag = elements[piece.element].tag if piece.element >= 0 else ""
            if (
                (tag == "img" and self._shows_place(piece, blocks))
                or (tag == "math" and "tex" in elements[piece.element].attrs
                    and self._shows_formula(piece, blocks))
                or (tag in _CELLS and piece.start == piece.end
                    and elements[piece.element].parent in rows)
                or left
            ):  # fmt: skip
                yield piece, left

    def _left(self, piece: Piece) -> list[tuple[str, int, int]]:
        """What is left of a piece: separators and spans."""
        found: list[tuple[str, int, int]] = []
        if piece.start == piece.end:
            return found
        at = bisect_right(self.ends, piece.start)
        while at < len(self.parts) and self.parts[at][1] < piece.end:
            separator, start, end = self.parts[at]
            separator = separator if start >= piece.start else ""
            found.append((separator, max(start, piece.start), min(end, piece.end)))
            at += 1
        return found

    def _shows_place(self, piece: Piece, blocks: set[int]) -> bool:
        """Whether a place is kept: where its block is, or those before and behind it are."""
        if piece.block >= 0:
            block = self.doc.blocks[piece.block]
            at = min(max(piece.start, block.start), block.end)
            return piece.block in blocks and not any(a < at < b for a, b in self._around(at))
        behind = bisect_left([block.start for block in self.doc.blocks], piece.start)
        near = [at for at in (behind - 1, behind) if 0 <= at < len(self.doc.blocks)]
        return bool(near) and all(at in blocks for at in near)

    def _shows_formula(self, piece: Piece, blocks: set[int]) -> bool:
        """Whether a formula is kept: a browser may not show all that a page says of it."""
        if piece.start == piece.end:
            return self._shows_place(piece, blocks)
        if self._left(piece):
            return True
        # no words went but the formula's, and it stands in, or below, what is shown
        text = self.doc.text
        size = piece.end - piece.start + MAX_SIGNS
        alone = all(
            b - a <= size and not any(map(str.isalnum, text[a : piece.start] + text[piece.end : b]))
            for a, b in self._around(piece.start)
        )
        if not alone or not {piece.block, piece.block - 1} & blocks:
            return False
        blocks.add(piece.block)
        return True

    def _around(self, at: int) -> list[tuple[int, int]]:
        """The cut at a place."""
        found = bisect_right(self.cuts, (at, len(self.doc.text) + 1)) - 1
        return [self.cuts[found]] if found >= 0 and self.cuts[found][1] > at else []

    # --- where it stands ---

    def _path(self, number: int) -> tuple[list[int], list[int]]:
        """The block and the inline elements around an element, with itself, from outside."""
        if number in self.paths:
            return self.paths[number]
        elements, at = self.outline.elements, number
        blocks: list[int] = []
        inline: list[int] = []
        while at >= 0:
            if elements[at].tag in _CONTAINERS:
                blocks.append(at)
            elif elements[at].tag in INLINE:
                inline.append(at)
            at = elements[at].parent
        self.paths[number] = blocks[::-1], inline[::-1]
        return self.paths[number]

    def _blocks(self, piece: Piece) -> list[_Step]:
        """The block elements around a piece as they may nest, with the one that holds its text."""
        numbers, _ = self._path(piece.element)
        head = False
        steps: list[_Step] = []
        for number in numbers:
            name = self.outline.elements[number].tag
            head |= name == "thead"
            if name != "thead" and (name not in _LEAVES or number == numbers[-1]):
                _step(steps, _Step((number,), name, number))
            if len(steps) >= MAX_NESTING:
                break
        if head and steps and steps[-1].name in _CELLS:
            steps[-2] = steps[-2]._replace(head=True)
        if piece.start == piece.end and piece.block < 0 and self._is(piece, _CELLS):
            return steps
        while steps and steps[-1].name in _CHILDREN:
            steps.pop()
        above = steps[-1].key if steps else ()
        if steps and steps[-1].name in LISTS:
            steps.append(_Step(("li", piece.block, above), "li"))
        if not steps or steps[-1].name not in _LEAVES:
            steps.append(_Step(("p", piece.block, above), "p"))
        elif steps[-1].name != "pre":
            steps[-1] = steps[-1]._replace(key=(piece.block, above))
        return steps

    def _is(self, piece: Piece, names: frozenset[str]) -> bool:
        return piece.element >= 0 and self.outline.elements[piece.element].tag in names

    # --- putting it there ---

    def _put(self, piece: Piece, parts: list[tuple[str, int, int]]) -> None:
        goes_on = self._enter(self._blocks(piece))
        leaf = self.open[-1][1]
        if leaf.name in _CELLS:
            return
        if leaf.name == "pre":
            self._put_code(piece, parts, leaf)
        else:
            inside = self._enter_inline(piece, leaf)
            element = self.outline.elements[piece.element] if piece.element >= 0 else None
            if element and element.attrs.get("before") and leaf.children:
                inside.children.append(" ")
            if element and element.tag == "img":
                self._put_image(element.attrs, inside)
            elif element and element.tag == "math" and "tex" in element.attrs:
                self._put_formula(piece, parts, inside, goes_on)
            else:
                self._put_text(parts, inside, goes_on)
            if element and element.attrs.get("behind"):
                inside.children.append(" ")
        self.block = piece.block

    def _enter(self, steps: list[_Step]) -> bool:
        """Open what is around a piece and close all else; tell whether the leaf was open."""
        same = 0
        while (
            same < min(len(steps), len(self.open) - 1) and self.open[same + 1][0] == steps[same].key
        ):
            same += 1
        if same == len(steps) == len(self.open) - 1:
            return True
        del self.open[same + 1 :]
        self.inner.clear()
        for step in steps[same:]:
            above = self.open[-1][1]
            last = above.children[-1] if above.children else None
            if step.again and isinstance(last, Tag) and last.name == step.name:
                self.open.append((step.key, last))
                continue
            tag = Tag(step.name, self._attrs(step))
            above.children.append(tag)
            self.open.append((step.key, tag))
        return False

    def _attrs(self, step: _Step) -> dict[str, str]:
        if step.number < 0:
            return {}
        if step.name == "pre":
            language = self._language(step.number)
            return {"language": language} if language else {}
        found = dict(self.outline.elements[step.number].attrs)
        return found | {"head": "head"} if step.head else found

    def _language(self, number: int) -> str | None:
        """What an element, or one around it, says of the language of code."""
        for at in range(number, min(number + 3, len(self.outline.elements))):
            element = self.outline.elements[at]
            if (at == number or element.tag == "code") and (found := _named(element.attrs)):
                return found
        while (number := self.outline.elements[number].parent) >= 0:
            if found := _named(self.outline.elements[number].attrs):
                return found
        return None

    def _enter_inline(self, piece: Piece, leaf: Tag) -> Tag:
        """Open the inline elements around a piece; give the innermost."""
        elements = self.outline.elements
        wanted: dict[str, int] = {}
        for number in self._path(piece.element)[1]:
            name = elements[number].tag
            if name not in wanted and (name != "a" or self._address(number)):
                wanted[name] = number
        numbers = list(wanted.values())
        same = 0
        while same < min(len(numbers), len(self.inner)) and self.inner[same][0] == numbers[same]:
            same += 1
        del self.inner[same:]
        for number in numbers[same:]:
            above = self.inner[-1][1] if self.inner else leaf
            name = elements[number].tag
            attrs = {"href": self._address(number) or ""} if name == "a" else {}
            last = above.children[-1] if above.children else None
            if isinstance(last, Tag) and last.name == name and last.attrs == attrs != {"href": ""}:
                tag = last
            else:
                tag = Tag(name, attrs)
                above.children.append(tag)
            self.inner.append((number, tag))
        return self.inner[-1][1] if self.inner else leaf

    def _address(self, number: int) -> str | None:
        return address(self.outline.elements[number].attrs.get("href", ""), self.base)

    def _put_text(self, parts: list[tuple[str, int, int]], inside: Tag, goes_on: bool) -> None:
        code = any(tag.name == "code" for _, tag in self.inner)
        for separator, start, end in parts:
            text = self.doc.text[start:end]
            if separator and goes_on and (self.unseen is None or self._is_space(self.unseen)):
                text = separator[:1] + text
            goes_on, self.unseen = True, None
            lines = [text] if code else text.split("\n")
            for at, line in enumerate(lines):
                if at:
                    inside.children.append(Tag("br"))
                if line:
                    inside.children.append(line)

    def _put_code(self, piece: Piece, parts: list[tuple[str, int, int]], leaf: Tag) -> None:
        if leaf.children and self.block != piece.block:
            leaf.children.append("\n")
        for separator, start, end in parts:
            leaf.children.append(
                (separator[:1] if leaf.children else "") + self.doc.text[start:end]
            )

    def _put_image(self, attrs: Mapping[str, str], inside: Tag) -> None:
        source = address(attrs.get("src", ""), self.base, PICTURES)
        sizes = [attrs.get(side, "") for side in ("width", "height")]
        if source and not any(size.isdigit() and int(size) < MIN_IMAGE for size in sizes):
            alt = " ".join((attrs.get("alt") or attrs.get("title") or "").split())
            inside.children.append(Tag("img", {"src": source, "alt": alt}))

    def _put_formula(
        self, piece: Piece, parts: list[tuple[str, int, int]], inside: Tag, goes_on: bool
    ) -> None:
        attrs = self.outline.elements[piece.element].attrs
        tag = Tag("math", {key: attrs[key] for key in ("tex", "display") if key in attrs})
        before = parts[0][0] if parts else self._is_space(piece.start)
        if before and goes_on:
            inside.children.append(" ")
        self.unseen = None if parts else piece.end
        shown = "".join(self.doc.text[start:end] for _, start, end in parts)
        if shown:
            tag.children.append(" ".join(shown.split()))
        inside.children.append(tag)

    def _is_space(self, at: int) -> bool:
        """Whether white space stands at a place, before or behind it."""
        return any(sign.isspace() for sign in self.doc.text[max(0, at - 1) : at + 1])


class _Step(NamedTuple):
    """A block element on the way to a piece; ``key`` tells it from others."""

    key: Key
    name: str
    number: int = -1
    head: bool = False
    again: bool = False  # the last one of its name will do


def _step(steps: list[_Step], step: _Step) -> None:
    """Go on to an element, if that means something there, or around what is missing."""
    while steps and step.name not in _CHILDREN.get(steps[-1].name, (step.name,)):
        steps.pop()
    above = steps[-1] if steps else None
    name = above.name if above else ""
    if step.name in _PARENTS and name not in _PARENTS[step.name]:
        return
    key = above.key if above else ()
    if step.name == "li" and name not in LISTS:
        steps.append(_Step(("ul", key), "ul"))
    elif name in LISTS and step.name != "li":
        steps.append(_Step(("li", key), "li", again=step.name in LISTS))
    steps.append(step)


def _named(attrs: Mapping[str, str]) -> str | None:
    """The language of code that attributes name.

    >>> _named({"class": "highlight language-python"}), _named({"class": "brush: js; toolbar"})
    ('python', 'js')
    """
    for name in ("data-lang", "data-language", "lang"):
        if _WORD_RE.fullmatch(attrs.get(name, "")):
            return attrs[name].lower()
    match = _LANGUAGE_RE.search(attrs.get("class", ""))
    return match[1].lower() if match and match[1].lower() not in _NO_LANGUAGES else None


# --- addresses ------------------------------------------------------------------------


def address(value: str, base: str | None = None, schemes: frozenset[str] = SCHEMES) -> str | None:
    """An address that is safe to follow, absolute where what it stands below is known.

    >>> address("b.html", "https://example.org/a/"), address("java\\tscript:alert(1)")
    ('https://example.org/a/b.html', None)
    """
    value = _IGNORED_RE.sub("", value.strip(_STRIPPED))
    if value in ("", "#"):
        return None
    if base is not None:
        value = _joined(base, value) or ""
    scheme = _SCHEME_RE.match(value)
    if scheme and scheme[1].lower() not in schemes:
        return None
    return value or None


def _joined(base: str, value: str) -> str | None:
    try:
        return urljoin(base, value)
    except ValueError:  # brackets in a host
        return None


# --- tables, and code that is more than a word -------------------------------------------


def _settled(tag: Tag) -> Tag:
    """The tree with tables of layout taken for what stands in them, and code of lines set apart."""
    children: list[Tag | str] = []
    for child in tag.children:
        if isinstance(child, str) or child.name in INLINE:
            children.append(child)
            continue
        child = _settled(child)
        if child.name == "table" and not _is_data(child):
            children.extend(_cells_content(child))
        elif child.name == "p" and _is_code(child):
            children.append(Tag("pre", {}, [child.text()]))
        elif child.name == "p":
            children.extend(_paragraphs(child))
        else:
            children.append(child)
    tag.children = children
    return tag


def _paragraphs(paragraph: Tag) -> Iterator[Tag]:
    """The paragraphs that two line breaks in a row make of one."""
    parts: list[list[Tag | str]] = [[]]
    breaks = 0
    for child in paragraph.children:
        breaks = breaks + 1 if isinstance(child, Tag) and child.name == "br" else 0
        if breaks < 2:
            parts[-1].append(child)
        elif breaks == 2:
            parts[-1].pop()
            parts.append([])
    return (Tag("p", {}, part) for part in parts if part)


def _is_code(paragraph: Tag) -> bool:
    (*more, last) = paragraph.children or [""]
    return not more and isinstance(last, Tag) and last.name == "code" and "\n" in last.text()


def _cells_content(table: Tag) -> Iterator[Tag | str]:
    for child in table.tags():
        for part in (child,) if child.name == "caption" else child.tags():
            yield from part.children


def _is_data(table: Tag) -> bool:
    """Whether a table has rows and columns of data; others only place things on a page."""
    rows = [row for row in table.tags() if row.name == "tr"]
    cells = [cell for row in rows for cell in row.tags()]
    told = any(tag.name in ("caption", "th") for tag in [*table.tags(), *cells])
    if table.attrs.get("role") in ("presentation", "none") or (len(rows) < 2 and not told):
        return False
    if max((len(row.children) for row in rows), default=0) < 2:
        return False
    return not any(
        len(cell.children) > MAX_CELL_BLOCKS
        or any(tag.name in ("table", "pre", "blockquote", *HEADINGS) for tag in cell.tags())
        or len(cell.text()) > MAX_CELL
        for cell in cells
    )


def rows_as_text(table: Tag) -> list[Tag | str]:
    """A table as paragraphs: its caption, and a line for each row with tabs between cells."""
    found: list[Tag | str] = []
    for child in table.tags():
        cells = [flow(cell) for cell in child.tags()] if child.name == "tr" else [flow(child)]
        line: list[Tag | str] = []
        for at, cell in enumerate(cells):
            line += ["\t", *cell] if at else cell
        found.append(Tag("p", {}, line))
    return found


def grid(rows: list[Tag], written: Callable[[Tag], str]) -> list[list[str]]:
    """The cells of a table in their columns; what wide and high ones cover besides is empty.

    >>> cells = [Tag("td", {"rowspan": "2"}, ["a"]), Tag("td", {}, ["b"])]
    >>> grid([Tag("tr", {}, cells), Tag("tr", {}, [Tag("td", {}, ["c"])])], Tag.text)
    [['a', 'b'], ['', 'c']]
    """
    lines: list[list[str]] = []
    taken: dict[int, int] = {}  # rows that cells above still cover, by column
    spare = MIN_SPARE + 10 * sum(len(row.children) for row in rows)
    for row in rows:
        line: list[str] = []
        for cell in row.tags():
            while taken.get(len(line)):
                line.append("")
            wide = number_of(cell, "colspan", 1, 1, MAX_SPAN)
            high = number_of(cell, "rowspan", 1, 1, len(rows))
            spare -= wide * high - 1
            if spare < 0:
                wide = high = 1
            taken.update(dict.fromkeys(range(len(line), len(line) + wide), high))
            line += [written(cell)] + [""] * (wide - 1)
        while taken.get(len(line)):
            line.append("")
        taken = {column: high - 1 for column, high in taken.items() if high > 1}
        lines.append(line)
    return lines


def unwrapped(unit: Tag) -> list[Tag | str]:
    """What stands in an item or a cell; its text alone where it has but one paragraph.

    >>> unwrapped(Tag("li", {}, [Tag("p", {}, ["a"]), Tag("ul")]))
    ['a', Tag(name='ul', attrs={}, children=[])]
    """
    tags = list(unit.tags())
    if tags and tags[0].name == "p" and all(tag.name in LISTS for tag in tags[1:]):
        return [*tags[0].children, *tags[1:]]
    return list(unit.children)


def flow(tag: Tag) -> list[Tag | str]:
    """What stands in an element's blocks as one run of text, with line breaks between them.

    >>> flow(Tag("td", {}, [Tag("p", {}, ["a"]), Tag("ul", {}, [Tag("li", {}, ["b"])])]))
    ['a', Tag(name='br', attrs={}, children=[]), 'b']
    """
    if not any(child.name not in INLINE and child.name not in SIGNS for child in tag.tags()):
        return list(tag.children)
    found: list[Tag | str] = []
    for child in tag.tags():
        inside = flow(child)
        found += [Tag("br"), *inside] if found and inside else inside
    return found
