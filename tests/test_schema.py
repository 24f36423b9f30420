"""JSON that is written is as its schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import declutter
from declutter import Category, analyze
from declutter.writers.json import SCHEMA, dumps, record
from tests.formats import fixtures

FOLDER = Path(declutter.__file__).parent / "schema"
METADATA = {
    "title": "The bridge",
    "authors": ["Ann Lee"],
    "date_published": "2024-05-06",
    "date_modified": None,
    "site_name": None,
    "language": "en",
    "description": None,
    "canonical_url": "https://example.org/bridge",
    "image": None,
    "tags": None,
    "license": None,
    "page_type": "article",
    "sources": {"title": "h1", "authors": "json-ld"},
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{SCHEMA}.json").read_text(encoding="utf-8"))
    return found


def check(item: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(item, schema, cls=jsonschema.Draft202012Validator)


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("source", fixtures())
def test_results_are_as_it_says(source: str | bytes, schema: dict[str, Any]) -> None:
    check(json.loads(analyze(source).to("json")), schema)


def test_an_empty_result_is_as_it_says(schema: dict[str, Any]) -> None:
    check(json.loads(analyze("").to("json")), schema)


def test_metadata_are_as_it_says(schema: dict[str, Any]) -> None:
    result = analyze("<title>The bridge</title><h1>The bridge</h1><p>It reopened on Monday.")
    item = json.loads(result.to("json"))
    check(item, schema)
    assert item["metadata"] == result.metadata.as_dict()


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "result-2"},
        {"kind": "pdf"},
        {"text": None},
        {"removals": [{"start": -1}]},
        {"metadata": {"title": "alone"}},
        {"metadata": {**METADATA, "authors": "Ann Lee"}},
        {"metadata": {**METADATA, "sources": None}},
    ],
    ids=str,
)
def test_what_is_not_as_it_says_is_refused(change: dict[str, Any], schema: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check(json.loads(analyze("A line.").to("json")) | change, schema)


def test_it_knows_all_categories_and_fields(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["removal"]["properties"]["category"]["enum"] == [
        str(c) for c in Category
    ]
    result = analyze("Skip to main content\nThe old bridge reopened on Monday morning.")
    item = record(result.document, result.removals, "", None, None, METADATA)
    assert item.keys() == schema["properties"].keys()
    assert item["removals"][0].keys() == schema["$defs"]["removal"]["properties"].keys()
    assert set(item) - {"metadata"} == set(schema["required"])


def test_json_is_one_line_of_jsonl() -> None:
    written = analyze("One.\n\u2028Two.").to("json")
    assert dumps(json.loads(written)) == written
    assert "\n" not in written
