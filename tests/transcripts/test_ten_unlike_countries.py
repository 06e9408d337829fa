"""Ten countries that have little in common, as people meet them."""

from __future__ import annotations

import pytest
from playing import SAMPLE, Chat, House

from conversations.model import Role

LINK = "Fresh Bakery: track your bread at https://freshbakery.example/t"


@pytest.fixture
def reviewer(house: House) -> Chat:
    return house.staff(Role.REVIEWER, "rita")


def test_turkey_takes_no_marketing_and_delivers_no_links(chat: Chat, house: House, reviewer: Chat) -> None:
    chat.plays(
        ("Turkey", ["greeting", "briefing_form", "ask_start"]),
        ("[start]", "ask_field message_type"),
        ("promotional", "stopped_here"),
        ("[transactional]", "ask_field country"),
    )
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        (LINK, "sample_no_links"),
        (SAMPLE, "ask_more_samples"),
        ("done", "ask_review"),
    )
    chat.submits()
    assert len(chat.on.letters) == 2, "one to the carriers, one to whoever passes the messages on"
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    reviewer.types(f"approve {chat.reference}")
    assert chat.status == "SUCCESSFUL" and chat.last.key == "outcome_successful"


def test_morocco_takes_letters_only_and_no_paper_is_signed(chat: Chat, reviewer: Chat) -> None:
    chat.starts("Morocco")
    chat.answers()
    chat.plays(
        ("BAKERY24", "sender_id_no_digits"),
        ("[BAKERY]", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        (SAMPLE, "ask_more_samples"),
        ("done", "ask_review"),
        ("submit", "status_is_UNDER_REVIEW"),
    )
    assert not chat.on.letters
    reviewer.types(f"approve {chat.reference}")
    assert chat.status == "SUCCESSFUL"


def test_india_wants_the_entity_of_its_own_register_first_and_keeps_no_foreign_name(chat: Chat) -> None:
    chat.plays(
        ("India", ["greeting", "briefing_self_registration_then_form", "ask_start"]),
        ("[start]", "ask_number"),
        ("1001234567890123456", "ask_field brand_origin"),
        ("international", "stopped_here"),
        ("local", "ask_field entity_params_ack"),
        ("no", "stopped_here"),
        ("[yes]", "ask_field message_type"),
    )


def test_singapore_is_for_companies_with_a_number_of_its_own(chat: Chat, house: House) -> None:
    chat.plays(
        ("Singapore", ["greeting", "briefing_self_registration", "ask_start"]),
        ("[start]", "ask_field message_type"),
        ("transactional", "ask_field has_uen"),
        ("no", "stopped_here"),
        ("[yes]", "ask_field uen"),
    )
    chat.answers()
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_number"), ("SSIR-2026-01234", "ask_review"))
    chat.plays(("submit", "status_is_WITH_ACCOUNT_MANAGER"))
    assert house.cards


def test_kazakhstan_is_paid_and_an_account_manager_gets_it_with_everything_said(chat: Chat, house: House) -> None:
    chat.plays(
        ("Kazakhstan", ["greeting", "briefing_account_manager", "ask_start"]), ("[start]", "ask_field message_type")
    )
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_review"), ("submit", "status_is_WITH_ACCOUNT_MANAGER")
    )
    assert house.cards and not chat.on.letters


def test_china_approves_texts_and_no_names(chat: Chat) -> None:
    chat.plays(
        ("China", ["greeting", "briefing_template_approval", "ask_start"]), ("[start]", "ask_field message_type")
    )
    chat.answers()
    chat.plays(
        (SAMPLE, "ask_more_samples"), ("done", "ask_review"), ("submit", "status_is_WITH_ACCOUNT_MANAGER")
    )  # no sender ID is asked: the text's signature stands in its place
    assert [name.text for name in chat.on.sender_ids] == [chat.on.answers["signature"]]


@pytest.mark.parametrize(("said", "letters"), [("yes", 1), ("no", 0)])
def test_britain_wants_a_letter_for_protected_names_only(chat: Chat, said: str, letters: int) -> None:
    chat.starts("United Kingdom")
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        (SAMPLE, "ask_more_samples"),
        ("done", "ask_field mef_protected"),
    )
    chat.types(said)
    chat.fills_in()
    chat.submits()
    assert len(chat.on.letters) == letters


def test_kuwait_has_purposes_of_its_own_and_three_letters(chat: Chat) -> None:
    chat.starts("Kuwait")
    assert "otp" not in chat.buttons, "codes are service messages there"
    chat.plays(("promotional", "stopped_here"), ("[transactional]", "ask_field country"))
    chat.fills_in()
    chat.submits()
    assert len(chat.on.letters) == 3, "a general one, and one to each of two carriers"


def test_the_united_states_show_no_names_and_say_what_they_show(chat: Chat) -> None:
    chat.plays(("United States", ["greeting", "briefing_unsupported", "ask_other_country"]))
    assert any("short code" in message.text for message in chat.messages)
    assert chat.case.on is None, "nothing is opened where nothing can be registered"


def test_hong_kong_is_recommended_and_may_be_left(chat: Chat) -> None:
    chat.plays(
        ("Hong Kong", ["greeting", "briefing_recommended", "ask_start"]), ("[skip]", ["skipped_country", "ask_country"])
    )
