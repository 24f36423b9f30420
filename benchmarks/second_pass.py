"""What a second pass takes from clean text: ``python -m benchmarks.second_pass``.

The text of each page is cleaned again, as flattened text; a stable cleaner removes
(almost) nothing then. Target: at most 0.2 % of the words.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import click

import declutter
from benchmarks.corpora import LOADERS, Page, root
from benchmarks.metrics import words


def run(page: Page) -> tuple[int, Counter[str]]:
    """The words of the first pass, and those the second removes, by rule."""
    text = declutter.clean(page.html, kind="html")
    lost: Counter[str] = Counter()
    for removal in declutter.analyze(text, kind="text").removals:
        lost[removal.rule] += sum(words(removal.text).values())
    return sum(words(text).values()), lost


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--show", default=10, show_default=True, help="How many rules to list.")
def main(corpora: str | None, show: int) -> None:
    """Print the share of words that a second pass removes, for each corpus."""
    for name, load in LOADERS.items():
        total, lost = 0, Counter[str]()
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for size, rules in pool.map(run, load(root(corpora)), chunksize=8):
                total += size
                lost += rules
        share = sum(lost.values()) / max(1, total)
        click.echo(f"{name}: {share:.3%} of {total} words removed by a second pass")
        for rule, count in lost.most_common(show):
            click.echo(f"    {count:6} {rule}")


if __name__ == "__main__":
    main()
