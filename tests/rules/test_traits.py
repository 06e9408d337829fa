"""What can be asked of every country, against the packs."""

from __future__ import annotations

from typing import Any

import pytest

from rules.book import Book
from rules.conditions import All, Any_, OneOf
from rules.schema import Pack, Route
from rules.traits import PURPOSES, TRAITS, Holds, known, paper, purpose, stem, title_words, within_days

LOCAL = OneOf(field="brand_origin", **{"in": ("local",)})
LINKS = OneOf(field="messages_carry_links", **{"in": (True,)})


@pytest.mark.parametrize(
    ("condition", "told", "holds"),
    [
        (LOCAL, {}, None),
        (LOCAL, {"brand_origin": "local"}, True),
        (LOCAL, {"brand_origin": "international"}, False),
        (All(all=(LOCAL, LINKS)), {"brand_origin": "local"}, None),
        (All(all=(LOCAL, LINKS)), {"brand_origin": "international"}, False),
        (All(all=(LOCAL, LINKS)), {"brand_origin": "local", "messages_carry_links": True}, True),
        (Any_(any=(LOCAL, LINKS)), {"brand_origin": "local"}, True),
        (Any_(any=(LOCAL, LINKS)), {"brand_origin": "international"}, None),
        (Any_(any=(LOCAL, LINKS)), {"brand_origin": "international", "messages_carry_links": False}, False),
    ],
)
def test_a_condition_is_known_as_far_as_it_was_told(condition: Any, told: dict[str, Any], holds: bool | None) -> None:
    assert known(condition, told) is holds


@pytest.mark.parametrize("name", TRAITS)
def test_each_is_answered_for_every_country(book: Book, name: str) -> None:
    found = {code: TRAITS[name](book.pack(code)) for code in book.codes}
    assert len({trait.holds for trait in found.values()}) > 1, "it is asked for because countries differ"
    for code, trait in found.items():
        assert not trait.when or trait.holds is Holds.SOMETIMES, code


def test_papers_are_wanted_by_their_conditions(book: Book) -> None:
    def stamped(pack: Pack) -> set[bool | None]:
        return {one.required or None if one.required_when is None else False for one in pack.documents if one.stamped}

    for pack in map(book.pack, book.codes):
        holds = TRAITS["stamp"](pack).holds
        if True in stamped(pack):
            assert holds is Holds.YES, pack.country
        elif False in stamped(pack):
            assert holds in (Holds.SOMETIMES, Holds.YES), pack.country
        else:
            assert holds in (Holds.NO, Holds.UNKNOWN), pack.country


def test_where_one_of_several_papers_is_wanted_in_any_case_the_answer_is_yes(book: Book) -> None:
    pack = book.pack("AE")  # local and international brands sign different letters, both stamped
    assert not any(one.required for one in pack.documents if one.stamped)
    assert TRAITS["stamp"](pack).holds is Holds.YES


def test_nothing_is_asked_where_there_is_nothing_to_register(book: Book) -> None:
    for pack in map(book.pack, book.codes):
        if pack.route in (Route.NOT_REQUIRED, Route.UNSUPPORTED):
            for name in ("registration", "papers", "letter", "stamp", "signature"):
                assert TRAITS[name](pack).holds is Holds.NO


def test_a_purpose_is_stopped_by_the_rule_that_says_so(book: Book) -> None:
    for pack in map(book.pack, book.codes):
        for wanted in PURPOSES:
            trait = purpose(pack, wanted)
            asked = {field.name for field in pack.fields}
            stops = [field.stop({}, wanted) for field in pack.fields if field.name == "message_type"]
            if any(stops):
                assert trait.holds is Holds.NO and trait.stop in stops, (pack.country, wanted)
            if trait.stop is None and trait.holds is Holds.NO:
                assert pack.route is Route.UNSUPPORTED or pack.samples.transactional_only, (pack.country, asked)
    assert purpose(book.pack("PH"), "promotional").holds is Holds.NO
    assert purpose(book.pack("PH"), "otp").holds is Holds.YES


def test_a_time_is_told_by_the_slowest_figure_and_by_the_fastest(book: Book) -> None:
    for pack in map(book.pack, book.codes):
        if pack.lead_time.days is None:
            assert within_days(pack, 9999).holds is Holds.UNKNOWN
            continue
        low, high = pack.lead_time.days
        assert within_days(pack, high).holds is Holds.YES
        assert within_days(pack, low - 1).holds is Holds.NO
        assert low == high or within_days(pack, low).holds is Holds.SOMETIMES


def test_a_paper_is_found_by_whole_words_of_its_title(book: Book) -> None:
    pack = book.pack("AE")
    assert paper(pack, ["power", "attorney"]).holds is Holds.SOMETIMES
    assert paper(pack, ["att"]).holds is Holds.NO
    assert {stem("licenses"), stem("papers"), stem("business")} == {"licence", "paper", "business"}
    assert "attorney" in title_words(pack.document("signatory_poa"))
