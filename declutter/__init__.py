"""Clean article text from web pages, with the reason for everything removed."""

from declutter.errors import DeclutterError, InputError, LexiconError, LimitError, OptionError
from declutter.model import Category, Removal
from declutter.options import Options
from declutter.pipeline import Result, analyze, clean

__version__ = "0.1.0"

__all__ = [
    "Category",
    "DeclutterError",
    "InputError",
    "LexiconError",
    "LimitError",
    "OptionError",
    "Options",
    "Removal",
    "Result",
    "analyze",
    "clean",
]
