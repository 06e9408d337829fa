"""What a person sees of what we send: the real library against a server that refuses what Telegram refuses."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog.testing
from bot_api import BotApi
from bot_people import Person
from messages_to_send import KEYS, Post, telegram_of
from telegram.error import NetworkError, RetryAfter

from bot.channels import Moved, Refused, TryLater, telegram_delivery
from bot.channels.markup import units
from bot.channels.telegram import GROUP, PRIVATE, Telegram
from bot.channels.telegram_errors import seconds
from bot.channels.tokens import Pressed, Tokens

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


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
def anna(api: BotApi) -> Person:
    anna = api.person("Anna")
    anna.starts()
    return anna


@pytest.fixture
def say(api: BotApi, channel: Telegram, anna: Person) -> Post:
    return Post(api, channel, anna.id)


# --- texts


async def test_a_text_is_shown_as_it_is_and_codes_can_be_copied(say: Post, anna: Person) -> None:
    text = 'TH-4K7Q: "A & B" <b>is</b> not &amp; 1 < 2 https://example.com'
    sent = await say(text)
    (shown,) = anna.answers
    assert shown.text == text
    assert [e["type"] for e in shown.content["entities"]] == ["code", "url"]
    assert shown.preview_off and not shown.protected
    assert (sent.order, sent.message, sent.messages) == (shown.id, str(shown.id), 1)


async def test_how_far_a_person_is_stands_small_at_the_end(say: Post, anna: Person) -> None:
    await say("Which city?", progress=(3, 9))
    assert anna.answers[-1].text == "Which city?\n\n3 of 9 answered"
    assert anna.answers[-1].html.endswith("<i>3 of 9 answered</i>")


async def test_a_long_text_comes_in_parts_with_the_buttons_below_the_last(say: Post, anna: Person) -> None:
    text = "\n\n".join(f"{number} & " + "word 😀 " * 100 + "end" for number in range(12))
    sent = await say(text, choices=[("yes", "Yes")])
    parts = anna.answers
    assert len(parts) == sent.messages > 2
    assert all(units(part.text) <= 4096 for part in parts)
    assert "\n\n".join(part.text for part in parts) == text
    assert [part.labels for part in parts] == [[]] * (len(parts) - 1) + [["Yes"]]
    assert sent.order == parts[-1].id


async def test_a_text_whose_markup_is_refused_goes_as_plain_text(
    api: BotApi, say: Post, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_delivery, "html", lambda text, small="": f"<secret>{text}")
    with structlog.testing.capture_logs() as logs:
        await say("1 < 2 TH-4K7Q", choices=[("yes", "Yes")], progress=(1, 2))
        await say("again")
    assert [shown.text for shown in anna.answers] == ["1 < 2 TH-4K7Q\n\n1 of 2 answered", "again"]
    assert anna.answers[0].labels == ["Yes"]
    assert [(line["event"], line["count"]) for line in logs] == [("markup_refused", 1), ("markup_refused", 2)]
    assert "secret" not in str(logs)


async def test_a_message_whose_buttons_are_refused_goes_without(
    say: Post, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tokens, "made", lambda *_: "x" * 65)
    await say("Yes or no?", choices=[("yes", "Yes")])
    assert [(shown.text, shown.labels) for shown in anna.answers] == [("Yes or no?", [])]


async def test_an_empty_message_is_refused(say: Post) -> None:
    with pytest.raises(Refused):
        await say(" \n ")


# --- buttons


async def test_choices_are_buttons_that_say_what_they_were_made_for(api: BotApi, say: Post, anna: Person) -> None:
    await say(
        "All correct?", choices=[("yes", "Yes"), ("no", "No"), ("apply again TH-4K7Q", "Apply again for Thailand")]
    )
    (shown,) = anna.answers
    assert shown.buttons == [["Yes", "No"], ["Apply again for Thailand"]]
    tokens = Tokens(KEYS)
    assert tokens.read(say.chat, anna.presses(shown, "No").data) == Pressed(5, "no", 7)
    assert tokens.read(say.chat, anna.presses(shown, "Apply again for Thailand").data) == Pressed(
        5, "apply again TH-4K7Q", 7
    )
    assert shown.keyboard == []


async def test_a_value_too_long_for_a_button_is_copied(say: Post, anna: Person) -> None:
    mended = "Your order of 12 boxes leaves our shop today. Track it: https://example.com/1"
    await say("Without the space?", choices=[(mended, "Use the mended one"), ("x" * 300, "Use the long one")])
    (shown,) = anna.answers
    assert shown.labels == ["📋 Use the mended one"]
    assert anna.copies(shown, "📋 Use the mended one") == mended
    assert shown.text == (
        "Without the space?\n\nA button with 📋 copies its text: paste it here and send it.\n\n"
        "You can also write one of these:\n• Use the long one"
    )


async def test_halves_of_characters_hold_nothing_up(say: Post, anna: Person) -> None:
    await say("Not \ud83d?", choices=[("a\ud83d", "b\ud83d")], progress=(1, 2))
    assert anna.answers[-1].text.startswith("Not �?")
    assert anna.answers[-1].labels == ["b�"]


async def test_a_label_too_long_for_a_phone_is_told_in_full(say: Post, anna: Person) -> None:
    long = "A certificate of incorporation, or an extract of the commercial register, not older than three months"
    await say("Which paper is it?", choices=[("a", long), ("b", "Another")])
    assert anna.answers[-1].text == f"Which paper is it?\n\nIn full:\n• {long}"
    await say(f"Which paper is it?\n1. {long}", choices=[("a", long)])
    assert anna.answers[-1].text == f"Which paper is it?\n1. {long}"


async def test_more_choices_than_buttons_are_written(say: Post, anna: Person) -> None:
    await say("Which?", choices=[(str(number), f"Choice {number}") for number in range(120)])
    (shown,) = anna.answers
    assert len(shown.labels) == 100
    assert "• Choice 100\n" in shown.text and "• Choice 119" in shown.text and "• Choice 99\n" not in shown.text


async def test_a_question_answered_by_typing_brings_the_words_that_always_work(say: Post, anna: Person) -> None:
    await say(
        "Which city?", asks=True, placeholder="Bangkok, or any other of the larger cities of this very country of yours"
    )
    assert anna.answers[-1].keyboard == [["back", "later", "why", "example"], ["status", "list", "person", "help"]]
    markup = anna.answers[-1].markup or {}
    assert markup["resize_keyboard"] is True and not markup.get("is_persistent")
    assert markup["input_field_placeholder"] == "Bangkok, or any other of the larger cities of this very country…"


async def test_a_question_for_a_phone_number_offers_to_share_ones_own(say: Post, anna: Person) -> None:
    await say("Your phone number?", asks=True, wants="phone")
    assert anna.keyboard[0] == [{"text": "Share my phone number", "request_contact": True}]
    await say("Your city?", asks=True)
    assert not any(key.get("request_contact") for row in anna.keyboard for key in row)


async def test_no_keyboard_where_none_belongs(api: BotApi, channel: Telegram, say: Post, anna: Person) -> None:
    await say("Documents: 0 of 2 here", asks=True, slot="checklist:TH-4K7Q")  # it is to be edited
    group = api.group("Desk", [anna])
    group.adds_bot()
    await Post(api, channel, group.id)("Which?", asks=True, wants="phone")
    assert [shown.markup for shown in (*anna.answers, *group.answers)] == [None, None]


# --- editing in place


async def test_one_checklist_is_edited_in_place(say: Post, anna: Person) -> None:
    first = await say("1 of 2", asks=True, slot="checklist:TH-4K7Q")
    again = await say(
        "2 of 2", asks=True, slot="checklist:TH-4K7Q", edits=first.message, choices=[("submit", "Submit")]
    )
    (shown,) = anna.answers
    assert (shown.text, shown.labels, shown.edited, shown.preview_off) == ("2 of 2", ["Submit"], True, True)
    assert again == first


async def test_an_edit_that_changes_nothing_is_done(api: BotApi, say: Post, anna: Person) -> None:
    first = await say("2 of 2", slot="checklist", choices=[("submit", "Submit")])
    assert await say("2 of 2", slot="checklist", choices=[("submit", "Submit")], edits=first.message) == first
    assert [call.words for call in api.refused] and anna.answers[0].labels == ["Submit"]


async def test_an_edit_whose_message_is_not_there_any_more_is_a_new_message(say: Post, anna: Person) -> None:
    first = await say("1 of 2", slot="checklist")
    assert first.message
    anna.deletes(int(first.message))
    second = await say("2 of 2", slot="checklist", edits=first.message)
    assert [shown.text for shown in anna.answers] == ["2 of 2"]
    assert second.message == str(anna.answers[0].id) != first.message
    third = await say("3 of 3", slot="checklist", edits="what another platform calls it")
    assert third.message == str(anna.answers[1].id)


async def test_an_edit_begins_anew_where_it_should_and_where_it_must(say: Post, anna: Person) -> None:
    first = await say("1 of 2", slot="checklist")
    anew = await say("2 of 2", slot="checklist", edits=first.message, anew=True)
    long = await say("word " * 1000, slot="checklist", edits=anew.message)
    assert [shown.text[:6] for shown in anna.answers][:2] == ["1 of 2", "2 of 2"]
    assert len(anna.answers) == 4
    assert not any(shown.edited for shown in anna.answers)
    assert long.message == str(anna.answers[-1].id)


async def test_what_takes_the_place_of_a_message_is_new_and_the_old_one_goes(say: Post, anna: Person) -> None:
    looking = await say("I am looking at your 2 files.", slot="files:1", anew=True)
    again = await say("I see no signature.", slot="files:1", edits=looking.message, replaces=True)
    (shown,) = anna.answers
    assert (shown.text, shown.edited, again.message) == ("I see no signature.", False, str(shown.id))
    assert looking.message
    last = await say("Nor here.", slot="files:1", edits=looking.message, replaces=True)
    assert [one.text for one in anna.answers] == ["I see no signature.", "Nor here."], "it was gone already"
    assert last.message == str(anna.answers[-1].id)


# --- what the platform answers


async def test_a_chat_asked_to_wait_waits_alone(api: BotApi, say: Post) -> None:
    api.refuses("sendMessage", 429, retry_after=7)
    with pytest.raises(TryLater) as later:
        await say()
    assert (later.value.wait, later.value.everyone) == (7.0, False)
    await say()


async def test_several_chats_asked_to_wait_at_once_mean_all(api: BotApi, channel: Telegram) -> None:
    api.refuses("sendMessage", 429, retry_after=3, times=3)
    everyone = []
    for name in ("Anna", "Ben", "Cho"):
        person = api.person(name)
        person.starts()
        with pytest.raises(TryLater) as later:
            await Post(api, channel, person.id)()
        everyone.append(later.value.everyone)
    assert everyone == [False, False, True]


def test_the_wait_may_come_as_a_number_or_a_span(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds(RetryAfter(5)) == 5.0
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    assert seconds(RetryAfter(timedelta(seconds=6))) == 6.0


async def test_who_blocked_us_is_not_written_to_until_they_are_back(
    api: BotApi, channel: Telegram, say: Post, anna: Person
) -> None:
    anna.blocks()
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await say()
        assert refused.value.gone
    assert len(api.calls("sendMessage")) == 1
    anna.unblocks()
    channel.back(say.chat)
    await say("Welcome back.")
    assert [shown.text for shown in anna.answers] == ["Welcome back."]


async def test_a_chat_that_is_not_there_is_gone(api: BotApi, channel: Telegram, anna: Person) -> None:
    stranger = api.person("Stranger")
    group = api.group("Desk", [anna])
    group.adds_bot()
    group.removes_bot()
    anna.deletes_account()
    for chat in (12345, stranger.id, group.id, anna.id):
        with pytest.raises(Refused) as refused:
            await Post(api, channel, chat)()
        assert refused.value.gone


async def test_a_chat_of_another_bot_is_gone_without_asking(api: BotApi, channel: Telegram, say: Post) -> None:
    say.chat = "telegram:1:2"
    with pytest.raises(Refused) as refused:
        await say()
    assert refused.value.gone
    assert api.log == []


async def test_any_other_no_is_a_no_for_this_message_alone(api: BotApi, say: Post) -> None:
    api.refuses("sendMessage", 400)
    with pytest.raises(Refused) as refused:
        await say()
    assert not refused.value.gone
    await say()


async def test_a_group_that_became_a_supergroup_has_moved(api: BotApi, channel: Telegram, anna: Person) -> None:
    group = api.group("Desk", [anna], supergroup=False)
    group.adds_bot()
    old = Post(api, channel, group.id)
    new = group.becomes_supergroup()
    with pytest.raises(Moved) as moved:
        await old()
    assert moved.value.chat == Post(api, channel, new).chat
    await Post(api, channel, new)("Here now.")
    assert group.answers[-1].text == "Here now."


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_trouble_at_the_platform_is_left_to_the_sender(api: BotApi, say: Post, code: int) -> None:
    api.refuses("sendMessage", code)
    with pytest.raises(NetworkError):
        await say()
    await say()


async def test_a_broken_connection_is_left_to_the_sender(api: BotApi, say: Post, anna: Person) -> None:
    api.resets("sendMessage")
    with pytest.raises(NetworkError):
        await say("once")
    api.loses_answer("sendMessage")
    with pytest.raises(NetworkError):
        await say("twice")  # the one unlucky moment
    await say("twice")
    assert [shown.text for shown in anna.answers] == ["twice", "twice"]


async def test_a_token_that_is_refused_stops_everyone_and_stands_nowhere(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wrong = "7123456789:AAwrongwrongwrongwrongwrongwrongwron"
    async with telegram_of(api, token=wrong) as channel:
        with structlog.testing.capture_logs() as logs, pytest.raises(TryLater) as later:
            await Post(api, channel, 5)()
    assert (later.value.wait, later.value.everyone) == (60.0, True)
    assert "TELEGRAM_BOT_TOKEN" in logs[0]["what"]
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")]  # theirs is the server's
    assert "wrongwrong" not in f"{later.value!r} {later.value.__cause__!r} {logs} {ours}"


async def test_the_parts_already_sent_are_not_sent_again(api: BotApi, say: Post, anna: Person) -> None:
    text = "\n\n".join("word " * 700 + "end" for _ in range(3))
    outgoing, rendered = say.message(text, choices=[("yes", "Yes")])
    send_message, calls = say.channel._bot.send_message, 0

    async def breaks_at_the_third(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            api.refuses("sendMessage", 502)
        return await send_message(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(say.channel._bot), "send_message", staticmethod(breaks_at_the_third))
        with pytest.raises(NetworkError):
            await say.channel.send(outgoing, rendered)
    assert len(anna.answers) == 2
    api.refuses("sendMessage", 429, retry_after=1)
    with pytest.raises(TryLater):
        await say.channel.send(outgoing, rendered)
    sent = await say.channel.send(outgoing, rendered)
    assert len(anna.answers) == sent.messages == 3
    assert "\n\n".join(shown.text for shown in anna.answers) == text
    assert [shown.labels for shown in anna.answers] == [[], [], ["Yes"]]
    await say.channel.send(outgoing, rendered)  # a new life of the same row: nothing of it is remembered
    assert len(anna.answers) == 6


# --- pace


def test_the_pace_is_that_of_the_kind_of_chat() -> None:
    channel = Telegram.__new__(Telegram)
    assert channel.pace("telegram:7123456789:5000000001") == PRIVATE
    assert channel.pace("telegram:7123456789:-1002000000001") == GROUP
    assert GROUP.burst + GROUP.rate * 60 <= 20
    assert (Telegram.name, Telegram.overall) == ("telegram", 30.0)
