"""One chat floods, nine do not: theirs are written, worked on and sent as if it were not there, counted in turns."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from flood_house import BOOK, opened
from playing import House

from bot.app import App
from bot.clock import Clock
from bot.writer import MOST, OF_ONE_CHAT, Call, Overloaded, Queue, Taken, Unit
from conversations.model import Event, Kind
from storage.files import FileStore
from storage.sqlite import SqliteStore
from tests.seeded import Share

NINE = [f"web:normal-{number}" for number in range(9)]
FLOOD = "web:flood"
TALK = ("/start", "Thailand", "start", "help", "why", "back", "later", "status", "list", "help")


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    monkeypatch.setattr("os.fsync", lambda handle: None)
    store = SqliteStore(tmp_path / "desk.db", seed=7)
    store.execute("pragma synchronous = off")
    made = App(store, BOOK, FileStore(tmp_path / "files"), Clock())
    made.start()
    yield made
    await made.stop()
    store.close()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with opened(tmp_path, monkeypatch) as playing:
        yield playing


def said(app: App, chat: str, number: int, text: str) -> Event:
    return Event(f"{chat}:{number}", Kind.TEXT, app.clock.now(), chat, chat, text=text)


# --- writing ------------------------------------------------------------------------------------------------------


async def test_who_comes_after_thousands_of_one_chat_is_written_in_the_first_commit(app: App, share: Share) -> None:
    commits: list[list[str]] = []
    app.watch(lambda taken: commits.append([one.event.chat or "" for one in taken]))
    begun, disk = threading.Event(), threading.Event()

    def hangs() -> None:
        begun.set()
        disk.wait()

    busy = asyncio.create_task(app.write(hangs))
    assert await asyncio.to_thread(begun.wait, 10)
    flood = [asyncio.create_task(app.take(said(app, FLOOD, n, "help"))) for n in range(share.of(5_000))]
    await asyncio.sleep(0)
    normal = [asyncio.create_task(app.take(said(app, chat, 0, "help"))) for chat in NINE]
    await asyncio.sleep(0)
    disk.set()
    await busy
    await asyncio.gather(*normal)
    refused = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(one, Overloaded) for one in refused) == len(flood) - OF_ONE_CHAT
    first = commits[0]
    assert set(NINE) <= set(first)
    assert max(first.index(chat) for chat in NINE) <= len(NINE) + 1, "each of the nine waits for one turn of the flood"


async def test_nine_talk_through_a_flood_as_fast_as_without_it(app: App, share: Share) -> None:
    """An answer may wait for the commit being made and come with the next: with a flood or without."""
    commits = 0
    turns: Counter[str] = Counter()

    def count(taken: list[Taken]) -> None:
        nonlocal commits
        commits += 1
        turns.update("flood" if one.event.chat == FLOOD else "normal" for one in taken)

    app.watch(count)  # type: ignore[arg-type]
    waits: list[int] = []

    async def talks(chat: str) -> None:
        for number in range(max(10, share.of(60))):
            before = commits
            await app.take(said(app, chat, number, TALK[number % len(TALK)]))
            waits.append(commits - before)

    async def floods(number: int) -> None:
        for turn in range(share.of(60)):
            await app.take(said(app, FLOOD, turn * 1000 + number, "help"))

    await asyncio.gather(*(talks(chat) for chat in NINE))
    assert max(waits) <= 2, "unloaded"
    waits.clear()
    commits, alone = 0, turns["normal"]
    for chat in range(len(NINE)):
        NINE[chat] = f"{NINE[chat]}-again"
    flood = [asyncio.create_task(floods(number)) for number in range(OF_ONE_CHAT)]
    await asyncio.sleep(0)
    await asyncio.gather(*(talks(chat) for chat in NINE))
    assert max(waits) <= 2, f"beside {turns['flood']} turns of the flood"
    assert turns["normal"] == 2 * alone
    await asyncio.gather(*flood)
    assert turns["flood"] == OF_ONE_CHAT * share.of(60), "whoever floods is taken too, in the end"


def test_any_queue_keeps_each_chats_order_and_lets_nobody_wait_for_another(chance: random.Random, share: Share) -> None:
    """Units of one chat and of several, and store calls, come and go at random."""
    for _ in range(share.of(300)):
        queue, came = Queue(), 0
        waiting: dict[str, deque[int]] = {}
        behind: dict[int, Counter[str]] = {}  # of what waits alone of its chat: others taken since it came
        calls: deque[Call] = deque()
        for _ in range(400):
            if chance.random() < 0.55:
                came += 1
                if chance.random() < 0.1:
                    calls.append(Call(lambda: None))
                    queue.push(calls[-1])
                    continue
                chats = chance.choices((FLOOD, *NINE), (30, *[1] * 9), k=chance.choice((1, 1, 1, 1, 3)))
                at = Clock().now()
                unit = Unit(tuple(Event(f"{came}:{n}", Kind.TEXT, at, chat) for n, chat in enumerate(chats)))
                if len(set(chats)) == 1 and chats[0] not in waiting:
                    behind[came] = Counter()
                for chat in set(chats):
                    waiting.setdefault(chat, deque()).append(came)
                queue.push(unit)
            elif len(queue):
                item = queue.pop()
                if isinstance(item, Call):
                    assert item is calls.popleft()
                    continue
                number = int(item.events[0].id.partition(":")[0])
                for chat in {event.chat or "" for event in item.events}:
                    assert waiting[chat].popleft() == number, "a chat's units were taken out of their order"
                    if not waiting[chat]:
                        del waiting[chat]
                    for others in behind.values():
                        others[chat] += 1
                mine = behind.pop(number, Counter())
                assert max((count for count in mine.values()), default=0) <= 2, "another chat had more than its turn"
        assert (len(queue) == 0) == (not waiting and not calls)


# --- jobs ---------------------------------------------------------------------------------------------------------


def test_a_letter_does_not_wait_for_two_hundred_uploads_of_another_chat(house: House) -> None:
    flooding, anna, otto = (house.customer(name) for name in ("flood", "anna", "otto"))
    flooding.starts("SA")
    for number in range(20):
        flooding.sends_files([f"{number}-{one}.jpg" for one in range(3)], works=False)
    for chat in (anna, otto):
        chat.drafts("SA")
        chat.types("submit")
    order = []
    while jobs := house.store.claim_jobs(house.now, 1, 600.0):
        order += [job.conversation for job in jobs]
        for job in jobs:
            house.store.finish_job(job.id)
    here = [chat.case.conversation.id for chat in (anna, otto)]
    assert len(order) == 22
    assert max(order.index(one) for one in here) <= 2, "each chat's oldest job comes in the first round"


def test_work_of_two_floods_takes_turns(house: House, share: Share) -> None:
    chats = [house.customer(f"chat-{number}") for number in range(4)]
    for chat in chats:
        chat.starts("SA")
        for number in range(share.of(50)):
            chat.sends_files([f"{number}.jpg"], works=False)
    taken: Counter[int | None] = Counter()
    while jobs := house.store.claim_jobs(house.now, 2, 600.0):
        taken.update(job.conversation for job in jobs)
        for job in jobs:
            house.store.finish_job(job.id)
        assert max(taken.values()) - min(taken[chat.case.conversation.id] for chat in chats) <= 1
    assert set(taken.values()) == {share.of(50)}


# --- sending ------------------------------------------------------------------------------------------------------


def test_what_waits_to_be_sent_to_one_chat_holds_no_hand_twice(house: House) -> None:
    house.offline = True
    flooding = house.customer("flood")
    for _ in range(200):
        flooding.types("help")
    normal = [house.customer(f"normal-{number}") for number in range(9)]
    for chat in normal:
        chat.types("help")
    claimed = house.store.claim("web", house.now, 64, 120.0)
    assert Counter(message.chat for message in claimed) == dict.fromkeys(
        (flooding.name, *(chat.name for chat in normal)), 1
    )


def test_a_commit_takes_no_more_than_its_share_of_one_chat(house: House) -> None:
    queue, at = Queue(), house.now
    for number in range(1_000):
        queue.push(Unit((Event(f"f:{number}", Kind.TEXT, at, FLOOD),)))
    for number in range(MOST):
        for chat in NINE:
            queue.push(Unit((Event(f"{chat}:{number}", Kind.TEXT, at, chat),)))
    of_a_commit = Counter(item.events[0].chat for item in (queue.pop() for _ in range(MOST)) if isinstance(item, Unit))
    assert of_a_commit[FLOOD] <= MOST // 10 + 1
