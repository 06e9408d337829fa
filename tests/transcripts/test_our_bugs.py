"""When a turn of ours fails: the customer is told, nothing is lost, and it is taken again when it is mended."""

from __future__ import annotations

import pytest
from playing import Chat, House

from conversations import steps
from conversations.model import Kind, Step
from conversations.talk import Talk
from conversations.words import Said


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The step that asks the pack's questions raises on every answer."""

    def breaks(talk: Talk, text: str, said: Said | None) -> None:
        talk.registration.answers["half"] = "done"
        raise ZeroDivisionError("a bug of ours")

    broken_step = steps.Part(steps.STEPS[Step.ASKING].ask, breaks)
    monkeypatch.setattr("conversations.engine.STEPS", {**steps.STEPS, Step.ASKING: broken_step})
    return monkeypatch


def test_a_bug_is_apologised_for_and_the_event_kept_and_replayed_after_the_fix(
    chat: Chat, house: House, broken: pytest.MonkeyPatch
) -> None:
    chat.starts("TH")
    (taken,) = house.happens(chat.event(Kind.TEXT, text="transactional"))
    assert isinstance(taken.error, ZeroDivisionError)
    assert chat.last.key == "apology" and house.cards() == ["turn_failed"]
    assert chat.on.answers == {} and chat.summary.field == "message_type", "half a turn was kept"
    (failure,) = house.store.failures()
    assert failure.event.text == "transactional"
    broken.undo()
    event = house.store.unfail(failure.id)
    assert event is not None
    house.happens(event)
    assert chat.on.answers == {"message_type": "transactional"} and chat.last.key == "ask_field"
    assert house.store.failures() == []


def test_a_bug_in_one_turn_fails_that_one_alone(chat: Chat, house: House, broken: pytest.MonkeyPatch) -> None:
    chat.starts("TH")
    bob = house.customer("bob")
    taken = house.happens(
        chat.event(Kind.TEXT, text="transactional"),
        bob.event(Kind.TEXT, text="Kenya"),
        chat.event(Kind.TEXT, text="status"),
    )
    assert [one.error is None for one in taken] == [False, True, True]
    assert bob.last.key == "ask_start"
    assert [message.key for message in chat.messages[-3:]] == ["apology", "status_is_DRAFT", "ask_field"]


def test_a_redelivery_of_what_failed_is_not_taken_again(chat: Chat, house: House, broken: pytest.MonkeyPatch) -> None:
    chat.starts("TH")
    event = chat.event(Kind.TEXT, text="transactional")
    assert len(house.happens(event)) == 1
    assert house.happens(event) == []
    assert len(house.store.failures()) == 1


def test_a_letter_that_can_not_be_drawn_goes_back_with_an_apology_and_can_be_submitted_again(
    chat: Chat, house: House
) -> None:
    chat.drafts("TH")
    chat.plays(("submit", "drawing_letters"))
    house.works(fail=True)
    assert [message.key for message in chat.messages[-2:]] == ["rendering_failed", "ask_review_mend"]
    assert "card_rendering_failed" in house.cards()
    chat.plays(("submit", "drawing_letters"))
    house.works()
    assert chat.last.key == "ask_all_correct"
