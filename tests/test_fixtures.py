"""The pages and texts of fixtures/, end to end."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import declutter
from benchmarks.metrics import word_scores
from declutter.segment import count_words, is_sentence_like
from tests.conftest import ARTICLES, PAGES, SEEDS, lines, marked

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# word F1: of the worst page and of all; raise the second when a change gains
MIN_PAGE_F1, MIN_MEAN_F1 = 0.9, 0.98
# what the project's first user asked of each seed, in words
GONE = {
    "000": (
        "{", "display:none", "bookmark", "Premium", "subscription today", "Already subscribed",
        "Log in", "Your support", "Your donation", "journalism should be", "Close Read more",
        "refresh", "commenting forum", "thought-provoking", "registering", "Asia China",
    ),
    "001": ("Skip to", "OWNED", "reader-owned", "supporter", "Fighting fund", "8,738", "Donate"),
    "002": (
        "date 2023", "Home / World", "Read |", "Get Latest", "SHARE", "Copy", "Topics",
        "china russia", "Join Hindustan", "Newsletters", "Already have", "Sign", "Live Score",
        "New Delhi", "©", "Free Trial", "Register", "OPEN APP", "My Reads", "Story Saved",
    ),
    "003": ("You can now write", "Share your stories"),
    "004": ("•", "minute read", "Read More", "Must-Reads", "Contact us"),
}  # fmt: skip
KEPT = {
    "000": (
        "China downplays Wagner group rebellion to support Russia",
        "unannounced visit",
        "China has described the attempted insurrection",
        "“Meet the Press.”",
    ),
    "001": ("China backs Russian efforts to stabilise", "both sides,” Mr Ma said."),
    "002": ("amidst Wagner uprising", "Moscow's international isolation deepens."),
    "003": ("What did Russian and Chinese diplomats discuss", "(With inputs from agencies)"),
    "004": ("After Wagner Group Revolt", "With assistance from Jing Li and Xiao Zibang."),
}


def seed(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def by_name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", SEEDS, ids=by_name)
def test_seed_gives_the_expected_text(path: Path) -> None:
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    assert lines(declutter.clean(seed(path))) == lines(expected)


@pytest.mark.parametrize("path", SEEDS, ids=by_name)
def test_seed_loses_and_keeps_what_was_asked(path: Path) -> None:
    text = declutter.clean(seed(path))
    number = path.name[:3]
    assert [words for words in GONE[number] if words in text] == []
    assert [words for words in KEPT[number] if words not in text] == []


def test_repeated_captions_and_headline_of_a_seed_stand_once() -> None:
    text = declutter.clean(seed(SEEDS[2]))
    assert text.count("amidst Wagner uprising") == 1
    assert text.count('it supported Russia in "protecting national stability".') == 1


@pytest.mark.parametrize("path", ARTICLES, ids=by_name)
def test_article_loses_exactly_its_boilerplate(path: Path) -> None:
    case = marked(path.read_text(encoding="utf-8"))
    assert lines(declutter.clean(case.source)) == lines(case.expected)


def case_of(page: Path) -> dict[str, Any]:
    return tomllib.loads((page / "case.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_page_loses_no_paragraph_and_keeps_little_else(page: Path) -> None:
    result = read_page(page)
    expected = (page / "expected.txt").read_text(encoding="utf-8")
    paragraphs = [p for p in lines(expected) if is_sentence_like(p) and count_words(p) >= 10]
    assert [line for line in paragraphs if line not in lines(result.text)] == []
    assert word_scores(expected, result.text)[2] >= MIN_PAGE_F1
    assert bool(result.reason) == bool(case_of(page).get("empty"))


def test_the_pages_together_are_as_good_as_they_were() -> None:
    scores = [
        word_scores((page / "expected.txt").read_text(encoding="utf-8"), read_page(page).text)[2]
        for page in PAGES
    ]
    assert sum(scores) / len(scores) >= MIN_MEAN_F1


@lru_cache
def read_page(page: Path) -> declutter.Result:
    source = (page / "source.html").read_bytes()
    return declutter.analyze(source, keep=("byline", "caption"))


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_page_says_what_was_removed_by_category(page: Path) -> None:
    result = declutter.analyze((page / "source.html").read_bytes())
    removed: dict[str, str] = {}
    for removal in result.removals:
        removed[removal.category] = removed.get(removal.category, "") + "\n" + removal.text
    wanted = case_of(page).get("removed", {})
    missing = [(c, w) for c in wanted for w in wanted[c] if w not in removed.get(c, "")]
    assert missing == []


def test_every_language_has_an_article() -> None:
    lexicons = {p.stem for p in (Path(declutter.__file__).parent / "lexicons").glob("*.toml")}
    assert lexicons - {"markup"} == {path.stem for path in ARTICLES}


SEED_DIGESTS = {
    "000_7f506ca319871c9f.txt": "c07d0b3a417d78e3",
    "001_9773075bcaa93018.txt": "ab75bc2a3092322f",
    "002_79f629096d748223.txt": "01125e4166b83e34",
    "003_c65ba04c1736dac3.txt": "befc76522f3c426f",
    "004_606114800d43459b.txt": "4157df1c029d000a",
}


def test_seeds_are_the_given_files() -> None:
    assert [path.name[:3] for path in SEEDS] == ["000", "001", "002", "003", "004"]
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in SEEDS}
    assert digests == SEED_DIGESTS
