"""HTML to text and layers: every visible character once, in order, none glued, none split."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import count

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from declutter import Document, analyze
from declutter.readers.html import read, written
from declutter.readers.shallow import eased

LAYOUT = {
    "inline-in-a-word": ("<p>un<em>believ</em>a<b>ble</b></p>", "unbelievable"),
    "nested-inline": ("<p>a<i>b<u>c<s>d</s></u></i>e</p>", "abcde"),
    "custom-element": ("<p>un<x-glossary>believ</x-glossary>able</p>", "unbelievable"),
    "unknown-element": ("<p>un<glossary>believ</glossary>able</p>", "unbelievable"),
    "comment-in-a-word": ("<p>un<!-- x -->believable</p>", "unbelievable"),
    "wbr": ("<p>super<wbr>market</p>", "supermarket"),
    "space-collapses": ("<p> a \n\t b<b> </b> c </p>", "a b c"),
    "space-inside-link": ("<p>a<a href=/> b </a>c</p>", "a b c"),
    "br": ("<p>one<br>two<br/>three</p>", "one\ntwo\nthree"),
    "br-with-space": ("<p>one <br> two</p>", "one\ntwo"),
    "paragraphs": ("<p>one</p><p>two", "one\n\ntwo"),
    "text-around-blocks": ("one<div>two</div>three", "one\n\ntwo\n\nthree"),
    "block-inside-inline": ("<a href=/>one<div>two</div>three</a>", "one\n\ntwo\n\nthree"),
    "hr": ("one<hr>two", "one\n\ntwo"),
    "buttons": ("<button>One</button><button>Two</button>", "One\n\nTwo"),
    "table": (
        "<table><tr><th>a<th>b<tr><td><b>c</b></td><td>d e</td></tr></table>",
        "a\tb\nc\td e",
    ),
    "list": ("<ul><li>a<ul><li>b</li><li>c</ul><li>d</ul>", "a\nb\nc\nd"),
    "definitions": ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
    "options": ("<select><option>a<option>b</select>", "a\nb"),
    "pre": ("<pre>\nif x:\n    y = 1\n\n    z = 2\n</pre>", "if x:\n    y = 1\n\n    z = 2"),
    "pre-code": ("<pre><code>if x:\n\ty</code></pre>", "if x:\n\ty"),
    "pre-inline": ("<pre>a  <b>b</b>\n  c</pre>", "a  b\n  c"),
    "code": ("<p>Use <code>a  b</code>.</p>", "Use a  b."),
    "entities": ("<p>a &lt; b &amp; c&#8217;s &eacute;</p>", "a < b & c’s é"),
    "script": ("<p>a<script>var x = '<p>b</p>'</script>c</p>", "ac"),
    "style": ("<p>a</p><style>p{color:red}</style>", "a"),
    "template": ("<p>a</p><template><p>b</p></template>", "a"),
    "shadow-root": (
        "<x-a><template shadowrootmode='open'><p>a</p><template>b</template></template></x-a>c",
        "a\n\nc",
    ),
    "boxed-by-style": (
        "<span style='display: block'>one</span><a style=display:flex href=/>two</a>three",
        "one\n\ntwo\n\nthree",
    ),
    "comment": ("<p>a</p><!-- <p>b</p> --><!--[if IE]><p>c</p><![endif]-->", "a"),
    "instruction": ("<p>a<?php echo 1 ?>b</p>", "ab"),
    "head": ("<head><title>t</title><meta content=m></head><body>a", "a"),
    "title-in-picture": ("<p>a</p><svg><title>b</title></svg>", "a"),
    "attributes": ("<p title=b><img alt=c src=d>a</p>", "a"),
    "two-roots": ("<html><body><p>a</body></html><html><body><p>b</body></html>", "a\n\nb"),
    "after-the-end": ("<html><body><p>a</p></body></html><p>b</p>c", "a\n\nb\n\nc"),
    "second-doctype": ("<!doctype html><p>a</p><!doctype html><html><p>b</p></html>", "a\n\nb"),
    "nul": ("<p>a\0b</p><p>c</p>", "ab\n\nc"),
    "lone-surrogate": ("<p>a\ud800b</p>", "a\ufffdb"),
    "astral": ("<p>a😀b</p>", "a😀b"),
    "right-to-left": ("<p dir=rtl>فتح <b>ال</b>جسر</p>", "فتح الجسر"),
    "noscript": ("<p>a</p><noscript><p>b</p></noscript>", "a\n\nb"),
    "selected-content": (
        "<select><button><selectedcontent></selectedcontent></button><option>a</select>",
        "a",
    ),
    "comment-around-a-tag": ("<!--[if !IE]><!--><p>a</p><!--<![endif]-->", "a"),
    "escaped-attribute": ("<p title='a &lt; b > c'>d</p>", "d"),
    "cells-without-text": ("<table><tr><td><td>a<td><td>b</table>", "a\t\tb"),
    "nothing": ("<!-- a -->", ""),
    "white-space": (" \n ", ""),
}
BLOCKS = ("p", "div", "li", "td", "h2", "section", "blockquote", "figcaption", "article", "dd")
INLINE = ("b", "em", "span", "a", "font", "sup", "mark", "label", "x-tip")
DEPTHS = (300, 3_000, 100_000)


def block_with(doc: Document, words: str) -> tuple[bool, bool]:
    """Whether the one block that holds the words is hidden, and whether in noscript."""
    (block,) = [b for b in doc.blocks if words in doc.text[b.start : b.end]]
    return block.hidden, block.noscript


@pytest.mark.parametrize(("source", "text"), LAYOUT.values(), ids=LAYOUT.keys())
def test_visible_text(source: str, text: str) -> None:
    assert read(source).text == text


def test_cells_of_a_layout_are_no_row() -> None:
    menu = "<br>".join(["Front page", "Weather", "Sport", "Letters", "Archive"])
    doc = read(f"<table><tr><td>{menu}</td><td>The council met.</td></tr></table>")
    assert [doc.text[b.start : b.end].split("\n")[0] for b in doc.blocks] == [
        "Front page",
        "The council met.",
    ]


@pytest.mark.parametrize("inner", ["<p>{}</p>", "<ul><li>{}</ul>", "{}<br>", "<div>{}</div>"])
def test_cells_with_blocks_inside_are_separated(inner: str) -> None:
    cells = "".join(f"<td>{inner.format(name)}</td>" for name in ("one", "two", "three"))
    assert read(f"<table><tr>{cells}</tr></table>").text.split() == ["one", "two", "three"]


@pytest.mark.parametrize(
    "source",
    [
        "<div hidden><p>secret words</p></div>",
        "<div style='color:red; DISPLAY : none'>secret words</div>",
        "<p style='visibility:hidden'>secret words</p>",
        "<section aria-hidden=true><p>secret <b>words</b></p></section>",
        "<details><summary>More</summary><p>secret words</p></details>",
        "<dialog>secret words</dialog>",
    ],
    ids=["hidden", "display-none", "visibility", "aria-hidden", "details", "dialog"],
)
def test_hidden_blocks_are_read_and_flagged(source: str) -> None:
    assert block_with(read(f"{source}<p>open</p>"), "secret words") == (True, False)


@pytest.mark.parametrize(
    "source",
    [
        "<p>open words</p>",
        "<div hidden>secret</div><p>open words</p>",
        "<details open><summary>More</summary><p>open words</p></details>",
        "<details><summary>open words</summary><p>secret</p></details>",
        "<p style='display:block'>open words</p>",
        "<p aria-hidden=false>open words</p>",
        "<p class='a hidden b' title='display: none'>open words</p>",
    ],
    ids=[
        "plain",
        "after-hidden",
        "details-open",
        "summary",
        "display-block",
        "aria-false",
        "class",
    ],
)
def test_shown_blocks_are_not_flagged(source: str) -> None:
    assert block_with(read(source), "open words") == (False, False)


def test_noscript_is_flagged() -> None:
    doc = read("<body><noscript><div><p>inside</p></div></noscript><p>outside</p>")
    assert (block_with(doc, "inside"), block_with(doc, "outside")) == (
        (False, True),
        (False, False),
    )


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("<h1>a</h1><p>b</p>", ["heading", "paragraph"]),
        ("<h2><span>a</span></h2><pre>b</pre>", ["heading", "pre"]),
        ("<ul><li>a<li><p>b</p></ul>", ["item", "item"]),
        ("<table><tr><td>a<td>b<tr><td>c</table>", ["row", "row"]),
    ],
)
def test_block_kinds(source: str, kinds: list[str]) -> None:
    assert [block.kind for block in read(source).blocks] == kinds


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        ("<p>see <a href='/b'>the bridge</a>.</p>", [("the bridge", "link", "/b")]),
        ("<p>Run <code>a  b</code> or <kbd>q</kbd></p>", [("a  b", "code", ""), ("q", "code", "")]),
        ("<p>un<em>believ</em>able <b>b</b></p>", [("believ", "em", ""), ("b", "strong", "")]),
        ("<p>x <a href=/>a <b>b</b></a></p>", [("a b", "link", "/"), ("b", "strong", "")]),
        ("<a href=/><p>one</p><p>two</p></a>", [("one", "link", "/"), ("two", "link", "/")]),
        ("<p>a<span hidden>b</span></p>", [("b", "hidden", "")]),
    ],
    ids=["link", "code", "emphasis", "nested", "over-blocks", "hidden"],
)
def test_marks_index_the_text(source: str, marks: list[tuple[str, str, str]]) -> None:
    doc = read(source)
    assert [(doc.text[m.start : m.end], m.kind, m.value) for m in doc.marks] == marks


OUTLINES = {
    "inline": ("<p>un<em>believ</em>able", [("un", ""), ("believ", "em"), ("able", "")]),
    "list": ("<ol start=2><li>a<li>b</ol>", [("a", "ol li"), ("b", "ol li")]),
    "cells": (
        "<table><tr><td>a<td><td>b</table>",
        [(text, "table tr td") for text in ("", "a", "", "", "b")],
    ),
    "image": ("<p>a<img src=b>c", [("a", ""), ("", "img"), ("c", "")]),
    "break": ("<p>a <br> b", [("a", ""), ("\n", ""), ("b", "")]),
    "formula": ("<p>a <math alttext=x><mi>y</mi><mi>z</mi></math>", [("a ", ""), ("yz", "math")]),
    "pre": ("<pre>a<br><b>b</b></pre>", [("a", "pre"), ("\n", "pre"), ("b", "pre strong")]),
    "spaces-in-pre": ("<pre>a  <br>b</pre>", [("a  \nb", "pre")]),
}


@pytest.mark.parametrize(("source", "pieces"), OUTLINES.values(), ids=OUTLINES.keys())
def test_the_outline_says_in_which_elements_the_text_stands(
    source: str, pieces: list[tuple[str, str]]
) -> None:
    doc = read(source)
    elements = doc.outline.elements

    def path(at: int) -> list[str]:
        return [*path(elements[at].parent), elements[at].tag] if at >= 0 else []

    found = [(doc.text[p.start : p.end], " ".join(path(p.element))) for p in doc.outline.pieces]
    assert found == pieces


def test_formulas_that_katex_shows_twice_are_read_once() -> None:
    mathml = "<span class=katex-mathml><math><mi>x</mi></math></span>"
    shown = "<span class=katex-html><span>x</span></span>"
    assert read(f"<p>a {mathml}{shown} b {shown}").text == "a x b x"


def test_the_page_says_its_language() -> None:
    assert read("<!doctype html><!-- a --><html lang=de><p>b").language == "de"


def test_link_chars_count_signs_as_they_are_shown() -> None:
    (block,) = read("<p><a href=/>Q &amp; A</a></p>").blocks
    assert block.link_chars == len("Q & A")


def test_words_of_attributes_are_as_they_were_meant() -> None:
    nodes = read("<div class='A&amp;b c' id=d role=main>x</div>").nodes
    assert nodes[-1] == ("div", ("a&b", "c", "d", "main"), 2)


def test_link_chars_count_what_is_linked() -> None:
    (block,) = read("<p>see <a href='/b'>the <b>bridge</b></a> and <a>it</a></p>").blocks
    assert block.link_chars == len("the bridge") + len("it")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    "tag", ["div", "span", "b", "ul><li", "table><tr><td", "blockquote", "x-y"]
)
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "unclosed"])
def test_no_text_is_lost_at_any_depth(tag: str, depth: int, closed: bool) -> None:
    end = "".join(f"</{name}>" for name in reversed(tag.split("><"))) if closed else ""
    source = f"<p>before</p>{f'<{tag}>' * depth} inside {end * depth} after<p>last</p>"
    assert read(source).text.split() == ["before", "inside", "after", "last"]


@pytest.mark.parametrize("unit", ["<div></b>", "<div></p>", "<div></i></u>", "<div><br></br>"])
def test_stray_end_tags_hide_no_depth(unit: str) -> None:
    source = f"before{unit * 10_000} inside {'</div>' * 10_000} after"
    assert read(source).text.split() == ["before", "inside", "after"]


@pytest.mark.parametrize("tag", ["textarea", "xmp", "button", "pre", "select><option", "td"])
@pytest.mark.parametrize("depth", [0, 3_000])
def test_every_element_with_visible_text_is_read(tag: str, depth: int) -> None:
    assert "inside" in read(f"{'<div>' * depth}<{tag}>inside</{tag}>").text


@pytest.mark.parametrize("depth", DEPTHS)
def test_scripts_stay_out_at_any_depth(depth: int) -> None:
    inner = "<script>if (a<b) '</div>'</script><style>p{}</style><!-- <p>c</p> -->inside"
    assert read(f"{'<div>' * depth}{inner}{'</div>' * depth}after").text.split() == [
        "inside",
        "after",
    ]


def test_a_page_that_nests_too_deeply_is_told() -> None:
    assert "deeply" in read("<div>" * 3000 + "a").warnings[0]


@pytest.mark.parametrize(
    "piece",
    [
        "<svg><path d=a /><use href=b /><g><stop/></g></svg>",
        "<script>a = '<div><span>'</script>",
        "<!-- <div> -->",
        "<ul><li>a<li>b</ul>",
        "<p>a<br><img src=b>",
        "<table><tr><td>a<td>b</table>",
        "<select><option>a<option>b</select>",
        f"<p>a<img src='data:,{'b' * 100_000}'>",
        f"<script>a<b;{'c' * 100_000}</script>",
    ],
    ids=[
        "svg",
        "script",
        "comment",
        "items",
        "paragraphs",
        "cells",
        "options",
        "data",
        "long-script",
    ],
)
def test_long_pages_do_not_count_as_deep(piece: str) -> None:
    assert read(piece * (1_000 if len(piece) < 1_000 else 2)).warnings == ()


HOSTILE = {
    "open": lambda n: "<div>" * n + " inside ",
    "closed": lambda n: "<div>" * n + " inside " + "</div>" * n,
    "items": lambda n: "<ul><li>" * n + " inside ",
    "fonts": lambda n: "".join(f"<font c={i}><p>" for i in range(n // 25)) + " inside ",
    "misnested": lambda n: "<b>" * 10 + "<div>" * (n // 5) + " inside " + "</b>" * (n // 5),
    "attributes": lambda n: f"<p {' '.join(f'a{i}=1' for i in range(n))}> inside ",
    "formatted": lambda n: "".join(f"<b id={i}>" for i in range(n // 12)) + " inside "
    + "</p>" * (n // 12),
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_shapes_take_linear_time_and_lose_no_text(shape: Callable[[int], str]) -> None:
    assert read(f"before {shape(100_000)} after").text.split() == ["before", "inside", "after"]
    assert best(shape(100_000)) < 12 * best(shape(25_000)) + 0.01


def many(piece: str, around: str = "{}") -> Callable[[int], str]:
    """A shape of n pieces, each with a number of its own."""
    return lambda n: around.format("".join(piece.format(i) for i in range(n)))


REPEATED = {
    **{tag: many(f"<p><{tag} id={{0}}>word{{0}} </p>") for tag in
       "b big code em font i nobr s small strike strong tt u a".split()},
    "upper": many("<P><FONT COLOR=#{0:06x}>word{0} </P>"),
    "slash": many("<div><b/id={0}>word{0} </div>"),
    "mixed": many("<p><i id={0}><tt id={0}></i>word{0} </p>"),
    "commented": many("<p><font id={0}><!-- </font> -->word{0} </p>"),
    "quoted": many("<p><font id={0} title='</font>'>word{0} </p>"),
    "options": many("<option>word{0}</option>" * 20, "<select>{}</select>"),
    "open-options": many("<option selected>word{0} " * 20, "<select>{}"),
    "groups": many("<optgroup label=a><option>word{0} " * 20, "<select>{}"),
    "lone-groups": many("<optgroup label=a><option>word{0} " * 20),
}  # fmt: skip


@pytest.mark.parametrize("shape", REPEATED.values(), ids=REPEATED.keys())
def test_what_parsers_repeat_takes_linear_time_and_loses_no_text(
    shape: Callable[[int], str],
) -> None:
    assert read(shape(500)).text.split() == re.findall(r"word\d+", shape(500))
    assert best(shape(2_000)) < 12 * best(shape(500)) + 0.01


def test_a_page_that_parsers_would_repeat_is_told() -> None:
    assert "flattened" in read(REPEATED["font"](500)).warnings[0]
    assert "flattened" in read(REPEATED["options"](100)).warnings[0]


@pytest.mark.parametrize(
    "source",
    [
        "<p><b>word</p>" * 1_000 + "<p>last</p>" * 1_000,
        "".join(f"<p><font size={i}>word</p>" for i in range(20)) + "<p>last</p>" * 1_000,
        "".join(f"<p><b id={i}>word</b></p>" for i in range(600)),
        "".join(f"<table><tr><td><font size={i % 7}>word</table>" for i in range(600)),
        "<select>" + "<option>word</option>" * 900 + "</select>",
        ("<select>" + "<option>word</option>" * 300 + "</select>") * 20,
        "<select><option>word</select><datalist>" + "<option>word" * 9_000 + "</datalist>",
    ],
    ids=["alike", "some", "closed", "cells", "select", "selects", "datalist"],
)
def test_some_unclosed_formatting_and_long_selects_are_read_as_they_are(source: str) -> None:
    assert eased(source.encode()) == source.encode()


def test_code_stays_code_where_formatting_is_taken_out() -> None:
    doc = read(REPEATED["font"](500) + "<p>Run <code>x  y</code></p>")
    assert [doc.text[m.start : m.end] for m in doc.marks if m.kind == "code"] == ["x  y"]


CUSTOM = {
    "in-a-word": ("<p>un<x-share>believ</x-share>able</p>", ["p"]),
    "space": ("<p>a<x-share> </x-share>b</p>", ["p"]),
    "alone": ("<div><share-bar>a <b>b</b></share-bar></div>", ["share-bar"]),
    "nested": ("<share-bar>a <share-count>b</share-count></share-bar>", ["share-bar"]),
    "beside": ("<p><x-share>a</x-share> <ad-slot>b</ad-slot></p>", ["p"]),
    "blocks": ("<share-bar><p>a</p><p>b</p></share-bar>", ["p", "p"]),
    "before": ("<div><share-bar>a</share-bar><p>b</p></div>", ["share-bar", "p"]),
    "cells": ("<table><tr><td><x-share>a</x-share><td><x-share>b</x-share> c</table>", ["td"]),
    "neutral": ("<div><x-y>a</x-y></div>", ["div"]),
}


@pytest.mark.parametrize(("source", "holders"), CUSTOM.values(), ids=CUSTOM.keys())
def test_custom_elements_break_no_lines_but_hold_their_blocks(
    source: str, holders: list[str]
) -> None:
    doc = read(source)
    assert [doc.nodes[block.node].tag for block in doc.blocks] == holders
    plain = re.sub(r"<(/?)\w+-\w+>", r"<\1span>", source)
    assert doc.text == read(plain).text


def test_blocks_in_a_custom_element_are_below_it() -> None:
    doc = read("<share-bar><div><p>a</p></div></share-bar>")
    tags = [node.tag for node in doc.nodes]
    assert [tags[node.parent] for node in doc.nodes[3:]] == ["body", "share-bar", "div"]


def test_an_element_is_read_without_what_stands_around_it_and_left_unchanged() -> None:
    page = html.fromstring("<div><p>a</p><section><b>b</b>c</section>tail</div>")
    before = etree.tostring(page)
    assert read(written(page.find("section"))).text == "bc"
    assert etree.tostring(page) == before


def test_a_whole_tree_is_read_with_its_sibling_roots() -> None:
    data = b"<html><p>a</p></html><html><p>b</p></html>"
    root = etree.fromstring(data, etree.HTMLParser())
    assert read(written(root)).text == read(written(root.getroottree().getroot())).text == "a\n\nb"


def test_an_xhtml_tree_is_read_like_html() -> None:
    source = "<html{}><body><script>x</script><p>un<b>believ</b>able</p><p>b</p></body></html>"
    root = etree.fromstring(source.format(" xmlns='http://www.w3.org/1999/xhtml'"))
    assert read(written(root)).text == read(source.format("")).text == "unbelievable\n\nb"


PAGE = (
    "<html><body><nav><a href=/>Home</a></nav><article><h1>The bridge</h1>"
    "<p>The old bridge over the river re<b>open</b>ed on Monday, two years after the flood.</p>"
    "<p>Buses will cross it again from Sunday, the council said in a letter.</p></article></body>"
)


@pytest.mark.parametrize(
    "source",
    [
        html.fromstring(PAGE),
        html.fromstring(PAGE).getroottree(),
        BeautifulSoup(PAGE, "lxml"),
        BeautifulSoup(PAGE, "html.parser").find("body"),
        PAGE.encode(),
        bytearray(PAGE.encode()),
    ],
    ids=["element", "tree", "soup", "soup-tag", "bytes", "bytearray"],
)
def test_every_kind_of_source_gives_the_same_text(source: object) -> None:
    assert analyze(source).text == analyze(PAGE).text


# --- laws over generated pages: a page is a list of blocks, a block a list of words, a word a
# list of letters with an inline tag or none around each

word = st.lists(st.tuples(st.sampled_from(("", *INLINE)), st.sampled_from("xyzé橋")), min_size=1)
block = st.tuples(st.sampled_from(BLOCKS), st.lists(word, min_size=1, max_size=4))
page = st.lists(block, min_size=1, max_size=6)
MARKUP = [
    "<p>", "</p>", "<a href=x>", "</a>", "<b>", "<code>", "<br>", "<div hidden>", "</div>", "<td>",
    "<li>", "<pre>", "<table>", "<x ", "<script>", "</script>", "<!--", "-->", "</", "<", ">", "&",
    "&amp;", "'", '"', "x", "é😀", "\0", "\ud800", " ", "\n",
]  # fmt: skip
soup = st.lists(st.sampled_from(MARKUP)).map("".join)
Page = list[tuple[str, list[list[tuple[str, str]]]]]


def render(blocks: Page, upper: bool = False, turned: bool = False, wrapped: bool = False) -> str:
    """The page as HTML: tags in upper case, attributes turned round, neutral wrappers added."""
    attributes = ["class='a'", "id='b'", "data-c='d'"]
    names = " ".join(reversed(attributes) if turned else attributes)
    serial = count()

    def element(tag: str, inner: str, names: str = "") -> str:
        tag = tag.upper() if upper else tag
        return f"<{tag} {names}>{inner}</{tag}>" if names else f"<{tag}>{inner}</{tag}>"

    def letter(tag: str, sign: str) -> str:
        text = element(tag, sign, names) if tag else sign
        return element("span", text) if wrapped and next(serial) % 2 else text

    out = []
    for tag, words in blocks:
        inner = " ".join("".join(letter(*part) for part in parts) for parts in words)
        piece = element(tag, inner, names)
        if tag == "td":
            piece = element("table", element("tr", piece))
        out.append(element("div", piece) if wrapped and tag not in ("td", "li", "dd") else piece)
    return "".join(out)


@given(page)
def test_every_word_comes_out_once_whole_and_in_order(blocks: Page) -> None:
    words = ["".join(sign for _, sign in parts) for _, words in blocks for parts in words]
    assert read(render(blocks)).text.split() == words


@given(page, st.booleans(), st.booleans())
def test_tag_case_and_attribute_order_change_nothing(blocks: Page, upper: bool, turn: bool) -> None:
    assert read(render(blocks, upper, turn)) == read(render(blocks))


@given(page)
def test_neutral_wrappers_leave_the_text_equal(blocks: Page) -> None:
    assert read(render(blocks, wrapped=True)).text == read(render(blocks)).text


@given(soup)
def test_any_characters_give_blocks_that_tile_the_text(source: str) -> None:
    doc = read(source)
    assert doc.text.split() == " ".join(doc.text[b.start : b.end] for b in doc.blocks).split()


@given(soup)
def test_any_characters_give_marks_inside_blocks(source: str) -> None:
    doc = read(source)
    for mark in doc.marks:
        assert any(b.start <= mark.start < mark.end <= b.end for b in doc.blocks)


@given(soup)
def test_the_pieces_of_the_outline_are_the_blocks(source: str) -> None:
    doc = read(source)
    last = 0
    for piece in doc.outline.pieces:
        assert last <= piece.start <= piece.end
        last = piece.end
    text = "".join(doc.text[piece.start : piece.end] for piece in doc.outline.pieces)
    assert "".join(text.split()) == "".join(doc.text.split())


def best(source: str) -> float:
    """The shortest of three times."""
    times = []
    for _ in range(3):
        start = time.process_time()
        read(source)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b>", "<p>a", "a<br>", "a ", "<td>a", "</p>", "&", "<", "a<a href=/>", "<script>",
     "<summary>", "<div hidden>", "<form>", "<pre>a"],
)  # fmt: skip
def test_the_time_is_linear(piece: str) -> None:
    assert best(piece * 16_000) < 12 * best(piece * 4_000)


@pytest.mark.parametrize("piece", ["a", "</script ", "<!--", "'", "<x "])
def test_the_time_is_linear_below_deep_nesting(piece: str) -> None:
    deep = "<div>" * 2100
    few, many = piece * 2_000, piece * 16_000
    assert best(f"{deep}<script><{many}") < 24 * best(f"{deep}<script><{few}")
    assert best(f"{deep}<{many}") < 24 * best(f"{deep}<{few}")
