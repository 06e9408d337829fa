"""Where a registration stands and who holds the ball; the list; cancel, take back, apply again, a person."""

from __future__ import annotations

import copy
import re

from conversations import deadlines
from conversations.countries import lookup
from conversations.interview import beginning
from conversations.interview.plan import SENDER_ID
from conversations.judgement import fields
from conversations.model import (
    CLOSED,
    Choice,
    Country,
    Moment,
    Registration,
    Status,
    Text,
    Upload,
    Value,
)
from conversations.reasons import reason, reasons
from conversations.talk import CUSTOMER, Talk
from conversations.uploads import placing
from conversations.words import Said, Word

ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,180}\.[^\s@.]{2,60}")


def ask_tracking(talk: Talk) -> None:
    """The status in words: who holds the ball, what comes next, by when; and what the customer may do."""
    registration = talk.registration
    talk.say(
        f"status_is_{registration.status}",
        status_values(talk, registration),
        asks=True,
        choices=_choices(talk, registration),
    )


def _choices(talk: Talk, registration: Registration) -> tuple[Choice, ...]:
    choices = []
    if registration.status is Status.UNDER_REVIEW and registration.opened_by is None:
        choices.append(Choice("take back", Text("choice_take_back")))
    if registration.status is Status.FAILED:
        choices.append(Choice("apply again", Text("choice_apply_again")))
    choices.append(Choice("another", Text("choice_another_country")))
    if len(talk.case.registrations) > 1:
        choices.append(Choice("list", Text("choice_list")))
    if registration.status not in CLOSED:
        choices.append(Choice("person", Text("choice_person")))
    return tuple(choices)


def status_values(talk: Talk, registration: Registration) -> dict[str, Value]:
    pack = talk.pack(registration)
    working: list[Value] = [
        Text(
            "line_works" if name.outcome == "approved" else "line_refused",
            {
                "name": name.text,
                "reason": [reason(one) for one in name.reason.split("; ")],
                "country": Country(registration.country),
            },
        )
        for name in registration.sender_ids
        if name.outcome
    ]
    return {
        "reference": registration.reference,
        "country": Country(registration.country),
        "status": Text(f"status_{registration.status}"),
        "time": lookup.lead_time(pack),
        "ends": ending(registration),
        "since": Moment(registration.entered_at or talk.now),
        "names": working,
        "reasons": reasons(registration.reasons),
        "validity": Text("validity", {"text": pack.validity.text}) if pack.validity else Text("validity_unknown"),
        "registry": pack.registry.name if pack.registry else "",
        "how": reached_at(registration),
    }


def ending(registration: Registration) -> Value:
    """When it is deleted. Before the clock runs any word of the customer's moves that; afterwards only submitting."""
    if registration.ends_at is None:
        return ""
    key = "ends_at" if registration.clock_started_at is None else "ends_unless_submitted"
    return Text(key, {"at": Moment(registration.ends_at)})


def read_tracking(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if word is Word.TAKE_BACK:
        take_back(talk, registration)
    elif word is Word.APPLY_AGAIN and registration.status is Status.FAILED:
        apply_again(talk, registration)
    elif word is Word.CONTINUE:
        talk.go("go_on")
    else:
        found = talk.book.find(text)
        if found.kind in ("one", "several") and fields.truth(text) is None:  # "no" is not Norway here
            talk.go("another")
            beginning.read_country(talk, text, said)
        else:
            talk.say("tracking_unclear")


def take_back(talk: Talk, registration: Registration) -> None:
    """Out of the queue again, while nobody has opened it."""
    if talk.fire(registration, "take_back", CUSTOMER):
        talk.say("taken_back", {"reference": registration.reference})
        talk.go("go_on")
    else:
        talk.say("cannot_take_back", {"reference": registration.reference})


def apply_again(talk: Talk, failed: Registration) -> None:
    """A new registration with everything kept; only what the reasons touch is asked again."""
    if not beginning.has_room(talk, 1):
        return
    again = beginning.open_registration(talk, failed.country)
    again.answers, again.overruled = copy.deepcopy(failed.answers), {}
    again.again_of = failed.reference
    again.edition, again.mark = failed.edition, failed.mark  # the rules of the day are told as a change to these
    again.reasons, again.to_mend = list(failed.reasons), list(failed.to_mend)
    again.sender_ids = [copy.deepcopy(name) for name in failed.sender_ids]
    again.names_done = bool(again.sender_ids)
    again.skipped = list(failed.skipped)
    for name in again.sender_ids:
        name.outcome, name.reason = None, ""
    for touched in again.to_mend:
        again.answers.pop(touched, None)
    if SENDER_ID in again.to_mend:
        again.names_done = False
    talk.chat.on = again.id
    talk.chat.cursor = type(talk.chat.cursor)()
    talk.say(
        "applying_again",
        {
            "reference": again.reference,
            "former": failed.reference,
            "country": Country(again.country),
            "reasons": reasons(again.reasons),
        },
        about=again,
    )
    _bring_own_papers(talk, failed, again)
    talk.go("go_on")


def _bring_own_papers(talk: Talk, failed: Registration, again: Registration) -> None:
    """Own documents that were not what it failed for come along; letters are drawn and signed anew."""
    ours = {slot.key for slot in talk.papers(failed).letters}
    brought = []
    for upload in failed.uploads:
        slots = {page.slot for page in upload.pages if page.slot}
        if upload.file and not upload.problem and slots and not slots & (ours | set(failed.to_mend)):
            kept = Upload(
                talk.case.fresh.upload_id(),
                upload.name,
                talk.now,
                f"stored:{upload.file}",
                size=upload.size,
                caption=_title(talk, failed, min(slots)),
            )
            again.uploads.append(kept)
            brought.append(kept)
    if brought:
        talk.fetch(again, brought)


def _title(talk: Talk, registration: Registration, key: str) -> str:
    item = talk.papers(registration).item(key)
    return item.slot.title if item else ""


# --- at every question --------------------------------------------------------------------------------------------


def say_status(talk: Talk) -> None:
    registration = talk.on
    if registration is None:
        say_list(talk)
        return
    complete = registration.status is Status.DOCUMENTS_RENDERED and talk.papers(registration).complete
    key = "status_is_complete" if complete else f"status_is_{registration.status}"
    talk.say(key, status_values(talk, registration))


def say_list(talk: Talk) -> None:
    """All registrations of the company, each a button to go there."""
    found = sorted(talk.case.registrations.values(), key=lambda one: (one.status in CLOSED, one.id))
    if not found:
        talk.say("list_empty")
        return
    lines: list[Value] = [
        Text(
            "line_registration",
            {"reference": one.reference, "country": Country(one.country), "status": Text(f"status_{one.status}")},
        )
        for one in found
    ]
    choices = tuple(
        Choice(
            f"open {one.reference}",
            Text("choice_open_country", {"reference": one.reference, "country": Country(one.country)}),
        )
        for one in found[:20]
    )
    talk.say("list", {"lines": lines, "n": len(found)}, choices=choices)


def switch(talk: Talk, reference: str) -> bool:
    """Put the chat on another registration of the company."""
    registration = talk.by_reference(reference)
    if registration is None:
        talk.say("no_such_registration", {"reference": reference.strip().upper()[:12]})
        return False
    talk.chat.on = registration.id
    talk.chat.cursor = type(talk.chat.cursor)()
    talk.go("switch")
    talk.go("go_on")
    placing.ask_about_unplaced(talk, registration)
    return True


def ask_cancelling(talk: Talk) -> None:
    registration = talk.registration
    talk.say(
        "ask_cancel",
        {"reference": registration.reference, "country": Country(registration.country)},
        asks=True,
        choices=(
            Choice("keep", Text("choice_keep_for_later")),
            Choice("withdraw", Text("choice_withdraw")),
            Choice("back", Text("choice_go_on")),
        ),
    )


def read_cancelling(talk: Talk, text: str, said: Said | None) -> None:
    word = said.word if said else None
    registration = talk.registration
    if word is Word.WITHDRAW:
        talk.go("withdraw")
    elif word in (Word.KEEP, Word.LATER):
        talk.say(
            "kept_for_later",
            {
                "reference": registration.reference,
                "ends": ending(registration),
            },
        )
        talk.chat.on = None
        talk.go("another")
    elif word in (Word.BACK, Word.CONTINUE) or fields.truth(text) is False:
        talk.go("go_on")
    else:
        ask_cancelling(talk)


def ask_withdrawing(talk: Talk) -> None:
    registration = talk.registration
    talk.say(
        "ask_withdraw",
        {"reference": registration.reference, "country": Country(registration.country)},
        asks=True,
        choices=(Choice("yes", Text("choice_yes_delete")), Choice("no", Text("choice_go_on"))),
    )


def read_withdrawing(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if fields.truth(text) is True or word is Word.WITHDRAW:
        reference, country = registration.reference, registration.country
        if talk.fire(registration, "withdraw", CUSTOMER):
            talk.say("withdrawn", {"reference": reference, "country": Country(country)}, about=registration, last=True)
        else:
            talk.say("cannot_withdraw", {"reference": reference})
            talk.go("go_on")
    elif fields.truth(text) is False or word in (Word.BACK, Word.CONTINUE, Word.KEEP):
        talk.go("go_on")
    else:
        ask_withdrawing(talk)


def reached_at(registration: Registration | None) -> Text:
    """How a colleague gets in touch: by what the customer gave for it."""
    email = registration.answers.get("contact_email") if registration is not None else None
    return Text("reached_at", {"email": str(email)}) if email else Text("reached_later")


def _answered_where(talk: Talk) -> Text:
    """Where the person's answer comes, to a chat that shows it only when it is looked at, an address is asked for."""
    if talk.on is None and talk.case.kept:
        return Text("answered_on_the_page")
    return reached_at(talk.on)


def heard_address(talk: Talk, text: str) -> bool:
    """Whether it is an e-mail address for the person who was asked for, where no registration asks for one."""
    waits = any(one.closed_at is None and one.registration_id is None for one in talk.case.handoffs.values())
    if talk.on is not None or not waits or not ADDRESS.fullmatch(text.strip()):
        return False
    talk.say("person_sees_address", {"email": text.strip()})
    return True


def ask_a_person(talk: Talk) -> None:
    talk.hand_to_a_person("handoff_asked", talk.on)
    talk.say(
        "person_is_called",
        {
            "how": _answered_where(talk),
            "contact": Text("support_contact", {"contact": talk.support()}) if talk.support() else "",
        },
    )


def set_time_zone(talk: Talk, named: str) -> None:
    """ "My time zone is ...": an IANA name, or a country or city that has one."""
    zone = deadlines.zone(named, named.replace(" ", "_").title())
    key = zone.key
    if key == "UTC" and named.strip().upper() not in ("UTC", "GMT"):
        found = talk.book.find(named)
        key = (talk.book.time_zone(found.countries[0]) or "") if found.kind == "one" else ""
    if not key:
        talk.say("time_zone_unknown", {"given": named[:40]})
        return
    talk.chat.time_zone = key
    if talk.case.company is not None:
        talk.case.company.time_zone = key
    talk.say("time_zone_is", {"zone": key, "now": Moment(talk.now)})
