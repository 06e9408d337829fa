"""Answers with which a registration can go no further: what stops, why, and what is possible instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.errors import BadAnswer
from conversations.interview.plan import applicable
from conversations.judgement import fields
from conversations.model import Choice, Registration, Text, Value
from rules.book import Book
from rules.conditions import Scalar
from rules.schema import HANDED_OVER, Field, FieldType, Pack, Stop


class Stopped(BadAnswer):
    """It reads, but the registration can go no further with it."""

    def __init__(self, stop: Stop) -> None:
        super().__init__("stopped_here", text=stop.text, alternative=stop.alternative)
        self.stop = stop


def read(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> Any:
    """The answer as it is kept, whatever way it came.

    Raises:
        Stopped: the registration can go no further with it.
        BadAnswer: what is wrong with it.
    """
    value = fields.read(field, text, answers, book)
    if stop := field.stop(answers, value):
        raise Stopped(stop)
    return value


def reread(field: Field, value: Any, answers: Mapping[str, Any], book: Book) -> Any:
    """An answer that was kept elsewhere, as it is kept by this question.

    Raises:
        Stopped, BadAnswer: as `read` does.
    """
    if field.type is not FieldType.COUNTRY:
        return read(field, typed(value), answers, book)
    if stop := field.stop(answers, value):  # a code, and no text that somebody typed
        raise Stopped(stop)
    return value


def typed(value: Any) -> str:
    """An answer as somebody would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def ways_on(field: Field, stop: Stop, answers: Mapping[str, Any]) -> list[Choice]:
    """The answers to the question with which it goes on, the one that is offered first."""
    if stop.offer is None:
        return []
    if isinstance(stop.offer, bool):
        return [Choice("yes", Text("choice_yes")) if stop.offer else Choice("no", Text("choice_no"))]
    values: list[Scalar] = [stop.offer]
    if field.type is FieldType.CHOICE:
        values += [one for one in field.limits.choices or () if one != stop.offer and not field.stop(answers, one)]
    return [Choice(str(value), field.choice_labels.get(str(value), str(value))) for value in values]


def stopped_by_now(registration: Registration, pack: Pack) -> list[tuple[Field, Stop]]:
    """The answers given before that stop it, now that another answer has changed."""
    return [
        (field, stop)
        for field in applicable(registration, pack)
        if field.stops_when
        and field.name in registration.answers
        and (stop := field.stop(registration.answers, registration.answers[field.name]))
    ]


def in_advance(pack: Pack) -> list[Value]:
    """What can stop a registration there, a line each, before its first question."""
    few = pack.handoff_fields if pack.route in HANDED_OVER and pack.handoff_fields else None
    asked = [field for field in pack.fields if few is None or field.name in few]
    told = list(dict.fromkeys(stop.text for field in asked for stop in field.stops_when))
    lines: list[Value] = [Text("briefing_line", {"text": text}) for text in told if not _is_said_fuller(text, told)]
    rules = pack.sender_id
    if not rules.digits_allowed:
        lines.append(Text("stop_name_digits"))
    elif not rules.digits_only:
        lines.append(Text("stop_name_digits_only"))
    if rules.symbols == "":
        lines.append(Text("stop_name_symbols"))
    if rules.generic == "refused":
        lines.append(Text("stop_name_generic"))
    return [Text("stops_in_advance"), *lines] if lines else []


def _is_said_fuller(text: str, others: list[str]) -> bool:
    """Whether another one says the same and, behind a colon, why."""
    return any(other.startswith(f"{text.rstrip('.')}:") for other in others)
