"""What differs between two sets of rules, key by key: two days of one country, or an operator's files and ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rules.book import Book
from rules.conditions import Condition
from rules.editions import bare, began
from rules.page import in_words
from rules.reading import COMMON, OURS, PLACES, Raw, RulesError, Shelf, read
from rules.schema import Pack

NAMED = {"fields": ("field", "name"), "documents": ("document", "code")}  # lists whose parts have names of their own
NAMES = frozenset({"label", "title", "url"})  # what has one of these is told as one
TOLD = ("version", "changed", "changed_source")  # say when an edition began, not what it says
CONDITION = TypeAdapter[Condition](Condition)


@dataclass(frozen=True, slots=True)
class Difference:
    """One key. `before` and `after` are plain values; None: it was not there, or is not any more."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.key}: {_written(self.after)}"
        if self.after is None:
            return f"- {self.key}: {_written(self.before)}"
        return f"~ {self.key}: {_written(self.before)} -> {_written(self.after)}"


@dataclass(slots=True)
class Changed:
    """What differs because of one dated entry."""

    pack: Pack  # the edition it makes
    differences: list[Difference] = field(default_factory=list)


def differences(before: Pack, after: Pack) -> list[Difference]:
    """Where the two say something else; none when they say the same, whenever each began."""
    if bare(before) == bare(after):
        return []
    return list(_differ("", _plain(before), _plain(after)))


def between(book: Book, country: str, first: date, last: date) -> list[Changed]:
    """What differs between the rules of two days, under the dated entries it comes from, oldest first.

    Raises:
        KeyError: no country has that code.
    """
    before, after = book.on(first).pack(country), book.on(last).pack(country)
    passed = [
        one for one in book.editions(country) if began(before.version) < began(one.version) <= began(after.version)
    ]
    found = [Changed(one) for one in passed]
    causes: list[tuple[Changed, set[str]]] = []
    former = before
    for one in found:
        causes.append((one, {difference.key for difference in differences(former, one.pack)}))
        former = one.pack
    for difference in differences(before, after):
        touched = [one for one, keys in causes if any(_within(difference.key, key) for key in keys)]
        (touched or found)[-1].differences.append(difference)
    return [one for one in found if one.differences]


def _within(key: str, other: str) -> bool:
    """Whether one of the keys holds the other."""
    return key == other or key.startswith(f"{other}.") or other.startswith(f"{key}.")


def shipped(overlay: Path) -> dict[str, list[Difference]]:
    """What the files of an operator's folder change against ours, by file.

    Raises:
        RulesError: a file can't be read.
    """
    ours, laid = _by_file(read([OURS])), _by_file(shelf := read([OURS, overlay]))
    if shelf.problems:
        raise RulesError(*shelf.problems)
    found = {file: list(_differ("", _with_tables(ours.get(file, {}), raw), raw)) for file, raw in laid.items()}
    return {file: there for file, there in found.items() if there}


def _by_file(shelf: Shelf) -> dict[str, Raw]:
    """Every file as it was read, its dated entries by their days."""
    letters = {f"letters/{file}": raw for file, raw in shelf.letters.items()}
    files = {COMMON: shelf.common, PLACES: shelf.places, **shelf.lists, **letters, **shelf.countries}
    return {file: _by_day(raw) for file, raw in files.items()}


def _by_day(raw: Raw) -> Raw:
    changes = raw.get("changes")
    if not isinstance(changes, list) or not all(isinstance(one, dict) and "from" in one for one in changes):
        return raw
    return {**raw, "changes": {str(one["from"]): one for one in changes}}


def _with_tables(ours: Raw, laid: Raw) -> Raw:
    """Our keys, with an empty table for each new one of theirs, so that what is in it is told key by key."""
    found = dict(ours)
    for key, value in laid.items():
        is_part = isinstance(value, dict) and (NAMES & value.keys() or _condition(value) is not None)
        if isinstance(value, dict) and not is_part and isinstance(found.get(key, {}), dict):
            found[key] = _with_tables(found.get(key, {}), value)
    return found


def _plain(pack: Pack) -> dict[str, Any]:
    """The pack as plain values, fields and documents by their names, and in which order they are."""
    plain = pack.model_dump(mode="json", by_alias=True, exclude=set(TOLD))
    for kind, (table, name) in NAMED.items():
        parts = plain.pop(kind)
        plain[table] = {part[name]: {key: value for key, value in part.items() if key != name} for part in parts}
        plain[f"{kind} in order"] = [part[name] for part in parts]
    return plain


def _differ(key: str, before: Any, after: Any) -> Iterator[Difference]:
    if type(before) is type(after) and before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and not _is_condition(before, after):
        for name in dict.fromkeys((*before, *after)):
            yield from _differ(f"{key}.{name}" if key else name, before.get(name), after.get(name))
    elif key.endswith(" in order"):
        yield from _order(key, before, after)
    elif isinstance(before, list) and isinstance(after, list) and not _is_range(before, after):
        yield from _members(key, before, after)
    else:
        yield Difference(key, before, after)


def _is_range(*lists: list[Any]) -> bool:
    """Numbers mean something together only: the fastest and the slowest."""
    return any(isinstance(one, int | float) for found in lists for one in found)


def _is_condition(*values: Any) -> bool:
    return any(_condition(value) is not None for value in values)


def _condition(value: Any) -> Condition | None:
    try:
        return CONDITION.validate_python(value) if isinstance(value, dict) else None
    except ValidationError:
        return None


def _order(key: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Another order of what is in both; what came or went is told by itself."""
    stayed = [name for name in before if name in after], [name for name in after if name in before]
    if stayed[0] != stayed[1]:
        yield Difference(key, *stayed)


def _members(key: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    """What came into a list or went out of it, one by one; the whole list where only its order is another."""
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    for one in gone:
        yield Difference(key, one, None)
    for one in come:
        yield Difference(key, None, one)
    if not gone and not come:
        yield Difference(key, before, after)


def _written(value: Any) -> str:
    """A value in a line, as people read it."""
    condition = _condition(value)
    if condition is not None:
        return in_words(condition)
    if isinstance(value, dict):
        return _described(value)
    if isinstance(value, list):
        return ", ".join(map(_written, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str) and value.strip() else json.dumps(value)


def _described(value: Mapping[str, Any]) -> str:
    """A field, a document, or any other table: what it is called, and the keys that say something."""
    name = next((str(value[key]) for key in ("label", "title", "text") if value.get(key)), "")
    if "label" in value or "origin" in value:
        required = "required" if value.get("required") else "optional"
        if (condition := _condition(value.get("required_when"))) is not None:
            required = f"when {in_words(condition)}"
        kind = str(value.get("type") or value.get("origin") or "")
        return f"{name} ({', '.join(part for part in (kind.replace('_', ' '), required) if part)})"
    said = {key: one for key, one in value.items() if one not in (None, "", [], {})}
    return ", ".join(f"{key} {_written(one)}" for key, one in said.items())
