"""Streaming readers: what a name stands for, and what comes out of files, whole and damaged."""

from __future__ import annotations

import builtins
import gc
import gzip
import io
import itertools
import json
import os
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq

from declutter.batch import names
from declutter.batch.names import expand_all
from declutter.batch.sources import (
    Columns,
    Failure,
    Input,
    Item,
    Record,
    Skipped,
    expand,
    records,
)
from declutter.batch.streams import gunzip, lines, unzstd
from declutter.errors import DeclutterError, MissingExtra
from declutter.files import SourceError
from declutter.options import Options

# always the same bytes, for they are in the names of cases
gz = partial(gzip.compress, mtime=0)

HTML = "<p>Der Fluß stieg, 川は溢れた。</p>".encode()
zstd = zstandard.ZstdCompressor().compress
PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gz, ".zst": zstd}


def read(path: Path | str, columns: Columns | None = None, **options: Any) -> list[Item]:
    name = os.path.basename(path)
    return list(records(Input(str(path), name), columns or Columns(), Options(**options)))


def read_bytes(folder: Path, name: str, data: bytes, columns: Columns | None = None) -> list[Item]:
    """What comes out of a file of this name and content; places are counted without gaps."""
    path = folder / name
    path.write_bytes(data)
    found = read(path, columns)
    assert [item.place for item in found] == list(range(len(found)))
    assert {item.source for item in found} <= {str(path)}
    assert not [item for item in found if isinstance(item, Failure) and "\n" in item.reason]
    return found


def one(items: list[Item]) -> Record:
    (found,) = items
    assert isinstance(found, Record), found
    return found


def reason(items: list[Item]) -> str:
    (found,) = items
    assert isinstance(found, Failure), found
    return found.reason


def contents(items: Iterable[Item]) -> list[bytes | str]:
    return [item.content for item in items if isinstance(item, Record)]


def kinds(items: Iterable[Item]) -> str:
    """``RRF``: two records and a failure."""
    return "".join(type(item).__name__[0] for item in items)


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# --- names


def place(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(HTML)


def found(names: Sequence[str], **options: Any) -> list[str]:
    """The relative names, with a ``!`` before the id of a failure."""
    items = expand(names, **options)
    return [f"!{item.id}" if isinstance(item, Failure) else item.relative for item in items]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_stands_for_all_that_can_be_read_below_it_in_order(here: Path) -> None:
    known = [
        "in/a.html", "in/b/c.jsonl.gz", "in/b/d.warc.zst", "in/b/e/f.mhtml", "in/g.parquet",
        "in/h.gz", "in/i.wet.gz", "in/j.XHTML.GZ", "in/k.ndjson", "in/l.txt.zst",
    ]  # fmt: skip
    place(here, *known, "in/.a.html", "in/.git/b.html", "in/x.jpg", "in/y.tar.gz", "in/_SUCCESS")
    assert found(["in"]) == [name.removeprefix("in/") for name in known]
    assert [item.path for item in expand(["in"]) if isinstance(item, Input)] == known


@pytest.mark.parametrize("name", ["in", "i?"])
def test_other_files_in_a_folder_are_skipped_and_hidden_ones_are_not_told(
    here: Path, name: str
) -> None:
    tells_nothing = ["in/about", "in/b/view.aspx?id=3", "in/index.php", "in/x.cgi.gz~"]
    no_page = ["in/b/list.json.gz", "in/d.pdf", "in/e.tar.gz", "in/f.css"]
    place(here, *tells_nothing, *no_page, "in/a.xht", "in/page.shtml", "in/.hidden", "in/.git/x")
    items = list(expand_all([name]))
    assert [item.path for item in items if isinstance(item, Input)] == ["in/a.xht", "in/page.shtml"]
    skipped = [item for item in items if isinstance(item, Skipped)]
    assert sorted(skipped, key=lambda item: (-len(item.why), item.source)) == [
        *(Skipped(n, 0, names.UNKNOWN) for n in tells_nothing),
        *(Skipped(n, 0, names.OTHER) for n in no_page),
    ]
    assert [item for item in items if not isinstance(item, Skipped)] == list(expand([name]))


def test_a_folder_of_other_files_is_a_failure(here: Path) -> None:
    place(here, "in/about", "in/b/index.php")
    assert [type(item).__name__ for item in expand_all(["in"])] == ["Skipped", "Skipped", "Failure"]


def test_several_folders_keep_their_names_apart(here: Path) -> None:
    place(here, "a/pages/x.html", "b/pages/x.html")
    assert found(["a/pages", "b/pages"]) == ["a/pages/x.html", "b/pages/x.html"]


def test_links_are_followed_and_circles_of_them_end(here: Path) -> None:
    place(here, "in/a/x.html", "other/y.html")
    (here / "in/a/up").symlink_to(here / "in")
    (here / "in/other").symlink_to(here / "other")
    (here / "in/self").symlink_to(here / "in/self")
    assert found(["in"]) == ["a/x.html", "other/y.html"]
    assert found(["in/**/*.html"]) == ["in/a/x.html", "in/other/y.html"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.html", ["in/a.html", "in/b.html"]),
        ("in/[b-z].html", ["in/b.html"]),
        ("in/?.txt", ["in/a.txt"]),
        ("in/**/*.html", ["in/a.html", "in/b.html", "in/c/d.html", "in/c/e/f.html"]),
        ("**/f.html", ["in/c/e/f.html"]),
        ("in/c/**", ["in/c/d.html", "in/c/e/f.html", "in/c/e/odd.name"]),
        ("in/*/e/*.name", ["in/c/e/odd.name"]),
        ("i?/c", ["in/c/d.html", "in/c/e/f.html"]),
        ("in/*.pdf", ["!in/*.pdf"]),
        ("missing/**", ["!missing/**"]),
    ],
)
def test_patterns_that_the_shell_left(here: Path, pattern: str, expected: list[str]) -> None:
    place(here, "in/b.html", "in/a.html", "in/a.txt", "in/.h.html")
    place(here, "in/c/d.html", "in/c/e/f.html", "in/c/e/odd.name")
    assert found([pattern]) == expected
    absolute = found([os.path.join(here, pattern)])
    assert len(absolute) == len(expected)


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(here: Path) -> None:
    place(here, "a[1].html", "a1.html")
    assert found(["a[1].html"]) == ["a[1].html"]


def test_a_name_of_nothing_is_a_failure_and_the_others_are_done(here: Path) -> None:
    place(here, "a.html", "../b.html")
    (here / "empty").mkdir()
    names = ["missing.html", "a.html", "empty", "../b.html", "nul\0.html"]
    assert found(names) == ["!missing.html", "a.html", "!empty", "b.html", "!nul\0.html"]


@pytest.mark.parametrize(
    ("data", "null"),
    [
        (b"a.html\nmissing\n\nd\n\xc3\xa9.txt", False),
        (b"\r\na.html\r\nmissing\r\nd\r\n\xc3\xa9.txt\r\n", False),
        (b"a.html\0missing\0d\0\xc3\xa9.txt\0", True),
    ],
    ids=["lines", "crlf", "nul"],
)
def test_a_list_of_files_on_standard_input(
    here: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, null: bool
) -> None:
    place(here, "a.html", "d/c.html", "d/b.html", "é.txt")
    stdin(monkeypatch, data)
    expected = ["a.html", "!missing", "d/b.html", "d/c.html", "é.txt"]
    assert found([], files_from="-", null=null) == expected


def test_names_in_a_nul_list_may_hold_line_ends(here: Path) -> None:
    place(here, "two\nlines.html", "list")
    (here / "list").write_bytes(b"two\nlines.html\0")
    assert found([], files_from="list", null=True) == ["two\nlines.html"]


def test_a_list_is_read_as_it_comes(here: Path) -> None:
    place(here, "a.html")
    os.mkfifo(here / "list")
    writer = os.open(here / "list", os.O_RDWR)
    os.write(writer, b"a.html\n" * (1 << 13))
    names = expand([], files_from="list")
    assert len(list(itertools.islice(names, 1 << 12))) == 1 << 12
    os.close(writer)


def test_a_list_that_is_not_there_is_a_failure(here: Path) -> None:
    assert found([], files_from="missing") == ["!missing"]


def test_standard_input_is_a_list_or_data(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b"")
    assert found(["-"]) == ["stdin"]
    assert found(["-"], files_from="-") == ["!-"]


def test_expanding_does_not_hold_the_files_it_finds(here: Path) -> None:
    place(here, "in/a.html")
    many = expand(["in/a.html", "in/*.html"] * 3)
    assert len(list(itertools.islice(many, 2))) == 2


# --- single pages


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [(".html", "html"), (".htm", "html"), (".xhtml", "html"), (".txt", "auto"), ("", "auto")],
)
def test_a_page_is_one_record(tmp_path: Path, suffix: str, kind: str, packed: str) -> None:
    name = f"page{suffix}{packed}"
    record = one(read_bytes(tmp_path, name, PACKERS[packed](HTML)))
    assert record == Record(str(tmp_path / name), 0, name, name, HTML, kind)


def test_compression_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    assert one(read_bytes(tmp_path, "a.html", gz(HTML))).content == HTML
    assert one(read_bytes(tmp_path, "a.html.gz", HTML)).content == HTML


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.html", b"", "empty"),
        ("a.html.gz", b"", "cut off after 0 bytes"),
        ("a.html.gz", gz(b""), "empty"),
        ("a.html.gz", gz(HTML)[:-9], "damaged gzip"),
        ("a.html.zst", zstd(HTML)[:-2], "damaged zstd"),
        ("a.mht", b"Subject: no page\n\nHello", "no HTML part"),
        ("a.mht", b"", "empty"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    assert why in reason(read_bytes(tmp_path, name, data))


def test_a_missing_file_and_a_folder_are_failures(tmp_path: Path) -> None:
    for name in ("a.html", "a.jsonl", "a.parquet", "a.warc.gz", "unknown"):
        assert "No such file" in reason(read(tmp_path / name))
    assert "directory" in reason(read(tmp_path))


@pytest.mark.parametrize("pack", PACKERS.values())
def test_a_page_beyond_max_bytes_is_a_failure(tmp_path: Path, pack: Any) -> None:
    (tmp_path / "a.html").write_bytes(pack(bytes(1 << 24)))
    assert "more than 1000 bytes" in reason(read(tmp_path / "a.html", max_bytes=1000))


MHTML = b"""From: <Saved by Blink>
Snapshot-Content-Location: https://e.org/page
Date: Sun, 1 Mar 2020 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="--x"%s

----x
Content-Type: text/html; charset="windows-1252"
Content-ID: <frame>
Content-Transfer-Encoding: quoted-printable

<p>caf=E9
----x
Content-Type: image/png
Content-Transfer-Encoding: base64

AAAA
----x
Content-Type: text/html
Content-ID: <second>
Content-Location: https://e.org/second

<p>second
----x--
"""


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht.gz", "no-suffix"])
def test_the_root_of_an_mhtml_file_is_the_page(tmp_path: Path, name: str) -> None:
    record = one(read_bytes(tmp_path, name, MHTML % b""))
    assert (record.content, record.kind) == (b"<p>caf\xe9", "html")
    assert (record.encoding, record.url) == ("windows-1252", "https://e.org/page")
    assert record.date == "2020-03-01T09:00:00Z"


def test_an_mhtml_file_may_name_its_root(tmp_path: Path) -> None:
    record = one(read_bytes(tmp_path, "a.mhtml", MHTML % b'; start="<second>"'))
    assert (record.content, record.url) == (b"<p>second", "https://e.org/second")


# --- JSON lines


def jsonl(*rows: Any) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ""])
def test_each_json_line_is_a_record(tmp_path: Path, suffix: str, packed: str) -> None:
    rows = [{"id": f"n{i}", "text": f"川 {i}\u2028", "url": "u", "lang": ["ja"]} for i in range(3)]
    items = read_bytes(tmp_path, "a" + suffix + packed, PACKERS[packed](jsonl(*rows)))
    assert contents(items) == [row["text"] for row in rows]
    last = items[-1]
    assert isinstance(last, Record)
    assert (last.id, last.url, last.kind, last.extra) == ("n2", "u", "text", {"lang": ["ja"]})


ROW = {"html": "<p>h", "text": "t", "body": "b", "id": 7, "url": "u", "link": "l", "key": "k"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (Columns(), ("html", "<p>h", "7", "u")),
        (Columns(text="body"), ("text", "b", "7", "u")),
        (Columns(html="body"), ("html", "b", "7", "u")),
        (Columns(text="text", html="body"), ("html", "b", "7", "u")),
        (Columns(id="key", url="link"), ("html", "<p>h", "k", "l")),
    ],
    ids=["usual", "text", "html", "both", "id-url"],
)
def test_columns(tmp_path: Path, columns: Columns, expected: tuple[str, ...]) -> None:
    record = one(read_bytes(tmp_path, "a.jsonl", jsonl(ROW), columns))
    assert (record.kind, record.content, record.id, record.url) == expected
    used = {record.content, record.id, record.url}
    assert record.extra == {key: value for key, value in ROW.items() if str(value) not in used}


@pytest.mark.parametrize(
    ("line", "columns", "why"),
    [
        (b'{"body": "b", "x": 1}', Columns(), "no column html or text; the columns are: body, x"),
        (b'{"text": "b"}', Columns(text="body"), "no column body; the columns are: text"),
        (b"{}", Columns(), "the columns are: none"),
        (b'{"text": null}', Columns(), "nothing in the column text"),
        (b'{"text": 3}', Columns(), "the column text holds int"),
        (b'{"text": "b"', Columns(), "line 2 is no JSON"),
        (b'{"text" "b"', Columns(), "line 2 is no JSON (Expecting ':' delimiter: column 9 "),
        (b'{"text": "\xff"}', Columns(), "line 2 is no JSON"),
        (b"[" * 100_000, Columns(), "line 2 is no JSON"),
        (b'["b"]', Columns(), "line 2 is a JSON list"),
        (b'"b"', Columns(), "line 2 is a JSON str"),
    ],
)
def test_a_bad_line_is_a_failure_and_the_rest_is_done(
    tmp_path: Path, line: bytes, columns: Columns, why: str
) -> None:
    good = jsonl({name or "text": "t" for name in (columns.text, columns.id, columns.url)})
    items = read_bytes(tmp_path, "a.jsonl", good + line + b"\n" + good, columns)
    assert kinds(items) == "RFR"
    assert isinstance(items[1], Failure)
    assert why in items[1].reason
    assert "line 2" in items[1].reason


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"body": "b"}] * 100_000, "F"),
        ([{"body": "b"}] * 100, "F"),
        ([{"body": "b"}] * 99, "F" * 99),
        ([{"body": "b"}] * 99 + [{"text": "t"}] + [{}] * 200, "F" * 99 + "R" + "F" * 200),
        ([{"text": None}] * 200, "F" * 200),
        ([3] * 200, "F" * 200),
    ],
    ids=["many", "enough", "few", "one page", "empty", "no rows"],
)
def test_a_file_whose_rows_all_lack_the_column_of_pages_fails_once(
    tmp_path: Path, rows: list[Any], expected: str
) -> None:
    items = read_bytes(tmp_path, "a.jsonl", jsonl(*rows))
    assert kinds(items) == expected
    if expected == "F":
        assert reason(items) == (
            "line 1: no column html or text; the columns are: body: name one with --text-column "
            "or --html-column; the next 99 rows lack it, too: this file is not read"
        )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n \r\n", []),
        (b'\xef\xbb\xbf{"text": "a"}\n', ["a"]),
        (b"\xef\xbb\xbf", []),
        (b'{"text": "a"}\r\n{"text": "b"}\r\n', ["a", "b"]),
        (b'{"text": "a"}\n\n{"text": "b"}', ["a", "b"]),
        (b'{"text": ""}', [""]),
        (b'{"text": "\\ud800", "x": NaN}', ["\ud800"]),
        (b'{"html": null, "text": "a"}', ["a"]),
    ],
)
def test_odd_ends_and_values_of_lines(tmp_path: Path, data: bytes, expected: list[str]) -> None:
    items = read_bytes(tmp_path, "a.jsonl", data)
    assert kinds(items) == "R" * len(expected)
    assert contents(items) == expected


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (json.dumps([ROW]), "a JSON array, not JSON lines: convert it with jq -c '.[]'"),
        (json.dumps([ROW, ROW], indent=2), "a JSON array, not"),
        ("\ufeff [{}]", "a JSON array, not"),
        (json.dumps(ROW, indent=2), "a JSON document, not JSON lines: convert it with jq -c '.'"),
        (json.dumps({"rows": [ROW]}, indent="\t").replace("\n", "\r\n"), "a JSON document, not"),
    ],
)
def test_json_that_is_not_one_row_a_line_says_how_to_convert_it(
    tmp_path: Path, data: str, why: str, packed: str
) -> None:
    assert why in reason(read_bytes(tmp_path, "a.json" + packed, PACKERS[packed](data.encode())))


def test_utf_16_lines_are_refused_once(tmp_path: Path) -> None:
    assert "UTF-16" in reason(
        read_bytes(tmp_path, "a.jsonl", jsonl(ROW, ROW).decode().encode("utf-16"))
    )


LONG = {"text": "t", "id": 12345678901234567890123, "share": 0.1, "nested": {"n": [10**30, None]}}


@pytest.mark.parametrize("quick", [True, False])
def test_other_fields_are_the_same_with_and_without_orjson(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    if not quick:
        hide(monkeypatch, "orjson")
    record = one(read_bytes(tmp_path, "a.jsonl", jsonl(LONG)))
    assert record.id == "12345678901234567890123"
    assert record.extra == {"share": 0.1, "nested": {"n": [10**30, None]}}


@pytest.mark.parametrize("columns", [Columns(), Columns(id="key", url="link")], ids=repr)
def test_an_id_and_an_address_that_are_null_are_no_other_fields(
    tmp_path: Path, columns: Columns
) -> None:
    row = {"text": "t", columns.id or "id": None, columns.url or "url": None, "n": 1}
    record = one(read_bytes(tmp_path, "a.jsonl", jsonl(row), columns))
    assert (record.id, record.url, record.extra) == ("a.jsonl#0", None, {"n": 1})


@pytest.mark.parametrize(
    ("row", "columns", "expected"),
    [
        ({"id": "mine"}, Columns(), "mine"),
        ({"id": 7, "text": None}, Columns(), "7"),
        ({"key": "k", "text": 3}, Columns(id="key"), "k"),
        ({"id": None, "text": 3}, Columns(), "a.jsonl#0"),
        ({"id": "", "text": 3}, Columns(), "a.jsonl#0"),
        ({"text": 3}, Columns(id="text"), "a.jsonl#0"),
    ],
)
def test_a_row_that_fails_keeps_its_id(
    tmp_path: Path, row: dict[str, Any], columns: Columns, expected: str
) -> None:
    (failure,) = read_bytes(tmp_path, "a.jsonl", jsonl(row), columns)
    assert isinstance(failure, Failure)
    assert failure.id == expected


@pytest.mark.parametrize("value", [True, 1.5, ["a"], {}])
def test_an_id_that_is_no_name_stays_with_the_other_fields(tmp_path: Path, value: Any) -> None:
    record = one(read_bytes(tmp_path, "a.jsonl", jsonl({"text": "t", "id": value, "url": value})))
    assert (record.id, record.url) == ("a.jsonl#0", None)
    assert record.extra == {"id": value, "url": value}


MANY = [f"{i} " + "ab"[i % 2] * (i * 7 % 90) + "ß川" for i in range(200)]
PACKED = {
    ".gz": gz(jsonl(*({"text": text} for text in MANY))),
    ".members.gz": b"".join(gz(jsonl({"text": text})) for text in MANY),
    ".zst": zstd(jsonl(*({"text": text} for text in MANY))),
    ".frames.zst": b"".join(zstd(jsonl({"text": text})) for text in MANY),
}


@given(st.data(), st.sampled_from(sorted(PACKED)))
def test_what_stands_before_a_cut_comes_out(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, packed: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    cut = data.draw(st.integers(0, len(PACKED[packed]) - 1))
    items = read_bytes(folder, "cut.jsonl" + packed, PACKED[packed][:cut])
    good = [item for item in items if isinstance(item, Record)]
    assert contents(good) == MANY[: len(good)]
    assert kinds(items).removeprefix("R" * len(good)) in ("F", "")
    assert len(good) >= complete(packed, cut)
    if packed in (".gz", ".zst"):  # between members nothing tells that there were more
        assert kinds(items).endswith("F")


def complete(packed: str, cut: int) -> int:
    """How many lines zlib, or the frames, had given out before a cut."""
    data = PACKED[packed]
    if packed == ".gz":
        return zlib.decompressobj(wbits=31).decompress(data[:cut]).count(b"\n")
    pack = PACKERS["." + packed.rsplit(".", 1)[1]]
    sizes = [len(pack(jsonl({"text": text}))) for text in MANY]
    whole = sum(end <= cut for end in itertools.accumulate(sizes))
    return whole if packed.count(".") == 2 else 0


@given(st.integers(20, len(PACKED[".gz"]) - 9), st.binary(min_size=1, max_size=30))
def test_damage_never_raises_and_order_stays(
    tmp_path_factory: pytest.TempPathFactory, start: int, junk: bytes
) -> None:
    data = PACKED[".gz"][:start] + junk + PACKED[".gz"][start + len(junk) :]
    items = read_bytes(tmp_path_factory.getbasetemp(), "damaged.jsonl.gz", data)
    before = zlib.decompressobj(wbits=31).decompress(PACKED[".gz"][:start]).count(b"\n")
    assert contents(items)[:before] == MANY[:before]


@given(st.lists(st.binary(max_size=5)), st.sampled_from([b"\n", b"\0"]))
def test_lines_are_what_split_gives(parts: list[bytes], separator: bytes) -> None:
    expected = b"".join(parts).split(separator)
    assert list(lines(parts, separator)) == expected[: len(expected) - (not expected[-1])]


def test_a_line_too_long_to_hold_is_told_apart_and_the_rest_goes_on() -> None:
    data = [b"ab\ncdef", b"ghi", b"jk\nlm\n", b"nopqrst"]
    assert list(lines(data, most=5)) == [b"ab", None, b"lm", None]


@given(st.lists(st.binary(max_size=300), min_size=1), st.integers(1, 50))
def test_decompression_does_not_depend_on_the_pieces(bodies: list[bytes], size: int) -> None:
    for pack, unpack in ((gz, gunzip), (zstd, unzstd)):
        data = b"".join(map(pack, bodies))
        parts = [data[i : i + size] for i in range(0, len(data), size)]
        assert b"".join(unpack(parts)) == b"".join(bodies)


def test_zeros_behind_gzip_data_are_padding_and_other_bytes_are_damage() -> None:
    data = gz(HTML)
    assert b"".join(gunzip([data, bytes(600)])) == HTML
    with pytest.raises(SourceError, match="damaged gzip"):
        list(gunzip([data, b"junk"]))


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_memory_does_not_grow_with_a_file(tmp_path: Path, packed: str) -> None:
    path = tmp_path / ("large.jsonl" + packed)
    row = jsonl({"text": "word " * 100, "n": 1})
    block = row * (1_000_000 // len(row))
    with open(path, "wb") as file:
        for _ in range(50):
            file.write(PACKERS[packed](block))
    read_bytes(tmp_path, "small.jsonl" + packed, PACKERS[packed](row))
    tracemalloc.start()
    count = sum(
        isinstance(item, Record) for item in records(Input(str(path), "l"), Columns(), Options())
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50 * (len(block) // len(row))
    assert peak < 4_000_000


def test_a_gzip_bomb_of_one_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.html.gz"
    path.write_bytes(gz(bytes(200_000_000), 1))
    tracemalloc.start()
    items = read(path, max_bytes=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "more than 1000000 bytes" in reason(items)
    assert peak < 8_000_000


# --- Parquet


def table(folder: Path, columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> Path:
    pq.write_table(pa.table(columns), folder / name, **options)
    return folder / name


def test_parquet_rows_are_records(tmp_path: Path) -> None:
    texts = [f"{i} 川" for i in range(50)]
    path = table(
        tmp_path, {"text": texts, "id": range(50), "tags": [["a"]] * 50}, row_group_size=20
    )
    items = read(path)
    assert contents(items) == texts
    assert [item.place for item in items] == list(range(50))
    last = items[-1]
    assert isinstance(last, Record)
    assert (last.id, last.kind, last.extra) == ("49", "text", {"tags": ["a"]})


def test_parquet_columns_may_hold_bytes_and_other_types(tmp_path: Path) -> None:
    stamps = pa.array([1_577_836_800_000_000_001], pa.timestamp("ns"))
    record = one(
        read(
            table(
                tmp_path,
                {
                    "html": pa.array([HTML], pa.large_binary()),
                    "text": pa.array(["t"]).dictionary_encode(),
                    "when": stamps,
                },
            )
        )
    )
    assert (record.content, record.kind) == (HTML, "html")
    assert record.extra["text"] == "t"
    assert str(record.extra["when"]).endswith("000000001")


def test_a_missing_parquet_column_fails_once(tmp_path: Path) -> None:
    path = table(tmp_path, {"body": ["b"] * 10, "other": ["o"] * 10})
    assert "no column html or text; the columns are: body, other" in reason(read(path))
    assert "no column key; the columns are: body, other" in reason(
        read(path, Columns(text="body", id="key"))
    )
    assert kinds(read(path, Columns(text="body"))) == "R" * 10


def test_a_null_in_parquet_is_a_failure_of_its_row(tmp_path: Path) -> None:
    assert kinds(read(table(tmp_path, {"text": ["a", None, "b"]}))) == "RFR"


def test_parquet_without_rows_has_no_records(tmp_path: Path) -> None:
    assert read(table(tmp_path, {"text": pa.array([], pa.string())})) == []


def test_parquet_is_known_by_content_and_read_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = table(tmp_path, {"text": ["a", "b"]}).read_bytes()
    assert contents(read_bytes(tmp_path, "no-suffix", data)) == ["a", "b"]
    stdin(monkeypatch, data)
    assert contents(read("-")) == ["a", "b"]


@pytest.mark.parametrize("cut", [0, 3, 50, -1])
def test_cut_parquet_is_one_failure(tmp_path: Path, cut: int) -> None:
    data = table(tmp_path, {"text": ["a"] * 100}).read_bytes()
    assert "no readable Parquet" in reason(read_bytes(tmp_path, "b.parquet", data[:cut]))


def test_a_damaged_row_group_does_not_stop_the_others(tmp_path: Path) -> None:
    texts = [f"{i:05}" for i in range(300)]
    path = table(tmp_path, {"text": texts}, row_group_size=100, use_dictionary=False)
    meta = pq.ParquetFile(path).metadata
    start = meta.row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 60] = b"\xff" * 60
    path.write_bytes(data)
    items = read(path)
    assert [item.place for item in items] == [*range(101), *range(200, 300)]
    assert kinds(items) == "R" * 100 + "F" + "R" * 100
    assert contents(items) == texts[:100] + texts[200:]


# --- WARC and WET


def http(
    body: bytes = HTML, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **more: str
) -> bytes:
    heads = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else [])]
    heads += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join([*heads, "", ""]).encode() + body


def entry(
    number: int,
    block: bytes,
    what: str = "response",
    kind: str = "application/http; msgtype=response",
    length: object = None,
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {what}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Date: 2020-01-01T00:00:{number:02}Z\r\nWARC-Target-URI: https://e.org/{number}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(block) if length is None else length}\r\n"
    )
    return head.encode() + b"\r\n" + block + b"\r\n\r\n"


def archive(entries: Iterable[bytes], packed: str) -> bytes:
    """Records as archives hold them: each in a gzip member or zstd frame of its own."""
    return b"".join(map(PACKERS[packed], entries))


PAGES = [entry(i, http(b"<p>%d" % i * (i + 3))) for i in range(6)]
BODIES = [b"<p>%d" % i * (i + 3) for i in range(6)]


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("suffix", [".warc", ""])
def test_html_responses_are_records(tmp_path: Path, suffix: str, packed: str) -> None:
    items = read_bytes(tmp_path, "a" + suffix + packed, archive(PAGES, packed))
    assert contents(items) == BODIES
    assert items[5] == Record(
        source=str(tmp_path / f"a{suffix}{packed}"),
        place=5,
        id="<urn:uuid:5>",
        name=f"a{suffix}{packed}/00000005",
        content=BODIES[5],
        kind="html",
        encoding="utf-8",
        url="https://e.org/5",
        date="2020-01-01T00:00:05Z",
    )


def test_an_archive_in_one_gzip_member(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, "a.warc.gz", gz(b"".join(PAGES)))
    assert contents(items) == BODIES


def test_a_zstd_archive_may_bring_its_dictionary(tmp_path: Path) -> None:
    samples = [entry(i % 50, http(b"<p>%d" % i * 30)) for i in range(500)]
    words = zstandard.train_dictionary(2000, [*samples])
    pack = zstandard.ZstdCompressor(dict_data=words).compress
    frame = b"\x5d\x2a\x4d\x18" + len(words.as_bytes()).to_bytes(4, "little") + words.as_bytes()
    items = read_bytes(tmp_path, "a.warc.zst", frame + b"".join(map(pack, PAGES)))
    assert contents(items) == BODIES


@pytest.mark.parametrize("packed", PACKERS)
def test_an_archive_from_standard_input(monkeypatch: pytest.MonkeyPatch, packed: str) -> None:
    stdin(monkeypatch, archive(PAGES, packed))
    assert contents(read("-")) == BODIES


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (entry(1, b"x: y", "warcinfo", "application/warc-fields"), "a warcinfo record"),
        (entry(1, b"GET / HTTP/1.1\r\n\r\n", "request"), "a request record"),
        (entry(1, b"", "revisit"), "a revisit record"),
        (entry(1, http(kind="image/png")), "content type image/png"),
        (entry(1, http(kind="application/pdf; x=html")), "content type application/pdf"),
        (entry(1, http(kind="")), "no content type"),
        (entry(1, http(status="404 Not Found")), "HTTP status 404"),
        (entry(1, http(status="301 Moved")), "HTTP status 301"),
        (entry(1, HTML, kind="text/dns"), "a response that is not HTTP but text/dns"),
    ],
)
@pytest.mark.parametrize("packed", PACKERS)
def test_what_is_no_page_is_skipped_and_says_why(
    tmp_path: Path, block: bytes, why: str, packed: str
) -> None:
    name = "a.warc" + packed
    items = read_bytes(tmp_path, name, archive([PAGES[0], block, PAGES[1]], packed))
    assert kinds(items) == "RSR"
    assert items[1] == Skipped(str(tmp_path / name), 1, why)


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html", None),
        ("TEXT/HTML;charset=KOI8-R", "KOI8-R"),
        ('text/html; charset="utf-8"', "utf-8"),
        ("application/xhtml+xml; charset = 'x' ; a=b", "x"),
        ("text/html; charset=", None),
        ("text/html charset=utf-8", "utf-8"),
        ("text/html, text/html;charset=utf-8", "utf-8"),
    ],
)
def test_the_charset_of_the_http_header(tmp_path: Path, header: str, charset: str | None) -> None:
    record = one(read_bytes(tmp_path, "a.warc", entry(1, http(kind=header))))
    assert record.encoding == charset


def chunked(body: bytes, end: bytes = b"0\r\nTrailer: x\r\n\r\n") -> bytes:
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(c), c) for c in (body[:7], body[7:])) + end


RAW = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": (http(gz(HTML), Content_Encoding="gzip"), HTML),
    "x-gzip": (http(gz(HTML), Content_Encoding="X-GZIP"), HTML),
    "zlib": (http(zlib.compress(HTML), Content_Encoding="deflate"), HTML),
    "deflate": (http(RAW.compress(HTML) + RAW.flush(), Content_Encoding="deflate"), HTML),
    "brotli": (http(brotli.compress(HTML), Content_Encoding="br"), HTML),
    "zstd": (http(zstd(HTML), Content_Encoding="zstd"), HTML),
    "two": (http(gz(gz(HTML)), Content_Encoding="gzip, gzip"), HTML),
    "chunked": (http(chunked(HTML), Transfer_Encoding="chunked"), HTML),
    "chunked-gzip": (
        http(chunked(gz(HTML)), Transfer_Encoding="chunked", Content_Encoding="gzip"),
        HTML,
    ),
    "undone": (http(HTML, Transfer_Encoding="chunked", Content_Encoding="gzip"), HTML),
    "undone-br": (http(HTML, Content_Encoding="br"), HTML),
    "undone-deflate": (http(HTML, Content_Encoding="deflate"), HTML),
    "unknown": (http(HTML, Content_Encoding="utf-8"), HTML),
    "empty": (http(b""), b""),
}


@pytest.mark.parametrize("coded", CODED)
def test_transfer_and_content_codings_are_undone(tmp_path: Path, coded: str) -> None:
    block, body = CODED[coded]
    assert one(read_bytes(tmp_path, "a.warc", entry(1, block))).content == body


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (http(gz(HTML)[:-12], Content_Encoding="gzip"), "damaged gzip"),
        (http(zlib.compress(HTML)[:-12], Content_Encoding="deflate"), "damaged deflate"),
        (http(brotli.compress(HTML)[:-9], Content_Encoding="br"), "damaged brotli"),
        (http(zstd(HTML)[:-9], Content_Encoding="zstd"), "damaged zstd"),
        (http(chunked(HTML, b""), Transfer_Encoding="chunked"), "cut off in a chunk"),
        (http(chunked(HTML)[:-30], Transfer_Encoding="chunked"), "cut off in a chunk"),
    ],
)
def test_a_damaged_body_fails_alone_with_its_offset(tmp_path: Path, block: bytes, why: str) -> None:
    data = PAGES[0] + entry(1, block) + PAGES[2]
    items = read_bytes(tmp_path, "a.warc", data)
    assert kinds(items) == "RFR"
    assert isinstance(items[1], Failure)
    assert why in items[1].reason
    assert f"byte {len(PAGES[0])}" in items[1].reason
    assert items[1].id == "<urn:uuid:1>"


def test_a_body_beyond_max_bytes_fails_alone(tmp_path: Path) -> None:
    bomb = http(gz(bytes(10_000_000)), Content_Encoding="gzip")
    data = archive([PAGES[0], entry(1, bomb), entry(2, http(bytes(2000))), PAGES[3]], ".gz")
    (tmp_path / "a.warc.gz").write_bytes(data)
    items = read(tmp_path / "a.warc.gz", max_bytes=1000)
    assert kinds(items) == "RFFR"


@pytest.mark.parametrize("packed", PACKERS)
def test_wet_records_are_texts(tmp_path: Path, packed: str) -> None:
    info = entry(0, b"x", "warcinfo", "application/warc-fields")
    text = entry(1, "川は\n溢れた".encode(), "conversion", "text/plain")
    items = read_bytes(tmp_path, "a.wet" + packed, archive([info, text], packed))
    assert kinds(items) == "SR"
    record = items[1]
    assert isinstance(record, Record)
    assert (record.content, record.kind) == ("川は\n溢れた".encode(), "text")
    assert (record.encoding, record.url) == ("utf-8", "https://e.org/1")


OTHER = entry(4, http(b"\x89PNG" * 30, kind="image/png"))
CUT = [*PAGES[:4], OTHER, PAGES[5]]


@given(st.data(), st.sampled_from(["", ".gz", ".zst", "whole.gz"]))
def test_the_records_before_a_cut_come_out(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, packed: str
) -> None:
    name = "cut.warc" + packed.replace("whole", "")
    parts = [gz(b"".join(CUT))] if "whole" in packed else [*map(PACKERS[packed], CUT)]
    ends = [0, *itertools.accumulate(map(len, parts))]
    cut = data.draw(st.integers(0, ends[-1] - 1))
    items = read_bytes(tmp_path_factory.getbasetemp(), name, b"".join(parts)[:cut])
    good = kinds(items).rstrip("F")
    assert "RRRRSR".startswith(good)
    assert contents(items) == [*BODIES[:4], BODIES[5]][: good.count("R")]
    assert "whole" in packed or len(good) >= sum(end <= cut for end in ends[1:])
    assert len(items) - len(good) <= 1
    if packed and cut not in ends:
        assert kinds(items).endswith("F")


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(
    "bad",
    [
        PAGES[2].replace(b"WARC/1.0", b"WXRC/1.0"),
        PAGES[2].replace(b"Content-Length: ", b"Content-Length: x"),
        PAGES[2].replace(b"Content-Length", b"Content-Longth"),
        b"junk\r\n" * 30,
    ],
    ids=["magic", "length", "no-length", "junk"],
)
def test_after_a_damaged_record_the_next_one_is_found(
    tmp_path: Path, packed: str, bad: bytes
) -> None:
    data = archive([*PAGES[:2], bad, *PAGES[3:]], packed)
    items = read_bytes(tmp_path, "a.warc" + packed, data)
    assert kinds(items) == "RRFRRR"
    assert contents(items) == BODIES[:2] + BODIES[3:]
    assert isinstance(items[2], Failure)
    assert "byte" in items[2].reason


def test_after_a_damaged_gzip_member_the_next_one_is_found(tmp_path: Path) -> None:
    members = [gz(page) for page in PAGES]
    members[2] = members[2][:40] + b"\xff" * 40 + members[2][80:]
    items = read_bytes(tmp_path, "a.warc.gz", b"".join(members))
    assert kinds(items) == "RRFRRR"
    assert isinstance(items[2], Failure)
    assert f"byte {len(members[0] + members[1])})" in items[2].reason


def test_no_archive_is_one_failure(tmp_path: Path) -> None:
    for name, data in (("a.warc", HTML), ("b.warc.gz", gz(HTML))):
        assert "WARC" in reason(read_bytes(tmp_path, name, data))
    assert read_bytes(tmp_path, "c.warc", b"") == []
    assert "cut off" in reason(read_bytes(tmp_path, "d.warc.gz", b""))


@given(st.data())
def test_no_damage_to_an_archive_raises(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    packed = data.draw(st.sampled_from(sorted(PACKERS)))
    whole = archive(PAGES, packed)
    start = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=40))
    skipped = data.draw(st.integers(0, 40))
    damaged = whole[:start] + junk + whole[start + skipped :]
    read_bytes(tmp_path_factory.getbasetemp(), "damaged.warc" + packed, damaged)


def test_memory_does_not_grow_with_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "large.warc.gz"
    video = entry(1, http(os.urandom(1 << 16) * 320, kind="video/mp4"))
    with open(path, "wb") as file:
        file.write(gz(video, 1))
        file.write(archive([entry(2, http(b"<p>word" * 3000))] * 1000, ".gz"))
    tracemalloc.start()
    seen = kinds(records(Input(str(path), "l"), Columns(), Options()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == "S" + "R" * 1000
    assert peak < 4_000_000


# --- all of them


@pytest.mark.parametrize(
    ("name", "data", "library"),
    [
        ("a.parquet", b"", "pyarrow"),
        ("a.warc", PAGES[0], "fastwarc"),
        ("a.jsonl.zst", PACKED[".zst"], "zstandard"),
        ("a.html.zst", zstd(HTML), "zstandard"),
    ],
)
def test_a_missing_library_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, library: str
) -> None:
    hide(monkeypatch, library)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(MissingExtra, match=rf"needs {library}: pip install 'declutter\[batch\]'"):
        read(tmp_path / name)
    assert issubclass(MissingExtra, DeclutterError)


def hide(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Let a library seem not to be installed."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == library:
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.warc", "a.parquet"])
def test_a_reader_that_is_left_closes_its_file(tmp_path: Path, name: str) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        pytest.skip("no list of open files on this system")
    data = {".jsonl": jsonl(*[ROW] * 99), ".warc": b"".join(PAGES)}
    if name == "a.parquet":
        table(tmp_path, {"text": ["t"] * 99})
    else:
        (tmp_path / name).write_bytes(PACKERS[name[7:]](data[name[1:].removesuffix(".gz")]))
    reader = records(Input(str(tmp_path / name), name), Columns(), Options())
    next(reader)
    del reader
    gc.collect()
    assert str(tmp_path) not in {os.path.dirname(os.path.realpath(f)) for f in open_files.iterdir()}


@pytest.mark.parametrize("name", ["a.jsonl", "a.warc", "a.warc.gz", "a.jsonl.gz"])
def test_a_second_run_gives_the_same(tmp_path: Path, name: str) -> None:
    data = {".jsonl": jsonl(ROW, 1, ROW), ".warc": b"".join([*PAGES, b"junk", *CUT])}
    suffix = name[1:].removesuffix(".gz")
    packs = PACKERS[".gz"] if name.endswith(".gz") else bytes
    first = read_bytes(tmp_path, name, packs(data[suffix])[:-20])
    assert read(tmp_path / name) == first
    assert [item for item in first if isinstance(item, Failure)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (HTML, "auto"),
        (b"{ color: red } The bridge reopened.", "auto"),
        (b"[1] The bridge reopened.", "auto"),
        (b'["The bridge"] reopened.', "auto"),
        (b"{{infobox\n}}", "auto"),
        (b"{\n  color: red }", "auto"),
        (b'\n {"text": "t"}', "text"),
        (b'{"text": "t"}', "text"),
        (b'\xef\xbb\xbf\n{ "html": "h"}', "html"),
    ],
)
def test_standard_input_is_known_by_its_first_bytes(
    monkeypatch: pytest.MonkeyPatch, data: bytes, kind: str
) -> None:
    for pack in PACKERS.values():
        stdin(monkeypatch, pack(data))
        record = one(read("-"))
        assert (record.source, record.kind) == ("-", kind)
