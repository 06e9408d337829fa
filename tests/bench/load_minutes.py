"""An even load for minutes: `python -m tests.bench load --minutes 10`. What people wait, what fails, what memory does.

200 chats, 20 turns a second at times of their own, one in twenty a photo; whoever has waited longest for her turn acts.
A person who has answered all goes back and answers again, so that nobody is ever through. Before that everybody comes,
more gently: a greeting, a briefing and a first question are two messages each, and 20 of them a second more than the
30 messages that Telegram takes. What is said then does not count.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.load import Caller, Found, Load, rows  # isort: skip  # it finds the test servers
from bot_api import BotApi
from telegram_process import Process

from bot.channels.telegram import PRIVATE, Telegram
from tests.bench.telegram import FILES, Callers

CHATS, PER_SECOND, GENTLY = 200, 20.0, 10.0
WELL_IN = 3  # the first question that one message asks
MINUTES = 0.5  # without being asked for more
PATIENCE = 30.0  # seconds for a first answer: later ones count as none
KIB = os.sysconf("SC_PAGE_SIZE") / 1024
BACK = 4  # questions at most, from the last one


@dataclass
class Memory:
    """What the process and its children hold, each second."""

    at: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)  # KiB
    childrens: list[float] = field(default_factory=list)

    def look(self, pid: int) -> None:
        self.at.append(time.time())
        self.own.append(_resident(pid))
        self.childrens.append(sum(map(_resident, _children(pid))))

    def growth(self, since: float) -> float:
        """KiB a minute: the slope of the line through what was seen since then."""
        seen = [(at / 60, own) for at, own in zip(self.at, self.own, strict=True) if at >= since]
        return statistics.linear_regression(*zip(*seen, strict=True)).slope if len(seen) > 2 else 0.0


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * KIB
    except (OSError, IndexError):  # it has ended
        return 0.0


def _children(pid: int) -> list[int]:
    try:
        return [
            int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
        ]
    except OSError:
        return []


class Steady(Callers):
    """People who come at a rate, whatever they are answered."""

    def __init__(self, load: Load, api: BotApi, process: Process, minutes: float) -> None:
        super().__init__(load, api, process)
        self._seconds = minutes * 60
        self._idle = deque(self._callers)  # who has waited longest for her turn first
        self._goes_back: dict[int, int] = {}  # so many questions more
        self.said: list[tuple[float, int, int]] = []  # when, by whom, messages it was answered with
        self._turn_of: dict[int, int] = {}  # each chat's last place in `said`
        self.memory = Memory()
        self.nobody_free = self.unanswered = 0
        self.warm = 0.0  # since when it counts
        self.servers_cpu = 0.0

    def goes_by(self) -> Found:
        api, found = self._api, self.found
        with api.world.lock:
            self._acts_at(GENTLY, until=lambda: min(map(self._place, self._callers.values())) >= WELL_IN)
            found.texts, found.files, found.messages, self.said, self._turn_of = [], [], 0, [], {}
            self.nobody_free, self.warm, before, ours = 0, time.time(), self._process.cpu, time.process_time()
            self._acts_at(PER_SECOND, until=lambda: time.time() >= self.warm + self._seconds)
            found.wall, messages, after = time.time() - self.warm, found.messages, self._process.cpu
            self.servers_cpu = time.process_time() - ours
            last = time.time() + PATIENCE
            while time.time() < last and any(caller.said_at for caller in self._callers.values()):
                self.look()
                api.world.lock.wait(0.2)
        found.messages, found.too_fast = messages, api.too_fast
        found.cpu, found.childrens_cpu = after[0] - before[0], after[1] - before[1]
        late = [wait for wait in found.texts + found.files if wait > PATIENCE]
        self.unanswered = len(late) + sum(caller.said_at is not None for caller in self._callers.values())
        return found

    def _acts_at(self, per_second: float, until: Callable[[], bool]) -> None:
        due = look = time.time()
        while not until():
            assert self._process.runs, self._process.output[-3000:]
            if time.time() >= look:
                look += 1.0
                self.memory.look(self._process.popen.pid)
            while due <= time.time():
                due += self._chance.expovariate(per_second)
                self._somebody_acts()
            self.look()
            self._api.world.lock.wait(max(0.0, min(due, look) - time.time()))

    def _place(self, caller: Caller) -> int:
        return caller.asked[0] if caller.asked is not None else -1

    def _somebody_acts(self) -> None:
        if not self._idle:
            self.nobody_free += 1
            return
        chat = self._idle.popleft()
        caller = self._callers[chat]
        caller.said_at = time.time()
        self._turn_of[chat] = len(self.said)
        self.said.append((caller.said_at, chat, 0))
        self.acts(caller)

    def acts(self, caller: Caller) -> None:
        person = caller.person
        caller.said_file = caller.asked is not None and self._chance.random() < FILES
        if caller.asked is None:
            person.starts()
        elif caller.said_file:
            person.sends_photo(self._photo)
        elif self._wants_back(caller):
            person.types("back")
        else:
            place, message = caller.asked
            turn = caller.turns[place]
            person.presses(message, turn.presses) if turn.presses else person.types(turn.types)

    def _wants_back(self, caller: Caller) -> bool:
        assert caller.asked is not None
        chat = self.chat_of(caller)
        if caller.asked[0] == len(caller.turns) - 1:
            self._goes_back[chat] = self._chance.randint(1, BACK)
        left = self._goes_back.get(chat, 0)
        self._goes_back[chat] = max(0, left - 1)
        return left > 0

    def _hears(self, call: Any) -> None:
        chat, message, text = self.said_by(call)
        caller = self._callers[chat]
        self.found.messages += 1
        if (turn := self._turn_of.get(chat)) is not None:
            at, who, messages = self.said[turn]
            self.said[turn] = at, who, messages + 1
        place = next((place for place, turn in enumerate(caller.turns) if text.startswith(turn.asks)), None)
        if place is not None:
            caller.asked = (place, message)
        if caller.said_at is not None:
            (self.found.files if caller.said_file else self.found.texts).append(call.at - caller.said_at)
            caller.said_at = None
            self._idle.append(chat)


def paced(said: list[tuple[float, int, int]]) -> list[float]:
    """The seconds to each first answer if nothing took time but the pace of the channel and of the chats."""
    found, slot = [], 1 / Telegram.overall
    next_slot, whole = 0.0, dict[int, float]()
    for at, chat, messages in said:
        for number in range(messages):
            allowed = max(at, whole.get(chat, at) - (PRIVATE.burst - 1) / PRIVATE.rate)
            leaves = max(allowed, next_slot)
            next_slot = max(next_slot, leaves - slot) + slot
            whole[chat] = max(whole.get(chat, leaves), leaves) + 1 / PRIVATE.rate
            if number == 0:
                found.append(leaves - at)
    return found


def report(crowd: Steady, found: Found, minutes: float, failed: int, complaints: int) -> Iterator[str]:
    name = f"{CHATS} chats, {PER_SECOND:g}/s, {minutes:g} min"
    yield from rows(Load(name, CHATS, 0.0, (1,)), found, Telegram, PRIVATE, None, alone=paced(crowd.said))
    answers, memory = len(found.texts) + len(found.files), crowd.memory
    yield (
        f"  {answers / found.wall:.1f} answers a second; {crowd.nobody_free} turns found nobody free;"
        f" server and people took {crowd.servers_cpu / found.wall:.0%} of a core, the machine's load was {os.getloadavg()[0]:.1f}"
    )
    yield f"  errors: {crowd.unanswered} not answered, {failed} failed turns, {complaints} errors logged"
    own = [own for at, own in zip(memory.at, memory.own, strict=True) if at >= crowd.warm]
    slope = memory.growth(crowd.warm)
    yield (
        f"  memory: {own[0] / 1024:.1f} MiB when warm, {own[-1] / 1024:.1f} at the end, at most {max(own) / 1024:.1f};"
        f" {slope:+.0f} KiB a minute, {slope / 60 / (answers / found.wall) * 1000:+.0f} KiB a thousand answers"
    )
    yield f"  its children: at most {max(memory.childrens) / 1024:.1f} MiB together, {memory.childrens[-1] / 1024:.1f} at the end"


def run(minutes: float, folder: Path) -> Iterator[str]:
    load = Load("load", CHATS, 0.0, (1,) * 14)
    with BotApi() as api, Process(folder / "load", api) as process:
        while not api.calls("setMyShortDescription"):
            assert process.runs
            time.sleep(0.1)
        crowd = Steady(load, api, process, minutes)
        found = crowd.goes_by()
        assert process.runs, process.output[-3000:]
        complaints = sum(
            '"level": "error"' in line or '"level":"error"' in line for line in process.output.splitlines()
        )
        yield from report(crowd, found, minutes, len(process.command("failed", "list")), complaints)


def minutes_asked_for() -> float:
    words = [word for given in sys.argv[1:] for word in given.split("=")]
    return float(words[words.index("--minutes") + 1]) if "--minutes" in words else MINUTES


def main() -> None:
    head = f"{'Telegram':30}{'answers':>8}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"
    print(f"\n{head}{'messages/s':>12}{'CPU ms':>10}{'of a core':>11}")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:  # not /tmp, which may be memory
        for line in run(minutes_asked_for(), Path(name)):
            print(line, flush=True)
