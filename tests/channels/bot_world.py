"""Chats, people and messages as Telegram holds them, in the JSON it gives them to a bot."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot_clock import Clock
from bot_files import Files, Kept
from bot_methods import Params
from bot_texts import as_html

MEMBERSHIP_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories", "can_pin_messages", "can_manage_topics",
)  # fmt: skip
DENIED = {"can_be_edited", "is_anonymous", "can_promote_members"}


@dataclass(eq=False)
class User:
    id: int
    first_name: str
    username: str
    language: str | None = None
    is_bot: bool = False
    gone: bool = False  # deleted the account

    def json(self) -> Params:
        known = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, "username": self.username}
        return known | ({"language_code": self.language} if self.language else {})


@dataclass
class Topic:
    id: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass(eq=False)
class Chat:
    id: int
    kind: str  # private, group, supergroup
    title: str
    username: str = ""
    forum: bool = False
    members: dict[int, str] = field(default_factory=dict)  # user id -> creator, administrator, member, left, kicked
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    migrated_to: int | None = None
    last_id: int = 0

    def json(self) -> Params:
        if self.kind == "private":
            return {"id": self.id, "first_name": self.title, "username": self.username, "type": "private"}
        known: Params = {"id": self.id, "title": self.title, "type": self.kind}
        return known | ({"is_forum": True} if self.forum else {})

    def is_in(self, user: User) -> bool:
        return self.members.get(user.id) in ("creator", "administrator", "member")

    def is_admin(self, user: User) -> bool:
        return self.members.get(user.id) in ("creator", "administrator")

    def shown(self) -> list[Message]:
        return sorted((m for m in self.messages.values() if not m.deleted), key=lambda message: message.id)


@dataclass(eq=False)
class Message:
    id: int
    chat: Chat
    sender: User
    at: int
    content: Params  # what this kind of message has: text, or photo and caption, or contact ...
    reply_to: Message | None = None
    thread: int | None = None
    markup: Params | None = None  # of any kind
    album: str | None = None
    files: list[Kept] = field(default_factory=list)
    protected: bool = False
    preview_off: bool = False
    edited_at: int | None = None
    deleted: bool = False

    def json(self, *, deep: bool = True) -> Params:
        """As the bot gets it; a message it replies to is given one level deep."""
        known: Params = {
            "message_id": self.id, "from": self.sender.json(), "chat": self.chat.json(), "date": self.at,
            **{name: value for name, value in self.content.items() if value not in ("", [], None)},
        }  # fmt: skip
        if self.thread:
            known |= {"message_thread_id": self.thread, "is_topic_message": True}
        elif self.chat.kind == "supergroup" and self.reply_to:
            # The first message of the replies, which is no topic: nothing can be sent to it.
            known["message_thread_id"] = self.first_of_replies().id
        if deep and (before := self.reply_to or self.chat.messages.get(self.thread or 0)) and before is not self:
            # Inside a topic every message "replies" at least to the one that opened it.
            known["reply_to_message"] = before.json(deep=False)
        if self.inline:
            known["reply_markup"] = self.markup
        if self.album:
            known["media_group_id"] = self.album
        if self.edited_at:
            known["edit_date"] = self.edited_at
        if self.protected:
            known["has_protected_content"] = True
        return known

    def first_of_replies(self) -> Message:
        return self.reply_to.first_of_replies() if self.reply_to else self

    @property
    def inline(self) -> bool:
        return "inline_keyboard" in (self.markup or {})

    @property
    def is_service(self) -> bool:
        return bool(SERVICE & self.content.keys())

    @property
    def text(self) -> str:
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def entities(self) -> list[Params]:
        return self.content.get("entities") or self.content.get("caption_entities") or []

    def say(self, text: str, entities: list[Params]) -> None:
        """Change the text, or the caption of what has one."""
        if "text" in self.content:
            self.content |= {"text": text, "entities": entities}
        else:
            self.content |= {"caption": text, "caption_entities": entities}


SERVICE = {
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo", "pinned_message",
    "group_chat_created", "supergroup_chat_created", "migrate_to_chat_id", "migrate_from_chat_id",
    "message_auto_delete_timer_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "video_chat_started", "video_chat_ended", "write_access_allowed",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A message as a client shows it now."""

    id: int
    text: str
    html: str
    sender: str
    from_bot: bool
    buttons: list[list[str]]  # labels of those in the message
    keyboard: list[list[str]]  # labels of those it put in place of the keyboard
    documents: list[tuple[str, bytes]]
    photos: list[bytes]
    reply_to: int | None
    thread: int | None
    edited: bool
    protected: bool
    links: list[str]
    preview_off: bool
    album: str | None
    content: Params
    markup: Params | None

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label in row]

    def __str__(self) -> str:
        parts = [f"{self.id} {self.sender}: {self.text[:300]}"]
        parts += [f"[{name}, {len(content)} bytes]" for name, content in self.documents]
        parts += [f"[photo, {len(photo)} bytes]" for photo in self.photos]
        parts += [" ".join(f"[{label}]" for label in row) for row in self.buttons + self.keyboard]
        return "\n    ".join(parts) + (" (edited)" if self.edited else "")


def seen(message: Message) -> Seen:
    """Return what a client shows of a message."""
    rows = (message.markup or {}).get("inline_keyboard", [])
    keys = (message.markup or {}).get("keyboard", [])
    links = [e["url"] for e in message.entities if e["type"] == "text_link"]
    return Seen(
        id=message.id, text=message.text, html=as_html(message.text, message.entities),
        sender=message.sender.first_name, from_bot=message.sender.is_bot,
        buttons=[[button["text"] for button in row] for row in rows],
        keyboard=[[key["text"] if isinstance(key, dict) else key for key in row] for row in keys],
        documents=[(message.content["document"].get("file_name", ""), f.content) for f in message.files if f.kind == "document"],
        photos=[f.content for f in message.files if f.kind == "photo"],
        reply_to=message.reply_to.id if message.reply_to else None, thread=message.thread,
        edited=message.edited_at is not None, protected=message.protected, links=links,
        preview_off=message.preview_off, album=message.album, content=dict(message.content), markup=message.markup,
    )  # fmt: skip


@dataclass(eq=False)
class Press:
    """A button pressed, and what became of it."""

    id: str
    person: User
    message: Message
    data: str
    at: float
    answered: Params | None = None  # text, show_alert ...
    answered_at: float | None = None


class World:
    """All of it, behind one lock. What changes it rings the bell."""

    def __init__(self, bot: User, clock: Clock, files: Files, seed: int, lock: threading.Condition) -> None:
        self.bot, self.clock, self.files, self.lock = bot, clock, files, lock
        self.random = random.Random(f"world {seed}")
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, User] = {bot.id: bot}
        self.presses: dict[str, Press] = {}
        self.complaints: list[str] = []
        self.reads_all_groups = False  # privacy mode switched off
        # Private chats and plain groups number their messages together, in the box of the account.
        self._box = self.random.randrange(100, 1000)
        self.emit: Callable[[str, Params, str], None] = lambda kind, payload, key: None
        self.ring: Callable[[], None] = lambda: None

    def new_user(self, name: str, language: str | None) -> User:
        # Beyond 32 bits, as real ids are.
        number = 5_000_000_000 + self.random.randrange(10**9)
        user = User(number, name, f"{name.lower().replace(' ', '_')}_{number % 1000}", language)
        self.users[user.id] = user
        return user

    def new_private(self, user: User) -> Chat:
        """Her chat with the bot, before she has started it."""
        chat = self.chats[user.id] = Chat(user.id, "private", user.first_name, user.username)
        chat.members = {user.id: "member", self.bot.id: "left"}
        return chat

    def new_chat(self, kind: str, title: str, **values: Any) -> Chat:
        number = self.random.randrange(10**9)
        id = {"group": -4_500_000_000 - number, "supergroup": -1_002_000_000_000 - number}[kind]
        chat = self.chats[id] = Chat(id, kind, title, **values)
        return chat

    def next_id(self, chat: Chat) -> int:
        if chat.kind == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self._box += 1
        return self._box

    def post(self, chat: Chat, sender: User, content: Params, **values: Any) -> Message:
        """Put a message into a chat; the bot is not told yet."""
        with self.lock:
            message = Message(self.next_id(chat), chat, sender, int(self.clock.now()), content, **values)
            chat.messages[message.id] = message
        self.ring()
        return message

    def tell(self, message: Message, kind: str = "message") -> None:
        """Tell the bot of a message, if it may know of it."""
        with self.lock:
            if self.may_see(message):
                self.emit(kind, message.json(), f"chat {message.chat.id}")

    def may_see(self, message: Message) -> bool:
        """Privacy mode: in a group the bot gets what is meant for it, unless it is an administrator."""
        chat, bot = message.chat, self.bot
        if message.sender is bot:
            return False
        if chat.kind == "private":
            return True
        if not chat.is_in(bot):
            return False
        if chat.is_admin(bot) or self.reads_all_groups or message.is_service:
            return True
        if message.reply_to and message.reply_to.sender is bot:
            return True
        command, _, addressed = message.text.split(" ")[0].partition("@")
        return command.startswith("/") and addressed.lower() in ("", bot.username.lower())

    def serve(self, chat: Chat, sender: User, **content: Any) -> Message:
        """A service message: somebody joined, a topic was opened ..."""
        message = self.post(chat, sender, content)
        self.tell(message)
        return message

    def membership(self, chat: Chat, by: User, status: str) -> None:
        """The bot's own place in a chat changes, and it is told."""
        old = chat.members.get(self.bot.id, "left")
        payload = {
            "chat": chat.json(), "from": by.json(), "date": int(self.clock.now()),
            "old_chat_member": member(self.bot, old), "new_chat_member": member(self.bot, status),
        }  # fmt: skip
        with self.lock:
            chat.members[self.bot.id] = status
            self.emit("my_chat_member", payload, f"membership {chat.id}")
        self.ring()

    def press(self, user: User, message: Message, data: str) -> Press:
        press = Press(str(self.random.getrandbits(62)), user, message, data, self.clock.now())
        self.presses[press.id] = press
        shown = message.json()
        if message.deleted:
            shown = {"message_id": message.id, "chat": message.chat.json(), "date": 0}
        payload = {"id": press.id, "from": user.json(), "message": shown, "chat_instance": str(message.chat.id * 7), "data": data}  # fmt: skip
        self.emit("callback_query", payload, f"user {user.id}")
        self.ring()
        return press

    def complain(self, words: str) -> None:
        self.complaints.append(words)


def member(user: User, status: str) -> Params:
    """A ChatMember."""
    known: Params = {"user": user.json(), "status": status}
    if status == "kicked":
        known["until_date"] = 0
    elif status == "creator":
        known["is_anonymous"] = False
    elif status == "administrator":
        known |= {right: right not in DENIED for right in MEMBERSHIP_RIGHTS}
    return known
