"""Reasons as plain data, which all adapters hand on."""

from __future__ import annotations

import json

import pytest

from declutter import analyze
from declutter.integrations.common import counts, removals, removed_share
from declutter.model import Category

PROSE = "The old bridge reopened on Monday morning."


@pytest.mark.parametrize(
    ("text", "removed", "share"),
    [
        (PROSE, {}, 0.0),
        ("", {}, 0.0),
        (f"Skip to main content\n{PROSE}", {"navigation": 20}, 0.317),
        ("Skip to main content", {"navigation": 20}, 1.0),
        (
            f"Skip to main content\n{PROSE}\nShare on Facebook",
            {"navigation": 20, "share": 17},
            0.457,
        ),
    ],
)
def test_what_was_removed_is_counted(text: str, removed: dict[str, int], share: float) -> None:
    result = analyze(text)
    found = counts(result)
    assert set(found) == {category.value for category in Category}, "so that all rows are alike"
    assert {name: count for name, count in found.items() if count} == removed
    assert removed_share(result) == share


def test_removals_are_those_of_the_json_output() -> None:
    (found,) = removals(analyze(f"Skip to main content\n{PROSE}"))
    assert set(found) == {"start", "end", "category", "rule", "weight", "why", "text"}
    assert json.loads(json.dumps(found)) == found
