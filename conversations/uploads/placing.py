"""Which paper a file without a code is: the customer is asked, once a batch; and files are taken away or moved."""

from __future__ import annotations

from conversations.model import (
    Choice,
    Registration,
    Status,
    Step,
    Text,
    Upload,
    UploadPage,
    Value,
)
from conversations.papers.page_verdicts import reason_unseen, shows_a_letter
from conversations.papers.placed import loose, put, put_again, unplaced
from conversations.papers.wanted import Slot, placed_pages
from conversations.talk import Talk
from conversations.uploads import own_papers, page_lines, told_pages
from conversations.words import Said, Word

TAKES_PAPERS = (Status.DOCUMENTS_RENDERED, Status.NEEDS_CORRECTION)
WHERE_PAPERS_COME = (Step.DOCUMENTS, Step.REVIEW, Step.PLACING, Step.TRACKING)
ONE_BY_ONE = "one by one"
OTHER = "other"


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
            "files": [_in_words(upload, sight(upload, open_slots)) for upload in batch],
            "title": proposal.title if proposal else "",
            "n": len(batch),
        },
        choices=tuple(choices),
        asks=True,
        slot=talk.looking,
        replaces=True,
    )


def _in_words(upload: Upload, seen: Text | None) -> Text:
    """The file, or those of its pages that have no place yet."""
    asked, n = loose(upload), len(upload.pages)
    if 0 < len(asked) < n:
        numbers = page_lines.ranges(page.number for page in asked)
        pages = Text("file_pages", {"name": upload.name, "pages": numbers, "n": len(asked)})
        file = Text("line_file", {"name": pages, "n": 1})
    else:
        file = Text("line_file", {"name": upload.name, "n": n})
    return Text("line_file_seen", {"file": file, "seen": seen}) if seen is not None else file


def sight(upload: Upload, open_slots: list[Slot]) -> Text | None:
    """What is seen of a file that shows no letter, where that tells its sender something. None: it needs no word."""
    asked = loose(upload)
    looked = [page for page in asked if page.check is not None]
    looks = {page.legible for page in asked}
    if any(page.insisted or shows_a_letter(page) for page in asked):
        return None
    if not looked or not any(slot.ours for slot in open_slots):
        return Text("sight_no_text") if looks == {"no_text"} else None
    if len(looked) < len(asked):
        late = [page for page in asked if page.check is None]
        return Text("sight_partly", {"pages": _numbered(looked), "late": _numbered(late)})
    if len(looks) == 1 and looks != {""}:
        return Text(f"sight_no_letter_{looks.pop()}")
    named = _named(upload, open_slots)
    return None if named is not None and not named.ours else Text("sight_no_letter")


def _numbered(pages: list[UploadPage]) -> Text:
    return Text("page_numbers", {"pages": page_lines.ranges(page.number for page in pages), "n": len(pages)})


def unclear_in_question(talk: Talk) -> set[int]:
    """The uploads of which the question that comes now says that they are hard to read."""
    open_slots, _ = _candidates(talk, talk.registration)
    seen = {upload.id: sight(upload, open_slots) for upload in _batch(talk)}
    return {id for id, text in seen.items() if text is not None and text.key not in ("sight_no_letter", "sight_partly")}


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
    """What captions or names of files say it is, unless they differ in that; else the only paper still wanted."""
    named = {slot.key: slot for upload in batch if (slot := _named(upload, slots)) is not None}
    if named:
        return next(iter(named.values())) if len(named) == 1 else None
    required = [slot for slot in slots if slot.required]
    return required[0] if len(required) == 1 else None


def _named(upload: Upload, slots: list[Slot]) -> Slot | None:
    """The paper that the caption of a file, or its name, speaks of."""
    from rapidfuzz import fuzz, process, utils

    titles = {slot.key: slot.title for slot in slots}
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
    return None


def read_placing(talk: Talk, text: str, said: Said | None) -> None:
    registration, batch, cursor = talk.registration, _batch(talk), talk.chat.cursor
    word = said.word if said else None
    plain = text.strip().casefold()
    if word in (Word.BACK, Word.LATER, Word.SKIP, Word.DONE, Word.CONTINUE):
        _leave(talk)
        return
    if said is not None and said.more and word in (Word.REMOVE, Word.MOVE):  # another file than those asked about
        files = len(registration.uploads)
        take_away(talk, registration, said)
        if len(registration.uploads) < files:
            ask_about_unplaced(talk, registration)
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
        if not told_pages.tell_what_is_wrong(talk, registration, batch):
            placed = sum(page.slot == slot.key for upload in batch for page in upload.pages)
            talk.say("files_placed", {"n": placed, "title": slot.title})
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
    own_papers.came(talk, registration, slot)
    last = max((page.page or 0 for _, page in placed_pages(registration, slot.key)), default=0)
    for upload in batch:
        for page in upload.pages:
            if page.slot is not None or page.reason:
                continue
            if slot.ours and not missing:
                continue  # more than it lacks: what else they are is asked
            if slot.ours:
                number = missing.pop(0)
            else:
                last += 1
                number = last
            put(registration, upload, page, slot.key, number, slot.document)
            if page.slot is None and page.letter_id is None and page.check is not None:
                page.reason = reason_unseen(page)  # no better photo of that page: it shows none of it


def take_away(talk: Talk, registration: Registration, said: Said) -> None:
    """ "remove" and "move": which file, by its number; then it is gone, or asked about again."""
    files = registration.uploads
    number = int(said.more) if said.more.isdigit() else 0
    if not 1 <= number <= len(files):
        choices = [Choice(f"{said.word} {i}", upload.name) for i, upload in enumerate(files, 1)]
        lines: list[Value] = [
            Text(
                "line_file_numbered",
                {"number": i, "name": upload.name, "n": len(upload.pages), "where": _where(talk, registration, upload)},
            )
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
        page.reason = page.insisted = ""
    if said.word is Word.REMOVE:
        registration.uploads.remove(upload)
    put_again(registration, talk.pack(registration))
    if said.word is Word.REMOVE:
        talk.say("files_removed", {"n": 1})
        talk.go("go_on")
    else:
        upload.free = False
        talk.chat.cursor.uploads, talk.chat.cursor.slot = [upload.id], ""
        talk.go("place")


def _where(talk: Talk, registration: Registration, upload: Upload) -> Value:
    """The papers that pages of the file lie at, in words."""
    titles = {slot.key: slot.title for slot in talk.papers(registration).slots}
    found = dict.fromkeys(titles[page.slot] for page in upload.pages if page.slot in titles)
    return Text("file_lies_at", {"titles": ", ".join(found)}) if found else ""
