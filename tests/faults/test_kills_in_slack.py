"""kill -9 of the real process before and after every point of no return, while people write to it in Slack."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kill_lives import Lives
from kill_people import Shown
from kill_world import World, nothing_is_lost_or_done_twice, parts
from slack_api import SlackApi
from slack_hands import Person
from slack_people import seen

from tests.seeded import Share

KILLS = 400
AWAY = 60.0  # seconds of Slack's clock between two lives: it lets a process ask only so much a minute
# Slack brings an event again that was not acknowledged, but no press: people write what the buttons say.
WORDS = {
    "Start": "start", "Done": "done", "No more samples": "done", "Submit": "submit", "All correct": "yes",
    "Submit documents": "submit", "Withdraw and delete": "withdraw", "Yes, delete it": "yes",
}  # fmt: skip


class Colleague:
    """A Slack client."""

    hello = ("types", "hello")

    def __init__(self, api: SlackApi, person: Person) -> None:
        self.person = person
        self.chat = f"slack:{api.team}:{person.dm}"
        self._shown: list[Shown] = []
        self._known: set[str] = set()

    def shown(self) -> list[Shown]:
        with self.person.world.lock:
            for message in self.person.channel.messages.values():
                if message.sender.bot and not message.only_for and message.ts not in self._known:
                    self._known.add(message.ts)
                    told = seen(message, self.person.world, self.person.user.tz)
                    if not told.text.startswith("Uploading "):  # until the files are there
                        self._shown.append(Shown(told.text, tuple(told.files)))
        return self._shown

    def does(self, how: str, what: Any) -> None:
        if how == "sends":
            self.person.sends_files([what])
        else:
            self.person.types(what if how == "types" else WORDS[what])


class InSlack(World):
    platform = "slack"

    def __init__(self, folder: Path, chance: random.Random, api: SlackApi) -> None:
        self.api, self._was_connected = api, 0
        super().__init__(folder, chance)

    def house(self, folder: Path, **settings: str) -> Lives:
        known = {"SLACK_BOT_TOKEN": self.api.bot_token, "SLACK_BASE_URL": self.api.base_url}
        return Lives(folder, None, **settings, **known, SLACK_APP_TOKEN=self.api.app_token)

    def newcomer(self, name: str) -> Colleague:
        return Colleague(self.api, self.api.person(name))

    def waits(self, seconds: float) -> None:
        """Slack's tries lie a minute and five minutes apart: its clock goes on when nothing else is to be brought."""
        was, self._was_connected = self._was_connected, self.api.connected
        if self.api.connected and not was:
            self.api.clock.passes(AWAY)
        with self.api.world.lock:
            self.api.world.lock.wait(seconds)
            waiting, now = self.api.deliveries.waiting, self.api.clock.now()
            rest = min((0.0 if one.under_way else one.due - now for one in waiting), default=0.0)
        if self.api.connected and rest > 0:
            self.api.clock.passes(rest)

    def undelivered(self) -> Sequence[object]:
        return [str(one) for one in self.api.deliveries.waiting]


def test_whatever_moment_slacks_process_dies_nothing_is_lost_or_done_twice(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    worlds = []
    for place, kills in enumerate(parts(share.of(KILLS))):
        with SlackApi(seed=chance.randrange(10**6)) as api:
            worlds.append(InSlack(tmp_path / str(place), chance, api))
            worlds[-1].suffers(kills)
            assert api.complaints == []
    nothing_is_lost_or_done_twice(worlds)
    # What was posted before the death is found there: Slack is asked before anything is posted once more.
    assert not any(one.reading.repeats for world in worlds for one in world.everybody)
