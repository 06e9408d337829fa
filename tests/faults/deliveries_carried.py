"""People on every channel whose acts come as the platforms bring them: raw, through each channel's own conversion.

What a platform delivered is kept as it came, so that it can be delivered again: at once, later, in another order.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import telegram

from bot.channels import slack_in, telegram_in
from bot.channels.slack_parts import SAY, order_of
from bot.channels.tokens import Tokens
from bot.commands.chat import Session
from bot.writer import Taken
from conversations.model import Event, IncomingFile, Kind, Role
from storage.store import Entry

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

from playing import Chat, Contents, House, Message, _content_of, _message

TOKENS = Tokens(("a key that is only for tests",))
BOT, TEAM = "7123456789", "T024BE7LD"
BEGAN = 1795341600  # seconds since 1970
CHANNELS = ("telegram", "slack", "web", "console")
KEPT = ("web", "console")  # where a message is delivered when it stands in the history

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Delivery:
    """What a platform brought, and how it came."""

    way: str
    raw: Raw
    chat: str
    order: int = 0  # how many messages its chat had by then

    def events(self, house: Carried, way: str = "") -> list[Event]:
        return CONVERSIONS[way or self.way](self.raw, self.chat, house)

    @property
    def ways(self) -> tuple[str, ...]:
        """How it may come again: Slack's messages are read from the history too."""
        return (self.way, "slack history") if self.way == "slack" and "event" in self.raw else (self.way,)


# --- as each channel reads it


def _from_telegram(raw: Raw, chat: str, house: Carried) -> list[Event]:
    here = telegram_in.Here(BOT, "sender_desk_bot", TOKENS, None, house.now)
    event = telegram_in.to_event(telegram.Update.de_json(dict(raw), None), here)
    return [event] if event else []


def _slack_here(house: Carried) -> slack_in.Here:
    return slack_in.Here(TEAM, "U0SENDER01", TOKENS, None, house.now)


def _from_slack(raw: Raw, chat: str, house: Carried) -> list[Event]:
    event = slack_in.to_event(raw, _slack_here(house))
    return [event] if event else []


def _from_slacks_history(raw: Raw, chat: str, house: Carried) -> list[Event]:
    here, channel = _slack_here(house), raw["event"]["channel"]
    message = raw["event"].get("message", raw["event"])
    is_known = house.store.seen(slack_in.message_id(channel, message, here))
    return slack_in.from_history(channel, message, here, is_known=is_known)


def _from_the_page(raw: Raw, chat: str, house: Carried) -> list[Event]:
    """As bot/web/chat.py reads a form."""
    files = tuple(IncomingFile(*file) for file in raw.get("files", ()))
    kind = Kind.FILES if files else Kind.PRESS if "choice" in raw else Kind.TEXT
    return [
        Event(
            f"web:{uuid.UUID(raw['event'])}", kind, house.now, chat, chat, message=raw["event"], order=raw["order"],
            text=raw.get("text", ""), choice=raw.get("choice"), asked=raw.get("asked"), files=files,
        )
    ]  # fmt: skip


def _from_the_terminal(raw: Raw, chat: str, house: Carried) -> list[Event]:
    session = Session(SimpleNamespace(app=house.app), chat, None)  # type: ignore[arg-type]
    return [asyncio.run(session._event(json.dumps(raw)))]


CONVERSIONS: dict[str, Callable[[Raw, str, Carried], list[Event]]] = {
    "telegram": _from_telegram, "slack": _from_slack, "slack history": _from_slacks_history, "web": _from_the_page,
    "console": _from_the_terminal,
}  # fmt: skip


# --- the house


class Carried(House):
    """A house that keeps what was brought to it, and what else went on, so that all of it can be played again."""

    def begin(self) -> Carried:
        self.script: list[tuple[Any, ...]] = []
        self.orders: dict[str, int] = {}  # of the last message of each chat
        self.questions: dict[
            str, tuple[int, int]
        ] = {}  # chat -> the newest: its number, its order when it was first shown
        self.stage: Stage | None = None
        return self

    def next_order(self, chat: str) -> int:
        """The next message's own number there, as the platform counts."""
        self.orders[chat] = self.orders.get(chat, 0) + 1
        return self.orders[chat]

    # --- what goes on

    def brings(self, *deliveries: Delivery) -> list[Taken]:
        self.script.append(("brought", *deliveries))
        return self.takes([event for one in deliveries for event in one.events(self)])

    def takes(self, events: Sequence[Event]) -> list[Taken]:
        taken = self.happens(*events)
        for one in taken:
            if one.error is not None:
                raise one.error
        return taken

    def works(self, fail: bool = False) -> list[str]:
        self.script.append(("worked",))
        return super().works(fail)

    def rests(self, seconds: float) -> None:
        """Time goes by."""
        self.script.append(("rested", seconds))
        self.ticks(timedelta(seconds=seconds))

    def invites(self, role: Role) -> str:
        self.script.append(("invited", role))
        return self.store.invite(role, self.now).code

    def again(self, did: tuple[Any, ...]) -> None:
        """Do what was done in another house."""
        if did[0] == "worked":
            self.works()
        elif did[0] == "rested":
            self.rests(did[1])
        elif did[0] == "invited":
            self.invites(did[1])
        else:
            for one in did[1:]:
                self.orders[one.chat] = one.order
            self.brings(*did[1:])

    def delivers(self) -> None:
        """Send what waits: the page and the terminal keep it, the platforms number it."""
        for channel in () if self.offline else CHANNELS:
            while waiting := self.store.claim(channel, self.now, 50, 30.0):
                for outgoing in waiting:
                    words = self.catalogs.words(outgoing.locale, outgoing.time_zone)
                    rendered = words.render(outgoing, self.files.path)
                    message = _message(outgoing.say, outgoing.asked, rendered, self.now)
                    self.said.setdefault(outgoing.chat, []).append(message)
                    if channel in KEPT:
                        entry = Entry(
                            0, outgoing.chat, False, self.now, rendered.text, rendered.choices, outgoing.asked,
                            key=outgoing.say.key, asks=outgoing.say.asks,
                        )  # fmt: skip
                        order = self.orders[outgoing.chat] = self.store.deliver(outgoing, entry, self.now).id
                    else:
                        order = self.next_order(outgoing.chat)
                        order = order if channel == "telegram" else order_of(_ts(order))
                        self.store.sent(outgoing.id, self.now, order, str(order))
                    if outgoing.say.asks and self.questions.get(outgoing.chat, (0, 0))[0] != outgoing.asked:
                        self.questions[outgoing.chat] = outgoing.asked, order

    # --- what came of it

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with closing(sqlite3.connect(self.folder / "desk.db")) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            return {
                table: database.execute(f"select * from {table} order by rowid").fetchall()
                for table in tables
                if not table.startswith("_")  # when the tables were made
            }

    def letters(self) -> dict[str, list[tuple[str, str]]]:
        """Every message of every chat, as it was read."""
        return {chat: [(message.key, message.text) for message in said] for chat, said in self.said.items()}


def differences(one: Mapping[str, Sequence[Any]], other: Mapping[str, Sequence[Any]]) -> list[str]:
    """What differs, in a few words each."""
    found = []
    for name in one.keys() | other.keys():
        mine, theirs = one.get(name, ()), other.get(name, ())
        if list(mine) != list(theirs):
            first = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), -1)
            found.append(
                f"{name}: {len(mine)} and {len(theirs)}, first at {first}: {mine[first:][:1]!s:.600} and {theirs[first:][:1]!s:.600}"
            )  # fmt: skip
    return found


# --- the people


class Person(Chat):
    """Somebody whose acts a platform brings."""

    way = ""

    def _does(self, kind: Kind, **values: Any) -> list[str]:
        if self.house.stage is not None:
            self.house.stage.waits_for_the_turn()
        self.house.rests(5)
        before = len(self.messages)
        for raw in self.raw(kind, values):
            self.house.brings(Delivery(self.way, raw, self.name, self.house.orders.get(self.name, 0)))
        return [message.key for message in self.messages[before:]]

    def raw(self, kind: Kind, values: Mapping[str, Any]) -> Iterator[Raw]:
        raise NotImplementedError

    def says(self, text: str) -> str:
        """Say it, and return what the platform calls the message."""
        self.types(text)
        return self.newest

    @property
    def newest(self) -> str:
        """What the platform calls the newest message of hers."""
        raise NotImplementedError

    def _of(self, values: Mapping[str, Any]) -> Message:
        """The message with the button that is pressed."""
        return next(one for one in reversed(self.messages) if one.asked == values["asked"] and one.choices)

    def _token(self, values: Mapping[str, Any]) -> str:
        token = TOKENS.made(self.name, self._of(values).say.registration, values["asked"], values["choice"])
        assert token is not None, values
        return token

    def _file(self, file: IncomingFile) -> str:
        """The platform's id of a file with the same content."""
        content = _content_of(file.ref)
        for ref in (f"telegram:{BOT}:{content}", f"slack:{TEAM}:{content[:20].upper()}"):
            self.house.contents[ref] = self.house.contents[_content_of(ref)] = self.house.contents[file.ref]
        return content

    house: Carried


class OnTelegram(Person):
    way = "telegram"

    def _message(self) -> dict[str, Any]:
        number = int(self.name.rpartition(":")[2])
        user = {"id": number, "is_bot": False, "first_name": f"Anna {number}", "language_code": "en"}
        chat = {"id": number, "first_name": user["first_name"], "type": "private"}
        self._newest = self.house.next_order(self.name)
        return {"message_id": self._newest, "from": user, "chat": chat, "date": BEGAN}

    def _update(self, **what: Any) -> Raw:
        return {"update_id": 640_000_000 + next(self.house.numbers), **what}

    @property
    def newest(self) -> str:
        return str(self._newest)

    def raw(self, kind: Kind, values: Mapping[str, Any]) -> Iterator[Raw]:
        if kind is Kind.PRESS:
            shown = self._message()
            query = {"id": str(next(self.house.numbers)), "from": shown["from"], "chat_instance": "1", "message": shown}
            yield self._update(callback_query={**query, "data": self._token(values)})
        elif kind is Kind.EDITED:
            message = self._message() | {"message_id": int(values["message"]), "edit_date": BEGAN + 60}
            yield self._update(edited_message={**message, "text": values["text"]})
        elif kind is Kind.FILES:
            album = {"media_group_id": values["album"]} if values.get("album") else {}
            for file in values["files"]:
                document = {
                    "file_id": self._file(file),
                    "file_unique_id": "A",
                    "file_size": 100,
                    "mime_type": "image/jpeg",
                }
                yield self._update(
                    message={**self._message(), **album, "document": {**document, "file_name": file.name}}
                )
        elif kind is Kind.OTHER:
            voice = {"file_id": "voice", "file_unique_id": "V", "duration": 3}
            yield self._update(message={**self._message(), "voice": voice})
        else:
            yield self._update(message={**self._message(), "text": values["text"]})


def _ts(order: int) -> str:
    return f"{BEGAN + order // 10}.{order % 10:06}"


class OnSlack(Person):
    way = "slack"

    @property
    def _channel(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def newest(self) -> str:
        return self._newest

    def _event(self, **more: Any) -> Raw:
        number = next(self.house.numbers)
        return {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{number:010}", "event": {**more}}

    def _message(self, **more: Any) -> dict[str, Any]:
        self._newest = _ts(self.house.next_order(self.name))
        return {
            "type": "message", "channel": self._channel, "channel_type": "im", "user": f"U{self._channel}",
            "ts": self._newest, **more,
        }  # fmt: skip

    def raw(self, kind: Kind, values: Mapping[str, Any]) -> Iterator[Raw]:
        if kind is Kind.PRESS:
            action = {"action_id": f"{SAY}0", "type": "button", "value": self._token(values)}
            yield {
                "type": "block_actions", "trigger_id": f"{next(self.house.numbers)}.1.a", "team": {"id": TEAM},
                "user": {"id": f"U{self._channel}"}, "channel": {"id": self._channel}, "actions": [action],
                "container": {"message_ts": _ts(1)},
            }  # fmt: skip
        elif kind is Kind.EDITED:
            before = {"type": "message", "user": f"U{self._channel}", "ts": values["message"], "text": "before"}
            edited = {"user": f"U{self._channel}", "ts": _ts(self.house.next_order(self.name))}
            message = {**before, "text": values["text"], "edited": edited}
            yield self._event(
                type="message", subtype="message_changed", channel=self._channel, channel_type="im",
                ts=edited["ts"], message=message, previous_message=before, hidden=True,
            )  # fmt: skip
        elif kind is Kind.FILES:
            files = [
                {"id": self._file(file)[:20].upper(), "name": file.name, "size": 100, "mimetype": "image/jpeg"}
                for file in values["files"]
            ]
            yield self._event(**self._message(text="", subtype="file_share", files=files))
        elif kind is Kind.OTHER:
            voice = {"id": "F0VOICE", "subtype": "slack_audio", "name": "voice.m4a"}
            yield self._event(**self._message(text="", subtype="file_share", files=[voice]))
        else:
            text = values["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            yield self._event(**self._message(text=text))


class OnThePage(Person):
    way = "web"

    @property
    def newest(self) -> str:
        return self._newest

    def raw(self, kind: Kind, values: Mapping[str, Any]) -> Iterator[Raw]:
        self._newest = str(uuid.UUID(int=next(self.house.numbers)))
        form: dict[str, Any] = {"event": self._newest, "order": self.house.orders.get(self.name, 0)}
        if kind is Kind.PRESS:
            form |= {"choice": values["choice"], "asked": values["asked"]}
        elif kind is Kind.FILES:
            form |= {"files": [(file.ref, file.name, file.size, "image/jpeg") for file in values["files"]]}
        else:
            form |= {"text": values.get("text") or "hello"}
        yield form


class AtTheTerminal(Person):
    way = "console"

    @property
    def newest(self) -> str:
        return self._newest

    def raw(self, kind: Kind, values: Mapping[str, Any]) -> Iterator[Raw]:
        self._newest = f"{next(self.house.numbers):032x}"
        if kind is Kind.FILES:
            for file in values["files"]:
                path = self.house.folder / self._newest / file.name
                path.parent.mkdir()
                path.write_bytes(f"{self._newest} {file.name}".encode())
                ref = f"stored:{self.house.files.put('incoming', path)}"
                self.house.contents[ref] = self.house.contents[_content_of(ref)] = self.house.contents[file.ref]
                yield {"id": self._newest, "file": str(path)}
                self._newest = f"{next(self.house.numbers):032x}"
        elif kind is Kind.PRESS:
            yield {"id": self._newest, "choose": values["choice"]}
        else:
            yield {"id": self._newest, "text": values.get("text") or "hello"}


ON: dict[str, tuple[type[Person], str]] = {
    "telegram": (OnTelegram, f"telegram:{BOT}:{{}}"), "slack": (OnSlack, f"slack:{TEAM}:D{{}}"),
    "web": (OnThePage, "web:{}"), "console": (AtTheTerminal, "console:{}"),
}  # fmt: skip


def somebody(house: Carried, channel: str, number: int) -> Person:
    kind, name = ON[channel]
    return kind(house, name.format(1000 + number))


# --- several at once


class Stage:
    """Several people act by turns, one act at a time: who is next is drawn by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._mine: dict[int, threading.Semaphore] = {}  # by thread: who holds it may act
        self._over = threading.Semaphore(0)
        self._troubles: list[BaseException] = []

    def waits_for_the_turn(self) -> None:
        mine = self._mine.get(threading.get_ident())
        if mine is not None:
            self._over.release()
            mine.acquire()

    def play(self, stories: Sequence[Callable[[], None]]) -> None:
        threads: list[threading.Thread] = []
        for story in stories:
            thread = threading.Thread(target=self._plays, args=(story,), daemon=True)
            thread.start()
            self._over.acquire()  # it stands ready
            threads.append(thread)
        alive = list(threads)
        while alive and not self._troubles:
            thread = self._chance.choice(alive)
            assert thread.ident is not None
            self._mine[thread.ident].release()
            self._over.acquire()
            alive = [one for one in alive if one.ident in self._mine]
        if self._troubles:
            raise self._troubles[0]
        for thread in threads:
            thread.join()

    def _plays(self, story: Callable[[], None]) -> None:
        self._mine[threading.get_ident()] = mine = threading.Semaphore(0)
        self._over.release()
        mine.acquire()
        try:
            story()
        except BaseException as error:
            self._troubles.append(error)
        finally:
            del self._mine[threading.get_ident()]
            self._over.release()


__all__ = ["CHANNELS", "Carried", "Contents", "Delivery", "Person", "Stage", "differences", "somebody"]
