"""What stands in blocks for a reader: words, buttons, menus, inputs, and what the inputs hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot_methods import Params
from slack_blocks import MULTI, WRITTEN, options_of
from slack_texts import Names, links, shown

HOLDS = {  # of each element, the name of what it holds
    **dict.fromkeys(WRITTEN, "value"), **dict.fromkeys(MULTI | {"checkboxes"}, "selected_options"),
    "static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
    "datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
    "users_select": "selected_user", "conversations_select": "selected_conversation",
    "channels_select": "selected_channel", "file_input": "files",
}  # fmt: skip
_INITIAL = {
    "value": "initial_value", "selected_options": "initial_options", "selected_option": "initial_option",
    "selected_date": "initial_date", "selected_time": "initial_time", "selected_date_time": "initial_date_time",
    "selected_user": "initial_user", "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel", "files": "",
}  # fmt: skip
State = dict[str, dict[str, Params]]  # block id -> action id -> value


def elements(blocks: list[Params]) -> Iterator[tuple[Params, Params]]:
    """Each interactive element with its block."""
    for block in blocks:
        inner = block.get("elements") or [] if block["type"] == "actions" else []
        for element in (*inner, block.get("accessory"), block.get("element")):
            if element and element["type"] != "image":
                yield block, element


def option_text(option: Params) -> str:
    return str(option["text"]["text"])


def label(block: Params, element: Params) -> str:
    """What a person calls it: the words on a button, the label of an input, the placeholder of a menu."""
    if element["type"] == "button":
        return str(element["text"]["text"])
    if block["type"] == "input":
        return str(block["label"]["text"])
    return str(element.get("placeholder", {}).get("text", "")) or str(block.get("text", {}).get("text", ""))


def blank(element: Params) -> Params:
    """What it holds before anybody touched it."""
    name = HOLDS[element["type"]]
    empty: Any = [] if name in ("selected_options", "files") else None
    return {"type": element["type"], name: element.get(_INITIAL[name], empty)}


def state_of(blocks: list[Params], before: State | None = None) -> State:
    """What all inputs hold; an input with the same two ids as before keeps it."""
    state: State = {}
    for block, element in elements(blocks):
        if element["type"] in HOLDS:
            kept = (before or {}).get(block["block_id"], {}).get(element["action_id"])
            same = kept is not None and kept["type"] == element["type"]
            state.setdefault(block["block_id"], {})[element["action_id"]] = kept if same and kept else blank(element)
    return state


def with_value(element: Params, value: Any, offered: list[Params]) -> Params:
    """What it holds once somebody entered or chose a value: a text, an option's text, several of them, files.

    Raises:
        AssertionError: there is no such option, and a client offers only those.
    """
    kind, name = element["type"], HOLDS[element["type"]]
    if name not in ("selected_option", "selected_options"):
        return {"type": kind, name: value}
    choices = {option_text(option): option for option in options_of(element) + offered}

    def chosen(text: str) -> Params:
        assert text in choices, f"no option {text!r} among {list(choices)}"
        return choices[text]

    if name == "selected_option":
        return {"type": kind, name: None if value is None else chosen(value)}
    return {"type": kind, name: [chosen(text) for text in ([value] if isinstance(value, str) else value)]}


def client_refuses(block: Params, element: Params, value: Params) -> str:
    """What her client says before anything is sent; empty when it has nothing to say."""
    held = value[HOLDS[element["type"]]]
    if not held:
        return "" if block.get("optional") else "Please complete this required field."
    kind = element["type"]
    if kind in WRITTEN and "min_length" in element and len(held) < element["min_length"]:
        return f"Please enter at least {element['min_length']} characters."
    if kind == "plain_text_input" and len(held) > element.get("max_length", 3000):
        return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", held):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.match(r"https?://\S+\.\S+", held):
        return "Please enter a valid URL."
    if kind == "number_input" and not re.fullmatch(r"-?\d+(\.\d+)?", held):
        return "Please enter a valid number."
    if kind == "file_input" and len(held) > element.get("max_files", 10):
        return f"Please choose no more than {element.get('max_files', 10)} files."
    return ""


@dataclass
class Shown:
    """Blocks as a reader has them before her."""

    lines: list[str] = field(default_factory=list)
    buttons: list[list[str]] = field(default_factory=list)  # labels, a row a block
    menus: dict[str, list[str]] = field(default_factory=dict)  # placeholder -> texts of the options
    inputs: list[str] = field(default_factory=list)  # labels
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def render(blocks: list[Params], names: Names, zone: str | None) -> Shown:
    seen = Shown()
    for block in blocks:
        seen.lines += [line for line in _lines(block, seen, names, zone) if line]
        inside = [element for owner, element in elements([block]) if owner is block]
        if buttons := [str(e["text"]["text"]) for e in inside if e["type"] == "button"]:
            seen.buttons.append(buttons)
        seen.links += [(e["url"], e["text"]["text"]) for e in inside if e["type"] == "button" and "url" in e]
        for element in inside:
            if block["type"] == "input":
                seen.inputs.append(label(block, element))
            elif element["type"] != "button":
                seen.menus[label(block, element)] = [option_text(option) for option in options_of(element)]
    return seen


def _lines(block: Params, seen: Shown, names: Names, zone: str | None) -> list[str]:
    def words(text: Params | None) -> str:
        if not text:
            return ""
        if text["type"] == "mrkdwn":
            seen.links.extend(links(text["text"]))
        return shown(text["text"], names, zone) if text["type"] == "mrkdwn" else str(text["text"])

    kind = block["type"]
    if kind in ("section", "header"):
        return [words(block.get("text")), *(words(text) for text in block.get("fields") or [])]
    if kind == "context":
        return [" ".join(words(e) if e["type"] != "image" else f"[{e['alt_text']}]" for e in block["elements"])]
    if kind == "input":
        return [words(block["label"]), words(block.get("hint"))]
    if kind == "image":
        return [words(block.get("title")), f"[{block['alt_text']}]"]
    if kind == "markdown":
        return [re.sub(r"\*\*|__|^#+ |`|\[([^]]*)\]\([^)]*\)", r"\1", block["text"], flags=re.MULTILINE)]
    if kind == "table":
        return [" | ".join(rich_text(cell) for cell in row) for row in block["rows"]]
    return [rich_text(block)] if kind == "rich_text" else []


def rich_text(value: Any) -> str:
    """The characters of rich text, however deep they lie."""
    if isinstance(value, list):
        return "".join(rich_text(item) for item in value)
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("text"), str):
        return str(value["text"])
    return rich_text(value.get("elements")) or str(value.get("url", ""))
