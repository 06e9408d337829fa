"""How long people wait over Slack: `python -m tests.bench slack`. The real process, its answers seen at the server.

Most of a crowd's waiting is the pace we keep in a workspace, 8 messages a second, and what the server allows: 100 at
once and then 6 a second. A crowd therefore comes no further than the country, and the people who go on to the questions
come one a second, so that our own time is to be seen. See load.py for the rest.
"""

from __future__ import annotations

import heapq
import time
from pathlib import Path

from tests.bench.load import LONGEST, Caller, Crowd, Found, Load, show  # isort: skip  # it finds the test servers

from slack_api import SlackApi
from slack_pace import Pace as Allowed
from slack_process import Posted, Process, verified
from slack_requests import Call
from telegram_process import registration_of

from bot.channels import Pace
from bot.channels.slack import PACE, Slack

REPLIES = (3, 2, 1, 1)  # messages back to the country, start, and each answer
LOADS = (
    Load("100 people at once, socket", 100, 0.0, REPLIES[:1]),
    Load("1 person a second, socket", 5, 5.0, REPLIES, (0.2, 0.5)),
    Load("1 person a second, HTTP", 5, 5.0, REPLIES, (0.2, 0.5), posted=True),
)


class Callers(Crowd):
    """Each begins with the country. Who is told that a press was not taken presses again."""

    sends = "chat.postMessage"

    def somebody(self, number: int) -> Caller:
        person = self._api.person(f"Person {number}")
        return Caller(person, registration_of(number)[: len(self._load.replies) + 1], asked=(0, ""))

    def chat_of(self, caller: Caller) -> str:
        return str(caller.person.dm)

    def said_by(self, call: Call) -> tuple[str, str, str]:
        return call.answer["channel"], call.answer["ts"], call.answer["message"]["text"]

    def look(self) -> None:
        super().look()
        for chat, caller in self._callers.items():
            if len(caller.person.errors) > caller.told:
                caller.told = len(caller.person.errors)
                self.found.not_taken += 1
                if caller.said_at is not None and caller.pressed:
                    caller.asked = caller.pressed
                    heapq.heappush(self._due, (time.time(), chat))

    def acts(self, caller: Caller) -> None:
        assert caller.asked
        place, message = caller.pressed = caller.asked
        caller.asked, caller.answered = None, place
        if button := caller.turns[place].presses:
            caller.person.presses(message, button)
        else:
            caller.person.types(caller.turns[place].types)


def run(load: Load, folder: Path) -> Found:
    with SlackApi() as api:
        kind = Posted if load.posted else Process
        with kind(folder / load.name.replace(" ", "-"), api) as process:
            if load.posted:
                api.deliver_http(f"http://127.0.0.1:{process.port}/slack/events", verify=False)
                verified(api)
            else:
                api.waits(lambda api: api.connected, LONGEST)
            return Callers(load, api, process).goes_by()


def main() -> None:
    burst, rate = Allowed().workspace or (1, Slack.overall)
    show(LOADS, run, Slack, PACE, Pace(rate=rate, burst=int(burst)))
