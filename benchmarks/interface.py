"""Phrases that open-source software shows on its pages, in 29 languages, by where they come from.

``interface/phrases.json`` in the corpora's folder is made of the translations of themes, comment
widgets, consent banners, login pages, shops and wikis (``README.md`` beside this file says how).
Those whose licences ask derived works to be shared alike are never learned from: they tell how
much goes of phrases that nothing here has seen.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from declutter.lexicon import STRONG, Entry
from declutter.model import Category
from declutter.segment import normal

HELD = frozenset(
    ("valine", "hexo-next", "hexo-fluid", "hexo-redefine", "wordpress", "mediawiki", "dokuwiki")
)


@lru_cache(maxsize=2)
def entries(corpora: Path, held: bool = False) -> tuple[Entry, ...]:
    """The phrases to learn from, or those held out, one entry each; none without the file.

    What stands in both is learned from.
    """
    found = learned = _phrases(corpora, held=False)
    if held:
        every = _phrases(corpora, held=True)
        found = {key: text for key, text in every.items() if key not in learned}
    return tuple(_entry(code, text) for (code, _), text in sorted(found.items()))


def _phrases(corpora: Path, held: bool) -> dict[tuple[str, str], str]:
    """Phrases by language and normal form."""
    path = corpora / "interface" / "phrases.json"
    data = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        (code, normal(text)): text
        for source, languages in data.items()
        if (source in HELD) == held
        for code, texts in languages.items()
        for text in texts
    }


def _entry(code: str, text: str) -> Entry:
    number = hashlib.md5(text.encode()).hexdigest()[:8]
    return Entry(
        f"{code}.interface.{number}", Category.NAVIGATION, STRONG, "phrase", (), "", (text,)
    )
