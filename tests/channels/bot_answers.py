"""The methods about the bot itself, files, presses, groups and topics."""

from __future__ import annotations

import re
from typing import Any

from bot_methods import BotApiError, Misuse, Params, bad, read_object
from bot_sending import GENERAL, Sending
from bot_texts import units
from bot_world import Chat, Topic, User, member

ANSWERABLE = 15.0  # seconds; nobody has written the number down, this is what was seen
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
SCOPES = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip
ICON_COLORS = {7322096, 16766590, 13338331, 9367192, 16749490, 16478047}
Scope = tuple[Any, ...]


class Answers(Sending):
    """Every method that is answered at once."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.commands: dict[tuple[Scope, str], list[Params]] = {}
        self.words: dict[tuple[str, str], str] = {}  # (name, description or short_description; language) -> words

    # --- the bot itself

    def getMe(self, params: Params) -> Params:
        known = {"can_join_groups": True, "can_read_all_group_messages": self.world.reads_all_groups}
        return self.bot.json() | known | {"supports_inline_queries": False, "has_main_web_app": False}

    def logOut(self, params: Params) -> bool:
        raise Misuse("logOut: the bot could not come back for ten minutes")

    def close(self, params: Params) -> bool:
        raise BotApiError(429, "Too Many Requests: retry after 600", retry_after=600)

    def setMyCommands(self, params: Params) -> bool:
        commands = params["commands"]
        if not isinstance(commands, list):
            raise bad("expected an Array of BotCommand")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            self._check_command(command)
        self.commands[self._scope(params)] = [
            {"command": command["command"].removeprefix("/"), "description": command["description"]}
            for command in commands
        ]
        return True

    def _check_command(self, command: Any) -> None:
        read_object("BotCommand", command, "can't parse BotCommand: ")
        name, description = command["command"].removeprefix("/"), command["description"]
        if not name:
            raise bad("command must be non-empty")
        if len(name) > 32:
            raise bad("command length must not exceed 32")
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise bad("BOT_COMMAND_INVALID")
        if not description:
            raise bad("command description must be non-empty")
        if units(description) > 256:
            raise bad("command description length must not exceed 256")

    def _scope(self, params: Params) -> tuple[Scope, str]:
        scope, language = params.get("scope", {"type": "default"}), params.get("language_code", "")
        read_object("BotCommandScope", scope, "can't parse BotCommandScope: ")
        if scope["type"] not in SCOPES:
            raise bad("can't parse BotCommandScope: unsupported type specified")
        if set(scope) - {"type"} != set(SCOPES[scope["type"]]):
            raise Misuse(f"a scope {scope['type']} with {sorted(scope)}")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise bad("invalid language code specified")
        if "chat_id" in scope:
            self.known_chat(scope["chat_id"])
        return tuple(scope[name] for name in ("type", *SCOPES[scope["type"]])), language

    def getMyCommands(self, params: Params) -> list[Params]:
        return self.commands.get(self._scope(params), [])

    def deleteMyCommands(self, params: Params) -> bool:
        self.commands.pop(self._scope(params), None)
        return True

    def menu_of(self, user: User) -> list[str]:
        """The commands a person's own chat offers: the first list there is, the nearest first."""
        language = user.language or ""
        for scope in (("chat", user.id), ("all_private_chats",), ("default",)):
            for spoken in (language, ""):
                if (scope, spoken) in self.commands:
                    return [command["command"] for command in self.commands[scope, spoken]]
        return []

    def _set_words(self, params: Params, what: str, most: int) -> bool:
        words = params.get(what, "")
        if units(words) > most:
            raise bad(f"{what.replace('_', ' ')} is too long")
        self.words[what, params.get("language_code", "")] = words
        return True

    def _get_words(self, params: Params, what: str) -> Params:
        general = self.words.get((what, ""), "")
        return {what: self.words.get((what, params.get("language_code", "")), general)}

    def setMyName(self, params: Params) -> bool:
        return self._set_words(params, "name", 64)

    def getMyName(self, params: Params) -> Params:
        return {"name": self._get_words(params, "name")["name"] or self.bot.first_name}

    def setMyDescription(self, params: Params) -> bool:
        return self._set_words(params, "description", 512)

    def getMyDescription(self, params: Params) -> Params:
        return self._get_words(params, "description")

    def setMyShortDescription(self, params: Params) -> bool:
        return self._set_words(params, "short_description", 120)

    def getMyShortDescription(self, params: Params) -> Params:
        return self._get_words(params, "short_description")

    def setChatMenuButton(self, params: Params) -> bool:
        if params.get("menu_button", {"type": "default"}).get("type") not in ("default", "commands"):
            raise Misuse("a menu button that is neither default nor commands")
        return True

    def getChatMenuButton(self, params: Params) -> Params:
        return {"type": "commands"}

    # --- files and presses

    def getFile(self, params: Params) -> Params:
        return self.world.files.link(params["file_id"])

    def answerCallbackQuery(self, params: Params) -> bool:
        press, now = self.world.presses.get(params["callback_query_id"]), self.world.clock.now()
        if press is None or press.answered is not None or now - press.at > ANSWERABLE:
            raise bad(TOO_OLD)
        if units(params.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        if "url" in params:
            raise bad("URL_INVALID")  # only for games and links to the bot itself
        press.answered, press.answered_at = params, now
        self.world.ring()
        return True

    # --- chats

    def getChat(self, params: Params) -> Params:
        chat = self.known_chat(params["chat_id"])
        gifts = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True)  # fmt: skip
        return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}

    def getChatMember(self, params: Params) -> Params:
        chat, user = self._group(params["chat_id"]), self.world.users.get(params["user_id"])
        if user is None:
            raise bad("invalid user_id specified")
        if chat.kind == "private":
            return member(user, "member" if user.id in (chat.id, self.bot.id) else "left")
        return member(user, chat.members.get(user.id, "left"))

    def _group(self, id: int | str) -> Chat:
        return self.open_chat({"chat_id": id})

    def getChatMemberCount(self, params: Params) -> int:
        chat = self._group(params["chat_id"])
        return 2 if chat.kind == "private" else sum(chat.is_in(user) for user in self.world.users.values())

    def getChatAdministrators(self, params: Params) -> list[Params]:
        chat = self._group(params["chat_id"])
        if chat.kind == "private":
            raise bad("there are no administrators in the private chat")
        every = [user for user in self.world.users.values() if chat.is_admin(user)]
        return [member(u, chat.members[u.id]) for u in every if not u.is_bot or u is self.bot]

    def leaveChat(self, params: Params) -> bool:
        chat = self._group(params["chat_id"])
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        self.world.membership(chat, self.bot, "left")
        return True

    # --- topics

    def _forum(self, params: Params) -> Chat:
        chat = self.open_chat(params)
        if not chat.forum:
            raise bad("the chat is not a forum")
        if not chat.is_admin(self.bot):
            raise bad(
                "not enough rights to create a topic" if "message_thread_id" not in params else "CHAT_ADMIN_REQUIRED"
            )
        return chat

    def _topic(self, params: Params) -> tuple[Chat, Topic]:
        chat = self._forum(params)
        topic = chat.topics.get(params["message_thread_id"])
        if params["message_thread_id"] == GENERAL or topic is None or topic.deleted:
            raise bad("TOPIC_ID_INVALID")
        return chat, topic

    def createForumTopic(self, params: Params) -> Params:
        chat = self._forum(params)
        if not 1 <= units(params["name"]) <= 128:
            raise bad("TOPIC_TITLE_EMPTY" if not params["name"] else "topic name is too long")
        color = params.get("icon_color", 7322096)
        if color not in ICON_COLORS:
            raise bad("TOPIC_ICON_COLOR_INVALID")
        created = {"name": params["name"], "icon_color": color}
        opening = self.world.post(chat, self.bot, {"forum_topic_created": created})
        opening.thread = opening.id  # the topic is known by the message that opened it
        chat.topics[opening.id] = Topic(opening.id, params["name"])
        return created | {"message_thread_id": opening.id}

    def editForumTopic(self, params: Params) -> bool:
        chat, topic = self._topic(params)
        if params.get("name", topic.name) == topic.name:
            raise bad("TOPIC_NOT_MODIFIED")
        if units(params["name"]) > 128:
            raise bad("topic name is too long")
        topic.name = params["name"] or topic.name
        self.world.post(chat, self.bot, {"forum_topic_edited": {"name": topic.name}}, thread=topic.id)
        return True

    def closeForumTopic(self, params: Params) -> bool:
        return self._turn(params, closed=True)

    def reopenForumTopic(self, params: Params) -> bool:
        return self._turn(params, closed=False)

    def _turn(self, params: Params, *, closed: bool) -> bool:
        chat, topic = self._topic(params)
        if topic.closed is closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic.closed = closed
        name = "forum_topic_closed" if closed else "forum_topic_reopened"
        self.world.post(chat, self.bot, {name: {}}, thread=topic.id)
        return True

    def deleteForumTopic(self, params: Params) -> bool:
        chat, topic = self._topic(params)
        topic.deleted = True
        for message in chat.messages.values():
            message.deleted = message.deleted or message.thread == topic.id
        self.world.ring()
        return True
