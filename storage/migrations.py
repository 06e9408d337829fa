"""The tables, and how they came to be: append a function, never edit a released one.

Times are integers: microseconds since 1970, UTC. `packed` is a value of the house as text (packing.py); the other
columns are what queries need. Numbers are never used twice (autoincrement): that of a deleted row may still be on its
way somewhere, in a file's name, an event's id or a sender's hands.
"""

from __future__ import annotations

from storage.light import Database, Migrations

MIGRATIONS = Migrations("registrations")


@MIGRATIONS()
def first_tables(db: Database) -> None:
    for statement in _FIRST_TABLES.split(";"):
        if statement.strip():
            db.execute(statement)


@MIGRATIONS()
def slots_that_begin_anew(db: Database) -> None:
    db.execute("alter table outbox add column anew integer not null default 0")


@MIGRATIONS()
def few_of_a_long_outbox(db: Database) -> None:
    # A chat's first registration takes over what was said before it, and each claim looks for edits that wait: without
    # these both look at all that waits.
    db.execute("create index outbox_of_none on outbox (conversation_id) where registration_id is null")
    db.execute("create index outbox_edits on outbox (channel) where slot is not null and done_at is null")


@MIGRATIONS()
def leases_that_show(db: Database) -> None:
    # Only a lease ends with the process that had it; a wait that a platform asked for does not.
    for table in ("outbox", "jobs"):
        db.execute(f"alter table {table} add column leased integer not null default 0")


@MIGRATIONS()
def what_a_question_was_about(db: Database) -> None:
    # A press on the page looks for all that was said with its question, not only for the question.
    db.execute("drop index outbox_questions")
    db.execute("create index outbox_asked on outbox (conversation_id, asked)")


_FIRST_TABLES = """
create table settings (
    id integer primary key, tenant text not null, name text not null, value text not null, unique (tenant, name)
);
create table counters (
    id integer primary key, tenant text not null, name text not null, last integer not null, unique (tenant, name)
);
create table inbox (
    id integer primary key, tenant text not null, event text not null, unique (tenant, event)
);
create table companies (
    id integer primary key autoincrement, tenant text not null, owner text not null,
    packed text not null, version integer not null
);
create table conversations (
    id integer primary key autoincrement, tenant text not null, chat text not null,
    company_id integer references companies (id), asked integer not null,
    packed text not null, version integer not null, unique (tenant, chat)
);
create table registrations (
    id integer primary key autoincrement, tenant text not null, reference text not null,
    company_id integer not null references companies (id),
    conversation_id integer not null references conversations (id),
    country text not null, status text not null, opened_at integer, ends_at integer,
    packed text not null, version integer not null, unique (tenant, reference)
);
create index registrations_of_company on registrations (company_id);
create table handoffs (
    id integer primary key autoincrement, tenant text not null,
    conversation_id integer not null references conversations (id),
    registration_id integer references registrations (id), closed_at integer,
    packed text not null, version integer not null
);
create index handoffs_of_registration on handoffs (registration_id) where registration_id is not null;
create index open_handoffs_of_chat on handoffs (conversation_id) where closed_at is null;
create table outbox (
    id integer primary key autoincrement, tenant text not null,
    conversation_id integer not null references conversations (id), channel text not null,
    registration_id integer references registrations (id), asked integer not null, asks integer not null,
    slot text, reminder integer not null, last integer not null, ends_at integer,
    packed text not null, created_at integer not null, due_at integer not null, attempts integer not null default 0,
    done_at integer, given_up text, platform_order integer, platform_message text
);
create index outbox_of_registration on outbox (registration_id) where registration_id is not null;
create index outbox_waiting on outbox (channel, id, due_at) where done_at is null;
create index outbox_waiting_in_chat on outbox (conversation_id, id) where done_at is null;
create index outbox_due on outbox (due_at) where done_at is null;
create index outbox_questions on outbox (conversation_id, asked) where asks = 1;
create index outbox_slots on outbox (conversation_id, slot) where slot is not null;
create table timers (
    id integer primary key autoincrement, tenant text not null,
    registration_id integer not null references registrations (id), name text not null, due_at integer not null,
    unique (registration_id, name)
);
create index timers_due on timers (due_at);
create table jobs (
    id integer primary key autoincrement, tenant text not null, name text not null,
    registration_id integer references registrations (id), conversation_id integer references conversations (id),
    packed text not null, created_at integer not null, due_at integer not null, attempts integer not null default 0
);
create index jobs_of_registration on jobs (registration_id) where registration_id is not null;
create index jobs_due on jobs (due_at);
create table entries (
    id integer primary key autoincrement, tenant text not null,
    conversation_id integer not null references conversations (id),
    registration_id integer references registrations (id), outbox integer unique, packed text not null
);
create index entries_of_chat on entries (conversation_id, id);
create index entries_of_registration on entries (registration_id) where registration_id is not null;
create table notes (
    id integer primary key autoincrement, tenant text not null,
    registration_id integer not null references registrations (id), packed text not null
);
create index notes_of_registration on notes (registration_id);
create table cards (
    id integer primary key autoincrement, tenant text not null, registration_id integer references registrations (id),
    packed text not null, created_at integer not null, seen_to_at integer, seen_to_by text
);
create index cards_of_registration on cards (registration_id) where registration_id is not null;
create index cards_waiting on cards (id) where seen_to_at is null;
create table failed (
    id integer primary key autoincrement, tenant text not null, event text not null,
    conversation_id integer references conversations (id), registration_id integer references registrations (id),
    packed text not null, error text not null, created_at integer not null
);
create index failed_of_registration on failed (registration_id) where registration_id is not null;
create index failed_in_chat on failed (conversation_id) where conversation_id is not null;
create table receipts (
    id integer primary key autoincrement, tenant text not null, reference text not null, country text not null,
    status text not null, opened_at integer not null, closed_at integer not null, why text not null,
    unique (tenant, reference)
);
create table staff (
    id integer primary key autoincrement, tenant text not null, name text not null, role text not null,
    principal text not null, bound_at integer not null, revoked integer not null default 0, unique (tenant, name)
);
create unique index staff_bound on staff (tenant, principal) where revoked = 0;
create table invitations (
    id integer primary key autoincrement, tenant text not null, code text not null, role text not null,
    expires_at integer not null, spent_at integer, unique (tenant, code)
);
"""
