"""Telegram, the way out: a message put before a person, and a file of theirs fetched. The way in is telegram_in.py.

The library's Bot is given ready. It should have been built with HTTPXRequest(connection_pool_size=64 or more,
read_timeout=30, write_timeout=30, media_write_timeout=60): as many messages are under way at once, a letter takes
longer to upload than the library allows by default, and an answer that is only slow must not be taken for none, or the
message goes out twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import telegram
from telegram.error import TelegramError

from bot.channels import Pace, Refused, Rendered, Sent
from bot.channels.telegram_delivery import Begun, Delivery
from bot.channels.telegram_errors import Troubles
from bot.channels.telegram_files import Downloads
from bot.channels.telegram_text import Composer
from bot.channels.telegram_topics import Topics
from bot.channels.tokens import Tokens
from bot.words import Catalogs
from storage.store import Outgoing

PRIVATE = Pace(rate=1.0, burst=8)
GROUP = Pace(rate=15 / 60, burst=5)  # so that no minute sees more than 20
MOST_BEGUN = 1000  # messages partly out
MOST_GONE = 10_000  # chats


class Telegram:
    """Delivers to chats `telegram:<bot>:<chat>`."""

    name = "telegram"
    overall = 30.0

    def __init__(self, bot: telegram.Bot, tokens: Tokens, catalogs: Catalogs, *, file_url: str) -> None:
        """`file_url`: TELEGRAM_BASE_FILE_URL as it is set, without the token."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and they hold the token
        self._bot = bot
        self._bot_id = bot.token.partition(":")[0]
        self._troubles = Troubles(self._bot_id)
        self._topics = Topics(bot)
        self._downloads = Downloads(bot, file_url, self._troubles)
        self._composer = Composer(tokens, catalogs)
        self._begun: dict[int, Begun] = {}  # by outbox id: messages partly out
        self._gone: dict[str, None] = {}  # chats that are closed to us, oldest first

    def pace(self, chat: str) -> Pace:
        return GROUP if chat.rpartition(":")[2].startswith("-") else PRIVATE

    def back(self, chat: str) -> None:
        """Something came from this chat: it is open to us, and may have changed."""
        self._gone.pop(chat, None)
        if (number := self._number(chat)) is not None:
            self._topics.forget(number)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        """Put the message before the person: its files, then its text with the buttons, so that a question stands last.

        Raises:
            TryLater, Refused, Moved: what Telegram said of it.
            NetworkError: trouble on the way; it may have arrived all the same.
        """
        number = self._number(outgoing.chat)
        if number is None:
            raise Refused("Telegram: the chat belongs to another bot", gone=True)
        if outgoing.chat in self._gone:
            raise Refused("Telegram: the chat is closed to us", gone=True)
        begun = self._begun.pop(outgoing.id, None) or Begun()
        delivery = Delivery(self._bot, self._topics, self._composer, number, outgoing, rendered, begun)
        try:
            return await delivery.made()
        except TelegramError as error:
            meaning = self._troubles.meaning(error, outgoing.chat)
            if not isinstance(meaning, Refused):
                self._keep(outgoing.id, begun)
            elif meaning.gone:
                self._close(outgoing.chat)
            raise meaning from None
        except BaseException:  # the sender's patience is at its end, or a bug of ours: what is out is out
            self._keep(outgoing.id, begun)
            raise

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        """Fetch `telegram:<bot>:<file id>`.

        Raises:
            TryLater, Refused, TooBig: the platform does not give it now, or at all.
            NotServed, NetworkError: trouble on the way.
        """
        _, bot_id, file_id = ref.split(":", 2)
        if bot_id != self._bot_id:
            raise Refused("Telegram: the file was sent to another bot")
        await self._downloads.fetch(file_id, into, limit)
        return {}

    async def close(self) -> None:
        await self._downloads.close()

    def _number(self, chat: str) -> int | None:
        """Telegram's own id of a chat of ours; None when it is another bot's."""
        _, bot_id, number = chat.split(":", 2)
        return int(number) if bot_id == self._bot_id else None

    def _keep(self, outbox: int, begun: Begun) -> None:
        if begun.done or begun.thread:
            self._begun[outbox] = begun
            if len(self._begun) > MOST_BEGUN:
                del self._begun[next(iter(self._begun))]

    def _close(self, chat: str) -> None:
        self._gone[chat] = None
        if len(self._gone) > MOST_GONE:
            del self._gone[next(iter(self._gone))]
