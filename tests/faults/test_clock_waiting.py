"""Who waits on others, who is finished, who can't be reached: nobody in silence for ever, nothing deleted too early."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from clock_expected import DAY, HOUR, by_day
from clock_house import Waking, woken
from clock_lives import DOWNTIMES, ZONES

from conversations.model import Kind

BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
RETENTION, SECOND = 90 * DAY, timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def passes(house: Waking, until: datetime, down: list[tuple[datetime, timedelta]]) -> None:
    """Let the time pass, awake whenever a timer wants it and the process is up."""
    while (following := house.next_time()) is not None and following <= until:
        at = max(following, house.now)
        if down and down[0][0] <= at:
            since, length = down.pop(0)
            if since + length > house.now:
                house.sleeps(since + length)
        else:
            house.clock.set_to(at)
        house.wakes()
    if until > house.now:
        house.clock.set_to(until)
        house.wakes()


def test_what_is_finished_is_deleted_when_its_time_is_over_and_no_second_before(chance: Random, share: Any) -> None:
    for _ in range(share.of(240)):
        begins = BEGINS + chance.random() * 600 * DAY
        downtime = chance.choice(DOWNTIMES)
        since = begins + chance.random() * 100 * DAY
        decision = chance.choice(["approve {}", "reject {}: brand"])
        with woken("TH", "desk", begins) as house:
            house.customer("rita").types(decision.format(house.reference))
            end = house.now + RETENTION
            should = since + downtime if since <= end < since + downtime else end
            passes(house, begins + 600 * DAY, [(since, downtime)])
            assert house.receipt is not None and house.receipt.closed_at == begins and house.receipt.why == "retention"
            assert house.next_time() is None and gone_at(house) == should, (decision, begins, since, downtime)


def gone_at(house: Waking) -> datetime | None:
    """When the files of what was deleted were given up."""
    (at,) = house.store.execute("select max(created_at) from jobs where name = 'erase_files'").fetchone()
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at) if at is not None else None


# Where a registration waits, on whom, and how long may pass without a word to the desk, and to the customer.
WAITING = {
    "an account manager": ("VN", "manager", 3 * DAY, 9 * DAY),
    "a reviewer": ("TH", "desk", 4 * DAY, 10 * DAY),
    "the customer's own registering": ("IE", "number", None, 8 * DAY),
}


@pytest.mark.parametrize("whom", WAITING)
def test_nobody_waits_in_silence_and_nobody_is_woken(whom: str, chance: Random, share: Any) -> None:
    country, until, desks, customers = WAITING[whom]
    for _ in range(share.of(160)):
        zone = ZoneInfo(chance.choice(ZONES))
        begins = datetime(2026, 11, 22, 10, tzinfo=UTC)
        down = [(begins + chance.random() * 20 * DAY, chance.choice(DOWNTIMES[:4]))]
        ends = begins + 29 * DAY if desks is None else begins + 80 * DAY
        with woken(country, until, begins) as house:
            house.anna.types(f"my time zone is {zone.key}")
            before = len(house.anna.messages)
            passes(house, ends, list(down))
            told = [message.at for message in house.anna.messages[before:] if message.key.startswith("nudge_")]
            cards = [card.at for card in house.store.cards() if card.key.startswith("card_waits_")]
            assert house.receipt is None
        assert all(9 <= at.astimezone(zone).hour < 20 for at in [*told, *cards]), (zone, down)
        assert desks is None or never_longer_than(desks, [begins, *cards, ends], down), (zone, down, cards)
        assert never_longer_than(customers, [begins, *told, ends], down), (zone, down, told)


def never_longer_than(most: timedelta, times: list[datetime], down: list[tuple[datetime, timedelta]]) -> bool:
    """Whether no two of them lie further apart, the time when the process was down and a night after it left out."""
    for one, next_one in itertools.pairwise(times):
        slept = sum(
            (length + 13 * HOUR for since, length in down if one <= since + length and since <= next_one), DAY * 0
        )
        if next_one - one > most + slept:
            return False
    return True


def test_who_can_not_be_reached_loses_nothing_and_hears_of_the_end_when_they_can(chance: Random, share: Any) -> None:
    for _ in range(share.of(300)):
        begins = BEGINS + chance.random() * 600 * DAY
        with woken("TH", "review", begins) as house:
            house.anna.types("submit")
            house.works()
            house.anna.types("yes")
            house.offline = True
            back = begins + chance.uniform(1, 70) * DAY
            patience = chance.random()
            while (at := house.next_time()) is not None and at < back:
                house.clock.set_to(max(at, house.now))
                house.wakes()
                if chance.random() < patience and gives_up(house, chance.uniform(1, 30) * HOUR):
                    assert "card_unreachable" in house.cards()
            assert house.receipt is None, "deleted, and they never heard"
            house.clock.set_to(max(back, house.now))
            house.offline = False
            reached_again(house, chance)
            passes(house, house.now + 32 * DAY, [])
            happened = house.happened()
            assert happened[-1][0] == "expired" and [name for name, _, _ in happened].count("expired") == 1
            warned = [at for name, at, _ in happened if name == "reminder"]
            assert warned and happened[-1][1] - warned[0] >= DAY, happened
            assert happened[-1][1] >= begins + 30 * DAY


def gives_up(house: Waking, after: timedelta) -> bool:
    """The channel gives up on what waits, and says that the chat is gone. Whether there was something."""
    house.clock.set_to(house.now + after)
    waiting = house.store.claim("web", house.now, 50, 1.0)
    for message in waiting:
        house.store.give_up(message.id, house.now, "blocked")
        house.happens(house.anna.event(Kind.UNREACHABLE, id=f"unreachable:{message.id}", name="gone"))
    house.wakes()
    return bool(waiting)


def reached_again(house: Waking, chance: Random) -> None:
    """The platform says so, or they write of themselves."""
    if chance.random() < 0.5:
        house.happens(house.anna.event(Kind.REACHABLE))
    else:
        house.anna.types("status")


def test_an_answer_that_tells_another_clock_moves_the_reminders(chance: Random, share: Any) -> None:
    """Nobody says their time zone: it is that of their company's country, once that is known."""
    zones = {"Germany": "Europe/Berlin", "Thailand": "Asia/Bangkok", "Nepal": "Asia/Kathmandu", "Japan": "Asia/Tokyo"}
    for _ in range(share.of(100)):
        begins = BEGINS + chance.random() * 600 * DAY
        country = chance.choice(list(zones))
        with woken("TH", "review", begins) as house:
            house.anna.types("status")
            house.wakes()  # the timers are set by the clock of Germany
            house.anna.types("edit country")
            house.anna.types(country)
            house.clock.set_to(begins + chance.random() * HOUR)
            house.anna.types("status")
            end, before = house.now + 30 * DAY, len(house.anna.messages)
            passes(house, end - 2 * DAY, [])
            told = [message.at for message in house.anna.messages[before:] if message.key == "reminder_draft"]
            assert told == [by_day(end - 7 * DAY, ZoneInfo(zones[country]))], (country, begins)


def test_while_a_message_can_not_leave_the_timers_are_not_late(chance: Random, share: Any) -> None:
    for _ in range(share.of(100)):
        begins = BEGINS + chance.random() * 600 * DAY
        with woken("TH", "review", begins) as house:
            house.offline = True
            house.anna.types("status")
            house.wakes()
            following = house.next_time()
            assert following is not None
            house.clock.set_to(following - chance.uniform(60, 600) * SECOND)
            while house.now < following:  # as the loop does: it looks, rests, and looks again
                house.clock.set_to(house.now + house.wakes() * SECOND)
            assert house.now - following < SECOND / 1000, (begins, house.now, following)
