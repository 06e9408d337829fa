"""A message as Slack gets it: Block Kit within its limits, and the same in words beside it.

The words are the notification and what is read aloud, so they say all that the blocks say: a message is cut where the
words would be too long. Slack counts the characters of its markup; a text is cut so that they fit once written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from bot.channels import Rendered
from bot.channels.markup import CODE, cut, parts, units, whole
from bot.channels.slack_parts import COUNTRY, FORM, SAY, escaped
from bot.channels.tokens import Tokens
from bot.words import Catalogs, Words
from conversations.model import Text
from conversations.words import Word
from storage.store import Outgoing

log = structlog.get_logger()

LONGEST = 3900  # units of one message: 4000 are advised for its words, and how far one is comes behind
LONGEST_SECTION = 3000
LONGEST_LABEL = 75
LONGEST_PLACEHOLDER = 150
LONGEST_VALUE = 2000  # of a button
LONGEST_OPTION = 75  # the value of one; Slack's pages differ, this is the smaller limit
READABLE = 40  # units of a label; Slack may show fewer than it takes
FEW = 10  # choices that are buttons; more are a menu
MOST_BUTTONS = 21  # of 25 elements, beside three menus and the form
MOST_OPTIONS = 100
MOST_OF_MENU = 7000  # units of labels and values, for a message's blocks may not have more than 12 000 together

ALWAYS = (Word.BACK, Word.LATER, Word.WHY, Word.EXAMPLE, Word.HELP)  # five is the most such a menu holds

Block = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Addresses, and what people copy. The rest of a text is never markup.
_MARKED = re.compile(rf"(https?://[^\s<>|\"]*[^\s<>|\".,;:!?)'\]}}]|{CODE.pattern})")
# What Slack would take for bold, italic, struck, code, a quotation or an emoji. Nothing escapes it.
_FORMATTED = re.compile(
    r"(?<![^\W_])([*_~])(?=\S)[^\n]*?(?<=\S)\1(?![^\W_])|`[^`\n]+`|```|^>|:[\w+'-]*[a-z1][\w+'-]*:", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Part:
    """One message: `text` are its words, `blocks` how it is shown; `plain` is for when the blocks are refused."""

    text: str
    blocks: tuple[Block, ...]
    plain: str

    @property
    def has_buttons(self) -> bool:
        return any(block["type"] == "actions" for block in self.blocks)

    @property
    def without_buttons(self) -> list[Block]:
        return [block for block in self.blocks if block["type"] != "actions"]


@dataclass(slots=True)
class _Offered:
    """The choices of a message as elements, and what they could not hold."""

    elements: list[Block] = field(default_factory=list)
    shortened: list[str] = field(default_factory=list)  # labels in full that were cut
    left_out: list[str] = field(default_factory=list)  # labels of choices without a button


class Composer:
    """Puts a message's words and buttons together."""

    def __init__(self, tokens: Tokens, catalogs: Catalogs) -> None:
        self._tokens, self._catalogs = tokens, catalogs
        self.refused = 0

    def composed(self, outgoing: Outgoing, rendered: Rendered, *, is_private: bool, left_out: int = 0) -> list[Part]:
        """The message for its reader, the buttons below its last part. `left_out`: files that could not be sent."""
        say = outgoing.say
        words = self._catalogs.words(outgoing.locale, outgoing.time_zone)
        token = partial(self._tokens.made, outgoing.chat, say.registration, outgoing.asked, longest=LONGEST_VALUE)
        choices = [(whole(value), clean(label)) for value, label in rendered.choices]
        choose = words.text(Text("slack_choose"))
        offered = _offered(choices, token, choose)
        text = clean(rendered.text)
        paragraphs = [text]
        if left_out:
            paragraphs.append(words.text(Text("slack_file_left_out", {"n": left_out})))
        if in_full := [label for label in offered.shortened if label not in text]:
            paragraphs.append(words.text(Text("slack_in_full", {"choices": _listed(in_full)})))
        if offered.left_out:
            paragraphs.append(words.text(Text("slack_write_instead", {"choices": _listed(offered.left_out)})))
        said = list(fitting("\n\n".join(filter(None, paragraphs)), LONGEST))
        if not said:
            return []
        actions: Block = {"type": "actions", "elements": offered.elements}
        if is_private and say.asks and say.wants == "country":
            actions["block_id"] = token(COUNTRY)
            placeholder = cut(clean(rendered.placeholder), LONGEST_PLACEHOLDER) or choose
            offered.elements.append(_all_countries(placeholder))
        if is_private and say.asks and say.wants and say.registration is not None and (form := token(FORM)):
            offered.elements.append(_button(FORM, words.text(Text("slack_choice_form")), form))
        if is_private and say.asks:
            offered.elements.append(_always(token))
        found = [Part(escaped(one), tuple(_sections(one)), escaped(one)) for one in said]
        more: list[Block] = []
        last = said[-1]
        if small := _progress(outgoing, words):
            more.append({"type": "context", "elements": [_plain(small)]})
            last = f"{last}\n\n{small}"
        plain = last
        if called := _called(say.calls, outgoing.chat):
            more.append({"type": "section", "text": {"type": "mrkdwn", "text": called}})
        if offered.elements:
            more.append(actions)
            unsaid = [label for _, label in choices if label not in offered.left_out]
            plain += f"\n\n{words.text(Text('slack_write_instead', {'choices': _listed(unsaid)}))}" if unsaid else ""
        found[-1] = Part(escaped(last), (*found[-1].blocks, *more), escaped(_short(plain)))
        return found

    def markup_refused(self, outbox: int, what: str) -> None:
        """The platform did not take what was composed: somebody should hear of it, the message goes without."""
        self.refused += 1
        log.warning("markup_refused", channel="slack", outbox=outbox, what=what, count=self.refused)


# --- text


def clean(text: str) -> str:
    """The text without what no message holds: halves of characters, and those that are not to be seen."""
    return _CONTROL.sub("", whole(text).replace("\r\n", "\n"))


def mrkdwn(text: str) -> str:
    """The text in Slack's markup: addresses are links, and codes stand out to be copied."""
    return "".join(_mark(piece) if number % 2 else escaped(piece) for number, piece in enumerate(_MARKED.split(text)))


def _mark(piece: str) -> str:
    return f"<{escaped(piece)}>" if piece.startswith("http") else f"`{piece}`"


def fitting(text: str, longest: int, within: int = 0) -> Iterator[str]:
    """The text in pieces of at most `longest` units once they are written in Slack's markup."""
    within = within or longest
    for part in parts(text, within):
        if units(mrkdwn(part)) <= longest:
            yield part
        else:
            yield from fitting(part, longest, within // 2)


def _sections(text: str) -> Iterator[Block]:
    for part in fitting(text, LONGEST_SECTION):
        yield {"type": "section", "text": _shown(part)}


def _shown(text: str) -> Block:
    """A section's text. What Slack would read as formatting is shown as it is, at the cost of the links in it."""
    if _FORMATTED.search(" ".join(_MARKED.split(text)[::2])):
        return _plain(text)
    # verbatim: else it makes links of #names, and calls of some @words
    return {"type": "mrkdwn", "text": mrkdwn(text), "verbatim": True}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _short(text: str) -> str:
    """As much of it as one message holds."""
    return next(fitting(text, LONGEST + 100), "")


def _called(principals: Iterable[str], chat: str) -> str:
    """Mentions of those of this workspace: Slack tells them that they are wanted."""
    workspace = chat.rpartition(":")[0]
    ids = [one.rpartition(":")[2] for one in principals if one.rpartition(":")[0] == workspace]
    return " ".join(f"<@{id}>" for id in ids if id.isalnum())


def _progress(outgoing: Outgoing, words: Words) -> str:
    progress = outgoing.say.progress
    if progress is None or not progress[1]:
        return ""
    return cut(words.text(Text("slack_progress", {"done": progress[0], "all": progress[1]})), 90)


def _listed(labels: Iterable[str]) -> str:
    return "\n".join(f"• {label}" for label in labels)


# --- choices


def _offered(choices: Sequence[tuple[str, str]], token: Callable[[str], str | None], choose: str) -> _Offered:
    """The choices (value, label): a few as buttons, many as a menu, and what fits neither to be written."""
    offered, options, seen, room = _Offered(), list[Block](), set[str](), MOST_OF_MENU
    buttons: list[Block] = []
    for value, full in choices:
        full = " ".join(full.split()) or value
        label, made = cut(full, LONGEST_LABEL), token(value)
        if made is None or not label:
            offered.left_out.append(full or value)
            continue
        taken = units(label) + units(made)
        if len(choices) > FEW and len(made) <= LONGEST_OPTION and len(options) < MOST_OPTIONS and taken <= room:
            if made in seen:  # the same choice twice
                continue
            options.append({"text": _plain(label), "value": made})
            room -= taken
            seen.add(made)
        elif len(buttons) < MOST_BUTTONS:
            buttons.append(_button(f"{SAY}{len(buttons) + 1}", label, made))
        else:
            offered.left_out.append(full)
            continue
        if units(full) > READABLE:
            offered.shortened.append(full)
    if options:
        menu = {"type": "static_select", "action_id": f"{SAY}0", "placeholder": _plain(choose), "options": options}
        offered.elements.append(menu)
    offered.elements += buttons
    return offered


def _button(action: str, label: str, token: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(cut(label, LONGEST_LABEL)), "value": token}


def _always(token: Callable[[str], str | None]) -> Block:
    """The words that work at every question, as the texts name them, behind three dots."""
    options = [{"text": _plain(word.value), "value": token(word.value)} for word in ALWAYS]
    return {"type": "overflow", "action_id": f"{SAY}always", "options": options}


def _all_countries(placeholder: str) -> Block:
    return {
        "type": "external_select", "action_id": COUNTRY, "placeholder": _plain(placeholder), "min_query_length": 0,
    }  # fmt: skip
