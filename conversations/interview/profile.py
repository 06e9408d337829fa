"""What is kept of a company, offered when its next registration begins."""

from __future__ import annotations

from conversations.interview import asking, consent, review, together
from conversations.judgement import fields
from conversations.model import Choice, Step, Text
from conversations.talk import Talk
from conversations.words import Said, Word


def ask_profile(talk: Talk) -> None:
    """What is kept, and whether it is still right."""
    company = talk.case.company
    assert company is not None
    talk.say(
        "ask_profile",
        {"lines": list(consent.lines(talk, company))},
        choices=(
            Choice("use my details", Text("choice_use_details")),
            Choice("change", Text("choice_change_details")),
            Choice("start fresh", Text("choice_start_fresh")),
        ),
        asks=True,
    )


def read_profile(talk: Talk, text: str, said: Said | None) -> None:
    plain = text.strip().rstrip(".").casefold()
    if said is not None and said.word is Word.EDIT:
        use(talk)
        review.ask_line(talk)
    elif plain == "use" or fields.truth(text) is True or (said is not None and said.word is Word.CONTINUE):
        use(talk)
    elif plain in ("start fresh", "fresh") or fields.truth(text) is False:
        talk.say("details_left")
        asking.go_on(talk)
    else:
        talk.say("profile_unclear")


def use(talk: Talk) -> None:
    """Answer with what is kept, wherever the rules take it; what is asked now keeps it up to date."""
    company, registration = talk.case.company, talk.on
    if company is None or not company.profile or registration is None:
        talk.say("no_details")
        return
    interview = together.interview_of(talk, registration)
    for one in interview.registrations:
        one.uses_profile = True
    before = sum(len(one.answers) for one in interview.registrations)
    together.settle(talk, registration)
    taken = sum(len(one.answers) for one in interview.registrations) - before
    talk.say("details_used" if taken else "details_used_none")
    if talk.chat.state in (Step.PROFILE, Step.ASKING):
        asking.go_on(talk)
