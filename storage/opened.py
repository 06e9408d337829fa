"""An open database: its one writing connection, its readers, its transactions."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from storage.fresh import Counters
from storage.lock import Lock
from storage.migrations import MIGRATIONS
from storage.points import Point
from storage.replacing import finish
from storage.sound import PRAGMAS, connected, tell, unusable
from storage.store import DiskTrouble, StorageError

QUICK_VACUUM = 0.25  # seconds: one that takes no longer is done after every erasure
VACUUM_SHARE = 200
COMMIT, VACUUM, CHECKPOINT = Point("commit"), Point("vacuum"), Point("checkpoint")
MOVED = "moved:"  # begins the setting that names a chat's new name
HELD = "held"  # the setting of a restore: since when nothing is sent or deleted of itself


class _Reader(sqlite3.Connection):
    """A connection that goes with its thread. Closing it while it reads would end the whole process."""

    __slots__ = ("__weakref__", "in_use")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.in_use = threading.RLock()


class Opened:
    """A database file that is ours alone.

    Raises:
        Busy: another process holds it.
        Damaged: it does not pass its integrity check.
        TooNew: a newer version of the program wrote it.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        keeps_history: frozenset[str],
        tenant: str,
        seed: int | None,
        settings: Mapping[str, str] | None,
    ) -> None:
        self.path = Path(path)
        self.tenant = tenant
        self.keeps_history = keeps_history
        self._settings = dict(settings or {})
        self._depth = 0  # of transactions
        self._scrub_due = False
        self._vacuumed_at = self._vacuum_took = 0.0  # seconds
        self._readers = threading.local()
        self._connections: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._connecting = threading.Lock()  # whoever walks the set must not meet one being added
        self._closed = False
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock(self.path)
        try:
            finish(self.path)
            self._db = connected(self.path)
            try:
                self._refuse_other_tenants()
                self._scrub_due = self.execute("pragma user_version").fetchone() != (0,)  # of one that died before it
                with self.transaction():
                    MIGRATIONS.apply(self._db)
                    self._end_leases()
                self.counters = Counters(self._last_numbers(), self._is_taken, seed)
                self.execute("pragma journal_mode = wal")  # last: one that is refused stays byte for byte what it is
            except BaseException as error:
                self._db.close()
                told = error.__cause__ if isinstance(error, DiskTrouble) else error
                if isinstance(told, sqlite3.DatabaseError):
                    raise unusable(told, self.path) from error
                raise
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Close every connection and let go of the lock. Repeated safely."""
        if self._closed:
            return
        self._closed = True
        if self._scrub_due:
            self._scrub(at_once=True)
        with self._connecting:
            connections = list(self._connections)
        for connection in connections:
            with connection.in_use:
                connection.close()
        self._db.close()
        self._lock.release()

    # --- writing, on the writer's thread

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Raises DiskTrouble when the disk refuses."""
        try:
            return self._db.execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            tell(error, self.path)
            raise

    def write_set(self, sql: str, rows: list[tuple[Any, ...]]) -> int:
        """Run one statement for each row; returns how many rows of the table it changed. Only in a transaction."""
        try:
            return self._db.conn.executemany(sql, rows).rowcount
        except sqlite3.DatabaseError as error:
            tell(error, self.path)
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside shares one commit. An inner one is a savepoint: it may fail alone.

        Raises:
            DiskTrouble: nothing of it is kept. An inner one that raises this has undone the outer one too.
        """
        outer, mark = self._depth == 0, f"depth_{self._depth}"
        if outer and self._db.conn.in_transaction:  # the disk refused even to roll back
            self.execute("rollback")
        # A deferred BEGIN would read first and find the database locked when it comes to write.
        self.execute("begin immediate" if outer else f"savepoint {mark}")
        self._depth += 1
        try:
            yield
            if outer:
                self._commit()
        except BaseException:
            with suppress(sqlite3.DatabaseError):  # what went wrong first is what is told
                if outer:
                    self._db.execute("rollback") if self._db.conn.in_transaction else None
                elif self._db.conn.in_transaction:
                    self._db.execute(f"rollback to {mark}")
                    self._db.execute(f"release {mark}")
            if outer and hasattr(self, "counters"):
                self.counters.mark_moved()
            raise
        else:
            if not outer:
                self.execute(f"release {mark}")
        finally:
            self._depth -= 1
        if outer and self._scrub_due:
            self._scrub()

    def _commit(self) -> None:
        try:
            with COMMIT:
                self._db.execute("commit")
        except sqlite3.DatabaseError as error:
            tell(error, self.path)
            raise
        except OSError as error:
            raise DiskTrouble(f"{self.path}: {error.strerror}") from error

    def scrub(self) -> None:
        """Leave no byte of what was erased in database and log, once the transaction is committed.

        The transaction notes it, in a number that SQLite keeps for us: if we die before, the next start does it.
        """
        self.execute("pragma user_version = 1")
        self._scrub_due = True

    def _scrub(self, at_once: bool = False) -> None:
        """Write the database anew and empty its log.

        `secure_delete` zeroes what is deleted, but not the copies that stay in the unused part of a page when SQLite
        moves rows between pages: of 120 erased registrations 8 could still be read there. A large database is written
        anew at most for one part in VACUUM_SHARE of the time; until then those bytes lie in a file of mode 0600.
        """
        started = time.monotonic()
        rested = started > self._vacuumed_at + self._vacuum_took * VACUUM_SHARE
        is_anew = at_once or rested or self._vacuum_took < QUICK_VACUUM
        with suppress(sqlite3.DatabaseError, OSError):  # no room: the commit stands, this is tried after the next
            if is_anew:
                try:
                    with VACUUM:
                        self._db.execute("vacuum")
                finally:
                    self._vacuumed_at, self._vacuum_took = started, time.monotonic() - started
            # Busy when a reader is just looking: then after the next commit too.
            with CHECKPOINT:
                (was_busy, *_) = self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
            self._scrub_due = bool(was_busy) or not is_anew
            if not self._scrub_due:
                self._db.execute("pragma user_version = 0")

    # --- reading, from any thread

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's own read-only connection, seeing one commit for as long as the block lasts: keep it short."""
        connection: _Reader | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                factory=_Reader,
            )
            for pragma in (*PRAGMAS, "query_only = on", "wal_autocheckpoint = 0"):
                connection.execute(f"pragma {pragma}")
            self._readers.connection = connection
            with self._connecting:
                self._connections.add(connection)
        with connection.in_use:
            connection.execute("begin")
            try:
                yield connection
            finally:
                connection.execute("commit")

    def merged_settings(self) -> dict[str, str]:
        """The settings of the start with those of the database laid over them, as the writer sees them."""
        return self._settings_in(self.execute)

    @property
    def is_held(self) -> bool:
        """Whether nothing is to be sent or deleted of itself, as since a restore. On the writer's thread."""
        sql = "select exists (select 1 from settings where tenant = ? and name = ?)"
        return bool(self.execute(sql, (self.tenant, HELD)).fetchone()[0])

    def _settings_in(self, execute: Callable[..., sqlite3.Cursor]) -> dict[str, str]:
        kept = dict(execute("select name, value from settings where tenant = ?", (self.tenant,)).fetchall())
        settings = self._settings | kept
        if (moved := kept.get(f"{MOVED}{settings.get('desk_chat')}")) is not None:
            settings["desk_chat"] = moved
        return settings

    # --- opening

    def _refuse_other_tenants(self) -> None:
        """Before anything is written into it."""
        if not self.execute("select 1 from sqlite_master where name = 'conversations'").fetchone():
            return
        for bound in ("min", "max"):
            (tenant,) = self.execute(f"select {bound}(tenant) from conversations").fetchone()
            if tenant not in (None, self.tenant):
                raise StorageError(f"{self.path} belongs to the tenant {tenant!r}, not to {self.tenant!r}")

    def _end_leases(self) -> None:
        """What a process that is gone had in hand is due now: one process has the database, so nobody works on it."""
        for table in ("outbox", "jobs"):  # a wait that a platform asked for is no lease, and lasts
            self.execute(f"update {table} set due_at = 0, leased = 0 where leased = 1")

    def _last_numbers(self) -> dict[str, int]:
        return dict(self.execute("select name, last from counters where tenant = ?", (self.tenant,)).fetchall())

    def _is_taken(self, reference: str) -> bool:
        sql = (
            "select exists (select 1 from registrations where tenant = :t and reference = :r)"
            " or exists (select 1 from receipts where tenant = :t and reference = :r)"
        )
        return bool(self._db.execute(sql, {"t": self.tenant, "r": reference}).fetchone()[0])
