"""The steps of a datatrove pipeline, in real runs from file to file."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datatrove")
pytest.importorskip("orjson", reason="datatrove's reader of JSONL needs it")

import dill
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter

from declutter import Options, clean
from declutter.errors import OptionError
from declutter.integrations.datatrove import DeclutterExtractor, DeclutterFormatter
from declutter.model import Category
from tests.conftest import FIXTURES

PROSE = "The old bridge over the river reopened on Monday morning, the council said."
PAGE = f"<nav><a href=/>Home</a> <a href=/n>News</a></nav><p>{PROSE}</p><p>Share on Facebook</p>"
TEXT = f"Skip to main content\n{PROSE}"
PAGES = ("german-news", "arabic-news", "forum-thread")
Step = DeclutterExtractor | DeclutterFormatter


def source(page: str) -> str:
    return (FIXTURES / "pages" / page / "source.html").read_text(encoding="utf-8")


def write(folder: Path, texts: Iterable[str], **metadata: Any) -> str:
    """A folder with documents in JSONL, named by their place."""
    folder.mkdir()
    items = [{"text": text, "id": str(at), **metadata} for at, text in enumerate(texts)]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    return str(folder)


def pipeline(folder: Path, reader: Any, step: Step, tasks: int = 1) -> dict[str, dict[str, Any]]:
    """The documents that a run writes, by name."""
    writer = JsonlWriter(str(folder / "out"), compression=None)
    LocalPipelineExecutor(
        [reader, step, writer], tasks, tasks, logging_dir=str(folder / "log")
    ).run()
    written = [
        json.loads(line)
        for path in (folder / "out").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {item["id"]: item for item in written}


def run(step: Step, texts: Iterable[Any]) -> tuple[list[Document], dict[str, int]]:
    """The documents that come out of a step, and its counts."""
    data = (Document(text, str(at)) for at, text in enumerate(texts))
    found = list(step.run(data))
    assert all(type(doc.text) is str for doc in found)
    return found, {name: int(stat.total) for name, stat in step.stats.stats.items()}


def test_pages_become_articles(tmp_path: Path) -> None:
    texts = [source(page) for page in (*PAGES, "only-navigation")]
    reader = JsonlReader(write(tmp_path / "in", texts, url="https://example.org/"))
    found = pipeline(tmp_path, reader, DeclutterExtractor())
    assert list(found) == ["0", "1", "2"], "what has no article is dropped"
    for at, page in enumerate(PAGES):
        assert found[str(at)]["text"] == clean(source(page), kind="html")
        assert found[str(at)]["metadata"]["url"] == "https://example.org/"
    (step,) = [
        stats["stats"]
        for stats in json.loads((tmp_path / "log" / "stats.json").read_text())
        if "Declutter" in stats["name"]
    ]
    counts = {name: stat if isinstance(stat, int) else stat["total"] for name, stat in step.items()}
    assert (counts["total"], counts["forwarded"], counts["dropped"]) == (4, 3, 1)


def test_archives_become_articles(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    pytest.importorskip("magic", exc_type=ImportError)
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html>{PAGE}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:1>\r\nWARC-Date: 2024-01-01\r\n"
        "WARC-Target-URI: https://example.org/\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.warc").write_bytes(head.encode() + body + b"\r\n\r\n")
    found = pipeline(tmp_path, WarcReader(str(tmp_path / "in")), DeclutterExtractor())
    assert found["<urn:1>"]["text"] == PROSE


def test_flattened_text_is_cleaned_in_several_processes(tmp_path: Path) -> None:
    texts = [f"{TEXT} Part {at}." for at in range(4)]
    reader = JsonlReader(write(tmp_path / "in", [*texts, "Skip to main content"]))
    (tmp_path / "in" / "in2.jsonl").write_text(json.dumps({"text": TEXT, "id": "other"}))
    found = pipeline(tmp_path, reader, DeclutterFormatter(), tasks=2)
    expected = {str(at): f"{PROSE} Part {at}." for at in range(4)} | {"other": PROSE}
    assert {name: item["text"] for name, item in found.items()} == expected


@pytest.mark.parametrize(
    ("step", "text", "gone"),
    [(DeclutterExtractor, PAGE, "Home News"), (DeclutterFormatter, TEXT, "Skip to main content")],
)
def test_reasons_go_to_the_metadata(step: type[Step], text: str, gone: str) -> None:
    told = {}
    for reasons in ("none", "counts", "full"):
        ((doc,), _) = run(step(reasons=reasons), [text])
        assert doc.text == PROSE
        told[reasons] = doc.metadata["declutter"]
    assert set(told["none"]) == {"title", "confidence"}
    assert 0 < told["none"]["confidence"] <= 1
    assert set(told["counts"]) == {"title", "confidence", "removed"}
    assert set(told["counts"]["removed"]) == {category.value for category in Category}
    assert told["counts"]["removed"]["navigation"] == len(gone)
    removal = told["full"]["removals"][0]
    assert (removal["category"], removal["text"]) == ("navigation", gone)
    assert removal["why"]
    if step is DeclutterFormatter:
        assert text[removal["start"] : removal["end"]] == gone, "offsets are those of the source"


def test_all_documents_fit_into_one_table(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    title = f"<title>Old bridge reopens</title><h1>Old bridge reopens</h1>{PAGE}"
    writer = ParquetWriter(str(tmp_path), batch_size=1)
    step = DeclutterExtractor()
    data = (Document(text, "a") for text in (f"<p>{PROSE}</p>", title, PAGE))
    list(writer.run(step.run(data)))
    (path,) = tmp_path.glob("*.parquet")
    rows = pq.read_table(path).column("metadata").to_pylist()
    assert [row["declutter"]["title"] for row in rows] == ["", "Old bridge reopens", ""]
    assert [row["declutter"]["removed"]["share"] for row in rows] == [0, 17, 17]


@pytest.mark.parametrize("step", [DeclutterExtractor, DeclutterFormatter])
def test_documents_that_cannot_be_read_are_skipped_and_counted(step: type[Step]) -> None:
    good = PAGE if step is DeclutterExtractor else TEXT
    bad = [None, 7, good * 20]
    found, counts = run(step(max_bytes=len(good) + 100), [bad[0], good, *bad[1:], "", good])
    assert [doc.id for doc in found] == ["1", "5"]
    assert (counts["total"], counts["clean_error"]) == (6, 3)
    assert (counts["forwarded"], counts["dropped"]) == (2, 1)
    assert "broken_process" not in counts


class Hanging(DeclutterExtractor):
    def extract(self, text: str) -> str | Exception:
        if "hang" in text:
            time.sleep(600)
        return super().extract(text)


def test_a_document_that_hangs_is_skipped() -> None:
    found, counts = run(Hanging(timeout=2), [PAGE, "hang", PAGE])
    assert [doc.id for doc in found] == ["0", "2"]
    assert (counts["timeout"], counts["forwarded"]) == (1, 2)


@pytest.mark.parametrize("step", [DeclutterExtractor, DeclutterFormatter])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"focus": "strict"}, "focus must be one of"),
        ({"favour_precision": True}, "unknown option 'favour_precision'"),
        ({"options": {"focus": "recall"}}, "options must be declutter.Options"),
        ({"reasons": "some"}, "reasons must be one of"),
    ],
)
def test_wrong_options_are_refused_at_once(
    step: type[Step], wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        step(**wrong)


@pytest.mark.parametrize("step", [DeclutterExtractor, DeclutterFormatter])
def test_options_join_and_steps_travel(step: type[Step]) -> None:
    made = step(options=Options(focus="precision"), title=False)
    for packer in (pickle, dill):
        copy = packer.loads(packer.dumps(made))
        assert copy.options == Options(focus="precision", title=False)
        assert run(copy, [PAGE if step is DeclutterExtractor else TEXT])[0][0].text == PROSE
