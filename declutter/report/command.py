"""The command ``declutter report``."""

from __future__ import annotations

import sys

import click

from declutter.choices import fail

EXIT_FAILED = 1


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("-o", "--output", metavar="FILE", default="-", show_default=True,
              help="The page to write.")  # fmt: skip
def report(sources: tuple[str, ...], output: str) -> None:
    """Sum up what a batch removed: by category, over time, by host, which lines, which pages.

    SOURCES are what "declutter batch" wrote: a folder or files of rows with --spans, or a file of
    --removed (.jsonl or .parquet, also .gz and .zst), or both.
    """
    from declutter.errors import DeclutterError
    from declutter.files import Source, SourceError, check_target, real_paths, write
    from declutter.report.overview import read, summed_up
    from declutter.report.templates import environment

    if output == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("name a file for the page: -o report.html")
    try:
        environment()  # found missing before the work begins
        batch = read(sources)
        check_target(output, real_paths([Source(name) for name in batch.files]))
        text = summed_up(batch, ", ".join(sources))
        write(None if output == "-" else output, text.encode("utf-8"))
    except (DeclutterError, SourceError) as error:
        fail("report", str(error))
        sys.exit(EXIT_FAILED)
    for path in batch.left_out:
        click.echo(f"declutter: {path}: left out, for the rows tell the same", err=True)
    if batch.bad:
        click.echo(f"declutter: {batch.bad} lines are no rows", err=True)
