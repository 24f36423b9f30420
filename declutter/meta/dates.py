"""Dates as pages write them: for machines in many forms, for readers in many languages.

>>> parse("2024-03-05T10:30:00Z"), parse("Tue, 05 Mar 2024 10:30:00 GMT")
('2024-03-05T10:30:00+00:00', '2024-03-05')
>>> [when for _, _, when in found("Publié le 5 mars 2024, mis à jour le 7.3.2024")]
['2024-03-05', '2024-03-07']
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

from declutter.lexicon import fold

FIRST_YEAR = 1990  # pages are no older; what is dated before is something that they tell of
BUDDHIST = 543  # years that a date in Thai is ahead
_ISO_RE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ]\s?(\d\d?):(\d\d)(?::(\d\d))?(?:[.,]\d{1,9})?\s?(Z|[+\-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_BASIC_RE = re.compile(r"((?:19|20|25)\d\d)(\d\d)(\d\d)(?:T?\d{4,6}Z?)?$")
_EPOCH_RE = re.compile(r"1\d{9}(?:\d{3})?$")
# vowel signs and accents are no letters to re; full stops stand within short forms in Thai
_SIGNS = r"\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0e31\u0e34-\u0e3a\u0e47-\u0e4e."
_WORD = rf"[^\W\d_](?:[^\W\d_]|[{_SIGNS}]){{1,14}}"
_TH = r"(?:st|nd|rd|th|er|\.|º|ª|-(?:го|е))?"
_OF = r"(?:de\s|del\s|of\s|d[’'])?"
# one alternative for each order in which people write year, month and day
_DATE_RE = re.compile(
    rf"""(?<![\d.,/\-a-zA-Z])(?:
    (?P<y1>\d{{4}})\s?(?P<s1>[\-/.])\s?(?P<m1>\d\d?)\s?(?P=s1)\s?(?P<d1>\d\d?)
  | (?P<y2>\d{{4}})\s?[年년]\s?(?P<m2>\d\d?)\s?[月월]\s?(?P<d2>\d\d?)\s?[日일]
  | (?P<a3>\d\d?)\s?(?P<s3>[\-/.])\s?(?P<b3>\d\d?)\s?(?P=s3)\s?(?P<y3>\d{{4}})
  | (?P<d4>\d\d?){_TH}[\s\-]{{0,2}}{_OF}(?P<n4>{_WORD})[.,]?[\s\-]{{1,2}}{_OF}(?P<y4>\d{{4}})
  | \b(?P<n5>{_WORD})\s(?P<d5>\d\d?){_TH},?\s(?P<y5>\d{{4}})
  | (?P<y6>\d{{4}})[.,]?\s(?P<n6>{_WORD})\s(?P<d6>\d\d?)
  | (?P<d7>\d\d?)\s(?:tháng|thg)\s(?P<m7>\d\d?),?\s(?:năm\s)?(?P<y7>\d{{4}})
  | (?P<a8>\d\d?)(?P<s8>[/.])(?P<b8>\d\d?)(?P=s8)(?P<y8>\d\d)
    )(?![\d/\-]|[.,:]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_URL_RE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([/\-_.])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))(?!\d)")
# languages whose readers put the month first, unless they are elsewhere
_MONTH_FIRST = ("en", "en-us", "en-ph")

When = tuple[int, int, str]  # start, end, the day


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """The names of months in many languages, folded, without full stops."""
    text = files("declutter.meta").joinpath("months.json").read_text("utf-8")
    return {str(name): int(month) for name, month in json.loads(text).items()}


def plausible(year: int, month: int, day: int, latest: date | None = None) -> date | None:
    """The day, if there is such a day and a page may be of it."""
    if year >= FIRST_YEAR + BUDDHIST and year - BUDDHIST <= date.today().year + 1:
        year -= BUDDHIST
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    # somewhere it is tomorrow already
    last = (latest or date.today()) + timedelta(days=1)
    return found if date(FIRST_YEAR, 1, 1) <= found <= last else None


def parse(value: str, language: str = "", latest: date | None = None) -> str | None:
    """The date that a value for machines gives, with its time where it has one; or None.

    >>> parse("20240305"), parse("1709634600"), parse("5. März 2024"), parse("0000-00-00")
    ('2024-03-05', '2024-03-05', '2024-03-05', None)
    """
    value = value.strip()[:80]
    if match := _ISO_RE.match(value):
        return _iso(match, latest)
    if match := _BASIC_RE.match(value):
        day = plausible(int(match[1]), int(match[2]), int(match[3]), latest)
        return day.isoformat() if day else None
    if _EPOCH_RE.match(value):
        day = datetime.fromtimestamp(0).date()
        day = date(1970, 1, 1) + timedelta(seconds=int(value[:10]))
        return day.isoformat() if plausible(day.year, day.month, day.day, latest) else None
    return next((when for _, _, when in found(value, language, latest)), None)


def _iso(match: re.Match[str], latest: date | None) -> str | None:
    year, month, day = (int(match[at]) for at in (1, 2, 3))
    if not (when := plausible(year, month, day, latest)):
        return None
    hour, minute, second = (int(match[at] or 0) for at in (4, 5, 6))
    if match[4] is None or hour > 23 or minute > 59 or second > 59:
        return when.isoformat()
    zone = (match[7] or "").upper().replace("Z", "+00:00")
    zone = zone if not zone or ":" in zone else f"{zone[:3]}:{zone[3:]}"
    return f"{when.isoformat()}T{hour:02}:{minute:02}:{second:02}{zone}"


def found(text: str, language: str = "", latest: date | None = None) -> Iterator[When]:
    """The days that a text names, in order, with where they stand."""
    for match in _DATE_RE.finditer(text):
        if when := _day(match, language, latest):
            yield match.start(), match.end(), when.isoformat()


def _day(match: re.Match[str], language: str, latest: date | None) -> date | None:
    parts = {name: text for name, text in match.groupdict().items() if text is not None}
    form = next(name[1] for name in parts if name[0] == "y")
    year = int(parts[f"y{form}"])
    if form in "38":
        year += 2000 if form == "8" else 0
        return _numeric(
            year,
            int(parts[f"a{form}"]),
            int(parts[f"b{form}"]),
            parts[f"s{form}"],
            language,
            latest,
        )
    if name := parts.get(f"n{form}"):
        word = fold(name).strip(". ")
        month = months().get(word)
    else:
        month = int(parts[f"m{form}"])
    return plausible(year, month, int(parts[f"d{form}"]), latest) if month else None


def _numeric(
    year: int, one: int, two: int, sign: str, language: str, latest: date | None
) -> date | None:
    """The day of "5/3/2024": day first but where the page is in American English.

    >>> _numeric(2024, 5, 3, "/", "de", None), _numeric(2024, 5, 3, "/", "en-US", None)
    (datetime.date(2024, 3, 5), datetime.date(2024, 5, 3))
    """
    american = sign != "." and language.lower().replace("_", "-") in _MONTH_FIRST
    pairs = ((one, two), (two, one)) if american else ((two, one), (one, two))
    days = (plausible(year, month, day, latest) for month, day in pairs)
    return next((day for day in days if day), None)


def of_url(url: str, latest: date | None = None) -> str | None:
    """The day that an address names.

    >>> of_url("https://example.org/2024/03/05/bridge"), of_url("https://example.org/item-20245")
    ('2024-03-05', None)
    """
    for match in _URL_RE.finditer(url[:500]):
        if day := plausible(
            int(match[1]), int(match[3] or match[5]), int(match[4] or match[6]), latest
        ):
            return day.isoformat()
    return None
