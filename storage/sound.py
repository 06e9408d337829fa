"""Whether a file is a sound database of this program, and what is told when it is not, or when the disk refuses."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.light import Database
from storage.migrations import MIGRATIONS
from storage.store import Damaged, DiskTrouble, StorageError, TooNew

WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))  # first and last version with it, https://sqlite.org/wal.html#walresetbug
HEADER = 512  # bytes: no database is shorter
PRAGMAS = (
    "busy_timeout = 5000",
    "foreign_keys = on",
    "secure_delete = on",
    "mmap_size = 0",
)
# What SQLite answers when the disk, and not the statement, is at fault.
_DISKS = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY,
})  # fmt: skip


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


def tell(error: sqlite3.DatabaseError, path: Path) -> None:
    """Raise DiskTrouble where the disk is at fault."""
    code = getattr(error, "sqlite_errorcode", None)  # the driver's own errors have none
    if code is not None and code & 0xFF in _DISKS:
        raise DiskTrouble(f"{path}: {error}") from error


def unusable(error: sqlite3.DatabaseError, path: Path) -> StorageError:
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


def connected(path: Path) -> Database:
    """A connection that writes to the file, which is made when there is none.

    Raises:
        DiskTrouble, Damaged, TooNew: it can't be used. Nothing was written into it.
    """
    _refuse_cut_off(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files take its mode
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        for pragma in (*PRAGMAS, "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        _check(connection, path)
        _refuse_newer(Database(connection), path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise unusable(error, path) from error
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
