"""Scripts, JSON-LD and template residue that came out as text.

Only code that pages carry for machines (analytics, ad tags, metadata) is sought, by the
names it must use; code that an article shows is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from declutter.model import Category, Document, Finding
from declutter.rules.context import Context

_ANCHOR_RE = re.compile(
    r"""(?P<json>\{\s*"(?:@context|@type|@graph|buildId|pageProps)"\s*:|\{\s*"props"\s*:\s*\{\s*"pageProps"|\[\s*\{\s*"@context")
    |window\.(?:dataLayer|__\w+|_\w+|ga\b|gtag|NREUM|wp\b|fbAsyncInit|adsbygoogle)[\w.]*\s*[=(.]
    |window\[['"]\w+['"]\]\s*=
    |(?:\(|!|;)function\s*\(\s*\w(?:\s*,\s*\w)*\s*\)\s*\{
    |googletag\.(?:cmd|pubads|display|enableServices)
    |dataLayer\.push\s*\(|\bgtag\s*\(\s*['"]|\bfbq\s*\(\s*['"]|\bga\s*\(\s*['"](?:create|send)
    |\(adsbygoogle\s*=|self\.__next_f\.push|_taboola\s*=|_gaq\.push|__NEXT_DATA__|_sf_async_config
    |var\s+_?(?:gaq|taboola|comscore|sf_async_config|hmt|paq|wpemojiSettings|disqus_\w+)\s*=
    |document\.(?:write|createElement|getElementById|getElementsByTagName|addEventListener)\s*\(
    |(?:jQuery|\$)\(\s*(?:document|window|function)\b""",
    re.VERBOSE,
)
# what every anchor has one of, by a shorter sign that it comes with: a page without them, as
# most are, is not searched
_SIGNS = {
    "{": ('"@context', '"@type', '"@graph', '"buildId', '"pageProps', "function"),
    "_": ("taboola", "gaq", "__next_f", "__NEXT_DATA__", "_sf_async_config"),
    "var": ("gaq", "taboola", "comscore", "hmt", "paq", "wpemojiSettings", "disqus_"),
    "window": ("window.", "window["),
    "document.": ("document.",),
    "ga": ("'create", '"create', "'send", '"send'),
    "(": ("dataLayer", "gtag", "fbq", "adsbygoogle", "jQuery(", "$(",),
    "tag": ("googletag",),
}  # fmt: skip
# what introduces code in an article about programming rather than a tag's own code
_WEAK_ANCHOR_RE = re.compile(r"document\.|jQuery|\$\(|[(!;]function\s*\((?:\s*\w\s*,?){0,2}\s*\)")
_ABOUT_CODE_RE = re.compile(
    r"\b(?:JavaScript|jQuery|HTML|CSS|API|functions?|scripts?|browsers?|code|coding|listeners?)\b(?!\s*[(.])"
)
_RESIDUE_RE = re.compile(
    r"\[/?(?:vc_\w+|et_pb_\w+|fusion_\w+|su_\w+|caption|gallery|embed|contact-form-7)\b[^\]\n]{0,400}\]"
    r"|<!--\s*/?wp:[^\n]{0,400}?-->|\[object Object\]"
)
_JSON_TOKEN_RE = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}]')
_CODE_CHAR_RE = re.compile(r"[;{}()=\[\]]")
_DENSE_RE = re.compile(r"[;{}()=\[\]<>\"'|&+*/\\_$]")
_AROUND = 80  # characters around a sign in which an anchor is sought
MIN_DENSITY = 0.08  # code characters per character; prose has under .03
MAX_PROSE_GAP = 90  # characters without a code character end a run of code on its line


def script_residue(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find machine code and metadata in the text, to the end of the statement or object."""
    text, done, live = doc.text, 0, ctx.live_text
    for match in _ANCHOR_RE.finditer(text) if _is_coded(live) and _has_anchor(live) else ():
        start = match.start() + (match.group()[0] == ";")
        if start < done or ctx.in_code(start) or _is_shown(text, start):
            continue
        end = _json_end(text, start) if match.group("json") else _code_end(text, start)
        done = end
        line_start = text.rfind("\n", max(0, start - 400), start) + 1
        weak = _WEAK_ANCHOR_RE.match(match.group()) and not _is_minified(text, line_start, end)
        if weak and ctx.mentions(_ABOUT_CODE_RE):
            continue
        if _density(text[start:end]) >= MIN_DENSITY:
            yield Finding(start, end, Category.SCRIPT, "script-residue", 6.0, "code for machines")
    for match in _RESIDUE_RE.finditer(text) if _has_residue(live) else ():
        if match.start() >= done and not ctx.in_code(match.start()):
            why = "the sign of a template"
            yield Finding(match.start(), match.end(), Category.SCRIPT, "template-residue", 4.0, why)


def _is_coded(text: str) -> bool:
    """Whether a text has a sign that code has: a quick test, before names are sought."""
    if "{" in text or "=" in text or "_" in text:
        return True
    at = text.find("(")
    while at >= 0:  # a call
        if text[at - 1 : at].isalnum() or text[at - 1 : at] == "$":
            return True
        if text[at + 1 : at + 9].lstrip()[:1] in ("'", '"'):
            return True
        at = text.find("(", at + 1)
    return False


def _has_anchor(text: str) -> bool:
    """Whether a text has an anchor, sought around the signs only."""
    for sign in (sign for first, signs in _SIGNS.items() if first in text for sign in signs):
        at = text.find(sign)
        while at >= 0:
            if _ANCHOR_RE.search(text, max(0, at - _AROUND), at + _AROUND):
                return True
            at = text.find(sign, at + _AROUND // 2)
    return False


def _has_residue(text: str) -> bool:
    """Whether a text has the sign of a template."""
    at = text.find("[")
    while at >= 0:
        if _RESIDUE_RE.match(text, at):
            return True
        at = text.find("[", at + 1)
    return "<!--" in text


def _is_shown(text: str, start: int) -> bool:
    """Whether an article shows the code: in quotation signs, or behind a colon."""
    before = text[max(0, start - 40) : start].rstrip()
    return before.endswith((":", "`", "“"))


def _json_end(text: str, start: int) -> int:
    """The end of the object that opens at or just behind ``start``, or of its line."""
    depth = 0
    for token in _JSON_TOKEN_RE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token.group(), 0)
        if depth == 0 and token.group() == "}":
            return token.end() + (text[token.end() : token.end() + 1] in ("]", ";"))
    return _line_end(text, start)


def _code_end(text: str, start: int) -> int:
    """Behind the last code character before prose begins, over lines that are code."""
    end = start
    while True:
        line_end = _line_end(text, end)
        for match in _CODE_CHAR_RE.finditer(text, end, line_end):
            if match.start() - end > MAX_PROSE_GAP and " " in text[end : match.start()]:
                return end
            end = match.end()
        following = text[line_end + 1 : line_end + 200].split("\n", 1)[0]
        if end < line_end - MAX_PROSE_GAP or not following or _density(following) < MIN_DENSITY:
            return end
        end = line_end + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _density(code: str) -> float:
    sample = code[:4000]
    return len(_DENSE_RE.findall(sample)) / max(1, len(sample))


def _is_minified(text: str, start: int, end: int) -> bool:
    return end - start > 300 and text.count("\n", start, end) * 200 < end - start
