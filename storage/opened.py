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
from storage.replacing import finish
from storage.store import Busy, Damaged, DiskTrouble, StorageError, TooNew

WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))  # first and last version with it, https://sqlite.org/wal.html#walresetbug

_PRAGMAS = (
    "busy_timeout = 5000",
    "foreign_keys = on",
    "secure_delete = on",
    "mmap_size = 0",
)


HEADER = 512  # bytes: no database is shorter
QUICK_VACUUM = 0.25  # seconds: one that takes no longer is done after every erasure
VACUUM_SHARE = 200
COMMIT, VACUUM, CHECKPOINT = Point("commit"), Point("vacuum"), Point("checkpoint")
MOVED = "moved:"  # begins the setting that names a chat's new name
HELD = "held"  # the setting of a restore: since when nothing is sent or deleted of itself
# What SQLite answers when the disk, and not the statement, is at fault.
_DISKS = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY,
})  # fmt: skip


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
            os.close(self._file)
            raise Busy(f"{database} is in use by process {holder(database)}: stop it, or let it do this") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next one in. The file stays: one that is deleted could be locked by two."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def holder(database: Path) -> str:
    """The number of the process that has the database, or "unknown"."""
    with suppress(OSError):
        return Path(f"{database}.lock").read_text() or "unknown"
    return "unknown"


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
        self._connecting = threading.Lock()  # whoever walks the set must not meet one being added
        self._closed = False
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock(self.path)
        try:
            finish(self.path)
            self._db = _opened(self.path)
            try:
                self._refuse_other_tenants()
                self._scrub_due = self.execute("pragma user_version").fetchone() != (0,)  # of one that died before it
                with self.transaction():
                    _migrate(self._db)
                    self._end_leases()
                self.counters = Counters(self._last_numbers(), self._is_taken, seed)
                self.execute("pragma journal_mode = wal")  # last: one that is refused stays byte for byte what it is
            except BaseException as error:
                self._db.close()
                told = error.__cause__ if isinstance(error, DiskTrouble) else error
                if isinstance(told, sqlite3.DatabaseError):
                    raise _unusable(told, self.path) from error
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
            _tell(error, self.path)
            raise

    def write_set(self, sql: str, rows: list[tuple[Any, ...]]) -> int:
        """Run one statement for each row; returns how many rows of the table it changed. Only in a transaction."""
        try:
            return self._db.conn.executemany(sql, rows).rowcount
        except sqlite3.DatabaseError as error:
            _tell(error, self.path)
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
            _tell(error, self.path)
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
            for pragma in (*_PRAGMAS, "query_only = on", "wal_autocheckpoint = 0"):
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


def _tell(error: sqlite3.DatabaseError, path: Path) -> None:
    """Raise DiskTrouble where the disk is at fault."""
    code = getattr(error, "sqlite_errorcode", None)  # the driver's own errors have none
    if code is not None and code & 0xFF in _DISKS:
        raise DiskTrouble(f"{path}: {error}") from error


def _unusable(error: sqlite3.DatabaseError, path: Path) -> StorageError:
    """What is told of a database that can't be opened: nothing but room is missing, or it is damaged."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DISKS - {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DiskTrouble(f"{path} can't be used: {error}")
    return Damaged(f"{path} can't be read: {error}. Restore a backup over it")


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
    _refuse_cut_off(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files take its mode
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        for pragma in (*_PRAGMAS, "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        _check(connection, path)
        _refuse_newer(Database(connection), path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _unusable(error, path) from error
    except StorageError:
        connection.close()
        raise
    return Database(connection)


def _refuse_cut_off(path: Path) -> None:
    """SQLite takes what is shorter than a header for a new database, and would begin anew in silence."""
    size = path.stat().st_size if path.exists() else HEADER
    # An empty one is what a first start leaves that had no room; the key is made when there was a whole one.
    if size < HEADER and (size > 0 or path.with_name(f"{path.name}.key").exists()):
        raise Damaged(f"{path} is cut off, {size} bytes are left. Restore a backup over it, or remove it to begin anew")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (told,) = connection.execute("pragma quick_check(1)").fetchone()
    if told != "ok":
        raise Damaged(f"{path} is damaged: {' '.join(told.split())}. Restore a backup over it")


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in MIGRATIONS.pending(Database(memory=True))}
    unknown = sorted({migration.name for migration in MIGRATIONS.applied(db)} - known)
    if unknown:
        raise TooNew(f"{path} was written by a newer version ({', '.join(unknown)}): install that version")


def _migrate(db: Database) -> None:
    MIGRATIONS.apply(db)
