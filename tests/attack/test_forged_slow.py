"""Clients that begin and do not go on: each is ended after its time, and meanwhile others are served."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
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

from bot.web import patience
from bot.web.patience import Patient
from bot.web.server import Guarded


async def read(request: Request) -> Response:
    """Reads the whole body, as the doors of platforms and page do."""
    try:
        return PlainTextResponse(str(len(await request.body())))
    except Exception as error:
        return PlainTextResponse(type(error).__name__, 400)


async def stream(request: Request) -> Response:
    async def lines() -> AsyncIterator[str]:
        for _ in range(8):
            yield "still here\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(lines())


async def large(request: Request) -> Response:
    return PlainTextResponse("x" * 30_000_000)


class Served:
    """Our connections and our outermost layer, with impatience to wait for."""

    def __init__(self, port: int, server: uvicorn.Server) -> None:
        self.port, self.server = port, server

    async def opens(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        await writer.drain()
        return reader, writer


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setattr(Patient, "WAIT", 0.4)
    monkeypatch.setattr(Patient, "LOOK", 0.05)
    monkeypatch.setattr(patience, "BODY", 0.4)
    routes = [Route("/read", read, methods=["POST"]), Route("/stream", stream), Route("/large", large)]
    app = Starlette(routes=routes)
    config = uvicorn.Config(
        Guarded(app, secure=False), port=0, log_config=None, lifespan="off", http=Patient, timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield Served(server.servers[0].sockets[0].getsockname()[1], server)
    server.should_exit = True
    await serving


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
            while served.server.server_state.connections:
                await asyncio.sleep(0.01)
    finally:
        dripping.cancel()
        writer.transport.abort()


async def test_whoever_does_not_read_the_answer_is_let_go(served: Served) -> None:
    _, writer = await served.opens(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(10):
        while served.server.server_state.connections:
            await asyncio.sleep(0.01)
    writer.transport.abort()


async def test_a_stream_of_ours_and_a_body_that_flows_may_take_longer(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, _ = await served.opens(b"GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (await reader.read(-1)).count(b"still here") == 8
    monkeypatch.setattr(patience, "SLOWEST", 100)
    reader, writer = await served.opens(
        b"POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 300\r\n\r\n"
    )
    for _ in range(30):
        writer.write(bytes(10))
        await writer.drain()
        await asyncio.sleep(0.03)
    assert (await reader.read(-1)).endswith(b"300")


async def test_no_more_connections_are_held_than_there_is_room_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patient, "MOST", 20)
    opened = [await served.opens() for _ in range(60)]
    await asyncio.sleep(0.05)
    assert len(served.server.server_state.connections) <= 20
    for _, writer in opened:
        writer.transport.abort()


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
