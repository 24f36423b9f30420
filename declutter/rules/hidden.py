"""Words that a browser would not show in the midst of a line."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

from declutter.model import Category, Document, Finding
from declutter.rules.context import Context
from declutter.segment import count_words

MAX_LABEL_WORDS = 5


def hidden_inline(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find short inline elements that are not shown in the line: labels for screen readers, ruby.

    Long ones, and those that make up most of their block, are shown by scripts as often as
    not ("read more", words that appear one by one): there the score decides.
    """
    hidden = [mark for mark in doc.veils if mark.kind == "hidden"]
    blocks = [bisect_right(ctx.block_starts, mark.start) - 1 for mark in hidden]
    sizes: Counter[int] = Counter()
    for mark, block in zip(hidden, blocks, strict=True):
        sizes[block] += mark.end - mark.start
    for mark, block in zip(hidden, blocks, strict=True):
        whole = doc.blocks[block].end - doc.blocks[block].start
        few = count_words(doc.text[mark.start : mark.end]) <= MAX_LABEL_WORDS
        if few and sizes[block] * 2 < whole:
            why = "an inline element that is not displayed"
            yield Finding(mark.start, mark.end, Category.LOW_CONTENT, "hidden-inline", 3.0, why)
