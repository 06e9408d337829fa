"""A chat to play: the real App, its loops and its jobs, on a real SQLite file, with a clock that stands still."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import wiring
from bot.clock import Clock
from bot.settings import Settings, load
from bot.wiring import House, opened
from conversations.model import Event, Kind
from tests import read_once

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


# Files whose tests take long: begun first, those before all that mostly wait, so that no worker is left alone with one of
# them at the end. What follows them is short.
LONG = ("test_telegram_registrations", "test_slack_registrations", "test_registrations_on_the_page", "test_kill",
        "test_demo_page", "test_deletion", "test_commands", "test_registrations", "test_command_line", "test_thirty_days",
        "test_intake", "test_checking_answers", "test_pages_at_the_desk", "test_browser", "test_house")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture(scope="session", autouse=True)
def our_rules_are_read_once() -> Iterator[None]:
    """Every house of a process is opened with the same book: reading it anew takes longer than most tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "sound", read_once.sound)
        yield


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """What a test sets about the log ends with it: a quiet one hides the lines that the next looks for."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(
        database_url=f"sqlite:///{tmp_path}/desk.db", files_url=f"file:{tmp_path}/files",
        SECRET_KEYS="a key that is only for tests",
    )  # fmt: skip


@dataclass
class Chat:
    """One customer at a terminal. What is said to them comes back as keys of texts."""

    runner: asyncio.Runner
    house: House
    clock: Clock
    name: str = "console:anna"
    said: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for sender in self.house.senders:
            sender.watchers.append(
                lambda message, what: self.said.append(message.say.key)
                if what == "sent" and message.chat == self.name else None
            )  # fmt: skip

    def types(self, text: str, id: str | None = None) -> list[str]:
        """Say it, and let everything it leads to happen. The keys of what came back."""
        return self.happens(kind=Kind.TEXT, text=text, id=id or f"test:{next(self.numbers)}")

    def happens(self, **values: Any) -> list[str]:
        common = {"at": self.clock.now(), "chat": self.name, "principal": self.name}
        before = len(self.said)
        self.runner.run(self._taken(Event(**{**common, **values})))
        return self.said[before:]

    async def _taken(self, event: Event) -> None:
        await self.house.app.take(event)
        await self.house.settled()

    def plays(self, *turns: tuple[str, str]) -> None:
        """Each text, and the key of the last thing said to it."""
        for text, key in turns:
            assert (self.types(text) or [None])[-1] == key, f"after {text!r}"


@pytest.fixture
def chat(settings: Settings) -> Iterator[Chat]:
    clock = Clock()
    clock.set_to(START)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        house = runner.run(stack.enter_async_context(opened(settings, clock)))
        yield Chat(runner, house, clock)
        runner.run(stack.aclose())
