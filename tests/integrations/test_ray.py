"""Cleaning on Ray, for real: a cluster of two workers on this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import declutter
from declutter.integrations.arrow import clean_batches, output_schema
from declutter.integrations.ray import clean_dataset
from tests.integrations.rows import OPTIONS, SCHEMA, difference, table

ray = pytest.importorskip("ray")
pytest.importorskip("ray.data")

PROSE = "The old bridge over the river reopened on Monday morning."
clean_fixtures = partial(clean_dataset, id_column="key", options=OPTIONS)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=200_000_000,
            log_to_driver=False,
        )
    ray.data.DataContext.get_current().enable_progress_bars = False
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def pages(cluster: None) -> Any:
    return ray.data.from_arrow([table().slice(start, 20) for start in (0, 20, 40)]).materialize()


def joined(dataset: Any) -> Any:
    """The rows of a dataset as one table."""
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()))


@pytest.mark.parametrize("batch_size", [3, 256, None])
def test_rows_are_what_the_library_makes_of_the_pages(pages: Any, batch_size: int | None) -> None:
    found = joined(clean_fixtures(pages, batch_size=batch_size))
    assert difference(found.to_pylist()) == []
    assert found.schema == output_schema(SCHEMA, id_column="key")


def test_the_function_is_used_as_it_is(pages: Any) -> None:
    function = partial(clean_batches, id_column="key", options=OPTIONS)
    found = pages.map_batches(function, batch_format="pyarrow")
    assert difference(joined(found).to_pylist()) == []


def test_parquet_in_and_out(pages: Any, tmp_path: Path) -> None:
    pages.write_parquet(str(tmp_path / "in"))
    clean_fixtures(ray.data.read_parquet(str(tmp_path / "in"))).write_parquet(str(tmp_path / "out"))
    found = ray.data.read_parquet(str(tmp_path / "out"))
    assert difference(sorted(joined(found).to_pylist(), key=lambda row: int(row["id"]))) == []


def test_blocks_of_pandas_and_python_are_read_too(pages: Any) -> None:
    found = clean_dataset(
        ray.data.from_items([{"text": f"Advertisement\n{PROSE}"}, {"text": None}])
    )
    assert [row["text"] for row in found.take_all()] == [PROSE, None]
    found = clean_dataset(ray.data.from_pandas(pages.limit(2).to_pandas()), id_column="key")
    assert [row["id"] for row in found.take_all()] == [0, 1]


def test_blocks_may_be_empty(pages: Any) -> None:
    found = clean_fixtures(pages.filter(lambda row: row["key"] >= 50))
    assert [row["id"] for row in found.take_all()] == list(range(50, len(table())))
    nothing = pages.filter(lambda row: row["key"] < 0)
    assert clean_fixtures(nothing).count() == 0


def test_spans_come_along() -> None:
    rows = ray.data.from_items([{"text": f"Advertisement\n{PROSE}"}])
    ((span,),) = [row["removals"] for row in clean_dataset(rows, spans="list").take_all()]
    assert (span["start"], span["category"]) == (0, "advertisement")


def test_choices_of_ray_go_to_ray(pages: Any) -> None:
    found = clean_fixtures(pages, num_cpus=0.5, concurrency=1)
    assert difference(joined(found).to_pylist()) == []


def test_wrong_choices_are_errors_at_once(pages: Any) -> None:
    with pytest.raises(declutter.OptionError, match="spans must be one of"):
        clean_dataset(pages, spans="all")


def test_a_column_that_is_not_there_is_named(pages: Any) -> None:
    with pytest.raises(Exception, match="no column body; the columns are: key, html"):
        clean_dataset(pages, text_column="body").take_all()


def test_it_can_be_pickled_as_ray_does() -> None:
    from ray import cloudpickle

    function = cloudpickle.loads(cloudpickle.dumps(partial(clean_batches, text_column="t")))
    assert function.func is clean_batches
