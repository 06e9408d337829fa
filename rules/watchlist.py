"""What is known beyond any one country: brands that impostors use, and what a text says by its words and links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field as Key
from pydantic import ValidationError

from rules.reading import BRANDS, LINKS, WORDING, Problem, Raw, RulesError
from rules.schema import Facts, Source, Topic

Words = Mapping[str, tuple[str, ...]]  # by language
KEYS = {  # of each file
    BRANDS: ("brand", "companions", "cited"),
    WORDING: ("generic", "numbers", "topic", "promotional", "opt_out", "scripts", "cited"),
    LINKS: ("shorteners", "chats", "shared", "second_level", "endings", "cited"),
}


class Brand(Facts):
    """A name that a dated page lists as impersonated."""

    name: str
    kind: str  # of business, as the customer is told
    source: Source
    also: tuple[str, ...] = ()  # other names it goes by
    word: bool = False  # an ordinary word too: meant only alone or beside one of the companions
    unlike: tuple[str, ...] = ()  # ordinary words that happen to be one letter away
    faked: bool = True  # False: an operator takes it out


class Watchlist(Facts):
    """Only for warnings: nothing is refused because it stands here."""

    brands: tuple[Brand, ...] = ()
    companions: tuple[str, ...] = ()  # words that impostors put before or behind a brand
    generic: tuple[str, ...] = ()  # names that say nothing of who sends
    generic_source: Source | None = None
    number_source: Source | None = None  # why a name should not look like a phone number
    topics: Mapping[Topic, Words] = Key(default_factory=dict)
    promotional: Words = Key(default_factory=dict)
    opt_out: Words = Key(default_factory=dict)
    # Language, in English -> how the Unicode names of its letters begin.
    scripts: Mapping[str, str] = Key(default_factory=dict)
    shorteners: frozenset[str] = frozenset()  # hosts
    chats: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    second_level: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()


def watchlist(lists: Mapping[str, Raw]) -> Watchlist:
    """What the three files say; a file that is not there says nothing.

    Raises:
        RulesError: with every problem of every file.
    """
    problems: list[Problem] = []
    brands, wording, links = (lists.get(file, {}) for file in (BRANDS, WORDING, LINKS))
    generic, numbers, shorteners = wording.get("generic", {}), wording.get("numbers", {}), links.get("shorteners", {})
    keys: dict[str, Any] = {
        "brands": [
            {**brand, "source": _source(brands, brand.get("source"), BRANDS, f"brand.{key}.source", problems)}
            for key, brand in brands.get("brand", {}).items()
            if brand.get("faked", True)
        ],
        "companions": brands.get("companions", ()),
        "generic": generic.get("words", ()),
        "generic_source": _source(wording, generic.get("source"), WORDING, "generic.source", problems),
        "number_source": _source(wording, numbers.get("source"), WORDING, "numbers.source", problems),
        "shorteners": shorteners.get("hosts", ()),
        "topics": wording.get("topic", {}),
        **{key: wording.get(key, {}) for key in ("promotional", "opt_out", "scripts")},
        **{key: links.get(key, ()) for key in ("chats", "shared", "second_level", "endings")},
    }
    for file, known in KEYS.items():
        problems += [
            Problem(file, key, "Extra inputs are not permitted") for key in lists.get(file, {}) if key not in known
        ]
    for named in shorteners.get("sources", ()):
        _source(links, named, LINKS, "shorteners.sources", problems)
    try:
        found = Watchlist.model_validate(keys)
    except ValidationError as error:
        problems += [_problem(one["loc"], one["msg"], brands) for one in error.errors(include_url=False)]
    if problems:
        raise RulesError(*problems)
    return found


def _source(raw: Raw, named: Any, file: str, key: str, problems: list[Problem]) -> Any:
    """The source of that name in the file's [cited]."""
    if named is not None and named not in raw.get("cited", {}):
        problems.append(Problem(file, key, f"{named} is not in [cited] of this file"))
    return raw.get("cited", {}).get(named)


def _problem(place: tuple[int | str, ...], text: str, brands: Raw) -> Problem:
    """A problem by the key that the file itself has."""
    first, *rest = (str(part) for part in place)
    if first == "brands" and rest:
        listed = [key for key, brand in brands.get("brand", {}).items() if brand.get("faked", True)]
        return Problem(BRANDS, ".".join(("brand", listed[int(rest[0])], *rest[1:])), text)
    own = {"topics": "topic", "generic": "generic.words", "shorteners": "shorteners.hosts"}
    file = next((file for file, known in KEYS.items() if first in known), WORDING)
    return Problem(file, ".".join((own.get(first, first), *rest)), text)
