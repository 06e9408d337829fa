"""Rubbish on the socket beside the database and in the lines of `chat --json`: answered in words, and nothing ends by it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import stat
from collections.abc import Iterator
from typing import Any

import forged_mutations as mutations
import pytest
from forged_house import House, running
from forged_posting import untouched
from forged_wires import PATIENCE, heard

COMMANDS = ("chat", "tick", "case show", "case list", "staff invite", "staff revoke", "staff list", "failed list",
            "failed replay", "letters render", "backup", "pause", "resume", "no such", "")  # fmt: skip
LOOKS = ("case show", "case list", "staff list", "failed list", "letters render", "no such", "")  # what changes nothing
ARGS = (
    "name",
    "reference",
    "at",
    "role",
    "id",
    "out",
    "file",
    "example",
    "text",
    "letters",
    "json",
    "number",
    "principal",
)
LINES: tuple[Any, ...] = (
    *mutations.HOSTILE, {"text": None}, {"text": 7}, {"text": ["a"]}, {"text": "a\0b"}, {"text": "\ud800"}, {"text": "x" * 500_000},
    {"choose": {"a": 1}}, {"choose": None}, {"choose": "\udfff"}, {"choose": ""}, {"file": None}, {"file": 7}, {"file": "\0"},
    {"file": "/dev/zero"}, {"file": "/"}, {"file": "x" * 5000}, {"file": "\ud800"}, {"file": "~nobody/x"}, {"file": "/proc/self/mem"},
    {"text": "hello", "id": {"a": 1}}, {"text": "hello", "id": "\ud800"}, {"text": "hello", "id": "x" * 100_000}, {"file": "/proc/self/environ"},
    {"text": "a", "choose": "b", "file": "c"}, {"as_photo": True}, {"text": "hello", "extra": [[[]]]},
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("forged")) as house:
        yield house


def connected(house: House) -> socket.socket:
    wire = socket.socket(socket.AF_UNIX)
    wire.settimeout(PATIENCE)
    folder = os.open(house.process.folder, os.O_RDONLY)  # its path may be longer than a socket's address
    try:
        wire.connect(f"/proc/self/fd/{folder}/desk.db.sock")
    finally:
        os.close(folder)
    return wire


def told(house: House, raw: bytes, ends: bool = True) -> list[Any]:
    """What is answered to these bytes, line by line, up to the connection's end."""
    with connected(house) as wire:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            wire.sendall(raw)
        if ends:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_WR)
        return [json.loads(line) for line in heard(wire).splitlines()]


def odd_order(chance: random.Random) -> bytes:
    if chance.random() < 0.35:
        return mutations.rubbish(chance).replace(b"\n", b" ") + chance.choice([b"\n", b"", b"\n\n"])
    args = {chance.choice(ARGS): chance.choice(mutations.HOSTILE) for _ in range(chance.randrange(4))}
    order: Any = {"command": chance.choice(LOOKS), "args": args}
    if chance.random() < 0.5:
        order = mutations.odd(order, chance)
        if isinstance(order.get("command"), str) and order["command"] in COMMANDS and order["command"] not in LOOKS:
            order["command"] = ""
    return json.dumps(order).encode() + chance.choice([b"\n", b"\n", b""])


def test_only_its_owner_may_give_orders(house: House) -> None:
    assert stat.S_IMODE((house.process.folder / "desk.db.sock").stat().st_mode) == 0o600


def test_odd_orders_are_answered_in_words(house: House, chance: random.Random, share) -> None:
    before = house.rows()
    for raw in [b"", b"\n", b"{", b"{}\n", b"[]\n", b"7\n", b"null\n", b'"a"\n', b"\xff\xfe\n", b"[" * 100_000 + b"\n",
                b"x" * 3_000_000, b'{"command": "case show", "args": []}\n', b'{"command": ["a"]}\n', b'{"command": "chat"}\n',
                b'{"command": "chat", "args": {"name": 7}}\n', b'{"command": "case show", "args": null}\n',
                *(odd_order(chance) for _ in range(share.of(400)))]:  # fmt: skip
        lines = told(house, raw)
        assert lines == [] or lines[-1].keys() >= {"exit", "error"}, (raw[:300], lines)
        assert all("error of ours" not in str(line.get("error")) for line in lines), (raw[:300], lines)
        assert not house.complaints(), (raw[:300], house.complaints()[-1])
    untouched(house, before)


def test_whoever_hangs_up_in_the_middle_ends_nothing(house: House) -> None:
    before = house.rows()
    for raw in (
        b"",
        b'{"command": "ca',
        b'{"command": "case list", "args": {}}\n',
        b'{"command": "chat", "args": {"name": "anna"}}\n{"te',
    ):
        wire = connected(house)
        wire.sendall(raw)
        wire.close()
    half = [connected(house) for _ in range(50)]
    assert told(house, b'{"command": "staff list", "args": {}}\n')[-1] == {"exit": 0, "error": None}
    for wire in half:
        wire.close()
    untouched(house, before)


def test_each_odd_line_of_a_chat_gets_its_answer(house: House, chance: random.Random, share) -> None:
    """The last line of a turn has `end`, whatever the turn was."""
    lines: list[Any] = [
        *LINES,
        *(mutations.odd({"text": "hello", "id": "7", "as_photo": True}, chance) for _ in range(share.of(300))),
    ]
    raw = [
        b"[" * 100_000,
        b"{",
        b"",
        b"\xff",
        b'{"text": "\xff"}',
        b"9" * 10_000,
        *(json.dumps(line).encode() for line in lines),
    ]
    with connected(house) as wire, wire.makefile("rb") as answers:
        wire.sendall(b'{"command": "chat", "args": {"name": "anna"}}\n')
        for line in raw:
            wire.sendall(line + b"\n")
            while True:
                answer = json.loads(answers.readline() or b'{"gone": true}')
                assert "exit" not in answer and "gone" not in answer, (line[:300], answer)
                if answer.get("end"):
                    break
            assert not house.complaints(), (line[:300], house.complaints()[-1])
    assert house.process.runs
