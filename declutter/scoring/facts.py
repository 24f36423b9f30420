"""What the block score looks at: one record of facts for each block of an HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from declutter.model import Document
from declutter.scoring import stopwords
from declutter.scoring.zones import Zone
from declutter.segment import count_words, ends_sentence

MIN_GOOD_WORDS = 10
LONG_WORDS = 25  # so long a block reads as prose without the punctuation of a sentence
MAX_GOOD_LINK_DENSITY = 0.4
MIN_STOP_DENSITY = 0.2  # jusText's lower bound is .30 for "near good", of a larger list


@dataclass(slots=True)
class Facts:
    """Facts about one block; the layout module fills in the last three."""

    words: int
    link_density: float
    good: bool
    zone: Zone | None = None
    in_main: bool = False
    teaser: bool = False


def collect(doc: Document, sentence_like: list[bool]) -> list[Facts]:
    """The facts that a block's own text tells, in block order."""
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
        facts.append(Facts(words, density, good or block.kind == "pre"))
    return facts
