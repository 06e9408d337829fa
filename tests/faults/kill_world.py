"""Several people and a desk at once, whose process is killed at one point after the other, and goes on."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from kill_checks import Mistake, of_cases, of_database, of_repeats, table, undone
from kill_lives import PATIENCE, Death, Lives, all_points
from kill_people import COUNTRY, Client, Reviewer, Somebody, Unexpected, fills_in, signs, withdraws

# Up to which passing of a point in one life it may happen: about as often as it comes in a second or two.
PASSINGS = {"commit": 24, "send": 8, "record": 8, "file_sync": 4, "rename": 4, "folder_sync": 6}
RESTORING = {"decide", "replace"}  # passed by nobody but a restore: test_backup_whole.py kills there
AT_ONCE = {"withdraws": 3, "fills_in": 2, "signs": 1}  # people
ACTS_MEANWHILE = 0.3  # chance that somebody acts while no process is there
LONGEST = 4 * PATIENCE  # seconds of one life
IN_ONE_WORLD = 50  # kills
A_MOMENT = 0.02  # seconds between two looks whether the process still lives


class Stuck(AssertionError):
    """Somebody waits for what does not come, or a point is not passed."""


class World:
    """The people of one platform, and the lives of their process. What each platform is, those below say."""

    platform = ""
    has_desk = True  # somebody approves what comes

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        rules = folder / "rules"
        rules.mkdir(parents=True)
        (rules / "aw.toml").write_text(COUNTRY)
        self.lives = self.house(folder / "desk", RULES_DIR=str(rules))
        self.people: list[Somebody] = []
        self.by_kind: dict[str, list[Somebody]] = {kind: [] for kind in AT_ONCE}
        self.reviewer: Reviewer | None = None
        self.mistakes: list[Mistake] = []
        self._numbers = itertools.count(1)

    # --- what a platform is

    def house(self, folder: Path, **settings: str) -> Lives:
        raise NotImplementedError

    def newcomer(self, name: str) -> Client:
        raise NotImplementedError

    def began(self) -> None:
        """A life has begun: let the platform find it."""

    def waits(self, seconds: float) -> None:
        """Return when something was said, or after so long."""
        raise NotImplementedError

    def undelivered(self) -> Sequence[object]:
        """What the platform has yet to deliver; each tells of itself."""
        raise NotImplementedError

    def undone(self) -> list[str]:
        return undone(self.folder / "desk")

    # --- the whole of it

    def suffers(self, kills: int) -> None:
        """Kill at one point after the other, as often as that; let everybody come to an end; compare."""
        with self.lives:
            self.opens()
            for at, nth in self.plan(kills):
                self.dies(at, nth)
            self.ends()
            cases = self.lives.command("case", "list")
            assert self.lives.stop() == 0, self.lives.output[-3000:]
        self.mistakes += of_cases(self.people, cases)
        self.mistakes += of_database(self.folder / "desk", self.everybody, self.platform)
        for one in self.everybody:
            self.mistakes += of_repeats(one, self.deaths)

    @property
    def deaths(self) -> list[Death]:
        return [death for death in self.lives.deaths if death.is_kill]

    @property
    def everybody(self) -> list[Somebody]:
        return [*self.people, *([self.reviewer] if self.reviewer else [])]

    def plan(self, kills: int) -> list[tuple[str, int]]:
        """Where each life ends: every point, before and after, in turn, each time at a passing chance chooses."""
        sides = sides_of(set(all_points()) - RESTORING)
        found = [at for _, at in zip(range(max(kills, len(sides))), itertools.cycle(sides))]
        self.chance.shuffle(found)
        return [(at, self.chance.randint(1, PASSINGS.get(at.partition(":")[0], 1))) for at in found]

    def opens(self) -> None:
        """A first life without a death, in which the desk gets its reviewer."""
        self.lives.begins()
        self.began()
        self.until(lambda: "Sender Desk is on" in self.lives.output, newcomers=False)
        if self.has_desk:
            code = self.lives.command("staff", "invite", "--role", "reviewer")["code"]
            self.reviewer = reviewer = Reviewer(self.newcomer("Rob"), code)
            self.until(lambda: reviewer.is_through, newcomers=False)
        assert self.lives.stop() == 0

    def dies(self, at: str, nth: int) -> None:
        self.lives.begins(at, nth)
        self.began()
        try:
            self.until(lambda: not self.lives.runs)
        except Stuck as stuck:
            raise Stuck(f"{at} was not passed {nth} times: is there a story that leads there? {stuck}") from None
        death = self.lives.deaths[-1]
        assert death.at == at and death.is_kill, f"{death}\n{self.lives.output[-3000:]}"
        for one in self.everybody:
            self.looks(one)
            death.seen[one.client.chat] = len(one.client.shown())
        for one in self.everybody:
            if self.chance.random() < ACTS_MEANWHILE:
                self.lets_act(one)

    def ends(self) -> None:
        """A last life, in which everybody comes to an end."""
        self.lives.begins()
        self.began()
        self.until(
            lambda: all(one.is_through for one in self.everybody) and not self.undelivered() and not self.undone(),
            newcomers=False,
        )

    # --- the people

    def until(self, done: Callable[[], bool], newcomers: bool = True) -> None:
        """Let everybody act whose turn it is, until it is so."""
        last, longest = time.monotonic() + PATIENCE, time.monotonic() + LONGEST
        while not done():
            if newcomers:
                self.somebody_comes()
            # Who acts counts as progress: the last life may have much to catch up with.
            acted = [one for one in self.everybody if self.lets_act(one)]
            if acted:
                last = time.monotonic() + PATIENCE
            if time.monotonic() > min(last, longest):
                raise Stuck(f"nothing goes on\n{self.story()}")
            self.waits(A_MOMENT)

    def somebody_comes(self) -> None:
        """As many of each kind as are to be at it at once."""
        for kind, count in AT_ONCE.items():
            going = self.by_kind[kind] = [one for one in self.by_kind[kind] if not one.is_through]
            while len(going) < count:
                number = next(self._numbers)
                going.append(Somebody(self.newcomer(f"Person {number}"), self.plot(kind, number)))
                self.people.append(going[-1])

    def plot(self, kind: str, number: int) -> Any:
        if kind == "withdraws":
            return withdraws(number, with_file=number % 2 == 0)
        if kind == "fills_in":
            return fills_in(number)
        waiting = self.reviewer.waiting if self.reviewer else []
        return signs(number, waiting.append)

    def lets_act(self, one: Somebody) -> bool:
        return self._minding(one, one.goes_on)

    def looks(self, one: Somebody) -> None:
        self._minding(one, one.looks)

    def _minding(self, one: Somebody, does: Callable[[], bool | None]) -> bool:
        try:
            return bool(does())
        except Unexpected as wrong:
            at = next((death.at for death in reversed(self.lives.deaths) if death.is_kill), "no death")
            raise AssertionError(f"{one.client.chat}, after {at}: {wrong}\n{self.story_of(one)}") from None

    def story(self) -> str:
        waiting = [one for one in self.everybody if not one.is_through]
        lines = [f"{len(waiting)} of {len(self.everybody)} wait; last deaths: {self.lives.deaths[-3:]}"]
        lines += [f"not delivered: {one}" for one in self.undelivered()] + self.undone()
        return "\n".join([*lines, *map(self.story_of, waiting[:3]), self.lives.output[-2000:]])

    def story_of(self, one: Somebody) -> str:
        reading = one.reading
        shown = [f"  {message.text[:90]!r} {[name for name, _ in message.files]}" for message in one.client.shown()]
        return "\n".join(
            [f"--- {one.client.chat} waits for {reading.rows[reading.said :]}, at {one._act}", *shown[-12:]]
        )


def sides_of(points: Iterable[str]) -> list[str]:
    """Before and after each."""
    return [f"{name}:{side}" for name in sorted(points) for side in ("before", "after")]


def parts(kills: int) -> list[int]:
    """So many kills for worlds that are not too large to be looked over again and again."""
    worlds = -(-kills // IN_ONE_WORLD)
    return [kills // worlds + (place < kills % worlds) for place in range(worlds)]


def nothing_is_lost_or_done_twice(worlds: Iterable[World]) -> None:
    """Compare, print what was found at each point, and see that no point of the running process was left out."""
    deaths: list[Death] = []
    mistakes: list[Mistake] = []
    for world in worlds:
        deaths += world.deaths
        mistakes += world.mistakes
    print(table(deaths, mistakes), *mistakes, sep="\n")
    assert mistakes == []
    missed = set(sides_of(set(all_points()) - RESTORING)) - {death.at for death in deaths}
    assert not missed, "no process died there"
