"""The disk refuses at every point of no return, before and after: what is acknowledged is kept, and done once."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from backup_places import filled
from disk_house import TROUBLES, Customer, Living, Weather, living
from kill_lives import all_points

from bot.settings import Settings, load
from conversations.model import Status
from storage import points
from storage.files import keys_in
from storage.sqlite import SqliteStore
from storage.store import StorageError
from tests.seeded import Share

IN_A_HOUSE = ("checkpoint", "commit", "file_sync", "folder_sync", "record", "rename", "send", "vacuum")
IN_A_RESTORE = ("decide", "replace")


def test_every_point_is_tried() -> None:
    assert sorted((*IN_A_HOUSE, *IN_A_RESTORE)) == all_points()


@dataclass(frozen=True)
class Life:
    """What a life led to, without numbers that chance draws."""

    statuses: tuple[str, ...]
    triggers: tuple[tuple[str, ...], ...]
    said_to_anna: tuple[str, ...]  # on her phone
    said_to_bert: tuple[str, ...]  # in his history
    uploads: int
    files: int
    events: int


async def lived(one: Living, weather: Weather) -> Life:
    """Anna registers with letters and uploads on her phone; Bert's registration is erased, with its file."""
    anna, bert = Customer(one, "telegram:1:7"), Customer(one, "console:bert")
    weather.is_bad = True
    await anna.registers_to("SA", Status.UNDER_REVIEW)
    await bert.registers_to("GB", Status.DRAFT)
    await bert.sends([("licence.jpg", b"a licence")])
    await bert.withdraws()
    weather.is_bad = False
    await one.rests()
    app = one.house.app
    found = [app.store.found(each.registration.reference) for each in app.store.registrations()]
    assert app.store.failures() == []
    with closing(sqlite3.connect(app.store.path)) as database:  # type: ignore[attr-defined]
        (events,) = database.execute("select count(*) from inbox where event like 'person:%'").fetchone()
        assert database.execute("select count(*) from jobs").fetchone() == (0,)
        waiting = database.execute("select count(*) from outbox where done_at is null").fetchone()
        assert waiting == (0,)
    return Life(
        tuple(each.registration.status for each in found if each) + tuple(each.status for each in app.store.receipts()),
        tuple(tuple(line.trigger for line in each.history) for each in found if each),
        tuple(dict(one.phone.arrived).values()),
        tuple(line.key for line in app.store.history("console:bert") if not line.incoming),
        sum(len(each.registration.uploads) for each in found if each),
        len(list(keys_in(app.files.root))),
        events,
    )


CALM: list[Life] = []  # the same life on a disk that never refuses


async def in_a_house(folder: Path, weather: Weather) -> tuple[Life, Living]:
    settings = _settings(folder)
    with pytest.MonkeyPatch.context() as patched, weather.over():
        async with living(settings, patched) as one:
            life = await lived(one, weather)
    litter = [path.name for path in (folder / "files").rglob(".part-*")]
    assert litter == [] and list((folder / "desk.db.work").iterdir()) == []
    # What was erased can be read nowhere, however often the scrubbing was refused.
    with closing(sqlite3.connect(folder / "desk.db")) as database:
        assert database.execute("pragma user_version").fetchone() == (0,)
        assert database.execute("select count(*) from registrations").fetchone() == (1,)
    return life, one


def _settings(folder: Path) -> Settings:
    folder.mkdir()
    return load(
        database_url=f"sqlite:///{folder}/desk.db", files_url=f"file:{folder}/files",
        SECRET_KEYS="a key that is only for tests",
    )  # fmt: skip


@pytest.mark.parametrize("edge", ["before", "after"])
@pytest.mark.parametrize("point", IN_A_HOUSE)
async def test_what_a_disk_refuses_in_a_house_is_done_once_when_it_gives_in(
    tmp_path: Path, chance: random.Random, point: str, edge: str
) -> None:
    if not CALM:
        CALM.append((await in_a_house(tmp_path / "calm", Weather("", chance)))[0])
    weather = Weather(f"{point}:{edge}", chance)
    life, one = await in_a_house(tmp_path / "rough", weather)
    assert weather.raised > 0 and weather.passed > weather.raised
    assert life == CALM[0]
    if (point, edge) != ("send", "after"):  # there the line broke before the platform's answer came
        assert one.phone.twice == []
    if point == "commit":
        assert one.refused > 0


def test_what_a_disk_refuses_in_a_restore_leaves_the_old_or_the_new_and_says_which(
    tmp_path: Path, chance: random.Random, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "backup.tar"
    filled(tmp_path / "backed up", chance, "the key of the backup").archived(archive)
    here = filled(tmp_path / "here", chance, "the key of this place")
    old = here.state()
    shutil.copytree(here.folder, tmp_path / "kept")
    names: list[str] = []
    monkeypatch.setattr(points, "hook", names.append)
    here.restores(archive)
    new = here.state()
    ways = [(nth, name) for nth, name in enumerate(names) if name.startswith(IN_A_RESTORE)]
    ways += chance.sample(list(enumerate(names)), min(len(names), share.of(200)))
    assert new != old and {name.partition(":")[0] for _, name in ways} >= set(IN_A_RESTORE)
    for nth, name in ways:
        shutil.rmtree(here.folder)
        shutil.copytree(tmp_path / "kept", here.folder)
        passed = iter(range(len(names)))

        def hook(name: str, nth: int = nth, passed: Iterator[int] = passed) -> None:
            if next(passed) == nth:
                raise OSError(chance.choice(TROUBLES), "the disk refuses")

        monkeypatch.setattr(points, "hook", hook)
        said: Exception | None = None
        try:
            here.restores(archive)
        except (OSError, StorageError) as error:
            said = error
        monkeypatch.setattr(points, "hook", None)
        is_decided = (here.folder / "desk.db.restored").exists()
        SqliteStore(here.database).close()  # a start
        state = here.state()
        assert state == (new if said is None or is_decided else old), f"{name}, the {nth}th point: {said!r}"
        assert is_decided == (said is not None and "next start" in str(said)), said
        assert here.litter() == [], name
