"""What the house asks of a database. One interface; every store passes the same tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from conversations.model import Case, Event, Handoff, Registration, Role, Say, Staff, Status, Turn


class StorageError(Exception):
    """Base of everything the store refuses, with the setting or file to mend."""


class Busy(StorageError):
    """Another process holds this database."""


class Damaged(StorageError):
    """The database file does not pass its integrity check."""


class TooNew(StorageError):
    """The database was written by a newer version of the program."""


class DiskTrouble(StorageError):
    """The disk refused to be read or written. Nothing of that transaction is kept; it may be tried again."""


class Stale(StorageError):
    """A row changed under the transaction that had read it: somebody else writes to this database."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row, claimed for sending."""

    id: int
    chat: str
    say: Say
    asked: int  # number of the question its buttons belong to
    attempts: int  # tries before this one
    created_at: datetime
    reference: str | None = None  # of the registration it is about
    locale: str | None = None
    time_zone: str | None = None
    edits: str | None = None  # platform id of the last message of its slot in this chat, for channels that edit
    under: str | None = None  # platform id of the last message of the slot it belongs under, in this chat

    @property
    def edited_in_place(self) -> bool:
        """Whether the slot's last message may come to say this: files and what is to be noticed are sent anew."""
        return not (self.say.anew or self.say.replaces or self.say.files)


@dataclass(frozen=True, slots=True)
class Job:
    """One job row, claimed for work."""

    id: int
    name: str  # "render", "look_into", "erase_files"
    registration: int | None
    conversation: int | None
    payload: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a chat as the page and the terminal keep it."""

    id: int
    chat: str
    incoming: bool
    at: datetime
    text: str
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    asked: int = 0
    files: tuple[tuple[str, str, str], ...] = ()  # (file store key, name, media type)
    registration: int | None = None
    reference: str | None = None
    key: str = ""
    asks: bool = False
    slot: str | None = None
    progress: tuple[int, int] | None = None
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A word to the desk that waits until somebody has seen to it."""

    id: int
    key: str
    values: Mapping[str, Any]
    at: datetime
    registration: int | None
    reference: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a registration's history."""

    at: datetime
    trigger: str
    source: str
    dest: str
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stays of a registration that was deleted."""

    reference: str
    country: str
    status: str
    opened_at: datetime
    closed_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An event whose turn failed by a bug of ours, kept for replay."""

    id: int
    event: Event
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    code: str
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A registration with what the desk shows beside it."""

    registration: Registration
    chat: str
    owner: str
    history: tuple[Line, ...] = ()
    handoffs: tuple[Handoff, ...] = ()

    @property
    def open_handoffs(self) -> tuple[Handoff, ...]:
        """Those nobody has closed yet."""
        return tuple(one for one in self.handoffs if one.closed_at is None)


@dataclass(slots=True)
class Health:
    waiting_messages: int = 0
    waiting_jobs: int = 0
    failed_events: int = 0
    due_timers: int = 0
    oldest_waiting: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)  # status -> registrations
    jobs: dict[str, int] = field(default_factory=dict)  # name -> those waiting, with those in hand


class Batch(Protocol):
    """One transaction's worth of turns."""

    @property
    def unseen(self) -> Iterator[Event]:
        """The events not taken before, in the order given: each is to be kept or failed before the next is asked for.

        Walk it once, by `for`. At its end everything is written as sets; when a constraint refuses that, the same
        events come once more, each written alone. An event whose timer was moved, or whose registration was erased, by
        an earlier event of the batch drops out. A staff member's command that names a reference (`open TH-4K7Q`)
        comes with `registration` set to it.
        """
        ...

    def case(self, event: Event) -> Case:
        """The case the event acts on, unpacked afresh: the caller owns it."""
        ...

    def keep(self, event: Event, turn: Turn) -> None:
        """Put the turn's case back and write down its effects."""
        ...

    def fail(self, event: Event, error: Exception) -> None:
        """Keep the event for replay, settle its timer or job, apologise to the customer, tell the operator."""
        ...


def job_event_id(job: int) -> str:
    """The id of a job's result event: one for each row, so two workers of an expired lease tell one result."""
    return f"job:{job}"


def timer_event_id(timer: int, due_at: int) -> str:
    """The id of a due timer's event; `due_at` in microseconds since 1970, so a timer moved since is another event."""
    return f"timer:{timer}:{due_at}"


class Store(Protocol):
    """Everything below `batch` and `transaction` runs on the writer's thread; `reader` calls may come from any."""

    # the turn
    def batch(self, events: Sequence[Event]) -> AbstractContextManager[Batch]: ...
    def transaction(self) -> AbstractContextManager[None]:
        """What is done inside shares one commit; `batch` and the calls below join it."""
        ...

    # sending
    def claim(self, channel: str, now: datetime, limit: int, lease: float) -> list[Outgoing]:
        """The oldest unsent message of each chat of that channel ("web", "console" ...), leased for `lease` seconds."""
        ...

    def sent(self, outbox: int, now: datetime, order: int | None, message: str | None) -> None: ...
    def retry(self, outbox: int, at: datetime) -> None: ...
    def give_up(self, outbox: int, now: datetime, why: str) -> None: ...
    def move_chat(self, old: str, new: str) -> None:
        """The platform gave a chat a new name: its conversation, and the settings that name it, follow."""
        ...

    def deliver(self, outgoing: Outgoing, entry: Entry, now: datetime) -> Entry:
        """Page and terminal: store in the history what was rendered, once for each outbox row; that is its delivery."""
        ...

    # work
    def claim_jobs(
        self, now: datetime, limit: int, lease: float, *, busy: Collection[int] = (), without: str = ""
    ) -> list[Job]:
        """Due jobs, the chats taking turns. None of the chats in `busy` (conversations), none called `without`."""
        ...

    def retry_job(self, job: int, at: datetime) -> None: ...
    def finish_job(self, job: int) -> None:
        """For jobs without a result event. Others are settled by their event's turn."""
        ...

    def due(self, now: datetime, limit: int) -> list[Event]:
        """Due timers as events. They are settled by their own turn."""
        ...

    def next_due(self, after: datetime | None = None) -> datetime | None:
        """When the next timer, message or job is due; with `after` the next one later than that."""
        ...

    def wake(self, timer: str, countries: Collection[str], statuses: Collection[Status], at: datetime) -> int:
        """Set the timer of that name for all registrations there in one of these statuses. How many they are."""
        ...

    def last_written(self) -> datetime | None:
        """The time of the newest message, None when there is none to go by or `tick` has played with the time."""
        ...

    def end_tick(self, now: datetime) -> None:
        """What the last `tick` put off to a time that is not yet come is due now: it was to wait a moment, not days."""
        ...

    def set_back(self, by: timedelta) -> None:
        """The clock went back by that: what was put off waits no longer for it; every timer is due, to look anew."""
        ...

    # reading, from any thread
    def snapshot(self, chat: str) -> Case | None:
        """The case of a chat as it is committed now, to look at; None before its first event."""
        ...

    def history(self, chat: str, after: int = 0, limit: int = 200) -> list[Entry]:
        """The newest `limit` lines of a chat with an id above `after`, oldest first."""
        ...

    def found(self, reference: str) -> Found | None: ...
    def registrations(self) -> list[Found]:
        """All that exist, oldest first, without their histories."""
        ...

    def countries(self) -> set[str]:
        """Those of all registrations that exist."""
        ...

    def receipt(self, reference: str) -> Receipt | None: ...
    def receipts(self) -> list[Receipt]: ...
    def seen(self, event: str) -> bool:
        """Whether the event of that id was taken."""
        ...

    def deleted(self, registrations: Iterable[int]) -> set[int]:
        """Those of the numbers whose registration is gone: not those this store never drew."""
        ...

    def refers_to(self, key: str) -> bool:
        """Whether a job or a failed event still speaks of the file of that key."""
        ...

    def cards(self) -> list[Card]: ...
    def handoffs(self) -> list[tuple[Handoff, str]]:
        """Open handoffs without a registration, each with its chat."""
        ...

    def staff_of(self, principal: str) -> Staff | None: ...
    def staff(self) -> list[tuple[Staff, datetime]]:
        """Bound staff, each with the time it was bound."""
        ...

    def failures(self) -> list[Failure]: ...
    def health(self, now: datetime) -> Health: ...
    def settings(self) -> dict[str, str]: ...

    # the operator's writes, on the writer's thread
    def invite(self, role: Role, now: datetime) -> Invitation: ...
    def revoke(self, name: str) -> bool: ...
    def see_to(self, card: int, by: str, now: datetime) -> bool: ...
    def put_setting(self, name: str, value: str | None) -> None: ...
    def let_go(self, drop: bool, now: datetime) -> int | None:
        """End the hold of a restore: how many messages it held, None without one.

        They go now; with `drop` those of the backup never do: their readers had them before.
        """
        ...

    def unfail(self, failure: int) -> Event | None:
        """Take a failed event out, to be given to the writer again under its own id."""
        ...

    def backup(self, path: str) -> None: ...
    def close(self) -> None: ...
