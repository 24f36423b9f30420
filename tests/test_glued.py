"""Glued cases, what is held out, and the measures, without corpora."""

from __future__ import annotations

import random

import pytest

import declutter
from benchmarks import glued
from benchmarks.baselines import BASELINES
from benchmarks.corpora import Page
from benchmarks.glued import KINDS, WAYS, Case, bag_shares, cases, glue, is_held, seams
from benchmarks.metrics import WORD_RE, words
from declutter.lexicon import default_lexicon

FIRST = "The old bridge over the Elster reopened on Monday after nine long years of work."
SECOND = "Traffic had to take the ferry. The council met twice a year and promised to hurry up."
PHRASE = "Sign up for our newsletter"
FULL = f"It was what they had to do. {SECOND} {SECOND} And <b> is not a tag, but it is text."
ARTICLES = glued.from_fixtures()
SMALL = tuple(entry for entry in glued.entries() if entry.id.startswith(("en.news", "fr.news")))


def case(text: str, phrase: str) -> Case:
    start = text.index(phrase)
    spans = [(start + m.start(), start + m.end()) for m in WORD_RE.finditer(phrase)]
    return Case(text, tuple(spans), "en", "newsletter", "", "seen")


def expected(way: str) -> set[str]:
    """What a phrase in the two paragraphs may look like."""
    place, gap = WAYS[way]
    glued_lines = {
        "before": [f"{PHRASE}{gap}{FIRST}\n{SECOND}", f"{FIRST}\n{PHRASE}{gap}{SECOND}"],
        "after": [f"{FIRST}{gap}{PHRASE}\n{SECOND}", f"{FIRST}\n{SECOND}{gap}{PHRASE}"],
        "between": [f"{FIRST}\n{SECOND.replace('. The', f'.{gap}{PHRASE}{gap}The')}"],
        "line": [
            "\n".join(lines)
            for lines in ([PHRASE, FIRST, SECOND], [FIRST, PHRASE, SECOND], [FIRST, SECOND, PHRASE])
        ],
    }
    return set(glued_lines[place])


@pytest.mark.parametrize("way", WAYS)
def test_each_way_glues_as_it_says(way: str) -> None:
    rng = random.Random(1)
    found = [glue((FIRST, SECOND), PHRASE, way, rng) for _ in range(40)]
    assert {text for text, _ in found} == expected(way)
    assert all(text[start:].startswith(PHRASE) for text, start in found)


def test_seams_are_between_sentences_and_not_in_quotations() -> None:
    assert [SECOND[end:][:3] for _, end in seams(SECOND)] == ["The"]
    assert seams('He said: "We go home. We go now."') == []
    assert seams("The U.S. Army and Mr. Li agree.") == []
    assert seams("桥开了。人们高兴。") == [(4, 4)]


@pytest.mark.parametrize("seen", [seen for seens in KINDS.values() for seen in seens])
def test_cases_are_the_same_each_time(seen: str) -> None:
    found = cases(seen, ARTICLES, 30)
    assert found == cases(seen, ARTICLES, 30)
    assert found != cases(seen, ARTICLES, 30, seed=2)
    assert {one.seen for one in found} == {seen}
    assert len(found) == (len(ARTICLES) if seen == "untouched" else 30)


@pytest.mark.parametrize("seen", [seen for kind in glued.INSERTING for seen in KINDS[kind]])
def test_spans_hold_just_the_inserted_words(seen: str) -> None:
    texts = {one.language: "\n".join(one.paragraphs) for one in ARTICLES}
    held_out = [entry for entry in glued.entries() if is_held(entry, seen)]
    examples = {text for entry in held_out or glued.entries() for text in entry.match}
    for one in cases(seen, ARTICLES, 40):
        inserted = one.text[one.inserted[0][0] : one.inserted[-1][1]]
        found = [one.text[start:end] for start, end in one.inserted]
        assert found == WORD_RE.findall(inserted)
        if one.category != "mixed":
            assert any(inserted in example for example in examples)
        left = glued._without(one.text, one.inserted)
        assert set(words(left)) <= set(words(texts[one.language]))


def test_untouched_articles_and_guards_have_nothing_to_remove() -> None:
    spared = {text for entry in glued.entries() for text in entry.spare}
    guards = cases("guards", ARTICLES, 20)
    assert not any(one.inserted for one in guards + cases("untouched", ARTICLES, 20))
    assert all(any(text in one.text for text in spared) for one in guards)


@pytest.mark.parametrize(
    ("seen", "gone"),
    [("category newsletter", "en.newsletter"), ("language fr", "fr."), ("phrases", "")],
)
def test_held_out_entries_are_not_in_the_lexicon(
    monkeypatch: pytest.MonkeyPatch, seen: str, gone: str
) -> None:
    weak = next(entry for entry in glued.entries() if entry.id.startswith("en.share"))
    monkeypatch.setattr(glued, "entries", lambda: (*SMALL, weak))
    left = {entry.id for entry in glued.held(seen).entries}
    assert left == {entry.id for entry in (*SMALL, weak) if not is_held(entry, seen)}
    assert left < {entry.id for entry in (*SMALL, weak)}
    assert not gone or not any(name.startswith(gone) for name in left)


def test_a_fifth_of_the_phrases_is_held_out() -> None:
    held_out = [entry for entry in glued.entries() if is_held(entry, "phrases")]
    assert 0.15 < len(held_out) / len(glued.entries()) < 0.25
    assert {glued.language_of(entry) for entry in held_out} == {a.language for a in ARTICLES}


def test_nothing_is_held_out_of_what_was_seen() -> None:
    assert glued.held("seen") is default_lexicon()


def test_declutter_works_without_what_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glued, "entries", lambda: SMALL)
    text = f"{FIRST}\n{PHRASE}\n{SECOND}"
    assert PHRASE not in declutter.clean(text, kind="text")
    with glued.lexicon_without("language en"):
        removals = declutter.analyze(text, kind="text").removals
        assert {removal.rule for removal in removals} <= {"piece-score"}
        assert not any("newsletter" in removal.why for removal in removals)
    assert PHRASE not in declutter.clean(text, kind="text")


def test_shares_count_words_by_removals() -> None:
    one = case(f"{FIRST}\n{PHRASE}\n{SECOND}", PHRASE)
    result = declutter.analyze(one.text, kind="text")
    assert (glued.share_removed(one, result), glued.share_lost(one, result)) == (1, 0)
    other = case(one.text, "Elster reopened")
    assert glued.share_removed(other, result) == 0
    assert glued.share_lost(other, result) == pytest.approx(5 / (5 + 15 - 2 + 17))


def test_shares_of_bags_part_words_that_were_glued() -> None:
    one = case(f"{PHRASE}{FIRST}", PHRASE)
    assert bag_shares(one, one.text) == (0, 0)
    assert bag_shares(one, FIRST) == (1, 0)
    assert bag_shares(one, "") == (1, 1)
    assert bag_shares(case(FIRST, ""), FIRST) == (1, 0)


def test_articles_are_prose_of_the_right_pages() -> None:
    def page(corpus: str, group: str) -> Page:
        return Page(corpus, "a", group, "a.org", b"", f"Headline\n{FIRST}\n{SECOND}\nShare")

    pages = [page("wcxb", "article"), page("wcxb", "forum"), page("daniel", "Polish")]
    found = glued.from_pages(pages)
    assert [one.language for one in found] == ["en", "pl"]
    assert found[0].paragraphs == (FIRST, SECOND)
    assert glued.article("en", FIRST) is None
    assert not any("⟦" in text or "⟧" in text for one in ARTICLES for text in one.paragraphs)


BASELINE_TEXT = (
    f"Share this\n{FIRST}\nThis site says that we use cookies.\nA headline without an end"
)


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("keep all", BASELINE_TEXT, BASELINE_TEXT),
        ("C4 line rules", BASELINE_TEXT, FIRST),
        ("C4 line rules", f"Please enable Javascript in your browser.\n{FIRST} {{", ""),
        ("C4 line rules", f"{'x' * 1001} is a very long word.\nFour words are few.", ""),
        ("C4 line rules", f"{FIRST}\nA line with a {{ sign.", f"{FIRST}\nA line with a {{ sign."),
        ("C4 with page rules", f"{FIRST}\nA line with a {{ sign.", ""),
        ("C4 with page rules", BASELINE_TEXT, FIRST),
        ("jusText on lines", f"Menu\n{FULL}\nMenu", FULL),
        ("jusText on lines", "\n", ""),
    ],
)
def test_baselines(name: str, text: str, left: str) -> None:
    assert BASELINES[name](text, "en") == left


def test_the_tables_have_a_row_for_each_group() -> None:
    outcomes = glued.run([case(f"{FIRST}\n{PHRASE}\n{SECOND}", PHRASE)])
    lines = list(glued.rows(outcomes))
    assert lines[2].startswith("| seen | 1 | 100.0 / 0.00 | 0.0 / 0.00 | 100.0 / 0.00 |")
    assert lines[2].endswith("| 100.0 |")
    (row,) = list(glued.breakdown("language", outcomes, lambda one: one.language))[2:]
    assert row.startswith("| en | 1 | 100.0 / 0.00 | – | – | – | – | 0.0 / 0.00 |")
    assert "⟦Sign up" not in "".join(glued.worst(outcomes, 5))
