"""How Telegram's updates come in: polled or by webhook, taken into the App, confirmed only after the commit."""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bot.app import App
from bot.channels.telegram import Telegram
from bot.channels.telegram_address import address, secrets
from bot.channels.telegram_courtesies import Courtesies
from bot.channels.telegram_errors import seconds
from bot.channels.telegram_here import Here
from bot.channels.telegram_in import misses_its_reference, moved, open_chat, to_event
from bot.channels.telegram_menus import show_desk_menu, show_menus
from bot.channels.tokens import Tokens
from bot.channels.typing import Typing
from bot.sender import Sender
from bot.settings import Settings, SettingsError
from bot.writer import Overloaded, Taken
from conversations.model import Event, Kind

if TYPE_CHECKING:
    from bot.words import Catalogs

log = structlog.get_logger()
warnings.filterwarnings("ignore", category=PTBDeprecationWarning)  # of the kind of seconds: we take both

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
LONG_POLL = 30  # seconds Telegram holds a request while there is nothing to tell
POOL = 96  # connections: as many as messages are in hand at once, and some for courtesies
LANDING = 0.5  # seconds to wait for our own message to arrive before an answer to it is taken; others wait as long
FIRST_TRY = 5.0  # seconds the start of the process waits for Telegram to say who we are
FIRST_PAUSE = 1.0  # seconds after the first trouble
CONFLICT = 10.0  # seconds between two tries while another process polls
MANY = 30  # conflicts between two log lines
# `get_updates` would read a batch as a whole, and one update it can't read would lose them all: this is the same
# method, raw, spelt so that the library does not recommend its own.
GET_UPDATES = "get_Updates"


Heard = tuple[Update, Event | None]


class Pause:
    """How long to wait after trouble: longer each time, until it is over."""

    def __init__(self, longest: float = 30.0) -> None:
        self._longest, self._next = longest, FIRST_PAUSE

    def over(self) -> None:
        self._next = FIRST_PAUSE

    async def wait(self, error: Exception) -> None:
        """As long as the platform asked for in this error, else ever longer."""
        if isinstance(error, RetryAfter):
            await asyncio.sleep(seconds(error))
        else:
            await asyncio.sleep(self._next)
            self._next = min(self._longest, self._next * 1.5)


class Intake:
    """Telegram both ways: the channel out with its sender, and what comes in. It asks for nothing before `begin`."""

    def __init__(self, settings: Settings, app: App, catalogs: Catalogs) -> None:
        assert settings.telegram_bot_token is not None
        self.settings, self.app, self._catalogs = settings, app, catalogs
        self.number = settings.telegram_bot  # the bot's own
        self.username = ""  # until Telegram has told it
        self._requests = (
            HTTPXRequest(POOL, read_timeout=30, write_timeout=30, connect_timeout=10, pool_timeout=5,
                         media_write_timeout=60),
            HTTPXRequest(1, connect_timeout=10),
        )  # fmt: skip
        self.bot = Bot(
            settings.telegram_bot_token.get_secret_value(), settings.telegram_base_url,
            settings.telegram_base_file_url, *self._requests,
        )  # fmt: skip
        self._tokens = Tokens(settings.secret_keys)
        self.channel = Telegram(self.bot, self._tokens, catalogs, file_url=settings.telegram_base_file_url)
        self.sender = Sender(app, self.channel, catalogs)
        self._typing = Typing(self.bot)
        app.watch(self._typing.heard)
        self.sender.watchers.append(self._typing.sent)
        self.courtesies = Courtesies(self.bot, self.number, self._tokens, catalogs)
        self._albums: deque[str] = deque(maxlen=100)  # of groups, answered once
        self._desk: str | None = None
        self.watchers: list[Callable[[str], None]] = []  # called with "taken", "unreadable", "refused", "conflict"

    def count(self, what: str) -> None:
        for watcher in self.watchers:
            watcher(what)

    # who we are

    async def begin(self) -> None:
        """Ask Telegram who we are. When it does not answer, `run` goes on asking.

        Raises:
            SettingsError: it refuses the token.
        """
        try:
            async with asyncio.timeout(FIRST_TRY):
                await self._identify()
        except InvalidToken:
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN: Telegram refuses it; ask BotFather for the present one (or TELEGRAM_BASE_URL "
                "leads to another server)"
            ) from None
        except Exception as error:
            log.warning("telegram_unreachable", error=type(error).__name__, what="tried again until it answers")

    async def _identify(self) -> None:
        username = (await self.bot.get_me()).username
        if not username:
            raise TelegramError("the bot has no name")
        self.username = username

    async def run(self) -> None:
        """Take updates until cancelled."""
        pause = Pause()
        while not self.username:
            try:
                await self._identify()
            except Exception as error:
                log.warning("telegram_unreachable", error=type(error).__name__)
                await pause.wait(error)
        self.courtesies.do(self._show_menus())
        try:
            await (self._hold_webhook() if self.settings.telegram_mode == "webhook" else self._poll())
        finally:
            await self.courtesies.stop()

    async def close(self) -> None:
        """End what is under way, and every connection."""
        await self.courtesies.stop()
        await self._typing.close()
        await self.channel.close()
        for request in self._requests:
            await request.shutdown()

    async def _show_menus(self) -> None:
        await show_menus(self.bot, self._catalogs)
        await self._find_desk()

    # taking

    async def take(self, raws: Iterable[Any], offset: tuple[str, int] | None = None) -> None:
        """Take these updates as one unit; return when they are committed. What can't be read is left out.

        Raises:
            Overloaded: nothing was taken.
            Exception: the disk; nothing was taken either.
        """
        once = {_number(raw): raw for raw in raws}
        updates = [update for raw in once.values() if (update := self._read(raw)) is not None]
        for update in updates:
            if (names := moved(update, self._here())) is not None:
                await self.app.write(self.app.store.move_chat, *names)
        await self._find_desk()
        heard = self._once_an_album([(update, self._converted(update)) for update in updates])
        events = [event for _, event in heard if event is not None]
        # A press says which question it is of; what was written is compared with when that one arrived.
        written = {event.chat for event in events if event.chat and event.order is not None}
        await self.sender.landed(written, timeout=LANDING)
        taken = {one.event.id: one for one in await self.app.take_all(events, offset)}
        for update, event in heard:
            self.count("taken")
            try:
                self._be_courteous(update, event, taken.get(event.id) if event else None)
            except Exception as error:  # it is taken, whatever comes of the rest
                log.error("courtesy_failed", channel="telegram", error=type(error).__name__)

    def _here(self) -> Here:
        return Here(self.number, self.username, self._tokens, self._desk, self.app.clock.now())

    def _read(self, raw: Any) -> Update | None:
        """The update, or None: nothing can be made of it, now or later, and it is confirmed with the others."""
        try:
            update = Update.de_json(raw, self.bot)
            moved(update, self._here())
            open_chat(update, self._here())
            return update
        except Exception as error:
            kinds = [str(key) for key in raw if key != "update_id"] if isinstance(raw, dict) else []
            self._cannot_read(_number(raw), kinds, error)
            return None

    def _converted(self, update: Update) -> Event | None:
        try:
            return to_event(update, self._here())
        except Exception as error:
            self._cannot_read(update.update_id, [name for name in WANTED if getattr(update, name)], error)
            return None

    def _once_an_album(self, heard: Sequence[Heard]) -> list[Heard]:
        """Each of an album's files comes by itself: in a group, where none is taken, one answer is enough."""
        found: list[Heard] = []
        albums = set(self._albums)
        for update, event in heard:
            album = event.album if event is not None and event.kind is Kind.GROUP else None
            found.append((update, None if album in albums else event))
            albums |= {album} if album else set()
        return found

    def _cannot_read(self, number: int | None, kinds: Sequence[str], error: Exception) -> None:
        """Note it without its words."""
        log.error(
            "update_unreadable", channel="telegram", id=number, kind=(*kinds, "none")[0], error=type(error).__name__
        )
        self.count("unreadable")

    async def _find_desk(self) -> None:
        """Look where the desk's chat is now. Its menu is shown there from the first time on."""
        desk = (await asyncio.to_thread(self.app.store.settings)).get("desk_chat")
        if desk is not None and not desk.startswith(f"telegram:{self.number}:"):
            desk = None
        if desk is not None and desk != self._desk:
            self.courtesies.do(show_desk_menu(self.bot, self._catalogs, desk))
        self._desk = desk

    def _be_courteous(self, update: Update, event: Event | None, taken: Taken | None) -> None:
        if event is not None and event.kind is Kind.GROUP and event.album is not None:
            self._albums.append(event.album)
        if chat := open_chat(update, self._here()):
            self.channel.back(chat)
        self.courtesies.answer(update, event, taken)
        if event is None and misses_its_reference(update, self._here()):
            self.courtesies.explain(update)

    # polling

    async def _poll(self) -> None:
        """Ask, take, and only then ask for what comes behind: that is what tells Telegram we have it."""
        name, pause, conflicts = f"telegram:{self.number}", Pause(), 0
        offset, is_first = await asyncio.to_thread(self.app.offset, name), True
        while True:
            try:
                if is_first:
                    await self.bot.delete_webhook(drop_pending_updates=False)  # left over, it would keep updates off
                    is_first = False
                raws = await self._updates(offset)
                numbers = [number for raw in raws if (number := _number(raw)) is not None]
                if raws and not numbers:
                    raise TelegramError("no update has a number")
                if numbers:
                    await self.take(raws, (name, max(numbers) + 1))
                    offset = max(numbers) + 1
            except Conflict:
                self.count("conflict")
                if conflicts % MANY == 0:
                    log.error(
                        "telegram_conflict",
                        what="another process polls with TELEGRAM_BOT_TOKEN, or a webhook is set: only one may",
                    )
                conflicts += 1
                await asyncio.sleep(CONFLICT)
            except (TelegramError, Overloaded) as error:
                log.warning("poll_failed", channel="telegram", error=type(error).__name__)
                await pause.wait(error)
            except Exception as error:  # the disk: the same updates come again
                log.error("take_failed", channel="telegram", error=type(error).__name__)
                await pause.wait(error)
            else:
                conflicts = 0
                pause.over()

    async def _updates(self, offset: int | None) -> list[Any]:
        raws = await self.bot.do_api_request(
            GET_UPDATES,
            {"timeout": LONG_POLL, "allowed_updates": list(WANTED)} | ({} if offset is None else {"offset": offset}),
            read_timeout=LONG_POLL + 10.0,
        )
        return raws if isinstance(raws, list) else []

    # webhook

    async def _hold_webhook(self) -> None:
        """Tell Telegram where to post, until it has understood; the posts come in by bot/channels/telegram_webhook."""
        pause, is_set = Pause(300.0), False
        while not is_set:
            try:
                await self.bot.set_webhook(
                    address(self.settings), secret_token=secrets(self.settings)[0], allowed_updates=WANTED,
                    drop_pending_updates=False,
                )  # fmt: skip
                is_set = True
            except TelegramError as error:
                log.error("webhook_not_set", channel="telegram", what=str(error), error=type(error).__name__)
                await pause.wait(error)
        await asyncio.Event().wait()  # cancelled


def _number(raw: Any) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
