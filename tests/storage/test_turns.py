"""What every store promises of a turn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from turns_to_take import (
    NOW,
    advance,
    answers,
    desk,
    doing,
    ids,
    opened,
    registration_of,
    sends,
    take,
    typed,
)

from conversations.model import Case, Company, Event, Handoff, Kind, Say, Step, Turn
from storage.store import Stale, Store


def test_an_event_is_taken_once(store: Store) -> None:
    take(store, typed("one", id="web:1"))
    assert take(store, typed("one", id="web:1"), typed("two", id="web:2"))[0].text == "two"
    assert answers(store) == ["one", "two"]
    assert sends(store) == ["noted", "ask_field"] * 2


def test_an_event_twice_in_one_batch_is_taken_once_and_the_first_counts(store: Store) -> None:
    assert ids(take(store, typed("a", id="x"), typed("b", id="y"), typed("again", id="x"))) == ["x", "y"]
    assert answers(store) == ["a", "b"]


def test_events_of_a_batch_build_on_one_another(store: Store) -> None:
    take(store, *(typed(str(number)) for number in range(20)), typed("other", "web:ben"))
    assert answers(store) == [str(number) for number in range(20)]
    assert answers(store, "web:ben") == ["other"]
    assert registration_of(store).company_id != registration_of(store, "web:ben").company_id


def test_what_is_kept_is_there_after_a_restart(reopened) -> None:  # type: ignore[no-untyped-def]
    take(reopened(), typed("one"))
    store = reopened()
    take(store, typed("two"))
    assert answers(store) == ["one", "two"]


def test_numbers_are_never_drawn_again_after_a_restart(reopened) -> None:  # type: ignore[no-untyped-def]
    store = reopened()
    take(store, typed("one"))
    first = registration_of(store)
    take(store, desk(first.id, "erase"))
    store = reopened()
    take(store, typed("two"))
    second = registration_of(store)
    assert second.id > first.id
    assert second.reference != first.reference


def test_a_case_is_unpacked_afresh(store: Store) -> None:
    take(store, typed("one"))
    with store.batch([event := typed("two")]) as batch:
        for one in batch.unseen:
            batch.case(one).conversation.state = Step.TRACKING  # an advance that fails midway
            batch.keep(one, advance(batch.case(one), event))
    case = store.snapshot("web:anna")
    assert case is not None and case.conversation.state is Step.ASKING


def test_a_turn_that_raises_is_kept_for_replay_and_the_others_stand(store: Store) -> None:
    take(store, typed("one"), typed("bug", id="web:bug"), typed("two"), typed("three", "web:ben"))
    assert answers(store) == ["one", "two"]
    assert answers(store, "web:ben") == ["three"]
    (failure,) = store.failures()
    assert failure.event.id == "web:bug" and failure.event.text == "bug"
    assert "ValueError" in failure.error and "turns_to_take.py" in failure.error and "CANARY" not in failure.error
    assert sends(store).count("apology") == 1
    assert [card.key for card in store.cards()] == ["turn_failed"]
    assert take(store, typed("bug", id="web:bug")) == []


def test_a_failed_event_can_be_taken_again(store: Store) -> None:
    take(store, typed("one"), typed("bug", id="web:bug"))
    (failure,) = store.failures()
    with store.transaction():
        event = store.unfail(failure.id)
        assert event is not None
        assert ids(take(store, replace(event, text="mended"))) == ["web:bug"]
    assert answers(store) == ["one", "mended"]
    assert store.failures() == []
    assert store.unfail(failure.id) is None


def test_a_refused_set_fails_the_one_event_and_keeps_the_others(store: Store) -> None:
    handed_out = take(
        store, typed("one"), typed("refused", id="web:refused"), typed("two"), typed("three", "web:ben")
    )  # fmt: skip
    assert [event.text for event in handed_out] == ["one", "refused", "two", "three"] * 2  # all, then one by one
    assert answers(store) == ["one", "two"]
    assert answers(store, "web:ben") == ["three"]
    assert [failure.event.id for failure in store.failures()] == ["web:refused"]
    assert sorted(sends(store)) == ["apology", *["ask_field"] * 3, *["noted"] * 3]
    assert take(store, typed("one", id="web:refused")) == []


def test_nothing_of_a_refused_turn_is_kept(store: Store) -> None:
    take(store, typed("refused"))
    assert store.registrations() == []
    assert sends(store) == ["apology"]


def test_a_turn_that_cannot_be_packed_fails_like_one_that_raises(store: Store) -> None:
    def unpackable(case: Case, event: Event) -> Turn:
        opened(case, event).answers["x"] = object()
        return Turn(case)

    take(store, typed("x"), by=unpackable)
    assert len(store.failures()) == 1 and store.registrations() == []


def test_a_batch_that_is_not_walked_by_for_is_written_too(store: Store) -> None:
    with store.batch([typed("one"), typed("two")]) as batch:
        for event in list(batch.unseen):
            batch.keep(event, advance(batch.case(event), event))
    assert answers(store) == ["one", "two"]
    with store.batch([typed("three"), typed("refused")]) as batch:
        for event in list(batch.unseen):
            batch.keep(event, advance(batch.case(event), event))
    assert answers(store) == ["one", "two"] and len(store.failures()) == 2


def test_a_row_that_changed_meanwhile_stops_the_batch(store: Store) -> None:
    take(store, typed("one"))
    with pytest.raises(Stale), store.batch([typed("two")]) as batch:
        for event in batch.unseen:
            batch.keep(event, advance(batch.case(event), event))
            store.execute("update registrations set version = version + 1")  # type: ignore[attr-defined]
    assert answers(store) == ["one"]


def test_an_error_of_the_callers_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.batch([typed("one", id="web:1")]) as batch:
        for event in batch.unseen:
            batch.keep(event, advance(batch.case(event), event))
            raise KeyboardInterrupt
    assert store.snapshot("web:anna") is None
    assert len(take(store, typed("one", id="web:1"))) == 1


def test_batches_and_settling_share_a_commit(store: Store) -> None:
    take(store, typed("one"))
    with pytest.raises(RuntimeError), store.transaction():
        assert sends(store) == ["noted", "ask_field"]
        take(store, typed("two"))
        raise RuntimeError
    assert answers(store) == ["one"]
    assert sends(store, now=NOW) == ["noted", "ask_field"]


def test_an_inner_transaction_fails_alone(store: Store) -> None:
    with store.transaction():
        store.put_setting("paused", "TH")
        with pytest.raises(RuntimeError), store.transaction():
            store.put_setting("paused", "KE")
            raise RuntimeError
    assert store.settings() == {"operator_name": "Anselm", "paused": "TH"}


def test_a_case_holds_all_registrations_of_the_company_and_its_open_handoffs(store: Store) -> None:
    def three(case: Case, event: Event) -> Turn:
        for country in ("AE", "KE", "TH"):
            opened(case, event, country)
        handoff = Handoff(case.fresh.handoff_id(), case.conversation.id, case.conversation.on, "handoff_asked", NOW)
        closed = Handoff(case.fresh.handoff_id(), case.conversation.id, None, "handoff_asked", NOW, closed_at=NOW)
        case.handoffs = {handoff.id: handoff, closed.id: closed}
        return Turn(case)

    take(store, typed("UAE, Kenya and Thailand"), by=three)
    case = store.snapshot("web:anna")
    assert case is not None and case.company is not None
    assert [one.country for one in case.registrations.values()] == ["AE", "KE", "TH"]
    assert [one.reason for one in case.handoffs.values()] == ["handoff_asked"]
    assert case.on is not None and case.on.country == "TH"
    assert len(store.found(case.on.reference).handoffs) == 1  # type: ignore[union-attr]


def test_a_desk_event_sees_the_company_and_the_customers_chat(store: Store) -> None:
    take(store, typed("one"))
    registration = registration_of(store)
    seen: list[Case] = []

    def look(case: Case, event: Event) -> Turn:
        seen.append(case)
        return Turn(case, [Say("decided", to=registration.conversation_id), Say("done")])

    take(store, desk(registration.id, "take", chat="console:rita", principal="console:rita"), by=look)
    take(store, desk(registration.id, "take", principal="console:rita"), by=look)
    beside, within = seen
    assert beside.conversation.chat == "console:rita"
    assert beside.home is not None and beside.home.chat == "web:anna"
    assert beside.company == Company(registration.company_id, "web:anna")
    assert list(beside.registrations) == [registration.id]
    assert within.conversation.chat == "web:anna" and within.home is None
    assert sends(store) == ["noted", "ask_field", "decided", "decided", "done"]
    assert sends(store, "console") == ["done"]


def test_a_reviewer_and_a_customer_in_one_batch_see_each_other(store: Store) -> None:
    take(store, typed("one"))
    registration = registration_of(store)

    def taken(case: Case, event: Event) -> Turn:
        if event.kind is Kind.DESK:
            case.registrations[registration.id].taken_by = "rita"
            return Turn(case)
        assert case.on is not None and case.on.taken_by == "rita"
        return advance(case, event)

    take(store, desk(registration.id, "take", chat="console:rita"), typed("two"), by=taken)
    kept = registration_of(store)
    assert kept.taken_by == "rita" and list(kept.answers.values()) == ["one", "two"]


def test_an_event_of_a_registration_that_is_gone_is_noted_as_seen(store: Store) -> None:
    gone = Event("job:77", Kind.JOB, NOW, registration=77, name="rendered")
    assert take(store, gone) == []
    assert take(store, gone) == []
    # A staff member who asks for it is told.
    assert len(take(store, desk(77, "open", chat="console:rita"), by=doing(Say("not_there")))) == 1


def test_the_question_order_is_that_of_the_first_message_of_the_present_question(store: Store) -> None:
    take(store, typed("one"))
    assert _question(store) == (False, None)
    sends(store, order=40)
    assert _question(store) == (True, 42)
    take(store, typed("help"), by=doing(Say("ask_field", asks=True)))  # the same question said again
    assert _question(store) == (True, 42)
    take(store, typed("two"))
    assert _question(store) == (False, None)


def test_a_question_is_unsent_for_the_next_event_of_its_batch(store: Store) -> None:
    seen = []

    def look(case: Case, event: Event) -> Turn:
        seen.append(case.conversation.question_sent)
        return advance(case, event)

    take(store, typed("one"), typed("two"), by=look)
    assert seen == [True, False]


def test_a_question_that_was_given_up_holds_nobody(store: Store) -> None:
    take(store, typed("one"))
    while claimed := store.claim("web", NOW, 10, 60):
        store.give_up(claimed[0].id, NOW, "blocked")
    assert _question(store) == (True, None)


def test_an_early_chat_has_a_case_without_a_company(store: Store) -> None:
    take(store, typed("hello"))
    case = store.snapshot("web:anna")
    assert case is not None and case.company is None and case.registrations == {} and case.on is None
    assert case.settings == {"operator_name": "Anselm"}
    assert store.snapshot("web:nobody") is None


def test_half_a_surrogate_pair_is_kept_as_it_came(store: Store) -> None:
    take(store, typed("half \ud83d"))
    assert answers(store) == ["half \ud83d"]


def _question(store: Store) -> tuple[bool, int | None]:
    case = store.snapshot("web:anna")
    assert case is not None
    return case.conversation.question_sent, case.conversation.question_order
