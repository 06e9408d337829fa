"""What one can ask of every country: yes, no, only under a condition, or that no source says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rules.conditions import All, Any_, Condition, OneOf
from rules.possible import Possible
from rules.schema import HANDED_OVER, Document, Origin, Pack, Route, Stop

WITHOUT_REGISTRATION = frozenset({Route.NOT_REQUIRED, Route.UNSUPPORTED})
WITH_A_REGISTRY = frozenset({Route.SELF_REGISTRATION, Route.SELF_REGISTRATION_THEN_FORM})
PURPOSES = ("otp", "transactional", "promotional")
PURPOSE, ONLY_TRANSACTIONAL = "message_type", "transactional_only_ack"  # fields that a purpose answers


class Holds(StrEnum):
    YES = "yes"
    SOMETIMES = "sometimes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trait:
    """Whether something holds in a country; SOMETIMES: under one of these conditions, as far as we can tell."""

    holds: Holds
    when: tuple[Condition, ...] = ()
    stop: Stop | None = None  # the rule that stands against a purpose


YES, NO, UNKNOWN = Trait(Holds.YES), Trait(Holds.NO), Trait(Holds.UNKNOWN)


def known(condition: Condition, told: Mapping[str, Any]) -> bool | None:
    """Whether the condition holds with answers of which some are not given yet; None: that depends on those."""
    match condition:
        case OneOf():
            return condition.holds(told) if condition.field in told else None
        case All(all=parts):
            found = [known(part, told) for part in parts]
            return False if False in found else None if None in found else True
        case Any_(any=parts):
            found = [known(part, told) for part in parts]
            return True if True in found else None if None in found else False


# --- registration -------------------------------------------------------------------------------------------------


def registration(pack: Pack) -> Trait:
    """Whether a name must be registered. Where names are not delivered there is nothing to register."""
    if pack.route in WITHOUT_REGISTRATION:
        return NO
    return Trait(Holds.SOMETIMES) if pack.registration == "recommended" or pack.route is Route.RECOMMENDED else YES


def names(pack: Pack) -> Trait:
    """Whether a name of letters is delivered."""
    if pack.route is Route.UNSUPPORTED:
        return NO
    found = {"yes": YES, "no": NO, "partial": Trait(Holds.SOMETIMES)}
    return found.get(pack.alpha_sender, UNKNOWN)


def account_manager(pack: Pack) -> Trait:
    return _holds(pack.route in HANDED_OVER)


def registry(pack: Pack) -> Trait:
    """Whether the customer registers with a national registry."""
    return _holds(pack.route in WITH_A_REGISTRY)


def paused(pack: Pack) -> Trait:
    return _holds(pack.paused is not None)


def within_days(pack: Pack, days: int) -> Trait:
    """Whether it takes at most so many days: by the slowest figure, or by the fastest only."""
    if pack.lead_time.days is None:
        return UNKNOWN
    low, high = pack.lead_time.days
    return YES if high <= days else Trait(Holds.SOMETIMES) if low <= days else NO


def cost(pack: Pack) -> Trait:
    """Whether a source names a fee. That none does is no promise."""
    if (pack.registry and pack.registry.fee) or any(fee.when is None for fee in pack.fees):
        return YES
    if pack.fees:
        return Trait(Holds.SOMETIMES, tuple(fee.when for fee in pack.fees if fee.when is not None))
    if pack.route is Route.ACCOUNT_MANAGER:  # which is what a paid sender ID is
        return YES
    return UNKNOWN


# --- papers -------------------------------------------------------------------------------------------------------


def papers(pack: Pack) -> Trait:
    return _of_documents(pack, lambda document: True)


def letter(pack: Pack) -> Trait:
    """Whether a letter of ours is signed."""
    return _of_documents(pack, lambda document: document.origin is Origin.PROVIDER_TEMPLATE)


def stamp(pack: Pack) -> Trait:
    """Whether a stamp is demanded; where the sources say nothing of one, it is not."""
    return _of_documents(pack, lambda document: bool(document.stamped))


def signature(pack: Pack) -> Trait:
    return _of_documents(pack, lambda document: document.signed)


def digital_signature(pack: Pack) -> Trait:
    """Whether a digitally signed PDF is taken for the letters."""
    return _of_documents(pack, lambda document: document.digital_signature)


def letterhead(pack: Pack) -> Trait:
    return _of_documents(pack, lambda document: document.letterhead)


def paper(pack: Pack, words: Iterable[str]) -> Trait:
    """Whether a paper is asked for whose title has all these words."""
    wanted = set(words)
    return _of_documents(pack, lambda document: wanted <= title_words(document))


def title_words(document: Document) -> frozenset[str]:
    """The words of a paper's title, as `stem` has them."""
    return frozenset(map(stem, re.findall(r"\w+", document.title.casefold())))


def stem(word: str) -> str:
    """A word in small letters without a plural's s, and British where the titles are."""
    word = {"license": "licence", "licenses": "licence"}.get(word, word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _of_documents(pack: Pack, is_one: Callable[[Document], bool]) -> Trait:
    if pack.route in WITHOUT_REGISTRATION:
        return NO
    found = [document for document in pack.documents if is_one(document)]
    if any(document.required for document in found):
        return YES
    when = tuple(dict.fromkeys(document.required_when for document in found if document.required_when is not None))
    if when:
        ways = Possible(pack).answers(name for condition in when for name in condition.fields())
        always = all(any(condition.holds(way) for condition in when) for way in ways)
        return YES if always else Trait(Holds.SOMETIMES, when)
    return NO if pack.documents else UNKNOWN


# --- names and messages -------------------------------------------------------------------------------------------


def purpose(pack: Pack, wanted: str) -> Trait:
    """Whether messages for that purpose go out under a registered name, and the rule against it."""
    if pack.route is Route.UNSUPPORTED:
        return NO
    told: dict[str, Any] = {PURPOSE: wanted, ONLY_TRANSACTIONAL: wanted != "promotional"}
    maybe = []
    for field in pack.fields:
        for stop in field.stops_when:
            if not {PURPOSE, ONLY_TRANSACTIONAL} & set(stop.when.fields()):
                continue
            holds = known(stop.when, told)
            if holds:
                return Trait(Holds.NO, stop=stop)
            if holds is None:
                maybe.append(stop)
    if wanted == "promotional" and pack.samples.transactional_only:
        return NO
    if maybe:
        return Trait(Holds.SOMETIMES, stop=maybe[0])
    return YES if pack.detailed else UNKNOWN


def links(pack: Pack) -> Trait:
    """Whether a message may carry links."""
    if pack.route is Route.UNSUPPORTED:
        return NO
    found = {"none": NO, "listed": Trait(Holds.SOMETIMES), "own_domain": Trait(Holds.SOMETIMES), None: UNKNOWN}
    return found[pack.samples.links]


def content(pack: Pack, topic: str | None) -> Trait:
    """Whether texts about it may be sent; without a topic, about anything. That no source forbids it is no promise."""
    barred = {one.value for one in pack.samples.prohibited}
    return NO if (topic in barred if topic else barred) else UNKNOWN


def digits(pack: Pack) -> Trait:
    """Whether a sender ID may hold digits; not alone, or not all of them: only sometimes."""
    rules = pack.sender_id
    if pack.route is Route.UNSUPPORTED:
        return _holds(pack.numeric_sender == "yes")
    if not rules.digits_allowed:
        return NO
    return YES if rules.digits_only and rules.mixed and pack.numeric_sender != "no" else Trait(Holds.SOMETIMES)


def quiet_hours(pack: Pack) -> Trait:
    return YES if pack.quiet_hours else UNKNOWN


def _holds(is_so: bool) -> Trait:
    return YES if is_so else NO


TRAITS: Mapping[str, Callable[[Pack], Trait]] = {
    "registration": registration,
    "names": names,
    "account_manager": account_manager,
    "registry": registry,
    "paused": paused,
    "cost": cost,
    "papers": papers,
    "letter": letter,
    "stamp": stamp,
    "signature": signature,
    "digital_signature": digital_signature,
    "letterhead": letterhead,
    "links": links,
    "digits": digits,
    "quiet_hours": quiet_hours,
}
