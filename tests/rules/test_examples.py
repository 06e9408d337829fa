"""Every detailed country takes one whole set of answers and refuses one answer."""

from __future__ import annotations

import pytest

from rules.checks import refusals
from rules.schema import FieldType, Pack, Phase

# An answer each country must refuse, and the words that say why.
REFUSED = {
    "TH": ("opt_in_description", "They agree.", "at least 40"),
    "AE": ("brand_origin", "foreign", "none of"),
    "KE": ("company_name", "K" * 101, "at most 100"),
    "EG": ("company_registration_number", "1" * 31, "at most 30"),
    "PH": ("is_bfsi", "maybe", "neither yes nor no"),
    "ID": ("monthly_volume", "0", "below 1"),
    "SA": ("message_type", "spam", "none of"),
    "GB": ("postal_code", "A" * 21, "at most 20"),
    "AU": ("abn", "51 824 753 55", "does not match"),
    "TR": ("use_case_description", "x" * 501, "at most 500"),
    "AF": ("company_website", "a.b", "at least 4"),
    "IE": ("sido_number", "", "at least 1"),
    "CN": ("signature", "", "at least 1"),
    "RU": ("region", "R" * 51, "at most 50"),
    "KH": ("business_area", "everything", "none of"),
    "VN": ("template_variables", "", "at least 1"),
    "RS": ("dba_name", "B" * 101, "at most 100"),
    "KZ": ("server_ip", "our server", "does not match"),
    "SG": ("contact_phone", "+6", "at least 3"),
    "RO": ("business_area", "everything", "none of"),
    "SS": ("opt_in_description", "They agree.", "at least 40"),
    "ES": ("alias_relationship", "invention", "none of"),
    "LK": ("single_use_case_ack", "both", "neither yes nor no"),
    "TW": ("contact_email", "a@b", "at least 5"),
    "TZ": ("signatory_title", "D" * 101, "at most 100"),
    "UG": ("brand_origin", "foreign", "none of"),
    "UZ": ("monthly_volume", "0", "below 1"),
    "ZM": ("transactional_only_ack", "maybe", "neither yes nor no"),
    "ZW": ("use_case_description", "", "at least 1"),
}


def answers_of(pack: Pack, **told: object) -> dict[str, object]:
    """What a customer answers who gives each example, asked only what the conditions need."""
    answers: dict[str, object] = {}
    for field in pack.fields:
        if field.required_when is not None and not field.required_when.holds(answers):
            continue
        example = field.example
        answers[field.name] = told.get(field.name, example == "yes" if field.type is FieldType.BOOLEAN else example)
    return answers


@pytest.mark.parametrize("code", REFUSED)
def test_the_examples_of_a_country_are_accepted(book, code):
    for field in book.pack(code).fields:
        assert field.example, field.name
        assert list(refusals(field, field.example)) == [], field.name


@pytest.mark.parametrize(("code", "name", "answer", "why"), [(code, *row) for code, row in REFUSED.items()])
def test_a_wrong_answer_is_refused(book, code, name, answer, why):
    assert any(why in text for text in refusals(book.pack(code).field(name), answer))


@pytest.mark.parametrize("code", REFUSED)
def test_a_customer_who_gives_the_examples_comes_to_the_end(book, code):
    pack = book.pack(code)
    answers = answers_of(pack)
    for field in pack.fields:
        needed = field.required or (field.required_when is not None and field.required_when.holds(answers))
        assert not needed or field.name in answers
        if field.name in answers:
            assert field.stop(answers, answers[field.name]) is None


def test_local_brands_in_the_emirates_sign_three_papers_and_international_ones_two(book):
    pack = book.pack("AE")

    def letters(**told: object) -> list[str]:
        answers = answers_of(pack, **told)
        return [
            d.code
            for d in pack.documents
            if d.template and (d.required or (d.required_when and d.required_when.holds(answers)))
        ]

    assert letters(brand_origin="local") == ["loa_etisalat_local", "loa_du_local", "du_form"]
    assert letters(brand_origin="international") == ["loa_etisalat_intl", "loa_du_intl"]


def test_an_australian_company_gives_one_number(book):
    pack = book.pack("AU")
    assert "company_registration_number" not in answers_of(pack, has_abn=True)
    assert "abn" not in answers_of(pack, has_abn=False)


def test_links_are_asked_for_only_when_there_are_some(book):
    pack = book.pack("TH")
    assert "content_urls" not in answers_of(pack, messages_carry_links=False)
    assert {"content_urls", "link_purpose"} <= set(answers_of(pack, messages_carry_links=True))


def test_what_can_stop_or_reroute_is_asked_before_the_rest(book):
    order = [*Phase]
    for code in book.codes:
        phases = [order.index(field.phase) for field in book.pack(code).fields]
        assert phases == sorted(phases), code
        for name in ("message_type", "country", "brand_origin", "transactional_only_ack"):
            if any(field.name == name for field in book.pack(code).fields):
                assert book.pack(code).field(name).phase is Phase.FIRST, (code, name)


@pytest.mark.parametrize("code", ["AE", "VN", "LK"])
def test_only_a_local_brand_may_register_a_name_for_promotions(book, code):
    purpose = book.pack(code).field("message_type")
    assert purpose.stop({"brand_origin": "international"}, "promotional")
    assert not purpose.stop({"brand_origin": "international"}, "transactional")
    assert not purpose.stop({"brand_origin": "local"}, "promotional")
    asked = list(answers_of(book.pack(code), brand_origin="local", message_type="promotional"))
    assert asked.index("brand_origin") < asked.index("message_type")
    assert "transactional_only_ack" not in asked


@pytest.mark.parametrize("code", ["RU", "SA", "TR", "ZM"])
def test_marketing_stops_before_anything_else_is_asked(book, code):
    first = book.pack(code).fields[0]
    assert first.name == "message_type"
    stop = first.stop({}, "promotional")
    assert stop is not None and stop.offer == "transactional" and not first.stop({}, stop.offer)


def test_only_holders_of_a_number_may_register_in_singapore(book):
    pack = book.pack("SG")
    names = [field.name for field in pack.fields]
    assert pack.field("has_uen").stop({}, False) and not pack.field("has_uen").stop({}, True)
    assert names.index("has_uen") < names.index("uen") < names.index("ssir_reference") < names.index("company_name")


def test_a_serbian_brand_may_use_symbols_and_a_foreign_one_may_not(book):
    rules = book.pack("RS").sender_id
    assert rules.given({"brand_origin": "local"}).symbols == ".:-_"
    assert rules.given({"brand_origin": "international"}).symbols == ""


def test_a_spanish_holder_without_a_certificate_needs_a_power_of_attorney(book):
    pack = book.pack("ES")
    needed = pack.document("poa").required_when
    assert needed is not None
    assert needed.holds(answers_of(pack, holder_certificate=False))
    assert not needed.holds(answers_of(pack, holder_certificate=True))
    assert "holder_surnames" in answers_of(pack, holder_type="natural_person")
    assert "holder_surnames" not in answers_of(pack, holder_type="legal_entity")


@pytest.mark.parametrize(("code", "letter"), [("UG", "loa"), ("RO", "loa_financial"), ("GB", "loa"), ("SG", "loa")])
def test_who_signs_is_asked_only_when_there_is_a_letter(book, code, letter):
    pack = book.pack(code)
    for name in ("company_name_on_certificate", "signatory_name", "signatory_title"):
        assert pack.field(name).required_when == pack.document(letter).required_when, name
