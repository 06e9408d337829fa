"""What whoever took a registration gets in their own chat: every answer, the papers, and what they may decide."""

from __future__ import annotations

import re

from conversations.desk import page_labels
from conversations.desk.doubts import doubts
from conversations.edition import outdated
from conversations.interview import review
from conversations.interview.plan import applicable
from conversations.judgement.judged import judged
from conversations.lifecycle import decisions
from conversations.model import (
    Attachment,
    Choice,
    Country,
    Letter,
    Registration,
    Role,
    Text,
    Upload,
    UploadPage,
    Value,
)
from conversations.papers.checklist import lines as checklist
from conversations.talk import Talk
from conversations.uploads import own_papers

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
            "papers": [*checklist(talk.papers(registration)), *own_papers.desk_lines(talk, registration)],
            "overruled": [
                *_edition(talk, registration),
                *_overruled(talk, registration),
                *_doubts(talk, registration),
            ],
            "judged": _judged(talk, registration),
            "looks": _looks(talk, registration),
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


def _doubts(talk: Talk, registration: Registration) -> list[Text]:
    pack = talk.pack(registration)
    return doubts(pack, talk.papers(registration).slots, applicable(registration, pack))


def _judged(talk: Talk, registration: Registration) -> Value:
    """What the rules say of its names and texts, so that they need not all be read."""
    lines = judged(registration, talk.pack(registration), talk.book.watchlist)
    return Text("desk_judged", {"lines": lines}) if lines else ""


def _waiting(registration: Registration) -> list[UploadPage]:
    """Pages of our letters that wait for somebody to look at them, in the order of the letters."""
    order = {letter.slot: number for number, letter in enumerate(registration.letters)}
    found = [
        page
        for upload in registration.uploads
        for page in upload.pages
        if page_labels.needs_a_look(page) and page.slot in order
    ]
    return sorted(found, key=lambda page: (order[page.slot or ""], page.page or 0))


def _looks(talk: Talk, registration: Registration) -> Value:
    """The pages that need a look, each with the reason."""
    titles = {slot.key: slot.title for slot in talk.papers(registration).letters}
    lines: list[Value] = []
    waiting = _waiting(registration)
    for page in waiting:
        title = titles.get(page.slot or "", page.slot)
        lines.append(Text("desk_line_look", {"title": title, "page": page.page, "why": page_labels.why(page)}))
        if page.insisted:
            lines.append(Text(f"desk_insisted_{page.insisted}"))
    return Text("desk_looks", {"lines": lines, "n": len(waiting)}) if lines else ""


def _files(registration: Registration) -> tuple[Attachment, ...]:
    """What needs a look, the papers as they came back, then the letters nothing came back for.

    Of a letter with a clean scan that scan, else copies of what was sent; never originals, which may be anything.
    """
    found = [crop for page in _waiting(registration) for crop in _crops(registration, page)]
    scanned = {letter.slot for letter in registration.letters if letter.scan}
    found += [
        Attachment(letter.scan, f"{_named(registration, letter)}-signed.pdf", MEDIA_TYPES["pdf"])
        for letter in registration.letters
        if letter.scan
    ]
    for upload in registration.uploads:
        shown = bool(upload.pages) and all(page.slot in scanned for page in upload.pages)
        if not shown and (copy := _copy(upload)) is not None:
            found.append(copy)
    returned = {page.letter_id for upload in registration.uploads for page in upload.pages if page.slot}
    for letter in registration.letters:
        if letter.file is not None and letter.scan is None and letter.letter_id not in returned:
            found.append(Attachment(letter.file, f"{_named(registration, letter)}.pdf", MEDIA_TYPES["pdf"]))
    return tuple(found)


def _named(registration: Registration, letter: Letter) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{registration.reference}-{letter.slot}-v{letter.version}")


def _crops(registration: Registration, page: UploadPage) -> list[Attachment]:
    """The boxes of a page, cut out: small enough for any chat."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{registration.reference}-{page.slot}-page-{page.page}")
    crops = page.check.crops if page.check else {}
    return [
        Attachment(key, f"{name}-{box}.jpg", MEDIA_TYPES["jpg"])
        for box in ("signature", "stamp")
        if (key := crops.get(box))
    ]


def _copy(upload: Upload) -> Attachment | None:
    key = upload.copy
    if key is None or upload.problem:
        return None
    ending = key.rpartition(".")[2]
    return Attachment(key, f"{upload.name.rpartition('.')[0] or upload.name}.{ending}", MEDIA_TYPES.get(ending, ""))
