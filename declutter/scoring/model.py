"""The block model: how probable it is that a block is main content (inference only).

Small networks over the blocks of one page. Each block starts from its features; twice it
then learns what its neighbours, the blocks of its kind, those of its list and the page as a
whole hold, which is how a page's type and its repeated items are told. Trained by
``python -m benchmarks.train``; the weights with their provenance are ``weights.json``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from declutter.scoring.characters import Floats, Ints
from declutter.scoring.features import Page

MAX_PRODUCT = 262_144  # multiplications: OpenBLAS works in one thread up to here
MAX_FEATURE = 6.0  # standard deviations: what lies beyond counts no more


@dataclass(frozen=True, slots=True)
class Network:
    """Matrices of one network, and the mean and scale of each feature."""

    mean: Floats
    scale: Floats
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
            mean=found["mean"][0],
            scale=found["scale"][0],
            first=found["first"],
            first_bias=found["first_bias"][0],
            layers=layers,
            last=found["last"][:, 0],
            last_bias=float(found["last_bias"][0, 0]),
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """Networks whose log odds are averaged, and what their expectations are worth."""

    networks: tuple[Network, ...]
    calibration: tuple[Floats, Floats] | None  # F1 expected, F1 found on held-out pages

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Weights:
        """Read a weights file."""
        known = data.get("calibration")
        return cls(
            networks=tuple(Network.parse(network) for network in data["networks"]),
            calibration=(np.array(known[0]), np.array(known[1])) if known else None,
        )

    @property
    def mean(self) -> Floats:
        """The mean of each feature over the pages learned from."""
        return self.networks[0].mean


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
    return squeezed(logits(page.x, page.groups, model))


def logits(x: Floats, groups: Ints, model: Weights) -> Floats:
    """The log odds of each block; ``groups`` (groups x blocks) are those of :class:`Page`."""
    pools = [_Pool.of(group) for group in groups]
    every = [_network_logits(x, pools, network) for network in model.networks]
    return np.asarray(np.mean(every, axis=0), dtype=np.float32)


def _network_logits(x: Floats, pools: list[_Pool], network: Network) -> Floats:
    inputs = np.clip((x - network.mean) / network.scale, -MAX_FEATURE, MAX_FEATURE)
    hidden = np.maximum(_product(inputs, network.first) + network.first_bias, 0)
    for matrix, bias in network.layers:
        hidden = hidden + np.maximum(_mixed(hidden, pools, matrix) + bias, 0)
    return np.asarray(hidden @ network.last + network.last_bias, dtype=np.float32)


def _mixed(hidden: Floats, pools: list[_Pool], matrix: Floats) -> Floats:
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


def squeezed(values: Floats) -> Floats:
    """Log odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


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
