"""What a batch removed, counted in memory that does not grow with it."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from declutter.report.rows import Gone, Page

MAX_COUNTED = 10_000  # lines and rules that are counted at a time ...
MAX_SITES = 2000  # ... and hosts
MAX_LINE = 200  # characters of a line that tell it from others
MAX_HOSTS = 10  # hosts of a line that are remembered
MAX_DAYS = 4000  # more are counted by month, or by year
DOUBTFUL = 100
BINS = 20  # of the plot of confidence

T = TypeVar("T")


@dataclass
class Counted(Generic[T]):
    """How often something was seen: at least ``count``, at most ``error`` more."""

    value: T
    count: int = 0
    error: int = 0


class Frequent(Generic[T]):
    """The things that are seen most often.

    Where they become too many, the rarer half is dropped; what comes back may have been seen as
    often before as any that was dropped (Metwally's space-saving, by halves).

    >>> seen = Frequent(list, most=2)
    >>> for key in "abacada":
    ...     _ = seen.add(key)
    >>> [(key, counted.count) for key, counted in seen.top(1)]
    [('a', 4)]
    """

    def __init__(self, make: Callable[[], T], most: int = MAX_COUNTED) -> None:
        self._make, self._most = make, most
        self._found: dict[str, Counted[T]] = {}
        self._dropped = 0  # how often one that was dropped may have been seen

    def add(self, key: str, times: int = 1) -> T:
        """Count a thing; return what is kept of it."""
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= 2 * self._most:
                self._drop()
            found = self._found[key] = Counted(self._make(), error=self._dropped)
        found.count += times
        return found.value

    def _drop(self) -> None:
        ranked = sorted(self._found.items(), key=lambda item: -item[1].count - item[1].error)
        self._dropped = max(c.count + c.error for _, c in ranked[self._most :])
        self._found = dict(ranked[: self._most])

    def top(self, most: int) -> list[tuple[str, Counted[T]]]:
        """The most frequent, of which one has been seen more often than any that was dropped."""
        return heapq.nlargest(most, self._found.items(), key=lambda item: item[1].count)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was dropped."""
        return not self._dropped

    def __len__(self) -> int:
        return len(self._found)


@dataclass
class Sum:
    """Pages, the characters of their text, and what was removed, by category."""

    pages: int = 0
    read: int = 0
    gone: Counter[str] = field(default_factory=Counter)

    def add(self, page: Page, gone: Counter[str], is_page: bool) -> None:
        """Count a page, or only what was removed from it."""
        self.pages += is_page
        self.read += page.read or 0
        self.gone.update(gone)


@dataclass
class Seen:
    """Where a line, or what a rule removed, was seen."""

    words: str = ""
    size: int = 0
    whats: Counter[str] = field(default_factory=Counter)
    hosts: set[str] = field(default_factory=set)

    @property
    def what(self) -> str:
        """The category that it was removed as most often."""
        return self.whats.most_common(1)[0][0] if self.whats else ""

    def add(self, gone: Gone, host: str) -> None:
        """Count a removal."""
        self.size += len(gone.text)
        if gone.category in self.whats or len(self.whats) < MAX_HOSTS:
            self.whats[gone.category] += 1
        if len(self.hosts) < MAX_HOSTS:
            self.hosts.add(host)


class Doubt(NamedTuple):
    """A page that may have been cleaned badly."""

    confidence: float
    number: int  # tells pages apart; those that came first are less
    id: str
    url: str
    host: str
    title: str
    share: float | None  # of its characters that were removed
    what: str  # most of these


class Tally:
    """All that a report tells of a batch."""

    def __init__(self, most: int = MAX_COUNTED, sites: int = MAX_SITES) -> None:
        self.all = Sum()
        self.removals: Counter[str] = Counter()  # by category: how many, and on how many pages
        self.on_pages: Counter[str] = Counter()
        self.days: dict[str, Sum] = {}
        self.hosts = Frequent(Sum, sites)
        self.lines = Frequent(Seen, most)
        self.rules = Frequent(Seen, most)
        self.reasons = Frequent(Seen, 100)
        self.bins = [0] * BINS
        self.empty = 0
        self._doubtful: list[tuple[tuple[float, int], Doubt]] = []
        self._detail = 10  # characters of a date that are counted by

    def add(self, page: Page, is_page: bool = True) -> None:
        """Count a page, or only what was removed from one that is counted already."""
        gone: Counter[str] = Counter()
        for item in page.gone:
            gone[item.category] += len(item.text)
        self.all.add(page, gone, is_page)
        self.removals.update(item.category for item in page.gone)
        self.on_pages.update(gone.keys())
        if page.day:
            self._day(page.day).add(page, gone, is_page)
        self.hosts.add(page.host[:MAX_LINE], max(1, sum(gone.values()))).add(page, gone, is_page)
        self._judge(page, gone)
        self._words(page)

    def _day(self, day: str) -> Sum:
        if len(self.days) >= MAX_DAYS and self._detail > 4:
            self._detail = 7 if self._detail == 10 else 4
            self.days = by_prefix(self.days, self._detail)
        return self.days.setdefault(day[: self._detail], Sum())

    def _judge(self, page: Page, gone: Counter[str]) -> None:
        """Remember a page that is doubtful, or why it is empty."""
        if page.confidence is None:
            if page.reason:
                self.empty += 1
                self.reasons.add(page.reason[:MAX_LINE])
            return
        self.bins[min(BINS - 1, int(page.confidence * BINS))] += 1
        size = sum(gone.values())
        id, url, host, title = (
            words[:MAX_LINE] for words in (page.id, page.url, page.host, page.title)
        )
        share = size / page.read if page.read else None
        what = gone.most_common(1)[0][0] if gone else ""
        doubt = Doubt(page.confidence, self.all.pages, id, url, host, title, share, what)
        # the surest of them is the first to make room
        item = ((-doubt.confidence, -doubt.number), doubt)
        if len(self._doubtful) < DOUBTFUL:
            heapq.heappush(self._doubtful, item)
        else:
            heapq.heappushpop(self._doubtful, item)

    def _words(self, page: Page) -> None:
        """Count the lines that were removed, each once a page, and the rules that did it."""
        seen: set[str] = set()
        for item in page.gone:
            if item.rule:
                self.rules.add(item.rule[:MAX_LINE]).add(item, page.host)
            for line in _lines(item.text):
                if line not in seen:
                    seen.add(line)
                    self.lines.add(line).add(item, page.host)

    def doubtful(self) -> list[Doubt]:
        """The pages of the least confidence, the most doubtful first."""
        return sorted(doubt for _, doubt in self._doubtful)


def _lines(text: str) -> Iterator[str]:
    """The lines of a text that have a letter, with white space as one space, cut to some length."""
    for line in text.splitlines():
        words = " ".join(line[: 4 * MAX_LINE].split())[:MAX_LINE]
        if any(map(str.isalpha, words)):
            yield words


def by_prefix(days: dict[str, Sum], detail: int) -> dict[str, Sum]:
    """Sums by day as sums by month (7 characters of a date) or year (4)."""
    found: dict[str, Sum] = {}
    for day, sum_ in days.items():
        into = found.setdefault(day[:detail], Sum())
        into.pages += sum_.pages
        into.read += sum_.read
        into.gone.update(sum_.gone)
    return found
