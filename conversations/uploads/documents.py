"""Papers: letters drawn and looked over, files received, pages placed, the checklist, submitting the documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conversations import limits
from conversations.interview import review
from conversations.interview.lines import edit as edit_line
from conversations.judgement import fields
from conversations.model import (
    CLOSED,
    Attachment,
    Choice,
    Country,
    IncomingFile,
    Kind,
    Registration,
    Say,
    Status,
    Step,
    Text,
    Upload,
    Value,
)
from conversations.papers.checklist import line, lines
from conversations.talk import CUSTOMER, Talk
from conversations.uploads import own_papers, placing, told_pages
from conversations.uploads.placing import TAKES_PAPERS
from conversations.words import Said, Word

LARGEST = 20_000_000  # bytes of one file
MOST_FILES = 60  # of one registration


# --- letters ------------------------------------------------------------------------------------------------------


def ask_rendering(talk: Talk) -> None:
    talk.say("drawing_letters", {"n": len(talk.papers(talk.registration).letters)}, asks=True)


def read_rendering(talk: Talk, text: str, said: Said | None) -> None:
    talk.say("still_drawing", asks=True)


def rendered(talk: Talk, registration: Registration) -> None:
    """The letters are drawn: keep where they lie, show them. A result that is not the newest asked for is dropped."""
    result = talk.event.result
    if not talk.fire(registration, "rendered", "job", rendering=int(result["asked"])):
        return
    for drawn in result["letters"]:
        letter = next((one for one in registration.letters if one.slot == drawn["slot"]), None)
        if letter is not None and letter.version == drawn["version"]:
            letter.drawn, letter.pages, letter.file = letter.version, int(drawn["pages"]), str(drawn["file"])
            letter.previews = [str(key) for key in drawn["previews"]]
    _show_or_tell(talk, registration, "letters_ready")


def rendering_failed(talk: Talk, registration: Registration) -> None:
    if int(talk.event.result["asked"]) != registration.letters_asked:
        return
    if talk.fire(registration, "rendering_failed", "job"):
        talk.tell_desk("card_rendering_failed", registration)
        talk.tell_customer(registration, "rendering_failed")
        _show_or_tell(talk, registration, "")


def _show_or_tell(talk: Talk, registration: Registration, key: str) -> None:
    """Go on when the chat is on this registration; else say so and offer the way there."""
    if talk.chat.on == registration.id and talk.chat.state not in (Step.COUNTRY, Step.WHICH_COUNTRY, Step.BRIEFING):
        talk.go("go_on")
        talk.ask_now = True
    elif key:
        talk.tell_customer(registration, key, choices=(open_choice(registration),))


def open_choice(registration: Registration) -> Choice:
    return Choice(f"open {registration.reference}", Text("choice_open", {"reference": registration.reference}))


def letter_files(registration: Registration, previews: bool) -> tuple[Attachment, ...]:
    """The drawn letters as PDF, each followed by pictures of its pages where wanted."""
    found = []
    for letter in registration.letters:
        if letter.file is None or letter.drawn != letter.version:
            continue
        name = f"{registration.reference}-{re.sub(r'[^A-Za-z0-9]+', '-', letter.slot)}-v{letter.version}"
        found.append(Attachment(letter.file, f"{name}.pdf", "application/pdf"))
        for number, key in enumerate(letter.previews if previews else [], 1):
            found.append(Attachment(key, f"{name}-page-{number}.png", "image/png"))
    return tuple(found)


def ask_preview(talk: Talk) -> None:
    registration = talk.registration
    titles = {slot.key: slot.title for slot in talk.papers(registration).letters}
    drawn: list[Value] = [
        Text(
            "line_letter", {"title": titles.get(letter.slot, letter.slot), "version": letter.version, "n": letter.pages}
        )
        for letter in registration.letters
    ]
    talk.say(
        "ask_all_correct",
        {"letters": drawn},
        asks=True,
        files=letter_files(registration, previews=True),
        choices=(Choice("yes", Text("choice_all_correct")), Choice("no", Text("choice_not_correct"))),
    )


def read_preview(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if fields.truth(text) is True or word in (Word.DONE, Word.CONTINUE, Word.SUBMIT):
        registration.confirmed = True
        talk.go("go_on")
        placing.ask_about_unplaced(talk, registration)
    elif fields.truth(text) is False:
        review.ask_line(talk)
    elif word is Word.LETTERS:
        ask_preview(talk)
    elif not edit_line(talk, text):
        talk.say(
            "preview_unclear",
            asks=True,
            choices=(Choice("yes", Text("choice_all_correct")), Choice("no", Text("choice_not_correct"))),
        )


# --- the checklist ------------------------------------------------------------------------------------------------


def ask_documents(talk: Talk) -> None:
    if own_papers.ask_date(talk):
        return
    registration = talk.registration
    papers = talk.papers(registration)
    done, wanted = papers.progress
    choices = []
    if papers.complete and not talk.pack(registration).paused:
        choices.append(Choice("submit", Text("choice_submit_documents")))
    choices += [] if papers.complete else _not_offered_yet(talk, told_pages.asked_again_choices(talk, registration))
    if papers.letters:
        choices.append(Choice("letters", Text("choice_letters")))
    if registration.uploads:
        choices.append(Choice("remove", Text("choice_remove")))
    key = (
        "ask_documents_waits"
        if papers.complete and talk.pack(registration).paused
        else "ask_documents_complete"
        if papers.complete
        else "ask_documents"
    )
    talk.say(
        key,
        {
            "lines": lines(talk.papers(registration)),
            "done": done,
            "wanted": wanted,
            "reference": registration.reference,
        },
        choices=tuple(choices),
        asks=True,
        slot=f"checklist:{registration.reference}",
        # Who spoke, or may submit now, looks at the newest message; else the list changes where it stands.
        anew=talk.event.kind is not Kind.JOB or papers.complete,
        wants="files",
        placeholder=Text("placeholder_files"),
    )


def _not_offered_yet(talk: Talk, choices: Sequence[Choice]) -> list[Choice]:
    """Those that stand on no message of this turn: what is wrong with a page was told just now, and they with it."""
    said = {choice.value for effect in talk.effects if isinstance(effect, Say) for choice in effect.choices}
    return [choice for choice in choices if choice.value not in said]


def read_documents(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if word in (Word.SUBMIT, Word.DONE):
        submit_documents(talk, registration)
    elif word is Word.CONTINUE and talk.plan(registration).missing:
        review.fill_in(talk, registration)
    elif word is Word.LETTERS:
        send_letters(talk, registration)
    elif word in (Word.REMOVE, Word.MOVE) and said is not None:
        placing.take_away(talk, registration, said)
    elif not own_papers.read_date(talk, text, said):
        talk.say("documents_want_files")


def send_letters(talk: Talk, registration: Registration) -> None:
    files = letter_files(registration, previews=False)
    talk.say("letters_again" if files else "no_letters", {"n": len(files)}, files=files)


def submit_documents(talk: Talk, registration: Registration) -> None:
    if talk.plan(registration).missing:  # an edit may have brought a question that was put off
        review.not_ready(talk, registration)
        return
    if talk.fire(registration, "submit_documents", CUSTOMER):
        registration.to_mend = []
        talk.tell_desk("card_to_review", registration)
        talk.go("go_on")
        return
    papers = talk.papers(registration)
    if papers.complete and talk.pack(registration).paused:
        talk.say("submit_waits_for_pause", {"country": Country(registration.country)}, asks=True)
        return
    missing: list[Value] = [line(item) for item in papers.items if item.slot.required and not item.done]
    talk.say("documents_missing", {"lines": missing}, asks=True)


# --- files --------------------------------------------------------------------------------------------------------


def receive(talk: Talk) -> None:
    """Every file gets a place: with the registration it is meant for, else kept with the chat until there is one."""
    registration = _meant(talk)
    kept = registration.uploads if registration else talk.chat.early
    album = talk.event.album or talk.event.id
    joined = talk.event.album is not None and any(one.album == album for one in kept)
    fetched = []
    for number, file in enumerate(talk.event.files):
        problem = _refused_unread(file, len(kept))
        if problem:
            talk.say(problem, {"name": file.name, "limit": LARGEST // 1_000_000, "most": MOST_FILES})
            continue
        if not limits.has_room_for_a_file(talk):
            left = [one.name for one in talk.event.files[number:]]
            talk.say("files_of_a_day", {"most": limits.FILES, "at": limits.files_again_at(talk), "names": left})
            break
        upload = Upload(
            talk.case.fresh.upload_id(),
            file.name,
            talk.now,
            file.ref,
            size=file.size,
            caption=talk.event.text,
            album=album,
            as_photo=file.as_photo,
        )
        kept.append(upload)
        fetched.append(upload)
    if not fetched:
        return
    talk.fetch(registration, fetched)
    if not joined:
        early = registration is None or registration.status not in TAKES_PAPERS
        talk.say(
            "files_kept_early" if early else "files_received",
            {"n": len(fetched)},
            about=registration,
            slot=None if early else told_pages.place_of(fetched[-1]),
            anew=True,
        )
    if registration is not None and registration.status in (*TAKES_PAPERS, Status.DOCUMENTS_TO_BE_RENDERED):
        talk.quiet = True  # the answer that counts comes when the files were looked into


def _meant(talk: Talk) -> Registration | None:
    """The registration a file is meant for: the one the chat is on, else the only one waiting for papers."""
    on = talk.on
    if on is not None and on.status not in CLOSED:
        return on
    waiting = [one for one in talk.case.registrations.values() if one.status in TAKES_PAPERS]
    return waiting[0] if len(waiting) == 1 else None


def _refused_unread(file: IncomingFile, kept: int) -> str:
    if file.size is not None and file.size > LARGEST:
        return "upload_too_big"
    if file.size == 0:
        return "upload_empty"
    return "upload_too_many" if kept >= MOST_FILES else ""
