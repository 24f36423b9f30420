"""The page that shows two results side by side: two versions of a page, or two sets of options."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from declutter.model import Category, Removal
from declutter.report.page import reasons
from declutter.report.parts import CHUNK, Part, Share, parts, printable, shares
from declutter.report.plots import Box, bar
from declutter.report.templates import NUMBERS, page

if TYPE_CHECKING:
    from declutter.pipeline import Result

Line = list[Part]
Pair = tuple[int | None, int | None]


class Side(NamedTuple):
    """One of two results: what it is of, and what a page shows of it."""

    name: str
    choices: str
    result: Result
    shares: list[Share]
    bar: list[Box]
    numbers_of: list[int]  # of the categories of the removals
    base: int  # the number of the first removal among those of both


@dataclass
class Row:
    """What stands beside each other; ``state`` is same, differs, left or right."""

    state: str
    left: Line = field(default_factory=list)
    right: Line = field(default_factory=list)
    size: int = 0


class Count(NamedTuple):
    """How often a category was removed on either side."""

    category: Category
    left: int
    right: int


def compared(views: Sequence[tuple[Result, str, str]]) -> str:
    """A page of HTML for two results, each with its source's name and its options."""
    (first, *_), (second, *_) = views
    both = [*first.removals, *second.removals]
    sides, base = [], 0
    for result, name, choices in views:
        found = shares(len(result.text), result.removals)
        numbers_of = [NUMBERS[removal.category] for removal in result.removals]
        sides.append(Side(name, choices, result, found, bar(found), numbers_of, base))
        base = len(numbers_of)
    rows = list(rows_of(first, second))
    return page(
        "compare.html.j2",
        "page.js",
        sides=sides,
        rows=rows,
        counts=_counts(first.removals, second.removals),
        differences=sum(row.state != "same" for row in rows),
        reasons=reasons(both),
    )


def _counts(left: Iterable[Removal], right: Iterable[Removal]) -> list[Count]:
    a, b = Counter(r.category for r in left), Counter(r.category for r in right)
    return [Count(category, a[category], b[category]) for category, _ in (a + b).most_common()]


def rows_of(first: Result, second: Result) -> Iterator[Row]:
    """The lines of two results side by side; those that are alike, or alone, in one row."""
    left, right = _lines(first), _lines(second)
    words = [[_words(line) for line in lines] for lines in (left, right)]
    row: Row | None = None
    for i, j in aligned(*words):
        a, b = left[i] if i is not None else [], right[j] if j is not None else []
        state = "left" if j is None else "right" if i is None else _state(a, b)
        if row is None or row.state != state or state == "differs" or row.size > CHUNK:
            if row is not None:
                yield row
            row = Row(state)
        row.left += a
        row.right += b
        row.size += len(words[0][i]) if i is not None else len(words[1][j or 0])
    if row is not None:
        yield row


def _lines(result: Result) -> list[Line]:
    """The parts of each line."""
    lines: list[Line] = [[]]
    for part in parts(printable(result.document.text), result.removals):
        pieces = part.text.splitlines(keepends=True) if "\n" in part.text else [part.text]
        for at, piece in enumerate(pieces):
            more = part.more if at == len(pieces) - 1 else 0
            goes_on = part.goes_on or at > 0
            blank = piece.isspace() and not more
            new = part._replace(text=piece, more=more, goes_on=goes_on)
            lines[-1].append(Part(piece) if blank else new)
            if piece.endswith("\n"):
                lines.append([])
    return lines if lines[-1] else lines[:-1]


def _words(line: Line) -> str:
    return "".join(part.text for part in line).strip()


def _state(a: Line, b: Line) -> str:
    return "same" if _kept(a) == _kept(b) and _words(a) == _words(b) else "differs"


def _kept(line: Line) -> str:
    return "".join(part.text for part in line if part.removal is None).strip()


def aligned(left: Sequence[str], right: Sequence[str]) -> Iterator[Pair]:
    """The lines of two texts in pairs, by the lines that stand once in each.

    Lines between those are paired from both ends for as long as they are the same.

    >>> list(aligned(["a", "b", "c"], ["a", "x", "b", "c"]))
    [(0, 0), (None, 1), (1, 2), (2, 3)]

    Of what is left, as many lines on either side were changed, others are alone.
    """
    at, to = 0, 0
    for i, j in chain(_anchors(left, right), [(len(left), len(right))]):
        yield from _between(left, right, range(at, i), range(to, j))
        if i < len(left):
            yield i, j
        at, to = i + 1, j + 1


def _between(left: Sequence[str], right: Sequence[str], a: range, b: range) -> Iterator[Pair]:
    short = min(len(a), len(b))
    head = next((n for n in range(short) if left[a[n]] != right[b[n]]), short)
    short -= head
    tail = next((n for n in range(short) if left[a[-1 - n]] != right[b[-1 - n]]), short)
    yield from zip(a[:head], b[:head], strict=True)
    gone, new = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(gone) == len(new):
        yield from zip(gone, new, strict=True)
    else:
        yield from ((i, None) for i in gone)
        yield from ((None, j) for j in new)
    yield from zip(a[len(a) - tail :], b[len(b) - tail :], strict=True)


def _anchors(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """The most lines that stand once in each text, in the order of both."""
    once = _once(left).keys() & _once(right).keys()
    places = _once(right)
    pairs = [(i, places[line]) for i, line in enumerate(left) if line in once]
    # the longest increasing run of places, by the ends of the best runs of each length
    ends: list[int] = []
    lengths: list[int] = []
    for _, j in pairs:
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        lengths.append(length)
    found: list[tuple[int, int]] = []
    wanted, below = len(ends) - 1, len(right)
    for (i, j), length in zip(reversed(pairs), reversed(lengths), strict=True):
        if length == wanted and j < below:
            found.append((i, j))
            wanted, below = wanted - 1, j
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    """The places of lines that stand once and are not blank."""
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if line and counts[line] == 1}
