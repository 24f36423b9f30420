"""What ``kind="auto"`` takes for HTML, what for text, and what it refuses."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import InputError, analyze, clean
from declutter.readers.sniff import is_html, refuse_reference

HTML = {
    "doctype": "<!DOCTYPE html><title>Bridge</title>One.",
    "html": '<html lang="en"><p>One.',
    "upper-case": "<HTML><BODY>One.</BODY></HTML>",
    "body": "  \n<body class='x'>One.",
    "xml-declaration": '<?xml version="1.0"?>\n<!DOCTYPE html><html>One.</html>',
    "comments-first": "<!-- saved -->\n<!-- twice -->\n<html>One.</html>",
    "byte-order-mark": "\ufeff<!doctype html>One.",
    "two-paragraphs": "<p>One.</p><p>Two.</p>",
    "one-paragraph": "<p>One.</p>",
    "unclosed-paragraphs": "<p>One.\n<p>Two.\n<p>Three.",
    "attributes": '<div class="story"><span>One.</span></div>',
    "headings": "<h1>Bridge</h1>\n<p>One.</p>",
    "title": "<title>Bridge</title><p>One.",
    "head-left-out": "<meta charset=utf-8>\n<link rel=icon href=a>One.",
    "words-first": "Bridge reopens <p>One.</p> <p>Two.</p>",
    "table": "<table><tr><td>One</td></tr></table>",
}
TEXT = {
    "plain": "The bridge reopened on Monday.",
    "empty": "",
    "white-space": " \n\n ",
    "speaks-of-b": "Use <b> for bold and <br> for a line break.",
    "bold-pair": "The <b>old</b> bridge reopened on Monday.",
    "speaks-of-p": "The <p> element opens a paragraph. Close it with </p>.",
    "speaks-of-title": "<title> names a page, <link> what belongs to it.",
    "arrows": "If a < b and b > c then a <> c. I <3 bridges.",
    "css": "body{margin:0}.menu>li{color:red}\nThe bridge reopened on Monday.",
    "generic-code": "List<String> names = new ArrayList<>();\nfor (int i = 0; i < n; i++) {}",
    "markdown-fence": "Write:\n```html\n<div><p>One.</p></div>\n<p>Two.</p>\n```\nThen reload.",
    "markdown-span": "`<div>` holds blocks, `<p>` a paragraph; `</p>` and `</div>` close them.",
    "mail-address": "Ann Lee <ann@harbour.example> wrote on Monday:",
    "long-text-with-one-example": "The bridge reopened.\n" * 40 + "<p>One.</p><p>Two.</p>\n",
}


@pytest.mark.parametrize("source", HTML.values(), ids=HTML.keys())
def test_pages_and_fragments_are_html(source: str) -> None:
    assert is_html(source)


@pytest.mark.parametrize("source", TEXT.values(), ids=TEXT.keys())
def test_text_with_signs_of_markup_is_still_text(source: str) -> None:
    assert not is_html(source)


@pytest.mark.parametrize("source", HTML.values(), ids=HTML.keys())
def test_bytes_are_judged_like_characters(source: str) -> None:
    assert analyze(source.encode()).kind == analyze(source).kind == "html"


def test_a_text_that_speaks_of_markup_keeps_every_character() -> None:
    assert clean(TEXT["speaks-of-b"]) == TEXT["speaks-of-b"]


@pytest.mark.parametrize("kind", ["html", "text"])
@pytest.mark.parametrize("source", [HTML["two-paragraphs"], TEXT["plain"]], ids=["html", "text"])
def test_the_callers_kind_decides(kind: str, source: str) -> None:
    assert analyze(source, kind=kind).kind == kind


@pytest.mark.parametrize(
    "address",
    ["https://harbour.example/news?id=1", "http://harbour.example", " FTP://harbour.example/a\n"],
)
def test_an_address_is_refused_with_a_hint(address: str) -> None:
    with pytest.raises(InputError, match="fetch the page"):
        clean(address)


def test_the_name_of_a_file_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>One.</p>")
    with pytest.raises(InputError, match="read_bytes"):
        clean(str(path))


@pytest.mark.parametrize(
    "source",
    [
        "See https://harbour.example/news for the timetable.",
        "https://harbour.example/news\nThe bridge reopened on Monday.",
        "no-such-file.html",
        "x" * 5000,
        "a\0b",
        "\ud800",
    ],
    ids=["address-inside", "address-line", "no-file", "long", "nul", "surrogate"],
)
def test_other_short_strings_are_text(source: str) -> None:
    refuse_reference(source)
    assert analyze(source).kind == "text"


def test_the_name_of_a_file_is_text_where_the_caller_says_so(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>One.</p>")
    assert analyze(str(path), kind="text").document.text == str(path)


def test_bytes_are_never_taken_for_a_reference(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>One.</p>")
    assert analyze(str(path).encode()).document.text == str(path)


@given(st.text(st.characters(exclude_characters="<")))
def test_without_an_opening_bracket_there_is_no_html(text: str) -> None:
    assert not is_html(text)


@given(st.text(st.sampled_from('<>/pdiv!-b "`\n')))
def test_a_document_type_settles_it(rest: str) -> None:
    assert is_html(f"<!doctype html>{rest}")


def best(source: str) -> float:
    """The shortest of three times."""
    times = []
    for _ in range(3):
        start = time.process_time()
        is_html(source)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    ("piece", "count"),
    [("<", 20_000), ("<p ", 20_000), ("`", 20_000), ("<!-- -->", 5), ("<!--", 5_000)],
)
def test_the_time_is_linear(piece: str, count: int) -> None:
    assert best(piece * count * 4 + "x") < 12 * best(piece * count + "x")


@pytest.mark.parametrize(
    "text",
    [
        "In HTML you write <div> and </div> and <p> and </p>. The old pier opened on Monday.",
        "Wrap it in <div>...</div> and the list in <ul>...</ul> tags.",
    ],
)
def test_a_text_that_names_tags_is_text(text: str) -> None:
    assert not is_html(text)
