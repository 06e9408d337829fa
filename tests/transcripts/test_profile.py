"""What is kept of a company for its next registration: with consent, offered, kept up, forgotten without a trace."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from playing import Chat, House
from test_together import begins, of, questions

CANARY = "Canary Bread 4711 GmbH"


def consents(chat: Chat, country: str = "GB", **special: str) -> str:
    """A registration handed in, its details kept: its reference."""
    reference = chat.drafts(country, **special)
    chat.types("submit")
    chat.types("keep my details")
    return reference


def bytes_of(house: House) -> bytes:
    return b"".join(path.read_bytes() for path in Path(house.folder).rglob("*") if path.is_file())


def profile(chat: Chat) -> dict[str, object]:
    company = chat.case.company
    assert company is not None
    return company.profile


def test_consent_is_asked_once_after_the_first_submit(chat: Chat) -> None:
    chat.drafts("GB")
    assert chat.types("submit") == ["ask_consent", "status_is_UNDER_REVIEW"]
    consent = chat.messages[-2]
    assert consent.values == ["keep my details", "don't keep my details"]
    assert "they stay when it is deleted" in consent.text and "forget my details" in consent.text
    assert chat.presses("keep my details", asked=consent.asked) == ["details_kept", "status_is_UNDER_REVIEW"]
    assert chat.case.company is not None and chat.case.company.profile_since == chat.house.now
    chat.types("another")
    chat.starts("AT")
    chat.types("use")
    chat.fills_in()
    assert "ask_consent" not in chat.types("submit")


@pytest.mark.parametrize(("said", "answered"), [("yes", "details_kept"), ("No.", "details_not_kept")])
def test_yes_and_no_answer_it_when_nothing_else_asks_for_them(chat: Chat, said: str, answered: str) -> None:
    chat.drafts("GB")
    chat.types("submit")
    chat.plays((said, [answered, "status_is_UNDER_REVIEW"]))
    assert bool(profile(chat)) == (answered == "details_kept")
    assert chat.types("yes")[0] != "details_kept", "the question was answered"


def test_a_yes_after_the_button_said_no_or_after_a_file_keeps_nothing(chat: Chat, house: House) -> None:
    chat.drafts("GB")
    chat.types("submit")
    chat.types("don't keep my details")
    chat.types("yes")
    assert profile(chat) == {}
    other = house.customer("bea")
    other.drafts("KE")
    other.types("submit")
    assert other.step == "documents"
    other.sends_files(["logo.png"])
    other.types("yes")
    assert profile(other) == {}


def test_a_yes_to_the_letters_is_no_yes_to_keeping_details(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.types("submit")
    house.works()
    chat.plays(("yes", "ask_documents"))
    assert profile(chat) == {}
    chat.types("yes")
    assert profile(chat) == {}, "it was asked too long ago"


def test_the_button_works_also_when_the_chat_has_gone_on(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.types("submit")
    consent = next(message for message in chat.messages if message.key == "ask_consent")
    house.works()
    chat.plays(("yes", "ask_documents"))
    assert chat.presses("keep my details", asked=consent.asked)[0] == "details_kept"
    assert profile(chat)["company_name"] == "Fresh Bakery GmbH"


def test_the_details_of_one_that_has_hardly_begun_are_not_what_is_kept(chat: Chat) -> None:
    chat.drafts("GB")
    chat.types("submit")
    chat.types("another")
    chat.starts("KE")
    chat.answers(until="brand_origin", country="Kenya")
    chat.types("keep my details")
    assert profile(chat)["company_name"] == "Fresh Bakery GmbH" and profile(chat)["country"] == "DE"


def test_without_consent_nothing_is_kept_and_it_is_not_asked_again(chat: Chat) -> None:
    chat.drafts("GB")
    chat.types("submit")
    chat.plays(("don't keep my details", ["details_not_kept", "status_is_UNDER_REVIEW"]))
    assert profile(chat) == {}
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", ["opened", "ask_field"]))
    chat.fills_in()
    assert "ask_consent" not in chat.types("submit")


def test_only_what_holds_for_the_company_is_kept(chat: Chat) -> None:
    consents(chat)
    kept = profile(chat)
    assert {"company_name", "country", "city", "contact_email"} <= kept.keys()
    assert not {"message_type", "use_case_description", "monthly_volume", "mef_protected"} & kept.keys()


def test_it_is_offered_for_the_next_and_only_what_is_missing_is_asked(chat: Chat) -> None:
    consents(chat)
    chat.types("another")
    chat.plays(("Thailand", "ask_start"), ("start", ["opened", "ask_profile"]))
    assert "Fresh Bakery GmbH" in chat.last.text and chat.buttons == ["use my details", "change", "start fresh"]
    chat.plays(("help", "ask_profile"), ("why", "ask_profile"), ("what?", "ask_profile"))
    chat.plays(("[use my details]", ["details_used", "ask_field"]))
    asked = questions(chat)
    assert not {"company_name", "city", "country", "contact_email"} & set(asked)
    assert {"message_type", "use_case_description"} <= set(asked)
    assert chat.on.answers["company_name"] == "Fresh Bakery GmbH"


def test_it_is_offered_for_an_interview_and_used_in_all_of_it(chat: Chat) -> None:
    consents(chat)
    chat.types("another")
    begins(chat, "TH", "AE")
    assert chat.step == "profile"
    chat.types("yes")
    assert {of(chat, code).answers["city"] for code in ("TH", "AE")} == {"Hamburg"}
    assert "city" not in questions(chat)


def test_a_line_of_it_is_changed_and_what_is_kept_changes_with_it(chat: Chat) -> None:
    consents(chat)
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_profile"), ("[change]", ["details_used", "ask_which_line"]))
    chat.plays(("[edit city]", "ask_again_field city"), ("Berlin", "ask_field"))
    assert chat.on.answers["city"] == profile(chat)["city"] == "Berlin"
    chat.types("my details")
    assert "City: Berlin" in chat.messages[-2].text


def test_who_starts_fresh_is_asked_everything_and_what_is_kept_stays(chat: Chat) -> None:
    consents(chat)
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_profile"), ("[start fresh]", ["details_left", "ask_field"]))
    assert "company_name" in questions(chat, company_name="Other Company Ltd")
    assert profile(chat)["company_name"] == "Fresh Bakery GmbH"
    chat.plays(("keep my details", "ask_review"))
    assert profile(chat)["company_name"] == "Other Company Ltd"


def test_it_can_be_used_later_in_words(chat: Chat) -> None:
    consents(chat)
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_profile"), ("fresh", "ask_field"))
    chat.types("transactional")
    chat.types("use my details")
    assert chat.on.answers["company_name"] == "Fresh Bakery GmbH"


def test_what_is_kept_is_held_against_the_rules_like_any_answer(chat: Chat) -> None:
    """Kept by one country's rules, an answer may be refused, or stop, by another's."""
    consents(chat)
    company = chat.case.company
    assert company is not None
    chat.types("another")
    chat.plays(("Thailand", "ask_start"), ("start", "ask_profile"))
    limits = chat.house.book.pack("TH").field("company_registration_number").limits
    assert limits.max_length is not None
    profile_of_it = dict(company.profile, company_registration_number="9" * (limits.max_length + 1))
    with chat.house.store.transaction():
        packed = chat.house.store.execute("select packed from companies").fetchone()[0]
        changed = packed.replace(str(company.profile["company_registration_number"]), "9" * (limits.max_length + 1))
        assert changed != packed and profile_of_it
        chat.house.store.execute("update companies set packed = ?", (changed,))
    chat.types("use")
    asked = questions(chat)
    assert "company_registration_number" in asked
    assert any(message.key == "refused_there" for message in chat.messages)


def test_apply_again_goes_on_without_an_offer(chat: Chat, reviewer: Chat) -> None:
    reference = consents(chat)
    reviewer.types(f"open {reference}")
    reviewer.types(f"reject {reference}: The stamp is missing.")
    assert chat.types("apply again")[0] == "applying_again"
    assert chat.step == "review" and chat.on.again_of == reference


# --- shown and forgotten ------------------------------------------------------------------------------------------


def test_it_is_shown_and_forgotten_at_a_word_at_any_question(chat: Chat) -> None:
    chat.plays(("my details", "ask_country"), ("forget my details", "ask_country"))
    assert chat.messages[-2].key == "no_details"
    consents(chat)
    chat.types("my details")
    shown = chat.messages[-2]
    assert shown.key == "my_details" and "• Legal company name: Fresh Bakery GmbH" in shown.text
    assert chat.presses("forget my details", asked=shown.asked)[0] == "details_forgotten"
    assert profile(chat) == {} and chat.types("my details")[0] == "no_details"
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", ["opened", "ask_field"]))


def test_it_outlives_the_registration_and_nothing_is_left_once_it_is_forgotten(chat: Chat, house: House) -> None:
    first = consents(chat, company_name=CANARY)
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_profile"), ("fresh", "ask_field"))
    chat.types("my details")
    for word in (f"open {first}", "take back", "cancel", "withdraw", "yes"):
        chat.types(word)
    house.works()
    assert len(chat.case.registrations) == 1 and profile(chat)["company_name"] == CANARY
    assert CANARY.encode() in bytes_of(house)
    assert chat.types("forget my details")[0] == "details_forgotten"
    assert CANARY.encode() not in bytes_of(house)


def test_it_goes_with_the_last_registration(chat: Chat, house: House, reviewer: Chat) -> None:
    reference = consents(chat, company_name=CANARY)
    reviewer.types(f"open {reference}")
    reviewer.types(f"approve {reference}")
    house.ticks(timedelta(days=89))
    assert profile(chat)["company_name"] == CANARY
    house.ticks(timedelta(days=2))
    house.works()
    assert not chat.case.registrations and profile(chat) == {} and CANARY.encode() not in bytes_of(house)
    chat.plays(("Kenya", "ask_start"), ("start", ["opened", "ask_field"]))
    chat.fills_in()
    assert "ask_consent" in chat.types("submit"), "what was asked is forgotten too"


def test_nobody_else_is_offered_it(chat: Chat, house: House) -> None:
    consents(chat)
    eve = house.customer("eve")
    eve.plays(("my details", "ask_country"), ("use my details", "ask_country"), ("Kenya", "ask_start"))
    eve.plays(("start", ["opened", "ask_field"]))
    assert not any("Fresh Bakery" in message.text for message in eve.messages)


def test_no_detail_is_logged(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        consents(chat, company_name=CANARY)
        chat.types("my details")
        chat.types("forget my details")
    assert CANARY not in caplog.text
