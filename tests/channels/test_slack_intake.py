"""Slack's payloads are acknowledged only after the commit, in both modes; nothing forged leaves a row."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from disk_full import full
from slack_api import SlackApi
from slack_delivery import FORGERIES
from slack_running import MODES, running, settings_for, soon, until

import bot.wiring
from bot import sender, worker
from bot.channels import slack_catchup, slack_intake, slack_listening, slack_people
from bot.channels.slack_http import LARGEST
from bot.commands.run import taking_in
from bot.settings import Settings, SettingsError
from bot.wiring import opened
from bot.writer import Overloaded
from conversations.model import Kind
from storage.sqlite import SqliteStore


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi(retry_waits=(0.05, 0.1, 0.2)) as api:
        yield api
    assert api.complaints == []


@pytest.fixture(params=MODES)
def settings(request: pytest.FixtureRequest, tmp_path: Path, api: SlackApi) -> Settings:
    return settings_for(tmp_path, api, request.param)


@pytest.fixture
def by_socket(tmp_path: Path, api: SlackApi) -> Settings:
    return settings_for(tmp_path, api)


@pytest.fixture
def by_http(tmp_path: Path, api: SlackApi) -> Settings:
    return settings_for(tmp_path, api, "http")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_intake, "PAUSE", 0.05)
    monkeypatch.setattr(slack_listening, "LOOK", 0.02)
    monkeypatch.setattr(slack_listening, "PING", 0.2)
    monkeypatch.setattr(slack_catchup, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(slack_catchup, "FIRST_PAUSE", 0.05)


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


class Forgetful(dict[str, float]):
    """Tickets, of which the first ones are not good."""

    def __init__(self, bad: int) -> None:
        super().__init__()
        self._bad = bad

    def __setitem__(self, ticket: str, made: float) -> None:
        self._bad -= 1
        super().__setitem__(ticket, 0.0 if self._bad >= 0 else made)


# --- taking


async def test_a_message_is_taken_with_what_slack_knows_of_its_writer(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna", tz="Africa/Nairobi", locale="de-DE")
    async with running(api, settings) as run:
        ts = anna.types("acme.com & <sons>")
        await until(anna, lambda anna: anna.answers)
        await run.is_settled()
        (event,) = run.people_did
        assert (event.kind, event.text, event.message) == (Kind.TEXT, "acme.com & <sons>", ts)
        assert (event.time_zone, event.locale, event.person) == ("Africa/Nairobi", "de-DE", "Anna")
        assert (event.id, event.chat) == (f"slack:{api.team}:{anna.dm}:{ts}", f"slack:{api.team}:{anna.dm}")
        assert event.principal == f"slack:{api.team}:{anna.id}" and event.private
        assert event.order == int(ts.replace(".", ""))
        if settings.slack_app_token:  # over HTTP nobody tells us of a gap: only a reading moves it
            assert run.app.offset(f"slack:{api.team}") == event.order
        anna.types("again")
        await soon(lambda: len(run.people_did) == 2)
        assert len(api.calls("users.info")) == 1


async def test_nothing_is_acknowledged_that_is_not_on_disk(
    api: SlackApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.wiring, "SqliteStore", Full)
    anna = api.person("Anna")
    api.deliveries.retry_waits = (0.05,) * 100
    async with running(api, settings) as run:
        monkeypatch.setattr(Full, "full", True)
        monkeypatch.setattr(api.sockets, "patience", 0.3)
        anna.types("Thailand")
        await until(api, lambda api: len(api.deliveries.all[0].tries) >= 2)
        assert len(api.unacknowledged) == 1 and not run.taken
        monkeypatch.setattr(Full, "full", False)
        await until(anna, lambda anna: anna.answers)
        await run.is_settled()
        assert run.texts == ["Thailand"] and run.rows() == 1


async def test_while_sqlite_has_no_room_nothing_is_acknowledged_and_then_it_is_taken_once(
    api: SlackApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sender, worker):
        monkeypatch.setattr(module, "AFTER_TROUBLE", 0.01)
    people = [api.person(f"Anna{number}") for number in range(14)]
    api.deliveries.retry_waits = (0.05,) * 1000
    async with running(api, settings) as run:
        monkeypatch.setattr(api.sockets, "patience", 0.1)
        async with full(run.app):
            for person in people:
                person.types("Thailand")
            await until(api, lambda api: all(one.tries for one in api.deliveries.all))
            await until(api, lambda api: any(len(one.tries) > 1 for one in api.deliveries.all))
            taken = len(run.taken)
            assert taken < len(people) and len(api.unacknowledged) >= len(people) - taken
        await until(api, lambda api: not api.unacknowledged)
        await run.is_settled()
        assert run.texts == ["Thailand"] * len(people) and run.rows() == len(people)
        told = [len(person.answers) for person in people]
        assert min(told) == max(told) > 0


async def test_when_too_much_waits_slack_delivers_again(
    api: SlackApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, refused = api.person("Anna"), 0
    api.deliveries.retry_waits = (0.05,) * 10
    async with running(api, settings) as run:
        take_all = run.app.take_all

        async def overloaded(*args: Any, **kwargs: Any) -> Any:
            nonlocal refused
            refused += 1
            if refused < 3:
                raise Overloaded
            return await take_all(*args, **kwargs)

        monkeypatch.setattr(api.sockets, "patience", 0.3)
        monkeypatch.setattr(run.app, "take_all", overloaded)
        anna.types("Thailand")
        await until(anna, lambda anna: anna.answers)
        assert refused >= 3 and run.kinds == [Kind.TEXT]


async def test_what_is_delivered_again_is_taken_once(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    api.delivers_twice("message", times=3)
    async with running(api, settings) as run:
        ts = anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await run.is_settled()
        assert len({one.text for one in anna.answers}) == len(anna.answers)
        anna.edits(ts, "Kenya")
        await run.is_settled()
        assert run.kinds == [Kind.TEXT, Kind.EDITED] and len(api.retried) >= 3


async def test_the_messages_of_one_person_are_taken_in_the_order_they_came(api: SlackApi, by_socket: Settings) -> None:
    anna = api.person("Anna")
    api.slows("users.info", 0.3)
    async with running(api, by_socket) as run:
        for number in range(8):
            anna.types(f"word {number}")
        await soon(lambda: len(run.people_did) == 8)
        assert run.texts == [f"word {number}" for number in range(8)]


async def test_files_and_their_caption_are_one_event(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.sends_files([("page 1.jpg", b"\xff\xd8\xff"), ("page 2.pdf", b"%PDF-")], "both pages")
        await soon(lambda: run.people_did)
        await run.is_settled()
        (event,) = run.people_did
        assert (event.kind, event.text, [file.name for file in event.files]) == (
            Kind.FILES, "both pages", ["page 1.jpg", "page 2.pdf"],
        )  # fmt: skip
        assert all(file.ref.startswith(f"slack:{api.team}:F") for file in event.files)


async def test_what_nobody_wanted_is_acknowledged_and_leaves_no_row(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    general = api.channel("general", [anna])
    async with running(api, settings) as run:
        ts = anna.types("Thailand")
        await until(anna, lambda anna: anna.answers)
        await run.is_settled()
        rows = run.rows()
        anna.link_unfurls(ts)
        anna.reacts(ts)
        anna.opens_dm()  # we have spoken there already
        anna.types("lunch?", general)
        anna.commands("/other", "x")
        anna.shortcut("other")
        anna.deletes(ts)
        await run.is_settled()
        assert run.rows() == rows and run.counted["unreadable"] == 0


async def test_an_opened_chat_is_greeted_once(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.opens_dm()
        await until(anna, lambda anna: anna.answers)
        await run.is_settled()
        count = len(anna.answers)
        anna.opens_dm()
        await run.is_settled()
        assert run.kinds == [Kind.OPENED] and len(anna.answers) == count


async def test_a_press_is_taken(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.opens_dm()
        await until(anna, lambda anna: any("Thailand" in one.labels for one in anna.answers))
        await run.is_settled()
        anna.presses(None, "Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await run.is_settled()
        assert run.kinds == [Kind.OPENED, Kind.PRESS] and not anna.errors


async def test_a_country_is_searched_for_and_picked(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.opens_dm()
        question = await until(anna, lambda anna: next((one for one in anna.answers if one.menus), None))
        await run.is_settled()
        everything = await asyncio.to_thread(anna.searches, question, "")
        assert len(everything) == 100 and everything[0] == run.app.book.country_name(run.app.book.likely[0])
        assert await asyncio.to_thread(anna.searches, question, "bangkok") == ["Thailand"]
        assert (await asyncio.to_thread(anna.searches, question, "thai"))[0] == "Thailand"
        assert await asyncio.to_thread(anna.searches, question, "zzzz") == []
        anna.picks(question, "Thailand") if "Thailand" in (
            await asyncio.to_thread(anna.searches, question, "th")
        ) else None
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        event = run.people_did[-1]
        assert (event.kind, event.choice) == (Kind.PRESS, "TH") and event.asked is not None


async def test_a_command_is_said_in_the_private_chat(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    general = api.channel("general", [anna])
    async with running(api, settings) as run:
        anna.commands("/senderid", "Thailand", general)
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await run.is_settled()
        assert [(event.text, event.chat) for event in run.people_did] == [("Thailand", f"slack:{api.team}:{anna.dm}")]
        assert [one.ephemeral for one in anna.sees_in(general)] == [True] and not anna.errors
        anna.commands("/senderid", "back")
        await soon(lambda: len(run.people_did) == 2)
        anna.shortcut("register")
        await soon(lambda: len(run.people_did) == 3)
        await run.is_settled()
        assert run.texts[1:] == ["back", "another"]


async def test_in_a_channel_people_are_asked_into_their_own_chat(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    general = api.channel("general", [anna])
    api.app.events.add("message.channels")
    api.app.scopes.append("channels:history")
    async with running(api, settings) as run:
        anna.mentions_bot("we need Thailand", general)
        answer = (await until(general, lambda general: general.answers))[0]
        await run.is_settled()
        assert "app_redirect" in answer.text and run.kinds == [Kind.GROUP] and len(general.answers) == 1


async def test_guests_and_strangers_are_told_so_and_nothing_is_taken(api: SlackApi, settings: Settings) -> None:
    guest, stranger = api.person("Gil", guest=True), api.person("Sam", stranger=True)
    async with running(api, settings) as run:
        for person in (guest, stranger):
            person.types("Thailand")
            await until(person, lambda person: len(person.answers) == 1)
        guest.commands("/senderid", "Thailand")
        guest.sends_files([("a.pdf", b"%PDF-")])
        await run.is_settled()
        assert run.rows() == 0 and run.counted["outsider"] == 4


# --- views

FORM = "Answer these as one form"


async def test_a_form_opens_from_its_question_and_what_is_entered_is_taken(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await run.is_settled()
        anna.types("yes")
        question = await until(anna, lambda anna: next((one for one in anna.answers if FORM in one.labels), None))
        await run.is_settled()
        anna.presses(question, "form")
        modal = await until(anna, lambda anna: anna.modal)
        assert run.kinds == [Kind.TEXT, Kind.TEXT]
        anna.fills(modal.inputs[0], "Login and security codes")
        assert await asyncio.to_thread(anna.submits) is None
        await run.is_settled()
        assert Kind.FORM in run.kinds and not anna.errors


async def test_the_home_tab_is_shown_and_leaves_no_row(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, settings) as run:
        anna.opens_home()
        home = await until(anna, lambda anna: anna.home)
        await run.is_settled()
        assert home.buttons and run.rows() == 0
        anna.presses_home(home.labels[0])
        await until(anna, lambda anna: anna.answers)
        await run.is_settled()
        assert run.kinds == [Kind.PRESS] and not anna.errors


# --- the desk


async def test_a_decision_at_the_desk_is_answered_and_its_papers_are_private(api: SlackApi, settings: Settings) -> None:
    rita, anna = api.person("Rita"), api.person("Anna")
    desk = api.channel("desk", [rita, anna], private=True)
    async with running(api, settings) as run:
        await run.makes_staff(rita)
        rita.mentions_bot("desk here", desk)
        await until(desk, lambda desk: desk.answers)
        await run.is_settled()
        rita.mentions_bot("take TH-4K7Q", desk)
        await until(desk, lambda desk: any(one.ephemeral for one in rita.sees_in(desk)))
        event = run.people_did[-1]
        assert (event.kind, event.chat, event.private) == (Kind.DESK, f"slack:{api.team}:{rita.dm}", True)
        rita.mentions_bot("approve please", desk)
        await until(desk, lambda desk: sum(one.ephemeral for one in rita.sees_in(desk)) == 2)
        assert run.people_did[-1] is event


async def test_a_decision_is_acknowledged_when_the_private_chat_is_not_to_be_had(
    api: SlackApi, by_socket: Settings
) -> None:
    rita = api.person("Rita")
    desk = api.channel("desk", [rita], private=True)
    async with running(api, by_socket) as run:
        await run.app.write(run.app.store.put_setting, "desk_chat", f"slack:{api.team}:{desk.id}")
        api.fails("conversations.open", "internal_error")
        rita.mentions_bot("take TH-4K7Q", desk)
        await until(api, lambda api: not api.unacknowledged)
        assert run.counted["taken"] == 1 and not rita.answers


# --- who posts


async def test_what_is_forged_leaves_no_row(api: SlackApi, by_http: Settings) -> None:
    async with running(api, by_http) as run:
        for how in FORGERIES:
            status, _ = await asyncio.to_thread(api.forged, how)
            assert status == (400 if how in ("bad json", "null", "a list", "no body") else 401), how
        assert run.rows() == 0 and run.counted["refused"] == len(FORGERIES)
        for body in (b"x" * (LARGEST + 1),):
            assert (await asyncio.to_thread(api.posts, body))[0] == 413
        assert (await asyncio.to_thread(api.posts, b"\xff\xfe"))[0] == 401
        for body in (b"payload=nothing", b"payload=[]", b"[" * 100_000):
            kind = "application/x-www-form-urlencoded" if body.startswith(b"payload") else "application/json"
            assert (await asyncio.to_thread(api.posts, body, kind))[0] == 400
        strange = {"type": "message", "channel": "D1", "user": "U1", "text": {"html": "secret"}, "ts": "1"}
        for event, wanted in (([1], 400), (strange, 200)):
            told = json.dumps({"type": "event_callback", "team_id": api.team, "event_id": "Ev1", "event": event})
            assert (await asyncio.to_thread(api.posts, told.encode()))[0] == wanted
        await asyncio.to_thread(api.verifies_url)
        assert run.rows() == 0 and run.counted["unreadable"] == 1


async def test_with_a_socket_nothing_is_behind_the_address(api: SlackApi, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, api, slack_signing_secret=api.signing_secret)
    async with running(api, settings) as run:
        assert not run.intake.listening.by_http


async def test_a_refused_token_stops_the_start_and_names_itself(api: SlackApi, tmp_path: Path) -> None:
    for setting in ("slack_bot_token", "slack_app_token"):
        wrong = settings_for(
            tmp_path, api, **{setting: f"{setting[6]}".replace("b", "xoxb").replace("a", "xapp") + "-1-x9"}
        )
        with pytest.raises(SettingsError, match=rf"^{setting.upper()}: Slack refuses it"):
            async with opened(wrong) as house, taking_in(house):
                pass


async def test_slack_out_of_reach_at_the_start_is_waited_for(api: SlackApi, settings: Settings) -> None:
    api.refuses("auth.test", 503, times=3)
    anna = api.person("Anna")
    async with running(api, settings):
        anna.types("Thailand")
        await until(anna, lambda anna: anna.answers)


# --- after an outage


async def test_what_was_written_meanwhile_is_read_from_the_history(api: SlackApi, settings: Settings) -> None:
    anna, bo = api.person("Anna"), api.person("Bo")
    async with running(api, settings) as run:
        anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        await run.is_settled()
    api.deliveries.retry_waits = ()
    with api.outage():
        bo.types("Kenya")
        anna.types("yes")
        root = anna.types("my first word")
        anna.types("my second word", thread=root)
        api.clock.passes(700)
    api.refuses("conversations.history", 429, retry_after=1)
    async with running(api, settings) as run:
        await soon(lambda: len(run.people_did) >= 4)
        await run.house.settled()
        mine = [event.text for event in run.people_did if event.principal == f"slack:{api.team}:{anna.id}"]
        assert mine == ["yes", "my first word", "my second word"] and "Kenya" in run.texts
        assert len(api.calls("conversations.history")) <= 4
        run.intake.history.look_back()
        await soon(lambda: run.counted["caught_up"] == 2)
        assert len(run.people_did) == 4


async def test_a_socket_that_broke_is_replaced_and_the_gap_is_read(api: SlackApi, by_socket: Settings) -> None:
    anna = api.person("Anna")
    api.deliveries.retry_waits = ()
    async with running(api, by_socket) as run:
        anna.types("Thailand")
        await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
        with api.outage():
            anna.types("yes")
            api.drops_sockets()
            await soon(lambda: run.counted["disconnected"])
        await soon(lambda: len(run.people_did) == 2, 20)
        assert run.texts == ["Thailand", "yes"]
        api.refreshes_sockets()
        await until(api, lambda api: api.sockets.opened >= 3)
        api.deliveries.retry_waits = (0.05,) * 5
        anna.types("back")
        await soon(lambda: len(run.people_did) == 3)


async def test_an_address_that_has_expired_is_not_knocked_at_for_ever(
    api: SlackApi, by_socket: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_listening, "STUCK", 0.3)
    monkeypatch.setattr(api.sockets, "_tickets", Forgetful(1))
    async with running(api, by_socket):
        assert len(api.calls("apps.connections.open")) == 2


async def test_an_event_that_came_late_makes_us_look_for_others(api: SlackApi, by_http: Settings) -> None:
    anna = api.person("Anna")
    async with running(api, by_http) as run:
        anna.types("Thailand")
        await soon(lambda: run.people_did)
        await run.is_settled()
        api.deliveries.retry_waits = ()
        with api.outage():
            anna.types("lost")
            api.clock.passes(1)
        api.deliveries.retry_waits = (0.05,) * 5
        api.drops_delivery("message", times=2)
        anna.types("late")
        await soon(lambda: len(run.people_did) == 3)
        assert set(run.texts) == {"Thailand", "late", "lost"}


async def test_the_offset_stays_while_there_is_a_gap(
    api: SlackApi, by_socket: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = api.person("Anna")
    async with running(api, by_socket) as run:
        anna.types("Thailand")
        await soon(lambda: run.people_did)
        kept = run.app.offset(f"slack:{api.team}")
    api.refuses("conversations.list", 500, times=None)
    async with opened(by_socket) as house, taking_in(house) as begin:
        begin()
        await until(api, lambda api: len(api.sockets.links) == 1)
        anna.types("yes")
        await until(api, lambda api: not api.unacknowledged)
        assert house.app.offset(f"slack:{api.team}") == kept


# --- the end


async def test_the_end_is_quick_and_leaves_nothing_open(api: SlackApi, settings: Settings) -> None:
    async with running(api, settings):
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert not [task for task in asyncio.all_tasks() if "slack" in task.get_name()]


async def test_no_word_and_no_token_is_logged(api: SlackApi, settings: Settings) -> None:
    anna = api.person("Anna")
    with structlog.testing.capture_logs() as logs:
        async with running(api, settings) as run:
            api.fails("users.info", "internal_error")
            anna.types("the company's secret")
            await until(anna, lambda anna: anna.answers)
            await run.is_settled()
    said = str(logs)
    assert "secret" not in said and api.bot_token not in said and api.app_token not in said


async def test_people_are_asked_for_once_a_day(api: SlackApi) -> None:
    from slack_sdk.errors import SlackApiError
    from slack_sdk.web.async_client import AsyncWebClient

    now = 0.0
    anna = api.person("Anna", tz="Africa/Nairobi")
    people = slack_people.People(AsyncWebClient(api.bot_token, api.base_url, retry_handlers=[]), lambda: now)
    people.team = api.team
    assert (await people.known(anna.id)).time_zone == (await people.known(anna.id)).time_zone == "Africa/Nairobi"
    assert len(api.calls("users.info")) == 1
    now += slack_people.DAY + 1
    api.fails("users.info", "internal_error")
    assert (await people.known(anna.id)).time_zone == "Africa/Nairobi"  # as it was
    assert (await people.known("U0NOBODY")).is_outsider, "Slack knows nobody of that name"
    api.fails("users.info", "internal_error")
    with pytest.raises(SlackApiError):  # never known: they may be a guest
        await people.known(api.person("Ben").id)
