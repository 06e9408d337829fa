"""One house for the floods: the transcripts' own, with a chat that writes without end and nine that do not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

import pytest
from playing import House

from bot.letters.font import unprintable
from bot.words import Catalogs
from rules.book import Book, load

BOOK: Book = load()
BOOK.unprintable = unprintable
CATALOGS = Catalogs.load(BOOK, strict=True)


@contextmanager
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose disk is not waited for."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    house = House(folder, BOOK, CATALOGS)
    yield house
    house.close()
