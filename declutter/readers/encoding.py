"""From bytes to characters: byte order mark, caller, declaration, detection.

A declared charset that decodes wins, as in browsers; one that fails yields to detection
(bs4's ``dammit``, which asks charset-normalizer). Whatever is doubtful becomes a warning.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from declutter.errors import InputError

# what browsers read for a label (WHATWG Encoding Standard): the superset in real use
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
# charsets that decode any bytes, right or wrong
_SINGLE_BYTE = frozenset(
    [f"cp125{digit}" for digit in range(9)]
    + [f"iso8859-{part}" for part in range(1, 17)]
    + ["koi8-r", "koi8-u", "cp866", "cp874", "mac-roman", "mac-cyrillic"]
)
_LATIN = frozenset(
    ["cp1250", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-16", "mac-latin2"]
)
_WESTERN = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "id")
_BEYOND_RE = re.compile(r"[^\x00-\x7f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
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
_MARKUP_RE = re.compile(rb"<[^>]{0,2000}>")
_NON_ASCII_RE = re.compile(rb"[\x80-\xff]+")
MAX_BROKEN_SHARE = 0.02  # of the non-ASCII characters: a few cut-off bytes do not change a charset
_SAMPLE = 60_000  # bytes of text are plenty for detection, which is slow


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
    if _codec(given or "") not in _WIDE:
        _refuse_binary(data)
    warnings: list[str] = []
    for source, label in (("given", given), ("declared", _declared(data))):
        if label is None:
            continue
        decoded = _try(data, label)
        if decoded is not None:
            return Decoded(decoded[0], decoded[1], (*warnings, *_doubts(data, label, decoded)))
        warnings.append(f"the {source} charset {label!r} does not decode the page")
    return _detected(data, warnings)


def _refuse_binary(data: bytes) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"the source is {what}, not a page or a text")
    head = data[:4096]
    if head.count(0) > len(head) // 10 and _wide(data) is None:
        raise InputError("the source is binary data, not a page or a text")
    if len(_CONTROL_RE.findall(head)) > max(2, len(head) // 100):
        raise InputError("the source is binary data, not a page or a text")


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of mostly Latin text is zero."""
    even, odd = data[0:2000:2], data[1:2000:2]
    if odd and odd.count(0) > len(odd) * 0.7 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even and even.count(0) > len(even) * 0.7 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return None


def _declared(data: bytes) -> str | None:
    if b"charset" not in data[:8192].lower() and b"encoding" not in data[:256].lower():
        return None
    from bs4.dammit import EncodingDetector

    name = EncodingDetector.find_declared_encoding(data[:8192], is_html=True)
    # a page that could be searched for its meta tag as ASCII is not UTF-16 (WHATWG)
    return "utf-8" if name and name.startswith("utf-16") else name


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
        "".encode(name)  # refuses what is no charset: rot13, hex
        b"\xe9".decode(name, "replace")  # and what cannot go on after a mistake: idna
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name)


def _try(data: bytes, label: str) -> tuple[str, str] | None:
    """Decode with a label, allowing for a few broken bytes."""
    name = _codec(label)
    if name is None:
        return None
    try:
        return data.decode(name), name
    except UnicodeError:
        text = data.decode(name, "replace")
    broken = text.count("�")
    whole = sum(len(run) for run in _NON_ASCII_RE.findall(data))
    return (text, name) if broken <= whole * MAX_BROKEN_SHARE else None


def _doubts(data: bytes, label: str, decoded: tuple[str, str]) -> tuple[str, ...]:
    """Warn where the bytes speak strongly against a charset that decodes them."""
    text, name = decoded
    if "�" in text and name == "utf-8" and "�".encode() not in data:
        return (f"some bytes are not valid {label}",)
    if name != "utf-8" and not data.isascii() and _is_utf8(data):
        return (f"the charset {label!r} was used, but the bytes are valid utf-8",)
    if codecs.lookup(name).name in _SINGLE_BYTE and not data.isascii():
        guess = _guess(data)
        other = data.decode(guess, "replace") if guess else text
        if _script(other) != _script(text):
            return (f"the charset {label!r} was used, but the bytes look like {guess}",)
    return ()


def _script(text: str) -> str:
    """The script of most letters beyond ASCII, by the first word of their Unicode names."""
    letters = [char for char in _BEYOND_RE.findall(text[:_SAMPLE]) if char.isalpha()]
    names = Counter(unicodedata.name(char, "?").split()[0] for char in letters)
    return names.most_common(1)[0][0] if names else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _detected(data: bytes, warnings: list[str]) -> Decoded:
    name = _wide(data)
    if name is not None:
        return Decoded(data.decode(name, "replace"), name, tuple(warnings))
    if _is_utf8(data):
        return Decoded(data.decode("utf-8"), "utf-8", tuple(warnings))
    guess = _guess(data) or "cp1252"
    if warnings:
        warnings.append(f"read as {guess}")
    return Decoded(data.decode(guess, "replace"), guess, tuple(warnings))


def _guess(data: bytes) -> str | None:
    """Ask bs4's detector, on the words alone: markup drowns the few telling bytes."""
    from bs4.dammit import EncodingDetector

    lines = [line for line in _MARKUP_RE.sub(b"\n", data).splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    for label in EncodingDetector(sample, is_html=False).encodings:
        decoded = None if label.startswith("utf-16") else _try(data, label)
        if decoded is not None:
            return _western(sample, decoded[1])
    return None


def _western(sample: bytes, guess: str) -> str:
    """cp1252 where the detector chose a neighbour of it for a western language.

    Detectors tell French from Polish by few letters; the stop words tell it better.
    """
    if guess not in _LATIN:
        return guess
    from declutter.scoring.stopwords import page_stop_words, stop_words

    fitting = page_stop_words(sample.decode("cp1252", "replace"), None)
    return "cp1252" if any(fitting is stop_words(code) for code in _WESTERN) else guess
