"""HTML to :class:`Document`: every visible character once, in order, none glued or split.

Inline elements never break a word; block elements and ``<br>`` always do. White space
collapses as in a browser, except in ``<pre>`` and code. Scripts, styles, templates and
comments never come out. Hidden elements and ``<noscript>`` are read and flagged.

lexbor (selectolax) parses as the HTML standard asks, several times faster than libxml2.
One walk over its tree, without a stack, collects texts, elements and inline marks; lxml
elements and soups are written out and parsed again, so that all sources take one way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from declutter.lexicon import fold
from declutter.model import Block, Document, Mark, Node, Outline
from declutter.readers.shallow import eased
from declutter.scoring import zones
from declutter.selection import Selector, chosen

# no visible text of their own, or none that a reader would call the page's
_SILENT = frozenset(
    "script style template svg iframe audio video canvas link base noembed noframes annotation "
    "annotation-xml selectedcontent title meta -comment".split()
)
# everything else stands within the line, as browsers do with elements they do not know
_BLOCKS = frozenset(
    "address article aside blockquote body head button caption center colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hgroup html legend li listing main menu nav noscript object applet ol optgroup "
    "option p plaintext pre search section select summary table tbody td textarea tfoot th "
    "thead tr ul xmp".split()
)
_LEAVES = frozenset(("col", "hr", "input"))  # they end a run and hold nothing
_SIGNS = _LEAVES | {"br", "img"}
# shown where something else is not: scripts, a plug-in
_FALLBACKS = frozenset(("noscript", "object", "applet"))
_RUBY = frozenset(("rt", "rp"))  # a reading beside the characters, not in the line
_KINDS = {"li": "item", "dt": "item", "dd": "item", "option": "item"}
_KINDS.update(dict.fromkeys(("pre", "xmp", "listing", "plaintext"), "pre"))
_KINDS.update(tr="row", td="row", th="row")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_KINDS.update(dict.fromkeys(_HEADINGS, "heading"))
_CLOSED = frozenset(("details", "dialog"))  # unless they say open
_DISCLOSED = _CLOSED | {"summary"}
_STATEFUL = frozenset(_KINDS) | _FALLBACKS
_HIDING = frozenset(("hidden", "aria-hidden", "style"))
_CELLS = frozenset(("td", "th"))
_MARKS = {"a": "link", "b": "strong", "strong": "strong", "i": "em", "em": "em"}
_MARKS.update(dict.fromkeys(("code", "kbd", "samp", "tt"), "code"))
_INHERITED = frozenset(("heading", "item", "pre"))
_TIGHT = ("item", "row")  # a line break between two of them, a blank line between others
_SCHEMA_TYPE_RE = re.compile(
    rb'(?<=")@type"\s{0,9}:\s{0,9}\[?\s{0,9}"(?:https?://schema.org/)?(\w{1,40})"'
)
_ITEM_TYPE_RE = re.compile(rb'itemtype="https?://schema.org/(\w{1,40})')
_OG_TYPE_RE = re.compile(rb'og:type["\']?\s{1,9}content=["\']?([\w.]{1,40})')
_TYPE_OG_RE = re.compile(rb'content=["\']?([\w.]{1,40})["\']?\s{1,9}property=["\']?og:type')
_TABLE_PART_RE = re.compile(rb"\s*<t(?:r|d|h|body|head|foot)[\s>]", re.IGNORECASE)
_UNSEEN_RE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BOXED_RE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
_TEMPLATE_RE = re.compile(rb"<(/?)template\b([^>]{0,999}>)", re.IGNORECASE)
MIN_LAYOUT_BREAKS = 4  # in the cells of a row, and the most characters there of a table of data
MAX_CELLS = 1000
_SPACE_RE = re.compile(r"\s+")
_TITLE_SEPARATOR_RE = re.compile(r"\s+[|\-–—·•»:]+\s+|\s*[|»]\s*")
_SURROGATES_RE = re.compile(r"[\ud800-\udfff]")
_TWICE = frozenset(("katex-mathml", "katex-html"))  # one formula, for two kinds of readers
_VEILS = frozenset(("code", "hidden"))
_SHOWN = frozenset(_MARKS.values()) | _VEILS
_PICK = "pick"  # what a selector of the caller's rules chooses


# NUL, the signs that runs are written with, and a byte order mark within characters
_UNWANTED = (b"\0", b"\x01", b"\x02", "\ufeff".encode())


def read(
    text: str, tick: Callable[[], None] = lambda: None, selectors: Sequence[Selector] = ()
) -> Document:
    """Read a page given as characters; ``tick`` is called now and then and may raise.

    What ``selectors`` choose is in :attr:`Document.picks`.

    >>> read("<p>One <b>wo</b>rd</p><ul><li>a<li>b</ul>").text
    'One word\\n\\na\\nb'
    """
    warnings: tuple[str, ...] = ()
    data = _encoded(text)
    for sign in _UNWANTED:  # looking for them in characters of two bytes would take long
        if sign in data:
            data = data.replace(sign, b"")
    if b"shadowrootmode" in data:
        data = _with_shadow_roots(data)
    light = eased(data)
    if light is not data:
        data = light
        warnings = ("the page nests too deeply: read with its innermost structure flattened",)
    tick()
    tree = parsed(data)
    doc = Reader(tree, tick, chosen(tree, selectors, tick) if selectors else {}).document()
    return replace(doc, warnings=warnings, kinds=_page_kinds(data), layout=Layout(data))


@dataclass(frozen=True, slots=True)
class Layout:
    """A page as it was parsed, kept to be read again when its elements are asked for."""

    data: bytes = field(repr=False)

    def outline(self, doc: Document) -> Outline:
        """The elements of the page, and where they stand in its document."""
        from declutter.readers.outline import outline

        return outline(self.data, doc)


def _page_kinds(data: bytes) -> frozenset[str]:
    """What a page declares itself to be, in schema.org's words and OpenGraph's, lower-cased.

    >>> sorted(_page_kinds(b'<meta property="og:type" content="article">{"@type": "FAQPage"}'))
    ['faqpage', 'og:article']
    """
    found = {*_kinds_at(_SCHEMA_TYPE_RE, b"@", data)}
    found.update(_kinds_at(_ITEM_TYPE_RE, b"itemtype=", data))
    at = data.find(b"og:type")
    while at >= 0:
        match = _OG_TYPE_RE.match(data, at) or _TYPE_OG_RE.search(data, max(0, at - 80), at + 7)
        if match:
            found.add(f"og:{match[1].decode().lower()}")
            break
        at = data.find(b"og:type", at + 7)
    return frozenset(found)


def _kinds_at(pattern: re.Pattern[bytes], literal: bytes, data: bytes) -> Iterator[str]:
    """The kinds that a pattern finds.

    Looking for how it begins is many times faster, more so by a single rare byte.
    """
    at = data.find(literal)
    while at >= 0:
        if match := pattern.match(data, at):
            yield match[1].decode().lower()
        at = data.find(literal, at + len(literal))


def written(root: Any) -> str:
    """The markup of an lxml element with all that stands beside it at the top."""
    from lxml import etree

    return "".join(
        etree.tostring(top, encoding="unicode", method="html", with_tail=False)
        for top in _roots(root)
    )


def _roots(root: Any) -> Iterator[Any]:
    """The element, or, where it is the top, its siblings too: libxml2 can make several."""
    if root.getparent() is not None:
        yield root
        return
    first = root
    while first.getprevious() is not None:
        first = first.getprevious()
    while first is not None:
        if isinstance(first.tag, str):
            yield first
        first = first.getnext()


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES_RE.sub("�", text).encode()


def _with_shadow_roots(data: bytes) -> bytes:
    """Templates that browsers show in place of their element, as plain elements.

    >>> _with_shadow_roots(b"<x-a><template shadowrootmode=open>b</template></x-a>")
    b'<x-a><div shadowrootmode=open>b</div></x-a>'
    """
    shown: list[bool] = []  # of the templates that are open

    def rewrite(tag: re.Match[bytes]) -> bytes:
        if not tag[1]:
            shown.append(b"shadowrootmode" in tag[2])
            return b"<div" + tag[2] if shown[-1] else tag[0]
        return b"</div" + tag[2] if shown and shown.pop() else tag[0]

    return _TEMPLATE_RE.sub(rewrite, data)


def parsed(data: bytes) -> LexborHTMLParser:
    """The tree of a page."""
    if _TABLE_PART_RE.match(data):  # alone, its tags would be dropped and its cells glued
        data = b"<table>" + data
    return LexborHTMLParser(data)


# --- the walk -------------------------------------------------------------------------

BREAK, NEXT_CELL = "\x01", "\x02"  # parts that stand for a line break and a cell's start


class _State(NamedTuple):
    """What a block element hands down to those inside it."""

    kind: str = "paragraph"
    level: int = 0
    hidden: bool = False
    noscript: bool = False


_OUTSIDE = _State()
Attributes = dict[str, str | None]


# where the children of an element stand: the number of the block element around them, what it
# hands down, whether they are linked, the innermost owner (-1: none). An element that says
# nothing shares its parent's; plain tuples, for a page has a thousand of them
Place = tuple[int, _State, bool, int]


class _Owner(NamedTuple):
    """An inline element that says something of its text."""

    kind: str
    value: str
    parent: int
    run: int  # in which it begins


class _Run:
    """Inline content between two block tags: a block, if it has any text."""

    __slots__ = ("broken", "first", "images", "link_chars", "links", "node", "state")

    def __init__(self, first: int, place: Place) -> None:
        self.first = first  # of its parts
        self.node, self.state, _, _ = place
        self.links = self.link_chars = self.images = 0
        self.broken = False  # into lines or cells


class _Inner:
    """The inline content of a page: texts and signs, by runs."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.part_owners: list[int] = []
        self.runs: list[_Run] = []
        self.owners: list[_Owner] = []

    def span(self, number: int) -> slice:
        """Where the parts of a run stand among all."""
        stop = self.runs[number + 1].first if number + 1 < len(self.runs) else len(self.parts)
        return slice(self.runs[number].first, stop)


# a named tuple by its class's own function takes three times as long
_named: Any = tuple.__new__


class Reader:
    """Makes a document of a tree in one walk.

    An element's place is looked up by its address, so that no end tags are needed: a run
    ends where the next content has another block element around it.
    """

    telling = frozenset(("title", "meta"))

    def __init__(
        self, tree: LexborHTMLParser, tick: Callable[[], None], picked: Mapping[int, Sequence[str]]
    ) -> None:
        self.tree = tree
        self.tick = tick
        self.picked = picked  # rules that choose an element, by its address
        self.nodes: list[Node] = []
        self.around: dict[int, _State] = {}  # what was handed down to elements with a summary
        self.words_of: dict[tuple[str | None, ...], tuple[str, ...]] = {}  # by attributes
        self.inner = _Inner()
        self.parts, self.part_owners = self.inner.parts, self.inner.part_owners
        self.runs, self.owners = self.inner.runs, self.inner.owners
        self.node = -2  # the block element around the last run; -2 once that has ended
        self.shared: dict[int, int] = {}  # inline elements with a number: the block around them
        self.cells: dict[int, int] = {}  # the last cell of each row, by the row's address
        self.special: set[int] = set()  # runs that hold code or words that are not shown
        self.veiled: set[int] = set()  # owners that are, or stand in, code or what is not shown
        self.formulas = 0  # that were read as MathML, and are to come as KaTeX shows them
        self.titles: dict[str, str] = {}  # unescaped once, which is often not enough

    def document(self) -> Document:
        """The document of the tree, with what is worked out later."""
        self._walk()
        self.tick()
        html = self.tree.css_first("html")
        blocks, text, starts = self._blocks()
        self.tick()
        inline = Inline(self.inner, starts)
        return Document(
            text=text,
            kind="html",
            blocks=tuple(blocks),
            nodes=tuple(self.nodes),
            veils=inline.marks(self.special) if self.special else (),
            title=self._title(text, blocks),
            description=_squeeze(unescape(self.titles.get("description", ""))),
            language=(html.attributes.get("lang") if html else None) or None,
            picks=inline.picks() if self.picked else (),
            inline=inline,
        )

    def _walk(self) -> None:
        outside: Place = (-1, _OUTSIDE, False, -1)
        places: dict[int, Place | None] = {}
        picked = self.picked
        root: Any = self.tree.root  # lexbor makes one of anything, even of nothing
        for node in root.traverse(include_text=True):
            parent, tag = node.parent.mem_id, node.tag
            place = places.get(parent, outside)
            if place is None:  # in an element that is skipped
                places[node.mem_id] = None
            elif tag == "-text":
                text = node.text_content
                # white space alone would only stand before or behind a run
                if (
                    place[0] == self.node
                    or not text.isspace()
                    or place[1].kind == "pre"
                    or (self.shared and self._goes_on(place[0]))
                ):
                    self._text(text, place)
            elif tag in _BLOCKS:
                places[node.mem_id] = self._block(tag, node.attributes, place, parent)
            elif tag in _SILENT:
                places[node.mem_id] = None
                if tag in self.telling:
                    self._told(tag, node, place)
            else:
                places[node.mem_id] = self._inline(tag, node.attributes, place)
            if picked and node.mem_id in picked and (place := places.get(node.mem_id)):
                places[node.mem_id] = self._pick(picked[node.mem_id], place)

    def _text(self, text: str, place: Place) -> None:
        number, _, linked, owner = place
        run = self.runs[-1] if number == self.node else self._run(place)
        self.parts.append(text)
        self.part_owners.append(owner)
        if linked and not text.isspace():
            run.link_chars += len(" ".join(text.split()) if "\n" in text else text)
        if owner in self.veiled:
            self.special.add(len(self.runs) - 1)

    def _run(self, place: Place) -> _Run:
        """The run that content at a place belongs to."""
        if place[0] != self.node:
            if self.shared and self._goes_on(place[0]):
                self.runs[-1].node = self._around(self.runs[-1].node, place[0])
            else:
                self.runs.append(_Run(len(self.parts), place))
            self.node = place[0]
        return self.runs[-1]

    def _goes_on(self, number: int) -> bool:
        """Whether the last run goes on in an element: inline ones share that of their block."""
        node = self.node
        return self.shared.get(node, node) == self.shared.get(number, number)

    def _around(self, one: int, other: int) -> int:
        """The innermost element around two."""
        while one != other:  # parents have lower numbers
            if one > other:
                one = self.nodes[one].parent
            else:
                other = self.nodes[other].parent
        return one

    # --- elements ---

    def _block(self, tag: str, attrs: Attributes, place: Place, row: int) -> Place:
        parent, state, linked, owner = place
        words: tuple[str, ...] = ()
        hidden = False
        if attrs:
            words = self._words(attrs)
            hidden = not _HIDING.isdisjoint(attrs) and _is_hidden(attrs)
        if tag in _DISCLOSED:
            state = self._disclosed(tag, attrs, place, hidden)
        elif hidden or tag in _STATEFUL or state.kind == "row":
            state = _state(tag, state, hidden)
        number = len(self.nodes)
        self.nodes.append(_named(Node, (tag, words, parent)))
        inside = (number, state, linked, owner)
        if tag in _CELLS:
            self._cell(inside, row)
        else:
            self.node = -2
        return inside

    def _disclosed(self, tag: str, attrs: Attributes, place: Place, hidden: bool) -> _State:
        number, above, _, _ = place
        if tag == "details":
            self.around[len(self.nodes)] = above
        elif tag == "summary":
            above = self.around.get(number, above)  # shown though the details are closed
        return _state(tag, above, hidden or (tag in _CLOSED and "open" not in attrs))

    def _cell(self, inside: Place, row: int) -> None:
        """Begin a cell; the run goes on where it is in a cell of data before it."""
        joined = self.shared.get(self.node, self.node) == self.cells.get(row, -1)
        if joined and not self._is_layout():
            self._part(NEXT_CELL, inside)
            run = self.runs[-1]
            self.node = run.node = inside[0]
            run.state = inside[1]
        else:
            self.node = -2
        self.cells[row] = inside[0]

    def _is_layout(self) -> bool:
        """Whether the last run is too long, or has too many lines, for cells of data."""
        parts = self.parts[self.runs[-1].first :]
        return parts.count(BREAK) >= MIN_LAYOUT_BREAKS or sum(map(len, parts)) > MAX_CELLS

    def _words(self, attrs: Attributes) -> tuple[str, ...]:
        named = (attrs.get("class"), attrs.get("id"), attrs.get("role"))
        words = self.words_of.get(named)
        if words is None:
            words = tuple(" ".join([value for value in named if value]).lower().split())
            self.words_of[named] = words
        return words

    def _inline(self, tag: str, attrs: Attributes, place: Place) -> Place | None:
        if tag in _SIGNS:
            self._sign(tag, place)
            return place
        if attrs and attrs.get("class") in _TWICE:
            twice = attrs["class"] == "katex-html" and self.formulas > 0
            self.formulas += -1 if twice else attrs["class"] == "katex-mathml"
            if twice:
                return None
        if attrs and "style" in attrs and _BOXED_RE.search(attrs["style"] or ""):
            place = self._block(tag, attrs, place, 0)
        elif tag and "-" in tag and _is_zone(tag):
            place = self._custom(tag, attrs, place)
        kind = _MARKS.get(tag)
        unseen = tag in _RUBY or (attrs and not _HIDING.isdisjoint(attrs) and _is_unseen(attrs))
        if kind is None and not unseen:
            return place
        run = self._run(place)
        number, state, linked, owner = place
        if tag == "a":
            run.links += 1
            linked = True
        if kind is not None:
            owner = self._own(kind, (attrs.get("href") or "") if tag == "a" else "", owner)
        if unseen:
            owner = self._own("hidden", "", owner)
        return number, state, linked, owner

    def _custom(self, tag: str, attrs: Attributes, place: Place) -> Place:
        """Number an element that stands in the line but may hold blocks, and says what for."""
        number = len(self.nodes)
        self.nodes.append(_named(Node, (tag, self._words(attrs), place[0])))
        self.shared[number] = self.shared.get(place[0], place[0])
        return number, *place[1:]

    def _sign(self, tag: str, place: Place) -> None:
        """Take note of an element that holds nothing."""
        if tag in _LEAVES:
            self.node = -2
        elif tag == "br":
            self._run(place)
            self._part(BREAK, place)
        else:
            self._run(place).images += 1

    def _own(self, kind: str, value: str, parent: int) -> int:
        owner = len(self.owners)
        if kind in _VEILS or parent in self.veiled:
            self.veiled.add(owner)
        self.owners.append(_named(_Owner, (kind, value, parent, len(self.runs) - 1)))
        return owner

    def _pick(self, rules: Iterable[str], place: Place) -> Place:
        """The place in an element that rules choose, but for those that chose one around it."""
        number, state, linked, inner = place
        around = set()
        while inner >= 0:
            around.add((self.owners[inner].kind, self.owners[inner].value))
            inner = self.owners[inner].parent
        owner = place[3]
        for rule in rules:
            if (_PICK, rule) not in around:
                owner = self._own(_PICK, rule, owner)
        return number, state, linked, owner

    def _part(self, sign: str, place: Place) -> None:
        """Put a line break or a cell's start into the last run."""
        self.parts.append(sign)
        self.part_owners.append(place[3])
        self.runs[-1].broken = True

    def _told(self, tag: str, node: LexborNode, place: Place) -> None:
        """Take note of an element whose text is not shown."""
        if tag == "title":
            self.titles.setdefault("title", node.text())
        elif tag == "meta":
            attrs = node.attributes
            head = " ".join([f"{name}={value}" for name, value in attrs.items()])
            for name in ("og:title", "description"):
                if name in head:
                    self.titles.setdefault(name, attrs.get("content") or "")

    # --- text ---

    def _blocks(self) -> tuple[list[Block], str, dict[int, int]]:
        """The blocks, their joined text, and where each run that has any begins in it."""
        blocks: list[Block] = []
        out: list[str] = []
        starts: dict[int, int] = {}
        length, last = 0, ""
        stops = [*(run.first for run in self.runs), len(self.parts)][1:]
        for number, (run, stop) in enumerate(zip(self.runs, stops, strict=True)):
            text = self._text_of(number, run, stop)
            if not text:
                continue
            kind, level, hidden, noscript = run.state
            if out:
                separator = "\n" if kind == last and kind in _TIGHT else "\n\n"
                out.append(separator)
                length += len(separator)
            out.append(text)
            starts[number] = length
            end = length + len(text)
            place = (length, end, run.node, min(run.link_chars, len(text)), run.links, run.images)
            blocks.append(_named(Block, (*place, kind, level, hidden, noscript)))
            length, last = end, kind
        return blocks, "".join(out), starts

    def _text_of(self, number: int, run: _Run, stop: int) -> str:
        if number in self.special:
            return placed(self.inner, number)[0]
        raw = "".join(self.parts[run.first : stop])
        pre = run.state.kind == "pre"
        return _tidy(raw, pre) if pre or run.broken else " ".join(raw.split())

    def _title(self, text: str, blocks: list[Block]) -> str | None:
        titles = {name: _squeeze(unescape(value)) for name, value in self.titles.items()}
        headings = [text[b.start : b.end] for b in blocks if b.level == 1]
        return pick_title(headings, titles.get("og:title", ""), titles.get("title", ""))


@lru_cache(maxsize=4096)
def _is_zone(tag: str) -> bool:
    """Whether the name of a custom element says what it is for."""
    return zones.zone(Node(tag, (), -1)) is not None


@lru_cache(maxsize=4096)  # a page has few, and asks for them at every item
def _state(tag: str, above: _State, hidden: bool) -> _State:
    """What an element hands down, given what it was handed."""
    kind, level = above.kind, above.level
    if tag in _KINDS:
        kind, level = _KINDS[tag], int(tag[1]) if tag in _HEADINGS else 0
    elif kind not in _INHERITED:
        kind = "paragraph"
    return _State(kind, level, hidden or above.hidden, above.noscript or tag in _FALLBACKS)


def _is_hidden(attrs: Attributes) -> bool:
    return (attrs.get("aria-hidden") or "").lower() == "true" or _is_unseen(attrs)


def _is_unseen(attrs: Attributes) -> bool:
    style = attrs.get("style")
    return "hidden" in attrs or bool(style and _UNSEEN_RE.search(style))


def _tidy(raw: str, pre: bool) -> str:
    """The text of a run: white space collapsed but for line breaks and cells; pre as it is."""
    if pre:
        return raw.replace(BREAK, "\n").replace(NEXT_CELL, "\t").lstrip("\r\n").rstrip()
    cells = (
        "\n".join([" ".join(line.split()) for line in cell.split(BREAK)])
        for cell in raw.split(NEXT_CELL)
    )
    return "\t".join(cells).strip()


def _squeeze(text: str) -> str:
    return " ".join(text.split())


# --- inline marks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inline:
    """The runs of a page, kept to say where links, emphasis and code stand when asked."""

    inner: _Inner
    starts: dict[int, int]  # where the text of a run begins in the document's

    def marks(self, runs: Iterable[int] | None = None) -> tuple[Mark, ...]:
        """All inline marks, outer ones first; or, of some runs, the veils.

        Veils are code and words that are not shown.
        """
        if runs is None:
            return self._marks(self.starts, _SHOWN)
        return self._marks(self.starts.keys() & runs, _VEILS)

    def picks(self) -> tuple[Mark, ...]:
        """What selectors choose, run by run."""
        return self._marks(self.starts, frozenset((_PICK,)))

    def _marks(self, runs: Iterable[int], kinds: frozenset[str]) -> tuple[Mark, ...]:
        found = [span for number in runs for span in self._spans(number, kinds)]
        found.sort()
        owners = self.inner.owners
        return tuple(
            Mark(start, -end, owners[owner].kind, owners[owner].value)
            for start, end, owner in found
        )

    def _spans(self, number: int, kinds: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """Start, negative end and element of each mark in a run."""
        owners = self.inner.owners
        parts: dict[int, tuple[int, int]] = {}  # the first and the end of those in an element
        for at, owner in enumerate(self.inner.part_owners[self.inner.span(number)]):
            while owner >= 0:
                if owners[owner].kind in kinds:
                    parts[owner] = (parts.get(owner, (at,))[0], at + 1)
                owner = owners[owner].parent
        if not parts:
            return
        text, offsets = placed(self.inner, number)
        for owner, (first, stop) in parts.items():
            left, right = offsets[first], min(offsets[stop], len(text))
            if left < right:
                yield self.starts[number] + left, -self.starts[number] - right, owner


def placed(inner: _Inner, number: int) -> tuple[str, list[int]]:
    """The text of a run, and where in it each of its parts begins and the last one ends."""
    pre, owners = inner.runs[number].state.kind == "pre", inner.owners
    span = inner.span(number)
    out: list[str] = []
    offsets: list[int] = []
    size, last = 0, ""
    for part, owner in zip(inner.parts[span], inner.part_owners[span], strict=True):
        offsets.append(size)
        if part in (BREAK, NEXT_CELL):
            if last:
                size -= len(out[-1]) - len(out[-1].rstrip(" "))
                out[-1] = out[-1].rstrip(" ")
                at = len(offsets) - 1
                while offsets[at] > size:
                    offsets[at], at = size, at - 1
                last = "\n" if part == BREAK else "\t"
                out.append(last)
                size += 1
            continue
        text = _spaced(part, last, _is_verbatim(owner, number, owners), pre)
        if text:
            out.append(text)
            size, last = size + len(text), text[-1]
    offsets.append(size)
    raw = "".join(out)
    lead = len(raw) - len(raw.lstrip("\r\n" if pre else None))
    return raw[lead:].rstrip(), [max(0, offset - lead) for offset in offsets]


def _is_verbatim(owner: int, run: int, owners: list[_Owner]) -> bool:
    """Tell whether a part stands in code that begins in its run."""
    while owner >= 0:
        if owners[owner].kind == "code" and owners[owner].run == run:
            return True
        owner = owners[owner].parent
    return False


def _spaced(text: str, last: str, verbatim: bool, pre: bool) -> str:
    """The text of a part behind the sign ``last``, with white space collapsed as it asks."""
    if pre or (verbatim and not last and "\n" in text.strip()):
        return text if last else text.lstrip("\r\n")
    text = text.replace("\n", " ") if verbatim else _SPACE_RE.sub(" ", text)
    return text.lstrip(" ") if last in ("", " ", "\n", "\t") else text


def pick_title(headings: list[str], site_title: str, title: str) -> str | None:
    """The headline: the h1 that the page's own titles repeat, else these without the site.

    >>> pick_title(["Menu", "Bridge reopens"], "", "Bridge reopens | Harbour Gazette")
    'Bridge reopens'
    >>> pick_title([], "", "Bridge reopens after repairs - Harbour Gazette")
    'Bridge reopens after repairs'
    """
    titles = fold(f"{title}\n{site_title}")
    for heading in headings:
        if len(heading) > 3 and fold(heading) in titles:
            return heading
    if site_title:
        return site_title
    if title:
        return max(_TITLE_SEPARATOR_RE.split(title), key=len).strip() or title
    return headings[0] if headings else None
