"""What `check --live` asks of Telegram."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from telegram import Bot, ChatFullInfo, ChatMember, User
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram_address import address
from bot.settings import Settings
from storage.opened import MOVED
from storage.sound import kept_settings

RECENT = timedelta(hours=1)  # an error of the webhook before that is over
Looked = tuple[str, str]  # what was looked at, what is wrong with it or ""


async def looked(settings: Settings) -> list[Looked]:
    """What Telegram says of the bot, of how updates come in, and of the desk's chat."""
    assert settings.telegram_bot_token is not None
    request = HTTPXRequest(4, connect_timeout=10, read_timeout=20)
    bot = Bot(settings.telegram_bot_token.get_secret_value(), settings.telegram_base_url, request=request)
    try:
        try:
            user = await bot.get_me()
        except InvalidToken:
            return [("telegram", "TELEGRAM_BOT_TOKEN: Telegram refuses it; ask BotFather for the present one")]
        found = [(f"telegram: @{user.username}", ""), await _updates(bot, settings)]
        if (desk := _desk_chat(settings)) is not None:
            found.append(await _desk(bot, user, desk))
        return found
    except TelegramError as error:
        host = urlsplit(settings.telegram_base_url).hostname
        return [("telegram", f"TELEGRAM_BASE_URL: {host} does not answer ({type(error).__name__})")]
    finally:
        await request.shutdown()


async def _updates(bot: Bot, settings: Settings) -> Looked:
    """Whether updates come in the way that is set."""
    info, mode = await bot.get_webhook_info(), settings.telegram_mode
    what = f"telegram updates: {mode}, {info.pending_update_count} waiting"
    if mode == "polling":
        if not info.url:
            return what, ""
        return what, (
            f"TELEGRAM_MODE is polling, but a webhook to {info.url} is set. The next start of run removes it; if "
            "another program uses this bot, ask BotFather for one of our own"
        )
    if not info.url:
        return what, "TELEGRAM_MODE is webhook, but none is set yet; run sets it when it starts"
    if info.url != address(settings):
        return what, (
            f"TELEGRAM_MODE is webhook, but Telegram posts to {info.url}. The next start of run mends it; if another "
            "program uses this bot, ask BotFather for one of our own"
        )
    if info.last_error_date and (info.pending_update_count or datetime.now(UTC) - info.last_error_date < RECENT):
        return what, (
            f"Telegram can't post to {info.url}: {info.last_error_message}, at "
            f"{info.last_error_date:%Y-%m-%d %H:%M} UTC. See whether run is up and PUBLIC_URL leads to it from outside"
        )
    return what, ""


def _desk_chat(settings: Settings) -> int | None:
    """Telegram's number of the desk's chat: where an admin wrote "desk here", else as it is set."""
    kept = kept_settings(settings.database) if settings.database.exists() else {}
    chat = kept.get("desk_chat") or settings.desk or ""
    chat = kept.get(f"{MOVED}{chat}", chat)
    return int(chat.rpartition(":")[2]) if chat.startswith(f"telegram:{settings.telegram_bot}:") else None


async def _desk(bot: Bot, user: User, number: int) -> Looked:
    """Whether cards can go to the desk's chat, and what is heard there."""
    what = f"desk chat telegram:{number}"
    try:
        chat = await bot.get_chat(number)
        member = await bot.get_chat_member(number, user.id)
    except ChatMigrated as moved:
        return what, f"DESK_CHAT: the group has a new number; set it to telegram:{moved.new_chat_id}"
    except (BadRequest, Forbidden):
        return what, f"DESK_CHAT: @{user.username} sees no such group; add it to the group, or correct the number"
    what = f'{what} "{chat.title}"'
    if member.status in (ChatMember.LEFT, ChatMember.BANNED):
        return what, f"DESK_CHAT: @{user.username} is not in the group; add it"
    is_admin = member.status == ChatMember.ADMINISTRATOR
    if not is_admin and not _may_write(chat, member):
        return what, f"DESK_CHAT: @{user.username} may not write there; make it an administrator"
    if chat.is_forum and not getattr(member, "can_manage_topics", False):
        return what, (
            f"DESK_CHAT: the group has topics, but @{user.username} may not make any; make it an administrator with "
            "the right to manage topics"
        )
    if not is_admin and not user.can_read_all_group_messages:
        what += " (buttons, replies and /commands only: to hear bare words too, make the bot an administrator)"
    return what, ""


def _may_write(chat: ChatFullInfo, member: ChatMember) -> bool:
    may = getattr(member, "can_send_messages", True)  # of one who is restricted
    everyone = chat.permissions.can_send_messages if chat.permissions else None
    return may is not False and everyone is not False
