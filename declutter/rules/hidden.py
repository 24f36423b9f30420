"""Words that a browser would not show in the midst of a line."""

from __future__ import annotations

from collections.abc import Iterator

from declutter.model import Category, Document, Finding
from declutter.rules.context import Context


def hidden_inline(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find inline elements that are not shown in the line: labels for screen readers, ruby."""
    for mark in doc.veils:
        if mark.kind == "hidden":
            why = "an inline element that is not displayed"
            yield Finding(mark.start, mark.end, Category.LOW_CONTENT, "hidden-inline", 3.0, why)
