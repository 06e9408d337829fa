"""A restore in small: held, whole, and without what was deleted since. At length: tests/faults/test_backup_whole.py."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from turns_to_take import NOW, desk, registration_of, sends, take, typed

from storage import backup, files, points
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
    for point, held in (("decide:before", False), ("decide:after", True), ("replace:before", True)):
        stops_at = point
        with pytest.raises(DiskTrouble if held else OSError, match="next start" if held else "No space"):
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


def packed(archive: Path, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
    with tarfile.open(archive, "w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, link
            tar.addfile(member, io.BytesIO(content))


def test_an_archive_made_to_do_harm_is_refused_in_words(archive: Path) -> None:
    before = {path: path.read_bytes() for path in archive.parent.rglob("*") if path.is_file() and path != archive}
    key = "files/r1/ab/ab" + "0" * 62
    for member in (
        ("files/../../outside", b"x"), ("/etc/outside", b"x"), ("files//outside", b"x"), (key, b"other content"),
        ("key", b"x" * (backup.LARGEST + 1)), ("about.json", b"[1, 2]"), ("about.json", b"7"), ("about.json", b"{}"),
        ("about.json", b'{"made_at": "yesterday"}'), ("about.json", b'{"made_at": 7}'), ("about.json", b"[" * 90_000),
    ):  # fmt: skip
        packed(archive, member)
        with pytest.raises(Damaged):
            restored(archive)
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        for name in ("database", "key", key, "files"):
            packed(archive, (name, b""), kind=kind, link="/etc/passwd")
            with pytest.raises(Damaged):
                restored(archive)
    archive.unlink()
    assert {path: path.read_bytes() for path in archive.parent.rglob("*") if path.is_file()} == before


def test_what_is_restored_is_for_our_eyes_only(archive: Path) -> None:
    new = archive.parent / "new"
    before = os.umask(0)
    try:
        backup.restore(archive, new / "desk.db", new / "kept" / "files", LATER)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [new, *new.rglob("*")]}
    assert {0o700 if path.is_dir() else 0o600 for path in modes} == set(modes.values())
    assert [path for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)] == []
    assert len([path for path in modes if path.suffix == ".jpg"]) == 2


def test_half_a_database_that_an_older_version_left_is_taken_away(archive: Path) -> None:
    left = archive.with_name("desk.db.restoring")
    left.write_bytes(b"half a database")
    assert restored(archive).files == 2 and not left.exists()


def test_a_file_that_moves_while_a_backup_is_made_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = files._link
    for first, last in (("incoming", "r9"), ("c5", "r9"), ("incoming", "c5")):
        store = FileStore(tmp_path / f"{first} {last}")
        moving, other = store.put(first, b"on its way"), store.put("r1", b"elsewhere")
        for owner in ("incoming", "c1", "r2"):
            store.put(owner, b"elsewhere")

        def moves(source: Path, target: Path, store: FileStore = store, key: str = moving, to: str = last) -> None:
            if (store.root / key).exists():  # as a job does, between two of them
                store.move(key, to)
            link(source, target)

        monkeypatch.setattr(files, "_link", moves)
        (tmp_path / "frozen").mkdir()
        frozen = store.freeze(tmp_path / "frozen")
        assert other in frozen and any(key.endswith(moving.split("/")[2]) for key in frozen), frozen
        shutil.rmtree(tmp_path / "frozen")
        monkeypatch.undo()


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
