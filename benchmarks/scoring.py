"""What a text scores on a page, and how sure the mean of many pages is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.corpora import Page
from benchmarks.metrics import f1, segment_counts, word_scores

RESAMPLES = 1_000
SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one page gave."""

    corpus: str
    group: str
    name: str
    domain: str
    precision: float
    recall: float
    f1: float
    segments: tuple[int, int, int, int]
    words: int
    gold: bool
    failed: str | None = None


def score_page(page: Page, text: str, failed: str | None = None) -> Outcome:
    """Score a text against the gold of its page."""
    precision, recall, score = word_scores(page.gold, text)
    return Outcome(
        corpus=page.corpus,
        group=page.group,
        name=page.name,
        domain=page.domain,
        precision=precision,
        recall=recall,
        f1=score,
        segments=segment_counts(text, page.with_, page.without),
        words=len(text.split()),
        gold=bool(page.gold.strip() or page.with_),
        failed=failed,
    )


def by_segments(outcomes: Sequence[Outcome]) -> bool:
    """Whether the corpus is measured by segments, all of them together."""
    return outcomes[0].corpus == "trafilatura"


def figures(outcomes: Sequence[Outcome]) -> tuple[float, float, float]:
    """F1, precision and recall of a group: of all its segments, or the means over its pages."""
    if by_segments(outcomes):
        inside, missed, outside, _ = (sum(o.segments[i] for o in outcomes) for i in range(4))
        precision, recall = inside / max(1, inside + outside), inside / max(1, inside + missed)
        return f1(inside, missed, outside), precision, recall
    pages = len(outcomes)
    return (
        sum(o.f1 for o in outcomes) / pages,
        sum(o.precision for o in outcomes) / pages,
        sum(o.recall for o in outcomes) / pages,
    )


def interval(outcomes: Sequence[Outcome], seed: int = SEED) -> tuple[float, float]:
    """The 95 % bootstrap interval of a group's F1, its domains drawn with replacement.

    Either F1 is a ratio of two sums over pages, so that sums by domain are all it takes.
    """
    segments = by_segments(outcomes)
    sums: dict[str, list[float]] = {}
    for outcome in outcomes:
        inside, missed, outside, _ = outcome.segments
        pair = (2 * inside, 2 * inside + missed + outside) if segments else (outcome.f1, 1)
        total = sums.setdefault(outcome.domain, [0.0, 0.0])
        total[0] += pair[0]
        total[1] += pair[1]
    domains = np.array(list(sums.values()))
    drawn = np.random.default_rng(seed).integers(len(domains), size=(RESAMPLES, len(domains)))
    parts = domains[drawn].sum(axis=1)
    scores = parts[:, 0] / np.maximum(parts[:, 1], 1)
    low, high = np.percentile(scores, (2.5, 97.5))
    return float(low), float(high)
