"""Where a flattened text may be cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter.scoring.pieces import cut


def pieces(text: str) -> list[str]:
    found = cut(text)
    return [text[a:b] for a, b in zip(found.starts.tolist(), found.ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\r\n three ", ["one", "two", "three"]),
        ("It closed. It opened.", ["It closed.", "It opened."]),
        ("He said: “Go.” Then left.", ["He said: “Go.”", "Then left."]),
        ("It cost 3.5 million, e.g. once.", ["It cost 3.5 million, e.g. once."]),
        ("It closed.Read more", ["It closed.", "Read more"]),
        ("sign up hereThe council met", ["sign up here", "The council met"]),
        ("in 2023The council met", ["in 2023", "The council met"]),
        ("Home | News | Sport", ["Home", "| News", "|", "Sport"]),
        ("Home    News", ["Home", "News"]),
        ("市议会开会。桥将关闭。", ["市议会开会。", "桥将关闭。"]),
        ("登录 注册 市议会", ["登录", "注册", "市议会"]),
        ("다리가 열렸다. 의회가 결정했다.", ["다리가 열렸다.", "의회가 결정했다."]),
        ("افتتح الجسر. قرر المجلس.", ["افتتح الجسر.", "قرر المجلس."]),
        ("हाँ। नहीं।", ["हाँ।", "नहीं।"]),
        ("the council of Old Town met", ["the council of", "Old", "Town met"]),
        ("News Sport Weather The council met", ["News Sport Weather", "The council met"]),
        ("Fue así. ¿Quién fue? Hazlo ¡Ya!", ["Fue así.", "¿Quién fue?", "Hazlo ¡Ya!"]),
        ("Łódź i Żory były ładne", ["Łódź i", "Żory były ładne"]),
    ],
)
def test_a_text_is_cut(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_units_and_lines_are_numbered() -> None:
    found = cut("the council of Old Town met. It voted\nRead more")
    assert found.units.tolist() == [0, 0, 0, 1, 2]
    assert found.lines.tolist() == [0, 0, 0, 0, 1]
    assert found.unit_spans == [(0, 28), (29, 37), (38, 47)]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("다리는 낡았다구독하기", "구독하기", ["다리는 낡았다", "구독하기"]),
        ("跳过广告截至目前市议会开会", "跳过广告", ["跳过广告", "截至目前市议会开会"]),
        ("ادعمناويرسل المتطوعون", "ادعمنا", ["ادعمنا", "ويرسل المتطوعون"]),
        ("다리는 낡았다 구독하기", "구독하기", ["다리는 낡았다 구독하기"]),
        ("Read more", "Read more", ["Read more"]),
    ],
)
def test_the_edges_of_a_glued_phrase_are_seams(text: str, phrase: str, expected: list[str]) -> None:
    start = text.index(phrase)
    found = cut(text).parted(text, [(start, start + len(phrase))])
    spans = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    assert [text[a:b] for a, b in spans] == expected
    assert found.units.tolist() == list(range(len(expected)))
    assert set(found.lines.tolist()) == {0}


texts = st.text(st.sampled_from("aB 1.!?。橋登ا\n\t\"'”)|•é😀ßİ\u200d"), min_size=1, max_size=60)


@given(texts.filter(str.strip))
def test_pieces_hold_every_sign_but_white_space_once(text: str) -> None:
    assert "".join("".join(pieces(text)).split()) == "".join(text.split())


@given(texts.filter(str.strip))
def test_pieces_are_trimmed_and_in_order(text: str) -> None:
    found = cut(text)
    spans = list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert found.units.tolist() == sorted(found.units.tolist())
