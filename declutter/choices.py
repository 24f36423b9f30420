"""The choices that commands share: how to read and judge a source."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from declutter.options import Options

# of the files that hold a page each, by their format
SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "tei": ".xml"}
F = TypeVar("F", bound=Callable[..., Any])


def kind_options(command: F) -> F:
    """The options that say what a source is."""
    decorators = (
        click.option("--kind", type=click.Choice(["auto", "html", "text"]), default="auto",
                     show_default=True, help="What the source is."),
        click.option("--encoding", metavar="CHARSET", help="The charset, where it is known."),
    )  # fmt: skip
    return with_options(decorators, command)


def reading_options(command: F) -> F:
    """The options that say how to read and judge a source."""
    decorators = (
        kind_options,
        click.option("--focus", type=click.Choice(["precision", "balanced", "recall"]),
                     default="balanced", show_default=True,
                     help="Remove more (precision) or keep more (recall)."),
        click.option("--keep", metavar="CATEGORY", multiple=True,
                     help="Leave a category in the text "
                          "(may be repeated; 'declutter rules' lists them)."),
        click.option("--drop", metavar="CATEGORY", multiple=True,
                     help="Remove what no rule removes of itself: byline, caption."),
        click.option("--comments", type=click.Choice(["auto", "keep", "drop"]), default="auto",
                     show_default=True, help="What readers wrote."),
        click.option("--title/--no-title", default=True, show_default=True,
                     help="Leave the headline where it stands."),
        click.option("--edges", is_flag=True,
                     help="Trim only the start and the end of the page."),
        click.option("--rules", metavar="PATH", multiple=True, type=click.Path(exists=True),
                     help="Rules of your own: a TOML file, or a folder of them "
                          "(may be repeated)."),
        click.option("--max-bytes", type=int, metavar="N",
                     help="Give up on a source that is larger."),
    )  # fmt: skip
    return with_options(decorators, command)


def column_options(command: F) -> F:
    """The options that say which columns to read."""
    decorators = (
        click.option("--text-column", metavar="NAME", help="The column that holds texts."),
        click.option("--html-column", metavar="NAME", help="The column that holds HTML."),
        click.option("--id-column", metavar="NAME", help="The column that names records."),
        click.option("--url-column", metavar="NAME", help="The column of addresses."),
    )
    return with_options(decorators, command)


def with_options(decorators: Sequence[Callable[[F], F]], command: F) -> F:
    """A command with options that its help lists in this order."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def writing_options(command: F) -> F:
    """The options that say what formats with structure show."""
    decorators = (
        click.option("--links/--no-links", default=True, show_default=True,
                     help="Keep the addresses of links (markdown, html, tei)."),
        click.option("--images/--no-images", default=False, show_default=True,
                     help="Keep pictures (markdown, html, tei)."),
        click.option("--tables/--no-tables", default=True, show_default=True,
                     help="Keep tables, or write their rows as text (markdown, html, tei)."),
        click.option("--markers", is_flag=True,
                     help="Mark the items of lists, put tabs between cells (text)."),
    )  # fmt: skip
    return with_options(decorators, command)


def seconds_option(command: F) -> F:
    """The limit of time for one source."""
    return click.option("--max-seconds", type=float, metavar="N",
                        help="Give up on a source that takes longer, or whose reasons do.")(
        command
    )  # fmt: skip


def url_option(command: F) -> F:
    """The address of the page."""
    return click.option("--url", metavar="URL", help="The address of the page, where it is known.")(
        command
    )


def own_options(rules: tuple[str, ...]) -> Options:
    """The options with rules of the caller; bad ones are wrong usage."""
    from declutter.errors import LexiconError
    from declutter.options import Options
    from declutter.rulefiles import read_files

    try:
        return Options(rules=read_files(rules))
    except LexiconError as error:
        raise click.UsageError(str(error)) from None


def make_options(
    *,
    kind: str,
    encoding: str | None,
    focus: str,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    comments: str,
    title: bool,
    edges: bool,
    rules: tuple[str, ...],
    max_bytes: int | None,
    max_seconds: float | None = None,
) -> Options:
    """The options of a call; a bad value is wrong usage."""
    from declutter.errors import OptionError
    from declutter.options import Options, categories

    try:
        return Options(
            focus=focus,
            keep=categories(keep, "keep"),
            drop=categories(drop, "drop"),
            comments=comments,
            title=title,
            edges=edges,
            encoding=encoding,
            max_bytes=max_bytes,
            max_seconds=max_seconds,
            rules=own_options(rules).rules if rules else (),
        )
    except OptionError as error:
        raise click.UsageError(str(error)) from None


def altered(reading: Mapping[str, Any], words: str) -> dict[str, Any]:
    """The choices of :func:`reading_options` but for those that ``words`` change.

    The words are as on the command line: "--focus precision --keep share".
    """
    try:
        command = click.command("--against")(reading_options(seconds_option(lambda **_: None)))
        context = command.make_context(
            "--against", shlex.split(words), default_map=dict(reading), help_option_names=[]
        )
    except (ValueError, click.UsageError) as error:
        why = error.format_message() if isinstance(error, click.UsageError) else str(error)
        raise click.UsageError(f"--against: {why}") from None
    order = [str(option.name) for option in command.params]
    return {name: context.params[name] for name in order}


def described(reading: Mapping[str, Any]) -> str:
    """The choices that are not the usual ones, as on the command line."""
    words = []
    for name, usual in altered({}, "").items():
        if (value := reading[name]) == usual:
            continue
        option = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        else:
            values = value if isinstance(value, tuple) else (value,)
            words += [f"{option} {shlex.quote(str(one))}" for one in values]
    return " ".join(words)


def fail(name: str, reason: str) -> None:
    """Say in one line on standard error why a source failed."""
    click.echo(f"declutter: {name}: {' '.join(reason.split())}", err=True)
