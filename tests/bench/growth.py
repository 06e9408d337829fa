"""What grows with the number of conversations: a turn, the search for due timers, the process.

Every conversation is half way through its registration, with its reminders set. It is a copy of one that was played:
rows are copied by SQL, with names and references of their own.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from bot.app import App
from conversations.model import Event, Kind
from storage.packing import to_number
from tests.bench.turns import CHATS, NOW, NUMBERS, Measured, desk, ratio, script

SIZES = (1_000, 100_000)
ALL = (*SIZES, 1_000_000)
SINGLE, BATCHES, SWEEPS, DUE = 300, 6, 50, 500
IDLE = 10_000
HALF = 8  # turns: by then there is a registration, and a question stands

# What of a packed row, and of its columns, names the one conversation that was played.
COPIES = (
    "insert into companies (id, tenant, owner, packed, version)"
    " select n.i, tenant, 'web:c' || n.i, replace(replace(packed, ?, 'web:c' || n.i), '\"id\":1', '\"id\":' || n.i), 1"
    " from companies, n where id = 1",
    "insert into conversations (id, tenant, chat, company_id, asked, packed, version)"
    " select n.i, tenant, 'web:c' || n.i, n.i, asked, replace(replace(replace(replace(packed, ?, 'web:c' || n.i),"
    " '\"id\":1,', '\"id\":' || n.i || ','), '\"company_id\":1', '\"company_id\":' || n.i), '\"on\":1', '\"on\":' || n.i), 1"
    " from conversations, n where id = 1",
    "insert into registrations (id, tenant, reference, company_id, conversation_id, country, status, opened_at, ends_at,"
    " packed, version) select n.i, tenant, printf('AF%07d', n.i), n.i, n.i, country, status, opened_at, ends_at,"
    " replace(replace(replace(replace(packed, ?, printf('AF%07d', n.i)), '\"id\":1,', '\"id\":' || n.i || ','),"
    " '\"company_id\":1', '\"company_id\":' || n.i), '\"conversation_id\":1', '\"conversation_id\":' || n.i), 1"
    " from registrations, n where id = 1",
    "insert into timers (tenant, registration_id, name, due_at)"
    " select tenant, n.i, name, due_at + n.i from timers, n where registration_id = 1",
)
NUMBERED = "with recursive n (i) as (select 2 union all select i + 1 from n where i < {last}) "


def fill(app: App, size: int) -> None:
    """Copy conversation 1 until there are so many."""
    store = app.store
    (reference,) = store.execute("select reference from registrations where id = 1").fetchone()
    (chat,) = store.execute("select chat from conversations where id = 1").fetchone()
    numbered = NUMBERED.format(last=size)
    with store.transaction():
        for copy in COPIES[:-1]:
            store.execute(numbered + copy, (reference if "registrations" in copy[:30] else chat,))
        store.execute(numbered + COPIES[-1])
        for name in ("company", "conversation", "registration"):
            store.counters._last[name] = size


async def main(folder: Path) -> None:
    words = await script(folder)
    sizes = ALL if "--all" in sys.argv else SIZES
    chance = random.Random(5)
    single, many = ({size: Measured() for size in sizes} for _ in range(2))
    async with AsyncExitStack() as stack:
        apps = {size: await stack.enter_async_context(desk(folder, f"of-{size}")) for size in sizes}
        others = {}
        for size, app in apps.items():
            for word in words[:HALF]:
                await app.take(Event(f"bench:{next(NUMBERS)}", Kind.TEXT, NOW, "web:first", "web:first", text=word))
            await app.write(fill, app, size)
            others[size] = iter(chance.sample(range(2, size), min(size - 2, SINGLE + BATCHES * CHATS)))
        for _ in range(BATCHES):  # in turns, so that a noisy neighbour hits all sizes
            for size, app in apps.items():
                for _ in range(SINGLE // BATCHES):
                    await _turns(app, others[size], words[HALF], 1, single[size])
                await _turns(app, others[size], words[HALF], CHATS, many[size])
        for size, app in apps.items():
            (pages,) = app.store.execute("pragma page_count").fetchone()
            print(f"{size:>9,} conversations, {pages * 4096 / 1e6:6,.0f} MB: p50 of a turn "
                  f"{single[size].median * 1e3:5.2f} ms, of {CHATS} waiting {many[size].median * 1e3:6.2f} ms; "
                  f"{', '.join(await app.write(sweeps, app))}")  # fmt: skip
            assert not app.store.failures()
    small, large = sizes[0], sizes[-1]
    print()
    ratio(f"one at a time, {large:,} / {small:,}", single[large].median / single[small].median, "<= 1.2")
    ratio(f"{CHATS} waiting, {large:,} / {small:,}", many[large].median / many[small].median, "<= 1.6")
    async with desk(folder, "idle") as app:
        await idle(app)


async def _turns(app: App, others: Iterator[int], word: str, chats: int, measured: Measured) -> None:
    names = [f"web:c{next(others)}" for _ in range(chats)]
    events = [Event(f"bench:{next(NUMBERS)}", Kind.TEXT, NOW, name, name, text=word) for name in names]
    start = time.perf_counter()
    await asyncio.gather(*map(app.take, events))
    measured.wall.append(time.perf_counter() - start)
    measured.turns += chats


def sweeps(app: App) -> list[str]:
    """Seconds to look for due timers: when none is, and when some are."""
    store = app.store
    rows = (
        store.execute("select due_at from timers order by due_at limit 1").fetchone(),
        store.execute("select due_at from timers order by due_at limit 1 offset ?", (DUE - 1,)).fetchone(),
    )
    told = []
    for name, ((due_at,), limit) in {"nothing due": (rows[0], DUE), f"{DUE} due": (rows[1], DUE)}.items():
        at = NOW + timedelta(microseconds=due_at - to_number(NOW) - (name == "nothing due"))
        taken = []
        for _ in range(SWEEPS):
            start = time.perf_counter()
            events = store.due(at, limit)
            taken.append(time.perf_counter() - start)
        assert len(events) == (0 if name == "nothing due" else DUE)
        told.append(f"{name} {statistics.median(taken) * 1e6:,.0f} us")
    (timers,) = store.execute("select count(*) from timers").fetchone()
    return [f"sweep of {timers:,} timers", *told]


async def idle(app: App) -> None:
    """What stays in the process of conversations that only wait."""

    async def come(chats: range) -> None:
        for first in range(chats.start, chats.stop, 100):
            names = [f"web:idle{number}" for number in range(first, first + 100)]
            await asyncio.gather(*(
                app.take(Event(f"bench:{next(NUMBERS)}", Kind.TEXT, NOW, name, name, text="hello")) for name in names
            ))  # fmt: skip

    await come(range(1000))
    tracemalloc.start()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    await come(range(1000, 1000 + IDLE))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{IDLE:,} conversations that wait: {(after - before) / 1e6:.2f} MB of the process   aim <= 1")
