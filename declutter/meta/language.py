"""The language of a row: what the page declares, unless the text plainly reads like another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from declutter.extras import needed

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENOUGH = 50  # characters to tell a language by ...
PLENTY = 300  # ... and to tell it against what the page declares
SURE = 0.999  # a probability
SAMPLE = 2000  # characters that tell a language as well as all would
_TAG_RE = re.compile(r"\s*([a-z]{2,3})(?:[-_][a-z0-9]+)*\s*", re.IGNORECASE)
# languages that are taken for each other: what the page declares stands
_NEAR = tuple(
    map(
        frozenset,
        (
            ("no", "nb", "nn", "da", "sv"), ("hr", "sr", "bs", "sh", "sl", "mk", "bg"),
            ("cs", "sk"), ("id", "ms", "jv", "su"), ("es", "gl", "ca", "an", "oc", "ast", "pt"),
            ("af", "nl", "li", "fy"), ("ru", "uk", "be"), ("hi", "mr", "ne", "sa"),
            ("fa", "ur", "ps", "ku", "ar"), ("zh", "yue", "wuu", "ja"), ("de", "lb", "gsw", "nds"),
        ),
    )
)  # fmt: skip


def language_of(declared: str | None, text: str) -> str | None:
    """The code (ISO 639) of a text's language; None where nothing tells it.

    >>> language_of("en-GB", "A bridge."), language_of("{{ lang }}", "A bridge.")
    ('en', None)
    """
    tag = _TAG_RE.fullmatch(declared or "")
    known = tag[1].lower() if tag else None
    if known and len(known) == 3 and not any(known in group for group in _NEAR):
        known = None  # "und", "utf" of utf-8, and those that are too rare to be trusted
    if len(text) < (PLENTY if known else ENOUGH):
        return known
    found, probability = _identifier().classify(text[:SAMPLE])
    if known is None:
        return str(found)
    near = any({known, found} <= group for group in _NEAR)
    return known if near or probability < SURE else str(found)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    with needed("py3langid", "The language of a text"):
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
