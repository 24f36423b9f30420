"""A reading of HTML that needs no tree, for pages that nest too deeply for a parser.

The tree construction of the HTML standard takes time that grows with the square of the
depth, and mis-nested formatting elements multiply. Here one scan over the tags counts
the depth; tags beyond a limit are taken out, block tags leaving a line break, so that
the rest parses with all its text.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_KEPT_DEPTH = 200  # far less structure than that carries any meaning
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var".split()
)
_RAW = frozenset("script style template iframe noembed noframes".split())
# the lookahead ends the name for good: no pattern here may try a place twice. A '>' within
# an attribute ends the tag too early, which leaves some of it as text
_TAG_RE = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][^\s/<>\0]*)(?=[\s/<>\0])[^<>]*>", re.DOTALL)

_QUOTED_RE = re.compile(r""""[^"]*"|'[^']*'""")

# tags that hold nothing or end by themselves, so that many of them are no depth; and SVG's
_SHALLOW = frozenset(
    "a area base br circle col colgroup dd dt ellipse embed hr image img input li line link meta "
    "option p param path polygon polyline rect source stop tbody td tfoot th thead tr track use "
    "wbr".split()
)
MAX_DEPTH = 500  # open elements at which the standard's algorithm still takes milliseconds
MAX_TAG = 20_000  # bytes in one tag: every attribute is looked up among all others


def is_lopsided(source: bytes) -> bool:
    """Tell whether a page nests so deeply, or closes so much, that parsing it takes long.

    >>> is_lopsided(b"<div>" * 2000), is_lopsided(b"<p>a<br>" * 2000)
    (True, False)
    """
    if len(source) <= MAX_TAG and source.count(b"<") <= MAX_DEPTH:
        return False
    import numpy as np

    raw = source + b"   "
    data = np.frombuffer(raw, dtype=np.uint8)
    at = np.flatnonzero(data[:-3] == ord("<")) + 1
    ends = np.append(at[1:] - 1, len(source))
    gaps = np.flatnonzero(ends - at > MAX_TAG)
    long = any(_is_long(raw[at[gap] - 1 : ends[gap]].partition(b">")[0].decode()) for gap in gaps)
    closing = data[at] == ord("/")
    at += closing
    names = data[at].astype(np.int32) << 16 | data[at + 1].astype(np.int32) << 8 | data[at + 2]
    level = np.cumsum(np.where(closing, -1, 1) * _steps()[_key(names)])
    deep = bool(len(level)) and (level - np.minimum.accumulate(level)).max() > MAX_DEPTH
    return bool(long or deep) and _is_deep(source.decode(errors="replace"))


def _key(names: Any) -> Any:
    """Sixteen bits of a name's first three bytes: upper and lower case are one.

    The highest one tells letters from other signs.
    """
    return names >> 7 & 0x8000 | names >> 6 & 0x7C00 | names >> 3 & 0x3E0 | names & 0x1F


@lru_cache(maxsize=1)
def _steps() -> NDArray[np.int8]:
    """By the key of a name, whether its tags are counted: all but the shallow ones.

    The first three bytes tell nearly all names apart; what the rest hides is little.
    """
    import numpy as np

    steps = np.ones(1 << 16, dtype=np.int8)
    steps[: 1 << 15] = 0
    for name in _SHALLOW:
        for end in " >\n" if len(name) == 1 else " >/\n":
            for sign in range(32) if len(name) == 1 else (0,):
                steps[_key(int.from_bytes((name + end + chr(sign))[:3].encode(), "big"))] = 0
    return steps


def _is_deep(source: str) -> bool:
    """Count the open elements exactly, past scripts, comments and SVG's closed tags.

    A tag of very many attributes counts as deep, one with a long value does not.
    """
    stack: list[str] = []
    counts: Counter[str] = Counter()
    at = 0
    while (match := _TAG_RE.search(source, at)) is not None:
        at = match.end()
        closing, name = match.group(1), (match.group(2) or "").lower()
        if name and at - match.start() > MAX_TAG and _is_long(match.group()):
            return True
        if name in _RAW and not closing:
            at = _raw_end(source, name, at)
        elif not name or name in _SHALLOW or (counts["svg"] and source[at - 2] == "/"):
            continue
        elif closing:
            _close(stack, counts, name)
        elif _open(stack, counts, name) >= MAX_DEPTH:
            return True
    return _is_long(source[max(at, source.rfind("<")) :])


def _is_long(tag: str) -> bool:
    return tag[1:2].isalpha() and len(_QUOTED_RE.sub("", tag)) > MAX_TAG


def flatten_deep(source: str, limit: int = MAX_KEPT_DEPTH) -> str:
    """Take out the tags that stand deeper than ``limit``, keeping all text.

    >>> flatten_deep("<div>" * 202 + "one<b>two</b></div>three")[-23:]
    '<br><br>onetwo<br>three'
    """
    out: list[str] = []
    stack: list[str] = []
    counts: Counter[str] = Counter()
    at = 0
    while (match := _TAG_RE.search(source, at)) is not None:
        out.append(source[at : match.start()])
        at = match.end()
        closing, name = match.group(1), (match.group(2) or "").lower()
        if name in _RAW and not closing:
            at = _raw_end(source, name, at)
        elif name and name not in _VOID:
            step = _close if closing else _open
            kept = step(stack, counts, name) < limit
            tag = match.group() if len(match.group()) <= MAX_TAG else f"<{name}>"
            out.append(tag if kept else "" if name in _INLINE else "<br>")
        elif name:
            out.append(match.group())
    return "".join((*out, source[at:]))


def _open(stack: list[str], counts: Counter[str], name: str) -> int:
    """Open an element; return how many stand around it."""
    stack.append(name)
    counts[name] += 1
    return len(stack) - 1


def _close(stack: list[str], counts: Counter[str], name: str) -> int:
    """Close an element with all that stands open in it; a stray end tag counts as deep."""
    if not counts[name]:
        return sys.maxsize
    while True:
        top = stack.pop()
        counts[top] -= 1
        if top == name:
            return len(stack)


def _raw_end(source: str, name: str, at: int) -> int:
    """The place behind a script, style or the like that opened before ``at``."""
    end = re.compile(rf"</{name}(?=[\s/<>])[^<>]*>", re.IGNORECASE).search(source, at)
    return end.end() if end else len(source)
