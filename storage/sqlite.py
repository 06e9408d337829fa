"""The store on SQLite: one file, one process, one writing thread."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from conversations.model import Event, Kind, Role
from storage.batch import SqliteBatch
from storage.looking import Looking
from storage.packing import to_number, unpack
from storage.points import rename, sync_file, sync_folder
from storage.sending import Sending
from storage.store import Invitation
from storage.working import Working

INVITATION_LASTS = timedelta(hours=24)


class SqliteStore(Sending, Working, Looking):
    """The Store of storage.store.

    `keeps_history`: channels whose chats are kept as page history. `settings` lie under those put into the database.
    `seed` makes references and codes repeatable, for tests.

    Raises:
        Busy, Damaged, TooNew: see storage.store.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        keeps_history: frozenset[str] = frozenset({"web", "console"}),
        tenant: str = "main",
        seed: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(path, keeps_history=keeps_history, tenant=tenant, seed=seed, settings=settings)

    @contextmanager
    def batch(self, events: Sequence[Event]) -> Iterator[SqliteBatch]:
        with self.transaction():
            batch = SqliteBatch(self, events)
            yield batch
            batch.close()

    def invite(self, role: Role, now: datetime) -> Invitation:
        code = f"DESK-{self.counters.letters(4)}-{self.counters.letters(4)}"
        invitation = Invitation(code, role, now + INVITATION_LASTS)
        with self.transaction():
            self.execute(
                "insert into invitations (tenant, code, role, expires_at) values (?, ?, ?, ?)",
                (self.tenant, code, role.value, to_number(invitation.expires_at)),
            )
        return invitation

    def revoke(self, name: str) -> bool:
        """Unbind the staff member; False when none of that name is bound."""
        sql = "update staff set revoked = 1 where tenant = ? and name = ? and revoked = 0"
        with self.transaction():
            return self.execute(sql, (self.tenant, name)).rowcount == 1

    def see_to(self, card: int, by: str, now: datetime) -> bool:
        """Take the card off the desk; False when somebody did already."""
        sql = "update cards set seen_to_at = ?, seen_to_by = ? where id = ? and seen_to_at is null"
        with self.transaction():
            return self.execute(sql, (to_number(now), by, card)).rowcount == 1

    def put_setting(self, name: str, value: str | None) -> None:
        """Keep a setting; None takes it out, so that the one of the start counts again."""
        with self.transaction():
            self.execute("delete from settings where tenant = ? and name = ?", (self.tenant, name))
            if value is not None:
                self.execute("insert into settings (tenant, name, value) values (?, ?, ?)", (self.tenant, name, value))

    def unfail(self, failure: int) -> Event | None:
        with self.transaction():
            row = self.execute("select packed from failed where id = ?", (failure,)).fetchone()
            if row is None:
                return None
            event: Event = unpack(row[0])
            self.execute("delete from failed where id = ?", (failure,))
            self.execute("delete from inbox where tenant = ? and event = ?", (self.tenant, event.id))
            if event.kind is Kind.TIMER and event.id.startswith("timer:"):
                # Its event finds the row it came from, unless a later turn has set that timer anew.
                _, timer, due_at = event.id.split(":")
                self.execute(
                    "insert or ignore into timers (id, tenant, registration_id, name, due_at)"
                    " select ?, tenant, id, ?, ? from registrations where id = ?",
                    (int(timer), event.name, int(due_at), event.registration),
                )
            return event

    def backup(self, path: str) -> None:
        """Write a copy of what is committed to `path`, whole or not at all, while the store stays in use.

        Raises:
            OSError: it can't be written there.
        """
        with self.reading() as connection:
            _copy(connection, Path(path))


def _copy(source: sqlite3.Connection, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    target = sqlite3.connect(part)
    try:
        source.backup(target)
        target.execute("pragma journal_mode = delete")  # one file, nothing beside it
    except sqlite3.DatabaseError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error
    finally:
        target.close()
    sync_file(part)
    rename(part, path)
    sync_folder(path.parent)
