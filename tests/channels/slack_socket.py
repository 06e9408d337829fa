"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from bot_clock import Clock
from bot_methods import Params
from bot_updates import Bell
from slack_delivery import PATIENCE, Delivery, Outcome

CONNECTIONS_MAX = 10
TICKET_LIVES = 30.0  # seconds


@dataclass(eq=False)
class Link:
    """One connection of the app."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    retiring: bool = False  # told to go; used only while there is no other
    awaited: dict[str, tuple[Delivery, asyncio.Future[Any]]] = field(default_factory=dict)  # by envelope id

    def close(self) -> None:
        for _, waiter in self.awaited.values():
            if not waiter.done():
                waiter.set_exception(ConnectionError())


class Sockets:
    """The app's connections. A payload goes to one of them, at random."""

    def __init__(self, app_id: str, clock: Clock, bell: Bell, lock: threading.Condition, seed: int) -> None:
        self._app_id, self._clock, self._bell, self._lock = app_id, clock, bell, lock
        self._random = random.Random(f"sockets {seed}")
        self._tickets: dict[str, float] = {}
        self.links: list[Link] = []
        self.opened = 0  # connections, all in all
        self.patience = PATIENCE
        self._grace_ends = 0.0
        self.complain: Callable[[str], None] = lambda words: None

    def ticket(self) -> str:
        """Return a ticket for one connection."""
        ticket = str(uuid.UUID(int=self._random.getrandbits(128)))
        self._tickets[ticket] = self._clock.now()
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until either side closes it."""
        made = self._tickets.pop(request.query.get("ticket", ""), None)
        if made is None or self._clock.now() - made > TICKET_LIVES:
            return web.Response(status=401)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        link = Link(socket, request.transport)
        if len(self.links) >= CONNECTIONS_MAX:
            await self._disconnect(link, "too_many_websockets")
            await socket.close()
            return socket
        with self._lock:
            self.links.append(link)
            self.opened += 1
        try:
            await socket.send_json({
                "type": "hello", "num_connections": len(self.links), "connection_info": {"app_id": self._app_id},
                "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            })  # fmt: skip
            self._retire(link)
            self._bell.ring()
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(link, message.data)
        finally:
            with self._lock:
                self.links.remove(link)
            link.close()
            self._bell.ring()
        return socket

    def _retire(self, newest: Link) -> None:
        """Those told to go are closed once there is another."""
        for link in self.links:
            if link.retiring and link is not newest:
                _later(link.socket.close())

    async def _disconnect(self, link: Link, reason: str) -> None:
        await link.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})

    async def ask_to_leave(self, reason: str, grace: float) -> None:
        """What comes within the grace waits for a new connection, since a client may close before it opens."""
        self._grace_ends = time.monotonic() + grace
        for link in list(self.links):
            link.retiring = True
            await self._disconnect(link, reason)

    async def drop(self) -> None:
        """Every connection breaks without a word."""
        for link in list(self.links):
            if link.transport:
                link.transport.abort()

    # --- envelopes

    async def _link(self) -> Link | None:
        while True:
            with self._lock:
                fresh, left = [link for link in self.links if not link.retiring], self._grace_ends - time.monotonic()
                if fresh or left <= 0:
                    links = fresh or self.links
                    return self._random.choice(links) if links else None
            await self._bell.rung(left)

    async def carry(self, delivery: Delivery) -> Outcome:
        link, patience = await self._link(), self.patience
        if link is None:
            return Outcome(False, "connection_failed")
        id = str(uuid.UUID(int=self._random.getrandbits(128)))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        link.awaited[id] = (delivery, answer)
        try:
            await link.socket.send_json(self._envelope(delivery, id))
            body = await asyncio.wait_for(answer, patience)
        except TimeoutError:
            return Outcome(False, "timeout")
        except (ConnectionError, RuntimeError):
            link.awaited.pop(id, None)
            return Outcome(False, "connection_failed")
        return Outcome(True, body=body)

    def _envelope(self, delivery: Delivery, id: str) -> Params:
        envelope: Params = {
            "envelope_id": id, "type": delivery.kind, "payload": delivery.payload,
            "accepts_response_payload": not delivery.is_event,
        }  # fmt: skip
        if delivery.is_event:
            envelope |= {"retry_attempt": delivery.retry_attempt, "retry_reason": delivery.retry_reason}
        return envelope

    def _acknowledged(self, link: Link, data: str) -> None:
        try:
            said = json.loads(data)
            delivery, waiter = link.awaited.pop(said["envelope_id"])
        except (ValueError, KeyError, TypeError):
            self.complain(f"through the socket came {data:.100}, which acknowledges nothing")
            return
        if delivery.is_event and said.get("payload"):
            self.complain(f"an event acknowledged with a payload: {data:.100}")
        if not waiter.done():
            waiter.set_result(said.get("payload"))


_TASKS: set[asyncio.Task[Any]] = set()


def _later(work: Any) -> None:
    task = asyncio.ensure_future(work)
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)
