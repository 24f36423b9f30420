"""TEI P5, as corpora of texts use it: a header, and the text in divisions below their heads.

See https://tei-c.org/release/doc/tei-p5-doc/en/html/ (the elements used are of TEI simplePrint, and
``formula``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from declutter.writers.tree import (
    HEADINGS,
    MAX_NUMBER,
    MAX_SPAN,
    UNITS,
    Tag,
    number_of,
    rows_as_text,
    unwrapped,
)

NAMESPACE = "http://www.tei-c.org/ns/1.0"
# elements of the tree by TEI's names and what they say
_NAMES: dict[str, tuple[str, dict[str, str]]] = {
    "p": ("p", {}),
    "blockquote": ("quote", {}),
    "ul": ("list", {"rend": "bulleted"}),
    "ol": ("list", {"rend": "numbered"}),
    "li": ("item", {}),
    "dl": ("list", {"type": "gloss"}),
    "dt": ("label", {}),
    "dd": ("item", {}),
    "table": ("table", {}),
    "caption": ("head", {}),
    "tr": ("row", {}),
    "td": ("cell", {}),
    "th": ("cell", {"role": "label"}),
    "a": ("ref", {}),
    "code": ("code", {}),
    "q": ("q", {}),
    "br": ("lb", {}),
}
_RENDS = {"strong": "bold", "em": "italic", "sub": "subscript", "sup": "superscript"}
_RENDS.update({"del": "strikethrough", "ins": "underline", "u": "underline", "mark": "highlight"})
# XML has no place for most control signs, nor for half of a pair
_ILLEGAL_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LANGUAGE_RE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def write(
    content: Tag,
    *,
    links: bool = True,
    images: bool = False,
    tables: bool = True,
    about: Mapping[str, Any] | None = None,
) -> str:
    """The TEI document of a tree; ``about`` has fields of the schema's metadata.

    >>> written = write(Tag("body", {}, [Tag("p", {}, ["A & B"])]), about={"title": "C"})
    >>> "<title>C</title>" in written, "<p>A &amp; B</p>" in written
    (True, True)
    """
    root = Element("TEI", xmlns=NAMESPACE)
    _header(SubElement(root, "teiHeader"), about or {})
    body = SubElement(SubElement(root, "text"), "body")
    _Writer(links, images, tables).divisions(content.children, body)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'


def _header(header: Element, about: Mapping[str, Any]) -> None:
    """What is known of the page: its title and author, where and when it stood."""
    file = SubElement(header, "fileDesc")
    statement = SubElement(file, "titleStmt")
    source = SubElement(SubElement(file, "sourceDesc"), "bibl")
    for parent in (statement, source):
        _add(parent, "title", about.get("title") or "Untitled")
        for author in about.get("authors") or ():
            _add(parent, "author", author)
    for name, field in (("publisher", "site_name"), ("date", "date_published")):
        if about.get(field):
            _add(source, name, about[field])
    if about.get("canonical_url"):
        SubElement(source, "ptr", target=_legal(about["canonical_url"]))
    publication = Element("publicationStmt")
    file.insert(1, publication)
    _add(publication, "p", about.get("license") or "Text of a web page, without its boilerplate.")
    profile = SubElement(header, "profileDesc")
    language = about.get("language") or ""
    if _LANGUAGE_RE.fullmatch(language):
        SubElement(SubElement(profile, "langUsage"), "language", ident=language)
    if about.get("tags"):
        keywords = SubElement(SubElement(profile, "textClass"), "keywords")
        for tag in about["tags"]:
            _add(keywords, "term", tag)


def _add(parent: Element, name: str, text: str) -> Element:
    """A new element with text, at the end of another."""
    element = SubElement(parent, name)
    element.text = _legal(text)
    return element


def _legal(text: str) -> str:
    return _ILLEGAL_RE.sub("\ufffd", text)


class _Writer:
    def __init__(self, links: bool, images: bool, tables: bool) -> None:
        self.links, self.images, self.tables = links, images, tables

    def divisions(self, children: Sequence[Tag | str], body: Element) -> None:
        """The blocks of a text; those below a heading in a division of their own."""
        open_ = [(0, body)]
        for child in children:
            if isinstance(child, Tag) and child.name in HEADINGS:
                level = int(child.name[1])
                while open_[-1][0] >= level:
                    open_.pop()
                open_.append((level, SubElement(open_[-1][1], "div")))
                self.fill(SubElement(open_[-1][1], "head"), child.children)
            else:
                self.put(open_[-1][1], child)

    def fill(self, parent: Element, children: Sequence[Tag | str]) -> None:
        for child in children:
            self.put(parent, child)

    def put(self, parent: Element, item: Tag | str) -> None:
        """Write a part of the tree at the end of an element."""
        if isinstance(item, str):
            last = parent[-1] if len(parent) else None
            if last is None:
                parent.text = (parent.text or "") + _legal(item)
            else:
                last.tail = (last.tail or "") + _legal(item)
        elif item.name == "img":
            self._image(parent, item)
        elif item.name == "table" and not self.tables:
            self.fill(parent, rows_as_text(item))
        elif (item.name == "a" and not self.links) or item.name in ("figure", "figcaption"):
            self.fill(parent, item.children)
        else:
            element = self._element(parent, item)
            self.fill(element, unwrapped(item) if item.name in UNITS else item.children)

    def _element(self, parent: Element, tag: Tag) -> Element:
        """The element of TEI for one of the tree."""
        name = tag.name
        if name in _RENDS:
            return SubElement(parent, "hi", rend=_RENDS[name])
        if name in HEADINGS:  # amid a quotation, an item or a cell
            return SubElement(parent, "ab", type="head")
        if name == "math":
            tag.children[:] = [tag.attrs["tex"]]
            return SubElement(parent, "formula", notation="TeX")
        if name == "pre":
            named = {"lang": tag.attrs["language"]} if "language" in tag.attrs else {}
            return SubElement(SubElement(parent, "ab", type="code"), "code", named)
        element = SubElement(parent, *_NAMES[name])
        if name == "a":
            element.set("target", _legal(tag.attrs["href"]))
        if name == "ol" and (start := number_of(tag, "start", 1, -MAX_NUMBER, MAX_NUMBER)) != 1:
            element.set("n", str(start))
        for attribute, wanted in (("cols", "colspan"), ("rows", "rowspan")):
            if wanted in tag.attrs and (span := number_of(tag, wanted, 1, 1, MAX_SPAN)) > 1:
                element.set(attribute, str(span))
        return element

    def _image(self, parent: Element, tag: Tag) -> None:
        if self.images:
            figure = SubElement(parent, "figure")
            SubElement(figure, "graphic", url=_legal(tag.attrs["src"]))
            if tag.attrs.get("alt"):
                _add(figure, "figDesc", tag.attrs["alt"])
