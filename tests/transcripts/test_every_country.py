"""Every country of the book: a whole registration is played where something is asked, an answer is read where not.

Written against the data: a customer answers each question with the pack's own example, and what is asked must be what
the rules ask of those answers, no more and no less. One house is shared, for the countries have nothing to do with
each other; every registration is a customer of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playing import Chat, House

from bot.words import Catalogs
from conversations.model import Role, Text
from rules.book import Book, load
from rules.fit import MESSAGE, units
from rules.passing import passing_name
from rules.possible import is_asked
from rules.schema import HANDED_OVER, Field, FieldType, Pack, Route
from tests.read_once import our_book

FREE = (Route.NOT_REQUIRED, Route.UNSUPPORTED)  # nothing is registered there
RULES = our_book()
ASKING = [code for code in RULES.codes if RULES.pack(code).route not in FREE]
ORIGIN = "brand_origin"
MOST_TURNS = 150

Played = dict[tuple[str, str | None], str]  # how each registration ended


def origins(code: str) -> tuple[str | None, ...]:
    """The kinds of brand to play a country with: each where it tells them apart."""
    asked = next((field for field in RULES.pack(code).fields if field.name == ORIGIN), None)
    return (asked.limits.choices or (None,)) if asked else (None,)


PLAYS = [(code, origin) for code in ASKING for origin in origins(code)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, book: Book, catalogs: Catalogs) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("house"), book, catalogs)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reviewer(house: House) -> Chat:
    return house.staff(Role.REVIEWER, "rita")


@pytest.fixture(scope="module")
def manager(house: House) -> Chat:
    return house.staff(Role.ACCOUNT_MANAGER, "max")


@pytest.fixture(scope="module")
def played() -> Played:
    return {}


@pytest.fixture(scope="module")
def answered() -> set[str]:
    """The countries where nothing is registered, and that was said."""
    return set()


@pytest.mark.parametrize(("code", "origin"), PLAYS)
def test_a_registration_is_played_to_its_end(
    house: House, reviewer: Chat, manager: Chat, played: Played, tmp_path: Path, code: str, origin: str | None
) -> None:
    chat, pack = house.customer(f"{code}-{origin}".lower()), house.book.pack(code)
    chat.types(pack.name)
    if chat.step == "which_country":  # its name is part of another's
        chat.presses(code)
    assert chat.last.key == "ask_start", chat.last.text
    assert all(units(message.text) <= MESSAGE for message in chat.messages), "it fits into one message on every channel"
    chat.presses("start")
    customer = Customer(chat, pack, origin)
    if not customer.fills_in():
        assert customer.stopped == ORIGIN, "only what the test chose may stop an example"
        played[code, origin] = "stopped"
        return
    assert customer.asked == customer.should_be_asked()
    customer.hands_in()
    assert customer.papers() == customer.papers_needed()
    if pack.paused:
        assert chat.last.key == "submit_waits_for_pause"
        lifts_the_pause(house, code, tmp_path)
        assert chat.last.key == "country_reopened"
        chat.types("submit")
    handed_over = pack.route in HANDED_OVER
    assert chat.status == ("WITH_ACCOUNT_MANAGER" if handed_over else "UNDER_REVIEW"), chat.last.text
    (manager if handed_over else reviewer).plays((f"approve {chat.reference}", "desk_approved"))
    assert chat.status == "SUCCESSFUL" and chat.last.key == "outcome_successful"
    assert all(name.text in chat.last.text for name in chat.on.sender_ids)
    played[code, origin] = "by an account manager" if handed_over else "reviewed"


class Customer:
    """Somebody who answers every question with its example, and keeps a list of what was asked."""

    def __init__(self, chat: Chat, pack: Pack, origin: str | None) -> None:
        self.chat, self.pack, self.origin = chat, pack, origin
        self.asked: list[str] = []
        self.given: dict[str, Any] = {}
        self.stopped: str | None = None
        self.number: str | None = None
        self._does: dict[str, Callable[[], None]] = {
            "asking": self._answers, "registry": self._brings_the_number, "sender_ids": self._names,
            "sender_id_doubt": lambda: self._presses("keep"), "samples": self._writes_a_text,
            "profile": lambda: self._presses(self.chat.buttons[-1]),
        }  # fmt: skip

    def fills_in(self) -> bool:
        """To the review, with everything answered; False where an answer ends it."""
        for _ in range(MOST_TURNS):
            step = self.chat.step
            if step == "review":
                return True
            self._does[step]()
            if self.stopped:
                return False
        raise AssertionError(f"the questions never end: {self.chat.last.text}")

    def hands_in(self) -> None:
        """Submit, look through the letters, send every paper, submit again."""
        chat = self.chat
        chat.submits()
        if chat.status == "DOCUMENTS_RENDERED":
            chat.sends_papers()
            chat.types("submit")

    def should_be_asked(self) -> list[str]:
        """The fields that the rules ask of these answers, in the order of the file, but for what is plain already."""
        beforehand = self.pack.handoff_fields if self.pack.route in HANDED_OVER else ()
        number = self.pack.registry.number_field if self.pack.registry else None
        plain = self.chat.on.answers.keys() - self.given.keys()
        return [
            field.name for field in self.pack.fields
            if (not beforehand or field.name in beforehand) and is_asked(field, self.given)
            and field.name != number and field.name not in plain
        ]  # fmt: skip

    def papers(self) -> set[str]:
        """The papers that were asked for and came."""
        return {line.slot.partition(":")[0] for line in self.chat.summary.checklist if line.required and line.done}

    def papers_needed(self) -> set[str]:
        """The papers that the rules want with these answers."""
        if self.pack.route in HANDED_OVER:
            return set()  # an account manager asks for them
        answers = self.chat.on.answers
        return {
            document.code for document in self.pack.documents
            if document.required or (document.required_when and document.required_when.holds(answers))
        }  # fmt: skip

    # --- one question at a time

    def _presses(self, value: str) -> None:
        self.chat.presses(value)

    def _answers(self) -> None:
        field = self.pack.field(str(self.chat.summary.field))
        text = self.origin if field.name == ORIGIN and self.origin else field.example
        assert text, f"{field.name} has no example"
        assert field.name not in self.asked, f"{field.name} is asked twice: {self.chat.last.text}"
        self.asked.append(field.name)
        stop = field.stop(self.chat.on.answers, value_of(field, text, self.chat.house.book))
        keys = self.chat.types(text)
        if stop is not None:
            assert keys == ["stopped_here"] and stop.text in self.chat.last.text
            assert stop.alternative in self.chat.last.text and {"another", "person"} <= set(self.chat.buttons)
            self.stopped = field.name
            return
        assert field.name in self.chat.on.answers, (field.name, text, keys, self.chat.last.text)
        self.given[field.name] = self.chat.on.answers[field.name]

    def _brings_the_number(self) -> None:
        assert self.pack.registry is not None
        self.chat.types(str(self.pack.field(self.pack.registry.number_field).example))
        self.given[self.pack.registry.number_field] = self.chat.on.answers[self.pack.registry.number_field]

    def _names(self) -> None:
        rules = self.pack.sender_id.given(self.chat.on.answers)
        name = passing_name(rules, str(self.chat.on.answers.get("message_type", "")))
        assert name is not None
        self.chat.types(name)
        if self.chat.step == "sender_id_doubt":
            self._presses("keep")
        assert [one.text for one in self.chat.on.sender_ids] == [name], self.chat.last.text
        self.chat.types("done")

    def _writes_a_text(self) -> None:
        name = self.chat.on.sender_ids[-1].text
        begins = self.pack.samples.begins_with.get(str(self.chat.on.answers.get("message_type", "")), "")
        self.chat.types(f"{begins}{name}: your order 4711 has been sent and arrives tomorrow.")
        assert self.chat.on.sender_ids[-1].samples, self.chat.last.text
        self.chat.types("done")


def value_of(field: Field, text: str, book: Book) -> Any:
    """The text as the rules' conditions compare it."""
    if field.type is FieldType.BOOLEAN:
        return text == "yes"
    if field.type is FieldType.COUNTRY:
        return book.find(text, anywhere=True).countries[0]
    return text


def lifts_the_pause(house: House, code: str, folder: Path) -> None:
    """The pause ends as an operator ends it, and the next day comes."""
    (folder / f"{code.lower()}.toml").write_text("paused = false\n")
    unprintable = house.book.unprintable
    house.book = house.app.book = load(folder)
    house.book.unprintable = unprintable
    house.ticks(timedelta(days=1))


# --- the others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code in RULES.codes if code not in ASKING])
def test_where_nothing_is_registered_the_answer_says_so_and_where_that_was_read(
    house: House, answered: set[str], code: str
) -> None:
    chat, pack = house.customer(f"asks-about-{code}".lower()), house.book.pack(code)
    keys = chat.types(pack.name)
    assert keys[-2:] == [f"briefing_{pack.route.value}", "ask_other_country"]
    told = chat.messages[-2].text
    assert units(told) <= MESSAGE
    assert told.startswith(house.book.country_name(code))
    assert house.catalogs.words().text(Text(f"route_{pack.route.value}")) in told
    assert (pack.instead or "") in told and (pack.instead or pack.route is Route.NOT_REQUIRED)
    assert pack.sources[0].url in told and pack.sources[0].read_on.isoformat() in told
    answered.add(code)


def test_all_countries_are_counted(played: Played, answered: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Last in the file: of each country's kinds of brand one at least comes to the end."""
    if len(played) < len(PLAYS) or len(answered) < len(RULES.codes) - len(ASKING):
        pytest.skip("the countries before this were not all played here")
    ended = {code for (code, _), end in played.items() if end != "stopped"}
    assert ended == set(ASKING) and answered == set(RULES.codes) - ended
    ends = [f"{sum(one == end for one in played.values())} {end}" for end in sorted(set(played.values()))]
    with capsys.disabled():
        print(
            f"\n{len(ended)} countries registered in {len(played)} plays ({', '.join(ends)}); {len(answered)} answered"
        )
