"""Whether the texts of the rule files fit where they are shown: buttons, menus, forms and messages of every channel.

Lengths are UTF-16 code units, as Telegram and Slack count them: an emoji is two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rules.schema import Document, Field, Pack


class Room(NamedTuple):
    """How long a text may be where it is shown. Beyond `most` a channel cuts it, beyond `good` it is hard to read."""

    good: int
    most: int
    where: str


BUTTON = Room(60, 75, "a button: Telegram shows 60, Slack takes 75")
QUESTION = Room(300, 2000, "a question: Slack's forms take 2000")
HINT = Room(600, 2000, "the hint of a form: Slack takes 2000")
PLACEHOLDER = Room(150, 3000, "an empty input: Slack shows 150")
ASKED = Room(2000, 3500, "one message with the question and the hint: Slack takes 4000")
SENTENCE = Room(600, 3000, "one paragraph: Slack takes 3000")
MESSAGE = 3900  # of one message: Telegram takes 4096, Slack 4000 with how far one is
LONGEST_VALUE = 40  # bytes a Telegram button carries beside its signature
KEYBOARD = 9000  # bytes of all buttons of one message in Telegram
AROUND = 64  # bytes of them a button takes beside its label and its value
MOST_CHOICES = 100  # Slack's menus and Telegram's keyboards hold no more

EXACT = frozenset({"prefixes", "suffixes", "begins_with", "symbols", "not_first", "not_last", "pattern", "reads"})
ONE_LINE = frozenset({"label", "choice_labels", "question", "title", "name", "example", "phrases"})


def check_field_fits(field: Field) -> Iterator[tuple[str, str, str]]:
    """(key, level, text) of the field's texts that have no room, or are not written as they will be shown."""
    rooms = {
        "label": BUTTON, "question": QUESTION, "hint": HINT, "why": SENTENCE, "uncertain": SENTENCE,
        "example": PLACEHOLDER,
    }  # fmt: skip
    for key, room in rooms.items():
        yield from _room(key, getattr(field, key), room)
    if field.also:
        yield from _room("also.adds", f"{field.question} {field.also.adds}", QUESTION)
        yield from _room("also.example", field.also.example, PLACEHOLDER)
    for choice, label in field.choice_labels.items():
        yield from _room(f"choice_labels.{choice}", label, BUTTON)
    for number, stop in enumerate(field.stops_when):
        yield from _room(f"stops_when.{number}", f"{stop.text} {stop.alternative}", SENTENCE)
    yield from _choices(field)
    yield from _room("phrases", "\n".join((field.question or field.label, field.hint or "", *field.phrases)), ASKED)
    if _bytes(f"edit {field.name}") > LONGEST_VALUE:
        yield (
            "name",
            "error",
            f"has more than {LONGEST_VALUE - 5} characters, what a button to edit it holds: shorten it",
        )
    yield from _written(field.model_dump(exclude={"name"}))


def check_document_fits(document: Document) -> Iterator[tuple[str, str, str]]:
    """(key, level, text) of the document's texts that have no room, or are not written as they will be shown."""
    for carrier in document.addressees or ("",):
        title = f"{document.title} ({carrier})" if carrier else document.title
        yield from _room("title", document.title if carrier and carrier.split()[0] in title else title, BUTTON)
        if (
            _bytes(code := f"{document.code}:{carrier}" if len(document.addressees) > 1 else document.code)
            > LONGEST_VALUE
        ):
            yield "code", "error", f"{code} has more than {LONGEST_VALUE} bytes, what a button holds: shorten it"
    for key in ("notes", "uncertain", "signed_by"):
        yield from _room(key, getattr(document, key), SENTENCE)
    yield from _written(document.model_dump(exclude={"code"}))


def check_pack_fits(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """(key, level, text) of a country's own texts, those of its fields and documents apart."""
    yield from _room("name", pack.name, BUTTON)
    plain = pack.model_dump(mode="json", exclude={"fields", "documents", "name"})
    for key, text in _texts(plain):
        if key.rpartition(".")[2] not in ("url", "title"):
            yield from _room(key, text, SENTENCE)
    yield from _written(plain)
    if (told := _briefing(pack)) > MESSAGE:
        text = f"with all else that is said before the start are {told} characters: more than one message of {MESSAGE}"
        yield "notes", "warning", f"{text}; say the less important shorter"


def _briefing(pack: Pack) -> int:
    """About how long the message is that says what the country asks."""
    registry = (*pack.registry.needs, *pack.registry.steps, *pack.registry.choose) if pack.registry else ()
    lines = (
        *pack.prepare, *pack.notes, *pack.uncertain, *registry, *(document.title for document in pack.documents),
        *(fee.text for fee in pack.fees), *(hours.text for hours in pack.quiet_hours),
        *(stop.text for field in pack.fields for stop in field.stops_when),
    )  # fmt: skip
    return 400 + sum(units(line) + 20 for line in lines)


def _choices(field: Field) -> Iterator[tuple[str, str, str]]:
    choices = field.limits.choices or ()
    for choice in choices:
        if _bytes(choice) > LONGEST_VALUE:
            yield (
                "limits.choices",
                "error",
                f"{choice} has more than {LONGEST_VALUE} bytes, what a button holds: shorten it",
            )
    if len(choices) > MOST_CHOICES:
        yield (
            "limits.choices",
            "error",
            f"{len(choices)} choices, a menu holds {MOST_CHOICES}: ask in two steps, or as text",
        )
    elif (
        sum(AROUND + _bytes(field.choice_labels.get(choice, choice)) + _bytes(choice) for choice in choices) > KEYBOARD
    ):
        yield "limits.choices", "error", "are more than Telegram's buttons hold: fewer choices, or shorter words"
    labels = list(field.choice_labels.values())
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield "choice_labels", "error", f"two choices are called {label}: nobody can tell them apart"


def _room(key: str, text: str | None, room: Room) -> Iterator[tuple[str, str, str]]:
    length = units(text or "")
    if length > room.most:
        yield key, "error", f"has {length} characters, {room.most} have room in {room.where}; shorten it"
    elif length > room.good:
        yield key, "warning", f"has {length} characters; shorten it to {room.good}, for {room.where}"


def _written(plain: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Spaces and signs that nobody sees in the file, and everybody in the chat."""
    for key, text in _texts(plain):
        names = key.split(".")
        if any(name in EXACT for name in names):
            continue
        if text != text.strip():
            yield key, "error", "begins or ends with a space: remove it"
        if "\n" in text and (names[-1] in ONE_LINE or names[0] in ONE_LINE):
            yield key, "error", "has several lines where one is shown: write it on one line"
        if re.search(r"[^\S\n]{2,}|[\x00-\x09\x0b-\x1f\x7f\u200b\ufeff]", text.strip()):
            yield key, "error", "has two spaces together, a tab, or a sign nobody sees: write it with single spaces"


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(dotted key, text) of every text in plain values."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{key}.{number}")


def units(text: str) -> int:
    """The length of a text as Telegram and Slack count it."""
    return len(text) + sum(character > "\uffff" for character in text)


def _bytes(text: str) -> int:
    return len(text.encode())
