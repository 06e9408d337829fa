"""The other end of the server in its own tests: a bot's client, and a webhook to be called."""

from __future__ import annotations

import asyncio
import io
import re
from typing import Any

import httpx
import pytest
from bot_api import BotApi
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest


def client(api: BotApi, token: str | None = None) -> Bot:
    return Bot(token or api.token, base_url=api.base_url, base_file_url=api.file_url)


def button(label: str, data: str | None = None, **values: Any) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data or (None if values else label), **values)


def buttons(*rows: list[Any]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[b if isinstance(b, InlineKeyboardButton) else button(b) for b in row] for row in rows]
    )


def picture(width: int, height: int) -> bytes:
    """A photo with a camera's name in its EXIF."""
    image, exif, file = Image.new("RGB", (width, height), "white"), Image.Exif(), io.BytesIO()
    exif[0x010F] = "Camera"
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def refused(words: str) -> Any:
    """The client gives Telegram's words in lower case."""
    return pytest.raises(BadRequest, match=f"(?i){re.escape(words)}")


async def updates(bot: Bot, offset: int | None = None, **values: Any) -> tuple[Update, ...]:
    return await bot.get_updates(offset=offset, timeout=0, **values)


async def raw(api: BotApi, method: str, **params: Any) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{api.base_url}{api.token}/{method}", json=params)
    return answer.json()  # type: ignore[no-any-return]


class Hook:
    """An HTTP server that answers with the statuses it is given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.got = list(statuses), asyncio.Queue[tuple[dict[str, str], dict[str, Any]]]()
        self.open = asyncio.Event()
        self.open.set()

    async def __aenter__(self) -> Hook:
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/telegram/webhook"
        return self

    async def __aexit__(self, *problem: object) -> None:
        self._server.close()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        await self.got.put((headers, httpx.Response(200, content=body).json()))
        await self.open.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 1\r\n\r\n" % status)
        writer.close()

    async def next(self) -> dict[str, Any]:
        return (await asyncio.wait_for(self.got.get(), 5))[1]
