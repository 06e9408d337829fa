"""A loop that works while there is something to do, then rests until it is rung or its time comes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from bot.writer import Taken
from conversations.model import Effect
from storage.store import DiskTrouble

log = structlog.get_logger()
AFTER_TROUBLE = 2.0  # seconds of rest when the store itself failed


class Worker:
    """Base of the sender, the jobs, the timers, and what looks for changed rules."""

    rung_by: tuple[type, ...] = ()  # effects of a turn that give this worker something to do

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._still = asyncio.Event()

    async def work(self) -> float | None:
        """Do what can be done now. Returns after how many seconds to look again, None = only when rung."""
        raise NotImplementedError

    @property
    def in_hand(self) -> int:
        """Pieces of work begun and not ended."""
        return 0

    def ring(self) -> None:
        """There may be something to do. Rings while it works are not lost, and many are one."""
        self._still.clear()
        self._rung.set()

    @property
    def is_still(self) -> bool:
        return self._still.is_set()

    async def still(self) -> None:
        """Return once all that could be done now is done."""
        await self._still.wait()

    def heard(self, taken: Sequence[Taken]) -> None:
        """A commit was made: ring, when it holds work for us."""
        for one in taken:
            effects: Sequence[Effect] = one.turn.effects if one.turn else ()
            if one.turn is None or any(isinstance(effect, self.rung_by) for effect in effects):
                return self.ring()

    async def run(self) -> None:
        """Work until cancelled. Trouble with the disk is logged and waited out: what was claimed is claimed again."""
        self.ring()
        try:
            while True:
                self._rung.clear()
                try:
                    wait = await self.work()
                except Exception as error:
                    if not isinstance(error, DiskTrouble):  # of that the writer tells, once for all
                        log.exception("worker_failed", worker=type(self).__name__)
                    self._rung.clear()
                    wait = AFTER_TROUBLE
                else:
                    if not self.in_hand and not self._rung.is_set() and wait != 0:
                        self._still.set()
                await _either(self._rung, wait)
                self._still.clear()
        finally:
            await self.finish()

    async def finish(self) -> None:
        """Let what is in hand come to its end, for a moment, before the process goes."""


async def _either(event: asyncio.Event, wait: float | None) -> None:
    try:
        async with asyncio.timeout(wait):  # not wait_for: in Python 3.11 it may swallow the cancelling of this worker
            await event.wait()
    except TimeoutError:
        pass
