"""Ready answers: sentences to pick and adjust, and the answer to another question that will do here too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conversations.errors import BadAnswer
from conversations.judgement import fields
from conversations.model import Registration
from rules.book import Book
from rules.schema import Field

SAME = "same"
ALSO_SAME = frozenset({SAME, "the same", "same as above", "same name"})
PLACEHOLDER = re.compile(r"\{(\w+)\}")
AT_WEBSITE = re.compile(r"(?:, \w+)? at \{website\}")  # goes while none is known: a sentence keeps its number
OF_CODES = re.compile(r"\bcodes?\b", re.IGNORECASE)
CODES = "otp"  # the purpose of messages that such a sentence is of
PICKED = re.compile(r"(?:(?:number|sentence|no\.?|#) ?)?(\d)(?:,? please)?", re.IGNORECASE)
# Countries that an English sentence calls "the ...": carriers read these.
WITH_ARTICLE = frozenset({"AE", "BS", "CD", "CF", "CG", "DO", "GB", "GM", "MV", "NL", "PH", "US"})


def ready(field: Field, registrations: Iterable[Registration], book: Book) -> list[str]:
    """The sentences offered, for the countries the answer is for, those of the messages' purpose first.

    One that needs an answer not given is left out.
    """
    if not field.phrases:
        return []
    together = list(registrations)
    known = _known(together[0].answers, [one.country for one in together], together[0], book)
    codes = together[0].answers.get("message_type") == CODES
    ordered = sorted(field.phrases, key=lambda one: bool(OF_CODES.search(one)) is not codes)
    whole = ordered if "website" in known else [AT_WEBSITE.sub("", one) for one in ordered]
    possible = [one for one in whole if set(PLACEHOLDER.findall(one)) <= known.keys()]
    filled = [PLACEHOLDER.sub(lambda found: known[found[1]], one) for one in possible]
    return [sentence for sentence in filled if _fits(field, sentence)]


def _fits(field: Field, sentence: str) -> bool:
    try:
        fields.within(field, sentence)
    except BadAnswer:
        return False
    return True


def _known(answers: Mapping[str, Any], countries: list[str], registration: Registration, book: Book) -> dict[str, str]:
    company, website = answers.get("company_name"), answers.get("company_website")
    names = [name.text for name in registration.sender_ids]
    brand = answers.get("dba_name") or company or next(iter(names), None)
    found = {
        "brand": brand,
        "company": company,
        "website": website,
        "country": _listed([_in_a_sentence(code, book) for code in countries]),
    }
    return {name: str(value) for name, value in found.items() if value}


def _in_a_sentence(code: str, book: Book) -> str:
    return f"the {book.country_name(code)}" if code in WITH_ARTICLE else book.country_name(code)


def _listed(names: list[str]) -> str:
    """As a sentence lists them: "Kenya, Thailand and Vietnam"."""
    from babel.lists import format_list

    return format_list(names, locale="en_GB")


def meant(field: Field, text: str, answers: Mapping[str, Any], offered: list[str]) -> str:
    """What the text stands for: the number of a sentence that is offered, "same", or itself."""
    plain = text.strip().rstrip(".").casefold()
    picked = PICKED.fullmatch(plain)
    if picked and 1 <= int(picked[1]) <= len(offered):
        return offered[int(picked[1]) - 1]
    if plain in ALSO_SAME and (there := same(field, answers)):
        return there
    return text


def same(field: Field, answers: Mapping[str, Any]) -> str:
    """The answer given to the question whose answer may do here too; "" where there is none."""
    return str(answers.get(field.same_as) or "") if field.same_as else ""
