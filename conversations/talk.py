"""One event being dealt with: the case at hand, what was said so far, and the two machines' moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from conversations import deadlines, edition, flow, lifecycle
from conversations.interview.plan import Plan
from conversations.interview.several import plan_of
from conversations.model import (
    CLOSED,
    Attachment,
    Case,
    Choice,
    Company,
    Conversation,
    Country,
    Effect,
    Erase,
    Event,
    Fetch,
    Forget,
    Handoff,
    Note,
    Registration,
    Remind,
    Render,
    Say,
    Status,
    Step,
    Tell,
    Text,
    Turn,
    Unlearn,
    Upload,
    Value,
)
from conversations.papers.wanted import Papers, awaited, letter_facts, papers, renew
from rules.book import Book
from rules.schema import Field, Pack, Route

BACK_TO_THE_CUSTOMER = ("take_back", "hand_back")
SHOWS_PROFILE = ("ask_profile", "my_details")  # the messages that show what is kept of a company
CUSTOMER = "customer"  # `by` of a history line, where the person's principal would say no more


class Talk:
    """Holds what a handler needs and gathers what it leads to. Lives for one event."""

    def __init__(self, case: Case, event: Event, book: Book) -> None:
        self.case = case
        self.event = event
        self.book = book.on(event.at.date())
        self.effects: list[Effect] = []
        self.answer: Text | None = None
        self.chat: Conversation = case.conversation  # the chat being spoken in
        self.quiet = False  # nothing more is to be said now
        self.followed: list[tuple[Registration, Field]] = []  # taken down unasked, and not yet said
        self.looking: str | None = None  # slot where it still says that files are looked at, though they were
        self.asks_anew = False  # newer rules ask something else now: what was just said was no answer to it
        self.ask_now = False  # the chat moved on without its customer having spoken: ask what comes next
        self.ask_in: Conversation | None = None  # the same of a customer's chat that a decision at the desk moved on

    @property
    def now(self) -> datetime:
        return self.event.at

    @property
    def turn(self) -> Turn:
        return Turn(self.case, self.effects, self.answer)

    # --- what is known ----------------------------------------------------------------------------------------

    @property
    def on(self) -> Registration | None:
        """The registration the chat is on."""
        return self.case.registrations.get(self.chat.on) if self.chat.on else None

    @property
    def registration(self) -> Registration:
        """The registration the chat is on, where the step guarantees one."""
        found = self.on
        assert found is not None, f"{self.chat.state} without a registration"
        return found

    def pack(self, registration: Registration) -> Pack:
        """The rules it is led by: see edition.py."""
        return edition.pack_of(registration, self.book)

    def plan(self, registration: Registration) -> Plan:
        return plan_of(registration, self.case.registrations.values(), self.pack)

    def papers(self, registration: Registration) -> Papers:
        return papers(registration, self.pack(registration), self.book.templates)

    def zone(self, registration: Registration) -> ZoneInfo:
        """The customer's time zone: said or told by the platform, else the company's country's, else the default."""
        chat = self.chat_of(registration)
        names = (
            chat.time_zone if chat else None,
            self.case.company.time_zone if self.case.company else None,
            self.book.time_zone(str(registration.answers.get("country", ""))),
            self.case.settings.get("default_time_zone"),
            "UTC",
        )
        return deadlines.zone(*names)

    def chat_of(self, registration: Registration) -> Conversation | None:
        """The chat where the registration's customer is told, when it is part of this case."""
        for chat in (self.chat, self.case.conversation, self.case.home):
            if chat is not None and chat.id == registration.conversation_id:
                return chat
        return None

    def by_reference(self, reference: str) -> Registration | None:
        wanted = reference.strip().upper()
        return next((one for one in self.case.registrations.values() if one.reference == wanted), None)

    @property
    def retention_days(self) -> int:
        """How long what is finished is kept."""
        return int(self.case.settings.get("retention_days") or 90)

    # --- saying -----------------------------------------------------------------------------------------------

    def say(
        self,
        key: str,
        values: Mapping[str, Value] | None = None,
        *,
        choices: tuple[Choice, ...] = (),
        files: tuple[Attachment, ...] = (),
        asks: bool = False,
        slot: str | None = None,
        anew: bool = False,
        replaces: bool = False,
        wants: str = "",
        placeholder: Text | str = "",
        regarding: Text | str = "",
        progress: tuple[int, int] | None = None,
        about: Registration | None = None,
        to: int | None = None,
        reminder: bool = False,
        last: bool = False,
    ) -> None:
        about = about or self.on
        self.effects.append(
            Say(
                key,
                values or {},
                choices,
                files,
                asks=asks,
                to=to if to is not None else self.chat.id,
                registration=about.id if about else None,
                slot=slot,
                anew=anew,
                replaces=replaces,
                wants=wants,
                placeholder=placeholder,
                regarding=regarding,
                progress=progress,
                reminder=reminder,
                last=last,
            )
        )

    def tell_customer(
        self,
        registration: Registration,
        key: str,
        values: Mapping[str, Value] | None = None,
        *,
        choices: tuple[Choice, ...] = (),
        files: tuple[Attachment, ...] = (),
        slot: str | None = None,
        replaces: bool = False,
        reminder: bool = False,
        last: bool = False,
    ) -> None:
        """Say it in the customer's own chat, whoever caused it."""
        named = {"reference": registration.reference, "country": Country(registration.country), **(values or {})}
        self.say(
            key,
            named,
            choices=choices,
            files=files,
            about=registration,
            to=registration.conversation_id,
            slot=slot,
            replaces=replaces,
            reminder=reminder,
            last=last,
        )

    def tell_desk(self, key: str, registration: Registration | None = None, **values: Value) -> None:
        self.effects.append(Tell(key, registration.id if registration else None, values))

    # --- moving -----------------------------------------------------------------------------------------------

    def go(self, trigger: str, *, sure: bool = False) -> bool:
        """Move the chat by its table. A move is a new question: buttons of the former one are done."""
        here = flow.Here(self.on, self.plan, self.papers, sure)
        step = flow.leads_to(self.chat.state, trigger, here)
        if step is None:
            return False
        self.chat.state = step
        self.chat.asked += 1
        self.chat.cursor.choosing_line = False  # another question is asked now
        if trigger == "go_on":
            following = here.plan.next_field if here.plan and step is Step.ASKING else None
            self.chat.cursor.field = following.name if following else None
        return True

    def fire(
        self,
        registration: Registration,
        trigger: str,
        by: str,
        text: str = "",
        *,
        letter_changed: bool = False,
        rendering: int = 0,
    ) -> bool:
        """Move a registration by its table and see to all that follows from it; False when that is not possible now."""
        facts = lifecycle.Facts(
            registration,
            self.pack(registration),
            self.papers(registration),
            bool(self.plan(registration).missing),
            letter_changed,
            rendering,
        )
        dest = lifecycle.moves(trigger, facts)
        if dest is None:
            return False
        source, registration.status = registration.status, dest
        self.effects.append(Note(registration.id, self.now, trigger, source, dest, by, text))
        if dest is not source:
            registration.entered_at = self.now
            self._entered(registration, source, trigger)
        return True

    def _entered(self, registration: Registration, source: Status, trigger: str) -> None:
        status = registration.status
        if status is Status.DOCUMENTS_TO_BE_RENDERED:
            self.draw(registration)
        self._file(registration, trigger)
        if status is Status.UNDER_REVIEW:
            registration.opened_by = registration.taken_by = None
            registration.holder = ""
        if status is Status.WITH_ACCOUNT_MANAGER:
            registration.taken_by, registration.holder = None, ""
        if status in CLOSED:
            registration.closed_at = self.now
            self.close_handoffs(registration)
        pause = self.pack(registration).paused is not None
        registration.preparing = pause and status in lifecycle.WAITS_ON_CUSTOMER
        deadlines.entered(registration, self.now, trigger)
        self.arm(registration)
        if status in (Status.WITHDRAWN, Status.EXPIRED):
            self.erase(registration, trigger)

    def _file(self, registration: Registration, trigger: str) -> None:
        """What goes to people keeps the rules it went with; what comes back follows those of the day again."""
        if registration.status in lifecycle.WITH_PEOPLE:
            if not registration.edition:
                edition.adopt(registration, self.book)
            registration.filed = True
        elif trigger in BACK_TO_THE_CUSTOMER:
            registration.filed = False

    def draw(self, registration: Registration) -> None:
        """Ask for the letters that are not drawn, or show what has changed since."""
        pack = self.pack(registration)
        registration.letters_asked += 1
        registration.confirmed = False
        letters = renew(registration, pack, self.book.templates, self.case.fresh.letter_id)
        settings = self.case.settings
        operator = {
            "operator": settings.get("operator_name") or "",
            "operator_address": settings.get("operator_address") or "",
        }
        day = self.now.astimezone(self.zone(registration)).date().isoformat()
        paper = self.book.paper(str(registration.answers.get("country", "")))
        facts: tuple[Mapping[str, Any], ...] = tuple(
            letter_facts(letter, registration, pack, self.book.templates, operator, self.book.country_name, day, paper)
            for letter in letters
        )
        self.effects.append(Render(registration.id, registration.letters_asked, facts))

    def fetch(self, registration: Registration | None, uploads: Sequence[Upload]) -> None:
        """Get these files and have them looked into, held against every letter the company may send back."""
        files = tuple((upload.id, upload.ref, upload.name) for upload in uploads)
        company_name = str(registration.answers.get("company_name", "")) if registration else ""
        self.effects.append(
            Fetch(
                self.chat.id, registration.id if registration else None, files,
                awaited(self.case.registrations.values()), company_name,
            )
        )  # fmt: skip

    def arm(self, registration: Registration) -> None:
        """Set the registration's timers to what comes next for it, and take back those without a point."""
        zone, pack = self.zone(registration), self.pack(registration)
        registration.zone = zone.key
        due = deadlines.timers(registration, pack, zone, self.now, self.retention_days)
        if edition.may_change(registration, self.book):
            due["rules"] = edition.next_look(registration, self.book, zone, self.now)
        for name, at in due.items():
            self.effects.append(Remind(registration.id, name, at) if at else Forget(registration.id, name))

    def arm_by_new_clock(self) -> None:
        """Set timers anew where the customer's time zone is another now: the platform, an answer or a word told it."""
        for one in self.case.registrations.values():
            told_here = one.conversation_id == self.chat.id  # of those told elsewhere the zone is not known here
            if told_here and one.status not in CLOSED and one.zone != self.zone(one).key:
                self.arm(one)

    def erase(self, registration: Registration, why: str) -> None:
        """Forget the registration in this very turn: rows, files and every chat's thread of it.

        With the company's last one goes what was kept of the company.
        """
        self.effects.append(Erase(registration.id, why))
        erased = {effect.registration for effect in self.effects if isinstance(effect, Erase)}
        if self.case.company is not None and not self.case.registrations.keys() - erased:
            self.forget_profile(self.case.company)
            self.case.company.profile_asked = False
        for chat in (self.chat, self.case.conversation, self.case.home):
            if chat is not None:
                chat.given = [given for given in chat.given if given.registration != registration.id]
                if chat.on == registration.id:
                    chat.on = None
                    chat.cursor = type(chat.cursor)()
                    chat.state = Step.COUNTRY
                    chat.asked += 1

    def forget_profile(self, company: Company) -> None:
        """Delete what is kept of the company, and the messages that showed it."""
        company.profile, company.profile_since = {}, None
        chats = {self.chat.id} if self.chat.company_id == company.id else set()
        for one in self.case.registrations.values():
            one.uses_profile = False
            chats.add(one.conversation_id)
        self.effects += [Unlearn(chat, SHOWS_PROFILE) for chat in sorted(chats)]

    # --- people -----------------------------------------------------------------------------------------------

    def hand_to_a_person(self, reason: str, registration: Registration | None) -> Handoff:
        """Open a handoff, or find the one that is open already."""
        for handoff in self.case.handoffs.values():
            if handoff.closed_at is None and handoff.registration_id == (registration.id if registration else None):
                return handoff
        handoff = Handoff(
            self.case.fresh.handoff_id(), self.chat.id, registration.id if registration else None, reason, self.now,
            asked_by=self.event.principal or "",
        )  # fmt: skip
        self.case.handoffs[handoff.id] = handoff
        self.tell_desk(reason, registration)
        return handoff

    def close_handoffs(self, registration: Registration) -> None:
        for handoff in self.case.handoffs.values():
            if handoff.registration_id == registration.id and handoff.closed_at is None:
                handoff.closed_at = self.now

    def support(self) -> str:
        return self.case.settings.get("support_contact") or ""


def route_of(pack: Pack) -> Text:
    """What the country's route means, in a sentence."""
    return Text(f"route_{Route(pack.route).value}")
