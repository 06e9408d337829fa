"""A load of people on the real process: who comes when, how long each waits, and how that is printed.

An answer is the time from somebody's act to the first message back, seen at the server. The server and the people share
another process on the same machine: what those compute is in the figures. Below each line stands how long the pace
alone would keep people waiting. CPU is our process's for each answer.
"""

from __future__ import annotations

import heapq
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from telegram_process import TOO_EARLY, Process, Turn

from bot.channels import Channel, Pace
from bot.sender import AT_ONCE

DONE_STEP = "That step is done"  # a button was pressed below a question that has been asked again since
LONGEST = 120.0  # seconds without an end to it


@dataclass(frozen=True)
class Load:
    """Who comes when."""

    name: str
    chats: int
    over: float  # seconds between the first and the last to come
    replies: tuple[int, ...]  # messages back to each act of everybody
    think: tuple[float, float] = (0.0, 0.0)  # seconds, from and to
    posted: bool = False  # the process is told by HTTP

    @property
    def arrivals(self) -> list[float]:
        return [self.over * number / self.chats for number in range(self.chats)]


@dataclass
class Found:
    """Seconds to each answer, and what they cost."""

    texts: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    wall: float = 0.0
    messages: int = 0
    cpu: float = 0.0
    childrens_cpu: float = 0.0
    too_fast: int = 0
    not_taken: int = 0  # presses which her client says have failed


@dataclass
class Caller:
    """Somebody who registers, and where she is."""

    person: Any
    turns: Sequence[Turn]
    sends_file_at: int = -1  # this turn
    answered: int = -1
    asked: tuple[int, Any] | None = None  # the turn to answer, the message it stands in
    said_at: float | None = None  # since when she waits
    said_file: bool = False
    pressed: tuple[int, Any] | None = None  # what she answered last
    told: int = 0  # how often her client has told her of trouble
    again: bool = False  # she was told that her answer did not count

    @property
    def is_through(self) -> bool:
        return self.answered == len(self.turns) - 2 and self.said_at is None


class Crowd:
    """Everybody of a load, moved on by what the server sees."""

    sends = ""  # the method that sends a message

    def __init__(self, load: Load, api: Any, process: Process) -> None:
        self._load, self._api, self._process = load, api, process
        self._chance = random.Random(load.name)
        self._callers = {self.chat_of(caller): caller for caller in map(self.somebody, range(load.chats))}
        self._due: list[tuple[float, Any]] = []  # when each will act
        self._read, self._open = 0, list[Any]()
        self.found = Found()

    def somebody(self, number: int) -> Caller:
        raise NotImplementedError

    def chat_of(self, caller: Caller) -> Any:
        raise NotImplementedError

    def said_by(self, call: Any) -> tuple[Any, Any, str]:
        """The chat, the message as it can be pressed, and its text."""
        raise NotImplementedError

    def acts(self, caller: Caller) -> None:
        """Begin, or answer what she was asked."""
        raise NotImplementedError

    def goes_by(self) -> Found:
        """Let everybody come, and go on until all are through."""
        api, found, before = self._api, self.found, self._process.cpu
        start = time.time()
        for at, chat in zip(self._load.arrivals, self._callers, strict=True):
            heapq.heappush(self._due, (start + at, chat))
        with api.world.lock:
            while not all(caller.is_through for caller in self._callers.values()):
                now = time.time()
                assert now - start < LONGEST, api.story()
                while self._due and self._due[0][0] <= now:
                    caller = self._callers[heapq.heappop(self._due)[1]]
                    caller.said_at = caller.said_at or time.time()  # a second try is part of the wait
                    self.acts(caller)
                self.look()
                wait = self._due[0][0] - time.time() if self._due else 1.0
                if wait > 0:
                    api.world.lock.wait(wait)
        found.wall = time.time() - start
        own, childrens = self._process.cpu
        found.cpu, found.childrens_cpu = own - before[0], childrens - before[1]
        found.too_fast = api.too_fast
        return found

    def look(self) -> None:
        """Go through what the server was asked to send meanwhile."""
        log = self._api.log
        self._open += [call for call in log[self._read :] if call.method == self.sends]
        self._read = len(log)
        for call in [call for call in self._open if call.answer and call.status]:
            self._open.remove(call)
            if call.status < 400:
                self._hears(call)

    def _hears(self, call: Any) -> None:
        chat, message, text = self.said_by(call)
        caller = self._callers[chat]
        self.found.messages += 1
        if caller.said_at is not None:
            (self.found.files if caller.said_file else self.found.texts).append(call.at - caller.said_at)
            caller.said_at = None
            if caller.said_file and caller.asked:  # a word of thanks: the question still stands
                return self._thinks(caller)
        if text.startswith((TOO_EARLY, DONE_STEP)):
            caller.again = True
        place = next((place for place, turn in enumerate(caller.turns) if text.startswith(turn.asks)), None)
        if place is None or place == len(caller.turns) - 1 or not (place > caller.answered or caller.again):
            return None
        is_new = caller.asked is None
        caller.asked, caller.again = (place, message), False
        return self._thinks(caller) if is_new else None

    def _thinks(self, caller: Caller) -> None:
        heapq.heappush(self._due, (time.time() + self._chance.uniform(*self._load.think), self.chat_of(caller)))


def paced(load: Load, overall: float, pace: Pace, cap: Pace | None = None) -> list[float]:
    """The seconds to each answer if nothing took time but the pace and those who wrote before; files left out."""
    found: list[float] = []
    chance, number = random.Random(load.name), itertools.count()
    slot, now, next_slot = 1 / overall, 0.0, 0.0
    all_whole = 0.0  # when the allowance of the whole platform is
    whole: dict[int, float] = {}  # when each chat's allowance is whole again
    said = [(at, chat, 0) for chat, at in enumerate(load.arrivals)]  # when, by whom, at which turn
    unsent: list[tuple[int, int, int, float, int]] = []  # order, chat, turn, since when, messages out before
    hand: list[tuple[float, tuple[int, int, int, float, int]]] = []  # allowed when: as many as are taken up at once
    while said or unsent or hand:
        while said and said[0][0] <= now:
            at, chat, turn = heapq.heappop(said)
            heapq.heappush(unsent, (next(number), chat, turn, at, 0))
        while unsent and len(hand) < AT_ONCE:
            message = heapq.heappop(unsent)
            allowed = whole.get(message[1], now) - (pace.burst - 1) / pace.rate
            heapq.heappush(hand, (max(now, allowed), message))
        open_at = max(next_slot, all_whole - (cap.burst - 1) / cap.rate) if cap else next_slot
        times = [at for at, *_ in said[:1]] + [max(at, open_at) for at, _ in hand[:1]]
        if not hand or times[-1] > now:
            now = min(times)
            continue
        order, chat, turn, since, out = heapq.heappop(hand)[1]
        next_slot = max(next_slot, now - slot) + slot  # one that was missed may be caught up
        whole[chat] = max(whole.get(chat, now), now) + 1 / pace.rate
        if cap:
            all_whole = max(all_whole, now) + 1 / cap.rate
        if out == 0:
            found.append(now - since)
        if out + 1 < load.replies[turn]:
            heapq.heappush(unsent, (order, chat, turn, since, out + 1))
        elif turn + 1 < len(load.replies):
            heapq.heappush(said, (now + chance.uniform(*load.think), chat, turn + 1))
    return found


def rows(
    load: Load,
    found: Found,
    channel: type[Channel],
    pace: Pace,
    cap: Pace | None,
    alone: Sequence[float] | None = None,
) -> Iterator[str]:
    """`alone`: the seconds that the pace alone would take, where `paced` does not know who comes when."""
    answers = len(found.texts) + len(found.files)
    cpu = f"{found.cpu / answers * 1e3:10.1f}{found.cpu / found.wall:11.0%}"
    yield _row(load.name, found.texts + found.files, found.messages / found.wall) + cpu
    if found.files:
        each = found.childrens_cpu / len(found.files)
        yield _row("  of which files", found.files) + " " * 12 + f"{each * 1e3:10.1f}"
    yield _row("  the pace alone", alone or paced(load, channel.overall, pace))
    if cap:
        yield _row("  and the server's cap", paced(load, channel.overall, pace, cap))
    if found.too_fast:
        yield f"  {found.too_fast} calls were too fast for {channel.name.capitalize()}"
    if found.not_taken:
        yield f"  {found.not_taken} presses were not taken in time"


def main() -> None:
    """An even load for minutes, see load_minutes.py."""
    from tests.bench import load_minutes  # it builds on this

    load_minutes.main()


def _row(name: str, seconds: Sequence[float], per_second: float | None = None) -> str:
    p = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else [*seconds] * 99
    rate = f"{per_second:12.1f}" if per_second else ""
    return f"{name:30}{len(seconds):8}{p[49] * 1e3:10,.0f}{p[94] * 1e3:10,.0f}{p[98] * 1e3:10,.0f}{rate}"


def show(
    loads: Sequence[Load],
    run: Callable[[Load, Path], Found],
    channel: type[Channel],
    pace: Pace,
    cap: Pace | None = None,
) -> None:
    """Run them one after the other, and print each as soon as it is through. `pace` is of a person's chat, `cap` of the server."""
    head = f"{channel.name.capitalize():30}{'answers':>8}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"
    print(f"\n{head}{'messages/s':>12}{'CPU ms':>10}{'of a core':>11}")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:  # not /tmp, which may be memory
        for load in loads:
            for row in rows(load, run(load, Path(name)), channel, pace, cap):
                print(row, flush=True)
