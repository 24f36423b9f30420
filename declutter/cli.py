"""The command line: parsing, messages and exit codes only.

Exit codes: 0 all fine, 1 some input failed (the others are done), 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from declutter import __version__
from declutter.batch.command import batch
from declutter.choices import (
    SUFFIXES,
    altered,
    described,
    fail,
    kind_options,
    make_options,
    own_options,
    reading_options,
    seconds_option,
    url_option,
    writing_options,
)
from declutter.report.command import report

if TYPE_CHECKING:
    from declutter.files import Source
    from declutter.model import Metadata
    from declutter.options import Options
    from declutter.pipeline import Result

EXIT_FAILED = 1
SHOWN = ("links", "images", "tables", "markers", "url")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Clean article text from web pages, as HTML or already flattened.

    Every removed span has a reason: see "declutter explain".
    """


main.add_command(batch)
main.add_command(report)


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCES]...")
@click.option("-o", "--output", metavar="DIR", type=click.Path(file_okay=False),
              help="Write a file for each source below this folder.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(list(SUFFIXES)), default="text",
              show_default=True, help="What to write.")  # fmt: skip
@url_option
@writing_options
@reading_options
@seconds_option
def clean(sources: tuple[str, ...], output: str | None, form: str, **choices: Any) -> None:
    """Clean files (plain or .gz), folders, or standard input (-).

    One source goes to standard output; several, or a folder, need -o DIR.
    """
    from declutter.files import SourceError, check_target, expand, real_paths, targets

    shown = {name: choices.pop(name) for name in SHOWN}
    options = make_options(**choices)
    if not sources:
        raise click.UsageError("name a file, a folder, or - for standard input")
    if output is None and (len(sources) > 1 or os.path.isdir(sources[0])):
        raise click.UsageError("several sources, or a folder, need -o DIR")
    failed = False
    found = expand(sources)
    sources_read = real_paths(found)
    for source, target in targets(found, output, SUFFIXES[form]):
        try:
            check_target(target, sources_read)
        except SourceError as error:
            fail(source.name, str(error))
            failed = True
            continue
        failed |= not clean_one(source, target, form, options, choices["kind"], shown)
    if not found:
        fail(", ".join(sources), "no pages in this folder (.html .htm .xhtml .txt, also .gz)")
    if failed or not found:
        sys.exit(EXIT_FAILED)


def clean_one(
    source: Source,
    target: str | None,
    form: str,
    options: Options,
    kind: str,
    shown: Mapping[str, Any],
) -> bool:
    """Clean one source into a file or standard output; False when that failed."""
    from declutter.files import SourceError, write

    try:
        data, reasons = source.read(), form == "json"
        result = analyzed(data, options, kind, shown["url"], reasons=reasons)
        write(target, render(result, form, shown))
    except SourceError as error:
        fail(source.name, str(error))
        return False
    talk(source.name, result)
    return True


def analyzed(data: bytes, options: Options, kind: str, url: str | None, *, reasons: bool) -> Result:
    """The result for a page; raise SourceError with one line that says what is wrong.

    The reasons, which take time of their own, are worked out where they are wanted.
    """
    from declutter.errors import DeclutterError
    from declutter.files import SourceError
    from declutter.pipeline import analyze

    try:
        result = analyze(data, kind=kind, options=options, url=url)
        if reasons or not result.text:
            _ = result.removals
        return result
    except DeclutterError as error:
        raise SourceError(str(error)) from None


def render(result: Result, form: str, shown: Mapping[str, Any]) -> bytes:
    """What is written for a result, as UTF-8."""
    return result.file(form, **shown).encode("utf-8", "replace")


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE [OTHER]")
@click.option("--html", "page", metavar="FILE",
              help="Write a page that shows it (- for standard output).")  # fmt: skip
@click.option(
    "--against",
    metavar="OPTIONS",
    help='With --html: beside the same with other options, as "--focus precision".',
)
@click.option("--inline", is_flag=True, help="Show the text in order, what is removed in brackets.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True, help="What to write; json is that of clean.")  # fmt: skip
@click.option("--pager", is_flag=True, help="Show it a screen at a time.")
@url_option
@reading_options
@seconds_option
def explain(
    sources: tuple[str, ...],
    page: str | None,
    against: str | None,
    inline: bool,
    form: str,
    pager: bool,
    url: str | None,
    **reading: Any,
) -> None:
    """Show what is removed from a source, by category, with the words and the reasons.

    With --html, two sources, or one with --against, are shown side by side.
    """
    from declutter.errors import DeclutterError
    from declutter.files import Source, SourceError

    views = sides(sources, page, against, reading)
    if (page is not None) + (form == "json") + (inline or pager) > 1:
        raise click.UsageError("choose --html, --format json, or --inline and --pager")
    name, results, data = sources[0], [], dict[str, bytes]()
    try:
        for name, choices in views:
            if name not in data:  # standard input can be read once
                data[name] = Source(name).read()
            options = make_options(**choices)
            results.append(analyzed(data[name], options, choices["kind"], url, reasons=True))
        if page is None:
            tell(results[0], inline, form, pager)
        else:
            name = page
            write_page(page, views, results)
    except (DeclutterError, SourceError) as error:
        fail(name, str(error))
        sys.exit(EXIT_FAILED)
    for (name, _), result in zip(views, results, strict=True):
        talk(name, result)


def sides(
    sources: tuple[str, ...], page: str | None, against: str | None, reading: dict[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """What an explanation shows: a source and its choices, or two of them."""
    if len(sources) > 2 or sources.count("-") > 1:
        raise click.UsageError("name a source, or two different ones")
    if page is None and (len(sources) > 1 or against is not None):
        raise click.UsageError("a comparison needs --html FILE")
    views = [(name, reading) for name in sources]
    if against is not None:
        views = [views[0], (sources[-1], altered(reading, against))]
    for _, choices in views:
        make_options(**choices)
    return views


def tell(result: Result, inline: bool, form: str, pager: bool) -> None:
    """Write an explanation to standard output."""
    from declutter.files import write
    from declutter.report import terminal

    if form == "json":
        write(None, render(result, form, {}))
    else:
        show(terminal.inline(result) if inline else terminal.listed(result), pager)


def write_page(page: str, views: list[tuple[str, dict[str, Any]]], results: list[Result]) -> None:
    """Write a page that explains a result, or compares two."""
    from declutter.files import Source, check_target, real_paths, write
    from declutter.report.compare import compared
    from declutter.report.page import explained

    check_target(page, real_paths([Source(name) for name, _ in views]))
    named = [
        (result, name, described(choices))
        for (name, choices), result in zip(views, results, strict=True)
    ]
    text = compared(named) if len(named) > 1 else explained(*named[0])
    write(None if page == "-" else page, text.encode("utf-8"))


def show(lines: Iterable[str], pager: bool = False) -> None:
    """Write lines to standard output, styled where it is a terminal."""
    from declutter.files import SourceError, guarded_output

    text = "".join(f"{line}\n" for line in lines)
    try:
        with guarded_output() as stream:
            safe = text.encode(stream.encoding or "utf-8", "replace")
            text = safe.decode(stream.encoding or "utf-8")
            if pager and stream.isatty():
                click.echo_via_pager(text, colour())
            else:
                click.echo(text, nl=False, color=colour())
    except SourceError as error:
        fail("output", str(error))
        sys.exit(EXIT_FAILED)


def colour() -> bool | None:
    """Whether to use colours; None where that is up to the output.

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


@main.command()
@click.argument("source")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True, help="What to write.")  # fmt: skip
@url_option
@kind_options
@seconds_option
def metadata(
    source: str,
    form: str,
    url: str | None,
    kind: str,
    encoding: str | None,
    max_seconds: float | None,
) -> None:
    """Show title, authors, dates and what else a source tells of itself, and where it does."""
    from declutter.errors import DeclutterError, OptionError
    from declutter.files import Source, SourceError
    from declutter.options import Options
    from declutter.pipeline import metadata as read
    from declutter.writers.json import dumps

    try:
        options = Options(encoding=encoding, max_seconds=max_seconds)
        found = read(Source(source).read(), kind=kind, url=url, options=options)
    except OptionError as error:
        raise click.UsageError(str(error)) from None
    except (DeclutterError, SourceError) as error:
        fail(source, str(error))
        sys.exit(EXIT_FAILED)
    show([dumps(found.as_dict())] if form == "json" else told(found))


def told(found: Metadata) -> Iterator[str]:
    """The lines that show metadata: field, value and source."""
    for name, value in found.as_dict().items():
        if name in found.sources:
            text = ", ".join(value) if isinstance(value, list) else " ".join(value.split())
            label = click.style(f"{name:<16}", fg="yellow", bold=True)
            yield f"{label}{text}  [{found.sources[name]}]"


@main.command()
@click.option("--check", metavar="FILE", type=click.Path(exists=True),
              help="Check rules of your own: a TOML file, or a folder of them.")  # fmt: skip
@click.option("--why", "text", metavar="TEXT", help="Tell which rules speak of a text.")
@click.option("--html", is_flag=True, help="The text of --why is HTML.")
@click.option("--rules", metavar="PATH", multiple=True, type=click.Path(exists=True),
              help="Rules of your own, for --why or to be listed (may be repeated).")  # fmt: skip
@click.option("--url", metavar="URL", help="The address of the page that --why asks about.")
@click.option("--language", metavar="CODE", help="The language of that page.")
def rules(
    check: str | None,
    text: str | None,
    html: bool,
    rules: tuple[str, ...],
    url: str | None,
    language: str | None,
) -> None:
    """List every category and every rule with its meaning, or ask about them."""
    if check is not None:
        _check(Path(check))
        return
    options = own_options(rules)
    if text is None:
        show(catalogue(options))
        return
    from declutter.errors import DeclutterError
    from declutter.why import told, why

    kind = "html" if html else "text"
    try:
        show(told(why(text, options, kind=kind, url=url, language=language)))
    except DeclutterError as error:
        fail("--why", str(error))
        sys.exit(EXIT_FAILED)


def _check(path: Path) -> None:
    from declutter.rulefiles import check_files

    count, problems = check_files(path)
    show(problems or [f"{count} entries, all good"])
    if problems:
        sys.exit(EXIT_FAILED)


def catalogue(options: Options) -> Iterator[str]:
    """The lines that list categories, rules and phrases."""
    from declutter.decide import DECISIONS
    from declutter.lexicon import default_lexicon
    from declutter.model import MEANING
    from declutter.rules import RULES

    yield "Categories"
    for category, meaning in MEANING.items():
        yield f"  {category.value:<18}{meaning}"
    yield "\nRules"
    for name, rule in RULES.items():
        yield f"  {name:<18}{(rule.__doc__ or '').splitlines()[0]}"
    for name, meaning in DECISIONS.items():
        yield f"  {name:<18}{meaning}"
    yield "\nPhrases (a weight of 3 removes alone, less needs support)"
    for entry in default_lexicon().entries:
        yield f"  {entry.id:<38}{entry.category.value:<16}{entry.weight:<5g}{entry.why}"
    if options.rules:
        yield "\nYour own"
        yield from _own_catalogue(options)


def _own_catalogue(options: Options) -> Iterator[str]:
    from declutter.rulefiles import rule_set

    own = rule_set(options.rules)
    for entry in own.entries:
        yield f"  {entry.id:<38}{entry.category.value:<16}{entry.weight:<5g}{entry.why}"
    for rule in own.rules:
        what = rule.category.value if rule.category else "protected"
        yield f"  {rule.id:<38}{what:<16}     {rule.why}"
    for category, goes in own.categories.items():
        yield f"  {category.value:<38}{'goes' if goes else 'stays'}"


def talk(name: str, result: Result) -> None:
    """Say on standard error what a user should know of a source that was read."""
    for warning in result.warnings:
        click.echo(f"declutter: {name}: warning: {warning}", err=True)
    if result.reason:
        click.echo(f"declutter: {name}: empty: {result.reason}", err=True)
