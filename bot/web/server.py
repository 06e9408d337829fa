"""The HTTP server: which address leads where, what every answer carries, what load balancers ask."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web import chat, desk
from bot.web.render import HERE, Pages
from bot.web.session import Forged, Sessions
from bot.web.web import NOT_KEPT, Demo, Web, wants_json
from bot.writer import Overloaded

if TYPE_CHECKING:
    from bot.app import App
    from bot.channels.page import Page
    from bot.settings import Settings

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": under it browsers post forms with "Origin: null", which is what a forged post looks like.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}
SECURE = {"strict-transport-security": "max-age=31536000"}


def make_app(
    app: App, settings: Settings, page: Page, pages: Pages, demo: Demo | None = None, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """The whole server. `routes` are further addresses: metrics, the webhooks of other channels."""
    app.watch(page.heard)
    web = Web(app, settings, page, pages, Sessions(settings.secret_keys, settings.public_url), demo)
    starlette = Starlette(
        routes=[
            *routes,
            *chat.routes(web),
            *desk.routes(web),
            *monitoring(app),
            Mount("/static", Static(directory=HERE / "static"), name="static"),
        ],
        middleware=[Middleware(Guarded, secure=web.sessions.secure)],
        exception_handlers={HTTPException: web_error, Forged: web_error, Overloaded: web_error, Exception: web_error},
    )
    starlette.state.web = web
    return starlette


async def web_error(request: Request, error: Exception) -> Response:
    """A refusal in words: a page for people, JSON for scripts. Never says whether a thing exists."""
    web: Web = request.app.state.web
    status = 500
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, Forged | Overloaded):
        status = 403 if isinstance(error, Forged) else 503
    headers = dict(getattr(error, "headers", None) or {}) | ({"retry-after": "5"} if status in (429, 503) else {})
    key = status if status in (400, 403, 404, 405, 413, 429, 503) else 500
    if wants_json(request):
        return JSONResponse({"error": web.pages.word(f"page_error_{key}")}, status, headers | NOT_KEPT)
    response = web.answer("error.html", {"status": key}, status=status)
    response.headers.update(headers)
    return response


class Static(StaticFiles):
    """Our own scripts and styles: asked for again each time, answered with 304 while they are the same."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


class Guarded:
    """Puts the protective headers on every answer; an answer that sets one itself keeps its own."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = HEADERS | (SECURE if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                names = {name.lower() for name, _ in own}
                guards = ((name.encode(), value.encode()) for name, value in self._headers.items())
                message["headers"] = own + [(name, value) for name, value in guards if name not in names]
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def monitoring(app: App) -> list[BaseRoute]:
    """What load balancers ask: whether the process lives, and whether it can write."""

    async def alive(request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NOT_KEPT)

    async def ready(request: Request) -> Response:
        try:
            async with asyncio.timeout(2):
                await app.write(app.store.settings)  # goes through the writer: a stuck one shows here
        except Exception as error:  # whatever it is, the answer is "not ready"; its kind says where to look
            return PlainTextResponse(f"not ready: {type(error).__name__}\n", 503, NOT_KEPT)
        return PlainTextResponse("ready\n", headers=NOT_KEPT)

    return [Route("/healthz", alive), Route("/readyz", ready)]
