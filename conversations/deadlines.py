"""Thirty days: when a registration ends, and when its customer is reminded. All times UTC unless a zone says else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conversations.lifecycle import WAITS_ON_CUSTOMER
from conversations.model import Registration, Status
from rules.schema import Pack

LIFETIME = timedelta(days=30)
WARNING = timedelta(hours=24)  # nothing is deleted unless a reminder was delivered this long before
MORNING, EVENING = time(9), time(20)  # reminders come between these, on the customer's own clock
# Before the end: of papers that wait (the clock), and of drafts.
OF_PAPERS = (timedelta(days=14), timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=2))
OF_DRAFTS = (timedelta(days=7), timedelta(days=1))
# No state waits for ever in silence: first and later nudges, days after the state was entered.
NUDGES: Mapping[Status, tuple[int, int]] = {
    Status.WITH_ACCOUNT_MANAGER: (2, 2),
    Status.SELF_REGISTERING: (3, 7),
    Status.UNDER_REVIEW: (2, 3),
}
RECHECK = timedelta(days=1)  # of a pause's end


@dataclass(frozen=True, slots=True)
class Reminder:
    name: str
    at: datetime


@lru_cache(maxsize=512)
def zone(*names: str | None) -> ZoneInfo:
    """The first of these that is a time zone."""
    for name in names:
        try:
            return ZoneInfo(name or "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def runs(registration: Registration) -> bool:
    """Whether an end is set: the registration waits on its customer, and its country takes registrations."""
    return registration.status in WAITS_ON_CUSTOMER and not registration.preparing


def entered(registration: Registration, now: datetime, trigger: str) -> None:
    """Set, stop or restart the end as the state just entered wants it."""
    status = registration.status
    started = registration.clock_started_at is not None
    if not runs(registration):
        if started and registration.ends_at is not None:
            registration.time_left = (registration.ends_at - now).total_seconds()
        _end(registration, None, now)
    elif trigger == "send_back":  # thirty new days
        registration.clock_started_at = registration.clock_started_at or now
        _end(registration, now + LIFETIME, now)
    elif status is Status.DOCUMENTS_RENDERED and not started:
        registration.clock_started_at = now
        _end(registration, now + LIFETIME, now)
    elif started and registration.ends_at is None:  # taken back: the clock goes on where it stood
        _end(registration, now + timedelta(seconds=registration.time_left or LIFETIME.total_seconds()), now)
    elif not started:
        _end(registration, now + LIFETIME, now)


def heard(registration: Registration, now: datetime) -> None:
    """The customer said something: before the clock started that moves the end."""
    registration.last_word_at = now
    registration.unreachable = False
    if runs(registration) and registration.clock_started_at is None:
        _end(registration, now + LIFETIME, now)


def _end(registration: Registration, at: datetime | None, now: datetime) -> None:
    registration.ends_at = at
    registration.end_set_at = now
    registration.reminded = []
    registration.first_warned_at = None
    if at is not None:
        registration.time_left = None


def reminders(registration: Registration, tz: ZoneInfo) -> list[Reminder]:
    """All reminders of the present end, moved into the customer's day; only the last may come at any hour."""
    if registration.ends_at is None or registration.end_set_at is None:
        return []
    before = OF_PAPERS if registration.clock_started_at is not None else OF_DRAFTS
    raw = [(named(ahead), registration.ends_at - ahead) for ahead in before]
    found = []
    for index, (name, at) in enumerate(raw):
        if at <= registration.end_set_at:
            continue
        if index + 1 < len(raw):
            at = min(daytime(at, tz), raw[index + 1][1])
        found.append(Reminder(name, at))
    return found


def named(ahead: timedelta) -> str:
    return f"{ahead.days}d" if ahead.days else f"{ahead.seconds // 3600}h"


def daytime(at: datetime, tz: ZoneInfo) -> datetime:
    """The same time, or the next 09:00 on that clock when it falls in the night."""
    local = at.astimezone(tz)
    if MORNING <= local.time() < EVENING:
        return at
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tz).astimezone(at.tzinfo)


def timers(
    registration: Registration, pack: Pack, tz: ZoneInfo, now: datetime, retention_days: int
) -> dict[str, datetime | None]:
    """When each timer of the registration is due next; None: take it back."""
    return {
        "clock": _next_of_clock(registration, tz, now),
        "nudge": _next_nudge(registration, pack, tz, now),
        "reopen": now + RECHECK if registration.preparing else None,
        "erase": (registration.closed_at or now) + timedelta(days=retention_days)
        if registration.status in (Status.SUCCESSFUL, Status.FAILED)
        else None,
    }


def _next_of_clock(registration: Registration, tz: ZoneInfo, now: datetime) -> datetime | None:
    if not runs(registration) or registration.ends_at is None:
        return None
    waiting = [one.at for one in reminders(registration, tz) if one.name not in registration.reminded]
    return min([*waiting, registration.ends_at])


def _next_nudge(registration: Registration, pack: Pack, tz: ZoneInfo, now: datetime) -> datetime | None:
    entered_at = registration.entered_at or now
    if registration.status is Status.WITH_CARRIER:
        slowest = pack.lead_time.days[1] if pack.lead_time.days else 14
        first, later = slowest, 7
    elif registration.status in NUDGES:
        first, later = NUDGES[registration.status]
    else:
        return None
    nudged = registration.nudged_at
    if nudged is None or nudged < entered_at:
        return daytime(max(entered_at + timedelta(days=first), now), tz)
    return daytime(max(nudged + timedelta(days=later), now), tz)
