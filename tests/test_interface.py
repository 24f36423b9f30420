"""Interface phrases: readers of packages, the filter, and what is held out, without packages."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import interface, interface_packages
from benchmarks.interface_packages import Source, Table, phrase_of, phrases, sources, tables

JAVASCRIPT = r"""
// not a table: { skip: "x" }
exports.default = {
  reply: 'Antworten', "load.more": "Mehr " + 'laden', /* a comment: "x" */
  share: { on: `Teilen\u00a0auf` , count: 3 },
  say: (name) => name, 'last': "it\'s over",
};
"""
PHP = r"""<?php
$lang['btn_login']  = 'L\'accès';
$lang["other"] = "not read";
$lang['toc'] = "Table des matières";
"""


def catalogue(messages: Table) -> bytes:
    """A gettext catalogue as ``msgfmt`` writes it."""
    columns = [[key.encode() for key in messages], [text.encode() for text in messages.values()]]
    size, spans, blob = len(messages), b"", b""
    for column in columns:
        for text in column:
            spans += struct.pack("<2I", len(text), 28 + 16 * size + len(blob))
            blob += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, size, 28, 28 + 8 * size, 0, 0) + spans + blob


Reading = Callable[[str, str | bytes], Table]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Reads the table of a package's only file."""

    def table(reader: str, content: str | bytes) -> Table:
        source = made(reader, opening=r"exports\.default = \{")
        path = source.folder(tmp_path) / "lang" / "de.txt"
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        [(code, found)] = tables(source, tmp_path)
        assert code == "de"
        return found

    return table


def made(reader: str = "json", opening: str = "", drop: tuple[str, ...] = ()) -> Source:
    return Source(
        "some", "npm", "@some/one", "1.0", "MIT", reader, ("lang/*",), opening=opening, drop=drop
    )


# --- readers --------------------------------------------------------------------------


def test_keys_of_nested_json_are_dotted(read: Reading) -> None:
    assert read("json", '{"a": {"b": "Suche", "n": 1}}') == {"a.b": "Suche"}


def test_yaml_is_read_like_json(read: Reading) -> None:
    assert read("yaml", "a:\n  b: Suche\n  list: [x]\nc: 'Mehr'\n") == {"a.b": "Suche", "c": "Mehr"}


def test_javascript_literals_are_read_and_not_run(read: Reading) -> None:
    assert read("javascript", JAVASCRIPT) == {
        "reply": "Antworten",
        "load.more": "Mehr laden",
        "share.on": "Teilen\u00a0auf",
        "last": "it's over",
    }


def test_gettext_is_read_without_header_contexts_and_plurals(read: Reading) -> None:
    messages = {
        "": "Language: de",
        "menu\x04Log in": "Anmelden",
        "a\0b": "x",
        "Tags": "Schlagwörter",
    }
    assert read("gettext", catalogue(messages)) == {"Log in": "Anmelden", "Tags": "Schlagwörter"}


def test_php_is_read(read: Reading) -> None:
    assert read("php", PHP) == {"btn_login": "L'accès", "toc": "Table des matières"}


@pytest.mark.parametrize(
    ("reader", "bundle", "changes"),
    [
        ("map", 'z={x:1};z={go:"Los"};m={"de":z}', {"opening": r'"(\w+)":(\w+)', "marker": "go"}),
        ("rows", 'k={"/de/":{go:"Los"}}', {"opening": r"k=\{"}),
        ("rows", '"go",["Go","Los"]', {"opening": r'"(\w+)",\[', "codes": ("en", "de")}),
        ("order", 'a=["Los"]', {"opening": r"a=\[", "codes": ("de",), "names": ("go",)}),
    ],
)
def test_bundles_have_the_tables_of_all_languages(
    reader: str, bundle: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    source = replace(made(reader), **changes)
    (source.folder(tmp_path) / "lang").mkdir(parents=True)
    (source.folder(tmp_path) / "lang" / "all.js").write_text(bundle, encoding="utf-8")
    assert ("de", {"go": "Los"}) in tables(source, tmp_path)


def test_a_package_that_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"@some/one 1\.0 \(npm\).*some-one-1\.0.*--download"):
        tables(made(), tmp_path)


# --- the filter -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "phrase"),
    [
        (" Mehr&nbsp;\n laden\u200b ", "de", "Mehr laden"),
        ("Hallo {name}", "de", None),
        ("%s Kommentare", "de", None),
        ("<b>Suche</b>", "de", None),
        ("Siehe https://example.org", "de", None),
        ("»", "de", None),
        ("a " * 41, "de", None),
        ("次", "ja", "次"),
        ("Search", "ja", None),
        ("Поиск", "ru", "Поиск"),
    ],
)
def test_a_phrase_is_plain_text_of_its_language(text: str, code: str, phrase: str | None) -> None:
    assert phrase_of(text, code) == phrase


def test_what_is_dropped_errors_and_english_leftovers_are_no_phrases() -> None:
    english = {"go": "Search here", "oops": "It failed", "unit": "minutes ago", "more": "More"}
    german = {"go": "Hier suchen", "oops": "Hoppla", "unit": "Minuten", "more": "more"}
    found = phrases(made(drop=("^unit",)), [("en-GB", english), ("de_AT", german), ("eo", german)])
    assert found == {"de": ["Hier suchen"], "en": ["Search here", "More"]}


def test_english_of_another_source_is_dropped_unless_it_is_one_word() -> None:
    found = {"a": {"en": ["Read more", "Menu"]}, "b": {"de": ["read more", "Menu", "Mehr lesen"]}}
    interface_packages.drop_english(found)
    assert found["b"] == {"de": ["Menu", "Mehr lesen"]}


# --- the data file, and what is held out ----------------------------------------------


def test_sources_to_be_shared_alike_are_those_held_out() -> None:
    assert {source.name for source in sources() if "GPL" in source.licence} == interface.HELD


def test_there_are_no_entries_without_the_file(tmp_path: Path) -> None:
    assert interface.entries(tmp_path) == interface.entries(tmp_path, held=True) == ()


def test_held_out_phrases_that_are_also_learned_are_not_held_out(tmp_path: Path) -> None:
    path = tmp_path / "interface" / "phrases.json"
    path.parent.mkdir()
    data = {
        "klaro": {"en": ["Read More", "Accept all"]},
        "wordpress": {"en": ["read more", "Leave a reply"], "de": ["Accept all"]},
    }
    path.write_text(json.dumps(data), encoding="utf-8")
    learned, held = (interface.entries(tmp_path, held) for held in (False, True))
    assert [entry.match for entry in learned] == [("Accept all",), ("Read More",)]
    assert [(entry.id[:3], entry.match) for entry in held] == [
        ("de.", ("Accept all",)),
        ("en.", ("Leave a reply",)),
    ]
