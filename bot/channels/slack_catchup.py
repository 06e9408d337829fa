"""What people wrote while Slack could not reach us: read from the history of our private chats, as the same events.

Slack delivers an event four times within six minutes, then never again. Replies in threads are read of threads whose
first message is in the time that is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

from bot.channels.slack_errors import asked_to_wait
from bot.channels.slack_in import TS
from bot.channels.slack_parts import order_of

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.app import App

log = structlog.get_logger()

OVERLAP = 600 * 1_000_000  # microseconds read once more: Slack's own tries may have ended with some of them
PAGE = 200
FIRST_WAIT = 1.0  # seconds after a question that found no answer, twice as many after the next
TRIES = 8  # of one question
NOT_OURS = ("channel_not_found", "not_in_channel", "is_archived", "thread_not_found", "missing_scope")

SWEEP = 3600.0  # seconds between two readings where nobody tells us of an outage: with HTTP
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds after a reading that failed

Message = Mapping[str, Any]
Take = Callable[[str, str, list[Message]], Awaitable[None]]  # (user, channel, messages, the oldest first)


class History:
    """How far the messages of our private chats were read, kept as the offset `slack:<team>`.

    The offset is the newest message taken. It stays where it was while there may be a gap behind it: over HTTP always,
    for there nobody tells us of one. Then only a reading moves it.
    """

    def __init__(
        self, app: App, read: Callable[[int], Awaitable[int]], count: Callable[[str], None], *, by_socket: bool
    ) -> None:
        """`read`: takes what came in since then (microseconds)."""
        self._app, self._read, self._count, self._by_socket = app, read, count, by_socket
        self._name = ""
        self._newest = 0  # microseconds, of the newest message taken
        self.read_to: int | None = None  # up to then nothing is missing
        self._losses, self._made_up = 1, 0  # how often nothing reached us, and how many of these were read since
        self._wanted = asyncio.Event()

    def look_back(self) -> None:
        """Read the histories: something may be missing."""
        self._wanted.set()

    def lost(self) -> None:
        """Nothing reaches us: from now on something may be missing."""
        self._losses += 1

    def offset(self, orders: list[int]) -> tuple[str, int] | None:
        """What to keep with messages of these orders, when they are taken now."""
        newest = max(orders, default=0)
        has_gap = not self._by_socket or self._made_up < self._losses
        return (self._name, newest) if newest > self._newest and not has_gap else None

    def took(self, orders: list[int]) -> None:
        self._newest = max([self._newest, *orders])

    async def run(self, team: str) -> None:
        """Read whenever that is wanted, until cancelled."""
        self._name, pause = f"slack:{team}", FIRST_PAUSE
        self.read_to = await asyncio.to_thread(self._app.offset, self._name)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            began, losses = int(self._app.clock.now().timestamp() * 1_000_000), self._losses
            try:
                # The first time too: whoever wrote while we were killed before that may not be brought to us again.
                await self._read(began if self.read_to is None else self.read_to)
                reached = min(began, max(self._newest, self.read_to or began))  # a chat read early is read to then
                await self._app.take_all([], (self._name, reached))
            except Exception as error:
                name = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
                log.warning("catch_up_failed", channel="slack", error=name)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                self._wanted.set()
            else:
                self._newest, self.read_to, self._made_up = max(self._newest, reached), reached, losses
                pause = FIRST_PAUSE
                self._count("caught_up")


class CatchUp:
    """Reads; what is read is handed to `take`."""

    def __init__(self, client: AsyncWebClient, take: Take) -> None:
        self._client, self._take = client, take

    async def read(self, since: int) -> int:
        """Take what came in since then (microseconds), a chat after the other; how many messages were looked at.

        Raises:
            SlackApiError, OSError, TimeoutError: Slack does not give it.
        """
        oldest, count = max(0, since - OVERLAP), 0
        async for chat in self._pages("channels", self._client.conversations_list, types="im", limit=PAGE):
            channel, user = chat.get("id"), chat.get("user")
            if not isinstance(channel, str) or not isinstance(user, str) or chat.get("is_user_deleted"):
                continue
            messages = await self._messages(channel, oldest)
            if messages:
                count += len(messages)
                await self._take(user, channel, messages)
        return count

    async def _messages(self, channel: str, oldest: int) -> list[Message]:
        window = {"channel": channel, "oldest": _ts(oldest), "limit": PAGE}
        found: dict[str, Message] = {}
        async for message in self._pages("messages", self._client.conversations_history, **window):
            _add(found, message)
            latest = message.get("latest_reply")
            if isinstance(latest, str) and TS.fullmatch(latest) and order_of(latest) > oldest:
                more = {**window, "ts": message["ts"]}
                async for reply in self._pages("messages", self._client.conversations_replies, **more):
                    _add(found, reply)
        return [found[ts] for ts in sorted(found, key=order_of)]

    async def _pages(self, what: str, call: Callable[..., Awaitable[Any]], **asked: Any) -> AsyncIterator[Message]:
        cursor = ""
        while True:
            try:
                page = await self._asked(call, **asked, **({"cursor": cursor} if cursor else {}))
            except SlackApiError as error:
                if what == "messages" and error.response.get("error") in NOT_OURS:
                    log.warning("history_refused", channel="slack", error=str(error.response.get("error")))
                    return
                raise
            for one in page.get(what) or ():
                if isinstance(one, Mapping):
                    yield one
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _asked(self, call: Callable[..., Awaitable[Any]], **asked: Any) -> Any:
        """The answer, as late as Slack asks us to be."""
        wait = FIRST_WAIT
        for left in range(TRIES - 1, -1, -1):
            try:
                return await call(**asked)
            except SlackApiError as error:
                status = error.response.status_code
                if not left or (status < 500 and status != 429 and error.response.get("error") != "ratelimited"):
                    raise
                await asyncio.sleep(asked_to_wait(error.response.headers or {}, otherwise=wait))
            except (ClientError, OSError, TimeoutError):
                if not left:
                    raise
                await asyncio.sleep(wait)
            wait = min(30.0, wait * 2)
        raise AssertionError("the last try returns or raises")


def _add(found: dict[str, Message], message: Message) -> None:
    ts = message.get("ts")
    if isinstance(ts, str) and TS.fullmatch(ts):
        found[ts] = message


def _ts(order: int) -> str:
    return f"{order // 1_000_000}.{order % 1_000_000:06}"
