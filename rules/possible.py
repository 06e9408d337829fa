"""Which answers can come together in one country: a field is asked or not, and a stop ends the way, by those before it.

Only the fields that a question depends on are tried out, so that a country with thirty fields stays a matter of a few
dozen combinations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.conditions import All, Any_, Condition, OneOf
from rules.schema import Field, FieldType, Pack

Answers = Mapping[str, Any]  # by field; a field that is not asked, or is skipped, has no key

OTHER = "(anything else)"  # an answer that no condition names


class Possible:
    """The combinations of answers of one country."""

    def __init__(self, pack: Pack) -> None:
        self._fields = {field.name: field for field in pack.fields}
        self._tests = tuple(_all_tests(pack))

    def answers(self, names: Iterable[str]) -> list[Answers]:
        """Every combination of answers to these fields, and to those that decide whether they are asked."""
        return self._after(self._deciding(names))

    def holding(self, condition: Condition | None, *names: str) -> list[Answers]:
        """The combinations with which the condition holds, told as far as it and the fields `names` are concerned."""
        asked = (*names, *(condition.fields() if condition else ()))
        return [way for way in self.answers(asked) if condition is None or condition.holds(way)]

    def before(self, field: Field, names: Iterable[str]) -> list[Answers]:
        """The combinations with which the field comes to be asked, without an answer to it."""
        deciding = self._deciding([*names, field.name]) - {field.name}
        return [way for way in self._after(deciding) if is_asked(field, way)]

    def values(self, field: Field) -> tuple[Any, ...]:
        """Answers to the field that differ in what follows from them."""
        if field.type is FieldType.BOOLEAN:
            return True, False
        tests = [test.among for test in self._tests if test.field == field.name]
        if field.limits.choices is None:
            return (*dict.fromkeys(value for among in tests for value in among), OTHER)
        alike = {tuple(choice in among for among in tests): choice for choice in reversed(field.limits.choices)}
        return tuple(alike.values())

    def _after(self, names: set[str]) -> list[Answers]:
        ways: list[Answers] = [{}]
        for name, field in self._fields.items():
            if name in names:
                ways = [answered for way in ways for answered in self._answered(field, way)]
        return ways

    def _answered(self, field: Field, way: Answers) -> Iterator[Answers]:
        """The way with each answer that goes on from there."""
        if not is_needed(field, way):
            yield way
        if is_asked(field, way):
            for value in self.values(field):
                if field.stop(way, value) is None:
                    yield {**way, field.name: value}

    def _deciding(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        todo = [name for name in names if name in self._fields]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                field = self._fields[name]
                conditions = [field.required_when, *(stop.when for stop in field.stops_when)]
                todo += [
                    one for condition in conditions if condition for one in condition.fields() if one in self._fields
                ]
        return found


def is_asked(field: Field, answers: Answers) -> bool:
    """Whether the field is asked with these answers; it may still be skipped."""
    return field.required or field.required_when is None or field.required_when.holds(answers)


def is_needed(field: Field, answers: Answers) -> bool:
    """Whether the field must be answered with these answers."""
    return field.required or (field.required_when is not None and field.required_when.holds(answers))


def conditions(pack: Pack) -> Iterator[tuple[str, Condition]]:
    """(key, condition) of every condition of a country, in the order of its file."""
    for field in pack.fields:
        if field.required_when:
            yield f"field.{field.name}.required_when", field.required_when
        for number, stop in enumerate(field.stops_when):
            yield f"field.{field.name}.stops_when.{number}.when", stop.when
    for document in pack.documents:
        if document.required_when:
            yield f"document.{document.code}.required_when", document.required_when
    for number, case in enumerate(pack.sender_id.cases):
        yield f"sender_id.cases.{number}.when", case.when
    if pack.samples.brand_inside_when:
        yield "samples.brand_inside_when", pack.samples.brand_inside_when
    for number, fee in enumerate(pack.fees):
        if fee.when:
            yield f"fees.{number}.when", fee.when


def parts(condition: Condition | None) -> Iterator[OneOf]:
    """The single tests a condition is joined of."""
    match condition:
        case OneOf():
            yield condition
        case All(all=joined) | Any_(any=joined):
            for part in joined:
                yield from parts(part)


def in_words(answers: Answers) -> str:
    """The answers as a line, for whoever reads a problem."""
    return ", ".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in answers.items()
    )


def _all_tests(pack: Pack) -> Iterator[OneOf]:
    for _, condition in conditions(pack):
        yield from parts(condition)
