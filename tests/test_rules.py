"""Each rule on small texts: what it finds and what it spares."""

from __future__ import annotations

import pytest

import declutter
from declutter.lexicon import Entry, Lexicon
from declutter.readers.text import read
from declutter.rules import RULES, Context
from tests.conftest import marked

PROSE = "The council said on Monday that it would repair the old bridge."


def found(rule: str, text: str) -> list[str]:
    doc = read(text)
    ctx = Context(doc, Lexicon([]), lambda: None)
    return [text[f.start : f.end] for f in RULES[rule](doc, ctx)]


@pytest.mark.parametrize(
    "style",
    [
        ".nav { color: red; margin: 0 }",
        ".a{color:red}.b,.c{margin:0;padding:0}",
        ".hero {\n  color: red;\n  margin: 0 auto;\n}\n\n.hero p {\n  font-size: 12px;\n}",
        ".sc-bdVaJa{display:-webkit-box;}/*!sc*/.css-1x2y{flex:1;}/*!sc*/",
        ".amp-mode-mouse amp-social-share[type=twitter]{background-color:#1da1f2}",
        "@media (max-width:600px){.a{color:red}.b{margin:0}}",
        "@supports (display:grid){@media print{.a{display:grid}}}",
        '@font-face{font-family:"L";src:url(https://x.example/a;b.woff2) format("woff2")}',
        ":root{--wp--preset--color--black:#000}",
        '@import url("a.css");',
        "@keyframes spin{0%{transform:rotate(0)}100%{transform:rotate(1deg)}}",
        "h1,h2,h3{font-weight:700}p{margin:0}",
        "*{box-sizing:border-box}",
        ".i{background:url(data:image/png;base64,iVBORw0KGgo=) no-repeat}",
        ".card{color:red;&:hover{color:blue}}",
        "/* Header */ .h{top:0} /* end */",
        ".A{COLOR:RED}",
    ],
)
def test_style_goes_on_its_own_line_and_beside_words(style: str) -> None:
    assert "".join(found("inline-css", f"{PROSE}\n{style}\n{PROSE}")).strip() == style
    assert "".join(found("inline-css", f"{style} {PROSE}")).strip() == style


@pytest.mark.parametrize(
    "text",
    [
        'He wrote { "a": 1 } and if (x) { return y; } for the form.',
        "The CSS rule `body { color: red; }` sets the colour.",
        "Set it like this:\n.box { color: red; }\nand reload the page.",
        "The culprit was one line, a { color: red; } in the theme file.",
        "Style sheets hold rules.\n.box { color: red; }\nEvery CSS rule has a selector.",
        "Use map: {} for none.",
        "Prices rose 51% {see table}.",
        "The sets {1, 2} and {3; 4} are disjoint.",
    ],
)
def test_style_is_spared_where_the_page_shows_it(text: str) -> None:
    assert found("inline-css", text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The bridge reopened.body{margin:0}", "The bridge reopened."),
        ("See www.example.com .nav{color:red}", "See www.example.com"),
        (f"{PROSE}\n.nav {{ color: red; }}", PROSE),
        ("0 auto;color:red;padding:4px}.b{margin:0}\nThe end came.", "The end came."),
        (
            ".a{color:red}.b{margin:0;padding:4px The council met. It was late.",
            "The council met. It was late.",
        ),
    ],
)
def test_style_leaves_the_words_beside_it(text: str, left: str) -> None:
    assert declutter.clean(text, kind="text") == left


@pytest.mark.parametrize(
    "code",
    [
        '{"@context":"https://schema.org","@type":"NewsArticle","headline":"The } bridge"}',
        "window.dataLayer = window.dataLayer || []; gtag('js', new Date());",
        "(function(w,d,s,l,i){w[l]=w[l]||[];})(window,document,'script','dataLayer','GTM-X');",
        "fbq('init', '123'); fbq('track', 'PageView');",
        'window._wpemojiSettings = {"baseUrl":"https:\\/\\/s.example","ext":".png"};',
        "[vc_row][vc_column]",
    ],
)
def test_machine_code_goes(code: str) -> None:
    assert "".join(found("script-residue", f"{code} {PROSE}")) == code
    assert "".join(found("script-residue", f"{PROSE}\n{code}\n{PROSE}")) == code


@pytest.mark.parametrize(
    "text",
    [
        "Paste this into the page:\ngtag('js', new Date());",
        "The function document.getElementById('x') returns an element in JavaScript code.",
        'The answer was {"page": 1, "total": 3}.',
    ],
)
def test_code_that_an_article_shows_stays(text: str) -> None:
    assert found("script-residue", text) == []


@pytest.mark.parametrize(
    ("rule", "text", "gone"),
    [
        (
            "section-prefix",
            "Asia Japan Japan reopens its border to tourists after two years",
            [],  # without a lexicon no word is a section
        ),
        (
            "leading-bullets",
            f"• World\n• Asia\nA headline of some words\n{PROSE}",
            ["• World", "• Asia"],
        ),
        ("leading-bullets", f"- Kommer du?\n- Nej tack.\n{PROSE}", []),
        ("menu-line", "Name | Age | City\nAnna | 12 | Oslo", []),
        ("copyright-line", "© 2024 Harbour Gazette", ["© 2024 Harbour Gazette"]),
        ("copyright-line", f"Copyright © 2024 {PROSE}", []),
        ("repeated-line", f"{PROSE}\n{PROSE}", [PROSE]),
        ("repeated-line", f"{PROSE}\nOne.\nTwo.\n{PROSE}", []),
        ("repeated-line", "Yes.\nYes.", []),
        ("repeated-line", "a\tb\tc d e f g\na\tb\tc d e f g", []),
        (
            "breadcrumb",
            f"Front / Town / Bridge reopens after repairs\nBridge reopens after repairs\n{PROSE}",
            ["Front / Town / Bridge reopens after repairs"],
        ),
    ],
)
def test_shapes(rule: str, text: str, gone: list[str]) -> None:
    assert found(rule, text) == gone


def test_section_names_before_a_headline_go() -> None:
    text = f"Asia Japan Japan reopens its border to tourists after two years\n{PROSE}"
    assert declutter.clean(text, kind="text").startswith("Japan reopens its border")


# --- phrases, with a lexicon of three entries ------------------------------------------

ENTRIES = [
    Entry.parse(
        {
            "id": f"en.test.{scope}",
            "category": category,
            "weight": weight,
            "scope": scope,
            "patterns": patterns,
            "why": "tests",
            "match": ["x"],
            "spare": ["y"],
        }
    )
    for scope, category, weight, patterns in (
        ("phrase", "newsletter", 3, ["sign up for our newsletter"]),
        ("line", "advertisement", 3, ["advertisement"]),
        ("label", "related", 3, ["read more:"]),
    )
]
WORDS = Entry.parse(
    {
        "id": "en.test.words",
        "category": "share",
        "weight": 1,
        "scope": "line",
        "patterns": ["share", "print", "facebook", "live"],
        "why": "tests",
        "match": ["x"],
        "spare": ["y"],
    }
)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Sign up for our newsletter", ["Sign up for our newsletter"]),
        (f"Sign up for our newsletter {PROSE}", ["Sign up for our newsletter"]),
        (f"{PROSE} Sign up for our newsletter", ["Sign up for our newsletter"]),
        (f"{PROSE}Sign up for our newsletter!", ["Sign up for our newsletter!"]),
        (
            f"Sign up for our newsletter to hear more. {PROSE}",
            ["Sign up for our newsletter to hear more."],
        ),
        (
            "Sign up for our newsletter to go on The council met on Monday and left.",
            ["Sign up for our newsletter to go on "],
        ),
        ("He said: “Sign up for our newsletter.”", []),
        ("Readers can sign up for our newsletter at the door.", []),
        ("Sign up for our newsletter is a sentence that nobody likes.", []),
        ("Sign up for our newsletter, the banner promised in red letters.", []),
        ("Sign up for our newsletter: nobody ever read these words.", []),
        ("Advertisement", ["Advertisement"]),
        (f"Advertisement {PROSE}", ["Advertisement"]),
        ("Advertisement spending rose in May.", []),
        ("Advertisement-worthy pancakes need three eggs.", []),
        ("Read more: Old pier to go", ["Read more: Old pier to go"]),
        (f"{PROSE} Read more: Old pier to go", ["Read more: Old pier to go"]),
        (f"Read more: {PROSE}", ["Read more:"]),
        ("Share Facebook Print", ["Share Facebook Print"]),
        ("Platforms like Facebook Live, Print Live and Share Live are easy.", []),
        ("Live music returns to the harbour", []),
        ("— Share.", []),
    ],
)
def test_phrases_reach_as_far_as_they_speak(text: str, gone: list[str]) -> None:
    doc = read(text)
    ctx = Context(doc, Lexicon([*ENTRIES, WORDS]), lambda: None)
    strong = [f for f in RULES["phrases"](doc, ctx) if f.weight >= 3]
    assert [text[f.start : f.end] for f in strong] == gone


def test_words_of_several_languages_do_not_add_up() -> None:
    foreign = [
        Entry.parse(
            {
                "id": f"{code}.test.words",
                "category": "share",
                "weight": 1,
                "scope": "line",
                "patterns": [word],
                "why": "tests",
                "match": ["x"],
                "spare": ["y"],
            }
        )
        for code, word in (("de", "alpha"), ("fr", "beta"), ("it", "gamma"))
    ]
    doc = read("Alpha Beta Gamma")
    findings = list(RULES["phrases"](doc, Context(doc, Lexicon(foreign), lambda: None)))
    assert max((f.weight for f in findings), default=0) < 3


# --- phrases of the shipped lexicons ---------------------------------------------------

GERMAN = "Die Reederei wartete auf die Überfahrt, die im Mai beginnt."


@pytest.mark.parametrize(
    "source",
    [
        # sentences that only begin like a button
        f"{PROSE}\nShare this with nobody.\n{PROSE}",
        f"Already a subscriber? Then you will pay more from your next bill. {PROSE}",
        "Bereits Abonnent? Dann zahlen Sie ab Mai mehr für die Zeitung.",
        f"⟦Already a subscriber?⟧ {PROSE}",
        # appeals
        f"{PROSE} ⟦Like this story? Share it with your friends!⟧",
        f"{PROSE} ⟦Jetzt Newsletter abonnieren und keine Nachricht verpassen!⟧",
        f"{PROSE} ⟦Ti è piaciuto questo articolo? Condividilo con i tuoi amici!⟧",
        f"{PROSE} ⟦Gostou deste artigo? Compartilhe com seus amigos!⟧",
        # glued without a space
        "Le registre fut ouvert en 1846.⟦Écoutez cet article⟧",
        "الاجتماع في الأسبوع المقبل.⟦لقراءة المقال كاملًا اضغط هنا⟧",
        "Deux cents personnes la lisaient au Canada.⟦Partager sur Facebook⟧",
        "The U.S.Sign was old, node.js runs 3.5 times faster, and so on z.B.Anton.",
        # an appeal ends where the next sentence is glued to it
        "⟦Sostieni il giornalismo indipendente con 5 euro al mese⟧Dal prossimo autunno la scuola "
        "avrà un orto.",
        "⟦By submitting, you consent to our terms of use and privacy policy⟧ AI tools like ChatGPT "
        "are used by many editors today.",
        # a label goes with the name that it announces
        f"⟦You are here: Home⟧ {PROSE}",
        f"⟦You are here: Home⟧{PROSE}",
        f"Die Fähre fuhr.⟦Sie sind hier: Startseite⟧{GERMAN}",
        # a name at the end of a sentence is no button
        "Analysts compare it with YouTube. ⟦Share Related articles⟧",
        # a label takes no more than its sentence
        f"{PROSE} Read also: Bills to rise in May. {PROSE} It was late",
        # buttons before sentences in languages and scripts without a seam
        f"⟦Nach oben⟧{GERMAN}",
        f"Die Halle war voll. ⟦Video abspielen⟧ {GERMAN}",
        "Nach oben Gekommene sehen weit, sagt der Wirt am Abend.",
        "2010年中国品牌在北京颁布，榜上有名。 ⟦跳到正文⟧ 中国家用电器协会理事长表示满意。",
        "跳到正文的人不多，记者说。",
    ],
)
def test_shipped_phrases_go_and_spare(source: str) -> None:
    case = marked(source)
    left = declutter.clean(case.source, kind="text")
    assert "".join(left.split()) == "".join(case.expected.split())
