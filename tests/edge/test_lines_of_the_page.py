"""Which buttons of a chat's lines can be pressed, and which one was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.web.lines import Shown, laid_out
from storage.store import Entry

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEEP = (("keep my details", "Yes, keep them"), ("don't keep my details", "No"))
CORRECT = (("yes", "All correct"), ("no", "Change something"))


def theirs(number: int, key: str, choices: tuple[tuple[str, str], ...], asked: int) -> Entry:
    return Entry(number, "web:1", False, AT + timedelta(seconds=number), key, choices, asked, key=key)


def mine(number: int, text: str) -> Entry:
    return Entry(number, "web:1", True, AT + timedelta(seconds=number), text)


def shown(*entries: Entry, asked: int) -> list[Shown]:
    return laid_out(entries, asked, UTC, {}, lambda file: None)


CONSENT, PREVIEW = theirs(1, "ask_consent", KEEP, 4), theirs(2, "ask_all_correct", CORRECT, 5)


def test_what_was_asked_beside_the_way_stays_open_when_the_next_question_comes() -> None:
    consent, preview = shown(CONSENT, PREVIEW, asked=5)
    assert consent.open and preview.open


def test_it_closes_once_it_is_answered() -> None:
    consent, preview, said = shown(CONSENT, PREVIEW, mine(3, "keep my details"), asked=5)
    assert not consent.open and consent.chosen == "keep my details" and said.label == "Yes, keep them"
    assert preview.open and preview.chosen is None


def test_a_plain_no_answers_what_was_asked_last() -> None:
    consent, preview, _ = shown(CONSENT, PREVIEW, mine(3, "no"), asked=5)
    assert consent.open and consent.chosen is None and preview.chosen == "no"


def test_other_questions_are_over_when_the_next_one_is_asked() -> None:
    before, now = shown(theirs(1, "ask_start", (("start", "Start"),), 4), PREVIEW, asked=5)
    assert now.open and not before.open
