"""A message's text as Telegram gets it: in parts that fit, with its buttons below the last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import structlog
import telegram

from bot.channels import Rendered
from bot.channels.keyboards import Button, laid_out
from bot.channels.markup import cut, parts, whole
from bot.channels.tokens import Tokens
from bot.words import Catalogs, Words
from conversations.model import Say, Text
from conversations.words import Word
from storage.store import Outgoing

log = structlog.get_logger()

LONGEST_PLACEHOLDER = 64  # characters
# Words that work at every question, as the texts name them: a press sends the word.
ALWAYS = ((Word.BACK, Word.LATER, Word.WHY, Word.EXAMPLE), (Word.STATUS, Word.LIST, Word.PERSON, Word.HELP))

Markup = telegram.InlineKeyboardMarkup | telegram.ReplyKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Composed:
    """What is to be sent. `small` is how the last part ends, where that is to be set apart."""

    parts: tuple[str, ...]
    small: str = ""
    markup: Markup | None = None


class Composer:
    """Puts a message's words and buttons together."""

    def __init__(self, tokens: Tokens, catalogs: Catalogs) -> None:
        self._tokens, self._catalogs = tokens, catalogs
        self.refused = 0

    def composed(self, outgoing: Outgoing, rendered: Rendered, *, is_private: bool, left_out: int = 0) -> Composed:
        """The message for its reader. `left_out`: files of it that could not be sent."""
        say = outgoing.say
        words = self._catalogs.words(outgoing.locale, outgoing.time_zone)
        keyboard = laid_out(
            [(whole(value), whole(label)) for value, label in rendered.choices],
            partial(self._tokens.made, outgoing.chat, say.registration, outgoing.asked),
            lambda label: words.text(Text("telegram_copy", {"label": label})),
        )
        text, small = whole(rendered.text), _progress(say, words)
        paragraphs = [text]
        if left_out:
            paragraphs.append(words.text(Text("telegram_file_left_out", {"n": left_out})))
        if in_full := [label for label in keyboard.shortened if label not in text]:
            paragraphs.append(words.text(Text("telegram_in_full", {"choices": _listed(in_full)})))
        if any(button.copies for row in keyboard.rows for button in row):
            paragraphs.append(words.text(Text("telegram_paste")))
        if keyboard.left_out:
            paragraphs.append(words.text(Text("telegram_write_instead", {"choices": _listed(keyboard.left_out)})))
        paragraphs.append(small)
        markup: Markup | None = None
        if keyboard.rows:
            markup = telegram.InlineKeyboardMarkup([[_inline(button) for button in row] for row in keyboard.rows])
        elif is_private and not say.slot:  # a message with such a keyboard can't be edited any more
            markup = _always(say, rendered, words)
        return Composed(tuple(parts("\n\n".join(filter(None, paragraphs)))), small, markup)

    def markup_refused(self, outbox: int, what: str) -> None:
        """The platform did not take what was composed: somebody should hear of it, the message goes without."""
        self.refused += 1
        log.warning("markup_refused", channel="telegram", outbox=outbox, what=what, count=self.refused)


def _progress(say: Say, words: Words) -> str:
    if say.progress is None or not say.progress[1]:
        return ""
    done, wanted = say.progress
    return words.text(Text("telegram_progress", {"done": done, "all": wanted}))


def _listed(labels: Iterable[str]) -> str:
    return "\n".join(f"• {label}" for label in labels)


def _inline(button: Button) -> telegram.InlineKeyboardButton:
    if button.token:
        return telegram.InlineKeyboardButton(button.label, callback_data=button.token)
    return telegram.InlineKeyboardButton(button.label, copy_text=telegram.CopyTextButton(button.copies))


def _always(say: Say, rendered: Rendered, words: Words) -> telegram.ReplyKeyboardMarkup:
    """The words that always work. The keyboard stays below the input field while later messages bring buttons."""
    rows = [[telegram.KeyboardButton(word.value) for word in row] for row in ALWAYS]
    if say.wants == "phone":
        share = words.text(Text("telegram_share_phone"))
        rows.insert(0, [telegram.KeyboardButton(share, request_contact=True)])
    return telegram.ReplyKeyboardMarkup(
        rows,
        resize_keyboard=True,
        input_field_placeholder=cut(whole(rendered.placeholder), LONGEST_PLACEHOLDER) or None,
    )
