"""TEI: well-formed, whatever the page holds, with a header and divisions below their heads."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import analyze
from declutter.readers import text as text_reader
from declutter.readers.html import read
from declutter.writers.tei import write
from declutter.writers.tree import tree

ABOUT = {
    "title": "A & B",
    "authors": ["Ann <Lee>"],
    "language": "en-GB",
    "site_name": "The Gazette",
    "date_published": "2024-05-06",
    "canonical_url": "https://example.org/?a=1&b=2",
    "license": "CC BY 4.0",
    "tags": ["bridges"],
}


def body(source: str, **shown: Any) -> str:
    """What stands in the body, without its tags."""
    written = write(tree(read(source), []), **shown)
    ElementTree.fromstring(written.encode())
    return written.partition("<body>")[2].partition("</body>")[0]


CASES = {
    "divisions": (
        "<p>a</p><h1>b</h1>c<h3>d</h3>e<h2>f</h2>",
        "<p>a</p><div><head>b</head><p>c</p><div><head>d</head><p>e</p></div>"
        "<div><head>f</head></div></div>",
    ),
    "list": (
        "<ol start=3><li>a<ul><li>b</ul></ol>",
        '<list rend="numbered" n="3"><item>a<list rend="bulleted"><item>b</item></list></item>'
        "</list>",
    ),
    "gloss": (
        "<dl><dt>a<dd>b</dl>",
        '<list type="gloss"><label>a</label><item>b</item></list>',
    ),
    "table": (
        "<table><caption>t</caption><tr><th>a<th>b<tr><td colspan=2>c<br>d</table>",
        '<table><head>t</head><row><cell role="label">a</cell><cell role="label">b</cell></row>'
        '<row><cell cols="2">c<lb />d</cell></row></table>',
    ),
    "quote": (
        "<blockquote>a<h2>b</h2></blockquote>",
        '<quote><p>a</p><ab type="head">b</ab></quote>',
    ),
    "code": (
        "<pre class=language-c>a &lt; b</pre><p><code>c</code>",
        '<ab type="code"><code lang="c">a &lt; b</code></ab><p><code>c</code></p>',
    ),
    "inline": (
        "<p>a <b>b</b><i>c</i><sub>d</sub><s>e</s> <a href='/f?g&amp;h'>i</a>",
        '<p>a <hi rend="bold">b</hi><hi rend="italic">c</hi><hi rend="subscript">d</hi>'
        '<hi rend="strikethrough">e</hi> <ref target="/f?g&amp;h">i</ref></p>',
    ),
    "formula": (
        "<p>a <math alttext='x&lt;1'><mi>x</mi></math>",
        '<p>a <formula notation="TeX">x&lt;1</formula></p>',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES.keys())
def test_elements(source: str, expected: str) -> None:
    assert body(source) == expected


def test_links_images_and_tables_are_shown_as_asked() -> None:
    page = "<p><a href=a>b</a><img src=c alt=d></p><table><tr><th>e<th>f<tr><td>g<td>h</table>"
    assert body(page, links=False, tables=False) == "<p>b</p><p>e\tf</p><p>g\th</p>"
    assert '<figure><graphic url="c" /><figDesc>d</figDesc></figure>' in body(page, images=True)


def test_the_header_tells_what_is_known() -> None:
    root = ElementTree.fromstring(write(tree(read("a"), []), about=ABOUT).encode())
    texts = {element.tag.split("}")[1]: element.text for element in root.iter()}
    assert root.tag == "{http://www.tei-c.org/ns/1.0}TEI"
    assert (texts["title"], texts["author"], texts["date"]) == ("A & B", "Ann <Lee>", "2024-05-06")
    assert (texts["publisher"], texts["term"]) == ("The Gazette", "bridges")
    assert [e.attrib for e in root.iter() if e.tag.endswith("}language")] == [{"ident": "en-GB"}]


def test_the_header_has_what_tei_asks_for_where_nothing_is_known() -> None:
    root = ElementTree.fromstring(analyze("").to("tei").encode())
    description = root.find("{*}teiHeader/{*}fileDesc")
    assert description is not None
    names = [element.tag.split("}")[1] for element in description]
    assert names == ["titleStmt", "publicationStmt", "sourceDesc"]


@given(st.text(st.one_of(st.characters(), st.sampled_from("<&>\x00\x0b\ud800\ufffe]"))))
def test_any_text_is_well_formed(text: str) -> None:
    ElementTree.fromstring(write(tree(text_reader.read(text), []), about={"title": text}).encode())
