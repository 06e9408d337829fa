"""The desk's chat: a card for each case, kept true in place, and under it what is new. Never an answer on a card."""

from __future__ import annotations

from conversations.edition import outdated
from conversations.lifecycle import WITH_PEOPLE, decisions
from conversations.model import (
    CLOSED,
    Choice,
    Country,
    Erase,
    Handoff,
    Moment,
    Registration,
    Say,
    Status,
    Tell,
    Text,
    Value,
)
from conversations.talk import Talk


def show(talk: Talk) -> None:
    """Say in the desk's chat what this turn changed there."""
    desk = talk.case.desk
    if desk is None:
        return
    told = [effect for effect in talk.effects if isinstance(effect, Tell)]
    erased = {effect.registration for effect in talk.effects if isinstance(effect, Erase)}
    for registration in talk.case.registrations.values():
        if registration.id not in erased:
            _case(talk, registration, [tell for tell in told if tell.registration == registration.id], desk)
        elif registration.carded:
            talk.effects.append(_gone(registration, desk))
    for handoff in talk.case.handoffs.values():
        opened = handoff.registration_id is None and handoff.opened_at == talk.now
        if opened and any(tell.registration is None and tell.key == handoff.reason for tell in told):
            talk.effects.append(_question(handoff, desk))


def slot(registration: Registration) -> str:
    return f"case:{registration.reference}"


def _case(talk: Talk, registration: Registration, news: list[Tell], desk: int) -> None:
    """What the desk is to do makes a card; after that the card changes in place and what is new stands under it."""
    is_first = not registration.carded
    if is_first and not news and not _is_with_the_desk(talk, registration):
        return
    says = _says(talk, registration)
    if registration.carded != says:
        registration.carded = says
        talk.effects.append(_card(talk, registration, desk))
    for tell in [] if is_first else news:
        values = {"reference": registration.reference, **tell.values}
        talk.effects.append(
            Say(
                "desk_news",
                {"reference": registration.reference, "news": Text(tell.key, values)},
                to=desk,
                registration=registration.id,
                choices=_actions(talk, registration),
                under=slot(registration),
            )
        )


def _is_with_the_desk(talk: Talk, registration: Registration) -> bool:
    return registration.status in WITH_PEOPLE or (
        registration.status not in CLOSED and _asks_for_a_person(talk, registration)
    )


def _says(talk: Talk, registration: Registration) -> str:
    """Everything a card shows that may change: the same, and it need not be sent again."""
    asked = _asks_for_a_person(talk, registration)
    is_old = registration.status not in CLOSED and outdated(registration, talk.book) is not None
    shown = (registration.status, registration.holder, _company(registration), registration.unreachable, asked)
    return "|".join(map(str, (*shown, registration.edition) if is_old else shown))


def _company(registration: Registration) -> str:
    """In one line: a card's other lines are ours."""
    return " ".join(str(registration.answers.get("company_name") or "").split())


def _card(talk: Talk, registration: Registration, desk: int) -> Say:
    return Say(
        "desk_card",
        {
            "reference": registration.reference,
            "country": Country(registration.country),
            "company": _company(registration) or Text("desk_card_no_company"),
            "status": Text(f"status_{registration.status}"),
            "since": Moment(registration.entered_at or talk.now),
            "wanted": _wanted(talk, registration),
            "holder": Text("desk_card_taken", {"name": registration.holder}) if registration.holder else "",
            "closed": registration.status in CLOSED,
        },
        choices=_actions(talk, registration),
        to=desk,
        registration=registration.id,
        slot=slot(registration),
        calls=_calls(talk, registration),
    )


def _calls(talk: Talk, registration: Registration) -> tuple[str, ...]:
    """Who is to be called: a person was asked for, and nobody has it yet."""
    wanted = registration.status is Status.WITH_ACCOUNT_MANAGER or _asks_for_a_person(talk, registration)
    return talk.book.on_duty(registration.country) if wanted and registration.taken_by is None else ()


def _wanted(talk: Talk, registration: Registration) -> list[Value]:
    """What the desk is to do, a line each."""
    found: list[Value] = []
    if registration.status in WITH_PEOPLE:
        found.append(Text(f"desk_wanted_{registration.status}"))
    if _asks_for_a_person(talk, registration) and registration.status is not Status.WITH_ACCOUNT_MANAGER:
        found.append(Text("handoff_asked"))
    if registration.unreachable:
        found.append(Text("card_unreachable"))
    if registration.status not in CLOSED and (line := outdated(registration, talk.book)):
        found.append(line)
    return found


def _asks_for_a_person(talk: Talk, registration: Registration) -> bool:
    return any(one.registration_id == registration.id and one.closed_at is None for one in talk.case.handoffs.values())


def _actions(talk: Talk, registration: Registration) -> tuple[Choice, ...]:
    """What may be done now: first it is taken, then decided by whoever took it."""
    reference = registration.reference
    asked = _asks_for_a_person(talk, registration)
    if not _is_with_the_desk(talk, registration):
        return ()
    if registration.taken_by is None:
        return (Choice(f"take {reference}", Text("choice_desk_take")),)
    names = list(decisions(registration))
    if asked and registration.status not in WITH_PEOPLE:
        names.append("close")
    return tuple(Choice(f"{name.replace('_', ' ')} {reference}", Text(f"choice_desk_{name}")) for name in names)


def _gone(registration: Registration, desk: int) -> Say:
    """What stays in the desk's chat of a registration that was deleted."""
    values: dict[str, Value] = {"reference": registration.reference, "country": Country(registration.country)}
    return Say(
        "desk_card_gone",
        {**values, "closed": True},
        to=desk,
        registration=registration.id,
        slot=slot(registration),
        last=True,
    )


def question(talk: Talk, number: int) -> None:
    """A question that belongs to no registration was taken or closed: its card says so."""
    handoff = talk.case.handoffs.get(number)
    if talk.case.desk is not None and handoff is not None and handoff.registration_id is None:
        talk.effects.append(_question(handoff, talk.case.desk))


def _question(handoff: Handoff, desk: int) -> Say:
    closed = handoff.closed_at is not None
    verbs = () if closed else ("close",) if handoff.taken_by else ("take",)
    return Say(
        "desk_question",
        {
            "number": handoff.id,
            "reason": Text(handoff.reason),
            "since": Moment(handoff.opened_at),
            "holder": Text("desk_card_taken", {"name": handoff.taken_by}) if handoff.taken_by else "",
            "state": Text("desk_question_closed") if closed else "",
            "closed": closed,
        },
        choices=tuple(Choice(f"{verb} question {handoff.id}", Text(f"choice_desk_{verb}")) for verb in verbs),
        to=desk,
        slot=f"question:{handoff.id}",
    )
