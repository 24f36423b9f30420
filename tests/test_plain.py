"""Plain text with list markers and tabs, for people to read."""

from __future__ import annotations

import pytest

from declutter import analyze
from declutter.readers.html import read
from declutter.writers.plain import write
from declutter.writers.tree import tree

CASES = {
    "paragraphs": ("<h1>a</h1><p>b<br>c</p>d", "a\n\nb\nc\n\nd"),
    "list": ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
    "numbers": ("<ol start=9><li>a<li>b<p>c</p></ol>", "9. a\n\n10. b\n\n    c"),
    "table": (
        "<table><caption>t</caption><tr><th>a<th>b<tr><td rowspan=2>c<td>d<br>e<tr><td>f</table>",
        "t\na\tb\nc\td e\n\tf",
    ),
    "code": ("<p>a</p><pre>if b:\n    c\n\n\td</pre>", "a\n\nif b:\n    c\n\n\td"),
    "signs": ("<p>*a* _b_ # <b>c</b> <a href=d>e</a>", "*a* _b_ # c e"),
    "formula": ("<p>a <math alttext=x^2><mi>x</mi></math>", "a x"),
    "formula-alone": ("<p>a <script type=math/tex>x^2</script>", "a x^2"),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES.keys())
def test_structure_is_shown(source: str, expected: str) -> None:
    assert write(tree(read(source), [])) == f"{expected}\n"


def test_it_is_asked_for() -> None:
    items = "".join(f"<li>The council met on day {day} of the month." for day in (1, 2, 3))
    result = analyze(f"<article><h1>The council</h1><ul>{items}</ul></article>")
    assert result.to("text", markers=True).count("\n- ") == 3
    assert result.to("text") == result.text
