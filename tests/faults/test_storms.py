"""Half of all sends go wrong for hours: everything arrives, in order, in time, once, and nobody waits for another."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
import structlog
from storm_weather import Scene, Storm, breaks_its_pace, most_in_a_second, play

from tests.seeded import Share

SLOTS = (None, None, None, "card", "other card")
DAY = 86_400.0


@pytest.fixture(autouse=True)
def quiet() -> None:
    structlog.configure(processors=[], logger_factory=structlog.testing.CapturingLoggerFactory())


def check_order_and_pace(scene: Scene) -> None:
    """What holds of every call, whatever befell it."""
    storm = scene.storm
    assert storm.early == []
    assert most_in_a_second([one.at for one in storm.tries]) <= storm.overall + 1
    for chat in scene.put:
        tries = [one for one in storm.tries if one.home == chat]
        assert [one.outbox for one in tries] == sorted(one.outbox for one in tries), f"{chat} out of order"
    for name in {one.chat for one in storm.tries}:  # under a new name a chat has a new allowance
        times = [one.at for one in storm.tries if one.chat == name]
        assert not breaks_its_pace(times, storm.pace(name)), f"{name} too fast"


def check_repeats(scene: Scene) -> None:
    """A message is seen again only where it was accepted and nobody was told."""
    accepted: dict[int, list[str]] = {}
    for one in scene.storm.tries:
        if one.accepted:
            accepted.setdefault(one.number, []).append(one.what)
    for number, befell in accepted.items():
        assert all(what == "drop" for what in befell[:-1]), f"{number} was repeated: {befell}"


def check_arrived(scene: Scene, given_up: frozenset[int] = frozenset()) -> None:
    """Each message was seen, or an edit of it that is newer; and each slot says what was said last."""
    accepted = {one.number for one in scene.storm.tries if one.accepted}
    for chat, put in scene.put.items():
        shown = scene.storm.chats.get(chat, {})
        for number, slot, anew in put:
            newer = [n for n, its, again in put if its == slot and n > number and not again and n in accepted]
            is_merged = slot is not None and not anew and newer
            assert number in accepted or number in given_up or is_merged, f"{number} of {chat} is lost"
        for slot in {slot for _, slot, _ in put if slot is not None}:
            last = max(number for number, its, _ in put if its == slot and number not in given_up)
            newest = max(number for number, one in shown.items() if one.slot == slot)
            assert shown[newest].number == last, f"{slot} of {chat} says what was said before"


async def rains(scene: Scene, chats: list[str], messages: int, over: float) -> None:
    """So many messages, in some chats, by chance over that time; some chats get a new name."""
    chance, left = scene.chance, messages
    while left > 0:
        burst = [(chance.choice(SLOTS), chance.random() < 0.2) for _ in range(chance.randint(1, 4))]
        burst = [(slot, anew and slot is not None) for slot, anew in burst]
        left -= len(burst)
        await scene.says(chance.choice(chats), *burst)
        if chance.random() < 0.01:
            await scene.moves(chance.choice(list(scene.put)), told=chance.random() < 0.5)
        await asyncio.sleep(chance.expovariate(messages / 2.5 / over))


def chats_of(count: int) -> list[str]:
    return [f"storm:{number}{'g' if number % 4 == 0 else ''}" for number in range(count)]


@pytest.mark.parametrize("disk", ["well", "failing"])
def test_everything_arrives_once_in_order_and_in_time(
    disk: str, chance: random.Random, share: Share, tmp_path: Path
) -> None:
    messages, storm = share.of(3000), Storm(chance)

    def refuses(name: str) -> bool:
        """Of what follows a send some finds the disk at a bad moment."""
        return disk == "failing" and chance.random() < {"sent": 0.1, "retry": 0.05, "claim": 0.02}.get(name, 0.0)

    async def story(scene: Scene) -> None:
        await rains(scene, chats_of(max(20, messages // 10)), messages, over=1800)
        await scene.is_over(DAY)

    scene = play(tmp_path, chance, storm, story, refuses)
    bad = sum(one.what != "" for one in storm.tries)
    assert bad > len(storm.tries) * 0.4
    assert not scene.told
    check_order_and_pace(scene)
    check_repeats(scene)
    check_arrived(scene)


def test_what_is_given_up_after_a_day_is_told_to_the_desk_and_nothing_else_is(
    chance: random.Random, share: Share, tmp_path: Path
) -> None:
    storm = Storm(chance, share=0.5)
    chats = chats_of(share.of(60) + 6)
    bad = dict(zip(chats[:6], ["hang", "5xx", "wait", "refuse", "5xx", "wait"], strict=True))
    storm.always = bad

    async def story(scene: Scene) -> None:
        for chat in chats:
            await scene.says(chat, *[(None, False)] * 3)
        await scene.is_over(4 * DAY)

    scene = play(tmp_path, chance, storm, story, lambda name: False)
    given_up = {(outbox, number) for outbox, number, what in scene.results if what == "given_up"}
    assert {number for _, number in given_up} == {number for chat in bad for number, _, _ in scene.put[chat]}
    assert scene.told == {f"unreachable:{outbox}" for outbox, _ in given_up}
    check_arrived(scene, frozenset(number for _, number in given_up))
    check_repeats(scene)
    first = {chat: [one.at for one in storm.tries if one.home == chat] for chat in bad}
    for chat, trouble in bad.items():
        if trouble != "refuse":
            assert first[chat][-1] >= DAY, f"{chat} was given up early"
            assert len(first[chat]) >= 30  # each of the three got its tries, also those that waited behind the first


def test_nobody_waits_for_a_bad_chat(chance: random.Random, share: Share, tmp_path: Path) -> None:
    """The same messages with and without bad chats beside them: what the good ones wait hardly changes."""
    rounds, seed = max(4, share.of(40)), chance.random()

    def waits(always: dict[str, str], folder: Path) -> dict[int, float]:
        folder.mkdir()
        weather = random.Random(seed)
        storm = Storm(weather, share=0.0, long=0.0, always=always)
        chats = [f"storm:{number}" for number in range(60)]
        good = [chat for chat in chats if chat not in BAD]

        async def story(scene: Scene) -> None:
            for chat in (*BAD, *good):
                await scene.says(chat, (None, False))
            for _ in range(rounds):
                for chat in weather.sample(good, 20):
                    await scene.says(chat, (None, False))
                for chat in BAD:
                    await scene.says(chat, (None, False))
                await asyncio.sleep(5)
            await asyncio.sleep(30)

        scene = play(folder, weather, storm, story, lambda name: False)
        check_order_and_pace(scene)
        return {one.number: one.at - scene.put_at[one.number] for one in storm.tries if one.home not in BAD}

    troubles = ["hang", "5xx", "wait", "5xx", "hang"] * 4
    fair = waits({}, tmp_path / "fair")
    foul = waits(dict(zip(BAD, troubles, strict=True)), tmp_path / "foul")
    assert fair.keys() == foul.keys()
    assert max(foul[number] - fair[number] for number in fair) < 1.0


BAD = [f"storm:{number}" for number in range(20)]


def test_many_troubles_are_met(chance: random.Random) -> None:
    """The weather itself: each trouble falls, about half of all calls meets one."""
    storm = Storm(chance)
    befell = Counter(storm.befalls("storm:1", 0.0) for _ in range(4000))
    assert set(befell) == {"", "wait", "all wait", "5xx", "hang", "drop", "slow"}
    assert 0.45 < befell[""] / 4000 < 0.55
