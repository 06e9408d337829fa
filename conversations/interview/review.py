"""Every answer on one page, any line editable; then submit. And the national registry that comes first."""

from __future__ import annotations

from conversations.errors import BadAnswer
from conversations.interview import asking, consent, joint, stops
from conversations.interview import lines as lines_of
from conversations.interview.plan import SENDER_ID, Plan
from conversations.model import Choice, Country, Registration, Say, Status, Text, Value
from conversations.papers import checklist
from conversations.papers.wanted import Papers
from conversations.reasons import reasons
from conversations.talk import CUSTOMER, Talk
from conversations.words import Said, Word, literal
from rules.schema import HANDED_OVER, Route


def ask_review(talk: Talk) -> None:
    registration = talk.registration
    if joint.is_reviewed(talk, registration):
        joint.ask_review(talk, registration)
        return
    if registration.status is Status.NEEDS_CORRECTION:
        _ask_to_mend(talk, registration)
        return
    plan = talk.plan(registration)
    choices = (*_ways_on(talk, registration, plan), Choice("edit", Text("choice_edit")))
    values: dict[str, Value] = {
        "reference": registration.reference,
        "country": Country(registration.country),
        "lines": lines(talk, registration),
        "missing": missing_lines(talk, registration, plan),
    }
    key = "ask_review_missing" if plan.missing else "ask_review"
    talk.say(key, values, choices=choices, asks=True, progress=(plan.done, plan.total))


def _ways_on(talk: Talk, registration: Registration, plan: Plan) -> tuple[Choice, ...]:
    """To what is missing, else to those who decide."""
    pack = talk.pack(registration)
    if plan.missing:
        return (Choice("continue", Text("choice_fill_in")),)
    if pack.paused and not talk.papers(registration).any_required:
        return ()  # prepared up to here: it is submitted when the pause ends
    return (Choice("submit", Text("choice_hand_over" if pack.route in HANDED_OVER else "choice_submit")),)


def _ask_to_mend(talk: Talk, registration: Registration) -> None:
    """Only what was asked for anew and is not done yet; all of it is shown on "review"."""
    plan, papers = talk.plan(registration), talk.papers(registration)
    marked = {*registration.to_mend, *plan.missing}
    open_lines = [line for line in lines_of.single(talk, registration) if line.name in marked]
    found = [*lines_of.shown(talk, open_lines), *_papers_to_mend(papers)]
    shown = (("edit", "choice_edit"), ("review", "choice_review_all"), ("letters", "choice_papers"))
    choices = (*_ways_on(talk, registration, plan), *(Choice(value, Text(label)) for value, label in shown))
    values: dict[str, Value] = {
        "why": _why_it_came_back(talk, registration),
        "lines": Text("mend_lines", {"lines": found}) if found else Text("mend_nothing_marked"),
    }
    talk.say("ask_review_mend", values, choices=choices, asks=True, progress=(plan.done, plan.total))


def _papers_to_mend(papers: Papers) -> list[Value]:
    """A line for each paper that is asked for, and one for all letters where an answer in them changed."""
    wanted = [item for item in papers.items if not item.done and (item.slot.required or item.refused)]
    found: list[Value] = [checklist.line(item) for item in wanted if not (papers.changed and item.slot.ours)]
    return [*found, Text("mend_letters_anew")] if papers.changed else found


def _why_it_came_back(talk: Talk, registration: Registration) -> Text:
    """Which registration, with the reasons unless they were said just now."""
    said = any(isinstance(one, Say) and "reasons" in one.values for one in talk.effects)
    named: dict[str, Value] = {"reference": registration.reference, "country": Country(registration.country)}
    if said or not registration.reasons:
        return Text("mend_of", named)
    return Text("mend_reasons", {**named, "reasons": reasons(registration.reasons)})


def show_all(talk: Talk, registration: Registration) -> None:
    """Every answer and paper of one that came back; what is to be mended is asked behind it."""
    values: dict[str, Value] = {
        "reference": registration.reference,
        "country": Country(registration.country),
        "lines": lines(talk, registration),
        "papers": checklist.lines(talk.papers(registration)),
    }
    talk.say("review_all", values)


def lines(talk: Talk, registration: Registration) -> list[Value]:
    """One line an answer, numbered as `edit 3` wants it."""
    return lines_of.shown(talk, lines_of.single(talk, registration))


def missing_lines(talk: Talk, registration: Registration, plan: Plan) -> list[Value]:
    labels = dict(lines_of.named(talk, registration))
    return [Text("line_missing", {"label": labels.get(name, name)}) for name in plan.missing]


def ask_line(talk: Talk) -> None:
    """Which line to change: all of them as buttons, or the number typed."""
    talk.chat.cursor.choosing_line = True
    common, parts = lines_of.of(talk, talk.registration)
    every = [*common, *(line for part in parts.values() for line in part)]
    choices = [Choice(line.command, lines_of.label(line)) for line in every]
    if parts:
        joint.say_lines(talk, talk.registration)
    shown = [] if parts else lines_of.shown(talk, common)
    talk.say("ask_which_line", {"lines": shown}, choices=tuple(choices), asks=True)


def fill_in(talk: Talk, registration: Registration) -> None:
    """Ask what is missing now, parked questions too."""
    for one in joint.reviewed(talk, registration):
        missing = set(talk.plan(one).missing)
        dealt_with = {f"{one.id}:{name}" for name in missing}
        talk.chat.cursor.trail = [passed for passed in talk.chat.cursor.trail if passed not in dealt_with]
        one.parked = [name for name in one.parked if name not in missing]
        one.skipped = [name for name in one.skipped if name not in missing]
        if SENDER_ID in missing:
            one.names_done = False
        for name in one.sender_ids:
            if f"sample:{name.text}" in missing:
                name.sampled = False
    asking.go_on(talk)


def submit(talk: Talk, registration: Registration) -> None:
    """Hand it in and go on from there; when the table says no, say why."""
    if not hand_in(talk, registration):
        not_ready(talk, registration)
        return
    talk.chat.cursor.trail = []
    consent.ask(talk, registration)
    talk.go("go_on")


def hand_in(talk: Talk, registration: Registration) -> bool:
    """Fire what leads on from a review; False when something is missing, or its country waits."""
    pack = talk.pack(registration)
    mended = registration.status is Status.NEEDS_CORRECTION
    if mended or pack.route in HANDED_OVER:
        complete = not talk.plan(registration).missing
        fired = complete and talk.fire(registration, "resubmit" if mended else "hand_over", CUSTOMER)
        if fired and not mended:
            talk.hand_to_a_person(f"handoff_{pack.route.value}", registration)
    else:
        fired = talk.fire(registration, "submit", CUSTOMER)
    if not fired:
        return False
    registration.to_mend = []
    registration.together = None  # from now on it is on its own
    if registration.status is Status.UNDER_REVIEW:
        talk.tell_desk("card_to_review", registration)
    return True


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
            asking.go_on(talk)
        else:
            ask_number(talk)
        return
    if said and not said.more:  # no registry numbers its members "done"
        talk.say("word_not_here", {"given": text.strip()})
        return
    try:
        registration.answers[field.name] = stops.read(field, literal(text), registration.answers, talk.book)
    except BadAnswer as bad:
        asking.refuse(talk, bad, field)
        return
    asking.remember(talk, registration, field.name)
    fired = registration.status is Status.SELF_REGISTERING and talk.fire(
        registration, "registered_by_customer", CUSTOMER
    )
    if fired and pack.route is Route.SELF_REGISTRATION:
        talk.hand_to_a_person(f"handoff_{pack.route.value}", registration)
        registration.together = None
        consent.ask(talk, registration)
    asking.go_on(talk)
