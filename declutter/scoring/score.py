"""The score of a page's blocks: probabilities at once, categories and reasons when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from declutter.model import Category, Document
from declutter.scoring import features, zones
from declutter.scoring.characters import Floats
from declutter.scoring.model import expected_f1, logits, probabilities, weights
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

    def name(self, index: int) -> tuple[Category, str, bool]:
        """What a block is if not main content, why, and whether an element says so."""
        probability = f"main content with probability {self.probabilities[index]:.2f}"
        zone = self._zone(self.doc.blocks[index].node)
        if zone is not None:
            return zone.category, f"{zone.word} marks it as {zone.category}; {probability}", True
        loudest = self._loudest[index]
        why = f"{probability}: {loudest} speaks against it" if loudest else probability
        block = self.doc.blocks[index]
        links = block.link_chars > MIN_LINK_DENSITY * (block.end - block.start)
        return Category.NAVIGATION if links else Category.LOW_CONTENT, why, False

    def _zone(self, node: int) -> Zone | None:
        """The outermost zone around a block."""
        found = None
        while node >= 0:
            found = zones.zone(self.doc.nodes[node]) or found
            node = self.doc.nodes[node].parent
        return found

    @cached_property
    def _loudest(self) -> list[str]:
        """For each block, the group of features without which it would have fared best."""
        model = weights()
        base = logits(self.page.x, self.page.groups, model)
        gains = []
        for prefixes in FAMILIES.values():
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
