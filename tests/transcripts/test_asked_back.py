"""What is hardly an answer is asked back, and what came back is shown from its end: only what is to be mended."""

from __future__ import annotations

import pytest
from playing import Chat

from conversations.judgement import asked_back, fields
from conversations.judgement.phrases import meant
from rules.book import Book

OFFERED = ["We send codes.", "We send news of orders."]


@pytest.fixture
def at_the_code(chat: Chat) -> Chat:
    """Asked for the postal code."""
    chat.starts("TH")
    chat.answers(until="postal_code")
    return chat


def test_a_question_is_no_postal_code_unless_it_is_meant(at_the_code: Chat) -> None:
    at_the_code.plays(("hello?", "bad_question"))
    assert "postal_code" not in at_the_code.on.answers and at_the_code.last.text.startswith("Postal code: That looks")
    at_the_code.plays(('["hello?"]', "ask_field"))
    assert at_the_code.on.answers["postal_code"] == "hello?"


def test_a_long_question_is_quoted_by_hand(book: Book) -> None:
    asked = book.pack("TH").field("use_case_description")
    for long in ("Is it enough that I say we send the codes of our shop to those who buy there?", "Is it\nthis?"):
        doubted = asked_back.why(asked, long, [])
        assert doubted is not None and doubted.offer is None


@pytest.mark.parametrize(
    "text", ["2 but shorter", "number 2, without the news", "2. only for Germany", "#2 with codes"]
)
def test_a_ready_sentence_wanted_otherwise_is_shown_to_be_changed(book: Book, text: str) -> None:
    doubted = asked_back.why(book.pack("TH").field("use_case_description"), text, OFFERED)
    assert doubted is not None and (doubted.key, doubted.values["text"]) == ("bad_phrase_changed", OFFERED[1])


@pytest.mark.parametrize("text", ["2 shops send their orders", "3 but shorter", "0 but shorter", "2", "20 but shorter",
                                  "2 and a half thousand people who buy bread at our shops get a word when it is ready"])  # fmt: skip
def test_an_answer_that_begins_with_a_number_is_one(book: Book, text: str) -> None:
    assert asked_back.why(book.pack("TH").field("use_case_description"), text, OFFERED) is None


@pytest.mark.parametrize("text", ["2", "2.", "#2", "number 2", "Sentence 2, please", "2 please"])
def test_a_sentence_is_picked_by_its_number_however_it_is_called(book: Book, text: str) -> None:
    assert meant(book.pack("TH").field("use_case_description"), text, {}, OFFERED) == OFFERED[1]


def test_a_sentence_wanted_shorter_is_not_kept_as_it_was_said(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description")
    chat.plays(("2 but shorter", "bad_phrase_changed"))
    assert "use_case_description" not in chat.on.answers and chat.buttons == ["1", "2", "3"]
    assert "Copy number 2" in chat.last.text and "Fresh Bakery GmbH reminds its customers" in chat.last.text


def test_sentences_of_the_purpose_come_first(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description", message_type="otp")
    assert "1. Fresh Bakery GmbH sends one-time codes" in chat.last.text


def test_a_refusal_says_of_which_question(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="messages_carry_links")
    chat.plays(("perhaps", "bad_yes_no"))
    assert chat.last.text == 'Links in the messages: Please answer "yes" or "no".'


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("yes, some", True), ("Yes we do.", True), ("yes, they are", True), ("yeah, always", True),
        ("no, none", False), ("No, we don’t", False), ("no it is not", False), ("nope, never", False),
        ("yes, but only in Kenya", None), ("yes we don't", None), ("no, we do", None), ("some", None),
    ],
)  # fmt: skip
def test_a_yes_with_words_that_say_it_again_is_one(book: Book, said: str, heard: bool | None) -> None:
    asked = book.pack("TH").field("messages_carry_links")
    try:
        assert fields.read(asked, said, {}, book) is heard
    except fields.BadAnswer as bad:
        assert (bad.key, heard) == ("bad_yes_no", None)


def test_some_is_no_yes_where_a_no_stops(book: Book) -> None:
    stopping = next(field for field in book.pack("KE").fields if field.name == "transactional_only_ack")
    with pytest.raises(fields.BadAnswer):
        fields.read(stopping, "yes, some", {}, book)


def test_an_agent_signs_as_one_and_is_called_everywhere_else(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    assert "person_is_called" in chat.types("agent")
    chat.answers(until="signatory_title", signatory_name="Maria Keller")
    chat.types("Agent")
    assert chat.on.answers["signatory_title"] == "Agent"
    assert len(chat.case.handoffs) == 1


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("🇰🇪", ("KE",)), ("🇰🇪🇹🇭", ("KE", "TH")), ("OTP to 🇹🇭 and Kenya", ("TH", "KE")), ("Kenya 🇰🇪", ("KE",)),
        ("🇳🇴", ("NO",)), ("🇽🇽", ()),
    ],
)  # fmt: skip
def test_a_flag_is_its_country(book: Book, text: str, countries: tuple[str, ...]) -> None:
    assert book.find(text).countries == countries


def test_names_beside_each_other_are_taken_one_after_another(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.types("FRESHBAKERY, FRESHBOX; TWELVELETTER")
    assert [name.text for name in chat.on.sender_ids] == ["FRESHBAKERY", "FRESHBOX"]
    assert chat.last.key == "sender_id_too_long" and '"TWELVELETTER"' in chat.last.text


def test_what_came_back_shows_what_is_to_be_mended_and_all_of_it_on_review(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.desk("send_back", reference, why=["The city is wrong"], papers=["loa"], fields=["city"])
    assert [message.text.count("The city is wrong") for message in chat.messages[-2:]] == [1, 0]
    assert "⚠ City: Hamburg" in chat.last.text and "Postal code" not in chat.last.text
    chat.plays(("[review]", ["review_all", "ask_review_mend"]))
    assert "Postal code: 20095" in chat.messages[-2].text and "⚠ City" in chat.messages[-2].text
    chat.plays(("11", "ask_again_field city"), ("Bremen", "ask_review_mend"))
    assert "City" not in chat.last.text and "please send it again" not in chat.last.text
    assert "you get new ones to sign" in chat.last.text


def test_what_came_back_with_words_alone_shows_them_and_no_line(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.desk("send_back", reference, why=["Is this your name?"])
    chat.plays(("edit company_name", "ask_again_field"), ("Other GmbH", "ask_review_mend"))
    assert "• Is this your name?" in chat.last.text and "Other GmbH" not in chat.last.text
    assert "No line is marked now" in chat.last.text


def test_a_pause_stands_beside_the_chat(chat: Chat) -> None:
    chat.starts("TH")
    assert not chat.summary.paused
    chat.types("another")
    chat.starts("UAE")
    assert chat.summary.paused
