"""What the block model sees: characters, words, places, elements, lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter.readers.html import read
from declutter.scoring import characters, features

PROSE = "The council said on Monday that it would repair the old bridge over the river."
PAGE = f"""<title>The old bridge</title><body><nav><ul><li><a href=1>Home</a><li><a href=2>News</a>
<li><a href=3>Sport</a></ul></nav><main><h1>The old bridge</h1><p>{PROSE} {PROSE}</p>
<p>{PROSE} Buses cross it again.</p></main><div class=comments><p>Nice!</p></div></body>"""


def column(source: str, name: str) -> list[float]:
    page = features.page(read(source))
    return [round(float(value), 3) for value in page.x[:, page.names.index(name)]]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("density", [1, 1, 1, 0, 0, 0, 0]),
        ("good", [0, 0, 0, 0, 1, 1, 0]),
        ("is_headline", [0, 0, 0, 1, 0, 0, 0]),
        ("after_headline", [0, 0, 0, 0, 1, 1, 1]),
        ("in_comment", [0, 0, 0, 0, 0, 0, 1]),
        ("in_navigation", [1, 1, 1, 0, 0, 0, 0]),
        ("in_items", [1, 1, 1, 0, 0, 0, 0]),
        ("item_first", [1, 1, 1, 0, 0, 0, 0]),
        ("main60", [0, 0, 0, 1, 1, 1, 0]),
        ("kind_item", [1, 1, 1, 0, 0, 0, 0]),
        ("ends_stop", [0, 0, 0, 0, 1, 1, 1]),
    ],
)
def test_features_of_a_page(name: str, values: list[float]) -> None:
    assert column(PAGE, name) == values


def test_blocks_of_one_list_are_a_group() -> None:
    signature, lists = features.page(read(PAGE)).groups.tolist()
    assert len(set(signature[:3])) == 1
    assert signature[4] == signature[5] != signature[0]
    assert lists == [1, 1, 1, 0, 0, 0, 0]


def test_a_page_says_what_it_is() -> None:
    source = f'<script type=ld>{{"@type": "Product"}}</script><p>{PROSE}</p>'
    assert column(source, "page_is_product") == [1]
    assert column(f"<p>{PROSE}</p>", "page_is_product") == [0]


@pytest.mark.parametrize(
    ("text", "words"),
    [("one two", 2), ("it's 12.5", 4), ("橋が開く", 4 * 0.6), ("a橋b", 2.6), ("", 0), ("—", 0)],
)
def test_words_are_counted_in_every_script(text: str, words: float) -> None:
    text = f"{text}."
    ends = np.array([len(text)])
    counted, _ = characters.describe(
        text, characters.classes(text), np.array([0]), ends, "", characters.Columns(1)
    )
    assert counted.tolist() == pytest.approx([words])


def test_words_of_the_title_are_told_whatever_their_case() -> None:
    page = f"<title>Bridge repairs</title><p>BRIDGE stays closed</p><p>{PROSE}</p>"
    assert column(page, "topic") == [
        pytest.approx(1 / 3, abs=0.01),
        pytest.approx(1 / 15, abs=0.01),
    ]


@given(st.lists(st.sampled_from(
    ["<p>", "</p>", "<li>", "<ul>", "</ul>", "<div class=ad>", "</div>", "<td>", "<h1>",
     "<a href=x>", "word ", "橋", "1.5", "One. Two.", "\n", "<pre>", "😀", "é", "İ"]
)).map("".join))  # fmt: skip
def test_features_are_finite_on_any_page(source: str) -> None:
    doc = read(source)
    if doc.blocks:
        page = features.page(doc)
        assert page.x.shape == (len(doc.blocks), len(page.names))
        assert np.isfinite(page.x).all()
        assert page.groups.shape == (2, len(doc.blocks))
