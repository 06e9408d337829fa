"""The same as test_kills_in_telegram.py, where Telegram posts to the process instead of being polled."""

from __future__ import annotations

import random
from pathlib import Path

from kill_phones import BotApi, InTelegram
from kill_world import nothing_is_lost_or_done_twice, parts

from tests.seeded import Share

KILLS = 400


def test_whatever_moment_the_process_behind_a_webhook_dies_nothing_is_lost_or_done_twice(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    worlds = []
    for place, kills in enumerate(parts(share.of(KILLS))):
        with BotApi(seed=chance.randrange(10**6), local=True, retry_base=0.1) as api:
            world = InTelegram(tmp_path / str(place), chance, api)
            public = f"http://127.0.0.1:{world.lives.port}"
            world.lives.environment |= {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": public}
            world.suffers(kills)
            worlds.append(world)
            assert api.complaints == [] and api.updates.dropped == []
            assert not api.calls("getUpdates")
    nothing_is_lost_or_done_twice(worlds)
