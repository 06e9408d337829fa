"""Registrations answered together, and what is kept of a company, as the model sees them.

What a country of an interview takes over is read from the house and held against three rules: only what is shared is taken
over, never what its own rules refuse or stop, and nobody takes what nobody of its interview has said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from model_answers import MARKS
from model_life import Life, Name

TOGETHER = ("DRAFT", "SELF_REGISTERING")
SHOWN_THERE = ("refused_there", "name_refused_there", "ask_profile", "my_details")  # what others said, shown of one


def begin(lives: list[Life]) -> None:
    """Several that were started at once are answered together."""
    if len(lives) > 1:
        for life in lives:
            life.interview = lives


def mates(life: Life) -> list[Life]:
    """Those that are answered together with it, itself among them."""
    if life.status not in TOGETHER or life.erased:
        return [life]
    found = [one for one in life.interview if one.interview is life.interview]
    return [one for one in found if one.status in TOGETHER and not one.erased] or [life]


def drafts(life: Life) -> list[Life]:
    return [one for one in mates(life) if one.status == "DRAFT"]


def leave(life: Life) -> None:
    """From now on it is on its own."""
    life.interview = []


def take_over(life: Life, one: Any, observed: Mapping[str, Any], profile: Mapping[str, Any], just_said: str) -> None:
    """What the registration has of others' answers; `observed`: the registrations as they are now, by reference."""
    together = mates(life)
    if len(together) == 1 and not one.uses_profile:
        return
    others = [observed[mate.reference] for mate in together if mate is not life and mate.reference in observed]
    for name in [name for name in one.answers if one.answers[name] != life.answers.get(name)]:
        value = one.answers[name]
        field = life.pack.field(name)
        kept = one.uses_profile and profile.get(name) == value
        said = any(other.answers.get(name) == value for other in others) or str(value) == just_said
        said = said or (isinstance(value, bool) and just_said in ("yes", "no"))  # one alone took what stops the other
        follows = len(together) > 1 and _follows(field, value, one, others)
        assert field.scope.value != "country" or follows, f"{life.reference} took {name} over"
        assert kept or said or follows, f"{life.reference} has {name} from nobody: {value!r}"
        assert field.stop(one.answers, value) is None, f"{life.reference} took {name}={value!r}, which stops it"
        assert field.limits.choices is None or value in field.limits.choices, (name, value)
        life.answers[name] = value
    for name in [name for name in life.answers if name not in one.answers]:
        assert name != life.number_field
        del life.answers[name]
    if len(together) > 1 and [name.text for name in one.sender_ids] != [name.text for name in life.names]:
        life.names = [Name(name.text, list(name.samples)) for name in one.sender_ids]
    if len(together) > 1:
        for name, there in zip(life.names, one.sender_ids, strict=True):
            name.samples = list(there.samples)


def _follows(field: Any, value: Any, one: Any, others: list[Any]) -> bool:
    """Whether the rules say that the answer follows from others that were given in the interview."""
    given = [{**other.answers, **one.answers} for other in (one, *others)]
    return any(rule.answer(answers, one.country) == value for rule in field.follows for answers in given)


def signs(one: Any) -> set[str]:
    """The marks in what a registration holds."""
    held = [*map(str, one.answers.values()), *(name.text for name in one.sender_ids)]
    held += [sample for name in one.sender_ids for sample in name.samples]
    return {sign.upper() for text in held for sign in MARKS.findall(text)}


def kept_signs(cases: Iterable[Any]) -> set[str]:
    """The marks in what is kept of companies: that outlives a registration."""
    texts = [str(value) for case in cases if case and case.company for value in case.company.profile.values()]
    return {sign.upper() for text in texts for sign in MARKS.findall(text)}
