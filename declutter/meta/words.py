"""The words of ``words.toml``, and patterns made of them."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from declutter.lexicon import fold, load_toml


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    return dict(load_toml(files("declutter.meta").joinpath("words.toml").read_text("utf-8")))


@lru_cache(maxsize=16)
def known(name: str) -> frozenset[str]:
    """The words of a list, folded."""
    return frozenset(map(fold, _table()[name]))


@lru_cache(maxsize=16)
def either(name: str) -> str:
    """A regular expression of the words of a list, the longest first."""
    return "|".join(map(re.escape, sorted(_table()[name], key=len, reverse=True)))
