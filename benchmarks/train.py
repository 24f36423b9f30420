"""Train the block model: ``python -m benchmarks.train --corpora PATH``.

Trains one model a fold without its domains, and the one that ships without the untouched
split's; calibrates the confidence on pages that the fold models never saw; writes all weights.
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import platform
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

import declutter
from benchmarks import folds
from benchmarks.corpora import root
from benchmarks.examples import Example, examples
from declutter.scoring.characters import Floats
from declutter.scoring.model import Weights, agreed, expected_f1, logits, squeezed

SHIPPED = Path(declutter.__file__).parent / "scoring" / "weights.json"
SEEDS = [7, 8]  # one network each
KNOTS = 9  # of the calibration curve


def network_data(parameters: dict[str, Any]) -> dict[str, Any]:
    """A network as JSON data: matrices of 8 bits with a scale for each column, the rest floats."""
    return {
        name: floats(values) if values.ndim == 1 else _bytes(values)
        for name, values in sorted(parameters.items())
    }


def floats(values: NDArray[Any]) -> dict[str, Any]:
    """Numbers as JSON data, exact."""
    data = np.asarray(values, dtype="<f4").reshape(1, -1)
    return {"type": "<f4", "shape": list(data.shape), "data": _coded(data)}


def _bytes(values: NDArray[Any]) -> dict[str, Any]:
    scale = np.maximum(np.abs(values).max(axis=0) / 127, 1e-8).astype("<f4")
    data = np.round(values / scale).astype("int8")
    found = {"type": "int8", "shape": list(data.shape), "data": _coded(data)}
    return {**found, "scale": _coded(scale)}


def _coded(data: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()


def fitted(learned: list[Example], about: str) -> dict[str, Any]:
    """Train networks on examples; return the weights file."""
    import jax

    from benchmarks.network import spread, train

    mean, scale = spread(learned)
    networks = [network_data(train(learned, mean, scale, seed)) for seed in SEEDS]
    provenance = {
        "learned from": f"WCXB dev, DAnIEL, trafilatura's evaluation: {about}",
        "pages": len({(e.page.corpus, e.page.name) for e in learned}), "seeds": SEEDS,
        "date": date.today().isoformat(), "numpy": np.__version__, "jax": jax.__version__,
        "machine": platform.machine(), "rebuilt by": "python -m benchmarks.train --corpora PATH",
    }  # fmt: skip
    spans = {"mean": floats(mean), "scale": floats(scale)}
    return {"about": provenance, **spans, "networks": networks}


def judged(example: Example, model: Weights) -> tuple[float, float]:
    """The F1 that a model expects of its choice on a page, and the one it has."""
    values = logits(example.x, example.groups, model)
    return f1s(example, squeezed(agreed(values, example.groups, example.words)))


def f1s(example: Example, probability: Floats) -> tuple[float, float]:
    """The F1 to be expected of keeping what is probable, and the one that this has."""
    kept = probability >= 0.5
    expected = expected_f1(probability, example.words, kept)
    found = float(example.words[kept].sum())
    common = float((example.labels * example.words)[kept].sum())
    total = found + example.gold
    return expected, 2 * common / total if total else 1.0


def calibration(pairs: Iterable[tuple[float, float]]) -> list[list[float]]:
    """Points of a rising line from the F1 expected to that found, each over as many pages."""
    ordered = np.array(sorted(pairs))
    parts = np.array_split(ordered, KNOTS)
    expected = [float(part[:, 0].mean()) for part in parts]
    found = np.maximum.accumulate([float(part[:, 1].mean()) for part in parts])
    return [[round(x, 4) for x in expected], [round(float(y), 4) for y in found]]


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


Fit = Callable[[int | None], tuple[dict[str, Any], list[tuple[float, float]]]]


def write_all(fit: Fit, path: Callable[[int], Path], shipped: Path, jobs: int) -> None:
    """Train the models of the folds and the one that ships, some at a time, and write them."""
    pairs: list[tuple[float, float]] = []
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        numbers = [*range(folds.FOLDS), None]
        for number, (data, found) in zip(numbers, pool.map(fit, numbers), strict=True):
            if number is None:
                _write(shipped, {"calibration": calibration(pairs), **data})
            else:
                _write(path(number), data)
                click.echo(f"fold {number}: F1 {np.mean([f1 for _, f1 in found]):.4f} of its pages")
            pairs += found


def _fit(number: int | None) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """Train without a fold and judge its pages, or train what ships (None)."""
    learned = [e for e in _touched if e.fold != number]
    about = "all folds" if number is None else f"all folds but {number}"
    data = fitted(learned, about)
    held = [e for e in _touched if e.fold == number and not e.fragment and e.gold >= 0]
    model = Weights.parse(data)
    return data, [judged(example, model) for example in held]


_touched: list[Example] = []  # inherited by the processes that train


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--jobs", default=2, show_default=True, help="Models trained at a time.")
def main(corpora: str | None, jobs: int) -> None:
    """Train and write the weights of the folds and those that ship."""
    every = examples(root(corpora))
    _touched.extend(e for e in every if e.fold is not None)
    click.echo(f"{len(_touched)} examples to learn from, {len(every) - len(_touched)} untouched")
    write_all(_fit, folds.path, SHIPPED, jobs)


if __name__ == "__main__":
    main()
