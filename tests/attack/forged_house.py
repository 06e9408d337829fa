"""The real process, posted to by both platforms, and what an attack may not change in it."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from bot_api import BotApi
from slack_api import SlackApi
from telegram_process import Process

PAYLOADS = Path(__file__).resolve().parents[1] / "channels" / "payloads"
SECRET = "the-word-of-telegram-0123456789"
KEY = "a key that is only for tests"


class House:
    """One process with Telegram's webhook, Slack's posts and the page."""

    def __init__(self, folder: Path, telegram: BotApi, slack: SlackApi) -> None:
        self.telegram, self.slack = telegram, slack
        self.process = Process(
            folder, telegram, SLACK_BOT_TOKEN=slack.bot_token, SLACK_BASE_URL=slack.base_url,
            SLACK_SIGNING_SECRET=slack.signing_secret, TELEGRAM_MODE="webhook", TELEGRAM_WEBHOOK_SECRET=SECRET,
            SECRET_KEYS=KEY,
        )  # fmt: skip
        # Where Telegram would post is not where we listen: the test posts itself.
        self.process.environment["PUBLIC_URL"] = "http://desk.example"
        self.port = self.process.port

    def rows(self) -> dict[str, int]:
        """How many rows each table holds."""
        with closing(sqlite3.connect(f"file:{self.process.folder}/desk.db?mode=ro", uri=True)) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            return {name: database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}

    def files(self) -> set[Path]:
        return {path for path in (self.process.folder / "files").rglob("*") if path.is_file()}

    @property
    def peak(self) -> int:
        """Bytes of memory it has held at most."""
        assert self.process.popen
        status = Path(f"/proc/{self.process.popen.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    @property
    def handles(self) -> int:
        """Files and connections it holds open."""
        assert self.process.popen
        return sum(1 for _ in Path(f"/proc/{self.process.popen.pid}/fd").iterdir())

    def complaints(self) -> list[str]:
        """Lines of its log that tell of an error of ours."""
        return [line for line in self.process.output.splitlines() if '"exception"' in line or "Traceback" in line]

    def signed(self, body: bytes, at: float | None = None) -> list[tuple[bytes, bytes]]:
        """The headers with which Slack would post this."""
        return signed(body, self.slack.signing_secret, at)


def signed(body: bytes, secret: str, at: float | None = None) -> list[tuple[bytes, bytes]]:
    """Slack's two headers over a body. Written from its documentation."""
    stamp = b"%d" % (time.time() if at is None else at)
    word = hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
    return [(b"X-Slack-Request-Timestamp", stamp), (b"X-Slack-Signature", b"v0=" + word.encode())]


@contextmanager
def running(folder: Path) -> Iterator[House]:
    with BotApi(local=True) as telegram, SlackApi() as slack:
        house = House(folder, telegram, slack)
        telegram.updates.away = True
        with house.process:
            telegram.waits(lambda api: api.updates.webhook.url, 45.0)
            until = time.monotonic() + 45.0
            while not house.rows()["settings"]:  # how far Slack's messages were read: the start is over
                assert time.monotonic() < until
            yield house


def payloads(platform: str) -> dict[str, Any]:
    """What the platform has posted, by name."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted((PAYLOADS / platform).glob("*.json"))}
