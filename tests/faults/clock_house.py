"""A house whose time is ours: the real App, its timers' loop and a real database, woken when the timers say so.

A registration is brought into a state once, by dialogue, and its database copied for every life that begins there.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

from playing import SEED, Chat, House

from bot.app import App
from bot.clock import Clock
from bot.timers import LONGEST_REST, Timers
from conversations.model import Role
from storage.files import FileStore
from storage.packing import to_time
from storage.sqlite import SqliteStore
from storage.store import Receipt
from tests.read_once import our_book, our_catalogs

OURS = ("reminder_papers", "reminder_draft", "reminder_correction")
# How far Anna is, and what her registration is then.
STATUSES = {
    "number": "SELF_REGISTERING", "review": "DRAFT", "desk": "UNDER_REVIEW", "manager": "WITH_ACCOUNT_MANAGER",
}  # fmt: skip


@cache
def reached(country: str, until: str) -> Path:
    """A database where Anna's registration there is so far, and a reviewer, a manager are at the desk."""
    folder = Path(mkdtemp(prefix="clock-"))
    house = House(folder, our_book(), our_catalogs(strict=True))
    house.staff(Role.REVIEWER, "rita")
    house.staff(Role.ACCOUNT_MANAGER, "max")
    chat = house.customer()
    if until == "number":
        chat.starts(country)
        chat.types("later")
    elif until == "review":
        chat.drafts(country)
    elif until == "desk":
        chat.reaches_review_desk(country)
    elif until == "manager":
        chat.drafts(country)
        chat.types("submit")
    assert chat.status == STATUSES[until]
    house.close()
    return folder


class Wall(Clock):
    """The machine's own clock, as far as the house can tell, and we turn its hands."""

    @property
    def is_set(self) -> bool:
        return False


class Waking(House):
    """The same house, whose timers' loop runs; `wakes` is one round of it."""

    def __init__(self, folder: Path, country: str, until: str, now: datetime) -> None:
        self._origin = reached(country, until)
        self._began = now
        super().__init__(folder, our_book(), our_catalogs(strict=True))

    def __post_init__(self) -> None:
        shutil.copytree(self._origin, self.folder, dirs_exist_ok=True)
        self.clock = Wall()
        self.clock.set_to(self._began)
        self.files = FileStore(self.folder / "files")
        self.said, self.contents, self.letter_pages, self.offline = {}, {}, {}, False
        self.numbers = iter(range(10_000, 10**9))
        self._runner: asyncio.Runner | None = None
        self._opens()

    def _opens(self) -> None:
        self.store = SqliteStore(self.folder / "desk.db", seed=SEED, settings=self.settings)
        self.store.execute("pragma synchronous = off")
        self.app = App(self.store, self.book, self.files, self.clock)
        self._runner = asyncio.Runner()
        self._runner.run(self._start())
        self.timers = Timers(self.app, lambda: None)

    async def _start(self) -> None:
        self.app.start()

    def close(self) -> None:
        assert self._runner is not None
        self._runner.run(self.app.stop())
        self._runner.close()
        self.store.close()

    def sleeps(self, until: datetime) -> None:
        """The process is down until then."""
        self.close()
        self.clock.set_to(until)
        self._opens()

    def wakes(self) -> float:
        """All that is due now. Seconds the loop rests then: never past the next timer."""
        assert self._runner is not None
        self.delivers()
        while (rest := self._runner.run(self.timers.work())) == 0.0:
            self.delivers()
        assert rest is not None
        following = self.next_time()
        until_then = (following - self.now).total_seconds() if following else LONGEST_REST
        assert 0 < rest <= min(until_then, LONGEST_REST), (rest, until_then)
        return rest

    def next_time(self) -> datetime | None:
        """When a timer is due next."""
        (at,) = self.store.execute("select min(due_at) from timers").fetchone()
        return to_time(at) if at is not None else None

    @cached_property
    def reference(self) -> str:
        return self.anna.reference

    @property
    def anna(self) -> Chat:
        return self.customer()

    def happened(self) -> list[tuple[str, datetime, datetime | None]]:
        """What Anna was told about the end, as it arrived, and when it was deleted."""
        found: list[tuple[str, datetime, datetime | None]] = []
        for message in self.anna.messages:
            if message.key in OURS:
                found.append(("reminder", message.at, message.say.values["at"].at))  # type: ignore[union-attr]
        if self.receipt is not None:
            found.append(("expired", self.receipt.closed_at, None))
        return found

    @property
    def receipt(self) -> Receipt | None:
        return self.store.receipt(self.reference)


@contextmanager
def woken(country: str, until: str, now: datetime) -> Iterator[Waking]:
    folder = Path(mkdtemp(prefix="life-"))
    house = Waking(folder, country, until, now)
    try:
        yield house
    finally:
        house.close()
        shutil.rmtree(folder)
