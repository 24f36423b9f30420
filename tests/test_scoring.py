"""The block score of HTML pages, zones and stop words."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import declutter
from declutter.model import Category, Node
from declutter.scoring import stopwords, zones

PROSE = "The council said on Monday that it would repair the old bridge over the river. " * 2


def node(tag: str, *tokens: str) -> Node:
    return Node(tag=tag, tokens=tokens, parent=-1)


@pytest.mark.parametrize(
    ("element", "zone"),
    [
        (node("nav"), Category.NAVIGATION),
        (node("div", "share-bar"), Category.SHARE),
        (node("div", "c-newsletter__box"), Category.NEWSLETTER),
        (node("section", "related-posts"), Category.RELATED),
        (node("div", "header"), None),
        (node("div", "ad-slot"), Category.ADVERTISEMENT),
        (node("div", "no-sidebar"), None),
        (node("body", "has-sidebar", "share"), None),
        (node("div", "shareholder-report"), None),
        (node("article", "comments-open"), None),
        (node("share-bar"), Category.SHARE),
        (node("cookie-banner"), Category.CONSENT),
        (node("newsletter-signup"), Category.NEWSLETTER),
        (node("app-nav", "share"), Category.SHARE),
        (node("no-sidebar"), None),
        (node("x-glossary"), None),
    ],
)
def test_zones_come_from_whole_words(element: Node, zone: Category | None) -> None:
    found = zones.zone(element)
    assert (found.category if found else None) == zone


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council said that it would repair the bridge and the road.", "en"),
        ("Der Rat sagte, dass er die Brücke und die Straße reparieren wird.", "de"),
        ("Совет сообщил, что он отремонтирует мост и дорогу в этом году.", "ru"),
    ],
)
def test_the_stop_words_are_those_of_the_best_fitting_language(text: str, language: str) -> None:
    assert stopwords.page_stop_words(text, None) == stopwords.stop_words(language)


def test_a_wrong_declaration_of_the_language_is_ignored() -> None:
    german = "Der Rat sagte, dass er die Brücke und die Straße reparieren wird."
    assert stopwords.page_stop_words(german, "en") == stopwords.stop_words("de")


def test_unknown_languages_have_no_stop_words() -> None:
    assert stopwords.stop_words("xx") == frozenset()


def page(before: str = "", after: str = "", inside: str = "") -> str:
    body = "".join(f"<p>{PROSE}</p>" for _ in range(4))
    return f"<body>{before}<div class='x'><h1>Old bridge</h1>{body}{inside}</div>{after}</body>"


@pytest.mark.parametrize(
    "boilerplate",
    [
        "<ul><li><a href=1>One more story</a></li><li><a href=2>Two more stories</a></li></ul>",
        f"<div class='comments'><p>{PROSE}</p></div>",
        f"<footer><p>{PROSE}</p></footer>",
        "<div class=related><h4>More</h4><a href=1>Tiny words</a></div>",
    ],
)
def test_what_stands_around_the_main_container_goes(boilerplate: str) -> None:
    assert declutter.clean(page(after=boilerplate)) == declutter.clean(page())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<h2>A heading of the body</h2>", "A heading of the body"),
        ("<ul><li>first point of it</li></ul>", "first point of it"),
        ("<pre>x = 1</pre>", "x = 1"),
    ],
)
def test_what_stands_inside_the_main_container_stays(content: str, words: str) -> None:
    assert words in declutter.clean(page(inside=content))


def test_comments_stay_on_request() -> None:
    wrote = ("A reader wrote: what about the tram?", "I walked there today.", "Well done, all.")
    items = "".join(f"<li class=comment><b>Jo</b> <a href=1>Reply</a><p>{w}</p>" for w in wrote)
    comments = f"<div class='comments'><h3>3 comments</h3><ol>{items}</ol></div>"
    assert "A reader wrote" not in declutter.clean(page(after=comments))
    assert "A reader wrote" in declutter.clean(page(after=comments), comments="keep")


def test_a_thread_is_content_unless_dropped() -> None:
    posts = "".join(f"<div class='comments'><p>Post {i}. {PROSE}</p></div>" for i in range(5))
    assert "Post 4." in declutter.clean(f"<body>{posts}</body>")


def test_a_removal_by_score_says_what_spoke() -> None:
    result = declutter.analyze(page(after="<footer><p><a href=1>Tiny words</a></p></footer>"))
    removal = next(r for r in result.removals if "Tiny" in r.text)
    assert removal.rule == "block-score"
    assert removal.why
    assert removal.weight > 0, "the odds against main content"


NAMED = {
    "menu-word-in-nav": ("<nav>Home Sport</nav>", "Home", "navigation", "element nav marks"),
    "custom": (
        "<share-bar><a href=1>Tiny words</a></share-bar>", "Tiny", "share",
        "element share-bar marks",
    ),
    "custom-block": (
        "<newsletter-signup><div><p>Tiny words</p></div></newsletter-signup>",
        "Tiny", "newsletter", "element newsletter-signup marks",
    ),
    "strong-rule": ("<footer>© 2024 Gazette</footer>", "Gazette", "legal", "a copyright line"),
    "aside": ("<aside>By the way, a note</aside>", "By the", "low-content", "element aside"),
    "aside-with-links": (
        "<aside><p>Old pier</p><a href=1>Old news</a></aside>", "Old", "related", "element aside",
    ),
    "aside-named-so": (
        "<aside class=related>Tiny words</aside>", "Tiny", "related", "class word related marks",
    ),
    "outermost": (
        "<footer><div class=share>Tiny words</div></footer>", "Tiny", "navigation",
        "element footer marks",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("after", "words", "category", "why"), NAMED.values(), ids=NAMED.keys())
def test_the_element_around_a_block_names_it_first(
    after: str, words: str, category: str, why: str
) -> None:
    removals = declutter.analyze(page(after=after)).removals
    removal = next(r for r in removals if r.text.startswith(words) or words in r.text)
    assert (removal.category.value, removal.why.startswith(why)) == (category, True)


def test_a_copy_of_what_stays_is_named_so() -> None:
    copy = f"<footer class=x><p>{PROSE}</p></footer>".replace("footer", "div")
    found = declutter.analyze(page(after=f"<div class=comments>{copy}</div>")).removals
    assert {removal.category for removal in found} == {Category.DUPLICATE}


def test_many_blocks_of_the_same_text_have_the_same_name() -> None:
    words = "Subscribe to our newsletter"
    found = declutter.analyze(f"<dl>{f'<dt>RSS</dt><dd>{words}</dd>' * 300}</dl>").removals
    assert len({(r.category, r.why) for r in found if r.text == words}) == 1


SHAPES = {
    "tables": lambda n: "<b>" + "<table><tr><td>x</b>" * n,
    "items": lambda n: "<dl>" + "<dt>RSS</dt><dd>Subscribe to our newsletter</dd>" * n,
    "footers": lambda n: page(after="".join(f"<footer><p>Tiny {i}</p></footer>" for i in range(n))),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_reasons_take_linear_time(shape: Callable[[int], str]) -> None:
    def best(size: int) -> float:
        times = []
        for _ in range(3):
            result = declutter.analyze(shape(size), kind="html")
            start = time.process_time()
            assert len(result.removals) <= len(result.blocks)
            times.append(time.process_time() - start)
        return min(times)

    best(100)
    assert best(8_000) < 12 * best(2_000) + 0.05
