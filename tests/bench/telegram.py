"""How long people wait over Telegram: `python -m tests.bench telegram`. The real process, its answers seen at the server.

Most of a crowd's waiting is the pace that Telegram asks for, 30 messages a second. For the files the CPU is that of the
child processes which look into each of them. See load.py for the rest.
"""

from __future__ import annotations

import io
import time
from pathlib import Path

from tests.bench.load import LONGEST, Caller, Crowd, Found, Load, show  # isort: skip  # it finds the test servers

from bot_api import BotApi, Call
from PIL import Image
from telegram_process import Process, registration_of

from bot.channels.telegram import PRIVATE, Telegram

REPLIES = (2, 2, 2, 1, 1, 1)  # messages back to /start, the country, start, and each answer
FILES = 0.05  # of the messages
LOADS = (
    Load("200 chats at once, polling", 200, 0.0, REPLIES[:4]),
    Load("2 chats a second, polling", 20, 10.0, REPLIES[:5], (0.5, 1.5)),
    Load("2 chats a second, webhook", 20, 10.0, REPLIES[:5], (0.5, 1.5), posted=True),
)


class Callers(Crowd):
    """Some of them send a photo where a text is asked for."""

    sends = "sendMessage"

    def __init__(self, load: Load, api: BotApi, process: Process) -> None:
        super().__init__(load, api, process)
        self._photo = _photo()
        messages = load.chats * len(load.replies)
        for caller in self._chance.sample(list(self._callers.values()), min(load.chats, round(messages * FILES))):
            caller.sends_file_at = self._chance.randrange(1, len(load.replies) - 1)

    def somebody(self, number: int) -> Caller:
        return Caller(self._api.person(f"Person {number}", "en"), registration_of(number)[: len(self._load.replies)])

    def chat_of(self, caller: Caller) -> int:
        return int(caller.person.id)

    def said_by(self, call: Call) -> tuple[int, int, str]:
        return call.parameters["chat_id"], call.answer["message_id"], call.answer["text"]

    def acts(self, caller: Caller) -> None:
        person = caller.person
        if caller.asked is None:
            person.starts()
            return
        place, message = caller.asked
        caller.said_file = place == caller.sends_file_at
        if caller.said_file:
            caller.sends_file_at = -1
            person.sends_photo(self._photo)
            return
        caller.asked, caller.answered = None, place
        if caller.turns[place].presses:
            person.presses(message, caller.turns[place].presses)
        else:
            person.types(caller.turns[place].types)


def _photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def run(load: Load, folder: Path) -> Found:
    with BotApi(local=load.posted) as api:
        process = Process(folder / load.name.replace(" ", "-"), api)
        if load.posted:
            process.environment |= {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": f"http://127.0.0.1:{process.port}"}
        with process:
            while not api.calls("setMyShortDescription"):  # until it has told Telegram all about itself
                assert process.runs
                time.sleep(0.1)
            api.waits(lambda api: api.updates.webhook.url if load.posted else api.calls("getUpdates"), LONGEST)
            return Callers(load, api, process).goes_by()


def main() -> None:
    show(LOADS, run, Telegram, PRIVATE)
