"""Where the main content stands: zones, teasers, the main container.

A page's *good* blocks are long, sentence-like and poor in links. The main container is
the smallest element that holds most of the good words outside zones and teasers.
"""

from __future__ import annotations

from collections import defaultdict

from declutter.model import Category, Document
from declutter.scoring import zones
from declutter.scoring.facts import Facts
from declutter.scoring.zones import Zone
from declutter.segment import normal

MAIN_SHARE = 0.6  # of the good words; .65 to .8 gained on one corpus and lost on another
# a word that marks more of a page's good text than this says nothing about it there;
# .5 to .65 scored alike on three corpora, .8 lost
MAX_ZONE_SHARE = 0.65
MIN_TEASERS = 3
MAX_TEASER_WORDS = 80
MIN_TEASER_LINK_DENSITY = 0.7
MIN_ARTICLE_WORDS = 150  # good words outside teasers that make the page more than a list
_TEASER_DEPTH = 4
# a paragraph is no container, however much of the page it holds
_LEAVES = frozenset(
    "p li h1 h2 h3 h4 h5 h6 td th dd dt blockquote pre figcaption caption tr summary label".split()
)
MAX_HEAD_BLOCKS = 30  # between the headline and the body: standfirst, byline, picture, share bar
MIN_STANDFIRST_WORDS = 6


def locate(doc: Document, facts: list[Facts], comments: str) -> None:
    """Fill in the zone, the teaser and the main container of every block."""
    zone_of = _zones(doc, facts, comments)
    for block, fact in zip(doc.blocks, facts, strict=True):
        fact.zone = zone_of[block.node] if block.node >= 0 else None
    _mark_teasers(doc, facts)
    main = _main_container(doc, facts)
    if main is not None:
        inside = _below(doc, {main})
        for block, fact in zip(doc.blocks, facts, strict=True):
            fact.in_main = block.node >= 0 and inside[block.node]
        _mark_standfirst(doc, facts)


def _good_words(doc: Document, facts: list[Facts]) -> list[int]:
    """The words in good blocks outside zones and teasers, summed up for every node."""
    sums = [0] * len(doc.nodes)
    for block, fact in zip(doc.blocks, facts, strict=True):
        if fact.good and fact.zone is None and not fact.teaser and block.node >= 0:
            sums[block.node] += fact.words
    for index in range(len(sums) - 1, 0, -1):
        if doc.nodes[index].parent >= 0:
            sums[doc.nodes[index].parent] += sums[index]
    return sums


def _total(doc: Document, sums: list[int]) -> int:
    return sum(words for words, node in zip(sums, doc.nodes, strict=True) if node.parent < 0)


def _below(doc: Document, tops: set[int]) -> list[bool]:
    """For every node, whether it is one of some nodes or stands in one."""
    inside: list[bool] = []
    for index, node in enumerate(doc.nodes):
        inside.append(index in tops or (node.parent >= 0 and inside[node.parent]))
    return inside


# --- zones ----------------------------------------------------------------------------


def _zones(doc: Document, facts: list[Facts], comments: str) -> list[Zone | None]:
    """The zone of each node, inherited; a word that marks most of the page is none."""
    good = _good_words(doc, facts)
    total = max(1, _total(doc, good))
    known: dict[tuple[str, tuple[str, ...]], Zone | None] = {}
    for node in doc.nodes:
        if (node.tag, node.tokens) not in known:
            known[node.tag, node.tokens] = zones.zone(node)
    own = [known[node.tag, node.tokens] for node in doc.nodes]
    held = _held(doc, own, good)
    found: list[Zone | None] = []
    for node, zone in zip(doc.nodes, own, strict=True):
        above = found[node.parent] if node.parent >= 0 else None
        found.append(above or (zone if zone and _counts(zone, held, total, comments) else None))
    return found


def _counts(zone: Zone, held: dict[str, int], total: int, comments: str) -> bool:
    """Whether a zone's word marks a part of the page rather than the page.

    What readers wrote is the page itself in a thread, and as the caller wants elsewhere.
    """
    if zone.category is Category.COMMENT:
        thread = held[Category.COMMENT] > MAIN_SHARE * total
        return comments == "drop" or (comments == "auto" and not thread)
    return held[zone.word] <= MAX_ZONE_SHARE * total


def _held(doc: Document, own: list[Zone | None], good: list[int]) -> dict[str, int]:
    """The good words in the outermost elements of each word, and of all comment zones."""
    held: dict[str, int] = defaultdict(int)
    marked: list[frozenset[str]] = []
    for index, node in enumerate(doc.nodes):
        above = marked[node.parent] if node.parent >= 0 else frozenset()
        zone = own[index]
        names = [] if zone is None else [zone.word]
        if zone is not None and zone.category is Category.COMMENT:
            names.append(Category.COMMENT.value)
        new = [name for name in names if name not in above]
        for name in new:
            held[name] += good[index]
        marked.append(above | frozenset(new) if new else above)
    return held


# --- teasers --------------------------------------------------------------------------


def _mark_teasers(doc: Document, facts: list[Facts]) -> None:
    """Mark linked headlines with a summary, repeated, beside an article of some length."""
    inside = _below(doc, _teasers(doc, facts))
    teaser = article = 0
    for block, fact in zip(doc.blocks, facts, strict=True):
        if block.node >= 0 and fact.good and fact.zone is None:
            teaser += fact.words * inside[block.node]
            article += fact.words * (not inside[block.node])
    if teaser and article >= max(MIN_ARTICLE_WORDS, teaser):
        for block, fact in zip(doc.blocks, facts, strict=True):
            fact.teaser = block.node >= 0 and inside[block.node]


def _teasers(doc: Document, facts: list[Facts]) -> set[int]:
    """Elements of one kind beside each other that hold a linked headline and good text."""
    linked, words, good = set(), [0] * len(doc.nodes), [False] * len(doc.nodes)
    for block, fact in zip(doc.blocks, facts, strict=True):
        at = block.node
        for _ in range(_TEASER_DEPTH):
            if at < 0:
                break
            if fact.link_density >= MIN_TEASER_LINK_DENSITY and fact.words >= 2:
                linked.add(at)
            words[at] += fact.words
            good[at] |= fact.good
            at = doc.nodes[at].parent
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index in sorted(linked):
        node = doc.nodes[index]
        if node.parent >= 0 and good[index] and words[index] <= MAX_TEASER_WORDS:
            groups[node.parent, node.tag, node.tokens[:1]].append(index)
    return {index for group in groups.values() if len(group) >= MIN_TEASERS for index in group}


# --- the main container ---------------------------------------------------------------


def _main_container(doc: Document, facts: list[Facts]) -> int | None:
    """The smallest element that holds most of the good words; None on a page without any."""
    sums = _good_words(doc, facts)
    total = _total(doc, sums)
    held = [index for index, words in enumerate(sums) if words >= MAIN_SHARE * total]
    if not total or not held:
        return None
    main = held[-1]
    while doc.nodes[main].tag in _LEAVES and doc.nodes[main].parent >= 0:
        main = doc.nodes[main].parent
    return main


def _mark_standfirst(doc: Document, facts: list[Facts]) -> None:
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
