"""A country's rules from day to day. An edition is a whole pack, checked as one: the file's own keys are the first, and
each [[changes]] makes another from its day on. Nothing that held before is lost.

An operator's file lies over ours on every day: what it says without a date wins over a dated entry of ours, too. The
`until` of a pause is a dated entry by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rules.reading import Common, Problem, Raw, RulesError, checked, lay_over
from rules.schema import Change, Pack

FIRST = "1"  # the version of the pack without any dated entry
STAYS = ("country", "name")  # keys no dated entry may change: a country is found by them on any day
KINDS = (("field", "fields"), ("document", "documents"))

Check = Callable[[Pack], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the files say of one day, an operator's file laid over ours."""

    number: int  # in its file, from 0; of several files, in the uppermost
    raw: Raw


def editions(
    file: str, layers: Sequence[Raw], common: Common, check: Check
) -> tuple[tuple[Pack, ...], tuple[Problem, ...]]:
    """A country's packs, the first and one for each day from which something differs; and all that is wrong with them.

    Raises:
        RulesError: with every problem the schema finds in the first of them.
    """
    first = common.pack(file, laid(layers, None, common))
    problems = list(check(first))
    told = {(one.key, one.text) for one in problems}
    entries = _entries(file, layers, problems)
    found, day, waiting = [first], None, set(entries)
    while day := _next(waiting, found[-1], day):
        entry = entries.get(day)
        pack, wrong = _edition(file, layers, day, entry, common, check)
        for one in wrong:
            if (one.key, one.text) not in told:
                told.add((one.key, one.text))
                problems.append(_in_entry(one, entry))
        if pack is not None and not same(pack, found[-1]):
            found.append(pack)
    return tuple(found), tuple(problems)


def laid(layers: Sequence[Raw], day: date | None, common: Common) -> Raw:
    """The keys that hold on that day; None: before all dated entries."""
    raw: Raw = {}
    once: dict[str, set[str]] = {names: set() for _, names in KINDS}  # what was listed at some time
    for layer in layers:
        own = {key: value for key, value in layer.items() if key != "changes"}
        passed = [entry for entry in _listed(layer) if day is not None and _has_begun(entry, day)]
        for keys in (own, *(entry["rules"] for entry in passed)):
            for names, found in once.items():
                found |= common.listed(keys, names)
        for entry in passed:
            own = lay_over(own, entry["rules"])
        raw = lay_over(raw, own)
    return raw if day is None else _by_then(raw, day, once, common)


def _has_begun(entry: Raw, day: date) -> bool:
    return type(entry.get("from")) is date and entry["from"] <= day and isinstance(entry.get("rules"), dict)


def _by_then(raw: Raw, day: date, once: Mapping[str, set[str]], common: Common) -> Raw:
    """The keys without what time has ended: tables of what is listed no more, and a pause that is over."""
    for kind, names in KINDS:
        if isinstance(tables := raw.get(kind), dict):
            gone = once[names] - common.listed(raw, names)
            raw[kind] = {name: keys for name, keys in tables.items() if name not in gone}
    if isinstance(raw.get("paused"), dict):
        until = raw["paused"].get("until")
        if type(until) is date and until <= day:
            raw["paused"] = False
    return raw


def same(one: Pack, other: Pack) -> bool:
    """Whether two editions say the same, whenever they began."""
    return bare(one) == bare(other)


def bare(pack: Pack) -> Pack:
    """The pack without what tells when it began."""
    return pack.model_copy(update={"version": FIRST, "changed": (), "changed_source": None})


def began(version: str) -> str:
    """The day an edition began, as text that sorts by time: "" for the first one, and for none."""
    return "" if version == FIRST else version


def _next(waiting: set[date], pack: Pack, day: date | None) -> date | None:
    """The next day from which something may differ: that of an entry, or of a pause's end."""
    if pack.paused is not None and pack.paused.until is not None:
        waiting.add(pack.paused.until)
    return min((one for one in waiting if day is None or one > day), default=None)


def _edition(
    file: str, layers: Sequence[Raw], day: date, entry: Entry | None, common: Common, check: Check
) -> tuple[Pack | None, Iterable[Problem]]:
    """The pack from that day on, None where it can't be made, and what is wrong with it."""
    raw = laid(layers, day, common)
    wrong: list[Problem] = []
    change: Change | None = None
    if entry is not None:
        try:
            change = _change(file, entry, common.cited(raw.get("cited", {})))
        except RulesError as error:
            wrong += error.problems
        else:
            wrong += _misplaced(file, change)
    try:
        pack = common.pack(file, raw)
    except RulesError as error:
        return None, [*wrong, *error.problems]
    wrong += check(pack)
    told = {"changed": change.text, "changed_source": change.source} if change is not None else {}
    return pack.model_copy(update={"version": day.isoformat(), **told}), wrong


def _misplaced(file: str, change: Change) -> Iterator[Problem]:
    """Keys that no dated entry may have, or not with that value."""
    for key in STAYS:
        if key in change.rules:
            yield Problem(file, key, "stays as it is from day to day")
    paused = change.rules.get("paused")
    until = paused.get("until") if isinstance(paused, dict) else None
    if type(until) is date and until <= change.begins:
        yield Problem(file, "paused.until", "is not after the day of this entry")


def _change(file: str, entry: Entry, cited: Mapping[str, Any]) -> Change:
    """The entry, checked, its source by its name. Raises RulesError."""
    source, key = entry.raw.get("source"), f"changes.{entry.number}"
    if isinstance(source, str) and source not in cited:
        raise RulesError(
            Problem(file, f"{key}.source", f"{source} is neither in [cited] of this file nor of common.toml")
        )
    named = {"source": cited[source]} if isinstance(source, str) else {}
    return checked(Change, {**entry.raw, **named}, file, key)


def _in_entry(problem: Problem, entry: Entry | None) -> Problem:
    """The problem under the key of the entry that brought it."""
    if entry is None or problem.key.startswith("changes."):
        return problem
    return replace(problem, key=f"changes.{entry.number}.rules.{problem.key}")


def _entries(file: str, layers: Sequence[Raw], problems: list[Problem]) -> dict[date, Entry]:
    """What the files say of each day; what is no entry, or not in order, is a problem."""
    found: dict[date, Entry] = {}
    for layer in layers:
        if not isinstance(layer.get("changes", []), list) or len(_listed(layer)) != len(layer.get("changes", [])):
            problems.append(
                Problem(file, "changes", "Input should be tables: [[changes]], with from, text and [changes.rules]")
            )
        before = None
        for number, raw in enumerate(_listed(layer)):
            day = raw.get("from")
            if type(day) is not date:
                problems.append(
                    Problem(file, f"changes.{number}.from", "Input should be a day such as 2027-01-01, unquoted")
                )
            elif before is not None and day <= before:
                problems.append(Problem(file, f"changes.{number}.from", "is not after the entry before it"))
            else:
                before = day
                found[day] = Entry(number, lay_over(found[day].raw if day in found else {}, raw))
    return found


def _listed(layer: Raw) -> list[Raw]:
    listed = layer.get("changes", [])
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
