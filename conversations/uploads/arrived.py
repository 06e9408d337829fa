"""Files that were got and looked into: noted down, sent to the registration whose pages they hold, placed, told of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from conversations.model import (
    CLOSED,
    Discard,
    PageCheck,
    Registration,
    Upload,
    UploadPage,
    Verdict,
)
from conversations.papers.page_verdicts import reason_unseen
from conversations.papers.placed import put_by_code
from conversations.talk import Talk
from conversations.uploads import own_papers, told_pages
from conversations.uploads.placing import TAKES_PAPERS, WHERE_PAPERS_COME, ask_about_unplaced, unclear_in_question


def looked_into(talk: Talk) -> None:
    """Files were looked into: refuse with the reason, place what has our code, ask about the rest."""
    registration = talk.case.registrations.get(talk.event.registration or 0)
    kept = registration.uploads if registration else talk.chat.early
    looked = []
    unlooked: dict[int, set[int]] = {}
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
            is_last = all(one.album != upload.album for one in _all_uploads(talk))
            talk.say(
                upload.problem,
                {"name": upload.name, "limit": 20, "most": 50},
                about=registration,
                to=registration.conversation_id if registration else None,
                slot=told_pages.place_of(upload) if is_last else None,
                replaces=True,
            )
        else:
            looked.append(upload)
            unlooked[upload.id] = set(result.get("unlooked") or ())
    if registration is not None and registration.status in CLOSED:
        return
    for upload in looked:
        if not _goes_elsewhere(talk, registration, upload) and registration is not None:
            _place(talk, registration, upload, unlooked[upload.id])
    if registration is not None and looked:
        _speak(talk, registration)


def _all_uploads(talk: Talk) -> list[Upload]:
    return [
        *talk.chat.early,
        *(upload for registration in talk.case.registrations.values() for upload in registration.uploads),
    ]


def _speak(talk: Talk, registration: Registration) -> None:
    """Of what came together is spoken once, when the last of it was looked into; what comes late is an addition."""
    told = told_pages.tell(talk)
    if told is None:
        return
    on = talk.on
    known: set[int] = set()
    if on is not None and on.status in TAKES_PAPERS and talk.chat.state in WHERE_PAPERS_COME:
        if ask_about_unplaced(talk, on):
            known = unclear_in_question(talk)
        else:
            talk.go("go_on")
        talk.ask_now = True
    own_papers.advise(talk, known)
    if registration is not on and registration.status in TAKES_PAPERS and registration.id not in told:
        talk.tell_customer(registration, "files_arrived", choices=(told_pages.way_to(registration),))


# --- what a file is -----------------------------------------------------------------------------------------------


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
            talk.fetch(registration, (upload,))
    known = {upload.id for _, upload in every}
    if result["id"] not in known and talk.event.registration is None:
        made = {result.get("file"), result.get("copy"), *_made(result["pages"])}
        kept = [*(upload for _, upload in every), *talk.chat.early]
        in_use = {key for upload in kept for key in upload.keys}
        if files := tuple(sorted(key for key in made - in_use if key)):
            talk.effects.append(Discard(files))


def _made(pages: Iterable[Mapping[str, Any]]) -> set[str | None]:
    """Keys of the files that were made of these pages."""
    made: set[str | None] = set()
    for page in pages:
        check = page.get("check") or {}
        made |= {page["preview"], check.get("scan"), check.get("marked"), *(check.get("crops") or {}).values()}
    return made


def _note_down(upload: Upload, result: Mapping[str, Any]) -> None:
    upload.checked = True
    upload.problem = str(result.get("problem") or "")
    upload.kind, upload.sha256 = str(result.get("kind") or ""), str(result.get("sha256") or "")
    upload.size, upload.signed_pdf = result.get("size") or upload.size, bool(result.get("signed_pdf"))
    upload.file, upload.copy = result.get("file"), result.get("copy")
    upload.company = str(result.get("company") or "")
    upload.pages = [_page(page) for page in result.get("pages", [])]


def _page(result: Mapping[str, Any]) -> UploadPage:
    """A page as it was read. Where its code can't be read, the check may know it by its print."""
    check = _check(result.get("check"))
    by_print = check is not None and result.get("letter_id") is None
    return UploadPage(
        int(result["number"]),
        letter_id=check.letter_id if check and by_print else result.get("letter_id"),
        letter_page=check.page if check and by_print else result.get("letter_page"),
        letter_version=check.version if check and by_print else result.get("letter_version"),
        preview=result.get("preview"),
        check=check,
        legible=str(result.get("legible") or ""),
        turned=int(result.get("turned") or 0),
    )


def _check(result: Mapping[str, Any] | None) -> PageCheck | None:
    """None: the page was not checked, and a person looks at it."""
    if result is None:
        return None
    crops = {str(name): str(key) for name, key in (result.get("crops") or {}).items() if key}
    plain = {name: result[name] for name in PLAIN if result.get(name) is not None}
    return PageCheck(**plain, crops=crops)


PLAIN = (
    "letter_id", "page", "version", "whole", "legible", "altered", "signed", "stamped", "accepted", "reason", "seen",
    "quality", "scan", "marked", "ms",
)  # fmt: skip


# --- where it belongs ---------------------------------------------------------------------------------------------


def _goes_elsewhere(talk: Talk, registration: Registration | None, upload: Upload) -> bool:
    """Send the file to the other registrations whose pages it holds; whether it is here no longer.

    Each takes its own pages, and has the file looked into again under its own roof: files die with what they lie with.
    """
    ids = dict.fromkeys(one.id for page in upload.pages if (one := _owner(talk, page)) is not None)
    owners = [talk.case.registrations[id] for id in ids if talk.case.registrations[id].status not in CLOSED]
    others = [one for one in owners if one is not registration]
    if upload.copy_of is not None or not others:
        return False
    stays = registration is not None and registration.id in ids
    if registration is not None:
        for other in others if stays else others[1:]:
            if not any(one.copy_of == upload.id for one in other.uploads):
                _send(talk, _copy(talk, upload), other)
    if not stays:  # of a chat's own files one registration takes all: there they are looked into again, and shared out
        (registration.uploads if registration is not None else talk.chat.early).remove(upload)
        _send(talk, upload, others[0])
    return not stays


def _owner(talk: Talk, page: UploadPage) -> Registration | None:
    """The company's registration of whose letter it is a page."""
    for one in talk.case.registrations.values():
        if any(letter.letter_id == page.letter_id for letter in one.letters):
            return one
    return None


def _copy(talk: Talk, upload: Upload) -> Upload:
    """The same file once more, for another registration."""
    return Upload(
        talk.case.fresh.upload_id(),
        upload.name,
        upload.at,
        upload.ref,
        size=upload.size,
        file=upload.file,
        caption=upload.caption,
        album=upload.album,
        as_photo=upload.as_photo,
        copy_of=upload.id,
    )


def _send(talk: Talk, upload: Upload, to: Registration) -> None:
    upload.checked, upload.ref = False, f"stored:{upload.file}"
    upload.file = upload.copy = None  # they lie where it came from
    upload.pages = []
    to.uploads.append(upload)
    talk.fetch(to, (upload,))


def _place(talk: Talk, registration: Registration, upload: Upload, unlooked: Collection[int]) -> None:
    """Put pages where they say they belong; refuse what can't be anything that is wanted here.

    `unlooked`: pages for which the check found no time.
    """
    pack = talk.pack(registration)
    blank = bool(upload.pages) and all(_is_blank(page) for page in upload.pages)
    for page in upload.pages:
        if page.letter_id is not None:
            owner = _owner(talk, page)
            if owner is None or owner is registration or owner.status in CLOSED:
                put_by_code(registration, pack, upload, page)
            else:
                page.reason = "elsewhere"
        elif upload.copy_of is not None:
            page.reason = "elsewhere"
        elif page.check is None:
            if page.number in unlooked and _takes_only_letters(talk, registration, blank=False):
                page.verdict, page.reason = Verdict.REFUSED, "unlooked"
        elif page.check.reason == "wrong_letter":
            page.verdict, page.reason = Verdict.REFUSED, "wrong_letter"
        elif _takes_only_letters(talk, registration, blank):
            page.verdict, page.reason = Verdict.REFUSED, reason_unseen(page)


def _is_blank(page: UploadPage) -> bool:
    return page.letter_id is None and page.check is not None and page.check.seen == "blank"


def _takes_only_letters(talk: Talk, registration: Registration, blank: bool) -> bool:
    """Else a page without a code may be of a paper the customer brings; what looks blank only of one not here yet."""
    may_be_own = any(not item.slot.ours and not (blank and item.done) for item in talk.papers(registration).items)
    return registration.status in TAKES_PAPERS and not may_be_own
