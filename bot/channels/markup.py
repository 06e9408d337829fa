"""A text as Telegram takes it: escaped HTML, in pieces that fit a message.

Lengths are UTF-16 code units, as Telegram counts them: an emoji is two. A text is cut while it is plain and escaped
afterwards, so that no cut falls into an entity.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

LONGEST = 4096  # units of one message
MOST_CODES = 90  # of one message: Telegram takes 100 entities, and makes some of its own for links
ELLIPSIS = "…"
JOINER = "\N{ZERO WIDTH JOINER}"

# What people copy: references of registrations, and invitations to the desk.
CODE = re.compile(r"(?<![\w-])(?:DESK-[A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z]{2}-[A-Z0-9]{4})(?![\w-])")


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def whole(text: str) -> str:
    """The text without halves of characters, which no platform takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def html(text: str, small: str = "") -> str:
    """The text in Telegram's HTML: codes can be copied by a tap, and an end that reads `small` is set apart."""
    if small and text.endswith(small):
        return f"{html(text.removesuffix(small))}<i>{escape(small, quote=False)}</i>"
    left = MOST_CODES

    def mark(found: re.Match[str]) -> str:
        nonlocal left
        left -= 1
        return f"<code>{found[0]}</code>" if left >= 0 else found[0]

    return CODE.sub(mark, escape(text, quote=False))


def parts(text: str, longest: int = LONGEST) -> list[str]:
    """The text in pieces of at most `longest` units: whole paragraphs where they fit, else lines, else words."""
    found, rest = [], text.strip()
    while units(rest) > longest:
        at = _border(rest, longest)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*found, rest] if rest else found


def cut(text: str, longest: int) -> str:
    """The text on one line, with an ellipsis where it was longer than so many units."""
    line = " ".join(text.split())
    if units(line) <= longest:
        return line
    return line[: _between(line, _within(line, longest - len(ELLIPSIS)))].rstrip() + ELLIPSIS


def _border(text: str, longest: int) -> int:
    """Where to cut, with as much before it as fits."""
    most = _within(text, longest)
    for gap in ("\n\n", "\n", " "):
        if (at := text.rfind(gap, 1, most + len(gap))) > 0:
            return at
    return _between(text, most)


def _within(text: str, longest: int) -> int:
    """How many characters fit into so many units."""
    taken = 0
    for at, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > longest:
            return at
    return len(text)


def _between(text: str, at: int) -> int:
    """The same place or one a little before it that does not part what is drawn as one: a letter and its accent."""
    for back in range(at, max(0, at - 16), -1):
        if not (_joins(text[back]) or text[back - 1] == JOINER):
            return back
    return at


def _joins(character: str) -> bool:
    return (
        character == JOINER
        or unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
