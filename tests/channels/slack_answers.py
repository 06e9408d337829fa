"""What the methods about messages do."""

from __future__ import annotations

import json
import re
from typing import Any

from bot_methods import Params
from slack_blocks import checked_blocks
from slack_methods import SlackError
from slack_texts import links, mentions, oddities
from slack_world import Channel, Message, World

TEXT_MAX, TEXT_WISE, MARKDOWN_MAX, METADATA_MAX = 40_000, 4_000, 12_000, 8_192


class Answers:
    def __init__(self, world: World) -> None:
        self.world = world

    def chat_postMessage(self, params: Params) -> Params:
        channel = self._open(params["channel"], params)
        message = self.world.post(
            channel, self.world.bot, **self._content(params), thread=self._thread(params),
            broadcast=params.get("reply_broadcast", False), metadata=self._metadata(params),
        )  # fmt: skip
        return {"channel": channel.id, "ts": message.ts, "message": message.json(self.world.app, metadata=True)}

    def chat_postEphemeral(self, params: Params) -> Params:
        channel = self._open(params["channel"], params)
        if params["user"] not in self.world.users:
            raise SlackError("user_not_found")
        if params["user"] not in channel.members:
            raise SlackError("user_not_in_channel")
        message = self.world.post(
            channel, self.world.bot, **self._content(params), thread=self._thread(params), only_for=params["user"]
        )
        return {"message_ts": message.ts}

    def chat_update(self, params: Params) -> Params:
        message = self._own(params, "cant_update_message", edits=True)
        before = message.json(self.world.app)
        content = self._content({"unfurl_links": False, "unfurl_media": False, **params})
        if len(params.get("text", "")) > TEXT_MAX:
            raise SlackError("msg_too_long")
        message.text, message.mentions = content["text"], content["mentions"]
        if "blocks" in params:  # else the ones before stay
            message.blocks = content["blocks"]
        if "attachments" in params:
            message.attachments = content["attachments"]
        if "metadata" in params:
            message.metadata = self._metadata(params)
        message.edited = {"user": self.world.bot.id, "ts": self.world.new_ts()}
        self.world.change(message, before)
        answer = message.json(self.world.app, metadata=True)
        return {"channel": message.channel.id, "ts": message.ts, "text": message.text, "message": answer}

    def chat_delete(self, params: Params) -> Params:
        message = self._own(params, "cant_delete_message")
        self.world.delete(message)
        return {"channel": message.channel.id, "ts": message.ts}

    def chat_getPermalink(self, params: Params) -> Params:
        message = self._message(self.world.channel(params["channel"]), params["message_ts"])
        link = f"https://{self.world.domain}.slack.com/archives/{params['channel']}/p{message.ts.replace('.', '')}"
        return {"channel": params["channel"], "permalink": link}

    def reactions_add(self, params: Params) -> Params:
        channel = self.world.channel(params["channel"], joined=True)
        message, mine = self._message(channel, params["timestamp"]), (params["name"], self.world.bot.id)
        if not re.fullmatch(r"[\w+-]+", params["name"]):
            raise SlackError("invalid_name")
        if mine in message.reactions:
            raise SlackError("already_reacted")
        message.reactions.append(mine)
        return {}

    def assistant_threads_setStatus(self, params: Params) -> Params:
        channel = self.world.channel(params["channel_id"], joined=True)
        self.world.statuses[channel.id] = params["status"]
        return {}

    # --- a response_url

    def respond(self, user: str, channel: Channel, about: Message | None, params: Params) -> None:
        """What is posted to a response_url: a message to one person or to all, or a change of the one it is about."""
        known = {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts", "unfurl_links", "unfurl_media", "mrkdwn"}  # fmt: skip
        if unknown := params.keys() - known:
            self.world.complain(f"response_url: no parameter {', '.join(sorted(unknown))}")
            raise SlackError("invalid_payload")
        if params.get("delete_original") and about:
            self.world.delete(about)
            return
        content = self._content(params)
        if params.get("replace_original") and about:
            before = about.json(self.world.app)
            about.text, about.blocks = content["text"], content["blocks"]
            about.edited = {"user": self.world.bot.id, "ts": self.world.new_ts()}
            self.world.change(about, before)
            return
        only_for = None if params.get("response_type") == "in_channel" else user
        self.world.post(channel, self.world.bot, **content, thread=params.get("thread_ts"), only_for=only_for)

    # --- the parts

    def _open(self, id: str, params: Params) -> Channel:
        """The conversation to post to; a person's id means her conversation with the bot."""
        if not self.world.app.may(["chat:write.customize"]) and params.keys() & {"username", "icon_emoji", "icon_url"}:
            raise SlackError("missing_scope", needed="chat:write.customize", provided=",".join(self.world.app.scopes))
        if params.get("link_names"):
            self.world.complain("link_names: names in a customer's text would call people")
        if id in self.world.users:
            return self.world.direct(self.world.users[id])
        channel = self.world.channel(id)
        if channel.archived:
            raise SlackError("is_archived")
        public = channel.kind == "channel" and self.world.app.may(["chat:write.public"])
        if self.world.bot.id not in channel.members and not public:
            raise SlackError("not_in_channel")
        return channel

    def _thread(self, params: Params) -> str | None:
        """The root of the thread; the ts of a reply leads to it, though Slack asks for the root's own."""
        thread = params.get("thread_ts")
        channel = self.world.channels.get(params["channel"])
        before = channel.messages.get(thread) if channel and thread else None
        if thread and not re.fullmatch(r"\d{10}\.\d{6}", thread):
            raise SlackError("invalid_thread_ts")
        if thread and before is None:
            self.world.complain(f"thread_ts {thread} is no message of {params['channel']}")
        if before and before.thread:
            self.world.complain(f"thread_ts {thread} is a reply, not the root of a thread")
            return before.thread
        return thread

    def _content(self, params: Params) -> dict[str, Any]:
        """Text, blocks and what they do to readers."""
        text, blocks, calls = params.get("text", ""), params.get("blocks"), list[str]()
        attachments = params.get("attachments") or []
        if "markdown_text" in params:
            if text or blocks:
                raise SlackError("markdown_text_conflict")
            text = params["markdown_text"]
            if len(text) > MARKDOWN_MAX:
                raise SlackError("msg_too_long")
        if attachments:
            self.world.complain("attachments are of old; blocks say it all")
        if blocks:
            checker = checked_blocks(blocks, self.world.complain)
            calls += checker.mentions
        elif blocks is not None and not isinstance(blocks, list):
            raise SlackError("invalid_blocks_format")
        if not text.strip() and not attachments and not blocks:
            raise SlackError("no_text")
        if not text and blocks:
            self.world.complain("blocks without a text: nothing stands in the notification, nothing is read aloud")
        if not blocks and len(text) > TEXT_WISE:
            self.world.complain(f"a text of {len(text)} characters; Slack advises {TEXT_WISE} at most")
        if params.get("mrkdwn", True):
            calls += mentions(text)
            for odd in oddities(text):
                self.world.complain(f"not escaped in the text: {odd}")
        has_link = bool(links(text + json.dumps(blocks or [], ensure_ascii=False)))
        unfurls = params.get("unfurl_links", False) or params.get("unfurl_media", True)
        return {
            "text": text[:TEXT_MAX], "blocks": filled(blocks or [], self.world), "attachments": attachments,
            "mentions": calls, "unfurls": has_link and unfurls,
        }  # fmt: skip

    def _metadata(self, params: Params) -> Params | None:
        metadata = params.get("metadata")
        if not metadata:
            return None
        if not isinstance(metadata, dict) or metadata.keys() - {"event_type", "event_payload", "entities"}:
            raise SlackError("invalid_metadata_format")
        if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
            raise SlackError("invalid_metadata_schema")
        if len(json.dumps(metadata)) > METADATA_MAX:
            raise SlackError("metadata_too_large")
        return metadata

    def _message(self, channel: Channel, ts: str) -> Message:
        message = channel.messages.get(ts)
        if message is None or message.deleted or message.tombstone or message.only_for:
            raise SlackError("message_not_found")
        return message

    def _own(self, params: Params, error: str, *, edits: bool = False) -> Message:
        """A message of the bot itself."""
        channel = self.world.channel(params["channel"])  # a person's id will not do here
        message = self._message(channel, params["ts"])
        if message.sender is not self.world.bot:
            raise SlackError(error)
        if channel.archived:
            raise SlackError("is_inactive" if edits else error)
        return message


def filled(blocks: list[Params], world: World) -> list[Params]:
    """A copy with the ids Slack makes up where the app gave none, and with its defaults in texts."""
    blocks = json.loads(json.dumps(blocks))
    for block in blocks:
        block["block_id"] = block.get("block_id") or world.word(5)
        elements = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in elements if block["type"] not in ("rich_text", "context") else []:
            if isinstance(element, dict) and element.get("type") != "image":
                element["action_id"] = element.get("action_id") or world.word(5)
    _default(blocks)
    return blocks


def _default(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _default(item)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for item in value.values():
            _default(item)
