"""Thirty days: what is said before the end, when nothing may be deleted, and what is left afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playing import START, Chat, House

from conversations.model import Event, Kind

DAY = timedelta(days=1)


def told(chat: Chat, *keys: str) -> list[tuple[str, datetime]]:
    return [(message.key, message.at) for message in chat.messages if message.key in keys]


def test_a_draft_is_reminded_seven_days_and_one_day_before_and_then_deleted(chat: Chat, house: House) -> None:
    chat.starts("TH")
    reference = chat.reference
    for _ in range(31 * 24):
        house.ticks(timedelta(hours=1))
    assert told(chat, "reminder_draft", "expired") == [
        ("reminder_draft", START + 23 * DAY), ("reminder_draft", START + 29 * DAY), ("expired", START + 30 * DAY)
    ]  # fmt: skip
    assert house.store.found(reference) is None
    receipt = house.store.receipt(reference)
    assert receipt is not None and (receipt.status, receipt.why) == ("EXPIRED", "time_is_up")
    chat.plays(("Kenya", "ask_start"))


def test_letters_are_reminded_of_fourteen_seven_three_one_days_and_two_hours_before(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    for _ in range(31 * 24):
        house.ticks(timedelta(hours=1))
    at = [moment - START for _, moment in told(chat, "reminder_papers")]
    # Two hours before 10:00 is 08:00: the last reminder may come at any hour.
    assert at == [16 * DAY, 23 * DAY, 27 * DAY, 29 * DAY, 30 * DAY - timedelta(hours=2)]
    assert told(chat, "expired") == [("expired", START + 30 * DAY)]


def test_a_reminder_that_falls_in_the_night_comes_in_the_customers_morning(chat: Chat, house: House) -> None:
    chat.starts("TH")
    chat.types("my time zone is America/Los_Angeles")  # 10:00 UTC is 02:00 there
    for _ in range(25 * 24):
        house.ticks(timedelta(hours=1))
    (reminder,) = told(chat, "reminder_draft")
    assert reminder[1] == datetime(2026, 12, 15, 17, tzinfo=UTC)


def test_after_forty_days_without_power_one_reminder_is_sent_and_nothing_deleted_for_a_day(
    chat: Chat, house: House
) -> None:
    chat.drafts("TH")
    chat.submits()
    reference = chat.reference
    house.ticks(40 * DAY)
    assert told(chat, "reminder_papers") == [("reminder_papers", START + 40 * DAY)]
    assert chat.on.ends_at == START + 41 * DAY
    house.ticks(timedelta(hours=23))
    assert house.store.found(reference) is not None
    house.ticks(timedelta(hours=1))
    assert house.store.found(reference) is None and chat.last.key == "expired"


def test_a_reminder_that_could_not_be_delivered_warns_of_nothing(chat: Chat, house: House) -> None:
    chat.starts("TH")
    reference = chat.reference
    house.offline = True
    house.passes(35)
    assert house.store.found(reference) is not None
    house.offline = False
    house.delivers()
    house.passes(3)
    assert house.store.found(reference) is None


def test_a_word_of_the_customer_moves_the_end_of_a_draft_and_of_letters_it_does_not(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    house.passes(10)
    chat.types("status")
    assert chat.on.ends_at == house.now + 30 * DAY
    chat.submits()
    started = house.now
    assert chat.on.clock_started_at == started
    house.passes(5)
    chat.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    house.works()
    chat.types("yes")
    assert chat.on.ends_at == started + 30 * DAY


def test_the_clock_stands_still_under_review_and_goes_on_when_taken_back(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    house.passes(10)
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    assert chat.on.ends_at is None
    house.passes(40)
    assert chat.status == "UNDER_REVIEW"
    chat.plays(("take back", "ask_documents_complete"))
    assert chat.on.ends_at == house.now + 20 * DAY


def test_each_correction_gives_thirty_new_days(chat: Chat, house: House, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    for _ in range(2):
        house.passes(12)
        reviewer.plays((f"send back {reference}: again", "desk_sent_back"))
        assert chat.on.ends_at == house.now + 30 * DAY
        house.passes(20)
        chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_nobody_waits_for_ever_in_silence(chat: Chat, house: House) -> None:
    chat.reaches_review_desk("GB")
    house.passes(4)
    assert house.cards().count("card_waits_UNDER_REVIEW") >= 1
    house.passes(4)
    assert "nudge_UNDER_REVIEW" in [message.key for message in chat.messages]


def test_a_manager_who_does_nothing_is_nudged_and_the_customer_told_once_a_week(chat: Chat, house: House) -> None:
    chat.drafts("VN")
    chat.types("submit")
    house.passes(6)
    assert house.cards().count("card_waits_WITH_ACCOUNT_MANAGER") == 3
    house.passes(10)
    assert len(told(chat, "nudge_WITH_ACCOUNT_MANAGER")) == 2


def test_a_carrier_slower_than_usual_is_asked_about(chat: Chat, house: House, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.plays((f"pass on {reference}", "desk_passed_on"))
    slowest = (house.book.pack("TH").lead_time.days or (0, 14))[1]
    house.passes(slowest + 1)
    assert "card_waits_WITH_CARRIER" in house.cards() and chat.last.key == "nudge_WITH_CARRIER"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_is_finished_is_deleted_after_the_retention_time(
    chat: Chat, house: House, reviewer: Chat, decision: str
) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.plays((f"{decision} {reference}: because", f"desk_{'approved' if decision == 'approve' else 'rejected'}"))
    house.passes(89)
    assert house.store.found(reference) is not None
    house.passes(1)
    assert house.store.found(reference) is None and house.store.receipt(reference) is not None
    house.works()
    assert not any(path.is_file() for path in house.files.root.rglob("r*/**/*"))
    chat.plays(("list", ["list_empty", "ask_country"]))


def test_what_can_not_be_reached_makes_a_desk_card_and_is_not_deleted_unwarned(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    house.offline = True
    house.happens(Event("gone:1", Kind.UNREACHABLE, house.now, conversation=chat.case.conversation.id))
    assert "card_unreachable" in house.cards()
    house.passes(45)
    assert chat.status == "DOCUMENTS_RENDERED"
    assert house.cards().count("card_unreachable") == 1


def test_letters_that_are_never_drawn_expire_like_everything_that_waits(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.plays(("submit", "drawing_letters"))
    reference = chat.reference
    house.passes(31)
    assert house.store.found(reference) is None


def test_a_late_result_for_what_is_gone_changes_nothing(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.plays(
        ("submit", "drawing_letters"), ("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country")
    )
    assert house.works() == ["erase_files"]


def test_after_the_end_no_answer_is_left_in_any_table(chat: Chat, house: House) -> None:
    chat.drafts("TH", company_name="Canary Bakery 7351")
    chat.submits()
    chat.sends_papers()
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    house.works()
    data = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert b"Canary Bakery" not in data and b"anna@freshbakery" not in data


def test_a_customer_who_can_be_reached_again_is_reminded_again(chat: Chat, house: House) -> None:
    reference = chat.drafts("TH")
    chat.submits()
    house.offline = True  # nothing arrives
    house.happens(chat.event(Kind.UNREACHABLE, name="gone"))
    assert chat.on.unreachable and "card_unreachable" in house.cards()
    for _ in range(35):
        house.ticks(DAY)
        for message in house.store.claim("web", house.now, 50, 1.0):
            house.store.give_up(message.id, house.now, "blocked")
    assert chat.status == "DOCUMENTS_RENDERED", "never deleted unwarned"
    house.offline = False
    (taken,) = house.happens(chat.event(Kind.REACHABLE))
    assert taken.error is None and not chat.on.unreachable
    house.ticks(2 * DAY)
    assert told(chat, "reminder_papers"), "said once more, now that it arrives"
    house.ticks(2 * DAY)
    assert house.store.found(reference) is None


def test_blocked_and_unblocked_without_a_registration_says_nothing(chat: Chat, house: House) -> None:
    for kind in (Kind.UNREACHABLE, Kind.REACHABLE):
        (taken,) = house.happens(chat.event(kind))
        assert taken.error is None
    assert chat.messages == [] and house.cards() == []
