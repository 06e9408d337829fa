"""Our rules and our sentences, read once for all tests of a process: reading them takes longer than most tests do.

Neither changes after it was read. What an operator lays over them, in RULES_DIR, is read for each test.
"""

from __future__ import annotations

from functools import cache

from bot import rereading
from bot.letters.font import unprintable
from bot.settings import Settings
from bot.words import Catalogs
from rules.book import Book, load


@cache
def our_book() -> Book:
    """Our own packs, with the characters the letters' font can't print, as the program puts them in."""
    loaded = load()
    loaded.unprintable = unprintable
    return loaded


@cache
def _our_catalogs() -> Catalogs:
    return Catalogs.load(our_book())


def our_catalogs(*, locale: str = "en", time_zone: str = "UTC", strict: bool = False) -> Catalogs:
    """Our sentences, in catalogs of one's own."""
    return Catalogs(_our_catalogs().catalogs, our_book(), locale=locale, time_zone=time_zone, strict=strict)


def sound(settings: Settings) -> tuple[Book, Catalogs]:
    """What a house is opened with, as bot.rereading.sound finds it."""
    if settings.rules_dir is not None:
        return rereading.sound(settings)
    return our_book(), our_catalogs(locale=settings.default_locale, time_zone=settings.default_time_zone)
