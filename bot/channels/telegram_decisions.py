"""The desk's decisions in words: by themselves, or as the reply to a card, a prompt or the papers of a case.

What a reply is about is read from the signed buttons of the message it replies to, never from that message's words:
they may be a customer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.channels.telegram_here import Here
from conversations.desk.actions import about_a_question, command
from conversations.reasons import CANNED
from conversations.words import OF_PAGES, REFERENCE, said

if TYPE_CHECKING:
    from telegram import Message

# What is said in a reply, where the reference need not be repeated. Nothing else is read as a decision.
SHORT = re.compile(
    r"^(?:(?P<plain>open|take|close|pass on|approve)[.!]*|(?P<why>hand back|send back|reject|refuse|approve)"
    r"(?P<rest>\s*:.*|[ \t]+[^\n]{1,20}?\s*:.*|[ \t]+[^\n]{1,20}|))$",
    re.IGNORECASE | re.DOTALL,
)
NAMED = ("refuse", "approve")  # may be said of one sender ID


def decision(message: Message, text: str, here: Here) -> str | None:
    """The desk's command that a text is, or None when it is none."""
    text = text.removeprefix("/").strip()
    if command(text) is not None or about_a_question(text) is not None:
        return text
    values = list(_buttons(message, here))
    word = said(text)  # "cancel" and "help" are no reasons; "no stamp" is one
    if text and (prompt := _prompt(values)) is not None and (word is None or word.word in OF_PAGES):
        return f"{prompt} {text}"
    about = _about(values) or _topic(message, here)
    return _in_short(text, about) if about is not None else None


def _in_short(text: str, about: str) -> str | None:
    """ "send back: page 1 is not signed", said of a case."""
    found = SHORT.match(text)
    if found is None:
        return None
    if found["plain"]:
        return f"{found['plain'].casefold()} {about}"
    rest = found["rest"]
    if rest and not rest.lstrip().startswith(":") and found["why"].casefold() not in NAMED:
        return None
    return f"{found['why'].casefold()} {about}{rest}"


def _buttons(message: Message, here: Here) -> Iterator[str]:
    """The values of the buttons below the message that this one replies to: those we made, for this chat."""
    replied = message.reply_to_message
    if replied is None or replied.reply_markup is None:
        return
    for row in replied.reply_markup.inline_keyboard:
        for button in row:
            pressed = here.tokens.read(here.name(message.chat.id), str(button.callback_data or ""))
            if pressed is not None:
                yield pressed.value


def _prompt(values: list[str]) -> str | None:
    """ "send back TH-4K7Q:", where reasons are what the buttons offer."""
    for value in values:
        so_far, _, reason = value.rpartition(": ")
        if reason in CANNED and command(f"{so_far}:") is not None:
            return f"{so_far}:"
    return None


def _about(values: list[str]) -> str | None:
    """The registration, or the question, that the buttons are about."""
    for value in values:
        if (found := command(value)) is not None:
            return found[0]
        if about_a_question(value) is not None:
            return value.partition(" ")[2]
    return None


def _topic(message: Message, here: Here) -> str | None:
    """The registration whose topic it is said in: topics are named by us, or by a member of the desk's group."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is None:
        return None
    found = REFERENCE.match(replied.forum_topic_created.name)
    return found[1].upper() if found else None
