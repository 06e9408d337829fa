"""Which paper a page is: by its code at once and in any order; without one the customer is asked, once a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.model import (
    CLOSED,
    Choice,
    Discard,
    Fetch,
    Letter,
    Registration,
    Status,
    Step,
    Text,
    Upload,
    UploadPage,
    Value,
    Verdict,
)
from conversations.papers import Slot, placed_pages
from conversations.talk import Talk
from conversations.words import Said, Word

TAKES_PAPERS = (Status.DOCUMENTS_RENDERED, Status.NEEDS_CORRECTION)
ONE_BY_ONE = "one by one"
OTHER = "other"


def looked_into(talk: Talk) -> None:
    """Files were looked into: refuse with the reason, place what has our code, ask about the rest."""
    registration = talk.case.registrations.get(talk.event.registration or 0)
    kept = registration.uploads if registration else talk.chat.early
    looked = []
    for result in talk.event.result["uploads"]:
        upload = next((one for one in kept if one.id == result["id"]), None)
        if upload is None:
            _follow(talk, result)
            continue
        if upload.checked:
            continue
        _note_down(upload, result)
        if upload.problem:
            kept.remove(upload)
            talk.say(
                upload.problem,
                {"name": upload.name, "limit": 20, "most": 50},
                about=registration,
                to=registration.conversation_id if registration else None,
            )
        else:
            looked.append(upload)
    if registration is None or registration.status in CLOSED or not looked:
        return
    for upload in looked:
        if not _goes_elsewhere(talk, registration, upload):
            _place_by_code(registration, upload)
    if _more_is_coming(registration, looked):
        return
    if lines := _untold(talk, registration):
        talk.tell_customer(registration, "pages_placed", {"lines": lines})
    on_it = talk.chat.on == registration.id
    if (
        on_it
        and registration.status in TAKES_PAPERS
        and talk.chat.state in (Step.DOCUMENTS, Step.REVIEW, Step.PLACING, Step.TRACKING)
    ):
        if not ask_about_unplaced(talk, registration):
            talk.go("go_on")
        talk.ask_now = True
    elif not on_it and registration.status in TAKES_PAPERS:
        talk.tell_customer(
            registration,
            "files_arrived",
            choices=(
                Choice(f"open {registration.reference}", Text("choice_open", {"reference": registration.reference})),
            ),
        )


def _follow(talk: Talk, result: Mapping[str, Any]) -> None:
    """The file went to a registration while it was looked into: it is looked into again there, where it now lives.

    That registration may be deleted by now, and so must be what was made of the file since.
    """
    every = [
        (registration, upload) for registration in talk.case.registrations.values() for upload in registration.uploads
    ]
    for registration, upload in every:
        if upload.id == result["id"] and not upload.checked and result.get("file"):
            upload.ref = f"stored:{result['file']}"
            talk.effects.append(Fetch(talk.chat.id, registration.id, ((upload.id, upload.ref, upload.name),)))
    known = {upload.id for _, upload in every}
    if result["id"] not in known and talk.event.registration is None:
        made = {result.get("file"), result.get("copy"), *(page["preview"] for page in result["pages"])}
        kept = [*(upload for _, upload in every), *talk.chat.early]
        in_use = {
            key for upload in kept for key in (upload.file, upload.copy, *(page.preview for page in upload.pages))
        }
        if files := tuple(sorted(key for key in made - in_use if key)):
            talk.effects.append(Discard(files))


def _note_down(upload: Upload, result: Mapping[str, Any]) -> None:
    upload.checked = True
    upload.problem = str(result.get("problem") or "")
    upload.kind, upload.sha256 = str(result.get("kind") or ""), str(result.get("sha256") or "")
    upload.size, upload.signed_pdf = result.get("size") or upload.size, bool(result.get("signed_pdf"))
    upload.file, upload.copy = result.get("file"), result.get("copy")
    upload.pages = [
        UploadPage(
            int(page["number"]),
            letter_id=page.get("letter_id"),
            letter_page=page.get("letter_page"),
            letter_version=page.get("letter_version"),
            preview=page.get("preview"),
        )
        for page in result.get("pages", [])
    ]


def _goes_elsewhere(talk: Talk, registration: Registration, upload: Upload) -> bool:
    """A file whose codes are all of another registration of the company moves there, and is looked into again there."""
    owners = {
        other.id
        for page in upload.pages
        if page.letter_id
        for other in talk.case.registrations.values()
        for letter in other.letters
        if letter.letter_id == page.letter_id
    }
    if len(owners) != 1 or registration.id in owners:
        return False
    other = talk.case.registrations[owners.pop()]
    if other.status in CLOSED:
        return False
    registration.uploads.remove(upload)
    upload.checked, upload.ref = False, f"stored:{upload.file}"
    other.uploads.append(upload)
    talk.effects.append(Fetch(talk.chat.id, other.id, ((upload.id, upload.ref, upload.name),)))
    return True


def _more_is_coming(registration: Registration, looked: list[Upload]) -> bool:
    """Of an album is spoken once, when the last of it that is here was looked into; what comes late is an addition."""
    albums = {upload.album for upload in looked if upload.album is not None}
    return any(upload.album in albums and not upload.checked for upload in registration.uploads)


def _place_by_code(registration: Registration, upload: Upload) -> None:
    """Put pages where their codes say; of an old version, and of a letter that is not here, none is taken."""
    for page in upload.pages:
        if page.letter_id is None:
            continue
        letter = _letter_of(registration, page)
        if letter is None:
            page.verdict, page.reason = Verdict.REFUSED, "wrong_letter"
        elif page.letter_version != letter.version:
            page.verdict, page.reason = Verdict.REFUSED, "old_version"
        else:
            put(registration, upload, page, letter.slot, page.letter_page or 1, ours=True)


def _letter_of(registration: Registration, page: UploadPage) -> Letter | None:
    return next((one for one in registration.letters if one.letter_id == page.letter_id), None)


SAID_OF = {"": "page_placed", "old_version": "page_of_old_version", "wrong_letter": "page_of_another"}


def _untold(talk: Talk, registration: Registration) -> list[Value]:
    """Where the pages with our codes went of which nothing was said yet, a line each."""
    lines: list[Value] = []
    titles = {slot.key: slot.title for slot in talk.papers(registration).letters}
    for upload in registration.uploads:
        if not upload.checked or upload.told:
            continue
        upload.told = True
        for page in upload.pages:
            letter = _letter_of(registration, page)
            if page.letter_id is None or page.reason not in SAID_OF or not (page.slot or page.reason):
                continue
            values: dict[str, Value] = {"name": upload.name, "page": page.letter_page, "version": page.letter_version}
            if letter is not None:
                values |= {"title": titles.get(letter.slot, letter.slot), "pages": letter.pages}
                values["newest"] = letter.version
            lines.append(Text(SAID_OF[page.reason], values))
    return lines


def put(registration: Registration, upload: Upload, page: UploadPage, slot: str, number: int, ours: bool) -> None:
    """Place one page; of a letter's page sent twice the newer counts."""
    if ours:
        for _, older in placed_pages(registration, slot):
            if older is not page and older.page == number:
                older.slot = older.page = None
                older.reason = "superseded"
        letter = next((one for one in registration.letters if one.slot == slot), None)
        if page.letter_version is None and letter is not None:
            page.letter_version = letter.version  # of a page without a code: drawn anew, the letter wants another
    page.slot, page.page = slot, number
    page.verdict, page.reason = Verdict.WITH_PERSON, ""
    upload.free = False
    if slot in registration.to_mend:
        registration.to_mend.remove(slot)


def unplaced(registration: Registration) -> list[Upload]:
    """Files that wait for a word on what they are."""
    return [
        upload
        for upload in registration.uploads
        if upload.checked
        and not upload.problem
        and not upload.free
        and any(page.slot is None and page.verdict is None and not page.reason for page in upload.pages)
    ]


# --- asking -------------------------------------------------------------------------------------------------------


def ask_about_unplaced(talk: Talk, registration: Registration) -> bool:
    """Ask what the files without a code are; False when there are none."""
    waiting = unplaced(registration)
    if not waiting or registration.status not in TAKES_PAPERS:
        return False
    cursor = talk.chat.cursor
    cursor.uploads = [upload.id for upload in (waiting[:1] if cursor.slot == ONE_BY_ONE else waiting)]
    return talk.go("place")


def ask_placing(talk: Talk) -> None:
    registration = talk.registration
    batch = _batch(talk)
    open_slots, other_slots = _candidates(talk, registration)
    proposal = _proposal(batch, open_slots)
    choices = []
    if proposal:
        choices.append(Choice(proposal.key, Text("choice_yes_it_is", {"title": proposal.title})))
    choices += [Choice(slot.key, slot.title) for slot in open_slots if slot is not proposal]
    choices += [Choice(slot.key, Text("choice_more_of", {"title": slot.title})) for slot in other_slots]
    choices.append(Choice(OTHER, Text("choice_other_document")))
    if len(batch) > 1:
        choices.append(Choice(ONE_BY_ONE, Text("choice_one_by_one")))
    choices.append(Choice("remove", Text("choice_not_needed")))
    talk.say(
        "ask_is_it_this_paper" if proposal else "ask_which_paper",
        {
            "files": [Text("line_file", {"name": upload.name, "n": len(upload.pages)}) for upload in batch],
            "title": proposal.title if proposal else "",
            "n": len(batch),
        },
        choices=tuple(choices),
        asks=True,
    )


def _batch(talk: Talk) -> list[Upload]:
    return [upload for upload in talk.registration.uploads if upload.id in talk.chat.cursor.uploads]


def _candidates(talk: Talk, registration: Registration) -> tuple[list[Slot], list[Slot]]:
    """Papers still wanted, and own papers that may have more pages."""
    items = talk.papers(registration).items
    return (
        [item.slot for item in items if not item.done],
        [item.slot for item in items if item.done and not item.slot.ours],
    )


def _proposal(batch: list[Upload], slots: list[Slot]) -> Slot | None:
    """What a caption or a file's name says it is, else the only paper still wanted."""
    from rapidfuzz import fuzz, process, utils

    titles = {slot.key: slot.title for slot in slots}
    for upload in batch:
        for words in (upload.caption, upload.name.rpartition(".")[0]):
            found = (
                process.extractOne(
                    words, titles, scorer=fuzz.token_set_ratio, processor=utils.default_process, score_cutoff=70
                )
                if len(words) > 4
                else None
            )
            if found:
                return next(slot for slot in slots if slot.key == found[2])
    required = [slot for slot in slots if slot.required]
    return required[0] if len(required) == 1 else None


def read_placing(talk: Talk, text: str, said: Said | None) -> None:
    registration, batch, cursor = talk.registration, _batch(talk), talk.chat.cursor
    word = said.word if said else None
    plain = text.strip().casefold()
    if word in (Word.BACK, Word.LATER, Word.SKIP, Word.DONE, Word.CONTINUE):
        _leave(talk)
        return
    if word is Word.REMOVE or plain in ("not needed", "remove"):
        registration.uploads = [upload for upload in registration.uploads if upload not in batch]
        talk.say("files_removed", {"n": len(batch)})
    elif plain == ONE_BY_ONE:
        cursor.slot, cursor.uploads = ONE_BY_ONE, cursor.uploads[:1]
        ask_placing(talk)
        return
    elif plain == OTHER:
        for upload in batch:
            upload.free = True
        talk.say("files_kept_as_other", {"n": len(batch)})
    else:
        slot = _chosen(talk, registration, batch, text)
        if slot is None:
            ask_placing(talk)
            return
        _put_all(talk, registration, batch, slot)
        talk.say("files_placed", {"n": sum(len(upload.pages) for upload in batch), "title": slot.title})
    cursor.uploads = []
    if not ask_about_unplaced(talk, registration):
        cursor.slot = ""
        talk.go("go_on")


def _leave(talk: Talk) -> None:
    talk.say("files_left_for_later")
    talk.chat.cursor.uploads, talk.chat.cursor.slot = [], ""
    talk.go("go_on")


def _chosen(talk: Talk, registration: Registration, batch: list[Upload], text: str) -> Slot | None:
    open_slots, other_slots = _candidates(talk, registration)
    slots = [*open_slots, *other_slots]
    plain = text.strip()
    proposal = _proposal(batch, open_slots)
    if plain.casefold() in ("yes", "y", "ok") and proposal:
        return proposal
    for number, slot in enumerate(slots, 1):
        if plain.casefold() in (slot.key.casefold(), str(number)):
            return slot
    from rapidfuzz import fuzz, process, utils

    titles = {slot.key: slot.title for slot in slots}
    found = process.extractOne(
        plain, titles, scorer=fuzz.token_set_ratio, processor=utils.default_process, score_cutoff=75
    )
    return next((slot for slot in slots if found and slot.key == found[2]), None)


def _put_all(talk: Talk, registration: Registration, batch: list[Upload], slot: Slot) -> None:
    """All pages of these files to one paper: a letter's missing pages in order, an own paper's behind the last."""
    item = talk.papers(registration).item(slot.key)
    missing = list(item.missing) if item and slot.ours else []
    last = max((page.page or 0 for _, page in placed_pages(registration, slot.key)), default=0)
    for upload in batch:
        for page in upload.pages:
            if page.slot is not None:
                continue
            if slot.ours:
                number = missing.pop(0) if missing else 1
            else:
                last += 1
                number = last
            put(registration, upload, page, slot.key, number, slot.ours)


def take_away(talk: Talk, registration: Registration, said: Said) -> None:
    """ "remove" and "move": which file, by its number; then it is gone, or asked about again."""
    files = registration.uploads
    number = int(said.more) if said.more.isdigit() else 0
    if not 1 <= number <= len(files):
        choices = [Choice(f"{said.word} {i}", upload.name) for i, upload in enumerate(files, 1)]
        lines: list[Value] = [
            Text("line_file_numbered", {"number": i, "name": upload.name, "n": len(upload.pages)})
            for i, upload in enumerate(files, 1)
        ]
        if said.word is Word.REMOVE and files:
            choices += [
                Choice(f"move {i}", Text("choice_move", {"name": upload.name})) for i, upload in enumerate(files, 1)
            ]
        talk.say("ask_which_file" if files else "no_files", {"files": lines}, choices=tuple(choices), asks=bool(files))
        return
    upload = files[number - 1]
    for page in upload.pages:
        page.slot = page.page = page.verdict = None
        page.reason = ""
    if said.word is Word.REMOVE:
        registration.uploads.remove(upload)
        talk.say("files_removed", {"n": 1})
        talk.go("go_on")
    else:
        upload.free = False
        talk.chat.cursor.uploads, talk.chat.cursor.slot = [upload.id], ""
        talk.go("place")
