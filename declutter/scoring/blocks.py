"""The first block score for HTML: a weighted sum of a few facts, squeezed to (0, 1).

The weights were set by hand and checked on three corpora with domains held out (see
benchmarks/README.md); a learned model is to replace them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from declutter.model import Category, Document, Score
from declutter.scoring.facts import Facts, collect
from declutter.scoring.layout import locate

WINDOW = 3  # blocks on either side that are looked at
CERTAIN = 0.9  # above it nobody asks what spoke against a block
FREE_LINK_DENSITY = 0.3  # below it links say nothing
# feature: (weight, what a low score is due to)
WEIGHTS: dict[str, tuple[float, str]] = {
    "bias": (-1.0, ""),
    "in_main": (2.5, "it stands outside the main container"),
    "good": (0.5, "it does not read like running text"),
    "good_in_main": (1.0, ""),
    "good_near": (1.5, "no running text stands near it"),
    "heading_in_main": (1.0, ""),
    "links": (-4.0, "most of it is links"),
    "zone": (-4.0, "an element marks it"),
    "teaser": (-2.0, "it is one of several teasers"),
    "hidden": (-1.0, "it is hidden"),
    "short": (-0.5, "it has fewer than three words"),
}


def score(
    doc: Document,
    sentence_like: list[bool],
    comments: str = "auto",
    tick: Callable[[], None] = lambda: None,
) -> list[Score]:
    """Score every block of an HTML document (in order, probabilities from 0 to 1)."""
    if not doc.blocks:
        return []
    tick()
    facts = collect(doc, sentence_like)
    tick()
    locate(doc, facts, comments)
    parts = features(doc, facts) * np.array([weight for weight, _ in WEIGHTS.values()])
    probabilities = 1 / (1 + np.exp(-parts.sum(axis=1)))
    return [
        _score(fact, float(probability), part)
        for fact, probability, part in zip(facts, probabilities, parts, strict=True)
    ]


def features(doc: Document, facts: list[Facts]) -> NDArray[np.float64]:
    """The features of :data:`WEIGHTS`, one row a block (shape: blocks x features)."""
    good = np.array([fact.good for fact in facts], dtype=float)
    in_main = np.array([fact.in_main for fact in facts], dtype=float)
    zoned = np.array([fact.zone is not None for fact in facts], dtype=float)
    heading = np.array([block.kind == "heading" for block in doc.blocks], dtype=float)
    hidden = np.array([block.hidden for block in doc.blocks], dtype=float)
    links = np.array([fact.link_density for fact in facts]) - FREE_LINK_DENSITY
    columns = {
        "bias": np.ones(len(facts)),
        "in_main": in_main,
        "good": good,
        "good_in_main": good * in_main,
        "good_near": _windowed(good),
        "heading_in_main": heading * in_main * (1 - zoned),
        "links": np.maximum(0, links),
        "zone": zoned,
        "teaser": np.array([fact.teaser for fact in facts], dtype=float),
        "hidden": hidden * (1 - good),
        "short": np.array([fact.words < 3 for fact in facts], dtype=float),
    }
    return np.column_stack([columns[name] for name in WEIGHTS])


def _windowed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over each block and its neighbours (fewer at the ends)."""
    kernel = np.ones(2 * WINDOW + 1)
    middle = slice(WINDOW, WINDOW + len(values))
    sums = np.convolve(values, kernel)[middle]
    counts = np.convolve(np.ones(len(values)), kernel)[middle]
    return np.asarray(sums / counts, dtype=np.float64)


def _score(fact: Facts, probability: float, parts: NDArray[np.float64]) -> Score:
    category, why = Category.LOW_CONTENT, "it reads and stands like main content"
    if fact.zone is not None:
        category, why = fact.zone.category, f"{fact.zone.word} marks it as {fact.zone.category}"
    elif fact.link_density > 0.5:
        category, why = Category.NAVIGATION, f"link density {fact.link_density:.2f}"
    elif fact.teaser:
        category, why = Category.RELATED, "one of several linked headlines with a summary"
    elif probability < CERTAIN:
        why = _loudest(parts)
    return Score(probability, category, why, fact.zone is not None, fact.in_main)


def _loudest(parts: NDArray[np.float64]) -> str:
    """The two features that cost a block most, compared with main content's full marks."""
    best = np.array([max(0.0, weight) for weight, _ in WEIGHTS.values()])
    losses = best - parts
    reasons = [reason for _, reason in WEIGHTS.values()]
    order = [at for at in np.argsort(-losses, kind="stable") if reasons[at] and losses[at] > 0]
    return " and ".join(reasons[at] for at in order[:2]) or "several small signs"
