"""How often the check and a person agree: the sums, the words, and a real page checked once more."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from bot.commands.asked import handlers
from bot.commands.score import Case, in_short, in_words, summed_up
from bot.demo import Person, Story
from bot.settings import Settings
from bot.wiring import House, opened
from conversations.model import Role, Status

FINE, PERSON = "accepted", "person"
PAIRS = (  # what the person found, what the check said then, and now
    (FINE, FINE, FINE), (FINE, "unsigned", FINE), ("unsigned", FINE, PERSON), ("unsigned", "illegible", "illegible"),
    ("altered", PERSON, PERSON),
)  # fmt: skip
CASES = [Case("TH-AAAA", f"loa {number}", *pair) for number, pair in enumerate(PAIRS, 1)]


def test_the_sums_are_of_now_and_of_then() -> None:
    found = summed_up(CASES, 2)
    assert found["now"] == {"right": 2, "wrong_yes": 0, "wrong_no": 0, "other": 1, "person": 2}
    assert found["then"] == {"right": 1, "wrong_yes": 1, "wrong_no": 1, "other": 1, "person": 1}
    assert found["table"]["accepted"]["accepted"] == 2 and found["table"]["unsigned"]["person"] == 1
    assert [one["page"] for one in found["changed"]] == ["loa 2", "loa 3"]
    json.dumps(found)


def test_it_is_told_in_words() -> None:
    lines = list(in_words(summed_up(CASES, 1)))
    assert lines[0] == "1 judged pages can't be checked again: their letter was drawn anew since."
    assert any(line.split() == ["accepted", "wrongly", "0", "(0", "%)", "1", "(20", "%)"] for line in lines)
    assert lines[-1] == "TH-AAAA loa 3: accepted then, person now; it is unsigned"
    (nothing,) = in_words(summed_up([], 0))
    assert "No page to score" in nothing


@pytest.mark.parametrize(("said", "short"), [("unsure", PERSON), ("altered", PERSON), ("", PERSON),
                                             ("glare", "illegible"), ("unsigned", "unsigned")])  # fmt: skip
def test_what_is_left_to_a_person_and_what_cannot_be_read_is_one_each(said: str, short: str) -> None:
    assert in_short(said) == short


async def score(house: House) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []

    async def emit(line: Mapping[str, Any]) -> None:
        lines.append(dict(line))

    assert await handlers()["letters score"](house, {}, emit, None) == 0  # type: ignore[arg-type]
    (line,) = lines
    return line


async def test_pages_judged_at_the_desk_are_checked_once_more(settings: Settings) -> None:
    async with opened(settings) as house:
        assert (await score(house))["pages"] == 0
        customer = Person(house, "web", uuid.uuid4().hex[:16])
        reference = (await customer.registers(Story(1, "TH", "Savanna", ("SAVANNA",), Status.UNDER_REVIEW))).reference
        desk = Person(house, "web", uuid.uuid4().hex[:16])
        store = house.app.store
        await desk.says((await house.app.write(store.invite, Role.REVIEWER, house.app.clock.now())).code, person="Rita")
        found = await asyncio.to_thread(store.found, reference)
        assert found is not None
        registration = found.registration
        await desk.decides(registration, "take", {})
        first, second = registration.uploads
        await desk.decides(registration, "agree", {"upload": first.id, "page": 1})
        await desk.decides(registration, "overrule_page", {"upload": second.id, "page": 1, "label": "unsigned"})
        line = await score(house)
    assert line["pages"] == 2 and line["changed"] == []
    assert line["now"] == line["then"] == {"right": 1, "wrong_yes": 1, "wrong_no": 0, "other": 0, "person": 0}
