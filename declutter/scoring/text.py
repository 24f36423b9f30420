"""The score of a flattened text: which pieces of it are main content."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from declutter.lexicon import STRONG, Match
from declutter.model import Category, Finding, Prices
from declutter.scoring import flat, vocabulary
from declutter.scoring.characters import STOP, Flags, Floats, Ints
from declutter.scoring.features import Page
from declutter.scoring.model import MIN_SAY, Weights, expected_f1, logits, odds_against, squeezed
from declutter.scoring.pieces import Pieces, cut
from declutter.segment import is_thai

Span = tuple[int, int]
Tell = Callable[[Sequence[Span]], list[Match]]  # finds the phrases in spans of a text
MAX_PART = 400_000  # characters that are scored at a time: memory grows with them
MAX_VALUE = 6.0  # log odds of a piece: none is surer than that
MIN_SENTENCE_WORDS = 3
# of a unit that may be a sentence though no stop ends it: its words, and those of a piece
MIN_FLOWING_WORDS, MIN_FLOWING_PIECE = 15, 3.5
MIN_TABS = 2  # of the row of a table
MAX_NAME = 40  # characters of a name and the word before it
MIN_UNSTOPPED_WORDS = 24  # of a line in Thai, which has no stops
SURE = 1.4  # log odds: probabilities below .2 and above .8
MIN_COVERED = 0.5  # of a piece, by a phrase that decides alone
MIN_EVIDENCE = 0.3  # of a span that phrases of a category cover, to name it


@dataclass(frozen=True, slots=True)
class TextWeights:
    """The networks, and what words tell: one number for each place of the table."""

    model: Weights
    words: tuple[Floats, Floats]  # by sites, by phrases of the lexicons and of other software


def parse(text: str) -> TextWeights:
    """Read a weights file: as for HTML, with tables of words in 8 bits and their scales."""
    data = json.loads(text)
    sites, lexicons = (_table(data["words"][name]) for name in ("sites", "lexicons"))
    return TextWeights(Weights.parse(data), (sites, lexicons))


def _table(item: Mapping[str, Any]) -> Floats:
    raw = np.frombuffer(zlib.decompress(base64.b64decode(item["data"])), dtype=np.int8)
    return raw * np.float32(item["scale"])


@lru_cache(maxsize=1)
def weights() -> TextWeights:
    """The weights that ship with the package."""
    return parse(files("declutter.scoring").joinpath("text.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class TextScore:
    """The pieces of a text, and what is known of each.

    ``values`` are log odds to be main content, ``glued`` tells that no space parts a piece
    from the word before, ``spoken`` how much it may be a part of a sentence (0 to 1), ``good``
    parts of running text; ``evidence`` (pieces x categories) is the share that phrases of a
    category cover.
    """

    starts: Ints
    ends: Ints
    units: Ints
    lines: Ints
    words: Floats
    values: Floats
    glued: Flags
    spoken: Floats
    good: Flags
    evidence: Floats

    def moved(self, log_odds: Floats) -> TextScore:
        """The score with more evidence for or against each piece."""
        return replace(self, values=self.values + log_odds)

    def stays(self, least: float, prices: Prices) -> Flags:
        """Which pieces stay: the course of the greatest sum of log odds above ``least``."""
        same_line = np.diff(self.lines, prepend=-1) == 0
        same_unit = np.diff(self.units, prepend=-1) == 0
        begins = np.where(same_unit, prices.unit, np.where(same_line, prices.seam, prices.line))
        glue = prices.glue * self.glued
        share = self.words[self.values >= 0].sum() / max(1.0, float(self.words.sum()))
        sentence = prices.sentence + (prices.clean_sentence - prices.sentence) * share
        values = self.values - least
        values += np.maximum(sentence * self.spoken, prices.clean_item * self._listed(share))
        values = np.clip(values, -MAX_VALUE, MAX_VALUE)
        ends = np.where(same_unit, prices.unit, 0.0)
        stays = course(values, np.maximum(begins, glue), np.maximum(ends, glue))
        # what is left of a line has words, or goes with the rest
        words = np.bincount(self.lines, weights=self.words * stays) > 0
        whole = np.bincount(self.lines, weights=~stays) == 0
        return np.asarray(stays & (words | whole)[self.lines])

    def _listed(self, share: float) -> Floats:
        """How much pieces may be of the article's lists, tables and code, from 0 to 1.

        They have no evidence and stand in lines without sentences: amid text more than half of
        which is main content, or at the ends of text that is hardly anything else.
        """
        good = np.flatnonzero(self.good)
        if not len(good):
            return np.zeros(len(self.starts), dtype=np.float32)
        spoken = np.bincount(self.lines, weights=(self.spoken >= 1) | self.good) > 0
        listed = ~spoken[self.lines] & (self.evidence.max(axis=1) <= MIN_EVIDENCE)
        amid = np.zeros(len(listed), dtype=bool)
        amid[good[0] : good[-1]] = True
        much = np.where(amid, max(0.0, 2 * share - 1), max(0.0, 5 * share - 4))
        return np.asarray(listed * much, dtype=np.float32)

    def spans(self, gone: Flags) -> list[Span]:
        """Some pieces as spans, those that follow each other on a line as one."""
        found, last = list[Span](), -1
        for at in np.flatnonzero(gone).tolist():
            start, end = int(self.starts[at]), int(self.ends[at])
            if found and last == at - 1 and self.lines[at] == self.lines[last]:
                start = found.pop()[0]
            found.append((start, end))
            last = at
        return found

    def confidence(self, cuts: Sequence[Span]) -> float | None:
        """The F1 to be expected of a text without some spans, as seen on pages not learned from.

        None where nothing is left.
        """
        starts, ends = np.array([(-1, -1), *cuts]).T
        middle = (self.starts + self.ends) // 2
        kept = middle >= ends[np.searchsorted(starts, middle, side="right") - 1]
        if not kept.any():
            return None
        expected = expected_f1(squeezed(self.values), self.words, kept)
        known = weights().model.calibration
        return float(np.interp(expected, *known)) if known else expected

    def named(self, finding: Finding, said: Finding | None) -> Finding:
        """A span that the score removes, with what it is and why; ``said`` is what rules tell."""
        first = int(np.searchsorted(self.ends, finding.start, side="right"))
        stop = max(first + 1, int(np.searchsorted(self.starts, finding.end)))
        mean = float(squeezed(self.values[first:stop]).mean())
        why, category = f"main content with probability {mean:.2f}", Category.LOW_CONTENT
        shares = self.evidence[first:stop].mean(axis=0)
        if said is not None and said.start < finding.end and finding.start < said.end:
            why, category = f"{why}; {said.why}", said.category
        elif shares.max() >= MIN_EVIDENCE:
            category = flat.CATEGORIES[int(shares.argmax())]
            why = f"{why}; phrases of {category} stand in it"
        return replace(finding, category=category, why=why, weight=odds_against(mean))


def course(values: Floats, begins: Floats, ends: Floats) -> Flags:
    """Which of some things in a row stay, where cuts have prices.

    It is the course of the greatest sum of values of what stays, less the prices of cuts that
    begin or end before a thing, so that a lone one has to be surer to go than one of many in a
    row: Viterbi's algorithm for two states, of which only the lead of one over the other is
    kept.

    >>> values, price = np.array([3.0, -1.0, 3.0, -1.0, -1.0, 0.5]), np.ones(6)
    >>> course(values, price, 0 * price).tolist()
    [True, True, True, False, False, True]
    """
    lead, leads = math.inf, []
    for value, begin, end in zip(values.tolist(), begins.tolist(), ends.tolist(), strict=True):
        lead = min(max(lead, -end), begin) + value
        leads.append(lead)
    ahead = np.array(leads)
    settled = (ahead >= np.append(begins[1:], 0.0)) | (ahead < -np.append(ends[1:], 0.0))
    # what is not settled goes the way of the next one
    index = np.where(settled, np.arange(len(ahead)), len(ahead))
    return np.asarray(ahead[np.minimum.accumulate(index[::-1])[::-1]] >= 0)


def score(text: str, told: Tell, tick: Callable[[], None]) -> TextScore:
    """Score a text that is not all white space; ``told`` finds the phrases in spans of it.

    Texts longer than :data:`MAX_PART` characters are scored in parts, as if each were a page.
    """
    parts: list[TextScore] = []
    for start, end in parts_of(text):
        part = text[start:end]
        if not part.isspace():
            parts.append(_scored(part, start, told, tick))
    return _joined(parts) if len(parts) > 1 else parts[0]


def parts_of(text: str) -> Iterator[Span]:
    """The parts of a text: each ends with a line, else a word, if there is one."""
    start = 0
    while len(text) - start > MAX_PART:
        least, most = start + MAX_PART // 2, start + MAX_PART
        found = (text.rfind(sign, least, most) for sign in "\n ")
        end = next((at + 1 for at in found if at >= 0), most)
        yield start, end
        start = end
    yield start, len(text)


def _joined(parts: Sequence[TextScore]) -> TextScore:
    """Parts of a text that follow each other as one."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(TextScore)
    }
    for name in ("units", "lines"):
        sizes = [int(getattr(part, name)[-1]) + 1 for part in parts]
        counts = [len(part.starts) for part in parts]
        columns[name] += np.repeat(np.cumsum([0, *sizes[:-1]]), counts)
    return TextScore(**columns)


def _scored(text: str, offset: int, told: Tell, tick: Callable[[], None]) -> TextScore:
    """Score a part of a text that begins at an offset."""
    tick()
    pieces, matches = described(text, offset, told)
    tick()
    page = flat.page(text, pieces, matches, offset)
    tick()
    model = weights()
    found = vocabulary.items(text, pieces)
    x = np.hstack([page.x, vocabulary.page(found, model.words, pieces.units)])
    glued = _glued(text, pieces)
    spoken = _spoken(text, pieces, page, glued)
    values = _agreed(logits(x, page.groups, model.model), page, spoken)
    says = [page.names.index(f"says_{category}") for category in flat.CATEGORIES]
    return TextScore(
        starts=pieces.starts + offset,
        ends=pieces.ends + offset,
        units=pieces.units,
        lines=pieces.lines,
        words=page.words,
        values=_with_neighbours(values, page),
        glued=glued,
        spoken=np.maximum(spoken | _as_good(text, pieces, page), 0.5 * _flowing(page)),
        good=page.x[:, page.names.index("good")] > 0,
        evidence=page.x[:, says],
    )


def described(text: str, offset: int, told: Tell) -> tuple[Pieces, list[Match]]:
    """The pieces of a part of a text, and the phrases in it, whose edges are seams."""
    pieces = cut(text)
    matches = told([(start + offset, end + offset) for start, end in pieces.unit_spans])
    strong = [(m.start - offset, m.end - offset) for m in matches if m.entry.weight >= STRONG]
    return pieces.parted(text, strong), matches


def _spoken(text: str, pieces: Pieces, page: Page, glued: Flags) -> Flags:
    """Which pieces are parts of what may be a sentence: some words up to a stop or a quote.

    It goes on behind a capital within a name, as in "Nobody at GitHub knew." Where a name may
    begin the sentence, it is one unless a known phrase ends there. In scripts without cases it
    goes on behind a known phrase.
    """
    begins = np.diff(pieces.units, prepend=-1) != 0
    within = np.flatnonzero(begins & glued).tolist()
    known = page.x[:, page.names.index("evidence")] > MIN_EVIDENCE
    starts = pieces.starts.tolist()
    names = [at for at in within if _is_name(text, starts[at], not known[at - 1])]
    caseless = [at for at in within if not _is_cased(text[starts[at] - 1])]
    begins[names + caseless] = False
    whole: Ints = np.cumsum(begins) - 1
    words = np.bincount(whole, weights=page.words)
    ends = pieces.ends[np.flatnonzero(np.diff(whole, append=-1))]
    stop = (pieces.kinds[ends - 1] == STOP) | (pieces.kinds[np.maximum(0, ends - 2)] == STOP)
    return np.asarray(((words > MIN_SENTENCE_WORDS - 0.5) & stop)[whole])


def _is_cased(char: str) -> bool:
    return char.lower() != char.upper()


def _is_name(text: str, at: int, first: bool) -> bool:
    """Whether a capital at an offset may be within a name, behind a word in small letters.

    ``first`` allows for names that begin a line.

    >>> [_is_name(text, at, True) for text, at in (("at GitHub", 6), ("more\\nLinkedIn", 11))]
    [True, True]
    >>> [_is_name(text, at, False) for text, at in (("moreThe", 4), ("LinkedIn", 6))]
    [False, False]
    """
    words = text[max(0, at - MAX_NAME) : at].rpartition("\n")[2].split()
    if not words or not (words[-1][0].isupper() or len(words[-1]) == 1):
        return False
    return words[-2][0].islower() if len(words) > 1 else first


def _as_good(text: str, pieces: Pieces, page: Page) -> Flags:
    """Which pieces are in what is no sentence by its end, but may be as good as one.

    Those are remarks in brackets, rows of tables, and long lines in a script without stops.
    """
    thai = np.array([is_thai(text[end - 1]) for end in pieces.ends.tolist()], dtype=bool)
    good = np.bincount(pieces.lines, weights=page.words * thai) >= MIN_UNSTOPPED_WORDS
    for line, (start, end) in enumerate(pieces.spans(pieces.lines)):
        remark = text[start] == "(" and text[end - 1] == ")"
        good[line] |= remark or text.count("\t", start, end) >= MIN_TABS
    return np.asarray(good[pieces.lines])


def _flowing(page: Page) -> Flags:
    """Which pieces are parts of long units with few capitals."""
    (units,) = page.groups
    words = np.bincount(units, weights=page.words)
    flows = words >= MIN_FLOWING_WORDS
    flows &= words >= MIN_FLOWING_PIECE * np.bincount(units)
    return np.asarray(flows[units])


def _glued(text: str, pieces: Pieces) -> Flags:
    """Which pieces begin within a word, as far as white space tells."""
    found = np.zeros(len(pieces.starts), dtype=bool)
    near = np.flatnonzero(pieces.starts[1:] == pieces.ends[:-1]) + 1
    places = pieces.starts[near].tolist()
    found[near] = [text[at - 1].isalpha() and text[at].isalpha() for at in places]
    return found


def _agreed(values: Floats, page: Page, spoken: Flags) -> Floats:
    """The log odds of pieces, those of a unit as their mean, but for the pieces that are sure.

    A sentence is not torn for a name in it: there only what stands before it may be sure to go,
    for a menu may run into it. What a known phrase covers is judged apart from what it does not.
    """
    strong = page.x[:, page.names.index("strong")] >= MIN_COVERED
    begins = np.diff(page.groups[0], prepend=-1) != 0
    begins[1:] |= strong[1:] != strong[:-1]
    units: Ints = np.cumsum(begins) - 1
    weight = np.sqrt(page.words) + MIN_SAY
    mean = np.bincount(units, weights=values * weight) / np.bincount(units, weights=weight)
    stays = np.cumsum(values > -SURE)
    firsts = np.flatnonzero(np.diff(units, prepend=-1))
    before: Ints = stays[firsts] - (values[firsts] > -SURE)
    leading: Flags = stays == before[units]
    sure = (abs(values) >= SURE) & (leading | ~spoken)
    return np.where(sure, values, mean[units]).astype(np.float32)


def _with_neighbours(values: Floats, page: Page) -> Floats:
    """The log odds of pieces; one without words goes only where both neighbours do."""
    around = np.concatenate((values[:1], values, values[-1:]))
    return np.where(page.words > 0, values, np.maximum(around[:-2], around[2:]))
