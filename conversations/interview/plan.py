"""What is still to be asked of a registration, worked out from its answers and its rules."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from conversations.model import Registration
from conversations.papers.wanted import judged
from rules.schema import HANDED_OVER, Field, Pack, Phase, Route

SENDER_ID = "sender_id"  # stands for the names themselves in lists of what is missing

_ORDER = {Phase.FIRST: 0, Phase.BASIC: 1, Phase.AFTER_SENDER_IDS: 2}


@dataclass(frozen=True, slots=True)
class Plan:
    fields: tuple[Field, ...]  # all that apply now, in order
    next_field: Field | None  # the first not answered, skipped or parked
    missing: tuple[str, ...]  # required and without an answer: field names, SENDER_ID, or "sample:<sender ID>"
    names_wanted: bool
    samples_wanted: bool
    number_wanted: bool  # the registry's number comes next
    done: int
    total: int


def plan(registration: Registration, pack: Pack, held: Set[str] = frozenset()) -> Plan:
    """What this registration's rules still ask. The fields `held` wait until names and samples are given."""
    fields = applicable(registration, pack)
    texts_only = pack.route is Route.TEMPLATE_APPROVAL
    names_wanted = not registration.names_done and SENDER_ID not in registration.parked and not texts_only
    samples_wanted = wants_samples(pack) and any(not name.sampled for name in registration.sender_ids)
    done_with = settled(registration)
    open_fields = [field for field in fields if field.name not in done_with]
    before = [field for field in open_fields if field.phase is not Phase.AFTER_SENDER_IDS]
    early = [field for field in before if field.name not in held]
    if not (early or names_wanted or samples_wanted):
        early = before or (open_fields if registration.sender_ids else [])
    next_field = next(iter(early), None)
    missing = [
        field.name
        for field in fields
        if registration.answers.get(field.name) in (None, "", []) and is_required(field, registration)
    ]
    if not registration.sender_ids or any(name.text in registration.refused for name in registration.sender_ids):
        missing.append(SENDER_ID)
    if wants_samples(pack):
        missing += [f"sample:{name.text}" for name in registration.sender_ids if not name.samples]
    names = 1 + (1 if wants_samples(pack) else 0)
    done = (
        len(fields)
        - len(open_fields)
        + (not names_wanted)
        + (wants_samples(pack) and not samples_wanted and not names_wanted)
    )
    return Plan(
        fields,
        next_field,
        tuple(missing),
        names_wanted,
        samples_wanted,
        _number_wanted(registration, pack, next_field, names_wanted),
        int(done),
        len(fields) + names,
    )


def settled(registration: Registration) -> set[str]:
    """The fields that were dealt with: answered, put off or skipped."""
    return {*registration.answers, *registration.parked, *registration.skipped}


def drop_what_no_longer_applies(registration: Registration, pack: Pack) -> None:
    """An answer to a question that is not asked any more would end in a letter nobody expects."""
    asked = {field.name for field in applicable(registration, pack)}
    conditional = {field.name for field in pack.fields if field.required_when is not None and not field.required}
    for name in conditional - asked:
        if pack.registry is None or name != pack.registry.number_field:
            registration.answers.pop(name, None)


def wants_samples(pack: Pack) -> bool:
    """Handed-over countries ask few things: there the account manager asks for texts, but for text approval."""
    return pack.route not in (Route.ACCOUNT_MANAGER, Route.SELF_REGISTRATION)


def applicable(registration: Registration, pack: Pack) -> tuple[Field, ...]:
    """The fields that apply now, in the order asked."""
    few = pack.handoff_fields if pack.route in HANDED_OVER and pack.handoff_fields else None
    number = pack.registry.number_field if pack.registry else None
    answers = judged(registration)
    found = [
        field
        for field in pack.fields
        if (few is None or field.name in few)
        and field.name != number
        and (field.required_when is None or field.required or field.required_when.holds(answers))
    ]
    return tuple(sorted(found, key=_phase))


def _phase(field: Field) -> int:
    return _ORDER[field.phase]


def is_required(field: Field, registration: Registration) -> bool:
    return field.required or bool(field.required_when and field.required_when.holds(judged(registration)))


def _number_wanted(registration: Registration, pack: Pack, next_field: Field | None, names_wanted: bool) -> bool:
    registry = pack.registry
    if registry is None or registration.answers.get(registry.number_field):
        return False
    if pack.route is Route.SELF_REGISTRATION_THEN_FORM:
        return True
    return pack.route is Route.SELF_REGISTRATION and next_field is None and not names_wanted
