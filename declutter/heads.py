"""Where phrases may begin: word boundaries and heads, sought in a whole text at once.

A page has some thousand words and the lexicons some ten thousand literal beginnings of
phrases (*heads*), so that every step here is one of numpy over all positions, never one
of Python for each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_ALNUM, _UPPER, _LOWER, _DIGIT, _MARK, _UNSPACED = 1, 2, 4, 8, 16, 32
_BUCKETS_BITS = 16
_FACTOR = np.uint32(2654435761)  # Knuth's multiplicative hashing
_PAGE = 256


class Classes:
    """What kind of character each code point is; filled in by pages of 256 as texts need them."""

    def __init__(self, is_unspaced: Callable[[str], bool]) -> None:
        self._is_unspaced = is_unspaced
        self._bits = np.zeros(0x110000, dtype=np.uint8)
        self._known = np.zeros(0x110000 // _PAGE, dtype=bool)

    def of(self, codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The classes of code points, as bits."""
        pages = np.zeros(len(self._known), dtype=bool)
        pages[codes // _PAGE] = True
        for page in np.flatnonzero(pages & ~self._known).tolist():
            span = range(page * _PAGE, (page + 1) * _PAGE)
            self._bits[span.start : span.stop] = [self._class(chr(code)) for code in span]
            self._known[page] = True
        return self._bits[codes]

    def _class(self, char: str) -> int:
        return (
            _ALNUM * char.isalnum()
            | _UPPER * char.isupper()
            | _LOWER * char.islower()
            | _DIGIT * char.isdigit()
            | _MARK * (char > "\u02ff" and unicodedata.category(char)[0] == "M")
            | _UNSPACED * self._is_unspaced(char)
        )

    def boundaries(self, text: str) -> NDArray[np.bool_]:
        """For every offset, the end included, whether a word may begin or end there.

        The same as :func:`declutter.lexicon.is_boundary`, for a whole text.
        """
        found = np.ones(len(text) + 1, dtype=bool)
        if len(text) > 1:
            kinds = self.of(code_points(text))
            found[1:-1] = _between(kinds[:-1], kinds[1:])
            found[2:-2] |= _before_last_capital(kinds)
        return found


def _between(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a word may end between two characters each."""
    inside = (before & after & _ALNUM) > 0
    seam = ((after & _UPPER) > 0) & ((before & (_LOWER | _DIGIT)) > 0)
    unspaced = ((before | after) & _UNSPACED) > 0
    found: NDArray[np.bool_] = (~inside | seam | unspaced) & ((after & _MARK) == 0)
    return found


def _before_last_capital(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether three capitals and a small letter meet at an offset ("UKF|ormer": "UK|Former")."""
    upper = (kinds & _UPPER) > 0
    return upper[:-3] & upper[1:-2] & upper[2:-1] & ((kinds[3:] & _LOWER) > 0)


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


class HeadTable:
    """A set of heads by their hashes: tells which words of a text may begin with one.

    Behind an ``ended`` head a word boundary must follow.
    """

    def __init__(self, heads: Collection[str], ended: Collection[str]) -> None:
        self._longest = max(map(len, [*heads, *ended]), default=0)
        self._open = _buckets(heads, self._longest)
        self._ended = _buckets(ended, self._longest)

    def find(
        self, codes: NDArray[np.uint32], starts: NDArray[np.intp], boundaries: NDArray[np.bool_]
    ) -> Iterator[tuple[int, list[int]]]:
        """For each length of heads, the starts of words that may have one of that length."""
        hashes = np.zeros(len(starts), dtype=np.uint32)
        for size in range(1, self._longest + 1):
            within_text = np.searchsorted(starts, len(codes) - size, side="right")
            starts, hashes = starts[:within_text], hashes[:within_text]
            hashes = _step(hashes, codes[starts + (size - 1)])
            places = hashes >> np.uint32(32 - _BUCKETS_BITS)
            fits = self._open[size][places]
            fits |= self._ended[size][places] & boundaries[starts + size]
            yield size, starts[fits].tolist()


def _step(hashes: NDArray[np.uint32], codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (hashes ^ codes) * _FACTOR


def _buckets(words: Collection[str], longest: int) -> NDArray[np.bool_]:
    """Which hashes the words of each length have."""
    found = np.zeros((longest + 1, 1 << _BUCKETS_BITS), dtype=bool)
    if not words:
        return found
    letters = np.array(list(words), dtype=f"<U{longest}").view("<u4").reshape(-1, longest)
    lengths = np.fromiter(map(len, words), dtype=np.intp)
    hashes = np.zeros(len(words), dtype=np.uint32)
    for size in range(1, longest + 1):
        hashes = _step(hashes, letters[:, size - 1])
        found[size][hashes[lengths == size] >> np.uint32(32 - _BUCKETS_BITS)] = True
    return found


def within(starts: NDArray[np.bool_], spans: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """The flags of those offsets that lie in one of the spans."""
    inside = np.zeros(len(starts), dtype=bool)
    for start, end in spans:
        inside[start:end] = True
    return starts & inside
