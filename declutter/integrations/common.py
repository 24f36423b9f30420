"""What the adapters share: options checked when a step is made, and reasons as plain data."""

from __future__ import annotations

from typing import Any

from declutter.batch.outcome import gone
from declutter.errors import OptionError
from declutter.model import Category
from declutter.options import KINDS, Options
from declutter.pipeline import Result
from declutter.writers.json import record


def chosen(options: Options | None, overrides: dict[str, Any]) -> Options:
    """The options of a step; raise :class:`OptionError` for what no page could be cleaned with."""
    if options is not None and not isinstance(options, Options):
        raise OptionError(f"options must be declutter.Options, not {type(options).__name__}")
    return (options or Options()).changed(**overrides)


def one_of(name: str, value: str, allowed: tuple[str, ...] = KINDS) -> str:
    """A value that has to be one of some; raise :class:`OptionError` for others."""
    if value not in allowed:
        raise OptionError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def removals(result: Result) -> list[dict[str, Any]]:
    """What was removed, as ``declutter clean --format json`` writes it."""
    found: list[dict[str, Any]] = record(
        result.document, result.removals, result.text, result.title, None
    )["removals"]
    return found


def counts(result: Result) -> dict[str, int]:
    """How many characters of each category were removed; every category is named."""
    return dict.fromkeys((category.value for category in Category), 0) | gone(result.removals)


def removed_share(result: Result) -> float:
    """The part of the visible text that was removed, from 0 to 1."""
    return round(result.removal_ratio, 3)
