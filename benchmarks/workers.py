"""Running tools in processes of their own, so that a page that hangs or crashes one costs
that page only.
"""

from __future__ import annotations

import logging
import multiprocessing
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import lru_cache
from multiprocessing.connection import Connection
from queue import SimpleQueue

from benchmarks.corpora import Page
from benchmarks.folds import unseen
from benchmarks.peers import PEERS, Extract, declutter_for
from benchmarks.scoring import Outcome, score_page

SECONDS = 60.0  # a page's time


@lru_cache(maxsize=len(PEERS))
def _loaded(name: str, corpus: str, focus: str) -> Extract:
    return declutter_for(corpus, focus) if name == "declutter" else PEERS[name].load()


def run(name: str, page: Page, focus: str = "balanced") -> Outcome:
    """Run a tool on a page; an exception is a failure, and scores as an empty text."""
    text, failed = "", None
    try:
        with unseen(page.domain) if name == "declutter" else nullcontext():
            text = _loaded(name, page.corpus, focus)(page.html)
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"[:200]
    return score_page(page, text, failed)


def _serve(connection: Connection) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    while True:
        connection.send(run(*connection.recv()))


class Worker:
    """One process, begun anew when it hangs or dies."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()

    def run(self, name: str, page: Page, focus: str, seconds: float) -> Outcome:
        failed = f"no answer in {seconds:.0f} s"
        try:
            self._connection.send((name, page, focus))
            if self._connection.poll(seconds):
                outcome: Outcome = self._connection.recv()
                return outcome
        except (EOFError, ConnectionError):
            failed = "the process died"
        self.stop()
        self._start()
        return score_page(page, "", failed)


def outcomes(
    name: str,
    pages: Iterable[Page],
    *,
    focus: str = "balanced",
    jobs: int,
    seconds: float = SECONDS,
) -> Iterator[Outcome]:
    """Run a tool on pages, in so many processes; the order is that of the pages."""
    free: SimpleQueue[Worker] = SimpleQueue()
    workers = [Worker() for _ in range(jobs)]
    for worker in workers:
        free.put(worker)

    def one(page: Page) -> Outcome:
        worker = free.get()
        try:
            return worker.run(name, page, focus, seconds)
        finally:
            free.put(worker)

    threads = ThreadPoolExecutor(jobs)
    try:
        yield from threads.map(one, pages)
    finally:
        threads.shutdown(cancel_futures=True)
        for worker in workers:
            worker.stop()
