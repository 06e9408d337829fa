"""People with a Slack client, and channels: what they write, and what they see."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot_methods import Params
from bot_people import wait
from slack_elements import Shown, render
from slack_files import File, Files, Source
from slack_texts import decorated, links, shown
from slack_world import Channel, Message, User, World

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """A message as a client shows it now."""

    ts: str
    text: str  # of the blocks, if there are any
    sender: str
    from_bot: bool
    buttons: list[list[str]]  # labels, a row a block
    menus: dict[str, list[str]]  # placeholder -> texts of the options
    links: list[tuple[str, str]]  # address, label
    files: list[tuple[str, bytes]]
    thread: str | None
    edited: bool
    ephemeral: bool
    metadata: Params | None
    fallback: str  # the text beside the blocks: what a notification says
    blocks: list[Params]
    mentions: list[str]
    unfurls: bool
    reactions: list[str]
    channel: str

    @property
    def id(self) -> str:
        return self.ts

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label in row]

    def __str__(self) -> str:
        parts = [f"{self.ts} {self.sender}: {self.text[:300]}"]
        parts += [f"[{name}, {len(content)} bytes]" for name, content in self.files]
        parts += [" ".join(f"[{label}]" for label in row) for row in self.buttons]
        parts += [f"<{placeholder}: {', '.join(options[:5])}>" for placeholder, options in self.menus.items()]
        marks = (["edited"] if self.edited else []) + (["for her alone"] if self.ephemeral else [])
        return "\n    ".join(parts) + (f" ({', '.join(marks)})" if marks else "")


def seen(message: Message, world: World, zone: str | None) -> Seen:
    """Return what a client shows of a message."""
    view = render(message.blocks, world.name_of, zone) if message.blocks and message.sender.bot else Shown()
    text = view.text if view.lines else shown(message.text, world.name_of, zone)
    if message.tombstone:
        text = "This message was deleted."
    return Seen(
        ts=message.ts, text=text, sender=message.sender.name, from_bot=message.sender.bot, buttons=view.buttons,
        menus=view.menus, links=view.links or links(message.text), thread=message.thread,
        files=[(file.name, file.content) for file in message.files if not file.deleted],
        edited=message.edited is not None, ephemeral=message.only_for is not None, metadata=message.metadata,
        fallback=shown(message.text, world.name_of, zone), blocks=message.blocks, mentions=message.mentions,
        unfurls=message.unfurls, reactions=[name for name, _ in message.reactions], channel=message.channel.id,
    )  # fmt: skip


class Room:
    """A conversation to look into."""

    def __init__(self, world: World, channel: Channel, story: Callable[[], str]) -> None:
        self.world, self.channel, self._story = world, channel, story

    @property
    def id(self) -> str:
        return self.channel.id

    @property
    def sees(self) -> list[Seen]:
        """The messages everybody sees now, the oldest first."""
        with self.world.lock:
            return [seen(message, self.world, None) for message in self.channel.shown() if not message.only_for]

    @property
    def answers(self) -> list[Seen]:
        """Those of the bot alone."""
        return [message for message in self.sees if message.from_bot]

    @property
    def status(self) -> str:
        """What the bot says it is doing there."""
        return self.world.statuses.get(self.channel.id, "")

    def waits(self, until: Callable[[Any], T], timeout: float = 10.0) -> T:
        """Return what `until(self)` gives as soon as it is true. Raises AssertionError with the transcript."""
        return wait(self.world, lambda: until(self), timeout, self.transcript)  # type: ignore[arg-type]

    def transcript(self) -> str:
        lines = [f"--- in {self.channel.name}", *(f"  {message}" for message in self.sees[-30:])]
        return "\n".join(lines) + "\n" + self._story()


class Conversation(Room):
    """A channel: who is in it."""

    def adds_bot(self) -> None:
        with self.world.lock:
            self.channel.members.append(self.world.bot.id)
            joined = {
                "type": "member_joined_channel",
                "user": self.world.bot.id,
                "channel": self.id,
                "channel_type": "C",
            }
            self.world.emit("member_joined_channel", {**joined, "event_ts": self.world.new_ts()}, self.world.bot)

    def removes_bot(self) -> None:
        self.channel.members.remove(self.world.bot.id)

    def adds(self, person: Writer) -> None:
        self.channel.members.append(person.user.id)

    def is_archived(self) -> None:
        self.channel.archived = True


class Writer(Room):
    """Somebody with a Slack client, in her conversation with the bot or in a channel she is in."""

    def __init__(self, world: World, files: Files, channel: Channel, story: Callable[[], str], user: User) -> None:
        super().__init__(world, channel, story)
        self.user, self._files = user, files
        self.errors: list[str] = []  # what her client said when the app did not answer

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def dm(self) -> str:
        """The id of her conversation with the bot."""
        return self.channel.id

    @property
    def sees(self) -> list[Seen]:
        """Her conversation with the bot as her client shows it now, the oldest message first."""
        return self.sees_in(self)

    def sees_in(self, room: Room) -> list[Seen]:
        """A channel as her client shows it, what is for her alone too."""
        with self.world.lock:
            mine = [m for m in room.channel.shown() if m.only_for in (None, self.user.id)]
            return [seen(message, self.world, self.user.tz or "UTC") for message in mine]

    # --- says

    def opens_dm(self) -> None:
        """Opens the Messages tab."""
        self._opens("messages", {})

    def _opens(self, tab: str, more: Params) -> None:
        with self.world.lock:
            self.channel.opened = True
            event = {"type": "app_home_opened", "user": self.user.id, "channel": self.channel.id, "tab": tab, **more}
            self.world.emit("app_home_opened", {**event, "event_ts": self.world.new_ts()}, self.user)

    def types(self, text: str = "", channel: Room | None = None, thread: Seen | str | None = None, *, raw: str | None = None) -> str:  # fmt: skip
        """Her client links addresses and escapes; `raw` is sent as it is. Return the message's ts."""
        assert raw is not None or text.strip(), "a client sends no empty message"
        assert raw is not None or not text.startswith("/"), f"her client takes {text} for a command: commands(...)"
        sent, elements = decorated(text.strip()) if raw is None else (raw, [{"type": "text", "text": raw}])
        with self.world.lock:
            return self._posts(sent, channel, thread, blocks=[self._rich(elements)]).ts

    def mentions_bot(self, text: str, channel: Room, thread: Seen | str | None = None) -> str:
        """Two events may come of it, with one ts: app_mention, and message.channels."""
        with self.world.lock:
            assert self.world.bot.id in channel.channel.members, "her client first asks to invite the bot: adds_bot()"
            sent, elements = decorated(text)
            blocks = [self._rich([{"type": "user", "user_id": self.world.bot.id}, *elements])]
            return self._posts(f"<@{self.world.bot.id}> {sent}", channel, thread, blocks=blocks).ts

    def sends_files(
        self, sources: Sequence[Source], text: str = "", *, channel: Room | None = None,
        thread: Seen | str | None = None, external: bool = False, stub: bool = False,
    ) -> str:  # fmt: skip
        """One message with all of them. Return its ts.

        Args:
            sources: paths, bytes, or (name, bytes).
            external: they lie at another service; Slack has no bytes.
            stub: events say only to ask files.info, as with a stranger's files.
        """
        stub = stub or self.user.stranger
        with self.world.lock:
            files = [self._files.keep(s, self.user.id, external=external, stub=stub, shared=True) for s in sources]
            sent, elements = decorated(text)
            blocks = [self._rich(elements)] if text else []
            message = self._posts(sent, channel, thread, blocks=blocks, files=files)
            for file in files:
                shared = {"type": "file_shared", "file_id": file.id, "user_id": self.user.id, "file": {"id": file.id}}
                self.world.emit("file_shared", {**shared, "channel_id": message.channel.id, "event_ts": message.ts}, self.user)  # fmt: skip
            return message.ts

    def _rich(self, elements: list[Params]) -> Params:
        section = {"type": "rich_text_section", "elements": elements}
        return {"type": "rich_text", "block_id": self.world.word(5), "elements": [section]}

    def _posts(self, text: str, room: Room | None, thread: Seen | str | None, **values: Any) -> Message:
        channel = (room or self).channel
        assert self.user.id in channel.members, f"{self.user.name} is not in {channel.name}"
        assert not channel.archived, f"{channel.name} is archived"
        before = self._message(thread, room) if thread else None
        root = (before.thread or before.ts) if before else None
        id = str(uuid.UUID(int=self.world.random.getrandbits(128)))
        message = self.world.post(channel, self.user, text, thread=root, client_msg_id=id, **values)
        if f"<@{self.world.bot.id}>" in text and channel.kind != "im" and self.world.bot.id in channel.members:
            known = message.json(self.world.app) | {"type": "app_mention", "channel": channel.id}
            self.world.emit("app_mention", {**known, "event_ts": message.ts}, self.user)
        return message

    def _message(self, which: Seen | str, room: Room | None = None) -> Message:
        ts, channel = (which, (room or self).channel) if isinstance(which, str) else (which.ts, self.world.channels[which.channel])  # fmt: skip
        message = channel.messages.get(ts)
        assert message and not message.deleted, f"no message {ts} in {channel.name}\n{self.transcript()}"
        return message

    # --- changes

    def edits(self, which: Seen | str, text: str = "", *, channel: Room | None = None, raw: str | None = None) -> None:
        sent, elements = decorated(text) if raw is None else (raw, [{"type": "text", "text": raw}])
        with self.world.lock:
            message = self._message(which, channel)
            assert message.sender is self.user, "only her own"
            before = message.json(self.world.app)
            message.text, message.blocks = sent, [self._rich(elements)]
            message.edited = {"user": self.user.id, "ts": self.world.new_ts()}
            self.world.change(message, before)

    def link_unfurls(self, which: Seen | str, title: str = "A page") -> None:
        """Slack shows what she linked to: the app gets a message_changed though she changed nothing."""
        with self.world.lock:
            message = self._message(which)
            before = message.json(self.world.app)
            message.attachments = [{"id": 1, "title": title, "from_url": (links(message.text) or [("", "")])[0][0]}]
            self.world.change(message, before)

    def deletes(self, which: Seen | str, *, channel: Room | None = None) -> None:
        with self.world.lock:
            self.world.delete(self._message(which, channel))

    def deletes_file(self, name: str) -> None:
        """Her newest file of that name: nothing is left but its id."""
        with self.world.lock:
            mine = [file for file in self._files.known.values() if file.owner == self.user.id and file.name == name]
            assert mine, f"no file {name}"
            mine[-1].deleted = True
            event = {"type": "file_deleted", "file_id": mine[-1].id, "event_ts": self.world.new_ts()}
            self.world.emit("file_deleted", event, self.user)
            self.world.ring()

    def reacts(self, which: Seen | str, name: str = "thumbsup", *, channel: Room | None = None) -> None:
        with self.world.lock:
            message = self._message(which, channel)
            message.reactions.append((name, self.user.id))
            item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
            event = {"type": "reaction_added", "user": self.user.id, "reaction": name, "item": item}
            self.world.emit("reaction_added", {**event, "item_user": message.sender.id, "event_ts": self.world.new_ts()}, self.user)  # fmt: skip
            self.world.ring()

    def is_deactivated(self) -> None:
        self.user.deleted = True

    def file_of(self, ts: str, place: int = 0) -> File:
        """The file of a message of hers, as the server keeps it."""
        return self._message(ts).files[place]  # type: ignore[no-any-return]
