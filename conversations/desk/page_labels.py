"""What a person at the desk finds true of a page that came back, beside what the check said: its label."""

from __future__ import annotations

from conversations.model import Letter, Registration, Status, Text, UploadPage, Verdict

FINE = "accepted"
# The check's own words, but for "illegible": to a person it is all one why a photo can't be read.
LABELS = (FINE, "unsigned", "unstamped", "altered", "illegible", "wrong_letter", "old_version")
UNREAD = ("unreadable", "no_code", "cut_off", "too_small", "blurred", "dark", "glare")
REASONS = (*UNREAD, "wrong_letter", "old_version", "altered", "unsigned", "unstamped", "unsure")
SIGHTS = ("as_sent", "on_screen", "digital", "blank", "other")
PLACINGS = ("superseded", "elsewhere")  # what became of a page whatever the check says of it
UNDECIDED = ("", "unsure")  # the check says nothing one could agree with
JUDGED_IN = (Status.UNDER_REVIEW, Status.WITH_CARRIER)  # while a customer is still at it, pages come and go


# --- looking ------------------------------------------------------------------------------------------------------


def page_of(registration: Registration, upload: int, number: int) -> UploadPage | None:
    """That page of that file, when it is of a letter of ours; own documents have nothing to be compared with."""
    for one in registration.uploads:
        for page in one.pages if one.id == upload and not one.problem else ():
            if page.number == number and is_of_a_letter(registration, page):
                return page
    return None


def is_of_a_letter(registration: Registration, page: UploadPage) -> bool:
    placed = any(letter.slot == page.slot for letter in registration.letters)
    return placed or (page.slot is None and (page.letter_id is not None or page.check is not None))


def letter_of(registration: Registration, page: UploadPage) -> Letter | None:
    """The letter it lies at, or says that it is a page of."""
    said = page.letter_id or (page.check.letter_id if page.check else None)
    for letter in registration.letters:
        if page.slot == letter.slot or (page.slot is None and said == letter.letter_id):
            return letter
    return None


def needs_a_look(page: UploadPage) -> bool:
    return page.verdict is Verdict.WITH_PERSON


def said_by_check(page: UploadPage) -> str:
    """The check's finding as a label: FINE, or its reason; "" where it was not checked."""
    if page.check is None:
        return ""
    return FINE if page.check.accepted else page.check.reason


def to_agree_with(page: UploadPage) -> str | None:
    """What the check said, when it is something a person can agree with."""
    said = said_by_check(page)
    return None if said in UNDECIDED else said


def plain(found: str) -> str:
    """A label or a reason as one of LABELS; what is none of them, such as "unsure", as it is."""
    return "illegible" if found in UNREAD else found


def why(page: UploadPage) -> Text:
    """Why the check did not accept it, as the desk reads it."""
    check = page.check
    if page.reason in PLACINGS:
        return Text(f"desk_why_{page.reason}")
    if page.reason in ("digital", "ink_only"):
        return Text("desk_seen_digital")
    if check is None:
        return Text("desk_why_unchecked")
    if check.accepted and page.reason != "as_sent":
        return Text("desk_why_accepted")
    if check.seen in SIGHTS:
        return Text(f"desk_seen_{check.seen}")
    doubts = tuple(box for box in ("signed", "stamped") if getattr(check, box) == "unsure")
    if check.reason == "unsure" and doubts:
        return Text("desk_unsure_both") if len(doubts) > 1 else Text(f"desk_unsure_{doubts[0]}")
    reason = check.reason if check.reason in REASONS else REASONS[-1]
    return Text(f"desk_why_{reason}")


# --- judging ------------------------------------------------------------------------------------------------------


def place_of(registration: Registration, page: UploadPage) -> tuple[str, int] | None:
    """(slot, page) of the letter it stands for when it is fine.

    None for an old version, for what is no page of a letter here, and where a page that counts lies already.
    """
    letter = letter_of(registration, page)
    if letter is None:
        return None
    if page.slot is not None:
        return (page.slot, page.page or 1) if page.letter_version in (None, letter.version) else None
    check = page.check
    number = page.letter_page or (check.page if check else None)
    version = page.letter_version or (check.version if check else None)
    taken = any(
        one.slot == letter.slot and one.page == number and one.verdict is not Verdict.REFUSED
        for upload in registration.uploads
        for one in upload.pages
    )
    return None if taken or number is None or version != letter.version else (letter.slot, number)


def label(registration: Registration, page: UploadPage, found: str, by: str) -> None:
    """Keep what the person found, and let the page count, or not count, as that says."""
    page.label, page.labelled_by = found, by
    if found != FINE:
        page.verdict, page.reason = Verdict.REFUSED, found
    elif place := place_of(registration, page):
        page.slot, page.page = place
        page.verdict, page.reason = Verdict.ACCEPTED, ""


def refused_by_the_desk(registration: Registration, slot: str) -> list[UploadPage]:
    """Pages of a paper that a person refused one by one, in page order."""
    found = [
        page
        for upload in registration.uploads
        for page in upload.pages
        if page.slot == slot and page.label not in ("", FINE) and page.verdict is Verdict.REFUSED
    ]
    return sorted(found, key=lambda page: page.page or 0)
