from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.book import RulesError, load
from rules.reading import OURS

NORWAY = """
country = "ZZ"
name = "Nowhere"
route = "form"
registration = "required"
fields = ["@form"]

[sender_id]
max_length = 9

[sender_id.source]
title = "A page"
url = "https://example.org/"
read_on = 2026-11-01

[[sources]]
title = "A page"
url = "https://example.org/"
read_on = 2026-11-01
"""


def laid_over(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_an_unknown_country_is_a_key_error(book):
    with pytest.raises(KeyError):
        book.pack("XX")
    with pytest.raises(KeyError):
        book.pack("TH").field("nothing")
    with pytest.raises(KeyError):
        book.pack("TH").document("nothing")


def test_names_zones_and_paper(book):
    assert book.country_name("TR") == "Turkey"
    assert book.country_name("DE", "fr") == "Allemagne"
    assert book.country_name("VA") == "Vatican City"
    assert book.country_name("DE", "no such language") == "Germany"
    assert book.country_name("QQ") == "QQ"
    assert (book.time_zone("TH"), book.time_zone("US"), book.time_zone("ID")) == (
        "Asia/Bangkok",
        "America/New_York",
        "Asia/Jakarta",
    )
    assert book.time_zone("QQ") is None
    assert (book.paper("TH"), book.paper("US"), book.paper("PH")) == ("A4", "Letter", "Letter")


def test_every_country_has_a_time_zone_that_exists(book):
    for code in book.codes:
        assert ZoneInfo(book.time_zone(code)), code


def test_every_country_is_said_in_words(book):
    for code in book.codes:
        for field in book.pack(code).fields:
            assert field.question and field.why, (code, field.name)
            assert field.question[-1] in "?.", (code, field.name)
        for sentence in (*book.pack(code).notes, *book.pack(code).uncertain, *book.pack(code).prepare):
            assert sentence[0].isupper() or sentence[0].isdigit(), (code, sentence)
            assert sentence[-1] in ".)", (code, sentence)


def test_an_operators_file_is_laid_over_ours_key_by_key(tmp_path):
    over = laid_over(
        tmp_path,
        countries__th='[sender_id]\nmax_length = 9\n[field.company_name]\nhint = "As on the licence."\n',
        common='[field.company_name]\nlabel = "Company"\n',
        places='[aliases]\nTH = ["Land of Smiles"]\n',
        letters__loa='title = "Our letter"\n',
        zz=NORWAY,
    )
    ours, book = load(), load(over)
    thailand, before = book.pack("TH"), ours.pack("TH")
    assert (thailand.sender_id.max_length, before.sender_id.max_length) == (9, 11)
    assert thailand.sender_id.min_length == before.sender_id.min_length == 3
    assert thailand.field("company_name").hint == "As on the licence."
    assert thailand.field("company_name").label == book.pack("KE").field("company_name").label == "Company"
    assert book.templates["loa"].title == "Our letter"
    assert book.templates["loa"].paragraphs == ours.templates["loa"].paragraphs
    assert book.find("land of smiles").countries == ("TH",)
    assert book.pack("ZZ").name == "Nowhere" and "ZZ" not in ours.codes


def test_an_operator_can_pause_a_country_and_open_it_again(tmp_path):
    paused = '[paused]\ntext = "Closed for now."\nsince = 2026-12-01\n[paused.source]\ntitle = "t"\nurl = "u"\nread_on = 2026-12-01\n'
    book = load(laid_over(tmp_path, ke=paused))
    assert book.pack("KE").paused.since.isoformat() == "2026-12-01"


def test_an_overlaid_condition_replaces_ours(tmp_path):
    book = load(
        laid_over(
            tmp_path,
            ke='[field.signatory_name]\nrequired_when = { field = "country", in = ["KE"] }\n',
            au="[field.abn]\nrequired = true\n",
        )
    )
    assert book.pack("KE").field("signatory_name").required_when.field == "country"
    assert (book.pack("AU").field("abn").required, book.pack("AU").field("abn").required_when) == (True, None)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("zz", NORWAY.split("[sender_id.source]")[0], "zz.toml: sender_id.source Field required"),
        (
            "zz",
            NORWAY.replace("max_length = 9", "max_lenght = 9"),
            "zz.toml: sender_id.max_lenght Extra inputs are not permitted",
        ),
        ("zz", NORWAY.replace('name = "Nowhere"', ""), "zz.toml: name Field required"),
        ("zz", NORWAY.replace("ZZ", "NO"), "zz.toml: country NO belongs in no.toml"),
        ("zz", NORWAY.replace('"@form"', '"@from"'), "zz.toml: fields @from is not in [sets] of common.toml"),
        (
            "zz",
            NORWAY.replace('"@form"', '"@form", "iban"'),
            "zz.toml: fields iban is neither in common.toml nor in [field.iban]",
        ),
        ("zz", NORWAY.replace('"@form"', '"@form", "city"'), "zz.toml: fields lists city twice"),
        ("zz", "country = NO", "zz.toml: is not TOML"),
        ("th", '[field.abn]\nlabel = "ABN"\n', "th.toml: field.abn is not listed in fields"),
        ("th", '[field.company_name]\ntype = "words"\n', "th.toml: field.company_name.type Input should be"),
        ("th", '[document.loa]\ntemplate = "lao"\n', "th.toml: document.loa.template there is no letters/lao.toml"),
        (
            "th",
            '[field.city]\nrequired_when = "sometimes"\n',
            "th.toml: field.city.required_when Input should be a condition",
        ),
        ("letters__loa", "subject = 3\n", "loa.toml: subject Input should be a valid string"),
        ("common", '[field.city]\ntype = "town"\n', "common.toml: field.city.type Input should be"),
    ],
)
def test_a_broken_file_is_named_with_its_key(tmp_path, name, text, message):
    with pytest.raises(RulesError) as caught:
        load(laid_over(tmp_path, **{name: text}))
    assert any(line.startswith(message) for line in str(caught.value).splitlines()), str(caught.value)


def test_an_operator_lifts_a_pause(tmp_path, book):
    assert book.pack("AE").paused is not None
    lifted = load(laid_over(tmp_path, ae="paused = false\n")).pack("AE")
    assert lifted == book.pack("AE").model_copy(update={"paused": None})


def test_all_problems_are_told_at_once(tmp_path):
    with pytest.raises(RulesError) as caught:
        load(laid_over(tmp_path, th="colour = 1\n", ke="size = 2\n"))
    assert {(problem.file, problem.key) for problem in caught.value.problems} == {
        ("th.toml", "colour"),
        ("ke.toml", "size"),
    }


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RulesError, match="RULES_DIR"):
        load(tmp_path / "nothing")


def test_loading_takes_little_time():
    began = time.process_time()
    load()
    assert time.process_time() - began < 0.4


def test_importing_the_rules_reads_no_file_and_no_names():
    code = f"""
import builtins, io, pathlib, sys
import pydantic
opened = []
real = io.open
def watch(file, *rest, **more):
    opened.append(str(file))
    return real(file, *rest, **more)
builtins.open = io.open = watch
sys.path.insert(0, {str(OURS.parent)!r})
import rules.book, rules.export, rules.lint
print([path for path in opened if path.endswith(".toml")], "babel" in sys.modules, "rapidfuzz" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False False"
