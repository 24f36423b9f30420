"""Which blocks of a page are main content, by aligning them with the gold text.

Whole blocks are found in the gold first: of all places where their words stand in it, the
chain that keeps the order and covers most words is taken, so that a short text ("Share")
that stands elsewhere in the article is no match. Of the other blocks, runs of five words
that stand in what is left of the gold count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import Page
from benchmarks.metrics import word_list

Floats = NDArray[np.float32]
RUN = 5  # words
MAX_PLACES = 12  # of one block's words in the gold
MIN_COVERED = 0.2  # of a block's words, to count as a match in part
MIN_SEGMENT = 3  # words of a block that lies within an annotated segment
UNKNOWN = -1.0


class _Place(NamedTuple):
    block: int
    start: int  # in the joined gold
    end: int
    words: int


def labels(page: Page, blocks: Sequence[str]) -> Floats:
    """The share of each block's words that is main content; -1 where nobody knows."""
    words = [word_list(block) for block in blocks]
    if page.gold or not (page.with_ or page.without):
        return align(words, word_list(page.gold))
    return _segments(page, words)


def _segments(page: Page, words: Sequence[list[str]]) -> Floats:
    """Labels from segments that must be in the text and others that must not."""
    found = np.full(len(words), UNKNOWN, dtype=np.float32)
    texts = [" ".join(block) for block in words]
    for segments, label in ((page.without, 0.0), (page.with_, 1.0)):
        for segment in filter(None, (" ".join(word_list(s)) for s in segments)):
            for at, text in enumerate(texts):
                inside = len(words[at]) >= MIN_SEGMENT and text in segment
                if text and (segment in text or inside):
                    found[at] = label
    return found


def align(blocks: Sequence[list[str]], gold: list[str]) -> Floats:
    """The share of each block's words that stands in the gold, in order.

    >>> align([["share"], ["he", "had", "his", "share"]], ["he", "had", "his", "share"]).tolist()
    [0.0, 1.0]
    """
    found = np.zeros(len(blocks), dtype=np.float32)
    free = np.ones(len(gold), dtype=bool)
    starts = np.cumsum([1, *(len(word) + 1 for word in gold)]).tolist()
    for place in _chain(list(_places(blocks, gold))):
        found[place.block] = 1
        free[bisect_left(starts, place.start + 1) : bisect_left(starts, place.end)] = False
    left = Counter(
        tuple(gold[at : at + RUN]) for at in range(len(gold) - RUN + 1) if free[at : at + RUN].any()
    )
    for at, words in enumerate(blocks):
        if not found[at] and len(words) >= RUN:
            covered = _covered(words, left)
            found[at] = covered if covered >= MIN_COVERED else 0
    return found


def _covered(words: list[str], runs: Counter[tuple[str, ...]]) -> float:
    """The share of words that stand in some of the runs."""
    flags = np.zeros(len(words), dtype=bool)
    for at in range(len(words) - RUN + 1):
        if runs[tuple(words[at : at + RUN])]:
            flags[at : at + RUN] = True
    return float(flags.mean())


def _places(blocks: Sequence[list[str]], gold: list[str]) -> Iterator[_Place]:
    """Where the words of whole blocks stand in the gold, the last places of a block first."""
    joined = f" {' '.join(gold)} "
    for at, words in enumerate(blocks):
        text = f" {' '.join(words)} "
        places: list[_Place] = []
        start = joined.find(text) if words else -1
        while start >= 0 and len(places) < MAX_PLACES:
            places.append(_Place(at, start, start + len(text) - 1, len(words)))
            start = joined.find(text, start + 1)
        yield from reversed(places)


def _chain(places: list[_Place]) -> list[_Place]:
    """The places that follow each other in blocks and gold alike, of most words together.

    A Fenwick tree holds, for every end, the best chain that ends there or before.
    """
    ends = sorted({place.end for place in places})
    tree: list[tuple[int, int]] = [(0, -1)] * (len(ends) + 1)
    best: list[tuple[int, int]] = []
    for number, place in enumerate(places):
        at, top = bisect_right(ends, place.start), (0, -1)
        while at > 0:
            top = max(top, tree[at])
            at -= at & -at
        best.append((top[0] + place.words, top[1]))
        at = bisect_left(ends, place.end) + 1
        while at <= len(ends):
            tree[at] = max(tree[at], (best[number][0], number))
            at += at & -at
    number = max(range(len(places)), key=lambda n: best[n][0], default=-1)
    chain = []
    while number >= 0:
        chain.append(places[number])
        number = best[number][1]
    return chain
