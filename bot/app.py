"""The App: an event comes in, one transaction keeps all it leads to, and only then is its sender answered.

A message becomes an event; the engine turns (case, event, rules) into (case, effects); one transaction keeps all of it;
a sender carries the effects out. Start reading here, go on with conversations/engine.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.clock import Clock
from bot.writer import Call, Taken, Unit, Writer
from conversations.engine import advance
from conversations.model import Event, Text
from storage.files import FileStore
from storage.store import DiskTrouble, Store

if TYPE_CHECKING:
    from rules.book import Book, Found

P = ParamSpec("P")
T = TypeVar("T")


class App:
    """Everything that happens goes through `take`: messages, presses, decisions, timers, job results."""

    def __init__(self, store: Store, book: Book, files: FileStore, clock: Clock, *, waiting: int = 2000) -> None:
        """`waiting`: events that may wait to be written before new ones are refused with Overloaded."""
        self.store, self.book, self.files, self.clock = store, book, files, clock  # `book` may be changed for another
        self._taken: dict[
            str, Taken
        ] = {}  # of the commit being made; a turn taken again after a refused set counts once
        self._writer = Writer(store, self.run_turns, self._hand_over, self._tell, waiting)
        self._watchers: list[Callable[[Sequence[Taken]], None]] = []

    @property
    def book(self) -> Book:
        """The rules of this day. Ask for it each time: another day may have begun, and the files may be others."""
        return self._book.on(self.clock.now().date())

    @book.setter
    def book(self, book: Book) -> None:
        self._book = book

    def run_turns(self, events: Sequence[Event]) -> None:
        """Take what waits to its end, in one transaction. Safe to call again with the same events."""
        with self.store.batch(events) as batch:  # reads every case these events act on, locked in id order
            for event in batch.unseen:  # duplicates are already gone
                try:
                    turn = advance(batch.case(event), event, self._book)
                except DiskTrouble:  # nobody's fault here: every platform delivers again
                    raise
                except Exception as error:  # our bug, not a reason to lose or to loop
                    batch.fail(event, error)  # kept for replay; apology and operator's line are effects too
                    self._taken[event.id] = Taken(event, error=error)
                else:
                    batch.keep(event, turn)
                    self._taken[event.id] = Taken(event, turn)
        # leaving the block wrote each case once, and outbox, timers and jobs as sets, and committed

    async def take(self, event: Event) -> Text | None:
        """The word for whoever acted at the desk, if any, once the event's turn is committed.

        Raises:
            Overloaded: too much waits; nothing was taken, and the platform may deliver again.
        """
        taken = await self.turned(event)
        return taken.answer if taken else None

    async def turned(self, event: Event) -> Taken | None:
        """What the event led to, once that is committed; None when it had been taken before."""
        taken = await self._writer.put(Unit((event,)))
        return taken[0] if taken else None

    async def take_all(self, events: Sequence[Event], offset: tuple[str, int] | None = None) -> list[Taken]:
        """Take the events as one unit, never split over commits, with the platform's offset (its name, its value).

        What those led to that had not been taken before, in their order. Raises Overloaded: nothing was taken.
        """
        taken: list[Taken] = await self._writer.put(Unit(tuple(events), offset))
        return taken

    async def write(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the store call returns, after its commit. It shares that with the turns that wait."""
        done: T = await self._writer.put(Call(lambda: call(*args, **kwargs)))
        return done

    async def replay(self, failure: int) -> bool:
        """Take an event that had failed once more, under its own id. False when there is no such failure."""

        def again() -> bool:
            event = self.store.unfail(failure)
            if event is not None:
                self.run_turns([event])
            return event is not None

        return await self.write(again)

    def offset(self, name: str) -> int | None:
        """How far a platform was read, as of the last commit."""
        kept = self.store.settings().get(f"offset:{name}")
        return int(kept) if kept else None

    @property
    def waiting(self) -> int:
        """Events and store calls that wait to be written."""
        return self._writer.waiting

    def find_countries(self, text: str) -> Found:
        """The countries a person may mean, for a list to pick from while typing. Reads only."""
        return self.book.find(text)

    def watch(self, watcher: Callable[[Sequence[Taken]], None]) -> None:
        """Call `watcher` after each commit with what was taken in it, before those who wait for it go on."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Callable[[Sequence[Taken]], None]) -> None:
        self._watchers.remove(watcher)

    def start(self) -> None:
        """Begin to write. Call it inside the event loop that will use this App."""
        self._writer.start()

    async def stop(self) -> None:
        """Write what waits, then end. The store stays open."""
        await self._writer.stop()

    def _hand_over(self) -> list[Taken]:
        """What was taken since last asked: called by the writer after each commit, and after each that failed."""
        taken, self._taken = list(self._taken.values()), {}
        return taken

    def _tell(self, taken: Sequence[Taken]) -> None:
        for watcher in self._watchers:
            watcher(taken)
