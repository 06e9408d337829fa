"""Every route, from the country's name to where it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playing import Chat, House

from rules.book import Book


def test_a_thai_registration_reaches_successful(chat: Chat, house: House, reviewer: Chat) -> None:
    chat.plays(
        ("hello", "ask_country"),
        ("Thailand", ["briefing_form", "ask_start"]),
        ("[start]", "ask_field message_type"),
        ("[transactional]", "ask_field country"),
        ("Germany", "ask_field messages_carry_links"),
        ("[no]", "ask_field loan_content"),
        ("no", "ask_field company_name"),
    )
    chat.fills_in()
    chat.plays(("submit", "drawing_letters"))
    assert house.works() == ["render"]
    chat.plays(("[yes]", "ask_documents"))
    assert chat.sends_files({"a.jpg": [chat.page("loa")]}) == [
        "files_received",
        "pages_placed",
        "ask_documents_complete",
    ]
    chat.plays(("[submit]", "status_is_UNDER_REVIEW"))
    assert house.cards() == ["card_to_review"]
    reference = chat.reference
    reviewer.plays(
        (f"open {reference}", "desk_opened"),
        (f"pass on {reference}", "desk_passed_on"),
        (f"approve {reference}", "desk_approved"),
    )
    assert [message.key for message in chat.messages[-2:]] == ["outcome_with_carrier", "outcome_successful"]
    assert chat.status == "SUCCESSFUL"
    assert "✔ FRESHBAKERY works in Thailand" in chat.last.text


def test_a_british_name_needs_no_letter_unless_it_is_protected(chat: Chat) -> None:
    chat.drafts("UK", mef_protected="no")
    assert chat.summary.checklist == ()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_protected_british_name_needs_a_letter(chat: Chat, house: House) -> None:
    chat.drafts("London", mef_protected="yes")
    chat.plays(("submit", "drawing_letters"))
    house.works()
    assert [line.slot for line in chat.summary.checklist] == ["loa"]
    assert {"signatory_name", "signatory_title"} <= set(chat.on.answers)


def test_a_kenyan_registration_of_an_international_brand_needs_own_papers_only(chat: Chat) -> None:
    chat.drafts("Nairobi", brand_origin="international")
    chat.plays(("[submit]", "ask_documents"))
    assert chat.status == "DOCUMENTS_RENDERED" and chat.on.letters == []
    chat.sends_files(["photo.jpg"])
    assert chat.last.key == "ask_is_it_this_paper"
    chat.plays(("[company_registration]", "ask_documents_complete"), ("[submit]", "status_is_UNDER_REVIEW"))


def test_a_kenyan_registration_of_a_local_brand_needs_a_letter_and_own_papers(chat: Chat, house: House) -> None:
    chat.drafts("KE", brand_origin="local", country="Kenya", contact_phone="+254 20 2012345")
    chat.submits()
    assert [line.slot for line in chat.summary.checklist if line.required] == ["loa", "company_registration"]
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_marketing_to_a_country_that_takes_none_stops_with_the_way_out(chat: Chat) -> None:
    chat.starts("Kenya")
    chat.plays(
        ("[transactional]", "ask_field country"),
        ("Kenya", "ask_field transactional_only_ack"),
        ("[no]", "stopped_here"),
        ("help", "ask_field transactional_only_ack"),
        ("no", "stopped_here"),
        ("[yes]", "ask_field brand_origin"),
    )
    assert chat.on.answers["transactional_only_ack"] is True


def test_a_country_without_details_asks_the_common_fields_and_says_that_more_may_come(chat: Chat) -> None:
    chat.plays(("Rwanda", "ask_start"))
    assert "a colleague may come back with one more question" in chat.messages[-2].text
    chat.presses("start")
    chat.fills_in()
    chat.plays(("submit", "ask_documents"))


def test_vietnam_is_handed_to_an_account_manager_with_everything_said(chat: Chat, house: House, manager: Chat) -> None:
    chat.plays(("Vietnam", ["greeting", "briefing_account_manager", "ask_start"]))
    chat.presses("start")
    chat.answers()
    assert chat.step == "sender_ids"
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_review"))
    assert set(chat.on.answers) <= set(house.book.pack("VN").handoff_fields)
    chat.plays(("[submit]", "status_is_WITH_ACCOUNT_MANAGER"))
    assert house.cards() == ["handoff_account_manager"]
    reference = chat.reference
    (handoff,) = house.found(reference).handoffs
    assert handoff.reason == "handoff_account_manager" and handoff.taken_by is None
    manager.plays((f"take {reference}", "desk_taken"))
    assert chat.last.key == "manager_took_it" and "Max" in chat.last.text
    (handoff,) = house.found(reference).handoffs
    assert handoff.taken_by == "max" and handoff.taken_at == house.now
    manager.plays((f"approve {reference}", "desk_approved"))
    assert chat.last.key == "outcome_successful"
    assert house.found(reference).handoffs[0].closed_at == house.now


@pytest.mark.parametrize("country", ["RU", "KH", "RS", "KZ"])
def test_paid_countries_ask_a_few_things_and_hand_over(chat: Chat, country: str) -> None:
    chat.drafts(country, dba_name="Fresh Bakery")
    chat.plays(("submit", "status_is_WITH_ACCOUNT_MANAGER"))


def test_a_handed_over_registration_comes_back_with_the_managers_words(chat: Chat, manager: Chat, house: House) -> None:
    reference = chat.drafts("VN")
    chat.types("submit")
    manager.plays((f"hand back {reference}: We need the volume of each month", "desk_handed_back"))
    told, asked = chat.messages[-2:]
    assert (told.key, asked.key) == ("outcome_handed_back", "ask_review")
    assert "We need the volume of each month" in told.text
    assert chat.status == "DRAFT"
    chat.plays(
        ("monthly_volume", "ask_again_field monthly_volume"),
        ("7000", "ask_review"),
        ("submit", "status_is_WITH_ACCOUNT_MANAGER"),
    )
    assert len([handoff for handoff in house.found(reference).handoffs if handoff.closed_at is None]) == 1


def test_singapore_with_the_number_goes_to_a_manager(chat: Chat, house: House, manager: Chat) -> None:
    chat.plays(("Singapore", ["greeting", "briefing_self_registration", "ask_start"]))
    chat.presses("start")
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_number ssir_reference"), ("SSIR-2026-1", "ask_review")
    )
    chat.plays(("[submit]", "status_is_WITH_ACCOUNT_MANAGER"))
    assert house.cards() == ["handoff_self_registration"]
    manager.plays((f"approve {chat.reference}", "desk_approved"))


def test_singapore_without_the_number_waits_for_it(chat: Chat, house: House) -> None:
    chat.starts("SG")
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"),
        ("done", "ask_number"),
        ("[later]", "ask_number_waiting"),
        ("later", "ask_number_waiting"),
    )
    assert chat.status == "SELF_REGISTERING"
    assert house.ticks(timedelta(days=3)) == ["nudge"]
    assert chat.last.key == "nudge_registry"
    chat.plays((f"[open {chat.reference}]", "ask_number_waiting"), ("SSIR-2026-1", "status_is_WITH_ACCOUNT_MANAGER"))
    assert house.cards() == ["handoff_self_registration"]


def test_a_waiting_self_registration_can_go_back_to_the_answers(chat: Chat) -> None:
    chat.starts("SG")
    chat.answers()
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_number"), ("later", "ask_number_waiting"))
    chat.plays(("back", "ask_again_field monthly_volume"))
    assert chat.status == "DRAFT"


def test_ireland_asks_for_the_number_first_and_the_form_follows(chat: Chat) -> None:
    chat.plays(
        ("Ireland", ["greeting", "briefing_self_registration_then_form", "ask_start"]),
        ("[start]", ["opened", "ask_number"]),
        ("SIDO123456", "ask_field message_type"),
    )
    chat.fills_in()
    assert chat.on.answers["sido_number"] == "SIDO123456"
    chat.plays(("submit", "ask_documents"))


def test_ireland_without_the_number_waits_and_the_form_follows_it(chat: Chat) -> None:
    chat.starts("IE")
    chat.plays(("later", "ask_number_waiting"), ("SIDO123456", "ask_field message_type"))
    assert chat.status == "DRAFT"


def test_a_recommended_registration_can_be_skipped_or_filled_in(chat: Chat, house: House) -> None:
    chat.plays(
        ("Hong Kong", ["greeting", "briefing_recommended", "ask_start"]),
        ("[skip]", ["skipped_country", "ask_country"]),
        ("Hong Kong", "ask_start"),
        ("[start]", "ask_field message_type"),
    )
    assert [one.country for one in chat.case.registrations.values()] == ["HK"]
    chat.fills_in()
    chat.plays(("submit", "ask_documents"))


def test_a_country_that_needs_none_says_so_and_asks_for_another(chat: Chat) -> None:
    chat.plays(("France", ["greeting", "briefing_not_required", "ask_other_country"]))
    assert chat.buttons == ["another"]
    chat.plays(("start", "ask_other_country"), ("Thailand", "ask_start"))
    assert not chat.case.registrations


def test_an_unsupported_country_says_what_is_delivered_instead(chat: Chat, house: House) -> None:
    chat.plays(("USA", ["greeting", "briefing_unsupported", "ask_other_country"]), ("[another]", "ask_country"))
    assert house.book.pack("US").instead
    assert str(house.book.pack("US").instead) in chat.messages[-3].text


def test_china_approves_texts_and_asks_for_no_name(chat: Chat, house: House, manager: Chat) -> None:
    chat.plays(("China", ["greeting", "briefing_template_approval", "ask_start"]), ("start", "ask_field message_type"))
    chat.answers(signature="新鲜面包")
    chat.plays(
        ("【新鲜面包】您的订单已发货", ["sample_taken", "ask_more_samples"]),
        ("done", "ask_review"),
        ("[submit]", "status_is_WITH_ACCOUNT_MANAGER"),
    )
    assert [name.text for name in chat.on.sender_ids] == ["新鲜面包"]
    assert house.cards() == ["handoff_template_approval"]
    manager.plays((f"approve {chat.reference}", "desk_approved"))
    assert chat.last.key == "outcome_successful"


# --- a country that takes no registrations for now ----------------------------------------------------------------


def test_a_paused_country_says_so_before_the_first_question(chat: Chat) -> None:
    chat.plays(("Dubai", ["greeting", "briefing_paused", "briefing_form", "ask_start"]))
    assert chat.last.choices == (
        ("start", "Prepare now"),
        ("later", "Tell me when it reopens"),
        ("another", "Another country"),
    )


def test_a_paused_country_is_prepared_up_to_submitting_and_without_a_clock(chat: Chat, house: House) -> None:
    chat.drafts("UAE")
    assert chat.on.ends_at is None
    chat.submits()
    chat.sends_papers()
    assert chat.last.key == "ask_documents_waits" and "submit" not in chat.buttons
    chat.plays(("submit", "submit_waits_for_pause"))
    chat.plays(("status", ["status_is_complete", "ask_documents_waits"]))  # it is not the customer's turn
    assert chat.on.ends_at is None and chat.on.clock_started_at is None
    house.passes(40)
    assert chat.status == "DOCUMENTS_RENDERED"


def test_whoever_asks_to_be_told_is_told_when_the_country_reopens(
    chat: Chat, house: House, book: Book, tmp_path: Path
) -> None:
    chat.plays(("AE", "ask_start"), ("[later]", ["will_tell", "ask_country"]))
    assert house.ticks(timedelta(days=1)) == ["reopen"]
    reopens(house, "AE")
    house.ticks(timedelta(days=1))
    assert chat.last.key == "country_reopened"
    (value,) = chat.buttons
    chat.presses(value)
    assert (chat.last.key, chat.summary.field) == ("ask_field", "brand_origin")
    assert chat.on.ends_at == house.now + timedelta(days=30)


def test_what_was_prepared_is_submitted_after_the_pause_and_its_thirty_days_begin(chat: Chat, house: House) -> None:
    chat.drafts("UAE")
    chat.submits()
    chat.sends_papers()
    reopens(house, "AE")
    house.ticks(timedelta(days=1))
    assert chat.last.key == "country_reopened"
    assert chat.on.clock_started_at == house.now and chat.on.ends_at == house.now + timedelta(days=30)
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_paused_country_without_papers_waits_at_the_review(chat: Chat, house: House) -> None:
    pauses(house, "AF")
    chat.drafts("Kabul")
    assert "submit" not in chat.buttons
    chat.plays(("submit", "submit_waits_for_pause"))
    reopens(house, "AF")
    house.ticks(timedelta(days=1))
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def reopens(house: House, country: str) -> None:
    """The pack's next edition has no pause."""
    _lays_over(house, country, "paused", None)


def pauses(house: House, country: str) -> None:
    _lays_over(house, country, "paused", house.book.pack("AE").paused)


def _lays_over(house: House, country: str, key: str, value: object) -> None:
    packs = {code: house.book.pack(code) for code in house.book.codes}
    packs[country] = packs[country].model_copy(update={key: value})
    former = house.book
    house.book = house.app.book = Book(packs, former.templates, former._places)
    house.book.unprintable = former.unprintable
