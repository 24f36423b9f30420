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


@lru_cache(maxsize=65536)  # elements share most of their tokens, even those of other sites
def words(token: str) -> tuple[str, ...]:
    """The words of a class, id or role, and the whole joined up.

    >>> words("c-share__list"), words("no-sidebar")
    (('c', 'share', 'list', 'csharelist'), ())
    """
    parts = tuple([part for part in _SPLIT_RE.split(token) if part])
    if parts and parts[0] in _NEGATED:
        return ()
    return (*parts, "".join(parts)) if len(parts) > 1 else parts


@dataclass(frozen=True, slots=True)
class Zone:
    """What an element is for, and the word or element name that says so."""

    category: Category
    word: str


def zone(node: Node) -> Zone | None:
    """What an element is for, if not for main content.

    The name of a custom element counts like its class words.

    >>> zone(Node("share-bar", (), -1))
    Zone(category=<Category.SHARE: 'share'>, word='element share-bar')
    """
    if node.tag in _WRAPPERS or node.tag == "article":
        return None
    lexicon = markup()
    custom = words(node.tag) if "-" in node.tag else ()
    named = [word for token in node.tokens for word in words(token) if word in lexicon.zones]
    named += [word for word in custom if word in lexicon.zones]
    if named:
        # "privacy-banner": what it is says more than where it stands
        vague = [word for word in named if lexicon.zones[word] is Category.NAVIGATION]
        word = next((word for word in named if word not in vague), named[0])
        says = f"element {node.tag}" if word in custom else f"class word {word}"
        return Zone(lexicon.zones[word], says)
    if node.tag in lexicon.elements:
        return Zone(lexicon.elements[node.tag], f"element {node.tag}")
    return None
