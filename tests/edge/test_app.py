"""What waits becomes one commit, whoever fails fails alone, and nobody is answered before it is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import bot.app
from bot.app import App
from bot.clock import Clock
from bot.writer import Overloaded, Queue, Taken, Unit
from conversations.engine import advance
from conversations.model import Event, Kind
from rules.book import Book
from storage.files import FileStore
from storage.sqlite import SqliteStore
from tests.read_once import our_book

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BOOK = our_book()


class Counting(SqliteStore):
    """The real store, counting its outermost transactions, and failing on request as a full disk does."""

    commits = 0
    full = False
    depth = 0

    @contextmanager
    def transaction(self) -> Any:
        self.depth += 1
        try:
            with super().transaction():
                yield
                if self.depth == 1 and self.full:
                    raise sqlite3.OperationalError("database or disk is full")
            self.commits += self.depth == 1
        finally:
            self.depth -= 1


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Counting(tmp_path / "desk.db")
    yield opened
    opened.close()


@pytest.fixture
async def app(store: Counting, tmp_path: Path) -> AsyncIterator[App]:
    made = App(store, BOOK, FileStore(tmp_path / "files"), Clock(), waiting=300)
    made.start()
    yield made
    await made.stop()


def said(number: int, text: str = "hello", chat: str = "") -> Event:
    chat = chat or f"web:{number}"
    return Event(f"test:{number}", Kind.TEXT, NOW, chat, chat, text=text)


async def test_what_waits_becomes_one_commit(app: App, store: Counting) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(64):
            group.create_task(app.take(said(number)))
    assert store.commits <= 3  # the first may be taken alone, while the others arrive
    assert len(store.claim("web", NOW, 100, 60)) == 64


async def test_an_answer_comes_after_the_commit(app: App, store: Counting) -> None:
    seen: list[int] = []
    before = store.commits
    app.watch(lambda taken: seen.append(store.commits - before))
    await app.take(said(1))
    assert seen == [1]


async def test_events_of_a_chat_are_taken_in_the_order_they_came(app: App, store: Counting) -> None:
    texts = ["/start", "Thailand", "start"]
    await asyncio.gather(*(app.take(said(number, text, "web:anna")) for number, text in enumerate(texts)))
    case = store.snapshot("web:anna")
    assert case is not None and case.on is not None and case.on.country == "TH"


async def test_a_redelivered_event_changes_nothing(app: App, store: Counting) -> None:
    assert await app.turned(said(1)) is not None
    assert await app.turned(said(1)) is None
    assert await asyncio.gather(app.turned(said(2)), app.turned(said(2))) != [None, None]


async def test_a_bug_in_a_turn_fails_that_event_alone(
    app: App, store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(case: Any, event: Event, book: Book) -> Any:
        if event.text == "boom":
            raise ZeroDivisionError
        return advance(case, event, book)

    monkeypatch.setattr(bot.app, "advance", buggy)
    taken: list[Taken] = []
    app.watch(taken.extend)
    answers = await asyncio.gather(app.take(said(1)), app.take(said(2, "boom")), app.take(said(3)))
    assert [bool(one.error) for one in sorted(taken, key=lambda one: one.event.id)] == [False, True, False]
    assert answers[1] is not None and answers[1].key == "apology"
    assert [failure.event.text for failure in store.failures()] == ["boom"]
    keys = {message.chat: message.say.key for message in store.claim("web", NOW, 10, 60)}
    assert keys["web:2"] == "apology" and keys["web:1"] == keys["web:3"] == "greeting"

    monkeypatch.setattr(bot.app, "advance", advance)
    assert await app.replay(store.failures()[0].id)
    assert not store.failures()
    assert not await app.replay(12345)


async def test_a_full_disk_refuses_the_whole_commit_and_the_same_events_are_taken_later(
    app: App, store: Counting
) -> None:
    store.full = True
    results = await asyncio.gather(*(app.take(said(number)) for number in range(5)), return_exceptions=True)
    assert all(isinstance(result, sqlite3.OperationalError) for result in results)
    store.full = False
    assert all([await app.turned(said(number)) for number in range(5)])


async def test_a_store_call_shares_the_commit_and_fails_alone(app: App, store: Counting) -> None:
    def fails() -> None:
        store.put_setting("half", "done")
        raise LookupError("of its own")

    results = await asyncio.gather(
        app.take(said(1)), app.write(fails), app.write(store.put_setting, "kept", "yes"), return_exceptions=True
    )
    assert isinstance(results[1], LookupError)
    assert store.settings() == {"kept": "yes"}
    assert store.snapshot("web:1") is not None


async def test_a_unit_is_kept_with_its_offset_or_not_at_all(app: App, store: Counting) -> None:
    await app.take_all([said(1), said(2)], offset=("telegram:7", 41))
    assert app.offset("telegram:7") == 41
    store.full = True
    with pytest.raises(sqlite3.OperationalError):
        await app.take_all([said(3)], offset=("telegram:7", 42))
    assert app.offset("telegram:7") == 41
    store.full = False
    await app.take_all([], offset=("telegram:7", 43))  # updates we do not care about are confirmed too
    assert app.offset("telegram:7") == 43


async def test_too_much_waiting_is_refused_and_store_calls_are_not(app: App, store: Counting) -> None:
    begun, disk = threading.Event(), threading.Event()

    def hangs() -> bool:
        begun.set()
        return disk.wait()

    busy = asyncio.create_task(app.write(hangs))  # a writer that does not get on
    assert await asyncio.to_thread(begun.wait, 10)
    calls = [asyncio.create_task(app.take(said(number))) for number in range(400)]
    health = asyncio.create_task(app.write(store.health, NOW))
    await asyncio.sleep(0)  # each of them stands in the queue, or was refused
    disk.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert len([result for result in results if isinstance(result, Overloaded)]) == 100
    assert await busy and await health


async def test_one_chat_waits_for_itself_and_is_refused_alone(app: App, store: Counting) -> None:
    begun, disk = threading.Event(), threading.Event()
    busy = asyncio.create_task(app.write(lambda: begun.set() or disk.wait()))
    assert await asyncio.to_thread(begun.wait, 10)
    taken: list[Taken] = []
    app.watch(taken.extend)
    flood = [asyncio.create_task(app.take(said(number, chat="web:flood"))) for number in range(150)]
    await asyncio.sleep(0)
    other = asyncio.create_task(app.take(said(1000)))
    await asyncio.sleep(0)
    disk.set()
    await asyncio.gather(busy, other)
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert [isinstance(result, Overloaded) for result in results] == [False] * 100 + [True] * 50
    assert [one.event.id for one in taken[:3]] == ["test:0", "test:1000", "test:1"]


def test_a_second_message_has_its_turn_though_new_chats_never_end() -> None:
    queue, second = Queue(), Unit((said(2, chat="web:anna"),))
    queue.push(Unit((said(1, chat="web:anna"),)))
    queue.push(second)
    for number in range(10, 20):
        queue.push(Unit((said(number, chat=f"web:{number}"),)))
        if queue.pop() is second:
            return
    raise AssertionError("it waits for all that came later")


async def test_what_waits_is_written_before_the_writer_stops(app: App, store: Counting) -> None:
    waiting = [asyncio.create_task(app.take(said(number))) for number in range(50)]
    await asyncio.sleep(0)
    await app.stop()
    await asyncio.gather(*waiting)
    assert len(store.claim("web", NOW, 100, 60)) == 50
