"""The desk in a Telegram group: cards are taken and decided there, by buttons, by replies, in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from bot_api import BotApi
from bot_people import Group, Person
from bot_world import Seen
from running import Running, running, settings_for, soon, until

from bot import words
from bot.channels.telegram_in import VERBS
from bot.channels.telegram_menus import DESK, GROUP, PRIVATE
from bot.demo import Person as Customer
from bot.demo import Story
from conversations.countries.questions import is_command
from conversations.model import Kind, Role, Status
from conversations.words import said


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api
    assert api.complaints == []


@dataclass
class Desk:
    """A group of staff where a card waits, and how they act on it."""

    api: BotApi
    run: Running
    group: Group
    anna: Person
    bo: Person
    reference: str

    @property
    def card(self) -> Seen:
        return next(one for one in self.group.answers if one.text.startswith(self.reference) and one.labels)

    def status(self) -> Status:
        found = self.run.app.store.found(self.reference)
        assert found is not None
        return found.registration.status

    def taken_by(self) -> str | None:
        found = self.run.app.store.found(self.reference)
        return found.registration.taken_by if found else None

    async def says(self, *words: str) -> Seen:
        """The newest message of the bot in the group that has all these words."""
        return await until(
            self.group,
            lambda group: next((one for one in reversed(group.answers) if all(w in one.text for w in words)), None),
        )


@asynccontextmanager
async def a_desk(api: BotApi, folder: Path, *, forum: bool = False) -> AsyncIterator[Desk]:
    """Anna is an admin and said where the desk is; Bo reads along; a customer waits for a manager."""
    anna, bo = api.person("Anna <b>"), api.person("Bo")
    group = api.group("Desk", [anna, bo], forum=forum)
    async with running(settings_for(folder, api)) as run:
        anna.starts()
        await run.makes_staff(anna)
        group.adds_bot(admin=forum)
        await until(group, lambda group: group.answers)
        anna.types("/desk_here@sender_desk_bot", in_=group)
        await until(group, lambda group: len(group.answers) >= 2)
        customer = Customer(run.house, "web", "5" * 16)
        registration = await customer.registers(Story(1, "VN", "Lotus Travel", ("LOTUS",), Status.WITH_ACCOUNT_MANAGER))
        desk = Desk(api, run, group, anna, bo, registration.reference)
        await desk.says(registration.reference, "Lotus Travel")
        yield desk


@pytest.mark.parametrize("forum", [False, True])
async def test_a_card_is_taken_rejected_and_explained_in_the_group(api: BotApi, tmp_path: Path, forum: bool) -> None:
    async with a_desk(api, tmp_path, forum=forum) as desk:
        anna, group = desk.anna, desk.group
        anna.presses(desk.card, "Take it", in_=group)
        await until(anna, lambda anna: anna.notices)
        assert desk.reference in anna.notices[0]["text"] and "show_alert" not in anna.notices[0]
        await until(group, lambda group: "Reject" in desk.card.labels)

        anna.presses(desk.card, "Reject", in_=group)
        prompt = await desk.says(f"reject {desk.reference}:\n", "Please reply")
        assert "Anna &lt;b&gt;" in prompt.html and prompt.reply_to == desk.card.id
        assert prompt.thread == desk.card.thread and (prompt.thread is not None) == forum
        assert len(anna.notices) == 1  # the prompt is the answer
        anna.types("the brand is another's\nno contract", in_=group, reply_to=prompt)
        await soon(lambda: desk.status() is Status.FAILED)
        found = desk.run.app.store.found(desk.reference)
        assert found is not None and found.registration.reasons == ["the brand is another's", "no contract"]
        assert (await desk.says("told why")).thread == prompt.thread
        assert desk.run.kinds[-1] is Kind.DESK


async def test_a_ready_reason_is_a_press(api: BotApi, tmp_path: Path) -> None:
    async with a_desk(api, tmp_path) as desk:
        desk.anna.types(f"take {desk.reference}", in_=desk.group, reply_to=desk.card)
        await soon(lambda: desk.taken_by() is not None)
        desk.anna.types("reject", in_=desk.group, reply_to=desk.card)
        prompt = await desk.says(f"reject {desk.reference}:\n")
        assert len(prompt.labels) >= 6
        desk.anna.presses(prompt, next(one for one in prompt.labels if "brand of somebody else" in one), in_=desk.group)
        await soon(lambda: desk.status() is Status.FAILED)
        found = desk.run.app.store.found(desk.reference)
        assert found is not None and found.registration.reasons == ["brand"]


async def test_who_does_not_belong_to_the_desk_learns_nothing(api: BotApi, tmp_path: Path) -> None:
    async with a_desk(api, tmp_path) as desk:
        desk.bo.presses(desk.card, "Take it", in_=desk.group)
        await until(desk.bo, lambda bo: bo.notices)
        assert desk.bo.notices[0]["text"] == "There is nothing by that name."
        assert desk.taken_by() is None


async def test_what_is_typed_is_answered_where_it_was_typed(api: BotApi, tmp_path: Path) -> None:
    async with a_desk(api, tmp_path) as desk:
        number = desk.anna.types(f"/take@sender_desk_bot {desk.reference}", in_=desk.group)
        said = await until(
            desk.group, lambda group: next((one for one in group.answers if one.reply_to == number), None)
        )
        assert desk.reference in said.text and desk.taken_by() is not None
        number = desk.anna.types("/approve@sender_desk_bot", in_=desk.group)
        said = await until(
            desk.group, lambda group: next((one for one in group.answers if one.reply_to == number), None)
        )
        assert "reply to a card" in said.text
        desk.anna.types("approve", in_=desk.group, reply_to=desk.card)
        await soon(lambda: desk.status() is Status.SUCCESSFUL)


async def test_small_talk_at_the_desk_is_left_alone(api: BotApi, tmp_path: Path) -> None:
    async with a_desk(api, tmp_path) as desk:
        before, rows = len(desk.group.answers), desk.run.rows()
        desk.anna.types("I look at it after lunch", in_=desk.group, reply_to=desk.card)
        desk.bo.types("thanks!", in_=desk.group)
        await until(api, lambda api: not api.updates.waiting)
        assert (len(desk.group.answers), desk.run.rows()) == (before, rows)


async def test_the_desk_moves_with_its_group(api: BotApi, tmp_path: Path) -> None:
    anna = api.person("Anna")
    group = api.group("Desk", [anna], supergroup=False)
    async with running(settings_for(tmp_path, api)) as run:
        anna.starts()
        await run.makes_staff(anna)
        group.adds_bot()
        anna.types("/desk_here@sender_desk_bot", in_=group)
        await soon(lambda: run.app.store.settings().get("desk_chat", "").endswith(f":{group.id}"))
        new = group.becomes_supergroup()
        await soon(lambda: run.app.store.settings()["desk_chat"].endswith(f":{new}"))
        await until(api, lambda api: not api.updates.waiting)
        menu = {"type": "chat", "chat_id": new}
        await until(api, lambda api: menu in [call.parameters["scope"] for call in api.calls("setMyCommands")])


async def test_in_a_group_people_are_asked_into_a_chat_of_their_own(api: BotApi, tmp_path: Path) -> None:
    anna = api.person("Anna")
    group = api.group("Bakery", [anna])
    async with running(settings_for(tmp_path, api)) as run:
        group.adds_bot()
        await until(group, lambda group: any("t.me/sender_desk_bot?start=" in one.text for one in group.answers))
        anna.types("/senderid@sender_desk_bot Thailand", in_=group)
        await until(group, lambda group: any(one.text.endswith("?start=TH") for one in group.answers))
        before = len(group.answers)
        ids = anna.sends_album(
            [b"\xff\xd8one", b"\xff\xd8two"], as_photos=False, in_=group, reply_to=group.answers[-1]
        ).ids
        assert len(ids) == 2
        await until(group, lambda group: len(group.answers) > before)
        await until(api, lambda api: not api.updates.waiting)
        await run.house.settled()
        assert len(group.answers) == before + 1 and not api.calls("getFile")


async def test_menus_and_a_description_are_shown(api: BotApi, tmp_path: Path) -> None:
    anna = api.person("Anna", language="de")
    async with running(settings_for(tmp_path, api)):
        await until(api, lambda api: api.calls("setMyShortDescription"))
        menu = api.menu_of(anna)
        assert menu[:2] == ["help", "status"] and "letters" in menu
    count = len(api.calls("setMyDescription"))
    async with running(settings_for(tmp_path, api)):
        await until(api, lambda api: len(api.calls("getMyShortDescription")) == 2)
    assert len(api.calls("setMyDescription")) == count == 1  # the operator may have changed it since


def test_every_command_of_a_menu_has_its_words() -> None:
    catalog = words.read(words.OURS)["en"]
    keys = {f"command_{name}" for name in (*PRIVATE, *GROUP, *DESK)}
    assert keys == {key for key in catalog if key.startswith("command_")}
    assert all(len(catalog[key].forms[0]) <= 256 for key in keys)
    assert {name.replace("_", " ") for name in DESK} <= set(VERBS)
    assert all(said(name) or is_command(name) for name in PRIVATE)


async def test_an_account_manager_may_not_say_where_the_desk_is(api: BotApi, tmp_path: Path) -> None:
    anna = api.person("Anna")
    group = api.group("Desk", [anna])
    async with running(settings_for(tmp_path, api)) as run:
        anna.starts()
        await run.makes_staff(anna, Role.ACCOUNT_MANAGER)
        group.adds_bot()
        anna.types("/desk_here@sender_desk_bot", in_=group)
        await until(api, lambda api: not api.updates.waiting)
        await run.house.settled()
        assert "desk_chat" not in run.app.store.settings()
