"""The benchmarks' own arithmetic, loaders and workers, on synthetic pages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import corpora, metadata, peers, quality, workers
from benchmarks.corpora import Page, registrable
from benchmarks.metrics import segment_counts, word_scores
from benchmarks.scoring import figures, interval, score_page

HTML = b"<p>Some words of a page.</p>"


def write(path: Path, data: bytes | str | object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def page(
    name: str,
    gold: str = "a b",
    corpus: str = "wcxb",
    with_: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Page:
    return Page(corpus, name, "article", f"{name}.org", HTML, gold, with_, without)


def make_wcxb(folder: Path) -> None:
    truth = {
        "url": "https://www.news.co.uk/a",
        "_internal": {"page_type": {"primary": "article"}},
        "ground_truth": {"main_content": "Gold.", "with": ["G"], "without": ["X"]},
    }
    write(folder / "wcxb/dev/ground-truth/0001.json", truth)
    write(folder / "wcxb/dev/html/0001.html.gz", HTML)


def make_daniel(top: str, suffix: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        name = "20120101_www.news.co.uk_ab12"
        write(folder / top / "doc_lg.json", {name: "English"})
        write(folder / top / "html" / (name + suffix), HTML)
        write(folder / top / "html" / ("20120101_other.org_cd34" + suffix), HTML)
        write(folder / top / "reference" / name, "<p>Gold.</p>")

    return make


def make_trafilatura(marker: str, html: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        pages = {"https://www.news.co.uk/a": {"file": "a.html", "with": ["G"], "without": ["X"]}}
        text = json.dumps(pages)
        if marker.endswith(".py"):
            text = f"# annotations\nraise SystemExit\nEVAL_PAGES = {text}\n"
        write(folder / "trafilatura" / marker, text)
        write(folder / "trafilatura" / html, HTML)

    return make


def make_scrapinghub(top: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        item = {"articleBody": "Gold.", "url": "https://www.news.co.uk/a"}
        write(folder / top / "ground-truth.json", {"0a": item, "0b": item})
        write(folder / top / "html/0a.html.gz", HTML)

    return make


@pytest.mark.parametrize(
    ("corpus", "make"),
    [
        ("wcxb", make_wcxb),
        ("daniel", make_daniel("daniel", ".gz")),
        ("daniel", make_daniel("daniel/Corpus", "")),
        ("daniel", make_daniel("waddle/Corpus_daniel_v2.0", "")),
        ("trafilatura", make_trafilatura("evaldata.json", "html/a.html.gz")),
        ("trafilatura", make_trafilatura("tests/evaldata.py", "tests/cache/a.html")),
        ("trafilatura", make_trafilatura("tests/evaldata.py", "tests/eval/a.html")),
        ("scrapinghub", make_scrapinghub("scrapinghub")),
        ("scrapinghub", make_scrapinghub("article-extraction-benchmark")),
    ],
)
def test_loaders_read_every_layout(
    tmp_path: Path, corpus: str, make: Callable[[Path], None]
) -> None:
    load = corpora.LOADERS[corpus]
    assert not list(load(tmp_path))
    make(tmp_path)
    (found,) = load(tmp_path)
    assert (found.corpus, found.domain, found.html) == (corpus, "news.co.uk", HTML)
    assert found.host == "www.news.co.uk"
    assert found.gold.strip() == "Gold." or found.with_ == ("G",)


def test_registrable_domains() -> None:
    assert registrable("www.example.org") == "example.org"
    assert registrable("in.gr") == "in.gr"
    assert registrable("192.168.1.10") == "192.168.1.10"


def test_no_corpora_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECLUTTER_CORPORA", raising=False)
    with pytest.raises(SystemExit, match="--corpora"):
        corpora.root()


def test_empty_gold_wants_an_empty_text() -> None:
    assert word_scores(" ", "\n")[2] == 1
    assert word_scores("", "a cookie banner")[2] == 0
    assert word_scores("gold", "")[2] == 0


def test_segments_ignore_white_space() -> None:
    assert segment_counts("a  b\nc d", ["b c", "x"], ["c d", "y"]) == (1, 1, 1, 1)


def test_segments_count_together() -> None:
    both = [
        score_page(page("a", corpus="trafilatura", with_=("x", "y"), without=("z",)), "x z"),
        score_page(page("b", corpus="trafilatura", with_=("x",)), "x"),
    ]
    assert figures(both) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_interval_holds_the_mean_and_is_repeatable() -> None:
    outcomes = [score_page(page(str(n)), "a b" if n % 2 else "a x") for n in range(40)]
    low, high = interval(outcomes)
    assert low < figures(outcomes)[0] < high
    assert interval(outcomes) == (low, high)


def test_interval_of_one_domain_has_no_width() -> None:
    outcomes = [score_page(page("same"), text) for text in ("a b", "a", "")]
    low, high = interval(outcomes)
    assert low == pytest.approx(high)


def test_failures_score_as_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> peers.Extract:
        raise ValueError("no")

    monkeypatch.setitem(peers.PEERS, "broken", peers.Peer("declutter", broken))
    outcome = workers.run("broken", page("a"))
    assert (outcome.failed, outcome.words, outcome.f1) == ("ValueError: no", 0, 0)


def test_a_hang_costs_one_page() -> None:
    worker = workers.Worker()
    try:
        assert worker.run("declutter", page("a"), "balanced", 0.0).failed == "no answer in 0 s"
        assert worker.run("declutter", page("a"), "balanced", 60.0).failed is None
    finally:
        worker.stop()


def test_cached_scores_are_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fake(name: str, pages: list[Page], jobs: int) -> list[object]:
        done.extend(p.name for p in pages)
        return [score_page(p, "a b") for p in pages]

    monkeypatch.setattr(quality, "outcomes", fake)
    pages = [page("a"), page("b")]
    for wanted in (pages[:1], pages, pages):
        found = quality.measured("justext", wanted, focus="balanced", jobs=1, cache=tmp_path)
        assert [o.f1 for o in found] == [1.0] * len(wanted)
    assert done == ["a", "b"]


def test_comparison_has_a_column_for_each_tool() -> None:
    results = {"declutter": [score_page(page("a"), "a b")], "justext": [score_page(page("a"), "a")]}
    lines = list(quality.comparison(results))
    assert lines[2] == "| wcxb | all | 1 | 1.000 ± 0.000 | 0.667 ± 0.000 |"


def test_peers_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers.PEERS, "other", peers.Peer("no-such-package-9", lambda: lambda _: ""))
    assert peers.chosen("other,declutter") == (
        ["declutter"],
        ["other: not installed: pip install no-such-package-9"],
    )
    with pytest.raises(SystemExit, match="no such peer: third"):
        peers.chosen("third")


@pytest.mark.parametrize(
    ("field", "gold", "given", "found"),
    [
        ("title", "Über „uns“", "Uber uns", (1, 1, 1)),
        ("title", "A", None, (0, 0, 1)),
        ("title words", "Bridge reopens", "Bridge reopens | Gazette", (2, 3, 2)),
        ("author", "Eva Moss, MD and Tom Reed", ["Tom Reed"], (1, 1, 2)),
        ("author", None, ["Staff"], (0, 1, 0)),
        ("date", "2024-03-05", "2024-03-05T10:30:00Z", (1, 1, 1)),
        ("date", "2024-03", "2024-03-05", (1, 1, 1)),
        ("tags", ["a b", "c"], ["A-B", "d"], (1, 2, 2)),
    ],
)
def test_what_metadata_score(field: str, gold: object, given: object, found: object) -> None:
    assert metadata.counts(field, gold, given) == found


def test_metadata_rows_name_precision_recall_and_f1() -> None:
    facts = {"title": "A", "author": None, "date": "2024-03-05"}
    pages = [Page("wcxb", n, "article", f"{n}.org", HTML, facts=facts) for n in ("a", "b")]
    read: list[dict[str, object]] = [
        {"title": "A", "author": ["Eva"], "date": "2024-03-05"},
        {"title": "B"},
    ]
    rows = list(metadata.table(pages, {"declutter": read}, None))
    assert rows[0] == "| wcxb | all | title | 2 | 0.500 / 0.500 / 0.500 |"
    assert "| wcxb | all | author | 2 | 0.000 / 0.000 / 0.000 |" in rows
    assert "| wcxb | all | date | 2 | 1.000 / 0.500 / 0.667 |" in rows
    wrong = [line for p in pages for line in metadata.wrong("title", [p], read[1:])]
    assert len(wrong) == sum(metadata.half(p.domain) == "chosen" for p in pages)
