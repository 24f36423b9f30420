"""Libraries that come with an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from declutter.errors import MissingExtra


@contextmanager
def needed(library: str, purpose: str, extra: str = "batch") -> Iterator[None]:
    """Import a library in this block; raise :class:`MissingExtra` where that is not possible."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra(
            f"{purpose} needs {library}: pip install 'declutter[{extra}]' ({error})"
        ) from None
