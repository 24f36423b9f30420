"""Cleaning on Spark: a data frame, or a job that reads Parquet or archives and writes Parquet.

::

    spark-submit declutter/integrations/spark.py --input pages.parquet --output cleaned
    python -m declutter.integrations.spark --input 'crawl/*.warc.gz' --output cleaned

Workers need declutter with the extra ``spark`` in their Python environment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from declutter.batch.names import expand, form
from declutter.batch.outcome import SPANS
from declutter.batch.records import Failure, Input
from declutter.choices import F, column_options, fail, make_options, reading_options, with_options
from declutter.errors import DeclutterError, InputError
from declutter.extras import needed
from declutter.integrations.arrow import TIMEOUT, Cleaning, clean_batches, clean_files

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

MOST_PARTS = 10_000  # tasks that share the files; below, each has one


def clean_frame(frame: DataFrame, **choices: Any) -> DataFrame:
    """Clean the pages of a data frame, row by row and in its partitions.

    See :func:`declutter.integrations.arrow.clean_batches` for the choices and the columns. Raises
    :class:`declutter.OptionError` for a column that is not there.
    """
    with needed("pyspark", "Spark", "spark"):
        from pyspark.sql.types import StructField, StructType
    cleaning = Cleaning.of(choices)
    own = {field.name: field for field in _struct(cleaning.file_schema())}
    fields = []
    for name, index in cleaning.columns(frame.columns):
        field = own[name] if index is None else frame.schema[index]
        fields.append(StructField(name, field.dataType, field.nullable, field.metadata))
    return frame.mapInArrow(partial(clean_batches, **choices), StructType(fields))


def clean_paths(spark: SparkSession, paths: Sequence[str], **choices: Any) -> DataFrame:
    """Clean the pages of files, folders and patterns, which all workers must see.

    They are what the command reads: WARC and WET files, JSON lines, Parquet, pages. Each file is
    read by one task. See :func:`declutter.integrations.arrow.clean_files` for what comes out.
    Raises :class:`declutter.InputError` for a name of nothing.
    """
    inputs = _found(paths)
    parts = min(len(inputs), MOST_PARTS)
    numbers = spark.range(0, len(inputs), 1, parts)
    schema = _struct(Cleaning.of(choices).file_schema())
    return numbers.mapInArrow(partial(_read, inputs=inputs, choices=choices), schema)


def _read(
    batches: Iterable[pa.RecordBatch], inputs: Sequence[Input], choices: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    """The rows of the files of these numbers."""
    numbers = (number for batch in batches for number in batch.column(0).to_pylist())
    return clean_files((inputs[number] for number in numbers), **choices)


def _struct(schema: pa.Schema) -> StructType:
    with needed("pyspark", "Spark", "spark"):
        from pyspark.sql.pandas.types import from_arrow_schema
    return from_arrow_schema(schema)


def _found(paths: Sequence[str]) -> list[Input]:
    inputs = []
    for item in expand(paths):
        if isinstance(item, Failure):
            raise InputError(f"{item.id}: {item.reason}")
        inputs.append(item)
    return inputs


def _is_parquet(paths: Sequence[str]) -> bool:
    """Whether Spark reads these itself: Parquet, or what only Spark can reach."""
    if any("://" in path for path in paths):
        return True
    return all(form(input.path) == "parquet" for input in _found(paths))


def _is_below(path: str, folder: str) -> bool:
    return Path(path).resolve().is_relative_to(Path(folder).resolve())


def run(paths: Sequence[str], output: str, mode: str, **choices: Any) -> tuple[int, int]:
    """Do the job; return the number of rows, and how many of them have no text.

    ``mode`` is what Spark does with an output that exists: ``errorifexists``, ``overwrite``.
    """
    is_parquet = _is_parquet(paths)
    if not is_parquet and any(_is_below(input.path, output) for input in _found(paths)):
        raise InputError(f"{output} holds files to read: choose another --output")
    with needed("pyspark", "Spark", "spark"):
        from pyspark.sql import SparkSession
    builder = SparkSession.builder.appName("declutter")
    # Spark's own way of old is not read as an instant by others
    builder = builder.config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    spark = builder.getOrCreate()
    if is_parquet:
        frame = clean_frame(spark.read.parquet(*paths), **choices)
    else:
        frame = clean_paths(spark, paths, **choices)
    frame.write.mode(mode).option("compression", "zstd").parquet(output)
    counts = spark.read.parquet(output).selectExpr("count(*)", "count(*) - count(text)").first()
    rows, bad = counts or (0, 0)
    return rows, bad


def job_options(command: F) -> F:
    """The options that say what to read and write."""
    decorators = (
        click.option("--input", "paths", multiple=True, required=True, metavar="PATH",
                     help="Parquet, WARC or WET files, folders, patterns (may be repeated) that "
                          "all workers see. An address (s3a://, hdfs://) is one of Parquet."),
        click.option("--output", required=True, metavar="PATH",
                     help="The folder of Parquet to write."),
        click.option("--overwrite", is_flag=True, help="Replace what is there."),
        column_options,
        click.option("--spans", type=click.Choice(SPANS), default="none", show_default=True,
                     help="Write where things went, in this form."),
        click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=TIMEOUT,
                     show_default=True, metavar="SECONDS", help="What a page may take."),
    )  # fmt: skip
    return with_options(decorators, command)


@click.command()
@job_options
@reading_options
def main(paths: tuple[str, ...], output: str, overwrite: bool, **choices: Any) -> None:
    """Clean many pages on Spark; a page that fails is a row with the reason."""
    names = ("text_column", "html_column", "id_column", "url_column", "spans", "timeout")
    chosen = {name: choices.pop(name) for name in names}
    options, kind = make_options(**choices), choices["kind"]
    mode = "overwrite" if overwrite else "errorifexists"
    try:
        rows, bad = run(paths, output, mode, options=options, kind=kind, **chosen)
    except DeclutterError as error:
        _end(str(error))
    except Exception as error:
        if not type(error).__module__.startswith("pyspark."):
            raise
        _end(str(error).partition("\n")[0])
    told = f"{rows} rows, {bad} of them without text (the column reason says why)"
    click.echo(f"declutter: {told}", err=True)


def _end(why: str) -> NoReturn:
    fail("spark", why)
    sys.exit(1)


if __name__ == "__main__":
    # the folder of a script comes first on the path, but its names are those of libraries
    here = Path(__file__).parent
    sys.path = [name for name in sys.path if not name or Path(name).resolve() != here.resolve()]
    main()
