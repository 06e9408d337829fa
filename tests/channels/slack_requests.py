"""One request to the server: who asks, whether she may, what goes wrong, and what the log says of it."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot_faults import Fault, Faults
from bot_methods import Params
from slack_answers import Answers
from slack_conversations import Conversations
from slack_files import Files
from slack_methods import METHODS, Misuse, SlackError, read
from slack_pace import Pace
from slack_socket import Sockets
from slack_views import Views
from slack_world import KINDS, Channel, Message, World

if TYPE_CHECKING:
    from slack_hands import Person

RESPONSES_MAX, RESPONSE_LIVES = 5, 1800.0  # uses and seconds of a response_url
GONE = {"files.upload", "channels.history", "im.history", "im.open"}
_REFUSALS = {429: "ratelimited", 503: "service_unavailable"}


@dataclass
class Call:
    """One request, and how it was answered."""

    method: str
    parameters: Params
    status: int = 0  # 0: not answered, or not yet
    answer: Params = field(default_factory=dict)
    at: float = 0.0

    @property
    def error(self) -> str:
        return str(self.answer.get("error", ""))

    def __str__(self) -> str:
        return f"{self.status or '...'} {self.method} {str(self.parameters)[:160]} {self.error}"


class TooFast(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(eq=False)
class ResponseUrl:
    person: Person
    channel: Channel
    about: Message | None
    made: float
    uses: int = 0


class Requests:
    """Answers them. What is called `fault` here is one a test asked for."""

    def __init__(self, world: World, files: Files, views: Views, sockets: Sockets, faults: Faults, pace: Pace) -> None:
        self.world, self.files, self.sockets, self.faults, self.pace = world, files, sockets, faults, pace
        self.app, self.clock = world.app, world.clock
        self._lock = world.lock
        self._answers = Answers(world)
        self._speakers = (self._answers, Conversations(world), files, views)
        self._responses: dict[str, ResponseUrl] = {}
        self.log: list[Call] = []
        self.too_fast = 0
        self.host = ""  # where the server's addresses begin
        self.file_redirect = ""  # where a download is sent instead

    # --- one request

    async def answer(
        self, method: str, sent: Params, token: str, in_body: bool
    ) -> tuple[int, Params, dict[str, str]] | None:
        """Return status, body and headers, or None when the connection is to break."""
        parameters = {name: value for name, value in sent.items() if name != "token"}
        fault, call = self._meets(method, parameters)
        headers = {"x-oauth-scopes": ",".join(self.app.scopes), "x-slack-req-id": self.world.word(16)}
        if fault and fault.what == "reset":
            return None
        status, body = 200, Params()
        try:
            if fault and fault.what == "refuse":
                status, body = fault.code, {"ok": False, "error": _REFUSALS.get(fault.code, "internal_error")}
                headers |= {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            else:
                if fault and fault.what.startswith("error "):
                    raise SlackError(fault.what.removeprefix("error "))
                body = {"ok": True, **self._done(call, token or sent.get("token", ""), in_body)}
        except TooFast as fast:
            status, body, headers = (
                429,
                {"ok": False, "error": "ratelimited"},
                headers | {"Retry-After": str(fast.seconds)},
            )
        except SlackError as refused:
            body = refused.json()
        if fault and fault.what == "slow":
            await asyncio.sleep(fault.seconds)
        call.answer = body
        if fault and fault.what == "lose":
            return None
        call.status = status
        self.world.ring()
        return status, body, headers

    def _done(self, call: Call, token: str, in_body: bool) -> Params:
        try:
            with self._lock:
                self._authorize(call, token, in_body)
                call.parameters = read(call.method, call.parameters)
                self._check_pace(call)
                if call.method == "apps.connections.open":
                    return {"url": f"{self.host.replace('http', 'ws')}/link/?ticket={self.sockets.ticket()}&app_id={self.app.id}"}  # fmt: skip
                self._check_scope(call)
                name = call.method.replace(".", "_")
                speaker = next(speaker for speaker in self._speakers if hasattr(speaker, name))
                return getattr(speaker, name)(call.parameters)  # type: ignore[no-any-return]
        except Misuse as misuse:
            self.world.complain(f"{call.method}: {misuse}")
            raise SlackError("invalid_arguments", f"[ERROR] {misuse}") from misuse
        except (SlackError, TooFast):
            raise
        except Exception as bug:
            self.world.complain(f"a fault of this server in {call.method}: {bug!r}\n{traceback.format_exc()}")
            raise SlackError("fatal_error") from bug

    def _authorize(self, call: Call, token: str, in_body: bool) -> None:
        if call.method not in METHODS:
            self.world.complain(f"no method {call.method}")
            if call.method in GONE:
                raise SlackError("method_deprecated")
            raise SlackError("unknown_method", req_method=call.method)
        for_app = call.method == "apps.connections.open"
        if not token:
            raise SlackError("not_authed")
        if token not in (self.app.bot_token, self.app.app_token) or (for_app and in_body):
            raise SlackError("invalid_auth")
        if (token == self.app.app_token) != for_app:
            raise SlackError("not_allowed_token_type")
        if self.app.dead:
            raise SlackError(self.app.dead)

    def _check_scope(self, call: Call) -> None:
        channel = self.world.channels.get(call.parameters.get("channel", ""))
        needed = METHODS[call.method].scopes_for(KINDS[channel.kind] if channel else "im")
        if not self.app.may(needed):
            raise SlackError("missing_scope", needed=needed[0], provided=",".join(self.app.scopes))

    def _check_pace(self, call: Call) -> None:
        channel = call.parameters.get("channel", "") if call.method == "chat.postMessage" else ""
        if seconds := self.pace.seconds_too_soon(call.method, METHODS[call.method].tier, channel, self.clock.now()):
            self.too_fast += 1
            raise TooFast(seconds)

    # --- files and response_urls

    async def download(self, path: str, token: str) -> tuple[int, bytes, str, dict[str, str]] | None:
        """Return status, content, type and headers, or None when the connection is to break.

        In the log it stands as the method "download", and faults befall it by that name.
        """
        fault, call = self._meets("download", {"path": path})
        if fault and fault.what in ("reset", "lose"):
            return None
        if fault and fault.what == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.what == "refuse":
            call.status = fault.code
            return fault.code, b"", "text/html", {}
        if self.file_redirect:
            call.status = 302
            return 302, b"", "text/html", {"Location": self.file_redirect}
        with self._lock:
            content, kind = self.files.download(path, token)
        call.status = 200
        self.world.ring()
        return 200, content, kind, {}

    async def upload(self, id: str, content: bytes) -> tuple[int, str] | None:
        fault, call = self._meets("upload", {"id": id, "bytes": len(content)})
        if fault and fault.what == "reset":
            return None
        if fault and fault.what == "refuse":
            call.status = fault.code
            return fault.code, ""
        with self._lock:
            call.status, text = self.files.upload(id, content)
        return None if fault and fault.what == "lose" else (call.status, text)

    def _meets(self, method: str, about: Params) -> tuple[Fault | None, Call]:
        call = Call(method, about, at=self.clock.now())
        with self._lock:
            self.log.append(call)
            return self.faults.befalling(method, {"chat_id": about.get("channel") or about.get("channel_id")}), call

    def response_url(self, person: Person, channel: Channel, about: Message | None, kind: str) -> str:
        id = self.world.word(24)
        self._responses[id] = ResponseUrl(person, channel, about, self.clock.now())
        return f"{self.host}/{kind}/{id}"

    def command_answered(self, person: Person, channel: Channel, body: Params) -> None:
        """What a command's acknowledgement says is shown, to her alone unless it says otherwise."""
        try:
            self._answers.respond(person.user.id, channel, None, body)
        except SlackError as refused:
            self.world.complain(f"a command answered with what Slack refuses: {refused}")

    async def respond(self, id: str, params: Params) -> tuple[int, str] | None:
        """Something is posted to a response_url: five times in half an hour."""
        fault, call = self._meets("response_url", params)
        if fault and fault.what == "reset":
            return None
        with self._lock:
            call.status, text = (fault.code, "") if fault and fault.what == "refuse" else self._respond(id, params)
        self.world.ring()
        return call.status, text

    def _respond(self, id: str, params: Params) -> tuple[int, str]:
        url = self._responses.get(id)
        if url is None:
            return 404, "not_found"
        if self.clock.now() - url.made > RESPONSE_LIVES:
            return 404, "expired_url"
        if url.uses >= RESPONSES_MAX:
            return 404, "used_url"
        url.uses += 1
        try:
            self._answers.respond(url.person.user.id, url.channel, url.about, params)
        except SlackError as refused:
            return 400, refused.error
        return 200, "ok"
