"""Slack's two ways to us, both through Bolt: signed posts, and a socket. Acknowledged only after the commit."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.responses import PlainTextResponse

from bot.writer import Overloaded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.channels.slack_intake import Intake

log = structlog.get_logger()
# Both libraries quote what they could not read, or what nobody wanted.
QUIET = logging.getLogger("slack_bolt.quiet")
QUIET.setLevel(logging.CRITICAL + 1)

LOOK = 0.5  # seconds between two looks whether the socket is there
PING = 10.0  # seconds between two signs of life on it
STUCK = 45.0  # seconds without one until we begin anew: an address is good for less
LATE = 2  # tries of one event before it reached us, that make us look for others that did not
AGAIN: dict[str, str | Sequence[str]] = {"retry-after": "5"}
FRESH = 300  # seconds for which a signature is good
SIGNATURE, STAMP = re.compile(r"v0=[0-9a-f]{64}"), re.compile(r"[0-9]{1,12}")
EVERYTHING = re.compile(".*", re.DOTALL)


class Listening:
    """Bolt with our own middleware, which takes; its listeners only acknowledge, so that nothing is unmatched."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        # The signature is checked before anything is parsed: see slack_http.
        self._bolt = AsyncApp(
            name="senderdesk", logger=QUIET, client=intake.client, signing_secret="", authorize=self._authorizing(),
            process_before_response=True, request_verification_enabled=False, attaching_function_token_enabled=False,
        )  # fmt: skip
        self._bolt.use(self._take)
        self._bolt.error(self._stumbled)
        bolt = self._bolt
        for matching in (bolt.event, bolt.action, bolt.command, bolt.shortcut, bolt.view, bolt.view_closed):
            matching(EVERYTHING)(_acknowledged)
        bolt.options(EVERYTHING)(_acknowledged)
        self._handler = AsyncSlackRequestHandler(bolt)
        settings = intake.settings
        secret = settings.slack_signing_secret if settings.slack_app_token is None else None
        self._verifier = SignatureVerifier(secret.get_secret_value()) if secret else None

    def _authorizing(self) -> Callable[..., Awaitable[AuthorizeResult]]:
        """One workspace, one token. A plain function: of a method Bolt would fill in `self` too."""

        async def authorize(enterprise_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=enterprise_id, team_id=self._intake.team, bot_user_id=self._intake.user,
                bot_id=self._intake.bot, bot_token=self._intake.client.token,
            )  # fmt: skip

        return authorize

    async def _take(self, body: Any, request: Any, context: Any, next: Any) -> BoltResponse | None:
        """Take it and commit. What is not taken gets no 200, and over the socket no acknowledgement."""
        try:
            context["answer"] = await self._intake.take(body)
        except Overloaded:
            return BoltResponse(status=503, body="too much waits\n", headers=AGAIN)
        except Exception as error:  # the disk: Slack delivers again
            log.error("take_failed", channel="slack", error=type(error).__name__)
            return BoltResponse(status=503, body="not kept\n", headers=AGAIN)
        self._heed_retries(request.headers)
        await next()
        return None

    async def _stumbled(self, error: Exception, body: Any) -> BoltResponse:
        """Bolt itself could make nothing of it, and would not the next time: it is not asked for again."""
        self._intake.cannot_read(body if isinstance(body, Mapping) else {}, error)
        return BoltResponse(status=200, body="")

    def _heed_retries(self, headers: Mapping[str, Sequence[str]]) -> None:
        """An event came late: others may not have come at all."""
        tries = (headers.get("x-slack-retry-num") or ["0"])[0]
        if str(tries).isdecimal() and int(tries) >= LATE:
            self._intake.history.look_back()

    # HTTP

    @property
    def by_http(self) -> bool:
        """Whether Slack posts to us."""
        return self._verifier is not None

    def may_be_slack(self, headers: Mapping[str, str]) -> bool:
        """Whether the head is as Slack's are, and of these five minutes: told before anything of the body is read."""
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if self._verifier is None or not SIGNATURE.fullmatch(signature) or not STAMP.fullmatch(stamp):
            return False
        return abs(self._verifier.clock.now() - int(stamp)) <= FRESH

    def is_slack(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether these bytes are signed by Slack, within the last five minutes."""
        if self._verifier is None or not self.may_be_slack(headers):
            return False
        try:
            return self._verifier.is_valid(body, headers["x-slack-request-timestamp"], headers["x-slack-signature"])
        except ValueError:  # no UTF-8
            return False

    async def answered(self, request: Request) -> Response:
        """Bolt's answer to a request that is Slack's."""
        try:
            return await self._handler.handle(request)
        except Exception as error:  # Bolt could make nothing of it, and would not the next time
            self._intake.cannot_read({}, error)
            return PlainTextResponse("")

    # the socket

    async def hold_socket(self, token: str, first: str | None, changed: Callable[[bool], None]) -> None:
        """Keep a connection until cancelled, the `first` one at that address. `changed` hears whether there is one."""
        while True:
            handler = AsyncSocketModeHandler(
                self._bolt, token, logger=QUIET, web_client=self._intake.client, ping_interval=PING
            )
            handler.client.wss_uri, first = first, None
            connecting = asyncio.create_task(handler.connect_async())
            try:
                await self._watched(handler, connecting, changed)
            finally:
                connecting.cancel()
                await handler.close_async()

    @staticmethod
    async def _watched(
        handler: AsyncSocketModeHandler, connecting: asyncio.Task[None], changed: Callable[[bool], None]
    ) -> None:
        """Return when there was no connection for long: the library goes on knocking at an address that has expired."""
        loop, is_up = asyncio.get_running_loop(), False
        since = loop.time()
        while is_up or loop.time() - since < STUCK:
            was_up, is_up = is_up, connecting.done() and await handler.client.is_connected()
            if was_up != is_up:
                since = loop.time()
                changed(is_up)
            await asyncio.sleep(LOOK)


async def _acknowledged(ack: Any, context: Any) -> None:
    await ack(**context.get("answer", {}))
