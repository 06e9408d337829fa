"""A small `advance` for the stores' tests, and events to give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from conversations.model import (
    Case,
    Company,
    Erase,
    Event,
    Given,
    Kind,
    Note,
    Registration,
    Remind,
    Say,
    Status,
    Step,
    Turn,
)
from storage.store import Store

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
THIRTY_DAYS = timedelta(days=30)
_numbers = count(1)

Advance = Callable[[Case, Event], Turn]


def typed(text: str, chat: str = "web:anna", id: str | None = None, **more: Any) -> Event:
    number = next(_numbers)
    return Event(
        id=id or f"test:{number}", kind=Kind.TEXT, at=NOW, chat=chat, principal=chat, text=text,
        order=number, message=f"m{number}", **more,
    )  # fmt: skip


def desk(registration: int, name: str, **more: Any) -> Event:
    return Event(f"desk:{next(_numbers)}", Kind.DESK, NOW, registration=registration, name=name, **more)


def opened(case: Case, event: Event, country: str = "TH") -> Registration:
    """A new registration for the chat, as the dialogue makes one."""
    chat = case.conversation
    if case.company is None:
        case.company = Company(case.fresh.company_id(), event.principal or "")
        chat.company_id = case.company.id
    registration = Registration(
        case.fresh.registration_id(), case.fresh.reference(country), case.company.id, chat.id, country, "form",
        opened_at=event.at, ends_at=event.at + THIRTY_DAYS,
    )  # fmt: skip
    case.registrations[registration.id] = registration
    chat.on, chat.state = registration.id, Step.ASKING
    return registration


def advance(case: Case, event: Event) -> Turn:
    """Every text is an answer to the next field; some words do what the tests need."""
    chat, text = case.conversation, event.text
    if event.kind is Kind.DESK and event.name == "erase":
        assert event.registration is not None
        gone = case.registrations[event.registration]
        gone.status = Status.WITHDRAWN
        bye = Say("withdrawn", {"reference": gone.reference}, registration=gone.id, last=True)
        return Turn(case, [Erase(gone.id, "withdrawn"), bye])
    if text == "bug":
        raise ValueError("CANARY of a value")
    if text == "hello":
        return Turn(case, [Say("greeting")])
    registration = case.on or opened(case, event)
    if text == "refused":  # by a constraint: there is no such registration
        return Turn(case, [Say("lost"), Note(999_999, event.at, "x", "a", "b", "c")])
    field = f"field_{len(registration.answers)}"
    registration.answers[field] = text
    chat.asked += 1
    chat.given.append(Given(event.message or "", registration.id, field))
    return Turn(
        case,
        [
            Say("noted", {"answer": text}),
            Say("ask_field", {"field": field}, asks=True),
            Remind(registration.id, "end", registration.ends_at or event.at),
            Note(registration.id, event.at, "answer", "DRAFT", "DRAFT", "customer", text),
        ],
    )


def take(store: Store, *events: Event, by: Advance = advance) -> list[Event]:
    """Take the events as the App does; returns those that were handed out, in order."""
    handed_out = []
    with store.batch(events) as batch:
        for event in batch.unseen:
            handed_out.append(event)
            try:
                turn = by(batch.case(event), event)
            except Exception as error:
                batch.fail(event, error)
            else:
                batch.keep(event, turn)
    return handed_out


def doing(*effects: Any, change: Callable[[Case], None] | None = None) -> Advance:
    """An advance that does just this."""

    def advance(case: Case, event: Event) -> Turn:
        if change is not None:
            change(case)
        return Turn(case, list(effects))

    return advance


def answers(store: Store, chat: str = "web:anna") -> list[str]:
    """The answers of the registration the chat is on."""
    case = store.snapshot(chat)
    return list(case.on.answers.values()) if case is not None and case.on is not None else []


def registration_of(store: Store, chat: str = "web:anna") -> Registration:
    case = store.snapshot(chat)
    assert case is not None and case.on is not None
    return case.on


def sends(store: Store, channel: str = "web", now: datetime = NOW, order: int = 0) -> list[str]:
    """Send all that can be sent, until nothing can; returns the keys in the order they left."""
    keys: list[str] = []
    while claimed := store.claim(channel, now, 50, 60):
        for outgoing in claimed:
            keys.append(outgoing.say.key)
            store.sent(outgoing.id, now, order + len(keys), f"p{order + len(keys)}")
    return keys


def ids(events: Iterable[Event]) -> list[str]:
    return [event.id for event in events]
