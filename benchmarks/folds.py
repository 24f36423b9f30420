"""Which pages a model may learn from: folds by domain, and a split that nobody touches.

A page is always scored by a model that never saw its domain: one of the five fold models
beside this file, or, in the untouched split, the model that ships.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from declutter.scoring import text
from declutter.scoring.model import Weights, weights
from declutter.scoring.text import TextWeights

FOLDS = 5
UNTOUCHED = 12  # per cent of the domains
HELD_OUT = Path(__file__).with_name("held_out")


def fold(domain: str) -> int | None:
    """The fold of a domain; None for the untouched split.

    >>> [fold(name) for name in ("a.org", "b.org", "c.org", "d.org")]
    [3, 3, 2, 4]
    """
    number = int.from_bytes(hashlib.md5(domain.encode()).digest()[:8], "big")
    return None if number % 100 < UNTOUCHED else number // 100 % FOLDS


def path(number: int) -> Path:
    """The weights file of a fold."""
    return HELD_OUT / f"fold{number}.json"


def text_path(number: int) -> Path:
    """The weights file of a fold for flattened text."""
    return HELD_OUT / f"text{number}.json"


@lru_cache(maxsize=FOLDS)
def _weights(number: int) -> Weights:
    found = Weights.parse(json.loads(path(number).read_text(encoding="utf-8")))
    return replace(found, calibration=weights().calibration)


def held_out_weights(domain: str) -> Weights:
    """The weights that never saw a domain."""
    number = fold(domain)
    return weights() if number is None else _weights(number)


@lru_cache(maxsize=FOLDS)
def _text_weights(number: int) -> TextWeights:
    found = text.parse(text_path(number).read_text(encoding="utf-8"))
    model = replace(found.model, calibration=_shipped_text_weights().model.calibration)
    return replace(found, model=model)


_shipped_text_weights = text.weights  # not what a fold puts in its place


def held_out_text_weights(domain: str) -> TextWeights:
    """The weights for flattened text that never saw a domain."""
    number = fold(domain)
    return _shipped_text_weights() if number is None else _text_weights(number)


@contextmanager
def unseen(domain: str) -> Iterator[None]:
    """Let declutter score with the weights that never saw a domain."""
    with (
        patch("declutter.scoring.score.weights", lambda: held_out_weights(domain)),
        patch("declutter.scoring.text.weights", lambda: held_out_text_weights(domain)),
    ):
        yield
