"""Wakes what is due: timers become events, and whoever has due messages or jobs is rung."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.app import App
from bot.worker import Worker
from conversations.model import Forget, Remind

log = structlog.get_logger()

AT_ONCE = 100  # due timers taken together
LONGEST_REST = 60.0  # seconds: a computer that slept, or a clock that was set, is noticed after this
SET_BACK = timedelta(seconds=LONGEST_REST)  # less is waited out


class Timers(Worker):
    """One loop for all that is due at a time. What became due while the process was down is taken at its start."""

    rung_by = (Remind, Forget)

    def __init__(self, app: App, ring_others: Callable[[], None]) -> None:
        super().__init__()
        self._app, self._ring_others = app, ring_others
        self._overdue = 1.0  # seconds to wait when something stays due, such as a message of a channel not set up
        self._seen: datetime | None = None  # the real time when last looked

    async def work(self) -> float | None:
        if self._app.clock.is_set:
            self._seen = None
        else:
            await self._notice_a_clock_set_back(self._app.clock.now())
        events = await self._app.write(self._app.store.due, self._app.clock.now(), AT_ONCE)
        if events:
            await asyncio.gather(*(self._app.take(event) for event in events))
            return 0.0
        at = await self._app.write(self._app.store.next_due)
        if at is None:
            return LONGEST_REST
        now = self._app.clock.now()
        if at > now:
            self._overdue = 1.0
            return min((at - now).total_seconds(), LONGEST_REST)
        self._ring_others()
        self._overdue = min(self._overdue * 2, LONGEST_REST)
        following = await self._app.write(self._app.store.next_due, now)  # no timer waits for what stays due
        return min(self._overdue, (following - now).total_seconds()) if following else self._overdue

    async def _notice_a_clock_set_back(self, now: datetime) -> None:
        """What was put off lies too far ahead by as much as the clock went back. A timer come too early looks anew."""
        if self._seen is None:  # the first look, also after a `tick`
            await self._app.write(self._app.store.end_tick, now)
        seen = self._seen or await self._app.write(self._app.store.last_written)
        self._seen = now
        if seen is not None and seen - now > SET_BACK:
            log.warning("clock_set_back", seconds=round((seen - now).total_seconds()))
            await self._app.write(self._app.store.set_back, seen - now)
            self._ring_others()
