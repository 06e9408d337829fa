"""The sender with 20,000 messages waiting: how much of a platform's limit it uses, and what that costs."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from pathlib import Path

from bot.channels import Pace, Sent
from bot.sender import Sender
from bot.words import Catalogs, Rendered
from conversations.model import Conversation, Say
from storage.packing import pack, to_number
from storage.store import Outgoing
from tests.bench.turns import NOW, desk

CHATS, EACH = 2_000, 10
SECONDS = 20.0
LIMIT = 30.0  # a second, Telegram's
ALLOWED = 0.001  # seconds of the loop's clock: what it wakes up early


class Timed:
    """Notes when each message came."""

    name = "timed"
    overall = LIMIT

    def __init__(self) -> None:
        self.came: list[tuple[float, str, int]] = []

    def pace(self, chat: str) -> Pace:
        return Pace(rate=1.0, burst=1)

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        self.came.append((asyncio.get_running_loop().time(), outgoing.chat, outgoing.id))
        return Sent(outgoing.id, str(outgoing.id))


async def main(folder: Path) -> None:
    async with desk(folder, "pace") as app:
        store, say = app.store, pack(Say("greeting", {"operator": "Bench", "privacy": ""}))

        def fill() -> None:
            for chat in range(1, CHATS + 1):
                conversation = Conversation(chat, f"timed:{chat}")
                store.execute(
                    "insert into conversations (id, tenant, chat, asked, packed, version) values (?, 'main', ?, 0, ?, 1)",
                    (chat, conversation.chat, pack(conversation)),
                )
            store.execute(
                "with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)"
                " insert into outbox (tenant, conversation_id, channel, asked, asks, reminder, last, packed, created_at,"
                " due_at) select 'main', 1 + n.i % ?, 'timed', 0, 0, 0, 0, ?, ?, 0 from n",
                (CHATS * EACH, CHATS, say, to_number(NOW)),
            )

        await app.write(fill)
        channel = Timed()
        sender = Sender(app, channel, Catalogs.load(app.book, None))  # type: ignore[arg-type]
        cpu = time.process_time()
        loop = asyncio.create_task(sender.run())
        await asyncio.sleep(SECONDS)
        cpu = time.process_time() - cpu
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        show(channel, cpu)


def show(channel: Timed, cpu: float) -> None:
    times = [at for at, _, _ in channel.came]
    most = max(sum(at <= one < at + 1.0 for one in times[place : place + 60]) for place, at in enumerate(times))
    chats: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for at, chat, number in channel.came:
        chats[chat].append((at, number))
    gaps = [b[0] - a[0] for came in chats.values() for a, b in itertools.pairwise(came)]
    ordered = all(came == sorted(came, key=lambda one: one[1]) for came in chats.values())
    assert ordered and all(gap >= 1.0 - ALLOWED for gap in gaps), "out of order, or too fast for a chat"
    used = (len(times) - 1) / (times[-1] - times[0]) / LIMIT
    print(f"{CHATS * EACH:,} waiting in {CHATS:,} chats, {len(times)} sent in {times[-1] - times[0]:.1f} s: "
          f"{used:.1%} of the limit (aim >= 97 %), at most {most} in a second (aim <= {LIMIT + 2:.0f}), "
          f"each chat in order, {cpu / SECONDS:.1%} of a core (aim <= 5 %)")  # fmt: skip
