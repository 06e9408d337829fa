"""The dialogue: one table, one machine that holds no chat.

Fields come from the rule pack: there is one ASKING state with a cursor, never a state a field. Where a chat goes on
follows from the facts of the registration it is on, so a reviewer's decision, a job's result and the customer's own
answer all lead to the right place by the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from transitions import EventData

from conversations.interview.plan import Plan
from conversations.machine import Row, Table
from conversations.model import CLOSED, Registration, Status, Step
from conversations.papers.wanted import Papers

ANY = tuple(Step)
ON_ONE = tuple(step for step in Step if step not in (Step.NEW, Step.COUNTRY, Step.WHICH_COUNTRY))


@dataclass(frozen=True)
class Here:
    """What the guards read: the registration the chat is on, what is still asked, its papers.

    Plan and papers are worked out when a guard first asks for them: most triggers have none that does.
    """

    registration: Registration | None
    work_out_plan: Callable[[Registration], Plan]
    work_out_papers: Callable[[Registration], Papers]
    sure: bool = False  # the country was named beyond doubt

    @cached_property
    def plan(self) -> Plan | None:
        return self.work_out_plan(self.registration) if self.registration else None

    @cached_property
    def papers(self) -> Papers | None:
        return self.work_out_papers(self.registration) if self.registration else None


def _here(event: EventData) -> Here:
    here = event.kwargs["facts"]
    assert isinstance(here, Here)
    return here


def _status(event: EventData) -> Status | None:
    registration = _here(event).registration
    return registration.status if registration else None


def is_sure(event: EventData) -> bool:
    return _here(event).sure


def is_with_people_or_closed(event: EventData) -> bool:
    people = (Status.UNDER_REVIEW, Status.WITH_CARRIER, Status.WITH_ACCOUNT_MANAGER)
    return _status(event) in CLOSED or _status(event) in people


def number_comes_next(event: EventData) -> bool:
    plan = _here(event).plan
    return _status(event) is Status.SELF_REGISTERING or bool(plan and plan.number_wanted)


def more_to_ask(event: EventData) -> bool:
    plan = _here(event).plan
    return plan is not None and plan.next_field is not None


def names_wanted(event: EventData) -> bool:
    plan = _here(event).plan
    return plan is not None and plan.names_wanted


def samples_wanted(event: EventData) -> bool:
    plan = _here(event).plan
    return plan is not None and plan.samples_wanted


def is_being_drawn(event: EventData) -> bool:
    return _status(event) is Status.DOCUMENTS_TO_BE_RENDERED


def awaits_the_all_correct(event: EventData) -> bool:
    here = _here(event)
    return (
        _status(event) is Status.DOCUMENTS_RENDERED
        and here.registration is not None
        and not here.registration.confirmed
        and here.papers is not None
        and bool(here.papers.letters)
    )


def collects_papers(event: EventData) -> bool:
    return _status(event) is Status.DOCUMENTS_RENDERED


# fmt: off
# trigger        from                                   to                    only if
FLOW: list[Row[Step]] = [
    ("begin",      Step.NEW,                              Step.COUNTRY,         None),
    ("name",       Step.COUNTRY,                          Step.BRIEFING,        is_sure),
    ("name",       Step.COUNTRY,                          Step.WHICH_COUNTRY,   None),
    ("pick",       Step.WHICH_COUNTRY,                    Step.BRIEFING,        None),
    ("back",       (Step.WHICH_COUNTRY, Step.BRIEFING),   Step.COUNTRY,         None),
    ("offer",      ANY,                                   Step.PROFILE,         None),
    ("back",       (Step.ASKING, Step.REGISTRY, Step.SENDER_IDS, Step.SAMPLES, Step.REVIEW), Step.ASKING, None),
    ("go_on",      ON_ONE,                                Step.TRACKING,        is_with_people_or_closed),
    ("go_on",      ON_ONE,                                Step.REGISTRY,        number_comes_next),
    ("go_on",      ON_ONE,                                Step.ASKING,          more_to_ask),
    ("go_on",      ON_ONE,                                Step.SENDER_IDS,      names_wanted),
    ("go_on",      ON_ONE,                                Step.SAMPLES,         samples_wanted),
    ("go_on",      ON_ONE,                                Step.RENDERING,       is_being_drawn),
    ("go_on",      ON_ONE,                                Step.PREVIEW,         awaits_the_all_correct),
    ("go_on",      ON_ONE,                                Step.DOCUMENTS,       collects_papers),
    ("go_on",      ON_ONE,                                Step.REVIEW,          None),
    ("edit",       ON_ONE,                                Step.ASKING,          None),
    ("add_name",   ON_ONE,                                Step.SENDER_IDS,      None),
    ("doubt",      Step.SENDER_IDS,                       Step.SENDER_ID_DOUBT, None),
    ("keep_name",  Step.SENDER_ID_DOUBT,                  Step.SENDER_IDS,      None),
    ("add_sample", ON_ONE,                                Step.SAMPLES,         None),
    ("place",      ON_ONE,                                Step.PLACING,         None),
    ("switch",     ANY,                                   Step.TRACKING,        None),
    ("another",    ANY,                                   Step.COUNTRY,         None),
    ("cancel",     ON_ONE,                                Step.CANCELLING,      None),
    ("withdraw",   Step.CANCELLING,                       Step.WITHDRAWING,     None),
]
# fmt: on

MACHINE = Table(Step, FLOW)


def leads_to(state: Step, trigger: str, here: Here) -> Step | None:
    """The step the trigger leads to, or None when the table does not allow it now."""
    return MACHINE.dest(state, trigger, here)
