"""Where a batch writes: folders of files, JSON lines, Parquet, standard output.

A sink is given outcomes by :meth:`Sink.write` and has them on disk, for good, when
:meth:`Sink.commit` returns. What that returns tells how far the sink is; :meth:`Sink.restore` goes
back to it when a run is resumed, so that nothing is lost and nothing is there twice. What is not
complete has a name that ends in ``.part``.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, time
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from declutter.batch.ledger import sync
from declutter.batch.outcome import Outcome, Wants
from declutter.batch.streams import length
from declutter.errors import InputError
from declutter.extras import needed
from declutter.files import guarded_output

Mark = dict[str, Any]
Unwritten = tuple[Outcome, str]
Row = Mapping[str, Any]
# what an outcome gives a sink: its row, or what was removed
Pick = Callable[[Outcome], Iterable[Row]]
GROUP = 1000  # rows of a Parquet row group ...
GROUP_TEXT = 1 << 26  # ... and characters, more or less
_PART_RE = re.compile(r"part-\d{6,}\.")


class ReaderGoneError(Exception):
    """Nobody reads what is written to standard output."""


class Sink(ABC):
    """A place for outcomes."""

    refuses: str | None = None  # why a run cannot be resumed

    def restore(self, mark: Mapping[str, Any]) -> None:  # noqa: B027 - most have nothing to do
        """Go back to what :meth:`commit` told; an empty mark is the beginning."""

    @abstractmethod
    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Take outcomes that follow each other; return those that cannot be written, and why."""

    def commit(self) -> Mark:
        """Have all that was taken on disk."""
        return {}

    def close(self) -> None:  # noqa: B027
        """The run is at its end: commit was called, files get their names."""


def rows(outcome: Outcome) -> Iterable[Row]:
    """The row of an outcome, if it has one."""
    return () if outcome.row is None else (outcome.row,)


def removals(outcome: Outcome) -> Iterable[Row]:
    """What was removed from a page."""
    return outcome.removals


class Lines(Sink):
    """One file of JSON lines, plain or packed, which has its name when the run is over."""

    def __init__(self, path: Path, pick: Pick = rows) -> None:
        self._path, self._part = path, part_of(path)
        self._pick, self._pack = pick, packer(path.name)
        self._size = 0
        self._is_over = False  # the file has its name already; there may be more to add
        self._file: BinaryIO | None = None

    def restore(self, mark: Mapping[str, Any]) -> None:
        """Keep so many bytes."""
        self._size = int(mark.get("bytes", 0))
        self._is_over = length(str(self._part)) < self._size
        if self._is_over and length(str(self._path)) < self._size:
            why = f"{self._path} is not what the ledger tells"
            raise InputError(f"{why}: start anew without --resume")

    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Append lines, packed together."""
        lines = [line(row) for outcome in outcomes for row in self._pick(outcome)]
        if lines:
            self._opened().write(self._pack(b"".join(lines)))
        return []

    def _opened(self) -> BinaryIO:
        """The file, opened at its end when it is first needed."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._is_over:
                shutil.copyfile(self._path, self._part)
            self._file = self._part.open("r+b" if self._size else "wb")
            sync(self._path.parent)
            self._file.truncate(self._size)
            self._file.seek(self._size)
        return self._file

    def commit(self) -> Mark:
        """Have the lines on disk."""
        if self._file is not None:
            settle(self._file)
            self._size = self._file.tell()
        return {"bytes": self._size}

    def close(self) -> None:
        """Give the file its name."""
        if self._file is not None or not self._is_over or not self._size:
            self._opened().close()
            finish(self._path)


class Parts(Sink):
    """A folder of files that hold many rows each; each has its name when it is complete.

    Those of Parquet have the columns of the first, so that they can be read as one table.
    """

    def __init__(self, folder: Path, ending: str, wants: Wants) -> None:
        self._folder, self._ending, self._wants = folder, ending, wants
        self._number = 0
        self._part: Lines | Table | None = None
        self._schema: str | None = None

    def restore(self, mark: Mapping[str, Any]) -> None:
        """Drop the parts that no ledger knows of."""
        self._number, self._schema = int(mark.get("parts", 0)), mark.get("schema")
        self._folder.mkdir(parents=True, exist_ok=True)
        known = {self._path(number).name for number in range(self._number)}
        for path in parts(self._folder):
            if path.name not in known:
                path.unlink()

    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Take rows into the part that is open."""
        if self._part is None and any(map(rows, outcomes)):
            path = self._path(self._number)
            table = self._ending == "parquet"
            self._part = Table(path, self._wants, self._schema) if table else Lines(path)
            self._part.restore({})
        return self._part.write(outcomes) if self._part is not None else []

    def commit(self) -> Mark:
        """Complete the part."""
        if self._part is not None:
            self._part.commit()
            self._part.close()
            if isinstance(self._part, Table):
                self._schema = self._part.schema
            self._part = None
            self._number += 1
        columns = {} if self._schema is None else {"schema": self._schema}
        return {"parts": self._number, **columns}

    def _path(self, number: int) -> Path:
        return self._folder / f"part-{number:06d}.{self._ending}"


class Table(Sink):
    """One Parquet file, compressed by zstd, which has its name when the run is over.

    ``schema`` tells its columns; without one the first rows do.
    """

    refuses = "a single Parquet file cannot be written in two runs: name a folder, --format parquet"

    def __init__(self, path: Path, wants: Wants, schema: str | None = None) -> None:
        with needed("pyarrow", "Parquet"):
            import pyarrow  # noqa: F401 - found missing before the work begins
        self._path, self._wants, self.schema = path, wants, schema
        self._rows: list[Row] = []
        self._held = 0  # characters
        self._source = ""
        self._writer: Any = None

    def restore(self, mark: Mapping[str, Any]) -> None:
        """Begin anew."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part_of(self._path).unlink(missing_ok=True)

    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Take rows; write a group when there are enough."""
        for outcome in outcomes:
            self._source = self._source or outcome.source
            self._rows.extend(rows(outcome))
            self._held += outcome.read
            if len(self._rows) >= GROUP or self._held >= GROUP_TEXT:
                self._group()
        return []

    def _group(self) -> None:
        """Write a row group; the first rows tell the columns, unless they are known."""
        from pyarrow import parquet

        from declutter.batch import arrow

        if self.schema is None:
            found = arrow.layout(self._wants, self._rows, columns_of(self._source))
            self.schema = arrow.told(found)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(
                part_of(self._path), arrow.known(self.schema), compression="zstd"
            )
        self._writer.write_batch(arrow.batch(self._rows, self._writer.schema))
        self._rows, self._held = [], 0

    def close(self) -> None:
        """Complete the file and give it its name."""
        if self._rows or self._writer is None:
            self._group()
        self._writer.close()
        with part_of(self._path).open("rb") as file:
            os.fsync(file.fileno())
        finish(self._path)


def parts(folder: Path) -> Iterator[Path]:
    """The files of a folder that are named as parts of a run are."""
    return (path for path in folder.glob("part-*") if _PART_RE.match(path.name))


def columns_of(source: str) -> Any:
    """The columns of a source that is Parquet; None of one that is not."""
    import pyarrow
    from pyarrow import parquet

    if not os.path.isfile(source):  # a pipe would wait for more
        return None
    try:
        with open(source, "rb") as file:  # a name that is no UTF-8 is none for Arrow
            return parquet.read_schema(file)
    except (pyarrow.ArrowException, OSError):
        return None


class Files(Sink):
    """A file for each page below a folder, named as its source is: as text or as its row."""

    def __init__(self, folder: Path, ending: str) -> None:
        self._folder, self._ending = folder, ending
        self._folders: set[Path] = set()

    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Write a file for each row, on disk at once."""
        failures = []
        for outcome in outcomes:
            path = self._folder / self._name(outcome)
            try:
                if outcome.row is not None:
                    self._write(path, self._bytes(outcome, outcome.row))
            except OSError as error:
                if is_fatal(error):
                    raise
                failures.append((outcome, f"cannot write {path}: {error.strerror or error}"))
        return failures

    def _name(self, outcome: Outcome) -> str:
        """The name of an outcome's file: the source's, with the ending once, and no other's."""
        ending = f".{self._ending}"
        if outcome.name.endswith(ending):
            return outcome.name
        name = outcome.name
        while os.path.exists(outcome.source + name[len(outcome.name) :] + ending):
            name += "~"
        return name + ending

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part_of(path).open("wb") as file:
                file.write(data)
                settle(file)
            part_of(path).replace(path)
        except OSError:
            with suppress(OSError):
                part_of(path).unlink()
            raise
        self._folders.add(path.parent)

    def _bytes(self, outcome: Outcome, row: Row) -> bytes:
        if self._ending == "json":
            return line(row)
        text = row["text"] + "\n" if row["text"] else ""
        return (text if outcome.written is None else outcome.written).encode("utf-8", "replace")

    def commit(self) -> Mark:
        """Have the names on disk."""
        for folder in self._folders:
            sync(folder)
        self._folders.clear()
        return {}


class Output(Sink):
    """Standard output, as JSON lines."""

    refuses = "what went to standard output cannot be taken back: name a file or a folder with -o"

    def write(self, outcomes: Sequence[Outcome]) -> list[Unwritten]:
        """Write the rows and let them go."""
        gone = True
        with guarded_output() as stream:
            stream.buffer.write(b"".join(line(row) for out in outcomes for row in rows(out)))
            stream.flush()
            gone = False
        if gone:
            raise ReaderGoneError
        return []


def line(row: Row) -> bytes:
    """A row as a line of JSON; what JSON does not know (dates, bytes) is written as text."""
    with needed("orjson", "JSON lines"):
        import orjson
    try:
        return orjson.dumps(row, json_value, orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # lone surrogates, huge numbers
        return (json.dumps(_finite(row), default=json_value) + "\n").encode("ascii")


def json_value(value: Any) -> str:
    """What JSON does not know, as text: bytes that are not UTF-8 in base64."""
    if isinstance(value, date | time):
        return value.isoformat()
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return b64encode(value).decode("ascii")


def _finite(value: Any) -> Any:
    """A value without the numbers that JSON does not have: they are null, as orjson writes them."""
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def packer(name: str) -> Callable[[bytes], bytes]:
    """What packs data for a file of this name, each time so that it can be read alone."""
    if name.endswith(".gz"):
        return lambda data: gzip.compress(data, mtime=0)
    if name.endswith(".zst"):
        with needed("zstandard", "zstd"):
            from zstandard import ZstdCompressor
        return ZstdCompressor().compress
    return bytes


def part_of(path: Path) -> Path:
    """The name of a file that is not complete."""
    return path.with_name(path.name + ".part")


def finish(path: Path) -> None:
    """Give a file that is complete, and on disk, its name."""
    part_of(path).replace(path)
    sync(path.parent)


def settle(file: BinaryIO) -> None:
    """Have what was written to a file on disk."""
    file.flush()
    os.fsync(file.fileno())


def is_fatal(error: OSError) -> bool:
    """Whether nothing more can be written after an error: a full or broken disk."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
