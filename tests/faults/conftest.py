from __future__ import annotations

import pytest

from bot.letters.font import unprintable
from bot.words import Catalogs
from rules.book import Book, load


@pytest.fixture(scope="session")
def book() -> Book:
    """Our own packs, with the characters the letters' font can't print, as the program puts them in."""
    loaded = load()
    loaded.unprintable = unprintable
    return loaded


@pytest.fixture(scope="session")
def catalogs(book: Book) -> Catalogs:
    """Strict: a key or a value that is missing fails the test that said it."""
    return Catalogs.load(book, strict=True)
