"""All the rules in one value: the packs, the words of the letters, and what the names and places of countries mean."""

from __future__ import annotations

import copy
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from rules.checks import check_letter, check_pack
from rules.editions import bare, began, editions
from rules.lookup import Atlas, Found, Mentioned
from rules.reading import OURS, Common, Problem, Raw, RulesError, Shelf, letter, read
from rules.schema import LetterTemplate, Pack
from rules.watchlist import Watchlist, watchlist

__all__ = ["Book", "Found", "RulesError", "load"]


class Book:
    """Every country we know, checked. It does not change after loading and may be shared by threads.

    A loaded book is the rules before any dated entry: whoever knows what day it is asks `on` for those of the day.
    """

    def __init__(
        self,
        packs: Mapping[str, Pack],
        templates: Mapping[str, LetterTemplate],
        places: Raw,
        editions: Mapping[str, tuple[Pack, ...]] | None = None,
        watched: Watchlist | None = None,
    ) -> None:
        """`editions`: of each country the first pack and those of its dated entries, oldest first."""
        self._packs = MappingProxyType(dict(sorted(packs.items())))
        self._places = places
        self.templates: Mapping[str, LetterTemplate] = MappingProxyType(dict(templates))
        self.codes: tuple[str, ...] = tuple(self._packs)
        self._editions = {code: (pack,) for code, pack in packs.items()} | dict(editions or {})
        self._days = sorted({pack.version for found in self._editions.values() for pack in found[1:]})
        self._whole = self  # the book that this one is a day of
        self._by_day: dict[int, Book] = {0: self}  # by how many days of change have passed
        self._marks: dict[tuple[str, str], tuple[Pack, str]] = {}
        self._unprintable: Callable[[str], str] = lambda text: ""
        self._watched = watched or Watchlist()

    @property
    def unprintable(self) -> Callable[[str], str]:
        """Tells the characters of a text that a letter can't print. The edge, which has the font, puts its own here."""
        return self._whole._unprintable

    @unprintable.setter
    def unprintable(self, tells: Callable[[str], str]) -> None:
        self._whole._unprintable = tells

    @property
    def watchlist(self) -> Watchlist:
        """What names and texts are held against in every country."""
        return self._whole._watched

    def pack(self, code: str) -> Pack:
        """The pack of a country, by its upper-case ISO 3166-1 alpha-2 code (XK for Kosovo). Raises KeyError."""
        return self._packs[code]

    # --- from day to day

    def on(self, day: date) -> Book:
        """The rules as they are on that day (UTC). The same book for all days between two changes."""
        whole = self._whole
        passed = bisect_right(whole._days, day.isoformat())
        if passed not in whole._by_day:
            found = copy.copy(whole)
            found._packs = MappingProxyType({code: whole.edition(code, day.isoformat()) for code in whole.codes})
            whole._by_day[passed] = found
        return whole._by_day[passed]

    def editions(self, code: str) -> tuple[Pack, ...]:
        """The packs of a country from first to last. Raises KeyError."""
        return self._whole._editions[code]

    def edition(self, code: str, version: str) -> Pack:
        """The pack of that version, or the newest that began no later. Raises KeyError."""
        begun = [pack for pack in self._whole._editions[code] if began(pack.version) <= began(version)]
        return begun[-1]

    def next_change(self, code: str, day: date) -> date | None:
        """The first day after that one on which the country's rules change; None: none is known."""
        later = [pack.version for pack in self._whole._editions[code] if began(pack.version) > day.isoformat()]
        return date.fromisoformat(later[0]) if later else None

    def mark(self, pack: Pack) -> str:
        """A short sign of what the pack and the letters it names say: another one when any of that is another."""
        marks = self._whole._marks
        if (found := marks.get((pack.country, pack.version))) is None or found[0] is not pack:
            named = sorted({document.template or "" for document in pack.documents} & self.templates.keys())
            said = "".join(one.model_dump_json() for one in (bare(pack), *(self.templates[name] for name in named)))
            found = pack, hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
            marks[pack.country, pack.version] = found
        return found[1]

    # --- names and places

    def country_name(self, code: str, locale: str = "en") -> str:
        """The country's name in that language, or the code itself when nobody has named it."""
        if locale == "en" and code in self._packs:
            return self._packs[code].name
        from babel import Locale, UnknownLocaleError

        try:
            territories: Mapping[str, str] = Locale.parse(locale, sep="-" if "-" in locale else "_").territories
        except (UnknownLocaleError, ValueError):
            territories = Locale("en").territories
        return territories.get(code, code)

    def time_zone(self, code: str) -> str | None:
        """The IANA zone where most people of the country live, or None for a code without one."""
        main: Mapping[str, str] = self._places.get("time_zones", {})
        return main.get(code) or self._single_zones.get(code)

    @property
    def likely(self) -> tuple[str, ...]:
        """Countries to offer first, before anything is known of the customer."""
        return tuple(code for code in self._places.get("likely", ()) if code in self._packs)

    def on_duty(self, code: str) -> tuple[str, ...]:
        """Principals of the staff to call for that country."""
        duty: Mapping[str, Sequence[str]] = self._places.get("on_duty", {})
        return tuple(duty.get(code) or duty.get("anyone") or ())

    @cached_property
    def by_name(self) -> tuple[str, ...]:
        """All codes, in the order of the countries' English names."""
        return tuple(sorted(self.codes, key=lambda code: self._packs[code].name.casefold()))

    def paper(self, code: str) -> str:
        """The paper that printers in that country hold: "A4", or "Letter" (US Letter)."""
        return "Letter" if code in self._places.get("letter_paper", ()) else "A4"

    def find(self, text: str, *, anywhere: bool = False) -> Found:
        """The countries a person means with the text: destinations we have a pack for, or `anywhere` in the world."""
        return self._atlas.find(text, only=None if anywhere else self._packs)

    def mentioned(self, text: str, known: Collection[str] | None = None) -> Mentioned:
        """The countries a sentence speaks of, anywhere in the world; words that are not `known` may be misspelt ones.

        Without `known` words nothing is taken for misspelt.
        """
        return self._atlas.mentioned(text, known)

    @cached_property
    def _single_zones(self) -> Mapping[str, str]:
        from babel.core import get_global

        return {territory: zone for zone, territory in get_global("zone_territories").items()}

    @cached_property
    def _atlas(self) -> Atlas:
        if self._whole is not self:
            return self._whole._atlas  # made once
        return Atlas(self._places, {code: pack.name for code, pack in self._packs.items()})


@dataclass(slots=True)
class Gathered:
    """What a look at all files brought: what is sound, and every problem."""

    packs: dict[str, Pack] = field(default_factory=dict)  # as they are before any dated entry
    editions: dict[str, tuple[Pack, ...]] = field(default_factory=dict)  # the same, and one for each later change
    templates: dict[str, LetterTemplate] = field(default_factory=dict)
    places: Raw = field(default_factory=dict)
    watched: Watchlist = field(default_factory=Watchlist)
    shelf: Shelf = field(default_factory=Shelf)  # the files as they were read
    problems: list[Problem] = field(default_factory=list)


def gather(folders: Iterable[Path]) -> Gathered:
    """All packs and letters of the folders, each folder laid over the ones before it. Raises nothing."""
    shelf = read(folders)
    found = Gathered(places=shelf.places, shelf=shelf, problems=shelf.problems)
    try:
        found.watched = watchlist(shelf.lists)
    except RulesError as error:
        found.problems += error.problems
    try:
        common = Common(shelf.common)
    except RulesError as error:
        found.problems += error.problems
        return found
    for file, raw in shelf.letters.items():
        try:
            template = letter(file, raw)
        except RulesError as error:
            found.problems += error.problems
        else:
            found.templates[template.template] = template
            found.problems += check_letter(template)
    for file, layers in shelf.layers.items():
        try:
            packs, problems = editions(file, layers, common, lambda pack: check_pack(pack, found.templates))
        except RulesError as error:
            found.problems += error.problems
        else:
            found.packs[packs[0].country], found.editions[packs[0].country] = packs[0], packs
            found.problems += problems
    return found


def load(overlay: Path | None = None) -> Book:
    """The book of all countries, with an operator's folder laid over our files, key by key.

    Raises:
        RulesError: with every problem of every file, so that one start shows them all.
    """
    found = gather([OURS] if overlay is None else [OURS, overlay])
    errors = [problem for problem in found.problems if problem.level == "error"]
    if errors:
        raise RulesError(*errors)
    return Book(found.packs, found.templates, found.places, found.editions, found.watched)
