"""Carries messages out: each chat in order and at its pace, different chats at once, again when it must be."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

import structlog

from bot.app import App
from bot.channels import Channel, Moved, Refused, TryLater
from bot.words import Catalogs
from bot.worker import AFTER_TROUBLE, Worker
from bot.writer import Overloaded
from conversations.model import Event, Kind, Say, SpendInvite, Tell
from storage.points import Point
from storage.store import DiskTrouble, Outgoing

log = structlog.get_logger()

AT_ONCE = 64  # messages of one channel in hand
LEASE = 120.0  # seconds a claimed message is ours, should this loop end; in hand it is ours however long it takes
SEND_TIMEOUT = 100.0  # seconds: a letter of several megabytes on a slow line
LONGEST_WAIT = 900.0  # seconds between two tries
GIVE_UP_AFTER = timedelta(hours=24)
FEWEST_TRIES = 20  # two hours: what is old because we were down, or waited behind another, was not tried for a day
TRIES = 3000  # more than fit into a day of short waits: the day decides, this only bounds a clock gone wrong

SEND, RECORD = Point("send"), Point("record")  # between them a crash repeats the one message

Watcher = Callable[[Outgoing, str], None]  # a message and what came of it: "sent", "retry", "given_up"


class Sender(Worker):
    """One channel's loop. Its state is only what was claimed: after a crash the leases run out and all goes on."""

    rung_by = (Say, Tell, SpendInvite)

    def __init__(
        self, app: App, channel: Channel, catalogs: Catalogs, *, chance: Callable[[], float] = random.random
    ) -> None:
        super().__init__()
        self._app, self._channel, self._catalogs, self._chance = app, channel, catalogs, chance
        self._ready: list[tuple[float, int, Outgoing]] = []  # heap: (earliest time on the loop's clock, id, message)
        self._flying: dict[int, tuple[str, asyncio.Task[None]]] = {}  # by id: the chat each goes to, its task
        self._chats: dict[str, float] = {}  # when each chat's allowance is whole again
        self._next_slot = 0.0  # of the rate for all chats together
        self._paused_until = 0.0
        self.watchers: list[Watcher] = []

    @property
    def name(self) -> str:
        return self._channel.name

    @property
    def in_hand(self) -> int:
        return len(self._ready) + len(self._flying)

    async def work(self) -> float | None:
        loop = asyncio.get_running_loop()
        if (room := AT_ONCE - self.in_hand) > 0 and loop.time() >= self._paused_until:
            now = self._app.clock.now()
            claimed = await self._app.write(self._app.store.claim, self.name, now, room, LEASE)
            # One that waits for its pace and then for its answer may outlast its lease, and is claimed again.
            in_hand = self._flying.keys() | {outbox for _, outbox, _ in self._ready}
            for message in claimed:
                if message.id not in in_hand:
                    heapq.heappush(self._ready, (self._allowed_at(message.chat, loop.time()), message.id, message))
        while self._ready:
            at = max(self._ready[0][0], self._next_slot, self._paused_until)
            if at > loop.time():
                return at - loop.time()
            message = heapq.heappop(self._ready)[2]
            self._book(message.chat, loop.time())
            task = asyncio.create_task(self._fly(message), name=f"send {message.id}")
            self._flying[message.id] = message.chat, task
        return max(0.0, self._paused_until - loop.time()) or None

    async def finish(self) -> None:
        if flying := [task for _, task in self._flying.values()]:
            await asyncio.wait(flying, timeout=5)

    async def landed(self, chats: Collection[str], timeout: float) -> None:
        """Return when what is on its way to these chats has arrived and is noted, or after so many seconds.

        An answer may be here before the platform told us that its question is there.
        """
        if flying := [task for chat, task in self._flying.values() if chat in chats]:
            await asyncio.wait(flying, timeout=timeout)

    async def _fly(self, message: Outgoing) -> None:
        try:
            await self._send(message)
        except Exception as error:  # the house is closed, or a bug of ours: its lease runs out and it is claimed again
            log.error("send_not_noted", channel=self.name, outbox=message.id, error=type(error).__name__)
        finally:
            del self._flying[message.id]
            self.ring()

    # pace: a chat's allowance of `burst` messages refills at its `rate`; all chats share evenly spaced slots

    def _allowed_at(self, chat: str, now: float) -> float:
        pace = self._channel.pace(chat)
        return max(now, self._chats.get(chat, now) - (pace.burst - 1) / pace.rate)

    def _book(self, chat: str, now: float, messages: int = 1) -> None:
        slot = 1 / self._channel.overall
        self._chats[chat] = max(self._chats.get(chat, now), now) + messages / self._channel.pace(chat).rate
        # One slot may be caught up, so that waking a little late does not waste the rate.
        self._next_slot = max(self._next_slot, now - slot) + messages * slot
        if len(self._chats) > 10_000:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}

    async def _send(self, message: Outgoing) -> None:
        try:
            rendered = self._catalogs.words(message.locale, message.time_zone).render(message, self._app.files.path)
            async with asyncio.timeout(SEND_TIMEOUT):
                with SEND:
                    sent = await self._channel.send(message, rendered)
        except TryLater as later:
            await self._put_off(message, later.wait, later.everyone)
        except Moved as moved:
            await self._note(self._app.store.move_chat, message.chat, moved.chat)
            await self._put_off(message, 0.0, everyone=False)
        except Refused as refused:
            await self._give_up(message, "gone" if refused.gone else "refused", str(refused))
        except Exception as error:
            log.warning("send_failed", channel=self.name, outbox=message.id, error=type(error).__name__)
            await self._put_off(message, self._backoff(message.attempts), everyone=False)
        else:
            now = self._app.clock.now()
            if sent.messages > 1:
                self._book(message.chat, asyncio.get_running_loop().time(), sent.messages - 1)
            await self._note(self._app.store.sent, message.id, now, sent.order, sent.message)
            self._tell(message, "sent")

    async def _note(self, call: Callable[..., None], *args: Any) -> None:
        """Write down what came of a message, however long the disk refuses: what is out must not go out again,
        and what was put off not before its time."""
        while True:
            try:
                with RECORD:
                    return await self._app.write(call, *args)
            except Overloaded:  # the house is closed
                raise
            except Exception as error:
                if not isinstance(error, DiskTrouble):  # of that the writer tells, once for all
                    log.error("send_not_noted", channel=self.name, error=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE)

    def _backoff(self, attempts: int) -> float:
        """Seconds until the next try: 1, 2, 4 ... up to LONGEST_WAIT, less up to half by chance."""
        return min(LONGEST_WAIT, 2.0 ** min(attempts, 20)) * (0.5 + self._chance() / 2)

    async def _put_off(self, message: Outgoing, wait: float, everyone: bool) -> None:
        loop, now = asyncio.get_running_loop(), self._app.clock.now()
        if everyone:
            self._paused_until = max(self._paused_until, loop.time() + wait)
            held, self._ready = self._ready, []  # given back: the pause may outlast their leases
            for _, outbox, _ in held:
                await self._note(self._app.store.retry, outbox, now + timedelta(seconds=wait))
        tries, age = message.attempts + 1, now - message.created_at
        if (age >= GIVE_UP_AFTER and tries >= FEWEST_TRIES) or tries >= TRIES:
            return await self._give_up(message, "given_up", "tried for a day")
        await self._note(self._app.store.retry, message.id, now + timedelta(seconds=wait))
        loop.call_later(wait, self.ring)
        self._tell(message, "retry")

    async def _give_up(self, message: Outgoing, how: str, why: str) -> None:
        """Stop trying, and let the desk know that this customer did not get the word."""
        now = self._app.clock.now()
        log.warning("send_given_up", channel=self.name, outbox=message.id, registration=message.reference, how=how)
        # The desk first: a crash between the two tells it once more, and that is the same event.
        await self._app.take(
            Event(
                id=f"unreachable:{message.id}", kind=Kind.UNREACHABLE, at=now, chat=message.chat, name=how,
                registration=message.say.registration,
            )
        )  # fmt: skip
        await self._note(self._app.store.give_up, message.id, now, why)
        self._tell(message, "given_up")

    def _tell(self, message: Outgoing, what: str) -> None:
        for watcher in self.watchers:
            watcher(message, what)
