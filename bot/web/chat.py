"""The chat page: what it shows, and what is posted to it as events."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.web.intake import FILE_LIMIT, FILES, Form, Received
from bot.web.lines import Named, checking, content, laid_out, pictures
from bot.web.render import zone_of
from bot.web.session import Visitor
from bot.web.web import NOT_KEPT, WELCOME, Web, back_to, file_answer, number, wants_json
from conversations.model import Case, Event, IncomingFile, Kind, Step, Text
from conversations.summary import Summary, checklist, summary
from storage.store import StorageError

SHOWN = 500  # lines of a chat the page opens with
TEXT_LIMIT = 10_000  # characters of one message
STREAMS = 20  # open pages of one visitor: each holds a connection
ANSWER_WAIT = 2.0  # seconds a page without scripts waits for the answer before it is drawn
WANTS_PAPERS = (Step.DOCUMENTS, Step.PLACING)
ACCEPTED = "image/*,application/pdf,.pdf,.jpg,.jpeg,.png,.webp,.heic"


def routes(web: Web) -> list[Route]:
    chat = Chat(web)
    found = [
        Route("/", chat.home),
        Route("/messages", chat.message, methods=["POST"]),
        Route("/press", chat.press, methods=["POST"]),
        Route("/events", chat.events),
        Route("/files/{token}", chat.file),
    ]
    if web.demo:
        found += [
            Route("/demo/sample", chat.sample, methods=["POST"]),
            Route("/demo/fill", chat.fill_in, methods=["POST"]),
            Route("/demo/{token}", chat.enter),
            Route("/demo/{token}", chat.entered, methods=["POST"]),
        ]
    return found


class Chat:
    """The customer's pages."""

    def __init__(self, web: Web) -> None:
        self._web = web

    # --- looking ---------------------------------------------------------------------------------------------------

    async def home(self, request: Request) -> Response:
        """The whole chat. A new browser is sent round once first: only one that keeps cookies opens a chat."""
        web = self._web
        visitor = await web.visitor(request)
        if visitor is None:
            if "hello" in request.query_params:
                return web.answer("error.html", {"status": "cookies"}, status=400)
            response = back_to("/?hello=1")
            web.sessions.remember(response, web.newcomer(request))
            return response
        if "hello" in request.query_params:
            return back_to("/")
        case = await asyncio.to_thread(web.app.store.snapshot, visitor.chat)
        if case is None:
            await web.app.take(
                Event(f"{visitor.chat}:opened", Kind.OPENED, web.app.clock.now(), visitor.chat, visitor.principal)
            )
            await self._answered(visitor, 0)
        return web.answer("chat.html", await self._look(visitor, request.query_params.get("notice")), visitor)

    async def _look(self, visitor: Visitor, notice: str | None = None) -> dict[str, Any]:
        values = await self._state(visitor)
        notices = {"too_big": "page_file_too_big", "too_long": "page_text_too_long", "empty": "page_empty"}
        return values | {
            "event": str(uuid.uuid4()), "accepted": ACCEPTED, "file_limit": FILE_LIMIT, "files_limit": FILES,
            "text_limit": TEXT_LIMIT, "notice": self._web.pages.word(notices[notice]) if notice in notices else None,
        }  # fmt: skip

    async def _state(self, visitor: Visitor) -> dict[str, Any]:
        """What the page shows now: the chat's lines, and the registration beside them."""
        store = self._web.app.store
        case, entries = await asyncio.gather(
            asyncio.to_thread(store.snapshot, visitor.chat), asyncio.to_thread(store.history, visitor.chat, 0, SHOWN)
        )
        zone = self._zone(case)
        asked = case.conversation.asked if case else 0
        shown = laid_out(entries, asked, zone, pictures(case), partial(self._link, visitor))
        return {
            "lines": shown, "zone": zone,
            "asked": asked, "last": entries[-1].id if entries else 0,
            "checking": checking(case), "summary": self._summary(case),
            "sampling": self._sampling(case), "today": self._web.app.clock.now(),
            "filling": bool(self._web.demo and self._web.demo.can_fill_in(case)),
        }  # fmt: skip

    def _summary(self, case: Case | None) -> Summary | None:
        return summary(case, self._web.app.book) if case else None

    def _sampling(self, case: Case | None) -> bool:
        """Whether the demonstration offers a photo: papers are asked for, and one is missing."""
        if not (self._web.demo and case and case.on and case.conversation.state in WANTS_PAPERS):
            return False
        return any(line.required and not line.done for line in checklist(case.on, self._web.app.book))

    def _zone(self, case: Case | None) -> tzinfo:
        return zone_of(case.conversation.time_zone if case else None, self._web.settings.default_time_zone)

    def _link(self, visitor: Visitor, file: Named) -> str | None:
        """The address of a file for this visitor, or None when it was refused and is not kept."""
        try:
            kept = self._web.app.files.path(file[0]).is_file()
        except StorageError:
            return None
        return f"/files/{self._web.sessions.file_token(visitor, *file)}" if kept else None

    async def events(self, request: Request) -> Response:
        """The stream of what happens in this chat, from the last line the page has."""
        visitor = await self._web.visitor(request)
        if visitor is None:
            raise HTTPException(403)
        if self._web.page.listeners(visitor.chat) >= STREAMS:
            raise HTTPException(429)
        after = number(request.headers.get("last-event-id") or request.query_params.get("after", "")) or 0
        return StreamingResponse(
            self._stream(visitor, after), media_type="text/event-stream", headers=NOT_KEPT | {"x-accel-buffering": "no"}
        )

    async def _stream(self, visitor: Visitor, after: int) -> AsyncIterator[str]:
        listening = self._web.page.listen(visitor.chat)
        # Listen first, look then: what comes in between is seen twice rather than never.
        changes = asyncio.ensure_future(anext(listening, None))
        try:
            yield "retry: 2000\n\n"
            await asyncio.sleep(0)
            changed: bool | None = True
            while changed is not None:
                if not await self._web.stands(visitor):
                    return  # whoever entered the desk meanwhile has a new cookie, and asks again with that
                if changed:
                    state = await self._frame(visitor, after)
                    after = state["last"]
                    yield f"id: {after}\nevent: turn\ndata: {json.dumps(state)}\n\n"
                else:
                    yield ": still here\n\n"
                changed = await changes
                changes = asyncio.ensure_future(anext(listening, None))
        finally:
            changes.cancel()

    async def _frame(self, visitor: Visitor, after: int) -> dict[str, Any]:
        """What changed since that line, as the page's script takes it."""
        state = await self._state(visitor)
        pages, lines = self._web.pages, state["lines"]
        shared = {**state, "csrf": visitor.csrf, "event": str(uuid.uuid4())}
        new = [line for line in lines if line.entry.id > after]
        # What was sent is looked into afterwards: then there are pictures of it.
        sent = [line for line in lines if line.entry.id <= after and line.entry.incoming and line.files]
        return {
            "last": max(state["last"], after), "asked": state["asked"],
            "lines": pages.html("lines.html", shared | {"lines": new}),
            "again": pages.html("lines.html", shared | {"lines": sent[-FILES:]}),
            "aside": pages.html("aside.html", shared), "head": pages.html("head.html", shared),
            "sampling": state["sampling"], "filling": state["filling"], "checking": state["checking"],
            "chosen": [[line.entry.id, line.chosen] for line in lines if line.chosen],
        }  # fmt: skip

    async def file(self, request: Request) -> Response:
        """A file that was shown to this visitor, and to nobody else."""
        web = self._web
        visitor = await web.visitor(request)
        found = visitor and web.sessions.file_of(visitor, request.path_params["token"])
        if not visitor or not found:
            raise HTTPException(404)
        key, name, kind = found
        case = await asyncio.to_thread(web.app.store.snapshot, visitor.chat)
        moved, _ = pictures(case).get(content(key), (key, ()))  # since the page was drawn
        return file_answer(web, moved, name, kind)

    # --- writing ---------------------------------------------------------------------------------------------------

    async def message(self, request: Request) -> Response:
        """A text, or files with or without one, as one event."""
        web = self._web
        async with web.posted(request) as (visitor, form):
            text = form.get("text").replace("\r\n", "\n").strip("\n")
            notice = None
            if len(text) > TEXT_LIMIT:
                notice = "too_long"
            elif any(file.too_big for file in form.files):
                notice = "too_big"
            elif not text.strip() and not form.files:
                notice = "empty"
            good = [file for file in form.files if not file.too_big]
            if notice == "too_long" or not (text.strip() or good):
                return await self._refused(request, notice or "empty")
            kind, files = Kind.FILES if good else Kind.TEXT, await self._kept(good)
            answer = await self._take(visitor, form, kind, text=text, files=files)
            response = await self._taken(request, visitor, form, notice)
            if answer is not None and answer.key == WELCOME:
                await web.let_in(response, visitor)
            return response

    async def press(self, request: Request) -> Response:
        """A button of a question, or one of the page's own words beside the chat."""
        async with self._web.posted(request) as (visitor, form):
            choice, asked = form.get("choice"), form.get("asked")
            if not choice or len(choice) > TEXT_LIMIT:
                raise HTTPException(400)
            await self._take(visitor, form, Kind.PRESS, choice=choice, asked=number(asked))
            return await self._taken(request, visitor, form)

    async def sample(self, request: Request) -> Response:
        """Demonstration: photos of the letters asked for, as if the customer had sent them."""
        web = self._web
        async with web.posted(request) as (visitor, form):
            assert web.demo is not None
            photos = await web.demo.sample(visitor.chat, signed=form.get("kind") != "unsigned")
            if not photos:
                return await self._refused(request, "empty")
            files = []
            for name, data in photos:
                key = await asyncio.to_thread(web.app.files.put, "incoming", data)
                files.append(
                    IncomingFile(f"stored:{key}", name, len(data), mimetypes.guess_type(name)[0] or "", as_photo=True)
                )
            await self._take(visitor, form, Kind.FILES, files=tuple(files))
            return await self._taken(request, visitor, form)

    async def fill_in(self, request: Request) -> Response:
        """Demonstration: made-up answers to what is still asked, as if the customer had typed them."""
        web = self._web
        async with web.posted(request) as (visitor, form):
            assert web.demo is not None
            await web.demo.fill_in(visitor.chat)
            return await self._taken(request, visitor, form)

    async def _take(self, visitor: Visitor, form: Form, kind: Kind, **values: Any) -> Text | None:
        """Give the post to the house as an event; back when it is committed. The same post twice is one event."""
        try:
            id = str(uuid.UUID(form.get("event")))
        except ValueError:
            raise HTTPException(400) from None
        zone = form.get("time_zone")
        return await self._web.app.take(Event(
            f"web:{id}", kind, self._web.app.clock.now(), visitor.chat, visitor.principal, message=id,
            order=number(form.get("order")), time_zone=zone if 0 < len(zone) < 64 else None, **values,
        ))  # fmt: skip

    async def _kept(self, files: Sequence[Received]) -> tuple[IncomingFile, ...]:
        kept = []
        for file in files:
            key = await asyncio.to_thread(self._web.app.files.put, "incoming", file.path)
            kept.append(IncomingFile(f"stored:{key}", file.name, file.size, file.media_type))
        return tuple(kept)

    async def _taken(self, request: Request, visitor: Visitor, form: Form, notice: str | None = None) -> Response:
        if wants_json(request):
            after = number(form.get("order")) or 0
            word = self._web.pages.word("page_file_too_big") if notice == "too_big" else None
            return JSONResponse(await self._frame(visitor, after) | {"notice": word}, headers=NOT_KEPT)
        entries = await asyncio.to_thread(self._web.app.store.history, visitor.chat, 0, SHOWN)
        await self._answered(visitor, max((entry.id for entry in entries if entry.incoming), default=0))
        return back_to(f"/?notice={notice}#latest" if notice else "/#latest")

    async def _refused(self, request: Request, notice: str) -> Response:
        if wants_json(request):
            keys = {"too_big": "page_file_too_big", "too_long": "page_text_too_long", "empty": "page_empty"}
            return JSONResponse({"error": self._web.pages.word(keys[notice])}, 422, headers=NOT_KEPT)
        return back_to(f"/?notice={notice}#latest")

    async def _answered(self, visitor: Visitor, after: int) -> None:
        """Wait until an answer stands in the history, for pages that are drawn once."""
        listening = self._web.page.listen(visitor.chat, heartbeat=0.3)
        try:
            async with asyncio.timeout(ANSWER_WAIT):
                while not await self._has_answer(visitor, after):
                    if await anext(listening, None) is None:
                        return
        except TimeoutError:
            return
        finally:
            await listening.aclose()

    async def _has_answer(self, visitor: Visitor, after: int) -> bool:
        store = self._web.app.store
        entries, case = await asyncio.gather(
            asyncio.to_thread(store.history, visitor.chat, after, SHOWN),
            asyncio.to_thread(store.snapshot, visitor.chat),
        )
        return any(not entry.incoming for entry in entries) and bool(case and case.conversation.question_sent)

    # --- the demonstration's links ---------------------------------------------------------------------------------

    async def enter(self, request: Request) -> Response:
        """A page with a button: whoever only looks at the link, such as a chat's preview, spends nothing."""
        web, token = self._web, request.path_params["token"]
        assert web.demo is not None
        if web.demo.visitor(token) is None:
            raise HTTPException(404)
        return web.answer("enter.html", {"path": f"/demo/{token}"}, await web.visitor(request) or web.newcomer(request))

    async def entered(self, request: Request) -> Response:
        web, token = self._web, request.path_params["token"]
        assert web.demo is not None
        async with web.posted(request):
            who = web.demo.spend(token)
        if who is None:
            raise HTTPException(404)
        visitor = web.sessions.as_visitor(who)
        staff = await asyncio.to_thread(web.app.store.staff_of, visitor.principal)
        response = back_to("/desk" if staff else "/")
        await web.let_in(response, visitor)
        return response
