"""A storm to send in: the real App with its writer thread and a real SQLite file, on time that leaps.

Time goes on only where the loop would have waited and no word of the store is outstanding: a day passes in seconds, and
what the disk takes costs no time at all.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from bot.app import App
from bot.channels import Moved, Pace, Refused, Rendered, Sent, TryLater
from bot.clock import Clock
from bot.sender import Sender
from bot.timers import Timers
from bot.words import Catalogs, Sentence
from conversations.model import Event, Kind, Say
from rules.book import Book, load
from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Outgoing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "storage"))

from turns_to_take import doing, take

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
CATALOGS = Catalogs({"en": {"storm": Sentence(("{n}",), lambda n: 0)}}, book=None)  # type: ignore[arg-type]
PRIVATE, GROUP = Pace(rate=1.0, burst=3), Pace(rate=0.25, burst=2)
LONGEST_HOLD = 5.0  # real seconds until the store must have answered


class Leaping(selectors.SelectSelector):
    """Waits only for the store; all other waiting is noted as time gone by."""

    now = 0.0
    held = 0  # words of the store outstanding

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.held or timeout is None:
            return super().select(LONGEST_HOLD)
        if not (ready := super().select(0)):
            self.now += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    @contextmanager
    def stands_still(self) -> Iterator[None]:
        self._leaping.held += 1
        try:
            yield
        finally:
            self._leaping.held -= 1


def stands_still() -> Any:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, LeapingLoop)
    return loop.stands_still()


class LeapingClock(Clock):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())


class StormApp(App):
    """The App, whose disk refuses some words of the sender."""

    refuses: Callable[[str], bool] = staticmethod(lambda name: False)

    async def write(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        with stands_still():
            if self.refuses(call.__name__):
                raise OSError("the disk")
            return await super().write(call, *args, **kwargs)

    async def turned(self, event: Event) -> Any:
        with stands_still():
            return await super().turned(event)

    async def stop(self) -> None:
        with stands_still():
            await super().stop()


@dataclass(frozen=True)
class Try:
    """A call of the channel: what befell it, and whether the message was put before the person."""

    at: float
    chat: str
    outbox: int
    number: int
    what: str
    accepted: bool

    @property
    def home(self) -> str:
        return home(self.chat)


@dataclass
class Shown:
    """A message as it stands in a chat."""

    number: int
    slot: str | None


@dataclass
class Storm:
    """A platform in trouble: of every call it decides by chance what befalls it.

    Attributes:
        share: of the calls that go wrong, until `ends`.
        long: share of the messages that fill their chat for a while.
        always: chats with a trouble of their own, for ever.
        not_before: since when each chat, or "" for all of them, is to be left alone, and until when.
        early: the calls that came meanwhile.
    """

    chance: random.Random
    share: float = 0.5
    ends: float = float("inf")
    long: float = 0.05
    name: str = "storm"
    overall: float = 30.0
    always: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    early: list[Try] = field(default_factory=list)
    not_before: dict[str, tuple[float, float]] = field(default_factory=dict)
    chats: dict[str, dict[int, Shown]] = field(default_factory=dict)  # home -> platform id -> message
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def pace(self, chat: str) -> Pace:
        return GROUP if home(chat).endswith("g") else PRIVATE

    def befalls(self, chat: str, now: float) -> str:
        if trouble := self.always.get(home(chat)):
            return trouble
        if now >= self.ends or self.chance.random() >= self.share:
            return ""
        kinds = {"wait": 30, "all wait": 2, "5xx": 30, "hang": 8, "drop": 25, "slow": 5}
        return self.chance.choices(list(kinds), list(kinds.values()))[0]

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        now, chat = asyncio.get_running_loop().time(), outgoing.chat
        if chat in self.moved:
            raise Moved(self.moved[chat])
        what = self.befalls(chat, now)
        accepted = what in ("", "drop", "slow")
        tried = Try(now, chat, outgoing.id, outgoing.say.values["n"], what, accepted)
        self.tries.append(tried)
        if any(since < now < until - 1e-6 for since, until in map(self._not_before, (home(chat), ""))):
            self.early.append(tried)
        if what in ("wait", "all wait"):
            wait = self.chance.choice([0.5, 1.0, 3.0, 20.0, 150.0, 400.0])
            key = "" if what == "all wait" else home(chat)
            since, until = self._not_before(key)
            self.not_before[key] = (since if now < until else now, max(until, now + wait))
            raise TryLater(wait, everyone=what == "all wait")
        if what == "refuse":
            raise Refused("blocked", gone=True)
        if what == "hang":
            await asyncio.sleep(10_000)
        if what == "5xx":
            await asyncio.sleep(0.1)
            raise RuntimeError("503")
        shown = self._put(outgoing)
        await asyncio.sleep(self.chance.uniform(5, 95) if what == "slow" else 0.05)
        if what == "drop":
            raise ConnectionError
        # A letter of many pages: its chat is full for a while, and what waits for that may outlast its lease.
        return Sent(shown, str(shown), 19 if self.chance.random() < self.long else 1)

    def _not_before(self, key: str) -> tuple[float, float]:
        return self.not_before.get(key, (0.0, 0.0))

    def _put(self, outgoing: Outgoing) -> int:
        chat, say = self.chats.setdefault(home(outgoing.chat), {}), outgoing.say
        if outgoing.edits is not None and not say.anew and int(outgoing.edits) in chat:
            chat[int(outgoing.edits)].number = say.values["n"]
            return int(outgoing.edits)
        number = next(self.ids)
        chat[number] = Shown(say.values["n"], say.slot)
        return number

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        raise Refused("no files here")


@cache
def rules() -> Book:
    return load()


def home(chat: str) -> str:
    """What a chat was called first."""
    return chat.rstrip("'")


@dataclass
class Scene:
    """What a storm is played with, and what came of it."""

    app: StormApp
    store: SqliteStore
    storm: Storm
    sender: Sender
    chance: random.Random
    put: dict[str, list[tuple[int, str | None, bool]]] = field(default_factory=dict)  # home -> (number, slot, anew)
    put_at: dict[int, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # home -> what the chat is called now
    results: list[tuple[int, int, str]] = field(default_factory=list)  # (outbox, number, what became of it)
    told: set[str] = field(default_factory=set)  # ids of events that tell the desk
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def says(self, chat: str, *slots: tuple[str | None, bool]) -> None:
        """Put messages into a chat's outbox in one turn; a slot's are edits of one message, unless told anew."""
        says = []
        for slot, anew in slots:
            number = next(self.numbers)
            self.put.setdefault(chat, []).append((number, slot, anew))
            self.put_at[number] = asyncio.get_running_loop().time()
            says.append(Say("storm", {"n": number}, slot=slot, anew=anew))
        name = self.names.get(chat, chat)
        event = Event(f"fill:{number}", Kind.TEXT, self.app.clock.now(), chat=name, principal=chat, text="x")
        with stands_still():
            await App.write(self.app, take, self.store, event, by=doing(*says))
        self.sender.ring()

    async def moves(self, chat: str, told: bool) -> None:
        """The platform gives the chat a new name; `told`: it says so, else the next message finds out."""
        old = self.names.get(chat, chat)
        self.storm.moved[old] = f"{old}'"
        if told:
            await self.app.write(self.store.move_chat, old, f"{old}'")

    @property
    def waiting(self) -> int:
        return self.store.health(self.app.clock.now()).waiting_messages

    async def is_over(self, longest: float) -> None:
        """Return once nothing waits any more. Raises TimeoutError."""
        async with asyncio.timeout(longest):
            while self.waiting:
                await asyncio.sleep(60)


def play(
    folder: Path, chance: random.Random, storm: Storm, story: Callable[[Scene], Any], refuses: Callable[[str], bool]
) -> Scene:
    """Run the story with the sender and the timers going, and hand back what came of it."""
    found: list[Scene] = []

    async def playing() -> None:
        loop = asyncio.get_running_loop()
        store = SqliteStore(folder / "desk.db", seed=7)
        store.execute("pragma synchronous = off")
        app = StormApp(store, rules(), FileStore(folder / "files"), LeapingClock(loop))
        sender = Sender(app, storm, CATALOGS, chance=chance.random)
        scene = Scene(app, store, storm, sender, chance)
        found.append(scene)
        app.refuses = refuses  # type: ignore[method-assign]
        sender.watchers.append(
            lambda message, what: scene.results.append((message.id, message.say.values["n"], what))
        )  # fmt: skip
        app.watch(lambda taken: scene.told.update(one.event.id for one in taken if one.event.kind is Kind.UNREACHABLE))
        was = store.move_chat

        def move_chat(old: str, new: str) -> None:
            was(old, new)
            scene.names[home(new)] = new

        store.move_chat = move_chat  # type: ignore[method-assign]
        app.watch(sender.heard)
        app.start()
        timers = Timers(app, sender.ring)
        running = [asyncio.create_task(worker.run()) for worker in (sender, timers)]
        try:
            await story(scene)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await app.stop()
            store.close()

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(playing())
    return found[0]


# --- what must hold, whatever the weather


def most_in_a_second(times: Sequence[float]) -> int:
    """The most calls in any second."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1 + 1e-6:
            first += 1
        most = max(most, last - first + 1)
    return most


def breaks_its_pace(times: Sequence[float], pace: Pace) -> bool:
    """Whether somewhere more came than the burst and what the rate refilled meanwhile."""
    fewest = float("inf")  # of what was allowed before each call, less what was made
    for made, at in enumerate(times):
        fewest = min(fewest, made - pace.rate * at)
        if made + 1 - pace.rate * at - fewest > pace.burst + 1e-3:
            return True
    return False
