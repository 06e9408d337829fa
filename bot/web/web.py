"""What every page needs: the house, who posts, how an answer goes out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from bot.web.intake import Form, TooMuch, Unreadable, read_form
from bot.web.lines import INLINE
from bot.web.render import Pages
from bot.web.session import Forged, Rate, Sessions, Visitor
from conversations.limits import FILES
from storage.store import StorageError

if TYPE_CHECKING:
    from bot.app import App
    from bot.channels.page import Page
    from bot.settings import Settings
    from conversations.model import Case

NOT_KEPT = {"cache-control": "no-store"}
WELCOME = "desk_welcome"  # what is answered to an invitation that was good
LONGEST_NUMBER = 18  # digits of a number the database can hold


class TooManyFiles(Exception):
    """The visitor has sent as many files as one chat may in a day."""


class Demo(Protocol):
    """What the demonstration adds to the page. Absent in earnest."""

    def visitor(self, token: str) -> str | None:
        """The id of the visitor a link makes you, or None when there is no such link or it was used. Spends nothing."""
        ...

    def spend(self, token: str) -> str | None:
        """The same, and the link is used up."""
        ...

    async def sample(self, chat: str, *, signed: bool = True) -> list[tuple[str, bytes]]:
        """(file name, bytes) of photos of the papers this chat is asked for, signed or not."""
        ...

    def can_fill_in(self, case: Case | None) -> bool:
        """Whether the chat is asked what a made-up answer would do for."""
        ...

    async def fill_in(self, chat: str) -> None:
        """Answer what this chat is still asked with made-up data, up to the review."""
        ...


@dataclass(frozen=True)
class Web:
    """What every page needs, wired once."""

    app: App
    settings: Settings
    page: Page
    pages: Pages
    sessions: Sessions
    demo: Demo | None = None
    rate: Rate = field(default_factory=lambda: Rate(burst=100, per_second=2.0))  # posts of a visitor
    files: Rate = field(default_factory=lambda: Rate(burst=FILES, per_second=FILES / 86400))  # files of a visitor
    newcomers: Rate = field(default_factory=lambda: Rate(burst=500, per_second=0.5))  # cookies for an address

    def answer(
        self, template: str, values: dict[str, Any], visitor: Visitor | None = None, status: int = 200
    ) -> Response:
        """The page, and the visitor's cookie with it."""
        settings = self.settings
        shared: dict[str, Any] = {
            "csrf": visitor.csrf if visitor else "", "operator": settings.operator_name,
            "support": settings.support_contact, "privacy": settings.privacy_url,
        }  # fmt: skip
        response = HTMLResponse(self.pages.html(template, shared | values), status, dict(NOT_KEPT))
        if visitor:
            self.sessions.remember(response, visitor)
        return response

    async def visitor(self, request: HTTPConnection) -> Visitor | None:
        """Who the cookie says is asking, or None without a cookie that still stands."""
        visitor = self.sessions.visitor(request)
        return visitor if visitor and await self.stands(visitor) else None

    async def stands(self, visitor: Visitor) -> bool:
        """Whether the cookie is not older than its person's entry into the desk: one that is, another may have too."""
        staff = await asyncio.to_thread(self.app.store.staff_of, visitor.principal)
        return staff is None or staff.id == visitor.desk

    async def let_in(self, response: Response, visitor: Visitor) -> None:
        """A new cookie for whoever has just shown an invitation."""
        staff = await asyncio.to_thread(self.app.store.staff_of, visitor.principal)
        self.sessions.remember(response, self.sessions.as_visitor(visitor.id, staff.id if staff else None))

    def newcomer(self, request: Request) -> Visitor:
        """A visitor who was not here before. Cookies cost nothing, so an address gets only so many.

        Raises:
            HTTPException: 429.
        """
        if not self.newcomers.allows(request.client.host if request.client else ""):
            raise HTTPException(429)
        return self.sessions.newcomer()

    @contextlib.asynccontextmanager
    async def posted(self, request: Request, at_the_door: bool = False) -> AsyncIterator[tuple[Visitor, Form]]:
        """Who posted and what; the form's files live as long as the context.

        `at_the_door`: any cookie of ours will do, for an invitation is shown.

        Raises:
            Forged: not from this visitor's own page.
            TooManyFiles: today.
            HTTPException: 400 no form, 413 too large, 429 too often.
        """
        self.sessions.check_origin(request)
        visitor = self.sessions.visitor(request) if at_the_door else await self.visitor(request)
        token = request.headers.get("x-csrf-token")
        if token is not None:  # sent beside the body: refuse before reading it
            self.sessions.check(visitor, token)
        elif visitor is None:
            raise Forged
        if visitor and not self.rate.allows(visitor.chat):
            raise HTTPException(429)
        try:
            form = await read_form(request)
        except (Unreadable, ClientDisconnect):
            raise HTTPException(400) from None
        except TooMuch:
            raise HTTPException(413) from None
        with form:
            if visitor and not at_the_door and not await self.stands(visitor):
                raise Forged  # a body sent slowly enough outlasts the entry into the desk
            if visitor and form.files and not self.files.allows(visitor.chat, len(form.files)):
                raise TooManyFiles
            yield self.sessions.check(visitor, token if token is not None else form.get("csrf")), form


def wants_json(request: HTTPConnection) -> bool:
    return "application/json" in request.headers.get("accept", "")


def number(text: str) -> int | None:
    """The number that was posted, or None when it is none that could be ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def back_to(path: str) -> RedirectResponse:
    """After a post: the page to look at, fetched with GET so that a reload posts nothing."""
    return RedirectResponse(path, 303, NOT_KEPT)


def file_answer(web: Web, key: str, name: str, media_type: str, ours: bool = False) -> Response:
    """The file of that key: our PNG previews, and other pictures of `ours`, in the page, the rest as a download."""
    try:
        path = web.app.files.path(key)
    except StorageError:
        raise HTTPException(404) from None
    if not path.is_file():  # erased with its registration
        raise HTTPException(404)
    known = media_type if media_type in (INLINE, "application/pdf", "image/jpeg") else "application/octet-stream"
    return FileResponse(
        path, media_type=known, filename=name,
        content_disposition_type="inline" if ours or media_type == INLINE else "attachment",
        headers=NOT_KEPT | {"content-security-policy": "default-src 'none'; sandbox"},
    )  # fmt: skip
