"""Which edition of its country's rules a registration is led by: that of the day, until it is filed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from conversations import deadlines
from conversations.model import Day, Registration, Status, Text
from rules.book import Book
from rules.editions import began
from rules.schema import Pack

FOLLOWS = (Status.DRAFT, Status.SELF_REGISTERING, Status.DOCUMENTS_TO_BE_RENDERED, Status.DOCUMENTS_RENDERED)


def follows(registration: Registration) -> bool:
    """Whether it moves with the rules of the day. What was filed keeps its edition, through being sent back too."""
    return registration.status in FOLLOWS and not registration.filed


def pack_of(registration: Registration, book: Book) -> Pack:
    """The rules that hold for the registration: the edition it was last led by, until its customer hears of another."""
    if follows(registration) and not registration.edition:
        return book.pack(registration.country)
    return book.edition(registration.country, registration.edition)


def is_behind(registration: Registration, book: Book) -> bool:
    """Whether the rules of the day are not those it is led by."""
    if not follows(registration):
        return False
    today = book.pack(registration.country)
    later = began(registration.edition) > began(today.version)
    if later and any(pack.version == registration.edition for pack in book.editions(registration.country)):
        return False  # a clock that went back: what was told once holds
    return (registration.edition, registration.mark) != (today.version, book.mark(today))


def adopt(registration: Registration, book: Book) -> None:
    """From now on it is led by the rules of the day."""
    today = book.pack(registration.country)
    registration.edition, registration.mark, registration.route = today.version, book.mark(today), today.route.value


def may_change(registration: Registration, book: Book) -> bool:
    """Whether there is a change to wait for, or was one: most countries have none."""
    return len(book.editions(registration.country)) > 1 or (
        bool(registration.edition) and is_behind(registration, book)
    )


def next_look(registration: Registration, book: Book, tz: ZoneInfo, now: datetime) -> datetime | None:
    """When to tell its customer of other rules, by day; None: it keeps its own, or no change is known."""
    if not follows(registration):
        return None
    if registration.edition and is_behind(registration, book):
        return deadlines.daytime(now, tz)
    day = book.next_change(registration.country, now.date())
    return deadlines.daytime(datetime.combine(day, time(), UTC), tz) if day else None


def outdated(registration: Registration, book: Book) -> Text | None:
    """A line that names its edition, where newer rules hold by now for others; None where it has the newest."""
    version, newest = pack_of(registration, book).version, book.pack(registration.country).version
    later = [one.version for one in book.editions(registration.country) if began(version) < began(one.version)]
    if version == newest or not later:
        return None
    return Text("desk_edition", {"version": version, "since": Day(date.fromisoformat(later[0]))})
