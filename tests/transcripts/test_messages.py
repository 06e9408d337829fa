"""Messages that are not plain answers: edited, late, twice, of other kinds; buttons of questions that are done."""

from __future__ import annotations

import pytest
from playing import Chat, House

from conversations.model import Kind


def test_a_redelivered_message_is_answered_once(chat: Chat) -> None:
    assert chat.types("/start", id="test:7") == ["greeting", "ask_country"]
    assert chat.types("/start", id="test:7") == []


def test_a_first_message_that_names_a_country_is_taken_at_once(chat: Chat) -> None:
    assert chat.types("I want to send SMS to Thailand") == ["greeting", "briefing_form", "ask_start"]


def test_the_greeting_says_who_one_talks_to_and_where_privacy_is_explained(chat: Chat) -> None:
    chat.types("hello")
    assert (
        "assistant of Example SMS" in chat.messages[0].text and "https://example.com/privacy" in chat.messages[0].text
    )


def test_an_edited_message_changes_the_answer_it_gave(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.types("Fresh Bakery Ltd", message="m-name")
    chat.types("skip")
    question = chat.summary.field
    assert chat.edits("m-name", "Fresher Bakery Ltd") == ["answer_changed", "ask_field"]
    assert chat.on.answers["company_name"] == "Fresher Bakery Ltd" and chat.summary.field == question


def test_an_edit_that_does_not_pass_changes_nothing_and_says_why(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.types("Fresh Bakery Ltd", message="m-name")
    assert chat.edits("m-name", "ร้านขนมปัง") == ["bad_not_latin", "ask_optional_field"]
    assert chat.on.answers["company_name"] == "Fresh Bakery Ltd"


def test_an_edited_sender_id_and_sample_change_what_they_gave(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.types("FRESHBAKE", message="m-id")
    assert chat.edits("m-id", "FRESHBAKERS") == ["answer_changed", "ask_more_sender_ids"]
    assert chat.edits("m-id", "TWELVELETTER") == ["sender_id_too_long", "ask_more_sender_ids"]
    chat.types("done")
    chat.types("Your order is redy", message="m-sample")
    assert chat.edits("m-sample", "Your order is ready") == ["answer_changed", "ask_more_samples"]
    (name,) = chat.on.sender_ids
    assert (name.text, name.samples) == ("FRESHBAKERS", ["Your order is ready"])


def test_an_edit_of_a_sample_is_held_to_the_same_limits(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(("FRESHBAKE", "ask_more_sender_ids"), ("done", "ask_sample"))
    chat.types("Your order is ready", message="m-sample")
    assert chat.edits("m-sample", "a" * 400)[0] == "sample_too_long"
    assert chat.edits("m-sample", "   ")[0] == "bad_empty"
    assert chat.on.sender_ids[0].samples == ["Your order is ready"]


def test_an_edit_of_a_generic_name_or_one_that_is_there_is_not_silent(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.types("FRESHBAKE", message="m-1")
    chat.types("FRESHPAY", message="m-2")
    assert chat.edits("m-2", "FRESHBAKE")[0] == "sender_id_there"
    assert [name.text for name in chat.on.sender_ids] == ["FRESHBAKE", "FRESHPAY"]


def test_an_edited_word_or_old_chatter_changes_nothing_and_gets_a_line(chat: Chat) -> None:
    chat.starts("TH")
    chat.types("help", message="m-help")
    assert chat.edits("m-help", "transactional") == ["edit_of_nothing", "ask_field"]
    assert chat.edits("m-unknown", "x") == ["edit_of_nothing", "ask_field"]
    assert not chat.on.answers


def test_an_edit_after_the_submission_is_refused_with_what_works(chat: Chat) -> None:
    chat.starts("GB")
    chat.answers(until="company_name")
    chat.types("Fresh Bakery Ltd", message="m-name")
    chat.fills_in()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    assert chat.edits("m-name", "Other Ltd")[0] == "cannot_edit_now"
    assert chat.on.answers["company_name"] == "Fresh Bakery Ltd"


def test_a_shared_contact_fills_the_phone_field_and_no_other(chat: Chat) -> None:
    chat.starts("TH")
    assert chat.shares_contact("+66 2 123 4567") == ["contact_not_asked", "ask_field"]
    chat.answers(until="contact_phone")
    assert chat.shares_contact("6621234567") == ["ask_field"]
    assert chat.on.answers["contact_phone"] == "+66 2 123 4567"


def test_a_voice_message_gets_one_line_and_the_question_again(chat: Chat) -> None:
    assert chat.sends_voice()[-1] == "ask_country"
    chat.starts("TH")
    assert chat.sends_voice() == ["other_media", "ask_field"]


def test_a_text_older_than_the_question_does_not_answer_it(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    order = chat.house.store.history(chat.name)[-1].id
    assert chat.types("Hamburg", order=order - 1) == ["came_too_early", "ask_field"]
    assert "Hamburg" in chat.messages[-2].text and "company_name" not in chat.on.answers
    assert chat.types("Fresh Bakery Ltd", order=order + 1) == ["ask_optional_field"]


def test_a_text_typed_while_the_question_is_still_on_its_way_does_not_answer_it(chat: Chat, house: House) -> None:
    chat.starts("TH")
    house.offline = True
    chat.types("transactional", order=10_000)
    chat.types("Germany", order=10_001)
    house.offline = False
    house.delivers()
    assert chat.on.answers == {"message_type": "transactional"}
    assert [message.key for message in chat.messages[-3:]] == ["ask_field", "came_too_early", "ask_field"]


@pytest.mark.parametrize("word", ["skip", "later"])
def test_the_second_of_two_quick_words_leaves_the_question_it_never_saw(chat: Chat, word: str) -> None:
    chat.starts("TH")
    chat.answers(until="dba_name")
    order = chat.house.store.history(chat.name)[-1].id
    chat.types(word, order=order + 1)
    field, parked, skipped = chat.summary.field, list(chat.on.parked), list(chat.on.skipped)
    assert chat.types(word, order=order + 1)[0] == "came_too_early"
    assert (chat.summary.field, chat.on.parked, chat.on.skipped) == (field, parked, skipped)


@pytest.mark.parametrize("word", ["help", "why", "example", "status", "list", "person", "cancel", "back"])
def test_a_word_counts_also_when_it_is_older_than_the_question(chat: Chat, word: str) -> None:
    chat.starts("TH")
    assert "came_too_early" not in chat.types(word, order=1)
    chat.types("cancel")
    assert "came_too_early" not in chat.types(word, order=1)


def test_a_button_answers_its_question_whatever_was_said_between(chat: Chat) -> None:
    chat.starts("TH")
    chat.types("help")  # asked again below: the page had not shown that yet when the button was pressed
    assert chat._does(Kind.PRESS, choice="transactional", asked=chat.last.asked, order=1) == ["ask_field"]
    assert chat.on.answers == {"message_type": "transactional"}


def test_which_line_is_asked_again_when_the_number_was_older_than_the_question(chat: Chat) -> None:
    chat.drafts("SA")
    chat.plays(("edit", "ask_which_line"))
    assert chat.types("1", order=1) == ["came_too_early", "ask_which_line"]
    assert chat.types("1") == ["ask_again_field"]


def test_a_button_of_a_question_that_is_done_says_so_and_asks_the_present_one(chat: Chat) -> None:
    chat.starts("TH")
    asked = chat.last.asked
    chat.plays(("[transactional]", "ask_field country"))
    assert chat.presses("otp", asked=asked) == ["button_of_done_step", "ask_field"]
    assert chat.on.answers == {"message_type": "transactional"}


def test_a_button_pressed_twice_answers_once(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="messages_carry_links")
    asked = chat.last.asked
    assert chat.presses("yes", asked=asked) == ["ask_field"]
    assert chat.presses("yes", asked=asked) == ["button_of_done_step", "ask_field"]
    assert "loan_content" not in chat.on.answers


def test_a_bare_word_is_an_answer_in_quotes(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.plays(('"Status"', "ask_optional_field dba_name"), ("“Skip”", "ask_field company_registration_number"))
    assert chat.on.answers["company_name"] == "Status" and chat.on.answers["dba_name"] == "Skip"


def test_a_sentence_that_begins_like_a_word_is_an_answer(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description")
    sentence = "Change of delivery times, codes for the login, and order updates for our customers."
    chat.plays((sentence, "ask_field monthly_volume"))
    assert chat.on.answers["use_case_description"] == sentence


def test_a_message_that_begins_like_a_word_is_a_sample(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(
        ("FRESHBAKE", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        ("Change your PIN now", ["sample_taken", "ask_more_samples"]),
    )
    assert chat.on.sender_ids[0].samples == ["Change your PIN now"]


def test_while_the_service_is_paused_everybody_reads_so_and_nothing_is_taken(chat: Chat, house: House) -> None:
    chat.starts("TH")
    house.store.put_setting("paused", "We are back at noon.")
    assert chat.types("transactional") == ["service_paused"]
    assert chat.last.text == "We are back at noon."
    assert chat.presses("transactional") == ["service_paused"]
    house.store.put_setting("paused", None)
    chat.plays(("transactional", "ask_field country"))


def test_a_desk_word_of_somebody_who_is_no_staff_is_an_ordinary_text(chat: Chat, house: House) -> None:
    reference = chat.reaches_review_desk("GB")
    bob = house.customer("bob")
    assert bob.types(f"approve {reference}")[-1] == "ask_country"
    assert bob.types(f"open {reference}") == ["no_such_registration", "ask_country"]
    assert chat.types(f"approve {reference}") == ["tracking_unclear", "status_is_UNDER_REVIEW"]
    assert chat.status == "UNDER_REVIEW"


def test_an_invitation_that_is_spent_or_made_up_is_refused(chat: Chat, house: House) -> None:
    from conversations.model import Role

    assert chat.types("DESK-ABCD-EFGH")[0] == "invitation_bad"
    code = house.store.invite(Role.REVIEWER, house.now).code
    assert house.customer("bob").types(f"here: {code.lower()}") == ["desk_welcome"]
    assert chat.types(code)[0] == "invitation_bad"
    late = house.store.invite(Role.ADMIN, house.now).code
    house.ticks(house.now.replace(day=24))
    assert chat.types(late)[0] == "invitation_bad"


def test_an_invitation_is_taken_at_any_step_and_the_question_stays(chat: Chat, house: House) -> None:
    from conversations.model import Role

    chat.starts("TH")
    code = house.store.invite(Role.REVIEWER, house.now).code
    assert chat.types(code) == ["desk_welcome", "ask_field"]
    assert chat.summary.field == "message_type"


def test_every_kind_of_event_has_a_handler() -> None:
    from conversations.engine import HANDLERS

    assert set(HANDLERS) == set(Kind)


def test_an_edit_cannot_slip_past_a_question_that_stops(chat: Chat) -> None:
    chat.starts("KE")
    chat.answers(until="transactional_only_ack")
    chat.types("yes", message="m-yes")
    assert chat.edits("m-yes", "no")[0] == "stopped_here"
    assert chat.on.answers["transactional_only_ack"] is True
