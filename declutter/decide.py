"""From findings and probabilities to removals: focus, support between neighbours, safety valve.

1. HTML: blocks whose probability of being main content is too low go. The headline stays
   where the caller wants it. What readers wrote follows ``comments``.
   Flattened text: pieces go that cost least in all, where cuts have prices.
2. Findings of one span add up; a span whose sum reaches the threshold goes.
3. A weak finding that fills its block needs support: removed or weak neighbours, or the
   end of what is left of the page.
4. The valve: a score that would leave nothing, or the headline alone, has to be sure of it.
5. What belongs to a category the caller keeps is put back.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from declutter.lexicon import STRONG, default_lexicon
from declutter.model import Block, Category, Document, Finding, Prices, Removal
from declutter.options import Options
from declutter.segment import count_words, normal

if TYPE_CHECKING:
    from declutter.scoring.text import TextScore


# the least probability of main content that is kept; README.md has the curve
MIN_PROBABILITY = {"precision": 0.9, "balanced": 0.5, "recall": 0.08}
# the same of pieces of flattened text, and what cuts cost there
MIN_PIECE_PROBABILITY = {"precision": 0.8, "balanced": 0.5, "recall": 0.2}
PRICES = Prices(line=1.5, seam=2, unit=3, glue=3, sentence=2, clean_sentence=4, clean_item=6)
# of a menu's links, which on a page of a few blocks look like any other
MIN_MENU_PROBABILITY = 0.8
# where nothing reaches it, the best running text stays, with what comes near it
MIN_VALVE_PROBABILITY, VALVE_SHARE = 0.15, 0.8
MIN_CAPTION_PROBABILITY = 0.3  # of short lines below a headline that would stay alone
# what a weak finding needs besides its neighbours; "recall" wants strong findings only
MIN_SUPPORTED = {"precision": 2.0, "balanced": 3.0, "recall": 99.0}
MIN_ARTICLE = 300  # characters of running text below a headline that make it an article's
MIN_SUBJECT = 4  # letters of a word in the headline that tells what a page is about ...
MIN_SUBJECT_BLOCKS, MIN_SUBJECT_SHARE = 2, 1 / 3  # ... and blocks of the article that have it
MIN_STEM, STEM_SHARE = 5, 0.55  # letters that forms of a word have in common, and their share
MAX_TITLE_WORDS = 40
POLICIES = frozenset((Category.LEGAL, Category.CONSENT))
MIN_NAME_SHARE, MAX_NAME_WORDS = 1 / 3, 12  # of a headline that is the name of a policy
MAX_TOPS, MAX_TOP = 3, 200  # headlines of the highest level that are looked at, and characters
_PARTS_RE = re.compile(r"\s+[|–—·:-]\s+|:\s+")
# told by their form, whatever they speak of
FORMAL = frozenset(
    (Category.CSS, Category.SCRIPT, Category.DUPLICATE, Category.LOW_CONTENT, Category.RELATED)
)
MAX_TITLE_DIFFERENCE = 8  # characters between a headline and its copy


DECISIONS = {
    "piece-score": "Pieces whose probability of being main content is too low (text).",
    "block-score": "Blocks whose probability of being main content is too low (HTML).",
    "site-template": "Blocks and pieces that stay but for standing on many pages of their site.",
    "headline": "The headline, with title=False.",
}
NAMED = ("block-score", "piece-score", "site-template")  # by what stands there
SCORED = (*NAMED, "headline")


def keep_blocks(
    doc: Document,
    probabilities: Sequence[float],
    good: Sequence[bool],
    menu: Sequence[bool],
    listed: Sequence[bool],
    comment: Sequence[bool],
    options: Options,
) -> list[bool]:
    """Which blocks of a page stay, by their probability.

    ``good`` marks running text, ``menu`` links in an element for navigation, ``listed``
    items of lists, ``comment`` what readers wrote.
    """
    limit = MIN_PROBABILITY[options.focus]
    limits = [max(limit, MIN_MENU_PROBABILITY) if links else limit for links in menu]
    kept = [p >= least for p, least in zip(probabilities, limits, strict=True)]
    if not any(kept) or _is_headline_alone(doc, kept):
        kept = _best_left(probabilities, good, menu, kept)
    if options.comments != "auto":
        wanted = options.comments == "keep"
        kept = [
            wanted if by_reader else keep for keep, by_reader in zip(kept, comment, strict=True)
        ]
    title = _title_block(doc, kept)
    if title is not None and _has_article(doc, title, kept, good):
        kept[:title] = [keep and not listed[at] for at, keep in enumerate(kept[:title])]
    if title is not None and (options.title or doc.blocks[title].level or not good[title]):
        kept[title] = options.title
    return kept


def _is_headline_alone(doc: Document, kept: Sequence[bool]) -> bool:
    """Whether nothing is kept but the headline."""
    if sum(kept) != 1:
        return False
    at = kept.index(True)
    return doc.blocks[at].level == 1 or at == _title_block(doc, kept)


def _best_left(
    probabilities: Sequence[float], good: Sequence[bool], menu: Sequence[bool], kept: Sequence[bool]
) -> list[bool]:
    """What stays where no block, or the headline alone, is main content for certain.

    That is the best of the running text. Below a headline, short lines may be the captions
    of a gallery.
    """
    best = max((p for p, reads in zip(probabilities, good, strict=True) if reads), default=0)
    limit = max(MIN_VALVE_PROBABILITY, VALVE_SHARE * best)
    short = MIN_CAPTION_PROBABILITY if any(kept) else 1.0
    return [
        keep or p >= (limit if reads else 1.0 if links else max(limit, short))
        for keep, p, reads, links in zip(kept, probabilities, good, menu, strict=True)
    ]


def piece_cuts(score: TextScore, options: Options) -> list[Finding]:
    """The pieces of a flattened text that go, by their probability and what stands beside them.

    Where all would go, running text stays.
    """
    least = MIN_PIECE_PROBABILITY[options.focus]
    kept = score.stays(math.log(least / (1 - least)), PRICES)
    if not kept.any():
        kept = score.good
    return [
        Finding(start, end, Category.LOW_CONTENT, "piece-score", 0.0, "")
        for start, end in score.spans(~kept)
    ]


def _has_article(doc: Document, title: int, kept: Sequence[bool], good: Sequence[bool]) -> bool:
    """Whether an article follows its headline: lists above it are other pages' teasers then."""
    prose = (
        block.end - block.start
        for block, keep, reads in zip(doc.blocks[title:], kept[title:], good[title:], strict=True)
        if keep and reads
    )
    return doc.blocks[title].level == 1 and sum(prose) >= MIN_ARTICLE


def decide(
    doc: Document,
    findings: Iterable[Finding],
    kept: Sequence[bool],
    options: Options,
    sure: Sequence[bool] = (),
) -> list[Finding]:
    """Choose what is removed: blocks that are not kept, and findings (sorted, disjoint).

    ``sure`` marks blocks that are main content almost certainly.
    """
    title = _title_block(doc, kept) if options.title else _unwanted_title(doc, kept)
    grouped = _added_up(findings)
    if title is not None and options.title:
        headline = doc.blocks[title]
        grouped = [f for f in grouped if not headline.start <= f.start < headline.end]
    grouped = _without_subject(doc, grouped, sure)
    chosen = [f for f in grouped if f.weight >= STRONG or f.rule == "piece-score"]
    weak = [finding for finding in grouped if 0 < finding.weight < STRONG]
    chosen += _supported(doc, chosen, weak, options)
    gone = [at for at, keep in enumerate(kept) if not keep]
    chosen += [headline_cut(doc.blocks[at]) if at == title else _scored(doc, at) for at in gone]
    # what the score removes has no category yet: keep is asked again once it is named
    chosen = [f for f in chosen if f.rule in SCORED or not options.keeps(f.category)]
    found = _disjoint(doc.text, chosen)
    return _at_edges(doc.text, found) if options.edges else found


def _without_subject(doc: Document, findings: list[Finding], sure: Sequence[bool]) -> list[Finding]:
    """Findings but for those whose words speak of what the article does.

    An article about cookies or giving blood says what banners and appeals say. Its subject
    are the words of the headline that stand in many of its blocks, in any of their forms. A
    policy has nothing else to speak of.
    """
    if not findings or not any(sure):
        return findings
    findings = _without_clauses(doc, findings, sure)
    stems = _stems(doc.title or "")
    spoken: list[set[str]] = [
        _named(doc, f.start, f.end, stems)
        if f.category not in FORMAL and sure[_block_at(doc, f)]
        else set()
        for f in findings
    ]
    named = set().union(*spoken)
    if not named:
        return findings
    blocks = [
        _named(doc, b.start, b.end, stems) for b, s in zip(doc.blocks, sure, strict=True) if s
    ]
    often = max(MIN_SUBJECT_BLOCKS, MIN_SUBJECT_SHARE * len(blocks))
    subject = {word for word in named if sum(word in block for block in blocks) >= often}
    return [f for f, words in zip(findings, spoken, strict=True) if subject.isdisjoint(words)]


def _without_clauses(doc: Document, findings: list[Finding], sure: Sequence[bool]) -> list[Finding]:
    """Findings but for the clauses of a page whose headline says that it is a policy."""
    clauses = [f.category in POLICIES and sure[_block_at(doc, f)] for f in findings]
    if not any(clauses) or not _is_policy(doc):
        return findings
    return [f for f, clause in zip(findings, clauses, strict=True) if not clause]


def _is_policy(doc: Document) -> bool:
    """Whether the title or a headline of a page names a policy: "Cookie policy | Gazette"."""
    tops = [doc.text[b.start : b.end] for b in doc.blocks if b.level == 1][:MAX_TOPS]
    tops = [top[:MAX_TOP] for top in (doc.title or "", *tops)]
    for part in {part for top in tops for part in _PARTS_RE.split(top)}:
        words = count_words(part)
        for match in default_lexicon().find(part) if words <= MAX_NAME_WORDS else ():
            share = count_words(match.words) >= MIN_NAME_SHARE * words
            if share and match.entry.category in POLICIES:
                return True
    return False


def _stems(title: str) -> dict[str, list[str]]:
    """The words of a headline by their first letters."""
    words = [word for word in normal(title).split() if len(word) >= MIN_SUBJECT]
    stems: dict[str, list[str]] = {}
    for word in list(dict.fromkeys(words))[:MAX_TITLE_WORDS]:
        stems.setdefault(word[:MIN_STEM], []).append(word)
    return stems


def _named(doc: Document, start: int, end: int, stems: dict[str, list[str]]) -> set[str]:
    """The words of a headline that stand in a span in some form."""
    return {
        name
        for word in _words(doc, start, end)
        for name in stems.get(word[:MIN_STEM], ())
        if _is_alike(word, name)
    }


def _is_alike(word: str, name: str) -> bool:
    """Whether two words are forms of one: most of their letters are a common beginning.

    >>> _is_alike("subscribers", "subscription"), _is_alike("international", "internet")
    (True, False)
    """
    differs = (at for at, (a, b) in enumerate(zip(word, name, strict=False)) if a != b)
    common = next(differs, min(len(word), len(name)))
    return word == name or common >= max(MIN_STEM, STEM_SHARE * max(len(word), len(name)))


def _block_at(doc: Document, finding: Finding) -> int:
    return bisect_right(doc.blocks, finding.start, key=lambda block: block.start) - 1


def _words(doc: Document, start: int, end: int) -> set[str]:
    return set(normal(doc.text[start:end]).split())


def _scored(doc: Document, at: int) -> Finding:
    """A block that its score removes; who asks for the reason has it worked out."""
    block = doc.blocks[at]
    return Finding(block.start, block.end, Category.LOW_CONTENT, "block-score", 0.0, "")


def headline_cut(block: Block) -> Finding:
    """The headline as a finding, for callers who do not want it."""
    why = "the headline, which the caller does not want"
    return Finding(block.start, block.end, Category.DUPLICATE, "headline", STRONG, why)


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


def covered_blocks(doc: Document, chosen: Iterable[Finding]) -> set[int]:
    """The blocks that chosen findings cover from end to end."""
    starts = [block.start for block in doc.blocks]
    covered = set()
    for finding in chosen:
        index = max(0, bisect_right(starts, finding.start) - 1)
        while index < len(starts) and starts[index] < finding.end:
            block = doc.blocks[index]
            if finding.start <= block.start and block.end <= finding.end:
                covered.add(index)
            index += 1
    return covered


def _supported(
    doc: Document, chosen: list[Finding], weak: list[Finding], options: Options
) -> list[Finding]:
    """Weak findings over whole blocks, in runs with each other and with removed blocks."""
    if not weak:
        return []
    by_span = {(block.start, block.end): index for index, block in enumerate(doc.blocks)}
    at = {by_span[f.start, f.end]: f for f in weak if (f.start, f.end) in by_span}
    gone = covered_blocks(doc, chosen)
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


def _title_block(doc: Document, kept: Sequence[bool]) -> int | None:
    """The block of the headline: the last one before the content, else the first of all."""
    if not doc.title or True not in kept:
        return None
    first = kept.index(True)
    same = _copies_of_title(doc)
    for at in same:
        if kept[at]:
            return at
    before = [at for at in same if at <= first]
    headings = [at for at in before if doc.blocks[at].kind == "heading"]
    candidates = headings or before or same
    return candidates[-1] if candidates else None


def _unwanted_title(doc: Document, kept: Sequence[bool]) -> int | None:
    """The block of a headline that was not kept, as the caller does not want it."""
    gone = [at for at in _copies_of_title(doc) if not kept[at]]
    headings = [at for at in gone if doc.blocks[at].kind == "heading"]
    return next(iter(headings or gone), None)


def _copies_of_title(doc: Document) -> list[int]:
    """The blocks that say what the title says."""
    title, size = normal(doc.title or ""), len(doc.title or "")
    return [
        at
        for at, block in enumerate(doc.blocks if title else ())
        if abs(block.end - block.start - size) <= MAX_TITLE_DIFFERENCE
        and normal(doc.text[block.start : block.end]) == title
    ]


def _disjoint(text: str, chosen: list[Finding]) -> list[Finding]:
    """Findings without common parts, in order; explicit ones before scores, then the longest."""
    found: list[Finding] = []
    last = 0
    for finding in sorted(chosen, key=lambda f: (f.start, f.rule in NAMED, -f.end)):
        start = max(finding.start, last)
        if start < finding.end and not text[start : finding.end].isspace():
            found.append(finding if start == finding.start else replace(finding, start=start))
            last = finding.end
    return found


def overruled(
    doc: Document, cuts: Iterable[Finding], own: Sequence[Finding], options: Options
) -> list[Finding]:
    """The cuts as the caller's own rules have them: these remove, and protecting beats all."""
    taken = _disjoint(doc.text, [f for f in own if f.weight > 0])
    found = [*taken, *_without_spans(doc.text, cuts, [(f.start, f.end) for f in taken])]
    found.sort(key=lambda f: f.start)
    spared = sorted((f.start, f.end) for f in own if f.weight < 0)
    found = _without_spans(doc.text, found, spared)
    return _at_edges(doc.text, found) if options.edges else found


def _without_spans(
    text: str, cuts: Iterable[Finding], spans: Sequence[tuple[int, int]]
) -> list[Finding]:
    """What is left of cuts outside of some spans, both sorted by their starts.

    >>> cut = Finding(0, 9, Category.LEGAL, "x", 3, "")
    >>> [(f.start, f.end) for f in _without_spans("abcdefghi", [cut], [(2, 4), (3, 5), (8, 9)])]
    [(0, 2), (5, 8)]
    """
    reach = list(accumulate((end for _, end in spans), max))
    found: list[Finding] = []
    for cut in cuts:
        at, place = cut.start, bisect_right(reach, cut.start)
        while at < cut.end and place < len(spans) and spans[place][0] < cut.end:
            found += _part(text, cut, at, spans[place][0])
            at = max(at, spans[place][1])
            place += 1
        found += _part(text, cut, at, cut.end)
    return found


def _part(text: str, cut: Finding, start: int, end: int) -> list[Finding]:
    """A part of a cut, unless nothing stands in it."""
    if (start, end) == (cut.start, cut.end):
        return [cut]
    blank = start >= end or text[start:end].isspace()
    return [] if blank else [replace(cut, start=start, end=end)]


def _at_edges(text: str, cuts: list[Finding]) -> list[Finding]:
    """The findings that nothing but white space and other such findings part from an end."""
    first, stop = 0, len(cuts)
    at = 0
    while first < stop and not text[at : cuts[first].start].strip():
        at = cuts[first].end
        first += 1
    at = len(text)
    while stop > first and not text[cuts[stop - 1].end : at].strip():
        stop -= 1
        at = cuts[stop].start
    return cuts[:first] + cuts[stop:]


def removal(doc: Document, finding: Finding) -> Removal:
    """A finding that was chosen, with the words that go."""
    f = finding
    words = doc.text[f.start : f.end]
    return Removal(f.start, f.end, f.category, f.rule, f.weight, f.why, words)


def reason(doc: Document, removals: Sequence[Removal], prose: bool) -> str:
    """Why nothing is left; ``prose`` tells whether the page has running text at all."""
    if not doc.blocks:
        return "the source has no visible text"
    if all(item.rule == "headline" for item in removals):
        return "no main content: the page has only a headline, which the caller does not want"
    counts: dict[Category, int] = {}
    for item in removals:
        counts[item.category] = counts.get(item.category, 0) + len(item.text)
    most = ", ".join(str(c) for c in sorted(counts, key=lambda c: -counts[c])[:3])
    if not prose:
        return f"no main content: the page has only {most} and no running text"
    return f"no main content: all running text was found to be {most}"
