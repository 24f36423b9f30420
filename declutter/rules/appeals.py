"""Appeals of several sentences: what stands between and beside their strong phrases.

Donation and subscription appeals are good prose; only some of their sentences carry a
phrase that decides alone. Each block is cut into *units* (sentences, and what is left of
one when a phrase was glued to it). A unit is hot (decides alone), warm (speaks in the
voice of an appeal: "our reporting", "your support") or cold. Warm units go beside hot
ones, cold ones only between two of them in the same block.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from declutter.lexicon import STRONG, Match
from declutter.model import Category, Document, Finding
from declutter.rules.context import Context, between
from declutter.rules.phrases import phrases
from declutter.segment import MIN_SENTENCE_WORDS, Span, count_words, is_thai, trim

FAMILY = frozenset((Category.DONATION, Category.SUBSCRIPTION, Category.NEWSLETTER, Category.LOGIN))
MAX_COLD = 2  # sentences without any sign between two of an appeal
MAX_SEAM = 400  # characters behind a phrase that are looked at for another sentence
_NEAR = 8  # units in which the reason for a sentence without a phrase is sought


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    block: int
    finding: Finding | None = None  # what speaks against it, if anything
    covered: bool = False  # that finding is another rule's and removes it already

    @property
    def hot(self) -> bool:
        return self.finding is not None and self.finding.weight >= STRONG


def appeal_voice(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find the sentences of appeals that no phrase of their own removes."""
    if not any(_has_voice(match) for at in ctx.telling_blocks for match in ctx.telling(at)):
        return
    units = list(_units(doc, ctx))
    chosen = {index for index, unit in enumerate(units) if unit.hot}
    for step in (1, -1):
        for index in range(len(units))[::step]:
            if units[index].finding is not None and _is_beside(units, chosen, index, step):
                chosen.add(index)
    chosen |= set(_sandwiched(units, chosen))
    for index in sorted(chosen):
        if not units[index].covered:
            yield _finding(units, index)


def _has_voice(match: Match) -> bool:
    """Whether a phrase speaks for the sentence it stands in."""
    entry = match.entry
    return entry.scope == "sentence" and (entry.category in FAMILY or entry.weight >= STRONG)


def _units(doc: Document, ctx: Context) -> Iterator[_Unit]:
    """The units of blocks that have any evidence, in order; nothing is chosen in others."""
    cuts: dict[int, list[Finding]] = {}
    for finding in ctx.memo(phrases):
        if finding.category in FAMILY and finding.weight >= STRONG:
            block = bisect_right(ctx.block_starts, finding.start) - 1
            cuts.setdefault(block, []).append(finding)
    for block in ctx.live_blocks:
        voices = [match for match in ctx.telling(block) if _has_voice(match)]
        found = cuts.get(block, [])
        for start, end in ctx.pieces(block) if voices or found else ():
            first = bisect_right(found, start, key=lambda finding: finding.end)
            last = bisect_left(found, end, key=lambda finding: finding.start)
            spoken = between(voices, start, end)
            yield from _split(doc.text, block, (start, end), found[first:last], spoken)


def _split(
    text: str, block: int, piece: Span, cuts: list[Finding], voices: list[Match]
) -> Iterator[_Unit]:
    """Cut a sentence where a phrase removes a part of it; give each part its evidence."""
    at, stop = piece
    for finding in cuts:
        left, right = max(finding.start, at), min(finding.end, stop)
        if left < right:
            yield from _voiced(text, block, (at, left), voices)
            yield _Unit(left, right, block, finding, covered=True)
            at = right
    yield from _voiced(text, block, (at, stop), voices)


def _voiced(text: str, block: int, span: Span, voices: list[Match]) -> Iterator[_Unit]:
    start, end = trim(text, *span)
    if start >= end:
        return
    inside = between(voices, start, end)
    if not inside:
        yield _Unit(start, end, block)
        return
    first = inside[0].start
    if is_thai(text[first]):  # no sign says where a sentence begins
        if start < first:
            yield _Unit(*trim(text, start, first), block)
        start = first
    seam = _seam(text, inside[-1].end, end)
    weight = sum({match.entry.id: match.entry.weight for match in inside}.values())
    entry = max(inside, key=lambda match: match.entry.weight).entry
    finding = Finding(start, seam, entry.category, entry.id, weight, entry.why)
    yield _Unit(start, seam, block, finding)
    if seam < end:
        yield _Unit(*trim(text, seam, end), block)


def _seam(text: str, at: int, end: int) -> int:
    """Where the voice of an appeal ends because another sentence is glued to it, or ``end``."""
    if is_thai(text[at - 1]):
        space = text.find(" ", at, end)
        return end if space < 0 else space
    rest = text[at : min(end, at + MAX_SEAM)].lstrip(" \t\xa0\"'“‘„«(")
    glued = rest[:1].isupper() and count_words(rest) >= MIN_SENTENCE_WORDS
    return at if glued else end


def _is_beside(units: list[_Unit], chosen: set[int], index: int, step: int) -> bool:
    """Whether the unit before (in walking order) is chosen and stands near."""
    before = index - step
    return before in chosen and abs(units[before].block - units[index].block) <= 1


def _sandwiched(units: list[_Unit], chosen: set[int]) -> Iterator[int]:
    """Cold units between two chosen ones of one block."""
    ordered = sorted(chosen)
    for left, right in pairwise(ordered):
        same = units[left].block == units[right].block
        if same and 1 < right - left <= MAX_COLD + 1:
            yield from range(left + 1, right)


def _finding(units: list[_Unit], index: int) -> Finding:
    """A unit's own evidence made decisive, or that of the nearest unit that has any."""
    unit = units[index]
    near = sorted(
        range(max(0, index - _NEAR), min(len(units), index + _NEAR + 1)),
        key=lambda at: abs(at - index),
    )
    source = next(found for at in near if (found := units[at].finding) is not None)
    own = unit.finding is not None
    why = source.why if own else f"stands inside an appeal: {source.why}"
    rule = source.rule if own else "appeal-voice"
    return Finding(unit.start, unit.end, source.category, rule, max(source.weight, STRONG), why)
