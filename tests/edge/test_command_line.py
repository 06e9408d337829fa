"""The commands as a person types them: real processes, real files, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.control import CommandError, ask, listening, read_order
from bot.settings import load
from conversations.limits import MESSAGES

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


def test_a_chat_in_json_lines_is_read_to_its_end_however_fast_it_comes(place: Place) -> None:
    _, out, _ = place.run("chat", "--json", given=told(*[{"text": "help"}] * (MESSAGES + 2)))
    assert sum(line["text"] != "" for line in lines(out) if line.get("end")) == MESSAGES + 2


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


def test_a_database_deep_in_the_folders_is_reached_too(place: Place) -> None:
    deep = "/".join(["a-folder-with-a-long-name"] * 5)
    place.environment["DATABASE_URL"] = f"sqlite:///{deep}/desk.db"
    with place.running():
        assert place.run("staff", "invite", "--role", "admin")[0] == 0


async def test_a_long_answer_comes_over_whole(tmp_path: Path) -> None:
    """Other scripts are written with six bytes a letter."""
    settings = load(database_url=f"sqlite:///{tmp_path}/desk.db")
    text, heard = "ไ" * 300_000, []

    async def show(house: Any, args: Any, emit: Any, lines: Any) -> int:
        await emit({"text": text})
        return 0

    async def hears(line: Any) -> None:
        heard.append(line["text"])

    async with listening(SimpleNamespace(settings=settings), {"case show": show}):  # type: ignore[arg-type]
        assert await ask(settings, "case show", {}, hears, dict) == 0
    assert heard == [text]


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


def test_nothing_that_was_written_steers_a_terminal_or_ends_its_command(place: Place) -> None:
    steering = "\x1b[2J\x9b31m\x07land"
    code, out, err = place.run("chat", "--as", "anna", given=f"{steering}\n")
    assert code == 0, err
    assert "\\u001b[2J\\u009b31m\\u0007land" in out and not set(out) & {"\x1b", "\x9b", "\x07"}
    code, out, err = place.run("chat", "--json", given=told({"text": "hello"}, {"text": f"{steering} \ud800"}))
    assert code == 0, err
    assert not set(out) & {"\x1b", "\x9b", "\x07"}
    assert any(steering in line.get("text", "") for line in lines(out)), "what was typed comes back as typed"


@pytest.mark.parametrize(
    "line",
    [b"", b"7", b"[]", b"null", b"{", b"{}", b"\xff", b"[" * 100_000, b'{"command": ["a"], "args": {}}', b'{"command": "a"}',
     b'{"command": "a", "args": []}', b'{"command": "a", "args": {"b": {}}}', b'{"command": "a", "args": {"b": "\\ud800"}}'],
)  # fmt: skip
def test_a_line_that_is_no_order_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(CommandError, match="an order is a line"):
        read_order(line)


def test_an_order_says_what_it_lacks() -> None:
    with pytest.raises(CommandError, match="the order lacks reference"):
        read_order(b'{"command": "case show", "args": {}}')["args"]["reference"]
