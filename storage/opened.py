"""An open database: its lock, its one writing connection, its readers, its transactions."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from storage.fresh import Counters
from storage.migrations import MIGRATIONS
from storage.points import Point
from storage.store import Busy, Damaged, StorageError, TooNew

WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))  # first and last version with it, https://sqlite.org/wal.html#walresetbug

_PRAGMAS = (
    "busy_timeout = 5000",
    "foreign_keys = on",
    "secure_delete = on",
    "mmap_size = 0",
)


QUICK_VACUUM = 0.25  # seconds: one that takes no longer is done after every erasure
VACUUM_SHARE = 200
COMMIT, VACUUM, CHECKPOINT = Point("commit"), Point("vacuum"), Point("checkpoint")
MOVED = "moved:"  # begins the setting that names a chat's new name


class Lock:
    """One process a database: `<database>.lock`, which holds the process's number while it lives.

    Raises:
        Busy: another process has it.
    """

    def __init__(self, database: Path) -> None:
        self._file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode() or "unknown"
            os.close(self._file)
            raise Busy(f"{database} is in use by process {holder}: stop it, or let it do this") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next one in. The file stays: one that is deleted could be locked by two."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


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
        self.warnings = sqlite_warnings()
        self._settings = dict(settings or {})
        self._depth = 0  # of transactions
        self._scrub_due = False
        self._vacuumed_at = self._vacuum_took = 0.0  # seconds
        self._readers = threading.local()
        self._connections: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._closed = False
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock(self.path)
        try:
            self._db = _opened(self.path)
            with self.transaction():
                _migrate(self._db, self.path)
                self._end_leases()
            self._refuse_other_tenants()
            self.counters = Counters(self._last_numbers(), self._is_taken, seed)
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
        for connection in list(self._connections):
            with connection.in_use:
                connection.close()
        self._db.close()
        self._lock.release()

    # --- writing, on the writer's thread

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._db.execute(sql, parameters)

    def write_set(self, sql: str, rows: list[tuple[Any, ...]]) -> int:
        """Run one statement for each row; returns how many rows of the table it changed. Only in a transaction."""
        return self._db.conn.executemany(sql, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside shares one commit. An inner one is a savepoint: it may fail alone."""
        outer, mark = self._depth == 0, f"depth_{self._depth}"
        # A deferred BEGIN would read first and find the database locked when it comes to write.
        self._db.execute("begin immediate" if outer else f"savepoint {mark}")
        self._depth += 1
        try:
            yield
            if outer:
                with COMMIT:
                    self._db.execute("commit")
        except BaseException:
            if outer:
                self._db.execute("rollback") if self._db.conn.in_transaction else None
                if hasattr(self, "counters"):
                    self.counters.mark_moved()
            elif self._db.conn.in_transaction:
                self._db.execute(f"rollback to {mark}")
                self._db.execute(f"release {mark}")
            raise
        else:
            if not outer:
                self._db.execute(f"release {mark}")
        finally:
            self._depth -= 1
        if outer and self._scrub_due:
            self._scrub()

    def scrub(self) -> None:
        """Leave no byte of what was erased in database and log, once the transaction is committed."""
        self._scrub_due = True

    def _scrub(self, at_once: bool = False) -> None:
        """Write the database anew and empty its log.

        `secure_delete` zeroes what is deleted, but not the copies that stay in the unused part of a page when SQLite
        moves rows between pages: of 120 erased registrations 8 could still be read there. A large database is written
        anew at most for one part in VACUUM_SHARE of the time; until then those bytes lie in a file of mode 0600.
        """
        started = time.monotonic()
        rested = started > self._vacuumed_at + self._vacuum_took * VACUUM_SHARE
        with suppress(sqlite3.OperationalError):  # the disk is full: the commit stands, this is tried after the next
            if at_once or rested or self._vacuum_took < QUICK_VACUUM:
                with VACUUM:
                    self._db.execute("vacuum")
                self._vacuumed_at, self._vacuum_took = started, time.monotonic() - started
                self._scrub_due = False
            # Busy when a reader is just looking: then after the next commit too.
            with CHECKPOINT:
                (was_busy, *_) = self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
            if was_busy:
                self._scrub_due = True

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
            for pragma in (*_PRAGMAS, "query_only = on", "wal_autocheckpoint = 0"):
                connection.execute(f"pragma {pragma}")
            self._readers.connection = connection
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

    def _settings_in(self, execute: Callable[..., sqlite3.Cursor]) -> dict[str, str]:
        kept = dict(execute("select name, value from settings where tenant = ?", (self.tenant,)).fetchall())
        settings = self._settings | kept
        if (moved := kept.get(f"{MOVED}{settings.get('desk_chat')}")) is not None:
            settings["desk_chat"] = moved
        return settings

    # --- opening

    def _refuse_other_tenants(self) -> None:
        for bound in ("min", "max"):
            (tenant,) = self.execute(f"select {bound}(tenant) from conversations").fetchone()
            if tenant not in (None, self.tenant):
                raise StorageError(f"{self.path} belongs to the tenant {tenant!r}, not to {self.tenant!r}")

    def _end_leases(self) -> None:
        """What a process that is gone had in hand is due now: one process has the database, so nobody works on it."""
        self.execute("update outbox set due_at = created_at where done_at is null and attempts > 0")
        self.execute("update jobs set due_at = 0 where attempts > 0")

    def _last_numbers(self) -> dict[str, int]:
        return dict(self.execute("select name, last from counters where tenant = ?", (self.tenant,)).fetchall())

    def _is_taken(self, reference: str) -> bool:
        sql = (
            "select exists (select 1 from registrations where tenant = :t and reference = :r)"
            " or exists (select 1 from receipts where tenant = :t and reference = :r)"
        )
        return bool(self._db.execute(sql, {"t": self.tenant, "r": reference}).fetchone()[0])


def sqlite_warnings() -> list[str]:
    """What an operator should know of the SQLite in use, a sentence each."""
    first, last = WAL_RESET_BUG
    if first <= sqlite3.sqlite_version_info <= last:
        told = (
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug (fixed in 3.51.3), which needs two writing "
            "connections: harmless here, where one process writes through one connection."
        )
        return [told]
    return []


def kept_settings(path: Path) -> dict[str, str]:
    """What was set in a chat or by a command, as that database keeps it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("select name, value from settings"))


def check(path: Path) -> None:
    """Raises Damaged or TooNew for a file that is no sound database of this program."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _check(connection, path)
            _refuse_newer(Database(connection), path)
            if not connection.execute("select 1 from sqlite_master where name = 'registrations'").fetchone():
                raise Damaged(f"{path} is no database of this program")
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path} can't be read: {error}") from error


def _opened(path: Path) -> Database:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files take its mode
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        for pragma in (*_PRAGMAS, "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        _check(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise Damaged(f"{path} can't be read: {error}. Restore a backup over it") from error
    except Damaged:
        connection.close()
        raise
    return Database(connection)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (told,) = connection.execute("pragma quick_check(1)").fetchone()
    if told != "ok":
        raise Damaged(f"{path} is damaged: {told}. Restore a backup over it")


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in MIGRATIONS.pending(Database(memory=True))}
    unknown = sorted({migration.name for migration in MIGRATIONS.applied(db)} - known)
    if unknown:
        raise TooNew(f"{path} was written by a newer version ({', '.join(unknown)}): install that version")


def _migrate(db: Database, path: Path) -> None:
    _refuse_newer(db, path)
    MIGRATIONS.apply(db)
