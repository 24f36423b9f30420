"""The first pass of ``--site-templates``: what stands on many pages of a site."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path

from declutter.batch.outcome import Outcome, Wants, chosen_for, failed, site_of
from declutter.batch.records import Item, Record
from declutter.batch.sinks import part_of
from declutter.batch.workers import Settings, outcomes
from declutter.options import Options
from declutter.pipeline import read
from declutter.site import SiteCounts, Tally, tally


@contextmanager
def counted(
    items: Iterable[Item], settings: Settings, place: Path | None, tell: Callable[[int], None]
) -> Iterator[str]:
    """A file of what repeats over the pages of a site; what cannot be read does not count.

    A ``place`` keeps it for a run that goes on with this one, and is cleared when all went well.
    ``tell`` is called with the number of pages so far.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = place or Path(folder, "sites")
        if not path.exists():
            count(items, settings, tell).save(part_of(path))
            part_of(path).replace(path)
        yield str(path)
        path.unlink()


def count(items: Iterable[Item], settings: Settings, tell: Callable[[int], None]) -> SiteCounts:
    """Count what stands on pages, by site, in memory that does not grow with them."""
    counts, pages = SiteCounts(), 0
    with closing(outcomes(items, settings, tallied)) as found:
        for item in found:
            if isinstance(item, Tally):
                counts.take(item)
                pages += 1
                tell(pages)
    return counts


def tallied(record: Record, options: Options, wants: Wants) -> Tally | Outcome:
    """What a page adds to the counts."""
    try:
        chosen, _ = chosen_for(record, options)
        return tally(site_of(record), read(record.content, kind=record.kind, options=chosen))
    except Exception as error:  # the second pass tells of it
        return failed(record, str(error), 0.0)


@contextmanager
def standard_input_twice() -> Iterator[Callable[[], object]]:
    """Have standard input on disk; what this gives brings it back to its beginning."""
    before = sys.stdin
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(before.buffer, file)
        file.seek(0)
        sys.stdin = TextIOWrapper(file)
        try:
            yield lambda: file.seek(0)
        finally:
            sys.stdin.detach()
            sys.stdin = before
