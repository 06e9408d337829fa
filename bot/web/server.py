"""The HTTP server: which address leads where, what every answer carries, what load balancers ask."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web import chat, desk
from bot.web.patience import hurried
from bot.web.render import HERE, Pages
from bot.web.session import Forged, Sessions, is_own_name
from bot.web.web import NOT_KEPT, Demo, TooManyFiles, Web, wants_json
from bot.writer import Overloaded
from storage.store import DiskTrouble

if TYPE_CHECKING:
    from bot.app import App
    from bot.channels.page import Page
    from bot.settings import Settings

log = structlog.get_logger()

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
    **NOT_KEPT,  # what may be kept says so itself
}
LONGEST = 4000  # characters of an address: ours have a few hundred
ERRORS = (HTTPException, Forged, TooManyFiles, Overloaded, DiskTrouble, OSError, Exception)
PROBED_EVERY = 1.0  # seconds: whoever asks more often is told what was found then
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
            *under_own_names(web, [*chat.routes(web), *desk.routes(web)]),
            *monitoring(app),
            Mount("/static", Static(directory=HERE / "static"), name="static"),
        ],
        middleware=[Middleware(Guarded, secure=web.sessions.secure)],
        exception_handlers=dict.fromkeys(ERRORS, web_error),
    )
    starlette.router.redirect_slashes = False  # there is one address for each thing, and nowhere else to be sent
    starlette.state.web = web
    return starlette


async def web_error(request: Request, error: Exception) -> Response:
    """A refusal in words: a page for people, JSON for scripts. Never says whether a thing exists."""
    web: Web = request.app.state.web
    status = 500
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, Forged):
        status = 403
    elif isinstance(error, TooManyFiles):
        status = 429
    elif isinstance(error, Overloaded | DiskTrouble | OSError):  # nothing was taken: it may be sent again
        status = 503
        if isinstance(error, OSError):  # the others are told of where they arise
            log.error("page_failed", error=type(error).__name__)
    headers = dict(getattr(error, "headers", None) or {}) | ({"retry-after": "5"} if status in (429, 503) else {})
    headers |= guards(web.sessions.secure)  # an error of ours is answered outside of what guards the others
    said = status if status in (400, 403, 404, 405, 413, 429, 503) else 500
    key = "files" if isinstance(error, TooManyFiles) else str(said)
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


def guards(secure: bool) -> dict[str, str]:
    """The headers of every answer."""
    return HEADERS | (SECURE if secure else {})


def under_own_names(web: Web, pages: Sequence[Route]) -> Sequence[Route]:
    """The pages, which answer to no foreign name where no PUBLIC_URL says which names are ours.

    Only the pages: what monitoring asks tells nothing of anybody, and platforms sign what they post.
    """
    if not web.settings.public_url:
        for page in pages:
            page.app = Named(page.app, web)
    return pages


class Named:
    """Refuses what is asked under a name that is not ours."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self._app, self._web = app, web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_own_name(Headers(scope=scope).get("host", ""), self._web.settings.http_host):
            return await self._app(scope, receive, send)
        await self._web.answer("error.html", {"status": 421}, status=421)(scope, receive, send)


class Guarded:
    """Puts the protective headers on every answer; an answer that sets one itself keeps its own.

    Turns away what is too long an address to be one of ours, and whoever does not send what they began to.
    """

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = guards(secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                names = {name.lower() for name, _ in own}
                guards = ((name.encode(), value.encode()) for name, value in self._headers.items())
                message["headers"] = own + [(name, value) for name, value in guards if name not in names]
            await send(message)

        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST:
            return await PlainTextResponse("too long an address\n", 414)(scope, receive, guarded)
        await self._app(scope, hurried(receive), guarded)


def monitoring(app: App) -> list[BaseRoute]:
    """What load balancers ask: whether the process lives, and whether it can write."""

    async def alive(request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NOT_KEPT)

    written = -math.inf  # when it last could, on the loop's clock

    async def ready(request: Request) -> Response:
        nonlocal written
        try:
            async with asyncio.timeout(2):  # goes through the writer to the disk: a stuck or a full one shows here
                if (now := asyncio.get_running_loop().time()) >= written + PROBED_EVERY:
                    await app.write(app.store.put_setting, "asked_ready", app.clock.now().isoformat())
                    written = now
        except Exception as error:  # whatever it is, the answer is "not ready"; its kind says where to look
            return PlainTextResponse(f"not ready: {type(error).__name__}\n", 503, NOT_KEPT)
        return PlainTextResponse("ready\n", headers=NOT_KEPT)

    return [Route("/healthz", alive), Route("/readyz", ready)]
