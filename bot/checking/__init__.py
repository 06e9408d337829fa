"""The check of a photographed letter: which page it is, whether it can be read, is unaltered, signed, stamped.

For whoever calls it (jobs, commands): nothing here needs OpenCV, the work is done in a child process.

    templates = [awaited(letter.slot, pdf, drawing.layout_of(pdf)) for ...]      # the newest version of each letter
    pages = check_file(copy, kind, templates, keys, folder, digital=signed_pdf)  # a PageVerdict a page, files in folder
    bound = bind(["scan-1.jpg", ...], "A4", max_bytes, folder)                   # accepted pages to one flat PDF

A page is accepted by itself only when `accepted` is true. Else `reason` says why. ALTERED and UNSURE are for a person,
with the crops; all others ask the customer again, with `marked`, their own photo with the place outlined. Texts may say
more by `seen`: that the file is the one we sent ("as_sent"), was signed on a screen ("on_screen"), is a blank sheet
("blank") or shows no letter at all ("other"). Of two photos of one page the one of higher `quality` is kept.

Reading order: verdict.py, then template.py, plane.py and aligned.py (find the page), flat.py and body.py (see it),
ink.py, stamps.py and signature.py (the boxes), scan.py and bound.py (what is made of it). The method and what it
reaches: docs/letters-check.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """Three, never two."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Reason(StrEnum):
    """Why a page is not accepted by itself. In this order the first that is true is told."""

    UNREADABLE = "unreadable"  # the file can't be opened
    WRONG_LETTER = "wrong_letter"  # it has the code of a letter that is not awaited
    OLD_VERSION = "old_version"
    NO_CODE = "no_code"
    CUT_OFF = "cut_off"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    DARK = "dark"
    GLARE = "glare"  # or something lies on it
    ALTERED = "altered"  # a person looks
    UNSIGNED = "unsigned"
    UNSTAMPED = "unstamped"
    UNSURE = "unsure"  # a person looks


FOR_A_PERSON = (Reason.ALTERED, Reason.UNSURE)


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """What is found of one page of a file. Names of files are in the folder that was given; "" where there is none."""

    number: int  # of the page in its file, from 1
    letter: str | None  # as its template was called
    page: int | None
    version: int | None
    whole: Answer
    legible: Answer
    altered: Answer
    signed: Answer | None  # None: the page has no box for it
    stamped: Answer | None
    accepted: bool
    reason: Reason | None
    seen: str = ""  # "as_sent", "on_screen", "digital", "blank" or "other": see above
    quality: int = 0  # 0 to 100
    px_per_mm: float = 0.0  # of the photo, at its worst spot
    ms: int = 0
    scan: str = ""  # JPEG: the page flat and evened, 200 dpi
    crops: tuple[str, ...] = ()  # JPEG: signature box, stamp box
    marked: str = ""  # JPEG: the customer's photo, with what is wrong outlined
