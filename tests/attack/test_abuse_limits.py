"""Whoever sends too much is told so once, kindly, and goes on a minute or a day later; nobody else notices."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flood_house import opened
from playing import Chat, House

from conversations.interview.beginning import MOST_OPEN
from conversations.limits import FILES, MESSAGES
from conversations.model import Kind, Role
from conversations.uploads.documents import MOST_FILES
from tests.seeded import Share

CHANNELS = ("web", "console", "group")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with opened(tmp_path, monkeypatch) as playing:
        yield playing


def any_message(chance: random.Random, chat: Chat) -> Any:
    """One of all the things a person can send, as an event."""
    kind = chance.choice((Kind.TEXT, Kind.TEXT, Kind.PRESS, Kind.EDITED, Kind.OTHER, Kind.CONTACT, Kind.OPENED))
    more: dict[str, Any] = {"text": chance.choice(("help", "Thailand", "x" * 300, "back", "status", "person"))}
    if kind is Kind.PRESS:
        more = {"choice": chance.choice(("TH", "start", "back"))}
    if kind is Kind.EDITED:
        more["message"] = "m1"
    return chat.event(kind, **more)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_flood_is_answered_once_a_minute_and_loses_nothing_before_it(
    house: House, chance: random.Random, share: Share, channel: str
) -> None:
    flooding, quiet = house.customer("flood", channel), house.customer("anna", channel)
    reference = flooding.drafts("SA")
    house.ticks(timedelta(minutes=2))
    for _ in range(share.of(5)):  # minutes
        house.ticks(timedelta(minutes=1))
        before, sent = len(flooding.messages), max(MESSAGES + 50, share.of(2_000))
        events = [any_message(chance, flooding) for _ in range(sent)]
        for start in range(0, sent, 128):
            taken = house.happens(*events[start : start + 128])
            assert not any(one.error for one in taken)
            assert quiet.types("help"), "another chat was not answered"
        said = Counter(message.key for message in flooding.messages[before:])
        assert said["too_many_messages"] == 1
        assert flooding.last.key == "too_many_messages", "something was answered after the word that nothing is read"
        assert str(MESSAGES) in flooding.last.text and "person" in flooding.last.text
    kept = house.found(reference).registration
    assert kept.sender_ids and kept.answers, "what was said before the flood is kept"
    house.ticks(timedelta(minutes=1))
    assert flooding.types("status"), "a minute later everything is read again"


def test_the_word_names_the_minute_from_which_it_holds_no_more(house: House) -> None:
    chat = house.customer()
    house.ticks(timedelta(seconds=59))
    for _ in range(MESSAGES + 3):
        chat.types("help")
    assert chat.last.key == "too_many_messages" and "10:01" in chat.last.text
    assert chat.types("help") == []
    house.ticks(timedelta(seconds=1))
    assert chat.types("help"), "10:01 has come"


def test_staff_are_not_held_up(house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita")
    for _ in range(MESSAGES + 20):
        assert rita.types("take TH-0000") != []


def test_job_results_and_timers_never_count(house: House) -> None:
    chat = house.customer()
    chat.drafts("SA")
    for _ in range(MESSAGES + 1):
        chat.types("help")
    before = len(chat.messages)
    house.passes(31)
    assert any(message.key.startswith("reminder") or message.say.reminder for message in chat.messages[before:])


def test_a_guesser_of_invitations_gets_no_further_than_anybody_else(house: House) -> None:
    code = house.store.invite(Role.ADMIN, house.now).code
    chat = house.customer()
    for number in range(MESSAGES):
        assert chat.types(f"DESK-{number:04}-AAAA") != ["desk_welcome"]
    chat.types(code)
    assert house.store.staff_of(chat.name) is None, "beyond the minute's messages a right guess is not read"
    assert len(code.replace("-", "")) == 12  # 24 hours at that pace try fewer than one in a million of them


def test_one_registration_keeps_only_so_many_files(house: House) -> None:
    chat = house.customer()
    chat.drafts("SA")
    said: Counter[str] = Counter()
    for number in range(MOST_FILES + 30):
        house.ticks(timedelta(seconds=20))
        said.update(chat.sends_files([f"file-{number}.jpg"]))
    assert len(chat.on.uploads) == MOST_FILES and said["upload_too_many"] == 30


def test_taking_files_out_again_makes_no_room_in_the_day(house: House) -> None:
    chat = house.customer()
    chat.drafts("SA")
    chat.submits()
    for number in range(FILES // 50):
        assert "files_of_a_day" not in chat.sends_files([f"{number}-{one}.jpg" for one in range(50)])
        chat.types("remove")
        assert not chat.on.uploads
    assert chat.sends_files(["one-more.jpg"])[0] == "files_of_a_day"
    assert not chat.on.uploads and not house.works()


def test_an_album_beyond_the_day_is_refused_in_one_message_and_taken_the_next_day(house: House) -> None:
    chat = house.customer()
    taken = 0
    while taken < FILES:
        chat.starts("SA")
        chat.sends_files([f"{taken + number}.jpg" for number in range(50)])
        taken += 50
        chat.types("another")
    chat.starts("KE")
    keys = chat.sends_files(["a.jpg", "b.jpg", "c.jpg"])
    assert keys.count("files_of_a_day") == 1
    assert all(name in chat.messages[-2].text + chat.last.text for name in ("a.jpg", "b.jpg", "c.jpg"))
    house.ticks(timedelta(days=1))
    assert "files_of_a_day" not in chat.sends_files(["a.jpg"])


def test_a_company_opens_only_so_many(house: House) -> None:
    chat = house.customer()
    for _ in range(MOST_OPEN // 10):
        chat.types("another")
        chat.types("Thailand, Kenya, Nigeria, Ghana, Egypt, Turkey, Ireland, Spain, India, Uganda")
        chat.types("start")
    chat.types("another")
    chat.types("Thailand")
    assert chat.types("start") == ["too_many_registrations"]
    assert str(MOST_OPEN) in chat.last.text and "list" in chat.last.text and "person" in chat.last.text
    assert len(chat.case.registrations) == MOST_OPEN
