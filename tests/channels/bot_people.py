"""People with a Telegram client, and groups: what they do, and what they see."""

from __future__ import annotations

import mimetypes
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot_files import Kept, bytes_of
from bot_methods import Params
from bot_texts import found_in
from bot_world import Chat, Message, Press, Seen, User, World, seen

Source = Path | str | bytes
T = TypeVar("T")


def wait(world: World, until: Callable[[], T], timeout: float, transcript: Callable[[], str]) -> T:
    """Return what `until` gives as soon as it is true. Raises AssertionError with what was seen instead."""
    last = time.monotonic() + timeout
    with world.lock:
        while not (result := until()):
            left = last - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {timeout} s\n{transcript()}")
            world.lock.wait(left)
        return result


class Room:
    """A chat to look into."""

    def __init__(self, world: World, chat: Chat, story: Callable[[], str]) -> None:
        self.world, self.chat, self._story = world, chat, story

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def sees(self) -> list[Seen]:
        """The messages as they are shown now, the oldest first."""
        with self.world.lock:
            return [seen(message) for message in self.chat.shown()]

    @property
    def answers(self) -> list[Seen]:
        """Those of the bot alone."""
        return [message for message in self.sees if message.from_bot]

    def waits(self, until: Callable[[Any], T], timeout: float = 10.0) -> T:
        """Return what `until(self)` gives as soon as it is true. Raises AssertionError with the transcript."""
        return wait(self.world, lambda: until(self), timeout, self.transcript)

    def transcript(self) -> str:
        lines = [f"--- {self.chat.title} sees", *(f"  {message}" for message in self.sees[-30:])]
        return "\n".join(lines) + "\n" + self._story()


class Group(Room):
    """A group, and what its owner does with the bot."""

    def __init__(self, world: World, chat: Chat, story: Callable[[], str], owner: User) -> None:
        super().__init__(world, chat, story)
        self._owner = owner

    def adds_bot(self, *, admin: bool = False) -> None:
        self.world.membership(self.chat, self._owner, "administrator" if admin else "member")
        self.world.serve(self.chat, self._owner, new_chat_members=[self.world.bot.json()])

    def makes_bot(self, status: str) -> None:
        """The bot becomes `administrator`, `member`, `left` or `kicked`."""
        self.world.membership(self.chat, self._owner, status)

    def removes_bot(self) -> None:
        self.world.membership(self.chat, self._owner, "kicked")

    def adds(self, person: Person) -> None:
        self.chat.members[person.id] = "member"
        self.world.serve(self.chat, self._owner, new_chat_members=[person.user.json()])

    def becomes_supergroup(self) -> int:
        """Return the new id. The old one is of no use from now on."""
        with self.world.lock:
            old = self.chat
            new = self.world.new_chat("supergroup", old.title, members=dict(old.members))
            self.world.serve(old, self._owner, migrate_to_chat_id=new.id)
            old.migrated_to = new.id
            self.chat = new
            self.world.serve(new, self._owner, migrate_from_chat_id=old.id)
            return new.id


@dataclass
class Album:
    """An album sent: the ids of its messages, and what the bot has not been told of yet."""

    ids: list[int]
    late: list[Message]
    world: World

    def late_ones_come(self) -> None:
        with self.world.lock:
            while self.late:
                self.world.tell(self.late.pop(0))


class Person(Room):
    """Somebody with a phone. Acts in the private chat with the bot, or in a group she is in."""

    def __init__(self, world: World, chat: Chat, story: Callable[[], str], user: User) -> None:
        super().__init__(world, chat, story)
        self.user, self.phone = user, f"+66{user.id % 10**9:09}"

    @property
    def notices(self) -> list[Params]:
        """What answers to her presses said, `text` and `show_alert`."""
        with self.world.lock:
            mine = [press for press in self.world.presses.values() if press.person is self.user]
            return [press.answered for press in mine if press.answered and press.answered.get("text")]

    @property
    def keyboard(self) -> list[list[Params]]:
        """The keys that stand in place of her keyboard now."""
        with self.world.lock:
            rows: list[list[Params]] = []
            for message in self.chat.shown():
                markup = message.markup or {}
                if message.sender.is_bot and {"keyboard", "remove_keyboard"} & markup.keys():
                    rows = [
                        [k if isinstance(k, dict) else {"text": k} for k in row] for row in markup.get("keyboard", [])
                    ]
            return rows

    # --- says

    def starts(self, payload: str = "") -> int:
        """Opens the deep link, or presses Start. Return the message's id."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise AssertionError(f"no client opens a link with ?start={payload}")
        if self.chat.members[self.world.bot.id] == "kicked":
            self.unblocks()
        return self.types(f"/start {payload}".strip())

    def types(self, text: str, **where: Any) -> int:
        """Where: `in_` a group, `reply_to` a message, `thread` a topic's id. Return the message's id."""
        text = text.strip()
        if not 1 <= len(text) <= 4096:
            raise AssertionError("a client sends 1-4096 characters")
        return self._sends({"text": text, "entities": found_in(text)}, **where).id

    def shares_contact(self, number: str, *, own: bool = True, **where: Any) -> int:
        known = {"phone_number": number, "first_name": self.user.first_name if own else "Somebody"}
        return self._sends({"contact": known | ({"user_id": self.user.id} if own else {})}, **where).id

    def sends_voice(self, **where: Any) -> int:
        kept = self.world.files.keep(self.world.random.randbytes(400), "voice", ".oga")
        return self._sends({"voice": {"duration": 3, "mime_type": "audio/ogg", **kept.ids()}}, **where).id

    def sends_sticker(self, **where: Any) -> int:
        kept = self.world.files.keep(self.world.random.randbytes(400), "sticker", ".webp")
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return self._sends({"sticker": {**size, "emoji": "👍", **kept.ids()}}, **where).id

    def sends_raw(self, content: Params, **where: Any) -> int:
        """Anything else a message can be, such as `{"location": {...}}`."""
        return self._sends(content, **where).id

    def sends_photo(self, source: Source, caption: str = "", *, hd: bool = False, **where: Any) -> int:
        """As a photo: recompressed, 1280 pixels on the long side, 2560 with `hd`."""
        content, kept = self._photo(source, caption, hd=hd)
        return self._sends(content, files=[kept], **where).id

    def sends_document(self, source: Source, name: str | None = None, mime: str | None = None, caption: str = "", **where: Any) -> int:  # fmt: skip
        """As a file, byte for byte. An empty name or mime is one the client did not send."""
        content, kept = self._document(source, name, mime, caption)
        return self._sends(content, files=[kept], **where).id

    def sends_album(
        self, sources: Sequence[Source], *, as_photos: bool = True, caption: str = "",
        order: Sequence[int] | None = None, late: Sequence[int] = (), **where: Any,
    ) -> Album:  # fmt: skip
        """One update an item, the caption on the first.

        Args:
            order: the order in which the bot is told, by place in `sources`.
            late: the places the bot is told of only after `album.late_ones_come()`.
        """
        with self.world.lock:
            album, messages = str(self.world.random.getrandbits(60)), list[Message]()
            for place, source in enumerate(sources):
                words = caption if place == 0 else ""
                made = self._photo(source, words) if as_photos else self._document(source, None, None, words)
                messages.append(self._sends(made[0], files=[made[1]], album=album, tell=False, **where))
            for place in order or range(len(messages)):
                if place not in late:
                    self.world.tell(messages[place])
            return Album([message.id for message in messages], [messages[place] for place in late], self.world)

    def _photo(self, source: Source, caption: str, *, hd: bool = False) -> tuple[Params, Kept]:
        sizes = self.world.files.photo(bytes_of(source), hd=hd)
        kept = self.world.files.known(sizes[-1]["file_id"])
        assert kept
        return {"photo": sizes, "caption": caption, "caption_entities": found_in(caption)}, kept

    def _document(self, source: Source, name: str | None, mime: str | None, caption: str) -> tuple[Params, Kept]:
        name = name if name is not None else ("file.bin" if isinstance(source, bytes) else Path(source).name)
        mime = mime if mime is not None else (mimetypes.guess_type(name)[0] or "application/octet-stream")
        kept = self.world.files.keep(bytes_of(source), "document", Path(name).suffix)
        claims = {field: value for field, value in (("file_name", name), ("mime_type", mime)) if value}
        content = {"document": {**claims, **kept.ids()}, "caption": caption, "caption_entities": found_in(caption)}
        return content, kept

    def _sends(self, content: Params, *, in_: Group | None = None, reply_to: Seen | int | None = None, thread: int | None = None, tell: bool = True, **values: Any) -> Message:  # fmt: skip
        with self.world.lock:
            chat = (in_ or self).chat
            self._may_write(chat, thread)
            before = self._message(reply_to, chat) if reply_to is not None else None
            thread = thread or (before.thread if before else None)
            message = self.world.post(chat, self.user, content, reply_to=before, thread=thread, **values)
            if tell:
                self.world.tell(message)
            return message

    def _may_write(self, chat: Chat, thread: int | None) -> None:
        bot = self.world.bot.id
        if chat.kind != "private":
            assert chat.is_in(self.user), f"{self.user.first_name} is not in {chat.title}"
            assert thread is None or thread in chat.topics, f"{chat.title} has no topic {thread}"
        elif chat.members[bot] == "kicked":
            raise AssertionError("she has blocked the bot: her client lets her write after unblocks()")
        else:
            chat.members[bot] = "member"

    def _message(self, which: Seen | int, chat: Chat) -> Message:
        message = chat.messages.get(which if isinstance(which, int) else which.id)
        assert message and not message.deleted, f"no message {which} in {chat.title}"
        return message

    # --- changes

    def edits(self, which: Seen | int, text: str, *, in_: Group | None = None) -> None:
        """Changes her text, or the caption of her file."""
        with self.world.lock:
            message = self._message(which, (in_ or self).chat)
            assert message.sender is self.user, "only her own"
            message.say(text, found_in(text))
            message.edited_at = int(self.world.clock.now())
            self.world.tell(message, "edited_message")
            self.world.ring()

    def deletes(self, which: Seen | int, *, in_: Group | None = None) -> None:
        """Takes a message away; a bot is never told."""
        with self.world.lock:
            self._message(which, (in_ or self).chat).deleted = True
            self.world.ring()

    def blocks(self) -> None:
        with self.world.lock:
            self.world.membership(self.chat, self.user, "kicked")

    def unblocks(self) -> None:
        with self.world.lock:
            self.world.membership(self.chat, self.user, "member")

    def deletes_account(self) -> None:
        self.user.gone = True

    # --- presses

    def presses(self, which: Seen | int | None, label: str, *, in_: Group | None = None) -> Press | int:
        """Press a button by its label: one in that message, else a key in place of the keyboard.

        With None the newest message with such a button. Return the press, or the id of the message a key sent.
        """
        with self.world.lock:
            chat = (in_ or self).chat
            messages = [self._message(which, chat)] if which is not None else chat.shown()[::-1]
            for message in messages:
                if button := _button(message, label):
                    assert "callback_data" in button, f"[{label}] opens or copies something: {button}"
                    return self.world.press(self.user, message, button["callback_data"])
            return self._taps(label, chat)

    def _taps(self, label: str, chat: Chat) -> int:
        keys = {key["text"]: key for row in self.keyboard for key in row}
        assert label in keys, f"no button [{label}]\n{self.transcript()}"
        if keys[label].get("request_contact"):
            return self.shares_contact(self.phone)
        return self._sends({"text": label, "entities": found_in(label)}).id

    def presses_data(self, which: Seen | int, data: str, *, in_: Group | None = None) -> Press:
        """What a tampered client sends: any data, for any message."""
        with self.world.lock:
            message = (in_ or self).chat.messages[which if isinstance(which, int) else which.id]
            return self.world.press(self.user, message, data)

    def opens(self, which: Seen | int, label: str) -> str:
        """The link behind a button."""
        with self.world.lock:
            button = _button(self._message(which, self.chat), label)
            assert button and "url" in button, f"no link [{label}]\n{self.transcript()}"
            return str(button["url"])

    def copies(self, which: Seen | int, label: str) -> str:
        """What a button puts on the clipboard."""
        with self.world.lock:
            button = _button(self._message(which, self.chat), label)
            assert button and "copy_text" in button, f"nothing to copy at [{label}]\n{self.transcript()}"
            return str(button["copy_text"]["text"])


def _button(message: Message, label: str) -> Params | None:
    rows = (message.markup or {}).get("inline_keyboard", [])
    return next((button for row in rows for button in row if button["text"] == label), None)
