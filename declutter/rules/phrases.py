"""Lexicon phrases to findings: whole lines, runs of interface words, glued appeals.

Neighbouring phrases form a *chain* ("Share Facebook Copy link"). A chain that fills its
line or sentence speaks for all of it with the sum of its weights; one that stands at an
edge of a sentence is cut out of it, up to the seam where the article goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from declutter.lexicon import STRONG, Match, is_unspaced
from declutter.model import Block, Document, Finding
from declutter.rules.context import Context
from declutter.segment import Span, count_words, ends_sentence

# what may stand between phrases of one chain: separators, counts, bullets
_GAP_RE = re.compile(r"[\s\d|/\\•·●■▪★☆,.:;!?…<>«»›‹×✕✖+*#()\[\]\-–—&@→←↑↓▲▼©]*$")
_SEPARATORS = "|•·»›"
_SIGNS_BEFORE = "|/•·–—-:;,.!?…)]»”\"'’>*。！？、，：；】」』》）"  # of scripts without spaces
_CASED_NOUNS = ("de.",)  # languages in which an upper-case letter begins no sentence
MAX_GAP = 12
MAX_HEADLINE_WORDS = 28  # phrases.md: a related headline has at most about 25 words
MIN_RUN = 3  # interface words in a row that no sentence contains
MAX_WEIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Neighbouring phrases in one block."""

    matches: tuple[Match, ...]

    @property
    def start(self) -> int:
        """Where the first phrase begins."""
        return self.matches[0].start

    @property
    def end(self) -> int:
        """Where the last phrase ends."""
        return self.matches[-1].end

    @property
    def weight(self) -> float:
        """The sum of the weights, up to a cap that keeps other evidence heard."""
        return min(MAX_WEIGHT, sum(match.entry.weight for match in self.matches))

    @property
    def loudest(self) -> Match:
        """The phrase that says best what the chain is: the heaviest, then the longest."""
        return max(self.matches, key=lambda m: (m.entry.weight, m.end - m.start))


def phrases(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find what the lexicons know, as far as each phrase speaks."""
    for index, matches in enumerate(ctx.matches):
        usable = [match for match in matches if match.entry.scope != "sentence"]
        if not usable:
            continue
        block = doc.blocks[index]
        for chain in chains(doc.text, usable):
            yield from _judge(doc.text, block, ctx.pieces[index], chain)


def chains(text: str, matches: Iterable[Match]) -> Iterator[Chain]:
    """Join the longest matches from left to right where only separators part them."""
    run: list[Match] = []
    for match in _longest(matches):
        if run and not (
            match.start - run[-1].end <= MAX_GAP and _GAP_RE.match(text, run[-1].end, match.start)
        ):
            yield Chain(tuple(run))
            run = []
        run.append(match)
    if run:
        yield Chain(tuple(run))


def _longest(matches: Iterable[Match]) -> Iterator[Match]:
    """From left to right the heaviest of those that overlap, then the longest."""
    best: Match | None = None
    for match in sorted(matches, key=lambda m: (m.start, -m.end)):
        if best is None or match.start >= best.end:
            if best is not None:
                yield best
            best = match
        elif _rank(match) > _rank(best):
            best = match
    if best is not None:
        yield best


def _rank(match: Match) -> tuple[float, int, bool]:
    return match.entry.weight, match.end - match.start, match.entry.scope != "line"


def _judge(text: str, block: Block, pieces: list[Span], chain: Chain) -> Iterator[Finding]:
    whole = _whole(text, block, chain)
    if whole is not None:
        yield _finding(whole, chain)
        return
    for opening in _openings(text, block, pieces, chain):
        part = _trimmed(text, opening)
        if part is None:
            continue
        span = _extent(text, block, pieces, part)
        if span is not None:
            yield _finding(span, part)
            return


def _finding(span: Span, chain: Chain) -> Finding:
    entry = chain.loudest.entry
    return Finding(span[0], span[1], entry.category, entry.id, chain.weight, entry.why)


def _whole(text: str, block: Block, chain: Chain) -> Span | None:
    """The whole block, if the chain or a label's headline leaves nothing else of it."""
    before = text[block.start : chain.start]
    if not _GAP_RE.match(before):
        return None
    rest = text[chain.end : block.end]
    if _GAP_RE.match(rest):
        return block.start, block.end
    if chain.weight < STRONG or ends_sentence(rest) and count_words(rest) > 2:
        return None
    words = count_words(rest)
    if chain.matches[-1].entry.scope == "label":
        return (block.start, block.end) if words <= MAX_HEADLINE_WORDS else None
    covered = chain.end - chain.start
    mostly = covered >= (block.end - block.start) / 2 and words <= 6
    return (block.start, block.end) if mostly else None


def _openings(text: str, block: Block, pieces: list[Span], chain: Chain) -> Iterator[Chain]:
    """The chain from each place on where a glued text may begin."""
    starts = {start for start, _ in pieces} | {block.start}
    for at, match in enumerate(chain.matches):
        part = Chain(chain.matches[at:])
        if match.start in starts or _GAP_RE.match(text, block.start, match.start):
            yield part
        elif _is_seam(text, match, part):
            yield part


def _trimmed(text: str, chain: Chain) -> Chain | None:
    """The chain without interface words at its end that the article merely uses."""
    matches = list(chain.matches)
    while matches and matches[-1].entry.scope == "line":
        following = text[matches[-1].end : matches[-1].end + 2]
        used = following.strip()[:1].islower() or (
            following[:1].isalnum() and is_unspaced(following[0])
        )
        if not used:
            break
        matches.pop()
    return Chain(tuple(matches)) if matches else None


def _is_seam(text: str, match: Match, part: Chain) -> bool:
    """Whether words before a match look glued to it rather than leading up to it."""
    before, first = text[match.start - 1], text[match.start]
    if is_unspaced(first):
        return before.isspace() or before in _SIGNS_BEFORE
    if not before.isspace():
        return before in _SEPARATORS or (before.islower() and first.isupper())
    if match.start > 1 and text[match.start - 2] in _SEPARATORS:
        return True
    long = count_words(text[match.start : match.end]) >= 3 or len(part.matches) >= MIN_RUN
    return first.isupper() and long and not match.entry.id.startswith(_CASED_NOUNS)


def _extent(text: str, block: Block, pieces: list[Span], part: Chain) -> Span | None:
    """How far a chain that shares its block with an article reaches; None: not at all."""
    last, end = part.matches[-1].entry, part.end
    piece_end = next((stop for start, stop in pieces if start < end <= stop), end)
    following = text[end:piece_end].lstrip(" \t\xa0")[:1]
    if following.islower() or _goes_on(text, end):  # "... to get the news every day."
        return (part.start, piece_end) if _is_appeal(part.matches[-1]) else None
    if not _speaks(text, part, text[end : block.end]):
        return None
    rest = text[end : block.end]
    if last.scope == "label" and not ends_sentence(rest) and count_words(rest) <= MAX_HEADLINE_WORDS:
        end = block.end
    return part.start, end


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence without spaces goes on: a comma or a Japanese particle follows."""
    if not text[end - 1 : end] or not is_unspaced(text[end - 1]):
        return False
    following = text[end : end + 1]
    return following in ("、", "，") or "\u3041" <= following <= "\u3096"


def _is_appeal(match: Match) -> bool:
    """Whether a phrase removes words on its own."""
    return match.entry.scope == "phrase" and match.entry.weight >= STRONG


def _speaks(text: str, chain: Chain, rest: str) -> bool:
    """Whether a chain is enough to be cut out of a line that has other words too.

    An appeal is; interface words are when several stand in a row, or when one stands in
    its usual casing beside whole sentences ("Advertisement The council met.").
    """
    if any(_is_appeal(match) for match in chain.matches):
        return True
    if chain.weight < STRONG or any(text[match.start].islower() for match in chain.matches):
        return False
    rest = rest.strip()
    return len(chain.matches) >= MIN_RUN or not rest or ends_sentence(rest)
