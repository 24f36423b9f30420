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
linear in the length of the text: one pass of an Aho-Corasick automaton
(pyahocorasick) finds where the beginnings stand, and only there is a pattern tried.

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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import ahocorasick

from declutter.errors import LexiconError
from declutter.model import Category

SCOPES = ("phrase", "line", "label", "sentence")
STRONG = 3.0  # the weight from which an entry removes a span on its own

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
_SOFT_RE = re.compile(r"([?!.,…'\-¿¡:：])")
_MIN_HARD = 3  # letters before a hyphen that suffice as the beginning of a pattern
_COLON = r"[^\S\n]?[:：|»›]"
_PREFIX_LENGTH = 12
_MAX_PREFIXES = 64
_MAX_NEXT = 3  # letters of a word that begins a sentence rather than names something
_TICK_EVERY = 4096  # beginnings of phrases between two looks at the clock
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

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Entry:
        """Build an entry from TOML data; raise :class:`LexiconError` naming what is wrong."""
        name = data.get("id", "?")
        unknown = set(data) - set(cls.__slots__)
        if unknown:
            raise LexiconError(f"{name}: unknown field {sorted(unknown)[0]!r}")
        for key in ("id", "category", "weight", "patterns", "why", "match", "spare"):
            if not data.get(key):
                raise LexiconError(f"{name}: the field {key!r} is missing or empty")
        scope = data.get("scope", "phrase")
        if scope not in SCOPES:
            raise LexiconError(f"{name}: scope {scope!r} is not one of {', '.join(SCOPES)}")
        try:
            category = Category(data["category"])
        except ValueError:
            raise LexiconError(f"{name}: unknown category {data['category']!r}") from None
        return cls(
            id=name,
            category=category,
            weight=float(data["weight"]),
            scope=scope,
            patterns=tuple(data["patterns"]),
            why=data["why"],
            match=tuple(data["match"]),
            spare=tuple(data["spare"]),
        )


@dataclass(frozen=True, slots=True)
class Match:
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: regular expression, its literal beginnings, a number before it."""

    regex: str
    prefixes: tuple[str, ...]
    number_first: bool


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
    """Recursive descent over one pattern; depth is bounded by the pattern's own brackets.

    A sequence yields (regex, prefixes, whole): the literal texts it can begin with, and
    whether these are everything it matches.
    """

    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.at = 0

    def sequence(self) -> tuple[str, list[str], bool]:
        regex, prefixes, whole = "", [""], True
        while self.at < len(self.tokens) and self.tokens[self.at] not in (")", "]", "|"):
            token = self.tokens[self.at]
            self.at += 1
            part, heads, complete = self._part(token)
            regex += part
            if whole and len(prefixes) * len(heads) > _MAX_PREFIXES:
                whole = False
            elif whole:
                prefixes = [p + h for p in prefixes for h in heads]
                whole = complete and max(map(len, prefixes)) < _PREFIX_LENGTH
        return regex, prefixes, whole

    def _part(self, token: str) -> tuple[str, list[str], bool]:
        if token.startswith("{"):
            if len(token) == 1:
                raise LexiconError("'{' must open {X}, {N} or {D}")
            return _SLOTS[token[1]], [""], False
        if token[0] not in "([":
            return _literal(token), *_heads(token)
        inner, heads, whole = self._group(token)
        if token == "(":
            return f"(?:{inner})", heads, whole
        if token == "[ ":
            return f"(?:{_SPACE}(?:{inner}))?", [f" {h}" for h in heads] + [""], whole
        if token == "[_":
            return (
                f"(?:(?:{inner}){_SPACE})?",
                [f"{h} " if whole else h for h in heads] + [""],
                whole,
            )
        return f"(?:{inner})?", [*heads, ""], whole

    def _group(self, opening: str) -> tuple[str, list[str], bool]:
        regexes: list[str] = []
        heads: list[str] = []
        whole = True
        while True:
            regex, prefixes, complete = self.sequence()
            regexes.append(regex)
            heads += prefixes
            whole &= complete
            if self.at >= len(self.tokens):
                raise LexiconError(f"{opening[0]!r} is not closed")
            token = self.tokens[self.at]
            self.at += 1
            if token == {"(": ")", "[": "]"}[opening[0]]:
                return "|".join(regexes), heads, whole
            if token != "|":
                raise LexiconError(f"{opening[0]!r} is closed by {token!r}")


def _heads(text: str) -> tuple[list[str], bool]:
    """The literal beginnings of a piece of pattern text, and whether they are all of it."""
    hard, soft, rest = _SOFT_RE.split(text, maxsplit=1) if _SOFT_RE.search(text) else (text, "", "")
    if soft and soft in "-'" and len(hard) < _MIN_HARD:
        heads, whole = _heads(rest)
        signs = ("-", " ", "") if soft == "-" else ("'", "")
        return [hard + sign + head for sign in signs for head in heads], whole
    return [hard], not soft


def _literal(text: str) -> str:
    """The regular expression of a piece of literal pattern text."""
    out = []
    for at, char in enumerate(text):
        if char == " ":
            near = text[max(0, at - 1) : at + 2]
            loose = any(c in _SOFT or c in ":：" or is_unspaced(c) for c in near)
            out.append(_MAYBE_SPACE if loose else _SPACE)
        elif char in ":：":
            out.append(_COLON)
        else:
            out.append(_SOFT.get(char) or re.escape(char))
    return "".join(out)


def compile_pattern(source: str) -> Pattern:
    """Compile one pattern; raise :class:`LexiconError` when it is not linear or not anchored.

    >>> compile_pattern("[please] log in").prefixes
    ('log in', 'please log i')
    """
    folded = re.sub(r"\s+", " ", fold(source)).strip()
    for slot in "XND":
        folded = folded.replace(f"{{{slot.lower()}}}", f"{{{slot}}}")
    if re.search(r"\{X\}[\])?!., ]*$", folded):
        raise LexiconError("must not end in {X}: the clause is followed anyway")
    number_first = folded.startswith("{N}")
    body = folded[3:].lstrip() if number_first else folded.lstrip("¿¡")
    parser = _Parser(body)
    regex, prefixes, _ = parser.sequence()
    if parser.at < len(parser.tokens):
        raise LexiconError(f"stray {parser.tokens[parser.at]!r}")
    heads = {prefix[:_PREFIX_LENGTH].strip() for prefix in prefixes}
    if not all(len(h) >= (1 if h and is_unspaced(h[0]) else 2) for h in heads):
        raise LexiconError("must begin with a literal word")
    if re.compile(regex).match("") is not None:
        raise LexiconError("matches the empty string")
    return Pattern(regex, tuple(sorted(heads)), number_first)


# --- matching -------------------------------------------------------------------------


class Lexicon:
    """Entries ready to be found in a text. Immutable after construction; thread-safe."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._patterns = [(_compiled(e, source), e) for e in entries for source in e.patterns]
        self._automaton = _automaton(self._patterns)

    @classmethod
    def load(cls, compiled: str) -> Lexicon:
        """Build a lexicon from what :func:`dump` wrote, which spares parsing patterns."""
        lexicon = cls(())
        for item in json.loads(compiled):
            patterns = [Pattern(r, tuple(p), n) for r, p, n in item.pop("patterns")]
            entry = Entry(**item | {"category": Category(item["category"]), "patterns": ()})
            lexicon._patterns += [(pattern, entry) for pattern in patterns]
        lexicon._automaton = _automaton(lexicon._patterns)
        return lexicon

    @property
    def entries(self) -> list[Entry]:
        """The entries, each once, in their order."""
        return list({entry.id: entry for _, entry in self._patterns}.values())

    def find(self, text: str, tick: Callable[[], None] = lambda: None) -> list[Match]:
        """All matches in ``text``, by start then length; several may overlap.

        ``tick`` is called now and then and may raise to end a search that takes too long.
        """
        if not self._patterns:
            return []
        folded = fold(text)
        found: dict[tuple[int, int, str], Match] = {}
        for count, (last, (length, indices)) in enumerate(self._automaton.iter(folded)):
            if not count % _TICK_EVERY:
                tick()
            start = last - length + 1
            if not is_boundary(text, start):
                continue
            for index in indices:
                match = self._match_at(text, folded, start, index)
                if match is not None:
                    found[match.start, match.end, match.entry.id] = match
        return sorted(found.values(), key=lambda m: (m.start, -m.end, m.entry.id))

    def _match_at(self, text: str, folded: str, at: int, index: int) -> Match | None:
        pattern, entry = self._patterns[index]
        match = _best(pattern.regex, text, folded, at)
        if match is None:
            return None
        start, end, core = at, match.end(), match.end()
        if pattern.number_first:
            number = _NUMBER_BEFORE_RE.search(folded, max(0, at - 24), at)
            if number is None:
                return None
            start = number.start()
        while start and text[start - 1] in "¿¡":
            start -= 1
        trail = _TRAIL_RE.match(text, end)
        return Match(start, trail.end() if trail else end, entry, core, folded[start:core])


def _automaton(patterns: list[tuple[Pattern, Entry]]) -> Any:
    by_prefix: dict[str, list[int]] = {}
    for index, (pattern, _) in enumerate(patterns):
        for prefix in pattern.prefixes:
            by_prefix.setdefault(prefix, []).append(index)
    automaton = ahocorasick.Automaton()
    for prefix, indices in by_prefix.items():
        automaton.add_word(prefix, (len(prefix), indices))
    automaton.make_automaton()
    return automaton


def _best(regex: str, text: str, folded: str, at: int) -> re.Match[str] | None:
    """The longer of two tries: as it comes, and ending with a word.

    The second finds the alternative that fits a whole word, the first a phrase to which
    the next sentence was glued without a space.
    """
    first = _regex(regex).match(folded, at)
    if first is None:
        return None
    tries = (first, _regex(regex + _WORD_ENDS).match(folded, at))
    whole = [match for match in tries if match is not None and is_boundary(text, match.end())]
    best = max(whole, key=lambda match: match.end(), default=None)
    return best if best is None else _without_next(regex, text, folded, best)


def _without_next(regex: str, text: str, folded: str, match: re.Match[str]) -> re.Match[str]:
    """The match without a short upper-case last word that it can do without.

    An optional last word may be the first of the article: "donate | US officials said".
    """
    last = text.rfind(" ", match.start(), match.end()) + 1
    before = text.rfind(" ", match.start(), max(match.start(), last - 1)) + 1
    short = last > match.start() and match.end() - last <= _MAX_NEXT and text[last].isupper()
    used = text[match.end() : match.end() + 2].lstrip()[:1].islower()
    if not short or not used or text[before : before + 1].isupper():
        return match
    return _regex(regex).fullmatch(folded, match.start(), last - 1) or match


@lru_cache(maxsize=8192)
def _regex(source: str) -> re.Pattern[str]:
    """Compiled on first use: most pages touch a few dozen of some thousand patterns."""
    return re.compile(source)


def _compiled(entry: Entry, source: str) -> Pattern:
    try:
        return compile_pattern(source)
    except (LexiconError, re.error) as error:
        raise LexiconError(f"{entry.id}: pattern {source!r} {error}") from None


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
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"not valid TOML: {error}") from None


def check(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what is wrong with entries: duplicate ids, examples that do not hold.

    Every ``match`` example must be found whole by its entry, every pattern must be needed
    by an example, and no entry may find itself in a ``spare`` example of its own with a
    weight that removes it (scope ``line`` asks for the whole line).
    """
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            yield f"{entry.id}: duplicate id"
        seen.add(entry.id)
        yield from _check_examples(entry)


def _check_examples(entry: Entry) -> Iterator[str]:
    try:
        single = [Lexicon([replace(entry, patterns=(p,))]) for p in entry.patterns]
    except LexiconError as error:
        yield str(error)
        return
    for example in entry.match:
        if not any(_holds(entry, example, lexicon) for lexicon in single):
            yield f"{entry.id}: match example {example!r} is not found"
    for lexicon, pattern in zip(single, entry.patterns, strict=True):
        if not any(_holds(entry, example, lexicon) for example in entry.match):
            yield f"{entry.id}: no match example needs the pattern {pattern!r}"
    for example in entry.spare:
        if any(_holds(entry, example, lexicon) for lexicon in single):
            yield f"{entry.id}: spare example {example!r} is found"


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
            entries += parse_toml(path.read_text(encoding="utf-8"))
        except LexiconError as error:
            raise LexiconError(f"{path.name}: {error}") from None
    return entries


def dump(entries: Iterable[Entry]) -> str:
    """Compile entries to the JSON that :meth:`Lexicon.load` reads, without the examples."""
    items = []
    for entry in entries:
        compiled = [_compiled(entry, source) for source in entry.patterns]
        items.append(
            {
                "id": entry.id,
                "category": entry.category.value,
                "weight": entry.weight,
                "scope": entry.scope,
                "why": entry.why,
                "patterns": [[p.regex, list(p.prefixes), p.number_first] for p in compiled],
            }
        )
    return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in items) + "\n]\n"


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships with the package, in all its languages."""
    return Lexicon.load(files("declutter.lexicons").joinpath("compiled.json").read_text("utf-8"))
