"""Each type of answer: taken, refused with the reason, and with a mended form to press where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import Chat, House

from bot.letters.font import unprintable
from bot.words import Catalogs
from rules.book import Book, load

ONE_OF_EACH = """
country = "NF"
name = "Norfolk Island"
route = "form"
registration = "required"
fields = [
    "a_text", "an_email", "a_phone", "a_url", "a_date", "a_choice", "a_country", "a_number", "a_boolean", "some_urls",
    "a_pattern",
]
documents = []

[field.a_text]
label = "Text"
type = "text"
required = true
limits = { min_length = 5, max_length = 20 }
[field.an_email]
label = "Email"
type = "email"
required = true
forbid_free_mail = true
[field.a_phone]
label = "Phone"
type = "phone"
required = true
[field.a_url]
label = "Page"
type = "url"
required = true
[field.a_date]
label = "Day"
type = "date"
required = true
limits = { min = 1900, max = 2026 }
[field.a_choice]
label = "Choice"
type = "choice"
required = true
limits = { choices = ["red_wine", "white_wine", "water"] }
choice_labels = { red_wine = "Red wine", white_wine = "White wine", water = "Still water" }
[field.a_country]
label = "Country"
type = "country"
required = true
[field.a_number]
label = "Number"
type = "number"
required = true
limits = { min = 10, max = 100000 }
[field.a_boolean]
label = "Yes or no"
type = "boolean"
required = true
[field.some_urls]
label = "Pages"
type = "url"
many = true
[field.a_pattern]
label = "Code"
type = "text"
required = true
hint = "three letters and four digits, without spaces"
limits = { pattern = "[A-Z]{3}[0-9]{4}" }

[sender_id.source]
title = "Made up"
url = "https://example.org/rules"
read_on = 2026-11-01

[[sources]]
title = "Made up"
url = "https://example.org/rules"
read_on = 2026-11-01
"""


@pytest.fixture(scope="module")
def own_book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Ours, with an operator's own country laid over it that asks one field of each type."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "countries").mkdir()
    (folder / "countries" / "nf.toml").write_text(ONE_OF_EACH)
    loaded = load(folder)
    loaded.unprintable = unprintable
    return loaded


@pytest.fixture
def chat(tmp_path: Path, own_book: Book) -> Iterator[Chat]:
    house = House(tmp_path, own_book, Catalogs.load(own_book, strict=True))
    chat = house.customer()
    chat.starts("NF")
    yield chat
    house.close()


TAKEN = [
    ("a_text", "  Fresh   Bakery ", "Fresh Bakery"),
    ("a_text", '"Status"', "Status"),
    ("a_text", "Café Müller", "Café Müller"),
    ("a_text", "zero\u200bwidth", "zerowidth"),
    ("an_email", "Anna@FreshBakery.com", "Anna@freshbakery.com"),
    ("a_phone", "+66 2 123 4567", "+66 2 123 4567"),
    ("a_phone", "+6621234567", "+66 2 123 4567"),
    ("a_url", "www.freshbakery.com", "www.freshbakery.com"),
    ("a_url", "https://freshbakery.com/orders?id=1", "https://freshbakery.com/orders?id=1"),
    ("a_date", "2020-02-29", "2020-02-29"),
    ("a_date", "29 February 2020", "2020-02-29"),
    ("a_date", "February 29th, 2020", "2020-02-29"),
    ("a_date", "29.02.2020", "2020-02-29"),
    ("a_choice", "2", "white_wine"),
    ("a_choice", "still WATER", "water"),
    ("a_choice", "red-wine", "red_wine"),
    ("a_country", "Deutschland", "DE"),
    ("a_country", "uk", "GB"),
    ("a_number", "5,000", 5000),
    ("a_number", "5 000", 5000),
    ("a_boolean", "Yes.", True),
    ("a_boolean", "nope", False),
    ("some_urls", "www.one.com\nwww.two.com/x", ["www.one.com", "www.two.com/x"]),
    (
        "some_urls",
        "www.one.com, https://two.com/x;www.three.com/a,b",
        ["www.one.com", "https://two.com/x", "www.three.com/a,b"],
    ),
    ("some_urls", "www.one.com two.com/x", ["www.one.com", "two.com/x"]),
    ("a_pattern", "ABC1234", "ABC1234"),
]
GOOD = {"a_text": "Something", "an_email": "a@b.example", "a_phone": "+66 2 123 4567", "a_url": "b.example.com",
        "a_date": "2020-01-01", "a_choice": "water", "a_country": "DE", "a_number": "50", "a_boolean": "yes",
        "some_urls": "www.one.com", "a_pattern": "ABC1234"}  # fmt: skip


@pytest.mark.parametrize(("field", "typed", "kept"), TAKEN)
def test_an_answer_that_passes_is_kept_in_its_plain_form(chat: Chat, field: str, typed: str, kept: object) -> None:
    chat.answers(until=field, **GOOD)
    chat.types(typed)
    assert chat.on.answers[field] == kept


REFUSED = [
    ("a_text", "abc", "bad_too_short", None),
    ("a_text", "a" * 21, "bad_too_long", None),
    ("a_text", "ร้านขนมปัง", "bad_not_latin", None),
    ("a_text", "Пекарня", "bad_not_latin", None),
    ("a_text", "Bakery 🎂", "bad_unprintable", None),
    ("a_text", "\u200b\u200b", "bad_empty", None),
    ("an_email", "anna at bakery", "bad_email", None),
    ("an_email", "<anna@bakery.com>", "bad_email", "anna@bakery.com"),
    ("an_email", "anna(at)bakery.com", "bad_email", "anna@bakery.com"),
    ("an_email", "anna@gmail.com", "bad_free_mail", None),
    ("a_phone", "12", "bad_phone", None),
    ("a_phone", "call me", "bad_phone", None),
    ("a_phone", "0066 2 123 4567", "bad_phone_no_country", "+66 2 123 4567"),
    ("a_url", "freshbakery", "bad_url", None),
    ("a_url", "our page is www.freshbakery.com", "bad_url", "www.freshbakery.com"),
    ("a_date", "soon", "bad_date", None),
    ("a_date", "31/12/2020", "bad_date", "2020-12-31"),
    ("a_date", "04/05/2020", "bad_date", None),
    ("a_date", "2021-02-29", "bad_date", None),
    ("a_date", "1850-01-01", "bad_date_range", None),
    ("a_choice", "beer", "bad_choice", None),
    ("a_choice", "wat", "bad_choice", "water"),
    ("a_country", "Atlantis", "bad_country", None),
    ("a_country", "Germny", "bad_country", "Germany"),
    ("a_number", "many", "bad_number", None),
    ("a_number", "about 5k", "bad_number", "5000"),
    ("a_number", "9", "bad_number_range", None),
    ("a_number", "100001", "bad_number_range", None),
    ("a_boolean", "perhaps", "bad_yes_no", None),
    ("some_urls", "www.one.com\nnowhere", "bad_url", None),
    ("some_urls", "our orders are at www.one.com/orders", "bad_url", "www.one.com/orders"),
    ("some_urls", "www.one.com, bit.ly/3xYz", "bad_short_link", None),
    ("a_pattern", "abc", "bad_pattern", None),
    ("a_pattern", "ABC 1234", "bad_pattern", "ABC1234"),
]


@pytest.mark.parametrize(("field", "typed", "key", "offer"), REFUSED)
def test_an_answer_that_does_not_pass_is_refused_with_the_reason_and_the_way_out(
    chat: Chat, field: str, typed: str, key: str, offer: str | None
) -> None:
    chat.answers(until=field, **GOOD)
    assert chat.types(typed) == [key]
    assert chat.summary.field == field and field not in chat.on.answers
    if offer is None:
        assert not any(label.startswith("Use:") for _, label in chat.last.choices)
    else:
        assert chat.last.choices[0] == (offer, f"Use: {offer}")
        chat.presses(offer)
        assert chat.summary.field != field and field in chat.on.answers


def test_an_error_tells_what_is_wrong_what_is_allowed_and_an_example(chat: Chat) -> None:
    chat.types("abc")
    assert "3 characters" in chat.last.text and "at least 5" in chat.last.text


def test_choices_and_yes_or_no_are_buttons_also_after_a_wrong_answer(chat: Chat) -> None:
    chat.answers(until="a_choice", **GOOD)
    assert chat.buttons == ["red_wine", "white_wine", "water"]
    chat.types("beer")
    assert chat.buttons == ["red_wine", "white_wine", "water"]
    assert "Still water" in chat.last.text
    chat.answers(until="a_boolean", **GOOD)
    chat.types("perhaps")
    assert chat.buttons == ["yes", "no"]


def test_a_local_phone_number_is_offered_with_the_country_of_the_company(house: House) -> None:
    anna = house.customer()
    anna.starts("TH")
    anna.answers(until="contact_phone", country="Thailand")
    anna.plays(("02 123 4567", "bad_phone_no_country"), ("[+66 2 123 4567]", "ask_field use_case_category"))


def test_an_optional_field_can_be_skipped_and_a_required_one_cannot(chat: Chat) -> None:
    chat.plays(
        ("skip", "cannot_skip"), ("why", "ask_field a_text"), ("skip", "cannot_skip"), ("[later]", "ask_field an_email")
    )
    chat.answers(until="some_urls", **GOOD)
    chat.plays(("[skip]", "ask_field a_pattern"))
    assert chat.on.skipped == ["some_urls"] and chat.on.parked == ["a_text"]


def test_a_country_field_offers_the_country_of_the_company(house: House) -> None:
    anna = house.customer()
    anna.starts("AU")
    anna.answers(until="global_headquarters_country", has_abn="no", representative_in_extract="yes")
    anna.plays(("[DE]", "ask_sender_id"))
    assert anna.on.answers["global_headquarters_country"] == "DE"
