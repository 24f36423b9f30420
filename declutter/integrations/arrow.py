"""Cleaning over Arrow record batches: for Spark, Ray, pyarrow datasets, and all that speak Arrow.

>>> import pyarrow as pa
>>> batch = pa.RecordBatch.from_pylist([{"key": 7, "text": "Advertisement\\nThe bridge reopened."}])
>>> [found] = clean_batches([batch], id_column="key")
>>> found.select(["id", "text"]).to_pylist()
[{'id': 7, 'text': 'The bridge reopened.'}]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from declutter.batch.outcome import GIVEN, SPANS, Wants, cleaned, host
from declutter.batch.records import Columns, Failure, Input, Item, Record
from declutter.batch.sources import records
from declutter.batch.tables import lacking, record, value_of, wanted
from declutter.errors import OptionError
from declutter.extras import needed
from declutter.integrations.common import chosen, one_of
from declutter.options import Options

with needed("pyarrow", "Arrow"):
    import pyarrow as pa
    from pyarrow import compute

    from declutter.batch import arrow

if TYPE_CHECKING:
    Batches: TypeAlias = Iterable[pa.RecordBatch | pa.Table] | pa.RecordBatch | pa.Table

TIMEOUT = 10.0  # seconds a page, as those of the command
LARGE = 1 << 26  # bytes of rows that are cleaned at a time
ROWS = 64  # of files that are cleaned at a time
NOWHERE = Input("", "")  # rows come from no file


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """What all functions here can be told.

    ``text_column``, ``html_column``
        the column that holds the pages; if neither is named, ``html`` and ``text`` are looked
        for, and where a row has both, HTML wins.
    ``id_column``, ``url_column``
        the columns that become ``id`` and ``url``, by their usual names ``id`` and ``url``.
    ``kind``
        ``html`` or ``text`` where the column is named for one and holds the other, or ``auto``.
    ``spans``
        ``list`` adds where things went and why, ``dolma`` the same in Dolma's form.
    ``options``
        the :class:`declutter.Options`.
    ``timeout``
        the seconds that a page may take where the options have no ``max_seconds``; naming what
        went may take as long again. A page is stopped by looking at the clock now and then, for
        nobody here can kill the worker. None stands for no limit.
    """

    text_column: str | None = None
    html_column: str | None = None
    id_column: str | None = None
    url_column: str | None = None
    kind: str = "auto"
    spans: str = "none"
    options: Options | None = None
    timeout: float | None = TIMEOUT

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> Cleaning:
        """The choices of a call, which may name fields of :class:`declutter.Options`, too."""
        known = set(cls.__slots__) - {"options"}
        own = {name: value for name, value in choices.items() if name in known}
        others = {name: value for name, value in choices.items() if name not in known}
        return cls(**own, options=chosen(others.pop("options", None), others))

    def __post_init__(self) -> None:
        one_of("spans", self.spans, SPANS)
        one_of("kind", self.kind)
        self.limited()

    def limited(self) -> Options:
        """The options with the limit of time."""
        options = chosen(self.options, {})
        return options if options.max_seconds else options.changed(max_seconds=self.timeout)

    def columns(self, names: list[str]) -> list[tuple[str, int | None]]:
        """The names of the columns that come out, each with the place of the one it is taken from.

        Raises :class:`declutter.OptionError` where a column is not there.
        """
        problem = lacking(names, self.named(), "text_column or html_column")
        if problem:
            raise OptionError(problem)
        page = next(name for _, name in wanted(self.named()) if name in names)
        renamed = {"id": self.id_column or "id", "url": self.url_column or "url"}
        sources = {name: names.index(old) for name, old in renamed.items() if old in names}
        used = {names.index(page), *sources.values()}
        given = {name: names.index(name) for name in GIVEN if name in names}
        sources |= {name: index for name, index in given.items() if index not in used}
        used |= set(sources.values())
        own = arrow.fields(self._wants()).names
        found: dict[str, int | None] = {name: sources.get(name) for name in own}
        for index, name in enumerate(names):
            if index not in used:
                while name in found:
                    name = f"input_{name}"
                found[name] = index
        return list(found.items())

    def schema(self, given: pa.Schema) -> pa.Schema:
        """The columns that come out of batches of a schema, whatever they hold."""
        own = arrow.fields(self._wants())
        return pa.schema(
            own.field(name) if index is None else given.field(index).with_name(name)
            for name, index in self.columns(given.names)
        )

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a batch, cleaned."""
        own = arrow.fields(self._wants())
        found = arrow.batch(list(self._rows(batch)), own)
        columns = [
            found.column(name) if index is None else _filled(batch.column(index), found, name)
            for name, index in self.columns(batch.schema.names)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema(batch.schema))

    def items(self, items: Iterable[Item]) -> Iterator[pa.RecordBatch]:
        """The rows of what readers of files yield, without what is no page."""
        rows: list[Mapping[str, Any]] = []
        for item in items:
            if isinstance(item, Record | Failure):
                rows.append(self._row(item))
            if len(rows) >= ROWS:
                yield arrow.batch(rows, self.file_schema())
                rows = []
        if rows:
            yield arrow.batch(rows, self.file_schema())

    def file_schema(self) -> pa.Schema:
        """The columns of rows from files; other fields of a record come as JSON in the last."""
        return arrow.layout(self._wants(), (), None)

    def named(self) -> Columns:
        """The columns to read."""
        return Columns(self.text_column, self.html_column, self.id_column, self.url_column)

    def _wants(self) -> Wants:
        return Wants(self.spans, named=False)

    def _rows(self, batch: pa.RecordBatch) -> Iterator[Mapping[str, Any]]:
        """The row of each page; its id and all that only passes through stay outside."""
        columns = replace(self.named(), id=None)
        names = dict.fromkeys([name for _, name in wanted(columns)] + [columns.url or "url"])
        there = batch.schema.names
        values = {name: batch.column(there.index(name)) for name in names if name in there}
        for place in range(batch.num_rows):
            row = {name: value_of(column[place]) for name, column in values.items()}
            yield {**self._row(record(row, columns, NOWHERE, place)), "id": None}

    def _row(self, item: Record | Failure) -> Mapping[str, Any]:
        """The row of a record; where there is none, no text but the reason."""
        if isinstance(item, Failure):
            return {"id": item.id, "reason": item.reason}
        page = item if self.kind == "auto" else replace(item, kind=self.kind)
        outcome = cleaned(page, self.limited(), self._wants())
        if outcome.row is not None:
            return outcome.row
        known = {"id": item.id, "url": item.url, "host": host(item.url), "date": item.date}
        return {**known, "reason": outcome.error}


def clean_batches(batches: Batches, **choices: Any) -> Iterator[pa.RecordBatch | pa.Table]:
    """Clean the pages of record batches: as many rows as came, in their order.

    The choices are those of :class:`Cleaning`, and fields of :class:`declutter.Options`. A row
    has the columns that the command writes
    (``text``, ``title``, ``reason``, ...) and those that it had, untouched, but the page's own;
    ``input_`` is put before a name that is taken. Id and address keep their types; what the input
    says of date, title, language and host stays, and gaps in columns of strings are filled. A row
    that cannot be cleaned has no ``text`` (null, not empty), and the reason in ``reason``.

    Tables give tables; a table or batch may come by itself, as Ray hands them over. This
    function, and a partial of it, can be pickled. Raises :class:`declutter.OptionError` for a
    column that is not there.
    """
    cleaning = Cleaning.of(choices)
    alone = isinstance(batches, pa.Table | pa.RecordBatch)
    return _clean([batches] if alone else batches, cleaning)


def _clean(
    batches: Iterable[pa.RecordBatch | pa.Table], cleaning: Cleaning
) -> Iterator[pa.RecordBatch | pa.Table]:
    for batch in batches:
        if isinstance(batch, pa.Table):
            parts = [cleaning.batch(part) for b in batch.to_batches() for part in _parts(b)]
            yield pa.Table.from_batches(parts, cleaning.schema(batch.schema))
        else:
            for part in _parts(batch):
                yield cleaning.batch(part)


def output_schema(schema: pa.Schema, **choices: Any) -> pa.Schema:
    """The schema of what :func:`clean_batches` makes of batches of a schema."""
    return Cleaning.of(choices).schema(schema)


def clean_files(inputs: Iterable[Input | Failure], **choices: Any) -> Iterator[pa.RecordBatch]:
    """Clean the pages of files (see :func:`declutter.batch.sources.expand`), one after the other.

    A file or record that cannot be read or cleaned is a row with the reason and no text; what is
    no page (a request, an image in an archive) has none. The schema is :func:`file_schema`.
    """
    cleaning = Cleaning.of(choices)
    columns, options = cleaning.named(), cleaning.limited()
    for input in inputs:
        found = (input,) if isinstance(input, Failure) else records(input, columns, options)
        yield from cleaning.items(found)


def file_schema(**choices: Any) -> pa.Schema:
    """The schema of what :func:`clean_files` yields."""
    return Cleaning.of(choices).file_schema()


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in parts that are not too large for what comes out to be held in one column."""
    if batch.num_rows <= 1 or batch.nbytes <= LARGE:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _parts(batch.slice(0, half))
    yield from _parts(batch.slice(half))


def _filled(given: pa.Array, found: pa.RecordBatch, name: str) -> pa.Array:
    """A column as it came; gaps in what the input says of a page are filled with what was found."""
    kind = given.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if name in GIVEN and is_text and given.null_count:
        return compute.coalesce(given, found.column(name).cast(kind))
    return given
