"""kill -9 of the real process before and after every point of no return, while people write to it in Telegram."""

from __future__ import annotations

import random
from pathlib import Path

from kill_phones import BotApi, InTelegram
from kill_world import nothing_is_lost_or_done_twice, parts

from tests.seeded import Share

KILLS = 800


def test_whatever_moment_telegrams_process_dies_nothing_is_lost_or_done_twice(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    worlds = []
    for place, kills in enumerate(parts(share.of(KILLS))):
        with BotApi(seed=chance.randrange(10**6)) as api:
            worlds.append(InTelegram(tmp_path / str(place), chance, api))
            worlds[-1].suffers(kills)
            assert api.complaints == [] and api.updates.dropped == []
    nothing_is_lost_or_done_twice(worlds)
