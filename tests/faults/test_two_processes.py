"""One database, one process: what a second one is told, also while the first is frozen, and who goes on when it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "process"))

from client import PATIENCE, SHELF, Customer, Place, Terminal


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    SHELF[:] = [tmp_path_factory.getbasetemp()]
    return Place(tmp_path / "desk")


@pytest.fixture
def first(place: Place) -> Iterator[Terminal]:
    terminal = Terminal(place, "anna")
    terminal.says("hello")
    yield terminal
    terminal.process.send_signal(signal.SIGCONT)
    terminal.close()


def freeze(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)


def test_a_second_process_is_told_who_has_the_database_though_that_one_is_frozen(
    place: Place, first: Terminal, tmp_path: Path
) -> None:
    customer = Customer(first, "AF")
    customer.register("asking")
    archive = tmp_path / "backup.tar"
    place.order("backup", file=str(archive))
    freeze(first)
    commands = (["run"], ["restore", str(archive)], ["case", "list", "--json"], ["backup", str(tmp_path / "other.tar")],
                ["staff", "list"], ["pause", "later"])  # fmt: skip
    started = [place.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for words in commands]
    for words, process in zip(commands, started, strict=True):
        out, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2 and not out, (words, out, told)
        assert f"process {first.process.pid}" in told and "Traceback" not in told, (words, told)
    assert not (tmp_path / "other.tar").exists()
    first.process.send_signal(signal.SIGCONT)
    customer.register()  # and nothing of it was disturbed
    assert customer.status == "UNDER_REVIEW"


def test_when_the_frozen_one_is_killed_the_next_goes_on_where_it_was(place: Place, first: Terminal) -> None:
    customer = Customer(first, "AF")
    customer.register("samples")
    freeze(first)
    first.send({"text": "Fresh Bakery: your order 1 is ready until 18:00.", "id": "the same"})
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(PATIENCE)
    with Terminal(place, "anna") as second:
        customer.chat = second
        customer.meet()
        customer.register()
        assert customer.status == "UNDER_REVIEW"
        shown = place.case(str(customer.reference))
        assert [line["trigger"] for line in shown["history"]] == ["open", "submit"]


def test_of_many_that_start_at_once_one_is_let_in(place: Place) -> None:
    """Whoever has the lock holds it until told; all others name that one and end."""
    code = (
        "import os, sys; from storage.sqlite import SqliteStore; from storage.store import Busy\n"
        "try: store = SqliteStore(sys.argv[1])\n"
        "except Busy as error: print(error); sys.exit(3)\n"
        "print(f'mine {os.getpid()}', flush=True); sys.stdin.read(); store.close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(place.database)], text=True, env=place.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(8)
    ]  # fmt: skip
    told = {process.pid: process.stdout.readline() for process in processes if process.stdout}
    (mine,) = [line for line in told.values() if line.startswith("mine")]
    assert all(mine.split()[1] in line or "process unknown" in line for line in told.values())
    for process in processes:
        process.communicate(timeout=PATIENCE)
    assert sorted(process.returncode for process in processes) == [0] + [3] * 7
