"""Boilerplate phrases as data: loading, checking and matching ``lexicons/*.toml``.

A pattern is a phrase in lower case with a few signs, so that a reader of the language
can review it without knowing regular expressions:

==========  ==================================================================
``a|b``     alternatives inside ``( )`` or ``[ ]``
``(...)``   a group
``[...]``   an optional group
``{X}``     one to six words: the name of a site, a brand, a topic
``{N}``     a number, perhaps with a currency or per cent sign
``{D}``     a date or a time
``: ``      a colon (or a bar) that must stand there
``? ! . ,`` may stand there or not; an apostrophe or a hyphen matches any of its kinds
==========  ==================================================================

Every gap is bounded and every pattern starts with literal text, so that matching is
linear in the length of the text: :mod:`declutter.heads` finds where the literal
beginnings stand (*heads*), and only there is a pattern tried.

>>> entry = Entry.parse({"id": "en.x", "category": "newsletter", "weight": 3,
...     "patterns": ["sign up (for|to) [our|the] {X} newsletter"], "why": "asks to sign up",
...     "match": ["Sign up for the Harbour Gazette newsletter"],
...     "spare": ["She signed up for a course."]})
>>> Lexicon([entry]).find("Today: sign up to the Daily newsletter!")[0].start
7
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from declutter.errors import LexiconError
from declutter.model import Category

if TYPE_CHECKING:  # numpy is loaded when a text is searched, not before
    import numpy as np
    from numpy.typing import NDArray

    from declutter.heads import Classes

SCOPES = ("phrase", "line", "label", "sentence")
OWN = "user:"  # begins the ids of rules that the caller brings
STRONG = 3.0  # the weight from which an entry removes a span on its own
_MAX_WEIGHT = 100  # more says nothing more

_SPACE = r"[^\S\n]{1,3}"
_MAYBE_SPACE = r"[^\S\n]{0,3}"
_WORD = r"\S{1,40}?"
_DIGITY = r"\d[\w:./\-]{0,14},?"
_SLOTS = {
    "X": rf"{_WORD}(?:{_SPACE}{_WORD}){{0,5}}?",
    "N": r"(?:[$€£¥₹₩₽]\s?)?\d(?:[\d.,٫٬' ]{0,12}\d)?(?:\s?[%€$£¥₹₩₽])?",
    "D": rf"(?:[^\W\d_]{{1,12}}[.,]?\s){{0,3}}{_DIGITY}"
    rf"(?:\s(?:[^\W\d_]{{1,12}}[.,]?\s){{0,2}}{_DIGITY}){{0,3}}(?:\s(?:am|pm|uhr|[a-z]st|gmt|utc))?",
}
_SOFT = {
    "?": r"[^\S\n]?[?？؟;\u037e]?",
    "!": r"[^\S\n]?[!！]?",
    ".": r"[.。।…]{0,3}",
    "…": r"[.。…]{0,3}",
    ",": r"[,，、،]?",
    "'": r"['ʼ`]?",
    "-": r"[\-‐‑–— ]?",
    "¿": "¿?",
    "¡": "¡?",
}
_BLANKS_RE = re.compile(r"\s+")
_COLON = r"[^\S\n]?[:：|»›]"
_MAX_HEADS = 64
HEAD_LENGTH = 12
# what stands in a head, as its last sign, for a number or a colon that must follow
_NUMBER, _SIGN = "\0", "\1"
_SLOT_HEADS = {"X": "", "N": _NUMBER, "D": ""}
_WIDTHS = {"X": 255, "N": 21, "D": 255, ":": 2, "：": 2, " ": 3, ".": 3, "…": 3, "?": 2, "!": 2}
_NUMBER_WIDTH = 24  # of a number before a phrase
_MAX_NEXT = 3  # letters of a word that begins a sentence rather than names something
_TICK_EVERY = 1024  # heads tried between two looks at the clock
MAX_GAP = 12  # characters between phrases that go together
MIN_FILLED = 3  # words matter where they fill a line of up to so many times their length
MAX_WIDTH = 48  # what may be longer is no mere word
_TRAIL = 3  # punctuation that is taken along with a word; more is rare
_TRAIL_RE = re.compile(r"[^\S\n]?(?:[!?.…。！？؟।:：;\u037e»›→>*]+|\|(?=\s|$))")
_NUMBER_BEFORE_RE = re.compile(r"(?:[$€£¥₹₩₽]\s?)?(?<![\d.,])\d[\d.,٫٬]{0,12}[km万千]?\+?[^\S\n]?$")
# scripts written without spaces between words: any position is a word boundary there
UNSPACED_RE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)
# no letter follows, or one of a script in which any letter may begin a word
_WORD_ENDS = rf"(?!(?!{UNSPACED_RE.pattern})[^\W\d_])"
_FOLDS = (
    ("İ", "i"),
    ("ı", "i"),
    ("ς", "σ"),
    ("’", "'"),
    ("‘", "'"),
    ("\xa0", " "),
    ("\u202f", " "),
)


def fold(text: str) -> str:
    """Lower-case ``text`` and unify apostrophes and spaces, keeping every offset.

    ``str.lower`` alone makes two code points of ``İ`` and would shift all that follows.

    >>> fold("GİRİŞ\\xa0Yap’")
    "giriş yap'"
    """
    text = text.replace("İ", "i").lower()
    for old, new in _FOLDS[1:]:
        text = text.replace(old, new)
    return text


def is_unspaced(char: str) -> bool:
    """Tell whether ``char`` belongs to a script written without spaces (Han, kana, Thai...)."""
    return char > "\u0dff" and UNSPACED_RE.match(char) is not None


def is_boundary(text: str, at: int) -> bool:
    """Tell whether a word may begin or end at ``at``, glued words included.

    >>> [is_boundary("UKFormer minister", at) for at in (0, 1, 2, 8)]
    [True, False, True, True]
    >>> is_boundary("newsFormer", 4)
    True
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if after > "\u02ff" and unicodedata.category(after)[0] == "M":
        return False  # a vowel sign or an accent belongs to the letter before it
    if not (before.isalnum() and after.isalnum()):
        return True
    if after.isupper() and (before.islower() or before.isdigit()):
        return True
    if before.isupper() and after.isupper() and text[at + 1 : at + 2].islower():
        return at > 1 and text[at - 2].isupper()
    return is_unspaced(before) or is_unspaced(after)


@dataclass(frozen=True, slots=True)
class Entry:
    """One lexicon entry: phrases of one meaning in one language, with their evidence.

    ``scope`` says how far the phrase speaks: ``phrase``, the words themselves and the
    clause they begin; ``line``, only where nothing else stands on the line or beside
    other such words; ``label``, the words and a headline behind them; ``sentence``, the
    sentence in which the words stand.
    """

    id: str
    category: Category
    weight: float
    scope: str
    patterns: tuple[str, ...]
    why: str
    match: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The language of the phrases: the first part of the id, behind the sign of a caller's."""
        return self.id.removeprefix(OWN).split(".", 1)[0]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Entry:
        """Build an entry from TOML data; raise :class:`LexiconError` naming what is wrong."""
        for problem in _check_fields(data):
            raise LexiconError(problem)
        return cls(
            id=data["id"],
            category=Category(data["category"]),
            weight=float(data["weight"]),
            scope=data.get("scope", "phrase"),
            patterns=tuple(data["patterns"]),
            why=data["why"],
            match=tuple(data["match"]),
            spare=tuple(data["spare"]),
        )


class Problem(NamedTuple):
    """What is wrong with an entry: under which key and, if it is one of several, which value."""

    id: str
    key: str
    text: str
    value: str = ""

    def __str__(self) -> str:
        line = f"{self.id}: {self.key}: {self.text}"
        return line if line.isprintable() else ascii(line)[1:-1]


_LISTS = ("patterns", "match", "spare")
# the keys that every entry has, and what they hold
_NEEDED = {
    "id": "a name such as en.share.buttons",
    "category": "one that 'declutter rules' lists",
    "weight": "a number above 0; 3 removes alone, less needs support",
    "patterns": "a list of phrases in the pattern language",
    "why": "the reason that users read",
    "match": "a list of examples that must be found",
    "spare": "a list of sentences that must survive",
}


def _check_fields(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the keys of an entry and the kinds of their values."""
    name = data.get("id")
    name = name if isinstance(name, str) and name else "?"
    for key in sorted(set(data) - set(Entry.__slots__)):
        known = ", ".join(Entry.__slots__)
        yield Problem(name, key, f"unknown field {key!r}; use one of {known}")
    for key, meaning in _NEEDED.items():
        value = data.get(key)
        if not value:
            yield Problem(name, key, f"is missing or empty; give {meaning}")
        elif not _is_typed(key, value):
            yield Problem(name, key, f"has a wrong value; give {meaning}")
        elif key == "category" and value not in list(Category):
            known = ", ".join(category.value for category in Category)
            yield Problem(name, key, f"unknown category {value!r}; use one of {known}")
    scope = data.get("scope", "phrase")
    if scope not in SCOPES:
        yield Problem(name, "scope", f"{scope!r} is not one of {', '.join(SCOPES)}")


def _is_typed(key: str, value: object) -> bool:
    """Whether the value of a needed key is of the kind that it must be."""
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    if key == "weight":
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
        return 0 < value <= _MAX_WEIGHT
    return isinstance(value, str)


class Match(NamedTuple):
    """A phrase found in a text.

    ``core`` is its end without the punctuation taken along, ``words`` its words, folded.
    """

    start: int
    end: int
    entry: Entry
    core: int
    words: str


# --- the pattern language -------------------------------------------------------------

_TOKEN_RE = re.compile(r"\{[XND]\}|[()\[\]|]|[^{}()\[\]|]+|.", re.DOTALL)


# literal beginnings, and whether the literal text that follows belongs to them, too
Heads = dict[str, bool]
# everything that a part of a pattern matches, or None where that cannot be listed
Texts = list[str] | None
_EMPTY: Texts = [""]
_MAX_TEXTS = 1024


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: regular expression, its literal beginnings, a number before it.

    ``ended`` are those heads that are a whole phrase, ``sole`` those of them that are all
    the pattern can match where they stand: no regular expression needs to be tried there.
    Behind heads in ``numbered`` and ``signed`` a number or a colon must follow; ``width`` is
    the most characters that a match has.
    """

    regex: str
    heads: tuple[str, ...]
    number_first: bool
    ended: frozenset[str]
    sole: frozenset[str]
    numbered: frozenset[str]
    signed: frozenset[str]
    width: int


def _tokens(source: str) -> list[str]:
    """Split a pattern and move the space beside an optional group into it.

    ``up [for] it`` must fit both "up for it" and "up it": the opening sign becomes
    ``[ `` (a space leads inside), or at the beginning ``[_`` (a space ends inside).
    """
    tokens = _TOKEN_RE.findall(source)
    for at, token in enumerate(tokens):
        if token != "[":
            continue
        first = at == 0 or tokens[at - 1] in ("(", "[", "|")
        if not first and tokens[at - 1].endswith(" "):
            tokens[at - 1] = tokens[at - 1][:-1]
            tokens[at] = "[ "
        elif first:
            after = _closing(tokens, at) + 1
            if after < len(tokens) and tokens[after].startswith(" "):
                tokens[after] = tokens[after][1:]
                tokens[at] = "[_"
    return [token for token in tokens if token]


def _closing(tokens: list[str], at: int) -> int:
    """The index of the bracket that closes the one at ``at`` (the last index if none does)."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += (tokens[index][:1] in ("(", "[")) - (tokens[index] in (")", "]"))
        if depth == 0:
            return index
    return len(tokens) - 1


class _Parser:
    """Recursive descent over one pattern; depth is bounded by the pattern's own brackets."""

    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.at = 0

    def sequence(self) -> tuple[str, Heads, Texts, int]:
        """Regular expression, heads, texts and width of what stands up to the next ``) ] |``."""
        regex, heads, texts, width = "", {"": True}, _EMPTY, 0
        while self.at < len(self.tokens) and self.tokens[self.at] not in (")", "]", "|"):
            token = self.tokens[self.at]
            self.at += 1
            part, more, and_texts, and_width = self._part(token)
            regex += part
            width += and_width
            heads = _joined(heads, more)
            texts = _products(texts, and_texts)
        return regex, heads, texts, width

    def _part(self, token: str) -> tuple[str, Heads, Texts, int]:
        if token.startswith("{"):
            if len(token) == 1:
                raise LexiconError("'{' must open {X}, {N} or {D}")
            slot = token[1]
            return _SLOTS[slot], {_SLOT_HEADS[slot]: False}, None, _WIDTHS[slot]
        if token[0] not in "([":
            texts = [token] if _is_plain(token) else None
            width = sum(_WIDTHS.get(char, 1) for char in token)
            return _literal(token), _literal_heads(token), texts, width
        inner, heads, texts, width = self._group(token)
        if token == "(":
            return f"(?:{inner})", heads, texts, width
        regex = f"(?:{inner})?"
        if token == "[ ":
            regex = f"(?:{_SPACE}(?:{inner}))?"
            heads, texts = _joined({" ": True}, heads), _products([" "], texts)
        elif token == "[_":
            regex = f"(?:(?:{inner}){_SPACE})?"
            heads, texts = _joined(heads, {" ": True}), _products(texts, [" "])
        texts = None if texts is None else [*texts, ""]
        return regex, _either(heads, {"": True}), texts, width + _WIDTHS[" "]

    def _group(self, opening: str) -> tuple[str, Heads, Texts, int]:
        regexes: list[str] = []
        heads: Heads = {}
        texts: Texts = []
        width = 0
        while True:
            regex, more, and_texts, and_width = self.sequence()
            width = max(width, and_width)
            regexes.append(regex)
            heads = _either(heads, more)
            texts = None if texts is None or and_texts is None else texts + and_texts
            if self.at >= len(self.tokens):
                raise LexiconError(f"{opening[0]!r} is not closed")
            token = self.tokens[self.at]
            self.at += 1
            if token == {"(": ")", "[": "]"}[opening[0]]:
                return "|".join(regexes), heads, texts, width
            if token != "|":
                raise LexiconError(f"{opening[0]!r} is closed by {token!r}")


def _products(texts: Texts, others: Texts) -> Texts:
    """All texts of a sequence of two parts; None where there are too many or no end of them."""
    if texts is None or others is None or len(texts) * len(others) > _MAX_TEXTS:
        return None
    return [text + other for text in texts for other in others]


def _is_plain(text: str) -> bool:
    """Whether a piece of pattern text has no signs: it matches itself and nothing else."""
    loose = any(_is_loose(text, at) for at, char in enumerate(text) if char == " ")
    signs = any(char in _SOFT or char in ":：" for char in text)
    return not loose and not signs and _anchors(text) == text


def _either(heads: Heads, others: Heads) -> Heads:
    """The heads of two alternatives; one that ends here says nothing of what follows."""
    return heads | {head: more and heads.get(head, True) for head, more in others.items()}


def _joined(heads: Heads, others: Heads) -> Heads:
    """The heads of a sequence of two parts, up to a length and a number."""
    joined: Heads = {}
    for head, more in heads.items():
        for tail, and_more in others.items() if more else [("", False)]:
            text = (head + tail)[:HEAD_LENGTH]
            goes_on = more and and_more and len(text) < HEAD_LENGTH
            joined[text] = goes_on and joined.get(text, True)
    return joined if len(joined) <= _MAX_HEADS else dict.fromkeys(heads, False)


def _literal_heads(text: str) -> Heads:
    """The heads of a piece of literal pattern text, as :func:`_anchors` folds them."""
    heads: Heads = {"": True}
    for at, char in enumerate(text):
        if char in "-'¿¡" or (char == " " and _is_loose(text, at)):
            more = {char: True, "": True} | ({" ": True} if char == "-" else {})
        else:
            signs = {"": False} if char in _SOFT else {_SIGN: False}
            more = signs if char in _SOFT or char in ":：" else {char: True}
        heads = _joined(heads, more)
    return heads


def _is_loose(text: str, at: int) -> bool:
    """Whether the space at an offset may be missing: beside signs and unspaced scripts."""
    near = text[max(0, at - 1) : at + 2]
    return any(char in _SOFT or char in ":：" or is_unspaced(char) for char in near)


def _literal(text: str) -> str:
    """The regular expression of a piece of literal pattern text."""
    out = []
    for at, char in enumerate(text):
        if char == " ":
            out.append(_MAYBE_SPACE if _is_loose(text, at) else _SPACE)
        elif char in ":：":
            out.append(_COLON)
        else:
            out.append(_SOFT.get(char) or re.escape(char))
    return "".join(out)


def compile_pattern(source: str) -> Pattern:
    """Compile one pattern; raise :class:`LexiconError` when it is not linear or not anchored.

    >>> compile_pattern("[please] log in").heads
    ('log in', 'please log i')
    """
    body, number_first = _body(source)
    if re.search(r"\{X\}[\])?!., ]*$", body):
        raise LexiconError("must not end in {X}: the clause is followed anyway")
    parser = _Parser(body)
    regex, heads, texts, width = parser.sequence()
    if parser.at < len(parser.tokens):
        raise LexiconError(f"stray {parser.tokens[parser.at]!r}")
    marked = frozenset(head.lstrip() for head in heads)
    beginnings = frozenset(head.rstrip(_NUMBER + _SIGN) for head in marked)
    if not all(len(h.strip()) >= (1 if h and is_unspaced(h[0]) else 2) for h in beginnings):
        raise LexiconError("must begin with a literal word")
    if re.compile(regex).match("") is not None:
        raise LexiconError("matches the empty string")
    ended = _ended(beginnings, texts or [])
    return Pattern(
        regex,
        tuple(sorted(beginnings)),
        number_first,
        ended,
        _sole(ended, texts or []),
        _followed(beginnings, marked, _NUMBER),
        _followed(beginnings, marked, _SIGN),
        width + number_first * _NUMBER_WIDTH,
    )


def _body(source: str) -> tuple[str, bool]:
    """A pattern folded, without a number that it begins with; whether it does."""
    folded = _BLANKS_RE.sub(" ", fold(source)).strip()
    for slot in "XND":
        folded = folded.replace(f"{{{slot.lower()}}}", f"{{{slot}}}")
    number_first = folded.startswith("{N}")
    return folded[3:].lstrip() if number_first else folded.lstrip("¿¡"), number_first


def _followed(heads: frozenset[str], marked: frozenset[str], mark: str) -> frozenset[str]:
    """The heads behind which nothing but the marked sign may follow."""
    others = {head.rstrip(_NUMBER + _SIGN) for head in marked if not head.endswith(mark)}
    return heads - others


def _ended(heads: frozenset[str], texts: list[str]) -> frozenset[str]:
    """The heads that are a text, provided that every longer text has a head of its own."""
    if not all(text[:HEAD_LENGTH] in heads for text in texts):
        return frozenset()
    cut = {text[:HEAD_LENGTH] for text in texts if len(text) > HEAD_LENGTH}
    return heads.intersection(texts) - cut


def _sole(ended: frozenset[str], texts: list[str]) -> frozenset[str]:
    """The heads that neither begin another text nor begin with one."""
    whole = set(texts)
    clear = {text for text in ended if not any(text[:n] in whole for n in range(1, len(text)))}
    begins = {text for text, after in pairwise(sorted(whole)) if after.startswith(text)}
    return frozenset(clear - begins)


# --- matching -------------------------------------------------------------------------

# alphabets by the high byte of a character in UTF-16, up to the next: their heads are
# loaded, and sought, only where a page has such characters
_ALPHABETS = (
    (0x00, "latin"), (0x03, "greek"), (0x04, "cyrillic"), (0x06, "arabic"), (0x09, "indic"),
    (0x0E, "thai"), (0x10, "latin"), (0x30, "han"), (0xAC, "hangul"), (0xD8, "latin"),
    (0xF9, "han"),
)  # fmt: skip
_ALPHABET_STARTS = [start for start, _ in _ALPHABETS]
# the patterns that have a head: four times their number, plus what the head says of them
Numbers = dict[str, list[int]]
_PLAIN, _SOLE, _NUMBERED, _SIGNED = range(4)
_NUMBER_SIGNS, _COLONS = "$€£¥₹₩₽", ":：|»›"


def _alphabets(text: str) -> list[str]:
    """The alphabets of a text, Latin always."""
    if text.isascii():
        return ["latin"]
    high = set(text.encode("utf-16-be", "surrogatepass")[::2].translate(None, b"\0 "))
    return sorted({_alphabet(byte) for byte in high} | {"latin"})


def _alphabet(high: int) -> str:
    """The alphabet of a character whose first byte in UTF-16 is ``high``."""
    return _ALPHABETS[bisect_right(_ALPHABET_STARTS, high) - 1][1]


_LIKE = {chr(c): " " for c in range(0x3001) if chr(c).isspace() and chr(c) not in " \n"}
_LIKE |= dict.fromkeys("‐‑–—", "-") | dict.fromkeys("ʼ`", "'")


def _anchors(folded: str) -> str:
    """A folded text with one kind of space, hyphen and apostrophe, keeping every offset."""
    for char, like in _LIKE.items():
        folded = folded.replace(char, like)
    return folded


class _Phrase:
    """One pattern of an entry, compiled when it is first tried."""

    def __init__(self, entry: Entry, source: str) -> None:
        self.entry = entry
        body, self.number_first = _body(source)
        self._regex = _Parser(body).sequence()[0]

    @cached_property
    def match(self) -> Callable[[str, int], re.Match[str] | None]:
        """Match the regular expression at an offset of a text."""
        return re.compile(self._regex).match

    @cached_property
    def whole(self) -> re.Pattern[str]:
        """The regular expression that ends where no word goes on."""
        return re.compile(self._regex + _WORD_ENDS)

    def end(self, page: _Page, first: re.Match[str]) -> int | None:
        """Where the phrase ends, the longer of two tries: as it comes, and ending with a word.

        The second finds the alternative that fits a whole word, the first a phrase to which
        the next sentence was glued without a space.
        """
        start, end = first.span()
        best = end if page.boundaries[end] else -1
        if page.folded[end : end + 1].isalpha():
            whole = self.whole.match(page.folded, start)
            if whole is not None and whole.end() > best and page.boundaries[whole.end()]:
                best = whole.end()
        if best < 0:
            return None
        if " " not in page.text[best - _MAX_NEXT - 1 : best]:
            return best
        return self._without_next(page.text, page.folded, start, best)

    def _without_next(self, text: str, folded: str, start: int, end: int) -> int:
        """The end without a short upper-case last word that the phrase can do without.

        An optional last word may be the first of the article: "donate | US officials said".
        """
        last = text.rfind(" ", start, end) + 1
        before = text.rfind(" ", start, max(start, last - 1)) + 1
        short = last > start and end - last <= _MAX_NEXT and text[last].isupper()
        used = text[end : end + 2].lstrip()[:1].islower()
        if not short or not used or text[before : before + 1].isupper():
            return end
        shorter = re.compile(self._regex).fullmatch(folded, start, last - 1)
        return last - 1 if shorter else end


class Lexicon:
    """Entries ready to be found in a text. Thread-safe: what is lazy only fills in itself.

    ``muted`` are the ids of those that are not to be found.
    """

    muted: frozenset[str] = frozenset()

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._read(dump(entries).encode("utf-8"))

    @classmethod
    def load(cls, compiled: bytes) -> Lexicon:
        """Build a lexicon from what :func:`dump` wrote, parsing a line when it is needed."""
        lexicon = cls.__new__(cls)
        lexicon._read(compiled)
        return lexicon

    def _read(self, compiled: bytes) -> None:
        head, *lines = compiled.splitlines()
        self._sizes, alphabets, self._widths = json.loads(head)
        self._lines = lines[: len(self._sizes)]
        self._heads_of = dict(zip(alphabets, lines[len(self._sizes) :], strict=True))
        self._firsts = [0, *accumulate(self._sizes)]  # the number of each entry's first pattern
        self._entries: dict[int, Entry] = {}
        self._phrases: dict[int, _Phrase] = {}
        self._indexes: dict[str, _Index | None] = {}

    @property
    def entries(self) -> list[Entry]:
        """The entries in their order, without their examples."""
        return [_entry(json.loads(line)) for line in self._lines]

    def extended(self, entries: Iterable[Entry]) -> Lexicon:
        """A lexicon that has other entries, too."""
        more, heads = Lexicon(entries), dict(self._heads_of)
        for alphabet, line in more._heads_of.items():
            heads[alphabet] = _merged(heads.get(alphabet, b"[{},{}]"), line, self._firsts[-1])
        first = [self._sizes + more._sizes, list(heads), self._widths + more._widths]
        lines = [json.dumps(first).encode(), *self._lines, *more._lines, *heads.values()]
        return Lexicon.load(b"\n".join(lines))

    def without(self, ids: frozenset[str]) -> Lexicon:
        """The same lexicon, in which some entries find nothing."""
        found = copy(self)  # what is lazy is shared
        found.muted = ids
        return found

    def _phrase(self, number: int) -> _Phrase:
        """A pattern by its number."""
        line = bisect_right(self._firsts, number) - 1
        entry = self._entries.get(line)
        if entry is None:
            entry = self._entries[line] = _entry(json.loads(self._lines[line]))
        phrase = _Phrase(entry, entry.patterns[number - self._firsts[line]])
        return self._phrases.setdefault(number, phrase)

    def _index(self, alphabet: str) -> _Index | None:
        """The heads of an alphabet; None where it has none."""
        if alphabet not in self._indexes:
            line = self._heads_of.get(alphabet)
            index = None
            if line is not None:
                heads, ended = json.loads(line)
                index = _Index(heads, ended, self._widths)
            self._indexes[alphabet] = index
        return self._indexes[alphabet]

    def find(
        self,
        text: str,
        tick: Callable[[], None] = lambda: None,
        spans: Sequence[tuple[int, int]] | None = None,
    ) -> list[Match]:
        """All matches in ``text``, by start then length; several may overlap.

        ``tick`` is called now and then and may raise to end a search that takes too long.
        With ``spans`` (in order, disjoint) only what stands in them is looked at.
        """
        search = self.search(text, tick, spans)
        found = [search.find(*span) for span in [(0, len(text))] if spans is None]
        found += [search.find(*span) for span in spans or ()]
        return [match for matches in found for match in matches]

    def search(
        self,
        text: str,
        tick: Callable[[], None] = lambda: None,
        spans: Sequence[tuple[int, int]] | None = None,
    ) -> Search:
        """Look for the beginnings of phrases in the spans; which are phrases is found on demand."""
        tick()
        return Search(self, text, tick, spans)


_Kinds = list[tuple[int, int]]  # patterns with what a head says of them


class _Numbers(NamedTuple):
    """The patterns of a head: those that tell alone, loud and other words.

    ``width`` is the most characters that one of the words has. ``rest`` is what is left
    where neither a number nor a colon follows, if some patterns want that.
    """

    tells: _Kinds
    loud: _Kinds
    words: _Kinds
    width: int
    rest: Any = None
    wants: bool = False


_Begin = tuple[int, int, _Numbers]  # an offset, the end of the head there, its patterns
_Found = dict[tuple[int, int, str], Match]


class Search:
    """Where phrases may begin in the spans of a text, and the phrases that do.

    Words of scope ``line`` that decide nothing alone are frequent in prose and say nothing
    there: :meth:`telling` leaves them out where that is certain before they are tried.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        text: str,
        tick: Callable[[], None],
        spans: Sequence[tuple[int, int]] | None,
    ) -> None:
        self._lexicon = lexicon
        self._tick = tick
        self._tried = 0
        self._spans, self._shifts = [0], [0]
        if spans is not None:
            sizes = [end - start + 1 for start, end in spans]
            begins = [0, *accumulate(sizes)]
            self._shifts = [a - b for (a, _), b in zip(spans, begins, strict=False)]
            self._spans = [start for start, _ in spans]
            text = "\n".join([text[start:end] for start, end in spans])
        self._page = page = _Page.read(text)
        self._begins = self._candidates(page)
        self._ats = [at for at, _, _ in self._begins]
        self._known: dict[tuple[int, int], Match | None] = {}  # by offset and pattern

    def _candidates(self, page: _Page) -> list[_Begin]:
        """Where patterns may begin: (offset, end of the head, the patterns), in order."""
        text, places = page.anchors, page.places
        found: list[_Begin] = []
        for index in filter(None, map(self._lexicon._index, _alphabets(text))):
            for size, ats in index.table.find(page.codes, page.starts, page.ends):
                for at in ats:
                    numbers = index.numbers(text[at : at + size])
                    if numbers is None:
                        continue
                    after = at + size
                    if numbers.wants and not (_is_number(text, after) or _is_signed(text, after)):
                        numbers = numbers.rest
                    if numbers is not None:
                        found.append((at, after, numbers))
        if places is not None:
            found = [(int(places[at]), int(places[end]), numbers) for at, end, numbers in found]
        found.sort(key=itemgetter(0))
        return found

    def _of(self, start: int, end: int) -> tuple[list[_Begin], int]:
        """The candidates of a part of one span, and how far the span was moved."""
        shift = self._shifts[bisect_right(self._spans, start) - 1] if self._shifts else 0
        first = bisect_left(self._ats, start - shift)
        last = bisect_left(self._ats, end - shift, first)
        return self._begins[first:last], shift

    def find(self, start: int, end: int) -> list[Match]:
        """All matches that begin in a part of one span, by start then length."""
        begins, shift = self._of(start, end)
        found: _Found = {}
        every = [(at, after, n.tells + n.loud + n.words) for at, after, n in begins]
        self._try(every, shift, found)
        return [found[key] for key in sorted(found)]

    def telling(self, lines: Iterable[tuple[int, int]]) -> Iterator[list[Match]]:
        """The matches of lines, in order, without words too few beside other text to matter."""
        ats, begins, text, at = self._ats, self._begins, self._page.text, 0
        place, shift, following = 0, self._shifts[0] if self._shifts else 0, self._spans[1:]
        for start, end in lines:
            while place < len(following) and start >= following[place]:
                place += 1
                shift = self._shifts[place]
            if at < len(ats) and ats[at] < start - shift:
                at = bisect_left(ats, start - shift, at)
            first, stop = at, end - shift
            while at < len(ats) and ats[at] < stop:
                at += 1
            yield self._told(begins[first:at], text, start, end, shift) if first < at else []

    def _told(
        self, begins: list[_Begin], text: str, start: int, end: int, shift: int
    ) -> list[Match]:
        found: _Found = {}
        tells = [(at, after, n.tells) for at, after, n in begins if n.tells]
        tells += [(at, after, n.loud) for at, after, n in begins if n.loud and _is_loud(text, at)]
        if tells:
            self._try(tells, shift, found)
        told = any(match.entry.scope != "sentence" for match in found.values())
        if told or _may_fill(text, begins, start - shift, end - shift):
            others = [(at, after, n.loud + n.words) for at, after, n in begins]
            self._try(others, shift, found)
        if len(found) < 2:
            return list(found.values())
        return [found[key] for key in sorted(found)]

    def _try(self, begins: list[tuple[int, int, _Kinds]], shift: int, found: _Found) -> None:
        """Add what patterns match at offsets."""
        page, phrases, new_phrase = self._page, self._lexicon._phrases, self._lexicon._phrase
        folded, plain, boundaries = page.folded, page.places is None, page.boundaries
        known, muted = self._known, self._lexicon.muted
        for at, after, numbers in begins:
            self._tried += 1
            if not self._tried % _TICK_EVERY:
                self._tick()
            for number, kind in numbers:
                if kind == _NUMBERED and not _is_number(folded, after):
                    continue
                if kind == _SIGNED and not _is_signed(folded, after):
                    continue
                if (at, number) in known:
                    match = known[at, number]
                else:
                    phrase = phrases.get(number) or new_phrase(number)
                    end: int | None
                    if kind == _SOLE and plain:
                        end = after if boundaries[after] else None
                    else:
                        first = phrase.match(folded, at)
                        end = None if first is None else phrase.end(page, first)
                    match = None
                    if end is not None and phrase.entry.id not in muted:
                        match = _match(page, phrase, at, end, shift)
                    known[at, number] = match
                if match is not None:
                    found[match.start, -match.end, match.entry.id] = match


def _is_number(text: str, at: int) -> bool:
    char = text[at : at + 1]
    return char.isdecimal() or char in _NUMBER_SIGNS


def _is_signed(text: str, at: int) -> bool:
    return text[at : at + 1] in _COLONS or text[at + 1 : at + 2] in _COLONS


def _is_loud(text: str, at: int) -> bool:
    """Whether a word may be cut out of a line: it has its usual casing, or no cases."""
    return text[at] == text[at].upper() or text[at - 1 : at] in ("¿", "¡")


def _may_fill(text: str, begins: list[_Begin], start: int, end: int) -> bool:
    """Whether words that stand side by side may fill a line, or several a good part of it."""
    enough = (end - start) / MIN_FILLED
    begin = last = reach = -MAX_GAP - 1
    whole = not text[start].isalpha()
    for at, _, numbers in begins:
        if not numbers.width:
            continue
        if at > reach + MAX_GAP:
            begin = last = at
            whole = whole or at == start
        if at + numbers.width + _TRAIL > reach:
            reach = at + numbers.width + _TRAIL
        if (at > last or numbers.loud) and reach - begin >= enough:
            return True
    return whole and (reach >= end or not text[end - 1].isalpha())


@dataclass(frozen=True, slots=True)
class _Page:
    """A text in the forms that a search needs.

    ``anchors`` has one space for a run of them; ``places`` are the offsets of its characters
    in the text, None where they are the same. ``codes`` are its code points, ``starts`` where
    words begin in it, ``ends`` whether one may end at each of its offsets.
    """

    text: str
    folded: str
    anchors: str
    places: NDArray[np.intp] | None
    codes: NDArray[np.uint32]
    starts: NDArray[np.intp]
    ends: NDArray[np.bool_]
    boundaries: bytes  # whether a word may begin or end at each offset of the text

    @classmethod
    def read(cls, text: str) -> _Page:
        import numpy as np

        from declutter.heads import code_points

        folded = fold(text)
        codes = _classes().alike(code_points(folded))
        ends = flags = _classes().boundaries(text)
        anchors = codes.tobytes().decode("utf-32-le", "surrogatepass")
        places = None
        if "  " in anchors:
            spaces = np.append(codes == ord(" "), [False])
            places = np.flatnonzero(~(spaces & np.roll(spaces, 1)))
            anchors = _SPACES_RE.sub(" ", anchors)
            codes, ends = code_points(anchors), flags[places]
        starts = np.flatnonzero(ends[:-1] & (codes != ord(" ")))
        return cls(text, folded, anchors, places, codes, starts, ends, flags.tobytes())


_SPACES_RE = re.compile("  +")


@lru_cache(maxsize=1)
def _classes() -> Classes:
    from declutter.heads import Classes

    return Classes(is_unspaced, _LIKE)


class _Index:
    """The heads of one alphabet and the patterns they belong to."""

    def __init__(self, heads: Numbers, ended: Numbers, widths: list[int]) -> None:
        from declutter.heads import HeadTable

        self.table = HeadTable(heads, ended)
        self._heads = heads | ended
        self._widths = widths
        self._known: dict[str, _Numbers] = {}

    def numbers(self, head: str) -> _Numbers | None:
        """The patterns of a head, None where it is none."""
        if head in self._known:
            return self._known[head]
        if head not in self._heads:
            return None
        pairs = [divmod(code, 4) for code in self._heads[head]]
        open_pairs = [pair for pair in pairs if pair[1] not in (_NUMBERED, _SIGNED)]
        rest = self._parted(head, open_pairs) if open_pairs else None
        wants = len(open_pairs) < len(pairs)
        numbers = self._parted(head, pairs)._replace(rest=rest, wants=wants)
        self._known[head] = numbers
        return numbers

    def _parted(self, head: str, pairs: _Kinds) -> _Numbers:
        widths = self._widths
        words = [pair for pair in pairs if widths[pair[0]]]
        most = max((len(head) if kind == _SOLE else abs(widths[n]) for n, kind in words), default=0)
        return _Numbers(
            [pair for pair in pairs if not widths[pair[0]]],
            [pair for pair in words if widths[pair[0]] < 0],
            [pair for pair in words if widths[pair[0]] > 0],
            most,
        )


def _match(page: _Page, phrase: _Phrase, at: int, core: int, shift: int) -> Match | None:
    """A match with the number before it and the punctuation around it."""
    text, folded = page.text, page.folded
    start, end = at, core
    if phrase.number_first:
        number = _NUMBER_BEFORE_RE.search(folded, max(0, at - _NUMBER_WIDTH), at)
        if number is None:
            return None
        start = number.start()
    while start and text[start - 1] in "¿¡":
        start -= 1
    if not text[end : end + 2].lstrip(" ")[:1].isalnum():
        trail = _TRAIL_RE.match(text, end)
        end = trail.end() if trail else end
    return Match(start + shift, end + shift, phrase.entry, core + shift, folded[start:core])


def _compiled(entry: Entry, source: str) -> Pattern:
    try:
        return compile_pattern(source)
    except RecursionError:
        reason = "has too many brackets within brackets"
    except (LexiconError, re.error) as error:
        reason = str(error)
    raise LexiconError(Problem(entry.id, "patterns", f"{_shown(source)} {reason}", source))


# --- files ----------------------------------------------------------------------------


def parse_toml(text: str) -> list[Entry]:
    """Read the entries of one lexicon file; raise :class:`LexiconError` on the first bad one."""
    return [Entry.parse(item) for item in load_toml(text).get("entry", [])]


def load_toml(text: str) -> dict[str, Any]:
    """Parse TOML; raise :class:`LexiconError` with the line of the mistake."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise LexiconError("not valid TOML: too many brackets within brackets") from None
    except ValueError as error:  # also of a number with too many digits
        raise LexiconError(f"not valid TOML: {error}") from None


def check(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Yield what is wrong with entries: duplicate ids, examples that do not hold.

    Every ``match`` example must be found whole by its entry, every pattern must be needed
    by an example, and no entry may find itself in a ``spare`` example of its own with a
    weight that removes it (scope ``line`` asks for the whole line).
    """
    seen: set[str] = set()
    for entry in entries:
        yield from _check_entry(entry, seen)


_MAX_SHOWN = 120  # characters


def read_file(path: Path) -> str:
    """The text of a lexicon file; raise :class:`LexiconError` with the reason."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise LexiconError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LexiconError(f"not UTF-8 in line {line}; save the file as UTF-8") from None


def check_item(item: Mapping[str, Any], seen: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with an entry as TOML has it."""
    problems = list(_check_fields(item))
    yield from problems or _check_entry(Entry.parse(item), seen)


def _check_entry(entry: Entry, seen: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with an entry and its examples; ``seen`` are the ids before it."""
    if entry.id in seen:
        yield Problem(entry.id, "id", "duplicate id; choose another", entry.id)
    seen.add(entry.id)
    single: list[tuple[str, Lexicon]] = []
    for source in entry.patterns:
        try:
            single.append((source, Lexicon([replace(entry, patterns=(source,))])))
        except LexiconError as error:
            yield error.args[0]
    if len(single) == len(entry.patterns):
        yield from _check_examples(entry, single)


def _shown(value: str) -> str:
    """A pattern or an example in quotes, cut where it is too long for a message."""
    return repr(value if len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "...")


def _check_examples(entry: Entry, single: list[tuple[str, Lexicon]]) -> Iterator[Problem]:
    for example in entry.match:
        if not any(_holds(entry, example, lexicon) for _, lexicon in single):
            what = f"match example {_shown(example)} is not found; change it or a pattern"
            yield Problem(entry.id, "match", what, example)
    for source, lexicon in single:
        if not any(_holds(entry, example, lexicon) for example in entry.match):
            what = f"no match example needs the pattern {_shown(source)}; add one that it finds"
            yield Problem(entry.id, "patterns", what, source)
    for example in entry.spare:
        if any(_holds(entry, example, lexicon) for _, lexicon in single):
            what = f"spare example {_shown(example)} is found; narrow the patterns"
            yield Problem(entry.id, "spare", what, example)


def _holds(entry: Entry, example: str, lexicon: Lexicon) -> bool:
    """Whether an entry claims an example: from its beginning, or (line) as a whole."""
    for match in lexicon.find(example):
        whole = not example[match.end :].strip(" .!?»›>→:|")
        if entry.scope == "sentence" or (match.start == 0 and (entry.scope != "line" or whole)):
            return True
    return False


def load_directory(folder: Path) -> list[Entry]:
    """Read all lexicons of a folder (files with ``[[entry]]`` tables), by name."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            entries += parse_toml(read_file(path))
        except LexiconError as error:
            raise LexiconError(f"{path.name}: {error}") from None
    return entries


def dump(entries: Iterable[Entry]) -> str:
    """Write entries, without the examples, as the lines that :meth:`Lexicon.load` reads.

    First the numbers of patterns, the alphabets and the widths of mere words, then the
    entries, then for each alphabet the heads.
    """
    entries = list(entries)
    heads = _heads_of(entries)
    widths = [_width(e, _compiled(e, source)) for e in entries for source in e.patterns]
    lines: list[Any] = [[[len(entry.patterns) for entry in entries], list(heads), widths]]
    lines += [[e.id, e.category.value, e.weight, e.scope, list(e.patterns), e.why] for e in entries]
    lines += heads.values()
    return "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    )


def _heads_of(entries: list[Entry]) -> dict[str, tuple[Numbers, Numbers]]:
    """The heads of each alphabet: those behind which anything may follow, and ended ones."""
    tables: dict[str, tuple[Numbers, Numbers]] = {}
    sources = [(entry, source) for entry in entries for source in entry.patterns]
    patterns = [_compiled(entry, source) for entry, source in sources]
    ended_only = {head for pattern in patterns for head in pattern.ended}
    ended_only -= {head for p in patterns for head in p.heads if head not in p.ended}
    said: set[tuple[str, str, float, Category]] = set()
    for number in sorted(range(len(patterns)), key=lambda n: not _is_english(sources[n][0])):
        entry, pattern = sources[number][0], patterns[number]
        for head in pattern.heads:
            kind = _kind(pattern, head)
            says = (head, entry.scope, entry.weight, entry.category)
            if kind == _SOLE and says in said:
                continue  # "video" says the same in many languages
            said |= {says} if kind == _SOLE else set()
            alphabet = _alphabet(head.encode("utf-16-be")[0])
            table = tables.setdefault(alphabet, ({}, {}))[head in ended_only]
            table.setdefault(head, []).append(4 * number + kind)
    return {alphabet: tables[alphabet] for alphabet in sorted(tables)}


def _is_english(entry: Entry) -> bool:
    """Whether an entry is of the language that most pages borrow words from."""
    return entry.id.startswith("en.")


def _kind(pattern: Pattern, head: str) -> int:
    """What a head says of a pattern: nothing, all, or what must follow."""
    if head in pattern.sole:
        return _SOLE
    return _NUMBERED if head in pattern.numbered else _SIGNED if head in pattern.signed else _PLAIN


def _width(entry: Entry, pattern: Pattern) -> int:
    """How much of a line a pattern may fill if it is a word that decides nothing else, or 0.

    Inverted for loud words: those of a weight that removes them from within a line, too.
    """
    named = entry.category in (Category.BYLINE, Category.CAPTION)
    if entry.scope != "line" or named or pattern.width > MAX_WIDTH:
        return 0
    if entry.weight < STRONG:
        return pattern.width
    return 0 if pattern.number_first else -pattern.width


def _merged(line: bytes, more: bytes, count: int) -> bytes:
    """The heads of an alphabet with those of others, whose patterns come behind so many."""
    (heads, ended), others = json.loads(line), json.loads(more)
    # behind a head that is not ended for all of its patterns, anything may follow
    heads |= {head: ended.pop(head) for head in others[0].keys() & ended.keys()}
    for table, new in zip((heads, ended), others, strict=True):
        for head, codes in new.items():
            known = (heads if head in heads else table).setdefault(head, [])
            known += [code + 4 * count for code in codes]
    return json.dumps([heads, ended], ensure_ascii=False).encode("utf-8")


def _entry(line: list[Any]) -> Entry:
    name, category, weight, scope, patterns, why = line
    return Entry(name, Category(category), weight, scope, tuple(patterns), why)


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships with the package, in all its languages."""
    return Lexicon.load((Path(__file__).parent / "lexicons" / "compiled.jsonl").read_bytes())
