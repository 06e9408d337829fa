"""The papers of a registration: which it needs, what of them is there, what a letter is drawn from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.model import CLOSED, Letter, Registration, Upload, UploadPage, Verdict
from rules.schema import HANDED_OVER, Document, Field, FieldType, LetterTemplate, Origin, Pack

ADDRESS = ("address_line1", "address_line2", "city", "region", "postal_code", "country")
ADDRESS_LABEL = "Registered address"
# What a letter shows of its document.
DRAWN = frozenset({"addressees", "one_for_all", "signed", "stamped", "stamp_every_page", "letterhead"})
SAMPLES_PRINTED = 3  # of each sender ID; a letter says how many more are filed electronically


@dataclass(frozen=True, slots=True)
class Slot:
    """One paper: a document of the pack, for one addressee where each carrier gets a letter of its own."""

    key: str  # "loa", or "loa:du" for the letter to du
    document: Document
    addressee: str | None
    required: bool

    @property
    def ours(self) -> bool:
        return self.document.origin is Origin.PROVIDER_TEMPLATE

    @property
    def title(self) -> str:
        return named(self.document, (self.addressee,) if self.addressee else ())


def named(document: Document, carriers: tuple[str, ...]) -> str:
    """The title with whom it is to, unless the title says that itself."""
    words = re.findall(r"\w+", document.title.casefold())
    unsaid = [carrier for carrier in carriers if carrier.split()[0].casefold() not in words]
    return f"{document.title} ({', '.join(unsaid)})" if unsaid else document.title


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist."""

    slot: Slot
    pages: int  # pages wanted; 0: as many as the paper has
    there: tuple[int, ...]  # pages that are accepted or with a person
    refused: tuple[int, ...]
    reasons: Mapping[int, str]  # of pages that are not accepted: why, where that is known
    dated: str = ""  # the date of an own paper, where it was asked and is known

    @property
    def done(self) -> bool:
        return len(self.there) >= self.pages if self.pages else bool(self.there) and not self.refused

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(page for page in range(1, self.pages + 1) if page not in self.there)


@dataclass(frozen=True, slots=True)
class Papers:
    slots: tuple[Slot, ...]
    items: tuple[Item, ...]
    to_draw: bool  # a letter is not drawn, or shows what has changed since
    changed: bool  # the letters last asked for are not those these answers call for

    @property
    def letters(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.ours)

    @property
    def required_own(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.required and not slot.ours)

    @property
    def any_required(self) -> bool:
        return any(slot.required for slot in self.slots)

    @property
    def complete(self) -> bool:
        """Every required page is accepted or with a person."""
        return not self.to_draw and all(item.done for item in self.items if item.slot.required)

    @property
    def progress(self) -> tuple[int, int]:
        """(papers there, papers required)."""
        required = [item for item in self.items if item.slot.required]
        return sum(item.done for item in required), len(required)

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.slot.key == key), None)


def slots(pack: Pack, answers: Mapping[str, Any]) -> tuple[Slot, ...]:
    """The papers these answers call for, required ones first, letters before own documents."""
    if pack.route in HANDED_OVER:
        return ()  # the account manager asks for them
    found = []
    for document in pack.documents:
        required = document.required or bool(document.required_when and document.required_when.holds(answers))
        if not required and (document.required_when is not None or document.origin is Origin.PROVIDER_TEMPLATE):
            continue  # a letter nobody requires is not drawn, a condition that does not hold asks for nothing
        carriers: tuple[str | None, ...] = (None,)
        if len(document.addressees) > 1 and not document.one_for_all:
            carriers = document.addressees
        elif len(document.addressees) == 1:
            carriers = (document.addressees[0],)
        for carrier in carriers:
            several = len(carriers) > 1
            found.append(Slot(f"{document.code}:{carrier}" if several else document.code, document, carrier, required))
    return tuple(sorted(found, key=lambda slot: (not slot.required, not slot.ours)))


def judged(registration: Registration) -> dict[str, Any]:
    """The answers as they count: a judgement of the customer's that the desk overruled counts as the desk says."""
    return {**registration.answers, **registration.overruled}


def papers(registration: Registration, pack: Pack, templates: Mapping[str, LetterTemplate]) -> Papers:
    """What the registration needs and has."""
    wanted = slots(pack, judged(registration))
    drawn = {letter.slot: letter for letter in registration.letters}
    ours = {slot.key: slot for slot in wanted if slot.ours}
    changed = {
        key
        for key, slot in ours.items()
        if key not in drawn or drawn[key].shows != _shows(slot, registration, templates)
    }
    stale = changed | {key for key, letter in drawn.items() if letter.drawn != letter.version}
    items = tuple(_item(slot, registration, None if slot.key in stale else drawn.get(slot.key)) for slot in wanted)
    return Papers(wanted, items, bool(stale & ours.keys()), bool(changed or drawn.keys() - ours.keys()))


def _item(slot: Slot, registration: Registration, letter: Letter | None) -> Item:
    there: set[int] = set()
    refused: set[int] = set()
    reasons: dict[int, str] = {}
    for _, page in placed_pages(registration, slot.key):
        number = page.page or 0
        if slot.ours and (letter is None or page.letter_version not in (None, letter.version)):
            continue  # an old version does not count, nor does one that shows an old answer
        (refused if page.verdict is Verdict.REFUSED else there).add(number)
        if page.reason:
            reasons[number] = page.reason
    refused -= there
    pages = (letter.pages if letter else 1) if slot.ours else 0
    return Item(
        slot, pages, tuple(sorted(there)), tuple(sorted(refused)), reasons, registration.paper_dates.get(slot.key, "")
    )


def placed_pages(registration: Registration, key: str) -> list[tuple[Upload, UploadPage]]:
    """The pages placed at a paper, in page order, the newest of each page last."""
    found = [
        (upload, page)
        for upload in registration.uploads
        for page in upload.pages
        if page.slot == key and not upload.problem
    ]
    return sorted(found, key=lambda pair: (pair[1].page or 0, pair[0].id, pair[1].number))


def awaited(registrations: Iterable[Registration]) -> tuple[Mapping[str, Any], ...]:
    """What a file is checked against: the letters of all open registrations, each as it was drawn last."""
    return tuple(
        {"letter_id": letter.letter_id, "slot": letter.slot, "version": letter.drawn, "file": letter.file}
        for one in registrations
        if one.status not in CLOSED
        for letter in one.letters
        if letter.drawn and letter.file
    )


def _shows(slot: Slot, registration: Registration, templates: Mapping[str, LetterTemplate]) -> dict[str, Any]:
    """What the letter repeats: compared to know whether it must be drawn anew."""
    template = templates[slot.document.template or ""]
    shown: dict[str, Any] = dict(template.shows(registration.answers))
    for name in ADDRESS:
        if name in registration.answers:
            shown[name] = registration.answers[name]
    shown["sender_ids"] = [name.text for name in registration.sender_ids]
    if template.show_samples:
        shown["samples"] = fingerprint([[name.text, *name.samples] for name in registration.sender_ids])
    return shown


def form(slot: Slot, pack: Pack, templates: Mapping[str, LetterTemplate]) -> str:
    """A sign of what the rules put on the letter beside the answers: its words, its boxes, whom it is to."""
    template = templates[slot.document.template or ""]
    facts = [field for field in pack.fields if field.name in template.facts]
    labels = [[field.name, field.label, dict(field.choice_labels)] for field in facts]
    document = slot.document.model_dump(mode="json", include=set(DRAWN))
    return fingerprint([document, slot.addressee, template.model_dump(mode="json"), labels])


def fingerprint(value: object) -> str:
    """A short digest of plain values, to notice a change without keeping a second copy."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()


def renew(
    registration: Registration, pack: Pack, templates: Mapping[str, LetterTemplate], letter_id: Any
) -> list[Letter]:
    """The letters to draw now: new ones, and a new version of each that shows what changed.

    Letters nobody needs any more are dropped; `letter_id` draws a new id.
    """
    wanted = {slot.key: slot for slot in slots(pack, judged(registration)) if slot.ours}
    registration.letters = [letter for letter in registration.letters if letter.slot in wanted]
    known = {letter.slot: letter for letter in registration.letters}
    drawing = []
    for key, slot in wanted.items():
        shows = _shows(slot, registration, templates)
        letter = known.get(key)
        if letter is None:
            letter = Letter(slot=key, code=slot.document.code, letter_id=letter_id(), version=1, shows=shows)
            letter.form = form(slot, pack, templates)
            registration.letters.append(letter)
        elif letter.shows != shows:
            letter.version, letter.shows = letter.version + 1, shows
            letter.scan, letter.scan_of = None, ()  # of pages that count no more
            letter.form = form(slot, pack, templates)
        if letter.drawn != letter.version:
            drawing.append(letter)
    return drawing


def letter_facts(
    letter: Letter,
    registration: Registration,
    pack: Pack,
    templates: Mapping[str, LetterTemplate],
    names: Mapping[str, str],
    country_name: Callable[[str], str],
    date: str,
    paper: str,
) -> dict[str, Any]:
    """Everything the drawing needs, as plain values. `names` has operator and operator_address."""
    slot = next(slot for slot in slots(pack, judged(registration)) if slot.key == letter.slot)
    document, template = slot.document, templates[slot.document.template or ""]
    carriers = (slot.addressee,) if slot.addressee else document.addressees
    answers = registration.answers
    filled = _Filled(
        {name: readable(value, pack, name, country_name) for name, value in answers.items()}
        | {
            "addressee": _addressee(carriers, template, names),
            "reference": registration.reference,
            "date": date,
            "sender_ids": ", ".join(name.text for name in registration.sender_ids),
            "country_name": country_name(registration.country),
        }
        | dict(names)
    )
    samples = []
    for name in registration.sender_ids if template.show_samples else []:
        samples += [[name.text, sample] for sample in name.samples[:SAMPLES_PRINTED]]
        if len(name.samples) > SAMPLES_PRINTED:
            samples.append([name.text, f"(and {len(name.samples) - SAMPLES_PRINTED} more, filed electronically)"])
    return {
        "slot": letter.slot,
        "code": letter.code,
        "letter_id": letter.letter_id,
        "version": letter.version,
        "title": template.title,
        "subject": template.subject.format_map(filled),
        "paragraphs": [text.format_map(filled) for text in template.paragraphs],
        "facts": _particulars(template, pack, answers, filled, country_name),
        "sender_ids": [name.text for name in registration.sender_ids],
        "samples": samples,
        "closing": [text.format_map(filled) for text in template.closing],
        "addressee": _addressee(carriers, template, names) or None,
        "addressees": list(carriers),
        "company_name": answers.get(template.signed_for, ""),
        "certificate_name": _in_its_own_script(template, pack, answers),
        "company_lines": _address(answers, country_name) if template.signed_for == "company_name" else [],
        "signatory_name": answers.get("signatory_name", ""),
        "signatory_title": answers.get("signatory_title", ""),
        "place": answers.get("city", ""),
        "signed": document.signed,
        "stamped": document.stamped,
        "names_operator": template.names_operator,
        "letterhead": document.letterhead,
        "paper": paper,
        "reference": registration.reference,
        "country_name": filled["country_name"],
        "date": date,
    }


def _particulars(
    template: LetterTemplate, pack: Pack, answers: Mapping[str, Any], filled: Mapping[str, str],
    country_name: Callable[[str], str],
) -> list[list[str]]:  # fmt: skip
    """Label and answer, row by row; the address in one row, so that a letter needs no third page for it."""
    rows: dict[str, list[str]] = {}
    for name in template.facts:
        if name in ADDRESS:
            rows.setdefault("address", [ADDRESS_LABEL, ", ".join(_address(answers, country_name))])
        elif answers.get(name) not in (None, "") and not _repeats(pack.field(name), answers):
            rows[name] = [pack.field(name).label, filled[name]]
    return [[label, text] for label, text in rows.values() if text]


def _repeats(field: Field, answers: Mapping[str, Any]) -> bool:
    """Whether the answer is the same as the one it was offered: nobody reads it twice."""
    return field.same_as is not None and answers.get(field.name) == answers.get(field.same_as)


def _in_its_own_script(template: LetterTemplate, pack: Pack, answers: Mapping[str, Any]) -> str:
    """The name of the company that signs as its certificate writes it; "" where that is no other, or not asked."""
    names = (
        str(answers.get(field.name) or "")
        for field in pack.fields
        if field.name in template.facts and field.same_as == template.signed_for and not field.english
        if not _repeats(field, answers)
    )
    return next(names, "")


def _addressee(carriers: tuple[str, ...], template: LetterTemplate, names: Mapping[str, str]) -> str:
    """The carriers the letter is to, else us, unless it must not name a company in between."""
    return " and ".join(carriers) or (names["operator"] if template.names_operator else "")


class _Filled(dict[str, str]):
    """Placeholders of what was not answered (an optional field) print as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def readable(value: Any, pack: Pack, name: str, country_name: Callable[[str], str]) -> str:
    """An answer as a carrier reads it in a letter."""
    field = next((one for one in pack.fields if one.name == name), None)
    if field is not None and field.type is FieldType.COUNTRY:
        return country_name(str(value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return field.choice_labels.get(str(value), str(value)) if field is not None else str(value)


def _address(answers: Mapping[str, Any], country_name: Callable[[str], str]) -> list[str]:
    town = " ".join(str(answers[key]) for key in ("postal_code", "city") if answers.get(key))
    country = country_name(str(answers["country"])) if answers.get("country") else None
    lines = [answers.get("address_line1"), answers.get("address_line2"), town, answers.get("region"), country]
    return [str(line) for line in lines if line]
