"""What the methods about conversations, people and the workspace do."""

from __future__ import annotations

import base64
import re

from bot_methods import Params
from slack_methods import SlackError
from slack_world import Channel, Message, World

HISTORY_MAX = 999


class Conversations:
    def __init__(self, world: World) -> None:
        self.world = world

    # --- the app itself

    def auth_test(self, params: Params) -> Params:
        world = self.world
        return {
            "url": f"https://{world.domain}.slack.com/", "team": world.team_name, "user": world.bot.username,
            "team_id": world.team, "user_id": world.bot.id, "bot_id": world.app.bot_id, "is_enterprise_install": False,
        }  # fmt: skip

    def bots_info(self, params: Params) -> Params:
        app = self.world.app
        if params.get("bot", app.bot_id) != app.bot_id:
            raise SlackError("bot_not_found")
        return {"bot": {"id": app.bot_id, "app_id": app.id, "user_id": self.world.bot.id, "name": self.world.bot.name, "deleted": False}}  # fmt: skip

    def team_info(self, params: Params) -> Params:
        if params.get("team", self.world.team) != self.world.team:
            raise SlackError("team_not_found")
        return {"team": {"id": self.world.team, "name": self.world.team_name, "domain": self.world.domain}}

    def users_info(self, params: Params) -> Params:
        user = self.world.users.get(params["user"])
        if user is None:
            raise SlackError("user_not_found")
        return {"user": user.json(self.world.clock.now(), locale=params.get("include_locale", False))}

    # --- conversations

    def conversations_open(self, params: Params) -> Params:
        if ("channel" in params) == ("users" in params):
            raise SlackError("invalid_arguments", "[ERROR] one of channel and users")
        if "channel" in params:
            channel = self.world.channel(params["channel"])
        else:
            ids = params["users"].split(",")
            if any(id not in self.world.users for id in ids):
                raise SlackError("user_not_found")
            if len(ids) > 1:
                raise SlackError("missing_scope", needed="mpim:write", provided=",".join(self.world.app.scopes))
            if self.world.users[ids[0]].deleted:
                raise SlackError("user_disabled")
            channel = self.world.direct(self.world.users[ids[0]])
        was_open, channel.opened = channel.opened, True
        more = {"no_op": True, "already_open": True} if was_open else {}
        return {"channel": channel.json() if params.get("return_im") else {"id": channel.id}, **more}

    def conversations_info(self, params: Params) -> Params:
        channel = self.world.channel(params["channel"])
        more: Params = {"num_members": len(channel.members)} if params.get("include_num_members") else {}
        more |= {"locale": "en-US"} if params.get("include_locale") else {}
        member = {} if channel.kind == "im" else {"is_member": self.world.bot.id in channel.members}
        return {"channel": channel.json() | member | more}

    def conversations_list(self, params: Params) -> Params:
        names = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
        wanted = params.get("types", "public_channel").split(",")
        if unknown := [kind for kind in wanted if kind not in names]:
            raise SlackError("invalid_types", f"[ERROR] {unknown}")
        scopes = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}
        for kind in wanted:
            if not self.world.app.may([scopes[names[kind]]]):
                raise SlackError("missing_scope", needed=scopes[names[kind]], provided=",".join(self.world.app.scopes))
        found = [
            channel.json()
            for channel in self.world.channels.values()
            if channel.kind in {names[kind] for kind in wanted} and self._lists(channel, params)
        ]
        page, cursor = self._page(found, params, 100, 1000)
        return {"channels": page, "response_metadata": {"next_cursor": cursor}}

    def _lists(self, channel: Channel, params: Params) -> bool:
        if channel.archived and params.get("exclude_archived"):
            return False
        return channel.opened and (channel.kind == "channel" or self.world.bot.id in channel.members)

    def conversations_members(self, params: Params) -> Params:
        channel = self.world.channel(params["channel"])
        page, cursor = self._page(list(channel.members), params, 100, 1000)
        return {"members": page, "response_metadata": {"next_cursor": cursor}}

    def conversations_history(self, params: Params) -> Params:
        """Messages, the newest first; replies in threads are not among them unless they were broadcast."""
        channel = self.world.channel(params["channel"], joined=True)
        messages = [m for m in channel.shown() if not m.only_for and (m.thread is None or m.broadcast)]
        page, cursor = self._window(messages, params, backwards="oldest" not in params or "latest" in params)
        return self._messages(page[::-1], cursor, params) | {"pin_count": 0}

    def conversations_replies(self, params: Params) -> Params:
        """The thread, the oldest first, its root before the others."""
        channel = self.world.channel(params["channel"], joined=True)
        root = channel.messages.get(params["ts"])
        if root is None or root.deleted:
            raise SlackError("thread_not_found")
        page, cursor = self._window([root, *channel.replies_to(root.ts)], params, backwards=False)
        return self._messages(page, cursor, params)

    def _messages(self, page: list[Message], cursor: str, params: Params) -> Params:
        metadata = params.get("include_all_metadata", False)
        known: Params = {
            "messages": [m.json(self.world.app, metadata=metadata) for m in page],
            "has_more": bool(cursor),
        }
        return known | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})

    def _window(self, messages: list[Message], params: Params, *, backwards: bool) -> tuple[list[Message], str]:
        """Those between two moments, as many as fit, and the cursor to the rest.

        Backwards the newest are given first; with `oldest` alone Slack goes forwards from there.
        """
        for name in ("oldest", "latest"):
            if not re.fullmatch(r"\d+(\.\d*)?", params.get(name, "0")):
                raise SlackError(f"invalid_ts_{name}")
        limit = params.get("limit", 100)
        if not 1 <= limit <= HISTORY_MAX:
            raise SlackError("invalid_limit")
        oldest, latest, both = (
            float(params.get("oldest", 0)),
            float(params.get("latest", "inf")),
            params.get("inclusive"),
        )
        found = [m for m in messages if oldest < float(m.ts) < latest or (both and float(m.ts) in (oldest, latest))]
        if params.get("cursor"):
            edge = _read_cursor(params["cursor"], "next_ts")
            found = [m for m in found if (m.ts <= edge if backwards else m.ts >= edge)]
        page = found[-limit:] if backwards else found[:limit]
        rest = found[:-limit] if backwards else found[limit:]
        return page, _cursor("next_ts", (rest[-1] if backwards else rest[0]).ts) if rest else ""

    def _page(self, items: list, params: Params, usual: int, most: int) -> tuple[list, str]:  # type: ignore[type-arg]
        limit = min(params.get("limit") or usual, most)
        start = int(_read_cursor(params["cursor"], "start")) if params.get("cursor") else 0
        rest = items[start + limit :]
        return items[start : start + limit], _cursor("start", str(start + limit)) if rest else ""


def _cursor(name: str, value: str) -> str:
    return base64.b64encode(f"{name}:{value}".encode()).decode()


def _read_cursor(cursor: str, name: str) -> str:
    try:
        found, _, value = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError as wrong:
        raise SlackError("invalid_cursor") from wrong
    if found != name:
        raise SlackError("invalid_cursor")
    return value
