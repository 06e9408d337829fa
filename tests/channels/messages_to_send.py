"""The channel as it is wired, against the server that stands for Telegram, and messages to send through it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import telegram
from bot_api import BotApi
from PIL import Image
from telegram.request import HTTPXRequest

from bot import words
from bot.channels import Rendered, Sent
from bot.channels.telegram import Telegram
from bot.channels.tokens import Tokens
from bot.words import Catalogs
from conversations.model import Attachment, Choice, Say
from rules.book import Book
from storage.store import Outgoing

KEYS = ("a key for tests, long enough",)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TEXT = "shown"  # the key of whatever a test says


@cache
def catalogs() -> Catalogs:
    return Catalogs(words.read(words.OURS), cast(Book, None), strict=True)


@asynccontextmanager
async def bot_of(api: BotApi, token: str = "", base_url: str = "") -> AsyncIterator[telegram.Bot]:
    bot = telegram.Bot(
        token or api.token, base_url=base_url or api.base_url, base_file_url=api.file_url,
        request=HTTPXRequest(connection_pool_size=64, read_timeout=3, write_timeout=3, media_write_timeout=3),
    )  # fmt: skip
    try:
        yield bot
    finally:
        await bot.shutdown()


@asynccontextmanager
async def telegram_of(api: BotApi, **how: str) -> AsyncIterator[Telegram]:
    async with bot_of(api, **how) as bot:
        channel = Telegram(bot, Tokens(KEYS), catalogs(), file_url=api.file_url)
        try:
            yield channel
        finally:
            await channel.close()


class Post:
    """Sends to one chat, numbering what it sends."""

    def __init__(self, api: BotApi, channel: Telegram, chat: int) -> None:
        self.channel, self.chat, self._last = channel, f"telegram:{api.token.partition(':')[0]}:{chat}", 0

    async def __call__(self, text: str = "Hello.", **how: Any) -> Sent:
        outgoing, rendered = self.message(text, **how)
        return await self.channel.send(outgoing, rendered)

    def message(
        self, text: str, *, choices: Sequence[tuple[str, str]] = (), files: Sequence[Path] = (), placeholder: str = "",
        edits: str | None = None, under: str | None = None, id: int | None = None, **say: Any,
    ) -> tuple[Outgoing, Rendered]:  # fmt: skip
        """The outbox row and its words. Files are of the kind their names say."""
        self._last = id if id is not None else self._last + 1
        kinds = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg"}
        sent = tuple((path, path.name, kinds[path.suffix]) for path in files)
        said = Say(
            TEXT, choices=tuple(Choice(value, label) for value, label in choices), registration=7,
            files=tuple(Attachment(str(path), name, kind) for path, name, kind in sent), **say,
        )  # fmt: skip
        outgoing = Outgoing(self._last, self.chat, said, 5, 0, NOW, "TH-4K7Q", "en", "UTC", edits, under)
        return outgoing, Rendered(text, tuple(choices), sent, placeholder)


def picture(path: Path, size: tuple[int, int] = (60, 80), color: str = "white") -> Path:
    """A picture file of the kind its name says."""
    Image.new("RGB", size, color).save(path)
    return path


def pdf(path: Path, content: bytes = b"%PDF-1.7 a letter") -> Path:
    path.write_bytes(content)
    return path


def large_picture(path: Path) -> Path:
    """A picture larger than Telegram takes as one."""
    content = io.BytesIO()
    Image.new("RGB", (60, 80)).save(content, "PNG")
    path.write_bytes(content.getvalue() + b"\0" * 10_000_001)
    return path
