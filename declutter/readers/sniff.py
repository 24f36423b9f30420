"""Telling HTML from flattened text, and both from a path or an address given by mistake."""

from __future__ import annotations

import os
import re

from declutter.errors import InputError

_DOCUMENT_RE = re.compile(
    r"(?:<\?xml[^<>]{0,200}>\s*)?<(?:(?:!doctype\s+html|html|head|body)\b"
    # what only heads of pages hold; their own tags may be left out
    r"|title>[^<]*</title>|(?:meta|link|base|script|style)\s[^<>]*>)",
    re.IGNORECASE,
)
# elements that carry a page's blocks; a text that speaks of <b> or <br> is still a text
_BLOCK_TAGS = (
    "p|div|section|article|main|header|footer|nav|aside|ul|ol|li|table|tbody|tr|td|th|h[1-6]|"
    "blockquote|pre|form|figure|dl|dt|dd|details|noscript|center|amp-[a-z\\-]+"
)
_OPEN_RE = re.compile(rf"<({_BLOCK_TAGS})(?:\s[^<>]*)?>", re.IGNORECASE)
# a text that merely names the tags has no words in them: "<p> and </p>", "<div>...</div>"
_FILLED_RE = re.compile(
    rf"<(?:{_BLOCK_TAGS})(?:\s[^<>]*)?>(?!\s*(?:and|or|und|oder|et|ou|y|o|e)\s*<)[^<\w]{{0,20}}\w",
    re.IGNORECASE,
)
_CLOSE_RE = re.compile(rf"</({_BLOCK_TAGS})\s*>", re.IGNORECASE)
_FENCED_RE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_URL_RE = re.compile(r"(?:https?|ftp|file)://\S+$", re.IGNORECASE)
MAX_PATH = 1024
_BLANK = "\ufeff \t\r\n\f"
_LOOK_AT = 200_000  # characters are enough to tell
MIN_CLOSED = 2  # closed block elements of a fragment that begins with words


def is_html(text: str) -> bool:
    """Tell whether a source is HTML rather than flattened text.

    >>> is_html("<p>One.</p><p>Two.</p>"), is_html("Use <b> or <br> in a comment.")
    (True, False)
    >>> is_html("#menu{color:red} The bridge reopened.")
    False
    """
    head = text[:_LOOK_AT]
    if _DOCUMENT_RE.match(_beginning(head)):
        return True
    if "<" not in head:
        return False
    head = _FENCED_RE.sub(" ", head)
    opened = len(_OPEN_RE.findall(head))
    closed = len(_CLOSE_RE.findall(head))
    start = _beginning(head)
    if start.startswith("<") and opened and (closed or opened > 1 or _OPEN_RE.match(start)):
        return True
    lines = head.count("\n") + 1
    filled = len(_FILLED_RE.findall(head))
    return min(filled, closed) >= MIN_CLOSED and (opened + closed) * 4 >= lines


def _beginning(head: str) -> str:
    """A source from its first word on: without white space, byte order mark and comments."""
    rest = head.lstrip(_BLANK)
    while rest.startswith("<!--") and "-->" in rest:
        rest = rest.partition("-->")[2].lstrip(_BLANK)
    return rest


def refuse_reference(text: str) -> None:
    """Raise :class:`InputError` for a path or an address where its content is wanted."""
    name = text.strip()
    if not name or len(name) > MAX_PATH or "\n" in name:
        return
    if _URL_RE.match(name):
        raise InputError(f"{name!r} is an address: fetch the page and pass its content")
    if "<" not in name and "\0" not in name and _is_file(name):
        raise InputError(f"{name!r} is a file: pass its content, e.g. Path({name!r}).read_bytes()")


def _is_file(name: str) -> bool:
    try:
        return os.path.isfile(name)
    except (OSError, ValueError):
        return False
