"""Block Kit as it is documented: what a block may hold, and how much of it. Unknown things are refused.

From docs.slack.dev/reference/block-kit.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot_methods import Params
from slack_methods import SlackError, table
from slack_texts import mentions, oddities

BLOCKS_MAX = {"message": 50, "modal": 100, "home": 100}
CHARACTERS_MAX = 13_200  # over all blocks of a message; undocumented, seen by others
VIEW_BYTES_MAX = 250_000

# name:kind:most characters or items, `!` required. Kinds: see Checker.
BLOCKS = {
    "section": "text:text:3000 fields:texts:10 accessory:element expand:bool",
    "header": "text:plain:150!",
    "divider": "",
    "image": "image_url:str:3000 slack_file:dict alt_text:str:2000! title:plain:2000",
    "actions": "elements:elements:25!",
    "context": "elements:elements:10!",
    "input": "label:plain:2000! element:element! hint:plain:2000 optional:bool dispatch_action:bool",
    "markdown": "text:str:12000!",
    "rich_text": "elements:any!",
    "table": "rows:rows! column_settings:any",
}
_PICK = "placeholder:plain:150 confirm:confirm focus_on_load:bool"
_OPTIONS = "options:options:100 option_groups:groups:100"
_TYPED = "placeholder:plain:150 focus_on_load:bool initial_value:str dispatch_action_config:dict"
ELEMENTS = {
    "button": "text:plain:75! value:str:2000 url:str:3000 style:style confirm:confirm accessibility_label:str:75",
    "static_select": f"{_PICK} {_OPTIONS} initial_option:option",
    "multi_static_select": f"{_PICK} {_OPTIONS} initial_options:options:100 max_selected_items:int",
    "external_select": f"{_PICK} initial_option:option min_query_length:int",
    "multi_external_select": f"{_PICK} initial_options:options:100 min_query_length:int max_selected_items:int",
    "users_select": f"{_PICK} initial_user:str",
    "conversations_select": f"{_PICK} initial_conversation:str default_to_current_conversation:bool filter:dict response_url_enabled:bool",
    "channels_select": f"{_PICK} initial_channel:str response_url_enabled:bool",
    "overflow": "options:options:5! confirm:confirm",
    "checkboxes": "options:options:10! initial_options:options:10 confirm:confirm focus_on_load:bool",
    "radio_buttons": "options:options:10! initial_option:option confirm:confirm focus_on_load:bool",
    "datepicker": f"{_PICK} initial_date:str",
    "timepicker": f"{_PICK} initial_time:str timezone:str",
    "datetimepicker": "initial_date_time:int confirm:confirm focus_on_load:bool",
    "plain_text_input": f"{_TYPED} multiline:bool min_length:int max_length:int",
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": f"{_TYPED} is_decimal_allowed:bool! min_value:str max_value:str",
    "file_input": "filetypes:any max_files:int",
    "image": "image_url:str:3000 slack_file:dict alt_text:str:2000!",
}
SELECTS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
MULTI = {"multi_static_select", "multi_external_select"}
PICKED = {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
WRITTEN = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
FITS = {
    "section": SELECTS | MULTI | PICKED | {"button", "overflow", "image"},
    "actions": SELECTS | PICKED | {"button", "overflow", "datetimepicker"},
    "context": {"image", "mrkdwn", "plain_text"},
    "input": SELECTS | MULTI | PICKED | WRITTEN | {"datetimepicker", "file_input"},
}
ONLY_MODALS = {"file_input", "email_text_input", "url_text_input", "number_input"}
ONLY_MESSAGES = {"markdown", "table"}
VIEWS = {
    "modal": (
        "title:plain:24! blocks:any! close:plain:24 submit:plain:24 private_metadata:str:3000 callback_id:str:255"
        " clear_on_close:bool notify_on_close:bool external_id:str:255 submit_disabled:bool"
    ),
    "home": "blocks:any! private_metadata:str:3000 callback_id:str:255 external_id:str:255",
}
OBJECTS = {
    "confirm": "title:plain:100! text:text:300! confirm:plain:30! deny:plain:30! style:style",
    "option": "text:text:75! value:str:150! description:text:75 url:str:3000",
    "group": "label:plain:75! options:options:100!",
}


def _limits(fields: str) -> dict[str, tuple[str, int, bool]]:
    split = {name: (kind.partition(":"), required) for name, (kind, required) in table(fields).items()}
    return {name: (kind, int(most or 0), required) for name, ((kind, _, most), required) in split.items()}


_FIELDS = {
    **{f"block {name}": _limits(f"block_id:str:255 {fields}") for name, fields in BLOCKS.items()},
    **{f"element {name}": _limits(("" if name == "image" else "action_id:str:255 ") + fields) for name, fields in ELEMENTS.items()},
    **{f"view {name}": _limits(fields) for name, fields in VIEWS.items()},
    **{name: _limits(fields) for name, fields in OBJECTS.items()},
}  # fmt: skip
_SIMPLE: dict[str, type] = {"str": str, "int": int, "bool": bool, "dict": dict}


@dataclass
class Checker:
    """Goes through blocks for one surface: message, modal or home.

    Attributes:
        wrong: what Slack refuses, in its words, with a pointer.
        odd: what it would let pass but nobody can have meant.
        mentions: whom the texts call.
        characters: in all texts together.
    """

    surface: str
    wrong: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    characters: int = 0
    _focused: int = 0

    def no(self, at: str, words: str) -> None:
        self.wrong.append(f"[ERROR] {words} [json-pointer:{at}]")

    # --- the whole

    def blocks(self, blocks: Any, at: str) -> None:
        if not isinstance(blocks, list):
            self.no(at, "must provide an array")
            return
        if len(blocks) > BLOCKS_MAX[self.surface]:
            self.no(at, f"no more than {BLOCKS_MAX[self.surface]} items allowed")
        for place, block in enumerate(blocks):
            self._block(block, f"{at}/{place}")
        ids = Counter(block["block_id"] for block in blocks if isinstance(block, dict) and block.get("block_id"))
        for id in (id for id, count in ids.items() if count > 1):
            self.no(at, f"`block_id` {id} already exists")

    def view(self, view: Any) -> None:
        kind = view.get("type") if isinstance(view, dict) else None
        if kind != self.surface:
            self.no("/view/type", f"must be {self.surface}")
            return
        self._object(view, f"view {kind}", "/view", known=("type",))
        self.blocks(view.get("blocks"), "/view/blocks")
        has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in view.get("blocks") or [])
        if kind == "modal" and has_input and "submit" not in view:
            self.no("/view", "missing required field: submit")

    def _block(self, block: Any, at: str) -> None:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in BLOCKS or (kind in ONLY_MESSAGES and self.surface != "message"):
            self.no(f"{at}/type", f"unsupported type: {kind}")
            return
        self._object(block, f"block {kind}", at, known=("type",))
        if kind == "section":
            if "text" not in block and "fields" not in block:
                self.no(at, "missing required field: text")
            self._fits(block.get("accessory"), "section", f"{at}/accessory")
        if kind == "input":
            self._fits(block.get("element"), "input", f"{at}/element")
        if kind in ("actions", "context"):
            for place, element in enumerate(block.get("elements") or []):
                self._fits(element, kind, f"{at}/elements/{place}")
        if kind == "image" and ("image_url" in block) == ("slack_file" in block):
            self.no(at, "must have one of image_url and slack_file")
        elements = block.get("elements") if kind == "actions" else []
        ids = Counter(e.get("action_id") for e in elements or [] if isinstance(e, dict) and e.get("action_id"))
        for id in (id for id, count in ids.items() if count > 1):
            self.no(f"{at}/elements", f"`action_id` {id} already exists")

    def _fits(self, element: Any, block: str, at: str) -> None:
        kind = element.get("type") if isinstance(element, dict) else None
        if element is not None and (kind not in FITS[block] or (kind in ONLY_MODALS and self.surface != "modal")):
            self.no(f"{at}/type", f"unsupported type: {kind}")

    # --- objects

    def _object(self, value: Any, name: str, at: str, known: tuple[str, ...] = ()) -> None:
        if not isinstance(value, dict):
            self.no(at, "must provide an object")
            return
        fields = _FIELDS[name]
        for unknown in sorted(value.keys() - fields.keys() - {*known}):
            self.no(at, f"no additional properties allowed: {unknown}")
            self.odd.append(f"{name} has no property {unknown!r}")
        for key, (kind, most, required) in fields.items():
            if key in value:
                self._value(value[key], kind, most, f"{at}/{key}")
            elif required:
                self.no(at, f"missing required field: {key}")

    def _value(self, value: Any, kind: str, most: int, at: str) -> None:
        if kind in _SIMPLE:
            if not isinstance(value, _SIMPLE[kind]) or (kind == "int" and isinstance(value, bool)):
                self.no(at, f"must provide a {_SIMPLE[kind].__name__}")
            elif isinstance(value, str):
                self._length(value, most, at, least=at.endswith(("/value", "/action_id", "/text", "url")))
                self.characters += len(value) if at.endswith("/text") else 0
        elif kind != "any":
            getattr(self, f"_{kind}")(value, most, at)

    def _length(self, text: str, most: int, at: str, *, least: bool = True) -> None:
        if least and not text:
            self.no(at, "must be more than 0 characters")
        if most and len(text) > most:
            self.no(at, f"must be less than {most + 1} characters")

    def _items(self, value: Any, most: int, at: str) -> list[Any]:
        if not isinstance(value, list):
            self.no(at, "must provide an array")
            return []
        if not value:
            self.no(at, "must have at least 1 item")
        if most and len(value) > most:
            self.no(at, f"no more than {most} items allowed")
        return value

    def _text(self, value: Any, most: int, at: str, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in kinds:
            self.no(f"{at}/type", f"unsupported type: {kind}" if isinstance(value, dict) else "must provide an object")
            return
        flag = "emoji" if kind == "plain_text" else "verbatim"
        for unknown in sorted(value.keys() - {"type", "text", flag}):
            self.no(at, f"no additional properties allowed: {unknown}")
            self.odd.append(f"{kind} has no property {unknown!r}")
        text = value.get("text")
        if not isinstance(text, str):
            self.no(at, "missing required field: text")
            return
        self._length(text, most, f"{at}/text")
        self.characters += len(text)
        if kind == "mrkdwn":
            self.mentions += mentions(text)
            self.odd += [f"not escaped in {at}: {odd}" for odd in oddities(text)]

    def _plain(self, value: Any, most: int, at: str) -> None:
        self._text(value, most, at, ("plain_text",))

    def _texts(self, value: Any, most: int, at: str) -> None:
        for place, text in enumerate(self._items(value, most, at)):
            self._text(text, 2000, f"{at}/{place}")

    def _style(self, value: Any, most: int, at: str) -> None:
        if value not in ("primary", "danger"):
            self.no(at, "must be primary or danger")

    def _confirm(self, value: Any, most: int, at: str) -> None:
        self._object(value, "confirm", at)

    def _option(self, value: Any, most: int, at: str) -> None:
        self._object(value, "option", at)
        if isinstance(value, dict) and isinstance(value.get("value"), str) and 75 < len(value["value"]) <= 150:
            self.odd.append(f"{at}/value has more than the 75 characters older pages allow")

    def _options(self, value: Any, most: int, at: str) -> None:
        options = self._items(value, most, at)
        for place, option in enumerate(options):
            self._option(option, 0, f"{at}/{place}")
        values = Counter(option.get("value") for option in options if isinstance(option, dict))
        self.odd += [f"{at}: two options with the value {value!r}" for value, count in values.items() if count > 1]

    def _groups(self, value: Any, most: int, at: str) -> None:
        for place, group in enumerate(self._items(value, most, at)):
            self._object(group, "group", f"{at}/{place}")

    def _rows(self, value: Any, most: int, at: str) -> None:
        for place, row in enumerate(self._items(value, 100, at)):
            self._items(row, 20, f"{at}/{place}")

    def _elements(self, value: Any, most: int, at: str) -> None:
        for place, element in enumerate(self._items(value, most, at)):
            if isinstance(element, dict) and element.get("type") in ("mrkdwn", "plain_text"):
                self._text(element, 2000, f"{at}/{place}")
            else:
                self._element(element, 0, f"{at}/{place}")

    def _element(self, value: Any, most: int, at: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in ELEMENTS:
            self.no(f"{at}/type", f"unsupported type: {kind}")
            return
        before = len(self.wrong)
        self._object(value, f"element {kind}", at, known=("type",))
        if len(self.wrong) == before:
            self._extra(kind, value, at)
        if value.get("focus_on_load") is True:
            self._focused += 1
            if self._focused > 1 or self.surface == "message":
                self.no(at, "only one element of a view can have focus_on_load")

    def _extra(self, kind: str, element: Params, at: str) -> None:
        if kind in ("static_select", "multi_static_select") and ("options" in element) == ("option_groups" in element):
            self.no(at, "must have one of options and option_groups")
        if kind == "plain_text_input" and not 0 <= element.get("max_length", 3000) <= 3000:
            self.no(f"{at}/max_length", "must be at most 3000")
        if kind == "file_input" and not 1 <= element.get("max_files", 10) <= 10:
            self.no(f"{at}/max_files", "must be between 1 and 10")
        chosen = [element[key] for key in ("initial_option",) if key in element] + list(
            element.get("initial_options") or []
        )
        offered = {_named(option) for option in options_of(element)}
        if chosen and "external" not in kind and not {_named(option) for option in chosen} <= offered:
            self.no(at, "initial option must be one of the options")


def _named(option: Any) -> tuple[Any, Any]:
    text = option.get("text") if isinstance(option, dict) else None
    return (option.get("value"), text.get("text")) if isinstance(text, dict) else (None, None)


def options_of(element: Params) -> list[Params]:
    """The options of a select, in its groups or not."""
    groups = element.get("option_groups") or []
    return list(element.get("options") or []) + [option for group in groups for option in group.get("options") or []]


def checked_blocks(blocks: Any, complain: Callable[[str], None], surface: str = "message") -> Checker:
    """Return what there is to know of a message's blocks; what is odd in them goes to `complain`.

    Raises:
        SlackError: Slack refuses them.
    """
    checker = Checker(surface)
    checker.blocks(blocks, "/blocks")
    for words in checker.odd:
        complain(words)
    if checker.wrong:
        raise SlackError("invalid_blocks", *checker.wrong)
    if checker.characters > CHARACTERS_MAX:
        raise SlackError("msg_blocks_too_long")
    return checker


def checked_view(view: Any, complain: Callable[[str], None], kind: str) -> Checker:
    """The same for a view."""
    checker = Checker(kind)
    checker.view(view)
    for words in checker.odd:
        complain(words)
    if checker.wrong:
        raise SlackError("invalid_arguments", *checker.wrong)
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES_MAX:
        raise SlackError("view_too_large")
    return checker
