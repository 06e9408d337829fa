"""The HTTP side: a thread with its own loop, on a free port of loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from bot_methods import Params, Upload
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from bot_api import BotApi

Address = tuple[str, int]
FIELD_MAX = 20 * 1024 * 1024  # bytes of a form's field that is no file


class Server:
    """Serves one BotApi. The port is open before `start`, so that whoever connects early just waits."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._lines: dict[Address, asyncio.Transport] = {}
        self._ready = threading.Event()
        # Named TCP, or asyncio leaves Nagle's algorithm on and each answer takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(512)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="bot api", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        self._api.bell.loop = self._loop
        # Not uvicorn.Server: it looks ten times a second whether it is to stop, and there is one a test.
        config = uvicorn.Config(self._app(), log_config=None, access_log=False, proxy_headers=False, lifespan="off")
        config.load()
        state = ServerState()
        server = await self._loop.create_server(lambda: _Line(self._lines, config, state, {}), sock=self._socket)
        posting = asyncio.create_task(self._api.updates.post_forever())
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for line in list(self._lines.values()):
            line.abort()
        posting.cancel()

    def _app(self) -> Starlette:
        return Starlette(routes=[
            Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
            Route("/{path:path}", lambda request: _not_found(), methods=["GET", "POST"]),
        ])  # fmt: skip

    async def _method(self, request: Request) -> Response:
        sent = await _parameters(request)
        if request.path_params["token"] != self._api.token:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        answer = await self._api.answer(request.path_params["method"], sent)
        if answer is None:
            return _Broken(self._lines)
        status, body = answer
        headers = (
            {"Retry-After": str(body["parameters"]["retry_after"])} if status == 429 and "parameters" in body else {}
        )
        # In ASCII, as Telegram writes it: half a character passes, escaped.
        return Response(json.dumps(body), status, headers, "application/json")

    async def _file(self, request: Request) -> Response:
        if request.path_params["token"] != self._api.token:
            return _not_found()
        content = await self._api.download(request.path_params["path"])
        if content is None:
            return _not_found()
        return Response(content, media_type="application/octet-stream") if content else _Broken(self._lines)


def _not_found() -> Response:
    return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)


async def _parameters(request: Request) -> Params:
    """The parameters wherever they stand: in the address, a form, a multipart form, JSON."""
    sent: Params = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return sent | (json.loads(await request.body() or b"{}"))
    async with request.form(max_part_size=FIELD_MAX) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                sent[name] = Upload(value.filename or "", value.content_type or "", await value.read())
            else:
                sent[name] = value
    return sent


class _Line(H11Protocol):
    """A connection that can be found again by its client's address."""

    def __init__(self, lines: dict[Address, asyncio.Transport], *args: Any) -> None:
        super().__init__(*args)
        self._lines = lines

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = transport.get_extra_info("peername")
        self._lines[self._address] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.pop(self._address, None)
        super().connection_lost(exc)


class _Broken(Response):
    """No answer: the connection is reset."""

    def __init__(self, lines: dict[Address, asyncio.Transport]) -> None:
        super().__init__()
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = self._lines.get(tuple(scope["client"]))  # type: ignore[arg-type]
        if line:
            # Without lingering a close is a reset, which is what a lost connection looks like.
            line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
