"""The score of a flattened text: which pieces of it are main content."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from declutter.model import Category, Finding
from declutter.scoring import flat, vocabulary
from declutter.scoring.characters import STOP, Flags, Floats, Ints
from declutter.scoring.features import Page
from declutter.scoring.model import MIN_SAY, Weights, expected_f1, logits, squeezed
from declutter.scoring.pieces import Pieces

Span = tuple[int, int]
MIN_SENTENCE_WORDS = 3
SURE = 1.4  # log odds: probabilities below .2 and above .8
MIN_EVIDENCE = 0.3  # of a span that phrases of a category cover, to name it


@dataclass(frozen=True, slots=True)
class TextWeights:
    """The networks, and what words tell: one number for each place of the table."""

    model: Weights
    words: tuple[Floats, Floats]  # by sites, by the lexicons


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


@dataclass(frozen=True)
class TextScore:
    """The pieces of a text, their probabilities to be main content, and which are in sentences."""

    pieces: Pieces
    page: Page
    probabilities: Floats
    spoken: Flags

    @property
    def good(self) -> Flags:
        """Which pieces are parts of running text."""
        return np.asarray(self.page.x[:, self.page.names.index("good")] > 0)

    @property
    def words(self) -> float:
        """How many words the text has."""
        return float(self.page.words.sum())

    def share(self, limit: float) -> float:
        """The share of the words whose probability reaches a limit."""
        words = self.page.words
        return float(words[self.probabilities >= limit].sum() / max(1.0, float(words.sum())))

    def spans(self, gone: Flags) -> list[Span]:
        """Some pieces as spans, those that follow each other on a line as one."""
        pieces, found, last = self.pieces, list[Span](), -1
        for at in np.flatnonzero(gone).tolist():
            start, end = int(pieces.starts[at]), int(pieces.ends[at])
            if found and last == at - 1 and pieces.lines[at] == pieces.lines[last]:
                start = found.pop()[0]
            found.append((start, end))
            last = at
        return found

    def confidence(self, cuts: Sequence[Span]) -> float | None:
        """The F1 to be expected of a text without some spans, as seen on pages not learned from.

        None where nothing is left.
        """
        starts, ends = np.array([(-1, -1), *cuts]).T
        middle = (self.pieces.starts + self.pieces.ends) // 2
        kept = middle >= ends[np.searchsorted(starts, middle, side="right") - 1]
        if not kept.any():
            return None
        expected = expected_f1(self.probabilities, self.page.words, kept)
        known = weights().model.calibration
        return float(np.interp(expected, *known)) if known else expected

    def named(self, finding: Finding, said: Finding | None) -> Finding:
        """A span that the score removes, with what it is and why; ``said`` is what rules tell."""
        first = int(np.searchsorted(self.pieces.ends, finding.start, side="right"))
        stop = max(first + 1, int(np.searchsorted(self.pieces.starts, finding.end)))
        mean = float(self.probabilities[first:stop].mean())
        why, category = f"main content with probability {mean:.2f}", Category.LOW_CONTENT
        if said is not None and said.start < finding.end and finding.start < said.end:
            why = f"{why}; {said.why}"
            return replace(finding, category=said.category, why=why, weight=mean)
        shares = self._evidence[:, first:stop].mean(axis=1)
        if shares.max() >= MIN_EVIDENCE:
            category = flat.CATEGORIES[int(shares.argmax())]
            why += f"; phrases of {category} stand in it"
        return replace(finding, category=category, why=why, weight=mean)

    @cached_property
    def _evidence(self) -> Floats:
        columns = [self.page.names.index(f"says_{category}") for category in flat.CATEGORIES]
        return self.page.x[:, columns].T


def score(text: str, pieces: Pieces, page: Page) -> TextScore:
    """Score the pieces of a text."""
    model = weights()
    found = vocabulary.items(text, pieces)
    x = np.hstack([page.x, vocabulary.page(found, model.words, pieces.units)])
    spoken = _spoken(pieces, page)
    values = _agreed(logits(x, page.groups, model.model), page, spoken)
    return TextScore(pieces, page, squeezed(_with_neighbours(values, page)), spoken)


def _spoken(pieces: Pieces, page: Page) -> Flags:
    """Which pieces are parts of what may be a sentence: some words up to a stop or a quote."""
    words = np.expm1(page.x[:, page.names.index("unit_words")])
    lasts = np.flatnonzero(np.diff(pieces.units, append=-1))
    ends = pieces.ends[lasts]
    stop = (pieces.kinds[ends - 1] == STOP) | (pieces.kinds[np.maximum(0, ends - 2)] == STOP)
    return np.asarray((words > MIN_SENTENCE_WORDS - 0.5) & stop[pieces.units])


def _agreed(values: Floats, page: Page, spoken: Flags) -> Floats:
    """The log odds of pieces, those of a unit as their mean, but for the pieces that are sure.

    A sentence is not torn for a name in it: there only what stands before it may be sure to go,
    for a menu may run into it.
    """
    (units,) = page.groups
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
