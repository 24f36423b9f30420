"""What a page tells of itself: by field and source, by trap, and on hostile input."""

from __future__ import annotations

import json
import pickle
import sys
import time
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import declutter
from declutter.cli import main
from declutter.meta import dates, jsonld, language, names
from declutter.model import Metadata

PROSE = "<p>The old bridge over the river reopened on Monday, two years after the flood.</p>"
KEYS = (
    "title authors date_published date_modified site_name language description canonical_url "
    "image tags license page_type sources"
).split()
LATEST = date(2026, 1, 1)


def read(html: str, **options: Any) -> Metadata:
    page = html if "<body" in html else f"{html}<body>{PROSE}"
    return declutter.metadata(f"<!doctype html>{page}", latest=LATEST, **options)


def meta(name: str, content: str, key: str = "name") -> str:
    return f'<meta {key}="{name}" content="{content}">'


def og(name: str, content: str) -> str:
    return meta(name, content, "property")


def ld(*objects: Any) -> str:
    blocks = [text if isinstance(text, str) else json.dumps(text) for text in objects]
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in blocks)


def article(**properties: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "headline": "Bridge reopens", **properties}


def body(html: str) -> str:
    return f"<body>{html}{PROSE}"


# the markup, the field, its value and its source
SOURCES: list[tuple[str, str, Any, str | None]] = [
    # title
    ("<title>Bridge reopens</title>", "title", "Bridge reopens", "html"),
    (body("<h1>Bridge reopens</h1>"), "title", "Bridge reopens", "html"),
    (og("og:title", "Bridge reopens"), "title", "Bridge reopens", "opengraph"),
    (meta("DC.title", "Bridge reopens"), "title", "Bridge reopens", "dublin-core"),
    (ld(article()), "title", "Bridge reopens", "json-ld"),
    ("", "title", None, None),
    # authors
    (ld(article(author="Eva Moss")), "authors", ("Eva Moss",), "json-ld"),
    (ld(article(author={"name": "Eva Moss"})), "authors", ("Eva Moss",), "json-ld"),
    (ld(article(author=[{"name": "Eva Moss"}, {"name": "Tom Reed"}])), "authors",
     ("Eva Moss", "Tom Reed"), "json-ld"),
    (meta("author", "Eva Moss"), "authors", ("Eva Moss",), "meta"),
    (meta("twitter:label1", "Written by") + meta("twitter:data1", "Eva Moss"), "authors",
     ("Eva Moss",), "meta"),
    (og("article:author", "Eva Moss"), "authors", ("Eva Moss",), "opengraph"),
    (meta("DC.creator", "Moss, Eva"), "authors", ("Eva Moss",), "dublin-core"),
    (body('<div itemscope itemtype="https://schema.org/Article"><span itemprop="author" itemscope>'
          'By <b itemprop="name">Eva Moss</b></span></div>'), "authors", ("Eva Moss",),
     "microdata"),
    (body('<h1>Bridge</h1><a rel="author" href="/eva">Eva Moss</a>'), "authors", ("Eva Moss",),
     "rel"),
    (body("<h1>Bridge reopens</h1><p>By Eva Moss"), "authors", ("Eva Moss",), "byline"),
    (body('<h1>Bridge</h1><p class="author-name">Eva Moss'), "authors", ("Eva Moss",), "class"),
    ("", "authors", (), None),
    # days
    (og("article:published_time", "2024-03-05T10:30:00+0100"), "date_published",
     "2024-03-05T10:30:00+01:00", "opengraph"),
    (ld(article(datePublished="2024-03-05T10:30Z")), "date_published",
     "2024-03-05T10:30:00+00:00", "json-ld"),
    (meta("date", "2024-03-05"), "date_published", "2024-03-05", "meta"),
    (meta("DCTERMS.issued", "2024-03-05"), "date_published", "2024-03-05", "dublin-core"),
    (body('<time itemprop="datePublished" datetime="2024-03-05">today</time>'), "date_published",
     "2024-03-05", "microdata"),
    (body('<h1>Bridge</h1><div><div><time datetime="2024-03-05">today</time>'), "date_published",
     "2024-03-05", "time"),
    (body("<h1>Bridge reopens</h1><p>5 March 2024"), "date_published", "2024-03-05", "text"),
    (body(f"<h1>Bridge reopens</h1>{PROSE * 9}<p>Published: 5 March 2024"), "date_published",
     "2024-03-05", "text"),
    (og("article:modified_time", "2024-03-06"), "date_modified", "2024-03-06", "opengraph"),
    (ld(article(dateModified="2024-03-06")), "date_modified", "2024-03-06", "json-ld"),
    (body("<h1>Bridge reopens</h1><p>Updated 6 March 2024"), "date_modified", "2024-03-06",
     "text"),
    # the others
    (og("og:site_name", "Gazette"), "site_name", "Gazette", "opengraph"),
    (ld(article(publisher={"name": "Gazette"})), "site_name", "Gazette", "json-ld"),
    (ld({"@type": "WebSite", "name": "Gazette"}), "site_name", "Gazette", "json-ld"),
    (meta("application-name", "Gazette"), "site_name", "Gazette", "meta"),
    ('<html lang="de-AT">', "language", "de-AT", "html"),
    (meta("content-language", "de, en", "http-equiv"), "language", "de", "meta"),
    (og("og:locale", "de_AT"), "language", "de-AT", "opengraph"),
    (ld(article(inLanguage="de")), "language", "de", "json-ld"),
    (meta("description", "A bridge."), "description", "A bridge.", "meta"),
    (og("og:description", "A bridge."), "description", "A bridge.", "opengraph"),
    ('<link rel="canonical" href="https://a.org/b">', "canonical_url", "https://a.org/b", "rel"),
    (og("og:url", "https://a.org/b"), "canonical_url", "https://a.org/b", "opengraph"),
    (og("og:image", "https://a.org/b.png"), "image", "https://a.org/b.png", "opengraph"),
    (ld(article(image={"url": "https://a.org/b.png"})), "image", "https://a.org/b.png",
     "json-ld"),
    (body('<a rel="tag">Bridges</a><a rel="tag">Rivers</a>'), "tags", ("Bridges", "Rivers"),
     "rel"),
    (og("article:tag", "Bridges") + og("article:tag", "Rivers"), "tags", ("Bridges", "Rivers"),
     "opengraph"),
    (ld(article(keywords="Bridges, Rivers")), "tags", ("Bridges", "Rivers"), "json-ld"),
    (meta("keywords", "Bridges; Rivers"), "tags", ("Bridges", "Rivers"), "meta"),
    ('<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">', "license",
     "CC BY 4.0", "rel"),
    (body('<a rel="license" href="http://creativecommons.org/publicdomain/zero/1.0/">CC0</a>'),
     "license", "CC0 1.0", "rel"),
    (ld(article(license="https://a.org/terms")), "license", "https://a.org/terms", "json-ld"),
    (og("og:type", "article"), "page_type", "article", "opengraph"),
    (ld({"@type": "Product"}), "page_type", "product", "json-ld"),
    (body('<div itemscope itemtype="https://schema.org/QAPage"></div>'), "page_type", "forum",
     "microdata"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "field", "value", "source"), SOURCES)
def test_values_and_where_they_stand(html: str, field: str, value: Any, source: str | None) -> None:
    found = read(html)
    assert (getattr(found, field), found.sources.get(field)) == (value, source)


TITLES = [
    # the name of the site is no part of a title
    (og("og:site_name", "Harbour Gazette") + "<title>Bridge reopens - Harbour Gazette</title>",
     "Bridge reopens"),
    ("<title>Bridge reopens | News</title>", "Bridge reopens"),
    ("<title>Bridge reopens - after years | Gazette</title>", "Bridge reopens - after years"),
    # a headline that says more than the head
    ("<title>Bridge is open | Gazette</title><body><h1>Bridge is open again after years</h1>",
     "Bridge is open again after years"),
    # headings that are none
    (og("og:site_name", "Gazette") + og("og:title", "Bridge reopens")
     + "<body><h1>Gazette</h1><h1>Bridge reopens</h1>", "Bridge reopens"),
    ("<title>Bridge reopens</title><body><h1>Most read today</h1>", "Bridge reopens"),
    # escaped twice
    ("<title>Mills &amp;amp; bridges</title>", "Mills & bridges"),
    # a picture's
    ("<body><svg><title>Menu</title></svg><h1>Bridge reopens</h1>", "Bridge reopens"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "title"), TITLES)
def test_titles(html: str, title: str) -> None:
    assert read(html).title == title


NAMES = [
    ("By Eva Moss", ["Eva Moss"]),
    ("by: Eva Moss, Dec 17, 2025", ["Eva Moss"]),
    ("Von Eva Moss und Tom Reed", ["Eva Moss", "Tom Reed"]),
    ("Por Eva Moss y Tom Reed", ["Eva Moss", "Tom Reed"]),
    ("Автор: Ева Мосс", ["Ева Мосс"]),
    ("记者：李文", ["李文"]),
    ("كتبت: سلمى الهواري", ["سلمى الهواري"]),
    ("Eva Moss, Staff Writer", ["Eva Moss"]),
    ("Eva Moss, MD, RD", ["Eva Moss"]),
    ("Moss, Eva", ["Eva Moss"]),
    ("Eva Moss, Tom Reed and Ann Lee", ["Eva Moss", "Tom Reed", "Ann Lee"]),
    ("Eva Moss | Gazette", ["Eva Moss"]),
    ("Eva Moss (@evamoss)", ["Eva Moss"]),
    ("Eva Moss eva@a.org", ["Eva Moss"]),
    ("Ursula K. Le Guin", ["Ursula K. Le Guin"]),
    ("Von Braun", ["Von Braun"]),
    ("von Redaktion", ["Redaktion"]),
    ("3.5.2024 by Eva Moss", ["Eva Moss"]),
    ("<b>Eva Moss</b>", ["Eva Moss"]),
    ("https://facebook.com/gazette", []),
    ("admin", []),
    ("By", []),
    ("12345", []),
    ("{{ author }}", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "found"), NAMES)
def test_names(text: str, found: list[str]) -> None:
    assert names.clean(text) == found


AUTHORS: list[tuple[str, tuple[str, ...]]] = [
    # a byline names a person, what is declared does not
    (meta("author", "emoss") + body("<h1>Bridge reopens</h1><p>By Eva Moss"), ("Eva Moss",)),
    (meta("author", "emoss") + body("<h1>Bridge reopens</h1>"), ("emoss",)),
    # a site is no author, but where a byline says so
    (og("og:site_name", "Gazette") + meta("author", "gazette"), ()),
    # organisations, readers, other articles
    (ld(article(author={"@type": "Organization", "name": "Harbour Press"})), ()),
    (body('<h1>Bridge</h1><div class="comments"><b class="author-name">Tom Reed</b></div>'), ()),
    (body('<h1>Bridge</h1><aside class="related"><a rel="author">Tom Reed</a></aside>'), ()),
    (body('<div itemscope itemtype="https://schema.org/Review"><b itemprop="author">Tom Reed</b>'
          "</div>"), ()),
    # sentences
    (body("<h1>Bridge reopens</h1><p>By the river they sat down."), ()),
    # the makers of things that are sold
    (ld({"@type": "Product", "name": "Atlas"}) + body("<h1>Atlas</h1><p>by Eva Moss"), ()),
    # names that stand elsewhere in the JSON-LD
    (ld({"@graph": [article(author={"@id": "#eva"}),
                    {"@type": "Person", "@id": "#eva", "name": "Eva Moss"}]}), ("Eva Moss",)),
]  # fmt: skip


@pytest.mark.parametrize(("html", "authors"), AUTHORS)
def test_traps_of_authors(html: str, authors: tuple[str, ...]) -> None:
    assert read(html).authors == authors


# one day in the languages of the lexicons, as bylines write it
DAYS = [
    "5 March 2024", "March 5, 2024", "5th of March 2024", "Mar. 5, 2024", "2024-03-05",
    "5. März 2024", "05.03.2024", "5 mars 2024", "5 de marzo de 2024", "5 de março de 2024",
    "5 marzo 2024", "5 maart 2024", "5 marca 2024", "5. března 2024", "5 martie 2024",
    "2024. március 5.", "5 Mart 2024", "5 марта 2024", "5 березня 2024", "5 Μαρτίου 2024",
    "5 مارس 2024", "5 मार्च 2024", "5 มีนาคม 2567", "5 Maret 2024", "5 tháng 3, 2024",
    "2024年3月5日", "2024년 3월 5일", "5 mar 2024",
]  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_a_day_in_many_languages(text: str) -> None:
    assert [day for _, _, day in dates.found(f"| {text} |", latest=LATEST)] == ["2024-03-05"]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-03-05 10:30", "2024-03-05T10:30:00"),
        ("2024-03-05T10:30:00.123Z", "2024-03-05T10:30:00+00:00"),
        ("20240305", "2024-03-05"),
        ("1709634600", "2024-03-05"),
        ("1709634600000", "2024-03-05"),
        ("Tue Mar 05 2024 10:30:00 GMT+0000", "2024-03-05"),
        ("13/03/2024", "2024-03-13"),
        ("2024-02-30", None),
        ("1970-01-01", None),
        ("2031-01-01", None),
        ("0001-01-01T00:00:00", None),
        ("March 2024", None),
        ("soon", None),
    ],
)
def test_dates_for_machines(value: str, day: str | None) -> None:
    assert dates.parse(value, latest=LATEST) == day


DATES: list[tuple[str, str | None]] = [
    (body("<h1>Bridge reopens</h1><p>© 2024 Gazette"), None),
    (body("<h1>Bridge reopens</h1><p>Updated 6 March 2024"), None),
    (body("<h1>Bridge reopens</h1><p>Published 5 March 2024, updated 6 March 2024"), "2024-03-05"),
    (body("<h1>Bridge reopens</h1><p>Open until 5 March 2029"), None),
    # it was evening where the reader is told so
    (og("article:published_time", "2024-03-06T02:00:00Z")
     + body("<title>Bridge reopens</title><h1>Bridge reopens</h1><p>5 March 2024"), "2024-03-05"),
    # a list of articles
    (body("<h1>News</h1><ul><li><time datetime=2024-03-05>a</time><li>"
          "<time datetime=2024-03-06>b</time></ul>"), None),
    # other articles, comments
    (body("<h1>Bridge</h1><div class=comments><time datetime=2024-03-05>a</time></div>"), None),
]  # fmt: skip


@pytest.mark.parametrize(("html", "day"), DATES)
def test_traps_of_dates(html: str, day: str | None) -> None:
    assert read(html).date_published == day


def test_the_address_dates_a_page_and_makes_others_absolute() -> None:
    page = og("og:image", "/b.png") + '<link rel="canonical" href="/2024/03/05/bridge">'
    found = read(page, url="https://a.org/2024/03/05/bridge?x=1")
    assert (found.date_published, found.sources["date_published"]) == ("2024-03-05", "url")
    assert found.image == "https://a.org/b.png"
    assert found.canonical_url == "https://a.org/2024/03/05/bridge"
    assert read(page).image is None


@pytest.mark.parametrize(
    "url",
    ["http://[broken", "http://a.org:99999999/", "//", "http://", "\0", "http://..", "mailto:x"],
)
def test_addresses_that_are_none(url: str) -> None:
    page = og("og:url", url) + og("og:image", url) + f'<link rel="canonical" href="{url}">'
    found = read(f"{page}<title>Bridge reopens - Gazette</title>", url=url)
    assert (found.title, found.image) in [("Bridge reopens", None), ("Bridge reopens", url)]


BROKEN = [
    '{"@type": "Article", "author": "Eva Moss",}',
    '<!-- {"@type": "Article", "author": "Eva Moss"} -->',
    '//<![CDATA[\n{"@type": "Article", "author": "Eva Moss"}\n//]]>',
    '{"@type": "Article", "author": "Eva Moss"};',
    '{"@type": "Article", /* it\'s her */ "author": "Eva Moss"}',
    '{"@type": "Article", "about": "a\nb\tc", "author": "Eva Moss"}',
    '{"@type": "Article", "about": "it\\\'s", "author": "Eva Moss"}',
    '{"@type": "Person"} {"@type": "Article", "author": "Eva Moss"}',
    '[{"@type": "Article", "author": "Eva Moss"}, ]',
    '{"@type": ["Thing", "http://schema.org/Article"], "author": "Eva&#32;Moss"}',
    '{"@context": {}, "@graph": [[{"@type": "Article", "author": [["Eva Moss"], 1, null]}]]}',
    '{"mainEntity": {"@type": "Article", "author": {"name": ["Eva Moss"]}}}',
]


@pytest.mark.parametrize("block", BROKEN)
def test_json_ld_as_pages_have_it(block: str) -> None:
    assert read(ld("{", block)).authors == ("Eva Moss",)


def test_of_several_articles_that_which_is_the_page_counts() -> None:
    other = article(headline="Mill burns", author="Tom Reed", url="https://a.org/mill")
    own = article(author="Eva Moss", url="http://www.a.org/bridge/?x#y")
    assert read(ld([other, own]), url="https://a.org/bridge").authors == ("Eva Moss",)
    page = ld([other, own]) + "<title>Bridge reopens | Gazette</title>"
    assert read(page).authors == ("Eva Moss",)
    assert read(ld([other, own])).authors == ()


TEXT = """Local news
Old bridge reopens after two years
By Eva Moss
Published 5 March 2024
The old bridge over the river reopened on Monday, two years after the flood, the council said.
Walkers and cyclists may cross it again, while cars have to wait until the summer of next year.
"""


def test_flattened_text_tells_what_stands_in_it() -> None:
    found = declutter.metadata(TEXT, kind="text", latest=LATEST)
    assert (found.title, found.authors) == ("Old bridge reopens after two years", ("Eva Moss",))
    assert (found.date_published, found.sources["title"]) == ("2024-03-05", "text")
    assert declutter.metadata("", kind="text") == Metadata()


def test_a_result_has_it() -> None:
    page = f"<!doctype html><html lang=en>{og('og:site_name', 'Gazette')}{PROSE}"
    result = declutter.analyze(page, url="https://a.org/2024/03/05/x")
    assert "metadata" not in vars(result)  # costs nothing unless asked for
    assert (result.metadata.site_name, result.metadata.date_published) == ("Gazette", "2024-03-05")
    again = pickle.loads(pickle.dumps(result))
    assert again.metadata == result.metadata


def test_plain_data_has_all_fields_in_order() -> None:
    found = read(SOURCES[6][0]).as_dict()
    assert list(found) == KEYS
    assert found["authors"] == ["Eva Moss"]
    assert json.loads(json.dumps(found)) == found


def test_a_language_that_no_library_tells_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(PROSE * 3).language == "en"
    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    assert read(PROSE * 3).language is None


def test_the_command_shows_values_and_sources(tmp_path: Any) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<title>Bridge reopens</title>{meta('keywords', 'a1, b2')}{PROSE}")
    shown = CliRunner().invoke(main, ["metadata", str(path)])
    assert (shown.exit_code, shown.stdout.splitlines()[:2]) == (
        0, ["title           Bridge reopens  [html]", "language        en  [text]"],
    )  # fmt: skip
    data = CliRunner().invoke(main, ["metadata", str(path), "--format", "json"])
    assert json.loads(data.stdout)["tags"] == ["a1", "b2"]
    assert CliRunner().invoke(main, ["metadata", str(tmp_path / "none")]).exit_code == 1
    assert CliRunner().invoke(main, ["metadata", str(path), "--encoding", "x"]).exit_code == 2


# --- whatever comes ---------------------------------------------------------------------

SIGNS = st.lists(
    st.sampled_from([*"<>\"'=/{}[],:@ \n\\", *"meta author h1 time By 2024 name content".split()]),
    max_size=60,
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "@type @id @graph name author headline url datePublished publisher keywords image "
                "license mainEntityOfPage inLanguage description".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(SIGNS)
def test_nothing_raises(text: str) -> None:
    for kind in ("html", "text"):
        found = declutter.metadata(text, kind=kind, url=f"http://{text}")
        assert set(found.sources) == {k for k, v in found.as_dict().items() if v} - {"sources"}


@given(JSON, st.sampled_from(["Article", "WebPage", ["Product", 1]]))
def test_no_json_ld_raises(data: Any, kind: Any) -> None:
    page = ld({"@type": kind, "author": data, "headline": data, "image": data, "keywords": data},
              data)  # fmt: skip
    assert isinstance(json.dumps(read(page).as_dict()), str)


@given(st.text(st.sampled_from('{}[]",:\\/* ab'), max_size=200))
def test_no_broken_json_raises(text: str) -> None:
    jsonld.objects([text])


@given(st.text(max_size=60), st.text(max_size=9))
def test_names_and_dates_of_any_text(text: str, language: str) -> None:
    assert all(name.strip() == name and name for name in names.clean(text))
    assert all(text[a:b] and len(day) == 10 for a, b, day in dates.found(text, language))
    dates.parse(text, language)
    dates.of_url(text)


@given(st.dates(date(1990, 1, 1), LATEST))
def test_a_day_comes_back(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%Y年%m月%d日"):
        assert dates.parse(day.strftime(form), latest=LATEST) == day.isoformat()


SIZE = 1_000_000
HOSTILE = {
    "open brackets": ld("[" * SIZE),
    "open objects": ld('{"a":' * (SIZE // 5)),
    "quotes": ld('"' * SIZE),
    "escaped quotes": ld('\\"' * (SIZE // 2)),
    "commas": ld(", " * (SIZE // 2)),
    "spaces": ld("{" + " " * SIZE),
    "comments": ld("/*" * (SIZE // 2)),
    "articles": ld([article(author={"@id": "a"})] * 20_000),
    "authors": ld(article(author=[{"@id": "a"}] * 50_000)),
    "a long author": ld(article(author="by " * (SIZE // 3))),
    "metas": meta("author", "x") * 100_000,
    "names of a meta": meta("a " * (SIZE // 2), "x"),
    "links": '<link rel="canonical" href="x">' * 30_000,
    "a long title": f"<title>{'a | ' * (SIZE // 4)}</title><body><h1>b</h1>",
    "a long description": meta("description", "a " * (SIZE // 2)),
    "nested authors": body('<div class="author">' * 40_000),
    "many authors": body('<h1>a</h1><p class="author">By Eva Moss</p>' * 20_000),
    "nested items": body('<div itemscope itemprop="author">' * 25_000),
    "times": body("<time>3.4.2020</time>" * 40_000),
    "days": body(f"<h1>T</h1>{'<p>1.1.20</p>' * 60_000}"),
    "a long number": body(f"<h1>T</h1><p>{'1' * SIZE}"),
    "a long class": body(f'<p class="{"author " * (SIZE // 7)}">x'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_stays_linear(name: str) -> None:
    document = declutter.analyze(HOSTILE[name], kind="html").document
    from declutter.meta import metadata_of

    start = time.process_time()
    metadata_of(document)
    assert time.process_time() - start < 4  # a second or less where nothing else runs
