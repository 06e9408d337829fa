"""A changed file of RULES_DIR takes the place of what is in use without a restart; a broken one never does."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.clock import Clock
from bot.rereading import EVERY, SETTLING
from bot.settings import Settings, load
from bot.wiring import House, opened
from conversations.model import Event, Kind, Registration, Text
from rules.lint import lint

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
SHORTER = "[sender_id]\nmax_length = 9\n"
BROKEN = '[sender_id]\nmax_lenght = 9\n\n[field.city]\nrequired_when = "sometimes"\n'


class Desk:
    """A house that runs, a customer in it, and the folder of its operator's rules."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.rules, self.settings = folder, settings
        self.clock = Clock()
        self.clock.set_to(START)
        self.said: list[str] = []
        self.numbers = itertools.count(1)
        self._runner = asyncio.Runner()
        self._open()

    def _open(self) -> None:
        self._stack = AsyncExitStack()
        self.house: House = self._runner.run(self._stack.enter_async_context(opened(self.settings, self.clock)))
        for sender in self.house.senders:
            sender.watchers.append(lambda message, what: self.said.append(message.say.key))

    def restarts(self) -> None:
        self._runner.run(self._stack.aclose())
        self._open()

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def types(self, *texts: str) -> list[str]:
        """Say these, one after another; keys of what the last one was answered with."""
        before = 0
        for text in texts:
            before = len(self.said)
            values: dict[str, Any] = {"chat": "console:anna", "principal": "console:anna", "text": text}
            self._runner.run(self._taken(Event(f"test:{next(self.numbers)}", Kind.TEXT, self.clock.now(), **values)))
        return self.said[before:]

    async def _taken(self, event: Event) -> None:
        await self.house.app.take(event)
        await self.house.settled()

    def writes(self, name: str, text: str | None) -> None:
        """Write a file of the operator's, or take it away; its time is another, however quick this goes."""
        path = self.rules / name
        path.parent.mkdir(exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
            at = next(self.numbers) * 1_000_000_000
            os.utime(path, ns=(at, at))

    def looks(self) -> float | None:
        """One look at the files. After how many seconds it will look again."""
        return self._runner.run(self._looked())

    async def _looked(self) -> float | None:
        await self.house.settled()
        wait = await self.house.rereading.work()
        await self.house.settled()
        return wait

    def is_told_to_reread(self) -> list[dict[str, Any]]:
        """What is logged when somebody asks for the files to be read now."""
        with capture_logs() as lines:
            self._runner.run(self._reread())
        return [dict(line) for line in lines]

    async def _reread(self) -> None:
        self.house.rereading.reread()
        await self.house.settled()

    def longest(self, country: str = "NG") -> int:
        return self.house.app.book.pack(country).sender_id.max_length

    @property
    def registration(self) -> Registration:
        (found,) = self.house.app.store.registrations()
        return found.registration


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "rules"
    folder.mkdir()
    found = Desk(folder, load(
        database_url=f"sqlite:///{tmp_path}/desk.db", files_url=f"file:{tmp_path}/files", rules_dir=folder,
        SECRET_KEYS="a key that is only for tests",
    ))  # fmt: skip
    yield found
    found.close()


def test_a_changed_file_is_read_once_it_has_settled(desk: Desk) -> None:
    assert desk.looks() == EVERY and desk.longest() == 11
    book = desk.house.app.book
    assert desk.looks() == EVERY and desk.house.app.book is book, "files that stay are not read again"
    desk.writes("ng.toml", SHORTER)
    assert (desk.looks(), desk.longest()) == (SETTLING, 11), "whoever copies it may not have finished"
    assert (desk.looks(), desk.longest()) == (EVERY, 9)
    desk.writes("ng.toml", "[sender_id]\nmax_length = 8\n")
    desk.looks()
    desk.writes("common.toml", '[field.city]\nlabel = "Town"\n')
    assert desk.looks() == SETTLING
    assert desk.looks() == EVERY
    assert (desk.longest(), desk.house.app.book.pack("NG").field("city").label) == (8, "Town")
    desk.writes("ng.toml", None)
    desk.looks()
    desk.looks()
    assert desk.longest() == 11, "a file that is gone changes nothing any more"


def test_what_is_said_comes_from_the_new_files_everywhere(desk: Desk) -> None:
    desk.writes("ng.toml", SHORTER + '[field.message_type]\nquestion = "What will they be for?"\n')
    desk.writes("texts/en.po", 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
                'msgid "ask_country"\nmsgstr "Where to?"\n')  # fmt: skip
    words = desk.house.catalogs.words()
    (line,) = desk.is_told_to_reread()
    assert (line["event"], line["log_level"]) == ("rules_reread", "info")
    assert words.text(Text("ask_country")) == "Where to?", "whoever had the words has the new ones"
    assert desk.house.catalogs.book.on(START.date()) is desk.house.app.book
    assert desk.house.app.book.unprintable("日") == "日"


def test_a_broken_file_leaves_what_is_in_use_and_each_mistake_is_logged(desk: Desk) -> None:
    desk.types("Nigeria", "start")
    book = desk.house.app.book
    desk.writes("ng.toml", BROKEN)
    lines = desk.is_told_to_reread()
    assert desk.house.app.book is book
    told = {line["what"] for line in lines}
    assert {line["event"] for line in lines} == {"rules_broken"} and {line["log_level"] for line in lines} == {"error"}
    assert sorted(" ".join(what.split()[:2]) for what in told) == [
        "ng.toml: field.city.required_when", "ng.toml: sender_id.max_lenght",
    ]  # fmt: skip
    linted = [one for one in lint(desk.rules) if one["level"] == "error"]
    assert told == {f"{one['file']}: {one['key']} {one['text']}" for one in linted}, "as the command says it"
    assert desk.types("international")[-1] == "ask_field", "and the house goes on"
    with capture_logs() as again:
        desk.looks()
        desk.looks()
    assert again == [], "a mistake is told once"
    desk.writes("ng.toml", SHORTER)
    desk.is_told_to_reread()
    assert desk.longest() == 9


def test_a_broken_catalog_leaves_what_is_in_use(desk: Desk) -> None:
    desk.writes("ng.toml", SHORTER)
    desk.writes("texts/no-such-language.po", 'msgid "ask_country"\nmsgstr "Where?"\n')
    (line,) = desk.is_told_to_reread()
    assert line["event"] == "texts_broken" and "no-such-language.po" in line["what"]
    assert desk.longest() == 11


def test_a_country_with_registrations_is_not_taken_away(desk: Desk) -> None:
    desk.writes("zz.toml", (
        'country = "ZZ"\nname = "Nowhere"\nroute = "form"\nregistration = "required"\nfields = ["@form"]\n'
        'sources = ["aws_form"]\n'
    ))  # fmt: skip
    assert [line["event"] for line in desk.is_told_to_reread()] == ["rules_broken"], "no such code"
    desk.writes("zz.toml", None)
    desk.house.app.store.execute("pragma foreign_keys = off")  # type: ignore[attr-defined]
    desk.types("Nigeria", "start")
    number = desk.registration.id
    desk.house.app.store.execute("update registrations set country = 'QQ' where id = ?", (number,))  # type: ignore[attr-defined]
    (line,) = desk.is_told_to_reread()
    assert line["event"] == "rules_broken" and line["what"].startswith("qq.toml: is gone")


def test_registrations_look_at_the_new_rules_through_the_same_door(desk: Desk) -> None:
    desk.types("Nigeria", "start")
    assert desk.registration.edition == "1"
    before = len(desk.said)
    asked = '[field.country]\nhint = "Where it is registered."\n'
    desk.writes(
        "ng.toml", asked + '[[changes]]\nfrom = 2026-11-25\ntext = ["x"]\n[changes.rules.sender_id]\nmax_length = 9\n'
    )
    (line,) = desk.is_told_to_reread()
    assert line["count"] == 1
    assert desk.said[before:] == [], "nothing that concerns this one"
    (timer,) = timers(desk)
    assert timer == ("rules", datetime(2026, 11, 25, 9, tzinfo=UTC))
    desk.clock.set_to(START + timedelta(days=3))
    desk._runner.run(desk._taken(Event("wake", Kind.TEXT, desk.clock.now(), chat="console:anna", text="status")))
    assert "rules_changed" in desk.said[before:]


def timers(desk: Desk) -> list[tuple[str, datetime]]:
    rows = desk.house.app.store.execute("select name, due_at from timers where name = 'rules'")  # type: ignore[attr-defined]
    return [(name, datetime.fromtimestamp(due_at / 1e6, UTC)) for name, due_at in rows]


def test_rules_that_changed_while_nobody_ran_are_looked_at_at_the_start(desk: Desk) -> None:
    desk.types("Nigeria", "start")
    desk.writes("ng.toml", '[[changes]]\nfrom = 2026-11-25\ntext = ["x"]\n[changes.rules.sender_id]\nmax_length = 9\n')
    desk.restarts()
    desk.looks()
    assert [name for name, _ in timers(desk)] == ["rules"]
    desk.restarts()
    desk.looks()
    assert [name for name, _ in timers(desk)] == ["rules"]
