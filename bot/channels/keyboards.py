"""Choices as buttons below a message: what fits beside each other, what is cut, what has to be written instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.channels.markup import cut, units

MOST = 100  # buttons of one keyboard, measured: Telegram does not say
MOST_BYTES = 9000  # of one keyboard, with what stands around each button; Telegram refuses about 10 kB
AROUND = 40  # bytes
LONGEST_LABEL = 60  # units; more than a phone shows in any case
LONGEST_COPY = 256  # units a button can put on the clipboard
WIDEST = {3: 9, 2: 15}  # columns of the widest label when so many share a row on a phone


@dataclass(frozen=True, slots=True)
class Button:
    """One button: it sends a token, or puts a text on the clipboard for the person to paste."""

    label: str
    token: str | None = None
    copies: str = ""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Rows of buttons, and what they could not hold."""

    rows: tuple[tuple[Button, ...], ...] = ()
    shortened: tuple[str, ...] = ()  # labels in full that were cut
    left_out: tuple[str, ...] = ()  # labels of choices without a button


def laid_out(
    choices: Sequence[tuple[str, str]], token: Callable[[str], str | None], to_copy: Callable[[str], str]
) -> Keyboard:
    """The choices (value, label) as a keyboard. `token` is None for a value too long for one; such a button copies."""
    buttons: list[Button] = []
    shortened: list[str] = []
    left_out: list[str] = []
    room = MOST_BYTES
    for value, full in choices:
        full = " ".join(full.split()) or value
        button = _button(value, full, token, to_copy)
        room -= _bytes(button) if button else 0
        if button is None or len(buttons) == MOST or room < 0:
            left_out.append(full)
            continue
        buttons.append(button)
        if cut(full, LONGEST_LABEL) != full:
            shortened.append(full)
    return Keyboard(tuple(_rows(buttons)), tuple(shortened), tuple(left_out))


def _button(value: str, label: str, token: Callable[[str], str | None], to_copy: Callable[[str], str]) -> Button | None:
    if made := token(value):
        return Button(cut(label, LONGEST_LABEL), token=made)
    if 0 < units(value) <= LONGEST_COPY:
        return Button(to_copy(cut(label, LONGEST_LABEL)), copies=value)
    return None


def _bytes(button: Button) -> int:
    return AROUND + len((button.label + (button.token or button.copies)).encode())


def _rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    """Short labels beside each other, at most three, long ones alone; the order stays."""
    rows = []
    rest = list(buttons)
    while rest:
        count = next((count for count in WIDEST if _fit(rest, count)), 1)
        rows.append(tuple(rest[:count]))
        rest = rest[count:]
    return rows


def _fit(buttons: Sequence[Button], count: int) -> bool:
    """Whether the next so many share a row. Four short ones are two and two, not three and one."""
    if len(buttons) < count or (count == 3 and len(buttons) == 4):
        return False
    return all(width(button.label) <= WIDEST[count] for button in buttons[:count])


def width(text: str) -> int:
    """Columns the text takes: Chinese characters and emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
