"""Wakes what is due: timers become events, and whoever has due messages or jobs is rung."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.app import App
from bot.worker import Worker
from conversations.model import Forget, Remind

AT_ONCE = 100  # due timers taken together
LONGEST_REST = 60.0  # seconds: a computer that slept, or a clock that was set, is noticed after this


class Timers(Worker):
    """One loop for all that is due at a time. What became due while the process was down is taken at its start."""

    rung_by = (Remind, Forget)

    def __init__(self, app: App, ring_others: Callable[[], None]) -> None:
        super().__init__()
        self._app, self._ring_others = app, ring_others
        self._overdue = 1.0  # seconds to wait when something stays due, such as a message of a channel not set up

    async def work(self) -> float | None:
        events = await self._app.write(self._app.store.due, self._app.clock.now(), AT_ONCE)
        if events:
            await asyncio.gather(*(self._app.take(event) for event in events))
            return 0.0
        at = await self._app.write(self._app.store.next_due)
        if at is None:
            return LONGEST_REST
        wait = (at - self._app.clock.now()).total_seconds()
        if wait > 0:
            self._overdue = 1.0
            return min(wait, LONGEST_REST)
        self._ring_others()
        self._overdue = min(self._overdue * 2, LONGEST_REST)
        return self._overdue
