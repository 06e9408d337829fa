"""Slack's signature is good for five minutes to the second, before and after, by a clock of the test's own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from forged_house import payloads, signed
from slack_api import SlackApi
from slack_running import Running, running, settings_for
from starlette.applications import Starlette

from bot.channels.slack_http import PATH, events

NOW = 1_795_341_600


class Standing:
    """A clock that stands."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Running]:
    with SlackApi() as api:
        async with running(api, settings_for(tmp_path, api, "http")) as run:
            yield run


@pytest.mark.parametrize(
    ("seconds", "is_taken"),
    [(-301, False), (-300.5, False), (-300, True), (0, True), (300, True), (300.5, False), (301, False)],
)
async def test_a_signature_is_good_for_five_minutes_to_the_second(seconds: float, is_taken: bool, run: Running) -> None:
    """`seconds`: how far the signature's time is from ours; Slack's is in whole ones."""
    verifier = run.intake.listening._verifier
    assert verifier is not None
    verifier.clock = Standing(NOW - seconds)  # type: ignore[assignment]
    anna = run.api.person("Anna")
    text = json.dumps(payloads("slack")["text"]).replace("T024BE7LD", run.api.team)
    body = text.replace("U023BECGF", anna.user.id).replace("D024BFF1M", anna.channel.id).encode()
    head = {name.decode(): word.decode() for name, word in signed(body, run.api.signing_secret, NOW)}
    before = run.rows()
    transport = httpx.ASGITransport(Starlette(routes=[events(run.intake)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as slack:
        answer = await slack.post(PATH, content=body, headers=head | {"content-type": "application/json"})
        spoilt = await slack.post(PATH, content=body + b" ", headers=head | {"content-type": "application/json"})
    assert (answer.status_code, spoilt.status_code) == (200 if is_taken else 401, 401)
    assert run.rows() - before == is_taken
