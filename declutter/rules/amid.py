"""Interface words that fill a block amid the main content of a page (HTML).

A heading "Privacy policy", a list item "RSS" or a cell "Sponsored" may be the article's own:
where a page has elements, mere words need more evidence than themselves. It is a link or a
button, an element whose name says the same, a neighbour that goes too, or a second copy.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from declutter.lexicon import STRONG
from declutter.model import Block, Category, Document, Finding
from declutter.rules.context import Context
from declutter.scoring.zones import zone
from declutter.segment import count_words, normal

UNSURE = STRONG / 2  # the weight of words without evidence: other rules may support them
MIN_LINK_DENSITY = 0.5
MAX_SHORT = 3  # words that say little even as a phrase: "All rights reserved"
MAX_STEPS = 3  # elements around a block whose names may say what it is
_HEADS = ("dt", "th")  # elements that, like headings, stand above what they name


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of a page that findings fill, and how often their words stand there.

    ``zones`` remembers what elements say that they are, by their index.
    """

    doc: Document
    ctx: Context
    filled: dict[int, Finding]
    copies: Counter[str]
    zones: dict[int, Category | None] = field(default_factory=dict)

    def goes(self, index: int) -> bool:
        """Whether a block is no part of what is left of the page, or as good as gone."""
        inside = 0 <= index < len(self.ctx.live)
        return not inside or not self.ctx.live[index] or index in self.filled or self.links(index)

    def links(self, index: int) -> bool:
        """Whether a block is made of links."""
        block = self.doc.blocks[index]
        return block.link_chars >= MIN_LINK_DENSITY * (block.end - block.start)

    def zone(self, node: int) -> Category | None:
        """What an element is for, if not for main content."""
        if node not in self.zones:
            found = zone(self.doc.nodes[node])
            self.zones[node] = found.category if found else None
        return self.zones[node]


def weighed(doc: Document, ctx: Context, found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings, those of mere words amid main content with less weight."""
    if doc.kind != "html":
        yield from found
        return
    filled = dict(_filled(doc, ctx, found))
    words = Counter(normal(doc.text[f.start : f.end]) for f in filled.values())
    page = _Page(doc, ctx, filled, words)
    weights = {id(f): _weight(page, index, f) for index, f in filled.items()}
    for finding in found:
        weight = weights.get(id(finding), finding.weight)
        yield finding if weight == finding.weight else replace(finding, weight=weight)


def _filled(doc: Document, ctx: Context, found: Sequence[Finding]) -> Iterator[tuple[int, Finding]]:
    """The strong findings that fill a block, with its index."""
    for finding in found:
        index = bisect_right(ctx.block_starts, finding.start) - 1
        block = doc.blocks[index]
        if finding.weight >= STRONG and (finding.start, finding.end) == (block.start, block.end):
            yield index, finding


def _weight(page: _Page, index: int, finding: Finding) -> float:
    """The weight of a finding that fills a block."""
    block = page.doc.blocks[index]
    if page.links(index) or not _is_words(page.ctx, index) or _is_named(page, block, finding):
        return finding.weight
    tag = page.doc.nodes[block.node].tag if block.node >= 0 else ""
    if block.kind == "heading" or tag in _HEADS:
        if page.goes(index + 1):
            return finding.weight
        return 0.0 if index - 1 in page.filled else UNSURE
    if block.kind == "paragraph" and tag != "p":
        return finding.weight
    copied = page.copies[normal(page.doc.text[block.start : block.end])] > 1
    sure = page.goes(index - 1) or page.goes(index + 1) or (copied and block.kind != "row")
    return finding.weight if sure else UNSURE


def _is_words(ctx: Context, index: int) -> bool:
    """Whether a block holds no phrase, or a very short one, that removes itself anywhere."""
    block = ctx.doc.blocks[index]
    if count_words(ctx.doc.text[block.start : block.end]) <= MAX_SHORT:
        return True
    return all(
        match.entry.scope in ("line", "sentence") or match.entry.weight < STRONG
        for match in ctx.telling(index)
    )


def _is_named(page: _Page, block: Block, finding: Finding) -> bool:
    """Whether an element near a block is a button, or says what the finding does."""
    node = block.node
    for _ in range(MAX_STEPS):
        if node < 0:
            break
        element = page.doc.nodes[node]
        if element.tag == "button" or page.zone(node) is finding.category:
            return True
        node = element.parent
    return False
