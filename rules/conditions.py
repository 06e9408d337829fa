"""Typed conditions over answers: what makes a field or a document required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Scalar = str | bool | int


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class OneOf(_Rule):
    """Holds when the answer to `field` is one of the values."""

    field: str
    among: tuple[Scalar, ...] = Field(alias="in", min_length=1)

    def holds(self, answers: Mapping[str, Any]) -> bool:
        given = answers.get(self.field)
        # True == 1 in Python: an answer of 1 must not pass for a yes.
        return any(type(given) is type(value) and given == value for value in self.among)

    def fields(self) -> Iterator[str]:
        yield self.field


class All(_Rule):
    """Holds when every part holds."""

    all: tuple[Condition, ...] = Field(min_length=1)

    def holds(self, answers: Mapping[str, Any]) -> bool:
        return all(part.holds(answers) for part in self.all)

    def fields(self) -> Iterator[str]:
        for part in self.all:
            yield from part.fields()


class Any_(_Rule):
    """Holds when at least one part holds."""

    any: tuple[Condition, ...] = Field(min_length=1)

    def holds(self, answers: Mapping[str, Any]) -> bool:
        return any(part.holds(answers) for part in self.any)

    def fields(self) -> Iterator[str]:
        for part in self.any:
            yield from part.fields()


Condition = Annotated[OneOf | All | Any_, Field(union_mode="left_to_right")]
All.model_rebuild()
Any_.model_rebuild()
