"""Flattened text cut into pieces: lines, sentences, and what may have been glued together.

A *unit* ends where a line, a sentence, a sign that separates items, or a change of case within
a word ends it. A *piece* is a part of a unit that begins with a capital behind small letters,
or with one of the last words of a run of capitals, for there a menu may pass into a sentence.
A cut too many costs little: pieces that belong together are judged alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from declutter.heads import code_points
from declutter.scoring.characters import (
    DIGIT,
    LOWER,
    SPACE,
    STOP,
    UNSPACED,
    UPPER,
    Flags,
    Ints,
    classes,
)

# what signs are to the cutting, as bits
_NEWLINE, _CLOSING, _GLUING, _WIDE_STOP, _SEPARATOR, _CASELESS, _OPENING = 1, 2, 4, 8, 16, 32, 64
_LEFT_QUOTE, _RIGHT_QUOTE = 128, 256
_BEGINNING = _CASELESS | _OPENING  # what a sentence may begin with, though it is no capital
_SIGNS = {
    _NEWLINE: "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029",
    _CLOSING: "\"'”’)]»›」』）",
    _GLUING: ")]»”",
    _WIDE_STOP: "。！？؟।॥۔｡",
    _SEPARATOR: "|•·»›→▼▾►©®{}",
    _OPENING: "¿¡",
    _LEFT_QUOTE: "«",
    _RIGHT_QUOTE: "»",
}
# letters without cases, as far as there are stops and spaces between their words
_CASELESS_LETTERS = ((0x590, 0x13A0), (0x1400, 0x1C80), (0xAC00, 0xD7A4))
MIN_RUN = 2  # words with capitals, of which the last may begin a sentence
_QUOTES = tuple("“„«‘\"'「『")
MAX_QUOTE = 400  # characters: a longer quotation is a missing sign
STEP = 3  # words between two cuts in a long run of capitals


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a text, without white space around them.

    ``units`` and ``lines`` number the unit and the line of each piece; ``kinds`` are the
    classes of all characters.
    """

    starts: Ints
    ends: Ints
    units: Ints
    lines: Ints
    kinds: NDArray[np.uint8]

    @property
    def unit_spans(self) -> list[tuple[int, int]]:
        """Where the units begin and end."""
        return self.spans(self.units)

    def spans(self, groups: Ints) -> list[tuple[int, int]]:
        """Where groups of pieces begin and end, such as ``units`` or ``lines``."""
        firsts = np.flatnonzero(np.diff(groups, prepend=-1))
        lasts = np.append(firsts[1:], len(groups)) - 1
        return list(zip(self.starts[firsts].tolist(), self.ends[lasts].tolist(), strict=True))

    def parted(self, text: str, spans: Iterable[tuple[int, int]]) -> Pieces:
        """The pieces, with cuts where some spans (phrases) pass into something else.

        That is where letters are glued to them, or a quotation or a capital follows.

        >>> text = "다리는 낡았다구독하기"
        >>> found = cut(text).parted(text, [(7, 11)])
        >>> [text[a:b] for a, b in zip(found.starts, found.ends)], found.units.tolist()
        (['다리는 낡았다', '구독하기'], [0, 1])
        """
        edges = {edge for span in spans for edge in _edges(text, *span)}
        known = set(self.starts.tolist())
        new = np.array(sorted(edge for edge in edges if edge[1] not in known), dtype=np.int64)
        if not len(new):
            return self
        ends, starts = (
            np.sort(np.append(old, added))
            for old, added in zip((self.ends, self.starts), new.T, strict=True)
        )
        was = np.searchsorted(self.ends, starts, side="right")
        more = np.searchsorted(new[:, 1], starts, side="right")
        return replace(
            self, starts=starts, ends=ends, units=self.units[was] + more, lines=self.lines[was]
        )


def _edges(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a phrase passes into something else: an end and a start."""
    yield from ((at, at) for at in (start, end) if _is_glued(text, at))
    following = text[end : end + 2]
    if following[:1] == " " and (following[1:] in _QUOTES or following[1:].isupper()):
        yield end, end + 1


def _is_glued(text: str, at: int) -> bool:
    """Whether letters, or a stop and a letter, meet at an offset."""
    return 0 < at < len(text) and not text[at - 1].isspace() and text[at].isalpha()


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint16]:
    """The bits of every code point of the basic plane."""
    table = np.zeros(65536, dtype=np.uint16)
    for bit, signs in _SIGNS.items():
        table[[ord(sign) for sign in signs]] |= bit
    for first, stop in _CASELESS_LETTERS:
        table[first:stop] |= _CASELESS
    return table


def cut(text: str) -> Pieces:
    """Cut a text that is not all white space into pieces.

    >>> text = "Home News Sport Contact The council met. It votedRead more"
    >>> found = cut(text)
    >>> [text[a:b] for a, b in zip(found.starts, found.ends)]
    ['Home News Sport Contact', 'The council met.', 'It voted', 'Read more']
    >>> found.units.tolist()
    [0, 0, 1, 2]
    """
    kinds = classes(text)
    signs = _table()[np.minimum(code_points(text), 0xFFFF)]
    line = (signs & _NEWLINE) > 0
    words = _Words.of(kinds, signs)
    unit = line | _sentence_ends(kinds, signs, words) | _seams(kinds, signs, words)
    edges = np.flatnonzero(unit | _capitals(kinds, words))
    bounds = np.concatenate(([0], edges[edges > 0], [len(kinds)]))
    starts, ends = words.trimmed(bounds[:-1], bounds[1:])
    some = starts < ends
    starts, ends = starts[some], ends[some]
    return Pieces(starts, ends, _numbered(unit, starts), _numbered(line, starts), kinds)


def _numbered(cuts: Flags, starts: Ints) -> Ints:
    """Consecutive numbers of the parts, between cuts, that pieces stand in."""
    parts = np.cumsum(cuts)[starts]
    return np.cumsum(np.diff(parts, prepend=parts[:1]) > 0)


@dataclass(frozen=True, slots=True)
class _Words:
    """Where words begin, what stands before them, and the nearest sign that is no space."""

    starts: Ints
    before: Ints  # the last character of the word before
    spoken: Ints  # the same, but for closing quotes and brackets
    last: Ints  # for each character, the last one up to it that is no space
    next: Ints

    @classmethod
    def of(cls, kinds: NDArray[np.uint8], signs: NDArray[np.uint16]) -> _Words:
        index = np.arange(len(kinds))
        solid = kinds != SPACE
        last = np.maximum.accumulate(np.where(solid, index, -1))
        following = np.minimum.accumulate(np.where(solid, index, len(kinds))[::-1])[::-1]
        bare = solid & ((signs & _CLOSING) == 0)
        spoken = np.maximum.accumulate(np.where(bare, index, -1))
        starts = np.flatnonzero(solid[1:] & ~solid[:-1]) + 1
        starts = starts[spoken[starts - 1] >= 0]
        return cls(starts, last[starts - 1], spoken[starts - 1], last, following)

    def trimmed(self, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
        """Spans without the white space around them."""
        return self.next[starts], self.last[ends - 1] + 1


def _sentence_ends(kinds: NDArray[np.uint8], signs: NDArray[np.uint16], words: _Words) -> Flags:
    """Characters behind the end of a sentence."""
    found = np.zeros(len(kinds), dtype=bool)
    goes_on = (kinds[words.starts] == LOWER) & ((signs[words.starts] & _BEGINNING) == 0)
    found[words.starts[(kinds[words.spoken] == STOP) & ~goes_on]] = True
    at = np.flatnonzero(kinds[:-1] == STOP)
    before, after = kinds[np.maximum(0, at - 1)], kinds[at + 1]
    glued = (after == UPPER) & ((before == LOWER) | (before == UNSPACED))
    wide = ((signs[at] & _WIDE_STOP) > 0) & ((signs[at + 1] & _CLOSING) == 0)
    found[at[glued | wide | (after == UNSPACED)] + 1] = True
    quoted = ((signs[:-2] & _WIDE_STOP) > 0) & ((signs[1:-1] & _CLOSING) > 0)
    found[np.flatnonzero(quoted) + 2] = True
    return found


def _seams(kinds: NDArray[np.uint8], signs: NDArray[np.uint16], words: _Words) -> Flags:
    """Characters where something else may begin: signs between items, glued words, wide gaps."""
    quoting = _quoting(signs)
    found = ((signs & _SEPARATOR) > 0) & ~quoting
    upper = kinds[1:] == UPPER
    glued = (kinds[:-1] == LOWER) & ((signs[:-1] & (_OPENING | _LEFT_QUOTE)) == 0)
    found[1:] |= upper & (glued | (((signs[:-1] & _GLUING) > 0) & ~quoting[:-1]))
    year = (kinds[:-2] == DIGIT) & upper[:-1] & (kinds[2:] == LOWER)
    found[1:-1] |= year
    found[1:] |= (kinds[1:] == SPACE) & (kinds[:-1] == SPACE)
    unspaced = (kinds[words.starts] == UNSPACED) | (kinds[words.before] == UNSPACED)
    found[words.starts[unspaced]] = True
    return found


def _quoting(signs: NDArray[np.uint16]) -> Flags:
    """Where a guillemet that separates items elsewhere is a quotation's, beside its other half."""
    found = np.zeros(len(signs), dtype=bool)
    at = np.flatnonzero(signs & (_LEFT_QUOTE | _RIGHT_QUOTE))
    left = (signs[at] & _LEFT_QUOTE) > 0
    near = np.diff(at, prepend=-MAX_QUOTE) < MAX_QUOTE
    line = np.cumsum((signs & _NEWLINE) > 0)[at]
    near[1:] &= line[1:] == line[:-1]
    paired = np.zeros(len(at), dtype=bool)
    paired[1:] = near[1:] & (left[:-1] != left[1:])
    paired[:-1] |= paired[1:]
    found[at[paired]] = True
    return found


def _capitals(kinds: NDArray[np.uint8], words: _Words) -> Flags:
    """Words that begin with a capital, where a label may pass into a sentence."""
    found = np.zeros(len(kinds), dtype=bool)
    first = kinds[words.starts]
    high = first != LOWER
    index = np.arange(len(high))
    run = index - np.maximum.accumulate(np.where(high, -1, index))
    behind_low = np.concatenate(([False], ~high[:-1]))
    before_low = np.concatenate((~high[1:], [False]))
    begins = behind_low | (before_low & (run >= MIN_RUN)) | ((run > STEP) & (run % STEP == 1))
    found[words.starts[(first == UPPER) & begins]] = True
    return found
