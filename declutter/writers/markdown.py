r"""Markdown, as CommonMark and GitHub's tables have it: what is left of a page, word for word.

No library that makes Markdown of HTML fits: markdownify and html-to-markdown escape everywhere and
still break what stands beside emphasis, code and links (``**“x”**的``, two code spans in a row,
``!`` before a link). A parser must find the same words again, and a reader as few signs as
possible; where emphasis has no signs that a parser would take, it is an HTML element.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from declutter.writers.text import prefixed
from declutter.writers.tree import (
    HEADINGS,
    INLINE,
    MAX_NUMBER,
    Tag,
    flow,
    grid,
    number_of,
    rows_as_text,
)

_SIGNS = {"strong": ("**",), "em": ("*", "_"), "del": ("~~",)}
_ENDS = {"open": 1, "close": -1}
_ELEMENTS = frozenset(("sub", "sup"))  # which Markdown has no signs for
_LISTS = {"ul": ("-", "*"), "ol": (".", ")")}  # the second where a list follows another
# what means something anywhere in a line; an underscore does not within a word
_SPECIAL_RE = re.compile(
    r"""
      [`*\[\]~]
    | \\ (?= [!-/:-@\[-`{-~] | $ )
    | < (?= [A-Za-z/!?] | $ )
    | & (?= \#?[A-Za-z0-9]{1,31}; | \#?[A-Za-z0-9]{0,31}$ )
    | (?<! [^\W_] ) _ | _ (?! [^\W_] )
    """,
    re.VERBOSE,
)
# what means something where a line begins: headings, quotes, items, rules, rows of tables
_START_RE = re.compile(r"\#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=|:+](?=[-=|:+\s]*$)")
_NUMBER_RE = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING_RE = re.compile(r"(?:^|(?<=\s))(?=#+$)")  # of a heading
_UNSAFE_RE = re.compile(r"[\s<>()\\`|\"\x00-\x1f]")
_ENTITY_RE = re.compile(r"&(?=#?\w{1,31};)")
# signs in formulas that would mean something else to Markdown
_TEX = (("<", "\\lt "), (">", "\\gt "), ("*", "\\ast "), ("|", "\\vert "), ("](", "] ("))
_SPACE_RE = re.compile(r"\s+")


class _Token(NamedTuple):
    """A part of a line: ``text`` to be escaped, ``raw``, ``code``, ``break``, ``open``, ``close``.

    ``value`` of the last two names the element.
    """

    kind: str
    value: str = ""


_BREAK = _Token("break")
_OUTSIDE = " "  # what a line begins behind, and ends before


def write(content: Tag, *, links: bool = True, images: bool = False, tables: bool = True) -> str:
    r"""The Markdown of a tree.

    >>> item = Tag("li", {}, [Tag("p", {}, ["1. a_b ", Tag("em", {}, ["c*"])])])
    >>> write(Tag("body", {}, [Tag("h2", {}, ["One"]), Tag("ul", {}, [item])]))
    '## One\n\n- 1\\. a_b *c\\**\n'
    """
    text = _Writer(content, links, images, tables).blocks(content.children)
    return f"{text}\n" if text else ""


class _Writer:
    def __init__(self, content: Tag, links: bool, images: bool, tables: bool) -> None:
        self.links, self.images, self.tables = links, images, tables
        self.dollars = any(tag.name == "math" for tag in content.all())  # mean something

    # --- blocks ---

    def blocks(self, children: Sequence[Tag | str]) -> str:
        """Some blocks, with blank lines between."""
        return "\n\n".join(text for _, text in self._blocks(children))

    def _blocks(self, children: Sequence[Tag | str]) -> Iterator[tuple[str, str]]:
        """The names and the texts of blocks that have any."""
        before, other = "", False
        for child in children:
            if isinstance(child, str) or child.name in INLINE:
                child = Tag("p", {}, [child])
            other = child.name == before and not other
            text = self._block(child, other)
            if text:
                before = child.name
                yield child.name, text

    def _block(self, tag: Tag, other: bool) -> str:
        name, children = tag.name, tag.children
        if name == "pre":
            return _fenced(tag)
        if name in HEADINGS:
            return self._heading(tag)
        if name in _LISTS:
            return self._list(tag, _LISTS[name][other])
        if name == "blockquote":
            return prefixed(self.blocks(children), "> ", "> ")
        if name == "table":
            return self._table(tag) if self.tables else self.blocks(rows_as_text(tag))
        if name == "dt":
            return self._paragraph([Tag("strong", {}, flow(tag))])
        if name in ("dl", "dd", "figure", "figcaption"):
            return self.blocks(children)
        return self._paragraph(children)

    def _paragraph(self, children: Iterable[Tag | str]) -> str:
        return "\\\n".join(self._lines(self._tokens(children)))

    def _heading(self, tag: Tag) -> str:
        text = " ".join(self._lines(self._tokens(tag.children), escaped=False))
        text = _CLOSING_RE.sub(r"\\", text)
        return f"{'#' * int(tag.name[1])} {text}" if text else ""

    def _list(self, tag: Tag, sign: str) -> str:
        number = number_of(tag, "start", 1, 0, MAX_NUMBER - len(tag.children))
        items, loose = [], False
        for item in tag.tags():
            parts = list(self._blocks(item.children))
            if not parts:
                continue
            loose |= len(parts) > 1 and not (len(parts) == 2 and _follows(*parts))
            text = ("\n" if len(parts) == 2 and _follows(*parts) else "\n\n").join(
                text for _, text in parts
            )
            marker = f"{number}{sign} " if tag.name == "ol" else f"{sign} "
            items.append(prefixed(text, marker, " " * len(marker)))
            number += 1
        return ("\n\n" if loose else "\n").join(items)

    def _table(self, table: Tag) -> str:
        captions = [self._paragraph(flow(tag)) for tag in table.tags() if tag.name == "caption"]
        lines = [tag for tag in table.tags() if tag.name == "tr"]
        rows = grid(lines, self._cell)
        width = max(map(len, rows), default=0)
        if not width:
            return "\n\n".join(filter(None, captions))
        if not _is_heading(lines[0]):
            rows.insert(0, [])
        rows[0] += [""] * (width - len(rows[0]))  # the others may have less
        rows.insert(1, ["---"] * width)
        written = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return "\n\n".join(filter(None, [*captions, written]))

    def _cell(self, cell: Tag) -> str:
        lines = self._lines(self._tokens(flow(cell)), escaped=False)
        return "<br>".join(lines).replace("|", "\\|")

    # --- lines ---

    def _tokens(self, children: Iterable[Tag | str]) -> list[_Token]:
        """What stands in a paragraph, one after another."""
        found: list[_Token] = []
        for child in children:
            if isinstance(child, str):
                found.append(_Token("text", child))
            elif child.name == "br":
                found.append(_BREAK)
            elif child.name == "code":
                found += self._code(child)
            elif child.name == "math":
                found += self._formula(child)
            elif child.name == "img":
                if self.images:
                    alt = self._escaped(child.attrs.get("alt", ""))
                    found.append(_Token("raw", f"![{alt}]({_target(child.attrs['src'])})"))
            else:
                found += self._wrapped(child)
        return found

    def _wrapped(self, tag: Tag) -> list[_Token]:
        inner = self._tokens(tag.children)
        if tag.name in _SIGNS:
            return _around(_Token("open", tag.name), inner, _Token("close", tag.name))
        if tag.name in _ELEMENTS:
            return _around(_raw(f"<{tag.name}>"), inner, _raw(f"</{tag.name}>"))
        if tag.name == "a" and self.links:
            return _around(_raw("["), inner, _raw(f"]({_target(tag.attrs['href'])})"))
        return inner

    def _code(self, tag: Tag) -> list[_Token]:
        """Code, whose links are links to code."""
        (*more, last) = tag.children or [""]
        text = _SPACE_RE.sub(" ", tag.text())
        code = [_Token("code", text)] if text.strip() else [_Token("text", text)]
        if not more and isinstance(last, Tag) and last.name == "a" and self.links:
            return _around(_raw("["), code, _raw(f"]({_target(last.attrs['href'])})"))
        return code

    def _formula(self, tag: Tag) -> list[_Token]:
        """A formula between dollars; signs of Markdown in it by their names."""
        tex = tag.attrs["tex"]
        if "`" in tex or "$" in tex or tex.count("[") != tex.count("]"):  # shown as it is
            return [_Token("text", tag.text() or tex)]
        for sign, name in _TEX:
            tex = tex.replace(sign, name)
        return [_raw(f"$${tex}$$" if tag.attrs.get("display") else f"${tex}$")]

    def _lines(self, tokens: list[_Token], *, escaped: bool = True) -> list[str]:
        """The lines of a paragraph; what means something at their beginning escaped, or not."""
        tokens = _tidy(tokens)
        lines: list[str] = []
        for line in _split(tokens, _resolved(tokens)):
            last = line[-1][0] if line else None
            written = "".join(
                self._escaped(part, last=token is last) if token.kind == "text" else part
                for token, part in line
            ).strip()
            if written:
                plain = escaped and line[0][0].kind == "text"
                lines.append(_started(written) if plain else written)
        return lines

    def _escaped(self, text: str, *, last: bool = False) -> str:
        """A text with what means something in the midst of a line escaped."""
        text = _SPECIAL_RE.sub(r"\\\g<0>", text)
        if self.dollars:
            text = text.replace("$", "\\$")
        return f"{text[:-1]}\\!" if text.endswith("!") and not last else text


def _is_heading(row: Tag) -> bool:
    return "head" in row.attrs or all(cell.name == "th" for cell in row.tags())


def _raw(value: str) -> _Token:
    return _Token("raw", value)


def _around(before: _Token, inner: list[_Token], behind: _Token) -> list[_Token]:
    """Tokens between two others, but for white space at their ends, which stays outside."""
    start, end = 0, len(inner)
    while start < end and _is_space(inner[start]):
        start += 1
    while end > start and _is_space(inner[end - 1]):
        end -= 1
    lead, core, tail = inner[:start], inner[start:end], inner[end:]
    if not core:
        return lead
    first, last = core[0], core[-1]
    if first.kind == "text" and first.value[0].isspace():
        lead = [*lead, _Token("text", " ")]
        core[0] = _Token("text", first.value.lstrip())
    if last.kind == "text" and last.value[-1].isspace():
        tail = [_Token("text", " "), *tail]
        core[-1] = _Token("text", core[-1].value.rstrip())
    return [*lead, before, *core, behind, *tail]


def _is_space(token: _Token) -> bool:
    return token.kind == "break" or (token.kind == "text" and not token.value.strip())


def _tidy(tokens: list[_Token]) -> list[_Token]:
    """Tokens with texts, code and emphasis joined where one follows another; none is empty."""
    found: list[_Token] = []
    depth = dict.fromkeys(_SIGNS, 0)
    for token in tokens:
        kind, value = token
        if kind in _ENDS:
            depth[value] += _ENDS[kind]
            if depth[value] > 1 or (kind == "close" and depth[value]):  # emphasis within its like
                continue
        last = found[-1] if found else _Token("")
        if (kind == "open" and last == _Token("close", value)) or (
            kind == "close" and last == _Token("open", value)
        ):
            found.pop()
        elif kind == last.kind and kind in ("text", "code"):
            found[-1] = _Token(kind, last.value + value)
        elif value or kind == "break":
            found.append(token)
    return _without_lone(
        [_Token(t.kind, _SPACE_RE.sub(" ", t.value)) if t.kind == "text" else t for t in found]
    )


def _split(tokens: list[_Token], parts: list[str]) -> list[list[tuple[_Token, str]]]:
    """Tokens and what they are written as, by lines."""
    lines: list[list[tuple[_Token, str]]] = [[]]
    for token, part in zip(tokens, parts, strict=True):
        if token.kind == "break":
            lines.append([])
        else:
            lines[-1].append((token, part))
    return lines


def _without_lone(tokens: list[_Token]) -> list[_Token]:
    """Tokens without white space at both ends."""
    start, end = 0, len(tokens)
    while start < end and _is_space(tokens[start]):
        start += 1
    while end > start and _is_space(tokens[end - 1]):
        end -= 1
    return tokens[start:end]


def _resolved(tokens: list[_Token]) -> list[str]:
    """What each token is written as; texts are not yet escaped."""
    parts = [_spanned(value) if kind == "code" else value for kind, value in tokens]
    formulas = [kind == "raw" and value.startswith("$") for kind, value in tokens]
    open_: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            open_.append(at)
        elif token.kind == "close":
            start = open_.pop()
            parts[start], parts[at] = f"<{token.value}>", f"</{token.value}>"
            if not any(formulas[start:at]) and (sign := _sign(tokens, start, at)):
                parts[start] = parts[at] = sign
    return parts


def _sign(tokens: list[_Token], start: int, end: int) -> str | None:
    """What a parser takes for both ends of emphasis; None if there is nothing."""
    signs = _SIGNS[tokens[start].value]
    beside = (start - 1, start + 1, end - 1, end + 1)
    if len(signs) > 1 and any(0 <= n < len(tokens) and tokens[n].kind in _ENDS for n in beside):
        signs = signs[1:]  # an asterisk would be one of theirs
    fit = (s for s in signs if _opens(tokens, start, s) and _closes(tokens, end, s))
    return next(fit, None)


def _beside(tokens: list[_Token], at: int, step: int) -> str:
    """The sign before or behind a token; of another mark any punctuation."""
    at += step
    if not 0 <= at < len(tokens) or tokens[at].kind == "break":
        return _OUTSIDE
    if tokens[at].kind != "text":
        return "*"
    return tokens[at].value[0 if step > 0 else -1]


def _opens(tokens: list[_Token], at: int, sign: str) -> bool:
    """Whether a parser takes a sign for the beginning of emphasis."""
    before, behind = _beside(tokens, at, -1), _beside(tokens, at, 1)
    good = not behind.isspace() and (not _may_part(behind) or _parts(before))
    return good and (sign != "_" or _parts(before))


def _closes(tokens: list[_Token], at: int, sign: str) -> bool:
    """Whether a parser takes a sign for the end of emphasis."""
    before, behind = _beside(tokens, at, -1), _beside(tokens, at, 1)
    good = not before.isspace() and (not _may_part(before) or _parts(behind))
    return good and (sign != "_" or _parts(behind))


def _parts(sign: str) -> bool:
    """Whether to any parser a sign is white space or punctuation."""
    return sign.isspace() or unicodedata.category(sign)[0] == "P" or (
        sign.isascii() and not sign.isalnum()
    )  # fmt: skip


def _may_part(sign: str) -> bool:
    """Whether a sign is punctuation to some: older parsers take symbols for letters."""
    return unicodedata.category(sign)[0] in "PS"


def _spanned(code: str) -> str:
    """A code span.

    >>> _spanned("a"), _spanned("`b`")
    ('`a`', '`` `b` ``')
    """
    fence = "`" * (max(map(len, re.findall("`+", code)), default=0) + 1)
    space = " " if code[0] in "` " or code[-1] in "` " else ""
    return f"{fence}{space}{code}{space}{fence}"


def _fenced(tag: Tag) -> str:
    """A block of code."""
    code = tag.text().strip("\r\n").rstrip()
    fence = "`" * max(3, max(map(len, re.findall("`+", code)), default=0) + 1)
    return f"{fence}{tag.attrs.get('language', '')}\n{code}\n{fence}" if code else ""


def _started(line: str) -> str:
    r"""A line of text, with what means something at its beginning escaped.

    >>> _started("# a"), _started("1986. A year"), _started("--")
    ('\\# a', '1986\\. A year', '\\--')
    """
    if _START_RE.match(line):
        return f"\\{line}"
    return _NUMBER_RE.sub(r"\1\\", line, count=1) if _NUMBER_RE.match(line) else line


def _target(href: str) -> str:
    """An address between parentheses.

    >>> _target("/wiki/A_(b) c")
    '/wiki/A_%28b%29%20c'
    """
    safe = _UNSAFE_RE.sub(lambda sign: "".join(f"%{b:02X}" for b in sign[0].encode()), href)
    return _ENTITY_RE.sub("&amp;", safe)


def _follows(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether a block needs no blank line behind another to be told from it."""
    starts = other[1].startswith(("- ", "* ", "1. "))
    return one[0] == "p" and other[0] in _LISTS and starts
