"""What due timers do: remind, warn, delete, nudge, look whether the rules are others now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from conversations import deadlines
from conversations.deadlines import LAST_CALL, UNREACHABLE
from conversations.model import CLOSED, Country, Moment, Note, Registration, Status, Step
from conversations.registration import moving
from conversations.talk import Talk
from conversations.uploads.documents import open_choice

POSTPONED = "postponed"  # a line of the history: the end moved, for nothing is deleted unwarned
RETENTION = "retention"  # why a finished registration was deleted; others: the trigger that ended them


def clock(talk: Talk, registration: Registration) -> None:
    """Reminders before the end, collapsed into the nearest; at the end delete, but nothing unwarned."""
    deadlines.set_right(registration, talk.now)
    if not deadlines.runs(registration) or registration.ends_at is None:
        return
    _note_delivery(registration)
    if talk.now >= registration.ends_at:
        _end(talk, registration)
    else:
        _remind(talk, registration)
    if registration.status not in CLOSED:
        talk.arm(registration)


def _note_delivery(registration: Registration) -> None:
    """Only reminders of the present end count as its warning."""
    delivered, since = registration.warned_at, registration.end_set_at
    if delivered is not None and registration.first_warned_at is None and since is not None and delivered >= since:
        registration.first_warned_at = delivered


def _remind(talk: Talk, registration: Registration) -> None:
    at = deadlines.next_reminder(registration, talk.zone(registration), talk.now)
    if at is not None and at <= talk.now:
        registration.reminded += deadlines.overdue(registration, talk.now)
        _say(talk, registration)


def _say(talk: Talk, registration: Registration) -> None:
    assert registration.ends_at is not None
    draft = registration.status in (Status.DRAFT, Status.SELF_REGISTERING)
    mending = registration.status is Status.NEEDS_CORRECTION
    talk.tell_customer(
        registration,
        "reminder_draft" if draft else "reminder_correction" if mending else "reminder_papers",
        {"at": Moment(registration.ends_at)},
        choices=(open_choice(registration),),
        reminder=True,
    )


def _end(talk: Talk, registration: Registration) -> None:
    warned = registration.first_warned_at
    if warned is not None and talk.now - warned >= deadlines.WARNING:
        reference, country = registration.reference, registration.country
        conversation = registration.conversation_id
        talk.fire(registration, "time_is_up", "timer")
        talk.say(
            "expired",
            {"reference": reference, "country": Country(country)},
            about=registration,
            to=conversation,
            last=True,
        )
        return
    postponed = Note(registration.id, talk.now, POSTPONED, registration.status, registration.status, "timer")
    talk.effects.append(postponed)
    registration.ends_at = (warned or talk.now) + deadlines.WARNING
    registration.reminded += deadlines.overdue(registration, talk.now)  # of the new end: one warning is enough
    if warned is not None:
        return
    if registration.unreachable and UNREACHABLE in registration.reminded:
        return  # the desk knows; asked again in a day, never deleted unwarned
    if LAST_CALL not in registration.reminded or registration.unreachable:
        _say(talk, registration)
        registration.reminded.append(LAST_CALL)


def unreachable(talk: Talk, registration: Registration) -> None:
    """The channel gave up on the customer: the desk is told, once for each end, before anything is deleted."""
    registration.unreachable = True
    if UNREACHABLE not in registration.reminded:
        registration.reminded.append(UNREACHABLE)
        talk.tell_desk("card_unreachable", registration)


def reachable(talk: Talk, registration: Registration) -> None:
    """They can be reached again: reminders go on where they stood."""
    deadlines.reached(registration)
    talk.arm(registration)


def nudge(talk: Talk, registration: Registration) -> None:
    """No state waits for ever in silence."""
    deadlines.set_right(registration, talk.now)
    at = deadlines.next_nudge(registration, talk.pack(registration), talk.zone(registration), talk.now)
    if at is None or at > talk.now:
        talk.arm(registration)
        return
    entered_at = registration.entered_at or talk.now
    days = (talk.now - entered_at) // timedelta(days=1)
    weeks_before = ((registration.nudged_at or entered_at) - entered_at) // timedelta(days=7)
    registration.nudged_at = talk.now
    if registration.status is Status.SELF_REGISTERING:
        registry = talk.pack(registration).registry
        talk.tell_customer(
            registration,
            "nudge_registry",
            {"registry": registry.name if registry else ""},
            choices=(open_choice(registration),),
        )
    elif registration.status in (Status.WITH_ACCOUNT_MANAGER, Status.UNDER_REVIEW, Status.WITH_CARRIER):
        talk.tell_desk(f"card_waits_{registration.status}", registration, n=days)
        if days // 7 > weeks_before:  # the desk more often, the customer once a week
            talk.tell_customer(registration, f"nudge_{registration.status}", {"n": days})
    talk.arm(registration)


def erase(talk: Talk, registration: Registration) -> None:
    """The retention time of a finished registration is over."""
    deadlines.set_right(registration, talk.now)
    at = deadlines.end_of_retention(registration, talk.now, talk.retention_days)
    if at is not None and at > talk.now:
        talk.arm(registration)
    elif at is not None:
        chat = talk.chat_of(registration)
        was_on_it = chat is not None and chat.on == registration.id
        talk.erase(registration, RETENTION)
        if was_on_it and chat is not None:
            chat.state = Step.COUNTRY


TIMERS: Mapping[str, Callable[[Talk, Registration], None]] = {
    "clock": clock,
    "nudge": nudge,
    "reopen": moving.look,  # whether the pause is over
    "rules": moving.look,
    "erase": erase,
}
