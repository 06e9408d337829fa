"""What a durable turn costs: `python -m tests.bench`. Ratios of one run; the machine's own speed cancels out.

A turn is one text of a whole registration of a country without papers, kept with synchronous=FULL before its answer.
"""

from __future__ import annotations

import asyncio
import cProfile
import itertools
import pstats
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot import log
from bot.app import App
from bot.clock import Clock
from bot.demo import Person, Story
from bot.settings import load
from bot.wiring import opened
from conversations.model import Event, Kind, Status
from rules import book as rules
from storage.files import FileStore
from storage.sqlite import SqliteStore
from tests.bench import slack, telegram

ROUNDS = 5
CHATS = 64
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


def events(words: list[str], chats: int) -> Iterator[list[Event]]:
    """Round by round, the next word of every chat."""
    names = [f"web:{next(NUMBERS)}" for _ in range(chats)]
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


async def one_at_a_time(app: App, words: list[str], measured: Measured) -> None:
    before = time.process_time()
    for _ in range(4):
        for (event,) in events(words, 1):
            start = time.perf_counter()
            await app.take(event)
            measured.wall.append(time.perf_counter() - start)
            measured.turns += 1
    measured.cpu += time.process_time() - before


async def waiting(app: App, words: list[str], measured: Measured) -> None:
    before = time.process_time()
    for several in events(words, CHATS):
        start = time.perf_counter()
        await asyncio.gather(*(app.take(event) for event in several))
        measured.wall.append(time.perf_counter() - start)
        measured.turns += len(several)
    measured.cpu += time.process_time() - before


async def main() -> None:
    log.to_stderr(quiet=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:  # not /tmp, which may be memory
        folder = Path(name)
        words = await script(folder)
        book = rules.load()
        store = SqliteStore(folder / "bench.db")
        app = App(store, book, FileStore(folder / "files"), Clock())
        app.start()
        await one_at_a_time(app, words, Measured())  # warms the caches
        found = {
            "a bare one-row commit": Measured(),
            "a turn, one at a time": Measured(),
            f"a turn, {CHATS} waiting": Measured(),
        }
        commit, single, many = found.values()
        for _ in range(ROUNDS):  # in turns, so that a noisy neighbour hits all of them
            bare(folder, 4 * len(words), commit)
            await one_at_a_time(app, words, single)
            await waiting(app, words, many)
        show(found, len(words))
        profile(app, words)
        await app.stop()
        store.close()


def show(found: dict[str, Measured], words: int) -> None:
    commit, single, many = found.values()
    print(f"{words} turns a registration; {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}\n")
    print(f"{'':28}{'per second':>12}{'p50 ms':>10}{'CPU us':>10}")
    for name, one in found.items():
        print(f"{name:28}{one.per_second:12,.0f}{one.median * 1e3:10.2f}{one.cpu / one.turns * 1e6:10,.0f}")
    print(f"\n{'one turn / a bare commit, p50':44}{single.median / commit.median:6.2f} x   aim <= 1.3")
    print(f"{f'{CHATS} waiting / one at a time, a second':44}{many.per_second / single.per_second:6.2f} x   aim >= 4")
    print(f"{'CPU of a turn, one at a time / waiting':44}{single.cpu / single.turns / (many.cpu / many.turns):6.2f} x")


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


if __name__ == "__main__":
    asked = set(sys.argv[1:])  # `python -m tests.bench slack` is that part alone
    if not asked:
        asyncio.run(main())
    for part in (telegram, slack):
        if not asked or part.__name__.rpartition(".")[2] in asked:
            part.main()
