"""Jobs and timers: what is to be done, and when."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from conversations.model import Event, Kind, Status
from storage.opened import Opened
from storage.packing import to_number, to_time, unpack
from storage.parts import IN, listed
from storage.store import Job, timer_event_id

_MICROSECOND = timedelta(microseconds=1)
_WAITING = (("jobs", "true"), ("outbox", "done_at is null"))  # table, and the rows of it that wait


class Working(Opened):
    _served = 0  # the chat whose job was claimed last

    def claim_jobs(
        self, now: datetime, limit: int, lease: float, *, busy: Collection[int] = (), without: str = ""
    ) -> list[Job]:
        columns = "id, name, registration_id, conversation_id, packed, attempts"
        # In turns: each chat's oldest first, beginning with the chat after the one that had the last turn.
        sql = (
            f"select {columns} from (select *, coalesce(conversation_id, 0) as chat,"
            " row_number() over (partition by conversation_id order by id) as place from jobs where due_at <= ?"
            " and coalesce(conversation_id, 0) not in (select value from json_each(?)) and name != ?)"
            " order by place, chat <= ?, chat limit ?"
        )
        lease_sql = "update jobs set due_at = ?, attempts = attempts + 1, leased = 1 where id = ?"
        with self.transaction():
            rows = self.execute(sql, (to_number(now), json.dumps(list(busy)), without, self._served, limit)).fetchall()
            self._served = (rows[-1][3] or 0) if rows else self._served
            leased = to_number(now + timedelta(seconds=lease))
            self.write_set(lease_sql, [(leased, row[0]) for row in rows])
        return [
            Job(number, name, registration, conversation, unpack(packed), attempts)
            for number, name, registration, conversation, packed, attempts in rows
        ]

    def retry_job(self, job: int, at: datetime) -> None:
        with self.transaction():
            self.execute("update jobs set due_at = ?, leased = 0 where id = ?", (to_number(at), job))

    def finish_job(self, job: int) -> None:
        with self.transaction():
            self.execute("delete from jobs where id = ?", (job,))

    def due(self, now: datetime, limit: int) -> list[Event]:
        if self.is_held:
            return []
        sql = "select id, registration_id, name, due_at from timers where due_at <= ? order by due_at, id limit ?"
        return [
            Event(timer_event_id(number, due_at), Kind.TIMER, now, registration=registration, name=name)
            for number, registration, name, due_at in self.execute(sql, (to_number(now), limit))
        ]

    def next_due(self, after: datetime | None = None) -> datetime | None:
        # Of a chat's messages only the first waits for its time, the others wait for the first. While the store is
        # held no timer is taken, so none is due.
        sql = (
            "select min(due_at) from ("
            " select min(due_at) as due_at from timers where due_at > ?1 and not ?2"
            " union all select min(due_at) from jobs where due_at > ?1"
            " union all select due_at from (select due_at from outbox o where done_at is null and due_at > ?1"
            " and not exists ("
            "  select 1 from outbox p where p.conversation_id = o.conversation_id and p.done_at is null and p.id < o.id"
            " ) order by due_at limit 1))"
        )
        (due_at,) = self.execute(sql, [to_number(after) if after else -1, self.is_held]).fetchone()
        return to_time(due_at) if due_at is not None else None

    def wake(self, timer: str, countries: Collection[str], statuses: Collection[Status], at: datetime) -> int:
        where = f"tenant = ? and country {IN} and status {IN}"
        sql = (
            f"insert into timers (tenant, registration_id, name, due_at) select tenant, id, ?, ? from registrations"
            f" where {where} on conflict (registration_id, name) do update set due_at = excluded.due_at"
        )
        among = (self.tenant, listed(countries), listed(statuses))
        with self.transaction():
            return self.execute(sql, (timer, to_number(at), *among)).rowcount

    def last_written(self) -> datetime | None:
        if "last_tick" in self._settings_in(self.execute):
            return None
        newest = self.execute("select created_at from outbox order by id desc limit 1").fetchone()
        return to_time(newest[0]) if newest else None

    def end_tick(self, now: datetime) -> None:
        ticked = self._settings_in(self.execute).get("last_tick")
        if ticked is None or (at := datetime.fromisoformat(ticked)) <= now:
            return
        with self.transaction():
            for waiting, where in _WAITING:
                sql = f"update {waiting} set due_at = ?, leased = 0 where {where} and due_at >= ?"
                self.execute(sql, (to_number(now), to_number(at)))

    def set_back(self, by: timedelta) -> None:
        with self.transaction():
            self.execute("update timers set due_at = 0")
            for waiting, where in _WAITING:
                sql = f"update {waiting} set due_at = max(0, due_at - ?) where {where}"
                self.execute(sql, (by // _MICROSECOND,))
