"""Slack, the way out: what is put before people, and the files they sent, against a workspace on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
from slack_api import SlackApi
from slack_hands import Person
from slack_sdk.web.async_client import AsyncWebClient

from bot import words
from bot.channels import Pace, Refused, Rendered, Sent, TooBig, TryLater, slack_blocks, slack_delivery
from bot.channels import slack as slack_module
from bot.channels.slack import Slack
from bot.channels.slack_errors import Trouble
from bot.channels.tokens import Pressed, Tokens
from bot.words import Catalogs
from conversations.model import Attachment, Choice, Say
from rules.book import Book
from storage.store import Outgoing

KEYS = ("a key that is only for tests and long enough",)
TEXT = "shown"  # the key of whatever a test says
SCOPES = (
    "chat:write", "im:history", "im:read", "im:write", "files:read", "files:write", "users:read", "commands",
    "groups:history",
)  # fmt: skip


@cache
def catalogs() -> Catalogs:
    return Catalogs(words.read(words.OURS), cast(Book, None), strict=True)


@asynccontextmanager
async def slack_of(api: SlackApi, **how: Any) -> AsyncIterator[Slack]:
    values = {"token": api.bot_token, "base_url": api.base_url, "timeout": 2, "retry_handlers": [], **how}
    channel = Slack(AsyncWebClient(**values), Tokens(KEYS), catalogs(), base_url=values["base_url"])
    try:
        yield channel
    finally:
        await channel.close()


class Post:
    """Sends to one chat, numbering what it sends."""

    def __init__(self, api: SlackApi, channel: Slack, where: str) -> None:
        self.api, self.channel, self.where, self.chat = api, channel, where, f"slack:{api.team}:{where}"
        self._last = 0

    async def __call__(self, text: str = "Hello.", **how: Any) -> Sent:
        outgoing, rendered = self.message(text, **how)
        return await self.channel.send(outgoing, rendered)

    def message(
        self, text: str, *, choices: Sequence[tuple[str, str]] = (), files: Sequence[Path | tuple[Path, str]] = (),
        placeholder: str = "", edits: str | None = None, under: str | None = None, id: int | None = None,
        attempts: int = 0, asked: int = 5, registration: int | None = 7, **say: Any,
    ) -> tuple[Outgoing, Rendered]:  # fmt: skip
        """The outbox row and its words."""
        self._last = id if id is not None else self._last + 1
        named = [file if isinstance(file, tuple) else (file, file.name) for file in files]
        sent = tuple((path, name, "application/pdf") for path, name in named)
        said = Say(
            TEXT, choices=tuple(Choice(value, label) for value, label in choices), registration=registration,
            files=tuple(Attachment(str(path), name, kind) for path, name, kind in sent), **say,
        )  # fmt: skip
        now = datetime.fromtimestamp(self.api.clock.now(), UTC)
        outgoing = Outgoing(self._last, self.chat, said, asked, attempts, now, "TH-4K7Q", "en", "UTC", edits, under)
        return outgoing, Rendered(text, tuple(choices), sent, placeholder)


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi(scopes=SCOPES) as api:
        yield api
        api.faults.end()
        assert api.complaints == []


@pytest.fixture
async def channel(api: SlackApi) -> AsyncIterator[Slack]:
    async with slack_of(api) as channel:
        yield channel


@pytest.fixture
def anna(api: SlackApi) -> Person:
    return api.person("Anna")


@pytest.fixture
def say(api: SlackApi, channel: Slack, anna: Person) -> Post:
    return Post(api, channel, anna.dm)


def pdf(path: Path, content: bytes = b"%PDF-1.7 a letter") -> Path:
    path.write_bytes(content)
    return path


# --- texts


async def test_a_text_is_shown_as_it_is_in_blocks_and_in_words(api: SlackApi, say: Post, anna: Person) -> None:
    text = "TH-4K7Q: A & B <b>is</b> <!channel> @here #general &amp; 1 < 2 https://example.com/?a=1&b=2."
    sent = await say(text)
    (shown,) = anna.answers
    assert shown.text == shown.fallback == text
    assert shown.links == [("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2")]
    assert "`TH-4K7Q`" in shown.blocks[0]["text"]["text"]
    assert not shown.unfurls and api.mentions == []
    assert (sent.order, sent.message, sent.messages) == (int(shown.ts.replace(".", "")), shown.ts, 1)
    assert shown.metadata == {
        "event_type": "sender_desk_message",
        "event_payload": {"outbox": 1, "part": "text 1"},
    }


@pytest.mark.parametrize("text", [
    "*ACME* and _Co_", "~no~ `code`", "> a quotation", ":smile: is a word", "```\nthree\n```", "__init__",
    "👩‍👩‍👧 שלום <עולם> مرحبا & 你好", "a\x00b\x07c", "zwj \u200d and \u202e override", "<@U0123ABC> <!here|x> <https://x|y>",
])  # fmt: skip
async def test_nothing_a_text_holds_is_taken_for_markup(api: SlackApi, say: Post, anna: Person, text: str) -> None:
    await say(text, choices=[("a", text), ("b", f"{text} " * 9)])
    (shown,) = anna.answers
    assert shown.text.startswith(text.replace("\x00", "").replace("\x07", ""))
    assert len(shown.labels) == 2 and not shown.mentions and api.refused == []


async def test_half_a_character_holds_nothing_up(say: Post, anna: Person) -> None:
    await say("Not \ud83d?", choices=[("a\ud83d", "b\ud83d")], progress=(1, 2))
    assert anna.answers[-1].text.startswith("Not �?")


async def test_how_far_a_person_is_stands_small_below(say: Post, anna: Person) -> None:
    await say("Which city?", progress=(3, 9), choices=[("skip", "Skip")])
    (shown,) = anna.answers
    assert [block["type"] for block in shown.blocks] == ["section", "context", "actions"]
    assert shown.fallback == "Which city?\n\n3 of 9 answered"


async def test_a_long_text_comes_in_parts_with_the_buttons_below_the_last(say: Post, anna: Person) -> None:
    text = "\n\n".join(f"{number} & " + "word 😀 & < " * 60 + "end" for number in range(14))
    sent = await say(text, choices=[("yes", "Yes")])
    parts = anna.answers
    assert len(parts) == sent.messages > 2
    assert all(len(slack_blocks.escaped(part.fallback)) <= 4000 for part in parts)
    assert "\n\n".join(part.fallback for part in parts) == text
    assert [part.labels for part in parts] == [[]] * (len(parts) - 1) + [["Yes"]]
    assert sent.message == parts[-1].ts


async def test_blocks_that_are_refused_go_as_plain_words(
    api: SlackApi, say: Post, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_blocks, "_shown", lambda text: {"type": "secret", "text": text})
    first = await say("1 < 2", choices=[("yes", "Yes")], slot="checklist")
    await say("2 < 3", choices=[("no", "No")], slot="checklist", edits=first.message)
    api.complaints.clear()
    (shown,) = anna.answers
    assert (shown.text, shown.blocks) == ("2 < 3\n\nYou can also write one of these:\n• No", [])
    assert say.channel._composer.refused == 2


async def test_a_message_refused_in_plain_words_too_is_refused(api: SlackApi, say: Post) -> None:
    api.fails("chat.postMessage", "msg_too_long", times=2)
    with pytest.raises(Refused) as refused:
        await say()
    assert not refused.value.gone
    await say()


async def test_an_empty_message_is_refused(say: Post) -> None:
    with pytest.raises(Refused):
        await say(" \n ")


# --- buttons


async def test_choices_are_buttons_that_say_what_they_were_made_for(say: Post, anna: Person) -> None:
    long = "Your order of 12 boxes leaves our shop today. Track it: https://example.com/1"
    await say("All correct?", choices=[("yes", "Yes"), ("apply again TH-4K7Q", "Apply again"), (long, "Use it")])
    (shown,) = anna.answers
    assert shown.buttons == [["Yes", "Apply again", "Use it"]]
    elements = shown.blocks[-1]["elements"]
    assert [one["action_id"] for one in elements] == ["say:1", "say:2", "say:3"]
    read = [Tokens(KEYS).read(say.chat, one["value"]) for one in elements]
    assert read == [Pressed(5, "yes", 7), Pressed(5, "apply again TH-4K7Q", 7), Pressed(5, long, 7)]


async def test_many_choices_are_a_menu_and_the_rest_is_written(api: SlackApi, say: Post, anna: Person) -> None:
    await say("Which?", choices=[(str(number), f"Choice {number}") for number in range(120)])
    (shown,) = anna.answers
    (options,) = shown.menus.values()
    assert len(options) == 100 and len(shown.labels) == 20
    await say("Which?", choices=[(f"{number:040}", f"Choice {number} {'x' * 90}") for number in range(130)])
    shown = anna.answers[-1]
    assert "You can also write one of these:\n• Choice " in "".join(one.text for one in anna.answers[1:])
    assert api.refused == []


async def test_a_label_too_long_is_told_in_full(say: Post, anna: Person) -> None:
    long = "A certificate of incorporation, or an extract of the commercial register, not older than three months"
    await say("Which paper is it?", choices=[("a", long), ("b", "Another")])
    (shown,) = anna.answers
    assert shown.text.startswith(f"Which paper is it?\n\nIn full:\n• {long}")
    assert len(shown.labels[0]) <= 75 and shown.labels[0].endswith("…")


async def test_all_countries_stand_in_a_menu_beside_the_likely_ones(say: Post, anna: Person) -> None:
    await say(
        "Where?", choices=[("TH", "Thailand")], asks=True, wants="country", placeholder="Type it", registration=None
    )
    (shown,) = anna.answers
    assert shown.labels == ["Thailand"] and "Type it" in shown.menus
    actions = shown.blocks[-1]
    assert actions["elements"][-2] == {
        "type": "external_select", "action_id": "country", "min_query_length": 0,
        "placeholder": {"type": "plain_text", "text": "Type it", "emoji": False},
    }  # fmt: skip
    assert Tokens(KEYS).read(say.chat, actions["block_id"]) == Pressed(5, "country", None)


async def test_a_question_may_be_answered_in_a_form(api: SlackApi, channel: Slack, say: Post, anna: Person) -> None:
    await say("Which city?", asks=True, wants="text")
    (shown,) = anna.answers
    form, always = shown.blocks[-1]["elements"]
    assert [one["text"]["text"] for one in always["options"]] == ["back", "later", "why", "example", "help"]
    for option in always["options"]:
        assert Tokens(KEYS).read(say.chat, option["value"]) == Pressed(5, option["text"]["text"], 7)
    assert (form["action_id"], shown.labels) == ("form", ["Answer these as one form"])
    assert Tokens(KEYS).read(say.chat, form["value"]) == Pressed(5, "form", 7)
    desk = api.channel("desk", [anna])
    await Post(api, channel, desk.id)("Which city?", asks=True, wants="text")
    assert desk.answers[-1].labels == []


async def test_a_done_question_loses_its_buttons(api: SlackApi, say: Post, anna: Person) -> None:
    await say("Yes or no?", choices=[("yes", "Yes")], asks=True, progress=(1, 3))
    await say("By the way.", choices=[("list", "My registrations")])
    assert [shown.labels for shown in anna.answers] == [["Yes"], ["My registrations"]]
    await say("And now?", choices=[("no", "No")], asks=True, asked=6)
    assert [shown.labels for shown in anna.answers] == [[], ["My registrations"], ["No"]]
    assert anna.answers[0].fallback == "Yes or no?\n\n1 of 3 answered"
    api.refuses("chat.update", 500)
    await say("Next?", choices=[("no", "No")], asks=True, asked=7)  # a courtesy fails alone
    await say("Done.", asked=8)
    assert [shown.labels for shown in anna.answers] == [[], ["My registrations"], ["No"], [], []]


async def test_buttons_somebody_else_took_off_are_left_alone(api: SlackApi, say: Post, anna: Person) -> None:
    sent = await say("Yes or no?", choices=[("yes", "Yes")], asks=True)
    say.channel.undressed(say.chat, str(sent.message))
    await say("And now?", asks=True, asked=6)
    assert api.calls("chat.update") == []


async def test_taking_buttons_off_leaves_calls_for_what_matters(
    api: SlackApi, say: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.pace.off()
    for number in range(25):
        await say("Yes?", choices=[("yes", "Yes")], asks=True, asked=number)
    assert len(api.calls("chat.update")) == slack_module.UNDRESSED_A_MINUTE


# --- editing in place


async def test_one_checklist_is_edited_in_place(say: Post, anna: Person) -> None:
    first = await say("1 of 2", asks=True, slot="checklist:TH-4K7Q", choices=[("a", "A")])
    again = await say("2 of 2", asks=True, slot="checklist:TH-4K7Q", edits=first.message, choices=[("b", "B")], asked=6)
    (shown,) = anna.answers
    assert (shown.text, shown.labels, shown.edited) == ("2 of 2", ["B"], True)
    assert again == first


@pytest.mark.parametrize("edits", ["17", "1700000000.000100"])
async def test_an_edit_whose_message_is_not_there_is_a_new_message(say: Post, anna: Person, edits: str) -> None:
    sent = await say("2 of 2", slot="checklist", edits=edits)
    (shown,) = anna.answers
    assert (shown.text, sent.message) == ("2 of 2", shown.ts)


async def test_an_edit_begins_anew_where_it_should_and_where_it_must(say: Post, anna: Person) -> None:
    first = await say("1 of 2", slot="checklist")
    anew = await say("2 of 2", slot="checklist", edits=first.message, anew=True)
    await say("word " * 2000, slot="checklist", edits=anew.message)
    assert len(anna.answers) > 3 and not any(shown.edited for shown in anna.answers)


async def test_what_takes_the_place_of_a_message_is_new_and_the_old_one_goes(say: Post, anna: Person) -> None:
    looking = await say("I am looking at your 2 files.", slot="files:1", anew=True)
    again = await say("I see no signature.", slot="files:1", edits=looking.message, replaces=True)
    (shown,) = anna.answers
    assert (shown.text, shown.edited, again.message) == ("I see no signature.", False, shown.ts)
    await say("Nor here.", slot="files:1", edits=looking.message, replaces=True)
    assert [one.text for one in anna.answers] == ["I see no signature.", "Nor here."], "it was gone already"


async def test_news_stand_in_the_thread_of_their_card(api: SlackApi, channel: Slack, anna: Person) -> None:
    desk = api.channel("desk", [anna], private=True)
    post = Post(api, channel, desk.id)
    card = await post("TH-4K7Q Thailand", slot="case:TH-4K7Q", choices=[("take TH-4K7Q", "Take it")])
    await post("Papers came.", under=card.message)
    await post("TH-4K7Q taken", slot="case:TH-4K7Q", edits=card.message)
    assert [(shown.text, shown.thread) for shown in desk.answers] == [
        ("TH-4K7Q taken", None), ("Papers came.", card.message),
    ]  # fmt: skip


async def test_news_of_a_card_that_is_gone_stand_alone(api: SlackApi, channel: Slack, anna: Person) -> None:
    desk = api.channel("desk", [anna], private=True)
    post = Post(api, channel, desk.id)
    card = await post("TH-4K7Q Thailand", slot="case:TH-4K7Q")
    api.fails("chat.postMessage", "cannot_reply_to_message")
    await post("Papers came.", under=card.message)
    assert [(shown.text, shown.thread) for shown in desk.answers][1] == ("Papers came.", None)


# --- once


async def test_what_arrived_though_nobody_said_so_is_not_said_again(api: SlackApi, say: Post, anna: Person) -> None:
    text = "\n\n".join("word " * 700 for _ in range(3))
    outgoing, rendered = say.message(text, choices=[("yes", "Yes")])
    api.loses_answer("chat.postMessage")
    for _ in range(3):
        with pytest.raises(Trouble):
            await say.channel.send(outgoing, rendered)
        api.loses_answer("chat.postMessage")
    api.faults.end()
    sent = await say.channel.send(outgoing, rendered)
    assert len(anna.answers) == 3 and sent.message == anna.answers[-1].ts


async def test_after_a_restart_too(api: SlackApi, say: Post, anna: Person) -> None:
    outgoing, rendered = say.message("Once.", id=9)
    await say.channel.send(outgoing, rendered)
    async with slack_of(api) as another:
        outgoing, rendered = say.message("Once.", id=9, attempts=1)
        sent = await another.send(outgoing, rendered)
        assert len(anna.answers) == 1 and sent.message == anna.answers[0].ts
        outgoing, rendered = say.message("Another.", id=10, attempts=1)
        await another.send(outgoing, rendered)
    assert len(anna.answers) == 2


async def test_in_a_thread_too(api: SlackApi, channel: Slack, anna: Person) -> None:
    desk = api.channel("desk", [anna], private=True)
    post = Post(api, channel, desk.id)
    card = await post("A card", slot="case:TH-4K7Q")
    outgoing, rendered = post.message("News.", under=card.message)
    api.loses_answer("chat.postMessage")
    with pytest.raises(Trouble):
        await channel.send(outgoing, rendered)
    await channel.send(outgoing, rendered)
    assert [shown.text for shown in desk.answers] == ["A card", "News."]


async def test_where_nobody_may_look_it_is_said_again(api: SlackApi, channel: Slack, anna: Person) -> None:
    hall = api.channel("hall", [anna])  # public, and no scope channels:history
    post = Post(api, channel, hall.id)
    await post("Twice.", attempts=1)
    assert len(hall.answers) == 1


async def test_a_wait_needs_no_look(api: SlackApi, say: Post) -> None:
    outgoing, rendered = say.message("Once.", attempts=1)
    api.refuses("chat.postMessage", 429, retry_after=7)
    for expected in (TryLater, None):
        try:
            await say.channel.send(outgoing, rendered)
        except Exception as error:
            assert expected is not None and isinstance(error, expected)
    assert len(api.calls("conversations.history")) == 1


# --- what the platform answers


async def test_a_chat_asked_to_wait_waits_alone(api: SlackApi, say: Post) -> None:
    api.refuses("chat.postMessage", 429, retry_after=7)
    with pytest.raises(TryLater) as later:
        await say()
    assert (later.value.wait, later.value.everyone) == (7.0, False)
    await say()


async def test_several_chats_asked_to_wait_at_once_mean_all(api: SlackApi, channel: Slack) -> None:
    api.refuses("chat.postMessage", 429, retry_after=3, times=3)
    everyone = []
    for name in ("Anna", "Ben", "Cho"):
        with pytest.raises(TryLater) as later:
            await Post(api, channel, api.person(name).dm)()
        everyone.append(later.value.everyone)
    assert everyone == [False, False, True]


@pytest.mark.parametrize(
    "error", ["channel_not_found", "is_archived", "not_in_channel", "user_disabled", "cannot_dm_bot"]
)
async def test_a_chat_that_is_closed_is_gone(api: SlackApi, say: Post, error: str) -> None:
    api.fails("chat.postMessage", error)
    with pytest.raises(Refused) as refused:
        await say()
    assert refused.value.gone


async def test_a_chat_of_another_workspace_is_gone_without_asking(api: SlackApi, say: Post, tmp_path: Path) -> None:
    say.channel.team, say.chat = api.team, "slack:T0OTHER:D1"
    with pytest.raises(Refused) as refused:
        await say()
    assert refused.value.gone
    with pytest.raises(Refused):
        await say.channel.download("slack:T0OTHER:F1", tmp_path / "file", 10)
    assert api.log == []


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "messages_tab_disabled"])
async def test_what_an_operator_must_mend_stops_everyone(api: SlackApi, say: Post, error: str) -> None:
    api.fails("chat.postMessage", error)
    with structlog.testing.capture_logs() as logs, pytest.raises(TryLater) as later:
        await say()
    assert (later.value.wait, later.value.everyone, logs[0]["log_level"]) == (900.0, True, "error")


async def test_a_missing_scope_is_named(api: SlackApi, say: Post) -> None:
    api.app.scopes.remove("chat:write")
    with structlog.testing.capture_logs() as logs, pytest.raises(TryLater):
        await say()
    assert "SLACK_BOT_TOKEN lacks the scope chat:write" in logs[0]["what"]


async def test_trouble_at_the_platform_is_left_to_the_sender(api: SlackApi, say: Post, anna: Person) -> None:
    api.refuses("chat.postMessage", 500)
    with pytest.raises(Trouble):
        await say()
    api.fails("chat.postMessage", "internal_error")
    with pytest.raises(Trouble):
        await say()
    api.resets("chat.postMessage")
    with pytest.raises(Trouble):
        await say()
    api.slows("chat.postMessage", 1.0)
    with pytest.raises((Trouble, TimeoutError)):
        async with asyncio.timeout(0.3):
            await say("once", id=77)
    await say("once", id=77)
    assert [shown.text for shown in anna.answers] == ["once"]


async def test_a_token_stands_in_no_error_and_no_log(
    api: SlackApi, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with slack_of(api, token="xoxb-wrongwrong") as channel:
        with structlog.testing.capture_logs() as logs, pytest.raises(TryLater) as later:
            await Post(api, channel, anna.dm)()
        assert later.value.everyone and "SLACK_BOT_TOKEN" in logs[0]["what"]
        assert later.value.__cause__ is None and later.value.__suppress_context__
        api.refuses("chat.postMessage", 500)
        with pytest.raises(Trouble) as trouble:
            await Post(api, channel, anna.dm)()
    ours = [one.getMessage() for one in caplog.records]
    assert "wrongwrong" not in f"{later.value!r} {trouble.value!r} {logs} {ours}"


# --- files out


async def test_letters_come_before_their_words(api: SlackApi, say: Post, anna: Person, tmp_path: Path) -> None:
    one, two = pdf(tmp_path / "a.pdf"), pdf(tmp_path / "b.pdf", b"%PDF-1.7 another")
    sent = await say("Please sign.", files=[(one, "TH-4K7Q-letter-v1.pdf"), (two, "b.pdf")], choices=[("done", "Done")])
    letters, text = anna.answers
    assert letters.files == [("TH-4K7Q-letter-v1.pdf", b"%PDF-1.7 a letter"), ("b.pdf", b"%PDF-1.7 another")]
    assert (text.text, text.labels, sent.message) == ("Please sign.", ["Done"], text.ts)
    line = next(call for call in api.calls("chat.postMessage") if "Uploading 2 files" in call.parameters["text"])
    assert line.answer["ts"] == api.calls("chat.delete")[0].parameters["ts"]


async def test_one_small_letter_needs_no_line(api: SlackApi, say: Post, anna: Person, tmp_path: Path) -> None:
    await say("Please sign.", files=[pdf(tmp_path / "a.pdf")])
    assert len(anna.answers) == 2 and api.calls("chat.delete") == []
    await say("And this.", files=[pdf(tmp_path / "b.pdf", bytes(1_000_001))])
    assert len(anna.answers) == 4 and len(api.calls("chat.delete")) == 1


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_file_the_workspace_forbids_is_left_out_and_said_so(
    api: SlackApi, say: Post, anna: Person, tmp_path: Path, method: str
) -> None:
    api.fails(method, "file_uploads_disabled", times=None)
    with structlog.testing.capture_logs() as logs:
        await say("Please sign.", files=[pdf(tmp_path / "a.pdf")])
    (shown,) = anna.answers
    assert shown.text == 'Please sign.\n\nOne file could not be attached here. Write "person" if you need it.'
    assert [line["event"] for line in logs] == ["file_not_sent"]


async def test_files_that_are_not_there_or_empty_are_left_out(say: Post, anna: Person, tmp_path: Path) -> None:
    with structlog.testing.capture_logs():
        await say("Two.", files=[tmp_path / "none.pdf", pdf(tmp_path / "empty.pdf", b""), pdf(tmp_path / "a.pdf")])
    assert "2 files could not be attached" in anna.answers[-1].text
    assert [len(shown.files) for shown in anna.answers] == [1, 0]


@pytest.mark.parametrize(("fault", "method"), [
    ("loses_answer", "files.completeUploadExternal"), ("resets", "upload"), ("loses_answer", "upload"),
    ("resets", "files.completeUploadExternal"), ("loses_answer", "chat.postMessage"),
])  # fmt: skip
@pytest.mark.parametrize("restart", [False, True])
async def test_letters_come_once(
    api: SlackApi, say: Post, anna: Person, tmp_path: Path, fault: str, method: str, restart: bool
) -> None:
    files = [pdf(tmp_path / "a.pdf"), pdf(tmp_path / "b.pdf")]
    getattr(api, fault)(method)
    with pytest.raises(Trouble):
        await say("Please sign.", files=files, id=3)
    async with slack_of(api) as another:
        channel = another if restart else say.channel
        outgoing, rendered = say.message("Please sign.", files=files, id=3, attempts=1)
        await channel.send(outgoing, rendered)
    assert [(len(shown.files), shown.text) for shown in anna.answers] == [(2, ""), (0, "Please sign.")]


async def test_a_file_may_have_any_name(api: SlackApi, say: Post, anna: Person, tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf")
    await say("Odd.", files=[(path, "ใบอนุญาต <&> 😀.pdf"), (path, "x" * 400 + ".pdf")])
    assert [len(name) for name, _ in anna.answers[0].files] == [18, 200]
    assert api.refused == []


# --- files in


async def test_a_file_is_fetched(api: SlackApi, channel: Slack, anna: Person, tmp_path: Path) -> None:
    file = anna.file_of(anna.sends_files([("letter.pdf", b"%PDF-1.7 signed")]))
    await channel.download(f"slack:{api.team}:{file.id}", tmp_path / "file", 100)
    assert (tmp_path / "file").read_bytes() == b"%PDF-1.7 signed"
    with pytest.raises(TooBig):
        await channel.download(f"slack:{api.team}:{file.id}", tmp_path / "other", 5)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


async def test_the_page_to_sign_in_is_no_file(api: SlackApi, channel: Slack, anna: Person, tmp_path: Path) -> None:
    file = anna.file_of(anna.sends_files([("letter.pdf", b"%PDF-1.7 signed")]))
    file_info = channel._client.files_info

    async def then_loses_the_scope(**how: Any) -> Any:
        answer = await file_info(**how)
        api.app.scopes.remove("files:read")
        return answer

    channel._client.files_info = then_loses_the_scope  # type: ignore[method-assign]
    with structlog.testing.capture_logs() as logs, pytest.raises(Refused):
        await channel.download(f"slack:{api.team}:{file.id}", tmp_path / "file", 100)
    assert "files:read" in logs[0]["what"] and list(tmp_path.iterdir()) == []
    api.complaints.clear()


async def test_a_token_goes_to_no_other_host(api: SlackApi, channel: Slack, anna: Person, tmp_path: Path) -> None:
    file = anna.file_of(anna.sends_files([("letter.pdf", b"%PDF-1.7 signed")]))
    for address in (
        "https://evil.example/x", "http://files.slack.com/x", "https://slack.com.evil.example/x", "//evil.example/x",
        "https://files.slack.com:8443/x", "https://slack.com@evil.example/x", "https://evilslack.com/x",
    ):  # fmt: skip
        api.requests.file_redirect = address
        with pytest.raises(Refused, match="another host"):
            await channel.download(f"slack:{api.team}:{file.id}", tmp_path / "file", 100)


async def test_what_has_no_content_is_refused(api: SlackApi, channel: Slack, anna: Person, tmp_path: Path) -> None:
    file = anna.file_of(anna.sends_files([("letter.pdf", b"%PDF-1.7 signed")]))
    ref, into = f"slack:{api.team}:{file.id}", tmp_path / "file"
    file.external = True
    with pytest.raises(Refused, match="no content"):
        await channel.download(ref, into, 100)
    file.external, file.stub = False, True
    await channel.download(ref, into, 100)  # its stub had no address, asked by its id it has one
    file.deleted = True
    with pytest.raises(Refused):
        await channel.download(ref, into, 100)
    with pytest.raises(Refused):
        await channel.download(f"slack:{api.team}:F0NONE", into, 100)


async def test_a_download_may_be_put_off(api: SlackApi, channel: Slack, anna: Person, tmp_path: Path) -> None:
    file = anna.file_of(anna.sends_files([("letter.pdf", b"%PDF-1.7 signed")]))
    ref, into = f"slack:{api.team}:{file.id}", tmp_path / "file"
    for code, kind in ((429, TryLater), (503, Trouble), (404, Refused)):
        api.refuses("download", code)
        with pytest.raises(kind):
            await channel.download(ref, into, 100)
    api.resets("download", times=2)  # a connection kept open is allowed one, of a GET
    with pytest.raises(Trouble):
        await channel.download(ref, into, 100)
    api.refuses("files.info", 429, retry_after=4)
    with pytest.raises(TryLater) as later:
        await channel.download(ref, into, 100)
    assert later.value.wait == 4.0
    await channel.download(ref, into, 100)


# --- pace


def test_the_pace_is_about_one_a_second() -> None:
    assert Slack.__new__(Slack).pace("slack:T1:D1") == Pace(1.0, 6)
    assert (Slack.name, Slack.overall) == ("slack", 6.0)
    assert slack_delivery.LOOK_BACK <= 100
