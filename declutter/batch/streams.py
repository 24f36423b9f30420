"""Bytes in pieces: files, gzip, zstd, lines. None of them holds more than a piece or a line.

Every function takes and gives an iterator of pieces. Damage is a
:class:`~declutter.files.SourceError` that is raised after all that stood before it.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import BinaryIO

from declutter.extras import needed
from declutter.files import GZIP_MAGIC, SourceError

PIECE = 1 << 16
# zstd can make 128 KiB of 4 bytes: the pieces it is fed bound what comes out at once
ZSTD_PIECE = 1 << 10
# a line or page beyond this is a mistake, or an attack
MAX_RECORD = 1 << 28
ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60)))
_MEMBER = GZIP_MAGIC + b"\x08"


def pieces(path: str) -> Iterator[bytes]:
    """The bytes of a file or of standard input (``-``); raise :class:`OSError`."""
    if path != "-":
        with open(path, "rb") as file:
            yield from _pieces(file)
    elif sys.stdin is None:
        raise SourceError("standard input is closed")
    else:
        yield from _pieces(sys.stdin.buffer)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    read = getattr(file, "read1", file.read)  # gives what a pipe has instead of waiting for more
    while piece := read(PIECE):
        yield piece


def peek(data: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """At least so many first bytes, if there are, and all the data again.

    An error met on the way is raised when the data before it, if any, were read.
    """
    head = bytearray()
    later: Iterator[bytes] = data
    try:
        while len(head) < size and (piece := next(data, b"")):
            head += piece
    except (SourceError, OSError) as error:
        if not head:
            raise
        later = _raising(error)
    return bytes(head), chain((bytes(head),), later)


def _raising(error: Exception) -> Iterator[bytes]:
    yield b""
    raise error


def is_gzip(head: bytes, name: str) -> bool:
    """Tell gzip by its first bytes; raise :class:`SourceError` where only the name says it."""
    if len(head) < 4 and name.lower().endswith((".gz", ".zst")):
        raise SourceError(f"the file was cut off after {len(head)} bytes: fetch it again")
    return head.startswith(GZIP_MAGIC)


def plain(data: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The data, decompressed where they are gzip or zstd, whatever the name says."""
    head, data = peek(data, 4)
    if is_gzip(head, name):
        return gunzip(data)
    return unzstd(data) if head.startswith(ZSTD_MAGICS) else data


class _Feed:
    """The data not used so far, and where they stand in the file."""

    def __init__(self, data: Iterable[bytes]) -> None:
        self._later = iter(data)
        self.data = b""
        self.offset = 0
        self.damaged = False

    def fill(self) -> bool:
        """See to it that there are data; False at the end."""
        while not self.data:
            piece = next(self._later, None)
            if piece is None:
                return False
            self.data = piece
        return True

    def leave(self, left: bytes) -> None:
        """Go on to what is left of the data."""
        self.offset += len(self.data) - len(left)
        self.data = left

    def find(self, mark: bytes) -> None:
        """Go on to a mark, or to the end."""
        while self.fill() and (place := self.data.find(mark)) < 0:
            self.leave(self.data[1 - len(mark) :])
            piece = next(self._later, None)
            if piece is None:
                return self.leave(b"")
            self.data += piece
        return self.leave(self.data[place:] if self.data else b"")

    def damage(self, what: str, why: object) -> SourceError:
        """The error for what cannot be read here."""
        self.damaged = True
        return SourceError(f"damaged {what} data near byte {self.offset} ({why}): fetch it again")


def gunzip(data: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip data, of any number of members."""
    for _, body in gzip_members(data):
        yield from body


def gzip_members(data: Iterable[bytes]) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Each gzip member with its offset; one that is damaged does not stop those after it."""
    feed = _Feed(data)
    while feed.fill():
        feed.damaged = False
        body = _inflated(feed)
        yield feed.offset, body
        with suppress(SourceError):
            for _ in body:
                pass
        if feed.damaged:
            feed.find(_MEMBER)
        while feed.fill() and feed.data[0] == 0:
            feed.leave(feed.data.lstrip(b"\0"))  # the padding of tapes and blocks


def _inflated(feed: _Feed) -> Iterator[bytes]:
    machine = zlib.decompressobj(wbits=31)
    while not machine.eof:
        more = feed.fill()
        before = machine.copy()
        try:
            out = machine.decompress(feed.data, PIECE)
        except zlib.error as error:
            yield from _salvaged(before, feed)
            raise feed.damage("gzip", error) from None
        feed.leave(machine.unused_data if machine.eof else machine.unconsumed_tail)
        yield out
        if not (more or out or machine.eof):
            raise feed.damage("gzip", "cut off")


def _salvaged(machine: zlib._Decompress, feed: _Feed) -> Iterator[bytes]:
    """What can be read of data that are damaged, up to the very byte."""
    data = feed.data
    for place in range(len(data)):
        try:
            out = machine.decompress(data[place : place + 1])
        except zlib.error:
            return feed.leave(data[place:])
        yield out
    return feed.leave(b"")


def unzstd(data: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress zstd data, of any number of frames.

    Raise :class:`declutter.errors.MissingExtra` without zstandard.
    """
    with needed("zstandard", "zstd data"):
        import zstandard

    library = zstandard.ZstdDecompressor()
    feed = _Feed(p[i : i + ZSTD_PIECE] for p in data for i in range(0, len(p), ZSTD_PIECE))
    while feed.fill():
        frame = library.decompressobj()
        while not frame.eof:
            if not feed.fill():
                raise feed.damage("zstd", "cut off")
            try:
                out = frame.decompress(feed.data)
            except zstandard.ZstdError as error:
                raise feed.damage("zstd", error) from None
            feed.leave(frame.unused_data if frame.eof else b"")
            yield out


def lines(
    data: Iterable[bytes], separator: bytes = b"\n", most: int = MAX_RECORD
) -> Iterator[bytes | None]:
    """The lines of data, without their ends; None for one that is too long to be held."""
    parts: list[bytes] = []
    size = 0
    for piece in data:
        *ended, last = piece.split(separator)
        for end in ended:
            yield b"".join((*parts, end)) if size + len(end) <= most else None
            parts, size = [], 0
        size += len(last)
        if size <= most:
            parts.append(last)
        else:
            parts.clear()
    if size:
        yield b"".join(parts) if size <= most else None


def whole(data: Iterable[bytes], most: int) -> bytes:
    """All the data; raise :class:`SourceError` where they are more than a limit."""
    found = bytearray()
    for piece in data:
        found += piece
        if len(found) > most:
            raise SourceError(f"the page has more than {most} bytes: allow more with --max-bytes")
    return bytes(found)


def length(path: str) -> int:
    """The bytes of a file; 0 where nobody can say."""
    with suppress(OSError):
        return os.path.getsize(path)
    return 0
