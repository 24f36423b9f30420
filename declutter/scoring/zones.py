"""What elements and their class, id and role words say a part of a page is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from declutter.lexicon import load_toml
from declutter.model import Category, Node

_SPLIT_RE = re.compile(r"[^a-z0-9]+")
_NEGATED = frozenset(
    ("no", "has", "with", "without", "is", "not", "hide", "show", "open", "enable")
)
# they wrap whole pages: their words describe the page, not a part of it
_WRAPPERS = frozenset(("html", "body", "main"))


@dataclass(frozen=True, slots=True)
class Markup:
    """The words of ``lexicons/markup.toml``."""

    zones: Mapping[str, Category]
    elements: Mapping[str, Category]


@lru_cache(maxsize=1)
def markup() -> Markup:
    """The markup lexicon that ships with the package."""
    data = load_toml(files("declutter.lexicons").joinpath("markup.toml").read_text("utf-8"))
    zones = {word: Category(name) for name, words in data["zones"].items() for word in words}
    elements = {tag: Category(name) for tag, name in data["elements"].items()}
    return Markup(zones, elements)


def words(tokens: tuple[str, ...]) -> list[str]:
    """The words of class, id and role attributes, whole tokens joined up too.

    >>> words(("c-share__list", "no-sidebar"))
    ['c', 'share', 'list', 'csharelist']
    """
    found: list[str] = []
    for token in tokens:
        parts = [part for part in _SPLIT_RE.split(token) if part]
        if parts and parts[0] in _NEGATED:
            continue
        found += parts
        if len(parts) > 1:
            found.append("".join(parts))
    return found


@dataclass(frozen=True, slots=True)
class Zone:
    """What an element is for, and the word or element name that says so."""

    category: Category
    word: str


def zone(node: Node) -> Zone | None:
    """What an element is for, if not for main content."""
    if node.tag in _WRAPPERS or node.tag == "article":
        return None
    lexicon = markup()
    named = [word for word in words(node.tokens) if word in lexicon.zones]
    if named:
        # "privacy-banner": what it is says more than where it stands
        vague = [word for word in named if lexicon.zones[word] is Category.NAVIGATION]
        word = next((word for word in named if word not in vague), named[0])
        return Zone(lexicon.zones[word], f"class word {word}")
    if node.tag in lexicon.elements:
        return Zone(lexicon.elements[node.tag], f"element {node.tag}")
    return None
