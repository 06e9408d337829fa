"""Reads RULES_DIR anew when a file there is another. Only what is sound takes the place of what is in use."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from bot.app import App
from bot.letters.font import unprintable
from bot.settings import Settings
from bot.words import Catalogs, TextsError
from bot.worker import Worker
from conversations.edition import FOLLOWS
from rules import book as rules
from rules.book import Book
from rules.lint import lint
from rules.reading import OURS, Problem, RulesError

log = structlog.get_logger()

EVERY = 3.0  # seconds between two looks at the files
SETTLING = 1.0  # ... after one that found them changed: whoever copies several files has not finished yet
KINDS = ("*.toml", "countries/*.toml", "letters/*.toml", "texts/**/*.po")
MARKS = "rules"  # the setting that says by which rules the registrations were last looked at

Stamp = Mapping[str, tuple[int, int]]  # of each file when it was written, in nanoseconds, and its bytes


def stamp(folder: Path | None) -> Stamp:
    """What tells whether a file of the folder is another; empty where there is none."""
    found = {}
    for kind in KINDS if folder is not None else ():
        for path in folder.glob(kind):  # type: ignore[union-attr]
            try:
                about = path.stat()
            except OSError:
                continue  # gone since it was listed
            found[str(path)] = about.st_mtime_ns, about.st_size
    return found


def sound(settings: Settings) -> tuple[Book, Catalogs]:
    """Our rules and sentences, with those of RULES_DIR laid over them.

    Raises:
        RulesError, TextsError: with every mistake.
    """
    book = rules.load(settings.rules_dir)
    book.unprintable = unprintable
    zone, locale = settings.default_time_zone, settings.default_locale
    return book, Catalogs.load(book, settings.rules_dir, locale=locale, time_zone=zone)


class Rereading(Worker):
    """Looks at the files every few seconds, and at once when it is asked to."""

    def __init__(
        self, app: App, catalogs: Catalogs, settings: Settings, seen: Stamp, ring_timers: Callable[[], None]
    ) -> None:
        """`seen`: of the files as they were before the rules in use were read."""
        super().__init__()
        self._app, self._catalogs, self._settings, self._ring_timers = app, catalogs, settings, ring_timers
        self._seen, self._settling = seen, seen
        self._asked = False
        self._is_noted = False  # the registrations were looked at by the rules in use

    def reread(self) -> None:
        """Read the files anew, whether they seem to be others or not."""
        self._asked = True
        self.ring()

    async def work(self) -> float | None:
        if not self._is_noted:
            await self._wake()
            self._is_noted = True
        folder = self._settings.rules_dir
        if folder is None and not self._asked:
            return None
        found = await asyncio.to_thread(stamp, folder)
        if not self._asked and found != self._settling:
            self._settling = found
            return SETTLING
        if self._asked or found != self._seen:
            self._asked, self._seen, self._settling = False, found, found
            await self._read_anew()
        return EVERY if folder is not None else None

    async def _read_anew(self) -> None:
        try:
            book, catalogs = await asyncio.to_thread(self._checked)
        except RulesError as error:
            for problem in error.problems:
                if problem.level == "error":
                    log.error("rules_broken", what=str(problem))
            return
        except TextsError as error:
            log.error("texts_broken", what=str(error))
            return
        self._app.book = book
        self._catalogs.speak_by(catalogs)
        log.info("rules_reread", count=await self._wake(), what="registrations look at the rules they have changed for")

    def _checked(self) -> tuple[Book, Catalogs]:
        """What is to be in use from now on. Raises RulesError, TextsError."""
        made = sound(self._settings)
        found = [Problem(**one) for one in lint(self._settings.rules_dir or OURS) if one["level"] == "error"]
        for code in sorted(self._app.store.countries() - set(made[0].codes)):
            text = "is gone, but registrations of this country are here: put the file back"
            found.append(Problem(f"{code.lower()}.toml", "", text))
        if found:
            raise RulesError(*found)
        return made

    async def _wake(self) -> int:
        """Have registrations look at rules that are others than when they last did. How many will."""
        app = self._app
        marks = await asyncio.to_thread(self._marks)
        before = json.loads((await asyncio.to_thread(app.store.settings)).get(MARKS, "{}"))
        changed = [code for code, mark in marks.items() if before.get(code) != mark]
        if not changed:
            return 0

        def wake() -> int:
            app.store.put_setting(MARKS, json.dumps(marks))
            return app.store.wake("rules", changed, FOLLOWS, app.clock.now())

        woken = await app.write(wake)
        self._ring_timers()
        return woken

    def _marks(self) -> dict[str, str]:
        """A sign of all that is known of the rules of each country in use, dated entries included."""
        book = self._app.book
        return {
            code: hashlib.blake2b("".join(map(book.mark, book.editions(code))).encode(), digest_size=6).hexdigest()
            for code in sorted(self._app.store.countries() & set(book.codes))
        }
