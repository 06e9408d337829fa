"""People with a Telegram client whose bot's process dies again and again."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from bot_api import BotApi as BotApi
from bot_people import Person
from kill_lives import Lives
from kill_people import Shown
from kill_world import World


class Phone:
    """A Telegram client."""

    hello = ("types", "/start")

    def __init__(self, api: BotApi, person: Person) -> None:
        self.person = person
        self.chat = f"telegram:{api.world.bot.id}:{person.id}"
        self._shown: list[Shown] = []

    def shown(self) -> list[Shown]:
        with self.person.world.lock:
            bots = [message for message in self.person.chat.shown() if message.sender.is_bot]
            for message in bots[len(self._shown) :]:
                names = [message.content.get("document", {}).get("file_name", "photo")] * len(message.files)
                files = tuple((name, file.content) for name, file in zip(names, message.files, strict=True))
                self._shown.append(Shown(message.text, files))
        return self._shown

    def does(self, how: str, what: Any) -> None:
        if how == "types":
            self.person.types(what)
        elif how == "presses":
            self.person.presses(None, what)
        else:
            name, content = what
            self.person.sends_document(content, name)


class InTelegram(World):
    platform = "telegram"

    def __init__(self, folder: Path, chance: random.Random, api: BotApi, **settings: str) -> None:
        self.api, self.settings = api, settings
        super().__init__(folder, chance)

    def house(self, folder: Path, **settings: str) -> Lives:
        return Lives(folder, self.api, **settings, **self.settings)

    def newcomer(self, name: str) -> Phone:
        return Phone(self.api, self.api.person(name, "en"))

    def waits(self, seconds: float) -> None:
        with self.api.world.lock:
            self.api.world.lock.wait(seconds)

    def undelivered(self) -> Sequence[object]:
        return list(self.api.updates.waiting)
