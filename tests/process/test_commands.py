"""The long-running process and the commands beside it: one database, one process, its socket, its logs, its backups."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import pytest
from client import COMPANY, PATIENCE, Chat, Customer, Opens, Place, Refused, Terminal

MARK = "qkanarie"  # in every answer; no log may have it
TOKEN = "DESK-"  # how an invitation begins
START = 2.0  # seconds of CPU from the command to the first answer; about 0.9 on a laptop


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Place, subprocess.Popen[str]]]:
    """`python -m bot run` on a free port, up and answering."""
    port = free_port()
    place = Place(tmp_path / "desk", HTTP_PORT=str(port), SECRET_KEYS=f"{MARK}-secret-key-0123456789")
    process = place.start("run", stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stderr is not None
    before = []  # what it says of itself before it is up
    for line in process.stderr:
        if line == f"Sender Desk is on http://127.0.0.1:{port}\n":
            break
        before.append(line)
    keeping = threading.Thread(target=_keep, args=(process.stderr, tmp_path / "log", before))
    keeping.start()
    yield place, process
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    keeping.join(PATIENCE)
    assert not place.socket.exists()


def _keep(log: TextIO, file: Path, before: list[str]) -> None:
    with file.open("w") as kept:
        kept.writelines(before)
        for line in log:
            kept.write(line)
            kept.flush()


Running = tuple[Place, subprocess.Popen[str]]


def test_commands_reach_the_running_process(running: Running) -> None:
    place, process = running
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o600
    customer = Customer(Chat(place, "anna"), "AF")
    customer.register()
    listed = place.command("case", "list", "--json")
    assert listed.returncode == 0 and [one["reference"] for one in json.loads(listed.stdout)] == [customer.reference]
    shown = place.command("case", "show", str(customer.reference), "--json")
    assert json.loads(shown.stdout) == json.loads(listed.stdout)[0]
    invited = place.command("staff", "invite", "--role", "reviewer")
    code = invited.stdout.strip()
    assert re.fullmatch(r"DESK-[A-Z0-9]{4}-[A-Z0-9]{4}", code)
    with Terminal(place, "rob") as rob:  # a chat in a process of its own, carried by the other
        assert "reviewer" in rob.says(code)[0]["text"]
        assert "Successful" in rob.says(f"approve {customer.reference}")[0]["text"]
    assert customer.chat.next_push()["status"] == "SUCCESSFUL"
    assert place.order("staff list")[0]["role"] == "reviewer"
    ticked = place.command("tick", "--at", (datetime.now(UTC) + timedelta(days=100)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert ticked.returncode == 0
    lines = [json.loads(line) for line in ticked.stdout.splitlines()]
    assert ("deleted", customer.reference) in [(line["did"], line["registration"]) for line in lines]
    assert process.poll() is None


def test_a_pause_answers_everybody_with_its_text_until_it_ends(running: Running) -> None:
    place, _ = running
    chat = Chat(place, "anna")
    chat.says("hello")
    assert place.command("pause", "We move house until noon.").returncode == 0
    assert "We move house until noon." in chat.says("Thailand")[-1]["text"]
    assert place.command("resume").returncode == 0
    assert chat.says("Thailand")[-1]["step"] == "briefing"


def test_a_second_process_is_refused_with_a_clear_text(running: Running, tmp_path: Path) -> None:
    place, process = running
    second = Place(place.folder, HTTP_PORT=str(free_port()))
    refused = second.command("run")
    assert refused.returncode == 2
    assert f"is in use by process {process.pid}" in refused.stderr and "Traceback" not in refused.stderr
    assert place.order("backup", file=str(tmp_path / "b.tar"))
    restored = second.command("restore", str(tmp_path / "b.tar"))
    assert restored.returncode == 2 and "in use" in restored.stderr
    assert place.order("case list") == []


def test_a_backup_restored_elsewhere_goes_on_where_it_was(running: Running, tmp_path: Path) -> None:
    place, _ = running
    customer = Customer(Chat(place, "anna"), "TH", photos=False)
    customer.register("documents")
    before = place.case(str(customer.reference))
    made = place.command("backup", str(tmp_path / "backup.tar"))
    assert made.returncode == 0 and stat.S_IMODE((tmp_path / "backup.tar").stat().st_mode) == 0o600
    elsewhere = Place(tmp_path / "elsewhere", SECRET_KEYS=place.environment["SECRET_KEYS"])
    assert elsewhere.command("restore", str(tmp_path / "backup.tar")).returncode == 0
    with Terminal(elsewhere, "anna") as terminal:
        customer.chat, customer.place = terminal, elsewhere
        customer.meet()
        assert elsewhere.case(str(customer.reference)) == before
        customer.register()  # signs the letters drawn before, and they are known
        assert customer.status == "UNDER_REVIEW"
        assert [one["version"] for one in elsewhere.case(str(customer.reference))["documents"]] == [1]


def test_what_is_no_backup_is_refused_and_changes_nothing(place: Place, tmp_path: Path, opens: Opens) -> None:
    customer = Customer(opens("anna"), "AF")
    customer.register("asking")
    assert customer.chat.close() == 0  # type: ignore[attr-defined]
    (tmp_path / "odd.tar").write_text("not a backup")
    refused = place.command("restore", str(tmp_path / "odd.tar"))
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    shown = place.command("case", "show", str(customer.reference), "--json")
    assert json.loads(shown.stdout)["reference"] == customer.reference


def test_no_answer_and_no_token_is_in_the_log(running: Running, tmp_path: Path) -> None:
    place, _ = running
    answers = {**COMPANY, "company_name": f"{MARK} Ltd", "company_website": f"https://{MARK}.example",
               "use_case_description": f"{MARK} tells of orders, at length enough for anyone to read"}  # fmt: skip
    customer = Customer(Chat(place, "anna"), "IE", answers, {"QKANARIE": [f"{MARK} is ready"]}, f"{MARK} caption")
    customer.register("documents")
    broken = tmp_path / f"{MARK}.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + MARK.encode() * 100)
    customer.note(customer.chat.turn({"file": str(broken), "text": f"{MARK} broken"}))
    customer.register()
    code = place.order("staff invite", role="reviewer")[0]["code"]
    rob = Chat(place, "rob")
    rob.says(code)
    rob.says(f"send back {customer.reference}: {MARK} is not readable")
    with pytest.raises(Refused):
        place.order("case show", reference=MARK)
    log = (tmp_path / "log").read_text()
    assert MARK not in log.lower() and TOKEN not in log, log
    assert f"http://127.0.0.1:{place.environment['HTTP_PORT']}/desk: python -m bot staff invite" in log
    for line in log.splitlines():
        assert set(json.loads(line)) >= {"event", "level", "timestamp"}


def test_exit_codes_say_done_no_or_wrong_use(place: Place) -> None:
    """0 done, 1 the answer is no, 2 wrong use or settings."""
    assert place.command("case", "list", "--json").stdout == "[]\n"
    unknown = place.command("case", "show", "TH-0000", "--json")
    assert (unknown.returncode, unknown.stdout) == (1, "") and "TH-0000" in unknown.stderr
    for words in (["case", "show"], ["staff", "invite", "--role", "king"], ["no-such-command"]):
        assert place.command(*words).returncode == 2
    wrong = Place(place.folder, DATABASE_URL="mysql://somewhere", RETENTION_DAYS="many").command("case", "list")
    assert wrong.returncode == 2
    assert "DATABASE_URL" in wrong.stderr and "RETENTION_DAYS" in wrong.stderr and "Traceback" not in wrong.stderr


def test_nothing_is_printed_before_the_first_line_and_the_end_of_input_ends_it(opens: Opens) -> None:
    terminal = opens("anna")
    assert terminal.close() == 0
    assert terminal.said == []


def test_a_line_that_is_none_is_answered_and_the_next_one_is_taken(opens: Opens, tmp_path: Path) -> None:
    terminal = opens("anna")
    for line in ({}, {"text": 7}, {"file": str(tmp_path / "none.jpg")}, {"file": str(tmp_path)}, []):
        (answer,) = terminal.turn(line)  # type: ignore[arg-type]
        assert answer["error"] and answer["end"] is True
    assert terminal.says("hello")[-1]["step"] == "country"


def test_the_process_starts_quickly_even_after_a_kill(place: Place, opens: Opens) -> None:
    """Measured in its own CPU time, for this machine may be busy."""
    first = opens("anna")
    first.says("hello")
    first.kill()
    started = time.monotonic()
    before = os.times()
    second = opens("anna")
    second.says("/start")
    seconds = time.monotonic() - started
    assert second.close() == 0
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"first answer after {seconds:.2f} s, {cpu:.2f} s of CPU")
    assert cpu < START
    shutil.rmtree(place.files, ignore_errors=True)
