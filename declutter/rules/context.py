"""What rules share about one document: computed once, on first use."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from declutter.lexicon import Lexicon, Match
from declutter.model import Block, Document, Finding
from declutter.segment import Span, is_sentence_like, line_spans, pieces

Rule = Callable[[Document, "Context"], Iterator[Finding]]

_QUOTE_RE = re.compile('[“”„«»「」『』"]')
_OPENS, _CLOSES = "“„«「『", "”»」』"
_TICK_EVERY = 1024  # blocks between two looks at the clock
MAX_CODE_SIGNS = 6  # braces and semicolons of a line that is still a sentence
MAX_QUOTE = 400  # characters: a longer "quotation" is a missing sign


class Context:
    """One document with the layers that several rules need.

    ``live`` says which blocks are to be judged (all, if it is not given): phrases are sought
    in these only, and rules of whole blocks yield nothing for the others. Rules that read
    the text as one (style sheets, scripts) do not look at it.
    """

    def __init__(
        self,
        doc: Document,
        lexicon: Lexicon,
        tick: Callable[[], None],
        live: Sequence[bool] | None = None,
    ) -> None:
        self.doc = doc
        self.lexicon = lexicon
        self.tick = tick
        self.live = [True] * len(doc.blocks) if live is None else live
        self._pieces: dict[int, list[Span]] = {}
        self._memo: dict[Rule, list[Finding]] = {}
        self._about: dict[re.Pattern[str], int] = {}

    def memo(self, rule: Rule) -> list[Finding]:
        """The findings of a rule, computed once: rules may build on each other."""
        if rule not in self._memo:
            self.tick()
            self._memo[rule] = list(rule(self.doc, self))
        return self._memo[rule]

    @cached_property
    def live_blocks(self) -> list[int]:
        """The indices of the blocks to be judged."""
        return [index for index, flag in enumerate(self.live) if flag]

    @cached_property
    def block_starts(self) -> list[int]:
        """Where the blocks start, for bisection."""
        return [block.start for block in self.doc.blocks]

    def mentions(self, topic: re.Pattern[str]) -> int:
        """How often the page's sentences speak of a topic: its examples are content then."""
        if topic not in self._about:
            found = 0
            for block, prose in zip(self.doc.blocks, self.sentence_like, strict=True):
                line = self.doc.text[block.start : block.end] if prose else ""
                if line.count("{") + line.count(";") < MAX_CODE_SIGNS:
                    found += len(topic.findall(line))
            self._about[topic] = found
        return self._about[topic]

    @cached_property
    def lines(self) -> list[list[Span]]:
        """The lines of each block: one, unless an HTML block has line breaks inside."""
        text = self.doc.text
        found = []
        for block in self.doc.blocks:
            spans = [(block.start, block.end)]
            if block.kind != "pre" and text.find("\n", block.start, block.end) >= 0:
                at = block.start
                spans = [(at + a, at + b) for a, b in line_spans(text[at : block.end])]
            found.append(spans)
        return found

    def pieces(self, index: int) -> list[Span]:
        """The sentences of a block."""
        if index not in self._pieces:
            text, spans = self.doc.text, self.lines[index]
            self._pieces[index] = [piece for span in spans for piece in pieces(text, *span)]
        return self._pieces[index]

    @cached_property
    def sentence_like(self) -> list[bool]:
        """Which blocks read like running prose."""
        text = self.doc.text
        flags = []
        for index, block in enumerate(self.doc.blocks):
            if not index % _TICK_EVERY:
                self.tick()
            flags.append(is_sentence_like(text[block.start : block.end]))
        return flags

    @cached_property
    def first_prose(self) -> int:
        """The first sentence-like block (their number where there is none)."""
        return next((i for i, flag in enumerate(self.sentence_like) if flag), len(self.doc.blocks))

    @cached_property
    def code_spans(self) -> list[Span]:
        """Code and preformatted text of HTML, which no rule of words may touch."""
        spans = [(b.start, b.end) for b in self.doc.blocks if b.kind == "pre"]
        spans += [(m.start, m.end) for m in self.doc.veils if m.kind == "code"]
        return sorted(spans)

    def in_code(self, at: int) -> bool:
        """Tell whether an offset stands in code."""
        index = bisect_right(self.code_spans, (at, len(self.doc.text))) - 1
        return index >= 0 and self.code_spans[index][0] <= at < self.code_spans[index][1]

    @cached_property
    def matches(self) -> list[list[Match]]:
        """The lexicon's matches by block: those that lie within one and are not quoted."""
        self.tick()
        blocks, index = self.doc.blocks, 0
        found: list[list[Match]] = [[] for _ in blocks]
        if not blocks:
            return found
        for match in self.lexicon.find(self.doc.text, self.tick, self._live_spans):
            while index + 1 < len(blocks) and blocks[index + 1].start <= match.start:
                index += 1
            if not blocks[index].start <= match.start < match.end <= blocks[index].end:
                continue
            if not self._in_word(match) and not self._is_shown(match.start):
                found[index].append(match)
        return found

    @property
    def _live_spans(self) -> list[Span] | None:
        """Where phrases are sought; None: everywhere."""
        if all(self.live):
            return None
        return [(self.doc.blocks[i].start, self.doc.blocks[i].end) for i in self.live_blocks]

    def _is_shown(self, at: int) -> bool:
        """Whether an offset stands in code or in a quotation."""
        return bool(self.code_spans and self.in_code(at)) or bool(self._quotes and self._quoted(at))

    def _in_word(self, match: Match) -> bool:
        """Whether a single interface word is a part of a longer word: "Pub" in "PubMed"."""
        text = self.doc.text
        before, after = text[match.start - 1 : match.start], text[match.end : match.end + 1]
        if not before.isalpha() and not after.isalpha() and after != "-":
            return False
        if match.entry.scope != "line" or not text[match.start : match.end].isalpha():
            return False
        if after == "-" and text[match.end + 1 : match.end + 2].isalpha():
            return True
        return any(char.isalpha() and char.lower() != char.upper() for char in before + after)

    @cached_property
    def _quotes(self) -> list[Span]:
        """Quotations within blocks, as spans of what the signs enclose."""
        text = self.doc.text
        if _QUOTE_RE.search(text) is None:
            return []
        return [
            span for index in self.live_blocks for span in quotations(text, self.doc.blocks[index])
        ]

    def _quoted(self, at: int) -> bool:
        """Whether an offset stands inside a quotation that goes on before it."""
        place = bisect_right(self._quotes, (at, len(self.doc.text))) - 1
        return place >= 0 and self._quotes[place][0] <= at < self._quotes[place][1]


def between(matches: list[Match], start: int, end: int) -> list[Match]:
    """The matches, sorted by start, that begin within a span."""
    first = bisect_left(matches, start, key=lambda match: match.start)
    last = bisect_left(matches, end, key=lambda match: match.start)
    return matches[first:last]


def quotations(text: str, block: Block) -> list[Span]:
    """The quotations of a block.

    >>> from declutter.model import Block
    >>> quotations('He said: "Sign up." Then left.', Block(start=0, end=30))
    [(10, 18)]
    """
    start, end = block.start, block.end
    spans: list[Span] = []
    opened: tuple[int, str] | None = None
    for match in _QUOTE_RE.finditer(text, start, end):
        sign, at = match.group(), match.start()
        if opened is not None and at - opened[0] > MAX_QUOTE:
            opened = None
        if opened is None:
            if sign in _OPENS or (sign == '"' and not text[at - 1 : at].isalnum()):
                opened = (match.end(), sign)
        elif sign in _CLOSES or sign == '"' or (opened[1] == "„" and sign == "“"):
            spans.append((opened[0], at))
            opened = None
    return spans
