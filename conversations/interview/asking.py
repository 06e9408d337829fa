"""What becomes of an answer to a question of the pack: read, kept, refused, parked, skipped, edited; what is next."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from conversations.errors import BadAnswer
from conversations.interview import both, question, shared_names, stops, together
from conversations.interview.plan import is_required
from conversations.interview.several import Place
from conversations.interview.stops import Stopped
from conversations.judgement import asked_back, judging, phrases
from conversations.lifecycle import CAN_BE_EDITED
from conversations.model import (
    Choice,
    Country,
    Given,
    Kind,
    Registration,
    SenderId,
    Status,
    Step,
    Text,
    Value,
)
from conversations.talk import CUSTOMER, Talk
from conversations.words import Said, Word, literal
from rules.schema import Field, FieldType, Route

REMEMBERED = 50  # answers whose message may still be edited


def read_field(talk: Talk, text: str, said: Said | None) -> None:
    """Take the answer to the present question, or say what is wrong with it and ask the same again."""
    registration, field = talk.registration, question.current(talk)
    if said and said.word is Word.SKIP:
        skip(talk, field)
        return
    if said and said.word is Word.LATER:
        park(talk, field)
        return
    is_word = said is not None and not said.more and said.word is not Word.PERSON  # whoever is an "agent" says so
    if is_word and field.type is FieldType.TEXT:  # "submit", "done": no company is called so unquoted
        talk.say("word_not_here", {"given": text.strip()})
        return
    if doubted := asked_back.why(field, text, question.offered_sentences(talk, registration, field)):
        refuse(talk, doubted, field)
        return
    try:
        value = take(talk, registration, field, literal(text))
    except Stopped as stop:
        _stopped(talk, registration, field, stop, literal(text))
        return
    except BadAnswer as bad:
        refuse(talk, bad, field)
        return
    if value in question.offered_sentences(talk, registration, field) and value != literal(text):
        talk.say("phrase_taken", {"text": value, "label": field.label})
    go_on(talk)


def read(talk: Talk, registration: Registration, field: Field, text: str) -> Any:
    """The answer as it is kept; what is offered may be named by its number, or as "same".

    Raises:
        Stopped: the registration can go no further with it.
        BadAnswer: what is wrong with it.
    """
    meant = phrases.meant(field, text, registration.answers, question.offered_sentences(talk, registration, field))
    return stops.read(field, meant, registration.answers, talk.book)


def take(talk: Talk, registration: Registration, field: Field, text: str) -> Any:
    """Keep the answer, and what of it answers the question asked in the same message: one that does not read is next.

    Raises:
        Stopped, BadAnswer: as `read` does.
    """
    mine, rest = both.parts(talk, registration, field, text)
    value = read(talk, registration, field, mine)
    keep(talk, registration, field, value)
    other = both.other(talk, registration, field)
    if rest is not None and other is not None:
        with suppress(BadAnswer):
            keep(talk, registration, other, read(talk, registration, other, rest), said_with=field)
    return value


def _stopped(talk: Talk, registration: Registration, field: Field, stopped: Stopped, text: str) -> None:
    """One country of several is asked for itself, the others go on; else why it can't go on, and every way left."""
    alone = talk.chat.cursor.alone
    took = None if alone else together.give_to_the_others(talk, registration, field, text)
    if took is not None:
        remember(talk, took, field.name)
        go_on(talk)
        return
    several = together.interview_of(talk, registration).several
    choices = [
        *stops.ways_on(field, stopped.stop, registration.answers),
        *(question.ways_round(registration) if several else _ways_out()),
    ]
    talk.say(stopped.key, {**stopped.values, "label": field.label}, choices=tuple(choices), asks=True)


def _ways_out() -> tuple[Choice, ...]:
    return Choice("another", Text("choice_another_country")), Choice("person", Text("choice_person"))


def refuse(talk: Talk, bad: BadAnswer, field: Field | None = None) -> None:
    """What is wrong with this answer, what is allowed, an example, the way out."""
    choices = [Choice(bad.offer, Text("choice_offer", {"offer": bad.offer}))] if bad.offer else []
    values: dict[str, Value] = {
        **bad.values,
        "label": field.label if field else "",
        "example": Text("for_example", {"example": field.example}) if field and field.example else "",
    }
    if field is not None:
        choices += question.answers_offered(talk, field, talk.registration)
    wants, placeholder, label = (field.type.value, field.example or "", field.label) if field else ("", "", "")
    talk.say(
        bad.key, values, choices=tuple(choices), asks=True, wants=wants, placeholder=placeholder, regarding=label
    )  # fmt: skip


def keep(talk: Talk, registration: Registration, field: Field, value: Any, said_with: Field | None = None) -> None:
    """Write the answer down, and let the letters that show it be drawn anew.

    One that was `said_with` another's answer goes the way of that one: its message, edited, changes both.
    """
    changed = registration.answers.get(field.name) != value
    if changed:
        together.drop_what_followed(talk, registration, field.name)
    asked = (said_with or field).name == talk.chat.cursor.field
    if talk.chat.cursor.alone and asked and field.name not in registration.apart:
        registration.apart.append(field.name)
    registration.answers[field.name] = value
    for waiting in (registration.parked, registration.skipped, registration.to_mend):
        if field.name in waiting:
            waiting.remove(field.name)
    registration.overruled.pop(field.name, None)
    registration.typed.pop(field.name, None)  # a draft that was left is older than this
    _passed(talk, registration, field)
    if said_with is None:
        remember(talk, registration, field.name)
    _name_by_signature(talk, registration)
    together.after_an_answer(talk, registration)
    together.pass_on(talk, registration, field.name)
    together.keep_up(talk, registration, field)
    if changed:
        edited(talk, registration)


def edited(talk: Talk, registration: Registration) -> None:
    """An answer changed: after the first submit that is a trigger of the life of a registration."""
    shared_names.pass_on(talk, registration)
    if registration.status not in CAN_BE_EDITED:
        return
    changed = talk.papers(registration).changed
    before = registration.status
    talk.fire(registration, "edit", CUSTOMER, letter_changed=changed)
    if changed and before is Status.DOCUMENTS_TO_BE_RENDERED:
        talk.draw(registration)  # the drawing under way shows the old answer: its result will not count


def remember(talk: Talk, registration: Registration, name: str, index: int = 0) -> None:
    if talk.event.message and talk.event.kind is not Kind.EDITED:
        given = Given(talk.event.message, registration.id, name, index)
        talk.chat.given = [*talk.chat.given[-REMEMBERED + 1 :], given]


def _passed(talk: Talk, registration: Registration, field: Field) -> None:
    """The question was dealt with: "back" comes here first."""
    cursor, passed = talk.chat.cursor, f"{registration.id}:{field.name}"
    cursor.trail = [one for one in cursor.trail if one != passed] + [passed]


def skip(talk: Talk, field: Field) -> None:
    registration = talk.registration
    if is_required(field, registration):
        talk.say("cannot_skip", {"label": field.label}, choices=(Choice("later", Text("choice_later")),), asks=True)
        return
    if field.name not in registration.skipped:
        registration.skipped.append(field.name)
    registration.answers.pop(field.name, None)
    together.skipped(talk, registration, field)
    _passed(talk, registration, field)
    edited(talk, registration)
    go_on(talk)


def park(talk: Talk, field: Field) -> None:
    registration = talk.registration
    known = registration.answers.get(field.name) not in (None, "", [])
    if not known and field.name not in registration.parked:
        registration.parked.append(field.name)
        together.parked(talk, registration, field)
    _passed(talk, registration, field)
    talk.say("stays_as_it_is" if known else "parked", {"label": field.label})
    go_on(talk)


def go_on(talk: Talk) -> None:
    """To the next place the facts lead to, of this registration or of those answered together with it."""
    registration, asked = talk.on, None
    talk.chat.cursor.alone = False
    if registration is not None:
        shared_names.pass_on(talk, registration)
        together.settle(talk, registration)
        interview = together.interview_of(talk, registration)
        for one in interview.registrations:
            _fill_in_what_is_plain(talk, one, interview.plan(one).next_field)
        together.say_what_followed(talk)
        if interview.several:
            following, asked = interview.leads_to(registration)
            talk.chat.on = following.id
            _announce(talk, following)
    talk.go("go_on")
    if asked is not None and talk.chat.state is Step.ASKING:
        talk.chat.cursor.field = asked.name
    if registration is not None and talk.chat.state is Step.SENDER_IDS:
        shared_names.say_why(talk, talk.registration)


def _announce(talk: Talk, registration: Registration) -> None:
    """Where a country of several adds questions of its own: how many come."""
    interview = together.interview_of(talk, registration)
    if interview.place(registration) is not Place.OWN or talk.chat.cursor.announced == registration.id:
        return
    talk.chat.cursor.announced = registration.id
    plan = interview.plan(registration)
    asked = [field for field in interview.open_fields(registration) if not _is_plain(talk, registration, field)]
    count = len(asked) + plan.number_wanted
    talk.say("country_adds", {"country": Country(registration.country), "n": count})


def _fill_in_what_is_plain(talk: Talk, registration: Registration, asked: Field | None) -> None:
    if asked is not None and _is_plain(talk, registration, asked):
        registration.answers[judging.LINK] = True


def _is_plain(talk: Talk, registration: Registration, field: Field) -> bool:
    """Whether it asks how the sender IDs belong to the company, and anybody can see that."""
    named = field.name == judging.LINK and bool(registration.sender_ids)
    return named and judging.are_plainly_theirs(registration, talk.pack(registration), talk.book.watchlist)


def _name_by_signature(talk: Talk, registration: Registration) -> None:
    """Where texts are approved, they begin with the name: the signature is it, and the name changes with it."""
    signature = registration.answers.get("signature")
    if talk.pack(registration).route is not Route.TEMPLATE_APPROVAL or signature is None:
        return
    if not registration.sender_ids:
        registration.sender_ids = [SenderId(str(signature))]
        registration.names_done = True
    elif registration.sender_ids[0].text != signature:
        rename(talk, registration, registration.sender_ids[0], str(signature))
        registration.sender_ids[0].outcome = None


def rename(talk: Talk, registration: Registration, name: SenderId, text: str) -> None:
    """Another text for a name that is there; what is known of its samples goes on by the new one."""
    old, new = f"sample:{name.text}", f"sample:{text}"
    for given in talk.chat.given:
        if given.registration == registration.id and given.field == old:
            given.field = new
    registration.to_mend = [new if one == old else one for one in registration.to_mend]
    name.text = text


# --- back ----------------------------------------------------------------------------------------------------------


def back(talk: Talk) -> None:
    """The question before this one; from the first one, what the country asks."""
    registration, chat = talk.registration, talk.chat
    asked = together.interview_of(talk, registration).asks
    can_be_asked = {f"{one}:{name}" for one, fields_there in asked.items() for name in fields_there}
    here, trail = f"{registration.id}:{chat.cursor.field}", chat.cursor.trail
    if chat.state is Step.ASKING and here in trail:
        trail = trail[: trail.index(here)]
    trail = [one for one in trail if one in can_be_asked and one != here]
    if not trail and chat.state is not Step.ASKING:
        trail = [f"{registration.id}:{name}" for name in asked[registration.id] if name in registration.answers]
    if not trail:
        talk.say("nothing_before")
        return
    number, _, chat.cursor.field = trail[-1].partition(":")
    chat.on = int(number)
    talk.go("back")
