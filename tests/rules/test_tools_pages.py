"""What people read of the rules: one country on a page of text, all countries on a page of Markdown."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal

import pytest

from rules.conditions import All, Any_, OneOf
from rules.matrix import FREE, matrix
from rules.page import WIDTH, in_words, page
from rules.schema import (
    Document,
    Fee,
    Field,
    Limits,
    NameCase,
    Pack,
    QuietHours,
    SampleRules,
    SenderIdRules,
    Source,
    Stop,
    Upload,
    Validity,
)
from rules.shortcuts import Also, Follows

LOCAL = OneOf(field="brand_origin", among=("local",))
PAGE = Source(title="A page of names", url="https://example.org/names", read_on=date(2026, 11, 1))

# Another value for every key: the page has to tell the two apart.
OTHERS = {
    SenderIdRules: {
        "min_length": 4, "max_length": 9, "max_digits": 7, "symbols": "- ", "digits_only": False, "digits_allowed": False,
        "mixed": False, "not_first": "+", "not_last": "-", "phone_like": False, "case": "upper", "case_sensitive": True,
        "prefixes": {"promotional": "AD-"}, "suffixes": {"promotional": "-AD"}, "generic": "refused",
        "generic_examples": ("INFO",), "forbidden": ("No stars.",), "reserved": ("BANK",), "one_purpose": True,
        "brand_match": "The brand.", "exclusivity": "First come.", "notes": ("A note.",),
        "cases": (NameCase(when=LOCAL, text="Local.", rules={"max_length": 6}),), "source": PAGE,
    },
    SampleRules: {
        "max_length": 70, "rules": ("Be kind.",), "transactional_only": True, "brand_inside": True, "brand_inside_when": LOCAL,
        "links": "listed", "shorteners": False, "chat_links": False, "phone_numbers": False, "opt_out": True,
        "begins_with": {"promotional": "AD:"}, "reserve": 10, "template": True, "languages": {"otp": "Thai"},
        "prohibited": ("gambling",),
    },
    Validity: {
        "text": "A year.", "months": 12, "min_messages": 100, "per_days": 30, "idle": True, "editable": False, "returns_after_days": 30,
    },
    Fee: {"text": "Costs 10.", "amount": Decimal(10), "currency": "USD", "per": "month", "when": LOCAL},
    QuietHours: {"text": "At night.", "begin": time(21), "end": time(7), "message_types": ("otp",)},
    Field: {
        "name": "other", "label": "Other", "question": "Which other?", "type": "email", "required": True, "required_when": LOCAL,
        "limits": Limits(min_length=3), "choice_labels": None, "why": "Because.", "example": "Say so.",
        "stops_when": (Stop(when=LOCAL, text="Not here.", alternative="Elsewhere.", offer="x"),),
        "counter_example": "No.", "phrases": ("We do.",), "same_as": "company_name",
        "follows": (Follows(value="a@b.example", abroad="country"),),
        "also": Also(field="two", adds="And the other?", example="one, two", reads=("(?P<this>.+), (?P<also>.+)",)), "scope": "company", "hint": "In a word.",
        "english": False, "many": True, "judgement": True, "forbid_free_mail": True, "uncertain": "Perhaps.", "phase": "first",
    },
    Document: {
        "code": "other", "title": "Other", "origin": None, "required": True, "required_when": LOCAL, "template": "memo",
        "addressees": ("One", "Two"), "one_for_all": None, "signed_by": "the boss", "signed": False, "stamped": True,
        "stamp_every_page": None, "letterhead": True, "digital_signature": True, "digital_tools": None, "max_age_days": 30, "not_expired": True, "current_year": True,
        "languages": ("Thai",), "upload": Upload(formats=("pdf",), max_bytes=1000), "notes": "A note.", "uncertain": "Perhaps.",
    },
}  # fmt: skip
# Keys that are shown together with another one only.
WITH = {
    (Field, "choice_labels"): {"limits": Limits(choices=("a",)), "choice_labels": {"a": "First"}},
    (Document, "origin"): {"origin": "provider_template", "template": "memo"},
    (Document, "template"): {"origin": "provider_template", "template": "memo"},
    (Document, "one_for_all"): {"addressees": ("One", "Two"), "one_for_all": True},
    (Document, "stamp_every_page"): {"stamped": True, "stamp_every_page": True},
    (Document, "digital_tools"): {"digital_signature": True, "digital_tools": ("a tool",)},
    (Validity, "per_days"): {"min_messages": 100, "per_days": 60},
    (QuietHours, "begin"): {"begin": time(20), "end": time(7)},
    (QuietHours, "end"): {"begin": time(21), "end": time(8)},
    (Fee, "currency"): {"amount": Decimal(10), "currency": "EUR"},
}  # fmt: skip
BARE = Pack.model_validate(
    {"country": "AQ", "name": "Antarctica", "route": "form", "registration": "required", "sources": ()}
)


def with_one(model: type, keys: dict) -> str:
    """The page of a country that has one of these, with those keys."""
    if model is SenderIdRules:
        return page(BARE.model_copy(update={"sender_id": SenderIdRules(**keys)}))
    if model is SampleRules:
        return page(BARE.model_copy(update={"samples": SampleRules(**keys)}))
    if model is Validity:
        return page(BARE.model_copy(update={"validity": Validity(**{"text": "So.", **keys})}))
    if model is Fee:
        return page(BARE.model_copy(update={"fees": (Fee(**{"text": "So.", **keys}),)}))
    if model is QuietHours:
        return page(BARE.model_copy(update={"quiet_hours": (QuietHours(**{"text": "So.", **keys}),)}))
    if model is Field:
        return page(
            BARE.model_copy(update={"fields": (Field(**{"name": "one", "label": "One", "type": "text", **keys}),)})
        )
    least = {"code": "one", "title": "One", "origin": "provider_template" if "template" in keys else "customer"}
    return page(BARE.model_copy(update={"documents": (Document(**{**least, **keys}),)}))


@pytest.mark.parametrize(("model", "key"), [(model, key) for model, others in OTHERS.items() for key in others])
def test_the_page_of_a_country_tells_every_key(model, key):
    assert set(OTHERS[model]) == set(model.model_fields)
    keys = WITH.get((model, key), {key: OTHERS[model][key]})
    without = {name: value for name, value in keys.items() if name != key}
    if (model, key) in ((Document, "origin"), (Document, "template")):
        without = {}  # one goes with the other
    assert with_one(model, keys) != with_one(model, without)


def words_in(value: object) -> list[str]:
    """Every text of a pack, but for what is told in other words."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in words_in(inner)]
    return [text for inner in value for text in words_in(inner)] if isinstance(value, list | tuple) else []


def test_the_page_of_every_country_has_every_sentence_of_it(book):
    for code in book.codes:
        pack = book.pack(code)
        shown = " ".join(page(pack).split())
        for text in words_in(pack.model_dump(mode="json", exclude={"quiet_hours"})):
            if " " in text.strip():  # a sentence: single words are values, which are told in words of the page's own
                assert " ".join(text.split()) in shown, (code, text)


def test_no_line_is_wider_than_a_terminal_but_addresses(book):
    for code in book.codes:
        for line in page(book.pack(code)).splitlines():
            assert len(line) <= WIDTH or re.search(r"https?://\S+$|\S{60}", line), (code, line)


def test_what_will_change_stands_on_the_page(book):
    later = book.pack("TH").model_copy(update={"version": "2027-01-01", "changed": ("A stamp is needed.",)})
    shown = page(book.pack("TH"), [later])
    assert "What will change" in shown and "2027-01-01" in shown and "A stamp is needed." in shown
    assert "What will change" not in page(book.pack("TH"))
    assert "A stamp is needed." in page(later)


def test_a_condition_is_said_in_words():
    bank = OneOf(field="is_bank", among=(True,))
    assert in_words(LOCAL) == "brand_origin is local"
    assert in_words(OneOf(field="kind", among=("a", "b"))) == "kind is a or b"
    assert (
        in_words(All(all=(LOCAL, Any_(any=(bank, LOCAL)))))
        == "brand_origin is local and (is_bank is yes or brand_origin is local)"
    )
    assert in_words(None) == ""


# --- all countries ------------------------------------------------------------------------------------------------


def rows(markdown: str) -> dict[str, list[str]]:
    """The cells of every row by the code a link leads to."""
    found = {}
    for line in markdown.splitlines():
        if anchor := re.match(r'\| <a id="(..)"></a>', line):
            assert anchor[1].upper() not in found
            found[anchor[1].upper()] = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    return found


def test_every_country_has_one_row_and_every_row_all_columns(book):
    asked, free = matrix(book).split("## Where nothing is registered")
    asking = {code for code in book.codes if book.pack(code).route not in FREE}
    assert set(rows(asked)) == asking and {len(row) for row in rows(asked).values()} == {12}
    assert set(rows(free)) == set(book.codes) - asking and {len(row) for row in rows(free).values()} == {5}
    for part in (asked, free):  # a table on GitHub: a header, a line of dashes, rows without a gap
        table = part[part.index("| Country") :].strip().splitlines()
        assert set(table[1]) == set("| -") and all(line.startswith("| ") and line.endswith(" |") for line in table)


def test_the_page_counts_the_countries(book):
    asking = sum(book.pack(code).route not in FREE for code in book.codes)
    assert f"[{asking} countries register names]" in matrix(book)
    assert f"[{len(book.codes) - asking} do not]" in matrix(book)


def test_a_row_says_what_a_country_asks(book):
    """Worked out by hand from the answers a customer can give, for one country of each kind."""
    cells = rows(matrix(book))
    for code in ("TH", "KE", "SG", "US"):
        pack = book.pack(code)
        assert f"({pack.country.lower()}.toml)" in cells[code][0].replace("../rules/countries/", "")
        assert cells[code][-1] == f"{min(one.read_on for one in pack.sources)} ({len(pack.sources)})"
    letters = [one for one in book.pack("TH").documents if one.template]
    always, at_times = sum(one.required for one in letters), sum(one.required_when is not None for one in letters)
    assert cells["TH"][1] == "form"
    assert cells["TH"][3] == (f"{always} ({at_times})" if at_times else str(always))
    assert cells["SG"][1] == "own registration, then account manager"
    assert cells["US"][3] == book.pack("US").instead


def test_a_pause_and_a_coming_change_stand_beside_the_name(book):
    assert rows(matrix(book))["AE"][0].endswith("AE (paused)")
    assert rows(matrix(book))["TH"][0].endswith(" TH")
