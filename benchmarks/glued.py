"""Boilerplate glued to article text: ``python -m benchmarks.glued --corpora PATH``.

The examples of strong lexicon entries are put into real article paragraphs, before, after and
between sentences, with and without a space, and on lines of their own. It is counted which
inserted words go, and which of the article's. So that no list can pass by heart, parts of the
lexicon are held out (a fifth of the entries, whole categories, whole languages) and only what
they would have found is inserted. Untouched articles, and articles with sentences that only look
like boilerplate (guards), must stay as they are.

Every case is drawn by a seeded generator: languages and ways in turn, then a category, an entry
and an example by chance. Corpus articles are of the untouched split (``folds.py``).
"""

from __future__ import annotations

import hashlib
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import click

import declutter
from benchmarks import interface
from benchmarks.baselines import BASELINES
from benchmarks.corpora import Page, daniel, root, wcxb
from benchmarks.folds import fold
from benchmarks.metrics import WORD_RE, words
from declutter.lexicon import STRONG, Entry, Lexicon, default_lexicon, load_directory
from declutter.model import Category
from declutter.pipeline import Result
from declutter.scoring import text as text_score
from declutter.scoring import vocabulary
from declutter.segment import count_words, ends_sentence

Span = tuple[int, int]

FIXTURES = Path(__file__).parent.parent / "fixtures" / "articles"
LEXICONS = Path(declutter.__file__).parent / "lexicons"
SEED = 20_260_101
CASES = 400  # a row
# where the phrase goes, and what stands between it and the article
WAYS: dict[str, tuple[str, str]] = {
    "before, space": ("before", " "),
    "before, no space": ("before", ""),
    "after, space": ("after", " "),
    "after, no space": ("after", ""),
    "between, space": ("between", " "),
    "between, no space": ("between", ""),
    "own line": ("line", "\n"),
}
APART = tuple(way for way, (_, gap) in WAYS.items() if gap)
PARTS = 5  # of the entries, one is held out
HELD_CATEGORIES = (
    Category.NEWSLETTER,
    Category.DONATION,
    Category.SHARE,
    Category.CONSENT,
    Category.LOGIN,
)
HELD_LANGUAGES = ("fr", "pl", "ru", "ja")
# what is held out in each row of the table
KINDS: dict[str, tuple[str, ...]] = {
    "seen": ("seen",),
    "unseen phrases": ("phrases",),
    "unseen categories": tuple(f"category {category.value}" for category in HELD_CATEGORIES),
    "unseen languages": tuple(f"language {code}" for code in HELD_LANGUAGES),
    "interface": ("interface",),
    "untouched": ("untouched",),
    "guards": ("guards",),
}
KIND_OF = {seen: kind for kind, seens in KINDS.items() for seen in seens}
INSERTING = tuple(KINDS)[:5]
SHOWN = 200  # characters of a removal
WINDOW = 4  # paragraphs of an article in a case
RUN_EVERY = 4  # cases: one has two or three phrases
MIN_PROSE = 15  # words of a paragraph
_CODES = {"Chinese": "zh", "Greek": "el", "Polish": "pl", "Russian": "ru"}  # as in DAnIEL
_MARKED_RE = re.compile(" ?⟦[^⟧]*⟧ ?")
_QUOTES_RE = re.compile('["“”„«»「」『』]')
# sentence ends, by own rules: the cleaner's might be wrong in the same places; Thai has none
_SEAM_RE = re.compile(
    r"(?<=\w\w\w[.!?؟])\s+(?=\w)|(?<=।)\s+(?=\w)|(?<=[。！？])(?=\w)"
    r"|(?<=[\u0e00-\u0e7f]) (?=[\u0e00-\u0e7f])"
)


@dataclass(frozen=True, slots=True)
class Article:
    """The prose paragraphs of a clean text; phrases can be put between sentences of some."""

    language: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the spans of the words that were put into it, and how that was done.

    ``category`` is ``mixed`` for several phrases, ``seen`` what was held out (``KINDS``).
    """

    text: str
    inserted: tuple[Span, ...]
    language: str
    category: str
    way: str
    seen: str


class Shares(NamedTuple):
    """The shares of inserted words that went, and of the article's."""

    removed: float
    lost: float


class Outcome(NamedTuple):
    """What every tool did to a case, and the removals of declutter."""

    case: Case
    shares: dict[str, Shares]
    cuts: tuple[Span, ...]


# --- articles -------------------------------------------------------------------------


def seams(paragraph: str) -> list[Span]:
    """The white space (which may be empty) between sentences, outside quotations.

    >>> seams('The bridge is old. It will close. Mr. Li said: "So long. Farewell."')
    [(18, 19), (33, 34)]
    """
    return [
        match.span()
        for match in _SEAM_RE.finditer(paragraph)
        if not paragraph[match.end()].islower()
        and len(_QUOTES_RE.findall(paragraph, 0, match.start())) % 2 == 0
    ]


def article(language: str, text: str) -> Article | None:
    """The article of a text; None where it has no prose that a phrase could be put into."""
    lines = [line.strip() for line in text.splitlines()]
    prose = tuple(
        line
        for line in lines
        if count_words(line) >= MIN_PROSE and (ends_sentence(line) or language == "th")
    )
    return Article(language, prose) if any(map(seams, prose)) else None


def from_pages(pages: Iterable[Page]) -> list[Article]:
    """The articles of corpus pages: WCXB's (English) and DAnIEL's in other languages."""
    languages = {("wcxb", "article"): "en"} | {("daniel", k): v for k, v in _CODES.items()}
    coded = [(languages.get((page.corpus, page.group)), page.gold) for page in pages]
    found = [article(code, gold) for code, gold in coded if code]
    return [one for one in found if one]


def from_fixtures() -> list[Article]:
    """The committed articles in 19 languages, without their marked boilerplate."""
    texts = [(path.stem, path.read_text("utf-8")) for path in sorted(FIXTURES.glob("*.txt"))]
    found = [article(code, _MARKED_RE.sub("", text)) for code, text in texts]
    return [one for one in found if one]


# --- what is held out -----------------------------------------------------------------


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """The entries of the lexicons with their examples."""
    return tuple(load_directory(LEXICONS))


def language_of(entry: Entry) -> str:
    return entry.id.split(".")[0]


def is_held(entry: Entry, seen: str) -> bool:
    """Whether an entry is left out of the lexicon."""
    kind, _, value = seen.partition(" ")
    if kind == "phrases":
        return hashlib.md5(entry.id.encode()).digest()[0] % PARTS == int(value or 0)
    if kind == "category":
        return entry.category.value == value
    return kind == "language" and language_of(entry) == value


def held(seen: str) -> Lexicon:
    """The lexicon without what is held out."""
    left = [entry for entry in entries() if not is_held(entry, seen)]
    return Lexicon(left) if len(left) < len(entries()) else default_lexicon()


@contextmanager
def lexicon_without(seen: str) -> Iterator[None]:
    """Let declutter work with the lexicon, and what its words tell, without what is held out."""
    lexicon, weights = held(seen), text_score.weights()
    if lexicon is not default_lexicon():
        left = vocabulary.of_lexicon(e for e in entries() if not is_held(e, seen))
        weights = replace(weights, words=(weights.words[0], left))
    with (
        patch("declutter.pipeline.default_lexicon", lambda: lexicon),
        patch("declutter.scoring.text.weights", lambda: weights),
    ):
        yield


# --- cases ----------------------------------------------------------------------------

# phrases of a language by category
Phrases = dict[str, list[tuple[str, ...]]]


def phrases(seen: str, every: Sequence[Entry]) -> dict[str, Phrases]:
    """The phrases to put in, by language: what strong entries find, or what all must spare."""
    found: dict[str, Phrases] = defaultdict(lambda: defaultdict(list))
    held_out = any(is_held(entry, seen) for entry in every)
    for entry in every:
        wanted = is_held(entry, seen) or not held_out
        examples = entry.spare if seen == "guards" else entry.match
        if wanted and examples and (entry.weight >= STRONG or seen == "guards"):
            found[language_of(entry)][entry.category.value].append(examples)
    return found


def glue(paragraphs: Sequence[str], phrase: str, way: str, rng: random.Random) -> tuple[str, int]:
    """Put a phrase into paragraphs; the text, and where the phrase begins in it."""
    place, gap = WAYS[way]
    if place == "line":
        at = rng.randrange(len(paragraphs) + 1)
        before, after = "\n".join(paragraphs[:at]), "\n".join(paragraphs[at:])
    else:
        hosts = [n for n, p in enumerate(paragraphs) if place != "between" or seams(p)]
        at = rng.choice(hosts)
        start, end = _cut(paragraphs[at], place, rng)
        before = "\n".join([*paragraphs[:at], paragraphs[at][:start]])
        after = "\n".join([paragraphs[at][end:], *paragraphs[at + 1 :]])
    left = gap if before and not before.endswith("\n") else ""
    right = gap if after and not after.startswith("\n") else ""
    return before + left + phrase + right + after, len(before + left)


def _cut(paragraph: str, place: str, rng: random.Random) -> Span:
    """The span of a paragraph that a phrase takes."""
    if place == "between":
        return rng.choice(seams(paragraph))
    at = 0 if place == "before" else len(paragraph)
    return at, at


def _window(source: Article, rng: random.Random) -> tuple[str, ...]:
    """A few paragraphs of an article that follow each other, one at least of two sentences."""
    windows = [source.paragraphs[at : at + WINDOW] for at in range(len(source.paragraphs))]
    return rng.choice([window for window in windows if any(map(seams, window))])


def _phrase(pool: Phrases, count: int, rng: random.Random) -> tuple[str, str]:
    """Phrases in a row, and their category."""
    chosen = []
    for _ in range(count):
        category = rng.choice(sorted(pool))
        chosen.append((category, rng.choice(rng.choice(pool[category]))))
    return " ".join(text for _, text in chosen), chosen[0][0] if count == 1 else "mixed"


def _deck(languages: Iterable[str], rng: random.Random) -> Iterator[str]:
    """All languages in a new order, again and again."""
    deck = sorted(languages)
    while True:
        rng.shuffle(deck)
        yield from deck


def cases(
    seen: str,
    articles: Sequence[Article],
    count: int = CASES,
    seed: int | str = SEED,
    every: Sequence[Entry] | None = None,
) -> list[Case]:
    """So many cases of what is held out, the same for the same arguments.

    ``every`` are the entries to choose from, if not those of the lexicons. Untouched cases
    are whole articles, each of them once at most.
    """
    rng = random.Random(f"{seed} {seen}")
    if seen == "untouched":
        drawn = rng.sample(articles, min(count, len(articles)))
        return [Case("\n".join(a.paragraphs), (), a.language, "", "", seen) for a in drawn]
    sources: dict[str, list[Article]] = defaultdict(list)
    for one in articles:
        sources[one.language].append(one)
    pools = phrases(seen, entries() if every is None else every)
    ways = cycle(APART if seen == "guards" else WAYS)
    languages = pools.keys() & sources.keys()
    deck = islice(_deck(languages, rng), count if languages else 0)
    return [
        _case(rng.choice(sources[code]), pools[code], way, seen, number, rng)
        for number, (code, way) in enumerate(zip(deck, ways, strict=False))
    ]


def _case(
    source: Article, pool: Phrases, way: str, seen: str, number: int, rng: random.Random
) -> Case:
    """An article with phrases in it; those of guards count as the article's."""
    guard = seen == "guards"
    several = not guard and number % RUN_EVERY == 0
    phrase, category = _phrase(pool, rng.choice((2, 3)) if several else 1, rng)
    text, start = glue(_window(source, rng), phrase, way, rng)
    spans = [(start + match.start(), start + match.end()) for match in WORD_RE.finditer(phrase)]
    inserted = () if guard else tuple(spans)
    return Case(text, inserted, source.language, category, way, seen)


# --- measures -------------------------------------------------------------------------


def _without(text: str, spans: Iterable[Span]) -> str:
    """The text with spaces in place of spans, so that offsets stay."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _covered(case: Case, result: Result) -> list[bool]:
    """For each character of a case whether it was removed."""
    flags = [False] * len(case.text)
    for removal in result.removals:
        flags[removal.start : removal.end] = [True] * (removal.end - removal.start)
    return flags


def share_removed(case: Case, result: Result) -> float:
    """The share of inserted words that were removed whole; 1 where there are none."""
    flags = _covered(case, result)
    gone = sum(all(flags[start:end]) for start, end in case.inserted)
    return gone / len(case.inserted) if case.inserted else 1.0


def share_lost(case: Case, result: Result) -> float:
    """The share of the article's words that were removed or cut into."""
    flags = _covered(case, result)
    spans = [match.span() for match in WORD_RE.finditer(_without(case.text, case.inserted))]
    return sum(any(flags[start:end]) for start, end in spans) / max(1, len(spans))


def _parted(case: Case, output: str) -> str:
    """An output in which words that the gluing made one are two again, as where they were put."""
    edges = {at for span in case.inserted for at in span}
    for match in WORD_RE.finditer(case.text):
        start, end = match.span()
        cuts = sorted(at for at in edges if start < at < end)
        if cuts:
            parts = [case.text[a:b] for a, b in pairwise([start, *cuts, end])]
            output = output.replace(match.group(), " ".join(parts))
    return output


def bag_shares(case: Case, output: str) -> Shares:
    """The shares of a text of which no offsets are known, by its bag of words."""
    article_words = words(_without(case.text, case.inserted))
    found = words(_parted(case, output))
    total, size = sum(article_words.values()), len(case.inserted)
    stayed = min(size, sum((found - article_words).values()))
    lost = sum((article_words - found).values()) / max(1, total)
    return Shares(1 - stayed / size if size else 1.0, lost)


def measure(case: Case) -> Outcome:
    """What every tool does to a case, declutter with the lexicon that it has now."""
    result = declutter.analyze(case.text, kind="text")
    shares = {"declutter": Shares(share_removed(case, result), share_lost(case, result))}
    for name, clean in BASELINES.items():
        shares[name] = bag_shares(case, clean(case.text, case.language))
    cuts = tuple((removal.start, removal.end) for removal in result.removals)
    return Outcome(case, shares, cuts)


def run(found: Sequence[Case]) -> list[Outcome]:
    """Measure cases that hold out the same."""
    if not found:
        return []
    with lexicon_without(found[0].seen):
        return [measure(case) for case in found]


# --- the table ------------------------------------------------------------------------

TOOLS = ("declutter", *BASELINES)


def _cell(outcomes: Sequence[Outcome], tool: str) -> str:
    """``removed / lost`` of a tool in per cent, means over cases."""
    if not outcomes:
        return "–"
    shares = [outcome.shares[tool] for outcome in outcomes]
    removed, lost = (100 * sum(column) / len(shares) for column in zip(*shares, strict=True))
    some = any(outcome.case.inserted for outcome in outcomes)
    return f"{removed:.1f} / {lost:.2f}" if some else f"– / {lost:.2f}"


def _exact(outcomes: Sequence[Outcome]) -> str:
    """The per cent of cases of which declutter removed just the inserted words."""
    hits = sum(outcome.shares["declutter"] == (1.0, 0.0) for outcome in outcomes)
    return f"{100 * hits / max(1, len(outcomes)):.1f}"


def rows(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A row for each kind, and for each thing that was held out where there are several."""
    yield _row("removed / lost, %", "cases", *TOOLS, "declutter exact")
    yield _row(*["---"] * (len(TOOLS) + 3))
    for kind, seens in KINDS.items():
        for label in (kind, *(seens if len(seens) > 1 else ())):
            some = [o for o in outcomes if label in (KIND_OF[o.case.seen], o.case.seen)]
            cells = [_cell(some, tool) for tool in TOOLS]
            yield _row(label, str(len(some)), *cells, _exact(some))


def breakdown(title: str, outcomes: Sequence[Outcome], key: Callable[[Case], str]) -> Iterator[str]:
    """Rows by a property of cases: declutter by kind, the others over all kinds together."""
    yield _row(title, "cases", *(f"declutter, {kind}" for kind in INSERTING), *BASELINES)
    yield _row(*["---"] * (len(INSERTING) + len(BASELINES) + 2))
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.case.inserted:
            groups[key(outcome.case)].append(outcome)
    for label, some in sorted(groups.items()):
        kinds = [[o for o in some if KIND_OF[o.case.seen] == kind] for kind in INSERTING]
        cells = [_cell(part, "declutter") for part in kinds]
        cells += [_cell(some, tool) for tool in BASELINES]
        yield _row(label, str(len(some)), *cells)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def worst(outcomes: Sequence[Outcome], count: int) -> Iterator[str]:
    """The cases of each kind in which declutter is most wrong: what stayed, what was lost."""
    for kind in KINDS:
        some = [o for o in outcomes if KIND_OF[o.case.seen] == kind]
        some.sort(key=lambda o: o.shares["declutter"].removed - o.shares["declutter"].lost)
        yield f"\n{kind}"
        for outcome in some[:count]:
            if outcome.shares["declutter"] != (1.0, 0.0):
                yield _failure(outcome)


def _failure(outcome: Outcome) -> str:
    """A case in two lines: what was put in, with a little of the article, and what went."""
    case, (removed, lost) = outcome.case, outcome.shares["declutter"]
    text = case.text.replace("\n", "⏎")
    gone = " … ".join(text[start : min(end, start + SHOWN)] for start, end in outcome.cuts)
    line = f"  {removed:.0%} / {lost:.1%} {case.language} {case.category} ({case.way})"
    if case.inserted:
        start, end = case.inserted[0][0], case.inserted[-1][1]
        line += f": {text[max(0, start - 15) : start]}⟦{text[start:end]}⟧{text[end : end + 15]}"
    return f"{line}\n    removed: {gone}" if gone else line


# --- the command ----------------------------------------------------------------------


def measured(folder: Path, count: int, jobs: int) -> list[Outcome]:
    """The outcomes of all kinds; the cases of a kind are shared by what it holds out."""
    pages = [page for load in (wcxb, daniel) for page in load(folder) if fold(page.domain) is None]
    articles = from_pages(pages) + from_fixtures()
    others = interface.entries(folder, held=True)
    groups = [
        cases(seen, articles, count // len(seens), every=others if seen == "interface" else None)
        for seens in KINDS.values()
        for seen in seens
    ]
    with ProcessPoolExecutor(jobs) as pool:
        return [outcome for found in pool.map(run, groups) for outcome in found]


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--cases", "count", default=CASES, show_default=True, help="Cases of each kind.")
@click.option("--worst", "show", default=0, help="How many failures of each kind to show.")
@click.option("--jobs", default=os.cpu_count(), show_default=True, help="Processes.")
def main(corpora: str | None, count: int, show: int, jobs: int) -> None:
    """Print what goes of glued boilerplate and of the articles around it."""
    outcomes = measured(root(corpora), count, jobs)
    tables = [
        rows(outcomes),
        breakdown("category", outcomes, lambda case: case.category),
        breakdown("way", outcomes, lambda case: case.way),
        breakdown("language", outcomes, lambda case: case.language),
    ]
    for table in tables:
        click.echo("\n".join(table) + "\n")
    if show:
        click.echo("\n".join(worst(outcomes, show)))


if __name__ == "__main__":
    main()
