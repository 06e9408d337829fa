"""From TOML files to checked packs: what is shared laid under each country's file, an operator's files laid over ours.

A country's file names what it asks: `fields = ["@form", "abn"]`, where "@form" stands for a set of common.toml. A table
`[field.city]` lays its keys over the shared field of that name; `[field.abn]` without one is the country's own.
Documents are written in the same way. Fields are asked phase by phase, and within a phase in the order listed.
Sources are named by their keys in [cited], of the file or of common.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from rules.schema import Document, Facts, Field, LetterTemplate, Pack, Phase

OURS = Path(__file__).parent
COMMON = "common.toml"
PLACES = "places.toml"
BRANDS, WORDING, LINKS = "brands.toml", "wording.toml", "links.toml"  # of rules/watchlist.py
PHASES = tuple(Phase)
# Tables that are replaced as one: half of each would say a third thing.
WHOLE = ("required_when", "source", "upload")
MADE = ("version", "changed", "changed_source")  # keys of a pack that no file writes

Raw = dict[str, Any]
Model = TypeVar("Model", bound=Facts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a rule file: `level` is "error" or "warning"."""

    file: str
    key: str
    text: str
    level: str = "error"

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.file}:", self.key, self.text) if part)


class RulesError(Exception):
    """A rule file cannot be used. The message has one line a problem, each with its file and key."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class Shelf:
    """The rule files as they were read, not yet checked."""

    common: Raw = field(default_factory=dict)
    places: Raw = field(default_factory=dict)
    countries: dict[str, Raw] = field(default_factory=dict)  # by file name, such as "th.toml"
    layers: dict[str, list[Raw]] = field(default_factory=dict)  # ... and as each folder has them, ours first
    letters: dict[str, Raw] = field(default_factory=dict)
    lists: dict[str, Raw] = field(default_factory=dict)  # what is known beyond any one country, by file name
    problems: list[Problem] = field(default_factory=list)


def read(folders: Iterable[Path]) -> Shelf:
    """Everything in the folders, each laid over the ones before it, key by key; what can't be read is a problem."""
    shelf = Shelf()
    for folder in folders:
        if not folder.is_dir():
            text = "is not a folder; set RULES_DIR to a folder of rule files, or leave it out"
            shelf.problems.append(Problem(str(folder), "", text))
        for path in sorted([*folder.glob("*.toml"), *folder.glob("countries/*.toml"), *folder.glob("letters/*.toml")]):
            try:
                raw = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                shelf.problems.append(Problem(path.name, "", f"is not TOML: {error}"))
                continue
            except OSError as error:
                shelf.problems.append(Problem(path.name, "", f"cannot be read: {error.strerror}"))
                continue
            if path.name == COMMON:
                shelf.common = lay_over(shelf.common, raw)
            elif path.name == PLACES:
                shelf.places = lay_over(shelf.places, raw)
            elif path.name in (BRANDS, WORDING, LINKS):
                shelf.lists[path.name] = lay_over(shelf.lists.get(path.name, {}), raw)
            elif path.parent.name == "letters":
                shelf.letters[path.name] = lay_over(shelf.letters.get(path.name, {}), raw)
            else:
                below = shelf.countries.get(path.name, {})
                shelf.countries[path.name] = {**lay_over(below, raw), **_dated(below, raw)}
                shelf.layers.setdefault(path.name, []).append(raw)
    return shelf


def _dated(below: Raw, raw: Raw) -> Raw:
    """The dated entries of both, by their days, those of one day laid over each other; nothing where there are none."""
    listed = [one.get("changes", []) for one in (below, raw)]
    entries = [entry for one in listed if isinstance(one, list) for entry in one if isinstance(entry, dict)]
    if not all(listed) or any(type(entry.get("from")) is not date for entry in entries):
        return {}  # one alone, or what rules/editions.py finds wrong
    by_day: dict[date, Raw] = {}
    for entry in entries:
        by_day[entry["from"]] = lay_over(by_day.get(entry["from"], {}), entry)
    return {"changes": [by_day[day] for day in sorted(by_day)]}


def lay_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> Raw:
    """`under` with the keys of `over`: tables are merged, conditions and everything else replaced."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        tables = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = lay_over(merged[key], value) if tables and key not in WHOLE else value
    # A file that says when something is needed means that alone, and not what lay below as well.
    if "required_when" in over and "required" not in over:
        merged.pop("required", None)
    if "required" in over and "required_when" not in over:
        merged.pop("required_when", None)
    return merged


class Common:
    """The shared fields and documents, checked once and used by all countries."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.fields = {
            name: checked(Field, {"name": name, **keys}, COMMON, f"field.{name}")
            for name, keys in _table(raw, "field", COMMON)
        }
        self.documents = {
            code: checked(Document, {"code": code, **keys}, COMMON, f"document.{code}")
            for code, keys in _table(raw, "document", COMMON)
        }

    def pack(self, file: str, raw: Raw) -> Pack:
        """The country of that file, with everything it takes from here.

        Raises:
            RulesError: with every problem the schema finds in the file.
        """
        keys = {key: value for key, value in raw.items() if key not in ("field", "document", "cited", "changes")}
        if keys.get("paused") is False:  # how an operator's file, or a dated entry, lifts the pause that lies below it
            del keys["paused"]
        problems = [Problem(file, key, "is made from [[changes]]: leave it out") for key in MADE if key in keys]
        fields = self._chosen(Field, "field", "name", self.fields, file, raw, problems)
        keys["fields"] = sorted(fields, key=lambda asked: PHASES.index(asked.phase))
        keys["documents"] = self._chosen(Document, "document", "code", self.documents, file, raw, problems)
        for table in ("sender_id", "samples"):
            own = keys.get(table, {})
            keys[table] = lay_over(self.raw.get(table, {}), own) if isinstance(own, dict) else own
        if isinstance(raw.get("sender_id"), dict) and "source" not in raw["sender_id"]:
            problems.append(Problem(file, "sender_id.source", "Field required"))
        self._cite(keys, raw.get("cited", {}), file, problems)
        try:
            pack = Pack.model_validate(keys)
        except ValidationError as error:
            problems += _problems(error, file, "")
        if problems:
            raise RulesError(*problems)
        if file != f"{pack.country.lower()}.toml":
            raise RulesError(Problem(file, "country", f"{pack.country} belongs in {pack.country.lower()}.toml"))
        return pack

    def _cite(self, keys: Raw, own: Raw, file: str, problems: list[Problem]) -> None:
        """Put the sources in the place of the names they have in [cited], here and in common.toml."""
        cited = self.cited(own)

        def source(named: Any, key: str) -> Any:
            if isinstance(named, str) and named not in cited:
                problems.append(Problem(file, key, f"{named} is neither in [cited] of this file nor of {COMMON}"))
            return cited.get(named) if isinstance(named, str) else named

        if isinstance(keys.get("sources"), list):
            keys["sources"] = [found for one in keys["sources"] if (found := source(one, "sources"))]
        for table in ("sender_id", "paused"):
            if isinstance(keys.get(table), dict) and "source" in keys[table]:
                keys[table] = {**keys[table], "source": source(keys[table]["source"], f"{table}.source")}

    def cited(self, own: Raw) -> Raw:
        """The sources by the names a country's file may give them: those of common.toml, and its own."""
        return {**self.raw.get("cited", {}), **own}

    def listed(self, raw: Raw, kind: str) -> set[str]:
        """The names of a country's "fields" or "documents", its sets resolved; none where the list is no such list."""
        try:
            return set(self._names(raw.get(kind, []), "", kind))
        except RulesError:
            return set()

    def _chosen(
        self,
        model: type[Model],
        kind: str,
        key: str,
        shared: Mapping[str, Model],
        file: str,
        raw: Raw,
        problems: list[Problem],
    ) -> list[Model]:
        """The fields or documents a country names, in its order: shared ones, changed ones and its own."""
        try:
            own = dict(_table(raw, kind, file))
            names = list(self._names(raw.get(f"{kind}s", []), file, f"{kind}s"))
        except RulesError as error:
            problems += error.problems
            return []
        problems += [Problem(file, f"{kind}.{name}", f"is not listed in {kind}s") for name in own if name not in names]
        problems += [
            Problem(file, f"{kind}s", f"lists {name} twice") for name in {n for n in names if names.count(n) > 1}
        ]
        chosen = []
        for name in names:
            if name in shared and name not in own:
                chosen.append(shared[name])
            elif name not in own:
                problems.append(Problem(file, f"{kind}s", f"{name} is neither in {COMMON} nor in [{kind}.{name}]"))
            else:
                below: Raw = _narrowed(self.raw[kind][name], own[name]) if name in shared else {}
                own[name] = self._with_stops(own[name], file, f"{kind}.{name}.stops_when", problems)
                try:
                    chosen.append(checked(model, {key: name, **lay_over(below, own[name])}, file, f"{kind}.{name}"))
                except RulesError as error:
                    problems += error.problems
        return chosen

    def _with_stops(self, keys: Raw, file: str, key: str, problems: list[Problem]) -> Raw:
        """The keys of a field, with the shared stops it names in the place of their names."""
        stops, named = self.raw.get("stop", {}), keys.get("stops_when", [])
        unknown = [one for one in named if isinstance(one, str) and one not in stops]
        problems += [Problem(file, key, f"{one} is not in [stop] of {COMMON}") for one in unknown]
        if not any(isinstance(one, str) for one in named):
            return keys
        return {**keys, "stops_when": [stops.get(one) if isinstance(one, str) else one for one in named]}

    def _names(self, listed: Any, file: str, key: str) -> Iterator[str]:
        """The names in a list, with the names of a set in the place of "@set"."""
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise RulesError(Problem(file, key, "Input should be a list of names"))
        sets = self.raw.get("sets", {})
        for name in listed:
            if not name.startswith("@"):
                yield name
            elif name[1:] in sets:
                yield from sets[name[1:]]
            else:
                raise RulesError(Problem(file, key, f"{name} is not in [sets] of {COMMON}"))


def _narrowed(below: Raw, over: Raw) -> Raw:
    """The shared keys without the words for choices that a country leaves out."""
    choices = over["limits"].get("choices") if isinstance(over.get("limits"), dict) else None
    if not isinstance(choices, list):
        return below
    labels = {choice: words for choice, words in below.get("choice_labels", {}).items() if choice in choices}
    return {**below, "choice_labels": labels}


def letter(file: str, raw: Raw) -> LetterTemplate:
    """The words of one letter. Raises RulesError."""
    template = checked(LetterTemplate, raw, file, "")
    if file != f"{template.template}.toml":
        raise RulesError(Problem(file, "template", f"{template.template} belongs in {template.template}.toml"))
    return template


def _table(raw: Raw, kind: str, file: str) -> list[tuple[str, Raw]]:
    table = raw.get(kind, {})
    if not isinstance(table, dict) or not all(isinstance(keys, dict) for keys in table.values()):
        raise RulesError(Problem(file, kind, f"Input should be tables such as [{kind}.name]"))
    return list(table.items())


def checked(model: type[Model], keys: Raw, file: str, prefix: str) -> Model:
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise RulesError(*_problems(error, file, prefix)) from error


def _problems(error: ValidationError, file: str, prefix: str) -> Iterator[Problem]:
    told = set()
    for one in error.errors(include_url=False, include_input=False):
        place = [str(part) for part in one["loc"]]
        text = one["msg"]
        if "required_when" in place:
            # Three forms were tried and each failed in its own way: one sentence says more than all of them.
            place = place[: place.index("required_when") + 1]
            text = 'Input should be a condition: { field = "...", in = [...] }, { all = [...] } or { any = [...] }'
        problem = Problem(file, ".".join(part for part in (prefix, *place) if part), text)
        if problem not in told:
            told.add(problem)
            yield problem
