"""The workspace: its people, conversations and messages, in the JSON Slack gives of them to an app."""

from __future__ import annotations

import random
import string
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot_clock import Clock
from bot_methods import Params
from slack_delivery import Deliveries, Delivery
from slack_methods import SlackError

TRIGGER_LIVES = 3.0  # seconds
# Of each event an app can subscribe to, the scope it needs.
EVENTS = {
    "message.im": "im:history", "message.channels": "channels:history", "message.groups": "groups:history",
    "app_home_opened": "", "app_uninstalled": "", "tokens_revoked": "", "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read", "file_shared": "files:read", "file_deleted": "files:read",
    "user_change": "users:read", "member_joined_channel": "channels:read",
}  # fmt: skip
SUBSCRIBED = ("message.im", "app_home_opened", "app_uninstalled", "tokens_revoked", "app_mention")
SCOPES = (
    "chat:write", "im:history", "im:read", "im:write", "files:read", "files:write", "users:read", "commands",
    "app_mentions:read",
)  # fmt: skip
KINDS = {"im": "im", "channel": "channels", "group": "groups"}


@dataclass
class App:
    """The app under test, as it is installed."""

    signing_secret: str
    bot_token: str
    app_token: str
    scopes: list[str]
    events: set[str]
    id: str = ""
    bot_id: str = ""
    verification_token: str = ""
    dead: str = ""  # the error every call gets: token_revoked, account_inactive ...

    def may(self, scopes: Sequence[str]) -> bool:
        return not scopes or bool(set(scopes) & set(self.scopes))


@dataclass(eq=False)
class User:
    id: str
    name: str
    team: str
    tz: str | None = "Asia/Bangkok"
    locale: str = "en-US"
    bot: bool = False
    guest: bool = False
    stranger: bool = False  # of another workspace, through Slack Connect
    deleted: bool = False

    @property
    def username(self) -> str:
        return self.name.lower().replace(" ", ".")

    def json(self, now: float, *, locale: bool = False) -> Params:
        zone = ZoneInfo(self.tz) if self.tz else None
        known: Params = {
            "id": self.id, "team_id": self.team, "name": self.username, "deleted": self.deleted,
            "real_name": self.name, "is_bot": self.bot, "is_app_user": False, "updated": int(now),
            "profile": {"real_name": self.name, "display_name": self.name, "team": self.team},
        }  # fmt: skip
        if self.stranger:
            return known | {"is_stranger": True}
        if zone:
            at = datetime.fromtimestamp(now, UTC).astimezone(zone)
            known |= {"tz": self.tz, "tz_label": at.tzname(), "tz_offset": int(at.utcoffset().total_seconds())}  # type: ignore[union-attr]
        known |= {"is_admin": False, "is_owner": False, "is_restricted": self.guest, "is_ultra_restricted": False}
        return known | ({"locale": self.locale} if locale else {})


@dataclass(eq=False)
class Channel:
    id: str
    kind: str  # im, channel (public), group (private)
    name: str
    members: list[str]
    messages: dict[str, Message] = field(default_factory=dict)
    archived: bool = False
    opened: bool = True

    def json(self) -> Params:
        if self.kind == "im":
            return {"id": self.id, "is_im": True, "user": self.members[0], "is_archived": self.archived, "created": 0}
        return {
            "id": self.id, "name": self.name, "is_channel": self.kind == "channel", "is_group": False, "is_im": False,
            "is_private": self.kind == "group", "is_archived": self.archived, "created": 0,
        }  # fmt: skip

    def shown(self) -> list[Message]:
        return sorted((m for m in self.messages.values() if not m.deleted), key=lambda message: message.ts)

    def replies_to(self, ts: str) -> list[Message]:
        return [message for message in self.shown() if message.thread == ts]


@dataclass(eq=False)
class Message:
    ts: str
    channel: Channel
    sender: User
    text: str
    blocks: list[Params] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)  # of slack_files.File
    thread: str | None = None
    broadcast: bool = False
    metadata: Params | None = None
    attachments: list[Params] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)  # name, by whom
    unfurls: bool = False  # what it links to is shown below it
    mentions: list[str] = field(default_factory=list)
    only_for: str | None = None  # an ephemeral message is for one person
    client_msg_id: str = ""
    edited: Params | None = None
    deleted: bool = False
    tombstone: bool = False  # deleted, but with replies

    def json(self, app: App, *, metadata: bool = False) -> Params:
        """As it stands in history and in events, without its channel."""
        if self.tombstone:
            text = "This message was deleted."
            return {"type": "message", "subtype": "tombstone", "text": text, "user": "USLACKBOT", "hidden": True, "ts": self.ts, "thread_ts": self.ts}  # fmt: skip
        known: Params = {
            "user": self.sender.id,
            "type": "message",
            "ts": self.ts,
            "text": self.text,
            "team": self.sender.team,
        }
        if self.sender.bot:
            profile = {"id": app.bot_id, "app_id": app.id, "name": self.sender.name, "team_id": self.sender.team}
            known |= {"bot_id": app.bot_id, "app_id": app.id, "bot_profile": profile}
        if self.files:
            known |= {"files": [file.json() for file in self.files], "upload": False, "display_as_bot": False}
            known |= {"subtype": "file_share"}
        if self.sender.stranger:
            known |= {"user_team": self.sender.team, "source_team": self.sender.team}
        if self.broadcast:
            known |= {"subtype": "thread_broadcast"}
        if self.thread:
            parent = self.channel.messages.get(self.thread)
            known |= {"thread_ts": self.thread} | ({"parent_user_id": parent.sender.id} if parent else {})
        elif replies := self.channel.replies_to(self.ts):
            known |= {"thread_ts": self.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
        for key in ("blocks", "attachments", "client_msg_id", "edited"):
            if value := getattr(self, key):
                known[key] = value
        if metadata and self.metadata:
            known["metadata"] = self.metadata
        if self.reactions:
            names = dict.fromkeys(name for name, _ in self.reactions)
            known["reactions"] = [
                {"name": n, "count": 1, "users": [u for m, u in self.reactions if m == n]} for n in names
            ]
        return known


@dataclass(eq=False)
class Trigger:
    user: User
    at: float
    view: Any = None  # the modal it came from
    used: bool = False


class World:
    """All of it, behind one lock. What changes it rings the bell."""

    def __init__(self, app: App, clock: Clock, deliveries: Deliveries, lock: threading.Condition, seed: int) -> None:
        self.app, self.clock, self.deliveries, self.lock = app, clock, deliveries, lock
        self.random = random.Random(f"slack {seed}")
        self.trigger_lives = TRIGGER_LIVES
        self.team, self.domain, self.team_name = self.new_id("T"), "acme", "Acme"
        app.id, app.bot_id, app.verification_token = self.new_id("A"), self.new_id("B"), self.word(24)
        self.bot = User(self.new_id("U"), "Sender Desk", self.team, bot=True)
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.triggers: dict[str, Trigger] = {}
        self.statuses: dict[str, str] = {}  # of each channel, what the bot says it is doing
        self.complaints: list[str] = []
        self.ring: Callable[[], None] = lambda: None
        self._last_ts = 0

    def word(self, length: int) -> str:
        return "".join(self.random.choices(string.ascii_uppercase + string.digits, k=length))

    def new_id(self, letter: str) -> str:
        return f"{letter}0{self.word(9)}"

    def new_ts(self) -> str:
        """The moment, and never the same one twice."""
        self._last_ts = max(int(self.clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def complain(self, words: str) -> None:
        self.complaints.append(words)
        self.ring()

    # --- who and where

    def new_user(self, name: str, **values: Any) -> User:
        team = self.new_id("T") if values.get("stranger") else self.team
        user = User(self.new_id("U"), name, team, **values)
        self.users[user.id] = user
        return user

    def new_channel(self, kind: str, name: str, members: list[str], **values: Any) -> Channel:
        channel = Channel(self.new_id("D" if kind == "im" else "C"), kind, name, members, **values)
        self.channels[channel.id] = channel
        return channel

    def direct(self, user: User) -> Channel:
        """Her conversation with the bot."""
        known = [c for c in self.channels.values() if c.kind == "im" and c.members[0] == user.id]
        return known[0] if known else self.new_channel("im", "directmessage", [user.id, self.bot.id], opened=False)

    def channel(self, id: str, *, joined: bool = False) -> Channel:
        """Raises SlackError when the bot cannot know of it; `joined`: when it is not in it."""
        channel = self.channels.get(id)
        if channel is None or (channel.kind == "group" and self.bot.id not in channel.members):
            raise SlackError("channel_not_found")
        if joined and self.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def name_of(self, id: str) -> str:
        user, channel = self.users.get(id), self.channels.get(id)
        return user.name if user else channel.name if channel else id

    # --- messages

    def post(self, channel: Channel, sender: User, text: str, **values: Any) -> Message:
        """Put a message into a conversation, and tell the app, its own messages too."""
        message = Message(self.new_ts(), channel, sender, text, **values)
        channel.messages[message.ts] = message
        channel.opened = True
        if message.only_for is None:
            self.tell(channel, message.json(self.app), sender)
        if sender.bot:
            self.statuses.pop(channel.id, None)
        self.ring()
        return message

    def change(self, message: Message, before: Params, **more: Any) -> None:
        """Tell the app that a message is not as it was."""
        if message.only_for is None:
            changed = {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "message": message.json(self.app),
            }
            self.tell(
                message.channel, {**changed, "previous_message": before, "ts": self.new_ts(), **more}, message.sender
            )
        self.ring()

    def delete(self, message: Message) -> None:
        before = message.json(self.app)
        if message.channel.replies_to(message.ts):
            message.tombstone = True
            self.change(message, before)
            return
        message.deleted = True
        gone = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": message.ts}
        if message.only_for is None:
            self.tell(message.channel, {**gone, "previous_message": before, "ts": self.new_ts()}, message.sender)
        self.ring()

    # --- events

    def tell(self, channel: Channel, event: Params, user: User) -> Delivery | None:
        """A message event, if the app is in the conversation."""
        if self.bot.id not in channel.members:
            return None
        where = {"channel": channel.id, "channel_type": channel.kind, "event_ts": event["ts"]}
        return self.emit(f"message.{KINDS[channel.kind]}", {**event, **where}, user)

    def emit(self, name: str, event: Params, user: User) -> Delivery | None:
        """An event, if the app has subscribed to it and has the scope."""
        scope = EVENTS[name]
        if name not in self.app.events or not self.app.may([scope] if scope else []) or self.app.dead:
            return None
        payload = {
            "token": self.app.verification_token, "team_id": self.team, "context_team_id": self.team,
            "context_enterprise_id": None, "api_app_id": self.app.id, "event": event, "type": "event_callback",
            "event_id": f"Ev{self.word(9)}", "event_time": int(self.clock.now()),
            "authorizations": [{"enterprise_id": None, "team_id": self.team, "user_id": self.bot.id, "is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": user.stranger, "event_context": f"4-{self.word(20)}",
        }  # fmt: skip
        channel = event.get("channel", "")
        return self.deliveries.add("events_api", payload, channel=channel if isinstance(channel, str) else "")

    def new_trigger(self, user: User, view: Any = None) -> str:
        id = f"{self.random.randrange(10**12)}.{self.random.randrange(10**12)}.{self.random.getrandbits(128):032x}"
        self.triggers[id] = Trigger(user, self.clock.now(), view)
        return id

    def exchange(self, id: str) -> Trigger:
        """Use a trigger, once and at once."""
        trigger = self.triggers.get(id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if self.clock.now() - trigger.at > self.trigger_lives:
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        trigger.used = True
        return trigger
