"""Courtesies after the commit, each of which may be lost: answering a press, a word back to the desk, a prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from html import escape
from typing import TYPE_CHECKING, Any

import structlog
from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
    User,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.helpers import mention_html

from bot.channels.keyboards import laid_out
from bot.channels.markup import cut, html
from bot.writer import Taken
from conversations.desk.actions import in_group
from conversations.model import Event, Kind, Text
from conversations.reasons import CANNED

if TYPE_CHECKING:
    from bot.channels.tokens import Tokens
    from bot.words import Catalogs, Words

log = structlog.get_logger()

LONGEST_TOAST = 200  # characters Telegram shows over a chat
AT_ONCE = 16
PATIENCE = 10.0  # seconds; a press is stale sooner


class Courtesies:
    """Each is a task of its own, so that nobody waits for it and it waits for nobody."""

    def __init__(self, bot: Bot, number: str, tokens: Tokens, catalogs: Catalogs) -> None:
        self._bot, self._number, self._tokens, self._catalogs = bot, number, tokens, catalogs
        self._tasks: set[asyncio.Task[None]] = set()
        self._few = asyncio.Semaphore(AT_ONCE)

    def do(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(self._done(courtesy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _done(self, courtesy: Coroutine[Any, Any, Any]) -> None:
        try:
            async with self._few:
                await courtesy
        except TelegramError as error:  # most of them: "query is too old"
            log.info("courtesy_lost", channel="telegram", error=type(error).__name__)
        except Exception as error:
            log.error("courtesy_failed", channel="telegram", error=type(error).__name__)
        finally:
            courtesy.close()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def answer(self, update: Update, event: Event | None, taken: Taken | None) -> None:
        """Answer whoever pressed, or wrote a decision in the desk's chat. `taken` is None when it was taken before."""
        said = taken.answer if taken is not None and taken.event.kind is Kind.DESK else None
        wants_reasons = said is not None and said.key == "desk_why_missing"
        query = update.callback_query
        if query is not None:
            self.do(self._answer_press(query, event, None if wants_reasons or said is None else in_group(said)))
        message = update.message if query is None else query.message
        person = update.effective_user
        if said is None or taken is None or message is None or person is None:
            return
        words = self._catalogs.words(taken.event.locale)
        if wants_reasons:
            self.do(self._ask_for_reasons(message, person, said, taken.event.registration, words))
        elif query is None:
            self.do(self._send(message, escape(words.text(in_group(said)), quote=False)))

    def explain(self, update: Update) -> None:
        """Say how a decision is written, to whoever wrote half of one."""
        message, person = update.message, update.effective_user
        if message is not None and person is not None:
            words = self._catalogs.words(person.language_code)
            self.do(self._send(message, escape(words.text(Text("desk_how_to_write")), quote=False)))

    async def _answer_press(self, query: CallbackQuery, event: Event | None, said: Text | None) -> None:
        """At once and always: the button shows that it waits until then."""
        if event is None:
            said = Text("button_not_ours")
        text = self._catalogs.words(query.from_user.language_code).text(said) if said else None
        await self._bot.answer_callback_query(
            query.id, text and cut(text, LONGEST_TOAST), show_alert=event is None or None, read_timeout=PATIENCE
        )

    async def _ask_for_reasons(
        self, message: Any, person: User, answer: Text, registration: int | None, words: Words
    ) -> None:
        """A prompt: whoever replies to it, or presses a ready reason, ends the command that is its first line."""
        command, chat = str(answer.values.get("command", "")), f"telegram:{self._number}:{message.chat.id}"
        keyboard = laid_out(
            [(f"{command} {one}", words.text(Text(f"desk_reason_{one}"))) for one in CANNED],
            lambda value: self._tokens.made(chat, registration, 0, value),
            lambda label: label,
        )
        asked = escape(words.text(Text("desk_reply_with_reasons")), quote=False)
        rows = [
            [InlineKeyboardButton(button.label, callback_data=button.token) for button in row if button.token]
            for row in keyboard.rows
        ]
        await self._send(
            message, f"{html(command)}\n{mention_html(person.id, person.full_name)}: {asked}",
            InlineKeyboardMarkup([row for row in rows if row]),
        )  # fmt: skip

    async def _send(self, message: Any, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
        """In reply to the message, where it stands."""
        topic = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
        await self._bot.send_message(
            message.chat.id, text, parse_mode=ParseMode.HTML, message_thread_id=topic, reply_markup=buttons,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True),
            read_timeout=PATIENCE,
        )  # fmt: skip
