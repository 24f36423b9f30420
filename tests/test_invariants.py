"""Laws that hold for every source: over the seeds, the fixtures and generated input."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import declutter
from declutter.lexicon import STRONG, Entry, Lexicon, load_directory
from declutter.model import Category
from declutter.options import FOCUS
from declutter.writers.text import without
from tests.conftest import ARTICLES, PAGES, SEEDS, lines, marked

FOLDER = Path(declutter.__file__).parent / "lexicons"
SEED_TEXTS = [path.read_text(encoding="utf-8") for path in SEEDS]
CLEAN_SEEDS = [path.with_suffix(".expected").read_text(encoding="utf-8") for path in SEEDS]
FLAT = [*SEED_TEXTS, *(marked(path.read_text(encoding="utf-8")).source for path in ARTICLES)]
HTML = [(page / "source.html").read_bytes() for page in PAGES]


@lru_cache(maxsize=1)
def entries() -> list[Entry]:
    return load_directory(FOLDER)


def strong() -> list[tuple[Entry, str]]:
    return [(e, m) for e in entries() if e.weight >= STRONG for m in e.match]


# pieces that generated pages are made of: prose, boilerplate, code, markup, noise
PIECES = st.sampled_from(
    [
        "The council said on Monday that it would repair the bridge. ",
        "Sign up for our newsletter ",
        "Share Facebook Copy link\n",
        ".css-1a{color:red}",
        "@media (max-width:1px){.a{margin:0}}",
        '{"@context":"https://schema.org"}',
        "window.dataLayer = [];",
        "中国外交部表示支持。",
        "订阅我们的电子报 ",
        "Read more: ",
        "© 2024 Gazette\n",
        "Home / News / x\n",
        "<p>",
        "</p>",
        "<div class='share'>",
        "</div>",
        "<b>",
        "<!--",
        "<script>",
        "\n\n",
        "\0",
        "\ud800",
        '"',
        "“",
        "}",
        "İ",
    ]
)
SOURCES = st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=30).map("".join)


def check_laws(result: declutter.Result) -> None:
    text, last = result.document.text, 0
    for removal in result.removals:
        assert last <= removal.start < removal.end <= len(text)
        assert removal.text == text[removal.start : removal.end]
        assert removal.rule
        assert removal.why
        last = removal.end
    assert result.text == without(text, [(r.start, r.end) for r in result.removals])
    assert bool(result.text) != bool(result.reason)


@pytest.mark.parametrize("source", [*FLAT, *HTML])
def test_laws_hold_on_fixtures(source: str | bytes) -> None:
    check_laws(declutter.analyze(source))


@settings(max_examples=300)
@given(SOURCES, st.sampled_from(["auto", "html", "text"]), st.sampled_from(FOCUS))
def test_laws_hold_on_any_text(source: str, kind: str, focus: str) -> None:
    try:
        result = declutter.analyze(source, kind=kind, focus=focus)
    except declutter.DeclutterError:
        return
    check_laws(result)
    if result.kind == "text":
        assert result.document.text == source


@given(st.binary(max_size=400))
def test_laws_hold_on_any_bytes(source: bytes) -> None:
    try:
        result = declutter.analyze(source)
    except declutter.DeclutterError:
        return
    check_laws(result)


@pytest.mark.parametrize("source", FLAT, ids=lambda text: text[:20].strip())
def test_cleaning_a_clean_text_changes_nothing(source: str) -> None:
    once = declutter.clean(source, kind="text")
    assert declutter.clean(once, kind="text") == once


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_cleaning_the_text_of_a_page_changes_nothing(page: Path) -> None:
    once = declutter.clean((page / "source.html").read_bytes())
    assert declutter.clean(once, kind="text") == once


@pytest.mark.parametrize("source", [*FLAT, *HTML])
def test_keeping_a_category_never_removes_more(source: str | bytes) -> None:
    everything = declutter.analyze(source)
    gone = covered(everything)
    for category in {removal.category for removal in everything.removals}:
        kept = declutter.analyze(source, keep=(category,))
        assert covered(kept) <= gone
        assert category not in {removal.category for removal in kept.removals}


def covered(result: declutter.Result) -> set[int]:
    return {at for r in result.removals for at in range(r.start, r.end)}


@pytest.mark.parametrize("source", [*FLAT, *HTML])
def test_precision_removes_at_least_what_recall_removes(source: str | bytes) -> None:
    sizes = [len(declutter.clean(source, focus=focus)) for focus in ("precision", "recall")]
    assert sizes[0] <= sizes[1]


# --- boilerplate put into clean articles -----------------------------------------------


def paragraphs(text: str) -> list[str]:
    return lines(text)


def is_sentence(line: str) -> bool:
    return line.endswith((".", "”", '"')) and len(line.split()) > 8


def insertions() -> st.SearchStrategy[tuple[tuple[Entry, str], int, int, str]]:
    return st.tuples(
        st.sampled_from(strong()),
        st.integers(0, len(CLEAN_SEEDS) - 1),
        st.integers(0, 100),
        st.sampled_from(["line", "before", "after"]),
    )


@settings(max_examples=600)
@given(insertions())
def test_strong_boilerplate_goes_and_the_article_loses_nothing(
    case: tuple[tuple[Entry, str], int, int, str],
) -> None:
    (entry, piece), seed, place, way = case
    article = paragraphs(CLEAN_SEEDS[seed])
    sentences = [i for i, line in enumerate(article) if is_sentence(line)]
    at = sentences[place % len(sentences)]
    changed = article[:]
    if way == "line":
        changed.insert(at, piece)
    elif way == "after":
        changed[at] = f"{article[at]} {piece}"
    else:
        # a headline behind a label cannot be told from the sentence glued to it
        if entry.scope == "label" and not is_label_alone(entry, piece):
            return
        changed[at] = f"{piece} {article[at]}"
    assert lines(declutter.clean("\n".join(changed), kind="text")) == article


def is_label_alone(entry: Entry, piece: str) -> bool:
    """Whether an example is a label without a headline behind it."""
    found = Lexicon([entry]).find(piece)
    return bool(found) and not piece[found[0].end :].strip()


@settings(max_examples=300)
@given(
    st.sampled_from(
        [(e, m) for e in load_directory(FOLDER) if 0 < e.weight < STRONG for m in e.match]
    ),
    st.integers(0, len(CLEAN_SEEDS) - 1),
    st.integers(0, 100),
)
def test_weak_boilerplate_takes_nothing_of_the_article_with_it(
    case: tuple[Entry, str], seed: int, place: int
) -> None:
    article = paragraphs(CLEAN_SEEDS[seed])
    changed = article[:]
    changed.insert(place % (len(article) + 1), case[1])
    kept = lines(declutter.clean("\n".join(changed), kind="text"))
    assert [line for line in article if line not in kept] == []


# sentences that only look like boilerplate, and what they are put into: articles of their
# language, and English news for the English ones
GUARDS = [(e.id.split(".")[0], s) for e in load_directory(FOLDER) for s in e.spare]
HOSTS = {path.stem: [marked(path.read_text(encoding="utf-8")).expected] for path in ARTICLES}
HOSTS["en"] += CLEAN_SEEDS


@settings(max_examples=300)
@given(st.sampled_from(GUARDS), st.integers(0, 99), st.integers(0, 100), st.booleans())
def test_guard_sentences_survive_anywhere(
    guard: tuple[str, str], host: int, place: int, glued: bool
) -> None:
    language, sentence = guard
    hosts = HOSTS[language]
    article = paragraphs(hosts[host % len(hosts)])
    at = place % len(article)
    if glued:
        article[at] = f"{article[at]} {sentence}" if is_sentence(article[at]) else article[at]
    article.insert(at, sentence)
    kept = declutter.clean("\n".join(article), kind="text")
    assert sentence in kept


# --- forms of one page -----------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-15"])
def test_the_charset_of_a_page_does_not_change_its_text(charset: str) -> None:
    page = '<meta charset="{}"><article><h1>Café am Fluß</h1><p>{}</p></article>'
    prose = "Das Café öffnete am Montag wieder, sagte die Bürgermeisterin der Stadt. " * 3
    wanted = declutter.clean(page.format("utf-8", prose).encode())
    assert prose.strip() in wanted
    assert declutter.clean(page.format(charset, prose).encode(charset)) == wanted


def test_threads_give_the_same_results() -> None:
    alone = [declutter.clean(source) for source in HTML[:12]]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(3):
            assert list(pool.map(declutter.clean, HTML[:12])) == alone


# --- time ------------------------------------------------------------------------------

PROSE = "The council said on Monday that it would repair the bridge. "
BASE = 20_000
GROWING = {
    "one line of sentences": lambda n: (PROSE + "Sign up for our newsletter. ") * (n // 90),
    "interface lines": lambda n: "Share\n" * (n // 6),
    "interface words": lambda n: "Share " * (n // 6),
    "open braces": lambda n: "{" * n,
    "style rules": lambda n: "a{color:red}" * (n // 12),
    "cut-off style": lambda n: "a{color:red;/*" * (n // 14),
    "scripts": lambda n: "window.dataLayer = " * (n // 19),
    "quotes": lambda n: '"a ' * (n // 3),
    "dots": lambda n: "." * n,
    "a sentence that goes on": lambda n: "Sign up for our newsletter and x " * (n // 33),
    "a chain amid words": lambda n: "The old " + "Advertisement Share " * (n // 20) + "met today",
    "the voice of appeals": lambda n: "your support and our reporting go " * (n // 34),
    "Chinese": lambda n: "中国外交部表示支持。请登录后再操作 " * (n // 18),
    "open divs": lambda n: "<div>x" * (n // 6),
    "open bold": lambda n: "<b>x " * (n // 5),
    "nested": lambda n: "<div>" * (n // 11) + "x" + "</div>" * (n // 11),
    "tables": lambda n: "<table><tr><td>a<td>b" * (n // 21),
    "links": lambda n: "<p><a href=x>Share</a>" * (n // 22),
    "less-than signs": lambda n: "<" * n,
    "lines in a block": lambda n: "<p>" + "Share | Print | Save<br>" * (n // 24),
    "NUL": lambda n: "\0" * n,
}


@pytest.mark.parametrize("name", GROWING)
def test_time_grows_linearly(name: str) -> None:
    """Eight times the input may take at most twenty times as long: n log n and noise, not n²."""
    kind = "html" if "<" in GROWING[name](100) else "text"

    def best(size: int) -> float:
        source = GROWING[name](size)
        times = []
        for _ in range(3):
            start = time.process_time()
            declutter.analyze(source, kind=kind)
            times.append(time.process_time() - start)
        return min(times)

    best(BASE)
    assert best(8 * BASE) <= 20 * max(best(BASE), 0.002)


def test_large_sources_come_through() -> None:
    line = PROSE * (5_000_000 // len(PROSE))
    assert len(declutter.clean(line, kind="text")) == len(line.strip())
    assert declutter.clean("<div>" * 100_000 + PROSE + "</div>" * 100_000) == PROSE.strip()
    assert declutter.clean("<span>" * 50_000 + PROSE * 3, kind="html") == (PROSE * 3).strip()


def test_limits_of_a_call_are_kept() -> None:
    with pytest.raises(declutter.LimitError, match="max_bytes"):
        declutter.clean("x" * 100, max_bytes=50)
    with pytest.raises(declutter.LimitError, match="max_seconds"):
        declutter.clean("<p>word</p>" * 50_000, max_seconds=1e-6)


def test_every_category_has_a_meaning() -> None:
    from declutter.model import MEANING

    assert set(MEANING) == set(Category)


def test_shuffled_fixtures_give_the_same_results() -> None:
    order = list(range(len(FLAT)))
    wanted = [declutter.clean(text) for text in FLAT]
    random.Random(7).shuffle(order)
    assert all(declutter.clean(FLAT[index]) == wanted[index] for index in order)
