"""Reading back what the writers of formats wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

from markdown_it import MarkdownIt
from markdown_it.token import Token

from declutter.model import Document, Element
from tests.conftest import ARTICLES, PAGES, SEEDS, marked

PARSERS = {
    "commonmark": MarkdownIt("commonmark").enable(["table", "strikethrough"]),
    "gfm": MarkdownIt("gfm-like", {"linkify": False}),
}
WORD_RE = re.compile(r"\w+")
_INLINE_HTML_RE = re.compile(r"</?(?:sub|sup|em|strong|del)>")
_TEXTS = ("text", "code_inline", "fence", "code_block", "html_block")


def markdown_text(markdown: str, parser: str = "commonmark") -> str:
    """The text that a parser finds in Markdown, without the alternatives of pictures."""
    return "".join(_texts(PARSERS[parser].parse(markdown)))


def _texts(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if token.type in _TEXTS:
            found.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or token.content == "<br>":
            found.append("\n")
        elif token.type == "html_inline" and not _INLINE_HTML_RE.fullmatch(token.content):
            found.append(token.content)
        elif token.children and token.type != "image":
            found += _texts(token.children)
        if token.block:
            found.append("\n")
    return found


class Parsed(HTMLParser):
    """The elements with their attributes, and the text, of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.parts)


_BREAKING = frozenset(
    "p li ul ol td th tr pre br h1 h2 h3 h4 h5 h6 dt dd caption figcaption blockquote".split()
)


def html_text(html: str) -> str:
    return Parsed(html).text


def tei_text(written: str) -> str:
    """The text of the body of a TEI document."""
    body = ElementTree.fromstring(written.encode()).find(".//{*}body")
    assert body is not None
    return "".join(_texts_of(body))


_WITHIN_LINES = frozenset(("hi", "ref", "q", "formula", "code"))


def _texts_of(element: ElementTree.Element) -> list[str]:
    end = "" if element.tag.split("}")[1] in _WITHIN_LINES else "\n"
    found = [end, element.text or ""]
    for child in element:
        found += [*_texts_of(child), child.tail or ""]
    return [*found, end]


def without_formulas(doc: Document) -> Document:
    """A document whose formulas are shown as their text, to be compared."""
    outline = doc.outline
    elements = tuple(
        Element(e.tag, e.parent, {k: v for k, v in e.attrs.items() if k != "tex"})
        for e in outline.elements
    )
    doc.__dict__["outline"] = outline._replace(elements=elements)
    return doc


def fixtures() -> list[str | bytes]:
    """The sources of all fixtures."""
    flat = [path.read_text(encoding="utf-8") for path in SEEDS]
    flat += [marked(path.read_text(encoding="utf-8")).source for path in ARTICLES]
    return [*flat, *((page / "source.html").read_bytes() for page in PAGES)]


def corpus_pages(folder: Path, step: int) -> list[bytes]:
    """Every so-manieth page of the corpora."""
    from benchmarks.corpora import LOADERS

    return [page.html for load in LOADERS.values() for page in islice(load(folder), 0, None, step)]
