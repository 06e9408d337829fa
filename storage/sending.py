"""The outbox: what waits to leave, and what became of it.

A message that has left is taken out, so answers repeated in it are not kept twice. What is still asked about it stays
without its words: the order of a question, the platform's id of a slot, the delivery of a reminder.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conversations.model import Conversation, Say
from storage.opened import HELD, MOVED, Opened
from storage.packing import pack, to_number, to_time, unpack
from storage.sets import CONFIGURE
from storage.store import Entry, Outgoing

# The first of its chat: a postponed or leased one holds back the later ones.
_NO_EARLIER = (
    "not exists (select 1 from outbox p"
    " where p.conversation_id = o.conversation_id and p.done_at is null and p.id < o.id)"
)
# Of several edits of one message that wait, the newest says it all; a page or a terminal shows each of them. Before
# there is a message none is left out: others stand under it.
_MERGE = (
    "update outbox set done_at = ?, packed = '' where channel = ? and done_at is null and slot is not null"
    " and attempts = 0 and anew = 0 and reminder = 0 and exists (select 1 from outbox n"
    " where n.conversation_id = outbox.conversation_id and n.slot = outbox.slot and n.id > outbox.id"
    " and n.done_at is null and n.anew = 0)"
    " and exists (select 1 from outbox s where s.conversation_id = outbox.conversation_id and s.slot = outbox.slot"
    " and s.platform_message is not null)"
)
_LEASE = "update outbox set due_at = ?, attempts = attempts + 1, leased = 1 where id = ?"


class Sending(Opened):
    def claim(self, channel: str, now: datetime, limit: int, lease: float) -> list[Outgoing]:
        sql = (
            "select o.id, c.chat, o.packed, o.asked, o.attempts, o.created_at, r.reference, c.packed, o.slot,"
            " o.conversation_id from outbox o join conversations c on c.id = o.conversation_id"
            " left join registrations r on r.id = o.registration_id"
            f" where o.channel = ? and o.done_at is null and o.due_at <= ? and {_NO_EARLIER} order by o.id limit ?"
        )
        with self.transaction():
            if channel not in self.keeps_history:
                if self.is_held:  # a page and a terminal went back in time with us, and have nothing twice
                    return []
                self.execute(_MERGE, (to_number(now), channel))
            rows = self.execute(sql, (channel, to_number(now), limit)).fetchall()
            leased = to_number(now + timedelta(seconds=lease))
            self.write_set(_LEASE, [(leased, row[0]) for row in rows])
            return [self._outgoing(*row) for row in rows]

    def _outgoing(
        self, number: int, chat: str, packed: str, asked: int, attempts: int, created_at: int,
        reference: str | None, packed_conversation: str, slot: str | None, conversation_id: int,
    ) -> Outgoing:  # fmt: skip
        conversation: Conversation = unpack(packed_conversation)
        say: Say = unpack(packed)
        return Outgoing(
            id=number,
            chat=chat,
            say=say,
            asked=asked,
            attempts=attempts,
            created_at=to_time(created_at),
            reference=reference,
            locale=conversation.locale,
            time_zone=conversation.time_zone,
            edits=self._last_of_slot(conversation_id, slot) if slot is not None and not say.anew else None,
            under=self._last_of_slot(conversation_id, say.under) if say.under is not None else None,
        )

    def _last_of_slot(self, conversation: int, slot: str) -> str | None:
        sql = (
            "select platform_message from outbox"
            " where conversation_id = ? and slot = ? and platform_message is not null order by id desc limit 1"
        )
        row = self.execute(sql, (conversation, slot)).fetchone()
        return row[0] if row is not None else None

    def sent(self, outbox: int, now: datetime, order: int | None, message: str | None) -> None:
        with self.transaction():
            row = self.execute(
                "select conversation_id, asked, asks, slot, reminder from outbox where id = ? and done_at is null",
                (outbox,),
            ).fetchone()
            if row is None:
                return  # told twice, or erased while it was on its way
            conversation, asked, asks, slot, reminder = row
            if not (asks or slot is not None or reminder):
                self.execute("delete from outbox where id = ?", (outbox,))
                return
            self.execute(
                "update outbox set done_at = ?, platform_order = ?, platform_message = ?, packed = '' where id = ?",
                (to_number(now), order, message, outbox),
            )
            if asks:  # questions before it are answered or dropped
                self.execute(
                    "delete from outbox where conversation_id = ? and asks = 1 and asked < ? and slot is null"
                    " and reminder = 0 and done_at is not null",
                    (conversation, asked),
                )
            if slot is not None and message is not None:
                self.execute(
                    "delete from outbox where conversation_id = ? and slot = ? and id < ? and (asks = 0 or asked < ?)"
                    " and reminder = 0 and done_at is not null",
                    (conversation, slot, outbox, asked),
                )

    def retry(self, outbox: int, at: datetime) -> None:
        with self.transaction():
            self.execute(
                "update outbox set due_at = ?, leased = 0 where id = ? and done_at is null", (to_number(at), outbox)
            )

    def give_up(self, outbox: int, now: datetime, why: str) -> None:
        with self.transaction():
            self.execute(
                "update outbox set done_at = ?, given_up = ?, packed = '' where id = ? and done_at is null",
                (to_number(now), why, outbox),
            )

    def held(self) -> list[tuple[str, int, datetime]]:
        """What the hold of a restore keeps back: chat, number of its messages, and since when the oldest waits."""
        sql = (
            "select c.chat, count(*), min(o.created_at) from outbox o join conversations c on c.id = o.conversation_id"
            f" where {self._leaves} group by c.chat order by min(o.id)"
        )
        return [(chat, number, to_time(at)) for chat, number, at in self.execute(sql)]

    def let_go(self, drop: bool, now: datetime) -> int | None:
        with self.transaction():
            since = self._settings_in(self.execute).get(HELD)
            if since is None:
                return None
            number = sum(number for _, number, _ in self.held())
            if drop:
                number = self.execute(
                    "update outbox as o set done_at = ?, given_up = 'restored', packed = ''"
                    f" where {self._leaves} and o.created_at <= ?",
                    (to_number(now), to_number(datetime.fromisoformat(since))),
                ).rowcount
            self.execute("delete from settings where tenant = ? and name = ?", (self.tenant, HELD))
            return number

    @property
    def _leaves(self) -> str:
        """The condition of messages that wait to leave for a platform."""
        stays = ", ".join(f"'{channel}'" for channel in sorted(self.keeps_history))
        return f"o.done_at is null and o.channel not in ({stays})"

    def move_chat(self, old: str, new: str) -> None:
        with self.transaction():
            rows = self.execute(
                "select chat, id, packed from conversations where tenant = ? and chat in (?, ?)",
                (self.tenant, old, new),
            )
            known = {chat: (number, packed) for chat, number, packed in rows}
            if old not in known:
                return
            number, packed = known[old]
            if new in known:
                self.execute(
                    "update outbox set conversation_id = ? where conversation_id = ? and done_at is null",
                    (known[new][0], number),
                )
            else:
                moved = replace(unpack(packed), chat=new)
                self.execute(
                    "update conversations set chat = ?, packed = ?, version = version + 1 where id = ?",
                    (new, pack(moved), number),
                )
            # Messages are numbered anew there: an old number would be edited in another message's place.
            self.execute(
                "delete from outbox where conversation_id = ? and slot is not null and done_at is not null", (number,)
            )
            self.execute(CONFIGURE, (self.tenant, f"{MOVED}{old}", new))

    def deliver(self, outgoing: Outgoing, entry: Entry, now: datetime) -> Entry:
        with self.transaction():
            known = self.execute("select id, packed from entries where outbox = ?", (outgoing.id,)).fetchone()
            if known is not None:
                kept: Entry = unpack(known[1])
                return replace(kept, id=known[0])
            sql = (
                "insert into entries (tenant, conversation_id, registration_id, outbox, packed)"
                " select tenant, conversation_id, registration_id, id, ? from outbox where id = ? and done_at is null"
            )
            cursor = self.execute(sql, (pack(entry), outgoing.id))
            if cursor.rowcount == 0:
                return entry  # erased while it was on its way: nowhere
            number = int(cursor.lastrowid or 0)
            self.sent(outgoing.id, now, number, str(number))
            return replace(entry, id=number)
