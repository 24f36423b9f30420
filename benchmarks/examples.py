"""Pages as the block model learns them: features, labels, and small pages cut out of large ones."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import Page, daniel, trafilatura, wcxb
from benchmarks.folds import fold
from benchmarks.labels import Floats, labels
from benchmarks.metrics import word_list
from declutter.model import Block, Document, Node
from declutter.readers.encoding import decode
from declutter.readers.html import read
from declutter.scoring import features

MIN_FRAGMENT_GOLD = 20  # words
MIN_CONTENT, MAX_BOILERPLATE = 0.8, 0.05  # labels of blocks that a fragment is made of
FRAGMENTS = 0.5  # of the pages give one


@dataclass(slots=True)
class Example:
    """One page, or a piece of one, to learn from.

    ``gold`` is the number of words of the main content (-1: only some labels are known);
    ``labels`` the share of each block that belongs to it (-1: unknown).
    """

    page: Page
    fold: int | None
    x: Floats
    groups: NDArray[np.int64]
    words: Floats
    labels: Floats
    headline: int
    gold: float
    fragment: bool = False


def examples(corpora: Path) -> list[Example]:
    """All pages of the corpora, and fragments of some of them."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        pages = chain(wcxb(corpora), daniel(corpora), trafilatura(corpora))
        found = pool.map(_of_page, pages, chunksize=8)
        return [example for group in found for example in group]


def _of_page(page: Page) -> list[Example]:
    doc = read(decode(page.html, None).text)
    if not doc.blocks:
        return []
    texts = [doc.text[block.start : block.end] for block in doc.blocks]
    known = labels(page, texts)
    words = np.array([len(word_list(text)) for text in texts], dtype=np.float32)
    gold = float(len(word_list(page.gold))) if page.gold or not page.with_ else -1.0
    make = partial(_example, page)
    return [make(doc, words, known, gold), *_fragments(make, doc, words, known, gold)]


def _example(
    page: Page, doc: Document, words: Floats, known: Floats, gold: float, fragment: bool = False
) -> Example:
    seen = features.page(doc)
    title = features.headline(doc)
    number = fold(page.domain)
    return Example(page, number, seen.x, seen.groups, words, known, title, gold, fragment)


# --- fragments: what scrapers cut out, and pages far smaller than those of the corpora ----


def _fragments(
    make: partial[Example], doc: Document, words: Floats, known: Floats, gold: float
) -> Iterator[Example]:
    chance = random.Random(make.args[0].name)
    content = np.flatnonzero(known >= MIN_CONTENT)
    if gold < MIN_FRAGMENT_GOLD or not len(content) or chance.random() > FRAGMENTS:
        return
    shape = chance.choice(("container", "paragraphs", "small page", "small page"))
    chosen = _chosen(chance, shape, doc, content, known)
    part = _cut(doc, chosen, bare=shape == "paragraphs", titled=chance.random() < 0.5)
    kept = known[chosen]
    yield make(part, words[chosen], kept, float(words[chosen] @ kept), fragment=True)


def _chosen(
    chance: random.Random, shape: str, doc: Document, content: NDArray[np.int64], known: Floats
) -> list[int]:
    """The blocks of a fragment."""
    if shape == "container":
        top = _common(doc, [doc.blocks[at].node for at in content])
        return [at for at, block in enumerate(doc.blocks) if top in _path(doc, block.node)]
    size = chance.randint(1, 6)
    start = chance.randrange(len(content))
    few = [int(at) for at in content[start : start + size]]
    if shape == "paragraphs":
        return few
    rest = np.flatnonzero((known >= 0) & (known <= MAX_BOILERPLATE)).tolist()
    return sorted({*few, *chance.sample(rest, min(len(rest), chance.randint(1, 8)))})


def _path(doc: Document, node: int) -> list[int]:
    """An element and those around it, the outermost first."""
    found = []
    while node >= 0:
        found.append(node)
        node = doc.nodes[node].parent
    return found[::-1]


def _common(doc: Document, nodes: list[int]) -> int:
    """The innermost element around all of some."""
    paths = [_path(doc, node) for node in nodes]
    shared = 0
    while all(len(p) > shared and p[shared] == paths[0][shared] for p in paths):
        shared += 1
    return paths[0][shared - 1] if shared else -1


def _cut(doc: Document, chosen: list[int], *, bare: bool, titled: bool) -> Document:
    """The document of some blocks, with the elements around them, or bare of these."""
    nodes = [Node("html", (), -1), Node("body", (), 0)] if bare else []
    number: dict[int, int] = {-1: -1}
    blocks: list[Block] = []
    texts: list[str] = []
    at = 0
    for index in chosen:
        block = doc.blocks[index]
        if bare:
            tag = doc.nodes[block.node].tag if block.node >= 0 else "p"
            nodes.append(Node("p" if tag == "body" else tag, (), 1))
        for node in () if bare else _path(doc, block.node):
            if node not in number:
                number[node] = len(nodes)
                nodes.append(doc.nodes[node]._replace(parent=number[doc.nodes[node].parent]))
        holder = len(nodes) - 1 if bare else number[block.node]
        texts.append(doc.text[block.start : block.end])
        blocks.append(block._replace(start=at, end=at + len(texts[-1]), node=holder))
        at += len(texts[-1]) + 2
    title = doc.title if titled else None
    text = "\n\n".join(texts)
    return Document(text, "html", tuple(blocks), tuple(nodes), title=title, kinds=doc.kinds)
