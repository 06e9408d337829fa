"""One message on its way to Telegram: edited where it can be, else posted, piece by piece, each piece once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
import telegram
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels import Refused, Rendered, Sent
from bot.channels.markup import html, whole
from bot.channels.telegram_errors import is_gone, says
from bot.channels.telegram_files import LARGEST, File, Piece, pieces, post
from bot.channels.telegram_text import Composed, Composer, Markup
from bot.channels.telegram_topics import CLOSED, LOST, Message, Place, Topics, is_card
from storage.store import Outgoing

log = structlog.get_logger()

NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)
NOT_THERE = (
    "message to edit not found", "message can't be edited", "message_id_invalid", "no text in the message to edit",
    *CLOSED,
)  # fmt: skip
NO_BUTTONS = ("button", "inline keyboard", "reply keyboard", "reply markup is too long", "reply_markup_too_long")

T = TypeVar("T")
Saying = Callable[[str, ParseMode | None, Markup | None], Awaitable[T]]  # text, how to read it, buttons


@dataclass(slots=True)
class Begun:
    """What of a message is out already, so that it is not sent again when the rest is tried once more."""

    done: dict[str, int] = field(default_factory=dict)  # piece -> id of its last message
    thread: int | None = None  # the topic made for it
    messages: int = 0
    left_out: set[str] = field(default_factory=set)  # files that could not be sent


class Delivery:
    """Carries one message out."""

    def __init__(
        self, bot: telegram.Bot, topics: Topics, composer: Composer, chat: int, outgoing: Outgoing,
        rendered: Rendered, begun: Begun,
    ) -> None:  # fmt: skip
        self._bot, self._topics, self._composer, self._chat = bot, topics, composer, chat
        self._outgoing, self._rendered, self._begun = outgoing, rendered, begun
        self._place = Place(chat)

    async def made(self) -> Sent:
        """What the platform said, once all of it is out.

        Raises:
            TelegramError: what is out by then stands in `begun`.
        """
        outgoing, begun = self._outgoing, self._begun
        old = Message.read(outgoing.edits)
        if old and outgoing.edited_in_place and await self._edited(old):
            await self._settle(old.thread)
            return Sent(order=old.id, message=str(old))
        self._place = await self._found_place(old)
        for piece in pieces([file for file in self._rendered.files if self._is_there(file)]):
            await self._post(piece)
        composed = self._composed()
        for number, part in enumerate(composed.parts, 1):
            await self._once(f"text {number}", self._text(part, composed, is_last=number == len(composed.parts)))
        if not begun.done:
            raise Refused("Telegram: the message is empty")
        await self._settle(self._place.thread)
        if old and outgoing.say.replaces:
            await self._take_away(old)
        last = list(begun.done.values())[-1]
        return Sent(last, str(Message(last, self._place.thread)), begun.messages)

    def _composed(self) -> Composed:
        return self._composer.composed(
            self._outgoing, self._rendered, is_private=self._chat > 0, left_out=len(self._begun.left_out)
        )

    # --- where ------------------------------------------------------------------------------------------------

    async def _found_place(self, old: Message | None) -> Place:
        under = Message.read(self._outgoing.under)
        if under:
            return Place(self._chat, under.thread, None if under.thread else under.id)
        if not is_card(self._outgoing.say):
            return Place(self._chat)
        if old and old.thread and not self._begun.thread:
            return Place(self._chat, old.thread)
        return Place(self._chat, await self._own_topic())

    async def _own_topic(self) -> int | None:
        """The topic of this card, made when it has none yet."""
        begun = self._begun
        if begun.thread is None:
            name = whole(self._rendered.text).strip().partition("\n")[0]
            begun.thread = await self._topics.opened(self._chat, name)
            begun.messages += begun.thread is not None  # the chat shows that a topic was made
        return begun.thread

    async def _in_place(self, call: Callable[[Place], Awaitable[T]]) -> T:
        """What the call gives, made where it belongs: a closed topic is opened, one that is lost replaced."""
        try:
            return await call(self._place)
        except BadRequest as error:
            thread = self._place.thread
            if thread is None or not says(error, *CLOSED, *LOST):
                raise
            is_lost = says(error, *LOST)
        if is_lost or not await self._topics.reopened(self._chat, thread):
            self._topics.forget(self._chat)
            self._begun.thread = None
            self._place = Place(
                self._chat, await self._own_topic() if is_lost and is_card(self._outgoing.say) else None
            )
        return await call(self._place)

    async def _settle(self, thread: int | None) -> None:
        """A closed case's topic is closed."""
        say = self._outgoing.say
        if thread and is_card(say) and "closed" in say.values:
            await self._topics.settle(self._chat, thread, bool(say.values["closed"]))

    # --- what -------------------------------------------------------------------------------------------------

    async def _once(self, key: str, call: Callable[[Place], Awaitable[list[int]]]) -> None:
        """Make the call, unless an earlier try did."""
        if key not in self._begun.done:
            ids = await self._in_place(call)
            self._begun.done[key] = ids[-1]
            self._begun.messages += len(ids)

    def _text(self, part: str, composed: Composed, is_last: bool) -> Callable[[Place], Awaitable[list[int]]]:
        async def send(place: Place) -> list[int]:
            async def say(text: str, mode: ParseMode | None, markup: Markup | None) -> telegram.Message:
                return await self._bot.send_message(
                    place.chat, text, parse_mode=mode, reply_markup=markup, link_preview_options=NO_PREVIEW,
                    **place.options,
                )  # fmt: skip

            return [(await self._said(say, part, composed, composed.markup if is_last else None)).message_id]

        return send

    async def _edited(self, old: Message) -> bool:
        """Whether the earlier message now says this. False: it can't, and a new one is wanted."""
        composed = self._composed()
        if self._begun.done or len(composed.parts) != 1:
            return False

        async def say(text: str, mode: ParseMode | None, markup: Markup | None) -> telegram.Message | bool:
            inline = markup if isinstance(markup, telegram.InlineKeyboardMarkup) else None
            return await self._bot.edit_message_text(
                text, self._chat, old.id, parse_mode=mode, reply_markup=inline, link_preview_options=NO_PREVIEW
            )

        async def edit(place: Place) -> object:
            return await self._said(say, composed.parts[0], composed, composed.markup)

        self._place = Place(self._chat, old.thread)
        try:
            await self._in_place(edit)
        except BadRequest as error:
            if says(error, "message is not modified"):
                return True
            if says(error, *NOT_THERE):
                return False
            raise
        return True

    async def _take_away(self, old: Message) -> None:
        """What it said, the new message says. One that is too old for that stays."""
        try:
            await self._bot.delete_message(self._chat, old.id)
        except TelegramError as error:
            log.info("courtesy_failed", channel="telegram", error=type(error).__name__)

    async def _said(self, say: Saying[T], part: str, composed: Composed, markup: Markup | None) -> T:
        """What the call gives; without the markup, or the buttons, that the platform refuses."""
        mode: ParseMode | None = ParseMode.HTML
        while True:
            try:
                return await say(html(part, composed.small) if mode else part, mode, markup)
            except BadRequest as error:
                # Its words may quote the text, which has no business in a log.
                if mode and says(error, "can't parse entities", "entities_too_long", "entity_bounds_invalid"):
                    self._composer.markup_refused(self._outgoing.id, "text")
                    mode = None
                elif markup and says(error, *NO_BUTTONS):
                    self._composer.markup_refused(self._outgoing.id, "buttons")
                    markup = None
                else:
                    raise

    # --- files ------------------------------------------------------------------------------------------------

    def _is_there(self, file: File) -> bool:
        path, _, _ = file
        if path.is_file() and path.stat().st_size <= LARGEST:
            return True
        self._leave_out(path.name, "too large" if path.is_file() else "missing")
        return False

    async def _post(self, piece: Piece) -> None:
        """Send a piece. What the platform does not take for a picture goes as a document, else it is left out."""

        async def send(place: Place) -> list[int]:
            return await post(self._bot, piece, place)

        try:
            await self._once(piece.key, send)
        except (BadRequest, OSError) as error:
            if isinstance(error, BadRequest) and is_gone(error):
                raise
            if piece.as_pictures:
                for file in piece.files:
                    await self._post(Piece((file,)))
            else:
                self._leave_out(piece.key, str(error) if isinstance(error, BadRequest) else type(error).__name__)

    def _leave_out(self, key: str, what: str) -> None:
        self._begun.left_out.add(key)
        log.error("file_not_sent", channel="telegram", outbox=self._outgoing.id, what=what)
