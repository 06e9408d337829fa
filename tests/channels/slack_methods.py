"""The methods of Slack's Web API this server speaks, and what is documented for each: parameters, scopes, tier.

From docs.slack.dev/reference/methods. Slack itself ignores a parameter it does not know, which hides a misspelt one;
here it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot_methods import Params


class SlackError(Exception):
    """The answer is no: Slack's word for it, sentences for the developer, and what else the answer carries."""

    def __init__(self, error: str, *messages: str, **more: Any) -> None:
        super().__init__(f"{error} {'; '.join(messages)}".strip())
        self.error, self.messages, self.more = error, list(messages), more

    def json(self) -> Params:
        body: Params = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["errors"] = [words.removeprefix("[ERROR] ") for words in self.messages]
            body["response_metadata"] = {"messages": self.messages}
        return body


class Misuse(Exception):
    """Slack would let this pass in silence, but no test may."""


# A name alone is a string; `:type` says otherwise; `!` makes it required.
AUTHOR = "as_user:bool icon_emoji icon_url username"
CONTENT = "text blocks:json attachments:json markdown_text link_names:bool parse"
PAGE = "cursor limit:int"
TIMES = "oldest latest inclusive:bool include_all_metadata:bool"
VIEW = "view:json!"

# Of each: parameters; scopes, any one of which will do ("{kind}" is channels, groups or im, by the conversation); tier.
DOCUMENTED: dict[str, tuple[str, str, int]] = {
    "apps.connections.open": ("", "connections:write", 1),
    "assistant.threads.setStatus": (
        "channel_id! thread_ts! status! loading_messages:json icon_emoji icon_url username",
        "assistant:write chat:write",
        5,
    ),
    "auth.test": ("", "", 5),
    "bots.info": ("bot team_id", "users:read", 3),
    "chat.delete": ("channel! ts! as_user:bool", "chat:write", 3),
    "chat.getPermalink": ("channel! message_ts!", "", 5),
    "chat.postEphemeral": (f"channel! user! {CONTENT} thread_ts {AUTHOR}", "chat:write", 4),
    "chat.postMessage": (
        f"channel! {CONTENT} thread_ts reply_broadcast:bool unfurl_links:bool unfurl_media:bool mrkdwn:bool"
        f" metadata:json container_id {AUTHOR}",
        "chat:write",
        0,
    ),
    "chat.update": (
        f"channel! ts! {CONTENT} file_ids reply_broadcast:bool metadata:json as_user:bool",
        "chat:write",
        3,
    ),
    "conversations.history": (f"channel! {PAGE} {TIMES}", "{kind}:history", 3),
    "conversations.info": ("channel! include_locale:bool include_num_members:bool", "{kind}:read", 3),
    "conversations.list": (f"{PAGE} exclude_archived:bool team_id types", "channels:read groups:read im:read", 2),
    "conversations.members": (f"channel! {PAGE}", "{kind}:read", 4),
    "conversations.open": ("channel users return_im:bool prevent_creation:bool", "im:write", 3),
    "conversations.replies": (f"channel! ts! {PAGE} {TIMES}", "{kind}:history", 3),
    "files.completeUploadExternal": (
        f"files:json! channel_id channels initial_comment thread_ts blocks:json {AUTHOR}",
        "files:write",
        4,
    ),
    "files.getUploadURLExternal": ("filename! length:int! alt_txt snippet_type", "files:write", 4),
    "files.info": ("file! count:int cursor limit:int page:int", "files:read", 4),
    "reactions.add": ("channel! name! timestamp!", "reactions:write", 3),
    "team.info": ("team domain include_slackbot_availability:bool", "team:read", 3),
    "users.info": ("user! include_locale:bool", "users:read", 4),
    "views.open": (f"trigger_id interactivity_pointer {VIEW}", "", 4),
    "views.publish": (f"user_id! {VIEW} hash", "", 4),
    "views.push": (f"trigger_id interactivity_pointer {VIEW}", "", 4),
    "views.update": (f"view_id external_id {VIEW} hash", "", 4),
}


@dataclass(frozen=True)
class Method:
    parameters: dict[str, tuple[str, bool]]  # of each its type, and whether it is required
    scopes: list[str]
    tier: int

    def scopes_for(self, kind: str) -> list[str]:
        """Those of which one is needed in a conversation of that kind."""
        return [scope.format(kind=kind) for scope in self.scopes]


def table(fields: str) -> dict[str, tuple[str, bool]]:
    """Of each name, its type and whether it is required."""
    known = {}
    for field in fields.split():
        name, _, kind = field.rstrip("!").partition(":")
        known[name] = (kind or "str", field.endswith("!"))
    return known


METHODS = {name: Method(table(fields), scopes.split(), tier) for name, (fields, scopes, tier) in DOCUMENTED.items()}

# What an error says when a required parameter is missing, where it is not `invalid_arguments`.
MISSING = {
    "channel": "channel_not_found",
    "user": "user_not_found",
    "file": "file_not_found",
    "ts": "message_not_found",
}


def read(name: str, sent: Mapping[str, Any]) -> Params:
    """Return the parameters with their types.

    Raises:
        Misuse: one that is not documented, or not of its type.
        SlackError: a required one is missing.
    """
    documented, params = METHODS[name].parameters, {}
    for field, value in sent.items():
        if field == "team_id" and field not in documented:
            continue  # Slack's own client sends it with everything once it knows it
        if field not in documented:
            raise Misuse(f"no parameter {field!r}")
        if value is None:
            raise Misuse(f"{field} is null")
        params[field] = _typed(field, documented[field][0], value)
    for field, (_, required) in documented.items():
        if required and params.get(field) in (None, ""):
            raise SlackError(MISSING.get(field, "invalid_arguments"), f"[ERROR] missing required field: {field}")
    return params


def _typed(field: str, kind: str, value: Any) -> Any:
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, KeyError) as wrong:
        raise Misuse(f"{field} must be {kind}, not {value!r:.100}") from wrong


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool | float):
        raise TypeError
    return int(value)


def _json(value: Any) -> Any:
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, dict | list):
        raise TypeError
    return value


_READERS = {
    "str": _string, "int": _integer, "json": _json,
    "bool": lambda value: {"true": True, "false": False, "1": True, "0": False}[str(value).lower()],
}  # fmt: skip
