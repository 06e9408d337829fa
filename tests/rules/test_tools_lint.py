"""Every check of `rules lint`, each shown by a mistake planted in a country that is sound without it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from string import ascii_uppercase

import pytest

from rules.lint import lint
from rules.reading import OURS

# A country of our own, which nobody registers in: Antarctica.
SOUND = """
country = "AQ"
name = "Antarctica"
route = "form"
registration = "required"
fields = ["@form", "brand_origin", "permit", "permit_number", "@signatory", "sender_name"]
documents = ["loa", "licence"]
notes = ["Names are few."]
sources = ["bureau"]

[field.permit]
label = "Permit"
question = "Do you have a permit?"
type = "boolean"
required = true
phase = "first"
why = "Only those with a permit may send."
example = "yes"

[field.permit_number]
label = "Number of the permit"
question = "Which number does it have?"
type = "text"
required_when = { all = [{ field = "brand_origin", in = ["local"] }, { field = "permit", in = [true] }] }
why = "It is looked up."
example = "12345"
counter_example = "12 345"
limits = { min_length = 5, max_length = 5, pattern = "[0-9]+" }

[field.sender_name]
label = "Who sends"
question = "Who sends the messages?"
type = "text"
required = true
why = "The carriers ask."
example = "The bakery."
phrases = ["It is sent by {brand}."]
limits = { min_length = 5, max_length = 60 }

[document.licence]
title = "Licence"
origin = "customer"
required_when = { field = "brand_origin", in = ["local"] }
signed = false

[document.loa]
template = "loa"
required = true

[sender_id]
min_length = 3
source = "bureau"

[cited]
bureau = { title = "Bureau: sender IDs", url = "https://example.org/names", read_on = 2026-11-01 }
"""

STOP = '[[field.permit.stops_when]]\nwhen = {}\ntext = "Not here."\nalternative = "Elsewhere."'
LETTER = 'template = "memo"\ntitle = "Memo"\nsubject = "s"\nparagraphs = ["{}"]\nfacts = ["city"]\n'
LONG = "A sentence that says what nobody has to know in so many words. "


def stop(when: str, more: str = "") -> str:
    return f"{STOP.replace('{}', when)}\n{more}\n"


def also(field: str = "sender_name", example: str = "12345, Ann", reads: str = "(?P<this>.+), (?P<also>.+)") -> str:
    return (
        f'[field.permit_number.also]\nfield = "{field}"\nadds = "And who sends?"\nexample = "{example}"\n'
        f"reads = ['{reads}']\n"
    )


# what -> (text in SOUND, or "" for the end, what stands there instead, key, level)
PLANTED = {
    # conditions and stops
    "a question nobody comes to": (
        'field = "permit", in = [true] }] }', 'field = "brand_origin", in = ["international"] }] }', "field.permit_number.required_when", "error",
    ),
    "a paper nobody needs": (
        'required_when = { field = "brand_origin", in = ["local"] }\nsigned',
        'required_when = { all = [{ field = "permit", in = [true] }, { field = "permit", in = [false] }] }\nsigned', "document.licence.required_when", "error",
    ),
    "a rule for names that never holds": (
        "", '[[sender_id.cases]]\nwhen = { all = [{ field = "permit", in = [true] }, { field = "permit", in = [false] }] }\nrules = { min_length = 4 }',
        "sender_id.cases.0.when", "error",
    ),
    "a rule for names on a field nobody asks": (
        "", '[[sender_id.cases]]\nwhen = { field = "bank", in = [true] }\nrules = { min_length = 4 }', "sender_id.cases.0.when", "error",
    ),
    "a fee on an answer nobody can give": (
        "", '[[fees]]\ntext = "10 USD."\nwhen = { field = "brand_origin", in = ["foreign"] }', "fees.0.when", "error",
    ),
    "a rule for texts on a field nobody asks": (
        "", '[samples]\nbrand_inside_when = { field = "bank", in = [true] }', "samples.brand_inside_when", "error",
    ),
    "an answer that follows from a field nobody asks": (
        "", '[[field.permit.follows]]\nvalue = true\nabroad = "shoe_size"', "field.permit.follows.0", "error",
    ),
    "an answer that follows and would be refused": (
        "", '[[field.permit_number.follows]]\nvalue = "twelve"\nabroad = "country"', "field.permit_number.follows.0.value", "error",
    ),
    "a question asked along that nobody asks": ("", also(field="shoe_size"), "field.permit_number.also.field", "error"),
    "two answers that are not read as two": ("", also(example="12345"), "field.permit_number.also.example", "error"),
    "a first answer that would be refused": ("", also(example="123, Ann"), "field.permit_number.also.example", "error"),
    "an expression for two answers that is none": ("", also(reads="(?P<also>"), "field.permit_number.also", "error"),
    "an expression that finds one answer": ("", also(reads="(?P<also>.+)"), "field.permit_number.also", "error"),
    "a stop nobody comes to": (
        "", stop('{ field = "permit", in = [true] }') + stop('{ all = [{ field = "permit", in = [true] }, { field = "message_type", in = ["otp"] }] }'),
        "field.permit.stops_when.1.when", "error",
    ),
    "what comes after a stop for everybody else": (
        'required_when = { field = "brand_origin", in = ["local"] }\nsigned = false',
        'required_when = { field = "permit", in = [false] }\nsigned = false\n' + stop('{ field = "permit", in = [false] }'),
        "document.licence.required_when", "error",
    ),
    "a stop that offers what is no answer": (
        "", stop('{ field = "permit", in = [false] }', 'offer = "maybe"'), "field.permit.stops_when.0.offer", "error",
    ),
    "a stop that offers what stops with other answers": (
        "", stop('{ field = "permit", in = [false] }', "offer = true")
        + stop('{ all = [{ field = "permit", in = [true] }, { field = "message_type", in = ["otp"] }] }', "offer = false"),
        "field.permit.stops_when.1.offer", "error",
    ),
    "an answer offered before it is given": ('phrases = ["It', 'same_as = "late"\nphrases = ["It', "field.sender_name.same_as", "error"),
    # letters
    "a letter with a gap when the brand is local": (
        "", '[field.signatory_title]\nrequired_when = { field = "brand_origin", in = ["international"] }', "document.loa.template", "error",
    ),
    "a letter with what may be skipped": ("", "[field.signatory_title]\nrequired = false", "document.loa.template", "error"),
    "a letter nobody can sign": (', "@signatory"', "", "fields", "error"),
    # rules for names
    "rules that contradict each other in a case": (
        "", '[[sender_id.cases]]\nwhen = { field = "permit", in = [true] }\nrules = { max_length = 2 }', "sender_id.cases.0.rules", "error",
    ),
    "a marker longer than a name": (
        "", '[[sender_id.cases]]\nwhen = { field = "permit", in = [true] }\nrules = { prefixes = { promotional = "ADVERTISING-" } }',
        "sender_id.cases.0.rules", "error",
    ),
    "a marker of digits where there are none": (
        "min_length = 3", 'min_length = 3\ndigits_allowed = false\nsuffixes = { promotional = "1" }', "sender_id", "error",
    ),
    "a marker that may not come first": ("min_length = 3", 'min_length = 3\nnot_first = "A"\nprefixes = { promotional = "AD-" }', "sender_id", "error"),
    "a marker for a purpose nobody can choose": ("min_length = 3", 'min_length = 3\nprefixes = { adverts = "AD-" }', "sender_id.prefixes", "error"),
    "a beginning for a purpose nobody can choose": ("", '[samples]\nbegins_with = { adverts = "AD:" }', "samples.begins_with", "error"),
    # texts and their places
    "a label too long for any button": ('label = "Permit"', f'label = "{LONG}{LONG}"', "field.permit.label", "error"),
    "a label too long for one button": ('label = "Permit"', f'label = "{LONG[:61]}"', "field.permit.label", "warning"),
    "a label of two lines": ('label = "Permit"', 'label = "Per\\nmit"', "field.permit.label", "error"),
    "a label that ends with a space": ('label = "Permit"', 'label = "Permit "', "field.permit.label", "error"),
    "a question nobody reads to its end": ('"Do you have a permit?"', f'"{LONG * 5}"', "field.permit.question", "warning"),
    "a reason longer than a message": ('why = "It is looked up."', f'why = "{LONG * 50}"', "field.permit_number.why", "error"),
    "a hint longer than a form's": ('why = "It is looked up."', f'why = "w"\nhint = "{LONG * 35}"', "field.permit_number.hint", "error"),
    "an example longer than an input": ('example = "The bakery."', f'example = "{LONG * 3}"\n', "field.sender_name.example", "warning"),
    "two spaces in a sentence": ('"Names are few."', '"Names  are few."', "notes.0", "error"),
    "a sign nobody sees": ('"Names are few."', '"Names are\\u200b few."', "notes.0", "error"),
    "a name of a field too long for a button": ("permit_number", "number_of_the_permit_of_the_authority", "field.number_of_the_permit_of_the_authority.name", "error"),
    "words for a choice too long for any button": (
        "", f'[field.message_type]\nchoice_labels = {{ otp = "{LONG}{LONG}" }}', "field.message_type.choice_labels.otp", "error",
    ),
    "a choice too long for a button": (
        "", f'[field.message_type]\nlimits = {{ choices = ["otp", "{"x" * 41}"] }}\nchoice_labels = {{ {"x" * 41} = "X" }}\nexample = "otp"',
        "field.message_type.limits.choices", "error",
    ),
    "more choices than a menu holds": (
        "", f"[field.brand_origin]\nlimits = {{ choices = {[f'c{n}' for n in range(101)]} }}", "field.brand_origin.limits.choices", "error",
    ),
    "choices too long together": (
        "", f"[field.brand_origin]\nlimits = {{ choices = {[f'c{n}' + 'c' * 35 for n in range(90)]} }}", "field.brand_origin.limits.choices", "error",
    ),
    "two choices of one name": ("", '[field.message_type]\nchoice_labels = { otp = "Codes", promotional = "Codes" }', "field.message_type.choice_labels", "error"),
    "a paper with a name too long for a button": ('title = "Licence"', f'title = "{LONG}{LONG}"', "document.licence.title", "error"),
    "a paper and its carrier too long for a button": (
        "[document.loa]", f'[document.loa]\naddressees = ["{"C" * 40}", "D"]', "document.loa.code", "error",
    ),
    "a country with a name too long for a button": ('"Antarctica"', f'"{LONG}{LONG}"', "name", "error"),
    "a briefing of more than one message": ('"Names are few."', ", ".join(f'"{LONG * 5}{n}"' for n in range(15)), "notes", "warning"),
    # examples and ready sentences
    "a ready sentence with a word nobody fills in": ("{brand}.", "{shop}.", "field.sender_name.phrases.0", "error"),
    "a ready sentence with a stray brace": ("{brand}.", "{our brand}.", "field.sender_name.phrases.0", "error"),
    "a ready sentence too long with a long brand": ("It is sent by {brand}.", "The messages about an order are sent by {brand}.", "field.sender_name.phrases.0", "error"),
    "a ready sentence too short with a short brand": ("It is sent by {brand}.", "{brand}", "field.sender_name.phrases.0", "error"),
    "ready sentences that no message holds together": (
        "", f'[field.use_case_description]\nphrases = {[LONG * 7 + str(n) for n in range(9)]}', "field.use_case_description.phrases", "error",
    ),
    "an example that is no country": ("", '[field.country]\nexample = "Atlantis"', "field.country.example", "error"),
    "an example that is no email": ("", '[field.contact_email]\nexample = "maria at bakery"', "field.contact_email.example", "error"),
    "an example that is no phone number": ("", '[field.contact_phone]\nexample = "123"', "field.contact_phone.example", "error"),
    "an example that is no address of a page": ("", '[field.company_website]\nexample = "bakery"', "field.company_website.example", "error"),
    "an example that is refused": ('example = "12345"', 'example = "1234"', "field.permit_number.example", "error"),
    "a counter-example that is taken": ('counter_example = "12 345"', 'counter_example = "54321"', "field.permit_number.counter_example", "error"),
    # sources
    "a source nobody cites": ("", 'other = { title = "t", url = "https://example.org/", read_on = 2026-11-01 }', "cited.other", "warning"),
    "a source that is no page": ("https://example.org/names", "example.org", "cited.bureau.url", "error"),
    "a source without a title": ("Bureau: sender IDs", " ", "cited.bureau.title", "error"),
    "a source with two names": ("", 'other = { title = "t", url = "https://example.org/names", read_on = 2026-11-01 }', "cited.other", "warning"),
    "a source read tomorrow": ("read_on = 2026-11-01", "read_on = 2026-11-23", "cited.bureau.read_on", "error"),
    "a source read long ago": ("read_on = 2026-11-01", "read_on = 2026-05-25", "cited.bureau.read_on", "warning"),
    "a source nobody knows": ('sources = ["bureau"]', 'sources = ["burau"]', "sources", "error"),
    # the rest
    "a set that is none": ('"@form"', '"@forms"', "fields", "error"),
    "a field asked twice": ('"brand_origin", "permit"', '"brand_origin", "city", "permit"', "fields", "error"),
    "a note said twice": ('["Names are few."]', '["Names are few.", "Names are few."]', "notes", "error"),
    "a carrier named twice": ("[document.loa]", '[document.loa]\naddressees = ["One", "One"]', "document.loa.addressees", "error"),
    "a choice listed twice": ("", '[field.brand_origin]\nlimits = { choices = ["local", "international", "local"] }', "field.brand_origin.limits.choices", "error"),
    "a source listed twice": ('sources = ["bureau"]', 'sources = ["bureau", "bureau"]', "sources", "error"),
    "two fields of one name": ('label = "Who sends"', 'label = "Permit"', "fields", "warning"),
    "two papers of one name": ('title = "Licence"', 'title = "Letter of authorization"', "documents", "warning"),
    "a registry without a way": ("", '[registry]\nname = "R"\nurl = "https://example.org/r"\nnumber_field = "permit_number"', "registry.steps", "warning"),
    "a registry without a result": ("", '[registry]\nname = "R"\nurl = "https://example.org/r"\nnumber_field = "permit_number"', "registry.bring_back", "warning"),
}  # fmt: skip

# In files that every country shares: (file, text, key, level)
SHARED = {
    "a set nobody asks": ("common.toml", '[sets]\nextra = ["city"]', "sets.extra", "warning"),
    "a stop nobody names": (
        "common.toml", '[stop.extra]\nwhen = { field = "permit", in = [true] }\ntext = "t"\nalternative = "a"', "stop.extra", "warning",
    ),
    "a shared source nobody cites": (
        "common.toml", '[cited]\nextra = { title = "t", url = "https://example.org/", read_on = 2026-11-01 }', "cited.extra", "warning",
    ),
    "a shared label too long": ("common.toml", f'[field.city]\nlabel = "{LONG}{LONG}"', "field.city.label", "error"),
    "a shared example that is refused": ("common.toml", '[field.region]\nlimits = { max_length = 3 }', "field.region.example", "error"),
    "a letter that shows what nobody asks": (
        "letters/memo.toml", LETTER.replace('"city"', '"shoe_size"'), "facts", "warning",
    ),
}  # fmt: skip


# Country files are told apart by codes that no country has: one look at all of them takes as long as one at any.
CODES = [
    code
    for pair in itertools.product(ascii_uppercase, repeat=2)
    if not (OURS / "countries" / f"{(code := ''.join(pair)).lower()}.toml").exists()
]
NOBODYS = "ZZ"
TODAY = date(2026, 11, 22)


def planted(what: str) -> str:
    """The file of Antarctica with that mistake."""
    old, new, *_ = PLANTED[what]
    assert not old or old in SOUND, f"{old} is not in the file"
    return SOUND.replace(old, new) if old else f"{SOUND}\n{new}\n"


def written(folder: Path, text: str, file: str = "countries/aq.toml") -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found_in(folder: Path, file: str = "aq.toml") -> list[dict[str, str]]:
    return [one for one in lint(folder, TODAY) if one["file"] == file]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[dict[str, str]]]:
    """What lint says of each planted mistake, all of them planted at once."""
    folder = tmp_path_factory.mktemp("planted")
    codes = dict(zip(PLANTED, (code for code in CODES if code not in ("AQ", NOBODYS)), strict=False))
    for what, code in codes.items():
        written(folder, planted(what).replace('"AQ"', f'"{code}"'), f"countries/{code.lower()}.toml")
    by_file: dict[str, list[dict[str, str]]] = {}
    for one in lint(folder, TODAY):
        by_file.setdefault(one["file"], []).append(one)
    return {what: by_file.get(f"{code.lower()}.toml", []) for what, code in codes.items()}


@pytest.fixture(scope="module")
def found_in_shared(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, str]]:
    """(file, key, level) of what lint says of the mistakes planted in shared files."""
    folder = tmp_path_factory.mktemp("shared")
    for file in {file for file, *_ in SHARED.values()}:
        written(folder, "\n".join(text for other, text, *_ in SHARED.values() if other == file), file)
    return {(one["file"], one["key"], one["level"]) for one in lint(folder, TODAY)}


def test_a_sound_country_has_no_problem(tmp_path):
    written(tmp_path, SOUND)
    assert found_in(tmp_path) == []


@pytest.mark.parametrize("what", PLANTED)
def test_a_mistake_in_a_country_is_found(found, what):
    assert PLANTED[what][2:] in {(one["key"], one["level"]) for one in found[what]}, found[what]


# What is found while files are read says where the name was looked for: that is the way out.
READ = ("a source nobody knows", "a set that is none", "a field asked twice")


@pytest.mark.parametrize("what", [what for what in PLANTED if what not in READ])
def test_a_problem_says_what_is_wrong_and_what_to_do(found, what):
    """The two are parted by a colon, a semicolon or a comma."""
    for one in found[what]:
        assert re.search(r"[:;,] \w", one["text"]), one


@pytest.mark.parametrize("what", SHARED)
def test_a_mistake_in_what_is_shared_is_found(found_in_shared, what):
    file, _, key, level = SHARED[what]
    assert (file.rpartition("/")[2], key, level) in found_in_shared


def test_what_is_shared_is_told_once_and_not_by_every_country(found_in_shared):
    assert ("th.toml", "field.city.label", "error") not in found_in_shared
    assert ("common.toml", "field.city.label", "error") in found_in_shared


def test_a_country_that_is_none_is_found(tmp_path):
    written(tmp_path, SOUND.replace("AQ", NOBODYS), "countries/zz.toml")
    assert [one["key"] for one in found_in(tmp_path, "zz.toml")] == ["country"]


def test_a_problem_names_the_answers_with_which_a_letter_has_a_gap(found):
    (told,) = [one["text"] for one in found["a letter with a gap when the brand is local"] if one["key"] != "country"]
    assert told == (
        "the letter names {signatory_title}, which is not answered when brand_origin = local: ask it then, or use another letter"
    )


def test_a_source_grows_stale_with_the_days(tmp_path):
    written(tmp_path, SOUND)
    last = date(2027, 4, 30)  # 180 days after it was read

    def stale(**options) -> list[str]:
        return [one["key"] for one in lint(tmp_path, **options) if one["file"] == "aq.toml"]

    assert stale(on=last) == stale() == []
    assert stale(on=last + timedelta(days=1)) == stale(on=last, stale_after=179) == ["cited.bureau.read_on"]


def test_a_dated_entry_is_looked_at_as_the_country_is(tmp_path):
    later = (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["More is asked."]\n[changes.rules.field.permit]\nlabel = "Permit "\n'
    )
    written(tmp_path, f"{SOUND}\n{later}")
    (told,) = found_in(tmp_path)
    assert (told["key"], told["text"]) == (
        "field.permit.label",
        "from 2027-01-01 on: begins or ends with a space: remove it",
    )


def test_a_country_that_an_operators_folder_changes_is_looked_at_again(tmp_path):
    written(tmp_path, '[field.company_name]\nlabel = "Company "\n', "countries/th.toml")
    assert [one["key"] for one in found_in(tmp_path, "th.toml")] == ["field.company_name.label"]
