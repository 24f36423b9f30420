"""How time and memory grow, on Linux: ``python -m benchmarks.growth --corpora PATH``.

Every figure is taken in a fresh process, beside that of the lxml parse in one of its own.
"""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import click
from lxml import etree

from benchmarks.corpora import root, wcxb

_BODY_RE = re.compile(rb"<body[^>]*>(.*)</body>", re.S | re.I)
_SENTENCE = "The council met on Tuesday and decided, after a long debate, to repair the old pier. "


def real(corpora: Path, size: int) -> bytes:
    """The bodies of corpus pages, one after the other."""
    parts, total = [b"<meta charset=utf-8><body>"], 0
    for page in cycle(list(islice(wcxb(corpora), 200))):
        body = _BODY_RE.search(page.html)
        if body:
            parts.append(body[1])
            total += len(body[1])
        if total >= size:
            break
    return b"".join(parts)[:size]


def repeated(unit: str) -> Callable[[Path, int], bytes]:
    """A maker of pages that say one thing over and over."""

    def make(_: Path, size: int) -> bytes:
        data = unit.encode()
        return data * max(1, size // len(data))

    return make


SHAPES: dict[str, Callable[[Path, int], bytes]] = {
    "real content": real,
    "nesting": repeated(f"<div><p>{_SENTENCE}</p>"),
    "table": repeated(f"<tr><td>1</td><td>{_SENTENCE}</td></tr>"),
    "list": repeated(f"<li>{_SENTENCE}</li>"),
}


def memory(field: str) -> float:
    """A figure of this process in MB: VmRSS now, VmHWM at most.

    Not ru_maxrss: a process inherits what its parent held when it was started.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"{field}:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")


def measure(what: str, path: Path) -> tuple[float, float]:
    """Seconds and peak MB of one job; imports are not timed."""
    html = path.read_bytes()
    if what == "parse":
        parser = etree.HTMLParser(huge_tree=True, recover=True)
        start = time.process_time()
        tree = etree.fromstring(html, parser)
        del tree
    else:
        import declutter

        declutter.clean(html[:1_000_000], kind="html")  # compiles what is compiled late
        start = time.process_time()
        declutter.clean(html, kind="html")
    return time.process_time() - start, memory("VmHWM")


def fresh(what: str, path: Path) -> tuple[float, float]:
    """Measure in a new process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, what, path).result()


def growth(corpora: Path, sizes: list[float]) -> Iterator[str]:
    """The lines of the table of shapes and sizes."""
    yield "| shape | MB | seconds | x parse | peak MB | x parse's peak |"
    yield "|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        for name, make in SHAPES.items():
            for size in sizes:
                path.write_bytes(make(corpora, int(size * 1e6)))
                base, low = fresh("parse", path)
                seconds, high = fresh("clean", path)
                cost = f"{seconds:.2f} | {seconds / base:.1f} | {high:.0f} | {high / low:.1f}"
                yield f"| {name} | {size:g} | {cost} |"


def flatness(corpora: Path, count: int) -> Iterator[str]:
    """The size of this process after each thousand pages."""
    import declutter

    pages = [page.html for page in islice(wcxb(corpora), 500)]
    for number, html in enumerate(islice(cycle(pages), count), 1):
        declutter.analyze(html, kind="html")
        if not number % 1000:
            yield f"after {number} pages: {memory('VmRSS'):.0f} MB"


def first_call(times: int = 7) -> Iterator[str]:
    """The least wall time of a fresh interpreter's first call, beside that of bare imports."""
    codes = {
        "declutter, import and first call": "import declutter; declutter.clean('<p>One page.</p>')",
        "lxml.html and numpy, import": "import lxml.html, numpy",
    }
    best = dict.fromkeys(codes, float("inf"))
    for _ in range(times):
        for name, code in codes.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            best[name] = min(best[name], time.perf_counter() - start)
    for name, seconds in best.items():
        yield f"{name}: {1000 * seconds:.0f} ms"


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--sizes", default="1,5,20", show_default=True, help="MB.")
@click.option("--pages", default=0, help="Only analyse so many pages, and print the memory used.")
def main(corpora: str | None, sizes: str, pages: int) -> None:
    """Print what large pages cost, and what the first call costs."""
    folder = root(corpora)
    if pages:
        lines = flatness(folder, pages)
    else:
        lines = growth(folder, [float(size) for size in sizes.split(",")])
    for line in lines:
        click.echo(line)
    if not pages:
        click.echo("\n" + "\n".join(first_call()))


if __name__ == "__main__":
    main()
