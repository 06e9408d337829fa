"""Jobs and timers: what is to be done, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.model import Event, Kind
from storage.opened import Opened
from storage.packing import to_number, to_time, unpack
from storage.store import Job, timer_event_id


class Working(Opened):
    def claim_jobs(self, now: datetime, limit: int, lease: float) -> list[Job]:
        columns = "id, name, registration_id, conversation_id, packed, attempts"
        sql = f"select {columns} from jobs where due_at <= ? order by id limit ?"
        lease_sql = "update jobs set due_at = ?, attempts = attempts + 1 where id = ?"
        with self.transaction():
            rows = self.execute(sql, (to_number(now), limit)).fetchall()
            leased = to_number(now + timedelta(seconds=lease))
            self.write_set(lease_sql, [(leased, row[0]) for row in rows])
        return [
            Job(number, name, registration, conversation, unpack(packed), attempts)
            for number, name, registration, conversation, packed, attempts in rows
        ]

    def retry_job(self, job: int, at: datetime) -> None:
        with self.transaction():
            self.execute("update jobs set due_at = ? where id = ?", (to_number(at), job))

    def finish_job(self, job: int) -> None:
        with self.transaction():
            self.execute("delete from jobs where id = ?", (job,))

    def due(self, now: datetime, limit: int) -> list[Event]:
        sql = "select id, registration_id, name, due_at from timers where due_at <= ? order by due_at, id limit ?"
        return [
            Event(timer_event_id(number, due_at), Kind.TIMER, now, registration=registration, name=name)
            for number, registration, name, due_at in self.execute(sql, (to_number(now), limit))
        ]

    def next_due(self) -> datetime | None:
        # Of a chat's messages only the first waits for its time, the others wait for the first.
        sql = (
            "select min(due_at) from ("
            " select min(due_at) as due_at from timers"
            " union all select min(due_at) from jobs"
            " union all select due_at from (select due_at from outbox o where done_at is null and not exists ("
            "  select 1 from outbox p where p.conversation_id = o.conversation_id and p.done_at is null and p.id < o.id"
            " ) order by due_at limit 1))"
        )
        (due_at,) = self.execute(sql).fetchone()
        return to_time(due_at) if due_at is not None else None
