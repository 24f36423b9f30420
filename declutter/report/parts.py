"""A text in order, as parts that stay and parts that went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from declutter.model import Category, Removal

MAX_SHOWN, HEAD = 900, 400  # characters of a removal; longer ones are folded behind so many
CHUNK = 6000  # characters that a browser lays out at a time, more or less
FAR = 4  # times that; where no line ends before, a chunk ends with a word

# what a terminal would obey and a browser refuse, as pictures; lone surrogates have none
_PICTURES: dict[int, int | str | None] = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    **dict.fromkeys((0x7F, *range(0x80, 0xA0)), 0x2421),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
    **dict.fromkeys((0x0D, 0x85), 0x20),
}


class Part(NamedTuple):
    """Words that stay (``removal`` is None), or that a removal took, by its number.

    ``goes_on`` tells that the part before was of the same category, ``folded`` that it is not
    shown at once; ``more`` counts the characters that are folded behind it.
    """

    text: str
    removal: int | None = None
    goes_on: bool = False
    folded: bool = False
    more: int = 0


def printable(text: str) -> str:
    """A text with nothing in it that steers a terminal or breaks a page.

    >>> printable("a\\x1b[31mb\\tc\\x9bd")
    'a␛[31mb\\tc␡d'
    """
    return text.translate(_PICTURES)


def parts(text: str, removals: Sequence[Removal], fold: bool = True) -> Iterator[Part]:
    """The parts of a text. White space between two removals goes with the first."""
    at, before = 0, None
    for number, removal in enumerate(removals):
        if removal.start > at:
            yield Part(text[at : removal.start])
            before = None
        at = removal.end
        if number + 1 < len(removals):
            start = removals[number + 1].start
            at = start if text[at:start].isspace() else at
        goes_on = before == removal.category
        yield from _removed(text[removal.start : at], number, goes_on, fold)
        before = removal.category
    if at < len(text):
        yield Part(text[at:])


def _removed(text: str, number: int, goes_on: bool, fold: bool) -> Iterator[Part]:
    if not fold or len(text) <= MAX_SHOWN:
        yield Part(text, number, goes_on)
        return
    yield Part(text[:HEAD], number, goes_on, more=len(text) - HEAD)
    yield Part(text[HEAD:], number, goes_on=True, folded=True)


def chunks(found: Iterable[Part], most: int = CHUNK) -> Iterator[list[Part]]:
    """Parts in chunks of some size, each of which ends with a line, or with a word if it must."""
    chunk: list[Part] = []
    size = 0
    for part in found:
        for piece, ends in _cut(part, most, size):
            chunk.append(piece)
            size += len(piece.text)
            if ends:
                yield chunk
                chunk, size = [], 0
    if chunk:
        yield chunk


def _cut(part: Part, most: int, size: int) -> Iterator[tuple[Part, bool]]:
    """The pieces of a part; whether a chunk, that has a size before the first, ends with each."""
    text, at = part.text, 0
    while (end := _end(text, at + max(0, most - size), at + most * FAR)) > 0:
        last = end == len(text)
        piece = part._replace(text=text[at:end], more=part.more if last else 0)
        yield piece if at == 0 else piece._replace(goes_on=True), True
        at, size = end, 0
    if at < len(text):
        yield part._replace(text=text[at:], goes_on=part.goes_on or at > 0), False


def _end(text: str, least: int, most: int) -> int:
    """Where a chunk may end that is at least so long: behind a line, else far behind a word."""
    line = text.find("\n", least, most)
    if line >= 0:
        return line + 1
    return text.find(" ", most) + 1 if len(text) > most else 0


class Share(NamedTuple):
    """What a category has of a text; None stands for what is kept."""

    category: str | None
    number: int
    size: int
    share: float


def shares(kept: int, removals: Iterable[Removal]) -> list[Share]:
    """The kept characters and those of each category, the largest first."""
    counts: dict[Category, list[int]] = {}
    for removal in removals:
        counts.setdefault(removal.category, []).append(removal.end - removal.start)
    total = max(1, kept + sum(map(sum, counts.values())))
    order = sorted(counts.items(), key=lambda item: -sum(item[1]))
    gone = [Share(c, len(sizes), sum(sizes), sum(sizes) / total) for c, sizes in order]
    return [Share(None, 1, kept, kept / total), *gone]
