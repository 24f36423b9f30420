"""HTML to :class:`Document`: every visible character once, in order, none glued or split.

Inline elements never break a word; block elements and ``<br>`` always do. White space
collapses as in a browser, except in ``<pre>`` and code. Scripts, styles, templates and
comments never come out. Hidden elements and ``<noscript>`` are read and flagged.

lexbor (selectolax) parses as the HTML standard asks, several times faster than libxml2.
Its tree is written out as canonical markup and cut into tokens by one regular
expression, so that pages, lxml elements and soups all take one way, and a page costs a
few passes in C instead of a walk in Python.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import chain
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from declutter.lexicon import fold
from declutter.model import Block, Document, Mark, Node
from declutter.readers.shallow import flatten_deep, is_lopsided

# no visible text of their own, or none that a reader would call the page's
_SKIPPED = (
    "script style template svg iframe audio video canvas link base noembed noframes annotation "
    "annotation-xml".split()
)
# everything else stands within the line, as browsers do with elements they do not know
_BLOCKS = frozenset(
    "address article aside blockquote body head button caption center col colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hgroup hr html input legend li listing main menu nav noscript object applet ol optgroup "
    "option p plaintext pre search section select summary table tbody td textarea tfoot th "
    "thead tr ul xmp".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# shown where something else is not: scripts, a plug-in
_FALLBACKS = frozenset(("noscript", "object", "applet"))
_RUBY = frozenset(("rt", "rp"))  # a reading beside the characters, not in the line
_KINDS = {"li": "item", "dt": "item", "dd": "item", "option": "item"}
_KINDS.update(dict.fromkeys(("pre", "xmp", "listing", "plaintext"), "pre"))
_KINDS.update(tr="row", td="row", th="row")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_KINDS.update(dict.fromkeys(_HEADINGS, "heading"))
_CELLS = frozenset(("td", "th"))
_MARKS = {"a": "link", "b": "strong", "strong": "strong", "i": "em", "em": "em"}
_MARKS.update(dict.fromkeys(("code", "kbd", "samp", "tt"), "code"))
_VERBATIM = frozenset(("code", "kbd", "samp", "tt"))
_INHERITED = frozenset(("heading", "item", "pre"))
_TIGHT = ("item", "row")  # a line break between two of them, a blank line between others
_SCHEMA_RE = re.compile(
    rb'"@type"\s{0,9}:\s{0,9}\[?\s{0,9}"(?:https?://schema.org/)?(\w{1,40})"|'
    rb'itemtype="https?://schema.org/(\w{1,40})'
)
_OG_TYPE_RE = re.compile(
    rb'og:type["\']?\s{1,9}content=["\']?([\w.]{1,40})|'
    rb'content=["\']?([\w.]{1,40})["\']?\s{1,9}property=["\']?og:type'
)
_TABLE_PART_RE = re.compile(rb"\s*<t(?:r|d|h|body|head|foot)[\s>]", re.IGNORECASE)
# elements that the standard writes out without escaping their text
_RAW_RE = re.compile(r"<(xmp|plaintext)([^>]*)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_NAMES_RE = re.compile(r'\s(class|id|role)="([^"]*)"')
_HIDDEN_RE = re.compile(
    r'\shidden(?:[=\s]|$)|\saria-hidden="true"|\sstyle="[^"]*(?:display\s*:\s*none|'
    r"visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
_UNSEEN_RE = re.compile(
    r'\shidden(?:[=\s]|$)|\sstyle="[^"]*(?:display\s*:\s*none|visibility\s*:\s*hidden)',
    re.IGNORECASE,
)
_SPACE_RE = re.compile(r"\s+")
_TITLE_SEPARATOR_RE = re.compile(r"\s+[|\-–—·•»:]+\s+|\s*[|»]\s*")
_SURROGATES_RE = re.compile(r"[\ud800-\udfff]")
_OPEN_RE = re.compile(r"\sopen(?:[=\s]|$)")
_VEILS = frozenset(("code", "hidden"))


def read(text: str, tick: Callable[[], None] = lambda: None) -> Document:
    """Read a page given as characters; ``tick`` is called now and then and may raise.

    >>> read("<p>One <b>wo</b>rd</p><ul><li>a<li>b</ul>").text
    'One word\\n\\na\\nb'
    """
    warnings: tuple[str, ...] = ()
    if "\0" in text:
        text = text.replace("\0", "")
    data = _encoded(text)
    if is_lopsided(data):
        data = flatten_deep(data.decode()).encode()
        warnings = ("the page nests too deeply: read with its innermost structure flattened",)
    tick()
    doc = _Reader(_markup(data), tick).document()
    return replace(doc, warnings=warnings, kinds=_page_kinds(data))


def _page_kinds(data: bytes) -> frozenset[str]:
    """What a page declares itself to be, in schema.org's words and OpenGraph's, lower-cased.

    >>> sorted(_page_kinds(b'<meta property="og:type" content="article">{"@type": "FAQPage"}'))
    ['faqpage', 'og:article']
    """
    found = {(one or other).decode().lower() for one, other in _SCHEMA_RE.findall(data)}
    match = _OG_TYPE_RE.search(data)
    kind = match[1] or match[2] if match else b""
    return frozenset(found | ({f"og:{kind.decode('utf-8', 'replace').lower()}"} if kind else set()))


def read_tree(root: Any, tick: Callable[[], None] = lambda: None) -> Document:
    """Read an lxml element with all that stands beside it at the top, leaving it unchanged."""
    from lxml import etree

    return read(
        "".join(
            etree.tostring(top, encoding="unicode", method="html", with_tail=False)
            for top in _roots(root)
        ),
        tick,
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


def _markup(data: bytes) -> str:
    """The page as canonical markup: every element closed, every sign in a text escaped."""
    if _TABLE_PART_RE.match(data):  # alone, its tags would be dropped and its cells glued
        data = b"<table>" + data
    tree = LexborHTMLParser(data)
    tree.strip_tags(_SKIPPED, recursive=True)
    markup: str = tree.html or ""
    if "<!--" in markup:
        first, *rest = markup.split("<!--")
        markup = first + "".join([piece.partition("-->")[2] for piece in rest])
    if "<xmp" in markup or "<plaintext" in markup:
        markup = _RAW_RE.sub(lambda m: f"<{m[1]}{m[2]}>{escape(m[3], False)}</{m[1]}>", markup)
    return markup


# --- tokens ---------------------------------------------------------------------------

# what a tag asks for; an end tag's code is one above its start tag's
_INLINE, _INLINE_END, _MARK, _MARK_END, _LINK, _LINK_END, _SPECIAL, _SPECIAL_END = range(8)
_BREAK, _IMAGE, _META, _TITLE, _TITLE_END = range(8, 13)
_LEAF, _BLOCK, _BLOCK_END, _CELL, _CELL_END = range(13, 18)  # these end a run of inline content
# what is put before a token's text
_SIGNS = ["\0" if code >= _LEAF else "\x01" if code == _BREAK else "" for code in range(18)]
_NEXT_CELL = "\x02"


class _Codes(dict[str, int]):
    """The code of a tag by what stands between its brackets (``/`` begins end tags)."""

    def __missing__(self, head: str) -> int:
        name = head.partition(" ")[0]
        unknown = _INLINE_END if head[0] == "/" else _INLINE
        return self.get(name, unknown)


def _codes() -> _Codes:
    pairs = dict.fromkeys(_BLOCKS, _BLOCK) | dict.fromkeys(_CELLS, _CELL) | {"title": _TITLE}
    pairs |= dict.fromkeys(_MARKS, _MARK) | {"a": _LINK}
    pairs |= dict.fromkeys(_VERBATIM | _RUBY, _SPECIAL)
    codes = _Codes(br=_BREAK, img=_IMAGE, meta=_META)
    for tag, code in pairs.items():
        codes[tag], codes[f"/{tag}"] = (_LEAF if tag in _VOID else code), code + 1
    return codes


_CODE_OF = _codes()


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A page as tags, each with the text behind it."""

    heads: list[str]  # what stands between the brackets of a tag
    texts: list[str]
    codes: list[int]
    signs: list[str]

    @classmethod
    def of(cls, markup: str) -> _Tokens:
        parts = [piece.partition(">") for piece in markup.split("<")[1:]]
        heads = [head for head, _, _ in parts]
        codes = list(map(_CODE_OF.__getitem__, heads))
        signs = list(map(_SIGNS.__getitem__, codes))
        return cls(heads, [text for _, _, text in parts], codes, signs)

    def name(self, at: int) -> str:
        return self.heads[at].partition(" ")[0]


class _State(NamedTuple):
    """What an element hands down to those inside it."""

    kind: str = "paragraph"
    level: int = 0
    hidden: bool = False
    noscript: bool = False


_OUTSIDE = _State()


class _Reader:
    """Makes a document of tokens in one walk.

    The tokens between two block tags are a *run*: a block, if they have any text.
    """

    def __init__(self, markup: str, tick: Callable[[], None]) -> None:
        self.tokens = _Tokens.of(markup)
        self.tick = tick
        self.nodes: list[Node] = []
        self.states: list[_State] = []
        self.tokens_of: dict[str, tuple[str, ...]] = {}  # by tags as written
        self.firsts = [0]  # the first token of each run
        self.holders = [-1]  # the node around each run
        self.links: Counter[int] = Counter()  # by run, as the following
        self.link_chars: Counter[int] = Counter()
        self.images: Counter[int] = Counter()
        self.special: set[int] = set()  # runs that hold code or inline elements that are not shown
        self.titles: dict[str, str] = {}
        self.suspects = {
            at for at, head in enumerate(self.tokens.heads) if "hidden" in head or "none" in head
        }

    def document(self) -> Document:
        self._walk()
        self.tick()
        blocks, text, starts = self._blocks()
        self.tick()
        kept = zip(starts, blocks, strict=True)
        pre = frozenset(run for run, block in kept if block.kind == "pre")
        inline = Inline(self.tokens, self.firsts, starts, pre)
        return Document(
            text=text,
            kind="html",
            blocks=tuple(blocks),
            nodes=tuple(self.nodes),
            veils=inline.marks(self.special) if self.special else (),
            title=self._title(text, blocks),
            description=_squeeze(unescape(self.titles.get("description", ""))),
            language=_attribute("".join(self.tokens.heads[:1]), "lang") or None,
            inline=inline,
        )

    # --- elements and runs ---

    def _walk(self) -> None:
        texts, depth, node = self.tokens.texts, 0, -1
        for at, code in enumerate(self.tokens.codes):
            if code >= _LEAF:
                node = self._block_tag(at, code, node)
            elif code > _MARK_END:
                if code == _LINK:
                    depth += 1
                    self.links[len(self.firsts) - 1] += 1
                elif code == _LINK_END:
                    depth -= 1
                else:
                    self._inline_tag(at, code)
            if depth and (text := texts[at]) and not text.isspace():
                size = len(" ".join(text.split()) if "\n" in text else text)
                self.link_chars[len(self.firsts) - 1] += size
        self._mark_unseen()

    def _inline_tag(self, at: int, code: int) -> None:
        run = len(self.firsts) - 1
        if code == _IMAGE:
            self.images[run] += 1
        elif code == _SPECIAL:
            self.special.add(run)
        elif code == _TITLE:
            self.titles.setdefault("title", self.tokens.texts[at])
            self.tokens.texts[at] = ""
        elif code == _META:
            head = self.tokens.heads[at]
            for name in ("og:title", "description"):
                if name in head:
                    self.titles.setdefault(name, _attribute(head, "content"))

    def _mark_unseen(self) -> None:
        for at in self.suspects:
            if self.tokens.codes[at] < _BREAK and _UNSEEN_RE.search(self.tokens.heads[at]):
                self.special.add(bisect_right(self.firsts, at) - 1)

    def _block_tag(self, at: int, code: int, node: int) -> int:
        """End the run; return the innermost block element after the tag."""
        codes = self.tokens.codes
        if code == _CELL_END and codes[at + 1] == _CELL:
            self.tokens.signs[at] = ""  # the run goes on in the next cell of the row
            return self.nodes[node].parent
        if code == _BLOCK or code == _CELL:
            self._open(at, node)
            node = len(self.nodes) - 1
        elif code != _LEAF:
            node = self.nodes[node].parent
        if code == _CELL and codes[at - 1] == _CELL_END:
            self.tokens.signs[at] = _NEXT_CELL
            self.holders[-1] = node
        else:
            self.firsts.append(at)
            self.holders.append(node)
        return node

    def _open(self, at: int, parent: int) -> None:
        head = self.tokens.heads[at]
        tag = head.partition(" ")[0]
        words = self.tokens_of.get(head)
        if words is None:
            named = sorted(_NAMES_RE.findall(head))
            words = tuple(" ".join([value for _, value in named]).lower().split())
            self.tokens_of[head] = words
        above = self.states[parent] if parent >= 0 else _OUTSIDE
        if tag == "summary" and parent > 0 and self.nodes[parent].tag == "details":
            above = self.states[self.nodes[parent].parent]  # shown though the details are closed
        if tag != "div" or at in self.suspects or above.kind == "row":
            above = _state(tag, above, _is_hidden(tag, head))
        self.states.append(above)
        self.nodes.append(Node(tag, words, parent))

    # --- text ---

    def _blocks(self) -> tuple[list[Block], str, dict[int, int]]:
        """The blocks, their joined text, and where each run that has any begins in it."""
        blocks: list[Block] = []
        out: list[str] = []
        starts: dict[int, int] = {}
        length, last = 0, ""
        pieces = chain.from_iterable(zip(self.tokens.signs, self.tokens.texts, strict=True))
        for run, raw in enumerate(_unescaped("".join(pieces)).split("\0")):
            if not raw or raw.isspace():
                continue
            node = self.holders[run]
            state = self.states[node] if node >= 0 else _OUTSIDE
            kind = state.kind
            text = (
                self._special(run, kind == "pre")
                if run in self.special
                else _tidy(raw, kind == "pre")
            )
            if not text:
                continue
            if out:
                separator = "\n" if kind == last and kind in _TIGHT else "\n\n"
                out.append(separator)
                length += len(separator)
            out.append(text)
            starts[run] = length
            end = length + len(text)
            linked = min(self.link_chars[run], len(text))
            blocks.append(
                Block(length, end, node, linked, self.links[run], self.images[run], *state)
            )
            length, last = end, kind
        return blocks, "".join(out), starts

    def _special(self, run: int, pre: bool) -> str:
        stop = (*self.firsts[run + 1 : run + 2], len(self.tokens.codes))[0]
        return _placed(self.tokens, self.firsts[run], stop, pre)[0]

    def _title(self, text: str, blocks: list[Block]) -> str | None:
        titles = {name: _squeeze(unescape(value)) for name, value in self.titles.items()}
        headings = [text[b.start : b.end] for b in blocks if b.level == 1]
        return pick_title(headings, titles.get("og:title", ""), titles.get("title", ""))


def _state(tag: str, above: _State, hidden: bool) -> _State:
    """What an element hands down, given what it was handed."""
    kind, level = above.kind, above.level
    if tag in _KINDS:
        kind, level = _KINDS[tag], int(tag[1]) if tag in _HEADINGS else 0
    elif kind not in _INHERITED:
        kind = "paragraph"
    return _State(kind, level, hidden or above.hidden, above.noscript or tag in _FALLBACKS)


def _is_hidden(tag: str, head: str) -> bool:
    closed = tag in ("details", "dialog") and not _OPEN_RE.search(head)
    return closed or (tag != head and _HIDDEN_RE.search(head) is not None)


def _unescaped(text: str) -> str:
    """Text of canonical markup, in which only a few signs are escaped."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&")


def _tidy(raw: str, pre: bool) -> str:
    """The text of a run: white space collapsed but for line breaks and cells; pre as it is."""
    if pre:
        return raw.replace("\x01", "\n").replace(_NEXT_CELL, "\t").lstrip("\r\n").rstrip()
    if "\x01" not in raw and _NEXT_CELL not in raw:
        return " ".join(raw.split())
    cells = (
        "\n".join([" ".join(line.split()) for line in cell.split("\x01")])
        for cell in raw.split(_NEXT_CELL)
    )
    return "\t".join(cells).strip()


def _attribute(attrs: str, name: str) -> str:
    """The value of an attribute in a tag of canonical markup; empty where it has none."""
    found = re.search(rf'\s{name}="([^"]*)"', attrs)
    return unescape(found[1]) if found else ""


def _squeeze(text: str) -> str:
    return " ".join(text.split())


# --- inline marks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inline:
    """The tokens of a page, kept to say where links, emphasis and code stand when asked."""

    tokens: _Tokens
    firsts: list[int]  # the first token of each run
    starts: dict[int, int]  # where the text of a run begins in the document's
    pre: frozenset[int]  # the runs whose white space stands as it is

    def marks(self, runs: Iterable[int] | None = None) -> tuple[Mark, ...]:
        """All inline marks, outer ones first; or, of those that begin in some runs, the veils.

        Veils are code and words that are not shown.
        """
        found: list[Mark] = []
        placed: dict[int, tuple[str, list[int]]] = {}
        for run in range(len(self.firsts)) if runs is None else sorted(runs):
            for at in range(self.firsts[run], self._stop(run)):
                for kind, value in _marks_of(self.tokens.heads[at]):
                    if runs is None or kind in _VEILS:
                        found += self._spans(at, run, kind, value, placed)
        return tuple(sorted(found, key=lambda mark: (mark.start, -mark.end)))

    def _stop(self, run: int) -> int:
        return self.firsts[run + 1] if run + 1 < len(self.firsts) else len(self.tokens.codes)

    def _spans(
        self, at: int, run: int, kind: str, value: str, placed: dict[int, tuple[str, list[int]]]
    ) -> Iterator[Mark]:
        """One mark for each block that the element at a token reaches into."""
        close = self._close(at)
        while run < len(self.firsts) and self.firsts[run] <= close:
            start = self.starts.get(run)
            if start is not None:
                if run not in placed:
                    placed[run] = _placed(
                        self.tokens, self.firsts[run], self._stop(run), run in self.pre
                    )
                text, offsets = placed[run]
                left = offsets[at - self.firsts[run]] if at >= self.firsts[run] else 0
                inside = close < self._stop(run)
                right = offsets[close - self.firsts[run]] if inside else len(text)
                right = min(right, len(text))
                if left < right:
                    yield Mark(start + left, start + right, kind, value)
            run += 1

    def _close(self, at: int) -> int:
        """The token that ends the element which one begins."""
        name = self.tokens.name(at)
        end, depth = f"/{name}", 1
        for place in range(at + 1, len(self.tokens.heads)):
            head = self.tokens.heads[place]
            depth += (head == name or head.startswith(f"{name} ")) - (head == end)
            if not depth:
                return place
        return len(self.tokens.heads) - 1


def _marks_of(head: str) -> list[tuple[str, str]]:
    """What an inline element says of its text."""
    if head[0] == "/":
        return []
    name = head.partition(" ")[0]
    found = []
    if name in _MARKS:
        found.append((_MARKS[name], _attribute(head, "href") if name == "a" else ""))
    unseen = name != head and _CODE_OF[head] < _BREAK and _UNSEEN_RE.search(head)
    if name in _RUBY or unseen:
        found.append(("hidden", ""))
    return found


def _placed(tokens: _Tokens, first: int, stop: int, pre: bool) -> tuple[str, list[int]]:
    """The text of a run, and where in it the text of each of its tokens begins."""
    out: list[str] = []
    offsets: list[int] = []
    size, verbatim, last = 0, 0, ""
    for at in range(first, stop):
        sign, name = tokens.signs[at].strip("\0"), tokens.name(at)
        if sign and last:
            size -= len(out[-1]) - len(out[-1].rstrip(" "))
            out[-1] = out[-1].rstrip(" ")
            out.append("\n" if sign == "\x01" else "\t")
            size, last = size + 1, out[-1]
        verbatim = max(0, verbatim + (name in _VERBATIM) - (name[1:] in _VERBATIM))
        text = _spaced(_unescaped(tokens.texts[at]), last, bool(verbatim), pre)
        offsets.append(size)
        if text:
            out.append(text)
            size, last = size + len(text), text[-1]
    raw = "".join(out)
    lead = len(raw) - len(raw.lstrip("\r\n" if pre else None))
    return raw[lead:].rstrip(), [max(0, offset - lead) for offset in offsets]


def _spaced(text: str, last: str, verbatim: bool, pre: bool) -> str:
    """The text of a token behind the sign ``last``, with white space collapsed as it asks."""
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
