"""What words tell: how many sites use them in main content, and how many in boilerplate.

Words, and pairs of neighbours with the edges of their unit, are counted by sites rather than
by occurrences, so that no site's own words weigh much; unknown ones say nothing. Both go
into one table by hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from declutter.lexicon import Entry
from declutter.model import CREDITS
from declutter.scoring.characters import Columns, Floats, Ints, hashes, word_bounds
from declutter.scoring.pieces import Pieces, cut
from declutter.scoring.stopwords import COMMON, stop_words

BITS = 18
TABLE = 1 << BITS
_EDGE = np.uint64(0x9E3779B97F4A7C15)
_LEFT, _RIGHT = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
PRIOR = 1.0  # entries: what one alone says counts half as much
_SHIFT = np.uint64(64 - BITS)


@dataclass(frozen=True, slots=True)
class Items:
    """The words and the pairs of a text by their places in the table.

    ``owners`` are the pieces of the words. ``before`` and ``after`` are the pairs that a word
    makes with the one before it and the one behind it.
    """

    owners: Ints
    words: NDArray[np.int32]
    before: NDArray[np.int32]
    after: NDArray[np.int32]

    @property
    def all(self) -> NDArray[np.int32]:
        """All words and pairs; most pairs twice."""
        return np.concatenate((self.words, self.before, self.after))


def items(text: str, pieces: Pieces) -> Items:
    """The words of a text and what stands beside them."""
    starts, ends = word_bounds(pieces.kinds)
    owners = np.searchsorted(pieces.ends, starts, side="right")
    inside = (owners < len(pieces.ends)) & (
        starts >= pieces.starts[np.minimum(owners, len(pieces.ends) - 1)]
    )
    starts, ends, owners = starts[inside], ends[inside], owners[inside]
    full = hashes(text, starts, ends)
    units = pieces.units[owners]
    same = units[1:] == units[:-1]
    edge = np.array([_EDGE])
    left = np.concatenate((edge, np.where(same, full[:-1], _EDGE)))[: len(full)]
    right = np.concatenate((np.where(same, full[1:], _EDGE), edge))[: len(full)]
    return Items(owners, _place(full), _pair(left, full), _pair(full, right))


def _place(values: NDArray[np.uint64]) -> NDArray[np.int32]:
    return np.asarray(values >> _SHIFT, dtype=np.int32)


def _pair(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int32]:
    with np.errstate(over="ignore"):
        return _place((left * _LEFT) ^ (right * _RIGHT) * _LEFT)


def of_lexicon(entries: Iterable[Entry]) -> Floats:
    """What words tell by the examples of lexicon entries: log odds for each place of the table.

    Each entry counts once for what it matches and once for what it spares. Stop words, of its
    language and the most frequent ones, tell nothing: the examples are too few to count them.
    """
    counts = np.zeros((2, TABLE), dtype=np.float32)
    for entry in entries:
        dumb = _stop_words(entry.id.split(".")[0])
        for side, examples in enumerate((entry.match, entry.spare)):
            text = "\n".join(example.replace("\n", " ") for example in examples)
            if text and entry.category not in CREDITS:
                places = np.unique(items(text, cut(text)).all)
                counts[side, places[~dumb[places]]] += 1
    table = np.log((counts[0] + PRIOR) / (counts[1] + PRIOR))
    return np.asarray(np.where(counts[0] > 0, table, 0), dtype=np.float32)


@lru_cache(maxsize=64)
def _stop_words(language: str) -> NDArray[np.bool_]:
    """Which places are those of stop words, of a language and of the most frequent ones."""
    found = np.zeros(TABLE, dtype=bool)
    for code in {language, *COMMON}:
        if text := "\n".join(sorted(stop_words(code))):
            found[items(text, cut(text)).words] = True
    return found


def page(found: Items, tables: Sequence[Floats], units: Ints) -> Floats:
    """What the words of each piece and of its unit tell, by each table (pieces x features)."""
    out = Columns(len(units))
    for number, table in enumerate(tables):
        _describe(found, table, units, number, out)
    return out.matrix


def _describe(found: Items, table: Floats, units: Ints, number: int, out: Columns) -> None:
    n = len(units)
    own = table[found.words]
    beside = table[found.before] + table[found.after]
    some = np.maximum(1, np.bincount(found.owners, minlength=n))
    groups = units[found.owners]
    firsts = np.flatnonzero(np.diff(found.owners, prepend=-1))
    owners = found.owners[firsts]
    for name, values in (("word", own), ("pair", beside)):
        total = np.bincount(found.owners, weights=values, minlength=n)
        most, least = np.zeros(n), np.zeros(n)
        if len(firsts):
            most[owners] = np.maximum(0, np.maximum.reduceat(values, firsts))
            least[owners] = np.minimum(0, np.minimum.reduceat(values, firsts))
        unit = np.bincount(groups, weights=values, minlength=int(units[-1]) + 1)
        size = np.maximum(1, np.bincount(groups, minlength=int(units[-1]) + 1))
        out.update({
            f"{name}{number}_sum": total, f"{name}{number}_mean": total / some,
            f"{name}{number}_most": most, f"{name}{number}_least": least,
            f"{name}{number}_unit": unit[units], f"{name}{number}_unit_mean": (unit / size)[units],
        })  # fmt: skip
