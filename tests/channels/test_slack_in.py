"""What each shape of Slack's payloads means to us: recorded payloads, cleaned, and the event each is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.slack_in import Here, from_history, misses_its_reference, private_chat_of, to_event, user_of
from bot.channels.tokens import Tokens
from conversations.model import Event, IncomingFile, Kind

PAYLOADS = Path(__file__).parent / "payloads" / "slack"
TEAM = "slack:T024BE7LD"
ANNA, CHAT, GENERAL, DESK = f"{TEAM}:U023BECGF", f"{TEAM}:D024BFF1M", f"{TEAM}:C0GENERAL1", f"{TEAM}:C0DESK0001"
CHATS = {"dm": CHAT, "general": GENERAL, "desk": DESK, "other": f"{TEAM}:D0OTHER001"}
HERE = Here(
    team="T024BE7LD", user="U0SENDER01", tokens=Tokens(("a key that is only for tests",)), desk=DESK,
    now=datetime(2026, 11, 22, 10, tzinfo=UTC),
)  # fmt: skip
LINK = {"link": "https://slack.com/app_redirect?team=T024BE7LD&app=A0SENDER01&point="}
TRIGGER = "slack:4153.2468.0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TS = "1795341600.000100"


def private(kind: Kind, text: str = "", ts: str = TS, **more: Any) -> dict[str, Any]:
    order = {"order": int(ts.replace(".", "")), "message": ts}
    return {"id": f"{CHAT}:{ts}", "kind": kind, "chat": CHAT, "text": text, "private": True, **order, **more}


def done(kind: Kind, **more: Any) -> dict[str, Any]:
    return {"id": TRIGGER, "kind": kind, "chat": CHAT, "private": True, **more}


def pressed(choice: str, **more: Any) -> dict[str, Any]:
    return done(Kind.PRESS, choice=choice, asked=7, message="1795341650.000700", **more)


def group(text: str, chat: str = GENERAL) -> dict[str, Any]:
    return {"id": f"{chat}:1795341700.000100", "kind": Kind.GROUP, "chat": chat, "text": text, "result": LINK}


def said_at_desk(text: str) -> dict[str, Any]:
    return {"id": f"{DESK}:1795341700.000100", "kind": Kind.DESK, "chat": CHAT, "text": text, "private": True}


def file(id: str, name: str, media_type: str, size: int | None = 482113) -> IncomingFile:
    return IncomingFile(f"{TEAM}:{id}", name, size, media_type)


MEANS: dict[str, dict[str, Any] | None] = {
    "text": private(Kind.TEXT, "Fresh Bakery GmbH"),
    "url": private(Kind.TEXT, "see https://bakery.example.com/about?a=1&b=2"),
    "dotted": private(Kind.TEXT, "acme.com"),
    "mail": private(Kind.TEXT, "anna@bakery.example"),
    "phone": private(Kind.TEXT, "+49 30 123456"),
    "ampersand": private(Kind.TEXT, "Fish & Chips <Ltd> &amp;"),
    "emoji": private(Kind.TEXT, "Sale today \U0001f389 until 10:30\U0001f44b\U0001f3fc :shipit:"),
    "mentions_us": private(Kind.TEXT, "status"),
    "mentions_others": private(Kind.TEXT, "ask @U0OTHER001 or @bo in #general, @here @finance 22 Nov"),
    "in_thread": private(Kind.TEXT, "yes", "1795341601.000200"),
    "me_message": private(Kind.TEXT, "waves"),
    "file": private(Kind.FILES, files=(file("F0PAGE0001", "letter signed.pdf", "application/pdf"),)),
    "files_with_caption": private(
        Kind.FILES, "both pages & the licence",
        files=(file("F0PAGE0001", "page 1.jpg", "image/jpeg", 187402), file("F0PAGE0002", "IMG_0042.HEIC", "image/heic", 2412004)),
    ),
    "file_to_be_asked_for": private(Kind.FILES, files=(file("F0STUB0001", "file-F0STUB0001", "", None),)),
    "file_gone": private(Kind.TEXT, "the licence"),
    "voice": private(Kind.OTHER, name="voice"),
    "forwarded": private(Kind.OTHER, name="unknown"),
    "edited": {
        "id": f"{CHAT}:{TS}:edit:1795341660.000000", "kind": Kind.EDITED, "chat": CHAT, "message": TS, "private": True,
        "text": "Fresh Bakery & Sons AG",
    },
    "edited_unfurl": None,
    "edited_by_us": None,
    "edited_file_caption": None,
    "deleted": None,
    "deleted_with_replies": None,
    "our_own": None,
    "of_another_bot": None,
    "of_a_bot_without_user": None,
    "of_slackbot": None,
    "home_opened_messages": {"id": "slack:Ev0HOME001", "kind": Kind.OPENED, "chat": CHAT, "private": True},
    "home_opened": None,
    "mention": group("we need Thailand & Kenya"),
    "mention_as_message": group("we need Thailand & Kenya"),  # the same id: it is taken once
    "mention_desk_here": group("desk here"),
    "chatter": None,
    "desk_mention_decides": said_at_desk("send back TH-4K7Q: page 1 is not signed"),
    "desk_message_decides": said_at_desk("refuse TH-4K7Q FISH&CO: not their brand"),
    "desk_mention_half": None,
    "desk_mention_other": group("what about Thailand?", DESK),
    "desk_chatter": None,
    "reaction": None,
    "uninstalled": None,
    "press": pressed("yes"),
    "press_in_a_menu": pressed("yes"),
    "press_a_country": pressed("TH"),
    "press_a_country_of_no_question": done(Kind.TEXT, text="TH", message="1795341650.000700"),
    "press_forged": None,
    "press_made_for_another_chat": None,
    "press_of_another_app": None,
    "press_in_the_desk": done(Kind.DESK, text="take TH-4K7Q", choice="take TH-4K7Q"),
    "press_in_another_channel": None,
    "press_at_home": None,  # what is pressed in a view is taken with it
    "press_in_a_modal": None,
    "press_a_link": None,
    "command": done(Kind.TEXT, text="status"),
    "command_elsewhere": done(Kind.TEXT, text="Fish & Chips acme.com"),
    "command_alone": done(Kind.OPENED),
    "command_in_the_desk": done(Kind.DESK, text="take TH-4K7Q"),
    "command_of_another": None,
    "shortcut": done(Kind.TEXT, text="another"),
    "shortcut_of_another": None,
    "view_submitted": None,
}  # fmt: skip


def payload(name: str) -> dict[str, Any]:
    """The recorded one; `{dm yes}` in it is the token of such a button in that chat."""

    def token(found: re.Match[str]) -> str:
        return HERE.tokens.made(CHATS[found[1]], None, 7, found[2]) or ""

    text = (PAYLOADS / f"{name}.json").read_text("utf-8")
    known: dict[str, Any] = json.loads(re.sub(r"\{(dm|general|desk|other) ([^{}]+)\}", token, text))
    return known


def read(name: str) -> Event | None:
    """As it is taken: our private chat is asked for where the payload does not tell it."""
    told = payload(name)
    is_asked = private_chat_of(told, HERE) is not None
    return to_event(told, replace(HERE, private=CHAT if is_asked else None))


@pytest.mark.parametrize("name", MEANS)
def test_a_payload_is_this_event(name: str) -> None:
    wanted = MEANS[name]
    assert read(name) == (None if wanted is None else Event(principal=ANNA, at=HERE.now, **wanted))


def test_every_recorded_payload_is_looked_at() -> None:
    names = {path.stem for path in PAYLOADS.glob("*.json")}
    assert names == set(MEANS) | {name for name in names if name.startswith("malformed_")}


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("malformed_*.json")))
def test_what_cannot_be_read_is_no_event(name: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError, AttributeError, IndexError)):
        read(name)


def test_whose_doing_it_is() -> None:
    for name in ("text", "edited", "press", "command", "shortcut", "mention", "home_opened", "view_submitted"):
        assert user_of(payload(name)) == "U023BECGF", name
    assert user_of(payload("uninstalled")) is None and user_of({"event": [1]}) is None and user_of({}) is None


def test_the_private_chat_is_asked_for_only_where_it_is_needed() -> None:
    asked = {name for name in MEANS if private_chat_of(payload(name), HERE) is not None}
    assert asked == {
        "press_in_the_desk", "command", "command_elsewhere", "command_alone", "command_in_the_desk", "shortcut",
        "shortcut_of_another", "desk_mention_decides", "desk_message_decides",
    }  # fmt: skip


def test_at_the_desk_a_decision_counts_without_a_private_chat() -> None:
    for name in ("press_in_the_desk", "desk_message_decides"):
        event = to_event(payload(name), HERE)
        assert event is not None and (event.kind, event.chat, event.private) == (Kind.DESK, None, False)
    with pytest.raises(ValueError):
        to_event(payload("command"), HERE)


def test_half_a_decision_is_explained_only_when_it_was_said_to_us() -> None:
    assert [name for name in MEANS if misses_its_reference(payload(name), HERE)] == ["desk_mention_half"]


def test_the_desk_does_not_come_to_a_channel_shared_with_another_company() -> None:
    told = payload("mention_desk_here") | {"is_ext_shared_channel": True}
    event = to_event(told, HERE)
    assert event is not None and (event.kind, event.text) == (Kind.GROUP, "")


def test_a_message_of_the_history_is_the_event_it_was() -> None:
    told = payload("text")["event"]
    for key in ("channel", "event_ts", "channel_type"):  # histories leave these out
        del told[key]
    live = read("text")
    assert live is not None
    assert from_history("D024BFF1M", told, HERE, is_known=False) == [live]
    edited = payload("edited")["event"]["message"]
    changed = read("edited")
    assert changed is not None
    now = replace(live, text=changed.text)
    assert from_history("D024BFF1M", edited, HERE, is_known=True) == [now, changed]
    # Taken as it is now: the edit is only noted, so that no later reading tells of it.
    taken, noted = from_history("D024BFF1M", edited, HERE, is_known=False)
    assert taken == now and (noted.id, noted.kind, noted.chat) == (changed.id, Kind.TIMER, None)
    assert from_history("D024BFF1M", payload("our_own")["event"], HERE, is_known=True) == []


def test_what_is_no_id_is_nobody() -> None:
    assert user_of({"user": {"id": "U023BECGF"}}) == "U023BECGF"
    for odd in ("", "x" * 70_000, "../U1", "U1 U2", "ü"):
        assert user_of({"user": {"id": odd}, "user_id": odd}) is None
