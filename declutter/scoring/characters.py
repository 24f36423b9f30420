"""What the characters of blocks tell: classes, words and sentence ends, counted in arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from declutter.heads import code_points

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SPACE, LOWER, UPPER, DIGIT, UNSPACED, STOP, COMMA, SIGN, OTHER = range(9)
MAX_FEATURES = 256  # of which a page takes no more memory than it has
UNSPACED_WORD = 0.6  # of a word that a character of an unspaced script counts for
MAX_COMMON = 30  # words that count as a page's function words ...
MIN_COMMON = 3  # ... if they stand so often ...
MIN_LONG = 10  # ... in blocks of so many words
TABLE_BITS = 16
TABLE = 1 << TABLE_BITS  # places for words
MAX_CHARS = 1 << 17  # at a time; of a longer word only so many count
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2 ** 64
_MIXER = np.uint64(0xD6E8FEB86659FD93)

# Latin, Greek, Cyrillic, Armenian and their extensions
_CASED = (*range(0x41, 0x590), *range(0x1E00, 0x2000))


class Columns:
    """Features of blocks by name: rows of one matrix, whatever they are made as.

    >>> columns = Columns(2)
    >>> columns["size"] = np.array([1, 2])
    >>> columns.matrix.tolist(), columns.names
    ([[1.0], [2.0]], ('size',))
    """

    def __init__(self, blocks: int) -> None:
        self._rows: Floats = np.empty((MAX_FEATURES, blocks), dtype=np.float32)
        self._at: dict[str, int] = {}

    def __getitem__(self, name: str) -> Floats:
        row: Floats = self._rows[self._at[name]]
        return row

    def __setitem__(self, name: str, values: NDArray[Any] | float) -> None:
        self._rows[self._at.setdefault(name, len(self._at))] = values

    def update(self, columns: Mapping[str, NDArray[Any] | float]) -> None:
        """Set several."""
        for name, values in columns.items():
            self[name] = values

    @property
    def names(self) -> tuple[str, ...]:
        """The features set, in order."""
        return tuple(self._at)

    @property
    def matrix(self) -> Floats:
        """Blocks x features."""
        return self._rows[: len(self._at)].T


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """A class for every code point of the basic plane; letters of most scripts are LOWER."""
    table = np.full(65536, LOWER, dtype=np.uint8)
    table[:0x30] = OTHER
    table[[9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x202F]] = SPACE
    table[0x30:0x3A] = DIGIT
    table[0x3A:0x41] = table[0x5B:0x61] = table[0x7B:0xAA] = OTHER
    table[[code for code in _CASED if chr(code).isupper()]] = UPPER
    table[0x2000:0x2C00] = OTHER
    for start, end in ((0x0E00, 0x0E80), (0x1000, 0x10A0), (0x3040, 0xA000), (0xF900, 0xFB00)):
        table[start:end] = UNSPACED
    table[0x3000:0x3040] = table[0xFE30:0xFE70] = table[0xFF00:0xFF21] = OTHER
    table[0x3000] = SPACE
    for kind, signs in ((STOP, ".!?…。！？؟।॥۔｡"), (COMMA, ",،、，：:؛；;"),
                        (SIGN, "|·•©®»›→<>{}=/_#@*+$€£¥₹™×▼▾►")):  # fmt: skip
        table[[ord(sign) for sign in signs]] = kind
    return table


def classes(text: str) -> NDArray[np.uint8]:
    """The class of each character of a text; outside the basic plane all are signs.

    >>> classes("Ab 1.").tolist() == [UPPER, LOWER, SPACE, DIGIT, STOP]
    True
    """
    points = code_points(text)
    if len(points) and points.max() > 0xFFFF:
        points = np.where(points > 0xFFFF, ord("+"), points).astype(np.uint32)
    return _table()[points]


def describe(
    text: str, kinds: NDArray[np.uint8], starts: Ints, ends: Ints, about: str, out: Columns
) -> tuple[Floats, Floats]:
    """Add the features of blocks' own characters; return their words and sentence ends.

    ``kinds`` are the :func:`classes` of the text, ``about`` is what the page says of itself:
    its title and description.
    """
    chars = (ends - starts).astype(np.float32)
    counts = _counts(kinds, starts, ends)
    words = _words(text, kinds, starts, ends, about, out)
    after = np.concatenate((kinds[1:], [np.uint8(SPACE)]))
    stop = (kinds == STOP) & ((after == SPACE) | (after == UNSPACED) | (after == UPPER))
    stop[1:] &= kinds[:-1] != DIGIT
    stops = _between(stop, starts, ends)
    letters = np.maximum(1, counts[LOWER] + counts[UPPER] + counts[UNSPACED])
    some = np.maximum(1, words)
    out.update({
        "log_words": np.log1p(words), "log_chars": np.log1p(chars),
        "upper": counts[UPPER] / letters, "digits": counts[DIGIT] / chars,
        "signs": counts[SIGN] / chars, "others": counts[OTHER] / chars,
        "commas": counts[COMMA] / some, "stops": stops / some, "log_stops": np.log1p(stops),
        "word_length": letters / some / 8, "unspaced": counts[UNSPACED] / letters,
        "has_sign": np.minimum(1, counts[SIGN]),
    })  # fmt: skip
    first, last = kinds[starts], kinds[ends - 1]
    out.update({
        "ends_stop": last == STOP, "ends_comma": last == COMMA, "ends_other": last >= SIGN,
        "starts_upper": first == UPPER, "starts_digit": first == DIGIT,
        "starts_sign": first >= SIGN,
    })  # fmt: skip
    return words, stops


def _counts(kinds: NDArray[np.uint8], starts: Ints, ends: Ints) -> Floats:
    """How many characters of each class every block has (classes x blocks)."""
    parts = [
        _counts_of(kinds[starts[part][0] : ends[part][-1]], starts[part], ends[part])
        for part in _parts(starts, ends)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _parts(starts: Ints, ends: Ints) -> Iterator[slice]:
    """Slices of spans that cover some characters at a time, for each takes tens of bytes."""
    at = 0
    while at < len(starts):
        stop = max(at + 1, int(np.searchsorted(ends, starts[at] + MAX_CHARS, side="right")))
        yield slice(at, stop)
        at = stop


def _counts_of(kinds: NDArray[np.uint8], starts: Ints, ends: Ints) -> Floats:
    edges = np.stack([starts, ends], axis=1).ravel() - starts[0]
    width = OTHER + 1
    spans = np.repeat(np.arange(len(edges) - 1) * width, np.diff(edges))
    counts = np.bincount(spans + kinds, minlength=len(edges) * width)
    return counts.reshape(-1, width)[::2].T.astype(np.float32)


def _between(flags: Flags, starts: Ints, ends: Ints) -> Floats:
    total = np.concatenate(([0], np.cumsum(flags)))
    return (total[ends] - total[starts]).astype(np.float32)


# --- words ----------------------------------------------------------------------------


def word_bounds(kinds: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Where words begin and end; a character of an unspaced script is one."""
    letter = (kinds >= LOWER) & (kinds <= UNSPACED)
    alone = kinds == UNSPACED
    begins, ends = letter.copy(), letter.copy()
    seam = ~letter[:-1] | alone[1:] | alone[:-1]
    begins[1:] &= seam
    ends[:-1] &= ~letter[1:] | alone[1:] | alone[:-1]
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def hashes(text: str, starts: Ints, ends: Ints) -> NDArray[np.uint64]:
    """A number for each word, equal for equal words whatever their case.

    A polynomial of the code points by prefix sums, moved to the same power for all words;
    the upper bits are mixed best.
    """
    out = np.empty(len(starts), dtype=np.uint64)
    for part in _parts(starts, ends):
        first, last = int(starts[part][0]), int(ends[part][-1])
        out[part] = _hashes_of(text[first:last], starts[part] - first, ends[part] - first)
    return out


def _hashes_of(text: str, starts: Ints, ends: Ints) -> NDArray[np.uint64]:
    folded = text.lower()
    points = code_points(folded if len(folded) == len(text) else text)[:MAX_CHARS]
    up, down = _powers()
    with np.errstate(over="ignore"):
        powers = points.astype(np.uint64) * up[: len(points)]
        total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(powers)))
        mixed = (total[np.minimum(ends, MAX_CHARS)] - total[starts]) * down[starts]
        return np.asarray(mixed * _MIXER, dtype=np.uint64)


def _places(text: str, starts: Ints, ends: Ints) -> NDArray[np.int32]:
    """Numbers of words below :data:`TABLE`; few of a page's words share one with another."""
    return np.asarray(hashes(text, starts, ends) >> np.uint64(64 - TABLE_BITS), dtype=np.int32)


@lru_cache(maxsize=1)
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of the base and of its inverse."""
    inverse = np.uint64(pow(int(_BASE), -1, 2**64))
    with np.errstate(over="ignore"):
        up = np.cumprod(np.full(MAX_CHARS, _BASE, dtype=np.uint64))
        down = np.cumprod(np.full(MAX_CHARS, inverse, dtype=np.uint64))
    return np.asarray(up, dtype=np.uint64), np.asarray(down, dtype=np.uint64)


def _words(
    text: str,
    kinds: NDArray[np.uint8],
    starts: Ints,
    ends: Ints,
    about: str,
    out: Columns,
) -> Floats:
    """Count words, and how many are function words, unique, or in the page's own title."""
    begins, stops = word_bounds(kinds)
    n = len(starts)
    block_of = np.searchsorted(starts, begins, side="right") - 1
    tally = np.bincount(block_of, minlength=n)
    words = _places(text, begins, stops)
    counts = np.bincount(words, minlength=TABLE)
    often = np.bincount(words[(tally >= MIN_LONG)[block_of]], minlength=TABLE)
    candidates = np.flatnonzero(often >= MIN_COMMON)
    most = candidates[np.argsort(-often[candidates], kind="stable")[:MAX_COMMON]]
    common, topic = np.zeros(TABLE, dtype=bool), np.zeros(TABLE, dtype=bool)
    common[most] = True
    topic[_places(about, *word_bounds(classes(about)))] = True
    size = np.maximum(1, tally)
    hits = np.bincount(block_of[(topic & ~common)[words]], minlength=n)
    out.update({
        "common": np.bincount(block_of[common[words]], minlength=n) / size,
        "unique": np.bincount(block_of[(counts == 1)[words]], minlength=n) / size,
        "topic": hits / size, "topic_hits": np.log1p(hits),
    })  # fmt: skip
    alone = np.bincount(block_of[kinds[begins] == UNSPACED], minlength=n)
    return (tally - (1 - UNSPACED_WORD) * alone).astype(np.float32)
