"""The commands as a person types them: real processes, real files, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


class Place:
    """A folder with a house in it, and commands typed there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "SECRET_KEYS": "a key that is only for tests"}

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *words], cwd=self.folder, env=self.environment | settings, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, given: str = "", **settings: str) -> tuple[int, str, str]:
        process = self.start(*words, **settings)
        out, err = process.communicate(given, timeout=60)
        return process.returncode, out, err

    def json(self, *words: str) -> Any:
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    @contextmanager
    def running(self) -> Iterator[int]:
        """A server; its port."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        process = self.start("run", HTTP_PORT=str(port))
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
                    break
                except OSError:
                    assert process.poll() is None, process.communicate()
                    time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0, process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--help",), 0),
        (("rules", "list"), 0),
        (("rules", "show", "th"), 0),
        (("rules", "show", "QQ"), 1),
        (("case", "show", "TH-0000"), 1),
        (("staff", "revoke", "nobody"), 1),
        (("staff", "invite", "--role", "king"), 2),
        (("failed", "replay", "7"), 1),
        (("failed", "list"), 0),
        (("letters", "render", "TH-0000", "--out", "x"), 1),
        (("letters", "render", "--out", "x"), 2),
        (("letters", "render", "--example", "QQ", "--out", "x"), 2),
        (("letters", "check", "photo.jpg", "--letters", "x", "--json"), 2),
        (("letters", "scan", "photo.jpg", "--out", "x", "--json"), 2),
        (("read", "licence.pdf"), 2),
        (("tick", "--at", "tomorrow"), 2),
        (("restore", "no-such-file"), 2),
        (("pause", "Back at nine."), 0),
        (("resume",), 0),
        (("check",), 0),
    ],
)
def test_exit_codes(place: Place, words: tuple[str, ...], code: int) -> None:
    found, out, err = place.run(*words)
    assert found == code, err
    assert (out if code == 0 and words[0] not in ("pause", "resume", "failed") else True) and "Traceback" not in err
    assert err or code == 0


@pytest.mark.parametrize("words", [("letters", "check", "x"), ("letters", "scan", "x"), ("read", "x")])
def test_what_is_not_there_yet_says_so(place: Place, words: tuple[str, ...]) -> None:
    assert "not there yet" in place.run(*words)[2]


def test_a_wrong_setting_ends_every_command_with_its_name(place: Place) -> None:
    code, out, err = place.run("case", "list", HTTP_PORT="none")
    assert (code, out) == (2, "") and err.startswith("HTTP_PORT")


@pytest.mark.parametrize("words", [("run",), ("case", "list"), ("chat", "--json")])
def test_a_folder_that_is_none_ends_the_start_with_the_setting(place: Place, words: tuple[str, ...]) -> None:
    (place.folder / "data").write_text("a file where a folder should be")
    code, out, err = place.run(*words)
    assert (code, out) == (2, "") and err.strip().splitlines()[-1].startswith("DATABASE_URL")


def test_rules_need_no_database_and_leave_nothing_behind(place: Place) -> None:
    place.run("rules", "lint")
    assert list(place.folder.iterdir()) == []


def test_help_needs_no_setting_and_is_quick(place: Place) -> None:
    started = time.process_time(), time.monotonic()
    assert place.run("--help", HTTP_PORT="none")[0] == 0
    assert time.monotonic() - started[1] < 5  # generous: the machine may be busy


def test_rules_are_printed_as_json(place: Place) -> None:
    listed = place.json("rules", "list")
    assert {"country", "name", "route", "registration", "lead_time_days"} == set(listed[0])
    shown = place.json("rules", "show", "TH")
    assert {"fields", "documents", "sender_id", "samples", "sources"} <= set(shown)


def test_example_letters_come_with_their_boxes(place: Place) -> None:
    code, out, err = place.run("letters", "render", "--example", "SA", "--out", "letters", "--json")
    assert code == 0, err
    pages = [json.loads(line) for line in out.splitlines()]
    assert {"file", "letter", "page", "pages", "version", "code", "signature_box", "stamp_box"} == set(pages[0])
    assert all(Path(page["file"]).read_bytes().startswith(b"%PDF") for page in pages)
    box = pages[-1]["signature_box"]
    assert 0 < box[0] < box[2] < 1 and 0 < box[1] < box[3] < 1
    assert sorted(path.suffix for path in (place.folder / "letters").iterdir()) == [".json", ".pdf"]


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def told(*said: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in said)


def test_a_chat_in_json_lines(place: Place) -> None:
    given = told({"text": "/start"}, {"text": "Thailand"}, {"choose": "start"})
    code, out, err = place.run("chat", "--json", "--as", "anna", given=given)
    assert code == 0, err
    found = lines(out)
    assert sum(line.get("end", False) for line in found) == 3 and found[-1]["end"]
    keys = {"text", "choices", "step", "field", "registration", "status", "files"}
    assert all(keys <= set(line) for line in found)
    last = found[-1]
    assert (last["step"], last["status"]) == ("asking", "DRAFT") and last["field"] and last["registration"][:3] == "TH-"
    assert all(set(choice) == {"label", "value"} for choice in last["choices"])
    (case,) = place.json("case", "list")
    assert case["reference"] == last["registration"] and case["history"]
    assert place.json("case", "show", case["reference"].lower()) == case


@pytest.mark.parametrize(
    "line", ["hello", "[]", "7", '{"say": 1}', '{"text": 7}', '{"file": "/no/such/file"}', '{"file": 3}']
)
def test_a_line_that_is_none_is_answered_and_the_chat_goes_on(place: Place, line: str) -> None:
    code, out, _ = place.run("chat", "--json", given=f'{line}\n{{"text": "/start"}}\n')
    assert code == 0
    first, *others = lines(out)
    assert set(first) == {"error", "end"} and others[-1]["end"]


def test_nothing_is_printed_before_the_first_line_and_the_end_of_input_is_no_error(place: Place) -> None:
    assert place.run("chat", "--json")[:2] == (0, "")


def test_a_file_is_sent_by_its_path_and_its_job_is_done_before_the_end(place: Place) -> None:
    (place.folder / "x.jpg").write_bytes(b"MZ this is no picture")
    given = told({"text": "/start"}, {"file": str(place.folder / "x.jpg"), "as_photo": True})
    code, out, err = place.run("chat", "--json", given=given)
    assert code == 0, err
    assert "files_received" not in out and len(lines(out)) >= 4
    assert [path for path in (place.folder / "data" / "files" / "incoming").rglob("*") if path.is_file()] == []


def test_a_person_at_a_terminal_reads_sentences_and_numbered_choices(place: Place) -> None:
    code, out, err = place.run("chat", "--as", "anna", given="Thailand\n1\n")
    assert code == 0, err
    assert "Thailand" in out and "1 Start" in out and "{" not in out


def test_commands_are_handed_to_the_running_process(place: Place) -> None:
    with place.running() as port:
        socket_file = place.folder / "data" / "senderdesk.db.sock"
        assert stat.S_IMODE(socket_file.stat().st_mode) == 0o600
        code, out, err = place.run("staff", "invite", "--role", "admin")
        assert code == 0 and out.startswith("DESK-"), err
        code, out, err = place.run("chat", "--json", "--as", "boss", given=told({"text": out.strip()}))
        assert code == 0 and "error" not in out, err
        assert [one["name"] for one in place.json("staff", "list")] == ["boss"]
        assert place.run("case", "show", "TH-0000")[0] == 1
        assert place.run("restore", "backup.tar")[0] == 2
        again = place.run("run", HTTP_PORT="1")
        assert again[0] == 2 and "in use by process" in again[2]
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        assert 'senderdesk_turns_total{kind="text"} 1.0' in metrics
    assert not socket_file.exists()
    assert place.run("staff", "revoke", "boss")[0] == 0
    assert place.json("staff", "list") == []


def test_a_database_deep_in_the_folders_is_reached_too(place: Place) -> None:
    deep = "/".join(["a-folder-with-a-long-name"] * 5)
    place.environment["DATABASE_URL"] = f"sqlite:///{deep}/desk.db"
    with place.running():
        assert place.run("staff", "invite", "--role", "admin")[0] == 0


def test_two_chats_at_once_share_one_process(place: Place) -> None:
    anna, ben = place.start("chat", "--json", "--as", "anna"), place.start("chat", "--json", "--as", "ben")
    for chat in (anna, ben, anna, ben):
        assert say(chat, "hello")
    for chat in (ben, anna):
        assert chat.communicate(timeout=30)[0] == "" and chat.returncode == 0


def say(chat: subprocess.Popen[str], text: str) -> list[dict[str, Any]]:
    assert chat.stdin and chat.stdout
    chat.stdin.write(told({"text": text}))
    chat.stdin.flush()
    found = []
    while not found or not found[-1].get("end"):
        found.append(json.loads(chat.stdout.readline()))
    return found


@pytest.mark.parametrize("killed", [False, True])
def test_a_chat_goes_on_when_the_process_it_was_led_by_ends(place: Place, killed: bool) -> None:
    anna = place.start("chat", "--json", "--as", "anna")
    say(anna, "/start")  # anna's process holds the house
    ben = place.start("chat", "--json", "--as", "ben")
    say(ben, "/start")
    if killed:
        anna.kill()
    anna.communicate()
    assert say(ben, "Thailand")[-1]["step"] == "briefing"
    out, _ = ben.communicate(timeout=30)
    assert (out, ben.returncode) == ("", 0)


def test_ticking_through_a_draft_to_its_end(place: Place) -> None:
    place.run("chat", "--json", "--as", "anna", given=told({"text": "/start"}, {"text": "Thailand"}, {"text": "start"}))
    (case,) = place.json("case", "list")

    def tick(at: str) -> list[dict[str, Any]]:
        code, out, err = place.run("tick", "--at", at)
        assert code == 0, err
        return lines(out)

    ends_at = case["ends_at"][:10]
    first = tick(f"{ends_at}T23:59:59Z")
    assert {"at", "did", "registration", "key"} == set(first[0])
    assert {line["did"] for line in first} >= {"reminder", "sent"}
    assert {line["registration"] for line in first} == {case["reference"]}
    assert place.run("tick", "--at", f"{ends_at}T12:00:00Z")[0] == 2
    assert tick(f"{ends_at}T23:59:59Z") == []
    year = int(ends_at[:4])
    assert [line["did"] for line in tick(f"{year + 1}-06-01T12:00:00Z")][:2] == ["expired", "deleted"]
    receipt = place.json("case", "show", case["reference"])
    assert set(receipt) == {"reference", "country", "status", "opened_at", "closed_at", "why"}
    assert receipt["status"] == "EXPIRED"


def test_a_backup_is_restored_whole(place: Place) -> None:
    place.run("chat", "--json", "--as", "anna", given=told({"text": "/start"}, {"text": "Thailand"}, {"text": "start"}))
    before = place.json("case", "list")
    kept = place.folder / "data" / "files" / "r1" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("a letter")
    code, out, err = place.run("backup", "backup.tar")
    assert code == 0, err
    assert stat.S_IMODE(Path(out.strip()).stat().st_mode) == 0o600
    for path in (place.folder / "data").rglob("*"):
        if path.is_file():
            path.unlink()
    assert place.json("case", "list") == []
    code, _, err = place.run("restore", "backup.tar")
    assert code == 0, err
    assert place.json("case", "list") == before and kept.read_text() == "a letter"


def test_a_paused_service_says_so(place: Place) -> None:
    place.run("pause", "We are back at nine.")
    assert "We are back at nine." in place.run("chat", "--json", given=told({"text": "/start"}, {"text": "Kenya"}))[1]
    place.run("resume")
    assert "back at nine" not in place.run("chat", "--json", given=told({"text": "Kenya"}))[1]


def test_a_process_killed_in_the_middle_leaves_nothing_to_repair(place: Place) -> None:
    process = place.start("chat", "--json", "--as", "anna")
    assert process.stdin and process.stdout
    process.stdin.write(told({"text": "/start"}))
    process.stdin.flush()
    process.stdout.readline()
    process.kill()
    process.wait()
    code, out, err = place.run("chat", "--json", "--as", "anna", given=told({"text": "Thailand"}))
    assert code == 0, err
    assert lines(out)[-1]["step"] == "briefing"
