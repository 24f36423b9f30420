"""An explanation on the command line: by category, in order, as JSON, as a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from declutter.choices import altered, described
from declutter.cli import main
from declutter.report import templates
from declutter.writers.text import without
from tests.conftest import PAGES, SEEDS
from tests.reports import check

PROSE = "The old bridge over the river reopened on Monday, two years after the flood."
TEXT = f"Skip to main content\n{PROSE} Advertisement\n"


def run(*arguments: str | Path, stdin: str | None = TEXT, color: bool = False) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, color=color)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(TEXT)
    return path


def test_inline_shows_the_text_in_order_with_what_is_removed_in_brackets() -> None:
    shown = run("explain", "-", "--inline").stdout
    assert shown == (
        f"text, {len(TEXT)} characters read, {len(PROSE)} kept\n\n"
        f"[-navigation: Skip to main content-]\n{PROSE} [-advertisement: Advertisement-]\n\n"
    )


@pytest.mark.parametrize("path", [*SEEDS, *(path / "source.html" for path in PAGES)], ids=str)
def test_inline_without_the_brackets_is_the_clean_text(path: Path) -> None:
    shown = run("explain", path, "--inline").stdout.partition("\n\n")[2]
    spans = [match.span() for match in re.finditer(r"\[-[a-z-]+: (?s:.*?)-\]", shown)]
    assert without(shown, spans).split() == run("clean", path).stdout.split()


def test_inline_is_styled_line_by_line_for_pagers() -> None:
    lines = run("explain", SEEDS[0], "--inline", color=True).stdout.splitlines()
    assert any("\x1b[9m" in line for line in lines)
    assert all(line.rstrip().endswith("\x1b[0m") for line in lines if line.count("\x1b[") == 2)
    for line in lines:
        assert line.count("\x1b[0m") >= ("\x1b[9m" in line)


@pytest.mark.parametrize(
    ("variables", "styled"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("view", [[], ["--inline"]], ids=str)
def test_colours_follow_the_environment(
    variables: dict[str, str], styled: bool, view: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run("explain", "-", *view).stdout) == styled


def test_no_color_holds_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("explain", "-", color=True).stdout


@pytest.mark.parametrize("view", [[], ["--inline"]], ids=str)
def test_a_page_cannot_steer_the_terminal(view: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    source = f"Advertisement \x1b]0;owned\x07\x1b[2J\x9b31m\x08\n{PROSE} \x1b[2J\n"
    shown = run("explain", "-", "--kind", "text", *view, stdin=source).stdout
    assert set(re.findall(r"\x1b\[[0-9;]*.|\x1b.", shown)) <= {
        f"\x1b[{style}m" for style in ("0", "1", "9", "31", "33", "36")
    }
    assert not re.search(r"[\x07\x08\x9b]", shown)


def test_json_is_that_of_clean(page: Path) -> None:
    assert run("explain", page, "--format", "json").stdout == (
        run("clean", page, "--format", "json").stdout
    )


def test_a_pager_is_used_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    paged: list[str] = []
    monkeypatch.setattr(click, "echo_via_pager", lambda text, color=None: paged.append(text))
    plain = run("explain", "-", "--pager")
    assert (paged, plain.stdout) == ([], run("explain", "-").stdout)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    assert run("explain", "-", "--pager").stdout == ""
    assert [click.unstyle(text) for text in paged] == [plain.stdout]


def test_a_page_is_written(page: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "report.html"
    result = run("explain", page, "--html", target)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    check(target.read_text(encoding="utf-8"))


def test_a_page_goes_to_standard_output(page: Path) -> None:
    check(run("explain", page, "--html", "-").stdout)


def test_two_sources_are_compared(page: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("Monday", "Tuesday"))
    shown = check(run("explain", page, other, "--html", "-").stdout).text_content()
    assert "comparison, 1 difference\n" in shown


def test_options_are_compared(page: Path) -> None:
    shown = run("explain", page, "--against", "--keep advertisement", "--html", "-")
    text = check(shown.stdout).text_content()
    assert "comparison, 1 difference\n" in text
    assert "--keep advertisement" in text


def test_other_options_change_those_of_the_call(page: Path) -> None:
    shown = run("explain", page, "--edges", "--against", "--focus recall", "--html", "-").stdout
    codes = check(shown).xpath("//p[@class='facts']//code/text()")
    assert codes == ["--edges", "--focus recall --edges"]


def test_a_source_is_compared_with_itself_as_something_else(page: Path) -> None:
    page.write_text(f"<p>{PROSE}</p>")
    shown = run("explain", page, "--against", "--kind text", "--html", "-").stdout
    assert "--kind text" in check(shown).text_content()


def test_standard_input_is_compared_under_two_sets_of_options() -> None:
    shown = run("explain", "-", "--against", "--keep advertisement", "--html", "-").stdout
    assert "comparison, 1 difference\n" in check(shown).text_content()


def test_choices_read_as_they_are_written() -> None:
    usual = altered({}, "")
    assert described(usual) == ""
    for words in ("--focus precision --keep share --keep css", "--no-title --edges",
                  "--encoding 'a b' --max-bytes 5 --max-seconds 2.0"):  # fmt: skip
        assert described(altered(usual, words)) == words
    both = altered(altered(usual, "--keep share --focus recall"), "--keep css")
    assert described(both) == "--focus recall --keep css"


@pytest.mark.parametrize(
    "arguments",
    [
        ["a", "b"],
        ["a", "b", "c", "--html", "x"],
        ["-", "-", "--html", "x"],
        ["a", "--against", "--focus recall"],
        ["a", "--html", "x", "--against", "--focus fast"],
        ["a", "--html", "x", "--against", "--fast"],
        ["a", "--html", "x", "--against", "--help"],
        ["a", "--html", "x", "--against", "focus"],
        ["a", "--html", "x", "--against", "--keep nothing"],
        ["a", "--html", "x", "--against", "'"],
        ["a", "--html", "x", "--inline"],
        ["a", "--html", "x", "--format", "json"],
        ["a", "--html", "x", "--pager"],
        ["a", "--inline", "--format", "json"],
        ["a", "--format", "json", "--pager"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    result = run("explain", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_a_source_is_never_overwritten(page: Path, tmp_path: Path) -> None:
    result = run("explain", page, "--html", page)
    assert (result.exit_code, page.read_text()) == (1, TEXT)
    assert "overwrite" in result.stderr
    other = tmp_path / "b.txt"
    other.write_text(TEXT)
    assert run("explain", page, other, "--html", other).exit_code == 1
    assert other.read_text() == TEXT


def test_the_source_that_fails_is_named(page: Path, tmp_path: Path) -> None:
    result = run("explain", page, tmp_path / "none.html", "--html", tmp_path / "x.html")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"declutter: {tmp_path / 'none.html'}: ")
    assert not (tmp_path / "x.html").exists()


def test_without_jinja2_the_command_says_so_in_one_line(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates.environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = run("explain", page, "--html", "-")
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 1
    assert "pip install 'declutter[report]'" in line
