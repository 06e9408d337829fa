"""Files that take all the time a file may, ten of them in one chat: others are answered, and their letters drawn, meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hostile_files_made as made
import pytest

from bot import jobs, looking
from bot.demo import Person, Story
from bot.settings import Settings
from bot.uploads.intake import Inspection, look_into
from bot.wiring import House, opened
from bot.writer import Taken
from conversations.model import Kind, Status, Step

STORY = Story(0, "SA", "Fresh Bakery", ("FRESHBAKERY",), Status.DOCUMENTS_RENDERED)
SLOW = "slow.pdf"


class Watched:
    """A house in which files called slow take until they are let go, and what was committed in it."""

    def __init__(self, house: House, patched: pytest.MonkeyPatch) -> None:
        self.house, self.go_on = house, threading.Event()
        self.begun: Counter[str] = Counter()
        self.looked_into: Counter[str] = Counter()  # by chat: jobs whose result is committed
        self._changed = asyncio.Event()
        house.app.watch(self._heard)
        patched.setattr(looking, "look_into", self._looks)

    def _looks(self, path: Path, name: str, media_type: str, workdir: Path, company: str = "") -> Inspection:
        self.begun[name] += 1
        if name == SLOW:
            self.go_on.wait()
        return look_into(path, name, media_type, workdir)

    def _heard(self, taken: Any) -> None:
        one: Taken
        for one in taken:
            if one.event.kind is Kind.JOB and one.event.name == "looked_into" and one.turn:
                self.looked_into[one.turn.case.conversation.chat] += 1
        self._changed.set()

    async def until(self, true: Any) -> None:
        """Once a commit has made it so."""
        async with asyncio.timeout(60):
            while not true():
                self._changed.clear()
                await self._changed.wait()


class Somebody(Person):
    """Who waits for what concerns her own chat only: the house never comes to rest."""

    def __init__(self, watched: Watched, id: str) -> None:
        super().__init__(watched.house, "console", id)
        self._watched = watched

    async def _takes(self, **values: Any) -> None:
        settled, self._house = self._house, _Unsettled(self._house)  # type: ignore[assignment]
        try:
            await super()._takes(**values)
        finally:
            self._house = settled
        for sender in self._house.senders:
            await sender.still()
        await self._watched.until(lambda: (case := self._case()) and case.conversation.state is not Step.RENDERING)
        for sender in self._house.senders:
            await sender.still()


class _Unsettled:
    def __init__(self, house: House) -> None:
        self.app = house.app

    async def settled(self) -> None:
        pass


@pytest.fixture
async def watched(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    async with opened(settings) as house:
        watched = Watched(house, monkeypatch)
        yield watched
        watched.go_on.set()


async def floods(watched: Watched, name: str) -> Somebody:
    """Ten of the slowest, each in a message of its own."""
    somebody = Somebody(watched, name)
    await somebody.says("/start")
    for _ in range(10):
        await somebody.sends([(SLOW, made.pdf())])
    return somebody


async def test_ten_slow_files_of_one_chat_hold_up_nobody_else(watched: Watched) -> None:
    bad = await floods(watched, "bad")
    for name in ("anna", "otto"):
        other = Somebody(watched, name)
        assert (await other.registers(STORY)).status is Status.DOCUMENTS_RENDERED, "answered, and the letters drawn"
        await other.sends([("licence.jpg", made.jpeg())])
        await watched.until(lambda other=other: watched.looked_into[other.chat] == 1)
    assert watched.looked_into[bad.chat] == 0, "all of it while the first of the ten was looked into"
    assert watched.begun[SLOW] == 1
    watched.go_on.set()
    await watched.until(lambda: watched.looked_into[bad.chat] == 10)
    await watched.house.settled()
    case = watched.house.app.store.snapshot(bad.chat)
    assert case is not None and len(case.conversation.early) == 10


async def test_slow_files_of_many_chats_hold_up_no_letter(watched: Watched) -> None:
    for number in range(5):
        await floods(watched, f"bad-{number}")
    for name in ("anna", "otto"):
        assert (await Somebody(watched, name).registers(STORY)).status is Status.DOCUMENTS_RENDERED
    assert sum(watched.looked_into.values()) == 0
    assert watched.begun[SLOW] == jobs.LOOKING
