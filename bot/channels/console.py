"""The terminal as a channel: a message is delivered when it stands in the history; an open session prints it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bot.channels import Pace, Refused, Rendered, Sent
from bot.channels.kept import keep
from storage.store import Outgoing

if TYPE_CHECKING:
    from bot.app import App

Listener = Callable[[Outgoing, Rendered], None]


class Console:
    """Delivers to chats `console:<name>`."""

    name = "console"
    overall = 10_000.0

    def __init__(self, app: App) -> None:
        self._app = app
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)

    def pace(self, chat: str) -> Pace:
        return Pace(rate=1000, burst=1000)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        """Keep the message in the chat's history and hand it to the chat's open sessions."""
        sent = await keep(self._app, outgoing, rendered)
        for listener in tuple(self._listeners.get(outgoing.chat, ())):
            listener(outgoing, rendered)
        return sent

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        raise Refused(f"{ref}: what comes over the terminal is in our own file store from the start")

    def listen(self, chat: str, listener: Listener) -> Callable[[], None]:
        """Hand that chat's messages to the listener, until what is returned is called."""
        self._listeners[chat].append(listener)
        return lambda: self._listeners[chat].remove(listener)
