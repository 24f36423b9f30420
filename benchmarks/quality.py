"""Quality on the annotated corpora: ``python -m benchmarks.quality --corpora PATH``."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
from tqdm import tqdm

from benchmarks.corpora import LOADERS, Page, root
from benchmarks.peers import PEERS, chosen
from benchmarks.scoring import Outcome, figures, interval
from benchmarks.workers import outcomes

Groups = dict[tuple[str, str], list[Outcome]]


def _stored(path: Path) -> dict[str, Outcome]:
    """The outcomes of a cache file, by page."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return {o["name"]: Outcome(**{**o, "segments": tuple(o["segments"])}) for o in found}


def measured(
    name: str, pages: list[Page], *, focus: str, jobs: int, cache: Path | None
) -> list[Outcome]:
    """A tool's outcomes; the peers' come from the cache, or go into it page by page."""
    bar = f"{pages[0].corpus} {name}"
    if name == "declutter" or cache is None:
        every = outcomes(name, pages, focus=focus, jobs=jobs)
        return list(tqdm(every, desc=bar, total=len(pages)))
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{name}-{PEERS[name].version()}.{pages[0].corpus}.jsonl"
    known = _stored(path)
    missing = [page for page in pages if page.name not in known]
    with path.open("a", encoding="utf-8") as file:
        for outcome in tqdm(outcomes(name, missing, jobs=jobs), desc=bar, total=len(missing)):
            file.write(json.dumps(asdict(outcome)) + "\n")
            file.flush()
            known[outcome.name] = outcome
    # scores are what is stored; groups and domains are the loader's
    return [replace(known[p.name], group=p.group, domain=p.domain) for p in pages]


def grouped(results: list[Outcome]) -> Groups:
    """Outcomes by corpus and group; ``all`` is every page of a corpus."""
    groups: Groups = defaultdict(list)
    for outcome in results:
        groups[outcome.corpus, "all"].append(outcome)
        if outcome.group != "all":
            groups[outcome.corpus, outcome.group].append(outcome)
    return dict(sorted(groups.items()))


def comparison(results: dict[str, list[Outcome]]) -> Iterator[str]:
    """The table of F1 and half the width of its interval, a column for each tool."""
    tools = {name: grouped(found) for name, found in results.items()}
    yield f"| corpus | group | pages | {' | '.join(_heading(name) for name in tools)} |"
    yield "|---|---|---|" + "---|" * len(tools)
    for (corpus, group), members in next(iter(tools.values())).items():
        cells = " | ".join(_cell(groups[corpus, group]) for groups in tools.values())
        yield f"| {corpus} | {group} | {len(members)} | {cells} |"
    for corpus in sorted({corpus for corpus, _ in next(iter(tools.values()))}):
        failed = (sum(bool(o.failed) for o in groups[corpus, "all"]) for groups in tools.values())
        yield f"| {corpus} | failed pages | | {' | '.join(map(str, failed))} |"


def _heading(name: str) -> str:
    return f"{name} {PEERS[name].version()}"


def _cell(members: list[Outcome]) -> str:
    low, high = interval(members)
    return f"{figures(members)[0]:.3f} ± {(high - low) / 2:.3f}"


def details(results: list[Outcome]) -> Iterator[str]:
    """The table of precision and recall, empty and failed pages of one tool."""
    yield "| corpus | group | pages | F1 | precision | recall | empty | failed |"
    yield "|---|---|---|---|---|---|---|---|"
    for (corpus, group), members in grouped(results).items():
        empty = sum(not o.words for o in members if o.gold)
        failed = sum(o.failed is not None for o in members)
        scores = " | ".join(f"{score:.3f}" for score in figures(members))
        yield f"| {corpus} | {group} | {len(members)} | {scores} | {empty} | {failed} |"


def worst(results: list[Outcome], count: int) -> Iterator[str]:
    """The pages with the lowest F1, of the corpora that have one for each page."""
    pages = [o for o in results if o.corpus != "trafilatura"]
    for o in sorted(pages, key=lambda o: o.f1)[:count]:
        scores = f"F1 {o.f1:.2f} P {o.precision:.2f} R {o.recall:.2f}"
        yield f"{o.corpus} {o.name} {o.domain} {o.group} {scores} {o.failed or ''}".rstrip()


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--peers", "option", default="declutter", show_default=True, help="all, or names.")
@click.option("--only", type=click.Choice(sorted(LOADERS)), help="One corpus.")
@click.option(
    "--focus", type=click.Choice(["balanced", "precision", "recall"]), help="Declutter's."
)
@click.option("--worst", "count", default=0, help="List declutter's worst pages, so many.")
@click.option("--cache", type=click.Path(path_type=Path), help="A folder for peers' scores.")
@click.option("--jobs", default=os.cpu_count(), show_default=True, help="Processes at a time.")
def main(
    corpora: str | None,
    option: str,
    only: str | None,
    focus: str | None,
    count: int,
    cache: Path | None,
    jobs: int,
) -> None:
    """Print the quality of declutter, and of other tools, on the development corpora."""
    folder = root(corpora)
    names, hints = chosen(option)
    for hint in hints:
        click.echo(hint, err=True)
    results: dict[str, list[Outcome]] = {name: [] for name in names}
    for load in [LOADERS[only]] if only else LOADERS.values():
        pages = list(load(folder))
        for name in names if pages else ():
            found = measured(name, pages, focus=focus or "balanced", jobs=jobs, cache=cache)
            results[name] += found
    if not any(results.values()):
        raise SystemExit(f"no {only or 'known'} corpus and tool to run it with in {folder}")
    click.echo("\n".join(comparison(results)))
    if ours := results.get("declutter"):
        click.echo("\n" + "\n".join([*details(ours), *worst(ours, count)]))


if __name__ == "__main__":
    main()
