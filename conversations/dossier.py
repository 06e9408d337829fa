"""What whoever took a registration gets in their own chat: every answer, the papers, and what they may decide."""

from __future__ import annotations

import re

from conversations import review
from conversations.checklist import lines as checklist
from conversations.edition import outdated
from conversations.judged import judged
from conversations.lifecycle import decisions
from conversations.model import Attachment, Choice, Country, Registration, Role, Text, Upload, Value
from conversations.talk import Talk

MEDIA_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}


def show(talk: Talk, registration: Registration) -> None:
    """Send it, when the one who took the registration speaks in a chat that is theirs alone.

    Not where its history is ours to show: there the desk's page shows it, for as long as its reader may see it.
    """
    staff = talk.case.staff
    if staff is None or not talk.event.private or talk.case.kept:
        return
    talk.say(
        "desk_dossier",
        {
            "reference": registration.reference,
            "country": Country(registration.country),
            "status": Text(f"status_{registration.status}"),
            "lines": review.lines(talk, registration),
            "papers": checklist(talk.papers(registration)),
            "overruled": [*_edition(talk, registration), *_overruled(talk, registration)],
            "judged": _judged(talk, registration),
        },
        files=_files(registration),
        choices=choices(registration, staff.role),
        about=registration,
    )


def choices(registration: Registration, role: Role) -> tuple[Choice, ...]:
    """A button for each decision; one for each sender ID where there are several, for each has its own outcome."""
    reference = registration.reference
    several = len(registration.sender_ids) > 1
    waiting = [name.text for name in registration.sender_ids if name.outcome is None]
    found: list[Choice] = []
    for name in decisions(registration, role):
        command, label = f"{name.replace('_', ' ')} {reference}", Text(f"choice_desk_{name}")
        if name != "refuse" or not several:
            found.append(Choice(command, label))
        if name in ("approve", "refuse") and several:
            found += [Choice(f"{command} {one}", Text(f"choice_desk_{name}_name", {"name": one})) for one in waiting]
    return tuple(found)


def _edition(talk: Talk, registration: Registration) -> list[Value]:
    line = outdated(registration, talk.book)
    return [line] if line is not None else []


def _overruled(talk: Talk, registration: Registration) -> list[Value]:
    pack = talk.pack(registration)
    return [
        Text("desk_line_overruled", {"label": pack.field(name).label, "value": value})
        for name, value in registration.overruled.items()
    ]


def _judged(talk: Talk, registration: Registration) -> Value:
    """What the rules say of its names and texts, so that they need not all be read."""
    lines = judged(registration, talk.pack(registration), talk.book.watchlist)
    return Text("desk_judged", {"lines": lines}) if lines else ""


def _files(registration: Registration) -> tuple[Attachment, ...]:
    """The papers as they came back, then the letters nothing came back for; copies, for originals may be anything."""
    found = [one for upload in registration.uploads if (one := _copy(upload)) is not None]
    returned = {page.letter_id for upload in registration.uploads for page in upload.pages if page.slot}
    for letter in registration.letters:
        if letter.file is not None and letter.letter_id not in returned:
            name = re.sub(r"[^A-Za-z0-9]+", "-", f"{registration.reference}-{letter.slot}-v{letter.version}")
            found.append(Attachment(letter.file, f"{name}.pdf", MEDIA_TYPES["pdf"]))
    return tuple(found)


def _copy(upload: Upload) -> Attachment | None:
    key = upload.copy
    if key is None or upload.problem:
        return None
    ending = key.rpartition(".")[2]
    return Attachment(key, f"{upload.name.rpartition('.')[0] or upload.name}.{ending}", MEDIA_TYPES.get(ending, ""))
