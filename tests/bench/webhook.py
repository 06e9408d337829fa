"""The whole way of an update that Telegram posts, up to the 200, beside a server that only parses and stores it.

Both are in a process of their own, behind the same uvicorn and starlette with the same checks; 32 connections post at
once. What is answered is not sent while the clock runs.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import log
from bot.channels.telegram_address import PATH, secrets
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_webhook import webhook
from bot.settings import Settings, load
from bot.web.render import Pages
from bot.web.server import make_app
from bot.wiring import opened
from tests.bench.turns import Nowhere, ratio, script

CONNECTIONS = 32
CHATS = 96
ROUNDS = 3
SECRET = "a-word-for-the-bench"
TOKEN = "123456:" + "A" * 35


class Telegram(Nowhere):
    name = "telegram"


def settings_in(folder: Path) -> Settings:
    return load(
        database_url=f"sqlite:///{folder}/desk.db", files_url=f"file:{folder}/files", TELEGRAM_BOT_TOKEN=TOKEN,
        TELEGRAM_MODE="webhook", TELEGRAM_WEBHOOK_SECRET=SECRET, PUBLIC_URL="https://example.com",
        TELEGRAM_BASE_URL="http://127.0.0.1:9/bot",
    )  # fmt: skip


async def serve(kind: str, folder: Path) -> None:
    """Print the port, then serve until killed."""
    log.to_stderr(quiet=True)
    settings = settings_in(folder)
    async with opened(settings, working=False) as house:
        app = house.app
        intake = Intake(settings, app, house.catalogs)
        intake.username = "bench_bot"
        intake.sender._channel = Telegram()  # type: ignore[assignment]
        sending = asyncio.create_task(_nothing())

        async def stored(request: Request) -> Response:
            if request.headers.get("x-telegram-bot-api-secret-token") not in secrets(settings):
                return PlainTextResponse("no\n", 403)
            update = json.loads(await request.body())
            sql = "insert or ignore into inbox (tenant, event) values ('bench', ?)"
            await app.write(app.store.execute, sql, (f"telegram:1:{update['update_id']}",))
            return PlainTextResponse("ok\n")

        async def cpu(_: Request) -> Response:
            return JSONResponse(time.process_time())

        async def settle(_: Request) -> Response:
            nonlocal sending
            sending = asyncio.create_task(intake.sender.run())
            await asyncio.sleep(0)
            await intake.sender.still()
            sending.cancel()
            return JSONResponse(len(app.store.failures()))

        taken = webhook(intake) if kind == "whole" else Route(PATH, stored, methods=["POST"])
        routes = [taken, Route("/cpu", cpu), Route("/settle", settle)]
        web = make_app(app, settings, house.page, Pages(house.catalogs.words(), "en"), routes=routes)
        server = uvicorn.Server(uvicorn.Config(web, port=0, log_config=None, access_log=False))
        server.capture_signals = lambda: _Plain()  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await task


async def _nothing() -> None: ...


class _Plain:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class Connection:
    """One that is kept open."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._in, self._out = await asyncio.open_connection("127.0.0.1", self._port)

    async def asks(self, method: str, path: str, body: bytes = b"") -> bytes:
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: example.com\r\ncontent-type: application/json\r\n"
            f"x-telegram-bot-api-secret-token: {SECRET}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._out.write(head.encode() + body)
        answer = (await self._in.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
        said = await self._in.readexactly(length)
        assert answer.startswith("http/1.1 200"), answer
        return said


def update(number: int, chat: int, message: int, text: str) -> bytes:
    person = {"id": chat, "is_bot": False, "first_name": "Anna", "language_code": "en"}
    return json.dumps({"update_id": number, "message": {
        "message_id": message, "date": 1795341600 + message, "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Anna"}, "text": text,
    }}).encode()  # fmt: skip


async def drive(port: int, words: list[str]) -> tuple[list[float], float, int]:
    """Seconds of each post, CPU seconds of the server for all of them, and how many there were."""
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    for connection in connections:
        await connection.open()
    taken: list[float] = []
    cpu, number = 0.0, 0
    for round_ in range(ROUNDS):
        chats = range(1000 * round_ + 1, 1000 * round_ + 1 + CHATS)
        for place, word in enumerate(words):
            waiting = [update(number + i, chat, 10**6 * (place + 1), word) for i, chat in enumerate(chats)]
            number += len(waiting)

            async def posts(connection: Connection, waiting: list[bytes] = waiting) -> None:
                while waiting:
                    body = waiting.pop()
                    start = time.perf_counter()
                    await connection.asks("POST", PATH, body)
                    taken.append(time.perf_counter() - start)

            before = json.loads(await connections[0].asks("GET", "/cpu"))
            await asyncio.gather(*map(posts, connections))
            cpu += json.loads(await connections[0].asks("GET", "/cpu")) - before
            assert json.loads(await connections[0].asks("GET", "/settle")) == 0
    return taken, cpu, number


async def main(folder: Path) -> None:
    words = await script(folder)
    found = {}
    for kind in ("store", "whole"):
        (folder / kind).mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.webhook", kind, str(folder / kind)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            taken, cpu, posts = await drive(int(process.stdout.readline()), words)
        finally:
            process.kill()
            process.wait()
        p = statistics.quantiles(taken, n=100)
        found[kind] = cpu / posts
        print(f"{kind:8}{posts:8,} posts, {CONNECTIONS} connections: p50 {p[49] * 1e3:6.1f} ms, p99 {p[98] * 1e3:6.1f} ms, "
              f"CPU {cpu / posts * 1e6:6,.0f} us")  # fmt: skip
    ratio("CPU: the whole way / parse and store", found["whole"] / found["store"], "<= 2.5, p99 <= 100 ms")


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
