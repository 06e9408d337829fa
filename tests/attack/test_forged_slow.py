"""Clients that begin and do not go on: each is ended after its time, and meanwhile others are served."""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvicorn
from forged_house import House, running
from forged_posting import untouched
from forged_wires import FORM, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from bot.web import patience
from bot.web.patience import KEPT, Patient, hurried
from bot.web.server import Guarded

ROOM = 20  # connections


async def read(request: Request) -> Response:
    """Reads the whole body, as the doors of platforms and page do."""
    try:
        return PlainTextResponse(str(len(await request.body())))
    except Exception as error:
        return PlainTextResponse(type(error).__name__, 400)


async def stream(request: Request) -> Response:
    """As the page's: a word, silence far longer than any patience, another word."""

    async def lines() -> AsyncIterator[str]:
        yield "still here\n"
        await asyncio.sleep(3 * Patient.WAIT)
        yield "still here\n"

    return StreamingResponse(lines())


async def slow(request: Request) -> Response:
    await asyncio.sleep(0.02)
    return PlainTextResponse("slept")


async def large(request: Request) -> Response:
    return PlainTextResponse("x" * 30_000_000)


class Watched(Patient):
    """Tells when it comes and goes."""

    told = staticmethod(lambda: None)

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.told()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.told()


class Served:
    """Our connections and our outermost layer, with impatience to wait for."""

    def __init__(self, port: int, server: uvicorn.Server) -> None:
        self.port, self.server = port, server
        self.changed = asyncio.Event()  # a connection came or went

    @property
    def held(self) -> int:
        return len(self.server.server_state.connections)

    async def opens(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        await writer.drain()
        return reader, writer

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setattr(Patient, "WAIT", 0.2)
    monkeypatch.setattr(Patient, "TAKES", 0.4)
    monkeypatch.setattr(Patient, "LOOK", 0.02)
    monkeypatch.setattr(patience, "BODY", 0.2)
    monkeypatch.setattr(patience, "PAUSE", 0.2)
    routes = [
        Route("/read", read, methods=["POST"]), Route("/stream", stream), Route("/large", large), Route("/slow", slow),
    ]  # fmt: skip
    config = uvicorn.Config(
        Guarded(Starlette(routes=routes), secure=False), port=0, log_config=None, lifespan="off", http=Watched,
        timeout_keep_alive=5, limit_concurrency=ROOM + 1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # and not `serve`, which looks ten times a second whether it is to stop
    made = Served(server.servers[0].sockets[0].getsockname()[1], server)
    monkeypatch.setattr(Watched, "told", made.changed.set)
    yield made
    server.force_exit = True
    await server.shutdown()


async def drips(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Sends a little, again and again, until it is told to go."""
    with contextlib.suppress(OSError):
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("sent", "piece", "answer"),
    [
        (b"", b"", b""),
        (b"POST /read HT", b"", b""),
        (b"POST /read HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n", b""),
        (b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"", b"ClientDisconnect"),
        (b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"x", b"ClientDisconnect"),
        (b"POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", b"ClientDisconnect"),
        (b"GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"x", b"404"),
    ],
    ids=["nothing", "half a line", "head in drops", "no body", "body in drops", "chunks in drops", "after the answer"],
)  # fmt: skip
async def test_whoever_does_not_go_on_is_let_go(sent: bytes, piece: bytes, answer: bytes, served: Served) -> None:
    reader, writer = await served.opens(sent)
    dripping = asyncio.create_task(drips(writer, piece))
    try:
        async with asyncio.timeout(10):
            got = b""
            with contextlib.suppress(ConnectionError):
                while more := await reader.read(65536):
                    got += more
            assert answer in got
        await served.until(lambda: not served.held)
    finally:
        dripping.cancel()
        writer.transport.abort()


@pytest.mark.parametrize("after", [b"keep-alive", b"close"])
async def test_whoever_does_not_read_the_answer_is_let_go(
    after: bytes, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one whose connection is being closed meanwhile, which waits for the last byte to be taken."""
    served.server.config.timeout_keep_alive = 0
    _, writer = await served.opens(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: " + after + b"\r\n\r\n")
    await served.until(lambda: not served.held)
    writer.transport.abort()


async def test_whoever_reads_slowly_is_not(served: Served) -> None:
    reader, _ = await served.opens(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    got, began = 0, time.monotonic()
    while more := await reader.read(500_000):
        got += len(more)
        await asyncio.sleep(0.01)
    assert got > 30_000_000 and time.monotonic() - began > Patient.TAKES


async def test_a_stream_of_ours_may_be_silent(served: Served) -> None:
    reader, _ = await served.opens(b"GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (await reader.read(-1)).count(b"still here") == 2


class Hour:
    """A client that sends pieces, and a loop's clock that goes on as they come: no second passes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *pieces: tuple[float, int]) -> None:
        """(seconds after the one before, bytes) of each piece."""
        self.now, self._pieces = 0.0, deque(pieces)
        monkeypatch.setattr(patience.asyncio, "get_running_loop", lambda: self)
        monkeypatch.setattr(patience.asyncio, "timeout_at", self._until)

    def time(self) -> float:
        return self.now

    @contextlib.asynccontextmanager
    async def _until(self, at: float) -> AsyncIterator[None]:
        """As asyncio's, of this clock."""
        if self._pieces and self.now + self._pieces[0][0] > at:
            self.now = at
            raise TimeoutError
        yield

    async def __call__(self) -> Message:
        seconds, size = self._pieces.popleft()
        self.now += seconds
        return {"type": "http.request", "body": bytes(size), "more_body": bool(self._pieces)}

    async def taken(self) -> int | None:
        """Bytes that came; None when the client was given up."""
        receive, got, more = hurried(self), 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            got, more = got + len(message["body"]), message["more_body"]
        return got


@pytest.mark.parametrize(
    ("pieces", "taken"),
    [
        ([(1.25, 62_500)] * 320, 20_000_000),  # a photo at 50 kB a second: 400 s
        ([(10.0, 50_000)] * 400, 20_000_000),  # at 5 kB a second: more than an hour
        ([(1.0, 50_000)] * 20 + [(29.0, 1)] + [(1.0, 50_000)] * 20, 2_000_001),  # a tunnel on the way
        ([(29.9, 10)], 10),
        ([(30.1, 10)], None),
        ([(1.0, 3_000)] * 200, None),  # at 3 kB a second
        ([(0.1, 1_000_000)] * 20 + [(31.0, 1)], None),  # what came fast earns no leave to stand still
        ([(1.0, 1)] * 1000, None),
    ],
    ids=["50 kB/s", "5 kB/s", "a tunnel", "just there", "too late", "3 kB/s", "stands still", "drops"],
)
async def test_a_body_that_flows_may_take_as_long_as_it_needs(
    pieces: list[tuple[float, int]], taken: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Hour(monkeypatch, *pieces).taken() == taken


async def test_requests_that_come_together_are_answered_in_their_order(served: Served) -> None:
    post = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b"
    slow = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    reader, _ = await served.opens(post % (3, b"abc") + slow + post % (5, b"abcde") + last)
    answer = await reader.read(-1)
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"200", b"404"]
    assert answer.index(b"\r\n\r\n3") < answer.index(b"slept") < answer.index(b"\r\n\r\n5")


async def test_a_connection_may_rest_between_two_requests_longer_than_before_the_first(served: Served) -> None:
    """A proxy keeps its connections for a minute: one that we end under its hands is a 502 to somebody."""
    get = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    reader, writer = await served.opens(get)
    await reader.readuntil(b"slept")
    for _ in range(2):
        silent, _ = await served.opens()
        with contextlib.suppress(ConnectionError):
            assert await silent.read(1) == b""  # WAIT is over
    writer.write(get)
    await reader.readuntil(b"slept")
    writer.write(get[:9])  # the next one begins and is not ended: now it hurries again
    async with asyncio.timeout(3):  # less than a connection at rest is kept
        with contextlib.suppress(ConnectionError):
            assert await reader.read(1) == b""
    assert KEPT > 60


async def test_whoever_idles_longest_makes_room(served: Served) -> None:
    get = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    opened = [await served.opens() for _ in range(ROOM)]
    await served.until(lambda: served.held == ROOM)
    for number in range(ROOM // 2):
        reader, _ = await served.opens(get)
        assert b"200" in await reader.readuntil(b"slept")
        with contextlib.suppress(ConnectionError):
            assert await opened[number][0].read(1) == b""
        assert served.held <= ROOM + 1
    for _, writer in opened:
        writer.transport.abort()


async def test_when_all_are_at_work_whoever_comes_is_told_so_and_nobody_is_cut(served: Served) -> None:
    streams = [await served.opens(b"GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") for _ in range(ROOM)]
    for reader, _ in streams:
        await reader.readuntil(b"still here")
    for _ in range(5):
        reader, _ = await served.opens(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.read(-1)).startswith(b"HTTP/1.1 503 ")
    for reader, _ in streams:
        assert b"still here" in await reader.read(-1)


def test_there_is_room_for_what_the_system_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    for limits, room, asks in (
        ((1024, 524_288), 3872, [(4096, 524_288)]), ((1024, 1024), 800, []), ((20_000, 20_000), 3872, []),
        ((256, resource.RLIM_INFINITY), 3872, [(4096, resource.RLIM_INFINITY)]),
    ):  # fmt: skip
        monkeypatch.setattr(patience.resource, "getrlimit", lambda _, limits=limits: limits)
        monkeypatch.setattr(patience.resource, "setrlimit", lambda _, wanted: asked.append(wanted))
        asked.clear()
        assert (patience.room(), asked) == (room, asks)


def test_others_are_served_while_hundreds_dawdle(tmp_path: Path) -> None:
    with running(tmp_path / "desk") as house:
        before, held = house.rows(), house.peak
        dawdling = [_begun(house, number) for number in range(600)]
        answers = []
        for _ in range(20):
            began = time.monotonic()
            assert b"200" in _asked(house)
            answers.append(time.monotonic() - began)
        assert max(answers) < 2.0, answers
        assert house.handles < 700 and house.peak - held < 100_000_000
        for wire in dawdling:
            wire.close()
        untouched(house, before)


def _begun(house: House, number: int) -> socket.socket:
    wire = socket.create_connection(("127.0.0.1", house.port), timeout=10)
    post = request(
        b"POST",
        (b"/slack/events", b"/telegram/webhook", b"/messages")[number % 3],
        [(b"Content-Type", FORM)],
        b"x" * 50_000,
    )
    wire.sendall(post[: (5, 40, 60_000)[number % 3] if number % 2 else 70])
    return wire


def _asked(house: House) -> bytes:
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as wire:
        wire.sendall(request(b"GET", b"/healthz", []))
        return wire.recv(65536)
