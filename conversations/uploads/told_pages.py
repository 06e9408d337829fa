"""What the customer hears of pages that came back: one message for all that came together, whatever it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conversations.model import (
    CLOSED,
    Attachment,
    Choice,
    Country,
    Registration,
    Text,
    Upload,
    UploadPage,
    Value,
)
from conversations.papers.page_verdicts import FAR, NEVER, is_asked_again
from conversations.papers.wanted import fingerprint
from conversations.talk import Talk
from conversations.uploads.page_lines import Line, lines_of

MOST_PICTURES = 10  # of one message: as many as an album holds
MEDIA_TYPES = {"png": "image/png"}


@dataclass(slots=True)
class Part:
    """What is told of one registration."""

    registration: Registration
    lines: list[Line] = field(default_factory=list)

    @property
    def again(self) -> bool:
        """Something is to be sent once more, unless the customer wants a person to see it."""
        return any(line.again and line.page.reason not in NEVER for line in self.lines)


def tell(talk: Talk) -> set[int] | None:
    """Tell what was not told yet, in one message a chat: the registrations told of.

    None: more of what came together is still being looked into, and will be told with it.
    """
    every = [one for one in talk.case.registrations.values() if one.status not in CLOSED]
    waits = {upload.album for one in every for upload in one.uploads if not upload.checked}
    waits |= {upload.album for upload in talk.chat.early if not upload.checked}
    before = {upload.album for one in every for upload in one.uploads if upload.told}
    chats: dict[int, list[Part]] = {}
    ready = False
    for registration in every:
        part = Part(registration)
        for upload in registration.uploads:
            if upload.checked and not upload.told and not (upload.album is not None and upload.album in waits):
                upload.told = ready = True
                talk.looking = place_of(upload) if upload.album not in before else None
                part.lines += lines_of(talk, registration, upload)
        if part.lines:
            part.lines.sort(key=lambda line: (line.rank, line.page.slot or "", line.page.page or 0))
            chats.setdefault(registration.conversation_id, []).append(part)
    for parts in chats.values():
        newest = max((line.upload for part in parts for line in part.lines), key=lambda upload: upload.id)
        slot = place_of(newest) if newest.album not in before else None
        _say(talk, parts, slot)
        if slot == talk.looking:
            talk.looking = None
    return {part.registration.id for parts in chats.values() for part in parts} if ready else None


def place_of(upload: Upload) -> str | None:
    """The slot where it is said that what came with it is looked at, and then what was seen."""
    return f"files:{fingerprint(upload.album)}" if upload.album is not None else None  # its name may be anything


def tell_what_is_wrong(talk: Talk, registration: Registration, uploads: Iterable[Upload]) -> bool:
    """Tell of the pages of these files that are asked for again; False when there are none."""
    lines = [one for upload in uploads for one in lines_of(talk, registration, upload) if one.again]
    if lines:
        _say(talk, [Part(registration, sorted(lines, key=lambda line: line.rank))])
    return bool(lines)


# --- the message --------------------------------------------------------------------------------------------------


def _say(talk: Talk, parts: list[Part], slot: str | None = None) -> None:
    """One message. Pictures go with the registration they are of, for they die with it.

    What is asked again is a message of its own, which a phone tells of; good news stand where there was thanks.
    """
    first = next((part for part in parts if part.registration is talk.on), parts[0])
    again = any(part.again for part in parts)
    choices = tuple(choice for part in parts for choice in _choices(talk, part))
    advice = _advice(line for part in parts for line in part.lines)
    if len(parts) == 1:
        values: dict[str, Value] = {"lines": _texts(first)}
        if again:
            values["advice"] = advice
        key, files = "pages_again" if again else "pages_placed", _pictures(first)
        talk.tell_customer(first.registration, key, values, choices=choices, files=files, slot=slot, replaces=again)
        return
    sections: list[Value] = [
        Text(
            "pages_of_one",
            {
                "country": Country(part.registration.country),
                "reference": part.registration.reference,
                "lines": _texts(part),
            },
        )
        for part in parts
    ]
    told: dict[str, Value] = {
        "sections": sections,
        "advice": Text("pages_or_anyway", {"advice": advice}) if again else "",
    }
    talk.tell_customer(
        first.registration,
        "pages_of_several",
        told,
        choices=choices,
        files=_pictures(first),
        slot=slot,
        replaces=again,
    )
    for part in parts:
        if part is not first and (files := _pictures(part)):
            talk.tell_customer(part.registration, "pages_marked", files=files)


def _texts(part: Part) -> list[Value]:
    return [line.text for line in part.lines]


def _pictures(part: Part) -> tuple[Attachment, ...]:
    """The customer's own pages with what is wrong outlined, what is most at fault first."""
    found = []
    for line in part.lines:
        key = line.page.check.marked if line.page.check is not None and line.again else None
        if key is not None:
            of, ending = line.upload.name.rpartition(".")[0] or line.upload.name, key.rpartition(".")[2]
            name = f"{of}-{line.page.number}.{ending}" if len(line.upload.pages) > 1 else f"{of}.{ending}"
            found.append(Attachment(key, name, MEDIA_TYPES.get(ending, "image/jpeg")))
    return tuple(found[:MOST_PICTURES])


def _advice(lines: Iterable[Line]) -> Value:
    """Only where the chat made the photo small, or may have: a file is sent as it is."""
    far = any(line.again and _is_far(line.page) and line.upload.as_photo for line in lines)
    return Text("send_as_file") if far else ""


def _is_far(page: UploadPage) -> bool:
    return page.check is not None and page.check.reason in FAR


def _choices(talk: Talk, part: Part) -> list[Choice]:
    registration = part.registration
    choices = asked_again_choices(talk, registration) if part.again else []
    if registration is not talk.on:
        return [*choices, way_to(registration)]
    if any(line.page.reason == "old_version" for line in part.lines):
        choices.append(Choice("letters", Text("choice_letters")))
    for number, upload in enumerate(registration.uploads, 1):
        if any(line.upload is upload and line.page.reason in ("no_letter", "blank", "unlooked") for line in part.lines):
            choices.append(Choice(f"move {number}", Text("choice_what_it_is", {"name": upload.name})))
    return choices


def asked_again(registration: Registration) -> list[tuple[Upload, UploadPage]]:
    """Pages asked for again. One of a letter that was drawn anew since is not: the new letter is asked for."""
    newest = {letter.slot: letter.version for letter in registration.letters}
    return [
        (upload, page)
        for upload in registration.uploads
        for page in upload.pages
        if is_asked_again(page) and (page.slot not in newest or page.letter_version in (None, newest[page.slot]))
    ]


def asked_again_choices(talk: Talk, registration: Registration) -> list[Choice]:
    """What may be said of pages that are asked for again. The words name a registration that is not the chat's."""
    behind = "" if registration is talk.on else f" {registration.reference}"
    pages = [page for _, page in asked_again(registration)]
    choices = []
    if any(page.reason == "unstamped" for page in pages):
        choices.append(Choice(f"no stamp{behind}", Text("choice_no_stamp")))
    if any(page.reason not in NEVER for page in pages):
        choices.append(Choice(f"send anyway{behind}", Text("choice_send_anyway")))
    return choices


def way_to(registration: Registration) -> Choice:
    reference = registration.reference
    return Choice(f"open {reference}", Text("choice_open", {"reference": reference}))
