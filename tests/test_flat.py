"""The features of flattened text, and what words tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter.lexicon import Entry, default_lexicon
from declutter.model import Category
from declutter.scoring import flat, vocabulary
from declutter.scoring.characters import Floats
from declutter.scoring.features import Page
from declutter.scoring.pieces import cut

PROSE = "The council met again and decided after a long debate to repair the old pier."
PAGE = f"Home | News\nSubscribe to our newsletter\n\n{PROSE} {PROSE}\n{PROSE}\nHome | News"


def page(text: str) -> Page:
    pieces = cut(text)
    told = default_lexicon().search(text).telling(pieces.unit_spans)
    return flat.page(text, pieces, [match for matches in told for match in matches])


def column(text: str, name: str) -> list[float]:
    found = page(text)
    values: list[float] = found.x[:, found.names.index(name)].round(3).tolist()
    return values


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("one\ntwo\n\nthree four", "before_line", [0, 1, 0]),
        ("one\ntwo\n\nthree four", "before_blank", [0, 0, 1]),
        ("one\ntwo\n\nthree four", "after_edge", [0, 0, 1]),
        ("hereThe pier", "before_glued", [0, 1]),
        ("one\n    two", "indent", [0, round(float(np.log1p(5)), 3)]),
        ("• one\ntwo", "bullet", [1, 0]),
        ("One. Two.\nThree", "line_place", [0, 0.5, 0]),
        ("One. Two.\nThree", "line_last", [0, 1, 1]),
        ("a b\nc\na b", "copies", [round(float(np.log(2)), 3), 0, round(float(np.log(2)), 3)]),
        (f"Menu\n{PROSE}\nShare", "good", [0, 1, 0]),
        (f"Menu\n{PROSE}\nShare", "body1", [0, 1, 0]),
        (f"Menu\n{PROSE}\nShare", "since_good", [round(float(np.log1p(3)) / 4, 3), 0,
                                                   round(float(np.log1p(1)) / 4, 3)]),
    ],
)  # fmt: skip
def test_features_of_a_text(text: str, name: str, values: list[float]) -> None:
    assert column(text, name) == pytest.approx(values, abs=2e-3)


def test_phrases_of_the_lexicon_are_seen_where_they_stand() -> None:
    says = column(PAGE, "says_newsletter")
    assert max(says) > 0.9
    assert [at for at, share in enumerate(says) if share] == [
        at for at, share in enumerate(column(PAGE, "strong")) if share
    ]


@given(st.text(st.sampled_from("aB 1.!?。橋登ا\n\t\"'”)|•é😀ßİ\u200d"), min_size=1, max_size=60)
       .filter(str.strip))  # fmt: skip
def test_features_are_finite_on_any_text(text: str) -> None:
    found = page(text)
    assert found.x.shape == (len(cut(text).starts), len(found.names))
    assert np.isfinite(found.x).all()


# --- what words tell --------------------------------------------------------------------


def entry(match: tuple[str, ...], spare: tuple[str, ...] = ()) -> Entry:
    return Entry(
        id="xx.newsletter.test", category=Category.NEWSLETTER, patterns=("x",), weight=3,
        why="", match=match, spare=spare, scope="phrase",
    )  # fmt: skip


def told(table: Floats, text: str) -> list[float]:
    return [round(float(value), 2) for value in table[vocabulary.items(text, cut(text)).words]]


def test_words_of_examples_tell_of_boilerplate_unless_spared() -> None:
    table = vocabulary.of_lexicon([entry(("Zubscribe", "zubscribe nowly"), ("we nowly met",))])
    assert told(table, "ZUBSCRIBE nowly elsewhere") == [0.69, 0, 0]


def test_pairs_know_the_edges_of_a_unit() -> None:
    alone, inside = (vocabulary.items(text, cut(text)) for text in ("Share", "a share b"))
    assert alone.words[0] == inside.words[1]
    assert alone.before[0] != inside.before[1]
    assert inside.after[0] == inside.before[1]


def test_evidence_is_summed_by_piece_and_by_unit() -> None:
    text = "zubscribe now. The pier"
    table = vocabulary.of_lexicon([entry(("zubscribe",))])
    pieces = cut(text)
    x = vocabulary.page(vocabulary.items(text, pieces), (table, table), pieces.units)
    assert x.shape == (2, 24)
    assert x[0].max() > 0 == abs(x[1]).max()
