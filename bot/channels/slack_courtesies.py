"""Courtesies after the commit, each of which may be lost: a word for whoever acted, a view that opens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack_parts import escaped
from bot.writer import Taken
from conversations.desk.actions import in_group
from conversations.model import Kind, Text

if TYPE_CHECKING:
    from bot.words import Catalogs

log = structlog.get_logger()

AT_ONCE = 16
PATIENCE = 10.0  # seconds

Payload = Mapping[str, Any]


class Courtesies:
    """Each is a task of its own, so that nobody waits for it and it waits for nobody."""

    def __init__(self, client: AsyncWebClient, catalogs: Catalogs) -> None:
        self._client, self._catalogs = client, catalogs
        self._tasks: set[asyncio.Task[None]] = set()
        self._few = asyncio.Semaphore(AT_ONCE)
        self._answered: deque[str] = deque(maxlen=1000)  # what comes again is not answered again

    def do(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(self._done(courtesy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _done(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        try:
            async with self._few, asyncio.timeout(PATIENCE):
                await courtesy
        except SlackApiError as error:
            log.info("courtesy_lost", channel="slack", error=str(error.response.get("error")))
        except Exception as error:
            log.error("courtesy_failed", channel="slack", error=type(error).__name__)
        finally:
            courtesy.close()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, payload: Payload, user: str, text: Text, locale: str | None, else_in: str | None = None) -> None:
        """Say it to that person alone, where they acted or else in that chat; once for all deliveries of a payload."""
        place = _place(payload)
        if place is None and else_in is not None:
            place = else_in.rpartition(":")[2], None
        if place is None or _key(payload) in self._answered:
            return
        self._answered.append(_key(payload))
        words = self._catalogs.words(locale).text(text)
        self.do(self._tell(*place, user, words))

    async def show(
        self, opening: Coroutine[Any, Any, Text | None], payload: Payload, user: str, locale: str | None
    ) -> None:
        """Open a view, or say why it is not open."""
        why = await opening
        if why is not None:
            self.tell(payload, user, in_group(why), locale)

    async def _tell(self, channel: str, thread: str | None, user: str, words: str) -> None:
        if channel.startswith("D"):
            await self._client.chat_postMessage(
                channel=channel, text=escaped(words), unfurl_links=False, unfurl_media=False
            )
            return
        await self._client.chat_postEphemeral(channel=channel, user=user, text=escaped(words), thread_ts=thread)

    def answer(self, payload: Payload, user: str, taken: Taken | None) -> None:
        """Answer whoever decided at the desk. `taken` is None when it was taken before."""
        if taken is None or taken.event.kind is not Kind.DESK or (said := taken.answer) is None:
            return
        wants_reasons = said.key == "desk_why_missing"  # no reply of a person's says here what it replies to
        self.tell(
            payload, user, Text("slack_write_reasons", said.values) if wants_reasons else in_group(said),
            taken.event.locale,
        )  # fmt: skip


def _place(payload: Payload) -> tuple[str, str | None] | None:
    """(channel, thread) where the payload comes from; None when that is no channel."""
    event = payload.get("event")
    if isinstance(event, Mapping):
        channel, thread = event.get("channel"), event.get("thread_ts")
    elif isinstance(payload.get("channel"), Mapping):
        message = payload.get("message")
        channel = payload["channel"].get("id")
        thread = message.get("thread_ts") if isinstance(message, Mapping) else None
    else:
        channel, thread = payload.get("channel_id"), None
    return (channel, thread if isinstance(thread, str) else None) if isinstance(channel, str) else None


def _key(payload: Payload) -> str:
    event = payload.get("event")
    if isinstance(event, Mapping):
        return f"{event.get('channel')}:{event.get('ts') or payload.get('event_id')}"
    return str(payload.get("trigger_id"))
