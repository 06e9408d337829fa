"""The chat page as a channel: a message is delivered when it stands in the history. Open pages are woken."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.channels import Pace, Refused, Rendered, Sent
from bot.channels.kept import keep
from storage.store import Outgoing

if TYPE_CHECKING:
    from bot.app import App
    from bot.writer import Taken

HEARTBEAT = 15.0  # seconds; proxies cut a stream that is silent for 30 or 60


class Page:
    """Delivers to chats `web:<id>`."""

    name = "web"
    overall = 10_000.0

    def __init__(self, app: App) -> None:
        self._app = app
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def pace(self, chat: str) -> Pace:
        return Pace(rate=1000, burst=1000)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        """Keep the message in the chat's history and wake its open pages."""
        sent = await keep(self._app, outgoing, rendered)
        self.wake(outgoing.chat)
        return sent

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        raise Refused(f"{ref}: what comes over the page is in our own file store from the start")

    def wake(self, chat: str) -> None:
        """Something of this chat changed: every open page looks again."""
        for listener in self._listeners.get(chat, ()):
            listener.set()

    def heard(self, taken: Sequence[Taken]) -> None:
        """A commit was made: the pages of the chats it changed look again, also those in the writer's other tabs."""
        for one in taken:
            self.wake(one.turn.case.conversation.chat if one.turn else one.event.chat or "")

    def listeners(self, chat: str) -> int:
        """How many pages of this chat are open."""
        return len(self._listeners.get(chat, ()))

    async def listen(self, chat: str, heartbeat: float = HEARTBEAT) -> AsyncGenerator[bool, None]:
        """True each time the chat changed, False after `heartbeat` seconds of silence; ends when the page is closed."""
        changed = asyncio.Event()
        self._listeners[chat].add(changed)
        try:
            while not self._closed:
                try:
                    await asyncio.wait_for(changed.wait(), heartbeat)
                except TimeoutError:
                    yield False
                else:
                    changed.clear()
                    if not self._closed:
                        yield True
        finally:
            self._listeners[chat].discard(changed)
            if not self._listeners[chat]:
                del self._listeners[chat]

    def close(self) -> None:
        """End every listener, so that the server can stop without waiting for open pages."""
        self._closed = True
        for chat in list(self._listeners):
            self.wake(chat)
