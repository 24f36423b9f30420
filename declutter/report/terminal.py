"""An explanation as lines for a terminal: by category, or the text in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from declutter.pipeline import explain
from declutter.report.parts import parts, printable

if TYPE_CHECKING:
    from declutter.pipeline import Result


def listed(result: Result) -> Iterator[str]:
    """What was removed by category, with the reasons."""
    yield _head(result)
    for category, removals in explain(result).items():
        size = sum(len(removal.text) for removal in removals)
        head = click.style(str(category), fg="yellow", bold=True)
        yield f"\n{head}  {len(removals)} removed, {size} characters"
        for removal in removals:
            place = click.style(f"{removal.start}-{removal.end}", fg="cyan")
            yield f"  {place}  {printable(removal.why)} [{removal.rule}, {removal.weight:.2g}]"
            words = printable(" ".join(removal.text.split()))
            shown = words if len(words) <= 300 else f"{words[:200]} ... {words[-80:]}"
            yield "    " + click.style(shown, fg="red")


def inline(result: Result) -> Iterator[str]:
    """The text in order; what was removed stands in brackets, named and struck out.

    Each line is styled by itself, as a pager needs it that begins anywhere.
    """
    yield _head(result) + "\n"
    line = ""
    removals = result.removals
    for part in parts(printable(result.document.text), removals):
        number, words = part.removal, part.text
        if part.folded:
            words = words[len(words.rstrip()) :]  # the white space behind it
        *whole, last = words.split("\n")
        for piece in whole:
            yield line + _styled(result, number, piece)
            line = ""
        line += _styled(result, number, last, part.more)
    yield line


def _styled(result: Result, number: int | None, words: str, more: int = 0) -> str:
    """Words of one line; ``more`` characters are not shown behind them."""
    body = words.rstrip()
    if number is None or not (body or more):
        return words
    rest = f" ... {more} more characters" if more else ""
    return (
        click.style(f"[-{result.removals[number].category}: ", fg="yellow", bold=True)
        + click.style(body, fg="red", strikethrough=True)
        + click.style(f"{rest}-]", fg="yellow", bold=True)
        + words[len(body) :]
    )


def _head(result: Result) -> str:
    kept = len(result.text)
    return f"{result.kind}, {len(result.document.text)} characters read, {kept} kept"
