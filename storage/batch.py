"""One transaction's worth of turns: what came in, the cases it acts on, and everything the turns led to."""

from __future__ import annotations

import re
import sqlite3
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conversations.desk.actions import command
from conversations.model import Case, Conversation, Event, Kind, Role, Say, SpendInvite, Tell, Turn
from storage import sets
from storage.kept import Kept, Writing
from storage.packing import pack, to_number
from storage.parts import CONVERSATIONS, IN, Parts, listed
from storage.sets import Row

_REFERENCE = re.compile(r"\b[A-Z]{2}-[0-9A-Z]{4}\b")
_INVITATION = re.compile(r"\bDESK-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
_QUESTION = re.compile(r"\bQUESTION ([0-9]{1,15})\b")
_TIMER = re.compile(r"timer:([0-9]+):(-?[0-9]+)")  # see store.timer_event_id
_JOB = re.compile(r"job:([0-9]+)\b")  # see store.job_event_id


@dataclass(frozen=True, slots=True)
class _Invited:
    role: Role
    expires_at: int


class SqliteBatch:
    """The Batch of storage.store.

    Events of one batch build on one another: each case is unpacked from the maps, which hold what the turns before it
    left. So a turn can't be written without those before it, and when a set is refused nothing of the batch stands:
    the maps are read anew and `unseen` hands out the same events again, each written in its own savepoint before the
    next is taken. The one refused then is kept as failed, and those after it are turns on a case that never saw it.
    """

    def __init__(self, writing: Writing, events: Iterable[Event]) -> None:
        self._writing = writing
        self._tenant = writing.tenant
        self._settings = writing.merged_settings()
        first: dict[str, Event] = {}
        for event in events:
            first.setdefault(event.id, event)
        sql = f"select event from inbox where tenant = ? and event {IN}"
        for (seen,) in writing.execute(sql, (self._tenant, listed(first))).fetchall() if first else ():
            del first[seen]
        self._events = list(first.values())
        self._read()

    # --- what comes in

    @property
    def unseen(self) -> Iterator[Event]:
        yield from self._acting()
        try:
            self._write()
        except sets.REFUSED:
            self._read()
            for event in self._acting():
                self._write()  # of those that dropped out
                yield event
                self._write_alone(event)
            self._write()

    def close(self) -> None:
        """Write what was kept by a caller that did not walk `unseen` to its end: what is refused then has failed."""
        try:
            self._write()
        except sets.REFUSED as error:
            self._read()
            for event in self._acting():
                self.fail(event, error)
            self._write()

    def case(self, event: Event) -> Case:
        conversation, registration = self._acts_on(event)
        if conversation is None:
            raise LookupError(f"event {event.id} acts on nothing")
        case = self._parts.case(
            conversation,
            registration,
            event.principal,
            self._writing.counters,
            self._settings,
            self._invited(event),
            self._chats.get(self._settings.get("desk_chat", "")),
            self._writing.keeps_history,
        )
        self._was_on[conversation] = case.conversation.on
        return case

    def _read(self) -> None:
        """Everything the events act on, from the database: conversations, then companies, each in id order."""
        self._parts = parts = Parts(self._writing.execute, self._tenant)
        self._sets: dict[str, list[Row]] = {}
        self._timers: dict[tuple[int, str], int | None] = {}  # set or taken back, to be written
        self._moved: set[tuple[int | None, str]] = set()  # set or taken back since `_read`
        self._was_on: dict[int, int | None] = {}
        chats = {e.chat for e in self._events if e.chat is not None}
        if desk := self._settings.get("desk_chat"):
            chats.add(desk)
        self._chats = parts.load_chats(chats) if chats else {}
        for chat in sorted(chats - self._chats.keys()):
            number = self._writing.counters.next("conversation")
            conversation = Conversation(number, chat)
            parts.put(CONVERSATIONS, conversation, pack(conversation))
            self._chats[chat] = number
        texts = [e.text.upper() for e in self._events if e.text and e.kind is not Kind.PRESS]
        commands = [_command(e).upper() for e in self._events]
        self._references = self._load_references({word for text in commands for word in _REFERENCE.findall(text)})
        self._questions = self._load_questions({number for text in commands for number in _QUESTION.findall(text)})
        self._invitations = self._load_invitations({word for text in texts for word in _INVITATION.findall(text)})
        named = {e.registration for e in self._events if e.registration is not None} | set(self._references.values())
        companies, homes = set(), {e.conversation for e in self._events if e.conversation is not None}
        homes.update(self._questions.values())
        if named:
            sql = f"select company_id, conversation_id from registrations where id {IN}"
            for company, home in self._writing.execute(sql, (listed(named),)):
                companies.add(company)
                homes.add(home)
        parts.load(homes, companies, {e.principal for e in self._events if e.principal is not None})
        timers = {timer for e in self._events if (timer := _timer(e)) is not None}
        sql = f"select id, due_at from timers where id {IN}"
        self._due = set(self._writing.execute(sql, (listed(one for one, _ in timers),))) if timers else set()

    def _load_references(self, references: set[str]) -> dict[str, int]:
        if not references:
            return {}
        sql = f"select reference, id from registrations where tenant = ? and reference {IN}"
        return dict(self._writing.execute(sql, (self._tenant, listed(references))))

    def _load_questions(self, numbers: set[str]) -> dict[str, int]:
        """The conversations of open handoffs without a registration, by the number on their cards."""
        if not numbers:
            return {}
        sql = f"select id, conversation_id from handoffs where tenant = ? and registration_id is null and id {IN}"
        rows = self._writing.execute(sql, (self._tenant, listed(int(number) for number in numbers)))
        return {str(number): conversation for number, conversation in rows}

    def _load_invitations(self, codes: set[str]) -> dict[str, _Invited]:
        if not codes:
            return {}
        sql = f"select code, role, expires_at from invitations where tenant = ? and spent_at is null and code {IN}"
        rows = self._writing.execute(sql, (self._tenant, listed(codes)))
        return {code: _Invited(Role(role), expires_at) for code, role, expires_at in rows}

    def _acting(self) -> Iterator[Event]:
        """The events that still act on something; the others are noted as seen, and what set them off is settled."""
        for event in self._events:
            event = self._with_reference(event)
            if self._is_stale(event) or self._acts_on(event)[0] is None:
                self._settle(event)
            else:
                yield event

    def _with_reference(self, event: Event) -> Event:
        """A staff member's command acts on the registration it names; any other text of theirs on their own chat."""
        text = _command(event)
        names_one = event.registration is None and (self._references or self._questions)
        if not text or not names_one or self._parts.staff_of(event.principal) is None:
            return event
        if (said := command(text)) is not None:
            # The one it is about, never another that its reasons speak of.
            if (registration := self._references.get(said[0])) is not None:
                return replace(event, registration=registration)
        elif event.kind is Kind.DESK and (question := _QUESTION.search(text.upper())):
            return replace(event, chat=None, conversation=self._questions.get(question[1]))
        return event

    def _is_stale(self, event: Event) -> bool:
        timer = _timer(event)
        return timer is not None and (timer not in self._due or (event.registration, event.name) in self._moved)

    def _acts_on(self, event: Event) -> tuple[int | None, int | None]:
        """The conversation and the registration of an event; no conversation: what it was about is gone."""
        named = event.registration
        registration = named if self._parts.has_registration(named) else None
        if event.chat is not None:
            return self._chats[event.chat], registration
        if registration is not None:
            return self._parts.home_of(registration), registration
        if named is None and self._parts.has_conversation(event.conversation):
            return event.conversation, None
        return None, None

    def _invited(self, event: Event) -> Role | None:
        if self._invitations and event.kind is not Kind.PRESS:
            for code in _INVITATION.findall(event.text.upper()):
                invited = self._invitations.get(code)
                if invited is not None and to_number(event.at) < invited.expires_at:
                    return invited.role
        return None

    # --- what goes out

    def keep(self, event: Event, turn: Turn) -> None:
        kept = Kept(self._writing, self._parts, event, turn.case)
        try:
            kept.case(turn.case, turn.effects, self._was_on.get(turn.case.conversation.id))
            for effect in turn.effects:
                if isinstance(effect, SpendInvite):
                    self._bind(kept, effect)
                else:
                    kept.effect(effect, turn.case)
        except sqlite3.Error:
            raise
        except Exception as error:
            self.fail(event, error)
            return
        self._take(kept)
        self._settle(event)

    def fail(self, event: Event, error: Exception) -> None:
        conversation, registration = self._acts_on(event)
        if registration is None and conversation is not None:
            on = self._was_on.get(conversation)
            registration = on if self._parts.has_registration(on) else None
        kept = Kept(self._writing, self._parts, event)
        try:
            packed = pack(event)
        except TypeError:  # that was the error
            packed = pack(replace(event, result={}))
        kept.add(sets.FAIL, event.id, conversation, registration, packed, _told(error), to_number(event.at))
        card = Tell("turn_failed", registration, {"event": event.id, "error": type(error).__name__})
        kept.add(sets.TELL, registration, pack(card), to_number(event.at))
        # Whoever wrote or waits for a job's result is told; a timer that failed is no news to anybody.
        if conversation is not None and (event.kind is Kind.JOB or event.chat is not None):
            kept.say(Say("apology"), conversation)
        self._take(kept)
        self._settle(event)

    def _take(self, kept: Kept) -> None:
        for sql, row in kept.rows:
            self._sets.setdefault(sql, []).append(row)
        self._timers.update(kept.timers)
        self._moved.update(kept.timers)
        for act in kept.acts:
            act()

    def _settle(self, event: Event) -> None:
        """Note the event as seen, and be done with the timer or job that set it off."""
        self._sets.setdefault(sets.SEE, []).append((self._tenant, event.id))
        if timer := _timer(event):
            self._sets.setdefault(sets.SETTLE_TIMER, []).append(timer)
        elif event.kind is Kind.JOB and (job := _JOB.match(event.id)):
            self._sets.setdefault(sets.SETTLE_JOB, []).append((int(job[1]),))

    def _bind(self, kept: Kept, effect: SpendInvite) -> None:
        code = effect.code.upper()
        rows = self._writing.execute("select name from staff where tenant = ?", (self._tenant,))
        names = {name for (name,) in rows} | {row[2] for row in self._sets.get(sets.BIND, ())}
        kept.bind(effect, self._invitations[code].role, names)
        kept.acts.append(lambda: self._invitations.pop(code, None))

    # --- writing

    def _write_alone(self, event: Event) -> None:
        """Write the one turn; when it is refused, keep its event as failed instead."""
        try:
            self._write()
        except sets.REFUSED as error:
            self._read()
            self.fail(event, error)
            self._write()

    def _write(self) -> None:
        """Each changed row once, and the rest as sets, all or nothing. Raises one of sets.REFUSED."""
        if not self._sets and not self._timers and not self._parts.changed:
            return
        for key, due_at in self._timers.items():
            if due_at is None:
                self._sets.setdefault(sets.FORGET_TIMER, []).append(key)
            else:
                self._sets.setdefault(sets.SET_TIMER, []).append((self._tenant, *key, due_at))
        try:
            with self._writing.transaction():
                self._parts.write(self._writing.write_set)
                for name, last in self._writing.counters.take_moved().items():
                    self._sets.setdefault(sets.COUNT, []).append((self._tenant, name, last))
                for sql in sets.ORDER:
                    if sql in self._sets:
                        self._writing.write_set(sql, self._sets[sql])
        except sets.REFUSED:
            self._writing.counters.mark_moved()
            raise
        if sets.ERASE[0] in self._sets or sets.UNLEARN[0] in self._sets:
            self._writing.scrub()
        self._sets = {}
        self._timers = {}


def _command(event: Event) -> str:
    """What may be a staff member's command: typed, or on a button."""
    if event.kind is Kind.PRESS:
        return event.choice or ""
    return event.text if event.kind in (Kind.TEXT, Kind.DESK) else ""


def _timer(event: Event) -> tuple[int, int] | None:
    """Row and due time of the timer that set the event off."""
    timer = _TIMER.fullmatch(event.id) if event.kind is Kind.TIMER else None
    return (int(timer[1]), int(timer[2])) if timer else None


def _told(error: BaseException) -> str:
    """The kinds of an error and its causes with the places they passed, never a value."""
    lines = []
    told: BaseException | None = error
    while told is not None:
        lines.append(type(told).__name__)
        for frame in traceback.extract_tb(told.__traceback__):
            lines.append(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
        told = told.__cause__ or told.__context__
    return "\n".join(lines)
