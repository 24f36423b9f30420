"""Rows that all adapters of Arrow are tried with: fixture pages, what is no page, odd types."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa

import declutter
from declutter.batch.outcome import host
from tests.conftest import ARTICLES, PAGES, SEEDS, marked

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
NOON = datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=timezone.utc)
LONG = 200_000  # bytes; no fixture is as long
SCHEMA = pa.schema(
    {
        "key": pa.int64(),
        "html": pa.binary(),
        "text": pa.string(),
        "url": pa.string(),
        "price": pa.decimal128(12, 3),
        "seen": pa.timestamp("us", "UTC"),
        "local": pa.timestamp("us"),
        "links": pa.list_(pa.struct([("to", pa.string()), ("weight", pa.float32())])),
        "heads": pa.map_(pa.string(), pa.list_(pa.int32())),
        "confidence": pa.bool_(),
    }
)
ODD = ("price", "seen", "local", "links", "heads")


@lru_cache
def sources() -> tuple[dict[str, Any], ...]:
    """The columns that hold pages: HTML, flattened text, and what cannot be cleaned."""
    texts = [path.read_text(encoding="utf-8") for path in SEEDS]
    texts += [marked(path.read_text(encoding="utf-8")).source for path in ARTICLES]
    return (
        *({"html": (page / "source.html").read_bytes()} for page in PAGES),
        *({"text": text} for text in texts),
        {},
        {"html": PNG},
        {"text": "word " * LONG},
        {"html": b""},
    )


def rows() -> list[dict[str, Any]]:
    """The rows, each with all columns."""
    found = []
    for key, source in enumerate(sources()):
        odd = {
            "url": f"https://example.org/{key}" if key % 3 else None,
            "price": Decimal(key) / 8,
            "seen": NOON if key % 2 else None,
            "local": NOON.replace(tzinfo=None),
            "links": [{"to": f"/{key}", "weight": None if key % 2 else 0.5}] * (key % 3),
            "heads": [("a", [key]), ("b", [])],
            "confidence": not key % 2,
        }
        found.append({"key": key, "html": None, "text": None, **odd, **source})
    return found


def table() -> pa.Table:
    """The rows as Arrow has them."""
    return pa.Table.from_pylist(rows(), SCHEMA)


OPTIONS = declutter.Options(focus="recall", max_bytes=LONG, max_seconds=60)


@lru_cache
def expected() -> tuple[dict[str, Any], ...]:
    """What calls of the library make of the rows: the columns that they can tell."""
    return tuple(map(_expected, rows()))


def _expected(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: row[name] for name in ODD} | {"id": row["key"], "url": row["url"]}
    known |= {"input_text": row["text"], "input_confidence": row["confidence"]}
    known["host"] = host(row["url"])
    kind = "html" if row["html"] is not None else "text"
    if row[kind] is None:
        why = "nothing in the column html and text: drop the row or fill it"
        return {**known, "host": None, "text": None, "reason": why}
    try:
        result = declutter.analyze(row[kind], kind=kind, options=OPTIONS)
    except declutter.DeclutterError as error:
        return {**known, "text": None, "reason": str(error)}
    return {
        **known,
        "text": result.text,
        "title": result.title,
        "confidence": None if result.confidence is None else round(result.confidence, 4),
        "reason": result.reason,
    }


def difference(found: list[dict[str, Any]]) -> list[tuple[int, str, Any, Any]]:
    """Where rows are not as expected: number, column, what was found and expected."""
    assert len(found) == len(expected())
    return [
        (number, name, row[name], value)
        for number, (row, wanted) in enumerate(zip(found, expected(), strict=True))
        for name, value in wanted.items()
        if row[name] != value
    ]
