"""What others do to flattened text, as functions of the text and its language code.

The rules of C4 are our own writing of those in its paper (Raffel et al. 2020, section 2.2), with
the numbers of the implementation in tensorflow-datasets: a line needs five words. The filters
that judge whole pages by a word list or by their number of sentences are left out. jusText is
made for HTML; it gets each line as a paragraph, so that only its text counts.
"""

from __future__ import annotations

import html
from collections.abc import Callable

from benchmarks.languages import stop_lists

MIN_WORDS = 5
MAX_WORD = 1_000  # characters
_END_MARKS = (".", "!", "?", '"')
_POLICIES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)


def keep_all(text: str, language: str) -> str:
    """The text as it is."""
    return text


def c4_lines(text: str, language: str) -> str:
    """The lines that C4 keeps.

    >>> c4_lines("Share this\\nThe old pier reopened on Monday.\\nYes, we use cookies.", "en")
    'The old pier reopened on Monday.'
    """
    return "\n".join(line for line in map(str.strip, text.splitlines()) if _is_kept(line))


def _is_kept(line: str) -> bool:
    """Whether C4 keeps a line."""
    words, lower = line.split(), line.lower()
    return (
        line.endswith(_END_MARKS)
        and len(words) >= MIN_WORDS
        and max(map(len, words)) <= MAX_WORD
        and "javascript" not in lower
        and not any(phrase in lower for phrase in _POLICIES)
    )


def c4_pages(text: str, language: str) -> str:
    """The lines that C4 keeps, and nothing of a text with a brace or filler text."""
    if "{" in text or "lorem ipsum" in text.lower():
        return ""
    return c4_lines(text, language)


def justext_lines(text: str, language: str) -> str:
    """The lines that jusText takes for good, each given to it as a paragraph.

    Without a stop list it runs in its language-independent mode (both densities 0).
    """
    import justext

    page = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())
    if not page:
        return ""
    stops = stop_lists().get(language, frozenset())
    modes: dict[str, float] = {} if stops else {"stopwords_low": 0.0, "stopwords_high": 0.0}
    paragraphs = justext.justext(f"<html><body>{page}</body></html>", stops, **modes)
    return "\n".join(str(p.text) for p in paragraphs if not p.is_boilerplate)


BASELINES: dict[str, Callable[[str, str], str]] = {
    "keep all": keep_all,
    "C4 line rules": c4_lines,
    "C4 with page rules": c4_pages,
    "jusText on lines": justext_lines,
}
