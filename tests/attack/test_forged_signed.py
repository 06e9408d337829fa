"""Rubbish with the platform's own signature, or out of its own queue: never an error of ours, and nothing gets stuck."""

from __future__ import annotations

import json
import random
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forged_mutations as mutations
import pytest
from forged_house import SECRET, BotApi, House, Process, payloads, running
from forged_wires import FORM, answers, request

from bot.channels.telegram_intake import WANTED

JSON = b"application/json"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("signed")) as house:
        yield house


def telegrams(house: House, body: bytes) -> bytes:
    word = (b"X-Telegram-Bot-Api-Secret-Token", SECRET.encode())
    return request(b"POST", b"/telegram/webhook", [(b"Content-Type", JSON), word], body)


def slacks(house: House, body: bytes, kind: bytes = JSON) -> bytes:
    return request(b"POST", b"/slack/events", [(b"Content-Type", kind), *house.signed(body)], body)


def goes_well(house: House, raw: bytes) -> str:
    """What the answer should not have been; empty when it is taken or refused for what it is."""
    told = len(house.complaints())
    try:
        got = answers(house.port, raw)
    except TimeoutError:
        return f"no answer to {raw[:300]!r} ... {raw[-1500:]!r}"
    if len(got) != 1 or not (got[0] == 200 or 400 <= got[0] < 500):
        return f"{got} to {raw[:1500]!r}"
    new = house.complaints()[told:]
    return f"{new[-1]} after {raw[:1500]!r}" if new else ""


def dumped(thing: Any) -> bytes:
    return json.dumps(thing).encode()


def test_what_telegram_would_never_post_is_no_trouble(house: House, chance: random.Random, share) -> None:
    every, sent = list(payloads("telegram").values()), []
    for number in range(share.of(700)):
        payload = chance.choice(every) | {"update_id": 700_000_000 + number}
        body = mutations.rubbish(chance) if chance.random() < 0.2 else dumped(mutations.odd(payload, chance))
        sent.append(telegrams(house, body))
    mistakes = [wrong for one in sent if (wrong := goes_well(house, one))]
    assert not mistakes, f"{len(mistakes)}\n" + "\n".join(mistakes[:10])
    anna = house.telegram.person("Anna")
    house.telegram.updates.away = False
    house.telegram.updates.routes["http://desk.example"] = f"http://127.0.0.1:{house.port}"
    anna.starts()
    assert anna.waits(lambda anna: anna.answers)
    house.telegram.updates.away = True


def test_what_slack_would_never_post_is_no_trouble(house: House, chance: random.Random, share) -> None:
    anna = house.slack.person("Anna")
    ids = {
        "T024BE7LD": house.slack.team,
        "U023BECGF": anna.user.id,
        "D024BFF1M": anna.channel.id,
        "A0SENDER01": house.slack.app.id,
    }
    text = json.dumps(payloads("slack"))
    for old, new in ids.items():
        text = text.replace(old, new)
    names, sent = sorted(json.loads(text)), []
    for number in range(share.of(700)):
        new = text.replace("1795341600.000100", f"1795341600.{number:06}").replace("4153.2468.", f"4153.{number}.")
        payload = json.loads(new)[chance.choice(names)]
        body = mutations.rubbish(chance) if chance.random() < 0.2 else dumped(mutations.odd(payload, chance))
        if chance.random() < 0.4 and "event" not in payload:  # an interaction, or a command, is a form
            body = (
                b"payload="
                + urllib.parse.quote(body).encode()
                + chance.choice([b"", b"&payload=%7B%7D", b"&%ff=%zz", b"&command=/x"])
            )
            sent.append(slacks(house, body, FORM))
        else:
            sent.append(slacks(house, body, chance.choice([JSON, JSON, *mutations.TYPES])))
    mistakes = [wrong for one in sent if (wrong := goes_well(house, one))]
    assert not mistakes, f"{len(mistakes)}\n" + "\n".join(mistakes[:10])
    body = text_of(anna, house)
    assert answers(house.port, slacks(house, body)) == [200]
    assert anna.waits(lambda anna: anna.answers)


def test_rubbish_in_telegrams_queue_holds_up_nothing_behind_it(chance: random.Random, share, tmp_path: Path) -> None:
    every = [
        (kind, content) for one in payloads("telegram").values() for kind, content in one.items() if kind in WANTED
    ]
    with BotApi() as api, Process(tmp_path / "desk", api) as process:
        for _ in range(share.of(400)):
            kind, content = chance.choice(every)
            changed = mutations.odd({kind: content}, chance)
            if kind in changed:
                api.updates.add(kind, changed[kind], "anybody")
        rubbish = len(api.updates.waiting)
        anna = api.person("Anna")
        anna.starts()
        assert anna.waits(lambda anna: anna.answers, 60.0)
        assert api.waits(lambda api: not api.updates.waiting, 60.0) and len(api.updates.confirmed) == rubbish + 1
        assert '"exception"' not in process.output and "take_failed" not in process.output


def text_of(anna: Any, house: House) -> bytes:
    text = json.dumps(payloads("slack")["text"])
    for old, new in {
        "T024BE7LD": house.slack.team,
        "U023BECGF": anna.user.id,
        "D024BFF1M": anna.channel.id,
        "1795341600.000100": "1795349999.000100",
    }.items():
        text = text.replace(old, new)
    return text.encode()
