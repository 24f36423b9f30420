"""Flattened text: ``python -m benchmarks.text --corpora PATH``.

Every page of the corpora, flattened in six ways, goes through declutter and the baselines; the
figures are means over the ways. Then come glued cases and clean articles (``benchmarks.glued``).
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import click
from tqdm import tqdm

import declutter
from benchmarks import glued
from benchmarks.baselines import BASELINES
from benchmarks.corpora import LOADERS, Page, root
from benchmarks.flatteners import FLATTENERS, flattened
from benchmarks.folds import unseen
from benchmarks.languages import language
from benchmarks.quality import grouped
from benchmarks.scoring import Outcome, figures, interval, score_page
from declutter.readers.encoding import decode

Key = tuple[str, str]  # tool, flattener
TOOLS = ("declutter", *BASELINES)


def cleaned(tool: str, text: str, page: Page, code: str) -> str:
    """What a tool makes of a page's text; declutter by weights that never saw its domain."""
    if tool != "declutter":
        return BASELINES[tool](text, code)
    with unseen(page.domain):
        return declutter.clean(text, kind="text")


def outcomes(page: Page, tools: Sequence[str]) -> dict[Key, tuple[Outcome, float, int]]:
    """For each tool and flattener: scores, seconds and bytes."""
    found = {}
    code = language(decode(page.html, None).text) or ""
    for name in FLATTENERS:
        text = flattened(page.html, name)
        for tool in tools:
            start = time.process_time()
            out = cleaned(tool, text, page, code)
            seconds = time.process_time() - start
            found[tool, name] = (score_page(page, out), seconds, len(text.encode()))
    return found


def measured(pages: Sequence[Page], tools: Sequence[str], jobs: int) -> dict[Key, list[Outcome]]:
    """The outcomes of pages, by tool and flattener."""
    results: dict[Key, list[Outcome]] = defaultdict(list)
    with ProcessPoolExecutor(jobs) as pool:
        every = pool.map(partial(outcomes, tools=tools), pages, chunksize=4)
        for found in tqdm(every, total=len(pages), desc=pages[0].corpus):
            for key, (outcome, _, _) in found.items():
                results[key].append(outcome)
    return results


def table(results: dict[Key, list[Outcome]], tools: Sequence[str]) -> Iterator[str]:
    """F1 by corpus and group, the mean over flatteners, a column for each tool."""
    yield f"| corpus | group | pages | {' | '.join(tools)} |"
    yield "|---|---|---|" + "---|" * len(tools)
    groups = {key: grouped(found) for key, found in results.items()}
    for (corpus, group), members in next(iter(groups.values())).items():
        cells = [
            _mean([groups[tool, name][corpus, group] for name in FLATTENERS]) for tool in tools
        ]
        yield f"| {corpus} | {group} | {len(members)} | {' | '.join(cells)} |"


def _mean(ways: Sequence[list[Outcome]]) -> str:
    """The mean F1 over flatteners, and half the mean width of their intervals."""
    score = sum(figures(members)[0] for members in ways) / len(ways)
    bounds = [interval(members) for members in ways]
    return f"{score:.3f} ± {sum(high - low for low, high in bounds) / len(ways) / 2:.3f}"


def by_flattener(results: dict[Key, list[Outcome]], tools: Sequence[str]) -> Iterator[str]:
    """F1 of each corpus by flattener."""
    yield f"| corpus | flattener | {' | '.join(tools)} |"
    yield "|---|---|" + "---|" * len(tools)
    corpora = sorted({outcome.corpus for outcome in next(iter(results.values()))})
    for corpus in corpora:
        for name in FLATTENERS:
            some = [[o for o in results[tool, name] if o.corpus == corpus] for tool in tools]
            yield f"| {corpus} | {name} | {' | '.join(f'{figures(s)[0]:.3f}' for s in some)} |"


def speed(pages: Sequence[Page], tools: Sequence[str]) -> Iterator[str]:
    """Megabytes a second of each tool, in turn on the same texts, in one process."""
    seconds: dict[str, float] = defaultdict(float)
    size = 0
    for page in pages:
        for (tool, _), (_, taken, length) in outcomes(page, tools).items():
            seconds[tool] += taken
            size += length
    for tool in tools:
        yield f"| {tool} | {size / len(tools) / 1e6 / max(1e-9, seconds[tool]):.1f} MB/s |"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--only", type=click.Choice(sorted(LOADERS)), help="One corpus.")
@click.option("--every", "step", default=1, show_default=True, help="Every so manyth page.")
@click.option("--jobs", default=os.cpu_count(), show_default=True, help="Processes at a time.")
@click.option("--cases", default=glued.CASES, show_default=True, help="Glued cases of each kind.")
@click.option("--tools", default="all", show_default=True, help="Or names, comma-separated.")
def main(
    corpora: str | None, only: str | None, step: int, jobs: int, cases: int, tools: str
) -> None:
    """Print what declutter and line rules keep of flattened pages, and what goes of glued ones."""
    folder: Path = root(corpora)
    chosen = TOOLS if tools == "all" else tuple(tools.split(","))
    results: dict[Key, list[Outcome]] = defaultdict(list)
    sample: list[Page] = []
    for load in [LOADERS[only]] if only else LOADERS.values():
        pages = list(load(folder))[::step]
        sample += pages[::50]
        for key, found in (measured(pages, chosen, jobs) if pages else {}).items():
            results[key] += found
    if not results:
        raise SystemExit(f"no {only or 'known'} corpus in {folder}")
    click.echo("\n".join(table(results, chosen)) + "\n")
    click.echo("\n".join(by_flattener(results, chosen)) + "\n")
    click.echo("\n".join(speed(sample, chosen)))
    if cases:
        click.echo("\n" + "\n".join(glued.rows(glued.measured(folder, cases, jobs))))


if __name__ == "__main__":
    main()
