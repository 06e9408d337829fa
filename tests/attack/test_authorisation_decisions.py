"""Who may decide what, by every way there is: every cell has its expected outcome and is run. Deny by default."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from matrix_people import GONE, NOWHERE, OWN, ROLES, SECRETS, THINGS, Matrix, Person, the_book
from matrix_ways import EVERYTHING, OF_PAGES, WAYS, WITH_REASONS, Way

from bot.web.desk import ACTIONS as ON_THE_PAGE
from bot.words import Catalogs
from bot.writer import Taken
from conversations import lifecycle
from conversations.desk import actions
from conversations.model import Say, Status, Text

NOTHING, NOT_THERE, NOT_NOW = "nothing", "desk_not_there", "desk_not_now"
# Written down once more, by hand: a role, an action or a state that is new fails here first.
MAY: Mapping[str, frozenset[str]] = {
    "open": frozenset({"reviewer", "account_manager", "admin"}),
    "take": frozenset({"reviewer", "account_manager", "admin"}),
    "close": frozenset({"reviewer", "account_manager", "admin"}),
    "approve": frozenset({"reviewer", "account_manager", "admin"}),
    "refuse": frozenset({"reviewer", "account_manager", "admin"}),
    "reject": frozenset({"reviewer", "account_manager", "admin"}),
    "pass_on": frozenset({"reviewer", "admin"}),
    "send_back": frozenset({"reviewer", "admin"}),
    "hand_back": frozenset({"account_manager", "admin"}),
    "overrule": frozenset({"reviewer", "admin"}),
    "agree": frozenset({"reviewer", "admin"}),
    "overrule_page": frozenset({"reviewer", "admin"}),
}
DECIDES = frozenset({"approve", "refuse", "reject", "pass_on", "send_back", "hand_back"})
MANAGERS_SEE = ("manager", "own_manager")
POSSIBLE = {
    "form": {"open", "take", "approve", "refuse", "pass_on", "send_back", "reject", "overrule", *OF_PAGES},
    "manager": {"open", "take", "approve", "refuse", "reject", "hand_back", "overrule"},
    "asked": {"open", "take", "close", "overrule"},
    "taken": {"open", "take"},
}
DONE = {
    "open": "desk_opened", "take": "desk_taken", "close": "desk_handoff_closed", "approve": "desk_approved",
    "refuse": "desk_all_refused", "pass_on": "desk_passed_on", "send_back": "desk_sent_back",
    "reject": "desk_rejected", "hand_back": "desk_handed_back", "overrule": "desk_no_judgement",
    "agree": "desk_no_such_page", "overrule_page": "desk_no_such_page",
}  # fmt: skip
TAKES_FIRST = "desk_take_first"


def said(action: str, reference: str) -> str:
    """The command in words, with its reasons where it needs them."""
    words = f"{action.replace('_', ' ')} {reference}"
    return f"{words}: signature" if action in ("refuse", "send_back", "reject") else words


def expected(way: Way, action: str, role: str, thing: str, taken: bool = False) -> str:
    """What comes of it. `taken`: whoever acts took it before."""
    is_modal = way.verbs is WITH_REASONS
    says = action in (desk_verbs() if way.verbs is None else way.verbs)
    if is_modal and not says:
        return NOT_THERE  # a modal that was never asked for
    if way.verbs is EVERYTHING and thing in GONE:
        return NOTHING  # an event about nothing
    if way.is_desk and way.presses and not way.private and not says:
        return NOT_THERE  # whatever a button of the desk's chat says is the desk's
    if not (way.is_desk and says):
        return NOTHING
    if role not in MAY["open"]:
        return NOTHING if way.private else NOT_THERE
    if thing in OWN and action == "open" and way.private:
        return NOTHING  # of their own it is the customer's word
    if thing in GONE or (role == "account_manager" and thing not in MANAGERS_SEE):
        return NOT_THERE
    if is_modal:
        return _in_a_modal(action, role, thing, taken)
    if role not in MAY[action]:
        return "desk_not_your_role"
    if thing in OWN:
        return "desk_own_registration"
    if thing == "draft":
        return NOT_NOW
    if thing == "taken" and action not in ("open", "take"):
        return "desk_taken_by_another"
    if (action in OF_PAGES or (way.presses and action in DECIDES)) and not taken:
        return TAKES_FIRST
    return DONE[action] if action in POSSIBLE[thing] else NOT_NOW


def _in_a_modal(action: str, role: str, thing: str, taken: bool) -> str:
    """Asked for by whoever holds it; the decision itself is judged when the modal is sent in."""
    if thing in OWN:
        return NOT_THERE
    if thing == "taken":
        return "desk_taken_by_another"
    if not taken:
        return TAKES_FIRST
    possible = role in MAY[action] and action in POSSIBLE[thing]
    return "done_in_the_modal" if possible else "refused_in_the_modal"


def desk_verbs() -> set[str]:
    return {verb.replace(" ", "_") for verb in actions.VERBS}


def test_every_action_role_and_state_has_its_row() -> None:
    """A new action without a row in these tables fails."""
    assert set(actions.ACTIONS) == set(MAY)
    assert {name: {role.value for role in roles} for name, (roles, _) in actions.ACTIONS.items()} == MAY
    assert desk_verbs() == set(MAY) - {"overrule", *OF_PAGES} and set(DONE) == set(MAY)
    assert set(MAY) - {"close"} | {"take_handoff", "close_handoff"} == ON_THE_PAGE
    assert set(lifecycle.DECISIONS) == DECIDES
    triggers = {name for status in Status for name in lifecycle.decisions(registration(status))}
    assert triggers == DECIDES
    by_customers_and_time = {
        "hand_over", "start_self_registration", "registered_by_customer", "back", "submit", "rendered",
        "rendering_failed", "edit", "submit_documents", "take_back", "resubmit", "withdraw", "time_is_up",
    }  # fmt: skip
    assert {row[0] for row in lifecycle.LIFECYCLE} == (DECIDES - {"refuse"}) | by_customers_and_time


def registration(status: Status) -> Any:
    from conversations.model import Registration

    return Registration(1, "GB-AAAA", 1, 1, "GB", "form", status)


# --- every cell -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    return Catalogs.load(the_book(), strict=True)


@pytest.fixture(scope="module")
def matrices(tmp_path_factory: pytest.TempPathFactory, catalogs: Catalogs) -> Iterator[dict[str, Matrix]]:
    found: dict[str, Matrix] = {}
    book = the_book()
    for channel in ("console", "web", "telegram", "slack"):
        found[channel] = Matrix(tmp_path_factory.mktemp(channel), book, catalogs, channel)
    yield found
    for matrix in found.values():
        matrix.close()


@dataclasses.dataclass
class Told:
    """Everything whoever acted could see of it."""

    answer: str
    seen: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"{self.answer}: {self.seen}"


def acts(matrix: Matrix, way: Way, who: Person, action: str, reference: str) -> Told:
    chat = matrix.house.said.setdefault(who.name, [])
    before = len(chat)
    came: Sequence[Taken | Text] = way.acts(matrix, who, said(action, reference), reference)
    answers, effects = [], 0
    for one in came:
        if isinstance(one, Taken):
            assert one.error is None, one.error
            assert one.turn is not None
            effects += sum(isinstance(effect, Say) for effect in one.turn.effects)
            answers += [one.turn.answer] if one.turn.answer is not None else []
        else:
            answers.append(one)
    assert len(answers) <= 1
    shown = [(new.key, new.text, new.choices, new.say.registration, new.say.files) for new in chat[before:]]
    words = [
        matrix.house.catalogs.words().text(one) for one in answers if one.key in DONE.values() or "desk" in one.key
    ]
    seen = re.sub(re.escape(reference), "REF", repr((shown, words, effects)), flags=re.IGNORECASE)
    return Told(answers[0].key if answers else NOTHING, (seen,))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("way", WAYS)
def test_nobody_does_by_any_way_what_is_not_theirs_to_do(matrices: dict[str, Matrix], way: str, role: str) -> None:
    by, matrix = WAYS[way], matrices[WAYS[way].channel]
    who, cells = matrix.people[role], 0
    for action in MAY:
        wanted = {thing: expected(by, action, role, thing) for thing in matrix.things(role)}
        cells += _are_refused(matrix, by, who, action, {t: one for t, one in wanted.items() if not _moves(t, one)})
        for thing in [thing for thing, one in wanted.items() if _moves(thing, one)]:
            _is_done(matrix, by, who, action, thing, wanted[thing])
            cells += 1
    assert cells == len(MAY) * len(list(matrix.things(role)))


def _moves(thing: str, outcome: str) -> bool:
    """A decision that the registration's life does not allow takes it all the same, where it is at the desk."""
    return outcome in DONE.values() or (outcome == NOT_NOW and thing in ("form", "manager"))


def _are_refused(matrix: Matrix, by: Way, who: Person, action: str, wanted: Mapping[str, str]) -> int:
    """Nothing changes, nothing is told, and it is as if there were no such registration. How many."""
    matrix.begin()
    if who.role not in MAY["open"]:  # whoever hears a greeting first is past it
        acts(matrix, by, who, action, NOWHERE)
    start, denied = matrix.state(), {}
    for thing, outcome in wanted.items():
        told = acts(matrix, by, who, action, matrix.references[who.role, thing])
        assert told.answer == outcome, (thing, told)
        assert not any(secret in repr(told) for secret in SECRETS), (thing, told)
        if outcome in (NOTHING, NOT_THERE) and thing not in OWN:
            denied[thing] = told
    assert matrix.state() == start
    for thing, told in denied.items() if by.verbs is not EVERYTHING else ():  # its routes answer: another matrix
        assert told == denied["none"], (action, thing)
    for thing in [thing for thing, outcome in wanted.items() if outcome == TAKES_FIRST and thing in POSSIBLE]:
        _takes_and_acts(matrix, by, who, action, thing)
    return len(wanted)


def _is_done(matrix: Matrix, by: Way, who: Person, action: str, thing: str, outcome: str) -> None:
    matrix.begin()
    start, reference = matrix.state(), matrix.references[who.role, thing]
    told = acts(matrix, by, who, action, reference)
    assert told.answer == outcome, (action, thing, told)
    now = matrix.state()
    changed = {name for name in start if now.get(name) != start[name]}
    assert changed <= {reference, "handoffs", "receipts"}, (action, thing)
    assert changed or outcome not in DONE.values() or action in ("open", "overrule", *OF_PAGES), (action, thing)


def _takes_and_acts(matrix: Matrix, by: Way, who: Person, action: str, thing: str) -> None:
    """A button decides only what its presser took."""
    matrix.begin()
    reference = matrix.references[who.role, thing]
    who.types(f"take {reference}")
    assert matrix.house.found(reference).registration.taken_by == who.principal
    told = acts(matrix, by, who, action, reference)
    assert told.answer == expected(by, action, who.role, thing, taken=True), (action, thing, told)


def test_the_cells_are_all_there() -> None:
    cells = [(way, action, role, thing) for way in WAYS for action in MAY for role in ROLES for thing in THINGS]
    outcomes = {expected(WAYS[way], action, role, thing) for way, action, role, thing in cells}
    outcomes |= {expected(WAYS[way], action, role, "form", taken=True) for way, action, role, _ in cells}
    assert len(cells) == 25 * 12 * 7 * 9
    assert outcomes >= {NOTHING, NOT_THERE, NOT_NOW, TAKES_FIRST, "desk_own_registration", *DONE.values()}


# --- former staff: what they had open -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [name for name, way in WAYS.items() if way.presses])
def test_what_somebody_had_open_stops_with_their_role(matrices: dict[str, Matrix], way: str) -> None:
    """Taken, then revoked: no button, no modal, no word of theirs does anything, and others may take it over."""
    by, matrix = WAYS[way], matrices[WAYS[way].channel]
    matrix.begin()
    admin, reference = matrix.people["admin"], matrix.references["admin", "form"]
    admin.types(f"take {reference}")
    staff = matrix.house.store.staff_of(admin.principal)
    assert staff is not None and matrix.house.store.revoke(staff.name)
    start = matrix.state()
    for action in MAY:
        told = acts(matrix, by, admin, action, reference)
        assert told.answer in (NOTHING, NOT_THERE), (action, told)
        assert not any(secret in repr(told) for secret in SECRETS)
        there_is_none = acts(matrix, by, admin, action, NOWHERE)
        assert told == there_is_none
    assert matrix.state() == start
    tara = matrix.people["tara"]
    tara.types(f"take {reference}")
    assert matrix.house.found(reference).registration.taken_by == tara.principal
