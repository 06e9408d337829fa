"""`tick --at` through the command line: the same thirty days in a real process, to the second."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from clock_expected import DAY, OF_PAPERS, Expected
from clock_house import woken
from clock_lives import ZONES, lets_them_draw

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "process"))

from client import Place

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def ticks(place: Place, at: datetime) -> list[str]:
    ended = place.command("tick", "--at", at.isoformat())
    assert ended.returncode == 0, ended.stderr
    return [line["did"] for line in map(json.loads, ended.stdout.splitlines())]


@pytest.mark.parametrize("slept", [0, 3], ids=["in time", "three days late"])
def test_a_command_does_what_is_due_at_its_second(tmp_path: Path, chance: Random, slept: int) -> None:
    zone = ZoneInfo(chance.choice(ZONES))
    expected = Expected(zone)
    with woken("TH", "review", datetime.now(UTC).replace(microsecond=0)) as house:
        house.anna.types(f"my time zone is {zone.key}")
        lets_them_draw(house, expected, house.now)
        house.store.close()
        shutil.copytree(house.folder, tmp_path, dirs_exist_ok=True)
    assert expected.end is not None and expected.before is OF_PAPERS
    place = Place(tmp_path)
    first = expected.next_time(expected.end - 30 * DAY)
    assert first is not None
    ticks(place, first - SECOND)
    assert "reminder" not in ticks(place, first - SECOND)
    assert ticks(place, first + slept * DAY) == ["reminder", "sent"]
    ended = place.command("tick", "--at", first.isoformat()) if slept else place.command("tick", "--at", "2026-11-22")
    assert ended.returncode == 2 and "does not go back" in ended.stderr and ended.stdout == ""
    ticks(place, expected.end - SECOND)
    assert sorted(ticks(place, expected.end)) == ["deleted", "expired", "job", "sent"]
