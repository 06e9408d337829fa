"""What a country says that no customer can come to, and letters that would be drawn with a gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.checks import placeholders
from rules.passing import passing_name
from rules.possible import Possible, conditions, in_words, parts
from rules.reading import Problem
from rules.schema import HANDED_OVER, LETTER_FACTS, Document, Field, LetterTemplate, Pack, SenderIdRules

SIGNATORY = ("company_name_on_certificate", "signatory_name", "signatory_title")


def check_reached(pack: Pack, templates: Mapping[str, LetterTemplate], file: str) -> Iterator[Problem]:
    """Conditions that never hold, stops that never come, letters with gaps, rules that no name passes."""
    possible = Possible(pack)
    asked = {field.name: field for field in pack.fields}
    for key, condition in conditions(pack):
        sound = all(name in asked for name in condition.fields())  # else it is told already, by rules/checks.py
        if sound and ".stops_when." not in key and not possible.holding(condition):
            yield Problem(file, key, "never holds with the answers that can be given: mend or remove it")
    for field in pack.fields:
        yield from _stops(field, possible, asked, file)
    for document in pack.documents:
        if document.template is not None and document.template in templates:
            yield from _signed(document, asked, file)
            if _is_drawn(document, pack):
                yield from _letter(document, templates[document.template], possible, asked, file)
    yield from _names(pack, possible, asked, file)
    yield from _message_types(pack, asked, file)


def _stops(field: Field, possible: Possible, asked: Mapping[str, Field], file: str) -> Iterator[Problem]:
    for number, stop in enumerate(field.stops_when):
        key = f"field.{field.name}.stops_when.{number}"
        if any(name not in asked for name in stop.when.fields()):
            continue
        others = [name for one in field.stops_when for name in one.when.fields() if name != field.name]
        stopped = [
            way for way in possible.before(field, others)
            if any(field.stop(way, value) is stop for value in possible.values(field))
        ]  # fmt: skip
        if not stopped:
            yield Problem(
                file, f"{key}.when", "never stops anybody: it can't hold here, or a stop above it always comes first"
            )
        if stop.offer is None:
            continue
        if stop.offer not in (field.limits.choices or possible.values(field)):
            yield Problem(file, f"{key}.offer", f"{stop.offer!r} is no answer to this field: offer one of its own")
        elif any(field.stop(way, stop.offer) for way in stopped):
            yield Problem(file, f"{key}.offer", "is an answer with which it stops too: offer one with which it goes on")


def _is_drawn(document: Document, pack: Pack) -> bool:
    """Whether the letter is ever drawn: one that nobody requires is not, nor are those an account manager sees to."""
    return pack.route not in HANDED_OVER and (document.required or document.required_when is not None)


def _signed(document: Document, asked: Mapping[str, Field], file: str) -> Iterator[Problem]:
    if missing := [name for name in SIGNATORY if name not in asked]:
        text = f"{', '.join(missing)} not asked, though {document.code} is a letter to sign: add @signatory"
        yield Problem(file, "fields", text)


def _letter(
    document: Document, template: LetterTemplate, possible: Possible, asked: Mapping[str, Field], file: str
) -> Iterator[Problem]:
    """Places of the letter that stay empty with answers that can be given."""
    for name in sorted({*placeholders(template), *SIGNATORY} - LETTER_FACTS):
        if name not in asked:
            continue  # told already, by rules/checks.py
        sent = possible.holding(None if document.required else document.required_when, name)
        without = next((way for way in sent if name not in way), None)
        if without is not None:
            when = f"is not answered when {in_words(without)}" if without else "may be skipped"
            text = f"the letter names {{{name}}}, which {when}: ask it then, or use another letter"
            yield Problem(file, f"document.{document.code}.template", text)


def _names(pack: Pack, possible: Possible, asked: Mapping[str, Field], file: str) -> Iterator[Problem]:
    """Rules for sender IDs that contradict each other, alone or under their cases."""
    if pack.sender_id.min_length > pack.sender_id.max_length:
        return  # told already, by rules/checks.py
    tests = [part for case in pack.sender_id.cases for part in parts(case.when)]
    told = set()
    for way in possible.answers({part.field for part in tests if part.field in asked}):
        rules = pack.sender_id.given(way)
        holding = [number for number, case in enumerate(pack.sender_id.cases) if case.when.holds(way)]
        key = f"sender_id.cases.{holding[-1]}.rules" if holding else "sender_id"
        types = {str(way["message_type"])} if "message_type" in way else {"", *rules.prefixes, *rules.suffixes}
        for text in filter(None, (_contradiction(rules, kind) for kind in sorted(types))):
            if (key, text) not in told:
                told.add((key, text))
                yield Problem(file, key, text)


def _contradiction(rules: SenderIdRules, message_type: str) -> str | None:
    marker = rules.prefixes.get(message_type, "") + rules.suffixes.get(message_type, "")
    if rules.min_length > rules.max_length:
        return f"min_length {rules.min_length} is above max_length {rules.max_length}: mend one of them"
    if len(marker) >= rules.max_length:
        return f"the marker {marker} leaves no room for a name within {rules.max_length} characters: mend one of them"
    if passing_name(rules, message_type) is None:
        kind = f" for {message_type} messages" if message_type else ""
        return f"no name passes{kind}: look at min_length, not_first, not_last, digits_allowed, mixed and the markers"
    return None


def _message_types(pack: Pack, asked: Mapping[str, Field], file: str) -> Iterator[Problem]:
    """Rules by message type for a type that nobody can choose."""
    choices = asked["message_type"].limits.choices if "message_type" in asked else None
    if choices is None:
        return
    tables = {
        "sender_id.prefixes": pack.sender_id.prefixes, "sender_id.suffixes": pack.sender_id.suffixes,
        "samples.begins_with": pack.samples.begins_with, "samples.languages": pack.samples.languages,
    }  # fmt: skip
    for key, table in tables.items():
        for kind in table:
            if kind not in choices:
                yield Problem(file, key, f"{kind} is no message type that can be chosen here: use {', '.join(choices)}")
