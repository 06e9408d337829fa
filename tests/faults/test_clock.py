"""The thirty days, to the second, in every state, zone and season, whatever the process slept through.

Each life is lived in a house of its own, by the real App, its timers' loop and a real database, and worked out beside it
by clock_expected.py, which knows the rules and nothing of the product. What was said and when must be the same.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from clock_lives import lived, some_life

LIVES = 3200  # four of each state, zone and downtime
PARTS = 4
STRIDE = 1303  # through the combinations, so that a part of them holds something of each


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_life_is_reminded_and_ends_as_the_rules_say(part: int, chance: Random, share: Any) -> None:
    first = chance.randrange(LIVES)
    chance = Random(f"{chance.random()} {part}")
    for number in range(share.of(LIVES // PARTS)):
        life = some_life(first + (number * PARTS + part) * STRIDE, chance)
        happened, expected = lived(life)
        assert happened == expected, life
