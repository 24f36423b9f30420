"""The title of a page: what its headline, its head and its structured data agree on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from declutter.lexicon import fold

Named = tuple[str, str]  # a value and its source

_SEPARATOR_RE = re.compile(r"\s+[|\-–—·•»:/]+\s+|\s*[|»]\s*")
_NOT_ALNUM_RE = re.compile(r"[\W_]+")
_WORD_RE = re.compile(r"[^\W_]+")
MIN_SHARED = 0.35  # of the words of a headline or of a title, for them to be of one thing


def key(text: str) -> str:
    """The letters and digits of a text, folded.

    >>> key("Bridge re-opens!")
    'bridgereopens'
    """
    return _NOT_ALNUM_RE.sub("", fold(text).replace("\xad", ""))


def site_keys(names: Iterable[str], url: str) -> frozenset[str]:
    """The keys of the names that a site goes by, the labels of its host included."""
    host = urlsplit(url).hostname if url else None
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


def bare(title: str, sites: frozenset[str], known: frozenset[str] = frozenset()) -> str:
    """A title without the name of the site before or behind it.

    >>> bare("Bridge reopens - Repairs done | Harbour Gazette", frozenset({"harbourgazette"}))
    'Bridge reopens - Repairs done'
    """
    cuts = [(0, 0), *(m.span() for m in _SEPARATOR_RE.finditer(title)), (len(title), len(title))]
    first, last = 0, len(cuts) - 1
    while last - first > 1 and is_site(title[cuts[last - 1][1] : cuts[last][0]], sites):
        last -= 1
    while last - first > 1 and is_site(title[cuts[first][1] : cuts[first + 1][0]], sites):
        first += 1
    return title[cuts[first][1] : cuts[last][0]].strip() or title.strip()


def shorter(title: str) -> str:
    """A title without what stands behind its last bar or other separator, if that is short."""
    cuts = list(_SEPARATOR_RE.finditer(title))
    if not cuts:
        return title
    last = cuts[-1]
    before, behind = title[: last.start()], title[last.end() :]
    if key(before) and ("|" in last[0] or "»" in last[0] or len(behind) < len(before)):
        return before.strip()
    return title


def segments(title: str) -> Iterator[str]:
    """All parts of a title between separators, and the parts in a row from its beginning on."""
    cuts = [m.span() for m in _SEPARATOR_RE.finditer(title)]
    yield title
    at = 0
    for start, end in cuts:
        yield title[at:start]
        yield title[:start]
        yield title[end:]
        at = end


def cuts(title: str) -> list[int]:
    """Where a title may end."""
    return [m.start() for m in _SEPARATOR_RE.finditer(title)]


def _shared(one: str, other: str) -> float:
    """The share of common words, of the shorter text."""
    a, b = set(_WORD_RE.findall(fold(one))), set(_WORD_RE.findall(fold(other)))
    return len(a & b) / max(1, min(len(a), len(b)))


def pick(
    headings: Sequence[str], told: Sequence[Named], title: str, sites: frozenset[str]
) -> Named | None:
    """The title: a headline that the head of the page repeats or resembles, else what that says.

    ``told`` are the titles for machines, the surest first.
    """
    like = [text for text, _ in told] + ([bare(title, sites)] if title else [])
    own = [h for h in headings if len(key(h)) > 2]
    named = [h for h in own if not is_site(h, sites)]
    scored = [(_support(h, like, title), -at, h) for at, h in enumerate(named)]
    if scored and max(scored)[0]:
        return bare(max(scored)[2], sites), "html"
    for text, source in told:
        if not is_site(text, sites):
            return shorter(bare(text, sites)), source
    if title:
        return shorter(bare(title, sites)), "html"
    return (own[0], "html") if own else (told[0] if told else None)


def _support(heading: str, like: Sequence[str], title: str) -> float:
    """How surely a heading is the headline, by what the page says elsewhere; 0 if it is not."""
    name = key(heading)
    if any(name == key(text) for text in like):
        return 4
    texts = [title, *like]
    if any(name == key(text[:cut]) for text in texts for cut in cuts(text)):
        return 3
    if any(name == key(part) for text in texts for part in segments(text)):
        return 2
    shared = max((_shared(heading, text) for text in like), default=0)
    return shared if shared >= MIN_SHARED and " " in heading else 0
