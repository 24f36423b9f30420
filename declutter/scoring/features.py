"""What the block model sees: numbers about each block, its place and its page.

Everything is language-neutral: no feature reads a word of the text. Training
(``benchmarks/train.py``) and inference share this one definition. A page is worked on as
a whole, in arrays; a *holder* is the element around a block, a *signature* the kind of
place a block stands in (tags and first class words of its holder and the one above).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from declutter.model import Block, Category, Document, Node
from declutter.scoring import zones
from declutter.segment import normal

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MIN_GOOD_WORDS = 8  # of a block that counts as running text ...
MAX_GOOD_LINK_DENSITY = 0.4  # ... with so few of its characters in links ...
MIN_GOOD_ENDS = 1  # ... and a sentence that ends
SHARES = (0.35, 0.6, 0.85)  # of a page's good words: its main containers hold them
MIN_REPEATS = 3  # siblings of one kind that make a list of items
LEVELS = 4  # elements above a block that are looked at
_TAGS = {
    tag: bit
    for bit, names in enumerate(
        "main article aside nav header footer form table;tbody;tr ul;ol;menu dl blockquote figure "
        "section details;summary button;select;option;label;input pre;code a;span "
        "h1;h2;h3;h4;h5;h6 p td;th li dd;dt".split()
    )
    for tag in names.split(";")
}
N_TAGS = max(_TAGS.values()) + 1
ZONES = [category for category in Category if category not in (Category.CSS, Category.SCRIPT)]
_ZONE_BIT = {category: N_TAGS + at for at, category in enumerate(ZONES)}
_FLAGS = [*(f"tag{at}" for at in range(N_TAGS)), *ZONES]
_HOLDERS = ("p", "li", "div", "td", "th", "h1", "h2", "h3", "h4", "pre", "blockquote", "figcaption",
            "dt", "dd", "button", "label", "option", "section", "article", "a")  # fmt: skip
_HOLDER_OF = {tag: at for at, tag in enumerate(_HOLDERS)}
_KINDS = ("paragraph", "heading", "item", "row", "pre")
_KIND_OF = {kind: at for at, kind in enumerate(_KINDS)}
# schema.org and OpenGraph types that tell pages apart; a type counts for the group it contains
PAGE_KINDS = {
    "article": ("newsarticle", "article", "blogposting", "reportagenewsarticle", "techarticle",
                "og:article"),
    "product": ("product", "offer", "og:product", "aggregateoffer", "og:product.item"),
    "forum": ("discussionforumposting", "qapage", "question", "answer", "comment"),
    "list": ("itemlist", "collectionpage", "searchresultspage", "offercatalog", "listitem"),
    "business": ("localbusiness", "service", "store", "professionalservice", "og:business.business"),
    "organization": ("organization", "corporation"),
    "website": ("website", "og:website"),
    "faq": ("faqpage", "howto", "recipe"),
}  # fmt: skip

# --- characters -----------------------------------------------------------------------

SPACE, LOWER, UPPER, DIGIT, UNSPACED, STOP, COMMA, SIGN, OTHER = range(9)


def _classes() -> NDArray[np.uint8]:
    """A class for every code point of the basic plane; letters of most scripts are LOWER."""
    table = np.full(65536, LOWER, dtype=np.uint8)
    table[:0x30] = OTHER
    table[[9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x202F, 0x3000]] = SPACE
    table[0x30:0x3A] = DIGIT
    table[0x3A:0x41] = table[0x5B:0x61] = table[0x7B:0xAA] = OTHER
    table[0x41:0x5B] = table[0xC0:0xDF] = table[0x391:0x3AC] = table[0x400:0x430] = UPPER
    table[0x531:0x557] = UPPER
    table[0x100:0x180:2] = UPPER
    table[0x2000:0x2C00] = OTHER
    for start, end in ((0x0E00, 0x0E80), (0x1000, 0x10A0), (0x3040, 0xA000), (0xF900, 0xFB00)):
        table[start:end] = UNSPACED
    table[0x3000:0x3040] = table[0xFE30:0xFE70] = table[0xFF00:0xFF21] = OTHER
    table[[ord(sign) for sign in ".!?…。！？؟।॥۔｡;"]] = STOP
    table[[ord(sign) for sign in ",،、，：:؛；"]] = COMMA
    table[[ord(sign) for sign in "|·•©®»›→<>{}=/_#@*+$€£¥₹™×▼▾►"]] = SIGN
    return table


_CLASSES = _classes()


def characters(text: str) -> NDArray[np.uint8]:
    """The class of each character of a text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if len(points) and points.max() > 0xFFFF:
        points = np.where(points > 0xFFFF, ord("+"), points)
    return _CLASSES[points]


@dataclass(frozen=True, slots=True)
class Page:
    """The features of a page: ``x`` (blocks x features), and the groups blocks belong to.

    ``words`` counts a character of an unspaced script as .6 of a word.
    """

    x: Floats
    words: Floats
    groups: Ints  # groups x blocks: signature, list of items, holder
    names: tuple[str, ...]


def _own(doc: Document, starts: Ints, ends: Ints, out: dict[str, Floats]) -> Floats:
    """Features of a block's own text; returns its words."""
    kinds = characters(doc.text)
    edges = np.empty(2 * len(starts), dtype=np.int64)
    edges[0::2], edges[1::2] = starts, ends
    width = OTHER + 1
    spans = np.repeat(np.arange(len(edges) + 1), np.diff(edges, prepend=0, append=len(kinds)))
    counts = np.bincount(spans * width + kinds, minlength=(len(edges) + 1) * width)
    counts = counts.reshape(-1, width)[1::2].astype(np.float32)
    letter = (kinds >= LOWER) & (kinds <= DIGIT)
    begins = letter.copy()
    begins[1:] &= ~letter[:-1]
    word_sum = np.concatenate(([0], np.cumsum(begins)))
    spaced = (word_sum[ends] - word_sum[starts]).astype(np.float32)
    words = spaced + 0.6 * counts[:, UNSPACED]
    after = np.concatenate((kinds[1:], [SPACE]))
    stops = (kinds == STOP) & ((after == SPACE) | (after == UNSPACED) | (after == UPPER))
    stops[1:] &= kinds[:-1] != DIGIT
    stop_sum = np.concatenate(([0], np.cumsum(stops)))
    sentence_ends = (stop_sum[ends] - stop_sum[starts]).astype(np.float32)
    chars = np.maximum(1, (ends - starts)).astype(np.float32)
    letters = np.maximum(1, counts[:, LOWER] + counts[:, UPPER] + counts[:, UNSPACED])
    first, last = kinds[starts], kinds[ends - 1]
    _word_features(doc, kinds, begins, starts, ends, words, stop_sum, out)
    out["log_words"] = np.log1p(words)
    out["log_chars"] = np.log1p(chars)
    out["upper"] = counts[:, UPPER] / letters
    out["digits"] = counts[:, DIGIT] / chars
    out["signs"] = counts[:, SIGN] / chars
    out["others"] = counts[:, OTHER] / chars
    out["commas"] = counts[:, COMMA] / np.maximum(1, words)
    out["stops"] = sentence_ends / np.maximum(1, words)
    out["log_stops"] = np.log1p(sentence_ends)
    out["word_length"] = letters / np.maximum(1, words) / 8
    out["unspaced"] = counts[:, UNSPACED] / letters
    out["ends_stop"] = (last == STOP).astype(np.float32)
    out["ends_comma"] = (last == COMMA).astype(np.float32)
    out["ends_other"] = (last >= SIGN).astype(np.float32)
    out["starts_upper"] = (first == UPPER).astype(np.float32)
    out["starts_digit"] = (first == DIGIT).astype(np.float32)
    out["starts_sign"] = (first >= SIGN).astype(np.float32)
    out["has_sign"] = np.minimum(1, counts[:, SIGN])
    return words


_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: it has an inverse modulo 2 ** 64
MAX_COMMON = 30  # words of a page that count as its function words


def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    inverse = np.uint64(pow(int(_BASE), -1, 2**64))
    with np.errstate(over="ignore"):
        up = np.cumprod(np.full(size, _BASE, dtype=np.uint64))
        down = np.cumprod(np.full(size, inverse, dtype=np.uint64))
    return up, down


def _hashes(text: str, begins: Ints, ends: Ints) -> NDArray[np.uint64]:
    """A number for each word, equal for equal words in lower case."""
    folded = text.lower()
    if len(folded) != len(text):
        folded = text
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    up, down = _powers(len(points) + 1)
    with np.errstate(over="ignore"):
        total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(points.astype(np.uint64) * up[:-1])))
        return (total[ends] - total[begins]) * down[begins]


def _word_features(doc, kinds, begins, starts, ends, words, stop_sum, out) -> None:
    letter = (kinds >= LOWER) & (kinds <= UNSPACED)
    left = letter.copy()
    left[1:] &= ~letter[:-1] | (kinds[1:] == UNSPACED)
    right = letter.copy()
    right[:-1] &= ~letter[1:] | (kinds[1:] == UNSPACED)
    # an unspaced letter is a word
    word_at = np.flatnonzero(left)
    word_end = np.flatnonzero(right) + 1
    if len(word_at) != len(word_end):  # letters of both sorts side by side
        word_end = word_end[: len(word_at)]
        word_at = word_at[: len(word_end)]
    ids = _hashes(doc.text, word_at, np.maximum(word_end, word_at + 1))
    block_of = np.searchsorted(starts, word_at, side="right") - 1
    n = len(starts)
    size = np.maximum(1, np.bincount(block_of, minlength=n))
    names, inverse, counts = np.unique(ids, return_inverse=True, return_counts=True)
    long = (np.bincount(block_of, minlength=n) >= 10)[block_of]
    often = np.bincount(inverse[long], minlength=len(names))
    common = np.zeros(len(names), dtype=bool)
    common[np.argsort(-often, kind="stable")[:MAX_COMMON]] = True
    common &= often >= 3
    out["common"] = np.bincount(block_of, weights=common[inverse], minlength=n) / size
    head = f"{doc.title or ''} \n {doc.description}"
    about = characters(head)
    edge = (about >= LOWER) & (about <= UNSPACED)
    a = edge.copy()
    a[1:] &= ~edge[:-1] | (about[1:] == UNSPACED)
    z = edge.copy()
    z[:-1] &= ~edge[1:] | (about[1:] == UNSPACED)
    h0, h1 = np.flatnonzero(a), np.flatnonzero(z) + 1
    m = min(len(h0), len(h1))
    topic = np.unique(_hashes(head, h0[:m], np.maximum(h1[:m], h0[:m] + 1)))
    told = np.isin(names, topic) & ~common
    hits = np.bincount(block_of, weights=told[inverse], minlength=n)
    out["topic"] = hits / size
    out["topic_hits"] = np.log1p(hits)
    single = counts == 1
    out["unique"] = np.bincount(block_of, weights=single[inverse], minlength=n) / size


def page(doc: Document) -> Page:
    """The features of an HTML document with at least one block."""
    blocks, nodes = doc.blocks, doc.nodes
    n = len(blocks)
    starts = np.array([b.start for b in blocks])
    ends = np.array([b.end for b in blocks])
    out: dict[str, Floats] = {}
    words = _own(doc, starts, ends, out)
    density = (np.array([b.link_chars for b in blocks]) / (ends - starts)).astype(np.float32)
    links = np.array([b.links for b in blocks], dtype=np.float32)
    images = np.array([b.images for b in blocks], dtype=np.float32)
    out["density"] = density
    out["links"] = np.log1p(links)
    out["images"] = np.log1p(images)
    stops = np.expm1(out["log_stops"])
    good = (words >= MIN_GOOD_WORDS) & (density <= MAX_GOOD_LINK_DENSITY) & (stops >= MIN_GOOD_ENDS)
    pre = np.array([b.kind == "pre" for b in blocks])
    good |= pre | ((words >= 25) & (density <= 0.2))
    out["good"] = good.astype(np.float32)
    texts = [doc.text[b.start : b.end] for b in blocks]
    seen = Counter(texts)
    out["copies"] = np.log1p(np.array([seen[t] for t in texts], dtype=np.float32)) - np.float32(0.69)
    headline = _headline(doc, texts)
    _places(doc, out, words, starts, ends, headline)
    tree = _Tree(doc, words, good, density, images)
    groups = tree.features(out)
    _windows(out, words, good, density)
    _page_wide(doc, out, words, good, density, links, images, groups)
    x = np.column_stack(list(out.values())).astype(np.float32)
    return Page(x, words, groups, tuple(out))


def _headline(doc: Document, texts: list[str]) -> int:
    """The block that is the page's headline (-1: none)."""
    if not doc.title:
        return -1
    title = normal(doc.title)
    size = len(doc.title)
    for at, text in enumerate(texts):
        if abs(len(text) - size) <= 8 and doc.blocks[at].kind == "heading" and normal(text) == title:
            return at
    for at, block in enumerate(doc.blocks):
        if block.level == 1:
            return at
    return -1


def _places(doc, out, words, starts, ends, headline) -> None:
    n = len(words)
    index = np.arange(n, dtype=np.float32)
    total = max(1, int(ends[-1]))
    out["position"] = index / n
    out["char_position"] = (starts / total).astype(np.float32)
    out["from_start"] = np.log1p(index) / 4
    out["from_end"] = np.log1p(n - 1 - index) / 4
    known = float(headline >= 0)
    out["headline_known"] = np.full(n, known, dtype=np.float32)
    after = index - headline if headline >= 0 else np.zeros(n, dtype=np.float32)
    out["after_headline"] = (after > 0).astype(np.float32) * known
    out["headline_distance"] = (np.sign(after) * np.log1p(np.abs(after)) / 4).astype(np.float32)
    out["is_headline"] = (after == 0).astype(np.float32) * known
    kinds = np.array([_KIND_OF[b.kind] for b in doc.blocks])
    for at, kind in enumerate(_KINDS):
        out[f"kind_{kind}"] = (kinds == at).astype(np.float32)
    out["level"] = np.array([b.level for b in doc.blocks], dtype=np.float32) / 4
    out["hidden"] = np.array([b.hidden for b in doc.blocks], dtype=np.float32)
    out["noscript"] = np.array([b.noscript for b in doc.blocks], dtype=np.float32)
    heading = kinds == 1
    last = np.maximum.accumulate(np.where(heading, index, -1))
    out["since_heading"] = np.where(last >= 0, np.log1p(index - last) / 4, 1).astype(np.float32)


class _Tree:
    """Sums over subtrees, ancestors, signatures and lists of items."""

    def __init__(self, doc: Document, words, good, density, images) -> None:
        self.doc = doc
        nodes = doc.nodes
        self.size = np.ones(len(nodes) + 1, dtype=np.int64)
        parent = [node.parent for node in nodes]
        size = [1] * len(nodes)
        for at in range(len(nodes) - 1, 0, -1):
            if parent[at] >= 0:
                size[parent[at]] += size[at]
        self.parent = np.array([*parent, -1])  # the last: outside of everything
        self.parent[self.parent < 0] = len(nodes)
        self.end = np.arange(len(nodes) + 1) + np.array([*size, 1])
        holder = np.array([b.node for b in doc.blocks])
        self.holder = np.where(holder < 0, len(nodes), holder)
        self.words = words
        self.quantities = {
            "words": words, "good": words * good, "links": words * density,
            "blocks": np.ones_like(words), "images": images,
        }  # fmt: skip
        self.sums = {name: self._sum(q) for name, q in self.quantities.items()}
        self.bits = self._bits(nodes)

    def _sum(self, quantity: Floats) -> Floats:
        """A quantity of blocks summed up over the subtree of each element."""
        n = len(self.parent)
        own = np.bincount(self.holder, weights=quantity, minlength=n)
        total = np.concatenate(([0], np.cumsum(own)))
        sums = total[np.minimum(self.end, n)] - total[:n]
        sums[-1] = total[-1]
        return sums.astype(np.float32)

    def _bits(self, nodes: tuple[Node, ...]) -> NDArray[np.uint64]:
        own: dict[tuple[str, tuple[str, ...]], int] = {}
        masks: list[int] = []
        for node in nodes:
            key = (node.tag, node.tokens)
            bit = own.get(key)
            if bit is None:
                bit = 1 << _TAGS[node.tag] if node.tag in _TAGS else 0
                zone = zones.zone(node)
                if zone is not None:
                    bit |= 1 << _ZONE_BIT[zone.category]
                own[key] = bit
            masks.append(bit | masks[node.parent] if node.parent >= 0 else bit)
        return np.array([*masks, 0], dtype=np.uint64)

    def features(self, out: dict[str, Floats]) -> Ints:
        doc, holder = self.doc, self.holder
        n = len(holder)
        shifts = np.arange(N_TAGS + len(ZONES), dtype=np.uint64)
        flags = ((self.bits[holder][:, None] >> shifts) & np.uint64(1)).astype(np.float32)
        for at in range(flags.shape[1]):
            out[f"in_{_FLAGS[at]}"] = flags[:, at]
        tags = [doc.nodes[b.node].tag if b.node >= 0 else "" for b in doc.blocks]
        held = np.array([_HOLDER_OF.get(tag, -1) for tag in tags])
        for at, tag in enumerate(_HOLDERS):
            out[f"holder_{tag}"] = (held == at).astype(np.float32)
        ancestors = [holder]
        for _ in range(LEVELS):
            ancestors.append(self.parent[ancestors[-1]])
        total = {name: max(1.0, float(sums[-1])) for name, sums in self.sums.items()}
        for level, at in enumerate(ancestors):
            words = np.maximum(1, self.sums["words"][at])
            out[f"up{level}_words"] = np.log1p(self.sums["words"][at])
            out[f"up{level}_share"] = self.sums["words"][at] / total["words"]
            out[f"up{level}_good"] = self.sums["good"][at] / words
            out[f"up{level}_density"] = self.sums["links"][at] / words
            out[f"up{level}_blocks"] = np.log1p(self.sums["blocks"][at])
            out[f"up{level}_images"] = np.log1p(self.sums["images"][at])
        depth = self._depth()
        out["depth"] = np.log1p(depth[holder]) / 3
        self._containers(out, total["good"], depth)
        signature = self._signatures()
        items, item_of = self._items()
        self._grouped(out, "same", signature)
        self._grouped(out, "list", items)
        first = np.concatenate(([True], item_of[1:] != item_of[:-1]))
        out["item_first"] = (first & (items > 0)).astype(np.float32)
        out["in_items"] = (items > 0).astype(np.float32)
        out["item_words"] = np.log1p(self.sums["words"][item_of]) * (items > 0)
        out["item_density"] = self.sums["links"][item_of] / np.maximum(1, self.sums["words"][item_of]) * (items > 0)
        out["item_images"] = np.log1p(self.sums["images"][item_of]) * (items > 0)
        out["item_good"] = self.sums["good"][item_of] / np.maximum(1, self.sums["words"][item_of]) * (items > 0)
        return np.stack([signature, items])

    def _depth(self) -> Ints:
        depth: list[int] = []
        for node in self.doc.nodes:
            depth.append(depth[node.parent] + 1 if node.parent >= 0 else 0)
        return np.array([*depth, 0])

    def _containers(self, out: dict[str, Floats], good: float, depth: Ints) -> None:
        """Whether blocks stand in the smallest elements that hold shares of the good words."""
        order = np.arange(len(self.parent))
        for share in SHARES:
            held = np.flatnonzero(self.sums["good"][:-1] >= share * good) if good > 1 else []
            name = f"main{int(100 * share)}"
            if len(held):
                main = held[-1]
                # blocks: a paragraph is no container
                while self.doc.nodes[main].tag in _LEAVES and self.parent[main] < len(self.doc.nodes):
                    main = self.parent[main]
                inside = (self.holder >= main) & (self.holder < self.end[main])
                out[name] = inside.astype(np.float32)
                out[f"{name}_share"] = np.full(len(inside), self.sums["words"][main] / max(1, self.sums["words"][-1]), dtype=np.float32)
                first = np.flatnonzero(inside)
                index = np.arange(len(inside))
                before = np.log1p(np.maximum(0, first[0] - index)) / 4 if len(first) else 0 * index
                after = np.log1p(np.maximum(0, index - first[-1])) / 4 if len(first) else 0 * index
                out[f"{name}_before"] = before.astype(np.float32)
                out[f"{name}_after"] = after.astype(np.float32)
            else:
                zero = np.zeros(len(self.holder), dtype=np.float32)
                for part in ("", "_share", "_before", "_after"):
                    out[f"{name}{part}"] = zero

    def _signatures(self) -> Ints:
        known: dict[object, int] = {}
        nodes = self.doc.nodes
        ids = []
        for block in self.doc.blocks:
            node = nodes[block.node] if block.node >= 0 else None
            up = nodes[node.parent] if node and node.parent >= 0 else None
            key = (node and (node.tag, node.tokens[:1]), up and (up.tag, up.tokens[:1]), block.kind)
            ids.append(known.setdefault(key, len(known)))
        return np.array(ids)

    def _items(self) -> tuple[Ints, Ints]:
        """The list of items each block belongs to (0: none), and the element that is its item.

        A list is at least three siblings of one tag and first class word; the innermost
        list whose items have more than one block, or else the innermost, counts.
        """
        nodes = self.doc.nodes
        count: Counter[object] = Counter()
        keys: list[object] = []
        for node in nodes:
            key = (node.parent, node.tag, node.tokens[:1])
            keys.append(key)
            count[key] += 1
        blocks = self.sums["blocks"]
        known: dict[object, int] = {}
        lists = [0] * (len(nodes) + 1)
        item = [len(nodes)] * (len(nodes) + 1)
        for at, node in enumerate(nodes):
            if count[keys[at]] >= MIN_REPEATS and blocks[at] >= 1 and node.tag not in _LEAVES_ONLY:
                up = item[node.parent] if node.parent >= 0 else len(nodes)
                if up == len(nodes) or blocks[at] > 1:
                    lists[at], item[at] = known.setdefault(keys[at], len(known) + 1), at
                    continue
            if node.parent >= 0:
                lists[at], item[at] = lists[node.parent], item[node.parent]
        return np.array(lists)[self.holder], np.array(item)[self.holder]

    def _grouped(self, out: dict[str, Floats], name: str, groups: Ints) -> None:
        """Features of the group of blocks that a block belongs to."""
        size = np.bincount(groups)
        words = np.bincount(groups, weights=self.words)
        good = np.bincount(groups, weights=self.quantities["good"])
        links = np.bincount(groups, weights=self.quantities["links"])
        total = max(1.0, float(self.words.sum()))
        out[f"{name}_size"] = np.log1p(size)[groups].astype(np.float32)
        out[f"{name}_share"] = (words / total)[groups].astype(np.float32)
        out[f"{name}_mean"] = np.log1p(words / np.maximum(1, size))[groups].astype(np.float32)
        out[f"{name}_good"] = (good / np.maximum(1, words))[groups].astype(np.float32)
        out[f"{name}_density"] = (links / np.maximum(1, words))[groups].astype(np.float32)


_LEAVES = frozenset(
    "p li h1 h2 h3 h4 h5 h6 td th dd dt blockquote pre figcaption caption tr summary label".split()
)
_LEAVES_ONLY = frozenset("p h1 h2 h3 h4 h5 h6 option br hr td th".split())


def _windows(out: dict[str, Floats], words, good, density) -> None:
    n = len(words)
    for name in ("log_words", "density", "good", "kind_heading", "ends_stop", "kind_item", "common"):
        column = out[name]
        out[f"prev_{name}"] = np.concatenate(([0], column[:-1])).astype(np.float32)
        out[f"next_{name}"] = np.concatenate((column[1:], [0])).astype(np.float32)
    index = np.arange(n)
    for name, quantity in (("words", words), ("good", words * good), ("links", words * density)):
        total = np.concatenate(([0], np.cumsum(quantity)))
        for width in (2, 5, 12):
            low, high = np.maximum(0, index - width), np.minimum(n, index + width + 1)
            out[f"near{width}_{name}"] = np.log1p(total[high] - total[low]).astype(np.float32)
        out[f"before_{name}"] = (total[:-1] / max(1.0, total[-1])).astype(np.float32)


def _page_wide(doc, out, words, good, density, links, images, groups) -> None:
    n = len(words)
    total = max(1.0, float(words.sum()))
    biggest = np.bincount(groups[1], weights=words)
    values = {
        "page_blocks": np.log1p(n), "page_words": np.log1p(total),
        "page_good": float((words * good).sum()) / total,
        "page_good_words": np.log1p(float((words * good).sum())),
        "page_density": float((words * density).sum()) / total,
        "page_links": np.log1p(float(links.sum())), "page_images": np.log1p(float(images.sum())),
        "page_mean": np.log1p(total / n),
        "page_list": float(biggest[1:].max()) / total if len(biggest) > 1 else 0.0,
        "page_headings": np.log1p(float(out["kind_heading"].sum())),
        "page_longest": np.log1p(float(words.max())),
    }  # fmt: skip
    for kind, names in PAGE_KINDS.items():
        values[f"page_is_{kind}"] = float(any(name in doc.kinds for name in names))
    for name, value in values.items():
        out[name] = np.full(n, value, dtype=np.float32)
