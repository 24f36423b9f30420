"""The pages of explain and report in a real browser: toggles, reasons, search, both themes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("selenium", reason="needs selenium: pip install 'declutter[browser]'")

from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from declutter import Result, analyze
from declutter.model import Category, Removal
from declutter.report.compare import compared
from declutter.report.overview import Batch, summed_up
from declutter.report.page import explained
from declutter.report.rows import Gone, Page
from declutter.report.tally import Tally
from tests.browser.conftest import DESKTOP, PHONE, Show
from tests.conftest import FIXTURES, SEEDS
from tests.reports import HOSTILE, reasons, words

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

SOURCE = (FIXTURES / "pages" / "news-magazine" / "source.html").read_bytes()
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture(scope="module")
def result() -> Result:
    return analyze(SOURCE)


@pytest.fixture(scope="module")
def page(result: Result) -> str:
    return explained(result, "source.html")


@pytest.fixture(scope="module")
def comparison(result: Result) -> str:
    other = analyze(SOURCE, keep=["related"])
    return compared([(result, "a.html", ""), (other, "a.html", "--keep related")])


@pytest.fixture(scope="module")
def report() -> str:
    tally = Tally()
    for number in range(60):
        gone = [Gone("navigation", "block-score", "Home"), Gone("css", "inline-css", f".a{number}")]
        url = f"https://a-long-name-of-a-host-{number % 7}.example/{number}"
        host, day = url.split("/")[2], f"2024-{1 + number % 9:02}-01"
        tally.add(Page(str(number), url, host, day, "A title", number / 60, "", 100, gone))
    return summed_up(Batch(tally, ["rows.jsonl"], []), "rows.jsonl")


def at(browser: Chrome, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def all_at(browser: Chrome, selector: str) -> list[WebElement]:
    return list(browser.find_elements(By.CSS_SELECTOR, selector))


def wait(browser: Chrome, script: str) -> Any:
    return WebDriverWait(browser, 10, 0.02).until(lambda _: browser.execute_script(script))


def visible_text(browser: Chrome) -> str:
    return str(browser.execute_script("return document.querySelector('.text').innerText"))


def tip(browser: Chrome) -> str | None:
    shown = at(browser, "#tip")
    return words(shown.text) if shown.is_displayed() else None


@SIZES
@THEMES
@pytest.mark.parametrize("kind", ["page", "comparison", "report"])
def test_a_page_fits_loads_nothing_and_says_nothing(
    show: Show, kind: str, size: tuple[int, int], theme: str, request: pytest.FixtureRequest
) -> None:
    browser = show(request.getfixturevalue(kind), size, theme)
    root = "document.documentElement"
    wide = browser.execute_script(f"return {root}.scrollWidth > {root}.clientWidth")
    loaded = browser.execute_script("return performance.getEntriesByType('resource')")
    assert (wide, loaded) == (False, [])
    colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (colour == "rgb(20, 23, 27)") == (theme == "dark")


@pytest.mark.parametrize("kind", ["page", "comparison", "report"])
def test_the_theme_can_be_changed(show: Show, kind: str, request: pytest.FixtureRequest) -> None:
    browser = show(request.getfixturevalue(kind))
    script = "return getComputedStyle(document.body).backgroundColor"
    light = browser.execute_script(script)
    at(browser, "#theme").click()
    dark = browser.execute_script(script)
    at(browser, "#theme").click()
    assert (light, dark) == (browser.execute_script(script), "rgb(20, 23, 27)")


def test_a_category_is_hidden_and_shown(show: Show, page: str, result: Result) -> None:
    browser = show(page)
    (box,) = [b for b in all_at(browser, ".legend label") if b.text.startswith("related")]
    related = [r.text for r in result.removals if r.category is Category.RELATED]
    assert [text in visible_text(browser) for text in related] == [True] * 5
    box.click()
    assert [text in visible_text(browser) for text in related] == [False] * 5
    box.click()
    assert [text in visible_text(browser) for text in related] == [True] * 5


def test_with_all_hidden_the_clean_text_is_left(show: Show, page: str, result: Result) -> None:
    browser = show(page)
    at(browser, "[data-all='0']").click()
    assert visible_text(browser).split() == result.text.split()
    at(browser, "[data-all='1']").click()
    assert len(visible_text(browser)) > len(result.text)


def test_reasons_are_shown_at_the_pointer(show: Show, page: str, result: Result) -> None:
    browser = show(page)
    number = next(n for n, r in enumerate(result.removals) if r.rule == "en.related.label")
    removal = result.removals[number]
    ActionChains(browser).move_to_element(at(browser, f"del[data-i='{number}']")).perform()
    size = removal.end - removal.start
    assert tip(browser) == (
        f"related {removal.why} rule: en.related.label score: weight 3 for removal "
        f"characters {removal.start}–{removal.end} ({size})"
    )
    ActionChains(browser).move_to_element(at(browser, "h1")).perform()
    wait(browser, "return document.getElementById('tip').hidden")


def test_what_spoke_against_a_block_is_shown_with_its_probability(
    show: Show, page: str, result: Result
) -> None:
    browser = show(page)
    number = next(n for n, r in enumerate(result.removals) if "speaks against it" in r.why)
    ActionChains(browser).move_to_element(at(browser, f"del[data-i='{number}']")).perform()
    weight = result.removals[number].weight
    assert "blocks like it speaks against it" in (shown := tip(browser) or "")
    assert f"score: main content with probability {weight:.2f}" in shown


@SIZES
def test_reasons_are_shown_by_the_keyboard(show: Show, page: str, size: tuple[int, int]) -> None:
    browser = show(page, size)
    at(browser, "#on").send_keys(Keys.TAB)
    first = browser.switch_to.active_element
    assert (first.tag_name, first.get_attribute("data-i")) == ("del", "0")
    assert (tip(browser) or "").startswith("navigation")
    first.send_keys(Keys.ARROW_RIGHT)
    second = browser.switch_to.active_element
    assert second.get_attribute("data-i") == "1"
    assert second.get_attribute("aria-describedby") == "tip"
    second.send_keys(Keys.ESCAPE)
    assert tip(browser) is None
    second.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    count = len(reasons(page)["rows"])
    assert at(browser, "#place").text == f"{count} of {count}"
    assert len(all_at(browser, "del[tabindex='0']")) == 1


@SIZES
def test_buttons_step_through_what_is_shown(show: Show, page: str, size: tuple[int, int]) -> None:
    browser = show(page, size)
    names, rows = reasons(page)["names"], reasons(page)["rows"]
    browser.execute_script("document.querySelector('.legend').open = true")
    (box,) = [b for b in all_at(browser, ".legend label") if b.text.startswith("navigation")]
    box.click()
    at(browser, "#on").click()
    focused = browser.switch_to.active_element
    assert names[rows[int(focused.get_attribute("data-i") or 0)][0]] == "subscription"
    wait(browser, "return !document.getElementById('tip').hidden")
    time.sleep(0.3)  # what scrolls does not hide it
    assert (tip(browser) or "").startswith("subscription")


def test_the_reason_is_within_the_window(show: Show, page: str) -> None:
    browser = show(page, PHONE)
    for _ in range(30):
        at(browser, "#on").click()
        box = browser.execute_script(
            "const b = document.getElementById('tip').getBoundingClientRect();"
            "return [b.left, b.top, innerWidth - b.right, innerHeight - b.bottom]"
        )
        assert min(box) >= 0


def search(browser: Chrome, query: str) -> str:
    field = at(browser, "#query")
    field.clear()
    field.send_keys(query)
    return str(wait(browser, "return document.getElementById('found').textContent"))


def test_search_finds_steps_and_leaves_the_page_as_it_is(show: Show, page: str) -> None:
    browser = show(page)
    before = browser.execute_script("return document.querySelector('.text').innerHTML")
    count = visible_text(browser).lower().count("seed")
    assert search(browser, "SEED") == f"{count} found"
    at(browser, "#query").send_keys(Keys.ENTER)
    assert at(browser, "#found").text == f"1 of {count} found"
    at(browser, "#found-back").click()
    assert at(browser, "#found").text == f"{count} of {count} found"
    script = "return [CSS.highlights.get('found').size, String([...CSS.highlights.get('here')][0])]"
    assert browser.execute_script(script) == [count, "seed"]
    assert browser.execute_script("return document.querySelector('.text').innerHTML") == before


def test_what_is_found_is_brought_into_sight(show: Show, page: str) -> None:
    browser = show(page, PHONE)
    assert search(browser, "night train") == "1 found"
    at(browser, "#query").send_keys(Keys.ENTER)
    wait(
        browser,
        "const b = [...CSS.highlights.get('here')][0].getBoundingClientRect();"
        "return b.top > 60 && b.bottom < innerHeight",
    )


def test_search_finds_words_across_what_is_kept_and_removed(show: Show) -> None:
    text = "The old bridge reopened on Monday after three winters. Advertisement\nIt is new again."
    browser = show(explained(analyze(text), "page.txt"))
    assert search(browser, "winters. advertisement it is") == "1 found"


def test_search_does_not_find_what_is_hidden(show: Show, page: str) -> None:
    browser = show(page)
    at(browser, "[data-all='0']").click()
    assert search(browser, "night train") == "not found"
    at(browser, "[data-all='1']").click()
    assert at(browser, "#found").text == "1 found"


def test_a_long_removal_opens_where_it_is_searched(show: Show) -> None:
    result = analyze(SEEDS[0].read_bytes())
    browser = show(explained(result, "seed.txt"))
    inside = result.removals[0].text[9000:9080]
    assert inside not in visible_text(browser)
    assert search(browser, inside) == "1 found"
    at(browser, "#query").send_keys(Keys.ENTER)
    assert inside in visible_text(browser)
    assert at(browser, ".more").get_attribute("aria-expanded") == "true"
    at(browser, ".more").send_keys(Keys.ENTER)
    assert inside not in visible_text(browser)


def test_a_comparison_steps_through_differences(show: Show, comparison: str) -> None:
    browser = show(comparison)
    at(browser, "#on").click()
    assert at(browser, "#place").text == "1 of 5"
    assert "Read More" in browser.switch_to.active_element.text
    at(browser, "#only").click()
    assert all(not row.is_displayed() for row in all_at(browser, ".row.same"))
    assert len(visible_text(browser).splitlines()) < 30
    ActionChains(browser).move_to_element(at(browser, ".row.differs del")).perform()
    assert (tip(browser) or "").startswith("related")


def test_a_comparison_shows_what_is_the_same_once_on_a_phone(show: Show, comparison: str) -> None:
    browser = show(comparison, PHONE)
    assert visible_text(browser).count("For forty years") == 1
    assert visible_text(browser).count("Read More") == 2
    assert search(browser, "for forty years") == "1 found"


def test_lines_of_a_report_can_be_chosen(show: Show, report: str) -> None:
    browser = show(report)
    at(browser, "#words").send_keys("a5")
    assert at(browser, "#count").text == "11 shown"
    at(browser, "#what").send_keys("navigation")
    assert at(browser, "#count").text == "0 shown"


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_hostile_page_runs_nothing(show: Show, kind: str) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
    result = analyze(f"Advertisement {HOSTILE if kind == 'text' else escaped}", kind=kind)
    bad = [Removal(0, 13, Category.APP, HOSTILE, 3.0, HOSTILE, "Advertisement")]
    result = Result(result.document, HOSTILE, None, result._cuts, lambda _: bad)
    browser = show(explained(result, HOSTILE, HOSTILE))
    ActionChains(browser).move_to_element(at(browser, "del")).perform()
    assert words(HOSTILE) in (tip(browser) or "")
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert.text
    assert browser.execute_script("return document.images.length") == 0


def large() -> Iterator[str]:
    """Lines of five million characters, of which every second is removed."""
    for number in range(45_000):
        yield f"Sign up for our newsletter number {number}"
        yield f"The bridge was closed on day {number} and opened again two days after it, we hear."


def test_five_megabytes_stay_usable(show: Show) -> None:
    text = "\n".join(large())
    doc = analyze("One line of text.", kind="text").document
    removals, at_ = [], 0
    for number, line in enumerate(large()):
        if number % 2 == 0:
            removals.append(
                Removal(at_, at_ + len(line), Category.NEWSLETTER, "rule", 3.0, "why", line)
            )
        at_ += len(line) + 1
    doc = type(doc)(text, "text", ())
    result = Result(doc, None, None, (), lambda _: removals)
    start = time.monotonic()
    browser = show(explained(result, "large.txt"))
    took = {"load": time.monotonic() - start}
    for name, script in (
        ("toggle", "document.querySelector('input[data-c]').click()"),
        ("toggle back", "document.querySelector('input[data-c]').click()"),
        ("step", "document.getElementById('back').click()"),
        ("scroll", "scrollTo(0, document.body.scrollHeight / 2)"),
    ):
        took[name] = painted(browser, script)
    start = time.monotonic()
    assert search(browser, "day 44999") == "1 found"
    took["search"] = time.monotonic() - start
    took["go"] = painted(browser, "document.getElementById('found-on').click()")
    assert {name: round(s, 1) for name, s in took.items() if s > 5} == {}


def painted(browser: Chrome, script: str) -> float:
    """The seconds until a script's effect is on the screen."""
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => done("
    return float(
        browser.execute_async_script(
            "const done = arguments[0], start = performance.now();"
            f"{script}; {frames}(performance.now() - start) / 1000)))"
        )
    )
