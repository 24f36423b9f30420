"""``declutter batch`` as a command: processes, signals, terminals, pipes, disks, exit codes."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard
from pyarrow import parquet as pq

from tests.batches import PROSE, ROOT, json_lines, texts, tree

HIDDEN = (".part", "ledger", "ledger.jsonl")  # what is no result
LONG = 120  # seconds that no test takes
REAL = [sys.executable, "-W", "error", "-c", "from declutter.cli import main; main()"]
LIGHT = [sys.executable, "-m", "tests.batches"]  # workers that do not clean, and begin at once


def begun(
    *arguments: str, command: list[str] = REAL, env: dict[str, str] | None = None, **more: Any
) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    known = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, **more}
    path = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
    return subprocess.Popen([*command, "batch", *arguments], env=path, **known)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """The exit code and what was said, once all processes that could say something are gone."""
    out, err = process.communicate(timeout=LONG)
    return process.returncode, (out or b"").decode(), (err or b"").decode(errors="replace")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- all of it


def test_pages_of_all_kinds_become_rows_in_order(here: Path) -> None:
    html = f"<html><nav><a href=/>Home</a></nav><p>{PROSE}</p></html>".encode()
    (here / "in").mkdir()
    (here / "in/a.html.gz").write_bytes(gzip.compress(html))
    (here / "in/b.jsonl.zst").write_bytes(zstandard.compress(texts(40, n=[1, {"x": None}])))
    (here / "in/c.jsonl").write_bytes(json_lines({"text": "", "url": "https://e.org/"}, {"x": 1}))
    (here / "in/d.html").write_bytes(gzip.compress(html)[:-9])
    (here / "in/e.txt").write_text(PROSE)
    code, out, err = ended(begun("in", "-j", "2"))
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["id"] for row in rows] == [
        "a.html.gz", *(f"n{i}" for i in range(40)), "c.jsonl#0", "e.txt",
    ]  # fmt: skip
    assert {row["text"] for row in rows if row["id"][0] in "ae"} == {PROSE}
    assert (rows[3]["text"], rows[3]["n"]) == (f"{PROSE} 2", [1, {"x": None}])
    assert (rows[-2]["text"], rows[-2]["host"], bool(rows[-2]["reason"])) == ("", "e.org", True)
    assert code == 1
    assert "declutter: c.jsonl#1: line 2: no column html or text" in err
    assert "declutter: d.html: damaged gzip data" in err
    assert "43 pages, " in err
    assert "; 1 page has none left" in err
    assert "failed: 2" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "name", "part"),
    [
        (["markdown", "--no-links"], "a.html.md", f"# The bridge\n\n{PROSE} More **of it**.\n"),
        (["tei"], "a.html.xml", "<head>The bridge</head>"),
    ],
)
def test_a_folder_holds_pages_in_other_formats(
    here: Path, arguments: list[str], name: str, part: str
) -> None:
    html = f"<article><h1>The bridge</h1><p>{PROSE} <a href=/b>More <b>of it</b></a>.</p></article>"
    (here / "in").mkdir()
    (here / "in/a.html").write_text(html)
    code, _, err = ended(begun("in", "-o", "out", "--format", *arguments))
    assert code == 0, err
    assert part in (here / "out" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_any_number_of_workers_gives_the_same(here: Path, jobs: str) -> None:
    (here / "a.jsonl").write_bytes(texts(300))
    arguments = ["a.jsonl", "-o", "o.jsonl", "--removed", "r.jsonl", "-q", "-j", jobs]
    assert ended(begun(*arguments, command=LIGHT)) == (0, "", "")
    rows = [json.loads(line) for line in (here / "o.jsonl").read_bytes().splitlines()]
    assert [row["id"] for row in rows] == [f"n{i}" for i in range(300)]
    assert (here / "r.jsonl").read_bytes().count(b"\n") == 300


# --- interrupted


OUTPUTS: dict[str, list[str]] = {
    "lines": ["-o", "out/a.jsonl", "--removed", "out/r.jsonl"],
    "gzip": ["-o", "out/a.jsonl.gz"],
    "texts": ["-o", "out"],
    "parquet": ["-o", "out", "--format", "parquet", "--part-rows", "50"],
    "zstd": ["-o", "out", "--format", "jsonl.zst", "--part-rows", "50"],
}
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM)


def plain(name: str, data: bytes) -> Any:
    """What a result holds: how single files are packed depends on when they were settled."""
    if name == "a.jsonl.gz":
        return gzip.decompress(data)
    return pq.read_table(io.BytesIO(data)).to_pylist() if name.endswith(".parquet") else data


def results(folder: Path) -> dict[str, Any]:
    return {name: plain(name, data) for name, data in tree(folder, *HIDDEN).items()}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_a_run_that_is_killed_again_and_again_gives_what_one_gives(
    here: Path, output: list[str]
) -> None:
    pages = [{"id": f"n{i}", "text": "sleep 0.001" if i % 3 else PROSE} for i in range(300)]
    (here / "a.jsonl").write_bytes(json_lines(*pages))
    arguments = ["a.jsonl", *output, "-j", "2", "-q"]
    start = time.monotonic()
    assert ended(begun(*arguments, command=LIGHT))[0] == 0
    took, expected = time.monotonic() - start, results(here / "out")
    (here / "out").rename(here / "undisturbed")
    chance = random.Random(str(output))
    for number in chance.sample(SIGNALS, 3):
        process = begun(*arguments, "--resume", command=LIGHT)
        watch(process, here / "out", expected, chance.uniform(0.3, 1) * took)
        process.send_signal(number)
        code, _, err = ended(process)
        assert code in (0, -number, 1, 130)
        assert code != 130 or "Traceback" not in err
    assert ended(begun(*arguments, "--resume", command=LIGHT)) == (0, "", "")
    assert results(here / "out") == expected
    assert not list((here / "out").rglob("*.part"))


def watch(
    process: subprocess.Popen[bytes], folder: Path, expected: dict[str, Any], seconds: float
) -> None:
    """See for some time that what has a name is complete."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        for name, found in results(folder).items() if folder.exists() else ():
            assert found == expected[name], name
        time.sleep(0.005)


@contextmanager
def hanging(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run that has written one row, and cleans pages without end."""
    pages = texts(1) + json_lines(*[{"text": "spin"}] * 4)
    process = begun("-", "-j", "2", *arguments, command=LIGHT, stdin=subprocess.PIPE,
                    start_new_session=True)  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pages)
    process.stdin.close()
    process.stdin = None
    assert process.stdout.readline().startswith(b'{"id":"n0"')
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_no_worker_outlives_a_run_that_is_killed() -> None:
    with hanging() as process:
        process.kill()
        code, _, err = ended(process)  # this waits for all that could say something
        assert (code, "Traceback" in err) == (-signal.SIGKILL, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_processes_and_says_so(number: int) -> None:
    with hanging() as process:
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        code, _, err = ended(process)
    assert code == 130
    assert err.splitlines()[-1] == "declutter: batch: interrupted"
    assert "Traceback" not in err


def test_an_interrupt_while_workers_begin_says_no_more(here: Path) -> None:
    (here / "a.jsonl").write_bytes(texts(9))
    process = begun("a.jsonl", "-o", "o.jsonl", start_new_session=True)
    while not (here / "o.jsonl.ledger").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = ended(process)
    assert code == 130
    assert "Traceback" not in err
    assert "--resume goes on" in err


def test_a_page_that_hangs_is_a_failure_in_the_ledger(here: Path) -> None:
    (here / "a.jsonl").write_bytes(texts(1) + json_lines({"id": "slow", "text": "spin"}) + texts(1))
    arguments = ["a.jsonl", "-o", "o.jsonl", "--timeout", "1"]
    code, _, err = ended(begun(*arguments, command=LIGHT))
    assert (code, "declutter: slow: took longer than --timeout 1 s" in err) == (1, True)
    assert (here / "o.jsonl").read_bytes().count(b"\n") == 2
    entries = [json.loads(line) for line in (here / "o.jsonl.ledger").read_bytes().splitlines()]
    assert [failure for entry in entries[1:] for failure in entry["failures"]] == [
        {"source": "a.jsonl", "place": 1, "id": "slow", "reason": "took longer than --timeout 1 s"}
    ]


# --- standard streams


def test_a_reader_that_has_enough_ends_the_run(here: Path) -> None:
    (here / "a.jsonl").write_bytes(texts(20_000))
    process = begun("a.jsonl", command=LIGHT)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    code, _, err = ended(process)
    assert (code, "Traceback" in err) == (0, False)
    pages = next(line for line in err.splitlines() if " pages, " in line)
    assert int(pages.split()[0].replace(",", "")) < 20_000


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_standard_output_that_is_full_is_a_clear_line(here: Path) -> None:
    (here / "a.jsonl").write_bytes(texts(2))
    with open("/dev/full", "wb") as full:
        code, _, err = ended(begun("a.jsonl", "-q", command=LIGHT, stdout=full))
    assert code == 1
    assert err.splitlines()[0].startswith("declutter: batch: cannot write to standard output: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("closing", "source", "said"),
    [("<&-", "-", "standard input is closed"), (">&-", "a.jsonl", "standard output is closed")],
)
def test_streams_that_are_closed_are_clear_lines(
    here: Path, closing: str, source: str, said: str
) -> None:
    (here / "a.jsonl").write_bytes(texts(2))
    command = ["sh", "-c", f'exec "$@" {closing}', "sh", *LIGHT]
    code, _, err = ended(begun(source, "-q", command=command))
    assert (code, said in err, "Traceback" in err) == (1, True, False)


def test_a_locale_without_utf_8_changes_nothing(here: Path) -> None:
    (here / "in").mkdir()
    for name in ("ü.txt".encode(), b"\xff.txt"):
        (here / "in" / os.fsdecode(name)).write_text("川 ü\x1b[2J")
    (here / "in/ä\n.jsonl").write_bytes(b"{\n")
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code, _, err = ended(begun("in", "-o", "out", command=LIGHT, env=locale))
    assert (code, "Traceback" in err) == (1, False)
    assert sorted(os.fsencode(name) for name in tree(here / "out", *HIDDEN)) == [
        "ü.txt".encode(), b"\xff.txt",
    ]  # fmt: skip
    (line,) = [line for line in err.splitlines() if "line 1 is no JSON" in line and "#0" in line]
    assert line.isprintable()


# --- terminals


def on_terminal(columns: int, *arguments: str) -> str:
    """What a run of this command writes on a terminal."""
    main_end, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = begun(*arguments, command=LIGHT, stderr=end)
    os.close(end)
    written = b""
    with suppress(OSError):  # the end of a terminal
        while piece := os.read(main_end, 1 << 16):
            written += piece
    os.close(main_end)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(LONG)
    return written.decode()


@pytest.mark.parametrize("columns", [100, 20])
def test_a_terminal_has_a_bar_that_fits_and_goes(here: Path, columns: int) -> None:
    pages = [{"text": "sleep 0.01"}] * 60
    (here / "a.jsonl").write_bytes(json_lines(*pages) + b"{\n")
    written = on_terminal(columns, "a.jsonl", "-o", "o.jsonl", "-j", "1")
    lines = [line.split("\r") for line in written.split("\r\n")]
    *bars, _ = lines[0]
    assert any("pages" in bar for bar in bars)
    assert not [bar for bar in bars if len(bar) > columns]
    stays = [line[-1] for line in lines]
    assert stays[0].startswith("declutter: a.jsonl#60: line 61 is no JSON")
    assert stays[1].startswith("60 pages, ")
    assert ("failed" in "".join(bars)) == (columns == 100)


def test_without_a_terminal_there_are_lines(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.jsonl").write_bytes(texts(3) + b"{\n")
    code, _, err = ended(begun("a.jsonl", "-o", "o.jsonl", command=LIGHT))
    assert (code, "\r" in err, "|" in err) == (1, False, False)
    first, pages, kept, *_ = err.splitlines()
    assert first.startswith("declutter: a.jsonl#3: line 4 is no JSON")
    assert pages.startswith("3 pages, ")
    assert kept == "kept 100.0% of the text"


def test_quiet_tells_of_failures_only(here: Path) -> None:
    (here / "a.jsonl").write_bytes(texts(3) + b"{\n")
    code, _, err = ended(begun("a.jsonl", "-o", "o.jsonl", "-q", command=LIGHT))
    assert (code, [line.split(":")[1] for line in err.splitlines()]) == (
        1,
        [" a.jsonl#3", " batch"],
    )


# --- what is not there


@pytest.mark.parametrize("library", ["pebble", "tqdm", "orjson", "zstandard", "py3langid"])
def test_a_library_that_is_missing_is_named_with_the_command(here: Path, library: str) -> None:
    (here / "a.jsonl").write_bytes(texts(2))
    (here / "usercustomize.py").write_text("")
    (here / "sitecustomize.py").write_text(f"import sys; sys.modules[{library!r}] = None")
    path = {"PYTHONPATH": os.pathsep.join((str(here), str(ROOT)))}
    code, _, err = ended(begun("a.jsonl", "-o", "o.jsonl.zst", "-q", "-j", "1", env=path))
    assert code == 1
    (line,) = err.splitlines()
    assert f" needs {library}: pip install 'declutter[batch]'" in line


@pytest.fixture
def small_disk(here: Path) -> Iterator[Path]:
    """A disk of 64 kB, where we may have one."""
    (here / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(here / "disk")]
    try:
        done = subprocess.run(mount, capture_output=True)
    except OSError:
        pytest.skip("no mount")
    if done.returncode:
        pytest.skip("mounting a small disk needs rights that this user has not")
    try:
        yield here / "disk"
    finally:
        subprocess.run(["umount", str(here / "disk")], check=True)


@pytest.mark.parametrize("output", ["o.jsonl", "o.parquet", "texts", "parts"])
def test_a_disk_that_fills_is_a_clear_line(small_disk: Path, output: str) -> None:
    chance = random.Random(1)
    pages = ({"id": f"n{i}", "text": chance.randbytes(500).hex()} for i in range(200))
    (small_disk.parent / "a.jsonl").write_bytes(json_lines(*pages))
    parts = ["--format", "jsonl.zst", "--part-rows", "9"] * (output == "parts")
    code, _, err = ended(begun("a.jsonl", "-o", f"disk/{output}", "-q", *parts, command=LIGHT))
    assert (code, "Traceback" in err) == (1, False)
    assert "No space left on device" in err.splitlines()[-1]
    assert ("--resume goes on" in err) == (output != "o.parquet")
