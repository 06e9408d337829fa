"""A question of the pack as it is put: its words, for whom it is, what may be picked, why it is asked."""

from __future__ import annotations

from typing import Any

from conversations.interview import both, together
from conversations.interview.plan import is_required
from conversations.judgement import phrases
from conversations.model import (
    Choice,
    Country,
    Registration,
    Step,
    Text,
    Value,
)
from conversations.talk import Talk
from conversations.words import Word
from rules.schema import Field, FieldType

POSITION = "signatory_title"


def current(talk: Talk) -> Field:
    """The field being asked."""
    name = talk.chat.cursor.field
    assert name is not None, "ASKING without a field"
    return talk.pack(talk.registration).field(name)


def ask_field(talk: Talk) -> None:
    registration = talk.registration
    field = current(talk)
    also = both.asked_too(talk, registration, field)
    why = together.why_here(talk, registration, field)
    if why is not None:
        talk.say(why.key, why.values)
    choices = [*answers_offered(talk, field, registration), *(ways_round(registration) if why is not None else ())]
    known = registration.answers.get(field.name)
    plan = talk.plan(registration)
    question = field.question or field.label
    values: dict[str, Value] = {
        "question": f"{question} {also.adds}" if also else question,
        "label": field.label,
        "rules": [*_for_whom(talk, registration, field), _rules(field), *_sentences(talk, registration, field)],
        "known": shown(talk, field, known) if known not in (None, "", []) else "",
    }
    key = (
        "ask_again_field"
        if known not in (None, "", [])
        else "ask_field"
        if is_required(field, registration)
        else "ask_optional_field"
    )
    if not is_required(field, registration):
        choices.append(Choice("skip", Text("choice_skip")))
    talk.say(
        key,
        values,
        choices=tuple(choices),
        asks=True,
        progress=(plan.done, plan.total),
        wants=field.type.value,
        placeholder=also.example if also else field.example or "",
    )


def ways_round(registration: Registration) -> tuple[Choice, ...]:
    """What else can be done about a country that does not take what the others do."""
    return (
        Choice(f"take out {registration.country}", Text("choice_take_out", {"country": Country(registration.country)})),
        Choice("later", Text("choice_later")),
        Choice("person", Text("choice_person")),
    )


def _for_whom(talk: Talk, registration: Registration, field: Field) -> list[Value]:
    """The countries the answer is for, where there are several and the question before was not for the same ones."""
    if registration.together is None or not together.interview_of(talk, registration).several:
        return []
    sharing = _sharing(talk, registration, field)
    codes = " ".join(one.country for one in sharing)
    told, talk.chat.cursor.told_for = talk.chat.cursor.told_for, codes
    if len(sharing) > 1 and told == codes:
        return []  # as the question before was
    countries = ", ".join(talk.book.country_name(one.country) for one in sharing)
    return [Text("for_countries" if len(sharing) > 1 else "for_country", {"countries": countries})]


def _sharing(talk: Talk, registration: Registration, field: Field) -> list[Registration]:
    if registration.together is None or talk.chat.cursor.alone:
        return [registration]
    interview = together.interview_of(talk, registration)
    return interview.sharing(field.name) if interview.common(registration, field.name) else [registration]


def offered_sentences(talk: Talk, registration: Registration, field: Field) -> list[str]:
    """The ready sentences to pick by their number."""
    return phrases.ready(field, _sharing(talk, registration, field), talk.book)


def _sentences(talk: Talk, registration: Registration, field: Field) -> list[Value]:
    sentences = offered_sentences(talk, registration, field)
    lines: list[Value] = [Text("phrase", {"number": at, "text": one}) for at, one in enumerate(sentences, 1)]
    return [Text("phrases"), *lines] if lines else []


def answers_offered(talk: Talk, field: Field, registration: Registration) -> list[Choice]:
    if field.phrases:
        return [Choice(str(at), str(at)) for at, _ in enumerate(offered_sentences(talk, registration, field), 1)]
    if same := phrases.same(field, registration.answers):
        return [Choice(phrases.SAME, Text("choice_same", {"value": same}))]
    if field.type is FieldType.BOOLEAN:
        return [Choice("yes", Text("choice_yes")), Choice("no", Text("choice_no"))]
    if field.type is FieldType.CHOICE:
        return [Choice(value, field.choice_labels.get(value, value)) for value in field.limits.choices or ()]
    if field.type is FieldType.COUNTRY and field.name != "country":
        home = registration.answers.get("country")
        return [Choice(str(home), talk.book.country_name(str(home)))] if home else []
    return []


def _rules(field: Field) -> Value:
    """What is allowed, in words, ahead of the answer: only where it helps."""
    if field.hint:
        return Text("rule_hint", {"hint": field.hint})
    if field.type is FieldType.TEXT and (field.limits.min_length or 0) > 1:
        return Text("rule_length", {"low": field.limits.min_length, "high": field.limits.max_length or 500})
    return ""


def shown(talk: Talk, field: Field, value: Any) -> Value:
    """An answer as the customer reads it back."""
    if isinstance(value, bool):
        return Text("choice_yes" if value else "choice_no")
    if field.type is FieldType.COUNTRY:
        return Country(str(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return field.choice_labels.get(str(value), str(value))


# --- an answer ----------------------------------------------------------------------------------------------------


def is_position(talk: Talk, text: str) -> bool:
    """Whether the text is the position asked for, and no call for a person: some sign as agents."""
    asked = talk.chat.cursor.field if talk.chat.state is Step.ASKING else None
    return asked == POSITION and text.strip().casefold() == "agent"


def explain(talk: Talk, word: Word) -> bool:
    """Why this is asked, or an example of an answer."""
    field = current(talk)
    also = both.asked_too(talk, talk.registration, field)
    example = also.example if also else field.example
    if word is Word.WHY:
        talk.say("why_field", {"text": field.why or Text("why_unknown"), "label": field.label})
    elif example:
        talk.say("example_field", {"example": example, "label": field.label})
    else:
        talk.say("example_none", {"label": field.label, "rules": _rules(field)})
    return True
