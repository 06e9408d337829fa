"""Later and I don't know, the review, back, and editing any line of it."""

from __future__ import annotations

import pytest
from playing import SAMPLE, Chat, House


@pytest.mark.parametrize("word", ["later", "I don't know", "i dont know", "Not sure", "don’t know", "Later."])
def test_any_question_can_be_parked_and_is_missing_on_the_review(chat: Chat, word: str) -> None:
    chat.starts("GB")
    chat.plays((word, ["parked", "ask_field"]))
    assert chat.on.parked == ["message_type"] and "message_type" not in chat.on.answers


def test_every_question_can_be_parked_and_answered_from_the_review(chat: Chat, house: House) -> None:
    chat.starts("TH")
    for _ in range(40):
        if chat.step == "review":
            break
        chat.types("later")
    assert chat.last.key == "ask_review_missing"
    missing = chat.last.text.partition("Still missing:")[2]
    for label in (
        "Purpose of the messages",
        "Legal company name",
        "Contact email",
        "Name of the person who signs",
        "Sender ID",
    ):
        assert f"• {label}" in missing
    chat.plays(("submit", "not_ready"), ("[continue]", "ask_field message_type"))
    chat.fills_in()
    assert chat.last.key == "ask_review"
    chat.plays(("submit", "drawing_letters"))


def test_an_optional_question_parked_is_not_missing(chat: Chat) -> None:
    chat.drafts("TH", dba_name="later")
    assert chat.last.key == "ask_review" and chat.on.parked == ["dba_name"]


def test_an_answer_known_already_stays_when_its_question_is_put_off(chat: Chat) -> None:
    chat.drafts("TH")
    chat.plays(("city", "ask_again_field city"), ("later", ["stays_as_it_is", "ask_review"]))
    assert chat.on.answers["city"] == "Hamburg"


def test_the_review_shows_every_answer_and_each_line_can_be_edited_by_number(chat: Chat, house: House) -> None:
    chat.drafts("GB", mef_protected="no")
    lines = [line for line in chat.last.text.splitlines() if line[:1].isdigit()]
    names = [name for name, _ in _lines(chat)]
    assert len(lines) == len(names) > 15
    for number, name in enumerate(names, 1):
        keys = chat.types(str(number))
        if name == "sender_id":
            assert keys == ["ask_more_sender_ids"]
            chat.plays(("done", "ask_review"))
        elif name.startswith("sample:"):
            assert keys == ["ask_more_samples"]
            chat.plays(("done", "ask_review"))
        else:
            assert keys[-1] in ("ask_again_field", "ask_optional_field") and chat.summary.field == name
            known = chat.on.answers.get(name)
            assert chat.types("skip" if known is None else _typed(known))[-1] == "ask_review", name


def _lines(chat: Chat) -> list[tuple[str, str]]:
    from conversations.interview.lines import named
    from conversations.talk import Talk

    talk = Talk(chat.case, chat.event("text", text=""), chat.house.book)  # type: ignore[arg-type]
    return named(talk, chat.on)


def _typed(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "said", ["edit city", "change city", "city", "City", "edit 10", "10", "edit the city", "[edit city]"]
)
def test_a_line_is_found_by_number_name_label_or_button(chat: Chat, said: str) -> None:
    chat.drafts("TH", messages_carry_links="no")
    if said.startswith("["):
        chat.plays(("edit", "ask_which_line"))
    number = [name for name, _ in _lines(chat)].index("city") + 1
    said = said.replace("10", str(number))
    chat.plays((said, "ask_again_field city"), ("Bremen", "ask_review"))
    assert chat.on.answers["city"] == "Bremen"


def test_any_earlier_answer_can_be_changed_in_the_middle_of_the_questions(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="contact_email")
    chat.plays(("edit company name", "ask_again_field company_name"), ("Other Bakery Ltd", "ask_field contact_email"))
    assert chat.on.answers["company_name"] == "Other Bakery Ltd"


def test_an_unknown_line_is_said_and_the_lines_are_shown(chat: Chat) -> None:
    chat.drafts("TH")
    chat.plays(("edit zzzzqqq", "ask_which_line"), ("zzzzqqq", "ask_which_line"), ("99", "ask_which_line"),
               ("no", "ask_which_line"), ("submit", "drawing_letters"))  # fmt: skip


def test_a_line_number_is_never_the_answer_to_the_question_it_was_asked_at(chat: Chat) -> None:
    chat.starts("TH")
    chat.plays(("otp", "ask_field country"), ("edit", "ask_which_line"), ("1", "ask_again_field message_type"))
    chat.plays(("otp", "ask_field country"), ("edit", "ask_which_line"), ("back", "ask_field country"))
    assert set(chat.on.answers) == {"message_type"}


def test_a_line_is_chosen_by_its_number_while_the_papers_are_awaited(chat: Chat) -> None:
    chat.drafts("TH")
    chat.types("submit")
    chat.house.works()
    chat.plays(("yes", "ask_documents"), ("edit", "ask_which_line"), ("city", "ask_again_field city"))


def test_only_a_paused_country_is_waited_for(chat: Chat) -> None:
    chat.plays(
        ("hello", "ask_country"),
        ("UAE, Kenya", "ask_start"),
        ("later", "ask_start"),
        ("start", "ask_field message_type"),
    )
    assert [one.country for one in chat.case.registrations.values() if one.preparing] == ["AE"]
    assert chat.on.country == "KE"


def test_back_walks_through_the_questions_to_the_first(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_registration_number")
    chat.plays(
        ("back", "ask_optional_field dba_name"),
        ("back", "ask_again_field company_name"),
        ("back", "ask_again_field loan_content"),
        ("back", "ask_again_field messages_carry_links"),
        ("back", "ask_again_field country"),
        ("back", "ask_again_field message_type"),
        ("back", ["nothing_before", "ask_again_field"]),
        ("otp", "ask_field company_registration_number"),
    )
    assert chat.on.answers["message_type"] == "otp"


def test_an_answer_that_makes_questions_needless_takes_their_answers_away(chat: Chat) -> None:
    chat.drafts(
        "TH",
        messages_carry_links="yes",
        content_urls="www.freshbakery.com/x",
        link_purpose="To follow the delivery of orders.",
    )
    assert "content_urls" in chat.on.answers
    chat.plays(("edit messages_carry_links", "ask_again_field messages_carry_links"), ("no", "ask_review"))
    assert "content_urls" not in chat.on.answers and "link_purpose" not in chat.on.answers


def test_an_answer_that_brings_new_questions_asks_them_at_once(chat: Chat) -> None:
    chat.drafts("TH", messages_carry_links="no")
    chat.plays(("edit messages_carry_links", "ask_again_field messages_carry_links"), ("yes", "ask_field content_urls"))


def test_nothing_is_submitted_while_something_is_missing(chat: Chat) -> None:
    chat.drafts("TH", company_name="later")
    assert "submit" not in chat.buttons
    chat.plays(
        ("submit", "not_ready"),
        ("yes", "not_ready"),
        ("[edit]", "ask_which_line"),
        ("company_name", "ask_field company_name"),
        ("Fresh Bakery Ltd", "ask_review"),
    )


def test_a_sample_that_was_missing_is_asked_when_the_rest_is_filled_in(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_sample"), ("later", "ask_review_missing"),
               ("continue", "ask_sample"), (SAMPLE, "ask_more_samples"), ("done", "ask_review"))  # fmt: skip
