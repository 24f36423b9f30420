"""Inputs of any kind as a stream of records, in memory that does not grow with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from declutter.batch.names import expand, form
from declutter.batch.pages import page, reason
from declutter.batch.records import Columns, Failure, Input, Item, Record, Skipped
from declutter.batch.streams import MAX_RECORD, peek, pieces, plain
from declutter.batch.tables import json_lines, parquet
from declutter.batch.warc import warc
from declutter.files import SourceError
from declutter.options import Options

__all__ = ["Columns", "Failure", "Input", "Item", "Record", "Skipped", "expand", "records"]

# how files begin that are not one plain page
_SIGNS = (
    ("parquet", re.compile(rb"PAR1")),
    ("warc", re.compile(rb"WARC/[0-9]")),
    ("array", re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{\s*(?:\"|\})")),
    ("document", re.compile(rb"(?:\xef\xbb\xbf)?\s*\{[ \t]*\r?\n\s*\"")),
    ("jsonl", re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*(?:\"|\})")),
    ("mhtml", re.compile(rb"(?:From: <Saved by |MIME-Version: 1\.0\r?\n)")),
)
# JSON that is not one row a line
_OTHER_JSON = {
    "array": "a JSON array, not JSON lines: convert it with jq -c '.[]'",
    "document": "a JSON document, not JSON lines: convert it with jq -c '.'",
}
_HEAD = (1 << 17) + 1024  # one block of zstd shows nothing before it is complete


Seen = Callable[[int], None]


def records(
    input: Input, columns: Columns, options: Options, seen: Seen = lambda size: None
) -> Iterator[Item]:
    """What a file holds, in its order: pages, failures and skipped records of archives.

    The name says what the file is, its first bytes if the name does not. A page may have
    ``options.max_bytes``; ``seen`` is told of bytes of the file when they are read. Whatever is
    wrong with the file comes out as a failure; raise only :class:`declutter.errors.MissingExtra`.
    """
    most = options.max_bytes or MAX_RECORD
    place = 0
    try:
        for item in _read(input, columns, int(most), seen):
            yield item
            place += 1
    except (SourceError, OSError) as error:
        yield input.failure(place, reason(error), input.relative)


def _read(input: Input, columns: Columns, most: int, seen: Seen) -> Iterator[Item]:
    data = _told(pieces(input.path), seen)
    kind = form(input.path)
    if kind is None:
        kind, data = _sniffed(data)
    if kind == "warc":
        yield from warc(data, input, most)
    elif kind == "parquet":
        yield from parquet(data, input, columns, seen)
    elif kind == "jsonl":
        yield from json_lines(plain(data, input.path), input, columns)
    elif kind in _OTHER_JSON:
        yield input.failure(0, _OTHER_JSON[kind], input.relative)
    else:
        yield page(plain(data, input.path), input, kind, most)


def _told(data: Iterator[bytes], seen: Seen) -> Iterator[bytes]:
    for piece in data:
        seen(len(piece))
        yield piece


def _sniffed(data: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """What data are by their first bytes, and the data."""
    packed, data = peek(data, _HEAD)
    head, _ = peek(plain(iter((packed,)), ""), 64)
    return next((name for name, sign in _SIGNS if sign.match(head)), "auto"), data
