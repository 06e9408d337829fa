"""advance(case, event, book) -> Turn: the whole conversation, as one pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conversations import asides, deadlines, groups, limits, replies
from conversations.countries import planning, questions
from conversations.desk import actions, cards
from conversations.errors import BadAnswer
from conversations.interview import asking, consent, forms, names, question, review, samples, several
from conversations.interview.plan import SENDER_ID
from conversations.lifecycle import WAITS_ON_CUSTOMER
from conversations.model import (
    CLOSED,
    Case,
    Choice,
    Event,
    Given,
    Kind,
    Registration,
    Say,
    SpendInvite,
    Step,
    Text,
    Turn,
)
from conversations.reasons import CANNED
from conversations.registration import editing, moving, waiting
from conversations.steps import STEPS
from conversations.talk import Talk
from conversations.uploads import arrived, documents, own_papers, scans
from conversations.words import INVITATION, Word, literal, said
from rules.book import Book
from rules.schema import FieldType

FROM_PEOPLE = (Kind.OPENED, Kind.TEXT, Kind.PRESS, Kind.FILES, Kind.EDITED, Kind.CONTACT, Kind.OTHER, Kind.FORM)
COUNTED = (*FROM_PEOPLE, Kind.GROUP)  # towards a minute's messages


def advance(case: Case, event: Event, book: Book) -> Turn:
    """Take one event to its end: what the case is now, and what is to be done.

    Pure: no clock (time is `event.at`), no I/O. It owns the case it is given and may change it.
    """
    talk = Talk(case, event, book)
    asked = talk.chat.asked
    if event.kind in COUNTED and limits.too_many_messages(talk):
        return talk.turn
    if event.kind in FROM_PEOPLE:
        _heard(talk)
    if event.kind in FROM_PEOPLE and case.settings.get("paused") and not _is_for_the_desk(talk):
        paused(talk)
    else:
        if event.kind in FROM_PEOPLE:
            moving.catch_up(talk)
        HANDLERS[event.kind](talk)
        if event.kind in FROM_PEOPLE:
            moving.catch_up(talk)  # what was opened, taken back or repeated just now
    talk.arm_by_new_clock()
    scans.keep_up(talk)
    spoken_to = event.kind in FROM_PEOPLE and not talk.quiet
    moved_by_itself = talk.ask_now and talk.chat.asked != asked
    if (spoken_to or moved_by_itself) and not _asks_already(talk):
        STEPS[talk.chat.state].ask(talk)
    if talk.ask_in is not None:  # else the customer's "ok, thanks" would answer a question they never saw
        talk.chat = talk.ask_in
        STEPS[talk.chat.state].ask(talk)
    cards.show(talk)
    return talk.turn


def _heard(talk: Talk) -> None:
    """A word from a customer: who they are and what they are on counts as alive."""
    chat, event = talk.chat, talk.event
    chat.time_zone = chat.time_zone or event.time_zone
    chat.locale = chat.locale or event.locale
    registration = talk.on
    for one in several.mates(registration, talk.case.registrations.values()) if registration is not None else ():
        if one.status not in CLOSED:
            deadlines.heard(one, talk.now)


def _asks_already(talk: Talk) -> bool:
    return any(isinstance(effect, Say) and effect.asks and effect.to == talk.chat.id for effect in talk.effects)


def _is_for_the_desk(talk: Talk) -> bool:
    return talk.case.invited is not None or (talk.case.staff is not None and actions.command(_words(talk)) is not None)


def _words(talk: Talk) -> str:
    """What was typed, or stands on the button that was pressed."""
    return (talk.event.choice or "") if talk.event.kind is Kind.PRESS else talk.event.text


def paused(talk: Talk) -> None:
    """The operator paused the service: everybody hears why, and a file that was sent is kept all the same."""
    if talk.event.kind is Kind.FILES:
        documents.receive(talk)
    talk.say("service_paused", {"text": talk.case.settings["paused"]})
    talk.quiet = True


# --- a customer ---------------------------------------------------------------------------------------------------


def opened(talk: Talk) -> None:
    """Greet, or show where we are; what the link said that led here is followed."""
    if talk.case.invited is not None:
        _accept_invitation(talk)
        return
    if INVITATION.search(talk.event.text):
        talk.say("invitation_bad")
        return
    is_new = talk.chat.state is Step.NEW
    if is_new:
        greet(talk)
    if groups.follow(talk):
        return
    if is_new:
        talk.chat.source = talk.event.text.strip()[:64]
    else:
        talk.say("welcome_back")


def greet(talk: Talk) -> None:
    settings = talk.case.settings
    privacy = settings.get("privacy_url")
    talk.say(
        "greeting",
        {
            "operator": settings.get("operator_name") or Text("operator_unnamed"),
            "privacy": Text("privacy_at", {"url": privacy}) if privacy else "",
        },
    )
    talk.go("begin")


def typed(talk: Talk) -> None:
    event, chat = talk.event, talk.chat
    if talk.case.invited is not None:
        _accept_invitation(talk)
        return
    if _is_staffs_word(talk):
        return
    if INVITATION.search(event.text):
        talk.say("invitation_bad")
        return
    if chat.state is Step.NEW:
        greet(talk)
        if said(event.text) is not None or replies.answered(talk, event.text):
            return
        if talk.book.find(event.text).kind != "none":
            STEPS[Step.COUNTRY].read(talk, event.text, None)
        return
    take(talk, event.text)


def _is_staffs_word(talk: Talk) -> bool:
    """Carry out a staff member's command, typed or on a button; False when it is none."""
    decision = actions.command(_words(talk)) if talk.case.staff is not None else None
    if decision is None or (decision[1].name == "open" and _is_own(talk, decision[0])):
        return False  # staff may be customers too: "open" of their own is the customer's word
    _staff_in_words(talk, *decision)
    return True


def _is_own(talk: Talk, reference: str) -> bool:
    company = talk.case.company
    is_there = talk.by_reference(reference) is not None
    return is_there and company is not None and company.owner == talk.event.principal


def take(talk: Talk, text: str) -> None:
    """A text, typed or pressed: a word that works everywhere, else what the present step reads."""
    if text.strip().casefold().removeprefix("/") == "start" and talk.chat.state is not Step.BRIEFING:
        opened(talk)
        return
    word = asides.heard_as_word(talk.chat.state, text, said(text))
    is_early = _came_before_the_question(talk) and not (word is not None and word.word is Word.BACK)
    choosing_line, talk.chat.cursor.choosing_line = talk.chat.cursor.choosing_line, False
    if word is None and replies.answered(talk, text, choosing_line):
        return
    if choosing_line and not is_early and editing.chose_line(talk, text, word):
        return
    if word is not None and asides.answer(talk, word):
        return
    if is_early:  # "skip" and "submit" too: the second of two quick ones must not skip what was never seen
        talk.say("came_too_early", {"given": text[:60]})
        if choosing_line:
            review.ask_line(talk)
        return
    if not text.strip():
        talk.say("bad_empty")
        return
    if consent.answered(talk, text):
        return
    STEPS[talk.chat.state].read(talk, text, word)


def _came_before_the_question(talk: Talk) -> bool:
    """By the platform's own order: what was typed before the present question was there does not answer it.

    A button names the question it answers.
    """
    order, chat = talk.event.order, talk.chat
    if talk.event.kind is Kind.PRESS:
        return False
    if talk.asks_anew:
        return True
    if order is None:
        return False
    return not chat.question_sent or (chat.question_order is not None and order < chat.question_order)


def pressed(talk: Talk) -> None:
    """A button of the present question answers it; one of an older question only says that it is done."""
    event, chat = talk.event, talk.chat
    choice = event.choice or ""
    if _is_staffs_word(talk):
        return
    if chat.state is Step.NEW:
        greet(talk)
        return
    word = said(choice)
    everywhere = questions.is_command(choice) or (word is not None and (word.more or word.word in asides.ANYWHERE))
    if event.asked is not None and event.asked != chat.asked and not everywhere:
        talk.say("button_of_done_step")
        return
    take(talk, choice)


def contact(talk: Talk) -> None:
    """A shared contact fills the phone field, when that is what is asked."""
    if talk.chat.state is Step.ASKING and question.current(talk).type is FieldType.PHONE:
        number = talk.event.text.strip()
        asking.read_field(talk, number if number.startswith("+") else f"+{number}", None)
    else:
        talk.say("contact_not_asked")


def other(talk: Talk) -> None:
    talk.say("other_media")


def edited(talk: Talk) -> None:
    """An edited message changes the answer it gave."""
    given = next((one for one in reversed(talk.chat.given) if one.message == talk.event.message), None)
    registration = talk.case.registrations.get(given.registration) if given else None
    if given is None or registration is None:
        talk.say("edit_of_nothing")
        return
    if registration.status not in WAITS_ON_CUSTOMER:
        editing.say_cannot_edit(talk, registration)
        return
    deadlines.heard(registration, talk.now)
    try:
        _change(talk, given, registration)
    except BadAnswer as bad:
        talk.say(bad.key, {**bad.values, "label": "", "example": ""})


def _change(talk: Talk, given: Given, registration: Registration) -> None:
    text, pack = literal(talk.event.text), talk.pack(registration)
    if given.field == SENDER_ID and given.index < len(registration.sender_ids):
        names.rename(talk, registration, registration.sender_ids[given.index], text)
        label: Text | str = Text("label_sender_id")
    elif given.field.startswith("sample:"):
        name = next((one for one in registration.sender_ids if f"sample:{one.text}" == given.field), None)
        if name is None or given.index >= len(name.samples):
            talk.say("edit_of_nothing")
            return
        samples.change(talk, registration, name, given.index, text)
        label = name.text
    elif given.field.startswith(own_papers.GIVEN):
        label = own_papers.change(talk, given, registration, text)
        if not label:
            talk.say("edit_of_nothing")
            return
    else:
        field = pack.field(given.field)
        asking.take(talk, registration, field, text)
        label = field.label
    talk.say("answer_changed", {"label": label})
    if talk.on in several.mates(registration, talk.case.registrations.values()):
        asking.go_on(talk)


def files(talk: Talk) -> None:
    if talk.chat.state is Step.NEW:
        greet(talk)
    talk.chat.cursor.consent_asked = False  # what is said next is about the file
    documents.receive(talk)


# --- staff --------------------------------------------------------------------------------------------------------


def _accept_invitation(talk: Talk) -> None:
    found = INVITATION.search(talk.event.text)
    assert found is not None and talk.case.invited is not None
    principal = talk.event.principal or talk.chat.chat
    talk.effects.append(SpendInvite(found[0].upper(), principal, talk.event.person or principal.partition(":")[2]))
    talk.answer = Text("desk_welcome", {"role": Text(f"role_{talk.case.invited.value}")})
    talk.say(talk.answer.key, talk.answer.values)
    talk.quiet = talk.chat.state is Step.NEW


def _staff_in_words(talk: Talk, reference: str, decision: actions.Decision) -> None:
    registration = talk.by_reference(reference)
    own_registration = talk.chat.on
    talk.answer = actions.act(talk, registration, decision)
    if talk.answer.key == "desk_not_there":  # not even what the message is about tells whether there is one
        talk.effects.append(Say(talk.answer.key, talk.answer.values, to=talk.chat.id))
    else:
        talk.say(talk.answer.key, talk.answer.values, about=registration, choices=_ready_answers(talk.answer))
    talk.quiet = True
    if own_registration != talk.chat.on:
        talk.ask_now = True


def _ready_answers(answer: Text) -> tuple[Choice, ...]:
    """Where a reason is wanted, the usual ones, each as the whole command; where it is to be taken first, that."""
    if answer.key == "desk_take_first":
        return (Choice(f"take {answer.values['reference']}", Text("choice_desk_take")),)
    if answer.key != "desk_why_missing":
        return ()
    return tuple(Choice(f"{answer.values['command']} {one}", Text(f"desk_reason_{one}")) for one in CANNED)


def desk_action(talk: Talk) -> None:
    """A decision from the desk's page, with its values, or from the desk's chat, in words."""
    event = talk.event
    registration = talk.case.registrations.get(event.registration or 0)
    decision = actions.Decision(event.name, event.result)
    if event.text:
        in_words = actions.command(event.text)
        decision = in_words[1] if in_words else actions.about_a_question(event.text) or decision
    if decision.name in ("take_handoff", "close_handoff"):
        talk.answer = actions.act_on_handoff(talk, decision)
        cards.question(talk, int(decision.values.get("handoff") or 0))
    else:
        talk.answer = actions.act(talk, registration, decision)


# --- jobs and timers ----------------------------------------------------------------------------------------------


def job(talk: Talk) -> None:
    registration = talk.case.registrations.get(talk.event.registration or 0)
    if talk.event.name == "looked_into":
        arrived.looked_into(talk)
    elif talk.event.name in ("plan_drawn", "plan_failed"):
        planning.drawn(talk)
    elif registration is not None and talk.event.name == "rendered":
        documents.rendered(talk, registration)
    elif registration is not None and talk.event.name == "rendering_failed":
        documents.rendering_failed(talk, registration)
    elif registration is not None and talk.event.name == "scans_bound":
        scans.bound(talk, registration)


def timer(talk: Talk) -> None:
    registration = talk.case.registrations.get(talk.event.registration or 0)
    does = waiting.TIMERS.get(talk.event.name)
    if registration is not None and does is not None:
        does(talk, registration)


def unreachable(talk: Talk) -> None:
    """The chat can't be reached: every open registration told in it makes a desk card."""
    for registration in talk.case.registrations.values():
        if registration.conversation_id == talk.chat.id and registration.status not in CLOSED:
            waiting.unreachable(talk, registration)


def reachable(talk: Talk) -> None:
    """The chat can be reached again: reminders go on where they stood."""
    for registration in talk.case.registrations.values():
        if registration.conversation_id == talk.chat.id and registration.unreachable:
            waiting.reachable(talk, registration)


HANDLERS: Mapping[Kind, Callable[[Talk], None]] = {
    Kind.OPENED: opened,
    Kind.TEXT: typed,
    Kind.PRESS: pressed,
    Kind.FILES: files,
    Kind.EDITED: edited,
    Kind.CONTACT: contact,
    Kind.OTHER: other,
    Kind.DESK: desk_action,
    Kind.JOB: job,
    Kind.TIMER: timer,
    Kind.UNREACHABLE: unreachable,
    Kind.REACHABLE: reachable,
    Kind.GROUP: groups.spoken_to,
    Kind.FORM: forms.filled_in,
}
