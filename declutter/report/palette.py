"""The colours of categories, in light and in dark: words can be read on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from colorsys import hls_to_rgb
from typing import NamedTuple

from declutter.model import Category

MIN_CONTRAST = 4.5  # WCAG 2.2, AA: of words to what is behind them
HUE_STEP = 137.5  # degrees: neighbours in any number of colours are far from each other
GREYS = (Category.LOW_CONTENT,)


class Theme(NamedTuple):
    """The colours that a theme has besides those of categories."""

    page: str
    panel: str
    text: str
    muted: str
    line: str
    accent: str
    kept: str
    found: str  # what a search found, and the one that it stands at; their words are black
    here: str


THEMES: Mapping[str, Theme] = {
    "light": Theme("#fbfbf9", "#ffffff", "#1d2126", "#565f69", "#d5dae0", "#0b57d0", "#8a939d",
                   "#ffdc5e", "#ff9a3d"),
    "dark": Theme("#14171b", "#1c2026", "#e4e8ec", "#a2acb7", "#3a424c", "#8ab4f8", "#77818c",
                  "#ffdc5e", "#ff9a3d"),
}  # fmt: skip


class Shade(NamedTuple):
    """The colours of a category: behind its words, and of its name and its part of a plot."""

    tint: str
    ink: str


def shades(theme: str) -> dict[Category, Shade]:
    """The colours of every category in a theme."""
    return {category: _shade(at, category, theme) for at, category in enumerate(Category)}


def _shade(at: int, category: Category, theme: str) -> Shade:
    hue, dark = at * HUE_STEP % 360, theme == "dark"
    full = 0.0 if category in GREYS else 1.0
    tint = _hex(hue, 0.2 if dark else 0.91, full * (0.45 if dark else 0.8))
    behind = (tint, *THEMES[theme][:2])
    steps: Sequence[int] = range(55, 100) if dark else range(45, 0, -1)
    inks = (_hex(hue, step / 100, 0.65 * full) for step in steps)
    return Shade(tint, next(i for i in inks if all(contrast(i, b) > MIN_CONTRAST for b in behind)))


def _hex(hue: float, lightness: float, saturation: float) -> str:
    parts = hls_to_rgb(hue / 360, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def contrast(one: str, other: str) -> float:
    """How well colours are told from each other, from 1 to 21.

    >>> contrast("#000000", "#ffffff"), contrast("#abcdef", "#abcdef")
    (21.0, 1.0)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """See https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
