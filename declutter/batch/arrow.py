"""Rows as Arrow record batches, for Parquet and for clusters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from declutter.batch.outcome import Wants
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
        ("full_text", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.list_(pa.list_(pa.float64())))),
    ],
}
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

    ``known`` are columns of the source, whose types stay as they are.
    """
    found = fields(wants)
    for name in dict.fromkeys(name for row in rows for name in row):
        if name not in found.names:
            kind = _type(name, rows, known)
            if kind is not None:
                found = found.append(pa.field(name, kind))
    return found if OTHERS in found.names else found.append(pa.field(OTHERS, pa.string()))


def _type(name: str, rows: Sequence[Mapping[str, Any]], known: pa.Schema | None) -> Any:
    """The type of a column that came with records; None where they do not agree on one."""
    source = name.removeprefix("input_")
    for candidate in (name, source):
        if known is not None and candidate in known.names:
            return known.field(candidate).type
    try:
        kind = pa.array([row.get(name) for row in rows]).type
    except (pa.ArrowException, UnicodeError, OverflowError, ValueError):
        return None
    return None if pa.types.is_null(kind) else kind


def batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows in the columns of a layout; what does not fit one goes into the column for the rest."""
    others = [_without(row, schema.names) for row in rows]
    columns = []
    for field in schema:
        if field.name != OTHERS:
            values = [row.get(field.name) for row in rows]
            columns.append(_column(field, values, others))
    rest = [_dumps(other) if other else None for other in others]
    columns += [pa.array(rest, pa.string())] * (OTHERS in schema.names)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _without(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    known = set(names)
    return {name: value for name, value in row.items() if name not in known or name == OTHERS}


def _column(field: pa.Field, values: list[Any], others: list[dict[str, Any]]) -> pa.Array:
    try:
        return pa.array(values, field.type)
    except (pa.ArrowException, UnicodeError, OverflowError, ValueError, TypeError):
        return pa.array(
            [_fitting(field, value, other) for value, other in zip(values, others, strict=True)],
            field.type,
        )


def _fitting(field: pa.Field, value: Any, other: dict[str, Any]) -> Any:
    """A value that its column takes; one that it does not take goes with the rest."""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")  # lone surrogates
    try:
        pa.array([value], field.type)
    except (pa.ArrowException, UnicodeError, OverflowError, ValueError, TypeError):
        other[field.name] = value
        return None
    return value


def _dumps(other: Mapping[str, Any]) -> str:
    return json.dumps(other, ensure_ascii=True, default=str)
