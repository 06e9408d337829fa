"""The SQLite file: one process, sound, ours, and whole after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database
from turns_to_take import answers, registration_of, sends, take, typed

from storage.migrations import MIGRATIONS
from storage.sound import sqlite_warnings
from storage.sqlite import SqliteStore
from storage.store import Damaged, StorageError, TooNew

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "desk.db"


@pytest.fixture
def filled(path: Path) -> Iterator[Path]:
    store = SqliteStore(path)
    take(store, typed("one", id="web:1"))
    store.close()
    yield path


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_second_process_is_told_which_one_runs(filled: Path) -> None:
    opens = "import sys; from storage.sqlite import SqliteStore; SqliteStore(sys.argv[1])"
    store = SqliteStore(filled)
    process = run(opens, filled)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1 and f"Busy: {filled} is in use by process {os.getpid()}" in told
    store.close()
    store.close()
    process = run(opens, filled)
    assert process.wait(30) == 0


def test_only_we_may_read_the_files(filled: Path) -> None:
    store = SqliteStore(filled)
    take(store, typed("two"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [filled.parent, *filled.parent.iterdir()]}
    assert modes.pop("folder") == 0o700
    assert set(modes) == {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock"} and set(modes.values()) == {0o600}
    store.close()


def test_every_connection_is_set_up(filled: Path) -> None:
    store = SqliteStore(filled)
    asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "mmap_size", "busy_timeout")
    assert [store.execute(f"pragma {name}").fetchone()[0] for name in asked] == ["wal", 2, 1, 1, 0, 5000]
    with store.reading() as reader:
        names = ("query_only", "wal_autocheckpoint", "foreign_keys", "mmap_size")
        assert [reader.execute(f"pragma {name}").fetchone()[0] for name in names] == [1, 0, 1, 0]
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("delete from inbox")
    store.close()


def test_a_sqlite_with_the_wal_reset_bug_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def warned(*version: int) -> bool:
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        return bool(sqlite_warnings())

    assert [warned(3, 6, 9), warned(3, 7, 0), warned(3, 51, 2), warned(3, 51, 3)] == [False, True, True, False]


def test_a_newer_database_is_refused(filled: Path) -> None:
    db = Database(filled)
    db.execute("insert into _sqlite_migrations (migration_set, name) values ('registrations', 'of_tomorrow')")
    db.close()
    with pytest.raises(TooNew, match="of_tomorrow"):
        SqliteStore(filled)


def test_a_damaged_database_is_refused(filled: Path) -> None:
    content = bytearray(filled.read_bytes())
    for page in range(3, len(content) // 4096):  # whatever is there, but the schema
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    filled.write_bytes(content)
    with pytest.raises(Damaged):
        SqliteStore(filled)
    filled.write_text("no database at all " * 1000)
    with pytest.raises(Damaged):
        SqliteStore(filled)


def test_the_database_of_another_tenant_is_refused(filled: Path) -> None:
    with pytest.raises(StorageError, match="'main', not to 'other'"):
        SqliteStore(filled, tenant="other")
    SqliteStore(filled).close()  # the refusal let go of the lock


def test_an_empty_file_becomes_a_database_by_all_migrations(path: Path) -> None:
    path.parent.mkdir()
    Database(path).close()  # as an old one without tables
    store = SqliteStore(path)
    names = [migration.name for migration in MIGRATIONS.applied(Database(store.path))]
    assert names[0] == "first_tables" and MIGRATIONS.pending(Database(store.path)) == []
    store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(db: Database) -> None:
        db.execute("alter table inbox add column more text")
        db.execute("insert into nowhere values (1)")

    with monkeypatch.context() as patch:
        patch.setattr(MIGRATIONS, "_migrations", list(MIGRATIONS._migrations))
        MIGRATIONS(name="half_done")(half)
        with pytest.raises(Damaged, match="nowhere"):
            SqliteStore(filled)
    store = SqliteStore(filled)
    assert "more" not in [row[1] for row in store.execute("pragma table_info(inbox)")]
    store.close()


def test_a_later_migration_is_applied_to_an_old_file(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(MIGRATIONS, "_migrations", list(MIGRATIONS._migrations))
        MIGRATIONS(name="later")(lambda db: db.execute("alter table inbox add column more text"))
        store = SqliteStore(filled)
        assert "more" in [row[1] for row in store.execute("pragma table_info(inbox)")]
        assert answers(store) == ["one"]
        store.close()


def test_a_copy_is_whole_and_of_what_is_committed(filled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    store = SqliteStore(filled)
    with store.transaction():
        take(store, typed("uncommitted"))
        store.backup(str(copy))
    take(store, typed("later"))
    store.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    store = SqliteStore(copy)
    assert answers(store) == ["one"]
    assert take(store, typed("one", id="web:1")) == []
    store.close()


TAKES_FOR_EVER = """
import sys
from itertools import count
from turns_to_take import take, typed
from storage.sqlite import SqliteStore
store = SqliteStore(sys.argv[1])
print("open", flush=True)
for number in count(int(sys.argv[2])):
    take(store, typed(str(2 * number), id=f"e:{2 * number}"), typed(str(2 * number + 1), id=f"e:{2 * number + 1}"))
    print(2 * number + 2, flush=True)
"""


def test_what_was_committed_before_a_kill_is_there_and_nothing_twice(path: Path) -> None:
    path.parent.mkdir()
    told = sent = 0
    for kill in range(3):
        process = run(TAKES_FOR_EVER, path, told // 2)
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        for _ in range(1 + 5 * kill):  # commits seen; it dies somewhere in the next ones
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        lines = process.communicate()[0].split()
        told = int(lines[-1]) if lines else told
        store = SqliteStore(path)
        kept = len(answers(store))
        assert told <= kept <= told + 2  # the one unlucky turn was committed and not told
        assert answers(store) == [str(number) for number in range(kept)]
        assert registration_of(store).id == 1
        assert take(store, *(typed("x", id=f"e:{number}") for number in range(kept))) == []
        assert sends(store).count("noted") == kept - sent
        sent = kept
        told = kept
        store.close()
    assert told > 0
