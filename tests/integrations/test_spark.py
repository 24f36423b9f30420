"""Cleaning on Spark, for real: a session of two local workers, and the job as Spark submits it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import declutter
from declutter.integrations import arrow, spark
from declutter.integrations.arrow import clean_batches
from declutter.integrations.spark import clean_frame, clean_paths
from tests.integrations import rows
from tests.integrations.rows import OPTIONS, difference, table
from tests.test_batch_sources import archive, entry, http

pytest.importorskip("pyspark")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java", allow_module_level=True)

from pyarrow import parquet
from pyspark import cloudpickle
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PROSE = "The old bridge over the river reopened on Monday morning."
# workers run in this environment, and nothing listens to the outside
PLACE = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
SETTINGS = {
    "spark.master": "local[2]",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.memory": "1g",
}
clean_fixtures = partial(clean_frame, id_column="key", options=OPTIONS)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PLACE.items():
            patch.setenv(name, value)
        builder = SparkSession.builder
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        found = builder.config(
            "spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse"))
        ).getOrCreate()
        yield found
        found.stop()


@pytest.fixture(scope="module")
def pages(session: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    path = tmp_path_factory.mktemp("pages") / "pages.parquet"
    parquet.write_table(table(), path, row_group_size=10)
    return session.read.parquet(str(path))


def found(frame: DataFrame) -> list[dict[str, Any]]:
    collected: list[dict[str, Any]] = frame.toArrow().to_pylist()
    return collected


def test_rows_are_what_the_library_makes_of_the_pages(pages: DataFrame) -> None:
    assert difference(found(clean_fixtures(pages))) == []


@pytest.mark.parametrize("parts", [1, 7])
def test_rows_stay_in_their_partitions_in_their_order(pages: DataFrame, parts: int) -> None:
    spread = pages.repartition(parts)
    before = spread.rdd.glom().collect()
    after = clean_fixtures(spread).rdd.glom().collect()
    assert [[row.key for row in part] for part in before] == [
        [row.id for row in part] for part in after
    ]


def test_small_batches_change_nothing(session: SparkSession, pages: DataFrame) -> None:
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 3)
    assert difference(found(clean_fixtures(pages))) == []
    session.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


def test_other_columns_keep_their_types(session: SparkSession, pages: DataFrame) -> None:
    kinds = {field.name: field for field in clean_fixtures(pages).schema}
    for name in rows.ODD:
        assert kinds[name] == pages.schema[name]
    assert kinds["id"].dataType == pages.schema["key"].dataType


def test_types_of_spark_alone_pass(session: SparkSession) -> None:
    frame = session.sql(
        f"select 1 as id, '{PROSE}' as text, interval 3 days as days, date'2024-02-29' as date, "
        "cast('a' as char(3)) as letter, interval '1-2' year to month as months, "
        "named_struct('a', array(1.5d), 'b', null) as nested, cast(null as string) as title"
    ).drop("months")
    cleaned = clean_frame(frame)
    others = ["id", "date", "title", "days", "letter", "nested"]
    assert cleaned.select("id", "date", "days", "letter", "nested").collect() == (
        frame.select("id", "date", "days", "letter", "nested").collect()
    )
    assert [cleaned.schema[name] for name in others] == [frame.schema[name] for name in others]


@pytest.mark.parametrize("spans", ["none", "list", "dolma"])
def test_the_schema_is_that_of_the_batches(session: SparkSession, spans: str) -> None:
    frame = session.createDataFrame([(f"Advertisement\n{PROSE}",), (None,)], "text string")
    cleaned = clean_frame(frame, spans=spans)
    first, second = found(cleaned)
    name = "clean_text" if spans == "dolma" else "text"
    assert (first[name], second[name]) == (PROSE, None)
    assert list(first) == arrow.output_schema(frame.limit(0).toArrow().schema, spans=spans).names
    (direct,) = clean_batches(frame.limit(1).toArrow(), spans=spans)
    assert [first] == direct.to_pylist()


def test_partitions_and_frames_may_be_empty(session: SparkSession) -> None:
    frame = session.createDataFrame([(PROSE,)], "text string")
    assert [row["text"] for row in found(clean_frame(frame.repartition(5)))] == [PROSE]
    nothing = clean_frame(frame.where("false"))
    assert nothing.count() == 0
    assert nothing.columns == clean_frame(frame).columns


def test_the_function_is_used_as_it_is(pages: DataFrame) -> None:
    function = partial(clean_batches, id_column="key", options=OPTIONS)
    schema = clean_fixtures(pages).schema
    assert difference(found(pages.mapInArrow(function, schema))) == []


def test_it_can_be_pickled_as_spark_does() -> None:
    function = cloudpickle.loads(cloudpickle.dumps(partial(clean_batches, text_column="t")))
    assert function.func is clean_batches


def test_a_column_that_is_not_there_is_an_error_at_once(pages: DataFrame) -> None:
    with pytest.raises(declutter.OptionError, match="no column body; the columns are: key, html"):
        clean_frame(pages, text_column="body")


# --- archives


def write_archive(path: Path, start: int, count: int) -> None:
    pages = [http(f"<p>{number} {PROSE}".encode()) for number in range(start, start + count)]
    entries = [entry(start + number, page) for number, page in enumerate(pages)]
    entries.insert(1, entry(50, b"GET / HTTP/1.1\r\n\r\n", "request"))
    path.write_bytes(archive(entries, ".gz"))


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Three good pages, two archives, and one that is none."""
    folder = tmp_path / "crawl"
    folder.mkdir()
    write_archive(folder / "a.warc.gz", 0, 2)
    write_archive(folder / "b.warc.gz", 2, 1)
    (folder / "c.warc.gz").write_bytes(b"no archive")
    return folder


def test_archives_are_read_by_a_task_each(session: SparkSession, crawl: Path) -> None:
    frame = clean_paths(session, [str(crawl)])
    parts = frame.rdd.glom().collect()
    assert [[row.text for row in part] for part in parts] == [
        [f"0 {PROSE}", f"1 {PROSE}"], [f"2 {PROSE}"], [None]
    ]  # fmt: skip
    first, last = parts[0][0], parts[2][0]
    assert (first.id, first.url, first.host) == ("<urn:uuid:0>", "https://e.org/0", "e.org")
    assert first.date == "2020-01-01T00:00:00Z"
    assert last.id.startswith("c.warc.gz")
    assert last.reason


@pytest.mark.parametrize("name", ["missing.warc.gz", "*.warc.gz", "empty"])
def test_nothing_found_is_an_error_before_spark_starts(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    path = str(tmp_path / name)
    done = CliRunner().invoke(spark.main, ["--input", path, "--output", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"declutter: spark: {path}: no ")


@pytest.mark.parametrize("place", [".", "sub/..", ".."])
def test_the_job_does_not_replace_what_it_reads(crawl: Path, place: str) -> None:
    paths = ["--input", str(crawl), "--output", str(crawl / place), "--overwrite"]
    done = CliRunner().invoke(spark.main, paths)
    assert done.exit_code == 1
    assert "holds files to read: choose another --output" in done.stderr
    assert len(list(crawl.iterdir())) == 3


# --- the job


def submit(*arguments: str | Path, script: bool = True) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("spark-submit")
    file = [sys.executable, "-m", spark.__name__] if not script else [
        program, "--master", "local[2]", "--conf", "spark.ui.enabled=false", spark.__file__
    ]  # fmt: skip
    command = [str(part) for part in (*file, *arguments)]
    return subprocess.run(  # spark-submit gives what a script says on either as standard output
        command,
        env={**os.environ, **PLACE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_the_job_cleans_parquet(tmp_path: Path) -> None:
    parquet.write_table(table(), tmp_path / "in.parquet")
    output = tmp_path / "out"
    arguments: list[str | Path] = ["--input", tmp_path / "in.parquet", "--output", output]
    arguments += ["--id-column", "key", "--focus", "recall", "--max-bytes", str(rows.LONG)]
    done = submit(*arguments)
    assert done.returncode == 0, done.stdout
    bad = sum(row["text"] is None for row in rows.expected())
    assert f"declutter: {len(rows.rows())} rows, {bad} of them without text" in done.stdout
    cleaned = parquet.read_table(output).sort_by("id")
    assert difference(cleaned.to_pylist()) == []

    again = submit(*arguments)
    assert again.returncode == 1
    assert "declutter: spark: [PATH_ALREADY_EXISTS]" in again.stdout
    assert parquet.read_table(output).num_rows == len(rows.rows())


def test_the_job_cleans_archives_and_replaces_what_was_there(crawl: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "old.parquet").write_bytes(b"")
    paths = ("--input", crawl / "*.warc.gz", "--output", output)
    done = submit(*paths, "--overwrite", "--spans", "list", script=False)
    assert done.returncode == 0, done.stdout
    assert "declutter: 4 rows, 1 of them without text" in done.stdout
    cleaned = parquet.read_table(output)
    assert sorted(filter(None, cleaned.column("text").to_pylist())) == [
        f"{number} {PROSE}" for number in range(3)
    ]
    assert "removals" in cleaned.column_names


def test_an_input_that_spark_cannot_find_is_named(session: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="PATH_NOT_FOUND"):
        spark.run([f"file://{tmp_path}/missing"], str(tmp_path / "out"), "errorifexists")
