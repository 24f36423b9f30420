"""Quality on the annotated corpora: ``python -m benchmarks.quality --corpora PATH``."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import click
from tqdm import tqdm

import declutter
from benchmarks.corpora import LOADERS, Page, root
from benchmarks.metrics import f1, segment_counts, word_scores

# the conventions of each gold standard
OPTIONS = {
    "wcxb": {"title": False},
    "daniel": {"title": True},
    "trafilatura": {"title": False, "comments": "drop"},
}


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


def run(page: Page) -> Outcome:
    """Clean one page and score the text."""
    failed = None
    try:
        text = declutter.clean(page.html, kind="html", **OPTIONS[page.corpus])  # type: ignore[arg-type]
    except declutter.DeclutterError as error:
        text, failed = "", str(error)
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


def outcomes(pages: Iterable[Page]) -> Iterator[Outcome]:
    """Score pages on all cores."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(run, pages, chunksize=8)


def table(results: list[Outcome]) -> Iterator[str]:
    """The lines of the report."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in results:
        groups[outcome.corpus, "all"].append(outcome)
        if outcome.corpus != "trafilatura":
            groups[outcome.corpus, outcome.group].append(outcome)
    yield "| corpus | group | pages | F1 | precision | recall | empty | failed |"
    yield "|---|---|---|---|---|---|---|---|"
    for (corpus, group), members in sorted(groups.items()):
        yield _row(corpus, group, members)


def _row(corpus: str, group: str, members: list[Outcome]) -> str:
    if corpus == "trafilatura":
        inside, missed, outside, _ = (sum(o.segments[i] for o in members) for i in range(4))
        scores = (
            f1(inside, missed, outside),
            inside / max(1, inside + outside),
            inside / max(1, inside + missed),
        )
    else:
        scores = (
            sum(o.f1 for o in members) / len(members),
            sum(o.precision for o in members) / len(members),
            sum(o.recall for o in members) / len(members),
        )
    empty = sum(not o.words for o in members if o.gold)
    failed = sum(o.failed is not None for o in members)
    figures = " | ".join(f"{score:.3f}" for score in scores)
    return f"| {corpus} | {group} | {len(members)} | {figures} | {empty} | {failed} |"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--only", type=click.Choice(sorted(LOADERS)), help="One corpus.")
@click.option("--worst", default=0, help="Also list so many pages with the lowest F1.")
def main(corpora: str | None, only: str | None, worst: int) -> None:
    """Print declutter's quality on the development corpora."""
    folder = root(corpora)
    names = [only] if only else list(LOADERS)
    results = [o for name in names for o in tqdm(outcomes(LOADERS[name](folder)), desc=name)]
    for line in table(results):
        click.echo(line)
    for outcome in sorted(results, key=lambda o: o.f1)[:worst]:
        if outcome.corpus != "trafilatura":
            click.echo(
                f"{outcome.corpus} {outcome.name} {outcome.domain} {outcome.group} "
                f"F1 {outcome.f1:.2f} P {outcome.precision:.2f} R {outcome.recall:.2f} "
                f"{outcome.failed or ''}"
            )


if __name__ == "__main__":
    main()
