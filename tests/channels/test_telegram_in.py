"""What each shape of Telegram's updates means to us: recorded payloads, cleaned, and the event each is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram_here import Here
from bot.channels.telegram_in import misses_its_reference, moved, open_chat, to_event
from bot.channels.tokens import Tokens
from conversations.model import Event, IncomingFile, Kind

PAYLOADS = Path(__file__).parent / "payloads" / "telegram"
BOT = "telegram:7123456789"
ANNA, GROUP, DESK = f"{BOT}:5550001", f"{BOT}:-1001900000001", f"{BOT}:-1001900000002"
HERE = Here(
    bot="7123456789", username="sender_desk_bot", tokens=Tokens(("a key that is only for tests",)), desk=DESK,
    now=datetime(2026, 11, 22, 10, tzinfo=UTC),
)  # fmt: skip
LINK = {"link": "https://t.me/sender_desk_bot?start="}
PHOTO = IncomingFile(f"{BOT}:AgACAgIAAxkBAAIQy", "photo-49.jpg", 187402, "image/jpeg", as_photo=True)


def private(kind: Kind, message: int | None = None, text: str = "", **more: Any) -> dict[str, Any]:
    order = {} if message is None else {"order": message, "message": str(message)}
    return {"kind": kind, "chat": ANNA, "text": text, **order, **more}


def group(text: str = "", chat: str = GROUP, **more: Any) -> dict[str, Any]:
    return {"kind": Kind.GROUP, "chat": chat, "text": text, "result": LINK, **more}


def desk(text: str) -> dict[str, Any]:
    return {"kind": Kind.DESK, "chat": ANNA, "text": text}


def pressed(text: str) -> dict[str, Any]:
    return {**desk(text), "choice": text}


MEANS: dict[str, dict[str, Any] | None] = {
    "text": private(Kind.TEXT, 41, "Fresh Bakery GmbH"),
    "start": private(Kind.OPENED, 42),
    "start_with_payload": private(Kind.OPENED, 43, "TH-4K7Q"),
    "command": private(Kind.TEXT, 44, "/status"),
    "command_with_our_name": private(Kind.TEXT, 45, "/status"),
    "command_with_underscore": private(Kind.TEXT, 46, "take back"),
    "command_with_more": private(Kind.TEXT, 47, "apply again TH-4K7Q"),
    "website": private(Kind.TEXT, 48, "see https://bakery.example.com/about"),
    "unknown_fields": private(Kind.TEXT, 62, "Fresh Bakery GmbH"),
    "reply_to_a_prompt": private(Kind.TEXT, 66, "reject TH-4K7Q: no stamp"),
    "reply_to_a_prompt_of_somebody": private(Kind.TEXT, 67, "no stamp"),
    "photo": private(Kind.FILES, 49, "page 1", files=(PHOTO,)),
    "album_photo": private(
        Kind.FILES, 50, album="13640000000000001",
        files=(IncomingFile(PHOTO.ref, "photo-50.jpg", PHOTO.size, PHOTO.media_type, as_photo=True),),
    ),
    "document": private(
        Kind.FILES, 51, files=(IncomingFile(f"{BOT}:BQACAgIAAxkBAAIQd", "letter signed.pdf", 482113, "application/pdf"),)
    ),
    "document_heic": private(
        Kind.FILES, 52, files=(IncomingFile(f"{BOT}:BQACAgIAAxkBAAIQh", "IMG_0042.HEIC", 2412004, "image/heic"),)
    ),
    "document_without_name": private(
        Kind.FILES, 53, files=(IncomingFile(f"{BOT}:BQACAgIAAxkBAAIQn", "document-53", None, ""),)
    ),
    "live_photo": private(
        Kind.FILES, 54, files=(IncomingFile(PHOTO.ref, "photo-54.jpg", PHOTO.size, PHOTO.media_type, as_photo=True),)
    ),
    "contact": private(Kind.CONTACT, 56, "+4930123456"),
    "contact_of_a_colleague": private(Kind.CONTACT, 57, "4930123457"),
    "animation": private(Kind.OTHER, 55, name="animation"),
    "voice": private(Kind.OTHER, 58, name="voice"),
    "sticker": private(Kind.OTHER, 59, name="sticker"),
    "venue": private(Kind.OTHER, 60, name="venue"),
    "something_new": private(Kind.OTHER, 61, name="unknown"),
    "edited": {"kind": Kind.EDITED, "chat": ANNA, "text": "Fresh Bakery AG", "message": "41"},
    "edited_caption": None,
    "edited_location": None,
    "pinned": None,
    "auto_delete": None,
    "press": {"kind": Kind.PRESS, "chat": ANNA, "choice": "yes", "asked": 7, "message": "70"},
    "press_on_a_message_that_is_gone": {"kind": Kind.PRESS, "chat": ANNA, "choice": "yes", "asked": 7, "message": "70"},
    "press_forged": None,
    "press_made_for_another_chat": None,
    "press_in_another_group": None,
    "press_inline": None,
    "press_of_a_game": None,
    "press_in_the_desk": pressed("take TH-4K7Q"),
    "press_in_the_desk_question": pressed("take question 12"),
    "blocked": private(Kind.UNREACHABLE, name="gone"),
    "unblocked": private(Kind.REACHABLE),
    "added_to_a_group": group(),
    "made_administrator": None,
    "removed_from_a_group": None,
    "group_mention": group("🙂 we need Thailand"),
    "group_command": group("Thailand"),
    "group_command_with_our_name": group("Thailand"),
    "group_reply_to_us": group("ok, why?"),
    "group_file_for_us": group("the licence"),
    "group_desk_here": group("desk here"),
    "group_desk_here_command": group("desk here"),
    "group_mention_of_another": None,
    "group_command_for_another": None,
    "group_reply_to_somebody": None,
    "group_chatter": None,
    "group_anonymous_administrator": None,
    "group_bot_joined": None,
    "desk_command": desk("take TH-4K7Q"),
    "desk_command_with_slash": desk("send back TH-4K7Q: page 1 is not signed"),
    "desk_reply_to_a_card": desk("approve TH-4K7Q"),
    "desk_reply_to_a_card_with_reasons": desk("send back TH-4K7Q: page 1 is not signed\nno stamp"),
    "desk_reply_to_a_card_with_a_name": desk("refuse TH-4K7Q BAKERY: not their brand"),
    "desk_reply_to_a_card_with_a_command": desk("pass on TH-4K7Q"),
    "desk_reply_to_a_question": desk("take question 12"),
    "desk_reply_to_a_prompt": desk("send back TH-4K7Q: page 1 is not signed\nno stamp"),
    "desk_word_in_a_topic": desk("take TH-4K7Q"),
    "desk_spoken_to": group("what about Kenya", chat=DESK),
    "desk_reply_to_a_prompt_thinking_better": None,
    "desk_chatter_in_a_topic": None,
    "desk_chatter_in_reply": None,
    "desk_word_without_reference": None,
    "desk_half_a_decision": None,
    "desk_edited": None,
    "migrate_to": None,
    "migrate_from": None,
    "another_bot": None,
    "channel_post": None,
    "kind_not_asked_for": None,
    "kind_not_known": None,
}  # fmt: skip


def payload(name: str) -> dict[str, Any]:
    """The recorded update; the buttons of a message it replies to are signed as we would for that chat."""
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    message = read.get("message") or {}
    replied = message.get("reply_to_message") or {}
    for button in (one for row in replied.get("reply_markup", {}).get("inline_keyboard", ()) for one in row):
        sign, value = button["callback_data"].split(": ", 1)
        assert sign == "signed"
        button["callback_data"] = HERE.tokens.made(f"{BOT}:{message['chat']['id']}", 7, 3, value)
    return read


def update(name: str) -> Update:
    return Update.de_json(payload(name), None)


def test_every_recorded_payload_has_its_meaning() -> None:
    assert {path.stem for path in PAYLOADS.iterdir() if not path.stem.startswith("bad_")} == set(MEANS)


@pytest.mark.parametrize("name", MEANS)
def test_what_an_update_means(name: str) -> None:
    means = MEANS[name]
    if means is not None:
        means = {
            "id": f"{BOT}:{payload(name)['update_id']}", "at": HERE.now, "principal": ANNA, "locale": "de",
            "person": "Anna Sample", "private": means["chat"] == ANNA, **means,
        }  # fmt: skip
    assert to_event(update(name), HERE) == (Event(**means) if means else None)


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("bad_*")))
def test_what_is_not_as_documented_is_refused_as_a_whole(name: str) -> None:
    with pytest.raises(Exception):  # noqa: B017  whatever it is, it is caught for each update alone
        to_event(update(name), HERE)


@pytest.mark.parametrize("name", ["migrate_to", "migrate_from"])
def test_a_group_that_moves_says_so_twice(name: str) -> None:
    assert moved(update(name), HERE) == (f"{BOT}:-4200001", DESK)


def test_nothing_else_is_a_move() -> None:
    assert [name for name in MEANS if moved(update(name), HERE)] == ["migrate_to", "migrate_from"]


def test_every_update_tells_which_chat_is_open_to_us() -> None:
    for name in ("text", "press", "edited", "pinned", "press_on_a_message_that_is_gone"):
        assert open_chat(update(name), HERE) == ANNA, name
    for name, chat in (("group_mention", GROUP), ("press_in_the_desk", DESK), ("added_to_a_group", GROUP)):
        assert open_chat(update(name), HERE) == chat, name
    for name in ("blocked", "channel_post", "press_inline"):
        assert open_chat(update(name), HERE) is None, name


@pytest.mark.parametrize("name", ["desk_reply_to_a_prompt", "desk_reply_to_a_card", "reply_to_a_prompt"])
def test_what_a_message_of_ours_says_decides_nothing_without_our_signed_buttons(name: str) -> None:
    """Its words may be a customer's: part of a long answer, a sender ID that looks like a reference."""
    for spoiled in ("none", "another chat's", "forged"):
        raw = payload(name)
        replied = raw["message"]["reply_to_message"]
        button = replied["reply_markup"]["inline_keyboard"][0][0]
        if spoiled == "none":
            del replied["reply_markup"]
        elif spoiled == "forged":
            button["callback_data"] = button["callback_data"].replace("TH-4K7Q", "VN-P3FD")
        else:
            button["callback_data"] = HERE.tokens.made(f"{BOT}:1", 7, 3, "reject TH-4K7Q: signature")
        for row in replied.get("reply_markup", {}).get("inline_keyboard", ()):
            row[1:] = []
        replied.get("reply_markup", {}).get("inline_keyboard", [])[1:] = []
        event = to_event(Update.de_json(raw, None), HERE)
        assert event is None or (event.kind, event.text) == (Kind.TEXT, raw["message"]["text"])


def test_half_a_decision_at_the_desk_is_noticed() -> None:
    assert {name for name in MEANS if misses_its_reference(update(name), HERE)} == {
        "desk_word_without_reference", "desk_half_a_decision",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "decision"),
    [
        ("take", "take TH-4K7Q"),
        ("Take!", "take TH-4K7Q"),
        ("take it home", None),
        ("open", "open TH-4K7Q"),
        ("close", "close TH-4K7Q"),
        ("approve", "approve TH-4K7Q"),
        ("approve BAKERY", "approve TH-4K7Q BAKERY"),
        ("approve when the bank has answered", None),
        ("refuse", "refuse TH-4K7Q"),
        ("refuse: a brand of others", "refuse TH-4K7Q: a brand of others"),
        ("refuse BAKERY: a brand of others", "refuse TH-4K7Q BAKERY: a brand of others"),
        ("send back", "send back TH-4K7Q"),
        ("send_back", None),
        ("/send_back", "send back TH-4K7Q"),
        ("Send back : no stamp", "send back TH-4K7Q : no stamp"),
        ("reject", "reject TH-4K7Q"),
        ("reject this one?", None),
        ("refuse A:BRAND: not theirs", "refuse TH-4K7Q A:BRAND: not theirs"),
        ("approve.", "approve TH-4K7Q"),
        ("hand back", "hand back TH-4K7Q"),
        ("approve KE-0001", "approve KE-0001"),
        ("thanks", None),
    ],
)
def test_what_a_reply_to_a_card_decides(reply: str, decision: str | None) -> None:
    raw = payload("desk_reply_to_a_card")
    raw["message"]["text"] = reply
    event = to_event(Update.de_json(raw, None), HERE)
    assert (event.text if event else None) == decision


def test_without_a_desk_here_its_words_are_nothing_special() -> None:
    elsewhere = Here(HERE.bot, HERE.username, HERE.tokens, None, HERE.now)
    assert to_event(update("desk_command"), elsewhere) is None
    assert to_event(update("press_in_the_desk"), elsewhere) is None
    event = to_event(update("desk_reply_to_a_card"), elsewhere)
    assert event is not None and (event.kind, event.text) == (Kind.GROUP, "Approve")
