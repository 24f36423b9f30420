"""What the writers make of a document and its removals."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import analyze
from declutter.writers.json import dumps, record
from declutter.writers.text import without

TEXT = "Skip to main content\nThe old bridge over the river reopened on Monday morning.\n"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("one", "one"),
        (" one \n", "one"),
        ("[one]", ""),
        ("[one] two", "two"),
        ("one [two]", "one"),
        ("one [two] three", "one three"),
        ("one[two]three", "one three"),
        ("one[two] three", "one three"),
        ("one [two]three", "one three"),
        ("one.[two]Three", "one.Three"),
        ("one[two], three", "one, three"),
        ("one\n[two]\nthree", "one\nthree"),
        ("one\n[two] three", "one\nthree"),
        ("one [two]\n\nthree", "one\n\nthree"),
        ("one\n\n[two]\n\nthree", "one\n\nthree"),
        ("one\n\n\n\n[two]\nthree", "one\n\nthree"),
        ("one\n[two]\n[three]\nfour", "one\nfour"),
        ("one [two] [three] four", "one four"),
        ("one\n\n[two][three]\nfour", "one\n\nfour"),
        ("one  two\t[three]\tfour", "one  two four"),
        ("one\r\n[two]\r\nthree", "one\nthree"),
        ("one\u2028[two]\u2028three", "one\nthree"),
        ("中国[x]外交", "中国 外交"),
        ("हिन्दी[x]में", "हिन्दी में"),
    ],
)
def test_the_white_space_rule(marked: str, expected: str) -> None:
    text, spans = "", []
    for index, part in enumerate(marked.replace("]", "[").split("[")):
        if index % 2:
            spans.append((len(text), len(text) + len(part)))
        text += part
    assert without(text, spans) == expected


@st.composite
def cut_texts(draw: st.DrawFn, signs: str = ".\ud800") -> tuple[str, list[tuple[int, int]]]:
    """A text of letters, white space and other signs, with sorted, disjoint spans."""
    text = draw(st.text(st.sampled_from("ab1é橋 \n\r\t\u2028\xa0" + signs)))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return text, pairs


def remaining(text: str, spans: list[tuple[int, int]]) -> list[str]:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


@given(cut_texts())
def test_exactly_the_spans_go(case: tuple[str, list[tuple[int, int]]]) -> None:
    left = "".join("".join(part.split()) for part in remaining(*case))
    assert "".join(without(*case).split()) == left


@given(cut_texts(signs=""))
def test_the_words_on_both_sides_of_a_cut_stay_apart(
    case: tuple[str, list[tuple[int, int]]],
) -> None:
    words = [word for part in remaining(*case) for word in part.split()]
    assert without(*case).split() == words


@given(cut_texts())
def test_the_result_has_no_outer_white_space(case: tuple[str, list[tuple[int, int]]]) -> None:
    result = without(*case)
    assert result == result.strip()


@given(st.text())
def test_without_spans_only_outer_white_space_goes(text: str) -> None:
    assert without(text, []) == text.strip()


@given(cut_texts())
def test_what_was_cut_needs_no_second_cut(case: tuple[str, list[tuple[int, int]]]) -> None:
    once = without(*case)
    assert without(once, []) == once


def test_the_text_is_the_document_without_the_removals() -> None:
    result = analyze(TEXT)
    spans = [(removal.start, removal.end) for removal in result.removals]
    assert without(result.document.text, spans) == result.text


def test_the_json_record() -> None:
    result = analyze(TEXT.encode())
    item = record(result.document, result.removals, result.text, result.title, result.reason)
    (removal,) = item.pop("removals")
    assert item == {
        "schema": "result-1",
        "kind": "text",
        "encoding": "utf-8",
        "language": None,
        "title": None,
        "text": "The old bridge over the river reopened on Monday morning.",
        "reason": None,
        "warnings": [],
    }
    assert list(removal) == ["start", "end", "category", "rule", "weight", "why", "text"]
    assert removal["category"] == "navigation"
    assert TEXT[removal["start"] : removal["end"]] == removal["text"] == "Skip to main content"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udfff\n\u2028\0é"))))
def test_json_gives_any_text_back(text: str) -> None:
    assert json.loads(dumps({"text": text}).encode("utf-8"))["text"] == text


@given(st.text())
def test_json_is_one_line(text: str) -> None:
    assert "\n" not in dumps({"text": text})


def test_json_shows_letters_as_they_are() -> None:
    assert dumps({"text": "мост 橋"}) == '{"text": "мост 橋"}'
