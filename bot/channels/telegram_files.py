"""Files on their way to and from Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import httpx
import telegram
from telegram.error import BadRequest, TelegramError

from bot.channels import TooBig, TryLater
from bot.channels.telegram_errors import Troubles, says
from bot.channels.telegram_topics import Place

PICTURES = ("image/png", "image/jpeg")
LARGEST_PICTURE = 10_000_000  # bytes: what is larger goes as a document
LARGEST = 50_000_000  # bytes of any file a bot may send
ALBUM = 10  # pictures
OFFICIAL = "https://api.telegram.org/"
UNAVAILABLE = 30.0  # seconds, when the platform has a file but not now
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LONGEST = 90.0  # seconds of one download: the library's own time begins anew with every byte
CHUNK = 64 * 1024

File = tuple[Path, str, str]  # path, name, media type


@dataclass(frozen=True, slots=True)
class Piece:
    """What goes out in one call: a document, a picture, or an album of 2 to 10 pictures."""

    files: tuple[File, ...]
    as_pictures: bool = False

    @property
    def key(self) -> str:
        return "\n".join(str(path) for path, _, _ in self.files)


def pieces(files: Sequence[File]) -> list[Piece]:
    """The files in their order, pictures that follow each other as albums of about the same size."""
    found: list[Piece] = []
    row: list[File] = []
    for file in files:
        if _is_picture(file):
            row.append(file)
            continue
        found += [*_albums(row), Piece((file,))]
        row = []
    return found + _albums(row)


def _is_picture(file: File) -> bool:
    path, _, media_type = file
    return media_type in PICTURES and path.stat().st_size <= LARGEST_PICTURE


def _albums(pictures: Sequence[File]) -> list[Piece]:
    count = -(-len(pictures) // ALBUM)
    size, larger = divmod(len(pictures), count) if count else (0, 0)
    starts = [number * size + min(number, larger) for number in range(count + 1)]
    return [Piece(tuple(pictures[start:end]), True) for start, end in pairwise(starts)]


async def post(bot: telegram.Bot, piece: Piece, place: Place) -> list[int]:
    """Send a piece; the ids of its messages. It is never protected: letters are saved, printed, forwarded."""
    with ExitStack() as opened:
        if len(piece.files) > 1:
            media = [telegram.InputMediaPhoto(_content(file, opened, attach=True)) for file in piece.files]
            return [one.message_id for one in await bot.send_media_group(place.chat, media, **place.options)]
        content = _content(piece.files[0], opened)
        if piece.as_pictures:
            sent = await bot.send_photo(place.chat, content, **place.options)
        else:
            sent = await bot.send_document(
                place.chat,
                content,
                disable_content_type_detection=True,
                **place.options,
            )
        return [sent.message_id]


def _content(file: File, opened: ExitStack, attach: bool = False) -> telegram.InputFile:
    """The file for the library, read while it is sent and not before."""
    path, name, _ = file
    return telegram.InputFile(
        opened.enter_context(path.open("rb")), filename=name, attach=attach, read_file_handle=False
    )


class NotServed(Exception):
    """Telegram's file server did not give a file it had announced: `why`, a status or the kind of an error."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Telegram's file server: {why}")
        self.why = why


class _Expired(NotServed):
    """The link is too old."""


class Downloads:
    """Fetches what people sent. A link holds the bot's token: it stands in no error and no log."""

    def __init__(self, bot: telegram.Bot, file_url: str, troubles: Troubles) -> None:
        """`file_url`: TELEGRAM_BASE_FILE_URL as it is set; the token is put behind it, or in the place of `{token}`."""
        self._bot, self._troubles = bot, troubles
        token = bot.token
        self._base = file_url.replace("{token}", token) if "{token}" in file_url else file_url + token
        self._is_official = bot.base_url.startswith(OFFICIAL)
        # No encoding: a small answer must not unpack into a large one.
        self._client = httpx.AsyncClient(timeout=TIMEOUT, headers={"accept-encoding": "identity"})

    async def close(self) -> None:
        await self._client.aclose()

    async def fetch(self, file_id: str, into: Path, limit: int) -> None:
        """Write the file's bytes to `into`, never more than `limit`; nothing stays of a download that failed.

        Raises:
            TryLater, Refused, TooBig: the platform does not give it now, or at all.
            NotServed, NetworkError: trouble on the way.
        """
        half = into.with_name(f"{into.name}.half")
        try:
            try:
                await self._copy(await self._path(file_id, limit), half, limit)
            except _Expired:
                await self._copy(await self._path(file_id, limit), half, limit)
            half.replace(into)
        finally:
            half.unlink(missing_ok=True)

    async def _path(self, file_id: str, limit: int) -> str:
        """Where the file lies on the file server, asked anew each time: a link is good for an hour."""
        try:
            file = await self._bot.get_file(file_id)
        except BadRequest as error:
            if says(error, "too big"):
                raise TooBig("larger than Telegram lets a bot read") from None
            if says(error, "temporarily unavailable"):
                raise TryLater(UNAVAILABLE) from None
            raise self._troubles.meaning(error) from None
        except TelegramError as error:
            raise self._troubles.meaning(error) from None
        if (file.file_size or 0) > limit:
            raise TooBig(f"{file.file_size} bytes")
        return (file.file_path or "").removeprefix(f"{self._bot.base_file_url}/")

    async def _copy(self, path: str, into: Path, limit: int) -> None:
        # A Bot API server of one's own, run with --local, hands out paths on its disk.
        if path.startswith("/") and not self._is_official:
            await asyncio.to_thread(_copied, Path(path), into, limit)
        else:
            await self._stream(f"{self._base}/{quote(path)}", into, limit)

    async def _stream(self, address: str, into: Path, limit: int) -> None:
        try:
            async with asyncio.timeout(LONGEST), self._client.stream("GET", address) as response:
                _look_at(response, limit)
                taken = 0
                with into.open("wb") as file:
                    async for chunk in response.aiter_raw(CHUNK):
                        taken += len(chunk)
                        if taken > limit:
                            raise TooBig(f"more than {limit} bytes")
                        file.write(chunk)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise NotServed(type(error).__name__) from None


def _look_at(response: httpx.Response, limit: int) -> None:
    """Raise unless what follows is the file, and not too much of it."""
    status = response.status_code
    if status in (404, 410):
        raise _Expired(str(status))
    if status == 429:
        told = response.headers.get("retry-after", "")
        raise TryLater(float(told) if told.isdecimal() else UNAVAILABLE)
    if status != 200:
        raise NotServed(str(status))
    if int(response.headers.get("content-length") or 0) > limit:
        raise TooBig(f"{response.headers['content-length']} bytes")


def _copied(source: Path, into: Path, limit: int) -> None:
    taken = 0
    try:
        with source.open("rb") as theirs, into.open("wb") as ours:
            while chunk := theirs.read(CHUNK):
                taken += len(chunk)
                if taken > limit:
                    raise TooBig(f"more than {limit} bytes")
                ours.write(chunk)
    except OSError as error:
        raise NotServed(type(error).__name__) from None
