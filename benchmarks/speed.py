"""Speed as multiples of the lxml parse of the same bytes: ``python -m benchmarks.speed``.

Both are timed in turn, page by page, in one process, so that a busy machine slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click
from lxml import etree

import declutter
from benchmarks.corpora import Page, root, wcxb


def timed(function: Callable[[], object], repeats: int = 3) -> float:
    """The least process time of some runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def parse(page: Page) -> object:
    parser = etree.HTMLParser(huge_tree=True, recover=True)
    return etree.fromstring(page.html, parser)


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--pages", default=300, show_default=True, help="How many pages of WCXB dev.")
def main(corpora: str | None, pages: int) -> None:
    """Print what cleaning costs, for HTML and for the same pages' text."""
    every = list(wcxb(root(corpora)))
    sample = every[:: max(1, len(every) // pages)][:pages]
    declutter.clean("<p>A page to load everything first.</p>")
    base = html = text = 0.0
    read = flat = 0
    for page in sample:
        base += timed(lambda page=page: parse(page))  # type: ignore[misc]
        html += timed(lambda page=page: declutter.clean(page.html, kind="html"))  # type: ignore[misc]
        doc = declutter.analyze(page.html, kind="html").document.text
        text += timed(lambda doc=doc: declutter.clean(doc, kind="text"))  # type: ignore[misc]
        read, flat = read + len(page.html), flat + len(doc.encode())
    click.echo(f"{len(sample)} pages, {read / 1e6:.1f} MB of HTML, {flat / 1e6:.1f} MB of text")
    click.echo("| what | ms a page | x lxml parse | MB/s |")
    click.echo("|---|---|---|---|")
    for name, seconds, size in (
        ("lxml parse", base, read),
        ("declutter, HTML", html, read),
        ("declutter, flattened text", text, flat),
    ):
        milliseconds = 1000 * seconds / len(sample)
        click.echo(
            f"| {name} | {milliseconds:.1f} | {seconds / base:.1f} | {size / 1e6 / seconds:.1f} |"
        )


if __name__ == "__main__":
    main()
