"""A batch from its sources to its sinks: pieces of work, the ledger, limits, totals."""

from __future__ import annotations

import heapq
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from declutter.batch.ledger import Entry, Ledger
from declutter.batch.outcome import Outcome, cleaned
from declutter.batch.records import Failure, Input, Item, Skipped
from declutter.batch.sinks import Sink
from declutter.batch.streams import length
from declutter.batch.workers import Settings, outcomes

SLOWEST = 5  # pages that a summary names
COUNTERS = ("gone", "failures", "skipped", "warnings")
REASONS = 100  # kinds of failures that are counted apart, ...
KIND = 100  # ... and characters of one
PIECE = 64  # outcomes that are written at a time, ...
PIECE_BYTES = 1 << 24  # ... unless their pages are large
_NUMBERS_RE = re.compile(r"(?<![\w-])\d+")


@dataclass
class Totals:
    """What a run has done so far; a resumed one goes on from there.

    ``size`` is in bytes, ``read`` and ``kept`` are characters of text, ``gone`` those removed by
    category, of ``named`` that were read; ``slowest`` are seconds and ids.
    """

    pages: int = 0
    empty: int = 0
    failed: int = 0
    size: int = 0
    read: int = 0
    kept: int = 0
    named: int = 0
    gone: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, str]] = field(default_factory=list)

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Totals:
        """The totals that a ledger has."""
        counters = {name: Counter(known[name]) for name in COUNTERS}
        slowest = [(float(seconds), str(name)) for seconds, name in known["slowest"]]
        return cls(**{**known, **counters, "slowest": slowest})

    def plain(self) -> dict[str, Any]:
        """The totals as JSON data."""
        counters = {name: dict(getattr(self, name)) for name in COUNTERS}
        return {**vars(self), **counters}

    def add(self, item: Item | Outcome) -> None:
        """Count what became of an item."""
        if isinstance(item, Skipped):
            self.skipped[item.why] += 1
        elif isinstance(item, Failure):
            self.fail(item.reason)
        elif isinstance(item, Outcome):
            times = [*self.slowest, (round(item.seconds, 3), item.id)]
            self.slowest = heapq.nlargest(SLOWEST, times)
            if item.error is None:
                self._count(item)
            else:
                self.fail(item.error)

    def fail(self, reason: str) -> None:
        """Count a failure."""
        count(self.failures, reason)
        self.failed += 1

    def _count(self, outcome: Outcome) -> None:
        self.pages += 1
        self.empty += not outcome.kept
        self.size += outcome.size
        self.read += outcome.read
        self.kept += outcome.kept
        if outcome.gone is not None:
            self.named += outcome.read
            self.gone.update(outcome.gone)
        for warning in outcome.warnings:
            count(self.warnings, warning)


def count(counts: Counter[str], reason: str) -> str:
    """Count a reason with those that differ in numbers only, and return what these have in common.

    There are so many kinds at most.
    """
    kind = _NUMBERS_RE.sub("N", reason)
    kind = kind if len(kind) <= KIND else f"{kind[: KIND - 1]}…"
    kind = kind if kind in counts or len(counts) < REASONS else "other reasons"
    counts[kind] += 1
    return kind


class TooManyFailuresError(Exception):
    """More failed than was allowed; what was done is written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a run settles what it wrote, in rows and seconds; how many failures it bears."""

    rows: int = 256
    seconds: float = 5.0
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """A source has no more."""

    source: str


Given = Input | Failure | Skipped  # what names stand for
Read = Callable[[Input, Callable[[int], None]], Iterable[Item]]
Tell = Callable[[Item | Outcome, Totals, int], None]


class Run:
    """A batch on its way.

    ``tell`` is called with every item and outcome when it is counted, with the totals and the
    bytes of the sources up to it.
    """

    def __init__(
        self, sinks: Sequence[Sink], ledger: Ledger | None, plan: Plan, tell: Tell
    ) -> None:
        """Go on where a ledger ends."""
        self.totals = Totals()
        self._sinks, self._ledger, self._plan, self._tell = sinks, ledger, plan, tell
        last = ledger.last if ledger is not None else None
        if last is not None:
            self.totals = Totals.of(last.totals)
        most = plan.failures  # of this run alone: a resumed one could not begin otherwise
        self._most = float("inf") if most is None else self.totals.failed + most
        for number, sink in enumerate(sinks):
            sink.restore(last.marks[number] if last is not None else {})
        self._read = 0  # bytes
        self._positions: deque[int] = deque()  # of what is read and not yet counted
        self._begin()

    def _begin(self) -> None:
        """Begin a piece of work: what is done between two lines of the ledger."""
        self._rows, self._since = 0, time.monotonic()
        self._waiting: list[Outcome] = []
        self._held = 0  # bytes of their pages
        self._done: list[str] = []
        self._at: tuple[str | None, int] = (None, 0)
        self._failures: list[dict[str, Any]] = []

    def go(self, inputs: Iterable[Given], read: Read, settings: Settings) -> Totals:
        """Clean all records of the inputs that the ledger does not have yet.

        Raises :class:`TooManyFailuresError`, and :class:`OSError` of sinks; what was settled is
        safe.
        """
        with closing(outcomes(self._items(inputs, read), settings, cleaned)) as items:
            for item in items:
                self._take(item)
                ended = self.totals.failed > self._most
                late = time.monotonic() - self._since > self._plan.seconds
                if ended or late or self._is_full:
                    self._settle()
                if ended:
                    raise TooManyFailuresError
        self._settle()
        for sink in self._sinks:
            sink.close()
        self._note(Entry(marks=self._marks, totals=self.totals.plain(), over=True))
        return self.totals

    @property
    def _is_full(self) -> bool:
        """Whether a piece of work has its rows, or too much else to hold."""
        other = max(len(self._failures), len(self._done))
        return self._rows >= self._plan.rows or other >= 2 * self._plan.rows

    def _items(self, inputs: Iterable[Given], read: Read) -> Iterator[Any]:
        """The items of all inputs that are not done yet, and where each input ends."""
        ledger = self._ledger
        for given in inputs:
            name = given.path if isinstance(given, Input) else given.source
            if ledger is not None and ledger.is_finished(name):
                self._seen(length(name))
                continue
            done = ledger.done(name) if ledger is not None else 0
            found = read(given, self._seen) if isinstance(given, Input) else (given,)
            for item in found:
                if item.place >= done:
                    self._positions.append(self._read)
                    yield item
            yield _End(name)

    def _seen(self, size: int) -> None:
        self._read += size

    def _take(self, item: Any) -> None:
        """Count an item; write when there are some."""
        if isinstance(item, _End):
            self._done.append(item.source)
            self._at = None, 0
            return
        self._at = item.source, item.place + 1
        self._count(item, self._positions.popleft())
        if isinstance(item, Outcome):
            self._rows += 1
            self._waiting.append(item)
            self._held += item.size
            if len(self._waiting) >= PIECE or self._held >= PIECE_BYTES:
                self._write()

    def _count(self, item: Item | Outcome, position: int) -> None:
        self.totals.add(item)
        error = getattr(item, "error", None) or getattr(item, "reason", None)
        if error is not None and not isinstance(item, Skipped):
            failure = {"source": item.source, "place": item.place, "id": getattr(item, "id", "")}
            self._failures.append({**failure, "reason": error})
        self._tell(item, self.totals, position)

    def _write(self) -> None:
        for sink in self._sinks:
            for outcome, why in sink.write(self._waiting):
                self.totals.pages -= 1
                self._count(Failure(outcome.source, outcome.place, outcome.id, why), 0)
        self._waiting, self._held = [], 0

    def _settle(self) -> None:
        """Have all that was taken on disk, and then in the ledger."""
        self._write()
        self._marks = [sink.commit() for sink in self._sinks]
        source, stop = self._at
        totals = self.totals.plain()
        self._note(Entry(self._done, source, stop, self._marks, self._failures, totals))
        self._begin()

    def _note(self, entry: Entry) -> None:
        if self._ledger is not None:
            self._ledger.add(entry)
