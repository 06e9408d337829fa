"""What a registration's life has to be by the design's table, worked out a second time from what people did.

Nothing of conversations/ is used here: rows, guards, papers and the thirty days are written down again, from the words of
the design. `Life` is told what happened and says what must be so now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rules.schema import Document, Field, LetterTemplate, Pack

MONTH = timedelta(days=30)
DAY = timedelta(days=1)
BEFORE_THE_END = (14 * DAY, 7 * DAY, 3 * DAY, DAY, timedelta(hours=2))
BEFORE_THE_END_OF_A_DRAFT = (7 * DAY, DAY)
ONE_NIGHT = timedelta(hours=13)  # from 20:00 to 09:00: as far as a reminder moves into the customer's day

OPEN = (
    "DRAFT", "SELF_REGISTERING", "WITH_ACCOUNT_MANAGER", "DOCUMENTS_TO_BE_RENDERED", "DOCUMENTS_RENDERED",
    "NEEDS_CORRECTION", "UNDER_REVIEW", "WITH_CARRIER",
)  # fmt: skip
WAITS_ON_CUSTOMER = ("DRAFT", "SELF_REGISTERING", "DOCUMENTS_TO_BE_RENDERED", "DOCUMENTS_RENDERED", "NEEDS_CORRECTION")
WITH_PEOPLE = ("UNDER_REVIEW", "WITH_CARRIER", "WITH_ACCOUNT_MANAGER")
SUBMITTED_ONCE = ("DOCUMENTS_RENDERED", "DOCUMENTS_TO_BE_RENDERED", "NEEDS_CORRECTION")
FOR_PAPERS = ("DOCUMENTS_RENDERED", "NEEDS_CORRECTION")
HANDED_OVER = ("account_manager", "self_registration", "template_approval")

# trigger, from, to (None: the same), only if
TABLE: tuple[tuple[str, Sequence[str], str | None, str], ...] = (
    ("hand_over", ["DRAFT"], "WITH_ACCOUNT_MANAGER", "goes_to_a_manager"),
    ("start_self_registration", ["DRAFT"], "SELF_REGISTERING", "number_is_missing"),
    ("registered_by_customer", ["SELF_REGISTERING"], "DRAFT", "form_follows"),
    ("registered_by_customer", ["SELF_REGISTERING"], "WITH_ACCOUNT_MANAGER", ""),
    ("back", ["SELF_REGISTERING"], "DRAFT", ""),
    ("submit", ["DRAFT"], "DOCUMENTS_TO_BE_RENDERED", "ready_with_letters"),
    ("submit", ["DRAFT"], "DOCUMENTS_RENDERED", "ready_with_own_papers"),
    ("submit", ["DRAFT"], "UNDER_REVIEW", "ready"),
    ("rendered", ["DOCUMENTS_TO_BE_RENDERED"], "DOCUMENTS_RENDERED", "last_asked_for"),
    ("rendering_failed", ["DOCUMENTS_TO_BE_RENDERED"], "NEEDS_CORRECTION", "last_asked_for"),
    ("edit", ["DOCUMENTS_RENDERED"], "DOCUMENTS_TO_BE_RENDERED", "letters_changed"),
    ("edit", SUBMITTED_ONCE, None, ""),
    ("submit_documents", ["DOCUMENTS_RENDERED"], "UNDER_REVIEW", "every_page_is_there"),
    ("take_back", ["UNDER_REVIEW"], "DOCUMENTS_RENDERED", "unopened_with_papers"),
    ("take_back", ["UNDER_REVIEW"], "DRAFT", "unopened"),
    ("pass_on", ["UNDER_REVIEW"], "WITH_CARRIER", ""),
    ("approve", WITH_PEOPLE, "SUCCESSFUL", "one_approved_none_open"),
    ("send_back", ["UNDER_REVIEW", "WITH_CARRIER"], "NEEDS_CORRECTION", ""),
    ("reject", WITH_PEOPLE, "FAILED", ""),
    ("hand_back", ["WITH_ACCOUNT_MANAGER"], "DRAFT", ""),
    ("resubmit", ["NEEDS_CORRECTION"], "DOCUMENTS_TO_BE_RENDERED", "a_letter_is_to_be_drawn"),
    ("resubmit", ["NEEDS_CORRECTION"], "DOCUMENTS_RENDERED", "a_page_is_missing"),
    ("resubmit", ["NEEDS_CORRECTION"], "UNDER_REVIEW", ""),
    ("withdraw", OPEN, "WITHDRAWN", ""),
    ("time_is_up", WAITS_ON_CUSTOMER, "EXPIRED", ""),
)  # fmt: skip
TRIGGERS = frozenset(row[0] for row in TABLE)


@dataclass
class Name:
    text: str
    samples: list[str] = field(default_factory=list)
    outcome: str | None = None


@dataclass
class Sheet:
    """A letter in its newest version."""

    version: int
    shows: str
    drawn: bool = False
    pages: int = 1


@dataclass
class Page:
    """One page that lies at a paper."""

    file: str
    slot: str
    number: int
    version: int | None  # of the letter it shows; an own paper has none
    refused: bool = False


@dataclass
class Life:
    """One registration, as it must be."""

    reference: str
    owner: str
    pack: Pack
    templates: Mapping[str, LetterTemplate]
    pages_of: Mapping[str, int]  # of a drawn letter, by slot, where not one
    opened_at: datetime
    # Which names are plainly the company's: proved in tests/rules/test_sender_id_rules.py, and told here.
    sees_plainly: Callable[[str, Pack, Mapping[str, Any]], bool]
    status: str = "DRAFT"
    entered_at: datetime | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    overruled: dict[str, bool] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    letters: dict[str, Sheet] = field(default_factory=dict)
    asked: int = 0  # number of the drawing last asked for
    to_draw: list[tuple[int, list[tuple[str, int]]]] = field(default_factory=list)  # its number, letters and versions
    came_back: int = 0  # the drawing whose result is looked at
    pages: list[Page] = field(default_factory=list)
    reasons_touch: list[str] = field(default_factory=list)
    opened_by: str | None = None
    taken_by: str | None = None
    with_a_person: bool = False
    started: bool = False  # the clock of the papers
    ends_at: datetime | None = None
    left: timedelta | None = None  # of the clock, while it stands still
    due_from: datetime | None = None  # since when this end counts
    warned_at: datetime | None = None  # the first reminder of this end
    said_at: datetime | None = None  # the newest of it
    warnings: dict[datetime, datetime] = field(default_factory=dict)  # by the end they named: it may come to be again
    history: list[tuple[str, str, str]] = field(default_factory=list)
    again_of: str = ""
    interview: list[Life] = field(default_factory=list)  # those it is answered together with
    erased: str = ""  # why

    def __post_init__(self) -> None:
        self.entered_at = self.opened_at
        self._clock(self.opened_at, "open")

    # --- what is asked

    @property
    def route(self) -> str:
        return str(self.pack.route.value)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def counted(self) -> dict[str, Any]:
        """The answers as they count: what the desk overruled counts as the desk says."""
        return {**self.answers, **self.overruled}

    @property
    def number_field(self) -> str | None:
        return self.pack.registry.number_field if self.pack.registry else None

    def asks(self) -> list[Field]:
        few = self.pack.handoff_fields if self.route in HANDED_OVER and self.pack.handoff_fields else None
        return [
            one
            for one in self.pack.fields
            if one.name != self.number_field
            and (few is None or one.name in few)
            and (one.required or one.required_when is None or one.required_when.holds(self.counted))
        ]

    def must_have(self, one: Field) -> bool:
        return one.required or bool(one.required_when and one.required_when.holds(self.counted))

    @property
    def wants_samples(self) -> bool:
        return self.route not in ("account_manager", "self_registration")

    def missing(self) -> list[str]:
        found = [one.name for one in self.asks() if self.must_have(one) and self.answers.get(one.name) in (None, "")]
        if not self.names:
            found.append("sender_id")
        if self.wants_samples:
            found += [f"sample:{name.text}" for name in self.names if not name.samples]
        return found

    # --- papers

    def wanted(self) -> dict[str, tuple[Document, bool]]:
        """The papers these answers call for, by slot: (document, required)."""
        if self.route in HANDED_OVER:
            return {}
        found = {}
        for document in self.pack.documents:
            condition = document.required_when
            required = document.required or bool(condition and condition.holds(self.counted))
            if not required and (condition is not None or document.template):
                continue
            apart = len(document.addressees) > 1 and not document.one_for_all
            for carrier in document.addressees if apart else (None,):
                found[f"{document.code}:{carrier}" if apart else document.code] = (document, required)
        return found

    def wanted_letters(self) -> dict[str, Document]:
        return {slot: document for slot, (document, _) in self.wanted().items() if document.template}

    def shown(self, document: Document) -> str:
        """What a letter repeats, as a digest."""
        template = self.templates[document.template or ""]
        facts = dict(template.shows(self.answers))
        for name in ("address_line1", "address_line2", "city", "region", "postal_code", "country"):
            facts[name] = self.answers.get(name)
        facts["names"] = [name.text for name in self.names]
        facts["samples"] = [name.samples for name in self.names] if template.show_samples else None
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def letters_changed(self) -> bool:
        """The letters last asked for are not those that these answers call for."""
        wanted = self.wanted_letters()
        same = all(slot in self.letters and self.letters[slot].shows == self.shown(one) for slot, one in wanted.items())
        return not same or bool(self.letters.keys() - wanted.keys())

    def is_there(self, slot: str, document: Document) -> bool:
        mine = [page for page in self.pages if page.slot == slot]
        if document.template:
            letter = self.letters.get(slot)
            if letter is None or not letter.drawn or letter.shows != self.shown(document):
                return False
            there = {page.number for page in mine if page.version == letter.version and not page.refused}
            return len(there) >= letter.pages
        there = {page.number for page in mine if not page.refused}
        return bool(there) and not {page.number for page in mine if page.refused} - there

    def draw(self) -> None:
        """A drawing is asked for, of all letters that are not drawn as they must be."""
        self.asked += 1
        wanted = self.wanted_letters()
        self.letters = {slot: letter for slot, letter in self.letters.items() if slot in wanted}
        for slot, document in wanted.items():
            shows, known = self.shown(document), self.letters.get(slot)
            if known is None:
                self.letters[slot] = Sheet(1, shows)
            elif known.shows != shows:
                self.letters[slot] = Sheet(known.version + 1, shows)
        drawing = [(slot, letter.version) for slot, letter in self.letters.items() if not letter.drawn]
        self.to_draw.append((self.asked, drawing))

    # --- guards

    def goes_to_a_manager(self) -> bool:
        return self.route in ("account_manager", "template_approval") or (
            self.route == "self_registration" and not self.number_is_missing()
        )

    def number_is_missing(self) -> bool:
        return self.number_field is not None and not self.answers.get(self.number_field)

    def form_follows(self) -> bool:
        return self.route == "self_registration_then_form"

    def ready(self) -> bool:
        has_form = self.route in ("form", "recommended", "self_registration_then_form")
        waits = self.pack.paused is not None and not any(required for _, required in self.wanted().values())
        return has_form and not self.number_is_missing() and not self.missing() and not waits

    def ready_with_letters(self) -> bool:
        return self.ready() and bool(self.wanted_letters())

    def ready_with_own_papers(self) -> bool:
        return self.ready() and any(required and not one.template for one, required in self.wanted().values())

    def last_asked_for(self) -> bool:
        return self.came_back == self.asked

    def a_letter_is_to_be_drawn(self) -> bool:
        return any(
            slot not in self.letters or not self.letters[slot].drawn or self.letters[slot].shows != self.shown(one)
            for slot, one in self.wanted_letters().items()
        )

    def a_page_is_missing(self) -> bool:
        wanted = self.wanted()
        return self.a_letter_is_to_be_drawn() or not all(
            self.is_there(slot, one) for slot, (one, required) in wanted.items() if required
        )

    def every_page_is_there(self) -> bool:
        return not self.a_page_is_missing() and not self.missing() and self.pack.paused is None

    def unopened(self) -> bool:
        return self.opened_by is None

    def unopened_with_papers(self) -> bool:
        return self.unopened() and any(required for _, required in self.wanted().values())

    def one_approved_none_open(self) -> bool:
        outcomes = [name.outcome for name in self.names]
        return None not in outcomes and "approved" in outcomes

    # --- what happens

    def fire(self, trigger: str, at: datetime) -> bool:
        """Move by the first row that fits; False when none does."""
        for name, sources, dest, guard in TABLE:
            if name == trigger and self.status in sources and (not guard or getattr(self, guard)()):
                before, self.status = self.status, dest or self.status
                self.history.append((trigger, before, self.status))
                if self.status != before:
                    self._entered(at, trigger)
                return True
        return False

    def _entered(self, at: datetime, trigger: str) -> None:
        self.entered_at = at
        if self.status == "DOCUMENTS_TO_BE_RENDERED":
            self.draw()
        if self.status == "UNDER_REVIEW":
            self.opened_by = None
        if self.status in ("UNDER_REVIEW", "WITH_ACCOUNT_MANAGER"):
            self.taken_by = None
        if not self.is_open:
            self.with_a_person = False
        self._clock(at, trigger)
        if self.status in ("WITHDRAWN", "EXPIRED"):
            self.erased = trigger

    def _clock(self, at: datetime, trigger: str) -> None:
        if self.status not in WAITS_ON_CUSTOMER or self.pack.paused is not None:
            if self.started and self.ends_at is not None:
                self.left = self.ends_at - at
            self._end(None, at)
        elif trigger == "send_back" or (self.status == "DOCUMENTS_RENDERED" and not self.started):
            self.started = True
            self._end(at + MONTH, at)
        elif not self.started:
            self._end(at + MONTH, at)
        elif self.ends_at is None:
            self._end(at + (self.left or MONTH), at)

    def _end(self, end: datetime | None, at: datetime) -> None:
        self.ends_at, self.due_from, self.warned_at, self.said_at = end, at, None, None

    def heard(self, at: datetime) -> None:
        """Its customer said something: before the clock of the papers runs, the thirty days begin again."""
        if self.ends_at is not None and not self.started:
            self._end(at + MONTH, at)

    def answered(self, name: str, value: Any, at: datetime) -> None:
        changed = self.answers.get(name) != value
        self.answers[name] = value
        self.overruled.pop(name, None)
        self.drop()
        while stopped := [one.name for one in self.asks() if one.name in self.answers
                          and one.stop(self.answers, self.answers[one.name])]:  # fmt: skip
            del self.answers[stopped[0]]  # asked again: the new answer stops it
            self.drop()
        if changed:
            self.edited(at)

    def skipped(self, name: str, at: datetime) -> None:
        if self.answers.pop(name, None) is not None:
            self.drop()
            self.edited(at)

    def drop(self) -> None:
        """Answers to questions that are not asked any more go."""
        while True:
            asked = {one.name for one in self.asks()}
            gone = [
                one.name
                for one in self.pack.fields
                if one.required_when is not None and not one.required and one.name not in asked
                if one.name != self.number_field and one.name in self.answers
            ]
            if not gone:
                return
            for name in gone:
                del self.answers[name]

    def named(self, name: str) -> None:
        """A name was given: how it belongs to the company is asked again, unless that is plain."""
        if not self.is_plain(name):
            self.answers.pop("sender_id_link_plain", None)

    def is_plain(self, name: str) -> bool:
        return self.sees_plainly(name, self.pack, self.answers)

    def edited(self, at: datetime) -> None:
        if self.status not in SUBMITTED_ONCE:
            return
        changed, before = self.letters_changed(), self.status
        self.fire("edit", at)
        if changed and before == "DOCUMENTS_TO_BE_RENDERED":
            self.draw()

    def drawing_came(self, asked: int, drew: Sequence[tuple[str, int]], failed: bool, at: datetime) -> None:
        self.came_back = asked
        if self.erased or not self.fire("rendering_failed" if failed else "rendered", at):
            return
        for slot, version in () if failed else drew:
            if slot in self.letters and self.letters[slot].version == version:
                self.letters[slot].drawn, self.letters[slot].pages = True, self.pages_of.get(slot, 1)

    def put(self, file: str, slot: str, number: int, version: int | None) -> None:
        """A page lies at a paper now; of a letter's page sent twice the newer counts."""
        if version is not None:
            self.pages = [page for page in self.pages if (page.slot, page.number) != (slot, number)]
        self.pages.append(Page(file, slot, number, version))

    # --- what must be set

    def timers(self) -> set[str]:
        """The timers that must be there, and no other: so nothing waits for ever in silence."""
        found = set()
        if self.status in WAITS_ON_CUSTOMER:
            found.add("reopen" if self.pack.paused is not None else "clock")
        if self.status in (*WITH_PEOPLE, "SELF_REGISTERING"):
            found.add("nudge")
        if self.status in ("SUCCESSFUL", "FAILED"):
            found.add("erase")
        return found

    def reminders(self) -> list[datetime]:
        """When the reminders of this end are due, before they are moved into the customer's day."""
        if self.ends_at is None or self.due_from is None:
            return []
        before = BEFORE_THE_END if self.started else BEFORE_THE_END_OF_A_DRAFT
        return [self.ends_at - ahead for ahead in before if self.ends_at - ahead > self.due_from]
