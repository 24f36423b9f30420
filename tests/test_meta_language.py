"""The language of a row: declared, unless the text plainly reads like another."""

from __future__ import annotations

import pytest

from declutter.meta.language import language_of

ENGLISH = "The council met on Tuesday to talk about the bridge over the river. " * 6
GERMAN = "Der Rat traf sich am Dienstag, um über die Brücke am Fluss zu reden. " * 6
CROATIAN = "Gradsko vijeće sastalo se u utorak kako bi razgovaralo o mostu preko rijeke. " * 5


@pytest.mark.parametrize(
    ("declared", "text", "code"),
    [
        (None, ENGLISH, "en"),
        (None, "A bridge.", None),
        ("en-GB", "A bridge.", "en"),
        ("DE_de.UTF-8", GERMAN, "de"),
        ("EN_us", ENGLISH, "en"),
        ("en", GERMAN, "de"),
        ("sr", CROATIAN, "sr"),  # near to what the text reads like
        ("english", ENGLISH, "en"),
        ("{{ lang }}", GERMAN, "de"),
        ("utf-8", GERMAN, "de"),
        ("und", "A bridge.", None),
        ("", "", None),
    ],
)
def test_the_language_of_a_text(declared: str | None, text: str, code: str | None) -> None:
    assert language_of(declared, text) == code
