"""HTML: what it looks like, and that nothing in it can act."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declutter import analyze
from declutter.readers import text as text_reader
from declutter.readers.html import read
from declutter.writers import html, markdown
from declutter.writers.tree import tree
from tests.formats import PARSERS, Parsed

TAGS = frozenset(
    "a strong em code sub sup del ins u mark q h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd table caption "
    "tr td th tbody thead blockquote figure figcaption pre br img span".split()
)
ATTRIBUTES = frozenset("href src alt start colspan rowspan class".split())
SAFE_RE = re.compile(r"(?:https?|mailto|tel|ftp):|[^:]*(?:[/?#]|$)", re.IGNORECASE)

# as in public lists of vectors (OWASP's cheat sheet, html5sec, PortSwigger's), put into words
LINES = """\
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<script/src=data:,alert(1)>
<<script>alert(1);//<</script>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script\x0c>alert(1)</script>
<script type=text/plain>alert(1)</script>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<img src=x onerror=alert(1)>
<img src="x" alt="y" onload="alert(1)">
<IMG SRC=javascript:alert('1')>
<IMG SRC=JaVaScRiPt:alert(1)>
<IMG SRC=`javascript:alert("1")`>
<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>">
<IMG SRC="jav&#x09;ascript:alert(1);">
<IMG SRC="jav&#x0A;ascript:alert(1);">
<IMG SRC=" &#14; javascript:alert(1);">
<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>
<IMG SRC=&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)>
<IMG DYNSRC="javascript:alert(1)"><IMG LOWSRC="javascript:alert(1)">
<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">
<img src=x alt="&quot; onerror=alert(1) x=&quot;">
<img src=x alt="--><script>alert(1)</script>">
<img src="x` `<script>alert(1)</script>"` `>
<img/src='x'/onerror=alert(1)//>
<image src=x onerror=alert(1)>
<picture><source srcset=x onerror=alert(1)><img src=x></picture>
<a href="javascript:alert(1)">x</a>
<a href=" javascript:alert(1)">x</a>
<a href="java\tscript:alert(1)">x</a>
<a href="java&#10;script:alert(1)">x</a>
<a href="java&Tab;script&colon;alert(1)">x</a>
<a href="\x01javascript:alert(1)">x</a>
<a href="&#x1;javascript:alert(1)">x</a>
<a href="javascript&colon;alert(1)">x</a>
<a href="javascript://%0aalert(1)">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>
<a href="feed:javascript:alert(1)">x</a>
<a href="view-source:javascript:alert(1)">x</a>
<a href="blob:https://x/y">x</a>
<a href="file:///etc/passwd">x</a>
<a href='x' onclick='alert(1)' onmouseover="alert(1)" style="x:expression(alert(1))">x</a>
<a href="x&quot; onclick=&quot;alert(1)">x</a>
<a href="x)<script>alert(1)</script>">x](javascript:alert(1))</a>
<a href="x" target=_blank ping="//evil.example">x</a>
<svg onload=alert(1)><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><script>alert(1)</script></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math href="javascript:alert(1)" alttext="x</span><script>alert(1)</script>"><mi>x</mi></math>
<math><maction actiontype="statusline#" xlink:href="javascript:alert(1)">x</maction></math>
<math><semantics><mi>x</mi><annotation encoding=application/x-tex></span><img src=x onerror=alert(1)>
<script type="math/tex">\\)<img src=x onerror=alert(1)></script>
<body onload=alert(1)>x
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="javascript:alert(1)"></object>
<embed src="javascript:alert(1)">
<form action="javascript:alert(1)"><input type=submit><button formaction=javascript:alert(1)>x</button>
<input onfocus=alert(1) autofocus>
<select onfocus=alert(1) autofocus><option>x</select>
<textarea onfocus=alert(1) autofocus></textarea><textarea><script>alert(1)</script></textarea>
<video><source onerror="alert(1)"></video><audio src=x onerror=alert(1)>
<details open ontoggle=alert(1)>x</details>
<marquee onstart=alert(1)>x</marquee>
<style>@import 'javascript:alert(1)';body{background:url(javascript:alert(1))}</style>
<div style="background-image:url(javascript:alert(1))">x</div>
<p style="behavior:url(x.htc);-moz-binding:url(x)">x</p>
<link rel=stylesheet href="javascript:alert(1)">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<base href="javascript:alert(1)//"><a href=x>x</a>
<table background="javascript:alert(1)"><tr><td background="javascript:alert(1)">x<td>y<tr><th>z</table>
<td colspan="2 onclick=alert(1)" rowspan='"><script>alert(1)</script>'>x
<ol start='1"><script>alert(1)</script>'><li>x</ol>
<pre class='language-"><script>alert(1)</script>'>x</pre>
<code class="language-x onclick=alert(1)">x
y</code>
<q cite="javascript:alert(1)">x</q><blockquote cite="javascript:alert(1)">x</blockquote>
<xmp><script>alert(1)</script></xmp>
<plaintext><script>alert(1)</script>
<template><script>alert(1)</script></template>
<title><script>alert(1)</script></title>
<!--<img src="--><img src=x onerror=alert(1)//">
<![CDATA[<script>alert(1)</script>]]>
<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>
&lt;script&gt;alert(1)&lt;/script&gt;
&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;
<x-y onclick=alert(1) style=x>&lt;img src=x onerror=alert(1)&gt;</x-y>
<p>`<img src=x onerror=alert(1)>` &#96;&lt;img src=x onerror=alert(1)&gt;</p>
[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)> [y]: javascript:alert(1)
""".split("\n")  # noqa: E501
VECTORS = [line for line in LINES if line]


def check_safe(written: str) -> None:
    """Nothing but known elements, with known attributes and addresses that are safe."""
    for tag, attrs in Parsed(written).elements:
        assert tag in TAGS, written
        assert attrs.keys() <= ATTRIBUTES, written
        for name in ("href", "src"):
            value = re.sub(r"[\x00-\x20]", "", attrs.get(name) or "")
            assert SAFE_RE.match(value), written
        assert not re.search(r"[^\w\s+#-]", attrs.get("class") or ""), written


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("url", [None, "https://example.org/a", "javascript:alert(1)"], ids=str)
def test_no_vector_gets_through(vector: str, url: str | None) -> None:
    for source in (f"<p>a</p>{vector}<p>b</p>", f"<p>a {vector} b"):
        content = tree(read(source), [], url)
        check_safe(html.write(content, images=True))
        # what parsers of Markdown make of ours, though they let HTML through
        for parser in PARSERS.values():
            check_safe(parser.render(markdown.write(content, images=True)))


@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_in_a_flattened_text_gets_through(vector: str) -> None:
    content = tree(text_reader.read(f"a\n{vector} b\n{vector}"), [])
    check_safe(html.write(content))
    assert "<" not in re.sub("</?p>", "", html.write(content))
    for parser in PARSERS.values():
        check_safe(parser.render(markdown.write(content)))


def test_there_are_enough_vectors() -> None:
    assert len(set(VECTORS)) >= 60


@given(st.lists(st.sampled_from([*VECTORS, "<p>", "</p>", "<b>", "'", '"', ">", "x"])).map("".join))
def test_no_mixture_of_vectors_gets_through(source: str) -> None:
    check_safe(html.write(tree(read(source), []), images=True))


PAGE = """\
<h1 class=big>A & B</h1><p onclick=x()>One <b>two</b> <a href=c?d&e rel=f>g</a><img src=h.png alt=i>
<ul><li>j<ul><li>k</ul><li><p>l<p>m</ul><pre class=language-py>n &lt; o</pre>
<table><thead><tr><th>p<th>q<tbody><tr><td colspan=2>r</table>"""


def test_it_is_minimal() -> None:
    written = html.write(tree(read(PAGE), [], "https://x.org/y/"), images=True)
    assert written.splitlines() == [
        "<h1>A &amp; B</h1>",
        '<p>One <strong>two</strong> <a href="https://x.org/y/c?d&amp;e">g</a>'
        '<img src="https://x.org/y/h.png" alt="i"></p>',
        "<ul><li>j<ul><li>k</li>",
        "</ul>",
        "</li>",
        "<li><p>l</p>",
        "<p>m</p>",
        "</li>",
        "</ul>",
        '<pre><code class="language-py">n &lt; o</code></pre>',
        "<table><tbody><tr><th>p</th>",
        "<th>q</th>",
        "</tr>",
        '<tr><td colspan="2">r</td>',
        "</tr>",
        "</tbody></table>",
    ]


def test_links_images_and_tables_are_shown_as_asked() -> None:
    written = html.write(tree(read(PAGE), []), links=False, tables=False)
    assert {tag for tag, _ in Parsed(written).elements}.isdisjoint({"a", "img", "table"})
    assert "<p>p\tq</p>" in written


def test_formulas_are_for_mathjax_and_katex() -> None:
    written = html.write(tree(read("<p>a <math alttext='x&lt;1'><mi>x</mi></math>"), []))
    assert written == '<p>a <span class="math inline">\\(x&lt;1\\)</span></p>\n'


def test_what_was_written_is_read_again_with_the_same_text() -> None:
    source = "<article>" + PAGE * 2 + "</article>"
    text = read(source).text
    again = read(html.write(tree(read(source), [])))
    assert again.text.split() == text.split()


def test_a_page_around_it_escapes_its_title() -> None:
    page = html.page("<p>a</p>\n", "</title><script>", 'en"><script>')
    assert "<script>" not in page
    assert analyze(page, kind="html").document.text == "a"
