"""A real process whose disk refuses, by the system's own limit on the size of its files, and gives room again."""

from __future__ import annotations

import random
import re
import resource
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "process"))

import itertools

from client import PATIENCE, SHELF, Chat, Customer, Place, Turn

from tests.seeded import Share

A_MOMENT = 3.0  # seconds of a full disk: what was taken, and can't be told meanwhile, is told after them


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """`python -m bot run`, its log in a file on the very disk that gets full."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.place = Place(folder, HTTP_PORT=str(self.port))
        self.log = folder / "log"
        with self.log.open("a") as log:
            self.process = self.place.start("run", stderr=log, stdin=subprocess.DEVNULL)
        while "Sender Desk is on" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()

    @contextmanager
    def full(self, size: int = 0) -> Iterator[Callable[[], Any]]:
        """No file of it grows beyond so many bytes; below that they can be written. What it gives ends that sooner."""
        before = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        makes_room = partial(resource.prlimit, self.process.pid, resource.RLIMIT_FSIZE, before)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield makes_room
        finally:
            makes_room()

    def asked(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    @property
    def events(self) -> list[str]:
        """What its log tells of. Of a line that met the full disk half may stand there, with the next one behind it."""
        return re.findall(r'"event": "(\w+)"', self.log.read_text())


class Patient(Chat):
    """A person whose line is said again, as the same, until it is taken."""

    refused = 0
    running: Running
    chance: random.Random

    def turn(self, line: Any) -> Turn:
        line = {"id": f"{self.name}-{self.chance.random()}", **line}
        size = self.chance.choice((0, 4096, self.chance.randrange(4096, 400_000)))
        if not Patient.refused:
            turn = self._turn_on_a_full_disk(line, 0)
        elif self.chance.random() < 0.4:
            turn = self._turn_on_a_full_disk(line, size)
        else:
            turn = super().turn(line)
        if "error" in turn[-1]:
            Patient.refused += 1
            turn = super().turn(line)
        assert "error" not in turn[-1], turn
        return turn

    def _turn_on_a_full_disk(self, line: Any, size: int) -> Turn:
        """The line may just fit, and what it leads to no more: then the turn ends only when there is room."""
        with self.running.full(size) as makes_room:
            room = threading.Timer(A_MOMENT, makes_room)
            room.start()
            try:
                return super().turn(line)
            finally:
                room.cancel()
                room.join()


@pytest.fixture
def running(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    SHELF[:] = [tmp_path_factory.getbasetemp()]
    one = Running(tmp_path / "desk")
    yield one
    one.process.terminate()
    assert one.process.wait(PATIENCE) == 0
    assert "Traceback" not in one.log.read_text()


def test_a_registration_goes_through_though_the_disk_is_full_again_and_again(
    running: Running, chance: random.Random, share: Share
) -> None:
    """Lines are said while the disk refuses from some byte on; what was refused is said once more, and taken once."""
    Patient.running, Patient.chance, Patient.refused = running, chance, 0
    for number in range(share.of(10)):
        customer = Customer(Patient(running.place, f"anna{number}"), "AF")
        customer.register()
        shown = running.place.case(str(customer.reference))
        assert shown["status"] == "UNDER_REVIEW"
        assert set(customer.given) <= set(shown["answers"])
        assert [line["trigger"] for line in shown["history"]] == ["open", "submit"]
        assert len(customer.asked) == len(set(customer.asked)) or customer.asked.count("samples") > 1
    assert Patient.refused > 0
    assert running.place.order("failed list") == []
    told = [event for event in running.events if event.startswith("disk_")]
    # The line that says so stands on that very disk, and may be lost; none is said twice.
    assert told and ("disk_refuses", "disk_refuses") not in itertools.pairwise(told), told


def test_a_full_disk_is_told_to_monitoring_and_what_is_there_can_be_read(running: Running) -> None:
    customer = Customer(Chat(running.place, "anna"), "AF")
    customer.register("asking")
    assert running.asked("/readyz") == (200, "ready\n")
    with running.full():
        while running.asked("/readyz")[0] == 200:  # found in the last second
            pass
        assert running.asked("/readyz") == (503, "not ready: DiskTrouble\n")
        assert running.asked("/healthz")[0] == 200 and running.asked("/metrics")[0] == 200
        assert running.place.case(str(customer.reference))["reference"] == customer.reference
        (refused,) = running.place.order("case list")
        assert refused["reference"] == customer.reference
        answer = customer.chat.turn({"text": "Fresh Bakery Ltd", "id": "the same"})
        assert "disk" in answer[-1]["error"]
    taken = customer.chat.turn({"text": "Fresh Bakery Ltd", "id": "the same"})
    assert "error" not in taken[-1]
    while running.asked("/readyz") != (200, "ready\n"):
        pass
    # The line that says so may be lost with the disk it would stand on; that it is over never is.
    assert running.events.count("disk_refuses") <= 1 and running.events.count("disk_writes_again") == 1


def test_a_backup_onto_a_full_disk_is_refused_in_words_and_the_one_before_stays(
    running: Running, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar"
    running.place.order("backup", file=str(archive))
    before = archive.read_bytes()
    for size in (0, 4096, 100_000):
        with running.full(size):
            told = running.place.command("backup", str(archive))
        assert told.returncode == 2 and f"{archive} can't be written" in told.stderr and "Traceback" not in told.stderr
        assert archive.read_bytes() == before and sorted(path.name for path in tmp_path.iterdir()) == [
            "backup.tar",
            "desk",
        ]
    running.place.order("backup", file=str(archive))


def test_a_first_start_without_room_says_so_and_the_next_one_has_all_it_needs(tmp_path: Path) -> None:
    for number, size in enumerate((0, 10, 4096, 40_000)):
        place = Place(tmp_path / str(number))

        def limit(size: int = size) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        process = place.start(
            "case", "list", "--json", preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2 and not out, told
        assert "Traceback" not in told and str(place.folder) in told and "\n" not in told.strip()
        again = place.command("case", "list", "--json")
        assert (again.returncode, again.stdout) == (0, "[]\n"), again.stderr
