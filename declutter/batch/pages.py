"""Files that hold one page: HTML, text, MHTML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime

from declutter.batch.records import Failure, Input, Record
from declutter.batch.streams import whole
from declutter.files import SourceError


def page(data: Iterator[bytes], input: Input, kind: str, most: int) -> Record | Failure:
    """The one page of a file."""
    try:
        content = whole(data, most)
    except (SourceError, OSError) as error:
        return input.failure(0, reason(error), input.relative)
    if not content:
        return input.failure(0, "the source is empty", input.relative)
    if kind == "mhtml":
        return _archived(content, input)
    return Record(input.path, 0, input.relative, input.relative, content, kind)


def reason(error: Exception) -> str:
    """What an error says, without its number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _archived(content: bytes, input: Input) -> Record | Failure:
    message = message_from_bytes(content)
    root = _root(message)
    body = root.get_payload(decode=True) if root is not None else None
    if root is None or not isinstance(body, bytes) or not body.strip():
        why = "no HTML part in this MHTML file: save the page again, as HTML"
        return input.failure(0, why, input.relative)
    url = root.get("Content-Location") or message.get("Snapshot-Content-Location")
    date = None
    with suppress(TypeError, ValueError, IndexError):
        date = _utc(parsedate_to_datetime(str(message["Date"])))
    return Record(
        source=input.path,
        place=0,
        id=input.relative,
        name=input.relative,
        content=body,
        kind="html",
        encoding=root.get_content_charset(),
        url="".join(str(url).split()) if url else None,
        date=date,
    )


def _utc(date: datetime) -> str:
    """A date as archives of the web write theirs."""
    return date.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _root(message: Message) -> Message | None:
    """The page itself: the part that the header ``start`` names, or the first HTML."""
    start = message.get_param("start")
    pages = [
        part
        for part in message.walk()
        if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    named = [part for part in pages if start and part.get("Content-ID") == start]
    return next(iter(named or pages), None)
