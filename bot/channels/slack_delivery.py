"""One message on its way to Slack: edited where it can be, else posted, piece by piece, each piece once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Refused, Rendered, Sent
from bot.channels.slack_blocks import Block, Composer, Part
from bot.channels.slack_errors import is_no, word
from bot.channels.slack_files import LARGEST, File, Piece, Transfers, left_out, name_of, pieces
from bot.channels.slack_parts import escaped, order_of
from bot.words import Catalogs
from conversations.model import Text
from storage.store import Outgoing

log = structlog.get_logger()

EVENT_TYPE = "sender_desk_message"
LOOK_BACK = 50  # messages in which an earlier try is looked for
CLOCKS_APART = timedelta(seconds=10)  # ours and Slack's, at most
WORTH_A_LINE = 1_000_000  # bytes of one file; several always are
COURTESY = 5.0  # seconds for what may be left undone
UNTIL_SHOWN = (0.3, 0.7, 1.5)  # seconds between two looks whether files are to be seen
NOT_THERE = ("message_not_found", "cant_update_message", "edit_window_closed", "update_failed")
NO_THREAD = ("thread_not_found", "cannot_reply_to_message", "invalid_thread_ts", "message_not_found")
NOT_LOOKED = ("missing_scope", "method_not_supported_for_channel_type", "thread_not_found", "not_allowed_token_type")
BAD_BLOCKS = (
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments",
    "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "block_mismatch", "too_many_blocks",
)  # fmt: skip

_TS = re.compile(r"\d{10}\.\d{6}")


def own(ts: str | None) -> str | None:
    """A message's id as Slack writes it; None when it is another platform's."""
    return ts if ts and _TS.fullmatch(ts) else None


@dataclass(slots=True)
class Begun:
    """What of a message is out already, so that it is not sent again when the rest is tried once more."""

    is_unsure: bool = False  # something may be out that nobody told us of
    done: dict[str, str] = field(default_factory=dict)  # piece -> its message; empty where Slack does not tell
    messages: int = 0
    left_out: set[str] = field(default_factory=set)  # files that could not be sent
    line: str | None = None  # the message that says that files are coming
    ids: dict[str, set[str]] = field(default_factory=dict)  # piece -> its files at Slack, about to be shared


class Delivery:
    """Carries one message out. `shown` is its last part, once that is out."""

    def __init__(
        self, client: AsyncWebClient, transfers: Transfers, composer: Composer, catalogs: Catalogs, channel: str,
        outgoing: Outgoing, rendered: Rendered, begun: Begun,
    ) -> None:  # fmt: skip
        self._client, self._transfers, self._composer, self._catalogs = client, transfers, composer, catalogs
        self._channel, self._outgoing, self._rendered, self._begun = channel, outgoing, rendered, begun
        self._thread = own(outgoing.under)
        self.shown: Part | None = None

    async def made(self) -> Sent:
        """What the platform said, once all of it is out.

        Raises:
            SlackApiError, ClientError, TimeoutError: what is out by then stands in `begun`.
        """
        outgoing, begun = self._outgoing, self._begun
        old = own(outgoing.edits)
        if old and outgoing.edited_in_place and await self._edited(old):
            return Sent(order_of(old), old)
        if begun.is_unsure:
            await self._recover()
        await self._send_files()
        parts = self._composed()
        for number, part in enumerate(parts, 1):
            await self._post(f"text {number}", part)
        if not begun.done:
            raise Refused("Slack: the message is empty")
        if old and outgoing.say.replaces:
            await _politely(self._client.chat_delete(channel=self._channel, ts=old))
        if not parts:
            return Sent(messages=begun.messages)
        self.shown = parts[-1]
        last = begun.done[f"text {len(parts)}"]
        return Sent(order_of(last), last, max(1, begun.messages))

    def _composed(self) -> list[Part]:
        return self._composer.composed(
            self._outgoing, self._rendered, is_private=self._channel.startswith("D"), left_out=len(self._begun.left_out)
        )

    # --- texts

    async def _edited(self, old: str) -> bool:
        """Whether the earlier message now says this. False: it can't, and a new one is wanted."""
        parts = self._composed()
        if self._begun.done or len(parts) != 1:
            return False

        async def say(text: str, blocks: list[Block]) -> Any:
            return await self._client.chat_update(channel=self._channel, ts=old, text=text, blocks=blocks)

        try:
            await self._said(say, parts[0])
        except SlackApiError as error:
            if word(error) in NOT_THERE:
                return False
            raise
        self.shown = parts[0]
        return True

    async def _post(self, key: str, part: Part) -> None:
        """Post it, unless an earlier try did."""
        if key in self._begun.done:
            return

        async def say(text: str, blocks: list[Block]) -> Any:
            return await self._posted(key, text, blocks)

        answer = await self._said(say, part)
        self._begun.done[key] = str(answer["ts"])
        self._begun.messages += 1

    async def _posted(self, key: str, text: str, blocks: list[Block]) -> Any:
        payload = {"outbox": self._outgoing.id, "part": key}
        try:
            return await self._sure(
                self._client.chat_postMessage(
                    channel=self._channel, text=text, blocks=blocks or None, thread_ts=self._thread, link_names=False,
                    unfurl_links=False, unfurl_media=False,
                    metadata={"event_type": EVENT_TYPE, "event_payload": payload},
                )
            )  # fmt: skip
        except SlackApiError as error:
            if self._thread is None or word(error) not in NO_THREAD:
                raise
        self._thread = None  # what it belongs under is gone: it stands by itself
        return await self._posted(key, text, blocks)

    async def _said(self, say: Callable[[str, list[Block]], Awaitable[Any]], part: Part) -> Any:
        """Say it; where Slack does not take what we made of it, then in plain words."""
        try:
            return await say(part.text, list(part.blocks))
        except SlackApiError as error:
            if word(error) not in BAD_BLOCKS:
                raise
            # Its sentences may quote the text, which has no business in a log.
            self._composer.markup_refused(self._outgoing.id, word(error))
        return await say(part.plain, [])

    async def _sure(self, call: Awaitable[Any]) -> Any:
        """What the call gives. Unless Slack answers, it stays open whether it was done."""
        self._begun.is_unsure = True
        try:
            answer = await call
        except SlackApiError as error:
            self._begun.is_unsure = not is_no(error)
            raise
        self._begun.is_unsure = False
        return answer

    # --- after an answer was lost

    async def _recover(self) -> None:
        """Note what an earlier try brought out though nobody told us."""
        begun = self._begun
        try:
            messages = await self._recent()
        except SlackApiError as error:
            if word(error) not in NOT_LOOKED:
                raise
            log.warning("not_looked_for", channel="slack", outbox=self._outgoing.id, error=word(error))
            return
        for message in messages:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("outbox") == self._outgoing.id:
                if (key := str(payload.get("part"))) == "line":
                    begun.line = message["ts"]
                else:
                    begun.done.setdefault(key, message["ts"])
            for piece in self._pieces() if message.get("bot_id") and message.get("files") else ():
                if self._has(message, piece):
                    begun.done.setdefault(piece.key, message["ts"])
        begun.is_unsure = False

    def _has(self, message: dict[str, Any], piece: Piece) -> bool:
        """Whether that message brought these files: by their ids, or after a restart by their names."""
        if known := self._begun.ids.get(piece.key):
            return any(file.get("id") in known for file in message["files"])
        since = (self._outgoing.created_at - CLOCKS_APART).timestamp()
        return float(message["ts"]) >= since and {str(file.get("name")) for file in message["files"]} <= piece.names

    async def _recent(self) -> list[dict[str, Any]]:
        """The newest messages where this one belongs."""
        if self._thread:
            since = f"{(self._outgoing.created_at - CLOCKS_APART).timestamp():.6f}"
            answer = await self._client.conversations_replies(
                channel=self._channel, ts=self._thread, oldest=since, limit=LOOK_BACK, include_all_metadata=True
            )
        else:
            answer = await self._client.conversations_history(
                channel=self._channel, limit=LOOK_BACK, include_all_metadata=True
            )
        return list(answer.get("messages") or ())

    # --- files

    async def _send_files(self) -> None:
        waiting = [piece for piece in self._pieces() if piece.key not in self._begun.done]
        sizes = [path.stat().st_size for piece in waiting for path, _, _ in piece.files]
        if (len(sizes) > 1 or sum(sizes) > WORTH_A_LINE) and not self._begun.line:
            await self._announce(len(sizes))
        for piece in waiting:
            await self._share(piece)
        if self._begun.line:
            await _politely(self._client.chat_delete(channel=self._channel, ts=self._begun.line))
            self._begun.line = None

    def _pieces(self) -> list[Piece]:
        return pieces([file for file in self._rendered.files if self._is_there(file)])

    def _is_there(self, file: File) -> bool:
        path, _, _ = file
        if path.is_file() and 0 < path.stat().st_size <= LARGEST:
            return True
        self._leave_out(path.name, "too large or empty" if path.is_file() else "missing")
        return False

    async def _announce(self, count: int) -> None:
        words = self._catalogs.words(self._outgoing.locale, self._outgoing.time_zone)
        answer = await self._posted("line", escaped(words.text(Text("slack_uploading", {"n": count}))), [])
        self._begun.line = str(answer["ts"])
        self._begun.messages += 1

    async def _share(self, piece: Piece) -> None:
        """Send a piece as one message. What the workspace does not take is left out."""
        ids: list[dict[str, str | None]] = []
        for file in piece.files:
            try:
                ids.append({"id": await self._transfers.uploaded(file), "title": name_of(file)})
            except (SlackApiError, FileNotFoundError, PermissionError) as error:
                why = left_out(error) if isinstance(error, SlackApiError) else type(error).__name__
                if not why:
                    raise
                self._leave_out(file[0].name, why)
        if not ids:
            return
        self._begun.ids[piece.key] = {str(one["id"]) for one in ids}
        try:
            await self._sure(
                self._client.files_completeUploadExternal(
                    files=ids, channel_id=self._channel, thread_ts=self._thread
                )
            )  # fmt: skip
        except SlackApiError as error:
            if not (why := left_out(error)):
                raise
            for path, _, _ in piece.files:
                self._leave_out(path.name, why)
            return
        self._begun.done[piece.key] = ""
        self._begun.messages += 1
        await _politely(self._until_shown(self._begun.ids[piece.key]))

    async def _until_shown(self, ids: set[str]) -> None:
        """Return when the files are to be seen: Slack shares them in its own time, and a question stands last."""
        for wait in (*UNTIL_SHOWN, 0.0):
            for message in await self._recent():
                if ids & {file.get("id") for file in message.get("files") or ()}:
                    return
            await asyncio.sleep(wait)

    def _leave_out(self, key: str, what: str) -> None:
        if key not in self._begun.left_out:
            self._begun.left_out.add(key)
            log.error("file_not_sent", channel="slack", outbox=self._outgoing.id, what=what)


async def _politely(call: Awaitable[Any]) -> None:
    """Do what may also be left undone."""
    try:
        async with asyncio.timeout(COURTESY):
            await call
    except Exception as error:
        log.info(
            "courtesy_failed",
            channel="slack",
            error=word(error) if isinstance(error, SlackApiError) else type(error).__name__,
        )
