"""Templates to pages that load nothing: styles and scripts are in them, and allowed by hash."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declutter.extras import needed
from declutter.model import MEANING, Category
from declutter.report.palette import THEMES, shades
from declutter.report.parts import printable

if TYPE_CHECKING:
    from jinja2 import Environment

NUMBERS = {category: number for number, category in enumerate(Category)}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; raise :class:`declutter.errors.MissingExtra` without jinja2."""
    with needed("jinja2", "A report in HTML", "report"):
        from jinja2 import Environment, PackageLoader, StrictUndefined
    found = Environment(
        loader=PackageLoader("declutter.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        categories=list(Category), meaning=MEANING, numbers=NUMBERS, themes=THEMES,
        shades={theme: shades(theme) for theme in THEMES},
    )  # fmt: skip
    found.filters.update(number="{:,}".format, percent=percent, printable=printable)
    return found


def percent(share: float) -> str:
    """A share in per cent; one that is not nothing does not look like it.

    >>> percent(0.1234), percent(0.0001), percent(0)
    ('12.3%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def page(template: str, script: str = "", **values: Any) -> str:
    """A page from a template, with the style sheet and a script."""
    from markupsafe import Markup

    known = environment()
    style = known.get_template("style.css.j2").render()
    code = known.loader.get_source(known, script)[0] if script and known.loader else ""
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(code)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return known.get_template(template).render(
        style=Markup(style), script=Markup(code), policy=policy, **values
    )


def _hash(code: str) -> str:
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"
