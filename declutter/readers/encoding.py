"""From bytes to characters: byte order mark, UTF-16, caller, declaration, detection.

A declared charset that decodes wins, as in browsers; one that fails yields to detection by
cchardet. Whatever is doubtful becomes a warning.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from declutter.charsets import codec_name
from declutter.errors import InputError

# asked where a charset fails: the vendors' characters that browsers read
_LARGER = {"euc_jp": "euc_jis_2004"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
# no page holds these bytes for another reason
_ESCAPES = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$(?:[@B]|\(D)|\x1b\([IJ]"), "iso2022_jp_ext"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a zip archive or an office file"),
    (b"\x1f\x8b", "gzip data: decompress it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data: decompress it first"),
    (b"\x7fELF", "a program"),
)
_CONTROL_RE = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_SPACES_RE = re.compile(r"[\t\n\r\f]")
# ASCII, East Asian stops, kana and Thai: what text has even where no spaces are written
_STOPS_RE = re.compile(r"[\t\n\r\x20-\x7e、。，　：「」\u3041-\u30fe\u0e01-\u0e5b]")
_STOP_SHARE = 0.03
_MARKUP_RE = re.compile(rb"<[^>]{0,2000}>")
_NON_ASCII_RE = re.compile(rb"[\x80-\xff]+")
_BEYOND_RE = re.compile(r"[^\x00-\x7f]")
MAX_BROKEN_SHARE = 0.02  # of the non-ASCII characters: a few cut-off bytes do not change a charset
_HEAD = 4096  # bytes that show whether a source is text at all
_SAMPLE = 6000  # bytes of lines beyond ASCII are plenty for detection
_PART = 300  # bytes are enough for an opinion
_WIDER = {"koi8-r": "koi8-u"}  # the same for Russian
_SURE = 0.6  # cchardet's mean confidence ...
_FEW_SIGNS = 16  # ... and bytes beyond ASCII: with more of both it is hardly ever wrong
# the charsets of pages: of more, detectors get the rare ones wrong and the common ones too
_DEFAULT = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, the name of the charset used, and what was doubtful."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, given: str | None = None) -> Decoded:
    """Decode a page; raise :class:`InputError` for binary data.

    >>> decode("Привет, мир".encode("cp1251"), "windows-1251").encoding
    'cp1251'
    >>> decode(b'<meta charset="utf-8"><p>caf\\xc3\\xa9').text[-4:]
    'café'
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(name, "replace")
            return Decoded(text, name)
    _refuse_known(data)
    sign = None if codec_name(given or "") in _WIDE else _unmistakable(data)
    if sign is not None:
        return _read_as(data, sign, given)
    warnings: list[str] = []
    for source, label in (("given", given), ("declared", _declared(data))):
        if label is None:
            continue
        decoded = _try(data, label)
        if decoded is not None:
            return Decoded(decoded[0], decoded[1], (*warnings, *_doubts(data, label, decoded)))
        warnings.append(f"the {source} charset {label!r} does not decode the page")
    return _detected(data, warnings)


def _refuse_known(data: bytes) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"the source is {what}, not a page or a text")


def _unmistakable(data: bytes) -> str | None:
    """A charset that cannot be another one; :class:`InputError` for binary data."""
    if data.isascii():
        for escape, name in _ESCAPES:
            if escape.search(data) and _try(data, name) is not None:
                return name
    if not _looks_binary(data):
        return None
    stops = {name: _stops(_start(data, name)) for name in _WIDE}
    name = max(_WIDE, key=lambda name: stops[name])
    if stops[name] < _STOP_SHARE:
        raise InputError("the source is binary data, not a page or a text")
    return name


def _looks_binary(data: bytes) -> bool:
    head = data[:_HEAD]
    controls = len(_CONTROL_RE.findall(head))
    return head.count(0) > len(head) // 10 or controls > max(2, len(head) // 100)


def _start(data: bytes, name: str) -> str:
    """The first characters, without one that the end of the head cuts through."""
    return codecs.getincrementaldecoder(name)("replace").decode(data[:_HEAD])


def _stops(text: str) -> float:
    """The share of characters that any text has; 0 for unprintable text."""
    kinds = Counter(map(unicodedata.category, _SPACES_RE.sub("", text)))
    unprintable = kinds["Cc"] + kinds["Cn"] + kinds["Co"] + kinds["Cs"] + text.count("\ufffd")
    if not text or unprintable > len(text) * MAX_BROKEN_SHARE:
        return 0.0
    return len(_STOPS_RE.findall(text)) / len(text)


def _read_as(data: bytes, name: str, given: str | None) -> Decoded:
    """Read what the bytes say they are, and tell if someone said something else."""
    warnings = [
        f"the {source} charset {label!r} was not used: the bytes are {name}"
        for source, label in (("given", given), ("declared", _declared(data)))
        if label is not None and codec_name(label) != name
    ]
    return Decoded(data.decode(name, "replace"), name, tuple(warnings))


def _declared(data: bytes) -> str | None:
    if b"charset" not in data[:8192].lower() and b"encoding" not in data[:256].lower():
        return None
    from bs4.dammit import EncodingDetector

    label = EncodingDetector.find_declared_encoding(data[:8192], is_html=True)
    # a page that could be searched for its meta tag as ASCII is not UTF-16 (WHATWG)
    return "utf-8" if label and codec_name(label) in _WIDE else label


def _try(data: bytes, label: str) -> tuple[str, str] | None:
    """Decode with a label, allowing for a few broken bytes."""
    name = codec_name(label)
    if name is None:
        return None
    for candidate in (name, _LARGER.get(name)):
        if candidate is not None:
            with suppress(UnicodeError):
                return data.decode(candidate), name
    text = data.decode(_LARGER.get(name, name), "replace")
    whole = sum(len(run) for run in _NON_ASCII_RE.findall(data)) or len(_BEYOND_RE.findall(text))
    return (text, name) if text.count("\ufffd") <= whole * MAX_BROKEN_SHARE else None


def _doubts(data: bytes, label: str, decoded: tuple[str, str]) -> tuple[str, ...]:
    """Warn where the bytes speak strongly against a charset that decodes them."""
    text, name = decoded
    if "\ufffd" in text and name == "utf-8" and "\ufffd".encode() not in data:
        return (f"some bytes are not valid {label}",)
    if name != "utf-8" and not data.isascii() and _is_utf8(data):
        return (f"the charset {label!r} was used, but the bytes are valid utf-8",)
    if not data.isascii() and len(text) == len(data):  # of single bytes, which always decode
        guess, sure = _guess(data)
        if sure and _script(data.decode(guess, "replace")) != _script(text):
            return (f"the charset {label!r} was used, but the bytes look like {guess}",)
    return ()


def _script(text: str) -> str:
    """The script of most letters beyond ASCII, by the first word of their Unicode names."""
    letters = Counter(char for char in _BEYOND_RE.findall(text) if char.isalpha())
    scripts = Counter[str]()
    for char, count in letters.items():
        scripts[unicodedata.name(char, "?").split()[0]] += count
    return scripts.most_common(1)[0][0] if scripts else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _detected(data: bytes, warnings: list[str]) -> Decoded:
    decoded = _try(data, "utf-8")
    if decoded is not None:
        return Decoded(*decoded, (*warnings, *_doubts(data, "utf-8", decoded)))
    guess, sure = _guess(data)
    if warnings:
        warnings.append(f"read as {guess}")
    if not sure:
        warnings.append(f"the charset was guessed ({guess}); name it with the option encoding")
    decoded = _try(data, guess) or (data.decode(guess, "replace"), guess)
    return Decoded(*decoded, tuple(warnings))


def _guess(data: bytes) -> tuple[str, bool]:
    """The charset that cchardet finds in most of the text, and whether it is sure."""
    import cchardet

    votes: dict[str, float] = {}
    parts = _parts(data)
    for part in parts:
        found = cchardet.detect(part)
        name = codec_name(found["encoding"] or "")
        if name is not None:
            name = _WIDER.get(name, name)
            votes[name] = votes.get(name, 0.0) + (found["confidence"] or 0.0) * len(part)
    guess = max(votes, key=lambda name: votes[name], default=_DEFAULT)
    beyond = sum(byte > 0x7F for part in parts for byte in part)
    agreed = votes.get(guess, 0.0) >= _SURE * sum(map(len, parts))
    return guess, agreed and beyond >= _FEW_SIGNS


def _parts(data: bytes) -> list[bytes]:
    """The first lines of text beyond ASCII, in parts: a broken byte misleads in one of them only.

    Markup would drown the few telling bytes.
    """
    lines = [line for line in _MARKUP_RE.sub(b"\n", data).splitlines() if not line.isascii()]
    parts = [b""]
    for line in lines or data.splitlines():
        if len(parts[-1]) >= _PART:
            parts.append(b"")
        parts[-1] += line[:_SAMPLE] + b"\n"
        if sum(map(len, parts)) >= _SAMPLE:
            break
    return parts
