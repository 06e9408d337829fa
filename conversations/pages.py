"""Paper on its way: letters drawn, files received, their pages, and what was found of each. Part of model.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What was decided about one page of an upload."""

    ACCEPTED = "accepted"
    WITH_PERSON = "with_person"  # a reviewer looks at it
    REFUSED = "refused"


@dataclass(slots=True)
class Letter:
    """A letter of ours in its newest version. `slot` names the paper it is: see papers.py."""

    slot: str
    code: str  # document code of the rule pack
    letter_id: str  # 8 characters, printed in every page's code, the same in all versions
    version: int
    shows: dict[str, Any]  # the facts it was drawn from: when they change it is drawn anew
    form: str = ""  # sign of the words and boxes it was drawn with: rules may change them
    drawn: int = 0  # the version whose pages are ready; 0 = none yet
    pages: int = 0
    file: str | None = None  # file store key of the drawn PDF
    previews: list[str] = field(default_factory=list)  # file store keys, one PNG a page
    scan: str | None = None  # file store key of the clean scan of its signed pages, one PDF
    scan_of: tuple[str, ...] = ()  # file store keys of the flat pages that scan is bound of, or is being bound of


@dataclass(slots=True)
class PageCheck:
    """What the check of a photographed page of ours found. Answers are "yes", "no", "unsure", or None: no such box."""

    letter_id: str | None = None  # by its code, or else by its print
    page: int | None = None
    version: int | None = None
    whole: str = "unsure"
    legible: str = "unsure"
    altered: str = "unsure"
    signed: str | None = None
    stamped: str | None = None
    accepted: bool = False
    reason: str = ""  # why not: no_code, cut_off, too_small, blurred, dark, glare, altered, unsigned, unstamped ...
    seen: str = ""  # as_sent, on_screen, digital, blank, other: what it is besides
    quality: int = 0  # 0 to 100, to tell the better of two photos
    scan: str | None = None  # file store key of the page, flat and evened
    crops: dict[str, str] = field(default_factory=dict)  # "signature" and "stamp": file store keys of these boxes
    marked: str | None = None  # file store key of the customer's own photo, with what is wrong outlined
    ms: int = 0


@dataclass(slots=True)
class UploadPage:
    """One page of a file the customer sent, and the paper it belongs to."""

    number: int  # 1-based in the file
    letter_id: str | None = None  # what its code says, when it has one of ours, or else its print
    letter_page: int | None = None
    letter_version: int | None = None
    slot: str | None = None  # where it was placed; None = nowhere yet
    page: int | None = None  # page of that paper
    verdict: Verdict | None = None
    reason: str = ""
    preview: str | None = None  # file store key of a PNG
    check: PageCheck | None = None  # None: not checked
    label: str = ""  # what a person at the desk found true of it: "accepted", or a reason
    labelled_by: str = ""
    insisted: str = ""  # "anyway" or "no_stamp": refused, and the customer wants a person to look at it all the same
    legible: str = ""  # of a page without our code: why it is hard to read, see bot/uploads/legible.py
    turned: int = 0  # degrees it lies on its side; on which is not known


@dataclass(slots=True)
class Upload:
    """One file received. The original is kept as it came; what is handed on is a cleaned copy."""

    id: int
    name: str
    at: datetime
    ref: str  # where the bytes are: the channel's word, until fetched
    size: int | None = None
    sha256: str = ""
    kind: str = ""  # sniffed: pdf, jpeg, png, webp, heic
    file: str | None = None  # file store key of the original
    copy: str | None = None  # file store key of the cleaned copy
    problem: str = ""  # why it was refused: a key of texts/
    caption: str = ""
    album: str | None = None  # what it came with: the platform's album, else the message
    as_photo: bool = False
    signed_pdf: bool = False
    copy_of: int | None = None  # upload of another registration that holds pages of this one's letters too
    checked: bool = False  # the file was looked into
    told: bool = False  # the customer heard where it went
    free: bool = False  # an "other document": placed nowhere, by the customer's wish
    company: str = ""  # the company's name in its text: "found", "not found", "no text"; "": not looked for
    advised: bool = False  # the customer heard that it is hard to read
    pages: list[UploadPage] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        """File store keys of all that lies there of it."""
        checks = [page.check for page in self.pages if page.check is not None]
        found = [self.file, self.copy, *(page.preview for page in self.pages)]
        found += [key for check in checks for key in (check.scan, check.marked, *check.crops.values())]
        return {key for key in found if key}
