"""What a batch has finished: one line for each piece of work, on disk before the next begins."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from declutter.errors import InputError


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

        Raises :class:`InputError` where it is of another run.
        """
        self.path = path
        self.last: Entry | None = None
        self._done = array("Q")  # hashes of finished sources, sorted: 8 bytes for each
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (resume and path.exists() and self._read(about)):
            path.write_bytes(b"")
            self._append({"about": dict(about)})
            sync(path.parent)

    def _read(self, about: Mapping[str, Any]) -> bool:
        """Take over what is done; a line that was not written to its end does not count."""
        whole = 0
        for line, end in _lines(self.path):
            item = json.loads(line)
            if not whole:
                self._check(item.get("about"), about)
            else:
                self.last = Entry(**item)
                self._done.extend(map(_hash, self.last.done))
            whole = end
        self._done = array("Q", sorted(self._done))
        os.truncate(self.path, whole)
        return whole > 0

    def _check(self, known: object, about: Mapping[str, Any]) -> None:
        old = known if isinstance(known, Mapping) else {}
        other = [name for name in about if old.get(name) != about[name]]
        if other:
            raise InputError(
                f"{self.path} is of a run with another {', '.join(other)}: give what that run was "
                "given, or start anew without --resume"
            )

    def done(self, source: str) -> int:
        """How many records of a source that is not finished are done."""
        last = self.last
        return last.stop if last is not None and last.source == source else 0

    def is_finished(self, source: str) -> bool:
        """Whether a source was read to its end before this run."""
        key = _hash(source)
        at = bisect_left(self._done, key)
        return at < len(self._done) and self._done[at] == key

    def add(self, entry: Entry) -> None:
        """Note what is done, for good when this returns."""
        self._append(asdict(entry))

    def _append(self, item: Mapping[str, Any]) -> None:
        with self.path.open("ab") as file:
            file.write(json.dumps(item).encode("utf-8") + b"\n")
            file.flush()
            os.fsync(file.fileno())


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
