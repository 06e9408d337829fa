"""Sender IDs: exactly as typed, refused with the mended form, doubted before a carrier does. And their samples."""

from __future__ import annotations

import pytest
from playing import Chat

from conversations.errors import BadAnswer
from conversations.judgement.sender_ids import read_sender_id
from rules.schema import SenderIdRules

# country with every printable symbol, digits only up to 15, at least one character
ANYTHING_GOES = "GB"


@pytest.fixture
def names(chat: Chat) -> Chat:
    """A chat that is asked for the sender ID."""
    chat.starts(ANYTHING_GOES)
    chat.answers(mef_protected="no")
    assert chat.step == "sender_ids"
    return chat


def kept(chat: Chat) -> list[str]:
    return [name.text for name in chat.on.sender_ids]


@pytest.mark.parametrize(
    "typed",
    [
        "FRESHBAKERY",
        "FreshBakery",
        "freshbakery",
        "A",
        "F&B-Bakery!",
        "Fresh Bake",
        "~!@#$%^&*()",
        "B1",
        "12345",
        "1",
        "Cafe_1.2/3",
        "NEXT",
        "Send",
        "PASS",
        "none",
        "new",
        "Stop",
    ],
)
def test_a_name_is_kept_exactly_as_typed(names: Chat, typed: str) -> None:
    assert names.types(typed) == ["ask_more_sender_ids"]
    assert kept(names) == [typed]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ABCDEFGHIJKL", "sender_id_too_long"),  # 12
        ("1234567890123456", "sender_id_too_many_digits"),  # 16
        ("面包店", "sender_id_not_ascii"),
        ("Пекарня", "sender_id_not_ascii"),
        ("BAKERY😀", "sender_id_not_ascii"),
    ],
)
def test_a_name_that_cannot_be_delivered_is_refused_and_nothing_is_offered(names: Chat, typed: str, key: str) -> None:
    assert names.types(typed) == [key]
    assert not any(label.startswith("Use:") for _, label in names.last.choices)
    assert kept(names) == [] and names.step == "sender_ids"


@pytest.mark.parametrize(
    ("typed", "key", "offer"),
    [
        (" FRESHBAKE", "sender_id_outer_spaces", "FRESHBAKE"),
        ("FRESHBAKE  ", "sender_id_outer_spaces", "FRESHBAKE"),
        ("Café", "sender_id_not_ascii", "Cafe"),
        ("Bäckerei", "sender_id_not_ascii", "Backerei"),
        ("FRESH\u00a0BAKE", "sender_id_not_ascii", "FRESH BAKE"),
    ],
)
def test_a_name_with_a_slip_is_refused_with_the_mended_form_as_a_button(
    names: Chat, typed: str, key: str, offer: str
) -> None:
    assert names.types(typed) == [key]
    assert names.last.choices[0] == (offer, f"Use: {offer}")
    assert kept(names) == []
    names.plays((f"[{offer}]", "ask_more_sender_ids"))
    assert kept(names) == [offer]


def test_a_bare_word_is_a_name_in_quotes(names: Chat) -> None:
    names.plays(
        ('"Status"', "ask_more_sender_ids"), ('"done"', "ask_more_sender_ids"), ("“help”", "ask_more_sender_ids")
    )
    assert kept(names) == ["Status", "done", "help"]


def test_eleven_characters_pass_in_thailand_and_twelve_do_not_with_the_numbers_said(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(("TWELVELETTER", "sender_id_too_long"))
    assert '"TWELVELETTER" has 12 characters; 11 are allowed' in chat.last.text
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"))


def test_a_name_too_short_for_the_country_is_refused(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(("AB", "sender_id_too_short"), ("ABC", "ask_more_sender_ids"))


def test_digits_only_are_refused_where_the_country_wants_a_letter(chat: Chat) -> None:
    chat.starts("EG")
    chat.answers()
    chat.plays(("1234567", "sender_id_digits_only"), ("SHOP123", "ask_more_sender_ids"))


def test_digits_are_refused_where_the_country_takes_letters_only(chat: Chat) -> None:
    chat.starts("KE")
    chat.answers()
    chat.plays(("SHOP123", "sender_id_no_digits"), ("SHOP", "ask_more_sender_ids"))


def test_symbols_the_country_does_not_take_are_refused_with_what_is_left(chat: Chat) -> None:
    chat.starts("RS")
    chat.answers(dba_name="Fresh Bakery", brand_origin="local")
    chat.plays(
        ("FRESH&BAKE", "sender_id_symbols"),
        ("[FRESHBAKE]", "ask_more_sender_ids"),
        ("FRESH-BAKE", "ask_more_sender_ids"),
    )


def test_a_country_without_symbols_refuses_them(chat: Chat) -> None:
    chat.starts("MA")
    chat.answers()
    chat.plays(("FRESH BAKE", "sender_id_no_symbols"))
    assert "space" in chat.last.text
    chat.plays(("[FRESHBAKE]", "ask_more_sender_ids"))


def test_a_marker_of_the_kind_of_messages_counts_in_the_length(chat: Chat) -> None:
    chat.starts("AE")
    chat.answers(message_type="promotional", brand_origin="local")
    chat.plays(("FRESHBAK", "sender_id_marker"), ("[AD-FRESHBAK]", "ask_more_sender_ids"))
    chat.plays(("FRESHBAKERY", "sender_id_marker"))
    assert chat.buttons == []


def test_a_marker_behind_the_name_is_offered_there() -> None:
    with pytest.raises(BadAnswer) as bad:
        read_sender_id("FRESHBAK", SenderIdRules(suffixes={"promotional": "-AD"}), "promotional")
    assert (bad.value.key, bad.value.offer) == ("sender_id_marker", "FRESHBAK-AD")


@pytest.mark.parametrize("generic", ["INFO", "Otp", "notify", "SMS-INFO"])
def test_a_generic_name_is_doubted_with_the_source_before_a_carrier_refuses_it(names: Chat, generic: str) -> None:
    names.plays((generic, "ask_keep_name"))
    assert "https://" in names.last.text and kept(names) == []
    names.plays(("[back]", "ask_sender_id"), (generic, "ask_keep_name"), ("[keep]", "ask_more_sender_ids"))
    assert kept(names) == [generic] and names.on.sender_ids[0].doubted == "doubt_generic"


def test_another_name_typed_at_the_doubt_replaces_the_doubted_one(names: Chat) -> None:
    names.plays(("INFO", "ask_keep_name"), ("FRESHBAKE", "ask_more_sender_ids"))
    assert kept(names) == ["FRESHBAKE"]


def test_other_peoples_brands_are_doubted(names: Chat) -> None:
    names.plays(("Google", "ask_keep_name"), ("no", "ask_sender_id"))


def test_a_name_is_asked_how_it_belongs_to_the_company_only_when_that_is_not_plain(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(
        ("FRESHBAKERY", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        ("A text", "ask_more_samples"),
        ("done", "ask_review"),
    )
    assert chat.on.answers["sender_id_link_plain"] is True
    chat.plays(("edit sender id", "ask_more_sender_ids"), ("ZORRO", "ask_more_sender_ids"), ("done", "ask_sample"),
               ("Another text", "ask_more_samples"), ("done", "ask_field sender_id_link_plain"),
               ("no", "ask_field sender_id_description"), ("ZORRO is our delivery service.", "ask_review"))  # fmt: skip
    assert [line.slot for line in chat.summary.checklist if line.required] == ["loa", "brand_proof"]


def test_a_name_from_the_company_is_proposed_as_a_button(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()
    chat.plays(("[FRESHBAKERY]", "ask_more_sender_ids"))


def test_the_same_name_twice_is_said_and_not_filed_twice(names: Chat) -> None:
    names.plays(("FRESH", "ask_more_sender_ids"), ("FRESH", "sender_id_there"), ("fresh", "ask_more_sender_ids"))
    assert kept(names) == ["FRESH", "fresh"]


def test_twenty_names_are_taken_and_the_next_is_not(names: Chat) -> None:
    names.types("\n".join(f"NAME{number}" for number in range(19)))
    names.plays(
        ("NAME19", "ask_more_sender_ids"),
        ("NAME20", "sender_id_most"),
        ("remove NAME3", "ask_more_sender_ids"),
        ("NAME20", "ask_more_sender_ids"),
    )
    assert len(kept(names)) == 20


def test_of_a_list_the_good_names_are_kept_and_the_first_bad_one_is_said(names: Chat) -> None:
    assert names.types("ONE\nTWO\nTWELVELETTER\nTHREE") == ["sender_id_too_long"]
    assert kept(names)[:2] == ["ONE", "TWO"]


def test_a_name_can_be_taken_out_again(names: Chat) -> None:
    names.plays(
        ("ONE", "ask_more_sender_ids"), ("remove two", ["sender_id_not_there"]), ("remove one", "ask_sender_id")
    )
    assert kept(names) == []


def test_without_a_name_there_is_no_done(names: Chat) -> None:
    names.plays(("done", "sender_id_needed"), ("[later]", ["parked", "ask_review_missing"]))
    assert "sender_id" in names.on.parked


# --- samples --------------------------------------------------------------------------------------------------------


@pytest.fixture
def samples(names: Chat) -> Chat:
    names.plays(("FRESH", "ask_more_sender_ids"), ("done", "ask_sample"))
    return names


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a" * 160, "GSM-7, 160 characters, 1 SMS"),
        ("a" * 161, "GSM-7, 161 characters, 2 SMS"),
        ("a" * 306, "GSM-7, 306 characters, 2 SMS"),
        ("€" * 80, "GSM-7, 160 characters, 1 SMS"),
        ("面" * 70, "UCS-2, 70 characters, 1 SMS"),
        ("面" * 71, "UCS-2, 71 characters, 2 SMS"),
        ("🎂" * 35, "UCS-2, 70 characters, 1 SMS"),
        ("Ваш заказ 4711 готов", "UCS-2, 20 characters, 1 SMS"),
    ],
)
def test_a_sample_of_any_language_is_shown_with_its_length_in_sms_parts(samples: Chat, typed: str, said: str) -> None:
    assert samples.types(typed) == ["sample_taken", "ask_more_samples"]
    assert said in samples.messages[-2].text
    assert samples.on.sender_ids[0].samples == [typed]


def test_a_sample_longer_than_the_country_takes_is_refused_with_the_numbers(samples: Chat) -> None:
    samples.plays(("a" * 307, "sample_too_long"))
    assert "307" in samples.last.text and "306" in samples.last.text


def test_samples_repeat_nothing_and_end_at_twenty(samples: Chat) -> None:
    samples.plays(("done", "sample_needed"), ("one", "ask_more_samples"), ("one", "sample_there"))
    for number in range(19):
        samples.types(f"text {number}")
    samples.plays(("one more", "sample_most"), ("done", "ask_field mef_protected"))
    assert len(samples.on.sender_ids[0].samples) == 20


def test_each_name_has_its_own_samples(names: Chat) -> None:
    names.plays(("ONE", "ask_more_sender_ids"), ("TWO", "ask_more_sender_ids"), ("done", "ask_sample"))
    assert "ONE" in names.last.text
    names.plays(("first", "ask_more_samples"), ("done", "ask_sample"))
    assert "TWO" in names.last.text
    names.plays(("second", "ask_more_samples"), ("done", "ask_field sender_id_link_plain"))
    assert [(name.text, name.samples) for name in names.on.sender_ids] == [("ONE", ["first"]), ("TWO", ["second"])]


def test_samples_for_later_are_missing_on_the_review(samples: Chat) -> None:
    samples.plays(("later", ["parked", "ask_field"]), ("no", "ask_review_missing"))
    assert "Samples for FRESH" in samples.last.text
    samples.plays(("[continue]", "ask_sample"), ("FRESH: here", "ask_more_samples"), ("done", "ask_review"))


def test_a_sample_that_is_a_bare_word_goes_in_quotes(samples: Chat) -> None:
    samples.plays(
        ("later on we call you", ["sample_taken", "ask_more_samples"]),
        ('"Cancel"', ["sample_taken", "ask_more_samples"]),
    )
    assert samples.on.sender_ids[0].samples == ["later on we call you", "Cancel"]
