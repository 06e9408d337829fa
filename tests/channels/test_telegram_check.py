"""`check --live`: each thing that is wrong at Telegram, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bot_api import BotApi
from bot_people import Group
from running import settings_for

from bot.commands.check import checked
from bot.settings import load


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(local=True) as api:
        yield api
    assert api.complaints == []


def looks(api: BotApi, folder: Path, **more: Any) -> list[tuple[str, str]]:
    """What the live part says."""
    return [line for line in checked(settings_for(folder, api, **more), live=True) if "tele" in line[0]]


def wrong(api: BotApi, folder: Path, **more: Any) -> str:
    """The one thing that is wrong."""
    (found,) = [trouble for _, trouble in looks(api, folder, **more) if trouble]
    return found


def test_all_is_well(api: BotApi, tmp_path: Path) -> None:
    assert looks(api, tmp_path) == [("telegram: @sender_desk_bot", ""), ("telegram updates: polling, 0 waiting", "")]


def test_a_token_that_is_refused_and_a_host_that_is_not_there(api: BotApi, tmp_path: Path) -> None:
    assert wrong(api, tmp_path, telegram_bot_token="7123456789:" + "x" * 35).startswith("TELEGRAM_BOT_TOKEN: ")
    assert wrong(api, tmp_path, telegram_base_url="http://127.0.0.1:9/bot").startswith("TELEGRAM_BASE_URL: 127.0.0.1")
    with api.downtime():
        assert wrong(api, tmp_path).startswith("TELEGRAM_BASE_URL: ")


def test_a_webhook_somebody_set(api: BotApi, tmp_path: Path) -> None:
    api.updates.away = True
    api.updates.set_webhook({"url": "https://elsewhere.example/hook"})
    assert "a webhook to https://elsewhere.example/hook is set" in wrong(api, tmp_path)
    hook = {"telegram_mode": "webhook", "public_url": "https://desk.example"}
    assert "Telegram posts to https://elsewhere.example/hook" in wrong(api, tmp_path, **hook)
    api.updates.set_webhook({"url": ""})
    assert "none is set yet" in wrong(api, tmp_path, **hook)
    api.updates.set_webhook({"url": "https://desk.example/telegram/webhook"})
    assert not [trouble for _, trouble in looks(api, tmp_path, **hook) if trouble]
    api.updates.webhook.last_error = "Wrong response from the webhook: 502 Bad Gateway"
    api.updates.webhook.last_error_at = int(api.clock.now())
    found = wrong(api, tmp_path, **hook)
    assert "502 Bad Gateway, at 20" in found and "PUBLIC_URL" in found


DESKS: dict[str, tuple[Callable[[Group], object], str]] = {
    "not in it": (lambda group: None, "sees no such group"),
    "thrown out": (lambda group: (group.adds_bot(), group.removes_bot()), "sees no such group"),
    "a plain member": (lambda group: group.adds_bot(), ""),
    "an administrator": (lambda group: group.adds_bot(admin=True), ""),
}


@pytest.mark.parametrize("case", DESKS)
def test_the_desks_group(api: BotApi, tmp_path: Path, case: str) -> None:
    prepare, trouble = DESKS[case]
    group = api.group("Desk", [api.person("Anna")])
    prepare(group)
    what, said = looks(api, tmp_path, desk_chat=f"telegram:{group.id}")[-1]
    assert (trouble in said) if trouble else not said, said
    assert ("/commands only" in what) == (case == "a plain member")


def test_a_group_with_topics_wants_the_right_to_make_them(api: BotApi, tmp_path: Path) -> None:
    group = api.group("Desk", [api.person("Anna")], forum=True)
    group.adds_bot()
    assert "the right to manage topics" in wrong(api, tmp_path, desk_chat=f"telegram:{group.id}")
    group.makes_bot("administrator")
    assert looks(api, tmp_path, desk_chat=f"telegram:{group.id}")[-1][1] == ""


def test_a_group_that_moved_tells_its_new_number(api: BotApi, tmp_path: Path) -> None:
    group = api.group("Desk", [api.person("Anna")], supergroup=False)
    group.adds_bot()
    old = group.id
    new = group.becomes_supergroup()
    assert f"telegram:{new}" in wrong(api, tmp_path, desk_chat=f"telegram:{old}")


def test_without_a_token_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(database_url=f"sqlite:///{tmp_path}/desk.db", telegram_bot_token=None)
    assert list(checked(settings, live=True))[-1] == ("platforms: none is set up", "")
