"""What a batch makes of one record: the fields of a row, or the reason why there is none."""

from __future__ import annotations

import datetime
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import clean
from declutter.batch import outcome
from declutter.batch.outcome import Outcome, Wants, cleaned
from declutter.batch.records import Record
from declutter.errors import MissingExtra
from declutter.meta import language
from declutter.options import Options
from tests.batches import PROSE, record

FIELDS = [
    "id", "url", "host", "date", "text", "title", "language", "confidence", "page_type",
    "removal_ratio", "reason",
]  # fmt: skip
TEXT = f"Skip to main content\n{PROSE}\nAdvertisement"


def row_of(content: str | bytes, wants: Wants | None = None, **more: Any) -> dict[str, Any]:
    row = outcome_of(record(content, **more), wants).row
    assert isinstance(row, dict)
    return row


def outcome_of(record: Record, wants: Wants | None = None, **options: Any) -> Outcome:
    return cleaned(record, Options(**options), wants or Wants())


def test_a_row_has_all_fields_and_what_came_with_the_record() -> None:
    row = row_of(TEXT, url="https://Example.org:80/a", date="2020-03-01", extra={"n": [1]})
    assert list(row) == [*FIELDS, "n"]
    known = {name: row[name] for name in ("id", "url", "host", "date", "language", "n", "reason")}
    assert known == {
        "id": "s#0",
        "url": "https://Example.org:80/a",
        "host": "example.org",
        "date": "2020-03-01",
        "language": "en",
        "n": [1],
        "reason": None,
    }
    assert row["text"] == clean(TEXT, kind="text") == PROSE
    gone = len("Skip to main content") + len("Advertisement")
    assert row["removal_ratio"] == round(gone / len(TEXT), 4)
    assert 0 < row["confidence"] <= 1


def test_what_is_not_known_is_null() -> None:
    row = row_of("Short.")
    unknown = ("url", "host", "date", "language", "page_type")
    assert {row[name] for name in unknown} == {None}


@pytest.mark.parametrize("content", ["", " \n", "Skip to main content"])
def test_a_page_without_text_has_a_row_that_says_why(content: str) -> None:
    row = row_of(content)
    assert row["text"] == ""
    assert row["reason"]


def test_spans_index_the_full_text() -> None:
    row = row_of(TEXT, Wants("list"))
    gone = [row["full_text"][span["start"] : span["end"]] for span in row["removals"]]
    assert [words.strip() for words in gone] == ["Skip to main content", "Advertisement"]
    assert [set(span) for span in row["removals"]] == [{"start", "end", "category", "rule"}] * 2


def test_dolma_attributes_are_spans_by_category() -> None:
    spans = row_of(TEXT, Wants("list"))["removals"]
    attributes = row_of(TEXT, Wants("dolma"))["attributes"]
    assert {name: [span[:2] for span in found] for name, found in attributes.items()} == {
        f"declutter__{span['category']}": [[span["start"], span["end"]]] for span in spans
    }


def test_what_was_removed_is_told_with_reasons() -> None:
    first, last = outcome_of(record(TEXT, url="u"), Wants(removed=True)).removals
    assert (first["id"], first["url"], first["text"]) == ("s#0", "u", "Skip to main content")
    assert (last["category"], bool(last["why"])) == ("advertisement", True)
    assert outcome_of(record(TEXT)).removals == ()


@pytest.mark.parametrize("wants", [Wants(), Wants("list", removed=True), Wants(named=False)])
def test_the_figures_of_a_page_add_up(wants: Wants) -> None:
    found = outcome_of(record(TEXT), wants)
    assert (found.size, found.read) == (len(TEXT), len(TEXT))
    assert found.row is not None
    assert found.kept == len(found.row["text"])
    if found.gone is None:
        assert wants == Wants(named=False)
    else:
        assert found.gone == {"navigation": 20, "advertisement": 13}


@pytest.mark.parametrize(
    ("content", "more", "options", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), {}, {}, "PNG picture"),
        ("x" * 99, {}, {"max_bytes": 10}, "max_bytes"),
    ],
    ids=["binary", "limit"],
)
def test_a_page_that_cannot_be_cleaned_is_an_outcome_with_the_reason(
    content: Any, more: dict[str, Any], options: dict[str, Any], why: str
) -> None:
    found = outcome_of(record(content, **more), **options)
    assert found.row is None
    assert why in (found.error or "")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("two\nlines"), "ValueError: two lines"),
        (MemoryError(), "raise --max-memory"),
        (RecursionError(), "RecursionError"),
    ],
    ids=repr,
)
def test_a_page_that_breaks_the_cleaner_is_an_outcome(
    monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    monkeypatch.setattr(outcome, "_row", lambda *_: (_ for _ in ()).throw(error))
    found = outcome_of(record())
    assert why in (found.error or "")
    assert "\n" not in (found.error or "")


@pytest.mark.parametrize("charset", ["none", "no-such-charset", "utf8mb4", "unicode-foo"])
def test_an_unknown_charset_beside_a_page_is_a_warning(charset: str) -> None:
    found = outcome_of(record(PROSE.encode(), encoding=charset))
    assert found.row is not None
    assert found.row["text"] == PROSE
    assert charset in found.warnings[0]


def test_html_among_texts_is_a_warning() -> None:
    found = outcome_of(record("<!doctype html><html><body><p>" + PROSE))
    assert "--html-column" in found.warnings[0]


def test_attributes_of_dolma_index_the_text_beside_them() -> None:
    row = row_of(TEXT, wants=Wants("dolma"))
    assert (row["text"], row["clean_text"]) == (TEXT, PROSE)
    for spans in row["attributes"].values():
        for start, end, score in spans:
            assert TEXT[start:end] in TEXT.replace(PROSE, "")
            assert 0.5 < score <= 1, "the probability of boilerplate"


def test_a_library_that_is_missing_is_no_fault_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    with pytest.raises(MissingExtra, match=r"py3langid: pip install 'declutter\[batch\]'"):
        outcome_of(record())


# --- what came with a record


def test_what_a_record_says_of_itself_stays_unless_it_is_null() -> None:
    extra = {"title": "told", "language": None, "date": "1999", "host": "h"}
    row = row_of(PROSE, url="https://e.org", extra=extra)
    assert [row[name] for name in extra] == ["told", "en", "1999", "h"]


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("March 2020", "March 2020"),
        (datetime.date(2020, 3, 1), "2020-03-01"),
        (datetime.datetime(2020, 3, 1, tzinfo=datetime.timezone.utc), "2020-03-01T00:00:00+00:00"),
    ],
    ids=str,
)
def test_a_date_is_text(date: Any, written: str) -> None:
    assert row_of(PROSE, extra={"date": date})["date"] == written


NAMES = st.sampled_from(["text", "confidence", "input_text", "input_input_text", "n", "reason"])


@given(st.lists(NAMES, unique=True))
def test_no_field_of_a_record_is_lost_whatever_its_name(names: list[str]) -> None:
    extra = {name: f"of {name}" for name in names}
    row = outcome.given({"text": "new", "confidence": 1.0, "reason": None}, extra)
    assert row["text"] == "new"
    assert sorted(value for value in row.values() if str(value).startswith("of ")) == sorted(
        extra.values()
    )


PAGE = f"<article><h1>The bridge</h1><p>{PROSE}</p><ul><li>One.<li>Two.</ul></article>"


@pytest.mark.parametrize(
    ("form", "shown", "part"),
    [
        ("markdown", {}, "# The bridge\n"),
        ("html", {}, '<meta charset="utf-8">'),
        ("tei", {}, "<head>The bridge</head>"),
        ("text", {"markers": True}, "- One.\n"),
    ],
)
def test_other_formats_are_written_with_their_switches(
    form: str, shown: dict[str, bool], part: str
) -> None:
    page = Record("s", 0, "i", "n", PAGE, "html")
    found = cleaned(page, Options(), Wants(form=form, shown=tuple(shown.items())))
    assert found.written is not None
    assert part in found.written
    assert outcome_of(record(TEXT)).written is None
