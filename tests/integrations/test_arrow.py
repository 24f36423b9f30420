"""Cleaning over Arrow record batches."""

from __future__ import annotations

import doctest
import json
import os
import pickle
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import dataset, parquet

import declutter
from declutter.batch import outcome
from declutter.batch.sources import expand
from declutter.errors import MissingExtra
from declutter.integrations import arrow
from declutter.integrations.arrow import clean_batches, clean_files, file_schema, output_schema
from tests.integrations import rows
from tests.integrations.rows import OPTIONS, SCHEMA, difference, table

PROSE = "The old bridge over the river reopened on Monday morning."
OWN = [
    "id", "url", "host", "date", "text", "title", "language", "confidence", "page_type",
    "removal_ratio", "reason",
]  # fmt: skip
clean_fixtures = partial(clean_batches, id_column="key", options=OPTIONS)


def clean(columns: dict[str, Any], **choices: Any) -> pa.RecordBatch:
    (found,) = clean_batches([pa.RecordBatch.from_pydict(columns)], **choices)
    return found


def joined(batches: Sequence[pa.RecordBatch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


def test_the_example_comes_out_as_shown() -> None:
    done = doctest.testmod(arrow)
    assert (done.failed, done.attempted > 0) == (0, True)


def test_rows_are_what_the_library_makes_of_the_pages() -> None:
    assert difference(joined(list(clean_fixtures(table().to_batches(7))))) == []


def test_the_schema_does_not_depend_on_the_data() -> None:
    nothing = pa.RecordBatch.from_pylist([], SCHEMA)
    found = list(clean_fixtures([nothing, *table().to_batches(20)]))
    assert {batch.schema for batch in found} == {output_schema(SCHEMA, id_column="key")}


def test_columns_come_in_the_order_of_the_command_and_then_of_the_input() -> None:
    others = ["n", "input_text", "input_reason"]
    found = clean({"n": [1], "html": ["<p>a"], "text": ["b"], "reason": ["c"]})
    assert found.schema.names == OWN + others


@pytest.mark.parametrize(
    ("spans", "more"),
    [("none", []), ("list", ["full_text", "removals"]), ("dolma", ["clean_text", "attributes"])],
)
def test_spans_add_columns(spans: str, more: list[str]) -> None:
    text = f"Advertisement\n{PROSE}"
    found = clean({"text": [text, None]}, spans=spans)
    assert found.schema.names == OWN + more
    first, second = found.to_pylist()
    clean_text = "clean_text" if spans == "dolma" else "text"
    assert (first[clean_text], second[clean_text]) == (PROSE, None)
    if more:
        assert first["text" if spans == "dolma" else "full_text"] == text
    assert {second[name] for name in more} <= {None}


def odd_columns() -> dict[str, pa.Array]:
    words = pa.array(["a", None, "a"])
    return {
        "dictionary": words.dictionary_encode(),
        "large": words.cast(pa.large_string()),
        "view": words.cast(pa.string_view()),
        "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
        "half": pa.array([1, 2, None], pa.float16()),
        "unsigned": pa.array([0, 2**64 - 1, None], pa.uint64()),
        "time": pa.array([1, None, 3], pa.time64("ns")),
        "duration": pa.array([1, None, 3], pa.duration("s")),
        "far": pa.array([2**62, None, 3], pa.timestamp("s")),
        "nothing": pa.nulls(3),
        "fixed_list": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2)),
        "encoded": pa.RunEndEncodedArray.from_arrays([2, 3], [1, 2]),
        "broken": pa.Array.from_buffers(
            pa.string(), 3, [None, pa.py_buffer(bytes([0, 0, 0, 0, *[1, 0, 0, 0] * 3])),
                             pa.py_buffer(b"\xff")]),
    }  # fmt: skip


def test_other_columns_pass_untouched_whatever_their_type() -> None:
    columns = odd_columns()
    found = clean({"text": [PROSE, None, ""], **columns})
    for name, column in columns.items():
        assert found.column(name).type == column.type
        assert found.column(name).equals(column)


def test_the_fields_of_columns_keep_their_notes() -> None:
    noted = pa.field("n", pa.int8(), nullable=False, metadata={"unit": "kg"})
    schema = pa.schema([pa.field("text", pa.string()), noted], metadata={"pandas": "{}"})
    found = output_schema(schema)
    assert found.field("n").equals(noted, check_metadata=True)
    assert found.metadata is None  # what it told was of the columns that came


@pytest.mark.parametrize(
    "ids", [pa.array([7, None]), pa.array(["a", "b"]), pa.array([b"\xff", b""])], ids=str
)
def test_ids_stay_as_they_are(ids: pa.Array) -> None:
    assert clean({"id": ids, "text": ["a", None]}).column("id").equals(ids)
    assert clean({"k": ids, "text": ["a", None]}, id_column="k").column("id").equals(ids)


def test_without_an_id_there_is_none() -> None:
    assert clean({"text": [PROSE, None]}).column("id").to_pylist() == [None, None]


def test_another_id_keeps_its_value() -> None:
    found = clean({"id": [1], "k": [2], "text": [PROSE]}, id_column="k")
    assert found.select(["id", "input_id"]).to_pylist() == [{"id": 2, "input_id": 1}]


def test_what_the_input_says_of_a_page_stays_and_gaps_are_filled() -> None:
    page = f"<html lang=de><title>Found</title><h1>Found</h1><p>{PROSE}"
    told = {"language": ["xx", None], "title": pa.array(["Told", None], pa.large_string())}
    when = pa.array([1, None], pa.timestamp("s"))
    found = clean({"html": [page, page], "date": when, **told, "host": ["h", None]})
    assert found.column("language").to_pylist() == ["xx", "de"]
    assert found.column("title").to_pylist() == ["Told", "Found"]
    assert found.column("title").type == pa.large_string()
    assert found.column("host").to_pylist() == ["h", None]
    assert found.column("date").equals(when)


def test_a_name_that_is_taken_twice_is_still_found() -> None:
    columns = {"html": ["<p>a"], "text": ["b"], "input_text": ["c"]}
    found = clean(columns).to_pylist()[0]
    assert sorted(found[name] for name in ("input_text", "input_input_text")) == ["b", "c"]


def test_columns_of_one_name_all_come_out() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array([PROSE]), pa.array([1]), pa.array([2])],
                                       ["text", "n", "n"])  # fmt: skip
    (found,) = clean_batches([batch])
    assert found.schema.names == [*OWN, "n", "input_n"]
    assert found.select(["n", "input_n"]).to_pylist() == [{"n": 1, "input_n": 2}]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(),
     pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)  # fmt: skip
def test_pages_may_be_of_any_type_of_text_or_bytes(kind: pa.DataType) -> None:
    pages = pa.array([f"Advertisement\n{PROSE}", None]).cast(kind)
    assert clean({"text": pages}).column("text").to_pylist() == [PROSE, None]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (None, "nothing in the column html"),
        (rows.PNG, "a PNG picture, not a page"),
        (b"<p>" + b"word " * 500, "more than max_bytes=2000"),
    ],
)
def test_a_row_that_cannot_be_cleaned_says_why(page: bytes | None, why: str) -> None:
    pages = pa.array([page, b"<p>" + PROSE.encode()], pa.binary())
    found = clean({"html": pages, "n": [1, 2]}, options=declutter.Options(max_bytes=2000))
    assert found.column("text").to_pylist() == [None, PROSE]
    assert found.column("n").to_pylist() == [1, 2]
    first, second = found.column("reason").to_pylist()
    assert why in first
    assert second is None


@pytest.mark.parametrize(
    "choices", [{"timeout": 1e-9}, {"options": declutter.Options(max_seconds=1e-9)}], ids=str
)
def test_a_page_that_takes_too_long_says_so(choices: dict[str, Any]) -> None:
    (row,) = clean({"html": [f"<p>{PROSE}"]}, **choices).to_pylist()
    assert row["text"] is None
    assert "max_seconds" in row["reason"]


def test_the_limit_of_time_is_that_of_the_command_unless_told_otherwise() -> None:
    assert arrow.Cleaning().limited().max_seconds == 10
    assert arrow.Cleaning(timeout=None).limited().max_seconds is None
    options = declutter.Options(max_seconds=3, focus="recall")
    assert arrow.Cleaning(options=options).limited() == options


def test_an_error_of_the_cleaner_costs_its_row_only(monkeypatch: pytest.MonkeyPatch) -> None:
    analyze = declutter.analyze

    def trapped(content: str, **choices: Any) -> declutter.Result:
        if "trap" in content:
            raise RecursionError("too deep")
        return analyze(content, **choices)

    monkeypatch.setattr("declutter.pipeline.analyze", trapped)
    found = clean({"text": [PROSE, "trap", PROSE]})
    assert found.column("text").to_pylist() == [PROSE, None, PROSE]
    assert found.column("reason").to_pylist() == [None, "RecursionError: too deep", None]


def test_columns_of_other_types_say_so_in_every_row() -> None:
    found = clean({"text": [1, 2]})
    assert set(found.column("reason").to_pylist()) == {
        "the column text holds int, not text: choose another"
    }


def test_an_empty_text_is_not_a_missing_one() -> None:
    (row,) = clean({"html": ["<nav><a href=/>Home</a></nav>"]}).to_pylist()
    assert row["text"] == ""
    assert row["reason"]


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({}, "no column html or text; the columns are: body: name one with text_column or html_"),
        ({"text_column": "a"}, "no column a; the columns are: body"),
        ({"text_column": "body", "id_column": "k"}, "no column k"),
        ({"spans": "all"}, "spans must be one of none, list, dolma"),
        ({"kind": "pdf"}, "kind must be one of"),
        ({"options": "recall"}, "options must be declutter.Options"),
        ({"timeout": 0}, "max_seconds"),
    ],
)
def test_wrong_choices_are_errors(choices: dict[str, Any], why: str) -> None:
    batch = pa.RecordBatch.from_pydict({"body": [PROSE]})
    with pytest.raises(declutter.OptionError, match=why):
        list(clean_batches([batch], **choices))
    with pytest.raises(declutter.OptionError, match=why):
        output_schema(batch.schema, **choices)


def test_unknown_choices_are_errors_before_any_batch_is_asked_for() -> None:
    with pytest.raises(declutter.OptionError, match="colour"):
        clean_batches(iter(()), colour="red")


def test_a_library_that_is_missing_is_no_fault_of_the_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(declared: str | None, text: str) -> str:
        raise MissingExtra("The language of a text needs py3langid")

    monkeypatch.setattr(outcome, "language_of", missing)
    with pytest.raises(MissingExtra, match="py3langid"):
        clean({"text": [PROSE]})


@pytest.mark.parametrize("kind", ["auto", "html"])
def test_a_column_of_texts_may_hold_html(kind: str) -> None:
    source = f"<nav><a href=/>Home</a></nav><p>{PROSE}"
    (text,) = clean({"text": [source]}, kind=kind).column("text").to_pylist()
    assert (text == PROSE) == (kind == "html")


def test_batches_are_asked_for_one_by_one() -> None:
    asked = []

    def batches() -> Any:
        for number in range(3):
            asked.append(number)
            yield pa.RecordBatch.from_pydict({"text": [PROSE]})

    found = clean_batches(batches())
    next(found)
    assert asked == [0]


def test_large_batches_come_out_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "LARGE", 200)
    batch = pa.RecordBatch.from_pydict({"text": [f"{n} {PROSE}" for n in range(9)]})
    found = list(clean_batches([batch]))
    assert len(found) > 3
    assert [row["text"] for row in joined(found)] == batch.column(0).to_pylist()


def test_tables_give_tables() -> None:
    (found,) = clean_batches(table().slice(0, 3), id_column="key")
    assert isinstance(found, pa.Table)
    assert found.column("id").to_pylist() == [0, 1, 2]
    (empty,) = clean_batches(SCHEMA.empty_table(), id_column="key")
    assert empty.schema == output_schema(SCHEMA, id_column="key")


def test_it_can_be_pickled() -> None:
    function = pickle.loads(pickle.dumps(clean_fixtures))
    assert difference(joined(list(function(table().to_batches())))) == []


PAGES = [
    *({"text": f"Advertisement\n{PROSE} {n}.", "n": n} for n in range(4)),
    {"text": None, "n": None},
    {"text": "\0\1\2\3\4\5", "n": 9},
    {"text": "", "n": 8},
    {"text": "Zur Startseite", "title": "t", "n": 7},
]
TYPES = pa.schema({"text": pa.string(), "title": pa.string(), "n": pa.int16()})


@given(st.lists(st.tuples(st.lists(st.sampled_from(PAGES), max_size=4), st.booleans())))
def test_rows_do_not_depend_on_the_batches(parts: list[tuple[list[Any], bool]]) -> None:
    whole = pa.Table.from_pylist([row for part, _ in parts for row in part], TYPES)
    given_as = [
        (pa.Table if as_table else pa.RecordBatch).from_pylist(part, TYPES)
        for part, as_table in parts
    ]
    (expected,) = clean_batches(whole)
    found = list(clean_batches(given_as))
    assert joined(found) == expected.to_pylist()
    assert [batch.num_rows for batch in found] == [len(part) for part, _ in parts]
    assert {batch.schema for batch in found} <= {expected.schema}


def test_a_dataset_is_cleaned_into_another(tmp_path: Path) -> None:
    for number, part in enumerate(table().to_batches(10)):
        parquet.write_table(pa.Table.from_batches([part]), tmp_path / f"{number:03}.parquet")
    pages = dataset.dataset(tmp_path)
    choices = {"id_column": "key", "options": OPTIONS}
    dataset.write_dataset(
        clean_batches(pages.to_batches(), **choices),
        tmp_path / "cleaned",
        schema=output_schema(pages.schema, **choices),
        format="parquet",
    )
    found = dataset.dataset(tmp_path / "cleaned").to_table().sort_by("id")
    assert difference(found.to_pylist()) == []


# --- files


def test_files_are_cleaned_and_what_cannot_be_read_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<p>{PROSE}")
    (tmp_path / "b.jsonl").write_text(
        json.dumps({"id": "x", "text": f"Advertisement\n{PROSE}", "n": {"m": 1}})
        + '\n{"text": 1}\n'
    )
    (tmp_path / "c.warc.gz").write_bytes(b"no archive")
    (tmp_path / "d.html").write_bytes(rows.PNG)
    names = [str(tmp_path), str(tmp_path / "missing.html")]
    found = list(clean_files(expand(names)))
    assert {batch.schema for batch in found} == {file_schema()}
    by_id = {os.path.basename(row["id"]): row for row in joined(found)}
    assert [id for id, row in by_id.items() if row["text"] == PROSE] == ["a.html", "x"]
    assert by_id["x"]["other_fields"] == '{"n": {"m": 1}}'
    bad = {id: row["reason"] for id, row in by_id.items() if row["text"] is None}
    assert list(bad) == ["b.jsonl#1", "c.warc.gz#0", "d.html", "missing.html"]
    assert all(bad.values())


def test_many_rows_of_a_file_come_in_several_batches(tmp_path: Path) -> None:
    lines = [json.dumps({"text": PROSE}) + "\n"] * (arrow.ROWS * 2 + 1)
    (tmp_path / "a.jsonl").write_text("".join(lines))
    sizes = [batch.num_rows for batch in clean_files(expand([str(tmp_path)]))]
    assert sizes == [arrow.ROWS, arrow.ROWS, 1]
