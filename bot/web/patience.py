"""How long a client may keep us waiting: each connection holds memory and a handle, and there are only so many."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

BODY = 30.0  # seconds until a posted body must be there, and as many more as it would take at
SLOWEST = 4_000  # bytes a second: a poor connection from a phone


class Patient(H11Protocol):
    """Uvicorn's connection, which by itself waits for ever: for the rest of a head, and for a client to read on."""

    WAIT = 20.0  # seconds without a request in work, or without a byte taken of its answer
    LOOK = 5.0  # seconds between two looks
    MOST = 800  # connections at a time: a process may hold 1024 files and connections together

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._moved = self.loop.time()
        if len(self.connections) > self.MOST:
            transport.abort()
        else:
            self._look()

    def on_response_complete(self) -> None:
        self._moved = self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._moved = self.loop.time()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Uvicorn's answer to what is no HTTP. Whoever is at work on what came before it has nobody to answer then."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # an answer has begun, or was given
            self.transport.close()

    def _look(self) -> None:
        if self.transport.is_closing():
            return None
        works = self.cycle is not None and not self.cycle.response_complete
        if works and not self.flow.write_paused:
            self._moved = self.loop.time()
        elif self.loop.time() - self._moved >= self.WAIT:
            return self.transport.abort()
        self.loop.call_later(self.LOOK, self._look)


def hurried(receive: Receive) -> Receive:
    """The same, but a body that does not come in time is a client that has gone."""
    loop = asyncio.get_running_loop()
    until: float | None = loop.time() + BODY

    async def in_time() -> Message:
        nonlocal until
        if until is None:  # it is all there: a stream of ours waits here for its reader to leave
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message: dict[str, Any] = dict(await receive())
        except TimeoutError:
            return {"type": "http.disconnect"}
        until = until + len(message.get("body", b"")) / SLOWEST if message.get("more_body") else None
        return message

    return in_time
