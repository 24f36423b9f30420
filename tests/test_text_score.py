"""The score of flattened text: what goes, what is never torn, what it says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import declutter
from declutter import Category
from declutter.scoring.text import weights

SENTENCES = (
    "The old lighthouse at Carrow Point has a new owner, and it is the village below it.",
    "On Friday evening the parish clerk signed the papers with half the street looking on.",
    "The tower stood empty for nineteen years after the lamp was replaced by a buoy.",
    "Nobody made a speech, but somebody had brought a fiddle and two crates of cider.",
    "The roof will be mended first, then the stairs, and the gallery last of all.",
)
PAGES = Path(__file__).parent.parent / "fixtures" / "pages"
CHROME = declutter.analyze((PAGES / "only-navigation" / "source.html").read_bytes()).document.text
PAGE = "\n".join([CHROME, *SENTENCES, CHROME.title()])


def test_a_page_full_of_other_things_keeps_its_article() -> None:
    result = declutter.analyze(PAGE, kind="text")
    assert all(sentence in result.text for sentence in SENTENCES)
    assert len(result.text) < 1.2 * len("\n".join(SENTENCES))
    assert {removal.rule for removal in result.removals} >= {"piece-score"}


def test_what_the_score_removes_has_a_reason_and_a_probability() -> None:
    removals = declutter.analyze(PAGE, kind="text").removals
    scored = [removal for removal in removals if removal.rule == "piece-score"]
    assert all("probability" in removal.why and 0 <= removal.weight < 0.5 for removal in scored)


def test_focus_moves_what_stays() -> None:
    sizes = [len(declutter.clean(PAGE, kind="text", focus=focus)) for focus in
             ("precision", "balanced", "recall")]  # fmt: skip
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("text", [SENTENCES[0], "\n".join(SENTENCES), " ".join(SENTENCES)])
def test_an_article_alone_stays_whole(text: str) -> None:
    assert declutter.clean(text, kind="text") == text


def test_confidence_is_between_none_and_all() -> None:
    assert 0 < (declutter.analyze(PAGE, kind="text").confidence or 0) <= 1
    assert declutter.analyze("Log in\nShare this article", kind="text").confidence is None


def test_kept_categories_stay_whatever_removed_them() -> None:
    kept = declutter.clean(PAGE, kind="text", keep={Category.LOW_CONTENT, Category.NAVIGATION})
    assert len(kept) > len(declutter.clean(PAGE, kind="text"))


def test_the_tables_of_words_hold_something_for_every_place() -> None:
    for table in weights().words:
        assert table.dtype == np.float32
        assert np.isfinite(table).all()
        assert 0 < np.count_nonzero(table) < table.size
