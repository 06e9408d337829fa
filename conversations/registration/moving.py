"""A registration moves with its country's rules until it is filed: told what changed, and asked only the difference."""

from __future__ import annotations

from datetime import date

from conversations import deadlines
from conversations.edition import adopt, is_behind, pack_of
from conversations.interview import asking
from conversations.interview.plan import applicable
from conversations.model import Day, Note, Registration, Status, Step, Text, Value
from conversations.registration import difference
from conversations.registration.difference import BY, Difference
from conversations.talk import Talk
from conversations.uploads.documents import open_choice
from rules.checks import HAS_NUMBER
from rules.editions import began
from rules.schema import Pack
from rules.traits import WITHOUT_REGISTRATION

# Steps that ask nothing of the registration, or ask whether it is to go on at all.
ELSEWHERE = (Step.NEW, Step.COUNTRY, Step.WHICH_COUNTRY, Step.BRIEFING, Step.CANCELLING, Step.WITHDRAWING)
HOLD = (Step.PROFILE, Step.SENDER_IDS, Step.SAMPLES)  # what is said there is read by the new rules


def catch_up(talk: Talk) -> None:
    """Move every registration of this chat that the rules of the day have left behind."""
    for registration in talk.case.registrations.values():
        is_here = talk.chat.id == registration.conversation_id or talk.chat.on == registration.id
        if is_here and is_behind(registration, talk.book):
            _move(talk, registration)


def look(talk: Talk, registration: Registration) -> None:
    """A timer, or rules that were read anew: move the registration, by day on its customer's clock."""
    is_day = deadlines.daytime(talk.now, talk.zone(registration)) == talk.now
    if is_behind(registration, talk.book) and (is_day or not registration.edition):
        _move(talk, registration)
    else:
        talk.arm(registration)


def _move(talk: Talk, registration: Registration) -> None:
    """Lead the registration by the rules of the day."""
    is_noted, before, route = bool(registration.edition), pack_of(registration, talk.book), registration.route
    adopt(registration, talk.book)
    after = talk.pack(registration)
    if not is_noted:  # opened just now, or before editions were noted
        _pause_or_reopen(talk, registration, after)
        talk.arm(registration)
        return
    if registration.status is Status.SELF_REGISTERING and after.route not in HAS_NUMBER:
        talk.fire(registration, "back", BY)
    found = difference.bring_into_line(talk, registration, before)
    told = _told(talk, before, after)
    if told or found.lines:
        _note(talk, registration, after)
        _say(talk, registration, told, found)
    _pause_or_reopen(talk, registration, after)
    talk.arm(registration)
    is_asked = talk.chat.on == registration.id and talk.chat.state not in ELSEWHERE
    if is_asked and (route != registration.route or not _stands(talk, registration, before, found)):
        _go_on(talk, after)


def _told(talk: Talk, before: Pack, after: Pack) -> list[Value]:
    """What the dated entries between the two say, oldest first, each with its day and its source."""
    return [
        Text(
            "rules_entry",
            {
                "since": Day(date.fromisoformat(one.version)),
                "text": " ".join(one.changed),
                "source": Text("rules_source", {"url": one.changed_source.url}) if one.changed_source else "",
            },
        )
        for one in talk.book.editions(after.country)
        if one.changed and began(before.version) < began(one.version) <= began(after.version)
    ]


def _say(talk: Talk, registration: Registration, told: list[Value], found: Difference) -> None:
    is_there = talk.chat.on == registration.id
    talk.tell_customer(
        registration,
        "rules_changed" if told else "rules_corrected",
        {"entries": told, "lines": found.lines or [Text("rules_touch_nothing")]},
        choices=() if is_there else (open_choice(registration),),
    )


def _note(talk: Talk, registration: Registration, after: Pack) -> None:
    status = registration.status
    talk.effects.append(Note(registration.id, talk.now, "rules", status, status, BY, after.version))


def _pause_or_reopen(talk: Talk, registration: Registration, after: Pack) -> None:
    """A pause that begins stops the clock, one that ends lets it start; either is said."""
    was, registration.preparing = registration.preparing, after.paused is not None
    if was == registration.preparing:
        return
    deadlines.entered(registration, talk.now, "reopened" if was else "paused")
    if after.paused is not None:
        source = after.paused.source
        values: dict[str, Value] = {
            "text": after.paused.text, "source": source.url, "read_on": source.read_on.isoformat(),
        }  # fmt: skip
        talk.tell_customer(registration, "country_paused", values)
    else:
        talk.tell_customer(registration, "country_reopened", choices=(open_choice(registration),))


def _stands(talk: Talk, registration: Registration, before: Pack, found: Difference) -> bool:
    """Whether the question that is open is asked now too, so that what was said is its answer."""
    state, after = talk.chat.state, talk.pack(registration)
    if state is Step.ASKING:
        field = talk.chat.cursor.field
        return any(one.name == field and one in before.fields for one in applicable(registration, after))
    if state is Step.REGISTRY:
        return after.registry is not None and after.registry == before.registry
    return state in HOLD or not found.lines


def _go_on(talk: Talk, after: Pack) -> None:
    """Ask what the new rules ask."""
    if after.route in WITHOUT_REGISTRATION:
        talk.go("cancel")  # nothing can be filed there any more: keep it, or withdraw?
    else:
        asking.go_on(talk)
    talk.asks_anew = talk.ask_now = True
