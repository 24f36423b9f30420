"""The score of flattened text: what goes, what is never torn, what it says of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import declutter
from declutter import Category
from declutter.scoring.text import course, parts_of, weights

SENTENCES = (
    "The old lighthouse at Carrow Point has a new owner, and it is the village below it.",
    "On Friday evening the parish clerk signed the papers with half the street looking on.",
    "The tower stood empty for nineteen years after the lamp was replaced by a buoy.",
    "Nobody made a speech, but somebody had brought a fiddle and two crates of cider.",
    "The roof will be mended first, then the stairs, and the gallery last of all.",
)
PAGES = Path(__file__).parent.parent / "fixtures" / "pages"
CHROME = declutter.analyze((PAGES / "only-navigation" / "source.html").read_bytes()).document.text
PAGE = "\n".join([CHROME, *SENTENCES, CHROME.title()])


def test_a_page_full_of_other_things_keeps_its_article() -> None:
    result = declutter.analyze(PAGE, kind="text")
    assert all(sentence in result.text for sentence in SENTENCES)
    assert len(result.text) < 1.2 * len("\n".join(SENTENCES))
    assert {removal.rule for removal in result.removals} >= {"piece-score"}


def test_what_the_score_removes_has_a_reason_and_a_probability() -> None:
    removals = declutter.analyze(PAGE, kind="text").removals
    scored = [removal for removal in removals if removal.rule == "piece-score"]
    assert all("probability" in removal.why and removal.weight > 0 for removal in scored)


def test_focus_moves_what_stays() -> None:
    sources = [(page / "source.html").read_bytes() for page in sorted(PAGES.iterdir())]
    texts = [declutter.analyze(source).document.text for source in sources[:12]]
    sizes = [
        sum(len(declutter.clean(text, kind="text", focus=focus)) for text in texts)
        for focus in ("precision", "balanced", "recall")
    ]
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("text", [SENTENCES[0], "\n".join(SENTENCES), " ".join(SENTENCES)])
def test_an_article_alone_stays_whole(text: str) -> None:
    assert declutter.clean(text, kind="text") == text


def test_confidence_is_between_none_and_all() -> None:
    assert 0 < (declutter.analyze(PAGE, kind="text").confidence or 0) <= 1
    assert declutter.analyze("Log in\nShare this article", kind="text").confidence is None


def test_kept_categories_stay_whatever_removed_them() -> None:
    kept = declutter.clean(PAGE, kind="text", keep={Category.LOW_CONTENT, Category.NAVIGATION})
    assert len(kept) > len(declutter.clean(PAGE, kind="text"))


def test_the_tables_of_words_hold_something_for_every_place() -> None:
    for table in weights().words:
        assert table.dtype == np.float32
        assert np.isfinite(table).all()
        assert 0 < np.count_nonzero(table) < table.size


Step = tuple[float, float, float]


def total(stays: Sequence[bool], steps: Sequence[Step]) -> float:
    """What a course is worth: the values that stay less the prices of cuts that begin or end."""
    worth, before = 0.0, True
    for keep, (value, begin, end) in zip(stays, steps, strict=True):
        worth += value * keep - begin * (before and not keep) - end * (keep and not before)
        before = keep
    return worth


halves = st.integers(-6, 6).map(lambda n: n / 2)
prices = halves.map(abs)


@given(st.lists(st.tuples(halves, prices, prices), min_size=1, max_size=7))
def test_no_course_is_better(steps: list[Step]) -> None:
    values, begins, ends = map(np.array, zip(*steps, strict=True))
    found = course(values, begins, ends).tolist()
    every = product([False, True], repeat=len(steps))
    assert total(found, steps) == max(total(stays, steps) for stays in every)


def test_a_long_text_is_judged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    years = "\n".join(
        f"{CHROME}\n" + "\n".join(s.replace(".", f" in {year}.") for s in SENTENCES * 2)
        for year in range(1995, 2000)
    )
    monkeypatch.setattr("declutter.scoring.text.MAX_PART", len(years) // 3)
    result = declutter.analyze(years, kind="text")
    kept = {line for line in years.splitlines() if line.partition(" in ")[0] + "." in SENTENCES}
    assert kept <= set(result.text.splitlines())
    assert len(result.text) < len(years) - 4 * len(CHROME)
    assert all(removal.text == years[removal.start : removal.end] for removal in result.removals)


@pytest.mark.parametrize("sign", ["", " ", "\n"])
def test_parts_make_up_the_text(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declutter.scoring.text.MAX_PART", 20)
    text = f"bridge{sign}" * 30
    parts = [text[a:b] for a, b in parts_of(text)]
    assert "".join(parts) == text
    assert max(map(len, parts)) <= 20
    assert all(part.endswith(sign) for part in parts)


FORMS = {
    "poem": """The ferry sleeps against the quay,
Its ropes are slack, its lamp is low,
And all the gulls have gone to sea
To tell the fish what herons know.

The ferryman has locked his door,
The tide has turned, the bell is still,
And someone on the other shore
Is waiting yet, and always will.""",
    "dialogue": """“Is that you?”
“It is.”
“You came by the ferry?”
“There is no other way at night.”
“Then sit down,” she said, “and tell me who is left over there.”
He sat down.""",
    "recipe": """Barley soup
Serves four
200 g pearl barley
2 carrots
1 leek
1.5 litres of stock
Wash the barley and leave it to soak for an hour.
Chop the vegetables and fry them gently in a little butter.
Add the stock and the barley and simmer until soft.""",
    "table": """River\tLength (km)\tBasin (km2)
Elster\t257\t5154
Saale\t413\t24167
Mulde\t124\t7400""",
    "code": """def crossings(boats, hours):
    if not boats:
        return 0
    return sum(boat.trips * hours for boat in boats)""",
    "questions": """Why does the ferry stop in winter?
Because the river freezes above the weir.
How do people cross then?
They walk over the ice, or they take the long road by the mill.""",
    "article with its lines": """Old ferry returns to the Elster
By Maria Kessler
PLAGWITZ, 4 May
After nineteen years the old ferry is back on the river, and the village has come to look.
“I never thought I would see it again,” said Otto Brandt, who steered it for most of his life.
The ferry at its new berth on Monday. Photo: Jan Reuter
It will cross every hour until the autumn, for two euros, and for nothing on Sundays.""",
    "a line": "Old ferry returns to the Elster",
    "a word": "Elster",
}


@pytest.mark.parametrize("form", FORMS)
def test_content_of_any_form_stays(form: str) -> None:
    assert declutter.clean(FORMS[form], kind="text") == FORMS[form]


# the first article of the Universal Declaration of Human Rights, in languages without lexicons
UNLEARNED = {
    "Swahili": "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na "
    "dhamiri, hivyo yapasa watendeane kindugu.",
    "Icelandic": "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru "
    "gæddir vitsmunum og samvisku, og ber þeim að breyta bróðurlega hverjum við annan.",
    "Basque": "Gizon-emakume guztiak aske jaiotzen dira, duintasun eta eskubide berberak "
    "dituztela; eta ezaguera eta kontzientzia dutenez gero, elkarren artean senide legez "
    "jokatu beharra dute.",
    "Georgian": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. "
    "მათ მინიჭებული აქვთ გონება და სინდისი და ერთმანეთის მიმართ უნდა იქცეოდნენ ძმობის "
    "სულისკვეთებით.",
    "Armenian": "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու "
    "իրավունքներով։ Նրանք ունեն բանականություն ու խիղճ և միմյանց պետք է եղբայրաբար վերաբերվեն։",
    "Amharic": "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው። የተፈጥሮ ማስተዋልና "
    "ሕሊና ስላለው አንዱ ሌላውን በወንድማማችነት መንፈስ መመልከት ይገባዋል።",
    "Tamil": "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், "
    "உரிமைகளிலும் சமமானவர்கள், அவர்கள் நியாயத்தையும் மனச்சாட்சியையும் இயற்பண்பாகப் பெற்றவர்கள்.",
}


@pytest.mark.parametrize("language", UNLEARNED)
def test_articles_in_languages_without_a_lexicon_stay(language: str) -> None:
    text = UNLEARNED[language]
    assert declutter.clean(text, kind="text") == text


def test_the_headline_goes_where_it_is_not_wanted() -> None:
    headline, text = "Old ferry returns to the Elster", "\n".join(SENTENCES)
    result = declutter.analyze(f"{headline}\n{text}", kind="text", title=False)
    assert (result.title, result.text) == (headline, text)
    assert [removal.rule for removal in result.removals] == ["headline"]


def test_lines_of_authors_and_dates_below_the_headline_stay() -> None:
    head = "Old ferry returns to the Elster\nBy Maria Kessler\n4 May 2024, 10:15"
    text = "\n".join([CHROME, head, *SENTENCES, CHROME.title()])
    assert head in declutter.clean(text, kind="text")


@pytest.mark.parametrize(
    "text",
    [
        "« Trop cher », tranche l'élue de la ville basse.",
        "Nobody at GitHub wanted to say why it had failed.",
        "LinkedIn said on Monday that it would close two of its offices.",
        "¿Quién quiere comprar el viejo faro de Carrow? Nadie lo sabe todavía.",
    ],
)
def test_sentences_are_not_torn_for_names_and_quotes(text: str) -> None:
    for before, after in (("", ""), (SENTENCES[0], SENTENCES[1]), (SENTENCES[2], "Newsletter")):
        whole = "\n".join(part for part in (before, text, after) if part)
        assert text in declutter.clean(whole, kind="text")
