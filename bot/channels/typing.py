"""The courtesy of showing that something is being done: "typing ..." while files are looked into, letters drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import telegram
from telegram.constants import ChatAction
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.writer import Taken
from conversations.model import Fetch, Render, Say
from storage.store import Outgoing

EVERY = 4.0  # seconds: Telegram shows it for five, or until the next message
LONGEST = 60.0  # seconds


@dataclass(slots=True)
class _Shown:
    """What is shown in one chat."""

    task: asyncio.Task[None]
    expected: int  # messages of the turn itself: they go out before the work is done
    again: asyncio.Event


class Typing:
    """Shows it from the turn that began slow work until the message that ends it. May be lost: nothing is kept."""

    def __init__(self, bot: telegram.Bot, *, every: float = EVERY, longest: float = LONGEST) -> None:
        self._bot, self._every, self._longest = bot, every, longest
        self._prefix = f"telegram:{bot.token.partition(':')[0]}:"
        self._shown: dict[str, _Shown] = {}

    def heard(self, taken: Sequence[Taken]) -> None:
        """A commit was made: begin in the chats where a turn began slow work. For App.watch."""
        for one in taken:
            if one.turn is None:
                continue
            conversation = one.turn.case.conversation
            if not conversation.chat.startswith(self._prefix):
                continue
            if action := _action(one):
                said = [effect for effect in one.turn.effects if isinstance(effect, Say)]
                self._begin(conversation.chat, action, sum(say.to in (None, conversation.id) for say in said))

    def sent(self, outgoing: Outgoing, what: str) -> None:
        """A message came to its end: with the one that tells the result, so does this. For Sender.watchers."""
        shown = self._shown.get(outgoing.chat)
        if shown is None or what == "retry":
            return
        if shown.expected > 0:
            shown.expected -= 1
            shown.again.set()  # the message took it away
        else:
            shown.task.cancel()

    async def close(self) -> None:
        tasks = [shown.task for shown in self._shown.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, chat: str, action: ChatAction, expected: int) -> None:
        if old := self._shown.get(chat):
            old.task.cancel()
        again = asyncio.Event()
        task = asyncio.create_task(self._show(int(chat.removeprefix(self._prefix)), action, again), name="typing")
        self._shown[chat] = shown = _Shown(task, expected, again)

        def ended(_: asyncio.Task[None]) -> None:
            if self._shown.get(chat) is shown:
                del self._shown[chat]

        task.add_done_callback(ended)

    async def _show(self, chat: int, action: ChatAction, again: asyncio.Event) -> None:
        until = asyncio.get_running_loop().time() + self._longest
        while asyncio.get_running_loop().time() < until:
            again.clear()
            try:
                await self._bot.send_chat_action(chat, action)
            except TelegramError as error:
                if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                    return  # asked to wait, or shut out: it is only a courtesy
            try:
                async with asyncio.timeout(self._every):
                    await again.wait()
            except TimeoutError:
                pass


def _action(taken: Taken) -> ChatAction | None:
    effects = taken.turn.effects if taken.turn else ()
    if any(isinstance(effect, Render) for effect in effects):
        return ChatAction.UPLOAD_DOCUMENT
    if any(isinstance(effect, Fetch) for effect in effects):
        return ChatAction.TYPING
    return None
