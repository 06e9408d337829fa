"""How often the check and a person agree: every page that somebody at the desk judged, checked once more."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.control import Emit, Lines
from bot.drawing import layout_of
from conversations.desk.page_labels import FINE, LABELS, letter_of, plain, said_by_check
from conversations.model import Registration, Upload, UploadPage

if TYPE_CHECKING:
    from bot.checking.asked import Awaited
    from bot.wiring import House

PERSON = "person"  # the check leaves it to one: altered, unsure, or nothing came of it
TO_A_PERSON = ("altered", "unsure", "")
SAID = (FINE, PERSON, "unsigned", "unstamped", "illegible", "wrong_letter", "old_version")


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled page: what the person found, what the check said at the time, what it says now."""

    reference: str
    page: str
    label: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Rates:
    """How one run of the check stands to what people found."""

    right: int  # decided by itself, and as the person
    wrong_yes: int  # accepted, and the person did not
    wrong_no: int  # asked the customer again for a page that is fine
    other: int  # asked again rightly, with another reason
    person: int  # left to a person

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Rates:
        """(label, what the check said) of each page."""
        decided = [(label, said) for label, said in pairs if said != PERSON]
        return cls(
            right=sum(label == said for label, said in decided),
            wrong_yes=sum(said == FINE != label for label, said in decided),
            wrong_no=sum(label == FINE != said for label, said in decided),
            other=sum(FINE not in (label, said) and label != said for label, said in decided),
            person=len(pairs) - len(decided),
        )


async def letters_score(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """One line with the table and the rates, then and now."""
    registrations = [found.registration for found in await asyncio.to_thread(house.app.store.registrations)]
    cases: list[Case] = []
    missing = 0
    for registration in registrations:
        if not any(page.label for upload in registration.uploads for page in upload.pages):
            continue
        letters = await asyncio.to_thread(_letters, house, registrations, registration.company_id)
        for upload in registration.uploads:
            labelled = [page for page in upload.pages if page.label]
            testable = [page for page in labelled if _can_be_checked_again(registration, page)]
            missing += len(labelled) - len(testable)
            if testable:
                said = await asyncio.to_thread(_checked, house, upload, letters)
                cases += [_case(registration, upload, page, said.get(page.number, PERSON)) for page in testable]
    await emit(summed_up(cases, missing))
    return 0


def _can_be_checked_again(registration: Registration, page: UploadPage) -> bool:
    """Of a letter drawn anew since, what the page was held against is gone; an old version was one then, too."""
    letter = letter_of(registration, page)
    version = page.letter_version or (page.check.version if page.check else None)
    return page.label == "old_version" or letter is None or version in (None, letter.version)


def _letters(house: House, registrations: Sequence[Registration], company: int) -> list[Awaited]:
    """The letters of a company as they were awaited."""
    from bot.checking.asked import awaited

    found = []
    for registration in registrations:
        for letter in registration.letters if registration.company_id == company else ():
            pdf = house.app.files.path(letter.file) if letter.file else None
            if pdf is not None and pdf.is_file():
                found.append(awaited(letter.letter_id, pdf, layout_of(pdf)))
    return found


def _checked(house: House, upload: Upload, letters: Sequence[Awaited]) -> dict[int, str]:
    """What the check says of each page of the file now, as one of SAID."""
    from bot.checking.asked import check_file

    if upload.copy is None:
        return {}
    copy = house.app.files.path(upload.copy)
    kind = copy.suffix.removeprefix(".")
    with tempfile.TemporaryDirectory(prefix="senderdesk-") as folder:
        verdicts = check_file(copy, kind, letters, house.settings.secret_keys, Path(folder), digital=upload.signed_pdf)
    return {one.number: in_short(FINE if one.accepted else str(one.reason or "")) for one in verdicts}


def in_short(said: str) -> str:
    """What the check said, as one of SAID."""
    return PERSON if said in TO_A_PERSON else plain(said)


def _case(registration: Registration, upload: Upload, page: UploadPage, now: str) -> Case:
    where = f"{page.slot or upload.id} {page.page or page.number}"
    return Case(registration.reference, where, plain(page.label), in_short(said_by_check(page)), now)


def summed_up(cases: Sequence[Case], missing: int) -> dict[str, Any]:
    """All that is printed, as plain values."""
    table = Counter((case.label, case.now) for case in cases)
    return {
        "pages": len(cases),
        "not_checked_again": missing,
        "table": {label: {said: table[label, said] for said in SAID} for label in LABELS},
        "now": asdict(Rates.of([(case.label, case.now) for case in cases])),
        "then": asdict(Rates.of([(case.label, case.then) for case in cases])),
        "changed": [asdict(case) for case in cases if case.then != case.now],
    }


# --- in words ---------------------------------------------------------------------------------------------------

RATES = {
    "right": "decided by itself, as the person", "wrong_yes": "accepted wrongly",
    "wrong_no": "asked again wrongly", "other": "asked again for another reason", "person": "left to a person",
}  # fmt: skip


def in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """The lines that are printed for people."""
    missing = found["not_checked_again"]
    if missing:
        yield f"{missing} judged pages can't be checked again: their letter was drawn anew since."
    if not found["pages"]:
        yield "No page to score: pages count once somebody at the desk agreed with the check or overruled it."
        return
    yield f"Pages judged at the desk: {found['pages']}. Lines: what the person found. Columns: what the check says now."
    yield "".join([" " * 14, *(f"{said:>14}" for said in SAID)])
    for label, row in found["table"].items():
        if any(row.values()):
            yield "".join([f"{label:<14}", *(f"{row[said] or '.':>14}" for said in SAID)])
    yield ""
    yield f"{'':<34}{'now':>12}{'at the time':>14}"
    for name, words in RATES.items():
        now, then = (_share(found[when][name], found["pages"]) for when in ("now", "then"))
        yield f"{words:<34}{now:>12}{then:>14}"
    for case in found["changed"]:
        yield f"{case['reference']} {case['page']}: {case['then']} then, {case['now']} now; it is {case['label']}"


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.0f} %)"
