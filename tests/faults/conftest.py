from __future__ import annotations

import pytest

from bot.words import Catalogs
from rules.book import Book
from tests.read_once import our_book, our_catalogs


@pytest.fixture(scope="session")
def book() -> Book:
    return our_book()


@pytest.fixture(scope="session")
def catalogs() -> Catalogs:
    """Strict: a key or a value that is missing fails the test that said it."""
    return our_catalogs(strict=True)
