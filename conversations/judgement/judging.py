"""What speaks for and against a sender ID that the rules take: warned of before a carrier refuses it, never refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.judgement.lookalikes import folded, likeness, looks_like
from conversations.judgement.relation import identities, related
from conversations.judgement.sender_ids import is_number, unmarked
from conversations.model import Country, Registration, Text, Value
from rules.schema import Pack, SenderIdRules
from rules.watchlist import Brand, Watchlist

LINK = "sender_id_link_plain"  # the field that asks how a name belongs to the company
MANY_DIGITS = 10  # nobody takes a number of so many for anything but a phone's
CALLED = re.compile(r"\+?(?:0?800|0?808|0?900|1-?8(?:00|33|44|55|66|77|88)|1300)[ -]?[A-Za-z0-9]{3,}")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason why a carrier may refuse a name: a key of texts/, and the page that says so."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    source: str = ""


def doubts(name: str, pack: Pack, answers: Mapping[str, Any], watched: Watchlist) -> tuple[Doubt, ...]:
    """Everything that speaks against the name in that country, gravest first; nothing where nothing does."""
    rules = pack.sender_id.given(answers)
    inside = unmarked(name, rules, str(answers.get("message_type") or ""))
    found = [*_others(inside, pack, rules, answers, watched)]
    found += [*_generic(inside, pack, rules, watched), *_number(name, pack, rules, answers, watched)]
    return tuple(found)


def _page(pack: Pack, rules: SenderIdRules) -> str:
    return rules.source.url if rules.source else pack.sources[0].url


def _others(
    inside: str, pack: Pack, rules: SenderIdRules, answers: Mapping[str, Any], watched: Watchlist
) -> Iterator[Doubt]:
    """It is, or looks like, somebody else's."""
    reserved = next((one for one in rules.reserved if looks_like(inside, one)), None)
    if reserved is not None and not _is_called(folded(reserved), answers, watched):
        key = "doubt_reserved" if folded(inside) == folded(reserved) else "doubt_reserved_looks"
        listed = next((brand for brand in watched.brands if folded(brand.name) == folded(reserved)), None)
        page = listed.source.url if listed is not None else _page(pack, rules)
        yield Doubt(key, {"name": inside, "reserved": reserved}, page)
        return
    like = likeness(inside, watched.brands, watched.companions)
    if like is not None and not owns(like.brand, answers, watched):
        values: dict[str, Value] = {"name": inside, "brand": like.brand.name, "kind": like.brand.kind}
        yield Doubt(f"doubt_brand_{like.how.value}", values, like.brand.source.url)


def owns(brand: Brand, answers: Mapping[str, Any], watched: Watchlist) -> bool:
    """Whether the customer is that brand: by the name, the trading name or the website given."""
    for called in (brand.name, *brand.also):
        letters = folded(called)
        if _is_called(letters, answers, watched):
            return True
        for identity in identities(answers, watched):
            begun = ("".join(identity.words[:last]) for last in range(1, len(identity.words) + 1))
            if letters in begun and not identity.website:  # paypal-safe.example is not PayPal's
                return True
    return False


def _is_called(letters: str, answers: Mapping[str, Any], watched: Watchlist) -> bool:
    return any(letters == "".join(identity.words) for identity in identities(answers, watched))


def _generic(inside: str, pack: Pack, rules: SenderIdRules, watched: Watchlist) -> Iterator[Doubt]:
    """It says nothing of who sends."""
    if rules.generic != "allowed" and folded(inside) in map(folded, (*watched.generic, *rules.generic_examples)):
        key = "doubt_generic" if rules.generic is None else f"doubt_generic_{rules.generic}"
        page = watched.generic_source.url if rules.generic is None and watched.generic_source else _page(pack, rules)
        yield Doubt(key, {"name": inside, "country": Country(pack.country)}, page)


def _number(
    name: str, pack: Pack, rules: SenderIdRules, answers: Mapping[str, Any], watched: Watchlist
) -> Iterator[Doubt]:
    """It reads as a phone number."""
    if rules.phone_like is not True and reads_as_number(name, (pack.country, str(answers.get("country") or ""))):
        page = watched.number_source.url if rules.phone_like is None and watched.number_source else _page(pack, rules)
        yield Doubt("doubt_number", {"name": name}, page)


def reads_as_number(name: str, countries: Sequence[str]) -> bool:
    """Whether people may take the name for a number to call: "+4915...", "0800FRESH", ten digits."""
    digits = re.sub(r"\D", "", name)
    if is_number(name):
        sure = len(digits) >= MANY_DIGITS or name.startswith(("+", "00"))
        return sure or any(_is_valid(name, country) for country in countries)
    return bool(CALLED.match(name)) or bool(re.search(r"\d{7}", name))


def _is_valid(name: str, country: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(name, country or None)))
    except phonenumbers.NumberParseException:
        return False


# --- whose it is --------------------------------------------------------------------------------------------------


def relation_of(name: str, pack: Pack, answers: Mapping[str, Any], watched: Watchlist) -> Text | None:
    """How the name is seen to belong to the company, in words; None where nobody sees it."""
    inside = unmarked(name, pack.sender_id.given(answers), str(answers.get("message_type") or ""))
    found = related(inside, answers, watched)
    return Text(f"relation_{found.how.value}", {"to": found.to}) if found is not None else None


def is_plainly_theirs(name: str, pack: Pack, answers: Mapping[str, Any], watched: Watchlist) -> bool:
    """Whether company name, brand or website shows to anyone that the sender ID is the customer's own."""
    return relation_of(name, pack, answers, watched) is not None


def are_plainly_theirs(registration: Registration, pack: Pack, watched: Watchlist) -> bool:
    """Whether that holds of every sender ID of the registration."""
    return all(is_plainly_theirs(one.text, pack, registration.answers, watched) for one in registration.sender_ids)


def asks_for_link(pack: Pack) -> bool:
    return any(one.name == LINK for one in pack.fields)


def named(doubts_found: Sequence[Doubt]) -> str:
    """The keys of the doubts, as a sender ID keeps those that were answered with "keep it"."""
    return " ".join(one.key for one in doubts_found)


def in_words(doubts_found: Sequence[Doubt]) -> list[Value]:
    """A line for each doubt, with its source."""
    return [Text("doubt_line", {"reason": Text(one.key, one.values), "source": one.source}) for one in doubts_found]
