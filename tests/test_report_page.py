"""The page that explains a result: what it shows, that it is safe, and that it can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from declutter import Category, Result, analyze
from declutter.errors import MissingExtra
from declutter.model import Removal
from declutter.report import templates
from declutter.report.page import explained
from declutter.report.palette import MIN_CONTRAST, THEMES, contrast, shades
from declutter.report.parts import Part, chunks, parts, printable, shares
from declutter.report.plots import WIDTH, bar
from tests.conftest import FIXTURES, PAGES, SEEDS
from tests.reports import HOSTILE, check, parsed, reasons, words

MIN_GRAPHIC = 3.0  # WCAG 2.2, AA: of what carries no words
SUBJECTS = sorted((FIXTURES / "subjects").glob("*.html"))
PROSE = "The old bridge over the river reopened on Monday, two years after the flood."
SOURCES = [*(path / "source.html" for path in PAGES), *SEEDS]


def removed(tree: html.HtmlElement) -> dict[int, str]:
    """The removed texts by their numbers."""
    found: dict[int, str] = {}
    for span in tree.xpath("//main//del"):
        number = int(span.get("data-i"))
        found[number] = found.get(number, "") + span.text_content()
    return found


def kept(tree: html.HtmlElement) -> str:
    (text,) = tree.xpath("//article")
    for gone in text.xpath(".//del|.//button"):
        gone.drop_tree()
    return str(text.text_content())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.parent.name + path.stem[:3])
def test_a_page_shows_all_that_was_removed_and_all_that_was_kept(path: Path) -> None:
    result = analyze(path.read_bytes())
    page = explained(result, path.name)
    tree = check(page)
    known = reasons(page)
    gone = removed(tree)
    assert list(gone) == list(range(len(result.removals)))
    for removal, text, row in zip(result.removals, gone.values(), known["rows"], strict=True):
        category, rule, why, weight, _, start, end = row
        assert words(text) == words(printable(removal.text))
        assert known["names"][category] == removal.category
        assert (known["words"][rule], known["words"][why]) == (removal.rule, removal.why)
        assert (weight, start, end) == (round(removal.weight, 4), removal.start, removal.end)
    assert "".join(kept(tree).split()) == "".join(printable(result.text).split())


@pytest.mark.parametrize("path", SUBJECTS, ids=lambda path: path.stem)
def test_an_article_about_what_others_remove_shows_whole(path: Path) -> None:
    """Of cookies, of CSS, of donating blood."""
    source = path.read_bytes()
    (article,) = parsed(source.decode()).xpath("//article")
    tree = parsed(explained(analyze(source), path.name))
    assert "".join(kept(tree).split()) == "".join(article.text_content().split())
    assert {"consent", "newsletter", "donation", "navigation"} <= set(
        tree.xpath("//aside//span[contains(@class, 'name')]/text()")
    )


def test_the_legend_counts_and_the_bar_has_the_shares() -> None:
    text = f"Skip to main content\n{PROSE}\nAdvertisement\nAdvertisement\n"
    tree = check(explained(analyze(text), "page.txt"))
    rows = [words(label.text_content()) for label in tree.xpath("//aside//label")]
    assert rows == ["advertisement221.3%", "navigation116.4%"]
    (picture,) = tree.xpath("//header//svg")
    assert picture.get("aria-label").startswith("Shares of the text: kept ")
    assert len(picture.findall("rect")) == 3
    assert len(tree.xpath("//aside//input[@type='checkbox'][@checked]")) == 2


def test_the_parts_of_a_bar_fill_it() -> None:
    removals = [
        Removal(0, 9000, Category.CSS, "", 3, "", ""),
        Removal(0, 1, Category.APP, "", 3, "", ""),
    ]
    boxes = bar(shares(999, removals))
    assert [box.category for box in boxes] == [None, Category.CSS, Category.APP]
    assert boxes[-1].x + boxes[-1].width == pytest.approx(WIDTH, abs=0.1)
    assert min(box.width for box in boxes) > 1


@pytest.mark.parametrize("theme", THEMES)
def test_every_word_can_be_read(theme: str) -> None:
    colours = THEMES[theme]
    behind = (colours.page, colours.panel)
    pairs = [(one, b) for b in behind for one in (colours.text, colours.muted, colours.accent)]
    pairs += [("#000000", colours.found), ("#000000", colours.here)]
    for shade in shades(theme).values():
        pairs += [(colours.text, shade.tint), (shade.ink, shade.tint), (colours.page, shade.ink)]
    assert [pair for pair in pairs if contrast(*pair) < MIN_CONTRAST] == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_part_of_a_plot_can_be_seen(theme: str) -> None:
    colours = THEMES[theme]
    inks = [colours.kept, *(shade.ink for shade in shades(theme).values())]
    assert [ink for ink in inks if contrast(ink, colours.page) < MIN_GRAPHIC] == []


def test_no_two_categories_look_the_same() -> None:
    for theme in THEMES:
        found = shades(theme)
        assert len(set(found.values())) == len(Category)


def test_what_was_removed_is_not_told_by_colour_alone() -> None:
    page = explained(analyze(f"Advertisement\n{PROSE}"), "page.txt")
    assert "del:not(.on)::before" in page
    assert '--name: "advertisement"' in page


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_hostile_page_stays_text(kind: str) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    source = f"Advertisement {HOSTILE}\n{PROSE} {HOSTILE}\n"
    if kind == "html":
        source = (
            f'<html lang="{escaped}"><title>{escaped}</title><body>'
            f"<nav>{escaped}</nav><p>{PROSE} {escaped}</p></body></html>"
        )
    result = analyze(source, kind=kind)
    tree = check(explained(result, HOSTILE, HOSTILE))
    assert HOSTILE in words(kept(tree))
    assert HOSTILE in "".join(removed(tree).values()) + tree.findtext(".//title")
    assert tree.xpath("//p[@class='source']")[0].text_content() in (HOSTILE, "declutter explain")


def test_reasons_cannot_leave_their_script() -> None:
    page = explained(hostile_result(), "page.txt")
    check(page)
    assert reasons(page)["words"] == [HOSTILE]


def hostile_result() -> Result:
    """A result whose rule and reason are hostile, as those of a lexicon may be."""
    result = analyze(f"Advertisement\n{PROSE}")
    bad = [Removal(0, 13, Category.APP, HOSTILE, 3.0, HOSTILE, "Advertisement")]
    return Result(result.document, None, None, result._cuts, lambda _: bad)


def test_what_steers_a_terminal_or_is_no_character_is_shown_as_a_sign() -> None:
    page = explained(analyze(f"{PROSE} \x1b[31m\x00\x9b \ud800\r\n", kind="text"), "\udcff")
    assert "\N{SYMBOL FOR ESCAPE}[31m" in page
    page.encode("utf-8")


def test_a_long_removal_is_folded_and_can_be_opened() -> None:
    style = "".join(f".a{n}{{color:red;margin:0}}" for n in range(100))
    result = analyze(f"{style}\n{PROSE}")
    tree = parsed(explained(result, "page.txt"))
    (button,) = tree.xpath("//button[@class='more']")
    assert button.text == f"+{len(style) - 400:,} characters"
    assert len(tree.xpath("//del[contains(@class, 'fold')]")) >= 1
    assert removed(tree)[0].strip() == style


@given(st.text(alphabet="ab \n", max_size=200), st.lists(st.integers(0, 200), max_size=12))
def test_parts_are_the_whole_text(text: str, places: list[int]) -> None:
    edges = sorted({min(place, len(text)) for place in places})
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    removals = [Removal(a, b, Category.APP, "r", 3, "w", text[a:b]) for a, b in spans]
    found = list(parts(text, removals))
    assert "".join(part.text for part in found) == text
    for number, removal in enumerate(removals):
        gone = "".join(part.text for part in found if part.removal == number)
        assert gone.startswith(removal.text)
        assert not gone[len(removal.text) :].strip()


@given(st.lists(st.text(alphabet="ab \n", min_size=1, max_size=80), max_size=12))
def test_chunks_are_the_same_parts(texts: list[str]) -> None:
    found = [Part(text, number) for number, text in enumerate(texts)]
    cut = list(chunks(found, 20))
    pieces = [piece for chunk in cut for piece in chunk]
    for number, text in enumerate(texts):
        assert "".join(piece.text for piece in pieces if piece.removal == number) == text
    assert all(chunk[-1].text.endswith(("\n", " ")) for chunk in cut[:-1])


def test_a_text_of_one_line_has_chunks_too() -> None:
    text = "word " * 100_000
    sizes = [sum(len(part.text) for part in chunk) for chunk in chunks([Part(text)])]
    assert sum(sizes) == len(text)
    assert max(sizes) < 30_000


def test_a_page_without_text_says_why() -> None:
    tree = check(explained(analyze("<html><body></body></html>"), "page.html"))
    assert "no visible text" in words(tree.xpath("//p[@class='warning']")[0].text_content())


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    templates.environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match=r"declutter\[report\]"):
        explained(analyze(PROSE), "page.txt")
