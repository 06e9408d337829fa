"""The house with Slack, run against the workspace on loopback, by a socket or by HTTP."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from slack_api import SlackApi
from slack_people import Room

from bot.channels.slack_http import PATH, events
from bot.commands.run import taking_in
from bot.settings import Settings, load
from bot.web.render import Pages
from bot.web.server import make_app
from bot.wiring import House, opened
from conversations.model import Event, Kind, Role

T = TypeVar("T")
MODES = ("socket", "http")


def settings_for(folder: Path, api: SlackApi, mode: str = "socket", **more: Any) -> Settings:
    way = {"slack_app_token": api.app_token} if mode == "socket" else {"slack_signing_secret": api.signing_secret}
    return load(
        **{
            "database_url": f"sqlite:///{folder}/desk.db", "files_url": f"file:{folder}/files",
            "given_keys": ("a key that is only for tests",), "slack_bot_token": api.bot_token,
            "slack_base_url": api.base_url, **way, **more,
        }
    )  # fmt: skip


class Running:
    """A house that takes in what waits, and what it counted."""

    def __init__(self, api: SlackApi, house: House) -> None:
        assert house.slack is not None
        self.api, self.house, self.app, self.intake = api, house, house.app, house.slack
        self.counted: Counter[str] = Counter()
        self.taken: list[Event] = []
        house.slack.watchers.append(lambda what: self.counted.update([what]))
        house.app.watch(lambda taken: self.taken.extend(one.event for one in taken))

    @property
    def people_did(self) -> list[Event]:
        return [event for event in self.taken if event.kind not in (Kind.JOB, Kind.TIMER)]

    @property
    def kinds(self) -> list[Kind]:
        """What people did, as it was taken."""
        return [event.kind for event in self.people_did]

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.people_did]

    def rows(self) -> int:
        """Events kept so far."""
        with closing(sqlite3.connect(self.house.settings.database)) as database:
            return int(database.execute("select count(*) from inbox").fetchone()[0])

    async def makes_staff(self, person: Any, role: Role = Role.ADMIN) -> None:
        invitation = await self.app.write(self.app.store.invite, role, self.app.clock.now())
        person.types(invitation.code)
        await until(person, lambda person: any("desk" in one.text for one in person.answers))

    async def is_settled(self) -> None:
        """Everything told is acknowledged, everything to be said is out."""
        await until(self.api, lambda api: not api.unacknowledged)
        await self.house.settled()


@asynccontextmanager
async def running(api: SlackApi, settings: Settings) -> AsyncIterator[Running]:
    """`settings` say by which way: a socket, or posts to a server of ours."""
    async with opened(settings) as house:
        run = Running(api, house)
        async with taking_in(house) as begin, _served(api, house):
            begin()
            if settings.slack_app_token is not None:
                await soon(lambda: run.counted["connected"])
            await soon(lambda: run.counted["caught_up"])
            yield run


@asynccontextmanager
async def _served(api: SlackApi, house: House) -> AsyncIterator[None]:
    if house.settings.slack_app_token is not None:
        yield
        return
    pages = Pages(house.catalogs.words(), "en")
    web = make_app(house.app, house.settings, house.page, pages, routes=[events(house.slack)])
    server = uvicorn.Server(uvicorn.Config(web, port=0, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server._serve())
    await soon(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    await asyncio.to_thread(api.deliver_http, f"http://127.0.0.1:{port}{PATH}")
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def until(room: Room | SlackApi, seen: Callable[[Any], T], timeout: float = 10.0) -> T:
    """What `seen(room)` gives once it is true; the loop goes on meanwhile."""
    return await asyncio.to_thread(room.waits, seen, timeout)


async def soon(true: Callable[[], T], timeout: float = 10.0) -> T:
    """The same of something on our side."""
    async with asyncio.timeout(timeout):
        while not (result := true()):
            await asyncio.sleep(0.01)
        return result
