"""Shared loading of fixtures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings

from declutter.writers.text import without

# a deadline makes tests fail by chance on a slow machine; a fixed seed makes a failure a
# change's own (search further with --hypothesis-profile=default)
settings.register_profile("declutter", deadline=None, derandomize=True)
settings.load_profile("declutter")

FIXTURES = Path(__file__).parent.parent / "fixtures"
SEEDS = sorted((FIXTURES / "seeds").glob("*.txt"))
PAGES = sorted(path for path in (FIXTURES / "pages").iterdir() if path.is_dir())
ARTICLES = sorted((FIXTURES / "articles").glob("*.txt"))


def lines(text: str) -> list[str]:
    """The non-empty lines of a text, without outer white space."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Marked:
    """A text whose boilerplate is marked: the source, and what must be left of it."""

    source: str
    expected: str


def marked(text: str) -> Marked:
    """Read a text in which ⟦ ⟧ enclose what must go."""
    source, spans, start = "", [], 0
    for part in re.split("([⟦⟧])", text):
        if part == "⟦":
            start = len(source)
        elif part == "⟧":
            spans.append((start, len(source)))
        else:
            source += part
    return Marked(source, without(source, spans))
