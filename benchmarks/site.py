"""What counting blocks by host gives: ``python -m benchmarks.site --corpora PATH``.

Every page of a host with enough pages is cleaned without and with what repeats over them, as
HTML and flattened, and once more where some pages were counted several times.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from tqdm import tqdm

from benchmarks.corpora import LOADERS, Page, root
from benchmarks.flatteners import FLATTENERS, flattened
from benchmarks.folds import unseen
from benchmarks.metrics import words
from benchmarks.peers import CONVENTIONS
from benchmarks.scoring import Outcome, figures, score_page
from declutter import Options
from declutter.model import Document
from declutter.pipeline import clean_document, read
from declutter.site import MIN_PAGES, SiteCounts

WAYS = ("html", *FLATTENERS)
TIMES = 6  # that each third page is counted where addresses repeat


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page cleaned in some way, and how many words of its gold that lost."""

    outcome: Outcome
    lost: int
    words: int


Found = dict[str, list[Cleaned]]  # by what was counted: nothing, pages, copies


def document(page: Page, way: str) -> Document:
    """A page as HTML, or flattened."""
    if way == "html":
        return read(page.html, kind="html")
    return read(flattened(page.html, way), kind="text")


def counted(pages: Sequence[Page], way: str, size: int, times: int) -> SiteCounts:
    """The counts of pages; a third of them is counted several times."""
    counts = SiteCounts(size)
    for page in pages:
        doc = document(page, way)
        for _ in range(times if zlib.crc32(page.name.encode()) % 3 == 0 else 1):
            counts.add(page.host, doc)
    return counts


def measured(pages: Sequence[Page], way: str, size: int) -> Found:
    """The outcomes of pages, cleaned without counts, with those of pages, and of copies."""
    counts = {"pages": counted(pages, way, size, 1), "copies": counted(pages, way, size, TIMES)}
    found: Found = defaultdict(list)
    for page in tqdm(pages, desc=f"{pages[0].corpus} {way}"):
        doc = document(page, way)
        options = Options(**CONVENTIONS[page.corpus]) if way == "html" else Options()
        gold = words(page.gold or " ".join(page.with_))
        with unseen(page.domain):
            text = clean_document(doc, options).text
            kept = words(text) & gold
            found["nothing"].append(Cleaned(score_page(page, text), 0, gold.total()))
            for name, some in counts.items():
                text = clean_document(doc, options, site=some.view(page.host)).text
                lost = (kept - words(text)).total()
                found[name].append(Cleaned(score_page(page, text), lost, gold.total()))
    return found


def rows(found: Found, way: str) -> Iterator[str]:
    """F1 and losses of one way, for all pages and by groups."""
    before = found["nothing"]
    groups = sorted({item.outcome.group for item in before})
    for group in ["all", *groups] if len(groups) > 1 else ["all"]:
        places = [at for at, c in enumerate(before) if group in ("all", c.outcome.group)]
        cells = [f"{len(places)}", _f1(before, places)]
        for name in ("pages", "copies"):
            after = found[name]
            changes = [after[at].outcome.f1 - before[at].outcome.f1 for at in places]
            lost = sum(after[at].lost for at in places)
            total = max(1, sum(after[at].words for at in places))
            worse = sum(change < -0.01 for change in changes)
            cells += [_f1(after, places), f"{100 * lost / total:.2f}", f"{worse}"]
        yield f"| {before[0].outcome.corpus} | {way} | {group} | {' | '.join(cells)} |"


def _f1(found: Sequence[Cleaned], places: Sequence[int]) -> str:
    return f"{figures([found[at].outcome for at in places])[0]:.4f}"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--only", type=click.Choice(sorted(LOADERS)), help="One corpus.")
@click.option("--ways", default=",".join(WAYS), show_default=True, help="Comma-separated.")
@click.option("--least", default=MIN_PAGES, show_default=True, help="Pages of a host.")
@click.option("--megabytes", default=64, show_default=True, help="Memory of the counts.")
def main(corpora: str | None, only: str | None, ways: str, least: int, megabytes: int) -> None:
    """Print F1 without and with what repeats over the pages of a host, and what that loses."""
    folder: Path = root(corpora)
    click.echo(
        "| corpus | way | group | pages | F1 without | F1 with | % of gold lost | pages worse "
        "| F1 with copies | % of gold lost | pages worse |\n" + "|---" * 11 + "|"
    )
    for load in [LOADERS[only]] if only else LOADERS.values():
        pages = list(load(folder))
        sizes = Counter(page.host for page in pages if page.host)
        some = [page for page in pages if sizes[page.host] >= least]
        for way in ways.split(",") if some else ():
            click.echo("\n".join(rows(measured(some, way, megabytes << 20), way)))


if __name__ == "__main__":
    main()
