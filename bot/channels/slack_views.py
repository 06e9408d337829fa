"""Slack's views, both ways: forms, reasons and the Home tab, opened for whom they are and taken back from them alone.

What comes back is Slack's payload as it is, verified by whoever received it. Each method takes its events to their
commit before it returns what to acknowledge with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog

from bot.app import App
from bot.channels import slack_forms as forms
from bot.channels import slack_home as homes
from bot.channels import slack_reasons as reasons
from bot.channels.slack_parts import Seals, View, modal, plain, section
from bot.channels.tokens import Tokens
from bot.web import dossier
from bot.writer import Overloaded, Taken
from conversations.interview.forms import form, problems
from conversations.model import Case, Event, Kind, Registration, Text

if TYPE_CHECKING:
    from bot.words import Catalogs, Words

log = structlog.get_logger()

Payload = Mapping[str, Any]
QUIET = 2.0  # seconds without a change after which what was typed is kept: every character is told to us
REMEMBERED = 1000  # views that were submitted: what was typed into one before that comes late
# A decision that came to nothing: the modal stays, and says why.
REFUSALS = frozenset({
    "desk_not_there", "desk_not_your_role", "desk_own_registration", "desk_not_now", "desk_taken_by_another",
    "desk_take_first", "desk_why_missing", "desk_which_name", "desk_no_such_name", "apology",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A form that somebody has open, as its view says."""

    chat: str
    principal: str
    reference: str
    seen: tuple[str, ...]  # what earlier steps asked, see slack_forms.short


@dataclass(slots=True)
class Draft:
    """What was typed into a form and is not kept yet."""

    opened: Opened
    answers: dict[str, str]
    id: str  # of the newest of these changes
    timer: asyncio.TimerHandle | None = None


class Views:
    """Opens views, and takes what they send."""

    def __init__(
        self,
        app: App,
        catalogs: Catalogs,
        tokens: Tokens,
        keys: Sequence[str],
        client: Any,
        *,
        public_url: str | None = None,
        quiet: float = QUIET,
        most: int = forms.MOST_ASKED,
    ) -> None:
        """`keys` newest first. `client`: slack_sdk's AsyncWebClient, or what has its views_* methods."""
        self._app, self._catalogs, self._tokens, self._client = app, catalogs, tokens, client
        self._seals = Seals(keys)
        self._public_url, self._quiet, self._most = public_url, quiet, most
        self._drafts: dict[tuple[str, str], Draft] = {}  # by view and its hash
        self._submitted: dict[tuple[str, str], None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- opened ---------------------------------------------------------------------------------------------------

    async def open_form(
        self, trigger_id: str, chat: str, principal: str, about: int | str | None = None
    ) -> Text | None:  # fmt: skip
        """Open what is still asked of a registration. A Text says why it is not open.

        `about`: its number, as buttons have it, or its reference; without either it is the one the chat is on.
        """
        case = await self._case(chat)
        registration = _registration(case, about) if case else None
        if case is None or registration is None:
            return Text("form_nothing")
        view = self._form(case, Opened(chat, principal, registration.reference, ()))
        if view is None:
            return Text("form_nothing")
        return None if await self._call("views_open", trigger_id=trigger_id, view=view) else Text("form_not_opened")

    def _form(self, case: Case, opened: Opened) -> View | None:
        """The next step of a form, or None when there is none."""
        now = self._step(case, opened)
        if now is None:
            return None
        sealed = self._seals.sealed(
            forms.KIND, _user(opened.principal), opened.chat, opened.principal, opened.reference, list(opened.seen)
        )
        return forms.view(now, self._words(case), self._app.book, sealed)

    def _step(self, case: Case, opened: Opened) -> forms.Step | None:
        registration = forms.registration_of(case, opened.reference)
        if registration is None:
            return None
        asked = form(case, self._app.book, opened.reference) or forms.Form(opened.reference, registration.country)
        return forms.step(asked, forms.collects(registration), opened.seen, self._most)

    async def open_reasons(
        self, trigger_id: str, principal: str, value: str, locale: str | None = None
    ) -> Text | None:  # fmt: skip
        """Ask for the reasons of the decision that a button says. A Text says why nothing is asked."""
        decision = reasons.wanted(value)
        if decision is None:
            return Text("desk_not_there")
        store = self._app.store
        staff, found = await asyncio.gather(
            asyncio.to_thread(store.staff_of, principal), asyncio.to_thread(store.found, decision.reference)
        )
        if staff is None or found is None or not dossier.may_see(found, staff):
            return Text("desk_not_there")
        about = {"reference": decision.reference}
        if found.registration.taken_by is None:
            return Text("desk_take_first", about)
        if not dossier.holds(found, staff):
            return Text("desk_taken_by_another", about)
        sealed = self._seals.sealed(
            reasons.KIND, _user(principal), principal, decision.name, decision.reference, decision.sender_id, locale
        )
        view = reasons.view(decision, found, self._catalogs.words(locale), self._app.book, sealed)
        return None if await self._call("views_open", trigger_id=trigger_id, view=view) else Text("form_not_opened")

    async def publish_home(self, principal: str, chat: str, locale: str | None = None) -> bool:
        """Show the Home tab as things are now. `chat`: the person's direct messages with us."""
        store = self._app.store
        case, staff = await asyncio.gather(self._case(chat), asyncio.to_thread(store.staff_of, principal))
        queue = await asyncio.to_thread(store.registrations) if staff else ()
        words = self._words(case, locale)

        def token(registration: Registration | None, value: str) -> str | None:
            return self._tokens.made(chat, registration.id if registration else None, 0, value)

        sealed = self._seals.sealed(homes.KIND, _user(principal), chat, principal, locale)
        view = homes.home(case, staff, queue, words, token, sealed, self._public_url)
        return await self._call("views_publish", user_id=_user(principal), view=view)

    # --- come back ------------------------------------------------------------------------------------------------

    async def submitted(self, payload: Payload) -> dict[str, Any] | None:
        """Take a view_submission; what to answer it with. Raises what its commit failed of."""
        kind = payload["view"].get("callback_id")
        try:
            if kind == forms.KIND:
                return await self._form_submitted(payload)
            if kind == reasons.KIND:
                return await self._reasons_submitted(payload)
        except Overloaded:
            return self._wrong(payload, Text("form_busy"), self._catalogs.words())
        return None

    async def changed(self, payload: Payload) -> None:
        """Take block_actions of a view: what is typed into a form is kept once it rests, a press at home at once."""
        kind = payload["view"].get("callback_id")
        if kind == forms.KIND:
            self._typed(payload)
        elif kind == homes.KIND:
            await self._pressed_at_home(payload)

    async def closed(self, payload: Payload) -> None:
        """Take a view_closed: what was typed is kept, and shown when the form is opened again."""
        if payload["view"].get("callback_id") != forms.KIND:
            return
        view = payload["view"]
        key = _key(view)
        answers = forms.answers(_values(view))
        draft = self._drafts.get(key)
        opened = self._opened(payload)
        if any(answers.values()) and opened is not None and key not in self._submitted:
            self._rest(key)
            await self._keep(Draft(opened, answers, f"view:{view['id']}:{view.get('hash', '')}:closed"))
        elif draft is not None:
            self._rest(key)
            await self._keep(draft)

    async def stop(self) -> None:
        """Keep what was typed and is not kept yet."""
        drafts = [self._rest(key) for key in list(self._drafts)]
        await asyncio.gather(*(self._keep(draft) for draft in drafts if draft), *self._tasks, return_exceptions=True)

    # --- a form ---------------------------------------------------------------------------------------------------

    def _opened(self, payload: Payload) -> Opened | None:
        """What the view says it is; None when it was not made for whoever sends it."""
        values = self._seals.opened(forms.KIND, payload["user"]["id"], payload["view"].get("private_metadata") or "")
        if values is None:
            return None
        chat, principal, reference, seen = values
        return Opened(str(chat), str(principal), str(reference), tuple(map(str, seen)))

    async def _form_submitted(self, payload: Payload) -> dict[str, Any]:
        view, opened = payload["view"], self._opened(payload)
        if opened is None:
            return self._told(Text("form_not_yours"), self._catalogs.words())
        case = await self._case(opened.chat)
        words = self._words(case)
        if case is None or forms.registration_of(case, opened.reference) is None:
            return self._told(Text("form_too_late"), words)
        values = _values(view)
        answers, prefix = forms.answers(values), _prefix(opened.principal)
        wrong = forms.errors(problems(case, self._app.book, opened.reference, answers), answers.keys(), words)
        if wrong:
            self._typed(payload)  # so that it is there again, should the form be closed now
            return _errors(wrong)
        events = self._events(payload, case, opened, answers, forms.files(values, prefix))
        taken = await self._app.take_all(events)
        self._rest(_key(view))
        self._remember(_key(view))
        if any(one.error is not None for one in taken):
            return self._wrong(payload, Text("apology"), words)
        return await self._after(view, opened)

    def _events(
        self, payload: Payload, case: Case, opened: Opened, answers: dict[str, str], files: Sequence[Any]
    ) -> list[Event]:
        """What a submission says: the answers, then the papers."""
        id = f"{_prefix(opened.principal)}:{_submission(payload)}"
        given = any(text.strip() for text in answers.values())
        events = []
        if answers:
            events.append(self._form_event(id, opened, answers, submitted=given))
        if not files:
            return events
        registration = forms.registration_of(case, opened.reference)
        if not given and registration is not case.on:  # papers belong to what the chat is on
            there = self._event(f"{id}:open", Kind.PRESS, opened)
            events.append(replace(there, choice=f"open {opened.reference}"))
        return [*events, replace(self._event(f"{id}:files", Kind.FILES, opened), files=tuple(files))]

    def _form_event(self, id: str, opened: Opened, answers: Mapping[str, str], *, submitted: bool) -> Event:
        result = {"reference": opened.reference, "answers": dict(answers), "submitted": submitted}
        return replace(self._event(id, Kind.FORM, opened), result=result)

    def _event(self, id: str, kind: Kind, opened: Opened) -> Event:
        return Event(id, kind, self._app.clock.now(), opened.chat, opened.principal, private=True)

    async def _after(self, view: Payload, opened: Opened) -> dict[str, Any]:
        """The next step, when an answer brought more questions or there was no room for all; else it is done."""
        shown = [forms.short(str(block["block_id"])) for block in view.get("blocks") or () if block["type"] == "input"]
        case = await self._case(opened.chat)
        seen = tuple(dict.fromkeys((*opened.seen, *shown)))
        following = self._form(case, replace(opened, seen=seen)) if case else None
        return {"response_action": "update", "view": following} if following else {"response_action": "clear"}

    # --- what was typed -------------------------------------------------------------------------------------------

    def _typed(self, payload: Payload) -> None:
        """Wait for it to rest: each change tells the whole form, so the newest is enough."""
        view, opened = payload["view"], self._opened(payload)
        key = _key(view)
        if opened is None or key in self._submitted:
            return
        self._rest(key)
        draft = Draft(opened, forms.answers(_values(view)), _submission(payload))
        draft.timer = asyncio.get_running_loop().call_later(self._quiet, self._rested, key)
        self._drafts[key] = draft

    def _rest(self, key: tuple[str, str]) -> Draft | None:
        """Take out what waits to be kept."""
        draft = self._drafts.pop(key, None)
        if draft is not None and draft.timer is not None:
            draft.timer.cancel()
        return draft

    def _rested(self, key: tuple[str, str]) -> None:
        draft = self._rest(key)
        if draft is not None:
            self._later(self._keep(draft))

    def _later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, draft: Draft) -> None:
        """May be lost: whoever typed it sees it on their screen still, or types it again."""
        id = f"{_prefix(draft.opened.principal)}:{draft.id}:typed"
        try:
            await self._app.take(self._form_event(id, draft.opened, draft.answers, submitted=False))
        except Exception as error:
            log.warning("draft_lost", channel="slack", error=type(error).__name__)

    def _remember(self, key: tuple[str, str]) -> None:
        self._submitted[key] = None
        if len(self._submitted) > REMEMBERED:
            del self._submitted[next(iter(self._submitted))]

    # --- reasons --------------------------------------------------------------------------------------------------

    async def _reasons_submitted(self, payload: Payload) -> dict[str, Any]:
        view = payload["view"]
        sealed = self._seals.opened(reasons.KIND, payload["user"]["id"], view.get("private_metadata") or "")
        if sealed is None:
            return self._told(Text("form_not_yours"), self._catalogs.words())
        principal, name, reference, sender_id, locale = sealed
        words = self._catalogs.words(locale)
        result = reasons.values(_values(view), reasons.Wanted(name, reference, sender_id))
        if not result["why"] or len("\n".join(result["why"])) > reasons.LONGEST_WHY:
            return _errors({reasons.OWN: words.text(Text("desk_page_reason_missing"))})
        found = await asyncio.to_thread(self._app.store.found, reference)
        if found is None:
            return self._told(Text("desk_not_there"), words)
        taken = await self._app.turned(Event(
            f"{_prefix(principal)}:{_submission(payload)}", Kind.DESK, self._app.clock.now(), principal=principal,
            name=name, result=result, registration=found.registration.id,
        ))  # fmt: skip
        return self._decided(payload, taken, words)

    def _decided(self, payload: Payload, taken: Taken | None, words: Words) -> dict[str, Any]:
        answer = taken.answer if taken else None
        if answer is not None and answer.key in REFUSALS:
            return self._wrong(payload, answer, words)
        if answer is not None and answer.key in ("desk_still_open", "desk_all_refused"):
            return self._told(answer, words)
        return {"response_action": "clear"}

    # --- home -----------------------------------------------------------------------------------------------------

    async def _pressed_at_home(self, payload: Payload) -> None:
        """As if the same button were pressed in the chat; then the tab shows what came of it."""
        view, user = payload["view"], payload["user"]["id"]
        sealed = self._seals.opened(homes.KIND, user, view.get("private_metadata") or "")
        actions = payload.get("actions") or ()
        if sealed is None or not actions:
            return
        chat, principal, locale = sealed
        pressed = self._tokens.read(chat, str(actions[0].get("value") or ""))
        if pressed is None:
            return
        opened = Opened(chat, principal, "", ())
        event = self._event(f"{_prefix(principal)}:{_submission(payload)}", Kind.PRESS, opened)
        await self._app.take(replace(event, choice=pressed.value, locale=locale))
        self._later(self.publish_home(principal, chat, locale))  # Slack waits for our answer to the press

    # --- shared ---------------------------------------------------------------------------------------------------

    async def _case(self, chat: str) -> Case | None:
        return await asyncio.to_thread(self._app.store.snapshot, chat)

    def _words(self, case: Case | None, locale: str | None = None) -> Words:
        chat = case.conversation if case else None
        company = case.company if case else None
        zone = (chat.time_zone if chat else None) or (company.time_zone if company else None)
        return self._catalogs.words((chat.locale if chat else None) or locale, zone)

    def _told(self, text: Text, words: Words) -> dict[str, Any]:
        """The modal with nothing but a word in it."""
        said = [section(plain(words.text(text)))]
        title, close = words.text(Text("form_told")), words.text(Text("form_close"))
        return {"response_action": "update", "view": modal("told", title, said, "", submit="", close=close)}

    def _wrong(self, payload: Payload, text: Text, words: Words) -> dict[str, Any]:
        """The word below the last input, with everything that was entered left as it is."""
        inputs = [block["block_id"] for block in payload["view"].get("blocks") or () if block["type"] == "input"]
        return _errors({inputs[-1]: words.text(text)}) if inputs else self._told(text, words)

    async def _call(self, method: str, **values: Any) -> bool:
        """Whether Slack did it. A courtesy: when it did not, whoever asked is told another way."""
        try:
            await getattr(self._client, method)(**values)
        except Exception as error:
            log.warning("view_refused", channel="slack", method=method, error=type(error).__name__, why=_why(error))
            return False
        return True


def _registration(case: Case, about: int | str | None) -> Registration | None:
    """One of this chat's customer: another's is not there."""
    if isinstance(about, str):
        return forms.registration_of(case, about)
    return case.on if about is None else case.registrations.get(about)


def _why(error: Exception) -> str | None:
    """Slack's word for it."""
    response: Any = getattr(error, "response", None)
    return str(response.get("error")) if hasattr(response, "get") else None


def _errors(found: Mapping[str, str]) -> dict[str, Any]:
    return {"response_action": "errors", "errors": dict(found)}


def _values(view: Payload) -> Mapping[str, Any]:
    """What its inputs hold, by block and action."""
    state = view.get("state") or {}
    return state.get("values") or {}


def _key(view: Payload) -> tuple[str, str]:
    """One step of one form: the view stays, its hash changes with what is in it."""
    return str(view["id"]), str(view.get("hash") or "")


def _submission(payload: Payload) -> str:
    """What names the interaction: Slack delivers it once, or with the same trigger again."""
    view = payload["view"]
    return str(payload.get("trigger_id") or f"view:{view['id']}:{view.get('hash') or ''}")


def _prefix(principal: str) -> str:
    """ "slack:T1" of "slack:T1:U1": what ids of that workspace begin with."""
    return principal.rpartition(":")[0]


def _user(principal: str) -> str:
    """The user id of "slack:T1:U1"."""
    return principal.rpartition(":")[2]
