"""The HTTP side: a thread with its own loop, on a free port of loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from bot_methods import Params

if TYPE_CHECKING:
    from slack_api import SlackApi

BODY_MAX = 1 << 30


class Server:
    """Serves one SlackApi. The port is open before `start`, so that whoever connects early just waits."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._lines: set[asyncio.Transport] = set()
        self._ready = threading.Event()
        # Named TCP, or asyncio leaves Nagle's algorithm on and each answer takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(512)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="slack api", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def call(self, work: Any, timeout: float = 15.0) -> Any:
        """Run a coroutine in the server's loop and return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    async def _serve(self) -> None:
        self.loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        self._api.bell.loop = self.loop
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.0)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        # A connection each: what waits in a pool breaks when the app is started anew.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0), trust_env=False,
            headers={"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"},
        )  # fmt: skip
        delivering = asyncio.create_task(self._api.deliveries.run())
        self._ready.set()
        await self._stopped.wait()
        await self._api.sockets.drop()
        for line in list(self._lines):
            line.abort()
        delivering.cancel()
        await self.session.close()
        await runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_MAX, middlewares=[self._noting])
        app.router.add_route("*", "/api/{method}", self._method)
        app.router.add_get("/link/", self._api.sockets.serve)
        app.router.add_get("/files-pri/{path:.*}", self._file)
        app.router.add_post("/upload/v1/{id}", self._upload)
        app.router.add_post("/{kind:actions|commands}/{id}", self._respond)
        return app

    @web.middleware
    async def _noting(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.transport:
            self._lines.add(request.transport)
        try:
            return await handler(request)  # type: ignore[no-any-return]
        finally:
            self._lines = {line for line in self._lines if not line.is_closing()}

    async def _method(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        try:
            sent, in_body = await _parameters(request)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_json"})
        answer = await self._api.requests.answer(request.match_info["method"], sent, token, in_body)
        if answer is None:
            return self._broken(request)
        status, body, headers = answer
        return web.json_response(body, status=status, headers=headers)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        answer = await self._api.requests.download(request.path, token)
        if answer is None:
            return self._broken(request)
        status, content, kind, headers = answer
        return web.Response(status=status, body=content, headers={"Content-Type": kind, **headers})

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        if request.content_type == "multipart/form-data":
            form = await request.post()
            content = b"".join(value.file.read() for value in form.values() if isinstance(value, web.FileField))
        answer = await self._api.requests.upload(request.match_info["id"], content)
        if answer is None:
            return self._broken(request)
        return web.Response(status=answer[0], text=answer[1])

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            answer = await self._api.requests.respond(request.match_info["id"], await request.json())
        except ValueError:
            answer = 400, "invalid_payload"
        return web.Response(status=answer[0], text=answer[1]) if answer else self._broken(request)

    def _broken(self, request: web.Request) -> web.Response:
        """No answer: the connection is reset."""
        if request.transport:
            line: Any = request.transport
            # Without lingering a close is a reset, which is what a lost connection looks like.
            line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.abort()
        return web.Response()


async def _parameters(request: web.Request) -> tuple[Params, bool]:
    """The parameters wherever they stand, and whether a token stood among those of the body."""
    sent: Params = dict(request.query)
    body: Params = {}
    if request.content_type == "application/json":
        body = json.loads(await request.read() or b"{}")
        if not isinstance(body, dict):
            raise ValueError
    elif request.method == "POST":
        body = dict(await request.post())
    return sent | body, "token" in body
