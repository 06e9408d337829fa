"""Sentences are filled in for their reader, and what people typed is never read as a pattern."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.words import Catalogs, Sentence, TextsError, pseudo
from conversations.model import Country, Moment, Text
from tests.read_once import our_book

BOOK = our_book()


def catalogs(strict: bool = True, **sentences: str | tuple[str, str]) -> Catalogs:
    found = {
        key: Sentence((forms,) if isinstance(forms, str) else forms, lambda n: int(n != 1))
        for key, forms in sentences.items()
    }
    return Catalogs({"en": found}, BOOK, strict=strict)


def test_values_are_filled_in_by_name() -> None:
    words = catalogs(limit="{given} has {n} characters, {country} allows {limit}.", choice_yes="Yes").words()
    text = Text("limit", {"given": "X", "n": 12, "country": Country("NO"), "limit": 11})
    assert words.text(text) == "X has 12 characters, Norway allows 11."


@pytest.mark.parametrize("typed", ["{limit}", "{0}", "{given.__class__}", "%s", "%(x)s", "\\1", "{{}}"])
def test_what_people_type_is_put_in_as_it_is(typed: str) -> None:
    words = catalogs(said="You said {given}, at most {limit}").words()
    assert words.text(Text("said", {"given": typed, "limit": 3})) == f"You said {typed}, at most 3"


def test_a_text_in_a_text_a_list_and_a_number() -> None:
    german = Catalogs({"de": catalogs(outer="{lines}", line="- {name}").catalogs["en"]}, BOOK, strict=True)
    words = german.words("de")
    assert words.text(Text("outer", {"lines": [Text("line", {"name": "a"}), "b", 2.5]})) == "- a\nb\n2,5"


def test_a_plural_follows_its_number() -> None:
    words = catalogs(pages=("{n} page", "{n} pages")).words()
    assert [words.text(Text("pages", {"n": n})) for n in (1, 2, 0)] == ["1 page", "2 pages", "0 pages"]


def test_a_time_is_shown_on_the_readers_clock() -> None:
    at = Text("at", {"when": Moment(datetime(2027, 3, 5, 2, 0, tzinfo=UTC))})
    shown = catalogs(at="{when}").words("en", "Asia/Bangkok").text(at)
    assert "5 March 2027" in shown and "09:00" in shown


def test_a_reader_whose_language_is_not_there_gets_one_language_and_no_mixture() -> None:
    at = Moment(datetime(2027, 3, 5, 2, 0, tzinfo=UTC))
    for locale in ("de", "th-TH", "zh-hans", "xx", "../en"):
        words = catalogs(line="{country} {at}").words(locale)
        told = words.text(Text("line", {"country": Country("GB"), "at": at}))
        assert told.startswith("United Kingdom Friday 5 March 2027")


@pytest.mark.parametrize("zone", ["Nowhere/At_all", "", "../../etc/passwd", "Europe"])
def test_a_time_zone_that_does_not_exist_is_utc(zone: str) -> None:
    at = Text("at", {"when": Moment(datetime(2027, 3, 5, 2, 0, tzinfo=UTC))})
    assert "2:00" in catalogs(at="{when}").words("en", zone).text(at)


@pytest.mark.parametrize("text", [Text("no_such_key"), Text("said", {})])
def test_what_is_missing_is_an_error_in_tests_and_no_crash_at_run_time(text: Text) -> None:
    with pytest.raises(TextsError):
        catalogs(said="You said {given}").words().text(text)
    assert catalogs(strict=False, said="You said {given}").words().text(text) in ("no_such_key", "You said ")


def test_an_operators_wording_is_laid_over_ours(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "texts"
    folder.mkdir()
    (folder / "en.po").write_text('msgid "greeting"\nmsgstr "Moin!"\n', encoding="utf-8")
    words = Catalogs.load(BOOK, folder.parent, strict=True).words()
    assert words.text(Text("greeting")) == "Moin!"
    assert words.text(Text("choice_yes")) == "Yes"


def test_the_pseudo_locale_changes_every_sentence_and_no_placeholder() -> None:
    assert pseudo("Hello {name}, it is {at}!") == "Ĥéĺĺó {name}, íţ íš {at}!"
    ours = Catalogs.load(BOOK, strict=True).pseudo()
    for key, sentence in ours.catalogs["en"].items():
        for form in sentence.forms:
            left = "".join(part for part in form.split("{") if "}" not in part)
            assert not any(letter.isascii() and letter.isalpha() for letter in left), key
