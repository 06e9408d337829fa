"""The customer's own papers: advice on pages that are hard to read, the date each must have, what the desk is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from conversations.errors import BadAnswer
from conversations.interview import asking
from conversations.judgement import fields
from conversations.model import Choice, Given, Registration, Step, Text, Upload, UploadPage, Value
from conversations.papers.wanted import Papers, Slot, placed_pages
from conversations.talk import Talk
from conversations.words import Said, Word, literal
from rules.schema import Document, Field, FieldType

GIVEN = "paper_date:"  # what the name of an answer begins with that is the date of a paper; then its slot


# --- pages that are hard to read ----------------------------------------------------------------------------------


def advise(talk: Talk, known: Collection[int]) -> None:
    """Say of what came together that a page of it is hard to read: once, the first page and its reason.

    It is advice, for a person looks at these papers: nothing is refused. Of the `known` uploads it is said elsewhere.
    """
    for registration in talk.case.registrations.values():
        found = []
        for upload in registration.uploads:
            if upload.checked and upload.told and not upload.advised:
                upload.advised = True
                pages = () if upload.id in known else upload.pages
                found += [(upload, page) for page in pages if is_unclear(page) and page.legible != "no_text"]
        if found:
            upload, page = found[0]
            values: dict[str, Value] = {"page": _page(upload, page), "n": len(found), "more": len(found) - 1}
            talk.tell_customer(registration, f"own_{page.legible}", values)


def is_unclear(page: UploadPage) -> bool:
    """A page is hard to read that is no letter of ours, and of which nothing else is said."""
    return bool(page.legible) and page.letter_id is None and not page.reason


def _page(upload: Upload, page: UploadPage) -> Text:
    key = "own_page_of_several" if len(upload.pages) > 1 else "own_page_alone"
    return Text(key, {"page": page.number, "name": upload.name})


# --- the date of a paper ------------------------------------------------------------------------------------------


def wants_date(document: Document) -> bool:
    return document.max_age_days is not None or document.not_expired or document.current_year


def undated(talk: Talk, registration: Registration) -> Slot | None:
    """The own paper that is here and whose date was not asked yet."""
    for item in talk.papers(registration).items:
        slot = item.slot
        if not slot.ours and item.there and wants_date(slot.document) and slot.key not in registration.paper_dates:
            return slot
    return None


def is_asked(talk: Talk) -> bool:
    """Whether the date of a paper is the present question."""
    on = talk.on
    return on is not None and talk.chat.state is Step.DOCUMENTS and undated(talk, on) is not None


def ask_date(talk: Talk) -> bool:
    """Ask for the date of the next paper that needs one; False when none does."""
    registration = talk.registration
    slot = undated(talk, registration)
    if slot is None:
        return False
    key, values = _rule(slot)
    choices = [Choice("later", Text("choice_no_date"))]
    if talk.papers(registration).complete and not talk.pack(registration).paused:
        choices.append(Choice("submit", Text("choice_submit_documents")))
    talk.say(
        f"ask_date_{key}", values, choices=tuple(choices), asks=True,
        wants=FieldType.DATE.value, placeholder=_field(slot).example or "",
    )  # fmt: skip
    return True


def _rule(slot: Slot) -> tuple[str, dict[str, Value]]:
    """Which rule holds for its date, and what a sentence about it needs."""
    document = slot.document
    key = "age" if document.max_age_days is not None else "expiry" if document.not_expired else "year"
    return key, {"title": slot.title, "days": document.max_age_days}


def _field(slot: Slot) -> Field:
    return Field(name=f"{GIVEN}{slot.key}", label=slot.title, type=FieldType.DATE, example="2026-11-30")


def read_date(talk: Talk, text: str, said: Said | None) -> bool:
    """Take the text as the date that was asked for; False when it was none, or is a word with another meaning."""
    registration = talk.registration
    slot = undated(talk, registration)
    if slot is None or (said is not None and said.word not in (Word.LATER, Word.SKIP)):
        return False
    if said is not None:
        registration.paper_dates[slot.key] = ""
        talk.say("paper_date_later", {"title": slot.title})
        return True
    try:
        _take(talk, registration, slot, literal(text))
    except BadAnswer as bad:
        asking.refuse(talk, bad, _field(slot))
    return True


def _take(talk: Talk, registration: Registration, slot: Slot, text: str) -> None:
    """Keep the date, and say what is to be done when the paper is too old with it.

    Raises:
        BadAnswer: it is no date, or one that is still to come where the paper was issued already.
    """
    day = date.fromisoformat(fields.read(_field(slot), text, {}, talk.book))
    today = talk.now.astimezone(talk.zone(registration)).date()
    if day > today and not slot.document.not_expired:
        raise BadAnswer("paper_date_ahead")
    registration.paper_dates[slot.key] = day.isoformat()
    asking.remember(talk, registration, f"{GIVEN}{slot.key}")
    key, values = _rule(slot)
    values |= {"date": day.isoformat(), "old": (today - day).days, "source": talk.pack(registration).sources[0].url}
    talk.say(f"paper_too_old_{key}" if is_too_old(slot.document, day, today) else "paper_date_noted", values)


def is_too_old(document: Document, day: date, today: date) -> bool:
    if document.max_age_days is not None:
        return (today - day).days > document.max_age_days
    if document.not_expired:
        return day < today
    return document.current_year and day.year < today.year


def change(talk: Talk, given: Given, registration: Registration, text: str) -> Text | str:
    """The message that gave a date was edited: take the new one. The title of the paper, "" when it is gone.

    Raises:
        BadAnswer: it is no date.
    """
    key = given.field.removeprefix(GIVEN)
    item = talk.papers(registration).item(key)
    if item is None or key not in registration.paper_dates:
        return ""
    _take(talk, registration, item.slot, text)
    return item.slot.title


def came(talk: Talk, registration: Registration, slot: Slot) -> None:
    """Pages come to a paper: of a new one, and of one in the place of one too old, the date is asked."""
    known = registration.paper_dates.get(slot.key, "")
    today = talk.now.astimezone(talk.zone(registration)).date()
    is_new = not placed_pages(registration, slot.key)
    if is_new or (known and is_too_old(slot.document, date.fromisoformat(known), today)):
        registration.paper_dates.pop(slot.key, None)


# --- what the desk is told ----------------------------------------------------------------------------------------


def remarks(registration: Registration, found: Papers, today: date) -> Mapping[str, list[Text]]:
    """By own paper: its date, pages that are hard to read or lie on their side, whether its text names the company."""
    return {
        item.slot.key: [*_of_date(registration, item.slot, today), *_of_pages(registration, item.slot)]
        for item in found.items
        if not item.slot.ours and item.there
    }


def _of_date(registration: Registration, slot: Slot, today: date) -> list[Text]:
    if not wants_date(slot.document):
        return []
    known = registration.paper_dates.get(slot.key, "")
    if not known:
        return [Text("own_desk_no_date")]
    is_old = is_too_old(slot.document, date.fromisoformat(known), today)
    if slot.document.not_expired:
        return [Text("own_desk_expired" if is_old else "own_desk_valid", {"date": known})]
    return [Text("own_desk_too_old" if is_old else "own_desk_date", {"date": known})]


def _of_pages(registration: Registration, slot: Slot) -> list[Text]:
    placed = placed_pages(registration, slot.key)
    lines = []
    for upload, page in placed:
        if is_unclear(page):
            lines.append(Text(f"own_desk_{page.legible}", {"page": _page(upload, page)}))
        if page.turned:
            lines.append(Text("own_desk_turned", {"page": _page(upload, page)}))
    told = {upload.company: upload.name for upload, _ in placed}
    for says, key in (("found", "own_desk_named"), ("not found", "own_desk_not_named")):
        if says in told:
            lines.append(Text(key, {"name": told[says]}))
    return lines


def desk_lines(talk: Talk, registration: Registration) -> list[Value]:
    """All remarks, each with its paper, for a message."""
    found = talk.papers(registration)
    titles = {slot.key: slot.title for slot in found.slots}
    return [
        Text("own_desk_line", {"title": titles[key], "remark": line})
        for key, lines in remarks(registration, found, talk.now.date()).items()
        for line in lines
    ]
