"""The one thread that writes. What waits when it looks becomes one commit: a turn costs what its disk sync costs.

Who writes much waits for himself: each chat gives one unit a round. Nobody joins the round that is being taken, so
that it ends, and whoever waits has the next.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.model import Event, Text, Turn
from storage.store import DiskTrouble, Store

MOST = 128  # events of one commit
OF_ONE_CHAT = 100  # units that may wait; what a platform brings beyond that it brings again


class Overloaded(Exception):
    """More waits than the disk keeps up with, in all or of one chat. Nothing was taken; try again in a moment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An event whose turn is committed: what it led to, or the bug that made it fail."""

    event: Event
    turn: Turn | None = None
    error: Exception | None = None

    @property
    def answer(self) -> Text | None:
        return self.turn.answer if self.turn else Text("apology")


@dataclass(eq=False, slots=True)
class Unit:
    """Events that share a commit, whatever else is in it."""

    events: tuple[Event, ...]
    offset: tuple[str, int] | None = None
    result: list[Taken] = field(default_factory=list)
    done: asyncio.Future[Any] | None = None

    @property
    def chats(self) -> set[str]:
        return {event.chat for event in self.events if event.chat is not None}


@dataclass(eq=False, slots=True)
class Call:
    """A store call that shares the commit."""

    call: Callable[[], Any]
    result: Any = None
    error: Exception | None = None
    done: asyncio.Future[Any] | None = None


Item = Unit | Call
_NOTHING = (0, 0)  # waits of a chat


class Queue:
    """What waits, by rounds: a chat's units in the order they came, one a round; all else in the next round.

    A unit of several chats waits for the latest of them, so that each chat's order holds over units of any make.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Item]] = []  # (round, number, item)
        self._numbers = itertools.count()
        self._round = 0  # the one being taken
        self._of_chat: dict[str, tuple[int, int]] = {}  # of chats with something waiting: units, the last one's round

    def __len__(self) -> int:
        return len(self._heap)

    def waiting_of(self, unit: Unit) -> int:
        """How many units wait that are of the same one chat; 0 for units of several chats, and of none."""
        chats = unit.chats
        return self._of_chat.get(chats.pop(), _NOTHING)[0] if len(chats) == 1 else 0

    def push(self, item: Item) -> None:
        chats = item.chats if isinstance(item, Unit) else ()
        waiting = [self._of_chat.get(chat, _NOTHING) for chat in chats]
        at = 1 + max([self._round, *(last for _, last in waiting)])
        for chat, (units, _) in zip(chats, waiting, strict=True):
            self._of_chat[chat] = units + 1, at
        heapq.heappush(self._heap, (at, next(self._numbers), item))

    def pop(self) -> Item:
        self._round, _, item = heapq.heappop(self._heap)
        for chat in item.chats if isinstance(item, Unit) else ():
            units, last = self._of_chat.pop(chat)
            if units > 1:
                self._of_chat[chat] = units - 1, last
        return item


class Writer:
    """Takes units and calls from the event loop, writes them on its own thread, answers after the commit."""

    def __init__(
        self,
        store: Store,
        take: Callable[[Sequence[Event]], None],
        hand_over: Callable[[], list[Taken]],
        tell: Callable[[Sequence[Taken]], None],
        limit: int,
    ) -> None:
        """`take` runs turns inside the transaction; `hand_over` gives what it took; `tell` hears of each commit."""
        self._store, self._take, self._hand_over, self._tell, self._limit = store, take, hand_over, tell, limit
        self._waiting = Queue()
        self._some = threading.Condition()
        self._closing = False
        self._is_refused = False  # the disk said no to the last commit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        with self._some:
            self._closing = True
            self._some.notify()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    async def put(self, item: Item) -> Any:
        """The item's result, after its commit. Raises what its commit failed of, or Overloaded."""
        item.done = asyncio.get_running_loop().create_future()
        with self._some:
            # A store call is never refused: it is how the sender and the jobs empty what waits.
            if self._closing or (isinstance(item, Unit) and self._is_full_for(item)):
                raise Overloaded
            self._waiting.push(item)
            self._some.notify()
        return await asyncio.shield(item.done)  # a caller that goes away must not leave its turn half answered

    def _is_full_for(self, unit: Unit) -> bool:
        return len(self._waiting) >= self._limit or self._waiting.waiting_of(unit) >= OF_ONE_CHAT

    def _run(self) -> None:
        while items := self._next():
            self._write(items)

    def _next(self) -> list[Item]:
        """What waits, up to MOST events; a unit is never split. Empty when the writer is to end."""
        with self._some:
            while not self._waiting and not self._closing:
                self._some.wait()
            items: list[Item] = []
            events = 0
            while self._waiting and events < MOST:
                item = self._waiting.pop()
                items.append(item)
                events += len(item.events) if isinstance(item, Unit) else 1
            return items

    def _write(self, items: list[Item]) -> None:
        try:
            taken = self._commit(items)
        except Exception as error:  # the disk: every caller hears of it, and every platform delivers again
            self._hand_over()
            self._refused(error)
            self._settle(items, [], error)
        else:
            if self._is_refused:
                self._is_refused = False
                _log().warning("disk_writes_again")
            self._settle(items, taken)

    def _refused(self, error: Exception) -> None:
        """One line when it begins: those who wait try again and again."""
        if not isinstance(error, DiskTrouble):
            _log().error("commit_failed", error=type(error).__name__)
        elif not self._is_refused:
            self._is_refused = True
            _log().error(
                "disk_refuses", what=f"{error}. Make room, or mend it: until then nothing is taken and nothing sent"
            )

    def _commit(self, items: list[Item]) -> list[Taken]:
        units = [item for item in items if isinstance(item, Unit)]
        with self._store.transaction():
            if events := [event for unit in units for event in unit.events]:
                self._take(events)
            for unit in units:
                if unit.offset:
                    self._store.put_setting(f"offset:{unit.offset[0]}", str(unit.offset[1]))
            for item in items:
                if isinstance(item, Call):
                    self._do(item)
        taken = {one.event.id: one for one in self._hand_over()}  # a turn taken twice in one commit counts as it ended
        for unit in units:
            unit.result = [taken[event.id] for event in unit.events if event.id in taken]
        return list(taken.values())

    def _do(self, item: Call) -> None:
        try:
            with self._store.transaction():  # inside the other: it may fail alone
                item.result = item.call()
        except DiskTrouble:
            raise  # with it SQLite may have undone all of this commit
        except Exception as error:
            item.error = error

    def _settle(self, items: Iterable[Item], taken: Sequence[Taken], error: Exception | None = None) -> None:
        def settle() -> None:
            if taken:
                self._tell(taken)
            for item in items:
                trouble = error or (item.error if isinstance(item, Call) else None)
                if item.done is None or item.done.done():
                    continue
                if trouble is None:
                    item.done.set_result(item.result)
                else:
                    item.done.set_exception(trouble)

        assert self._loop is not None, "the writer was not started"
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settle)


def _log() -> Any:
    import structlog  # not with the core, which is imported quickly

    return structlog.get_logger()
