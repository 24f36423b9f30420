"""Sources and targets of the command line: files, folders, gzip, standard streams."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".xht", ".shtml", ".txt")
# what a .gz in a folder may hold that is no page
OTHER_SUFFIXES = (
    ".json", ".jsonl", ".csv", ".tsv", ".xml", ".warc", ".wet", ".wat", ".tar", ".parquet", ".sql",
)  # fmt: skip
GZIP_MAGIC = b"\x1f\x8b"


class SourceError(Exception):
    """A source that cannot be read or a target that cannot be written, in one line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or standard input (``-``), and its name below the folder it was found in."""

    name: str
    relative: str = ""

    def read(self) -> bytes:
        """The bytes, decompressed; raise :class:`SourceError` with the reason."""
        try:
            data = sys.stdin.buffer.read() if self.name == "-" else Path(self.name).read_bytes()
            data = gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(f"damaged gzip data ({error})") from None
        except OSError as error:
            raise SourceError(error.strerror or str(error)) from None
        if not data:
            raise SourceError("the source is empty")
        return data


def expand(names: tuple[str, ...]) -> list[Source]:
    """The files that names stand for: folders give the pages below them, sorted."""
    found: list[Source] = []
    several = sum(os.path.isdir(name) for name in names) > 1
    for name in names:
        if not os.path.isdir(name):
            found.append(Source(name, "stdin" if name == "-" else os.path.basename(name)))
            continue
        base = Path(name)
        above = base.resolve().name if several else ""
        for path in sorted(base.rglob("*")):
            if path.is_file() and _is_page(path.name):
                found.append(Source(str(path), os.path.join(above, path.relative_to(base))))
    return found


def _is_page(name: str) -> bool:
    """Whether a file in a folder looks like a page by its name."""
    if name.startswith("."):
        return False
    lower = name.lower()
    if lower.endswith(".gz"):
        return not lower[:-3].endswith(OTHER_SUFFIXES)
    return lower.endswith(PAGE_SUFFIXES)


def targets(
    sources: list[Source], output: str | None, suffix: str
) -> Iterator[tuple[Source, str | None]]:
    """Each source with the file to write, no two the same (None: standard output)."""
    used: set[str] = set()
    for source in sources:
        if output is None:
            yield source, None
            continue
        relative = source.relative.removesuffix(".gz")
        stem, ending = os.path.splitext(relative)
        short = (stem if ending.lower() in PAGE_SUFFIXES else relative) + suffix
        name = next(n for n in _candidates(short, relative + suffix) if n not in used)
        used.add(name)
        yield source, os.path.join(output, name)


def _candidates(*names: str) -> Iterator[str]:
    yield from names
    stem, ending = os.path.splitext(names[-1])
    number = 2
    while True:
        yield f"{stem}-{number}{ending}"
        number += 1


def real_paths(sources: list[Source]) -> frozenset[str]:
    """Where the sources of a run really stand."""
    return frozenset(os.path.realpath(s.name) for s in sources if s.name != "-")


def check_target(target: str | None, sources: frozenset[str]) -> None:
    """Raise :class:`SourceError` where a result would be written over a source of the run."""
    if target is not None and os.path.realpath(target) in sources:
        raise SourceError(f"the result would overwrite the source {target}: choose another -o")


def write(target: str | None, data: bytes) -> None:
    """Write to a file, in one step, or to standard output."""
    if target is None:
        with guarded_output() as stream:
            stream.buffer.write(data)
        return
    path = Path(target)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise SourceError(f"cannot write {target}: {error.strerror or error}") from None


@contextmanager
def guarded_output() -> Iterator[TextIO]:
    """Standard output for writing; a reader that has gone away is no error."""
    if sys.stdout is None:
        raise SourceError("cannot write: standard output is closed")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise SourceError(f"cannot write to standard output: {error.strerror or error}") from None


def _silence() -> None:
    """Let nothing more reach standard output, not even at the end of the program."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
