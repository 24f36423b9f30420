"""What tests of reports share: pages that are read again, and what must hold for all of them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from lxml import etree, html

HOSTILE = "</script></del><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--"


def parsed(page: str) -> html.HtmlElement:
    return html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))


def reasons(page: str) -> dict[str, Any]:
    (found,) = parsed(page).xpath("//script[@type='application/json']")
    known: dict[str, Any] = json.loads(found.text_content())
    return known


def words(text: str) -> str:
    return " ".join(text.split())


def check(page: str) -> html.HtmlElement:
    """What holds for every page: it loads and runs nothing else, and can be walked through."""
    tree = parsed(page)
    scripts = [s for s in tree.iter("script") if s.get("type") != "application/json"]
    (style,) = tree.iter("style")
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy
    assert [hashed(s.text) in policy for s in (style, *scripts)] == [True] * 2
    assert "unsafe" not in policy
    for element in tree.iter(etree.Element):
        assert element.tag not in {"link", "iframe", "object", "embed", "img", "base", "form"}
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in {"src", "style", "srcset", "action", "xlink:href"}, name
            assert name != "href" or value.startswith("#"), value
    assert not re.search(r"url\(|@import|https?:", style.text)
    assert_reachable(tree)
    return tree


def hashed(code: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


def assert_reachable(tree: html.HtmlElement) -> None:
    """Landmarks, one headline, and a name for whatever can be used or is a picture."""
    assert tree.get("lang") == "en"
    once = ("//main", "//h1", "//header", "/html/head/title")
    assert [len(tree.xpath(path)) for path in once] == [1] * len(once)
    assert tree.xpath("//a[@class='skip']/@href") == ["#main"]
    assert len(ids := tree.xpath("//@id")) == len(set(ids))
    for control in tree.xpath("//button|//input|//select"):
        around = control.xpath("ancestor::label")
        assert control.get("aria-label") or (around or [control])[0].text_content().strip()
    for picture in tree.iter("svg"):
        assert picture.get("aria-hidden") or picture.get("aria-label", "").strip(" ,:")
    for id in tree.xpath("//@aria-labelledby|//@aria-describedby"):
        assert tree.get_element_by_id(id) is not None
    for cell in tree.iter("th"):
        assert cell.get("scope") in {"col", "row"}
