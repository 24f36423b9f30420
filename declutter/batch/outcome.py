"""What a batch makes of one record: a row to write, or why there is none."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from declutter.batch.records import Record
from declutter.charsets import codec_name
from declutter.meta.fields import page_type
from declutter.meta.language import language_of
from declutter.readers.sniff import is_html

if TYPE_CHECKING:
    from declutter.model import Removal
    from declutter.options import Options
    from declutter.pipeline import Result
    from declutter.site import SiteCounts

SPANS = ("none", "list", "dolma")
# fields of a row that stay as they are where the record has them already
GIVEN = ("date", "title", "language", "host")


@dataclass(frozen=True, slots=True)
class Wants:
    """What is to be written besides the fields that all rows have.

    ``spans``: ``list`` adds where things went and why, and the text that the offsets index;
    ``dolma`` makes a row a document of Dolma's: the text as it was, attributes, the clean text.
    ``removed``: the words that went.
    ``sites``: a file of counts of what repeats over the pages of a site, which is evidence.
    ``named``: what went is to be counted by category, which takes about as long as cleaning.
    ``form``: another format than text, JSON and rows; ``shown`` what it shows.
    """

    spans: str = "none"
    removed: bool = False
    sites: str | None = None
    named: bool = True
    form: str | None = None
    shown: tuple[tuple[str, bool], ...] = ()

    @property
    def names(self) -> bool:
        """Whether something needs to know what the removals are."""
        return self.named or self.removed or self.spans != "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record that was cleaned (``row``) or not (``error``), with what a summary needs.

    ``size`` is the record's bytes, ``read`` and ``kept`` are characters of text, ``gone`` the
    removed characters by category (None where they were not named), ``removals`` what a file of
    removed texts gets, ``written`` what a file of another format holds.
    """

    source: str
    place: int
    id: str
    name: str
    row: Mapping[str, Any] | None = None
    error: str | None = None
    seconds: float = 0.0
    size: int = 0
    read: int = 0
    kept: int = 0
    gone: Mapping[str, int] | None = None
    warnings: tuple[str, ...] = ()
    removals: tuple[Mapping[str, Any], ...] = ()
    written: str | None = None


def cleaned(record: Record, options: Options, wants: Wants) -> Outcome:
    """Clean one record; whatever goes wrong with it is an outcome, too.

    Raise only :class:`declutter.errors.MissingExtra`.
    """
    from declutter.errors import DeclutterError, MissingExtra
    from declutter.pipeline import analyze

    start = time.perf_counter()
    try:
        chosen, doubts = chosen_for(record, options)
        site = _counts(wants.sites).view(site_of(record)) if wants.sites else None
        result = analyze(
            record.content, kind=record.kind, options=chosen, site=site, url=record.url
        )
        return _done(record, result, wants, (*doubts, *result.warnings), start)
    except MissingExtra:  # no page can be cleaned
        raise
    except DeclutterError as error:
        why = str(error)
    except MemoryError:
        why = "the page takes more memory than a worker has: raise --max-memory"
    except Exception as error:  # a page that breaks the cleaner must not break the batch
        why = f"{type(error).__name__}: {error}"
        if type(error).__module__.startswith("selectolax"):
            why += " It may take more memory than a worker has: raise --max-memory"
    return failed(record, why, time.perf_counter() - start)


def chosen_for(record: Record, options: Options) -> tuple[Options, tuple[str, ...]]:
    """The options for a record, by the charset that came with it, and what is doubtful of it."""
    if record.kind == "text" and isinstance(record.content, str) and is_html(record.content):
        return options, ("a text looks like HTML: name its column by --html-column",)
    if record.encoding is None or options.encoding is not None:
        return options, ()
    if codec_name(record.encoding) is None:
        return options, (f"the unknown charset {record.encoding!r} was declared beside the page",)
    return options.changed(encoding=record.encoding), ()


def site_of(record: Record) -> str:
    """Whose pages a record is one of: its host's, else those of its folder or file."""
    return host(record.url) or f"{os.path.dirname(record.name)}/"


@lru_cache(maxsize=1)
def _counts(path: str) -> SiteCounts:
    from declutter.site import SiteCounts

    return SiteCounts.load(path)


def failed(record: Record, why: str, seconds: float) -> Outcome:
    """The outcome of a record that has no row, and why."""
    why = " ".join(why.split())
    return Outcome(
        record.source,
        record.place,
        record.id,
        record.name,
        error=why,
        seconds=seconds,
        size=size(record),
    )


def size(record: Record) -> int:
    """The bytes of a record's page."""
    content = record.content
    return len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "replace"))


def _done(
    record: Record, result: Result, wants: Wants, warnings: tuple[str, ...], start: float
) -> Outcome:
    row = given(_row(record, result) | _spans(result, wants), record.extra)
    return Outcome(
        record.source,
        record.place,
        record.id,
        record.name,
        row=row,
        seconds=time.perf_counter() - start,
        size=size(record),
        read=len(result.document.text),
        kept=len(result.text),
        gone=gone(result.removals) if wants.names else None,
        warnings=warnings,
        removals=tuple(_removed(record, result.removals)) if wants.removed else (),
        written=result.file(wants.form, **dict(wants.shown)) if wants.form else None,
    )


def _row(record: Record, result: Result) -> dict[str, Any]:
    text = result.text
    return {
        "id": record.id,
        "url": record.url,
        "host": host(record.url),
        "date": record.date,
        "text": text,
        "title": result.title,
        "language": language_of(result.document.language, text),
        "confidence": None if result.confidence is None else round(result.confidence, 4),
        "page_type": page_type(result.document.kinds),
        "removal_ratio": round(result.removal_ratio, 4),
        "reason": result.reason,
    }


def host(url: str | None) -> str | None:
    """The host of an address, as machines write it; None where it has none.

    >>> host("https://Example.org.:80/a"), host("a/b.html"), host("http://[broken")
    ('example.org', None, None)
    >>> host("http://münchen.de")
    'xn--mnchen-3ya.de'
    """
    try:
        found = ((urlsplit(url).hostname if url else None) or "").strip(".")
        return (found if found.isascii() else found.encode("idna").decode()) or None
    except (ValueError, UnicodeError):
        return None


def _spans(result: Result, wants: Wants) -> dict[str, Any]:
    """Where things went, and the text that the offsets index."""
    if wants.spans == "list":
        return {
            "full_text": result.document.text,
            "removals": [_span(removal) for removal in result.removals],
        }
    if wants.spans == "dolma":
        attributes = _attributes(result.removals)
        return {"text": result.document.text, "clean_text": result.text, "attributes": attributes}
    return {}


def _span(removal: Removal) -> dict[str, Any]:
    return {
        "start": removal.start,
        "end": removal.end,
        "category": removal.category.value,
        "rule": removal.rule,
    }


def _attributes(removals: Sequence[Removal]) -> dict[str, list[list[float]]]:
    """Spans by category, each with a score from 0 to 1, as Dolma's taggers write them.

    The score is the probability that it is boilerplate, of which the weight is the log odds. See https://github.com/allenai/dolma/blob/main/docs/taggers.md
    """
    found: dict[str, list[list[float]]] = {}
    for removal in removals:
        name = f"declutter__{removal.category.value.replace('-', '_')}"
        score = 1 / (1 + math.exp(-removal.weight))
        found.setdefault(name, []).append([removal.start, removal.end, round(score, 3)])
    return found


def given(row: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the fields that came with its record.

    What the record says of date, title, language and host stays; another field that has the name
    of one of the row goes on as ``input_`` and its name.

    >>> given({"text": "new", "title": "guessed"}, {"title": "told", "text": "old", "n": 1})
    {'text': 'new', 'title': 'told', 'input_text': 'old', 'n': 1}
    """
    for name, value in extra.items():
        if name in GIVEN and name in row:
            value = value.isoformat() if isinstance(value, date) else value
            row[name] = row[name] if value is None else value
        else:
            while name in row:
                name = f"input_{name}"
            row[name] = value
    return row


def gone(removals: Sequence[Removal]) -> dict[str, int]:
    """How many characters were removed, by category."""
    counts: Counter[str] = Counter()
    for removal in removals:
        counts[removal.category.value] += removal.end - removal.start
    return dict(counts)


def _removed(record: Record, removals: Sequence[Removal]) -> Iterator[dict[str, Any]]:
    for removal in removals:
        why = {"why": removal.why, "text": removal.text}
        yield {"id": record.id, "url": record.url, **_span(removal), **why}
