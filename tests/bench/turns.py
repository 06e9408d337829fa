"""What a durable turn costs, beside a bare commit and beside python-telegram-bot's own ConversationHandler.

A turn is one text of a whole registration of a country without papers, kept with synchronous=FULL before its answer.
All kinds take turns in each round, so that a noisy neighbour hits all of them; the ratios are of one run.
"""

from __future__ import annotations

import asyncio
import cProfile
import functools
import itertools
import pstats
import sqlite3
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App
from bot.channels import Pace, Sent
from bot.clock import Clock
from bot.demo import Person, Story
from bot.sender import Sender
from bot.settings import load
from bot.wiring import opened
from bot.words import Catalogs, Rendered
from conversations import flow
from conversations.model import Event, Kind, Status, Step
from rules import book as rules
from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Outgoing
from tests.bench.handlers import Handlers

ROUNDS = 5
CHATS = 64  # waiting together
OPEN = 1_000  # conversations that PicklePersistence writes down with each turn
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
STORY = Story(0, "AF", "Fresh Bakery", ("FRESHBAKERY",), Status.UNDER_REVIEW)
NUMBERS = itertools.count(1)


@dataclass
class Measured:
    """Durations of one thing, in seconds each, and the CPU all of them took."""

    wall: list[float] = field(default_factory=list)
    cpu: float = 0.0
    turns: int = 0

    @property
    def per_second(self) -> float:
        return self.turns / sum(self.wall)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.turns


class Recorded(Person):
    """A customer whose words are written down."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.words: list[str] = []

    async def says(self, text: str, **more: object) -> None:
        self.words.append(text)
        await super().says(text, **more)


async def script(folder: Path) -> list[str]:
    """What a customer types from the first word to the submission."""
    settings = load(database_url=f"sqlite:///{folder}/script.db", files_url=f"file:{folder}/script")
    async with opened(settings) as house:
        customer = Recorded(house, "web", "script")
        await customer.registers(STORY)
        return customer.words


@asynccontextmanager
async def desk(folder: Path, name: str) -> AsyncIterator[App]:
    """An App on a database of its own, with its writer running and nothing else."""
    store = SqliteStore(folder / f"{name}.db")
    app = App(store, rules.load(), FileStore(folder / "files"), Clock())
    app.start()
    try:
        yield app
    finally:
        await app.stop()
        store.close()


def events(words: list[str], chats: int, channel: str = "web") -> Iterator[list[Event]]:
    """Round by round, the next word of every chat."""
    names = [f"{channel}:{next(NUMBERS)}" for _ in range(chats)]
    for word in words:
        yield [Event(f"bench:{next(NUMBERS)}", Kind.TEXT, NOW, name, name, text=word) for name in names]


def bare(folder: Path, count: int, measured: Measured) -> None:
    """One-row commits with nothing round them: the least any durable turn could cost."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("create table if not exists inbox (id integer primary key, event text)")
    before = time.process_time()
    for number in range(count):
        start = time.perf_counter()
        connection.execute("begin immediate")
        connection.execute("insert into inbox (event) values (?)", (f"event {number}",))
        connection.execute("commit")
        measured.wall.append(time.perf_counter() - start)
    measured.cpu += time.process_time() - before
    measured.turns += count
    connection.close()


async def one_at_a_time(app: App, words: list[str], measured: Measured, times: int = 4) -> None:
    before = time.process_time()
    for _ in range(times):
        for (event,) in events(words, 1):
            start = time.perf_counter()
            await app.take(event)
            measured.wall.append(time.perf_counter() - start)
            measured.turns += 1
    measured.cpu += time.process_time() - before


async def waiting(app: App, words: list[str], measured: Measured, sender: Sender | None = None) -> None:
    """As many chats at once. With a `sender`, until what they were answered is sent and noted too."""
    before = time.process_time()
    for several in events(words, CHATS, sender.name if sender else "web"):
        start = time.perf_counter()
        await asyncio.gather(*(app.take(event) for event in several))
        if sender:
            sender.ring()
            await sender.still()
        measured.wall.append(time.perf_counter() - start)
        measured.turns += len(several)
    measured.cpu += time.process_time() - before


class Nowhere:
    """A channel that takes every message at once."""

    name = "nowhere"
    overall = 1e9

    def pace(self, chat: str) -> Pace:
        return Pace(rate=1e9, burst=1000)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        return Sent(outgoing.id, str(outgoing.id))


async def handled(handlers: Handlers, chats: int, measured: Measured) -> None:
    before = time.process_time()
    for several in handlers.rounds(chats):
        start = time.perf_counter()
        for update in several:
            await handlers.take(update)
        measured.wall.append(time.perf_counter() - start)
        measured.turns += len(several)
    measured.cpu += time.process_time() - before


async def main(folder: Path) -> None:
    words = await script(folder)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(desk(folder, "turns"))
        sending = await stack.enter_async_context(desk(folder, "sent"))
        sender = Sender(sending, Nowhere(), Catalogs.load(sending.book, None))  # type: ignore[arg-type]
        loop = asyncio.create_task(sender.run())
        stack.callback(loop.cancel)
        in_memory, pickled = Handlers(words), Handlers(words, folder / "pickle")
        await in_memory.open()
        await pickled.open(OPEN)
        for warming in (one_at_a_time(app, words, Measured()), waiting(sending, words, Measured(), sender)):
            await warming
        found = {name: Measured() for name in (
            "a bare one-row commit", "one at a time", f"{CHATS} waiting", f"{CHATS} waiting, and sent",
            "ConversationHandler in memory", f"... PicklePersistence, {OPEN:,} open",
        )}  # fmt: skip
        commit, single, many, sent, memory, pickle = found.values()
        for _ in range(ROUNDS):
            bare(folder, 4 * len(words), commit)
            await one_at_a_time(app, words, single)
            await waiting(app, words, many)
            await waiting(sending, words, sent, sender)
            await handled(in_memory, CHATS, memory)
            await handled(pickled, 1, pickle)
        show(found, len(words))
        dispatch()
        profile(app, words)


def show(found: dict[str, Measured], words: int) -> None:
    commit, single, many, sent, memory, pickle = found.values()
    print(f"{words} turns a registration; {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}\n")
    print(f"{'':36}{'per second':>12}{'p50 ms':>10}{'CPU us':>10}")
    for name, one in found.items():
        print(f"{name:36}{one.per_second:12,.0f}{one.median * 1e3:10.2f}{one.cpu_each * 1e6:10,.0f}")
    print()
    ratio("one turn / a bare commit, p50", single.median / commit.median, "<= 1.3")
    ratio(f"{CHATS} waiting / one at a time, a second", many.per_second / single.per_second, ">= 4")
    ratio(f"CPU: ConversationHandler / {CHATS} waiting", memory.cpu_each / many.cpu_each, ">= 3")
    ratio("... and sent", memory.cpu_each / sent.cpu_each)
    ratio("CPU: with PicklePersistence / one at a time", pickle.cpu_each / single.cpu_each, ">= 5")
    ratio(f"... / {CHATS} waiting", pickle.cpu_each / many.cpu_each, ">= 50")


def ratio(name: str, value: float, aim: str = "") -> None:
    print(f"{name:52}{value:8.2f} x{f'   aim {aim}' if aim else ''}")


def dispatch() -> None:
    """A step of the dialogue's machine beside the same trigger of `transitions` alone, without guards."""
    here = flow.Here(None, _none, _none, sure=True)
    event = flow.MACHINE._machine.events["another"]
    step, ours, theirs = flow.Step.BRIEFING, [], []
    for _ in range(ROUNDS):
        ours.append(_each(lambda: flow.leads_to(step, "another", here)))
        theirs.append(_each(functools.partial(_bare_step, event)))
    ratio("a step of the dialogue / the bare dispatch", statistics.median(ours) / statistics.median(theirs), "<= 3")


def _none(_: object) -> None: ...


@dataclass(slots=True)
class _Model:
    state: Step


def _bare_step(event: object) -> None:
    event.trigger(_Model(Step.BRIEFING))  # type: ignore[attr-defined]


def _each(call: object, times: int = 3000) -> float:
    before = time.process_time()
    for _ in range(times):
        call()  # type: ignore[operator]
    return (time.process_time() - before) / times


def profile(app: App, words: list[str]) -> None:
    """Where the CPU of a batched turn goes."""
    profiler = cProfile.Profile()
    rounds = list(events(words, CHATS))
    profiler.enable()
    for several in rounds:
        app.run_turns(several)
    profiler.disable()
    print(f"\nWhere the CPU of {len(words) * CHATS} batched turns goes:")
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(20)
