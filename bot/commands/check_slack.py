"""What `check --live` asks of Slack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack_listening import QUIET
from bot.settings import Settings
from storage.opened import MOVED
from storage.sound import kept_settings

# What the app's manifest asks for: docs/slack-manifest.yaml.
SCOPES = (
    "app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:history", "im:read", "im:write",
    "users:read",
)  # fmt: skip
Looked = tuple[str, str]  # what was looked at, what is wrong with it or ""


async def looked(settings: Settings) -> list[Looked]:
    """What Slack says of the app, of how payloads come in, and of the desk's channel."""
    assert settings.slack_bot_token is not None
    client = AsyncWebClient(
        settings.slack_bot_token.get_secret_value(), settings.slack_base_url, timeout=20, retry_handlers=[],
        logger=QUIET,
    )  # fmt: skip
    try:
        try:
            told = await client.auth_test()
        except SlackApiError as error:
            return [
                (
                    "slack",
                    f"SLACK_BOT_TOKEN: Slack refuses it ({_word(error)}); take the present one from the app's page",
                )
            ]
        found = [(f"slack: @{told.get('user')} in {told.get('team')}", ""), _scopes(told.headers)]
        found.append(await _way_in(client, settings))
        if (channel := _desk_channel(settings, str(told["team_id"]))) is not None:
            found.append(await _desk(client, channel))
        return found
    except (SlackApiError, ClientError, OSError, TimeoutError) as error:
        host = urlsplit(settings.slack_base_url).hostname
        return [("slack", f"SLACK_BASE_URL: {host} does not answer ({type(error).__name__})")]


def _word(error: SlackApiError) -> str:
    return str(error.response.get("error"))


def _scopes(headers: Mapping[str, Any]) -> Looked:
    """Whether the token may do what we do."""
    given = next((str(value) for name, value in headers.items() if name.casefold() == "x-oauth-scopes"), None)
    if given is None:
        return "slack scopes: Slack did not tell", ""
    has = {scope.strip() for scope in given.split(",")}
    missing = [scope for scope in SCOPES if scope not in has]
    what = f"slack scopes: {len(SCOPES) - len(missing)} of {len(SCOPES)}"
    if not missing:
        return what, ""
    return what, (
        f"SLACK_BOT_TOKEN: the app lacks {', '.join(missing)}; add what is missing under OAuth & Permissions (see "
        "docs/slack-manifest.yaml), and install the app again"
    )


async def _way_in(client: AsyncWebClient, settings: Settings) -> Looked:
    if settings.slack_app_token is None:
        if settings.public_url is None:
            return "slack: HTTP", "PUBLIC_URL: Slack posts to it; without it nothing comes in. Or set SLACK_APP_TOKEN"
        return f"slack: HTTP, at {settings.public_url}/slack/events (Slack does not tell whether it posts there)", ""
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        return "slack: Socket Mode", (
            f"SLACK_APP_TOKEN: Slack refuses it ({_word(error)}); it needs an app-level token with connections:write, "
            "and Socket Mode switched on"
        )
    return "slack: Socket Mode", ""


def _desk_channel(settings: Settings, team: str) -> str | None:
    """Slack's id of the desk's channel: where an admin wrote "desk here", else as it is set."""
    kept = kept_settings(settings.database) if settings.database.exists() else {}
    chat = kept.get("desk_chat") or settings.desk or ""
    chat = kept.get(f"{MOVED}{chat}", chat)
    if not chat.startswith("slack:"):
        return None
    return chat.rpartition(":")[2] if chat.startswith(f"slack:{team}:") else ""


async def _desk(client: AsyncWebClient, channel: str) -> Looked:
    """Whether cards can go there. Without channels:read Slack tells only by taking them."""
    what = f"desk chat {channel or 'in Slack'}"
    if not channel:
        return what, "DESK_CHAT: it is in another workspace than SLACK_BOT_TOKEN"
    try:
        told = (await client.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        if _word(error) == "missing_scope":
            return f"{what} (the app may not look into channels: invite it there)", ""
        return what, f"DESK_CHAT: the app sees no such channel ({_word(error)}); invite it there, or correct the id"
    what = f"{what} #{told.get('name')}"
    if told.get("is_archived"):
        return what, "DESK_CHAT: the channel is archived"
    return what, "" if told.get("is_member") else "DESK_CHAT: the app is not in the channel; invite it"
