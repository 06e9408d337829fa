"""What Telegram's refusals mean to us. Its library tells them apart by class, the rest by words."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels import Moved, Refused, TryLater

log = structlog.get_logger()

MOMENT = 2.0  # seconds; so many chats told to wait within them mean that all are meant
SEVERAL = 3
TOKEN_REFUSED = 60.0  # seconds until we ask again whether the token is good
GONE = (
    "chat not found", "user is deactivated", "user_deactivated", "user not found", "peer_id_invalid", "chat_id_invalid",
    "group chat was deactivated", "chat was deleted", "bot was kicked", "bot is not a member",
)  # fmt: skip


def says(error: Exception, *words: str) -> bool:
    """Whether the platform's words hold any of these (in small letters): their case has changed over the years."""
    said = str(error).casefold()
    return any(one in said for one in words)


def is_gone(error: TelegramError) -> bool:
    """Whether the chat itself is closed to us: blocked, deleted, thrown out."""
    return isinstance(error, Forbidden) or (isinstance(error, BadRequest) and says(error, *GONE))


def seconds(error: RetryAfter) -> float:
    """How long we are asked to wait; the library gives a number now and a timedelta later."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Troubles:
    """Turns what the library raises into what the sender and the jobs understand."""

    def __init__(self, bot_id: str) -> None:
        self._bot_id = bot_id
        self._slowed: dict[str, float] = {}  # chats just told to wait, with the loop's time of it

    def meaning(self, error: TelegramError, chat: str = "") -> Exception:
        """What to raise instead: TryLater, Refused or Moved. Trouble with the network stays what it is."""
        if isinstance(error, RetryAfter):
            return self._later(error, chat)
        if isinstance(error, ChatMigrated):
            return Moved(f"telegram:{self._bot_id}:{error.new_chat_id}")
        if isinstance(error, InvalidToken):
            log.error(
                "token_refused", channel="telegram", what="Telegram does not accept TELEGRAM_BOT_TOKEN, or "
                "TELEGRAM_BASE_URL is no Bot API; nothing can be sent or read until one of them is mended",
            )  # fmt: skip
            return TryLater(TOKEN_REFUSED, everyone=True)
        if is_gone(error):
            return Refused("Telegram: the chat is closed to us", gone=True)
        if isinstance(error, BadRequest):  # the library derives it from NetworkError: permanent all the same
            return Refused(f"Telegram: {error}")
        return error

    def _later(self, error: RetryAfter, chat: str) -> TryLater:
        if chat:
            now = asyncio.get_running_loop().time()
            self._slowed = {one: at for one, at in self._slowed.items() if now - at < MOMENT}
            self._slowed[chat] = now
        return TryLater(seconds(error), everyone=len(self._slowed) >= SEVERAL)
