"""One interview for several countries: an answer given once is taken over wherever the rules there take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conversations.errors import BadAnswer
from conversations.interview import stops
from conversations.interview.plan import drop_what_no_longer_applies, is_required, settled
from conversations.interview.several import Interview, mates
from conversations.interview.stops import Stopped
from conversations.model import Country, Registration, Text, Value
from conversations.talk import Talk
from rules.schema import Field, Phase, Scope


def interview_of(talk: Talk, registration: Registration) -> Interview:
    """The interview the registration is answered in, as it is now."""
    return Interview(mates(registration, talk.case.registrations.values()), talk.pack)


# --- answers ------------------------------------------------------------------------------------------------------


def pass_on(talk: Talk, registration: Registration, name: str) -> None:
    """The answer to a question was given or changed: whoever shares it has the new one, and none that it had before."""
    if registration.together is not None and name not in registration.apart:
        for one in interview_of(talk, registration).registrations:
            if name in one.apart and name not in one.answers:
                one.apart.remove(name)  # it refused the answer before this one
        sharing = interview_of(talk, registration).sharing(name)
        for one in sharing if registration in sharing else ():
            if one is not registration and one.answers.get(name) != registration.answers.get(name):
                one.answers.pop(name, None)
                _forget_putting_off(one, name)
    settle(talk, registration)


def settle(talk: Talk, registration: Registration) -> None:
    """Take over what others of the interview have answered, or what is kept of the company, until nothing is new."""
    took = registration.together is not None or registration.uses_profile
    while took:  # an answer may bring questions, which others have answered too
        interview = interview_of(talk, registration)
        took = sum(_takes(talk, interview, one) for one in interview.registrations) > 0
        # What nobody has said may follow from what was said.
        took = took or sum(_follow(talk, interview, one) for one in interview.registrations) > 0


def _takes(talk: Talk, interview: Interview, one: Registration) -> bool:
    """Whether the registration took an answer over, or refused one that was there to be taken."""
    took = False
    for field in interview.open_fields(one):
        values = list(_given_elsewhere(talk, interview, one, field)) if field.name not in one.apart else []
        for value in values:
            if _write(talk, one, field, value):
                break
        else:
            if values:
                one.apart.append(field.name)
        took = took or bool(values)
    return took


def _follow(talk: Talk, interview: Interview, one: Registration) -> bool:
    """Whether an answer was taken down that follows from others; one the rules here refuse is asked as any question."""
    fields = [(field, interview.following(one, field)) for field in interview.open_fields(one) if field.follows]
    written = [(one, field) for field, value in fields if value is not None and _write(talk, one, field, value)]
    talk.followed += written
    return bool(written)


def say_what_followed(talk: Talk) -> None:
    """Nothing is taken down in silence: what was, for which countries, and how to change it."""
    countries: dict[tuple[str, str], list[str]] = {}
    for one, field in talk.followed:
        if (value := one.answers.get(field.name)) is not None:
            named = field.label, field.choice_labels.get(str(value), stops.typed(value))
            countries.setdefault(named, []).append(talk.book.country_name(one.country))
    lines: list[Value] = [
        Text("line_followed", {"label": label, "value": value, "countries": ", ".join(dict.fromkeys(names))})
        for (label, value), names in countries.items()
    ]
    if lines:
        talk.say("followed", {"lines": lines})
    talk.followed = []


def drop_what_followed(talk: Talk, registration: Registration, name: str) -> None:
    """The answer to a question is about to change: what followed from it is open again."""
    for one, followed in interview_of(talk, registration).followed(name):
        one.answers.pop(followed, None)


def _given_elsewhere(talk: Talk, interview: Interview, one: Registration, field: Field) -> Iterator[Any]:
    """The answers to the question that may do for this registration too, nearest first."""
    for other in interview.registrations:
        if other is not one and field.name in other.answers and _does_for(interview, other, one, field):
            yield other.answers[field.name]
    company = talk.case.company
    if one.uses_profile and company is not None and field.scope is Scope.COMPANY and field.name in company.profile:
        yield company.profile[field.name]


def _does_for(interview: Interview, other: Registration, one: Registration, field: Field) -> bool:
    sharing = interview.sharing(field.name)
    if one not in sharing or other not in sharing:
        return False
    return field.phase is not Phase.AFTER_SENDER_IDS or _same_names(other, one)


def _same_names(other: Registration, one: Registration) -> bool:
    return [name.text for name in other.sender_ids] == [name.text for name in one.sender_ids]


def _write(talk: Talk, one: Registration, field: Field, value: Any) -> bool:
    """Write an answer that was given elsewhere, unless the rules here refuse it."""
    try:
        one.answers[field.name] = stops.reread(field, value, one.answers, talk.book)
    except BadAnswer:
        return False
    _forget_putting_off(one, field.name)
    one.typed.pop(field.name, None)
    after_an_answer(talk, one)
    return True


def after_an_answer(talk: Talk, registration: Registration) -> None:
    """What an answer changes about the others: some are asked no more, and one given before may stop it now."""
    pack = talk.pack(registration)
    drop_what_no_longer_applies(registration, pack)
    while stopped := stops.stopped_by_now(registration, pack):
        field, stop = stopped[0]
        drop_what_followed(talk, registration, field.name)
        registration.answers.pop(field.name)
        drop_what_no_longer_applies(registration, pack)
        if field.name not in registration.apart:
            registration.apart.append(field.name)
        if not why_here(talk, registration, field):
            talk.say("stopped_by_another", {"label": field.label, "text": stop.text, "alternative": stop.alternative})


def give_to_the_others(talk: Talk, registration: Registration, field: Field, text: str) -> Registration | None:
    """Where an answer stops one country of several: the others that can go on with it have it. One of them."""
    interview = interview_of(talk, registration)
    sharing = interview.sharing(field.name)
    if registration not in sharing:
        return None
    took = None
    for one in sharing:
        if one is not registration:
            asked = interview.asks[one.id][field.name]
            try:
                value = stops.read(asked, text, one.answers, talk.book)
            except BadAnswer:
                continue
            drop_what_followed(talk, one, field.name)
            took = took or one
            one.answers[field.name] = value
            _forget_putting_off(one, field.name)
            after_an_answer(talk, one)
    if took is not None:
        registration.apart.append(field.name)
        registration.answers.pop(field.name, None)
        pass_on(talk, took, field.name)
    return took


def why_here(talk: Talk, registration: Registration, field: Field) -> Text | None:
    """Why a question others are done with is asked for this country: what speaks against their answer here."""
    if field.name not in registration.apart or field.name in registration.answers:
        return None
    interview = interview_of(talk, registration)
    values = [
        one.answers[field.name]
        for one in interview.registrations
        if one is not registration and field.name in one.answers
    ]
    company = talk.case.company
    if registration.uses_profile and company is not None and field.name in company.profile:
        values.append(company.profile[field.name])
    country = Country(registration.country)
    for value in values:
        try:
            stops.reread(field, value, registration.answers, talk.book)
        except Stopped as stopped:
            return Text("stopped_there", {"country": country, **stopped.values})
        except BadAnswer as bad:
            why = Text(bad.key, {**bad.values, "label": field.label, "example": ""})
            return Text("refused_there", {"country": country, "answer": stops.typed(value), "why": why})
    return None


def give(talk: Talk, registrations: list[Registration], name: str, value: Any) -> None:
    """Write an answer that is known before it is asked, wherever the rules take it; where they stop, that is said."""
    for one in registrations:
        field = next((asked for asked in interview_of(talk, one).open_fields(one) if asked.name == name), None)
        if field is None or _write(talk, one, field, value):
            continue
        one.apart.append(name)
        stop = field.stop(one.answers, value)
        if stop is not None and why_here(talk, one, field) is None:
            country = Country(one.country)
            talk.say(
                "stopped_there", {"country": country, "text": stop.text, "alternative": stop.alternative}, about=one
            )


def details_fit(talk: Talk, registration: Registration) -> bool:
    """Whether something is kept of the company that is asked in this interview."""
    company = talk.case.company
    kept = company.profile if company is not None else {}
    interview = interview_of(talk, registration)
    return any(
        field.name in kept and field.scope is Scope.COMPANY
        for one in interview.registrations
        for field in interview.open_fields(one)
    )


def keep_up(talk: Talk, registration: Registration, field: Field) -> None:
    """Where what is kept of the company is used, an answer that differs from it changes it."""
    company = talk.case.company
    kept = company is not None and company.profile_since is not None and registration.uses_profile
    if company is not None and kept and field.scope is Scope.COMPANY and field.name not in registration.apart:
        company.profile[field.name] = registration.answers[field.name]


def skipped(talk: Talk, registration: Registration, field: Field) -> None:
    """The question was skipped: by the others that may do without an answer, too."""
    for one, asked in _others_sharing(talk, registration, field):
        if not is_required(asked, one):
            one.answers.pop(field.name, None)
            if field.name not in one.skipped:
                one.skipped.append(field.name)


def parked(talk: Talk, registration: Registration, field: Field) -> None:
    """The question was put off: for all it was asked for."""
    for one, _ in _others_sharing(talk, registration, field):
        if field.name not in settled(one):
            one.parked.append(field.name)


def _others_sharing(talk: Talk, registration: Registration, field: Field) -> list[tuple[Registration, Field]]:
    interview = interview_of(talk, registration)
    sharing = interview.sharing(field.name)
    others = [one for one in sharing if one is not registration] if registration in sharing else []
    return [(one, interview.asks[one.id][field.name]) for one in others]


def _forget_putting_off(one: Registration, name: str) -> None:
    for waiting in (one.parked, one.skipped):
        if name in waiting:
            waiting.remove(name)
