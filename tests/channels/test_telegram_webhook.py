"""Telegram's posts: who posts is known before anything is read; the answer comes after the commit."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from bot_api import BotApi
from disk_full import full
from running import Running, running, settings_for, until
from starlette.types import Message

from bot import sender, worker
from bot.channels import telegram_intake
from bot.channels.telegram_address import PATH, secrets
from bot.channels.telegram_webhook import LARGEST, webhook
from bot.web.render import Pages
from bot.web.server import make_app
from bot.writer import Overloaded
from conversations.model import Kind

PAYLOADS = Path(__file__).parent / "payloads" / "telegram"
TEXT = (PAYLOADS / "text.json").read_bytes()


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(local=True) as api:
        yield api
    assert api.complaints == []


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_intake, "FIRST_PAUSE", 0.05)


class Posted:
    """The server's side of a webhook, posted to without a network."""

    def __init__(self, run: Running) -> None:
        self.run = run
        pages = Pages(run.house.catalogs.words(), "en")
        self.web = make_app(run.app, run.house.settings, run.house.page, pages, routes=[webhook(run.intake)])
        self.read = 0  # pieces of the body that were asked for

    async def __call__(
        self, body: bytes, secret: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str]]:
        """(status, headers) of the answer."""
        secret = secrets(self.run.house.settings)[0] if secret is None else secret
        given = {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret} | (headers or {})
        pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]
        answer: dict[str, Any] = {}

        async def receive() -> Message:
            self.read += 1
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.update(message)

        await self.web(
            {
                "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
                "http_version": "1.1", "scheme": "https", "server": ("desk.example", 443), "client": ("::1", 1),
                "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
            },
            receive,
            send,
        )  # fmt: skip
        return answer["status"], {name.decode(): value.decode() for name, value in answer["headers"]}


@asynccontextmanager
async def posted(api: BotApi, folder: Path, **more: Any) -> AsyncIterator[Posted]:
    settings = settings_for(
        folder, api, **{"telegram_mode": "webhook", "public_url": "https://desk.example", **more}
    )  # fmt: skip
    async with running(settings) as run:
        yield Posted(run)


async def test_the_secret_is_looked_at_before_the_body(api: BotApi, tmp_path: Path) -> None:
    async with posted(api, tmp_path) as post:
        for wrong in ("", "wrong", "ä" * 64, secrets(post.run.house.settings)[0][:-1]):
            assert (await post(TEXT, secret=wrong))[0] == 403
        assert (post.read, post.run.rows(), post.run.counted["refused"]) == (0, 0, 4)
        assert (await post(TEXT))[0] == 200
        assert post.run.rows() == 1 and post.run.kinds == [Kind.TEXT]


async def test_the_secret_may_be_given_and_those_of_older_keys_still_count(api: BotApi, tmp_path: Path) -> None:
    async with posted(api, tmp_path, telegram_webhook_secret="given-by-hand") as post:
        assert secrets(post.run.house.settings) == ("given-by-hand",)
        assert (await post(TEXT, secret="given-by-hand"))[0] == 200
    keys = ("the newest key of them all", "a key that is only for tests")
    async with posted(api, tmp_path, given_keys=keys) as post:
        newest, older = secrets(post.run.house.settings)
        assert newest != older and len(newest) == 64
        assert (await post(TEXT, secret=newest))[0] == (await post(TEXT, secret=older))[0] == 200


async def test_a_body_that_is_too_large_or_no_update_is_refused(api: BotApi, tmp_path: Path) -> None:
    async with posted(api, tmp_path) as post:
        assert (await post(b" " * (LARGEST + 1)))[0] == 413
        read = post.read
        assert (await post(b"{}", headers={"content-length": str(LARGEST + 1)}))[0] == 413
        assert post.read == read
        for nonsense in (b"", b"hello", b"[]", b"7", b"\xff\xfe", b"[" * 90_000, b'{"update_id": 1'):
            assert (await post(nonsense))[0] == 400, nonsense[:20]
        assert post.run.rows() == 0
        # An update we can make nothing of is one all the same: refused, it would hold up what comes behind it.
        for path in (*PAYLOADS.glob("bad_*"), PAYLOADS / "kind_not_known.json", PAYLOADS / "channel_post.json"):
            assert (await post(path.read_bytes()))[0] == 200, path.stem
        assert (await post(b"{}"))[0] == 200
        assert post.run.rows() == 0


async def test_it_is_answered_after_the_commit_or_asked_to_come_again(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with posted(api, tmp_path) as post:
        trouble: Exception = Overloaded()

        async def fails(*args: Any, **kwargs: Any) -> Any:
            raise trouble

        with monkeypatch.context() as patched:
            patched.setattr(post.run.app, "take_all", fails)
            status, headers = await post(TEXT)
            assert (status, headers["retry-after"]) == (503, "5")
            trouble = sqlite3.OperationalError("database or disk is full")
            assert (await post(TEXT))[0] == 503
        assert post.run.rows() == 0
        assert (await post(TEXT))[0] == 200 and post.run.rows() == 1
        assert (await post(TEXT))[0] == 200 and post.run.rows() == 1  # delivered once more


async def test_while_the_disk_is_full_an_update_is_asked_to_come_again_and_then_taken_once(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(worker, "AFTER_TROUBLE", 0.01)
    people = [api.person(f"Anna {number}") for number in range(40)]
    updates = [
        TEXT.replace(b"640091001", b"%d" % (640091001 + number)).replace(b"5550001", b"%d" % person.id)
        for number, person in enumerate(people)
    ]
    async with posted(api, tmp_path) as post:
        async with full(post.run.app):
            answers = [await post(update) for update in updates]
        refused = [update for update, (status, _) in zip(updates, answers, strict=True) if status != 200]
        assert {status for status, _ in answers} <= {200, 503} and len(refused) > 20
        assert all(headers["retry-after"] == "5" for status, headers in answers if status == 503)
        assert post.run.rows() == len(updates) - len(refused) == post.run.kinds.count(Kind.TEXT)
        for update in (*refused, *updates):  # all of them once more: what was taken too
            assert (await post(update))[0] == 200
        await post.run.house.settled()
        assert post.run.rows() == len(updates) == post.run.kinds.count(Kind.TEXT)


async def test_nothing_is_there_while_updates_are_polled(api: BotApi, tmp_path: Path) -> None:
    async with posted(api, tmp_path, telegram_mode="polling") as post:
        assert (await post(TEXT))[0] == 404
        assert (post.read, post.run.rows()) == (0, 0)


async def test_before_we_know_our_name_it_is_asked_to_come_again(api: BotApi, tmp_path: Path) -> None:
    async with posted(api, tmp_path) as post:
        name, post.run.intake.username = post.run.intake.username, ""
        assert (await post(TEXT))[0] == 503
        post.run.intake.username = name
        assert (await post(TEXT))[0] == 200


async def test_the_webhook_is_set_as_soon_as_telegram_takes_it(api: BotApi, tmp_path: Path) -> None:
    api.refuses("setWebhook", 502, times=2)
    async with posted(api, tmp_path) as post:
        await until(api, lambda api: api.updates.webhook.url)
        assert api.updates.webhook.url == "https://desk.example/telegram/webhook"
        assert api.updates.webhook.secret == secrets(post.run.house.settings)[0]
        assert api.updates.allowed == {"message", "edited_message", "callback_query", "my_chat_member"}
        assert not api.updates.dropped


async def test_people_are_answered_over_the_webhook(api: BotApi, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        anna = api.person("Anna")
        async with posted(api, tmp_path, public_url=f"http://127.0.0.1:{port}") as post:
            config = uvicorn.Config(post.web, lifespan="off", log_config=None, access_log=False)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            await until(api, lambda api: api.updates.webhook.url)
            anna.starts()
            await until(anna, lambda anna: any("Thailand" in one.labels for one in anna.answers))
            anna.presses(None, "Thailand")
            await until(anna, lambda anna: any("Shall we start" in one.text for one in anna.answers))
            await until(api, lambda api: not api.updates.waiting and not api.unanswered_presses)
            assert post.run.kinds == [Kind.OPENED, Kind.PRESS] and not api.calls("getUpdates")
            server.should_exit = True
            await serving
