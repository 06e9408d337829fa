"""What a customer may say of a page that is asked for again: let a person see it, we have no stamp, why."""

from __future__ import annotations

from conversations.model import CLOSED, Country, Note, Registration, Status, Text, Upload, UploadPage, Value
from conversations.papers.page_verdicts import NEVER, REFUSALS, judged, takes_digital
from conversations.papers.placed import document_of, letter_at, put
from conversations.talk import CUSTOMER, Talk
from conversations.uploads import page_lines, told_pages
from conversations.uploads.placing import TAKES_PAPERS, WHERE_PAPERS_COME, ask_about_unplaced
from conversations.words import Said
from rules.schema import Document

WITH_LETTERS = (*TAKES_PAPERS, Status.DOCUMENTS_TO_BE_RENDERED)

Page = tuple[Upload, UploadPage]


def send_anyway(talk: Talk, said: Said) -> bool:
    """Give the pages that are asked for again to a person, as they are. False where nobody was ever asked again."""
    found = _meant(talk, said, "")
    if not found:
        return _nothing_to_send(talk)
    for registration, pages in found:
        _give_to_a_person(talk, registration, pages, "anyway")
    _go_on(talk)
    return True


def no_stamp(talk: Talk, said: Said) -> bool:
    """ "We have no stamp": the country's other way where it has one, else a person."""
    found = _meant(talk, said, "unstamped")
    if not found:
        return _without_a_page(talk)
    for registration, pages in found:
        for document in _documents(talk, registration, pages):
            mine = [one for one in pages if _document(talk, registration, one[1]) is document]
            if document.stamped and takes_digital(document):
                _tell_the_other_way(talk, registration, document)
            else:
                _give_to_a_person(talk, registration, mine, "no_stamp")
    _go_on(talk)
    return True


def explain(talk: Talk) -> bool:
    """ "Why": what is wrong with the pages that are asked for again. False when there are none."""
    registration = talk.on
    pages = _asked_again(registration, "") if registration is not None else []
    reasons = sorted({page.reason for _, page in pages}, key=REFUSALS.index)
    if not reasons:
        return False
    lines: list[Value] = [Text(f"why_again_{reason}") for reason in reasons]
    talk.say("why_pages", {"lines": lines})
    return True


# --- whose pages --------------------------------------------------------------------------------------------------


def _meant(talk: Talk, said: Said, reason: str) -> list[tuple[Registration, list[Page]]]:
    """The registration that was named, else the chat's, else every one told of here: with what is asked again there."""
    named = talk.by_reference(said.more) if said.more else talk.on
    pages = _asked_again(named, reason) if named is not None else []
    if named is not None and (pages or said.more):
        return [(named, pages)] if pages else []
    here = [one for one in talk.case.registrations.values() if one.conversation_id == talk.chat.id]
    return [(one, pages) for one in here if (pages := _asked_again(one, reason))]


def _asked_again(registration: Registration, reason: str) -> list[Page]:
    """Pages asked for again: those at a letter, and of those that are at none what came last."""
    found = [
        (upload, page)
        for upload, page in ([] if registration.status in CLOSED else told_pages.asked_again(registration))
        if not reason or page.reason == reason
    ]
    last = max((upload.id, upload.album or "") for upload, _ in found)[1] if found else None
    return [(upload, page) for upload, page in found if page.slot is not None or (upload.album or "") == last]


def _document(talk: Talk, registration: Registration, page: UploadPage) -> Document | None:
    letter = letter_at(registration, page.slot)
    return document_of(talk.pack(registration), letter) if letter is not None else None


def _documents(talk: Talk, registration: Registration, pages: list[Page]) -> list[Document]:
    found = [_document(talk, registration, page) for _, page in pages]
    return list({document.code: document for document in found if document is not None}.values())


# --- what becomes of them -----------------------------------------------------------------------------------------


def _give_to_a_person(talk: Talk, registration: Registration, pages: list[Page], because: str) -> None:
    """Let them count until a person has seen them. Old versions and strange letters never do: they are only shown."""
    sent: list[Value] = []
    never: list[Value] = []
    loose: dict[int, list[Page]] = {}  # by file: pages that are at no letter, of which is said the same
    for upload, page in pages:
        line = page_lines.line(talk, registration, upload, page)
        assert line is not None, "a page that is asked for again has something to be said of it"
        if page.reason in NEVER:
            never.append(line.text)
        elif page.slot is None:
            loose.setdefault(upload.id, []).append((upload, page))
        else:
            wrong = page_lines.what(page)
            page.insisted = because
            page.verdict, page.reason = judged(upload, page, _document(talk, registration, page))
            sent.append(_sent(talk, registration, upload, page, line.text, wrong))
            _note(talk, registration, because, f"{page.slot} {page.page}: {page.reason}")
    for of_file in loose.values():
        sent.append(_give_without_a_place(talk, registration, of_file, because))
    if sent:
        talk.tell_customer(registration, "sent_anyway", {"lines": sent})
    elif never:
        talk.tell_customer(registration, "not_sent_anyway", {"lines": never})


def _give_without_a_place(talk: Talk, registration: Registration, pages: list[Page], because: str) -> Text:
    """Pages that no letter was seen on: a single one takes the only page that is missing, else one is asked."""
    upload, first = pages[0]
    line = page_lines.line(talk, registration, upload, first)
    assert line is not None, "a page that is asked for again has something to be said of it"
    wrong, reason = page_lines.what(first), first.reason
    for _, page in pages:
        page.insisted, page.verdict, page.reason = because, None, ""
    if len(pages) == 1:
        _take_the_missing_page(talk, registration, upload, first)
    reason = first.reason or reason
    _note(talk, registration, because, f"{first.slot or upload.name} {first.page or first.number}: {reason}")
    return _sent(talk, registration, upload, first, line.text, wrong)


def _sent(talk: Talk, registration: Registration, upload: Upload, page: UploadPage, line: Text, wrong: Text) -> Text:
    """The page, where it lies now, and what is wrong with it."""
    item = talk.papers(registration).item(page.slot or "")
    place: dict[str, Value] = {"title": item.slot.title, "page": page.page, "pages": item.pages} if item else {}
    values = {**line.values, **place, "what": wrong}
    return Text("line_sent_anyway" if page.slot else "line_sent_unplaced", values)


def _take_the_missing_page(talk: Talk, registration: Registration, upload: Upload, page: UploadPage) -> None:
    missing = [
        (item.slot, number)
        for item in talk.papers(registration).items
        if item.slot.ours and item.slot.required
        for number in item.missing
    ]
    if len(missing) == 1:
        (slot, number), = missing  # fmt: skip
        put(registration, upload, page, slot.key, number, slot.document)


def _note(talk: Talk, registration: Registration, because: str, text: str) -> None:
    trigger = "send_anyway" if because == "anyway" else because
    status = registration.status
    talk.effects.append(Note(registration.id, talk.now, trigger, status, status, CUSTOMER, text))


def _go_on(talk: Talk) -> None:
    """The list looks otherwise now, and what has no place is asked about."""
    on, is_there = talk.on, talk.chat.state in WHERE_PAPERS_COME
    if on is not None and on.status in TAKES_PAPERS and is_there and not ask_about_unplaced(talk, on):
        talk.go("go_on")


# --- nothing is asked for again -----------------------------------------------------------------------------------


def _nothing_to_send(talk: Talk) -> bool:
    if talk.on is None or talk.on.status not in WITH_LETTERS:
        return False
    talk.say("nothing_to_send_anyway")
    return True


def _without_a_page(talk: Talk) -> bool:
    """Said before a page came without one: whether the country asks for a stamp at all."""
    registration = talk.on
    if registration is None or registration.status not in WITH_LETTERS:
        return False
    stamped = [slot for slot in talk.papers(registration).letters if slot.document.stamped]
    for slot in stamped:
        if takes_digital(slot.document):
            _tell_the_other_way(talk, registration, slot.document)
            return True
    titles = ", ".join(slot.title for slot in stamped)
    key = "stamp_wanted" if stamped else "stamp_not_wanted"
    talk.say(key, {"country": Country(registration.country), "titles": titles})
    return True


def _tell_the_other_way(talk: Talk, registration: Registration, document: Document) -> None:
    """A PDF signed digitally instead of ink and stamp."""
    notes = document.notes if document.notes and "stamp" in document.notes.casefold() else ""
    tools = Text("signed_with_tools", {"tools": " / ".join(document.digital_tools)}) if document.digital_tools else ""
    talk.tell_customer(
        registration,
        "no_stamp_but_digital",
        {"title": document.title, "tools": tools, "notes": notes},
        choices=tuple(one for one in told_pages.asked_again_choices(talk, registration) if "stamp" not in one.value),
    )
