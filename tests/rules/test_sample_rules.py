"""A sample is refused only for what its country's file forbids; everything else is said, and the text is kept."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import BadAnswer
from conversations.judgement import sms
from conversations.judgement.judging_samples import (
    Setting,
    length,
    mended,
    notes_on_length,
    read_sample,
    remarks,
    rules_in_words,
    setting,
)
from conversations.judgement.links import domain, links
from conversations.model import Registration, SenderId
from rules.book import Book
from rules.schema import SampleRules, Topic

COMPANY = {
    "company_name": "Fresh Bakery GmbH",
    "company_website": "https://www.freshbakery.example",
    "message_type": "otp",
}
FRIENDLY = "Fresh Bakery: your code is 4711. It is good for ten minutes."


def judged_by(book: Book, rules: SampleRules, country: str = "DE", **answers: Any) -> Setting:
    registration = Registration(1, "DE-0000", 1, 1, country, "form", answers={**COMPANY, **answers})
    pack = book.pack(country).model_copy(update={"samples": rules})
    return setting(registration, pack, book.watchlist, SenderId("FRESHBAKERY"))


def remarked(book: Book, text: str, rules: SampleRules, country: str = "DE", **answers: Any) -> list[str]:
    return [remark.key for remark in remarks(text, judged_by(book, rules, country, **answers))]


def refused(book: Book, text: str, rules: SampleRules, country: str = "DE") -> str | None:
    try:
        read_sample(text, SenderId("FRESHBAKERY"), judged_by(book, rules, country))
    except BadAnswer as bad:
        return bad.key
    return None


# --- length ---------------------------------------------------------------------------------------------------------

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)  # 3GPP TS 23.038, the basic table, written out once more
EXTENDED = "^{}\\[]~|€\f"


def counted(text: str, reserve: int) -> tuple[str, int, int]:
    """Parts, by filling them one character after the other."""
    gsm = all(char in BASIC + EXTENDED for char in text)
    size, room = (153, 160) if gsm else (67, 70)
    cost = [(2 if char in EXTENDED else 1) if gsm else len(char.encode("utf-16-le")) // 2 for char in text] + [
        1
    ] * reserve
    if sum(cost) <= room:
        return ("GSM-7" if gsm else "UCS-2"), sum(cost), 1
    filled: list[int] = [0]
    for one in cost:
        if filled[-1] + one > size:
            filled.append(0)
        filled[-1] += one
    return ("GSM-7" if gsm else "UCS-2"), sum(cost), len(filled)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    text=st.one_of(
        st.text(alphabet=BASIC + EXTENDED, max_size=330),
        st.text(alphabet="a€[é😀面“ ", max_size=330),
        st.builds(lambda char, times: char * times, st.sampled_from("a€面😀"), st.integers(0, 330)),
    ),
    reserve=st.sampled_from([0, 4, 10]),
)
def test_parts_are_counted_as_another_counts_them(text: str, reserve: int) -> None:
    assert sms.parts(text, reserve) == counted(text, reserve)
    assert sms.parts(text, reserve)[2] >= math.ceil(sms.parts(text, reserve)[1] / 160)


def test_a_character_of_two_is_never_torn_between_parts() -> None:
    assert sms.parts("a" * 152 + "€" + "a" * 152) == ("GSM-7", 306, 3)
    assert sms.parts("面" * 66 + "😀" + "面" * 66) == ("UCS-2", 134, 3)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Hi” – it’s ready…", '"Hi" - it\'s ready...'),
        ("Ready\u00a0now", "Ready now"),
        ("Ready now", None),
        ("Готово – да", None),
        ("Ready 😀 – now", None),
    ],
)
def test_typographic_characters_have_plain_ones_in_their_place(text: str, plain: str | None) -> None:
    assert sms.plain(text) == plain
    assert plain is None or sms.parts(plain)[0] == "GSM-7"


def test_what_makes_a_text_longer_is_named_with_what_would_be_saved(book: Book) -> None:
    by = judged_by(book, SampleRules(reserve=4))
    curly = "Your order’s ready" + "." * 60
    assert length(curly, by) == ("UCS-2", 82, 2)
    notes = {note.key: note.values for note in notes_on_length(curly, by)}
    assert notes == {"sample_reserve": {"count": 4}, "sample_could_be_plain": {"characters": "’", "parts": 1}}
    assert [note.key for note in notes_on_length("Your cake’s ready", judged_by(book, SampleRules()))] == [
        "sample_could_be_plainer"  # one SMS either way: nothing would be saved
    ]
    assert [note.key for note in notes_on_length("Your cake is ready 🎂", judged_by(book, SampleRules()))] == [
        "sample_makes_long"
    ]
    assert notes_on_length("Ваш заказ готов", judged_by(book, SampleRules())) == ()


def test_the_room_for_an_opt_out_counts_in_promotional_texts_only(book: Book) -> None:
    rules = SampleRules(opt_out=True, reserve=10)
    assert length("a" * 155, judged_by(book, rules, message_type="promotional")) == ("GSM-7", 165, 2)
    assert length("a" * 155, judged_by(book, rules)) == ("GSM-7", 155, 1)
    assert length("a" * 158, judged_by(book, SampleRules(reserve=4))) == ("GSM-7", 162, 2)


# --- refused --------------------------------------------------------------------------------------------------------

FORBIDS_ALL = SampleRules(links="none", shorteners=False, chat_links=False, phone_numbers=False)


@pytest.mark.parametrize(
    ("text", "rules", "key"),
    [
        ("See https://acme.example/x", {"links": "none"}, "sample_no_links"),
        ("See www.acme.example now", {"links": "none"}, "sample_no_links"),
        ("See acme.com/orders", {"links": "none"}, "sample_no_links"),
        ("See bit.ly/2xyz", {"shorteners": False}, "sample_no_shorteners"),
        ("See https://tinyurl.com/2xyz.", {"shorteners": False}, "sample_no_shorteners"),
        ("Write to wa.me/4915112345678", {"chat_links": False}, "sample_no_chat_links"),
        ("Call +49 30 901820", {"phone_numbers": False}, "sample_no_phone_numbers"),
    ],
)
def test_what_the_country_forbids_is_refused(book: Book, text: str, rules: dict[str, Any], key: str) -> None:
    assert refused(book, text, SampleRules(**rules)) == key
    assert refused(book, text, SampleRules()) is None


@pytest.mark.parametrize(
    "text",
    [
        "Your order is done.It will arrive today", "Write to info@acme.com", "Version v2.0, from 8 a.m. to 6 p.m., e.g. Monday",
        "Order 4711123456 is ready", "Total 1.250,00 EUR", "Meet us at St.Gallen", "See acme.com for more", "Call 030 901820",
    ],
)  # fmt: skip
def test_what_may_be_something_else_is_never_refused(book: Book, text: str) -> None:
    assert refused(book, text, FORBIDS_ALL) is None


WORDS = st.sampled_from([
    "Your", "order", "4711", "is", "ready.", "done.It", "info@acme.com", "https://acme.com/x", "www.acme.com", "acme.com",
    "acme.com/x", "bit.ly/2x", "https://bit.ly/2x", "wa.me/49", "bit.ly", "t.me", "+49 30 901820", "030 901820", "v2.0",
    "https://", "...", "e.g.", "«x»", "面包", "STOP", "casino", "20% off", "{code}", "0049 30 901820",
])  # fmt: skip


def forbidden(words: list[str], rules: SampleRules) -> bool:
    """What nobody reads as anything else, told word by word."""
    address = {"https://acme.com/x", "www.acme.com", "acme.com/x"}
    short, chats = {"bit.ly/2x", "https://bit.ly/2x"}, {"wa.me/49"}
    there = set(words)
    return bool(
        (rules.links == "none" and there & (address | short | chats))
        or (rules.shorteners is False and there & short)
        or (rules.chat_links is False and there & chats)
        or (rules.phone_numbers is False and there & {"+49 30 901820", "0049 30 901820"})
    )


RULES = st.builds(
    SampleRules,
    transactional_only=st.booleans(), brand_inside=st.booleans(), opt_out=st.booleans(), template=st.booleans(),
    links=st.sampled_from([None, "listed", "own_domain", "none"]), shorteners=st.sampled_from([None, True, False]),
    chat_links=st.sampled_from([None, True, False]), phone_numbers=st.sampled_from([None, True, False]),
    begins_with=st.sampled_from([{}, {"otp": "OS:"}]), reserve=st.sampled_from([0, 4]),
    languages=st.sampled_from([{}, {"otp": "Bengali"}]), prohibited=st.lists(st.sampled_from(list(Topic)), max_size=3),
)  # fmt: skip


@settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(rules=RULES, words=st.lists(WORDS, min_size=1, max_size=6))
def test_a_text_is_refused_exactly_for_what_the_keys_forbid(book: Book, rules: SampleRules, words: list[str]) -> None:
    text = " , ".join(words)
    assert (refused(book, text, rules) is not None) == forbidden(words, rules)
    by = judged_by(book, rules)
    assert remarks(text, by) == remarks(text, by)
    better = mended(text, by)
    if better is not None:
        assert mended(better, by) is None
        assert "sample_without_beginning" not in [remark.key for remark in remarks(better, by)]


@settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=120), rules=RULES)
def test_any_text_at_all_is_judged_without_a_fault(book: Book, text: str, rules: SampleRules) -> None:
    by = judged_by(book, rules)
    remarks(text, by), notes_on_length(text, by), mended(text, by), rules_in_words(by)
    if refused(book, text, rules) not in (None, "bad_empty"):
        assert (
            rules.links == "none"
            or rules.shorteners is False
            or rules.chat_links is False
            or rules.phone_numbers is False
        )


# --- remarked -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rules", "answers", "keys"),
    [
        (FRIENDLY, {"brand_inside": True, "transactional_only": True, "prohibited": list(Topic)}, {}, []),
        ("Your code is 4711", {"brand_inside": True}, {}, ["sample_without_brand"]),
        ("FRESHBAKERY: your code is 4711", {"brand_inside": True}, {}, []),
        ("Ofenhaus: your code is 4711", {"brand_inside": True}, {"dba_name": "Ofenhaus"}, []),
        ("See bit.ly/2x", {}, {}, ["sample_shortened"]),
        ("See bit.ly/2x", {"shorteners": True}, {}, []),
        ("See shop.freshbakery.example/x", {"links": "own_domain"}, {}, []),
        ("See https://freshbakery.other/x", {"links": "own_domain"}, {}, ["sample_link_not_own"]),
        ("See https://freshbakery.example/x", {"links": "listed"}, {}, []),
        ("See https://acme.com/x", {"links": "listed"}, {}, ["sample_link_to_list"]),
        ("See https://acme.com/x", {"links": "listed"}, {"content_urls": ["https://acme.com/x"]}, []),
        ("See https://freshbakery.example/x", {}, {"messages_carry_links": False}, ["sample_link_unannounced"]),
        ("See acme.com for more", {"links": "none"}, {}, ["sample_link_perhaps"]),
        ("Call 030 901820", {"phone_numbers": False}, {}, ["sample_phone_perhaps"]),
        ("Hello {name}, your code is 4711", {}, {}, ["sample_has_placeholder"]),
        ("Hello {name}, your code is 4711", {"template": True}, {}, []),
        ("Your code is [code]", {}, {}, ["sample_has_placeholder"]),
        ("[Fresh Bakery] Your code is 4711", {}, {}, []),
        ("Your code is XXXX", {}, {}, ["sample_has_placeholder"]),
        ("Card ****1234 was charged", {}, {}, []),
        ("Dear %s, hello", {}, {}, ["sample_has_placeholder"]),
        ("You save 20% Saturday", {}, {}, []),
        ("Dear <<first name>>", {}, {}, ["sample_has_placeholder"]),
        ("test", {}, {}, ["sample_is_nonsense"]),
        ("This is a test message 1", {}, {}, ["sample_is_nonsense"]),
        ("Lorem ipsum dolor sit amet", {}, {}, ["sample_is_nonsense"]),
        ("Your test result is ready", {}, {}, []),
        ("Big sale: 20% off today", {"transactional_only": True}, {}, ["sample_sounds_promotional"]),
        ("Big sale: 20% off today", {}, {}, []),
        ("Big sale today", {"opt_out": True}, {"message_type": "promotional"}, ["sample_without_opt_out"]),
        ("Big sale today. Reply STOP to opt out", {"opt_out": True}, {"message_type": "promotional"}, []),
        ("วันนี้ลดราคา ยกเลิกพิมพ์ ยกเลิก", {"opt_out": True}, {"message_type": "promotional"}, []),
        ("Big sale today", {"opt_out": True}, {}, []),
        ("Bet now at our casino", {"prohibited": ["gambling", "loans"]}, {}, ["sample_topic"]),
        ("เล่นคาสิโนออนไลน์", {"prohibited": ["gambling"]}, {}, ["sample_topic"]),
        ("The alphabet is better", {"prohibited": list(Topic)}, {}, []),
        ("Your delivery slot is 8 to 10", {"prohibited": ["gambling"]}, {}, []),
        ("Your code is 4711", {"begins_with": {"otp": "OS:"}}, {}, ["sample_without_beginning"]),
        ("OS: your code is 4711", {"begins_with": {"otp": "OS:"}}, {}, []),
        ("Your code is 4711", {"languages": {"otp": "Bengali, for local brands"}}, {}, ["sample_language"]),
        ("আপনার কোড 4711", {"languages": {"otp": "Bengali, for local brands"}}, {}, []),
        ("Your code is 4711", {"languages": {"otp": "English"}}, {}, []),
    ],
)
def test_what_speaks_against_a_text_is_said_at_once(
    book: Book, text: str, rules: dict[str, Any], answers: dict[str, Any], keys: list[str]
) -> None:
    assert remarked(book, text, SampleRules.model_validate(rules), **answers) == keys


def test_several_remarks_come_together_gravest_first(book: Book) -> None:
    rules = SampleRules(brand_inside=True, transactional_only=True, prohibited=(Topic.GAMBLING,), opt_out=True)
    text = "Dear {name}, casino sale: bit.ly/2x"
    assert remarked(book, text, rules, message_type="promotional") == [
        "sample_has_placeholder", "sample_shortened", "sample_topic", "sample_sounds_promotional", "sample_without_opt_out",
        "sample_without_brand",
    ]  # fmt: skip


def test_a_text_is_mended_in_one_go(book: Book) -> None:
    by = judged_by(book, SampleRules(begins_with={"otp": "OS:"}))
    assert mended("Fresh Bakery – “ready”", by) == 'OS: Fresh Bakery - "ready"'
    assert mended("OS: ready", by) is None


@pytest.mark.parametrize(
    ("address", "registered"),
    [
        ("https://shop.example.co.uk/x", "example.co.uk"), ("www.example.com", "example.com"), ("a.b.example.com", "example.com"),
        ("acme.github.io", "acme.github.io"), ("https://acme.myshopify.com", "acme.myshopify.com"), ("example.de:8080/x", "example.de"),
        ("https://example.com.au", "example.com.au"), ("", ""),
    ],
)  # fmt: skip
def test_a_domain_is_what_its_owner_pays_for(book: Book, address: str, registered: str) -> None:
    assert domain(address, book.watchlist) == registered


def test_links_are_found_as_people_write_them(book: Book) -> None:
    text = "See https://acme.com/x. Or (www.acme.de)! Mail a@acme.com, acme.shop, http://пример.рф/путь?x=1 and v2.0"
    assert [(link.text, link.host, link.sure) for link in links(text, book.watchlist)] == [
        ("https://acme.com/x", "acme.com", True), ("www.acme.de", "acme.de", True), ("acme.shop", "acme.shop", False),
        ("http://пример.рф/путь?x=1", "пример.рф", True),
    ]  # fmt: skip


# --- in words, and in every country ---------------------------------------------------------------------------------


def test_keys_are_told_in_words_unless_the_countrys_own_sentence_says_it(book: Book) -> None:
    rules = SampleRules(
        rules=("Only full links that are registered with the name; no shortened links.",), links="listed", shorteners=False,
        phone_numbers=False, brand_inside=True, reserve=4, prohibited=(Topic.LOANS, Topic.GAMBLING),
    )  # fmt: skip
    assert [line.key for line in rules_in_words(judged_by(book, rules))] == [  # type: ignore[union-attr]
        "briefing_line", "sample_rule_brand", "sample_rule_no_phone_numbers", "sample_rule_reserve", "sample_rule_prohibited",
    ]  # fmt: skip


def test_a_friendly_text_passes_everywhere_and_whatever_is_said_of_it_is_a_rule_of_the_country(book: Book) -> None:
    allowed = {"sample_without_beginning", "sample_language"}
    for code in book.codes:
        rules = book.pack(code).samples
        for message_type in ("otp", "transactional"):
            assert refused(book, FRIENDLY, rules, code) is None, code
            said = set(remarked(book, FRIENDLY, rules, code, message_type=message_type))
            assert said <= allowed, (code, said)
            assert all(line for line in rules_in_words(judged_by(book, rules, code, message_type=message_type)))
