"""The wheel: what it carries, and that it works where nothing else is installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import declutter

ROOT = Path(declutter.__file__).parent.parent
PROSE = "The old bridge over the river reopened on Monday morning."

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """The standard output of a command that has to succeed, without this checkout on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    if importlib.util.find_spec("build"):
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    else:
        options = ("--no-deps", "--no-build-isolation", "--wheel-dir", folder)
        run(sys.executable, "-m", "pip", "wheel", *options, ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment with the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder)
    found = folder / ("Scripts" if os.name == "nt" else "bin")
    run(found / "python", "-m", "pip", "install", "--quiet", wheel)
    return found


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_file_of_the_package(wheel: Path) -> None:
    package = ROOT / "declutter"
    files = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix in {".py", ".toml", ".json", ".typed", ".j2", ".js"}
    }
    assert files <= names(wheel)


@pytest.mark.parametrize(
    "name",
    ["py.typed", "lexicons/compiled.jsonl", "lexicons/markup.toml", "lexicons/en.toml"],
)
def test_the_wheel_carries_its_data(wheel: Path, name: str) -> None:
    assert f"declutter/{name}" in names(wheel)


def test_the_wheel_carries_the_licence(wheel: Path) -> None:
    assert [name for name in names(wheel) if name.endswith("/licenses/LICENSE")]


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    top = {name.split("/")[0] for name in names(wheel)}
    assert top == {"declutter", f"declutter-{declutter.__version__}.dist-info"}


def test_the_metadata_has_the_version_of_the_package(wheel: Path) -> None:
    assert wheel.name == f"declutter-{declutter.__version__}-py3-none-any.whl"


@pytest.mark.parametrize("source", [PROSE, f"<p>{PROSE}</p>"], ids=["text", "html"])
def test_the_installed_library_cleans(scripts: Path, tmp_path: Path, source: str) -> None:
    code = f"import declutter; print(declutter.clean({source!r}))"
    assert run(scripts / "python", "-c", code, cwd=tmp_path) == PROSE + "\n"


def test_the_installed_library_removes(scripts: Path, tmp_path: Path) -> None:
    code = f"import declutter; print(declutter.clean('Advertisement\\n{PROSE}'))"
    assert run(scripts / "python", "-c", code, cwd=tmp_path) == PROSE + "\n"


def test_the_installed_library_is_not_the_checkout(scripts: Path, tmp_path: Path) -> None:
    code = "import declutter; print(declutter.__file__)"
    where = Path(run(scripts / "python", "-c", code, cwd=tmp_path).strip())
    assert ROOT not in where.parents


def test_the_installed_program_runs(scripts: Path, tmp_path: Path) -> None:
    shown = run(scripts / "declutter", "--version", cwd=tmp_path)
    assert shown == f"declutter {declutter.__version__}\n"
