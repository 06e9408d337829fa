"""What a letter is drawn from, and what a drawn letter is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 as fractions of the page from its top left


class BadFacts(ValueError):
    """The facts of a letter are incomplete or of the wrong shape: a mistake of ours, never of the customer."""


class Unprintable(ValueError):
    """A text of the letter has characters its font lacks, which would print as empty boxes."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"{len(characters)} characters cannot be printed")
        self.characters = characters


class TooLong(ValueError):
    """The letter would have more pages than its page code can count."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the service: the recipient where no carrier is named, and the contact in the footer."""

    name: str
    address: str = ""  # one line, or several separated by newlines
    logo: str | None = None  # path of a PNG or JPEG, printed small in the footer
    support: str = ""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Everything one letter shows. Texts are final: placeholders are filled, choices have their words."""

    slot: str
    code: str
    letter_id: str
    version: int
    title: str
    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]  # label, value
    sender_ids: tuple[str, ...]
    samples: tuple[tuple[str, str], ...]  # sender ID, text
    closing: tuple[str, ...]
    addressee: str | None  # the carriers in one phrase, or the operator
    addressees: tuple[str, ...]  # the carriers
    company_name: str
    company_lines: tuple[str, ...]
    signatory_name: str
    signatory_title: str
    place: str
    signed: bool
    stamped: bool | None  # None: not known whether a stamp is wanted, so there is a box for it
    letterhead: bool
    paper: str  # "A4" or "Letter"
    reference: str
    country_name: str
    date: date
    names_operator: bool  # False: the carrier wants no company in between named, so the letter shows none
    certificate_name: str = ""  # of the company as its certificate writes it, where that is not company_name

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> LetterFacts:
        """The facts from plain JSON values; the date is an ISO day. Keys we do not know are left aside.

        Without `names_operator` the operator is named in letters that have an addressee.

        Raises:
            BadFacts: a key is missing, or has a value of another kind.
        """
        known: dict[str, Any] = {}
        values = {"names_operator": values.get("addressee") is not None, "certificate_name": "", **values}
        for field in fields(cls):
            if field.name not in values:
                raise BadFacts(f"the facts of a letter lack {field.name}")
            known[field.name] = values[field.name]
        try:
            for name in ("paragraphs", "sender_ids", "closing", "addressees", "company_lines"):
                known[name] = tuple(str(text) for text in known[name])
            for name in ("facts", "samples"):
                known[name] = tuple((str(first), str(second)) for first, second in known[name])
            known["date"] = date.fromisoformat(str(known["date"])[:10])
            known["version"] = int(known["version"])
        except (TypeError, ValueError) as error:
            raise BadFacts(f"the facts of a letter have a wrong value: {error}") from error
        if known["paper"] not in ("A4", "Letter"):
            raise BadFacts("paper is A4 or Letter")
        return cls(**known)

    def samples_of(self, sender_id: str, limit: int) -> tuple[list[str], int]:
        """The samples to print under a sender ID, `limit` at most, and how many more there are."""
        texts = [text for name, text in self.samples if name == sender_id]
        more = 0
        if texts and (rest := _REST.fullmatch(texts[-1])):  # whoever made the facts has already left some out
            texts, more = texts[:-1], int(rest[1])
        return texts[:limit], more + max(0, len(texts) - limit)


_REST = re.compile(r"\(and (\d+) more, filed electronically\)")


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where on a page a photo of it is looked at."""

    page: int  # from 1
    pages: int
    version: int
    code: str
    signature_box: Box | None
    stamp_box: Box | None
    stamped: bool | None = None  # whether the country wants the stamp; None: it does not say


@dataclass(frozen=True, slots=True)
class Drawn:
    """A letter, ready to be printed. The same facts give the same bytes."""

    pdf: bytes
    layouts: tuple[PageLayout, ...]

    @property
    def pages(self) -> int:
        return len(self.layouts)
