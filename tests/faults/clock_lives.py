"""Lives of registrations to be lived twice: in the house, and by the rules alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from clock_expected import DAY, HOUR, OF_DRAFTS, OF_PAPERS, Expected, Happened, changes
from clock_house import Waking, woken

ZONES = (
    "America/Los_Angeles", "America/New_York", "America/St_Johns", "America/Santiago", "America/Asuncion",
    "America/Nuuk", "Atlantic/Azores", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Africa/Casablanca",
    "Asia/Tehran", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati",
)  # fmt: skip
DOWNTIMES = (timedelta(0), HOUR, 3 * DAY, 31 * DAY, 400 * DAY)
LEAP_DAY, YEAR_END = datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2027, 12, 31, 18, tzinfo=UTC)

SECOND = timedelta(seconds=1)


@dataclass
class Life:
    """What is done to one registration, and when its process is down, by the clock on our wall."""

    state: str
    zone: str
    begins: datetime
    acts: list[tuple[datetime, str]] = field(default_factory=list)
    down: list[tuple[datetime, timedelta]] = field(default_factory=list)
    said_zone: bool = True  # else the platform tells it


# --- what is done, in the house and by the rules


def words(house: Waking, expected: Expected, now: datetime) -> None:
    house.anna.types("status")
    if expected.before is OF_DRAFTS:
        expected.begins(now)


def submits(house: Waking, expected: Expected, now: datetime) -> None:
    house.anna.types("submit")
    expected.begins(now)


def lets_them_draw(house: Waking, expected: Expected, now: datetime) -> None:
    submits(house, expected, now)
    house.works()
    house.anna.types("yes")
    assert house.anna.status == "DOCUMENTS_RENDERED"
    expected.before = OF_PAPERS
    expected.begins(now)


def edits(house: Waking, expected: Expected, now: datetime) -> None:
    house.anna.types("edit city")
    house.anna.types(f"Bremen {next(house.numbers)}")
    house.works()
    house.anna.types("yes")
    assert house.anna.status == "DOCUMENTS_RENDERED"


def sends_papers(house: Waking, expected: Expected, now: datetime) -> None:
    house.anna.sends_papers()
    house.anna.types("submit")
    assert house.anna.status == "UNDER_REVIEW"
    expected.stands_still(now)


def takes_back(house: Waking, expected: Expected, now: datetime) -> None:
    house.anna.types("take back")
    assert house.anna.status == "DOCUMENTS_RENDERED"
    expected.goes_on(now)


def is_passed_on(house: Waking, expected: Expected, now: datetime) -> None:
    house.customer("rita").types(f"pass on {house.anna.reference}")
    assert house.anna.status == "WITH_CARRIER"


def is_sent_back(house: Waking, expected: Expected, now: datetime) -> None:
    house.customer("rita").types(f"send back {house.anna.reference}: signature")
    assert house.anna.status == "NEEDS_CORRECTION"
    expected.before = OF_PAPERS
    expected.begins(now)


def goes_offline(house: Waking, expected: Expected, now: datetime) -> None:
    house.offline, expected.online = True, False


def goes_online(house: Waking, expected: Expected, now: datetime) -> None:
    house.offline, expected.online = False, True


ACTS: Mapping[str, Callable[[Waking, Expected, datetime], None]] = {
    "words": words,
    "submits": submits,
    "lets them draw": lets_them_draw,
    "edits": edits,
    "sends papers": sends_papers,
    "takes back": takes_back,
    "is passed on": is_passed_on,
    "is sent back": is_sent_back,
    "goes offline": goes_offline,
    "goes online": goes_online,
}
# The country, how far Anna is there, and what sets the end: then the life begins.
STATES: Mapping[str, tuple[str, str, str]] = {
    "draft": ("TH", "review", "words"),
    "registering herself": ("IE", "number", "words"),
    "being drawn": ("TH", "review", "submits"),
    "drawn": ("TH", "review", "lets them draw"),
    "sent back": ("TH", "desk", "is sent back"),
    "sent back by a carrier": ("TH", "desk", "is sent back"),
    "taken back": ("TH", "review", "lets them draw"),
    "edited": ("TH", "review", "lets them draw"),
}


def some_life(number: int, chance: random.Random) -> Life:
    """The next of all combinations of state, zone and downtime; everything else by chance."""
    state = list(STATES)[number % len(STATES)]
    zone = ZONES[number // len(STATES) % len(ZONES)]
    downtime = DOWNTIMES[number // (len(STATES) * len(ZONES)) % len(DOWNTIMES)]
    life = Life(state, zone, some_start(zone, chance), said_zone=chance.random() < 0.7)
    some_acts(life, chance)
    if downtime:
        life.down.append((life.begins + chance.random() * 31 * DAY, downtime))
        if chance.random() < 0.3:
            life.down.append((life.begins + chance.random() * 40 * DAY, chance.random() * 5 * DAY))
    return life


def some_start(zone: str, chance: random.Random) -> datetime:
    """Often so that a reminder, or the end, comes close to a change of the clocks, to the leap day, the year's end."""
    near = [*changes(ZoneInfo(zone), 2027), *changes(ZoneInfo(zone), 2028), LEAP_DAY, YEAR_END]
    if chance.random() < 0.2:
        return datetime(2027, 1, 1, tzinfo=UTC) + chance.random() * 600 * DAY
    ahead = chance.choice((*OF_PAPERS, timedelta(0), 30 * DAY))
    return chance.choice(near) - (30 * DAY - ahead) + chance.uniform(-14, 14) * HOUR


def some_acts(life: Life, chance: random.Random) -> None:
    begins = life.begins

    def after(least: timedelta, most: timedelta) -> datetime:
        return begins + least + chance.random() * (most - least)

    if life.state == "taken back":
        submitted = after(HOUR, 29 * DAY)
        life.acts += [(submitted, "sends papers"), (submitted + chance.random() * 50 * DAY, "takes back")]
    elif life.state == "sent back by a carrier":
        life.acts += [(after(DAY, 20 * DAY), "words")]
    elif life.state == "edited":
        life.acts += [(after(HOUR, 29 * DAY), "edits") for _ in range(chance.randrange(1, 3))]
    elif chance.random() < 0.2:
        away = after(timedelta(0), 31 * DAY)
        life.acts += [(away, "goes offline"), (away + chance.random() * 12 * DAY, "goes online")]
    elif chance.random() < 0.3:
        life.acts += [(after(timedelta(0), 30 * DAY), "words") for _ in range(chance.randrange(1, 4))]
    if chance.random() < 0.2:
        life.acts.append((after(timedelta(0), 30 * DAY), f"moves to {chance.choice(ZONES)}"))
    life.acts.sort()


# The clock is wrong by so many seconds, for so long: a step of NTP, a machine that slept, an operator's wrong date.
STEPS: Sequence[tuple[float, timedelta]] = (
    (-0.4, 900 * DAY), (3.0, 900 * DAY), (-45.0, 900 * DAY), (-3600.0, 900 * DAY), (7200.0, 900 * DAY),
    (3600.0, HOUR), (-86400.0, 3 * HOUR), (3 * 86400.0, 20 * HOUR), (400 * 86400.0, timedelta(minutes=2)),
    (400 * 86400.0, 30 * HOUR), (-400 * 86400.0, timedelta(minutes=10)),
)  # fmt: skip


def some_jumping_life(number: int, chance: random.Random) -> Life:
    """Every state with every jump, once or twice; nothing else is done but what its state is of."""
    state = list(STATES)[number % len(STATES)]
    zone = chance.choice(ZONES)
    life = Life(state, zone, some_start(zone, chance))
    steps = [STEPS[number // len(STATES) % len(STEPS)], chance.choice(STEPS)][: chance.randrange(1, 3)]
    times = sorted(life.begins + chance.random() * 32 * DAY for _ in steps)
    for at, (step, lasts) in zip(times, steps, strict=True):
        life.acts.append((at, f"jumps {step}"))
        if lasts < 100 * DAY:
            life.acts.append((at + timedelta(seconds=step) + lasts, f"jumps {-step}"))
    return life


# --- living it


def lived(life: Life) -> tuple[list[Happened], list[Happened]]:
    """What happened in the house, and what should have."""
    country, until, first = STATES[life.state]
    expected = Expected(ZoneInfo("UTC"))
    with woken(country, until, life.begins) as house:
        if life.said_zone:
            house.anna.types(f"my time zone is {life.zone}")
        else:
            case = house.anna.case.conversation
            assert case.time_zone is None
            house.anna.types("status", time_zone=life.zone)
        expected.zone = ZoneInfo(life.zone)
        expected.zone = ZoneInfo(life.zone)
        if life.state == "sent back by a carrier":
            is_passed_on(house, expected, house.now)
        ACTS[first](house, expected, house.now)
        assert house.reference
        started = len(house.anna.messages)
        house.wakes()
        expected.wakes(house.now)
        _live(life, house, expected)
        del house.anna.messages[:started]
        return house.happened(), expected.happened


def _live(life: Life, house: Waking, expected: Expected) -> None:
    acts, down = list(life.acts), sorted(life.down)
    horizon = life.begins + 900 * DAY
    for _ in range(400):
        if expected.gone and house.receipt is not None:
            return
        times = [at for at in (house.next_time(), expected.next_time(house.now), *(at for at, _ in acts[:1])) if at]
        at = max(min(times), house.now)
        assert at < horizon, "it never ends"
        while down and down[0][0] <= at:
            since, length = down.pop(0)
            if since + length > house.now:
                at = since + length
                house.sleeps(at)
        house.clock.set_to(at)
        house.wakes()
        expected.wakes(at)
        while acts and acts[0][0] <= at:
            name = acts.pop(0)[1]
            if not expected.gone:
                act(house, expected, name)
            at = house.now + SECOND  # what people wanted to do meanwhile they do one after the other
            house.clock.set_to(at)
            house.wakes()
            expected.wakes(at)
    raise AssertionError("it never ends")


def act(house: Waking, expected: Expected, name: str) -> None:
    """Do that; "moves to" a zone, and "jumps" of the clock by so many seconds, carry their value with them."""
    if name.startswith("moves to "):
        zone = name.removeprefix("moves to ")
        house.anna.types(f"my time zone is {zone}")
        if expected.before is OF_DRAFTS:
            expected.begins(house.now)
        expected.zone = ZoneInfo(zone)
    elif name.startswith("jumps "):
        house.clock.set_to(house.now + timedelta(seconds=float(name.removeprefix("jumps "))))
    else:
        ACTS[name](house, expected, house.now)
