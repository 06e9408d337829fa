"""A new country is one file: the one in docs/adding-a-country.md, word for word, in an operator's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playing import Chat, House, draws_in_this_process

from bot import jobs
from bot.letters.font import unprintable
from bot.words import Catalogs
from conversations.model import Role
from rules.book import load
from rules.lint import lint

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-country.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RULES_DIR with the file of the guide, and nothing else."""
    example = re.search(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert example is not None
    found = tmp_path_factory.mktemp("rules")
    (found / "aq.toml").write_text(example[1], encoding="utf-8")
    return found


@pytest.fixture
def there(tmp_path: Path, folder: Path) -> Iterator[Chat]:
    """A customer of a house with that country."""
    book = load(folder)
    book.unprintable = unprintable
    house = House(tmp_path / "house", book, Catalogs.load(book, strict=True))
    yield house.customer()
    house.close()


def test_the_file_has_no_problem(folder: Path) -> None:
    assert [one for one in lint(folder, date(2026, 11, 22)) if one["file"] == "aq.toml"] == []


def test_a_name_is_registered_in_the_new_country(there: Chat) -> None:
    there.plays(
        ("Antarctica", ["greeting", "briefing_form", "ask_start"]),
        ("[start]", "ask_field message_type"),
        ("[promotional]", "stopped_here"),
        ("[transactional]", "ask_field country"),
    )
    there.answers(brand_origin="local", until="station_permit")
    there.plays(("12-01-19", "bad_pattern"), ("120119", "ask_field company_name_on_certificate"))
    there.answers(brand_origin="local")
    there.plays(("FRESHBAKERY", "sender_id_too_long"), ("FRESHBKR", "ask_more_sender_ids"), ("done", "ask_sample"))
    there.fills_in()
    there.submits()
    assert [letter.slot for letter in there.on.letters] == ["loa:Carrier One", "loa:Carrier Two"]
    there.sends_papers()
    there.plays(("submit", "status_is_UNDER_REVIEW"))
    reviewer = there.house.staff(Role.REVIEWER, "rita")
    reviewer.plays((f"approve {there.reference}", "desk_approved"))
    assert there.status == "SUCCESSFUL" and "✔ FRESHBKR works in Antarctica" in there.last.text


def test_the_letters_of_the_new_country_are_drawn(there: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_child", draws_in_this_process)
    there.drafts("Antarctica", brand_origin="international")
    there.types("submit")
    assert there.house.really_works() == ["render"]
    assert there.step == "preview" and all(letter.pages for letter in there.on.letters)


def test_ours_are_as_they_were_beside_it(folder: Path) -> None:
    ours, book = load(), load(folder)
    assert set(book.codes) - set(ours.codes) == {"AQ"}
    assert all(book.pack(code) == ours.pack(code) for code in ours.codes)
    assert book.find("Antarctica").countries == ("AQ",)
