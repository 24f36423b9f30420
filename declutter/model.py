"""The types that every stage shares: frozen, standard library only.

A :class:`Document` is one string of visible text with layers over it. All offsets
everywhere are code points of ``Document.text``, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple, Protocol


class Category(str, Enum):
    """What a removed span is. The value is the name users write and read."""

    CSS = "css"
    SCRIPT = "script"
    NAVIGATION = "navigation"
    BREADCRUMB = "breadcrumb"
    SHARE = "share"
    SUBSCRIPTION = "subscription"
    DONATION = "donation"
    NEWSLETTER = "newsletter"
    LOGIN = "login"
    CONSENT = "consent"
    COMMENT_PROMPT = "comment-prompt"
    COMMENT = "comment"
    RELATED = "related"
    ADVERTISEMENT = "advertisement"
    LEGAL = "legal"
    APP = "app"
    MEDIA_PLAYER = "media-player"
    NOTICE = "notice"
    COUNTER = "counter"
    CONTACT = "contact"
    BYLINE = "byline"
    CAPTION = "caption"
    DUPLICATE = "duplicate"
    LOW_CONTENT = "low-content"

    def __str__(self) -> str:
        return self.value


# parts of an article that not every caller wants
CREDITS = frozenset((Category.BYLINE, Category.CAPTION))

MEANING: Mapping[Category, str] = {
    Category.CSS: "style sheets that came out as text",
    Category.SCRIPT: "scripts, JSON-LD and template residue that came out as text",
    Category.NAVIGATION: "menus, skip links, section lists, page controls",
    Category.BREADCRUMB: "the path of sections above a headline",
    Category.SHARE: "share bars and invitations to follow a site elsewhere",
    Category.SUBSCRIPTION: "offers of subscriptions, paywall lines, trials",
    Category.DONATION: "appeals for donations or membership",
    Category.NEWSLETTER: "newsletter boxes and e-mail sign-ups",
    Category.LOGIN: "log-in, registration and account lines",
    Category.CONSENT: "cookie and privacy consent",
    Category.COMMENT_PROMPT: "invitations to comment and the rules of commenting",
    Category.COMMENT: "what readers wrote under an article",
    Category.RELATED: "read-more lines, related and popular headlines",
    Category.ADVERTISEMENT: "ad labels, sponsored and affiliate lines, shop buttons",
    Category.LEGAL: "copyright, terms, disclaimers, imprint",
    Category.APP: "invitations to install an app or to allow notifications",
    Category.MEDIA_PLAYER: "the controls of audio and video players and galleries",
    Category.NOTICE: "notes about the browser, JavaScript, ad blockers, loading",
    Category.COUNTER: "reading time, views, likes and other counts",
    Category.CONTACT: "contact lines, author boxes, calls for tips",
    Category.BYLINE: "author and date lines (kept unless asked otherwise)",
    Category.CAPTION: "picture captions and credits (kept unless asked otherwise)",
    Category.DUPLICATE: "text that stands on the page already",
    Category.LOW_CONTENT: "text that does not read or stand like main content",
}


# named tuples: a page has hundreds of these, and they are several times cheaper to make
class Node(NamedTuple):
    """An element around blocks, as far as decisions need it.

    ``tokens`` are the lower-cased words of its class, id and role; ``parent`` is an
    index into ``Document.nodes`` (-1 at the root).
    """

    tag: str
    tokens: tuple[str, ...]
    parent: int


class Block(NamedTuple):
    """A run of inline content (HTML) or a line (flattened text), never empty.

    ``node`` indexes ``Document.nodes`` (-1 for flattened text); ``link_chars`` counts the
    characters inside links, ``links`` and ``images`` the elements; ``kind`` is one of
    ``paragraph``, ``heading``, ``item``, ``row``, ``pre``, ``line``, ``level`` that of a
    heading (else 0); ``hidden`` says that a browser would not show the block,
    ``noscript`` that it shows it only without scripts.
    """

    start: int
    end: int
    node: int = -1
    link_chars: int = 0
    links: int = 0
    images: int = 0
    kind: str = "line"
    level: int = 0
    hidden: bool = False
    noscript: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An inline span: ``link`` (``value`` is its address), ``strong``, ``em``, ``code``."""

    start: int
    end: int
    kind: str
    value: str = ""


class Element(NamedTuple):
    """An element of a page that a writer shows, by its HTML name (``strong`` for ``b``, too).

    ``parent`` is an index into :attr:`Outline.elements` (-1 at the root). ``math`` is a formula
    whose LaTeX is its attribute ``tex``.
    """

    tag: str
    parent: int
    attrs: Mapping[str, str]


class Piece(NamedTuple):
    """A part of the text in one element, or a place in it (of an image, a cell, a formula).

    ``element`` indexes :attr:`Outline.elements`, ``block`` ``Document.blocks`` (both -1: none).
    """

    start: int
    end: int
    element: int
    block: int


class Outline(NamedTuple):
    """The elements that a document's text stands in, by its pieces in order."""

    elements: tuple[Element, ...]
    pieces: tuple[Piece, ...]
    base: str = ""  # what relative addresses of the page stand below, if it says so


class Layout(Protocol):
    """What a reader knows of all elements, told when asked."""

    @property
    def data(self) -> bytes:
        """What was parsed."""

    def outline(self, doc: Document) -> Outline:
        """The elements around the text of a document that the reader made."""


class Inline(Protocol):
    """What a reader knows of inline elements, told when asked."""

    def marks(self) -> tuple[Mark, ...]:
        """The inline marks of a document, by start and length, outer ones first."""


@dataclass(frozen=True)
class Document:
    """What a reader makes of a source: visible text once, in order, and its layers.

    ``veils`` are the marks that rules ask for on every page: code and hidden words;
    ``kinds`` what the page declares itself to be (schema.org types, OpenGraph's type); ``picks``
    what the selectors of the caller's rules choose (``value`` is the id of the rule).
    """

    text: str
    kind: str
    blocks: tuple[Block, ...]
    nodes: tuple[Node, ...] = ()
    veils: tuple[Mark, ...] = ()
    kinds: frozenset[str] = frozenset()
    title: str | None = None
    description: str = ""
    language: str | None = None
    encoding: str | None = None
    warnings: tuple[str, ...] = ()
    picks: tuple[Mark, ...] = ()
    inline: Inline | None = field(default=None, repr=False, compare=False)
    layout: Layout | None = field(default=None, repr=False, compare=False)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """All inline marks, worked out on first use."""
        return self.inline.marks() if self.inline else ()

    @cached_property
    def outline(self) -> Outline:
        """The elements around the text, worked out on first use; none of a flattened text."""
        if self.layout is not None:
            return self.layout.outline(self)
        lines = enumerate(self.blocks)
        return Outline((), tuple(Piece(b.start, b.end, -1, at) for at, b in lines))

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the marks instead of the tokens they come from."""
        return {**self.__dict__, "marks": self.marks, "inline": None}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a span. Positive ``weight`` means boilerplate, negative content."""

    start: int
    end: int
    category: Category
    rule: str
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A span that was taken out, by which rule, and the words that went.

    ``weight`` is what speaks for boilerplate, in log odds: the sum of a rule's findings, or what
    the score says against main content.
    """

    start: int
    end: int
    category: Category
    rule: str
    weight: float
    why: str
    text: str = field(repr=False)


class Prices(NamedTuple):
    """What it costs to begin a cut, in log odds, by what stands before it; and to cut others."""

    line: float
    seam: float  # of sentences or items of a line
    unit: float  # of words within one; to end a cut there, too
    glue: float  # of a word that has no space before it; to end a cut there, too
    sentence: float  # for each piece of one, in a text that is hardly main content ...
    clean_sentence: float  # ... and in one that is nothing else
    clean_item: float  # for each piece of lists and tables amid sentences there


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a page besides its text; what the page does not tell is None or empty.

    Dates are ISO 8601, a day or a time as the page has it. ``license`` is a Creative Commons
    licence by its short name, else the address or the words that the page gives. ``page_type``
    is ``article``, ``forum``, ``product`` or ``collection``, where the page declares itself one.
    ``sources`` tells, by field, where its value was found: ``json-ld``, ``opengraph``, ``meta``,
    ``dublin-core``, ``microdata``, ``html`` (elements made for it: title, h1, lang), ``rel``,
    ``class`` (an element that is named so), ``byline``, ``time``, ``text``, ``url``.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    date_published: str | None = None
    date_modified: str | None = None
    site_name: str | None = None
    language: str | None = None
    description: str | None = None
    canonical_url: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()
    license: str | None = None
    page_type: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: all fields, in order, lists for tuples.

        >>> Metadata(title="A", sources={"title": "html"}).as_dict()["sources"]
        {'title': 'html'}
        """
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        found.update(authors=list(self.authors), tags=list(self.tags), sources=dict(self.sources))
        return found
