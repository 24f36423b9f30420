"""The Scrapy pipeline and the article of a response, in a real crawl and by themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytest.importorskip("scrapy")

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, TextResponse, XmlResponse
from scrapy.statscollectors import MemoryStatsCollector

import declutter
from declutter.errors import InputError, OptionError
from declutter.integrations.scrapy import DeclutterPipeline, article
from tests.conftest import FIXTURES

PROSE = "Старый мост через реку снова открыт с понедельника, сообщил городской совет."
PAGE = f"<nav><a href=/>Home</a> <a href=/n>News</a></nav><p>{PROSE}</p><p>Share on Facebook</p>"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
GERMAN = (FIXTURES / "pages" / "german-news" / "source.html").read_bytes()
MENUS = (FIXTURES / "pages" / "only-navigation" / "source.html").read_bytes()
# path: content type, body
SITE = {
    "/german": ("text/html; charset=utf-8", GERMAN),
    "/cyrillic": ("text/html; charset=windows-1251", PAGE.encode("cp1251")),
    "/menus": ("text/html", MENUS),
    "/picture": ("image/png", PICTURE),
    "/disguised": ("text/html", PICTURE),
}
CRAWL = """
import json, sys
from dataclasses import dataclass
import scrapy
from scrapy.crawler import CrawlerProcess
from declutter.errors import DeclutterError
from declutter.integrations.scrapy import article

server, feed, stats = sys.argv[1:]

@dataclass
class Data:
    url: str
    html: bytes | None = None
    text: str | None = None
    title: str | None = None
    reason: str | None = None

class Item(scrapy.Item):
    url, html, text, title, reason = [scrapy.Field() for _ in range(5)]

class Spider(scrapy.Spider):
    name = "pages"
    start_urls = [server + path for path in json.loads(sys.stdin.read())]

    def parse(self, response):
        for kind in (dict, Data, Item):
            yield kind(url=response.url, html=response.body)
        try:
            yield {"helper": response.url, "article": article(response, title=False).text}
        except DeclutterError as error:
            yield {"helper": response.url, "error": str(error)}

    def closed(self, reason):
        with open(stats, "w") as file:
            json.dump(self.crawler.stats.get_stats(), file, default=str)

process = CrawlerProcess({
    "ITEM_PIPELINES": {"declutter.integrations.scrapy.DeclutterPipeline": 300},
    "DECLUTTER_TITLE_FIELD": "title",
    "DECLUTTER_REASON_FIELD": "reason",
    "DECLUTTER_OPTIONS": {"encoding": None, "max_seconds": 60},
    "FEEDS": {feed: {"format": "jsonlines", "fields": [
        "url", "text", "title", "reason", "helper", "article", "error"]}},
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Spider)
process.start()
"""


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body = SITE[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


@dataclass
class Crawl:
    """What a crawl of the site brought: items by path, counts, the log."""

    items: dict[str, list[dict[str, Any]]]
    articles: dict[str, dict[str, Any]]
    stats: dict[str, Any]
    log: str


@pytest.fixture(scope="module")
def crawl(server: str, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    folder = tmp_path_factory.mktemp("crawl")
    feed, stats, script = folder / "items.jsonl", folder / "stats.json", folder / "crawl.py"
    script.write_text(CRAWL, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, server, feed, stats],
        input=json.dumps(list(SITE)),
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        cwd=folder,
        capture_output=True,
        timeout=300,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = Crawl({path: [] for path in SITE}, {}, json.loads(stats.read_text()), done.stderr)
    for line in feed.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if "helper" in item:
            found.articles[item["helper"].removeprefix(server)] = item
        else:
            found.items[item["url"].removeprefix(server)].append(item)
    return found


def test_every_item_of_a_crawl_has_its_text(crawl: Crawl) -> None:
    for path in ("/german", "/cyrillic"):
        expected = declutter.analyze(SITE[path][1])
        for item in crawl.items[path]:
            assert (item["text"], item["title"]) == (expected.text, expected.title)
            assert item.get("reason") is None
    assert PROSE in crawl.items["/cyrillic"][0]["text"]


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [("/menus", "", "no main content"), ("/disguised", None, "the source is a PNG picture")],
)
def test_no_item_of_a_crawl_is_lost(crawl: Crawl, path: str, text: str | None, reason: str) -> None:
    assert len(crawl.items[path]) == 3, "a dict, a dataclass, an Item"
    for item in crawl.items[path]:
        assert item["text"] == text
        assert item["reason"].startswith(reason)
    assert f"{path}: {reason}" in crawl.log


def test_a_crawl_counts_what_became_of_pages(crawl: Crawl) -> None:
    counts = {name[10:]: n for name, n in crawl.stats.items() if name.startswith("declutter/")}
    pictures = 6  # one under its name, one under that of a page; three items of each
    assert counts == {
        "cleaned": 6, "empty": 3, "failed/InputError": pictures, "skipped": len(SITE),
    }  # fmt: skip
    assert crawl.stats["item_scraped_count"] == 4 * len(SITE)
    assert "log_count/ERROR" not in crawl.stats


def test_the_article_of_a_response_in_a_crawl(crawl: Crawl) -> None:
    german = declutter.clean(GERMAN, title=False)
    assert crawl.articles["/german"]["article"] == german
    assert crawl.articles["/cyrillic"]["article"] == PROSE
    assert crawl.articles["/menus"]["article"] == ""
    assert "is image/png, not a page" in crawl.articles["/picture"]["error"]
    assert "the source is a PNG picture" in crawl.articles["/disguised"]["error"]


def pipeline(**settings: Any) -> tuple[DeclutterPipeline, dict[str, Any]]:
    """A pipeline and its counts."""
    crawler = Crawler(scrapy.Spider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    return DeclutterPipeline.from_crawler(crawler), crawler.stats.get_stats()


class Narrow(scrapy.Item):
    html = scrapy.Field()


@dataclass(frozen=True)
class Frozen:
    html: str
    text: str = ""


def test_the_settings_name_the_fields() -> None:
    made, _ = pipeline(
        DECLUTTER_SOURCE_FIELD="body",
        DECLUTTER_TEXT_FIELD="article",
        DECLUTTER_CONFIDENCE_FIELD="sure",
        DECLUTTER_REMOVALS_FIELD="gone",
        DECLUTTER_KIND="text",
        DECLUTTER_OPTIONS='{"keep": ["share"]}',  # as on the command line
    )
    item = made.process_item({"body": f"Skip to main content\n{PROSE}\nShare on Facebook"})
    assert set(item) == {"body", "article", "sure", "gone"}
    assert item["article"] == f"{PROSE}\nShare on Facebook"
    assert 0 < item["sure"] <= 1
    assert [removal["text"] for removal in item["gone"]] == ["Skip to main content"]
    json.dumps(item)


@pytest.mark.parametrize(
    ("item", "count"),
    [
        ({"html": None}, "failed/InputError"),
        ({"html": 7}, "failed/InputError"),
        ({"html": PICTURE}, "failed/InputError"),
        ({"html": PAGE * 100}, "failed/LimitError"),
        ({"html": ""}, "empty"),
        ({"image": "a.png"}, "skipped"),
        (Narrow(html=PAGE), "unwritten/text"),
        (Frozen(html=PAGE), "unwritten/text"),
    ],
)
def test_an_item_without_a_text_goes_on(item: Any, count: str) -> None:
    made, stats = pipeline(DECLUTTER_OPTIONS={"max_bytes": 10_000})
    assert made.process_item(item) is item
    assert stats[f"declutter/{count}"] == 1
    if count.startswith("failed"):
        assert item["text"] is None


def test_an_unforeseen_error_keeps_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    made, stats = pipeline(DECLUTTER_REASON_FIELD="why")
    monkeypatch.setattr("declutter.integrations.scrapy.analyze", lambda *_, **__: 1 / 0)
    item = made.process_item({"html": PAGE})
    assert (item["text"], item["why"]) == (None, "division by zero")
    assert stats["declutter/failed/ZeroDivisionError"] == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DECLUTTER_TEXT_FEILD": "text"}, "unknown setting DECLUTTER_TEXT_FEILD"),
        ({"DECLUTTER_TEXT_FIELD": ["text"]}, "DECLUTTER_TEXT_FIELD must name a field"),
        ({"DECLUTTER_KIND": "pdf"}, "DECLUTTER_KIND must be one of"),
        ({"DECLUTTER_OPTIONS": {"focus": "strict"}}, "focus must be one of"),
        ({"DECLUTTER_OPTIONS": {"Focus": "recall"}}, "unknown option 'Focus'"),
        ({"DECLUTTER_OPTIONS": "focus=recall"}, "DECLUTTER_OPTIONS must be a dict"),
    ],
)
def test_wrong_settings_are_refused_at_once(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        pipeline(**settings)


URL = "https://example.org/a"
CYRILLIC = {"Content-Type": "text/html; charset=windows-1251"}


@pytest.mark.parametrize(
    ("response", "options"),
    [
        (HtmlResponse(URL, body=PAGE.encode(), headers={"Content-Type": "text/html"}), {}),
        (HtmlResponse(URL, body=PAGE.encode("cp1251"), headers=CYRILLIC), {}),
        (HtmlResponse(URL, body=PAGE, encoding="utf-8", headers=CYRILLIC), {}),
        (HtmlResponse(URL, body=PAGE.encode(), headers=CYRILLIC), {"encoding": "utf-8"}),
        (
            HtmlResponse(URL, body=PAGE.encode(), headers=CYRILLIC),
            {"options": declutter.Options(encoding="utf-8")},
        ),
        (HtmlResponse(URL, body=PAGE.encode(), headers={"Content-Type": "a; charset=no"}), {}),
        (XmlResponse(URL, body=f"<html><body>{PAGE}</body></html>".encode()), {}),
        (TextResponse(URL, body=f"Skip to main content\n{PROSE}".encode()), {"kind": "text"}),
    ],
)
def test_a_response_is_read_with_the_charset_it_came_with(
    response: Response, options: dict[str, Any]
) -> None:
    assert article(response, **options).text == PROSE


@pytest.mark.parametrize(
    ("headers", "what"), [({"Content-Type": "image/png"}, "image/png"), ({}, "of an unknown type")]
)
def test_a_response_that_is_no_text_is_refused(headers: dict[str, str], what: str) -> None:
    with pytest.raises(InputError, match=f"{URL} is {what}, not a page"):
        article(Response(URL, body=PICTURE, headers=headers))


def test_an_empty_response_says_why() -> None:
    assert article(HtmlResponse(URL)).reason == "the source has no visible text"
    with pytest.raises(OptionError, match="unknown option 'fokus'"):
        article(HtmlResponse(URL), fokus="recall")
