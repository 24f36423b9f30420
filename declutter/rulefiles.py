"""The caller's own rules: TOML files of phrases, selectors and categories.

::

    [[entry]]               # phrases, judged like those of the package: the same keys
    id = "en.harbour.club"
    category = "subscription"
    weight = 3
    patterns = ["join the harbour club [today]"]
    why = "advertises the site's club"
    match = ["Join the Harbour Club today"]
    spare = ["They join the harbour club in May."]

    [[remove]]              # goes, whatever else is found
    selector = "div.promo"  # or xpath = "//aside[...]", or lines = ["Just this line"]
    category = "advertisement"
    why = "the site's own advertisements"
    hosts = ["example.org", "*.example.net"]
    languages = ["de"]

    [[protect]]             # stays, whatever else is found: nothing is stronger
    patterns = ["sign up for the walk"]  # or selector, xpath, lines

    [categories]
    share = false           # stays in the text
    byline = true           # goes everywhere

A rule file is read once, when :class:`declutter.Options` are made; from then on its text goes
wherever these go, also to other processes and machines.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from declutter.errors import LexiconError
from declutter.lexicon import (
    OWN,
    STRONG,
    Entry,
    Lexicon,
    Problem,
    check_item,
    compile_pattern,
    default_lexicon,
    fold,
    load_toml,
    read_file,
)
from declutter.model import Category
from declutter.selection import Selector, css_complaint, xpath_complaint

_TABLES = ("entry", "remove", "protect")
_KNOWN = ("language", *_TABLES, "categories")
_MARKUP = "zones"  # in a file of the package that says what class names mean
_WHERE = ("hosts", "languages")
# what a rule chooses: it has one of these
_CHOICES = {
    "remove": ("selector", "xpath", "lines"),
    "protect": ("selector", "xpath", "lines", "patterns"),
}
_OTHERS = {
    "remove": ("id", "category", "why", *_WHERE),
    "protect": ("id", "why", *_WHERE),
}
_HOST_RE = re.compile(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)*")
_LANGUAGE_RE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
_TOML_LINE_RE = re.compile(r"\bline (\d+)")
_TABLE_RE = re.compile(
    r"^[ \t]*(?:\[\[[ \t]*(entry|remove|protect)[ \t]*\]\]|\[[ \t]*(categories)[ \t]*\])",
    re.MULTILINE,
)
_MAX_NAMES = 3  # problems that an error tells of


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The name of a rule file, and its text as it was when it was read."""

    name: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """A short name of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Where:
    """The pages that a rule is for: all, or those of some hosts, in some languages."""

    hosts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def has_host(self, host: str | None) -> bool:
        """Whether the pages of a host (None: unknown) are meant.

        >>> where = Where(hosts=("example.org", "*.example.net"))
        >>> [where.has_host(h) for h in ("example.org", "a.example.org", "a.example.net", None)]
        [True, False, True, False]
        """
        if not self.hosts:
            return True
        return host is not None and any(_is_host(host, known) for known in self.hosts)

    def has_language(self, language: str | None) -> bool:
        """Whether pages that declare a language are meant; one that is unknown may be any.

        >>> where = Where(languages=("de",))
        >>> [where.has_language(code) for code in ("de", "de-AT", "en", None)]
        [True, True, False, True]
        """
        if not self.languages or not language:
            return True
        code = language.strip().lower().replace("_", "-")
        return any(code == known or code.startswith(f"{known}-") for known in self.languages)


def _is_host(host: str, known: str) -> bool:
    if known.startswith("*."):
        return host == known[2:] or host.endswith(known[1:])
    return host.removeprefix("www.") == known.removeprefix("www.")


def host_of(url: str | None) -> str | None:
    """The host of an address, in ASCII; None where it has none.

    >>> host_of("https://Example.org:80/a"), host_of("example.org/a"), host_of("http://[x")
    ('example.org', 'example.org', None)
    """
    try:
        name = urlsplit(url if "//" in url else f"//{url}").hostname if url else None
    except ValueError:
        return None
    return _ascii(name) if name else None


def _ascii(host: str) -> str:
    """A host's name as it stands in addresses on the wire.

    >>> _ascii("*.Bücher.example")
    '*.xn--bcher-kva.example'
    """
    host = host.lower().rstrip(".")
    star = "*." if host.startswith("*.") else ""
    try:
        return star + host.removeprefix(star).encode("idna").decode("ascii")
    except UnicodeError:
        return host


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule that removes or protects what it chooses, whatever else is found.

    ``category`` is None for one that protects.
    """

    id: str
    category: Category | None
    why: str
    where: Where
    selector: Selector | None = None
    lines: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """What some rule files say."""

    entries: tuple[Entry, ...]
    places: Mapping[str, Where]  # of entries, by id
    rules: tuple[OwnRule, ...]
    categories: Mapping[Category, bool]

    @cached_property
    def lexicon(self) -> Lexicon:
        """The phrases of the package and these."""
        return default_lexicon().extended(self.entries) if self.entries else default_lexicon()

    @cached_property
    def protecting(self) -> Lexicon | None:
        """The phrases that protect their sentences."""
        entries = [
            Entry(rule.id, Category.LOW_CONTENT, STRONG, "sentence", rule.patterns, rule.why)
            for rule in self.rules
            if rule.patterns
        ]
        return Lexicon(entries) if entries else None

    def at(self, url: str | None) -> PageRules:
        """The rules for a page, by its address."""
        host = host_of(url)
        rules = tuple(rule for rule in self.rules if rule.where.has_host(host))
        muted = {name for name, where in self.places.items() if not where.has_host(host)}
        return PageRules(self, rules, frozenset(muted))


@dataclass(frozen=True, slots=True)
class PageRules:
    """The rules for the pages of a host; ``muted`` are the entries that are not for it."""

    all: RuleSet
    rules: tuple[OwnRule, ...]
    muted: frozenset[str]

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """What chooses elements."""
        return tuple(rule.selector for rule in self.rules if rule.selector is not None)

    def lexicon(self, language: str | None) -> Lexicon:
        """The phrases to be found in a page of a language."""
        places = self.all.places.items()
        other = {name for name, where in places if not where.has_language(language)}
        muted = self.muted | other
        return self.all.lexicon.without(muted) if muted else self.all.lexicon

    def of(self, language: str | None) -> list[OwnRule]:
        """The rules for a page of a language."""
        return [rule for rule in self.rules if rule.where.has_language(language)]


# --- reading --------------------------------------------------------------------------


def read_files(given: Any) -> tuple[RuleFile, ...]:
    """The rule files of a path, a folder or several; raise :class:`LexiconError` for bad ones.

    Those that were read before are not checked again.
    """
    if isinstance(given, str | os.PathLike | RuleFile):
        given = (given,)
    try:
        items = tuple(given)
    except TypeError:
        items = (given,)
    files = tuple(file for item in items for file in _read(item))
    if any(not isinstance(item, RuleFile) for item in items):
        _refuse(_parsed(files)[1])
    return files


def _refuse(problems: Sequence[str]) -> None:
    """Raise :class:`LexiconError` that tells of the first problems, if there are any."""
    if problems:
        more = len(problems) - _MAX_NAMES
        told = [*problems[:_MAX_NAMES], *([f"and {more} more"] if more > 0 else [])]
        raise LexiconError("\n".join(told))


def _read(item: object) -> Iterator[RuleFile]:
    if isinstance(item, RuleFile):
        yield item
    elif isinstance(item, str | os.PathLike):
        for path in _paths(Path(item)):
            try:
                yield RuleFile(str(path), read_file(path))
            except LexiconError as error:
                raise LexiconError(_placed(path, error)) from None
    else:
        raise LexiconError(f"rules must be a path or several, not {item!r}")


def _paths(path: Path) -> list[Path]:
    """The files of a path: itself, or the rule files in it."""
    if not path.is_dir():
        return [path]
    paths = sorted(path.glob("*.toml"))
    if not paths:
        raise LexiconError(f"{path}: no lexicons (.toml) in this folder")
    return paths


def _placed(path: Path | str, error: LexiconError) -> str:
    """What is wrong with a file as a whole, with the line where that is known."""
    line = _TOML_LINE_RE.search(str(error))
    return f"{path}:{line.group(1)}: {error}" if line else f"{path}: {error}"


@lru_cache(maxsize=8)
def rule_set(files: tuple[RuleFile, ...]) -> RuleSet:
    """What some files say, which were checked when they were read."""
    parsed, problems = _parsed(files, quick=True)
    _refuse(problems)
    return parsed.rule_set()


def check_files(path: Path) -> tuple[int, list[str]]:
    """The number of tables in a rule file or a folder of them, and what is wrong with them.

    Each problem is one line: "FILE:LINE: id: key: what is wrong and what to do".
    """
    files, problems = [], []
    try:
        paths = _paths(path)
    except LexiconError as error:
        return 0, [str(error)]
    for item in paths:
        try:
            files.append(RuleFile(str(item), read_file(item)))
        except LexiconError as error:
            problems.append(_placed(item, error))
    parsed, found = _parsed(files)
    return parsed.count, found + problems


@dataclass
class _Parsed:
    """What was read of some files so far."""

    entries: list[Entry] = field(default_factory=list)
    places: dict[str, Where] = field(default_factory=dict)
    rules: list[OwnRule] = field(default_factory=list)
    categories: dict[Category, bool] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    count: int = 0

    def rule_set(self) -> RuleSet:
        return RuleSet(tuple(self.entries), self.places, tuple(self.rules), self.categories)


def _parsed(files: Iterable[RuleFile], *, quick: bool = False) -> tuple[_Parsed, list[str]]:
    """What some files say, and what is wrong with them; ``quick`` tries no example or selector."""
    parsed, problems = _Parsed(), []
    for file in files:
        try:
            data = load_toml(file.text)
            _check_tables(data)
        except LexiconError as error:
            problems.append(_placed(file.name, error))
            continue
        for table in _TABLES:
            items = data.get(table, [])
            for number, item in enumerate(items):
                place = _Place(file, table, len(items), number)
                found = list(_add(parsed, place, item, quick))
                problems += [f"{file.name}{place.line(problem)}: {problem}" for problem in found]
        place = _Place(file, "categories", 1, 0)
        for problem in _add_categories(parsed, data.get("categories", {})):
            problems.append(f"{file.name}{place.line(problem)}: {problem}")
    return parsed, problems


def _check_tables(data: Mapping[str, Any]) -> None:
    """Raise :class:`LexiconError` for a file that has no rules, or things that are none."""
    if _MARKUP in data and not any(table in data for table in _TABLES):
        return
    for key in data:
        if key not in (*_KNOWN, _MARKUP):
            raise LexiconError(f"{key!r} is not known; a rule file has {', '.join(_KNOWN)}")
    for table in _TABLES:
        if table in data and not (data[table] and isinstance(data[table], list)):
            raise LexiconError(f"no entries; begin each with a line [[{table}]]")
    if not isinstance(data.get("categories", {}), dict):
        raise LexiconError("categories is no table; begin it with a line [categories]")
    if not any(data.get(table) for table in (*_TABLES, "categories")):
        raise LexiconError("no entries; begin each with a line [[entry]], [[remove]], [[protect]]")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a table stands: the n-th of so many of its name in a file."""

    file: RuleFile
    table: str
    count: int
    number: int

    def line(self, problem: Problem | None = None) -> str:
        """The line of the table, or of what is wrong with it, as ":LINE"; "" if not known."""
        text = self.file.text
        spans = _tables(text).get(self.table, ())
        if len(spans) != self.count:
            return ""
        at, end = spans[self.number]
        if problem is not None:
            at = _key_at(text, at, end, problem)
        return f":{text.count(chr(10), 0, at) + 1}"

    @property
    def name(self) -> str:
        """What a rule is called that has no id: its file and line."""
        return f"{Path(self.file.name).stem}{self.line() or f':{self.table}-{self.number + 1}'}"


@lru_cache(maxsize=2)
def _tables(text: str) -> dict[str, list[tuple[int, int]]]:
    """Where the tables of a file stand, by name."""
    found: dict[str, list[tuple[int, int]]] = {}
    heads = list(_TABLE_RE.finditer(text))
    ends = [*(head.start() for head in heads), len(text)][1:]
    for head, end in zip(heads, ends, strict=True):
        found.setdefault(head[1] or head[2], []).append((head.start(), end))
    return found


def _key_at(text: str, at: int, end: int, problem: Problem) -> int:
    """Where in a table a key, or one of its values, stands; else where the table begins."""
    key = re.compile(rf"""^[ \t]*["']?{re.escape(problem.key)}["']?[ \t]*=""", re.MULTILINE)
    found = key.search(text, at, end)
    if not found:
        return at
    value = re.compile(rf"""["']{re.escape(problem.value)}["']""").search(text, found.start(), end)
    return value.start() if problem.value and value else found.start()


# --- tables ---------------------------------------------------------------------------


def _add(parsed: _Parsed, place: _Place, item: Any, quick: bool) -> Iterator[Problem]:
    """Take a table; yield what is wrong with it."""
    parsed.count += 1
    if not isinstance(item, dict):
        table = place.table
        yield Problem("?", table, f"is no table; begin each {table} with a line [[{table}]]")
        return
    name = item.get("id")
    name = name if isinstance(name, str) and name else "?"
    problems = list(_check_where(name, item))
    if place.table == "entry":
        rest = {key: value for key, value in item.items() if key not in _WHERE}
        problems += () if quick else check_item(rest, parsed.seen)
        if not problems:
            _add_entry(parsed, Entry.parse(rest), _where(item))
    else:
        problems += () if quick else _check_rule(place, name, item, parsed.seen)
        if not problems:
            parsed.rules.append(_rule(place, item))
    yield from problems


def _add_entry(parsed: _Parsed, entry: Entry, where: Where) -> None:
    entry = replace(entry, id=f"{OWN}{entry.id}", match=(), spare=())
    parsed.entries.append(entry)
    if where != Where():
        parsed.places[entry.id] = where


def _where(item: Mapping[str, Any]) -> Where:
    hosts = tuple(_ascii(host) for host in item.get("hosts", ()))
    return Where(hosts, tuple(_code(language) for language in item.get("languages", ())))


def _code(language: str) -> str:
    return language.lower().replace("_", "-")


def _check_where(name: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = {
        "hosts": (_HOST_RE, "hosts such as example.org or *.example.org"),
        "languages": (_LANGUAGE_RE, "codes of languages such as en or pt-BR"),
    }
    for key, (pattern, meaning) in kinds.items():
        if key not in item:
            continue
        if not _is_texts(item[key]):
            yield Problem(name, key, f"has a wrong value; give a list of {meaning}")
            continue
        for value in item[key]:
            if not pattern.fullmatch(_code(value) if key == "languages" else value):
                yield Problem(name, key, f"{value!r} is none; give {meaning}", value)


def _is_texts(value: object) -> bool:
    """Whether a value is a list of texts, at least one."""
    texts = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    return bool(value) and texts


def _check_rule(
    place: _Place, name: str, item: Mapping[str, Any], seen: set[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a table that removes or protects."""
    choices, others = _CHOICES[place.table], _OTHERS[place.table]
    for key in sorted(item.keys() - {*choices, *others}):
        yield Problem(name, key, f"unknown field {key!r}; use one of {', '.join(choices + others)}")
    for key in ("id", "why"):
        if key in item and not (isinstance(item[key], str) and item[key].strip()):
            yield Problem(name, key, "has a wrong value; give a text, or leave it out")
    if name in seen:
        yield Problem(name, "id", "duplicate id; choose another", name)
    seen |= {name} - {"?"}
    if place.table == "remove":
        yield from _check_category(name, item.get("category"))
    given = [key for key in choices if key in item]
    if len(given) != 1:
        key = given[1] if given else choices[0]
        yield Problem(name, key, f"give one of {', '.join(choices)}")
    for key in given:
        yield from _check_choice(name, key, item[key])


def _check_category(name: str, value: object) -> Iterator[Problem]:
    known = [category.value for category in Category]
    if not value:
        yield Problem(name, "category", "is missing; give one that 'declutter rules' lists")
    elif value not in known:
        what = f"unknown category {value!r}; use one of {', '.join(known)}"
        yield Problem(name, "category", what)


def _check_choice(name: str, key: str, value: object) -> Iterator[Problem]:
    """Yield what is wrong with what a rule chooses."""
    if key in ("selector", "xpath"):
        if not isinstance(value, str) or not value.strip():
            yield Problem(name, key, "has a wrong value; give one text")
            return
        complaint = css_complaint(value) if key == "selector" else xpath_complaint(value)
        if complaint:
            yield Problem(name, key, f"{value!r}: {complaint}")
    elif not isinstance(value, list) or not _is_texts(value):
        yield Problem(name, key, f"has a wrong value; give a list of {key}")
    elif key == "patterns":
        for source in value:
            try:
                compile_pattern(source)
            except RecursionError:
                yield Problem(name, key, "has too many brackets within brackets", source)
            except (LexiconError, re.error) as error:
                yield Problem(name, key, f"{source!r} {error}", source)


def _rule(place: _Place, item: Mapping[str, Any]) -> OwnRule:
    """A table that removes or protects, once it is known to be good."""
    name = f"{OWN}{item.get('id') or place.name}"
    css, xpath = item.get("selector"), item.get("xpath")
    lines = tuple(line_key(line) for line in item.get("lines", ()))
    category = Category(item["category"]) if place.table == "remove" else None
    why = (
        item.get("why") or f"a rule of {Path(place.file.name).name}: {css or xpath or 'its words'}"
    )
    selector = Selector(name, css, xpath) if css or xpath else None
    patterns = tuple(item.get("patterns", ()))
    return OwnRule(name, category, why, _where(item), selector, lines, patterns)


def line_key(line: str) -> str:
    """What two lines have in common that a rule takes for the same: case and space aside.

    >>> line_key("  Follow  US ") == line_key("follow us")
    True
    """
    return " ".join(fold(line).split())


def _add_categories(parsed: _Parsed, table: Mapping[str, Any]) -> Iterator[Problem]:
    """Take the categories that are on or off; yield what is wrong with them."""
    for key, value in table.items():
        parsed.count += 1
        if key not in list(Category):
            known = ", ".join(category.value for category in Category)
            yield Problem("categories", key, f"unknown category; use one of {known}")
        elif not isinstance(value, bool):
            yield Problem("categories", key, "has a wrong value; true lets it go, false stay")
        else:
            parsed.categories[Category(key)] = value
