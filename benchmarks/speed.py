"""Speed as multiples of the lxml parse of the same bytes: ``python -m benchmarks.speed``.

All are timed in turn, page by page, in one process, so that a busy machine slows all of them.
"""

from __future__ import annotations

import gc
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import click
import numpy as np
from lxml import etree
from tqdm import tqdm

import declutter
from benchmarks.corpora import Page, root, wcxb
from benchmarks.peers import PEERS, Extract, chosen

SLOW = 10  # so many times the parse: timed once a page
WARM_UP = 20  # pages, for patterns and word lists are loaded when first needed
LARGE = 20_000  # bytes; below them, what every call costs hides what the page costs


@dataclass
class Timing:
    """What one tool took, page by page."""

    name: str
    seconds: list[float] = field(default_factory=list)
    size: int = 0
    failed: int = 0

    def add(self, function: Callable[[], object], size: int, enough: float) -> None:
        """The least process time of three runs, or of one that takes long enough."""
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            try:
                function()
            except Exception:  # what a tool raises is its own affair, but counted
                self.failed += 1
                break
            finally:
                best = min(best, time.process_time() - start)
            if best > enough:
                break
        self.seconds.append(best)
        self.size += size


def parse(html: bytes) -> object:
    parser = etree.HTMLParser(huge_tree=True, recover=True)
    return etree.fromstring(html, parser)


def loaded(peers: list[str], pages: list[Page]) -> dict[str, Extract]:
    """The tools, after a run over some pages."""
    tools = {name: PEERS[name].load() for name in peers}
    for extract in tools.values():
        for page in pages:
            with suppress(Exception):
                extract(page.html)
    gc.freeze()  # one tool's dictionaries are no burden on the others' garbage collection
    return tools


def timings(pages: list[Page], tools: dict[str, Extract]) -> list[Timing]:
    """Time the parse, the tools, and declutter on the text of each page."""
    base, text = Timing("lxml parse"), Timing("declutter, flattened text")
    rows = {name: Timing(f"{name} {PEERS[name].version()}") for name in tools}
    for page in tqdm(pages):
        html = page.html
        base.add(lambda html=html: parse(html), len(html), float("inf"))  # type: ignore[misc]
        enough = SLOW * base.seconds[-1]
        for name, extract in tools.items():
            rows[name].add(lambda run=extract, html=html: run(html), len(html), enough)  # type: ignore[misc]
        flat = declutter.analyze(html, kind="html").document.text
        text.add(
            lambda flat=flat: declutter.clean(flat, kind="text"),  # type: ignore[misc]
            len(flat.encode()),
            enough,
        )
    return [base, *rows.values(), text]


def table(rows: list[Timing]) -> Iterator[str]:
    """The lines of the report; the first row is the parse."""
    yield "| what | ms a page | x lxml parse | MB/s | failed |"
    yield "|---|---|---|---|---|"
    base = sum(rows[0].seconds)
    for row in rows:
        total = sum(row.seconds)
        figures = f"{1000 * total / len(row.seconds):.1f} | {total / base:.1f}"
        yield f"| {row.name} | {figures} | {row.size / 1e6 / total:.1f} | {row.failed} |"


def percentile(rows: list[Timing], pages: list[Page], share: float = 99) -> float:
    """The percentile of declutter's multiple of the parse, over the large pages."""
    base = np.array(rows[0].seconds)
    ours = np.array(next(row for row in rows if row.name.startswith("declutter ")).seconds)
    large = np.array([len(page.html) >= LARGE for page in pages])
    return float(np.percentile(ours[large] / base[large], share))


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--peers", "option", default="declutter", show_default=True, help="all, or names.")
@click.option("--pages", "count", default=300, show_default=True, help="How many of WCXB dev.")
def main(corpora: str | None, option: str, count: int) -> None:
    """Print what cleaning costs, for HTML and for the same pages' text."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    names, hints = chosen(option)
    for hint in hints:
        click.echo(hint, err=True)
    names = ["declutter", *(name for name in names if name != "declutter")]
    every = list(wcxb(root(corpora)))
    if not every:
        raise SystemExit("no WCXB pages there")
    step = max(1, len(every) // count)
    pages, others = every[::step][:count], every[step // 2 :: step][:WARM_UP]
    rows = timings(pages, loaded(names, others))
    click.echo(f"{len(pages)} pages, {rows[0].size / 1e6:.1f} MB of HTML\n")
    click.echo("\n".join(table(rows)))
    slowest = percentile(rows, pages)
    click.echo(
        f"\ndeclutter, pages of {LARGE // 1000} kB and more: 99th percentile {slowest:.1f} x"
    )


if __name__ == "__main__":
    main()
