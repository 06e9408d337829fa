"""What may be said at every question without answering it. The same question is asked again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conversations.interview import asking, briefing, consent, joint, lines, profile, question, review
from conversations.model import CLOSED, Status, Step
from conversations.registration import editing, tracking
from conversations.talk import CUSTOMER, Talk
from conversations.uploads import anyway, documents, own_papers, placing
from conversations.words import Said, Word

# At these steps a bare word may be the answer itself: only the words named here count.
NAMING = frozenset(
    {
        Word.HELP,
        Word.WHY,
        Word.EXAMPLE,
        Word.BACK,
        Word.SKIP,
        Word.LATER,
        Word.STATUS,
        Word.LIST,
        Word.ANOTHER,
        Word.CANCEL,
        Word.PERSON,
        Word.EDIT,
        Word.OPEN,
        Word.DONE,
        Word.CONTINUE,
        Word.REMOVE,
        Word.APPLY_AGAIN,
        Word.TIME_ZONE,
        Word.MY_DETAILS,
        Word.KEEP_DETAILS,
        Word.NO_DETAILS,
        Word.FORGET_DETAILS,
        Word.TAKE_OUT,
    }
)

# Buttons with these do what they say, whatever is asked now.
ANYWHERE = frozenset(
    {
        Word.HELP,
        Word.STATUS,
        Word.LIST,
        Word.ANOTHER,
        Word.PERSON,
        Word.KEEP_DETAILS,
        Word.NO_DETAILS,
        Word.FORGET_DETAILS,
        Word.ANYWAY,
        Word.NO_STAMP,
    }
)


def heard_as_word(step: Step, text: str, said: Said | None) -> Said | None:
    """The word, unless this step asks for a name and the text is more likely one (NEXT, Send, PASS)."""
    if said is None or step not in (Step.SENDER_IDS, Step.SAMPLES):
        return said
    plain = text.strip().removeprefix("/").casefold().rstrip(".")
    if step is Step.SAMPLES and plain.startswith(("change ", "remove ", "time")):
        return None  # "Change your password here" is a message, and no wish to change a line
    if said.more or " " in plain:
        return said if said.word in NAMING else None
    return said if plain == said.word.value and said.word in NAMING else None


def answer(talk: Talk, said: Said) -> bool:
    """Deal with a word that means the same everywhere; False when it is the present step's own business."""
    aside, asked = ASIDES.get(said.word), talk.chat.asked
    if aside is None or not aside(talk, said):
        return False
    if talk.chat.state is Step.BRIEFING and talk.chat.asked == asked:
        briefing.ask_again(talk)
    return True


def _help(talk: Talk, said: Said) -> bool:
    registration = talk.on
    if talk.chat.state is Step.TRACKING and registration is not None and registration.status is Status.FAILED:
        talk.say("help_failed")
    else:
        talk.say(f"help_{talk.chat.state.value}")
    talk.say("help", {"contact": talk.support()})
    return True


def _why(talk: Talk, said: Said) -> bool:
    if talk.chat.state is Step.ASKING:
        return question.explain(talk, Word.WHY)
    if talk.chat.state is Step.DOCUMENTS and anyway.explain(talk):
        return True
    closed = talk.chat.state is Step.TRACKING and talk.registration.status in CLOSED
    talk.say("why_closed" if closed else f"why_{talk.chat.state.value}")
    return True


def _example(talk: Talk, said: Said) -> bool:
    if talk.chat.state is Step.ASKING:
        return question.explain(talk, Word.EXAMPLE)
    talk.say(f"example_{talk.chat.state.value}")
    return True


def _back(talk: Talk, said: Said) -> bool:
    state = talk.chat.state
    if state in (Step.WHICH_COUNTRY, Step.BRIEFING):
        return talk.go("back")
    if state is Step.REGISTRY and talk.registration.status is Status.SELF_REGISTERING:
        talk.fire(talk.registration, "back", CUSTOMER)
        asking.back(talk)
        return True
    if state in (Step.ASKING, Step.REGISTRY, Step.SENDER_IDS, Step.SAMPLES, Step.REVIEW):
        asking.back(talk)
        return True
    if state in (Step.PREVIEW, Step.DOCUMENTS):
        review.ask_line(talk)
        return True
    if state in (Step.SENDER_ID_DOUBT, Step.CANCELLING, Step.WITHDRAWING, Step.PLACING):
        return False
    talk.say("nothing_before")
    return True


def _status(talk: Talk, said: Said) -> bool:
    if talk.chat.state is not Step.TRACKING:  # which says it anyway
        tracking.say_status(talk)
    return True


def _list(talk: Talk, said: Said) -> bool:
    tracking.say_list(talk)
    return True


def _another(talk: Talk, said: Said) -> bool:
    talk.chat.on = None
    talk.chat.cursor = type(talk.chat.cursor)()
    return talk.go("another")


def _cancel(talk: Talk, said: Said) -> bool:
    registration = talk.on
    if registration is None:
        talk.say("nothing_to_cancel")
        return True
    if registration.status in CLOSED:
        talk.say("cannot_withdraw", {"reference": registration.reference})
        return True
    return talk.go("cancel")


def _person(talk: Talk, said: Said) -> bool:
    if question.is_position(talk, talk.event.text):
        return False
    tracking.ask_a_person(talk)
    return True


def _edit(talk: Talk, said: Said) -> bool:
    registration = talk.on
    if registration is None:
        talk.say("nothing_to_edit")
        return True
    if talk.chat.state is Step.PROFILE and not said.more:
        return False
    if registration.status not in lines.EDITABLE and lines.of_another(talk, said.more) is None:
        editing.say_cannot_edit(talk, registration)
        return True
    if not said.more:
        review.ask_line(talk)
    elif not editing.edit(talk, said.more):
        talk.say("review_line_unknown", {"given": said.more[:40]})
        review.ask_line(talk)
    return True


def _open(talk: Talk, said: Said) -> bool:
    if not tracking.switch(talk, said.more):
        return True
    talk.ask_now = True
    return True


def _time_zone(talk: Talk, said: Said) -> bool:
    tracking.set_time_zone(talk, said.more)
    return True


def _letters(talk: Talk, said: Said) -> bool:
    registration = talk.on
    if registration is None or talk.chat.state is Step.PREVIEW:
        return False
    documents.send_letters(talk, registration)
    return True


def _take_away(talk: Talk, said: Said) -> bool:
    registration = talk.on
    own = (Step.PLACING, Step.SENDER_IDS)  # there it is the file asked about, or a name
    if registration is None or registration.status not in placing.TAKES_PAPERS or talk.chat.state in own:
        return False
    placing.take_away(talk, registration, said)
    return True


def _apply_again(talk: Talk, said: Said) -> bool:
    registration = talk.by_reference(said.more) if said.more else talk.on
    if registration is None or registration.status is not Status.FAILED:
        talk.say("nothing_to_repeat")
        return True
    tracking.apply_again(talk, registration)
    return True


def _later(talk: Talk, said: Said) -> bool:
    """Any question can be parked; where there is nothing to park, that is said."""
    if own_papers.is_asked(talk):
        return False
    if talk.chat.state in (
        Step.ASKING,
        Step.SENDER_IDS,
        Step.SAMPLES,
        Step.REGISTRY,
        Step.BRIEFING,
        Step.REVIEW,
        Step.PLACING,
        Step.CANCELLING,
    ):
        return False
    talk.say("nothing_to_park")
    return True


def _skip(talk: Talk, said: Said) -> bool:
    if own_papers.is_asked(talk):
        return False
    if talk.chat.state in (Step.ASKING, Step.SENDER_IDS, Step.SAMPLES, Step.REGISTRY, Step.BRIEFING, Step.PLACING):
        return False
    talk.say("nothing_to_skip")
    return True


def _take_back(talk: Talk, said: Said) -> bool:
    if talk.on is None:
        talk.say("nothing_to_cancel")
        return True
    tracking.take_back(talk, talk.registration)
    return True


def _take_out(talk: Talk, said: Said) -> bool:
    return joint.take_out(talk, said.more)


def _submit_all(talk: Talk, said: Said) -> bool:
    if talk.chat.state is Step.REVIEW:
        return False
    talk.say("nothing_to_submit_yet")
    return True


def _my_details(talk: Talk, said: Said) -> bool:
    consent.show(talk)
    return True


def _use_details(talk: Talk, said: Said) -> bool:
    profile.use(talk)
    return True


def _keep_details(talk: Talk, said: Said) -> bool:
    consent.agree(talk)
    return True


def _keep_no_details(talk: Talk, said: Said) -> bool:
    consent.decline(talk)
    return True


def _forget_details(talk: Talk, said: Said) -> bool:
    consent.forget(talk)
    return True


ASIDES: Mapping[Word, Callable[[Talk, Said], bool]] = {
    Word.HELP: _help,
    Word.WHY: _why,
    Word.EXAMPLE: _example,
    Word.BACK: _back,
    Word.STATUS: _status,
    Word.LIST: _list,
    Word.ANOTHER: _another,
    Word.CANCEL: _cancel,
    Word.PERSON: _person,
    Word.EDIT: _edit,
    Word.OPEN: _open,
    Word.TIME_ZONE: _time_zone,
    Word.LETTERS: _letters,
    Word.REMOVE: _take_away,
    Word.MOVE: _take_away,
    Word.APPLY_AGAIN: _apply_again,
    Word.LATER: _later,
    Word.SKIP: _skip,
    Word.TAKE_BACK: _take_back,
    Word.TAKE_OUT: _take_out,
    Word.SUBMIT_ALL: _submit_all,
    Word.MY_DETAILS: _my_details,
    Word.USE_DETAILS: _use_details,
    Word.KEEP_DETAILS: _keep_details,
    Word.NO_DETAILS: _keep_no_details,
    Word.FORGET_DETAILS: _forget_details,
    Word.ANYWAY: anyway.send_anyway,
    Word.NO_STAMP: anyway.no_stamp,
}
