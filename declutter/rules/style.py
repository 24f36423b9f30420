"""Style sheets that came out as text: from one minified rule to 19,000 characters.

The unit is the innermost ``{...}`` whose body reads as declarations; a selector or an
at-rule is sought to its left; neighbours join to runs. Nothing here looks at single
braces, so that JSON, code and prose with braces stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from declutter.model import Category, Document, Finding
from declutter.rules.context import Context
from declutter.segment import Span

# the first part of property names, enough to tell declarations from other "name: value;"
_PROPERTIES = frozenset(
    "accent align all animation appearance aspect backdrop backface background block border "
    "bottom box break caption caret clear clip color column columns composes contain container "
    "content counter cursor direction display empty fill filter flex float flow font gap grid "
    "height hyphens image inherits initial inline inset isolation justify left letter line list "
    "margin mask max min mix object offset opacity order orphans outline overflow overscroll "
    "padding page perspective place pointer position print quotes resize right rotate row scale "
    "scroll scrollbar shape size speak src stroke syntax tab table tap text top touch transform "
    "transition translate unicode user vertical visibility white widows width will word writing "
    "z zoom".split()
)
_TAGS = frozenset(
    "a abbr address article aside audio b blockquote body br button caption center cite code "
    "col dd del details dfn div dl dt em embed fieldset figcaption figure font footer form "
    "frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li "
    "link main mark menu meta nav object ol optgroup option p path picture pre progress q rect "
    "s samp section select small source span strong style sub summary sup svg table tbody td "
    "textarea tfoot th thead time tr tt u ul use var video from to".split()
)
_COMMENT = r"/\*(?:[^*]|\*(?!/)){0,2000}\*/"  # styled-components write /*!sc*/ too
_BODY_RE = re.compile(r"\{([^{}]*)\}")
_VALUE_NOISE_RE = re.compile(r"url\([^()]*\)|\"[^\"\n]*\"|'[^'\n]*'")
_DECLARATION_RE = re.compile(
    r"\s*(?:(--[\w\-]+)|[*_]?-?(?:(?:webkit|moz|ms|o)-)?([a-zA-Z]+)[a-zA-Z\-]*)\s*:\s*\S"
)
_COMPOUND_RE = re.compile(r"(?:[a-zA-Z][\w\-]*|[*&])?[.#:\[][\w\-\\/:%\[\]().#=\"'^$*|]*$")
_TAGS_AND_SIGNS = _TAGS | frozenset(".#:*[")
_SEAM_RE = re.compile(r"[.!?][.#:*\[]")
_TRAILING_RE = re.compile(rf"(?:\s*{_COMMENT})+")
_HEAD_RE = re.compile(r"([a-zA-Z][\w\-]*)[.#:\[]")
_GLUED_TAG_RE = re.compile(r"(html|body|div|span|section|article|img|button|input)\s*$")
_BARE_RE = re.compile(r"[>+~*&|]$")
_FRAMES_RE = re.compile(r"\s*(?:(?:\d{1,3}(?:\.\d+)?%|from|to)\s*,?\s*)+$")
_AT_RULE_RE = re.compile(
    r"@(?:-\w+-)?(?:media|supports|keyframes|font-face|layer|container|page|property|document|"
    r"counter-style)\b[^{};]*$"
)
_AT_STATEMENT_RE = re.compile(r"@(?:import|charset|namespace)\s[^;{}\n]{1,300};")
_GAP_RE = re.compile(
    rf"(?:[\s{{}};]|@[\w\-]+[^{{}};@]{{0,600}}[{{;]|{_COMMENT}|<!--|-->|<!\[CDATA\[|\]\]>)*"
)
_LEAD_RE = re.compile(rf"(?:@[\w\-]+[^{{}};@]{{0,300}}[{{;]\s*|{_COMMENT}\s*)+$")
_TOKEN_RE = re.compile(r"[^\s,]+")
_ABOUT_CSS_RE = re.compile(r"\bCSS\b|\b[Ss]tyle ?sheets?\b|\b[Ff]lexbox\b|\bselectors?\b")
_TICK_EVERY = 1024  # rules between two looks at the clock
MAX_SELECTOR = 4000
# one declaration whose value holds no prose: up to the semicolon, or its first word
_CUT_DECLARATION_RE = re.compile(r"\s*[\w\-]+\s*:\s*(?:[^;{}A-Z]{0,200};|[^\s;{}]+)")
MAX_CUT_OFF = 20_000  # characters of a rule that the end of a line cuts off
MAX_SAMPLE_RULES = 3  # as many a sentence or a colon may introduce
MIN_ABOUT_CSS = 2  # mentions in prose that make a page an article about style sheets
MIN_BLOB_RULES = 8  # rules without a line break that are a blob even there


def inline_css(doc: Document, ctx: Context) -> Iterator[Finding]:
    """Find runs of style rules: plain, minified, generated, at-rules, variables, cut off."""
    if not any(sign in ctx.live_text for sign in ("{", "}", "@import", "@charset")):
        return
    for start, end, rules in _runs(doc.text, ctx.tick):
        ctx.tick()
        if ctx.in_code(start) or _is_cited(doc.text, start, end, rules):
            continue
        about_css = ctx.mentions(_ABOUT_CSS_RE) >= (
            1 if rules <= MAX_SAMPLE_RULES else MIN_ABOUT_CSS
        )
        if about_css and not _is_blob(doc.text[start:end], rules):
            continue
        yield Finding(
            start, end, Category.CSS, "inline-css", 6.0, f"{rules} style rules in the text"
        )


def _runs(text: str, tick: Callable[[], None]) -> list[tuple[int, int, int]]:
    """Join rules that only gaps of style separate: (start, end, number of rules)."""
    runs: list[tuple[int, int, int]] = []
    for count, (start, end) in enumerate(_rules(text)):
        if not count % _TICK_EVERY:
            tick()
        if runs and _GAP_RE.fullmatch(text, runs[-1][1], max(start, runs[-1][1])):
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]), runs[-1][2] + 1)
        else:
            runs.append((start, end, 1))
    return [_widened(text, *run) for run in runs]


def _widened(text: str, start: int, end: int, rules: int) -> tuple[int, int, int]:
    """Take in at-rules and comments before a run, brackets and a cut-off rule behind it."""
    lead = _LEAD_RE.search(text, max(0, start - 800), start)
    start = lead.start() if lead else start
    gap = _GAP_RE.match(text, end)
    if gap and "}" in gap.group():
        end = gap.start() + gap.group().rindex("}") + 1
    if text.find("}", end, end + MAX_CUT_OFF) < 0:
        end = _cut_off_tail(text, end)
    trailing = _TRAILING_RE.match(text, end)
    end = trailing.end() if trailing else end
    return start, end, rules


def _cut_off_tail(text: str, end: int) -> int:
    """The end of a rule that breaks off on its line, declaration by declaration, or ``end``."""
    line_end = text.find("\n", end, end + MAX_CUT_OFF)
    line_end = min(len(text), end + MAX_CUT_OFF) if line_end < 0 else line_end
    brace = text.find("{", end, line_end)
    if brace < 0 or _selector_start(text, end, brace) is None:
        return end
    at, last = brace + 1, end
    while (match := _CUT_DECLARATION_RE.match(text, at, line_end)) is not None:
        if not _is_declarations(match.group()):
            break
        at = last = match.end()
    return last


def _rules(text: str) -> Iterator[Span]:
    """Every single style rule, in order; a text may begin in the midst of one."""
    last = 0
    for match in _BODY_RE.finditer(text):
        stray = text.find("}", last, match.start())
        if stray >= 0:
            yield from _cut_off_head(text, last, stray)
        head = _selector_start(text, max(last, match.start() - MAX_SELECTOR), match.start())
        if head is not None and _is_rule(text[head : match.start()], match.group(1)):
            yield _nested_head(text, last, head), match.end()
        last = match.end()
    stray = text.find("}", last)
    if stray >= 0:
        yield from _cut_off_head(text, last, stray)
    for match in _AT_STATEMENT_RE.finditer(text) if "@" in text else ():
        yield match.span()


def _nested_head(text: str, last: int, head: int) -> int:
    """Where the rule begins inside which another one is nested (``.a{color:red;&:hover{``)."""
    brace = text.rfind("{", max(last, head - MAX_SELECTOR), head)
    if brace < 0 or not _is_declarations(text[brace + 1 : head]):
        return head
    outer = _selector_start(text, max(last, brace - MAX_SELECTOR), brace)
    return head if outer is None else outer


def _cut_off_head(text: str, start: int, stop: int) -> Iterator[Span]:
    """Declarations before a ``}`` that was never opened: the text was cut inside a rule."""
    start = max(start, text.rfind("\n", start, stop) + 1)
    if "{" in text[start:stop]:
        return
    first = text.find(";", start, stop)
    if first >= 0 and _is_declarations(text[first + 1 : stop]):
        yield start if len(text[start:first].split()) <= 8 else first, stop + 1
    elif _is_declarations(text[start:stop]):
        yield start, stop + 1


def _is_rule(selector: str, body: str) -> bool:
    """Whether a body is declarations; an empty one needs a class or an id before it."""
    return _is_declarations(body) if body.strip() else re.search(r"[.#]\w", selector) is not None


def _is_declarations(body: str) -> bool:
    """Whether most parts between semicolons are ``property: value`` of known properties."""
    body = _VALUE_NOISE_RE.sub("x", _without_comments(body))
    parts = [part for part in body.split(";") if part.strip()]
    if not parts:
        return False
    good = 0
    for part in parts:
        match = _DECLARATION_RE.match(part)
        good += match is not None and (
            match.group(1) is not None or match.group(2).lower() in _PROPERTIES
        )
    return good >= max(1, 0.6 * len(parts))


def _without_comments(body: str) -> str:
    first, *rest = body.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _selector_start(text: str, start: int, brace: int) -> int | None:
    """Where the selector or at-rule before a brace begins; None when there is none."""
    start = max(start, text.rfind("{", start, brace) + 1, text.rfind(";", start, brace) + 1)
    start = max(start, text.rfind("}", start, brace) + 1)
    comment = text.rfind("*/", start, brace)
    start = comment + 2 if comment >= 0 else start
    at_rule = _AT_RULE_RE.search(text, start, brace)
    if at_rule:
        return at_rule.start()
    if _FRAMES_RE.fullmatch(text, start, brace):
        return start
    tokens = list(_TOKEN_RE.finditer(text, start, brace))
    first = len(tokens)
    while first and _is_selector_token(tokens[first - 1].group()):
        first -= 1
        if _is_glued(tokens[first].group()):
            # the end of a sentence, unless it stands alone or shows the seam
            seam = _SEAM_RE.search(tokens[first].group())
            first += first + 1 < len(tokens) and seam is None
            break
    if first == len(tokens):
        glued = _GLUED_TAG_RE.search(text, start, brace)
        return glued.start(1) if glued else None
    if not first:
        return _unglued(tokens[0])
    # words stand before it: a lone element name there may be one of them
    specific = [t for t in tokens[first:] if t.group() not in _TAGS or _is_listed(text, t)]
    return _unglued(specific[0] if specific else tokens[-1])


def _is_listed(text: str, token: re.Match[str]) -> bool:
    """Whether a comma behind an element name makes it one of a list."""
    return text[token.end() : token.end() + 1] == ","


def _is_glued(token: str) -> bool:
    """Whether a token begins with a word that is no element: the end of a sentence."""
    head = _HEAD_RE.match(token)
    return head is not None and head.group(1).lower() not in _TAGS and "-" not in head.group(1)


def _unglued(token: re.Match[str]) -> int:
    """Where a selector begins inside a token that may begin with the end of a sentence."""
    words = token.group()
    if not _is_glued(words):
        return token.start()
    sign = next(at for at, char in enumerate(words) if char in ".#:[")
    rest = re.match(r"[a-z][a-z0-9]*|[.#:*\[]?", words[sign + 1 :])
    # "reopened.body{": the full stop is the sentence's; "Monday..nav{": one of two is
    stop = words[sign] in ".:" and rest is not None and rest.group() in _TAGS_AND_SIGNS
    return token.start() + sign + stop


def _is_selector_token(token: str) -> bool:
    if token[-1] in ".:#[" or (len(token) > 1 and token[-1] in "!?"):
        return False  # a word with the sign that ends its sentence
    return (
        token in _TAGS
        or _BARE_RE.match(token) is not None
        or _COMPOUND_RE.match(token) is not None
        or ("-" in token and token.startswith(("amp-", "wp-")))
        or _is_combined(token)
    )


def _is_combined(token: str) -> bool:
    """Whether a token is selectors joined without spaces, as in ``ul>li+li``."""
    parts = re.split(r"[>+~]", token)
    return len(parts) > 1 and all(not part or _is_selector_token(part) for part in parts)


def _is_cited(text: str, start: int, end: int, rules: int) -> bool:
    """Whether the page shows the run: in quotation signs, behind a colon, in a sentence."""
    if text[start - 1 : start] in ("`", "“", "‘") or text[end : end + 1] == "`":
        return True
    if rules > MAX_SAMPLE_RULES:
        return False
    before = text[max(0, start - 40) : start]
    inside = re.search(r"[^\W\d_A-Z],? $", before) and re.match(r" [^\W\d_A-Z]|[.,;] ", text[end:])
    return before.rstrip().endswith(":") or inside is not None


def _is_blob(run: str, rules: int) -> bool:
    return rules >= MIN_BLOB_RULES and run.count("\n") < rules
