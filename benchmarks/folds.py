"""Which pages a model may learn from: folds by domain, and a split that nobody touches.

A page is always scored by a model that never saw its domain: one of the five fold models
beside this file, or, in the untouched split, the model that ships.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from declutter.scoring.model import Weights, weights

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


@lru_cache(maxsize=FOLDS)
def _weights(number: int) -> Weights:
    return Weights.parse(json.loads(path(number).read_text(encoding="utf-8")))


def held_out_weights(domain: str) -> Weights:
    """The weights that never saw a domain."""
    number = fold(domain)
    return weights() if number is None else _weights(number)
