"""Headlines of other articles: the lists that follow a label such as "Related articles"."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from declutter.lexicon import STRONG
from declutter.model import Block, Category, Document, Finding
from declutter.rules.context import Context
from declutter.rules.phrases import MAX_HEADLINE_WORDS, phrases
from declutter.segment import Span, count_words

MIN_LINK_DENSITY = 0.6
MAX_LIST = 40


def related_list(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find the headline-like blocks behind a related-articles label that fills its block."""
    known = {(f.start, f.end): f for f in ctx.memo(phrases) if f.weight > 0}
    for label in list(known.values()):
        if label.category is not Category.RELATED or label.weight < STRONG:
            continue
        index = bisect_right(ctx.block_starts, label.start) - 1
        block = doc.blocks[index]
        if (block.start, block.end) != (label.start, label.end):
            continue
        if doc.kind == "text" and not ctx.follows_prose(index + 1):
            continue  # the headline stands there
        for teaser in _teasers(doc, ctx, index, known):
            why = "a headline in a list of related articles"
            yield Finding(
                teaser.start, teaser.end, Category.RELATED, "related-list", label.weight, why
            )


def _is_headline(line: str, words: int) -> bool:
    """Whether a line of flattened text looks like a headline rather than code or a list item."""
    return words > 2 and not line[0].islower() and not any(sign in line for sign in "{};=<>_()")


def _teasers(doc: Document, ctx: Context, index: int, known: Mapping[Span, Finding]) -> list[Block]:
    found: list[Block] = []
    following = doc.blocks[index + 1 : index + 1 + MAX_LIST]
    for place, block in enumerate(following, index + 1):
        words = count_words(doc.text[block.start : block.end])
        if ctx.is_prose(place) or words > MAX_HEADLINE_WORDS:
            break
        if (block.start, block.end) in known:
            break
        if doc.kind == "text" and not _is_headline(doc.text[block.start : block.end], words):
            break
        if doc.kind == "html" and block.link_chars < MIN_LINK_DENSITY * (block.end - block.start):
            break
        found.append(block)
    ends_in_prose = index + len(found) + 1 < len(doc.blocks)
    if doc.kind == "text" and found and ends_in_prose:
        found.pop()  # it may be the sub-heading of the paragraph that follows
    return found
