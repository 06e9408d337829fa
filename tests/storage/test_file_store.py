"""People's files: whole or not there, theirs alone, gone when they go."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import files as file_stores
from storage.files import BadKey, FileStore


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def names(files: FileStore) -> list[str]:
    return sorted(path.relative_to(files.root).as_posix() for path in files.root.rglob("*") if path.is_file())


def test_a_file_is_kept_by_its_content(files: FileStore, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"scan").hexdigest()
    key = files.put("r12", b"scan", ".pdf")
    assert key == f"r12/{sha256[:2]}/{sha256}.pdf"
    (tmp_path / "sent").write_bytes(b"scan")
    assert files.put("r12", tmp_path / "sent", ".pdf") == key
    assert names(files) == [key] and (tmp_path / "sent").exists()
    assert files.read(key) == b"scan"
    with files.open(key) as file:
        assert file.read() == b"scan"
    assert files.path(key).is_file()


def test_only_we_may_read_it(files: FileStore) -> None:
    path = files.path(files.put("c5", b"scan"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (files.root, path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_moves_to_its_registration_once(files: FileStore) -> None:
    early = files.put("c5", b"scan", ".png")
    key = files.move(early, "r12")
    assert key.startswith("r12/") and names(files) == [key]
    assert files.move(early, "r12") == key and files.move(key, "r12") == key
    with pytest.raises(FileNotFoundError):
        files.move(files.put("c5", b"other").replace("c5", "c6"), "r12")
    with pytest.raises(BadKey):
        files.move(key, "../r12")


def test_the_plans_of_a_chat_are_apart_from_its_other_files(files: FileStore, tmp_path: Path) -> None:
    plan, scan = files.put("p5", b"plan", ".pdf"), files.put("c5", b"scan")
    (tmp_path / "frozen").mkdir()
    assert sorted(files.freeze(tmp_path / "frozen")) == [scan, plan]
    files.erase("p5")
    assert names(files) == [scan]


def test_all_of_an_owner_goes_and_nothing_else(files: FileStore) -> None:
    kept = files.put("r123", b"scan")
    gone = files.put("r12", b"scan"), files.put("r12", b"more")
    files.erase("r12")
    files.erase("r12")
    assert names(files) == [kept]
    with pytest.raises(FileNotFoundError):
        files.read(gone[0])


@pytest.mark.parametrize(
    "key",
    ["", "r12", "/etc/passwd", "r12/../../etc/passwd", "x1/ab/" + "ab" * 32, "r12/aa/" + "ab" * 32,
     "r12/ab/" + "ab" * 32 + "/../x", "r12/ab/" + "ab" * 32 + ".pdf\n", "r0/ab/" + "ab" * 32, "r12/ab/" + "ab" * 31],
)  # fmt: skip
def test_what_is_no_key_is_refused(files: FileStore, key: str) -> None:
    with pytest.raises(BadKey):
        files.path(key)
    with pytest.raises(BadKey):
        files.read(key)


@pytest.mark.parametrize("owner", ["", ".", "..", "r", "r-1", "r1/..", "incoming/x", "R1", "r1\n"])
def test_what_is_no_owner_is_refused(files: FileStore, owner: str) -> None:
    with pytest.raises(BadKey):
        files.put(owner, b"x")
    with pytest.raises(BadKey):
        files.erase(owner)
    with pytest.raises(BadKey):
        files.put("r1", b"x", "/../x")


def test_what_no_row_knows_is_swept_when_it_is_old(files: FileStore) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    known, lost, new = (files.put("incoming", text) for text in (b"known", b"lost", b"new"))
    half = files.root / ".part-x"
    half.write_bytes(b"half")
    for path in (files.path(known), files.path(lost), half):
        os.utime(path, (now.timestamp() - 7200, now.timestamp() - 7200))
    assert files.sweep({known}, now - timedelta(hours=1)) == [".part-x", lost]
    assert names(files) == sorted([known, new])


def test_a_write_that_fails_leaves_nothing(files: FileStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.put("r1", tmp_path / "nothing")
    assert names(files) == []


def test_a_name_that_the_disk_did_not_take_is_written_down_at_the_next_try(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder or a file that is there may be gone with the power until the folder above it is synced."""
    synced: list[Path] = []
    refuses = True

    def sync(folder: Path) -> None:
        if refuses:
            raise OSError(28, "No space left on device")
        synced.append(folder)

    monkeypatch.setattr(file_stores, "sync_folder", sync)
    with pytest.raises(OSError, match="No space"):
        files.put("r1", b"letter")
    refuses = False
    key = files.put("r1", b"letter")
    assert synced == [files.root, files.root / "r1", files.path(key).parent]
    files.put("r2", b"another")
    refuses = True
    (files.root / "r2" / key.split("/")[1]).mkdir(exist_ok=True)
    with pytest.raises(OSError, match="No space"):
        files.move(key, "r2")
    refuses = False
    synced.clear()
    moved = files.move(key, "r2")
    assert synced == [files.path(moved).parent] and files.read(moved) == b"letter"
