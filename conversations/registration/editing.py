"""What is said to the review: it is sent in, or a line is asked again, in the registration it is of."""

from __future__ import annotations

from conversations.interview import joint, lines, review
from conversations.judgement import fields
from conversations.model import Choice, Country, Registration, Status, Text
from conversations.registration import tracking
from conversations.talk import Talk
from conversations.words import Said, Word

REVIEW = "review"  # shows every line, where only some are shown


def read_review(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    agrees = word in (Word.SUBMIT, Word.SUBMIT_ALL, Word.DONE) or fields.truth(text) is True
    several = joint.is_reviewed(talk, registration)
    if several and (agrees or joint.named_to_submit(talk, registration, text)):
        joint.submit(talk, registration, review.hand_in, joint.named_to_submit(talk, registration, text))
    elif agrees:
        review.submit(talk, registration)
    elif text.strip().casefold() == REVIEW:
        if registration.status is Status.NEEDS_CORRECTION:  # else all of it is what is asked again
            review.show_all(talk, registration)
    elif word in (Word.CONTINUE, Word.LATER):
        review.fill_in(talk, registration)
    elif fields.truth(text) is False:
        review.ask_line(talk)
    elif not edit(talk, text):
        talk.say(
            "review_line_unknown",
            {"given": text[:40]},
            asks=True,
            choices=(Choice("edit", Text("choice_edit")), Choice("submit", Text("choice_submit"))),
        )


def chose_line(talk: Talk, text: str, said: Said | None) -> bool:
    """Take the text as the line asked for; False when it is a word with a meaning of its own."""
    if said is not None and said.word is Word.BACK:
        return True  # to the question that was open before
    if said is not None:
        return False
    if not edit(talk, text):
        talk.say("review_line_unknown", {"given": text[:40]})
        review.ask_line(talk)
    return True


def edit(talk: Talk, wanted: str) -> bool:
    """Ask a line again, in the registration it is of or refuse to; False when there is no such line."""
    elsewhere = lines.of_another(talk, wanted)
    if elsewhere is None:
        return lines.edit(talk, wanted)
    country, other, line = elsewhere
    if other is None:
        talk.say("edit_not_there", {"country": Country(country)})
    elif other.status not in lines.EDITABLE:
        say_cannot_edit(talk, other)
    else:
        tracking.switch(talk, other.reference)
        talk.say("edit_goes_to", {"country": Country(country), "reference": other.reference}, about=other)
        return lines.edit(talk, f"{other.reference} {line}")
    return True


def say_cannot_edit(talk: Talk, registration: Registration) -> None:
    unopened = registration.status is Status.UNDER_REVIEW and registration.opened_by is None
    talk.say("cannot_edit_now" if unopened else "cannot_edit_any_more", {"reference": registration.reference})
