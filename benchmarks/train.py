"""Train the block model: ``python -m benchmarks.train --corpora PATH``.

Trains one model a fold without its domains, and the one that ships without the untouched
split's; calibrates the confidence on pages that the fold models never saw; writes all weights.
"""

from __future__ import annotations

import base64
import json
import platform
from collections.abc import Iterable
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
from declutter.scoring.model import Weights, expected_f1, logits, squeezed

SHIPPED = Path(declutter.__file__).parent / "scoring" / "weights.json"
SEED = 7
KNOTS = 9  # of the calibration curve


def weights_file(
    parameters: dict[str, Any], mean: NDArray[Any], scale: NDArray[Any], about: dict[str, Any]
) -> dict[str, Any]:
    """Weights as JSON data: matrices of 8 bits with a scale for each column, the rest floats."""
    matrices = {"mean": _floats(mean), "scale": _floats(scale)}
    for name, values in sorted(parameters.items()):
        matrices[name] = _floats(values) if values.ndim == 1 else _bytes(values)
    layers = sum(name.startswith("layer") and not name.endswith("bias") for name in parameters)
    return {"about": about, "layers": layers, "matrices": matrices}


def _floats(values: NDArray[Any]) -> dict[str, Any]:
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
    """Train on examples; return the weights file."""
    from benchmarks.network import train

    parameters, mean, scale = train(learned, SEED)
    provenance = {
        "learned from": about, "pages": len({e.page.name for e in learned}),
        "seed": SEED, "date": date.today().isoformat(), "numpy": np.__version__,
        "machine": platform.machine(), "rebuilt by": "python -m benchmarks.train --corpora PATH",
    }  # fmt: skip
    return weights_file(parameters, mean, scale, provenance)


def judged(example: Example, model: Weights) -> tuple[float, float]:
    """The F1 that a model expects of its choice on a page, and the one it has."""
    probability = squeezed(logits(example.x, example.groups, model))
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


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--only", "chosen", type=int, multiple=True, help="Only these folds, not what ships.")
def main(corpora: str | None, chosen: tuple[int, ...]) -> None:
    """Train and write the weights of the folds and those that ship."""
    every = examples(root(corpora))
    touched = [e for e in every if e.fold is not None]
    click.echo(f"{len(touched)} examples, {len(every) - len(touched)} untouched")
    pairs: list[tuple[float, float]] = []
    for number in chosen or range(folds.FOLDS):
        data = fitted([e for e in touched if e.fold != number], f"all folds but {number}")
        model = Weights.parse(data)
        held = [e for e in touched if e.fold == number and not e.fragment and e.gold >= 0]
        found = [judged(example, model) for example in held]
        _write(folds.path(number), data)
        click.echo(f"fold {number}: {len(held)} pages, F1 {np.mean([f for _, f in found]):.4f}")
        pairs += found
    if not chosen:
        data = fitted(touched, "all folds")
        _write(SHIPPED, {**data, "calibration": calibration(pairs)})


if __name__ == "__main__":
    main()
