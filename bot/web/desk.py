"""The desk: a queue, one registration at a time, and every decision an event through the same door."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web import dossier, notices
from bot.web.intake import Form
from bot.web.looks import offer
from bot.web.render import zone_of
from bot.web.session import Visitor
from bot.web.web import WELCOME, Web, back_to, file_answer, number
from conversations.edition import outdated, pack_of
from conversations.lifecycle import LIFECYCLE
from conversations.model import Event, Handoff, Kind, Registration, Staff, Status, Text, UploadPage
from conversations.reasons import CANNED
from conversations.words import INVITATION, REFERENCE
from storage.opened import HELD
from storage.store import Found

ACTIONS = frozenset({
    "open", "take", "approve", "refuse", "pass_on", "send_back", "reject", "hand_back", "overrule", "take_handoff",
    "close_handoff", "agree", "overrule_page",
})  # fmt: skip
# What the history names: triggers, the desk's own acts, and the outcome of a sender ID, which stands behind the word.
KNOWN_STEPS = frozenset(trigger for trigger, *_ in LIFECYCLE) | ACTIONS | {"take_over", "approved", "refused"}
WHY_LIMIT = 2000  # characters of the reasons together


def routes(web: Web) -> list[Route]:
    desk = Desk(web)
    return [
        Route("/desk", desk.queue),
        Route("/desk", desk.enter, methods=["POST"]),
        Route("/desk/cards/{card:int}", desk.see_to, methods=["POST"]),
        Route("/desk/handoffs/{handoff:int}/{action}", desk.handoff, methods=["POST"]),
        Route("/desk/{reference}", desk.registration),
        Route("/desk/{reference}/files/{key:path}", desk.file),
        Route("/desk/{reference}/{action}", desk.act, methods=["POST"]),
    ]


class Desk:
    """The staff's pages. Each asks anew who is there: a role taken back is gone with the next click."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._entered: deque[str] = deque(maxlen=100)  # posts that opened the door: pressed twice, they open it still

    # --- looking ---------------------------------------------------------------------------------------------------

    async def queue(self, request: Request) -> Response:
        """The queue of one view, oldest first; for strangers the door."""
        web = self._web
        visitor = await web.visitor(request) or web.newcomer(request)
        staff = await self._staff(visitor)
        if staff is None:
            return web.answer(
                "door.html", {"wrong": "wrong" in request.query_params, "event": str(uuid.uuid4())}, visitor
            )
        store = web.app.store
        everything, cards, handoffs, receipts, people = await asyncio.gather(
            asyncio.to_thread(store.registrations),
            asyncio.to_thread(store.cards),
            asyncio.to_thread(store.handoffs),
            asyncio.to_thread(store.receipts),
            self._people(),
        )
        seen = [found for found in everything if dossier.may_see(found, staff)]
        cards = notices.waiting(cards, seen, [one for one, _ in handoffs])
        handoffs = [(one, chat) for one, chat in handoffs if dossier.may_answer(one, chat, staff)]
        view = request.query_params.get("view", "review")
        asked = request.query_params.get("q", "").strip()
        if asked:
            if (exact := REFERENCE.fullmatch(asked)) and await self._exists(exact[1].upper(), staff):
                return back_to(f"/desk/{exact[1].upper()}")
            view, rows = "search", [found for found in seen if dossier.matches(found.registration, asked)]
        elif view == "cards":
            rows = []
        else:
            view = view if view in dossier.VIEWS else "review"
            rows = [found for found in seen if self._is_in(found, view)]
        rows = sorted(rows, key=dossier.age, reverse=view == "closed")
        counts = {name: sum(self._is_in(found, name) for found in seen) for name in dossier.VIEWS}
        counts["handoffs"] += len(handoffs)
        counts["closed"] += len(receipts)
        counts["cards"] = len(cards)
        return self._answer(request, "queue.html", visitor, {
            "view": view, "rows": rows, "counts": counts,
            "asked": asked, "cards": cards if view == "cards" else [],
            "handoffs": handoffs if view == "handoffs" else [], "said": await self._said(handoffs, staff),
            "receipts": receipts[::-1] if view == "closed" else [], "people": people, "staff": staff,
            "since": dossier.since, "held": HELD in await asyncio.to_thread(store.settings), "why_limit": WHY_LIMIT,
        })  # fmt: skip

    async def _said(self, handoffs: Sequence[tuple[Handoff, str]], staff: Staff) -> dict[int, list[str]]:
        """What the customers wrote whose questions this person took."""
        history = self._web.app.store.history
        mine = [(one.id, chat) for one, chat in handoffs if one.taken_by == staff.name]
        return {id: notices.typed(await asyncio.to_thread(history, chat)) for id, chat in mine}

    @staticmethod
    def _is_in(found: Found, view: str) -> bool:
        with_a_person = view == "handoffs" and bool(found.open_handoffs)
        return found.registration.status in dossier.VIEWS[view] or with_a_person

    async def registration(self, request: Request) -> Response:
        """One registration: what it is about for all staff, answers and documents for whoever took it."""
        web = self._web
        visitor, staff = await self._signed_in(request)
        reference = request.path_params["reference"]
        found = await asyncio.to_thread(web.app.store.found, reference)
        if found is None or not dossier.may_see(found, staff):
            receipt = await asyncio.to_thread(web.app.store.receipt, reference) if found is None else None
            if receipt is None:
                raise HTTPException(404)
            return self._answer(request, "receipt.html", visitor, {"receipt": receipt, "staff": staff})
        registration = found.registration
        held = dossier.holds(found, staff)
        papers, fields = dossier.mendable(registration, web.app.book)
        return self._answer(request, "registration.html", visitor, {
            "found": found, "registration": registration, "held": held, "staff": staff,
            "takable": dossier.may_be_taken(found), "edition": outdated(registration, web.app.book),
            "people": await self._people(), "may": dossier.decisions(registration, staff) if held else frozenset(),
            "answers": dossier.answers(registration, web.app.book) if held else [],
            "doubts": dossier.uncertain(registration, web.app.book) if held else [],
            "samples": dossier.samples(registration) if held else {},
            "judged": dossier.judged_names(registration, web.app.book) if held else {},
            "papers": dossier.laid_out(registration, web.app.book, web.app.clock.now().date()) if held else [],
            "loose": dossier.loose(registration, web.app.book) if held else [],
            "offer": partial(offer, registration) if dossier.may_judge_pages(registration, staff) else _no_offer,
            "refused_papers": dossier.refused_papers(registration, web.app.book) if held else {},
            "mend_papers": papers, "mend_fields": fields, "canned": CANNED, "known_steps": KNOWN_STEPS,
            "open_names": [name.text for name in registration.sender_ids if name.outcome is None],
            "next": await self._next(registration, staff), "since": dossier.since, "why_limit": WHY_LIMIT,
        })  # fmt: skip

    async def _next(self, registration: Registration, staff: Staff) -> str | None:
        """Reference of the oldest one under review that nobody else has."""
        waiting = sorted(
            (found for found in await asyncio.to_thread(self._web.app.store.registrations)
             if found.registration.status is Status.UNDER_REVIEW and found.registration.id != registration.id
             and found.registration.taken_by in (None, staff.principal) and dossier.may_see(found, staff)),
            key=dossier.age,
        )  # fmt: skip
        return waiting[0].registration.reference if waiting else None

    async def file(self, request: Request) -> Response:
        """A letter or an upload, for whoever took the registration it belongs to."""
        _, staff = await self._signed_in(request)
        found = await self._found(request.path_params["reference"], staff)
        if dossier.holds(found, staff):
            for file in dossier.files(found.registration):
                if file.key == request.path_params["key"]:
                    return file_answer(self._web, file.key, file.name, file.media_type, file.ours)
        raise HTTPException(404)

    # --- acting ----------------------------------------------------------------------------------------------------

    async def enter(self, request: Request) -> Response:
        """Bind this browser to the desk with an invitation, as if its code were typed in the chat."""
        web = self._web
        async with web.posted(request, at_the_door=True) as (visitor, form):
            code = form.get("code").strip().upper()
            if not INVITATION.fullmatch(code):
                return back_to("/desk?wrong=1")
            id = _event_id(form)
            answer = await web.app.take(Event(
                id, Kind.TEXT, web.app.clock.now(), visitor.chat, visitor.principal, text=code,
                person=form.get("name").strip()[:60] or None,
            ))  # fmt: skip
        if answer is not None and answer.key == WELCOME:
            self._entered.append(id)
        elif id not in self._entered:
            return back_to("/desk?wrong=1")
        response = back_to("/desk")
        await web.let_in(response, visitor)
        return response

    async def act(self, request: Request) -> Response:
        """One decision on one registration."""
        action = request.path_params["action"]
        if action not in ACTIONS:
            raise HTTPException(404)
        async with self._web.posted(request) as (visitor, form):
            staff = await self._staff_of(visitor)
            found = await self._found(request.path_params["reference"], staff)
            here = f"/desk/{found.registration.reference}"
            why = [line.strip() for line in form.get("why").splitlines() if line.strip()]
            if action in ("refuse", "send_back", "reject") and not (why and len(form.get("why")) <= WHY_LIMIT):
                return self._told(here, visitor, Text("desk_page_reason_missing"))
            answer = await self._decide(visitor, form, action, {
                "sender_id": form.get("sender_id") or None, "why": why, "papers": form.all("papers"),
                "fields": form.all("fields"), "upload": number(form.get("upload")), "page": number(form.get("number")),
                "label": form.get("label"), **self._overruling(found.registration, form),
            }, registration=found.registration.id)  # fmt: skip
            return self._told(here, visitor, answer)

    def _overruling(self, registration: Registration, form: Form) -> dict[str, Any]:
        if not (name := form.get("field")):
            return {}
        try:
            field = pack_of(registration, self._web.app.book).field(name)
            return {"field": name, "value": dossier.overruling(field, form.get("value"))}
        except (KeyError, ValueError):
            raise HTTPException(400) from None

    async def handoff(self, request: Request) -> Response:
        """Take or close a handoff, with or without a registration."""
        action = f"{request.path_params['action']}_handoff"
        if action not in ACTIONS:
            raise HTTPException(404)
        async with self._web.posted(request) as (visitor, form):
            staff = await self._staff_of(visitor)
            one, reference = await self._handoff(request.path_params["handoff"], staff)
            result = {"handoff": one.id, "answer": form.get("answer")[:WHY_LIMIT]}
            answer = await self._decide(
                visitor, form, action, result, registration=one.registration_id, conversation=one.conversation_id
            )
            return self._told(f"/desk/{reference}" if reference else "/desk?view=handoffs", visitor, answer)

    async def _handoff(self, number: int, staff: Staff) -> tuple[Handoff, str | None]:
        """The open handoff of that number and its registration's reference, if it has one."""
        store = self._web.app.store
        alone, everything = await asyncio.gather(
            asyncio.to_thread(store.handoffs), asyncio.to_thread(store.registrations)
        )
        of_all: list[tuple[Handoff, str | None]] = [
            (one, found.registration.reference)
            for found in everything
            if dossier.may_see(found, staff)
            for one in found.open_handoffs
        ]
        for one, reference in [*of_all, *((one, None) for one, chat in alone if dossier.may_answer(one, chat, staff))]:
            if one.id == number:
                return one, reference
        raise HTTPException(404)

    async def see_to(self, request: Request) -> Response:
        """Somebody has seen to a card."""
        web = self._web
        async with web.posted(request) as (visitor, _):
            staff = await self._staff_of(visitor)
            cards = await asyncio.to_thread(web.app.store.cards)
            card = next((one for one in cards if one.id == request.path_params["card"]), None)
            if card is None:
                raise HTTPException(404)
            if card.reference is not None:
                await self._found(card.reference, staff)
            await web.app.write(web.app.store.see_to, card.id, staff.name, web.app.clock.now())
        return back_to("/desk?view=cards")

    async def _decide(
        self, visitor: Visitor, form: Form, name: str, result: Mapping[str, Any],
        registration: int | None, conversation: int | None = None,
    ) -> Text | None:  # fmt: skip
        app = self._web.app
        return await app.take(Event(
            _event_id(form), Kind.DESK, app.clock.now(), principal=visitor.principal, name=name, result=result,
            registration=registration, conversation=conversation,
        ))  # fmt: skip

    # --- who is there ----------------------------------------------------------------------------------------------

    async def _staff(self, visitor: Visitor) -> Staff | None:
        """The staff member this cookie was made for: it may be older than an entry into the desk just now."""
        staff = await asyncio.to_thread(self._web.app.store.staff_of, visitor.principal)
        return staff if staff and staff.id == visitor.desk else None

    async def _staff_of(self, visitor: Visitor) -> Staff:
        """The staff member at this browser. Raises HTTPException 404: a stranger learns nothing."""
        staff = await self._staff(visitor)
        if staff is None:
            raise HTTPException(404)
        return staff

    async def _signed_in(self, request: Request) -> tuple[Visitor, Staff]:
        visitor = await self._web.visitor(request)
        if visitor is None:
            raise HTTPException(404)
        return visitor, await self._staff_of(visitor)

    async def _found(self, reference: str, staff: Staff) -> Found:
        found = await asyncio.to_thread(self._web.app.store.found, reference)
        if found is None or not dossier.may_see(found, staff):
            raise HTTPException(404)
        return found

    async def _exists(self, reference: str, staff: Staff) -> bool:
        store = self._web.app.store
        found = await asyncio.to_thread(store.found, reference)
        if found is None:
            return await asyncio.to_thread(store.receipt, reference) is not None
        return dossier.may_see(found, staff)

    async def _people(self) -> dict[str, str]:
        """Names of the staff by principal."""
        return {staff.principal: staff.name for staff, _ in await asyncio.to_thread(self._web.app.store.staff)}

    # --- answering -------------------------------------------------------------------------------------------------

    def _answer(self, request: Request, template: str, visitor: Visitor, values: dict[str, Any]) -> Response:
        web = self._web
        shared = {
            "now": web.app.clock.now(), "zone": zone_of(web.settings.default_time_zone), "event": str(uuid.uuid4()),
            "flash": web.sessions.flashed(request, visitor), "views": list(dossier.VIEWS),
        }  # fmt: skip
        response = web.answer(template, shared | values, visitor)
        if shared["flash"] is not None:
            web.sessions.flash(response, visitor, "")
        return response

    def _told(self, path: str, visitor: Visitor, text: Text | None) -> Response:
        """Back to that page, where what came of it is said."""
        response = back_to(path)
        if text is not None:
            self._web.sessions.flash(response, visitor, self._web.pages.text(text)[:1500])
        return response


def _event_id(form: Form) -> str:
    try:
        return f"web:{uuid.UUID(form.get('event'))}"
    except ValueError:
        raise HTTPException(400) from None


def _no_offer(page: UploadPage) -> None:
    """Whoever may only look is offered nothing to say."""
