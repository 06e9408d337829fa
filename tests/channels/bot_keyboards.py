"""What Telegram takes under a message: buttons in the message, buttons instead of the keyboard."""

from __future__ import annotations

from typing import Any

from bot_methods import Misuse, Params, bad, read_object
from bot_texts import units, wrong_with

ROW_MAX, INLINE_MAX, KEYBOARD_MAX = 8, 100, 300
STYLES = {"primary", "success", "danger"}
ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip
REQUESTS = (
    "request_users", "request_chat", "request_contact", "request_location", "request_poll", "request_managed_bot",
    "web_app",
)  # fmt: skip
KINDS = {
    "inline_keyboard": "inline keyboard", "keyboard": "keyboard", "remove_keyboard": "remove keyboard",
    "force_reply": "force reply",
}  # fmt: skip


def read_markup(markup: Any, *, private: bool, inline_only: bool = False) -> Params | None:
    """Return a reply_markup that Telegram would show, or None if there is none to show."""
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    given = [kind for kind in KINDS if kind in markup]
    if not given:
        raise bad("object expected as reply markup")
    if inline_only and given != ["inline_keyboard"]:
        raise bad("inline keyboard expected")
    if len(given) > 1:
        raise Misuse(f"reply_markup is one of {', '.join(given)}, not several")
    read_object(KINDS[given[0]], markup)
    _check_placeholder(markup)
    rows = _rows(markup, given[0])
    for button in [button for row in rows for button in row]:
        _check_inline(button) if given[0] == "inline_keyboard" else _check_key(button, private)
    if given[0] == "inline_keyboard":
        return {"inline_keyboard": [row for row in rows if row]} if any(rows) else None
    return markup


def _check_placeholder(markup: Params) -> None:
    if "input_field_placeholder" in markup and not 1 <= units(markup["input_field_placeholder"]) <= 64:
        raise bad("input field placeholder must be 1-64 characters long")


def _rows(markup: Params, kind: str) -> list[list[Any]]:
    if kind not in ("inline_keyboard", "keyboard"):
        return []
    rows = markup[kind]
    if not isinstance(rows, list):
        raise bad(f'field "{kind}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad(f'field "{kind}" must be an Array of Arrays')
    if kind == "keyboard":
        rows = [[{"text": key} if isinstance(key, str) else key for key in row] for row in rows]
    # Not in the official text, but longer ones are cut or refused.
    if max(map(len, rows), default=0) > ROW_MAX:
        raise bad("REPLY_MARKUP_TOO_LONG")
    if sum(map(len, rows)) > (INLINE_MAX if kind == "inline_keyboard" else KEYBOARD_MAX):
        raise bad("REPLY_MARKUP_TOO_LONG")
    return rows


def _check_label(button: Params) -> None:
    if not button["text"].strip():
        raise bad("keyboard button text must be non-empty")
    if button.get("style", "primary") not in STYLES:
        raise bad("unknown button style specified")


def _check_inline(button: Any) -> None:
    read_object("inline keyboard button", button, "can't parse inline keyboard button: ")
    _check_label(button)
    actions = [action for action in ACTIONS if action in button]
    if not actions or button.get("callback_data") == "" or button.get("url") == "":
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise Misuse(f"a button does one thing, not {' and '.join(actions)}")
    if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "copy_text" in button:
        read_object("copy_text", button["copy_text"], "can't parse inline keyboard button: ")
        if not 1 <= units(button["copy_text"]["text"]) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and (wrong := wrong_with(button["url"])):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: {wrong}")
    if "web_app" in button and not str(button["web_app"].get("url")).startswith("https://"):
        raise bad(f"inline keyboard button Web App URL '{button['web_app'].get('url')}' is invalid: Only HTTPS links are allowed")  # fmt: skip
    if actions[0] in ("pay", "callback_game"):
        raise bad("BUTTON_TYPE_INVALID")


def _check_key(key: Any, private: bool) -> None:
    read_object("keyboard button", key, "can't parse keyboard button: ")
    _check_label(key)
    requests = [request for request in REQUESTS if key.get(request)]
    if len(requests) > 1:
        raise Misuse(f"a key asks for one thing, not {' and '.join(requests)}")
    if not private and requests:
        what = {"request_contact": "phone number", "request_location": "location"}.get(requests[0], requests[0])
        raise bad(f"{what} can be requested in private chats only")
