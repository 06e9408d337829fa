"""What counts of a signed page that came back: the check's finding, what the country takes, what the customer wants."""

from __future__ import annotations

from conversations.model import Upload, UploadPage, Verdict
from rules.schema import Document

# Reasons a page is refused for. In this order they are told: what no better photo mends comes first.
REFUSALS = (
    "wrong_letter",
    "old_version",
    "no_letter",  # nothing of ours is to be seen
    "blank",
    "unlooked",  # the file is so long that no time was left for it
    "as_sent",  # our own file, or a picture of it, with nothing put on it
    "ink_only",  # signed digitally, where the country wants a pen
    "unsigned",
    "unstamped",
    "unreadable",
    "cut_off",
    "no_code",
    "too_small",
    "blurred",
    "dark",
    "glare",
)
# Nobody can make them count: the page says itself that it is another one.
NEVER = ("wrong_letter", "old_version")
# What a person looks at, in the order told.
LOOKS = ("altered", "unsure", "digital", "no_stamp")
# Refused though the check gives no such reason.
BESIDE_THE_CHECK = ("no_letter", "blank", "unlooked", "as_sent", "ink_only")
ASIDE = ("superseded", "elsewhere")  # a better photo counts, or it is a page of another registration
FAR = ("too_small", "blurred")  # a photo the chat has not shrunk may do better


def judged(upload: Upload, page: UploadPage, document: Document | None, inked: bool = False) -> tuple[Verdict, str]:
    """The verdict on a page of that document, with the reason where it is not simply good.

    `inked`: another page of the letter was signed on a screen, so that a person looks at the letter in any case.
    """
    verdict, reason = _found(upload, page, document, inked)
    if verdict is Verdict.REFUSED and page.insisted:
        return Verdict.WITH_PERSON, "no_stamp" if page.insisted == "no_stamp" else reason
    return verdict, reason


def _found(upload: Upload, page: UploadPage, document: Document | None, inked: bool) -> tuple[Verdict, str]:
    check = page.check
    if document is None or document.template is None:
        return Verdict.WITH_PERSON, ""  # an own paper: no check tells whether it is the right one
    if is_digital(upload, page):
        return (Verdict.WITH_PERSON, "digital") if takes_digital(document) else (Verdict.REFUSED, "ink_only")
    if check is None:
        return Verdict.WITH_PERSON, ""
    if is_as_sent(page):
        signable = check.signed is not None
        return (Verdict.WITH_PERSON if inked and not signable else Verdict.REFUSED), "as_sent"
    if check.accepted:
        return Verdict.ACCEPTED, ""
    if check.seen in ("other", "blank") and check.letter_id is None:
        return Verdict.REFUSED, reason_unseen(page)
    if check.reason in NEVER or not check.reason:
        return Verdict.WITH_PERSON, ""  # it was not checked against the letter as it is now
    return (Verdict.WITH_PERSON if check.reason in LOOKS else Verdict.REFUSED), check.reason


def shows_a_letter(page: UploadPage) -> bool:
    """Whether a letter, of ours or made to look so, is to be seen, by its code or by its print."""
    check = page.check
    unseen = check is None or check.seen in ("other", "blank") or check.reason == "dark"
    return page.letter_id is not None or not unseen


def reason_unseen(page: UploadPage) -> str:
    """Why a page on which no letter of ours is seen is none."""
    check = page.check
    if check is not None and (check.seen == "blank" or check.reason == "dark"):
        return "blank" if check.seen == "blank" else "dark"
    return "no_letter"


def is_as_sent(page: UploadPage) -> bool:
    """Whether it is our own file, or a picture of it, and nobody put anything on it."""
    check = page.check
    if check is None or check.reason not in ("", "unsigned", "unstamped"):
        return False
    # Where only a stamp is wanted, the check tells a screen and leaves open whether anything was put there.
    untouched = check.seen == "on_screen" and check.signed is None and check.stamped in (None, "no")
    return check.seen == "as_sent" or untouched


def is_signed_on_screen(page: UploadPage) -> bool:
    """Whether something was put on our own file by other means than a pen."""
    return page.check is not None and page.check.seen in ("on_screen", "digital") and not is_as_sent(page)


def is_digital(upload: Upload, page: UploadPage) -> bool:
    return upload.signed_pdf or (page.check is not None and page.check.seen == "digital")


def takes_digital(document: Document) -> bool:
    """Whether a PDF signed digitally may come instead of ink: said outright, or by naming the tools."""
    return document.digital_signature or bool(document.digital_tools)


def is_asked_again(page: UploadPage) -> bool:
    """Refused by what was found of it, and not by a person."""
    if page.verdict is not Verdict.REFUSED or page.insisted or page.label:
        return False
    if page.reason in NEVER:
        return page.slot is None  # a person refuses what lies in its place
    by_check = page.check is not None and page.check.reason == page.reason
    return by_check or page.reason in BESIDE_THE_CHECK


def was_turned_down(page: UploadPage) -> bool:
    """Refused by a person, in words or by a label."""
    return page.verdict is Verdict.REFUSED and not is_asked_again(page)
