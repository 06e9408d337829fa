"""Twenty thousand hostile strings through everything people can fill in, and what comes of them on every surface."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flood_house import BOOK, CATALOGS, opened
from hostile_text_strings import LONGEST, file_name, hostile
from hostile_text_surfaces import check_page, check_slack, check_telegram, check_terminal
from playing import SAMPLE, House, answer_to

from bot.commands import asked
from conversations.interview.plan import applicable
from conversations.model import IncomingFile, Kind, Role
from rules.traits import WITHOUT_REGISTRATION
from tests.seeded import Share

COUNTRIES = [
    code for code, pack in ((code, BOOK.pack(code)) for code in BOOK.codes) if pack.route not in WITHOUT_REGISTRATION
]
PARTS = 8  # tests the count is spread over


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with opened(tmp_path, monkeypatch) as playing:
        yield playing


class Fuzzed:
    """A customer who answers everything with hostile strings, and the desk that has to read them."""

    def __init__(self, house: House, chance: random.Random, number: int) -> None:
        self.house, self.chance = house, chance
        self.chat = house.customer(f"anna-{number}")
        self.country = chance.choice(COUNTRIES)
        self.walked: Counter[str] = Counter()
        self.typed = ""
        self.file = ""

    def goes_somewhere(self) -> None:
        """To a point of the dialogue where something may be typed."""
        chat, chance = self.chat, self.chance
        chat.starts(self.country)
        stop = chance.random()
        for _ in range(chance.randrange(40)):
            step = chat.summary.step
            if step == "asking" and stop < 0.5 and chance.random() < 0.1:
                return
            if not self._one_good_step(step, stop):
                return

    def _one_good_step(self, step: str, stop: float) -> bool:
        chat, summary = self.chat, self.chat.summary
        if step == "asking" and summary.field and summary.country:
            chat.types(answer_to(self.house.book.pack(summary.country).field(summary.field)))
        elif step == "sender_ids":
            if stop < 0.6:
                return False
            chat.types("FRESHBAKERY")
            chat.types("done")
        elif step == "samples":
            if stop < 0.7:
                return False
            chat.types(SAMPLE)
            chat.types("done")
        elif step == "review" and stop > 0.8:
            chat.types("submit")
            self.house.works()
        elif step == "preview":
            chat.types("yes")
        else:
            return False
        return True

    def sends(self, text: str) -> None:
        """One thing a person can do, with the string in it."""
        chat, chance = self.chat, self.chance
        self.typed, self.file = "", ""
        kind = chance.choices(
            (
                Kind.TEXT,
                Kind.PRESS,
                Kind.EDITED,
                Kind.FILES,
                Kind.OPENED,
                Kind.CONTACT,
                Kind.OTHER,
                Kind.FORM,
                Kind.GROUP,
            ),
            (60, 8, 4, 8, 3, 3, 1, 8, 3),
        )[0]
        self.walked[f"{kind} {chat.summary.step}"] += 1
        more: dict[str, Any] = {"text": text, "person": text[:60]}
        if kind is Kind.TEXT:
            self.typed = text
        elif kind is Kind.PRESS:
            more = {"choice": text[:2000], "asked": chat.case.conversation.asked}
        elif kind is Kind.EDITED:
            more["message"] = chance.choice([one.message for one in chat.case.conversation.given] or ["m1"])
        elif kind is Kind.FILES:
            self.file = file_name(chance)
            more["files"] = tuple(
                IncomingFile(f"stored:{self.house.files.put('incoming', str(chance.random()).encode())}", self.file, 30)
                for _ in range(chance.randint(1, 3))
            )
            more["album"] = chance.choice((None, text[:60] or "a"))
        elif kind is Kind.OTHER:
            more["name"] = text
        elif kind is Kind.FORM:
            if chat.case.on is None:
                return
            fields = [field.name for field in applicable(chat.on, self.house.book.pack(chat.on.country))]
            more["result"] = {
                "reference": chance.choice((chat.on.reference, text)), "submitted": chance.random() < 0.5,
                "answers": {chance.choice((*fields, "sender_ids", "samples", "registry_number", "nothing")): text},
            }  # fmt: skip
        elif kind is Kind.GROUP:
            more |= {"chat": "group:desk", "result": {"link": "https://t.me/bot?start="}}
        taken = self.house.happens(chat.event(kind, **more))
        assert not any(one.error for one in taken), taken
        self.house.works()


class Checked:
    """The catalogs, where every message is carried on every surface before it is delivered."""

    def __init__(self, fuzzed: Fuzzed) -> None:
        self._fuzzed = fuzzed

    def words(self, *reader: str | None) -> Any:
        self._words = CATALOGS.words(*reader)
        return self

    def render(self, outgoing: Any, path: Any) -> Any:
        rendered, fuzzed = self._words.render(outgoing, path), self._fuzzed
        check_telegram(outgoing, rendered)
        check_slack(outgoing, rendered)
        check_page(outgoing, rendered, fuzzed.typed, fuzzed.file)
        check_terminal({"text": rendered.text, "choices": rendered.choices})
        return rendered


@pytest.mark.parametrize("part", range(PARTS))
def test_no_string_breaks_a_turn_or_a_message_anywhere(
    house: House, chance: random.Random, share: Share, part: int
) -> None:
    chance.seed(f"{chance.random()} {part}")
    done, number = 0, 0
    walked: Counter[str] = Counter()
    while done < share.of(20_000 // PARTS):
        number += 1
        house.ticks(timedelta(minutes=2))  # nobody here is held up for writing too fast
        fuzzed = Fuzzed(house, chance, number)
        house.catalogs = CATALOGS
        fuzzed.goes_somewhere()
        house.catalogs = Checked(fuzzed)  # type: ignore[assignment]
        for _ in range(25):
            fuzzed.sends(hostile(chance))
            done += 1
        walked += fuzzed.walked
        for found in house.store.registrations():
            check_terminal(asked._shown(house, found))  # type: ignore[arg-type]
    assert not house.store.failures()
    assert len({where.split()[0] for where in walked}) == 9 or done < 1_000
    assert dataclasses.is_dataclass(fuzzed.chat.case.conversation)


@pytest.mark.parametrize("surface", ("web", "group"))
def test_a_text_of_64_kilobytes_is_answered(house: House, chance: random.Random, surface: str) -> None:
    chat = house.customer("anna", surface)
    chat.starts("SA")
    for piece in (
        "a",
        "\u202e",
        "<b>",
        "\u0301",
        "word ",
        "\U0001f600",
        "\n",
        "https://a.example/",
        "&amp;",
        "{answer}",
    ):
        assert chat.types((piece * LONGEST)[:LONGEST]), piece
    rita = house.staff(Role.REVIEWER, "rita")
    assert rita.types("send back SA-0000: " + "<!channel> " * 5_000)
