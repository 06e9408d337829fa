"""Every answer on one page, any line editable; then submit. And the national registry that comes first."""

from __future__ import annotations

from conversations import asking, checklist, fields
from conversations.errors import BadAnswer
from conversations.model import Choice, Country, Registration, Status, Text, Value
from conversations.plan import SENDER_ID, Plan
from conversations.reasons import reasons
from conversations.talk import CUSTOMER, Talk
from conversations.words import Said, Word, literal
from rules.schema import HANDED_OVER, Route


def ask_review(talk: Talk) -> None:
    registration = talk.registration
    plan = talk.plan(registration)
    pack = talk.pack(registration)
    choices = []
    if plan.missing:
        choices.append(Choice("continue", Text("choice_fill_in")))
    elif pack.paused and not talk.papers(registration).any_required:
        pass  # prepared up to here: it is submitted when the pause ends
    else:
        hands_over = pack.route in HANDED_OVER
        choices.append(Choice("submit", Text("choice_hand_over" if hands_over else "choice_submit")))
    choices.append(Choice("edit", Text("choice_edit")))
    values: dict[str, Value] = {
        "reference": registration.reference,
        "country": Country(registration.country),
        "lines": lines(talk, registration),
        "missing": missing_lines(talk, registration, plan),
        "reasons": reasons(registration.reasons),
        "papers": checklist.lines(talk.papers(registration)),
    }
    key = (
        "ask_review_mend"
        if registration.status is Status.NEEDS_CORRECTION
        else "ask_review_missing"
        if plan.missing
        else "ask_review"
    )
    if registration.status is Status.NEEDS_CORRECTION:
        choices.append(Choice("letters", Text("choice_papers")))
    talk.say(key, values, choices=tuple(choices), asks=True, progress=(plan.done, plan.total))


def lines(talk: Talk, registration: Registration) -> list[Value]:
    """One line an answer, numbered as `edit 3` wants it."""
    pack = talk.pack(registration)
    by_name = {field.name: field for field in pack.fields}
    found: list[Value] = []
    for number, (name, label) in enumerate(asking.review_lines(talk, registration), 1):
        if name == SENDER_ID:
            value: Value = ", ".join(one.text for one in registration.sender_ids) or Text("value_missing")
        elif name.startswith("sample:"):
            one = next(one for one in registration.sender_ids if f"sample:{one.text}" == name)
            value = " / ".join(one.samples) or Text("value_missing")
        else:
            answer = registration.answers.get(name)
            required = asking.is_required(by_name[name], registration)
            nothing = Text("value_missing" if required or name in registration.parked else "value_none")
            value = nothing if answer in (None, "", []) else asking.shown(talk, by_name[name], answer)
        mark = "line_answer_to_mend" if name in registration.to_mend else "line_answer"
        found.append(Text(mark, {"number": number, "label": label, "value": value}))
    return found


def missing_lines(talk: Talk, registration: Registration, plan: Plan) -> list[Value]:
    labels = dict(asking.review_lines(talk, registration))
    return [Text("line_missing", {"label": labels.get(name, name)}) for name in plan.missing]


def read_review(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if word in (Word.SUBMIT, Word.DONE) or fields.truth(text) is True:
        submit(talk, registration)
    elif word in (Word.CONTINUE, Word.LATER):
        fill_in(talk, registration)
    elif fields.truth(text) is False:
        ask_line(talk)
    elif not asking.edit(talk, text):
        talk.say(
            "review_line_unknown",
            {"given": text[:40]},
            asks=True,
            choices=(Choice("edit", Text("choice_edit")), Choice("submit", Text("choice_submit"))),
        )


def ask_line(talk: Talk) -> None:
    """Which line to change: all of them as buttons, or the number typed."""
    registration = talk.registration
    talk.chat.cursor.choosing_line = True
    choices = [Choice(f"edit {name}", label) for name, label in asking.review_lines(talk, registration)]
    talk.say("ask_which_line", {"lines": lines(talk, registration)}, choices=tuple(choices), asks=True)


def chose_line(talk: Talk, text: str, said: Said | None) -> bool:
    """Take the text as the line asked for; False when it is a word with a meaning of its own."""
    if said is not None and said.word is Word.BACK:
        return True  # to the question that was open before
    if said is not None:
        return False
    if not asking.edit(talk, text):
        talk.say("review_line_unknown", {"given": text[:40]})
        ask_line(talk)
    return True


def fill_in(talk: Talk, registration: Registration) -> None:
    """Ask what is missing now, parked questions too."""
    missing = set(talk.plan(registration).missing)
    talk.chat.cursor.trail = [name for name in talk.chat.cursor.trail if name not in missing]
    registration.parked = [name for name in registration.parked if name not in missing]
    registration.skipped = [name for name in registration.skipped if name not in missing]
    if SENDER_ID in missing:
        registration.names_done = False
    for one in registration.sender_ids:
        if f"sample:{one.text}" in missing:
            one.sampled = False
    asking.go_on(talk)


def submit(talk: Talk, registration: Registration) -> None:
    """Fire what leads on from here; when the table says no, say why."""
    pack = talk.pack(registration)
    if registration.status is Status.NEEDS_CORRECTION:
        if talk.plan(registration).missing:
            not_ready(talk, registration)
            return
        fired = talk.fire(registration, "resubmit", CUSTOMER)
    elif pack.route in HANDED_OVER:
        if talk.plan(registration).missing:
            not_ready(talk, registration)
            return
        fired = talk.fire(registration, "hand_over", CUSTOMER)
        if fired:
            talk.hand_to_a_person(f"handoff_{pack.route.value}", registration)
    else:
        fired = talk.fire(registration, "submit", CUSTOMER)
    if not fired:
        not_ready(talk, registration)
        return
    registration.to_mend = []
    talk.chat.cursor.trail = []
    if registration.status is Status.UNDER_REVIEW:
        talk.tell_desk("card_to_review", registration)
    talk.go("go_on")


def not_ready(talk: Talk, registration: Registration) -> None:
    plan = talk.plan(registration)
    if talk.pack(registration).paused and not plan.missing:
        talk.say("submit_waits_for_pause", {"country": Country(registration.country)}, asks=True)
        return
    talk.say(
        "not_ready",
        {"missing": missing_lines(talk, registration, plan)},
        asks=True,
        choices=(Choice("continue", Text("choice_fill_in")), Choice("edit", Text("choice_edit"))),
    )


# --- the national registry ----------------------------------------------------------------------------------------


def ask_number(talk: Talk) -> None:
    registration = talk.registration
    pack = talk.pack(registration)
    registry = pack.registry
    assert registry is not None
    field = pack.field(registry.number_field)
    waiting = registration.status is Status.SELF_REGISTERING
    choices = () if waiting else (Choice("later", Text("choice_not_registered_yet")),)
    talk.say(
        "ask_number_waiting" if waiting else "ask_number",
        {
            "registry": registry.name,
            "url": registry.url,
            "question": field.question or field.label,
            "steps": [Text("briefing_line", {"text": step}) for step in registry.steps],
            "fee": Text("registry_fee", {"fee": registry.fee}) if registry.fee else "",
        },
        choices=choices,
        asks=True,
        wants=field.type.value,
        placeholder=field.example or "",
    )


def read_number(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    pack = talk.pack(registration)
    registry = pack.registry
    assert registry is not None
    field = pack.field(registry.number_field)
    if said and said.word in (Word.LATER, Word.SKIP, Word.START):
        if registration.status is Status.DRAFT:
            talk.fire(registration, "start_self_registration", CUSTOMER)
            talk.go("go_on")
        else:
            ask_number(talk)
        return
    if said and not said.more:  # no registry numbers its members "done"
        talk.say("word_not_here", {"given": text.strip()})
        return
    try:
        registration.answers[field.name] = fields.read(field, literal(text), registration.answers, talk.book)
    except BadAnswer as bad:
        asking.refuse(talk, bad, field)
        return
    asking.remember(talk, registration, field.name)
    fired = registration.status is Status.SELF_REGISTERING and talk.fire(
        registration, "registered_by_customer", CUSTOMER
    )
    if fired and pack.route is Route.SELF_REGISTRATION:
        talk.hand_to_a_person(f"handoff_{pack.route.value}", registration)
    talk.go("go_on")
