"""Opens the house: the one place where settings become objects and the loops are started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.app import App
from bot.channels import Channel
from bot.channels.console import Console
from bot.channels.page import Page
from bot.clock import Clock
from bot.jobs import Jobs
from bot.rereading import Rereading, Stamp, sound, stamp
from bot.sender import Sender
from bot.settings import Settings
from bot.timers import Timers
from bot.words import Catalogs
from bot.worker import Worker
from bot.writer import Taken
from storage.files import FileStore
from storage.opened import HELD
from storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from bot.channels.slack_intake import Intake as SlackIntake
    from bot.channels.telegram_intake import Intake

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, wired."""

    settings: Settings
    app: App
    catalogs: Catalogs
    page: Page
    console: Console
    senders: tuple[Sender, ...]
    jobs: Jobs
    timers: Timers
    rereading: Rereading
    telegram: Intake | None = None  # takes nothing in before `run` lets it
    slack: SlackIntake | None = None  # likewise

    @property
    def workers(self) -> tuple[Worker, ...]:
        return (*self.senders, self.jobs, self.timers, self.rereading)

    def ring(self) -> None:
        """Everybody looks whether there is something to do."""
        for worker in self.workers:
            worker.ring()

    async def settled(self) -> None:
        """Return once every message that can go is out, every job that can be done is done, every due timer taken."""
        while not all(worker.is_still for worker in self.workers):
            for worker in self.workers:
                await worker.still()

    def heard(self, taken: Sequence[Taken]) -> None:
        for worker in self.workers:
            worker.heard(taken)


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None, *, working: bool = True) -> AsyncIterator[House]:
    """The house with its loops running. It ends what is in hand, and closes the store, when the context ends.

    Not `working`: for a look or a note only. Nothing is sent, no job is begun that would be broken off at once.

    Raises:
        Busy, Damaged, TooNew: the database can't be had.
        RulesError, TextsError: a country's file or a catalog has mistakes.
    """
    seen = stamp(settings.rules_dir)  # before they are read: a file changed meanwhile is read again
    book, catalogs = sound(settings)
    store = SqliteStore(settings.database, settings=told_to_the_engine(settings))
    if working and (since := store.settings().get(HELD)):
        log.warning("sending_held", what=f"since the restore of {since[:19]}Z: python -m bot resume lets it go")
    try:
        settings.secret_keys  # noqa: B018  made on the first run: what can't be written shows now, not at a first letter
        files = FileStore(settings.files)
        app = App(store, book, files, clock or Clock())
        house = _wired(settings, app, catalogs, seen, working)
        app.watch(house.heard)
        app.start()
        workers = house.workers if working else ()
        tasks = [asyncio.create_task(worker.run(), name=type(worker).__name__) for worker in workers]
        try:
            yield house
        finally:
            house.page.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await app.stop()
            for intake in (house.telegram, house.slack):
                if intake:
                    await intake.close()
    finally:
        store.close()


def _wired(settings: Settings, app: App, catalogs: Catalogs, seen: Stamp, working: bool) -> House:
    page, console = Page(app), Console(app)
    channels: dict[str, Channel] = {channel.name: channel for channel in (page, console)}
    senders = [Sender(app, channel, catalogs) for channel in channels.values()]
    telegram = _telegram(settings, app, catalogs) if working else None
    slack = _slack(settings, app, catalogs) if working else None
    for intake in (telegram, slack):
        if intake:
            channels[intake.channel.name] = intake.channel
            senders.append(intake.sender)
    jobs = Jobs(app, channels, settings, catalogs)

    def ring_others() -> None:
        for worker in (*senders, jobs):
            worker.ring()

    timers = Timers(app, ring_others)
    rereading = Rereading(app, catalogs, settings, seen, timers.ring)
    return House(settings, app, catalogs, page, console, tuple(senders), jobs, timers, rereading, telegram, slack)


def _telegram(settings: Settings, app: App, catalogs: Catalogs) -> Intake | None:
    """Telegram both ways, when there is a token. Its library is imported only then."""
    if settings.telegram_bot_token is None:
        return None
    from bot.channels.telegram_intake import Intake

    return Intake(settings, app, catalogs)


def _slack(settings: Settings, app: App, catalogs: Catalogs) -> SlackIntake | None:
    """Slack both ways, when there is a token. Its libraries are imported only then."""
    if settings.slack_bot_token is None:
        return None
    from bot.channels.slack_intake import Intake

    return Intake(settings, app, catalogs)


def told_to_the_engine(settings: Settings) -> dict[str, str]:
    """What a turn reads of the settings: it comes in with each case."""
    told = {
        "operator_name": settings.operator_name,
        "operator_address": settings.operator_address,
        "support_contact": settings.support_contact,
        "privacy_url": settings.privacy_url,
        "public_url": settings.public_url,
        "default_time_zone": settings.default_time_zone,
        "default_locale": settings.default_locale,
        "retention_days": str(settings.retention_days),
        "desk_chat": settings.desk,
    }
    return {name: value for name, value in told.items() if value}
