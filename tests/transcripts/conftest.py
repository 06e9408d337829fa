from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import Chat, House

from bot.words import Catalogs
from conversations.model import Role
from rules.book import Book
from tests.read_once import our_book, our_catalogs


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transcripts prove what is said; what survives a power cut is proved elsewhere."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="session")
def book() -> Book:
    return our_book()


@pytest.fixture(scope="session")
def catalogs() -> Catalogs:
    """Strict: a key or a value that is missing fails the test that said it."""
    return our_catalogs(strict=True)


@pytest.fixture
def house(tmp_path: Path, book: Book, catalogs: Catalogs) -> Iterator[House]:
    opened = House(tmp_path, book, catalogs)
    yield opened
    opened.close()


@pytest.fixture
def chat(house: House) -> Chat:
    """A customer's chat."""
    return house.customer()


@pytest.fixture
def reviewer(house: House) -> Chat:
    return house.staff(Role.REVIEWER, "rita")


@pytest.fixture
def manager(house: House) -> Chat:
    return house.staff(Role.ACCOUNT_MANAGER, "max")
