"""Every format shows the words that are kept, all of them and no others."""

from __future__ import annotations

import os
import pickle
import random
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import declutter
from declutter import Document, OptionError, Result, analyze
from declutter.readers import text as text_reader
from declutter.readers.html import read
from declutter.writers import html, markdown, tei
from declutter.writers.text import without
from declutter.writers.tree import tree
from tests.formats import (
    PARSERS,
    WORD_RE,
    corpus_pages,
    fixtures,
    html_text,
    markdown_text,
    tei_text,
    without_formulas,
)

CORPORA = os.environ.get("DECLUTTER_CORPORA", "")
Cuts = list[tuple[int, int]]


def check_words(doc: Document, cuts: Cuts, text: str, **shown: Any) -> None:
    """All formats of a document without some spans have the words of its text."""
    content = tree(without_formulas(doc), cuts)
    written = markdown.write(content, **shown)
    found = [markdown_text(written, parser) for parser in PARSERS]
    found.append(html_text(html.write(content, **shown)))
    found.append(tei_text(tei.write(content, **shown)))
    for text_found in found:
        assert "".join(text_found.split()) == "".join(text.split()), written
        # signs on both sides of a cut through blocks stay in their blocks
        if not any("\n" in doc.text[start:end] for start, end in cuts):
            assert WORD_RE.findall(text_found) == WORD_RE.findall(text), written


def check_result(result: Result) -> None:
    cuts = [(removal.start, removal.end) for removal in result.removals]
    check_words(result.document, cuts, result.text)


@pytest.mark.parametrize("source", fixtures())
@pytest.mark.parametrize("flat", [False, True], ids=["as-it-is", "flattened"])
def test_fixtures_keep_their_words(source: str | bytes, flat: bool) -> None:
    if flat:
        source = declutter.pipeline.read(source).text
    check_result(analyze(source, kind="text" if flat else "auto"))


@pytest.mark.skipif(not CORPORA, reason="DECLUTTER_CORPORA names no corpora")
def test_pages_of_the_corpora_keep_their_words() -> None:
    for page in corpus_pages(Path(CORPORA), 60):
        result = analyze(page)
        check_result(result)
        flat = result.document.text.replace("\0", "")
        check_result(analyze(flat, kind="text"))


# --- generated pages: signs that mean something in Markdown, glued to elements and cut anywhere ---

# parted by white space; "·" stands for it
SIGNS = [
    sign.replace("·", " ")
    for sign in """
    #· 1.· 1)· -· *· +· >· a_b_c _x_ **y** [z](w) [^1] # ·# &amp; &lt; <b> <!-- < & `k` ```
    ~~~ ~~d~~ ~ *** --- === = | |-| __ ! \\ \\* $x$ ^ € “ ” 的 : http://x.y a b · ····code
    """.split()
] + ["\n", "\t"]
WRAPS = ["", "", "strong", "em", "code", "a", "sup", "del", "sub", "mark"]
TARGETS = ["a", "b(c)", "d e", "f`g", "h_i_", "*", "&lt;", "x&amp;lt;y"]


class Pages:
    """Makes pages by chance, the same by the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return "".join(self.random.choices(SIGNS, k=self.random.randint(1, 6)))

    def inline(self, depth: int) -> str:
        out = ""
        for _ in range(self.random.randint(1, 4)):
            name = self.random.choice(WRAPS)
            deeper = depth and self.random.random() < 0.4
            inner = self.inline(depth - 1) if deeper else escape(self.text(), quote=False)
            names = f" href='http://x/{self.random.choice(TARGETS)}'" if name == "a" else ""
            out += f"<{name}{names}>{inner}</{name}>" if name else inner
            out += self.random.choice(["", "", " ", "<br>"])
        return out

    def block(self, depth: int = 2) -> str:
        name = self.random.choice(["p", "p", "h2", "pre", "ul", "ol", "blockquote", "dl", "table"])
        if name in ("p", "h2", "pre"):
            return f"<{name}>{self.inline(2)}</{name}>"
        parts = [self.inner(depth) for _ in range(4)]
        start = self.random.choice(["1", "3", "-2", "99999999999", "x"])
        return {
            "ul": "<ul><li>{}<li>{}</ul>",
            "ol": f"<ol start={start}><li>{{}}<li>{{}}</ol>",
            "blockquote": "<blockquote>{}{}</blockquote>",
            "dl": "<dl><dt>{}<dd>{}</dl>",
            "table": "<table><tr><th colspan=2>{}<td rowspan=2>{}<tr><td>{}<th>{}</table>",
        }[name].format(*parts)

    def inner(self, depth: int) -> str:
        if not depth or self.random.random() < 0.5:
            return self.inline(1)
        return "".join(self.block(depth - 1) for _ in range(self.random.randint(1, 2)))

    def document(self) -> Document:
        if self.random.random() < 0.2:
            return text_reader.read("\n".join(self.text() for _ in range(5)))
        return read("".join(self.block() for _ in range(self.random.randint(1, 3))))

    def cuts(self, size: int) -> Cuts:
        places = range(size + 1)
        edges = sorted(self.random.sample(places, min(size, self.random.choice([0, 0, 2, 6]))))
        return list(zip(edges[::2], edges[1::2], strict=False))


@settings(max_examples=400)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_any_page_keeps_its_words_wherever_it_is_cut(seed: int, links: bool, tables: bool) -> None:
    pages = Pages(seed)
    doc = pages.document()
    cuts = pages.cuts(len(doc.text))
    check_words(doc, cuts, without(doc.text, cuts), links=links, tables=tables)


# --- articles about what is boilerplate elsewhere -------------------------------------------

TOPICS = {
    "cookies": (
        "How cookies came to the web",
        "A cookie is a small text that a site asks the browser to keep and to send back.",
        "Lou Montulli wrote the first of them in 1994, to keep a shopping cart between two pages.",
        "Sites have to ask for consent before they set cookies that follow people around.",
        "Whoever presses “accept all cookies” agrees to hundreds of companies at once.",
        "Banners that hide the button to refuse were fined in France in 2022.",
    ),
    "style": (
        "Centring a box with CSS",
        "The display property decides how a box lays out its children.",
        "Write .box { display: flex } and the children stand in a row.",
        "With margin: 0 auto a block of fixed width stands in the middle of its parent.",
        "The selector a:hover { color: red } matches links below the pointer.",
        "Grids came to all browsers in 2017, ten years after they had been asked for.",
    ),
    "blood": (
        "Who may donate blood, and how often",
        "Donating blood takes an hour, of which ten minutes are spent on the couch.",
        "Your donation is tested and parted into red cells, plasma and platelets.",
        "Donors have to wait eight weeks before they can give again.",
        "Please donate only if you feel well and have eaten in the last three hours.",
        "The service needs four thousand donations a day, most of them in winter.",
    ),
}


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "tei"])
@pytest.mark.parametrize("kind", ["html", "text"])
def test_articles_about_cookies_style_and_donations_are_whole(
    topic: str, form: str, kind: str
) -> None:
    title, *sentences = TOPICS[topic]
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    page = f"<title>{title}</title><article><h1>{title}</h1>{body}</article>"
    source = page if kind == "html" else "\n".join(TOPICS[topic])
    written = analyze(source, kind=kind).to(form)
    readers: dict[str, Callable[[str], str]] = {
        "markdown": markdown_text,
        "html": html_text,
        "tei": tei_text,
    }
    read_back = readers[form](written) if form in readers else written
    assert [sentence for sentence in TOPICS[topic] if sentence not in read_back] == []


# --- the interface --------------------------------------------------------------------------


def test_text_is_the_result_s() -> None:
    result = analyze(fixtures()[0])
    assert result.to("text") == result.text


def test_an_unknown_format_is_told_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match="markdown"):
        analyze("a").to("docx")


def test_switches_reach_the_writers() -> None:
    page = "<article><p>The <a href=/b>bridge</a> over the river reopened on Monday.</p></article>"
    result = analyze(page)
    assert "](https://x.org/b)" in result.to("markdown", url="https://x.org/a/")
    assert "](" not in result.to("markdown", links=False)
    assert 'href="https://x.org/b"' in result.to("html", url="https://x.org/a/")
    assert 'target="/b"' in result.to("tei")


def test_a_pickled_result_still_has_its_structure() -> None:
    result = analyze("<article><h1>The bridge</h1><p>It reopened on Monday morning.</p></article>")
    assert pickle.loads(pickle.dumps(result)).to("markdown") == result.to("markdown")


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_nothing_of_nothing(form: str) -> None:
    assert analyze("").to(form) == ""


# --- time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    ["<ul><li>a", "<table><tr><td rowspan=99 colspan=99>a<td>b", "<b>x ", "a<br>", "*_`[a](b)",
     "<b>a</b><i>b</i>", "<li>a", "<script type=math/tex>a</script>", "<p>a<img src=b>"],
)  # fmt: skip
def test_the_time_is_linear(piece: str) -> None:
    def best(count: int) -> float:
        doc = read(piece * count)
        times = []
        for _ in range(3):
            start = time.process_time()
            content = tree(doc, [])
            for module in (markdown, html, tei):
                module.write(content)
            times.append(time.process_time() - start)
        return min(times)

    assert best(2_000) < 12 * best(500) + 0.05
