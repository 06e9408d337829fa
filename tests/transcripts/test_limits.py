"""What one chat may send: beyond it is one kind word, and a way on."""

from __future__ import annotations

from datetime import timedelta

from playing import Chat, House

from conversations.interview.beginning import MOST_OPEN
from conversations.limits import FILES, MESSAGES
from conversations.model import Kind, Role


def floods(chat: Chat, house: House, count: int) -> None:
    events = [chat.event(Kind.TEXT, text="help") for _ in range(count)]
    for start in range(0, count, 128):
        house.happens(*events[start : start + 128])


def test_beyond_a_minutes_messages_one_is_answered_and_none_is_read(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    step, answers = chat.step, dict(chat.on.answers)
    floods(chat, house, MESSAGES)
    assert chat.last.key == "too_many_messages" and "person" in chat.last.text
    before = len(chat.messages)
    assert (
        chat.types("Fresh Bakery") == chat.presses("yes") == chat.sends_files(["a.pdf"]) == chat.edits("m3", "x") == []
    )
    assert len(chat.messages) == before and chat.step == step and chat.on.answers == answers
    house.ticks(timedelta(minutes=1))
    assert chat.types("help") != []


def test_each_chat_has_a_minute_of_its_own(chat: Chat, house: House) -> None:
    floods(chat, house, MESSAGES + 1)
    assert house.customer("otto").types("help") != []


def test_who_waits_for_each_answer_is_read_however_fast(chat: Chat) -> None:
    """A program at the other end of `chat --json` plays a registration a second."""
    for _ in range(MESSAGES + 1):
        assert chat._does(Kind.TEXT, text="help", paced=True) != []


def test_a_group_that_is_flooded_hears_of_it_once(house: House) -> None:
    group = Chat(house, "group:talk")
    for _ in range(MESSAGES + 5):
        group._does(Kind.GROUP, text="hello", principal="group:anna", private=False)
    assert [message.key for message in group.messages[-2:]] == ["come_in_private_unlinked", "too_many_messages"]


def test_whoever_works_at_the_desk_goes_on(house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita")
    floods(rita, house, MESSAGES + 1)
    assert rita.types("open TH-0000") == ["desk_not_there"]


def test_a_days_files(chat: Chat, house: House) -> None:
    chat.drafts("SA")
    chat.submits()
    for number in range(FILES // 50):
        chat.sends_files([f"{number}-{one}.jpg" for one in range(50)])
        chat.types("remove")
    assert chat.sends_files(["one.jpg", "two.jpg"])[0] == "files_of_a_day"
    refused = next(message for message in reversed(chat.messages) if message.key == "files_of_a_day")
    assert (
        str(FILES) in refused.text and "one.jpg\ntwo.jpg" in refused.text and "23 November 2026, 00:00" in refused.text
    )
    house.ticks(timedelta(days=1))
    assert "files_of_a_day" not in chat.sends_files(["one.jpg"])


def test_applying_again_opens_no_more_than_a_company_may_have(chat: Chat, reviewer: Chat) -> None:
    failed = chat.reaches_review_desk("SA")
    reviewer.types(f"take {failed}")
    reviewer.types(f"reject {failed}: the photo is blurred")
    for _ in range(MOST_OPEN // 10):
        chat.types("another")
        chat.types("Thailand, Kenya, Nigeria, Ghana, Egypt, Turkey, Ireland, Spain, India, Uganda")
        chat.types("start")
    chat.types(f"open {failed}")
    assert "too_many_registrations" in chat.types("apply again")
    assert len(chat.case.registrations) == MOST_OPEN + 1
