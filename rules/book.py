"""All the rules in one value: the packs, the words of the letters, and what the names and places of countries mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from rules.checks import check_letter, check_pack
from rules.lookup import Atlas, Found
from rules.reading import OURS, Common, Problem, Raw, RulesError, letter, read
from rules.schema import LetterTemplate, Pack

__all__ = ["Book", "Found", "RulesError", "load"]


class Book:
    """Every country we know, checked. It does not change after loading and may be shared by threads."""

    def __init__(self, packs: Mapping[str, Pack], templates: Mapping[str, LetterTemplate], places: Raw) -> None:
        self._packs = MappingProxyType(dict(sorted(packs.items())))
        self._places = places
        self.templates: Mapping[str, LetterTemplate] = MappingProxyType(dict(templates))
        self.codes: tuple[str, ...] = tuple(self._packs)
        # The characters of a text that a letter can't print. The edge, which has the font, puts its own here.
        self.unprintable: Callable[[str], str] = lambda text: ""

    def pack(self, code: str) -> Pack:
        """The pack of a country, by its upper-case ISO 3166-1 alpha-2 code (XK for Kosovo). Raises KeyError."""
        return self._packs[code]

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

    @cached_property
    def _single_zones(self) -> Mapping[str, str]:
        from babel.core import get_global

        return {territory: zone for zone, territory in get_global("zone_territories").items()}

    @cached_property
    def _atlas(self) -> Atlas:
        return Atlas(self._places, {code: pack.name for code, pack in self._packs.items()})


@dataclass(slots=True)
class Gathered:
    """What a look at all files brought: what is sound, and every problem."""

    packs: dict[str, Pack] = field(default_factory=dict)
    templates: dict[str, LetterTemplate] = field(default_factory=dict)
    places: Raw = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def gather(folders: Iterable[Path]) -> Gathered:
    """All packs and letters of the folders, each folder laid over the ones before it. Raises nothing."""
    shelf = read(folders)
    found = Gathered(places=shelf.places, problems=shelf.problems)
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
    for file, raw in shelf.countries.items():
        try:
            pack = common.pack(file, raw)
        except RulesError as error:
            found.problems += error.problems
        else:
            found.packs[pack.country] = pack
    for pack in found.packs.values():
        found.problems += check_pack(pack, found.templates)
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
    return Book(found.packs, found.templates, found.places)
