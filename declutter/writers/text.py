"""Plain text: the document minus the removed spans, under one white-space rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from declutter.segment import is_word_char

_BREAK_RE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # as in str.splitlines
_SEPARATORS = ("", "", " ", "\n", "\n\n")


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return ``text`` minus sorted, disjoint spans.

    The white-space rule: at each cut the white space on both sides becomes one separator,
    the strongest that stood there: a blank line, else a line break, else a space. Where no
    white space stood, two letters or digits are parted by a space, and nothing else is
    added. White space at both ends of the result goes; all other text stays as it is.

    >>> without("Menu\\n\\nOne. Share Two.\\nEnd", [(0, 4), (11, 16)])
    'One. Two.\\nEnd'
    >>> without("oneSharetwo", [(3, 8)])
    'one two'
    >>> without("A\\nx\\ny\\nB", [(2, 3), (4, 5)])
    'A\\nB'
    """
    return "".join(f"{separator}{text[a:b]}" for separator, a, b in kept(text, spans))


def kept(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    """What :func:`without` leaves: the separator before each part, and where the part stands.

    >>> list(kept("Menu\\n\\nOne. Share Two.", [(0, 4), (11, 16)]))
    [('', 6, 10), (' ', 17, 21)]
    """
    last, end, gap = 0, -1, 0  # gap: the strongest white space around the cut being made
    for start, stop in [*spans, (len(text), len(text))]:
        right = _skipped(text, last, start)
        if right < start:
            left = right + len(text[right:start].rstrip())
            gap = max(gap, _strength(text[last:right])) if end >= 0 else 0
            glued = gap == 1 and is_word_char(text[end - 1]) and is_word_char(text[right])
            yield " " if glued else _SEPARATORS[gap], right, left
            end, gap = left, max(1, _strength(text[left:start]))
        else:
            gap = max(gap, _strength(text[last:start]), 1)
        last = stop


def _skipped(text: str, start: int, end: int) -> int:
    """The first place in a part that holds no white space, or its end."""
    return end - len(text[start:end].lstrip())


def _strength(space: str) -> int:
    """1 for none, 2 for a space, 3 for a line break, 4 for a blank line."""
    return 2 + min(2, len(_BREAK_RE.findall(space))) if space else 1


def prefixed(text: str, first: str, other: str) -> str:
    """Lines with something before each; empty ones without white space at their end.

    >>> prefixed("a\\n\\nb", "- ", "  ")
    '- a\\n\\n  b'
    """
    lines = text.split("\n")
    more = [f"{other}{line}" if line else other.rstrip() for line in lines[1:]]
    return "\n".join([first + lines[0], *more])
