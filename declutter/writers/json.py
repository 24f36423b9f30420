"""JSON: the text, what was removed and why, and what is known of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from declutter.model import Document, Removal

SCHEMA = "result-1"  # declutter/schema/result-1.json says what each field means


def record(
    doc: Document,
    removals: Sequence[Removal],
    text: str,
    title: str | None,
    reason: str | None,
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON object of one result; offsets count code points of the document's text."""
    more = {} if metadata is None else {"metadata": dict(metadata)}
    return more | {
        "schema": SCHEMA,
        "kind": doc.kind,
        "encoding": doc.encoding,
        "language": doc.language,
        "title": title,
        "text": text,
        "reason": reason,
        "warnings": list(doc.warnings),
        "removals": [
            {
                "start": removal.start,
                "end": removal.end,
                "category": removal.category.value,
                "rule": removal.rule,
                "weight": round(removal.weight, 3),
                "why": removal.why,
                "text": removal.text,
            }
            for removal in removals
        ],
    }


def dumps(item: dict[str, Any]) -> str:
    """One line of JSON that any reader accepts: lone surrogates stay escaped.

    >>> dumps({"text": "café"})
    '{"text": "café"}'
    """
    line = json.dumps(item, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(item)
    return line
