"""What a caller can choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from declutter.errors import OptionError
from declutter.model import CREDITS, Category

if TYPE_CHECKING:
    from declutter.rulefiles import RuleFile

FOCUS = ("precision", "balanced", "recall")
COMMENTS = ("auto", "keep", "drop")
KINDS = ("auto", "html", "text")


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for one call; every field has a sensible default.

    ``focus``
        ``precision`` removes more, ``recall`` keeps more, ``balanced`` lies between.
    ``keep``
        categories that stay in the text (names or :class:`Category`).
    ``drop``
        ``byline`` and ``caption``, which no rule removes of itself: they stay where the
        block score takes them for main content, unless they are kept or dropped.
    ``comments``
        what readers wrote: ``auto`` drops it under an article and keeps it where it is
        the content (a forum thread), ``keep`` and ``drop`` decide for all pages.
    ``edges``
        trim only the start and the end of the page; nothing between its first and its last
        main content is removed.
    ``title``
        whether the headline stays where it stands; its repeats go in any case.
    ``encoding``
        the charset of a source given as bytes, where the caller knows it.
    ``max_bytes``, ``max_seconds``
        limits of one call; ``None`` means none. A call that exceeds one raises
        :class:`declutter.LimitError`.
    ``rules``
        rule files of your own (:mod:`declutter.rulefiles`): a path, a folder, or several. They
        are read and checked here and now; :class:`declutter.LexiconError` tells what is wrong.

    >>> Options(focus="recall", keep=["share"]).keeps(Category.SHARE)
    True
    """

    focus: str = "balanced"
    keep: frozenset[Category] = frozenset()
    drop: frozenset[Category] = frozenset()
    comments: str = "auto"
    edges: bool = False
    title: bool = True
    encoding: str | None = None
    max_bytes: int | None = None
    max_seconds: float | None = None
    rules: tuple[RuleFile, ...] = ()

    def __post_init__(self) -> None:
        _one_of("focus", self.focus, FOCUS)
        _one_of("comments", self.comments, COMMENTS)
        for name in ("keep", "drop"):
            object.__setattr__(self, name, categories(getattr(self, name), name))
        for category in self.drop - CREDITS:
            raise OptionError(f"drop: {category} is removed anyway; choose byline or caption")
        for category in self.drop & self.keep:
            raise OptionError(f"{category} cannot be both kept and dropped")
        _check_encoding(self.encoding)
        for name in ("edges", "title"):
            if not isinstance(getattr(self, name), bool):
                raise OptionError(f"{name} must be True or False, not {getattr(self, name)!r}")
        for name in ("max_bytes", "max_seconds"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (number and value > 0):
                raise OptionError(f"{name} must be a positive number or None, not {value!r}")
        if self.rules != ():
            from declutter.rulefiles import read_files

            object.__setattr__(self, "rules", read_files(self.rules))

    def keeps(self, category: Category) -> bool:
        """Tell whether spans of a category that a rule found stay in the text."""
        return category in self.keep or category in CREDITS - self.drop

    def switched(self, goes: Mapping[Category, bool]) -> Options:
        """A copy with categories that go or stay, unless ``keep`` or ``drop`` name them."""
        stay = {category for category, value in goes.items() if not value}
        credits = CREDITS & (goes.keys() - stay)
        keep, drop = self.keep | (stay - self.drop), self.drop | (credits - self.keep)
        return replace(self, keep=keep, drop=drop) if goes else self

    def changed(self, **overrides: Any) -> Options:
        """A copy with some fields changed; raise :class:`OptionError` for an unknown name."""
        known = [field.name for field in fields(self)]
        for name in overrides:
            if name not in known:
                raise OptionError(f"unknown option {name!r}: choose from {', '.join(known)}")
        return replace(self, **overrides)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


def _check_encoding(name: object) -> None:
    if name is None:
        return
    if not isinstance(name, str):
        raise OptionError(f"encoding must be a name or None, not {name!r}")
    from declutter.charsets import codec_name

    if codec_name(name) is None:
        raise OptionError(
            f"encoding: no charset is called {name!r}; leave it out to have it detected"
        )


def categories(names: Iterable[str] | str, field: str = "keep") -> frozenset[Category]:
    """The categories of some names; an :class:`OptionError` names the field that has a bad one."""
    if isinstance(names, str):
        names = (names,)
    try:
        return frozenset(Category(name) for name in names)
    except (ValueError, TypeError) as error:
        known = ", ".join(category.value for category in Category)
        raise OptionError(f"{field}: {error}; the categories are {known}") from None
