"""A page that came back as the desk looks at it: what the check answered, what a person may say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conversations.desk.page_labels import (
    FINE,
    LABELS,
    is_of_a_letter,
    letter_of,
    needs_a_look,
    place_of,
    plain,
    refused_by_the_desk,
    to_agree_with,
    why,
)
from conversations.model import Letter, PageCheck, Registration, Text, Upload, UploadPage, Value, Verdict

OPPOSITE = {"yes": "no", "no": "yes"}
# What the customer is told of a page the desk refused: a word of reasons.CANNED.
TOLD = {
    "unsigned": "signature", "unstamped": "stamp", "altered": "altered", "illegible": "unreadable",
    "wrong_letter": "wrong_letter", "old_version": "old_version",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """One question to the check, and its answer: yes, no or unsure; yes is always the good one."""

    question: str
    says: str


@dataclass(frozen=True, slots=True)
class Look:
    upload: Upload
    page: UploadPage
    title: str  # of the paper
    number: int  # page of it
    drawn: str | None  # file store key of that page as we drew it
    letter: Letter | None

    @property
    def check(self) -> PageCheck | None:
        return self.page.check

    @property
    def is_wanted(self) -> bool:
        """Somebody has to look at it."""
        return needs_a_look(self.page)

    @property
    def state(self) -> str:
        return self.page.verdict.value if self.page.verdict else "none"

    @property
    def why(self) -> Text:
        """The verdict's reason: what a person found, else what the check did."""
        if self.page.label:
            return Text(f"desk_label_{plain(self.page.label)}")
        return why(self.page)

    @property
    def said_first(self) -> Text:
        """What the check said, whatever a person found."""
        return why(self.page)

    @property
    def which(self) -> Text:
        """Which page of which version of which letter it is, or is taken for."""
        if self.letter is None:
            return Text("desk_page_which_none")
        version = self.page.letter_version or (self.check.version if self.check else None)
        values: dict[str, Value] = {
            "title": self.title,
            "page": self.number,
            "pages": self.letter.pages,
            "newest": self.letter.version,
        }
        key = "desk_page_which" if version in (None, self.letter.version) else "desk_page_which_old"
        return Text(key, {**values, "version": version or self.letter.version})

    @property
    def answers(self) -> tuple[Answered, ...]:
        check = self.check
        if check is None:
            return ()
        asked = [
            ("letter", self._is_the_letter(check)), ("whole", check.whole), ("legible", check.legible),
            ("unaltered", OPPOSITE.get(check.altered, check.altered)), ("signed", check.signed),
            ("stamped", check.stamped),
        ]  # fmt: skip
        return tuple(Answered(question, says) for question, says in asked if says is not None)

    def _is_the_letter(self, check: PageCheck) -> str:
        if check.reason in ("wrong_letter", "old_version") or check.seen in ("blank", "other"):
            return "no"
        return (
            "yes" if check.letter_id is not None and check.reason != "no_code" else "unsure"
        )  # named by its print alone

    @property
    def crops(self) -> tuple[tuple[str, str], ...]:
        """(box, file store key) of the boxes that were cut out."""
        crops = self.check.crops if self.check else {}
        return tuple((box, crops[box]) for box in ("signature", "stamp") if box in crops)

    @property
    def photo(self) -> str | None:
        """The customer's own photo, with what is wrong outlined where it was."""
        return (self.check.marked if self.check else None) or self.page.preview


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person may say of a page: the check's own finding to agree with, and what else may be true."""

    agree: str | None
    otherwise: tuple[str, ...]

    @property
    def agree_plainly(self) -> str:
        return plain(self.agree or "")


def look_at(registration: Registration, upload: Upload, page: UploadPage, titles: dict[str, str]) -> Look:
    letter = letter_of(registration, page)
    number = page.page or page.letter_page or (page.check.page if page.check else None) or page.number
    version = page.letter_version or (page.check.version if page.check else None)
    is_as_drawn = letter is not None and version in (None, letter.version) and 0 < number <= len(letter.previews)
    return Look(
        upload, page, titles.get(letter.slot, letter.slot) if letter else upload.name, number,
        letter.previews[number - 1] if letter and is_as_drawn else None, letter,
    )  # fmt: skip


def offer(registration: Registration, page: UploadPage) -> Offer | None:
    """None for what is no page of a letter of ours."""
    if not is_of_a_letter(registration, page):
        return None
    agree = to_agree_with(page)
    can_be_fine = place_of(registration, page) is not None
    if agree == FINE and not can_be_fine:
        agree = None
    said = plain(agree) if agree else None
    return Offer(agree, tuple(one for one in LABELS if one != said and (one != FINE or can_be_fine)))


def wanted_first(looks: Iterable[Look]) -> list[Look]:
    """Those that need a person, then the refused, then what is settled; in page order, the newest of a page first."""
    order = {Verdict.WITH_PERSON: 0, Verdict.REFUSED: 1}
    return sorted(
        looks,
        key=lambda one: (order.get(one.page.verdict, 2) if one.page.verdict else 2, one.number, -one.upload.id),
    )


def to_send_back(registration: Registration, titles: dict[str, str]) -> dict[str, list[Text]]:
    """By paper: what to tell the customer of each page of it that a person refused."""
    found = {
        slot: [
            Text("desk_page_send_back_line", {
                "title": title, "page": page.page or 1, "reason": Text(f"desk_reason_{TOLD[plain(page.label)]}"),
            })
            for page in refused_by_the_desk(registration, slot)
        ]
        for slot, title in titles.items()
    }  # fmt: skip
    return {slot: lines for slot, lines in found.items() if lines}
