"""A look at a chat from outside: where it is, what it is on, what is still to do. For the page, the terminal, JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations.edition import pack_of
from conversations.interview.several import plan_of
from conversations.model import CLOSED, Case, Registration, Step
from conversations.papers.wanted import papers
from rules.book import Book


@dataclass(frozen=True, slots=True)
class Line:
    """One paper of the checklist. `wanted` 0: as many pages as the paper has."""

    slot: str
    title: str
    done: bool
    required: bool
    wanted: int
    there: int


@dataclass(frozen=True, slots=True)
class Summary:
    step: str  # lower-case name of a FLOW state
    field: str | None
    registration: str | None  # reference
    status: str | None
    country: str | None
    progress: tuple[int, int] | None  # questions done, of all
    checklist: tuple[Line, ...]
    ends_at: datetime | None
    sender_ids: tuple[tuple[str, str | None, str], ...]  # name, outcome, reason
    others: tuple[tuple[str, str, str], ...]  # reference, country, status
    asked: int  # number of the present question
    paused: bool = False  # its country takes no new registrations now, and it is not filed yet


def summary(case: Case, book: Book) -> Summary:
    """What the chat of this case shows beside its messages."""
    chat, on = case.conversation, case.on
    others = tuple(
        (one.reference, one.country, one.status.value)
        for one in sorted(case.registrations.values(), key=lambda one: (one.status in CLOSED, one.id))
        if one is not on
    )
    if on is None:
        return Summary(chat.state.value, None, None, None, None, None, (), None, (), others, chat.asked)
    asked = plan_of(on, case.registrations.values(), lambda one: pack_of(one, book))
    return Summary(
        chat.state.value,
        chat.cursor.field if chat.state is Step.ASKING else _number(chat.state, on, book),
        on.reference,
        on.status.value,
        on.country,
        (asked.done, asked.total),
        checklist(on, book),
        on.ends_at,
        tuple((name.text, name.outcome.value if name.outcome else None, name.reason) for name in on.sender_ids),
        others,
        chat.asked,
        on.preparing,
    )


def _number(state: Step, registration: Registration, book: Book) -> str | None:
    registry = pack_of(registration, book).registry
    return registry.number_field if state is Step.REGISTRY and registry else None


def checklist(registration: Registration, book: Book) -> tuple[Line, ...]:
    found = papers(registration, pack_of(registration, book), book.templates)
    return tuple(
        Line(item.slot.key, item.slot.title, item.done, item.slot.required, item.pages, len(item.there))
        for item in found.items
    )
