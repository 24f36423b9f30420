"""What tests of ``declutter batch`` share: sources, pages that misbehave, runs of one process."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from threading import Thread
from typing import Any

from declutter.batch import run, workers
from declutter.batch.outcome import Outcome, Wants
from declutter.batch.records import Item, Record
from declutter.batch.workers import Job, Settings
from declutter.options import Options

ROOT = Path(__file__).parent.parent
PROSE = "The old bridge over the river reopened on Monday, two years after the flood."


def record(content: str | bytes = PROSE, place: int = 0, **more: Any) -> Record:
    """A record of a source ``s``."""
    return Record("s", place, f"s#{place}", f"s/{place:08d}", content, "text", **more)


def outcome(row: dict[str, Any] | None, place: int = 0, **more: Any) -> Outcome:
    """An outcome of a source ``s``."""
    return Outcome("s", place, f"s#{place}", f"s/{place:08d}", row=row, **more)


def json_lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def texts(count: int, **more: Any) -> bytes:
    """JSON lines of pages that have something to remove."""
    pages = ({"id": f"n{i}", "text": f"Skip to main content\n{PROSE} {i}"} for i in range(count))
    return json_lines(*(page | more for page in pages))


def tree(folder: Path, *without: str) -> dict[str, bytes]:
    """The files below a folder but for some endings."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(without)
    }


# --- jobs of workers


def quick(record: Record, options: Options, wants: Wants) -> Outcome:
    """A page that is not cleaned, but does what its words say."""
    content = record.content if isinstance(record.content, str) else record.content.decode()
    _misbehave(content)
    return Outcome(
        record.source,
        record.place,
        record.id,
        record.name,
        row={"id": record.id, "text": content, "pid": os.getpid()} | dict(record.extra),
        size=len(content),
        read=len(content),
        kept=len(content),
        removals=({"id": record.id, "text": "gone"},) if wants.removed else (),
    )


def _misbehave(content: str) -> None:
    word, _, number = content.partition(" ")
    if word == "sleep":
        time.sleep(float(number))
    elif word == "spin":
        while True:
            pass
    elif word == "exit":
        os._exit(3)
    elif word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "raise":
        raise ValueError("two\nlines")
    elif word == "fill":
        held = []
        while True:
            held.append(bytearray(1 << 20))


def plain(record: Record, options: Options, wants: Wants) -> Outcome:
    """As :func:`quick`, the same from every process."""
    found = quick(record, options, wants)
    assert isinstance(found.row, dict)
    del found.row["pid"]
    return found


def light() -> None:
    """What a worker begins with where it need not load what cleans."""
    Thread(target=workers._follow, daemon=True).start()


def dead() -> None:
    """The end of a worker that has no page."""
    os._exit(7)


Found = Generator[Item | Outcome, None, None]


def at_once(items: Iterable[Item], settings: Settings, job: Job[Outcome]) -> Found:
    """What :func:`declutter.batch.workers.outcomes` gives, without processes."""
    for item in items:
        yield job(item, settings.options, settings.wants) if isinstance(item, Record) else item


def hasty(items: Iterable[Item], settings: Settings, job: Job[Outcome]) -> Found:
    """The same without cleaning."""
    return at_once(items, settings, plain)


def by_workers(items: Iterable[Item], settings: Settings, job: Job[Outcome]) -> Found:
    """What workers give that do not clean."""
    return workers.outcomes(items, settings, plain)


def main() -> None:
    """The command line with workers that do not clean."""
    from declutter.cli import main

    vars(workers)["_begin"] = light
    vars(run)["outcomes"] = by_workers
    main()


if __name__ == "__main__":
    main()
