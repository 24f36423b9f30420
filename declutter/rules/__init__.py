"""The rules, in one table: each yields findings about a whole document and removes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from declutter.rules.appeals import appeal_voice
from declutter.rules.context import Context, Rule
from declutter.rules.credits import credit_lines
from declutter.rules.hidden import hidden_inline
from declutter.rules.phrases import phrases
from declutter.rules.related import related_list
from declutter.rules.script import script_residue
from declutter.rules.structure import (
    breadcrumb,
    copyright_line,
    leading_bullets,
    menu_line,
    repeated_line,
    section_prefix,
)
from declutter.rules.style import inline_css

RULES: Mapping[str, Rule] = {
    "inline-css": inline_css,
    "script-residue": script_residue,
    "phrases": phrases,
    "appeal-voice": appeal_voice,
    "breadcrumb": breadcrumb,
    "section-prefix": section_prefix,
    "menu-line": menu_line,
    "copyright-line": copyright_line,
    "leading-bullets": leading_bullets,
    "related-list": related_list,
    "repeated-line": repeated_line,
    "hidden-inline": hidden_inline,
    "credit-line": credit_lines,
}

__all__ = ["RULES", "Context", "Rule"]
