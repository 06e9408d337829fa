"""The test server that stands for Telegram, seen through python-telegram-bot: it refuses what Telegram refuses."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from bot_api import BotApi
from bot_client import Hook, button, buttons, client, picture, raw, refused, updates
from bot_people import Person
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")  # of retry_after


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def anna(api: BotApi) -> Person:
    """Somebody who has started the bot and whose /start was read."""
    anna = api.person("Anna", language="en")
    anna.starts()
    api.updates.drop_all()
    return anna


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with client(api) as bot:
        yield bot


# --- texts


REFUSED_TEXTS = [
    ("   ", None, "Text must be non-empty"),
    ("x" * 4097, None, "Message is too long"),
    ("😀" * 2049, None, "Message is too long"),
    ("<b>open", "HTML", 'Can\'t parse entities: can\'t find end tag corresponding to start tag "b"'),
    ("<p>x</p>", "HTML", 'Can\'t parse entities: unsupported start tag "p" at byte offset 0'),
    ("ü<br/>", "HTML", 'Can\'t parse entities: unsupported start tag "br/" at byte offset 2'),
    ("<b><i>test</b></i>", "HTML", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
    ("x</b>", "HTML", "Can't parse entities: unexpected end tag at byte offset 1"),
    ("1 < 2", "HTML", 'Can\'t parse entities: unsupported start tag "" at byte offset 2'),
    ("1 <2", "HTML", "Can't parse entities: unclosed start tag at byte offset 2"),
    ("<span>x</span>", "HTML", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("x", "XML", "Unsupported parse_mode"),
]  # fmt: skip


async def test_a_text_is_refused_in_telegrams_words(api: BotApi, bot: Bot, anna: Person) -> None:
    for text, mode, words in REFUSED_TEXTS:
        with refused(words):
            await bot.send_message(anna.id, text, parse_mode=mode)
    assert (await raw(api, "sendMessage", chat_id=anna.id, text=""))[
        "description"
    ] == "Bad Request: message text is empty"
    assert not anna.answers
    assert not api.complaints


async def test_html_becomes_plain_text_and_entities(bot: Bot, anna: Person) -> None:
    html = '  <b>Ok</b> 😀 <a href="https://example.org/a?b=1&amp;c">site</a> &lt;x&gt; <code>BRAND</code>\n'
    sent = await bot.send_message(anna.id, html, parse_mode="HTML")
    assert sent.text == "Ok 😀 site <x> BRAND"
    assert sent.parse_entities(["bold", "code"]) == {sent.entities[0]: "Ok", sent.entities[2]: "BRAND"}
    assert sent.entities[1].url == "https://example.org/a?b=1&c"
    assert anna.answers[0].html == html.strip()


async def test_entities_must_lie_in_the_text(bot: Bot, anna: Person) -> None:
    for offset, length, words in [(9, 1, "begins after the end of the text"), (0, 9, "ends after the end of the text")]:
        with refused(words):
            await bot.send_message(anna.id, "hello", entities=[MessageEntity("bold", offset, length)])
    await bot.send_message(anna.id, "hello", entities=[MessageEntity("bold", 0, 5)])
    assert anna.answers[-1].html == "<b>hello</b>"


async def test_what_telegram_passes_over_in_silence_is_a_complaint(api: BotApi, bot: Bot, anna: Person) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(anna.id, "&nbsp;", parse_mode="HTML")
    with pytest.raises(BadRequest):
        await bot.send_message(anna.id, "x", api_kwargs={"parsemode": "HTML"})
    with pytest.raises(BadRequest):
        await bot.send_message(anna.id, "<b>x</b>" * 101, parse_mode="HTML")
    with pytest.raises(BadRequest):
        await bot.send_message(anna.id, "x", reply_markup=buttons(["a"]).to_dict() | {"keyboard": [["a"]]})  # type: ignore[arg-type]
    assert (await raw(api, "sendMesage", chat_id=1))["error_code"] == 404
    assert len(api.complaints) == 5


async def test_a_wrong_token_is_nobody(api: BotApi) -> None:
    with pytest.raises(InvalidToken):
        await client(api, "7123456789:wrong").get_me()


# --- buttons


REFUSED_BUTTONS: list[tuple[Any, str]] = [
    (buttons([button("x", "ไทย" * 8)]), "Button_data_invalid"),
    (buttons([*"123456789"]), "Reply_markup_too_long"),
    (buttons(*([*"12345678"] for _ in range(13))), "Reply_markup_too_long"),
    (buttons([button(" ", "x")]), "must be non-empty"),
    (buttons([button("x", copy_text=CopyTextButton("y" * 257))]), "Button_copy_text_invalid"),
    (buttons([InlineKeyboardButton("x")]), "Text buttons are unallowed in the inline keyboard"),
    (buttons([button("x", url="http://localhost/x")]), "is invalid: Wrong HTTP URL"),
    (buttons([button("x", url="ftp://example.org")]), "Unsupported URL protocol"),
    (ForceReply(input_field_placeholder="x" * 65), "1-64"),
]  # fmt: skip


async def test_a_keyboard_is_refused_in_telegrams_words(api: BotApi, bot: Bot, anna: Person) -> None:
    for markup, words in REFUSED_BUTTONS:
        with refused(words):
            await bot.send_message(anna.id, "x", reply_markup=markup)
    fits = buttons([button("y", "x" * 64), button("z", copy_text=CopyTextButton("c" * 256))], [button("w", url="https://example.org")])  # fmt: skip
    await bot.send_message(anna.id, "x", reply_markup=fits)
    assert anna.answers[0].buttons == [["y", "z"], ["w"]]
    assert anna.copies(anna.answers[0], "z") == "c" * 256
    assert anna.opens(anna.answers[0], "w") == "https://example.org"
    assert not api.complaints


async def test_a_press_is_answered_once_and_soon(api: BotApi, bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "Sure?", reply_markup=buttons(["Yes", "No"]))
    anna.presses(sent.message_id, "Yes")
    [update] = await updates(bot)
    query = update.callback_query
    assert query and query.data == "Yes" and query.message == sent
    assert len(api.unanswered_presses) == 1
    with refused("Message_too_long"):
        await query.answer("x" * 201)
    await query.answer("Noted", show_alert=True)
    assert [notice["text"] for notice in anna.notices] == ["Noted"]
    with refused("Query is too old and response timeout expired or query id is invalid"):
        await query.answer()
    late = anna.presses(None, "No")
    assert not isinstance(late, int)
    api.clock.passes(16)
    with refused("Query is too old"):
        await bot.answer_callback_query(late.id)
    assert api.unanswered_presses == [late]


async def test_a_tampered_client_sends_any_data_for_any_message(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "Sure?", reply_markup=buttons(["Yes"]))
    anna.deletes(sent.message_id)
    anna.presses_data(sent.message_id, "approve everything")
    [update] = await updates(bot)
    assert update.callback_query and update.callback_query.data == "approve everything"
    assert update.callback_query.message and not update.callback_query.message.is_accessible
    with pytest.raises(AssertionError, match=r"no button \[Maybe\]"):
        anna.presses(None, "Maybe")


async def test_keys_type_their_label_or_share_the_contact(bot: Bot, anna: Person) -> None:
    keys = ReplyKeyboardMarkup([["Later", KeyboardButton("My number", request_contact=True)]], input_field_placeholder="Phone")  # fmt: skip
    await bot.send_message(anna.id, "Your phone?", reply_markup=keys)
    anna.presses(None, "Later")
    anna.presses(None, "My number")
    later, contact = [update.message for update in await updates(bot)]
    assert later and later.text == "Later"
    assert contact and contact.contact and contact.contact.user_id == anna.id
    assert contact.contact.phone_number == anna.phone
    await bot.send_message(anna.id, "Thanks", reply_markup=ReplyKeyboardRemove())
    assert anna.keyboard == []


# --- changing and taking away


async def test_an_edit_is_seen_and_the_same_again_is_refused(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "one", reply_markup=buttons(["a"]))
    with refused("Message is not modified: specified new message content"):
        await sent.edit_text("one", reply_markup=buttons(["a"]))
    await sent.edit_text("<i>two</i>", parse_mode="HTML")
    [shown] = anna.answers
    assert (shown.html, shown.buttons, shown.edited) == ("<i>two</i>", [], True)
    await sent.edit_reply_markup(buttons(["b"]))
    assert anna.answers[0].labels == ["b"]
    with refused("Message is not modified"):
        await sent.edit_reply_markup(buttons(["b"]))


async def test_only_its_own_messages_that_are_there_can_be_edited(bot: Bot, anna: Person) -> None:
    keys = await bot.send_message(anna.id, "keys", reply_markup=ReplyKeyboardMarkup([["a"]]))
    paper = await bot.send_document(anna.id, b"%PDF", filename="a.pdf", caption="letter")
    for message_id, words in [
        (anna.types("mine"), "Message can't be edited"), (999_999, "Message to edit not found"),
        (keys.message_id, "Message can't be edited"), (paper.message_id, "There is no text in the message to edit"),
    ]:  # fmt: skip
        with refused(words):
            await bot.edit_message_text("x", anna.id, message_id)
    await paper.edit_caption("signed letter")
    assert anna.answers[-1].text == "signed letter"


async def test_messages_are_deleted_for_two_days(api: BotApi, bot: Bot, anna: Person) -> None:
    scan, sent = anna.types("my passport number"), await bot.send_message(anna.id, "Kept")
    assert await bot.delete_message(anna.id, scan)
    with refused("Message to delete not found"):
        await bot.delete_message(anna.id, scan)
    assert [message.text for message in anna.sees] == ["/start", "Kept"]
    api.clock.passes(48 * 3600 + 1)
    with refused("Message can't be deleted for everyone"):
        await sent.delete()


async def test_a_reply_needs_its_message(bot: Bot, anna: Person) -> None:
    question = await bot.send_message(anna.id, "Name?")
    with refused("Message to be replied not found"):
        await bot.send_message(anna.id, "x", reply_parameters=ReplyParameters(999_999))
    await bot.send_message(anna.id, "x", reply_parameters=ReplyParameters(999_999, allow_sending_without_reply=True))
    anna.types("Bakery", reply_to=question.message_id)
    [update] = await updates(bot)
    assert update.message and update.message.reply_to_message == question
    await bot.send_message(anna.id, "Noted", reply_parameters=ReplyParameters(update.message.message_id))
    assert anna.answers[-1].reply_to == update.message.message_id


async def test_how_it_was_sent_is_seen(bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "https://example.org", link_preview_options=LinkPreviewOptions(is_disabled=True), protect_content=True)  # fmt: skip
    assert anna.answers[0].protected and anna.answers[0].preview_off


# --- people


async def test_a_bot_cannot_write_first_nor_to_who_blocked_it(api: BotApi, bot: Bot) -> None:
    anna = api.person("Anna")
    assert anna.id > 2**32
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(anna.id, "Hello")
    with refused("Chat not found"):
        await bot.send_message(anna.id + 1, "Hello")
    anna.starts("abc_-1")
    anna.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_chat_action(anna.id, "typing")
    anna.unblocks()
    started, blocked, unblocked = await updates(bot)
    assert started.message and started.message.text == "/start abc_-1"
    assert blocked.my_chat_member and blocked.my_chat_member.new_chat_member.status == "kicked"
    assert unblocked.my_chat_member and unblocked.my_chat_member.new_chat_member.status == "member"
    anna.deletes_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(anna.id, "Hello")
    with pytest.raises(AssertionError, match="no client opens a link"):
        anna.starts("a b")


async def test_everything_a_person_sends_can_be_read(bot: Bot, anna: Person) -> None:
    typed = anna.types("see acme.com or mail a@b.co")
    anna.edits(typed, "Kenya")
    anna.shares_contact("+254700000001", own=False)
    anna.sends_voice()
    anna.sends_sticker()
    anna.sends_raw({"location": {"latitude": 1.5, "longitude": 2.5}})
    new, edited, contact, voice, sticker, location = await updates(bot)
    assert new.message and [entity.type for entity in new.message.entities] == ["url", "email"]
    assert edited.edited_message and edited.edited_message.text == "Kenya"
    assert edited.edited_message.message_id == typed and edited.edited_message.edit_date
    assert contact.message and contact.message.contact and contact.message.contact.user_id is None
    assert voice.message and voice.message.voice
    assert sticker.message and sticker.message.sticker
    assert location.message and location.message.location
    assert [shown.text for shown in anna.sees][:2] == ["/start", "Kenya"]


async def test_the_menu_is_the_nearest_that_was_set(api: BotApi, bot: Bot, anna: Person) -> None:
    help_, status = BotCommand("help", "Help"), BotCommand("status", "Where it stands")
    await bot.set_my_commands([help_])
    await bot.set_my_commands([help_, status], BotCommandScopeAllPrivateChats())
    assert api.menu_of(anna) == ["help", "status"]
    await bot.set_my_commands([status], BotCommandScopeChat(anna.id), language_code="en")
    assert api.menu_of(anna) == ["status"]
    assert await bot.get_my_commands(BotCommandScopeAllPrivateChats()) == (help_, status)
    await bot.delete_my_commands(BotCommandScopeChat(anna.id), language_code="en")
    assert api.menu_of(anna) == ["help", "status"]
    for command, words in [
        (BotCommand("Help", "x"), "Bot_command_invalid"), (BotCommand("h" * 33, "x"), "must not exceed 32"),
        (BotCommand("help", "x" * 257), "must not exceed 256"), (BotCommand("help", ""), "must be non-empty"),
    ]:  # fmt: skip
        with refused(words):
            await bot.set_my_commands([command])
    with refused("Bot_commands_too_much"):
        await bot.set_my_commands([help_] * 101)
    with refused("too long"):
        await bot.set_my_short_description("x" * 121)


# --- files


async def test_a_photo_is_recompressed_and_a_document_is_not(bot: Bot, anna: Person) -> None:
    original = picture(2000, 1500)
    anna.sends_photo(original, caption="licence")
    anna.sends_photo(original, hd=True)
    anna.sends_document(original, "licence.jpg", caption="licence")
    anna.sends_document(b"?", name="", mime="")
    photo, hd, document, bare = [update.message for update in await updates(bot)]
    assert photo and [max(s.width, s.height) for s in photo.photo] == [90, 320, 800, 1280]
    assert hd and hd.photo[-1].width == 2000
    assert photo.caption == "licence"
    received = await (await photo.photo[-1].get_file()).download_as_bytearray()
    assert Image.open(io.BytesIO(received)).size == (1280, 960)
    assert not Image.open(io.BytesIO(received)).getexif()
    assert document and document.document and document.document.file_name == "licence.jpg"
    assert await (await document.document.get_file()).download_as_bytearray() == original
    assert bare and bare.document and bare.document.file_name is None and bare.document.mime_type is None


async def test_a_link_is_good_for_an_hour(api: BotApi, bot: Bot, anna: Person) -> None:
    anna.sends_document(b"%PDF", "a.pdf")
    anna.sends_document(b"0" * (20 * 1024 * 1024 + 1), "big.pdf")
    small, big = [update.message.document for update in await updates(bot) if update.message]
    assert small and big
    file = await small.get_file()
    api.clock.passes(3601)
    with pytest.raises(InvalidToken):  # the client's word for a 404
        await file.download_as_bytearray()
    file = await small.get_file()
    assert await file.download_as_bytearray() == b"%PDF"
    api.expire_links()
    with pytest.raises(InvalidToken):
        await file.download_as_bytearray()
    with refused("File is too big"):
        await big.get_file()
    with refused("Invalid file_id"):
        await bot.get_file("nothing")


async def test_an_album_is_an_update_an_item(bot: Bot, anna: Person) -> None:
    pages = [picture(400 + i, 300) for i in range(3)]
    album = anna.sends_album(pages, caption="signed", order=[2, 0, 1], late=[1])
    first = [update.message for update in await updates(bot) if update.message]
    assert [message.message_id for message in first] == [album.ids[2], album.ids[0]]
    assert [message.caption for message in first] == [None, "signed"]
    album.late_ones_come()
    every = [update.message for update in await updates(bot) if update.message]
    assert len(every) == 3 and len({message.media_group_id for message in every}) == 1


async def test_what_the_bot_sends_is_received_whole(bot: Bot, anna: Person) -> None:
    letter = b"%PDF-1.7 letter"
    await bot.send_document(anna.id, letter, caption="Print, sign", filename="TH-4K7Q letter.pdf")
    await bot.send_photo(anna.id, picture(1600, 900), caption="Where to sign")
    documents = [
        InputMediaDocument(b"one", filename="1.pdf", caption="first"),
        InputMediaDocument(b"two", filename="2.pdf"),
    ]
    sent = await bot.send_media_group(anna.id, documents)
    paper, photo, one, two = anna.answers
    assert paper.documents == [("TH-4K7Q letter.pdf", letter)] and paper.text == "Print, sign"
    assert Image.open(io.BytesIO(photo.photos[0])).size == (1280, 720)
    assert (one.documents, two.documents) == ([("1.pdf", b"one")], [("2.pdf", b"two")])
    assert one.album == two.album == sent[0].media_group_id
    again = await bot.send_document(anna.id, sent[1].document.file_id)  # type: ignore[union-attr]
    assert again.document and again.document.file_name == "2.pdf"


async def test_files_are_refused_in_telegrams_words(api: BotApi, bot: Bot, anna: Person) -> None:
    one = InputMediaDocument(b"one", filename="1.pdf")
    for call, words in [
        (bot.send_document(anna.id, b"%PDF", caption="x" * 1025, filename="a.pdf"), "Message caption is too long"),
        (bot.send_document(anna.id, b"0" * (50 * 1024 * 1024 + 1), filename="a.pdf"), "Request Entity Too Large"),
        (bot.send_document(anna.id, "no-such-id"), "Wrong remote file identifier"),
        (bot.send_photo(anna.id, b"not a picture"), "Image_process_failed"),
        (bot.send_photo(anna.id, picture(2100, 100)), "Photo_invalid_dimensions"),
        (bot.send_media_group(anna.id, [one] * 11), "Too many messages to send as an album"),
        (bot.send_media_group(anna.id, [one, InputMediaPhoto(picture(40, 40))]), "can't be mixed with other media types"),
    ]:  # fmt: skip
        with pytest.raises(NetworkError, match=words):
            await call
    assert not api.complaints and not anna.answers


# --- polling


async def test_an_update_comes_again_until_it_is_confirmed(bot: Bot, anna: Person) -> None:
    for word in ("one", "two", "three"):
        anna.types(word)
    assert [update.message.text for update in await updates(bot, limit=2) if update.message] == ["one", "two"]
    again = await updates(bot)
    assert [update.update_id for update in again] == [again[0].update_id + i for i in range(3)]
    rest = await updates(bot, again[1].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["three"]
    assert await updates(bot, -1) == rest
    assert await updates(bot, rest[0].update_id + 1) == ()


async def test_a_long_poll_ends_with_the_first_update(bot: Bot, anna: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.to_thread(anna.waits, lambda _: bot)
    anna.types("hello")
    [update] = await asyncio.wait_for(poll, 5)
    assert update.message and update.message.text == "hello"


async def test_the_second_poll_ends_the_first(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.to_thread(api.waits, lambda api: len(api.calls("getUpdates")) == 1)
    async with client(api) as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
            await asyncio.wait_for(first, 5)
        api.person("Anna").starts()
        assert len(await asyncio.wait_for(second, 5)) == 1


async def test_only_what_is_asked_for_is_kept(bot: Bot, anna: Person) -> None:
    await updates(bot, allowed_updates=["message"])
    anna.blocks()
    anna.unblocks()
    anna.types("hello")
    [update] = await updates(bot)  # leaving it out keeps it
    assert update.message
    with pytest.raises(BadRequest):
        await updates(bot, allowed_updates=["mesage"])


async def test_presses_wait_for_150_seconds_and_messages_for_a_day(api: BotApi, bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "Sure?", reply_markup=buttons(["Yes"]))
    with api.downtime():
        with pytest.raises(NetworkError):
            await bot.send_message(anna.id, "x")
        anna.presses(sent.message_id, "Yes")
        anna.types("are you there?")
        api.clock.passes(151)
    [update] = await updates(bot)
    assert update.message and update.message.text == "are you there?"
    api.clock.passes(24 * 3600)
    assert await updates(bot) == ()


# --- the webhook


async def test_a_webhook_gets_the_secret_and_a_failed_post_comes_again() -> None:
    with BotApi(local=True, retry_base=0.01) as api:
        async with client(api) as bot, Hook(503) as hook:
            await bot.set_webhook(hook.url, secret_token="s3cret")
            anna = api.person("Anna")
            anna.starts()
            headers, first = await asyncio.wait_for(hook.got.get(), 5)
            assert headers["x-telegram-bot-api-secret-token"] == "s3cret"
            await asyncio.to_thread(api.waits, lambda api: api.updates.webhook.last_error_at)
            info = await bot.get_webhook_info()
            assert info.pending_update_count == 1
            assert info.last_error_message == "Wrong response from the webhook: 503 X"
            api.clock.passes(1)  # as Retry-After wants it
            assert await hook.next() == first
            await asyncio.to_thread(api.waits, lambda api: not api.updates.waiting)
            with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
                await bot.get_updates()
            await bot.delete_webhook()
            assert await bot.get_updates(timeout=0) == ()


async def test_a_webhook_gets_one_at_a_time_of_a_chat_but_a_press_may_overtake() -> None:
    with BotApi(local=True) as api:
        async with client(api) as bot, Hook() as hook:
            await bot.set_webhook(hook.url)
            anna = api.person("Anna")
            anna.starts()
            await hook.next()
            sent = await bot.send_message(anna.id, "Sure?", reply_markup=buttons(["Yes"]))
            hook.open.clear()
            anna.types("wait")
            anna.types("no, do it")
            assert (await hook.next())["message"]["text"] == "wait"
            anna.presses(sent.message_id, "Yes")
            assert "callback_query" in await hook.next()
            hook.open.set()
            assert (await hook.next())["message"]["text"] == "no, do it"
            with api.holds(messages_of=anna.id):
                anna.types("and then")
                anna.presses(sent.message_id, "Yes")
                assert "callback_query" in await hook.next()
            assert (await hook.next())["message"]["text"] == "and then"


async def test_a_webhook_that_does_not_answer_is_called_again_and_again() -> None:
    with BotApi(local=True, retry_base=0.01, patience=0.05) as api:
        async with client(api) as bot, Hook() as hook:
            await bot.set_webhook(hook.url, allowed_updates=["message"])
            hook.open.clear()
            anna = api.person("Anna")
            anna.starts()
            every = [await hook.next() for _ in range(4)]
            assert every == every[:1] * 4
            assert api.updates.webhook.last_error == "Read timeout expired"
            hook.open.set()
            await asyncio.to_thread(api.waits, lambda api: not api.updates.waiting)
            while not hook.got.empty():
                await hook.next()
            api.delivers_twice()
            anna.types("hello")
            assert await hook.next() == await hook.next()
            await asyncio.to_thread(api.waits, lambda api: not api.updates.waiting)
            anna.blocks()
            assert not api.updates.waiting  # not asked for


async def test_the_cloud_takes_only_https_addresses(api: BotApi, bot: Bot) -> None:
    for url, words in [
        ("http://desk.example.com/x", "An HTTPS URL must be provided"), ("https://desk.example.com:9000/x", "only on ports"),
        ("https://localhost/x", "is reserved"),
    ]:  # fmt: skip
        with refused(words):
            await bot.set_webhook(url)
    with refused("unallowed characters"):
        await bot.set_webhook("https://desk.example.com/x", secret_token="a b")
    async with Hook() as hook:
        api.routes["https://desk.example.com/hook"] = hook.url
        await bot.set_webhook("https://desk.example.com/hook")
        api.person("Anna").starts()
        assert (await hook.next())["message"]["text"] == "/start"


# --- groups


async def test_in_a_group_a_bot_that_is_no_admin_gets_what_is_meant_for_it(api: BotApi, bot: Bot, anna: Person) -> None:
    boris = api.person("Boris")
    group = api.group("Desk", members=[anna, boris])
    with refused("Chat not found"):
        await bot.send_message(group.id, "x")
    group.adds_bot()
    sent = await bot.send_message(group.id, "Hello all")
    anna.types("lunch?", in_=group)
    for text in ("/desk", "/desk@sender_desk_bot here", "/desk@other_bot"):
        boris.types(text, in_=group)
    boris.types("yes", in_=group, reply_to=sent.message_id)
    group.adds(api.person("Carla"))
    got = [update.message for update in await updates(bot) if update.message]
    assert [message.text for message in got] == [None, "/desk", "/desk@sender_desk_bot here", "yes", None]
    assert got[3].message_thread_id == sent.message_id and not got[3].is_topic_message
    with refused("Message thread not found"):  # the thread of replies is no topic
        await bot.send_message(group.id, "x", message_thread_id=sent.message_id)
    group.makes_bot("administrator")
    anna.types("lunch!", in_=group)
    assert (await updates(bot))[-1].message.text == "lunch!"  # type: ignore[union-attr]
    with refused("private chats only"):
        await bot.send_message(group.id, "x", reply_markup=ReplyKeyboardMarkup([[KeyboardButton("x", request_contact=True)]]))  # fmt: skip
    assert (await bot.get_chat_member(group.id, boris.id)).status == "member"
    assert {m.user.id for m in await bot.get_chat_administrators(group.id)} == {anna.id, bot.id}
    group.removes_bot()
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "x")


async def test_a_group_that_becomes_a_supergroup_has_a_new_id(api: BotApi, bot: Bot, anna: Person) -> None:
    group = api.group("Desk", members=[anna], supergroup=False)
    group.adds_bot()
    old, new = group.id, group.becomes_supergroup()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "x")
    assert moved.value.new_chat_id == new and str(new).startswith("-100")
    *_, to, from_ = [update.message for update in await updates(bot) if update.message]
    assert (to.migrate_to_chat_id, from_.migrate_from_chat_id) == (new, old)
    assert (await bot.send_message(new, "x")).message_id == 2


async def test_topics_are_opened_closed_and_kept_apart(api: BotApi, bot: Bot, anna: Person) -> None:
    group = api.group("Desk", members=[anna], forum=True)
    group.adds_bot()
    with refused("Not enough rights to create a topic"):
        await bot.create_forum_topic(group.id, "TH-4K7Q")
    group.makes_bot("administrator")
    topic = await bot.create_forum_topic(group.id, "TH-4K7Q")
    thread = topic.message_thread_id
    card = await bot.send_message(group.id, "Card", message_thread_id=thread, reply_markup=buttons(["Take"]))
    anna.presses(card.message_id, "Take", in_=group)
    anna.types("I take it", in_=group, thread=thread)
    press, said = (await updates(bot))[-2:]
    assert press.callback_query and press.callback_query.message == card
    assert said.message and said.message.message_thread_id == thread and said.message.is_topic_message
    assert said.message.reply_to_message and said.message.reply_to_message.forum_topic_created
    with refused("Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=thread + 900)
    with refused("Message thread not found"):  # the general topic goes without an id
        await bot.send_message(group.id, "x", message_thread_id=1)
    await bot.close_forum_topic(group.id, thread)
    with refused("Topic_not_modified"):
        await bot.close_forum_topic(group.id, thread)
    await bot.reopen_forum_topic(group.id, thread)
    await bot.edit_forum_topic(group.id, thread, name="TH-4K7Q done")
    with refused("Message thread not found"):
        await bot.send_message(anna.id, "x", message_thread_id=5)


async def test_the_smaller_methods_answer_too(api: BotApi, bot: Bot, anna: Person) -> None:
    sent = [await bot.send_message(anna.id, f"{number}") for number in range(3)]
    await bot.set_message_reaction(anna.id, sent[0].message_id, "👍")
    await bot.delete_messages(anna.id, [sent[0].message_id, 999_999])
    assert [message.text for message in anna.answers] == ["1", "2"]
    await bot.set_my_description("Registers sender IDs.")
    assert (await bot.get_my_description()).description == "Registers sender IDs."
    assert (await bot.get_my_name()).name == "Sender Desk"
    assert (await bot.get_chat(anna.id)).first_name == "Anna"
    assert (await bot.get_chat_member(anna.id, anna.id)).status == "member"
    group = api.group("Desk", members=[anna], forum=True)
    group.adds_bot(admin=True)
    assert await bot.get_chat_member_count(group.id) == 2
    topic = await bot.create_forum_topic(group.id, "TH-4K7Q")
    assert await bot.delete_forum_topic(group.id, topic.message_thread_id)
    assert await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "x")
    assert not api.complaints


# --- pace and faults


async def test_who_sends_too_fast_is_told_to_wait(api: BotApi, bot: Bot, anna: Person) -> None:
    group = api.group("Desk", members=[anna])
    group.adds_bot(admin=True)
    for chat, seconds in ((anna.id, 1), (group.id, 3)):
        with pytest.raises(RetryAfter) as wait:
            for number in range(21):
                await bot.send_message(chat, f"{number}")
        assert wait.value.retry_after == seconds
    api.clock.passes(1.5)
    await bot.send_message(anna.id, "now")
    assert api.too_fast == 2 and len(api.refused) == 2
    api.pace.off()
    for number in range(30):
        await bot.send_message(anna.id, f"{number}")


async def test_faults_befall_the_calls_they_are_for(api: BotApi, bot: Bot, anna: Person) -> None:
    api.refuses("sendMessage", 429, retry_after=7, chat=anna.id)
    with pytest.raises(RetryAfter) as wait:
        await bot.send_message(anna.id, "a")
    assert wait.value.retry_after == 7
    api.refuses("sendMessage", 502)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(anna.id, "a")
    api.resets("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "a")
    assert not anna.answers
    api.loses_answer("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "a")
    assert [message.text for message in anna.answers] == ["a"]
    slow = api.slows("sendMessage", 0.01)
    await bot.send_message(anna.id, "b")
    assert slow.hits == 1
    assert [call.status for call in api.calls("sendMessage")] == [429, 502, 0, 0, 200]


async def test_faults_by_chance_are_the_same_for_the_same_seed() -> None:
    fates = []
    for seed in (4, 4, 5):
        with BotApi(seed=seed) as api:
            api.refuses("getMe", 500, times=None, chance=0.5)
            fates.append([(await raw(api, "getMe"))["ok"] for _ in range(12)])
    assert fates[0] == fates[1] != fates[2]


async def test_updates_come_twice_or_again_although_confirmed(api: BotApi, bot: Bot, anna: Person) -> None:
    anna.types("hello")
    api.delivers_twice()
    one, same = await updates(bot)
    assert one.update_id == same.update_id
    api.forgets_confirmation()
    assert [update.update_id for update in await updates(bot, one.update_id + 1)] == [one.update_id]
    assert await updates(bot, one.update_id + 1) == ()


async def test_waiting_in_vain_prints_what_was_seen(api: BotApi, bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "Which country?", reply_markup=buttons(["Thailand"]))
    with pytest.raises(AssertionError, match=r"(?s)Anna sees.*Which country\?.*\[Thailand\].*200 sendMessage"):
        anna.waits(lambda anna: anna.answers[1:], timeout=0)
    sent: Message = await bot.send_message(anna.id, "Which?")
    assert anna.waits(lambda anna: anna.answers[1:])[0].id == sent.message_id
