"""The packs say what the facts say. Where a pack means the same in another way, a table here says how and why."""

from __future__ import annotations

from collections import Counter

import pytest

from rules.schema import Origin, Route

DETAILED = [
    "TH",
    "AE",
    "KE",
    "EG",
    "PH",
    "ID",
    "SA",
    "GB",
    "AU",
    "TR",
    "AF",
    "IE",
    "CN",
    "RU",
    "KH",
    "VN",
    "RS",
    "KZ",
    "SG",
    *("IR", "JO", "KW", "LB", "MX", "MA", "MZ", "MM", "NP", "NG", "OM", "PK", "QA"),
    *("RO", "SS", "ES", "LK", "TW", "TZ", "UG", "UZ", "ZM", "ZW"),
    *("AM", "AT", "BD", "BY", "BJ", "BA", "BG", "CM", "CU", "CZ", "ET", "FI", "GH", "IN"),
]

# Asked by the dialogue itself, or known from it.
NOT_FIELDS = {"destination_country", "sender_id", "sample_message_1", "sample_message_2", "sample_message_3"}

# Beside ADDED_FIELDS: what one country's rules need.
ADDED_IN = {
    "ES": {"cnmc_reference", "holder_certificate"},  # what the register gives; whether a power of attorney is needed
    "SG": {"has_uen"},  # who has none can't register: told before anything else is asked
    "BA": {"company_registration_number", "address_line1", "city"},  # the letter of a local brand shows them
    "ET": {"local_banking"},  # local banks may not send; insurers, in the same area of business, may
}

# The facts say "required"; the pack needs them only under a condition.
CONDITIONAL_FIELDS = {
    ("AU", "abn"): "or foreign registration number: asked of companies that have one",
    ("AE", "transactional_only_ack"): "not asked of a local brand that registers a name for promotions",
    ("VN", "transactional_only_ack"): "not asked of a local brand that registers a name for promotions",
    ("AU", "company_registration_number"): "asked of companies without an ABN, so that nobody gives a number twice",
}
# The facts leave them to the customer; the pack decides.
STRICTER_FIELDS = {"sender_id_description": "needed when the sender ID is not plainly the company's"}
# Conditional in the facts, on a vendor's wish that no answer can tell: optional, with the doubt told.
OPTIONAL_DOCUMENTS = {
    ("TH", "sender_form"): "one vendor",
    ("ID", "npwp"): "one vendor",
    ("ID", "membership_form"): "one vendor",
    ("TR", "signature_proof"): "one vendor, 2019",
    ("RU", "guarantee_letter"): "older notes of local vendors",
    ("SG", "corppass_or_bill"): "asked by the registry, not by us",
    ("MX", "loa"): "one vendor",
    ("QA", "company_registration"): "a carrier may ask",
}
# "always" in prose.
ALWAYS_DOCUMENTS = {("VN", "brand_proof")}
# Fields the conditions need and nobody else asks, and the people who sign.
ADDED_FIELDS = {
    "message_type", "country", "brand_origin", "business_area", "messages_carry_links", "sender_id_link_plain", "signatory_name",
    "signatory_title", "company_name_on_certificate", "contact_email", "contact_phone", "monthly_volume", "loan_content", "link_purpose", "has_abn",
    "representative_in_extract", "end_brand_name", "ssir_reference",
}  # fmt: skip


def test_every_row_and_kosovo_has_a_pack(book, rows):
    assert set(book.codes) == {*rows, "XK"}
    assert len(book.codes) == 228


def test_the_routes_are_counted_as_in_the_facts(book, rows, facts):
    plain = {
        "required": "form",
        "recommended": "recommended",
        "not_required": "not_required",
        "unsupported": "unsupported",
    }
    wanted = {code: plain[row["registration"]] for code, row in rows.items()}
    wanted |= {code: country["route"] for code, country in facts["countries"].items()} | {"XK": "not_required"}
    assert {code: book.pack(code).route.value for code in book.codes} == wanted
    assert Counter(wanted.values()) == {
        "not_required": 129, "form": 46, "unsupported": 28, "recommended": 15, "account_manager": 5,
        "self_registration_then_form": 3, "template_approval": 1, "self_registration": 1,
    }  # fmt: skip


def test_every_row_is_told_as_the_table_has_it(book, rows, facts):
    for code, row in rows.items():
        pack = book.pack(code)
        assert pack.registration == facts["countries"].get(code, row)["registration"], code
        assert pack.alpha_sender == row["alpha_sender_supported"], code
        assert pack.numeric_sender == row["numeric_sender_supported"], code
        slowest = row["lead_time_days_max"]
        fastest = row["lead_time_days_min"] or slowest  # only the slowest is known: it is the only estimate
        assert pack.lead_time.days == ((int(fastest), int(slowest)) if slowest else None), code
        urls = {source.url for source in pack.sources}
        assert urls >= {entry.rsplit(" ", 1)[1] for entry in row["source"].split(" | ")}, code


def test_a_name_that_is_not_delivered_is_replaced_by_something(book):
    for code in book.codes:
        pack = book.pack(code)
        if pack.route is Route.UNSUPPORTED:
            assert pack.instead and not pack.fields, code


def test_only_the_detailed_countries_call_themselves_so(book):
    assert {code for code in book.codes if book.pack(code).detailed} == set(DETAILED)


@pytest.mark.parametrize("code", DETAILED)
def test_a_detailed_pack_asks_what_the_facts_ask(book, facts, code):
    country, pack = facts["countries"][code], book.pack(code)
    asked = {field.name: field for field in pack.fields}
    own = {field["name"]: field for field in country["fields"]}
    told = dict.fromkeys(country["common_fields"]["required"], True)
    told |= dict.fromkeys(country["common_fields"]["optional"], False)
    told |= {name: field["required"] for name, field in own.items()}
    told = {name: required for name, required in told.items() if name not in NOT_FIELDS}
    assert set(told) <= set(asked)
    assert set(asked) - set(told) <= ADDED_FIELDS | ADDED_IN.get(code, set())

    for name, required in told.items():
        field = asked[name]
        if (code, name) in CONDITIONAL_FIELDS or (name in STRICTER_FIELDS and required is not True):
            assert field.required_when is not None, name
        elif required == "conditional":
            assert field.required_when is not None and not field.required, name
        else:
            assert (field.required, field.required_when) == (required, None), name

    for name, field in own.items():
        limits, constraints = asked[name].limits, field.get("constraints", {})
        assert asked[name].type == field["type"], name
        if "choices" in constraints:
            assert list(limits.choices or ()) == constraints["choices"], name
        if "must_be" in constraints:
            assert asked[name].stop({}, not constraints["must_be"]), name
            assert not asked[name].stop({}, constraints["must_be"]), name
        if "min" in constraints:
            assert limits.min == constraints["min"], name


@pytest.mark.parametrize("code", DETAILED)
def test_a_detailed_pack_wants_the_papers_of_the_facts(book, facts, code):
    country, pack = facts["countries"][code], book.pack(code)
    wanted = {document["code"]: document for document in country["documents"]}
    assert (
        [document.code for document in pack.documents] and set(wanted) == {d.code for d in pack.documents}
    ) or not wanted
    for document in pack.documents:
        told = wanted[document.code]
        assert document.origin == Origin(told["origin"]), document.code
        if (code, document.code) in OPTIONAL_DOCUMENTS:
            assert (document.required, document.required_when) == (False, None), document.code
            assert document.uncertain, document.code
        elif (code, document.code) in ALWAYS_DOCUMENTS or told["required"] is True:
            assert (document.required, document.required_when) == (True, None), document.code
        else:
            assert document.required_when is not None and not document.required, document.code
        stamped = told["stamped"]
        if document.origin is Origin.PROVIDER_TEMPLATE:
            assert document.stamped is (None if stamped == "not stated" else True), document.code
            assert document.letterhead is told.get("letterhead", False), document.code
            assert document.digital_signature is ("digital" in told["signature"]), document.code
        if isinstance(told["upload"], dict):
            assert list(document.upload.formats) == told["upload"]["formats"], document.code
            assert document.upload.max_bytes == told["upload"]["max_kb"] * 1000, document.code
        if "carrier" in told:
            assert " / ".join(document.addressees) == told["carrier"], document.code


@pytest.mark.parametrize("code", DETAILED)
def test_a_detailed_pack_keeps_the_other_facts(book, rows, facts, code):
    country, pack = facts["countries"][code], book.pack(code)
    lead, rules = country["lead_time"], country["sender_id_rules"]
    slowest = lead["days_max"]
    fastest = slowest if lead["days_min"] is None else lead["days_min"]  # the slowest alone is the only estimate
    assert pack.lead_time.days == ((fastest, slowest) if slowest else None)
    assert list(pack.lead_time.by_source) == [one for one in lead["by_source"] if one != "not stated"]
    assert (pack.validity is None) == (country["validity"] == "not stated") or code in ("GB", "SG")
    assert pack.brand_origin.distinguished == country["brand_origin"]["distinguished"]
    assert {source.url for source in pack.sources} >= {source["url"] for source in country["sources"]}
    assert pack.sender_id.min_length == rules.get("min_length", 1)
    assert pack.sender_id.max_length == rules.get("max_length", 11)
    digits_only = rows[code]["numeric_sender_supported"] != "no"  # said by the table where it is not said there
    digits_only &= rules.get("charset") != "letters only"
    assert pack.sender_id.digits_only is rules.get("numeric_only_allowed", digits_only)
    told = {"True": "allowed", "False": "refused", "discouraged": "discouraged", "sources differ": "discouraged"}
    assert pack.sender_id.generic == told.get(str(rules.get("generic_allowed")).split(";")[0])
    if isinstance(rules.get("case_sensitive"), bool):
        assert pack.sender_id.case_sensitive is rules["case_sensitive"]
    assert set(pack.sender_id.reserved) >= set(rules.get("reserved", []))
    assert list(pack.sender_id.generic_examples) == rules.get("generic_examples", list(pack.sender_id.generic_examples))
    assert pack.sender_id.source is not None
    assert len(pack.notes) + len(pack.uncertain) >= min(1, len(country["notes"]))
    assert pack.samples.rules


def test_the_limits_of_the_shared_fields_are_those_of_the_facts(book, facts):
    shared = {
        field.name: field for code in book.codes for field in book.pack(code).fields if not book.pack(code).detailed
    }
    for field in facts["common"]["fields"]:
        limits = field.get("constraints", {})
        if field["name"] not in shared:
            continue
        for key in ("min_length", "max_length", "min"):
            # An answer of one character at least is what "required" says already.
            if key in limits and (key, limits[key]) != ("min_length", 1):
                assert getattr(shared[field["name"]].limits, key) == limits[key], (field["name"], key)
        if "choices" in limits:
            assert list(shared[field["name"]].limits.choices or ()) == limits["choices"], field["name"]


def test_the_emirates_are_paused_and_say_since_when_we_know(book):
    paused = book.pack("AE").paused
    assert paused is not None and paused.source.read_on.isoformat() == "2026-11-01"
    assert [code for code in book.codes if book.pack(code).paused] == ["AE"]


def test_paid_countries_ask_little_before_the_account_manager_takes_over(book):
    for code in ("RU", "KH", "VN", "RS", "KZ"):
        pack = book.pack(code)
        assert pack.route is Route.ACCOUNT_MANAGER
        assert {"company_name", "contact_email", "contact_phone", "message_type"} <= set(pack.handoff_fields)
        assert len(pack.handoff_fields) <= 9 < len(pack.fields)


def test_registries_give_a_number_that_is_asked_first(book):
    registries = {code: book.pack(code).registry for code in book.codes if book.pack(code).registry}
    assert set(registries) == {"SG", "IE", "ES", "IN"}
    for code, registry in registries.items():
        assert registry is not None
        assert book.pack(code).field(registry.number_field).phase == "first", code
        assert registry.steps, code
