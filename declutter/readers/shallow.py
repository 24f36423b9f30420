"""What makes a page harmless before it is parsed, for pages that would take a parser too long.

The tree construction of the HTML standard takes time that grows with the square of the
depth, of the number of formatting elements that are never closed (each paragraph opens
all of them again) and of the number of options in one select. One scan over the tags
counts them. Beyond a limit, tags that stand too deep are taken out, block tags leaving a
line break, and formatting tags and selects get names that mean less to a parser, so that
the page parses with all its text.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

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

# formatting elements that a parser opens again in every paragraph until they are closed; of
# those with the same attributes three. (a and nobr close their own kind)
_FORMATS = ("b", "i", "s", "u", "em", "tt", "big", "code", "font", "small", "strong", "strike")
_SINGLE = 4  # so many of a letter
_ALIKE = 3
# their elements that may be opened again: so many on any page, so many for each tag
FREE_FORMATS, MAX_FORMATS = 50_000, 8
# and in all, if every end tag stood where the parser does not see it (in a comment, a value)
MAX_HIDDEN_FORMATS = 2_500_000
_FORMAT_RE = re.compile(
    rb"<(/?)(big|code|em|font|small|strike|strong|tt|[bisu])(?=[\s/>])([^>]{0,999})", re.IGNORECASE
)
_PLAIN = {b"code": b"samp", b"tt": b"samp"}  # else span
# options of one select, each of which a parser compares with those before it; on one page
MAX_OPTIONS, MAX_ALL_OPTIONS = 1_000, 20_000
_SELECT_RE = re.compile(rb"<(/?)(select|optgroup)(?=[\s/>])", re.IGNORECASE)


def eased(source: bytes) -> bytes:
    """A page that takes no longer to parse than its size asks: itself, in nearly all cases.

    >>> eased(b"<p>a<br>" * 2000) == b"<p>a<br>" * 2000
    True
    >>> eased(b"<select>" + b"<option>a" * 2000)[:23]
    b'<menu><option>a<option>'
    """
    if len(source) <= MAX_TAG and source.count(b"<") <= MAX_DEPTH:
        return source
    tags = _Tags.of(source)
    plain = source
    if _has_many_options(tags):
        plain = _SELECT_RE.sub(_as_menu, plain)
    if _has_many_formats(tags):
        plain = _FORMAT_RE.sub(_as_plain, plain)
    if _is_lopsided(tags if plain is source else _Tags.of(plain)):
        return flatten_deep(plain.decode(errors="replace")).encode()
    return plain


@dataclass(frozen=True, slots=True)
class _Tags:
    """The places of all tags in a page, and what their names begin with."""

    source: bytes
    data: NDArray[np.uint8]  # the source
    at: Ints  # where the names begin
    closing: NDArray[np.bool_]
    keys: Ints

    @classmethod
    def of(cls, source: bytes) -> _Tags:
        import numpy as np

        data = np.frombuffer(source, dtype=np.uint8)
        at = np.flatnonzero(data[:-1] == ord("<")) + 1
        closing = data[at] == ord("/")
        at += closing
        first, second, third = (data.take(at + n, mode="clip") for n in range(3))
        names = first.astype(np.int32) << 16 | second.astype(np.int32) << 8 | third
        return cls(source, data, at, closing, _key(names))

    def is_long(self) -> bool:
        """Whether there is a tag of very many attributes."""
        import numpy as np

        starts = self.at - self.closing - 1
        ends = np.append(starts[1:], len(self.source))
        gaps = np.flatnonzero(ends - starts > MAX_TAG).tolist()
        tags = (self.source[starts[gap] : ends[gap]].partition(b">")[0] for gap in gaps)
        return any(_is_long(tag.decode(errors="replace")) for tag in tags)


def _is_lopsided(tags: _Tags) -> bool:
    """Whether a page nests so deeply, or closes so much, that parsing it takes long."""
    import numpy as np

    level = np.cumsum(np.where(tags.closing, -1, 1) * _steps()[tags.keys])
    deep = bool(len(level)) and (level - np.minimum.accumulate(level)).max() > MAX_DEPTH
    return bool(deep or tags.is_long()) and _is_deep(tags.source.decode(errors="replace"))


# --- options --------------------------------------------------------------------------


def _has_many_options(tags: _Tags) -> bool:
    import numpy as np

    options = np.flatnonzero((tags.keys == _key_of("option")) & ~tags.closing)
    if len(options) <= MAX_OPTIONS:
        return False
    selects = np.flatnonzero(tags.keys == _key_of("select"))
    counts = np.bincount(np.searchsorted(selects, options), minlength=len(selects) + 1)[1:]
    most = counts[~tags.closing[selects]].max(initial=0)
    # outside of a select groups nest in each other
    fourth = tags.data.take(tags.at[options] + 3, mode="clip")
    groups = (fourth & 0x1F == ord("g") & 0x1F).sum()
    return bool(max(most, groups) > MAX_OPTIONS or len(options) > MAX_ALL_OPTIONS)


def _as_menu(tag: re.Match[bytes]) -> bytes:
    """A select as what a parser takes for any element; its groups as rules between options."""
    return b"<" + tag[1] + (b"menu" if tag[2].lower() == b"select" else b"hr")


# --- formatting -----------------------------------------------------------------------


def _has_many_formats(tags: _Tags) -> bool:
    """Whether formatting that is not closed would make far more elements than there are tags."""
    import numpy as np

    kinds = _format_kinds()[tags.keys]
    found = np.flatnonzero(kinds)
    # the key cannot tell <b/ from <body
    second = tags.data.take(tags.at[found] + 1, mode="clip")
    found = found[(kinds[found] > _SINGLE) | (second < ord("A"))]
    if _is_balanced(tags, found, kinds[found]):
        return False
    formats = _Formats.of(tags, found, kinds[found])
    if not formats.multiply(_ALIKE + formats.with_attributes):
        return False
    return formats.multiply(_distinct(tags.source))


def _is_balanced(tags: _Tags, found: Ints, kinds: NDArray[np.uint8]) -> bool:
    """The quick answer for nearly all pages: whether formatting is closed soon, and by its like.

    Tags of different names in one count hide each other, unless these come out even.
    """
    import numpy as np

    if len(found) * len(tags.at) > MAX_HIDDEN_FORMATS:
        return False
    steps = np.where(tags.closing[found], -1, 1)
    level = np.cumsum(steps)
    open_at_most = (level - np.minimum.accumulate(level)).max(initial=0)
    uneven = np.abs(np.bincount(kinds, weights=steps)).sum()
    return bool(open_at_most <= MAX_FORMATS and uneven <= MAX_FORMATS)


def _distinct(source: bytes) -> Ints:
    """How many formatting elements of each kind can be open, as of equal ones three can be."""
    import numpy as np

    found = [(m[2].lower(), m[3]) for m in _FORMAT_RE.finditer(source) if not m[1]]
    most = np.zeros(len(_FORMATS) + 1, dtype=np.int64)
    for (name, _), count in Counter(found).items():
        most[_format_kinds()[_key_of(f"{name.decode()}  ")]] += min(_ALIKE, count)
    return most


@dataclass(frozen=True, slots=True)
class _Formats:
    """The formatting tags of a page, those of one name behind each other."""

    kinds: Ints  # index into _FORMATS + 1
    levels: Ints  # elements of the name that are open
    gaps: Ints  # tags up to the next one of the name
    opened: Ints  # by kind
    with_attributes: Ints  # by kind
    tags: int  # of the page

    @classmethod
    def of(cls, tags: _Tags, found: Ints, names: NDArray[np.uint8]) -> _Formats:
        import numpy as np

        order = np.argsort(names, kind="stable")
        found, kinds = found[order], names[order].astype(np.int64)
        opens = ~tags.closing[found]
        lengths = np.array([0, *map(len, _FORMATS)])
        behind = tags.data.take(tags.at[found] + lengths[kinds], mode="clip")
        rich = opens & (behind != ord(">"))
        size = len(_FORMATS) + 1
        return cls(
            kinds,
            _levels(kinds, np.where(opens, 1, -1)),
            _gaps(kinds, found, len(tags.at)),
            np.bincount(kinds, weights=opens, minlength=size).astype(np.int64),
            np.bincount(kinds, weights=rich, minlength=size).astype(np.int64),
            len(tags.at),
        )

    def multiply(self, most: Ints) -> bool:
        """Whether too many are opened again, if of a kind so many can be open at most."""
        import numpy as np

        again = (np.minimum(self.levels, most[self.kinds]) * self.gaps).sum()
        hidden = np.minimum(self.opened, most).sum() * self.tags
        allowed = FREE_FORMATS + MAX_FORMATS * self.tags
        return bool(again > allowed or hidden > MAX_HIDDEN_FORMATS)


def _levels(kinds: Ints, steps: Ints) -> Ints:
    """How many elements are open behind each tag, counted for each kind alone."""
    import numpy as np

    total = np.cumsum(steps)
    first = np.flatnonzero(np.diff(kinds, prepend=0))
    sizes = np.diff(first, append=len(kinds))
    total -= np.repeat(total[first] - steps[first], sizes)
    # each kind so far below the one before that its own least value counts
    shift = kinds * (len(kinds) + 1)
    least = np.minimum.accumulate(np.minimum(total, 0) - shift) + shift
    return np.asarray(total - least)


def _gaps(kinds: Ints, found: Ints, end: int) -> Ints:
    """How far it is from each tag to the next one of its kind, or to the end."""
    import numpy as np

    following = np.append(found[1:], end)
    following[np.flatnonzero(np.diff(kinds))] = end
    return np.asarray(following - found)


@lru_cache(maxsize=1)
def _format_kinds() -> NDArray[np.uint8]:
    """By the key of a name, the formatting element that begins so."""
    import numpy as np

    kinds = np.zeros(1 << 16, dtype=np.uint8)
    for kind, name in enumerate(_FORMATS, 1):
        for end in " >/\t\n\f\r" if len(name) < 3 else " ":
            for sign in range(32) if len(name) == 1 else (0,):
                kinds[_key_of(name + end + chr(sign))] = kind
    return kinds


def _as_plain(tag: re.Match[bytes]) -> bytes:
    """A formatting tag by a name that a parser opens but once."""
    name = _PLAIN.get(tag[2].lower(), b"span")
    return b"<" + tag[1] + name + tag[3]


# --- depth ----------------------------------------------------------------------------


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
                steps[_key_of(name + end + chr(sign))] = 0
    return steps


def _key_of(name: str) -> int:
    return int(_key(int.from_bytes(name[:3].encode(), "big")))


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
