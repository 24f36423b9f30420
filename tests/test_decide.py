"""From findings to removals: support, the safety valve, keeping, reasons."""

from __future__ import annotations

import pytest

import declutter
from declutter.decide import decide
from declutter.model import Category, Finding
from declutter.options import Options
from declutter.readers.text import read

PROSE = "The council said on Monday that it would repair the old bridge."


def removed(text: str, *findings: tuple[str, float], **options: object) -> list[str]:
    """What is removed when each of the given words is found with a weight."""
    doc = read(text)
    found = [
        Finding(text.index(words), text.index(words) + len(words), Category.SHARE, "r", weight, "w")
        for words, weight in findings
    ]
    kept = [True] * len(doc.blocks)
    cuts = decide(doc, found, kept, Options().changed(**options))
    return [text[cut.start : cut.end] for cut in cuts]


def test_a_strong_finding_removes_its_span() -> None:
    assert removed(f"{PROSE} Share this", ("Share this", 3)) == ["Share this"]


def test_a_weak_finding_alone_removes_nothing() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 1)) == []


def test_weights_of_one_span_add_up() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 2), ("Share", 1)) == ["Share"]


def test_content_speaks_against_boilerplate() -> None:
    assert removed(f"{PROSE}\nShare\n{PROSE}", ("Share", 3), ("Share", -2)) == []


def test_weak_neighbours_support_each_other() -> None:
    text = f"{PROSE}\nShare\nPrint\nSave\n{PROSE}"
    weak = [("Share", 1), ("Print", 1), ("Save", 1)]
    assert removed(text, *weak) == ["Share", "Print", "Save"]
    assert removed(text, *weak[:2]) == []


def test_a_removed_neighbour_and_the_end_of_the_page_support() -> None:
    assert removed(f"{PROSE}\nShare\nPrint", ("Share", 3), ("Print", 1)) == ["Share", "Print"]


def test_recall_asks_for_certainty() -> None:
    text = f"{PROSE}\nShare\nPrint\nSave"
    weak = [("Share", 1), ("Print", 1), ("Save", 1)]
    assert removed(text, *weak, focus="recall") == []
    assert removed(text, *weak[:2], focus="precision") != []


def test_a_list_that_the_article_introduces_stays() -> None:
    text = "They use many networks, among them:\nAlpha\nBeta\nGamma\nDelta"
    weak = [("Alpha", 1), ("Beta", 1), ("Gamma", 1), ("Delta", 1)]
    assert removed(text, *weak) == []


def test_a_poem_between_two_buttons_stays() -> None:
    poem = "The gulls\nare counting boats\nand find one missing"
    text = f"Skip to main content\n{poem}\nAdvertisement"
    assert declutter.clean(text, kind="text") == poem


def test_kept_categories_come_back() -> None:
    assert removed(f"{PROSE} Share this", ("Share this", 3), keep=["share"]) == []


def test_keeping_one_category_brings_no_other_back() -> None:
    page = f"<nav><a href=/>Home</a></nav><article>{f'<p>{PROSE}</p>' * 3}</article>"
    assert declutter.clean(page, keep=["low-content"]) == declutter.clean(page)
    assert "Home" in declutter.clean(page, keep=["navigation"])


def test_overlapping_findings_give_disjoint_removals() -> None:
    text = f"{PROSE} Share this now"
    assert "".join(removed(text, ("Share this", 3), ("this now", 3))) == "Share this now"


def test_scores_alone_never_empty_a_page_with_prose() -> None:
    page = f"<body><nav><div class='menu'><p>{PROSE}</p></div></nav></body>"
    assert declutter.clean(page) == PROSE


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "no visible text"),
        ("<p> </p>", "no visible text"),
        ("Skip to main content", "no main content"),
        ("<nav><a href=/>Home</a><a href=/n>News</a></nav><p>Accept all cookies</p>", "no main"),
    ],
)
def test_an_empty_result_says_why(source: str, reason: str) -> None:
    result = declutter.analyze(source)
    assert result.text == ""
    assert reason in (result.reason or "")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("How cookies follow you", "We use cookies to remember who is logged in on this site."),
        ("Where your blood donation goes", "Your donation makes a difference."),
        ("Privacy policy", "The library keeps data about its readers for a year, and no longer."),
        ("Your subscription costs more", "Already a subscriber? Log in to see what you will pay."),
    ],
)
def test_what_the_headline_speaks_of_is_content(title: str, said: str) -> None:
    about = "".join(f"<p>{PROSE} That is what is said of {title.lower()}.</p>" for _ in range(3))
    page = f"<title>{title}</title><article><h1>{title}</h1><p>{PROSE} {said}</p>{about}"
    text = declutter.clean(page)
    assert text.startswith(title)
    assert said in text


FERRY = "Work is expected to take nine months, and traffic will use the ferry at the market."
FEED = "The feed carries every notice that the office has published since the spring of last year."
OLDER = "Readers see the newest notices first, and older ones are kept for a year and a day."
SHELL = f"<article><h1>News</h1><p>{PROSE} {FERRY}</p><p>{FERRY} {OLDER}</p>{{}}<p>{PROSE} {FEED}"


@pytest.mark.parametrize("words", ["RSS", "Privacy policy", "Logout", "Advertisement", "+1"])
@pytest.mark.parametrize(
    "form",
    [
        f"<h3>{{}}</h3><p>{FEED} {OLDER}</p>",
        f"<p>{{}}</p><p>{FEED}</p>",
        f"<ul><li>{FEED}</li><li>{{}}</li><li>{OLDER}</li></ul>",
        f"<dl><dt>Atom</dt><dd>{OLDER}</dd><dt>{{}}</dt><dd>{FEED}</dd></dl>",
        f"<table><tr><td>{{}}<td>{FEED}<tr><td>Atom<td>{OLDER}</table>",
    ],
)
def test_interface_words_amid_main_content_stay(form: str, words: str) -> None:
    assert words in declutter.clean(SHELL.format(form.format(words)))


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("<p><a href=/x>Logout</a></p>", "Logout"),
        ("<div class=ad><p>Advertisement</p></div>", "Advertisement"),
        (f"<p>Advertisement</p><p>{FEED}</p><p>Advertisement</p>", "Advertisement"),
        ("<h3>Related articles</h3><ul><li><a href=1>Old pier to go</a></ul>", "Related"),
        ("<p>Share this article</p><p>Copy link</p>", "Copy link"),
    ],
)
def test_interface_words_with_evidence_go(form: str, words: str) -> None:
    assert words not in declutter.clean(SHELL.format(form))


@pytest.mark.parametrize("title", ["Privacy Policy", "Cookie policy | Gazette", "Old bridge"])
def test_the_clauses_of_a_policy_stay(title: str) -> None:
    clause = "We use cookies to improve your experience."
    page = SHELL.format(f"<p>{FEED} {clause}</p>").replace("News", title)
    text = declutter.clean(f"<title>{title}</title>{page}")
    assert (clause in text) == ("olicy" in title)


def test_words_that_are_hidden_at_first_are_content_unless_they_are_labels() -> None:
    more = "<span style='display:none'>, a pool and a garden where breakfast is served</span>"
    label = "<span style='display:none'>(opens in a new tab)</span>"
    page = f"<article><p>{PROSE}{label}</p><p>The hotel has forty rooms{more}. It is shut.</p>"
    assert "forty rooms, a pool and a garden where breakfast is served. It" in declutter.clean(page)
    assert "new tab" not in declutter.clean(page)


def test_teasers_above_the_headline_of_an_article_go() -> None:
    teasers = "".join(
        f"<li><h3><a href={i}>Story {i}</a></h3><p>Number {i}: {PROSE}</p></li>" for i in range(5)
    )
    article = f"<h1>Old bridge</h1>{f'<p>{PROSE} {PROSE}</p>' * 4}"
    page = f"<title>Old bridge</title><ul>{teasers}</ul><div>{article}</div>"
    assert declutter.clean(page).startswith("Old bridge\n")


def test_the_headline_goes_on_request() -> None:
    page = f"<title>Old bridge</title><article><h1>Old bridge</h1><p>{PROSE * 3}</p></article>"
    assert declutter.clean(page).startswith("Old bridge\n")
    assert declutter.clean(page, title=False) == PROSE * 3
    assert [r.rule for r in declutter.analyze(page, title=False).removals] == ["headline"]
    assert declutter.analyze(page, title=False).title == "Old bridge"


@pytest.mark.parametrize(
    "page",
    [
        "<h1>Only headline</h1>",
        "<title>Only headline</title><p>Only headline</p>",
    ],
)
def test_a_headline_that_stands_alone_goes_on_request(page: str) -> None:
    result = declutter.analyze(page, kind="html", title=False)
    removal = next(r for r in result.removals if r.rule == "headline")
    assert removal.why == "the headline, which the caller does not want"
    assert result.text == ""
    assert result.title == "Only headline"


def test_a_page_of_a_headline_alone_says_why_it_is_empty() -> None:
    result = declutter.analyze("<h1>Only headline</h1>", kind="html", title=False)
    assert "only a headline" in (result.reason or "")


CAPTIONS = {
    "sentences": ("The harbour at dawn, seen from the old lighthouse on the hill.",
                  "Fishermen mend their nets on the quay before noon on a Sunday.",
                  "The last ferry of the day leaves for the island at dusk."),
    "short": ("The harbour at dawn", "Fishermen at work", "The last ferry"),
}  # fmt: skip


@pytest.mark.parametrize("captions", CAPTIONS.values(), ids=CAPTIONS.keys())
@pytest.mark.parametrize("title", ["Harbour in pictures", ""])
def test_a_gallery_is_not_emptied_to_its_headline(captions: tuple[str, ...], title: str) -> None:
    figures = "".join(
        f"<figure><img src={i}><figcaption>{words}</figcaption></figure>"
        for i, words in enumerate(captions)
    )
    nav = "<nav><a href=/>Home</a> <a href=/s>Sport</a></nav>"
    page = f"<title>{title}</title>{nav}<h1>Harbour in pictures</h1>{figures}"
    assert declutter.clean(page).split("\n\n") == ["Harbour in pictures", *captions]
    assert declutter.clean(page, title=False).split("\n\n") == list(captions)


# --- edges ----------------------------------------------------------------------------

EDGES = (
    "Skip to main content\nSubscribe to our newsletter\n"
    "The council said on Monday that it would repair the old bridge.\n"
    "Share this article\n"
    "The work will take two years and cost three million.\n"
    "Log in\nSubscribe to our newsletter\n"
)


def test_edges_trims_only_the_start_and_the_end() -> None:
    lines = EDGES.splitlines()
    assert declutter.clean(EDGES).splitlines() == [lines[2], lines[4]]
    assert declutter.clean(EDGES, edges=True).splitlines() == lines[2:5]


def test_edges_of_html() -> None:
    source = "".join(f"<p>{line}</p>" for line in EDGES.splitlines())
    assert "Share this article" in declutter.clean(source, kind="html", edges=True)
    assert "newsletter" not in declutter.clean(source, kind="html", edges=True)


def test_a_text_without_content_has_two_edges_that_meet() -> None:
    assert declutter.clean("Log in\nShare this article", edges=True) == ""
