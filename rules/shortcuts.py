"""What spares a question: an answer that follows from others, and a message that asks for two answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Key

from rules.conditions import Condition, Scalar


class _Shortcut(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Follows(_Shortcut):
    """An answer that follows from others, where several countries are asked for at once: shown, and open to change."""

    value: Scalar | None = None  # the answer that follows ...
    answer_to: str | None = None  # ... or the field whose answer is this one too
    when: Condition | None = None  # over fields that need not be asked in this country
    abroad: str | None = None  # a field that names a country: it follows when that is not the destination

    @model_validator(mode="after")
    def _says_what_and_from_what(self) -> Follows:
        if (self.value is None) == (self.answer_to is None):
            raise ValueError("one of value and answer_to is needed")
        if not any(self.fields()):
            raise ValueError("from what? write when, abroad or answer_to")
        return self

    def fields(self) -> Iterator[str]:
        """The fields from whose answers it follows."""
        yield from self.when.fields() if self.when else ()
        yield from (name for name in (self.abroad, self.answer_to) if name)

    def answer(self, answers: Mapping[str, Any], destination: str) -> Any:
        """What follows from these answers; None where nothing does."""
        if self.when is not None and not self.when.holds(answers):
            return None
        if self.abroad is not None and answers.get(self.abroad) in (None, destination):
            return None
        return self.value if self.answer_to is None else answers.get(self.answer_to)


class Also(_Shortcut):
    """Another field, asked in the same message while it is open: one answer may settle both, or only the first."""

    field: str
    adds: str  # what stands behind this field's question, to ask for the other
    example: str  # an answer to both
    # Regular expressions for an answer to both: (?P<this>...) is what answers this field, (?P<also>...) the other.
    reads: tuple[str, ...] = Key(min_length=1)
    answer: str | None = None  # what answers this field where the expression has no (?P<this>...), as it would be typed

    @model_validator(mode="after")
    def _reads_both(self) -> Also:
        for expression in self.reads:
            try:
                groups = re.compile(expression).groupindex
            except re.error as error:
                raise ValueError(f"{expression} is no regular expression ({error}): mend it") from None
            if "also" not in groups or ("this" not in groups and self.answer is None):
                raise ValueError(
                    f"{expression} finds one answer only: name (?P<this>...), or an answer, and (?P<also>...)"
                )
        return self

    def parts(self, text: str) -> tuple[str, str] | None:
        """What of the text answers this field, and what the other; None where it is an answer to this one only."""
        for expression in self.reads:
            if found := re.fullmatch(expression, text.strip()):
                parts = found.groupdict()
                return parts.get("this") or self.answer or "", parts["also"]
        return None
