"""The block model: its weights, its arithmetic, and what becomes of a score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import declutter
from declutter.readers.html import read
from declutter.scoring import features
from declutter.scoring.model import Network, Weights, expected_f1, logits, probabilities, weights
from declutter.scoring.score import FAMILIES

PROSE = "The council said on Monday that it would repair the old bridge over the river."


def small(units: int = 2) -> Weights:
    """A network that passes one feature on, with a layer that adds nothing."""
    ones = np.ones(1, dtype=np.float32)
    none = np.zeros((7 * units, units), dtype=np.float32)
    first = np.zeros((1, units), dtype=np.float32)
    first[0, 0] = 1
    last = np.array([1, 0], dtype=np.float32)
    empty = np.zeros(units, dtype=np.float32)
    network = Network(first, empty, ((none, empty),), last, -1.0)
    return Weights(0 * ones, ones, (), (network,), None)


def test_a_network_that_passes_a_feature_on() -> None:
    x = np.array([[0.0], [3.0], [99.0]], dtype=np.float32)
    groups = np.zeros((2, 3), dtype=np.int64)
    assert logits(x, groups, small()).tolist() == [-1, 2, 5]  # six deviations at most


def test_what_others_hold_counts() -> None:
    simple = small()
    model = simple.networks[0]
    layer = np.zeros((14, 2), dtype=np.float32)
    layer[2 * 1, 0] = 1  # the mean of its signature
    layer[2 * 5, 0] = 10  # the block before
    network = replace(model, layers=((layer, model.first_bias),), last_bias=0.0)
    mixed = replace(simple, networks=(network,))
    x = np.array([[1.0], [3.0], [0.0]], dtype=np.float32)
    groups = np.array([[0, 0, 1], [0, 0, 0]])
    assert logits(x, groups, mixed).tolist() == [1 + 2, 3 + 2 + 10, 0 + 0 + 30]


def test_the_weights_fit_the_features() -> None:
    page = features.page(read(f"<p>{PROSE}</p>"))
    assert len(weights().mean) == len(page.names)
    assert probabilities(page, weights()).shape == (1,)


@pytest.mark.parametrize(
    ("probability", "kept", "f1"),
    [([1, 0], [True, False], 1), ([1, 1], [True, False], 2 / 3), ([0, 0], [False, False], 1)],
)
def test_the_expected_f1(probability: list[float], kept: list[bool], f1: float) -> None:
    values = np.array(probability, dtype=np.float32)
    words = np.ones(2, dtype=np.float32)
    assert expected_f1(values, words, np.array(kept)) == pytest.approx(f1)


def test_scores_are_the_same_every_time() -> None:
    source = f"<nav><a href=/>Home</a></nav><article>{f'<p>{PROSE}</p>' * 3}</article>"
    first, again = declutter.analyze(source), declutter.analyze(source)
    assert first.confidence == again.confidence is not None
    assert [r.weight for r in first.removals] == [r.weight for r in again.removals]


def test_every_feature_belongs_to_one_reason() -> None:
    names = features.page(read(f"<p>{PROSE}</p>")).names
    for name in names:
        assert sum(name.startswith(prefixes) for prefixes in FAMILIES.values()) == 1, name
