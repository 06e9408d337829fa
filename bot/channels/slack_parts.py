"""Pieces of Slack's views, each cut to what Slack takes of it; and the seal on what a view carries for us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from bot.channels.markup import ELLIPSIS, cut, parts, units, whole

Block = dict[str, Any]
View = dict[str, Any]

MOST_BLOCKS = 100  # of a view
LONGEST_TITLE = 24  # characters; the same for what stands on submit and close
LONGEST_LABEL = 2000  # of an input; the same for its hint
LONGEST_SECTION = 3000
LONGEST_OPTION = 75  # of its text, its description, and to be safe its value
LONGEST_PLACEHOLDER = 150
LONGEST_BUTTON = 75
LONGEST_INPUT = 3000  # what can be typed into one
LONGEST_ERROR = 500  # below an input: more is not read
MOST_OPTIONS = 100  # of a select, and of each of its groups
MOST_SHOWN = 10  # checkboxes, or radio buttons
LONGEST_SEALED = 3000  # private_metadata
ANSWER = "answer"  # action_id of an input: its block_id says which

# Action ids. A menu of countries asks for its options while somebody types.
SAY = "say:"  # begins that of whatever says a choice
FORM = "form"  # of the button that opens the question's form, and the value of its token
COUNTRY = "country"  # of a menu of all countries, and the value of the token that is its block's id


def plain(text: str, longest: int = LONGEST_SECTION) -> Block:
    """The text as it is: nothing in it is markup, an emoji or a mention."""
    return {"type": "plain_text", "text": clipped(text, longest) or " ", "emoji": False}


def marked(text: str, longest: int = LONGEST_SECTION) -> Block:
    """Text of ours in Slack's markup. What people wrote comes into it through `escaped` only."""
    return {"type": "mrkdwn", "text": clipped(text, longest) or " "}


def order_of(ts: str) -> int:
    """Microseconds since 1970: Slack's order of messages, in all chats."""
    return int(ts.replace(".", ""))


def escaped(text: str) -> str:
    """The text so that Slack reads no link, no mention and no entity in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clipped(text: str, longest: int) -> str:
    """The text with its lines, and an ellipsis where it was longer than so many units."""
    text = whole(text).strip()
    if units(text) <= longest:
        return text
    return parts(text, longest - len(ELLIPSIS))[0] + ELLIPSIS


def section(text: Block, **more: Any) -> Block:
    return {"type": "section", "text": text, **more}


def context(text: Block) -> Block:
    return {"type": "context", "elements": [text]}


def option(value: str, label: str, description: str = "") -> Block:
    found: Block = {"text": plain(cut(label, LONGEST_OPTION)), "value": value}
    return {**found, "description": plain(cut(description, LONGEST_OPTION))} if description else found


def button(action: str, value: str, label: str, **more: Any) -> Block:
    return {"type": "button", "action_id": action, "value": value, "text": plain(cut(label, LONGEST_BUTTON)), **more}


def asked(name: str, label: str, element: Block, *, hint: str = "", heard: bool = False) -> Block:
    """An input that may stay empty. `heard`: we are told of what is entered before it is submitted."""
    block: Block = {
        "type": "input", "block_id": name, "optional": True, "label": plain(label, LONGEST_LABEL), "element": element,
    }  # fmt: skip
    if hint.strip():
        block["hint"] = plain(hint, LONGEST_LABEL)
    return {**block, "dispatch_action": True} if heard else block


def modal(kind: str, title: str, blocks: Sequence[Block], sealed: str, *, submit: str, close: str) -> View:
    """A modal that tells us when it is closed. Without a word on `submit` it can only be read."""
    view: View = {
        "type": "modal", "callback_id": kind, "title": plain(cut(title, LONGEST_TITLE)),
        "close": plain(cut(close, LONGEST_TITLE)), "blocks": list(blocks)[:MOST_BLOCKS],
        "private_metadata": sealed, "notify_on_close": bool(submit),
    }  # fmt: skip
    return {**view, "submit": plain(cut(submit, LONGEST_TITLE))} if submit else view


def entered(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the inputs of a view hold, by block: a text, a list of values, a list of files; "" where nothing is.

    Slack escapes and decorates none of it, other than what is written in messages.
    """
    found: dict[str, Any] = {}
    for name, actions in values.items():
        for held in actions.values() if isinstance(actions, Mapping) else ():
            if isinstance(held, Mapping):
                found[str(name)] = _held(held)
    return found


def _held(held: Mapping[str, Any]) -> Any:
    if "files" in held:
        return list(held["files"] or ())
    if "selected_options" in held:
        return [str(one.get("value", "")) for one in held["selected_options"] or ()]
    if "selected_option" in held:
        return str((held["selected_option"] or {}).get("value", ""))
    return whole(str(held.get("value") or held.get("selected_date") or ""))


class Seals:
    """Signs what a view carries for us, for the one who has it open."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` newest first: the first signs, all are accepted."""
        if not keys:
            raise ValueError("no key to seal views with: SECRET_KEYS is empty")
        self._keys = list(reversed(keys))  # itsdangerous signs with the last one

    def sealed(self, kind: str, user: str, *values: Any) -> str:
        """The values for a view of that kind, which that user of Slack may send back.

        Raises:
            ValueError: longer than Slack takes.
        """
        sealed = str(self._serializer(kind, user).dumps(values))
        if len(sealed) > LONGEST_SEALED:
            raise ValueError(f"{len(sealed)} characters of private_metadata")
        return sealed

    def opened(self, kind: str, user: str, sealed: str) -> Sequence[Any] | None:
        """What was sealed, or None when it was changed, or sealed for another kind of view or another user."""
        try:
            values = self._serializer(kind, user).loads(sealed)
        except BadData:
            return None
        return values if isinstance(values, list) else None

    def _serializer(self, kind: str, user: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"senderdesk:slack:{kind}:{user}")
