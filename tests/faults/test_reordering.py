"""What people did comes late, twice, and out of order, across chats: each event does its part once, and nothing is lost."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from deliveries_carried import CHANNELS, Carried, Delivery, somebody
from deliveries_watched import Hasty, Watch

from bot.words import Catalogs
from rules.book import Book
from tests.seeded import Share

PARTS = 4
PEOPLE = 6
ROUNDS = 40  # until others come


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def house(tmp_path: Path, book: Book, catalogs: Catalogs) -> Iterator[Carried]:
    house = Carried(tmp_path / "house", book, catalogs).begin()
    yield house
    house.close()


def in_what_order(deliveries: list[Delivery], late: list[Delivery], chance: random.Random) -> list[Delivery]:
    """What is brought now, one to five times each and shuffled; `late` keeps what comes in a later round."""
    now = []
    for one in [*late, *deliveries]:
        if one in deliveries and chance.random() < 0.2:
            continue
        now += [one] * chance.choice([1, 1, 1, 2, 3, 5])
    held = [one for one in deliveries if one not in now]
    late[:] = held + [one for one in now if chance.random() < 0.05]  # tried again although it was taken
    chance.shuffle(now)
    return now


@pytest.mark.parametrize("part", range(PARTS))
def test_each_event_does_its_part_once_in_whatever_order(
    part: int, house: Carried, chance: random.Random, share: Share
) -> None:
    chance = random.Random(f"{chance.random()} {part}")
    wanted, count = share.of(10_000) // PARTS, 0
    watch, late = Watch(house), list[Delivery]()
    everybody: list[Hasty] = []
    rounds = 0
    while count < wanted:
        if rounds % ROUNDS == 0:  # those before have got as far as they came
            everybody = [
                Hasty(somebody(house, CHANNELS[n % len(CHANNELS)], rounds * 10 + n), chance) for n in range(PEOPLE)
            ]
            for one in everybody:
                one.begins()
        rounds += 1
        house.rests(chance.choice([5, 20, 600]))
        house.offline = chance.random() < 0.2  # what was said is still on its way
        acts = [act for one in chance.sample(everybody, 3) for act in one.acts()]
        for delivery in in_what_order(acts, late, chance):
            for event in delivery.events(house, chance.choice(delivery.ways)):
                watch.takes(event)
            count += 1
        house.offline = False
        house.delivers()
        if chance.random() < 0.7:
            house.works()
        if rounds % ROUNDS == 0:
            count += ends(house, watch, everybody, late)
    ends(house, watch, everybody, late)
    reached = Counter(one.registration.status.value for one in house.store.registrations())
    print(f"{dict(reached)}, {sum(sum(one.sent.values()) for one in everybody)} files")
    print(f"{count} deliveries, {len(watch.taken)} events, {watch.early} too early, {watch.old_presses} old buttons")
    assert not watch.wrong, "\n".join(watch.wrong)
    if wanted >= 1000:  # of fewer, chance may bring none
        assert watch.early > wanted / 100 and watch.old_presses > wanted / 200


def ends(house: Carried, watch: Watch, everybody: list[Hasty], late: list[Delivery]) -> int:
    """Bring what is still held back, let all work be done, and look at everybody."""
    count = len(late)
    for delivery in late:
        for event in delivery.events(house):
            watch.takes(event)
    late.clear()
    while house.works():
        pass
    for one in everybody:
        if house.store.snapshot(one.person.name) is not None:
            watch.files_are_all_kept(one.person, one.sent)
            watch.status_is_true(one.person)
    watch.each_was_taken_once()
    watch.histories_follow_the_table()
    return count
