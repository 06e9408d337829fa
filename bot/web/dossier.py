"""A registration as the desk sees it: what may be seen, how its answers and papers are laid out, what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations import lifecycle
from conversations.desk import sees
from conversations.edition import pack_of
from conversations.judged import of_name, of_samples
from conversations.lifecycle import WITH_PEOPLE
from conversations.model import CLOSED, Handoff, Letter, Registration, Staff, Status, Text, Upload, UploadPage
from conversations.papers import Item, judged, papers, placed_pages, readable
from conversations.plan import SENDER_ID, applicable
from conversations.sms import parts
from rules.book import Book
from rules.schema import Field, FieldType
from storage.store import Found

VIEWS: dict[str, frozenset[Status]] = {
    "review": frozenset({Status.UNDER_REVIEW}),
    "carrier": frozenset({Status.WITH_CARRIER}),
    "handoffs": frozenset({Status.WITH_ACCOUNT_MANAGER}),
    "customer": frozenset({
        Status.DRAFT, Status.SELF_REGISTERING, Status.DOCUMENTS_TO_BE_RENDERED, Status.DOCUMENTS_RENDERED,
        Status.NEEDS_CORRECTION,
    }),
    "closed": frozenset({Status.SUCCESSFUL, Status.FAILED}),
}  # fmt: skip


def may_see(found: Found, staff: Staff) -> bool:
    """What a role acts on; and nobody sees their own registration from the other side of the desk."""
    return found.owner != staff.principal and sees(staff.role, found.registration)


def may_answer(handoff: Handoff, chat: str, staff: Staff) -> bool:
    """Nobody answers a question of their own. `chat`: where it was asked."""
    return staff.principal not in (handoff.asked_by, chat)


def holds(found: Found, staff: Staff) -> bool:
    """Whether this person took it: only then answers and documents open."""
    return found.registration.taken_by == staff.principal


def may_be_taken(found: Found) -> bool:
    """Whether it is at the desk: while the customer is still at it, only when they asked for a person."""
    return found.registration.status in (*WITH_PEOPLE, *CLOSED) or bool(found.open_handoffs)


def decisions(registration: Registration, staff: Staff) -> frozenset[str]:
    """What the life of a registration, and the role, let this person decide now."""
    return frozenset(lifecycle.decisions(registration, staff.role))


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of the answers."""

    field: Field
    value: str
    overruled: str | None  # what the desk says instead
    options: tuple[
        tuple[str, str], ...
    ]  # (value, label) the desk may choose from, for a judgement; yes and no have no label


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a paper: as we drew it, and as it came back, the newest last."""

    number: int
    drawn: str | None
    came: tuple[tuple[Upload, UploadPage], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    item: Item
    letter: Letter | None
    sheets: tuple[Sheet, ...]


def answers(registration: Registration, book: Book) -> list[Answer]:
    """What the customer said, in the order it was asked."""
    pack, said = pack_of(registration, book), judged(registration)

    def read(name: str, value: Any) -> str:
        return readable(value, pack, name, book.country_name)

    found = []
    number = (pack.field(pack.registry.number_field),) if pack.registry else ()
    for field in (*number, *applicable(registration, pack)):
        if field.name not in registration.answers:
            continue
        given = registration.answers[field.name]
        overruled = registration.overruled.get(field.name)
        found.append(Answer(
            field, read(field.name, given), None if overruled is None else read(field.name, overruled),
            _options(field, said.get(field.name)) if field.judgement else (),
        ))  # fmt: skip
    return found


def _options(field: Field, now: Any) -> tuple[tuple[str, str], ...]:
    """The other answers the desk may choose."""
    if field.type is FieldType.BOOLEAN:
        return tuple((value, "") for value in ("yes", "no") if (value == "yes") != now)
    choices = field.limits.choices or ()
    return tuple((value, field.choice_labels.get(value, value)) for value in choices if value != now)


def overruling(field: Field, value: str) -> Any:
    """The value as the rules compare it. Raises ValueError for one the field does not know."""
    if value not in ("yes", "no") if field.type is FieldType.BOOLEAN else value not in (field.limits.choices or ()):
        raise ValueError(value)
    return value == "yes" if field.type is FieldType.BOOLEAN else value


def laid_out(registration: Registration, book: Book) -> list[Paper]:
    """The papers, each with its pages side by side."""
    pack = pack_of(registration, book)
    letters = {letter.slot: letter for letter in registration.letters}
    found = []
    for item in papers(registration, pack, book.templates).items:
        letter = letters.get(item.slot.key)
        placed = placed_pages(registration, item.slot.key)
        numbers = sorted({*range(1, item.pages + 1), *(page.page or 0 for _, page in placed)})
        sheets = tuple(
            Sheet(
                number, letter.previews[number - 1] if letter and 0 < number <= len(letter.previews) else None,
                tuple((upload, page) for upload, page in placed if (page.page or 0) == number),
            )
            for number in numbers
        )  # fmt: skip
        found.append(Paper(item, letter, sheets))
    return found


def loose(registration: Registration, book: Book) -> list[tuple[Upload, UploadPage | None]]:
    """Pages that lie at no paper asked for, and files that could not be read."""
    wanted = {slot.key for slot in papers(registration, pack_of(registration, book), book.templates).slots}
    found: list[tuple[Upload, UploadPage | None]] = []
    for upload in registration.uploads:
        if upload.problem or not upload.pages:
            found.append((upload, None))
        else:
            found += [(upload, page) for page in upload.pages if page.slot not in wanted]
    return found


def mendable(registration: Registration, book: Book) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(papers, fields) a customer can be asked to mend: (name, label) each."""
    pack = pack_of(registration, book)
    slots = papers(registration, pack, book.templates).slots
    fields = [(field.name, field.label) for field in applicable(registration, pack)]
    return [(slot.key, slot.title) for slot in slots], [(SENDER_ID, ""), *fields]


def samples(registration: Registration) -> Mapping[str, Sequence[tuple[str, str, int, int]]]:
    """By sender ID: (text, encoding, length, SMS parts) of each sample."""
    return {name.text: [(text, *parts(text)) for text in name.samples] for name in registration.sender_ids}


def judged_names(registration: Registration, book: Book) -> Mapping[str, Sequence[Text]]:
    """By sender ID: what the rules say of it and of its texts."""
    pack, watched = pack_of(registration, book), book.watchlist
    return {
        name.text: [*of_name(registration, pack, watched, name), *of_samples(registration, pack, watched, name)]
        for name in registration.sender_ids
    }


def files(registration: Registration) -> Iterator[tuple[str, str, str]]:
    """(file store key, name, media type) of everything that belongs to it."""
    for letter in registration.letters:
        name = f"{registration.reference}-{letter.code}-v{letter.version}"
        if letter.file:
            yield letter.file, f"{name}.pdf", "application/pdf"
        for number, preview in enumerate(letter.previews, 1):
            yield preview, f"{name}-{number}.png", "image/png"
    for upload in registration.uploads:
        if upload.file:
            yield upload.file, upload.name, "application/octet-stream"
        if upload.copy:
            yield upload.copy, upload.name, "application/pdf" if upload.copy.endswith(".pdf") else "image/jpeg"
        for page in upload.pages:
            if page.preview:
                yield page.preview, f"{upload.name}-{page.number}.png", "image/png"
