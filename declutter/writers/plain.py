r"""Plain text that shows structure: list markers, rows of tables with tabs, code as it stands.

``Result.text`` is the document's own characters and nothing else; this is for people to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from declutter.writers.text import prefixed
from declutter.writers.tree import INLINE, LISTS, MAX_NUMBER, SIGNS, Tag, flow, grid, number_of


def write(content: Tag) -> str:
    r"""The text of a tree, with blank lines between blocks.

    >>> items = [Tag("li", {}, [Tag("p", {}, [text])]) for text in ("a", "b")]
    >>> write(Tag("body", {}, [Tag("p", {}, ["One"]), Tag("ol", {"start": "2"}, items)]))
    'One\n\n2. a\n3. b\n'
    """
    text = "\n\n".join(_blocks(content.children))
    return f"{text}\n" if text else ""


def _blocks(children: Sequence[Tag | str]) -> Iterator[str]:
    for child in children:
        if isinstance(child, str) or child.name in INLINE:
            text = _line([child])
        elif child.name in LISTS:
            text = _list(child)
        elif child.name == "table":
            text = _table(child)
        elif child.name == "pre":
            text = child.text().strip("\r\n").rstrip()
        elif any(tag.name not in INLINE and tag.name not in SIGNS for tag in child.tags()):
            text = "\n\n".join(_blocks(child.children))
        else:
            text = _line(child.children)
        if text:
            yield text


def _list(tag: Tag) -> str:
    number = number_of(tag, "start", 1, 0, MAX_NUMBER)
    items, loose = [], False
    for item in tag.tags():
        parts = list(_blocks(item.children))
        if not parts:
            continue
        tight = len(parts) == 1 or (len(parts) == 2 and list(item.tags())[-1].name in LISTS)
        loose |= not tight
        marker = f"{number}. " if tag.name == "ol" else "- "
        text = ("\n" if tight else "\n\n").join(parts)
        items.append(prefixed(text, marker, " " * len(marker)))
        number += 1
    return ("\n\n" if loose else "\n").join(items)


def _table(table: Tag) -> str:
    """A caption, and rows with tabs between cells, each on one line."""
    parts: dict[bool, list[Tag]] = {True: [], False: []}
    for tag in table.tags():
        parts[tag.name == "tr"].append(tag)
    lines = [_cell(tag) for tag in parts[False]]
    lines += ["\t".join(row).rstrip("\t") for row in grid(parts[True], _cell)]
    return "\n".join(filter(None, lines))


def _cell(cell: Tag) -> str:
    return " ".join(_line(flow(cell)).split())


def _line(children: Sequence[Tag | str]) -> str:
    """The text of a paragraph, with its line breaks."""
    lines = "".join(_texts(children)).split("\n")
    return "\n".join([" ".join(line.split()) for line in lines]).strip()


def _texts(children: Sequence[Tag | str]) -> Iterator[str]:
    for child in children:
        if isinstance(child, str):
            yield " ".join(child.split("\n"))
        elif child.name == "br":
            yield "\n"
        elif child.name == "math":
            yield child.text() or child.attrs["tex"]
        else:
            yield from _texts(child.children)
