"""Imports point one way: command line, pipeline, stages, model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import declutter

ROOT = Path(declutter.__file__).parent

# what a part may import besides itself; a part is a module or a package of declutter
BASE = {"errors", "model"}
GROUND = {*BASE, "lexicon", "segment"}
ALLOWED: dict[str, set[str]] = {
    "__init__": {"errors", "model", "options", "pipeline"},
    "__main__": {"cli"},
    "charsets": set(),
    "errors": set(),
    "model": set(),
    "options": {*BASE, "charsets", "rulefiles"},
    "heads": set(),
    "lexicon": {*BASE, "heads"},
    "lexicons": {"lexicon"},
    "segment": {"lexicon"},
    "selection": {"errors"},
    "rulefiles": {*GROUND, "selection"},
    "readers": {*GROUND, "charsets", "scoring", "selection"},
    "writers": GROUND,
    "schema": set(),
    "scoring": {*GROUND, "heads", "options"},
    "rules": {*GROUND, "rulefiles", "scoring"},
    "decide": {*GROUND, "options", "scoring"},
    "site": {*GROUND, "scoring"},
    "meta": {*GROUND, "extras", "readers", "scoring"},
    "pipeline": {
        *(*GROUND, "options", "decide", "meta", "readers", "rulefiles", "rules", "scoring"),
        *("site", "writers"),
    },
    "why": {*GROUND, "decide", "options", "pipeline", "rulefiles", "rules", "writers"},
    "files": BASE,
    "extras": {"errors"},
    "choices": {*BASE, "options", "rulefiles"},
    "batch": {
        *(*BASE, "__init__", "charsets", "choices", "extras", "files", "options", "pipeline"),
        *("meta", "readers", "site"),
    },
    "report": {*BASE, "__init__", "batch", "choices", "decide", "extras", "files", "pipeline"},
    "integrations": {
        *BASE,
        *("__init__", "batch", "charsets", "choices", "extras", "options", "pipeline", "writers"),
    },
    "cli": {
        *GROUND,
        *("__init__", "batch", "choices", "decide", "files", "options", "pipeline", "report"),
        *("rulefiles", "rules", "why", "writers"),
    },
}
# third-party packages and the modules that may import them
HOMES = {
    "lxml": {"readers/html.py", "selection.py"},
    "selectolax": {"readers/declared.py", "readers/html.py", "selection.py"},
    "nh3": {"writers/html.py"},
    "bs4": {"readers/encoding.py"},
    "justext": {"scoring/stopwords.py"},
    "click": {
        "batch/command.py",
        "batch/job.py",
        "batch/progress.py",
        "choices.py",
        "cli.py",
        "integrations/spark.py",
        "report/command.py",
        "report/terminal.py",
    },
    "jinja2": {"report/templates.py"},
    "markupsafe": {"report/templates.py"},
    "fastwarc": {"batch/bodies.py", "batch/warc.py"},
    "orjson": {"batch/sinks.py", "batch/tables.py"},
    "pebble": {"batch/workers.py"},
    "py3langid": {"meta/language.py"},
    "pyarrow": {
        "batch/arrow.py",
        "batch/sinks.py",
        "batch/tables.py",
        "integrations/arrow.py",
        "integrations/spark.py",
        "report/rows.py",
    },
    "pyspark": {"integrations/spark.py"},
    "ray": {"integrations/ray.py"},
    "tqdm": {"batch/progress.py"},
    "zstandard": {"batch/sinks.py", "batch/streams.py"},
    "datatrove": {"integrations/datatrove.py"},
    "itemadapter": {"integrations/scrapy.py"},
    "langchain_core": {"integrations/langchain.py"},
    "scrapy": {"integrations/scrapy.py"},
}
# loaded only when needed, so that starting is quick
LATE = {
    *("bs4", "fastwarc", "jinja2", "justext", "markupsafe", "nh3", "numpy", "orjson", "pebble"),
    *("py3langid", "pyarrow", "pyspark", "ray", "tqdm", "zstandard"),
}
# imported when a page is scored or searched, and not before
BUSY = {
    "batch/arrow.py",
    "heads.py",
    "integrations/arrow.py",
    "site.py",
    *(
        f"scoring/{name}.py"
        for name in (
            "characters",
            "features",
            "flat",
            "model",
            "pieces",
            "score",
            "text",
            "vocabulary",
        )
    ),
}
MODULES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}


def part(name: str) -> str:
    """``rules/style.py`` is of the part ``rules``, ``cli.py`` of ``cli``."""
    return name.split("/")[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    """The absolute names of modules that a module imports anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inside = f"{alias.name}.py" in MODULES or f"{alias.name}/__init__.py" in MODULES
                inside = inside and node.module == "declutter"
                yield f"declutter.{alias.name}" if inside else node.module or ""


def parts_imported(name: str) -> set[str]:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    found = set()
    for imported in imports(tree):
        top, _, rest = imported.partition(".")
        if top == "declutter":
            found.add(rest.split(".")[0] or "__init__")
    return found - {part(name)}


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way(name: str) -> None:
    assert parts_imported(name) <= ALLOWED[part(name)]


def test_the_table_has_no_circle() -> None:
    left = {name: set(allowed) for name, allowed in ALLOWED.items() if name != "__init__"}
    while free := [name for name, allowed in left.items() if not allowed & left.keys()]:
        for name in free:
            del left[name]
    assert not left


@pytest.mark.parametrize("name", ["readers", "rules", "writers"])
def test_the_stages_do_not_know_each_other(name: str) -> None:
    stages = {"readers", "rules", "writers", "decide", "pipeline", "cli"}
    modules = [module for module in MODULES if part(module) == name]
    assert not [module for module in modules if parts_imported(module) & (stages - {name})]


@pytest.mark.parametrize("package", HOMES)
def test_each_third_party_package_has_one_home(package: str) -> None:
    users = {
        name
        for name, path in MODULES.items()
        if any(
            imported.split(".")[0] == package
            for imported in imports(ast.parse(path.read_text(encoding="utf-8")))
        )
    }
    assert users == HOMES[package]


def run_at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: not functions, nor for types only."""
    for node in body:
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if isinstance(node, ast.ClassDef):
            yield from run_at_import(node.body)
        elif not isinstance(node, ast.FunctionDef) and not typing:
            yield node


@pytest.mark.parametrize("name", sorted(MODULES.keys() - BUSY))
def test_slow_packages_load_when_needed(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    top = ast.Module(list(run_at_import(tree.body)), [])
    assert not {imported.split(".")[0] for imported in imports(top)} & LATE


def test_the_model_uses_the_standard_library_only() -> None:
    tree = ast.parse(MODULES["model.py"].read_text(encoding="utf-8"))
    assert {imported.split(".")[0] for imported in imports(tree)} <= {
        "__future__", "collections", "dataclasses", "enum", "functools", "typing",
    }  # fmt: skip
