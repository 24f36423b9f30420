"""Names of charsets, as browsers understand them."""

from __future__ import annotations

import codecs

# where Python's charset of a WHATWG encoding knows less than browsers do
_SUPERSETS = {
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_ext",
    "x-user-defined": "cp1252",
}


def codec_name(label: str) -> str | None:
    """The Python codec that reads what a label names in browsers; None for unknown labels.

    >>> codec_name("x-sjis"), codec_name("latin1"), codec_name("cp437"), codec_name("rot13")
    ('cp932', 'cp1252', 'cp437', None)
    """
    try:
        name = _browsers_codec(label)
        if name is None:
            found = codecs.lookup(label.strip()).name
            name = _browsers_codec(found.replace("_", "-")) or _SUPERSETS.get(found, found)
        "".encode(name)  # refuses what is no charset: rot13, hex
        b"\xe9".decode(name, "replace")  # and what cannot go on after a mistake: idna
    except (LookupError, ValueError):
        return None
    return name


def _browsers_codec(label: str) -> str | None:
    """The codec for a label of the WHATWG Encoding Standard.

    "replacement" is what browsers show for charsets that they refuse to read.
    """
    import webencodings

    found = webencodings.lookup(label)
    if found is None or found.name == "replacement":
        return None
    name = found.codec_info.name
    return _SUPERSETS.get(name, name)
