"""Every tool that is measured, behind one signature: the bytes of a page to its main text.

Each is called as its own documentation says, with the same options on every corpus. Where it
has a switch, readers' comments and the alternative texts of images are left out, for no gold
standard holds them. Tools that take no bytes get text decoded by their own means, or else by
beautifulsoup4. Tools that want to know the language are told it. Nothing is imported before a
tool is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from benchmarks.languages import language, stop_lists

Extract = Callable[[bytes], str]

# what the gold standards ask of declutter: headlines and readers' comments, in or out
CONVENTIONS: dict[str, dict[str, Any]] = {
    "wcxb": {"title": False},
    "daniel": {"title": True},
    "trafilatura": {"title": False, "comments": "drop"},
    "scrapinghub": {"title": False, "comments": "drop"},
}


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: how it is loaded, and the package (as pip knows it) that it comes from."""

    package: str
    load: Callable[[], Extract]

    def version(self) -> str | None:
        """The installed version, None where there is none."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


def declutter_for(corpus: str, focus: str = "balanced") -> Extract:
    """Declutter by the conventions of a corpus."""
    import declutter

    options = {"kind": "html", "focus": focus, **CONVENTIONS.get(corpus, {})}
    return lambda html: declutter.clean(html, **options)


def _trafilatura(**options: Any) -> Callable[[], Extract]:
    def load() -> Extract:
        from trafilatura import extract

        return lambda html: extract(html, include_comments=False, **options) or ""

    return load


def _resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def extract(html: bytes) -> str:
        tree = HTMLTree.parse_from_bytes(html, detect_encoding(html) or "utf-8")
        return str(extract_plain_text(tree, main_content=True, comments=False, alt_texts=False))

    return extract


def _readability() -> Extract:
    from readability import Document

    return lambda html: _text(Document(html).summary())


def _magic_html() -> Extract:
    from magic_html import GeneralExtractor
    from magic_html.utils import decode_file

    extractor = GeneralExtractor()
    return lambda html: _text(extractor.extract(decode_file(html))["html"])


def _newspaper() -> Extract:
    import newspaper
    from newspaper.utils import get_available_languages

    languages = frozenset(get_available_languages())

    # an address is demanded; images would be fetched from the net
    def extract(html: bytes) -> str:
        code = language(_decoded(html))
        page = newspaper.article(
            "https://example.org/",
            language=code if code in languages else None,
            input_html=html,
            fetch_images=False,
        )
        return str(page.text)

    return extract


def _boilerpy() -> Extract:
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor()
    return lambda html: str(extractor.get_content(_decoded(html)))


def _goose() -> Extract:
    from goose3 import Goose
    from goose3.text import StopWordsChinese

    def extract(html: bytes) -> str:
        text = _decoded(html)
        code = language(text) or "en"
        options: dict[str, Any] = {"use_meta_language": False, "target_language": code}
        if code == "zh":
            options["stopwords_class"] = StopWordsChinese
        with Goose(options) as goose:
            return str(goose.extract(raw_html=text).cleaned_text)

    return extract


def _justext() -> Extract:
    import justext
    from justext.core import decode_html

    # without a stop list, its documented language-independent mode (all densities 0)
    def extract(html: bytes) -> str:
        stops = stop_lists().get(language(decode_html(html)) or "", frozenset())
        modes: dict[str, float] = {} if stops else {"stopwords_low": 0.0, "stopwords_high": 0.0}
        paragraphs = justext.justext(html, stops, **modes)
        return "\n".join(str(p.text) for p in paragraphs if not p.is_boilerplate)

    return extract


def _decoded(html: bytes) -> str:
    from bs4.dammit import UnicodeDammit

    return UnicodeDammit(html, is_html=True).unicode_markup or html.decode("utf-8", "replace")


_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr "
    "ul".split()
)


def _text(html: str) -> str:
    """The text of a tool's HTML, with line breaks around blocks."""
    import lxml.etree
    import lxml.html

    if not html.strip():
        return ""
    parts = []
    events = ("start", "end", "comment", "pi")
    for event, element in lxml.etree.iterwalk(lxml.html.fromstring(html), events=events):
        if element.tag in _BLOCKS:
            parts.append("\n")
        parts.append((element.text if event == "start" else element.tail) or "")
    return "".join(parts)


PEERS = {
    "declutter": Peer("declutter", lambda: declutter_for("")),
    "trafilatura": Peer("trafilatura", _trafilatura()),
    "trafilatura-fast": Peer("trafilatura", _trafilatura(fast=True)),
    "trafilatura-precision": Peer("trafilatura", _trafilatura(favor_precision=True)),
    "trafilatura-recall": Peer("trafilatura", _trafilatura(favor_recall=True)),
    "resiliparse": Peer("resiliparse", _resiliparse),
    "readability": Peer("readability-lxml", _readability),
    "justext": Peer("justext", _justext),
    "magic-html": Peer("magic-html", _magic_html),
    "newspaper4k": Peer("newspaper4k", _newspaper),
    "boilerpy3": Peer("boilerpy3", _boilerpy),
    "goose3": Peer("goose3", _goose),
}


def chosen(option: str) -> tuple[list[str], list[str]]:
    """The tools to run, and a line for each that is asked for but not installed.

    >>> chosen("declutter")
    (['declutter'], [])
    """
    asked = list(PEERS) if option == "all" else option.split(",")
    if unknown := [name for name in asked if name not in PEERS]:
        raise SystemExit(f"no such peer: {', '.join(unknown)} (known: {', '.join(PEERS)})")
    there = [name for name in asked if PEERS[name].version()]
    hints = [
        f"{name}: not installed: pip install {PEERS[name].package}"
        for name in asked
        if name not in there
    ]
    return there, hints
