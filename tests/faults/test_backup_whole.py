"""A restore is whole or not at all, what was deleted since the backup stays deleted, and nothing leaves before its time."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from backup_places import CHATS, LATER, NOW, Place, erases, filled, forked, goes_on

from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Busy, Damaged
from tests.seeded import Share


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


def opened(place: Place) -> None:
    """What every start does first."""
    SqliteStore(place.database).close()
    FileStore(place.root)


def test_what_is_restored_is_row_for_row_and_byte_for_byte_the_moment_of_the_backup(
    tmp_path: Path, archive: Path, chance: random.Random
) -> None:
    old = filled(tmp_path / "old", chance, "the key of the backup")
    old.archived(archive)
    before = old.state()
    store = SqliteStore(old.database)
    goes_on(old, store, chance, 20)
    erases(old, store, chance.choice([chat for chat in CHATS if store.snapshot(chat)]))
    store.close()
    assert old.state() != before
    new = Place(tmp_path / "new")
    found = new.restores(archive)
    assert new.state() == before and new.litter() == []
    assert found.made_at == NOW and found.replaced == "nothing" and found.files == len(before["files"])


def test_a_restore_killed_anywhere_leaves_the_old_installation_or_the_new_one(
    tmp_path: Path, archive: Path, chance: random.Random, share: Share
) -> None:
    backed_up = filled(tmp_path / "backed up", chance, "the key of the backup")
    backed_up.archived(archive)
    here = filled(tmp_path / "here", chance, "the key of this place")
    old = here.state()
    shutil.copytree(here.folder, tmp_path / "kept")
    ended, points = forked(lambda: here.restores(archive))
    new = here.state()
    assert ended and points > 40 and here.litter() == []
    # This place's own receipts and numbers, carried over, are part of what is new.
    assert new["files"] == backed_up.state()["files"] and new["key"] == b"the key of the backup" and new != old
    seen = set()
    for dies_at in sorted(chance.sample(range(points), min(points, share.of(300)))):
        shutil.rmtree(here.folder)
        shutil.copytree(tmp_path / "kept", here.folder)
        ended, _ = forked(lambda: here.restores(archive), dies_at)
        assert not ended
        while chance.random() < 0.3 and not forked(lambda: opened(here), chance.randrange(20))[0]:
            pass  # and the start that carries it out is killed as well
        opened(here)
        state = here.state()
        assert state in (old, new), f"killed at point {dies_at}: neither the old nor the new"
        assert here.litter() == [], dies_at
        seen.add(state == new)
    assert seen == {False, True} or share.of(300) < 30


def test_a_backup_killed_anywhere_leaves_the_one_before_and_the_installation_as_it_is(
    tmp_path: Path, archive: Path, chance: random.Random, share: Share
) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    first, state = archive.read_bytes(), place.state()
    shutil.rmtree(tmp_path / "backup.tar.work")
    ended, points = forked(lambda: place.archived(archive, LATER))
    assert ended
    second = archive.read_bytes()
    for dies_at in sorted(chance.sample(range(points), min(points, share.of(60)))):
        archive.write_bytes(first)
        shutil.rmtree(tmp_path / "backup.tar.work")
        assert not forked(lambda: place.archived(archive, LATER), dies_at)[0]
        assert len(archive.read_bytes()) in (len(first), len(second))
        other = Place(tmp_path / f"other {dies_at}")
        other.restores(archive)
        assert other.state() == state == place.state()


def test_what_was_deleted_since_the_backup_stays_deleted(
    tmp_path: Path, archive: Path, chance: random.Random, share: Share
) -> None:
    for round_ in range(share.of(20)):
        place = filled(tmp_path / f"place {round_}", chance, "the key of this place")
        archive.unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "backup.tar.work", ignore_errors=True)
        place.archived(archive)
        kept = place.state()
        store = SqliteStore(place.database)
        goes_on(place, store, chance, 3)
        chats = [chat for chat in CHATS if (case := store.snapshot(chat)) and case.on]
        owners = {chat: f"r{store.snapshot(chat).on.id}" for chat in chats}  # type: ignore[union-attr]
        gone = {erases(place, store, chat): owners[chat] for chat in chance.sample(chats, min(2, len(chats)))}
        receipts = store.receipts()
        store.close()
        found = place.restores(archive)
        in_backup = {reference for reference in gone if any(reference in row for row in kept["registrations"])}
        assert {one.reference for one in found.erased} == in_backup
        store = SqliteStore(place.database)
        assert {one.registration.reference for one in store.registrations()}.isdisjoint(gone)
        assert sorted(map(repr, store.receipts())) == sorted(map(repr, receipts))
        for reference in in_backup:
            number = gone[reference][1:]
            for table in ("outbox", "entries", "notes", "cards", "jobs", "timers", "handoffs", "failed"):
                sql = f"select count(*) from {table} where registration_id = ?"
                assert store.execute(sql, (number,)).fetchone() == (0,), table
            assert not (place.root / gone[reference]).exists()
        for chat in chats:  # a chat of then whose registration is gone goes on
            if any(repr(chat) in row for row in kept["conversations"]):
                assert store.snapshot(chat) is not None
        store.close()
        left = {key for key in kept["files"] if key.split("/")[0] not in set(gone.values())}
        assert set(place.state()["files"]) == left


def test_a_restore_over_a_database_that_cant_be_read_says_what_cant_be_known(
    tmp_path: Path, archive: Path, chance: random.Random
) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    before = place.state()
    place.database.write_bytes(b"no database any more " * 1000)
    (place.folder / "desk.db-wal").write_bytes(b"old log")
    found = place.restores(archive)
    assert found.replaced == "unreadable" and len(found.registrations) == len(before["registrations"])
    assert place.state() == before


def test_nothing_leaves_and_no_timer_comes_due_until_the_operator_says_so(
    tmp_path: Path, archive: Path, chance: random.Random
) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    found = place.restores(archive)
    store = SqliteStore(place.database)
    far = LATER + timedelta(days=400)
    waiting = sum(number for _, number, _ in found.messages)
    assert waiting and found.messages == store.held()
    assert store.claim("telegram", far, 50, 60) == [] and store.due(far, 50) == []
    store.close()
    store = SqliteStore(place.database)  # a start changes nothing about it
    assert store.claim("telegram", far, 50, 60) == [] and store.due(far, 50) == []
    assert store.let_go(False, LATER) == waiting
    assert store.let_go(False, LATER) is None
    assert store.claim("telegram", LATER, 50, 60) and store.due(far, 50)
    store.close()


def test_what_waited_in_the_backup_can_be_dropped_and_what_was_said_since_is_sent(
    tmp_path: Path, archive: Path, chance: random.Random
) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    found = place.restores(archive, NOW)
    store = SqliteStore(place.database)
    from turns_to_take import sends, take, typed

    after = typed("hello", chat="telegram:1:1")
    object.__setattr__(after, "at", NOW + timedelta(seconds=1))
    take(store, after)
    assert store.let_go(True, LATER) == sum(number for _, number, _ in found.messages)
    assert sends(store, "telegram", LATER) == ["greeting"]
    store.close()


def test_a_damaged_archive_is_refused_and_changes_nothing(
    tmp_path: Path, archive: Path, chance: random.Random, share: Share
) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    sound = archive.read_bytes()
    here = filled(tmp_path / "here", chance, "the key of this place")
    before = here.state()
    refused = 0
    for _ in range(share.of(300)):
        hurt = bytearray(sound)
        if chance.random() < 0.3:
            del hurt[chance.randrange(len(hurt)) :]
        else:
            at = chance.randrange(len(hurt))
            hurt[at] ^= 1 << chance.randrange(8)
        archive.write_bytes(hurt)
        other = Place(tmp_path / "other")
        try:
            other.restores(archive)
        except Damaged as error:
            refused += 1
            assert str(archive) in str(error) or "database" in str(error)
            with pytest.raises(Damaged):
                here.restores(archive)
            assert here.state() == before and here.litter() == []
        else:  # it lay where nothing is: between the members, in a time or an owner's name
            state, whole = other.state(), place.state()
            assert {**state, "key": None} == {**whole, "key": None}
        shutil.rmtree(other.folder)
    assert refused


def test_a_restore_is_refused_while_a_process_runs(tmp_path: Path, archive: Path, chance: random.Random) -> None:
    place = filled(tmp_path / "place", chance, "the key of this place")
    place.archived(archive)
    store = SqliteStore(place.database)
    with pytest.raises(Busy):
        place.restores(archive)
    store.close()
    assert place.litter() == []
