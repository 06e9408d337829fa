"""Customers and staff with Telegram clients, and the real process they write to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import customer_reading as reading
from bot_api import BotApi
from bot_people import Person
from bot_world import Seen, seen


class Process(reading.Process):
    """`python -m bot run` with a Bot API of its own."""

    def __init__(self, api: BotApi, folder: Path, **settings: str) -> None:
        self.api = api
        urls = {"TELEGRAM_BASE_URL": api.base_url, "TELEGRAM_BASE_FILE_URL": api.file_url}
        super().__init__(folder, TELEGRAM_BOT_TOKEN=api.token, **urls, **settings)


class InTelegram:
    """How a Telegram client shows what there is."""

    person: Person

    def files(self, message: Seen) -> list[tuple[str, bytes]]:
        return [*message.documents, *(("photo.jpg", photo) for photo in message.photos)]

    def backwards(self, room: Any = None) -> Iterator[Seen]:
        return (seen(message) for message in reversed((room or self.person).chat.shown()))


class Customer(InTelegram, reading.Customer):
    """Somebody who registers a country in her private chat."""

    def now(self, message: Seen) -> Seen:
        return seen(self.person.chat.messages[message.id])

    def looks_up(self) -> None:
        self._newest = max(self.person.chat.messages, default=0)

    def begins(self) -> None:
        self.person.starts()

    def presses(self, message: Seen, label: str) -> None:
        self.looks_up()
        self.person.presses(message, label)

    def sends_letters(self) -> None:
        """As an album, in an order nobody can know."""
        self.looks_up()
        self.person.sends_album(self.photos, order=self.any_order())

    def sends(self, path: Path) -> None:
        if path.suffix == ".pdf":
            self.person.sends_document(path)
        else:
            self.person.sends_photo(path)


class Presser(Customer):
    """She presses a button wherever there is one. Her photos come as an album."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.presses(message, label)


class OneByOne(Presser):
    """Her photos come one by one."""

    def sends_letters(self) -> None:
        self.looks_up()
        for place in self.any_order():
            self.person.sends_photo(self.photos[place])


class Typist(Customer):
    """She writes everything, and sends her photos as files."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.says(word)

    def sends_letters(self) -> None:
        self.looks_up()
        self.person.sends_album(self.photos, as_photos=False)


class Staff(InTelegram, reading.Staff):
    """A staff member with a private chat and a place in the desk's group."""

    def binds(self, *, by_link: bool = False) -> Self:
        """Spend an invitation, in words or by a link that opens the private chat."""
        code = self.process.invitation(self.role)
        if by_link:
            self.person.starts(code)
        else:
            self.person.starts()
            self.person.types(code)
        self.hears("Welcome to the desk")
        return self


def sent_to(api: BotApi, chat: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call that put something into a chat, or changed it there."""
    for call in list(api.log):
        if call.parameters.get("chat_id") == chat and call.method != "sendChatAction":
            yield call.method, call.parameters
