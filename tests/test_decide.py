"""From findings to removals: support, gaps, the safety valve, keeping, reasons."""

from __future__ import annotations

import pytest

import declutter
from declutter.decide import decide
from declutter.model import Category, Finding
from declutter.options import Options
from declutter.readers.text import read
from declutter.segment import is_sentence_like

PROSE = "The council said on Monday that it would repair the old bridge."


def removed(text: str, *findings: tuple[str, float], **options: object) -> list[str]:
    """What is removed when each of the given words is found with a weight."""
    doc = read(text)
    found = [
        Finding(text.index(words), text.index(words) + len(words), Category.SHARE, "r", weight, "w")
        for words, weight in findings
    ]
    prose = [is_sentence_like(text[b.start : b.end]) for b in doc.blocks]
    kept = [True] * len(doc.blocks)
    cuts = decide(doc, found, kept, lambda: prose, Options().changed(**options))
    return [text[cut.start : cut.end] for cut in cuts]


def test_a_strong_finding_removes_its_span() -> None:
    assert removed(f"{PROSE} Share this", ("Share this", 3)) == ["Share this"]


def test_a_weak_finding_alone_removes_nothing() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 1)) == []


def test_weights_of_one_span_add_up() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 2), ("Share", 1)) == ["Share"]


def test_content_speaks_against_boilerplate() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 3), ("Share", -2)) == []


def test_weak_neighbours_support_each_other() -> None:
    text = f"{PROSE}\nShare\nPrint\nSave\n{PROSE}"
    weak = [("Share", 1), ("Print", 1), ("Save", 1)]
    assert removed(text, *weak) == ["Share", "Print", "Save"]
    assert removed(text, *weak[:2]) == []


def test_a_removed_neighbour_and_the_end_of_the_page_support() -> None:
    assert removed(f"{PROSE}\nShare\nPrint", ("Share", 3), ("Print", 1)) == ["Share", "Print"]


def test_recall_asks_for_certainty() -> None:
    text = f"{PROSE}\nShare\nPrint\nSave"
    weak = [("Share", 1), ("Print", 1), ("Save", 1)]
    assert removed(text, *weak, focus="recall") == []
    assert removed(text, *weak[:2], focus="precision") != []


def test_a_list_that_the_article_introduces_stays() -> None:
    text = "They use many networks, among them:\nAlpha\nBeta\nGamma\nDelta"
    weak = [("Alpha", 1), ("Beta", 1), ("Gamma", 1), ("Delta", 1)]
    assert removed(text, *weak) == []


def test_short_lines_amid_a_removed_tail_go() -> None:
    text = f"{PROSE}\nShare\nPrint\nold bridge\nSave\nClose"
    strong = [(words, 3.0) for words in ("Share", "Print", "Save", "Close")]
    assert "old bridge" in removed(text, *strong)


@pytest.mark.parametrize("middle", ["He left early.", PROSE, "a b c d e f g h i j k"])
def test_sentences_amid_a_removed_tail_stay(middle: str) -> None:
    text = f"{PROSE}\nShare\nPrint\n{middle}\nSave\nClose"
    strong = [(words, 3.0) for words in ("Share", "Print", "Save", "Close")]
    assert middle not in removed(text, *strong)


def test_a_poem_between_two_buttons_stays() -> None:
    poem = "The gulls\nare counting boats\nand find one missing"
    text = f"Skip to main content\n{poem}\nAdvertisement"
    assert declutter.clean(text, kind="text") == poem


def test_kept_categories_come_back() -> None:
    assert removed(f"{PROSE} Share this", ("Share this", 3), keep=["share"]) == []


def test_keeping_one_category_brings_no_other_back() -> None:
    page = f"<nav><a href=/>Home</a></nav><article>{f'<p>{PROSE}</p>' * 3}</article>"
    assert declutter.clean(page, keep=["low-content"]) == declutter.clean(page)
    assert "Home" in declutter.clean(page, keep=["navigation"])


def test_overlapping_findings_give_disjoint_removals() -> None:
    text = f"{PROSE} Share this now"
    assert "".join(removed(text, ("Share this", 3), ("this now", 3))) == "Share this now"


def test_scores_alone_never_empty_a_page_with_prose() -> None:
    page = f"<body><nav><div class='menu'><p>{PROSE}</p></div></nav></body>"
    assert declutter.clean(page) == PROSE


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "no visible text"),
        ("<p> </p>", "no visible text"),
        ("Skip to main content", "no main content"),
        ("<nav><a href=/>Home</a><a href=/n>News</a></nav><p>Accept all cookies</p>", "no main"),
    ],
)
def test_an_empty_result_says_why(source: str, reason: str) -> None:
    result = declutter.analyze(source)
    assert result.text == ""
    assert reason in (result.reason or "")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("How cookies follow you", "We use cookies to remember who is logged in on this site."),
        ("Where your blood donation goes", "Your donation makes a difference."),
        ("Privacy policy", "The library keeps data about its readers for a year, and no longer."),
    ],
)
def test_what_the_headline_speaks_of_is_content(title: str, said: str) -> None:
    about = "".join(f"<p>{PROSE} That is what is said of {title.lower()}.</p>" for _ in range(3))
    page = f"<title>{title}</title><article><h1>{title}</h1><p>{PROSE} {said}</p>{about}"
    text = declutter.clean(page)
    assert text.startswith(title)
    assert said in text


def test_words_that_are_hidden_at_first_are_content_unless_they_are_labels() -> None:
    more = "<span style='display:none'>, a pool and a garden where breakfast is served</span>"
    label = "<span style='display:none'>(opens in a new tab)</span>"
    page = f"<article><p>{PROSE}{label}</p><p>The hotel has forty rooms{more}. It is shut.</p>"
    assert "forty rooms, a pool and a garden where breakfast is served. It" in declutter.clean(page)
    assert "new tab" not in declutter.clean(page)


def test_teasers_above_the_headline_of_an_article_go() -> None:
    teasers = "".join(
        f"<li><h3><a href={i}>Story {i}</a></h3><p>Number {i}: {PROSE}</p></li>" for i in range(5)
    )
    article = f"<h1>Old bridge</h1>{f'<p>{PROSE} {PROSE}</p>' * 4}"
    page = f"<title>Old bridge</title><ul>{teasers}</ul><div>{article}</div>"
    assert declutter.clean(page).startswith("Old bridge\n")


def test_the_headline_goes_on_request() -> None:
    page = f"<title>Old bridge</title><article><h1>Old bridge</h1><p>{PROSE * 3}</p></article>"
    assert declutter.clean(page).startswith("Old bridge\n")
    assert declutter.clean(page, title=False) == PROSE * 3
    assert [r.rule for r in declutter.analyze(page, title=False).removals] == ["headline"]
    assert declutter.analyze(page, title=False).title == "Old bridge"
