"""The pattern language, matching, and every entry's own examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import declutter
from declutter.errors import LexiconError
from declutter.heads import Classes
from declutter.lexicon import (
    STRONG,
    Entry,
    Lexicon,
    check,
    compile_pattern,
    default_lexicon,
    dump,
    fold,
    is_boundary,
    is_unspaced,
    load_directory,
    parse_toml,
)
from declutter.rulefiles import check_files

FOLDER = Path(declutter.__file__).parent / "lexicons"
FILES = sorted(path for path in FOLDER.glob("*.toml") if path.stem != "markup")
ENTRIES = load_directory(FOLDER)
# names of the sites the seeds come from: no rule may know them
SEED_SITES = ("independent premium", "morning star", "hindustan", "wion", "time.com")


def entry(*patterns: str, scope: str = "phrase", weight: float = 3) -> Entry:
    return Entry.parse(
        {
            "id": "xx.test",
            "category": "newsletter",
            "weight": weight,
            "scope": scope,
            "patterns": list(patterns),
            "why": "tests",
            "match": ["x"],
            "spare": ["y"],
        }
    )


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("sign up [now] for news", "Sign up for news", "Sign up for news"),
        ("sign up [now] for news", "Sign up now for news", "Sign up now for news"),
        ("[please] sign up", "please sign up", "please sign up"),
        ("(read|see) more", "See more", "See more"),
        ("subscribe to {X} today", "Subscribe to The Old Gazette today", None),
        ("{N} comments", "12 comments", "12 comments"),
        ("{N} min read", "about 3 min read", "3 min read"),
        ("join {N} readers", "Join 12,000 readers", "Join 12,000 readers"),
        ("published {D}", "Published 12 March 2024", "Published 12 March 2024"),
        ("read more:", "Read more : x", "Read more :"),
        ("read more:", "Read more x", ""),
        ("log-in", "Log in", "Log in"),
        ("log-in", "login", "login"),
        ("don't miss", "Don’t miss", "Don’t miss"),
        ("forgot password?", "Forgot password", "Forgot password"),
        ("¿ya eres socio?", "¿Ya eres socio?", "¿Ya eres socio?"),
        ("newsletter[s]", "newsletters", "newsletters"),
        ("news", "newsletter", ""),
        ("sign up", "Sign upThe council", "Sign up"),
        ("sign up", "storySign up", "Sign up"),
        ("订阅电子报", "请订阅电子报。", "订阅电子报。"),
        ("giriş yap", "GİRİŞ YAP", "GİRİŞ YAP"),
    ],
)
def test_a_pattern_finds(pattern: str, text: str, found: str | None) -> None:
    matches = Lexicon([entry(pattern)]).find(text)
    got = text[matches[0].start : matches[0].end] if matches else ""
    assert got == (text if found is None else found)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("subscribe to {X}", "must not end"),
        ("{X} is trusted", "must begin with a literal"),
        ("[all]", "must begin with a literal|matches the empty"),
        ("(one|two", "not closed"),
        ("one) two", "stray"),
        ("{Q} times", "must open"),
    ],
)
def test_a_bad_pattern_is_refused(pattern: str, complaint: str) -> None:
    with pytest.raises(LexiconError, match=complaint):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[[entry]]\nid = 'a'", "missing"),
        ("[[entry", "not valid TOML"),
        ("[[entry]]\nid='a'\nnonsense=1", "unknown field"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(toml: str, complaint: str) -> None:
    with pytest.raises(LexiconError, match=complaint):
        parse_toml(toml)


def test_checks_name_the_entry_and_the_example() -> None:
    good = entry("sign up for news")
    problems = [str(problem) for problem in check([good, good])]
    assert any("duplicate id" in problem for problem in problems)
    assert any("match example 'x' is not found" in problem for problem in problems)


GOOD = """language = "xx"

[[entry]]
id = "xx.share.all"
category = "share"
weight = 3
patterns = [
    "share it all",
]
why = "asks to share"
match = ["Share it all"]
spare = ["They share it with friends."]
"""
TWICE = GOOD + GOOD[GOOD.index("[[entry]]") :]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("patterns = [", "patterns = [,", "7: not valid TOML"),
        ('language = "xx"', 'language = "xx"\n\n= 2', "3: not valid TOML"),
        ('why = "asks', 'wy = 1\nwhy = "asks', "10: xx.share.all: wy: unknown field"),
        (
            'category = "share"',
            'category = "shares"',
            "5: xx.share.all: category: unknown category",
        ),
        ("weight = 3", 'weight = 3\nscope = "page"', "7: xx.share.all: scope: 'page' is not one"),
        ("weight = 3", 'weight = "3"', "6: xx.share.all: weight: has a wrong value"),
        ("weight = 3", "weight = nan", "6: xx.share.all: weight: has a wrong value"),
        ('match = ["Share it all"]\n', "", "3: xx.share.all: match: is missing"),
        ('spare = ["They share it with friends."]\n', "", "3: xx.share.all: spare: is missing"),
        ('["Share it all"]', '"Share it all"', "11: xx.share.all: match: has a wrong value"),
        ('    "share it all",', '    "(share it",', "8: xx.share.all: patterns: '(share it' '('"),
        ('    "share it all",', '    "[all]",', "8: xx.share.all: patterns: '[all]' must begin"),
        ('    "share it all",', f'    "{"(" * 5000}",', "8: xx.share.all: patterns: '(((("),
        ('["Share it all"]', '["Take it all"]', "11: xx.share.all: match: match example 'Take"),
        (
            "They share it with",
            "Share it all with",
            "12: xx.share.all: spare: spare example 'Share",
        ),
        ('all",\n]', 'all",\n    "more",\n]', "9: xx.share.all: patterns: no match example"),
        (GOOD, TWICE, "14: xx.share.all: id: duplicate id"),
        ("[[entry]]", "[[entries]]", " 'entries' is not known"),
        (GOOD, "", " no entries; begin each"),
        (GOOD, "entry = 1", " no entries; begin each"),
        (GOOD, "entry = [1]", " ?: entry: is no table"),
        (GOOD, "a = " + "[" * 100_000, " not valid TOML: too many brackets"),
        (GOOD, "a = " + "1" * 5_000, " not valid TOML"),
        (GOOD, "[[entry]]\nid = 5\n" + 'x = "\\n"', "2: ?: id: has a wrong value"),
    ],
)
def test_a_file_is_checked_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, found: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    _, problems = check_files(path)
    assert any(problem.startswith(f"{path}:{found}") for problem in problems), problems
    assert all(problem.isprintable() for problem in problems)


def test_a_file_that_is_not_utf_8_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(GOOD.replace("friends", "Thérèse").encode("latin-1"))
    assert check_files(path) == (0, [f"{path}:12: not UTF-8 in line 12; save the file as UTF-8"])


def test_a_folder_is_checked_as_one_lexicon(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    (tmp_path / "c.toml").mkdir()
    count, (duplicate, unread) = check_files(tmp_path)
    assert count == 2
    assert duplicate.startswith(f"{tmp_path / 'b.toml'}:4: xx.share.all: id: duplicate id")
    assert unread.startswith(f"{tmp_path / 'c.toml'}: cannot be read")


def test_the_lexicons_of_the_package_are_all_good() -> None:
    assert check_files(FOLDER) == (len(ENTRIES), [])


@given(st.text(alphabet='[]{}()|"=\n\\ #entryid0.', max_size=60))
def test_no_file_breaks_the_check(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("[[entry]]\n" + text, encoding="utf-8")
    assert check_files(path)[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_holds_its_own_examples(path: Path) -> None:
    assert list(check(parse_toml(path.read_text(encoding="utf-8")))) == []


def test_the_compiled_lexicon_is_up_to_date() -> None:
    compiled = (FOLDER / "compiled.jsonl").read_text(encoding="utf-8")
    assert compiled == dump(ENTRIES), "run python -m declutter.lexicons"


def test_no_two_entries_share_an_id() -> None:
    assert len({e.id for e in ENTRIES}) == len(ENTRIES)


def test_no_entry_knows_the_site_of_a_seed() -> None:
    words = [(e.id, text) for e in ENTRIES for text in (*e.patterns, *e.match)]
    assert [(i, w) for i, w in words if any(site in fold(w) for site in SEED_SITES)] == []


def test_sixteen_languages_and_more_have_every_family() -> None:
    wanted = {
        "subscription", "donation", "newsletter", "consent", "share", "login", "comment-prompt",
        "related", "advertisement", "legal", "app", "navigation",
    }  # fmt: skip
    languages = "en de fr es it pt nl pl ru sv tr ja zh ko ar id uk cs vi ro hu fa".split()
    have: dict[str, set[str]] = {code: set() for code in languages}
    for e in ENTRIES:
        have.setdefault(e.id.split(".")[0], set()).add(e.category.value)
    assert {code: wanted - have[code] for code in languages if wanted - have[code]} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sentences_that_entries_spare_survive_all_lexicons(path: Path) -> None:
    entries = parse_toml(path.read_text(encoding="utf-8"))
    spared = [sentence for e in entries for sentence in e.spare]
    assert [s for s in spared if declutter.clean(s, kind="text") != s] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_strong_phrases_go_from_an_article(path: Path) -> None:
    article = (
        "The ministry said on Monday that the bridge would be closed.\n{}\n"
        "Work on the second pier begins in May, officials said."
    )
    strong = [e for e in parse_toml(path.read_text(encoding="utf-8")) if e.weight >= STRONG]
    clean = article.replace("{}\n", "")
    left = [
        (e.id, example)
        for e in strong
        for example in e.match
        if declutter.clean(article.format(example), kind="text") != clean
    ]
    assert left == []


def test_the_default_lexicon_is_loaded_once() -> None:
    assert default_lexicon() is default_lexicon()


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=200))
def test_matches_lie_within_the_text_at_word_boundaries(text: str) -> None:
    for match in default_lexicon().find(text + " Sign up for our newsletter " + text):
        source = text + " Sign up for our newsletter " + text
        assert 0 <= match.start < match.end <= len(source)
        assert is_boundary(source, match.end)


@given(st.text(max_size=60))
def test_boundaries_of_a_text_are_those_of_each_offset(text: str) -> None:
    expected = [is_boundary(text, at) for at in range(len(text) + 1)]
    assert Classes(is_unspaced).boundaries(text).tolist() == expected


def test_only_phrases_that_begin_in_the_spans_are_found() -> None:
    text = "Sign up for our newsletter\nSign up for our newsletter"
    found = default_lexicon().find(text, spans=[(27, len(text))])
    assert found
    assert all(match.start >= 27 for match in found)
    assert found == [match for match in default_lexicon().find(text) if match.start >= 27]
