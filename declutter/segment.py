"""Cutting a line into pieces: sentences, and texts that were glued to each other.

The cuts only offer places where a removal may begin or end; a cut too many costs
nothing, so that the rules here lean to cutting.
"""

from __future__ import annotations

import re
import unicodedata

from declutter.lexicon import UNSPACED_RE, fold, is_unspaced

Span = tuple[int, int]

_CLOSING = "\"'”’)\\]»›"
_OPENING = "\"'“‘„«‹(\\["
# terminators of spaced scripts want a space, an end or an upper-case letter behind them
_TERMINATOR_RE = re.compile(
    rf"(?<![.!?…])[.!?…]+[{_CLOSING}]*(?=\s|$|[{_OPENING}]|[^\W\d_])|[。！？｡؟।॥۔]+[」』”’）\])]*"
)
_BEFORE_RE = re.compile(r"[\w.]{1,12}$")
# written before a full stop that ends no sentence, in several languages
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st gen col lt sgt sen rep gov capt rev hon vs etc no vol pp fig al "
    "inc ltd co corp jan feb mar apr jun jul aug sep sept oct nov dec approx dept est ca bzw "
    "usw evtl ggf inkl z.b d.h u.a nr str abs mme mlle m art av avda ee.uu ud uds sig sigg dott "
    "ing tzn np tys mln mld ул им др руб млн млрд тыс г гг стр т.е т.д a.m p.m i.e e.g u.s u.k "
    "u.n".split()
)
_SENTENCE_END_RE = re.compile(rf"[.!?…。！？｡؟।॥۔][{_CLOSING}」』）]*$")
# the vowel signs of Indic scripts and accents are no \w for re, but belong to words
_LETTER = r"[\w\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0966-\u0dff]"
_WORD_RE = re.compile(rf"{_LETTER}+(?:['’\-]{_LETTER}+)*")
_NORMAL_RE = re.compile(r"[\W_]+")


def _shape(char: str) -> str:
    """What a character is to :data:`_WORD_RE`: a letter, a joiner or neither."""
    return "a" if _WORD_RE.match(char) else "-" if char in "'’-" else " "


_SHAPES = "".join(_shape(bytes([byte]).decode("cp1252", "replace")) for byte in range(256)).encode()
MIN_THAI = 40  # characters of a line in a script without full stops that are more than a headline
MIN_SENTENCE_WORDS = 6  # jusText's and C4's shortest sentences have 3 to 5 words


def pieces(text: str, start: int, end: int) -> list[Span]:
    """Split ``text[start:end]`` at sentence ends into spans without outer white space.

    >>> text = 'Mr. Li left in 2023. He said: "Go." Sign up now'
    >>> [text[a:b] for a, b in pieces(text, 0, len(text))]
    ['Mr. Li left in 2023.', 'He said: "Go."', 'Sign up now']
    >>> text = "他昨天离开了。记者报道"
    >>> [text[a:b] for a, b in pieces(text, 0, len(text))]
    ['他昨天离开了。', '记者报道']
    """
    spans: list[Span] = []
    begin = start
    for match in _TERMINATOR_RE.finditer(text, start, end):
        if _ends_sentence(text, match, begin, end):
            _add(spans, text, begin, match.end())
            begin = match.end()
    _add(spans, text, begin, end)
    return spans


def _ends_sentence(text: str, match: re.Match[str], begin: int, end: int) -> bool:
    sign, after = match.group()[0], match.end()
    if sign not in ".!?…" or after >= end:
        return True
    following = text[after : after + 8].lstrip(' \t\xa0"“‘„«(')[:1]
    if following.islower():
        return False
    if not text[after].isspace():  # glued: "left.Now", but not "U.S" or "node.js"
        before = text[max(begin, match.start() - 3) : match.start()]
        if sign == "." and (len(before) < 2 or not before[-2].isalnum()):
            return False  # "z.B."
        return sign in "!?" or _may_end(before)
    return sign != "." or not _is_abbreviation(text, begin, match.start())


def _may_end(before: str) -> bool:
    """Whether a sentence may end with these characters where another is glued to it."""
    last = before[-1:]
    if last.isdigit():  # "in 1846.Then", but not "3.May"
        return len(before) > 2 and before.isdecimal()
    return last.islower() or last in "”\"'’)»" or _is_caseless(last)


def _is_caseless(char: str) -> bool:
    """Tell whether a letter is of a script with spaces and full stops, but no upper case."""
    return char.isalpha() and char.lower() == char.upper() and not is_unspaced(char)


def _is_abbreviation(text: str, begin: int, stop: int) -> bool:
    """Whether the word before a full stop at ``stop`` is an abbreviation or an initial."""
    match = _BEFORE_RE.search(text, max(begin, stop - 12), stop)
    if match is None:
        return False
    word = match.group()
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    trimmed = trim(text, start, end)
    if trimmed[0] < trimmed[1]:
        spans.append(trimmed)


def trim(text: str, start: int, end: int) -> Span:
    """Shrink a span to leave out white space at its ends.

    >>> trim("  ab ", 0, 5)
    (2, 4)
    """
    segment = text[start:end]
    left = len(segment) - len(segment.lstrip())
    return start + left, max(start + left, start + len(segment.rstrip()))


def line_spans(text: str) -> list[Span]:
    """The non-empty lines of a text, without outer white space.

    >>> line_spans(" a\\n\\nb c\\r\\n")
    [(1, 2), (4, 7)]
    """
    spans: list[Span] = []
    at = 0
    for line in text.splitlines(keepends=True):
        _add(spans, text, at, at + len(line))
        at += len(line)
    return spans


def count_words(text: str) -> int:
    """The number of words; two characters of an unspaced script count as one.

    >>> count_words("The issue was Russia's"), count_words("中国外交部")
    (4, 2)
    """
    try:
        return _count_western(text.encode("cp1252"))
    except UnicodeEncodeError:
        pass
    rest, unspaced = UNSPACED_RE.subn(" ", text)
    return len(_WORD_RE.findall(rest)) + unspaced // 2


def _count_western(text: bytes) -> int:
    """The words of a text in cp1252: a joiner goes if a letter follows, else parts words."""
    shapes = b" " + text.translate(_SHAPES).replace(b"-a", b"a").replace(b"-", b" ")
    return shapes.count(b" a")


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends with the punctuation of a sentence.

    >>> ends_sentence("He left."), ends_sentence("Read more")
    (True, False)
    """
    return _SENTENCE_END_RE.search(text[-8:].rstrip()) is not None


def is_thai(char: str) -> bool:
    """Tell whether a character is of a script without full stops: Thai or Lao."""
    return "\u0e00" <= char <= "\u0eff"


def is_sentence_like(text: str) -> bool:
    """Tell whether a line reads like running prose rather than a label or a headline.

    Six words and a sentence end, or, in a script that uses neither spaces nor full
    stops everywhere (Thai), a run of forty characters.

    >>> is_sentence_like("The council said on Monday that it would repair the bridge.")
    True
    >>> is_sentence_like("Council to Repair the Old Bridge")
    False
    """
    if len(text) < MIN_SENTENCE_WORDS:
        return False
    if len(text) > 4000:
        text = text[:2000] + text[-2000:]
    if count_words(text) < MIN_SENTENCE_WORDS:
        return False
    if ends_sentence(text) or any(True for _ in _inner_ends(text)):
        return True
    return len(text) >= MIN_THAI and any(map(is_thai, text[:MIN_THAI:4]))


def _inner_ends(text: str) -> list[Span]:
    """Sentence ends inside a text whose last words have none."""
    spans = pieces(text, 0, len(text))[:-1]
    return [span for span in spans if count_words(text[span[0] : span[1]]) >= MIN_SENTENCE_WORDS]


def is_word_char(char: str) -> bool:
    """Tell whether a character belongs to a word: letters, digits, accents, vowel signs."""
    return char.isalnum() or (char > "\u02ff" and unicodedata.category(char)[0] == "M")


def normal(text: str) -> str:
    """A line reduced to its letters and digits, for comparison.

    >>> normal("Bridge re-opens!") == normal("  bridge re opens")
    True
    """
    folded = fold(text)
    if any(is_unspaced(char) for char in folded[:8]):
        return _NORMAL_RE.sub("", folded)
    return _NORMAL_RE.sub(" ", folded).strip()


def _squeezed(byte: int) -> str:
    return _NORMAL_RE.sub("", fold(bytes([byte]).decode("cp1252", "replace")))


_FOLDED = bytes(
    ord(_squeezed(byte).encode("cp1252") or (b"\n" if byte == 10 else b" ")) for byte in range(256)
)
_DROPPED = bytes(byte for byte in range(256) if not _squeezed(byte))


def squeeze(text: str) -> bytes:
    """A quick key: lines that are the same to :func:`normal` have the same one.

    >>> squeeze("Bridge re-opens!")
    b'bridgereopens'
    """
    try:
        return text.encode("cp1252").translate(_FOLDED, _DROPPED)
    except UnicodeEncodeError:
        letters = _NORMAL_RE.sub("", fold(text))
    try:
        return letters.encode("cp1252")
    except UnicodeEncodeError:
        return letters.encode("utf-8", "surrogatepass")


_LINES_DROPPED = bytes(byte for byte in _DROPPED if byte != ord("\n"))


def squeeze_lines(lines: list[str]) -> list[bytes]:
    """Quick keys of lines: those that are the same to :func:`normal` have the same one.

    Other lines may have the same one, too.

    >>> squeeze_lines(["Bridge re-opens!", "Мост"])
    [b'bridgereopens', b'']
    """
    text = "\n".join([line.replace("\n", " ") if "\n" in line else line for line in lines])
    letters = text.encode("cp1252", "replace").translate(_FOLDED, _LINES_DROPPED)
    return letters.split(b"\n")
