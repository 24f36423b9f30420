"""Names of authors, out of what pages write where an author should be named.

>>> clean("Von Eva Moss, Redakteurin"), clean("By Eva Moss and Tom Reed | Staff writers")
(['Eva Moss'], ['Eva Moss', 'Tom Reed'])
>>> clean("https://facebook.com/harbour"), clean("eva@example.org")
([], [])
"""

from __future__ import annotations

import re

from declutter.lexicon import fold
from declutter.meta import dates
from declutter.meta.words import either, known

MAX_WORDS = 7  # of a name
MAX_SHORT = 4  # of a line that names a user or a desk
MAX_NAME = 70  # characters
MAX_NAMES = 40
_TAG_RE = re.compile(r"<[^<>]{0,200}>")
_LINK_RE = re.compile(r"(?:https?://|www\.)\S+|\S*@\S+", re.IGNORECASE)
_BY_RE = re.compile(
    rf"\s*(?:(?:{either('by')})(?:\s*[:：|]\s*|\s+)|[:：\-–—|•·/@]\s*)", re.IGNORECASE
)
# what comes behind a name
_END_RE = re.compile(
    r"\s*(?:[|•·⋅()\[\]\n\t›»]|\s[\-–—]+\s|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d\d\b"
    rf"|\b(?:(?i:{either('behind')})|{either('small')})\s)"
)
_AND_RE = re.compile(
    rf"\s*(?:[;；、，/]|\s&\s|\s\+\s|\s(?:{either('and')})\s|\s?和\s?)\s*", re.IGNORECASE
)
_DEGREE_RE = re.compile(
    r"(?:[A-Z][A-Za-z]{0,2}\.\s?){1,4}|(?:[A-Z][A-Z\-]{1,6}®?\s?){1,4}"
    r"|Ph\.?\s?D\.?|M\.?Sc\.?|Jr\.?|Sr\.?"
)
_LETTER_RE = re.compile(r"[^\W\d_]")


def clean(text: str) -> list[str]:
    """The names in a text, each once; none where it has no name."""
    text = _LINK_RE.sub(" ", _TAG_RE.sub(" ", text[:1000]))
    text = _introduced(undated(" ".join(text.split())))
    text = _END_RE.split(text + " ", maxsplit=1)[0].strip(" ,;:.-–—|")
    found: list[str] = []
    for part in _parts(text):
        name = _introduced(part).strip(" ,;:-–—|\"“”'")
        if is_name(name) and name not in found:
            found.append(name)
    return found[:MAX_NAMES]


def _introduced(text: str) -> str:
    """A text without what introduces a name."""
    for _ in range(3):
        match = _BY_RE.match(text)
        if not match or match.end() == len(text):
            break
        rest = text[match.end() :]
        particle = match[0][0].isupper() and fold(match[0].strip()) in known("particles")
        if particle and " " not in rest:
            break  # "von Braun"
        text = rest
    return text


def _parts(text: str) -> list[str]:
    """The names of a list: not what stands behind a comma but is a degree or an occupation."""
    parts: list[str] = []
    for piece in _AND_RE.split(text):
        first, *rest = [part.strip() for part in piece.split(",")]
        rest = [part for part in rest if part and not _is_title(part)]
        if len(rest) == 1 and " " not in first and first and len(rest[0].split()) < 3:
            parts.append(f"{rest[0]} {first}")  # "Moss, Eva"
        else:
            parts += [first, *(part for part in rest if " " in part)]
    return parts


def _is_title(text: str) -> bool:
    """Whether a text is a degree or what somebody is.

    >>> _is_title("Ph.D."), _is_title("Senior Writer"), _is_title("Eva Moss")
    (True, True, False)
    """
    if text[:1].islower() or _DEGREE_RE.fullmatch(text):
        return True
    return not known("roles").isdisjoint(re.findall(r"[^\W_]+", fold(text)))


def is_name(text: str) -> bool:
    """Whether a text may be a name, of a person, a user or a desk."""
    words = text.split()
    if not 0 < len(words) <= MAX_WORDS or len(text) > MAX_NAME or len(text) < 2:
        return False
    if fold(text) in known("nobody") | known("behind") | known("by"):
        return False
    return len(_LETTER_RE.findall(text)) > 1 and not re.search(r"[{}<>=\\?!]|://", text)


def is_personal(text: str) -> bool:
    """Whether a text has the form of a person's name: two to four words that begin large.

    >>> is_personal("Eva van der Moss"), is_personal("Read more"), is_personal("李文")
    (True, False, True)
    """
    if any(c.isdigit() for c in text) or not known("roles").isdisjoint(fold(text).split()):
        return False
    if text > "\u2e7f":  # Han, kana, Hangul
        return 2 <= len(text) <= 12
    large = [word[0] == word[0].upper() for word in text.split()]
    return 2 <= len(large) <= 5 and large[0] and sum(large) >= max(2, len(large) - 2)


def undated(text: str) -> str:
    """A text up to its first date, or what is behind that where it stands at the beginning.

    >>> undated("Eva Moss, Dec 17, 2025"), undated("3.5.2024 by Eva Moss")
    ('Eva Moss, ', ' by Eva Moss')
    """
    for start, end, _ in dates.found(text):
        return text[:start] if _LETTER_RE.search(text[:start]) else text[end:]
    return text


def introduced(line: str) -> list[str]:
    """The names in a line that begins with "by" or the like; none if it does not, or has none.

    >>> introduced("By Eva Moss"), introduced("Eva Moss"), introduced("By the river")
    (['Eva Moss'], [], [])
    >>> introduced("12/19/2025 by evam")
    ['evam']
    """
    line = undated(line).strip(" -–—·•|,")
    match = _BY_RE.match(line)
    if match is None or not _LETTER_RE.search(match[0]):
        return []
    found, short = clean(line), len(line.split()) <= MAX_SHORT
    return found if all(is_personal(name) or (short and is_user(name)) for name in found) else []


def is_user(text: str) -> bool:
    """Whether a text may be the name of a user or a desk: one word, or words that begin large."""
    words = text.split()
    return len(words) == 1 or all(word[0].isupper() or word[0].isdigit() for word in words)
