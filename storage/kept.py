"""What one turn led to, as parts and rows, complete before anything of it counts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from conversations.model import (
    Bind,
    Case,
    Configure,
    Conversation,
    Cursor,
    Discard,
    DrawPlan,
    Effect,
    Erase,
    Event,
    Fetch,
    Forget,
    Kind,
    Note,
    Remind,
    Render,
    Role,
    Say,
    SpendInvite,
    Staff,
    Tell,
    Unlearn,
)
from storage import sets
from storage.fresh import Counters
from storage.packing import pack, to_number
from storage.parts import COMPANIES, CONVERSATIONS, HANDOFFS, REGISTRATIONS, Parts, listed
from storage.sets import Row
from storage.store import Entry, Line

_IN_HISTORY = (Kind.TEXT, Kind.PRESS, Kind.FILES)  # what a person did, as the page shows it


class Writing(Protocol):
    """What a batch needs of the open store."""

    tenant: str
    keeps_history: frozenset[str]
    counters: Counters

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor: ...
    def write_set(self, sql: str, rows: list[Row]) -> int: ...
    def transaction(self) -> AbstractContextManager[None]: ...
    def merged_settings(self) -> dict[str, str]: ...
    def scrub(self) -> None: ...


class Kept:
    """One event's rows. `rows` and `timers` are to be written, `acts` change the maps: once all of it was packed."""

    def __init__(self, writing: Writing, parts: Parts, event: Event, case: Case | None = None) -> None:
        self.rows: list[tuple[str, Row]] = []
        self.timers: dict[tuple[int, str], int | None] = {}  # None: taken back
        self.acts: list[Callable[[], object]] = []
        self._writing = writing
        self._tenant = writing.tenant
        self._parts = parts
        self._event = event
        self._at = to_number(event.at)
        self._case = case
        self._erased: set[int] = set()
        self._live: set[int] = set()  # registrations of the case after the turn
        self._about: int | None = None  # the registration it is about, where an effect does not say

    def add(self, sql: str, *row: Any) -> None:
        self.rows.append((sql, (self._tenant, *row)))

    def case(self, case: Case, effects: Sequence[Effect], was_on: int | None) -> None:
        """The case as the turn left it; `was_on`: the registration its chat was on before."""
        self._erased.update(effect.registration for effect in effects if isinstance(effect, Erase))
        conversations = [case.conversation] if case.home is None else [case.conversation, case.home]
        for conversation in conversations:
            for number in self._erased:
                _forget_in(conversation, number, case)
        now_on = case.conversation.on
        if case.company is not None:
            self._put(COMPANIES, case.company)
        for table, values in (
            (CONVERSATIONS, conversations),
            (REGISTRATIONS, case.registrations.values()),
            (HANDOFFS, case.handoffs.values()),
        ):
            for value in values:
                self._put(table, value)
        if now_on is not None and was_on is None:
            self.rows.extend((sql, (now_on, case.conversation.id)) for sql in sets.TAGS)
        self._live = set(case.registrations) - self._erased
        self._about = self._event.registration if self._event.registration is not None else now_on
        self._entry(case.conversation.id, was_on)

    def effect(self, effect: Effect, case: Case) -> None:
        match effect:
            case Say():
                self.say(effect, effect.to if effect.to is not None else case.conversation.id)
            case Remind():
                self.timers[effect.registration, effect.name] = to_number(effect.at)
            case Forget():
                self.timers[effect.registration, effect.name] = None
            case Render():
                payload = {"asked": effect.asked, "letters": list(effect.letters)}
                self._work("render", effect.registration, case.conversation.id, payload)
            case Fetch():
                payload = {"uploads": [list(upload) for upload in effect.uploads]}
                if effect.letters:
                    payload["letters"] = list(effect.letters)
                if effect.company:
                    payload["company"] = effect.company
                self._work("look_into", effect.registration, effect.conversation, payload)
            case Bind():
                payload = {name: getattr(effect, name) for name in ("slot", "version", "scans", "paper", "max_bytes")}
                self._work("bind_scans", effect.registration, case.conversation.id, payload)
            case Tell():
                self.add(sets.TELL, self._tag(effect.registration), pack(effect), self._at)
            case Note():
                line = Line(effect.at, effect.trigger, effect.source, effect.dest, effect.by, effect.text)
                self.add(sets.NOTE, effect.registration, pack(line))
            case Configure():
                self.add(sets.CONFIGURE, effect.name, effect.value)
            case DrawPlan():
                self._work("draw_plan", None, effect.conversation, {"plan": effect.facts})
            case Unlearn():
                for sql in sets.UNLEARN:
                    self.add(sql, effect.conversation, listed(effect.keys))
            case Discard():
                self._work("erase_files", None, None, {"files": list(effect.files)})
            case Erase():
                self._erase(effect, case)

    def say(self, say: Say, conversation: int) -> None:
        """A message for the chat. Nobody is told more about what is erased than its closing message."""
        registration = say.registration if say.registration is not None else self._about
        if say.registration in self._erased and not say.last:
            return
        chat, asked = self._parts.chat_of(conversation)
        tag = self._tag(registration)
        ends_at = None
        if self._case is not None:
            for present in (self._case.conversation, self._case.home):
                if present is not None and present.id == conversation:
                    asked = present.asked
            warned = self._case.registrations.get(tag) if say.reminder and tag is not None else None
            ends_at = to_number(warned.ends_at) if warned is not None and warned.ends_at is not None else None
        about = (conversation, channel(chat), tag, asked)
        self.add(sets.SAY, *about, say.asks, say.slot, say.anew, say.reminder, say.last, ends_at, pack(say), self._at)
        if say.asks:
            self.acts.append(lambda: self._parts.ask(conversation, asked))

    def bind(self, effect: SpendInvite, role: Role, taken_names: set[str]) -> None:
        """The principal becomes staff by an invitation for that role."""
        name = _free_name(effect.person, taken_names)
        staff = Staff(self._writing.counters.next("staff"), name, role, effect.principal)
        if self._parts.staff_of(effect.principal) is not None:
            self.add(sets.UNBIND, effect.principal)
        self.add(sets.BIND, staff.id, name, role.value, staff.principal, self._at)
        self.rows.append((sets.SPEND, (self._at, self._tenant, effect.code.upper())))
        self.acts.append(lambda: self._parts.bind(staff))

    def _put(self, table: Any, value: Any) -> None:
        packed = pack(value)
        self.acts.append(lambda: self._parts.put(table, value, packed))

    def _tag(self, registration: int | None) -> int | None:
        """The registration a row dies with: only one that exists after the turn."""
        if registration in self._erased:
            return None
        return registration if registration in self._live or self._parts.has_registration(registration) else None

    def _entry(self, conversation: int, was_on: int | None) -> None:
        event = self._event
        if event.chat is None or event.kind not in _IN_HISTORY:
            return
        if channel(event.chat) not in self._writing.keeps_history:
            return
        # What was typed answers the registration the chat was on, and not the one it went on to.
        registration, is_known = self._tag(was_on) or self._tag(self._about), True
        if event.kind is Kind.FILES:
            registration = self._tag(self._received(event))
        if event.kind is Kind.PRESS and event.asked is not None:
            registration, is_known = self._asked_about(conversation, event.asked)
        entry = Entry(
            id=0,
            chat=event.chat,
            incoming=True,
            at=event.at,
            text=event.text if event.kind is not Kind.PRESS else (event.choice or "") if is_known else "",
            asked=event.asked or 0,
            files=tuple((file.ref.removeprefix("stored:"), file.name, file.media_type) for file in event.files),
            registration=registration,
        )
        self.add(sets.ENTER, conversation, registration, pack(entry))

    def _received(self, event: Event) -> int | None:
        """The registration the files went to: not always the one the chat is on, and none while they wait for one."""
        if self._case is None:
            return self._about
        refs = {file.ref for file in event.files}
        for registration in self._case.registrations.values():
            if any(upload.ref in refs for upload in registration.uploads):
                return registration.id
        waits = any(upload.ref in refs for upload in self._case.conversation.early)
        return None if waits else self._about

    def _asked_about(self, conversation: int, asked: int) -> tuple[int | None, bool]:
        """The registration that question was about; and False when it is not there: then it died with what it asked.

        A button may hold an answer, and is pressed when the chat is on another registration, or on none.
        """
        sql = (
            "select registration_id from outbox where conversation_id = ? and asked = ?"
            " order by registration_id is null, id desc limit 1"
        )
        found = self._writing.execute(sql, (conversation, asked)).fetchone()
        return (self._tag(found[0] if found[0] is not None else self._about), True) if found else (None, False)

    def _work(self, name: str, registration: int | None, conversation: int | None, payload: dict[str, Any]) -> None:
        self.add(sets.WORK, name, registration, conversation, pack(payload), self._at)

    def _erase(self, effect: Erase, case: Case) -> None:
        number = effect.registration
        gone = case.registrations.get(number) or self._parts.registration(number)
        opened_at = to_number(gone.opened_at) if gone.opened_at is not None else self._at
        closed_at = to_number(gone.closed_at) if gone.closed_at is not None else self._at
        self.add(sets.RECEIPT, gone.reference, gone.country, gone.status.value, opened_at, closed_at, effect.why)
        self._work("erase_files", None, None, {"prefix": f"r{number}"})
        self.rows.extend((sql, (number,)) for sql in sets.ERASE)
        self.acts.append(lambda: self._parts.erase(number))


def channel(chat: str) -> str:
    """ "web" of "web:3f..."."""
    return chat.split(":", 1)[0]


def _forget_in(conversation: Conversation, registration: int, case: Case) -> None:
    """What a chat holds of a registration that is erased."""
    gone = case.registrations.get(registration)
    uploads = {upload.id for upload in gone.uploads} if gone is not None else set()
    conversation.early = [upload for upload in conversation.early if upload.id not in uploads]
    conversation.given = [given for given in conversation.given if given.registration != registration]
    if conversation.on == registration:
        conversation.on = None
        conversation.cursor = Cursor()


def _free_name(person: str, taken: set[str]) -> str:
    """`anna-berg`, or `anna-berg-2` when there is or was one: names stand in histories, so none is given twice."""
    wanted = name = "-".join(re.findall(r"\w+", person.lower())) or "staff"
    number = 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
