"""What a batch tells on standard error: a bar or lines while it runs, a summary at the end."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from threading import Thread
from typing import Any

import click

from declutter.batch.names import All
from declutter.batch.outcome import Outcome
from declutter.batch.records import Failure, Input, Item
from declutter.batch.run import Totals, count
from declutter.batch.streams import length
from declutter.extras import needed

EVERY = 30.0  # seconds between lines where there is no terminal ...
OFTEN = 0.1  # ... and between changes of the bar
MOST = 20  # failures of a kind that are named, where a ledger names them all
LEAST = 0.0005  # share of a category that a summary names: 0.1% as it is written
SHOWN = 300  # characters of a name or a reason
BAR = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]"
NO_BAR = "{desc} [{elapsed}]{bar}"  # with a bar it is cut to the width of the terminal


class Progress:
    """Pages, rate, failures and the time left, as far as it is known; failures by name.

    Where there is a ledger, not more than :data:`MOST` failures of a kind are named.
    """

    def __init__(self, quiet: bool = False, has_ledger: bool = False) -> None:
        with needed("tqdm", "A progress bar"):
            from tqdm import tqdm
        self._quiet, self._has_ledger = quiet, has_ledger
        self._told: Counter[str] = Counter()  # failures by kind
        self._plain = quiet or not sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._before: int | None = None  # what was done before this run
        self._total = self._skipped = 0  # bytes
        self._bar: Any = tqdm(
            file=sys.stderr,
            disable=self._plain,
            bar_format=NO_BAR,
            dynamic_ncols=True,
            leave=False,
            miniters=0,
        )

    def size_up(self, inputs: All) -> None:
        """Add up the bytes of inputs in the background."""
        Thread(target=self._size_up, args=(inputs,), daemon=True).start()

    def _size_up(self, inputs: All) -> None:
        self._total = sum(length(item.path) for item in inputs if isinstance(item, Input))
        self._bar.total, self._bar.bar_format = self._total, BAR

    def tell(self, item: Item | Outcome, totals: Totals, position: int) -> None:
        """Show how far the run is; name a record that failed."""
        if self._before is None:
            self._before = max(totals.pages + totals.failed - 1, 0)
            self._skipped = self._bar.initial = position if self._before else 0
        if isinstance(item, Failure):
            self._name(item.id or item.source, item.reason)
        elif isinstance(item, Outcome) and item.error is not None:
            self._name(item.id, item.error)
        self._bar.n = max(self._bar.n, position)
        if time.monotonic() - self._last < (EVERY if self._plain else OFTEN):
            return
        self._last = time.monotonic()
        if not self._plain:
            self._bar.set_description_str(self._line(totals))
        elif not self._quiet:
            self.say(self._line(totals) + self._left(position))

    def _name(self, id: str, why: str) -> None:
        """Name a failure, unless there were many like it."""
        kind = count(self._told, why)
        if not self._has_ledger or self._told[kind] <= MOST:
            self.say(f"{id}: {why}")
        elif self._told[kind] == MOST + 1:
            self.say(f"{kind} ... more like this: see the ledger")

    def first_pass(self, pages: int) -> None:
        """Show how far a first pass over all pages is."""
        line = f"first pass: {many(pages, 'page')}"
        if not self._plain:
            self._bar.set_description_str(line)
        elif time.monotonic() - self._last >= EVERY and not self._quiet:
            self._last = time.monotonic()
            self.say(line)

    def say(self, line: str) -> None:
        """Write a line on standard error that does not break the bar."""
        self._bar.clear()
        click.echo(f"declutter: {shown(line)}", err=True)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()

    def _line(self, totals: Totals) -> str:
        done = totals.pages + totals.failed - (self._before or 0)
        rate = done / max(time.monotonic() - self._start, 1e-9)
        return f"{many(totals.pages, 'page')}, {rate:.1f}/s, {totals.failed:,} failed"

    def _left(self, position: int) -> str:
        """The share that is done and the time left, where the size of the inputs is known."""
        done, total = position - self._skipped, self._total - self._skipped
        if total <= 0 or done <= 0:
            return ""
        share = min(1.0, position / self._total)
        seconds = (time.monotonic() - self._start) * max(total - done, 0) / done
        return f", {share:.0%} of the bytes, about {duration(seconds)} left"


def shown(text: str) -> str:
    """A name or a reason as one line that does nothing to a terminal, and is not endless.

    >>> print(shown("two\\nlines \\x1b[2J \\udcff"))
    two\\nlines \\x1b[2J \\udcff
    """
    text = text if len(text) <= SHOWN else f"{text[: SHOWN - 90]} ... {text[-80:]}"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def many(number: int, what: str) -> str:
    """A number of things as people say it.

    >>> many(0, "page"), many(1, "page"), many(1234, "failure")
    ('0 pages', '1 page', '1,234 failures')
    """
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(4.21), duration(125), duration(7384)
    ('4.2 s', '2 min 5 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def bytes_of(size: float) -> str:
    """A size in bytes as people say it.

    >>> bytes_of(312), bytes_of(94_900_000)
    ('312 bytes', '94.9 MB')
    """
    if size < 1000:
        return many(round(size), "byte")
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def summary(totals: Totals, seconds: float) -> Iterator[str]:
    """The lines at the end of a run; a resumed one tells of the whole and of its own time."""
    yield f"{many(totals.pages, 'page')}, {bytes_of(totals.size)} read, in {duration(seconds)}"
    kept = [f"kept {totals.kept / totals.read:.1%} of the text"] if totals.read else []
    if totals.empty:
        has = "has" if totals.empty == 1 else "have"
        kept.append(f"{many(totals.empty, 'page')} {has} none left")
    if kept:
        yield "; ".join(kept)
    yield from _removed(totals)
    for what in ("failed", "skipped", "warnings"):
        counts = totals.failures if what == "failed" else getattr(totals, what)
        if counts:
            yield f"{what}: {sum(counts.values()):,}"
            yield from (f"  {count:,}  {shown(why)}" for why, count in counts.most_common())
    if totals.slowest and totals.slowest[0][0] >= 0.1:
        yield "slowest: " + ", ".join(
            f"{shown(name)} {duration(seconds)}" for seconds, name in totals.slowest
        )


def _removed(totals: Totals) -> Iterator[str]:
    """The line of what was removed by category, if it is something."""
    shares = [(name, size / (totals.named or 1)) for name, size in totals.gone.most_common()]
    parts = [f"{name} {share:.1%}" for name, share in shares if share >= LEAST]
    if parts:
        part = "" if totals.named == totals.read else " (of the pages where it was counted)"
        yield f"removed{part}: {', '.join(parts)}"
