"""Installations to back up and to restore over: small, filled by chance, and compared row for row and byte for byte."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "storage"))

from turns_to_take import NOW, desk, registration_of, take, typed

from storage import backup, points
from storage.files import FileStore, keys_in
from storage.sqlite import SqliteStore

LATER = NOW + timedelta(days=2)  # when it is restored
CHATS = ("telegram:1:1", "telegram:1:2", "telegram:1:3", "telegram:1:4", "web:anna")
# What a start or a restore itself writes; everything else must be as in the backup.
OF_THE_HOUSE = {"sqlite_sequence", "_sqlite_migrations"}


@dataclass(frozen=True)
class Place:
    """Where an installation lies."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "desk.db"

    @property
    def key(self) -> Path:
        return self.folder / "desk.db.key"

    @property
    def root(self) -> Path:
        return self.folder / "files"

    def restores(self, archive: Path, now: datetime = LATER) -> backup.Restored:
        return backup.restore(archive, self.database, self.root, now)

    def archived(self, archive: Path, now: datetime = NOW) -> None:
        """Make a backup, as the command does."""
        work = archive.with_name(archive.name + ".work")
        work.mkdir()
        store = SqliteStore(self.database)
        try:
            files = FileStore(self.root)
            backup.archive(store, files, work)
            backup.pack(files, self.key, work, archive, now)
        finally:
            store.close()

    def state(self) -> dict[str, Any]:
        """Everything that is here: each row of each table, each byte of each file, the key."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as connection:
            names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
            tables: dict[str, Any] = {
                name: sorted(map(repr, connection.execute(f'select * from "{name}"')))
                for name in names
                if name not in OF_THE_HOUSE
            }
        # A setting is put by taking the old one out: its number says nothing.
        tables["settings"] = sorted(row.split(", ", 1)[1] for row in tables["settings"] if "'held'" not in row)
        files = {key: (self.root / key).read_bytes() for key in keys_in(self.root)}
        return {**tables, "files": files, "key": self.key.read_bytes() if self.key.exists() else None}

    def litter(self) -> list[str]:
        """What lies here that belongs to no installation at rest."""
        kept = {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.key", "desk.db.lock"}
        here = [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()]
        return [
            name for name in here if name not in kept and name.removeprefix("files/") not in set(keys_in(self.root))
        ]


def filled(folder: Path, chance: random.Random, key: str) -> Place:
    """An installation with a few registrations, their files, and messages that wait."""
    place = Place(folder)
    folder.mkdir(parents=True)
    place.key.write_text(key)
    store = SqliteStore(place.database, seed=chance.randrange(1_000_000))
    goes_on(place, store, chance, 12)
    store.close()
    return place


def goes_on(place: Place, store: SqliteStore, chance: random.Random, turns: int) -> None:
    """More turns, in chats that chance chooses, each registration with a file or two."""
    files = FileStore(place.root)
    for _ in range(turns):
        chat = chance.choice(CHATS)
        take(store, typed(f"word {chance.random()}", chat=chat))
        if chance.random() < 0.5:
            files.put(f"r{registration_of(store, chat).id}", chance.randbytes(chance.randrange(1, 5000)), ".jpg")
    for outgoing in store.claim("telegram", NOW, chance.randrange(1, 4), 60):
        store.sent(outgoing.id, NOW, outgoing.id, f"p{outgoing.id}")


def erases(place: Place, store: SqliteStore, chat: str) -> str:
    """The reference of the chat's registration, which is deleted: the row at once, the files by their job."""
    gone = registration_of(store, chat)
    take(store, desk(gone.id, "erase"))
    for job in store.claim_jobs(NOW, 50, 60):
        FileStore(place.root).erase(job.payload["prefix"])
        store.finish_job(job.id)
    return gone.reference


def forked(does: Callable[[], object], dies_at: int | None = None, only: str = "") -> tuple[bool, int]:
    """Do it in a process of its own, which is killed as it passes that point, counted from 0.

    (whether it came to its end, how many points it passed)
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        passed = 0

        def hook(name: str) -> None:
            nonlocal passed
            if not name.startswith(only):
                return
            os.write(writing, b".")
            if passed == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1

        points.hook = hook
        try:
            does()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        passed = len(told.read())
    status = os.waitpid(child, 0)[1]
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "it failed by itself"
    return os.WIFEXITED(status), passed
