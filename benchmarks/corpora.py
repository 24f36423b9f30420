"""Loading annotated corpora, laid out as in their public repositories or reduced.

Every page becomes a :class:`Page`; where the corpora stand is told by ``--corpora`` or
the environment variable ``DECLUTTER_CORPORA``. ``README.md`` beside this file has the layouts.
"""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

_TAG_RE = re.compile(r"<[^>]+>")
# registries that sell names below these labels of a country: bbc.co.uk, sina.com.cn
_SECOND = frozenset("ac co com edu gob gouv gov go mil ne net nom or org".split())


@dataclass(frozen=True, slots=True)
class Page:
    """One annotated page: its bytes, the gold text or segments, and what groups it."""

    corpus: str
    name: str
    group: str  # page type (WCXB), language (DAnIEL), "all" (the others)
    domain: str
    html: bytes
    gold: str = ""
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    host: str = ""  # empty where it is not known
    url: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)  # gold metadata


def registrable(host: str) -> str:
    """The part of a host that is registered, by rule of thumb; pages below it share templates.

    >>> [registrable(host) for host in ("www.bbc.co.uk", "news.sina.com.cn", "rus.ruvr.ru")]
    ['bbc.co.uk', 'sina.com.cn', 'ruvr.ru']
    """
    labels = host.lower().strip(".").split(".")
    if labels[-1].isdigit():  # an IP address
        return host
    country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in _SECOND
    return ".".join(labels[-3:] if country else labels[-2:])


def _host(url: str | None) -> str:
    return urlsplit(url or "").hostname or ""


def _domain(url: str | None, name: str) -> str:
    """The registrable domain of an address; a page without one stands for itself."""
    host = _host(url)
    return registrable(host) if host else name


def root(option: str | None = None) -> Path:
    """The folder of the corpora; exits with a hint where it is not known."""
    name = option or os.environ.get("DECLUTTER_CORPORA")
    if not name or not Path(name).is_dir():
        raise SystemExit(
            "name the corpora's folder with --corpora or DECLUTTER_CORPORA "
            "(benchmarks/README.md says what lies in it)"
        )
    return Path(name)


def _first(*paths: Path) -> Path | None:
    return next((path for path in paths if path.exists()), None)


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def wcxb(folder: Path) -> Iterator[Page]:
    """WCXB's public dev split; its test split is left alone."""
    dev = folder / "wcxb" / "dev"
    for path in sorted((dev / "ground-truth").glob("*.json")):
        data = _json(path)
        truth = data["ground_truth"]
        html = dev / "html" / f"{path.stem}.html.gz"
        if html.exists():
            yield Page(
                corpus="wcxb",
                name=path.stem,
                group=data["_internal"]["page_type"]["primary"],
                domain=_domain(data.get("url"), path.stem),
                html=_read(html),
                gold=truth.get("main_content") or "",
                with_=tuple(truth.get("with") or ()),
                without=tuple(truth.get("without") or ()),
                host=_host(data.get("url")),
                url=data.get("url") or "",
                facts=_facts(truth),
            )


def daniel(folder: Path) -> Iterator[Page]:
    """DAnIEL, reduced or as in the repository waddle, whose newer corpus is taken first."""
    marker = _first(
        folder / "daniel" / "doc_lg.json",
        *(
            folder / top / corpus / "doc_lg.json"
            for top in ("daniel", "waddle")
            for corpus in ("Corpus_daniel_v2.0", "Corpus")
        ),
    )
    if marker is None:
        return
    languages = _json(marker)
    for path in sorted((marker.parent / "html").iterdir()):
        name = path.name.removesuffix(".gz")
        reference = marker.parent / "reference" / name
        if reference.exists():
            host = [*name.split("_"), "?"][1]  # DATE_HOST_DIGEST
            yield Page(
                corpus="daniel",
                name=name,
                group=languages.get(name, "?"),
                domain=registrable(host),
                html=_read(path),
                gold=_TAG_RE.sub("\n", reference.read_text(encoding="utf-8", errors="replace")),
                host=host,
            )


_FACTS = {"title": "title", "author": "author", "date": "date", "publish_date": "date"}


def _facts(truth: Mapping[str, Any]) -> dict[str, Any]:
    """What a corpus says of title, author, date and tags; a field that it does not judge is not in.

    >>> _facts({"title": "A", "author": None, "tags": []})
    {'title': 'A', 'author': None}
    """
    found = {name: truth[key] or None for key, name in _FACTS.items() if key in truth}
    return found | ({"tags": truth["tags"]} if truth.get("tags") else {})


def _eval_pages(path: Path) -> dict[str, dict[str, Any]]:
    """The annotations of trafilatura's evaluation; its Python file is read, never run."""
    if path.suffix == ".json":
        return cast("dict[str, dict[str, Any]]", _json(path))
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "EVAL_PAGES" for target in node.targets
        ):
            return cast("dict[str, dict[str, Any]]", ast.literal_eval(node.value))
    raise SystemExit(f"{path} has no EVAL_PAGES")


def trafilatura(folder: Path) -> Iterator[Page]:
    """Trafilatura's evaluation, reduced or as in its repository."""
    base = folder / "trafilatura"
    marker = _first(base / "evaldata.json", base / "tests" / "evaldata.py")
    for url, item in _eval_pages(marker).items() if marker else ():
        name = item["file"]
        html = _first(
            base / "html" / f"{name}.gz",
            base / "tests" / "cache" / name,
            base / "tests" / "eval" / name,
        )
        if html:
            yield Page(
                corpus="trafilatura",
                name=name,
                group="all",
                domain=_domain(url, url),
                html=_read(html),
                with_=tuple(item.get("with") or ()),
                without=tuple(item.get("without") or ()),
                host=_host(url),
                url=url,
                facts=_facts(item),
            )


def scrapinghub(folder: Path) -> Iterator[Page]:
    """Scrapinghub's article extraction benchmark, as in its repository."""
    base = _first(folder / "scrapinghub", folder / "article-extraction-benchmark")
    if base is None:
        return
    for name, item in sorted(_json(base / "ground-truth.json").items()):
        html = base / "html" / f"{name}.html.gz"
        if html.exists():
            yield Page(
                corpus="scrapinghub",
                name=name,
                group="all",
                domain=_domain(item.get("url"), name),
                html=_read(html),
                gold=item.get("articleBody") or "",
                host=_host(item.get("url")),
            )


LOADERS: dict[str, Callable[[Path], Iterator[Page]]] = {
    "wcxb": wcxb,
    "daniel": daniel,
    "trafilatura": trafilatura,
    "scrapinghub": scrapinghub,
}
