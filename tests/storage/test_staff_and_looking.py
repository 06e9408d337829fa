"""Invitations, staff, cards, settings, and what is read beside the turns."""

from __future__ import annotations

import threading
from datetime import timedelta

from turns_to_take import NOW, advance, answers, desk, doing, registration_of, take, typed

from conversations.model import Case, Event, Handoff, Kind, Role, SpendInvite, Tell, Turn
from storage.sqlite import SqliteStore
from storage.store import Store


def invited(case: Case, event: Event) -> Turn:
    if case.invited is None:
        return Turn(case)
    return Turn(case, [SpendInvite(event.text.split()[-1], event.principal or "", event.person or "")])


def bind(store: Store, who: str, person: str, role: Role = Role.REVIEWER) -> None:
    take(store, typed(store.invite(role, NOW).code, f"console:{who}", person=person), by=invited)


def test_an_invitation_binds_one_principal_once(store: Store) -> None:
    code = store.invite(Role.REVIEWER, NOW).code
    take(
        store,
        typed(f"here: {code.lower()}", "console:rita", person="Rita Berg"),
        typed(code, "console:eve", person="Eve"),
        by=invited,
    )
    take(store, typed(code, "console:eve", person="Eve"), by=invited)
    ((staff, bound_at),) = store.staff()
    assert (staff.name, staff.role, staff.principal, bound_at) == ("rita-berg", Role.REVIEWER, "console:rita", NOW)
    assert store.staff_of("console:rita") == staff and store.staff_of("console:eve") is None
    assert store.failures() == []


def test_an_invitation_lasts_a_day_and_is_typed(store: Store) -> None:
    invitation = store.invite(Role.ADMIN, NOW - timedelta(hours=24))
    assert invitation.expires_at == NOW
    take(store, typed(invitation.code, "console:late"), by=invited)
    code = store.invite(Role.ADMIN, NOW).code
    take(store, Event("p", Kind.PRESS, NOW, "console:eve", "console:eve", text=code, choice="x"), by=invited)
    assert store.staff() == []


def test_staff_is_known_to_the_next_turn_of_the_batch(store: Store) -> None:
    seen = []

    def look(case: Case, event: Event) -> Turn:
        seen.append(case.staff.role if case.staff else None)
        return invited(case, event)

    code = store.invite(Role.ADMIN, NOW).code
    take(store, typed(code, "console:rita", person="Rita"), typed("hi", "console:rita"), by=look)
    assert seen == [None, Role.ADMIN]


def test_names_of_staff_are_never_given_twice(store: Store) -> None:
    bind(store, "one", "Rita")
    bind(store, "two", "rita!")
    assert store.revoke("rita") and not store.revoke("rita") and not store.revoke("nobody")
    bind(store, "one", "Rita")
    bind(store, "four", "")
    assert [staff.name for staff, _ in store.staff()] == ["rita-2", "rita-3", "staff"]


def test_a_bound_one_may_take_another_role(store: Store) -> None:
    bind(store, "rita", "Rita")
    bind(store, "rita", "Rita", Role.ADMIN)
    assert [(staff.principal, staff.role) for staff, _ in store.staff()] == [("console:rita", Role.ADMIN)]


def test_a_reference_typed_by_staff_names_the_registration(store: Store) -> None:
    take(store, typed("one"))
    registration = registration_of(store)
    bind(store, "rita", "Rita")
    seen: list[Case] = []

    def look(case: Case, event: Event) -> Turn:
        seen.append(case)
        return Turn(case)

    # Only the one behind the verb: reasons may speak of another.
    (event,) = take(store, typed(f"reject zz-2222: as {registration.reference}", "console:rita"), by=look)
    assert event.registration is None and seen.pop().registrations == {}
    text = f"open {registration.reference.lower()}: like zz-2222"
    (event,) = take(store, typed(text, "console:rita"), by=look)
    assert event.registration == registration.id
    assert seen[0].home is not None and seen[0].home.chat == "web:anna" and list(seen[0].registrations) == [1]
    (event,) = take(store, typed(text, "console:eve"), by=look)
    assert event.registration is None and seen[1].registrations == {}
    # What staff typed about it is kept in their chat until it goes.
    assert [line.text for line in store.history("console:rita")][-1] == text
    take(store, desk(registration.id, "erase"))
    assert [line.text for line in store.history("console:rita") if registration.reference.lower() in line.text] == []


def test_a_card_waits_until_somebody_saw_to_it(store: Store) -> None:
    take(store, typed("one"))
    registration = registration_of(store)
    take(store, typed("x"), by=doing(Tell("taken", registration.id, {"names": ["A", "B"]}), Tell("general")))
    card, general = store.cards()
    assert (card.key, card.values, card.reference, card.country) == (
        "taken", {"names": ["A", "B"]}, registration.reference, "TH",
    )  # fmt: skip
    assert (general.registration, general.reference) == (None, None)
    assert store.see_to(card.id, "rita", NOW) and not store.see_to(card.id, "rita", NOW)
    assert store.cards() == [general]


def test_settings_lie_over_those_of_the_start(store: Store) -> None:
    store.put_setting("paused", "until Monday")
    store.put_setting("operator_name", "Berta")
    assert store.settings() == {"operator_name": "Berta", "paused": "until Monday"}
    seen: list[object] = []
    take(store, typed("x"), by=lambda case, event: seen.append(dict(case.settings)) or Turn(case))  # type: ignore[func-returns-value]
    assert seen == [{"operator_name": "Berta", "paused": "until Monday"}]
    store.put_setting("operator_name", None)
    store.put_setting("paused", None)
    assert store.settings() == {"operator_name": "Anselm"}


def test_a_registration_is_found_with_its_history(store: Store) -> None:
    take(store, typed("one"), typed("two"), typed("other", "web:ben"))
    reference = registration_of(store).reference
    found = store.found(reference.lower())
    assert found is not None and (found.chat, found.owner) == ("web:anna", "web:anna")
    assert [line.text for line in found.history] == ["one", "two"]
    assert [one.chat for one in store.registrations()] == ["web:anna", "web:ben"]
    assert store.found("TH-0000") is None and store.receipt("TH-0000") is None


def test_questions_to_a_person_without_a_registration_are_listed(store: Store) -> None:
    def asked(case: Case, event: Event) -> Turn:
        handoff = Handoff(case.fresh.handoff_id(), case.conversation.id, None, "handoff_asked", NOW)
        case.handoffs[handoff.id] = handoff
        return Turn(case)

    def answered(case: Case, event: Event) -> Turn:
        for handoff in case.handoffs.values():
            handoff.closed_at = NOW
        return Turn(case)

    take(store, typed("help"), by=asked)
    assert [(handoff.reason, chat) for handoff, chat in store.handoffs()] == [("handoff_asked", "web:anna")]
    take(store, typed("thanks"), by=answered)
    assert store.handoffs() == []


def test_health_counts_what_waits(store: Store) -> None:
    take(store, typed("one"), typed("bug"))
    health = store.health(NOW + timedelta(days=40))
    assert (health.waiting_messages, health.failed_events, health.due_timers) == (3, 1, 1)
    assert health.oldest_waiting == NOW and health.counts == {"DRAFT": 1}


def test_readers_of_other_threads_see_what_is_committed(store: Store) -> None:
    take(store, typed("one"))
    seen: list[list[str]] = []

    def reads() -> None:
        thread = threading.Thread(target=lambda: seen.append(answers(store)))
        thread.start()
        thread.join()

    with store.transaction():
        take(store, typed("two"), by=advance)
        reads()
    reads()
    assert seen == [["one"], ["one", "two"]]


def test_closing_waits_for_whoever_is_reading(store: Store) -> None:
    """A connection closed under a reading thread ends the process, not only the thread."""
    assert isinstance(store, SqliteStore)
    reads, closes = threading.Event(), threading.Event()

    def read() -> None:
        with store.reading() as connection:
            reads.set()
            assert not closes.wait(0.2)
            connection.execute("select 1").fetchone()

    reader = threading.Thread(target=read)
    reader.start()
    assert reads.wait(5)
    closer = threading.Thread(target=lambda: (store.close(), closes.set()))
    closer.start()
    reader.join(5)
    closer.join(5)
    assert closes.is_set() and not reader.is_alive()
