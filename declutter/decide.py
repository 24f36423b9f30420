"""From findings and scores to removals: focus, support between neighbours, safety valve.

1. Findings of one span add up; a span whose sum reaches the threshold goes.
2. A weak finding that fills its block needs support: removed or weak neighbours, or the
   edge of what is left of the page.
3. Blocks whose probability of being main content is too low go (HTML). In flattened
   text, short lines between two removed ones go, but never a sentence-like one.
4. The valve: scores alone never empty a page that has sentence-like blocks.
5. What belongs to a category the caller keeps is put back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from declutter.lexicon import STRONG
from declutter.model import Category, Document, Finding, Removal, Score
from declutter.options import KEPT_BY_DEFAULT, Options
from declutter.segment import count_words, ends_sentence, normal

# the least probability of main content that is kept: over WCXB dev these trade precision
# (.86, .85, .81) for recall (.83, .86, .91)
MIN_PROBABILITY = {"precision": 0.85, "balanced": 0.5, "recall": 0.25}
# what a weak finding needs besides its neighbours
MIN_SUPPORTED = {"precision": 2.0, "balanced": 3.0, "recall": 99.0}
# zones that say where a block stands rather than what it is
VAGUE_ZONES = frozenset((Category.NAVIGATION, Category.NOTICE))
MAX_HEAD_BLOCKS = 12  # between the headline and the body
MAX_GAP_LINES = 3
MAX_GAP_WORDS = 8


DECISIONS = {
    "block-score": "Blocks whose probability of being main content is too low (HTML).",
    "gap": "Short lines between two removed lines outside the article (text).",
    "headline": "The headline, with title=False.",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """A finding that was chosen; ``scored`` when it only rests on a score."""

    finding: Finding
    scored: bool = False


def decide(
    doc: Document,
    findings: Iterable[Finding],
    scores: list[Score],
    sentence_like: list[bool],
    options: Options,
) -> tuple[list[Removal], str | None]:
    """Choose the removals (sorted, disjoint) and say why, when nothing is left."""
    grouped = _added_up(findings)
    chosen = [_Choice(finding) for finding in grouped if finding.weight >= STRONG]
    weak = [finding for finding in grouped if 0 < finding.weight < STRONG]
    chosen += [_Choice(finding) for finding in _supported(doc, chosen, weak, options)]
    if doc.kind == "text":
        if options.focus != "recall":
            chosen += [_Choice(f) for f in _gaps(doc, chosen, sentence_like)]
    else:
        named = _by_block(doc, [*(choice.finding for choice in chosen), *grouped])
        chosen += _scored(doc, chosen, scores, sentence_like, options, named)
    removals = _removals(doc, [c for c in chosen if not options.keeps(c.finding.category)])
    return removals, _reason(doc, removals, sentence_like)


def _added_up(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a span: the weights add up, the heaviest names it."""
    spans: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        if finding.start < finding.end:
            spans.setdefault((finding.start, finding.end), []).append(finding)
    merged = []
    for (start, end), group in spans.items():
        top = max(group, key=lambda f: (f.weight, f.rule))
        total = sum(f.weight for f in group)
        merged.append(Finding(start, end, top.category, top.rule, total, top.why))
    return sorted(merged, key=lambda f: (f.start, -f.end))


def _covered(doc: Document, chosen: Iterable[_Choice]) -> set[int]:
    """The blocks that chosen findings cover from end to end."""
    starts = [block.start for block in doc.blocks]
    covered = set()
    for choice in chosen:
        index = bisect_right(starts, choice.finding.start)
        index = max(0, index - 1)
        while index < len(starts) and starts[index] < choice.finding.end:
            block = doc.blocks[index]
            if choice.finding.start <= block.start and block.end <= choice.finding.end:
                covered.add(index)
            index += 1
    return covered


def _supported(
    doc: Document, chosen: list[_Choice], weak: list[Finding], options: Options
) -> list[Finding]:
    """Weak findings over whole blocks, in runs with each other and with removed blocks."""
    by_span = {(block.start, block.end): index for index, block in enumerate(doc.blocks)}
    at = {by_span[f.start, f.end]: f for f in weak if (f.start, f.end) in by_span}
    gone = _covered(doc, chosen)
    found: list[Finding] = []
    run: list[int] = []
    for index in range(len(doc.blocks) + 1):
        if index in at or index in gone:
            run.append(index)
        elif run:
            found += _judged_run(doc, run, at, gone, options)
            run = []
    return found


def _judged_run(
    doc: Document, run: list[int], at: dict[int, Finding], gone: set[int], options: Options
) -> list[Finding]:
    members = [at[index] for index in run if index in at and index not in gone]
    before = doc.blocks[run[0] - 1] if run[0] else None
    if before and not gone & set(run) and doc.text[before.end - 1] in ":：":
        return []  # a list that the article introduces
    total = sum(finding.weight for finding in members)
    total += STRONG * any(index in gone for index in run)
    if run[-1] == len(doc.blocks) - 1:  # at the head of a page the headline stands
        total += 1.0
    return members if total >= MIN_SUPPORTED[options.focus] else []


def _gaps(doc: Document, chosen: list[_Choice], sentence_like: list[bool]) -> list[Finding]:
    """Short lines amid removed ones, below the last sentence-like line.

    Two removed lines on either side make it sure that this is the page's tail and not a
    poem or a table between two buttons.
    """
    covered = _covered(doc, chosen)
    prose = [index for index, flag in enumerate(sentence_like) if flag and index not in covered]
    tail = [index for index in sorted(covered) if prose and index > prose[-1]]
    found: list[Finding] = []
    for left, right in pairwise(tail):
        between = range(left + 1, right)
        sure = {left - 1, right + 1} <= covered or right == len(doc.blocks) - 1
        if sure and len(between) <= MAX_GAP_LINES and all(_is_filler(doc, i) for i in between):
            for index in between:
                block = doc.blocks[index]
                why = "a short line between removed lines"
                found.append(
                    Finding(block.start, block.end, Category.LOW_CONTENT, "gap", STRONG, why)
                )
    return found


def _is_filler(doc: Document, index: int) -> bool:
    text = doc.text[doc.blocks[index].start : doc.blocks[index].end]
    return count_words(text) <= MAX_GAP_WORDS and not ends_sentence(text)


def _scored(
    doc: Document,
    chosen: list[_Choice],
    scores: list[Score],
    sentence_like: list[bool],
    options: Options,
    named: dict[int, Finding],
) -> list[_Choice]:
    """Blocks with too low a probability, unless that would leave nothing of a page with prose."""
    limit = MIN_PROBABILITY[options.focus]
    kept = [index for index, score in enumerate(scores) if score.probability >= limit]
    gone = _covered(doc, chosen)
    if not set(kept) - gone and any(sentence_like):
        kept += [
            i for i, s in enumerate(scores) if sentence_like[i] and s.category != Category.CONSENT
        ]
    title = _title_block(doc, kept)
    spared = set(kept) | ({title} if title is not None and options.title else set())
    low = [i for i in range(len(scores)) if i not in spared]
    chosen_low = _low(doc, low, scores, named, _article_head(kept, title))
    if not options.title and doc.title:
        chosen_low += [_headline(doc, i) for i in kept if _same(doc, i, doc.title)]
    return chosen_low


def _article_head(kept: list[int], title: int | None) -> range:
    """The blocks just below the headline, as far as the page goes on: bylines stand there."""
    if title is None or not kept:
        return range(0)
    return range(title, min(max(kept), title + MAX_HEAD_BLOCKS) + 1)


def _low(
    doc: Document,
    low: list[int],
    scores: list[Score],
    said: dict[int, Finding],
    head: range,
) -> list[_Choice]:
    """Findings for blocks with a low score, named by what other findings say of them.

    A byline or caption counts as one only within the article or between headline and body.
    """
    found = []
    for index in low:
        block, score = doc.blocks[index], scores[index]
        category, why = score.category, score.why
        other = said.get(index)
        credit = other is not None and other.category in KEPT_BY_DEFAULT
        placed = not score.zoned and (score.inside or index in head)
        vague = not score.zoned or score.category in VAGUE_ZONES
        if other is not None and (placed if credit else vague or other.weight > 0):
            category, why = other.category, other.why
        finding = Finding(block.start, block.end, category, "block-score", score.probability, why)
        found.append(_Choice(finding, scored=True))
    return found


def _headline(doc: Document, index: int) -> _Choice:
    block = doc.blocks[index]
    why = "the headline, which the caller does not want"
    return _Choice(Finding(block.start, block.end, Category.DUPLICATE, "headline", STRONG, why))


def _by_block(doc: Document, findings: Iterable[Finding]) -> dict[int, Finding]:
    """What the first findings say of blocks that they cover for the better part."""
    starts = [block.start for block in doc.blocks]
    said: dict[int, Finding] = {}
    for finding in findings:
        index = bisect_right(starts, finding.start) - 1
        block = doc.blocks[index]
        if (finding.end - finding.start) * 2 >= block.end - block.start:
            said.setdefault(index, finding)
    return said


def _title_block(doc: Document, kept: list[int]) -> int | None:
    """The block of the headline: the last one before the content, else the first of all."""
    if not doc.title or not kept:
        return None
    same = [i for i in range(len(doc.blocks)) if _same(doc, i, doc.title)]
    before = [i for i in same if i <= kept[0]]
    if any(i in same for i in kept):
        return next(i for i in kept if i in same)
    headings = [i for i in before if doc.blocks[i].kind == "heading"]
    candidates = headings or before or same
    return candidates[-1] if candidates else None


def _same(doc: Document, index: int, title: str) -> bool:
    block = doc.blocks[index]
    near = abs(block.end - block.start - len(title)) <= 8
    return near and normal(doc.text[block.start : block.end]) == normal(title)


def _removals(doc: Document, chosen: list[_Choice]) -> list[Removal]:
    """Disjoint removals in order; where two overlap, the first keeps the common part."""
    ordered = sorted(chosen, key=lambda c: (c.finding.start, c.scored, -c.finding.end))
    removals: list[Removal] = []
    last = 0
    for choice in ordered:
        finding = choice.finding
        start = max(finding.start, last)
        words = doc.text[start : finding.end]
        if not words.strip():
            continue
        removals.append(
            Removal(
                start,
                finding.end,
                finding.category,
                finding.rule,
                finding.weight,
                finding.why,
                words,
            )
        )
        last = finding.end
    return removals


def _reason(doc: Document, removals: list[Removal], sentence_like: list[bool]) -> str | None:
    """Why nothing is left, if so."""
    left, last = [], 0
    for removal in removals:
        left.append(doc.text[last : removal.start])
        last = removal.end
    left.append(doc.text[last:])
    if any(part.strip() for part in left):
        return None
    if not doc.blocks:
        return "the source has no visible text"
    counts: dict[Category, int] = {}
    for removal in removals:
        counts[removal.category] = counts.get(removal.category, 0) + len(removal.text)
    most = ", ".join(str(c) for c in sorted(counts, key=lambda c: -counts[c])[:3])
    if not any(sentence_like):
        return f"no main content: the page has only {most} and no running text"
    return f"no main content: all running text was found to be {most}"
