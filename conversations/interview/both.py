"""Two questions in one message: which, and what of an answer belongs to which."""

from __future__ import annotations

from conversations.interview.plan import applicable, settled
from conversations.model import Registration
from conversations.talk import Talk
from rules.schema import Field
from rules.shortcuts import Also


def asked_too(talk: Talk, registration: Registration, field: Field) -> Also | None:
    """The other question that is asked in the same message, as long as it is open."""
    also = _also(talk, registration, field)
    return also if also and also.field not in settled(registration) else None


def parts(talk: Talk, registration: Registration, field: Field, text: str) -> tuple[str, str | None]:
    """What of the text answers this question, and what the other, where the country asks that too."""
    also = _also(talk, registration, field)
    return (also.parts(text) if also else None) or (text, None)


def other(talk: Talk, registration: Registration, field: Field) -> Field | None:
    """The other question, where it is asked with the answers given so far."""
    named = field.also.field if field.also else None
    return next((one for one in applicable(registration, talk.pack(registration)) if one.name == named), None)


def _also(talk: Talk, registration: Registration, field: Field) -> Also | None:
    """The other question, where it is asked now, or comes with the answer to this one."""
    if field.also is None or other(talk, registration, field):
        return field.also
    named = next((one for one in talk.pack(registration).fields if one.name == field.also.field), None)
    brought = named is not None and named.required_when is not None and field.name in named.required_when.fields()
    return field.also if brought else None
