"""What an adapter says where its library is not installed."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from declutter.errors import MissingExtra

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
# adapter: the library that it needs, the extra that has it
NEEDED = {
    "datatrove": ("datatrove", "datatrove"),
    "langchain": ("langchain_core", "langchain"),
    "scrapy": ("scrapy", "scrapy"),
}
# those that import it when they are used, so that a worker may lack it
LATE = {"ray": ("ray", "ray"), "spark": ("pyspark", "spark")}


def extras() -> dict[str, list[str]]:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    found: dict[str, list[str]] = project["optional-dependencies"]
    return found


@pytest.mark.parametrize("adapter", NEEDED)
def test_a_missing_library_is_named_with_the_command(
    adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, extra = NEEDED[adapter]
    module = f"declutter.integrations.{adapter}"
    monkeypatch.delitem(sys.modules, module, raising=False)
    hide(library, monkeypatch)
    with pytest.raises(MissingExtra, match=rf"pip install 'declutter\[{extra}\]'"):
        import_module(module)


def hide(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)


@pytest.mark.parametrize("adapter", LATE)
def test_a_library_that_is_missed_late_is_named_alike(
    adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, extra = LATE[adapter]
    module = import_module(f"declutter.integrations.{adapter}")
    hide(library, monkeypatch)
    use = module.clean_dataset if adapter == "ray" else module.clean_frame
    with pytest.raises(MissingExtra, match=rf"pip install 'declutter\[{extra}\]'"):
        use(None)


@pytest.mark.parametrize("adapter", [*NEEDED, *LATE])
def test_each_adapter_has_an_extra_and_one_holds_them_all(adapter: str) -> None:
    library, extra = {**NEEDED, **LATE}[adapter]
    assert any(need.startswith(library.replace("_", "-")) for need in extras()[extra])
    (every,) = extras()["integrations"]
    assert extra in re.findall(r"[\w-]+", every)
