"""Where a batch writes: what is in files, when they have their names, what fits a column."""

from __future__ import annotations

import datetime
import decimal
import errno
import gzip
import io
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import dataset
from pyarrow import parquet as pq

from declutter.batch import arrow, sinks
from declutter.batch.outcome import Outcome, Wants, cleaned
from declutter.batch.sinks import Files, Lines, Parts, Sink, Table
from declutter.errors import InputError
from declutter.options import Options
from tests.batches import json_lines, outcome, record, tree

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(data), read_across_frames=True
    ).read(),
}  # fmt: skip


def pages(*numbers: int) -> list[Outcome]:
    return [outcome({"id": f"n{number}", "text": "t"}, number) for number in numbers]


def lines_of(*numbers: int) -> bytes:
    return b"".join(b'{"id":"n%d","text":"t"}\n' % number for number in numbers)


def done(sink: Sink, *outcomes: Outcome, mark: sinks.Mark | None = None) -> None:
    """A whole run."""
    sink.restore(mark or {})
    assert sink.write(outcomes) == []
    sink.commit()
    sink.close()


# --- lines


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(st.characters(codec=None), max_size=3), JSON))
def test_a_line_is_its_row(row: dict[str, Any]) -> None:
    data = sinks.line(row)
    assert data.count(b"\n") == 1
    assert json.loads(data.decode("utf-8")) == row


@pytest.mark.parametrize("beside", ["", "\ud800", 10**30], ids=repr)
@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, None),
        ([{"a": -math.inf}], [{"a": None}]),
        (datetime.date(2020, 3, 1), "2020-03-01"),
        (datetime.datetime(2020, 3, 1, 10, 0, 0, 5), "2020-03-01T10:00:00.000005"),
        (datetime.time(10, 30), "10:30:00"),
        (datetime.timedelta(hours=1), "1:00:00"),
        (decimal.Decimal("1.10"), "1.10"),
        (b"caf\xc3\xa9", "café"),
        (b"\x89PNG\r\n", "iVBORw0K"),
        (("k", 1), ["k", 1]),
    ],
    ids=repr,
)
def test_what_json_does_not_have_is_written_the_same_beside_anything(
    value: Any, written: Any, beside: Any
) -> None:
    found = json.loads(sinks.line({"value": value, "beside": beside}), parse_constant=pytest.fail)
    assert found == {"value": written, "beside": beside}


@pytest.mark.parametrize("packed", UNPACK)
def test_lines_have_their_name_when_all_is_written(tmp_path: Path, packed: str) -> None:
    path = tmp_path / f"new/a.jsonl{packed}"
    sink = Lines(path)
    sink.restore({})
    for number in range(3):
        sink.write(pages(number))
        sink.commit()
        assert list(tree(tmp_path)) == [f"new/{path.name}.part"]
    sink.close()
    assert list(tree(tmp_path)) == [f"new/{path.name}"]
    assert UNPACK[packed](path.read_bytes()) == lines_of(0, 1, 2)


def test_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    done(Lines(tmp_path / "a.jsonl"), outcome(None))
    assert tree(tmp_path) == {"a.jsonl": b""}


def committed(path: Path) -> sinks.Mark:
    """A run that was killed when it had written more than it committed."""
    sink = Lines(path)
    sink.restore({})
    sink.write(pages(0, 1))
    mark = sink.commit()
    sink.write(pages(2))
    assert sink._file is not None
    sink._file.flush()
    return mark


@pytest.mark.parametrize("more", [[], [2, 3]], ids=["no more", "more"])
def test_rows_that_were_not_committed_are_dropped(tmp_path: Path, more: list[int]) -> None:
    mark = committed(tmp_path / "a.jsonl")
    done(Lines(tmp_path / "a.jsonl"), *pages(*more), mark=mark)
    assert tree(tmp_path) == {"a.jsonl": lines_of(0, 1, *more)}


def test_a_finished_file_grows_by_a_copy_even_if_copying_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    done(Lines(path), *pages(0, 1))
    (tmp_path / "a.jsonl.part").write_bytes(lines_of(0)[:5])
    done(Lines(path), *pages(2), mark={"bytes": len(lines_of(0, 1))})
    assert tree(tmp_path) == {"a.jsonl": lines_of(0, 1, 2)}


def test_a_file_that_lost_rows_is_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines_of(0))
    with pytest.raises(InputError, match="start anew without --resume"):
        Lines(tmp_path / "a.jsonl").restore({"bytes": 1000})


# --- folders


def test_parts_are_complete_when_they_have_their_names(tmp_path: Path) -> None:
    sink = Parts(tmp_path, "jsonl", Wants())
    sink.restore({})
    sink.write(pages(0, 1))
    assert list(tree(tmp_path)) == ["part-000000.jsonl.part"]
    assert sink.commit() == {"parts": 1}
    sink.write(pages(2))
    sink.commit()
    assert tree(tmp_path) == {"part-000000.jsonl": lines_of(0, 1), "part-000001.jsonl": lines_of(2)}


def test_parts_of_no_ledger_are_dropped_and_files_of_others_stay(tmp_path: Path) -> None:
    known, other = "part-000000.jsonl", ["part-00000-4d.parquet", "part-of.txt", "x.part"]
    for name in (known, "part-000001.jsonl", "part-000001.jsonl.part", *other):
        (tmp_path / name).touch()
    Parts(tmp_path, "jsonl", Wants()).restore({"parts": 1})
    assert list(tree(tmp_path)) == sorted([known, *other])


NAMED = ["a.html", "b/c.txt", "d.jsonl/00000001", "ü\udcff\n*.htm", "a.txt", "a.html~"]


@pytest.mark.parametrize(("ending", "data"), [("txt", b"t\n"), ("json", lines_of(0))])
def test_each_page_has_a_file_that_is_named_as_it(tmp_path: Path, ending: str, data: bytes) -> None:
    row = {"id": "n0", "text": "t"}
    done(Files(tmp_path, ending), *(Outcome("-", 0, "n0", name, row) for name in NAMED))
    names = [name if name.endswith(f".{ending}") else f"{name}.{ending}" for name in NAMED]
    assert tree(tmp_path) == dict.fromkeys(sorted(names), data)


def test_names_that_differ_in_the_ending_stay_apart(tmp_path: Path) -> None:
    names = ["a.html", "a.html.txt", "a.html~.txt"]
    for name in names:
        (tmp_path / name).touch()
    found = [Outcome(str(tmp_path / n), 0, n, n, {"text": n}) for n in names]
    done(Files(tmp_path / "out", "txt"), *found)
    assert tree(tmp_path / "out") == {
        "a.html.txt": b"a.html.txt\n",
        "a.html~.txt": b"a.html~.txt\n",
        "a.html~~.txt": b"a.html\n",
    }


def test_a_text_with_a_lone_surrogate_is_written(tmp_path: Path) -> None:
    done(Files(tmp_path, "txt"), outcome({"text": "a\ud800"}))
    assert tree(tmp_path) == {"s/00000000.txt": b"a?\n"}


def test_a_page_that_cannot_have_a_file_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    names = ["x" * 300, "file/below", "good"]
    (tmp_path / "file").touch()
    found = [Outcome("-", 0, n, n, {"text": "t"}) for n in names]
    failures = Files(tmp_path, "txt").write(found)
    assert [(failed.name, why.split(": ")[-1]) for failed, why in failures] == [
        (names[0], os.strerror(errno.ENAMETOOLONG)),
        (names[1], os.strerror(errno.EEXIST)),
    ]
    assert list(tree(tmp_path)) == ["file", "good.txt"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_ends_the_run_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(file: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sinks, "settle", full)
    with pytest.raises(OSError, match=os.strerror(number)):
        Files(tmp_path, "txt").write(pages(0))
    assert tree(tmp_path) == {}


# --- Parquet


def table(folder: Path, *rows: dict[str, Any], wants: Wants | None = None) -> pa.Table:
    """What rows are in Parquet."""
    path = folder / "a.parquet"
    done(Table(path, wants or Wants()), *(outcome(row, n) for n, row in enumerate(rows)))
    assert list(tree(folder)) == ["a.parquet"]
    return pq.read_table(path)


# fields of the first part and of the later ones, and the type of their column
LATE = [
    (1, 1.5, "int64"), (1.5, "1", "double"), ("a", 1, "string"), (None, "late", "string"),
    (None, 1, "string"), (None, [1], "string"), ({"a": 1}, {"b": 2}, "struct<a: int64>"),
    ([], [1], None), ({}, {"a": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("first", "later", "kind"), LATE, ids=repr)
@pytest.mark.parametrize("resumed", [False, True], ids=["at once", "resumed"])
def test_the_parts_of_a_folder_are_one_table(
    tmp_path: Path, first: Any, later: Any, kind: str | None, resumed: bool
) -> None:
    sink = Parts(tmp_path, "parquet", Wants())
    sink.restore({})
    for number, row in enumerate(({"x": first}, {"x": later}, {"y": later, "z": None})):
        sink.write([outcome(row, number)])
        mark = json.loads(json.dumps(sink.commit()))
        if resumed:
            sink = Parts(tmp_path, "parquet", Wants())
            sink.restore(mark)
    schema, *others = (pq.read_schema(path) for path in sorted(tmp_path.iterdir()))
    assert others == [schema, schema]
    assert {field.name: str(field.type) for field in schema}.get("x") == kind
    rows = [told(row) for row in dataset.dataset(tmp_path).to_table().to_pylist()]
    assert rows == [{} if first is None else {"x": first}, {"x": later}, {"y": later}]


@pytest.mark.parametrize("name", ["int8", "dictionary", "us", "decimal", "map", "null"])
def test_the_columns_of_a_source_are_those_of_all_parts(tmp_path: Path, name: str) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["t", "t"], name: COLUMNS[name]}), source)
    sink = Parts(tmp_path / "out", "parquet", Wants())
    sink.restore({})
    for row in rows_of(source):
        sink.write([Outcome(str(source), 0, "i", "n", row)])
        sink.restore(sink.commit())
    before, after = pq.read_table(source), dataset.dataset(tmp_path / "out").to_table()
    assert after.schema.field(name).type == before.schema.field(name).type
    assert after[name].to_pylist() == before[name].to_pylist()


@pytest.mark.parametrize(
    ("value", "told"),
    [(b"caf\xc3\xa9", "café"), (b"\xff", "/w=="), (datetime.date(1, 1, 1), "0001-01-01")],
)
def test_other_fields_are_told_as_in_json_lines(tmp_path: Path, value: Any, told: str) -> None:
    found = table(tmp_path, {"x": 1}, {"x": value})[arrow.OTHERS].to_pylist()
    assert json.loads(found[1]) == {"x": told}


def test_a_null_that_has_no_column_is_not_told(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"x": []}, {"x": None}, {"x": None, "other_fields": None}]
    found = table(tmp_path, *rows)
    assert found[arrow.OTHERS].to_pylist() == ['{"x": []}', None, None]


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Parquet with its other fields, and without what is null."""
    others: dict[str, Any] = json.loads(row.pop(arrow.OTHERS) or "{}")
    return {name: value for name, value in row.items() if value is not None} | others


def test_row_groups_are_compressed_by_zstd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "GROUP", 10)
    table(tmp_path, *({"text": "t"} for _ in range(25)))
    file = pq.ParquetFile(tmp_path / "a.parquet").metadata
    assert [file.row_group(i).num_rows for i in range(file.num_row_groups)] == [10, 10, 5]
    assert file.row_group(0).column(0).compression == "ZSTD"


def test_large_pages_make_small_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "GROUP_TEXT", 100)
    done(
        Table(tmp_path / "a.parquet", Wants()),
        *(outcome({"text": "t"}, number, read=60) for number in range(4)),
    )
    assert pq.ParquetFile(tmp_path / "a.parquet").metadata.num_row_groups == 2


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    found = table(tmp_path)
    assert (found.num_rows, found.column_names[:5]) == (0, ["id", "url", "host", "date", "text"])


@pytest.mark.parametrize("wants", [Wants(), Wants("list"), Wants("dolma")], ids=repr)
def test_a_table_holds_the_rows_of_pages(tmp_path: Path, wants: Wants) -> None:
    row = cleaned(record("Skip to main content\nThe river."), Options(), wants).row
    assert row is not None
    (found,) = table(tmp_path, dict(row), wants=wants).to_pylist(maps_as_pydicts="strict")
    assert {name: found[name] for name in row} == row


# what a column has first, and what comes later
CHANGES = [
    (1, 1.5), (1, 2.0), (1, True), (1, "1"), (1, 2**63), (1.5, True), (1.5, 2**53 + 1),
    ("a", 1), ("a", ["a"]), (["a"], "abc"), (["a"], ["b", 1]), (["a"], {"a": 1}), ([1], [1.5]),
    ({"a": 1}, {"a": 1, "b": 2}), ({"a": 1}, {"a": 1.5}), ({"a": 1}, [1]), ({"a": {"b": [1]}}, {
        "a": {"b": [{"c": 1}]}}), ({}, {"a": 1}), ([], [1]), ([{}], [{"a": 1}]), (None, "late"),
    (10**30, 1), ({"a": None}, {"a": 1}), (True, 1),
]  # fmt: skip


@pytest.mark.parametrize(("first", "later"), CHANGES, ids=repr)
def test_a_field_that_changes_its_type_is_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: Any, later: Any
) -> None:
    monkeypatch.setattr(sinks, "GROUP", 1)
    rows = [told(row) for row in table(tmp_path, {"x": first}, {"x": later}, {}).to_pylist()]
    known = [row.get("x") for row in rows]
    assert known == [first, later, None]
    assert list(map(type, known)) == [type(first), type(later), type(None)]


@given(first=JSON, later=JSON)
def test_any_two_values_of_a_field_are_there_again(
    tmp_path_factory: pytest.TempPathFactory, first: Any, later: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = [told(row) for row in table(folder, {"x": first}, {"x": later}).to_pylist()]
    for row, value in zip(rows, (first, later), strict=True):
        assert without_nulls(row.get("x")) == without_nulls(value)


def without_nulls(value: Any) -> Any:
    """A value without keys that are null, and with what stands for lone surrogates."""
    if isinstance(value, dict):
        known = {key: without_nulls(inner) for key, inner in value.items()}
        return {key: inner for key, inner in known.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


COLUMNS: dict[str, Any] = {
    "int8": pa.array([1, None], pa.int8()),
    "uint64": pa.array([2**64 - 1, None], pa.uint64()),
    "float32": pa.array([1.5, math.nan], pa.float32()),
    "binary": pa.array([b"\xff", None]),
    "large": pa.array(["a", None], pa.large_string()),
    "dictionary": pa.array(["a", None]).dictionary_encode(),
    "day": pa.array([datetime.date(1, 1, 1), None]),
    "time": pa.array([datetime.time(1, 2, 3, 4), None], pa.time64("us")),
    "us": pa.array([datetime.datetime(2020, 3, 1), None], pa.timestamp("us", "Europe/Berlin")),
    "ns": pa.array([1577836800000000001, None], pa.timestamp("ns")),
    "ns-zone": pa.array([1577836800000000001, None], pa.timestamp("ns", "UTC")),
    "duration": pa.array([datetime.timedelta(1), None], pa.duration("us")),
    "decimal": pa.array([decimal.Decimal("1.10"), None], pa.decimal128(10, 2)),
    "struct": pa.array([{"a": 1, "b": [1.5]}, {"a": None, "b": []}],
                       pa.struct([("a", pa.int32()), ("b", pa.list_(pa.float32()))])),
    "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
    "fixed": pa.array([[1, 2], None], pa.list_(pa.int16(), 2)),
    "null": pa.nulls(2),
}  # fmt: skip


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file as its reader gives them."""
    from declutter.batch.sources import Columns, Input, Record, records

    for found in records(Input(str(path), "a"), Columns(), Options()):
        assert isinstance(found, Record)
        yield {"text": found.content, **found.extra}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_parquet_keep_their_types(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"text": ["t", "t"], name: COLUMNS[name]}), source)
    found = [Outcome(str(source), 0, "i", "n", row) for row in rows_of(source)]
    done(Table(target, Wants()), *found)
    before, after = pq.read_table(source), pq.read_table(target)
    assert after.schema.field(name).type == before.schema.field(name).type
    assert str(after[name]) == str(before[name])
    assert after[arrow.OTHERS].to_pylist() == [None, None]


def test_other_fields_of_an_earlier_run_stay(tmp_path: Path) -> None:
    (row,) = table(tmp_path, {"a": 1, arrow.OTHERS: "old", "z": 2}).to_pylist()
    assert told(row) == {"a": 1, arrow.OTHERS: "old", "z": 2}


def test_the_columns_of_a_pipe_are_not_asked_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert sinks.columns_of(str(tmp_path / "pipe")) is None
    (tmp_path / "a.jsonl").write_bytes(json_lines({"a": 1}))
    assert sinks.columns_of(str(tmp_path / "a.jsonl")) is None
