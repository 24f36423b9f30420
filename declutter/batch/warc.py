"""Web archives: the pages of WARC files and the texts of WET files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from declutter.batch.bodies import HTML_TYPES, content_type, decoded
from declutter.batch.pages import reason
from declutter.batch.records import Input, Item, Record, Skipped
from declutter.batch.streams import PIECE, ZSTD_MAGICS, gzip_members, is_gzip, peek
from declutter.errors import MissingExtra
from declutter.extras import needed
from declutter.files import SourceError

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_HEAD = b"\nWARC/1."


class _Stream:
    """Pieces as a file that is read from its start to its end."""

    def __init__(self, data: Iterator[bytes]) -> None:
        self._data = data
        self._left = b""
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            piece = next(self._data, None)
            if piece is None:
                return b""
            self._left = piece
        size = len(self._left) if size < 0 else size
        out, self._left = self._left[:size], self._left[size:]
        self._place += len(out)
        return out

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError("not seekable")

    def tell(self) -> int:
        return self._place

    def close(self) -> None:
        pass


@dataclass(slots=True)
class _Part:
    """A stretch of an archive that can be read without what stands before it."""

    data: Iterator[bytes]
    start: int
    member: bool = False  # a gzip member: its records have no offsets of their own
    at: int = 0  # where the last record that was found begins
    broken: bool = False


def warc(data: Iterator[bytes], input: Input, most: int) -> Iterator[Item]:
    """A record, failure or skipped one for each record of an archive, plain, gzip or zstd.

    Damage ends what cannot be told apart: a gzip member, the records up to the next that has a
    head, or the rest of a zstd file. Raise :class:`MissingExtra` without fastwarc.
    """
    place = 0
    try:
        for part in _parts(data, input):
            for item in _items(part, input, place, most):
                yield item
                place += 1
    except (SourceError, OSError) as error:
        yield input.failure(place, reason(error))


def _parts(data: Iterator[bytes], input: Input) -> Iterator[_Part]:
    head, data = peek(data, 4)
    if is_gzip(head, input.path):
        for start, body in gzip_members(data):
            yield _Part(body, start, member=True, at=start)
        return
    part = _Part(data, 0)
    yield part
    while part.broken and input.path != "-" and not head.startswith(ZSTD_MAGICS):
        following = _next_head(input.path, part.at + 1)
        if following is None:
            return
        part = _Part(_pieces_from(input.path, following), following, at=following)
        yield part


def _pieces_from(path: str, start: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(start)
        while piece := file.read(PIECE):
            yield piece


def _next_head(path: str, start: int) -> int | None:
    """Where the next record seems to begin, from an offset on."""
    tail = b""
    for piece in _pieces_from(path, start):
        window = tail + piece
        found = window.find(_HEAD)
        if found >= 0:
            return start - len(tail) + found + 1
        start += len(piece)
        tail = window[1 - len(_HEAD) :]
    return None


def _items(part: _Part, input: Input, place: int, most: int) -> Iterator[Item]:
    """The records of a part, numbered from a place on; damage ends it with a failure."""
    with needed("fastwarc", "WARC"):
        from fastwarc.warc import ArchiveIterator

    try:
        for record in ArchiveIterator(_Stream(part.data), parse_http=False):
            part.at = part.start if part.member else part.start + record.stream_pos
            yield _item(record, part.at, input, place, most)
            place += 1
    except MissingExtra:
        raise
    except Exception as error:  # the library has several
        part.broken = True
        yield input.failure(place, f"{reason(error)} (in or after the record at byte {part.at})")


def _item(record: WarcRecord, at: int, input: Input, place: int, most: int) -> Item:
    """What a record is; raise :class:`SourceError` where it is not all there."""
    if not (record.headers.get("Content-Length") or "").strip().isdigit():
        raise SourceError("damaged record (its head is cut off): fetch the file again")
    head = _head(record)
    if isinstance(head, str):
        _finish(record, 0)
        return Skipped(input.path, place, head)
    body = _read(record, most + 1)
    _finish(record, len(body))
    id = record.headers.get("WARC-Record-ID")
    try:
        if len(body) > most:
            raise SourceError(f"the page has more than {most} bytes: allow more with --max-bytes")
        body = decoded(body, head.transfer, head.codings, most)
    except SourceError as error:
        return input.failure(place, f"{error} (record at byte {at})", id)
    return Record(
        source=input.path,
        place=place,
        id=id or input.name(place),
        name=input.below(place),
        content=body,
        kind=head.kind,
        encoding=head.charset,
        url=(record.headers.get("WARC-Target-URI") or "").strip("<> ") or None,
        date=record.headers.get("WARC-Date"),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """How a body is to be read."""

    kind: str
    charset: str | None
    transfer: str = ""
    codings: str = ""


def _head(record: WarcRecord) -> _Head | str:
    """How to read the page of a record, or why it has none."""
    what = (record.headers.get("WARC-Type") or "nameless").strip().lower()
    kind, charset = content_type(record.headers.get("Content-Type"))
    if what == "conversion":
        text = kind in ("text/plain", "")
        return _Head("text", charset or "utf-8") if text else f"a conversion to {kind}"
    if what != "response":
        return f"a {what} record"
    if kind != "application/http":
        return f"a response that is not HTTP but {kind or 'nameless'}"
    record.parse_http()
    http = record.http_headers
    if http.status_code is None or not 200 <= http.status_code < 300:
        return f"HTTP status {http.status_code}"
    kind, charset = content_type(http.get("Content-Type"))
    if kind not in HTML_TYPES:
        return f"content type {kind}" if kind else "no content type"
    codings = ",".join(http.get_multiple("Content-Encoding"))
    return _Head("html", charset, http.get("Transfer-Encoding") or "", codings)


def _read(record: WarcRecord, size: int) -> bytes:
    body = bytearray()
    while len(body) < size and (piece := record.reader.read(size - len(body))):
        body += piece
    return bytes(body)


def _finish(record: WarcRecord, read: int) -> None:
    """Go to the end of a record; raise :class:`SourceError` where the file ends before."""
    if read + record.consume() < record.content_length:
        raise SourceError("damaged record (cut off): fetch the file again")
