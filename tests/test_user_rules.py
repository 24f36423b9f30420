"""The caller's own rules: what they remove and protect, where they hold, what is refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

import declutter
from declutter import LexiconError, Options, analyze, clean
from declutter.cli import main
from declutter.lexicon import Entry, Lexicon, default_lexicon, parse_toml
from declutter.pipeline import read
from declutter.rulefiles import RuleFile, check_files, rule_set
from declutter.rules.context import Context
from declutter.rules.phrases import phrases
from tests.batches import json_lines
from tests.conftest import PAGES, SEEDS

LEXICONS = Path(declutter.__file__).parent / "lexicons"
PROSE = "The old bridge over the river reopened on Monday, two years after the flood, it said."
OTHER = "Work on the second pier begins in May, and the harbour stays open, the council said."
THIRD = "Engineers had found cracks in the oldest of its piers, which dates from the last century."
LINE = "The editors of this page choose every week what is printed here, and nobody else does."
CLUB = """
[[entry]]
id = "en.club"
category = "subscription"
weight = 3
patterns = ["join the harbour circle [today]"]
why = "advertises the site's club"
match = ["Join the Harbour Circle today"]
spare = ["They join the harbour circles in May."]
"""


def own(text: str, name: str = "mine.toml") -> Options:
    return Options(rules=(RuleFile(name, text),))


def remove(choice: str, more: str = "") -> Options:
    return own(f'[[remove]]\ncategory = "advertisement"\n{choice}\n{more}')


def protect(choice: str, more: str = "") -> Options:
    return own(f"[[protect]]\n{choice}\n{more}")


def page(body: str, language: str = "en") -> str:
    return f"<html lang={language}><title>Bridge</title><body><article>{body}</article>"


def removed(source: str, options: Options, **more: Any) -> list[str]:
    """The words that the caller's own rules removed."""
    found = analyze(source, options=options, **more).removals
    return [item.text for item in found if item.rule.startswith("user:")]


# --- phrases --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Join the Harbour Circle today\n{PROSE}", PROSE),
        (f"{PROSE}\nJOIN THE HARBOUR CIRCLE!\n{OTHER}", f"{PROSE}\n{OTHER}"),
        (f"{PROSE} Join the Harbour Circle today to get the news. {OTHER}", f"{PROSE} {OTHER}"),
        (f"Join the Harbour Circle today{PROSE}", PROSE),
        (f"Join the Harbour Circle today {PROSE}", PROSE),
        (f"Read more\nJoin the Harbour Circle\n{PROSE}", PROSE),
        *[
            (text, text)
            for text in (
                f"{PROSE}\n{OTHER} The poster said “join the harbour circle”. {THIRD}",
                f"{PROSE}\n{OTHER} Six people join the harbour circle today. {THIRD}",
                f"{PROSE}\n{OTHER} They joined the harbour circles in the spring of last year.",
            )
        ],
    ],
)
def test_own_phrases_are_judged_like_those_of_the_package(text: str, left: str) -> None:
    assert clean(text, kind="text", options=own(CLUB)) == left


def test_a_lexicon_in_two_parts_says_what_it_says_in_one() -> None:
    entries = parse_toml((LEXICONS / "en.toml").read_text(encoding="utf-8"))
    whole, parts = Lexicon(entries), Lexicon(entries[::2]).extended(entries[1::2])
    for entry in entries:
        for text in (*entry.match, *entry.spare):
            doc = read(f"{text} {PROSE}\n{text}{OTHER}", kind="text")
            one, two = (
                {
                    (f.start, f.end, f.weight)
                    for f in phrases(doc, Context(doc, lexicon, lambda: None))
                }
                for lexicon in (whole, parts)
            )
            assert one == two, text


@given(
    st.lists(
        st.sampled_from(
            ["sign up", "join the harbour circle", "Share", " | ", "\n", "news", "İ", "  ", "登录",
             "join the harbour", "video", "Join the Harbour Circle today", "videothek", "3 videos"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_an_extended_lexicon_finds_what_both_find(words: list[str]) -> None:
    text = " ".join(words)
    both = default_lexicon().extended(ENTRIES)
    found = default_lexicon().find(text) + Lexicon(ENTRIES).find(text)
    assert set(both.find(text)) == set(found)
    muted = both.without(frozenset(entry.id for entry in ENTRIES))
    assert muted.find(text) == default_lexicon().find(text)


ENTRIES = [
    Entry.parse(
        {
            "id": f"user:en.{number}", "category": "share", "weight": weight, "scope": scope,
            "patterns": patterns, "why": "x", "match": ["x"], "spare": ["x"],
        }
    )
    for number, (patterns, weight, scope) in enumerate(
        [
            (["join the harbour circle [today]", "{N} videos"], 3, "phrase"),
            (["video", "videothek"], 1, "line"),
            (["登录", "sign up news"], 2, "line"),
        ]
    )
]  # fmt: skip


# --- elements and lines ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "body", "words"),
    [
        ('selector = "div.x"', f"<p>{PROSE}<div class=x><p>One.<p>Two.</div>", ["One.", "Two."]),
        ('selector = ".x"', f"<p>{PROSE} <b class=x>An ad</b> {OTHER}</p>", ["An ad"]),
        ('selector = "p > b, h2"', f"<h2>More</h2><p>{PROSE}<b> y </b></p>", ["More", "y"]),
        ('selector = ".x"', "<ul><li>a<li class=x>b <i class=x>c</i> d</ul>", ["b c d"]),
        ('selector = "td.x"', f"<p>{PROSE}<table><tr><td>a<td class=x>b<td>c</table>", ["b"]),
        ('selector = "p.x"', f"<p class=x>{PROSE} <code>a  b</code> c", [f"{PROSE} a  b c"]),
        ('selector = ".x"', f"<p>{PROSE} <code>a <b class=x>b c</b></code>", ["b c"]),
        ('selector = "script, img, .none"', f"<p>{PROSE}<img alt=x><script>x</script>", []),
        ("xpath = \"//p[contains(., 'May')]\"", f"<p>{PROSE}<p>{OTHER}", [OTHER]),
        ("xpath = \"//div[@class='x']/p[2]\"", "<div class=x><p>a<p>b<p>c</div>", ["b"]),
        ('xpath = "/html/body//b"', f"<p>{PROSE} <b>x</b>", ["x"]),
        ('xpath = "//*[@id=\'x\']/following::p"', f"<b id=x>{PROSE}</b><p>A<p>B", ["A", "B"]),
        ('xpath = "//tbody/tr/td"', "<table><tr><td>a</table>", ["a"]),
        ('xpath = "//p/descendant-or-self::*[self::i]"', f"<p>{PROSE} <i>x", ["x"]),
        ('xpath = "//p/text()/.."', f"<p>{PROSE}", [PROSE]),
        ('lines = ["follow  US"]', f"<p>{PROSE}<p>Follow us<p>Follow us!", ["Follow us"]),
        ('lines = ["One", "two"]', f"<p>{PROSE}<p>One<br>Two<br>three", ["One", "Two"]),
    ],
)  # fmt: skip
def test_what_is_chosen_goes(choice: str, body: str, words: list[str]) -> None:
    assert removed(page(body), remove(choice)) == words


@pytest.mark.parametrize(
    "body",
    [
        "<p a:b=1 @click=x \x03=y {{x}} {a=1 xmlns=u xmlns:v=w =z>one</p><o:p>two</o:p>",
        "<p class='\x03'>three \x04",
        "<svg><a xlink:href=x>one</a></svg><p>two<!-- -- --->three<!-->",
        "<template><p>one</template><p>two<select><option>three",
        "<p>" * 1000 + "one" + "<b>" * 1000 + "two",
        "",
        "<html>",
        "<frameset><frame>",
    ],
)
def test_xpath_and_selectors_choose_the_same_elements(body: str) -> None:
    first = ("p:first-child", "//p[not(preceding-sibling::*)]")
    for css, path in [("p", "//p"), ("body *", "//body//*"), first]:
        by_css = removed(page(f"<p>{PROSE}</p>{body}"), remove(f'selector = "{css}"'))
        assert by_css == removed(page(f"<p>{PROSE}</p>{body}"), remove(f'xpath = "{path}"'))


@given(st.text(alphabet="<>/pb i={}:x\"'!-&;\x03\x0c\ud800", max_size=80))
def test_xpath_chooses_from_any_page_what_selectors_do(body: str) -> None:
    css, xpath = (
        analyze(f"<div>{body}", kind="html", options=remove(choice)).document.picks
        for choice in ('id = "x"\nselector = "b, p"', 'id = "x"\nxpath = "//b|//p"')
    )
    assert css == xpath


def test_lines_go_from_flattened_text_and_selectors_do_nothing_there() -> None:
    rules = remove('lines = ["Our partners"]', '[[remove]]\ncategory="share"\nselector="*"')
    text = f"{PROSE}\nOUR   partners\n{OTHER}"
    assert clean(text, kind="text", options=rules) == f"{PROSE}\n{OTHER}"


def test_what_goes_is_no_copy_of_what_stays() -> None:
    body = f"<div class=teaser><p>{PROSE}</div><p>{OTHER}<p>{PROSE}<p>{OTHER} Indeed."
    left = clean(page(body), options=remove('selector = ".teaser"'))
    assert left.count(PROSE) == 1


def test_a_removal_names_rule_category_and_reason() -> None:
    options = remove('selector = ".x"', 'id = "promo"\nwhy = "our own box"')
    (item,) = analyze(page(f"<p>{PROSE}<p class=x>One more"), options=options).removals
    assert (item.rule, item.category.value, item.why) == (
        "user:promo", "advertisement", "our own box",
    )  # fmt: skip


def test_a_rule_without_an_id_is_named_by_its_file_and_line() -> None:
    options = own('# mine\n\n[[remove]]\nlines = ["x"]\ncategory = "share"', "a/site.toml")
    found = analyze(f"{PROSE}\nx\n{OTHER}", options=options).removals
    assert [(f.rule, f.why) for f in found] == [("user:site:3", "a rule of site.toml: its words")]


# --- protecting -----------------------------------------------------------------------

SIGN_UP = "Sign up for our newsletter today!"


@pytest.mark.parametrize(
    ("choice", "body", "stays"),
    [
        ('selector = ".x"', f"<p>{PROSE}<div class=x><p>{SIGN_UP}</div>", SIGN_UP),
        (
            'selector = "footer"',
            f"<p>{PROSE}<footer>Home | News | © 2024 x</footer>",
            "Home | News",
        ),
        ("xpath = \"//p[@id='x']\"", f"<p>{PROSE}<p id=x>{SIGN_UP}", SIGN_UP),
        ('lines = ["sign up FOR our newsletter today!"]', f"<p>{PROSE}<p>{SIGN_UP}", SIGN_UP),
        ('patterns = ["our newsletter"]', f"<p>{PROSE} {SIGN_UP} {OTHER}", SIGN_UP),
        ('selector = "b"', f"<p>{PROSE} Sign up for <b>our</b> newsletter!</p>", "our"),
        ('selector = "style, pre"', f"<p>{PROSE}<pre>a {{ color: red }}</pre>", "color: red"),
    ],
)
def test_what_is_protected_stays(choice: str, body: str, stays: str) -> None:
    assert stays in clean(page(body), options=protect(choice))


@pytest.mark.parametrize(
    "choice", ['lines = ["Sign up for our newsletter today!"]', 'patterns = ["sign up for our"]']
)
def test_what_is_protected_stays_in_flattened_text(choice: str) -> None:
    text = f"{PROSE}\n{SIGN_UP}\n{OTHER}"
    assert clean(text, kind="text", options=protect(choice)) == text


def test_protecting_beats_removing_titles_and_edges() -> None:
    both = '[[protect]]\nselector = "h1, p"\n[[remove]]\nselector = "body"\ncategory = "share"'
    source = page(f"<h1>Bridge</h1><p>{SIGN_UP}</p><div>Gone</div>")
    left = f"Bridge\n\n{SIGN_UP}"
    assert clean(source, options=own(both)) == left
    assert clean(source, options=own(both), title=False, edges=True) == left


@given(st.data())
def test_protected_elements_always_survive(data: st.DataObject) -> None:
    blocks = data.draw(st.lists(BLOCKS, min_size=1, max_size=8))
    words = [f"w{number}x {text}" for number, text in enumerate(blocks)]
    marked = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    tags = data.draw(st.lists(st.sampled_from(["p", "li", "div", "h2", "section"]), min_size=8))
    body = "".join(
        f"<{tag} {'class=x' if mark else ''}>{text}</{tag}>"
        for tag, mark, text in zip(tags, marked, words, strict=False)
    )
    rules = protect('selector = ".x"', '[[remove]]\nselector = "p"\ncategory = "share"')
    left = clean(page(body), options=rules, focus="precision")
    gone = [text for text, mark in zip(words, marked, strict=True) if mark and text not in left]
    assert gone == []


BLOCKS = st.sampled_from(
    [PROSE, OTHER, SIGN_UP, "Share", "Home | News", "© 2024 x", "Read more: x", "a{b:c}"]
)


@given(st.data())
def test_a_selector_removes_nothing_outside_of_its_elements(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from([PROSE, OTHER, "One", "two", " "]), max_size=8))
    tags = data.draw(st.lists(st.sampled_from(["b", "i", "p", "div", "span"]), min_size=8))
    words = [f"{text}{number}" for number, text in enumerate(texts)]
    body = "".join(f"<{tag}>{word}</{tag}>" for tag, word in zip(tags, words, strict=False))
    result = analyze(page(f"<p>{PROSE}</p>{body}"), options=remove('selector = "b"'))
    inside = " ".join(word for tag, word in zip(tags, words, strict=False) if tag == "b")
    own_words = [item.text for item in result.removals if item.rule.startswith("user:")]
    assert "".join("".join(own_words).split()) == "".join(inside.split())


# --- hosts, languages, categories -----------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "url", "holds"),
    [
        (["example.org"], "https://example.org/a", True),
        (["example.org"], "https://www.example.org:8080/", True),
        (["www.example.org"], "http://EXAMPLE.org", True),
        (["example.org"], "https://a.example.org/", False),
        (["*.example.org"], "https://a.b.example.org/", True),
        (["*.example.org"], "https://example.org/", True),
        (["*.example.org"], "https://badexample.org/", False),
        (["bücher.example"], "https://xn--bcher-kva.example/", True),
        (["xn--bcher-kva.example"], "https://bücher.example/", True),
        (["example.org", "example.net"], "example.net/a", True),
        (["example.org"], None, False),
        (["example.org"], "http://[broken", False),
        (["example.org"], "", False),
    ],
)
def test_rules_hold_on_their_hosts(hosts: list[str], url: str | None, holds: bool) -> None:
    more = f"hosts = {json.dumps(hosts, ensure_ascii=False)}"
    phrase = own(CLUB + more)
    lines, said = remove(f'lines = ["{LINE}"]', more), "Join the Harbour Circle today"
    source = f"{PROSE}\n{LINE}\n{OTHER} {said}. {THIRD}"
    assert removed(source, lines, url=url) == [LINE] * holds
    assert removed(source, phrase, url=url) == [f"{said}."] * holds


@pytest.mark.parametrize(
    ("languages", "declared", "holds"),
    [
        (["de"], "de", True), (["de"], "de-AT", True), (["de"], "en", False), (["de"], "", True),
        (["pt-BR"], "pt-br", True), (["pt-BR"], "pt", False), (["de", "fr"], "FR_ca", True),
    ],
)  # fmt: skip
def test_rules_hold_on_pages_of_their_languages(
    languages: list[str], declared: str, holds: bool
) -> None:
    more = f"languages = {json.dumps(languages)}"
    source = page(f"<p>{PROSE}<p class=x>Follow<p>Join the Harbour Circle", declared or '""')
    words = removed(source, remove('selector = ".x"', more))
    assert words == ["Follow"] * holds
    assert removed(source, own(CLUB + more)) == ["Join the Harbour Circle"] * holds


def test_categories_are_on_and_off() -> None:
    text = f"Skip to main content\n{PROSE}\nBy Jane Doe, Monday 3 May 2021\n{OTHER}"
    assert "Skip" in clean(text, options=own("[categories]\nnavigation = false"))
    assert "Skip" not in clean(text, options=own("[categories]\nnavigation = true"))
    switched = Options(keep={"share"}, drop={"byline"}).switched(  # type: ignore[arg-type]
        rule_set(
            own("[categories]\nbyline = false\nlegal = false\ncaption = true").rules
        ).categories
    )
    assert {c.value for c in switched.keep} == {"share", "legal"}, "what a caller says wins"
    assert {c.value for c in switched.drop} == {"byline", "caption"}


def test_a_category_that_the_caller_keeps_stays_whoever_would_remove_it() -> None:
    source = f"{PROSE}\n{LINE}\n{OTHER}"
    rules = remove(f'lines = ["{LINE}"]')
    assert clean(source, options=rules) == f"{PROSE}\n{OTHER}"
    assert clean(source, options=rules.changed(keep=["advertisement"])) == source


def test_of_two_files_the_later_one_decides_about_categories() -> None:
    files = [RuleFile(value, f"[categories]\nshare = {value}") for value in ("false", "true")]
    assert list(rule_set(tuple(files)).categories.values()) == [True]


# --- without rules, and rules that match nothing --------------------------------------

NOTHING = own('[[remove]]\nselector = ".no-such"\ncategory = "share"\n' + CLUB)


@pytest.mark.parametrize("path", [*SEEDS, *(p / "source.html" for p in PAGES)], ids=str)
def test_rules_that_find_nothing_change_nothing(path: Path) -> None:
    source = path.read_bytes()
    plain, ruled = analyze(source), analyze(source, options=NOTHING, url="https://example.org")
    assert (ruled.text, ruled.title, ruled.confidence) == (
        plain.text, plain.title, plain.confidence,
    )  # fmt: skip
    assert ruled.removals == plain.removals


@given(st.text(alphabet="ab <>/pb=\n", max_size=60))
@example("<p>a<b>b</b>")
def test_selectors_do_not_change_what_is_read(text: str) -> None:
    plain = analyze(text, kind="html").document
    picked = analyze(text, kind="html", options=remove('selector = "*"')).document
    assert (picked.text, picked.blocks, picked.marks) == (plain.text, plain.blocks, plain.marks)
    for mark in picked.picks:
        assert 0 <= mark.start < mark.end <= len(picked.text)


# --- errors ---------------------------------------------------------------------------

BAD = [
    ("[[remove]]\na = [,", "2: not valid TOML"),
    ("[[removes]]\nlines = ['x']", " 'removes' is not known; a rule file has language, entry"),
    ("", " no entries; begin each"),
    ("remove = 1", " no entries; begin each with a line [[remove]]"),
    ("remove = [1]", " ?: remove: is no table"),
    ("categories = 1", " categories is no table"),
    ("[[remove]]\nlines = ['x']", "1: ?: category: is missing"),
    ("[[remove]]\ncategory = 'ads'\nlines = ['x']", "2: ?: category: unknown category 'ads'"),
    ("[[remove]]\nid = 'a'\ncategory = 'share'", "1: a: selector: give one of selector, xpath"),
    ("[[protect]]\nlines = ['x']\nxpath = '//p'", "2: ?: lines: give one of"),
    ("[[remove]]\ncategory = 'share'\nselector = 'div['", "3: ?: selector: 'div[': is no CSS"),
    ("[[remove]]\ncategory = 'share'\nselector = ''", "3: ?: selector: has a wrong value"),
    ("[[remove]]\ncategory = 'share'\nlines = 'x'", "3: ?: lines: has a wrong value"),
    ("[[protect]]\nxpath = '//p['", "2: ?: xpath: '//p[': is no XPath"),
    ("[[protect]]\nxpath = 'count(//p)'", "2: ?: xpath: 'count(//p)': gives no elements"),
    ("[[protect]]\nxpath = '//a/@href'", "2: ?: xpath: '//a/@href': gives no elements"),
    ("[[protect]]\nxpath = '//p[foo(.)]'", "2: ?: xpath: '//p[foo(.)]': foo() is no function"),
    ("[[protect]]\nxpath = '//x:p'", "2: ?: xpath: '//x:p': the prefix 'x' is not known"),
    ("[[protect]]\nxpath = '//p[$a]'", "2: ?: xpath: '//p[$a]': has a variable"),
    ("[[protect]]\npatterns = ['a', '(b']", "2: ?: patterns: '(b' '(' is not closed"),
    ("[[protect]]\npatterns = ['{X} b']", "2: ?: patterns: '{X} b' must begin with a literal"),
    ("[[remove]]\npatterns = ['a b']", "2: ?: patterns: unknown field 'patterns'; use one of"),
    ("[[protect]]\nlines = ['x']\ncategory = 'share'", "3: ?: category: unknown field"),
    ("[[protect]]\nlines = ['x']\nhosts = 'x.org'", "3: ?: hosts: has a wrong value"),
    ("[[protect]]\nlines = ['x']\nhosts = ['http://x.org/']", "3: ?: hosts: 'http://x.org/' is"),
    ("[[protect]]\nlines = ['x']\nlanguages = ['German']", "3: ?: languages: 'German' is none"),
    ("[[protect]]\nlines = ['x']\nid = 3", "3: ?: id: has a wrong value"),
    ("[[protect]]\nid='a'\nlines=['x']\n[[protect]]\nid='a'\nlines=['y']", "5: a: id: duplicate"),
    (CLUB + "[[protect]]\nid = 'en.club'\nlines = ['x']", "11: en.club: id: dup"),
    (CLUB.replace("weight = 3", "weight = 0"), "5: en.club: weight: is missing or empty"),
    (CLUB.replace("They join the harbour circles", "Join the harbour circle"), "9: en.club: sp"),
    (CLUB + "hosts = []", "10: en.club: hosts: has a wrong value"),
    ("[categories]\nads = true", "2: categories: ads: unknown category"),
    ("[categories]\nshare = 'no'", "2: categories: share: has a wrong value"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_file_is_refused_with_file_line_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as error:
        Options(rules=path)  # type: ignore[arg-type]
    told = str(error.value).split("\n")
    assert any(line.startswith(f"{path}:{message}") for line in told), told
    assert set(told) & set(check_files(path)[1])
    result = run("clean", "-", "--rules", path)
    assert result.exit_code == 2
    assert f"{path}:" in result.stderr


@pytest.mark.parametrize("rules", [3, [3], "no-such.toml", Path("no-such"), b"x"])
def test_what_is_no_rule_file_is_refused(rules: Any) -> None:
    with pytest.raises(LexiconError):
        Options(rules=rules)


@given(st.text(alphabet='[]{}()|"=\n\\ #removelctsp0.*/@', max_size=60))
def test_no_file_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    for table in ("remove", "protect", "entry"):
        path = tmp_path_factory.getbasetemp() / "any.toml"
        path.write_text(f"[[{table}]]\ncategory = {text!r}\n{text}", encoding="utf-8")
        with pytest.raises(LexiconError):
            Options(rules=path)  # type: ignore[arg-type]


# --- where options go -----------------------------------------------------------------


def test_paths_folders_and_several(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = f'[[remove]]\nlines = ["{name}: {LINE}"]\ncategory = "share"'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    source = f"{PROSE}\na: {LINE}\nb: {LINE}\n{OTHER}"
    for given_rules in (tmp_path, str(tmp_path), [tmp_path / "a.toml", str(tmp_path / "b.toml")]):
        assert clean(source, rules=given_rules) == f"{PROSE}\n{OTHER}"
    assert clean(source, rules=tmp_path / "a.toml") == f"{PROSE}\nb: {LINE}\n{OTHER}"


def test_options_with_rules_can_be_compared_hashed_and_pickled(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(CLUB, encoding="utf-8")
    options = declutter.Options(rules=path)  # type: ignore[arg-type]
    path.unlink()
    again = pickle.loads(pickle.dumps(options))
    assert again == options
    assert hash(again) == hash(options)
    assert clean(f"Join the Harbour Circle\n{PROSE}", options=again) == PROSE
    result = analyze(page(f"<p>{PROSE}<p>Share<p>{SIGN_UP}"), options=again)
    assert pickle.loads(pickle.dumps(result)).removals == result.removals


def run(*arguments: object, source: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=source)


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    text = f'[[remove]]\nid = "follow"\nlines = ["{LINE}"]\ncategory = "share"\n'
    path.write_text(f'{text}hosts = ["example.org"]\n{CLUB}', encoding="utf-8")
    return path


def test_the_commands_take_rules(rule_file: Path) -> None:
    source = f"Join the Harbour Circle\n{LINE}\n{PROSE}\n"
    plain = run("clean", "-", "--rules", rule_file, source=source)
    assert plain.stdout == f"{LINE}\n{PROSE}\n"
    url = ("--url", "https://example.org/a")
    assert run("clean", "-", "--rules", rule_file, *url, source=source).stdout == f"{PROSE}\n"
    assert "user:follow" in run("explain", "-", "--rules", rule_file, *url, source=source).stdout
    assert run("rules", "--check", rule_file).stdout == "2 entries, all good\n"
    listed = run("rules", "--rules", rule_file).stdout
    assert "user:follow" in listed
    assert "user:en.club" in listed


def test_batch_cleans_by_rules_and_does_not_go_on_with_others(
    rule_file: Path, tmp_path: Path
) -> None:
    pages = tmp_path / "pages.jsonl"
    text = f"Join the Harbour Circle\n{LINE}\n{PROSE}"
    urls = ("https://example.org/1", "https://example.net/2")
    pages.write_bytes(json_lines(*({"text": text, "url": url} for url in urls)))
    out = tmp_path / "out.jsonl"
    command = ("batch", pages, "-o", out, "--rules", rule_file, "-j", 1, "-q")
    assert run(*command).exit_code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == [PROSE, f"{LINE}\n{PROSE}"]
    assert run(*command, "--resume").exit_code == 0
    rule_file.write_text(rule_file.read_text().replace("The editors", "Editors"), encoding="utf-8")
    other = run(*command, "--resume")
    assert other.exit_code == 1
    assert "another rules" in other.stderr


# --- rules --why ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Join the Harbour Circle"], "goes, by user:en.club: Join the Harbour Circle"),
        (["Join the Harbour Circle"], "user:en.club, subscription, weight 3: advertises"),
        (["Sign up for our newsletter"], "goes, by en.newsletter.sign-up"),
        (["He wrote “sign up for our newsletter”."], "stays: it is quoted"),
        (["She said: sign up for our newsletter!"], "stays: it does not begin a line"),
        (["Share"], "stays: too weak alone, 1 of 3"),
        (["Home > News > Sport"], "goes, by breadcrumb"),
        ([LINE], f"left by rules alone: {LINE}"),
        ([LINE, "--url", "example.org"], "goes, by user:follow: The editors"),
        (["Cracked pier"], "no phrase and no rule speaks of this"),
        (["<code>Join the harbour circle</code>", "--html"], "stays: it is quoted, shown as code"),
        (["Join the Harbour Circle", "--language", "de"], "goes, by user:en.club"),
    ],
)
def test_why_tells_what_speaks_of_a_text(rule_file: Path, arguments: list[str], told: str) -> None:
    result = run("rules", "--rules", rule_file, "--why", *arguments)
    assert result.exit_code == 0
    assert told in result.stdout


def test_why_knows_hosts_languages_keeping_and_protecting(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    more = 'languages = ["de"]\n[[protect]]\nid = "walk"\npatterns = ["sign up for our"]\n'
    path.write_text(f"{CLUB}{more}[categories]\nshare = false", encoding="utf-8")
    told = run("rules", "--rules", path, "--why", "Join the Harbour Circle", "--language", "en")
    assert "stays: the rule is for other hosts or languages" in told.stdout
    assert "stays: user:walk protects it" in run("rules", "--rules", path, "--why", SIGN_UP).stdout
    assert "stays: share is kept" in run("rules", "--rules", path, "--why", "Share Facebook").stdout


@given(st.text(max_size=80))
def test_why_answers_any_text(text: str) -> None:
    from declutter.why import told, why

    assert list(told(why(text, NOTHING)))
    assert list(told(why(text, NOTHING, kind="html")))
