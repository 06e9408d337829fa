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
# Noted among an end's reminders: the one owed when it came unwarned; the desk knows that the customer can't be reached.
LAST_CALL, UNREACHABLE = "last_call", "unreachable"


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
        left = LIFETIME if registration.time_left is None else timedelta(seconds=registration.time_left)
        _end(registration, now + min(left, LIFETIME), now)
    elif not started:
        _end(registration, now + LIFETIME, now)


def heard(registration: Registration, now: datetime) -> None:
    """The customer said something: before the clock started that moves the end."""
    registration.last_word_at = now
    reached(registration)
    if runs(registration) and registration.clock_started_at is None:
        _end(registration, now + LIFETIME, now)


def reached(registration: Registration) -> None:
    """They can be reached: what was said before that never arrived, so the last call may be said once more."""
    if registration.unreachable:
        registration.unreachable = False
        registration.reminded = [name for name in registration.reminded if name not in (UNREACHABLE, LAST_CALL)]


def set_right(registration: Registration, now: datetime) -> None:
    """Times that lie ahead of what can be were written by a clock that was wrong, and has been set back since."""
    for name in ("entered_at", "end_set_at", "nudged_at", "closed_at"):
        at = getattr(registration, name)
        if at is not None and at > now:
            setattr(registration, name, now)
    if registration.ends_at is not None and registration.ends_at > now + LIFETIME:
        _end(registration, now + LIFETIME, now)


def _end(registration: Registration, at: datetime | None, now: datetime) -> None:
    registration.ends_at = at
    registration.end_set_at = now
    registration.reminded = []
    registration.first_warned_at = registration.warned_at = None
    if at is not None:
        registration.time_left = None


def reminders(registration: Registration) -> list[Reminder]:
    """All reminders of the present end, soonest first, at whatever hour."""
    if registration.ends_at is None or registration.end_set_at is None:
        return []
    before = OF_PAPERS if registration.clock_started_at is not None else OF_DRAFTS
    found = [Reminder(named(ahead), registration.ends_at - ahead) for ahead in before]
    return [one for one in found if one.at > registration.end_set_at]


def overdue(registration: Registration, now: datetime) -> list[str]:
    """Reminders of the present end whose time has come: one message says them all."""
    return [one.name for one in reminders(registration) if one.at <= now and one.name not in registration.reminded]


def next_reminder(registration: Registration, tz: ZoneInfo, now: datetime) -> datetime | None:
    """When the customer is reminded next: by day, but never past the reminder after it; the last at any hour.

    Of those whose time has passed only the nearest is left, and its time is now: whoever slept past them wakes nobody.
    """
    found = reminders(registration)
    unsaid = [place for place, one in enumerate(found) if one.name not in registration.reminded]
    if not unsaid:
        return None
    place = max((place for place in unsaid if found[place].at <= now), default=unsaid[0])
    at = max(found[place].at, now)
    return at if found[place] is found[-1] else min(daytime(at, tz), found[place + 1].at)


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
        "nudge": next_nudge(registration, pack, tz, now),
        "reopen": now + RECHECK if registration.preparing else None,
        "erase": end_of_retention(registration, now, retention_days),
    }


def _next_of_clock(registration: Registration, tz: ZoneInfo, now: datetime) -> datetime | None:
    if not runs(registration) or registration.ends_at is None:
        return None
    reminder = next_reminder(registration, tz, now)
    return min(reminder, registration.ends_at) if reminder else registration.ends_at


def end_of_retention(registration: Registration, now: datetime, days: int) -> datetime | None:
    """When what is finished is deleted."""
    if registration.status not in (Status.SUCCESSFUL, Status.FAILED):
        return None
    return (registration.closed_at or now) + timedelta(days=days)


def next_nudge(registration: Registration, pack: Pack, tz: ZoneInfo, now: datetime) -> datetime | None:
    """When whoever it waits on hears of it next, by day. None: nobody is waited on, or reminders say it."""
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
