"""The sender on virtual time: pace, order, pauses, retries, giving up. A day passes in milliseconds."""

from __future__ import annotations

import asyncio
import heapq
import selectors
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Moved, Pace, Refused, Rendered, Sent, TryLater
from bot.sender import Sender
from bot.words import Catalogs, Sentence
from conversations.model import Attachment, Event, Say
from storage.store import Outgoing

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Impatient(selectors.SelectSelector):
    """Waits for nothing, and remembers how long it would have waited."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.waited += max(timeout or 0.0, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock goes on only where it would have waited."""

    def __init__(self) -> None:
        self._impatient = Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.waited


@dataclass
class Row:
    outgoing: Outgoing
    due: datetime
    attempts: int = 0
    state: str = "waiting"


class Outbox:
    """The store's sending half in memory: the same promises, so that a day's traffic takes no disk."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._by_chat: dict[str, list[int]] = {}
        self._open: list[tuple[int, str]] = []

    def put(self, chat: str, count: int = 1) -> None:
        for _ in range(count):
            number = len(self.rows) + 1
            self.rows[number] = Row(Outgoing(number, chat, Say("hello"), 0, 0, START), START)
            line = self._by_chat.setdefault(chat, [])
            line.append(number)
            if len(line) == 1:
                heapq.heappush(self._open, (number, chat))

    def claim(self, channel: str, now: datetime, limit: int, lease: float) -> list[Outgoing]:
        claimed, kept = [], []
        while self._open and len(claimed) < limit:
            number, chat = heapq.heappop(self._open)
            row = self.rows[number]
            if row.due > now:
                kept.append((number, chat))
                continue
            attempts = row.attempts
            row.due, row.attempts = now + timedelta(seconds=lease), attempts + 1
            kept.append((number, chat))
            old = row.outgoing
            claimed.append(Outgoing(old.id, old.chat, old.say, old.asked, attempts, old.created_at))
        for one in kept:
            heapq.heappush(self._open, one)
        return claimed

    def _done(self, outbox: int, state: str) -> None:
        row = self.rows[outbox]
        row.state = state
        chat = row.outgoing.chat
        self._open.remove((outbox, chat))
        heapq.heapify(self._open)
        line = self._by_chat[chat]
        line.remove(outbox)
        if line:
            heapq.heappush(self._open, (line[0], chat))

    def sent(self, outbox: int, now: datetime, order: int | None, message: str | None) -> None:
        self._done(outbox, "sent")

    def retry(self, outbox: int, at: datetime) -> None:
        self.rows[outbox].due = at

    def give_up(self, outbox: int, now: datetime, why: str) -> None:
        self._done(outbox, "given_up")

    def move_chat(self, old: str, new: str) -> None:
        for number in self._by_chat.pop(old):
            row = self.rows[number]
            row.outgoing = replace(row.outgoing, chat=new)
            self._by_chat.setdefault(new, []).append(number)
        self._open = [(number, new if chat == old else chat) for number, chat in self._open]


class Now:
    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())


class Files:
    def path(self, key: str) -> Path:
        return Path(key)


@dataclass
class FakeApp:
    store: Outbox
    clock: Now = field(default_factory=Now)
    files: Files = field(default_factory=Files)
    taken: list[Event] = field(default_factory=list)

    async def write(self, call: Callable[..., Any], *args: Any) -> Any:
        await asyncio.sleep(0)
        return call(*args)

    async def take(self, event: Event) -> None:
        self.taken.append(event)


@dataclass
class Platform:
    """A channel that notes when each message came, and answers as it is told."""

    a_chat: Pace
    overall: float
    name: str = "test"
    messages: int = 1
    latency: float = 0.05
    came: list[tuple[float, str, int]] = field(default_factory=list)
    answers: Callable[[Outgoing, float], Exception | None] = lambda message, now: None

    def pace(self, chat: str) -> Pace:
        return self.a_chat

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        now = asyncio.get_running_loop().time()
        if trouble := self.answers(outgoing, now):
            raise trouble
        self.came.append((now, outgoing.chat, outgoing.id))
        await asyncio.sleep(self.latency)
        return Sent(messages=self.messages)

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        raise Refused("no files here")


CATALOGS = Catalogs({"en": {"hello": Sentence(("Hello",), lambda n: 0)}}, book=None)  # type: ignore[arg-type]


@dataclass
class Scene:
    outbox: Outbox
    platform: Platform
    app: FakeApp
    results: list[tuple[int, str]]

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self.platform.came]


def played(pace: tuple[Pace, float], fill: Callable[[Outbox], None], seconds: float, **platform: Any) -> Scene:
    """What happens in that many virtual seconds."""
    outbox = Outbox()
    fill(outbox)
    scene = Scene(outbox, Platform(*pace, **platform), FakeApp(outbox), [])

    async def play() -> None:
        sender = Sender(scene.app, scene.platform, CATALOGS, chance=lambda: 1.0)  # type: ignore[arg-type]
        sender.watchers.append(lambda message, what: scene.results.append((message.id, what)))
        running = asyncio.create_task(sender.run())
        await asyncio.sleep(seconds)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())
    return scene


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)


def most_in_a_second(times: list[float]) -> int:
    return max(sum(at <= other < at + 1 for other in times[index : index + 100]) for index, at in enumerate(times))


def test_the_overall_rate_is_used_and_never_broken() -> None:
    def fill(outbox: Outbox) -> None:
        for number in range(1000):
            outbox.put(f"test:{number}", 3)

    scene = played((Pace(rate=1, burst=1), 30), fill, 60)
    assert len(scene.times) >= 0.97 * 30 * 60
    assert most_in_a_second(scene.times) <= 31


def test_each_chat_has_its_pace_and_its_order() -> None:
    def fill(outbox: Outbox) -> None:
        for number in range(5):
            outbox.put(f"test:{number}", 6)

    scene = played((Pace(rate=1, burst=1), 100), fill, 30)
    assert len(scene.times) == 30
    for number in range(5):
        mine = [(at, id) for at, chat, id in scene.platform.came if chat == f"test:{number}"]
        assert [id for _, id in mine] == sorted(id for _, id in mine)
        assert all(later - earlier >= 1 - 1e-6 for (earlier, _), (later, _) in pairwise(mine))


def test_a_chat_may_get_a_burst_before_its_rate_holds() -> None:
    scene = played((Pace(rate=1, burst=3), 100), lambda outbox: outbox.put("test:1", 6), 30)
    assert sum(at < 1 for at in scene.times) == 3
    assert len(scene.times) == 6


def test_a_message_that_took_several_of_the_platform_counts_as_many() -> None:
    scene = played((Pace(rate=1, burst=4), 100), lambda outbox: outbox.put("test:1", 4), 60, messages=4)
    gaps = [later - earlier for earlier, later in pairwise(scene.times)]
    assert all(gap >= 1 for gap in gaps[:1]) and all(gap >= 4 - 0.1 for gap in gaps[1:])
    assert len(scene.times) == 4


def test_a_chat_that_got_a_new_name_gets_its_messages_there() -> None:
    def moved(message: Outgoing, now: float) -> Exception | None:
        return Moved("test:new") if message.chat == "test:old" else None

    scene = played((Pace(10, 10), 100), lambda outbox: outbox.put("test:old", 2), 5, answers=moved)
    assert [(chat, id) for _, chat, id in scene.platform.came] == [("test:new", 1), ("test:new", 2)]


def test_what_is_on_its_way_to_a_chat_can_be_waited_for() -> None:
    outbox = Outbox()
    outbox.put("test:1")
    app, platform = FakeApp(outbox), Platform(Pace(10, 10), 100, latency=3)

    async def play() -> None:
        sender = Sender(app, platform, CATALOGS)  # type: ignore[arg-type]
        running = asyncio.create_task(sender.run())
        await asyncio.sleep(1)
        now = asyncio.get_running_loop().time
        await sender.landed({"test:2"}, 10)
        assert now() == pytest.approx(1)
        await sender.landed({"test:1"}, 1)
        assert now() == pytest.approx(2) and outbox.rows[1].state != "sent"
        await sender.landed({"test:1"}, 10)
        assert now() == pytest.approx(3, abs=0.1) and outbox.rows[1].state == "sent"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())


def test_a_slow_chat_does_not_hold_back_another() -> None:
    def fill(outbox: Outbox) -> None:
        outbox.put("test:slow", 50)
        outbox.put("test:other", 1)

    scene = played((Pace(rate=0.1, burst=1), 100), fill, 5)
    assert "test:other" in [chat for _, chat, _ in scene.platform.came]


def test_try_later_postpones_and_holds_back_the_later_ones_of_its_chat() -> None:
    def first_is_too_early(message: Outgoing, now: float) -> Exception | None:
        return TryLater(10) if message.id == 1 and now < 10 else None

    def fill(outbox: Outbox) -> None:
        outbox.put("test:1", 2)
        outbox.put("test:2", 1)

    scene = played((Pace(10, 10), 100), fill, 30, answers=first_is_too_early)
    assert [id for _, _, id in scene.platform.came] == [3, 1, 2]
    assert scene.platform.came[1][0] >= 10


def test_a_platform_that_says_slow_down_is_left_alone_by_all_chats() -> None:
    calls: list[float] = []

    def busy(message: Outgoing, now: float) -> Exception | None:
        calls.append(now)
        return TryLater(20, everyone=True) if now < 15 else None

    def fill(outbox: Outbox) -> None:
        for number in range(200):
            outbox.put(f"test:{number}")

    scene = played((Pace(10, 10), 1), fill, 400, answers=busy)
    assert [at for at in calls if 0.1 < at < 20] == []
    assert len(scene.times) == 200


def test_an_error_is_tried_again_later_and_later() -> None:
    tries: list[float] = []

    def broken(message: Outgoing, now: float) -> Exception | None:
        tries.append(now)
        return ConnectionError() if len(tries) < 8 else None

    scene = played((Pace(10, 10), 100), lambda outbox: outbox.put("test:1"), 1000, answers=broken)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert [round(gap) for gap in gaps] == [1, 2, 4, 8, 16, 32, 64]
    assert scene.outbox.rows[1].state == "sent"


def test_after_a_day_it_gives_up_and_the_desk_hears_of_it() -> None:
    scene = played(
        (Pace(10, 10), 100), lambda outbox: outbox.put("test:1", 2), 50 * 3600, answers=lambda *_: ConnectionError()
    )
    assert scene.outbox.rows[1].state == "given_up"
    event = scene.app.taken[0]
    assert (event.id, event.kind, event.chat) == ("unreachable:1", "unreachable", "test:1")
    assert timedelta(hours=24) <= event.at - START < timedelta(hours=25)


@pytest.mark.parametrize(("gone", "name"), [(True, "gone"), (False, "refused")])
def test_a_refusal_is_final_at_once(gone: bool, name: str) -> None:
    scene = played(
        (Pace(10, 10), 100), lambda outbox: outbox.put("test:1"), 5, answers=lambda *_: Refused("blocked", gone=gone)
    )
    assert scene.outbox.rows[1].state == "given_up"
    assert [event.name for event in scene.app.taken] == [name]


def test_a_send_that_never_ends_is_given_up_for_the_moment_and_nothing_waits_for_it() -> None:
    class Hanging(Platform):
        async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
            if outgoing.id == 1:
                await asyncio.sleep(10_000)
            return await super().send(outgoing, rendered)

    outbox = Outbox()
    outbox.put("test:1")
    outbox.put("test:2")
    app, platform = FakeApp(outbox), Hanging(Pace(10, 10), 100)

    async def play() -> None:
        running = asyncio.create_task(Sender(app, platform, CATALOGS).run())  # type: ignore[arg-type]
        await asyncio.sleep(110)
        assert outbox.rows[2].state == "sent"
        assert outbox.rows[1].attempts == 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())


def test_a_message_that_outlasts_its_lease_waiting_for_pace_and_answer_goes_out_once() -> None:
    """Its chat's allowance is whole only after 76 s, and the platform takes 60 s: longer than the lease."""

    def fill(outbox: Outbox) -> None:
        outbox.put("test:1", 3)
        outbox.put("test:2")

    def busy(message: Outgoing, now: float) -> Exception | None:
        return TryLater(10) if message.chat == "test:2" else None  # so that we look for more all the time

    pace = Pace(rate=15 / 60, burst=1)
    scene = played((pace, 100), fill, 1000, answers=busy, messages=19, latency=60)
    assert [id for _, _, id in scene.platform.came] == [1, 2, 3]
    assert [one for one in scene.results if one[0] < 4] == [(1, "sent"), (2, "sent"), (3, "sent")]


def test_what_is_out_is_not_sent_again_because_the_disk_refused_the_note() -> None:
    class FullForAWhile(Outbox):
        refused = 0

        def sent(self, *args: Any) -> None:
            if self.refused < 100:  # for longer than the lease
                self.refused += 1
                raise OSError("disk full")
            super().sent(*args)

    outbox = FullForAWhile()
    outbox.put("test:1", 2)
    app, platform = FakeApp(outbox), Platform(Pace(10, 10), 100)

    async def play() -> None:
        running = asyncio.create_task(Sender(app, platform, CATALOGS).run())  # type: ignore[arg-type]
        await asyncio.sleep(300)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())
    assert [id for _, _, id in platform.came] == [1, 2]
    assert [row.state for row in outbox.rows.values()] == ["sent", "sent"]


def test_a_message_that_cannot_be_put_into_words_is_given_up_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def path(files: Files, key: str) -> Path:
        raise ValueError(key)

    def fill(outbox: Outbox) -> None:
        outbox.put("test:1", 2)
        letter = Attachment("no key", "letter.pdf", "application/pdf")
        outbox.rows[1].outgoing = replace(outbox.rows[1].outgoing, say=Say("hello", files=(letter,)))

    monkeypatch.setattr(Files, "path", path)
    scene = played((Pace(10, 10), 100), fill, 50 * 3600)
    assert [id for _, _, id in scene.platform.came] == [2]
    assert [event.id for event in scene.app.taken] == ["unreachable:1"]


def test_what_became_old_without_a_try_is_not_given_up_at_the_first_trouble() -> None:
    """We were down for two days: one hiccup of the platform then is no reason to keep a word from the customer."""
    tries = 0

    def hiccup(message: Outgoing, now: float) -> Exception | None:
        nonlocal tries
        tries += 1
        return ConnectionError() if tries < 5 else None

    def fill(outbox: Outbox) -> None:
        outbox.put("test:1")
        outbox.rows[1].outgoing = replace(outbox.rows[1].outgoing, created_at=START - timedelta(days=2))

    scene = played((Pace(10, 10), 100), fill, 600, answers=hiccup)
    assert scene.outbox.rows[1].state == "sent" and scene.app.taken == []


def test_the_desk_hears_before_a_message_is_given_up() -> None:
    """Ended between the two, we tell the desk again: the other way round it would never hear."""
    heard: list[str] = []

    class Noting(Outbox):
        def give_up(self, *args: Any) -> None:
            heard.extend(event.id for event in app.taken)
            super().give_up(*args)

    outbox = Noting()
    outbox.put("test:1")
    app, platform = FakeApp(outbox), Platform(Pace(10, 10), 100, answers=lambda *_: Refused("blocked"))

    async def play() -> None:
        running = asyncio.create_task(Sender(app, platform, CATALOGS).run())  # type: ignore[arg-type]
        await asyncio.sleep(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())
    assert heard == ["unreachable:1"]


def test_nothing_runs_while_nothing_waits() -> None:
    claims = 0

    class Counted(Outbox):
        def claim(self, *args: Any) -> list[Outgoing]:
            nonlocal claims
            claims += 1
            return super().claim(*args)

    async def play() -> None:
        sender = Sender(FakeApp(Counted()), Platform(Pace(1, 1), 1), CATALOGS)  # type: ignore[arg-type]
        running = asyncio.create_task(sender.run())
        await asyncio.sleep(86_400)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())
    assert claims == 1
