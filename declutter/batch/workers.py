"""Workers: processes that clean pages and may be killed, each for the sake of one page only."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import TimeoutError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from declutter.batch.outcome import Outcome, Wants, cleaned, failed, size
from declutter.batch.records import Item, Record
from declutter.extras import needed
from declutter.options import Options
from declutter.pipeline import clean

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

Job = Callable[[Record, Options, Wants], Outcome]
Waiting = tuple[Item, "ProcessFuture[Outcome] | None", int]
# one thread for each worker's matrices: the workers share the cores already
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PAGES = 2000  # that a worker cleans before another takes its place
COUNTED = 1000  # pages at a run's beginning whose removals are counted by category, ...
SHARE = 10  # ... and one of so many later: naming them takes as long as cleaning
AHEAD = 500  # pages for each worker that may wait behind one that takes long ...
AHEAD_BYTES = 1 << 25  # ... and their bytes
MEMORY = 1 << 30  # bytes that a worker may have at least, unless told otherwise


@dataclass(frozen=True, slots=True)
class Settings:
    """How pages are cleaned: by so many processes, in so many seconds and bytes each."""

    options: Options
    wants: Wants
    jobs: int
    timeout: float
    memory: int | None = None


def outcomes(
    items: Iterable[Item], settings: Settings, job: Job = cleaned
) -> Generator[Item | Outcome, None, None]:
    """What becomes of records, in their order; what is no record passes through.

    A page that takes too long, or whose worker dies, is an outcome with the reason; its worker
    is replaced. No more pages are read ahead than keep the workers busy behind such a page.
    """
    with _pool(settings) as pool:
        queue = _Queue(pool, settings, job)
        for item in items:
            queue.add(item)
            while queue.is_due():
                yield queue.take()
        while queue.waiting:
            yield queue.take()


@dataclass(slots=True)
class _Queue:
    """What was read and not yet given on, in order."""

    pool: ProcessPool
    settings: Settings
    job: Job
    waiting: deque[Waiting] = field(default_factory=deque)
    held: int = 0  # bytes
    count: int = 0  # pages

    def add(self, item: Item) -> None:
        if not isinstance(item, Record):
            self.waiting.append((item, None, 0))
            return
        wants = replace(self.settings.wants, named=self.count < COUNTED or not self.count % SHARE)
        self.count += 1
        args = [item, self.settings.options, wants]
        future = self.pool.schedule(self.job, args=args, timeout=self.settings.timeout)
        self.waiting.append((item, future, size(item)))
        self.held += size(item)

    def is_due(self) -> bool:
        """Whether the first is ready, or too much waits behind it."""
        if not self.waiting:
            return False
        future, jobs = self.waiting[0][1], self.settings.jobs
        full = len(self.waiting) > AHEAD * jobs or self.held > AHEAD_BYTES * jobs
        return full or future is None or future.done()

    def take(self) -> Item | Outcome:
        item, future, bytes_held = self.waiting.popleft()
        self.held -= bytes_held
        if future is None or not isinstance(item, Record):
            return item
        return _outcome(item, future, self.settings)


def _outcome(record: Record, future: ProcessFuture[Outcome], settings: Settings) -> Outcome:
    """What became of a record, also where its worker had to be killed or died."""
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        why = f"took longer than --timeout {settings.timeout:g} s"
        return failed(record, why, settings.timeout)
    except ProcessExpired as error:
        return failed(record, f"the worker that cleaned it died (exit code {error.exitcode})", 0.0)
    except Exception as error:  # what a worker cannot send back
        return failed(record, f"{type(error).__name__}: {error}", 0.0)


@contextmanager
def _pool(settings: Settings) -> Iterator[ProcessPool]:
    """Workers; those that are busy when an error or an interrupt ends the block are killed."""
    with needed("pebble", "Cleaning with worker processes"):
        from pebble import ProcessPool
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    pool = ProcessPool(
        settings.jobs,
        max_tasks=PAGES,
        initializer=_begin,
        initargs=[settings.memory or share(settings.jobs)],
        context=multiprocessing.get_context("spawn"),
    )
    try:
        yield pool
        pool.close()  # type: ignore[no-untyped-call]
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def share(jobs: int) -> int | None:
    """The bytes of memory that each worker may have where all get the same; None if unknown."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return max(MEMORY, int(memory * 0.8) // jobs)


def _begin(memory: int | None) -> None:
    """Bound the memory of this worker where the system lets us; have it load what pages need."""
    if memory is not None:
        with suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    for kind in ("html", "text"):
        clean("<p>The old bridge over the river reopened on Monday.", kind=kind)
