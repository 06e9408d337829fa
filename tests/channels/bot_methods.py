"""The methods of the Bot API this server speaks, and the parameters documented for each.

From core.telegram.org/bots/api. Telegram itself ignores a parameter it does not know, which hides a misspelt one;
here it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Params = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file that came with a request, by the name its sender gave it."""

    name: str
    mime: str
    content: bytes

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {len(self.content)} bytes)"


class BotApiError(Exception):
    """The answer is no: a code, Telegram's words, and what goes into `parameters`."""

    def __init__(self, code: int, words: str, **parameters: int) -> None:
        super().__init__(f"{code} {words}")
        self.code, self.words, self.parameters = code, words, parameters


def bad(words: str, **parameters: int) -> BotApiError:
    return BotApiError(400, f"Bad Request: {words}", **parameters)


# A name alone is a string; `:type` says otherwise; `!` makes it required.
TARGET = "business_connection_id chat_id:chat! message_thread_id:int direct_messages_topic_id:int"
DELIVERY = (
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id"
    " suggested_post_parameters:json reply_parameters:json reply_markup:json"
)
CAPTION = "caption parse_mode caption_entities:json"
EDITED = "business_connection_id chat_id:chat message_id:int inline_message_id reply_markup:json"
TOPIC = "chat_id:chat! message_thread_id:int!"

DOCUMENTED = {
    "getMe": "",
    "logOut": "",
    "close": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:json",
    "setWebhook": "url! certificate:file ip_address max_connections:int allowed_updates:json drop_pending_updates:bool secret_token",
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": f"{TARGET} text! parse_mode entities:json link_preview_options:json {DELIVERY}",
    "sendPhoto": f"{TARGET} photo:file! {CAPTION} show_caption_above_media:bool has_spoiler:bool {DELIVERY}",
    "sendDocument": f"{TARGET} document:file! thumbnail:file {CAPTION} disable_content_type_detection:bool {DELIVERY}",
    "sendMediaGroup": (
        f"{TARGET} media:json! disable_notification:bool protect_content:bool allow_paid_broadcast:bool"
        " message_effect_id reply_parameters:json"
    ),
    "sendChatAction": "business_connection_id chat_id:chat! message_thread_id:int action!",
    "editMessageText": f"{EDITED} text! parse_mode entities:json link_preview_options:json",
    "editMessageCaption": f"{EDITED} {CAPTION} show_caption_above_media:bool",
    "editMessageReplyMarkup": EDITED,
    "deleteMessage": "chat_id:chat! message_id:int!",
    "deleteMessages": "chat_id:chat! message_ids:json!",
    "setMessageReaction": "chat_id:chat! message_id:int! reaction:json is_big:bool",
    "answerCallbackQuery": "callback_query_id! text show_alert:bool url cache_time:int",
    "getFile": "file_id!",
    "setMyCommands": "commands:json! scope:json language_code",
    "getMyCommands": "scope:json language_code",
    "deleteMyCommands": "scope:json language_code",
    "setMyName": "name language_code",
    "getMyName": "language_code",
    "setMyDescription": "description language_code",
    "getMyDescription": "language_code",
    "setMyShortDescription": "short_description language_code",
    "getMyShortDescription": "language_code",
    "setChatMenuButton": "chat_id:int menu_button:json",
    "getChatMenuButton": "chat_id:int",
    "getChat": "chat_id:chat!",
    "getChatMember": "chat_id:chat! user_id:int!",
    "getChatMemberCount": "chat_id:chat!",
    "getChatAdministrators": "chat_id:chat! return_bots:bool",
    "leaveChat": "chat_id:chat!",
    "createForumTopic": "chat_id:chat! name! icon_color:int icon_custom_emoji_id",
    "editForumTopic": f"{TOPIC} name icon_custom_emoji_id",
    "closeForumTopic": TOPIC,
    "reopenForumTopic": TOPIC,
    "deleteForumTopic": TOPIC,
}  # fmt: skip

# The fields of the objects among them.
OBJECTS = {
    "reply_parameters": (
        "message_id:int! chat_id:chat allow_sending_without_reply:bool quote quote_parse_mode quote_entities:json"
        " quote_position:int checklist_task_id:int poll_option_id"
    ),
    "link_preview_options": "is_disabled:bool url prefer_small_media:bool prefer_large_media:bool show_above_text:bool",
    "inline keyboard": "inline_keyboard:json!",
    "keyboard": (
        "keyboard:json! is_persistent:bool resize_keyboard:bool one_time_keyboard:bool input_field_placeholder"
        " selective:bool"
    ),
    "remove keyboard": "remove_keyboard:bool! selective:bool",
    "force reply": "force_reply:bool! input_field_placeholder selective:bool",
    "inline keyboard button": (
        "text! icon_custom_emoji_id style url callback_data web_app:json login_url:json switch_inline_query"
        " switch_inline_query_current_chat switch_inline_query_chosen_chat:json copy_text:json callback_game:json"
        " pay:bool"
    ),
    "keyboard button": (
        "text! icon_custom_emoji_id style request_users:json request_chat:json request_contact:bool"
        " request_location:bool request_poll:json request_managed_bot:json web_app:json"
    ),
    "copy_text": "text!",
    "MessageEntity": "type! offset:int! length:int! url user:json language custom_emoji_id unix_time:int date_time_format",
    "InputMediaPhoto": f"type! media! {CAPTION} show_caption_above_media:bool has_spoiler:bool",
    "InputMediaDocument": f"type! media! thumbnail {CAPTION} disable_content_type_detection:bool",
    "BotCommand": "command! description! is_ephemeral:bool",
    "BotCommandScope": "type! chat_id:chat user_id:int",
}  # fmt: skip


def _table(fields: str) -> dict[str, tuple[str, bool]]:
    """Of each name, its type and whether it is required."""
    table = {}
    for field in fields.split():
        name, _, kind = field.rstrip("!").partition(":")
        table[name] = (kind or "str", field.endswith("!"))
    return table


METHODS = {name: _table(fields) for name, fields in DOCUMENTED.items()}
FIELDS = {name: _table(fields) for name, fields in OBJECTS.items()}
BY_LOWER_CASE = {name.lower(): name for name in METHODS}

EMPTY = {"text": "message text is empty", "chat_id": "chat_id is empty", "callback_query_id": "query is too old and response timeout expired or query ID is invalid"}  # fmt: skip


class Misuse(Exception):
    """Telegram would let this pass in silence, but no test may."""


def read(method: str, sent: Mapping[str, Any]) -> Params:
    """Return the parameters with their types.

    Raises:
        Misuse: one that is not documented, or not of its type.
        BotApiError: a required one is missing.
    """
    table, params = METHODS[method], {}
    named = " ".join(value for value in sent.values() if isinstance(value, str))
    attached = {f"attach://{name}": value for name, value in sent.items() if f"attach://{name}" in named}
    for name, value in sent.items():
        if f"attach://{name}" in attached:
            continue
        if name not in table:
            raise Misuse(f"{method} has no parameter {name!r}")
        if isinstance(value, str) and table[name][0] == "file":
            value = attached.get(value, value)
        params[name] = _typed(f"{method}: {name}", table[name][0], value)
    for name, (_, required) in table.items():
        if required and name not in params:
            raise bad(EMPTY.get(name, f"parameter {name} is required"))
    return params | attached


def _typed(where: str, kind: str, value: Any) -> Any:
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, KeyError) as wrong:
        raise Misuse(f"{where} must be {kind}, not {value!r:.100}") from wrong


def _integer(value: Any) -> int:
    if isinstance(value, bool | float):
        raise TypeError
    return int(value)


def _chat(value: Any) -> int | str:
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else text


def _json(value: Any) -> Any:
    if isinstance(value, str | bytes):
        value = json.loads(value)
    if not isinstance(value, dict | list):
        raise TypeError
    return value


def _string(value: Any) -> str:
    if isinstance(value, Upload):
        raise TypeError
    return value if isinstance(value, str) else json.dumps(value)


def _file(value: Any) -> Upload | str:
    return value if isinstance(value, Upload) else str(value)


_READERS = {
    "str": _string, "int": _integer, "chat": _chat, "json": _json, "file": _file,
    "bool": lambda value: {"true": True, "false": False, "1": True, "0": False}[str(value).lower()],
}  # fmt: skip

_JSON_TYPES = {"str": (str, "String"), "int": (int, "Number"), "bool": (bool, "Boolean")}


def read_object(name: str, value: Any, words: str = "") -> Params:
    """Return an object whose fields are all documented and of their types.

    Args:
        words: what Telegram says first about a field that is wrong, such as `can't parse keyboard button: `.

    Raises:
        Misuse: a field that is not documented.
        BotApiError: a field is missing or of another type.
    """
    if not isinstance(value, dict):
        raise bad(f"object expected as {name}")
    table = FIELDS[name]
    if unknown := sorted(value.keys() - table.keys()):
        raise Misuse(f"{name} has no field {', '.join(unknown)}")
    for field, (kind, required) in table.items():
        if field not in value:
            if required:
                raise bad(_sentence(words, f'Can\'t find field "{field}"'))
        elif kind in _JSON_TYPES:
            python, said = _JSON_TYPES[kind]
            if not isinstance(value[field], python) or (python is int and isinstance(value[field], bool)):
                raise bad(_sentence(words, f'Field "{field}" must be of type {said}'))
    return value


def _sentence(words: str, rest: str) -> str:
    """Telegram begins in lower case, unless something stands before it."""
    return words + rest if words else rest[0].lower() + rest[1:]
