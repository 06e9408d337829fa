"""What country a person means: names, codes, capitals and big cities, misspellings, several at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["one", "guess", "ambiguous", "several", "none"]

LONGEST_NAME = 8  # words: "Saint Helena, Ascension and Tristan da Cunha"
SHORTEST_MISSPELT = 4  # letters: shorter words are too near to too many names
NEAR = 80.0  # RapidFuzz ratio: one letter wrong in five
NEAR_SHORT = 86.0  # the same for a word of four letters
NEAR_CITY = 88.0  # cities are many, and "codes" is near to "Odesa"
AS_GOOD = 6.0  # a candidate this far behind the best one is not offered
MOST_GUESSES = 3
LONGEST_PART = 3  # telling words: a longer part of a list is a remark and no country
MOST_TEXT = 600  # characters read: who writes more does not answer which country
MOST_WORDS = 40  # words compared with misspellings, a tenth of a millisecond each
LEADS = frozenset({"to", "in", "for", "and", "or", "from", "with"})  # words that a code may follow
FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")  # two letters of a code, in signs of their own
PARTS = re.compile(r"[,;/&+|\n\t]| and | or ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What a text says: `countries` are ISO codes, and `kind` how sure it is.

    "one": sure. "several": sure, a list in the order written. "guess": a misspelling, the best first, to be confirmed.
    "ambiguous": a name that more than one country bears (or that the one we know bears only in part), to choose from.
    """

    kind: Kind
    countries: tuple[str, ...] = ()


NOTHING = Found("none")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a sentence says beside its words: `countries` in the order written, each sure unless among `guesses`.

    A name that several countries bear stands for all of them, and is in `shared`; `rest` are the words that belong to
    no name, plain, "*" where one stood.
    """

    countries: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


class Atlas:
    """All names in one index, made once. `places` is places.toml, `names` our own name of each country."""

    def __init__(self, places: Mapping[str, Any], names: Mapping[str, str], locales: Iterable[str] = ("en",)) -> None:
        from babel import Locale
        from babel.core import get_global

        self._exact: dict[str, str] = {}
        self._names = names
        for locale in locales:
            for code, name in Locale.parse(locale).territories.items():
                if len(code) == 2 and code not in places.get("no_country", ()):
                    self._add(name, code)
        for code, name in names.items():
            self._add(name, code)
        for code, aliases in places.get("aliases", {}).items():
            for name in aliases:
                self._add(name, code)
        countries = frozenset(self._exact)
        for code, cities in places.get("cities", {}).items():
            for name in cities:
                self._add(name, code)

        self._codes = {code.lower(): code for code in set(self._exact.values())}
        for alias, target in get_global("territory_aliases").items():
            if len(alias) == 3 and alias.isalpha() and len(target) == 1 and target[0].lower() in self._codes:
                self._codes.setdefault(alias.lower(), target[0])
        self._shared = {_plain(name): tuple(codes) for name, codes in places.get("ambiguous", {}).items()}
        self._alone = frozenset(_plain(name) for name in places.get("alone", ()))
        self._filler = frozenset(places.get("filler", ()))
        long_enough = {name for name in self._exact if len(name) >= SHORTEST_MISSPELT} - self._alone
        self._countries = sorted(long_enough & countries)
        self._cities = sorted(long_enough - countries)

    def find(self, text: str, only: Collection[str] | None = None) -> Found:
        """What the text says, never an error. Countries that are not among `only` are known by name and left out."""
        found = self._find(self._flags_by_name(text[:MOST_TEXT]))
        if only is None:
            return found
        countries = tuple(code for code in found.countries if code in only)
        if not countries:
            return NOTHING
        return Found("one" if found.kind == "several" and len(countries) == 1 else found.kind, countries)

    def mentioned(self, text: str, known: Collection[str] | None) -> Mentioned:
        """The countries a sentence speaks of: by name, city, or code in capitals ("to AE, KE and TH").

        A misspelling counts only among words that are not `known`, which are plain; without any it never does.
        """
        text = self._flags_by_name(text[:MOST_TEXT])
        raw = re.findall(r"\w+", text.replace("’", "'").replace("'", ""))[:MOST_WORDS]
        written = [word for word in raw if _plain(word)]
        words = list(map(_plain, written))
        capitals, shouted = _capitals(text), text.isupper()
        found: list[tuple[int, str]] = []
        rest: list[tuple[int, str]] = []
        shared: dict[str, None] = {}
        at = 0
        while at < len(words):
            length, codes = self._name_at(words, at, capitals)
            if not codes and self._is_code(words, written, at, shouted):
                codes = (self._codes[words[at]],)
            if len(codes) > 1:
                shared.update(dict.fromkeys(codes))
            found += [(at, code) for code in codes]
            rest.append((at, "*" if codes else words[at]))
            at += length
        sure = {code for _, code in found}
        unknown = [(at, word) for at, word in rest if word != "*" and known is not None and word not in known]
        guesses = self._misspelt_among(unknown)
        ordered = [code for _, code in sorted([*found, *guesses], key=lambda one: one[0])]
        return Mentioned(
            tuple(dict.fromkeys(ordered)),
            tuple(dict.fromkeys(code for _, code in guesses if code not in sure)),
            tuple(shared),
            tuple(word for _, word in rest),
        )

    def _name_at(self, words: list[str], at: int, capitals: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """How many words the longest name there has, and its countries; one word and none where there is no name."""
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            name = " ".join(words[at : at + length])
            if name in self._shared:
                return length, self._shared[name]
            if name in self._exact and self._may_stand(name, capitals):
                return length, (self._exact[name],)
        return 1, ()

    def _is_code(self, words: list[str], written: list[str], at: int, shouted: bool) -> bool:
        """Whether the word is a code: in capitals, and where it may be a word too ("IN", "ID") behind "to", "for"."""
        word = words[at]
        if word not in self._codes or not written[at].isupper():
            return False
        if len(word) == 2 and word not in self._filler and not shouted:
            return True
        before = words[at - 1] if at else ""
        led = before in LEADS or (
            at > 0 and before in self._codes and written[at - 1].isupper() and before not in LEADS
        )
        return led and (len(word) == 2 or not shouted)

    def _misspelt_among(self, unknown: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """(place, country) of each run of unknown words that is near to a name."""
        runs: list[list[tuple[int, str]]] = []
        for at, word in unknown:
            if runs and runs[-1][-1][0] == at - 1:
                runs[-1].append((at, word))
            else:
                runs.append([(at, word)])
        return [(run[0][0], code) for run in runs for code in self._guesses([word for _, word in run])[:1]]

    def _flags_by_name(self, text: str) -> str:
        """The text with the name of a country in place of its flag, set apart from the one beside it."""

        def name(found: re.Match[str]) -> str:
            code = "".join(chr(ord("A") + ord(sign) - ord("\U0001f1e6")) for sign in found[0])
            return f", {self._names.get(code, code)}, "

        return FLAG.sub(name, text) if FLAG.search(text) else text

    def _find(self, text: str) -> Found:
        plain = _plain(text)
        if not plain:
            return NOTHING
        if plain in self._shared:
            return Found("ambiguous", self._shared[plain])
        if whole := self._exact.get(plain) or self._codes.get(plain):
            return Found("one", (whole,))
        if listed := self._listed(text):
            return Found("several" if len(listed) > 1 else "one", listed)
        found, shared = self._named(plain.split(), _capitals(text))
        if shared:
            return Found("ambiguous", tuple(dict.fromkeys((*shared, *found))))
        doubtful = self._with_misspelt_parts(text)
        if len(doubtful) > 1:
            return Found("guess", doubtful)
        if found:
            return Found("several" if len(found) > 1 else "one", found)
        guesses = self._guesses(plain.split())
        return Found("guess", guesses) if guesses else NOTHING

    def _add(self, name: str, code: str) -> None:
        plain = _plain(name)
        self._exact[plain] = code
        # "Bosnia & Herzegovina", "St. Lucia": Babel writes them short, people write them out.
        self._exact.setdefault(_plain(name.replace("&", " and ")), code)
        if plain.startswith("st "):
            self._exact.setdefault(f"saint {_plain(name.replace('&', ' and '))[3:]}", code)

    def _listed(self, text: str) -> tuple[str, ...]:
        """The countries of a text that is nothing but a list of names and codes."""
        found: dict[str, None] = {}
        if text.isupper() and all(word in self._codes for word in _plain(text).split()):
            return tuple(dict.fromkeys(self._codes[word] for word in _plain(text).split()))
        for part in PARTS.split(text):
            plain = _plain(part)
            if not plain:
                continue
            code = self._exact.get(plain)
            # In a list "no" and "it" may be words, unless somebody wrote them as codes.
            if code is None and (part.strip().isupper() or plain not in self._filler):
                code = self._codes.get(plain)
            if code is None:
                return ()
            found[code] = None
        return tuple(found)

    def _with_misspelt_parts(self, text: str) -> tuple[str, ...]:
        """The countries of a list in which one is misspelt: "Kenia and Thailand" must not lose Kenya in silence."""
        found: dict[str, None] = {}
        guessed = False
        for part in PARTS.split(text):
            words = _plain(part).split()
            named, _ = self._named(words, _capitals(part))
            telling = [word for word in words if word not in self._filler]
            guesses = () if named or len(telling) > LONGEST_PART else self._guesses(words)
            guessed = guessed or bool(guesses)
            found.update(dict.fromkeys(named or guesses[:1]))
        return tuple(found)[:MOST_GUESSES] if guessed else ()

    def _named(self, words: list[str], capitals: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The countries named in a sentence, and the candidates of a name several bear; longest names first."""
        found: dict[str, None] = {}
        shared: dict[str, None] = {}
        at = 0
        while at < len(words):
            for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
                name = " ".join(words[at : at + length])
                if name in self._shared:
                    shared.update(dict.fromkeys(self._shared[name]))
                    break
                if name in self._exact and self._may_stand(name, capitals):
                    found[self._exact[name]] = None
                    break
            else:
                length = 1
            at += length
        return tuple(found), tuple(shared)

    def _may_stand(self, name: str, capitals: frozenset[str]) -> bool:
        """Whether a name counts inside a sentence: "us" and "male" are words too, "US" is not."""
        return name not in self._alone or name in capitals

    def _guesses(self, words: list[str]) -> tuple[str, ...]:
        """The countries whose names are nearest to some words of the text, the nearest first."""
        from rapidfuzz import fuzz, process

        best: dict[str, float] = {}
        words = words[:MOST_WORDS]
        telling = [word for word in words if word not in self._filler]
        # Also with the fillers between them: the "new" of "new zeeland" belongs to the name.
        for phrase in {*_phrases(telling), *(p for p in _phrases(words) if any(word in p.split() for word in telling))}:
            for names, near in ((self._countries, NEAR), (self._cities, NEAR_CITY)):
                cutoff = max(near, NEAR_SHORT) if len(phrase) == SHORTEST_MISSPELT else near
                for name, score, _ in process.extract(phrase, names, scorer=fuzz.ratio, score_cutoff=cutoff, limit=5):
                    code = self._exact[name]
                    best[code] = max(score, best.get(code, 0.0))
        ranked = sorted(best, key=lambda code: (-best[code], code))
        return tuple(code for code in ranked[:MOST_GUESSES] if best[code] >= best[ranked[0]] - AS_GOOD)


def _plain(text: str) -> str:
    """Lower case, without accents and punctuation, one space between words."""
    from rapidfuzz import utils

    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("'", ""))
    # Only Latin accents: in other scripts the marks are letters of their own.
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return " ".join(utils.default_process(unicodedata.normalize("NFC", bare)).split())


def _capitals(text: str) -> frozenset[str]:
    """The words somebody wrote as names: with a capital not at the beginning, in a text that is not all capitals."""
    if text.isupper():
        return frozenset()
    words = re.findall(r"\w+", text)
    written = [word for at, word in enumerate(words) if word.isupper() or (at and word[:1].isupper() and len(word) > 2)]
    return frozenset(map(_plain, written))


def _phrases(words: list[str]) -> Iterator[str]:
    """Runs of one to four words that are long enough to be a misspelt name."""
    for length in range(min(4, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            phrase = " ".join(words[at : at + length])
            if len(phrase) >= SHORTEST_MISSPELT:
                yield phrase
