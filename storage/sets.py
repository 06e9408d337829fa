"""The sets a batch writes beside its cases: one statement each, run for all rows of the batch."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = tuple[Any, ...]

# Answers of a constraint, or of a driver that can't carry a value: this turn's doing, and not the disk's.
REFUSED = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)

SETTLE_JOB = "delete from jobs where id = ?"
SETTLE_TIMER = "delete from timers where id = ? and due_at = ?"
SET_TIMER = (
    "insert into timers (tenant, registration_id, name, due_at) values (?, ?, ?, ?)"
    " on conflict (registration_id, name) do update set due_at = excluded.due_at"
)
FORGET_TIMER = "delete from timers where registration_id = ? and name = ?"
SEE = "insert into inbox (tenant, event) values (?, ?)"
SAY = (
    "insert into outbox (tenant, conversation_id, channel, registration_id, asked, asks, slot, anew, reminder, last,"
    " ends_at, packed, created_at, due_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"  # due at once
)
ENTER = "insert into entries (tenant, conversation_id, registration_id, packed) values (?, ?, ?, ?)"
NOTE = "insert into notes (tenant, registration_id, packed) values (?, ?, ?)"
TELL = "insert into cards (tenant, registration_id, packed, created_at) values (?, ?, ?, ?)"
WORK = (
    "insert into jobs (tenant, name, registration_id, conversation_id, packed, created_at, due_at)"
    " values (?, ?, ?, ?, ?, ?, 0)"
)
FAIL = (
    "insert into failed (tenant, event, conversation_id, registration_id, packed, error, created_at)"
    " values (?, ?, ?, ?, ?, ?, ?)"
)
UNBIND = "update staff set revoked = 1 where tenant = ? and principal = ? and revoked = 0"
BIND = "insert into staff (tenant, id, name, role, principal, bound_at) values (?, ?, ?, ?, ?, ?)"
SPEND = "update invitations set spent_at = ? where tenant = ? and code = ?"
CONFIGURE = (
    "insert into settings (tenant, name, value) values (?, ?, ?)"
    " on conflict (tenant, name) do update set value = excluded.value"
)
COUNT = (
    "insert into counters (tenant, name, last) values (?, ?, ?)"
    " on conflict (tenant, name) do update set last = excluded.last"
)
# What was said in a chat before its registration existed belongs to the registration it led to, and dies with it.
TAGS = (
    "update entries set registration_id = ? where conversation_id = ? and registration_id is null",
    "update outbox set registration_id = ? where conversation_id = ? and registration_id is null and last = 0",
    "update failed set registration_id = ? where conversation_id = ? and registration_id is null",
    "update jobs set registration_id = ? where conversation_id = ? and registration_id is null",
)
RECEIPT = (
    "insert into receipts (tenant, reference, country, status, opened_at, closed_at, why) values (?, ?, ?, ?, ?, ?, ?)"
)
ERASE = (
    "update outbox set registration_id = null where registration_id = ? and last = 1 and done_at is null",
    # Where its card stands in the desk's chat, or will when what is on its way arrives: so that the closing word, which
    # is behind it, takes the company's name off it.
    "update outbox set registration_id = null where registration_id = ? and slot like 'case:%'"
    " and (done_at is not null or attempts > 0)",
    *(
        f"delete from {table} where registration_id = ?"
        for table in ("outbox", "entries", "notes", "cards", "jobs", "timers", "handoffs", "failed")
    ),
    "delete from registrations where id = ?",
)
# The messages in a chat that showed what is kept of its company, by their keys. One that was sent on has no words left.
UNLEARN = tuple(
    f"delete from {table} where tenant = ? and conversation_id = ?"
    " and case packed when '' then null else json_extract(packed, '$.key') end in (select value from json_each(?))"
    for table in ("entries", "outbox")
)
# The order they are written in. What is erased goes last, with all that this batch itself said of it.
ORDER = (
    SETTLE_JOB, SETTLE_TIMER, SET_TIMER, FORGET_TIMER, SEE, SAY, ENTER, NOTE, TELL, WORK, FAIL, UNBIND, BIND, SPEND,
    CONFIGURE, COUNT, *TAGS, RECEIPT, *UNLEARN, *ERASE,
)  # fmt: skip
