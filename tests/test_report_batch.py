"""declutter report: what a batch removed, from all that a batch writes, in bounded memory."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from declutter.batch.sinks import packer
from declutter.cli import main
from declutter.files import SourceError
from declutter.report import overview
from declutter.report.overview import read, summed_up
from declutter.report.plots import over_time
from declutter.report.rows import Gone, Page, kind, pages
from declutter.report.tally import DOUBTFUL, MAX_DAYS, Frequent, Sum, Tally
from tests.conftest import PAGES
from tests.reports import HOSTILE, check, words

PROSE = "The old bridge over the river reopened on Monday, two years after the flood."
SOME = PAGES[::4]
ADDED = ("full_text", "removals")  # by --spans


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def row(number: int, menu: str = "Home page", **more: Any) -> dict[str, Any]:
    """A row of a batch: a menu of some words before the prose."""
    return {
        "id": f"page-{number}",
        "url": f"https://site{number % 3}.example/{number}",
        "host": f"site{number % 3}.example",
        "date": f"2024-0{1 + number % 5}-11T10:00:00Z",
        "title": f"Page {number}",
        "confidence": 0.5 + number / 100,
        "reason": None,
        "full_text": f"{menu}\n{PROSE}",
        "removals": [span("navigation", 0, len(menu))],
        **more,
    }


def span(category: str, start: int, end: int, rule: str = "block-score") -> dict[str, Any]:
    return {"start": start, "end": end, "category": category, "rule": rule}


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def numbers(tree: Any, section: str) -> list[list[str]]:
    """The cells of the first table of a section."""
    table = tree.xpath(f"//section[@id='{section}']//table")[0]
    return [[words(c.text_content()) for c in r.xpath("th|td")] for r in table.xpath("tbody/tr")]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What batch wrote in every form, of the same pages."""
    folder = tmp_path_factory.mktemp("batch")
    sources = [str(path / "source.html") for path in SOME]
    spans = (
        "-o",
        folder / "jsonl" / "rows.jsonl",
        "--spans",
        "--removed",
        folder / "removed.jsonl",
    )
    parts = ("-o", folder / "parts", "--format", "parquet", "--spans", "--part-rows", "3")
    for output in (spans, parts, ("-o", folder / "dolma.jsonl", "--dolma")):
        done = run("batch", *sources, *output, "-j", "1", "-q")
        assert done.exit_code == 0, done.output
    rows, removed = folder / "jsonl" / "rows.jsonl", folder / "removed.jsonl"
    for path in (rows, removed):
        for ending in (".gz", ".zst"):
            name = path.name + ending
            (folder / name).write_bytes(packer(name)(path.read_bytes()))
    (folder / "json").mkdir()
    plain = []
    for number, line in enumerate(rows.read_text().splitlines()):
        (folder / "json" / f"{number}.json").write_text(line)
        plain.append({k: v for k, v in json.loads(line).items() if k not in ADDED})
    write(folder / "plain.jsonl", plain)
    return folder


@pytest.mark.parametrize(
    "name", ["rows.jsonl.gz", "rows.jsonl.zst", "parts", "json", "dolma.jsonl"]
)
def test_all_that_batch_writes_tells_the_same(batch: Path, name: str) -> None:
    def told(path: Path) -> tuple[object, ...]:
        tally = read([str(path)]).tally
        gone = tally.all.gone, tally.removals, tally.on_pages
        return (*gone, tally.all.pages, tally.all.read, tally.bins)

    assert told(batch / name) == told(batch / "jsonl")
    assert told(batch / name)[3] == len(SOME)


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_a_file_of_what_was_removed_is_enough(batch: Path, form: str) -> None:
    rows, removed = read([str(batch / "jsonl")]), read([str(batch / f"removed.{form}")])
    assert removed.tally.all.gone == rows.tally.all.gone
    assert removed.tally.rules.top(9) == rows.tally.rules.top(9)
    tree = check(summed_up(removed, "removed"))
    assert "The rows do not tell the confidence." in tree.text_content()
    assert "kept" not in tree.xpath("//header//svg/@aria-label")[0]


def test_rows_without_spans_add_what_they_know(batch: Path) -> None:
    both = read([str(batch / "plain.jsonl"), str(batch / "removed.jsonl")])
    spans = read([str(batch / "jsonl")])
    assert both.tally.all.pages == spans.tally.all.pages
    assert both.tally.all.gone == spans.tally.all.gone
    assert both.tally.bins == spans.tally.bins


def test_nothing_is_counted_twice(batch: Path) -> None:
    both = read([str(batch / "removed.jsonl"), str(batch / "jsonl")])
    assert both.tally.all.gone == read([str(batch / "jsonl")]).tally.all.gone
    assert both.left_out == [str(batch / "removed.jsonl")]


def test_rows_that_tell_nothing_are_an_error_that_says_what_to_do(batch: Path) -> None:
    result = run("report", batch / "plain.jsonl")
    (line,) = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "neither spans nor removals" in line
    assert "--spans" in line


@pytest.mark.parametrize("data", [b"", b"no json\n", b"[1]\n"], ids=repr)
def test_a_file_of_no_rows_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "rows.jsonl").write_bytes(data)
    assert run("report", tmp_path / "rows.jsonl").exit_code == 1


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(row(1)).encode() * 100)
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[:-20])
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 or not")
    (tmp_path / "empty").mkdir()
    for name in ("cut.jsonl.gz", "bad.parquet", "empty", "missing.jsonl"):
        result = run("report", tmp_path / name, "-o", tmp_path / "report.html")
        (line,) = result.stderr.splitlines()
        assert result.exit_code == 1
        assert line.startswith(f"declutter: report: {tmp_path / name}: ")
    assert not (tmp_path / "report.html").exists()


def test_lines_that_are_no_rows_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [row(1), row(2)])
    path.write_text(path.read_text() + "{half of a row\n\n[1, 2]\n")
    result = run("report", path, "-o", tmp_path / "report.html")
    assert (result.exit_code, result.stderr) == (0, "declutter: 2 lines are no rows\n")
    assert "2 lines are no rows" in (tmp_path / "report.html").read_text()


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [row(1)])
    before = path.read_text()
    assert run("report", path, "-o", path).exit_code == 1
    assert path.read_text() == before


def test_the_page_has_the_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", map(row, range(30)))
    result = run("report", path)
    assert (result.exit_code, result.stderr) == (0, "")
    tree = check(result.stdout)
    text = words(tree.text_content())
    assert "1 file, 30 pages, 2,580 characters read, 270 removed, 2024-01-11 to 2024-05-11" in text
    assert numbers(tree, "categories") == [["navigation", "30", "30", "270", "10.5%", ""]]
    assert numbers(tree, "hosts")[0][:4] == ["site0.example", "10", "90", "10.5%"]
    assert numbers(tree, "most") == [["30", "Home page", "navigation", "3"]]
    assert numbers(tree, "rules") == [["block-score", "navigation", "30", "270", "3"]]
    assert [line[0] for line in numbers(tree, "time")] == [f"2024-0{n}-11" for n in range(1, 6)]
    doubtful = numbers(tree, "doubtful")
    assert doubtful[0] == ["0.50", "Page 0https://site0.example/0", "10.5%", "navigation"]
    assert [line[0] for line in doubtful] == sorted(line[0] for line in doubtful)


def test_a_hostile_batch_stays_text(tmp_path: Path) -> None:
    bad = row(1, menu=f"Menu {HOSTILE}", id=HOSTILE, url=f"javascript:alert(1)//{HOSTILE}",
              host=HOSTILE, title=HOSTILE)  # fmt: skip
    bad["removals"] = [span(HOSTILE, 0, 9, HOSTILE), span("css", 0, 20, HOSTILE)]
    empty = row(2, confidence=None, reason=HOSTILE, full_text="", removals=[])
    tree = check(summed_up(read([str(write(tmp_path / "rows.jsonl", [bad, empty]))]), HOSTILE))
    assert tree.text_content().count("alert(1)") >= 6
    assert not tree.xpath("//a[not(starts-with(@href, '#'))]")


@pytest.mark.parametrize(
    "removals",
    ["text", [1], [None], [{}], [{"start": 0}], [span("css", 5, 2)], [span("css", 0, 10**6)],
     [span("css", -3, 2)], [{"start": "0", "end": "1"}], {"a": 1}, 7, None],
    ids=repr,
)  # fmt: skip
def test_spans_that_make_no_sense_are_nothing(tmp_path: Path, removals: object) -> None:
    path = write(tmp_path / "rows.jsonl", [row(0), row(1, removals=removals)])
    assert read([str(path)]).tally.all.gone == {"navigation": 9}


def test_a_category_that_nobody_knows_is_other(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [row(0, removals=[span("mine", 0, 9)])])
    assert read([str(path)]).tally.all.gone == {"other": 9}
    check(summed_up(read([str(path)]), "rows"))


def test_what_a_row_is() -> None:
    removed: dict[str, Any] = {"id": "a", "start": 0, "category": "css", "rule": "r", "text": "x"}
    rows: list[dict[str, Any]] = [row(1), removed, {"text": "x"}, {"removals": []}]
    assert list(map(kind, rows)) == ["spans", "removed", "page", "page"]


def test_what_was_removed_from_one_page_is_one_page(tmp_path: Path) -> None:
    gone = [
        {**span("css", n, n + 1), "id": id, "url": None, "text": "x", "why": ""}
        for id in ("a", "b", "") for n in range(2)
    ]  # fmt: skip
    found = list(pages(str(write(tmp_path / "removed.jsonl", gone))))
    assert [(page.id, len(page.gone)) for page in found if page] == [
        ("a", 2), ("b", 2), ("", 1), ("", 1),
    ]  # fmt: skip


# memory


@given(st.lists(st.sampled_from("aaaabbbccdefghijklmnop"), max_size=400), st.integers(1, 6))
def test_what_is_frequent_is_found_whatever_is_dropped(keys: list[str], most: int) -> None:
    seen: Frequent[list[str]] = Frequent(list, most)
    true = Counter(keys)
    for key in keys:
        seen.add(key)
    found = dict(seen.top(len(keys)))
    assert len(seen) <= 2 * most
    for key, counted in found.items():
        assert counted.count <= true[key] <= counted.count + counted.error
    for key, count in true.items():
        assert key in found or count <= len(keys) / most
    assert seen.is_whole == (len(true) <= 2 * most)


def page(number: int, text: str, **more: Any) -> Page:
    values: dict[str, Any] = {
        "id": str(number), "url": "", "host": f"h{number}.example", "day": "2024-01-01",
        "title": "", "confidence": random.Random(number).random(), "reason": "", "read": 1000,
        "gone": [Gone("navigation", f"rule-{number}", text)], **more,
    }  # fmt: skip
    return Page(**values)


def test_memory_does_not_grow_with_the_batch() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        tally = Tally(200, 200)
        for number in range(count):
            tally.add(page(number, f"Home\nA line of page {number} only\n" * 3))
        assert tally.lines.top(1)[0][1].count == count
        assert tally.all.pages == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(6000) < 1.3 * peak(2000)


def test_the_most_doubtful_pages_are_those_of_the_least_confidence() -> None:
    tally = Tally()
    found = [page(number, "Home") for number in range(1000)]
    for one in found:
        tally.add(one)
    least = sorted(one.confidence for one in found if one.confidence is not None)
    assert [doubt.confidence for doubt in tally.doubtful()] == least[:DOUBTFUL]
    assert sum(tally.bins) == 1000


def test_of_pages_as_doubtful_the_first_are_shown() -> None:
    tally = Tally()
    for number in range(300):
        tally.add(page(number, "Home", confidence=0.5))
    assert [doubt.id for doubt in tally.doubtful()] == [str(n) for n in range(DOUBTFUL)]


def test_many_days_are_counted_by_month() -> None:
    tally = Tally()
    for number in range(MAX_DAYS + 50):
        day = f"{1900 + number // 300}-{1 + number // 25 % 12:02}-{1 + number % 25:02}"
        tally.add(page(number, "Home", day=day))
    assert len(tally.days) < MAX_DAYS
    assert sum(one.pages for one in tally.days.values()) == MAX_DAYS + 50


def test_time_is_drawn_in_as_few_columns_as_can_be_read() -> None:
    def drawn(days: Iterator[str]) -> list[str]:
        sums = {day: Sum(1, 100, Counter({"css": 20})) for day in days}
        return [column.label for column in over_time(sums).columns]

    assert drawn(f"2024-01-{n:02}" for n in range(1, 31))[0] == "2024-01-01"
    assert drawn(f"2024-{m:02}-{n:02}" for m in range(1, 7) for n in range(1, 29)) == [
        f"2024-{m:02}" for m in range(1, 7)
    ]
    assert drawn(f"{y}-{m:02}-01" for y in range(2000, 2006) for m in range(1, 13)) == [
        str(y) for y in range(2000, 2006)
    ]


def test_a_column_is_as_high_as_its_share() -> None:
    sums = {"2024": Sum(1, 100, Counter({f"c{n}": 4 for n in range(10)}))}
    (column,), top, told, _ = over_time(sums)
    assert (column.share, top, len(told), told[-1]) == (0.4, 0.4, 8, "other")
    assert column.parts[-1].x + column.parts[-1].width == pytest.approx(240, abs=0.1)


def test_an_error_names_what_to_do_without_reading_all(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [{"id": "a", "text": PROSE}])
    with pytest.raises(SourceError, match="--removed"):
        overview.read([str(path)])
