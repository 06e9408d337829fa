"""What Telegram itself shows of us: the menus of commands, and who we are before anybody wrote. Best effort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.channels.markup import cut
from conversations.model import Text

if TYPE_CHECKING:
    from bot.words import Catalogs, Words

PRIVATE = ("help", "status", "list", "another", "back", "skip", "later", "why", "example", "edit", "letters", "cancel",
           "country", "person")  # fmt: skip
GROUP = ("senderid",)
DESK = ("take", "approve", "pass_on", "send_back", "refuse", "reject", "hand_back", "close")
LONGEST, LONGEST_SHORT = 512, 120  # characters of a description, and of a short one


async def show_menus(bot: Bot, catalogs: Catalogs) -> None:
    """Set the menus of private chats and groups, and describe the bot where the operator has not."""
    for scope, names in ((BotCommandScopeAllPrivateChats(), PRIVATE), (BotCommandScopeAllGroupChats(), GROUP)):
        await _show(bot, catalogs, scope, names)
    for language, words in _languages(catalogs):
        if not (await bot.get_my_description(language)).description:
            await bot.set_my_description(words.text(Text("bot_description"))[:LONGEST], language)
        if not (await bot.get_my_short_description(language)).short_description:
            text = cut(words.text(Text("bot_short_description")), LONGEST_SHORT)
            await bot.set_my_short_description(text, language)


async def show_desk_menu(bot: Bot, catalogs: Catalogs, desk: str) -> None:
    """Set the menu of the desk's chat."""
    await _show(bot, catalogs, BotCommandScopeChat(int(desk.rpartition(":")[2])), (*DESK, *GROUP))


async def _show(bot: Bot, catalogs: Catalogs, scope: BotCommandScope, names: Sequence[str]) -> None:
    for language, words in _languages(catalogs):
        commands = [BotCommand(name, words.text(Text(f"command_{name}"))) for name in names]
        await bot.set_my_commands(commands, scope=scope, language_code=language)


def _languages(catalogs: Catalogs) -> Iterator[tuple[str | None, Words]]:
    """(code, words) of each language; the one of people whose own we don't speak has no code."""
    for language in catalogs.catalogs:
        is_default = language == catalogs.words().locale.language
        yield None if is_default else language, catalogs.words(language)
