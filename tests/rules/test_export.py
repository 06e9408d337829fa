from __future__ import annotations

import json

from rules.export import LIMITS, listed, shown


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
    assert pack["sender_id"]["prefixes"] == {"promotional": "AD-"}
    assert pack["sources"][0].keys() == {"title", "url", "read_on"}


def test_every_pack_can_be_shown(book):
    for code in book.codes:
        pack = json.loads(json.dumps(shown(book.pack(code))))
        for field in pack["fields"]:
            assert {"name", "type", "required", "required_when", "limits"} <= set(field)
            assert tuple(field["limits"]) == LIMITS
        for document in pack["documents"]:
            assert {"code", "title", "origin", "addressees", "signed", "stamped"} <= set(document)
