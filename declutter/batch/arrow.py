"""Rows as Arrow record batches, for Parquet and for clusters."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from declutter.batch.outcome import Wants
from declutter.batch.sinks import json_value
from declutter.extras import needed

with needed("pyarrow", "Arrow and Parquet"):
    import pyarrow as pa

# fields of a record that have no column of their own, or not of their type, as JSON
OTHERS = "other_fields"

_TEXT = ("id", "url", "host", "date", "text", "title", "language", "page_type", "reason")
_SPAN = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("category", pa.string()),
        ("rule", pa.string()),
    ]
)
_SPANS = {
    "none": [],
    "list": [("full_text", pa.string()), ("removals", pa.list_(_SPAN))],
    "dolma": [
        ("clean_text", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.list_(pa.list_(pa.float64())))),
    ],
}
# what Arrow raises for a value that a column does not take
_UNFIT = (pa.ArrowException, UnicodeError, OverflowError, ValueError, TypeError)
_EXACT = 1 << 53  # whole numbers up to it are exact as floats
_ORDER = (
    "id", "url", "host", "date", "text", "title", "language", "confidence", "page_type",
    "removal_ratio", "reason",
)  # fmt: skip


def fields(wants: Wants) -> pa.Schema:
    """The columns that every row has."""
    base = [(name, pa.string() if name in _TEXT else pa.float64()) for name in _ORDER]
    return pa.schema(base + _SPANS[wants.spans])


def layout(wants: Wants, rows: Sequence[Mapping[str, Any]], known: pa.Schema | None) -> pa.Schema:
    """The columns for rows like these: those that all have, what came with the records, the rest.

    ``known`` are columns of the source, whose types stay as they are. A field that is null in all
    rows is a text: most that come late are.
    """
    found = fields(wants)
    for name in dict.fromkeys(name for row in rows for name in row):
        if name not in found.names and name != OTHERS:
            kind = _type(name, rows, known)
            if kind is not None:
                found = found.append(pa.field(name, kind))
    return found.append(pa.field(OTHERS, pa.string()))


def told(schema: pa.Schema) -> str:
    """A layout as text that JSON can hold."""
    return b64encode(schema.serialize()).decode("ascii")


def known(text: str) -> pa.Schema:
    """The layout that was told so."""
    return pa.ipc.read_schema(pa.py_buffer(b64decode(text)))


def _type(name: str, rows: Sequence[Mapping[str, Any]], known: pa.Schema | None) -> Any:
    """The type of a column that came with records; None where they do not agree on one."""
    source = name.removeprefix("input_")
    for candidate in (name, source):
        if known is not None and candidate in known.names:
            return known.field(candidate).type
    try:
        kind = pa.array([row.get(name) for row in rows]).type
    except _UNFIT:
        return None
    if pa.types.is_null(kind):
        return pa.string()
    return kind if _is_storable(kind) else None


def _is_storable(kind: pa.DataType) -> bool:
    """Whether Parquet has the type, and anything can be in it."""
    if pa.types.is_struct(kind):
        return kind.num_fields > 0 and all(_is_storable(field.type) for field in kind)
    return not pa.types.is_null(kind) and (not _is_list(kind) or _is_storable(kind.value_type))


def batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows in the columns of a layout; what does not fit one goes into the column for the rest."""
    others = [_without(row, schema.names) for row in rows]
    columns = {
        field.name: _column(field, [row.get(field.name) for row in rows], others)
        for field in schema
        if field.name != OTHERS
    }
    rest = [_dumps(other) if other else None for other in others]
    columns[OTHERS] = pa.array(rest, pa.string())
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _without(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    own = {*names} - {OTHERS}
    return {name: value for name, value in row.items() if name not in own and value is not None}


def _column(field: pa.Field, values: list[Any], others: list[dict[str, Any]]) -> pa.Array:
    if all(_keeps(field.type, value) for value in values):
        with suppress(*_UNFIT):
            return pa.array(values, field.type)
    fitting = [_fitting(field, value, other) for value, other in zip(values, others, strict=True)]
    return pa.concat_arrays(fitting)


def _fitting(field: pa.Field, value: Any, other: dict[str, Any]) -> pa.Array:
    """A value as its column takes it; one that it does not take goes with the rest."""
    if pa.types.is_temporal(field.type) and isinstance(value, str):  # more exact than Python's
        with suppress(*_UNFIT):
            return pa.array([value]).cast(field.type)
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")  # lone surrogates
    if _keeps(field.type, value):
        with suppress(*_UNFIT):
            return pa.array([value], field.type)
    other[field.name] = value
    return pa.nulls(1, field.type)


def _keeps(kind: pa.DataType, value: Any) -> bool:
    """Whether a type has room for a value: Arrow itself cuts numbers and drops unknown keys."""
    if value is None:
        return True
    if pa.types.is_struct(kind):
        types = {field.name: field.type for field in kind}
        return isinstance(value, Mapping) and all(
            name in types and _keeps(types[name], inner) for name, inner in value.items()
        )
    if _is_list(kind):
        return isinstance(value, list) and all(_keeps(kind.value_type, inner) for inner in value)
    if isinstance(value, bool):
        return bool(pa.types.is_boolean(kind))
    if isinstance(value, int):
        exact = pa.types.is_floating(kind) and abs(value) <= _EXACT
        return bool(exact or pa.types.is_integer(kind) or _is_coded(kind))
    return not isinstance(value, float) or bool(pa.types.is_floating(kind) or _is_coded(kind))


def _is_list(kind: pa.DataType) -> bool:
    test = pa.types
    return bool(test.is_list(kind) or test.is_large_list(kind) or test.is_fixed_size_list(kind))


def _is_coded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType))


def _dumps(other: Mapping[str, Any]) -> str:
    return json.dumps(other, ensure_ascii=True, default=json_value)
