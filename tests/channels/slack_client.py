"""The other end of the server in its own tests: a Web API client, an app on a socket or on a URL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_api import SlackApi
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

Block = dict[str, Any]


def client(api: SlackApi, token: str | None = None) -> AsyncWebClient:
    """One that does not try again by itself."""
    return AsyncWebClient(api.bot_token if token is None else token, base_url=api.base_url, retry_handlers=[])


@contextmanager
def refused(error: str, words: str = "") -> Any:
    """The call inside is answered with that error; the words are among its messages."""
    with pytest.raises(SlackApiError) as caught:
        yield caught
    assert caught.value.response["error"] == error
    messages = caught.value.response.get("response_metadata", {}).get("messages", [])
    assert words in " ".join(messages), messages


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(label: str, **more: Any) -> Block:
    return {"type": "button", "text": plain(label), "action_id": label.lower(), "value": label.lower(), **more}


def actions(*labels: str | Block) -> Block:
    return {"type": "actions", "elements": [button(label) if isinstance(label, str) else label for label in labels]}


def option(text: str, value: str = "") -> Block:
    return {"text": plain(text), "value": value or text.lower()}


def menu(*texts: str, **more: Any) -> Block:
    return {"type": "static_select", "action_id": "menu", "placeholder": plain("Choose"), "options": [option(t) for t in texts], **more}  # fmt: skip


def question(label: str, element: Block | None = None, **more: Any) -> Block:
    element = element or {"type": "plain_text_input", "action_id": "value"}
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element, **more}


def modal(*blocks: Block, **more: Any) -> Block:
    return {"type": "modal", "title": plain("A form"), "submit": plain("Send"), "blocks": list(blocks), **more}


@asynccontextmanager
async def on_socket(api: SlackApi, app: AsyncApp | None = None) -> AsyncIterator[AsyncApp]:
    """A Bolt app in Socket Mode."""
    app = app or bolt(api)
    handler = AsyncSocketModeHandler(app, api.app_token, web_client=client(api, ""), ping_interval=60)
    before = api.sockets.opened
    await handler.connect_async()
    await asyncio.to_thread(api.waits, lambda api: api.sockets.opened > before)
    try:
        yield app
    finally:
        await handler.close_async()


def bolt(api: SlackApi) -> AsyncApp:
    return AsyncApp(signing_secret=api.signing_secret, client=client(api), raise_error_for_unhandled_request=False)  # fmt: skip


Answer = Callable[[dict[str, Any]], Awaitable[Any]]


class Hook:
    """The app's URL: checks signatures, keeps what came, and answers as `answers` says, then 200."""

    def __init__(self, api: SlackApi) -> None:
        self._verifier = SignatureVerifier(api.signing_secret)
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []  # headers, payload
        self.answers: list[web.Response] = []
        self.called, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def __aenter__(self) -> Hook:
        app = web.Application()
        app.router.add_post("/slack/events", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            if not self._verifier.is_valid_request(body, dict(request.headers)):
                return web.Response(status=401)
            payload = _payload(request.content_type, body)
        except ValueError:
            return web.Response(status=400)
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": payload["challenge"]})
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, payload))
        self.called.set()
        await self.open.wait()
        return self.answers.pop(0) if self.answers else web.Response()


def _payload(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type == "application/json":
        payload = json.loads(body)
    else:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        payload = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(payload, dict):
        raise ValueError
    return payload
