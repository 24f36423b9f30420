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

# the first two letters of tags that hold nothing or end by themselves, so that many of them
# are no depth: br, hr, img, input, meta, link and li, p, a, dd, dt, td, th, tr, option, source...
_SHALLOW = ("br", "hr", "im", "in", "me", "li", "p ", "p>", "p/", "p\n", "a ", "a>", "a\n", "dd", "dt",
            "td", "th", "tr", "tb", "tf", "op", "so", "pa", "wb", "co", "ar")  # fmt: skip
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
    for gap in np.flatnonzero(np.diff(at, append=len(raw)) > MAX_TAG):
        if raw.find(b">", at[gap], at[gap] + MAX_TAG) < 0 and data[at[gap]] != ord("!"):
            return True
    closing = data[at] == ord("/")
    at += closing
    first = (data[at] | 0x20).astype(np.int32)
    pair = first * 256 + (data[at + 1] | 0x20)
    named = (first >= ord("a")) & (first <= ord("z")) & ~np.isin(pair, _pairs())
    level = np.cumsum(np.where(named, np.where(closing, -1, 1), 0))
    if not len(level):
        return False
    return bool(
        (level - np.minimum.accumulate(level)).max() > MAX_DEPTH or level.min() < -MAX_DEPTH
    )


@lru_cache(maxsize=1)
def _pairs() -> list[int]:
    return [ord(pair[0]) * 256 + (ord(pair[1]) | 0x20) for pair in _SHALLOW]


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
