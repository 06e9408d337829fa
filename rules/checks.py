"""What must hold in a pack beyond its shape: conditions in order, references that lead, examples that pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from rules.conditions import All, Any_, Condition, OneOf
from rules.reading import Problem
from rules.schema import HANDED_OVER, LETTER_FACTS, Field, FieldType, LetterTemplate, Pack, Route

PLACEHOLDER = re.compile(r"\{(\w+)\}")
HAS_NUMBER = (Route.SELF_REGISTRATION, Route.SELF_REGISTRATION_THEN_FORM)
HAS_FORM = (Route.FORM, Route.SELF_REGISTRATION_THEN_FORM, Route.RECOMMENDED)


def check_pack(pack: Pack, templates: Mapping[str, LetterTemplate]) -> Iterator[Problem]:
    """Everything wrong with one country, errors first to last as the file has them."""
    file = f"{pack.country.lower()}.toml"
    asked: dict[str, Field] = {}
    for field in pack.fields:
        key = f"field.{field.name}"
        for text in _condition(field.required_when, asked, "asked earlier"):
            yield Problem(file, f"{key}.required_when", text)
        for part, text in check_field(field):
            yield Problem(file, f"{key}.{part}", text)
        if field.same_as is not None and field.same_as not in asked:
            yield Problem(file, f"{key}.same_as", f"{field.same_as} is not asked earlier")
        asked[field.name] = field
        for part, text in check_stops(field, asked):
            yield Problem(file, f"{key}.{part}", text)

    for document in pack.documents:
        key = f"document.{document.code}"
        for text in _condition(document.required_when, asked, "asked"):
            yield Problem(file, f"{key}.required_when", text)
        if document.template is None:
            continue
        if document.template not in templates:
            yield Problem(file, f"{key}.template", f"there is no letters/{document.template}.toml")
            continue
        for name in placeholders(templates[document.template]):
            if name not in asked and name not in LETTER_FACTS:
                yield Problem(file, f"{key}.template", f"the letter names {{{name}}}, which this country does not ask")

    for name in pack.handoff_fields:
        if name not in asked:
            yield Problem(file, "handoff_fields", f"{name} is not among the fields")
        elif unasked := {part.field for part in _tests(asked[name].required_when)} - set(pack.handoff_fields):
            yield Problem(
                file, "handoff_fields", f"{name} depends on {', '.join(sorted(unasked))}, which is not among them"
            )
    if pack.route in HANDED_OVER and not pack.handoff_fields:
        yield Problem(file, "handoff_fields", f"needed with route {pack.route}", "warning")
    if pack.registry and pack.registry.number_field not in asked:
        yield Problem(file, "registry.number_field", f"{pack.registry.number_field} is not among the fields")
    if pack.route in HAS_NUMBER and not pack.registry:
        yield Problem(file, "registry", f"needed with route {pack.route}")
    if pack.route is Route.UNSUPPORTED and not pack.instead:
        yield Problem(file, "instead", "needed with route unsupported: what is delivered instead of a name", "warning")
    if pack.route in HAS_FORM and not pack.fields:
        yield Problem(file, "fields", f"needed with route {pack.route}")
    if not pack.sources:
        yield Problem(file, "sources", "at least one is needed")
    if pack.sender_id.min_length > pack.sender_id.max_length:
        yield Problem(file, "sender_id.min_length", "is above max_length")
    if pack.lead_time.days and pack.lead_time.days[0] > pack.lead_time.days[1]:
        yield Problem(file, "lead_time.days", "the fastest is slower than the slowest")
    if pack.paused and pack.paused.since and pack.paused.until and pack.paused.since > pack.paused.until:
        yield Problem(file, "paused.until", "is before since")


def check_letter(template: LetterTemplate) -> Iterator[Problem]:
    """What is wrong with a letter by itself."""
    file = f"{template.template}.toml"
    for text in (template.subject, *template.paragraphs, *template.closing):
        if PLACEHOLDER.sub("", text).count("{") or PLACEHOLDER.sub("", text).count("}"):
            yield Problem(file, "paragraphs", f"a brace that is no placeholder: {text[:60]}")
    if not template.names_operator and placeholders(template) & {"operator", "operator_address"}:
        yield Problem(file, "names_operator", "the words name the operator all the same")
    if not template.facts:
        yield Problem(file, "facts", "a letter without a table of facts says too little", "warning")


def placeholders(template: LetterTemplate) -> frozenset[str]:
    """The names in braces anywhere in the letter's words, and those of its signature."""
    words = " ".join((template.subject, *template.paragraphs, *template.closing))
    return frozenset((*PLACEHOLDER.findall(words), *template.signature))


def check_field(field: Field) -> Iterator[tuple[str, str]]:
    """(key, text) of everything wrong with one field."""
    if field.type is FieldType.CHOICE and not field.limits.choices:
        yield "limits.choices", "needed for a choice"
    for choice in field.limits.choices or ():
        if choice not in field.choice_labels:
            yield "choice_labels", f"has no words for {choice}"
    for choice in field.choice_labels:
        if choice not in (field.limits.choices or ()):
            yield "choice_labels", f"{choice} is not among the choices"
    if field.limits.pattern:
        try:
            re.compile(field.limits.pattern)
        except re.error as error:
            yield "limits.pattern", f"is not a regular expression: {error}"
            return
    if field.example is not None:
        yield from (("example", text) for text in refusals(field, field.example))
    if field.counter_example is not None and not any(refusals(field, field.counter_example)):
        yield "counter_example", "is not refused by the limits"


def refusals(field: Field, answer: str) -> Iterator[str]:
    """Why the field's own limits refuse an answer, in plain words; nothing when they do not."""
    limits = field.limits
    length = len(answer)
    if limits.min_length is not None and length < limits.min_length:
        yield f"{length} characters, at least {limits.min_length} are needed"
    if limits.max_length is not None and length > limits.max_length:
        yield f"{length} characters, at most {limits.max_length} are allowed"
    if limits.pattern is not None and not re.fullmatch(limits.pattern, answer):
        yield f"does not match {limits.pattern}"
    if limits.choices is not None and answer not in limits.choices:
        yield f"is none of {', '.join(limits.choices)}"
    if field.type is FieldType.BOOLEAN and answer not in ("yes", "no"):
        yield "is neither yes nor no"
    if field.type is FieldType.NUMBER:
        yield from _out_of_range(answer, limits.min, limits.max)
    if field.type is FieldType.DATE:
        try:
            yield from _out_of_range(str(date.fromisoformat(answer).year), limits.min, limits.max)
        except ValueError:
            yield "is not a date such as 2020-05-31"


def _out_of_range(answer: str, least: int | None, most: int | None) -> Iterator[str]:
    if not answer.isdecimal():
        yield "is not a number"
    elif least is not None and int(answer) < least:
        yield f"is below {least}"
    elif most is not None and int(answer) > most:
        yield f"is above {most}"


def check_stops(field: Field, asked: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    """(key, text) of what is wrong with the answers that end a registration; `asked` holds the field too."""
    for number, stop in enumerate(field.stops_when):
        key = f"stops_when.{number}"
        yield from ((f"{key}.when", text) for text in _condition(stop.when, asked, "asked by then"))
        if stop.offer is not None and field.stop({}, stop.offer) is not None:
            yield f"{key}.offer", "is an answer with which it stops too"


def _condition(condition: Condition | None, asked: Mapping[str, Field], when: str) -> Iterator[str]:
    for part in _tests(condition):
        if part.field not in asked:
            yield f"{part.field} is not {when}"
            continue
        field = asked[part.field]
        for value in part.among:
            if field.type is FieldType.BOOLEAN and not isinstance(value, bool):
                yield f"{part.field} is answered with true or false, never {value!r}"
            elif field.limits.choices is not None and value not in field.limits.choices:
                yield f"{part.field} is never answered with {value!r}"


def _tests(condition: Condition | None) -> Iterator[OneOf]:
    match condition:
        case OneOf():
            yield condition
        case All(all=parts) | Any_(any=parts):
            for part in parts:
                yield from _tests(part)
