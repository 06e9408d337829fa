"""A backup while people go on: turns, uploads, letters, an erasure. What is in the archive is one moment of all that."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from backup_places import Place
from disk_house import START, Customer, Living, living

from bot.commands.asked import backup
from bot.demo import Story
from bot.settings import Settings, load
from bot.writer import Taken
from conversations.model import Event, Status
from storage.files import keys_in
from tests.seeded import Share

KEY = re.compile(r"(?:r\d+|c\d+|incoming)/[0-9a-f]{2}/([0-9a-f]{64})")


class Busy(Customer):
    """Does not wait until all is still: the next word follows when the last one is taken."""

    async def _takes(self, **values: Any) -> None:
        number = self.living.number()
        common = {"chat": self.chat, "principal": self.chat, "message": str(number), "order": number * 1000}
        await self.living.house.app.take(Event(f"person:{number}", at=START, **{**common, **values}))

    story = Story(0, "SA", "Fresh Bakery", ("FRESHBAKERY",), Status.UNDER_REVIEW)

    async def goes_on(self, chance: random.Random, ended: asyncio.Event) -> None:
        while not ended.is_set():
            case = self._case()
            if case and case.on and case.on.status is Status.DRAFT and chance.random() < 0.3:
                await self.sends([(f"{number}.jpg", chance.randbytes(9).hex().encode()) for number in range(3)])
            elif case and case.on and chance.random() < 0.02:
                await self.withdraws()
            elif case and case.on and case.on.status is Status.UNDER_REVIEW:
                await self.says("another")
            else:
                await self._answers(case, case.on if case else None, self.story)
            await asyncio.sleep(0)


async def test_a_backup_made_while_people_go_on_is_one_moment_and_goes_on_from_there(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    commits: list[list[str]] = []

    def heard(taken: Sequence[Taken]) -> None:
        commits.append([one.event.id for one in taken])

    async def emit(line: Any) -> None:
        pass

    archives = [tmp_path / f"{number}.tar" for number in range(share.of(10))]
    meanwhile = []
    with pytest.MonkeyPatch.context() as patched:
        async with living(_settings(tmp_path / "here"), patched) as one:
            one.house.app.watch(heard)
            ended = asyncio.Event()
            people = [asyncio.create_task(person.goes_on(chance, ended)) for person in _people(one)]
            for archive in archives:
                wanted = len(commits) + chance.randrange(200)
                while len(commits) < wanted:
                    await asyncio.sleep(0)
                before = len(commits)
                assert await backup(one.house, {"file": str(archive)}, emit, None) == 0  # type: ignore[arg-type]
                meanwhile.append(range(before, len(commits)))
            ended.set()
            await asyncio.gather(*people)
            assert one.house.app.store.failures() == []
        assert any(meanwhile), "nobody did anything during a backup"
        for archive, during in zip(archives, meanwhile, strict=True):
            place = Place(tmp_path / f"of {archive.stem}")
            place.restores(archive)
            is_one_moment(place, commits, during)
            async with living(_settings(place.folder), patched) as again:
                await again.rests()
                goes_on(again)


def is_one_moment(place: Place, commits: list[list[str]], during: range) -> None:
    with closing(sqlite3.connect(place.database)) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        kept = {event for (event,) in database.execute("select event from inbox")}
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        told = " ".join(repr(row) for table in tables for row in database.execute(f'select * from "{table}"'))
    moments = [set[str]()]
    for commit in commits:
        moments.append(moments[-1] | set(commit))
    at = moments.index(kept)  # raises where a turn is there whose elders are not, or half of a commit
    assert during.start <= at <= during.stop
    there = {key.split("/")[2][:64] for key in keys_in(place.root)}
    assert set(KEY.findall(told)) <= there


def goes_on(again: Living) -> None:
    store = again.house.app.store
    assert store.failures() == [] and store.health(START).waiting_jobs == 0
    for found in store.registrations():
        for upload in found.registration.uploads:
            assert upload.file is not None and again.house.app.files.path(upload.file).exists()


def _people(one: Living) -> list[Busy]:
    return [Busy(one, f"console:{number}") for number in range(6)]


def _settings(folder: Path) -> Settings:
    folder.mkdir(exist_ok=True)
    return load(
        database_url=f"sqlite:///{folder}/desk.db", files_url=f"file:{folder}/files",
        SECRET_KEYS="a key that is only for tests",
    )  # fmt: skip
