"""The cases of a batch in one map a table of packed rows, and the Case made of them for one event."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from conversations.model import Case, Company, Conversation, Fresh, Handoff, Registration, Role, Staff
from storage.packing import to_number, to_time, unpack
from storage.store import Found, Stale

# A reminder delivered no longer than this before the end counts for that end, even if the end was moved afterwards.
WARNING = timedelta(hours=24)

Execute = Callable[[str, Sequence[Any]], sqlite3.Cursor]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of parts: `columns` are fields of the packed value that queries need; the `fixed` ones never change."""

    name: str
    columns: tuple[str, ...]
    fixed: frozenset[str] = frozenset()

    def values(self, value: Any) -> tuple[Any, ...]:
        """The columns of a value."""
        return tuple(_column(getattr(value, name)) for name in self.columns)

    def select(self, where: str) -> str:
        return f"select id, packed, version, {', '.join(self.columns)} from {self.name} where {where} order by id"

    def insert(self) -> str:
        names = ("packed", "version", *self.columns, "id", "tenant")
        return f"insert into {self.name} ({', '.join(names)}) values ({', '.join('?' * len(names))})"

    def update(self) -> str:
        # A column that is set is a change to its index and its foreign key, even if it stays what it was.
        columns = "".join(f", {name} = ?" for name in self.columns if name not in self.fixed)
        return f"update {self.name} set packed = ?, version = ?{columns} where id = ? and version = ?"

    def moving(self, columns: tuple[Any, ...]) -> tuple[Any, ...]:
        """Those of a row's columns that an update sets."""
        return tuple(value for name, value in zip(self.columns, columns, strict=True) if name not in self.fixed)


COMPANIES = Table("companies", ("owner",), frozenset({"owner"}))
REGISTRATIONS = Table(
    "registrations",
    ("company_id", "conversation_id", "ends_at", "reference", "country", "status", "opened_at"),
    frozenset({"company_id", "reference", "country", "opened_at"}),
)
CONVERSATIONS = Table("conversations", ("company_id", "asked", "chat"), frozenset({"chat"}))
HANDOFFS = Table(
    "handoffs", ("conversation_id", "registration_id", "closed_at"), frozenset({"conversation_id", "registration_id"})
)
# In the order in which they refer to one another.
TABLES = (COMPANIES, CONVERSATIONS, REGISTRATIONS, HANDOFFS)


@dataclass(slots=True)
class Part:
    """One packed row. `version` 0: not in the database yet."""

    packed: str
    version: int
    columns: tuple[Any, ...]
    erased: bool = False


def listed(values: Iterable[int | str]) -> str:
    """The one parameter of `IN`, which keeps a statement's text the same, and so prepared, for any number of values."""
    return json.dumps(list(set(values)))


IN = "in (select value from json_each(?))"


class Parts:
    """Packed rows by table and id. `case` unpacks afresh, `put` packs back, `write` writes each changed row once."""

    def __init__(self, execute: Execute, tenant: str) -> None:
        self._execute = execute
        self._tenant = tenant
        self._maps: dict[str, dict[int, Part]] = {table.name: {} for table in TABLES}
        self._changed: dict[str, set[int]] = {table.name: set() for table in TABLES}
        self._registrations_of: dict[int, list[int]] = defaultdict(list)  # by company
        self._handoffs_about: dict[int, list[int]] = defaultdict(list)  # by registration
        self._handoffs_in: dict[int, list[int]] = defaultdict(list)  # by conversation
        self._questions: dict[tuple[int, int], tuple[bool, int | None]] = {}  # (conversation, asked): sent, order
        self._warnings: dict[int, list[tuple[int | None, int]]] = defaultdict(list)  # (end, sent), newest first
        self._staff: dict[str, Staff] = {}

    # --- reading

    def load_chats(self, chats: Iterable[str]) -> dict[str, int]:
        """Conversation ids of the chats that have one."""
        where = f"tenant = ? and chat {IN}"
        ids = self._load(CONVERSATIONS, where, (self._tenant, listed(chats)))
        return {self._maps["conversations"][one].columns[2]: one for one in ids}

    def load(self, conversations: Iterable[int], companies: Iterable[int], principals: Iterable[str]) -> None:
        """Conversations, then companies (theirs too) with all they own, each in the order of their ids."""
        held = self._maps["conversations"]
        if missing := set(conversations) - held.keys():
            self._load(CONVERSATIONS, f"id {IN}", (listed(missing),))
        wanted = set(companies) | {part.columns[0] for part in held.values() if part.columns[0] is not None}
        owned: list[int] = []
        if wanted:
            self._load(COMPANIES, f"id {IN}", (listed(wanted),))
            owned = self._load(REGISTRATIONS, f"company_id {IN}", (listed(wanted),))
        if owned:
            self._load(HANDOFFS, f"registration_id {IN} and closed_at is null", (listed(owned),))
            self._load_warnings(owned)
        if held:
            self._load(HANDOFFS, f"conversation_id {IN} and closed_at is null", (listed(held),))
            self._load_questions()
        if who := set(principals):
            columns = "select id, name, role, principal from staff"
            sql = f"{columns} where tenant = ? and principal {IN} and revoked = 0"
            for number, name, role, principal in self._execute(sql, (self._tenant, listed(who))):
                self._staff[principal] = Staff(number, name, Role(role), principal)

    def _load(self, table: Table, where: str, parameters: Sequence[Any]) -> list[int]:
        held = self._maps[table.name]
        loaded = []
        for number, packed, version, *columns in self._execute(table.select(where), parameters):
            loaded.append(number)
            if number not in held:
                held[number] = Part(packed, version, tuple(columns))
                self._group(table, number, tuple(columns))
        return loaded

    def _group(self, table: Table, number: int, columns: tuple[Any, ...]) -> None:
        if table is REGISTRATIONS:
            self._registrations_of[columns[0]].append(number)
        elif table is HANDOFFS:
            self._handoffs_in[columns[0]].append(number)
            if columns[1] is not None:
                self._handoffs_about[columns[1]].append(number)

    def _load_questions(self) -> None:
        """The first question of the present number of each conversation: was it sent, and with what order."""
        sql = (
            "select o.conversation_id, o.asked, o.done_at is not null, o.platform_order from outbox o"
            " join conversations c on c.id = o.conversation_id and c.asked = o.asked"
            f" where o.asks = 1 and o.conversation_id {IN} order by o.id"
        )
        for conversation, asked, done, order in self._execute(sql, (listed(self._maps["conversations"]),)):
            self._questions.setdefault((conversation, asked), (bool(done), order))

    def _load_warnings(self, registrations: list[int]) -> None:
        sql = (
            "select registration_id, ends_at, done_at from outbox"
            f" where registration_id {IN} and reminder = 1 and done_at is not null and given_up is null"
            " order by id desc"
        )
        for registration, ends_at, sent_at in self._execute(sql, (listed(registrations),)):
            self._warnings[registration].append((ends_at, sent_at))

    # --- looking

    def has_registration(self, number: int | None) -> bool:
        part = self._maps["registrations"].get(number) if number is not None else None
        return part is not None and not part.erased

    def home_of(self, registration: int) -> int:
        """The conversation where its customer is told."""
        return int(self._maps["registrations"][registration].columns[1])

    def company_of(self, registration: int) -> int:
        return int(self._maps["registrations"][registration].columns[0])

    def ends_at(self, registration: int | None) -> int | None:
        part = self._maps["registrations"].get(registration) if registration is not None else None
        return part.columns[2] if part is not None else None

    def has_conversation(self, number: int | None) -> bool:
        return number in self._maps["conversations"]

    def chat_of(self, conversation: int) -> tuple[str, int]:
        """Its chat and the number of its present question. Raises LookupError for none of that number."""
        if conversation not in self._maps["conversations"]:
            self._load(CONVERSATIONS, "id = ?", (conversation,))
        if conversation not in self._maps["conversations"]:
            raise LookupError(f"conversation {conversation}")
        _, asked, chat = self._maps["conversations"][conversation].columns
        return chat, asked

    def conversation(self, number: int) -> Conversation:
        found: Conversation = unpack(self._maps["conversations"][number].packed)
        return found

    def registration(self, number: int) -> Registration:
        found: Registration = unpack(self._maps["registrations"][number].packed)
        found.warned_at = self._warned_at(number)
        return found

    def found(self, registrations: Iterable[int]) -> list[Found]:
        """Those registrations in the order of their ids, with all their handoffs, without their histories."""
        numbers = listed(registrations)
        self._load(REGISTRATIONS, f"id {IN}", (numbers,))
        held = self._maps["registrations"]
        self._load_warnings(list(held))
        self._load(HANDOFFS, f"registration_id {IN}", (numbers,))
        sql = (
            "select r.id, c.chat, k.owner from registrations r join conversations c on c.id = r.conversation_id"
            f" join companies k on k.id = r.company_id where r.id {IN} order by r.id"
        )
        return [
            Found(
                self.registration(number),
                chat,
                owner,
                handoffs=tuple(unpack(self._maps["handoffs"][one].packed) for one in self._handoffs_about[number]),
            )
            for number, chat, owner in self._execute(sql, (numbers,))
        ]

    def staff_of(self, principal: str | None) -> Staff | None:
        return self._staff.get(principal) if principal is not None else None

    def case(
        self,
        conversation: int,
        registration: int | None,
        principal: str | None,
        fresh: Fresh,
        settings: Mapping[str, str],
        invited: Role | None = None,
        desk: int | None = None,
        keeps_history: frozenset[str] = frozenset(),
    ) -> Case:
        """The case of that conversation, or, with a registration, of that one's company: the caller owns it."""
        held = self._maps["registrations"]
        if registration is not None:
            company, home = self.company_of(registration), self.home_of(registration)
        else:
            company, home = self._maps["conversations"][conversation].columns[0], conversation
        owned = [one for one in self._registrations_of.get(company, ()) if not held[one].erased]
        handoffs = set(self._handoffs_in.get(conversation, ())).union(
            *(self._handoffs_about.get(one, ()) for one in owned)
        )
        chat = self._asked_conversation(conversation)
        return Case(
            conversation=chat,
            company=unpack(self._maps["companies"][company].packed) if company is not None else None,
            registrations={one: self.registration(one) for one in owned},
            handoffs={one: unpack(part.packed) for one in sorted(handoffs) if (part := self._open_handoff(one))},
            fresh=fresh,
            staff=self.staff_of(principal),
            invited=invited,
            desk=desk,
            kept=chat.chat.partition(":")[0] in keeps_history,
            home=self._asked_conversation(home) if home != conversation else None,
            settings=settings,
        )

    def _asked_conversation(self, number: int) -> Conversation:
        conversation = self.conversation(number)
        sent, conversation.question_order = self._questions.get((number, conversation.asked), (True, None))
        conversation.question_sent = sent
        return conversation

    def _open_handoff(self, number: int) -> Part | None:
        part = self._maps["handoffs"][number]
        return part if part.columns[2] is None and not part.erased else None

    def _warned_at(self, registration: int) -> datetime | None:
        """When the newest reminder said for its present end was delivered."""
        end = self.ends_at(registration)
        if end is None:
            return None
        for said_for, sent_at in self._warnings.get(registration, ()):
            if said_for == end or timedelta(0) <= to_time(end) - to_time(sent_at) <= WARNING:
                return to_time(sent_at)
        return None

    # --- keeping

    def put(self, table: Table, value: Conversation | Company | Registration | Handoff, packed: str) -> None:
        held = self._maps[table.name]
        part = held.get(value.id)
        if part is not None and (part.packed == packed or part.erased):
            return
        columns = table.values(value)
        if part is None:
            held[value.id] = Part(packed, 0, columns)
            self._group(table, value.id, columns)
        else:
            part.packed, part.columns = packed, columns
        self._changed[table.name].add(value.id)

    def ask(self, conversation: int, asked: int) -> None:
        """A message with the question of that number is on its way."""
        self._questions.setdefault((conversation, asked), (False, None))

    def bind(self, staff: Staff) -> None:
        self._staff[staff.principal] = staff

    def erase(self, registration: int) -> None:
        """No later case of this batch sees it."""
        self._maps["registrations"][registration].erased = True
        for handoff in self._handoffs_about.get(registration, ()):
            self._maps["handoffs"][handoff].erased = True

    @property
    def changed(self) -> bool:
        return any(self._changed.values())

    def write(self, write_set: Callable[[str, list[tuple[Any, ...]]], int]) -> None:
        """Write each changed row once.

        Raises:
            Stale: a row is not in the version that was read.
        """
        for table in TABLES:
            changed = self._changed[table.name]
            if not changed:
                continue
            held = self._maps[table.name]
            new, old = [], []
            for number in sorted(changed):
                part = held[number]
                if part.version == 0:
                    new.append((part.packed, 1, *part.columns, number, self._tenant))
                else:
                    old.append((part.packed, part.version + 1, *table.moving(part.columns), number, part.version))
                part.version += 1
            if new:
                write_set(table.insert(), new)
            if old and write_set(table.update(), old) != len(old):
                raise Stale(table.name)
            changed.clear()


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_number(value)
    return str(value.value) if isinstance(value, Enum) else value
