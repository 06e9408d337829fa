"""How long a client may keep us waiting: each connection holds memory and a handle, and there are only so many."""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import h11
from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

BODY = 30.0  # seconds until a posted body must be there, and as many more as it would take at
SLOWEST = 4_000  # bytes a second: a poor connection from a phone
PAUSE = 30.0  # seconds between two pieces of it: what came fast earns no leave to stand still
KEPT = 75  # seconds between two requests of a connection: a proxy keeps its own for 60, and must be the first to close
HANDLES = 4_096  # files and connections together; a process is often given 1024, and may ask for more
OTHERS = 224  # of them for the database, files, children, and what we ask of platforms


class Patient(H11Protocol):
    """Uvicorn's connection, which by itself waits for ever: for the rest of a head, and for a client to read on.

    When there are too many, the one that has been without a request for longest makes room; when all are at work,
    uvicorn answers 503 to whoever comes (`limit_concurrency`).
    """

    WAIT = 20.0  # seconds without a request in work
    TAKES = 60.0  # seconds without a byte taken of an answer: between us and a slow reader the system keeps megabytes
    LOOK = 5.0  # seconds between two looks

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._moved, self._unsent = self.loop.time(), 0
        self._look()
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            others = (
                one for one in self.connections if isinstance(one, Patient) and not one._works and one is not self
            )
            if longest := min(others, key=lambda one: one._moved, default=None):
                longest._let_go()

    def on_response_complete(self) -> None:
        self._moved = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Uvicorn's answer to what is no HTTP. Whoever is at work on what came before it has nobody to answer then."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # an answer has begun, or was given
            self.transport.close()

    @property
    def _works(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _let_go(self) -> None:
        self.connections.discard(self)  # at once: others may come before the loop has told us that it is lost
        self.transport.abort()

    def _look(self) -> None:
        """Also while it is being closed: that waits until the last byte was taken."""
        if self not in self.connections:
            return None
        now, before = self.loop.time(), self._unsent
        self._unsent = self.transport.get_write_buffer_size()
        rests = self._works or self.timeout_keep_alive_task is not None
        if 0 < self._unsent < before or (rests and not self._unsent):
            self._moved = now
        elif now - self._moved >= (self.TAKES if self._unsent else self.WAIT):
            return self._let_go()
        self.loop.call_later(self.LOOK, self._look)


def room() -> int:
    """How many connections there is room for, once as many handles as we may have are asked for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = HANDLES if hard == resource.RLIM_INFINITY else min(HANDLES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(OTHERS, most - OTHERS)


def hurried(receive: Receive) -> Receive:
    """The same, but a body that does not come in time is a client that has gone."""
    loop = asyncio.get_running_loop()
    until: float | None = loop.time() + BODY

    async def in_time() -> Message:
        nonlocal until
        if until is None:  # it is all there: a stream of ours waits here for its reader to leave
            return await receive()
        try:
            async with asyncio.timeout_at(min(until, loop.time() + PAUSE)):
                message: dict[str, Any] = dict(await receive())
        except TimeoutError:
            return {"type": "http.disconnect"}
        until = until + len(message.get("body", b"")) / SLOWEST if message.get("more_body") else None
        return message

    return in_time
