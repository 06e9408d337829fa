"""The same dialogue as python-telegram-bot's ConversationHandler plays it: what one would write instead.

Its state is in memory; what it sends goes to a request that answers at once. With PicklePersistence it is written down
after every turn, without a sync.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Chat, Message, Update, User
from telegram.ext import Application, ContextTypes, ConversationHandler, MessageHandler, PicklePersistence, filters
from telegram.request import BaseRequest, RequestData

TOKEN = "123456:" + "A" * 35
ME = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bench_bot"}
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Stub(BaseRequest):
    """Takes every call, and answers a sent message as Telegram does."""

    sent = 0

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        if url.endswith("/getMe"):
            return 200, json.dumps({"ok": True, "result": ME}).encode()
        said = request_data.json_parameters if request_data else {}
        self.sent += 1
        message = {"message_id": self.sent, "date": 0, "chat": {"id": int(said["chat_id"]), "type": "private"},
                   "from": ME, "text": said["text"]}  # fmt: skip
        return 200, json.dumps({"ok": True, "result": message}).encode()


class Handlers:
    """One bot whose conversation has a state for each question."""

    def __init__(self, words: Sequence[str], pickle: Path | None = None) -> None:
        self._words, self._updates, self._chats = words, 0, 0
        builder = Application.builder().token(TOKEN).request(Stub()).get_updates_request(Stub()).updater(None)
        if pickle:
            builder = builder.persistence(PicklePersistence(pickle))
        self._app = builder.build()
        self._is_kept = pickle is not None
        states = {number: [MessageHandler(filters.TEXT, self._read)] for number in range(1, len(words))}
        with warnings.catch_warnings(action="ignore"):
            self._app.add_handler(
                ConversationHandler(
                    [MessageHandler(filters.TEXT, self._read)], states, [], name="registers", persistent=self._is_kept
                )
            )

    async def open(self, others: int = 0) -> None:
        """`others`: chats that are half way through, and only wait."""
        await self._app.initialize()
        for _ in range(others):
            chat, half = self._chat(), len(self._words) // 2
            for number, word in enumerate(self._words[:half]):
                await self._app.process_update(self._update(chat, number, word))
        if self._is_kept:
            await self._app.update_persistence()

    async def close(self) -> None:
        await self._app.shutdown()

    def rounds(self, chats: int) -> Iterator[list[Update]]:
        """The next word of each of so many new chats, until they are through."""
        new = [self._chat() for _ in range(chats)]
        for number, word in enumerate(self._words):
            yield [self._update(chat, number, word) for chat in new]

    async def take(self, update: Update) -> None:
        await self._app.process_update(update)
        if self._is_kept:
            await self._app.update_persistence()

    def _chat(self) -> int:
        self._chats += 1
        return self._chats

    def _update(self, chat: int, number: int, word: str) -> Update:
        self._updates += 1
        message = Message(number, NOW, Chat(chat, "private"), from_user=User(chat, "Anna", False), text=word)
        message.set_bot(self._app.bot)
        return Update(self._updates, message=message)

    async def _read(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        """Keep the answer and ask the next: nothing is checked, nothing depends on what was answered before."""
        message, answers = update.message, context.user_data
        assert message is not None and message.text is not None and answers is not None
        answers[f"answer_{len(answers)}"] = message.text
        if len(answers) < len(self._words):
            await message.reply_text(f"Question {len(answers)} of {len(self._words)}: what is it?")
            return len(answers)
        answers.clear()
        await message.reply_text("Thank you. It is under review now.")
        return ConversationHandler.END
