"""Each delivery comes one to five times, at once and a day later, by any way there is: nothing happens twice."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from deliveries_carried import Carried, Delivery, differences
from deliveries_stories import plays

from bot.words import Catalogs
from rules.book import Book
from tests.seeded import Share

PARTS = 4  # tests of this suite that share the count
DAY_LATER = 23 * 3600.0


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def houses(tmp_path: Path, book: Book, catalogs: Catalogs) -> Iterator[tuple[Carried, Carried]]:
    """Two that begin alike."""
    opened = tuple(Carried(tmp_path / name, book, catalogs).begin() for name in ("once", "often"))
    yield opened  # type: ignore[misc]
    for house in opened:
        house.close()


def played_again(house: Carried, script: list[tuple[object, ...]], chance: random.Random) -> int:
    """Play the script with each delivery one to five times at once, and earlier ones in between."""
    before: list[Delivery] = []
    count = 0
    for did in script:
        if did[0] != "brought":
            house.again(did)
            continue
        (delivery,) = did[1:]
        assert isinstance(delivery, Delivery)
        house.orders[delivery.chat] = delivery.order
        old = chance.sample(before, min(len(before), chance.choice([0, 0, 1, 3])))
        brought = [(delivery, delivery.way)]
        brought += [(one, chance.choice(one.ways)) for one in [*[delivery] * chance.randint(0, 4), *old]]
        # At once: as one batch, or one after the other; the first is the one that is new.
        for group in [brought] if chance.random() < 0.5 else [[one] for one in brought]:
            house.takes([event for one, way in group for event in one.events(house, way)])
        count += len(brought)
        before.append(delivery)
    return count


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_comes_again_does_nothing(
    part: int, houses: tuple[Carried, Carried], chance: random.Random, share: Share
) -> None:
    once, often = houses
    full = share.of(10_000) // PARTS
    people = max(4, full // 120)
    chance = random.Random(f"{chance.random()} {part}")
    plays(once, chance, people)
    brought = [one for did in once.script if did[0] == "brought" for one in did[1:]]
    often.contents = once.contents
    count = played_again(often, once.script, chance)
    assert differences(once.rows(), often.rows()) == []

    once.rests(DAY_LATER)
    often.rests(DAY_LATER)
    chance.shuffle(brought)
    for delivery in brought:
        often.takes(delivery.events(often, chance.choice(delivery.ways)))
    count += len(brought)
    while count < full:
        delivery = chance.choice(brought)
        often.takes(delivery.events(often, chance.choice(delivery.ways)))
        count += 1
    assert differences(once.rows(), often.rows()) == []
    assert differences(once.letters(), often.letters()) == []
    print(f"{len(brought)} deliveries, brought {count} times")
