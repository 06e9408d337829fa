"""The links and phone numbers in a text, and whose a link is, by its host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conversations.judgement.sender_ids import FEWEST_DIGITS
from rules.watchlist import Watchlist

SCHEMED = re.compile(r"https?://(?P<host>[^\s<>\"/?#:@]+)(?P<rest>[^\s<>\"]*)", re.IGNORECASE)
BARE = re.compile(
    r"(?<![\w@.-])(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})(?![\w@-])(?P<rest>(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?)",
    re.IGNORECASE,
)
AFTER = ".,;:!?)]}'\"»”"  # of the sentence, not of the link


@dataclass(frozen=True, slots=True)
class Link:
    text: str  # as written
    host: str  # small letters, without www.
    sure: bool  # nobody reads it as anything else; False: a word with a dot, by its ending


def links(text: str, watched: Watchlist) -> tuple[Link, ...]:
    """Every link in the text, in its order; addresses of e-mail are none."""
    return tuple(link for _, link in sorted(_links(text, watched), key=lambda found: found[0]))


def _links(text: str, watched: Watchlist) -> Iterator[tuple[int, Link]]:
    taken = []
    for found in SCHEMED.finditer(text):
        taken.append(found.span())
        yield found.start(), Link(found[0].rstrip(AFTER), _host(found["host"]), True)
    for found in BARE.finditer(text):
        if any(start <= found.start() < end for start, end in taken):
            continue
        host, rest = found["host"], found["rest"].rstrip(AFTER)
        sure = host.lower().startswith("www.") or rest.startswith(("/", "?", "#", ":"))
        if sure or _is_host(host, watched):
            yield found.start(), Link(f"{host}{rest}", _host(host), sure)


def _host(host: str) -> str:
    return host.casefold().rstrip(AFTER).removeprefix("www.")


def _is_host(host: str, watched: Watchlist) -> bool:
    """Whether a bare word with dots is an address: "done.It" and "e.g" are none."""
    import phonenumbers

    ending = host.rpartition(".")[2]
    known = ending in watched.endings or ending.upper() in phonenumbers.SUPPORTED_REGIONS
    return ending.islower() and known and len(host.split(".")[-2]) > 1


def is_shortened(link: Link, watched: Watchlist) -> bool:
    return link.host in watched.shorteners


def opens_a_chat(link: Link, watched: Watchlist) -> bool:
    return link.host in watched.chats


def domain(address: str, watched: Watchlist) -> str:
    """The registered domain of a link or host: what its owner pays for. example.co.uk for shop.example.co.uk."""
    found = SCHEMED.match(address)
    host = _host(found["host"] if found else re.split(r"[/?#:]", address.strip(), maxsplit=1)[0])
    labels = [label for label in host.split(".") if label]
    of_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in watched.second_level
    shared = any(host.endswith(f".{one}") for one in watched.shared)
    return ".".join(labels[-3 if of_country or shared else -2 :])


def phone_numbers(text: str, country: str, around: tuple[Link, ...] = ()) -> tuple[tuple[str, bool], ...]:
    """(number as written, whether nobody reads it as anything else) of each number that can be called."""
    import phonenumbers

    for link in around:
        text = text.replace(link.text, " ")
    if sum(char.isdigit() for char in text) < FEWEST_DIGITS:
        return ()
    found = phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.VALID)
    return tuple((match.raw_string, match.raw_string.lstrip("( ").startswith(("+", "00"))) for match in found)
