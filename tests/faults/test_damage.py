"""Databases that are damaged, cut off, somebody else's, of another version, or half migrated: refused in words, or sound."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from backup_places import NOW, filled, forked
from sqlite_utils import Database
from turns_to_take import answers, sends, take, typed

from storage.migrations import MIGRATIONS
from storage.sqlite import SqliteStore
from storage.store import StorageError
from tests.seeded import Share

ROOT = Path(__file__).resolve().parents[2]


def hurt(content: bytes, chance: random.Random) -> bytes:
    """The file with one thing wrong with it."""
    data = bytearray(content)
    match chance.randrange(6):
        case 0:
            del data[chance.randrange(len(data)) :]
        case 1:
            at = chance.randrange(len(data))
            data[at] ^= 1 << chance.randrange(8)
        case 2:  # a whole block of the disk
            at = chance.randrange(0, len(data), 512)
            data[at : at + 512] = bytes(512) if chance.random() < 0.5 else chance.randbytes(512)
        case 3:
            at, other = (chance.randrange(0, len(data), 4096) for _ in range(2))
            data[at : at + 4096] = data[other : other + 4096]
        case 4:  # in the header, where everything counts
            data[chance.randrange(100)] = chance.randrange(256)
        case _:
            data[chance.randrange(100, 4096)] = chance.randrange(256)
    return bytes(data)


def test_a_damaged_database_is_refused_in_words_and_left_alone_or_its_sound_rest_works(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    place = filled(tmp_path / "place", chance, "a key for this place")
    sound = [place.database.read_bytes()]
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("pragma journal_mode = delete")  # as a backup is
    sound.append(place.database.read_bytes())
    refused = 0
    for number in range(share.of(1000)):
        folder = tmp_path / f"hurt-{number}"
        folder.mkdir()
        database = folder / "desk.db"
        database.write_bytes(content := hurt(chance.choice(sound), chance))
        try:
            store = SqliteStore(database)
        except StorageError as error:  # anything else is a traceback
            refused += 1
            assert str(database) in str(error) and "\n" not in str(error)
            assert database.read_bytes() == content, f"written to, though refused: {error}"
        else:
            try:
                store.registrations()
                take(store, typed("on", chat="web:new", id="new"))
                assert answers(store, "web:new") == ["on"]
            except (StorageError, sqlite3.DatabaseError, ValueError, KeyError, TypeError):
                pass  # what no look at the start can find: a turn says so, and is not lost
            store.close()
        shutil.rmtree(folder)
    assert refused > 0


def test_what_a_damaged_database_is_told_with_names_the_file_and_what_to_do(
    tmp_path: Path, chance: random.Random
) -> None:
    place = filled(tmp_path / "place", chance, "a key for this place")
    content = place.database.read_bytes()
    for name, data in {
        "garbage": b"no database " * 1000, "cut": content[: len(content) // 2], "page": content[:8192] + bytes(8192) + content[16384:],
        "one byte": b"x", "empty": b"",
    }.items():  # fmt: skip
        place.database.write_bytes(data)
        told = subprocess.run(
            [sys.executable, "-m", "bot", "case", "list"], cwd=place.folder, text=True, capture_output=True, timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{place.database}",
                 "FILES_URL": f"file:{place.root}"},
        )  # fmt: skip
        assert told.returncode == 2 and "Traceback" not in told.stderr, name
        assert str(place.database) in told.stderr and "Restore a backup over it" in told.stderr, told.stderr
        assert place.database.read_bytes() == data, name


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("update conversations set tenant = 'other'", "belongs to the tenant 'other'"),
        ("insert into _sqlite_migrations (migration_set, name) values ('registrations', 'of_tomorrow')", "newer version"),
    ],
    ids=["tenant", "newer"],
)  # fmt: skip
def test_somebody_elses_database_is_refused_and_left_alone(
    tmp_path: Path, chance: random.Random, sql: str, words: str
) -> None:
    place = filled(tmp_path / "place", chance, "a key for this place")
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute(sql)
        connection.commit()
    content = place.database.read_bytes()
    with pytest.raises(StorageError, match=words):
        SqliteStore(place.database)
    assert place.database.read_bytes() == content


# --- migrations


def first_version(folder: Path, chance: random.Random) -> Path:
    """A database as the first release left it, with data."""
    database = filled(folder, chance, "a key for this place").database
    new = database.rename(database.with_name("new.db"))
    db = Database(database)
    MIGRATIONS.apply(db, stop_before=[migration.name for migration in MIGRATIONS._migrations[1:]])
    db.execute("attach ? as new", [str(new)])
    db.execute("pragma foreign_keys = off")
    for table in db.table_names():
        if table not in ("_sqlite_migrations", "sqlite_sequence"):
            columns = ", ".join(column.name for column in db[table].columns)
            db.execute(f"insert into {table} ({columns}) select {columns} from new.{table}")
    db.conn.commit()
    db.close()
    return database


def schema(database: Path) -> tuple[list[str], dict[str, int]]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select type, name, sql from sqlite_master where name not like 'sqlite_%'").fetchall()
        counts = {
            name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]
            for kind, name, _ in rows
            if kind == "table" and name != "_sqlite_migrations"
        }
        applied = [name for (name,) in connection.execute("select name from _sqlite_migrations")] if rows else []
    return [*sorted(map(str, rows)), *applied], counts


class Statements:
    """Counts the statements of a migration and ends the process at one of them."""

    def __init__(self, dies_at: int | None, told: Path) -> None:
        self.passed, self.dies_at, self.told = 0, dies_at, told

    def __call__(self, statement: str) -> None:
        self.told.write_text(str(self.passed))
        if self.passed == self.dies_at:
            os.kill(os.getpid(), 9)
        self.passed += 1


def migrate(database: Path, told: Path, dies_at: int | None) -> None:
    applies = MIGRATIONS.apply

    def traced(db: Database) -> None:
        db.conn.set_trace_callback(Statements(dies_at, told))
        applies(db)

    MIGRATIONS.apply = traced  # type: ignore[method-assign]
    SqliteStore(database).close()


@pytest.mark.parametrize("of", ["nothing", "the first version"])
def test_a_migration_killed_at_any_statement_is_completed_by_the_next_start_or_never_was(
    tmp_path: Path, chance: random.Random, share: Share, of: str
) -> None:
    if of == "nothing":
        (tmp_path / "old").mkdir()
        old = tmp_path / "old" / "desk.db"
    else:
        old = first_version(tmp_path / "old", chance)
    database, told = tmp_path / "here" / "desk.db", tmp_path / "told"
    before = schema(old) if old.exists() else ([], {})

    def fresh() -> None:
        shutil.rmtree(database.parent, ignore_errors=True)
        database.parent.mkdir()
        if old.exists():
            shutil.copy(old, database)

    fresh()
    assert forked(lambda: migrate(database, told, None))[0]
    whole, statements = schema(database), int(told.read_text()) + 1
    assert {migration.name for migration in MIGRATIONS._migrations} <= set(whole[0])
    for dies_at in sorted(chance.sample(range(statements), min(statements, share.of(200)))):
        fresh()
        assert not forked(lambda at=dies_at: migrate(database, told, at))[0]  # type: ignore[misc]
        assert schema(database) in (before, whole), f"half migrated at statement {dies_at}"
        SqliteStore(database).close()
        assert schema(database)[0] == whole[0]
    store = SqliteStore(database)
    take(store, typed("and on", chat="web:new"))
    assert answers(store, "web:new") == ["and on"] and sends(store, "web", NOW)
    store.close()
