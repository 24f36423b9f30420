"""The page that explains one result: its text, with what went tinted, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from declutter.decide import NAMED
from declutter.model import Removal
from declutter.report.parts import chunks, parts, printable, shares
from declutter.report.plots import bar
from declutter.report.templates import NUMBERS, page

if TYPE_CHECKING:
    from declutter.pipeline import Result


def explained(result: Result, name: str, choices: str = "") -> str:
    """A page of HTML that shows a result; ``name`` is its source's, ``choices`` its options."""
    removals = result.removals
    found = shares(len(result.text), removals)
    return page(
        "page.html.j2",
        "page.js",
        name=name,
        choices=choices,
        result=result,
        chunks=chunks(parts(printable(result.document.text), removals)),
        removals=removals,
        numbers_of=[NUMBERS[removal.category] for removal in removals],
        shares=found,
        bar=bar(found),
        reasons=reasons(removals),
    )


def reasons(removals: Iterable[Removal]) -> dict[str, Any]:
    """Why each removal went, as the page's script reads it: words that recur stand once.

    A removal is its category, rule, reason, weight, whether that is a probability, and its place.
    """
    words: dict[str, int] = {}

    def number(word: str) -> int:
        return words.setdefault(printable(word), len(words))

    rows = [
        (NUMBERS[r.category], number(r.rule), number(r.why), round(r.weight, 4),
         int(r.rule in NAMED), r.start, r.end)
        for r in removals
    ]  # fmt: skip
    return {"names": [str(category) for category in NUMBERS], "words": list(words), "rows": rows}
