"""The thirty days while the machine's clock is wrong: a step of NTP, a machine that slept, an operator's wrong date."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from clock_lives import lived, some_jumping_life

LIVES = 880  # ten of each state and jump
PARTS = 2
STRIDE = 1303  # through the combinations, so that a part of them holds something of each


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_wrong_clock_deletes_nothing_unwarned_and_delays_nothing_for_good(
    part: int, chance: Random, share: Any
) -> None:
    first = chance.randrange(LIVES)
    chance = Random(f"{chance.random()} {part}")
    for number in range(share.of(LIVES // PARTS)):
        life = some_jumping_life(first + (number * PARTS + part) * STRIDE, chance)
        happened, expected = lived(life)
        assert happened == expected, life
