"""What repeats over the pages of a host, counted in memory that does not grow with them.

A first pass over the pages counts what stands on them (:meth:`SiteCounts.add`); in a second one
:func:`declutter.analyze` weighs the counts of a page's host (``site=counts.view(host)``) as
evidence beside its own: a menu, a notice or an author box stands on many pages, a paragraph of
an article on one.

The counts are a count-min sketch: each text adds one to a cell in each of some rows, and the
least of its cells is never below the number of pages that it stands on. It is above where other
texts share all its cells; how far, is measured with texts that were never counted, and subtracted
(:attr:`SiteCounts.noise`). So what does not fit into the memory costs evidence, not paragraphs.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from declutter.model import Block, Document
from declutter.scoring.characters import Flags, Floats, Ints
from declutter.scoring.pieces import cut
from declutter.scoring.text import parts_of
from declutter.segment import squeeze

if TYPE_CHECKING:
    from declutter.scoring.score import Score
    from declutter.scoring.text import TextScore

SIZE = 64 << 20  # bytes; after 30,000, 100,000, 500,000 pages of 200 texts the noise is 1, 4, 16
ROWS = 4
PAGE_CELLS = 1 << 15  # in each row of the numbers of pages
MAX_COUNT = (1 << 16) - 1
EVEN = 0.5  # the probability above which a block is taken for content
PROBES = 1024  # texts that were never counted
MIN_PAGES = 5  # of a host that tell anything ...
MIN_COPIES = 3  # ... and of them those that something stands on, and their share
MIN_SHARE = 0.3
MIN_LABEL_SHARE = 0.15  # of pieces of text that are parts of no sentence
MIN_UNIT = 0.9  # of the words of a sentence or item, which is not torn for a common beginning
MIN_TITLE = 4  # bytes of a text that is a part of the title
MIN_LINK_DENSITY = 0.5
# figures that tell which page it is, not how often something happened there
_DATE_RE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[:.]\d\d")
_DIGITS_RE = re.compile(rb"\d+")


class Worth(NamedTuple):
    """What standing on many pages is worth, by the kind of page."""

    log_odds: float  # of standing on all of them; half of it for few
    content: float  # the share of the page's content by which copies of the page are known


# of a text, more of what seems to be content is none
WORTH = {"html": Worth(-8.0, 0.5), "text": Worth(-12.0, 0.2)}


@dataclass(frozen=True, slots=True)
class Tally:
    """What a page adds to the counts: hashes of its site and of each of its texts."""

    site: NDArray[np.uint64]
    texts: NDArray[np.uint64]


def tally(host: str, doc: Document) -> Tally:
    """What a page of a host adds to the counts."""
    name = _name(host, doc)
    return Tally(_hashes(name, [b""]), _hashes(name, set(_keys(doc))))


class SiteCounts:
    """On how many pages of its host a text stands, in ``size`` bytes.

    >>> counts = SiteCounts(size=1 << 20)
    >>> page = Document("Share this", "html", (Block(0, 10),))
    >>> for _ in range(3):
    ...     counts.add("a.org", page)
    >>> counts.copies("a.org", page), counts.copies("b.org", page)
    ([3], [0])
    """

    def __init__(self, size: int = SIZE) -> None:
        width = (size - 4 * ROWS * PAGE_CELLS) // (2 * ROWS)
        if width < 1:
            raise ValueError(f"size must be at least {4 * ROWS * PAGE_CELLS + 2 * ROWS} bytes")
        self._set(np.zeros(2 * ROWS * PAGE_CELLS + ROWS * width, dtype=np.uint16))

    def _set(self, cells: NDArray[np.uint16]) -> None:
        """Take one array for all numbers: those of pages have 32 bits, of texts 16."""
        self._cells = cells
        self._pages = cells[: 2 * ROWS * PAGE_CELLS].view(np.uint32).reshape(ROWS, -1)
        self._texts = cells[2 * ROWS * PAGE_CELLS :].reshape(ROWS, -1)
        self._noise: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"cells": self._cells}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set(state["cells"])

    def add(self, host: str, doc: Document) -> None:
        """Count each text of a page of a host once."""
        self.take(tally(host, doc))

    def take(self, page: Tally) -> None:
        """Count a page whose hashes another process may have made."""
        for row, at in zip(self._texts, _cells_of(page.texts, self._texts), strict=True):
            row[at] += row[at] < MAX_COUNT
        cells = _cells_of(page.site, self._pages)
        self._pages[np.arange(ROWS), cells[:, 0]] += np.uint32(1)
        self._noise = None

    def merge(self, other: SiteCounts) -> None:
        """Add what other counts of the same size hold."""
        if self._cells.shape != other._cells.shape:
            raise ValueError("only counts of the same size can be merged")
        self._pages += other._pages
        self._texts += np.minimum(other._texts, MAX_COUNT - self._texts)
        self._noise = None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to a file (``.npy``)."""
        with open(path, "wb") as file:
            np.save(file, self._cells)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SiteCounts:
        """The counts of a file, whose memory processes share; what is added stays out of it."""
        counts = cls.__new__(cls)
        counts._set(np.load(path, mmap_mode="c"))
        return counts

    def pages(self, host: str, doc: Document) -> int:
        """How many pages of a host were counted that are of the same kind as a document."""
        cells = _cells_of(_hashes(_name(host, doc), [b""]), self._pages)
        return int(_least(self._pages, cells)[0])

    def copies(self, host: str, doc: Document) -> list[int]:
        """On how many pages of a host each text of a document stands: at most so many."""
        cells = _cells_of(_hashes(_name(host, doc), _keys(doc)), self._texts)
        found: list[int] = _least(self._texts, cells).tolist()
        return found

    @property
    def noise(self) -> int:
        """How often texts seem to have been counted that never were: hardly one more often."""
        if self._noise is None:
            probes = [number.to_bytes(4, "big") for number in range(PROBES)]
            cells = _cells_of(_hashes(b"never counted", probes), self._texts)
            self._noise = int(_least(self._texts, cells).max())
        return self._noise

    def view(self, host: str) -> SiteView:
        """What the counts tell of the pages of a host; to be made in the process that asks."""
        return SiteView(self, host)


@dataclass(frozen=True, slots=True)
class SiteView:
    """What repeats over the pages of one host."""

    counts: SiteCounts
    host: str

    def blocks(self, score: Score) -> Stands:
        """On how many pages the blocks of an HTML page stand.

        Headings of what stands here alone ("Ingredients") and parts of the title say nothing.
        """
        doc, kept = score.doc, score.probabilities >= EVEN
        content = np.where(kept, score.page.words, 0)
        least = np.full(len(kept), MIN_SHARE, dtype=np.float32)
        ends = np.array([block.end for block in doc.blocks])
        stands = self._stands(doc, ends, self._copies(doc), content, least)
        often = stands.often & ~_in_title(doc)
        heads = np.array([block.level > 0 for block in doc.blocks])
        heads[:-1] &= (kept & ~often)[1:]
        heads[-1] = False
        return replace(stands, often=often & ~heads)

    def pieces(self, doc: Document, score: TextScore) -> Stands:
        """On how many pages the pieces of a text stand, each with the one before or behind.

        A sentence does if nearly all of it does.
        """
        pairs = self._copies(doc)
        ends = np.array([end for _, end in _pieces(doc.text)])
        at = np.searchsorted(ends, (score.starts + score.ends) // 2, side="right")
        copies = np.maximum(pairs[:-1], pairs[1:])[np.minimum(at, len(ends) - 1)]
        spoken = score.spoken >= 1
        content = np.where(spoken & (score.values >= 0), score.words, 0)
        least = np.where(spoken, MIN_SHARE, MIN_LABEL_SHARE)
        stands = self._stands(doc, score.ends, copies, content, least)
        words = np.bincount(score.units, weights=score.words)
        often = np.bincount(score.units, weights=score.words * stands.often)
        whole = (often >= MIN_UNIT * words)[score.units]
        return replace(stands, often=stands.often & whole)

    def _copies(self, doc: Document) -> Ints:
        copies: Ints = np.array(self.counts.copies(self.host, doc)) - self.counts.noise
        return np.maximum(copies, 0)

    def _stands(
        self, doc: Document, ends: Ints, copies: Ints, content: Floats, least: Floats
    ) -> Stands:
        """What stands on at least some share of the pages.

        The pages that have all the content of this one are copies of it, and count as one.
        """
        worth = WORTH[doc.kind]
        others = max(0, _quantile(copies, content, worth.content) - 1)
        copies, pages = np.maximum(0, copies - others), self.counts.pages(self.host, doc) - others
        often = (copies >= MIN_COPIES) & (copies >= least * pages) & (pages >= MIN_PAGES)
        return Stands(ends, copies, often, pages, worth.log_odds)


@dataclass(frozen=True, slots=True)
class Stands:
    """On how many pages of a host each block or piece of a page stands, and which tell anything.

    Copies of the page itself are left out. Where an article stands under several addresses, so
    do all its paragraphs, and that says nothing.
    """

    ends: Ints
    copies: Ints
    often: Flags
    pages: int
    worth: float

    @property
    def log_odds(self) -> Floats:
        """What it says of being main content."""
        share = np.minimum(1.0, self.copies / max(1, self.pages))
        return np.where(self.often, self.worth * (1 + share) / 2, 0).astype(np.float32)

    def why(self, start: int, end: int) -> str | None:
        """What is to be said of a span; None where nothing of it stands on many pages."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        stop = max(first + 1, int(np.searchsorted(self.ends, end, side="right")))
        copies = self.copies[first:stop][self.often[first:stop]]
        if not len(copies):
            return None
        return f"stands on {int(np.median(copies))} of {self.pages} pages of this site"


def _quantile(copies: Ints, weights: Floats, share: float) -> int:
    """The number of pages that no more than a share of the weight stands below."""
    total = float(weights.sum())
    if total <= 0:
        return 1
    order = np.argsort(copies, kind="stable")
    at = int(np.searchsorted(np.cumsum(weights[order]), share * total))
    return int(copies[order[min(at, len(order) - 1)]])


def _in_title(doc: Document) -> Flags:
    """Which blocks are parts of the title."""
    title = _key(doc.title or "")
    keys = (_key(doc.text[block.start : block.end]) for block in doc.blocks)
    return np.array([len(key) >= MIN_TITLE and key in title for key in keys])


def _name(host: str, doc: Document) -> bytes:
    """A host, and how its pages were read, as the key of hashes."""
    name = f"{doc.kind} {host.lower().strip('.')}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=16).digest()


def _keys(doc: Document) -> list[bytes]:
    """What is counted: blocks of HTML, each piece of a text with the one before it.

    A headline stands as a link on many other pages, and is another text there; in a flattened
    text its neighbours are others.
    """
    if doc.kind == "html":
        return [_block_key(doc.text, block) for block in doc.blocks]
    found = [_key(doc.text[start:end]) for start, end in _pieces(doc.text)]
    return [b"\0".join(pair) for pair in zip([b"", *found], [*found, b""], strict=True)]


def _pieces(text: str) -> list[tuple[int, int]]:
    """The pieces of a flattened text."""
    spans: list[tuple[int, int]] = []
    for start, end in parts_of(text):
        part = text[start:end]
        if part and not part.isspace():
            found = cut(part)
            starts, ends = (found.starts + start).tolist(), (found.ends + start).tolist()
            spans += zip(starts, ends, strict=True)
    return spans


def _block_key(text: str, block: Block) -> bytes:
    linked = block.link_chars > MIN_LINK_DENSITY * (block.end - block.start)
    return (b"1" if linked else b"0") + _key(text[block.start : block.end])


def _key(text: str) -> bytes:
    """A text as it is counted: its letters, and its numbers as one unless they tell a date."""
    key = squeeze(text) or text.encode("utf-8", "surrogatepass")
    if _DIGITS_RE.search(key) is None or _DATE_RE.search(text):
        return key
    return _DIGITS_RE.sub(b"0", key)


def _hashes(name: bytes, keys: Collection[bytes]) -> NDArray[np.uint64]:
    """Two numbers for each key, the same in every process."""
    data = b"".join([hashlib.blake2b(key, digest_size=16, key=name).digest() for key in keys])
    return np.frombuffer(data, dtype="<u8").reshape(-1, 2).astype(np.uint64)


def _cells_of(hashes: NDArray[np.uint64], table: NDArray[Any]) -> NDArray[np.int64]:
    """The cell of each key in each row."""
    rows = np.arange(len(table), dtype=np.uint64)[:, None]
    mixed = hashes[:, 0] + rows * (hashes[:, 1] | np.uint64(1))
    return (mixed % np.uint64(table.shape[1])).astype(np.int64)


def _least(table: NDArray[Any], cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """The least of the cells of each key."""
    found: NDArray[np.int64] = np.take_along_axis(table, cells, axis=1).min(axis=0).astype(np.int64)
    return found
