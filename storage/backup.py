"""Backup and restore: one archive of the database as of one moment, the files it speaks of, and the key.

A restore turns time back, and three things must not turn back with it. What was deleted since stays deleted: the
receipts of the database that is replaced are carried over, and what they speak of is erased once more. Nobody comes
back to the desk who was taken off it. And nothing is sent or deleted of itself until the operator says so, for what
waited then may have arrived long ago.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from conversations.model import Erase, Event, Kind, Status, Step, Turn
from storage.files import FileStore, key_fits
from storage.lock import Lock
from storage.opened import HELD
from storage.packing import to_number, to_time
from storage.points import rename, sync_file, sync_folder
from storage.replacing import Ready, finish, is_decided, undo
from storage.sound import check
from storage.sqlite import SqliteStore
from storage.store import Damaged, DiskTrouble, Receipt, Store

FROZEN = ".frozen"  # in the folder of the files, while a backup is made
ABOUT = "about.json"
SOON = timedelta(days=7)  # what comes due within it is listed
LARGEST = 1 << 20  # bytes of `about.json` and of the key: they are a line each
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Due:
    """What a timer of a registration will do, and when."""

    at: datetime
    reference: str
    does: str  # "reminder", "end", "nudge", "reopen", "erase"


@dataclass(frozen=True, slots=True)
class Restored:
    """What an operator must know of a restore."""

    made_at: datetime  # the moment that is here again
    registrations: list[str]  # references
    files: int
    replaced: str  # "database": its deletions are known; "unreadable"; "nothing": there was none
    erased: list[Receipt]  # stay deleted, though the backup has them
    off_the_desk: list[str]  # names of staff
    messages: list[tuple[str, int, datetime]] = field(default_factory=list)  # chat, how many wait, since when
    due: list[Due] = field(default_factory=list)
    jobs: dict[str, int] = field(default_factory=dict)


def archive(store: Store, files: FileStore, folder: Path) -> None:
    """Copy the database into `folder`, and keep the files as of the same moment. On the writer's thread."""
    frozen = files.root / FROZEN
    shutil.rmtree(frozen, ignore_errors=True)  # of a process that was killed
    store.backup(str(folder / "database"))
    # An erasure's files go only after its turn, and no turn is taken while this thread is here.
    frozen.mkdir(mode=0o700)
    files.freeze(frozen)


def pack(files: FileStore, key: Path, folder: Path, target: Path, now: datetime) -> None:
    """Make one file of what `archive` kept, in the place of `target`, whole or not at all."""
    made, frozen = folder / "archive", files.root / FROZEN
    about = {
        "made_at": now.isoformat(),
        "database": _sha256(folder / "database"),
        "files": sum(path.is_file() for path in frozen.rglob("*")),
    }
    (folder / ABOUT).write_text(json.dumps(about))
    try:
        with tarfile.open(made, "w") as tar:
            tar.add(folder / ABOUT, ABOUT)
            tar.add(folder / "database", "database")
            if key.exists():  # without it no letter that was printed could be recognised again
                tar.add(key, "key")
            tar.add(frozen, "files")
    finally:
        shutil.rmtree(frozen, ignore_errors=True)
    made.chmod(0o600)
    sync_file(made)
    rename(made, target)
    sync_folder(target.parent)


def restore(file: Path, database: Path, files: Path, now: datetime) -> Restored:
    """Put the archive in place of the database, its key and the files, all of them or none.

    Raises:
        Busy: a process is using the database.
        Damaged, TooNew: the archive is no sound backup of this program, or of a newer one.
        OSError: the disk refused; all is as it was.
        DiskTrouble: it refused too late for that; the next start goes on.
    """
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(database)
    try:
        finish(database)
        try:
            ready = Ready(database, files)
            made_at = _unpacked(file, ready)
            restored = _prepared(ready, database, made_at, now)
            ready.decide()
        except BaseException:
            undo(database)
            raise
        finish(database)
    except OSError as error:
        if is_decided(database):
            told = f"{error.strerror}. The restore is decided, and part of it done: the next start goes on with it"
            raise DiskTrouble(f"{error.filename or database}: {told}") from error
        raise
    finally:
        lock.release()
    return restored


# --- what is in the archive


def _unpacked(file: Path, ready: Ready) -> datetime:
    """Lay everything ready, each piece compared with its sum. The moment the backup was made."""
    about: dict[str, Any] = {}
    made_at: datetime | None = None
    files = 0
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if member.name == ABOUT and content:
                    about = _about(content)
                    made_at = datetime.fromisoformat(about["made_at"]).astimezone(UTC)
                elif member.name in ("database", "key") and content:
                    if member.name == "key" and member.size > LARGEST:
                        raise Damaged(f"{file} is no backup of this program")
                    sha256 = _written(content, ready.database if member.name == "database" else ready.key)
                    if about.get(member.name, sha256) != sha256:
                        raise Damaged(f"{file} is damaged: its {member.name} is not what was put into it")
                    made_at = made_at or datetime.fromtimestamp(member.mtime, UTC)
                elif member.name.startswith("files/") and content:
                    key = member.name.removeprefix("files/")
                    _place(file, key, content, ready)
                    files += 1
                elif not member.isdir() or member.name.split("/")[0] != "files":
                    raise Damaged(f"{file} is no backup of this program")
    except (OSError, tarfile.TarError, EOFError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, OSError) and error.filename != str(file) and error.errno is not None:
            raise  # the disk we write to
        raise Damaged(f"{file} can't be read: {error}") from error
    if not ready.database.exists():
        raise Damaged(f"{file} is no backup of this program")
    if files != about.get("files", files):
        raise Damaged(f"{file} is cut off: {files} of {about['files']} files are in it")
    assert made_at is not None
    return made_at


def _about(content: IO[bytes]) -> dict[str, Any]:
    try:
        return dict(json.loads(content.read(LARGEST)))
    except RecursionError:
        raise ValueError("lists in lists") from None


def _place(file: Path, key: str, content: IO[bytes], ready: Ready) -> None:
    part = ready.files / "part"
    sha256 = _written(content, part)
    if not key_fits(key, sha256):
        raise Damaged(f"{file} is damaged: {key} in it is not what was put into it")
    target = ready.files / key
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    part.replace(target)


def _written(content: IO[bytes], path: Path) -> str:
    """Write it down. Its sum."""
    path.touch(mode=0o600)
    digest = hashlib.sha256()
    with path.open("wb") as out:
        while block := content.read(_BLOCK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# --- what must not turn back


@dataclass(frozen=True, slots=True)
class _Since:
    """What the database that is replaced knows of the time since the backup."""

    receipts: Sequence[Receipt] = ()
    off_the_desk: Sequence[tuple[str, str]] = ()  # name, principal
    spent: Sequence[tuple[int, str]] = ()  # when, code
    counters: Sequence[tuple[str, int]] = ()


def _known(database: Path) -> tuple[str, _Since]:
    """What is known, and of what: "database", "unreadable" or "nothing"."""
    if not database.exists() or not database.stat().st_size:
        return "nothing", _Since()
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("select reference, country, status, opened_at, closed_at, why from receipts")
            receipts = [
                Receipt(reference, country, status, to_time(opened_at), to_time(closed_at), why)
                for reference, country, status, opened_at, closed_at, why in rows
            ]
            known = _Since(
                receipts,
                connection.execute("select name, principal from staff where revoked = 1").fetchall(),
                connection.execute("select spent_at, code from invitations where spent_at is not null").fetchall(),
                connection.execute("select name, last from counters").fetchall(),
            )
    except (sqlite3.DatabaseError, TypeError, ValueError, OverflowError):
        return "unreadable", _Since()
    return "database", known


def _prepared(ready: Ready, database: Path, made_at: datetime, now: datetime) -> Restored:
    """Make of the backup what is to be here, and say what that is."""
    check(ready.database)
    replaced, since = _known(database)
    store = SqliteStore(ready.database)
    try:
        with store.transaction():
            erased = [one for one in since.receipts if _erased(store, one, ready.files, now)]
            off_the_desk = [name for name, principal in since.off_the_desk if _taken_off(store, name, principal)]
            for spent in since.spent:
                store.execute("update invitations set spent_at = ? where code = ? and spent_at is null", spent)
            for name, last in since.counters:  # numbers that were drawn since may still be on their way somewhere
                store.execute("update counters set last = max(last, ?) where name = ?", (last, name))
            store.put_setting(HELD, now.isoformat())
        found = Restored(
            made_at,
            [found.registration.reference for found in store.registrations()],
            sum(path.is_file() for path in ready.files.rglob("*")),
            replaced,
            erased,
            off_the_desk,
            store.held(),
            _due(store, now),
            Counter(name for (name,) in store.execute("select name from jobs")),
        )
        store.scrub()
    finally:
        store.close()
    with closing(sqlite3.connect(ready.database)) as connection:
        connection.execute("pragma journal_mode = delete")  # one file, nothing beside it
    return found


def _erased(store: SqliteStore, receipt: Receipt, files: Path, now: datetime) -> bool:
    """Keep the receipt. True when it speaks of a registration of the backup, which is now gone."""
    found = store.found(receipt.reference)
    if found is None:
        if store.receipt(receipt.reference) is None:
            values = (receipt.reference, receipt.country, receipt.status, to_number(receipt.opened_at))
            sql = "insert into receipts (tenant, reference, country, status, opened_at, closed_at, why)"
            store.execute(
                f"{sql} values (?, ?, ?, ?, ?, ?, ?)",
                (store.tenant, *values, to_number(receipt.closed_at), receipt.why),
            )
        return False
    number = found.registration.id
    if found.registration.opened_at != receipt.opened_at:
        return False  # another installation's, with the same letters by chance
    event = Event(f"restore:{receipt.reference}:{to_number(now)}", Kind.DESK, now, registration=number)
    with store.batch([event]) as batch:
        for one in batch.unseen:
            case = batch.case(one)
            gone = case.registrations[number]
            gone.status, gone.closed_at = Status(receipt.status), receipt.closed_at
            for chat in (case.conversation, case.home):
                if chat is not None and chat.on == number:
                    chat.state = Step.COUNTRY
                    chat.asked += 1
            batch.keep(one, Turn(case, [Erase(number, receipt.why)]))
    shutil.rmtree(files / f"r{number}", ignore_errors=True)
    return True


def _taken_off(store: SqliteStore, name: str, principal: str) -> bool:
    sql = "update staff set revoked = 1 where name = ? and principal = ? and revoked = 0"
    return store.execute(sql, (name, principal)).rowcount > 0


def _due(store: SqliteStore, now: datetime) -> list[Due]:
    """What the timers would do by now and in the next days, the next first."""
    sql = (
        "select t.due_at, r.reference, t.name, r.ends_at from timers t join registrations r on r.id = t.registration_id"
        " where t.due_at <= ? order by t.due_at, t.id"
    )
    named = {"clock": "reminder"}
    return [
        Due(
            to_time(at),
            reference,
            "end" if name == "clock" and ends_at is not None and ends_at <= at else named.get(name, name),
        )
        for at, reference, name, ends_at in store.execute(sql, (to_number(now + SOON),))
    ]
