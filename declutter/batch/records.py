"""What readers of lists yield: a page, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Record:
    """A page, where it stood and what was said of it there."""

    source: str  # the file it came from, "-" for standard input
    place: int  # its number within that source, from 0; failures and skipped ones count
    id: str  # from the id column, WARC-Record-ID, or the relative path
    name: str  # where a file of its own stands below a folder of results
    content: bytes | str
    kind: str  # "html", "text" or "auto"
    encoding: str | None = None  # the charset that came with it, if any
    url: str | None = None
    date: str | None = None  # ISO 8601, as found
    extra: Mapping[str, Any] = field(default_factory=dict)  # the other fields, untouched


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is no readable page; the reason is one line that says what to do."""

    source: str
    place: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of an archive, or a file in a folder, that is no page."""

    source: str
    place: int
    why: str


Item: TypeAlias = Record | Failure | Skipped


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read, or ``-``, and its name in results."""

    path: str
    relative: str

    def failure(self, place: int, reason: str, id: str | None = None) -> Failure:
        """A failure in this file, its reason brought into one line."""
        return Failure(self.path, place, id or self.name(place), " ".join(reason.split()))

    def name(self, place: int) -> str:
        """The id of a record that has none of its own."""
        return f"{self.relative}#{place}"

    def below(self, place: int) -> str:
        """Where a file for one of many records stands below a folder of results."""
        return f"{self.relative}/{place:08d}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read; None stands for the usual name, which a row may lack.

    Naming a text column says that the column ``html`` is not wanted, and the other way round.
    Where both are read, HTML wins.
    """

    text: str | None = None
    html: str | None = None
    id: str | None = None
    url: str | None = None
