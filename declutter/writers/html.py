"""HTML: what is left of a page in clean, minimal and safe elements."""

from __future__ import annotations

from html import escape

from declutter.writers.tree import INLINE, SCHEMES, UNITS, Tag, rows_as_text, unwrapped

# besides text nothing but these can come out: nh3 sees to it, whatever this module does
_SPANS = {"colspan", "rowspan"}
_ALLOWED = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}, "td": _SPANS, "th": _SPANS}
_ALLOWED.update(code={"class"}, span={"class"})
_TAGS = {
    *INLINE,
    *"h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd table caption tr td th tbody thead blockquote".split(),
    *"figure figcaption pre br img span".split(),
}
_LINES = frozenset(("p", "pre", *UNITS, *(f"h{level}" for level in range(1, 7))))


def write(content: Tag, *, links: bool = True, images: bool = False, tables: bool = True) -> str:
    """The HTML of a tree: a fragment, a line for each block.

    >>> write(Tag("body", {}, [Tag("p", {}, ["Q & A", Tag("br"), Tag("em", {}, ["now"])])]))
    '<p>Q &amp; A<br><em>now</em></p>\\n'
    """
    import nh3

    out: list[str] = []
    for child in content.children:
        _write(child, out, links, images, tables)
    return nh3.clean(
        "".join(out), tags=_TAGS, attributes=_ALLOWED, url_schemes=set(SCHEMES), link_rel=None
    )


def page(fragment: str, title: str | None, language: str | None) -> str:
    """A whole page around what :func:`write` gave.

    >>> page("<p>One</p>\\n", "A & B", "en").splitlines()[1]
    '<html lang="en">'
    """
    lang = f' lang="{escape(language)}"' if language else ""
    head = f'<meta charset="utf-8">\n<title>{escape(title or "")}</title>'
    body = f"<head>\n{head}\n</head>\n<body>\n{fragment}</body>"
    return f"<!DOCTYPE html>\n<html{lang}>\n{body}\n</html>\n"


def _write(item: Tag | str, out: list[str], links: bool, images: bool, tables: bool) -> None:
    if isinstance(item, str):
        out.append(escape(item, quote=False))
        return
    name, inside = item.name, list(item.children)
    if (name == "a" and not links) or (name == "table" and not tables):
        inside, name = rows_as_text(item) if name == "table" else inside, ""
    elif name == "img" and not images:
        return
    elif name == "math":
        name, inside = "span", [_formula(item)]
    elif name in UNITS:
        inside = unwrapped(item)
    out.append(_opening(item, name))
    for child in inside:
        _write(child, out, links, images, tables)
    out.append(_closing(item, name))


def _opening(tag: Tag, name: str) -> str:
    if not name:
        return ""
    if tag.name == "math":
        kind = "display" if tag.attrs.get("display") else "inline"
        return f'<span class="math {kind}">'
    allowed = _ALLOWED.get(name, ())
    attrs = "".join(f' {key}="{escape(tag.attrs[key])}"' for key in tag.attrs if key in allowed)
    if name == "pre":
        language = tag.attrs.get("language")
        return f'<pre><code class="language-{escape(language)}">' if language else "<pre><code>"
    return f"<{name}{attrs}>"


def _closing(tag: Tag, name: str) -> str:
    if not name or name in ("br", "img"):
        return ""
    end = "</code></pre>" if name == "pre" else f"</{name}>"
    return end if name in INLINE or tag.name == "math" else f"{end}\n"


def _formula(tag: Tag) -> str:
    """A formula as MathJax and KaTeX find it in a page."""
    tex = tag.attrs["tex"]
    return f"\\[{tex}\\]" if tag.attrs.get("display") else f"\\({tex}\\)"
