"""Installations with a real process in them. Whatever a test leaves running is ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from client import SHELF, Opens, Place, Terminal


@pytest.fixture(scope="session", autouse=True)
def shelf(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """One folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    SHELF[:] = [base if worker_id == "master" else base.parent]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "desk")


@pytest.fixture
def opens(place: Place) -> Iterator[Opens]:
    """Starts `chat --json` in the place of this test, as many times as asked."""
    started: list[Terminal] = []

    def start(name: str = "anna") -> Terminal:
        started.append(Terminal(place, name))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One installation for all tests of a file, with its process running."""
    place = Place(tmp_path_factory.mktemp("house") / "desk")
    terminal = Terminal(place, "landlord")
    terminal.says("hello")
    yield place
    assert terminal.close() == 0
    assert terminal.errors.read_text() == ""
