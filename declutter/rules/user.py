"""What the caller's own rules say of a page: elements, lines and sentences to remove or protect.

Their phrases are no part of this: they stand in the lexicon beside those of the package.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from declutter.lexicon import Lexicon
from declutter.model import Category, Document, Finding
from declutter.rulefiles import OwnRule, line_key
from declutter.rules.context import Context
from declutter.segment import trim

CERTAIN = 99.0  # the weight of what the caller says, either way


def own_rules(
    doc: Document, ctx: Context, rules: Sequence[OwnRule], phrases: Lexicon | None
) -> Iterator[Finding]:
    """Find what rules remove (a positive weight) or protect; ``phrases`` protect sentences."""
    by_id = {rule.id: rule for rule in rules}
    for pick in doc.picks:
        if pick.value in by_id:
            yield _finding(doc, pick.start, pick.end, by_id[pick.value])
    if any(rule.lines for rule in rules):
        yield from _lines(doc, ctx, rules)
    if phrases is not None and any(rule.patterns for rule in rules):
        yield from _sentences(doc, ctx, by_id, phrases)


def _finding(doc: Document, start: int, end: int, rule: OwnRule) -> Finding:
    start, end = trim(doc.text, start, end)
    weight = CERTAIN if rule.category else -CERTAIN
    return Finding(start, end, rule.category or Category.LOW_CONTENT, rule.id, weight, rule.why)


def _lines(doc: Document, ctx: Context, rules: Sequence[OwnRule]) -> Iterator[Finding]:
    """The lines that are as a rule has them."""
    known: dict[str, list[OwnRule]] = {}
    for rule in rules:
        for line in rule.lines:
            known.setdefault(line, []).append(rule)
    longest = 2 * max(map(len, known)) + 100  # white space aside
    for index in range(len(doc.blocks)):
        for start, end in ctx.lines(index):
            if end - start <= longest:
                for rule in known.get(line_key(doc.text[start:end]), ()):
                    yield _finding(doc, start, end, rule)


def _sentences(
    doc: Document, ctx: Context, by_id: dict[str, OwnRule], phrases: Lexicon
) -> Iterator[Finding]:
    """The sentences in which phrases stand."""
    matches = [m for m in phrases.find(doc.text, ctx.tick) if m.entry.id in by_id]
    for match in matches:
        index = max(0, bisect_right(ctx.block_starts, match.start) - 1)
        for start, end in ctx.pieces(index):
            if start < match.end and match.start < end:
                yield _finding(doc, start, end, by_id[match.entry.id])
