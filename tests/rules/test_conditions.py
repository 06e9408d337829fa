from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from rules.conditions import Condition

READ = TypeAdapter(Condition)
LOCAL = {"field": "brand_origin", "in": ["local"]}
FINANCE = {"field": "business_area", "in": ["banking_finance_insurance", "lending"]}


@pytest.mark.parametrize(
    ("raw", "answers", "holds"),
    [
        (LOCAL, {"brand_origin": "local"}, True),
        (LOCAL, {"brand_origin": "international"}, False),
        (LOCAL, {}, False),
        (FINANCE, {"business_area": "lending"}, True),
        ({"all": [LOCAL, FINANCE]}, {"brand_origin": "local", "business_area": "lending"}, True),
        ({"all": [LOCAL, FINANCE]}, {"brand_origin": "local"}, False),
        ({"any": [LOCAL, FINANCE]}, {"business_area": "lending"}, True),
        ({"any": [LOCAL, FINANCE]}, {"business_area": "retail_ecommerce"}, False),
        ({"any": [LOCAL, {"all": [FINANCE]}]}, {"business_area": "lending"}, True),
        ({"field": "links", "in": [True]}, {"links": True}, True),
        ({"field": "links", "in": [True]}, {"links": 1}, False),
        ({"field": "links", "in": [False]}, {"links": False}, True),
        ({"field": "links", "in": [False]}, {}, False),
        ({"field": "count", "in": [1]}, {"count": True}, False),
    ],
)
def test_a_condition_holds_for_the_answers_it_names(raw, answers, holds):
    assert READ.validate_python(raw).holds(answers) is holds


def test_a_condition_names_the_fields_it_tests():
    assert list(READ.validate_python({"any": [LOCAL, {"all": [FINANCE]}]}).fields()) == [
        "brand_origin",
        "business_area",
    ]


@pytest.mark.parametrize(
    "raw", ["brand is local", {"field": "x"}, {"field": "x", "in": []}, {"all": []}, {"not": LOCAL}]
)
def test_prose_and_empty_conditions_are_refused(raw):
    with pytest.raises(ValidationError):
        READ.validate_python(raw)
