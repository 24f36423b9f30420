"""Flattened text to :class:`Document`: the given string itself, a block for each line."""

from __future__ import annotations

from declutter.model import Block, Document
from declutter.segment import line_spans


def read(text: str) -> Document:
    """Read a text whose structure is gone; ``Document.text`` is ``text`` unchanged.

    >>> [(b.start, b.end) for b in read("Menu\\n\\n The bridge. ").blocks]
    [(0, 4), (7, 18)]
    """
    blocks = tuple(Block(start=start, end=end) for start, end in line_spans(text))
    return Document(text=text, kind="text", blocks=blocks)
