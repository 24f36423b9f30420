"""What the shape of lines tells: breadcrumbs, menus, bullets above a headline, repeats."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from declutter.lexicon import Match
from declutter.model import Block, Category, Document, Finding
from declutter.rules.context import Context, between
from declutter.segment import count_words, ends_sentence, normal, squeeze, squeeze_lines

_CRUMB_RE = re.compile(r"\s+[/>›»→\\]\s+|\s*[›»]\s*|\s>\s?")
_CRUMB_SIGNS = "/>›»→\\"
_BARS = "|•·"
_MENU_RE = re.compile(rf"\s*[{_BARS}]\s*")
_BULLET_RE = re.compile(r"[•·●▪◦]\s+")
_WORD_RE = re.compile(r"[^\W\d_][\w'’\-]*")
_SECTIONS = frozenset((Category.BREADCRUMB, Category.NAVIGATION))
_COPYRIGHT_RE = re.compile(
    r"\W{0,3}(?:copyright\s*(?:©|\(c\))|(?:©|\(c\))\s*(?:copyright\s*)?(?:19|20)\d\d)",
    re.IGNORECASE,
)
MAX_COPYRIGHT_WORDS = 9
MAX_TOP = 40  # blocks of a page above which paths and section names stand
MAX_CRUMBS = 400  # characters
MAX_CRUMB_WORDS = 4
MAX_MENU_WORDS = 3
MAX_BULLETS, MAX_BULLET_WORDS = 3, 2
MIN_CRUMBS = 3
MIN_KNOWN = 2  # items of a menu that the lexicons know
MAX_PATTERN = 2  # different lines that repeat; more are a pattern: a plan, a refrain, a thread
MIN_REPEAT = 12  # characters
_CODE_RE = re.compile(r"\t|[{};=<>\[\]]|\(\)|://")  # table rows and code repeat for good reasons
MIN_FAR_REPEAT_WORDS = 14  # so long a paragraph is not repeated on purpose
MAX_MENU = 600  # characters
MIN_REPEAT_WORDS = 6  # shorter lines repeat in lists, poems and tables
MAX_REPEAT_DISTANCE = 4  # blocks between a caption and its second copy


def breadcrumb(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find lines that are a path of sections, sure when they begin at home or end in a headline."""
    if not any(sign in ctx.live_text for sign in _CRUMB_SIGNS):
        return
    for index in _live_top(ctx):
        block = doc.blocks[index]
        if block.end - block.start > MAX_CRUMBS:
            continue
        items = [i for i in _CRUMB_RE.split(doc.text[block.start : block.end]) if i]
        if len(items) < 2 or ctx.follows_prose(index):
            continue
        if any(count_words(item) > MAX_CRUMB_WORDS for item in items[1:-1]):
            continue
        if count_words(items[0]) > MAX_CRUMB_WORDS or ends_sentence(items[-1]):
            continue
        first_end = block.start + len(items[0])
        home = any(m.start < first_end and _is_section(m) for m in ctx.matches(index))
        repeated = count_words(items[-1]) > 2 and _repeats_later(doc, index, items[-1])
        if repeated or (home and count_words(items[-1]) <= MAX_CRUMB_WORDS):
            why = "a path of sections above the headline"
            yield Finding(block.start, block.end, Category.BREADCRUMB, "breadcrumb", 4.0, why)


def _is_section(match: Match) -> bool:
    return match.entry.category in _SECTIONS


def _repeats_later(doc: Document, index: int, item: str) -> bool:
    wanted = normal(item)
    return any(
        normal(doc.text[b.start : b.end]) == wanted for b in doc.blocks[index + 1 : index + 12]
    )


def _live_top(ctx: Context) -> list[int]:
    """The blocks to be judged near the beginning."""
    return ctx.live_blocks[: bisect_left(ctx.live_blocks, MAX_TOP)]


def section_prefix(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find section names glued before a headline that begins with the last of them again.

    "Asia Japan Japan reopens border" has the seam between the two equal words.
    """
    for index in _live_top(ctx):
        block = doc.blocks[index]
        words = list(_WORD_RE.finditer(doc.text, block.start, min(block.end, block.start + 120)))
        for at, (left, right) in enumerate(pairwise(words[:5])):
            between = doc.text[left.end() : right.start()]
            doubled = left.group() == right.group() and left.group()[0].isupper()
            if at and doubled and between == " " and len(words) > at + 3:
                if ctx.follows_prose(index):
                    return
                sections = {m.start for m in ctx.matches(index) if _is_section(m)}
                if all(word.start() in sections for word in words[:at]):
                    why = "section names before the headline"
                    yield Finding(
                        block.start, left.end(), Category.BREADCRUMB, "section-prefix", 4.0, why
                    )
            if not left.group()[0].isupper():
                break


def menu_line(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find lines of three or more short items between bars or dots."""
    signs = [sign for sign in _BARS if sign in ctx.live_text]
    for index in ctx.live_blocks if signs else ():
        block = doc.blocks[index]
        if block.kind in ("pre", "row"):
            continue
        if not any(doc.text.find(sign, block.start, block.end) >= 0 for sign in signs):
            continue
        if _beside_bars(doc, index):
            continue  # a table
        for start, end in ctx.lines(index):
            if end - start > MAX_MENU:
                continue
            known = len(between(ctx.matches(index), start, end))
            if _is_menu(doc.text[start:end], known >= MIN_KNOWN):
                weight, why = (3.0 if known >= MIN_KNOWN else 1.0), "short items between bars"
                yield Finding(start, end, Category.NAVIGATION, "menu-line", weight, why)


def _beside_bars(doc: Document, index: int) -> bool:
    """Whether a neighbouring block has as many bars: rows of a table stand so."""
    own = doc.text.count("|", doc.blocks[index].start, doc.blocks[index].end)
    near = [doc.blocks[i] for i in (index - 1, index + 1) if 0 <= i < len(doc.blocks)]
    return own > 0 and any(doc.text.count("|", b.start, b.end) == own for b in near)


def _is_menu(line: str, known: bool) -> bool:
    if line.startswith("|") or line.endswith("|") or _CODE_RE.search(line):
        return False  # a row of a table, or code
    items = _MENU_RE.split(line.strip("•· "))
    short = len(items) >= MIN_CRUMBS and all(count_words(i) <= MAX_MENU_WORDS for i in items)
    return short and (known or not any(char.isdigit() for char in line))


def copyright_line(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find lines that begin with a copyright sign and a year, or say "copyright" with it."""
    live = ctx.live_text
    if "©" not in live and "(c)" not in live and "(C)" not in live:
        return
    for index in ctx.live_blocks:
        for start, end in ctx.lines(index):
            if not _COPYRIGHT_RE.match(doc.text, start, end):
                continue
            pieces = ctx.pieces(index)
            inside = pieces[bisect_left(pieces, (start, 0)) : bisect_left(pieces, (end, 0))]
            sizes = [count_words(doc.text[a:b]) for a, b in inside]
            ends = ends_sentence(doc.text[start:end])
            if max(sizes) <= (MAX_COPYRIGHT_WORDS if ends else 4 * MAX_COPYRIGHT_WORDS):
                why = "a copyright line"  # longer: a sentence of an article may be glued to it
                yield Finding(start, end, Category.LEGAL, "copyright-line", 4.0, why)


def leading_bullets(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find up to three bullets of a word or two above the headline of a flattened page."""
    if doc.kind != "text":
        return
    bullets = []
    for block in doc.blocks:
        line = doc.text[block.start : block.end]
        mark = _BULLET_RE.match(line)
        if mark is None or not 0 < count_words(line) <= MAX_BULLET_WORDS or ends_sentence(line):
            break
        bullets.append(block)
    following = doc.blocks[len(bullets) : len(bullets) + 1]
    headline = any(count_words(doc.text[b.start : b.end]) > MAX_BULLET_WORDS for b in following)
    if 0 < len(bullets) <= MAX_BULLETS and headline:
        for block in bullets:
            why = "a bullet above the headline"
            yield Finding(block.start, block.end, Category.NAVIGATION, "leading-bullets", 3.0, why)


def repeated_line(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find text that stands on the page already: captions near by, the headline, paragraphs.

    In flattened text a repeat farther away is a quotation or a refrain as often as a
    mistake; in HTML quotations are marked as such. A block that is not to be judged, as it
    goes for another reason, is no first copy.
    """
    lines = _alike(doc.text, ctx)
    if not lines:
        return
    squeezed = [squeeze(doc.text[slice(*ctx.lines(at)[place])]) for at, place in lines]
    seen: dict[str, tuple[int, int]] = {}
    found: dict[str, list[Finding]] = {}
    title = normal(doc.title or "")
    counts = Counter(squeezed)
    for (index, place), letters in zip(lines, squeezed, strict=True):
        if counts[letters] < 2:
            continue
        start, end = ctx.lines(index)[place]
        text = doc.text[start:end]
        key = normal(text) if len(text) >= MIN_REPEAT else ""
        headline = bool(key) and key == title and count_words(text) > 2
        if not headline and not _may_repeat(text, doc.blocks[index].kind):
            continue
        before = seen.get(key)
        seen[key] = index, place
        if before is None:
            continue
        if headline or _is_repeat(doc, ctx, before, (index, place)):
            why = "stands on the page already"
            finding = Finding(start, end, Category.DUPLICATE, "repeated-line", 4.0, why)
            found.setdefault(key, []).append(finding)
    if doc.kind == "html" or len(found) <= MAX_PATTERN:
        yield from (finding for findings in found.values() for finding in findings)


def _alike(text: str, ctx: Context) -> list[tuple[int, int]]:
    """The lines, as (block, line in it), that may be the same as another one."""
    spans = [span for at in ctx.live_blocks for span in ctx.lines(at)]
    keys = squeeze_lines([text[start:end] for start, end in spans])
    if len(set(keys)) == len(keys):
        return []
    counts = Counter(keys)
    lines = [(at, place) for at in ctx.live_blocks for place in range(len(ctx.lines(at)))]
    return [line for line, key in zip(lines, keys, strict=True) if counts[key] > 1]


def _is_repeat(
    doc: Document, ctx: Context, before: tuple[int, int], after: tuple[int, int]
) -> bool:
    """Whether a line that stood before, as (block, line in it), is a repeat by mistake."""
    index = after[0]
    near = index - before[0] <= MAX_REPEAT_DISTANCE
    between_them = range(before[0], index) if near else ()
    distance = sum(len(ctx.lines(at)) for at in between_them) + after[1] - before[1]
    if doc.kind == "text" or len(ctx.lines(index)) > 1:
        return near and distance == 1
    if near and distance <= MAX_REPEAT_DISTANCE:
        return True
    block = doc.blocks[index]
    long = count_words(doc.text[block.start : block.end]) >= MIN_FAR_REPEAT_WORDS
    return long and ctx.is_prose(index) and not _is_quoted(doc, block)


def _may_repeat(text: str, kind: str) -> bool:
    """Whether a block is long enough, and no table row or code, to be a repeat by mistake."""
    if kind in ("pre", "row") or len(text) < MIN_REPEAT or _CODE_RE.search(text):
        return False
    return count_words(text) >= MIN_REPEAT_WORDS


def _is_quoted(doc: Document, block: Block) -> bool:
    """Whether a block stands in a quotation, as in threads."""
    node = block.node
    while node >= 0:
        element = doc.nodes[node]
        if element.tag == "blockquote" or any("quote" in token for token in element.tokens):
            return True
        node = element.parent
    return False
