"""Clean article text from web pages, with the reason for everything removed.

The names load when first used, so that importing the package (and ``declutter --help``)
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from declutter.errors import DeclutterError, InputError, LexiconError, LimitError, OptionError
    from declutter.model import Block, Category, Document, Finding, Mark, Metadata, Node, Removal
    from declutter.options import Options
    from declutter.pipeline import Result, analyze, clean, metadata

__version__ = "0.1.0"

__all__ = [
    "Block",
    "Category",
    "DeclutterError",
    "Document",
    "Finding",
    "InputError",
    "LexiconError",
    "LimitError",
    "Mark",
    "Metadata",
    "Node",
    "OptionError",
    "Options",
    "Removal",
    "Result",
    "analyze",
    "clean",
    "metadata",
]

_HOMES = {
    "declutter.errors": (
        "DeclutterError", "InputError", "LexiconError", "LimitError", "OptionError"
    ),
    "declutter.model": (
        "Block", "Category", "Document", "Finding", "Mark", "Metadata", "Node", "Removal"
    ),
    "declutter.options": ("Options",),
    "declutter.pipeline": ("Result", "analyze", "clean", "metadata"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
