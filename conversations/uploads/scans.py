"""The clean scan of a signed letter: bound of the flat pages when all of them count, and again when one is replaced."""

from __future__ import annotations

from conversations.model import CLOSED, Bind, Discard, Letter, Registration, UploadPage, Verdict
from conversations.papers.placed import document_of, letter_at
from conversations.papers.wanted import placed_pages
from conversations.talk import Talk


def keep_up(talk: Talk) -> None:
    """Have the scans of open registrations made that their pages call for now; drop those that show other pages."""
    for registration in talk.case.registrations.values():
        for letter in registration.letters if registration.status not in CLOSED else ():
            flat = _flat_pages(registration, letter)
            if flat == letter.scan_of:
                continue
            letter.scan, letter.scan_of = None, flat
            if flat:
                document = document_of(talk.pack(registration), letter)
                paper = talk.book.paper(str(registration.answers.get("country", "")))
                most = document.upload.max_bytes if document is not None else None
                talk.effects.append(Bind(registration.id, letter.slot, letter.version, flat, paper, most))


def _flat_pages(registration: Registration, letter: Letter) -> tuple[str, ...]:
    """The flat pages in page order, when there is one of every page and each counts; else none."""
    if letter.drawn != letter.version or not letter.pages:
        return ()
    by_number = {
        page.page: page.check.scan
        for _, page in placed_pages(registration, letter.slot)
        if page.check is not None and page.check.scan and _counts(letter, page)
    }
    found = [by_number.get(number) for number in range(1, letter.pages + 1)]
    return tuple(key for key in found if key is not None) if None not in found else ()


def _counts(letter: Letter, page: UploadPage) -> bool:
    return page.verdict in (Verdict.ACCEPTED, Verdict.WITH_PERSON) and page.letter_version in (None, letter.version)


def bound(talk: Talk, registration: Registration) -> None:
    """A scan was made: keep it, unless it is of an older version or of pages that were replaced meanwhile."""
    result = talk.event.result
    key = result.get("file")
    letter = letter_at(registration, result["slot"])
    if key is None:
        _could_not_be_bound(talk, registration, letter)
        return
    if letter is not None and letter.version == result["version"] and _shows(letter, result.get("scans")):
        letter.scan = str(key)
    elif not any(one.scan == key for one in registration.letters):
        talk.effects.append(Discard((str(key),)))


def _could_not_be_bound(talk: Talk, registration: Registration, letter: Letter | None) -> None:
    """All tries failed: who reviews it is told, for they have only the pages as they came. New pages begin anew."""
    result = talk.event.result
    wanted = letter is not None and letter.version == result["version"] and _shows(letter, result.get("scans"))
    if letter is not None and wanted and registration.status not in CLOSED:
        titles = {slot.key: slot.title for slot in talk.papers(registration).letters}
        talk.tell_desk("card_no_scan", registration, title=titles.get(letter.slot, letter.slot))


def _shows(letter: Letter, scans: object) -> bool:
    """Whether it was bound of the pages that count now; a result that does not say is of the newest."""
    return bool(letter.scan_of) and (not isinstance(scans, list | tuple) or tuple(scans) == letter.scan_of)
