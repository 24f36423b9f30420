"""What a batch wrote, read again: pages, and what was removed from them, one at a time."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from declutter.batch.ledger import LEDGER
from declutter.batch.outcome import host
from declutter.batch.pages import reason
from declutter.batch.streams import lines, pieces, plain
from declutter.batch.tables import loader, value_of
from declutter.extras import needed
from declutter.files import SourceError
from declutter.model import Category

ENDINGS = (".jsonl", ".ndjson", ".json", ".parquet")
PACKED = (".gz", ".zst")
# the columns of Parquet that are read
COLUMNS = (
    *("id", "url", "host", "date", "title", "confidence", "reason"),
    *("full_text", "removals", "attributes", "text"),
)
BATCH = 64  # rows held at once
MAX_REMOVED = 10_000  # removals of a page that are held at once
OTHER = "other"  # a category that declutter does not know
_DAY_RE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KNOWN = frozenset(category.value for category in Category)

Row = Mapping[str, Any]


class Gone(NamedTuple):
    """What was removed from a page."""

    category: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a batch; ``read`` counts the characters of its text, None where it is not there."""

    id: str
    url: str
    host: str
    day: str | None
    title: str
    confidence: float | None
    reason: str
    read: int | None
    gone: Sequence[Gone]


def files(names: Iterable[str]) -> Iterator[str]:
    """The files of rows that names stand for: those of folders, in order, but for ledgers."""
    for name in names:
        if not os.path.isdir(name):
            yield name
            continue
        found = sorted(str(path) for path in Path(name).rglob("*") if _is_rows(path))
        if not found:
            raise SourceError(f"{name}: no rows in this folder ({' '.join(ENDINGS)})")
        yield from found


def _is_rows(path: Path) -> bool:
    name = path.name.lower()
    stem, ending = os.path.splitext(name)
    ending = os.path.splitext(stem)[1] if ending in PACKED else ending
    return ending in ENDINGS and name[0] != "." and name != LEDGER and path.is_file()


def rows(path: str) -> Iterator[Row | None]:
    """The rows of a file; None for a line that is none. Raise :class:`SourceError`."""
    try:
        yield from _parquet(path) if path.lower().endswith(".parquet") else _json_lines(path)
    except OSError as error:
        raise SourceError(f"{path}: {reason(error)}") from None
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None


def _json_lines(path: str) -> Iterator[Row | None]:
    loads = loader()
    for line in lines(plain(pieces(path), path)):
        row = None
        if line is not None:
            line = line.removeprefix(codecs.BOM_UTF8)
            if not line.strip():
                continue
            with suppress(ValueError, RecursionError):
                row = loads(line)
        yield row if isinstance(row, dict) else None


def _parquet(path: str) -> Iterator[Row]:
    with needed("pyarrow", "Parquet"):
        from pyarrow import parquet
    with open(path, "rb") as file:
        try:
            table = parquet.ParquetFile(file)
            names = [name for name in COLUMNS if name in table.schema_arrow.names]
            for batch in table.iter_batches(BATCH, columns=names, use_threads=False):
                for at in range(batch.num_rows):
                    yield {n: value_of(c[at]) for n, c in zip(names, batch.columns, strict=True)}
        except Exception as error:  # pyarrow has many, of several families
            raise SourceError(f"no readable Parquet ({reason(error)})") from None


def kind(row: Row) -> str:
    """What a row is: a page with ``spans``, one without (``page``), or something ``removed``."""
    if _is_list(row.get("removals")) or isinstance(row.get("attributes"), dict):
        return "spans" if _full(row) is not None else "page"
    told = all(isinstance(row.get(name), str) for name in ("category", "rule", "text"))
    return "removed" if told and "start" in row else "page"


def _full(row: Row) -> str | None:
    """The text that spans index, which Dolma has as the text of a document."""
    name = "text" if isinstance(row.get("attributes"), dict | list) else "full_text"
    text = row.get(name)
    return text if isinstance(text, str) else None


def pages(path: str) -> Iterator[Page | None]:
    """The pages of a file; what was removed from one page, in rows that follow each other, is one.

    None stands for a line that is no row.
    """
    numbers = count()

    def key(row: Row | None) -> object:
        """What rows of one page have in common, and no others."""
        name = row and kind(row) == "removed" and (_text(row.get("id")) or _text(row.get("url")))
        return name or next(numbers)

    for _, group in groupby(rows(path), key):
        while some := list(islice(group, MAX_REMOVED)):
            yield _page_of([row for row in some if row is not None])


def _page_of(found: Sequence[Row]) -> Page | None:
    if not found:
        return None
    if kind(found[0]) == "removed":
        return _page(found[0], (_gone(row, str(row["text"])) for row in found))
    return _page(found[0], _spans(found[0]))


def _page(row: Row, gone: Iterable[Gone]) -> Page:
    url, text, confidence = _text(row.get("url")), _full(row), row.get("confidence")
    sure = isinstance(confidence, int | float) and 0 <= confidence <= 1
    day = _DAY_RE.match(str(row.get("date") or ""))
    return Page(
        id=_text(row.get("id")),
        url=url,
        host=_text(row.get("host")) or host(url) or "",
        day=day[0] if day else None,
        title=_text(row.get("title")),
        confidence=float(confidence) if sure and confidence is not None else None,
        reason=_text(row.get("reason")),
        read=len(text) if isinstance(text, str) else None,
        gone=tuple(gone),
    )


def _spans(row: Row) -> Iterator[Gone]:
    """What the spans of a row say was removed; spans that its text does not have are nothing."""
    text = _full(row)
    if not isinstance(text, str):
        return
    for span in _dicts(row):
        start, end = span.get("start"), span.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text):
            yield _gone(span, text[start:end])


def _dicts(row: Row) -> Iterator[Row]:
    """The spans of a row, those of Dolma's form, too."""
    if _is_list(row.get("removals")):
        yield from (span for span in row["removals"] if isinstance(span, dict))
        return
    for name, spans in dict(row.get("attributes") or {}).items():
        category = str(name).removeprefix("declutter__").replace("_", "-")
        for span in spans if _is_list(spans) else ():
            if _is_list(span) and len(span) >= 2:
                start, end = (int(n) if isinstance(n, float) else n for n in span[:2])
                yield {"category": category, "start": start, "end": end}


def _gone(span: Row, text: str) -> Gone:
    category = _text(span.get("category"))
    return Gone(category if category in _KNOWN else OTHER, _text(span.get("rule")), text)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
