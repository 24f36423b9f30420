"""Lists of pages in rows: JSON lines and Parquet."""

from __future__ import annotations

import codecs
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import IO, Any

from declutter.batch.pages import reason
from declutter.batch.records import Columns, Failure, Input, Record
from declutter.batch.streams import MAX_RECORD, lines
from declutter.extras import needed
from declutter.files import SourceError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# orjson makes an inexact number of a whole one that is not below
_EXACT = 2.0**63
# rows held at once: pages can be large
BATCH = 16
MAX_NAMED = 20  # columns that a message lists
FIRST = 100  # rows that tell whether a file has pages at all
_INNER_RE = re.compile(r"\bline 1 (?=column)")  # each line is read alone


def record(row: Mapping[str, Any], columns: Columns, input: Input, place: int) -> Record | Failure:
    """The page of a row; the fields that are not used for it go into ``extra``."""
    # a row may have no id or address, as others do
    problem = lacking(row.keys(), replace(columns, id=None, url=None))
    pages = wanted(columns)
    own = _text(row, columns.id or "id", {name for _, name in pages})
    if problem:
        return input.failure(place, problem, own)
    found = [(kind, name) for kind, name in pages if row.get(name) is not None]
    if not found:
        names = " and ".join(name for _, name in pages if name in row)
        return input.failure(place, f"nothing in the column {names}: drop the row or fill it", own)
    kind, name = found[0]
    content = row[name]
    if not isinstance(content, str | bytes):
        what = type(content).__name__
        return input.failure(
            place, f"the column {name} holds {what}, not text: choose another", own
        )
    used = {name}
    id = _text(row, columns.id or "id", used)
    url = _text(row, columns.url or "url", used)
    return Record(
        source=input.path,
        place=place,
        id=id or input.name(place),
        name=input.below(place),
        content=content,
        kind=kind,
        url=url,
        extra={key: value for key, value in row.items() if key not in used},
    )


def wanted(columns: Columns) -> list[tuple[str, str]]:
    """The kinds and names of the columns that may hold the page, the best first."""
    html = columns.html or ("html" if columns.text is None else None)
    text = columns.text or ("text" if columns.html is None else None)
    return [(kind, name) for kind, name in (("html", html), ("text", text)) if name]


def lacking(
    names: Iterable[str], columns: Columns, how: str = "--text-column or --html-column"
) -> str | None:
    """What is wrong where columns that were asked for, or any page, are not there.

    ``how`` tells by what a column can be named.
    """
    there = list(names)
    shown = ", ".join(there[:MAX_NAMED]) + (", ..." if len(there) > MAX_NAMED else "")
    named = (columns.html, columns.text, columns.id, columns.url)
    missing = [name for name in named if name is not None and name not in there]
    if missing:
        return f"no column {' and '.join(missing)}; the columns are: {shown or 'none'}"
    pages = [name for _, name in wanted(columns)]
    if not any(name in there for name in pages):
        there_are = f"the columns are: {shown or 'none'}"
        return f"no column {' or '.join(pages)}; {there_are}: name one with {how}"
    return None


def _text(row: Mapping[str, Any], name: str, used: set[str]) -> str | None:
    """A field as a string; one that is no name of anything stays with the other fields.

    One that is null tells nothing there, and counts as used.
    """
    value = row.get(name)
    if value is None:
        used.add(name)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if name in used or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    used.add(name)
    return str(value)


def json_lines(data: Iterator[bytes], input: Input, columns: Columns) -> Iterator[Record | Failure]:
    """A page of each line that is not blank; a damaged end is a last failure.

    A file whose first rows all lack the column of pages is one failure, and not read further.
    """
    held: list[Record | Failure] = []
    is_open = True  # whether all rows so far lack it
    for item, has_column in _items(data, input, columns):
        is_open = is_open and not has_column
        held.append(item)
        if is_open and len(held) < FIRST:
            continue
        if is_open and isinstance(held[0], Failure):
            why = f"{held[0].reason}; the next {FIRST - 1} rows lack it, too: this file is not read"
            yield input.failure(0, why, input.relative)
            return
        yield from held
        held.clear()
    yield from held


def _items(
    data: Iterator[bytes], input: Input, columns: Columns
) -> Iterator[tuple[Record | Failure, bool]]:
    """What becomes of each line, and whether it is more than a row without the column of pages."""
    loads = loader()
    place = 0
    try:
        for number, line in enumerate(lines(data), 1):
            if number == 1 and line and line.startswith(_UTF16):
                why = "the file is UTF-16: convert it to UTF-8 (iconv)"
                yield input.failure(0, why), True
                return
            if line is None or line.removeprefix(codecs.BOM_UTF8).strip():
                yield _item(_row(line, number, loads), number, columns, input, place)
                place += 1
    except (SourceError, OSError) as error:
        yield input.failure(place, f"{reason(error)}; {place} lines before are good"), True


def _row(line: bytes | None, number: int, loads: Callable[[bytes], Any]) -> dict[str, Any] | str:
    """The row of a line, or why it has none."""
    if line is None:
        return f"line {number} is longer than {MAX_RECORD} bytes: is this JSON lines?"
    try:
        row = loads(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
    except (ValueError, RecursionError) as error:
        return f"line {number} is no JSON ({_INNER_RE.sub('', str(error))}): mend or drop it"
    if isinstance(row, dict):
        return row
    return f"line {number} is a JSON {type(row).__name__}: write one object a line (jq -c '.[]')"


def _item(
    row: dict[str, Any] | str, number: int, columns: Columns, input: Input, place: int
) -> tuple[Record | Failure, bool]:
    if isinstance(row, str):
        return input.failure(place, row), True
    found = record(row, columns, input, place)
    if isinstance(found, Failure):
        found = input.failure(place, f"line {number}: {found.reason}", found.id)
    return found, any(name in row for _, name in wanted(columns))


def loader() -> Callable[[bytes], Any]:
    """A JSON reader: the quick one where it is installed and does the same."""
    try:
        import orjson
    except ImportError:
        return _slow
    quick = orjson.loads

    def load(line: bytes) -> Any:
        with suppress(ValueError):
            row = quick(line)
            if not _is_huge(row):
                return row
        return _slow(line)  # also reads NaN and lone surrogates

    return load


def _is_huge(value: Any) -> bool:
    """Whether a value holds a number that may have lost digits."""
    if isinstance(value, dict):
        return any(map(_is_huge, value.values()))
    if isinstance(value, list):
        return any(map(_is_huge, value))
    return isinstance(value, float) and abs(value) >= _EXACT


def _slow(line: bytes) -> Any:
    return json.loads(line.decode("utf-8"))


def parquet(
    data: Iterator[bytes], input: Input, columns: Columns, seen: Callable[[int], None]
) -> Iterator[Record | Failure]:
    """A page of each row; a row group that is damaged does not stop those after it.

    ``seen`` is told of each row group's share of a file that is not on standard input. Raise
    :class:`declutter.errors.MissingExtra` without pyarrow.
    """
    with needed("pyarrow", "Parquet"):
        from pyarrow import parquet as library
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_seekable(data, input))
            table = library.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16)
            problem = lacking(table.schema_arrow.names, columns)
        except Exception as error:  # pyarrow has many, of several families
            problem = f"no readable Parquet ({reason(error)}): write or fetch it again"
        if problem:
            yield input.failure(0, problem, input.relative)
            return
        start = 0
        for group in range(table.num_row_groups):
            yield from _group(table, group, start, columns, input)
            start += table.metadata.row_group(group).num_rows
            if input.path != "-":
                seen(os.path.getsize(input.path) // table.num_row_groups)


def _seekable(data: Iterator[bytes], input: Input) -> IO[bytes]:
    """The file itself, or a copy on disk of what comes from standard input."""
    if input.path != "-":
        return open(input.path, "rb")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    file.writelines(data)
    file.seek(0)
    return file


def _group(
    table: Any, group: int, place: int, columns: Columns, input: Input
) -> Iterator[Record | Failure]:
    """The pages of a row group, the first at this place."""
    try:
        for batch in table.iter_batches(BATCH, row_groups=[group], use_threads=False):
            names, fields = batch.schema.names, batch.columns
            for index in range(batch.num_rows):
                row = {n: value_of(f[index]) for n, f in zip(names, fields, strict=True)}
                yield record(row, columns, input, place)
                place += 1
    except Exception as error:
        why = f"row group {group} is damaged from row {place} on ({reason(error)}): write it again"
        yield input.failure(place, why)


def value_of(scalar: Any) -> Any:
    """A field as Python has it; what Python has not: broken UTF-8 as bytes, others as text."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return str(scalar.cast("string"))
