"""The first block score for HTML: link density, stop words, length, and the container.

A page's *good* blocks are long, sentence-like and poor in links. The main container is
the smallest element that holds most of the good words outside zones such as ``nav``;
what stands in it, or is built like the good blocks in it, is probably main content.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from declutter.model import Block, Category, Document
from declutter.scoring import stopwords, zones
from declutter.segment import count_words, ends_sentence, normal

MIN_GOOD_WORDS = 10
LONG_WORDS = 25
MAX_GOOD_LINK_DENSITY = 0.4
MIN_STOP_DENSITY = 0.2  # jusText's lower bound is .30 for "near good", of a larger list
MAIN_SHARE = 0.6  # research.md: the smallest container with 35 % / 60 % of the good text
MAX_ZONE_SHARE = 0.4  # a "sidebar" that holds more of the page is the page
WINDOW = 3
MAX_HEAD_BLOCKS = 30  # between the headline and the body: standfirst, byline, picture
MIN_STANDFIRST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Score:
    """The probability that a block is main content, and what else it would be."""

    probability: float
    category: Category
    why: str
    zoned: bool = False  # an element around the block says so
    inside: bool = False  # it stands in the main container


@dataclass(slots=True)
class _Facts:
    """What the score looks at, for one block."""

    words: int
    link_density: float
    prose: bool
    good: bool
    zone: Category | None = None
    in_main: bool = False


def score(
    doc: Document,
    sentence_like: list[bool],
    comments: str = "auto",
    tick: Callable[[], None] = lambda: None,
) -> list[Score]:
    """Score every block of an HTML document (in order, probabilities from 0 to 1)."""
    tick()
    facts = _facts(doc, sentence_like)
    zone_of = _zones(doc, facts, comments)
    for block, fact in zip(doc.blocks, facts, strict=True):
        fact.zone = zone_of[block.node] if block.node >= 0 else None
    main = _main_container(doc, facts)
    for block, fact in zip(doc.blocks, facts, strict=True):
        fact.in_main = main is not None and main <= block.node and _inside(doc, block.node, main)
    tick()
    _mark_standfirst(doc, facts)
    alike = _signatures(doc, facts)
    return [_score(doc, index, facts, alike) for index in range(len(facts))]


def _mark_standfirst(doc: Document, facts: list[_Facts]) -> None:
    """Let the words between the headline and the main container count as inside it."""
    first = next((i for i, fact in enumerate(facts) if fact.in_main), None)
    if first is None or not doc.title:
        return
    title = normal(doc.title)
    for index in range(first - 1, max(-1, first - MAX_HEAD_BLOCKS - 1), -1):
        block = doc.blocks[index]
        if block.kind == "heading" and normal(doc.text[block.start : block.end]) == title:
            for fact in facts[index:first]:
                fact.in_main = fact.words >= MIN_STANDFIRST_WORDS and fact.zone is None
            return


def _facts(doc: Document, sentence_like: list[bool]) -> list[_Facts]:
    stop = stopwords.page_stop_words(doc.text, doc.language)
    facts = []
    for block, prose in zip(doc.blocks, sentence_like, strict=True):
        text = doc.text[block.start : block.end]
        words = count_words(text)
        density = block.link_chars / (block.end - block.start)
        reads = prose or (words >= LONG_WORDS and block.kind != "row")
        good = reads and words >= MIN_GOOD_WORDS and density <= MAX_GOOD_LINK_DENSITY
        if good and stop and not ends_sentence(text):
            good = stopwords.density(text, stop) >= MIN_STOP_DENSITY
        facts.append(_Facts(words, density, prose, good or block.kind == "pre"))
    return facts


def _zones(doc: Document, facts: list[_Facts], comments: str) -> list[Category | None]:
    """The zone of each node, inherited; one that holds much of the page is none."""
    good = _good_words(doc, facts)
    total = max(1, max(good, default=0))
    own = [zones.zone(node) for node in doc.nodes]
    if comments == "keep" or (comments == "auto" and _is_thread(doc, own, good, total)):
        own = [None if zone == Category.COMMENT else zone for zone in own]
    found: list[Category | None] = []
    for index, node in enumerate(doc.nodes):
        above = found[node.parent] if node.parent >= 0 else None
        small = own[index] == Category.COMMENT or good[index] <= MAX_ZONE_SHARE * total
        found.append(above or (own[index] if small else None))
    return found


def _is_thread(doc: Document, own: list[Category | None], good: list[int], total: int) -> bool:
    """Whether what readers wrote is the page: its comment zones hold most good words."""
    inside = [False] * len(own)
    held = 0
    for index, node in enumerate(doc.nodes):
        inside[index] = node.parent >= 0 and inside[node.parent]
        if own[index] == Category.COMMENT and not inside[index]:
            inside[index] = True
            held += good[index]
    return held > MAIN_SHARE * total


def _good_words(doc: Document, facts: list[_Facts]) -> list[int]:
    """The words in good blocks outside zones, summed up for every node."""
    sums = [0] * len(doc.nodes)
    for block, fact in zip(doc.blocks, facts, strict=True):
        if fact.good and fact.zone is None and block.node >= 0:
            sums[block.node] += fact.words
    for index in range(len(sums) - 1, 0, -1):
        if doc.nodes[index].parent >= 0:
            sums[doc.nodes[index].parent] += sums[index]
    return sums


def _main_container(doc: Document, facts: list[_Facts]) -> int | None:
    """The smallest node that holds most of the good words; None on a page without any."""
    sums = _good_words(doc, facts)
    total = sum(s for s, node in zip(sums, doc.nodes, strict=True) if node.parent < 0)
    if not total:
        return None
    held = [index for index, words in enumerate(sums) if words >= MAIN_SHARE * total]
    return held[-1] if held else None


def _inside(doc: Document, node: int, container: int) -> bool:
    while node > container:
        node = doc.nodes[node].parent
    return node == container


def _signature(doc: Document, block: Block) -> tuple[object, ...]:
    node = doc.nodes[block.node]
    parent = doc.nodes[node.parent] if node.parent >= 0 else node
    return node.tag, node.tokens, parent.tag, parent.tokens


def _signatures(doc: Document, facts: list[_Facts]) -> set[tuple[object, ...]]:
    """How the good blocks of the main container are built."""
    return {
        _signature(doc, block)
        for block, fact in zip(doc.blocks, facts, strict=True)
        if fact.in_main and fact.good and fact.zone is None and block.node >= 0
    }


def _score(doc: Document, index: int, facts: list[_Facts], alike: set[tuple[object, ...]]) -> Score:
    block, fact = doc.blocks[index], facts[index]
    near = facts[max(0, index - WINDOW) : index + WINDOW + 1]
    good_near = sum(f.good for f in near) / len(near)
    logit = -1.0 + 2.5 * fact.in_main + 1.5 * fact.good + 1.5 * good_near
    logit -= 3.0 * max(0.0, fact.link_density - 0.3) + 4.0 * (fact.zone is not None)
    if block.node >= 0 and not fact.in_main and fact.good and fact.zone is None:
        logit += 1.5 * (_signature(doc, block) in alike)
    if block.kind == "heading" and fact.in_main and fact.zone is None:
        logit += 1.0
    logit -= 1.0 * (block.hidden and not fact.good) + 0.5 * (fact.words < 3)
    probability = 1 / (1 + math.exp(-logit))
    return Score(probability, *_reason(fact), zoned=fact.zone is not None, inside=fact.in_main)


def _reason(fact: _Facts) -> tuple[Category, str]:
    """What a block would be if it is not main content."""
    if fact.zone is not None:
        return fact.zone, f"stands in an element marked as {fact.zone}"
    if fact.link_density > 0.5:
        return Category.NAVIGATION, f"link density {fact.link_density:.2f}"
    where = "inside" if fact.in_main else "outside"
    return Category.LOW_CONTENT, f"{fact.words} words {where} the main container"
