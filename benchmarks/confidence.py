"""What a confidence is worth, and what focus does: ``python -m benchmarks.confidence``.

Every page is scored by the model that never saw its domain. The curve from expected to found
F1 was fitted on the pages of the folds; the untouched split had no part in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, pairwise
from typing import NamedTuple

import click
import numpy as np

import declutter
from benchmarks.corpora import Page, daniel, root, wcxb
from benchmarks.folds import fold, unseen
from benchmarks.peers import CONVENTIONS
from benchmarks.scoring import score_page

BINS = (0.0, 0.7, 0.8, 0.9, 0.94, 0.96, 1.01)
FOCUS = ("precision", "balanced", "recall")
Scores = tuple[float, float, float]  # precision, recall, F1


class Judged(NamedTuple):
    """A page's confidence, and its scores for each focus."""

    corpus: str
    untouched: bool
    confidence: float
    scores: tuple[Scores, ...]


def judged(page: Page) -> Judged:
    """Clean a page with each focus."""
    scores = []
    confidence = 0.0
    for focus in FOCUS:
        with unseen(page.domain):
            result = declutter.analyze(
                page.html, kind="html", focus=focus, **CONVENTIONS[page.corpus]
            )
        outcome = score_page(page, result.text)
        scores.append((outcome.precision, outcome.recall, outcome.f1))
        confidence = (result.confidence or 0.0) if focus == "balanced" else confidence
    return Judged(page.corpus, fold(page.domain) is None, confidence, tuple(scores))


def reliability(pages: Sequence[Judged]) -> Iterator[str]:
    """Confidence against the F1 found, by bins of confidence."""
    yield "| confidence | pages of folds | mean | F1 found | untouched pages | mean | F1 found |"
    yield "|---|---|---|---|---|---|---|"
    for low, high in pairwise(BINS):
        cells = []
        for untouched in (False, True):
            some = [p for p in pages if p.untouched is untouched and low <= p.confidence < high]
            means = np.mean([(p.confidence, p.scores[1][2]) for p in some], axis=0) if some else ()
            cells += [str(len(some)), *(f"{mean:.3f}" for mean in means)] + ["-"] * (2 - len(means))
        yield f"| {low:.2f} to {min(high, 1):.2f} | {' | '.join(cells)} |"


def curve(pages: Sequence[Judged]) -> Iterator[str]:
    """Precision, recall and F1 of each focus."""
    yield "| corpus | focus | precision | recall | F1 |"
    yield "|---|---|---|---|---|"
    for corpus in sorted({page.corpus for page in pages}):
        for at, focus in enumerate(FOCUS):
            means = np.mean([page.scores[at] for page in pages if page.corpus == corpus], axis=0)
            yield f"| {corpus} | {focus} | {' | '.join(f'{mean:.3f}' for mean in means)} |"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
def main(corpora: str | None) -> None:
    """Print the reliability table and the curve of focus."""
    folder = root(corpora)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        pages = list(pool.map(judged, chain(wcxb(folder), daniel(folder)), chunksize=8))
    click.echo("\n".join([*reliability(pages), "", *curve(pages)]))


if __name__ == "__main__":
    main()
