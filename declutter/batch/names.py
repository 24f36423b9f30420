"""What names on the command line stand for: files, folders, patterns, lists of files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from mimetypes import MimeTypes

from declutter.batch.ledger import LEDGER
from declutter.batch.pages import reason
from declutter.batch.records import Failure, Input, Skipped
from declutter.batch.streams import lines, pieces
from declutter.files import OTHER_SUFFIXES, PAGE_SUFFIXES, SourceError

# what a file of this name is; others are known by their first bytes
FORMS = {
    **dict.fromkeys(PAGE_SUFFIXES, "html"),
    ".txt": "auto",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
PACKED = (".gz", ".zst")
MAX_NAME = 1 << 16  # bytes; a longer one is no name
Found = Iterator[Input | Failure]
All = Iterator[Input | Failure | Skipped]
# why a file in a folder is not read
UNKNOWN = "a file whose name tells nothing: name it, or use a pattern"
OTHER = "a file that is no page by its name"
_KINDS = MimeTypes()  # without those of the machine


def form(name: str) -> str | None:
    """What a file is by its name, packed or not; None where that says nothing.

    >>> form("a.warc.gz"), form("B.HTM"), form("c.jsonl.zst"), form("d.gz")
    ('warc', 'html', 'jsonl', None)
    """
    return FORMS.get(os.path.splitext(_unpacked(name))[1])


def _unpacked(name: str) -> str:
    lower = name.lower()
    stem, ending = os.path.splitext(lower)
    return stem if ending in PACKED else lower


def expand(names: Sequence[str], files_from: str | None = None, null: bool = False) -> Found:
    """What :func:`expand_all` gives, without the files that are not read."""
    for item in expand_all(names, files_from, null):
        if not isinstance(item, Skipped):
            yield item


def expand_all(names: Sequence[str], files_from: str | None = None, null: bool = False) -> All:
    """The files that names stand for, one after the other, and a failure for a name of nothing.

    A name is a file, a folder (the files below it that can be read, in order), a pattern that the
    shell left (``*``, ``?``, ``[...]``, ``**``), or ``-`` for data on standard input.
    ``files_from`` is a list of files and folders, ``-`` for one on standard input, with a name a
    line or, with ``null``, names that end in a NUL. What is in a folder and does not look like
    something to read is skipped, but for hidden files.
    """
    several = len(names) + (files_from is not None) > 1
    for name in names:
        if name == "-" and files_from == "-":
            yield _failure(name, "standard input is the list of files already: name one of them")
        elif name == "-":
            yield Input("-", "stdin")
        elif has_magic(name) and not os.path.lexists(name):
            yield from _pattern(name)
        else:
            yield from _named(name, several)
    if files_from is not None:
        yield from _listed(files_from, b"\0" if null else b"\n")


def _named(name: str, several: bool = True) -> All:
    """A file, or those below a folder; where it is one of several names, it gives its own."""
    if os.path.isdir(name):
        above = relative(name) if several else ""
        empty = True
        for item in _below(name, above, set()):
            empty = empty and isinstance(item, Skipped)
            yield item
        if empty:
            yield _failure(name, f"no file in this folder that can be read ({' '.join(FORMS)})")
    elif os.path.exists(name):
        yield Input(name, relative(name))
    else:
        yield _failure(name, "no such file or folder: check the name")


def relative(name: str) -> str:
    """A name without what leads out of a folder of results.

    >>> relative("/data/a.html"), relative("../b/./c.txt"), relative("d/e.txt")
    ('data/a.html', 'b/c.txt', 'd/e.txt')
    """
    path = os.path.splitdrive(os.path.normpath(name))[1]
    return os.path.join(*(part for part in path.split(os.sep) if part not in ("", "..")), "")[:-1]


def _failure(name: str, why: str) -> Failure:
    return Input(name, relative(name)).failure(0, why, name)


def _below(folder: str, above: str, seen: set[tuple[int, int]]) -> All:
    """The files below a folder in order; each real folder is gone through once."""
    entries = _entries(folder, seen)
    if isinstance(entries, Failure):
        yield entries
        return
    for entry in entries:
        path, inside = entry.path, os.path.join(above, entry.name)
        if _is_folder(entry):
            yield from _below(path, inside, seen)
        elif _is_known(entry.name):
            yield Input(path, inside)
        else:
            yield Skipped(path, 0, OTHER if _KINDS.guess_type(_unpacked(path))[0] else UNKNOWN)


def _entries(folder: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]] | Failure:
    """What a folder holds, sorted, without hidden ones and ledgers; nothing for one seen before."""
    try:
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:
            return []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            shown = (e for e in entries if e.name[0] != "." and e.name != LEDGER)
            return sorted(shown, key=lambda e: e.name)
    except OSError as error:
        return _failure(folder, reason(error))


def _is_known(name: str) -> bool:
    """Whether a file in a folder looks like something to read, by its name."""
    if form(name):
        return True
    inner = _unpacked(name)
    return name.lower().endswith(PACKED) and not inner.endswith(OTHER_SUFFIXES)


def _pattern(name: str) -> All:
    """The files that a pattern stands for, and those of folders unless it has a ``**``."""
    first, *rest = name.split(os.sep)
    base, parts = (first + os.sep, rest) if not first else ("", [first, *rest])
    found = False
    for path in _matching(base, [part for part in parts if part]):
        if not os.path.isdir(path):
            found = True
            yield Input(path, relative(path))
        elif "**" not in parts:
            found = True
            yield from _named(path)
    if not found:
        yield _failure(name, "no file matches this pattern: check it, or quote it")


def _matching(base: str, parts: list[str]) -> Iterator[str]:
    """The paths below a base that match the parts of a pattern, sorted within a folder."""
    if not parts:
        yield base
        return
    part, *rest = parts
    if part == "**":
        for folder in _folders(base, set()):
            yield from _matching(folder, rest or ["*"])
    elif has_magic(part):
        for entry in _inside(base, set()):
            if fnmatchcase(entry.name, part):
                yield from _matching(os.path.join(base, entry.name), rest)
    elif os.path.lexists(path := os.path.join(base, part)):
        yield from _matching(path, rest)


def _folders(base: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """A folder and those below it, each real one once."""
    yield base
    for entry in _inside(base, seen):
        if _is_folder(entry):
            yield from _folders(os.path.join(base, entry.name), seen)


def _inside(base: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    entries = _entries(base or os.curdir, seen)
    return [] if isinstance(entries, Failure) else entries


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or (
        entry.is_symlink() and os.path.isdir(entry.path)  # does not raise for a circle of links
    )


def _listed(source: str, separator: bytes) -> All:
    """The files and folders of a list."""
    try:
        for line in lines(pieces(source), separator, MAX_NAME):
            if line is None:
                yield _failure(source, f"a name in this list is longer than {MAX_NAME} bytes")
                continue
            name = os.fsdecode(line if separator == b"\0" else line.removesuffix(b"\r"))
            if name.strip():
                yield from _named(os.path.join(os.curdir, name) if name == "-" else name)
    except (SourceError, OSError) as error:
        yield _failure(source, f"this list of files cannot be read: {reason(error)}")
