"""Whether a sender ID is, looks like, or leans on the name of a brand that impostors use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rules.watchlist import Brand

# What is read as a letter on a small screen. One that stands for itself needs no entry.
LOOKS = {
    "a": "aA4@", "b": "bB8", "d": "(?:[dD]|cl)", "e": "eE3", "f": "(?:[fF]|ph|PH|Ph)", "g": "gG9", "i": "iI1l!|",
    "l": "lLI1!|", "m": "(?:[mM]|rn)", "o": "oO0", "s": "sS5$", "t": "tT7", "w": "(?:[wW]|vv|VV|Vv)", "z": "zZ2",
    "0": "0oO", "1": "1lI", "3": "3eE", "5": "5sS", "6": "6G",
}  # fmt: skip
DIGITS_AS_LETTERS = str.maketrans("013458@$", "oleasbas")
# Letters from which a brand is still recognised when one of them is doubled, and when one of them is another.
LONG_TO_DOUBLE, LONG = 5, 6
MOST_LONGER = 4  # characters that a name in other characters may be longer or shorter: rn for m, vv for w
PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^A-Za-z0-9]+")
BETWEEN = r"[\s._*'&+-]*"  # written between the letters of a brand, it hides nothing


class How(StrEnum):
    """How near a name comes to a brand, nearest first."""

    SAME = "same"
    LOOKS = "looks"  # other characters that look the same
    LEANS = "leans"  # the brand with a word before or behind it
    NEAR = "near"  # one letter away


RANK = {how: rank for rank, how in enumerate(How)}


@dataclass(frozen=True, slots=True)
class Likeness:
    brand: Brand
    how: How


def likeness(name: str, brands: Iterable[Brand], companions: Collection[str] = ()) -> Likeness | None:
    """The brand that the name comes nearest to, or None when it comes near to none."""
    whole = folded(name)
    pieces = [(piece, folded(piece), alone) for piece, alone in dict(_pieces(name, frozenset(companions))).items()]
    best: Likeness | None = None
    for brand in brands:
        if whole in map(_letters, brand.unlike):
            continue
        for called in (brand.name, *brand.also):
            how = _how(name, whole, pieces, _letters(called), brand.word)
            if how is not None and (best is None or RANK[how] < RANK[best.how]):
                best = Likeness(brand, how)
    return best


def looks_like(name: str, other: str) -> bool:
    """Whether the name is that other one, in characters that are or look the same."""
    return folded(name) == folded(other) or bool(_pattern(folded(other)).fullmatch(name))


def folded(name: str) -> str:
    """Small letters and digits only, without accents: as people say it."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]", "", plain.casefold())


@lru_cache(maxsize=4096)
def _letters(known: str) -> str:
    """The same of a name that is on our lists: those are held against every sender ID, and do not change."""
    return folded(known)


def _how(name: str, whole: str, pieces: Iterable[tuple[str, str, bool]], letters: str, word: bool) -> How | None:
    if whole == letters:
        return How.SAME
    if _pattern(letters, doubled=not word).fullmatch(name):
        return How.LOOKS
    long = len(letters) >= LONG and not word
    for piece, small, beside_companions in pieces:
        if abs(len(small) - len(letters)) > MOST_LONGER or (word and not beside_companions):
            continue
        if small == letters or _pattern(letters, doubled=not word).fullmatch(piece):
            return How.LEANS
        if long and beside_companions and _one_letter_away(small, letters):
            return How.LEANS
    return How.NEAR if long and _one_letter_away(whole, letters) else None


@lru_cache(maxsize=4096)
def _pattern(letters: str, doubled: bool = True) -> re.Pattern[str]:
    """What looks like these letters. In a long name a letter may be written twice, or a double one once."""
    loose = doubled and len(letters) >= LONG_TO_DOUBLE
    shown = re.sub(r"(.)\1+", r"\1", letters) if loose else letters
    classes = []
    for letter in shown:
        looks = LOOKS.get(letter, f"{letter}{letter.upper()}")
        looks = looks if looks.startswith("(") else f"[{re.escape(looks)}]"
        classes.append(f"{looks}{{1,3}}" if loose else looks)
    return re.compile(BETWEEN + BETWEEN.join(classes) + BETWEEN)


def _one_letter_away(name: str, letters: str) -> bool:
    """One letter wrong, missing, too many, or two changed about; the first one is rarely touched, and people see it."""
    from rapidfuzz.distance import OSA

    name = name.translate(DIGITS_AS_LETTERS)
    return name[:1] == letters[:1] and abs(len(name) - len(letters)) <= 1 and OSA.distance(name, letters) == 1


def _pieces(name: str, companions: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """(piece of the name, whether all the rest are companions): cut where words meet, or where a companion begins."""
    parts = [part for part in PARTS.findall(name) if folded(part)]
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            rest = parts[:first] + parts[last:]
            if rest:
                yield "".join(parts[first:last]), all(part.isdigit() or folded(part) in companions for part in rest)
    for piece in _without_companions(name, companions):
        yield piece, True
        for inner in _without_companions(piece, companions):
            yield inner, True


def _without_companions(name: str, companions: frozenset[str]) -> Iterator[str]:
    """What is left of the name when a companion, or digits, at its end or beginning is taken off."""
    small = name.casefold()
    for companion in companions:
        if small.endswith(companion):
            yield name[: -len(companion)]
        if small.startswith(companion):
            yield name[len(companion) :]
    yield from {name.rstrip("0123456789"), name.lstrip("0123456789")} - {name, ""}
