"""A restore in small: held, whole, and without what was deleted since. At length: tests/faults/test_backup_whole.py."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from turns_to_take import NOW, desk, registration_of, sends, take, typed

from storage import backup, points
from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Damaged, DiskTrouble

LATER = NOW + timedelta(days=2)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A backup of two registrations, each with a file, and of messages that wait."""
    store, files = SqliteStore(tmp_path / "desk.db"), FileStore(tmp_path / "files")
    for chat in ("telegram:1:5", "web:anna"):
        take(store, typed("one", chat=chat))
        files.put(f"r{registration_of(store, chat).id}", chat.encode(), ".jpg")
    (tmp_path / "work").mkdir()
    backup.archive(store, files, tmp_path / "work")
    backup.pack(files, tmp_path / "desk.db.key", tmp_path / "work", tmp_path / "backup.tar", NOW)
    store.close()
    return tmp_path / "backup.tar"


def restored(archive: Path) -> backup.Restored:
    return backup.restore(archive, archive.with_name("desk.db"), archive.with_name("files"), LATER)


def test_a_restore_holds_what_would_leave_until_it_is_let_go(archive: Path) -> None:
    found = restored(archive)
    assert [(chat, number) for chat, number, _ in found.messages] == [("telegram:1:5", 2)]
    assert found.made_at == NOW and found.files == 2 and found.erased == []
    store = SqliteStore(archive.with_name("desk.db"))
    assert sends(store, "telegram", LATER) == [] and sends(store, "web", LATER) == ["noted", "ask_field"]
    assert store.due(LATER + timedelta(days=60), 50) == []
    take(store, typed("hello", chat="telegram:1:5"))
    assert store.let_go(False, LATER) == 3 and store.let_go(True, LATER) is None
    assert sends(store, "telegram", LATER) == ["noted", "ask_field", "greeting"]
    assert len(store.due(LATER + timedelta(days=60), 50)) == 2
    store.close()


def test_what_was_deleted_since_the_backup_is_not_brought_back(archive: Path) -> None:
    store = SqliteStore(archive.with_name("desk.db"))
    gone = registration_of(store, "telegram:1:5")
    take(store, desk(gone.id, "erase"))
    receipts = store.receipts()
    store.close()
    found = restored(archive)
    assert [one.reference for one in found.erased] == [gone.reference] and found.files == 1
    store = SqliteStore(archive.with_name("desk.db"))
    assert store.found(gone.reference) is None and store.receipts() == receipts and store.held() == []
    assert not (archive.with_name("files") / f"r{gone.id}").exists()
    assert take(store, typed("hello", chat="telegram:1:5"))
    store.close()


def test_a_restore_that_is_cut_off_leaves_what_was_here_or_is_finished_by_the_next_start(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(name: str) -> None:
        if name == stops_at:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(points, "hook", stop)
    for point, held in (("decide:before", False), ("replace:before", True)):
        stops_at = point
        with pytest.raises(OSError):
            restored(archive)
        points.hook = None
        store = SqliteStore(archive.with_name("desk.db"))
        assert ("held" in store.settings()) is held
        store.close()
        points.hook = stop
    left = {path.name for path in archive.parent.iterdir()} - {"work", "backup.tar", "desk.db-wal", "desk.db-shm"}
    assert left == {"desk.db", "desk.db.lock", "files"}


def test_a_file_that_is_no_sound_backup_is_refused(archive: Path) -> None:
    content = archive.read_bytes()
    for data in (
        b"",
        b"no archive " * 1000,
        content[: len(content) // 2],
        content.replace(b"web:anna", b"web:hanna"[:8]),
    ):
        archive.write_bytes(data)
        with pytest.raises(Damaged):
            restored(archive)
    store = SqliteStore(archive.with_name("desk.db"))
    assert len(store.registrations()) == 2 and not (archive.with_name("files") / ".restored").exists()
    store.close()


def test_a_wait_that_a_platform_asked_for_outlasts_a_start_and_a_lease_does_not(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "desk.db")
    for chat in ("telegram:1:5", "telegram:1:6"):
        take(store, typed("one", chat=chat))
    asked, leased = store.claim("telegram", NOW, 2, 60)
    store.retry(asked.id, NOW + timedelta(seconds=90))
    store.close()
    store = SqliteStore(tmp_path / "desk.db")
    assert [one.id for one in store.claim("telegram", NOW, 9, 60)] == [leased.id]
    assert [one.id for one in store.claim("telegram", NOW + timedelta(seconds=90), 1, 60)] == [asked.id]
    store.close()


def test_a_commit_the_disk_refuses_keeps_nothing_and_is_taken_when_it_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "desk.db")
    (pages,) = store.execute("pragma page_count").fetchone()
    store.execute(f"pragma max_page_count = {pages}")
    words = [typed(f"{number} " + "x" * 5000, id=f"one:{number}") for number in range(3)]
    with pytest.raises(DiskTrouble, match="full"):
        take(store, *words)
    assert store.snapshot("web:anna") is None
    store.execute("pragma max_page_count = 1000000")
    assert len(take(store, *words)) == 3 and take(store, *words) == []
    store.close()


def test_a_database_that_is_cut_off_is_no_new_one(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    SqliteStore(database).close()
    (tmp_path / "desk.db.key").write_text("made when there was a database")
    for content in (b"", b"x", b"SQLite format 3\0"):
        database.write_bytes(content)
        with pytest.raises(Damaged, match=r"cut off.*Restore a backup"):
            SqliteStore(database)
        assert database.read_bytes() == content
