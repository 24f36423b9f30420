"""The block model: how probable it is that a block is main content (inference only).

Small networks over the blocks of one page. Each block starts from its features; twice it
then learns what its neighbours, the blocks of its kind, those of its list and the page as a
whole hold, which is how a page's type and its repeated items are told. Trained by
``python -m benchmarks.train``; the weights with their provenance are ``weights.json``.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from declutter.scoring.characters import Floats, Ints
from declutter.scoring.features import Page

LEAST = 1e-4  # a probability that counts as none
MAX_PRODUCT = 262_144  # multiplications: OpenBLAS works in one thread up to here
MAX_BLOCKS = 4096  # at a time
MIN_SAY = 0.1  # of a block without words among its like
MAX_FEATURE = 6.0  # standard deviations: what lies beyond counts no more


@dataclass(frozen=True, slots=True)
class Network:
    """The matrices of one network."""

    first: Floats  # features x units
    first_bias: Floats
    layers: tuple[tuple[Floats, Floats], ...]  # (parts * units) x units, and biases
    last: Floats  # units
    last_bias: float

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Network:
        """Read the matrices of a network (8 bits a weight, one scale a column)."""
        found = {name: _matrix(item) for name, item in data.items()}
        count = sum(name.startswith("layer") and not name.endswith("bias") for name in found)
        layers = tuple((found[f"layer{at}"], found[f"layer{at}_bias"][0]) for at in range(count))
        return cls(
            first=found["first"],
            first_bias=found["first_bias"][0],
            layers=layers,
            last=found["last"][:, 0],
            last_bias=float(found["last_bias"][0, 0]),
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """Networks whose log odds are averaged, what they read, and what they expect is worth."""

    mean: Floats  # of each feature over the pages learned from, and its scale
    scale: Floats
    windows: tuple[int, ...]  # blocks on either side that are looked at as one
    networks: tuple[Network, ...]
    calibration: tuple[Floats, Floats] | None  # F1 expected, F1 found on held-out pages

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Weights:
        """Read a weights file."""
        known = data.get("calibration")
        return cls(
            mean=_matrix(data["mean"])[0],
            scale=_matrix(data["scale"])[0],
            windows=tuple(data.get("windows", ())),
            networks=tuple(Network.parse(network) for network in data["networks"]),
            calibration=(np.array(known[0]), np.array(known[1])) if known else None,
        )


def _matrix(item: Mapping[str, Any]) -> Floats:
    """A matrix from its base64 bytes: floats as they are, or integers with column scales."""
    kind = np.dtype(item["type"])
    raw = np.frombuffer(base64.b64decode(item["data"]), dtype=kind).reshape(item["shape"])
    matrix = raw.astype(np.float32)
    if "scale" in item:
        matrix *= np.frombuffer(base64.b64decode(item["scale"]), dtype="<f4")
    return matrix


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights that ship with the package."""
    text = files("declutter.scoring").joinpath("weights.json").read_text("utf-8")
    return Weights.parse(json.loads(text))


def probabilities(page: Page, model: Weights) -> Floats:
    """The probability of each block to be main content, from 0 to 1."""
    return squeezed(agreed(logits(page.x, page.groups, model), page.groups, page.words))


def agreed(values: Floats, groups: Ints, words: Floats) -> Floats:
    """The log odds of blocks, those of one kind in one list as their mean.

    So the rows of a table and the posts of a thread are judged as what they are together.

    >>> one, many = np.ones(3, dtype=np.float32), np.array([5, 5, 5])
    >>> agreed(np.array([1, 3, 8], dtype=np.float32), np.stack([many, [2, 2, 0]]), one).tolist()
    [2.0, 2.0, 8.0]
    """
    signature, lists = groups
    kind = np.unique(lists * (signature.max() + 1) + signature, return_inverse=True)[1]
    weight = np.sqrt(words) + MIN_SAY
    mean = np.bincount(kind, weights=values * weight) / np.bincount(kind, weights=weight)
    return np.where(lists > 0, mean[kind], values).astype(np.float32)


def logits(x: Floats, groups: Ints, model: Weights) -> Floats:
    """The log odds of each block; ``groups`` (groups x blocks) are those of :class:`Page`."""
    pools: list[_Pool | _Window] = [_Pool.of(group) for group in groups]
    pools += [_Window(width) for width in model.windows]
    first = np.hstack([network.first for network in model.networks])
    read = np.split(_read(x, first, model), len(model.networks), axis=1)
    every = [_finished(part, pools, net) for part, net in zip(read, model.networks, strict=True)]
    return np.asarray(np.mean(every, axis=0), dtype=np.float32)


def _read(x: Floats, first: Floats, model: Weights) -> Floats:
    """The features times the first matrices of all networks: some blocks at a time.

    The standardised features of all blocks of a large page would take much memory.
    """
    parts = []
    for at in range(0, len(x), MAX_BLOCKS):
        inputs = (x[at : at + MAX_BLOCKS] - model.mean) / model.scale
        np.clip(inputs, -MAX_FEATURE, MAX_FEATURE, out=inputs)
        parts.append(_product(inputs, first))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _finished(read: Floats, pools: Sequence[_Pool | _Window], network: Network) -> Floats:
    """What a network makes of its part of what was read."""
    hidden = np.maximum(read + network.first_bias, 0)
    for matrix, bias in network.layers:
        hidden = hidden + np.maximum(_mixed(hidden, pools, matrix) + bias, 0)
    return np.asarray(hidden @ network.last + network.last_bias, dtype=np.float32)


def _mixed(hidden: Floats, pools: Sequence[_Pool | _Window], matrix: Floats) -> Floats:
    """What a block holds, its groups, the page, and its two neighbours, each times its part."""
    units = hidden.shape[1]
    parts = iter(matrix.reshape(-1, units, units))
    mixed = _product(hidden, next(parts))
    for pool in pools:
        mixed += _product(pool.mean(hidden), next(parts))[pool.inverse]
    mixed += hidden.mean(axis=0) @ next(parts) + hidden.max(axis=0) @ next(parts)
    mixed[1:] += _product(hidden, next(parts))[:-1]
    mixed[:-1] += _product(hidden, next(parts))[1:]
    return mixed


def _product(left: Floats, right: Floats) -> Floats:
    """A matrix product in parts so small that BLAS wakes no threads, which would cost more."""
    rows = max(1, MAX_PRODUCT // right.size)
    parts = [left[at : at + rows] @ right for at in range(0, len(left), rows)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Blocks by group, to take means of."""

    order: Ints
    starts: Ints
    sizes: Floats
    inverse: Ints

    @classmethod
    def of(cls, group: Ints) -> _Pool:
        order = np.argsort(group, kind="stable")
        ordered = group[order]
        first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
        starts = np.flatnonzero(first)
        inverse = np.empty(len(group), dtype=np.int64)
        inverse[order] = np.cumsum(first) - 1
        sizes = np.diff(starts, append=len(group)).astype(np.float32)[:, None]
        return cls(order, starts, sizes, inverse)

    def mean(self, hidden: Floats) -> Floats:
        sums = np.add.reduceat(hidden[self.order], self.starts, axis=0)
        return np.asarray(sums / self.sizes, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Window:
    """What stands around each block, to take means of."""

    width: int

    @property
    def inverse(self) -> slice:
        return slice(None)

    def mean(self, hidden: Floats) -> Floats:
        """Differences of running sums, units by units: a sum along memory is much faster."""
        size, width = len(hidden), self.width
        total = np.zeros((hidden.shape[1], size + 1))
        np.cumsum(hidden.T.astype(np.float64, order="C"), axis=1, out=total[:, 1:])
        ends = np.pad(total, ((0, 0), (width, width)), mode="edge")
        index = np.arange(size)
        count = np.minimum(size, index + width + 1) - np.maximum(0, index - width)
        means = (ends[:, 2 * width + 1 :] - ends[:, : -2 * width - 1]) / count
        return np.asarray(means.T, dtype=np.float32, order="C")


def squeezed(values: Floats) -> Floats:
    """Log odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


def odds_against(probability: float) -> float:
    """What a probability of main content weighs as a finding: log odds against it.

    >>> [round(odds_against(probability), 1) for probability in (0.01, 0.5, 0.0)]
    [4.6, 0.0, 9.2]
    """
    known = min(max(probability, LEAST), 1 - LEAST)
    return math.log((1 - known) / known)


def expected_f1(probability: Floats, words: Floats, kept: NDArray[np.bool_]) -> float:
    """The F1 to be expected of keeping some blocks, if the probabilities are right.

    >>> ones = np.ones(2, dtype=np.float32)
    >>> expected_f1(ones, ones, np.array([True, True]))
    1.0
    """
    wanted = float(probability @ words)
    common = float((probability * words)[kept].sum())
    total = wanted + float(words[kept].sum())
    return 2 * common / total if total else 1.0
