"""A registration as the desk sees it: what may be seen, how its answers and papers are laid out, what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.web.looks import Look, look_at, to_send_back, wanted_first
from conversations import lifecycle
from conversations.desk.actions import sees
from conversations.desk.doubts import doubts
from conversations.desk.page_labels import JUDGED_IN
from conversations.edition import pack_of
from conversations.interview.plan import SENDER_ID, applicable
from conversations.judgement.judged import of_name, of_samples
from conversations.judgement.sms import parts
from conversations.lifecycle import REVIEWERS, WITH_PEOPLE
from conversations.model import (
    CLOSED,
    Handoff,
    Letter,
    PageCheck,
    Registration,
    Staff,
    Status,
    Text,
    Upload,
    UploadPage,
)
from conversations.papers.wanted import Item, judged, papers, placed_pages, readable
from conversations.uploads import own_papers
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


def since(registration: Registration) -> datetime | None:
    """When it came to where it stands."""
    return registration.entered_at or registration.opened_at


def age(found: Found) -> tuple[bool, datetime | int]:
    """What sorts a queue by age, the oldest first."""
    entered = since(found.registration)
    return (False, entered) if entered else (True, found.registration.id)


def matches(registration: Registration, asked: str) -> bool:
    """By reference, company or sender ID."""
    company = str(registration.answers.get("company_name", ""))
    names: Sequence[str] = [name.text for name in registration.sender_ids]
    return any(asked.casefold() in text.casefold() for text in (registration.reference, company, *names))


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
class Paper:
    """One paper: its pages as they came back, those that need a look first, and which of ours have not come."""

    item: Item
    letter: Letter | None
    looks: tuple[Look, ...]
    missing: tuple[tuple[int, str | None], ...]  # (page, as we drew it)
    remarks: Sequence[Text]  # on a paper of the customer's own: its date, what is hard to read, whose name it has

    @property
    def wanted(self) -> tuple[Look, ...]:
        return tuple(look for look in self.looks if look.is_wanted)

    @property
    def settled(self) -> tuple[Look, ...]:
        return tuple(look for look in self.looks if not look.is_wanted)


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


def laid_out(registration: Registration, book: Book, today: date) -> list[Paper]:
    """The papers with their pages, those first in which something needs a person."""
    needed = papers(registration, pack_of(registration, book), book.templates)
    titles = {slot.key: slot.title for slot in needed.slots}
    letters = {letter.slot: letter for letter in registration.letters}
    remarks = own_papers.remarks(registration, needed, today)
    found = []
    for item in needed.items:
        letter = letters.get(item.slot.key)
        looks = wanted_first(
            look_at(registration, *placed, titles) for placed in placed_pages(registration, item.slot.key)
        )
        come = {look.number for look in looks}
        previews = letter.previews if letter else []
        missing = tuple(
            (number, previews[number - 1] if number <= len(previews) else None)
            for number in range(1, item.pages + 1)
            if number not in come
        )
        found.append(Paper(item, letter, tuple(looks), missing, remarks.get(item.slot.key, ())))
    return sorted(found, key=lambda paper: not paper.wanted)


def loose(registration: Registration, book: Book) -> list[tuple[Upload, Look | None]]:
    """Pages that lie at no paper asked for, and files that could not be read."""
    slots = papers(registration, pack_of(registration, book), book.templates).slots
    titles = {slot.key: slot.title for slot in slots}
    found: list[tuple[Upload, Look | None]] = []
    for upload in registration.uploads:
        if upload.problem or not upload.pages:
            found.append((upload, None))
        else:
            loose = [page for page in upload.pages if page.slot not in titles]
            found += [(upload, look_at(registration, upload, page, titles)) for page in loose]
    return found


def refused_papers(registration: Registration, book: Book) -> dict[str, list[Text]]:
    """By paper: what to send it back with, from the pages of it that were refused one by one."""
    slots = papers(registration, pack_of(registration, book), book.templates).slots
    return to_send_back(registration, {slot.key: slot.title for slot in slots})


def may_judge_pages(registration: Registration, staff: Staff) -> bool:
    return staff.role in REVIEWERS and registration.status in JUDGED_IN


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


def uncertain(registration: Registration, book: Book) -> Sequence[Text]:
    """What the sources do not agree on, of the country and of its papers; of an answer it stands beside that."""
    pack = pack_of(registration, book)
    return doubts(pack, papers(registration, pack, book.templates).slots)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a registration that whoever took it may open."""

    key: str
    name: str
    media_type: str
    ours: bool = False  # a picture we made, to be shown in the page


def files(registration: Registration) -> Iterator[File]:
    """Everything that belongs to it."""
    for letter in registration.letters:
        name = f"{registration.reference}-{letter.code}-v{letter.version}"
        if letter.file:
            yield File(letter.file, f"{name}.pdf", "application/pdf")
        if letter.scan:
            yield File(letter.scan, f"{name}-signed.pdf", "application/pdf")
        for number, preview in enumerate(letter.previews, 1):
            yield File(preview, f"{name}-{number}.png", "image/png", ours=True)
    for upload in registration.uploads:
        for page in upload.pages:
            yield from _pictures(upload, page)
        if upload.file:
            yield File(upload.file, upload.name, "application/octet-stream")
        if upload.copy:
            yield File(upload.copy, upload.name, "application/pdf" if upload.copy.endswith(".pdf") else "image/jpeg")


def _pictures(upload: Upload, page: UploadPage) -> Iterator[File]:
    """What was made of a page: its preview, and what the check cut out, outlined and laid flat."""
    name = f"{upload.name}-{page.number}"
    if page.preview:
        yield File(page.preview, f"{name}.png", "image/png", ours=True)
    check = page.check or PageCheck()
    made = {"scan": check.scan, "marked": check.marked, **check.crops}
    for what, key in made.items():
        if key:
            yield File(key, f"{name}-{what}.jpg", "image/jpeg", ours=True)
