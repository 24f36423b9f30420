"""``--site-templates``: a first pass over all pages, and what it changes in the second."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from declutter.batch.outcome import site_of
from declutter.batch.records import Record
from tests.test_site import BOX, names, page

NAMES = names(8)


def rows_of(folder: Path, *choices: str, data: str | None = None) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "declutter", "batch", "-q", "-j", "1", "--spans", *choices]
    done = subprocess.run(
        command, input=data, text=True, capture_output=True, cwd=folder, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(hosts: list[str]) -> str:
    pages = ({"url": f"http://{host}/{name}", "html": page(name, BOX)}
             for host, name in zip(hosts, NAMES, strict=True))  # fmt: skip
    return "".join(json.dumps(row) + "\n" for row in pages)


def told(row: dict[str, object]) -> list[object]:
    removals = row["removals"]
    assert isinstance(removals, list)
    return [removal["rule"] for removal in removals if removal["rule"] == "site-template"]


def test_what_stands_on_the_pages_of_one_host_goes(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(lines(["e.org"] * 8))
    without = rows_of(tmp_path, "pages.jsonl")
    found = rows_of(tmp_path, "pages.jsonl", "--site-templates")
    assert all(BOX in str(row["text"]) and not told(row) for row in without)
    assert all(BOX not in str(row["text"]) and told(row) for row in found)
    assert [row["id"] for row in found] == [row["id"] for row in without]


def test_what_stands_on_one_page_of_many_hosts_stays(tmp_path: Path) -> None:
    data = lines([f"{name}.org" for name in NAMES])
    assert all(
        BOX in str(row["text"]) for row in rows_of(tmp_path, "-", "--site-templates", data=data)
    )


def test_standard_input_is_read_twice(tmp_path: Path) -> None:
    found = rows_of(tmp_path, "-", "--site-templates", data=lines(["e.org"] * 8))
    assert len(found) == 8
    assert all(map(told, found))


def test_pages_without_an_address_count_by_folder_also_from_a_list(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.html").write_text(page(name, BOX))
    listed = "\n".join(f"{name}.html" for name in NAMES)
    found = rows_of(tmp_path, "--files-from", "-", "--site-templates", data=listed)
    assert len(found) == 8
    assert all(map(told, found))


def test_a_run_that_goes_on_counts_once_and_leaves_no_counts_behind(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(lines(["e.org"] * 8))
    choices = ["pages.jsonl", "--site-templates", "-o", "out.jsonl"]
    rows_of(tmp_path, *choices)
    first = (tmp_path / "out.jsonl").read_bytes()
    rows_of(tmp_path, *choices, "--resume")
    assert (tmp_path / "out.jsonl").read_bytes() == first
    assert {path.name for path in tmp_path.iterdir()} == {
        "out.jsonl", "out.jsonl.ledger", "pages.jsonl",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "name", "site"),
    [
        ("https://e.org/a", "x/a.html", "e.org"),
        (None, "mirror/e.org/a.html", "mirror/e.org/"),
        (None, "pages.jsonl/00000001", "pages.jsonl/"),
        ("no address", "a.html", "/"),
    ],
)
def test_the_site_of_a_page(url: str | None, name: str, site: str) -> None:
    assert site_of(Record("s", 0, "id", name, "", "html", url=url)) == site
