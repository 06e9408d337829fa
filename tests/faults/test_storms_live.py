"""The real channels in foul weather: calls refused, broken and lost by chance, and everything delivered again."""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

import running as telegram_running
import slack_running
import uvicorn
from bot_api import BotApi
from slack_api import SlackApi

from bot import sender
from bot.channels import Pace, slack, telegram, telegram_intake
from bot.channels.telegram_webhook import webhook
from bot.web.render import Pages
from bot.web.server import make_app
from tests.seeded import Share

WORDS = ("hello", "Thailand", "start", "transactional", "Germany", "Fresh Bakery GmbH", "why", "help")
ROUND = 90.0  # seconds within which everybody has been answered
REFERENCE = re.compile(r"\b[A-Z]{2}-[0-9A-Z]{4}\b")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_intake, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.2)
    # The pace is proved on virtual time; here it would only take long.
    monkeypatch.setattr(telegram, "PRIVATE", Pace(50, 50))
    monkeypatch.setattr(slack, "PACE", Pace(50, 50))
    for channel in (telegram.Telegram, slack.Slack):
        monkeypatch.setattr(channel, "overall", 200.0)
    structlog.configure(processors=[], logger_factory=structlog.testing.CapturingLoggerFactory())


def heard(person: Any) -> list[str]:
    """What the bot said to her, the name of her registration left out."""
    return [REFERENCE.sub("XX-0000", one.text) for one in person.answers]


def without_repeats(said: Sequence[str], fair: Sequence[str]) -> list[str]:
    """What was said, less what came twice in a row and only once in fair weather."""
    found: list[str] = []
    for one in said:
        if not (found and found[-1] == one and [*found, one] != list(fair[: len(found) + 1])):
            found.append(one)
    return found


async def converses(run: Any, people: Sequence[Any], is_idle: Callable[[], bool]) -> None:
    """Everybody says each word, once all were answered to the one before."""

    def is_quiet() -> bool:
        waiting = run.app.store.health(run.app.clock.now()).waiting_messages
        return is_idle() and waiting == 0 and all(sender.in_hand == 0 for sender in run.house.senders)

    for number, word in enumerate(WORDS):
        for person in people:
            person.starts() if number == 0 and hasattr(person, "starts") else person.types(word)
        for _ in range(2):  # what was told late may have been answered since
            await asyncio.sleep(0.1)
            await slack_running.soon(is_quiet, ROUND)


def check(people: Sequence[Any], fair: Sequence[str], *, may_repeat: bool) -> int:
    """Each heard what is said in fair weather, in that order. How many heard something twice."""
    repeated = 0
    for person in people:
        said = heard(person)
        repeated += said != fair
        assert (without_repeats(said, fair) if may_repeat else said) == fair, f"{person.transcript()}"
    return repeated


# --- Telegram


@asynccontextmanager
async def by_telegram(api: BotApi, folder: Path, mode: str) -> AsyncIterator[Any]:
    folder.mkdir()
    more = {"telegram_mode": "webhook", "public_url": "https://desk.example"} if mode == "webhook" else {}
    settings = telegram_running.settings_for(folder, api, **more)
    async with telegram_running.running(settings) as run:
        if mode == "polling":
            yield run
            return
        pages = Pages(run.house.catalogs.words(), "en")
        web = make_app(run.app, settings, run.house.page, pages, routes=[webhook(run.intake)])
        server = uvicorn.Server(uvicorn.Config(web, port=0, log_config=None, access_log=False, lifespan="off"))
        serving = asyncio.create_task(server._serve())
        await telegram_running.soon(lambda: server.started)
        api.routes["https://desk.example"] = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield run
        finally:
            server.should_exit = True
            await serving


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_telegram_in_foul_weather(mode: str, chance: random.Random, share: Share, tmp_path: Path) -> None:
    seed = chance.randrange(1000)
    with BotApi(seed=seed, local=True, retry_base=0.05) as api:
        api.pace.off()
        async with by_telegram(api, tmp_path / "fair", mode) as run:
            anna = api.person("Anna")
            await converses(run, [anna], lambda: not api.updates.waiting)
            fair = heard(anna)
    with BotApi(seed=seed, local=True, retry_base=0.05) as api:
        api.pace.off()
        people = [api.person(f"Anna {number}") for number in range(share.of(60))]
        async with by_telegram(api, tmp_path / "foul", mode) as run:
            faults = [
                api.refuses("sendMessage", 429, retry_after=1, chance=0.03, times=None),
                api.refuses("sendMessage", 502, chance=0.15, times=None),
                api.resets("sendMessage", chance=0.15, times=None),
                api.loses_answer("sendMessage", chance=0.25, times=None),
            ]
            # As many posts come again as there are; each answer to a poll holds everything twice.
            api.delivers_twice(len(people) * len(WORDS) * 2)
            api.forgets_confirmation(len(WORDS) * 3)
            await converses(run, people, lambda: not api.updates.waiting)
            taken = [event.id for event in run.taken]
            assert len(taken) == len(set(taken)) == len(people) * len(WORDS)
        repeated = check(people, fair, may_repeat=True)
        lost = faults[-1].hits
        print(f"{len(people)} people, faults {[one.hits for one in faults]}, {repeated} heard something twice")
        assert lost or len(people) < 3
        assert api.complaints == []


# --- Slack


async def reads_back(run: slack_running.Running) -> None:
    """All that was said comes once more, from the history."""
    read = run.counted["caught_up"]
    run.intake.history.look_back()
    await slack_running.soon(lambda: run.counted["caught_up"] > read, ROUND)
    await run.house.settled()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_slack_in_foul_weather(mode: str, chance: random.Random, share: Share, tmp_path: Path) -> None:
    seed = chance.randrange(1000)
    fair: list[str] = []
    for weather, count in (("fair", 1), ("foul", share.of(40))):
        folder = tmp_path / weather
        folder.mkdir()
        with SlackApi(seed=seed, retry_waits=(0.05, 0.1, 0.2)) as api:
            api.pace.off()
            people = [api.person(f"Anna {number}") for number in range(count)]
            faults = []
            if weather == "foul":
                faults = [
                    api.refuses("chat.postMessage", 429, retry_after=1, chance=0.03, times=None),
                    api.refuses("chat.postMessage", 503, chance=0.15, times=None),
                    api.resets("chat.postMessage", chance=0.15, times=None),
                    api.loses_answer("chat.postMessage", chance=0.25, times=None),
                ]
                api.delivers_twice("message", chance=0.6, times=None)
            settings = slack_running.settings_for(folder, api, mode)
            async with slack_running.running(api, settings) as run:
                await converses(run, people, lambda: not api.deliveries.waiting)
                await reads_back(run)
                taken = [event.id for event in run.people_did]
                assert len(taken) == len(set(taken)) == len(people) * len(WORDS)
            if weather == "fair":
                fair = heard(people[0])
                continue
            # What Slack has is looked up before it is said again.
            check(people, fair, may_repeat=False)
            print(f"{len(people)} people, faults {[one.hits for one in faults]}, {len(api.retried)} delivered again")
            assert api.complaints == []
