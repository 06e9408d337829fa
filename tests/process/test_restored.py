"""What an operator reads after a restore, and how what it holds is let go: beside a running process, and without one."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from client import PATIENCE, Place

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "storage"))

from turns_to_take import NOW, desk, registration_of, take, typed

from storage import backup
from storage.files import FileStore
from storage.sqlite import SqliteStore

ANNA, BERT = "telegram:1:5", "telegram:1:6"


@pytest.fixture
def archive(place: Place, tmp_path: Path) -> Path:
    """A backup of two registrations, of which Bert's is erased by now."""
    store, files = SqliteStore(place.database), FileStore(place.files)
    for chat in (ANNA, BERT):
        take(store, typed("one", chat=chat))
    (tmp_path / "work").mkdir()
    backup.archive(store, files, tmp_path / "work")
    backup.pack(files, place.database.with_name("desk.db.key"), tmp_path / "work", tmp_path / "backup.tar", NOW)
    take(store, desk(registration_of(store, BERT).id, "erase"))
    store.close()
    return tmp_path / "backup.tar"


def test_a_restore_says_what_waits_and_a_running_process_lets_it_go(place: Place, archive: Path) -> None:
    restored = place.command("restore", str(archive))
    assert (restored.returncode, restored.stderr) == (0, "")
    said = restored.stdout.splitlines()
    assert said[0] == "restored as of 2026-11-22T09:30:00Z: 1 registrations, 0 files"
    assert said[1] == "deleted since, and deleted again (the receipts stay):"
    assert re.fullmatch(r"  TH-\w{4}  WITHDRAWN  2026-11-22T09:30:00Z", said[2])
    assert said[3:5] == ["2 messages wait to be sent:", f"  {ANNA}  2, the oldest since 2026-11-22T09:30:00Z"]
    assert re.fullmatch(r"\d reminders and ends are due by now or within 7 days:?", said[5])
    assert "jobs that go on at the next start: 1 erase_files" in said
    assert said[-4].startswith("Messages are taken in, but none leaves for Telegram or Slack")
    assert said[-1].endswith("nothing is deleted unless a reminder arrived 24 hours before.")

    held = place.command("check")
    line = rf"no   sending: held since the restore of {datetime.now(UTC):%Y}-\S+Z: python -m bot resume lets it go"
    assert held.returncode == 1 and [one for one in held.stdout.splitlines() if re.fullmatch(line, one)]

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Place(place.folder, HTTP_PORT=str(port))
    process = running.start("run", stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stderr is not None
    log = []
    for text in process.stderr:
        log.append(text)
        if text.startswith("Sender Desk is on"):
            break
    assert [one["event"] for one in map(json.loads, (text for text in log if text[0] == "{"))].count(
        "sending_held"
    ) == 1
    refused = place.command("restore", str(archive))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"is in use by process {process.pid}" in refused.stderr and "Traceback" not in refused.stderr
    dropped = place.command("resume", "--drop", "--json")
    assert (dropped.returncode, json.loads(dropped.stdout)) == (0, {"dropped": 2})
    assert place.order("resume") == [], "there is nothing to let go any more"
    assert "ok   sending" in place.command("check").stdout.splitlines()
    process.terminate()
    assert process.wait(PATIENCE) == 0
    process.stderr.close()


def test_without_a_process_resume_lets_go_what_waits(place: Place, archive: Path) -> None:
    assert place.command("restore", str(archive)).returncode == 0
    resumed = place.command("resume")
    assert (resumed.returncode, resumed.stdout) == (0, "Messages of the backup sent now: 2\n")
    store = SqliteStore(place.database)
    assert len(store.claim("telegram", datetime.now(UTC), 9, 60)) == 1 and store.held()
    store.close()
