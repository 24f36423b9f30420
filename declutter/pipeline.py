"""The order of things: source, reader, rules and scores, decision, result."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from declutter.decide import decide
from declutter.errors import InputError, LimitError, OptionError
from declutter.lexicon import default_lexicon
from declutter.model import Block, Category, Document, Finding, Removal
from declutter.options import KINDS, Options
from declutter.readers import sniff
from declutter.readers import text as text_reader
from declutter.rules import RULES, Context
from declutter.segment import count_words
from declutter.writers.text import clean_text

DEFAULT = Options()
MAX_HEADLINE_WORDS = 30


@dataclass(frozen=True)
class Result:
    """What cleaning made of a page: the text, and all that was removed with the reasons."""

    document: Document
    removals: tuple[Removal, ...]
    reason: str | None = None
    title: str | None = None

    @cached_property
    def text(self) -> str:
        """The document's text minus the removals (see :func:`declutter.writers.text.without`)."""
        return clean_text(self.document.text, self.removals)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the document, removed ones included."""
        return self.document.blocks

    @property
    def kind(self) -> str:
        """``html`` or ``text``: how the source was read."""
        return self.document.kind

    @property
    def encoding(self) -> str | None:
        """The charset that decoded the source; None where it was given as characters."""
        return self.document.encoding

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was doubtful in reading the source."""
        return self.document.warnings


def clean(
    source: Any, *, kind: str = "auto", options: Options | None = None, **overrides: Any
) -> str:
    """Return the clean article text of a page.

    ``source`` is HTML or flattened text as ``str`` or ``bytes``, an lxml element or a
    BeautifulSoup object. ``kind`` is ``auto``, ``html`` or ``text``; ``options`` and
    ``overrides`` are the fields of :class:`declutter.Options`.

    Raises :class:`declutter.InputError` (not a page), :class:`declutter.LimitError` (a
    limit of the options was exceeded), :class:`declutter.OptionError` (unknown option).

    >>> clean("Skip to main content\\nThe old bridge over the Elster reopened on Monday.")
    'The old bridge over the Elster reopened on Monday.'
    """
    return analyze(source, kind=kind, options=options, **overrides).text


def analyze(
    source: Any, *, kind: str = "auto", options: Options | None = None, **overrides: Any
) -> Result:
    """Return the :class:`Result` of cleaning a page: text, removals with reasons, title.

    Takes the arguments of :func:`clean` and raises the same errors.

    >>> result = analyze("Skip to main content\\nThe old bridge reopened on Monday morning.")
    >>> [(r.category.value, r.text) for r in result.removals]
    [('navigation', 'Skip to main content')]
    """
    if kind not in KINDS:
        raise OptionError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if options is not None and not isinstance(options, Options):
        raise OptionError(f"options must be declutter.Options, not {type(options).__name__}")
    chosen = (options or DEFAULT).changed(**overrides)
    tick = _clock(chosen.max_seconds)
    return clean_document(_read(source, kind, chosen, tick), chosen, tick)


def clean_document(
    doc: Document, options: Options = DEFAULT, tick: Callable[[], None] = lambda: None
) -> Result:
    """Run the rules and the decision on a document that was read already."""
    ctx = Context(doc, default_lexicon(), tick)
    findings: list[Finding] = []
    for rule in RULES.values():
        findings += ctx.memo(rule)
    scores = []
    if doc.kind == "html":
        from declutter.scoring.blocks import score

        scores = score(doc, ctx.sentence_like, options.comments, tick)
    removals, reason = decide(doc, findings, scores, ctx.sentence_like, options)
    title = doc.title or _headline(doc, removals, ctx.sentence_like)
    return Result(doc, tuple(removals), reason, title)


def _headline(doc: Document, removals: list[Removal], sentence_like: list[bool]) -> str | None:
    """The headline of a flattened text: the first kept line, if it is one."""
    starts = [removal.start for removal in removals]
    for block, prose in zip(doc.blocks, sentence_like, strict=True):
        at = bisect_right(starts, block.start) - 1
        if at >= 0 and block.end <= removals[at].end:
            continue
        line = doc.text[block.start : block.end]
        return None if prose or not 1 < count_words(line) <= MAX_HEADLINE_WORDS else line
    return None


def _clock(seconds: float | None) -> Callable[[], None]:
    """A function that raises :class:`LimitError` once the time is up."""
    if seconds is None:
        return lambda: None
    deadline = time.monotonic() + seconds

    def tick() -> None:
        if time.monotonic() > deadline:
            raise LimitError(f"the page took longer than max_seconds={seconds}")

    return tick


def _read(source: Any, kind: str, options: Options, tick: Callable[[], None]) -> Document:
    """Make a document of any source."""
    if isinstance(source, str):
        return _read_text(source, kind, options, tick)
    if isinstance(source, bytes | bytearray | memoryview):
        return _read_bytes(bytes(source), kind, options, tick)
    if kind == "text":
        raise InputError(f"kind='text' needs a str or bytes, not {type(source).__name__}")
    # bs4 first: its objects answer to any attribute name
    if type(source).__module__.split(".")[0] == "bs4":
        return _read_text(str(source), "html", options, tick)
    if hasattr(source, "getroottree"):
        from declutter.readers import html as html_reader

        return html_reader.read_tree(source, tick)
    if hasattr(source, "getroot"):
        return _read(source.getroot(), kind, options, tick)
    raise InputError(
        "the source must be str, bytes, an lxml element or a BeautifulSoup object, "
        f"not {type(source).__name__}"
    )


def _read_bytes(data: bytes, kind: str, options: Options, tick: Callable[[], None]) -> Document:
    from declutter.readers.encoding import decode

    _check_size(len(data), options)
    decoded = decode(data, options.encoding)
    doc = _read_text(decoded.text, kind, options, tick, given=False)
    warnings = decoded.warnings + doc.warnings
    return replace(doc, encoding=decoded.encoding, warnings=warnings)


def _read_text(
    text: str, kind: str, options: Options, tick: Callable[[], None], *, given: bool = True
) -> Document:
    if given:
        if options.max_bytes is not None:
            _check_size(len(text.encode("utf-8", "surrogatepass")), options)
        if kind == "auto":
            sniff.refuse_reference(text)
    tick()
    if kind == "html" or (kind == "auto" and sniff.is_html(text)):
        from declutter.readers import html as html_reader

        return html_reader.read(text, tick)
    return text_reader.read(text)


def _check_size(size: int, options: Options) -> None:
    if options.max_bytes is not None and size > options.max_bytes:
        raise LimitError(f"the source has {size} bytes, more than max_bytes={options.max_bytes}")


def explain(result: Result) -> dict[Category, list[Removal]]:
    """The removals of a result by category, those with most characters first."""
    groups: dict[Category, list[Removal]] = {}
    for removal in result.removals:
        groups.setdefault(removal.category, []).append(removal)
    size = {category: sum(len(r.text) for r in group) for category, group in groups.items()}
    return dict(sorted(groups.items(), key=lambda item: -size[item[0]]))
