"""The fields of metadata that take no more than a look: description, image, tags and others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from declutter.errors import MissingExtra
from declutter.meta import jsonld
from declutter.meta.language import SAMPLE, language_of
from declutter.meta.page import Page
from declutter.meta.titles import Named, key
from declutter.segment import is_sentence_like

Tags = tuple[tuple[str, ...], str]

_LICENSE_RE = re.compile(
    r"creativecommons\.org/(?:licen[sc]es/([a-z\-]+)|publicdomain/(zero|mark))(?:/(\d\.\d))?(?:/([a-z]{2})\b)?",
    re.IGNORECASE,
)
MAX_TAGS = 50
MAX_TAG = 80
# what a page says it is (schema.org, OpenGraph), the telling ones first
PAGE_TYPES: Mapping[str, frozenset[str]] = {
    "forum": frozenset(("discussionforumposting", "qapage")),
    "collection": frozenset(("collectionpage", "og:product.group", "offercatalog")),
    "product": frozenset(("product", "productgroup", "og:product")),
    "article": frozenset(
        "article newsarticle blogposting scholarlyarticle reportagenewsarticle techarticle "
        "liveblogposting opinionnewsarticle analysisnewsarticle report og:article".split()
    ),
}


def page_type(kinds: frozenset[str]) -> str | None:
    """What a page says it is: forum, collection, product or article; None where it does not.

    >>> page_type(frozenset(("og:article", "qapage"))), page_type(frozenset(("website",)))
    ('forum', None)
    """
    return next((name for name, known in PAGE_TYPES.items() if known & kinds), None)


def declared_type(page: Page) -> Named | None:
    """What a page says it is, and in which words."""
    found = page_type(page.doc.kinds)
    if found is None:
        return None
    schema = PAGE_TYPES[found] & page.doc.kinds
    if all(kind.startswith("og:") for kind in schema):
        return found, "opengraph"
    in_json = any(schema & jsonld.types(item) for item in page.objects)
    return found, "json-ld" if in_json else "microdata"


def language(page: Page) -> Named | None:
    """The language that a page declares, as it writes it."""
    if found := page.declared.language or page.doc.language:
        return found, "html"
    meta = page.declared.meta
    if found := meta("content-language", "language", "inlanguage"):
        return found.split(",")[0].strip(), "meta"
    if found := meta("og:locale"):
        return found.replace("_", "-"), "opengraph"
    if found := next((t for o in page.about if (t := jsonld.text(o.get("inLanguage")))), ""):
        return found, "json-ld"
    if found := meta("dc.language", "dcterms.language"):
        return found, "dublin-core"
    return _read_language(page)


def _read_language(page: Page) -> Named | None:
    """The language that the prose of a page reads like, where a library to tell is installed."""
    prose, size = [], 0
    for line in page.lines:
        if size < SAMPLE and is_sentence_like(line):
            prose.append(line)
            size += len(line)
    try:
        found = language_of(None, "\n".join(prose))
    except MissingExtra:
        return None
    return (found, "text") if found else None


def description(page: Page) -> Named | None:
    """What the page says it is about."""
    meta = page.declared.meta
    told = (
        (meta("description"), "meta"),
        (meta("og:description"), "opengraph"),
        (next((t for o in page.about if (t := jsonld.text(o.get("description")))), ""), "json-ld"),
        (meta("twitter:description"), "meta"),
        (meta("dc.description", "dcterms.description", "dcterms.abstract"), "dublin-core"),
    )
    return next(((text, source) for text, source in told if text), None)


def canonical(page: Page) -> Named | None:
    """The address that the page gives as its own."""
    if found := page.canonical:
        return found, "rel" if page.declared.links.get("canonical") else "opengraph"
    return None


def image(page: Page) -> Named | None:
    """The address of the picture that stands for the page."""
    meta = page.declared.meta
    told = (
        (meta("og:image:secure_url", "og:image", "og:image:url"), "opengraph"),
        (meta("twitter:image", "twitter:image:src"), "meta"),
        (next((t for o in page.articles if (t := _address(o.get("image")))), ""), "json-ld"),
        (next(iter(page.declared.links.get("image_src", ())), ""), "rel"),
        (meta("thumbnail", "image"), "meta"),
    )
    absolute = ((page.absolute(text), source) for text, source in told if text)
    return next(((text, source) for text, source in absolute if text), None)


def _address(value: object) -> str:
    """The address of an image, however it is given."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return value if isinstance(value, str) else ""


def tags(page: Page) -> Tags | None:
    """The page's tags, from the first place that has some."""
    for texts, source in _tagged(page):
        split = (tag.strip() for text in texts for tag in re.split("[,;|]", text))
        found = {key(tag): tag for tag in split if 1 < len(tag) <= MAX_TAG and key(tag)}
        if found:
            return tuple(found.values())[:MAX_TAGS], source
    return None


def _tagged(page: Page) -> Iterator[tuple[tuple[str, ...], str]]:
    metas = page.declared.metas
    rels = ((spot.text, spot.rel.split()) for spot, _ in page.spots)
    yield tuple(text for text, rel in rels if "tag" in rel and "category" not in rel), "rel"
    yield metas.get("article:tag", ()), "opengraph"
    for item in page.articles:
        words = item.get("keywords")
        yield tuple(map(jsonld.text, words if isinstance(words, list) else [words])), "json-ld"
    for name in ("news_keywords", "keywords", "parsely-tags", "sailthru.tags"):
        yield metas.get(name, ()), "meta"
    yield metas.get("dc.subject", ()), "dublin-core"


def license(page: Page) -> Named | None:
    """The licence of the page."""
    return next(((_licensed(text), source) for text, source in _licenses(page) if text), None)


def _licenses(page: Page) -> Iterator[Named]:
    yield from ((href, "rel") for href in page.declared.links.get("license", ()))
    yield from ((spot.value, "rel") for spot, _ in page.spots if "license" in spot.rel.split())
    yield from ((jsonld.text(item.get("license")), "json-ld") for item in page.articles)
    meta = page.declared.meta
    yield meta("dc.rights", "dcterms.rights", "dcterms.license"), "dublin-core"


def _licensed(text: str) -> str:
    """A licence by its short name, where it is one of Creative Commons.

    >>> _licensed("https://creativecommons.org/licenses/by-sa/3.0/de/")
    'CC BY-SA 3.0 DE'
    """
    match = _LICENSE_RE.search(text)
    if match is None:
        return text
    kind = match[1] or {"zero": "0", "mark": "PDM"}[match[2].lower()]
    parts = (f"CC {kind.upper()}".replace("CC 0", "CC0"), match[3], (match[4] or "").upper())
    return " ".join(part for part in parts if part)


READERS: Mapping[str, Callable[[Page], Named | None]] = {
    "site_name": lambda page: page.site,
    "language": language,
    "description": description,
    "canonical_url": canonical,
    "image": image,
    "license": license,
    "page_type": declared_type,
}
