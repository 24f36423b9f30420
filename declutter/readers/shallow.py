"""A reading of HTML that needs no tree, for pages that nest too deeply for libxml2.

libxml2 drops everything behind the point where 2,048 elements are open, later siblings
included. Here one scan over the tags counts the depth; tags beyond a limit are taken
out, block tags leaving a line break, so that the rest parses with all its text.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

# libxml2's own limit is 2,048; far less structure than that carries any meaning
MAX_KEPT_DEPTH = 200
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var".split()
)
_RAW = frozenset("script style template iframe noembed noframes".split())
# the lookahead ends the name for good: no pattern here may try a place twice. A '>' within
# an attribute ends the tag too early, which leaves some of it as text
_TAG_RE = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][^\s/<>\0]*)(?=[\s/<>\0])[^<>]*>", re.DOTALL)


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
            out.append(match.group() if kept else "" if name in _INLINE else "<br>")
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
