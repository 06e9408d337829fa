from __future__ import annotations

import json

from rules.export import listed, shown
from rules.schema import Route

LIMITS = ("min_length", "max_length", "min", "max", "pattern", "choices")


def test_the_list_has_one_line_a_country(book):
    lines = json.loads(json.dumps(listed(book)))
    assert len(lines) == 228
    assert {frozenset(line) for line in lines} == {
        frozenset({"country", "name", "route", "registration", "lead_time_days"})
    }
    by_code = {line["country"]: line for line in lines}
    assert by_code["TH"] == {
        "country": "TH", "name": "Thailand", "route": "form", "registration": "required", "lead_time_days": [7, 30],
    }  # fmt: skip
    assert by_code["CN"]["registration"] == "unsupported" and by_code["CN"]["route"] == "template_approval"
    assert by_code["XK"]["lead_time_days"] is None


def test_the_list_can_be_of_some_routes_and_answers_only(book):
    few = listed(book, [Route.TEMPLATE_APPROVAL, "self_registration"])
    assert {line["route"] for line in few} == {"template_approval", "self_registration"}
    needed = listed(book, registration=["required"])
    assert {line["registration"] for line in needed} == {"required"} and len(needed) < len(listed(book))
    both = listed(book, ["form"], ["recommended"])
    assert both == [line for line in listed(book) if (line["route"], line["registration"]) == ("form", "recommended")]


def test_a_shown_pack_has_its_shared_parts_in_place(book):
    pack = json.loads(json.dumps(shown(book.pack("AE"))))
    assert {
        "country",
        "name",
        "route",
        "registration",
        "lead_time_days",
        "sender_id",
        "samples",
        "sources",
        "paused",
    } <= set(pack)
    fields = {field["name"]: field for field in pack["fields"]}
    assert fields["company_name"]["limits"]["max_length"] == 100
    assert fields["signatory_in_registration"]["required_when"] == {"field": "brand_origin", "in": ["local"]}
    assert fields["company_name"]["required_when"] is None
    documents = {document["code"]: document for document in pack["documents"]}
    assert documents["loa_du_intl"]["addressees"] == ["du"] and documents["loa_du_intl"]["stamped"] is True
    assert documents["signatory_poa"]["required_when"] == {
        "all": [{"field": "brand_origin", "in": ["local"]}, {"field": "signatory_in_registration", "in": [False]}]
    }
    case = pack["sender_id"]["cases"][0]
    assert case["when"] == {"field": "brand_origin", "in": ["local"]}
    assert case["rules"] == {"prefixes": {"promotional": "AD-"}}
    assert pack["sources"][0].keys() == {"title", "url", "read_on"}


def conditions_in(value):
    """Every condition of a shown pack, wherever it stands."""
    if isinstance(value, dict):
        yield from (
            inner for key, inner in value.items() if key in ("when", "required_when", "brand_inside_when") and inner
        )
        yield from (one for inner in value.values() for one in conditions_in(inner))
    elif isinstance(value, list):
        yield from (one for inner in value for one in conditions_in(inner))


def is_written_as_in_a_file(condition) -> bool:
    if set(condition) in ({"all"}, {"any"}):
        return all(map(is_written_as_in_a_file, *condition.values()))
    return set(condition) == {"field", "in"}


def test_every_condition_is_shown_as_a_rule_file_writes_it(book):
    found = [one for code in book.codes for one in conditions_in(json.loads(json.dumps(shown(book.pack(code)))))]
    assert len(found) > 100
    assert all(map(is_written_as_in_a_file, found))


def test_every_pack_can_be_shown(book):
    for code in book.codes:
        pack = json.loads(json.dumps(shown(book.pack(code))))
        for field in pack["fields"]:
            assert {"name", "type", "required", "required_when", "limits"} <= set(field)
            assert tuple(field["limits"]) == LIMITS
        for document in pack["documents"]:
            assert {"code", "title", "origin", "addressees", "signed", "stamped"} <= set(document)
