"""What the text model sees: numbers about each piece of a flattened text, its place and page.

As in :mod:`declutter.scoring.features` no number reads the meaning of a word, but some say
which phrases of the lexicon stand in a piece. *Good* units are long and end as a sentence; a
*body* is the stretch of text whose good units outweigh the words between them (the idea of
Finn, Kushmerick and Smyth's body text extraction, 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from declutter.heads import code_points
from declutter.lexicon import STRONG, Match
from declutter.model import Category
from declutter.scoring import characters
from declutter.scoring.characters import SIGN, SPACE, Columns, Floats, Ints
from declutter.scoring.features import Page, positions
from declutter.scoring.pieces import Pieces

MIN_GOOD_WORDS = 8  # of a unit that counts as running text
WINDOWS = (2, 5, 12, 30)  # pieces on either side
WEIGHTS = (0.5, 1.0, 3.0)  # of a word in other units against one in good units, for bodies
CATEGORIES = [c for c in Category if c not in (Category.CSS, Category.SCRIPT)]
_COLUMN: dict[Category, int] = {category: at for at, category in enumerate(CATEGORIES)}
_GAPS = ("glued", "space", "wide", "line", "blank", "edge")
_BESIDE = (
    "log_words",
    "unit_words",
    "good",
    "evidence",
    "ends_stop",
    "starts_upper",
    "before_line",
)


@dataclass(frozen=True, slots=True)
class _Units:
    """Sums over units or lines, given back to their pieces."""

    groups: Ints

    def total(self, values: Floats) -> Floats:
        sums = np.bincount(self.groups, weights=values)
        return np.asarray(sums[self.groups], dtype=np.float32)

    def last(self, values: Floats) -> Floats:
        """The value of the last piece of each."""
        stops = np.flatnonzero(np.diff(self.groups, append=self.groups[-1] + 1))
        found: Floats = values[stops][self.groups]
        return found

    def place(self) -> Floats:
        """How many pieces of the same stand before each."""
        index = np.arange(len(self.groups))
        firsts = np.flatnonzero(np.diff(self.groups, prepend=-1))
        return (index - firsts[self.groups]).astype(np.float32)


def page(text: str, pieces: Pieces, matches: Sequence[Match], offset: int = 0) -> Page:
    """The features of a text that has at least one piece; the groups are its units.

    ``offset`` is where the text begins in that of the matches.
    """
    out = Columns(len(pieces.starts))
    words, _ = characters.describe(text, pieces.kinds, pieces.starts, pieces.ends, "", out)
    units, lines = _Units(pieces.units), _Units(pieces.lines)
    _gaps(text, pieces, out)
    _wholes(text, pieces, words, units, lines, out)
    _evidence(pieces, matches, offset, out)
    _places(pieces, out)
    _bodies(words, out)
    _windows(words, out)
    _page(text, words, units, lines, out)
    return Page(out.matrix, words, pieces.units[None], out.names)


def _gaps(text: str, pieces: Pieces, out: Columns) -> None:
    """What parts a piece from the one before and the one behind it."""
    kinds, starts, ends = pieces.kinds, pieces.starts, pieces.ends
    newline = np.concatenate(([0], np.cumsum(_newlines(text))))
    befores, afters = np.concatenate(([0], ends[:-1])), starts
    count = newline[afters] - newline[befores]
    gap = np.where(afters == befores, 0, np.where(afters - befores == 1, 1, 2))
    gap = np.where(count == 1, 3, np.where(count > 1, 4, gap))
    gap[0] = 5
    behind = np.concatenate((gap[1:], [5]))
    for name, values in (("before", gap), ("after", behind)):
        out.update({f"{name}_{kind}": values == at for at, kind in enumerate(_GAPS)})
    out["indent"] = np.log1p((afters - befores) * (count > 0))
    out["bullet"] = (kinds[starts] >= SIGN) & (
        kinds[np.minimum(starts + 1, len(kinds) - 1)] == SPACE
    )


def _newlines(text: str) -> NDArray[np.bool_]:
    return np.asarray(code_points(text) == ord("\n"))


def _wholes(
    text: str, pieces: Pieces, words: Floats, units: _Units, lines: _Units, out: Columns
) -> None:
    """What the unit and the line of a piece are like."""
    ones = np.ones_like(words)
    for name, whole in (("unit", units), ("line", lines)):
        size, place = whole.total(ones), whole.place()
        total = whole.total(words)
        out[f"{name}_words"] = np.log1p(total)
        out[f"{name}_pieces"] = np.log1p(size)
        out[f"{name}_place"] = place / size
        out[f"{name}_first"], out[f"{name}_last"] = place == 0, place == size - 1
        out[f"{name}_stop"] = whole.last(out["ends_stop"])
        out[f"{name}_upper"] = whole.total(out["starts_upper"]) / size
        out[f"{name}_copies"] = np.log(_copies(text, pieces, whole.groups))
    out["copies"] = np.log(_copies(text, pieces, np.arange(len(words))))
    stop = (out["unit_stop"] > 0) | (words * out["unspaced"] >= 2 * MIN_GOOD_WORDS)
    out["good"] = (units.total(words) >= MIN_GOOD_WORDS) & stop


def _copies(text: str, pieces: Pieces, groups: Ints) -> Floats:
    """How often the text of each group stands on the page, for each of its pieces."""
    known: dict[str, int] = {}
    texts = (text[start:end] for start, end in pieces.spans(groups))
    numbers = np.array([known.setdefault(part, len(known)) for part in texts])
    return np.asarray(np.bincount(numbers)[numbers][groups], dtype=np.float32)


def _evidence(pieces: Pieces, matches: Sequence[Match], offset: int, out: Columns) -> None:
    """The share of each piece that phrases of each category cover."""
    covered = np.zeros((len(CATEGORIES) + 1, len(pieces.starts)), dtype=np.float32)
    matches = [match for match in matches if match.entry.category in _COLUMN]
    begins = np.array([match.start - offset for match in matches], dtype=np.int64)
    stops = np.array([match.end - offset for match in matches], dtype=np.int64)
    first = np.searchsorted(pieces.ends, begins, side="right")
    count = np.searchsorted(pieces.starts, stops) - first
    which = np.repeat(np.arange(len(matches)), count)
    at = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + first[which]
    starts, ends = pieces.starts[at], pieces.ends[at]
    shared = np.minimum(stops[which], ends) - np.maximum(begins[which], starts)
    share = (shared / (ends - starts)).astype(np.float32)
    rows = np.array([_COLUMN[match.entry.category] for match in matches], dtype=np.int64)
    strong = np.array([match.entry.weight >= STRONG for match in matches], dtype=bool)
    np.maximum.at(covered, (rows[which], at), share)
    np.maximum.at(covered[-1], at[strong[which]], share[strong[which]])
    out.update({f"says_{c}": covered[at] for at, c in enumerate(CATEGORIES)})
    out["strong"] = covered[-1]
    out["evidence"] = covered[:-1].max(axis=0)


def _places(pieces: Pieces, out: Columns) -> None:
    index = positions(pieces.starts, pieces.ends, out)
    n = len(index)
    good = out["good"] > 0
    out["since_good"] = np.log1p(index - np.maximum.accumulate(np.where(good, index, -n))) / 4
    ahead = np.minimum.accumulate(np.where(good, index, 2 * n)[::-1])[::-1]
    out["until_good"] = np.log1p(ahead - index) / 4


def _bodies(words: Floats, out: Columns) -> None:
    """Where a piece stands to the bodies of the page."""
    n = len(words)
    index = np.arange(n)
    for number, weight in enumerate(WEIGHTS):
        gains = np.cumsum(np.where(out["good"] > 0, words, -weight * np.maximum(words, 1)))
        gains = np.concatenate(([0.0], gains))
        least = np.minimum.accumulate(gains)
        stop = int((gains - least).argmax())
        first = int(gains[: stop + 1].argmin())
        out[f"body{number}"] = (index >= first) & (index < stop)
        out[f"body{number}_before"] = np.log1p(np.maximum(0, first - index)) / 4
        out[f"body{number}_after"] = np.log1p(np.maximum(0, index - stop + 1)) / 4
        out[f"body{number}_share"] = words[first:stop].sum() / max(1.0, float(words.sum()))


def _windows(words: Floats, out: Columns) -> None:
    """What stands beside a piece and near it."""
    zero = np.zeros(1, dtype=np.float32)
    for name in _BESIDE:
        out[f"prev_{name}"] = np.concatenate((zero, out[name][:-1]))
        out[f"next_{name}"] = np.concatenate((out[name][1:], zero))
    n = len(words)
    index = np.arange(n)
    quantities = {"words": words, "good": words * out["good"], "evidence": out["evidence"],
                  "stops": out["ends_stop"], "upper": out["starts_upper"]}  # fmt: skip
    for name, quantity in quantities.items():
        total = np.concatenate((zero, np.cumsum(quantity)))
        for width in WINDOWS:
            low, high = np.maximum(0, index - width), np.minimum(n, index + width + 1)
            out[f"near{width}_{name}"] = np.log1p(total[high] - total[low])
        out[f"before_{name}"] = total[:-1] / max(1.0, float(total[-1]))


def _page(text: str, words: Floats, units: _Units, lines: _Units, out: Columns) -> None:
    """What the page as a whole is like."""
    n, total = len(words), max(1.0, float(words.sum()))
    good = float((words * out["good"]).sum())
    values = {
        "pieces": np.log1p(n), "words": np.log1p(total), "good": good / total,
        "good_words": np.log1p(good), "units": np.log1p(int(units.groups[-1])),
        "lines": np.log1p(int(lines.groups[-1])),
        "line_words": np.log1p(total / (int(lines.groups[-1]) + 1)),
        "unit_words": np.log1p(total / (int(units.groups[-1]) + 1)),
        "evidence": float((words * out["evidence"]).sum()) / total,
        "evident": np.log1p(float(out["evidence"].sum())),
        "glued": float(out["before_glued"].mean()), "blank": float(out["before_blank"].mean()),
        "upper": float(out["starts_upper"].mean()), "stops": float(out["ends_stop"].mean()),
        "longest": np.log1p(float(np.exp(out["unit_words"]).max())),
        "unspaced": float((words * out["unspaced"]).sum()) / total,
    }  # fmt: skip
    out.update({f"page_{name}": value for name, value in values.items()})
