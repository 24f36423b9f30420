"""What a caller can choose, the errors for what cannot be, and the public names."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, replace
from itertools import count
from typing import Any

import pytest

import declutter
from declutter import (
    Category,
    DeclutterError,
    InputError,
    LexiconError,
    LimitError,
    OptionError,
    Options,
    analyze,
    clean,
)

TEXT = "Skip to main content\nThe old bridge over the river reopened on Monday morning.\n"
PROSE = "The old bridge over the river reopened on Monday morning."


def test_the_public_names() -> None:
    assert declutter.__all__ == [
        "Block", "Category", "DeclutterError", "Document", "Finding", "InputError",
        "LexiconError", "LimitError", "Mark", "Metadata", "Node", "OptionError", "Options",
        "Removal", "Result", "analyze", "clean", "metadata",
    ]  # fmt: skip


@pytest.mark.parametrize("name", declutter.__all__)
def test_every_public_name_can_be_had_and_is_documented(name: str) -> None:
    assert getattr(declutter, name).__doc__
    assert name in dir(declutter)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cleen'"):
        _ = declutter.cleen


def test_the_options_and_their_defaults() -> None:
    assert {field.name: getattr(Options(), field.name) for field in fields(Options)} == {
        "focus": "balanced",
        "keep": frozenset(),
        "drop": frozenset(),
        "comments": "auto",
        "edges": False,
        "title": True,
        "encoding": None,
        "max_bytes": None,
        "max_seconds": None,
        "rules": (),
    }


def test_the_categories() -> None:
    assert [str(category) for category in Category] == [
        "css", "script", "navigation", "breadcrumb", "share", "subscription", "donation",
        "newsletter", "login", "consent", "comment-prompt", "comment", "related",
        "advertisement", "legal", "app", "media-player", "notice", "counter", "contact",
        "byline", "caption", "duplicate", "low-content",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (InputError, ValueError),
        (OptionError, ValueError),
        (LexiconError, ValueError),
        (LimitError, Exception),
    ],
)
def test_every_error_is_a_declutter_error(error: type[Exception], parent: type[Exception]) -> None:
    assert issubclass(error, DeclutterError)
    assert issubclass(error, parent)


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        ({"focus": "fast"}, "precision, balanced, recall"),
        ({"focus": None}, "precision, balanced, recall"),
        ({"comments": True}, "auto, keep, drop"),
        ({"keep": ["shares"]}, "share"),
        ({"keep": "shares"}, "share"),
        ({"keep": 3}, "categories"),
        ({"keep": [["share"]]}, "categories"),
        ({"max_bytes": 0}, "max_bytes must be a positive number"),
        ({"max_bytes": -1}, "max_bytes must be a positive number"),
        ({"max_bytes": True}, "max_bytes must be a positive number"),
        ({"max_seconds": "1"}, "max_seconds must be a positive number"),
        ({"max_seconds": float("nan")}, "max_seconds must be a positive number"),
    ],
    ids=str,
)
def test_an_impossible_value_raises_and_says_what_is_possible(
    choice: dict[str, Any], hint: str
) -> None:
    with pytest.raises(OptionError, match=hint):
        Options(**choice)
    with pytest.raises(OptionError, match=hint):
        clean(TEXT, **choice)


def test_an_unknown_option_raises_and_lists_the_known() -> None:
    with pytest.raises(OptionError, match=r"unknown option 'focuss'.*focus, keep, drop, comments"):
        clean(TEXT, focuss="recall")


def test_an_unknown_kind_raises_and_lists_the_known() -> None:
    with pytest.raises(OptionError, match="auto, html, text"):
        clean(TEXT, kind="pdf")


@pytest.mark.parametrize("keep", [["share"], ("share",), "share", {Category.SHARE}])
def test_categories_are_given_by_name_or_member(keep: Any) -> None:
    assert Options(keep=keep).keep == {Category.SHARE}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"drop": ["share"]}, "share is removed anyway"),
        ({"drop": ["byline"], "keep": ["byline"]}, "both kept and dropped"),
        ({"drop": ["nonsense"]}, "^drop: "),
        ({"keep": ["nonsense"]}, "^keep: "),
    ],
)
def test_choices_that_say_nothing_are_refused(choice: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Options(**choice)


def test_options_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Options().focus = "recall"  # type: ignore[misc]


def test_changed_makes_a_copy() -> None:
    options = Options(comments="keep")
    assert options.changed(focus="recall") == Options(comments="keep", focus="recall")
    assert options == Options(comments="keep")


def test_options_can_be_pickled_and_hashed() -> None:
    options = Options(keep=frozenset({Category.SHARE}), max_seconds=2.5)
    assert {pickle.loads(pickle.dumps(options)): 1} == {options: 1}


def test_a_result_can_be_pickled() -> None:
    result = analyze(TEXT)
    again = pickle.loads(pickle.dumps(result))
    assert (again, again.text) == (result, PROSE)


def test_overrides_win_over_options() -> None:
    keeping = Options(keep=frozenset({Category.NAVIGATION}))
    assert clean(TEXT, options=keeping) == TEXT.strip()
    assert clean(TEXT, options=keeping, keep=()) == PROSE


@pytest.mark.parametrize("source", [None, 3, ["a"], {"text": "a"}, object()])
def test_a_source_of_another_type_is_refused_by_name(source: object) -> None:
    with pytest.raises(InputError, match=f"not {type(source).__name__}"):
        clean(source)


@pytest.mark.parametrize("source", ["", b"", " \n", "<p></p>"], ids=repr)
def test_a_source_without_text_gives_an_empty_text_and_the_reason(source: str | bytes) -> None:
    result = analyze(source)
    assert (result.text, result.reason) == ("", "the source has no visible text")


@pytest.mark.parametrize("source", [TEXT, TEXT.encode(), "橋" * 20], ids=["str", "bytes", "wide"])
def test_max_bytes_bounds_a_source(source: str | bytes) -> None:
    size = len(source.encode() if isinstance(source, str) else source)
    assert clean(source, max_bytes=size) == clean(source)
    with pytest.raises(LimitError, match=f"{size} bytes, more than max_bytes={size - 1}"):
        clean(source, max_bytes=size - 1)


@pytest.mark.parametrize("source", [TEXT, f"<p>{PROSE}</p>"], ids=["text", "html"])
def test_max_seconds_bounds_a_call(source: str) -> None:
    with pytest.raises(LimitError, match="max_seconds=1e-09"):
        clean(source, max_seconds=1e-9)


@pytest.mark.parametrize(
    "source",
    ["<div><p>One day.</p>" * 30_000, "One day in May.\n" * 100_000, "a{b:c}" * 100_000],
    ids=["html", "lines", "css"],
)
def test_max_seconds_ends_a_long_call_early(source: str) -> None:
    with pytest.raises(LimitError):
        clean(source, max_seconds=0.01)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A clock that goes on by a second whenever it is looked at."""
    seconds = count()
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    return seconds


MENU = f"<nav><a href=/>Home</a></nav><p>{PROSE}</p><div>Tiny words</div>"


def test_max_seconds_bounds_what_keep_asks_for(clock: Iterator[int]) -> None:
    before = next(clock)
    text = clean(MENU, max_seconds=1_000)
    took = next(clock) - before
    assert clean(MENU, max_seconds=took) == text
    with pytest.raises(LimitError):
        clean(MENU, max_seconds=took, keep=["share"])


def test_max_seconds_bounds_the_reasons_anew(clock: Iterator[int]) -> None:
    first, second = (analyze(MENU, max_seconds=1_000) for _ in range(2))
    for _ in range(2_000):
        next(clock)
    assert first.removals
    with pytest.raises(LimitError):
        replace(second._name, seconds=1)(second._cuts)  # type: ignore[type-var]


@pytest.mark.parametrize("name", ["klingon", "\0"])
def test_an_encoding_must_be_known(name: str) -> None:
    with pytest.raises(OptionError, match="encoding: no charset is called"):
        Options(encoding=name)
