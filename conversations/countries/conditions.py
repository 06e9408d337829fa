"""The conditions of a country's rules in words: "for local brands", "when the messages carry links"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conversations.model import Text, Value
from rules.conditions import All, Any_, Condition, OneOf, Scalar
from rules.schema import Field, FieldType, Pack

# Short words for what many countries ask; any other condition is said by its question's label and the answers.
SHORT: Mapping[tuple[str, Scalar], str] = {
    ("brand_origin", "local"): "when_brand_local",
    ("brand_origin", "international"): "when_brand_international",
    ("sender_id_link_plain", False): "when_link_not_plain",
    ("messages_carry_links", True): "when_links",
    ("on_behalf_of_other", True): "when_for_another",
    ("is_bfsi", True): "when_finance",
    ("is_healthcare", True): "when_health",
    ("is_lender", True): "when_lender",
    ("loan_content", True): "when_loans",
    ("message_type", "promotional"): "when_marketing",
    ("signatory_in_registration", False): "when_signatory_not_named",
    ("representative_in_extract", False): "when_signatory_not_named",
}


def in_words(pack: Pack, condition: Condition) -> Value:
    """When it holds, to stand after "needed": a part of a sentence."""
    match condition:
        case OneOf():
            return _one(pack, condition)
        case All(all=parts):
            return _joined("when_and", pack, parts)
        case Any_(any=parts):
            return _joined("when_or", pack, parts)


def any_in_words(pack: Pack, conditions: Iterable[Condition]) -> Value:
    """When at least one of them holds, each said once."""
    said: list[Value] = []
    for condition in conditions:
        if (words := in_words(pack, condition)) not in said:
            said.append(words)
    return _chain("when_or", said)


def _one(pack: Pack, condition: OneOf) -> Value:
    words = [SHORT.get((condition.field, value)) for value in condition.among]
    if all(words):
        return _chain("when_or", [Text(key) for key in dict.fromkeys(words) if key])
    field = next((one for one in pack.fields if one.name == condition.field), None)
    if field is None:
        return Text("when_asked_for")
    answers = _chain("when_or", [_answer(field, value) for value in condition.among])
    return Text("when_answer", {"label": field.label, "answer": answers})


def _answer(field: Field, value: Scalar) -> Value:
    if isinstance(value, bool):
        return Text("choice_yes" if value else "choice_no")
    if field.type is FieldType.COUNTRY:
        return str(value)
    return field.choice_labels.get(str(value), str(value)).partition(":")[0]


def _joined(key: str, pack: Pack, parts: Iterable[Condition]) -> Value:
    return _chain(key, [in_words(pack, part) for part in parts])


def _chain(key: str, said: list[Value]) -> Value:
    chained = said[0]
    for part in said[1:]:
        chained = Text(key, {"first": chained, "second": part})
    return chained
