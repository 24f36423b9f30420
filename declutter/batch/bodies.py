"""Bodies of HTTP responses: chunks and content codings, as browsers read them."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

from declutter.batch.streams import PIECE, gunzip, unzstd, whole
from declutter.files import GZIP_MAGIC, SourceError

HTML_TYPES = ("text/html", "application/xhtml+xml")
_BREAK_RE = re.compile(r"[;,\s]+")  # a semicolon belongs there; some servers forget it
_CHARSET_RE = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.IGNORECASE)
_CHUNK_RE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


def content_type(header: str | None) -> tuple[str, str | None]:
    """The type and the charset of a Content-Type header.

    >>> content_type('Text/HTML; Charset="UTF-8"'), content_type("text/html"), content_type(None)
    (('text/html', 'UTF-8'), ('text/html', None), ('', None))
    >>> content_type("text/html charset=utf-8")
    ('text/html', 'utf-8')
    """
    kind, *rest = _BREAK_RE.split((header or "").strip(), maxsplit=1)
    charset = _CHARSET_RE.search("".join(rest))
    return kind.lower(), charset and charset[1]


def decoded(body: bytes, transfer: str, codings: str, most: int) -> bytes:
    """A body as the page is; raise :class:`SourceError` where it is damaged or too large.

    A coding that is named but was undone by the crawler does no harm.
    """
    if "chunked" in transfer.lower():
        body = _joined(body)
    for coding in reversed(codings.lower().split(",")):
        body = whole(_undone(body, coding.strip()), most)
    return body


def _joined(body: bytes) -> bytes:
    """A body without its chunk heads."""
    if not _CHUNK_RE.match(body):
        return body
    parts: list[bytes] = []
    place = 0
    while head := _CHUNK_RE.match(body, place):
        size = int(head[1], 16)
        part = body[head.end() : head.end() + size]
        if len(part) < size:
            break
        if not size:
            return b"".join(parts)
        parts.append(part)
        place = head.end() + size
        place += 2 if body[place : place + 2] == b"\r\n" else body[place : place + 1] == b"\n"
    raise SourceError("the page was cut off in a chunk: fetch it again")


def _undone(body: bytes, coding: str) -> Iterator[bytes]:
    if coding in ("gzip", "x-gzip") and body.startswith(GZIP_MAGIC):
        return gunzip([body])
    if coding == "deflate":
        return _inflated(body)
    if coding == "zstd" and body.startswith(b"\x28\xb5\x2f\xfd"):
        return unzstd([body])
    if coding == "br" and not body.lstrip().startswith(b"<"):
        return _unbrotli(body)
    return iter((body,))


def _inflated(body: bytes) -> Iterator[bytes]:
    """Deflate with the zlib head that it should have, or without."""
    for bits in (15, -15):
        machine = zlib.decompressobj(wbits=bits)
        try:
            first = machine.decompress(body, PIECE)
        except zlib.error:
            continue
        return _rest(machine, first)
    return iter((body,))


def _rest(machine: zlib._Decompress, out: bytes) -> Iterator[bytes]:
    while out or machine.unconsumed_tail:
        yield out
        try:
            out = machine.decompress(machine.unconsumed_tail, PIECE)
        except zlib.error as error:
            raise SourceError(f"damaged deflate data ({error}): fetch the page again") from None
    if not machine.eof:
        raise SourceError("damaged deflate data (cut off): fetch the page again")


def _unbrotli(body: bytes) -> Iterator[bytes]:
    from fastwarc.stream_io import BrotliReader

    reader = BrotliReader(io.BytesIO(body))
    while True:
        try:
            piece = reader.read(PIECE)
        except Exception as error:
            raise SourceError(f"damaged brotli data ({error}): fetch the page again") from None
        if not piece:
            return
        yield piece
