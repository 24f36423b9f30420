"""Flattened text: the given string unchanged, its lines, its sentences."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter.readers.text import read
from declutter.segment import (
    count_words,
    ends_sentence,
    is_sentence_like,
    line_spans,
    normal,
    pieces,
    trim,
)

WILD = st.text(
    st.one_of(st.characters(), st.sampled_from(" \n\r\t\u2028\x85\0.!?…。”\"')A1é\ud800"))
)


def lines(text: str) -> list[str]:
    return [text[start:end] for start, end in line_spans(text)]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in pieces(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\n", []),
        ("one", ["one"]),
        ("one\ntwo\r\nthree\rfour", ["one", "two", "three", "four"]),
        ("one\u2028two\u2029three\x85four", ["one", "two", "three", "four"]),
        ("\n\n  one \t\n\n\n\u3000two\n", ["one", "two"]),
        ("a\0b\n\ud800", ["a\0b", "\ud800"]),
    ],
    ids=["empty", "white-space", "one", "line-breaks", "unicode-breaks", "outer-space", "odd"],
)
def test_lines(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


@given(WILD)
def test_the_document_is_the_given_text(text: str) -> None:
    doc = read(text)
    assert (doc.text, doc.kind) == (text, "text")


@given(WILD)
def test_the_blocks_hold_all_that_is_not_white_space(text: str) -> None:
    blocks = read(text).blocks
    held = "".join(text[block.start : block.end] for block in blocks)
    assert "".join(held.split()) == "".join(text.split())


@given(WILD)
def test_a_block_is_one_line_without_outer_white_space(text: str) -> None:
    for block in read(text).blocks:
        line = text[block.start : block.end]
        assert line.splitlines() == [line.strip()]


@given(WILD)
def test_blocks_are_sorted_and_disjoint(text: str) -> None:
    blocks = read(text).blocks
    edges = [edge for block in blocks for edge in (block.start, block.end)]
    assert edges == sorted(edges)


SENTENCES = {
    "plain": ["The bridge reopened.", "Few came!", "Why?"],
    "ellipsis": ["They waited…", "Nobody came."],
    "quotes": ["He said: “Go home.”", "Then he left."],
    "straight-quotes": ['"It is late."', '"Is it?"', "They left."],
    "brackets": ["It rained (all day.)", "It stopped."],
    "numbers": ["It cost 3.5 million in 2023.", "It opened at 10.30 on Monday."],
    "number-at-the-end": ["They were 5.", "Then 6 came."],
    "title": ["Mr. Lee and Dr. Ahn left.", "Prof. Roe stayed."],
    "initials": ["J. R. Hart wrote it.", "It sold well."],
    "country": ["The U.S. Army came.", "It left."],
    "latin": ["Bring tools, e.g. a saw.", "Bring rope etc. and water."],
    "months": ["It opened on Sept. 3 and closed on Oct. 5.", "It snowed."],
    "german": ["Man nimmt z.B. Holz, Stein usw. und Sand.", "Dann geht es los."],
    "spanish": ["¿Quién vino?", "¡Nadie!", "Se cerró a las diez."],
    "names-with-dots": ["She wrote it with node.js and opened harbour.example there."],
    "chinese": ["他昨天离开了。", "记者报道：“他走了。”", "真的吗？"],
    "japanese": ["「橋は安全だ。」", "彼はそう言った。"],
    "hindi": ["पुल सोमवार को खुला।", "लोग खुश थे।"],
    "arabic": ["متى فتح الجسر؟", "فتح يوم الاثنين."],
    "urdu": ["پل پیر کو کھلا۔", "لوگ خوش تھے۔"],
    "label-at-the-end": ["The bridge reopened.", "Read more"],
}
UNSPACED = ("chinese", "japanese")


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences(name: str) -> None:
    glue = "" if name in UNSPACED else " "
    assert sentences(glue.join(SENTENCES[name])) == SENTENCES[name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bridge reopened.Few came.", ["The bridge reopened.", "Few came."]),
        ("Is it late?He left!They stayed.", ["Is it late?", "He left!", "They stayed."]),
        ("He said “Go.”Then he left.", ["He said “Go.”", "Then he left."]),
    ],
    ids=["full-stop", "question", "quote"],
)
def test_sentences_that_were_glued_are_parted(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_pieces_stay_within_the_span() -> None:
    text = "One came. Two left. Three stayed."
    assert [text[a:b] for a, b in pieces(text, 10, 24)] == ["Two left.", "Thre"]


@given(WILD)
def test_pieces_are_the_text_in_order_without_white_space_between(text: str) -> None:
    joined = "".join("".join(piece.split()) for piece in sentences(text))
    assert joined == "".join(text.split())


@given(WILD, st.integers(0, 20), st.integers(0, 20))
def test_trim_takes_white_space_only(text: str, left: int, right: int) -> None:
    start = min(left, len(text))
    end = max(start, len(text) - right)
    a, b = trim(text, start, end)
    assert start <= a <= b <= end
    assert text[a:b] == text[start:end].strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("|  • -", 0),
        ("The issue was Russia's", 4),
        ("a well-known café", 3),
        ("старый мост", 2),
        ("中国外交部", 2),
        ("iPhone 和 中国外交部", 4),
        ("हिन्दी में", 2),
    ],
)
def test_count_words(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    "text", ["He left.", "Left?!", "“Go.”", "他走了。", "खुला।", "فتح؟", "ok… "]
)
def test_ends_like_a_sentence(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", "Read more", "Menu |", "3.5", "By Ann Lee:", "他走了"])
def test_ends_unlike_a_sentence(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("The council said on Monday that it would repair the bridge.", True),
        ("“We will repair the old bridge this year,” she said. Photo: Lee", True),
        ("市政府星期一宣布，老桥将于今年秋天重新开放。", True),
        ("เทศบาลประกาศเมื่อวันจันทร์ว่าสะพานเก่าจะเปิดอีกครั้งในฤดูใบไม้ร่วง", True),
        ("Council to Repair the Old Bridge", False),
        ("Home News Sport Weather Travel Shop", False),
        ("Read more.", False),
        ("", False),
    ],
    ids=["prose", "quote-and-credit", "chinese", "thai", "headline", "menu", "short", "empty"],
)
def test_running_prose_is_told_from_labels(text: str, prose: bool) -> None:
    assert is_sentence_like(text) == prose


@given(st.text(st.characters(codec="ascii")))
def test_normal_ignores_case_and_punctuation(text: str) -> None:
    assert normal(text.upper() + " !") == normal(text.lower())


def best(text: str) -> float:
    """The shortest of three times."""
    times = []
    for _ in range(3):
        start = time.process_time()
        sentences(text)
        lines(text)
        is_sentence_like(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("piece", [".", "a.", "?!", "Mr. ", "...”", " ", "\n", "。"])
def test_the_time_is_linear(piece: str) -> None:
    assert best(piece * 2000 + "1") < 12 * best(piece * 500 + "1")
