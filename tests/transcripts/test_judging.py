"""What the assistant says of a name and of a text before a carrier does; and what a reviewer need not read any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import SETTINGS, Chat, House

from bot.web import dossier
from bot.words import Catalogs
from conversations.judgement.judged import judged
from conversations.model import Registration, Role, SenderId
from rules.book import Book


@pytest.fixture
def names(chat: Chat) -> Chat:
    chat.starts("GB")
    chat.answers(mef_protected="no")
    assert chat.step == "sender_ids"
    return chat


@pytest.fixture
def samples(names: Chat) -> Chat:
    names.plays(("FRESH", "ask_more_sender_ids"), ("done", "ask_sample"))
    return names


# --- names ----------------------------------------------------------------------------------------------------------


def test_all_doubts_about_a_name_are_told_in_one_message_each_with_its_source(names: Chat) -> None:
    assert names.types("0800DHLInfo") == ["ask_keep_name"]
    assert names.last.text.count("Source: https://") == 2
    assert "DHL (courier)" in names.last.text and "phone number" in names.last.text
    names.plays(("[keep]", "ask_more_sender_ids"))
    assert names.on.sender_ids[0].doubted.split() == ["doubt_brand_leans", "doubt_number"]


@pytest.mark.parametrize("typed", ["PAYPA1", "Arnazon", "DHL-Info", "Google", "G00GLE", "1234567890", "+4915112345"])
def test_a_name_that_is_somebody_elses_or_a_number_is_doubted_and_never_refused(names: Chat, typed: str) -> None:
    names.plays(
        (typed, "ask_keep_name"),
        ("[back]", "ask_sender_id"),
        (typed, "ask_keep_name"),
        ("[keep]", "ask_more_sender_ids"),
    )
    assert [name.text for name in names.on.sender_ids] == [typed]


def test_whoever_is_the_brand_registers_it_without_a_word(chat: Chat) -> None:
    chat.starts("GB")
    chat.answers(mef_protected="no", company_name="DHL International GmbH")
    chat.plays(("DHL", "ask_more_sender_ids"), ("DHL-Express", "ask_more_sender_ids"), ("PAYPAL", "ask_keep_name"))


def test_it_is_said_how_a_name_is_seen_to_belong_to_the_company(names: Chat) -> None:
    names.types("FRESHBAKERY\nFB\nFRSHBKRY\nZORRO")
    for line in (
        "• FRESHBAKERY: as in Fresh Bakery GmbH",
        "• FB: the initials of Fresh Bakery GmbH",
        "• FRSHBKRY: short for Fresh Bakery GmbH",
        "• ZORRO: I can't see yet how it belongs to you, so I'll ask later",
    ):
        assert line in names.last.text


def test_initials_are_plain_and_nothing_more_is_asked(names: Chat) -> None:
    names.plays(
        ("FB", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        ("A text", "ask_more_samples"),
        ("done", "ask_field mef_protected"),
        ("no", "ask_review"),
    )
    assert names.on.answers["sender_id_link_plain"] is True


def test_an_edited_name_is_doubted_anew(names: Chat) -> None:
    names.types("FRESHBAKERY", message="m-n1")
    assert names.edits("m-n1", "PAYPA1")[0] == "sender_id_doubted"
    assert names.on.sender_ids[0].doubted == "doubt_brand_looks"


def test_a_refusal_names_the_country_what_is_allowed_and_a_name_that_passes(chat: Chat) -> None:
    chat.starts("KE")
    chat.answers()
    assert "English letters, no digits" in chat.last.text
    chat.plays(("SHOP123", "sender_id_no_digits"))
    assert "Kenya" in chat.last.text and "FRESHBAKERY" in chat.last.text
    chat.plays(("[SHOP]", "ask_more_sender_ids"))


# --- samples --------------------------------------------------------------------------------------------------------


def test_what_speaks_against_a_text_is_said_and_the_text_is_kept(samples: Chat) -> None:
    assert samples.types("Dear {name}, see bit.ly/2x") == ["sample_with_remarks", "ask_more_samples"]
    said = samples.messages[-2].text
    assert "{name} looks like a gap" in said and "bit.ly/2x is a shortened link" in said
    assert samples.on.sender_ids[0].samples == ["Dear {name}, see bit.ly/2x"]


def test_typographic_characters_are_replaced_at_a_press(samples: Chat) -> None:
    assert samples.types("Your order’s ready – come by…" + "." * 50) == ["sample_taken", "ask_more_samples"]
    assert "’ – …" in samples.messages[-2].text and "2 SMS" in samples.messages[-2].text
    assert samples.presses("mend") == ["sample_mended", "sample_taken", "ask_more_samples"]
    assert samples.on.sender_ids[0].samples == ["Your order's ready - come by..." + "." * 50]
    assert "GSM-7" in samples.messages[-2].text and "mend" not in samples.buttons
    assert samples.types("mend") == ["sample_taken", "ask_more_samples"]  # now it is a text like any other


def test_a_text_with_remarks_is_taken_out_at_a_press_and_edits_change_the_ones_behind_it(samples: Chat) -> None:
    samples.types("Your code is XXXX")
    assert samples.buttons == ["done", "remove 1"]
    samples.types("Your code is 4711", message="m-s2")
    assert samples.types("remove 1") == ["sample_removed", "ask_more_samples"]
    assert samples.edits("m-s2", "Your code is 4712")[0] == "answer_changed"
    assert samples.on.sender_ids[0].samples == ["Your code is 4712"]
    samples.plays(("remove 7", "sample_not_there"), ("remove 1", "ask_sample"))


def test_an_edited_text_is_judged_again(samples: Chat) -> None:
    samples.types("Your code is 4711", message="m-s1")
    assert samples.edits("m-s1", "Your code is XXXX")[:2] == ["sample_with_remarks", "answer_changed"]
    assert samples.edits("m-s1", "Your code is 4713")[0] == "answer_changed"


def test_what_the_country_forbids_is_refused_and_said_before(chat: Chat) -> None:
    chat.starts("TR")
    chat.answers()
    chat.types("FRESHBAKERY")
    chat.plays(("done", "ask_sample"))
    assert "no offers" in chat.last.text
    chat.plays(
        ("Track it: www.freshbakery.example/4711", "sample_no_links"), ("Your order 4711 is ready", "ask_more_samples")
    )


# --- the desk -------------------------------------------------------------------------------------------------------


def test_a_reviewer_gets_names_and_texts_judged_in_a_few_lines(tmp_path: Path, book: Book, catalogs: Catalogs) -> None:
    house = House(tmp_path / "house", book, catalogs, {**SETTINGS, "desk_chat": "group:desk"})
    rita, chat = house.staff(Role.REVIEWER, "rita", "group"), house.customer()
    chat.starts("GB")
    chat.answers(mef_protected="no")
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("DHL-Info", "ask_keep_name"), ("[keep]", "ask_more_sender_ids"))
    chat.plays(
        ("done", "ask_sample"), ("Your code is XXXX", "ask_more_samples"), ("Your pin is XXXX", "ask_more_samples")
    )
    chat.plays(("done", "ask_sample"), ("Your code is 4711", "ask_more_samples"))
    chat.types("done")
    chat.fills_in()
    chat.submits()
    if chat.status != "UNDER_REVIEW":
        chat.sends_papers()
        chat.types("submit")
    rita.types(f"take {chat.reference}")
    text = next(message for message in rita.messages if message.key == "desk_dossier").text
    for line in (
        "• FRESHBAKERY: as in Fresh Bakery GmbH",
        "• FRESHBAKERY, sample 1, 2: XXXX looks like a gap",
        "• DHL-Info: no link seen",
        "The customer was told and keeps it.",
    ):
        assert line in text
    house.close()


def test_the_desks_page_shows_the_same_lines(book: Book) -> None:
    registration = case("PAYPA1", "doubt_brand_looks")
    lines = dossier.judged_names(registration, book)["PAYPA1"]
    assert [line.key for line in lines] == ["desk_judged_no_relation", "desk_judged_kept", "desk_judged_sample"]
    assert list(judged(registration, book.pack("GB"), book.watchlist)) == list(lines)


def test_a_doubt_kept_before_names_had_several_is_still_told(book: Book) -> None:
    (relation, kept, _) = dossier.judged_names(case("INFO", "doubt_generic"), book)["INFO"]
    assert (relation.key, kept.key) == ("desk_judged_no_relation", "desk_judged_kept")


def case(name: str, doubted: str) -> Registration:
    sender_id = SenderId(name, samples=["Your code is XXXX", "Your code is 4711"], doubted=doubted)
    answers = {"company_name": "Fresh Bakery GmbH"}
    return Registration(1, "GB-0000", 1, 1, "GB", "form", answers=answers, sender_ids=[sender_id])
