"""What the block model sees: numbers about each block, its place and its page.

Everything is language-neutral: no feature reads the meaning of a word. Training
(``benchmarks/train.py``) and inference share this one definition. A page is worked on as
a whole, in arrays. A *holder* is the element around a block; *good* blocks are long, poor
in links and have the end of a sentence; a *signature* is the kind of place a block stands
in; a *list* is a row of siblings of one kind, its *items*.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from declutter.model import Category, Document, Node
from declutter.scoring import characters, zones
from declutter.scoring.characters import Columns, Floats, Ints
from declutter.segment import normal

MIN_GOOD_WORDS = 8  # of a block that counts as running text ...
MAX_GOOD_LINK_DENSITY = 0.4  # ... with so few of its characters in links ...
MIN_GOOD_ENDS = 1  # ... and so many ends of sentences; or else
MIN_LONG_WORDS, MAX_LONG_LINK_DENSITY = 25, 0.2
SHARES = (0.35, 0.6, 0.85)  # of a page's good words: its main containers hold them
MIN_REPEATS = 3  # siblings of one kind that make a list of items
LEVELS = 5  # elements above a block that are looked at, its holder included
WINDOWS = (2, 5, 12)  # blocks on either side
MAX_DIFFERENCE = 8  # characters between a headline and the page's title
_TAGS = {
    tag: bit
    for bit, names in enumerate(
        "main article aside nav header footer form table;tbody;tr ul;ol;menu dl blockquote figure "
        "section details;summary button;select;option;label;input pre;code a;span "
        "h1;h2;h3;h4;h5;h6 p td;th li dd;dt".split()
    )
    for tag in names.split(";")
}
_ZONES = [category for category in Category if category not in (Category.CSS, Category.SCRIPT)]
_FLAGS = [*(f"tag{bit}" for bit in range(max(_TAGS.values()) + 1)), *_ZONES]
_ZONE_BIT: dict[Category, int] = {category: _FLAGS.index(category) for category in _ZONES}
_HOLDERS = ("p", "li", "div", "td", "th", "h1", "h2", "h3", "h4", "pre", "blockquote", "figcaption",
            "dt", "dd", "button", "label", "option", "section", "article", "a")  # fmt: skip
_HOLDER_OF = {tag: at for at, tag in enumerate(_HOLDERS)}
_KINDS = ("paragraph", "heading", "item", "row", "pre")
_KIND_OF = {kind: at for at, kind in enumerate(_KINDS)}
# a paragraph is no container, however much of the page it holds
_LEAVES = frozenset(
    "p li h1 h2 h3 h4 h5 h6 td th dd dt blockquote pre figcaption caption tr summary label".split()
)
_NO_ITEMS = frozenset("p h1 h2 h3 h4 h5 h6 option hr td th".split())
_BESIDE = ("log_words", "density", "good", "kind_heading", "ends_stop", "kind_item", "common")
# schema.org's and OpenGraph's types that tell pages apart
PAGE_KINDS = {
    "article": ("newsarticle", "article", "blogposting", "reportagenewsarticle", "techarticle",
                "og:article"),
    "product": ("product", "offer", "og:product", "aggregateoffer", "og:product.item"),
    "forum": ("discussionforumposting", "qapage", "question", "answer", "comment"),
    "list": ("itemlist", "collectionpage", "searchresultspage", "offercatalog", "listitem"),
    "business": ("localbusiness", "service", "store", "professionalservice",
                 "og:business.business"),
    "organization": ("organization", "corporation"),
    "website": ("website", "og:website"),
    "faq": ("faqpage", "howto", "recipe"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """The features of a page (blocks x features), and the groups that blocks belong to.

    ``words`` counts a character of an unspaced script as .6 of a word; ``groups`` (groups x
    blocks) numbers, for HTML, the signature and the list of each block (0: in none), for the
    pieces of flattened text their units.
    """

    x: Floats
    words: Floats
    groups: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The blocks of a page as arrays."""

    starts: Ints
    ends: Ints
    words: Floats
    density: Floats  # share of the characters in links
    images: Floats
    good: Floats  # 1 or 0
    holders: Ints  # index of the element around; the number of elements where there is none


def page(doc: Document) -> Page:
    """The features of an HTML document that has at least one block."""
    out = Columns(len(doc.blocks))
    blocks = _own(doc, out)
    _copies(doc, out)
    _kinds(doc, out)
    _places(doc, blocks, out)
    tree = _Tree(doc, blocks)
    tree.surroundings(out)
    tree.containers(out)
    groups = np.stack([tree.signatures(), tree.lists(out)])
    for name, group in zip(("same", "list"), groups, strict=True):
        _grouped(blocks, name, group, out)
    _windows(blocks, out)
    _whole(doc, blocks, groups[1], out)
    return Page(out.matrix, blocks.words, groups, out.names)


# --- the block itself -----------------------------------------------------------------


def _own(doc: Document, out: Columns) -> _Blocks:
    starts = np.array([block.start for block in doc.blocks])
    ends = np.array([block.end for block in doc.blocks])
    about = f"{doc.title or ''}\n{doc.description}"
    kinds = characters.classes(doc.text)
    words, stops = characters.describe(doc.text, kinds, starts, ends, about, out)
    linked = np.array([block.link_chars for block in doc.blocks], dtype=np.float32)
    density = linked / (ends - starts).astype(np.float32)
    images = np.array([block.images for block in doc.blocks], dtype=np.float32)
    reads = (words >= MIN_GOOD_WORDS) & (stops >= MIN_GOOD_ENDS)
    good = (reads & (density <= MAX_GOOD_LINK_DENSITY)) | (
        (words >= MIN_LONG_WORDS) & (density <= MAX_LONG_LINK_DENSITY)
    )
    good |= np.array([block.kind == "pre" for block in doc.blocks])
    out["density"] = density
    out["links"] = np.log1p(np.array([block.links for block in doc.blocks], dtype=np.float32))
    out["images"] = np.log1p(images)
    out["good"] = good.astype(np.float32)
    holders = np.array([block.node for block in doc.blocks])
    holders[holders < 0] = len(doc.nodes)
    return _Blocks(starts, ends, words, density, images, out["good"], holders)


def _copies(doc: Document, out: Columns) -> None:
    """How often a block's text stands on the page."""
    texts = [doc.text[block.start : block.end] for block in doc.blocks]
    seen = Counter(texts)
    out["copies"] = np.log(np.array([seen[text] for text in texts], dtype=np.float32))


def _kinds(doc: Document, out: Columns) -> None:
    kinds = np.array([_KIND_OF[block.kind] for block in doc.blocks])
    tags = [doc.nodes[block.node].tag if block.node >= 0 else "" for block in doc.blocks]
    holders = np.array([_HOLDER_OF.get(tag, -1) for tag in tags])
    for name, names, values in (("kind", _KINDS, kinds), ("holder", _HOLDERS, holders)):
        rows = (np.arange(len(names))[:, None] == values).astype(np.float32)
        out.update({f"{name}_{value}": row for value, row in zip(names, rows, strict=True)})
    out["level"] = np.array([block.level for block in doc.blocks], dtype=np.float32) / 4
    out["hidden"] = np.array([block.hidden for block in doc.blocks], dtype=np.float32)
    out["noscript"] = np.array([block.noscript for block in doc.blocks], dtype=np.float32)


# --- its place ------------------------------------------------------------------------


def headline(doc: Document) -> int:
    """The block that is the page's headline: the title's copy, else the first h1 (-1: none)."""
    title, size = normal(doc.title or ""), len(doc.title or "")
    for at, block in enumerate(doc.blocks):
        near = block.level and title and abs(block.end - block.start - size) <= MAX_DIFFERENCE
        if near and normal(doc.text[block.start : block.end]) == title:
            return at
    return next((at for at, block in enumerate(doc.blocks) if block.level == 1), -1)


def positions(starts: Ints, ends: Ints, out: Columns) -> Floats:
    """Describe where blocks, or pieces of text, stand on the page; return their numbers."""
    n = len(starts)
    index = np.arange(n, dtype=np.float32)
    out["position"] = index / n
    out["char_position"] = starts / max(1, int(ends[-1]))
    out["from_start"] = np.log1p(index) / 4
    out["from_end"] = np.log1p(n - 1 - index) / 4
    return index


def _places(doc: Document, blocks: _Blocks, out: Columns) -> None:
    index = positions(blocks.starts, blocks.ends, out)
    n = len(index)
    title = headline(doc)
    known = float(title >= 0)
    after = index - title if known else np.zeros(n, dtype=np.float32)
    out["headline_known"] = known
    out["after_headline"] = (after > 0) * known
    out["headline_distance"] = np.sign(after) * np.log1p(np.abs(after)) / 4
    out["is_headline"] = (after == 0) * known
    last = np.maximum.accumulate(np.where(out["kind_heading"] > 0, index, -1))
    out["since_heading"] = np.where(last >= 0, np.log1p(index - last) / 4, 1)


def _windows(blocks: _Blocks, out: Columns) -> None:
    """What stands beside a block and near it."""
    zero = np.zeros(1, dtype=np.float32)
    for name in _BESIDE:
        out[f"prev_{name}"] = np.concatenate((zero, out[name][:-1]))
        out[f"next_{name}"] = np.concatenate((out[name][1:], zero))
    n = len(blocks.words)
    index = np.arange(n)
    for name, quantity in _quantities(blocks):
        total = np.concatenate((zero, np.cumsum(quantity)))
        for width in WINDOWS:
            low, high = np.maximum(0, index - width), np.minimum(n, index + width + 1)
            out[f"near{width}_{name}"] = np.log1p(total[high] - total[low])
        out[f"before_{name}"] = total[:-1] / max(1.0, float(total[-1]))


def _quantities(blocks: _Blocks) -> tuple[tuple[str, Floats], ...]:
    """What is summed up over parts of a page."""
    words = blocks.words
    return ("words", words), ("good", words * blocks.good), ("links", words * blocks.density)


# --- the elements around it -----------------------------------------------------------


@lru_cache(maxsize=8192)  # the same few elements make up most of a site
def _bits(tag: str, tokens: tuple[str, ...]) -> int:
    """What an element is, by its tag and its class words, as bits of :data:`_FLAGS`."""
    bits = 1 << _TAGS[tag] if tag in _TAGS else 0
    zone = zones.zone(Node(tag, tokens, -1))
    return bits | 1 << _ZONE_BIT[zone.category] if zone else bits


class _Tree:
    """Sums over subtrees, ancestors, signatures and lists.

    Elements are numbered in document order, so that a subtree is a range of numbers; one
    number more stands for the outside of everything.
    """

    def __init__(self, doc: Document, blocks: _Blocks) -> None:
        self.doc, self.blocks = doc, blocks
        self.n = len(doc.nodes)
        known: dict[tuple[str, tuple[str, ...]], int] = {}
        # elements of one tag and first class word are of one sort
        self.sorts = [known.setdefault((n.tag, n.tokens[:1]), len(known)) for n in doc.nodes]
        sizes = [1] * self.n
        masks: list[int] = []
        depths: list[int] = []
        for node in doc.nodes:
            above = node.parent
            bits = _bits(node.tag, node.tokens)
            masks.append(bits | masks[above] if above >= 0 else bits)
            depths.append(depths[above] + 1 if above >= 0 else 0)
        for at in range(self.n - 1, 0, -1):
            if doc.nodes[at].parent >= 0:
                sizes[doc.nodes[at].parent] += sizes[at]
        self.masks = np.array([*masks, 0], dtype=np.uint64)
        self.depths = np.array([*depths, 0])
        self.parents = np.array([*(node.parent for node in doc.nodes), -1])
        self.parents[self.parents < 0] = self.n
        self.stops = np.arange(self.n + 1) + np.array([*sizes, 1])
        counted = (("blocks", np.ones_like(blocks.words)), ("images", blocks.images))
        self.sums = {name: self._sum(q) for name, q in (*_quantities(blocks), *counted)}

    def _sum(self, quantity: Floats) -> Floats:
        """A quantity of blocks, summed up over the subtree of each element."""
        own = np.bincount(self.blocks.holders, weights=quantity, minlength=self.n + 1)
        total = np.concatenate(([0.0], np.cumsum(own)))
        sums = total[np.minimum(self.stops, self.n + 1)] - total[:-1]
        sums[-1] = total[-1]
        return np.asarray(sums, dtype=np.float32)

    def surroundings(self, out: Columns) -> None:
        """What the elements around a block are, and what they hold."""
        holders = self.blocks.holders
        shifts = np.arange(len(_FLAGS), dtype=np.uint64)[:, None]
        flags = (self.masks[holders] >> shifts) & np.uint64(1)
        out.update({f"in_{name}": row for name, row in zip(_FLAGS, flags, strict=True)})
        total = max(1.0, float(self.sums["words"][-1]))
        logs = {name: np.log1p(self.sums[name]) for name in ("words", "blocks", "images")}
        words = np.maximum(1, self.sums["words"])
        shares = {"share": self.sums["words"] / total, "good": self.sums["good"] / words,
                  "density": self.sums["links"] / words}  # fmt: skip
        at = holders
        for level in range(LEVELS):
            for name, column in (logs | shares).items():
                out[f"up{level}_{name}"] = column[at]
            at = self.parents[at]
        out["depth"] = np.log1p(self.depths[holders]) / 3

    def containers(self, out: Columns) -> None:
        """Where a block stands to the smallest elements that hold shares of the good words."""
        good, n = self.sums["good"], len(self.blocks.words)
        index = np.arange(n)
        for share in SHARES:
            held = np.flatnonzero((good[:-1] >= share * good[-1]) & (good[-1] > 1))
            inside = np.zeros(n, dtype=bool)
            main = self.n
            if len(held):
                main = self._container(int(held[-1]))
                inside = (self.blocks.holders >= main) & (self.blocks.holders < self.stops[main])
            places = np.flatnonzero(inside)
            first, last = (places[0], places[-1]) if len(places) else (0, n)
            name = f"main{int(100 * share)}"
            part = self.sums["words"][main] / max(1.0, float(self.sums["words"][-1]))
            out[name] = inside
            out[f"{name}_share"] = part if len(places) else 0.0
            out[f"{name}_before"] = np.log1p(np.maximum(0, first - index)) / 4
            out[f"{name}_after"] = np.log1p(np.maximum(0, index - last)) / 4

    def _container(self, at: int) -> int:
        while self.doc.nodes[at].tag in _LEAVES and self.parents[at] < self.n:
            at = int(self.parents[at])
        return at

    def signatures(self) -> Ints:
        """A number for each kind of place: tags and first class words of two elements."""
        sorts = np.array([*self.sorts, self.n])
        holders = self.blocks.holders
        kinds = np.array([_KIND_OF[block.kind] for block in self.doc.blocks])
        pairs = sorts[holders] * (self.n + 1) + sorts[self.parents[holders]]
        return np.unique(pairs * len(_KINDS) + kinds, return_inverse=True)[1]

    def lists(self, out: Columns) -> Ints:
        """The list that each block belongs to, by number (0: none).

        The innermost list whose items have more than one block counts, else the outermost.
        """
        keys = [
            n.parent * self.n + sort for n, sort in zip(self.doc.nodes, self.sorts, strict=True)
        ]
        sizes = Counter(keys)
        blocks = self.sums["blocks"].tolist()
        known: dict[int, int] = {}
        lists, items = [0] * (self.n + 1), [self.n] * (self.n + 1)
        for at, (tag, _, above) in enumerate(self.doc.nodes):
            if above >= 0:
                lists[at], items[at] = lists[above], items[above]
            repeated = sizes[keys[at]] >= MIN_REPEATS and blocks[at] and tag not in _NO_ITEMS
            if repeated and (items[at] == self.n or blocks[at] > 1):
                lists[at], items[at] = known.setdefault(keys[at], len(known) + 1), at
        found = np.array(lists)[self.blocks.holders]
        self._items(np.array(items)[self.blocks.holders], found > 0, out)
        return found

    def _items(self, items: Ints, listed: NDArray[np.bool_], out: Columns) -> None:
        """What the item of a block holds."""
        words = np.maximum(1, self.sums["words"])
        out["item_first"] = np.concatenate(([True], items[1:] != items[:-1])) & listed
        out["in_items"] = listed
        out["item_words"] = np.log1p(self.sums["words"])[items] * listed
        out["item_images"] = np.log1p(self.sums["images"])[items] * listed
        out["item_density"] = (self.sums["links"] / words)[items] * listed
        out["item_good"] = (self.sums["good"] / words)[items] * listed


def _grouped(blocks: _Blocks, name: str, groups: Ints, out: Columns) -> None:
    """What the group that a block belongs to holds."""
    size = np.bincount(groups)
    sums = {key: np.bincount(groups, weights=q) for key, q in _quantities(blocks)}
    words = np.maximum(1, sums["words"])
    columns = {
        "size": np.log1p(size), "share": sums["words"] / max(1.0, float(blocks.words.sum())),
        "mean": np.log1p(sums["words"] / np.maximum(1, size)), "good": sums["good"] / words,
        "density": sums["links"] / words,
    }  # fmt: skip
    out.update({f"{name}_{key}": column[groups] for key, column in columns.items()})


def _whole(doc: Document, blocks: _Blocks, lists: Ints, out: Columns) -> None:
    """What the page as a whole is like."""
    n = len(blocks.words)
    sums = {name: float(quantity.sum()) for name, quantity in _quantities(blocks)}
    words = max(1.0, sums["words"])
    biggest = np.bincount(lists, weights=blocks.words)[1:]
    values = {
        "blocks": np.log1p(n), "words": np.log1p(words), "good": sums["good"] / words,
        "good_words": np.log1p(sums["good"]), "density": sums["links"] / words,
        "links": np.log1p(float(np.expm1(out["links"]).sum())),
        "images": np.log1p(float(blocks.images.sum())), "mean": np.log1p(words / n),
        "list": float(biggest.max()) / words if len(biggest) else 0.0,
        "headings": np.log1p(float(out["kind_heading"].sum())),
        "longest": np.log1p(float(blocks.words.max())),
    }  # fmt: skip
    for kind, names in PAGE_KINDS.items():
        values[f"is_{kind}"] = float(not doc.kinds.isdisjoint(names))
    out.update({f"page_{name}": value for name, value in values.items()})
