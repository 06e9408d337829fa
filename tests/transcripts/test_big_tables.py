"""What grows with every message is found by an index: a turn costs the same after a million of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playing import Chat, House

GROWING = "inbox|outbox|entries|notes|timers|registrations|conversations|handoffs|companies"
WHOLE = re.compile(rf"SCAN (?:{GROWING}|[a-z])\b(?! USING)")


def test_no_turn_reads_a_table_whole(chat: Chat, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    store, said = house.store, dict[str, Any]()
    execute, write_set = store.execute, store.write_set

    def executes(sql: str, parameters: Any = ()) -> Any:
        said[sql] = parameters
        return execute(sql, parameters)

    def writes(sql: str, rows: list[tuple[Any, ...]]) -> int:
        if rows:
            said[sql] = rows[0]
        return write_set(sql, rows)

    monkeypatch.setattr(store, "execute", executes)
    monkeypatch.setattr(store, "write_set", writes)
    chat.starts("TH")
    chat.plays(("[transactional]", "ask_field country"), ("help", ["help_asking", "help", "ask_field"]))
    chat.sends_files(["a.pdf"])
    chat.types("person")
    chat.types("cancel")
    chat.plays(("withdraw", "ask_withdraw"), ("yes", ["withdrawn", "ask_country"]))
    monkeypatch.undo()
    plans = {
        sql: [row[3] for row in execute(f"explain query plan {sql}", parameters)]
        for sql, parameters in said.items()
        if sql.startswith(("select", "update", "delete", "with"))
    }
    assert any("and asked = ?" in sql for sql in plans), "a press looks for what was said with its question"
    assert {sql: plan for sql, plan in plans.items() if any(map(WHOLE.match, plan))} == {}
