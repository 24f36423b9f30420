"""Bylines, dates and captions: kept by default, removed when a caller asks for it.

They are found by what elements say of themselves, and around the headline by their form. In
flattened text they and the headline are kept from going with the lines around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from declutter.lexicon import STRONG, Search
from declutter.model import CREDITS, Block, Category, Document, Finding
from declutter.rules.context import Context
from declutter.scoring.zones import words
from declutter.segment import count_words, ends_sentence, is_sentence_like, normal

_BYLINE_WORDS = frozenset(
    "byline author authors writer reporter creator username dateline date datetime published "
    "pubdate timestamp posted postdate time updated meta postmeta entrymeta articlemeta user "
    "messagename poster nickname".split()
)
_CAPTION_WORDS = frozenset("caption figcaption credit imagecaption photocaption".split())
_NAMED_TAGS = {"figcaption": Category.CAPTION, "address": Category.BYLINE}
# a year, a clock time, or a date in digits; in the forms of many calendars
_DATE_RE = re.compile(
    r"(?<!\d)(?:1[89]\d\d|20\d\d|25\d\d)(?!\d)|(?<![\d.,€$£¥])(?:[01]?\d|2[0-3])[:.][0-5]\d(?![\d.,]|\s?[€$£¥%])|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}"
)
MAX_BYLINE_WORDS = 16
MIN_HEADLINE_WORDS, MAX_HEADLINE_WORDS = 4, 40
MAX_HEADLINE_PHRASES = 0.4  # of a headline, by known words: "Asia", "Sport"
MAX_HEADLINE_DISTANCE = 3  # lines above the first prose
MAX_HEAD_BLOCKS = 8  # how far below the headline a byline stands


def credit_lines(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find author and date lines and captions."""
    if doc.kind == "text":
        yield from _phrased(doc, ctx)
        return
    head = _head_range(doc, ctx)
    named: dict[tuple[str, tuple[str, ...]], Category | None] = {}
    nodes: dict[int, Category | None] = {}
    for index in ctx.live_blocks:
        block = doc.blocks[index]
        if block.node not in nodes:
            nodes[block.node] = _named(doc, block, named)
        category = nodes[block.node]
        if category is None and index not in head:
            continue
        text = doc.text[block.start : block.end]
        if category is None and not ctx.is_prose(index):
            short = count_words(text) <= MAX_BYLINE_WORDS and not ends_sentence(text)
            said = any(m.entry.category is Category.BYLINE for m in ctx.telling(index))
            category = Category.BYLINE if short and (said or _DATE_RE.search(text)) else None
        if category is Category.BYLINE and count_words(text) > MAX_BYLINE_WORDS:
            continue
        if category is not None:
            why = f"a {category} by its element or its form"
            yield Finding(block.start, block.end, category, "credit-line", 3.0, why)


def _phrased(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Lines of flattened text that begin with the words of a byline or caption."""
    for index in ctx.telling_blocks:
        block = doc.blocks[index]
        for match in ctx.telling(index):
            category = match.entry.category
            if category in CREDITS and match.start == block.start and not ctx.is_prose(index):
                why = match.entry.why
                yield Finding(block.start, block.end, category, match.entry.id, 3.0, why)
                break


def head_lines(doc: Document, live: Sequence[bool], search: Search) -> Iterator[int]:
    """Lines of flattened text, not live, that are the head of its first prose.

    Those are lines of authors and dates below a headline, and the headline, where no other
    line above the prose that may be one is live: the nearest.
    """
    prose = _first_prose(doc, live, search)
    above = range(max(0, prose - MAX_HEAD_BLOCKS), prose)
    titles = [at for at in above if _may_be_headline(doc, at, search)]
    top = next((at for at in titles if live[at]), None)
    if top is None:
        top = next((at for at in reversed(titles) if prose - at <= MAX_HEADLINE_DISTANCE), prose)
        yield from () if top == prose else (top,)
    yield from (at for at in range(top + 1, prose) if not live[at] and _credits(doc, at, search))


def _first_prose(doc: Document, live: Sequence[bool], search: Search) -> int:
    """The first live line that reads like prose and has no strong phrase; 0 if there is none."""
    for at, block in enumerate(doc.blocks):
        if live[at] and is_sentence_like(doc.text[block.start : block.end]):
            found = search.find(block.start, block.end)
            if not any(match.entry.weight >= STRONG for match in found):
                return at
    return 0


def _may_be_headline(doc: Document, index: int, search: Search) -> bool:
    block = doc.blocks[index]
    text = doc.text[block.start : block.end]
    if not MIN_HEADLINE_WORDS <= count_words(text) <= MAX_HEADLINE_WORDS or ends_sentence(text):
        return False
    found = search.find(block.start, block.end)
    covered = sum(match.end - match.start for match in found)
    strong = any(match.entry.weight >= STRONG for match in found)
    return not (strong or covered >= MAX_HEADLINE_PHRASES * len(text) or _DATE_RE.search(text))


def _credits(doc: Document, index: int, search: Search) -> bool:
    """Whether a line names an author, an agency or a date."""
    block = doc.blocks[index]
    text = doc.text[block.start : block.end]
    if count_words(text) > MAX_BYLINE_WORDS or ends_sentence(text):
        return False
    said = (match.entry.category for match in search.find(block.start, block.end))
    return bool(_DATE_RE.search(text)) or not CREDITS.isdisjoint(said)


def _head_range(doc: Document, ctx: Context) -> range:
    """The blocks just below the headline."""
    title = normal(doc.title or "")
    if not title or not ctx.live_blocks:
        return range(0)
    least, most = len(title), 2 * len(title) + 8
    for index, block in enumerate(doc.blocks[: ctx.live_blocks[-1]]):
        size = block[1] - block[0]
        if least <= size <= most and normal(doc.text[block[0] : block[1]]) == title:
            return range(index + 1, index + 1 + MAX_HEAD_BLOCKS)
    return range(0)


def _named(
    doc: Document, block: Block, named: dict[tuple[str, tuple[str, ...]], Category | None]
) -> Category | None:
    """What the nearest two elements say that the block is; ``named`` remembers what did."""
    node, steps = block.node, 0
    while node >= 0 and steps < 2:
        element = doc.nodes[node]
        node, steps = element.parent, steps + 1
        key = (element.tag, element.tokens)
        if not element.tokens and element.tag not in _NAMED_TAGS:
            continue
        if key not in named:
            named[key] = _element_named(*key)
        if named[key] is not None:
            return named[key]
    return None


@lru_cache(maxsize=4096)
def _element_named(tag: str, tokens: tuple[str, ...]) -> Category | None:
    """What an element says that it is, if that is a byline or a caption."""
    if tag in _NAMED_TAGS:
        return _NAMED_TAGS[tag]
    named = [word for token in tokens for word in words(token)]
    if not _CAPTION_WORDS.isdisjoint(named):
        return Category.CAPTION
    return None if _BYLINE_WORDS.isdisjoint(named) else Category.BYLINE
