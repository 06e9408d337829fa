"""Words that a field's rules would take and that are hardly its answer: asked back, with the way to mean them."""

from __future__ import annotations

import re

from conversations.errors import BadAnswer
from rules.schema import Field, FieldType

QUESTION_MARKS = ("?", "？")
CHANGE = r"(?:but|and|except|only|just|with|without|shorter|longer|instead)"
CHANGED = re.compile(
    rf"(?:(?:number|sentence|no\.?|#) ?)?(?P<number>\d)[.:),]? {CHANGE}\b.*", re.IGNORECASE | re.DOTALL
)
MOST_OF_A_CHANGE = 12  # words: who writes more writes the answer
LONGEST_CHOICE = 64  # bytes that the button of every channel holds


def why(field: Field, text: str, offered: list[str]) -> BadAnswer | None:
    """What to say to a question, or to a ready sentence wanted otherwise than it stands; None for an answer."""
    written = text.strip()
    if at := _to_be_changed(written, len(offered)):
        return BadAnswer("bad_phrase_changed", number=at, text=offered[at - 1])
    if field.type is FieldType.TEXT and written.endswith(QUESTION_MARKS):
        return BadAnswer("bad_question", offer=_quoted(written), why=field.why or "")
    return None


def _to_be_changed(text: str, offered: int) -> int:
    """The number in "2 but shorter"; 0 for any other text."""
    found = CHANGED.fullmatch(text) if len(text.split()) <= MOST_OF_A_CHANGE else None
    return int(found["number"]) if found and 1 <= int(found["number"]) <= offered else 0


def _quoted(text: str) -> str | None:
    """As it is taken to the letter, where a button holds it."""
    quoted = f'"{text}"'
    return quoted if "\n" not in text and len(quoted.encode()) <= LONGEST_CHOICE else None
