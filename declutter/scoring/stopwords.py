"""Stop-word density with justext's lists, loaded when a language is first needed."""

from __future__ import annotations

import re
from functools import lru_cache

# ISO 639-1 codes of the languages justext has lists for and pages are often written in
LISTS = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian",
    "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech",
    "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ka": "Georgian", "kk": "Kazakh", "kn": "Kannada",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam",
    "mr": "Marathi", "ms": "Malay", "nb": "Norwegian_Bokmal", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tl": "Tagalog",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
}  # fmt: skip
# tried where a page does not name its language
COMMON = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "sv", "tr", "id", "el", "ar", "hi")
_WORD_RE = re.compile(r"\w+")
MIN_DENSITY = 0.12  # of the words sampled, for a guess to count
_SAMPLE = 20_000


@lru_cache(maxsize=len(LISTS))
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language (ISO 639-1); empty where justext has no list."""
    name = LISTS.get(language)
    if name is None:
        return frozenset()
    import justext

    return frozenset(word.lower() for word in justext.get_stoplist(name))


def density(text: str, words: frozenset[str]) -> float:
    """The share of a text's words that are stop words.

    >>> density("the cat and the hat", frozenset({"the", "and"}))
    0.6
    """
    tokens = _WORD_RE.findall(text.lower())
    return sum(token in words for token in tokens) / len(tokens) if tokens else 0.0


def page_stop_words(text: str, declared: str | None) -> frozenset[str]:
    """The stop words of a page: of the language it declares if they fit, else of the best fit."""
    sample = text[:_SAMPLE]
    code = (declared or "").lower().replace("_", "-").split("-")[0]
    for candidates in ((code,), COMMON):
        fits = [(density(sample, stop_words(c)), c) for c in candidates if c in LISTS]
        best = max(fits, default=(0.0, ""))
        if best[0] >= MIN_DENSITY:
            return stop_words(best[1])
    return frozenset()
