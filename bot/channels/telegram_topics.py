"""Where in a chat a message goes: to the topic of its case where the group has topics, else as a reply to its card."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
import telegram
from telegram.error import BadRequest, TelegramError

from bot.channels.markup import cut
from bot.channels.telegram_errors import is_gone, says
from conversations.model import Say

log = structlog.get_logger()

CARDS = ("case:", "question:")  # slots whose message gets a topic of its own
LONGEST_NAME = 128  # characters of a topic's name
ASK_AGAIN = 600.0  # seconds after which a group without topics may have got some
MOST_KEPT = 10_000  # chats, topics
CLOSED = ("topic_closed",)
LOST = ("message thread not found", "topic_deleted", "topic_id_invalid", "thread_id_invalid")


@dataclass(frozen=True, slots=True)
class Message:
    """A message by its id in its chat, and its topic's where it stands in one: "17" or "5.17"."""

    id: int
    thread: int | None = None

    @classmethod
    def read(cls, text: str | None) -> Message | None:
        """The message a stored id names; None when it is none of ours."""
        thread, _, number = (text or "").rpartition(".")
        if not number.isdecimal() or not (thread.isdecimal() or not thread):
            return None
        return cls(int(number), int(thread) if thread else None)

    def __str__(self) -> str:
        return f"{self.thread}.{self.id}" if self.thread else str(self.id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a chat something is posted."""

    chat: int
    thread: int | None = None
    reply: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """It as arguments of the library's calls."""
        if self.thread:
            return {"message_thread_id": self.thread}
        if self.reply:
            return {"reply_parameters": telegram.ReplyParameters(self.reply, allow_sending_without_reply=True)}
        return {}


def is_card(say: Say) -> bool:
    return (say.slot or "").startswith(CARDS)


class Topics:
    """Topics of groups that have them. Where the right to make them is missing, everything goes the plain way."""

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot
        self._forums: dict[int, tuple[bool, float]] = {}  # chat -> has topics, the loop's time of the answer
        self._closed: dict[tuple[int, int], bool] = {}  # as far as we did it ourselves

    def forget(self, chat: int) -> None:
        """Something about this chat may have changed: look again."""
        self._forums.pop(chat, None)

    async def opened(self, chat: int, name: str) -> int | None:
        """A new topic for a card, or None where the chat has no topics or does not let us make one."""
        if not await self._is_forum(chat):
            return None
        try:
            topic = await self._bot.create_forum_topic(chat, cut(name, LONGEST_NAME) or "…")
        except BadRequest as error:
            if is_gone(error):
                raise
            log.warning("topic_refused", channel="telegram", what=str(error))
            self._keep(chat, False)
            return None
        self._note(chat, topic.message_thread_id, closed=False)
        return topic.message_thread_id

    async def settle(self, chat: int, thread: int, closed: bool) -> None:
        """Close or reopen a card's topic. A courtesy: when it fails, the next edit of the card tries again."""
        if self._closed.get((chat, thread)) == closed:
            return
        change = self._bot.close_forum_topic if closed else self._bot.reopen_forum_topic
        try:
            await change(chat, thread)
        except TelegramError as error:
            if not says(error, "topic_not_modified"):
                log.warning("topic_not_changed", channel="telegram", error=type(error).__name__)
                return
        self._note(chat, thread, closed)

    async def reopened(self, chat: int, thread: int) -> bool:
        """Whether a topic somebody closed is open again."""
        self._closed.pop((chat, thread), None)
        await self.settle(chat, thread, closed=False)
        return self._closed.get((chat, thread)) is False

    async def _is_forum(self, chat: int) -> bool:
        if chat > 0:
            return False
        has_topics, at = self._forums.get(chat, (False, -ASK_AGAIN))
        if has_topics or asyncio.get_running_loop().time() - at < ASK_AGAIN:
            return has_topics
        found = await self._bot.get_chat(chat)
        self._keep(chat, bool(found.is_forum))
        return bool(found.is_forum)

    def _keep(self, chat: int, has_topics: bool) -> None:
        if len(self._forums) >= MOST_KEPT:
            self._forums.clear()
        self._forums[chat] = (has_topics, asyncio.get_running_loop().time())

    def _note(self, chat: int, thread: int, closed: bool) -> None:
        if len(self._closed) >= MOST_KEPT:
            self._closed.clear()
        self._closed[chat, thread] = closed
