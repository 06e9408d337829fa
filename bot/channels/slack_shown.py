"""What opens a view and is no event: the button of a form, one that wants reasons, the Home tab."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bot.channels.slack_in import Here, Payload
from bot.channels.slack_parts import FORM
from bot.channels.slack_reasons import wanted
from bot.channels.slack_views import Views
from conversations.model import Event, Kind, Text

# Given the reader's locale: opens it, and says why it could not.
Showing = Callable[[str | None], Coroutine[Any, Any, Text | None]]


def shown(payload: Payload, event: Event | None, here: Here, views: Views) -> Showing | None:
    """What opens the view that is asked for, or None when none is."""
    happened = payload.get("event")
    if isinstance(happened, Mapping) and happened.get("type") == "app_home_opened" and happened.get("tab") == "home":
        principal, chat = here.name(happened["user"]), here.name(happened["channel"])

        async def home(locale: str | None) -> Text | None:
            await views.publish_home(principal, chat, locale)
            return None

        return home
    if payload.get("type") != "block_actions" or "view" in payload:
        return None
    trigger, principal, action = payload["trigger_id"], here.name(payload["user"]["id"]), payload["actions"][0]
    if action.get("action_id") == FORM and isinstance(payload.get("channel"), Mapping):
        chat = here.name(payload["channel"]["id"])
        pressed = here.tokens.read(chat, str(action.get("value") or ""))
        if pressed is not None and pressed.value == FORM:
            return lambda locale: views.open_form(trigger, chat, principal, pressed.registration)
    if event is not None and event.kind in (Kind.DESK, Kind.PRESS) and event.choice and wanted(event.choice):
        choice = event.choice
        return lambda locale: views.open_reasons(trigger, principal, choice, locale)
    return None
