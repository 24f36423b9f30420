"""A run from its sources to its outputs: nothing is lost or doubled, wherever it is killed."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq

from declutter.batch import run, sinks
from declutter.batch.job import Job
from declutter.batch.outcome import Outcome
from declutter.batch.progress import summary
from declutter.batch.records import Failure, Item, Skipped
from declutter.batch.run import Totals
from declutter.cli import main
from tests.batches import hasty, outcome, texts, tree

HIDDEN = (".part", "ledger", "ledger.jsonl")  # what is no result


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "outcomes", hasty)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def batch(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, ["batch", *map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


# --- killed anywhere


class KilledError(BaseException):
    """The end of a process; nothing is cleared up."""


class Steps:
    """What is done to disks, counted; the process may be killed before and after each step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.count = 0
        self.look: Callable[[], None] = lambda: None
        for owner, name in ((os, "fsync"), (Path, "replace"), (shutil, "copyfile")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))
        for kind in (sinks.Lines, sinks.Files, sinks.Table, sinks.Parts):
            monkeypatch.setattr(kind, "write", self._counted(kind.write))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._step()
            found = function(*arguments, **named)
            self._step()
            return found

        return counted

    def _step(self) -> None:
        self.count += 1
        self.look()
        if self.left == self.count:
            raise KilledError

    def killed(self, left: int | None, *arguments: str) -> bool:
        """Run, and be killed at a step; False if there were not so many."""
        self.left, self.count = left, 0
        try:
            result = batch(*arguments)
        except KilledError:
            return True
        assert result.exit_code == 1, result.stderr  # there is a bad line
        return False


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Steps of runs that settle what they have after a few pages."""
    plan = Job.plan
    often = lambda job: replace(plan(job), rows=7, seconds=float("inf"))  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(Job, "plan", often)
        patch.setattr(run, "PIECE", 3)
        patch.setattr(sinks, "GROUP", 4)
        yield Steps(patch)


SOURCES = ("a.jsonl", "in", "a.jsonl", "empty.jsonl", "missing.html", "b.jsonl")
OUTPUTS: dict[str, list[str]] = {
    "lines": ["-o", "out/a.jsonl"],
    "gzip": ["-o", "out/a.jsonl.gz"],
    "texts": ["-o", "out"],
    "json": ["-o", "out", "--format", "json"],
    "parquet": ["-o", "out", "--format", "parquet"],
    "zstd": ["-o", "out", "--format", "jsonl.zst"],
    "removed": ["-o", "out/a.jsonl.zst", "--removed", "out/r.jsonl"],
    "parts and removed": ["-o", "out", "--format", "jsonl", "--removed", "out/r.jsonl.gz"],
}


def place(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(texts(10) + b"{broken\n" + texts(3))
    (folder / "b.jsonl").write_bytes(texts(9, late=[1]))
    (folder / "empty.jsonl").touch()
    (folder / "in").mkdir()
    for name in ("x.html", "y.txt"):
        (folder / "in" / name).write_text(f"<p>{name}")


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_a_run_that_is_killed_anywhere_and_resumed_gives_what_one_gives(
    here: Path, steps: Steps, output: list[str]
) -> None:
    place(here)
    arguments = [*SOURCES, *output]
    assert not steps.killed(None, *arguments)
    expected, last = tree(here / "out", *HIDDEN), steps.count
    assert expected

    def look() -> None:
        """What has a name is complete."""
        for name, data in tree(here / "out", *HIDDEN).items():
            assert data == expected[name], name

    steps.look = look
    chance = random.Random(1)
    for first in {*chance.sample(range(1, last), min(12, last // 2)), last - 1, last}:
        shutil.rmtree(here / "out")
        assert steps.killed(first, *arguments)
        while steps.killed(chance.randint(1, last), *arguments, "--resume"):
            pass
        assert tree(here / "out", *HIDDEN) == expected
        assert not [name for name in tree(here / "out") if name.endswith(".part")]


def test_a_single_parquet_file_has_its_name_when_it_is_complete(here: Path, steps: Steps) -> None:
    place(here)
    arguments = [*SOURCES, "-o", "out/a.parquet"]
    assert not steps.killed(None, *arguments)
    expected, last = tree(here / "out", *HIDDEN), steps.count

    def look() -> None:
        assert tree(here / "out", *HIDDEN) in ({}, expected)

    steps.look = look
    for step in range(1, last + 1, 5):
        shutil.rmtree(here / "out")
        assert steps.killed(step, *arguments)
    assert not steps.killed(None, *arguments)
    assert tree(here / "out", *HIDDEN) == expected


def test_pages_that_the_ledger_has_are_not_cleaned_again(
    here: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(here)
    cleaned: list[Item | Outcome] = []

    def noted(*arguments: Any) -> Iterator[Item | Outcome]:
        for item in hasty(*arguments):
            cleaned.append(item)
            yield item

    monkeypatch.setattr(run, "outcomes", lambda *arguments: Closing(noted(*arguments)))
    arguments = ["a.jsonl", "b.jsonl", "-o", "out.jsonl"]
    assert not steps.killed(None, *arguments)
    every, count = len(cleaned), steps.count
    assert steps.killed(count - 2, *arguments)
    cleaned.clear()
    assert not steps.killed(None, *arguments, "--resume")
    assert len(cleaned) <= 7 < every


class Closing:
    """An iterator that may be closed."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return self._items

    def close(self) -> None:
        pass


# --- resumed


def test_a_finished_run_has_nothing_to_do_and_takes_new_sources(here: Path) -> None:
    place(here)
    assert batch("b.jsonl", "-o", "out.jsonl").exit_code == 0
    before = tree(here)
    assert batch("b.jsonl", "-o", "out.jsonl", "--resume").exit_code == 0
    after = tree(here)
    assert after.pop("out.jsonl.ledger") != before.pop("out.jsonl.ledger")
    assert after == before
    result = batch("b.jsonl", "in", "-o", "out.jsonl", "--resume")
    assert "11 pages" in result.stderr
    assert (here / "out.jsonl").read_bytes().startswith(before["out.jsonl"])
    assert (here / "out.jsonl").read_bytes().count(b"\n") == 11


def test_resume_without_a_run_begins_one(here: Path) -> None:
    place(here)
    assert batch("b.jsonl", "-o", "out.jsonl", "--resume").exit_code == 0
    assert (here / "out.jsonl").read_bytes().count(b"\n") == 9


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (["--focus", "recall"], "focus"),
        (["--kind", "html"], "kind"),
        (["--keep", "navigation"], "keep"),
        (["--spans"], "spans"),
        (["--dolma"], "dolma"),
        (["--text-column", "id"], "text_column"),
        (["--removed", "r.jsonl"], "removed"),
    ],
    ids=str,
)
def test_a_run_goes_on_with_the_same_options_only(
    here: Path, changed: list[str], named: str
) -> None:
    place(here)
    batch("b.jsonl", "-o", "out.jsonl")
    before = tree(here)
    result = batch("b.jsonl", "-o", "out.jsonl", "--resume", *changed)
    assert (result.exit_code, named in result.stderr) == (1, True)
    assert tree(here) == before


@pytest.mark.parametrize(
    ("output", "why"),
    [("-", "standard output cannot be taken back"), ("a.parquet", "written in two runs")],
)
def test_what_cannot_be_resumed_says_why(here: Path, output: str, why: str) -> None:
    place(here)
    result = batch("b.jsonl", "-o", output, "--resume")
    assert (result.exit_code, why in result.stderr) == (2, True)


@pytest.mark.parametrize("more", [[], ["--resume"]], ids=str)
def test_parts_of_another_run_are_never_written_over(here: Path, more: list[str]) -> None:
    place(here)
    (here / "out").mkdir()
    (here / "out/part-000000.jsonl").write_text("precious")
    result = batch("b.jsonl", "-o", "out", "--format", "jsonl", *more)
    assert (result.exit_code, "another run" in result.stderr) == (2, True)
    assert tree(here / "out") == {"part-000000.jsonl": b"precious"}


# --- limits


BAD = texts(2) + b"{\n" + texts(2) + b"{\n{\n" + texts(2)


@pytest.mark.parametrize(
    ("limit", "pages", "code", "said"),
    [
        ([], 6, 1, "3 failed, the others are done"),
        (["--max-failures", "3"], 6, 1, "3 failed, the others are done"),
        (["--max-failures", "1"], 4, 1, "stopped after 2 failures"),
        (["--max-failures", "0"], 2, 1, "stopped after 1 failure\n"),
        (["--fail-fast"], 2, 1, "stopped after 1 failure\n"),
    ],
    ids=str,
)
def test_limits_of_failures(here: Path, limit: list[str], pages: int, code: int, said: str) -> None:
    (here / "a.jsonl").write_bytes(BAD)
    result = batch("a.jsonl", *limit)
    assert (result.stdout.count("\n"), result.exit_code) == (pages, code)
    assert said in result.stderr


def test_where_all_failed_there_are_no_others(here: Path) -> None:
    (here / "a.jsonl").write_bytes(b"{\n")
    assert batch("a.jsonl").stderr.endswith("declutter: batch: 1 failed\n")


def test_each_run_has_its_own_first_failure(here: Path) -> None:
    (here / "a.jsonl").write_bytes(BAD)
    arguments = ["a.jsonl", "-o", "out.jsonl", "--fail-fast"]
    said = [batch(*arguments, *["--resume"] * bool(i)).stderr for i in range(4)]
    assert ["--resume goes on" in text for text in said] == [True, True, True, False]
    assert (here / "out.jsonl").read_bytes().count(b"\n") == 6


def test_failures_do_not_wait_for_rows(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.jsonl").write_bytes(b"{\n" * 100)
    assert batch("a.jsonl", "-o", "o", "--format", "jsonl", "--part-rows", "4").exit_code == 1
    assert (here / "o/_ledger.jsonl").read_bytes().count(b"\n") > 100 // 8


@pytest.mark.parametrize(
    ("output", "named"),
    [(["-o", "o.jsonl"], 20), (["-o", "out"], 20), ([], 200)],
    ids=["file", "folder", "standard output"],
)
def test_failures_that_are_alike_are_not_named_without_end(
    here: Path, output: list[str], named: int
) -> None:
    (here / "a.jsonl").write_bytes(b'{"text": 1}\n[]\n' * 200)
    result = batch("a.jsonl", *output, "-q")
    lines = result.stderr.splitlines()
    for why in ("the column text holds int", "is a JSON list"):
        assert len([line for line in lines if why in line and "#" in line]) == named
    more = [line for line in lines if "more like this: see the ledger" in line]
    assert len(more) == (2 if output else 0)
    assert result.exit_code == 1


# --- what cannot be written


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_a_disk_that_fills_is_a_clear_line_and_the_run_goes_on_when_there_is_room(
    here: Path, monkeypatch: pytest.MonkeyPatch, output: list[str]
) -> None:
    place(here)
    batch(*SOURCES, *output)
    expected = tree(here / "out", *HIDDEN)
    shutil.rmtree(here / "out")
    with monkeypatch.context() as patch:
        patch.setattr(sinks, "settle", full)
        patch.setattr(sinks, "finish", full)
        result = batch(*SOURCES, *output)
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("declutter: batch: cannot write ")
    assert os.strerror(errno.ENOSPC) in last
    assert "--resume goes on" in last
    assert tree(here / "out", *HIDDEN) == {}
    batch(*SOURCES, *output, "--resume")
    assert tree(here / "out", *HIDDEN) == expected


@pytest.mark.parametrize("output", ["file/a.jsonl", "file/out", "folder.jsonl", "file"])
def test_an_output_that_cannot_be_is_a_clear_line(here: Path, output: str) -> None:
    place(here)
    (here / "file").touch()
    (here / "folder.jsonl").mkdir()
    result = batch("b.jsonl", "-o", output)
    assert result.exit_code in (1, 2)
    assert output.split("/")[0] in result.stderr.splitlines()[-1]


def test_a_page_whose_name_is_too_long_is_a_failure_and_the_others_are_done(here: Path) -> None:
    (here / "in").mkdir()
    for name in ("a.html", "b" * 250 + ".html", "c.html"):
        (here / "in" / name).write_text("<p>text")
    result = batch("in", "-o", "out")
    assert (result.exit_code, "2 pages" in result.stderr) == (1, True)
    assert list(tree(here / "out", *HIDDEN)) == ["a.html.txt", "c.html.txt"]
    assert os.strerror(errno.ENAMETOOLONG) in result.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["b.jsonl", "-o", "b.jsonl"], "read and written"),
        (["b.jsonl", "-o", "./in/../b.jsonl"], "read and written"),
        (["b.jsonl", "-o", "o.jsonl", "--removed", "b.jsonl"], "read and written"),
        (["b.jsonl", "-o", "o.jsonl", "--removed", "o.jsonl"], "same file"),
        (["in/x.html", "-o", "in"], "read and written"),
        (["in", "-o", "in"], "holds sources"),
        (["in", "-o", "."], "holds sources"),
        (["in", "../here/in", "-o", "out"], "same place"),
        (["b.jsonl", "-o", "o.jsonl", "--format", "json"], "--format"),
        (["b.jsonl", "-0"], "-0 is for the names of --files-from"),
        (["b.jsonl", "--part-rows", "5"], "--part-rows is for a folder"),
        (["b.jsonl", "-o", "o.parquet", "--part-rows", "10000"], "--part-rows is for a folder"),
        (["b.jsonl", "-o", "out", "--format", "json", "--part-rows", "5"], "--part-rows"),
        (["b.jsonl", "-o", "out", "--spans"], "no place for spans"),
        (["b.jsonl", "-o", "out", "--removed", "r.parquet"], "--removed"),
        ([], "name files"),
    ],
    ids=str,
)
def test_choices_that_would_lose_something_are_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], why: str
) -> None:
    (tmp_path / "here/here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    place(tmp_path / "here")
    before = tree(tmp_path)
    arguments = [a.replace("../here/in", "../in") for a in arguments]
    (tmp_path / "in").symlink_to("here/in")
    result = batch(*arguments)
    assert (result.exit_code, why in result.stderr) == (2, True)
    assert tree(tmp_path / "here") == {k[5:]: v for k, v in before.items() if k[:5] == "here/"}


# --- sources


def test_an_output_among_the_sources_is_not_read(here: Path) -> None:
    place(here)
    for _ in range(2):
        assert batch("in", "-o", "in/out").exit_code == 0
        assert list(tree(here / "in/out", *HIDDEN)) == ["x.html.txt", "y.txt"]
    shutil.rmtree(here / "in/out")
    for _ in range(2):
        assert batch("in/*", "-o", "in/o.jsonl", "--removed", "in/r.jsonl").exit_code == 0
    ids = [line.split(b'"')[3] for line in (here / "in/o.jsonl").read_bytes().splitlines()]
    assert ids == [b"in/x.html", b"in/y.txt"]


@pytest.mark.parametrize("more", [[], ["--site-templates"]], ids=str)
@pytest.mark.parametrize("output", ["o.jsonl", "in/o.jsonl", "in/out"])
def test_files_in_folders_that_are_not_read_are_counted_once(
    here: Path, output: str, more: list[str]
) -> None:
    place(here)
    for name in ("index.php", "about", "a.jpg", ".hidden"):
        (here / "in" / name).touch()
    for name in ("ledger", "ledger.sites", "ledger.sites.part", "part"):
        if output == "in/o.jsonl":  # of a run that was killed
            (here / f"in/o.jsonl.{name}").touch()
    for again in ([], ["--resume"]):
        result = batch("in", "-o", output, *more, *again)
        assert "2 pages" in result.stderr
        assert "skipped: 3\n" in result.stderr
        assert "  2  a file whose name tells nothing: name it, or use a pattern" in result.stderr
        assert "  1  a file that is no page by its name" in result.stderr


def test_results_are_sources_of_another_run_without_their_ledger(here: Path) -> None:
    place(here)
    assert batch("b.jsonl", "-o", "one", "--format", "jsonl", "--part-rows", "4").exit_code == 0
    for source in ("one", "one/*"):
        result = batch(source)
        assert (result.exit_code, result.stdout.count("\n")) == (0, 9)


def test_a_file_that_is_named_twice_is_read_once(here: Path) -> None:
    place(here)
    (here / "link.jsonl").symlink_to("b.jsonl")
    names = ["./b.jsonl", "b.jsonl", str(here / "b.jsonl"), "in/../b.jsonl", "link.jsonl"]
    result = batch(*names, "missing.html", "missing.html", "-o", "o.jsonl")
    assert ("9 pages" in result.stderr, "failed: 1\n" in result.stderr) == (True, True)
    assert b'"id":"n8"' in (here / "o.jsonl").read_bytes()
    assert '"done": ["./b.jsonl", "missing.html"]' in (here / "o.jsonl.ledger").read_text()


def test_a_file_and_a_folder_that_has_one_of_its_name_stay_apart(here: Path) -> None:
    place(here)
    (here / "x.html").write_text("<p>other")
    assert batch("in", "x.html", "-o", "out").exit_code == 0
    names = ["in/x.html.txt", "in/y.txt", "x.html.txt"]
    assert list(tree(here / "out", *HIDDEN)) == names


def test_sources_with_odd_names_have_their_results(here: Path) -> None:
    names = [
        os.fsdecode(name) for name in (b"a\xff.html", b"two\nlines.html", "ü [1]*.html".encode())
    ]
    (here / "in").mkdir()
    for name in names:
        (here / "in" / name).write_text("<p>text")
    assert batch("in", "-o", "out").exit_code == 0
    assert sorted(tree(here / "out", *HIDDEN)) == sorted(f"{name}.txt" for name in names)
    assert batch("in", "-o", "o.jsonl").exit_code == 0
    assert batch("in", "-o", "o.parquet").exit_code == 0
    assert pq.read_table(here / "o.parquet").num_rows == 3


def test_names_come_from_standard_input(here: Path) -> None:
    place(here)
    result = batch("--files-from", "-", "-0", stdin=b"b.jsonl\0in\0")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 11)


@pytest.mark.parametrize("output", ["o.jsonl", "o.jsonl.gz", "o.parquet", "-"])
def test_nothing_to_read_gives_an_output_without_rows(here: Path, output: str) -> None:
    (here / "a.jsonl").touch()
    result = batch("a.jsonl", "-o", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 pages, 0 bytes read" in result.stderr
    assert output == "-" or (here / output).exists()


def test_fields_of_parquet_and_json_lines_come_out_together(here: Path) -> None:
    place(here)
    table = pa.table({"text": ["t"], "n": pa.array([7], pa.int8()), "late": ["s"]})
    pq.write_table(table, here / "c.parquet")
    assert batch("c.parquet", "b.jsonl", "-o", "o.parquet").exit_code == 0
    found = pq.read_table(here / "o.parquet")
    assert found.schema.field("n").type == pa.int8()
    assert found["late"].to_pylist() == ["s", *[None] * 9]
    assert found["other_fields"].to_pylist() == [None, *['{"late": [1]}'] * 9]


# --- totals


ITEMS = st.lists(
    st.builds(Failure, st.just("s"), st.integers(0), st.just("i"), st.text(max_size=3))
    | st.builds(Skipped, st.just("s"), st.integers(0), st.sampled_from(["a", "b"]))
    | st.builds(
        outcome,
        st.sampled_from([None, {"text": "t"}]),
        st.integers(0),
        error=st.none() | st.sampled_from(["took 3 s", "took 4 s"]),
        seconds=st.floats(0, 9),
        size=st.integers(0, 9),
        read=st.integers(0, 9),
        kept=st.integers(0, 9),
        gone=st.none() | st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 9)),
    ),
    max_size=30,
)


def counted(items: Sequence[Item | Outcome]) -> Totals:
    totals = Totals()
    for item in items:
        totals.add(item)
    return totals


@given(ITEMS)
def test_the_totals_add_up(items: list[Item | Outcome]) -> None:
    totals = counted(items)
    good = [item for item in items if isinstance(item, Outcome) and item.error is None]
    skipped = sum(isinstance(item, Skipped) for item in items)
    assert totals.pages == len(good)
    assert totals.pages + totals.failed + skipped == len(items)
    assert totals.failed == totals.failures.total()
    assert totals.skipped.total() == skipped
    assert (totals.size, totals.read) == (sum(o.size for o in good), sum(o.read for o in good))
    assert totals.kept == sum(o.kept for o in good)
    assert totals.gone.total() == sum(sum((o.gone or {}).values()) for o in good)


GONE = {"css": 999, "share": 6, "login": 4, "nothing": 0}


@pytest.mark.parametrize(
    ("totals", "lines"),
    [
        (Totals(failed=2), ["0 pages, 0 bytes read, in 1.0 s"]),
        (
            Totals(pages=1, size=1, empty=1),
            ["1 page, 1 byte read, in 1.0 s", "1 page has none left"],
        ),
        (
            Totals(
                pages=3, size=9, read=10_000, kept=9000, named=10_000, empty=2, gone=Counter(GONE)
            ),
            [
                "3 pages, 9 bytes read, in 1.0 s",
                "kept 90.0% of the text; 2 pages have none left",
                "removed: css 10.0%, share 0.1%",
            ],
        ),
    ],
)
def test_a_summary_tells_what_there_is(totals: Totals, lines: list[str]) -> None:
    assert list(summary(totals, 1.0)) == lines


@given(ITEMS, ITEMS)
def test_the_totals_of_a_resumed_run_are_those_of_one(
    first: list[Item | Outcome], later: list[Item | Outcome]
) -> None:
    known = Totals.of(counted(first).plain())
    for item in later:
        known.add(item)
    assert known == counted([*first, *later])


def test_the_slowest_pages_are_named_and_reasons_are_not_endless() -> None:
    chance = random.Random(1)
    seconds = [round(chance.random(), 3) for _ in range(99)]
    items = [outcome({}, n, seconds=s) for n, s in enumerate(seconds)]
    assert [s for s, _ in counted(items).slowest] == sorted(seconds, reverse=True)[:5]
    letters = [Failure("s", 0, "i", "why " + "x" * number) for number in range(200)]
    failures = counted(letters).failures
    assert (len(failures) <= 101, failures.total()) == (True, 200)
    assert {kind[-1] for kind in failures if len(kind) == 100} == {"x", "…"}
