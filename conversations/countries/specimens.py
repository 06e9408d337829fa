"""Letters with made-up answers: what a customer would sign, to look at before anything is begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conversations.model import Registration, SenderId
from conversations.papers.wanted import letter_facts, renew
from rules.conditions import All, Any_, Condition, OneOf
from rules.schema import HANDED_OVER, Document, Field, FieldType, LetterTemplate, Pack

MARK = "SPECIMEN"  # in place of the reference and of a letter's id
SENDER_ID = "FRESHBAKERY"
EXAMPLE_SAMPLE = "Fresh Bakery: your order 1234 is ready for collection until 18:00 today."
EXAMPLES = {
    "company_name": "Fresh Bakery GmbH", "company_name_on_certificate": "Fresh Bakery GmbH",
    "address_line1": "Market Street 12", "city": "Hamburg", "region": "Hamburg", "postal_code": "20095",
    "country": "DE", "signatory_name": "Maria Keller", "signatory_title": "Managing Director",
    "website": "https://www.freshbakery.example", "company_website": "https://www.freshbakery.example",
    "sender_id_description": f"{SENDER_ID} is our own brand name, shown on our website.",
}  # fmt: skip
BY_TYPE: Mapping[FieldType, Any] = {
    FieldType.TEXT: "Example", FieldType.EMAIL: "maria.keller@freshbakery.example", FieldType.PHONE: "+494032012345",
    FieldType.URL: "https://www.freshbakery.example", FieldType.DATE: "2026-01-15", FieldType.COUNTRY: "DE",
    FieldType.NUMBER: 1000, FieldType.BOOLEAN: False,
}  # fmt: skip


def example_answers(pack: Pack) -> dict[str, Any]:
    """An answer for every field: the pack's own example where it has one that fits."""
    return {field.name: _example(field) for field in pack.fields}


def specimens(
    pack: Pack,
    templates: Mapping[str, LetterTemplate],
    names: Mapping[str, str],
    country_name: Callable[[str], str],
    day: str,
    paper: str,
    purpose: str | None = None,
) -> list[dict[str, Any]]:
    """What the drawing needs of each letter that the country may ask for; letters of the same words once.

    `titles` beside the letter's own facts are the papers it stands for.
    """
    found: dict[str, dict[str, Any]] = {}
    for document in pack.documents if pack.route not in HANDED_OVER else ():
        if document.template is None or not (document.required or document.required_when):
            continue
        if document.template in found:
            found[document.template]["titles"].append(document.title)
            continue
        registration = _applying(pack, document, purpose)
        letters = renew(registration, pack, templates, lambda: MARK)
        letter = next(one for one in letters if one.code == document.code)
        facts = letter_facts(letter, registration, pack, templates, names, country_name, day, paper)
        found[document.template] = {**facts, "titles": [document.title]}
    return list(found.values())


def _applying(pack: Pack, document: Document, purpose: str | None) -> Registration:
    """A made-up registration that asks for that document."""
    answers = example_answers(pack)
    if purpose is not None and "message_type" in answers:
        answers["message_type"] = purpose
    if document.required_when is not None:
        answers |= satisfying(document.required_when)
    return Registration(
        id=0, reference=MARK, company_id=0, conversation_id=0, country=pack.country, route=str(pack.route),
        answers=answers, sender_ids=[SenderId(SENDER_ID, [EXAMPLE_SAMPLE])],
    )  # fmt: skip


def satisfying(condition: Condition) -> dict[str, Any]:
    """Answers with which the condition holds."""
    match condition:
        case OneOf(field=name, among=values):
            return {name: values[0]}
        case All(all=parts):
            return {name: value for part in parts for name, value in satisfying(part).items()}
        case Any_(any=parts):
            return satisfying(parts[0])


def _example(field: Field) -> Any:
    stopping = [value for value in _simple(field) if field.stop({}, value)]
    if stopping:
        return next(value for value in _simple(field) if value not in stopping)
    if field.name in EXAMPLES:
        return EXAMPLES[field.name]
    if field.limits.choices:
        return field.limits.choices[0]
    if field.example and field.type in (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL):
        return [field.example] if field.many else field.example
    return BY_TYPE.get(field.type, "Example")


def _simple(field: Field) -> tuple[Any, ...]:
    return (True, False) if field.type is FieldType.BOOLEAN else field.limits.choices or ()
