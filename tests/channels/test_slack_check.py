"""`check --live`: each thing that is wrong at Slack, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_api import SlackApi
from slack_running import settings_for
from slack_world import SUBSCRIBED

from bot.commands.check import checked
from bot.commands.check_slack import SCOPES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi() as api:
        yield api


def looked(api: SlackApi, folder: Path, mode: str = "socket", **more: Any) -> list[tuple[str, str]]:
    lines = checked(settings_for(folder, api, mode, **more), live=True)
    return [line for line in lines if line[0].startswith(("slack", "desk"))]


def test_all_is_well(api: SlackApi, tmp_path: Path) -> None:
    found = looked(api, tmp_path)
    assert [trouble for _, trouble in found] == ["", "", ""] and "9 of 9" in found[1][0]


def test_missing_scopes_are_named(api: SlackApi, tmp_path: Path) -> None:
    for scope in ("im:history", "files:read"):
        api.app.scopes.remove(scope)
    (_, trouble) = looked(api, tmp_path)[1]
    assert trouble.startswith("SLACK_BOT_TOKEN: the app lacks files:read, im:history;")


@pytest.mark.parametrize(
    ("mode", "settings", "begins"),
    [
        ("socket", {"slack_bot_token": "xoxb-1-wrong"}, "SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)"),
        ("socket", {"slack_app_token": "xapp-1-wrong"}, "SLACK_APP_TOKEN: Slack refuses it (invalid_auth)"),
        ("http", {}, "PUBLIC_URL: Slack posts to it"),
        ("socket", {"desk_chat": "slack:T0OTHER:C7"}, "DESK_CHAT: it is in another workspace"),
        ("socket", {"slack_base_url": "http://127.0.0.1:9/api/"}, "SLACK_BASE_URL: 127.0.0.1 does not answer"),
    ],
)
def test_what_is_wrong_names_the_setting(
    api: SlackApi, tmp_path: Path, mode: str, settings: dict[str, Any], begins: str
) -> None:
    (trouble,) = [trouble for _, trouble in looked(api, tmp_path, mode, **settings) if trouble]
    assert trouble.startswith(begins)


def test_the_desks_channel_is_looked_for(api: SlackApi, tmp_path: Path) -> None:
    anna = api.person("Anna")
    ours, theirs = api.channel("desk", [anna]), api.channel("other", [anna], bot=False)
    assert "may not look" in looked(api, tmp_path, desk_chat=f"slack:{api.team}:{ours.id}")[-1][0]
    api.app.scopes.append("channels:read")
    assert looked(api, tmp_path, desk_chat=f"slack:{api.team}:{ours.id}")[-1] == (f"desk chat {ours.id} #desk", "")
    assert "not in the channel" in looked(api, tmp_path, desk_chat=f"slack:{api.team}:{theirs.id}")[-1][1]


def test_the_manifest_asks_for_what_we_look_for() -> None:
    manifest = (ROOT / "docs" / "slack-manifest.yaml").read_text("utf-8")
    lists = manifest.partition("    bot:\n")[2].split("bot_events")
    scopes, events = (re.findall(r"^ +- ([\w.:]+)", part, re.MULTILINE) for part in lists)
    assert tuple(scopes) == SCOPES
    assert set(events) == set(SUBSCRIBED)
