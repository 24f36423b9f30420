"""Lexicon phrases to findings: whole lines, runs of interface words, glued appeals.

Neighbouring phrases form a *chain* ("Share Facebook Copy link"). A chain that fills its
line or sentence speaks for all of it with the sum of its weights; one that stands at an
edge of a sentence is cut out of it, up to the seam where the article goes on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from declutter.lexicon import MAX_GAP, MIN_FILLED, STRONG, Match, is_unspaced
from declutter.model import Category, Document, Finding
from declutter.rules.amid import weighed
from declutter.rules.context import Context, between
from declutter.scoring.stopwords import page_stop_words, stop_words
from declutter.segment import (
    MIN_SENTENCE_WORDS,
    MIN_THAI,
    Span,
    count_words,
    ends_sentence,
    is_thai,
)

# what may stand between phrases of one chain: separators, counts, bullets
_GAP_RE = re.compile(r"[\s\d|/\\•·●■▪★☆,.:;!?…<>«»›‹×✕✖+*#()\[\]\-–—&@→←↑↓▲▼©]*$")
_SEPARATORS = "|•·»›"
_STOP_RE = re.compile(r"[.!?…](?!\w)")
_SIGNS_BEFORE = "|/•·–—-:;,.!?…)]»”\"'’>*。！？、，：；】」』》）"  # of scripts without spaces
_CASED_NOUNS = ("de",)  # languages in which nouns, too, begin with an upper-case letter
_SCOPE_RANK = ("line", "phrase", "label")  # of two with the same words, the one that says more
MAX_OPENINGS = 40  # phrases of one chain at which an article may end: each costs a look at the rest
MAX_HEADLINE_WORDS = 28  # a related headline has at most about 25 words
MIN_RUN = 3  # interface words in a row that no sentence contains
# what speaks about a phrase instead of going on with it: a copula behind it, a verb of saying
_COPULAS = frozenset(
    "is was were are has had will would est était sont ist war sind es era son è sono é são foi "
    "jest był była är var zijn waren adalah".split()
)
_SAYING = frozenset(
    "said says wrote writes promised promises ruled told tells argued announced sagte sagt schrieb "
    "schreibt rief erklärte dit disait écrit écrivait demandait promettait dijo decía escribió "
    "prometía pidió disse diceva scrisse prometteva dizia escreveu prometia zei zegt schreef "
    "powiedział napisał napisała głosi głosił сказал сказала написал написала говорится "
    "гласит гласила sade säger skrev".split()
)
# what answers the question before it
_ANSWERS = frozenset(
    "then dann alors entonces allora então dan då wtedy тогда тоді maka τότε pak atunci".split()
)
_FIRST_WORD_RE = re.compile(r"\s+([^\W\d_]+)\b")
_WORDS_RE = re.compile(r"[^\W\d_]+")
MAX_CLAUSE_WORDS = 8  # behind a comma; a longer clause may be the article's
MAX_TOLD = 120  # characters in which a verb of saying is sought
MAX_LEFT_WORDS = 6  # words that a line may have besides the phrases that fill most of it
MAX_REST = 600  # characters; more is no headline
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
        """The sum of the weights of different phrases of one language, up to a cap.

        Languages must not add up: most words of a foreign menu are common words here.
        """
        kinds = {(m.entry.id, m.words): m.entry for m in self.matches}
        sums: dict[str, float] = {}
        for entry in kinds.values():
            sums[entry.language] = sums.get(entry.language, 0.0) + entry.weight
        return min(MAX_WEIGHT, max(sums.values()))

    @property
    def weak(self) -> bool:
        """Whether no phrase of the chain decides alone."""
        return all(match.entry.weight < STRONG for match in self.matches)

    @property
    def words_only(self) -> bool:
        """Whether the chain is made of interface words alone."""
        return all(match.entry.scope == "line" for match in self.matches)

    @property
    def loudest(self) -> Match:
        """The phrase that says best what the chain is: the heaviest, then the longest."""
        return max(self.matches, key=lambda m: (m.entry.weight, m.end - m.start))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with the sentences of its block, and what is asked of it for every chain."""

    ctx: Context
    index: int  # of its block
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text of the whole document."""
        return self.ctx.doc.text

    @property
    def pieces(self) -> list[Span]:
        """The sentences of its block."""
        return self.ctx.pieces(self.index)

    @property
    def in_table(self) -> bool:
        """Whether the line is a row of cells."""
        return self.ctx.doc.blocks[self.index].kind == "row"

    def opens(self, at: int) -> bool:
        """Whether a sentence begins at an offset."""
        index = bisect_right(self.pieces, (at, self.end)) - 1
        return at == self.start or (index >= 0 and self.pieces[index][0] == at)

    def piece_end(self, at: int) -> int:
        """The end of the sentence that holds the character before an offset."""
        index = bisect_right(self.pieces, (at - 1, self.end)) - 1
        return max(at, self.pieces[index][1]) if index >= 0 else at

    def rest(self, at: int) -> str | None:
        """What follows an offset; None when that is more than a headline can be."""
        return None if self.end - at > MAX_REST else self.text[at : self.end]

    def reads_on(self, at: int) -> bool:
        """Whether what follows an offset is a sentence; in Thai, which has no full stop, long."""
        if ends_sentence(self.text[max(at, self.end - 8) : self.end]):
            return True
        return self.end - at >= MIN_THAI and is_thai(self.text[self.end - 1])


def phrases(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find what the lexicons know, as far as each phrase speaks."""
    return weighed(doc, ctx, list(_found(doc, ctx)))


def _found(doc: Document, ctx: Context) -> Iterator[Finding]:
    """What phrases say of the lines they stand in, whatever stands around these."""
    for index in ctx.telling_blocks:
        usable = [match for match in ctx.telling(index) if match.entry.scope != "sentence"]
        if not usable:
            continue
        for start, end in ctx.lines(index):
            inside = between(usable, start, end)
            if inside and not _is_idle(doc.text, start, end, inside):
                yield from _judge_line(_Line(ctx, index, start, end), inside)


def _is_idle(text: str, start: int, end: int, matches: list[Match]) -> bool:
    """Whether weak phrases are plainly too few for a line that other words begin.

    They speak only where they fill a line or a good part of it: the quick answer for
    sentences, in which such words are frequent.
    """
    if not text[start].isalpha() or matches[0].start == start:
        return False
    if any(m.entry.weight >= STRONG or m.entry.scope == "label" for m in matches):
        return False
    begin = last = matches[0].start
    for match in matches:
        if match.start > last and not _is_gap(text, last, match.start):
            begin = match.start
        last = max(last, match.end)
        if (last - begin) * MIN_FILLED >= end - start:
            return False
    return True


def _judge_line(line: _Line, matches: list[Match]) -> Iterator[Finding]:
    for chain in chains(line.text, matches):
        found = list(_judge(line, chain))
        if not found and chain.weight >= STRONG and _fills(line, chain):
            found = [_mention(line, chain)]
        yield from found


def chains(text: str, matches: Iterable[Match]) -> Iterator[Chain]:
    """Join the longest matches from left to right where only separators part them."""
    run: list[Match] = []
    for match in _longest(matches):
        if run and not _joins(text, run[-1], match):
            yield Chain(tuple(run))
            run = []
        run.append(match)
    if run:
        yield Chain(tuple(run))


def _joins(text: str, left: Match, right: Match) -> bool:
    """Whether two phrases are neighbours; a word behind a label begins a headline instead.

    It does not if it is the first of the path that the label announces.
    """
    if left.entry.scope == "label" and right.entry.scope == "line" and right.entry.weight < STRONG:
        return _is_path(left, right) and _is_gap(text, left.end, right.start)
    return _is_gap(text, left.end, right.start)


def _is_path(left: Match, right: Match) -> bool:
    """Whether a name of a section follows the label of a path: "You are here: Home"."""
    label = left.entry.scope == "label" and left.entry.category is Category.BREADCRUMB
    return label and right.entry.category in (Category.BREADCRUMB, Category.NAVIGATION)


def _is_gap(text: str, start: int, end: int) -> bool:
    """Whether only few separators stand between two offsets."""
    return end - start <= MAX_GAP and _GAP_RE.match(text, start, end) is not None


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


def _rank(match: Match) -> tuple[float, int, int]:
    return match.entry.weight, match.end - match.start, _SCOPE_RANK.index(match.entry.scope)


def _judge(line: _Line, chain: Chain) -> Iterator[Finding]:
    if chain.words_only and _is_speech(line, chain):
        return
    whole = _whole(line, chain)
    if whole is not None:
        yield _finding(whole, chain)
        return
    if chain.words_only and (chain.weak or line.in_table):
        return  # such words never go from within a line, nor a cell from its row
    for opening in _openings(line, chain):
        part = _trimmed(line.text, opening)
        span = _extent(line, part) if part is not None else None
        if part is not None and span is not None:
            yield _finding(span, part)
            return


def _fills(line: _Line, chain: Chain) -> bool:
    """Whether a chain makes up a good part of its block."""
    return (chain.end - chain.start) * MIN_FILLED >= line.end - line.start


def _mention(line: _Line, chain: Chain) -> Finding:
    """A finding without weight: it names a block that goes for other reasons."""
    return replace(_finding((line.start, line.end), chain), weight=0.0)


def _finding(span: Span, chain: Chain) -> Finding:
    entry = chain.loudest.entry
    return Finding(span[0], span[1], entry.category, entry.id, chain.weight, entry.why)


def _whole(line: _Line, chain: Chain) -> Span | None:
    """The whole block, if the chain or a label's headline leaves nothing else of it."""
    rest = line.rest(chain.end)
    if rest is None or not _GAP_RE.match(line.text, line.start, chain.start):
        return None
    if _GAP_RE.match(rest):
        return line.start, line.end
    words = count_words(rest)
    spoken = ends_sentence(rest) and words > (1 if chain.words_only else 2)
    if chain.weak or spoken or _is_told(rest):
        return None  # "Share this with nobody."
    if chain.matches[-1].entry.scope == "label":
        return (line.start, line.end) if words <= MAX_HEADLINE_WORDS else None
    covered = chain.end - chain.start
    mostly = covered >= (line.end - line.start) / 2 and words <= MAX_LEFT_WORDS
    return (line.start, line.end) if mostly else None


def _is_speech(line: _Line, chain: Chain) -> bool:
    """Whether a line of interface words may be speech, a table row or a part of a sentence."""
    rest = line.rest(chain.end)
    filled = rest is not None and _GAP_RE.match(line.text, line.start, chain.start)
    if not filled or rest is None or not _GAP_RE.match(rest):
        return False  # there are other words: judged elsewhere
    text = line.text[line.start : line.end]
    if text.endswith(".") and not text.endswith("..") and count_words(text) < MAX_LEFT_WORDS:
        return True  # "No thanks."
    if text.startswith(("— ", "– ")):
        return True
    if not chain.weak:
        return False
    lower = any(line.text[match.start].islower() for match in chain.matches)
    outside = line.text[line.start : chain.start] + line.text[chain.end : line.end]
    numbered = len(chain.matches) == 1 and any(char.isdigit() for char in outside)
    return lower or numbered


def _is_told(rest: str) -> bool:
    """Whether what follows a phrase speaks about it: "..., the banner promised"."""
    first = _FIRST_WORD_RE.match(rest)
    if first is not None and first.group(1).lower() in _COPULAS:
        return True
    return any(word in _SAYING for word in _WORDS_RE.findall(rest[:MAX_TOLD].lower()))


def _openings(line: _Line, chain: Chain) -> Iterator[Chain]:
    """The chain from each place on where a glued text may begin."""
    for at, match in enumerate(chain.matches[:MAX_OPENINGS]):
        part = Chain(chain.matches[at:])
        first = at == 0 and _GAP_RE.match(line.text, line.start, match.start)
        begins = first or line.opens(match.start)
        if begins or (_is_seam(line.text, match, part) and not _closes(line.text, part)):
            yield part


def _closes(text: str, chain: Chain) -> bool:
    """Whether the first of a chain is a word with a stop, so that it may end a sentence."""
    first, *others = chain.matches
    stop = others[0].start if others else first.end
    return first.entry.scope == "line" and bool(_STOP_RE.search(text, first.core, stop))


def _trimmed(text: str, chain: Chain) -> Chain | None:
    """The chain without interface words at its end that the article merely uses."""
    matches = list(chain.matches)
    while matches and _is_used(text, matches[-1]) and not _ends_path(matches):
        matches.pop()
    # one word behind a phrase is as likely to begin the sentence; two are a run again
    lone = len(matches) > 1 and _is_weak_word(matches[-1]) and not _is_weak_word(matches[-2])
    if lone and not _ends_path(matches) and text[matches[-1].end : matches[-1].end + 3].strip():
        matches.pop()
    return Chain(tuple(matches)) if matches else None


def _ends_path(matches: list[Match]) -> bool:
    """Whether the last phrase of a chain is the name of a section behind its label."""
    return len(matches) > 1 and _is_path(matches[-2], matches[-1])


def _is_used(text: str, match: Match) -> bool:
    """Whether the words after an interface word show that a sentence uses it."""
    if match.entry.scope != "line":
        return False
    following = text[match.end : match.end + 3]
    if following.lstrip()[:1].islower() or following[:1] in (",", "،", "，", "、"):
        return True
    if following.strip() and match.entry.category is Category.BREADCRUMB:
        return True  # names of sections begin sentences and headlines
    if following.strip() and _is_weak_word(match) and text[match.start].islower():
        return True
    return following[:1].isalnum() and is_unspaced(following[0])


def _is_weak_word(match: Match) -> bool:
    return match.entry.scope == "line" and match.entry.weight < STRONG


def _is_seam(text: str, match: Match, part: Chain) -> bool:
    """Whether words before a match look glued to it rather than leading up to it."""
    before, first = text[match.start - 1], text[match.start]
    if is_unspaced(first):
        return before.isspace() or before in _SIGNS_BEFORE
    if not before.isspace():
        return before in _SEPARATORS or (before.islower() and first.isupper())
    if match.start > 1 and text[match.start - 2] in _SEPARATORS:
        return True
    run = len(part.matches) >= MIN_RUN and not part.weak
    long = count_words(text[match.start : match.end]) >= 3 or run
    return first.isupper() and long and match.entry.language not in _CASED_NOUNS


def _extent(line: _Line, part: Chain) -> Span | None:
    """How far a chain that shares its block with an article reaches; None: not at all."""
    text, last, end = line.text, part.matches[-1], part.end
    piece_end = line.piece_end(end)
    clause = text[end : min(piece_end, end + MAX_REST)]
    following = clause[:8].lstrip(" \t\xa0")[:1]
    if following.islower() or _goes_on(text, end):  # "... to get the news every day."
        told = _introduces(text, last) or _is_told(clause)
        spared = told or not _is_appeal(last)
        return None if spared else (part.start, _glued(text, end, piece_end, last))
    if _introduces(text, last) and clause.strip():
        return None
    if text[end : end + 1] in (",", "，", "،"):
        told = _is_told(clause) or count_words(clause) > MAX_CLAUSE_WORDS or not _is_appeal(last)
        return None if told else (part.start, piece_end)
    rest = line.rest(end) if piece_end >= line.end else None  # sentences behind it stay
    if last.entry.scope == "label" and rest is not None and not ends_sentence(rest):
        headline = 0 < count_words(rest) <= MAX_HEADLINE_WORDS
        if headline and part.weight >= STRONG and not following.islower():
            return part.start, line.end
    return (part.start, end) if _speaks(line, part) else None


def _introduces(text: str, match: Match) -> bool:
    """Whether a colon that is not the phrase's own lets the sentence speak about it."""
    return any(sign in ":：" for sign in text[match.core : match.end])


def _glued(text: str, end: int, stop: int, match: Match) -> int:
    """Where in the rest of a sentence another one begins without a full stop before it.

    An upper-case function word ("... to continue The council met") begins one, and so does
    an upper-case letter in a word ("... every monthFrom autumn on"), but for names such as
    WhatsApp and macOS.
    """
    function_words = stop_words(match.entry.language)
    for word in _WORDS_RE.finditer(text, end, min(stop, end + MAX_REST)):
        at = _begin(text, word, function_words)
        rest = text[at : min(stop, at + MAX_REST)] if at is not None else ""
        if at is not None and count_words(rest) >= MIN_SENTENCE_WORDS:
            return at
    return stop


def _begin(text: str, word: re.Match[str], function_words: frozenset[str]) -> int | None:
    """Where in a word another sentence may begin, if it does."""
    letters, start = word.group(), word.start()
    if letters.islower():
        return None
    if letters[0].isupper():
        apart = start > 1 and text[start - 1] == " " and text[start - 2].isalpha()
        return start if apart and letters.lower() in function_words else None
    at = next((at for at, letter in enumerate(letters) if letter.isupper()), 0)
    return start + at if at > 1 and not letters[at + 1 : at + 2].isupper() else None


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence without spaces goes on: a comma or a Japanese particle follows."""
    if not text[end - 1 : end] or not is_unspaced(text[end - 1]):
        return False
    following = text[end : end + 1]
    return following in ("、", "，") or "\u3041" <= following <= "\u3096"


def _is_appeal(match: Match) -> bool:
    """Whether a phrase removes words on its own."""
    return match.entry.scope == "phrase" and match.entry.weight >= STRONG


def _speaks(line: _Line, chain: Chain) -> bool:
    """Whether a chain is enough to be cut out of a line that has other words too.

    An appeal is; interface words are when several stand in a row, or when one stands in
    its usual casing beside whole sentences ("Advertisement The council met.").
    """
    if any(_is_appeal(match) for match in chain.matches):
        return True
    following = line.text[chain.end : min(line.end, chain.end + MAX_GAP)].strip()
    if chain.weak or _is_answered(line.text, chain):
        return False  # words that any sentence may hold: never within a line
    if any(line.text[match.start].islower() for match in chain.matches):
        return False  # not in their usual casing
    caseless = any(_is_caseless(line.text[match.start]) for match in chain.matches)
    if caseless and not _is_apart(line.text, chain, following):
        return False
    if len(chain.matches) >= MIN_RUN or not following:
        return True
    return line.reads_on(chain.end) and not _may_be_noun(line, chain)


def _is_answered(text: str, chain: Chain) -> bool:
    """Whether a question is the article's own: "Already a subscriber? Then you will pay ..."."""
    if not any(sign in "?？;؟" for match in chain.matches for sign in text[match.core : match.end]):
        return False
    first = _FIRST_WORD_RE.match(text, chain.end)
    return first is not None and first.group(1).lower() in _ANSWERS


def _may_be_noun(line: _Line, chain: Chain) -> bool:
    """Whether the upper-case letter behind a chain is no seam, as nouns have one (German).

    It is one where no space stands before it, and in a word that is no noun.
    """
    if chain.matches[-1].entry.language not in _CASED_NOUNS:
        return False
    first = _FIRST_WORD_RE.match(line.text, chain.end)
    if first is None or first.group(1).lower() in stop_words("de"):
        return False
    sample = line.text[chain.end : min(line.end, chain.end + MAX_REST)]
    return page_stop_words(sample, None) is stop_words("de")


def _is_caseless(char: str) -> bool:
    return char.isalpha() and char.lower() == char.upper()


def _is_apart(text: str, chain: Chain, following: str) -> bool:
    """Whether a chain in a script without cases is no part of the words behind it.

    It may be the first word of the sentence as well, so that nothing, or another script, must
    follow, or a space where no others are; several phrases in a row are not the first word.
    """
    letter = next((char for char in following if char.isalpha()), None)
    if letter is None or not _is_caseless(letter):
        return True
    if is_unspaced(text[chain.end - 1]):
        return text[chain.end].isspace()
    return len(chain.matches) > 1 and count_words(text[chain.start : chain.end]) >= MIN_RUN
