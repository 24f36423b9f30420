"""The ledger: what it tells a run that goes on, also after a line that was cut."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter.batch.ledger import Entry, Ledger
from declutter.errors import InputError

ABOUT = {"version": "1", "form": None}
NAMES = st.text(st.characters(codec=None), max_size=3)


def written(path: Path, *entries: Entry) -> Path:
    ledger = Ledger(path, ABOUT, resume=False)
    for entry in entries:
        ledger.add(entry)
    return path


def resumed(path: Path) -> Ledger:
    return Ledger(path, ABOUT, resume=True)


def test_what_is_done_is_told_when_a_run_goes_on(tmp_path: Path) -> None:
    entries = Entry(done=["a", "b"], source="c", stop=7), Entry(source="c", stop=9)
    ledger = resumed(written(tmp_path / "ledger", *entries))
    assert [ledger.is_finished(name) for name in "abc"] == [True, True, False]
    assert [ledger.done(name) for name in "dc"] == [0, 9]
    assert ledger.last is not None
    assert ledger.last.stop == 9


def test_a_source_that_is_read_to_its_end_is_no_longer_under_way(tmp_path: Path) -> None:
    ledger = resumed(written(tmp_path / "l", Entry(source="a", stop=5), Entry(done=["a"])))
    assert ledger.is_finished("a")
    assert ledger.done("a") == 0


def test_a_source_that_is_named_twice_is_read_twice(tmp_path: Path) -> None:
    ledger = resumed(written(tmp_path / "l", Entry(done=["a"], source="a", stop=3)))
    assert [ledger.is_finished("a"), ledger.is_finished("a")] == [True, False]
    assert [ledger.done("a"), ledger.done("a")] == [3, 0]


def test_sources_may_come_in_another_order(tmp_path: Path) -> None:
    path = written(tmp_path / "l", Entry(source="a", stop=3))
    resumed(path).add(Entry(source="b", stop=4))
    assert (resumed(path).done("a"), resumed(path).done("b")) == (3, 4)


@given(st.lists(NAMES, max_size=20))
def test_any_names_of_sources_are_known_again(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = written(tmp_path_factory.mktemp("l") / "ledger", Entry(done=names))
    ledger = resumed(path)
    assert all(map(ledger.is_finished, names))
    assert not any(map(ledger.is_finished, names))


def test_a_ledger_that_is_cut_anywhere_tells_of_whole_lines_and_goes_on(tmp_path: Path) -> None:
    whole = written(tmp_path / "l", Entry(["a"]), Entry(["b"])).read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(len(whole) + 1):
        path = tmp_path / "cut"
        path.write_bytes(whole[:cut])
        ledger = resumed(path)
        told = [ledger.is_finished(name) for name in "ab"]
        assert told == [cut >= end for end in ends[1:]]
        ledger.add(Entry(["c"]))
        ledger.close()
        with closing(resumed(path)) as ledger:
            assert ledger.is_finished("c")


def test_without_resume_a_ledger_begins_anew(tmp_path: Path) -> None:
    path = written(written(tmp_path / "l", Entry(["a"])))
    assert [list(json.loads(line)) for line in path.read_text().splitlines()] == [["about"]]


def test_a_ledger_of_another_run_names_the_options_that_differ(tmp_path: Path) -> None:
    path = written(tmp_path / "l")
    with pytest.raises(InputError, match="of a run with another form: give what"):
        Ledger(path, {"version": "1", "form": "json"}, resume=True)


@pytest.mark.parametrize(
    "data",
    [b"\0\0\n", b"[]\n", b'{"about": 3}\n', b'{"text": "t"}\n', b'{"about": {}}\n{"x": 1}\n'],
    ids=repr,
)
def test_what_is_no_ledger_says_so_and_stays(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "l"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"no ledger, or damaged at byte|another version"):
        resumed(path)
    assert path.read_bytes() == data


def test_a_ledger_is_of_one_run_at_a_time(tmp_path: Path) -> None:
    running = Ledger(tmp_path / "l", {}, resume=False)
    with pytest.raises(InputError, match="still going on"):
        Ledger(tmp_path / "l", {}, resume=True)
    running.close()
    Ledger(tmp_path / "l", {}, resume=True).close()
