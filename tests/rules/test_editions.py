"""Dated entries: each day has its rules, each edition is checked as a whole, and nothing that held before is lost."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.book import Book, RulesError, load
from rules.checks import check_pack
from rules.differences import between, differences, shipped
from rules.editions import bare, editions
from rules.reading import OURS, Common, Raw
from rules.schema import Pack

FILE = """
country = "ZZ"
name = "Nowhere"
route = "form"
registration = "required"
fields = ["@form", "licence"]
documents = ["company_registration"]

[field.licence]
label = "Licence"
question = "What is the number of your licence?"
type = "text"
required = true
why = "The regulator lists it."

[sender_id]
max_length = 11
source = "page"

[[sources]]
title = "A page"
url = "https://example.org/"
read_on = 2026-11-01

[cited]
page = { title = "A page", url = "https://example.org/", read_on = 2026-11-01 }
"""
TAX_ID = """
[[changes]]
from = 2027-01-01
text = ["The tax number is wanted too.", "Names are shorter."]
source = "page"

[changes.rules]
fields = ["@form", "licence", "tax_id"]

[changes.rules.field.tax_id]
label = "Tax number"
question = "What is your tax number?"
type = "text"
required = true
why = "The regulator lists it."

[changes.rules.sender_id]
max_length = 9
"""
NO_LICENCE = """
[[changes]]
from = 2027-06-01
text = ["The licence is not wanted any more."]

[changes.rules]
fields = ["@form", "tax_id"]
"""
PAUSED = """
[paused]
text = "Closed over the winter."
until = 2027-02-01
source = "page"
"""


@pytest.fixture(scope="module")
def common() -> Common:
    return Common(tomllib.loads((OURS / "common.toml").read_text(encoding="utf-8")))


def raw(*texts: str) -> Raw:
    return tomllib.loads("\n".join(texts))


def made(common: Common, *layers: Raw) -> tuple[Pack, ...]:
    """The editions of zz.toml, in which nothing is wrong."""
    packs, problems = editions("zz.toml", layers, common, lambda pack: check_pack(pack, {}))
    assert not problems, problems
    return packs


def wrong(common: Common, *layers: Raw) -> set[str]:
    """The keys in which something is wrong."""
    return {problem.key for problem in editions("zz.toml", layers, common, lambda pack: check_pack(pack, {}))[1]}


def names(pack: Pack) -> set[str]:
    return {field.name for field in pack.fields}


# --- what an entry makes ------------------------------------------------------------------------------------------


def test_a_file_without_dated_entries_has_one_edition(common):
    (only,) = made(common, raw(FILE))
    assert (only.version, only.changed, only.changed_source) == ("1", (), None)


def test_each_entry_makes_an_edition_and_those_before_stay(common):
    first, second, third = made(common, raw(FILE, TAX_ID, NO_LICENCE))
    assert [pack.version for pack in (first, second, third)] == ["1", "2027-01-01", "2027-06-01"]
    assert second.changed == ("The tax number is wanted too.", "Names are shorter.")
    assert second.changed_source is not None and second.changed_source.url == "https://example.org/"
    assert [pack.sender_id.max_length for pack in (first, second, third)] == [11, 9, 9]
    assert "tax_id" not in names(first) and {"tax_id", "licence"} <= names(second)
    assert "tax_id" in names(third) and "licence" not in names(third)
    assert bare(made(common, raw(FILE))[0]) == bare(first)


def test_an_entry_that_changes_nothing_makes_no_edition(common):
    same = '[[changes]]\nfrom = 2027-01-01\ntext = ["Nothing new."]\n[changes.rules.sender_id]\nmax_length = 11\n'
    assert len(made(common, raw(FILE, same))) == 1


def test_the_end_of_a_pause_is_an_edition_by_itself(common):
    closed, open_ = made(common, raw(FILE, PAUSED))
    assert closed.paused is not None and open_.paused is None
    assert (open_.version, open_.changed) == ("2027-02-01", ())


def test_a_pause_that_is_made_longer_ends_later(common):
    longer = '[[changes]]\nfrom = 2027-01-15\ntext = ["Still closed."]\n[changes.rules.paused]\nuntil = 2027-04-01\n'
    assert [(pack.version, pack.paused is None) for pack in made(common, raw(FILE, PAUSED, longer))] == [
        ("1", False),
        ("2027-01-15", False),
        ("2027-04-01", True),
    ]


def test_an_entry_lifts_a_pause_before_its_end(common):
    early = '[[changes]]\nfrom = 2027-01-15\ntext = ["Open again."]\n[changes.rules]\npaused = false\n'
    assert [(pack.version, pack.paused is None) for pack in made(common, raw(FILE, PAUSED, early))] == [
        ("1", False),
        ("2027-01-15", True),
    ]


def test_a_pause_begins_with_an_entry_and_ends_by_itself(common):
    closed = (
        '[[changes]]\nfrom = 2027-01-15\ntext = ["Closed."]\n'
        '[changes.rules.paused]\ntext = "Closed."\nuntil = 2027-03-01\nsource = "page"\n'
    )
    assert [(pack.version, pack.paused is None) for pack in made(common, raw(FILE, closed))] == [
        ("1", True),
        ("2027-01-15", False),
        ("2027-03-01", True),
    ]


# --- an operator's file laid over ---------------------------------------------------------------------------------


def test_an_operators_entries_are_added_to_ours_by_their_days(common):
    over = raw('[[changes]]\nfrom = 2027-03-01\ntext = ["Ours."]\n[changes.rules.sender_id]\nmin_length = 4\n')
    packs = made(common, raw(FILE, TAX_ID, NO_LICENCE), over)
    assert [pack.version for pack in packs] == ["1", "2027-01-01", "2027-03-01", "2027-06-01"]
    assert [pack.sender_id.min_length for pack in packs] == [1, 1, 4, 4]
    assert "licence" not in names(packs[-1])


def test_an_operators_entry_of_the_same_day_is_laid_over_ours(common):
    over = raw("[[changes]]\nfrom = 2027-01-01\n[changes.rules.sender_id]\nmax_length = 8\n")
    _, second = made(common, raw(FILE, TAX_ID), over)
    assert second.sender_id.max_length == 8 and "tax_id" in names(second)
    assert second.changed == ("The tax number is wanted too.", "Names are shorter.")


def test_what_an_operator_says_without_a_date_holds_on_every_day(common):
    first, second = made(common, raw(FILE, TAX_ID), raw("[sender_id]\nmax_length = 10\n"))
    assert (first.sender_id.max_length, second.sender_id.max_length) == (10, 10)
    opened = made(common, raw(FILE, PAUSED), raw("paused = false\n"))
    assert [pack.paused for pack in opened] == [None]


# --- what is wrong ------------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[str, str]] = {
    "no day": ('[[changes]]\ntext = ["x"]\nrules = { prepare = ["A stamp."] }', "changes.0.from"),
    "a day in quotes": (
        '[[changes]]\nfrom = "2027-01-01"\ntext = ["x"]\nrules = { prepare = ["A stamp."] }', "changes.0.from",
    ),
    "no word on what changed": ('[[changes]]\nfrom = 2027-01-01\nrules = { prepare = ["A stamp."] }', "changes.0.text"),
    "an empty word": ('[[changes]]\nfrom = 2027-01-01\ntext = []\nrules = { prepare = ["A stamp."] }', "changes.0.text"),
    "no rules": ('[[changes]]\nfrom = 2027-01-01\ntext = ["x"]', "changes.0.rules"),
    "a misspelt key": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\nwhy = "y"\nrules = { prepare = ["A stamp."] }', "changes.0.why",
    ),
    "a source nobody cites": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\nsource = "paper"\nrules = { prepare = ["A stamp."] }',
        "changes.0.source",
    ),
    "a key that is none": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\nrules = { colour = "red" }', "changes.0.rules.colour",
    ),
    "another country": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\nrules = { country = "YY" }', "changes.0.rules.country",
    ),
    "a field nobody lists": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\n[changes.rules.field.iban]\nlabel = "IBAN"\ntype = "text"',
        "changes.0.rules.field.iban",
    ),
    "a condition on what is not asked then": (
        NO_LICENCE.replace('"@form", "tax_id"', '"@form"')
        + '[changes.rules.field.city]\nrequired_when = { field = "licence", in = ["1"] }',
        "changes.0.rules.field.city.required_when",
    ),
    "a name that can't be": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\nrules = { sender_id = { min_length = 12 } }',
        "changes.0.rules.sender_id.min_length",
    ),
    "a pause that ends before it begins": (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["x"]\n'
        'rules = { paused = { text = "x", source = "page", until = 2026-12-01 } }',
        "changes.0.rules.paused.until",
    ),
    "the same day twice": (TAX_ID + TAX_ID, "changes.1.from"),
    "an earlier day after a later one": (NO_LICENCE.replace('"tax_id"', '"licence"') + TAX_ID, "changes.1.from"),
    "no list": ('[changes]\nfrom = 2027-01-01', "changes"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_entry_is_named(common, what):
    text, key = BROKEN[what]
    # At the file's end, whose last table is [cited]: an entry is a table of its own.
    assert key in wrong(common, raw(FILE, text))


def test_what_was_wrong_before_is_told_once(common):
    broken = FILE.replace("max_length = 11", "max_length = 11\nmin_length = 12")
    assert wrong(common, raw(broken, TAX_ID.replace("max_length = 9", 'case = "upper"'))) == {"sender_id.min_length"}


def test_an_edition_is_not_written_by_hand(common):
    with pytest.raises(RulesError, match=r"version .*\[\[changes\]\]"):
        made(common, raw('version = "2"', FILE))


def test_every_mistake_of_an_entry_is_told_at_the_start(tmp_path):
    (tmp_path / "th.toml").write_text('[[changes]]\nfrom = 2027-01-01\nrules = { colour = "red" }\n')
    with pytest.raises(RulesError) as caught:
        load(tmp_path)
    assert {(one.file, one.key) for one in caught.value.problems} == {
        ("th.toml", "changes.0.text"),
        ("th.toml", "changes.0.rules.colour"),
    }


# --- the book of a day --------------------------------------------------------------------------------------------

CHANGING = """
[[changes]]
from = 2027-01-01
text = ["Names are shorter."]
[changes.rules.sender_id]
max_length = 9
[changes.rules.lead_time]
days = [14, 40]

[[changes]]
from = 2027-02-01
text = ["Names are as long as before."]
[changes.rules.sender_id]
max_length = 11
[changes.rules.lead_time]
days = [7, 30]
"""
DAY = date(2026, 12, 31)


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "th.toml").write_text(CHANGING, encoding="utf-8")
    ended = '[paused]\ntext = "x"\nuntil = 2027-01-15\n[paused.source]\ntitle = "t"\nurl = "https://e.org"\nread_on = 2026-11-01'
    (folder / "ke.toml").write_text(ended, encoding="utf-8")
    return load(folder)


def test_a_book_tells_the_rules_of_a_day(dated):
    assert [dated.on(day).pack("TH").sender_id.max_length for day in (DAY, DAY + timedelta(days=1), date(2027, 2, 1))] == [
        11, 9, 11,
    ]  # fmt: skip
    assert dated.on(date(2027, 1, 14)).pack("KE").paused is not None
    assert dated.on(date(2027, 1, 15)).pack("KE").paused is None


def test_days_between_two_changes_have_the_same_book(dated):
    assert dated.on(date(2020, 1, 1)) is dated.on(DAY) is dated
    assert dated.on(date(2027, 1, 1)) is dated.on(date(2027, 1, 14)) is not dated
    assert dated.on(date(2027, 1, 20)).on(DAY) is dated
    assert load().on(DAY) is not load()


def test_a_book_of_a_day_is_as_good_as_the_whole(dated):
    later = dated.on(date(2030, 1, 1))
    dated.unprintable = lambda text: "ö"
    assert later.unprintable("x") == "ö"
    assert later.find("thailand").countries == ("TH",)
    assert later.codes == dated.codes and later.country_name("TH") == "Thailand"


def test_an_edition_is_had_by_its_version(dated):
    assert dated.edition("TH", "2027-01-01").sender_id.max_length == 9
    assert dated.edition("TH", "1") == dated.edition("TH", "") == dated.pack("TH")
    assert dated.edition("TH", "2027-01-20").version == "2027-01-01", "one that is gone: the newest that is no later"
    with pytest.raises(KeyError):
        dated.edition("XX", "1")


def test_the_next_change_is_known(dated):
    assert dated.next_change("TH", DAY) == date(2027, 1, 1)
    assert dated.next_change("TH", date(2027, 1, 1)) == date(2027, 2, 1)
    assert dated.next_change("TH", date(2027, 2, 1)) is None
    assert dated.next_change("DE", DAY) is None


def test_a_mark_is_another_when_anything_said_is_another(dated):
    first, second, third = dated.editions("TH")
    assert dated.mark(first) != dated.mark(second)
    assert dated.mark(first) == dated.mark(third), "says the same again"
    worded = dated.templates | {"loa": dated.templates["loa"].model_copy(update={"subject": "Another"})}
    other = Book({code: dated.pack(code) for code in dated.codes}, worded, {})
    assert other.mark(other.pack("TH")) != dated.mark(first)
    assert other.mark(other.pack("FR")) == dated.mark(dated.pack("FR")), "has no such letter"


# --- what differs -------------------------------------------------------------------------------------------------


def lines(book: Book, first: date, last: date) -> list[tuple[str, list[str]]]:
    return [(one.pack.version, [str(each) for each in one.differences]) for one in between(book, "TH", first, last)]


def test_a_difference_is_told_in_words_under_the_entry_it_comes_from(dated):
    assert lines(dated, DAY, date(2027, 1, 1)) == [
        ("2027-01-01", ["~ lead_time.days: 7, 30 -> 14, 40", "~ sender_id.max_length: 11 -> 9"])
    ]
    assert lines(dated, DAY, date(2027, 2, 1)) == [], "it is as it was"


def test_fields_and_papers_that_come_and_go_are_told_by_name(common):
    papers = NO_LICENCE.replace("[changes.rules]", '[changes.rules]\ndocuments = ["brand_proof"]')
    first, second, third = made(common, raw(FILE, TAX_ID, papers))
    assert [str(one) for one in differences(first, second)] == [
        "~ sender_id.max_length: 11 -> 9",
        "+ field.tax_id: Tax number (text, required)",
    ]
    assert [str(one) for one in differences(second, third)] == [
        "- field.licence: Licence (text, required)",
        "- document.company_registration: Company registration document (customer, required)",
        "+ document.brand_proof: Proof that the brand is yours (customer, when sender_id_link_plain is no)",
    ]


def test_a_condition_is_told_in_words(common):
    when = '[field.region]\nrequired_when = { field = "message_type", in = ["otp", "promotional"] }\n'
    (first,), (second,) = made(common, raw(FILE)), made(common, raw(FILE, when))
    told = [str(one) for one in differences(first, second)]
    assert "+ field.region.required_when: message_type is otp or promotional" in told


def test_another_order_of_questions_is_a_difference(common):
    (first,) = made(common, raw(FILE))
    (second,) = made(common, raw(FILE.replace('["@form", "licence"]', '["licence", "@form"]')))
    assert [one.key for one in differences(first, second)] == ["fields in order"]


DAYS = st.dates(date(2026, 11, 1), date(2027, 3, 1))


@settings(deadline=None)
@given(first=DAYS, last=DAYS, country=st.sampled_from(["TH", "KE", "DE"]))
def test_there_is_a_difference_just_where_the_packs_are_not_equal(dated, first, last, country):
    before, after = dated.on(first).pack(country), dated.on(last).pack(country)
    assert (differences(before, after) == []) == (bare(before) == bare(after))


@settings(deadline=None)
@given(first=st.sampled_from(["TH", "KE", "AE", "GB", "SG", "IE"]), changed=st.data())
def test_whatever_key_is_another_is_told(dated, first, changed):
    pack = dated.pack(first)
    key = changed.draw(st.sampled_from(sorted(set(Pack.model_fields) - {"version", "changed", "changed_source"})))
    other: Any = getattr(dated.pack(changed.draw(st.sampled_from(["VN", "CN", "ES", "US"]))), key)
    after = pack.model_copy(update={key: other})
    assert (differences(pack, after) == []) == (pack == after)


def test_what_an_operators_files_change_is_told_by_file_and_key(tmp_path):
    (tmp_path / "countries").mkdir()
    (tmp_path / "letters").mkdir()
    (tmp_path / "countries" / "th.toml").write_text(CHANGING + "[field.company_name]\nhint = 'As on the licence.'\n")
    (tmp_path / "letters" / "loa.toml").write_text('title = "Our letter"\n')
    (tmp_path / "ke.toml").write_text('name = "Kenya"\n')
    found = {file: {one.key for one in there} for file, there in shipped(tmp_path).items()}
    assert found["letters/loa.toml"] == {"title"}
    assert {"field.company_name.hint", "changes.2027-01-01.rules.sender_id.max_length"} <= found["th.toml"]
    assert "ke.toml" not in found, "says what ours says"


def test_a_folder_that_changes_nothing_differs_in_nothing(tmp_path: Path):
    assert shipped(tmp_path) == {}
