"""What the text model learns from, on a page made for the purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest

from benchmarks import glued, text_examples, train_text
from benchmarks.corpora import Page
from benchmarks.flatteners import FLATTENERS, flattened
from benchmarks.interface import _entry
from benchmarks.text_examples import TextExample, _guard_pages, _guards, _of_page, described
from declutter.lexicon import default_lexicon
from declutter.scoring import vocabulary

PARAGRAPHS = (
    "The old lighthouse at Carrow Point has a new owner, and it is the village below it.",
    "On Friday evening the parish clerk signed the papers with half the street looking on.",
    "The tower stood empty for nineteen years after the lamp was replaced by a buoy at sea.",
    "Nobody made a speech, but somebody had brought a fiddle and two crates of good cider.",
)
MENU = ("Home", "Weather", "Tide tables", "Classifieds", "Sign in")
HTML = "".join(
    [
        "<title>Village buys lighthouse</title><ul>",
        *(f"<li><a href=/{n}>{item}</a>" for n, item in enumerate(MENU)),
        "</ul><article><h1>Village buys lighthouse</h1>",
        *(f"<p>{text} {text.replace('the', 'a')}" for text in PARAGRAPHS),
        "</article><footer>All rights reserved by the Carrow Gazette</footer>",
    ]
).encode()
GOLD = "\n".join(f"{text} {text.replace('the', 'a')}" for text in PARAGRAPHS)
PAGE = Page("wcxb", "1", "article", "carrow.example", HTML, gold=GOLD)
OTHERS = tuple(_entry("en", f"Tell your friends about thing {n}") for n in range(40))


def in_lines(html: bytes, name: str) -> str:
    """A page flattened in one way that needs no other library, whatever way is asked for."""
    assert name in FLATTENERS
    return flattened(html, "get_text lines")


@pytest.fixture(autouse=True, scope="module")
def whole_lexicon() -> Iterator[None]:
    """To make lexicons without a part of them takes too long here."""
    with (
        patch("benchmarks.text_examples._lexicon", lambda seen: default_lexicon()),
        patch("benchmarks.text_examples.flattened", in_lines),
    ):
        yield


@pytest.fixture(scope="module")
def made() -> list[TextExample]:
    return _of_page(PAGE, OTHERS, forms=2)


def kept_words(example: TextExample) -> float:
    return float((example.labels * example.words).sum())


def test_a_page_is_flattened_and_its_article_used_in_many_ways(made: list[TextExample]) -> None:
    flattened = [example for example in made if not example.fragment]
    assert len(flattened) == 2
    assert len(made) > 6
    assert {example.without.split(" ")[0] for example in made} <= {"", "phrases"}


def test_labels_are_shares_of_content_and_the_headline_is_content(made: list[TextExample]) -> None:
    for example in made:
        assert ((example.labels >= 0) & (example.labels <= 1)).all()
        assert kept_words(example) <= example.gold + 1
    flattened = [example for example in made if not example.fragment]
    for example in flattened:
        assert kept_words(example) > 0.95 * example.gold
        assert kept_words(example) < example.words.sum() - 3  # the menu and the footer are not


def test_a_page_with_segments_borrows_the_rest_from_its_html() -> None:
    segments = Page(
        "trafilatura", "1", "all", "carrow.example", HTML, with_=(PARAGRAPHS[0],),
        without=("All rights reserved by the Carrow Gazette",),
    )  # fmt: skip
    (first, *_) = _of_page(segments, (), forms=1)
    assert kept_words(first) > 0.9 * first.gold
    assert first.gold >= len(" ".join(PARAGRAPHS).split())
    assert 0 in first.labels


def test_guards_are_content_and_phrases_among_them_are_not() -> None:
    pages = [page for page in _guard_pages() if page.group == "en"][:12]
    found = [example for page in pages for example in _guards(page, OTHERS)]
    assert found
    assert any((example.labels == 1).all() for example in found)
    assert any((example.labels == 0).any() for example in found)


def test_what_words_tell_of_a_page_is_counted_on_other_folds(
    made: list[TextExample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_text, "_counted", train_text.site_counts(made), raising=False)
    monkeypatch.setattr(train_text, "lexicon_words", lambda without: train_text.NOTHING)
    wide = train_text.with_words(made, held=None)
    size = made[0].x.shape[1]
    assert all(len(x) == len(e.x) and x.shape[1] > size for x, e in zip(wide, made, strict=True))
    told = np.concatenate([x[:, size:] for x in wide])
    assert not told.any()  # its own fold is the only one that has words


def test_words_of_boilerplate_tell_more_than_those_of_articles(made: list[TextExample]) -> None:
    counts, sites = train_text.site_counts(made)
    fold = made[0].fold
    assert fold is not None
    table = train_text.site_words(counts, sites, [fold])
    text = "Weather\ncider"
    found = described(text)
    assert found is not None
    menu, article = table[vocabulary.items(text, found[0]).words]
    assert menu > 0 > article


def test_phrases_that_the_lexicon_lacks_are_marked() -> None:
    pages = [Page("wcxb", str(n), "article", "carrow.example", HTML, gold=GOLD) for n in range(12)]
    found = [
        example
        for page in pages
        for example in text_examples._with_phrases(page, random.Random(page.name), glued.entries())
    ]
    lacking = [example for example in found if example.without]
    assert lacking
    assert all(example.without.startswith("phrases ") for example in lacking)
    assert all((example.labels < 1).any() for example in lacking)
