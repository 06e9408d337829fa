"""Letters into a folder: those of a registration, or an example for a country, each page with where its boxes are."""

from __future__ import annotations

import json
import shutil
import string
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import drawing
from bot.control import CommandError
from bot.settings import Settings
from conversations.countries.specimens import EXAMPLE_SAMPLE, SENDER_ID, example_answers
from conversations.model import Letter, Registration, SenderId
from conversations.papers.wanted import letter_facts, renew
from rules.book import Book

EXAMPLE_DAY = "2026-01-15"  # of example letters, so that two runs draw the same


def copied_out(registration: Registration, path: Callable[[str], Path], out: Path) -> list[dict[str, Any]]:
    """Copy the drawn letters into the folder. Returns a line a page."""
    letters = [letter for letter in registration.letters if letter.file]
    return _laid_out([(letter, path(letter.file or "")) for letter in letters], out)


def example(country: str, book: Book, settings: Settings, out: Path) -> list[dict[str, Any]]:
    """Draw the letters of a made-up registration in that country. Returns a line a page.

    Raises:
        CommandError: there is no such country, or it needs no letter.
    """
    try:
        pack = book.pack(country.upper())
    except KeyError:
        raise CommandError(f"no country has the code {country}; see rules list") from None
    registration = Registration(
        id=0, reference=f"{pack.country}-EXMP", company_id=0, conversation_id=0, country=pack.country,
        route=str(pack.route), answers=example_answers(pack), sender_ids=[SenderId(SENDER_ID, [EXAMPLE_SAMPLE])],
    )  # fmt: skip
    numbers = iter(string.ascii_uppercase)
    letters = renew(registration, pack, book.templates, lambda: f"EXAMPLE{next(numbers)}")
    if not letters:
        raise CommandError(f"{pack.name} asks for no letter of ours", 1)
    company_country = str(registration.answers.get("country", pack.country))
    names = {"operator": settings.operator_name, "operator_address": settings.operator_address}
    paper = book.paper(company_country)
    folder = _made(out / "drawn")
    told = drawing.drawn({
        "letters": [
            letter_facts(letter, registration, pack, book.templates, names, book.country_name, EXAMPLE_DAY, paper)
            for letter in letters
        ],
        "operator": drawing.operator(settings), "keys": list(settings.secret_keys), "folder": str(folder),
    })  # fmt: skip
    try:
        if "why" in told:
            raise CommandError(f"the example of {pack.name} can't be drawn: {told['why']}", 1)
        return _laid_out(
            [(letter, Path(drawn["pdf"])) for letter, drawn in zip(letters, told["letters"], strict=True)], out
        )
    finally:
        shutil.rmtree(folder)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--out: {folder} can't be made: {error.strerror}") from None
    return folder


def _laid_out(letters: list[tuple[Letter, Path]], out: Path) -> list[dict[str, Any]]:
    _made(out)
    lines: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for letter, source in letters:
        file = out / f"{letter.slot.replace(':', '-').replace('/', '-')}.pdf"
        shutil.copyfile(source, file)
        pages = drawing.layout_of(file)
        known.append({
            "letter": letter.slot, "letter_id": letter.letter_id, "version": letter.version, "file": file.name,
            "pages": [asdict(page) for page in pages],
        })  # fmt: skip
        for page in pages:
            lines.append({
                "file": str(file.resolve()), "letter": letter.slot, "page": page.page, "pages": page.pages,
                "version": page.version, "code": page.code, "signature_box": page.signature_box,
                "stamp_box": page.stamp_box,
            })  # fmt: skip
    (out / "letters.json").write_text(json.dumps(known, indent=1), encoding="utf-8")
    return lines
