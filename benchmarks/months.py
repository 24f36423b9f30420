"""The names of months in the lexicons' languages: ``python -m benchmarks.months`` (needs babel).

Writes ``declutter/meta/months.json``, from the data of Unicode's CLDR: for each name, lower-cased
and without its full stop, the month. No name means two months in these languages.
"""

from __future__ import annotations

import json
from pathlib import Path

from babel import Locale

from declutter.lexicon import fold

LANGUAGES = (
    "ar cs da de el en es fa fi fr hi hu id it ja ko nb nl pl pt ro ru sv th tr uk vi zh"
).split()
OUTPUT = Path(__file__).parents[1] / "declutter" / "meta" / "months.json"
# written so, and not in CLDR: without accents, short forms of newspapers
MORE = {
    "en": {"sept": 9},
    "de": {"maerz": 3, "jänner": 1, "jaenner": 1, "feber": 2, "mrz": 3, "okt": 10, "dez": 12},
    "fr": {"fevrier": 2, "aout": 8, "decembre": 12},
    "es": {"setiembre": 9, "set": 9},
    "ar": {"كانون الثاني": 1, "شباط": 2, "آذار": 3, "نيسان": 4, "أيار": 5, "حزيران": 6, "تموز": 7,
           "آب": 8, "أيلول": 9, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12},
}  # fmt: skip


def names(language: str) -> dict[str, int]:
    """The names of a language's months, in all their cases and lengths."""
    months = Locale.parse(language).months
    found = {
        fold(name).strip(". "): month
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for month, name in months[form][width].items()
    }
    found |= MORE.get(language, {})
    return {name: month for name, month in found.items() if name[:1].isalpha()}


def table() -> dict[str, int]:
    """The names of all languages; exits where one has two meanings."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for name, month in names(language).items():
            if found.setdefault(name, month) != month:
                raise SystemExit(f"{name} ({language}) is month {month} and {found[name]}")
    return found


if __name__ == "__main__":
    text = json.dumps(table(), ensure_ascii=False, indent=0, sort_keys=True)
    OUTPUT.write_text(text + "\n", encoding="utf-8")
