"""What must hold in a pack beyond its shape: conditions in order, references that lead, examples that pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from rules.conditions import Condition
from rules.possible import conditions, parts
from rules.reading import Problem
from rules.schema import HANDED_OVER, LETTER_FACTS, Document, Field, FieldType, LetterTemplate, Pack, Route

PLACEHOLDER = re.compile(r"\{(\w+)\}")
HAS_NUMBER = (Route.SELF_REGISTRATION, Route.SELF_REGISTRATION_THEN_FORM)
# What an answer of the type looks like at least, and one that does. The dialogue's own readers look closer.
SHAPES: Mapping[FieldType, tuple[str, str]] = {
    FieldType.EMAIL: (r"[^\s@]+@[^\s@]+\.[a-z]{2,}", "name@company.example"),
    FieldType.PHONE: (r"\+[1-9][0-9 ]{5,}", "+49 40 32012345"),
    FieldType.URL: (r"(https?://)?[^\s/]+\.[^\s/]{2,}(/\S*)?", "https://www.company.example"),
}
HAS_FORM = (Route.FORM, Route.SELF_REGISTRATION_THEN_FORM, Route.RECOMMENDED)


def check_pack(pack: Pack, templates: Mapping[str, LetterTemplate]) -> Iterator[Problem]:
    """Everything with which one country could not be worked with, each problem with what to do."""
    file = f"{pack.country.lower()}.toml"
    asked: dict[str, Field] = {}
    for field in pack.fields:
        yield from (Problem(file, f"field.{field.name}.{part}", text) for part, text in _in_order(field, asked))
        asked[field.name] = field
    for key, condition in conditions(pack):
        if not key.startswith("field."):
            yield from (Problem(file, key, text) for text in _condition(condition, asked, "asked: add it to fields"))
    for document in pack.documents:
        yield from (
            Problem(file, f"document.{document.code}.template", text) for text in _letter(document, asked, templates)
        )
    yield from (Problem(file, "handoff_fields", text) for text in _handed_over(pack, asked))
    yield from (Problem(file, *found) for found in _route(pack, asked))
    yield from (Problem(file, *found) for found in _ranges(pack))
    if not pack.sources:
        yield Problem(file, "sources", "at least one is needed: name the pages the facts were read on")


def _in_order(field: Field, asked: dict[str, Field]) -> Iterator[tuple[str, str]]:
    """What is wrong with a field after those asked before it."""
    earlier = "asked earlier: put it before this one in fields"
    yield from (("required_when", text) for text in _condition(field.required_when, asked, earlier))
    yield from check_field(field)
    if field.same_as is not None and field.same_as not in asked:
        yield "same_as", f"{field.same_as} is not {earlier}"
    for number, stop in enumerate(field.stops_when):
        for text in _condition(stop.when, {**asked, field.name: field}, earlier):
            yield f"stops_when.{number}.when", text


def _letter(document: Document, asked: Mapping[str, Field], templates: Mapping[str, LetterTemplate]) -> Iterator[str]:
    if document.template is None:
        return
    if document.template not in templates:
        yield f"there is no letters/{document.template}.toml: write it, or name another"
        return
    for name in sorted(placeholders(templates[document.template])):
        if name not in asked and name not in LETTER_FACTS:
            yield f"the letter names {{{name}}}, which is not asked here: add it to fields, or use another letter"


def _handed_over(pack: Pack, asked: Mapping[str, Field]) -> Iterator[str]:
    for name in pack.handoff_fields:
        if name not in asked:
            yield f"{name} is not among the fields: add it there, or remove it here"
        elif unasked := {part.field for part in parts(asked[name].required_when)} - set(pack.handoff_fields):
            yield f"{name} depends on {', '.join(sorted(unasked))}, which is not among them: add it, or remove {name}"


def _route(pack: Pack, asked: Mapping[str, Field]) -> Iterator[tuple[str, str] | tuple[str, str, str]]:
    """(key, text) or (key, text, level) of what the route needs and the file lacks."""
    if pack.route in HANDED_OVER and not pack.handoff_fields:
        yield "handoff_fields", f"needed with route {pack.route}: list the few fields asked beforehand", "warning"
    if pack.registry and pack.registry.number_field not in asked:
        number = pack.registry.number_field
        yield "registry.number_field", f"{number} is not among the fields: add it there, or name another"
    if pack.route in HAS_NUMBER and not pack.registry:
        yield "registry", f"needed with route {pack.route}: name the registry, its page and the field of its number"
    if pack.route is Route.UNSUPPORTED and not pack.instead:
        yield "instead", "needed with route unsupported: say what is delivered instead of a name", "warning"
    if pack.route in HAS_FORM and not pack.fields:
        yield "fields", f'needed with route {pack.route}: write fields = ["@form"] at least'


def _ranges(pack: Pack) -> Iterator[tuple[str, str]]:
    """(key, text) of what begins after its end."""
    paused, days = pack.paused, pack.lead_time.days
    if pack.sender_id.min_length > pack.sender_id.max_length:
        yield "sender_id.min_length", f"is above max_length, which is {pack.sender_id.max_length}: mend one of them"
    if days and days[0] > days[1]:
        yield "lead_time.days", "the fastest is slower than the slowest: write the smaller number first"
    if paused and paused.since and paused.until and paused.since > paused.until:
        yield "paused.until", "is before since: mend one of them"


def check_letter(template: LetterTemplate) -> Iterator[Problem]:
    """What is wrong with a letter by itself."""
    file = f"{template.template}.toml"
    for text in (template.subject, *template.paragraphs, *template.closing):
        if PLACEHOLDER.sub("", text).count("{") or PLACEHOLDER.sub("", text).count("}"):
            yield Problem(file, "paragraphs", f"a brace that is no placeholder such as {{company_name}}: {text[:60]}")
    if not template.names_operator and placeholders(template) & {"operator", "operator_address"}:
        yield Problem(file, "names_operator", "the words name the operator all the same: remove {operator} from them")
    if not template.facts:
        yield Problem(file, "facts", "a letter without a table of facts says too little: list fields", "warning")


def placeholders(template: LetterTemplate) -> frozenset[str]:
    """The names in braces anywhere in the letter's words, and those of its signature."""
    words = " ".join((template.subject, *template.paragraphs, *template.closing))
    return frozenset((*PLACEHOLDER.findall(words), *template.signature))


def check_field(field: Field) -> Iterator[tuple[str, str]]:
    """(key, text) of everything wrong with one field."""
    if field.type is FieldType.CHOICE and not field.limits.choices:
        yield "limits.choices", "needed for a choice: list what can be chosen"
    for choice in field.limits.choices or ():
        if choice not in field.choice_labels:
            yield "choice_labels", f"has no words for {choice}: add them"
    for choice in field.choice_labels:
        if choice not in (field.limits.choices or ()):
            yield "choice_labels", f"{choice} is not among the choices: remove its words, or add it there"
    if field.limits.pattern:
        try:
            re.compile(field.limits.pattern)
        except re.error as error:
            yield "limits.pattern", f"is not a regular expression ({error}): mend it"
            return
    if field.example is not None:
        yield from (("example", f"{text}: give one that is taken") for text in refusals(field, field.example))
    if field.counter_example is not None and not any(refusals(field, field.counter_example)):
        yield "counter_example", "is not refused by the limits: give an answer they refuse, or remove it"


def refusals(field: Field, answer: str) -> Iterator[str]:
    """Why the field's own type and limits refuse an answer, in plain words; nothing when they do not."""
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
    if field.type in SHAPES and not re.fullmatch(SHAPES[field.type][0], answer):
        yield f"is nothing such as {SHAPES[field.type][1]}"
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


def _condition(condition: Condition | None, asked: Mapping[str, Field], when: str) -> Iterator[str]:
    for part in parts(condition):
        if part.field not in asked:
            yield f"{part.field} is not {when}"
            continue
        field = asked[part.field]
        for value in part.among:
            if field.type is FieldType.BOOLEAN and not isinstance(value, bool):
                yield f"{part.field} is answered with true or false, never {value!r}: mend the condition"
            elif field.limits.choices is not None and value not in field.limits.choices:
                yield f"{part.field} is never answered with {value!r}: use one of {', '.join(field.limits.choices)}"
