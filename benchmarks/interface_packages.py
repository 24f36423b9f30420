"""Interface phrases from packages: ``python -m benchmarks.interface_packages --packages PATH``.

Themes, comment widgets, consent banners, login pages, shops and wikis come with translations of
what they show. ``interface_packages.toml`` beside this file names their packages, the pinned
versions, and which messages are wanted; here they are fetched (``--download``), read and filtered.
``interface/phrases.json`` in the corpora's folder gets the phrases by source and language, for
``interface.py``. What a package brings is read, not run (but pip builds the metadata of isso).
"""

from __future__ import annotations

import html
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from benchmarks.corpora import root

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = dict[str, str]  # text by the message's key
Tables = list[tuple[str, Table]]  # with the language's code as the package has it
Phrases = dict[str, dict[str, list[str]]]  # by source and language

DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
run = partial(subprocess.run, check=True, capture_output=True, text=True)
FETCH = {
    "npm": ("npm", "pack", "{package}@{version}"),
    "pypi": (sys.executable, "-m", "pip", "download", "--no-deps", "{package}=={version}"),
    "debian": ("apt-get", "download", "{package}={version}"),
}

_TOKEN_RE = re.compile(
    r"""(?P<skip>/\*.*?\*/|//[^\n]*|\s+)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)
    |(?P<name>[\w$]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE_RE = re.compile(r"\\(?:[ux]((?<=u)[\da-fA-F]{4}|(?<=x)[\da-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "\n": ""}
_PHP_RE = re.compile(r"""(?m)^\$lang\['(\w+)'\]\s*=\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*");""")
_INVISIBLE_RE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\ufeff]")
_CODE_RE = re.compile("|".join(DATA["code"]))
_ERROR_RE = re.compile("|".join(DATA["errors"]), re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A package, where its messages lie in it and which are wanted, as the data file says."""

    name: str
    kind: str
    package: str
    version: str
    licence: str
    reader: str
    paths: Sequence[str]
    language: str = r"([\w-]+)$"
    opening: str = ""
    marker: str = ""
    codes: Sequence[str] = ()
    names: Sequence[str] = ()
    keys_are_english: bool = False
    keys: Sequence[str] = ()
    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    like: str = ""

    def wants(self, key: str) -> bool:
        """Whether a message is wanted, by its key."""
        if self.keys:
            return key in self.keys
        kept = not self.keep or re.search("|".join(self.keep), key)
        return bool(kept) and not (self.drop and re.search("|".join(self.drop), key))

    def folder(self, packages: Path) -> Path:
        """Where the package lies unpacked: ``tryghost-portal-2.71.227``, say."""
        return packages / re.sub(r"[^\w.+-]+", "-", f"{self.package}-{self.version}").strip("-")


def sources() -> list[Source]:
    """The sources of the data file."""
    found: dict[str, dict[str, Any]] = {}
    for given in DATA["source"]:
        found[given["name"]] = found.get(given.get("like", ""), {}) | given
    return [Source(**values) for values in found.values()]


# --- packages -------------------------------------------------------------------------


def fetch(source: Source, packages: Path) -> None:
    """Fetch and unpack a package."""
    target = source.folder(packages)
    command = [part.format(**vars(source)) for part in FETCH[source.kind]]
    with tempfile.TemporaryDirectory(dir=packages) as name:
        folder = Path(name)
        try:
            run(command, cwd=folder)
            unpack(next(folder.iterdir()), folder / "unpacked")
        except (OSError, StopIteration, subprocess.CalledProcessError) as error:
            raise SystemExit(
                f"{' '.join(command)} failed: {getattr(error, 'stderr', None) or error}\n"
                f"get {source.package} {source.version} by hand and unpack it into {target}"
            ) from error
        (folder / "unpacked").rename(target)


def unpack(archive: Path, target: Path) -> None:
    """Unpack an archive of npm, PyPI or Debian."""
    if archive.suffix == ".deb":
        run(["dpkg", "-x", str(archive), str(target)])
    elif archive.suffix == ".whl":
        shutil.unpack_archive(archive, target, "zip")
    else:
        shutil.unpack_archive(archive, target, "gztar", filter="data")


def files(source: Source, packages: Path) -> list[Path]:
    """The files of a source; exits with a hint where they are not there."""
    folder = source.folder(packages)
    found = [sorted(folder.glob(pattern)) for pattern in source.paths]
    if not all(found):
        raise SystemExit(
            f"{source.package} {source.version} ({source.kind}) does not lie whole in {folder}: "
            "delete that and run again with --download, or unpack it there"
        )
    return [path for paths in found for path in paths]


# --- readers --------------------------------------------------------------------------


def unquote(literal: str) -> str:
    """The value of a string as JavaScript, Python or PHP write it."""

    def char(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2])

    return _ESCAPE_RE.sub(char, literal[1:-1])


def literal(text: str, start: int) -> Iterator[tuple[str, str]]:
    """The strings of the object or array that opens at an offset, with their dotted keys."""
    path: list[str] = []
    key = name = ""
    value: str | None = None
    for token in _TOKEN_RE.finditer(text, start):
        sign = token["sign"]
        if token["text"]:  # strings that + joins are one
            value = (value or "") + unquote(token["text"])
        elif token["name"]:
            name = token["name"]
        elif sign == ":":
            key, value = name if value is None else value, None
        elif sign and sign in "{[":
            path.append(key)
            key, value = "", None
        elif sign and sign in ",}])":
            if value is not None:
                yield ".".join([*path[1:], key]), value
            value = None
            if sign in "}]":
                key = path.pop()
                if not path:
                    return


def literals(text: str, source: Source) -> Iterator[list[tuple[str, str]]]:
    """The strings of each object or array whose bracket ends a match of the opening."""
    return (list(literal(text, m.end() - 1)) for m in re.finditer(source.opening, text))


def flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The strings of nested dictionaries, with their dotted keys."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from flat(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, str):
        yield path, node


def gettext(data: bytes) -> Table:
    """The messages of a little-endian catalogue, without plurals; contexts are left away."""
    _, _, count, keys, texts = struct.unpack_from("<5I", data)

    def column(start: int) -> list[str]:
        spans = struct.iter_unpack("<2I", data[start : start + 8 * count])
        return [str(data[at : at + length], "utf-8", "replace") for length, at in spans]

    pairs = zip(column(keys), column(texts), strict=True)
    return {key.split("\x04")[-1]: text for key, text in pairs if key and "\0" not in key}


READERS: dict[str, Callable[[bytes, Source], Table]] = {
    "json": lambda data, _: dict(flat(json.loads(data))),
    "yaml": lambda data, _: dict(flat(yaml.safe_load(data))),
    "javascript": lambda data, source: dict(next(literals(data.decode(), source), [])),
    "php": lambda data, _: {key: unquote(text) for key, text in _PHP_RE.findall(data.decode())},
    "gettext": lambda data, _: gettext(data),
}


def by_map(text: str, source: Source) -> Tables:
    """Tables of a bundle whose map of languages names their variables."""
    found: Tables = []
    for code, variable in dict(re.findall(source.opening, text)).items():
        matches = re.finditer(rf'(?<![\w$.]){re.escape(variable)}=\{{(?=["\w])', text)
        every = (dict(literal(text, match.end() - 1)) for match in matches)
        # short names are used again for other things
        found += [(code, table) for table in every if source.marker in table][:1]
    return found


def by_rows(text: str, source: Source) -> Tables:
    """Tables of a bundle that has the languages within each message, or first in a key."""
    found: dict[str, Table] = defaultdict(dict)
    for number, match in enumerate(re.finditer(source.opening, text)):
        row = list(literal(text, match.end() - 1))
        if len(row) == len(source.codes):  # an array after its key
            row = [(code, value) for code, (_, value) in zip(source.codes, row, strict=True)]
        for key, value in row:
            code, _, rest = key.partition(".")
            name = rest or (match[1] if match.lastindex else str(number))
            found[code.strip("/")][name] = value
    return list(found.items())


def by_order(text: str, source: Source) -> Tables:
    """Tables of a bundle that stand in a known order, of a known order themselves if arrays."""
    found = list(literals(text, source))
    if source.names:
        arrays = ([value for _, value in pairs] for pairs in found)
        found = [list(zip(source.names, values, strict=True)) for values in arrays]
    return list(zip(source.codes, map(dict, found), strict=True))


BUNDLES = {"map": by_map, "rows": by_rows, "order": by_order}


def tables(source: Source, packages: Path) -> Tables:
    """All tables of a source."""
    found: Tables = []
    for path in files(source, packages):
        place = path.relative_to(source.folder(packages)).with_suffix("").as_posix()
        code = re.search(source.language, place)
        if source.reader in BUNDLES:
            found += BUNDLES[source.reader](path.read_text(encoding="utf-8"), source)
        elif code:
            found.append((code[1], READERS[source.reader](path.read_bytes(), source)))
    if source.keys_are_english:
        known = {key: key for _, table in found for key in table}
        found.insert(0, ("en", {key: key for key in source.keys or known if key in known}))
    return found


# --- what is a phrase -----------------------------------------------------------------


def language(code: str) -> str | None:
    """The two letters of a language that is wanted; variants (pt-BR, zh_TW) fall together."""
    base = re.split("[-_]", code.lower())[0]
    base = DATA["aliases"].get(base, base)
    return base if base in DATA["languages"] else None


def plain(text: str) -> str:
    """A text without entities, soft hyphens and direction marks, and with single spaces."""
    return " ".join(_INVISIBLE_RE.sub("", html.unescape(text)).split())


def phrase_of(text: str, code: str) -> str | None:
    """The phrase that a message is in a language; None for code, symbols and other scripts."""
    phrase = plain(text)
    letters = len(re.findall(r"[^\W\d_]", phrase))
    chars = DATA["characters_per_word"].get(code)
    size = len(phrase) // chars if chars else len(phrase.split())
    if letters < (1 if chars else 2) or size > DATA["most_words"] or _CODE_RE.search(phrase):
        return None
    return phrase if re.search(DATA["scripts"].get(code, ""), phrase) else None


def phrases(source: Source, found: Tables) -> dict[str, list[str]]:
    """The phrases among the messages wanted, by language, without errors.

    A text that the source has in English too is not translated.
    """
    known = [(code, table) for name, table in found if (code := language(name))]
    pairs = [pair for code, table in known if code == "en" for pair in table.items()]
    english, same = dict(pairs), {plain(text).casefold() for _, text in pairs}
    kept: dict[str, dict[str, None]] = defaultdict(dict)
    for code, table in known:
        for key, text in table.items():
            if source.wants(key) and not _ERROR_RE.search(f"{key}\n{english.get(key, '')}\n{text}"):
                phrase = phrase_of(text, code)
                if phrase and (code == "en" or phrase.casefold() not in same):
                    kept[code][phrase] = None
    return {code: list(kept[code]) for code in sorted(kept)}


def drop_english(found: Phrases) -> None:
    """Drop the phrases of several words that are English in any source from other languages."""
    everywhere = (text for languages in found.values() for text in languages.get("en", []))
    english = {text.casefold() for text in everywhere if " " in text}
    for languages in found.values():
        for code in languages.keys() - {"en"}:
            languages[code] = [text for text in languages[code] if text.casefold() not in english]


@click.command()
@click.option("--packages", required=True, type=click.Path(path_type=Path), help="Their folder.")
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--download", is_flag=True, help="Fetch what is not in the packages' folder first.")
def main(packages: Path, corpora: str | None, download: bool) -> None:
    """Write the interface phrases of packages into the corpora's folder."""
    path = root(corpora) / "interface" / "phrases.json"
    every = sources()
    if download:
        packages.mkdir(parents=True, exist_ok=True)
        for source in every:
            if not source.folder(packages).exists():
                fetch(source, packages.resolve())
    found = {source.name: phrases(source, tables(source, packages)) for source in every}
    drop_english(found)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name, languages in found.items():
        click.echo(f"{name:16} {sum(map(len, languages.values())):5} phrases")


if __name__ == "__main__":
    main()
