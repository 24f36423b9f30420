"""Where the parts of plots stand; templates draw them as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from declutter.report.parts import Share
from declutter.report.rows import OTHER
from declutter.report.tally import Sum, by_prefix

WIDTH = 1000.0
MIN_WIDTH = 2.0  # of a part that would not be seen
HEIGHT = 240.0  # of the columns of a plot
MAX_COLUMNS = 45
MAX_TOLD = 7  # categories that a plot tells apart


class Box(NamedTuple):
    """A part of a bar; None stands for what is kept."""

    category: str | None
    x: float
    width: float
    share: float


def bar(shares: Sequence[Share]) -> list[Box]:
    """The parts of a bar of :data:`WIDTH`; the smallest are drawn wide enough to be seen."""
    sizes = [max(MIN_WIDTH, WIDTH * share.share) if share.share else 0.0 for share in shares]
    scale = WIDTH / max(1.0, sum(sizes))
    found, x = [], 0.0
    for share, size in zip(shares, sizes, strict=True):
        if size:
            found.append(Box(share.category, round(x, 2), round(size * scale, 2), share.share))
            x += size * scale
    return found


class Column(NamedTuple):
    """A column of a plot: its parts, from below, are boxes that stand on their side."""

    label: str
    x: float
    width: float
    pages: int
    share: float
    parts: list[Box]


class Columns(NamedTuple):
    """Columns side by side, up to a share that is at the top; ``told`` are its categories."""

    columns: list[Column]
    top: float
    told: list[str]
    every: int  # how many columns have a label: one of so many


def over_time(days: Mapping[str, Sum]) -> Columns:
    """The shares of text that were removed in days, months or years, by category."""
    sums = dict(days)
    for detail in (7, 4):
        if len(sums) > MAX_COLUMNS:
            sums = by_prefix(sums, detail)
    total: Counter[str] = Counter()
    for one in sums.values():
        total.update(one.gone)
    told = [name for name, _ in total.most_common(MAX_TOLD)]
    top = max((_share(one, one.gone.total()) for one in sums.values()), default=0.0)
    top = next(step for step in (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0) if top <= step or step == 1)
    width = WIDTH / max(1, len(sums))
    columns = []
    for number, (label, one) in enumerate(sorted(sums.items())):
        parts = _stacked(one, told, HEIGHT / top)
        share = _share(one, one.gone.total())
        columns.append(
            Column(label, round(number * width + width * 0.1, 2), round(width * 0.8, 2),
                   one.pages, share, parts)
        )  # fmt: skip
    if total.keys() - set(told):
        told.append(OTHER)
    return Columns(columns, top, told, -(-len(columns) // 10))


def _stacked(one: Sum, told: Sequence[str], scale: float) -> list[Box]:
    sizes = {name: one.gone[name] for name in told}
    sizes[OTHER] = one.gone.total() - sum(n for name, n in sizes.items() if name != OTHER)
    found, at = [], 0.0
    for name, size in sizes.items():
        share = _share(one, size)
        if share:
            found.append(Box(name, round(at, 2), round(share * scale, 2), share))
            at += share * scale
    return found


def _share(one: Sum, size: int) -> float:
    return min(1.0, size / one.read) if one.read else 0.0
