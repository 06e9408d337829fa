"""The timers' loop: it wakes at the second, whatever else stays due, and notices a clock that was set back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.settings import Settings
from bot.timers import LONGEST_REST, Timers
from bot.wiring import House, opened
from conversations.model import Event, Kind

NOW = datetime(2027, 3, 1, 10, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Hands(Clock):
    """A real clock as far as the house can tell, and we turn its hands."""

    at = NOW

    def now(self) -> datetime:
        return self._set_to or self.at


@asynccontextmanager
async def ticking(settings: Settings, chat: str = "web:anna") -> AsyncIterator[tuple[House, Timers, Hands]]:
    """A house with a draft in it, whose loops stand still; the timers are ours to work."""
    clock = Hands()
    async with opened(settings, clock, working=False) as house:
        timers = Timers(house.app, lambda: None)
        for number, text in enumerate(("hello", "Thailand", "start")):
            event = Event(f"test:{number}", Kind.TEXT, clock.now(), chat, chat, text=text)
            await house.app.take(event)
        yield house, timers, clock


async def rests(timers: Timers) -> float:
    while not (rest := await timers.work()):
        pass
    return rest


async def test_the_loop_comes_to_the_second_though_a_message_can_not_leave(settings: Settings) -> None:
    async with ticking(settings, "telegram:7:7") as (house, timers, clock):  # no token: what is said to them stays due
        clock.at = NOW + 23 * DAY - 500 * SECOND
        for _ in range(20):
            clock.at += timedelta(seconds=await rests(timers))
            if clock.at >= NOW + 23 * DAY:
                break
        assert clock.at == NOW + 23 * DAY
        (event,) = house.app.store.due(clock.at, 10)
        assert event.name == "clock"


async def test_a_clock_that_was_set_back_holds_nothing_up(settings: Settings) -> None:
    async with ticking(settings) as (house, timers, clock):
        await rests(timers)
        clock.at = NOW + 400 * DAY  # an operator's wrong date
        await rests(timers)
        for message in house.app.store.claim("web", clock.at, 10, 60.0):
            house.app.store.retry(message.id, clock.at + 30 * SECOND)
        clock.at = NOW + 60 * SECOND
        await rests(timers)
        (found,) = house.app.store.registrations()
        assert found.registration.ends_at == clock.at + 30 * DAY, "thirty days, and not till next year"
        assert house.app.store.claim("web", clock.at + 31 * SECOND, 10, 60.0), (
            "what was put off is not put off till then"
        )


async def test_a_clock_that_was_set_back_while_the_process_was_down_is_noticed_too(settings: Settings) -> None:
    async with ticking(settings) as (house, timers, clock):
        clock.at = NOW + 400 * DAY
        await rests(timers)
        clock.at = NOW + DAY
        await rests(Timers(house.app, lambda: None))  # another process: it knows only what was written
        (found,) = house.app.store.registrations()
        assert found.registration.ends_at == clock.at + 30 * DAY


async def test_the_time_of_a_tick_is_no_clock_that_was_set_back(settings: Settings) -> None:
    async with ticking(settings) as (house, timers, clock):
        await rests(timers)
        clock.set_to(NOW + 40 * DAY)
        await house.app.write(house.app.store.put_setting, "last_tick", clock.now().isoformat())
        await rests(timers)
        clock.set_to(None)
        for one in (timers, Timers(house.app, lambda: None)):
            assert 0 < await rests(one) <= LONGEST_REST
            (found,) = house.app.store.registrations()
            assert found.registration.ends_at == NOW + 41 * DAY, "the drill goes on where it was"


async def test_what_a_tick_put_off_goes_when_the_real_clock_is_back(settings: Settings) -> None:
    async with ticking(settings) as (house, timers, clock):
        store = house.app.store
        await rests(timers)
        clock.set_to(NOW + 40 * DAY)
        await house.app.write(store.put_setting, "last_tick", clock.now().isoformat())
        await rests(timers)
        await house.app.write(store.end_tick, NOW + 41 * DAY)  # nothing to do when that time has come by itself
        (message,) = store.claim("web", clock.now(), 1, 10.0)
        store.retry(message.id, clock.now() + 30 * SECOND)
        clock.set_to(None)
        assert store.claim("web", clock.now(), 9, 10.0) == []
        await rests(timers)
        assert [one.id for one in store.claim("web", clock.now(), 9, 10.0)] == [message.id]
        store.retry(message.id, NOW + 40 * DAY)
        await rests(Timers(house.app, lambda: None))  # as after a kill in the middle of it
        assert [one.id for one in store.claim("web", clock.now(), 9, 10.0)] == [message.id]
