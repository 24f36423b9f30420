"""What repeats over the pages of a host: the counts, and what they change."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import declutter
from declutter.model import Block, Document
from declutter.pipeline import read
from declutter.site import MAX_COUNT, MIN_PAGES, SiteCounts, _key

SMALL = 1 << 20  # bytes
Make = Callable[[str, str], str]
PROSE = (
    "The council of {0} said on Monday that it would repair the old bridge over the river {0}. "
    "Work begins in spring, and the people of {0} will have to take the ferry until then."
)
# as likely an article's last paragraph as a box of the site
BOX = "Anna Weber has written about bridges, rivers and the towns on their banks for many years."


def page(name: str, box: str = "", title: str = "") -> str:
    title = title or f"A bridge for {name}"
    return (
        f"<title>{title} | Gazette</title><nav><a href=/>Home</a> <a href=/s>Sport</a></nav>"
        f"<article><h1>{title}</h1><p>{PROSE.format(name)}</p><p>{PROSE.format(name + 'au')}</p>"
        f"{f'<p>{box}</p>' if box else ''}</article><footer>Gazette, since 1890</footer>"
    )


def text(name: str, box: str = "") -> str:
    lines = [f"A bridge for {name}", PROSE.format(name), PROSE.format(name + "au"), box]
    return "\n".join(filter(None, lines))


def counted(sources: list[str], host: str = "a.org") -> SiteCounts:
    counts = SiteCounts(SMALL)
    for source in sources:
        counts.add(host, read(source))
    return counts


def names(count: int) -> list[str]:
    """Names that differ in letters, for numbers count as one."""
    return [f"{chr(97 + at // 26)}{chr(97 + at % 26)}dorf".title() for at in range(count)]


# --- the counts -----------------------------------------------------------------------

BLOCKS = st.lists(st.sampled_from(["menu", "share", "one", "two", "three", "мост", "桥"]))
PAGES = st.lists(st.tuples(st.sampled_from(["a.org", "b.org"]), BLOCKS), max_size=12)


def made(blocks: list[str]) -> Document:
    found, start = [], 0
    for words in blocks:
        found.append(Block(start, start + len(words)))
        start += len(words) + 1
    return Document("\n".join(blocks), "html", tuple(found))


def count(pages: list[tuple[str, list[str]]], size: int = SMALL) -> SiteCounts:
    counts = SiteCounts(size)
    for host, blocks in pages:
        counts.add(host, made(blocks))
    return counts


@given(PAGES)
def test_each_page_counts_once_and_none_is_missed(pages: list[tuple[str, list[str]]]) -> None:
    counts = count(pages)
    true = Counter((host, block) for host, blocks in pages for block in set(blocks))
    for host in ("a.org", "b.org"):
        every = ["menu", "share", "one", "мост"]
        assert counts.copies(host, made(every)) == [true[host, block] for block in every]
        assert counts.pages(host, made([])) == sum(name == host for name, _ in pages)


@given(PAGES)
def test_too_little_memory_counts_too_much_never_too_little(
    pages: list[tuple[str, list[str]]],
) -> None:
    counts = count(pages, (1 << 19) + 40)  # five cells in a row
    for host, blocks in pages:
        true = [sum(h == host and b in bs for h, bs in pages) for b in blocks]
        found = counts.copies(host, made(blocks))
        assert all(a >= b for a, b in zip(found, true, strict=True))


@given(PAGES, PAGES)
@settings(max_examples=25)
def test_merging_is_counting_together(
    some: list[tuple[str, list[str]]], others: list[tuple[str, list[str]]]
) -> None:
    merged = count(some)
    merged.merge(count(others))
    assert np.array_equal(merged._cells, count(some + others)._cells)


def test_counts_of_other_sizes_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="same size"):
        SiteCounts(SMALL).merge(SiteCounts(2 * SMALL))


def test_counts_do_not_overflow() -> None:
    counts = count([("a.org", ["menu"])])
    counts._texts[counts._texts > 0] = MAX_COUNT
    counts.add("a.org", made(["menu"]))
    counts.merge(count([("a.org", ["menu"])]))
    assert counts.copies("a.org", made(["menu"])) == [MAX_COUNT]


def test_memory_does_not_grow() -> None:
    counts = SiteCounts(SMALL)
    before = counts._cells.nbytes
    for name in names(200):
        counts.add(f"{name}.org", read(page(name)))
    assert counts._cells.nbytes == before <= SMALL


def test_counts_are_the_same_in_every_process(tmp_path: Path) -> None:
    script = (
        "import sys; from declutter.pipeline import read; from declutter.site import SiteCounts\n"
        f"counts = SiteCounts({SMALL}); counts.add('a.org', read(sys.argv[1]))\n"
        "counts.save(sys.argv[2])"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, page("Adorf"), str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed},
            check=True,
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    loaded = SiteCounts.load(tmp_path / "1")
    assert np.array_equal(loaded._cells, counted([page("Adorf")])._cells)


def test_what_is_loaded_can_be_added_to_and_leaves_the_file_alone(tmp_path: Path) -> None:
    count([("a.org", ["menu"])]).save(tmp_path / "counts")
    counts = SiteCounts.load(tmp_path / "counts")
    counts.add("a.org", made(["menu"]))
    assert counts.copies("a.org", made(["menu"])) == [2]
    assert SiteCounts.load(tmp_path / "counts").copies("a.org", made(["menu"])) == [1]


def test_counts_can_be_pickled() -> None:
    counts = pickle.loads(pickle.dumps(count([("a.org", ["menu"])])))
    counts.add("a.org", made(["menu"]))
    assert counts.copies("a.org", made(["menu"])) == [2]


def test_the_noise_of_full_counts_is_known() -> None:
    assert count([("a.org", ["menu"])]).noise == 0
    counts = SiteCounts((1 << 19) + 4000)
    for name in names(300):
        counts.add("a.org", made([f"{name} {at * 'x'}" for at in range(20)]))
    new = np.array(counts.copies("b.org", made([f"new {at * 'y'}" for at in range(500)])))
    assert new.min() > 0
    assert np.mean(new <= counts.noise) > 0.99


def test_hosts_are_told_apart_whatever_their_case() -> None:
    counts = count([("A.org.", ["menu"])])
    assert counts.copies("a.org", made(["menu"])) == [1]
    assert counts.copies("b.a.org", made(["menu"])) == [0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12 comments", "3 Comments", True),
        ("Comments (1,204)", "Comments (9)", True),
        ("Posted 12 May 2011", "Posted 13 May 2012", False),
        ("Updated at 14:42", "Updated at 15:10", False),
        ("|", "»", False),
    ],
)
def test_numbers_count_as_one_but_for_dates(one: str, other: str, same: bool) -> None:
    assert (_key(one) == _key(other)) is same


# --- what they change -----------------------------------------------------------------


def test_without_counts_nothing_changes() -> None:
    source = page("Adorf", BOX)
    assert declutter.analyze(source) == declutter.analyze(source, site=None)


@pytest.mark.parametrize("make", [page, text])
def test_a_box_on_many_pages_goes_with_the_reason(make: Make) -> None:
    sources = [make(name, BOX) for name in names(20)]
    counts = counted(sources)
    result = declutter.analyze(sources[3], site=counts.view("a.org"))
    assert BOX in declutter.clean(sources[3])
    assert BOX not in result.text
    assert PROSE.format("Addorf") in result.text
    removal = next(r for r in result.removals if BOX in r.text)
    assert removal.rule == "site-template"
    assert removal.why.startswith("stands on 20 of 20 pages of this site; main content with")
    assert pickle.loads(pickle.dumps(result)).removals == result.removals


@pytest.mark.parametrize("make", [page, text])
def test_another_host_is_no_evidence(make: Make) -> None:
    sources = [make(name, BOX) for name in names(20)]
    view = counted(sources).view("b.org")
    assert declutter.clean(sources[3], site=view) == declutter.clean(sources[3])


@pytest.mark.parametrize("make", [page, text])
def test_few_pages_are_no_evidence(make: Make) -> None:
    sources = [make(name, BOX) for name in names(MIN_PAGES - 1)]
    view = counted(sources).view("a.org")
    assert declutter.clean(sources[3], site=view) == declutter.clean(sources[3])


@pytest.mark.parametrize("make", [page, text])
def test_a_small_share_is_no_evidence(make: Make) -> None:
    sources = [make(name, BOX if at < 4 else "") for at, name in enumerate(names(40))]
    view = counted(sources).view("a.org")
    assert declutter.clean(sources[3], site=view) == declutter.clean(sources[3])


@pytest.mark.parametrize("times", [2, 5, 30])
@pytest.mark.parametrize("make", [page, text])
def test_an_article_under_several_addresses_stays(make: Make, times: int) -> None:
    sources = [make(name, BOX) for name in names(12)]
    counts = counted(sources)
    for at in range(times - 1):
        counts.add("a.org", read(sources[3] + ("" if make is text else f"<p>Seen {at}</p>")))
    found = declutter.clean(sources[3], site=counts.view("a.org"))
    assert PROSE.format("Addorf") in found
    assert PROSE.format("Addorfau") in found
    assert found.startswith("A bridge for Addorf")
    assert BOX not in found


@pytest.mark.parametrize("make", [page, text])
def test_a_site_of_one_article_is_not_emptied(make: Make) -> None:
    view = counted([make("Adorf", BOX)] * 30).view("a.org")
    source = make("Adorf", BOX)
    assert declutter.clean(source, site=view) == declutter.clean(source)


def test_the_headline_stays_though_all_pages_name_it() -> None:
    title = "Bridge diary"
    sources = [page(name, title=title) for name in names(20)]
    found = declutter.clean(sources[3], site=counted(sources).view("a.org"))
    assert found.startswith(f"{title}\n")


def test_a_headline_that_other_pages_link_to_stays() -> None:
    found = names(20)
    links = "".join(f"<li><a href={n}>A bridge for {n}</a></li>" for n in found)
    sources = [page(name) + f"<ul>{links}</ul>" for name in found]
    cleaned = declutter.clean(sources[3], site=counted(sources).view("a.org"))
    assert cleaned.startswith("A bridge for Addorf\n")


def test_a_heading_of_what_stands_here_alone_stays() -> None:
    section = "<h2>In short</h2><p>{0} has to wait, and {0} will wait for many years to come.</p>"
    sources = [
        page(name).replace("</article>", section.format(name) + "</article>") for name in names(20)
    ]
    assert "In short" in declutter.clean(sources[3])
    assert "In short" in declutter.clean(sources[3], site=counted(sources).view("a.org"))


def test_a_phrase_within_sentences_stays() -> None:
    sources = [
        f"A bridge for {name}\nAs the Gazette Reports\nA few people of {name} came. "
        f"They told Radio Elster that {name} would vote. {PROSE.format(name)}"
        for name in names(20)
    ]
    found = declutter.clean(sources[3], site=counted(sources).view("a.org"))
    assert "They told Radio Elster that Addorf would vote." in found


def test_what_is_kept_by_category_stays() -> None:
    sources = [page(name, BOX) for name in names(20)]
    view = counted(sources).view("a.org")
    removal = next(r for r in declutter.analyze(sources[3], site=view).removals if BOX in r.text)
    assert BOX in declutter.clean(sources[3], site=view, keep={removal.category})


def test_a_page_without_text_has_no_evidence() -> None:
    view = counted([page(name) for name in names(6)]).view("a.org")
    for source in ("<p></p>", "", " \n "):
        assert declutter.clean(source, site=view) == ""
        SiteCounts(SMALL).add("a.org", read(source))
