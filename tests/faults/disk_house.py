"""A whole house in this process, whose disk refuses at a point that the test names, and whose time is the test's.

Children that draw and look are stood in for: they pass no point. A letter is a line of text, a signed photo its code.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot import jobs, looking, sender, worker
from bot.channels import Pace, Rendered, Sent
from bot.clock import Clock
from bot.demo import Person, Story
from bot.letters import codes
from bot.sender import Sender
from bot.settings import Settings
from bot.uploads.intake import Inspection, Page
from bot.wiring import House, opened
from conversations.model import Event, IncomingFile, Kind, Registration, Status, Step
from conversations.papers.wanted import papers
from storage import points
from storage.store import DiskTrouble, Outgoing

T = TypeVar("T")
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
SOON = timedelta(hours=12)  # a lease, a wait after trouble; reminders are days away
TROUBLES = (errno.ENOSPC, errno.EIO)


class Weather:
    """Raises an OSError at one point, now and then while it is bad."""

    def __init__(self, at: str, chance: random.Random) -> None:
        self._at, self._chance = at, chance
        self._troubles = itertools.cycle(TROUBLES)
        self.is_bad = False
        self.passed = self.raised = 0

    def __call__(self, name: str) -> None:
        if name != self._at:
            return
        self.passed += 1
        if self.is_bad and (not self.raised or self._chance.random() < 0.25):
            self.raised += 1
            raise OSError(next(self._troubles), "the disk refuses")

    @contextmanager
    def over(self) -> Iterator[None]:
        """While this lasts, points are passed under it."""
        points.hook = self
        try:
            yield
        finally:
            points.hook = None


class Phone:
    """A platform: it keeps what arrives, and knows nothing of our database."""

    name = "telegram"
    overall = 10_000.0

    def __init__(self) -> None:
        self.arrived: list[tuple[int, str]] = []  # (outbox row, key)

    def pace(self, chat: str) -> Pace:
        return Pace(rate=1000, burst=1000)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        self.arrived.append((outgoing.id, outgoing.say.key))
        return Sent(len(self.arrived), str(len(self.arrived)))

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        raise NotImplementedError

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.arrived]

    @property
    def twice(self) -> list[str]:
        times = Counter(number for number, _ in self.arrived)
        return [key for number, key in self.arrived if times[number] > 1]


class Living:
    """The house, and everything that goes on by itself in it."""

    def __init__(self, house: House, clock: Clock, phone: Phone, sender: Sender) -> None:
        self.house, self.clock, self.phone = house, clock, phone
        self.workers = (*house.workers, sender)
        self.refused = 0  # acts that were not acknowledged, and came again
        self._numbers = itertools.count(1)

    async def insists(self, does: Callable[[], Any]) -> Any:
        """Again and again until it is not refused, as platforms and people do."""
        for _ in range(200):
            try:
                return await does()
            except (DiskTrouble, OSError):
                self.refused += 1
        raise AssertionError("refused for ever")

    async def rests(self) -> None:
        """Let everything happen that happens by itself within SOON."""
        until = self.clock.now() + SOON
        app = self.house.app
        while True:
            await self._settled()
            at = await self.insists(lambda: app.write(app.store.next_due))
            if at is None or at > until:
                return
            if at > self.clock.now():
                self.clock.set_to(at)
            for one in self.workers:
                one.ring()

    async def _settled(self) -> None:
        while not all(one.is_still for one in self.workers):
            for one in self.workers:
                async with asyncio.timeout(20):
                    await one.still()

    def number(self) -> int:
        return next(self._numbers)


class Customer(Person):
    """Says everything again, as the same, until it is acknowledged."""

    def __init__(self, living: Living, chat: str) -> None:
        super().__init__(living.house, *chat.split(":", 1))
        self.living = living

    async def _takes(self, **values: Any) -> None:
        app, number = self.living.house.app, self.living.number()
        common = {"chat": self.chat, "principal": self.chat, "message": str(number), "order": number * 1000}
        event = Event(id=f"person:{number}", at=app.clock.now(), **{**common, **values})
        await self.living.insists(lambda: app.take(event))
        await self.living.rests()

    async def sends(self, files: list[tuple[str, bytes]]) -> None:
        store = self.living.house.app.files
        for name, data in files:
            key = await self.living.insists(lambda data=data: asyncio.to_thread(store.put, "incoming", data))
            file = IncomingFile(f"stored:{key}", name, len(data), "image/jpeg", as_photo=True)
            await self._takes(kind=Kind.FILES, files=(file,))

    async def _hands_in(self, registration: Registration, step: Step) -> None:
        book = self.living.house.app.book
        needed = papers(registration, book.pack(registration.country), book.templates)
        missing = [item for item in needed.items if item.slot.required and not item.done]
        letters = {letter.slot: letter for letter in registration.letters}
        if step is Step.PLACING:
            return await self.says(next(item.slot.key for item in missing if not item.slot.ours))
        if not missing:
            return await self.says("submit")
        item = missing[0]
        paper = f"a photo of {item.slot.key}"
        if item.slot.ours:
            letter = letters[item.slot.key]
            keys = self.living.house.settings.secret_keys
            paper = codes.make(letter.letter_id, item.missing[0], letter.pages, letter.version, keys)
        await self.sends([("photo.jpg", paper.encode())])

    async def registers_to(self, country: str, until: Status) -> Registration:
        return await self.registers(Story(0, country, "Fresh Bakery", ("FRESHBAKERY",), until))

    async def withdraws(self) -> None:
        for word in ("cancel", "withdraw", "yes"):
            await self.says(word)


async def _drawn(module: str, order: Mapping[str, Any]) -> dict[str, Any]:
    letters = []
    for number, facts in enumerate(order["letters"]):
        pdf, picture = Path(order["folder"], f"{number}.pdf"), Path(order["folder"], f"{number}.png")
        pdf.write_text(f"%PDF {facts['slot']} {facts['version']}")
        picture.write_text(f"picture of {facts['slot']} {facts['version']}")
        letters.append({
            "slot": facts["slot"], "version": facts["version"], "pages": 1, "pdf": str(pdf),
            "pictures": [str(picture)], "layout": [],
        })  # fmt: skip
    return {"letters": letters}


def _looked_into(path: Path, name: str, media_type: str, workdir: Path, company: str = "") -> Inspection:
    content = path.read_bytes()
    picture = workdir / "page-1.png"
    picture.write_bytes(b"picture of " + content)
    page = Page(1, 100, 100, (content.decode(),), picture)
    return Inspection("jpeg", "", len(content), hashlib.sha256(content).hexdigest(), (page,))


@asynccontextmanager
async def living(settings: Settings, patched: pytest.MonkeyPatch) -> AsyncIterator[Living]:
    """A house at START whose loops run, with a phone at its end."""
    patched.setattr(jobs, "_child", _drawn)
    patched.setattr(looking, "look_into", _looked_into)
    for module in (worker, sender, jobs):
        patched.setattr(module, "AFTER_TROUBLE", 0.001)
    clock, phone = Clock(), Phone()
    clock.set_to(START)
    async with opened(settings, clock) as house:
        there = Sender(house.app, phone, house.catalogs, chance=lambda: 0.5)
        house.app.watch(there.heard)
        task = asyncio.create_task(there.run())
        try:
            yield Living(house, clock, phone, there)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
