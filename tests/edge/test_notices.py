"""Words to the desk: each waits for as long as its matter does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.web.notices import waiting
from conversations.model import Handoff, Registration, Status
from storage.store import Card, Found

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(status: Status, entered: datetime = NOON, taken_by: str | None = None, unreachable: bool = False) -> Found:
    registration = Registration(7, "TH-4K7Q", 1, 1, "TH", "form", status)
    registration.entered_at, registration.taken_by, registration.unreachable = entered, taken_by, unreachable
    return Found(registration, "web:anna", "web:anna")


def waits(key: str, found: Found) -> bool:
    card = Card(1, key, {}, NOON, 7, "TH-4K7Q", "TH")
    return waiting([card], [found], []) == [card]


@pytest.mark.parametrize(
    ("key", "found", "still"),
    [
        ("card_to_review", case(Status.UNDER_REVIEW), True),
        ("card_to_review", case(Status.UNDER_REVIEW, taken_by="web:rita"), False),
        ("card_to_review", case(Status.DOCUMENTS_RENDERED, NOON + HOUR), False),
        ("card_to_review", case(Status.UNDER_REVIEW, NOON + HOUR), False),  # submitted anew: that has a card of its own
        ("card_to_review", case(Status.SUCCESSFUL, NOON + HOUR), False),
        ("card_waits_WITH_CARRIER", case(Status.WITH_CARRIER, NOON - HOUR, taken_by="web:rita"), True),
        ("card_waits_WITH_CARRIER", case(Status.NEEDS_CORRECTION, NOON + HOUR), False),
        ("card_rendering_failed", case(Status.NEEDS_CORRECTION), True),
        ("card_rendering_failed", case(Status.DOCUMENTS_RENDERED, NOON + HOUR), False),
        ("card_unreachable", case(Status.DRAFT, unreachable=True), True),
        ("card_unreachable", case(Status.DRAFT), False),
        ("card_no_scan", case(Status.WITH_CARRIER, NOON + HOUR), True),
        ("card_no_scan", case(Status.FAILED, NOON + HOUR), False),
        ("turn_failed", case(Status.SUCCESSFUL, NOON + HOUR), True),
    ],
)
def test_a_notice_about_a_case_waits_with_it(key: str, found: Found, still: bool) -> None:
    assert waits(key, found) is still


def test_a_question_that_somebody_took_waits_no_more() -> None:
    card = Card(1, "handoff_asked", {}, NOON, None, None, None)
    asked, later = Handoff(1, 1, None, "handoff_asked", NOON), Handoff(2, 2, None, "handoff_asked", NOON + HOUR)
    assert waiting([card], [], [asked]) == [card]
    asked.taken_by = "rita"
    assert waiting([card], [], [asked, later]) == [] == waiting([card], [], [])


def test_a_notice_of_a_case_that_may_not_be_seen_is_not_shown() -> None:
    card = Card(1, "turn_failed", {}, NOON, 7, "TH-4K7Q", "TH")
    assert waiting([card], [], []) == []
