"""The title of a page: what its headline, its head and its structured data agree on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from declutter.lexicon import fold
from declutter.meta import dates
from declutter.meta.names import introduced
from declutter.segment import count_words

Named = tuple[str, str]  # a value and its source

_SEPARATOR_RE = re.compile(r"\s+[|\-–—·•»:/]+\s+|\s*[|»]\s*")
_NOT_ALNUM_RE = re.compile(r"[\W_]+")
_WORD_RE = re.compile(r"[^\W_]+")
MIN_WORDS, MAX_WORDS = 2, 40  # of the headline of a text
MAX_LINES = 20  # that are looked at for one
MAX_CREDIT = 100  # characters of a line with a date
MAX_SEPARATORS = 20  # of a title; more are a list
MIN_SHARED = 0.35  # of the words of a headline or of a title, for them to be of one thing


def key(text: str) -> str:
    """The letters and digits of a text, folded.

    >>> key("Bridge re-opens!")
    'bridgereopens'
    """
    return _NOT_ALNUM_RE.sub("", fold(text).replace("\xad", ""))


def site_keys(names: Iterable[str], url: str) -> frozenset[str]:
    """The keys of the names that a site goes by, the labels of its host included."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    labels = (host or "").removeprefix("www.").split(".")
    core = max(labels[:-1] or labels, key=len)
    return frozenset(k for name in (*names, host or "", core) if len(k := key(name)) > 2)


def is_site(text: str, sites: frozenset[str]) -> bool:
    """Whether a text is but the name of the site.

    >>> is_site("The Harbour Gazette", frozenset({"harbourgazette"}))
    True
    """
    name = key(text)
    if not name:
        return False
    return any(
        name == site
        or (len(site) > 4 and (site in name and len(site) * 2 > len(name)))
        or (len(name) > 4 and (name in site and len(name) * 2 > len(site)))
        for site in sites
    )


def bare(title: str, sites: frozenset[str]) -> str:
    """A title without the name of the site before or behind it.

    >>> bare("Bridge reopens - Repairs done | Harbour Gazette", frozenset({"harbourgazette"}))
    'Bridge reopens - Repairs done'
    """
    cuts = [(0, 0), *separators(title), (len(title), len(title))]
    first, last = 0, len(cuts) - 1
    while last - first > 1 and is_site(title[cuts[last - 1][1] : cuts[last][0]], sites):
        last -= 1
    while last - first > 1 and is_site(title[cuts[first][1] : cuts[first + 1][0]], sites):
        first += 1
    return title[cuts[first][1] : cuts[last][0]].strip() or title.strip()


def shorter(title: str) -> str:
    """A title without what stands behind its last bar or other separator, if that is short."""
    cuts = separators(title)
    if not cuts:
        return title
    start, end = cuts[-1]
    before, behind, sign = title[:start], title[end:], title[start:end]
    if key(before) and ("|" in sign or "»" in sign or len(behind) < len(before)):
        return before.strip()
    return title


def segments(title: str) -> Iterator[str]:
    """A title, its parts between separators, and what stands before and behind each of these.

    >>> list(segments("A | B"))
    ['A | B', 'B', 'A', 'A', 'B']
    """
    yield title
    at = 0
    for start, end in separators(title):
        yield from (title[end:], title[at:start], title[:start])
        at = end
    if at:
        yield title[at:]


def beginnings(title: str) -> Iterator[str]:
    """What stands before each separator of a title."""
    return (title[:start] for start, _ in separators(title))


def separators(title: str) -> list[tuple[int, int]]:
    """Where the separators of a title stand."""
    return [m.span() for m in _SEPARATOR_RE.finditer(title)][:MAX_SEPARATORS]


def _shared(one: str, other: str) -> float:
    """The share of common words, of the shorter text."""
    a, b = set(_WORD_RE.findall(fold(one))), set(_WORD_RE.findall(fold(other)))
    return len(a & b) / max(1, min(len(a), len(b)))


def pick(
    headings: Sequence[str], told: Sequence[Named], title: str, sites: frozenset[str]
) -> Named | None:
    """The title: a headline that the head of the page repeats or resembles, else what that says.

    ``told`` are the titles for machines, the surest first.

    >>> pick(["Menu", "Bridge reopens"], [("Bridge reopens", "opengraph")], "Gazette", frozenset())
    ('Bridge reopens', 'html')
    """
    own = [h for h in headings if len(key(h)) > 2]
    named = [h for h in own if not is_site(h, sites)]
    if heading := _headline(named, [text for text, _ in told], title, sites):
        return bare(heading, sites), "html"
    for text, source in told:
        if not is_site(text, sites):
            return shorter(bare(text, sites)), source
    if title:
        return shorter(bare(title, sites)), "html"
    return (own[0], "html") if own else (told[0] if told else None)


def _whole(title: str) -> Iterator[str]:
    yield title


def _headline(
    headings: Sequence[str], told: Sequence[str], title: str, sites: frozenset[str]
) -> str | None:
    """The heading that the page's titles repeat: as they are, in the beginning, in a part.

    Where they repeat none, that which shares most words with one of them.
    """
    like = [*told, bare(title, sites)] if title else [*told]
    texts = [*like, title]
    for parts in (_whole, beginnings, segments):
        known = {key(part) for text in texts for part in parts(text)} - {""}
        if found := next((h for h in headings if key(h) in known), None):
            return found
    shares = [max((_shared(h, text) for text in like), default=0) for h in headings]
    best = max(shares, default=0)
    found = headings[shares.index(best)] if shares else ""
    return found if best >= MIN_SHARED and " " in found else None


def of_lines(text: str) -> str | None:
    """The headline of a cleaned text: the line above a byline or date, else the first.

    >>> of_lines("Local news\\nBridge reopens\\nBy Eva Moss\\nThe old bridge reopened, she said.")
    'Bridge reopens'
    """
    lines = [line for line in map(str.strip, text.split("\n")) if line][:MAX_LINES]
    credited = [_is_credit(line) for line in lines]
    fits = [_may_head(line) and not credit for line, credit in zip(lines, credited, strict=True)]
    above = (
        at
        for gap in (1, 2)
        for at, fit in enumerate(fits)
        if fit and any(credited[at + gap : at + gap + 1])
    )
    best = next(above, 0)
    return lines[best] if fits and fits[best] else None


def _may_head(line: str) -> bool:
    return MIN_WORDS <= count_words(line) <= MAX_WORDS and line[-1] not in ".,:;。"


def _is_credit(line: str) -> bool:
    dated = len(line) <= MAX_CREDIT and next(dates.found(line), None) is not None
    return dated or bool(introduced(line))
