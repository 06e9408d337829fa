"""Files on their way to and from Slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.channels import Refused, TooBig, TryLater
from bot.channels.slack_errors import Trouble, Troubles, asked_to_wait, said, word

log = structlog.get_logger()

MOST = 10  # files of one message
MOST_BYTES = 30_000_000  # of one message, so that it is out before the sender's patience ends
LARGEST = 100_000_000  # bytes of one file; Slack takes 1 GB
LONGEST_NAME = 200  # characters
REDIRECTS = 5
TIMEOUT = aiohttp.ClientTimeout(total=90.0, connect=10.0, sock_read=30.0)
CHUNK = 64 * 1024
# The workspace's own rules, or a setting of the app: the message goes without the file.
POLICY = frozenset({
    "file_upload_size_restricted", "file_uploads_disabled", "file_uploads_except_images_disabled",
    "file_type_not_allowed", "storage_limit_reached", "blocked_file_type", "malware_detected", "file_not_found",
    "files_not_allowed", "restricted_action", "invalid_arguments", "posting_to_channel_denied", "missing_scope",
})  # fmt: skip
NO_CONTENT = ("tombstone", "hidden_by_limit", "external", "file_access")

File = tuple[Path, str, str]  # path, name, media type


@dataclass(frozen=True, slots=True)
class Piece:
    """What goes out as one message: one file, or several."""

    files: tuple[File, ...]

    @property
    def key(self) -> str:
        return "\n".join(str(path) for path, _, _ in self.files)

    @property
    def names(self) -> set[str]:
        return {name_of(file) for file in self.files}


def name_of(file: File) -> str:
    """The file's name as it is shown, with its ending."""
    path, name, _ = file
    name = " ".join(name.split()) or path.name
    stem, ending = Path(name).stem, Path(name).suffix[:20]
    return name if len(name) <= LONGEST_NAME else stem[: LONGEST_NAME - len(ending)] + ending


def pieces(files: Sequence[File]) -> list[Piece]:
    """The files in their order, as many together as one message bears."""
    found: list[list[File]] = []
    room = 0
    for file in files:
        size = file[0].stat().st_size
        if not found or len(found[-1]) == MOST or size > room:
            found.append([])
            room = MOST_BYTES
        found[-1].append(file)
        room -= size
    return [Piece(tuple(one)) for one in found]


class Transfers:
    """Carries bytes both ways, from disk and to disk. The token goes to Slack's hosts and to no other."""

    def __init__(self, client: AsyncWebClient, base_url: str, troubles: Troubles) -> None:
        self._client, self._troubles = client, troubles
        self._home = URL(base_url)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def uploaded(self, file: File) -> str:
        """The id of the file at Slack, where nobody sees it until it is shared.

        Raises:
            SlackApiError: the workspace does not take it.
            Trouble: on the way.
        """
        path, _, _ = file
        answer = await self._client.files_getUploadURLExternal(filename=name_of(file), length=path.stat().st_size)
        with path.open("rb") as content:
            async with self._opened().post(
                URL(str(answer["upload_url"]), encoded=True), data=content, proxy=self._client.proxy,
                ssl=self._client.ssl or True, headers={"content-type": "application/octet-stream"},
            ) as response:  # fmt: skip
                if response.status != 200:
                    raise Trouble(f"upload: {response.status}")
        return str(answer["file_id"])

    async def fetch(self, file_id: str, into: Path, limit: int) -> None:
        """Write the file's bytes to `into`, never more than `limit`; nothing stays of a download that failed.

        Raises:
            TryLater, Refused, TooBig: the platform does not give it now, or at all.
            Trouble: on the way.
        """
        half = into.with_name(f"{into.name}.half")
        try:
            file = await self._announced(file_id)
            if int(file.get("size") or 0) > limit:
                raise TooBig(f"{file['size']} bytes")
            await self._stream(_address(file), half, limit)
            half.replace(into)
        except SlackApiError as error:
            raise self._troubles.meaning(error) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Trouble(type(error).__name__) from None
        finally:
            half.unlink(missing_ok=True)

    async def _announced(self, file_id: str) -> dict[str, Any]:
        """What Slack knows of it. Asked by its id always: an event may hold no more than that."""
        answer = await self._client.files_info(file=file_id)
        found = answer.get("file")
        return found if isinstance(found, dict) else {}

    async def _stream(self, address: str, into: Path, limit: int) -> None:
        url = _read(address)
        for _ in range(REDIRECTS):
            if not self._is_slacks(url):
                raise Refused("Slack: the file lies at another host")
            async with self._opened().get(
                url, allow_redirects=False, proxy=self._client.proxy, ssl=self._client.ssl or True,
                headers={"authorization": f"Bearer {self._client.token}"},
            ) as response:  # fmt: skip
                if response.status in (301, 302, 303, 307, 308):
                    url = url.join(_read(response.headers.get("location", "")))
                    continue
                self._look_at(response, limit)
                return await _copied(response, into, limit)
        raise Refused("Slack: the file is redirected for ever")

    def _is_slacks(self, url: URL) -> bool:
        if url.scheme == self._home.scheme and url.host == self._home.host and url.host:
            return True
        return url.scheme == "https" and url.port == 443 and f".{url.host}".endswith(".slack.com")

    def _look_at(self, response: aiohttp.ClientResponse, limit: int) -> None:
        """Raise unless what follows is the file, and not too much of it."""
        if response.status == 429:
            raise TryLater(asked_to_wait(response.headers))
        if response.status >= 500:
            raise Trouble(f"download: {response.status}")
        if response.status in (401, 403) or (response.status == 200 and response.content_type == "text/html"):
            log.error(
                "file_not_given", channel="slack", what="Slack gave its sign-in page instead of a file: "
                "SLACK_BOT_TOKEN lacks the scope files:read, or is of another workspace",
            )  # fmt: skip
            raise Refused("Slack: the file is not for us")
        if response.status != 200:
            raise Refused(f"Slack: the file is not there: {response.status}")
        if (response.content_length or 0) > limit:
            raise TooBig(f"{response.content_length} bytes")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # No encoding: a small answer must not unpack into a large one.
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT, auto_decompress=False, headers={"accept-encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )  # fmt: skip
        return self._session


def left_out(error: SlackApiError) -> str:
    """Why a file can't be sent though its message can; empty when that is not what is wrong."""
    name = word(error)
    return f"missing_scope {said(error).get('needed')}" if name == "missing_scope" else name if name in POLICY else ""


def _address(file: dict[str, Any]) -> str:
    """Where its bytes are."""
    address = str(file.get("url_private_download") or "")
    if file.get("mode") in NO_CONTENT or file.get("is_external") or not address:
        raise Refused("Slack: the file has no content here")
    return address


def _read(address: str) -> URL:
    try:
        return URL(address, encoded=True)
    except ValueError:
        raise Refused("Slack: the file's address can't be read") from None


async def _copied(response: aiohttp.ClientResponse, into: Path, limit: int) -> None:
    taken = 0
    with into.open("wb") as file:
        async for chunk in response.content.iter_chunked(CHUNK):
            taken += len(chunk)
            if taken > limit:
                raise TooBig(f"more than {limit} bytes")
            file.write(chunk)
