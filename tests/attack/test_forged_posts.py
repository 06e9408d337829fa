"""Posts that no platform signed, on raw sockets to the real process: refused before anything is parsed, and no trace."""

from __future__ import annotations

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator

import forged_mutations as mutations
import pytest
from forged_house import SECRET, House, payloads, running
from forged_posting import untouched, what_is_wrong
from forged_wires import answers, request, statuses


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("forged")) as house:
        yield house


@pytest.mark.parametrize("platform", ["slack", "telegram"])
def test_nothing_unsigned_is_taken(platform: str, house: House, chance: random.Random, share) -> None:
    secrets = {"telegram": SECRET, "slack": house.slack.signing_secret}
    bodies = [json.dumps(one).encode() for one in payloads(platform).values()]
    before = house.rows()
    sent = [mutations.forged(platform, chance, secrets, chance.choice(bodies)) for _ in range(share.of(1800))]
    print(Counter(one.what for one in sent))
    mistakes = [wrong for one in sent if (wrong := what_is_wrong(house, one))]
    assert not mistakes, "\n".join(mistakes[:20])
    untouched(house, before)


def test_a_body_nobody_signed_is_not_read(house: House) -> None:
    """Telegram's word, and of Slack's the time and the form of a signature, are looked at before the body is asked for."""
    before, now = house.rows(), time.time()
    (stamp, _), (name, _) = house.signed(b"")
    unproved = {
        b"/telegram/webhook": [[], [(b"X-Telegram-Bot-Api-Secret-Token", b"wrong")]],
        b"/slack/events": [
            [], house.signed(b"{}", now - 302), house.signed(b"{}", now + 310), [(stamp, b"x"), (name, b"v0=" + b"0" * 64)],
            [(stamp, b"%d" % now), (name, b"v1=" + b"0" * 64)], [(stamp, b"%d" % now), (name, b"v0=\xff")],
        ],
    }  # fmt: skip
    for path, every in unproved.items():
        for headers in every:
            head = request(b"POST", path, [*headers, (b"Content-Length", b"100000")], length=False)
            with socket.create_connection(("127.0.0.1", house.port), timeout=10) as wire:
                wire.sendall(head)  # and nothing of the body
                assert statuses(wire) in ([401], [403]), head
    untouched(house, before)


def test_a_hundred_million_bytes_are_not_kept_in_memory(house: House) -> None:
    before, held = house.rows(), house.peak
    for path, headers in ((b"/slack/events", house.signed(b"{}")), (b"/telegram/webhook", [])):
        head = request(b"POST", path, [*headers, (b"Transfer-Encoding", b"chunked")], length=False)
        piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        assert all(400 <= status < 500 for status in answers(house.port, head + piece * 100, whole=False))
    assert house.peak - held < 60_000_000
    untouched(house, before)


def test_what_is_signed_is_taken(house: House) -> None:
    """The other tests prove nothing of a server that takes nothing."""
    before = house.rows()
    anna = house.slack.person("Anna")
    text = payloads("telegram")["text"]
    body = json.dumps(text).encode()
    assert answers(
        house.port,
        request(b"POST", b"/telegram/webhook", [(b"X-Telegram-Bot-Api-Secret-Token", SECRET.encode())], body),
    ) == [200]
    event = (
        json.dumps(payloads("slack")["text"]).replace("T024BE7LD", house.slack.team).replace("U023BECGF", anna.user.id)
    )
    body = event.replace("D024BFF1M", anna.channel.id).encode()
    assert answers(
        house.port,
        request(b"POST", b"/slack/events", [(b"Content-Type", b"application/json"), *house.signed(body)], body),
    ) == [200]
    assert house.rows()["inbox"] >= before["inbox"] + 2
