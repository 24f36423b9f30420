"""The command ``declutter batch``: its options, and what they mean for a run."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from declutter.choices import (
    F,
    column_options,
    fail,
    make_options,
    reading_options,
    with_options,
    writing_options,
)

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # as shells tell of Ctrl-C
FILE_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
FORMATS = ("text", "json", "jsonl", "jsonl.gz", "jsonl.zst", "parquet", "markdown", "html", "tei")


def source_options(command: F) -> F:
    """The options that say what to read."""
    decorators = (
        click.option("--files-from", metavar="FILE",
                     help="Read the names of sources from a file (- for standard input)."),
        click.option("-0", "--null", is_flag=True,
                     help="Names of --files-from end in a NUL, not a line break."),
        column_options,
    )  # fmt: skip
    return with_options(decorators, command)


def sink_options(command: F) -> F:
    """The options that say what to write."""
    decorators = (
        click.option("-o", "--output", metavar="PATH", default="-", show_default=True,
                     help=f"A file ({' '.join(FILE_ENDINGS)}), a folder, or standard output."),
        click.option("--format", "form", type=click.Choice(FORMATS),
                     help="What a folder holds: a file for each page (text, markdown, html, tei, "
                          "json), or files of many rows.  [default: text]"),
        click.option("--spans", is_flag=True, help="Write where things went: start, end, "
                     "category, rule, and the text that they index."),
        click.option("--dolma", is_flag=True, help="Write spans as attributes, as Dolma does."),
        click.option("--removed", metavar="PATH",
                     help="Keep what was removed, with reasons (.jsonl, .jsonl.gz, .jsonl.zst)."),
        click.option("--part-rows", type=click.IntRange(min=1), metavar="N",
                     help="Rows of a file in a folder of jsonl or parquet.  [default: 10000]"),
    )  # fmt: skip
    return with_options(decorators, command)


def run_options(command: F) -> F:
    """The options that say how to work."""
    decorators = (
        click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
                     help="Worker processes.  [default: all cores]"),
        click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=10.0,
                     show_default=True, metavar="SECONDS", help="What a page may take."),
        click.option("--max-memory", type=click.IntRange(min=256), metavar="MB",
                     help="What a worker may have.  [default: its share of the machine's]"),
        click.option("--site-templates", is_flag=True,
                     help="Read all twice: what stands on many pages of a site is evidence."),
        click.option("--resume", is_flag=True, help="Go on with a run that was interrupted."),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option("--max-failures", type=click.IntRange(min=0), metavar="N",
                     help="Stop when more records failed."),
        click.option("-q", "--quiet", is_flag=True, help="Tell of failures only."),
    )  # fmt: skip
    return with_options(decorators, command)


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCES]...")
@source_options
@sink_options
@writing_options
@run_options
@reading_options
def batch(sources: tuple[str, ...], **choices: Any) -> None:
    """Clean many pages: folders, patterns, JSON lines, Parquet, WARC and WET files, -.

    Results come in the order of the sources. A run that was interrupted goes on with --resume.
    Needs the extra: pip install 'declutter[batch]'.
    """
    from declutter.batch.job import Choices, Job, carry_out, distinct
    from declutter.errors import DeclutterError
    from declutter.files import SourceError

    if not sources and choices["files_from"] is None:
        raise click.UsageError("name files or folders, - for standard input, or --files-from")
    reading = {name: choices.pop(name) for name in list(choices) if name not in Choices.__slots__}
    job = Job(distinct(sources), make_options(**reading), reading["kind"], Choices(**choices))
    try:
        job.check()
        ended = carry_out(job)
    except (DeclutterError, SourceError) as error:
        _end(str(error))
    except OSError as error:
        what = error.filename or choices["output"]
        _end(f"cannot write {what}: {error.strerror or error}{job.advice()}")
    except KeyboardInterrupt:
        _end(f"interrupted{job.advice()}", EXIT_INTERRUPTED)
    if ended is not None:
        _end(ended)


def _end(reason: str, code: int = EXIT_FAILED) -> NoReturn:
    fail("batch", reason)
    sys.exit(code)
