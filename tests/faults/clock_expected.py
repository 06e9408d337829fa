"""What the thirty days must lead to, worked out from the rules alone: nothing of the product is imported.

A registration with an end is reminded at fixed times before it, in the customer's day (09:00-20:00); a reminder that
would come in the night comes at 09:00, but no later than the next one is due; the last may come at any hour. What is
overdue is said once. Nothing is deleted unless a reminder of this end was delivered 24 hours before: else one is sent,
and the end is 24 hours after it arrived. No end is further away than thirty days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_PAPERS = (14 * DAY, 7 * DAY, 3 * DAY, DAY, 2 * HOUR)
OF_DRAFTS = (7 * DAY, DAY)

Happened = tuple[str, datetime, datetime | None]  # what, when, and the end that was told


@dataclass
class Expected:
    """One registration and its customer, at the times its process is awake."""

    zone: ZoneInfo
    before: Sequence[timedelta] = OF_DRAFTS
    end: datetime | None = None  # None: it stands still
    since: datetime | None = None  # when this end was set
    left: timedelta | None = None  # while it stands still
    said: set[timedelta] = field(default_factory=set)
    arrived: datetime | None = None  # the first reminder of this end
    on_the_way: list[datetime] = field(default_factory=list)  # reminders by the end they tell, not yet delivered
    called: bool = False  # the one that is owed when the end came unannounced was said
    online: bool = True
    gone: bool = False
    happened: list[Happened] = field(default_factory=list)

    # --- what people do

    def begins(self, now: datetime, days: timedelta = 30 * DAY) -> None:
        """A new end."""
        self.end, self.since, self.left = now + days, now, None
        self.said, self.arrived, self.called = set(), None, False

    def stands_still(self, now: datetime) -> None:
        assert self.end is not None
        self.left, self.end = self.end - now, None

    def goes_on(self, now: datetime) -> None:
        assert self.left is not None
        self.begins(now, self.left)

    # --- what the clock does

    def wakes(self, now: datetime) -> None:
        """The process looks what there is to do."""
        if self.gone:
            return
        self._arrive(now)
        if self.end is None or self.since is None:
            return
        if self.end > now + 30 * DAY:  # set by a clock that was wrong
            self.begins(now)
        if now >= self.end:
            self._ends(now)
        elif (at := self._next_reminder(now)) is not None and at <= now:
            self.said |= self._overdue(now)
            self._says(now)

    def next_time(self, now: datetime) -> datetime | None:
        """When it has to be awake next."""
        if self.gone or self.end is None:
            return None
        at = self._next_reminder(now)
        return self.end if at is None else min(at, self.end)

    def _ends(self, now: datetime) -> None:
        if self.arrived is not None and now - self.arrived >= DAY:
            self.gone = True
            self.happened.append(("expired", now, None))
            return
        self.end = (self.arrived or now) + DAY
        self.said |= self._overdue(now)
        if self.arrived is None and not self.called:
            self.called = True
            self._says(now)

    def _says(self, now: datetime) -> None:
        assert self.end is not None
        self.on_the_way.append(self.end)
        self._arrive(now)

    def _arrive(self, now: datetime) -> None:
        if not self.online:
            return
        for told in self.on_the_way:
            self.happened.append(("reminder", now, told))
            if self.since is not None and self.end is not None and self.arrived is None:
                self.arrived = now
        self.on_the_way = []

    def _overdue(self, now: datetime) -> set[timedelta]:
        assert self.end is not None
        return {ahead for ahead in self.before if self.end - ahead <= now}

    def _next_reminder(self, now: datetime) -> datetime | None:
        """When the customer hears next: overdue ones count as the last of them, now."""
        assert self.end is not None and self.since is not None
        open_ones = [one for one in self.before if one not in self.said and self.end - one > self.since]
        if not open_ones:
            return None
        overdue = [one for one in open_ones if self.end - one <= now]
        ahead = min(overdue) if overdue else max(open_ones)
        wish = now if overdue else self.end - ahead
        if ahead == self.before[-1]:
            return wish
        following = self.before[self.before.index(ahead) + 1]
        return min(by_day(wish, self.zone), self.end - following)


def by_day(wish: datetime, zone: ZoneInfo) -> datetime:
    """That time, or the first 09:00 after it on the wall there when it is between 20:00 and 09:00."""
    if 9 <= wish.astimezone(zone).hour < 20:
        return wish
    day = wish.astimezone(zone).date()
    mornings = (_morning(day + number * DAY, zone) for number in range(3))
    return next(morning for morning in mornings if morning >= wish)


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=zone).astimezone(UTC)


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """When the clocks are changed there, to the second."""
    found = []
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        low, high = at, at + DAY
        if _offset(low, zone) != _offset(high, zone):
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (low, middle) if _offset(middle, zone) != _offset(low, zone) else (middle, high)
            found.append(high.replace(microsecond=0))
        at += DAY
    return found


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
