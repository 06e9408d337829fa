"""Whatever is said: no turn fails, everything is answered, and an aside leaves the question where it was."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import SAMPLE, Chat, House

from bot.words import Catalogs
from conversations.words import PHRASES
from rules.book import Book

ASIDES = ("help", "why", "example", "status", "list", "person", "my time zone is UTC")
COUNTRIES = (
    "Thailand",
    "TH",
    "Kenya",
    "UK",
    "Vietnam",
    "Singapore",
    "Ireland",
    "China",
    "UAE",
    "France",
    "Congo",
    "Thialand",
    "Kabul",
    "Hong Kong",
    "UAE, Kenya and Thailand",
)
ANSWERS = (
    "yes",
    "no",
    "1",
    "3",
    "otp",
    "transactional",
    "Germany",
    "Fresh Bakery Ltd",
    "a@b.example",
    "+49 40 32012345",
    "www.x.example",
    "5000",
    "2020-01-01",
    "FRESHBAKERY",
    "INFO",
    "12345",
    SAMPLE,
    "Something long enough to be an answer to whatever is asked here.",
    "edit city",
    "edit 3",
    "edit sender id",
    "remove FRESHBAKERY",
    "remove 1",
    "move 1",
    "one by one",
    "other",
    "loa",
    "local",
)
SAID = st.one_of(
    st.sampled_from(sorted(PHRASES)), st.sampled_from(COUNTRIES), st.sampled_from(ANSWERS), st.sampled_from(ANSWERS),
    st.text(max_size=40),
)  # fmt: skip
DONE = st.tuples(
    st.sampled_from(
        ["types", "types", "types", "types", "presses", "files", "works", "fails", "days", "voice", "opens"]
    ),
    SAID,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return (tmp_path_factory.mktemp("anything") / str(number) for number in itertools.count())


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(country=st.sampled_from(COUNTRIES), steps=st.lists(DONE, min_size=5, max_size=40))
def test_random_words_never_fail_and_are_always_answered(
    folders: Iterator[Path], book: Book, catalogs: Catalogs, country: str, steps: list[tuple[str, str]]
) -> None:
    house = House(next(folders), book, catalogs)
    chat = house.customer()
    try:
        for does, said in [("types", country), ("types", "start"), *steps]:
            act(chat, house, does, said)
        an_aside_changes_no_question(chat)
    finally:
        house.close()


def act(chat: Chat, house: House, does: str, said: str) -> None:
    before = len(chat.messages)
    if does == "types":
        chat.types(said)
    elif does == "presses":
        chat.presses(chat.buttons[len(said) % len(chat.buttons)] if chat.messages and chat.buttons else said)
    elif does == "files":
        chat.sends_files(["a.jpg", "b.pdf"][: 1 + len(said) % 2], caption=said)
    elif does in ("works", "fails"):
        house.works(fail=does == "fails")
    elif does == "days":
        house.passes(len(said) % 9)
    elif does == "voice":
        chat.sends_voice()
    else:
        chat.opens()
    if does not in ("works", "fails", "days"):
        assert len(chat.messages) > before, f"{does} {said!r} got no answer"
    assert "apology" not in [message.key for message in chat.messages]


def an_aside_changes_no_question(chat: Chat) -> None:
    chat.types("help")
    question, step, field = chat.last.key, chat.step, chat.summary.field
    for aside in ASIDES:
        keys = chat.types(aside)
        assert keys[-1] == question, (aside, keys)
        assert (chat.step, chat.summary.field) == (step, field)
