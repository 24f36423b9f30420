"""Plain text: the document minus the removed spans, under one white-space rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
    out: list[str] = []
    last, gap = 0, 0  # gap: the strongest white space around the cut being made
    for start, end in spans:
        kept = text[last:start]
        if kept.strip() or not out:
            _append(out, kept, gap)
            gap = 0
        gap = max(gap, _strength(kept[len(kept.rstrip()) :]), 1)
        last = end
    _append(out, text[last:], gap)
    return "".join(out).strip()


def _append(out: list[str], kept: str, gap: int) -> None:
    """Add a kept part; ``gap`` is 0 at the beginning and the cut's white space elsewhere."""
    if gap:
        right = kept.lstrip()
        gap = max(gap, _strength(kept[: len(kept) - len(right)]))
        glued = gap == 1 and _is_word(out[-1][-1:]) and _is_word(right[:1])
        out[-1] = out[-1].rstrip()
        kept = (" " if glued else _SEPARATORS[gap]) + right
    out.append(kept)


def _is_word(char: str) -> bool:
    return bool(char) and is_word_char(char)


def _strength(space: str) -> int:
    """1 for none, 2 for a space, 3 for a line break, 4 for a blank line."""
    return 2 + min(2, len(_BREAK_RE.findall(space))) if space else 1
