"""That something is being done shows, from the turn that began it to the message that ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bot_api import BotApi
from bot_people import Person
from messages_to_send import NOW, Post, bot_of

from bot.channels.telegram import Telegram
from bot.channels.typing import Typing
from bot.writer import Taken
from conversations.model import Effect, Event, Fetch, Kind, Render, Say
from storage.store import Outgoing

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

RENDER = Render(7, 1, ())
FETCH = Fetch(3, 7, ((1, "telegram:1:a"),))
EVERY = 0.02


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api
        assert api.complaints == []


@pytest.fixture
def anna(api: BotApi) -> Person:
    anna = api.person("Anna")
    anna.starts()
    return anna


@pytest.fixture
async def typing(api: BotApi) -> AsyncIterator[Typing]:
    async with bot_of(api) as bot:
        typing = Typing(bot, every=EVERY, longest=0.5)
        yield typing
        await typing.close()
        assert not typing._shown


def chat_of(api: BotApi, person: int) -> str:
    return Post(api, cast(Telegram, None), person).chat


def turn(chat: str, *effects: Effect) -> list[Taken]:
    """What the writer tells of a turn in that chat, whose conversation has the number 3."""
    case: Any = SimpleNamespace(conversation=SimpleNamespace(chat=chat, id=3))
    return [Taken(Event("1", Kind.TEXT, NOW, chat), cast(Any, SimpleNamespace(case=case, effects=effects)))]


def message(chat: str) -> Outgoing:
    return Outgoing(1, chat, Say("done"), 0, 0, NOW)


def actions(api: BotApi) -> list[str]:
    return [call.parameters["action"] for call in api.calls("sendChatAction")]


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not true():
            await asyncio.sleep(0.005)


async def test_it_shows_until_the_result_is_told(api: BotApi, anna: Person, typing: Typing) -> None:
    chat = chat_of(api, anna.id)
    typing.heard(turn(chat, RENDER))
    await until(lambda: len(actions(api)) >= 3)
    assert set(actions(api)) == {"upload_document"}
    typing.sent(message(chat), "sent")
    await until(lambda: not typing._shown)
    shown = len(actions(api))
    await asyncio.sleep(3 * EVERY)
    assert len(actions(api)) == shown


async def test_the_turns_own_message_does_not_end_it(api: BotApi, anna: Person, typing: Typing) -> None:
    chat = chat_of(api, anna.id)
    typing._every = 5.0
    typing.heard(turn(chat, Say("looking", to=3), Say("to somebody else", to=4), FETCH))
    await until(lambda: actions(api) == ["typing"])
    typing.sent(message(chat), "retry")
    typing.sent(message("telegram:1:2"), "sent")
    typing.sent(message(chat), "sent")
    await until(lambda: actions(api) == ["typing", "typing"])  # the message took it away
    typing.sent(message(chat), "sent")
    await until(lambda: not typing._shown)


async def test_it_ends_by_itself(api: BotApi, anna: Person, typing: Typing) -> None:
    typing._longest = 0.05
    typing.heard(turn(chat_of(api, anna.id), FETCH))
    await until(lambda: not typing._shown)
    assert 1 <= len(actions(api)) <= 4


async def test_one_at_a_time_in_a_chat_and_only_in_ours(api: BotApi, anna: Person, typing: Typing) -> None:
    chat = chat_of(api, anna.id)
    typing.heard(turn("web:1", FETCH) + turn("telegram:1:2", FETCH) + turn(chat, Say("hello")) + turn(chat, FETCH))
    typing.heard([*turn(chat, RENDER), Taken(Event("2", Kind.TEXT, NOW, chat), error=ValueError())])
    await until(lambda: "upload_document" in actions(api))
    assert list(typing._shown) == [chat]
    assert "typing" not in actions(api)


@pytest.mark.parametrize("how", [{"code": 429, "retry_after": 60}, {"code": 400}])
async def test_a_no_ends_it(api: BotApi, anna: Person, typing: Typing, how: dict[str, int]) -> None:
    api.refuses("sendChatAction", times=None, **how)
    typing.heard(turn(chat_of(api, anna.id), FETCH))
    await until(lambda: not typing._shown)
    assert len(api.calls("sendChatAction")) == 1


async def test_trouble_on_the_way_does_not(api: BotApi, anna: Person, typing: Typing) -> None:
    api.resets("sendChatAction")
    api.refuses("sendChatAction", 502)
    typing.heard(turn(chat_of(api, anna.id), FETCH))
    await until(lambda: [call.status for call in api.calls("sendChatAction")][2:3] == [200])
