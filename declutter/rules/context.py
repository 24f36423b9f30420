"""What rules share about one document: computed once, on first use."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from declutter.lexicon import Lexicon, Match, Search
from declutter.model import Block, Document, Finding
from declutter.scoring.stopwords import COMMON, stop_words
from declutter.segment import Span, is_sentence_like, line_spans, pieces

Rule = Callable[[Document, "Context"], Iterator[Finding]]

_QUOTE_RE = re.compile('[“”„«»「」『』"]')
_QUOTE_SIGNS = '“”„«»「」『』"'
_OPENS, _CLOSES = "“„«「『", "”»」』"
_FIRST_RE = re.compile(r"[^\W\d_]{1,12}\b")
_TICK_EVERY = 1024  # blocks between two looks at the clock
MAX_CODE_SIGNS = 6  # braces and semicolons of a line that is still a sentence
MAX_QUOTE = 400  # characters: a longer "quotation" is a missing sign


class Context:
    """One document with the layers that several rules need.

    ``live`` says which blocks are to be judged (all, if it is not given): phrases are sought
    in these only, and rules of whole blocks yield nothing for the others. Rules that read
    the text as one (style sheets, scripts) do not look at it. ``search`` is one of the whole
    text, ``known`` what rules have found in it, if that was asked for already.
    """

    def __init__(
        self,
        doc: Document,
        lexicon: Lexicon,
        tick: Callable[[], None],
        live: Sequence[bool] | None = None,
        search: Search | None = None,
        known: Mapping[Rule, list[Finding]] | None = None,
    ) -> None:
        self.doc = doc
        self.lexicon = lexicon
        self.tick = tick
        self.live = [True] * len(doc.blocks) if live is None else live
        self._searched = search
        self._pieces: dict[int, list[Span]] = {}
        self._lines: dict[int, list[Span]] = {}
        self._prose: dict[int, bool] = {}
        self._matches: dict[int, list[Match]] = {}
        self._cold = 0  # so many blocks at the beginning are known not to be prose
        self._quotes: dict[int, list[Span]] = {}  # by the start of a block
        self._memo = dict(known or {})
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
    def live_text(self) -> str:
        """The text of the blocks to be judged, for quick tests of what it cannot hold."""
        text, blocks = self.doc.text, self.doc.blocks
        if len(self.live_blocks) == len(blocks):
            return text
        return "\n".join([text[blocks[i].start : blocks[i].end] for i in self.live_blocks])

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

    def lines(self, index: int) -> list[Span]:
        """The lines of a block: one, unless an HTML block has line breaks inside."""
        lines = self._lines.get(index)
        if lines is None:
            block, text = self.doc.blocks[index], self.doc.text
            at, end = block.start, block.end
            lines = [(at, end)]
            if block.kind != "pre" and text.find("\n", at, end) >= 0:
                lines = [(at + a, at + b) for a, b in line_spans(text[at:end])]
            self._lines[index] = lines
        return lines

    def pieces(self, index: int) -> list[Span]:
        """The sentences of a block."""
        if index not in self._pieces:
            text, spans = self.doc.text, self.lines(index)
            self._pieces[index] = [piece for span in spans for piece in pieces(text, *span)]
        return self._pieces[index]

    def is_prose(self, index: int) -> bool:
        """Whether a block reads like running prose."""
        if index not in self._prose:
            block = self.doc.blocks[index]
            self._prose[index] = is_sentence_like(self.doc.text[block.start : block.end])
            if not len(self._prose) % _TICK_EVERY:
                self.tick()
        return self._prose[index]

    @cached_property
    def sentence_like(self) -> list[bool]:
        """Which blocks read like running prose."""
        self.tick()
        return [self.is_prose(index) for index in range(len(self.doc.blocks))]

    def follows_prose(self, index: int) -> bool:
        """Whether a block that reads like running prose stands before another."""
        while self._cold < index and not self.is_prose(self._cold):
            self._cold += 1
        return self._cold < index

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
    def _search(self) -> Search:
        """The beginnings of phrases in the blocks to be judged, or in the whole text."""
        if self._searched is not None:
            return self._searched
        self.tick()
        blocks, spans = self.doc.blocks, None
        if len(self.live_blocks) < len(blocks):
            spans = [(blocks[i].start, blocks[i].end) for i in self.live_blocks]
        return self.lexicon.search(self.doc.text, self.tick, spans)

    def matches(self, index: int) -> list[Match]:
        """The lexicon's matches that lie within a block to be judged and are not quoted."""
        if index not in self._matches:
            block = self.doc.blocks[index]
            found = self._search.find(block.start, block.end)
            self._matches[index] = self._unquoted(found, block)
        return self._matches[index]

    def telling(self, index: int) -> list[Match]:
        """The matches of a block without words that are too few on their line to matter."""
        return self._telling.get(index, [])

    @cached_property
    def _telling(self) -> dict[int, list[Match]]:
        found: dict[int, list[Match]] = {}
        lines = [(index, span) for index in self.live_blocks for span in self.lines(index)]
        told = self._search.telling([span for _, span in lines])
        for (index, _), matches in zip(lines, told, strict=True):
            if matches and (matches := self._unquoted(matches, self.doc.blocks[index])):
                found.setdefault(index, []).extend(matches)
        return found

    def _unquoted(self, matches: list[Match], block: Block) -> list[Match]:
        shown = self._shown(block)
        return [
            match
            for match in matches
            if block.start <= match.start
            and match.end <= block.end
            and not self._in_word(match)
            and not (shown and _holds(shown, match.start))
        ]

    @property
    def telling_blocks(self) -> list[int]:
        """The blocks with matches that may matter."""
        return list(self._telling)

    def _shown(self, block: Block) -> list[Span]:
        """The code and the quotations of a block."""
        quotes = self._quotes.get(block.start)
        if quotes is None:
            quotes = quotations(self.doc.text, block) if self._quote_signs else []
            self._quotes[block.start] = quotes
        code = self.code_spans
        if not code:
            return quotes
        first = bisect_right(code, (block.start, len(self.doc.text))) - 1
        last = bisect_left(code, (block.end, 0))
        inside = code[max(0, first) : last]
        return sorted(quotes + inside) if inside else quotes

    @cached_property
    def _quote_signs(self) -> bool:
        """Whether a block to be judged has quotation signs."""
        return any(sign in self.live_text for sign in _QUOTE_SIGNS)

    def _in_word(self, match: Match) -> bool:
        """Whether a single interface word is a part of a longer word: "Pub" in "PubMed".

        In "HomeThe" it is none: what follows is a function word, with which a sentence begins.
        """
        text = self.doc.text
        before, after = text[match.start - 1 : match.start], text[match.end : match.end + 1]
        if not before.isalpha() and not after.isalpha() and after != "-":
            return False
        if match.entry.scope != "line" or not text[match.start : match.end].isalpha():
            return False
        if after == "-" and text[match.end + 1 : match.end + 2].isalpha():
            return True
        if before.isalpha() or not after.isupper():
            return any(char.isalpha() and char.lower() != char.upper() for char in before + after)
        word = _FIRST_RE.match(text, match.end)
        languages = {match.entry.language, *COMMON}
        return word is None or not any(word.group().lower() in stop_words(k) for k in languages)


def _holds(spans: list[Span], at: int) -> bool:
    """Whether an offset stands in one of some spans, or in the one before the nearest."""
    place = bisect_right(spans, at, key=lambda span: span[0])
    return any(start <= at < end for start, end in spans[max(0, place - 2) : place])


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
