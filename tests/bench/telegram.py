"""How long people wait over Telegram: `python -m tests.bench telegram`. The real process, its answers seen at the server.

An answer is the time from somebody's message to the first message back. The server and the people share another
process on the same machine: what those compute is in the figures. Most of a crowd's waiting is the pace that Telegram
asks for, 30 messages a second: below each line stands how long the pace alone would keep them waiting.
CPU is our process's for each answer; for the files it is that of the child processes which look into each of them.
"""

from __future__ import annotations

import heapq
import io
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from bot_api import BotApi, Call
from bot_people import Person
from PIL import Image
from telegram_process import TOO_EARLY, Process, Turn, registration_of

from bot.channels.telegram import PRIVATE, Telegram
from bot.sender import AT_ONCE

REPLIES = (2, 2, 2, 1, 1, 1)  # messages back to /start, the country, start, and each answer
FILES = 0.05  # of the messages
DONE_STEP = "That step is done"  # a button was pressed below a question that has been asked again since
LONGEST = 120.0  # seconds without an end to it


@dataclass(frozen=True)
class Load:
    """Who comes when."""

    name: str
    chats: int
    over: float  # seconds between the first and the last to come
    answers: int  # of each, to questions of the form
    think: tuple[float, float] = (0.0, 0.0)  # seconds, from and to
    webhook: bool = False

    @property
    def arrivals(self) -> list[float]:
        return [self.over * number / self.chats for number in range(self.chats)]

    @property
    def replies(self) -> tuple[int, ...]:
        return REPLIES[: 3 + self.answers]


LOADS = (
    Load("200 chats at once, polling", 200, 0.0, 1),
    Load("2 chats a second, polling", 20, 10.0, 2, (0.5, 1.5)),
    Load("2 chats a second, webhook", 20, 10.0, 2, (0.5, 1.5), webhook=True),
)


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


@dataclass
class Caller:
    """Somebody who registers, and where she is."""

    person: Person
    turns: Sequence[Turn]
    sends_file_at: int = -1  # this turn
    answered: int = -1
    asked: tuple[int, int] | None = None  # the turn to answer, the message it stands in
    said_at: float | None = None  # since when she waits
    said_file: bool = False
    again: bool = False  # she was told that her answer did not count

    @property
    def is_through(self) -> bool:
        return self.answered == len(self.turns) - 2 and self.said_at is None


class Crowd:
    """Everybody of a load, moved on by what the server sees."""

    def __init__(self, load: Load, api: BotApi, process: Process) -> None:
        self._load, self._api, self._process = load, api, process
        chance = self._chance = random.Random(load.name)
        self._photo = _photo()
        self._callers = {}
        for number in range(load.chats):
            person = api.person(f"Person {number}", "en")
            self._callers[person.id] = Caller(person, registration_of(number)[: 3 + load.answers])
        messages = load.chats * len(load.replies)
        for caller in chance.sample(list(self._callers.values()), min(load.chats, round(messages * FILES))):
            caller.sends_file_at = chance.randrange(1, 2 + load.answers)
        self._due: list[tuple[float, int]] = []  # when each will act
        self._read, self._open = 0, list[Call]()
        self.found = Found()

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
                    self._acts(self._callers[heapq.heappop(self._due)[1]])
                self._look()
                wait = self._due[0][0] - time.time() if self._due else 1.0
                if wait > 0:
                    api.world.lock.wait(wait)
        found.wall = time.time() - start
        own, childrens = self._process.cpu
        found.cpu, found.childrens_cpu = own - before[0], childrens - before[1]
        found.too_fast = api.too_fast
        return found

    def _look(self) -> None:
        """Go through what the server was asked to send meanwhile."""
        log = self._api.log
        self._open += [call for call in log[self._read :] if call.method == "sendMessage"]
        self._read = len(log)
        for call in [call for call in self._open if call.answer is not None]:
            self._open.remove(call)
            self._hears(self._callers[call.parameters["chat_id"]], call)

    def _hears(self, caller: Caller, call: Call) -> None:
        text = call.answer["text"]
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
        caller.asked, caller.again = (place, call.answer["message_id"]), False
        return self._thinks(caller) if is_new else None

    def _thinks(self, caller: Caller) -> None:
        heapq.heappush(self._due, (time.time() + self._chance.uniform(*self._load.think), caller.person.id))

    def _acts(self, caller: Caller) -> None:
        person, caller.said_at = caller.person, time.time()
        if caller.asked is None:
            person.starts()
            return
        place, message = caller.asked
        caller.said_file = place == caller.sends_file_at
        if caller.said_file:
            caller.sends_file_at = -1
            person.sends_photo(self._photo)
            return
        caller.asked, caller.answered = None, place
        if caller.turns[place].presses:
            person.presses(message, caller.turns[place].presses)
        else:
            person.types(caller.turns[place].types)


def _photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def paced(load: Load) -> list[float]:
    """The seconds to each answer if nothing took time but the pace and those who wrote before; files left out."""
    found: list[float] = []
    chance, number = random.Random(load.name), itertools.count()
    slot, now, next_slot = 1 / Telegram.overall, 0.0, 0.0
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
            allowed = whole.get(message[1], now) - (PRIVATE.burst - 1) / PRIVATE.rate
            heapq.heappush(hand, (max(now, allowed), message))
        times = [at for at, *_ in said[:1]] + [max(at, next_slot) for at, _ in hand[:1]]
        if not hand or times[-1] > now:
            now = min(times)
            continue
        order, chat, turn, since, out = heapq.heappop(hand)[1]
        next_slot = max(next_slot, now - slot) + slot  # one that was missed may be caught up
        whole[chat] = max(whole.get(chat, now), now) + 1 / PRIVATE.rate
        if out == 0:
            found.append(now - since)
        if out + 1 < load.replies[turn]:
            heapq.heappush(unsent, (order, chat, turn, since, out + 1))
        elif turn + 1 < len(load.replies):
            heapq.heappush(said, (now + chance.uniform(*load.think), chat, turn + 1))
    return found


def run(load: Load, folder: Path) -> Found:
    with BotApi(local=load.webhook) as api:
        process = Process(folder / load.name.replace(" ", "-"), api)
        if load.webhook:
            process.environment |= {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": f"http://127.0.0.1:{process.port}"}
        with process:
            while not api.calls("setMyShortDescription"):  # until it has told Telegram all about itself
                assert process.runs
                time.sleep(0.1)
            api.waits(lambda api: api.updates.webhook.url if load.webhook else api.calls("getUpdates"), LONGEST)
            return Crowd(load, api, process).goes_by()


def rows(load: Load, found: Found) -> Iterator[str]:
    answers = len(found.texts) + len(found.files)
    cpu = f"{found.cpu / answers * 1e3:10.1f}{found.cpu / found.wall:11.0%}"
    yield _row(load.name, found.texts + found.files, found.messages / found.wall) + cpu
    if found.files:
        each = found.childrens_cpu / len(found.files)
        yield _row("  of which files", found.files) + " " * 12 + f"{each * 1e3:10.1f}"
    yield _row("  the pace alone", paced(load))
    if found.too_fast:
        yield f"  {found.too_fast} messages were too fast for Telegram"


def _row(name: str, seconds: Sequence[float], per_second: float | None = None) -> str:
    p = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else [*seconds] * 99
    rate = f"{per_second:12.1f}" if per_second else ""
    return f"{name:30}{len(seconds):8}{p[49] * 1e3:10,.0f}{p[94] * 1e3:10,.0f}{p[98] * 1e3:10,.0f}{rate}"


def main() -> None:
    print(
        f"\n{'Telegram':30}{'answers':>8}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'messages/s':>12}{'CPU ms':>10}{'of a core':>11}"
    )
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:  # not /tmp, which may be memory
        for load in LOADS:
            for row in rows(load, run(load, Path(name))):
                print(row, flush=True)
