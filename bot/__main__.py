"""The commands: `python -m bot --help`. Each imports what it needs when it runs, so that help comes at once."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.commands.terminal import printable

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer(
    help="Registers SMS sender IDs by chat, country by country.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,  # they print values, and values may be answers
)  # fmt: skip
rules = typer.Typer(help="The countries' rules.", no_args_is_help=True)
letters = typer.Typer(help="The letters drawn for signature.", no_args_is_help=True)
staff = typer.Typer(help="Who works at the desk.", no_args_is_help=True)
case = typer.Typer(help="The registrations.", no_args_is_help=True)
failed = typer.Typer(help="Events whose turn failed.", no_args_is_help=True)
for name, group in (("rules", rules), ("letters", letters), ("staff", staff), ("case", case), ("failed", failed)):
    app.add_typer(group, name=name)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
On = Annotated[str, typer.Option("--on", metavar="DAY", help="As the rules are on that day; today by default.")]
Line = Mapping[str, Any]


def wrong(text: str, code: int = 2) -> NoReturn:
    """End with the text and the exit code: 1 the answer is no, 2 wrong use or settings."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)


def settings_or_end() -> Settings:
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        wrong(str(error))


def ask(command: str, show: Callable[[Line], None], lines: AsyncIterator[str] | None = None, **args: Any) -> None:
    """Have the command carried out, here or by the running process, and end with its exit code."""
    from bot import log
    from bot.control import CommandError
    from bot.control import ask as carry_out
    from bot.settings import SettingsError
    from rules.reading import RulesError
    from storage.store import StorageError

    def handlers() -> Any:
        from bot.commands.asked import handlers

        return handlers()

    async def emit(line: Line) -> None:
        show(line)

    log.to_stderr(quiet=True)
    settings = settings_or_end()
    try:
        code = asyncio.run(carry_out(settings, command, args, emit, handlers, lines))
    except CommandError as error:
        wrong(str(error), error.code)
    except (StorageError, RulesError, SettingsError) as error:
        wrong(str(error))
    except OSError as error:
        wrong(f"DATABASE_URL, FILES_URL: {error.filename or settings.database.parent} can't be used: {error.strerror}")
    if code:
        raise typer.Exit(code)


@contextmanager
def told() -> Iterator[None]:
    """What a command can't do ends it, with the reason."""
    from bot.control import CommandError

    try:
        yield
    except CommandError as error:
        wrong(str(error), error.code)


def print_json(line: Any) -> None:
    print(printable(json.dumps(line, ensure_ascii=False)), flush=True)


def ask_for_list(command: str, as_json: bool, show: Callable[[Line], str], **args: Any) -> None:
    """Ask, and print what comes as one JSON list, or a line each for people."""
    found: list[Line] = []
    ask(command, found.append if as_json else lambda line: print(printable(show(line))), **args)
    if as_json:
        print_json(found)


@app.command()
def run() -> None:
    """Serve everything that is configured, until stopped."""
    from bot.commands.run import serve

    serve(settings_or_end())


@app.command()
def demo(port: Annotated[int, typer.Option(help="Port on this computer.")] = 8080) -> None:
    """Try it: a customer's link and a desk's link, a desk with work on it, and signed photos without a printer."""
    from bot.demo import serve

    serve(port)


@app.command()
def chat(
    as_json: Json = False,
    name: Annotated[str, typer.Option("--as", help="Your name in the chat.")] = "",
) -> None:
    """Talk to the assistant here."""
    from bot.commands import terminal

    name = name or _login()
    if as_json:
        ask("chat", print_json, terminal.typed(), name=name)
    else:
        talk = terminal.Talk()
        ask("chat", talk.show, talk.lines(), name=name)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in a container
        return "you"


@app.command()
def check(live: Annotated[bool, typer.Option(help="Ask the platforms too.")] = False) -> None:
    """Look whether everything is ready to run: settings, database, files, rules, texts."""
    from bot.commands.check import checked

    fine = True
    for name, trouble in checked(settings_or_end(), live):
        print(f"{'no  ' if trouble else 'ok  '} {name}{': ' + trouble if trouble else ''}")
        fine = fine and not trouble
    if not fine:
        raise typer.Exit(1)


@rules.command("list")
def rules_list(
    route: Annotated[list[str] | None, typer.Option(help="Only this route; may be given several times.")] = None,
    registration: Annotated[list[str] | None, typer.Option(help="Only where it is required, recommended ...")] = None,
    on: On = "",
    as_json: Json = False,
) -> None:
    """Every country, its route, whether registration is needed, and its lead time."""
    from bot.commands import rules as asked

    with told():
        found = asked.countries(asked.rules_of(settings_or_end().rules_dir, on), route or [], registration or [])
    if as_json:
        return print_json(found)
    for one in found:
        print(asked.country_line(one))


@rules.command("show")
def rules_show(country: str, on: On = "", as_json: Json = False) -> None:
    """All that is known of one country, with everything shared filled in."""
    from bot.commands import rules as asked

    with told():
        found = asked.country(asked.rules_of(settings_or_end().rules_dir, on), country, as_json)
    print_json(found) if as_json else print(found)


@rules.command("lint")
def rules_lint(
    on: On = "",
    stale_after: Annotated[int | None, typer.Option(min=1, help="Days after which a source is stale: 180.")] = None,
    as_json: Json = False,
) -> None:
    """Look for mistakes in the rules: ours, or those of RULES_DIR laid over them."""
    from bot.commands import rules as asked

    with told():
        found = asked.problems(settings_or_end().rules_dir, on, stale_after)
    if as_json:
        print_json(found)
    else:
        for one in found:
            print(f"{one['level']}: {one['file']}: {one['key']} {one['text']}")
        print(asked.summary(found))
    if any(one["level"] == "error" for one in found):
        raise typer.Exit(1)


@rules.command("diff")
def rules_diff(
    country: Annotated[str, typer.Argument(help="A country code; optional with --shipped.")] = "",
    first: Annotated[str, typer.Argument(help="A day, such as 2026-10-01.")] = "",
    last: Annotated[str, typer.Argument(help="A later day.")] = "",
    shipped: Annotated[bool, typer.Option("--shipped", help="What RULES_DIR changes against our files.")] = False,
    as_json: Json = False,
) -> None:
    """What differs in a country between two days; or between our rules and yours."""
    from bot.commands import differences

    if (shipped and first) or not (shipped or (country and first and last)):
        wrong("give a country and two days, such as TH 2026-10-01 2026-12-01; or --shipped, with a country or without")
    folder = settings_or_end().rules_dir
    with told():
        found: Any = (
            differences.of_files(folder, country) if shipped else differences.of_days(folder, country, first, last)
        )
    if as_json:
        return print_json(found)
    words = differences.files_in_words(found, folder) if shipped else differences.days_in_words(found)
    for line in words:
        print(printable(line))


@rules.command("matrix")
def rules_matrix(out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None, on: On = "") -> None:
    """All countries and what they ask, on one page of Markdown."""
    from bot.commands import rules as asked

    with told():
        print(asked.countries_page(asked.rules_of(settings_or_end().rules_dir, on), out))


@rules.command("schema")
def rules_schema(check: Annotated[bool, typer.Option("--check", help="Only say what would change.")] = False) -> None:
    """Write the JSON schemas by which editors complete and check our rule files."""
    from bot.commands import rules as asked

    stale = asked.stale_schemas(write=not check)
    for name in stale:
        print(f"rules/{name} {'is not as it would be made now' if check else 'written'}")
    if check and stale:
        raise typer.Exit(1)


def _book() -> Any:
    from rules import book
    from rules.reading import RulesError

    try:
        return book.load(settings_or_end().rules_dir).on(datetime.now(UTC).date())
    except RulesError as error:
        wrong(str(error))


@letters.command("render")
def letters_render(
    out: Annotated[Path, typer.Option(help="Folder for the PDFs.")],
    reference: Annotated[str, typer.Argument(help="A registration, such as TH-4K7Q.")] = "",
    example: Annotated[str, typer.Option(help="A country code: draw its letters with made-up answers.")] = "",
    as_json: Json = False,
) -> None:
    """Put the letters of a registration, or a country's example, into a folder."""
    if bool(reference) == bool(example):
        wrong("give a reference, or --example with a country code")

    def show(page: Line) -> None:
        print_json(page) if as_json else print(f"{page['file']}  page {page['page']} of {page['pages']}")

    if reference:
        return ask("letters render", show, reference=reference, out=str(out.resolve()))
    from bot.commands.letters import example as drawn
    from bot.control import CommandError

    try:
        for page in drawn(example, _book(), settings_or_end(), out):
            show(page)
    except CommandError as error:
        wrong(str(error), error.code)


Photos = Annotated[list[Path], typer.Argument(metavar="FILE...", help="JPEG, PNG, WebP, HEIC or PDF.")]
Letters = Annotated[
    Path | None,
    typer.Option("--letters", metavar="DIR", help="Where letters render put them; else those of the store."),
]


def _checks(files: list[Path], folder: Path | None) -> Any:
    """The files and what they are held against."""
    from bot.commands import checks

    with told():
        checks.there(files)
        if folder:
            known = checks.in_folder(folder)
        else:
            lines: list[Line] = []
            ask("letters awaited", lines.append)
            known = checks.of_store(lines)
    if not known:
        print("No letter is drawn yet, or all are decided: there is nothing to hold these against.", file=sys.stderr)
    return checks.Checks(known, settings_or_end().secret_keys)


@letters.command("check")
def letters_check(files: Photos, letters: Letters = None, as_json: Json = False) -> None:
    """Look whether photos of letters are whole, legible, unaltered, signed and stamped. A line a page."""
    from bot.commands.checks import in_words

    width, accepted = max(len(str(file)) for file in files), []
    with _checks(files, letters) as checks, told():
        for page in checks.of(files):
            accepted.append(page.line["accepted"])
            print_json(page.line) if as_json else print(printable(in_words(page, width)))
    if not as_json:
        print(f"{sum(accepted)} of {len(accepted)} accepted")
    if not all(accepted):
        raise typer.Exit(1)


@letters.command("scan")
def letters_scan(
    files: Photos,
    out: Annotated[Path, typer.Option(help="Folder for the PDFs.")],
    letters: Letters = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a PDF by one that lacks pages.")] = False,
    as_json: Json = False,
) -> None:
    """Make one clean PDF a letter of photos that are accepted, its pages in their order.

    A PDF that is there is replaced by one with every page, or with --force.
    """
    from bot.commands.checks import scanned

    made = 0
    with _checks(files, letters) as checks, told():
        for line in scanned(checks, files, out, force):
            made += 1
            print_json(line) if as_json else print(f"{line['file']}  {line['pages']} pages  {line['bytes']:,} bytes")
    if not made:
        wrong("no page was accepted, so there is nothing to make a scan of", 1)


@letters.command("score")
def letters_score(as_json: Json = False) -> None:
    """Check every page that somebody at the desk judged once more: how often the check and the person agree."""
    from bot.commands.score import in_words

    def show(found: Line) -> None:
        for line in in_words(found):
            print(printable(line))

    ask("letters score", print_json if as_json else show)


@staff.command("invite")
def staff_invite(
    role: Annotated[str, typer.Option(help="account_manager, reviewer or admin.")], as_json: Json = False
) -> None:
    """A code that makes whoever types it in their private chat one of the desk. It holds 24 hours, once."""
    from conversations.model import Role

    if role not in list(Role):
        wrong(f"--role is one of {', '.join(Role)}")
    ask("staff invite", print_json if as_json else lambda line: print(line["code"]), role=role)


@staff.command("list")
def staff_list(as_json: Json = False) -> None:
    """Who works at the desk."""
    ask_for_list("staff list", as_json, lambda one: f"{one['name']:<24} {one['role']:<16} since {one['since']}")


@staff.command("revoke")
def staff_revoke(name: str) -> None:
    """Take somebody off the desk, at once."""
    ask("staff revoke", print_json, name=name)


@case.command("list")
def case_list(as_json: Json = False) -> None:
    """Every registration, and the receipts of deleted ones."""
    ask_for_list(
        "case list",
        as_json,
        lambda one: f"{one['reference']}  {one['country']}  {one['status']:<26} {one.get('company') or ''}",
    )


@case.command("show")
def case_show(reference: str, as_json: Json = False) -> None:
    """One registration with its answers, papers and history."""
    ask(
        "case show",
        print_json if as_json else lambda one: print(printable(json.dumps(one, ensure_ascii=False, indent=2))),
        reference=reference,
        for_people=not as_json,
    )


@failed.command("list")
def failed_list(as_json: Json = False) -> None:
    """Events whose turn failed by a mistake of ours. They are kept until they are replayed."""
    ask_for_list(
        "failed list", as_json, lambda one: f"{one['id']}  {one['at']}  {one['kind']}  {one['event']}\n{one['error']}"
    )


@failed.command("replay")
def failed_replay(
    id: Annotated[int | None, typer.Argument(help="Only this one.")] = None, as_json: Json = False
) -> None:
    """Take the failed events once more."""
    ask_for_list(
        "failed replay", as_json, lambda one: f"{one['id']}  {'done' if one['replayed'] else 'failed again'}", id=id
    )


@app.command()
def tick(
    at: Annotated[str, typer.Option(help="Such as 2027-01-01T09:00:00Z; without a zone it is UTC.")],
) -> None:
    """Do what would be due at that time, as if the process woke then. A JSON line for each thing done."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        wrong(f"--at: {at} is not a time such as 2027-01-01T09:00:00Z")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    ask("tick", print_json, at=moment.astimezone(UTC).isoformat())


@app.command()
def backup(file: Path) -> None:
    """Everything in one file: the database as of one moment, the uploads and letters, the key."""
    ask("backup", lambda line: print(line["file"]), file=str(file.resolve()))


@app.command()
def restore(file: Path) -> None:
    """Put a backup in place of what is here, whole or not at all. Not while a process runs.

    What was deleted since stays deleted. Sending is held until `resume`; what waits is printed.
    """
    from bot.commands.restore import restored
    from bot.control import CommandError

    try:
        for line in restored(settings_or_end(), file, datetime.now(UTC)):
            print(line)
    except CommandError as error:
        wrong(str(error), error.code)


@app.command()
def pause(text: str) -> None:
    """Tell every customer this instead of going on, until `resume`."""
    ask("pause", print_json, text=text)


@app.command()
def resume(
    drop: Annotated[bool, typer.Option("--drop", help="After a restore: never send what waits in the backup.")] = False,
    as_json: Json = False,
) -> None:
    """End the pause, or the hold of a restore: what waits is sent, reminders and deletions go on."""

    def show(line: Line) -> None:
        for what, number in line.items():
            print(f"Messages of the backup {'never sent' if what == 'dropped' else 'sent now'}: {number}")

    ask("resume", print_json if as_json else show, drop=drop)


if __name__ == "__main__":
    app(prog_name="python -m bot")
