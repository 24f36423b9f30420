"""A reading of HTML that needs no tree, for pages that nest too deeply for libxml2.

libxml2 drops everything behind the point where 2,048 elements are open, later siblings
included. Here one scan over the tags counts the depth; tags beyond a limit are taken
out, block tags leaving a line break, so that the rest parses with all its text.
"""

from __future__ import annotations

import re

# libxml2's own limit is 2,048; far less structure than that carries any meaning
MAX_KEPT_DEPTH = 200
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()
)
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var".split()
)
_RAW = frozenset("script style template iframe noembed noframes xmp".split())
# a '>' within an attribute ends the tag too early here, which leaves some of it as text:
# better than a pattern that backtracks
_TAG_RE = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][^\s/<>\0]*)[^<>]*>", re.DOTALL)


def flatten_deep(source: str) -> str:
    """Take out the tags that stand deeper than :data:`MAX_KEPT_DEPTH`, keeping all text.

    >>> flatten_deep("<div>" * 202 + "one<b>two</b></div>three")[-23:]
    '<br><br>onetwo<br>three'
    """
    out: list[str] = []
    at = depth = 0
    while True:
        match = _TAG_RE.search(source, at)
        if match is None:
            out.append(source[at:])
            return "".join(out)
        out.append(source[at : match.start()])
        at = match.end()
        closing, name = match.group(1), (match.group(2) or "").lower()
        if name in _RAW and not closing:
            at = _raw_end(source, name, at)
            continue
        if not name or name in _VOID:
            out.append(match.group() if name else "")
            continue
        depth = max(0, depth + (-1 if closing else 1))
        if depth + bool(closing) <= MAX_KEPT_DEPTH:
            out.append(match.group())
        elif name not in _INLINE:
            out.append("<br>")


def _raw_end(source: str, name: str, at: int) -> int:
    """The place behind a script, style or the like that opened before ``at``."""
    end = re.compile(rf"</{name}[^>]*>", re.IGNORECASE).search(source, at)
    return end.end() if end else len(source)
