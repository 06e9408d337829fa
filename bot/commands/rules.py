"""The rules as the commands print them: our files, or those of RULES_DIR laid over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.control import CommandError
from rules import editor_schema
from rules.book import Book, load
from rules.cited import STALE_AFTER
from rules.editions import began
from rules.export import listed, shown
from rules.lint import lint
from rules.matrix import matrix
from rules.page import page
from rules.reading import OURS, RulesError
from rules.schema import Route

Line = Mapping[str, Any]

REGISTRATIONS = ("required", "not_required", "unsupported", "recommended", "unknown")


def day(text: str) -> date:
    """The day that was asked for, or today where none was.

    Raises:
        CommandError: it is no day.
    """
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise CommandError(f"--on: {text} is not a day such as 2027-01-01") from None


def rules_of(folder: Path | None, on: str) -> Book:
    """The rules of that day.

    Raises:
        CommandError: a rule file can't be used.
    """
    wanted = day(on)
    try:
        return load(folder).on(wanted)
    except RulesError as error:
        raise CommandError(str(error)) from None


def countries(book: Book, routes: Sequence[str], registration: Sequence[str]) -> list[dict[str, Any]]:
    """A line a country, of those with one of the routes and of the answers to whether registration is needed.

    Raises:
        CommandError: there is no such route or answer.
    """
    _known("--route", routes, [route.value for route in Route])
    _known("--registration", registration, REGISTRATIONS)
    return listed(book, routes, registration)


def _known(option: str, given: Sequence[str], known: Collection[str]) -> None:
    for one in given:
        if one not in known:
            raise CommandError(f"{option}: {one} is none of {', '.join(known)}")


def country_line(one: Line) -> str:
    days = one["lead_time_days"]
    told = f"{'-'.join(map(str, dict.fromkeys(days)))} days" if days else ""
    return f"{one['country']}  {one['name']:<34} {one['route']:<28} {one['registration']:<13} {told}".rstrip()


def country(book: Book, code: str, as_json: bool) -> dict[str, Any] | str:
    """One country as plain values or as a page.

    Raises:
        CommandError: there is no such country.
    """
    try:
        pack = book.pack(code.upper())
    except KeyError:
        raise CommandError(f"no country has the code {code}; see rules list", 1) from None
    if as_json:
        return shown(pack)
    return page(pack, [one for one in book.editions(pack.country) if began(one.version) > began(pack.version)])


def problems(folder: Path | None, on: str, stale_after: int | None) -> list[dict[str, str]]:
    """What is wrong with the rule files on that day. Raises CommandError where the day is none."""
    return lint(folder or OURS, day(on), stale_after or STALE_AFTER)


def summary(found: Sequence[Mapping[str, str]]) -> str:
    levels = Counter(one["level"] for one in found)
    return ", ".join(f"{levels[level]} {level}{'' if levels[level] == 1 else 's'}" for level in ("error", "warning"))


def countries_page(book: Book, out: Path | None) -> str:
    """All countries on a page; written to a file where one is named, and then it is the file's name."""
    if out is None:
        return matrix(book)
    try:
        out.write_text(matrix(book), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--out: {out} can't be written: {error.strerror}") from None
    return str(out)


def stale_schemas(write: bool) -> list[str]:
    """The files of the editors' schemas that are not as they would be made now; they are, once this is to `write`."""
    texts = {OURS / name: text for name, text in editor_schema.schemas().items()}
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale if write else ():
        path.write_text(texts[path], encoding="utf-8")
    return [path.name for path in stale]
