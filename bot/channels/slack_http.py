"""The address Slack posts to: signature and time checked before anything is read, answered after the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

if TYPE_CHECKING:
    from bot.channels.slack_intake import Intake

PATH = "/slack/events"
LARGEST = 1_000_000  # bytes of one payload
AGAIN = {"retry-after": "5"}


def events(intake: Intake | None) -> Route:
    """The route of events, interactions, commands and options. With Socket Mode, or without Slack, nothing is there.

    Slack tries an event again after any answer but 2xx; a person whose press is not answered with 200 is told so.
    """

    async def posted(request: Request) -> Response:
        if intake is None or not intake.listening.by_http:
            raise HTTPException(404)
        if not intake.listening.may_be_slack(request.headers):
            return _refused(intake)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return PlainTextResponse("gone\n", 400)
        if not intake.listening.is_slack(body, request.headers):
            return _refused(intake)
        payload = _payload(body, request.headers.get("content-type", ""))
        if payload is None:
            intake.count("refused")
            return PlainTextResponse("not a payload\n", 400)
        if not intake.team and payload.get("type") != "url_verification":
            return PlainTextResponse("not ready\n", 503, AGAIN)
        return await intake.listening.answered(_again(request, body))

    return Route(PATH, posted, methods=["POST"])


def _refused(intake: Intake) -> Response:
    intake.count("refused")
    return PlainTextResponse("not from Slack\n", 401)


def _payload(body: bytes, content_type: str) -> Mapping[str, Any] | None:
    """What was posted, JSON or a form; None when it is neither."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().casefold() == "application/x-www-form-urlencoded":
            form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form
        else:
            payload = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(payload, dict) and payload and isinstance(payload.get("event", {}), dict)
    return payload if is_one else None


def _again(request: Request, body: bytes) -> Request:
    """The request, with its body to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)


async def _body(request: Request) -> bytes:
    """What was posted.

    Raises:
        HTTPException: 413, it is too large.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LARGEST:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413)
    return bytes(body)
