"""Workers: processes that clean pages and may be killed, each for the sake of one page only."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, TimeoutError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

from declutter.batch.outcome import Outcome, Wants, cleaned, failed, size
from declutter.batch.records import Item, Record
from declutter.errors import DeclutterError, MissingExtra
from declutter.extras import needed
from declutter.options import Options

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

T = TypeVar("T")
# what is made of a record; an Outcome tells how that failed
Job = Callable[[Record, Options, Wants], T]
# one thread for each worker's matrices: the workers share the cores already
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PAGES = 2000  # that a worker cleans before another takes its place
COUNTED = 1000  # pages at a run's beginning whose removals are counted by category, ...
SHARE = 10  # ... and one of so many later: naming them takes as long as cleaning
AHEAD = 500  # pages for each worker that may wait behind one that takes long ...
AHEAD_BYTES = 1 << 25  # ... and their bytes
POOLS = 3  # that may break one after the other
WARM = "<p>The old bridge over the river reopened on Monday, two years after the flood."
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
    items: Iterable[Item], settings: Settings, job: Job[T]
) -> Generator[Item | Outcome | T, None, None]:
    """What becomes of records, in their order; what is no record passes through.

    A page that takes too long, or whose worker dies, is an outcome with the reason; its worker
    is replaced. No more pages are read ahead than keep the workers busy behind such a page.
    """
    queue: _Queue[T] = _Queue(settings, job)
    try:
        for item in items:
            queue.add(item)
            while queue.is_due():
                yield queue.take()
        while queue.waiting:
            yield queue.take()
    finally:
        queue.stop()


class _Context(SpawnContext):
    """Has processes begin, and knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: WeakSet[BaseProcess] = WeakSet()

    def Process(self, *args: Any, **named: Any) -> BaseProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnContext.Process(*args, **named)
        self.begun.add(process)
        return process


@dataclass(slots=True)
class _Page(Generic[T]):
    """A record that a worker has."""

    record: Record
    wants: Wants
    future: ProcessFuture[T]


@dataclass(slots=True)
class _Queue(Generic[T]):
    """What was read and not yet given on, in order."""

    settings: Settings
    job: Job[T]
    context: _Context = field(default_factory=_Context)
    pool: ProcessPool = field(init=False)
    waiting: deque[_Page[T] | Item] = field(default_factory=deque)
    held: int = 0  # bytes
    count: int = 0  # pages
    broken: int = 0  # pools since a page was done

    def __post_init__(self) -> None:
        self.pool = _started(self.settings, self.context)

    def add(self, item: Item) -> None:
        if not isinstance(item, Record):
            self.waiting.append(item)
            return
        wants = replace(self.settings.wants, named=self.count < COUNTED or not self.count % SHARE)
        self.count += 1
        self.held += size(item)
        self.waiting.append(_Page(item, wants, self._scheduled(item, wants)))

    def _scheduled(self, record: Record, wants: Wants) -> ProcessFuture[T]:
        memory = self.settings.memory or share(self.settings.jobs)
        args = [self.job, memory, record, self.settings.options, wants]
        while True:
            with suppress(RuntimeError):  # of a pool that is broken
                return self.pool.schedule(_bounded, args=args, timeout=self.settings.timeout)
            self._renew()

    def is_due(self) -> bool:
        """Whether the first is ready, or too much waits behind it."""
        if not self.waiting:
            return False
        first, jobs = self.waiting[0], self.settings.jobs
        full = len(self.waiting) > AHEAD * jobs or self.held > AHEAD_BYTES * jobs
        return full or not isinstance(first, _Page) or first.future.done()

    def take(self) -> Item | Outcome | T:
        first = self.waiting[0]
        while isinstance(first, _Page) and _is_broken(first.future):
            self._renew()
        self.waiting.popleft()
        if not isinstance(first, _Page):
            return first
        self.broken = 0
        self.held -= size(first.record)
        return _outcome(first.record, first.future, self.settings)

    def stop(self) -> None:
        """End the workers, also those that are busy, or just begin and miss the others."""
        self.pool.stop()  # type: ignore[no-untyped-call]
        for process in list(self.context.begun):
            if process.is_alive():
                process.kill()
        self.pool.join()

    def _renew(self) -> None:
        """Have a new pool do what one that is broken has not done.

        A pool breaks when its workers die without a page: for lack of memory, or by hand.
        """
        self.broken += 1
        if self.broken > POOLS:
            raise DeclutterError("the workers die before they have a page: try fewer --jobs")
        self.stop()
        self.pool = _started(self.settings, self.context)
        for page in self.waiting:
            if isinstance(page, _Page) and not (page.future.done() and not _is_broken(page.future)):
                page.future = self._scheduled(page.record, page.wants)


def _is_broken(future: ProcessFuture[Any]) -> bool:
    """Whether the pool of a page broke, once that is known."""
    return isinstance(future.exception(), BrokenExecutor)


def _outcome(record: Record, future: ProcessFuture[T], settings: Settings) -> Outcome | T:
    """What became of a record, also where its worker had to be killed or died."""
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        why = f"took longer than --timeout {settings.timeout:g} s"
        return failed(record, why, settings.timeout)
    except ProcessExpired as error:
        return failed(record, f"the worker that cleaned it died (exit code {error.exitcode})", 0.0)
    except MissingExtra:
        raise
    except Exception as error:  # what a worker cannot send back
        return failed(record, f"{type(error).__name__}: {error}", 0.0)


def _started(settings: Settings, context: _Context) -> ProcessPool:
    """Workers on their way. Ctrl-C, which a terminal sends to all processes, is not for them."""
    with needed("pebble", "Cleaning with worker processes"):
        from pebble import ProcessPool
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    pool = ProcessPool(settings.jobs, max_tasks=PAGES, initializer=_begin, context=context)
    with _deaf():
        assert pool.active  # asking starts it
    return pool


@contextmanager
def _deaf() -> Iterator[None]:
    """Have processes begin that do not hear of Ctrl-C; what is heard meanwhile waits for them."""
    heard: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM) if current_thread() is main_thread() else ()
    before = [(n, signal.signal(n, lambda number, frame: heard.append(number))) for n in numbers]
    try:
        with _masked():
            yield
    finally:
        for number, handler in before:
            signal.signal(number, handler or signal.SIG_DFL)
    for first in heard[:1]:
        signal.raise_signal(first)


@contextmanager
def _masked() -> Iterator[None]:
    """Have threads and processes that begin here not hear of Ctrl-C."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # else it begins later, and makes this thread hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def share(jobs: int) -> int | None:
    """The bytes of memory that each worker may have where all get the same; None if unknown."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return max(MEMORY, int(memory * 0.8) // jobs)


def _begin() -> None:
    """Load what pages need, before the time of one runs; end with the main process."""
    Thread(target=_follow, daemon=True).start()
    for kind in ("html", "text"):
        record = Record("", 0, "", "", WARM, kind)
        with suppress(MissingExtra):  # the first page tells of it
            cleaned(record, Options(), Wants())


def _follow() -> None:
    """End at once when the main process is gone, whatever this worker does."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _bounded(job: Job[T], memory: int | None, record: Record, options: Options, wants: Wants) -> T:
    """Do a job within a bound of memory, where the system lets us."""
    with _limited(memory):
        return job(record, options, wants)


@contextmanager
def _limited(memory: int | None) -> Iterator[None]:
    """Bound what a page takes; what goes between the processes must never fail."""
    try:
        import resource

        before = resource.getrlimit(resource.RLIMIT_DATA)
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (memory, before[1]))
    except (ImportError, ValueError, OSError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
