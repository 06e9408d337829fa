"""kill -9 of the real process between Slack's events and within them, and outages longer than Slack tries again."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from slack_api import SlackApi
from slack_delivery import Delivery
from slack_process import Posted, Process, verified
from telegram_process import PATIENCE, TOO_EARLY, Applicant, let_act, registration_of

# When the process dies: `handed`: an event was handed to it a moment ago. `shown`: its message arrived, and it does
# not know yet. `idle`: nothing happens. `starting`: it has just been started, and something waits for it.
KILLS = ["handed"] * 3 + ["shown"] * 2 + ["idle", "starting"]
A_TURN = 0.05  # seconds from the handing over of an event to the end of what it leads to, and a little more
A_START = 1.6  # from the start of the process to its first message
UNNOTED = 3.0  # that an answer of Slack's is kept from it, so that it dies without
LATER = 61.0  # seconds of Slack's clock: what was not acknowledged has come again by then
OUTAGE = 600.0  # seconds of it: the last try was after 360


class Colleague(Applicant):
    """An applicant with a Slack client: it tells her when a press was not taken, and she presses again."""

    asks_again = (TOO_EARLY, "That step is done.")

    def begins(self) -> str:
        return str(self.person.types("hello"))

    def act(self) -> bool:
        with self.person.world.lock:
            told = len(self.person.errors)
            if acted := super().act():
                self._told = told
            return acted

    def _next(self) -> int | None:
        if (turn := super()._next()) is not None:
            return turn
        was_told = len(self.person.errors) > getattr(self, "_told", 0)
        sees = self.person.sees
        turn = self._asked(sees)
        return turn if was_told and turn == self._answered and self.turns[turn].presses else None


def anybody(api: SlackApi, number: int, turns: int) -> Colleague:
    return Colleague(api.person(f"Person {number}"), registration_of(number)[:turns])


def keeps_silent(process: Process, api: SlackApi, *applicants: Applicant) -> None:
    """No token and nothing of what was said stands in what the process wrote."""
    said = [secret for one in applicants for secret in one.secrets]
    secrets = [api.bot_token, api.app_token, api.signing_secret, "xoxb-", "xapp-", "ticket=", *said]
    assert [secret for secret in secrets if secret in process.output] == []
    assert "Traceback" not in process.output


def test_seven_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    with SlackApi(seed=seed) as api, Process(tmp_path / "desk", api) as process:
        killed = Killed(api, process, random.Random(seed))
        killed.lives()
        assert process.stop() == 0
        assert api.complaints == []
        keeps_silent(process, api, *killed.applicants)


class Killed:
    """The people who go on with their registrations while the process dies again and again."""

    def __init__(self, api: SlackApi, process: Process, chance: random.Random) -> None:
        self.api, self.process, self.chance = api, process, chance
        self.applicants: list[Colleague] = []
        self.somebody_comes()
        self.somebody_comes()

    def somebody_comes(self) -> None:
        self.applicants.append(anybody(self.api, len(self.applicants), 12))

    def lives(self) -> None:
        kills = self.chance.sample(KILLS, len(KILLS))
        for kill in kills:
            getattr(self, kill)()
            for applicant in self.applicants:
                if self.chance.random() < 0.3:
                    applicant.act()  # while nobody is there
            self.process.start()
        self.ready()
        let_act(self.api, self.applicants, lambda: all(one.is_through for one in self.applicants))
        self.api.clock.passes(OUTAGE)
        self.api.waits(lambda api: not api.deliveries.waiting, PATIENCE)
        self.nothing_is_lost()
        self.nothing_is_doubled(len(kills), kills.count("shown"))

    def nothing_is_lost(self) -> None:
        shown = sorted(self.process.command("case", "list"), key=lambda case: case["answers"]["company_name"])
        assert [case["answers"] for case in shown] == [one.stored for one in self.applicants]
        assert [[line["trigger"] for line in case["history"]] for case in shown] == [["open"]] * len(self.applicants)
        assert self.process.command("failed", "list") == []

    def nothing_is_doubled(self, kills: int, shown: int) -> None:
        found = [one.repeats() for one in self.applicants]
        retried = [delivery for delivery in self.api.retried if delivery.acknowledged]
        print(f"{sum(one.acts for one in self.applicants)} messages and presses, {len(retried)} of them brought again")
        print(f"seen twice and too early: {found}")
        assert all(twice <= kills and early <= kills for twice, early in found)
        # Killed between a message's arrival and the note of it, the process finds it there and posts it no second time.
        assert sum(twice for twice, _ in found) <= kills - shown

    # --- the kills

    def somebody_acts(self) -> Colleague:
        """Wait until somebody can, and let her; the others wait."""
        if all(one.is_through for one in self.applicants):
            self.somebody_comes()
        self.api.waits(lambda api: any(one.can_act for one in self.applicants), PATIENCE)
        acting = self.chance.choice([one for one in self.applicants if one.can_act])
        acting.act()
        return acting

    def ready(self) -> None:
        """Wait until it is connected. What was not acknowledged comes again."""
        self.api.waits(lambda api: api.connected, PATIENCE)
        self.api.clock.passes(LATER)

    def handed(self) -> None:
        self.ready()
        before = len(self.api.deliveries.all)
        self.somebody_acts()
        self.api.waits(lambda api: any(is_handed(one) for one in api.deliveries.all[before:]), PATIENCE)
        time.sleep(self.chance.uniform(0, A_TURN))
        self.process.kill()

    def shown(self) -> None:
        self.ready()
        slow, before = self.api.slows("chat.postMessage", UNNOTED), len(self.api.calls("chat.postMessage"))
        self.somebody_acts()
        self.api.waits(lambda api: slow.hits, PATIENCE)
        call = self.api.calls("chat.postMessage")[before]
        while not call.answer and self.api.clock.now() - call.at < 1:  # it was begun a moment ago
            if any(message.metadata for message in self.api.world.channels[call.parameters["channel"]].shown()[-1:]):
                break
            time.sleep(0.001)
        self.process.kill()

    def idle(self) -> None:
        self.ready()
        self.somebody_acts()
        self.api.waits(lambda api: all(one.can_act or one.is_through for one in self.applicants), PATIENCE)
        time.sleep(self.chance.uniform(0, A_TURN))
        self.process.kill()

    def starting(self) -> None:
        self.ready()
        self.somebody_acts()
        self.process.kill()
        self.process.start()
        time.sleep(self.chance.uniform(0.2, A_START))
        self.process.kill()


def is_handed(delivery: Delivery) -> bool:
    return delivery.under_way or bool(delivery.tries)


def test_a_ten_minute_outage_of_the_socket_is_caught_up_from_history(tmp_path: Path) -> None:
    with SlackApi() as api, Process(tmp_path / "desk", api) as process:
        api.waits(lambda api: api.connected, PATIENCE)
        anna, ben = anybody(api, 1, 10), anybody(api, 2, 10)
        come_to_their_names(api, anna, ben)
        with api.downtime():
            anna.act()
            api.clock.passes(OUTAGE / 2)
            ben.act()
            api.clock.passes(OUTAGE)
            api.waits(lambda api: all(told(api, one)[-1].lost for one in (anna, ben)))
        nobody_missed_anything(api, process, [anna, ben])
        assert {call.parameters["channel"] for call in api.calls("conversations.history")} >= {
            anna.person.dm,
            ben.person.dm,
        }


def test_what_was_never_posted_is_read_once_something_comes_late(tmp_path: Path) -> None:
    with SlackApi() as api, Posted(tmp_path / "desk", api) as process:
        api.deliver_http(f"http://127.0.0.1:{process.port}/slack/events", verify=False)
        verified(api)
        anna, ben = anybody(api, 1, 10), anybody(api, 2, 10)
        come_to_their_names(api, anna, ben)
        with api.outage():
            anna.act()
            api.clock.passes(OUTAGE - 100)
            ben.act()
            api.clock.passes(100)
            api.waits(lambda api: told(api, anna)[-1].lost and len(told(api, ben)[-1].tries) == 3)
        api.clock.passes(300)
        nobody_missed_anything(api, process, [anna, ben])


def test_a_process_that_was_down_for_ten_minutes_reads_what_was_posted_to_nobody(tmp_path: Path) -> None:
    with SlackApi() as api, Posted(tmp_path / "desk", api) as process:
        api.deliver_http(f"http://127.0.0.1:{process.port}/slack/events", verify=False)
        verified(api)
        anna = anybody(api, 1, 10)
        come_to_their_names(api, anna)
        process.kill()
        anna.act()
        for tries, seconds in ((2, LATER), (3, OUTAGE)):
            api.waits(lambda api, tries=tries: len(told(api, anna)[-1].tries) == tries)
            api.clock.passes(seconds)
        api.waits(lambda api: told(api, anna)[-1].lost)
        process.start()
        nobody_missed_anything(api, process, [anna])


def told(api: SlackApi, who: Applicant) -> list[Delivery]:
    """What the app was to be told of her messages."""
    events = [delivery for delivery in api.deliveries.all if delivery.is_event]
    return [delivery for delivery in events if delivery.payload["event"].get("user") == who.person.id]


def come_to_their_names(api: SlackApi, *applicants: Colleague) -> None:
    """Everybody registers as far as the question that is answered in words next."""
    whole = [one.turns for one in applicants]
    for one in applicants:
        one.turns = one.turns[:7]
    let_act(api, applicants, lambda: all(one.is_through for one in applicants))
    for one, turns in zip(applicants, whole, strict=True):
        one.turns = turns
        assert turns[6].asks.startswith("What is the full legal name")


def nobody_missed_anything(api: SlackApi, process: Process, applicants: list[Colleague]) -> None:
    """Everybody comes to the end, and each message was answered once."""
    let_act(api, applicants, lambda: all(one.is_through for one in applicants))
    shown: list[Any] = sorted(process.command("case", "list"), key=lambda case: case["answers"]["company_name"])
    assert [case["answers"] for case in shown] == [one.stored for one in applicants]
    assert [one.repeats() for one in applicants] == [(0, 0)] * len(applicants)
    assert process.stop() == 0
    assert api.complaints == []
    keeps_silent(process, api, *applicants)


@pytest.mark.parametrize("setting, wrong", [("SLACK_BOT_TOKEN", "xoxb-9-9-elsewhere"), ("SLACK_APP_TOKEN", "xapp-9-Q9-9-elsewhere")])  # fmt: skip
def test_a_token_that_is_refused_is_not_printed(tmp_path: Path, setting: str, wrong: str) -> None:
    with SlackApi() as api, Process(tmp_path / "desk", api, **{setting: wrong}) as process:
        assert process.ends() == 2
    assert f"{setting}: Slack refuses it" in process.output
    assert wrong not in process.output and "elsewhere" not in process.output
    keeps_silent(process, api)
