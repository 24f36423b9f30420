"""Words that a browser would not show in the midst of a line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from declutter.model import Category, Document, Finding
from declutter.rules.context import Context


def hidden_inline(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find inline elements that are not shown in the line: labels for screen readers, ruby.

    One that fills its block, or wraps many, is shown by scripts as often as not: pages hide
    their body until they have loaded. There the score decides.
    """
    for mark in doc.veils:
        block = doc.blocks[bisect_right(ctx.block_starts, mark.start) - 1]
        if mark.kind == "hidden" and mark.end - mark.start < block.end - block.start:
            why = "an inline element that is not displayed"
            yield Finding(mark.start, mark.end, Category.LOW_CONTENT, "hidden-inline", 3.0, why)
