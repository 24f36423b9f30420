"""Metadata on the annotated corpora: ``python -m benchmarks.metadata --corpora PATH``.

How values are compared:

- **title**: the letters and digits of both, case and accents aside, are the same;
- **title words**: the same word by word, so that a site's name behind a title costs a part of it;
- **author**: names one by one, lists split at commas, semicolons, slashes and "and", degrees
  behind a comma left out; letters and digits the same;
- **date**: the same day (or month, where the gold standard has no day);
- **tags**: one by one, letters and digits the same.

Precision is the share of given values that are right, recall that of the gold values that are
found. A value where the gold standard has none is wrong; the rows **of those that have one** leave
out the pages where it has none. What pages are annotated with is what an annotator read, mostly:
the day of a change counts there as that of publication where it is all that readers are shown.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from benchmarks.corpora import LOADERS, Page, root
from benchmarks.metadata_peers import ALL, PEERS, Facts, Read

# right, given, gold
Counts = tuple[int, int, int]
_NOT_ALNUM_RE = re.compile(r"[\W_]+")
_SPLIT_RE = re.compile(r"\s*(?:[;,/|]|&|\band\b|\bund\b|\bet\b|\by\b)\s*", re.IGNORECASE)
_DEGREE_RE = re.compile(
    r"(?:[A-Z][A-Za-z]{0,2}\.){2,}|(?:[A-Z\-]{2,6}®?[ ]?){1,3}|Ph\.?\s?D\.?|Jr\.?|Sr\.?|Dr\.?"
)


def half(domain: str) -> str:
    """Which half of the domains one is of: that choices were made on, or the other.

    >>> [half(name) for name in ("a.org", "b.org", "c.org", "d.org")]
    ['other', 'other', 'chosen', 'chosen']
    """
    return "other" if hashlib.md5(domain.encode()).digest()[-1] & 1 else "chosen"


def key(text: str) -> str:
    """The letters and digits of a text, case and accents aside.

    >>> key("Über „uns“ – Teil 2")
    'uberunsteil2'
    """
    bare = unicodedata.normalize("NFKD", text)
    return _NOT_ALNUM_RE.sub(
        "", "".join(c for c in bare if not unicodedata.combining(c))
    ).casefold()


def names(value: Any) -> set[str]:
    """The keys of the names in a value.

    >>> sorted(names(["Eva Moss, MD, RD and Tom Reed"]))
    ['evamoss', 'tomreed']
    """
    found = set()
    for text in [value] if isinstance(value, str) else value or ():
        first, *rest = _SPLIT_RE.split(str(text))
        found |= {key(first), *(key(part) for part in rest if not _DEGREE_RE.fullmatch(part))}
    return found - {""}


def keys(field: str, value: Any) -> set[str]:
    """What a value of a field is compared by."""
    if not value:
        return set()
    if field == "author":
        return names(value)
    if field == "title words":
        return {key(word) for word in str(value).split()} - {""}
    if field == "tags":
        return {key(tag) for tag in value} - {""}
    return {str(value)[:10] if field == "date" else key(str(value))}


def counts(field: str, gold: Any, given: Any) -> Counts:
    """How many values are right, are given, and are in the gold standard.

    >>> counts("date", "2020-05", "2020-05-17"), counts("author", None, ["Staff"])
    ((1, 1, 1), (0, 1, 0))
    """
    wanted, found = keys(field, gold), keys(field, given)
    if field == "date" and wanted and len(str(gold)) == 7:
        found = {day[:7] for day in found}
    return len(wanted & found), len(found), len(wanted)


@cache
def _reader(name: str) -> Read:
    return PEERS[name].load()


def facts(name: str, page: Page) -> Facts:
    """What a tool reads from a page; nothing where it fails."""
    try:
        found = _reader(name)(page.html, page.url)
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"[:200]}
    return {field: value for field, value in found.items() if value}


def measured(name: str, pages: list[Page], jobs: int, cache: Path | None) -> list[Facts]:
    """What a tool reads from pages; the peers' answers come from the cache, or go into it."""
    path = None
    if cache is not None and PEERS[name].package != "declutter":
        cache.mkdir(parents=True, exist_ok=True)
        path = cache / f"{name}-{PEERS[name].version()}.{pages[0].corpus}.json"
        if path.exists():
            known = json.loads(path.read_text(encoding="utf-8"))
            return [known[page.name] for page in pages]
    bar = f"{pages[0].corpus} {name}"
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(partial(facts, name), pages, chunksize=8)
        answers = list(tqdm(found, desc=bar, total=len(pages)))
    if path is not None:
        told = {page.name: answer for page, answer in zip(pages, answers, strict=True)}
        path.write_text(json.dumps(told, default=str), encoding="utf-8")
    return answers


def scores(found: Iterable[Counts]) -> tuple[float, float, float]:
    """Precision, recall and F1 of all values together."""
    total: Counter[int] = Counter()
    for triple in found:
        total.update(dict(enumerate(triple)))
    right, given, gold = total[0], total[1], total[2]
    return right / max(1, given), right / max(1, gold), 2 * right / max(1, given + gold)


# a row's name, the field of the answers, and whether pages without a gold value count
ROWS = (
    ("title", "title", True),
    ("title words", "title", True),
    ("author", "author", True),
    ("author, of those that have one", "author", False),
    ("date", "date", True),
    ("date, of those that have one", "date", False),
    ("tags", "tags", True),
)


def table(pages: list[Page], answers: dict[str, list[Facts]], only: str | None) -> Iterator[str]:
    """The lines of a corpus: precision, recall and F1 of each field and tool."""
    for row, field, every in ROWS:
        judged = [at for at, page in enumerate(pages) if field in page.facts]
        judged = [at for at in judged if every or pages[at].facts[field]]
        judged = [at for at in judged if only in (None, half(pages[at].domain))]
        if not judged:
            continue
        how = row if row == "title words" else field
        cells = []
        for name, facts in answers.items():
            found = (counts(how, pages[at].facts[field], facts[at].get(field)) for at in judged)
            figures = " / ".join(f"{score:.3f}" for score in scores(found))
            cells.append(figures if field in PEERS[name].fields else "–")
        head = f"| {pages[0].corpus} | {only or 'all'} | {row} | {len(judged)} |"
        yield f"{head} {' | '.join(cells)} |"


def wrong(field: str, pages: list[Page], answers: list[Facts]) -> Iterator[str]:
    """Pages of the chosen half where a field is not what the gold standard says."""
    for page, answer in zip(pages, answers, strict=True):
        if field in page.facts and half(page.domain) == "chosen":
            right, given, gold = counts(field, page.facts[field], answer.get(field))
            if right < max(given, gold):
                yield f"{page.name} {page.group} | {page.facts[field]!r} | {answer.get(field)!r}"


def asked(option: str) -> list[str]:
    """The tools to run: those of an option that are installed."""
    chosen = list(PEERS) if option == "all" else option.split(",")
    if unknown := [name for name in chosen if name not in PEERS]:
        raise SystemExit(f"no such peer: {', '.join(unknown)} (known: {', '.join(PEERS)})")
    for name in chosen:
        if not PEERS[name].version():
            click.echo(f"{name}: not installed: pip install {PEERS[name].package}", err=True)
    return [name for name in chosen if PEERS[name].version()]


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--peers", "option", default="declutter", show_default=True, help="all, or names.")
@click.option("--only", type=click.Choice(["wcxb", "trafilatura"]), help="One corpus.")
@click.option("--wrong", "field", type=click.Choice(ALL), help="List declutter's mistakes.")
@click.option("--cache", type=click.Path(path_type=Path), help="A folder for peers' answers.")
@click.option("--jobs", default=os.cpu_count(), show_default=True, help="Processes at a time.")
def main(
    corpora: str | None,
    option: str,
    only: str | None,
    field: str | None,
    cache: Path | None,
    jobs: int,
) -> None:
    """Print precision, recall and F1 of metadata, on the half chosen on, the other, and both."""
    folder, tools = root(corpora), asked(option)
    lines: list[str] = []
    for name in [only] if only else ["wcxb", "trafilatura"]:
        if not (pages := list(LOADERS[name](folder))):
            continue
        answers = {tool: measured(tool, pages, jobs, cache) for tool in tools}
        for part in ("chosen", "other", None):
            lines += table(pages, answers, part)
        for tool, found in answers.items():
            if failed := [answer["failed"] for answer in found if "failed" in answer]:
                click.echo(f"{name}: {tool} failed on {len(failed)} pages: {failed[0]}", err=True)
        if field and "declutter" in answers:
            lines += ["", *wrong(field, pages, answers["declutter"]), ""]
    heading = " | ".join(f"{name} {PEERS[name].version()}" for name in tools)
    click.echo(f"| corpus | half | field | pages | {heading} |")
    click.echo("|---|---|---|---|" + "---|" * len(tools))
    click.echo("\n".join(lines))


if __name__ == "__main__":
    main()
