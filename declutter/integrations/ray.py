"""Cleaning on Ray: a dataset of pages becomes one of rows."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from declutter.extras import needed
from declutter.integrations.arrow import Cleaning, clean_batches
from declutter.options import Options

if TYPE_CHECKING:
    from ray.data import Dataset

ROWS = 256  # of a batch: some seconds of work, and little memory


def clean_dataset(dataset: Dataset, *, batch_size: int | None = ROWS, **choices: Any) -> Dataset:
    """Clean the pages of a dataset.

    The choices are those of :func:`declutter.integrations.arrow.clean_batches`, which says what
    the rows are; others (``num_cpus``, ``concurrency``, ``memory``, ...) go to
    :meth:`ray.data.Dataset.map_batches`. Batches are read where they lie in Ray's store, without
    a copy.
    """
    with needed("ray", "Ray", "ray"):
        import ray.data  # noqa: F401 - found missing before the work begins
    names = {*Cleaning.__slots__, *(field.name for field in fields(Options))}
    ours = {name: choices.pop(name) for name in list(choices) if name in names}
    Cleaning.of(ours)  # wrong choices are told here, not by a worker
    return dataset.map_batches(
        partial(clean_batches, **ours),
        batch_format="pyarrow",
        batch_size=batch_size,
        zero_copy_batch=True,
        **choices,
    )
