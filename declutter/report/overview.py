"""The page that sums up what a batch removed, for deciding on rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from declutter.files import SourceError
from declutter.report.parts import Share
from declutter.report.plots import bar, over_time
from declutter.report.rows import files, kind, pages, rows
from declutter.report.tally import DOUBTFUL, MAX_HOSTS, Sum, Tally
from declutter.report.templates import page

TOP_HOSTS, TOP_LINES, TOP_RULES = 30, 200, 100


@dataclass
class Batch:
    """What was read of a batch's output."""

    tally: Tally
    files: list[str]
    left_out: list[str]  # files that tell again what others do
    bad: int = 0  # lines that are no rows
    has_pages: bool = False  # not only what was removed from them


def read(names: Iterable[str]) -> Batch:
    """Count what was removed, one row at a time.

    Raise :class:`SourceError` where nothing tells it, or a file cannot be read.
    """
    kinds = {path: _kind(path) for path in files(names)}
    found = set(kinds.values())
    if not found & {"spans", "removed"}:
        raise SourceError(
            "neither spans nor removals in these rows: run declutter batch with --spans, or with "
            "--removed FILE and name that file, too"
        )
    skipped = "removed" if "spans" in found else None
    chosen = [path for path, what in kinds.items() if what != skipped]
    batch = Batch(Tally(), chosen, [path for path in kinds if path not in chosen])
    batch.has_pages = bool(found & {"spans", "page"})
    for path in chosen:
        is_page = kinds[path] != "removed" or not batch.has_pages
        for item in pages(path):
            if item is None:
                batch.bad += 1
            else:
                batch.tally.add(item, is_page)
    return batch


def _kind(path: str) -> str:
    """What the first row of a file is."""
    return next((kind(row) for row in rows(path) if row is not None), "empty")


def summed_up(batch: Batch, name: str) -> str:
    """A page of HTML that tells what was read."""
    tally = batch.tally
    found = _shares(tally.all, tally)
    hosts = [
        (host, counted.value, bar(_shares(counted.value)))
        for host, counted in tally.hosts.top(TOP_HOSTS)
    ]
    values: dict[str, Any] = {
        "name": name,
        "batch": batch,
        "tally": tally,
        "shares": found,
        "bar": bar(found),
        "time": over_time(tally.days),
        "days": sorted(tally.days),
        "hosts": hosts,
        "lines": tally.lines.top(TOP_LINES),
        "rules": tally.rules.top(TOP_RULES),
        "reasons": tally.reasons.top(10),
        "doubtful": tally.doubtful(),
        "many": MAX_HOSTS,
        "most": DOUBTFUL,
    }
    return page("overview.html.j2", "overview.js", **values)


def _shares(sum_: Sum, tally: Tally | None = None) -> list[Share]:
    """The shares of a text, or of what was removed where the text is not known."""
    gone = sum_.gone.total()
    total = max(1, sum_.read, gone)
    kept = [Share(None, 1, sum_.read - gone, (sum_.read - gone) / total)] if sum_.read else []
    numbers = tally.removals if tally else {}
    return kept + [
        Share(name, numbers.get(name, 0), size, size / total)
        for name, size in sum_.gone.most_common()
    ]
