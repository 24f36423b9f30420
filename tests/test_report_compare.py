"""Two results side by side: two versions of a page, or one page under two sets of options."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import Result, analyze
from declutter.report.compare import Row, aligned, compared, rows_of
from declutter.report.parts import Part
from tests.conftest import FIXTURES, SEEDS
from tests.reports import HOSTILE, check, parsed, reasons, words

PAGE = (FIXTURES / "pages" / "news-magazine" / "source.html").read_bytes()
PROSE = [f"The old bridge over the river reopened on day {n}, years after it." for n in range(9)]


def compare(a: Result, b: Result) -> str:
    return compared([(a, "a.html", ""), (b, "b.html", "--focus precision")])


def text_of(parts: list[Part]) -> str:
    return words("".join(part.text for part in parts))


def states(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.state, text_of(row.left), text_of(row.right)) for row in rows]


def test_what_is_the_same_is_one_row() -> None:
    result = analyze("\n".join(PROSE))
    (row,) = rows_of(result, result)
    assert row.state == "same"
    assert text_of(row.left) == text_of(row.right) == words(result.document.text)


def test_a_line_that_only_one_keeps_is_a_difference() -> None:
    text = f"{PROSE[0]}\nAdvertisement\n{PROSE[1]}"
    rows = list(rows_of(analyze(text), analyze(text, keep=["advertisement"])))
    assert [row.state for row in rows] == ["same", "differs", "same"]
    assert [rows[1].left[0].removal, rows[1].right[0].removal] == [0, None]


def test_lines_that_one_version_lacks_stand_alone() -> None:
    old, new = analyze("\n".join(PROSE)), analyze("\n".join([*PROSE[:4], *PROSE[6:]]))
    assert states(list(rows_of(old, new)))[1] == ("left", f"{PROSE[4]} {PROSE[5]}", "")
    assert states(list(rows_of(new, old)))[1] == ("right", "", f"{PROSE[4]} {PROSE[5]}")


def test_a_line_that_was_changed_stands_beside_the_old_one() -> None:
    changed = PROSE[4].replace("bridge", "tunnel")
    old, new = analyze("\n".join(PROSE)), analyze("\n".join([*PROSE[:4], changed, *PROSE[5:]]))
    assert states(list(rows_of(old, new)))[1] == ("differs", PROSE[4], changed)


LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d"]), max_size=12)


@given(LINES, LINES)
def test_every_line_is_shown_once_and_in_order(left: list[str], right: list[str]) -> None:
    pairs = list(aligned(left, right))
    assert [i for i, _ in pairs if i is not None] == list(range(len(left)))
    assert [j for _, j in pairs if j is not None] == list(range(len(right)))


@given(LINES)
def test_a_text_is_aligned_with_itself(lines: list[str]) -> None:
    assert list(aligned(lines, lines)) == [(at, at) for at in range(len(lines))]


@given(LINES, LINES, LINES)
def test_what_was_added_is_all_that_differs(
    head: list[str], new: list[str], tail: list[str]
) -> None:
    head, tail = [f"h{n}" for n in range(len(head))], [f"t{n}" for n in range(len(tail))]
    pairs = list(aligned([*head, *tail], [*head, *new, *tail]))
    assert [j for i, j in pairs if i is None] == list(range(len(head), len(head) + len(new)))


def test_the_page_shows_both_sides_with_their_numbers() -> None:
    a, b = analyze(PAGE), analyze(PAGE, keep=["related"])
    page = compare(a, b)
    tree = check(page)
    rows = tree.xpath("//main//div[contains(@class, 'row ')]")
    differing = [row for row in rows if "same" not in row.get("class")]
    assert (
        words(tree.xpath("//p[@class='source']")[0].text_content()) == "comparison, 5 differences"
    )
    assert len(differing) == 5
    (related,) = [
        label for label in tree.xpath("//aside//label") if "related" in label.text_content()
    ]
    assert words(related.text_content()) == "relatedin A 5in B 0"
    facts = [words(line.text_content()) for line in tree.xpath("//p[@class='facts']")]
    assert facts[0].startswith(f"A a.html: {len(a.document.text):,} characters read")
    assert facts[1].startswith("B b.html --focus precision: ")
    assert "".join(tree.xpath("//main//div[contains(@class, 'cell b')]//text()")).split() == (
        b.document.text.split()
    )


def test_each_removal_has_the_reason_of_its_side() -> None:
    a, b = (analyze(SEEDS[0].read_bytes(), focus=focus) for focus in ("recall", "precision"))
    page = compare(a, b)
    rows, tree = reasons(page)["rows"], parsed(page)
    for side, result, base in (("a", a, 0), ("b", b, len(a.removals))):
        numbers = tree.xpath(f"//div[contains(@class, 'cell {side}')]//del/@data-i")
        assert {int(n) - base for n in numbers} == set(range(len(result.removals)))
    assert [(row[5], row[6]) for row in rows] == [
        (r.start, r.end) for r in (*a.removals, *b.removals)
    ]


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_hostile_page_stays_text(kind: str) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;") if kind == "html" else HOSTILE
    a = analyze(f"<p>{escaped} {PROSE[0]}</p>" if kind == "html" else PROSE[0], kind=kind)
    b = analyze(f"Advertisement {HOSTILE}\n{PROSE[0]} {HOSTILE}", kind="text")
    tree = check(compared([(a, HOSTILE, HOSTILE), (b, HOSTILE, HOSTILE)]))
    assert HOSTILE in "".join(tree.xpath("//main//text()"))


def test_texts_of_nothing_can_be_compared() -> None:
    empty = analyze("<html><body></body></html>")
    assert "Neither has any text." in check(compare(empty, empty)).text_content()
