"""What is read beside the turns, from any thread, each from its own read-only connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from conversations.model import Case, Handoff, Role, Staff
from storage.opened import Opened
from storage.packing import to_number, to_time, unpack
from storage.parts import Parts, listed
from storage.store import Card, Entry, Failure, Found, Health, Receipt, StorageError


class NothingFresh:
    """The Fresh of a case that is only looked at."""

    def _refuse(self, *_: object) -> NoReturn:
        raise StorageError("a snapshot is to look at: what is new is drawn in a turn")

    registration_id = company_id = upload_id = handoff_id = reference = letter_id = _refuse


class Looking(Opened):
    def snapshot(self, chat: str) -> Case | None:
        with self.reading() as connection:
            parts = Parts(connection.execute, self.tenant)
            ids = parts.load_chats([chat])
            if chat not in ids:
                return None
            parts.load([], [], [])
            return parts.case(ids[chat], None, None, NothingFresh(), self._read_settings(connection))

    def history(self, chat: str, after: int = 0, limit: int = 200) -> list[Entry]:
        sql = (
            "select e.id, e.registration_id, e.packed from entries e join conversations c on c.id = e.conversation_id"
            " where c.tenant = ? and c.chat = ? and e.id > ? order by e.id desc limit ?"
        )
        with self.reading() as connection:
            rows = connection.execute(sql, (self.tenant, chat, after, limit)).fetchall()
        entries = [replace(_entry(packed), id=number, registration=about) for number, about, packed in rows]
        return entries[::-1]

    def found(self, reference: str) -> Found | None:
        with self.reading() as connection:
            sql = "select id from registrations where tenant = ? and reference = ?"
            row = connection.execute(sql, (self.tenant, reference.upper())).fetchone()
            if row is None:
                return None
            (found,) = self._found(connection, [row[0]])
            lines = connection.execute("select packed from notes where registration_id = ? order by id", row).fetchall()
        return replace(found, history=tuple(unpack(packed) for (packed,) in lines))

    def registrations(self) -> list[Found]:
        with self.reading() as connection:
            ids = [number for (number,) in connection.execute("select id from registrations order by id")]
            return self._found(connection, ids)

    def countries(self) -> set[str]:
        with self.reading() as connection:
            rows = connection.execute("select distinct country from registrations where tenant = ?", (self.tenant,))
            return {country for (country,) in rows}

    def _found(self, connection: sqlite3.Connection, ids: list[int]) -> list[Found]:
        parts = Parts(connection.execute, self.tenant)
        return parts.found(ids)

    def receipt(self, reference: str) -> Receipt | None:
        receipts = self._receipts("and reference = ?", reference.upper())
        return receipts[0] if receipts else None

    def seen(self, event: str) -> bool:
        sql = "select exists (select 1 from inbox where tenant = ? and event = ?)"
        with self.reading() as connection:
            return bool(connection.execute(sql, (self.tenant, event)).fetchone()[0])

    def deleted(self, registrations: Iterable[int]) -> set[int]:
        sql = (
            "select value from json_each(?) where value not in (select id from registrations)"
            " and value <= (select last from counters where tenant = ? and name = 'registration')"
        )
        with self.reading() as connection:
            return {number for (number,) in connection.execute(sql, (listed(registrations), self.tenant))}

    def refers_to(self, key: str) -> bool:
        """Whether a job or a failed event still speaks of the file."""
        sql = (
            "select exists (select 1 from jobs where instr(packed, :key))"
            " or exists (select 1 from failed where instr(packed, :key))"
        )
        with self.reading() as connection:
            return bool(connection.execute(sql, {"key": key}).fetchone()[0])

    def receipts(self) -> list[Receipt]:
        return self._receipts("")

    def _receipts(self, where: str, *parameters: str) -> list[Receipt]:
        columns = "reference, country, status, opened_at, closed_at, why"
        sql = f"select {columns} from receipts where tenant = ? {where} order by id"
        with self.reading() as connection:
            rows = connection.execute(sql, (self.tenant, *parameters)).fetchall()
        return [
            Receipt(reference, country, status, to_time(opened_at), to_time(closed_at), why)
            for reference, country, status, opened_at, closed_at, why in rows
        ]

    def cards(self) -> list[Card]:
        sql = (
            "select c.id, c.packed, c.created_at, c.registration_id, r.reference, r.country from cards c"
            " left join registrations r on r.id = c.registration_id where c.seen_to_at is null order by c.id"
        )
        with self.reading() as connection:
            rows = connection.execute(sql).fetchall()
        cards = []
        for number, packed, at, registration, reference, country in rows:
            told = unpack(packed)
            cards.append(Card(number, told.key, told.values, to_time(at), registration, reference, country))
        return cards

    def handoffs(self) -> list[tuple[Handoff, str]]:
        sql = (
            "select h.packed, c.chat from handoffs h join conversations c on c.id = h.conversation_id"
            " where h.closed_at is null and h.registration_id is null order by h.id"
        )
        with self.reading() as connection:
            return [(unpack(packed), chat) for packed, chat in connection.execute(sql)]

    def staff_of(self, principal: str) -> Staff | None:
        return next((staff for staff, _ in self.staff() if staff.principal == principal), None)

    def staff(self) -> list[tuple[Staff, datetime]]:
        sql = "select id, name, role, principal, bound_at from staff where tenant = ? and revoked = 0 order by id"
        with self.reading() as connection:
            rows = connection.execute(sql, (self.tenant,)).fetchall()
        return [
            (Staff(number, name, Role(role), principal), to_time(bound_at))
            for number, name, role, principal, bound_at in rows
        ]

    def failures(self) -> list[Failure]:
        with self.reading() as connection:
            rows = connection.execute("select id, packed, error, created_at from failed order by id").fetchall()
        return [Failure(number, unpack(packed), error, to_time(at)) for number, packed, error, at in rows]

    def health(self, now: datetime) -> Health:
        with self.reading() as connection:
            messages, oldest = connection.execute(
                "select count(*), min(created_at) from outbox where done_at is null"
            ).fetchone()
            jobs = dict(connection.execute("select name, count(*) from jobs group by name").fetchall())
            (failed,) = connection.execute("select count(*) from failed").fetchone()
            (timers,) = connection.execute(
                "select count(*) from timers where due_at <= ?", (to_number(now),)
            ).fetchone()
            counts = dict(connection.execute("select status, count(*) from registrations group by status").fetchall())
        since = to_time(oldest) if oldest is not None else None
        return Health(messages, sum(jobs.values()), failed, timers, since, counts, jobs)

    def settings(self) -> dict[str, str]:
        with self.reading() as connection:
            return self._read_settings(connection)

    def _read_settings(self, connection: sqlite3.Connection) -> dict[str, str]:
        return self._settings_in(connection.execute)


def _entry(packed: str) -> Entry:
    entry: Entry = unpack(packed)
    return entry
