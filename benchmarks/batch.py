"""How ``declutter batch`` scales, and what memory it takes: ``python -m benchmarks.batch``.

The rates are of whole commands in turn, so that a busy machine slows all of them, and are told
as ratios; the library's own rate is that of a plain loop that writes the same rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import click
import psutil

from benchmarks.corpora import Page, root, wcxb
from declutter.batch.outcome import Wants, cleaned
from declutter.batch.records import Columns, Input
from declutter.batch.sinks import line
from declutter.batch.sources import records
from declutter.batch.workers import ONE_THREAD
from declutter.options import Options

SMALL = 30_000  # bytes of a page in the runs that measure memory
EVERY = 0.5  # seconds between two looks at memory


def write_pages(path: Path, pages: Iterator[Page]) -> None:
    """Pages as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for number, page in enumerate(pages):
            row = {"id": f"{number}-{page.name}", "html": page.html.decode("utf-8", "replace")}
            file.write(json.dumps(row) + "\n")


def loop(source: str, target: str) -> None:
    """What a script would do without the command: clean a file, page by page."""
    with open(target, "wb") as file:
        for item in records(Input(source, source), Columns(), Options()):
            row = cleaned(item, Options(), Wants()).row  # type: ignore[arg-type]
            assert row is not None
            file.write(line(row))


def command(source: Path, jobs: int, *choices: str) -> list[str]:
    run = [sys.executable, "-m", "declutter", "batch", str(source), "-q", "-j", str(jobs)]
    return [*run, "-o", f"{source}.out.jsonl", *choices]


def bare(source: Path) -> list[str]:
    code = "import sys; from benchmarks.batch import loop; loop(*sys.argv[1:])"
    return [sys.executable, "-c", code, str(source), f"{source}.bare.jsonl"]


def seconds(*commands: Sequence[str]) -> float:
    """The time until all of some commands that run together have ended."""
    start = time.perf_counter()
    alike = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    running = [subprocess.Popen(command, env=alike) for command in commands]
    codes = [process.wait() for process in running]
    if any(codes):
        raise SystemExit("a run failed")
    return time.perf_counter() - start


def rates(pages: list[Page], rounds: int) -> Iterator[str]:
    """The rates of one and two workers beside those of one and two plain loops."""
    with tempfile.TemporaryDirectory() as folder:
        whole, *halves = (Path(folder, name) for name in ("whole", "even", "odd"))
        parts = {whole: pages, halves[0]: pages[::2], halves[1]: pages[1::2]}
        for path, part in parts.items():
            write_pages(path, iter(part))
        found = []
        for _ in range(rounds):
            one = seconds(bare(whole))
            two = seconds(*map(bare, halves))
            found.append((one, two, seconds(command(whole, 1)), seconds(command(whole, 2))))
    one, two, job, jobs = (median(times) for times in zip(*found, strict=True))
    yield f"{len(pages)} pages, median of {rounds} rounds, pages a second:"
    yield f"  a plain loop {len(pages) / one:.1f}, two at once {len(pages) / two:.1f}"
    yield f"  --jobs 1 {len(pages) / job:.1f}, --jobs 2 {len(pages) / jobs:.1f}"
    overhead = median(row[2] / row[0] for row in found)
    share = median(row[1] / row[3] for row in found)
    yield f"--jobs 1 takes {overhead:.2f} of the loop's time"
    yield f"--jobs 2 does {share:.2f} of what two loops do"


def memory(pages: list[Page], count: int) -> Iterator[str]:
    """The resident memory of a run over so many small pages, in tenths of its time."""
    small = [page for page in pages if len(page.html) < SMALL]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "pages.jsonl")
        write_pages(source, islice(cycle(small), count))
        process = psutil.Popen(command(source, 2))
        seen: list[tuple[int, int]] = []
        while process.poll() is None:
            seen.append(resident(process))
            time.sleep(EVERY)
    tenth = max(1, len(seen) // 10)
    parts = [seen[at : at + tenth] for at in range(0, len(seen), tenth)]
    if process.returncode:
        raise SystemExit("the run failed")
    yield f"{count} pages under {SMALL} bytes ({len(small)} different ones), 2 workers, most MB of"
    yield "the main process, and of the largest worker, in each tenth of the time:"
    yield "  " + ", ".join(f"{max(main for main, _ in part) >> 20}" for part in parts)
    yield "  " + ", ".join(f"{max(worker for _, worker in part) >> 20}" for part in parts)


def resident(process: psutil.Process) -> tuple[int, int]:
    """The bytes of a process and of the largest below it."""
    try:
        below = [child.memory_info().rss for child in process.children(recursive=True)]
        return process.memory_info().rss, max(below, default=0)
    except psutil.Error:
        return 0, 0


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--pages", "count", default=600, show_default=True, help="How many of WCXB dev.")
@click.option("--rounds", default=3, show_default=True, help="How often each is run.")
@click.option("--memory", "many", default=0, help="Measure memory over so many pages instead.")
def main(corpora: str | None, count: int, rounds: int, many: int) -> None:
    """Print how the command scales, or what memory it takes."""
    pages = list(wcxb(root(corpora)))
    if not pages:
        raise SystemExit("no WCXB pages there")
    step = max(1, len(pages) // count)
    lines = memory(pages, many) if many else rates(pages[::step][:count], rounds)
    for text in lines:
        click.echo(text)


if __name__ == "__main__":
    main()
