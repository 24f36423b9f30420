"""The score of a page's blocks: probabilities at once, categories and reasons when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from declutter.model import Category, Document
from declutter.scoring import features, zones
from declutter.scoring.characters import Floats
from declutter.scoring.model import (
    expected_f1,
    logits,
    odds_against,
    probabilities,
    squeezed,
    weights,
)
from declutter.scoring.zones import Zone

# what groups of features are about, by the beginnings of their names
FAMILIES = {
    "how it reads": ("log_", "upper", "digits", "signs", "others", "commas", "stops", "word_",
                     "ends_", "starts_", "has_", "good", "common", "unique", "unspaced"),
    "its links": ("density", "links", "images"),
    "its element": ("kind_", "holder_", "level", "hidden", "noscript"),
    "the elements around it": ("in_", "up0_", "up1_", "up2_", "up3_", "up4_", "depth"),
    "its place on the page": ("position", "char_", "from_", "after_", "is_headline", "headline",
                              "main", "before_"),
    "blocks like it": ("same_", "list_", "item_", "copies"),
    "the text near it": ("near", "prev_", "next_", "since_"),
    "what the page is about": ("topic",),
    "the page as a whole": ("page_",),
}  # fmt: skip
MIN_LINK_DENSITY = 0.5  # above it a block that goes is called navigation


@dataclass(frozen=True)
class Score:
    """The probabilities of a page's blocks to be main content."""

    doc: Document
    page: features.Page
    probabilities: Floats

    def moved(self, log_odds: Floats) -> Score:
        """The score with more evidence for or against each block."""
        known = np.clip(self.probabilities, 1e-6, 1 - 1e-6)
        moved = squeezed(np.log(known / (1 - known)) + log_odds)
        return replace(self, probabilities=np.where(log_odds == 0, self.probabilities, moved))

    def weight(self, at: int) -> float:
        """What speaks against a block, in log odds."""
        return odds_against(float(self.probabilities[at]))

    def flags(self, name: str) -> list[bool]:
        """Which blocks have a feature (a name of :mod:`declutter.scoring.features`)."""
        found: list[bool] = (self.page.x[:, self.page.names.index(name)] > 0).tolist()
        return found

    @property
    def menu(self) -> list[bool]:
        """Which blocks are links in an element for navigation."""
        links = (block.link_chars >= block.end - block.start for block in self.doc.blocks)
        return [a and b for a, b in zip(links, self.flags("in_navigation"), strict=True)]

    def confidence(self, kept: list[bool]) -> float:
        """The F1 to be expected of keeping some blocks, as seen on pages not learned from."""
        expected = expected_f1(self.probabilities, self.page.words, np.array(kept))
        known = weights().calibration
        return float(np.interp(expected, *known)) if known else expected

    def name(self, index: int, loudest: Sequence[str] = ()) -> tuple[Category, str]:
        """What a block is if not main content, and why: by its zone, else by what spoke loudest."""
        why = f"main content with probability {self.probabilities[index]:.2f}"
        zone = self.zone(index)
        if zone is not None:
            return zone.category, f"{zone.word} marks it as {zone.category}; {why}"
        if loudest and loudest[index]:
            why = f"{why}: {loudest[index]} speaks against it"
        block = self.doc.blocks[index]
        links = block.link_chars > MIN_LINK_DENSITY * (block.end - block.start)
        return Category.NAVIGATION if links else Category.LOW_CONTENT, why

    def zone(self, index: int) -> Zone | None:
        """The outermost zone around a block. An aside without links is no related list."""
        node = self.doc.blocks[index].node
        at = self._outermost[node] if node >= 0 else -1
        found = zones.zone(self.doc.nodes[at]) if at >= 0 else None
        if found is not None and found.word == "element aside" and not self._linked[at]:
            return replace(found, category=Category.LOW_CONTENT)
        return found

    @cached_property
    def _outermost(self) -> list[int]:
        """For each element, the outermost one around it that is a zone, or itself (-1: none)."""
        found: list[int] = []
        for at, node in enumerate(self.doc.nodes):  # parents come before children
            above = found[node.parent] if node.parent >= 0 else -1
            found.append(above if above >= 0 or zones.zone(node) is None else at)
        return found

    @cached_property
    def _linked(self) -> list[bool]:
        """Which elements hold links."""
        nodes = self.doc.nodes
        found = [False] * len(nodes)
        for block in self.doc.blocks:
            if block.links and block.node >= 0:
                found[block.node] = True
        for at in range(len(nodes) - 1, 0, -1):
            if found[at] and nodes[at].parent >= 0:
                found[nodes[at].parent] = True
        return found

    def loudest(self, tick: Callable[[], None]) -> list[str]:
        """For each block, the group of features without which it would have fared best."""
        model = weights()
        base = logits(self.page.x, self.page.groups, model)
        gains = []
        for prefixes in FAMILIES.values():
            tick()
            x = self.page.x.copy()
            columns = [at for at, name in enumerate(self.page.names) if name.startswith(prefixes)]
            x[:, columns] = model.mean[columns]
            gains.append(logits(x, self.page.groups, model) - base)
        table = np.stack(gains)
        names = list(FAMILIES)
        best = table.argmax(axis=0)
        return [names[at] if table[at, i] > 0 else "" for i, at in enumerate(best)]


def score(doc: Document, tick: Callable[[], None] = lambda: None) -> Score:
    """Score every block of an HTML document that has any."""
    tick()
    page = features.page(doc)
    tick()
    return Score(doc, page, probabilities(page, weights()))
