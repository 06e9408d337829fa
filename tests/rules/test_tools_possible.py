"""Which answers can come together, and a name that passes: what `rules lint` holds conditions and letters against."""

from __future__ import annotations

import itertools

import pytest

from conversations.errors import BadAnswer
from conversations.judgement.sender_ids import read_sender_id
from rules.conditions import All, OneOf
from rules.passing import passing_name
from rules.possible import OTHER, Possible, conditions, in_words, is_asked, is_needed
from rules.schema import Field, Limits, Pack, SenderIdRules, Stop

ORIGIN = Field(
    name="origin", label="o", type="choice", required=True, limits=Limits(choices=("local", "international", "both"))
)
BANK = Field(name="bank", label="b", type="boolean", required_when=OneOf(field="origin", among=("local",)))
LICENCE = Field(name="licence", label="l", type="text", required_when=OneOf(field="bank", among=(True,)))
HOME = Field(name="home", label="h", type="country")


def pack(*fields: Field) -> Pack:
    return Pack.model_validate(
        {"country": "AQ", "name": "A", "route": "form", "registration": "required", "sources": (), "fields": fields}
    )


def test_a_field_is_answered_only_where_it_is_asked():
    ways = Possible(pack(ORIGIN, BANK, LICENCE)).answers(["licence"])
    assert {tuple(way.items()) for way in ways} == {
        (("origin", "local"), ("bank", True), ("licence", OTHER)),
        (("origin", "local"), ("bank", False)),
        (("origin", "international"),),
    }


def test_choices_that_no_condition_tells_apart_are_tried_once():
    assert Possible(pack(ORIGIN, BANK)).values(ORIGIN) == ("international", "local")
    assert Possible(pack(ORIGIN)).values(ORIGIN) == ("local",)


def test_fields_that_nothing_depends_on_are_left_out():
    many = [Field(name=f"f{number}", label="f", type="boolean", required=True) for number in range(60)]
    assert Possible(pack(ORIGIN, *many, BANK)).answers(["bank"]) == Possible(pack(ORIGIN, BANK)).answers(["bank"])


def test_a_stop_ends_the_way():
    stop = Stop(when=OneOf(field="bank", among=(False,)), text="t", alternative="a")
    possible = Possible(pack(ORIGIN, BANK.model_copy(update={"stops_when": (stop,)}), LICENCE))
    assert all(way.get("bank") is not False for way in possible.answers(["licence"]))
    assert possible.before(BANK, []) == [{"origin": "local"}]


def test_what_may_be_skipped_may_have_no_answer():
    assert Possible(pack(HOME)).answers(["home"]) == [{}, {"home": OTHER}]
    asked = Possible(
        pack(HOME, Field(name="x", label="x", type="text", required_when=OneOf(field="home", among=("KE",))))
    )
    assert asked.answers(["x"]) == [{}, {"home": "KE", "x": OTHER}, {"home": OTHER}]


def test_a_condition_holds_with_some_combinations():
    possible = Possible(pack(ORIGIN, BANK, LICENCE))
    bank = OneOf(field="bank", among=(True,))
    assert possible.holding(bank) == [{"origin": "local", "bank": True}]
    assert possible.holding(All(all=(bank, OneOf(field="origin", among=("international",))))) == []
    assert len(possible.holding(None, "bank")) == 3


def test_answers_are_said_in_words():
    assert in_words({"origin": "local", "bank": True}) == "origin = local, bank = true"


def test_every_combination_of_a_shipped_country_is_one_the_dialogue_can_come_to(book):
    """Each question of a way is asked by the answers before it; each question that must be answered is."""
    tried = 0
    for code in book.codes:
        shipped, possible = book.pack(code), Possible(book.pack(code))
        names = [name for _, condition in conditions(shipped) for name in condition.fields()]
        for way in itertools.islice(possible.answers(names), 5000):
            tried += 1
            for field in shipped.fields:
                assert field.name not in way or is_asked(field, way), (code, field.name, way)
                if field.name in names and is_needed(field, way):
                    assert field.name in way, (code, field.name, way)
    assert tried > len(book.codes)


# --- a name that passes -------------------------------------------------------------------------------------------


def test_the_name_that_is_built_for_a_country_passes_as_the_dialogue_reads_it(book):
    """With every combination of answers its rules depend on, and every purpose it has markers for."""
    for code in book.codes:
        shipped = book.pack(code)
        deciding = {name for case in shipped.sender_id.cases for name in case.when.fields()}
        for way in Possible(shipped).answers({*deciding, "message_type"}):
            rules = shipped.sender_id.given(way)
            for message_type in {str(way.get("message_type", "")), *rules.prefixes, *rules.suffixes, ""}:
                name = passing_name(rules, message_type)
                assert name is not None, (code, way)
                assert read_sender_id(name, rules, message_type) == name


@pytest.mark.parametrize(
    "rules",
    [
        {"max_length": 3}, {"min_length": 8, "max_length": 8}, {"symbols": "", "digits_allowed": False}, {"case": "lower"},
        {"not_first": "F"}, {"not_last": "Y", "mixed": False}, {"prefixes": {"promotional": "AD-"}, "max_length": 5},
        {"suffixes": {"promotional": "-AD"}, "symbols": "-"}, {"reserved": ("FRESHBAKERY",)},
    ],
)  # fmt: skip
def test_a_name_is_built_by_any_rules(rules):
    wanted = SenderIdRules(**rules)
    name = passing_name(wanted, "promotional")
    assert name is not None and read_sender_id(name, wanted, "promotional") == name


@pytest.mark.parametrize(
    "rules",
    [
        {"min_length": 12}, {"prefixes": {"promotional": "ADVERTISING-"}},
        {"suffixes": {"promotional": "-1"}, "digits_allowed": False}, {"prefixes": {"promotional": "AD-"}, "not_first": "A"},
    ],
)  # fmt: skip
def test_no_name_is_built_where_rules_contradict_each_other(rules):
    wanted = SenderIdRules(**rules)
    assert passing_name(wanted, "promotional") is None
    for name in ("FRESH", "AD-FRESH", "FRESH-1", "AD-FR"):
        with pytest.raises(BadAnswer):
            read_sender_id(name, wanted, "promotional")
