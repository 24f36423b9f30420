"""Markdown: what each element of a page becomes, and what each choice does."""

from __future__ import annotations

import pytest

from declutter.readers import text as text_reader
from declutter.readers.html import read
from declutter.writers.markdown import write
from declutter.writers.tree import tree
from tests.formats import markdown_text


def markdown(source: str, url: str | None = None, **shown: bool) -> str:
    return write(tree(read(source), [], url), **shown)


def flat(source: str) -> str:
    return write(tree(text_reader.read(source), []))


BLOCKS = {
    "heading": ("<h3>One <br>two</h3>", "### One two"),
    "heading-sign": ("<h2>C #</h2>", "## C \\#"),
    "paragraphs": ("<p>a</p>b<div>c</div>", "a\n\nb\n\nc"),
    "break": ("<p>a<br>b", "a\\\nb"),
    "breaks": ("<p>a<br><br>b", "a\n\nb"),
    "list": ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
    "numbers": ("<ol start=9><li>a<li>b<ul><li>c</ul></ol>", "9. a\n10. b\n    - c"),
    "long-items": ("<ul><li>a<p>b</p><li>c</ul>", "- a\n\n  b\n\n- c"),
    "number-after-text": ("<ul><li>a<ol start=4><li>b</ol></ul>", "- a\n\n  4. b"),
    "lists-in-a-row": ("<ul><li>a</ul><ul><li>b</ul><ul><li>c</ul>", "- a\n\n* b\n\n- c"),
    "item-alone": ("<li>a<li>b", "- a\n- b"),
    "list-in-a-list": ("<ul><li>a<ul><ul><li>b</ul></ul></ul>", "- a\n  - - b"),
    "list-after-item": ("<ul><li>a</li><ul><li>b</ul></ul>", "- a\n  - b"),
    "definitions": ("<dl><dt>a<dd>b<dt><b>c</b><dd>d</dl>", "**a**\n\nb\n\n**c**\n\nd"),
    "quote": ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
    "quoted-list": ("<blockquote><ul><li>a</ul></blockquote>", "> - a"),
    "code": ("<pre>\nif a:\n\n    b\n</pre>", "```\nif a:\n\n    b\n```"),
    "code-language": ("<pre><code class='hljs language-C++'>a</code></pre>", "```c++\na\n```"),
    "code-language-around": ("<div class=highlight-source-js><pre>a</pre></div>", "```js\na\n```"),
    "code-in-an-item": ("<ul><li>a<pre>b\nc</pre></ul>", "- a\n\n  ```\n  b\n  c\n  ```"),
    "code-fences": ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
    "code-lines": ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
    "code-of-lines": ("<p><code>a\n  b</code></p>", "```\na\n  b\n```"),
    "caption": ("<figure><img src=a.png><figcaption>b</figcaption></figure>", "b"),
    "link-around-blocks": ("<a href=/x><h2>a</h2>b</a>", "## [a](/x)\n\n[b](/x)"),
}

INLINE = {
    "emphasis": ("a <i>b</i> <b>c</b> <s>d</s>", "a *b* **c** ~~d~~"),
    "nested": ("<b>a <i>b</i></b> <i><b>c</b></i>", "**a _b_** _**c**_"),
    "twice": ("<b>a<strong>b</strong></b>", "**ab**"),
    "neighbours": ("<b>a</b><b>b</b>", "**ab**"),
    "space": ("a<b> b </b>c", "a **b** c"),
    "in-a-word": ("un<em>believ</em>able", "un*believ*able"),
    "no-signs-fit": ("<b>“a”</b>的", "<strong>“a”</strong>的"),
    "break-in-bold": ("<b>a<br>b</b><br>c", "**a\\\nb**\\\nc"),
    "code": ("<code>a_b*</code>", "`a_b*`"),
    "code-ticks": ("<code>`a``</code>", "``` `a`` ```"),
    "code-neighbours": ("<code>a</code><code>b</code>", "`ab`"),
    "code-link": ("<code><a href=x>f()</a></code>", "[`f()`](x)"),
    "sub-sup": ("H<sub>2</sub>O<sup>+</sup>", "H<sub>2</sub>O<sup>+</sup>"),
    "footnote": ("a<sup><a href=#n1>[1]</a></sup>", "a<sup>[\\[1\\]](#n1)</sup>"),
    "link-target": ("<a href='/a b(c)'>d</a>", "[d](/a%20b%28c%29)"),
    "link-entity": ("<a href='/?a&amp;lt;=1'>d</a>", "[d](/?a&amp;lt;=1)"),
    "link-script": ("<a href=' jAva&#10;script:x()'>a</a>", "a"),
    "link-nowhere": ("<a href=#>a</a> <a>b</a>", "a b"),
    "link-space": ("a<a href=b> c </a>d", "a [c](b) d"),
    "exclamation": ("Go!<a href=b>c</a>!", "Go\\![c](b)!"),
}

FORMULAS = {
    "mathml": (
        "a <math><mi>x</mi><annotation encoding=application/x-tex>x_1</annotation></math>",
        "a $x_1$",
    ),
    "alternative": ("a <math alttext='x&lt;2' display=block><mi>x</mi></math>", "a $$x\\lt 2$$"),
    "katex": (
        "<span class=katex><span class=katex-mathml><math><mi>x</mi><annotation "
        "encoding=application/x-tex>x^2</annotation></math></span>"
        "<span class=katex-html aria-hidden=true><span>x2</span></span></span> b",
        "$x^2$ b",
    ),
    "mathjax": ("a <script type=math/tex>x^2</script> b", "a $x^2$ b"),
    "mathjax-display": ("a <script type='math/tex; mode=display'>x^2</script>", "a $$x^2$$"),
    "mathjax-shown": (
        "<span class=MathJax><span>x2</span></span><script type=math/tex>x^2</script> b",
        "$x^2$ b",
    ),
    "none": ("a <math><mi>x</mi></math>", "a x"),
    "in-bold": ("<b>a <math alttext='x*y'>x</math></b>", "<strong>a $x\\ast y$</strong>"),
    "brackets": ("a <math alttext='f[1](x)'>f</math>", "a $f[1] (x)$"),
    "open-brackets": ("a <math alttext='[0,1)'>[0,1)</math>", "a \\[0,1)"),
    "dollars": ("$5 <math alttext=x>x</math>", "\\$5 $x$"),
    "no-dollars": ("$5 and $6", "$5 and $6"),
}

TABLES = {
    "heading": (
        "<table><tr><th>a<th>b<tr><td>c|d<td>e<br>f</table>",
        "| a | b |\n| --- | --- |\n| c\\|d | e<br>f |",
    ),
    "no-heading": (
        "<table><tr><td>a<td>b<tr><td>c<td></table>",
        "|  |  |\n| --- | --- |\n| a | b |\n| c |  |",
    ),
    "spans": (
        "<table><tr><th colspan=2>a<th>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g</table>",
        "| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g |",
    ),
    "caption-and-list": (
        "<table><caption>t</caption><thead><tr><td>a<td>b<tbody><tr><td><ul><li>c<li>d</ul>"
        "<td><code>e|f</code></table>",
        "t\n\n| a | b |\n| --- | --- |\n| c<br>d | `e\\|f` |",
    ),
    "layout": ("<table><tr><td><h2>a</h2>b<td>c</table>", "## a\n\nb\n\nc"),
    "layout-of-one-row": ("<table><tr><td>a<td>b</table>", "a\n\nb"),
    "layout-told": (
        "<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>",
        "a\n\nb\n\nc\n\nd",
    ),
    "outer": (
        "<table><tr><td>a<td><table><tr><th>b<th>c<tr><td>d<td>e</table></table>",
        "a\n\n| b | c |\n| --- | --- |\n| d | e |",
    ),
}


@pytest.mark.parametrize(("source", "expected"), BLOCKS.values(), ids=BLOCKS.keys())
def test_blocks(source: str, expected: str) -> None:
    assert markdown(source) == f"{expected}\n"


@pytest.mark.parametrize(("source", "expected"), INLINE.values(), ids=INLINE.keys())
def test_inline_elements(source: str, expected: str) -> None:
    assert markdown(f"<p>{source}</p>") == f"{expected}\n"


@pytest.mark.parametrize(("source", "expected"), FORMULAS.values(), ids=FORMULAS.keys())
def test_formulas(source: str, expected: str) -> None:
    assert markdown(f"<p>{source}</p>") == f"{expected}\n"


@pytest.mark.parametrize(("source", "expected"), TABLES.values(), ids=TABLES.keys())
def test_tables(source: str, expected: str) -> None:
    assert markdown(source) == f"{expected}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a", "\\# a"),
        ("#a", "#a"),
        ("- a", "\\- a"),
        ("-a", "-a"),
        ("1986. A year", "1986\\. A year"),
        ("1.5 litres", "1.5 litres"),
        ("> a", "\\> a"),
        ("---", "\\---"),
        ("|-|", "\\|-|"),
        ("a_b_c __init__", "a_b_c \\_\\_init\\_\\_"),
        ("5 * 3 [1] `a` ~b", "5 \\* 3 \\[1\\] \\`a\\` \\~b"),
        ("a < b <c", "a < b \\<c"),
        ("AT&T &amp; &copy", "AT&T \\&amp; \\&copy"),
        ("C:\\Users \\*", "C:\\Users \\\\\\*"),
        ("http://a.org/b_c?d=1&e=2", "http://a.org/b_c?d=1&e=2"),
    ],
)
def test_of_a_text_only_what_would_mean_something_is_escaped(text: str, expected: str) -> None:
    assert flat(text) == f"{expected}\n"


def test_every_line_of_a_flattened_text_is_a_paragraph() -> None:
    assert flat("a\n b \n\nc") == "a\n\nb\n\nc\n"


PAGE = "<p>a <a href=b>c</a> <img src=d.png alt='e [f]' width=9></p>"


def test_links_and_images_are_shown_as_asked() -> None:
    assert markdown(PAGE) == "a [c](b)\n"
    assert markdown(PAGE, links=False) == "a c\n"
    assert markdown(PAGE, images=True) == "a [c](b) ![e \\[f\\]](d.png)\n"


def test_addresses_become_absolute() -> None:
    shown = markdown(PAGE, "https://example.org/x/", images=True)
    assert shown == "a [c](https://example.org/x/b) ![e \\[f\\]](https://example.org/x/d.png)\n"
    based = markdown(f"<base href=/y/>{PAGE}", "https://example.org/x/")
    assert based == "a [c](https://example.org/y/b)\n"


def test_tables_are_text_where_they_are_not_wanted() -> None:
    source = "<table><caption>t</caption><tr><th>a<th>b<tr><td>c<td>d</table>"
    assert markdown(source, tables=False) == "t\n\na b\n\nc d\n"


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("<img src=data:image/gif;base64,R0 data-src=a.png>", "![](a.png)"),
        ("<img src=a.png width=1 height=1>", ""),
        ("<img src=javascript:x()>", ""),
        ("<a href=b><img src=a.png alt=c></a>", "[![c](a.png)](b)"),
    ],
    ids=["late", "pixel", "script", "linked"],
)
def test_images(image: str, shown: str) -> None:
    assert markdown(f"<p>a</p>{image}<p>b</p>", images=True) == "\n\n".join(
        part for part in ("a", shown, "b\n") if part
    )


def test_the_elements_of_text_that_is_cut_go_with_it() -> None:
    doc = read("<ul><li>a <b>b c</b> d<li>e</ul><table><tr><th>f<th>g<tr><td>h<td>i</table>")
    cuts = [doc.text.index(part) for part in ("b", "e", "i")]
    content = tree(doc, [(at, at + 1) for at in cuts])
    assert write(content) == "- a **c** d\n\n| f | g |\n| --- | --- |\n| h |  |\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a <math alttext=x>QQ</math> b</p>", "a $x$ b\n"),
        ("<p>(a<math alttext=x>QQ</math>)</p>", "(a$x$)\n"),
        ("<p>a</p><p><math alttext=x>QQ</math></p><p>b</p>", "a\n\n$x$\n\nb\n"),
        ("<p>QQ</p><p>a</p>", "a\n"),
    ],
    ids=["in-a-line", "glued", "alone", "no-formula"],
)
def test_formulas_stay_whose_text_is_not_shown(source: str, expected: str) -> None:
    doc = read(source)
    at = doc.text.index("QQ")
    assert write(tree(doc, [(at, at + 2)])) == expected


def test_formulas_go_with_what_is_around_them() -> None:
    doc = read("<p>a</p><p>b <math alttext=x>c</math> d</p>")
    at = doc.text.index("b")
    assert write(tree(doc, [(at, len(doc.text))])) == "a\n"


def test_deep_nesting_is_read_by_parsers_and_takes_no_recursion() -> None:
    source = f"{'<blockquote><ul><li>' * 60}a{'</ul></blockquote>' * 60}"
    assert markdown_text(markdown(source)).split() == ["a"]
