"""The life of a registration: one table, one machine that holds no registration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transitions import EventData

from conversations.machine import Row, Table
from conversations.model import Registration, Role, Status
from conversations.papers.wanted import Papers
from rules.schema import Pack, Route

S = Status
OPEN = tuple(status for status in Status if status not in (S.SUCCESSFUL, S.FAILED, S.WITHDRAWN, S.EXPIRED))
WITH_PEOPLE = (S.UNDER_REVIEW, S.WITH_CARRIER, S.WITH_ACCOUNT_MANAGER)
CAN_BE_EDITED = (S.DOCUMENTS_RENDERED, S.DOCUMENTS_TO_BE_RENDERED, S.NEEDS_CORRECTION)
WAITS_ON_CUSTOMER = (S.DRAFT, S.SELF_REGISTERING, S.DOCUMENTS_TO_BE_RENDERED, S.DOCUMENTS_RENDERED, S.NEEDS_CORRECTION)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards read: the registration, its rules, and what is asked of this one trigger."""

    registration: Registration
    pack: Pack
    papers: Papers
    missing: bool = False  # something required is missing or parked
    letter_changed: bool = False  # what changed is shown by a letter
    rendering: int = 0  # number of the rendering that came back


def _facts(event: EventData) -> Facts:
    facts = event.kwargs["facts"]
    assert isinstance(facts, Facts)
    return facts


def number_given(facts: Facts) -> bool:
    registry = facts.pack.registry
    return registry is None or bool(facts.registration.answers.get(registry.number_field))


def goes_to_a_manager(event: EventData) -> bool:
    facts = _facts(event)
    route = facts.pack.route
    return route in (Route.ACCOUNT_MANAGER, Route.TEMPLATE_APPROVAL) or (
        route is Route.SELF_REGISTRATION and number_given(facts)
    )


def number_is_missing(event: EventData) -> bool:
    facts = _facts(event)
    return facts.pack.route in (Route.SELF_REGISTRATION, Route.SELF_REGISTRATION_THEN_FORM) and not number_given(facts)


def the_form_follows(event: EventData) -> bool:
    return _facts(event).pack.route is Route.SELF_REGISTRATION_THEN_FORM


def is_ready(event: EventData) -> bool:
    facts = _facts(event)
    has_form = facts.pack.route in (Route.FORM, Route.RECOMMENDED, Route.SELF_REGISTRATION_THEN_FORM)
    # A paused country is prepared up to here: without papers the submission itself waits for the end of the pause.
    paused = facts.pack.paused is not None and not facts.papers.any_required
    return has_form and number_given(facts) and not facts.missing and not paused


def is_ready_with_letters(event: EventData) -> bool:
    return is_ready(event) and bool(_facts(event).papers.letters)


def is_ready_with_own_papers(event: EventData) -> bool:
    return is_ready(event) and bool(_facts(event).papers.required_own)


def is_the_version_last_asked_for(event: EventData) -> bool:
    facts = _facts(event)
    return facts.rendering == facts.registration.letters_asked


def a_letter_shows_what_changed(event: EventData) -> bool:
    return _facts(event).letter_changed


def every_page_is_there(event: EventData) -> bool:
    facts = _facts(event)
    return facts.papers.complete and not facts.missing and facts.pack.paused is None


def unopened_with_papers(event: EventData) -> bool:
    return nobody_has_opened_it(event) and _facts(event).papers.any_required


def nobody_has_opened_it(event: EventData) -> bool:
    return _facts(event).registration.opened_by is None


def one_is_approved_and_none_open(event: EventData) -> bool:
    names = _facts(event).registration.sender_ids
    return all(name.outcome for name in names) and any(name.outcome == "approved" for name in names)


def a_letter_is_to_be_drawn(event: EventData) -> bool:
    return _facts(event).papers.to_draw


def a_required_page_is_missing(event: EventData) -> bool:
    return not _facts(event).papers.complete


# fmt: off
# trigger                  from                        to                          only if
LIFECYCLE: list[Row[Status]] = [
    ("hand_over",              S.DRAFT,                    S.WITH_ACCOUNT_MANAGER,     goes_to_a_manager),
    ("start_self_registration", S.DRAFT,                   S.SELF_REGISTERING,         number_is_missing),
    ("registered_by_customer", S.SELF_REGISTERING,         S.DRAFT,                    the_form_follows),
    ("registered_by_customer", S.SELF_REGISTERING,         S.WITH_ACCOUNT_MANAGER,     None),
    ("back",                   S.SELF_REGISTERING,         S.DRAFT,                    None),
    ("submit",                 S.DRAFT,                    S.DOCUMENTS_TO_BE_RENDERED, is_ready_with_letters),
    ("submit",                 S.DRAFT,                    S.DOCUMENTS_RENDERED,       is_ready_with_own_papers),
    ("submit",                 S.DRAFT,                    S.UNDER_REVIEW,             is_ready),
    ("rendered",               S.DOCUMENTS_TO_BE_RENDERED, S.DOCUMENTS_RENDERED,       is_the_version_last_asked_for),
    ("rendering_failed",       S.DOCUMENTS_TO_BE_RENDERED, S.NEEDS_CORRECTION,         None),
    ("edit",                   S.DOCUMENTS_RENDERED,       S.DOCUMENTS_TO_BE_RENDERED, a_letter_shows_what_changed),
    ("edit",                   CAN_BE_EDITED,              None,                       None),
    ("submit_documents",       S.DOCUMENTS_RENDERED,       S.UNDER_REVIEW,             every_page_is_there),
    ("take_back",              S.UNDER_REVIEW,             S.DOCUMENTS_RENDERED,       unopened_with_papers),
    ("take_back",              S.UNDER_REVIEW,             S.DRAFT,                    nobody_has_opened_it),
    ("pass_on",                S.UNDER_REVIEW,             S.WITH_CARRIER,             None),
    ("approve",                WITH_PEOPLE,               S.SUCCESSFUL,               one_is_approved_and_none_open),
    ("send_back",              (S.UNDER_REVIEW, S.WITH_CARRIER), S.NEEDS_CORRECTION,   None),
    ("reject",                 WITH_PEOPLE,                S.FAILED,                   None),
    ("hand_back",              S.WITH_ACCOUNT_MANAGER,     S.DRAFT,                    None),
    ("resubmit",               S.NEEDS_CORRECTION,         S.DOCUMENTS_TO_BE_RENDERED, a_letter_is_to_be_drawn),
    ("resubmit",               S.NEEDS_CORRECTION,         S.DOCUMENTS_RENDERED,       a_required_page_is_missing),
    ("resubmit",               S.NEEDS_CORRECTION,         S.UNDER_REVIEW,             None),
    ("withdraw",               OPEN,                       S.WITHDRAWN,                None),
    ("time_is_up",             WAITS_ON_CUSTOMER,          S.EXPIRED,                  None),
]
# fmt: on

MACHINE = Table(Status, LIFECYCLE)


def moves(trigger: str, facts: Facts) -> Status | None:
    """The status the trigger leads to, or None when the table or its guards do not allow it now."""
    return MACHINE.dest(facts.registration.status, trigger, facts)


REVIEWERS = frozenset({Role.REVIEWER, Role.ADMIN})
MANAGERS = frozenset({Role.ACCOUNT_MANAGER, Role.ADMIN})
# What the desk decides, and who may.
DECISIONS: Mapping[str, frozenset[Role]] = {
    "approve": REVIEWERS | MANAGERS,
    "refuse": REVIEWERS | MANAGERS,
    "pass_on": REVIEWERS,
    "send_back": REVIEWERS,
    "reject": REVIEWERS | MANAGERS,
    "hand_back": MANAGERS,
}


def decisions(registration: Registration, role: Role | None = None) -> tuple[str, ...]:
    """What the table lets the desk decide on a registration now, or that role; guards have their word later."""
    possible = {
        trigger
        for trigger, source, _, _ in LIFECYCLE
        if registration.status in (source if isinstance(source, tuple) else (source,))
    }
    if "approve" in possible:
        possible.add("refuse")  # of one sender ID: each has its own outcome
    return tuple(name for name, roles in DECISIONS.items() if name in possible and (role is None or role in roles))
