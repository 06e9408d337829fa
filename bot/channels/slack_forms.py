"""A form as Slack's modals: one view a step, what was entered, and what is wrong with it below each input."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zlib import crc32

from bot.channels.markup import cut, units, whole
from bot.channels.slack_parts import (
    ANSWER,
    COUNTRY,
    LONGEST_ERROR,
    LONGEST_INPUT,
    LONGEST_OPTION,
    LONGEST_PLACEHOLDER,
    MOST_OPTIONS,
    MOST_SHOWN,
    Block,
    View,
    asked,
    clipped,
    entered,
    modal,
    option,
    plain,
    section,
)
from bot.words import squeezed
from conversations.interview.forms import Entry, Form
from conversations.model import Case, IncomingFile, Registration, Status, Text
from rules.schema import FieldType

if TYPE_CHECKING:
    from bot.words import Words
    from rules.book import Book

KIND = "form"  # callback_id
FILES = "files"  # block_id of the file input
COLLECTS = (Status.DOCUMENTS_RENDERED, Status.NEEDS_CORRECTION)  # papers are sent then
MOST_ASKED = 40  # inputs of one step: a longer one nobody fills in
MOST_BYTES = 200_000  # of one view; Slack refuses 250,000
FEW = 5  # options that are shown all at once
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One view of a form: what it asks, and what comes after it."""

    form: Form
    entries: tuple[Entry, ...]
    left: int  # entries that had no room
    files: bool  # it takes papers too


def collects(registration: Registration | None) -> bool:
    """Whether papers of this registration are wanted now."""
    return registration is not None and registration.status in COLLECTS


def step(form: Form, files: bool, seen: Collection[str] = (), most: int = MOST_ASKED) -> Step | None:
    """The next view: what was not shown in an earlier one, as far as it has room. None when nothing is left."""
    rest = [entry for entry in form.entries if short(entry.name) not in seen]
    taken: list[Entry] = []
    size = 0
    for entry in rest:
        size += _bytes(entry)
        if taken and (len(taken) == most or size > MOST_BYTES):
            break
        taken.append(entry)
    here = files and len(taken) == len(rest) and short(FILES) not in seen
    return Step(form, tuple(taken), len(rest) - len(taken), here) if taken or here else None


def short(name: str) -> str:
    """A few characters for a name: what a view carries of the steps before it has little room."""
    return f"{crc32(name.encode()):08x}"[:6]


def _bytes(entry: Entry) -> int:
    """At least what the entry takes in a view, in whatever language its words are."""
    texts = [entry.name, entry.label, entry.help, entry.placeholder, entry.value]
    options = 200 * len(entry.choices)
    return 1000 + options + 2 * sum(len(json.dumps(str(text))) for text in texts)


def view(now: Step, words: Words, book: Book, sealed: str) -> View:
    """The step as a modal."""
    form = now.form
    country = book.country_name(form.country, str(words.locale))
    blocks: list[Block] = []
    if now.entries:
        blocks.append(section(plain(words.text(Text("form_intro", {"country": country, "reference": form.reference})))))
    blocks += [_input(entry, words, book) for entry in now.entries]
    if now.files:
        element = {"type": "file_input", "action_id": ANSWER, "max_files": MOST_FILES}
        blocks.append(asked(FILES, words.text(Text("form_files")), element, hint=words.text(Text("form_files_hint"))))
    return modal(
        KIND, f"{form.reference} · {country}", blocks, sealed,
        submit=words.text(Text("form_go_on" if now.left else "form_send")), close=words.text(Text("form_close")),
    )  # fmt: skip


def _input(entry: Entry, words: Words, book: Book) -> Block:
    label = words.value(entry.label)
    if entry.required:
        label = words.text(Text("form_needed", {"label": label}))
    hint = squeezed(words.value(entry.help))
    if in_full := _shortened(entry, words):
        hint = f"{hint}\n{in_full}".strip()
    return asked(entry.name, label, _element(entry, words, book), hint=hint, heard=True)


def _element(entry: Entry, words: Words, book: Book) -> Block:
    """What it is answered with. Only where our reader takes all that it gives; our readers take more than most."""
    placeholder = cut(words.value(entry.placeholder), LONGEST_PLACEHOLDER)
    if entry.kind == FieldType.COUNTRY and not entry.many:
        return _countries(entry, words, book)
    if entry.kind == FieldType.DATE and not entry.many and _is_day(entry.value):
        return {"type": "datepicker", "action_id": ANSWER, **({"initial_date": entry.value} if entry.value else {})}
    if 0 < len(entry.choices) <= MOST_OPTIONS and not entry.many:
        return _options(entry, words)
    longest = LONGEST_INPUT if entry.many else min(LONGEST_INPUT, max(entry.longest, units(entry.value)))
    element: Block = {
        "type": "plain_text_input", "action_id": ANSWER, "max_length": longest,
        "multiline": entry.many or entry.longest > LONGEST_PLACEHOLDER,
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }  # fmt: skip
    if placeholder:
        element["placeholder"] = plain(placeholder)
    if entry.value and units(entry.value) <= LONGEST_INPUT:
        element["initial_value"] = whole(entry.value)
    return element


def _is_day(text: str) -> bool:
    """Whether a calendar can show it: a day, or nothing yet."""
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _countries(entry: Entry, words: Words, book: Book) -> Block:
    element: Block = {"type": "external_select", "action_id": COUNTRY, "min_query_length": 0}
    element["placeholder"] = plain(words.text(Text("form_country")), LONGEST_PLACEHOLDER)
    found = book.find(entry.value) if entry.value else None
    if found is not None and found.kind == "one":
        code = found.countries[0]
        element["initial_option"] = option(code, book.country_name(code, str(words.locale)))
    return element


def _options(entry: Entry, words: Words) -> Block:
    """A few are shown all at once, more in a list."""
    options = [option(_value(entry, number), words.value(label)) for number, (_, label) in enumerate(entry.choices)]
    kind = "radio_buttons" if len(options) <= min(FEW, MOST_SHOWN) else "static_select"
    element: Block = {"type": kind, "action_id": ANSWER, "options": options}
    if kind == "static_select":
        element["placeholder"] = plain(words.text(Text("form_choose")), LONGEST_PLACEHOLDER)
    if (chosen := _chosen(entry, words)) is not None:
        element["initial_option"] = options[chosen]
    return element


def _value(entry: Entry, number: int) -> str:
    """The choice's value, or its number where that has no room: the reader takes either."""
    value = entry.choices[number][0]
    return value if 0 < len(value) <= LONGEST_OPTION else str(number + 1)


def _chosen(entry: Entry, words: Words) -> int | None:
    """Which of the choices was answered before the form was closed."""
    for number, (value, label) in enumerate(entry.choices):
        if entry.value and entry.value in (value, _value(entry, number), words.value(label)):
            return number
    return None


def _shortened(entry: Entry, words: Words) -> str:
    """The labels of options that were cut, in full."""
    labels = [words.value(label) for _, label in entry.choices]
    return "\n".join(label for label in labels if cut(label, LONGEST_OPTION) != label)


# --- what comes back ----------------------------------------------------------------------------------------------


def answers(values: Mapping[str, Any]) -> dict[str, str]:
    """What was entered, by name of the entry; "" where nothing was."""
    return {name: whole(value) for name, value in entered(values).items() if isinstance(value, str)}


def files(values: Mapping[str, Any], prefix: str) -> tuple[IncomingFile, ...]:
    """The papers that were chosen. `prefix` begins what the channel's download knows a file by."""
    found = entered(values).get(FILES)
    return tuple(_file(file, prefix) for file in found or () if isinstance(file, Mapping) and file.get("id"))


def _file(file: Mapping[str, Any], prefix: str) -> IncomingFile:
    size = file.get("size")
    return IncomingFile(
        f"{prefix}:{file['id']}", str(file.get("name") or file["id"]), size if isinstance(size, int) else None,
        str(file.get("mimetype") or ""),
    )  # fmt: skip


def errors(problems: Mapping[str, Text], shown: Collection[str], words: Words) -> dict[str, str]:
    """What is wrong, by block: of those in the view."""
    return {
        name: clipped(squeezed(words.text(text)), LONGEST_ERROR) for name, text in problems.items() if name in shown
    }


def registration_of(case: Case | None, reference: str) -> Registration | None:
    """The registration of that reference, when it is one of this chat's customer."""
    found: Sequence[Registration] = tuple(case.registrations.values()) if case else ()
    return next((one for one in found if one.reference == reference), None)
