"""What a batch has finished: one line for each piece of work, on disk before the next begins."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from declutter.errors import InputError

LEDGER = "_ledger.jsonl"  # in a folder of results


@dataclass(frozen=True, slots=True)
class Entry:
    """What a piece of work finished.

    ``done`` are sources that have no more records, ``source`` one of which those up to ``stop``
    are done; ``marks`` say how long the outputs are, ``failures`` name the records that have no
    row, ``totals`` are those of the whole run so far. ``over`` tells that the run is.
    """

    done: Sequence[str] = ()
    source: str | None = None
    stop: int = 0
    marks: Sequence[Mapping[str, Any]] = ()
    failures: Sequence[Mapping[str, Any]] = ()
    totals: Mapping[str, Any] = field(default_factory=dict)
    over: bool = False


class Ledger:
    """The ledger of one run: a line says what it is a run of, the others what is done."""

    def __init__(self, path: Path, about: Mapping[str, Any], resume: bool) -> None:
        """Begin a ledger, or go on with one.

        Raises :class:`InputError` where it is of another run, or of one that is going on.
        """
        self.path = path
        self.last: Entry | None = None
        self._done = array("Q")  # hashes of finished sources, sorted: 8 bytes for each
        self._used = bytearray()  # which of them were told of
        self._parts: dict[str, int] = {}  # how many records are done of sources that have more
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(path)
        try:
            if not (resume and self._read(about)):
                path.write_bytes(b"")
                self._append({"about": dict(about)})
                sync(path.parent)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let other runs have it."""
        self._lock.close()

    def _read(self, about: Mapping[str, Any]) -> bool:
        """Take over what is done; a line that was not written to its end does not count."""
        whole = 0
        for line, end in _lines(self.path):
            try:
                item = json.loads(line)
                entry = Entry(**item) if whole else dict(item["about"])
            except (ValueError, TypeError, KeyError):
                why = f"{self.path} is no ledger, or damaged at byte {whole}"
                raise InputError(f"{why}: start anew without --resume") from None
            if isinstance(entry, Entry):
                self._take(entry)
            else:
                self._check(entry, about)
            whole = end
        self._done = array("Q", sorted(self._done))
        self._used = bytearray(len(self._done))
        os.truncate(self.path, whole)
        return whole > 0

    def _take(self, entry: Entry) -> None:
        self.last = entry
        self._done.extend(map(_hash, entry.done))
        for source in entry.done:
            self._parts.pop(source, None)
        if entry.source is not None:
            self._parts[entry.source] = entry.stop

    def _check(self, known: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        other = [name for name in about if known.get(name) != about[name]]
        if other:
            raise InputError(
                f"{self.path} is of a run with another {', '.join(other)}: give what that run was "
                "given, or start anew without --resume"
            )

    def done(self, source: str) -> int:
        """How many records of a source that is not finished are done; told once."""
        return self._parts.pop(source, 0)

    def is_finished(self, source: str) -> bool:
        """Whether a source was read to its end before this run.

        One that is named twice is read twice: each of its ends in the ledger is told once.
        """
        key = _hash(source)
        at = bisect_left(self._done, key)
        while at < len(self._done) and self._done[at] == key:
            if not self._used[at]:
                self._used[at] = True
                return True
            at += 1
        return False

    def add(self, entry: Entry) -> None:
        """Note what is done, for good when this returns."""
        self._append(asdict(entry))

    def _append(self, item: Mapping[str, Any]) -> None:
        with self.path.open("ab") as file:
            file.write(json.dumps(item).encode("utf-8") + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _locked(path: Path) -> BinaryIO:
    """A ledger that no other run has, until this one ends; raise :class:`InputError`."""
    file = path.open("ab")
    with suppress(ImportError):  # no such locks on Windows
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise InputError(f"{path} is of a run that is still going on: wait for it") from None
        except OSError:  # a file system without locks
            pass
    return file


def _hash(source: str) -> int:
    data = source.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _lines(path: Path) -> Iterator[tuple[bytes, int]]:
    """The complete lines of a file with the offsets of their ends."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield line, end


def sync(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
