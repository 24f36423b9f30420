"""Loading the annotated corpora, laid out as in their public repositories.

Every page becomes a :class:`Page`; where the corpora stand is told by ``--corpora`` or
the environment variable ``DECLUTTER_CORPORA`` (a folder with ``wcxb/``, ``daniel/`` and
``trafilatura/`` below it).
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_TAG_RE = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Page:
    """One annotated page: its bytes, the gold text or segments, and what groups it."""

    corpus: str
    name: str
    group: str  # page type (WCXB), language (DAnIEL), "all" (trafilatura)
    domain: str
    html: bytes
    gold: str = ""
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    title: str = field(default="", repr=False)


def root(option: str | None = None) -> Path:
    """The folder of the corpora; exits with a hint where it is not known."""
    name = option or os.environ.get("DECLUTTER_CORPORA")
    if not name or not Path(name).is_dir():
        raise SystemExit("name the corpora's folder with --corpora or DECLUTTER_CORPORA")
    return Path(name)


def wcxb(folder: Path, split: str = "dev") -> Iterator[Page]:
    for path in sorted((folder / "wcxb" / split / "ground-truth").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        truth = data["ground_truth"]
        html = folder / "wcxb" / split / "html" / f"{path.stem}.html.gz"
        if not html.exists():
            continue
        yield Page(
            corpus="wcxb",
            name=path.stem,
            group=data["_internal"]["page_type"]["primary"],
            domain=urlsplit(data.get("url") or "").hostname or path.stem,
            html=gzip.decompress(html.read_bytes()),
            gold=truth.get("main_content") or "",
            with_=tuple(truth.get("with") or ()),
            without=tuple(truth.get("without") or ()),
            title=truth.get("title") or "",
        )


def daniel(folder: Path) -> Iterator[Page]:
    languages = json.loads((folder / "daniel" / "doc_lg.json").read_text(encoding="utf-8"))
    for path in sorted((folder / "daniel" / "html").glob("*.gz")):
        name = path.name[: -len(".gz")]
        reference = folder / "daniel" / "reference" / name
        if not reference.exists():
            continue
        gold = _TAG_RE.sub("\n", reference.read_text(encoding="utf-8", errors="replace"))
        yield Page(
            corpus="daniel",
            name=name,
            group=languages.get(name, "?"),
            domain=[*name.split("_"), "?"][1],
            html=gzip.decompress(path.read_bytes()),
            gold=gold,
        )


def trafilatura(folder: Path) -> Iterator[Page]:
    data = json.loads((folder / "trafilatura" / "evaldata.json").read_text(encoding="utf-8"))
    for url, item in data.items():
        path = folder / "trafilatura" / "html" / f"{item['file']}.gz"
        if path.exists():
            yield Page(
                corpus="trafilatura",
                name=item["file"],
                group="all",
                domain=urlsplit(url).hostname or url,
                html=gzip.decompress(path.read_bytes()),
                with_=tuple(item.get("with") or ()),
                without=tuple(item.get("without") or ()),
                title=item.get("title") or "",
            )


LOADERS = {"wcxb": wcxb, "daniel": daniel, "trafilatura": trafilatura}
