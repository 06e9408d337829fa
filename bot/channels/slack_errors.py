"""What Slack's refusals mean to us. It says them in single words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.channels import Refused, TryLater

log = structlog.get_logger()

MOMENT = 2.0  # seconds; so many chats told to wait within them mean that all are meant
SEVERAL = 3
WAIT = 30.0  # seconds, when it asks to slow down and not for how long
TO_BE_MENDED = 900.0  # seconds until we ask again whether an operator has mended it
GONE = frozenset({
    "channel_not_found", "is_archived", "is_inactive", "not_in_channel", "user_disabled", "user_not_found",
    "cannot_dm_bot", "cant_dm_bot", "channel_is_archived",
})  # fmt: skip
DEAD = frozenset({
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "team_access_not_granted",
    "org_login_required", "ekm_access_denied", "not_allowed_token_type", "access_denied", "no_permission",
    "two_factor_setup_required", "team_not_found",
})  # fmt: skip
BROKEN = frozenset({
    "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org",
    "accesslimited", "external_channel_migrating",
})  # fmt: skip
SLOW_DOWN = frozenset({"ratelimited", "rate_limited"})


class Trouble(Exception):
    """Slack did not answer as it should: `why`, a status or the kind of an error. It may be done all the same."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Slack: {why}")
        self.why = why


def said(error: SlackApiError) -> dict[str, Any]:
    """The answer's body; empty when it was no JSON."""
    found = getattr(error.response, "data", None)
    return found if isinstance(found, dict) else {}


def word(error: SlackApiError) -> str:
    """Slack's word for what is wrong; empty when it said none."""
    return str(said(error).get("error") or "")


def status(error: SlackApiError) -> int:
    """Of the HTTP answer; 0 when it is not known."""
    return int(getattr(error.response, "status_code", None) or getattr(error.response, "status", None) or 0)


def is_no(error: SlackApiError) -> bool:
    """Whether nothing was done, and Slack says so. Else it may have been done all the same."""
    return status(error) == 429 or (status(error) < 500 and bool(word(error)) and word(error) not in BROKEN)


def asked_to_wait(headers: Mapping[str, Any], otherwise: float = WAIT) -> float:
    """Seconds an answer with these headers asks us to wait; `otherwise` when it does not say."""
    told = next((str(value) for name, value in headers.items() if name.casefold() == "retry-after"), "")
    return float(told) if told.isdecimal() else otherwise


class Troubles:
    """Turns what the library raises into what the sender and the jobs understand."""

    def __init__(self) -> None:
        self._slowed: dict[str, float] = {}  # chats just told to wait, with the loop's time of it

    def meaning(self, error: SlackApiError, chat: str = "") -> Exception:
        """What to raise instead: TryLater, Refused, or Trouble. None of them holds what the library's errors do.

        Those carry the request, with its token.
        """
        name = word(error)
        if status(error) == 429 or name in SLOW_DOWN:
            return self._later(error, chat)
        if name in DEAD:
            log.error(
                "token_refused", channel="slack", error=name, what="Slack does not accept SLACK_BOT_TOKEN, or "
                "SLACK_BASE_URL is no Web API; nothing can be sent or read until one of them is mended",
            )  # fmt: skip
            return TryLater(TO_BE_MENDED, everyone=True)
        if name == "missing_scope":
            return self.missing_scope(str(said(error).get("needed") or "one it does not name"))
        if name == "messages_tab_disabled":
            log.error(
                "messages_tab_disabled", channel="slack", what="nobody can write with the app: switch on the Messages "
                "tab in its settings, under App Home",
            )  # fmt: skip
            return TryLater(TO_BE_MENDED, everyone=True)
        if name in GONE:
            return Refused(f"Slack: {name}", gone=True)
        if is_no(error):
            return Refused(f"Slack: {name}")
        return Trouble(name or str(status(error) or "no answer to be read"))

    @staticmethod
    def missing_scope(needed: str) -> TryLater:
        """SLACK_BOT_TOKEN lacks a scope: somebody has to add it, until then all waits."""
        log.error(
            "missing_scope", channel="slack", needed=needed, what=f"SLACK_BOT_TOKEN lacks the scope {needed}: add it "
            "in the app's settings, under OAuth & Permissions, and install the app again",
        )  # fmt: skip
        return TryLater(TO_BE_MENDED, everyone=True)

    def _later(self, error: SlackApiError, chat: str) -> TryLater:
        if chat:
            now = asyncio.get_running_loop().time()
            self._slowed = {one: at for one, at in self._slowed.items() if now - at < MOMENT}
            self._slowed[chat] = now
        headers = getattr(error.response, "headers", None) or {}
        return TryLater(asked_to_wait(headers), everyone=len(self._slowed) >= SEVERAL)
