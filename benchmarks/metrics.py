"""The measures: word F1 over bags of words, and F1 over annotated segments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# a Han, kana or Thai character counts as a word
WORD_RE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
_SPACE_RE = re.compile(r"\s+")


def word_list(text: str) -> list[str]:
    """The lower-cased words of a text, in order."""
    return WORD_RE.findall(text.lower())


def words(text: str) -> Counter[str]:
    """The bag of lower-cased words of a text.

    >>> sorted(words("Foo, foo 中国").items())
    [('foo', 2), ('中', 1), ('国', 1)]
    """
    return Counter(word_list(text))


def word_scores(gold: str, found: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of a text's bag of words; all 1 when both are empty.

    >>> word_scores("a b c d", "a b x")
    (0.6666666666666666, 0.5, 0.5714285714285715)
    """
    wanted, got = words(gold), words(found)
    if not wanted and not got:
        return 1.0, 1.0, 1.0
    common = sum((wanted & got).values())
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / sum(got.values()), common / sum(wanted.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


def segment_counts(
    text: str, with_: Iterable[str], without: Iterable[str]
) -> tuple[int, int, int, int]:
    """True positives, false negatives, false positives, true negatives of segments."""
    flat = _SPACE_RE.sub(" ", text)
    inside = [_SPACE_RE.sub(" ", segment).strip() in flat for segment in with_]
    outside = [_SPACE_RE.sub(" ", segment).strip() in flat for segment in without]
    return sum(inside), len(inside) - sum(inside), sum(outside), len(outside) - sum(outside)


def f1(true_positive: int, false_negative: int, false_positive: int) -> float:
    """F1 from counts; 0 where nothing was found."""
    total = 2 * true_positive + false_negative + false_positive
    return 2 * true_positive / total if total else 0.0
