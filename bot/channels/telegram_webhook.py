"""The address Telegram posts updates to: its secret checked before anything is read, answered after the commit."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.telegram_address import PATH, secrets
from bot.writer import Overloaded

if TYPE_CHECKING:
    from bot.channels.telegram_intake import Intake

log = structlog.get_logger()

LARGEST = 1_000_000  # bytes of one update
AGAIN = {"retry-after": "5"}


def webhook(intake: Intake | None) -> Route:
    """The route. It is there in any case; without the webhook in use nothing is behind it.

    Telegram tries again after any answer but 2xx; after 410 it would drop the webhook, so 410 is never said.
    """

    async def posted(request: Request) -> Response:
        if intake is None or intake.settings.telegram_mode != "webhook":
            raise HTTPException(404)
        given = request.headers.get("x-telegram-bot-api-secret-token", "").encode()
        if not any(hmac.compare_digest(given, secret.encode()) for secret in secrets(intake.settings)):
            intake.count("refused")
            return PlainTextResponse("not from Telegram\n", 403)
        if not intake.username:  # not yet: whether a group's message names us can't be told
            return PlainTextResponse("not ready\n", 503, AGAIN)
        try:
            update = json.loads(await _body(request))
        except ClientDisconnect:
            return PlainTextResponse("gone\n", 400)
        except (ValueError, RecursionError):
            intake.count("refused")
            return PlainTextResponse("not JSON\n", 400)
        if not isinstance(update, dict):
            intake.count("refused")
            return PlainTextResponse("not an update\n", 400)
        return await _taken(intake, update)

    return Route(PATH, posted, methods=["POST"])


async def _taken(intake: Intake, update: dict[str, Any]) -> Response:
    try:
        await intake.take([update])
    except Overloaded:
        return PlainTextResponse("too much waits\n", 503, AGAIN)
    except Exception as error:  # the disk: Telegram delivers again
        log.error("take_failed", channel="telegram", error=type(error).__name__)
        return PlainTextResponse("not kept\n", 503, AGAIN)
    return PlainTextResponse("ok\n")


async def _body(request: Request) -> bytes:
    """What was posted.

    Raises:
        HTTPException: 413, it is too large.
    """
    if int(request.headers.get("content-length") or 0) > LARGEST:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413)
    return bytes(body)
