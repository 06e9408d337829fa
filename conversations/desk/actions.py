"""What staff may do to a registration, from the desk page or in words in a chat. Deny by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.desk import dossier, page_labels
from conversations.interview.plan import SENDER_ID
from conversations.lifecycle import DECISIONS, MANAGERS, REVIEWERS, WITH_PEOPLE
from conversations.model import (
    CLOSED,
    Choice,
    Handoff,
    Note,
    Outcome,
    Registration,
    Role,
    Staff,
    Status,
    Step,
    Text,
    UploadPage,
    Value,
    Verdict,
)
from conversations.papers.wanted import placed_pages
from conversations.registration.tracking import reached_at, status_values
from conversations.talk import Talk
from conversations.uploads import documents

ALL = REVIEWERS | MANAGERS


@dataclass(frozen=True, slots=True)
class Decision:
    """An action on a registration, with its values: sender_id, why, papers, fields, field, value, handoff, upload,
    page, label."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


VERBS = ("open", "take", "close", "pass on", "hand back", "approve", "refuse", "send back", "reject")
BEGINS_LIKE_ONE = re.compile(rf"^(?:{'|'.join(VERBS)})\b", re.IGNORECASE)
COMMAND = re.compile(
    rf"^/?(?P<name>{'|'.join(VERBS)})\s+"
    r"(?P<reference>[A-Za-z]{2}-[A-Za-z0-9]{4})"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


def command(text: str) -> tuple[str, Decision] | None:
    """(reference, decision) of a staff member's words such as `refuse TH-4K7Q ACME: not their brand`, else None."""
    found = COMMAND.match(text.strip())
    if found is None:
        return None
    name = found["name"].casefold().replace(" ", "_")
    values: dict[str, Any] = {"why": _reasons_in(found["rest"].partition(":")[2])}
    if name in ("approve", "refuse"):
        values["said"] = found["rest"].strip()
    return found["reference"].upper(), Decision(name, values)


def _reasons_in(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[;\n]", text) if line.strip()]


def _with_name(registration: Registration, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was said in words, parted into the sender ID and the reasons: a sender ID may hold a colon itself."""
    said = values.get("said")
    if said is None:
        return values
    names = sorted((name.text for name in registration.sender_ids), key=len, reverse=True)
    for name in names:
        behind = said.removeprefix(name).lstrip()
        if said.startswith(name) and (not behind or behind.startswith(":")):
            return {"sender_id": name, "why": _reasons_in(behind.removeprefix(":"))}
    return {**values, "sender_id": said.partition(":")[0].strip() or None}


QUESTION = re.compile(r"^/?(?P<name>take|close) question (?P<number>[0-9]{1,15})$", re.IGNORECASE)


def about_a_question(text: str) -> Decision | None:
    """The decision on a handoff without a registration, as its card says it: `take question 12`."""
    found = QUESTION.match(text.strip())
    names = {"take": "take_handoff", "close": "close_handoff"}
    return Decision(names[found["name"].casefold()], {"handoff": int(found["number"])}) if found else None


def act(talk: Talk, registration: Registration | None, decision: Decision) -> Text:
    """Carry out a decision; what the staff member is told about it."""
    staff = talk.case.staff
    action = ACTIONS.get(decision.name)
    if staff is None or action is None:
        return Text("desk_not_there")
    if registration is None:
        return Text("desk_not_there")
    roles, does = action
    if not sees(staff.role, registration):
        return Text("desk_not_there")
    if staff.role not in roles:
        return Text("desk_not_your_role", {"role": Text(f"role_{staff.role.value}")})
    company = talk.case.company
    if company is not None and company.owner == staff.principal:
        return Text("desk_own_registration")
    if not _is_at_the_desk(talk, registration):
        return _not_now(registration)
    if registration.taken_by not in (None, staff.principal) and decision.name not in ("open", "take"):
        return Text("desk_taken_by_another", {"reference": registration.reference})
    if decision.name in OF_PAGES and registration.taken_by is None:
        return Text("desk_take_first", {"reference": registration.reference})  # pages are seen by whoever took it alone
    if decision.name in DECISIONS and talk.event.choice is not None and registration.taken_by is None:
        return Text("desk_take_first", {"reference": registration.reference})  # an old button: it may have changed
    if decision.name not in ("open", "hand_back", "take", "close") and registration.status in WITH_PEOPLE:
        _take(talk, registration)
    return does(talk, registration, _with_name(registration, decision.values))


def _is_at_the_desk(talk: Talk, registration: Registration) -> bool:
    """While the customer is still at it, nobody looks over their shoulder unless they asked for a person."""
    if registration.status in (*WITH_PEOPLE, *CLOSED) or registration.taken_by is not None:
        return True
    return any(
        handoff.registration_id == registration.id and handoff.closed_at is None
        for handoff in talk.case.handoffs.values()
    )


def sees(role: Role, registration: Registration) -> bool:
    """Account managers act on what was handed to them, reviewers on the rest."""
    if role is Role.ACCOUNT_MANAGER:
        return (
            registration.route in ("account_manager", "self_registration", "template_approval")
            or registration.status is Status.WITH_ACCOUNT_MANAGER
        )
    return True


def _by(talk: Talk) -> str:
    assert talk.case.staff is not None
    return talk.case.staff.name


def _shown(name: str) -> str:
    """A staff member's name as a customer reads it: staff are listed as `anna-berg`."""
    return name.replace("-", " ").title()


def _note(talk: Talk, registration: Registration, trigger: str, text: str = "") -> None:
    talk.effects.append(
        Note(registration.id, talk.now, trigger, registration.status, registration.status, _by(talk), text)
    )


def _open(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    if registration.opened_by is None:
        registration.opened_by = _principal(talk)
        _note(talk, registration, "open")
    if registration.taken_by == _principal(talk):
        dossier.show(talk, registration)
    return Text("desk_opened", {"reference": registration.reference})


def _principal(talk: Talk) -> str:
    assert talk.case.staff is not None
    return talk.case.staff.principal


def _take(talk: Talk, registration: Registration) -> None:
    if registration.taken_by == _principal(talk):
        return
    registration.opened_by = registration.opened_by or _principal(talk)
    registration.taken_by, registration.holder = _principal(talk), _by(talk)
    for handoff in talk.case.handoffs.values():
        if handoff.registration_id == registration.id and handoff.taken_by is None:
            handoff.taken_by, handoff.taken_at = _by(talk), talk.now
    _note(talk, registration, "take")


def take(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    if registration.taken_by not in (None, _principal(talk)):
        _note(talk, registration, "take_over")
        registration.taken_by = None
    fresh = registration.taken_by is None
    _take(talk, registration)
    if fresh and registration.status is Status.WITH_ACCOUNT_MANAGER:
        told: dict[str, Value] = {"manager": _shown(_by(talk)), "how": reached_at(registration)}
        talk.tell_customer(registration, "manager_took_it", told)
    dossier.show(talk, registration)
    return Text("desk_taken", {"reference": registration.reference})


def _decide(talk: Talk, registration: Registration, values: Mapping[str, Any], outcome: Outcome) -> Text | None:
    """Write the outcome of one sender ID, or of all open ones; a Text when that can't be done."""
    wanted = values.get("sender_id")
    if registration.status not in (Status.UNDER_REVIEW, Status.WITH_CARRIER, Status.WITH_ACCOUNT_MANAGER):
        return Text("desk_not_now", {"status": Text(f"status_{registration.status}")})
    names = (
        [name for name in registration.sender_ids if name.text == wanted]
        if wanted
        else [name for name in registration.sender_ids if name.outcome is None]
    )
    if wanted and not names:
        return Text(
            "desk_no_such_name",
            {
                "reference": registration.reference,
                "name": str(wanted)[:20],
                "names": ", ".join(name.text for name in registration.sender_ids),
            },
        )
    for name in names:
        name.outcome, name.reason = outcome, "; ".join(values.get("why") or [])
        _note(talk, registration, f"{outcome.value} {name.text}", name.reason)
    return None


def approve(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    refused = _decide(talk, registration, values, Outcome.APPROVED)
    return refused or _close_if_decided(talk, registration)


def refuse(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    names = [name.text for name in registration.sender_ids]
    wanted = values.get("sender_id") or (names[0] if len(names) == 1 else None)
    if not wanted:
        return Text("desk_which_name", {"reference": registration.reference, "names": ", ".join(names)})
    if not values.get("why"):
        return _why_missing(f"refuse {registration.reference} {wanted}")
    refused = _decide(talk, registration, {**values, "sender_id": wanted}, Outcome.REFUSED)
    return refused or _close_if_decided(talk, registration)


def _close_if_decided(talk: Talk, registration: Registration) -> Text:
    """Approve when every sender ID has its outcome and one at least is good."""
    waiting = [name.text for name in registration.sender_ids if name.outcome is None]
    if waiting:
        return Text("desk_still_open", {"reference": registration.reference, "names": ", ".join(waiting)})
    if not talk.fire(registration, "approve", _by(talk)):
        return Text("desk_all_refused", {"reference": registration.reference})
    _accept_pages(registration)
    tell_outcome(talk, registration, "outcome_successful")
    return Text("desk_approved", {"reference": registration.reference})


def tell_outcome(talk: Talk, registration: Registration, key: str) -> None:
    """Tell the customer at once, in the same chat, and put that chat where it goes on."""
    chat = talk.chat_of(registration)
    is_there = chat is not None and chat.on == registration.id
    talk.tell_customer(registration, key, status_values(talk, registration), choices=_way_on(registration, is_there))
    if chat is not None and is_there:
        before, talk.chat = talk.chat, chat
        talk.go("go_on")
        talk.chat = before
        talk.ask_in = chat if chat.state is not Step.TRACKING else None


def _way_on(registration: Registration, is_there: bool) -> tuple[Choice, ...]:
    if registration.status is Status.FAILED:
        return (
            Choice(f"apply again {registration.reference}", Text("choice_apply_again")),
            Choice("person", Text("choice_person")),
        )
    return () if is_there else (documents.open_choice(registration),)


def pass_on(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    if not talk.fire(registration, "pass_on", _by(talk)):
        return _not_now(registration)
    _accept_pages(registration)
    tell_outcome(talk, registration, "outcome_with_carrier")
    return Text("desk_passed_on", {"reference": registration.reference})


def _accept_pages(registration: Registration) -> None:
    """Whoever passes it on has looked at every page."""
    for upload in registration.uploads:
        for page in upload.pages:
            if page.verdict is Verdict.WITH_PERSON:
                page.verdict = Verdict.ACCEPTED


def _why_missing(so_far: str) -> Text:
    """A reason is wanted; `command` is what it goes behind."""
    return Text("desk_why_missing", {"command": f"{so_far}:"})


def _turn_down(talk: Talk, registration: Registration, values: Mapping[str, Any], trigger: str) -> Text | None:
    """Fire send_back or reject, and write down the reasons and what they touch; a Text when that can't be done."""
    why = [str(reason).strip() for reason in values.get("why") or [] if str(reason).strip()]
    if not why:
        return _why_missing(f"{trigger.replace('_', ' ')} {registration.reference}")
    if not talk.fire(registration, trigger, _by(talk), "; ".join(why)):
        return _not_now(registration)
    papers, names = list(values.get("papers") or []), list(values.get("fields") or [])
    registration.reasons = why
    registration.to_mend = [*names, *papers]
    for key in papers:
        placed = [page for _, page in placed_pages(registration, key)]
        for page in page_labels.refused_by_the_desk(registration, key) or placed:  # one by one, else all of the paper
            page.verdict, page.reason = Verdict.REFUSED, "; ".join(why)
    if any(name.outcome is Outcome.REFUSED for name in registration.sender_ids) and SENDER_ID not in names:
        registration.to_mend.append(SENDER_ID)
    return None


def send_back(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    refused = _turn_down(talk, registration, values, "send_back")
    if refused:
        return refused
    for name in registration.sender_ids:
        name.outcome = None if name.outcome is Outcome.APPROVED else name.outcome
    tell_outcome(talk, registration, "outcome_sent_back")
    return Text("desk_sent_back", {"reference": registration.reference})


def reject(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    refused = _turn_down(talk, registration, values, "reject")
    if refused:
        return refused
    for name in registration.sender_ids:
        name.outcome = Outcome.REFUSED
    tell_outcome(talk, registration, "outcome_failed")
    return Text("desk_rejected", {"reference": registration.reference})


def hand_back(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    if not talk.fire(registration, "hand_back", _by(talk)):
        return _not_now(registration)
    talk.close_handoffs(registration)
    registration.reasons = [str(reason) for reason in values.get("why") or []]
    tell_outcome(talk, registration, "outcome_handed_back")
    return Text("desk_handed_back", {"reference": registration.reference})


def close(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    """What the customer asked a person for is done; the registration stays theirs."""
    if registration.status in WITH_PEOPLE:
        return _not_now(registration)
    talk.close_handoffs(registration)
    registration.taken_by, registration.holder = None, ""
    _note(talk, registration, "close_handoff")
    return Text("desk_handoff_closed")


def overrule(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    """The desk decides a judgement of the customer's otherwise; the customer's own answer stays on record."""
    name, value = str(values.get("field") or ""), values.get("value")
    asked = next((one for one in talk.pack(registration).fields if one.name == name), None)
    if asked is None or not asked.judgement or not isinstance(value, bool):
        return Text("desk_no_judgement")
    registration.overruled[name] = value
    _note(talk, registration, f"overrule {name}", str(value))
    return Text("desk_overruled", {"label": asked.label})


def agree(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    """The person sees of a page what the check saw."""
    return _label(talk, registration, values, "agree")


def overrule_page(talk: Talk, registration: Registration, values: Mapping[str, Any]) -> Text:
    """The person sees otherwise, or what the check could not tell."""
    return _label(talk, registration, values, "overrule_page")


def _label(talk: Talk, registration: Registration, values: Mapping[str, Any], trigger: str) -> Text:
    """Keep what a person found true of a page. The customer hears of it with the decision, as of all that is found."""
    if registration.status not in page_labels.JUDGED_IN:
        return _not_now(registration)
    page = page_labels.page_of(registration, int(values.get("upload") or 0), int(values.get("page") or 0))
    if page is None:
        return Text("desk_no_such_page")
    agreed = page_labels.to_agree_with(page)
    label = agreed if trigger == "agree" else str(values.get("label") or "")
    if label is None or (trigger != "agree" and label not in page_labels.LABELS):
        return Text("desk_page_what_is_true")
    if label == page_labels.FINE and page_labels.place_of(registration, page) is None:
        return Text("desk_page_stands_for_none")
    page_labels.label(registration, page, label, _by(talk))
    _note(talk, registration, f"{trigger} {_named(registration, page)}", label)
    return Text("desk_page_labelled", {"found": Text(f"desk_label_{page_labels.plain(label)}")})


def _named(registration: Registration, page: UploadPage) -> str:
    """The paper and page it is, as the history names it: `loa:du 2`."""
    letter = page_labels.letter_of(registration, page)
    return f"{page.slot or (letter.slot if letter else 'file')} {page.page or page.letter_page or page.number}"


def _not_now(registration: Registration) -> Text:
    return Text("desk_not_now", {"status": Text(f"status_{registration.status}")})


# What is told in public without the sender IDs, which are answers, and with a word on where the rest went.
IN_GROUP = {
    "desk_which_name": "desk_which_name_in_group",
    "desk_still_open": "desk_still_open_in_group",
    "desk_no_such_name": "desk_which_name_in_group",
    "desk_taken": "desk_taken_in_group",
}


def in_group(answer: Text) -> Text:
    """The answer to a decision as everybody at the desk may read it."""
    return Text(IN_GROUP.get(answer.key, answer.key), answer.values)


OF_PAGES = ("agree", "overrule_page")
ACTIONS: Mapping[str, tuple[frozenset[Role], Callable[[Talk, Registration, Mapping[str, Any]], Text]]] = {
    "open": (ALL, _open),
    "take": (ALL, take),
    "approve": (DECISIONS["approve"], approve),
    "refuse": (DECISIONS["refuse"], refuse),
    "pass_on": (DECISIONS["pass_on"], pass_on),
    "send_back": (DECISIONS["send_back"], send_back),
    "reject": (DECISIONS["reject"], reject),
    "hand_back": (DECISIONS["hand_back"], hand_back),
    "close": (ALL, close),
    "overrule": (REVIEWERS, overrule),
    "agree": (REVIEWERS, agree),
    "overrule_page": (REVIEWERS, overrule_page),
}


# --- questions handed to a person ---------------------------------------------------------------------------------


def _may_see(talk: Talk, handoff: Handoff, staff: Staff) -> bool:
    """Nobody acts on a question of their own."""
    registration = talk.case.registrations.get(handoff.registration_id or 0)
    company = talk.case.company
    own = handoff.asked_by == staff.principal or (company is not None and company.owner == staff.principal)
    return not own and (registration is None or sees(staff.role, registration))


def act_on_handoff(talk: Talk, decision: Decision) -> Text:
    """Take or close a handoff: a question, or a registration given to a person."""
    staff = talk.case.staff
    if staff is None:
        return Text("desk_not_there")
    handoff = talk.case.handoffs.get(int(decision.values.get("handoff") or 0))
    if handoff is None or handoff.closed_at is not None or not _may_see(talk, handoff, staff):
        return Text("desk_not_there")
    if decision.name == "take_handoff":
        handoff.taken_by, handoff.taken_at = staff.name, talk.now
        return Text("desk_handoff_taken")
    handoff.closed_at = talk.now
    if answer := str(decision.values.get("answer") or "").strip():
        registration = talk.case.registrations.get(handoff.registration_id or 0)
        told: dict[str, Value] = {"name": _shown(staff.name), "answer": answer}
        talk.say("person_answers", told, about=registration, to=handoff.conversation_id)
        return Text("desk_handoff_answered")
    return Text("desk_handoff_closed")
