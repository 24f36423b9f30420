"""HTML to :class:`Document`: every visible character once, in order, none glued or split.

Inline elements never break a word; block elements and ``<br>`` always do. White space
collapses as in a browser, except in ``<pre>`` and code. Scripts, styles, templates and
comments never come out. Hidden elements and ``<noscript>`` are read and flagged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from declutter.lexicon import fold
from declutter.model import Block, Document, Mark, Node
from declutter.readers.shallow import MAX_KEPT_DEPTH, flatten_deep

# no visible text of their own, or none that a reader would call the page's
_SKIPPED = frozenset(
    "script style template title svg iframe audio video canvas meta link base noframes "
    "annotation annotation-xml".split()
)
# everything else stands within the line, as browsers do with elements they do not know
_BLOCKS = frozenset(
    "address article aside blockquote body head button caption center col colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hgroup hr html input legend li listing main menu nav noscript object applet ol optgroup "
    "option p plaintext pre search section select summary table tbody td textarea tfoot th "
    "thead tr ul xmp".split()
)
# shown where something else is not: scripts, a plug-in
_FALLBACKS = frozenset(("noscript", "object", "applet"))
_RUBY = frozenset(("rt", "rp"))  # a reading beside the characters, not in the line
_KINDS = {"li": "item", "dt": "item", "dd": "item", "option": "item", "pre": "pre", "xmp": "pre"}
_KINDS.update(tr="row", td="row", th="row")
_KINDS.update({f"h{level}": "heading" for level in range(1, 7)})
_CELLS = frozenset(("td", "th"))
_MARKS = {"a": "link", "b": "strong", "strong": "strong", "i": "em", "em": "em"}
_MARKS.update(dict.fromkeys(("code", "kbd", "samp", "tt"), "code"))
_VERBATIM = frozenset(("code", "kbd", "samp", "tt"))
_INHERITED = frozenset(("heading", "item", "pre"))
_HIDDEN_STYLE_RE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE_RE = re.compile(r"\s+")
_TITLE_SEPARATOR_RE = re.compile(r"\s+[|\-–—·•»:]+\s+|\s*[|»]\s*")
_CHECK_EVERY = 1024  # elements between two looks at the clock
_SURROGATES_RE = re.compile(r"[\ud800-\udfff]")


def parse(text: str) -> tuple[Any, bool]:
    """Parse a page with lxml; return its root and whether the parser cut the tree short."""
    data = _SURROGATES_RE.sub("�", text.replace("\0", "")).encode("utf-8")
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, recover=True)
    try:
        root = etree.fromstring(data, parser) if data.strip() else None
    except etree.XMLSyntaxError:  # nothing that could be a document, a lone comment say
        root = None
    return root, any("depth" in entry.message for entry in parser.error_log)


def read(text: str, tick: Callable[[], None] = lambda: None) -> Document:
    """Read a page given as characters; ``tick`` is called now and then and may raise.

    >>> read("<p>One <b>wo</b>rd</p><ul><li>a<li>b</ul>").text
    'One word\\n\\na\\nb'
    """
    root, cut_short = parse(text)
    warnings: tuple[str, ...] = ()
    for depth in (MAX_KEPT_DEPTH, 0):
        if cut_short:
            root, cut_short = parse(flatten_deep(text, depth))
            warnings = ("the page nests too deeply: read with its innermost structure flattened",)
    if root is None:
        return Document(text="", kind="html", blocks=(), warnings=warnings)
    return replace(read_tree(root, tick), warnings=warnings)


def read_tree(root: Any, tick: Callable[[], None] = lambda: None) -> Document:
    """Read an lxml element with all that stands beside it at the top, leaving it unchanged."""
    builder = _Builder(tick)
    for top in _roots(root):
        builder.walk(top)
    return builder.document()


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


@dataclass(slots=True)
class _Element:
    """An element being read; it becomes a :class:`Node`."""

    tag: str
    tokens: tuple[str, ...]
    parent: int
    kind: str
    hidden: bool
    noscript: bool
    level: int
    start: int = -1
    end: int = -1


class _Builder:
    """Collects the text and its layers in one walk over a tree, without recursion."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick
        self.out: list[str] = []  # finished blocks and their separators
        self.length = 0
        self.blocks: list[Block] = []
        self.marks: list[Mark] = []
        self.nodes: list[_Element] = []
        self.current = -1
        self.buffer: list[str] = []  # the run of inline content being read
        self.size = 0
        self.last = ""  # the last character of the run, to collapse white space across elements
        self.inner: list[tuple[int, int, str, str]] = []  # marks of the run
        self.open_marks: list[tuple[int, str, str]] = []
        self.mark_counts: list[int] = []  # how many marks each open inline element opened
        self.verbatim = 0
        self.cell_open = False  # the run holds table cells of the current row
        self.title = ""
        self.site_title = ""
        self.h1: list[str] = []
        self.language: str | None = None

    # --- walking ---

    def walk(self, top: Any) -> None:
        steps = etree.iterwalk(top, events=("start", "end", "comment", "pi"))
        for count, (event, element) in enumerate(steps):
            if not count % _CHECK_EVERY:
                self.tick()
            if event == "start":
                self._start(element, steps)
            elif event == "end":
                self._end(element)
            if event != "start" and element is not top and element.tail:
                self.add(element.tail)
        self.flush()

    def _start(self, element: Any, steps: Any) -> None:
        tag = _local_name(element.tag)
        if tag in _SKIPPED:
            if tag in ("title", "meta"):
                self._head(element, tag)
            steps.skip_subtree()
            return
        if tag == "br":
            self._line_break()
        elif tag not in _BLOCKS:
            self._start_inline(element, tag)
        else:
            self._start_block(element, tag)
        if element.text:
            self.add(element.text)

    def _end(self, element: Any) -> None:
        tag = _local_name(element.tag)
        if tag in _SKIPPED or tag == "br":
            return
        if tag not in _BLOCKS:
            for _ in range(self.mark_counts.pop()):
                start, kind, value = self.open_marks.pop()
                self.inner.append((start, self.size, kind, value))
            self.verbatim -= tag in _VERBATIM
        else:
            self._end_block(tag)

    def _start_inline(self, element: Any, tag: str) -> None:
        before = len(self.open_marks)
        if tag in _MARKS:
            value = (element.get("href") or "") if tag == "a" else ""
            self.open_marks.append((self.size, _MARKS[tag], value))
        # aria-hidden text inside a line is there to be seen, only not to be read aloud
        unseen = element.get("aria-hidden") is None and _is_hidden(element, tag)
        if unseen or tag in _RUBY:
            self.open_marks.append((self.size, "hidden", ""))
        self.mark_counts.append(len(self.open_marks) - before)
        self.verbatim += tag in _VERBATIM

    def _start_block(self, element: Any, tag: str) -> None:
        if tag in _CELLS and self.cell_open:
            self._separate("\t")
        else:
            self.flush()
        self._open_node(element, tag, _is_hidden(element, tag))
        if tag == "html":
            self.language = self.language or element.get("lang")
        self.cell_open = tag in _CELLS

    def _end_block(self, tag: str) -> None:
        if tag in _CELLS:
            self.cell_open = True
        else:
            self.flush()
            self.cell_open = False
        node = self.nodes[self.current]
        self.current = node.parent

    def _open_node(self, element: Any, tag: str, hidden: bool) -> None:
        parent = self.nodes[self.current] if self.current >= 0 else None
        kind = _KINDS.get(tag) or (
            parent.kind if parent and parent.kind in _INHERITED else "paragraph"
        )
        level = (
            int(tag[1]) if kind == "heading" and tag in _KINDS else parent.level if parent else 0
        )
        names = " ".join(
            filter(None, (element.get("class"), element.get("id"), element.get("role")))
        )
        tokens = tuple(names.lower().split()) if names else ()
        if tag == "summary" and parent and parent.tag == "details" and parent.parent >= 0:
            parent = self.nodes[parent.parent]  # shown though the details are closed
        hidden = hidden or bool(parent and parent.hidden)
        noscript = tag in _FALLBACKS or bool(parent and parent.noscript)
        self.nodes.append(_Element(tag, tokens, self.current, kind, hidden, noscript, level))
        self.current = len(self.nodes) - 1

    def _head(self, element: Any, tag: str) -> None:
        if tag == "title":
            self.title = self.title or _squeeze("".join(element.itertext()))
        elif element.get("property") == "og:title":
            self.site_title = self.site_title or _squeeze(element.get("content") or "")

    # --- text ---

    def add(self, text: str) -> None:
        """Append inline text to the current run, collapsing white space as browsers do."""
        pre = self.current >= 0 and self.nodes[self.current].kind == "pre"
        if not pre and not (self.verbatim and not self.buffer and "\n" in text.strip()):
            text = _collapse(text) if not self.verbatim else text.replace("\n", " ")
            if self.last in ("", " ", "\n", "\t"):
                text = text.lstrip(" ")
        elif not self.buffer:
            text = text.lstrip("\r\n")
        if text:
            self.buffer.append(text)
            self.size += len(text)
            self.last = text[-1]

    def _line_break(self) -> None:
        if self.buffer:
            self._separate("\n")

    def _separate(self, sign: str) -> None:
        """Append a line or cell separator in place of a space before it."""
        stripped = self.buffer[-1].rstrip(" ") if self.buffer else ""
        if self.buffer:
            self.size -= len(self.buffer[-1]) - len(stripped)
            self.buffer[-1] = stripped
        self.buffer.append(sign)
        self.size += 1
        self.last = sign

    def flush(self) -> None:
        """End the current run: a block, if it has any visible text."""
        if not self.buffer:
            self._restart_marks()
            return
        raw = "".join(self.buffer)
        text, shift = _tidy(raw, self.nodes[self.current].kind if self.current >= 0 else "")
        if text.strip():
            self._emit(text, shift)
        self._restart_marks()

    def _emit(self, text: str, shift: int) -> None:
        node = self.nodes[self.current] if self.current >= 0 else None
        kind = node.kind if node else "paragraph"
        if self.blocks:
            same = kind in ("item", "row") and self.blocks[-1].kind == kind
            separator = "\n" if same else "\n\n"
            self.out.append(separator)
            self.length += len(separator)
        start, end = self.length, self.length + len(text)
        link_chars = self._place_marks(start - shift, start, end)
        self.blocks.append(
            Block(
                start=start,
                end=end,
                kind=kind,
                node=self.current,
                link_chars=link_chars,
                level=node.level if node and kind == "heading" else 0,
                hidden=bool(node and node.hidden),
                noscript=bool(node and node.noscript),
            )
        )
        self.out.append(text)
        self.length = end
        self._extend_nodes(start, end)
        if kind == "heading" and node and node.level == 1:
            self.h1.append(text)

    def _extend_nodes(self, start: int, end: int) -> None:
        """Let the block's nodes begin here, if they have not; ends are set at the finish."""
        at = self.current
        while at >= 0 and self.nodes[at].start < 0:
            self.nodes[at].start = start
            at = self.nodes[at].parent
        if self.current >= 0:
            self.nodes[self.current].end = end

    def _place_marks(self, base: int, start: int, end: int) -> int:
        links = 0
        still_open = [(begin, self.size, kind, value) for begin, kind, value in self.open_marks]
        for begin, stop, kind, value in self.inner + still_open:
            left, right = max(start, base + begin), min(end, base + stop)
            if left < right:
                self.marks.append(Mark(left, right, kind, value))
                links += (right - left) if kind == "link" else 0
        return min(links, end - start)

    def _restart_marks(self) -> None:
        self.buffer, self.size, self.last, self.inner = [], 0, "", []
        self.open_marks = [(0, kind, value) for _, kind, value in self.open_marks]

    # --- the end ---

    def document(self) -> Document:
        for node in reversed(self.nodes):
            if node.parent >= 0:
                parent = self.nodes[node.parent]
                parent.end = max(parent.end, node.end)
        nodes = tuple(
            Node(n.tag, n.tokens, n.parent, max(n.start, 0), max(n.end, 0)) for n in self.nodes
        )
        return Document(
            text="".join(self.out),
            kind="html",
            blocks=tuple(self.blocks),
            nodes=nodes,
            marks=tuple(sorted(self.marks, key=lambda m: (m.start, -m.end))),
            title=pick_title(self.h1, self.site_title, self.title),
            language=self.language,
        )


def _local_name(tag: str) -> str:
    """A tag without the namespace that XHTML gives it."""
    return tag.rpartition("}")[2] if tag[0] == "{" else tag


def _is_hidden(element: Any, tag: str) -> bool:
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return True
    if tag in ("details", "dialog"):
        return get("open") is None
    style = get("style")
    return style is not None and _HIDDEN_STYLE_RE.search(style) is not None


def _collapse(text: str) -> str:
    return _SPACE_RE.sub(" ", text)


def _squeeze(text: str) -> str:
    return _SPACE_RE.sub(" ", text).strip()


def _tidy(raw: str, kind: str) -> tuple[str, int]:
    """A run without outer white space, and how many characters went at its start."""
    if kind == "pre":
        lead = len(raw) - len(raw.lstrip("\r\n"))
        return raw[lead:].rstrip(), lead
    text = raw.lstrip()
    return text.rstrip(), len(raw) - len(text)


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
