"""Where phrases may begin: word boundaries and heads, sought in a whole text at once.

A page has some thousand words and the lexicons some ten thousand literal beginnings of
phrases (*heads*), so that every step here is one of numpy over all positions, never one
of Python for each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

_ALNUM, _UPPER, _LOWER, _DIGIT, _MARK, _UNSPACED = 1, 2, 4, 8, 16, 32
_OPEN, _ENDED, _LONGER = 1, 2, 4
_BUCKETS_BITS = 16
_FACTOR = 2654435761  # Knuth's multiplicative hashing, here in signed arithmetic
_BITS = 0xFFFFFFFF
_PAGE_BITS = 8
_PAGE = 1 << _PAGE_BITS


class Classes:
    """What kind of character each code point is; filled in by pages of 256 as texts need them."""

    def __init__(
        self, is_unspaced: Callable[[str], bool], like: Mapping[str, str] | None = None
    ) -> None:
        self._is_unspaced = is_unspaced
        self._alike = np.arange(0x10000, dtype=np.uint32)
        for char, other in (like or {}).items():
            self._alike[ord(char)] = ord(other)
        self._bits = np.zeros(0x110000, dtype=np.uint8)
        self._known = np.zeros(0x110000 // _PAGE, dtype=bool)

    def alike(self, codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Code points with one kind of space, hyphen and apostrophe."""
        if len(codes) and codes.max() > 0xFFFF:
            return np.where(codes > 0xFFFF, codes, self._alike.take(codes, mode="clip"))
        return self._alike.take(codes)

    def of(self, codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The classes of code points, as bits."""
        pages = np.zeros(len(self._known), dtype=bool)
        pages[codes >> np.uint32(_PAGE_BITS)] = True
        for page in np.flatnonzero(pages & ~self._known).tolist():
            span = range(page * _PAGE, (page + 1) * _PAGE)
            self._bits[span.start : span.stop] = [self._class(chr(code)) for code in span]
            self._known[page] = True
        return self._bits.take(codes)

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
        self._shortest = min(map(len, [*heads, *ended]), default=0)
        self._buckets = np.zeros((self._longest + 1, 1 << _BUCKETS_BITS), dtype=np.uint8)
        self._fill(heads, _OPEN)
        self._fill(ended, _ENDED)

    def _fill(self, words: Collection[str], kind: int) -> None:
        """Note the hashes of words, and those of all that they begin with."""
        if not words:
            return
        longest = self._longest
        strings = np.array(list(words), dtype=f"<U{longest}")
        letters = strings.view("<u4").reshape(-1, longest).astype(np.int64)
        lengths = np.fromiter(map(len, words), dtype=np.intp)
        hashes = np.zeros(len(words), dtype=np.int64)
        for size in range(1, longest + 1):
            hashes = _step(hashes, letters[:, size - 1])
            places = hashes >> (32 - _BUCKETS_BITS)
            self._buckets[size][places[lengths == size]] |= kind
            self._buckets[size][places[lengths > size]] |= _LONGER

    def find(
        self, codes: NDArray[np.uint32], starts: NDArray[np.intp], boundaries: NDArray[np.bool_]
    ) -> Iterator[tuple[int, list[int]]]:
        """For each length of heads, the starts of words that may have one of that length."""
        length = len(codes)
        letters = np.zeros(length + self._longest, dtype=np.int64)
        letters[:length] = codes
        hashes = np.zeros(len(starts), dtype=np.int64)
        for size in range(1, self._longest + 1):
            hashes = _step(hashes, letters.take(starts + (size - 1)))
            if size < self._shortest:
                continue
            kinds = self._buckets[size].take(hashes >> (32 - _BUCKETS_BITS))
            heads = np.flatnonzero(kinds & (_OPEN | _ENDED))
            if len(heads):
                ats = starts.take(heads)
                fits = boundaries.take(ats + size, mode="clip")
                fits |= (kinds.take(heads) & _OPEN) > 0
                fits &= ats <= length - size
                yield size, ats[fits].tolist()
            longer = np.flatnonzero(kinds & _LONGER)
            starts, hashes = starts.take(longer), hashes.take(longer)


def _step(hashes: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    return ((hashes ^ codes) * _FACTOR) & _BITS
