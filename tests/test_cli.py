"""The command line: what goes to standard output, what is said, and the exit codes."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from declutter import Category, LimitError, __version__, clean
from declutter.cli import main
from declutter.rules import RULES

PROSE = "The old bridge over the river reopened on Monday, two years after the flood."
TEXT = f"Skip to main content\n{PROSE}\n"
PAGE = f"<html><body><nav><a href=/>Home</a></nav><p>{PROSE}</p></body></html>"


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def declutter(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from declutter.cli import main; main()"]
    pipe = subprocess.PIPE
    return subprocess.Popen([*command, *map(str, arguments)], stdin=pipe, stdout=pipe, stderr=pipe)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(TEXT)
    return path


def test_the_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout.split()[-1]) == (0, __version__)


@pytest.mark.parametrize("command", [[], ["clean"], ["explain"], ["rules"]], ids=str)
def test_every_command_has_help(command: list[str]) -> None:
    result = run(*command, "--help")
    assert (result.exit_code, result.stdout[:6]) == (0, "Usage:")


def test_one_source_goes_to_standard_output(page: Path) -> None:
    result = run("clean", page)
    assert (result.exit_code, result.stdout, result.stderr) == (0, PROSE + "\n", "")


@pytest.mark.parametrize("data", [PAGE.encode(), gzip.compress(PAGE.encode())], ids=["plain", "gz"])
def test_a_dash_reads_standard_input(data: bytes) -> None:
    assert run("clean", "-", stdin=data).stdout == PROSE + "\n"


@pytest.mark.parametrize("data", [PAGE.encode(), gzip.compress(PAGE.encode())], ids=["plain", "gz"])
def test_a_compressed_file_is_read_whatever_its_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "page").write_bytes(data)
    assert run("clean", tmp_path / "page").stdout == PROSE + "\n"


def test_a_folder_goes_to_a_folder(tmp_path: Path) -> None:
    for name in ("in/a.html", "in/b/c.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    assert run("clean", tmp_path / "in", "-o", tmp_path / "out").exit_code == 0
    for name in ("out/a.txt", "out/b/c.txt"):
        assert (tmp_path / name).read_text() == PROSE + "\n"


def test_json(text: Path) -> None:
    item = json.loads(run("clean", text, "--format", "json").stdout)
    assert (item["text"], item["kind"], item["encoding"]) == (PROSE, "text", "utf-8")
    assert [removal["text"] for removal in item["removals"]] == ["Skip to main content"]


def test_json_goes_to_json_files(text: Path, tmp_path: Path) -> None:
    run("clean", text, "--format", "json", "-o", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "page.json").read_text())["text"] == PROSE


FORMATTED = (
    "<html lang=en><title>The bridge</title><article><h1>The bridge</h1>"
    f"<p>{PROSE} <a href=/more>More <b>of it</b></a><img src=b.png alt=Bridge>"
    "<ul><li>It was closed in May.<li>It was painted in June.</ul>"
    "<table><tr><th>Year<th>Boats<tr><td>1870<td>61</table></article>"
)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["markdown"], "[More **of it**](/more)"),
        (["markdown", "--url", "https://a.org/"], "(https://a.org/more)"),
        (["markdown", "--no-links"], "More **of it**"),
        (["markdown", "--images"], "![Bridge](b.png)"),
        (["markdown"], "| Year | Boats |"),
        (["markdown", "--no-tables"], "\nYear Boats\n"),
        (["html"], '<html lang="en">'),
        (["html", "--url", "https://a.org/"], '<a href="https://a.org/more">'),
        (["tei"], "<head>The bridge</head>"),
        (["text"], "\n\nIt was closed in May.\n"),
        (["text", "--markers"], "\n- It was closed in May.\n"),
    ],
)
def test_formats_and_what_they_show(arguments: list[str], shown: str) -> None:
    result = run("clean", "-", "--kind", "html", "--format", *arguments, stdin=FORMATTED)
    assert (result.exit_code, result.stderr) == (0, "")
    assert shown in result.stdout


@pytest.mark.parametrize(
    ("form", "name"),
    [("text", "p.txt"), ("markdown", "p.md"), ("html", "p.html"), ("tei", "p.xml")],
)
def test_formats_have_their_endings(tmp_path: Path, form: str, name: str) -> None:
    (tmp_path / "p.html").write_text(FORMATTED)
    run("clean", tmp_path / "p.html", "--format", form, "-o", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


def test_keep_leaves_a_category(text: Path) -> None:
    assert run("clean", text, "--keep", "navigation").stdout == TEXT


def test_keep_may_be_repeated_and_keeps_the_defaults(text: Path) -> None:
    text.write_text(f"Skip to main content\n{PROSE}\nAdvertisement\n")
    kept = run("clean", text, "--keep", "navigation", "--keep", "advertisement")
    assert kept.stdout == text.read_text()


def test_drop_removes_what_is_kept_by_default() -> None:
    article = (
        f"<h1>The bridge</h1><p class=byline>By Ann Lee</p><p>{PROSE}</p><p>{PROSE[::-1]}.</p>"
    )
    source = f"<html><title>The bridge</title><body><article>{article}</article></body></html>"
    assert "Ann Lee" in run("clean", "-", stdin=source).stdout
    assert "Ann Lee" not in run("clean", "-", "--drop", "byline", stdin=source).stdout


@pytest.mark.parametrize("focus", ["precision", "balanced", "recall"])
def test_focus_is_the_librarys(page: Path, focus: str) -> None:
    assert run("clean", page, "--focus", focus).stdout == clean(PAGE, focus=focus) + "\n"


def test_kind_is_the_librarys(page: Path) -> None:
    assert "<nav>" in run("clean", page, "--kind", "text").stdout


def test_encoding_is_the_librarys(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes("Мост открыли.".encode("koi8-r"))
    assert run("clean", path, "--encoding", "koi8-r").stdout == "Мост открыли.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["clean"],
        ["clean", "a.html", "b.html"],
        ["clean", "."],
        ["clean", "-", "--keep", "shares"],
        ["clean", "-", "--drop", "shares"],
        ["clean", "-", "--focus", "fast"],
        ["clean", "-", "--kind", "pdf"],
        ["clean", "-", "--format", "xml"],
        ["clean", "-", "--max-bytes", "0"],
        ["clean", "-", "--max-bytes", "1.5"],
        ["clean", "-", "--max-seconds", "0"],
        ["clean", "-", "--max-seconds", "soon"],
        ["clean", "-", "--fast"],
        ["explain"],
        ["explain", "-", "-"],
        ["wash", "-"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    result = run(*arguments, stdin=TEXT)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_an_unknown_category_is_told_the_known_ones() -> None:
    stderr = run("clean", "-", "--keep", "shares", stdin=TEXT).stderr
    assert all(category.value in stderr for category in Category)


BAD = {
    "empty": (b"", "empty"),
    "binary": (bytes(300), "binary"),
    "pdf": (b"%PDF-1.7", "PDF"),
    "damaged": (b"\x1f\x8b\x08\x00", "gzip"),
}


def bad_sources(folder: Path) -> dict[str, str]:
    """Names of sources that fail, with a word of the reason."""
    (folder / "loop").symlink_to(folder / "loop")
    found = {str(folder / "missing.html"): "No such file", str(folder / "loop"): "symbolic links"}
    for name, (data, reason) in BAD.items():
        (folder / name).write_bytes(data)
        found[str(folder / name)] = reason
    return found


@pytest.mark.parametrize("command", ["clean", "explain"])
def test_a_source_that_fails_gets_one_line_and_exit_1(command: str, tmp_path: Path) -> None:
    for name, reason in bad_sources(tmp_path).items():
        result = run(command, name)
        (line,) = result.stderr.splitlines()
        assert (result.exit_code, result.stdout) == (1, "")
        assert line.startswith(f"declutter: {name}: ")
        assert reason in line


def test_the_other_sources_are_done(page: Path, text: Path, tmp_path: Path) -> None:
    bad = bad_sources(tmp_path)
    result = run("clean", page, *bad, text, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == len(bad)
    done = [path.read_text() for path in (tmp_path / "out").iterdir()]
    assert done == [PROSE + "\n"] * 2


@pytest.mark.parametrize("command", ["clean", "explain"])
def test_a_source_without_text_is_fine_and_the_reason_is_said(command: str) -> None:
    result = run(command, "-", stdin="<html><body></body></html>")
    assert result.exit_code == 0
    assert "no visible text" in result.stderr


def test_a_folder_without_pages_fails(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = run("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "no pages" in result.stderr


def test_an_output_that_cannot_be_written_fails_in_one_line(page: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "page.txt").mkdir(parents=True)
    result = run("clean", page, "-o", tmp_path / "out")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "cannot write" in result.stderr


def test_a_source_is_never_overwritten(text: Path) -> None:
    run("clean", text, "-o", text.parent)
    assert text.read_text() == TEXT


def test_warnings_are_said(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE.replace("<nav>", "<meta charset=latin-1>é<nav>").encode())
    result = run("clean", path)
    assert result.exit_code == 0
    assert f"declutter: {path}: warning: " in result.stderr


@pytest.mark.parametrize(
    "command", [["clean"], ["clean", "--format", "json"], ["explain"]], ids=str
)
def test_lone_surrogates_do_not_break_the_output(command: list[str]) -> None:
    process = declutter(*command, "-", "--encoding", "raw_unicode_escape")
    stdout, stderr = process.communicate(
        rb"Advertisement \ud800" + f"\n{PROSE} ".encode() + rb"\ud800"
    )
    assert (process.returncode, stderr) == (0, b"")
    assert stdout.decode("utf-8")


@pytest.mark.parametrize("command", ["clean", "explain"])
def test_a_closed_pipe_is_no_error(command: str, tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    lines = (f"{PROSE} It was day {day}.\nSkip to main content\n" for day in range(20_000))
    big.write_text("".join(lines))
    process = declutter(command, big)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["clean", "explain", "rules"])
def test_a_full_disk_is_told_in_one_line(command: str, text: Path) -> None:
    arguments = [command] if command == "rules" else [command, str(text)]
    code = "from declutter.cli import main; main()"
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr


def test_explain_shows_categories_words_and_reasons(text: Path) -> None:
    result = run("explain", text)
    assert result.exit_code == 0
    assert re.search(r"(?m)^navigation  1 removed, 20 characters$", result.stdout)
    assert "Skip to main content" in result.stdout
    assert "\x1b[" not in result.stdout


def test_explain_is_in_colour_on_a_terminal(text: Path) -> None:
    result = CliRunner().invoke(main, ["explain", str(text)], color=True)
    assert "\x1b[" in result.stdout


def test_rules_lists_every_category_and_every_rule() -> None:
    result = run("rules")
    listed = {line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")}
    assert result.exit_code == 0
    assert {category.value for category in Category} | set(RULES) <= listed


ENTRY = """[[entry]]
id = "xx.share.all"
category = "share"
weight = 3
patterns = ["share it all"]
why = "asks to share"
match = ["Share it all"]
spare = ["They share it with friends."]
"""


def test_rules_checks_a_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(ENTRY)
    result = run("rules", "--check", path)
    assert (result.exit_code, result.stdout) == (0, "1 entries, all good\n")
    assert run("rules", "--check", tmp_path).stdout == "1 entries, all good\n"


def test_rules_tells_what_is_wrong_with_a_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(ENTRY.replace("weight = 3", "weight = -3").replace("why", "wy"))
    result = run("rules", "--check", path)
    places = [line.split(": ")[:3] for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert places == [
        [f"{path}:6", "xx.share.all", "wy"],
        [f"{path}:4", "xx.share.all", "weight"],
        [f"{path}:1", "xx.share.all", "why"],
    ]


def test_rules_checks_only_what_exists(tmp_path: Path) -> None:
    assert run("rules", "--check", tmp_path / "none.toml").exit_code == 2
    empty = run("rules", "--check", tmp_path)
    assert (empty.exit_code, empty.stdout) == (
        1,
        f"{tmp_path}: no lexicons (.toml) in this folder\n",
    )


@pytest.mark.parametrize("name", ["bs4", "justext", "numpy", "lxml"])
def test_help_loads_no_slow_package(name: str) -> None:
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print({name!r} in sys.modules, file=sys.stderr))\n"
        "from declutter.cli import main\n"
        "main(['--help'])\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "False\n")


def test_no_source_of_a_run_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>The council met on Monday and left early.</p>")
    (tmp_path / "a.txt").write_text("The bridge reopened on Monday after three winters.")
    result = CliRunner().invoke(main, ["clean", str(tmp_path), "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert "overwrite" in result.stderr
    assert (tmp_path / "a.txt").read_text().startswith("The bridge reopened")


def test_a_bad_category_names_its_option() -> None:
    result = run("clean", "-", "--drop", "nonsense")
    assert result.exit_code == 2
    assert "drop:" in result.stderr


@pytest.mark.parametrize("command", ["clean", "explain"])
def test_max_bytes_is_the_librarys(page: Path, command: str) -> None:
    assert run(command, page, "--max-bytes", str(len(PAGE))).exit_code == 0
    result = run(command, page, "--max-bytes", str(len(PAGE) - 1))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"more than max_bytes={len(PAGE) - 1}" in result.stderr


@pytest.mark.parametrize("command", [["explain"], ["clean", "--format", "json"]], ids=str)
def test_reasons_that_take_too_long_fail_in_one_line(
    page: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(*_: object) -> None:
        raise LimitError("the page took longer than max_seconds=9")

    monkeypatch.setattr("declutter.pipeline._Namer.named", named)
    result = run(*command, page, "--max-seconds", "9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"declutter: {page}: the page took longer than max_seconds=9\n"
    assert run("clean", page).stdout == PROSE + "\n"
