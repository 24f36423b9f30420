"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

import declutter
from declutter.batch.command import batch
from declutter.cli import main
from tests.conftest import SEEDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def console(command: str) -> list[str]:
    """The lines that the README shows below a command, without the dots that cut them."""
    block = README.partition(f"$ {command}\n")[2].partition("```")[0].partition("\n$ ")[0]
    return [line.removesuffix("...").rstrip() for line in block.splitlines() if line != "..."]


@pytest.mark.parametrize("command", ["clean", "explain"])
def test_the_example_comes_out_as_shown(command: str) -> None:
    name = f"fixtures/seeds/{SEEDS[0].name}"
    shown = console(f"declutter {command} {name}")
    got = CliRunner().invoke(main, [command, str(ROOT / name)]).stdout.splitlines()
    assert shown
    assert [s for s, g in zip(shown, got, strict=False) if not g.startswith(s)] == []


def test_the_page_before_is_the_seed() -> None:
    block = README.partition("```text\n")[2].partition("```")[0]
    lines = SEEDS[0].read_text(encoding="utf-8").splitlines()
    for shown, line in zip(block.splitlines(), lines, strict=False):
        assert line.startswith(shown.removesuffix("..."))


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_python_examples_are_python_and_use_real_names(code: str) -> None:
    compile(code, "README.md", "exec")
    for name in re.findall(r"\bdeclutter\.(\w+)", code):
        assert hasattr(declutter, name) or find_spec(f"declutter.{name}")


@pytest.mark.parametrize("line", re.findall(r"declutter batch .*-.*", README))
def test_examples_of_batches_use_real_options(line: str) -> None:
    known = {name for option in batch.params for name in option.opts}
    words = shlex.split(line.partition(" | head")[0], comments=True)
    assert {word for word in words if re.match(r"-\w|--\w", word)} <= known


def test_the_supported_pythons_agree_with_the_metadata() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.10"
    assert "Python 3.10 to 3.13" in README
