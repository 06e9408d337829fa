"""Telegram's updates are confirmed only after the commit; what can't be read blocks nothing; presses are answered."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from bot_api import BotApi
from running import running, settings_for, soon, until

import bot.wiring
from bot.channels import telegram_intake
from bot.commands.run import taking_in
from bot.settings import Settings, SettingsError
from bot.wiring import opened
from bot.writer import Overloaded
from conversations.model import Kind
from storage.sqlite import SqliteStore


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api
    assert api.complaints == []


@pytest.fixture
def settings(tmp_path: Path, api: BotApi) -> Settings:
    return settings_for(tmp_path, api)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_intake, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(telegram_intake, "CONFLICT", 0.05)


class Full(SqliteStore):
    """The real store, whose disk is full while it is told so."""

    full = False
    depth = 0

    @contextmanager
    def transaction(self) -> Any:
        self.depth += 1
        try:
            with super().transaction():
                yield
                if self.depth == 1 and Full.full:
                    raise sqlite3.OperationalError("database or disk is full")
        finally:
            self.depth -= 1


# --- taking


async def test_a_message_is_taken_and_answered_and_only_then_confirmed(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna", language="de")
    async with running(settings) as run:
        anna.starts("TH")
        await until(anna, lambda anna: len(anna.answers) >= 2)
        await until(api, lambda api: not api.updates.waiting)
        (event,) = run.taken
        bot = api.token.partition(":")[0]
        assert (event.kind, event.text, event.locale) == (Kind.OPENED, "TH", "de")
        assert event.chat == event.principal == f"telegram:{bot}:{anna.id}"
        assert run.app.offset(f"telegram:{bot}") == int(event.id.split(":")[2]) + 1


async def test_nothing_is_confirmed_that_is_not_on_disk(
    api: BotApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.wiring, "SqliteStore", Full)
    anna = api.person("Anna")
    async with running(settings) as run:
        await until(api, lambda api: api.calls("getUpdates"))
        monkeypatch.setattr(Full, "full", True)
        anna.starts()
        await until(api, lambda api: len(api.calls("getUpdates")) >= 4)
        assert len(api.updates.waiting) == 1 and not api.updates.confirmed and not run.taken
        monkeypatch.setattr(Full, "full", False)
        await until(anna, lambda anna: anna.answers)
        await until(api, lambda api: len(api.updates.confirmed) == 1)
    assert run.kinds == [Kind.OPENED]


async def test_when_too_much_waits_the_same_updates_are_asked_for_again(
    api: BotApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, refused = api.person("Anna"), 0

    async with running(settings) as run:
        take_all = run.app.take_all

        async def overloaded(*args: Any, **kwargs: Any) -> Any:
            nonlocal refused
            refused += 1
            if refused < 3:
                raise Overloaded
            return await take_all(*args, **kwargs)

        monkeypatch.setattr(run.app, "take_all", overloaded)
        anna.starts()
        await until(anna, lambda anna: anna.answers)
        assert refused == 3 and run.kinds == [Kind.OPENED]


async def test_what_is_delivered_again_is_taken_once(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    api.delivers_twice(2)
    api.forgets_confirmation(2)
    async with running(settings) as run:
        anna.starts()
        await until(anna, lambda anna: len(anna.answers) >= 2)
        await run.house.settled()
        anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await until(api, lambda api: not api.updates.waiting)
        await run.house.settled()
        assert run.kinds == [Kind.OPENED, Kind.TEXT]
        assert len({one.text for one in anna.answers}) == len(anna.answers)


async def test_it_goes_on_where_it_was_after_a_restart(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(settings):
        anna.starts()
        await until(anna, lambda anna: len(anna.answers) >= 2)
    anna.types("Thailand")
    async with running(settings) as run:
        await until(anna, lambda anna: any("Thailand" in one.text for one in anna.answers))
        assert run.kinds == [Kind.TEXT]


async def test_one_update_that_cannot_be_read_blocks_nothing_and_is_not_asked_for_again(
    api: BotApi, settings: Settings
) -> None:
    anna = api.person("Anna")
    secret = {"html": "the company's secret"}
    sound = {"id": 1, "is_bot": False, "first_name": "Bo"}, {"id": 1, "type": "private"}
    with structlog.testing.capture_logs() as logs:
        async with running(settings) as run:
            await until(api, lambda api: api.calls("getUpdates"))
            with api.world.lock:  # one batch
                for number, content in enumerate(({}, {"text": secret}, {"text": "hi", "date": "yesterday"})):
                    message = {"message_id": number, "from": sound[0], "chat": sound[1], "date": 1795341600, **content}
                    if not content:
                        del message["chat"]
                    api.updates.add("message", message, key=f"poison {number}")
                anna.starts()
            await until(anna, lambda anna: anna.answers)
            await until(api, lambda api: not api.updates.waiting)
            anna.types("Thailand")
            await until(anna, lambda anna: any("Thailand" in one.text for one in anna.answers))
            assert run.counted["unreadable"] == 3 and run.kinds == [Kind.OPENED, Kind.TEXT]
    noted = [line for line in logs if line["event"] == "update_unreadable"]
    assert [(line["kind"], type(line["id"])) for line in noted] == [("message", int)] * 3
    assert "secret" not in str(logs)


async def test_an_answer_that_overtakes_the_word_on_its_question_is_an_answer(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    api.slows("sendMessage", 0.4, times=2)  # she sees a message so long before we know that she does
    async with running(settings):
        anna.starts()
        await until(anna, lambda anna: any("Thailand" in one.labels for one in anna.answers))
        anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        assert not any("before my question" in one.text for one in anna.answers)


async def test_a_block_and_its_end_are_told(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(settings) as run:
        anna.starts()
        await until(anna, lambda anna: anna.answers)
        anna.blocks()
        anna.unblocks()
        await soon(lambda: len(run.taken) == 3)
        assert run.kinds == [Kind.OPENED, Kind.UNREACHABLE, Kind.REACHABLE]


# --- polling


async def test_another_that_polls_is_named_once_and_waited_for(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    with structlog.testing.capture_logs() as logs:
        async with running(settings) as run:
            await until(api, lambda api: api.calls("getUpdates"))
            api.updates.set_webhook({"url": "https://elsewhere.example/hook"})
            await soon(lambda: run.counted["conflict"] >= 3)
            api.updates.set_webhook({"url": ""})
            anna.starts()
            await until(anna, lambda anna: anna.answers)
    said = [line for line in logs if line["event"] == "telegram_conflict"]
    assert len(said) == 1 and "TELEGRAM_BOT_TOKEN" in said[0]["what"]


async def test_a_webhook_left_over_is_removed_and_nothing_that_waits_is_dropped(
    api: BotApi, settings: Settings
) -> None:
    api.updates.away = True
    api.updates.set_webhook({"url": "https://elsewhere.example/hook"})
    anna = api.person("Anna")
    anna.starts()
    api.updates.away = False
    async with running(settings) as run:
        await until(anna, lambda anna: anna.answers)
        assert not run.counted["conflict"] and not api.updates.dropped


async def test_a_refused_token_stops_the_start_and_names_itself(api: BotApi, tmp_path: Path) -> None:
    wrong = settings_for(tmp_path, api, telegram_bot_token="7123456789:" + "x" * 35)
    with pytest.raises(SettingsError, match=r"^TELEGRAM_BOT_TOKEN: Telegram refuses it"):
        async with running(wrong):
            pass


async def test_telegram_out_of_reach_at_the_start_is_waited_for(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    with api.downtime():
        async with opened(settings) as house, taking_in(house) as begin:
            begin()
            assert house.telegram is not None and house.telegram.username == ""
            anna.starts()
            for fault in api.faults._all:
                fault.times = 0
            api.updates.away = False
            api.bell.ring()
            await until(anna, lambda anna: anna.answers)
            assert house.telegram.username == "sender_desk_bot"


async def test_it_waits_as_long_as_telegram_asks(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    api.refuses("getUpdates", 429, retry_after=1)
    begun = time.monotonic()
    async with running(settings):
        anna.starts()
        await until(anna, lambda anna: anna.answers)
    assert time.monotonic() - begun >= 1


async def test_the_end_does_not_wait_for_a_long_poll(api: BotApi, settings: Settings) -> None:
    async with opened(settings) as house:
        async with taking_in(house) as begin:
            begin()
            await until(api, lambda api: api.calls("getUpdates"))
            begun = time.monotonic()
        assert time.monotonic() - begun < 1
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "telegram"]


# --- presses


async def test_a_press_is_taken_and_answered_without_a_word(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(settings) as run:
        anna.starts()
        await until(anna, lambda anna: any("Thailand" in one.labels for one in anna.answers))
        anna.presses(None, "Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await until(api, lambda api: not api.unanswered_presses)
        assert run.kinds == [Kind.OPENED, Kind.PRESS] and anna.notices == []


async def test_a_button_that_is_not_ours_is_answered_and_leaves_no_row(api: BotApi, settings: Settings) -> None:
    anna, bo = api.person("Anna"), api.person("Bo")
    async with running(settings) as run:
        for person in (anna, bo):
            person.starts()
            await until(person, lambda person: any("Thailand" in one.labels for one in person.answers))
        question = next(one for one in anna.answers if "Thailand" in one.labels)
        others = next(one for one in bo.answers if "Thailand" in one.labels).markup
        assert others is not None
        token = others["inline_keyboard"][0][0]["callback_data"]
        before, last = run.rows(), 0
        for data in ("take TH-4K7Q", "11..yes.AAAAAAAAAAA", token, token[:-1] + "x", "\x00", "💥" * 16):
            last = anna.presses_data(question, data).answered is None and last
        await until(api, lambda api: not api.unanswered_presses)
        assert [(notice["show_alert"], "button" in notice["text"]) for notice in anna.notices] == [(True, True)] * 6
        assert run.rows() == before


async def test_a_press_too_old_to_be_answered_is_taken_all_the_same(api: BotApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(settings):
        anna.starts()
        await until(anna, lambda anna: any("Thailand" in one.labels for one in anna.answers))
        api.refuses("answerCallbackQuery", 400)
        anna.presses(None, "Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
