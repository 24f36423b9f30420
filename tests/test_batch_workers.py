"""Workers: one that hangs, dies or takes all memory costs its page, and only that."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from declutter.batch import workers
from declutter.batch.outcome import Outcome, Wants, cleaned
from declutter.batch.records import Failure, Item, Skipped
from declutter.batch.workers import Settings, outcomes
from declutter.errors import DeclutterError, MissingExtra
from declutter.options import Options
from tests import batches
from tests.batches import PROSE, ROOT, quick, record

LONG = 60.0  # seconds that no test takes


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that begin quickly, and know the jobs of these tests."""
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.setattr(workers, "_begin", batches.light)


def settings(jobs: int = 2, timeout: float = LONG, memory: int | None = None) -> Settings:
    return Settings(Options(), Wants(), jobs, timeout, memory)


def done(items: list[str], **more: Any) -> list[Outcome]:
    """What becomes of pages; each comes out once, in its order."""
    records = [record(words, place) for place, words in enumerate(items)]
    found = list(outcomes(records, settings(**more), quick))
    assert [item.place for item in found if isinstance(item, Outcome)] == list(range(len(items)))
    return [item for item in found if isinstance(item, Outcome)]


def texts_of(found: list[Outcome]) -> list[str | None]:
    return [item.row["text"] if item.row else None for item in found]


def pids_of(found: list[Outcome]) -> list[int]:
    return [item.row["pid"] for item in found if item.row]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("exit", "the worker that cleaned it died (exit code 3)"),
        ("kill", "the worker that cleaned it died (exit code -9)"),
        ("crash", "the worker that cleaned it died (exit code -11)"),
        ("raise", "ValueError: two lines"),
        ("fill", "MemoryError:"),
    ],
)
def test_a_page_that_ends_its_worker_costs_that_page_only(words: str, why: str) -> None:
    items = ["a", "b", words, "c", words, "d"]
    found = done(items, memory=1 << 28)
    assert texts_of(found) == ["a", "b", None, "c", None, "d"]
    assert [item.error for item in found if item.error] == [why, why]


def test_a_page_that_hangs_is_killed_and_the_others_are_done() -> None:
    found = done(["a", "spin", "b", "sleep 1000", "c"], timeout=1.5)
    assert texts_of(found) == ["a", None, "b", None, "c"]
    assert {item.error for item in found if item.error} == {"took longer than --timeout 1.5 s"}
    assert {item.seconds for item in found if item.error} == {1.5}


def test_the_order_is_kept_whatever_takes_long() -> None:
    chance = random.Random(1)
    items = [f"sleep {chance.random() ** 8 / 10}" for _ in range(300)]
    assert texts_of(done(items, jobs=4)) == items


def test_no_more_is_read_ahead_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "AHEAD", 5)
    read: list[int] = []

    def items() -> Iterator[Item]:
        for place in range(60):
            read.append(place)
            yield record("sleep 0.002", place)

    for count, _ in enumerate(outcomes(items(), settings(jobs=2), quick), 1):
        assert len(read) - count <= 2 * 5 + 1
    assert len(read) == 60


def test_large_pages_wait_in_small_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "AHEAD_BYTES", 1000)
    read: list[int] = []

    def items() -> Iterator[Item]:
        for place in range(20):
            read.append(place)
            yield record("sleep 0.01" + " " * 490, place)

    for count, _ in enumerate(outcomes(items(), settings(jobs=2), quick), 1):
        assert len(read) - count <= 4


def test_what_is_no_record_passes_in_its_place() -> None:
    items: list[Item] = [
        Skipped("s", 0, "a request record"),
        record("sleep 0.05", 1),
        Failure("s", 2, "f", "damaged"),
        record("a", 3),
    ]
    found = list(outcomes(items, settings(), quick))
    assert [type(item) for item in found] == [Skipped, Outcome, Failure, Outcome]
    assert (found[0], found[2]) == (items[0], items[2])


def test_nothing_comes_of_nothing() -> None:
    assert list(outcomes([], settings(), quick)) == []


def test_workers_are_replaced_after_so_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PAGES", 3)
    pids = pids_of(done([str(number) for number in range(9)], jobs=1))
    assert [len(set(pids[i : i + 3])) for i in (0, 3, 6)] == [1, 1, 1]
    assert len(set(pids)) == 3


def killing(pause: float) -> Iterator[Item]:
    """Pages; between them all workers are killed that have none."""
    yield record("a", 0)
    yield record("b", 1)
    time.sleep(pause)
    for process in multiprocessing.active_children():
        process.kill()
    yield record("c", 2)
    yield record("d", 3)


@pytest.mark.parametrize("pause", [0.0, 0.8], ids=["while they begin", "when they wait"])
def test_workers_that_are_killed_without_a_page_cost_none(pause: float) -> None:
    found = list(outcomes(killing(pause), settings(), quick))
    rows = [item.row["text"] for item in found if isinstance(item, Outcome) and item.row]
    assert rows == ["a", "b", "c", "d"]


def test_workers_that_cannot_begin_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_begin", batches.dead)
    with pytest.raises(DeclutterError, match="workers die before they have a page"):
        done(["a", "b", "c"])


def test_a_run_that_is_left_early_kills_what_is_busy() -> None:
    found = outcomes((record(w, n) for n, w in enumerate(["a", "spin", "spin"])), settings(), quick)
    next(found)
    found.close()
    assert multiprocessing.active_children() == []


def test_large_pages_and_results_go_to_workers_and_back_whatever_the_bound() -> None:
    items = ["x" * (1 << 25), "y" * (1 << 25)]
    assert texts_of(done(items, memory=1 << 20)) == items


def test_workers_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (found,) = outcomes([record(f"Skip to main content\n{PROSE}")], settings(1), cleaned)
    assert isinstance(found, Outcome)
    assert found.row is not None
    assert (found.row["text"], found.row["language"]) == (PROSE, "en")


def test_without_pebble_the_message_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pebble", None)
    with pytest.raises(MissingExtra, match=r"needs pebble: pip install 'declutter\[batch\]'"):
        done(["a"])


@pytest.mark.parametrize(
    ("jobs", "expected"), [(1, lambda all: all * 0.8), (10**6, lambda all: workers.MEMORY)]
)
def test_each_worker_may_have_its_share(
    monkeypatch: pytest.MonkeyPatch, jobs: int, expected: Callable[[int], float]
) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1 << 22}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert workers.share(jobs) == int(expected(4096 << 22))


def test_a_system_that_does_not_tell_its_memory_bounds_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sysconf")
    assert workers.share(1) is None
