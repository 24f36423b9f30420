"""What the text model learns from: flattened pages, clean articles, articles that had boilerplate
of their own page or phrases of the lexicons put into them, and sentences that only look like it.

Pages of which only some segments are annotated borrow the rest from what declutter makes of
their HTML, by weights that never saw their domain: it is right far more often than a flattened
text lets one guess, and most of these pages are not English.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np

import declutter
from benchmarks import glued, interface
from benchmarks.corpora import Page, daniel, trafilatura, wcxb
from benchmarks.examples import MIN_CONTENT, Example
from benchmarks.flatteners import FLATTENERS, flattened
from benchmarks.folds import fold, unseen
from benchmarks.labels import align, labels
from benchmarks.languages import language
from benchmarks.metrics import word_list
from declutter.lexicon import STRONG, Entry, Lexicon, default_lexicon
from declutter.model import CREDITS
from declutter.readers.encoding import decode
from declutter.readers.html import read
from declutter.scoring import flat
from declutter.scoring import text as text_score
from declutter.scoring.characters import Floats
from declutter.scoring.features import Page as Features
from declutter.scoring.pieces import Pieces
from declutter.scoring.vocabulary import Items, items
from declutter.segment import ends_sentence, normal

FORMS = 2  # flatteners of each page, chosen by its name
MIN_GOLD = 50  # words of an article that others are made of
MAX_PARAGRAPHS = 30
MAX_PIECES = 6000
GUARDED, MAX_GUARDS = 40, 12  # texts of guards in each language, sentences of one
SEEN = ("seen", "guards", "guards")
MAX_HEADLINE = 12  # pieces
PHRASED = 3  # articles with phrases for each page that has one
STREWN, MAX_STREWN = 3, 40  # articles full of phrases for each such page, phrases in one
GLUES = ("", " ", "\n", "\n\n")
_SENTENCE_RE = re.compile(r"(?<=[.!?。！？])\s*(?=\S)")


def examples(corpora: Path, forms: int = FORMS) -> list[TextExample]:
    """All pages of the corpora, flattened in some ways each, and articles made of them."""
    default_lexicon()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        pages = chain(wcxb(corpora), daniel(corpora), trafilatura(corpora))
        others = interface.entries(corpora)
        found = pool.map(partial(_of_page, others=others, forms=forms), pages, chunksize=8)
        guards = pool.map(partial(_guards, others=others), _guard_pages(), chunksize=40)
        return [example for group in chain(found, guards) for example in group]


def _of_page(page: Page, others: Sequence[Entry], forms: int) -> list[TextExample]:
    chance = random.Random(page.name)
    made: list[TextExample | None] = []
    page = _with_gold(page)
    for name in chance.sample(sorted(FLATTENERS), forms):
        made.append(_flattened(page, flattened(page.html, name)))
    if len(word_list(page.gold)) >= MIN_GOLD:
        noise = _boilerplate(page)
        made += [_article(page, chance, []), _article(page, chance, noise)]
        made += [_article(page, chance, []), _article(page, chance, noise)]
        made += _with_phrases(page, chance, glued.entries())
        made += _with_phrases(page, chance, others)
        made += _full_of_phrases(page, chance, (*glued.entries(), *others))
    return [example for example in made if example is not None]


def _with_gold(page: Page) -> Page:
    """The page, with what declutter makes of its HTML where no gold text is known."""
    if page.gold or not page.with_:
        return page
    with unseen(page.domain):
        return replace(page, gold=declutter.clean(page.html, kind="html"))


_NONE = np.empty(0, dtype=np.int32)
NO_ITEMS = Items(_NONE.astype(np.int64), _NONE, _NONE, _NONE)


@dataclass(slots=True)
class TextExample(Example):
    """An example with its words, whose evidence depends on the sites that they are counted in."""

    items: Items = NO_ITEMS
    without: str = ""  # what the lexicon lacked (see benchmarks.glued.is_held)


def described(text: str, lexicon: Lexicon | None = None) -> tuple[Pieces, Features] | None:
    """The pieces of a text and their features; None where it has none."""
    if not text.strip():
        return None
    search = (lexicon or default_lexicon()).search(text)
    pieces, matches = text_score.described(
        text, 0, lambda spans: list(chain(*search.telling(spans)))
    )
    return pieces, flat.page(text, pieces, matches)


def _flattened(page: Page, text: str) -> TextExample | None:
    found = described(text)
    if found is None or len(found[0].starts) > MAX_PIECES:
        return None
    pieces, seen = found
    texts = [text[a:b] for a, b in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]
    gold = float(len(word_list(page.gold)))
    known = align([word_list(part) for part in texts], word_list(page.gold))
    segments = labels(replace(page, gold=""), texts) if page.with_ else known
    known = np.where(segments >= 0, segments, known)
    headline = _headline(page, texts, known)
    if gold > 0 and len(headline) and not known[headline].any():
        gold += sum(len(word_list(texts[at])) for at in headline)
    known[headline] = 1
    return _example(page, seen, texts, known, gold, items(text, pieces))


def _headline(page: Page, texts: list[str], known: Floats) -> list[int]:
    """The pieces of the headline above the content: it is content, whatever the gold says."""
    title = normal(read(decode(page.html, None).text).title or "")
    first = int(np.argmax(known >= MIN_CONTENT)) if (known >= MIN_CONTENT).any() else 0
    for at in range(min(first, len(texts) - 1), -1, -1):
        found, words = [], ""
        for number in range(at, min(at + MAX_HEADLINE, len(texts))):
            found.append(number)
            words = normal(" ".join(texts[k] for k in found))
            if words == title and title:
                return found
            if not title.startswith(words):
                break
    return []


def _example(
    page: Page,
    seen: Features,
    texts: list[str],
    known: Floats,
    gold: float,
    found: Items,
    made: bool = False,
) -> TextExample:
    words = np.array([len(word_list(text)) for text in texts], dtype=np.float32)
    x = seen.x.astype(np.float16)  # half the memory for millions of pieces
    page = replace(page, html=b"")
    return TextExample(
        page, fold(page.domain), cast(Floats, x), seen.groups, words, known, -1, gold, made, found
    )


# --- short articles of sentences that only look like boilerplate ------------------------


def _guard_pages() -> Iterator[Page]:
    """Pages without HTML that stand for the texts made of a language's guards."""
    for code in sorted({glued.language_of(entry) for entry in glued.entries()}):
        for number in range(GUARDED):
            name = f"{code}{number}.guards"
            yield Page("guards", name, code, name, b"")


def _guards(page: Page, others: Sequence[Entry]) -> list[TextExample]:
    """A text of guards, none of which stands in a text of another fold."""
    chance = random.Random(page.name)
    mine = [e for e in glued.entries() if glued.language_of(e) == page.group]
    mine = [e for e in mine if fold(e.id) == fold(page.domain) and e.category not in CREDITS]
    sentences = [s for e in mine for s in e.spare if ends_sentence(s)]
    if not sentences:
        return []
    chosen = chance.sample(sentences, chance.randint(1, min(MAX_GUARDS, len(sentences))))
    strong = [m for e in mine if e.weight >= STRONG for m in e.match]
    others = [e for e in others if glued.language_of(e) == page.group]
    strong += [m for e in chance.sample(others, min(len(others), len(strong))) for m in e.match]
    noise = chance.sample(strong, min(len(strong), chance.choice((0, 0, 1, 4))))
    page = replace(page, gold="\n".join(_paragraphs(chosen, chance)))
    made = _article(page, chance, noise)
    return [made] if made else []


def _paragraphs(sentences: list[str], chance: random.Random) -> Iterator[str]:
    """Sentences in paragraphs of one to four."""
    while sentences:
        size = chance.randint(1, 4)
        yield " ".join(sentence.replace("\n", " ") for sentence in sentences[:size])
        sentences = sentences[size:]


# --- articles, clean or with boilerplate put into them ---------------------------------


def _boilerplate(page: Page) -> list[str]:
    """Lines of the page that are no main content."""
    lines = [line.strip() for line in flattened(page.html, "html-text").splitlines()]
    lines = [line for line in lines if line and len(line) < 400]
    known = align([word_list(line) for line in lines], word_list(page.gold))
    return [line for line, label in zip(lines, known, strict=True) if label == 0]


def _article(
    page: Page, chance: random.Random, noise: list[str], seen: str = "seen"
) -> TextExample | None:
    paragraphs = [line.strip() for line in page.gold.splitlines() if line.strip()]
    size = chance.randint(1, min(len(paragraphs), MAX_PARAGRAPHS))
    start = chance.randrange(len(paragraphs) - size + 1)
    parts = _strewn(chance, paragraphs[start : start + size], noise)
    glue = chance.choice(GLUES[1:])
    text, own = "", []
    for part, ours, before in parts:
        text += (glue if before is None else before) if text else ""
        own.append((len(text), len(text) + len(part), ours))
        text += part
    found = described(text, _lexicon(seen))
    if found is None or len(found[0].starts) > MAX_PIECES:
        return None
    pieces, features = found
    known = _shares(pieces, own)
    texts = [text[a:b] for a, b in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]
    gold = float(sum(len(word_list(text[a:b])) for a, b, ours in own if ours))
    example = _example(page, features, texts, known, gold, items(text, pieces), made=True)
    example.without = seen if seen.startswith("phrases") else ""
    return example


def _with_phrases(
    page: Page, chance: random.Random, every: Sequence[Entry]
) -> Iterator[TextExample]:
    """An article with phrases in it, read with a lexicon that may lack them."""
    articles = glued.from_pages([page]) or _in_its_language(page)
    seen = chance.choice([*SEEN, *(f"phrases {part}" for part in range(glued.PARTS))])
    for case in glued.cases(seen, articles, PHRASED, page.name, every):
        found = described(case.text, _lexicon(seen))
        if found is None:
            continue
        pieces, seen_page = found
        own = [(0, len(case.text), True)]
        own += [(case.inserted[0][0], case.inserted[-1][1], False)] if case.inserted else []
        texts = [case.text[a:b] for a, b in zip(pieces.starts, pieces.ends, strict=True)]
        gold = float(len(word_list(case.text)) - len(case.inserted))
        known = _shares(pieces, own)
        words = items(case.text, pieces)
        example = _example(page, seen_page, texts, known, gold, words, made=True)
        example.without = seen if seen.startswith("phrases") else ""
        yield example


def _full_of_phrases(
    page: Page, chance: random.Random, every: Sequence[Entry]
) -> Iterator[TextExample | None]:
    """Articles below their headline with many phrases strewn in, which the lexicon may lack."""
    articles = glued.from_pages([page]) or _in_its_language(page)
    title = read(decode(page.html, None).text).title
    for _ in range(STREWN if articles else 0):
        seen = chance.choice(["seen", *(f"phrases {part}" for part in range(glued.PARTS))])
        noise = list(_known_in(articles[0].language, seen, every))
        if noise:
            few = chance.sample(noise, min(len(noise), MAX_STREWN))
            gold = f"{title}\n{page.gold}" if title and chance.random() < 0.5 else page.gold
            yield _article(replace(page, gold=gold), chance, few, seen)


def _known_in(code: str, seen: str, every: Sequence[Entry]) -> Iterator[str]:
    """The phrases of a language, those that the lexicon lacks if it lacks some."""
    for entry in every:
        wanted = seen == "seen" or glued.is_held(entry, seen)
        if wanted and glued.language_of(entry) == code and entry.weight >= STRONG:
            yield from entry.match


def _in_its_language(page: Page) -> list[glued.Article]:
    """The article of a page that no corpus tells the language of."""
    code = language(decode(page.html, None).text) if page.with_ else None
    found = glued.article(code, page.gold) if code else None
    return [found] if found else []


@lru_cache(maxsize=glued.PARTS + len(SEEN))
def _lexicon(seen: str) -> Lexicon:
    return glued.held(seen)


_Part = tuple[str, bool, str | None]  # text, whether it is the article's, what stands before


def _strewn(chance: random.Random, paragraphs: list[str], noise: list[str]) -> Iterator[_Part]:
    """Paragraphs with boilerplate before, behind or between their sentences."""
    rate = chance.choice((0.1, 0.3, 0.6)) if noise else 0.0
    for paragraph in paragraphs:
        if chance.random() >= rate:
            yield paragraph, True, None
            continue
        start = chance.randrange(len(noise))
        run = chance.choice((" ", "\n", " | ")).join(noise[start : start + chance.randint(1, 4)])
        sentences = [part for part in _SENTENCE_RE.split(paragraph) if part]
        at = chance.choice((0, len(sentences), chance.randint(0, len(sentences))))
        glue = chance.choice(GLUES[:3])
        stop = _stop(paragraph, sentences, at)
        if at:
            yield paragraph[:stop], True, None
        yield run, False, glue if at else None
        if at < len(sentences):
            yield paragraph[stop:].lstrip(), True, glue


def _stop(paragraph: str, sentences: list[str], at: int) -> int:
    """Where so many sentences of a paragraph end."""
    place = 0
    for sentence in sentences[:at]:
        place = paragraph.index(sentence, place) + len(sentence)
    return place


def _shares(pieces: Pieces, own: list[tuple[int, int, bool]]) -> Floats:
    """The share of each piece that is the article's."""
    size = max(end for _, end, _ in own)
    flags = np.zeros(size + 1, dtype=np.float32)
    for start, end, ours in own:
        flags[start:end] = ours
    total = np.concatenate(([0.0], np.cumsum(flags, dtype=np.float64)))
    spans = pieces.ends - pieces.starts
    return np.asarray((total[pieces.ends] - total[pieces.starts]) / spans, dtype=np.float32)
