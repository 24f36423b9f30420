"""What the command ``declutter batch`` was asked to do, and the doing of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NoReturn

import click

from declutter import __version__
from declutter.batch import sinks, templates
from declutter.batch.command import FILE_ENDINGS
from declutter.batch.ledger import LEDGER, Ledger
from declutter.batch.names import All, expand_all, relative
from declutter.batch.outcome import Wants
from declutter.batch.progress import Progress, many, summary
from declutter.batch.records import Columns, Failure, Input, Item, Record
from declutter.batch.run import Plan, Run, TooManyFailuresError
from declutter.batch.sinks import ReaderGoneError, Sink
from declutter.batch.sources import records
from declutter.batch.workers import Settings
from declutter.choices import SUFFIXES
from declutter.options import Options

# endings of files that nobody gives to a folder
NO_FOLDERS = (".json", ".txt", ".html", ".csv", ".tsv", ".md", ".ndjson", ".gz", ".zst")
PART_ROWS = 10_000  # of a file in a folder, unless told otherwise
# choices that change what is written
SAME = (
    "text_column", "html_column", "id_column", "url_column", "form", "spans", "dolma", "removed",
    "site_templates", "links", "images", "tables", "markers",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line says."""

    files_from: str | None
    null: bool
    text_column: str | None
    html_column: str | None
    id_column: str | None
    url_column: str | None
    output: str
    form: str | None
    spans: bool
    dolma: bool
    removed: str | None
    links: bool
    images: bool
    tables: bool
    markers: bool
    part_rows: int | None
    jobs: int | None
    timeout: float
    max_memory: int | None
    site_templates: bool
    resume: bool
    fail_fast: bool
    max_failures: int | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A run as the command line describes it."""

    sources: tuple[str, ...]
    options: Options
    kind: str
    choices: Choices

    @property
    def output(self) -> Path | None:
        """The file or folder of results; None for standard output."""
        return None if self.choices.output == "-" else Path(self.choices.output)

    @property
    def is_folder(self) -> bool:
        """Whether results go to a folder."""
        return self.output is not None and not self.choices.output.endswith(FILE_ENDINGS)

    @property
    def has_parts(self) -> bool:
        """Whether results go to files of many rows in a folder."""
        return self.is_folder and (self.choices.form or "text") not in SUFFIXES

    @property
    def ledger(self) -> Path | None:
        """Where the ledger is; None for standard output, which cannot be resumed."""
        if self.output is None:
            return None
        return self.output / LEDGER if self.is_folder else Path(f"{self.output}.ledger")

    @property
    def sites(self) -> Path | None:
        """Where it is kept what repeats on sites, for a run that goes on with this one."""
        return self.ledger and self.ledger.with_name(f"{self.ledger.name}.sites")

    @property
    def columns(self) -> Columns:
        """The columns to read."""
        chosen = self.choices
        return Columns(chosen.text_column, chosen.html_column, chosen.id_column, chosen.url_column)

    @property
    def wants(self) -> Wants:
        """What is to be written."""
        spans = "dolma" if self.choices.dolma else "list" if self.choices.spans else "none"
        chosen, form = self.choices, self.choices.form or "text"
        shown = {name: getattr(chosen, name) for name in ("links", "images", "tables", "markers")}
        plain = form == "text" and not chosen.markers
        written = None if self.has_parts or plain or form == "json" else form
        return Wants(spans, chosen.removed is not None, form=written, shown=tuple(shown.items()))

    def check(self) -> None:
        """Raise :class:`click.UsageError` for choices that do not go together."""
        chosen = self.choices
        if chosen.null and chosen.files_from is None:
            raise click.UsageError("-0 is for the names of --files-from: give both")
        if chosen.form and not self.is_folder:
            raise click.UsageError("--format is for a folder; the name of a file tells its form")
        if chosen.part_rows is not None and not self.has_parts:
            raise click.UsageError("--part-rows is for a folder of jsonl or parquet (--format)")
        if chosen.removed and not chosen.removed.endswith(FILE_ENDINGS[:3]):
            raise click.UsageError(f"--removed PATH ends in one of {' '.join(FILE_ENDINGS[:3])}")
        rows = self.has_parts or chosen.form == "json" or not self.is_folder
        if not rows and (chosen.spans or chosen.dolma):
            raise click.UsageError("texts have no place for spans: choose another --format")
        if self.is_folder and chosen.output.lower().endswith(NO_FOLDERS):
            known = " ".join(FILE_ENDINGS)
            raise click.UsageError(f"-o {chosen.output}: a file ends in one of {known}")
        if chosen.spans and chosen.dolma:
            raise click.UsageError("--spans and --dolma are two forms of one thing: choose one")
        if self.output is not None and self.output.exists():
            if self.output.is_dir() != self.is_folder:
                what = "file" if self.is_folder else "folder"
                raise click.UsageError(f"{self.output} is a {what}: choose another -o")
            self._check_place(self.output)
        if chosen.removed and self.output is not None and _is_same(chosen.removed, self.output):
            raise click.UsageError("--removed and -o are the same file: choose another")
        self._check_names()
        if chosen.resume and self.refuses():
            raise click.UsageError(f"--resume: {self.refuses()}")

    def _check_names(self) -> None:
        """See that no source is written over, and that none is written over another's result."""
        known: dict[str, str] = {}
        places = self._places()
        for name in filter(os.path.exists, self.sources):
            if not os.path.isdir(name) and _is_below(name, places):
                raise click.UsageError(f"{name} is read and written by this run: choose another -o")
            other = known.setdefault(relative(name), name)
            if other != name and self.is_folder and not self.has_parts:
                raise click.UsageError(f"{other} and {name} would go to the same place: rename one")

    def _places(self) -> list[str]:
        """The files, and the folder of files, that this run writes, complete or not."""
        known = (self.output, self.choices.removed, self.ledger, self.sites)
        files = [str(path) for path in known if path is not None]
        return [os.path.realpath(name) for path in files for name in (path, f"{path}.part")]

    def _check_place(self, output: Path) -> None:
        """See that a run does not write among what it reads, or into the parts of another."""
        folders = [name for name in self.sources if os.path.isdir(name)]
        place = os.path.realpath(output)
        if self.is_folder and any(_is_below(folder, [place]) for folder in folders):
            raise click.UsageError(f"{output} holds sources of this run: choose another -o")
        if self.has_parts and any(sinks.parts(output)) and not self._has_begun():
            raise click.UsageError(
                f"{output} holds the parts of another run: go on with it by --resume, or choose "
                "another -o"
            )

    def _has_begun(self) -> bool:
        """Whether there is a run to go on with."""
        return self.choices.resume and self.ledger is not None and self.ledger.exists()

    def refuses(self) -> str | None:
        """Why this run cannot be resumed; None if it can."""
        return self.sink().refuses

    def advice(self) -> str:
        """What to do when the run ends early."""
        if self.ledger is None or not self.ledger.exists() or self.refuses():
            return ""
        return "; what is finished is safe: the same command with --resume goes on"

    def sink(self) -> Sink:
        """Where rows go."""
        form = self.choices.form or "text"
        if self.output is None:
            return sinks.Output()
        if self.has_parts:
            return sinks.Parts(self.output, form, self.wants)
        if self.is_folder:
            return sinks.Files(self.output, SUFFIXES[form][1:])
        if self.choices.output.endswith(".parquet"):
            return sinks.Table(self.output, self.wants)
        return sinks.Lines(self.output)

    def all_sinks(self) -> list[Sink]:
        """Where rows go, and what was removed."""
        if self.choices.removed is None:
            return [self.sink()]
        return [self.sink(), sinks.Lines(Path(self.choices.removed), sinks.removals)]

    def plan(self) -> Plan:
        """How often results are settled."""
        failures = 0 if self.choices.fail_fast else self.choices.max_failures
        if self.has_parts:
            return Plan(self.choices.part_rows or PART_ROWS, float("inf"), failures)
        if self.output is None:
            return Plan(1, float("inf"), failures)
        return Plan(failures=failures)

    def settings(self) -> Settings:
        """How pages are cleaned."""
        chosen = self.choices
        memory = chosen.max_memory * 1_000_000 if chosen.max_memory else None
        jobs = chosen.jobs or os.cpu_count() or 1
        return Settings(self.options, self.wants, jobs, chosen.timeout, memory)

    def about(self) -> dict[str, Any]:
        """What must be the same when a run goes on: all that changes what is written."""
        options = {field.name: getattr(self.options, field.name) for field in fields(self.options)}
        return {
            "version": __version__,
            "kind": self.kind,
            **{name: _plain(value) for name, value in options.items()},
            **{name: getattr(self.choices, name) for name in SAME},
        }

    def inputs(self) -> All:
        """The sources, without what this run writes."""
        places = self._places()
        for item in expand_all(self.sources, self.choices.files_from, self.choices.null):
            path = item.path if isinstance(item, Input) else item.source
            if isinstance(item, Failure) or not _is_below(path, places):
                yield item

    def read(self, input: Input, seen: Callable[[int], None]) -> Iterator[Item]:
        """The records of a source."""
        for item in records(input, self.columns, self.options, seen):
            if self.kind != "auto" and isinstance(item, Record):
                yield replace(item, kind=self.kind)
            else:
                yield item


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names without those of a file that another of them stands for, too."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(os.path.realpath(name) if os.path.isfile(name) else name, name)
    return tuple(known.values())


def _is_same(one: str | Path, other: str | Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_below(name: str, places: Sequence[str]) -> bool:
    """Whether a file is one of some, or in a folder that is one of them."""
    path = os.path.realpath(name)
    return any(path == place or path.startswith(os.path.join(place, "")) for place in places)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):  # of rule files, which may have moved
        return [file.digest for file in value]
    return sorted(map(str, value)) if isinstance(value, frozenset) else value


def carry_out(job: Job) -> str | None:
    """Do a job; return why it ended early or with failures, if it did."""
    start, place = time.monotonic(), job.ledger
    with ExitStack() as stack:
        ledger = Ledger(place, job.about(), job.choices.resume) if place else None
        if ledger is not None:
            stack.callback(ledger.close)
        progress = Progress(job.choices.quiet, ledger is not None)
        run = Run(job.all_sinks(), ledger, job.plan(), progress.tell)
        try:
            return _go(job, run, progress)
        finally:
            progress.close()
            if not job.choices.quiet:
                for line in summary(run.totals, time.monotonic() - start):
                    click.echo(line, err=True)


def _go(job: Job, run: Run, progress: Progress) -> str | None:
    if "-" not in (*job.sources, job.choices.files_from):
        progress.size_up(job.inputs())
    with _terminable(), ExitStack() as stack:
        settings = job.settings()
        try:
            if job.choices.site_templates:
                settings = stack.enter_context(_with_sites(job, settings, progress))
            run.go(job.inputs(), job.read, settings)
        except TooManyFailuresError:
            return f"stopped after {many(run.totals.failed, 'failure')}{job.advice()}"
        except ReaderGoneError:
            return None  # as with head: it has what it wants
    others = ", the others are done" if run.totals.pages else ""
    return f"{run.totals.failed:,} failed{others}" if run.totals.failed else None


@contextmanager
def _with_sites(job: Job, settings: Settings, progress: Progress) -> Iterator[Settings]:
    """The settings with what repeats over the pages of each site: all is read once for that."""
    chosen, place = job.choices, job.sites
    if place is not None and not chosen.resume:
        place.unlink(missing_ok=True)
    twice = "-" in (*job.sources, chosen.files_from)
    with templates.standard_input_twice() if twice else nullcontext(lambda: None) as again:
        inputs = (item for item in job.inputs() if isinstance(item, Input))
        items = (item for input in inputs for item in job.read(input, lambda size: None))
        with templates.counted(items, settings, place, progress.first_pass) as path:
            again()
            yield replace(settings, wants=replace(settings.wants, sites=path))


@contextmanager
def _terminable() -> Iterator[None]:
    """End by SIGTERM as by Ctrl-C."""

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
