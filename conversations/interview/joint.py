"""The review of an interview: what all its countries share on one page, then what each adds; submitted all or each."""

from __future__ import annotations

from collections.abc import Callable

from conversations.interview import asking, consent, lines
from conversations.interview.several import Interview
from conversations.interview.together import interview_of
from conversations.model import Choice, Country, Registration, Status, Text, Value
from conversations.talk import Talk

PAPERS_WANTED = (Status.DOCUMENTS_TO_BE_RENDERED, Status.DOCUMENTS_RENDERED)
HandIn = Callable[[Talk, Registration], bool]


def reviewed(talk: Talk, registration: Registration) -> list[Registration]:
    """What is reviewed at once with this registration: all drafts of its interview."""
    return lines.drafts(interview_of(talk, registration)) or [registration]


def is_reviewed(talk: Talk, registration: Registration) -> bool:
    """Whether this is one of several that are reviewed at once."""
    together = reviewed(talk, registration)
    return registration in together and len(together) > 1


def ask_review(talk: Talk, registration: Registration) -> None:
    interview = interview_of(talk, registration)
    say_lines(talk, registration)
    common, _ = lines.of(talk, registration)
    missing = _missing(talk, interview)
    open_ones = missing or not interview.is_answered
    choices = [Choice("continue", Text("choice_fill_in"))] if open_ones else []
    choices += [Choice("submit all", Text("choice_submit_all")), Choice("edit", Text("choice_edit"))]
    talk.say(
        "ask_joint_review_missing" if missing else "ask_joint_review",
        {
            "missing": missing,
            "example": f"edit {registration.country} {_first_label(common)}",
            "code": registration.country,
            "waiting": _waiting(interview),
        },
        choices=tuple(choices),
        asks=True,
        progress=interview.progress(),
    )


def say_lines(talk: Talk, registration: Registration) -> None:
    """Say what all countries share, then what some do, then each one's own, in messages of their own registrations.

    So a message dies with the registration whose answers it shows.
    """
    common, parts = lines.of(talk, registration)
    together: dict[tuple[int, ...], list[lines.Line]] = {}
    for line in common:
        together.setdefault(tuple(one.id for one in lines.sharing(talk, line)), []).append(line)
    for numbers, shared in together.items():
        sharing = [one for one in reviewed(talk, registration) if one.id in numbers]
        about = registration if registration in sharing else sharing[0]
        values: dict[str, Value] = {"countries": _called(talk, sharing), "lines": lines.shown(talk, shared)}
        talk.say("review_of_some", values, about=about)
    for one in reviewed(talk, registration):
        if parts[one.id]:
            values = {"country": Country(one.country), "reference": one.reference}
            values |= {"code": one.country, "lines": lines.shown(talk, parts[one.id])}
            talk.say("review_of_country", values, about=one)


def _first_label(common: list[lines.Line]) -> str:
    return next((line.label for line in common if isinstance(line.label, str)), "1")


def _called(talk: Talk, registrations: list[Registration]) -> str:
    return ", ".join(talk.book.country_name(one.country) for one in registrations)


def _missing(talk: Talk, interview: Interview) -> list[Value]:
    found: list[Value] = []
    for one in lines.drafts(interview):
        labels = dict(lines.named(talk, one))
        for name in talk.plan(one).missing:
            label = labels.get(name, name)
            found.append(Text("line_missing_there", {"country": Country(one.country), "label": label}))
    return found


def _waiting(interview: Interview) -> list[Value]:
    """Those that come later, when their registry has given a number."""
    return [
        Text("line_waits", {"country": Country(one.country), "reference": one.reference})
        for one in interview.registrations
        if one.status is Status.SELF_REGISTERING
    ]


# --- submitting ---------------------------------------------------------------------------------------------------


def named_to_submit(talk: Talk, registration: Registration, text: str) -> list[Registration]:
    """The countries of "submit Kenya", "submit TH-4K7Q"."""
    verb, _, wanted = text.strip().partition(" ")
    if verb.casefold() != "submit" or not wanted.strip():
        return []
    return [one for one in reviewed(talk, registration) if _is_called(talk, one, wanted.strip())]


def submit(talk: Talk, registration: Registration, hand_in: HandIn, wanted: list[Registration]) -> None:
    """Hand in all of the interview, or those that were named; say where each is now, and go on with the papers."""
    together = reviewed(talk, registration)
    handed_in = [one for one in wanted or together if hand_in(talk, one)]
    if handed_in:
        talk.chat.cursor.trail = []
        talk.say("submitted_several", {"lines": [_line(one) for one in handed_in]}, about=handed_in[0])
    for one in handed_in:  # it is asked once: with the first that has something to keep
        consent.ask(talk, one)
    for one in wanted or together:
        if one not in handed_in:
            _say_why_not(talk, one)
    left = [one for one in together if one not in handed_in]
    unfinished = [one for one in left if talk.plan(one).missing]
    if left and (wanted or unfinished):
        talk.chat.on = (unfinished or left)[0].id
        asking.go_on(talk)
    elif handed_in:
        talk.chat.on = next((one for one in handed_in if one.status in PAPERS_WANTED), handed_in[0]).id
        talk.go("go_on")


def _line(one: Registration) -> Value:
    status = Text(f"status_{one.status}")
    return Text("line_registration", {"reference": one.reference, "country": Country(one.country), "status": status})


def _say_why_not(talk: Talk, one: Registration) -> None:
    labels = dict(lines.named(talk, one))
    missing = [Text("line_missing", {"label": labels.get(name, name)}) for name in talk.plan(one).missing]
    if missing:
        talk.say("not_ready_there", {"country": Country(one.country), "missing": missing}, about=one)
    else:
        talk.say("submit_waits_for_pause", {"country": Country(one.country)}, about=one)


# --- going on without one -----------------------------------------------------------------------------------------


def take_out(talk: Talk, wanted: str) -> bool:
    """Leave one country behind and go on with the others; it stays as a draft of its own. False when none is meant."""
    registration = talk.on
    interview = interview_of(talk, registration) if registration is not None else None
    found = [one for one in interview.registrations if _is_called(talk, one, wanted)] if interview else []
    if registration is None or interview is None or not interview.several or not found:
        return False
    one = found[0]
    one.together = None
    talk.say("taken_out", {"country": Country(one.country), "reference": one.reference}, about=one)
    rest = [other for other in interview.registrations if other is not one]
    if one is registration:
        talk.chat.on = rest[0].id
        asking.go_on(talk)
    return True


def _is_called(talk: Talk, one: Registration, wanted: str) -> bool:
    found = talk.book.find(wanted)
    return wanted.upper() in (one.reference, one.country) or (found.kind == "one" and found.countries[0] == one.country)
