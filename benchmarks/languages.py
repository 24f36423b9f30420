"""The language of a page, for the tools that ask for it."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import cast

import lxml.etree
import lxml.html

# a stop list fits when so many of a page's words are on it
_FIT = 0.15
_HAN_RE = re.compile(r"[\u3400-\u9fff]")
_KANA_RE = re.compile(r"[\u3040-\u30ff]")
# justext's lists of the languages that pages are likely to be in, by the code of `lang`
_STOP_LISTS = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian_Bokmal",
    "nl": "Dutch",
    "no": "Norwegian_Bokmal",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}


@lru_cache(maxsize=1)
def stop_lists() -> dict[str, frozenset[str]]:
    """Justext's stop lists by language code."""
    import justext

    return {code: frozenset(justext.get_stoplist(name)) for code, name in _STOP_LISTS.items()}


def language(html: str) -> str | None:
    """The declared language if the text bears it out, else the best-fitting stop list's.

    >>> language("<p>Das ist der Text, und er ist nicht lang.")
    'de'
    """
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        tree = lxml.html.fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (ValueError, lxml.etree.LxmlError):
        return None
    texts = cast("list[str]", tree.xpath("//p//text()|//div/text()|//td/text()|//li/text()"))
    text = " ".join(texts).lower()
    han = len(_HAN_RE.findall(text))
    if han > len(text) / 20:
        return "ja" if len(_KANA_RE.findall(text)) > han / 5 else "zh"
    declared = tree.getroottree().getroot().get("lang") or ""
    return _best(Counter(text.split()), declared.lower().split("-")[0])


def _best(words: Counter[str], declared: str) -> str | None:
    total = max(1, sum(words.values()))

    def fit(code: str) -> float:
        stops = stop_lists()[code]
        return sum(count for word, count in words.items() if word in stops) / total

    if declared in _STOP_LISTS and fit(declared) >= _FIT:
        return declared
    best = max(_STOP_LISTS, key=fit)
    return best if fit(best) >= _FIT else None
