"""Which phrases and rules speak of a text, and what comes of each: ``declutter rules --why``.

Scores have no part in this: they judge a page, not a line. What is said to go goes for what it
says, wherever it stands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from declutter.decide import decide, overruled
from declutter.lexicon import STRONG, Lexicon, Match, default_lexicon
from declutter.model import Category, Document, Finding
from declutter.options import Options
from declutter.pipeline import read
from declutter.rulefiles import PageRules, rule_set
from declutter.rules import RULES, Context
from declutter.rules.user import own_rules
from declutter.writers.text import without

MAX_SHOWN = 200  # characters


@dataclass(frozen=True, slots=True)
class Voice:
    """A phrase or a rule that speaks of ``text[start:end]``, and what comes of it."""

    start: int
    end: int
    rule: str
    category: Category
    weight: float
    why: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What speaks of a text, and what rules alone would leave of it."""

    text: str
    voices: tuple[Voice, ...]
    left: str


def why(
    source: str,
    options: Options,
    *,
    kind: str = "text",
    url: str | None = None,
    language: str | None = None,
) -> Answer:
    """Ask all phrases and rules of a text, or of HTML, as of a page with an address and language.

    >>> answer = why("She said: sign up for our newsletter!", Options())
    >>> [(voice.rule, voice.outcome) for voice in answer.voices][0]
    ('en.newsletter.sign-up', 'stays: it does not begin a line or a sentence of its own')
    """
    doc = read(source, kind=kind, options=options, url=url)
    doc = replace(doc, language=language or doc.language)
    own = rule_set(options.rules).at(url) if options.rules else None
    options = options.switched(own.all.categories) if own else options
    asked = _Asked(doc, own, options, own.lexicon(doc.language) if own else default_lexicon())
    return Answer(doc.text, tuple(asked.voices()), asked.left())


class _Asked:
    """A document, with all that is found in it."""

    def __init__(
        self, doc: Document, own: PageRules | None, options: Options, lexicon: Lexicon
    ) -> None:
        self.doc, self.own, self.options = doc, own, options
        self.ctx = Context(doc, lexicon, lambda: None)
        self.lexicon = own.all.lexicon if own else lexicon
        self.muted = lexicon.muted
        found = self.lexicon.find(doc.text)
        self.matches = sorted(found, key=lambda m: (m.start, -m.end, -m.entry.weight))
        self.found = [f for rule in RULES.values() for f in self.ctx.memo(rule)]
        self.said = self._said()
        kept = [True] * len(doc.blocks)
        # with what a caller keeps, as the outcome tells of it
        self.judged = decide(doc, self.found, kept, replace(options, keep=frozenset(), edges=False))
        wanted = [f for f in self.judged if not options.keeps(f.category)]
        said = [f for f in self.said if f.weight < 0 or f.category not in options.keep]
        self.cuts = overruled(doc, wanted, said, replace(options, edges=False))

    def _said(self) -> list[Finding]:
        if self.own is None:
            return []
        rules = self.own.of(self.doc.language)
        return list(own_rules(self.doc, self.ctx, rules, self.own.all.protecting))

    def left(self) -> str:
        """The text without what goes."""
        return without(self.doc.text, ((cut.start, cut.end) for cut in self.cuts))

    def voices(self) -> Iterator[Voice]:
        """Phrases, then what other rules found, then the caller's own."""
        for match in self.matches:
            entry = match.entry
            outcome = self._outcome(match)
            yield Voice(
                match.start, match.end, entry.id, entry.category, entry.weight, entry.why, outcome
            )
        phrases = {match.entry.id for match in self.matches}
        for f in self.found:
            if f.rule not in phrases:
                yield _voice(f, self._fate(f.start, f.end) or self._too_weak(f.weight))
        for f in self.said:
            fate = "stays: it is protected" if f.weight < 0 else self._fate(f.start, f.end)
            yield _voice(f, fate or f"stays: {f.category} is kept")

    def _outcome(self, match: Match) -> str:
        """What comes of a phrase."""
        return (
            self._unheard(match)
            or self._fate(match.start, match.end)
            or self._outdone(match)
            or self._unfit(match)
        )

    def _unheard(self, match: Match) -> str | None:
        """Why a phrase is not judged at all."""
        if match.entry.id in self.muted:
            return "stays: the rule is for other hosts or languages"
        starts = self.ctx.block_starts
        index = bisect_right(starts, match.start) - 1
        if index >= 0 and match in self.ctx.matches(index):
            return None
        return "stays: it is quoted, shown as code, or a part of a longer word"

    def _fate(self, start: int, end: int) -> str | None:
        """What became of a span: gone, kept or protected."""
        for f in self.said:
            if f.weight < 0 and f.start < end and start < f.end:
                return f"stays: {f.rule} protects it"
        for cut in self.cuts:
            if cut.start <= start and end <= cut.end:
                words = " ".join(self.doc.text[cut.start : cut.end].split())
                return f"goes, by {cut.rule}: {words}"
        for f in self.judged:
            if f.start <= start and end <= f.end and self.options.keeps(f.category):
                return f"stays: {f.category} is kept"
        return None

    def _outdone(self, match: Match) -> str | None:
        """Whether another phrase says more of the same words."""
        for other in self.matches:
            overlaps = other.start < match.end and match.start < other.end
            if overlaps and _rank(other) > _rank(match) and other.entry.id not in self.muted:
                return f"stays: {other.entry.id} says more of the same words"
        return None

    def _unfit(self, match: Match) -> str:
        """Why a phrase removes nothing where it stands."""
        entry = match.entry
        if entry.scope == "sentence":
            return "stays: it counts only beside others in one sentence"
        weights = [f.weight for f in self.found if f.start <= match.start and match.end <= f.end]
        if entry.weight < STRONG:
            return self._too_weak(max([entry.weight, *weights]))
        if entry.scope == "line":
            return "stays: it goes only where it fills a line, or stands apart from sentences"
        return "stays: it does not begin a line or a sentence of its own"

    def _too_weak(self, weight: float) -> str:
        if weight >= STRONG:
            return "stays: the words around it tell that the text speaks of it"
        return f"stays: too weak alone, {weight:g} of {STRONG:g}; a neighbour that goes would help"


def _rank(match: Match) -> tuple[float, int]:
    return match.entry.weight, match.end - match.start


def _voice(f: Finding, outcome: str) -> Voice:
    return Voice(f.start, f.end, f.rule, f.category, f.weight, f.why, outcome)


def told(answer: Answer) -> Iterator[str]:
    """The answer as lines to read; what lies inside a phrase that says more is only named."""
    for voice, inside in _grouped(answer.voices):
        words = " ".join(answer.text[voice.start : voice.end].split())
        shown = words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}..."
        says = "protects" if voice.weight < 0 else f"{voice.category}, weight {voice.weight:g}"
        yield f"{voice.start}-{voice.end}  {shown}"
        yield f"    {voice.rule}, {says}: {voice.why}"
        others = dict.fromkeys(other.rule for other in inside if other.rule != voice.rule)
        if others:
            yield f"    inside it: {', '.join(others)}"
        yield f"    {voice.outcome}"
    if not answer.voices:
        yield "no phrase and no rule speaks of this"
    yield f"left by rules alone: {answer.left or 'nothing'}"


def _grouped(voices: Sequence[Voice]) -> list[tuple[Voice, list[Voice]]]:
    """Voices, each with those inside it that say less and come to the same."""
    groups: list[tuple[Voice, list[Voice]]] = []
    for voice in voices:
        main, inside = groups[-1] if groups else (voice, [])
        less = groups and 0 < voice.weight <= main.weight and voice.end <= main.end
        if less and (voice.outcome == main.outcome or not voice.outcome.startswith("goes")):
            inside.append(voice)
        else:
            groups.append((voice, []))
    return groups
