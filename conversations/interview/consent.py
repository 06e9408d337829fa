"""What is kept of a company for its next registration: with consent only, shown and forgotten at a word.

It is kept until the customer says otherwise, at the longest as long as the company has a registration here: the last
one's deletion takes it along (Talk.erase).
"""

from __future__ import annotations

from collections.abc import Iterator

from conversations.interview import question
from conversations.model import Choice, Company, Registration, Step, Text, Value
from conversations.talk import Talk
from rules.schema import Field, Scope

TAKES_NO_YES = (Step.RENDERING, Step.DOCUMENTS, Step.TRACKING)


def ask(talk: Talk, registration: Registration) -> None:
    """Ask once, when a registration was submitted, whether its company's answers may be kept."""
    company = talk.case.company
    if company is None or company.profile_asked or not of_the_company(talk, registration):
        return
    company.profile_asked = talk.chat.cursor.consent_asked = True
    talk.say(
        "ask_consent",
        choices=(
            Choice("keep my details", Text("choice_keep_details")),
            Choice("don't keep my details", Text("choice_keep_no_details")),
        ),
    )


def answered(talk: Talk, text: str) -> bool:
    """Take a plain yes or no as the answer, where it was asked just now and the present step asks for no yes or no."""
    asked, talk.chat.cursor.consent_asked = talk.chat.cursor.consent_asked, False
    plain = text.strip().rstrip(".!").casefold()
    if (
        not asked
        or talk.chat.state not in TAKES_NO_YES
        or plain not in ("yes", "yes please", "y", "no", "no thanks", "n")
    ):
        return False
    if plain.startswith("y"):
        agree(talk)
    else:
        decline(talk)
    return True


def of_the_company(talk: Talk, registration: Registration) -> dict[str, object]:
    """The answers that hold for the company, whatever the country: not those given for one country alone."""
    return {
        field.name: registration.answers[field.name]
        for field in talk.pack(registration).fields
        if field.scope is Scope.COMPANY
        and field.name not in registration.apart
        and registration.answers.get(field.name) not in (None, "", [])
    }


def agree(talk: Talk) -> None:
    """Keep the details of the registration the chat is on or, where it lacks some, of the one last spoken about."""
    talk.chat.cursor.consent_asked = False
    company = talk.case.company
    newest = sorted(talk.case.registrations.values(), key=lambda one: (one is talk.on, one.last_word_at or talk.now))
    complete = [one for one in reversed(newest) if _tells_all(talk, one)] or newest[-1:]
    kept = next((one for one in complete if of_the_company(talk, one)), None)
    if company is None or kept is None:
        talk.say("no_details")
        return
    company.profile = of_the_company(talk, kept)
    company.profile_since, company.profile_asked = talk.now, True
    kept.uses_profile = True
    talk.say("details_kept")


def _tells_all(talk: Talk, registration: Registration) -> bool:
    """Whether nothing that is asked of its company is missing."""
    company = {field.name for field in talk.pack(registration).fields if field.scope is Scope.COMPANY}
    return not company & set(talk.plan(registration).missing)


def decline(talk: Talk) -> None:
    """Keep nothing; what was kept is forgotten."""
    talk.chat.cursor.consent_asked = False
    company = talk.case.company
    if company is not None and company.profile:
        forget(talk)
        return
    if company is not None:
        company.profile_asked = True
    talk.say("details_not_kept")


def forget(talk: Talk) -> None:
    """Delete what is kept, and what was said of it."""
    company = talk.case.company
    if company is None or not company.profile:
        talk.say("no_details")
        return
    talk.forget_profile(company)
    talk.say("details_forgotten")


def show(talk: Talk) -> None:
    """What is kept, line by line."""
    company = talk.case.company
    if company is None or not company.profile:
        talk.say("no_details")
        return
    talk.say(
        "my_details",
        {"lines": list(lines(talk, company)), "since": (company.profile_since or talk.now).date().isoformat()},
        choices=(Choice("forget my details", Text("choice_forget_details")),),
    )


def lines(talk: Talk, company: Company) -> Iterator[Value]:
    """One line for each answer kept."""
    for name, value in company.profile.items():
        field = _field(talk, name)
        if field is not None:
            yield Text("line_detail", {"label": field.label, "value": question.shown(talk, field, value)})


def _field(talk: Talk, name: str) -> Field | None:
    """The question of that name: as some country asks it."""
    packs = (talk.book.pack(code) for code in talk.book.codes)
    return next((field for pack in packs for field in pack.fields if field.name == name), None)
