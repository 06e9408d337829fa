"""Thirty days when something came between: a night slept through, a message that was lost, a clock that was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playing import START, Chat, House

from conversations.model import Kind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REMINDERS = ("reminder_draft", "reminder_papers")


def reminded(chat: Chat) -> list[datetime]:
    return [message.at for message in chat.messages if message.key in REMINDERS]


def test_whoever_slept_past_a_reminder_says_it_in_the_customers_morning(chat: Chat, house: House) -> None:
    chat.starts("TH")
    night = START + 24 * DAY + 17 * HOUR  # 03:00, a day after the reminder was to come
    house.ticks(night)
    assert reminded(chat) == []
    house.ticks(night + 6 * HOUR)
    assert reminded(chat) == [night + 6 * HOUR]


def test_what_was_overdue_at_night_waits_for_the_morning_but_not_past_the_next(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    chat.types("my time zone is Pacific/Kiritimati")  # 10:00 UTC is midnight there
    night = chat.on.ends_at - DAY - HOUR
    house.ticks(night)
    assert reminded(chat) == []
    house.ticks(night + HOUR)
    assert reminded(chat) == [], "the one of the last day is moved too"
    house.ticks(night + 10 * HOUR)
    assert reminded(chat) == [night + 10 * HOUR]


def test_an_end_that_comes_unwarned_in_the_night_is_told_once(chat: Chat, house: House) -> None:
    chat.starts("TH")
    chat.types("my time zone is America/Los_Angeles")  # 10:00 UTC is 02:00 there
    house.ticks(40 * DAY)
    assert reminded(chat) == [START + 40 * DAY], "nothing is deleted for a day, and the last may come at any hour"
    for _ in range(23):
        house.ticks(HOUR)
    assert len(reminded(chat)) == 1, "no second one in the morning"
    house.ticks(HOUR)
    assert chat.last.key == "expired"


def test_who_writes_after_the_last_call_was_lost_is_told_of_the_end_again(chat: Chat, house: House) -> None:
    reference = chat.drafts("TH")
    chat.submits()
    house.offline = True
    house.ticks(31 * DAY)  # the last call waits to leave
    for message in house.store.claim("web", house.now, 50, 1.0):
        house.store.give_up(message.id, house.now, "blocked")
    house.happens(chat.event(Kind.UNREACHABLE, name="gone"))
    house.offline = False
    chat.types("status")
    house.ticks(2 * DAY)
    assert reminded(chat), "said once more, now that it arrives"
    house.ticks(2 * DAY)
    assert house.store.found(reference) is None, "and not kept for ever"


def test_the_country_of_the_company_tells_the_clock_of_the_reminders(chat: Chat, house: House) -> None:
    morning = START + 16 * HOUR  # 02:00 UTC is 09:00 in Bangkok
    house.clock.set_to(morning)
    chat.starts("TH")
    chat.answers(country="Thailand")
    house.ticks(morning + 23 * DAY)
    assert reminded(chat) == [morning + 23 * DAY], "not at 09:00 UTC, when it was armed for"


def test_the_platform_tells_the_clock_of_the_reminders(chat: Chat, house: House) -> None:
    morning = START + 16 * HOUR
    house.clock.set_to(morning)
    chat.starts("TH")
    chat.types("status", time_zone="Asia/Bangkok")
    house.ticks(morning + 23 * DAY)
    assert reminded(chat) == [morning + 23 * DAY]


def test_an_edited_answer_tells_the_clock_of_a_registration_the_chat_is_not_on(chat: Chat, house: House) -> None:
    morning = START + 16 * HOUR
    house.clock.set_to(morning)
    chat.starts("TH")
    chat.answers(until="country")
    chat.types("Germany")
    given = next(one for one in chat.case.conversation.given if one.field == "country")
    chat.types("another")
    chat.edits(given.message, "Thailand")
    house.ticks(morning + 23 * DAY)
    assert reminded(chat) == [morning + 23 * DAY]


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY])
def test_timers_that_come_too_early_only_set_themselves_anew(
    chat: Chat, house: House, reviewer: Chat, back: timedelta
) -> None:
    waits, draft = chat.reaches_review_desk("TH"), house.customer("ben")
    draft.starts("KE")
    done = house.customer("cleo")
    decided = done.reaches_review_desk("TH")
    reviewer.plays((f"reject {decided}: brand", "desk_rejected"))
    said = len(house.cards())
    house.store.set_back(back)
    assert sorted(house.ticks(timedelta(0))) == ["clock", "erase", "nudge"]
    assert len(house.cards()) == said and reminded(draft) == []
    assert house.store.found(waits) is not None and house.store.found(decided) is not None
    house.ticks(2 * DAY)
    assert house.cards().count("card_waits_UNDER_REVIEW") == 1
    house.ticks(START + 90 * DAY)
    assert house.store.found(decided) is None


def test_after_a_wrong_date_was_set_right_there_are_thirty_days_and_reminders_again(
    chat: Chat, house: House, reviewer: Chat
) -> None:
    chat.starts("TH")
    waits = house.customer("ben")
    waits.reaches_review_desk("TH")
    house.ticks(START + 400 * DAY)  # an operator's wrong date
    assert len(reminded(chat)) == 1 and chat.on.ends_at == START + 401 * DAY
    house.store.set_back(400 * DAY)
    right = START + HOUR
    house.ticks(right)
    assert chat.on.ends_at == right + 30 * DAY
    nudged = house.cards().count("card_waits_UNDER_REVIEW")
    for _ in range(31 * 24):
        house.ticks(HOUR)
    assert reminded(chat)[1:] == [right + 23 * DAY, right + 29 * DAY]
    assert chat.last.key == "expired" and chat.last.at == right + 30 * DAY
    assert house.cards().count("card_waits_UNDER_REVIEW") > nudged, "whoever is waited on hears of it again"
