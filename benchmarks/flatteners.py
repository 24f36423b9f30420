"""How pages lose their structure before they reach a cleaner: HTML to text as seen in the wild."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from declutter.readers.encoding import decode

Flatten = Callable[[str], str]


def _parsed(html: str) -> Any:
    from lxml import html as lxml_html

    return lxml_html.document_fromstring(html.encode(), lxml_html.HTMLParser(encoding="utf-8"))


def text_content(html: str) -> str:
    """lxml's ``text_content()`` with style sheets left in: blocks are glued end to end."""
    tree = _parsed(html)
    for script in tree.xpath("//script|//noscript|//template"):
        script.drop_tree()
    return str(tree.text_content())


def html_text(html: str) -> str:
    """The html-text package: lines and paragraphs guessed from the elements."""
    import html_text as package

    return str(package.extract_text(html))


def inscriptis(html: str) -> str:
    """The inscriptis package: text laid out as a browser would, tables with spaces."""
    from inscriptis import get_text

    return str(get_text(html))


def _soup(html: str) -> Any:
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    with warnings.catch_warnings(category=XMLParsedAsHTMLWarning, action="ignore"):
        soup = BeautifulSoup(html, "lxml")
    for tag in soup(["script", "style", "template"]):
        tag.decompose()
    return soup


def lines_of_strings(html: str) -> str:
    """BeautifulSoup's ``get_text("\\n")``: sentences broken at inline elements."""
    return str(_soup(html).get_text("\n", strip=True))


def one_line(html: str) -> str:
    """BeautifulSoup's ``get_text(" ")``, all in one line."""
    return str(_soup(html).get_text(" ", strip=True)).replace("\n", " ")


def resiliparse(html: str) -> str:
    """Resiliparse's plain text, as in files made from crawls (WET-like)."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=False, alt_texts=False))


FLATTENERS: dict[str, Flatten] = {
    "text_content": text_content,
    "html-text": html_text,
    "inscriptis": inscriptis,
    "get_text lines": lines_of_strings,
    "get_text one line": one_line,
    "resiliparse": resiliparse,
}


def flattened(data: bytes, name: str) -> str:
    """The text of a page; empty where the flattener cannot read it."""
    html = decode(data, None).text
    try:
        return FLATTENERS[name](html)
    except ImportError as error:
        raise SystemExit(f"{error}: pip install -e '.[bench]'") from None
    except Exception:  # each has its own ways to refuse a page
        return ""
