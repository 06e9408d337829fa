"""What drawn conversations found (tests/faults/test_conversation_model.py), each told shortly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playing import Chat, House

from conversations.model import Role, Status


def test_an_edit_of_another_registrations_answer_is_a_word_on_it(chat: Chat, house: House) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.types("Fresh Bakery Ltd", message="m-name")
    first = chat.reference
    chat.types("another")
    chat.starts("VN")
    house.passes(5)
    assert chat.edits("m-name", "Fresher Bakery Ltd")[0] == "answer_changed"
    assert chat.registration(first).ends_at == house.now + timedelta(days=30)


def test_an_edit_counts_while_the_registry_is_waited_for(chat: Chat) -> None:
    chat.starts("SG")
    chat.answers(until="company_name")
    chat.types("Fresh Bakery Ltd", message="m-name")
    chat.answers()
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_number"), ("later", "ask_number_waiting"))
    assert chat.status == "SELF_REGISTERING"
    assert chat.edits("m-name", "Fresher Bakery Ltd")[0] == "answer_changed"
    assert chat.on.answers["company_name"] == "Fresher Bakery Ltd"


@pytest.mark.parametrize("typed", [" FRESHBAKERIES", "FRESHBAKERIÉS"])
def test_a_mended_name_that_would_be_refused_too_is_not_offered(chat: Chat, typed: str) -> None:
    chat.starts("TH")
    chat.answers()
    chat.types(typed)
    assert chat.buttons == []


def test_a_mended_name_is_mended_to_its_end(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.types(" Café")
    chat.plays(("[Cafe]", "ask_more_sender_ids"))


@pytest.mark.parametrize("word", ["remove", "done", "submit"])
def test_a_bare_word_is_no_number_of_a_registry(chat: Chat, word: str) -> None:
    chat.starts("IE")
    chat.plays((word, ["word_not_here", "ask_number"]))
    assert "sido_number" not in chat.on.answers


def test_a_bare_word_is_no_sample(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_sample"), ("remove", ["word_not_here", "ask_sample"])
    )
    assert chat.on.sender_ids[0].samples == []


def test_the_name_changes_with_the_signature(chat: Chat) -> None:
    chat.starts("CN")
    chat.answers()
    chat.types("edit signature")
    chat.types("FRESHCAKES")
    assert [one.text for one in chat.on.sender_ids] == [chat.on.answers["signature"]]


def test_a_text_may_be_edited_after_the_signature_was(chat: Chat) -> None:
    chat.starts("CN")
    chat.answers()
    assert "sample_taken" in chat.types("Your order is on its way.")
    given = chat.case.conversation.given[-1]
    chat.types("edit signature")
    chat.types("FRESHCAKES")
    assert "answer_changed" in chat.edits(given.message, "Your order has arrived.")
    assert chat.on.sender_ids[0].samples == ["Your order has arrived."]


def test_a_name_is_taken_out_after_the_letters_were_drawn(chat: Chat) -> None:
    chat.drafts("TH", ("FRESHBAKERY", "FRESHCAKES"))
    chat.submits()
    chat.plays(("edit sender_id", "ask_more_sender_ids"), ("remove FRESHCAKES", "ask_more_sender_ids"))
    chat.plays(("done", "drawing_letters"))
    assert [one.text for one in chat.on.sender_ids] == ["FRESHBAKERY"]


def test_an_edit_of_a_name_that_was_taken_out_changes_no_other(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    for name in ("FRESHBAKERY", "FRESHCAKES"):
        chat.types(name, message=f"m-{name}")
    chat.types("remove FRESHBAKERY")
    assert chat.edits("m-FRESHBAKERY", "FRESHBREAD")[0] == "edit_of_nothing"
    assert [one.text for one in chat.on.sender_ids] == ["FRESHCAKES"]
    assert chat.edits("m-FRESHCAKES", "FRESHBREAD")[0] == "answer_changed"
    assert [one.text for one in chat.on.sender_ids] == ["FRESHBREAD"]


def test_which_line_is_not_asked_any_more_once_something_else_is(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.plays(("submit", "drawing_letters"), ("edit", "ask_which_line"))
    house.works()
    assert chat.last.key == "ask_all_correct"
    chat.plays(("[yes]", "ask_documents"))


def test_a_photo_without_a_code_counts_for_the_letter_it_was_taken_of(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    chat.sends_files(["photo.jpg"])
    chat.plays(("loa", "ask_documents_complete"))
    chat.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    house.works()
    chat.plays(("yes", "ask_documents"))


def test_the_name_of_a_file_that_went_elsewhere_dies_with_what_it_went_to(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.submits()
    reference = chat.reference
    chat.types("another")
    chat.sends_files(["canary-7351.jpg"])
    chat.types(f"open {reference}")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    assert not any("canary-7351" in name for entry in house.store.history(chat.name) for _, name, _ in entry.files)


def test_the_name_of_a_file_that_waited_for_a_registration_dies_with_that_one(chat: Chat, house: House) -> None:
    chat.drafts("AF")
    chat.types("submit")
    house.staff(Role.REVIEWER, "rita").types(f"reject {chat.reference}: not now")
    assert chat.on.status is Status.FAILED
    chat.sends_files(["licence.pdf"])
    chat.types("another")
    chat.starts("TH")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    assert house.store.execute("select count(*) from entries where packed like '%licence%'").fetchone() == (0,)


def test_an_old_button_repeats_no_answer_of_what_was_deleted(chat: Chat, house: House) -> None:
    chat.starts("TH")
    chat.answers(company_name="Canary 7351 Ltd")
    (proposal,) = chat.buttons
    old = chat.last.asked
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    chat.presses(proposal, asked=old)
    assert not any(proposal in entry.text for entry in house.store.history(chat.name))
