"""How a sender ID belongs to the company: the same name, a part of it, its initials, a short form, nearly it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conversations.judgement.links import domain
from conversations.judgement.lookalikes import folded
from rules.watchlist import Watchlist

NAMED_BY = ("company_name", "dba_name", "end_brand_name", "company_name_on_certificate")
LEGAL_FORMS = frozenset({
    "ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "company", "corp", "corporation", "dmcc", "doo", "eood", "fz",
    "fzc", "fzco", "fze", "gmbh", "inc", "incorporated", "jsc", "kft", "kg", "limitada", "limited", "llc", "llp", "lp",
    "ltd", "ltda", "mbh", "nv", "ooo", "oy", "oyj", "pjsc", "plc", "private", "pte", "pty", "public", "pvt", "sa",
    "sae", "saoc", "sarl", "sas", "sdn", "se", "sl", "spa", "spzoo", "srl", "tbk", "ug", "wll",
})  # fmt: skip
SMALL_WORDS = frozenset({"and", "de", "der", "des", "di", "et", "for", "in", "la", "le", "of", "the", "und", "y"})
WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
ALIKE = 85  # of 100, by rapidfuzz: about one letter in seven is another
SHORTEST_ALIKE = 5


class How(StrEnum):
    """Plainest first."""

    SAME = "same"
    CONTAINED = "contained"
    INITIALS = "initials"
    SHORT = "short"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Relation:
    how: How
    to: str  # as the customer wrote it


@dataclass(frozen=True, slots=True)
class Identity:
    """A name the company goes by, in small letters: its words, and those of its legal form behind them."""

    written: str
    words: tuple[str, ...]
    form: tuple[str, ...] = ()
    website: bool = False


def identities(answers: Mapping[str, Any], watched: Watchlist) -> Iterator[Identity]:
    """Company name, brand and website, as far as they were given."""
    for asked in NAMED_BY:
        written = str(answers.get(asked) or "").strip()
        words = [folded(word) for word in _words(written) if folded(word)]
        last = len(words)
        while last > 1 and words[last - 1] in LEGAL_FORMS:
            last -= 1
        if words:
            yield Identity(written, tuple(words[:last]), tuple(words[last:]))
    website = str(answers.get("company_website") or "").strip()
    if website:
        host = domain(website, watched)
        yield Identity(
            host, tuple(word for word in re.split(r"[^a-z0-9]+", host.partition(".")[0]) if word), website=True
        )


def _words(written: str) -> Iterator[str]:
    """ "FreshBakery GmbH" is three words; "GmbH" and "McDonald" stay one."""
    for word in re.split(r"[^\w]+|_", re.sub(r"['’.]", "", written)):
        parts = WORDS.findall(word)
        if folded(word) in LEGAL_FORMS or len(parts) < 2 or any(len(part) < 3 for part in parts):
            yield word
        else:
            yield from parts


def related(name: str, answers: Mapping[str, Any], watched: Watchlist) -> Relation | None:
    """The plainest way in which the name belongs to the company, or None where nobody sees one."""
    wanted = folded(name)
    best: Relation | None = None
    for identity in identities(answers, watched) if wanted else ():
        how = next((how for how in How if HOLDS[how](wanted, identity)), None)
        if how is not None and (best is None or RANK[how] < RANK[best.how]):
            best = Relation(how, identity.written)
    return best


def _same(wanted: str, identity: Identity) -> bool:
    core = "".join(identity.words)
    return wanted in (core, f"{core}{''.join(identity.form)}")


def _contained(wanted: str, identity: Identity) -> bool:
    """The name begins where a word of theirs begins; or their whole name is in it."""
    words, core = identity.words, "".join(identity.words)
    begins = (("".join((*words[at:], *identity.form))) for at in range(len(words)))
    return (len(wanted) >= 3 and any(rest.startswith(wanted) for rest in begins)) or (len(core) >= 4 and core in wanted)


def _initials(wanted: str, identity: Identity) -> bool:
    every = "".join(word[0] for word in (*identity.words, *identity.form))
    core = "".join(word[0] for word in identity.words)
    great = "".join(word[0] for word in identity.words if word not in SMALL_WORDS)
    whole = len(wanted) >= 2 and wanted in (every, core, great)
    return whole or (len(wanted) >= 3 and every.startswith(wanted))


def _short(wanted: str, identity: Identity) -> bool:
    """The beginnings of its words, or its words without their vowels."""
    if len(wanted) < 3 or len(identity.words) > 6:
        return False
    for vowels in ("[aeiou]", "[aeiouy]"):
        bare = "".join(word[0] + re.sub(vowels, "", word[1:]) for word in identity.words)
        if len(wanted) >= 4 and bare == wanted:
            return True
    return len(identity.words) > 1 and _of_beginnings(wanted, identity.words)


def _of_beginnings(wanted: str, words: Sequence[str]) -> bool:
    if not words:
        return not wanted
    lengths = range(1, min(len(words[0]), len(wanted)) + 1)
    return any(wanted.startswith(words[0][:n]) and _of_beginnings(wanted[n:], words[1:]) for n in lengths)


def _similar(wanted: str, identity: Identity) -> bool:
    from rapidfuzz import fuzz

    return len(wanted) >= SHORTEST_ALIKE and fuzz.ratio(wanted, "".join(identity.words)) >= ALIKE


HOLDS = {
    How.SAME: _same, How.CONTAINED: _contained, How.INITIALS: _initials, How.SHORT: _short, How.SIMILAR: _similar,
}  # fmt: skip
RANK = {how: rank for rank, how in enumerate(How)}
