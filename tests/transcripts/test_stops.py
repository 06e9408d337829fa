"""What stops a registration is refused the same way whatever way it came, with what is possible instead."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from playing import Chat, House, answer_to
from test_together import begins, goes_to, of

from conversations.interview import beginning, stops
from conversations.interview.forms import problems
from conversations.model import Event, Kind, Say
from conversations.talk import Talk
from rules.book import Book


def typed(chat: Chat) -> str:
    return chat.types("promotional")[-1]


def pressed(chat: Chat) -> str:
    return chat.presses("promotional")[-1]


def in_a_form(chat: Chat) -> str:
    answers = {"message_type": "promotional"}
    found = problems(chat.case, chat.house.book, chat.reference, answers)
    assert found["message_type"].key == "stopped_here"
    result = {"reference": chat.reference, "answers": answers, "submitted": True}
    chat._does(Kind.FORM, result=result)
    assert chat.on.typed["message_type"] == "promotional", "it is there again when the form is opened"
    return found["message_type"].key


def in_an_edited_message(chat: Chat) -> str:
    chat.types("transactional", message="m-purpose")
    keys = chat.edits("m-purpose", "promotional")
    assert chat.on.answers["message_type"] == "transactional"
    chat.types("edit message_type")
    return keys[0]


@pytest.mark.parametrize("way", [typed, pressed, in_a_form, in_an_edited_message])
def test_an_answer_that_stops_is_taken_in_no_way(chat: Chat, way: Callable[[Chat], str]) -> None:
    chat.starts("KE")
    assert way(chat) == "stopped_here"
    assert chat.on.answers.get("message_type") != "promotional" and chat.summary.field == "message_type"
    said = next(message for message in reversed(chat.messages) if message.key in ("stopped_here", "ask_field"))
    stop = chat.house.book.pack("KE").field("message_type").stops_when[0]
    if said.key == "stopped_here" and said.say.asks:
        assert said.text == f"{stop.text} {stop.alternative}"
        assert said.values == ["transactional", "otp", "another", "person"], "every way that is left, the offered first"
    chat.types("transactional")
    assert chat.on.answers["message_type"] == "transactional" and chat.summary.field != "message_type"


def starts(chat: Chat, given: dict[str, object], *codes: str) -> Talk:
    """Begin these countries with answers that are known, as whoever asked for them in words does."""
    case = replace(chat.case, fresh=Numbers())
    talk = Talk(case, Event("test:given", Kind.TEXT, chat.house.now, chat.name, chat.name), chat.house.book)
    beginning.start(talk, list(codes), given)
    return talk


class Numbers:
    """New numbers and references, as a store draws them."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def registration_id(self) -> int:
        return next(self._numbers)

    company_id = upload_id = handoff_id = registration_id

    def reference(self, country: str) -> str:
        return f"{country}-{next(self._numbers):04}"

    def letter_id(self) -> str:
        return f"{next(self._numbers):08}"


def test_an_answer_known_beforehand_stops_as_if_it_had_been_typed(chat: Chat) -> None:
    chat.types("Kenya")
    talk = starts(chat, {"message_type": "promotional"}, "KE")
    assert [effect.key for effect in talk.effects if isinstance(effect, Say)] == ["opened", "stopped_there"]
    talk = starts(chat, {"message_type": "promotional"}, "TH", "KE")
    answers = {one.country: one.answers for one in talk.case.registrations.values()}
    marketing = {"message_type": "promotional", "use_case_category": "promotion_marketing"}
    assert answers == {"TH": marketing, "KE": {}}, "nor what follows from it"
    assert talk.on is not None and (talk.on.country, talk.chat.cursor.field) == ("KE", "message_type")


def test_an_answer_known_beforehand_is_not_asked(chat: Chat) -> None:
    chat.types("Kenya")
    talk = starts(chat, {"message_type": "otp", "shoe_size": 43}, "TH", "KE")
    assert {one.answers["message_type"] for one in talk.case.registrations.values()} == {"otp"}
    assert not any("shoe_size" in one.answers for one in talk.case.registrations.values())
    assert talk.chat.cursor.field != "message_type"


def test_an_answer_that_makes_one_given_before_a_stop_asks_that_one_again(chat: Chat) -> None:
    """Nigeria takes marketing of local brands only: found whichever of the two is answered last."""
    chat.starts("NG")
    chat.plays(("[local]", "ask_field message_type"), ("[promotional]", "ask_field country"))
    chat.plays(
        ("edit brand_origin", "ask_again_field brand_origin"),
        ("[international]", ["stopped_by_another", "ask_field"]),
    )
    assert chat.summary.field == "message_type" and chat.on.answers["brand_origin"] == "international"
    assert "message_type" not in chat.on.answers
    chat.plays(("promotional", "stopped_here"), ("[otp]", "ask_field country"))


def test_changing_an_earlier_answer_asks_the_stopped_one_again(chat: Chat, house: House) -> None:
    """Local brands of Egypt may not send codes: the answer on the brand stops when the purpose changes."""
    chat.starts("EG")
    chat.answers(until="company_name", brand_origin="local", country="Egypt")
    assert chat.on.answers["brand_origin"] == "local"
    chat.plays(("edit message_type", "ask_again_field message_type"), ("otp", "ask_field brand_origin"))
    assert "stopped_by_another" in [message.key for message in chat.messages[-2:]]
    chat.plays(("[local]", "stopped_here"), ("edit message_type", "ask_again_field message_type"))
    chat.plays(("transactional", "ask_field brand_origin"))
    chat.types("local")
    assert chat.on.answers["brand_origin"] == "local"


def test_a_stop_that_only_one_country_of_several_has_is_found_there_later_too(chat: Chat) -> None:
    begins(chat, "TH", "EG")
    while chat.summary.field != "company_name":
        field = chat.house.book.pack(chat.on.country).field(str(chat.summary.field))
        special = {"brand_origin": "local", "country": "Egypt", "message_type": "transactional"}
        chat.types(special.get(field.name) or answer_to(field))
    chat.plays(("edit message_type", "ask_again_field message_type"))
    chat.types("otp")
    assert of(chat, "TH").answers["message_type"] == of(chat, "EG").answers["message_type"] == "otp"
    assert (chat.on.country, chat.summary.field) == ("EG", "brand_origin")


def test_every_stop_of_every_country_offers_answers_that_do_not_stop(book: Book) -> None:
    counted = 0
    for code in book.codes:
        for field in book.pack(code).fields:
            for stop in field.stops_when:
                counted += 1
                for way in stops.ways_on(field, stop, {}):
                    value = {"yes": True, "no": False}.get(way.value, way.value)
                    assert field.stop({}, value) is None, (code, field.name, way.value)
                    assert stops.read(field, way.value, {}, book) == value
    assert counted > 15


def test_what_can_stop_is_said_before_the_first_question(chat: Chat) -> None:
    chat.types("Kenya")
    briefing = chat.messages[-2].text
    _, _, told = briefing.partition("What can stop you here:\n")
    lines = told.split("\n\n")[0].splitlines()
    assert lines[0].startswith("• Marketing cannot be registered here")
    assert (
        "• A sender ID with a digit in it." in lines and "• A sender ID that could be anybody's, such as INFO." in lines
    )
    chat.types("another")
    chat.types("Finland")
    assert stops.in_advance(chat.house.book.pack("FI")) == [] and "What can stop" not in chat.messages[-2].text


def test_what_can_stop_is_said_once(book: Book) -> None:
    for code in ("KE", "TR"):
        said = [str(line.values["text"]) for line in stops.in_advance(book.pack(code)) if "text" in line.values]
        assert len([text for text in said if text.startswith("Marketing cannot be registered here")]) == 1, (code, said)


# --- ready sentences ----------------------------------------------------------------------------------------------


def test_a_ready_sentence_is_picked_shown_and_adjusted(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description")
    assert chat.buttons == ["1", "2", "3"]
    assert "1. Fresh Bakery GmbH tells its customers in Thailand that" in chat.last.text
    chat.plays(("[1]", ["phrase_taken", "ask_field"]))
    taken = chat.on.answers["use_case_description"]
    assert taken.startswith("Fresh Bakery GmbH tells its customers in Thailand")
    noted = chat.messages[-2].text
    assert taken in noted and 'write "edit What the messages are for"' in noted
    chat.plays(("edit What the messages are for", "ask_again_field use_case_description"))
    assert taken in chat.last.text and chat.buttons == ["1", "2", "3"]
    chat.types("Fresh Bakery tells people that their bread is ready.")
    assert chat.on.answers["use_case_description"] == "Fresh Bakery tells people that their bread is ready."


def test_a_ready_sentence_lists_the_countries_as_a_sentence_does(chat: Chat) -> None:
    begins(chat, "KE", "TH", "AE")
    goes_to(chat, "use_case_description")
    assert "its customers in Kenya, Thailand and the United Arab Emirates that" in chat.last.text


def test_a_number_is_a_sentence_only_where_sentences_are_offered(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.types("1")
    assert chat.on.answers["company_name"] == "1"
    chat.answers(until="use_case_description")
    chat.types("4")
    assert chat.on.answers["use_case_description"] == "4"


def test_a_sentence_keeps_its_number_when_the_website_becomes_known(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description", company_website="later")
    assert chat.buttons == ["1", "2", "3"] and "{" not in chat.last.text
    assert "3. Fresh Bakery GmbH sends one-time codes to its own users when they log in" in chat.last.text
    assert "confirm a payment." in chat.last.text
    chat.types("edit company_website")
    chat.types("www.freshbakery.example")
    chat.types("edit use_case_description")
    assert "3. Fresh Bakery GmbH sends one-time codes" in chat.last.text
    assert "confirm a payment at www.freshbakery.example." in chat.last.text
    chat.types("1")
    assert "tells its customers in Thailand" in chat.on.answers["use_case_description"]


def test_the_other_names_answer_is_offered_as_the_same(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name_on_certificate")
    assert ("same", "The same: Fresh Bakery GmbH") in chat.last.choices
    chat.types("same")
    assert chat.on.answers["company_name_on_certificate"] == "Fresh Bakery GmbH"
    chat.types("edit company_name_on_certificate")
    chat.types("บริษัท เฟรช เบเกอรี่ จำกัด")
    assert chat.on.answers["company_name_on_certificate"] == "บริษัท เฟรช เบเกอรี่ จำกัด"


def test_the_name_of_the_certificate_is_on_the_letters_where_it_is_another(chat: Chat, house: House) -> None:
    name = "บริษัท เฟรช เบเกอรี่ จำกัด"
    chat.drafts("TH", company_name_on_certificate="same")
    chat.types("submit")
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    assert all(name_and_title(one) == ("", []) for one in job.payload["letters"]), "nobody reads it twice"
    did, result = house._plain(job, False) or ("", {})
    house.happens(Event("drawn", Kind.JOB, house.now, registration=chat.on.id, name=did, result=result))
    chat.types("edit company_name_on_certificate")
    chat.types(name)
    assert chat.status == "DOCUMENTS_TO_BE_RENDERED", "the letters are drawn anew"
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    assert all(name_and_title(one) == (name, [name]) for one in job.payload["letters"])
    assert all(one["company_name"] == "Fresh Bakery GmbH" and one["version"] == 2 for one in job.payload["letters"])


def name_and_title(letter: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What the letter has of the certificate: under the legal name where it is signed, and among its particulars."""
    told = [text for label, text in letter["facts"] if label == "Company name as on the certificate"]
    return letter["certificate_name"], told


def test_a_form_shows_the_first_sentence_where_nothing_is_written_yet(chat: Chat) -> None:
    from conversations.interview.forms import form

    chat.starts("TH")
    chat.answers(until="use_case_description")
    asked = form(chat.case, chat.house.book)
    assert asked is not None
    entries = {entry.name: entry for entry in asked.entries}
    assert str(entries["use_case_description"].placeholder).startswith("Fresh Bakery GmbH tells its customers in")
    assert entries["use_case_description"].value == "", "nobody has said so yet"
    result = {"reference": chat.reference, "answers": {"company_name_on_certificate": "same"}, "submitted": True}
    chat._does(Kind.FORM, result=result)
    assert chat.on.answers["company_name_on_certificate"] == "Fresh Bakery GmbH"
