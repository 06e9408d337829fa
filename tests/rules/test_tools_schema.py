"""The schemas by which an editor completes and checks rule files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date, time
from functools import cache
from typing import Any

import fastjsonschema
import pytest

from rules.editor_schema import schemas
from rules.reading import COMMON, MADE, OURS
from rules.schema import Document, Field, LetterTemplate, Pack, SampleRules, SenderIdRules

FILES = {
    **dict.fromkeys(sorted((OURS / "countries").glob("*.toml")), "country.schema.json"),
    **dict.fromkeys(sorted((OURS / "letters").glob("*.toml")), "letter.schema.json"),
    OURS / COMMON: "common.schema.json",
}
WHOLE = """
country = "AQ"
name = "Antarctica"
route = "form"
registration = "required"
fields = ["@form", "permit"]
documents = ["loa"]
sources = ["alibaba", { title = "t", url = "https://example.org/", read_on = 2026-11-01 }]

[field.permit]
label = "Permit"
type = "boolean"
required_when = { all = [{ field = "brand_origin", in = ["local"] }, { any = [{ field = "bank", in = [true, 1] }] }] }
stops_when = ["promotional", { when = { field = "permit", in = [false] }, text = "No.", alternative = "-", offer = true }]

[document.loa]
stamped = true

[[quiet_hours]]
text = "At night."
begin = 21:00:00
end = 07:00:00

[sender_id]
source = "alibaba"

[[sender_id.cases]]
when = { field = "brand_origin", in = ["local"] }
rules = { max_length = 6 }

[[changes]]
from = 2027-01-01
text = ["A stamp is needed."]
source = "alibaba"

[changes.rules]
paused = false
document.loa.stamped = false
"""
WRONG = {
    "a key that is none": ('name = "Antarctica"', 'name = "Antarctica"\ncolour = "red"'),
    "a route that is none": ('route = "form"', 'route = "forms"'),
    "a country without a name": ('name = "Antarctica"\n', ""),
    "a field asked as a number": ('"@form", "permit"', "1"),
    "a misspelt key of a field": ('type = "boolean"', 'typ = "boolean"'),
    "a field with a name of its own": ('label = "Permit"', 'label = "Permit"\nname = "permit"'),
    "a condition in prose": ('{ all = [{ field = "brand_origin", in = ["local"] }, { any = [{ field = "bank", in = [true, 1] }] }] }', '"sometimes"'),
    "a condition on nothing": ("in = [true, 1]", "in = []"),
    "a stop without a way out": ('text = "No.", alternative = "-"', 'text = "No."'),
    "a source without a day": (", read_on = 2026-11-01", ""),
    "a length in words": ("max_length = 6", 'max_length = "six"'),
    "a case with a source": ("max_length = 6", 'source = "alibaba"'),
    "a paper stamped perhaps": ("stamped = true", 'stamped = "perhaps"'),
    "a change without a day": ("from = 2027-01-01\n", ""),
    "a change of a key that is none": ("paused = false", "pauzed = false"),
    "a change of the country": ("paused = false", 'country = "TH"'),
    "a version written by hand": ('name = "Antarctica"', 'name = "Antarctica"\nversion = "2"'),
}  # fmt: skip


@cache
def made() -> dict[str, Any]:
    """Each schema by its file's name; made when first needed, for collecting the tests takes long enough."""
    return {name: json.loads(text) for name, text in schemas().items()}


@cache
def check(name: str) -> Callable[[Any], Any]:
    return fastjsonschema.compile(made()[name])


def as_json(value: Any) -> Any:
    """TOML's values as an editor gives them to the schema: days and times are texts."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    return [as_json(inner) for inner in value] if isinstance(value, list) else value


def taken(text: str, name: str = "country.schema.json") -> bool:
    try:
        check(name)(as_json(tomllib.loads(text)))
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def test_every_file_we_ship_is_taken():
    wrong = {}
    for path, name in FILES.items():
        try:
            check(name)(as_json(tomllib.loads(path.read_text(encoding="utf-8"))))
        except fastjsonschema.JsonSchemaValueException as error:
            wrong[path.name] = error.message
    assert not wrong


def test_all_a_country_file_may_say_is_taken():
    assert taken(WHOLE)


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_seen_while_it_is_typed(what):
    old, new = WRONG[what]
    assert old in WHOLE
    assert not taken(WHOLE.replace(old, new))


@pytest.mark.parametrize(
    "text", ["[sender_id]\nmax_length = 9\n", "paused = false\n", '[field.city]\nlabel = "Town"\n', ""]
)
def test_a_file_laid_over_ours_may_leave_anything_out(text):
    assert taken(text)
    assert not taken(text + "\n[cities]\n")


def test_every_key_of_the_rules_can_be_completed():
    country = made()["country.schema.json"]
    assert set(country["properties"]) == {*Pack.model_fields, "field", "document", "cited", "changes"} - set(MADE)
    for model, left_out in ((Field, {"name"}), (Document, {"code"}), (SenderIdRules, set()), (SampleRules, set())):
        assert set(country["definitions"][model.__name__]["properties"]) == set(model.model_fields) - left_out
    assert set(made()["letter.schema.json"]["properties"]) == set(LetterTemplate.model_fields)


def test_names_that_are_shared_are_offered_and_others_are_taken():
    common = tomllib.loads((OURS / COMMON).read_text(encoding="utf-8"))
    offered = made()["country.schema.json"]["properties"]
    assert set(offered["fields"]["items"]["anyOf"][0]["enum"]) == {
        *common["field"],
        *(f"@{name}" for name in common["sets"]),
    }
    assert set(offered["documents"]["items"]["anyOf"][0]["enum"]) == set(common["document"])
    assert {"type": "string"} in offered["fields"]["items"]["anyOf"]
    assert set(offered["field"]["properties"]) == set(common["field"])


def test_what_an_editor_shows_beside_a_key_is_the_comment_in_the_schema():
    definitions = made()["country.schema.json"]["definitions"]
    assert definitions["Field"]["properties"]["many"]["description"] == "several values, one a line"
    assert definitions["Field"]["properties"]["phrases"]["description"].startswith(
        "Ready sentences to pick and adjust."
    )
    assert definitions["Stop"]["description"].startswith("An answer with which the registration can go no further")
    assert definitions["Change"]["properties"]["from"]["description"]


def test_a_schema_asks_for_nothing_toml_can_not_say():
    text = json.dumps(made())
    assert '"null"' not in text and "null" not in text.replace('"null"', "")
