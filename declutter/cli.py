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
    fail,
    make_options,
    own_options,
    reading_options,
    seconds_option,
    url_option,
    writing_options,
)

if TYPE_CHECKING:
    from declutter.files import Source
    from declutter.options import Options
    from declutter.pipeline import Result

EXIT_FAILED = 1
SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Clean article text from web pages, as HTML or already flattened.

    Every removed span has a reason: see "declutter explain".
    """


main.add_command(batch)


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

    shown = {name: choices.pop(name) for name in ("links", "images", "tables", "url")}
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
        result = read_and_analyze(source, options, kind, shown["url"], reasons=form == "json")
        write(target, render(result, form, shown))
    except SourceError as error:
        fail(source.name, str(error))
        return False
    talk(source.name, result)
    return True


def read_and_analyze(
    source: Source, options: Options, kind: str, url: str | None, *, reasons: bool
) -> Result:
    """The result for a source; raise SourceError with one line that says what is wrong.

    The reasons, which take time of their own, are worked out where they are wanted.
    """
    from declutter.errors import DeclutterError
    from declutter.files import SourceError
    from declutter.pipeline import analyze

    data = source.read()
    try:
        result = analyze(data, kind=kind, options=options, url=url)
        if reasons or not result.text:
            _ = result.removals
        return result
    except DeclutterError as error:
        raise SourceError(str(error)) from None


def render(result: Result, form: str, shown: Mapping[str, Any]) -> bytes:
    """What is written for a result, as UTF-8."""
    text = result.to(form, **shown)
    if form == "html":
        from declutter.writers.html import page

        text = page(text, result.title, result.document.language)
    if text and not text.endswith("\n"):
        text += "\n"
    return text.encode("utf-8", "replace")


@main.command()
@click.argument("source")
@url_option
@reading_options
@seconds_option
def explain(source: str, url: str | None, **reading: Any) -> None:
    """Show what is removed from a source, by category, with the words and the reasons."""
    from declutter.files import Source, SourceError

    options = make_options(**reading)
    try:
        result = read_and_analyze(Source(source), options, reading["kind"], url, reasons=True)
    except SourceError as error:
        fail(source, str(error))
        sys.exit(EXIT_FAILED)
    show(explanation(result))
    talk(source, result)


def show(lines: Iterable[str]) -> None:
    """Write lines to standard output, styled where it is a terminal."""
    from declutter.files import SourceError, guarded_output

    text = "".join(f"{line}\n" for line in lines)
    try:
        with guarded_output() as stream:
            safe = text.encode(stream.encoding or "utf-8", "replace")
            click.echo(safe.decode(stream.encoding or "utf-8"), nl=False)
    except SourceError as error:
        fail("output", str(error))
        sys.exit(EXIT_FAILED)


def explanation(result: Result) -> Iterator[str]:
    """The lines of an explanation, styled for a terminal."""
    from declutter.pipeline import explain as grouped

    total = len(result.document.text)
    kept = len(result.text)
    yield f"{result.kind}, {total} characters read, {kept} kept"
    for category, removals in grouped(result).items():
        size = sum(len(removal.text) for removal in removals)
        head = click.style(str(category), fg="yellow", bold=True)
        yield f"\n{head}  {len(removals)} removed, {size} characters"
        for removal in removals:
            place = click.style(f"{removal.start}-{removal.end}", fg="cyan")
            yield f"  {place}  {removal.why} [{removal.rule}, {removal.weight:.2g}]"
            words = " ".join(removal.text.split())
            shown = words if len(words) <= 300 else f"{words[:200]} ... {words[-80:]}"
            yield "    " + click.style(shown, fg="red")


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
