"""Cards in the desk's group: a topic each where the group has topics, replies to them where it has not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from bot_api import BotApi
from bot_methods import bad
from bot_people import Group, Person
from bot_world import Chat
from messages_to_send import Post, telegram_of
from telegram.error import NetworkError

from bot.channels.telegram import Telegram
from bot.channels.telegram_topics import Message

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

CARD = "case:TH-4K7Q"
NAME = "TH-4K7Q · Thailand · FRESHBAKERY"


@pytest.fixture(scope="module")
def server() -> Iterator[BotApi]:
    with BotApi() as api:
        api.pace.overall = None  # tests are not people
        yield api


@pytest.fixture
def api(server: BotApi) -> Iterator[BotApi]:
    server.log.clear()
    yield server
    server.faults.end()
    assert server.complaints == []


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[Telegram]:
    async with telegram_of(api) as channel:
        yield channel


@pytest.fixture
def ben(api: BotApi) -> Person:
    return api.person("Ben")


@pytest.fixture
def forum(api: BotApi, ben: Person) -> Group:
    forum = api.group("Desk", [ben], forum=True)
    forum.adds_bot(admin=True)
    return forum


@pytest.fixture
def group(api: BotApi, ben: Person) -> Group:
    group = api.group("Desk", [ben])
    group.adds_bot()
    return group


def said(group: Group) -> list[tuple[str, int | None]]:
    """What the bot wrote there, each with its topic."""
    return [(shown.text, shown.thread) for shown in group.answers if shown.text]


@pytest.mark.parametrize(("text", "message"), [
    ("17", Message(17)), ("5.17", Message(17, 5)), (None, None), ("", None), ("C7:1.2", None), ("1.2.3", None), (".5", Message(5)),
])  # fmt: skip
def test_a_message_is_known_by_its_number_and_its_topics(text: str | None, message: Message | None) -> None:
    assert Message.read(text) == message
    if message and text and not text.startswith("."):
        assert str(message) == text


# --- a group with topics


async def test_a_card_opens_a_topic_of_its_own(api: BotApi, channel: Telegram, forum: Group) -> None:
    say = Post(api, channel, forum.id)
    sent = await say(f"{NAME}\nWaits for a review.", slot=CARD, choices=[("take TH-4K7Q", "Take")])
    (topic,) = forum.chat.topics.values()
    assert topic.name == NAME
    assert said(forum) == [(f"{NAME}\nWaits for a review.", topic.id)]
    assert sent.message == f"{topic.id}.{sent.order}"
    assert sent.messages == 2  # the chat shows the new topic too
    await say("x" * 200, slot="question:5")
    assert len(list(forum.chat.topics.values())[1].name) == 128
    assert len(api.calls("getChat")) == 1


async def test_what_belongs_to_a_card_goes_to_its_topic(api: BotApi, channel: Telegram, forum: Group) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    await say("The customer asks something.", under=card.message)
    await say("Good morning.")
    thread = Message.read(card.message).thread  # type: ignore[union-attr]
    assert said(forum)[1:] == [("The customer asks something.", thread), ("Good morning.", None)]


async def test_a_card_is_edited_and_its_topic_closed_and_opened_with_the_case(
    api: BotApi, channel: Telegram, forum: Group
) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD, values={"closed": False})
    (topic,) = forum.chat.topics.values()
    assert api.calls("reopenForumTopic") == []
    for closed, text in ((True, "Successful"), (True, "Successful!"), (False, "Open again"), (False, "Open")):
        again = await say(text, slot=CARD, edits=card.message, values={"closed": closed})
        assert again.message == card.message
        assert topic.closed is closed
    assert [shown.text for shown in forum.answers if shown.text] == ["Open"]
    assert [len(api.calls(method)) for method in ("closeForumTopic", "reopenForumTopic")] == [1, 1]


async def test_closing_a_topic_is_a_courtesy(api: BotApi, channel: Telegram, forum: Group) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    api.refuses("closeForumTopic", 429, retry_after=5)
    await say("Successful", slot=CARD, edits=card.message, values={"closed": True})
    await say("Successful!", slot=CARD, edits=card.message, values={"closed": True})
    assert [topic.closed for topic in forum.chat.topics.values()] == [True]


async def test_a_card_that_begins_anew_stays_in_its_topic(api: BotApi, channel: Telegram, forum: Group) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    again = await say(NAME, slot=CARD, edits=card.message, anew=True)
    (topic,) = forum.chat.topics
    assert said(forum) == [(NAME, topic), (NAME, topic)]
    assert again.message != card.message


async def test_a_topic_somebody_deleted_is_made_anew_for_a_card_and_left_for_the_rest(
    api: BotApi, channel: Telegram, forum: Group
) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    (first,) = forum.chat.topics.values()
    first.deleted = True
    for message in forum.chat.messages.values():
        message.deleted = True
    await say("The customer asks something.", under=card.message)
    new = await say(NAME, slot=CARD, edits=card.message)
    second = list(forum.chat.topics)[1]
    assert said(forum) == [("The customer asks something.", None), (NAME, second)]
    assert new.message == f"{second}.{new.order}"


async def test_a_topic_somebody_closed_is_opened(
    api: BotApi, channel: Telegram, forum: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram lets administrators write into closed topics, and may at any time no longer do so."""
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    (topic,) = forum.chat.topics.values()
    open_topic = api._answers.open_topic

    def strictly(chat: Chat, thread: int | None) -> int | None:
        if thread and topic.closed:
            raise bad("TOPIC_CLOSED")
        return open_topic(chat, thread)

    monkeypatch.setattr(api._answers, "open_topic", strictly)
    topic.closed = True
    await say("The customer asks something.", under=card.message)
    assert not topic.closed
    assert said(forum)[-1] == ("The customer asks something.", topic.id)


async def test_a_closed_topic_that_cannot_be_opened_is_no_dead_end(
    api: BotApi, channel: Telegram, forum: Group
) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    (topic,) = forum.chat.topics.values()
    topic.closed = True
    forum.makes_bot("member")
    await say("The customer asks something.", under=card.message)
    assert said(forum)[-1] == ("The customer asks something.", None)


async def test_without_the_right_to_make_topics_cards_stand_in_the_group(
    api: BotApi, channel: Telegram, ben: Person
) -> None:
    forum = api.group("Desk", [ben], forum=True)
    forum.adds_bot()
    say = Post(api, channel, forum.id)
    cards = [await say(NAME, slot=f"case:{number}") for number in range(3)]
    await say("The customer asks something.", under=cards[1].message)
    assert [shown.reply_to for shown in forum.answers] == [None, None, None, cards[1].order]
    assert len(api.calls("createForumTopic")) == 1
    forum.makes_bot("administrator")
    channel.back(say.chat)
    await say(NAME, slot="case:4")
    assert len(forum.chat.topics) == 1


async def test_topics_switched_off_are_noticed(api: BotApi, channel: Telegram, forum: Group) -> None:
    say = Post(api, channel, forum.id)
    card = await say(NAME, slot=CARD)
    forum.chat.forum, topics = False, dict(forum.chat.topics)
    forum.chat.topics.clear()
    await say("The customer asks something.", under=card.message)
    await say("Another", slot="case:KE-ABCD")
    assert said(forum)[1:] == [("The customer asks something.", None), ("Another", None)]
    assert len(topics) == 1


async def test_a_topic_is_made_once_however_often_its_card_is_tried(
    api: BotApi, channel: Telegram, forum: Group
) -> None:
    outgoing, rendered = Post(api, channel, forum.id).message(NAME, slot=CARD)
    for _ in range(2):
        api.refuses("sendMessage", 502)
        with pytest.raises(NetworkError):
            await channel.send(outgoing, rendered)
    sent = await channel.send(outgoing, rendered)
    (topic,) = forum.chat.topics
    assert sent.message == f"{topic}.{sent.order}"


# --- a group without


async def test_what_belongs_to_a_card_is_a_reply_to_it(api: BotApi, channel: Telegram, group: Group) -> None:
    say = Post(api, channel, group.id)
    card = await say(NAME, slot=CARD)
    await say("The customer asks something.", under=card.message)
    assert card.message == str(card.order)
    assert [shown.reply_to for shown in group.answers] == [None, card.order]
    assert len(api.calls("getChat")) == 1


async def test_a_card_somebody_deleted_holds_nothing_up(
    api: BotApi, channel: Telegram, group: Group, ben: Person
) -> None:
    say = Post(api, channel, group.id)
    card = await say(NAME, slot=CARD)
    group.chat.messages[int(card.message or 0)].deleted = True
    await say("The customer asks something.", under=card.message)
    await say(f"{NAME}!", slot=CARD, edits=card.message)
    assert [(shown.text, shown.reply_to) for shown in group.answers] == [
        ("The customer asks something.", None), (f"{NAME}!", None),
    ]  # fmt: skip


async def test_a_card_in_a_private_chat_is_a_message_like_others(api: BotApi, channel: Telegram, ben: Person) -> None:
    ben.starts()
    say = Post(api, channel, ben.id)
    card = await say(NAME, slot=CARD)
    await say("The customer asks something.", under=card.message)
    assert [shown.reply_to for shown in ben.answers] == [None, card.order]
    assert api.calls("getChat") == []
