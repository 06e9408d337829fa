"""What Slack knows of people, and which channel is theirs and ours alone: asked once, kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger()

DAY = 86_400.0  # seconds what Slack told of somebody counts
PATIENCE = 1.2  # seconds for one question: Slack waits 3 for our acknowledgement, and there are two questions
MOST = 10_000  # people kept
NOT_OURS = ("user_not_found", "user_not_visible", "users_not_found")


@dataclass(frozen=True, slots=True)
class Person:
    """What we read of somebody's profile."""

    name: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    is_outsider: bool = False  # a guest of the workspace, or of another one through Slack Connect


NOBODY = Person()  # of whom nothing is known


class People:
    """The people of one workspace."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._known: dict[str, tuple[float, Person]] = {}
        self._chats: dict[str, str] = {}
        self._doors: dict[str, tuple[asyncio.Lock, int]] = {}  # of each whose words are being taken, how many wait
        self._told: dict[str, float] = {}  # outsiders, and when they were told that they are
        self.team = ""
        self.enterprise: str | None = None  # the organization of the workspace, where it belongs to one

    async def known(self, user: str) -> Person:
        """The person, as of today. When Slack does not tell, as they were.

        Raises:
            SlackApiError, OSError, TimeoutError: Slack does not tell, and never has: they may be an outsider.
        """
        at, person = self._known.get(user, (float("-inf"), None))
        if person is not None and self._clock() - at < DAY:
            return person
        try:
            async with asyncio.timeout(PATIENCE):
                told = await self._client.users_info(user=user, include_locale=True)
            person = _read(told["user"], self.team, self.enterprise)
        except Exception as error:
            log.warning("person_unknown", channel="slack", error=type(error).__name__)
            if isinstance(error, SlackApiError) and error.response.get("error") in NOT_OURS:
                person = Person(is_outsider=True)
            elif person is None:
                raise
            else:
                return person  # their word matters more than what changed since
        self._keep(self._known, user, (self._clock(), person))
        return person

    def locale(self, user: str) -> str | None:
        """The person's language, as far as it is known."""
        _, person = self._known.get(user, (0.0, NOBODY))
        return person.locale

    def was_told(self, user: str) -> bool:
        """Whether this outsider was told today that they are one; from now on they were."""
        now = self._clock()
        was = now - self._told.get(user, float("-inf")) < DAY
        if not was:
            self._keep(self._told, user, now)
        return was

    async def private_chat(self, user: str) -> str:
        """The channel of our private chat with that user: D...

        Raises:
            SlackApiError, OSError, TimeoutError: Slack does not tell.
        """
        if (channel := self._chats.get(user)) is None:
            async with asyncio.timeout(PATIENCE):
                opened = await self._client.conversations_open(users=user)
            channel = str(opened["channel"]["id"])
            self.met(user, channel)
        return channel

    def met(self, user: str, channel: str) -> None:
        """Somebody wrote to us in that private chat: it is theirs."""
        if channel.startswith("D"):
            self._keep(self._chats, user, channel)

    @asynccontextmanager
    async def one_at_a_time(self, user: str) -> AsyncIterator[None]:
        """What one person does is taken in the order it came; different people do not wait for each other."""
        lock, waiting = self._doors.get(user, (asyncio.Lock(), 0))
        self._doors[user] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            waiting = self._doors[user][1] - 1
            if waiting:
                self._doors[user] = lock, waiting
            else:
                del self._doors[user]

    @staticmethod
    def _keep(kept: dict[str, Any], user: str, value: Any) -> None:
        kept.pop(user, None)
        kept[user] = value
        if len(kept) > MOST:
            del kept[next(iter(kept))]


def _read(user: Mapping[str, Any], team: str, enterprise: str | None) -> Person:
    profile = user.get("profile") or {}
    is_guest = user.get("is_restricted") or user.get("is_ultra_restricted")
    # In an organization people belong to it, and their `team_id` need not be this workspace.
    organization = (user.get("enterprise_user") or {}).get("enterprise_id")
    is_of_ours = enterprise is not None and organization == enterprise
    is_of_another = (user.get("team_id") or team) != team and not is_of_ours
    is_stranger = user.get("is_stranger") or is_of_another
    return Person(
        _text(profile.get("display_name")) or _text(user.get("real_name")) or _text(profile.get("real_name")),
        _text(user.get("tz")), _text(user.get("locale")), bool(is_guest or is_stranger),
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
