"""How much of one chat is read: messages a minute, files a day. Counted by the events' own times, so a restart forgets
nothing, and with the chat, so every channel is alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations.model import Moment
from conversations.talk import Talk

MESSAGES = 300  # of a minute: more than anybody types, and than most have waiting after a day's outage
FILES = 200  # of a day (UTC), over all registrations of a chat
PLANS = 50  # PDFs drawn of a day (UTC), each a second's work


def too_many_messages(talk: Talk) -> bool:
    """Count the message; True when it is beyond what is read of a minute. That is said once, to the first of them."""
    chat, minute = talk.chat, int(talk.now.timestamp()) // 60
    if talk.case.staff is not None or talk.event.paced:  # forty decisions before lunch are no flood
        return False
    if chat.minute != minute:
        chat.minute, chat.heard = minute, 0
    chat.heard += 1
    if chat.heard == MESSAGES + 1:
        next_minute = datetime.fromtimestamp((minute + 1) * 60, UTC)
        talk.say("too_many_messages", {"n": MESSAGES, "at": Moment(next_minute)})
    return chat.heard > MESSAGES


def has_room_for_a_file(talk: Talk) -> bool:
    """Whether one more is taken today; it is counted when it is."""
    chat, day = talk.chat, talk.now.toordinal()
    if chat.day != day:
        chat.day, chat.files = day, 0
    if chat.files >= FILES:
        return False
    chat.files += 1
    return True


def has_room_for_a_plan(talk: Talk) -> bool:
    """Whether one more is drawn today; it is counted when it is."""
    chat, day = talk.chat, talk.now.toordinal()
    if chat.plan_day != day:
        chat.plan_day, chat.plans = day, 0
    if chat.plans >= PLANS:
        return False
    chat.plans += 1
    return True


def files_again_at(talk: Talk) -> Moment:
    day = talk.now.astimezone(UTC).date() + timedelta(days=1)
    return Moment(datetime(day.year, day.month, day.day, tzinfo=UTC))
