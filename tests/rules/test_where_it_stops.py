"""Where a registration can go no further, in the countries whose rules look at two answers together."""

from __future__ import annotations

import pytest

FINANCE = ("banking_finance_insurance", "lending")

# country, what was answered before, field, the answer that stops, one that goes on
STOPS = [
    ("AF", {}, "message_type", "promotional", "otp"),
    ("BY", {}, "message_type", "promotional", "otp"),
    ("BY", {}, "transactional_only_ack", False, True),
    ("CM", {}, "message_type", "promotional", "transactional"),
    ("EG", {"message_type": "otp"}, "brand_origin", "local", "international"),
    ("ET", {}, "message_type", "promotional", "transactional"),
    ("ET", {"brand_origin": "local", "business_area": "banking_finance_insurance"}, "local_banking", True, False),
    ("GH", {"message_type": "promotional"}, "brand_origin", "international", "local"),
    ("IN", {}, "brand_origin", "international", "local"),
    ("IN", {}, "entity_params_ack", False, True),
]


@pytest.mark.parametrize(("code", "told", "name", "refused", "taken"), STOPS)
def test_one_answer_stops_and_another_goes_on(book, code, told, name, refused, taken):
    field = book.pack(code).field(name)
    stop = field.stop(told, refused)
    assert stop is not None and stop.alternative
    assert field.stop(told, taken) is None


def test_service_messages_of_local_brands_in_egypt_and_international_ones_in_ghana_go_on(book):
    told = {"message_type": "transactional"}
    assert book.pack("EG").field("brand_origin").stop(told, "local") is None
    assert book.pack("GH").field("brand_origin").stop(told, "international") is None


@pytest.mark.parametrize(
    ("brand", "area", "asked"),
    [("local", FINANCE[0], True), ("local", FINANCE[1], False), ("international", FINANCE[0], False)],
)
def test_only_local_companies_of_finance_are_asked_about_banking_in_ethiopia(book, brand, area, asked):
    condition = book.pack("ET").field("local_banking").required_when
    assert condition.holds({"brand_origin": brand, "business_area": area}) is asked


@pytest.mark.parametrize("code", ["BY", "BG", "CZ"])
def test_financial_senders_sign_a_letter_and_nobody_else_is_asked_who_signs(book, code):
    pack = book.pack(code)
    for area in pack.field("business_area").limits.choices:
        answers = {"business_area": area}
        assert pack.document("loa_financial").required_when.holds(answers) is (area in FINANCE)
        for name in ("company_name_on_certificate", "signatory_name", "signatory_title"):
            assert pack.field(name).required_when.holds(answers) is (area in FINANCE)


def test_a_name_for_promotions_in_india_has_exactly_six_letters(book):
    rules = book.pack("IN").sender_id
    assert (rules.given({"message_type": "otp"}).min_length, rules.max_length) == (3, 6)
    assert rules.given({"message_type": "promotional"}).min_length == 6
