"""What spares a question: answers that follow from others, said and open to change, and two questions in one message."""

from __future__ import annotations

import pytest
from playing import Chat, answer_to

from conversations.model import Registration


def of(chat: Chat, country: str) -> Registration:
    return next(one for one in chat.case.registrations.values() if one.country == country)


def begins(chat: Chat, *countries: str) -> None:
    chat.types(", ".join(chat.house.book.country_name(code) for code in countries))
    chat.types("start")


def goes_to(chat: Chat, field: str, **special: str) -> None:
    chat.answers(until=field, **special)
    assert chat.summary.field == field, (chat.summary.step, chat.summary.field, chat.last.text)


def to_the_review(chat: Chat, **special: str) -> set[str]:
    """Answer all that is asked, in whichever country: the fields that were."""
    asked = set()
    for _ in range(120):
        if chat.step == "review":
            return asked
        if chat.step == "asking":
            field = chat.house.book.pack(chat.on.country).field(str(chat.summary.field))
            asked.add(field.name)
            chat.types(special.get(field.name) or answer_to(field))
        else:
            chat.types("FRESHBAKERY" if chat.step == "sender_ids" else "FRESHBAKERY: your order 4711 is ready.")
            chat.types("done")
    raise AssertionError(chat.last.text)


# --- what follows -------------------------------------------------------------------------------------------------


def test_what_follows_is_said_for_its_countries_shown_in_the_review_and_can_be_changed(chat: Chat) -> None:
    begins(chat, "TH", "AE", "KE")
    goes_to(chat, "country")
    chat.plays(("Germany", ["followed", "ask_field"]))
    said = chat.messages[-2].text
    brand = "Local or international brand: International: registered somewhere else"
    assert brand in said and "(Kenya, United Arab Emirates)" in said and "edit" in said
    to_the_review(chat)
    shown = [message.text for message in chat.messages if message.key == "review_of_country"]
    assert sum("International" in text for text in shown[-3:]) == 2, "a line of each of the two"
    chat.plays(("edit KE brand_origin", "ask_again_field brand_origin"), ("local", "ask_joint_review"))
    assert [of(chat, code).answers["brand_origin"] for code in ("KE", "AE")] == ["local", "international"]


def test_another_country_of_the_company_opens_what_followed_from_it(chat: Chat) -> None:
    begins(chat, "TH", "AE", "KE")
    to_the_review(chat)
    chat.plays(("edit country", "ask_again_field country"), ("Kenya", "ask_field brand_origin"))
    assert chat.on.country == "KE" and "brand_origin" not in of(chat, "KE").answers
    assert of(chat, "AE").answers["brand_origin"] == "international"
    chat.plays(("edit country", "ask_again_field country"), ("Germany", "ask_joint_review"))
    assert of(chat, "KE").answers["brand_origin"] == "international"


def test_the_legal_name_is_the_certificates_where_that_is_in_latin_letters(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    asked = to_the_review(chat)
    assert "company_name_on_certificate" not in asked
    chat.plays(("edit company_name", "ask_again_field company_name"))
    assert chat.types("Bäckerei Frisch GmbH")[0] == "followed"
    names = {one.answers["company_name_on_certificate"] for one in chat.case.registrations.values()}
    assert names == {"Bäckerei Frisch GmbH"}


@pytest.mark.parametrize("country", ["Japan", "Thailand", "Vietnam"])
def test_where_certificates_may_show_another_name_it_is_asked(chat: Chat, country: str) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "company_name_on_certificate", country=country, contact_phone="+66 2 123 4567")
    chat.plays(("บริษัท เฟรช เบเกอรี่ จำกัด", "ask_field signatory_name"))
    assert of(chat, "AE").answers["company_name_on_certificate"] == "บริษัท เฟรช เบเกอรี่ จำกัด"


def test_an_answer_that_follows_stops_as_if_it_had_been_typed(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "country", message_type="promotional")
    chat.plays(("Germany", ["followed", "stopped_there", "ask_field"]))
    assert (chat.on.country, chat.summary.field) == ("AE", "message_type")
    assert of(chat, "TH").answers["message_type"] == "promotional"
    assert "use_case_category" not in of(chat, "AE").answers
    chat.types("otp")
    assert of(chat, "AE").answers["use_case_category"] == "one_time_password"
    assert of(chat, "TH").answers["use_case_category"] == "promotion_marketing"


def test_another_purpose_in_one_country_is_another_use_there(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    chat.plays(("promotional", ["followed", "stopped_there", "ask_field"]), ("[transactional]", "ask_field country"))
    asked = to_the_review(chat)
    assert "use_case_category" in asked
    uses = {one.country: one.answers["use_case_category"] for one in chat.case.registrations.values()}
    assert uses == {"TH": "promotion_marketing", "KE": "one_time_password"}
    chat.plays(("edit KE use_case_category", "ask_again_field use_case_category"))
    chat.plays(("purchase_or_delivery", "ask_joint_review"))
    assert of(chat, "TH").answers["use_case_category"] == "promotion_marketing"


def test_what_the_country_stops_with_is_no_answer_that_follows_but_asked(chat: Chat) -> None:
    begins(chat, "GH", "TH")
    goes_to(chat, "brand_origin", message_type="promotional")
    assert chat.on.country == "GH" and "brand_origin" not in chat.on.answers
    assert chat.on.answers["message_type"] == "promotional"
    chat.plays(("international", "stopped_here"))


def test_the_question_others_follow_from_comes_first_wherever_it_is_asked(chat: Chat) -> None:
    begins(chat, "VN", "TH")
    asked = to_the_review(chat)
    assert "brand_origin" not in asked and of(chat, "VN").answers["brand_origin"] == "international"


def test_a_country_alone_asks_what_might_follow(chat: Chat) -> None:
    chat.starts("AE")
    asked = to_the_review(chat)
    assert {"brand_origin", "company_name_on_certificate", "use_case_category"} <= asked
    assert "followed" not in [message.key for message in chat.messages]


def test_an_answer_put_off_is_not_filled_in_behind_the_customers_back(chat: Chat) -> None:
    begins(chat, "KE", "TH")
    goes_to(chat, "country")
    chat.types("later")
    goes_to(chat, "brand_origin")
    chat.plays(("later", "ask_field"), ("edit country", "ask_field country"), ("Germany", "ask_field"))
    assert "brand_origin" not in of(chat, "KE").answers and "brand_origin" in of(chat, "KE").parked


# --- two questions in one message ----------------------------------------------------------------------------------


def test_one_answer_settles_both_questions_of_a_message(chat: Chat) -> None:
    chat.starts("TH")
    goes_to(chat, "contact_email")
    email, phone = "Which email address can the reviewers write to?", "And which phone number can they call"
    assert chat.last.text.startswith(email) and phone in chat.last.text
    chat.plays(("anna@freshbakery.example, +49 40 32012345", "ask_field use_case_category"))
    assert (chat.on.answers["contact_email"], chat.on.answers["contact_phone"]) == (
        "anna@freshbakery.example", "+49 40 32012345",
    )  # fmt: skip
    goes_to(chat, "signatory_name")
    chat.plays(("example", "ask_field signatory_name"))
    assert any("Maria Keller, Managing Director" in message.text for message in chat.messages[-3:])
    chat.plays(("Anna Berg, Head of Sales, Europe", "ask_sender_id"))
    assert (chat.on.answers["signatory_name"], chat.on.answers["signatory_title"]) == (
        "Anna Berg", "Head of Sales, Europe",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "name"),
    [("Anna Berg", "Anna Berg"), ("Berg, Anna", "Berg, Anna"), ("Anna Berg, PhD", "Anna Berg, PhD")],
)
def test_an_answer_to_the_first_question_only_leads_to_the_second(chat: Chat, said: str, name: str) -> None:
    chat.starts("TH")
    goes_to(chat, "signatory_name")
    chat.plays((said, "ask_field signatory_title"), ("Director", "ask_sender_id"))
    assert (chat.on.answers["signatory_name"], chat.on.answers["signatory_title"]) == (name, "Director")


def test_a_second_answer_that_does_not_read_is_asked_by_itself(chat: Chat) -> None:
    chat.starts("TH")
    goes_to(chat, "contact_email")
    chat.plays(("anna@freshbakery.example, 040 32", "ask_field contact_phone"))
    assert chat.on.answers["contact_email"] == "anna@freshbakery.example"
    assert "email" not in chat.last.text, "the phone number alone"


def test_later_puts_off_the_first_question_only(chat: Chat) -> None:
    chat.starts("TH")
    goes_to(chat, "contact_email")
    chat.plays(("later", "ask_field contact_phone"), ("+49 40 32012345", "ask_field use_case_category"))
    assert chat.on.parked == ["contact_email"]


def test_the_edited_message_changes_both_answers(chat: Chat) -> None:
    chat.starts("TH")
    goes_to(chat, "signatory_name")
    chat.types("Anna Berg, Director", message="m-signs")
    assert chat.edits("m-signs", "Bea Holm, Head of Sales")[0] == "answer_changed"
    assert (chat.on.answers["signatory_name"], chat.on.answers["signatory_title"]) == ("Bea Holm", "Head of Sales")


def test_a_line_of_the_review_is_asked_alone_and_still_takes_both(chat: Chat) -> None:
    chat.drafts("TH")
    chat.plays(("edit signatory_name", "ask_again_field signatory_name"))
    assert "position" not in chat.last.text
    chat.plays(("Bea Holm", "ask_review"))
    title = chat.on.answers["signatory_title"]
    chat.plays(("edit signatory_name", "ask_again_field signatory_name"), ("Cara Lund, Owner", "ask_review"))
    assert title != "Owner" and chat.on.answers["signatory_name"] == "Cara Lund"
    assert chat.on.answers["signatory_title"] == "Owner"


def test_both_answers_are_changed_for_one_country_alone(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    to_the_review(chat)
    chat.plays(("edit TH signatory_name", "ask_again_field signatory_name"), ("Bea Holm, Owner", "ask_joint_review"))
    assert of(chat, "TH").answers["signatory_title"] == "Owner" != of(chat, "AE").answers["signatory_title"]


@pytest.mark.parametrize(
    ("country", "gate", "number"), [("SG", "has_uen", "201912345K"), ("AU", "has_abn", "51 824 753 556")]
)
def test_a_number_says_that_there_is_one(chat: Chat, country: str, gate: str, number: str) -> None:
    chat.starts(country)
    goes_to(chat, gate)
    name = gate.removeprefix("has_")
    assert "just send the number" in chat.last.text
    chat.types(number)
    assert chat.on.answers[gate] is True and chat.on.answers[name] == number
    assert chat.summary.field not in (gate, name)


def test_a_company_of_singapore_is_asked_its_number_once(chat: Chat) -> None:
    begins(chat, "SG", "TH")
    goes_to(chat, "has_uen")
    chat.types("201912345K")
    asked = set()
    while chat.step == "asking":
        asked.add(chat.summary.field)
        chat.types(_answer(chat))
    assert "company_registration_number" not in asked
    assert of(chat, "TH").answers["company_registration_number"] == "201912345K"


def _answer(chat: Chat) -> str:
    field = chat.house.book.pack(chat.on.country).field(str(chat.summary.field))
    return "Singapore" if field.name == "country" else answer_to(field)
