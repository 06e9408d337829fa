"""The questions of the pack, one at a time: asked, explained, parked, skipped, answered, edited."""

from __future__ import annotations

import re
from typing import Any

from conversations import fields
from conversations.errors import BadAnswer
from conversations.lifecycle import CAN_BE_EDITED
from conversations.model import (
    Choice,
    Country,
    Given,
    Kind,
    Registration,
    SenderId,
    Status,
    Step,
    Text,
    Value,
)
from conversations.plan import SENDER_ID, applicable, is_required, wants_samples
from conversations.talk import CUSTOMER, Talk
from conversations.words import Said, Word, literal
from rules.conditions import Scalar
from rules.schema import Field, FieldType, Route, Stop

REMEMBERED = 50  # answers whose message may still be edited


def current(talk: Talk) -> Field:
    """The field being asked."""
    name = talk.chat.cursor.field
    assert name is not None, "ASKING without a field"
    return talk.pack(talk.registration).field(name)


def ask_field(talk: Talk) -> None:
    registration = talk.registration
    field = current(talk)
    choices = _choices(talk, field)
    known = registration.answers.get(field.name)
    plan = talk.plan(registration)
    values: dict[str, Value] = {
        "question": field.question or field.label,
        "label": field.label,
        "rules": _rules(field),
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
        placeholder=field.example or "",
    )


def _choices(talk: Talk, field: Field) -> list[Choice]:
    if field.type is FieldType.BOOLEAN:
        return [Choice("yes", Text("choice_yes")), Choice("no", Text("choice_no"))]
    if field.type is FieldType.CHOICE:
        return [Choice(value, field.choice_labels.get(value, value)) for value in field.limits.choices or ()]
    if field.type is FieldType.COUNTRY and field.name != "country":
        home = talk.registration.answers.get("country")
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


def read_field(talk: Talk, text: str, said: Said | None) -> None:
    """Take the answer to the present question, or say what is wrong with it and ask the same again."""
    registration, field = talk.registration, current(talk)
    if said and said.word is Word.SKIP:
        skip(talk, field)
        return
    if said and said.word is Word.LATER:
        park(talk, field)
        return
    if said and not said.more and field.type is FieldType.TEXT:  # "submit", "done": no company is called so unquoted
        talk.say("word_not_here", {"given": text.strip()})
        return
    try:
        value = fields.read(field, literal(text), registration.answers, talk.book)
    except BadAnswer as bad:
        refuse(talk, bad, field)
        return
    if stop := field.stop(registration.answers, value):
        stopped(talk, field, stop)
        return
    keep(talk, registration, field, value)
    go_on(talk)


def stopped(talk: Talk, field: Field, stop: Stop) -> None:
    """It can go no further with that answer: why, and every way that is left."""
    choices = [
        Choice("another", Text("choice_another_country")),
        Choice("person", Text("choice_person")),
    ]
    if stop.offer is not None:
        choices.insert(0, _offered(field, stop.offer))
    talk.say(
        "stopped_here",
        {"text": stop.text, "alternative": stop.alternative, "label": field.label},
        choices=tuple(choices),
        asks=True,
    )


def _offered(field: Field, value: Scalar) -> Choice:
    if isinstance(value, bool):
        return Choice("yes", Text("choice_yes")) if value else Choice("no", Text("choice_no"))
    return Choice(str(value), field.choice_labels.get(str(value), str(value)))


def refuse(talk: Talk, bad: BadAnswer, field: Field | None = None) -> None:
    """What is wrong with this answer, what is allowed, an example, the way out."""
    choices = [Choice(bad.offer, Text("choice_offer", {"offer": bad.offer}))] if bad.offer else []
    values: dict[str, Value] = {
        **bad.values,
        "label": field.label if field else "",
        "example": Text("for_example", {"example": field.example}) if field and field.example else "",
    }
    if field is not None:
        choices += _choices(talk, field)
    wants, placeholder = (field.type.value, field.example or "") if field is not None else ("", "")
    talk.say(bad.key, values, choices=tuple(choices), asks=True, wants=wants, placeholder=placeholder)


def keep(talk: Talk, registration: Registration, field: Field, value: Any) -> None:
    """Write the answer down, and let the letters that show it be drawn anew."""
    changed = registration.answers.get(field.name) != value
    registration.answers[field.name] = value
    for waiting in (registration.parked, registration.skipped, registration.to_mend):
        if field.name in waiting:
            waiting.remove(field.name)
    registration.overruled.pop(field.name, None)
    registration.typed.pop(field.name, None)  # a draft that was left is older than this
    _passed(talk, field)
    remember(talk, registration, field.name)
    _name_by_signature(talk, registration)
    _drop_what_no_longer_applies(talk, registration)
    if changed:
        edited(talk, registration)


def _drop_what_no_longer_applies(talk: Talk, registration: Registration) -> None:
    """An answer to a question that is not asked any more would end in a letter nobody expects."""
    pack = talk.pack(registration)
    asked = {field.name for field in applicable(registration, pack)}
    conditional = {field.name for field in pack.fields if field.required_when is not None and not field.required}
    for name in conditional - asked:
        if pack.registry is None or name != pack.registry.number_field:
            registration.answers.pop(name, None)


def edited(talk: Talk, registration: Registration) -> None:
    """An answer changed: after the first submit that is a trigger of the life of a registration."""
    if registration.status not in CAN_BE_EDITED:
        return
    changed = talk.papers(registration).changed
    before = registration.status
    talk.fire(registration, "edit", CUSTOMER, letter_changed=changed)
    if changed and before is Status.DOCUMENTS_TO_BE_RENDERED:
        talk.draw(registration)  # the drawing under way shows the old answer: its result will not count


def remember(talk: Talk, registration: Registration, name: str, index: int = 0) -> None:
    if talk.event.message and talk.event.kind is not Kind.EDITED:
        given = Given(talk.event.message, registration.id, name, index)
        talk.chat.given = [*talk.chat.given[-REMEMBERED + 1 :], given]


def _passed(talk: Talk, field: Field) -> None:
    """The question was dealt with: "back" comes here first."""
    cursor = talk.chat.cursor
    cursor.trail = [name for name in cursor.trail if name != field.name] + [field.name]


def skip(talk: Talk, field: Field) -> None:
    registration = talk.registration
    if is_required(field, registration):
        talk.say("cannot_skip", {"label": field.label}, choices=(Choice("later", Text("choice_later")),), asks=True)
        return
    if field.name not in registration.skipped:
        registration.skipped.append(field.name)
    registration.answers.pop(field.name, None)
    _passed(talk, field)
    edited(talk, registration)
    go_on(talk)


def park(talk: Talk, field: Field) -> None:
    registration = talk.registration
    known = registration.answers.get(field.name) not in (None, "", [])
    if not known and field.name not in registration.parked:
        registration.parked.append(field.name)
    _passed(talk, field)
    talk.say("stays_as_it_is" if known else "parked", {"label": field.label})
    go_on(talk)


def go_on(talk: Talk) -> None:
    """To the next place the registration's facts lead to, filling in what is plain on the way."""
    registration = talk.on
    if registration is not None:
        _fill_in_what_is_plain(talk, registration)
    talk.go("go_on")


def _fill_in_what_is_plain(talk: Talk, registration: Registration) -> None:
    name = "sender_id_link_plain"
    plan = talk.plan(registration)
    if (
        plan.next_field is not None
        and plan.next_field.name == name
        and registration.sender_ids
        and all(fields.link_is_plain(one.text, registration.answers) for one in registration.sender_ids)
    ):
        registration.answers[name] = True


def _name_by_signature(talk: Talk, registration: Registration) -> None:
    """Where texts are approved, they begin with the name: the signature is it, and the name changes with it."""
    signature = registration.answers.get("signature")
    if talk.pack(registration).route is not Route.TEMPLATE_APPROVAL or signature is None:
        return
    if not registration.sender_ids:
        registration.sender_ids = [SenderId(str(signature))]
        registration.names_done = True
    elif registration.sender_ids[0].text != signature:
        rename(talk, registration, registration.sender_ids[0], str(signature))
        registration.sender_ids[0].outcome = None


def rename(talk: Talk, registration: Registration, name: SenderId, text: str) -> None:
    """Another text for a name that is there; what is known of its samples goes on by the new one."""
    old, new = f"sample:{name.text}", f"sample:{text}"
    for given in talk.chat.given:
        if given.registration == registration.id and given.field == old:
            given.field = new
    registration.to_mend = [new if one == old else one for one in registration.to_mend]
    name.text = text


# --- back and edit ------------------------------------------------------------------------------------------------


def back(talk: Talk) -> None:
    """The question before this one; from the first one, what the country asks."""
    registration, chat = talk.registration, talk.chat
    asked = {field.name for field in applicable(registration, talk.pack(registration))}
    trail = [name for name in chat.cursor.trail if name in asked and name != chat.cursor.field]
    if chat.state is Step.ASKING and chat.cursor.field in chat.cursor.trail:
        at = chat.cursor.trail.index(chat.cursor.field)
        trail = [name for name in chat.cursor.trail[:at] if name in asked]
    if not trail and chat.state is not Step.ASKING:
        trail = [
            field.name
            for field in applicable(registration, talk.pack(registration))
            if field.name in registration.answers
        ]
    if not trail:
        talk.say("nothing_before")
        return
    chat.cursor.field = trail[-1]
    talk.go("back")


def edit(talk: Talk, wanted: str) -> bool:
    """Ask a line of the review again, by its number, its name or its label; False when there is no such line."""
    registration = talk.registration
    name = find_line(talk, registration, wanted)
    if name is None:
        return False
    if name == SENDER_ID:
        registration.names_done = False
        return talk.go("add_name")
    if name.startswith("sample:"):
        index = next(i for i, one in enumerate(registration.sender_ids) if one.text == name.removeprefix("sample:"))
        registration.sender_ids[index].sampled = False
        talk.chat.cursor.sender_id = index
        return talk.go("add_sample")
    talk.chat.cursor.field = name
    return talk.go("edit")


def find_line(talk: Talk, registration: Registration, wanted: str) -> str | None:
    from rapidfuzz import fuzz, process, utils

    lines = review_lines(talk, registration)
    names = [name for name, _ in lines]
    plain = wanted.strip()
    if plain in names:
        return plain
    if plain.isdigit() and 1 <= int(plain) <= len(names):
        return names[int(plain) - 1]
    spoken = {name: label if isinstance(label, str) else re.sub(r"[_:]", " ", name) for name, label in lines}
    found = process.extractOne(plain, spoken, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=75)
    return str(found[2]) if found else None


def review_lines(talk: Talk, registration: Registration) -> list[tuple[str, Text | str]]:
    """(name, label) of every line the review shows, in its order: the pack's own words, or a text of ours."""
    pack = talk.pack(registration)
    lines: list[tuple[str, Text | str]] = [(field.name, field.label) for field in applicable(registration, pack)]
    if pack.registry:
        lines.insert(0, (pack.registry.number_field, pack.field(pack.registry.number_field).label))
    if pack.route is not Route.TEMPLATE_APPROVAL:
        lines.append((SENDER_ID, Text("label_sender_id")))
    if not wants_samples(pack):
        return lines
    return lines + [(f"sample:{one.text}", Text("line_samples", {"name": one.text})) for one in registration.sender_ids]


def explain(talk: Talk, word: Word) -> bool:
    """Why this is asked, or an example of an answer."""
    field = current(talk)
    if word is Word.WHY:
        talk.say("why_field", {"text": field.why or Text("why_unknown"), "label": field.label})
    elif field.example:
        talk.say("example_field", {"example": field.example, "label": field.label})
    else:
        talk.say("example_none", {"label": field.label, "rules": _rules(field)})
    return True
