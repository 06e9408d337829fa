"""Slack's payloads as our events. Pure: what a payload means, and nothing is asked or sent.

A chat is `slack:<team>:<channel>`, a person `slack:<team>:<user>`: a private chat is a channel of its own, D..., whose
name is not the person's. All messages of that channel are one conversation, those in its threads too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channels.slack_parts import COUNTRY, SAY, order_of
from bot.channels.slack_text import decoded, mentions
from conversations.desk.actions import BEGINS_LIKE_ONE, about_a_question, command
from conversations.groups import DESK_HERE
from conversations.model import Event, IncomingFile, Kind

if TYPE_CHECKING:
    from bot.channels.tokens import Pressed, Tokens

Payload = Mapping[str, Any]

COMMAND = "/senderid"
SHORTCUTS = {"register": "another", "registrations": "list"}  # by callback id: the words that do the same
# A message without a subtype is somebody's words; these are too. Every other is Slack's own note of something.
SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")
GONE = ("tombstone", "hidden_by_limit")  # files without content
SPOKEN = {"slack_audio": "voice", "slack_video": "video"}
TS = re.compile(r"(\d{1,12})\.(\d{6})")
ID = re.compile(r"[A-Z0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Here:
    """What a conversion knows besides the payload."""

    team: str  # the workspace
    user: str  # the bot's own user
    tokens: Tokens
    desk: str | None  # chat of the desk
    now: datetime
    private: str | None = None  # our chat with whoever did this, where the payload does not tell: see private_chat_of

    def name(self, id: Any) -> str:
        """The name of that channel, person or file."""
        return f"slack:{self.team}:{_id(id)}"


def to_event(payload: Payload, here: Here) -> Event | None:
    """Return the one event we care about in a payload, or None (other bots, service messages, views ...).

    Raises:
        Exception: of any kind, when the payload is not as Slack documents it.
    """
    event: Event | None = None
    if payload.get("type") == "event_callback":
        event = _happened(payload, payload["event"], here)
    elif payload.get("type") == "block_actions":
        event = _press(payload, payload["actions"][0], here)
    elif payload.get("type") == "shortcut":
        event = _shortcut(payload, here)
    elif payload.get("command") == COMMAND:
        event = _command(payload, here)
    return _sound(event) if event else None


def from_history(channel: str, message: Payload, here: Here, *, is_known: bool) -> list[Event]:
    """What a message read from the history of a private chat was when it was sent, and its edit when it has one.

    `is_known`: it was taken before, as it then was. Else it is taken as it is now, and its edit is noted as seen.
    """
    found = [_private(message_id(channel, message, here), channel, message, here)]
    edit = _edit(channel, message, None, here) if isinstance(message.get("edited"), Mapping) else None
    if edit is not None:
        found.append(edit if is_known else Event(edit.id, Kind.TIMER, here.now))  # one of nothing: only noted
    return [_sound(event) for event in found if event is not None]


def message_id(channel: str, message: Payload, here: Here) -> str:
    """The id of the event that a message is."""
    return f"{here.name(channel)}:{_ts(message)}"


def team_of(payload: Payload) -> str | None:
    """The workspace a payload is meant for, where it says so."""
    for one in payload.get("authorizations") or ():
        if isinstance(one, Mapping) and isinstance(one.get("team_id"), str):
            return str(one["team_id"])
    team = payload.get("team")
    found = team.get("id") if isinstance(team, Mapping) else payload.get("team_id")
    return found if isinstance(found, str) else None


def private_chat_of(payload: Payload, here: Here) -> str | None:
    """The user whose private chat with us must be known before the payload can be read; None when it tells itself."""
    if payload.get("type") == "shortcut":
        return _id(payload["user"]["id"])
    if payload.get("type") == "block_actions":
        is_desks = "view" not in payload and here.name(payload["channel"]["id"]) == here.desk
        return _id(payload["user"]["id"]) if is_desks else None
    if payload.get("command") == COMMAND:
        return _id(payload["user_id"])
    if payload.get("type") == "event_callback":
        event = payload["event"]
        is_desks = "channel" in event and isinstance(event["channel"], str) and here.name(event["channel"]) == here.desk
        is_said = event.get("type") in ("message", "app_mention") and _is_from_a_person(event, here)
        return _id(event["user"]) if is_desks and is_said and _decision(_said(event, here)) else None
    return None


def user_of(payload: Payload) -> str | None:
    """Who did it: Slack's id of the person. None also for what is no id."""
    event = payload.get("event")
    inner = event.get("message") if isinstance(event, Mapping) and event.get("subtype") == "message_changed" else event
    for place in (inner, payload):
        if isinstance(place, Mapping):
            user = place.get("user") or place.get("user_id")
            user = user.get("id") if isinstance(user, Mapping) else user
            if isinstance(user, str):
                return user if ID.fullmatch(user) else None
    return None


def misses_its_reference(payload: Payload, here: Here) -> bool:
    """Whether a word of the desk was said to us in the desk's chat, and we can't tell of which registration."""
    event = payload.get("event")
    if not isinstance(event, Mapping) or event.get("type") != "app_mention" or here.name(event["channel"]) != here.desk:
        return False
    text = _said(event, here)
    return BEGINS_LIKE_ONE.match(text) is not None and not _decision(text)


def pressed(action: Payload, chat: str, tokens: Tokens) -> Pressed | None:
    """What the button or the chosen line of a menu says; None when it is none of ours, made for this chat."""
    if not str(action.get("action_id", "")).startswith(SAY):
        return None
    option = action.get("selected_option")
    value = option.get("value") if isinstance(option, Mapping) else action.get("value")
    return tokens.read(chat, value) if isinstance(value, str) else None


def _event(here: Here, id: str, kind: Kind, chat: str | None, user: Any, **more: Any) -> Event:
    return Event(id=id, kind=kind, at=here.now, chat=chat, principal=here.name(user), **more)


def _sound(event: Event) -> Event:
    """The event, when it can be kept as it is."""
    files = [value for file in event.files for value in (file.ref, file.name, file.media_type)]
    for text in (event.id, event.text, event.choice, event.message, *files):
        if text is not None:
            text.encode()  # neither a number nor half a character
    return event


def _id(value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError("not an id")
    return value


def _ts(message: Payload) -> str:
    ts = message["ts"]
    if not isinstance(ts, str) or not TS.fullmatch(ts):
        raise ValueError("not a ts")
    return ts


def _is_private(channel: Any) -> bool:
    return isinstance(channel, str) and channel.startswith("D")


def _is_from_a_person(message: Payload, here: Here) -> bool:
    """Neither a bot, ourselves among them, nor Slack."""
    return (
        isinstance(message.get("user"), str)
        and message["user"] not in (here.user, "USLACKBOT")
        and not message.get("bot_id")
        and not message.get("hidden")
        and message.get("subtype") in SUBTYPES
    )


# --- events -------------------------------------------------------------------------------------------------------


def _happened(payload: Payload, event: Payload, here: Here) -> Event | None:
    kind = event.get("type")
    if kind == "message" and _is_private(event["channel"]):
        if event.get("subtype") == "message_changed":
            before = event.get("previous_message")
            return _edit(event["channel"], event["message"], before if isinstance(before, Mapping) else {}, here)
        return _private(f"{here.name(event['channel'])}:{_ts(event)}", event["channel"], event, here)
    if kind in ("message", "app_mention") and _is_from_a_person(event, here):
        return _among_others(payload, event, here)
    if kind == "app_home_opened" and event.get("tab") == "messages" and _is_private(event.get("channel")):
        chat = here.name(event["channel"])
        return _event(here, _event_id(payload), Kind.OPENED, chat, event["user"], private=True)
    return None


def _event_id(payload: Payload) -> str:
    id = payload["event_id"]
    if not isinstance(id, str) or not re.fullmatch(r"\w{1,60}", id):
        raise ValueError("not an event's id")
    return f"slack:{id}"


def _private(id: str, channel: str, message: Payload, here: Here) -> Event | None:
    """What somebody wrote or sent to us alone."""
    if not _is_from_a_person(message, here):
        return None
    chat, ts, text = here.name(channel), _ts(message), _said(message, here)
    more: dict[str, Any] = {"order": order_of(ts), "message": ts, "private": True}
    raw = [file for file in message.get("files") or () if file.get("mode") not in GONE]
    if raw and all(file.get("subtype") in SPOKEN for file in raw):
        return _event(here, id, Kind.OTHER, chat, message["user"], name=SPOKEN[raw[0]["subtype"]], **more)
    if raw:
        files = tuple(_file(file, here) for file in raw)
        return _event(here, id, Kind.FILES, chat, message["user"], text=text, files=files, **more)
    if text:
        return _event(here, id, Kind.TEXT, chat, message["user"], text=text, **more)
    return _event(here, id, Kind.OTHER, chat, message["user"], name="unknown", **more)  # forwarded, a poll ...


def _file(file: Payload, here: Here) -> IncomingFile:
    """Announced, not fetched. That it has a preview makes it no photo: Slack keeps files as they were."""
    size, name = file.get("size"), file.get("name") or file.get("title") or f"file-{file['id']}"
    is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**63
    media_type = file.get("mimetype")
    return IncomingFile(
        here.name(file["id"]), str(name), size if is_size else None, media_type if isinstance(media_type, str) else ""
    )  # fmt: skip


def _edit(channel: str, message: Payload, before: Payload | None, here: Here) -> Event | None:
    """Another text of a message. Slack tells of a link's preview in the same way: the text is the same then."""
    edited = message.get("edited")
    if not _is_from_a_person(message, here) or not isinstance(edited, Mapping) or message.get("files"):
        return None
    if before is not None and before.get("text") == message.get("text"):
        return None
    ts, chat = _ts(message), here.name(channel)
    return _event(
        here, f"{chat}:{ts}:edit:{_ts(edited)}", Kind.EDITED, chat, message["user"], text=_said(message, here),
        message=ts, private=True,
    )  # fmt: skip


def _said(message: Payload, here: Here) -> str:
    text = message.get("text") or ""
    if not isinstance(text, str):
        raise ValueError("not a text")
    return decoded(text, message.get("blocks"), ours=here.user)


# --- where others read along --------------------------------------------------------------------------------------


def _among_others(payload: Payload, event: Payload, here: Here) -> Event | None:
    """A decision in the desk's chat; what is said to us anywhere else."""
    chat, text = here.name(event["channel"]), _said(event, here)
    id = f"{chat}:{_ts(event)}"  # a mention comes as a message too, where we hear those
    if chat == here.desk and _decision(text):
        return _event(here, id, Kind.DESK, here.private, event["user"], text=text, private=here.private is not None)
    if event["type"] != "app_mention" and not mentions(event.get("text") or "", here.user):
        return None
    if chat == here.desk and BEGINS_LIKE_ONE.match(text):
        return None  # see misses_its_reference
    if text.strip(" .!").casefold() == DESK_HERE:
        # Cards name companies: never in a channel that another company reads.
        text = "" if payload.get("is_ext_shared_channel") else DESK_HERE
    link = f"https://slack.com/app_redirect?team={here.team}&app={_id(payload['api_app_id'])}&point="
    return _event(here, id, Kind.GROUP, chat, event["user"], text=text, result={"link": link})


def _decision(text: str) -> bool:
    return command(text) is not None or about_a_question(text) is not None


# --- buttons, menus, commands, shortcuts --------------------------------------------------------------------------


def _press(payload: Payload, action: Payload, here: Here) -> Event | None:
    """A button or a menu, when it is one of ours made for this chat. Those of a channel count at the desk only.

    What is pressed in a view is its own affair: see slack_views.
    """
    if "view" in payload:
        return None
    channel, user, id = _id(payload["channel"]["id"]), payload["user"]["id"], _trigger(payload)
    chat = here.name(channel)
    if chat == here.desk:
        if (said := pressed(action, chat, here.tokens)) is None:
            return None
        return _event(
            here,
            id,
            Kind.DESK,
            here.private,
            user,
            text=said.value,
            choice=said.value,
            private=here.private is not None,
        )
    if not _is_private(channel):
        return None
    more: dict[str, Any] = {"private": True, "message": _message(payload)}
    if action.get("action_id") == COUNTRY:
        code = str(action["selected_option"]["value"])
        asked = next((said.asked for part in _parts(action) if (said := here.tokens.read(chat, part))), None)
        if asked is None:
            return _event(here, id, Kind.TEXT, chat, user, text=code, **more)
        return _event(here, id, Kind.PRESS, chat, user, choice=code, asked=asked, **more)
    if (said := pressed(action, chat, here.tokens)) is None:
        return None
    return _event(here, id, Kind.PRESS, chat, user, choice=said.value, asked=said.asked, **more)


def _parts(action: Payload) -> Iterator[str]:
    """What the id of a menu's block may carry: the token of the question, alone or behind a colon."""
    block = str(action.get("block_id") or "")
    yield block
    yield block.rpartition(":")[2]


def _message(payload: Payload) -> str | None:
    container = payload.get("container")
    ts = container.get("message_ts") if isinstance(container, Mapping) else None
    return ts if isinstance(ts, str) else None


def _trigger(payload: Payload) -> str:
    """The id of an interaction: its trigger's, which Slack gives out once."""
    trigger = payload["trigger_id"]
    if not isinstance(trigger, str) or not re.fullmatch(r"[\w.-]{1,200}", trigger):
        raise ValueError("not a trigger")
    return f"slack:{trigger}"


def _command(payload: Payload, here: Here) -> Event | None:
    """`/senderid WORDS`: the words, as if they were written in the private chat."""
    if here.private is None:
        raise ValueError("the private chat is not known")
    text = decoded(str(payload.get("text") or ""), ours=here.user).strip()
    id, user = _trigger(payload), payload["user_id"]
    if _decision(text) and here.name(payload["channel_id"]) == here.desk:
        return _event(here, id, Kind.DESK, here.private, user, text=text, private=True)
    if not text:
        return _event(here, id, Kind.OPENED, here.private, user, private=True)
    return _event(here, id, Kind.TEXT, here.private, user, text=text, private=True)


def _shortcut(payload: Payload, here: Here) -> Event | None:
    words = SHORTCUTS.get(str(payload.get("callback_id")))
    if words is None:
        return None
    if here.private is None:
        raise ValueError("the private chat is not known")
    return _event(here, _trigger(payload), Kind.TEXT, here.private, payload["user"]["id"], text=words, private=True)
