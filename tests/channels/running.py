"""The house with Telegram, run against the Bot API's test server, for tests to act on from the other side."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from bot_api import BotApi
from bot_people import Person, Room

from bot.commands.run import taking_in
from bot.settings import Settings, load
from bot.wiring import House, opened
from conversations.model import Event, Kind, Role

T = TypeVar("T")


def settings_for(folder: Path, api: BotApi, **more: Any) -> Settings:
    return load(
        **{
            "database_url": f"sqlite:///{folder}/desk.db", "files_url": f"file:{folder}/files",
            "given_keys": ("a key that is only for tests",), "telegram_bot_token": api.token,
            "telegram_base_url": api.base_url, "telegram_base_file_url": api.file_url, **more,
        }
    )  # fmt: skip


class Running:
    """A house that takes in what waits, and what it counted."""

    def __init__(self, house: House) -> None:
        assert house.telegram is not None
        self.house, self.app, self.intake = house, house.app, house.telegram
        self.counted: Counter[str] = Counter()
        self.taken: list[Event] = []
        house.telegram.watchers.append(lambda what: self.counted.update([what]))
        house.app.watch(lambda taken: self.taken.extend(one.event for one in taken))

    @property
    def kinds(self) -> list[Kind]:
        """What people did, as it was taken."""
        return [event.kind for event in self.taken if event.kind not in (Kind.JOB, Kind.TIMER)]

    def rows(self) -> int:
        """Updates kept so far."""
        with closing(sqlite3.connect(self.house.settings.database)) as database:
            return int(database.execute("select count(*) from inbox where event like 'telegram:%'").fetchone()[0])

    async def makes_staff(self, person: Person, role: Role = Role.ADMIN) -> None:
        invitation = await self.app.write(self.app.store.invite, role, self.app.clock.now())
        person.types(invitation.code)
        await until(person, lambda person: any("desk" in one.text for one in person.answers))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    async with opened(settings) as house:
        run = Running(house)
        async with taking_in(house) as begin:
            begin()
            yield run


async def until(room: Room | BotApi, seen: Callable[[Any], T], timeout: float = 10.0) -> T:
    """What `seen(room)` gives once it is true; the loop goes on meanwhile."""
    return await asyncio.to_thread(room.waits, seen, timeout)


async def soon(true: Callable[[], T], timeout: float = 10.0) -> T:
    """The same of something on our side."""
    async with asyncio.timeout(timeout):
        while not (result := true()):
            await asyncio.sleep(0.01)
        return result
