"""What Spark and Ray add to the cost of cleaning, and how they scale: ``python -m
benchmarks.clusters``.

Parquet in, Parquet out, each system with one and with two workers, in turn and several times, so
that a busy machine slows all of them. Plain loops over the library, in as many processes, are what
they are measured by. Starting a system and its workers, and their first pages, are not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import click
import pyarrow as pa
from pyarrow import parquet
from tqdm import tqdm

import declutter
from benchmarks.corpora import Page, root, wcxb
from declutter.batch.workers import ONE_THREAD

PARTS = 16  # files, and so tasks
WARM_UP = 4  # pages a task, of others
Clean = Callable[[Path, Path], object]


def write_pages(folder: Path, pages: Sequence[Page]) -> None:
    """Pages in Parquet files of about equal size."""
    folder.mkdir()
    for part in range(PARTS):
        rows = [{"id": page.name, "html": page.html} for page in pages[part::PARTS]]
        parquet.write_table(pa.Table.from_pylist(rows), folder / f"{part:02}.parquet")


def clean_part(target: Path, source: Path) -> None:
    """What a script does to one file."""
    rows = []
    for row in parquet.read_table(source).to_pylist():
        result = declutter.analyze(row["html"])
        text, title = result.text, result.title
        rows.append({"id": row["id"], "text": text, "title": title, "f1": result.confidence})
    parquet.write_table(pa.Table.from_pylist(rows), target / source.name)


@contextmanager
def loops(workers: int) -> Iterator[Clean]:
    with get_context("spawn").Pool(workers) as pool:

        def clean(source: Path, target: Path) -> None:
            target.mkdir()
            pool.map(partial(clean_part, target), sorted(source.iterdir()), chunksize=1)

        yield clean


@contextmanager
def spark(workers: int) -> Iterator[Clean]:
    from pyspark.sql import SparkSession

    from declutter.integrations.spark import clean_frame

    builder = SparkSession.builder.master(f"local[{workers}]")
    builder = builder.config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.files.minPartitionNum", PARTS).getOrCreate()
    yield lambda source, target: clean_frame(
        session.read.parquet(str(source)), timeout=None
    ).write.parquet(str(target))
    session.stop()


@contextmanager
def ray(workers: int) -> Iterator[Clean]:
    import ray as library
    import ray.data as data

    from declutter.integrations.ray import clean_dataset

    library.init(
        num_cpus=workers,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=1_000_000_000,
    )
    data.DataContext.get_current().enable_progress_bars = False
    yield lambda source, target: clean_dataset(
        data.read_parquet(str(source)), timeout=None
    ).write_parquet(str(target))
    library.shutdown()


SYSTEMS: dict[str, Callable[[int], AbstractContextManager[Clean]]] = {
    "loops": loops,
    "spark": spark,
    "ray": ray,
}


def timed(system: str, workers: str, folder: str) -> None:
    """Print the seconds that a system takes, all being warm."""
    warnings.simplefilter("ignore")
    here = Path(folder)
    with tempfile.TemporaryDirectory() as out, SYSTEMS[system](int(workers)) as clean:
        clean(here / "others", Path(out, "others"))
        start = time.perf_counter()
        clean(here / "pages", Path(out, "pages"))
        print("seconds", time.perf_counter() - start)


def seconds(system: str, workers: int, folder: str) -> float:
    """The seconds of a system in a process of its own."""
    code = "import sys; from benchmarks.clusters import timed; timed(*sys.argv[1:])"
    place = {"PYSPARK_PYTHON": sys.executable, **dict.fromkeys(ONE_THREAD, "1")}
    done = subprocess.run(
        [sys.executable, "-c", code, system, str(workers), folder],
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("seconds ")]
    if done.returncode or not found:
        raise SystemExit(f"{system} failed:\n{done.stderr}")
    return float(found[0])


def table(found: dict[tuple[str, int], list[float]], pages: int) -> Iterator[str]:
    """The lines of the report: medians, and ratios within each round."""
    yield "| | workers | pages/s | x one loop | x as many loops | x one worker |"
    yield "|---|---|---|---|---|---|"
    for (system, workers), times in found.items():
        rates = [
            median(b / a for a, b in zip(times, found[other], strict=True))
            for other in (("loops", 1), ("loops", workers), (system, 1))
        ]
        figures = " | ".join(f"{rate:.2f}" for rate in rates)
        yield f"| {system} | {workers} | {pages / median(times):.1f} | {figures} |"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--pages", "count", default=480, show_default=True, help="How many of WCXB dev.")
@click.option("--rounds", default=3, show_default=True)
def main(corpora: str | None, count: int, rounds: int) -> None:
    """Print the rates of plain loops, Spark and Ray, with one and two workers."""
    every = list(wcxb(root(corpora)))
    if not every:
        raise SystemExit("no WCXB pages there")
    step = max(1, len(every) // count)
    pages, others = every[::step][:count], every[step // 2 :: step][: PARTS * WARM_UP]
    found: dict[tuple[str, int], list[float]] = {
        (system, workers): [] for system in SYSTEMS for workers in (1, 2)
    }
    with tempfile.TemporaryDirectory() as folder:
        write_pages(Path(folder, "pages"), pages)
        write_pages(Path(folder, "others"), others)
        for _ in tqdm(range(rounds)):
            for (system, workers), times in found.items():
                times.append(seconds(system, workers, folder))
    size = sum(len(page.html) for page in pages) / 1e6
    click.echo(f"{len(pages)} pages, {size:.1f} MB of HTML, medians of {rounds} rounds\n")
    click.echo("\n".join(table(found, len(pages))))


if __name__ == "__main__":
    main()
