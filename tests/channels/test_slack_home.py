"""The Home tab: what a member has, how it goes on, what waits at the desk; answers never."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_blocks import checked_view
from slack_elements import render
from test_slack_views import KEYS, Client, Office

from bot.channels.slack_home import home, waiting
from bot.channels.slack_views import Views
from bot.channels.tokens import Tokens
from bot.clock import Clock
from bot.demo import Person, Story
from bot.settings import Settings
from bot.wiring import opened
from bot.words import Catalogs, Words
from conversations.model import Kind, Role, Staff, Status, Text
from rules.book import load
from storage.store import Found


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    clock = Clock()
    async with opened(settings, clock) as house:
        client = Client()
        yield Office(house, client, Views(house.app, house.catalogs, Tokens(KEYS), KEYS, client))
    assert client.complaints == []


@pytest.fixture(scope="module")
def words() -> Words:
    return Catalogs.load(load(), strict=True).words()


def shown(view: dict[str, Any]) -> str:
    complaints: list[str] = []
    checked_view(view, complaints.append, "home")
    assert complaints == []
    return render(view["blocks"], lambda id: id, "UTC").text


async def look(office: Office) -> tuple[str, dict[str, dict[str, Any]]]:
    """The tab's text, and its buttons by label."""
    assert await office.views.publish_home(office.principal, office.chat)
    window = office.client.homes[office.user]
    found = {}
    for block in window.view["blocks"]:
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]:
            if element["type"] == "button":
                found[element["text"]["text"]] = element
    return shown(window.view), found


async def presses(office: Office, action: dict[str, Any], **more: Any) -> None:
    await office.views.changed(office.client.homes[office.user].payload("block_actions", actions=[action], **more))
    await office.views.stop()  # the tab is published behind the answer


async def test_a_newcomer_begins_from_the_tab(office: Office) -> None:
    text, buttons = await look(office)
    assert "No registration" not in text and "Name a country" in text and list(buttons) == ["Register a country"]
    await presses(office, buttons["Register a country"])
    assert office.kinds == [Kind.PRESS] and office.taken[0].chat == office.chat


async def test_each_registration_has_its_status_its_next_step_its_deadline_and_a_button(office: Office) -> None:
    registration = await office.starts("TH")
    await office.says("another")
    for text in ("GB", "start"):
        await office.says(text)
    text, buttons = await look(office)
    assert f"Thailand · {registration.reference}" in text.replace("`", "").replace("*", "")
    assert "Draft" in text and "Your turn: answer the questions in the chat." in text
    assert "Open until " in text and text.count("Your turn") == 2
    assert office.on.country == "GB"
    first = next(
        block["accessory"] for block in office.client.homes["U1"].view["blocks"]
        if registration.reference in str(block.get("text"))
    )  # fmt: skip
    await presses(office, first)
    assert office.on.reference == registration.reference
    assert set(buttons) == {"Register a country", "Go on"}


async def test_a_forged_button_or_anothers_tab_does_nothing(office: Office) -> None:
    await office.starts("TH")
    _, buttons = await look(office)
    before = len(office.taken)
    await presses(office, buttons["Go on"] | {"value": "10..open TH-AAAA.xxxxxxxxxxx"})
    await presses(office, buttons["Go on"], user={"id": "U2"})
    forged = office.client.homes["U1"].payload("block_actions", actions=[buttons["Go on"]])
    forged["view"]["private_metadata"] = ""
    await office.views.changed(forged)
    assert len(office.taken) == before


async def test_staff_see_the_queue_without_answers_and_take_from_it(office: Office) -> None:
    app = office.house.app
    code = (await app.write(app.store.invite, Role.ADMIN, app.clock.now())).code
    await office.says(code, person="Rita")
    text, _ = await look(office)
    assert "The desk: 0 wait" in text and "Nothing waits here." in text
    customer = Person(office.house, "web", "5" * 16)
    registration = await customer.registers(
        Story(1, "VN", "Lotus <!channel> & Co", ("LOTUS",), Status.WITH_ACCOUNT_MANAGER)
    )
    text, buttons = await look(office)
    assert "The desk: one waits" in text and "Lotus <!channel> & Co" in text and "since " in text
    assert registration.reference in text and "LOTUS" not in text.replace("Lotus", "")
    await presses(office, buttons["Take it"])
    found = app.store.found(registration.reference)
    assert found is not None and found.registration.taken_by == office.principal
    text, buttons = await look(office)
    assert "Taken by you" in text and "Take it" not in buttons and "Open" in buttons


async def test_a_tab_of_very_many_says_how_many_are_left_out(office: Office, words: Words) -> None:
    await office.starts("TH")
    case, one = office.case, office.on
    case.registrations = {
        number: replace(
            copy.deepcopy(one), id=number, reference=f"TH-{number:04}", answers={"company_name": "<" * 2900}
        )
        for number in range(1, 121)
    }
    for registration in case.registrations.values():
        registration.entered_at = registration.opened_at
    queue = [
        Found(replace(one, status=Status.UNDER_REVIEW, entered_at=office.house.app.clock.now()), "web:x", "web:x")
        for one in case.registrations.values()
    ]  # fmt: skip
    staff = Staff(1, "Rita", Role.REVIEWER, office.principal)

    def token(registration: Any, value: str) -> str:
        return value

    for who, waits in ((None, []), (staff, queue)):
        view = home(case, who, waits, words, token, "", "https://desk.example")
        text = shown(view)
        assert 90 <= len(view["blocks"]) <= 100
        assert "more. Write" in text and ("And 100 more, on the desk's page." in text) == bool(waits)


async def test_what_is_urgent_comes_first_and_what_is_over_last(office: Office, words: Words) -> None:
    one = await office.starts("TH")
    case, now = office.case, office.house.app.clock.now()

    def made(number: int, status: Status, days: int) -> Any:
        return replace(one, id=number, reference=f"TH-000{number}", status=status, ends_at=now + timedelta(days=days))

    case.registrations = {
        1: made(1, Status.SUCCESSFUL, 1), 2: made(2, Status.UNDER_REVIEW, 2), 3: made(3, Status.DRAFT, 20),
        4: made(4, Status.NEEDS_CORRECTION, 3), 5: replace(made(5, Status.DRAFT, 0), ends_at=None),
    }  # fmt: skip
    text = shown(home(case, None, [], words, lambda _, value: value, ""))
    assert sorted(range(1, 6), key=lambda n: text.index(f"TH-000{n}")) == [4, 3, 5, 2, 1]
    assert text.count("Open until") == 3


async def test_each_role_sees_its_own_queue_and_nobody_their_own_case(office: Office) -> None:
    one = await office.starts("TH")
    cases = {
        status: Found(replace(one, status=status), "web:x", "web:x")
        for status in (Status.DRAFT, Status.UNDER_REVIEW, Status.WITH_ACCOUNT_MANAGER, Status.SUCCESSFUL)
    }

    def seen(role: Role, principal: str = "slack:T1:U9") -> list[Status]:
        return [found.registration.status for found in waiting(list(cases.values()), Staff(1, "R", role, principal))]

    assert seen(Role.REVIEWER) == [Status.UNDER_REVIEW, Status.WITH_ACCOUNT_MANAGER]
    assert seen(Role.ACCOUNT_MANAGER) == [Status.WITH_ACCOUNT_MANAGER]
    assert seen(Role.ADMIN, "web:x") == []


def test_the_texts_of_the_tab_are_there_for_every_status(words: Words) -> None:
    for status in Status:
        for key in ("page_status_", "page_next_"):
            assert words.text(Text(f"{key}{status.lower()}"))
