"""The order of things: source, reader, rules and scores, decision, result."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from declutter.decide import (
    NAMED,
    covered_blocks,
    decide,
    headline_cut,
    keep_blocks,
    overruled,
    piece_cuts,
    reason,
    removal,
)
from declutter.errors import InputError, LimitError, OptionError
from declutter.lexicon import STRONG, Lexicon, Match, Search, default_lexicon
from declutter.model import CREDITS, Block, Category, Document, Finding, Metadata, Removal
from declutter.options import KINDS, Options
from declutter.readers import sniff
from declutter.readers import text as text_reader
from declutter.rules import RULES, Context
from declutter.rules.user import own_rules
from declutter.segment import count_words, is_sentence_like
from declutter.writers.text import without

if TYPE_CHECKING:
    from datetime import date

    from declutter.rulefiles import PageRules
    from declutter.scoring.score import Score
    from declutter.scoring.text import TextScore
    from declutter.site import SiteView
    from declutter.writers.tree import Tag

DEFAULT = Options()
FORMATS = ("text", "markdown", "html", "json", "tei")
MAX_HEADLINE_WORDS = 30
NEAR = 2  # blocks
MAX_COPIES = 100  # blocks of the same text that are looked at to say what they are
SURE = 0.9  # a probability of main content
CODE = ("inline-css", "script-residue")  # rules that tell what is no text at all


@dataclass(frozen=True)
class Result:
    """What cleaning made of a page: the text, and all that was removed with the reasons.

    ``confidence`` is the F1 to be expected of the text, from 0 to 1 (None for an empty one).
    Reasons are worked out when :attr:`removals`, or :attr:`reason` of an empty text, is first
    asked for; ``max_seconds`` then holds anew. So is :attr:`metadata`, from the markup, which is
    kept until then; ``url`` is the page's address, where it was told.
    """

    document: Document
    title: str | None
    confidence: float | None
    _cuts: tuple[Finding, ...] = field(repr=False)
    _name: Callable[[Sequence[Finding]], list[Removal]] = field(repr=False, compare=False)
    url: str | None = None

    @cached_property
    def text(self) -> str:
        """The document's text minus the removals (see :func:`declutter.writers.text.without`)."""
        return without(self.document.text, ((cut.start, cut.end) for cut in self._cuts))

    @cached_property
    def removals(self) -> tuple[Removal, ...]:
        """What was removed, in order, with category, rule and reason.

        Raises :class:`declutter.LimitError` where naming takes longer than ``max_seconds``.
        """
        return tuple(self._name(self._cuts))

    def to(
        self,
        form: str,
        *,
        links: bool = True,
        images: bool = False,
        tables: bool = True,
        markers: bool = False,
        url: str | None = None,
    ) -> str:
        """What was kept, in another form: ``text``, ``markdown``, ``html``, ``tei`` or ``json``.

        ``links``, ``images`` and ``tables`` say what the formats with structure show of these (a
        table that is not shown is text); ``markers`` adds list markers and tabs between cells to
        ``text``, which else is :attr:`text`. ``url`` is the page's address, which makes relative
        ones absolute. HTML is a fragment (:func:`declutter.writers.html.page` makes a page of it).

        >>> page = "<article><h1>The bridge</h1><p>It <b>reopened</b> on Monday, the city said."
        >>> analyze(page).to("markdown")
        '# The bridge\\n\\nIt **reopened** on Monday, the city said.\\n'
        """
        if form not in FORMATS:
            raise OptionError(f"unknown format {form!r}: choose from {', '.join(FORMATS)}")
        if form == "json":
            from declutter.writers.json import dumps, record

            told = (self.removals, self.text, self.title, self.reason, self.metadata.as_dict())
            return dumps(record(self.document, *told))
        from declutter.writers import html, markdown, plain, tei

        if form == "text":
            return plain.write(self.tree()) if markers else self.text
        url = url or self.url
        content, shown = self.tree(url), {"links": links, "images": images, "tables": tables}
        if form == "tei":
            about = {"title": self.title, "language": self.document.language, "canonical_url": url}
            known = self.metadata.as_dict().items()
            given = {key: value for key, value in known if value is not None}
            return tei.write(content, **shown, about=about | given)
        write = markdown.write if form == "markdown" else html.write
        return write(content, **shown)

    def file(self, form: str, **shown: Any) -> str:
        """What a file of a format holds: :meth:`to`, but HTML as a page, and lines that end."""
        text = self.to(form, **shown)
        if form == "html":
            from declutter.writers.html import page

            text = page(text, self.title, self.document.language)
        return text if not text or text.endswith("\n") else f"{text}\n"

    def tree(self, url: str | None = None) -> Tag:
        """What was kept as a tree of few elements, which the writers of formats share."""
        from declutter.writers.tree import tree

        return tree(self.document, [(cut.start, cut.end) for cut in self._cuts], url)

    @property
    def removal_ratio(self) -> float:
        """The part of the document's characters that was removed, from 0 to 1."""
        size = len(self.document.text)
        if size and not self.text:
            return 1.0  # white space between what was removed went, too
        return sum(cut.end - cut.start for cut in self._cuts) / size if size else 0.0

    @property
    def reason(self) -> str | None:
        """Why the text is empty; None where it is not."""
        if self.text:
            return None
        doc = self.document
        prose = any(is_sentence_like(doc.text[b.start : b.end]) for b in doc.blocks)
        return reason(doc, self.removals, prose)

    @cached_property
    def metadata(self) -> Metadata:
        """Title, authors, dates and what else the page tells of itself, with their sources."""
        from declutter.meta import metadata_of

        return metadata_of(self.document, url=self.url, text=self.text)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the removals instead of what they would be worked out from."""
        return {**self.__dict__, "removals": self.removals, "_name": list}

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
    source: Any,
    *,
    kind: str = "auto",
    options: Options | None = None,
    site: SiteView | None = None,
    url: str | None = None,
    **overrides: Any,
) -> str:
    """Return the clean article text of a page.

    ``source`` is HTML or flattened text as ``str`` or ``bytes``, an lxml element or a
    BeautifulSoup object. ``kind`` is ``auto``, ``html`` or ``text``; ``options`` and
    ``overrides`` are the fields of :class:`declutter.Options`. ``site`` tells what repeats over
    the pages of the page's host (:class:`declutter.site.SiteCounts`). ``url`` is the address of
    the page: rules of your own may be for some hosts only.

    Raises :class:`declutter.InputError` (not a page), :class:`declutter.LimitError` (a
    limit of the options was exceeded), :class:`declutter.OptionError` (unknown option).

    >>> clean("Skip to main content\\nThe old bridge over the Elster reopened on Monday.")
    'The old bridge over the Elster reopened on Monday.'
    """
    return analyze(source, kind=kind, options=options, site=site, url=url, **overrides).text


def analyze(
    source: Any,
    *,
    kind: str = "auto",
    options: Options | None = None,
    site: SiteView | None = None,
    url: str | None = None,
    **overrides: Any,
) -> Result:
    """Return the :class:`Result` of cleaning a page: text, removals with reasons, title.

    Takes the arguments of :func:`clean` and raises the same errors. ``url`` also serves the
    metadata, and makes the addresses in formats absolute.

    >>> result = analyze("Skip to main content\\nThe old bridge reopened on Monday morning.")
    >>> [(r.category.value, r.text) for r in result.removals]
    [('navigation', 'Skip to main content')]
    """
    chosen = _chosen(kind, options, overrides)
    tick = _clock(chosen.max_seconds)
    own = _own(chosen, url)
    result = clean_document(_read(source, kind, chosen, tick, own), chosen, tick, site, own)
    return replace(result, url=url) if url else result


def metadata(
    source: Any,
    *,
    kind: str = "auto",
    url: str | None = None,
    latest: date | None = None,
    options: Options | None = None,
    **overrides: Any,
) -> Metadata:
    """Return the :class:`declutter.Metadata` of a page: title, authors, dates and others.

    Takes the arguments of :func:`analyze`, but for ``site``, and raises the same errors. HTML is
    read and not cleaned, which is several times faster than ``analyze(source).metadata``.
    ``url`` is the page's address; ``latest`` the day on which it was fetched (by default today):
    later dates are not believed.

    >>> page = "<title>Bridge reopens | Gazette</title><h1>Bridge reopens</h1><p>By Eva Moss<p>..."
    >>> found = metadata(page)
    >>> found.title, found.authors, found.sources["authors"]
    ('Bridge reopens', ('Eva Moss',), 'byline')
    """
    from declutter.meta import metadata_of

    chosen = _chosen(kind, options, overrides)
    tick = _clock(chosen.max_seconds)
    doc = _read(source, kind, chosen, tick, None)
    text = "" if doc.kind == "html" else clean_document(doc, chosen, tick).text
    tick()
    return metadata_of(doc, url=url, text=text, latest=latest)


def read(
    source: Any,
    *,
    kind: str = "auto",
    options: Options | None = None,
    url: str | None = None,
    **overrides: Any,
) -> Document:
    """Read a page and do no more: its visible text, blocks and elements.

    Takes the arguments of :func:`clean`, but for ``site``, and raises the same errors.
    """
    chosen = _chosen(kind, options, overrides)
    return _read(source, kind, chosen, _clock(chosen.max_seconds), _own(chosen, url))


def _chosen(kind: str, options: Options | None, overrides: Mapping[str, Any]) -> Options:
    """The options of a call, once its arguments are known to be good."""
    if kind not in KINDS:
        raise OptionError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if options is not None and not isinstance(options, Options):
        raise OptionError(f"options must be declutter.Options, not {type(options).__name__}")
    return (options or DEFAULT).changed(**overrides)


def _own(options: Options, url: str | None) -> PageRules | None:
    """The caller's own rules for a page."""
    if not options.rules:
        return None
    from declutter.rulefiles import rule_set

    return rule_set(options.rules).at(url)


def clean_document(
    doc: Document,
    options: Options = DEFAULT,
    tick: Callable[[], None] = lambda: None,
    site: SiteView | None = None,
    own: PageRules | None = None,
) -> Result:
    """Score a document that was read already, run the rules on what stays, and decide.

    ``own`` are the caller's own rules for it.
    """
    ruled = _Own(default_lexicon())
    if own is not None:
        options = options.switched(own.all.categories)
        ruled = _ruled(doc, own, options, tick)
    view = (_html_view if doc.kind == "html" else _text_view)(doc, options, tick, site, ruled)
    found = [finding for rule in RULES.values() for finding in view.ctx.memo(rule)]
    decided = options if own is None else replace(options, edges=False)  # they come last
    cuts = decide(doc, [*view.findings, *found], view.kept, decided, view.sure)
    name = _Namer(doc, view.score, view.text_score, options.max_seconds, view.repeats, ruled)
    if options.keep:
        named = name.named(cuts, tick)
        cuts = [f for f in named if f.rule not in NAMED or f.category not in options.keep]
    if own is not None:
        return _overruled(doc, cuts, view, options, name)
    title, cuts = _titled(doc, cuts, options)
    return Result(doc, title, view.confidence(doc, cuts), tuple(cuts), name)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the caller's own rules bring: phrases, and what they say of a document."""

    lexicon: Lexicon
    said: Sequence[Finding] = ()

    def decided(self, doc: Document, kept: list[bool]) -> list[bool]:
        """Which blocks stay, given which would: one that goes here is no copy of another."""
        if not self.said:
            return kept
        gone = covered_blocks(doc, [f for f in self.said if f.weight > 0])
        stay = covered_blocks(doc, [f for f in self.said if f.weight < 0])
        return [at in stay or (keep and at not in gone) for at, keep in enumerate(kept)]


def _ruled(doc: Document, own: PageRules, options: Options, tick: Callable[[], None]) -> _Own:
    lexicon = own.lexicon(doc.language)
    rules, phrases = own.of(doc.language), own.all.protecting
    said = own_rules(doc, Context(doc, lexicon, tick), rules, phrases)
    return _Own(lexicon, [f for f in said if f.weight < 0 or f.category not in options.keep])


def _overruled(
    doc: Document, cuts: list[Finding], view: _View, options: Options, name: _Namer
) -> Result:
    """The result where the caller's own rules have the last word."""
    said = name.own.said
    title, ruled = _titled(doc, overruled(doc, cuts, said, options), options)
    if not options.title:  # the headline may be protected
        ruled = overruled(doc, ruled, said, options)
    parted = _PartNamer(name, tuple(cuts))
    return Result(doc, title, view.confidence(doc, ruled), tuple(ruled), parted)


@dataclass(frozen=True, slots=True)
class _View:
    """What scores say of a document, before rules look at what stays.

    ``kept`` are the blocks that do, ``sure`` those that are main content almost certainly
    (HTML), ``findings`` the pieces that go (text). ``repeats`` tells, by where a block or span
    ends, what stays but for the other pages of its site.
    """

    ctx: Context
    kept: list[bool]
    sure: Sequence[bool] = ()
    findings: Sequence[Finding] = ()
    score: Score | None = None
    text_score: TextScore | None = None
    repeats: Mapping[int, str | None] = field(default_factory=dict)

    def confidence(self, doc: Document, cuts: Sequence[Finding]) -> float | None:
        """The F1 to be expected of a document without some cuts."""
        spans = [(cut.start, cut.end) for cut in cuts]
        if self.text_score is not None:
            return self.text_score.confidence(spans)
        gone = set(spans)
        left = [(block.start, block.end) not in gone for block in doc.blocks]
        return self.score.confidence(left) if self.score is not None and any(left) else None


def _html_view(
    doc: Document,
    options: Options,
    tick: Callable[[], None],
    site: SiteView | None,
    own: _Own,
) -> _View:
    if not doc.blocks:
        return _View(Context(doc, own.lexicon, tick), [])
    from declutter.scoring.score import score as score_blocks

    score, repeats = score_blocks(doc, tick), dict[int, str | None]()
    kept = _kept(score, options)
    if site is not None:
        stands = site.blocks(score)
        score = score.moved(stands.log_odds)
        before, kept = kept, _kept(score, options)
        repeats = {
            block.end: stands.why(block.start, block.end)
            for block, was, stays in zip(doc.blocks, before, kept, strict=True)
            if was and not stays
        }
    kept = own.decided(doc, kept)
    live = own.decided(doc, _with_prose_beside(kept, score.flags("good")))
    ctx = Context(doc, own.lexicon, tick, live)
    sure = [probability >= SURE for probability in score.probabilities.tolist()]
    return _View(ctx, kept, sure, score=score, repeats=repeats)


def _kept(score: Score, options: Options) -> list[bool]:
    """Which blocks stay by their score."""
    probabilities, good, listed = score.probabilities.tolist(), score.flags("good"), "in_items"
    comment = score.flags("in_comment")
    return keep_blocks(
        score.doc, probabilities, good, score.menu, score.flags(listed), comment, options
    )


def _text_view(
    doc: Document,
    options: Options,
    tick: Callable[[], None],
    site: SiteView | None,
    own: _Own,
) -> _View:
    kept, lexicon = [True] * len(doc.blocks), own.lexicon
    search = lexicon.search(doc.text, tick)
    whole = Context(doc, lexicon, tick, None, search)
    known = {rule: whole.memo(rule) for rule in (RULES[name] for name in CODE)}
    score = _text_score(doc, search, [f for found in known.values() for f in found], tick)
    if score is None:
        return _View(whole, kept)
    findings, repeats = piece_cuts(score, options), dict[int, str | None]()
    if site is not None:
        stands = site.pieces(doc, score)
        score = score.moved(stands.log_odds)
        before, findings = findings, piece_cuts(score, options)
        repeats = {f.end: stands.why(f.start, f.end) for f in _more(findings, before)}
    findings = _with_head(doc, findings, search, options)
    live = own.decided(doc, _left(doc, findings))
    ctx = Context(doc, lexicon, tick, live, search, known)
    return _View(ctx, kept, findings=findings, text_score=score, repeats=repeats)


def _more(findings: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    """The findings most of which others did not cover."""
    starts, ends = [f.start for f in before], [f.end for f in before]
    found = []
    for f in findings:
        near = before[bisect_right(ends, f.start) : bisect_left(starts, f.end)]
        covered = sum(min(f.end, other.end) - max(f.start, other.start) for other in near)
        if 2 * covered < f.end - f.start:
            found.append(f)
    return found


def _with_prose_beside(kept: list[bool], good: list[bool]) -> list[bool]:
    """The blocks that stay, and prose near them: an appeal may go on from one to the other."""
    near = [any(kept[max(0, at - NEAR) : at + NEAR + 1]) for at in range(len(kept))]
    return [keep or (prose and by) for keep, prose, by in zip(kept, good, near, strict=True)]


def _text_score(
    doc: Document, search: Search, code: Sequence[Finding], tick: Callable[[], None]
) -> TextScore | None:
    """The score of a text, to which style sheets and scripts in it are white space."""
    from declutter.scoring.text import score

    def told(spans: Sequence[tuple[int, int]]) -> list[Match]:
        return [match for matches in search.telling(spans) for match in matches]

    text = _blanked(doc.text, code)
    return score(text, told, tick) if text.strip() else None


def _blanked(text: str, findings: Sequence[Finding]) -> str:
    """A text with spaces in place of what some findings would remove."""
    parts, at = [], 0
    for finding in sorted(findings, key=lambda finding: finding.start):
        if finding.weight >= STRONG and finding.end > at:
            start = max(at, finding.start)
            parts += [text[at:start], " " * (finding.end - start)]
            at = finding.end
    return "".join([*parts, text[at:]]) if parts else text


def _with_head(
    doc: Document, findings: list[Finding], search: Search, options: Options
) -> list[Finding]:
    """The findings, but for those of the headline and of authors and dates below it."""
    if options.focus == "precision":
        return findings
    from declutter.rules.credits import head_lines

    blocks = doc.blocks
    stay = {blocks[at].start for at in head_lines(doc, _left(doc, findings), search)}
    return [finding for finding in findings if finding.start not in stay]


def _left(doc: Document, findings: Sequence[Finding]) -> list[bool]:
    """Which blocks no finding covers from end to end."""
    spans = {(finding.start, finding.end) for finding in findings}
    return [(block.start, block.end) not in spans for block in doc.blocks]


@dataclass(frozen=True, slots=True)
class _Namer:
    """Says what the blocks are that the score removed: by what elements and rules tell."""

    doc: Document
    score: Score | None
    text_score: TextScore | None
    seconds: float | None  # for those who ask for the names later
    repeats: Mapping[int, str | None]
    own: _Own

    def __call__(self, cuts: Sequence[Finding]) -> list[Removal]:
        return [removal(self.doc, cut) for cut in self.named(cuts, _clock(self.seconds))]

    def named(self, cuts: Sequence[Finding], tick: Callable[[], None]) -> list[Finding]:
        """The findings, those of the score with category and reason."""
        named = self._named(cuts, tick)
        return [
            self._repeated(f) if _is_unnamed(c) else f for c, f in zip(cuts, named, strict=True)
        ]

    def _repeated(self, finding: Finding) -> Finding:
        """A finding of the score, where the other pages of the site tell more."""
        why = self.repeats.get(finding.end)
        if why is None:
            return finding
        return replace(finding, rule="site-template", why=f"{why}; {finding.why}")

    def _named(self, cuts: Sequence[Finding], tick: Callable[[], None]) -> list[Finding]:
        if self.text_score is not None:
            return self._named_pieces(cuts, self.text_score, tick)
        places = {block.end: at for at, block in enumerate(self.doc.blocks)}
        unnamed = {cut: places[cut.end] for cut in cuts if _is_unnamed(cut)}
        if self.score is None or not unnamed:
            return list(cuts)
        names = self._names(set(unnamed.values()), self.score, tick)
        return [replace(cut, **names[unnamed[cut]]) if cut in unnamed else cut for cut in cuts]

    def _named_pieces(
        self, cuts: Sequence[Finding], score: TextScore, tick: Callable[[], None]
    ) -> list[Finding]:
        """The findings, pieces of lines as rules or else the score name them."""
        starts = [block.start for block in self.doc.blocks]
        lines = {cut: bisect_right(starts, cut.start) - 1 for cut in cuts if _is_unnamed(cut)}
        said = self._said(set(lines.values()), tick) if lines else {}
        return [score.named(cut, said.get(lines[cut])) if cut in lines else cut for cut in cuts]

    def _names(
        self, gone: set[int], score: Score, tick: Callable[[], None]
    ) -> dict[int, dict[str, Any]]:
        """What is to be said of each of some blocks: what its zone says, a rule, or the score."""
        said = self._said(gone, tick)
        said = {at: f for at, f in said.items() if score.zone(at) is None or _outdoes_zone(f)}
        silent = any(at not in said and score.zone(at) is None for at in gone)
        loudest = score.loudest(tick) if silent else ()
        found: dict[int, dict[str, Any]] = {}
        for at in gone:
            finding = said.get(at)
            name = (finding.category, finding.why) if finding else score.name(at, loudest)
            weight = score.weight(at)
            found[at] = {"category": name[0], "why": name[1], "weight": weight}
        return found

    def _said(self, gone: set[int], tick: Callable[[], None]) -> dict[int, Finding]:
        """What rules say of most of a block, for some blocks."""
        copies = self._copies(gone)
        live = [False] * len(self.doc.blocks)
        for group in copies:
            for at in group[:MAX_COPIES]:
                live[at] = True
        ctx = Context(self.doc, self.own.lexicon, tick, live)
        said: dict[int, Finding] = {}
        for rule in RULES.values():
            for finding in ctx.memo(rule):
                at = bisect_right(ctx.block_starts, finding.start) - 1
                block = self.doc.blocks[at]
                most = (finding.end - finding.start) * 2 >= block.end - block.start
                if most and finding.weight > 0:
                    said.setdefault(at, finding)
        for group in copies:
            if group[MAX_COPIES:] and (last := said.get(group[MAX_COPIES - 1])):
                said.update(dict.fromkeys(group[MAX_COPIES:], last))
        return said

    def _copies(self, gone: set[int]) -> list[list[int]]:
        """Some blocks, with those of the same text, by their texts: each may tell of the next."""
        texts = [self.doc.text[block.start : block.end] for block in self.doc.blocks]
        found: dict[str, list[int]] = {texts[at]: [] for at in gone}
        for at, text in enumerate(texts):
            if text in found:
                found[text].append(at)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class _PartNamer:
    """Says of cuts, parts of which the caller's own rules protect, what the whole ones are."""

    name: _Namer
    whole: tuple[Finding, ...]

    def __call__(self, cuts: Sequence[Finding]) -> list[Removal]:
        named = self.name.named(self.whole, _clock(self.name.seconds))
        starts = [cut.start for cut in self.whole]
        found = []
        for cut in cuts:
            if _is_unnamed(cut):
                whole = named[bisect_right(starts, cut.start) - 1]
                cut = replace(whole, start=cut.start, end=cut.end)
            found.append(removal(self.name.doc, cut))
        return found


def _is_unnamed(cut: Finding) -> bool:
    return cut.rule in NAMED and not cut.why


def _outdoes_zone(finding: Finding) -> bool:
    """Whether a finding says more of a block than the element around it does."""
    vague = finding.category is Category.NAVIGATION or finding.category in CREDITS
    return finding.weight >= STRONG and not vague


def _titled(
    doc: Document, cuts: list[Finding], options: Options
) -> tuple[str | None, list[Finding]]:
    """The headline of a page, and the cuts with it where the caller does not want it."""
    block = _headline(doc, cuts) if doc.kind == "text" else None
    if block is None:
        return doc.title, cuts
    if not options.title:
        cuts = sorted([*cuts, headline_cut(block)], key=lambda cut: cut.start)
    return doc.text[block.start : block.end], cuts


def _headline(doc: Document, cuts: Sequence[Finding]) -> Block | None:
    """The headline of a flattened text: the first line that nothing is cut from, if it is one."""
    starts = [cut.start for cut in cuts]
    for block in doc.blocks:
        at = bisect_left(starts, block.end) - 1
        if at >= 0 and block.start < cuts[at].end:
            continue
        line = doc.text[block.start : block.end]
        fits = 1 < count_words(line) <= MAX_HEADLINE_WORDS
        return block if fits and not is_sentence_like(line) else None
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


def _read(
    source: Any, kind: str, options: Options, tick: Callable[[], None], own: PageRules | None
) -> Document:
    """Make a document of any source."""
    if isinstance(source, str):
        return _read_text(source, kind, options, tick, own)
    if isinstance(source, bytes | bytearray | memoryview):
        return _read_bytes(bytes(source), kind, options, tick, own)
    if kind == "text":
        raise InputError(f"kind='text' needs a str or bytes, not {type(source).__name__}")
    # bs4 first: its objects answer to any attribute name
    if type(source).__module__.split(".")[0] == "bs4":
        return _read_text(str(source), "html", options, tick, own)
    if hasattr(source, "getroottree"):
        from declutter.readers import html as html_reader

        return _read_text(html_reader.written(source), "html", options, tick, own)
    if hasattr(source, "getroot"):
        return _read(source.getroot(), kind, options, tick, own)
    raise InputError(
        "the source must be str, bytes, an lxml element or a BeautifulSoup object, "
        f"not {type(source).__name__}"
    )


def _read_bytes(
    data: bytes, kind: str, options: Options, tick: Callable[[], None], own: PageRules | None
) -> Document:
    from declutter.readers.encoding import decode

    _check_size(len(data), options)
    decoded = decode(data, options.encoding)
    doc = _read_text(decoded.text, kind, options, tick, own, given=False)
    warnings = decoded.warnings + doc.warnings
    return replace(doc, encoding=decoded.encoding, warnings=warnings)


def _read_text(
    text: str,
    kind: str,
    options: Options,
    tick: Callable[[], None],
    own: PageRules | None,
    *,
    given: bool = True,
) -> Document:
    if given:
        if options.max_bytes is not None:
            _check_size(len(text.encode("utf-8", "surrogatepass")), options)
        if kind == "auto":
            sniff.refuse_reference(text)
    tick()
    if kind == "html" or (kind == "auto" and sniff.is_html(text)):
        from declutter.readers import html as html_reader

        return html_reader.read(text, tick, own.selectors if own is not None else ())
    return text_reader.read(text)


def _check_size(size: int, options: Options) -> None:
    if options.max_bytes is not None and size > options.max_bytes:
        raise LimitError(f"the source has {size} bytes, more than max_bytes={options.max_bytes}")


def explain(result: Result) -> dict[Category, list[Removal]]:
    """The removals of a result by category, those with most characters first."""
    groups: dict[Category, list[Removal]] = {}
    for item in result.removals:
        groups.setdefault(item.category, []).append(item)
    size = {category: sum(len(r.text) for r in group) for category, group in groups.items()}
    return dict(sorted(groups.items(), key=lambda item: -size[item[0]]))
