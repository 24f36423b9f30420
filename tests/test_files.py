"""Sources and targets of the command line: what a name stands for and where output goes."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from declutter.files import Source, SourceError, expand, targets, write

# always the same bytes, for they are in the names of cases
gz = partial(gzip.compress, mtime=0)
DATA = b"<p>The bridge reopened on Monday.</p>"


def place(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(DATA)


def outputs(names: list[str], suffix: str = ".txt") -> list[str | None]:
    """The targets below ``out`` for files of these names."""
    found = targets([Source(name, name) for name in names], "out", suffix)
    return [target and os.path.relpath(target, "out") for _, target in found]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", DATA),
        ("page.html.gz", gz(DATA)),
        ("gzip-by-content.html", gz(DATA)),
        ("two-members.gz", gz(DATA[:9]) + gz(DATA[9:])),
    ],
)
def test_a_file_is_read_and_decompressed(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert Source(str(tmp_path / name)).read() == DATA


@pytest.mark.parametrize("data", [DATA, gz(DATA)], ids=["plain", "gzip"])
def test_a_dash_is_standard_input(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert Source("-").read() == DATA


def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    whole = gz(DATA * 50)
    cases = {
        "empty.html": (b"", "empty"),
        "empty.gz": (gz(b""), "empty"),
        "cut.gz": (whole[:-12], "damaged gzip"),
        "garbled.gz": (whole[:12] + b"\xff" * 20, "damaged gzip"),
        "wrong-sum.gz": (whole[:-8] + bytes(8), "damaged gzip"),
        "head-only.gz": (whole[:2], "damaged gzip"),
    }
    for name, (data, reason) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SourceError, match=rf"^[^\n]*{reason}[^\n]*$"):
            Source(str(tmp_path / name)).read()


@pytest.mark.parametrize("name", ["missing.html", "file/below", "loop", "x" * 5000])
def test_a_name_that_is_no_readable_file_is_a_source_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SourceError, match=r"^[^\n]+$"):
        Source(str(tmp_path / name)).read()


def test_a_folder_stands_for_the_pages_below_it_in_order(tmp_path: Path) -> None:
    pages = ["a.html", "b/c.HTM", "b/d.txt.gz", "b/e/f.xhtml", "g.gz", "h.txt"]
    others = [".hidden.html", "i.jpg", "j.json", "k.json.gz", "l.warc.gz", "README"]
    place(tmp_path, [*pages, *others])
    found = expand((str(tmp_path),))
    assert sorted(source.relative for source in found) == pages
    assert [source.name for source in found] == [
        str(path)
        for path in sorted(tmp_path.rglob("*"))
        if str(path.relative_to(tmp_path)) in pages
    ]


def test_files_are_taken_in_the_order_given_whatever_their_suffix(tmp_path: Path) -> None:
    names = ["b.page", "a.html", "missing.txt", "-"]
    found = expand(tuple(names))
    assert [source.name for source in found] == names
    assert [source.relative for source in found] == [*names[:3], "stdin"]


def test_two_folders_keep_their_names_apart(tmp_path: Path) -> None:
    place(tmp_path, ["one/a.html", "two/a.html"])
    found = expand((str(tmp_path / "one"), str(tmp_path / "two")))
    assert [source.relative for source in found] == ["one/a.html", "two/a.html"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.html", "b.htm", "c.txt"], ["a.txt", "b.txt", "c.txt"]),
        (["a.html.gz", "b/c.txt.gz"], ["a.txt", "b/c.txt"]),
        (["a.html", "a.htm"], ["a.txt", "a.htm.txt"]),
        (["a.html", "a.html", "a.html"], ["a.txt", "a.html.txt", "a.html-2.txt"]),
        (["news.2024", "README"], ["news.2024.txt", "README.txt"]),
        (["stdin"], ["stdin.txt"]),
    ],
    ids=["suffix", "gzip", "same-stem", "same-name", "no-page-suffix", "stdin"],
)
def test_targets(names: list[str], expected: list[str]) -> None:
    assert outputs(names) == expected


def test_targets_take_the_suffix_of_the_format() -> None:
    assert outputs(["a.html"], ".json") == ["a.json"]


def test_no_two_sources_share_a_target() -> None:
    names = ["a.html", "a.htm", "a.txt", "a", "a.html", "a.html.txt", "a.txt.gz", "a.htm-2.html"]
    assert len(set(outputs(names))) == len(names)


def test_targets_stay_below_the_output_folder(tmp_path: Path) -> None:
    place(tmp_path, ["in/a.html"])
    found = expand((str(tmp_path / "in" / ".." / "in" / "a.html"), str(tmp_path / "in" / "..")))
    for _, target in targets(found, str(tmp_path / "out"), ".txt"):
        assert target is not None
        assert Path(os.path.normpath(target)).is_relative_to(tmp_path / "out")


def test_without_an_output_folder_the_target_is_standard_output() -> None:
    assert [target for _, target in targets([Source("a", "a")], None, ".txt")] == [None]


def test_writing_makes_the_folders(tmp_path: Path) -> None:
    write(str(tmp_path / "a" / "b" / "c.txt"), DATA)
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == DATA


def test_writing_replaces_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    write(str(target), DATA)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", DATA)]


def test_writing_where_a_file_is_in_the_way_is_a_source_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(SourceError, match=r"cannot write .*b\.txt: "):
        write(str(tmp_path / "a" / "b.txt"), DATA)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(SourceError, match="cannot write"):
        write(str(tmp_path / "a.txt"), DATA)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
