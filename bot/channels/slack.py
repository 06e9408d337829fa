"""Slack, the way out: a message put before a person, and a file of theirs fetched. The way in is slack_in.py.

The library's client is given ready, with `retry_handlers=[]`: it would post again what it only got no answer to. What
is tried again, and when, is decided by the sender.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Pace, Refused, Rendered, Sent
from bot.channels.slack_blocks import Composer, Part
from bot.channels.slack_delivery import Begun, Delivery
from bot.channels.slack_errors import Trouble, Troubles
from bot.channels.slack_files import Transfers
from bot.channels.tokens import Tokens
from bot.words import Catalogs
from storage.store import Outgoing

log = structlog.get_logger()

PACE = Pace(rate=1.0, burst=6)  # of a channel: one a second, "with short bursts"
MOST_BEGUN = 1000  # messages partly out
MOST_WITH_BUTTONS = 2000  # chats
UNDRESSED_A_MINUTE = 20  # of the 50 calls of chat.update a workspace has: checklists and cards need them more
COURTESY = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Question:
    """A message that still has its buttons."""

    ts: str
    asked: int
    part: Part


class Slack:
    """Delivers to chats `slack:<team>:<channel>`."""

    name = "slack"
    # The workspace's cap is "several hundred" messages a minute, no number told. This is 360; what is too fast is put
    # off by as long as Slack says, in whole seconds: asking for more gets less.
    overall = 6.0

    def __init__(self, client: AsyncWebClient, tokens: Tokens, catalogs: Catalogs, *, base_url: str) -> None:
        """`base_url`: SLACK_BASE_URL as it is set; its host may be given the token, as Slack's own."""
        self.team: str | None = None  # ours, once somebody asked: chats and files of others are not for us
        self._client, self._catalogs = client, catalogs
        self._troubles = Troubles()
        self._transfers = Transfers(client, base_url, self._troubles)
        self._composer = Composer(tokens, catalogs)
        self._begun: dict[int, Begun] = {}  # by outbox id: messages not or partly out
        self._questions: dict[str, Question] = {}  # by chat: the last one with buttons, oldest first
        self._undressed: deque[float] = deque(maxlen=UNDRESSED_A_MINUTE)  # the loop's times of it

    def pace(self, chat: str) -> Pace:
        return PACE

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        """Put the message before the person: its files, then its text with the buttons, so that a question stands last.

        Raises:
            TryLater, Refused: what Slack said of it.
            Trouble: on the way; it may have arrived all the same, and is looked for before it is posted again.
        """
        channel = self._ours(outgoing.chat)
        begun = self._begun.pop(outgoing.id, None) or Begun(is_unsure=outgoing.attempts > 0)
        delivery = Delivery(
            self._client, self._transfers, self._composer, self._catalogs, channel, outgoing, rendered, begun
        )
        try:
            sent = await delivery.made()
        except SlackApiError as error:
            meaning = self._troubles.meaning(error, outgoing.chat)
            if not isinstance(meaning, Refused):
                self._keep(outgoing.id, begun)
            raise meaning from None
        except (aiohttp.ClientError, SlackClientError, TimeoutError) as error:
            self._keep(outgoing.id, begun)
            raise Trouble(type(error).__name__) from None
        except BaseException:  # the sender's patience is at its end, or a bug of ours: what is out is out
            self._keep(outgoing.id, begun)
            raise
        if sent.message and delivery.shown and channel.startswith("D"):
            await self._follow(outgoing, channel, Question(sent.message, outgoing.asked, delivery.shown))
        return sent

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        """Fetch `slack:<team>:<file id>`.

        Raises:
            TryLater, Refused, TooBig: the platform does not give it now, or at all.
            Trouble: on the way.
        """
        await self._transfers.fetch(self._ours(ref), into, limit)
        return {}

    async def close(self) -> None:
        await self._transfers.close()

    def _ours(self, name: str) -> str:
        """Slack's own id in a name of ours."""
        _, team, id = name.split(":", 2)
        if self.team and team != self.team:
            raise Refused("Slack: it belongs to another workspace", gone=True)
        return id

    def _keep(self, outbox: int, begun: Begun) -> None:
        self._begun[outbox] = begun
        if len(self._begun) > MOST_BEGUN:
            del self._begun[next(iter(self._begun))]

    # --- done steps lose their buttons

    def undressed(self, chat: str, ts: str) -> None:
        """Somebody else took the buttons off that message."""
        if (question := self._questions.get(chat)) and question.ts == ts:
            del self._questions[chat]

    async def _follow(self, outgoing: Outgoing, channel: str, new: Question) -> None:
        """Remember a question for its buttons; those of the one before it go, now that it is done."""
        old = self._questions.get(outgoing.chat)
        if old and old.ts != new.ts and (outgoing.say.asks or new.asked > old.asked):
            del self._questions[outgoing.chat]
            await self._undress(channel, old)
        if outgoing.say.asks:
            self._questions.pop(outgoing.chat, None)
            if new.part.has_buttons:
                self._questions[outgoing.chat] = new
        if len(self._questions) > MOST_WITH_BUTTONS:
            del self._questions[next(iter(self._questions))]

    async def _undress(self, channel: str, old: Question) -> None:
        """A courtesy: buttons that stay answer that their step is done."""
        now = asyncio.get_running_loop().time()
        if len(self._undressed) == UNDRESSED_A_MINUTE and now - self._undressed[0] < 60:
            return
        self._undressed.append(now)
        try:
            async with asyncio.timeout(COURTESY):
                await self._client.chat_update(
                    channel=channel, ts=old.ts, text=old.part.text, blocks=old.part.without_buttons
                )
        except Exception as error:
            log.info("courtesy_failed", channel="slack", error=type(error).__name__)
