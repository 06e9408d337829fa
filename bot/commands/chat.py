"""The chat in the terminal: JSON lines for programs, and for people the same lines dressed up."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.channels import Rendered
from bot.channels.markup import whole
from bot.control import Emit, Lines
from bot.wiring import House
from bot.writer import Overloaded
from conversations.model import Case, Event, IncomingFile, Kind
from conversations.summary import summary
from storage.store import DiskTrouble, Outgoing

LARGEST = 20_000_000  # bytes of one file


Message = tuple[Outgoing, Rendered]


class BadLine(Exception):
    """The line is none of the protocol's."""


async def chat(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """One session: a line in, its turn's messages out; what comes of itself is pushed in between."""
    session = Session(house, f"console:{args['name']}", emit)
    leave = house.console.listen(session.chat, session.heard)
    pushing: asyncio.Task[None] | None = None
    try:
        async for line in lines:
            pushing = pushing or asyncio.create_task(session.push())  # nothing is printed before the first line
            await session.turn(line)
    finally:
        leave()
        if pushing:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
    return 0


class Session:
    """One open terminal: what arrives in a turn belongs to it, what arrives between turns is pushed."""

    def __init__(self, house: House, chat: str, emit: Emit) -> None:
        self._house, self.chat, self._emit = house, chat, emit
        self._arrived: asyncio.Queue[Message] = asyncio.Queue()  # in this turn
        self._pushed: asyncio.Queue[Message] = asyncio.Queue()
        self._in_turn = False

    def heard(self, outgoing: Outgoing, rendered: Rendered) -> None:
        """A message was delivered to this chat."""
        of_turn = self._in_turn and not outgoing.say.reminder
        (self._arrived if of_turn else self._pushed).put_nowait((outgoing, rendered))

    async def push(self) -> None:
        while True:
            await self._emit(await self._shown(*await self._pushed.get()) | {"pushed": True})

    async def turn(self, line: str) -> None:
        """Take the line to its end: its messages out and its jobs done. The last line out has `end`."""
        try:
            event = await self._event(line)
        except BadLine as error:
            return await self._emit({"error": str(error), "end": True})
        self._in_turn = True
        done = asyncio.create_task(self._taken(event))
        held: dict[str, Any] = {}  # the newest message, until it is known whether it is the last
        try:
            while not (done.done() and self._arrived.empty()):
                arrival = asyncio.create_task(self._arrived.get())
                await asyncio.wait({arrival, done}, return_when=asyncio.FIRST_COMPLETED)
                if not arrival.done():
                    arrival.cancel()
                    continue
                if held:
                    await self._emit(held)
                held = await self._shown(*arrival.result())
            await done
        except Overloaded:
            held = {"error": "busy: nothing was taken; send the line again"}
        except DiskTrouble:
            held = {"error": "the disk can't be written to: nothing was taken; send the line again later"}
        finally:
            self._in_turn = False
            done.cancel()
        await self._emit(held | {"end": True})

    async def _taken(self, event: Event) -> None:
        await self._house.app.take(event)
        await self._house.settled()

    async def _event(self, line: str) -> Event:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise BadLine("this line is not JSON") from None
        if not isinstance(said, dict):
            raise BadLine('a line is an object such as {"text": "hello"}')
        id = whole(str(said.get("id") or uuid.uuid4().hex))  # the near end's own, so that it may say a line twice
        now = self._house.app.clock.now()
        common: dict[str, Any] = {"at": now, "chat": self.chat, "principal": self.chat, "message": id, "paced": True}
        text = said.get("text", "")
        if not isinstance(text, str):
            raise BadLine("text is a string")
        if "file" in said:
            file = await asyncio.to_thread(self._kept, said["file"], bool(said.get("as_photo")))
            return Event(f"console:{id}", Kind.FILES, text=whole(text), files=(file,), **common)
        if "choose" in said:
            return Event(f"console:{id}", Kind.PRESS, choice=whole(str(said["choose"])), **common)
        if "text" in said:
            return Event(f"console:{id}", Kind.TEXT, text=whole(text), **common)
        raise BadLine('a line has "text", "choose" or "file"')

    def _kept(self, name: Any, as_photo: bool) -> IncomingFile:
        if not isinstance(name, str):
            raise BadLine("file is a path")
        try:
            path = Path(name).expanduser()
            size = path.stat().st_size
            if not path.is_file():
                raise BadLine(f"{path} is not a file")
            # The size is looked at before a byte is read: a file too large is announced, and refused by the dialogue.
            key = self._house.app.files.put("incoming", path) if size <= LARGEST else ""
        except OSError as error:
            raise BadLine(f"{path} can't be read: {error.strerror}") from None
        except (ValueError, RuntimeError):  # a NUL in it, or the home of nobody
            raise BadLine("file is a path") from None
        return IncomingFile(f"stored:{key}", whole(path.name), size, as_photo=as_photo)

    async def _shown(self, outgoing: Outgoing, rendered: Rendered) -> dict[str, Any]:
        """The message as a line, with where the chat and its registration stand now."""
        store = self._house.app.store
        case = await asyncio.to_thread(store.snapshot, self.chat)
        now = summary(case, self._house.app.book) if case else None
        reference = reference_of(outgoing)
        status = self._status(case, reference)
        if reference is None and now:
            reference, status = now.registration, now.status
        return {
            "text": rendered.text,
            "choices": [{"label": label, "value": value} for value, label in rendered.choices],
            "step": str(now.step) if now else None,
            "field": now.field if now else None,
            "registration": reference,
            "status": status,
            "files": [str(path.resolve()) for path, _, _ in rendered.files],
        }

    def _status(self, case: Case | None, reference: str | None) -> str | None:
        """Of the registration a message is about: it need not be the one the chat is on, and may be deleted by now."""
        if reference is None:
            return None
        here = case.registrations.values() if case else ()
        receipt = self._house.app.store.receipt
        return next((str(one.status) for one in here if one.reference == reference), None) or (
            found.status if (found := receipt(reference)) else None
        )


def reference_of(outgoing: Outgoing) -> str | None:
    """Of the registration a message is about. A closing message outlives it: its words alone still know."""
    named = outgoing.say.values.get("reference") if outgoing.say.last else None
    return outgoing.reference or (str(named) if named else None)
